//! Ranks to normal scores (rank-based inverse normal transformation: van der Waerden 1952, with mid-ranks for ties).
//!
//! Over the n values of the training rows, `u = (#{< x} + #{≤ x}) / 2n` clipped to `[0.5/n, 1 − 0.5/n]`, `z = Φ⁻¹(u)`
//! clipped to ±4, then standardised over all training rows with the population standard deviation. A missing cell
//! takes u = 0.5, that is z = 0. Order is all that is left of x, so no outlier survives.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, Normal};

/// Largest |z| before standardising: only above n ≈ 16,000 does a rank lie farther out.
const CLIP: f64 = 4.0;

/// The fitted scores of one indicator: z depends on a value only through the place it takes among the k distinct
/// training values, so all 2k + 1 answers are worked out once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NormalScores {
    /// Distinct training values, ascending: k ≥ 2.
    values: Vec<f64>,
    /// Input of each of `values`: k.
    at: Vec<f32>,
    /// Input of a number below the first, between neighbours, above the last of `values`: k + 1.
    between: Vec<f32>,
    /// Input of a missing cell.
    missing: f32,
}

impl NormalScores {
    /// Fits on the training values that are there, in any order, and the number of those that are not. `None` when the
    /// input would be constant.
    pub(super) fn fit(mut present: Vec<f64>, n_missing: usize) -> Option<Self> {
        let n = present.len() as f64;
        present.sort_unstable_by(f64::total_cmp);

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

        let rows = n + n_missing as f64;
        let weighted = |f: &dyn Fn(f64) -> f64| at.iter().zip(&counts).map(|(&z, &count)| count as f64 * f(z)).sum();
        let sum: f64 = weighted(&|z| z);
        let mean = sum / rows;
        let squares: f64 = weighted(&|z| (z - mean) * (z - mean));
        let sd = ((squares + n_missing as f64 * mean * mean) / rows).sqrt();
        // Two distinct values have distinct scores, so sd > 0.
        let input = |z: f64| ((z - mean) / sd) as f32;
        Some(Self {
            values,
            at: at.into_iter().map(input).collect(),
            between: between.into_iter().map(input).collect(),
            missing: input(0.0),
        })
    }

    /// The input of one cell.
    pub(super) fn input(&self, x: Option<f64>) -> f32 {
        let Some(x) = x else { return self.missing };
        let place = self.values.partition_point(|value| *value < x);
        if self.values.get(place) == Some(&x) { self.at[place] } else { self.between[place] }
    }
}
