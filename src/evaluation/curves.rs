//! Curves over all thresholds on the score, as points ready to draw.

use super::Summary;
use crate::model::ranking::{Ranking, Step};

/// ROC curve: points (FPR, TPR) from (0, 0) to (1, 1), whose area is the AUC.
///
/// One segment per distinct score; points within a straight run are left out. Empty where the curve is undefined: one
/// class only, a score that is NaN, unequal lengths.
pub fn roc(bad: &[bool], score: &[f64]) -> Vec<[f64; 2]> {
    let Some(ranking) = Ranking::new(bad, score) else { return Vec::new() };
    let mut corners: Vec<Step> = Vec::new();
    for &step in ranking.steps() {
        if let [.., before, last] = corners[..]
            && straight(before, last, step)
        {
            corners.pop();
        }
        corners.push(step);
    }
    let (p, n) = (ranking.total().bad as f64, ranking.total().good as f64);
    corners.iter().map(|s| [s.good as f64 / n, s.bad as f64 / p]).collect()
}

/// Whether `b` lies on the segment from `a` to `c`, exactly: cross products of whole counts, which only grow.
fn straight(a: Step, b: Step, c: Step) -> bool {
    (b.bad - a.bad) as u128 * (c.good - b.good) as u128 == (c.bad - b.bad) as u128 * (b.good - a.good) as u128
}

/// Precision–recall staircase: points (recall, precision), recall from 0 to 1.
///
/// From one bad row found to the next the precision is that of the step which finds it, so that the area is exactly the
/// average precision; straight lines between the steps would promise more than the model gives. Empty where undefined,
/// as for [`roc`].
pub fn precision_recall(bad: &[bool], score: &[f64]) -> Vec<[f64; 2]> {
    let Some(ranking) = Ranking::new(bad, score) else { return Vec::new() };
    let p = ranking.total().bad as f64;
    let mut corners: Vec<[f64; 2]> = Vec::new();
    for w in ranking.steps().windows(2).filter(|w| w[1].bad > w[0].bad) {
        let precision = w[1].bad as f64 / (w[1].bad + w[1].good) as f64;
        let found = [w[1].bad as f64 / p, precision];
        match corners.last_mut() {
            // A level run is one segment.
            Some(last) if last[1] == precision => *last = found,
            _ => corners.extend([[w[0].bad as f64 / p, precision], found]),
        }
    }
    corners
}

/// One point of a mean ROC curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanRocPoint {
    /// False positive rate, 0 to 1.
    pub fpr: f64,
    /// Mean true positive rate of the folds there, 0 to 1.
    pub tpr: f64,
    /// Sample standard deviation of the folds' true positive rates; `None` with a single fold.
    pub sd: Option<f64>,
}

/// Vertical average of the folds' [`roc`] curves at `n_grid` (at least 2) evenly spaced false positive rates.
///
/// The first point is the corner (0, 0), before the grid. Where a fold's curve rises straight up, its top is taken.
/// Empty curves are left out; with none left the mean is empty too.
pub fn mean_roc(curves: &[Vec<[f64; 2]>], n_grid: usize) -> Vec<MeanRocPoint> {
    let last = n_grid.max(2) - 1;
    let height = |fpr: f64, tpr: Summary| tpr.mean.map(|mean| MeanRocPoint { fpr, tpr: mean, sd: tpr.sd });
    let corner = Summary::of(curves.iter().map(|curve| curve.first().map(|_| 0.0)));
    let grid = (0..=last).map(|i| i as f64 / last as f64);
    let averages = grid.map(|fpr| height(fpr, Summary::of(curves.iter().map(|curve| tpr_at(curve, fpr)))));
    std::iter::once(height(0.0, corner)).chain(averages).flatten().collect()
}

