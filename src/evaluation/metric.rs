//! The columns of every table of results: what each figure is called, how it is worked out, which way is better.

use super::Metrics;
use serde::{Deserialize, Serialize};

/// A figure of [`Metrics`] that models are compared on. Serialised as its [`Metric::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Share of rows called right.
    Accuracy,
    /// Mean of both classes' recalls.
    BalancedAccuracy,
    /// Recall of the bad class, the paper's key indicator.
    Recall,
    /// Precision of the bad class.
    Precision,
    /// Harmonic mean of recall and precision.
    F1,
    /// Matthews correlation coefficient.
    Mcc,
    /// Area under the ROC curve.
    Auc,
    /// Gini coefficient.
    Gini,
    /// Kolmogorov–Smirnov statistic.
    Ks,
    /// Average precision.
    PrAuc,
    /// Brier score.
    Brier,
    /// Log-loss.
    LogLoss,
    /// Cost of the errors, `c_FN·FN + c_FP·FP`.
    ExpectedCost,
}

impl Metric {
    /// Every metric, in the order of the columns.
    pub const ALL: [Self; 13] = [
        Self::Accuracy,
        Self::BalancedAccuracy,
        Self::Recall,
        Self::Precision,
        Self::F1,
        Self::Mcc,
        Self::Auc,
        Self::Gini,
        Self::Ks,
        Self::PrAuc,
        Self::Brier,
        Self::LogLoss,
        Self::ExpectedCost,
    ];

