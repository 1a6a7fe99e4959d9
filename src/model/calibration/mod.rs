//! From a ranking score to the probability of the bad outcome: curves fitted to scores of held-out rows.

mod platt;

use serde::{Deserialize, Serialize};

use super::ParameterProblem;
pub use platt::Platt;

/// Which curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// None: the model's own probabilities.
    None,
    /// A logistic curve: two numbers, right for few rows.
    #[default]
    Platt,
}

/// How probabilities are calibrated: the same for every model of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationSettings {
    /// Which curve. Default Platt's.
    pub method: CalibrationMethod,
    /// Parts of the training rows that are held out in turn, in 2..=10. Default 3. Nets have parts of their own.
    pub parts: usize,
}

impl Default for CalibrationSettings {
    fn default() -> Self {
        Self { method: CalibrationMethod::default(), parts: 3 }
    }
}

impl CalibrationSettings {
    /// Every field out of its range.
    pub fn problems(&self) -> Vec<ParameterProblem> {
        let Self { method: _, parts } = self;
        let message = format!("must be between 2 and 10, not {parts}");
        let wrong = !(2..=10).contains(parts);
        wrong.then_some(ParameterProblem { field: "parts", message }).into_iter().collect()
    }
}

/// A fitted curve. Never falls as the score rises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// A logistic curve.
    Platt(Platt),
}

impl Calibration {
    /// Fits the curve to scores of held-out rows and whether each is bad. `None` where none is wanted, and without rows.
    pub fn fit(method: CalibrationMethod, scores: &[f64], bad: &[bool]) -> Option<Self> {
        if scores.is_empty() {
            return None;
        }
        match method {
            CalibrationMethod::None => None,
            CalibrationMethod::Platt => Some(Self::Platt(Platt::fit_rising(scores, bad))),
        }
    }

    /// P(bad | score), in 0..=1.
    pub fn probability(&self, score: f64) -> f64 {
        match self {
            Self::Platt(platt) => platt.probability(score),
        }
    }
}
