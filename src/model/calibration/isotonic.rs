//! Isotonic regression: the rising curve nearest to the labels in squares, by pooling adjacent violators.
//!
//! As scikit-learn's `IsotonicRegression(out_of_bounds="clip")`: rows of equal decision value are pooled first; each pooled
//! block is flat from its lowest to its highest value; between blocks the curve is a straight line, outside all of them
//! flat. In difference to it no probability is nearer to 0 or 1 than 1/(n + 2), with n the rows of the fit: what a single
//! further row could still refute (Laplace's rule of succession), so that no log-loss is infinite.
//!
//! Barlow, Bartholomew, Bremner, Brunk, *Statistical inference under order restrictions*, 1972. Zadrozny, Elkan,
//! *Transforming classifier scores into accurate multiclass probability estimates*, 2002.

use serde::{Deserialize, Serialize};

use crate::model::fitted::all_finite;

/// The corners of the curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// Decision value and probability of each corner, both rising.
    corners: Vec<(f64, f64)>,
}

/// Rows pooled together.
#[derive(Clone, Copy, Debug)]
struct Block {
    from: f64,
    to: f64,
    n_rows: usize,
    n_bad: usize,
}

impl Block {
    fn pooled_with(self, later: Self) -> Self {
        Self { to: later.to, n_rows: self.n_rows + later.n_rows, n_bad: self.n_bad + later.n_bad, ..self }
    }

    /// Whether its share of bad rows is not below that of a later block: by whole numbers, free of rounding.
    fn violates(&self, later: &Self) -> bool {
        self.n_bad as u128 * later.n_rows as u128 >= later.n_bad as u128 * self.n_rows as u128
    }
}

