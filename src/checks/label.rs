//! Indicators that tell the label outright, and labels with too few rows of an outcome.

use super::words::{count, listed};
use super::{Check, Finding, Subject};
use crate::data::{Dataset, Indicator, Values};
use crate::evaluation::{FEWEST_BAD_ROWS, auc};

/// A single column's AUC from which it can hardly be known before the outcome.
const TELLING_AUC: f64 = 0.98;

/// Different numbers up to which a column may be a code whose levels tell the outcome without being in order.
const MOST_CODES: usize = 20;

/// Rows of either outcome below which a high AUC may be chance: the odds that ten and ten rows of one column fall in
/// order are 1 to 92,377 either way, small against the number of columns of any table but the widest.
pub(super) const FEWEST_ROWS: usize = 10;

/// Indicators whose values, or whose levels, tell the outcome by themselves.
pub(super) fn near_copies(subject: &Subject<'_>) -> Option<Finding> {
    let data = subject.data?;
    let told: Vec<(usize, f64)> = subject
        .indicators()
        .filter_map(|(column, indicator)| {
            let numbers = single_auc(data, indicator).map(|auc| auc.max(1.0 - auc)).filter(|auc| *auc > TELLING_AUC);
            let found = numbers.or_else(|| {
                levels_auc(data, indicator, subject.profiles[column].distinct).filter(|auc| *auc > TELLING_AUC)
            });
            found.map(|auc| (column, auc))
        })
        .collect();
    let text = format!(
        "{} alone {} the outcome (AUC {}): such a column is mostly written down when the outcome is known, and then it is a \
         copy of the label.",
        listed(&told, |(column, _)| format!("\"{}\"", subject.name(*column))),
        if told.len() == 1 { "nearly tells" } else { "each nearly tell" },
        listed(&told, |(_, auc)| format!("{auc:.3}")),
    );
    let columns: Vec<usize> = told.iter().map(|(column, _)| *column).collect();
    (!columns.is_empty()).then(|| Finding::set_aside(Check::NearCopyOfLabel, columns, text))
}

/// Whether both outcomes have enough rows for an AUC to mean something.
pub(super) fn are_enough(bad: &[bool]) -> bool {
    let n_bad = bad.iter().filter(|bad| **bad).count();
    n_bad.min(bad.len() - n_bad) >= FEWEST_ROWS
}

/// AUC of a numeric indicator over the labelled rows that have it, ties counting one half.
fn single_auc(data: &Dataset, indicator: &Indicator) -> Option<f64> {
    let Values::Numeric(numbers) = &indicator.values else { return None };
    let present = numbers.iter().zip(&data.bad).filter(|(x, _)| !x.is_nan());
    let (bad, score): (Vec<bool>, Vec<f64>) = present.filter_map(|(&x, bad)| Some(((*bad)?, x))).unzip();
    if are_enough(&bad) { auc(&bad, &score) } else { None }
}

/// AUC of the share of bad rows among the *other* rows of the same level. Leaving the row itself out, levels of one row
/// tell nothing and levels that have nothing to do with the outcome do not seem to.
fn levels_auc(data: &Dataset, indicator: &Indicator, distinct: usize) -> Option<f64> {
    let codes: Vec<Option<u32>> = match &indicator.values {
        Values::Category { codes, .. } => codes.clone(),
        Values::Numeric(numbers) if distinct <= MOST_CODES => number_codes(numbers),
        Values::Numeric(_) => return None,
    };
    let levels = codes.iter().flatten().max().map_or(0, |last| *last as usize + 1);
    let mut counts = vec![[0_usize; 2]; levels];
    let known = || codes.iter().zip(&data.bad).filter_map(|(code, bad)| Some(((*code)? as usize, (*bad)?)));
    known().for_each(|(code, bad)| counts[code][usize::from(bad)] += 1);
    let bad: Vec<bool> = known().map(|(_, bad)| bad).collect();
    if !are_enough(&bad) {
        return None;
    }
    let overall = bad.iter().filter(|bad| **bad).count() as f64 / bad.len() as f64;
    let others = |(code, bad): (usize, bool)| {
        let [good_rows, bad_rows] = counts[code];
        let n = good_rows + bad_rows - 1;
        if n == 0 { overall } else { (bad_rows - usize::from(bad)) as f64 / n as f64 }
    };
    auc(&bad, &known().map(others).collect::<Vec<f64>>())
}

/// Codes of a few different numbers, in order of appearance.
fn number_codes(numbers: &[f64]) -> Vec<Option<u32>> {
    let mut seen: Vec<f64> = Vec::new();
    let code = |&x: &f64| {
        let place = seen.iter().position(|&y| y == x).unwrap_or_else(|| {
            seen.push(x);
            seen.len() - 1
        });
        place as u32
    };
    let mut code = code;
    numbers.iter().map(|x| (!x.is_nan()).then(|| code(x))).collect()
}

/// Fewer rows of an outcome than anything can be concluded from.
pub(super) fn few_rows(subject: &Subject<'_>) -> Option<Finding> {
    let data = subject.data?;
    let (bad, labelled) = (data.n_bad(), data.n_labelled());
    let (few, which) = if bad < labelled - bad { (bad, "bad") } else { (labelled - bad, "not bad") };
    let text = format!(
        "Only {few} of {} {} {which}: with fewer than {FEWEST_BAD_ROWS} nothing can be concluded about any model.",
        count(labelled, "labelled row"),
        if few == 1 { "is" } else { "are" },
    );
    (few < FEWEST_BAD_ROWS).then_some(Finding {
        check: Check::FewRowsOfOutcome,
        columns: Vec::new(),
        text,
        answers: Vec::new(),
    })
}
