//! The mean of the folds' curves with its spread: what a band over folds is drawn from.

use super::super::Summary;

/// How a curve runs from one of its points to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// In a straight line; where it rises or falls straight up or down, the last point there stands. All curves but one.
    Lines,
    /// In steps, each point standing for all that lies left of it up to the point before: the staircase of
    /// [`super::precision_recall`], where the precision at a recall is that of the first threshold which reaches it.
    Steps,
}

/// One point of a mean curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Place on the horizontal axis, 0 to 1.
    pub x: f64,
    /// Mean height of the folds there.
    pub mean: f64,
    /// Sample standard deviation of the folds' heights; `None` with a single fold.
    pub sd: Option<f64>,
}

/// Vertical average of the folds' curves at `n_grid` (at least 2) evenly spaced places from 0 to 1.
///
/// Each curve holds points (x, y) with x from 0 to 1, never falling. Where curves rise straight up from their first
/// point, as ROC curves do, the mean of the first points comes before the grid. Empty curves, the undefined ones, are
/// left out; with none left the mean is empty too.
pub fn mean_curve(curves: &[Vec<[f64; 2]>], between: Between, n_grid: usize) -> Vec<CurvePoint> {
    let last = n_grid.max(2) - 1;
    let mean_at = |x: f64, heights: Summary| heights.mean.map(|mean| CurvePoint { x, mean, sd: heights.sd });
    let start = mean_at(0.0, Summary::of(curves.iter().map(|curve| curve.first().map(|point| point[1]))));
    let grid = (0..=last).filter_map(|i| {
        let x = i as f64 / last as f64;
        mean_at(x, Summary::of(curves.iter().map(|curve| height(curve, between, x))))
    });
    let mut points: Vec<CurvePoint> = grid.collect();
    if let (Some(start), Some(first)) = (start, points.first())
        && start.mean != first.mean
    {
        points.insert(0, start);
    }
    points
}

/// Height of a curve at `x`; before its first point that of the first, after its last that of the last; `None` for an
/// empty curve.
fn height(curve: &[[f64; 2]], between: Between, x: f64) -> Option<f64> {
    let next = match between {
        Between::Lines => curve.partition_point(|point| point[0] <= x),
        Between::Steps => curve.partition_point(|point| point[0] < x),
    };
    match (next.checked_sub(1).and_then(|i| curve.get(i)), curve.get(next)) {
        (Some(_), Some(right)) if between == Between::Steps => Some(right[1]),
        (Some(left), Some(right)) => Some(left[1] + (right[1] - left[1]) * (x - left[0]) / (right[0] - left[0])),
        (Some(only), None) | (None, Some(only)) => Some(only[1]),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Ranking;
    use super::super::{precision_recall, roc};
    use super::*;

    #[test]
    fn mean_of_two_folds_by_hand() {
        // The diagonal and the perfect curve: at 0, ½, 1 the heights are (0, 1), (½, 1), (1, 1).
        let curves = [vec![[0.0, 0.0], [1.0, 1.0]], vec![[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]], Vec::new()];
        let found = mean_curve(&curves, Between::Lines, 3);
        let sd = |difference: f64| Some(difference / 2_f64.sqrt());
        let point = |x, mean, sd| CurvePoint { x, mean, sd };
        let expected =
            [point(0.0, 0.0, sd(0.0)), point(0.0, 0.5, sd(1.0)), point(0.5, 0.75, sd(0.5)), point(1.0, 1.0, sd(0.0))];
        assert_eq!(found.len(), 4);
        for (f, e) in found.iter().zip(expected) {
            assert_eq!((f.x, f.mean), (e.x, e.mean));
            assert!((f.sd.unwrap() - e.sd.unwrap()).abs() < 1e-15);
        }
        // No curve rises at 0: the grid alone.
        let diagonal = mean_curve(&curves[..1], Between::Lines, 0);
        assert_eq!(diagonal, [point(0.0, 0.0, None), point(1.0, 1.0, None)]);
    }

    #[test]
    fn a_staircase_stands_at_the_threshold_that_reaches_the_recall() {
        // Good, bad, bad, good, good, bad, bad: precision 1/2 and 2/3 at recall 1/4 and 1/2, then 3/6 and 4/7.
        let bad = [false, true, true, false, false, true, true];
        let ranking = Ranking::new(&bad, &[7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]).unwrap();
        let mean = mean_curve(&[precision_recall(&ranking)], Between::Steps, 9);
        let heights: Vec<f64> = mean.iter().map(|point| point.mean).collect();
        let [a, b, c, d] = [0.5, 2.0 / 3.0, 0.5, 4.0 / 7.0];
        assert_eq!(heights, [a, a, a, b, b, c, c, d, d]);
    }

    #[test]
    fn means_keep_the_ends_and_the_curve() {
        let ranking = Ranking::new(&[true, false, true, false], &[4.0, 3.0, 2.0, 1.0]).unwrap();
        let mean = mean_curve(&[roc(&ranking)], Between::Lines, 5);
        let points: Vec<[f64; 2]> = mean.iter().map(|point| [point.x, point.mean]).collect();
        assert_eq!(points, [[0.0, 0.0], [0.0, 0.5], [0.25, 0.5], [0.5, 1.0], [0.75, 1.0], [1.0, 1.0]]);
    }

    #[test]
    fn nothing_defined_is_empty() {
        assert!(mean_curve(&[], Between::Lines, 11).is_empty());
        assert!(mean_curve(&[Vec::new()], Between::Steps, 11).is_empty());
    }
}
