//! The numbers of all columns that are plainly written, in one pass over the rows: sign, digits, decimal point and
//! exponent, or missing. A column ends its part in this at its first cell that is anything else; what such columns hold
//! is for `numbers` to settle.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use rayon::prelude::*;

use super::{ReadError, ids};
use crate::data::cells::{first_cell, trimmed};
use crate::data::decimal::{self, Leading};
use crate::data::progress::{Progress, stage};
use crate::data::table::Table;
use crate::data::written::number;

/// Cells that are read together: enough to outweigh the handing out, few enough to stay near the processor.
const CELLS: usize = 1 << 16;

/// Rows that are looked at before room is made for a column's numbers.
const LOOKED_AT: usize = 20;

/// A column all of whose cells are plain numbers or missing.
pub(super) struct Plain {
    /// Whether a point stands in any cell.
    pub(super) point: bool,
    /// Whether any cell may be an id by its digits, see [`ids::may_be_one`].
    pub(super) id: bool,
    /// The numbers, `n_rows` of them, NaN where missing; `None` when all are missing.
    pub(super) numbers: Option<Arc<[f64]>>,
}

// What was seen in a column, gathered by all threads. Each is only ever added, so that their order does not matter.
const POINT: u8 = 1;
const NUMBER: u8 = 2;
const OTHER: u8 = 4;
const ID: u8 = 8;

/// What is plain of a table's columns, `n_columns` values; `None` for the others.
pub(super) fn columns(table: &Table, progress: &Progress) -> Result<Vec<Option<Plain>>, ReadError> {
    let n = table.n_rows();
    let cells = Cells::new(table);
    let mut open: Vec<usize> = (0..table.n_columns()).filter(|&c| cells.may_be_plain(c)).collect();
    let mut numbers: Vec<Arc<[f64]>> = open.par_iter().map(|_| std::iter::repeat_n(f64::NAN, n).collect()).collect();

    let height = (CELLS / table.n_columns().max(1)).max(16);
    let mut columns: Vec<_> = numbers
        .iter_mut()
        .map(|column| Arc::get_mut(column).expect("nobody else has it yet").chunks_mut(height))
        .collect();
    let blocks: Vec<Vec<&mut [f64]>> =
        (0..n.div_ceil(height)).map(|_| columns.iter_mut().filter_map(Iterator::next).collect()).collect();
    let n_blocks = blocks.len();
    let go_on = blocks.into_par_iter().enumerate().all(|(block, mut columns)| {
        cells.read(block * height, &open, &mut columns);
        progress.part_done(stage::NUMBERS, n_blocks)
    });
    if !go_on {
        return Err(ReadError::Cancelled);
    }

    let mut plain: Vec<Option<Plain>> = (0..table.n_columns()).map(|_| None).collect();
    for (column, numbers) in open.drain(..).zip(numbers) {
        let seen = cells.seen[column].load(Ordering::Relaxed);
        if seen & OTHER == 0 {
            let numbers = (seen & NUMBER != 0).then_some(numbers);
            plain[column] = Some(Plain { point: seen & POINT != 0, id: seen & ID != 0, numbers });
        }
    }
    Ok(plain)
}

/// The cells on their way to numbers.
struct Cells<'a> {
    table: &'a Table,
    /// Whether values are declared missing in a column.
    coded: Vec<bool>,
    seen: Vec<AtomicU8>,
    /// Whether the delimiter is none of the letters of numbers.
    splits_plainly: bool,
}

