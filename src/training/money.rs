//! What wrong calls and losses are worth: the settings behind every figure in money.

use serde::{Deserialize, Serialize};

use crate::evaluation::Costs;

/// What the errors cost, and what is lost when a firm defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoneySettings {
    /// Cost of a bad firm called good, `c_FN`, 0 or more. Default 5: the cost matrix published with the German credit table.
    pub cost_false_good: f64,
    /// Cost of a good firm called bad, `c_FP`, 0 or more, in the same unit. Default 1.
    pub cost_false_bad: f64,
    /// Share of the exposure that is lost when a firm defaults (LGD), in 0..=1. Default 0.45, the supervisory value of the
    /// Basel framework for senior unsecured claims.
    pub loss_given_default: f64,
    /// Exposure of every firm (EAD) where the table has no column of it, above 0, in money. Default: none, and then there is
    /// no expected loss.
    pub exposure: Option<f64>,
    /// Sign or code of the currency, written before amounts. Default: empty.
    pub currency: String,
}

impl Default for MoneySettings {
    fn default() -> Self {
        Self {
            cost_false_good: 5.0,
            cost_false_bad: 1.0,
            loss_given_default: 0.45,
            exposure: None,
            currency: String::new(),
        }
    }
}

/// Longest sign of a currency, in letters.
const LONGEST_SIGN: usize = 6;

impl MoneySettings {
    /// The two costs.
    pub fn costs(&self) -> Costs {
        Costs { false_good: self.cost_false_good, false_bad: self.cost_false_bad }
    }

    /// What is out of its range: the field and what it must be.
    pub(super) fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        for (field, cost) in [("cost_false_good", self.cost_false_good), ("cost_false_bad", self.cost_false_bad)] {
            if !(cost.is_finite() && cost >= 0.0) {
                problems.push((field, format!("must be 0 or more, not {cost}")));
            }
        }
        if !(0.0..=1.0).contains(&self.loss_given_default) {
            problems.push(("loss_given_default", format!("must be from 0 to 1, not {}", self.loss_given_default)));
        }
        if let Some(exposure) = self.exposure.filter(|e| !(e.is_finite() && *e > 0.0)) {
            problems.push(("exposure", format!("must be above 0, not {exposure}")));
        }
        if self.currency.chars().count() > LONGEST_SIGN || self.currency.chars().any(char::is_control) {
            problems.push(("currency", format!("must be a sign or a code of at most {LONGEST_SIGN} letters")));
        }
        problems
    }
}
