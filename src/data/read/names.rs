//! Names of columns: whether the first record holds them, and how they become unique and never empty.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::data::missing::MissingTokens;
use crate::data::written::{looks_numeric, number};

/// Records below the first that are looked at.
pub(super) const LOOKED_AT: usize = 50;

/// Whether `first` holds names and not values, seen against the records `below` it, as long as itself.
///
/// It does unless a number or missing token in it stands where every cell below is a number or missing too, and no text
/// in it stands above such a column. Years are names, and so are numbers that go up in equal steps, as programs write
/// that number their columns.
pub(super) fn has_names(first: &[Cow<'_, str>], below: &[Vec<Cow<'_, str>>]) -> bool {
    let missing = MissingTokens::default();
    let is_missing = |cell: &str| missing.holds("", cell, true);
    let is_value = |cell: &str| looks_numeric(cell) || (!cell.is_empty() && is_missing(cell));
    let is_year = |cell: &str| number(cell).is_some_and(|x| x.fract() == 0.0 && (1900.0..=2100.0).contains(&x));
    let mut values = 0;
    for (column, cell) in first.iter().map(|cell| cell.trim()).enumerate() {
        let mut cells = below.iter().map(|row| row[column].trim()).filter(|cell| !is_missing(cell)).peekable();
        let numeric = cells.peek().is_some() && cells.all(looks_numeric);
        if numeric && is_value(cell) && !is_year(cell) {
            values += 1;
        } else if numeric && !cell.is_empty() && !is_value(cell) {
            return true;
        }
    }
    values == 0 || in_equal_steps(first)
}

/// Whether the numbers among the cells, at least two, go up in equal steps.
fn in_equal_steps(cells: &[Cow<'_, str>]) -> bool {
    let numbers: Vec<f64> = cells.iter().filter_map(|cell| number(cell.trim())).collect();
    let steps: Vec<f64> = numbers.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.first().is_some_and(|&step| step > 0.0 && steps.iter().all(|s| (s - step).abs() <= 1e-6 * step))
}

/// Told when the first record was found to be a row.
pub(super) const NO_NAMES: &str = "The first line looks like a row and not like names: it is kept as a row, and the \
    columns are numbered. Say that there is a header if that is wrong.";

/// Names for columns that have none in the file.
pub(super) fn numbered(columns: usize) -> Vec<String> {
    (1..=columns).map(|i| format!("column {i}")).collect()
}

/// Column names from the header's cells: blanks and line breaks inside become one space, empty names get their number,
/// repeated names a count. Each change of substance is noted.
pub(super) fn column_names(cells: &[Cow<'_, str>], notes: &mut Vec<String>) -> Vec<String> {
    let written: Vec<String> = cells.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    // Names that stand in the file keep them; made-up ones must not collide with any.
    let given: HashSet<&str> = written.iter().map(String::as_str).collect();
    let mut used = HashSet::new();
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut names = Vec::with_capacity(written.len());
    for (i, name) in written.iter().enumerate() {
        let base = if name.is_empty() { format!("column {}", i + 1) } else { name.clone() };
        let times = times.entry(base.clone()).or_insert(0);
        let unique = loop {
            *times += 1;
            let candidate = if *times == 1 { base.clone() } else { format!("{base} ({times})") };
            if !used.contains(&candidate) && (candidate == *name || !given.contains(candidate.as_str())) {
                break candidate;
            }
        };
        if name.is_empty() {
            notes.push(format!("Column {} has no name: it is called \"{unique}\".", i + 1));
        } else if unique != *name {
            notes.push(format!("Column {} repeats the name \"{name}\": it is called \"{unique}\".", i + 1));
        }
        used.insert(unique.clone());
        names.push(unique);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> bool {
        let mut rows: Vec<Vec<Cow<'_, str>>> =
            text.lines().map(|line| line.split(',').map(Cow::Borrowed).collect()).collect();
        let first = rows.remove(0);
        has_names(&first, &rows)
    }

    #[test]
    fn first_records_that_hold_names() {
        for text in
            ["a,b\n1,2", "firm,2019,2020\na,1,2", ",0,1,2\nx,5,6,7", "a,b\nx,y", "400.5,401.5,402.5\n1,2,3", "1,a\n5,6"]
        {
            assert!(names(text), "{text}");
        }
    }

    #[test]
    fn first_records_that_are_rows() {
        for text in ["b,30.8,?,u\na,58.6,4,u", "5.1,3.5,1.4\n4.9,3.0,1.4", "A,2019,0.5\nB,2020,0.7", "x,NA\ny,5"] {
            assert!(!names(text), "{text}");
        }
    }
}