impl<'a> Cells<'a> {
    fn new(table: &'a Table) -> Self {
        let coded = table.names().iter().map(|name| table.missing_tokens().has_codes(name)).collect();
        let seen = table.names().iter().map(|_| AtomicU8::new(0)).collect();
        let delimiter = table.cells().delimiter();
        let splits_plainly = !matches!(delimiter, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
        Self { table, coded, seen, splits_plainly }
    }

    /// Whether nothing in a column's first rows speaks against it.
    fn may_be_plain(&self, column: usize) -> bool {
        !self.table.is_declared_text(column)
            && self.table.column(column).take(LOOKED_AT).all(|cell| self.value(column, cell).is_some())
    }

    /// The number in a cell, NaN where it is missing; `None` when it is neither.
    fn value(&self, column: usize, cell: &str) -> Option<f64> {
        let missing = self.table.missing_tokens();
        let name = || &self.table.names()[column];
        match number(cell) {
            Some(_) if self.coded[column] && missing.is_code(name(), cell) => Some(f64::NAN),
            Some(value) => Some(value),
            None => missing.holds(name(), cell, true).then_some(f64::NAN),
        }
    }

    /// Reads rows from `first` on into `numbers`, a list for each column that is `open`.
    fn read(&self, first: usize, open: &[usize], numbers: &mut [&mut [f64]]) {
        let mut seen: Vec<u8> = open.iter().map(|&c| self.seen[c].load(Ordering::Relaxed)).collect();
        let rows = numbers.first().map_or(0, |column| column.len());
        let cells = self.table.cells();
        for row in 0..rows {
            let mut take = |i: usize, (value, marks): (f64, u8)| {
                numbers[i][row] = value;
                seen[i] |= marks;
            };
            if let Some(text) = cells.found(first + row).filter(|_| self.splits_plainly) {
                self.read_found(text, open, &mut take);
                continue;
            }
            let mut all = self.table.row(first + row).enumerate();
            for (i, &column) in open.iter().enumerate() {
                if let Some((_, cell)) = all.find(|(c, _)| *c == column) {
                    take(i, self.marked(column, cell));
                }
            }
        }
        for (&column, seen) in open.iter().zip(seen) {
            self.seen[column].fetch_or(seen, Ordering::Relaxed);
        }
    }

    /// Reads a row at the start of `text`. Where a number and then the end of the cell stand, it is never split.
    fn read_found(&self, text: &str, open: &[usize], take: &mut impl FnMut(usize, (f64, u8))) {
        let delimiter = self.table.cells().delimiter();
        let bytes = text.as_bytes();
        let (mut at, mut column) = (0, 0);
        for (i, &wanted) in open.iter().enumerate() {
            while column < wanted {
                at += first_cell(&text[at..], delimiter).1 + 1;
                column += 1;
            }
            let ends = |byte: u8| byte == delimiter || byte == b'\n' || byte == b'\r';
            match decimal::leading(&bytes[at..]) {
                Some(Leading { length, value, point }) if ends(bytes[at + length]) && !self.coded[column] => {
                    let zero = bytes[at] == b'0' && bytes[at + 1].is_ascii_digit();
                    take(i, (value, NUMBER | if point { POINT } else { 0 } | if zero { ID } else { 0 }));
                    at += length + 1;
                }
                _ => {
                    let (cell, length) = first_cell(&text[at..], delimiter);
                    take(i, self.marked(column, trimmed(cell)));
                    at += length + 1;
                }
            }
            column += 1;
        }
    }

    /// The number in a cell with what is to be marked as seen.
    fn marked(&self, column: usize, cell: &str) -> (f64, u8) {
        let marks = if cell.contains('.') { POINT } else { 0 } | if ids::may_be_one(cell) { ID } else { 0 };
        match self.value(column, cell) {
            Some(value) if value.is_nan() => (value, marks),
            Some(value) => (value, NUMBER | marks),
            None => (f64::NAN, OTHER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn the_pass_finds_what_a_look_at_each_column_finds() {
        let mut random = stream(21, Purpose::Sample, 0);
        let pieces = ["1", "-2.5", "1e3", "", "NA", "-", "x", "1.2.3", "1,5", "5-", "N.A.", " 7"];
        for round in 0..300 {
            let n_columns = random.random_range(1..6);
            let mut table = Table::new((0..n_columns).map(|c| format!("c{c}")).collect());
            // Mostly numbers, so that columns last for a while.
            let n = if round % 10 == 0 { 40_000 } else { random.random_range(1..60) };
            for row in 0..n {
                let mut cell = |_| match random.random_range(0..n) {
                    0 => pieces[random.random_range(0..pieces.len())],
                    _ => pieces[random.random_range(0..6)],
                };
                let cells: Vec<&str> = (0..n_columns).map(&mut cell).collect();
                table.push_row(row as u64 + 2, cells);
            }
            if round % 3 == 0 {
                table.declare_text(0);
            }
            let plain = columns(&table, &Progress::new()).unwrap();
            for (c, plain) in plain.iter().enumerate() {
                let bits = |numbers: &Arc<[f64]>| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                let found = plain.as_ref().and_then(|p| p.numbers.as_ref()).map(bits);
                assert_eq!(found, table.numbers(c).map(bits));
                if let Some(plain) = plain {
                    assert_eq!(plain.point, table.column(c).any(|cell| cell.contains('.')));
                } else {
                    let missing = table.missing_tokens();
                    let is_plain = |cell: &str| number(cell).is_some() || missing.holds("", cell, true);
                    assert!(table.is_declared_text(c) || !table.column(c).all(is_plain));
                }
            }
        }
    }
}
