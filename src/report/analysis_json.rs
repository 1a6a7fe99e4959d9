//! What [`crate::training::analyse`] works out and what a cut-off comes to, as parts of `compare --json`. Undefined values
//! are null.

use serde_json::{Map, Value, json};

use super::compare_json::value;
use crate::evaluation::{Metric, ReliabilityBin};
use crate::training::{Analysis, Comparison, ModelAnalysis, ModelResult, Outcome, PairTests, Rows, RunSettings};

/// The interval of every metric, `[low, high]`.
pub(super) fn intervals(model: Option<&ModelAnalysis>) -> Value {
    let interval = |metric| model.and_then(|model| model.intervals.as_ref()?.get(metric));
    Value::Object(Metric::ALL.map(|metric| (metric.name().to_owned(), json!(interval(metric)))).into_iter().collect())
}

/// The bins of the reliability diagram.
pub(super) fn reliability(model: &ModelAnalysis) -> Vec<Value> {
    let bin = |&ReliabilityBin { mean_pd, observed, n, bad, interval: [low, high] }: &ReliabilityBin| json!({"mean_pd": mean_pd, "observed": observed, "n": n, "bad": bad, "low": low, "high": high});
    model.reliability.iter().map(bin).collect()
}

/// What the cut-off does to the rows that it is chosen on and to those that it is reported on.
pub(super) fn cutoff(model: &ModelResult, settings: &RunSettings) -> Value {
    let [validation, test] =
        [Rows::Validation, Rows::Test].map(|rows| model.outcome(settings.cutoff, &settings.money, rows));
    let of_rows = |outcome: &Outcome| {
        json!({
            "rows": outcome.confusion.rows(),
            "approved": outcome.approved(),
            "approval_rate": outcome.approval_rate(),
            "bad_rate_approved": outcome.bad_rate_approved(),
            "recall": outcome.confusion.recall(),
            "precision": outcome.confusion.precision(),
            "cost_per_row": outcome.cost_per_row(settings.money.costs()),
            "expected_loss_approved": outcome.losses.map(|losses| losses.expected_approved),
            "realised_loss_approved": outcome.losses.map(|losses| losses.realised_approved),
        })
    };
    json!({
        "thresholds": test.map(|outcome| outcome.thresholds),
        "validation": validation.as_ref().map(of_rows),
        "test": test.as_ref().map(of_rows),
    })
}

/// The tests of two models beside the one on their folds.
pub(super) fn tests(pair: Option<&PairTests>) -> Value {
    let mut tests = Map::new();
    tests.insert("holm_p".to_owned(), json!(pair.and_then(|pair| pair.corrected_t_holm)));
    tests.insert("mcnemar".to_owned(), value(&pair.and_then(|pair| pair.mcnemar)));
    tests.insert("delong".to_owned(), value(&pair.and_then(|pair| pair.delong)));
    Value::Object(tests)
}

/// How often the first two models call a row differently, and who is right; `None` with fewer than two.
pub(super) fn disagreements(comparison: &Comparison, analysis: &Analysis) -> Option<Value> {
    let [a, b, ..] = &comparison.models[..] else { return None };
    let n = analysis.disagreements.len();
    let a_right = analysis.disagreements.iter().filter(|row| row.bad == row.first_calls_bad).count();
    Some(json!({"a": a.kind.key(), "b": b.kind.key(), "n": n, "a_right": a_right, "b_right": n - a_right}))
}
