//! A table of results once: the page, CSV, a workbook and the clipboard are made from it.
//!
//! A page shows figures as they are read, an estimate with its deviation and interval in one cell; a file has a column for each
//! number, unrounded. What is undefined is a dash on the page and empty in a file.

mod flat;
mod xlsx;

pub use self::xlsx::workbook;
use super::verdict_text::p_value;
use crate::evaluation::percent;

/// A table of a document; by default one without a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportTable {
    /// Of its file or sheet, without an ending: small letters and underscores.
    pub name: String,
    /// What it shows, of which rows: a sentence.
    pub caption: String,
    /// Its columns; the first names the row.
    pub columns: Vec<Column>,
    /// As many cells in each row as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub title: String,
    /// What is in its cells.
    pub holds: ColumnKind,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, set from the left.
    Words,
    /// Single numbers.
    Numbers,
    /// [`Cell::Estimate`]: in a file a column each for mean, sd, low and high.
    Estimates,
    /// [`Cell::Range`]: in a file a column each for the lowest and the highest.
    Ranges,
}

/// How a finding is marked, by a shape as well as by a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// As it should be.
    Green,
    /// To be watched.
    Amber,
    /// To be acted on.
    Red,
    /// Nothing can be said.
    Grey,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text.
    Words(String),
    /// A number in a unit of its own, shown with so many decimals.
    Number(Option<f64>, usize),
    /// How many.
    Count(Option<usize>),
    /// A share in 0..=1, shown in per cent to a tenth.
    Share(Option<f64>),
    /// A probability in 0..=1 that the data support a statement, shown in per cent, and never as 0 or 100 unless it is.
    Chance(Option<f64>),
    /// A p-value.
    P(Option<f64>),
    /// An amount in whole units, with the sign of its currency.
    Money(Option<f64>, String),
    /// A mean over folds.
    Estimate {
        /// The mean.
        mean: Option<f64>,
        /// Its standard deviation over the folds.
        sd: Option<f64>,
        /// Ends of its 95 % interval.
        interval: Option<[f64; 2]>,
        /// Decimals shown.
        decimals: usize,
        /// Whether it is the best of its row.
        best: bool,
    },
    /// The smallest and the largest of several, shown as one number where they are the same, with so many decimals.
    Range(Option<[f64; 2]>, usize),
    /// A finding in a word or a few.
    Finding(Light, String),
}

impl ReportTable {
    /// An empty table with these heads.
    pub fn new<T: Into<String>>(
        name: &str,
        caption: impl Into<String>,
        columns: impl IntoIterator<Item = (T, ColumnKind)>,
    ) -> Self {
        let column = |(title, holds): (T, ColumnKind)| Column { title: title.into(), holds };
        let columns = columns.into_iter().map(column).collect();
        Self { name: name.to_owned(), caption: caption.into(), columns, rows: Vec::new() }
    }

    /// What is what, in two columns.
    pub(super) fn facts(name: &str, caption: &str, facts: Vec<(&str, String)>) -> Self {
        let mut table = Self::new(name, caption, [("What", ColumnKind::Words), ("Value", ColumnKind::Words)]);
        table.rows = facts.into_iter().map(|(what, is)| vec![what.into(), is.into()]).collect();
        table
    }
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<String> for Cell {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(Some(count))
    }
}

impl Cell {
    /// As a person reads it, in one line; an estimate without its interval.
    pub fn shown(&self) -> String {
        match self {
            Self::Words(words) | Self::Finding(_, words) => words.clone(),
            Self::Number(value, decimals) => number(*value, *decimals),
            Self::Count(count) => count.map_or_else(dash, |n| grouped(&n.to_string())),
            Self::Share(share) => share_text(*share),
            Self::Chance(p) => p.map_or_else(dash, percent),
            Self::P(p) => p.map_or_else(dash, p_value),
            Self::Money(amount, currency) => money(*amount, currency),
            Self::Estimate { mean, sd: Some(sd), decimals, .. } if mean.is_some() => {
                format!("{} ± {}", number(*mean, *decimals), number(Some(*sd), *decimals))
            }
            Self::Estimate { mean, decimals, .. } => number(*mean, *decimals),
            Self::Range(None, _) => dash(),
            Self::Range(Some([from, to]), decimals) => {
                let [low, high] = [from, to].map(|end| number(Some(*end), *decimals));
                if low == high { low } else { format!("{low} to {high}") }
            }
        }
    }

    /// The interval of an estimate as a person reads it: "0.871 to 0.932".
    pub fn shown_interval(&self) -> Option<String> {
        match self {
            Self::Estimate { interval: Some([low, high]), decimals, .. } => {
                Some(format!("{} to {}", number(Some(*low), *decimals), number(Some(*high), *decimals)))
            }
            _ => None,
        }
    }
}

fn dash() -> String {
    "–".to_owned()
}

/// A number, or a dash where it is undefined.
pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value.filter(|value| value.is_finite()).map_or_else(dash, |value| {
        let text = format!("{value:.decimals$}");
        // A minus before nothing but zeros would say that there is a difference.
        let is_zero = !text.contains(|c: char| c.is_ascii_digit() && c != '0');
        if is_zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "−") }
    })
}

/// A share in per cent to a tenth, or a dash.
pub(super) fn share_text(share: Option<f64>) -> String {
    share.map_or_else(dash, |share| format!("{} %", number(Some(100.0 * share), 1)))
}

/// An amount in whole units with its currency, or a dash: "€ 1,234,567".
pub(super) fn money(amount: Option<f64>, currency: &str) -> String {
    let Some(amount) = amount.filter(|amount| amount.is_finite()) else { return dash() };
    let digits = grouped(&format!("{:.0}", amount.abs()));
    let sign = if amount <= -0.5 { "−" } else { "" };
    format!("{currency} {sign}{digits}").trim_start().to_owned()
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests;
