//! What stands beneath the verdict: the tests with their number, and the cut-off with the rows it is reported on.

use super::Compared;
use crate::training::{Cutoff, CutoffRule, ModelResult, Rows};

/// A line each, those that have something to say: the tests on the folds, those on the rows, the cut-off.
pub(super) fn beneath_verdict(compared: &Compared<'_>) -> Vec<String> {
    [adjusted(compared), delong(compared), mcnemar(compared), cutoff(compared)].into_iter().flatten().collect()
}

/// "0.031", never rounded to 0 or 1 unless it is.
pub(super) fn p_value(p: f64) -> String {
    if p > 0.0 && p < 0.001 {
        "< 0.001".to_owned()
    } else if p < 1.0 && p > 0.999 {
        "> 0.999".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// "p = 0.031" or "p < 0.001".
fn p_in_words(p: f64) -> String {
    let p = p_value(p);
    if p.starts_with(['<', '>']) { format!("p {p}") } else { format!("p = {p}") }
}

/// The p-values adjusted for the number of comparisons.
fn adjusted(compared: &Compared<'_>) -> Option<String> {
    let pairs = &compared.analysis?.pairs;
    let of_each: Vec<String> = pairs
        .iter()
        .filter_map(|pair| Some(format!("{} {}", pair.b.title(), p_in_words(pair.corrected_t_holm?))))
        .collect();
    let first = pairs.iter().find(|pair| pair.corrected_t_holm.is_some())?;
    let comparisons = if first.comparisons == 1 { "comparison" } else { "comparisons" };
    Some(format!(
        "{} {comparisons} with the {} on {}, corrected t-test adjusted by Holm's method: {}.",
        first.comparisons,
        first.a.title(),
        compared.comparison.metric().in_sentence(),
        of_each.join(", ")
    ))
}

/// `DeLong`'s test of the first two models, where there is a single split.
fn delong(compared: &Compared<'_>) -> Option<String> {
    let pair = compared.analysis?.pairs.first()?;
    let test = pair.delong?;
    let p = test.p.map_or_else(|| "p undefined".to_owned(), p_in_words);
    Some(format!(
        "DeLong's test of the areas: {} {:.3}, {} {:.3}; {p}.",
        pair.a.title(),
        test.auc_a,
        pair.b.title(),
        test.auc_b
    ))
}

/// `McNemar`'s test of the first two models' calls.
fn mcnemar(compared: &Compared<'_>) -> Option<String> {
    let pair = compared.analysis?.pairs.first()?;
    let test = pair.mcnemar?;
    Some(format!(
        "McNemar's test of the calls, each row once: only the {} is right on {}, only the {} on {}; {}.",
        pair.a.title(),
        test.only_a_right,
        pair.b.title(),
        test.only_b_right,
        p_in_words(test.p)
    ))
}

/// Where the cut-off comes from.
pub(super) fn chosen(cutoff: Cutoff) -> &'static str {
    match cutoff {
        Cutoff::Value(_) => "set by hand",
        Cutoff::Rule(CutoffRule::BadRate) => "taken from the training rows of each fold",
        Cutoff::Rule(_) => "chosen on the validation rows of each fold",
    }
}

/// What the cut-off does to the firms under the first two models.
fn cutoff(compared: &Compared<'_>) -> Option<String> {
    let settings = &compared.spec.settings;
    let of_model = |model: &ModelResult| {
        let outcome = model.outcome(settings.cutoff, &settings.money, Rows::Test)?;
        let bad = outcome.bad_rate_approved().map_or("–".to_owned(), |rate| format!("{:.1} %", 100.0 * rate));
        let recall = outcome.confusion.recall().map_or("–".to_owned(), |recall| format!("{:.1} %", 100.0 * recall));
        let rate = 100.0 * outcome.approval_rate()?;
        Some(format!("{} {rate:.1} % approved, {bad} of them bad, recall {recall}", model.kind.title()))
    };
    let of_each: Vec<String> = compared.comparison.models.iter().take(2).filter_map(of_model).collect();
    (!of_each.is_empty()).then(|| {
        format!(
            "Cut-off: {}, {}, reported on the test rows: {}.",
            settings.cutoff.in_words(),
            chosen(settings.cutoff),
            of_each.join("; ")
        )
    })
}
