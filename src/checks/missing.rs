//! Missing cells: too many, or where they are tells the outcome.

use super::label::are_enough;
use super::words::{listed, share};
use super::{Check, Finding, Subject};
use crate::data::{Kind, Role, Values};
use crate::evaluation::auc;

/// AUC from which where cells are missing tells the outcome.
const TELLING_AUC: f64 = 0.8;

/// Indicators missing in more than half of the rows.
pub(super) fn mostly_missing(subject: &Subject<'_>) -> Option<Finding> {
    let n = subject.table.n_rows();
    let mostly = |&column: &usize| {
        let profile = &subject.profiles[column];
        profile.kind != Kind::Empty && 2 * profile.missing > n
    };
    let columns: Vec<usize> = subject.with_role(Role::Indicator).filter(mostly).collect();
    let text = format!(
        "{} missing in more than half of the rows: what is filled in counts for more there than what is known.",
        listed(&columns, |&c| format!("\"{}\" ({})", subject.name(c), share(subject.profiles[c].missing, n)))
            + if columns.len() == 1 { " is" } else { " are" },
    );
    (!columns.is_empty()).then(|| Finding::set_aside(Check::MostlyMissing, columns, text))
}

/// Where one indicator is missing, or how many are missing in a row, tells the outcome by itself.
pub(super) fn missingness_tells(subject: &Subject<'_>) -> Option<Finding> {
    let data = subject.data?;
    let rows = data.labelled_rows();
    let bad: Vec<bool> = rows.iter().map(|&row| data.bad[row] == Some(true)).collect();
    if !are_enough(&bad) {
        return None;
    }
    let n_bad = bad.iter().filter(|bad| **bad).count();
    let totals = [bad.len() - n_bad, n_bad];
    let mut per_row = vec![0_u32; rows.len()];
    let mut best: Option<(usize, f64, [usize; 2])> = None;
    for (column, indicator) in subject.indicators() {
        if subject.profiles[column].missing == 0 {
            continue;
        }
        let mut missing = [0_usize; 2];
        for (i, &row) in rows.iter().enumerate() {
            let gap = match &indicator.values {
                Values::Numeric(numbers) => numbers[row].is_nan(),
                Values::Category { codes, .. } => codes[row].is_none(),
            };
            if gap {
                missing[usize::from(bad[i])] += 1;
                per_row[i] += 1;
            }
        }
        let share = |class: usize| missing[class] as f64 / totals[class] as f64;
        // The ROC curve of a flag has one corner.
        let auc = f64::midpoint(1.0, (share(1) - share(0)).abs());
        if best.is_none_or(|(_, most, _)| auc > most) {
            best = Some((column, auc, missing));
        }
    }
    let (column, flag, missing) = best?;
    let doubt = "find out whether that was so before the outcome was known";
    if flag > TELLING_AUC {
        let text = format!(
            "Where \"{}\" is missing alone tells the outcome (AUC {flag:.2}; missing in {} of the bad rows and {} of the \
             others): {doubt}.",
            subject.name(column),
            share(missing[1], totals[1]),
            share(missing[0], totals[0]),
        );
        return Some(Finding::set_aside(Check::MissingnessTells, vec![column], text));
    }
    let counts: Vec<f64> = per_row.into_iter().map(f64::from).collect();
    let counted = auc(&bad, &counts).map(|auc| auc.max(1.0 - auc)).filter(|auc| *auc > TELLING_AUC)?;
    let text = format!("How many cells are missing in a row alone tells the outcome (AUC {counted:.2}): {doubt}.");
    Some(Finding { check: Check::MissingnessTells, columns: Vec::new(), text, answers: Vec::new() })
}
