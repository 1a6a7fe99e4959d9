//! A table as read: text cells with their places in the file, and what each column holds. Nothing is interpreted here
//! beyond numbers and missing tokens; roles and labels come in `roles`, numbers for learners in `dataset`.

use std::ops::Range;

/// A table of text cells, all of equal row length, held as one string with cell offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    names: Vec<String>,
    /// Whether the file declares the column to be text, whatever its cells look like: `n_columns` values.
    declared_text: Vec<bool>,
    text: String,
    /// Byte offset in `text` of the end of each cell, row-major: `n_rows × n_columns` values.
    ends: Vec<usize>,
    /// Line in the file, from 1, on which each row starts: `n_rows` values.
    lines: Vec<u64>,
}

impl Table {
    /// An empty table with these column names.
    pub fn new(names: Vec<String>) -> Self {
        let declared_text = vec![false; names.len()];
        Self { names, declared_text, text: String::new(), ends: Vec::new(), lines: Vec::new() }
    }

    /// Takes a column for text, even when all its cells look like numbers.
    pub(super) fn declare_text(&mut self, column: usize) {
        self.declared_text[column] = true;
    }

    /// Whether the file declares the column to be text, as the nominal attributes of ARFF are.
    pub fn is_declared_text(&self, column: usize) -> bool {
        self.declared_text[column]
    }

    /// Adds a row that starts on `line` of the file. Blanks around the cells are dropped.
    ///
    /// # Panics
    /// When the number of cells is not the number of columns: the reader rejects such rows before.
    pub fn push_row<'a>(&mut self, line: u64, cells: impl IntoIterator<Item = &'a str>) {
        for cell in cells {
            self.text.push_str(cell.trim());
            self.ends.push(self.text.len());
        }
        self.lines.push(line);
        assert_eq!(self.ends.len(), self.lines.len() * self.names.len(), "row length");
    }

    /// The table with every cell replaced for which `change` gives a new text, by the line on which its row starts, its
    /// column and its text; the others stay.
    #[must_use]
    pub(super) fn map_cells(self, mut change: impl FnMut(u64, usize, &str) -> Option<String>) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut ends = Vec::with_capacity(self.ends.len());
        for (row, &line) in self.lines.iter().enumerate() {
            for column in 0..self.names.len() {
                let cell = self.cell(row, column);
                match change(line, column, cell) {
                    Some(new) => text.push_str(&new),
                    None => text.push_str(cell),
                }
                ends.push(text.len());
            }
        }
        Self { text, ends, ..self }
    }

    /// Column names, `n_columns` values, unique.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.names.len()
    }

    /// Number of data rows.
    pub fn n_rows(&self) -> usize {
        self.lines.len()
    }

    /// Line in the file, from 1, on which `row` (from 0) starts.
    pub fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// The text of one cell, blanks trimmed, row and column from 0.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let i = row * self.names.len() + column;
        let range: Range<usize> = if i == 0 { 0 } else { self.ends[i - 1] }..self.ends[i];
        &self.text[range]
    }

    /// The cells of one column from top to bottom.
    pub fn column(&self, column: usize) -> impl Iterator<Item = &str> + '_ {
        (0..self.n_rows()).map(move |row| self.cell(row, column))
    }

    /// Index of the column of this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }
}
