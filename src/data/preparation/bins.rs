//! Piecewise linear encoding (Gorishniy, Rubachev and Babenko 2022, "On embeddings for numerical features in tabular deep
//! learning"): edges e₀ < … < eₙ at quantiles of the training values, and one input `(x − eₜ₋₁) / (eₜ − eₜ₋₁)`
//! for each bin, kept within 0 and 1, so that bins are filled one after another from the left.

use ndarray::ArrayViewMut1;
use serde::{Deserialize, Serialize};

use super::quantile::quantile;

/// The fitted bins of one indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct QuantileBins {
    /// Largest absolute training value; above 0. The edges are in units of it, so that no difference overflows.
    pub(super) unit: f64,
    /// Distinct quantiles, ascending: at least two.
    pub(super) edges: Vec<f64>,
}

impl QuantileBins {
    /// Fits at most `bins` bins on the training values that are there, ascending. `None` when all are one value.
    pub(super) fn fit(ascending: &[f64], bins: usize) -> Option<Self> {
        let unit = ascending.first()?.abs().max(ascending.last()?.abs());
        if unit == 0.0 {
            return None;
        }
        let mut edges: Vec<f64> = (0..=bins).map(|t| quantile(ascending, t as f64 / bins as f64) / unit).collect();
        edges.dedup();
        (edges.len() > 1).then_some(Self { unit, edges })
    }

    /// Number of bins.
    pub(super) fn width(&self) -> usize {
        self.edges.len() - 1
    }

    /// Names of the inputs of `indicator`.
    pub(super) fn input_names(&self, indicator: &str) -> Vec<String> {
        (1..=self.width()).map(|bin| format!("{indicator}: bin {bin} of {}", self.width())).collect()
    }

    /// Writes the inputs of one value.
    pub(super) fn write(&self, x: f64, mut inputs: ArrayViewMut1<'_, f32>) {
        for (input, edge) in inputs.iter_mut().zip(self.edges.windows(2)) {
            *input = ((x / self.unit - edge[0]) / (edge[1] - edge[0])).clamp(0.0, 1.0) as f32;
        }
    }

    /// The value that has these inputs. As bins are filled from the left, their sum is its place among them; so it is
    /// read where they are not, too.
    pub(super) fn original(&self, inputs: &[f32]) -> f64 {
        let place: f64 = inputs.iter().map(|&input| f64::from(input.clamp(0.0, 1.0))).sum();
        let bin = (place.floor() as usize).min(self.width() - 1);
        let share = place - bin as f64;
        (self.edges[bin] * (1.0 - share) + self.edges[bin + 1] * share) * self.unit
    }
}
