//! What each column of a table holds: numbers or text, how much is missing, which values and how often. A profile
//! describes; it decides nothing about roles (`roles`) and changes no cell.

use std::cmp::Reverse;
use std::fmt;

use serde::Serialize;

use super::table::Table;
use super::written::looks_numeric;

/// How many of the most frequent values a profile keeps.
const LEVELS_KEPT: usize = 20;

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Every cell that is not missing is a number, and there is at least one.
    #[serde(rename = "number")]
    Numeric,
    /// At least one cell that is not missing is no number.
    Text,
    /// Every cell is missing, or there are no rows.
    Empty,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Numeric => "number",
            Self::Text => "text",
            Self::Empty => "empty",
        })
    }
}

/// What one column holds. Moments and extremes are over the numbers present; they are `None` for columns that are not
/// numeric and where the result would not be a finite number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// The column's name in the table.
    pub name: String,
    /// Number, text or empty.
    pub kind: Kind,
    /// Cells that hold a missing token, see [`super::MissingTokens`].
    pub missing: usize,
    /// Exact number of different values among the cells that are not missing. Numbers are compared as numbers: `1` and
    /// `1.0` are one value; text letter by letter.
    pub distinct: usize,
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Sample standard deviation, denominator `n - 1`; `None` below two numbers.
    pub sd: Option<f64>,
    /// Smallest number.
    pub min: Option<f64>,
    /// Largest number.
    pub max: Option<f64>,
    /// The column is numeric and every number is whole.
    pub integer: bool,
    /// Up to 20 most frequent values with their counts, most frequent first, equal counts in order of the numbers or
    /// texts. A number is written as in its first cell.
    pub levels: Vec<(String, usize)>,
}

/// Columns that are text though nearly all their cells look like numbers, in words: what stands where.
///
/// Either a few cells are no numbers, at most one for every four that are, or the numbers are written in different ways.
pub fn almost_numeric(table: &Table, profiles: &[ColumnProfile]) -> Vec<String> {
    let is_text = |(c, profile): &(usize, &ColumnProfile)| profile.kind == Kind::Text && !table.is_declared_text(*c);
    profiles.iter().enumerate().filter(is_text).filter_map(|(c, profile)| almost(table, c, &profile.name)).collect()
}

fn almost(table: &Table, column: usize, name: &str) -> Option<String> {
    let (mut numbers, mut others, mut first) = (0, 0, None);
    for (row, cell) in
        table.column(column).enumerate().filter(|(_, cell)| !table.missing_tokens().holds(name, cell, true))
    {
        if looks_numeric(cell) {
            numbers += 1;
        } else {
            others += 1;
            first.get_or_insert((cell, row));
        }
    }
    match first {
        Some((cell, row)) if numbers >= 4 * others => {
            let are = if others == 1 { "cell is" } else { "cells are" };
            Some(format!(
                "\"{name}\" is read as text, because {others} {are} no number among {numbers} that are; the first is \
                 \"{cell}\" on {}. Correct or empty them to use the column as numbers.",
                table.place(row)
            ))
        }
        None if numbers > 0 => Some(format!(
            "\"{name}\" is read as text, because its {numbers} numbers are not all written in one way: with one decimal \
             mark, one mark between thousands, one currency, percent signs on all or none. Make them alike to use the \
             column as numbers."
        )),
        _ => None,
    }
}

/// Profiles of all columns, `n_columns` values in the table's order.
pub fn profile(table: &Table) -> Vec<ColumnProfile> {
    (0..table.n_columns()).map(|column| profile_column(table, column)).collect()
}

fn profile_column(table: &Table, column: usize) -> ColumnProfile {
    match table.numbers(column) {
        Some(numbers) => {
            let present = numbers.iter().enumerate().filter(|(_, x)| !x.is_nan());
            // + 0.0 makes -0.0 the same value as 0.0 for sorting.
            numeric_profile(table, column, present.map(|(row, x)| (x + 0.0, row)).collect())
        }
        None => text_profile(table, column),
    }
}

fn numeric_profile(table: &Table, column: usize, mut values: Vec<(f64, usize)>) -> ColumnProfile {
    let n = values.len() as f64;
    // Two passes: with values from 1e-4 to 1e9 in one column the textbook sum of squares loses all digits.
    let mean = values.iter().map(|&(x, _)| x).sum::<f64>() / n;
    let squares = values.iter().map(|&(x, _)| (x - mean) * (x - mean)).sum::<f64>();
    let sd = if values.len() > 1 { Some((squares / (n - 1.0)).sqrt()) } else { None };
    let integer = values.iter().all(|&(x, _)| x.fract() == 0.0);

    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let runs: Vec<(usize, usize)> = values.chunk_by(|a, b| a.0 == b.0).map(|run| (run[0].1, run.len())).collect();
    let level = |&(row, count): &(usize, usize)| (table.cell(row, column).to_owned(), count);
    ColumnProfile {
        name: table.names()[column].clone(),
        kind: Kind::Numeric,
        missing: table.n_rows() - values.len(),
        distinct: runs.len(),
        mean: Some(mean).filter(|x| x.is_finite()),
        sd: sd.filter(|x| x.is_finite()),
        min: values.first().map(|v| v.0),
        max: values.last().map(|v| v.0),
        integer,
        levels: most_frequent(&runs, |run| run.1).into_iter().map(level).collect(),
    }
}

