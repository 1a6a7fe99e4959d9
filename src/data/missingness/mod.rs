//! Where cells are missing: in which columns and how often, in good and bad rows, in which columns together, and where
//! from the top of the table to its bottom.

use std::cmp::Reverse;
use std::collections::HashMap;

use ndarray::Array2;
use rayon::prelude::*;

use super::table::Table;

/// Sets of columns missing together that are listed, at most.
const PATTERNS: usize = 20;
/// Columns in the picture, at most.
const PICTURE_COLUMNS: usize = 200;
/// Bins of rows in the picture, at most.
const PICTURE_BINS: usize = 200;

/// A column with missing cells.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingColumn {
    /// Its index in the table.
    pub column: usize,
    /// Number of missing cells, at least 1.
    pub missing: usize,
    /// Share of missing cells among bad rows, from 0 to 1; `None` when there are none.
    pub share_of_bad: Option<f64>,
    /// Share among rows that are labelled and not bad.
    pub share_of_good: Option<f64>,
}

/// Columns that are missing together, and nothing else with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPattern {
    /// Indices in the table, ascending. At least one.
    pub columns: Vec<usize>,
    /// Rows in which just these are missing.
    pub rows: usize,
}

/// Where cells are missing in a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Missingness {
    /// Columns with missing cells, the most first, equals in the order of the table.
    pub columns: Vec<MissingColumn>,
    /// Rows without any.
    pub complete_rows: usize,
    /// The 20 most frequent patterns, the most frequent first, equals as they first appear.
    pub patterns: Vec<MissingPattern>,
    /// Number of different patterns in all, the complete rows not counted.
    pub n_patterns: usize,
    /// Share of missing cells, from 0 to 1, `(bins, columns)`: rows from top to bottom in at most 200 bins of equal
    /// length but for one row, and the first 200 of `columns`. No bins for a table without rows.
    pub picture: Array2<f32>,
}

/// Looks for missing cells in these columns of the table. `bad` has one value a row, `None` where the outcome is not
/// known, and is empty where there is no label. The same on any number of threads.
///
/// # Panics
/// When `bad` is neither empty nor as long as the table.
pub fn missingness(table: &Table, columns: &[usize], bad: &[Option<bool>]) -> Missingness {
    assert!(bad.is_empty() || bad.len() == table.n_rows(), "one outcome for each row");
    let n = table.n_rows();
    let classes = [true, false].map(|class| Bits::of(bad.iter().map(|bad| *bad == Some(class))));
    let mut found: Vec<(MissingColumn, Bits)> = columns
        .par_iter()
        .filter_map(|&column| {
            let bits = missing_cells(table, column);
            let missing = bits.count();
            let share = |class: &Bits| {
                let of = class.count();
                (of > 0).then(|| bits.count_both(class) as f64 / of as f64)
            };
            let [share_of_bad, share_of_good] = classes.each_ref().map(share);
            (missing > 0).then_some((MissingColumn { column, missing, share_of_bad, share_of_good }, bits))
        })
        .collect();
    found.sort_by(|(a, _), (b, _)| b.missing.cmp(&a.missing).then(a.column.cmp(&b.column)));
    let picture = picture(&found, n);
    let (complete_rows, n_patterns, patterns) = patterns(&found, n);
    let columns = found.into_iter().map(|(column, _)| column).collect();
    Missingness { columns, complete_rows, patterns, n_patterns, picture }
}

/// Which cells of a column are missing. A dash counts where there is nothing but dashes and missing cells.
fn missing_cells(table: &Table, column: usize) -> Bits {
    if let Some(numbers) = table.numbers(column) {
        return Bits::of(numbers.iter().map(|x| x.is_nan()));
    }
    let (tokens, name) = (table.missing_tokens(), &table.names()[column]);
    let nothing_else = table.column(column).all(|cell| tokens.holds(name, cell, true));
    Bits::of(table.column(column).map(|cell| tokens.holds(name, cell, nothing_else)))
}

/// Share of missing cells by bin of rows and column.
fn picture(found: &[(MissingColumn, Bits)], n: usize) -> Array2<f32> {
    let (bins, columns) = (n.min(PICTURE_BINS), found.len().min(PICTURE_COLUMNS));
    let edge = |bin: usize| bin * n / bins;
    Array2::from_shape_fn((bins, columns), |(bin, column)| {
        let (start, end) = (edge(bin), edge(bin + 1));
        found[column].1.count_in(start, end) as f32 / (end - start) as f32
    })
}

/// Complete rows, number of patterns, and the most frequent of them. Rows start in one class; each column splits the
/// classes of the rows that it is missing in, so the cost is one step for each missing cell.
fn patterns(found: &[(MissingColumn, Bits)], n: usize) -> (usize, usize, Vec<MissingPattern>) {
    let mut class_of = vec![0_usize; n];
    let mut n_classes = 1;
    let mut split: HashMap<usize, usize> = HashMap::new();
    for (_, bits) in found {
        split.clear();
        for row in bits.ones() {
            class_of[row] = *split.entry(class_of[row]).or_insert_with(|| {
                n_classes += 1;
                n_classes - 1
            });
        }
    }
    let mut rows = vec![0_usize; n_classes];
    let mut example = vec![0_usize; n_classes];
    for (row, &class) in class_of.iter().enumerate().rev() {
        rows[class] += 1;
        example[class] = row;
    }
    let mut classes: Vec<usize> = (1..n_classes).filter(|&class| rows[class] > 0).collect();
    let n_patterns = classes.len();
    let columns = |class: usize| {
        let missing = found.iter().filter(|(_, bits)| bits.has(example[class])).map(|(column, _)| column.column);
        let mut columns: Vec<usize> = missing.collect();
        columns.sort_unstable();
        columns
    };
    classes.sort_unstable_by_key(|&class| (Reverse(rows[class]), example[class]));
    classes.truncate(PATTERNS);
    let patterns =
        classes.into_iter().map(|class| MissingPattern { columns: columns(class), rows: rows[class] }).collect();
    (rows[0], n_patterns, patterns)
}

/// One bit for each row.
struct Bits(Vec<u64>);

impl Bits {
    fn of(flags: impl Iterator<Item = bool>) -> Self {
        let mut words = Vec::new();
        for (i, flag) in flags.enumerate() {
            if i % 64 == 0 {
                words.push(0);
            }
            words[i / 64] |= u64::from(flag) << (i % 64);
        }
        Self(words)
    }

    fn has(&self, row: usize) -> bool {
        self.0[row / 64] >> (row % 64) & 1 == 1
    }

    fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Rows that are set here and in `other`.
    fn count_both(&self, other: &Self) -> usize {
        self.0.iter().zip(&other.0).map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// Rows that are set from `start` to before `end`.
    fn count_in(&self, start: usize, end: usize) -> usize {
        let ones = |word: usize| {
            let (low, high) = (start.saturating_sub(64 * word), end - 64 * word);
            let above = u64::MAX << low;
            let below = if high < 64 { !(u64::MAX << high) } else { u64::MAX };
            (self.0[word] & above & below).count_ones() as usize
        };
        (start / 64..end.div_ceil(64)).map(ones).sum()
    }

    /// The rows that are set, ascending.
    fn ones(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(i, &word)| {
            std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)))
                .take_while(|&word| word != 0)
                .map(move |word| 64 * i + word.trailing_zeros() as usize)
        })
    }
}

#[cfg(test)]
mod tests;