impl Isotonic {
    /// Fits held-out rows: their decision values and whether each is bad. Rows whose value is not finite, and values beyond the
    /// shorter of the two slices, are ignored. With no rows at all every probability is ½.
    pub fn fit(decisions: &[f64], bad: &[bool]) -> Self {
        let finite = decisions.iter().zip(bad).filter(|(f, _)| f.is_finite());
        let mut rows: Vec<(f64, bool)> = finite.map(|(&f, &bad)| (f, bad)).collect();
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));

        let mut blocks: Vec<Block> = Vec::new();
        for tied in rows.chunk_by(|a, b| a.0 == b.0) {
            let n_bad = tied.iter().filter(|row| row.1).count();
            let mut block = Block { from: tied[0].0, to: tied[0].0, n_rows: tied.len(), n_bad };
            while let Some(before) = blocks.pop_if(|before| before.violates(&block)) {
                block = before.pooled_with(block);
            }
            blocks.push(block);
        }
        let least = 1.0 / (rows.len() + 2) as f64;
        let mut corners = Vec::with_capacity(2 * blocks.len());
        for block in blocks {
            let probability = (block.n_bad as f64 / block.n_rows as f64).clamp(least, 1.0 - least);
            corners.push((block.from, probability));
            if block.to > block.from {
                corners.push((block.to, probability));
            }
        }
        Self { corners }
    }

    /// Decision value and probability of each corner of the curve, both rising.
    pub fn corners(&self) -> &[(f64, f64)] {
        &self.corners
    }

    pub(super) fn check(&self) -> Result<(), String> {
        all_finite("the calibration's corners", self.corners.iter().flat_map(|(f, p)| [f, p]))?;
        let rising = |pair: &[(f64, f64)]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
        let probabilities = self.corners.iter().all(|(_, p)| (0.0..=1.0).contains(p));
        let good = probabilities && self.corners.windows(2).all(rising);
        if good { Ok(()) } else { Err("the calibration's curve does not rise".to_owned()) }
    }

    /// P(bad | f), in 0..=1, never falling as f rises; NaN where f is.
    pub fn probability(&self, f: f64) -> f64 {
        if f.is_nan() {
            return f;
        }
        let above = self.corners.partition_point(|corner| corner.0 < f);
        match (above.checked_sub(1).map(|below| self.corners[below]), self.corners.get(above)) {
            (None, None) => 0.5,
            (Some((_, p)), None) | (None, Some(&(_, p))) => p,
            (Some((f_below, p_below)), Some(&(f_above, p_above))) => {
                // Halves, since the distance of two finite numbers may be infinite.
                let share = (0.5 * f - 0.5 * f_below) / (0.5 * f_above - 0.5 * f_below);
                (p_below + share * (p_above - p_below)).min(p_above)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    /// By hand, and but for the bounds 1/14 and 13/14 the same from scikit-learn's
    /// `IsotonicRegression(out_of_bounds="clip")`. The share of the tied rows at −1 is ½ and falls to 0 at −0.5: together ⅓.
    /// From 0 to 0.75 it is 1, ½, 0: together ½.
    #[test]
    fn agrees_with_scikit_learn_and_the_hand() {
        let f = [-2.0, -1.5, -1.0, -1.0, -0.5, 0.0, 0.25, 0.25, 0.75, 1.0, 1.5, 2.0];
        let bad = [0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 1].map(|bad| bad == 1);
        let fit = Isotonic::fit(&f, &bad);
        let third = 1.0 / 3.0;
        for (f, expected) in [(-1.0, third), (-0.5, third), (-0.2, 0.43333333333333335), (0.1, 0.5), (0.5, 0.5)] {
            assert!((fit.probability(f) - expected).abs() < 1e-15);
        }
        // Beyond the bounds the straight lines lead to 1/14 and 13/14 in place of 0 and 1.
        let (low, high) = (1.0 / 14.0, 13.0 / 14.0);
        let expected = [
            (-3.0, low),
            (-1.75, low),
            (-1.25, 0.5 * (low + third)),
            (0.8, 0.5 + 0.2 * (high - 0.5)),
            (0.9, 0.5 + 0.6 * (high - 0.5)),
            (1.2, high),
            (5.0, high),
        ];
        for (f, expected) in expected {
            assert!((fit.probability(f) - expected).abs() < 1e-14, "{f}: {} {expected}", fit.probability(f));
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter_and_ends_are_kept() {
        let fit = Isotonic::fit(&[1.0, 0.0, 1.0, -0.0], &[true, false, false, true]);
        // ½ at 0 and ½ at 1: one block.
        assert_eq!(fit, Isotonic::fit(&[0.0, 1.0, 1.0, 0.0], &[true, true, false, false]));
        assert_eq!(fit.probability(0.3), 0.5);
        let one = Isotonic::fit(&[0.5, 1.0, 2.0], &[true, true, true]);
        assert_eq!((one.probability(-9.0), one.probability(9.0)), (0.8, 0.8));
        let odd = Isotonic::fit(&[f64::NAN, f64::MAX, f64::MIN, f64::INFINITY], &[true, true, false, false]);
        assert_eq!((odd.probability(f64::NEG_INFINITY), odd.probability(f64::INFINITY)), (0.25, 0.75));
        assert_eq!(odd.probability(0.0), 0.5);
        assert!(odd.probability(f64::NAN).is_nan());
    }

    /// The nearest rising values have at row k the value max over a ≤ k of min over b ≥ k of the mean of rows a..=b.
    #[test]
    fn agrees_with_the_min_max_formula() {
        let mut random = stream(1, Purpose::Sample, 12);
        for _ in 0..50 {
            let n: usize = random.random_range(1..40);
            let f: Vec<f64> = (0..n).map(|row| row as f64 * 0.5).collect();
            let bad: Vec<bool> = (0..n).map(|row| random.random_range(0..n) < row).collect();
            let fit = Isotonic::fit(&f, &bad);
            let mean = |a: usize, b: usize| bad[a..=b].iter().filter(|&&bad| bad).count() as f64 / (b - a + 1) as f64;
            for k in 0..n {
                let lowest = |a: usize| (k..n).map(|b| mean(a, b)).fold(f64::INFINITY, f64::min);
                let nearest = (0..=k).map(lowest).fold(0.0, f64::max);
                let least = 1.0 / (n + 2) as f64;
                assert!((fit.probability(f[k]) - nearest.clamp(least, 1.0 - least)).abs() < 1e-14);
            }
        }
    }
}
