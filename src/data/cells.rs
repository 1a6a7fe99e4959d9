//! The text of a table's cells and where each stands.
//!
//! Rows stay in the text of the file as it was read, and are split at its delimiter when they are looked at: only the
//! start of each row is kept, and of long rows that of every 32nd cell. So a large table takes little more than its file.
//! Rows that cannot be split so, because of quotes or because they come from another format, stand beside that text with
//! the end of every cell.

use memchr::{memchr_iter, memchr3};

/// Bytes that one row may take: offsets within a row have 32 bits.
const MAX_ROW: usize = u32::MAX as usize;

/// Cells between two that are found without counting delimiters.
const MARKED: usize = 32;

/// Marks a start as that of a row beside the text.
const BESIDE: u64 = 1 << 63;

/// Rows of cells, all of equal number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cells {
    /// The text in which rows were found; empty when they all stand beside it.
    text: String,
    delimiter: u8,
    rows: Rows,
}

/// Where rows stand.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rows {
    n_columns: usize,
    /// Byte offset in the text where each row starts, or the number of a row beside the text with [`BESIDE`].
    starts: Vec<u64>,
    lines: Lines,
    /// Starts of the cells 32, 64, … of each row from the start of the row: `n_rows × (n_columns - 1) / 32` values.
    marks: Vec<u32>,
    beside: Beside,
}

/// Rows with their own text.
#[derive(Clone, Debug, Default, PartialEq)]
struct Beside {
    text: String,
    /// Where each row starts.
    starts: Vec<usize>,
    /// End of each cell from the start of its row, `n_columns` a row.
    ends: Vec<u32>,
}

/// The line on which each row starts: those rows only that do not start on the line after the row before.
#[derive(Clone, Debug, Default, PartialEq)]
struct Lines(Vec<(usize, u64)>);

impl Lines {
    fn push(&mut self, row: usize, line: u64) {
        if self.0.last().is_none_or(|&(first, from)| from + (row - first) as u64 != line) {
            self.0.push((row, line));
        }
    }

    fn of(&self, row: usize) -> u64 {
        let (first, line) = self.0[self.0.partition_point(|&(first, _)| first <= row) - 1];
        line + (row - first) as u64
    }
}

impl Rows {
    /// No rows yet, of so many cells.
    pub(super) fn new(n_columns: usize) -> Self {
        let (starts, lines, marks, beside) = Default::default();
        Self { n_columns, starts, lines, marks, beside }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    fn n_marks(&self) -> usize {
        self.n_columns.saturating_sub(1) / MARKED
    }

    /// Adds the row that stands in the text from `start` on, when it has the right number of cells. Hands back the
    /// number of its cells.
    pub(super) fn push_found(&mut self, line: u64, start: usize, row: &str, delimiter: u8) -> usize {
        let marks = self.marks.len();
        let cells = 1 + if self.n_marks() == 0 {
            memchr_iter(delimiter, row.as_bytes()).count()
        } else {
            self.mark(row.as_bytes(), delimiter)
        };
        if cells == self.n_columns {
            self.lines.push(self.starts.len(), line);
            self.starts.push(start as u64);
        } else {
            self.marks.truncate(marks);
        }
        cells
    }

    /// Marks cells of a row. Hands back the number of delimiters.
    fn mark(&mut self, row: &[u8], delimiter: u8) -> usize {
        const BLOCK: usize = 64;
        let most = self.marks.len() + self.n_marks();
        let mut count = 0;
        for (block, start) in row.chunks(BLOCK).zip((0..).step_by(BLOCK)) {
            let here = usize::from(block.iter().map(|&byte| u8::from(byte == delimiter)).sum::<u8>());
            // Which of them it is only matters where a mark is due.
            if count % MARKED + here >= MARKED {
                for (at, n) in memchr_iter(delimiter, block).zip(count + 1..) {
                    if n % MARKED == 0 && self.marks.len() < most {
                        self.marks.push((start + at + 1) as u32);
                    }
                }
            }
            count += here;
        }
        count
    }

    /// Adds a row with a text of its own. Blanks around its cells are dropped.
    ///
    /// # Panics
    /// When the number of cells is not the number of columns, or the row has more than 4 GiB: readers reject such rows
    /// before.
    pub(super) fn push_beside<'a>(&mut self, line: u64, cells: impl IntoIterator<Item = &'a str>) {
        let Beside { text, starts, ends } = &mut self.beside;
        let start = text.len();
        for cell in cells {
            text.push_str(cell.trim());
            ends.push((text.len() - start) as u32);
        }
        starts.push(start);
        assert!(ends.len() == starts.len() * self.n_columns, "row length");
        assert!(text.len() - start <= MAX_ROW, "row of more than 4 GiB");
        self.marks.resize(self.marks.len() + self.n_marks(), 0);
        self.lines.push(self.starts.len(), line);
        self.starts.push((self.beside.starts.len() - 1) as u64 | BESIDE);
    }