/// Height of a curve at `fpr`, linear between points; `None` for an empty curve.
fn tpr_at(curve: &[[f64; 2]], fpr: f64) -> Option<f64> {
    let next = curve.partition_point(|point| point[0] <= fpr);
    match (next.checked_sub(1).and_then(|i| curve.get(i)), curve.get(next)) {
        (Some(left), Some(right)) => Some(left[1] + (right[1] - left[1]) * (fpr - left[0]) / (right[0] - left[0])),
        (Some(only), None) | (None, Some(only)) => Some(only[1]),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Costs, metrics};
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn roc_by_hand() {
        // Down the scores: bad, (bad, good) tied, bad, good. Steps (1,0) (2,1) (3,1) (3,2).
        let bad = [true, true, true, false, false];
        let points = roc(&bad, &[0.9, 0.5, 0.2, 0.5, 0.1]);
        assert_eq!(points, [[0.0, 0.0], [0.0, 1.0 / 3.0], [0.5, 2.0 / 3.0], [0.5, 1.0], [1.0, 1.0]]);
    }

    #[test]
    fn straight_runs_are_one_segment() {
        // Perfect ranking: three bad rows up, two good rows across, one corner.
        let perfect = roc(&[true, true, true, false, false], &[5.0, 4.0, 3.0, 2.0, 1.0]);
        assert_eq!(perfect, [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
        // All tied, or tied pairs all the way down the diagonal.
        assert_eq!(roc(&[true, false, false], &[1.0; 3]), [[0.0, 0.0], [1.0, 1.0]]);
        assert_eq!(roc(&[true, false, true, false], &[2.0, 2.0, 1.0, 1.0]), [[0.0, 0.0], [1.0, 1.0]]);
    }

    #[test]
    fn precision_recall_by_hand() {
        // Steps (1,0) (2,1) (3,1) (3,2): precisions 1, 2/3, 3/4; the last step finds nothing.
        let points = precision_recall(&[true, true, true, false, false], &[0.9, 0.5, 0.2, 0.5, 0.1]);
        let (third, two) = (1.0 / 3.0, 2.0 / 3.0);
        assert_eq!(points, [[0.0, 1.0], [third, 1.0], [third, two], [two, two], [two, 0.75], [1.0, 0.75]]);
        assert_eq!(precision_recall(&[true, false, false, false], &[1.0; 4]), [[0.0, 0.25], [1.0, 0.25]]);
        assert_eq!(precision_recall(&[true, true, false], &[3.0, 2.0, 1.0]), [[0.0, 1.0], [1.0, 1.0]]);
    }

    #[test]
    fn undefined_curves_are_empty() {
        for (bad, score) in [(vec![], vec![]), (vec![true], vec![1.0]), (vec![true, false], vec![f64::NAN, 0.0])] {
            assert!(roc(&bad, &score).is_empty() && precision_recall(&bad, &score).is_empty());
        }
        assert!(mean_roc(&[], 11).is_empty());
        assert!(mean_roc(&[Vec::new()], 11).is_empty());
    }

    #[test]
    fn areas_are_auc_and_average_precision() {
        let trapezoid = |c: &[[f64; 2]]| -> f64 {
            c.windows(2).map(|w| (w[1][0] - w[0][0]) * f64::midpoint(w[0][1], w[1][1])).sum()
        };
        for index in 0..100 {
            let mut random = stream(61, Purpose::Sample, index);
            let n = random.random_range(2..80);
            let bad: Vec<bool> = (0..n).map(|i| i == 0 || (i > 1 && random.random_bool(0.3))).collect();
            let score: Vec<f64> = (0..n).map(|_| f64::from(random.random_range(0_u8..20))).collect();
            let m = metrics(&bad, &score, &score, 0.5, Costs { false_good: 1.0, false_bad: 1.0 });
            assert!((trapezoid(&roc(&bad, &score)) - m.auc.unwrap()).abs() < 1e-12);
            assert!((trapezoid(&precision_recall(&bad, &score)) - m.pr_auc.unwrap()).abs() < 1e-12);
        }
    }

    #[test]
    fn mean_of_two_folds_by_hand() {
        // The diagonal and the perfect curve: at 0, ½, 1 the heights are (0, 1), (½, 1), (1, 1).
        let curves = [vec![[0.0, 0.0], [1.0, 1.0]], vec![[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]], Vec::new()];
        let found = mean_roc(&curves, 3);
        let sd = |difference: f64| Some(difference / 2_f64.sqrt());
        let point = |fpr, tpr, sd| MeanRocPoint { fpr, tpr, sd };
        let expected =
            [point(0.0, 0.0, sd(0.0)), point(0.0, 0.5, sd(1.0)), point(0.5, 0.75, sd(0.5)), point(1.0, 1.0, sd(0.0))];
        assert_eq!(found.len(), 4);
        for (f, e) in found.iter().zip(expected) {
            assert_eq!((f.fpr, f.tpr), (e.fpr, e.tpr));
            assert!((f.sd.unwrap() - e.sd.unwrap()).abs() < 1e-15);
        }
        assert!(mean_roc(&curves[..1], 0).iter().all(|p| p.sd.is_none() && p.tpr == p.fpr));
    }
}
