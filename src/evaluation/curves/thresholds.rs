//! Curves over all thresholds on the score, from a ranking, which exists only where they are defined.
//!
//! One segment per distinct score; tied rows, whose order is arbitrary, are crossed in a straight line, as if they came
//! in random order. Points within a straight run are left out, so that a curve has no more points than corners.

use crate::model::ranking::{Ranking, Step};

/// ROC curve: points (FPR, TPR) from (0, 0) to (1, 1), whose area is the AUC.
pub fn roc(ranking: &Ranking) -> Vec<[f64; 2]> {
    let (p, n) = classes(ranking);
    corners(ranking).map(|s| [s.good as f64 / n, s.bad as f64 / p]).collect()
}

/// Gains curve: points (share of rows taken from the worst score down, share of the bad rows among them), from (0, 0) to
/// (1, 1).
pub fn gains(ranking: &Ranking) -> Vec<[f64; 2]> {
    let (p, n) = classes(ranking);
    corners(ranking).map(|s| [(s.bad + s.good) as f64 / (p + n), s.bad as f64 / p]).collect()
}

/// KS curve: points (share of rows taken from the worst score down, TPR − FPR), from (0, 0) to (1, 0). Its largest
/// distance from 0 is the KS statistic.
pub fn ks_curve(ranking: &Ranking) -> Vec<[f64; 2]> {
    let (p, n) = classes(ranking);
    corners(ranking).map(|s| [(s.bad + s.good) as f64 / (p + n), s.bad as f64 / p - s.good as f64 / n]).collect()
}

/// Lift curve: points (share of rows taken from the worst score down, [`gains`] there / that share), to (1, 1).
///
/// Lift 3 at 0.1 says that the worst tenth by score holds three times its share of the bad rows. At 0, where the ratio
/// is 0/0, the lift of the first step stands: it is the limit. Where gains run straight, lift bends (it is a + b/share);
/// points are put in so that straight lines between them stay within 0.1 % of it.
pub fn lift(ranking: &Ranking) -> Vec<[f64; 2]> {
    let mut points: Vec<[f64; 2]> = Vec::new();
    let mut before = [0.0, 0.0];
    for corner in gains(ranking).into_iter().skip(1) {
        let [x, gain] = corner;
        if points.is_empty() {
            points.push([0.0, gain / x]);
        } else {
            let slope = (gain - before[1]) / (x - before[0]);
            let mut between = before[0] * LIFT_SPACING;
            while between < x {
                points.push([between, (before[1] + slope * (between - before[0])) / between]);
                between *= LIFT_SPACING;
            }
        }
        points.push([x, gain / x]);
        before = corner;
    }
    points
}

/// Ratio of neighbouring shares of rows on a bent part of the lift curve: a chord of 1/x over [x, r·x] is at most
/// (√r − 1)² / r above it, here 0.09 %.
const LIFT_SPACING: f64 = 1.0625;