    /// Makes room for the rows of parts that will be appended.
    pub(super) fn reserve(&mut self, n_rows: usize) {
        self.starts.reserve_exact(n_rows);
        self.marks.reserve_exact(n_rows * self.n_marks());
    }

    /// Adds the rows of another part of the same text, whose lines were counted from 0 and start at `first_line`.
    pub(super) fn append(&mut self, part: &Self, first_line: u64) {
        let (rows, beside, bytes) = (self.starts.len(), self.beside.starts.len() as u64, self.beside.text.len());
        // Only rows beside the text have other numbers now.
        self.starts.extend(part.starts.iter().map(|&start| if start & BESIDE == 0 { start } else { start + beside }));
        self.marks.extend_from_slice(&part.marks);
        for &(row, line) in &part.lines.0 {
            self.lines.push(rows + row, first_line + line);
        }
        self.beside.text.push_str(&part.beside.text);
        self.beside.starts.extend(part.beside.starts.iter().map(|start| start + bytes));
        self.beside.ends.extend_from_slice(&part.beside.ends);
    }
}

impl Cells {
    /// No rows yet, of so many cells.
    pub(super) fn new(n_columns: usize) -> Self {
        Self::of(Rows::new(n_columns), b',')
    }

    /// Rows found in a text that is still to be given with [`Self::set_text`], and what separates cells there.
    pub(super) fn of(rows: Rows, delimiter: u8) -> Self {
        Self { text: String::new(), delimiter, rows }
    }

    /// Takes over the text in which rows were found, unless it is here or there are none such.
    pub(super) fn set_text(&mut self, text: String) {
        if self.text.is_empty() && self.rows.starts.iter().any(|start| start & BESIDE == 0) {
            self.text = text;
        }
    }

    /// Number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Line in the file, from 1, on which `row` starts.
    pub(super) fn line(&self, row: usize) -> u64 {
        assert!(row < self.rows.len(), "row {row} of {}", self.rows.len());
        self.rows.lines.of(row)
    }

    /// Adds a row with a text of its own, see [`Rows::push_beside`].
    pub(super) fn push<'a>(&mut self, line: u64, cells: impl IntoIterator<Item = &'a str>) {
        self.rows.push_beside(line, cells);
    }

    /// What separates the cells of rows that stand in the text.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The text from the start of a row on, when the row stands in the text as it is.
    pub(super) fn found(&self, row: usize) -> Option<&str> {
        let start = self.rows.starts[row];
        (start & BESIDE == 0).then(|| &self.text[start as usize..])
    }

    /// One cell, blanks around it dropped.
    pub(super) fn get(&self, row: usize, column: usize) -> &str {
        assert!(column < self.rows.n_columns, "column {column} of {}", self.rows.n_columns);
        let Some(text) = self.found(row) else {
            let (text, ends) = self.beside(row);
            let start = if column == 0 { 0 } else { ends[column - 1] as usize };
            return &text[start..ends[column] as usize];
        };
        let n_marks = self.rows.n_marks();
        let marked = match column / MARKED {
            0 => 0,
            mark => self.rows.marks[row * n_marks + mark - 1] as usize,
        };
        let text = &text[marked..];
        let start = match column % MARKED {
            0 => 0,
            n => memchr_iter(self.delimiter, text.as_bytes()).nth(n - 1).map_or(text.len(), |at| at + 1),
        };
        trimmed(first_cell(&text[start..], self.delimiter).0)
    }

    /// The cells of a row from left to right, blanks around them dropped.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = &str> + '_ {
        let beside = || {
            let (text, ends) = self.beside(row);
            (text, Some(ends))
        };
        let (text, ends) = self.found(row).map_or_else(beside, |text| (text, None));
        let mut start = 0;
        (0..self.rows.n_columns).map(move |column| {
            if let Some(ends) = ends {
                let from = std::mem::replace(&mut start, ends[column] as usize);
                return &text[from..start];
            }
            let (cell, end) = first_cell(&text[start..], self.delimiter);
            start = (start + end + 1).min(text.len());
            trimmed(cell)
        })
    }

    /// A row beside the text: everything from its start on, and the ends of its cells from there.
    fn beside(&self, row: usize) -> (&str, &[u32]) {
        let Beside { text, starts, ends } = &self.rows.beside;
        let n = (self.rows.starts[row] & !BESIDE) as usize;
        (&text[starts[n]..], &ends[n * self.rows.n_columns..][..self.rows.n_columns])
    }
}

