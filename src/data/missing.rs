//! Which cells say that a value is not known: tokens that hold for the whole table, and codes such as 255 or −999 that a
//! person declares for one column or for all.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::table::Table;
use super::written::same_value;

/// A value that stands for "not known".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingCode {
    /// The column it holds for; all when left out.
    #[serde(default)]
    pub column: Option<String>,
    /// The value, compared as a number where both are numbers: `-999` is also `-999.0`.
    pub value: String,
}

/// What counts as missing. An empty cell always does; so does, among numbers, one that no finite number can hold: `inf`,
/// `1e999`.
///
/// Words that may be values stay: `none` is a category in the German credit table, and `nil` and 无 may mean zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MissingTokens {
    /// Texts, compared without regard to the case of ASCII letters. Default: `?`, `NA`, `N/A`, `n.a.`, `NaN` and `null` in
    /// their usual forms, `\\N` of databases, and the errors of spreadsheets such as `#DIV/0!`.
    pub tokens: Vec<String>,
    /// Texts that count only where the rest of the column is numbers, because elsewhere they may be values: the label of
    /// the UCI Japanese credit table is `+` or `-`. Default: dashes, points and stars, `missing`, `unknown`.
    pub among_numbers: Vec<String>,
    /// Values declared missing. Default none.
    pub codes: Vec<MissingCode>,
}

const TOKENS: [&str; 24] = [
    "?", "NA", "N/A", "n.a.", "n.a", "<NA>", "NaN", "-NaN", "null", "<null>", "(null)", "\\N", "#N/A", "#N/A N/A",
    "#NA", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "1.#QNAN", "1.#IND", "-1.#IND",
];

const AMONG_NUMBERS: [&str; 15] =
    ["-", "--", "---", "–", "—", "——", ".", "..", "...", "…", "*", "missing", "unknown", "n.d.", "不适用"];

impl Default for MissingTokens {
    fn default() -> Self {
        let list = |tokens: &[&str]| tokens.iter().map(|&token| token.to_owned()).collect();
        Self { tokens: list(&TOKENS), among_numbers: list(&AMONG_NUMBERS), codes: Vec::new() }
    }
}

impl MissingTokens {
    /// Whether a cell of `column`, blanks trimmed before, says that its value is not known.
    pub fn holds(&self, column: &str, cell: &str, otherwise_numeric: bool) -> bool {
        cell.is_empty()
            || self.tokens.iter().any(|token| cell.eq_ignore_ascii_case(token))
            || (otherwise_numeric
                && (self.among_numbers.iter().any(|token| cell.eq_ignore_ascii_case(token)) || is_beyond_numbers(cell)))
            || self.is_code(column, cell)
    }

    /// Makes `token` count as missing in every column.
    pub fn add(&mut self, token: &str) {
        self.remove(token);
        self.tokens.push(token.to_owned());
    }

    /// Makes `token` a value in every column, unless a code says otherwise.
    pub fn remove(&mut self, token: &str) {
        for list in [&mut self.tokens, &mut self.among_numbers] {
            list.retain(|kept| !kept.eq_ignore_ascii_case(token));
        }
    }

    /// Whether a cell of `column` is a value declared missing.
    pub(super) fn is_code(&self, column: &str, cell: &str) -> bool {
        let here = |code: &&MissingCode| code.column.as_deref().is_none_or(|name| name == column);
        self.codes.iter().filter(here).any(|code| same_value(&code.value, cell))
    }

    /// Whether any code is declared for `column`.
    pub(super) fn has_codes(&self, column: &str) -> bool {
        self.codes.iter().any(|code| code.column.as_deref().is_none_or(|name| name == column))
    }

    /// Whether a code is declared for `column` by its name.
    pub(super) fn has_own_codes(&self, column: &str) -> bool {
        self.codes.iter().any(|code| code.column.as_deref() == Some(column))
    }
}

/// Whether the cell is a number that no finite one can hold: infinite by name or by size.
pub(super) fn is_beyond_numbers(cell: &str) -> bool {
    cell.parse().is_ok_and(f64::is_infinite)
}

/// How many cells are missing because they say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenCount {
    /// What the cells say, ASCII letters small; empty for empty cells.
    pub token: String,
    /// Number of cells.
    pub cells: usize,
    /// Columns (index in the table) that have such cells with their number, in the table's order.
    pub columns: Vec<(usize, usize)>,
}

/// What stands in the missing cells of a table: empty cells first, then by the number of cells, the most frequent first.
pub(super) fn token_counts(table: &Table) -> Vec<TokenCount> {
    let columns: Vec<BTreeMap<String, usize>> =
        (0..table.n_columns()).into_par_iter().map(|column| tokens_of(table, column)).collect();
    let mut counts: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for (column, tokens) in columns.into_iter().enumerate() {
        for (token, count) in tokens {
            counts.entry(token).or_default().push((column, count));
        }
    }
    let count = |(token, columns): (String, Vec<(usize, usize)>)| TokenCount {
        token,
        cells: columns.iter().map(|(_, cells)| cells).sum(),
        columns,
    };
    let mut counts: Vec<TokenCount> = counts.into_iter().map(count).collect();
    counts.sort_by_key(|count| (!count.token.is_empty(), std::cmp::Reverse(count.cells)));
    counts
}

