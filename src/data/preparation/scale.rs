//! The scale of one number, by any [`ScaleMethod`].

use ndarray::ArrayViewMut1;
use serde::{Deserialize, Serialize};

use super::bins::QuantileBins;
use super::linear::Linear;
use super::normal_scores::NormalScores;
use super::settings::{ScaleMethod, ScaleSettings};

/// A fitted scale of one indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Scale {
    Linear(Linear),
    NormalScores(NormalScores),
    QuantileBins(QuantileBins),
}

/// What missing training cells take.
pub(super) enum Filled {
    /// The middle rank of the values that are there, in so many cells. Only ranks know it.
    Middle(usize),
    /// These values.
    Values(Vec<f64>),
}

impl Scale {
    /// Fits on the training values that are there, ascending, and what the others take. Quantiles, ranks and the range
    /// are those of the values that are there; mean and standard deviation are over all training rows. `None` when
    /// the inputs would be constant.
    pub(super) fn fit(present: &[f64], filled: &Filled, settings: &ScaleSettings) -> Option<Self> {
        let values: &[f64] = match filled {
            Filled::Middle(_) => &[],
            Filled::Values(values) => values,
        };
        match settings.method {
            ScaleMethod::Standardise => Linear::standardise(present, values).map(Self::Linear),
            ScaleMethod::Robust => Linear::robust(present, values).map(Self::Linear),
            ScaleMethod::ZeroToOne => Linear::zero_to_one(present).map(Self::Linear),
            ScaleMethod::NormalScores => NormalScores::fit(present, filled).map(Self::NormalScores),
            ScaleMethod::QuantileBins => QuantileBins::fit(present, settings.bins).map(Self::QuantileBins),
        }
    }

    /// Inputs filled.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Linear(_) | Self::NormalScores(_) => 1,
            Self::QuantileBins(bins) => bins.width(),
        }
    }

    /// Names of the inputs of `indicator`.
    pub(super) fn input_names(&self, indicator: &str) -> Vec<String> {
        match self {
            Self::Linear(_) | Self::NormalScores(_) => vec![indicator.to_owned()],
            Self::QuantileBins(bins) => bins.input_names(indicator),
        }
    }

    /// Writes the inputs of one value; `None` is the middle rank.
    pub(super) fn write(&self, x: Option<f64>, mut inputs: ArrayViewMut1<'_, f32>) {
        match (self, x) {
            (Self::NormalScores(scores), x) => inputs[0] = scores.input(x),
            (Self::Linear(scale), Some(x)) => inputs[0] = scale.input(x),
            (Self::QuantileBins(bins), Some(x)) => bins.write(x, inputs),
            (Self::Linear(_) | Self::QuantileBins(_), None) => {}
        }
    }

    /// The value that has these inputs, `width` of them.
    pub(super) fn original(&self, inputs: &[f32]) -> f64 {
        match self {
            Self::Linear(scale) => scale.original(inputs[0]),
            Self::NormalScores(scores) => scores.original(inputs[0]),
            Self::QuantileBins(bins) => bins.original(inputs),
        }
    }
}
