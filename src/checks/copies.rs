//! The same thing twice: rows, columns, and rows on both sides of a split.

use std::collections::BTreeMap;

use super::words::{count, listed, share};
use super::{Action, Answer, Check, Finding, Subject};
use crate::data::{Role, ValidationKind, first_copies, first_equals, mix};

/// Exact copies of rows: equal in every indicator and the label, or in every cell while there is no label.
pub(super) fn duplicate_rows(subject: &Subject<'_>) -> Option<Finding> {
    let (first, equal) = match subject.data {
        Some(data) => (first_copies(data), "every indicator and the label"),
        None => (equal_rows(subject), "every cell"),
    };
    let copies = first.iter().enumerate().filter(|(row, first)| *row != **first).count();
    let validation = subject.validation;
    let divided = subject.splits.iter().any(|split| split.duplicates_on_both_sides > 0);
    let kept = validation.kind.is_random() && validation.keep_duplicates_together && !divided;
    let so = match (subject.data.is_some(), kept) {
        (true, true) => "copies are kept on one side of every split, or a model would be tested on rows it has seen",
        _ => "a copy on the other side of a split lets a model be tested on rows it has seen",
    };
    let text = format!(
        "{} of {} ({}) {} equal to an earlier row in {equal}: {so}.",
        copies,
        count(first.len(), "row"),
        share(copies, first.len()),
        if copies == 1 { "is" } else { "are" },
    );
    let answers = keep_together(subject);
    (copies > 0).then_some(Finding { check: Check::DuplicateRows, columns: Vec::new(), text, answers })
}

/// Of each row of the table the first that is equal to it in every cell; numbers as numbers, column by column.
fn equal_rows(subject: &Subject<'_>) -> Vec<usize> {
    let table = subject.table;
    let mut hashes = vec![0; table.n_rows()];
    for column in 0..table.n_columns() {
        match table.numbers(column) {
            Some(numbers) => hashes.iter_mut().zip(numbers.iter()).for_each(|(hash, &x)| *hash = mix(*hash, bits(x))),
            None => hashes.iter_mut().zip(table.column(column)).for_each(|(hash, cell)| *hash = text_hash(*hash, cell)),
        }
    }
    let equal = |a: usize, b: usize| {
        (0..table.n_columns()).all(|column| match table.numbers(column) {
            Some(numbers) => bits(numbers[a]) == bits(numbers[b]),
            None => table.cell(a, column) == table.cell(b, column),
        })
    };
    first_equals(hashes, equal)
}

fn text_hash(hash: u64, text: &str) -> u64 {
    let block = |block: &[u8]| {
        let mut bytes = [0; 8];
        bytes[..block.len()].copy_from_slice(block);
        u64::from_le_bytes(bytes)
    };
    text.as_bytes().chunks(8).fold(mix(hash, text.len() as u64), |hash, bytes| mix(hash, block(bytes)))
}

fn keep_together(subject: &Subject<'_>) -> Vec<Answer> {
    let divided = subject.validation.kind.is_random() && !subject.validation.keep_duplicates_together;
    let answer = Answer { title: "Keep copies together", action: Action::KeepDuplicatesTogether };
    divided.then_some(answer).into_iter().collect()
}

/// Copies that stand on both sides of a split all the same.
pub(super) fn on_both_sides(subject: &Subject<'_>) -> Option<Finding> {
    let worst = subject.splits.iter().max_by_key(|split| split.duplicates_on_both_sides)?;
    if worst.duplicates_on_both_sides == 0 {
        return None;
    }
    let because = match subject.validation.kind {
        ValidationKind::Grouped => ", because whole enterprises are dealt out",
        ValidationKind::OutOfTime => ", because the periods decide",
        ValidationKind::Column => ", because the split column decides",
        _ if subject.validation.keep_duplicates_together => ", because they are too many for one side",
        _ => "",
    };
    let (tested, n) = (worst.duplicates_on_both_sides, worst.test.rows);
    let text = format!(
        "{}{} of {} tested ({}) {} an exact copy among the rows learned from{because}: the figures come out a little too \
         good.",
        if subject.splits.len() > 1 { "Up to " } else { "" },
        tested,
        count(n, "row"),
        share(tested, n),
        if tested == 1 { "has" } else { "have" },
    );
    let answers = keep_together(subject);
    Some(Finding { check: Check::DuplicatesOnBothSides, columns: Vec::new(), text, answers })
}

/// Indicators equal to another in every row; those with one value are told of elsewhere.
pub(super) fn duplicate_columns(subject: &Subject<'_>) -> Option<Finding> {
    let columns: Vec<usize> =
        subject.with_role(Role::Indicator).filter(|&c| subject.profiles[c].distinct > 1).collect();
    let hashes = columns.iter().map(|&column| column_hash(subject, column)).collect();
    let first = first_equals(hashes, |a, b| are_equal(subject, columns[a], columns[b]));
    let mut alike: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, &leader) in first.iter().enumerate().filter(|(i, leader)| i != *leader) {
        alike.entry(leader).or_default().push(columns[i]);
    }
    if alike.is_empty() {
        return None;
    }
    let pairs: Vec<(usize, Vec<usize>)> = alike.into_iter().map(|(leader, copies)| (columns[leader], copies)).collect();
    let quoted = |&column: &usize| format!("\"{}\"", subject.name(column));
    let text = format!(
        "{} in every row: the same indicator twice has twice the weight and tells nothing more.",
        listed(&pairs, |(leader, copies)| {
            let equal = if copies.len() == 1 { "equals" } else { "equal" };
            format!("{} {equal} {}", listed(copies, quoted), quoted(leader))
        })
    );
    let later = pairs.into_iter().flat_map(|(_, copies)| copies).collect();
    Some(Finding::set_aside(Check::DuplicateColumn, later, text))
}

/// A number as bits that are equal exactly for equal numbers, all NaN alike.
fn bits(x: f64) -> u64 {
    // Adding 0 makes −0 the same as 0.
    if x.is_nan() { f64::NAN.to_bits() } else { (x + 0.0).to_bits() }
}

fn column_hash(subject: &Subject<'_>, column: usize) -> u64 {
    match subject.table.numbers(column) {
        Some(numbers) => numbers.iter().fold(1, |hash, &x| mix(hash, bits(x))),
        None => subject.table.column(column).fold(2, text_hash),
    }
}

fn are_equal(subject: &Subject<'_>, a: usize, b: usize) -> bool {
    let table = subject.table;
    match (table.numbers(a), table.numbers(b)) {
        (Some(a), Some(b)) => a.iter().map(|&x| bits(x)).eq(b.iter().map(|&x| bits(x))),
        (None, None) => table.column(a).eq(table.column(b)),
        _ => false,
    }
}