fn text_profile(table: &Table, column: usize) -> ColumnProfile {
    let (name, missing) = (&table.names()[column], table.missing_tokens());
    let mut values: Vec<&str> = table.column(column).filter(|cell| !missing.holds(name, cell, false)).collect();
    // A column of nothing but missing tokens is empty, and there `-` is one of them.
    if values.iter().all(|cell| missing.holds(name, cell, true)) {
        values.clear();
    }
    values.sort_unstable();
    let runs: Vec<(&str, usize)> = values.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
    let level = |&(text, count): &(&str, usize)| (text.to_owned(), count);
    ColumnProfile {
        name: table.names()[column].clone(),
        kind: if values.is_empty() { Kind::Empty } else { Kind::Text },
        missing: table.n_rows() - values.len(),
        distinct: runs.len(),
        mean: None,
        sd: None,
        min: None,
        max: None,
        integer: false,
        levels: most_frequent(&runs, |run| run.1).into_iter().map(level).collect(),
    }
}

/// The up to [`LEVELS_KEPT`] of `values` with the highest counts, highest first and equals in the order given; without
/// sorting the many of a column of ratios or looking up their texts.
fn most_frequent<T>(values: &[T], count: impl Fn(&T) -> usize) -> Vec<&T> {
    let order = |&i: &usize| (Reverse(count(&values[i])), i);
    let mut kept: Vec<usize> = (0..values.len()).collect();
    if kept.len() > LEVELS_KEPT {
        kept.select_nth_unstable_by_key(LEVELS_KEPT, order);
        kept.truncate(LEVELS_KEPT);
    }
    kept.sort_unstable_by_key(order);
    kept.into_iter().map(|i| &values[i]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_written_in_different_ways_are_told() {
        let mut table = Table::new(vec!["a".to_owned(), "b".to_owned()]);
        for (i, cell) in ["0,03", "1.5", "NA", "-2,25", "7"].iter().enumerate() {
            table.push_row(i as u64 + 2, [*cell, "x,y"]);
        }
        let told = almost_numeric(&table, &profile(&table));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("\"a\" is read as text, because its 4 numbers are not all written in one way"));
    }

    #[test]
    fn one_bad_cell_among_numbers_is_told() {
        let mut table = Table::new(vec!["margin".to_owned(), "grade".to_owned()]);
        for (i, cell) in ["1.5", "2", "?", "1/0", "3", "4.25", "-"].iter().enumerate() {
            table.push_row(i as u64 + 2, [*cell, if i < 4 { "A" } else { "7" }]);
        }
        let told = almost_numeric(&table, &profile(&table));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("\"margin\" is read as text, because 1 cell is no number among 4"), "{}", told[0]);
        assert!(told[0].contains("\"1/0\" on line 5"));
    }

    fn one_column(cells: &[&str]) -> ColumnProfile {
        let mut table = Table::new(vec!["x".to_owned()]);
        for (i, cell) in cells.iter().enumerate() {
            table.push_row(i as u64 + 2, [*cell]);
        }
        profile(&table).remove(0)
    }

    #[test]
    fn a_numeric_column_by_hand() {
        let profile = one_column(&["2", "4.0", "?", "4", "-", "4", "5", "5", "7", "9", ""]);
        assert_eq!((profile.kind, profile.missing, profile.distinct), (Kind::Numeric, 3, 5));
        // Mean 40 / 8; squares about it 9+1+1+1+0+0+4+16 = 32, over 7.
        assert_eq!(profile.mean, Some(5.0));
        assert!((profile.sd.unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
        assert_eq!((profile.min, profile.max, profile.integer), (Some(2.0), Some(9.0), true));
        assert_eq!(one_column(&["0", "-0.0"]).levels, [("0".to_owned(), 2)]);
        // 4 appears first as 4.0.
        let levels = [("4.0", 3), ("5", 2), ("2", 1), ("7", 1), ("9", 1)];
        assert_eq!(profile.levels, levels.map(|(text, count)| (text.to_owned(), count)));
    }

    #[test]
    fn a_text_column_keeps_its_dashes() {
        let profile = one_column(&["+", "-", "-", "NA", "0"]);
        assert_eq!((profile.kind, profile.missing, profile.distinct), (Kind::Text, 1, 3));
        assert_eq!(profile.levels, [("-", 2), ("+", 1), ("0", 1)].map(|(text, count)| (text.to_owned(), count)));
        assert_eq!(
            (profile.mean, profile.sd, profile.min, profile.max, profile.integer),
            (None, None, None, None, false)
        );
    }

    #[test]
    fn empty_columns() {
        for cells in [&["?", "-", ""][..], &[]] {
            let profile = one_column(cells);
            assert_eq!((profile.kind, profile.missing, profile.distinct), (Kind::Empty, cells.len(), 0));
            assert!(profile.levels.is_empty());
        }
    }

    #[test]
    fn extremes_give_no_infinite_moments() {
        let profile = one_column(&["1e308", "1e308", "-1e308"]);
        assert_eq!((profile.mean, profile.sd, profile.max), (None, None, Some(1e308)));
        let single = one_column(&["-0.0"]);
        assert_eq!((single.mean, single.sd, single.distinct, single.integer), (Some(0.0), None, 1, true));
    }

    #[test]
    fn twenty_levels_are_kept_the_most_frequent() {
        let cells: Vec<String> = (0..30).flat_map(|i| vec![format!("v{i:02}"); 1 + usize::from(i >= 25)]).collect();
        let profile = one_column(&cells.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((profile.distinct, profile.levels.len()), (30, 20));
        assert_eq!(
            (profile.levels[0].0.as_str(), profile.levels[4].1, profile.levels[19].0.as_str()),
            ("v25", 2, "v14")
        );
    }

    #[test]
    fn the_spread_of_large_values_is_exact() {
        let profile = one_column(&["1000000001", "1000000002", "1000000003"]);
        assert_eq!((profile.mean, profile.sd), (Some(1000000002.0), Some(1.0)));
    }
}
