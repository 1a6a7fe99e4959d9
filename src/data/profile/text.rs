//! Profiles of columns of texts.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{ColumnProfile, Kind, LEVELS_KEPT};
use crate::data::table::Table;

/// The profile of a column that has no numbers.
pub(super) fn profile(table: &Table, column: usize) -> ColumnProfile {
    let (name, missing) = (&table.names()[column], table.missing_tokens());
    let mut counts: HashMap<&str, usize, RandomState> = HashMap::default();
    for cell in table.column(column) {
        *counts.entry(cell).or_default() += 1;
    }
    // Each text is looked at once, however often it stands there.
    let mut values: Vec<(&str, usize)> =
        counts.into_iter().filter(|(cell, _)| !missing.holds(name, cell, false)).collect();
    // A column of nothing but missing tokens is empty, and there `-` is one of them.
    if values.iter().all(|(cell, _)| missing.holds(name, cell, true)) {
        values.clear();
    }
    let present: usize = values.iter().map(|(_, count)| count).sum();
    let distinct = values.len();
    let order = |a: &(&str, usize), b: &(&str, usize)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
    // Without sorting the many of a column of names.
    if values.len() > LEVELS_KEPT {
        values.select_nth_unstable_by(LEVELS_KEPT, order);
        values.truncate(LEVELS_KEPT);
    }
    values.sort_unstable_by(order);
    ColumnProfile {
        name: name.clone(),
        kind: if distinct == 0 { Kind::Empty } else { Kind::Text },
        missing: table.n_rows() - present,
        distinct,
        mean: None,
        sd: None,
        min: None,
        max: None,
        quantiles: None,
        outliers: None,
        histogram: None,
        integer: false,
        levels: values.into_iter().map(|(text, count)| (text.to_owned(), count)).collect(),
    }
}