/// What the missing cells of a column say, and how often.
fn tokens_of(table: &Table, column: usize) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = |cell: &str| match counts.get_mut(cell) {
        Some(count) => *count += 1,
        None => *counts.entry(cell.to_ascii_lowercase()).or_insert(0) += 1,
    };
    if let Some(numbers) = table.numbers(column) {
        let missing = numbers.iter().enumerate().filter(|(_, x)| x.is_nan());
        missing.for_each(|(row, _)| count(table.cell(row, column)));
    } else {
        let name = &table.names()[column];
        table.column(column).filter(|cell| table.missing_tokens().holds(name, cell, false)).for_each(count);
    }
    counts
}

/// What a person should know about the missing cells of a table: numbers that are none, and codes of no column.
pub(super) fn missing_notes(table: &Table, counts: &[TokenCount]) -> Vec<String> {
    let mut notes = Vec::new();
    let beyond: Vec<&TokenCount> = counts.iter().filter(|count| is_beyond_numbers(&count.token)).collect();
    let cells: usize = beyond.iter().map(|count| count.cells).sum();
    let first = beyond.iter().flat_map(|count| &count.columns).map(|&(column, _)| column).min();
    let place = |column| {
        let row = (0..table.n_rows()).find(|&row| is_beyond_numbers(table.cell(row, column)))?;
        Some((table.cell(row, column), table.line(row), &table.names()[column]))
    };
    if let Some((cell, line, name)) = first.and_then(place) {
        let are =
            if cells == 1 { "cell is no finite number and counts" } else { "cells are no finite numbers and count" };
        notes.push(format!("{cells} {are} as missing; the first is \"{cell}\" in \"{name}\" on line {line}."));
    }
    for code in &table.missing_tokens().codes {
        if let Some(name) = code.column.as_deref().filter(|name| table.position(name).is_none()) {
            notes.push(format!(
                "No column is called \"{name}\": \"{}\" is declared missing there to no effect.",
                code.value
            ));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_hold_in_any_case_and_a_dash_among_numbers_only() {
        let missing = MissingTokens::default();
        for cell in ["", "?", "NA", "na", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A", "n.a.", "#div/0!", "\\N"]
        {
            assert!(missing.holds("x", cell, false) && missing.holds("x", cell, true), "{cell}");
        }
        for cell in ["-", "--", "—", ".", "Unknown", "inf", "-Infinity", "1e999"] {
            assert!(missing.holds("x", cell, true) && !missing.holds("x", cell, false), "{cell}");
        }
        for cell in ["0", "none", "nil", "nano", "N", "+", "Na tion", "无", "1e99"] {
            assert!(!missing.holds("x", cell, true), "{cell}");
        }
    }

    #[test]
    fn codes_hold_where_they_are_declared() {
        let code = |column: Option<&str>, value: &str| MissingCode {
            column: column.map(str::to_owned),
            value: value.to_owned(),
        };
        let missing = MissingTokens { codes: vec![code(Some("age"), "255"), code(None, "-999")], ..Default::default() };
        assert!(missing.holds("age", "255.0", true) && !missing.holds("income", "255", true));
        assert!(missing.holds("income", "-999", true) && missing.holds("age", "-999.00", false));
    }

    #[test]
    fn the_list_can_be_changed() {
        let mut missing = MissingTokens::default();
        missing.remove("na");
        missing.add("None");
        missing.add("-");
        assert!(!missing.holds("x", "NA", true) && missing.holds("x", "none", false) && missing.holds("x", "-", false));
        missing.remove("-");
        assert!(!missing.holds("x", "-", true));
    }

    #[test]
    fn what_the_missing_cells_say_is_counted() {
        let mut table = Table::new(["a", "b", "c"].map(str::to_owned).to_vec());
        for (line, row) in [["1", "x", "?"], ["", "NA", "?"], ["na", "-", ""], ["inf", "y", "NA"]].iter().enumerate() {
            table.push_row(line as u64 + 2, row.iter().copied());
        }
        let counts = token_counts(&table);
        let told: Vec<_> = counts.iter().map(|c| (c.token.as_str(), c.cells, c.columns.as_slice())).collect();
        let expected = [
            ("", 2, &[(0, 1), (2, 1)][..]),
            ("na", 3, &[(0, 1), (1, 1), (2, 1)]),
            ("?", 2, &[(2, 2)]),
            ("inf", 1, &[(0, 1)]),
        ];
        assert_eq!(told, expected);
        let notes = missing_notes(&table, &counts);
        assert_eq!(
            notes,
            ["1 cell is no finite number and counts as missing; the first is \"inf\" in \"a\" on line 5."]
        );
    }
}