/// The first cell of some text, up to a delimiter or line end, and its length.
pub(super) fn first_cell(text: &str, delimiter: u8) -> (&str, usize) {
    let end = memchr3(delimiter, b'\n', b'\r', text.as_bytes()).unwrap_or(text.len());
    (&text[..end], end)
}

/// As `str::trim`; most cells show by their first and last byte that there is nothing to do.
pub(super) fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [] => cell,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_the_text_and_beside_it_read_alike() {
        let text = "a,b\n 1 ,é\r\nx,\n\u{3000}s\u{a0},-";
        let mut rows = Rows::new(2);
        assert_eq!(rows.push_found(2, 4, " 1 ,é", b','), 2);
        rows.push_beside(3, [" p", "q,r\n "]);
        assert_eq!(rows.push_found(4, 12, "x,", b','), 2);
        assert_eq!(rows.push_found(5, 12, "x,,,", b','), 4, "too many cells: not kept");
        let mut other = Rows::new(2);
        other.push_beside(0, ["", "u"]);
        assert_eq!(other.push_found(3, 15, "\u{3000}s\u{a0},-", b','), 2);
        rows.append(&other, 9);

        let mut cells = Cells::of(rows, b',');
        cells.set_text(text.to_owned());
        cells.push(20, ["t", "u"]);
        let expected = [["1", "é"], ["p", "q,r"], ["x", ""], ["", "u"], ["s", "-"], ["t", "u"]];
        for (row, expected) in expected.iter().enumerate() {
            assert_eq!(cells.row(row).collect::<Vec<_>>(), expected);
            assert_eq!([cells.get(row, 0), cells.get(row, 1)], *expected);
        }
        assert_eq!(cells.n_rows(), 6);
        assert_eq!((0..6).map(|row| cells.line(row)).collect::<Vec<_>>(), [2, 3, 4, 9, 12, 20]);
    }

    #[test]
    fn every_cell_of_a_long_row_is_found() {
        for n in [1, 2, 31, 32, 33, 64, 65, 300] {
            let row = |i: usize| (0..n).map(|c| "x".repeat((i * 7 + c * c) % 11)).collect::<Vec<_>>();
            let text: String = (0..5).map(|i| row(i).join(";") + "\n").collect();
            let mut rows = Rows::new(n);
            let mut start = 0;
            for (i, line) in text.lines().enumerate() {
                if i == 2 {
                    rows.push_beside(i as u64, line.split(';'));
                } else {
                    assert_eq!(rows.push_found(i as u64, start, line, b';'), n);
                    assert_eq!(rows.push_found(i as u64, start, &format!("{line};"), b';'), n + 1);
                }
                start += line.len() + 1;
            }
            let mut cells = Cells::of(rows, b';');
            cells.set_text(text.clone());
            for i in 0..5 {
                assert_eq!(cells.row(i).collect::<Vec<_>>(), row(i), "{n}");
                assert!(row(i).iter().enumerate().all(|(c, cell)| cells.get(i, c) == cell), "{n}");
            }
        }
    }
}