    /// The stable name in JSON and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::Recall => "recall",
            Self::Precision => "precision",
            Self::F1 => "f1",
            Self::Mcc => "mcc",
            Self::Auc => "auc",
            Self::Gini => "gini",
            Self::Ks => "ks",
            Self::PrAuc => "pr_auc",
            Self::Brier => "brier",
            Self::LogLoss => "log_loss",
            Self::ExpectedCost => "expected_cost",
        }
    }

    /// The full name on screen, in sentence case.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accuracy => "Accuracy",
            Self::BalancedAccuracy => "Balanced accuracy",
            Self::Recall => "Recall of the bad class",
            Self::Precision => "Precision of the bad class",
            Self::F1 => "F1 of the bad class",
            Self::Mcc => "Matthews correlation",
            Self::Auc => "Area under the ROC curve",
            Self::Gini => "Gini coefficient",
            Self::Ks => "Kolmogorov–Smirnov statistic",
            Self::PrAuc => "Average precision (PR-AUC)",
            Self::Brier => "Brier score",
            Self::LogLoss => "Log-loss",
            Self::ExpectedCost => "Expected cost of a test part",
        }
    }

    /// The head of a narrow column.
    pub fn short_label(self) -> &'static str {
        match self {
            Self::Accuracy => "Accuracy",
            Self::BalancedAccuracy => "Bal. acc.",
            Self::Recall => "Recall",
            Self::Precision => "Precision",
            Self::F1 => "F1",
            Self::Mcc => "MCC",
            Self::Auc => "AUC",
            Self::Gini => "Gini",
            Self::Ks => "KS",
            Self::PrAuc => "PR-AUC",
            Self::Brier => "Brier",
            Self::LogLoss => "Log-loss",
            Self::ExpectedCost => "Cost",
        }
    }

    /// The name inside a sentence, as in "better on recall of the bad class".
    pub fn in_sentence(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced accuracy",
            Self::Recall => "recall of the bad class",
            Self::Precision => "precision of the bad class",
            Self::F1 => "F1",
            Self::Mcc => "Matthews correlation",
            Self::Auc => "AUC",
            Self::Gini => "Gini",
            Self::Ks => "KS",
            Self::PrAuc => "average precision",
            Self::Brier => "Brier score",
            Self::LogLoss => "log-loss",
            Self::ExpectedCost => "expected cost",
        }
    }

    /// The figures of a table that has room for a few, in the order of its columns.
    pub const TABLE: [Self; 7] =
        [Self::Auc, Self::Accuracy, Self::BalancedAccuracy, Self::Recall, Self::Precision, Self::F1, Self::Brier];

    /// The formula, for tooltips.
    pub fn formula(self) -> &'static str {
        match self {
            Self::Accuracy => "(TP + TN) / all rows: the share of rows called right",
            Self::BalancedAccuracy => "(TP / P + TN / N) / 2: the mean of the recalls of the bad and the good class",
            Self::Recall => "TP / (TP + FN): of the bad rows, the share called bad",
            Self::Precision => "TP / (TP + FP): of the rows called bad, the share that is bad",
            Self::F1 => "2·TP / (2·TP + FP + FN): the harmonic mean of recall and precision",
            Self::Mcc => {
                "(TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)): the correlation of call and outcome, −1 to 1"
            }
            Self::Auc => "Share of pairs (bad row, good row) in which the bad row scores higher; a tie counts ½",
            Self::Gini => "2·AUC − 1: 0 is chance, 1 a perfect ranking",
            Self::Ks => "Largest |TPR − FPR| over all thresholds on the score",
            Self::PrAuc => {
                "Σ (Rₖ − Rₖ₋₁)·Pₖ over thresholds, R recall and P precision; chance gives the share of bad rows"
            }
            Self::Brier => "Mean of (PD − outcome)², outcome 1 for bad and 0 for good: lower is better",
            Self::LogLoss => "Mean of −ln(probability given to what happened), at least 1e-15: lower is better",
            Self::ExpectedCost => "c_FN·FN + c_FP·FP: what the wrong calls cost in all, in the unit of the two costs",
        }
    }

    /// Whether a difference of [`super::ROPE`] means the same on every table, so that models can be compared on it: a cost is
    /// in a unit of its own.
    pub fn is_comparable(self) -> bool {
        self != Self::ExpectedCost
    }

    /// Whether a larger value is a better model: all but the Brier score, log-loss and cost.
    pub fn higher_is_better(self) -> bool {
        !matches!(self, Self::Brier | Self::LogLoss | Self::ExpectedCost)
    }

    /// The figure in `metrics`; `None` when undefined there.
    pub fn get(self, metrics: &Metrics) -> Option<f64> {
        match self {
            Self::Accuracy => metrics.accuracy,
            Self::BalancedAccuracy => metrics.balanced_accuracy,
            Self::Recall => metrics.recall,
            Self::Precision => metrics.precision,
            Self::F1 => metrics.f1,
            Self::Mcc => metrics.mcc,
            Self::Auc => metrics.auc,
            Self::Gini => metrics.gini,
            Self::Ks => metrics.ks,
            Self::PrAuc => metrics.pr_auc,
            Self::Brier => metrics.brier,
            Self::LogLoss => metrics.log_loss,
            Self::ExpectedCost => metrics.expected_cost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_json_and_reach_the_same_field() {
        let m = Metrics {
            accuracy: Some(0.01),
            balanced_accuracy: Some(0.02),
            recall: Some(0.03),
            precision: Some(0.04),
            f1: Some(0.05),
            mcc: Some(0.06),
            auc: Some(0.07),
            gini: Some(0.08),
            ks: Some(0.09),
            pr_auc: Some(0.10),
            brier: Some(0.11),
            log_loss: Some(0.12),
            expected_cost: Some(0.13),
            ..Metrics::default()
        };
        let json = serde_json::to_value(m).unwrap();
        for metric in Metric::ALL {
            assert_eq!(json[metric.name()].as_f64(), metric.get(&m), "{metric:?}");
            assert!(metric.get(&m).is_some());
            assert_eq!(serde_json::to_value(metric).unwrap(), metric.name());
        }
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = "n_test positives accuracy balanced_accuracy recall precision f1 mcc auc gini ks pr_auc brier \
                        log_loss expected_cost threshold";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
        assert!(json["threshold"].is_null());
    }
}
