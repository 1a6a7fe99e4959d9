//! What each column of a table holds: numbers or text, how much is missing, which values and how often. A profile
//! describes; it decides nothing about roles (`roles`) and changes no cell.

mod numeric;
mod sort;
mod text;

use std::fmt;

use rayon::prelude::*;
use serde::Serialize;

use self::sort::Room;
use super::progress::{Progress, stage};
use super::table::Table;
use super::written::looks_numeric;

/// How many of the most frequent values a profile keeps.
const LEVELS_KEPT: usize = 20;

/// The shares of a column's numbers below which [`ColumnProfile::quantiles`] lie.
pub const QUANTILES: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

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

/// How numbers are spread over bins of equal width.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// Lower border of the first bin.
    pub lower: f64,
    /// Width of a bin; zero when all numbers are the same fraction.
    pub width: f64,
    /// Numbers in each bin, from `lower + i * width` up to but without `lower + (i + 1) * width`; the last bin is closed.
    /// At least one bin, at most 40.
    pub counts: Vec<usize>,
    /// Numbers below the first bin.
    pub below: usize,
    /// Numbers above the last bin.
    pub above: usize,
}

/// What one column holds. Moments, quantiles and extremes are over the numbers present; they are `None` for columns that are not
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
    /// The quantiles of [`QUANTILES`] in that order, with linear interpolation between the two nearest numbers (type 7
    /// of Hyndman & Fan 1996, the default of R and numpy).
    pub quantiles: Option<[f64; 7]>,
    /// Numbers further than three interquartile ranges outside the quartiles (Tukey 1977, "far out"); `None` when the
    /// quartiles are equal, where every other number would be one.
    pub outliers: Option<usize>,
    /// How the numbers are spread: from the smallest to the largest, or from the 1st to the 99th percentile when the
    /// extremes would leave little of the picture to the others. Whole numbers get bins of a whole width, one a value
    /// when there is room.
    pub histogram: Option<Histogram>,
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
    let texts: Vec<(usize, &ColumnProfile)> = profiles.iter().enumerate().filter(is_text).collect();
    texts.into_par_iter().filter_map(|(c, profile)| almost(table, c, &profile.name)).collect()
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
            // What is left cannot make up for them.
            if 5 * others > table.n_rows() {
                return None;
            }
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
    profile_with(table, &Progress::new()).unwrap_or_default()
}

/// As [`profile`], with its progress; `None` when stopped.
pub(super) fn profile_with(table: &Table, progress: &Progress) -> Option<Vec<ColumnProfile>> {
    let n = table.n_columns();
    let one = |room: &mut Room, column| {
        progress.part_done(stage::PROFILES, n).then(|| match table.numbers(column) {
            Some(numbers) => numeric::profile(table, column, numbers, room),
            None => text::profile(table, column),
        })
    };
    (0..n).into_par_iter().map_init(Room::default, one).collect()
}

#[cfg(test)]
mod tests;