/// Precision–recall staircase: points (recall, precision), recall from 0 to 1.
///
/// From one bad row found to the next the precision is that of the step which finds it, so that the area is exactly the
/// average precision; straight lines between the steps would promise more than the model gives.
pub fn precision_recall(ranking: &Ranking) -> Vec<[f64; 2]> {
    let (p, _) = classes(ranking);
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

/// Bad and good rows, P and N.
fn classes(ranking: &Ranking) -> (f64, f64) {
    (ranking.total().bad as f64, ranking.total().good as f64)
}

/// The steps at which the direction changes, with the first and the last. Straight runs of (good, bad) are straight in
/// every curve whose axes are sums of the two.
fn corners(ranking: &Ranking) -> impl Iterator<Item = Step> {
    let steps = ranking.steps();
    let kept = move |(i, step): (usize, &Step)| {
        let inner = i.checked_sub(1).and_then(|b| steps.get(b)).zip(steps.get(i + 1));
        inner.is_none_or(|(before, after)| !straight(*before, *step, *after)).then_some(*step)
    };
    steps.iter().enumerate().filter_map(kept)
}

/// Whether `b` lies on the segment from `a` to `c`, exactly: cross products of whole counts, which only grow.
fn straight(a: Step, b: Step, c: Step) -> bool {
    (b.bad - a.bad) as u128 * (c.good - b.good) as u128 == (c.bad - b.bad) as u128 * (b.good - a.good) as u128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    fn ranked(bad: &[bool], score: &[f64]) -> Ranking {
        Ranking::new(bad, score).unwrap()
    }

    /// Down the scores: bad, (bad, good) tied, bad, good. Steps (1,0) (2,1) (3,1) (3,2) of (bad, good).
    fn hand_case() -> Ranking {
        ranked(&[true, true, true, false, false], &[0.9, 0.5, 0.2, 0.5, 0.1])
    }

    fn assert_close(found: &[[f64; 2]], expected: &[[f64; 2]]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (f, e) in found.iter().zip(expected) {
            assert!((f[0] - e[0]).abs() < 1e-15 && (f[1] - e[1]).abs() < 1e-15, "{f:?} against {e:?}");
        }
    }

    #[test]
    fn hand_cases() {
        let (third, two) = (1.0 / 3.0, 2.0 / 3.0);
        assert_close(&roc(&hand_case()), &[[0.0, 0.0], [0.0, third], [0.5, two], [0.5, 1.0], [1.0, 1.0]]);
        assert_close(&gains(&hand_case()), &[[0.0, 0.0], [0.2, third], [0.6, two], [0.8, 1.0], [1.0, 1.0]]);
        assert_close(&ks_curve(&hand_case()), &[[0.0, 0.0], [0.2, third], [0.6, two - 0.5], [0.8, 0.5], [1.0, 0.0]]);
        // Precisions 1, 2/3, 3/4; the last step finds nothing.
        let points = [[0.0, 1.0], [third, 1.0], [third, two], [two, two], [two, 0.75], [1.0, 0.75]];
        assert_close(&precision_recall(&hand_case()), &points);
    }

    #[test]
    fn lift_is_gain_by_share_between_the_steps_too() {
        let points = lift(&hand_case());
        let at = |share: f64| points.iter().find(|p| (p[0] - share).abs() < 1e-12).map(|p| p[1]).unwrap();
        for (share, lift) in [(0.0, 5.0 / 3.0), (0.2, 5.0 / 3.0), (0.6, 10.0 / 9.0), (0.8, 1.25), (1.0, 1.0)] {
            assert!((at(share) - lift).abs() < 1e-12);
        }
        // Gains run from (0.2, 1/3) to (0.6, 2/3) with slope 5/6 across the tie.
        for p in points.iter().filter(|p| (0.2..=0.6).contains(&p[0])) {
            assert!((p[1] - (1.0 / 3.0 + (p[0] - 0.2) * 5.0 / 6.0) / p[0]).abs() < 1e-12);
        }
        assert!(points.windows(2).all(|w| w[0][0] < w[1][0] && (w[0][0] == 0.0 || w[1][0] <= 1.0626 * w[0][0])));
        // Chance is 1 throughout.
        assert_eq!(lift(&ranked(&[true, false, false], &[1.0; 3])), [[0.0, 1.0], [1.0, 1.0]]);
    }

    #[test]
    fn straight_runs_are_one_segment() {
        // Perfect ranking: three bad rows up, two good rows across, one corner.
        let perfect = ranked(&[true, true, true, false, false], &[5.0, 4.0, 3.0, 2.0, 1.0]);
        assert_eq!(roc(&perfect), [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
        assert_eq!(gains(&perfect), [[0.0, 0.0], [0.6, 1.0], [1.0, 1.0]]);
        assert_eq!(precision_recall(&perfect), [[0.0, 1.0], [1.0, 1.0]]);
        // All tied, or tied pairs all the way down the diagonal.
        assert_eq!(roc(&ranked(&[true, false, false], &[1.0; 3])), [[0.0, 0.0], [1.0, 1.0]]);
        assert_eq!(ks_curve(&ranked(&[true, false, false], &[1.0; 3])), [[0.0, 0.0], [1.0, 0.0]]);
        assert_eq!(roc(&ranked(&[true, false, true, false], &[2.0, 2.0, 1.0, 1.0])), [[0.0, 0.0], [1.0, 1.0]]);
        assert_eq!(precision_recall(&ranked(&[true, false, false, false], &[1.0; 4])), [[0.0, 0.25], [1.0, 0.25]]);
    }

    #[test]
    fn areas_and_heights_are_the_figures() {
        let trapezoid = |c: &[[f64; 2]]| -> f64 {
            c.windows(2).map(|w| (w[1][0] - w[0][0]) * f64::midpoint(w[0][1], w[1][1])).sum()
        };
        for index in 0..100 {
            let mut random = stream(61, Purpose::Sample, index);
            let n = random.random_range(2..80);
            let bad: Vec<bool> = (0..n).map(|i| i == 0 || (i > 1 && random.random_bool(0.3))).collect();
            let score: Vec<f64> = (0..n).map(|_| f64::from(random.random_range(0_u8..20))).collect();
            let r = ranked(&bad, &score);
            assert!((trapezoid(&roc(&r)) - r.auc()).abs() < 1e-12);
            assert!((trapezoid(&precision_recall(&r)) - r.average_precision()).abs() < 1e-12);
            // Area under gains = (P/2 + N·AUC) / (P + N).
            let (p, good) = classes(&r);
            assert!((trapezoid(&gains(&r)) - (p / 2.0 + good * r.auc()) / (p + good)).abs() < 1e-12);
            let highest = ks_curve(&r).iter().map(|point| point[1].abs()).fold(0.0, f64::max);
            assert!((highest - r.ks()).abs() < 1e-15);
        }
    }
}
