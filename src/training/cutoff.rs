//! When a row is called bad: one threshold for every panel, table and export.

use serde::{Deserialize, Serialize};

use crate::evaluation::{Costs, Cuts};

/// The probability of the bad outcome from which a row is called bad.
///
/// In files and on the command line a number, the name of a rule, or a rule with its number: `0.2`, `"least_cost"`,
/// `{"approval_rate": 0.8}`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cutoff {
    /// This probability, in (0, 1).
    Value(f64),
    /// Found inside each fold.
    Rule(CutoffRule),
}

/// How a cut-off is found inside each fold: from its training rows, and never from the rows it is reported on.
///
/// All but the first look at validation scores: probabilities of training rows by fits that had not seen them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoffRule {
    /// The share of bad rows among the labelled training rows: whoever is riskier than the average is called bad.
    BadRate,
    /// Where the wrong calls cost least, at the costs of [`super::MoneySettings`].
    LeastCost,
    /// Where the shares of bad and of good rows called bad are furthest apart: the KS point.
    KsPoint,
    /// As many approved as can be while the share of bad ones among them is at most this, in (0, 1).
    TargetBadRate(f64),
    /// This share of the rows approved, in (0, 1).
    ApprovalRate(f64),
    /// So many firms called bad, of as many as the table has labelled rows: what can be reviewed. At least 1.
    Capacity(usize),
}

/// What a cut-off is found from in one fold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis<'a> {
    /// Share of bad rows among the labelled training rows.
    pub(super) bad_rate: f64,
    /// Validation scores; `None` where nothing was calibrated.
    pub(super) validation: Option<&'a Cuts>,
    /// What the errors cost.
    pub(super) costs: Costs,
    /// Labelled rows of the table.
    pub(super) n_labelled: usize,
}

impl Cutoff {
    /// The threshold in one fold, in (0, 1); `None` where no threshold does what the rule asks.
    pub(super) fn threshold(self, basis: &Basis<'_>) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Rule(CutoffRule::BadRate) => Some(basis.bad_rate),
            Self::Rule(rule) => rule.choose(basis.validation?, basis.costs, basis.n_labelled),
        }
    }

    /// What it must be, where it is out of its range.
    pub(super) fn problem(self) -> Option<String> {
        let share = |share: f64| !(share > 0.0 && share < 1.0);
        match self {
            Self::Value(value) if share(value) => Some(format!("must be above 0 and below 1, not {value}")),
            Self::Rule(CutoffRule::TargetBadRate(rate)) if share(rate) => {
                Some(format!("the bad rate must be above 0 and below 1, not {rate}"))
            }
            Self::Rule(CutoffRule::ApprovalRate(rate)) if share(rate) => {
                Some(format!("the share approved must be above 0 and below 1, not {rate}"))
            }
            Self::Rule(CutoffRule::Capacity(0)) => Some("at least one firm must be reviewed".to_owned()),
            _ => None,
        }
    }

    /// Whether it needs validation scores.
    pub fn needs_validation(self) -> bool {
        !matches!(self, Self::Value(_) | Self::Rule(CutoffRule::BadRate))
    }

    /// In words, as in "cut-off: least cost".
    pub fn in_words(self) -> String {
        let percent = |share: f64| format!("{} %", (share * 1e4).round() / 1e2);
        match self {
            Self::Value(value) => value.to_string(),
            Self::Rule(CutoffRule::BadRate) => "the bad rate".to_owned(),
            Self::Rule(CutoffRule::LeastCost) => "least cost".to_owned(),
            Self::Rule(CutoffRule::KsPoint) => "the KS point".to_owned(),
            Self::Rule(CutoffRule::TargetBadRate(rate)) => format!("{} bad among the approved", percent(rate)),
            Self::Rule(CutoffRule::ApprovalRate(rate)) => format!("{} approved", percent(rate)),
            Self::Rule(CutoffRule::Capacity(n)) => format!("{n} firms reviewed"),
        }
    }
}

impl CutoffRule {
    /// The threshold that does what the rule asks on these rows; `None` where none does, and for [`Self::BadRate`], which
    /// asks nothing of scores. `n_labelled` is the number of rows that a capacity is meant for.
    pub fn choose(self, cuts: &Cuts, costs: Costs, n_labelled: usize) -> Option<f64> {
        match self {
            Self::BadRate => None,
            Self::LeastCost => cuts.least_cost(costs).ok(),
            Self::KsPoint => cuts.ks_point().ok(),
            Self::TargetBadRate(rate) => cuts.target_bad_rate(rate).ok(),
            Self::ApprovalRate(share) => cuts.target_approval(share).ok(),
            Self::Capacity(n) => cuts.capacity_share((n as f64 / n_labelled.max(1) as f64).min(1.0)).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_a_number_a_name_or_a_name_with_its_number() {
        for (text, cutoff) in [
            ("0.2", Cutoff::Value(0.2)),
            (r#""bad_rate""#, Cutoff::Rule(CutoffRule::BadRate)),
            (r#""ks_point""#, Cutoff::Rule(CutoffRule::KsPoint)),
            (r#"{"target_bad_rate":0.03}"#, Cutoff::Rule(CutoffRule::TargetBadRate(0.03))),
            (r#"{"capacity":20}"#, Cutoff::Rule(CutoffRule::Capacity(20))),
        ] {
            assert_eq!(serde_json::from_str::<Cutoff>(text).unwrap(), cutoff);
            assert_eq!(serde_json::to_string(&cutoff).unwrap(), text);
        }
    }

    #[test]
    fn rules_are_found_on_validation_scores_alone() {
        // Ten rows, the three riskiest of them bad but for one.
        let pd: Vec<f64> = (0..10).map(|i| f64::from(i) / 10.0).collect();
        let bad: Vec<bool> = (0..10).map(|i| i >= 8 || i == 5).collect();
        let cuts = Cuts::new(&bad, &pd, None).unwrap();
        let costs = Costs { false_good: 5.0, false_bad: 1.0 };
        let basis = Basis { bad_rate: 0.3, validation: Some(&cuts), costs, n_labelled: 40 };
        let at = |rule| Cutoff::Rule(rule).threshold(&basis).unwrap();
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
        close(at(CutoffRule::BadRate), 0.3);
        // Two good ones called bad are cheaper than a bad one let through.
        close(at(CutoffRule::LeastCost), 0.45);
        close(at(CutoffRule::ApprovalRate(0.7)), 0.65);
        // Eight of forty firms are two of ten.
        close(at(CutoffRule::Capacity(8)), 0.75);
        close(at(CutoffRule::TargetBadRate(0.13)), 0.75);
        let without = Basis { validation: None, ..basis };
        assert_eq!(Cutoff::Rule(CutoffRule::KsPoint).threshold(&without), None);
        assert_eq!(Cutoff::Rule(CutoffRule::BadRate).threshold(&without), Some(0.3));
        assert_eq!(Cutoff::Value(0.2).threshold(&without), Some(0.2));
    }
}
