//! Ranks to normal scores (rank-based inverse normal transformation: van der Waerden 1952, with mid-ranks for ties).
//!
//! Over the n values of the training rows, `u = (#{< x} + #{≤ x}) / 2n` clipped to `[0.5/n, 1 − 0.5/n]`, `z = Φ⁻¹(u)`
//! clipped to ±4, then standardised over all training rows with the population standard deviation. A missing cell
//! takes the middle rank, u = 0.5 and so z = 0, or the score of what it was filled with. Order is all that is left of
//! x, so no outlier survives.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::scale::Filled;

/// Largest |z| before standardising: only above n ≈ 16,000 does a rank lie farther out.
const CLIP: f64 = 4.0;

/// The fitted scores of one indicator: z depends on a value only through the place it takes among the k distinct
/// training values, so all 2k + 1 answers are worked out once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NormalScores {
    /// Distinct training values, ascending: k ≥ 2.
    pub(super) values: Vec<f64>,
    /// Input of each of `values`: k.
    pub(super) at: Vec<f32>,
    /// Input of a number below the first, between neighbours, above the last of `values`: k + 1.
    pub(super) between: Vec<f32>,
    /// Input of a missing cell that takes the middle rank.
    pub(super) middle: f32,
}

impl NormalScores {
    /// Fits on the training values that are there, ascending, and what the others take. `None` when the input would be
    /// constant.
    pub(super) fn fit(present: &[f64], filled: &Filled) -> Option<Self> {
        let n = present.len() as f64;

        let normal = Normal::standard();
        // `below` and `up_to` are #{< x} and #{≤ x}.
        let score = |below: usize, up_to: usize| {
            let u = ((below + up_to) as f64 / (2.0 * n)).clamp(0.5 / n, 1.0 - 0.5 / n);
            normal.inverse_cdf(u).clamp(-CLIP, CLIP)
        };
        let mut values: Vec<f64> = Vec::new();
        let mut counts: Vec<usize> = Vec::new();
        let mut at: Vec<f64> = Vec::new();
        let mut between: Vec<f64> = Vec::new();
        let mut below = 0;
        for group in present.chunk_by(|a, b| a == b) {
            between.push(score(below, below));
            at.push(score(below, below + group.len()));
            values.push(group[0]);
            counts.push(group.len());
            below += group.len();
        }
        if values.len() < 2 {
            return None;
        }
        between.push(score(below, below));

        let (n_middle, filled): (usize, Vec<f64>) = match filled {
            Filled::Middle(cells) => (*cells, Vec::new()),
            Filled::Values(filled) => (0, filled.iter().map(|&x| at_or_between(&values, x, &at, &between)).collect()),
        };
        let rows = n + (n_middle + filled.len()) as f64;
        let weighted = |f: &dyn Fn(f64) -> f64| -> f64 {
            let present: f64 = at.iter().zip(&counts).map(|(&z, &count)| count as f64 * f(z)).sum();
            filled.iter().fold(present, |sum, &z| sum + f(z))
        };
        let mean = weighted(&|z| z) / rows;
        let squares = weighted(&|z| (z - mean) * (z - mean));
        let sd = ((squares + n_middle as f64 * mean * mean) / rows).sqrt();
        // Two distinct values have distinct scores, so sd > 0.
        let input = |z: f64| ((z - mean) / sd) as f32;
        Some(Self {
            values,
            at: at.into_iter().map(input).collect(),
            between: between.into_iter().map(input).collect(),
            middle: input(0.0),
        })
    }

    /// The input of one cell.
    pub(super) fn input(&self, x: Option<f64>) -> f32 {
        x.map_or(self.middle, |x| at_or_between(&self.values, x, &self.at, &self.between))
    }

    /// The value that has this input: a training value, between two of them on the straight line, beyond all of them the
    /// first or the last. Of training values that share an input, far out in long tables, it is the middle one.
    pub(super) fn original(&self, input: f32) -> f64 {
        let (below, up_to) = (self.at.partition_point(|at| *at < input), self.at.partition_point(|at| *at <= input));
        if below < up_to {
            return self.values[usize::midpoint(below, up_to - 1)];
        }
        let last = self.values.len() - 1;
        if below == 0 || below > last {
            return self.values[below.min(last)];
        }
        let (low, high) = (f64::from(self.at[below - 1]), f64::from(self.at[below]));
        let share = (f64::from(input) - low) / (high - low);
        self.values[below - 1] * (1.0 - share) + self.values[below] * share
    }
}

/// The one of `at` that belongs to x if it is one of `values` (ascending, k), else the one of `between` (k + 1).
fn at_or_between<T: Copy>(values: &[f64], x: f64, at: &[T], between: &[T]) -> T {
    let place = values.partition_point(|value| *value < x);
    if values.get(place) == Some(&x) { at[place] } else { between[place] }
}
