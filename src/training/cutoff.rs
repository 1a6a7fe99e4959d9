//! When a row is called bad: one threshold for every panel, table and export.

use serde::{Deserialize, Serialize};

/// The probability of the bad outcome from which a row is called bad.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cutoff {
    /// This probability, in (0, 1).
    Value(f64),
    /// Found from the training rows of each fold.
    Rule(CutoffRule),
}

/// How a cut-off follows the training rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoffRule {
    /// The share of bad rows among the labelled training rows: whoever is riskier than the average is called bad.
    BadRate,
}

impl Cutoff {
    /// The cut-off for a fold whose labelled training rows have this share of bad ones.
    pub fn threshold(self, bad_rate: f64) -> f64 {
        match self {
            Self::Value(v) => v,
            Self::Rule(CutoffRule::BadRate) => bad_rate,
        }
    }
}
