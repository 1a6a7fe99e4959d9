//! A table as read: text cells as they are written, with their places in the file, and the numbers of those columns that
//! hold numbers. Roles and labels come in `roles`, numbers for learners in `dataset`.

use std::sync::{Arc, OnceLock};

use super::cells::Cells;
use super::missing::MissingTokens;
use super::written::number;

/// A table of text cells, all rows of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    names: Vec<String>,
    /// Whether the file declares the column to be text, whatever its cells look like: `n_columns` values.
    declared_text: Vec<bool>,
    cells: Cells,
    /// What counts as missing.
    missing: MissingTokens,
    /// The numbers of each column, worked out when first asked for: `n_columns` values.
    numbers: Vec<OnceLock<Option<Arc<[f64]>>>>,
    /// Names of the files put together here, and which of them each row is from; both empty for one file.
    files: Vec<String>,
    file_of: Vec<u32>,
}

impl Table {
    /// An empty table with these column names.
    pub fn new(names: Vec<String>) -> Self {
        let cells = Cells::new(names.len());
        Self::from_cells(names, cells)
    }

    /// A table of cells whose text is still to be given with [`Self::set_text`].
    pub(super) fn from_cells(names: Vec<String>, cells: Cells) -> Self {
        let declared_text = vec![false; names.len()];
        let numbers = vec![OnceLock::new(); names.len()];
        let missing = MissingTokens::default();
        Self { names, declared_text, cells, missing, numbers, files: Vec::new(), file_of: Vec::new() }
    }

    /// Takes over the text in which the rows were found, unless it is here or not needed.
    pub(super) fn set_text(&mut self, text: String) {
        self.cells.set_text(text);
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
        self.cells.push(line, cells);
    }

    /// Settles what counts as missing, before any column's numbers are asked for.
    pub(super) fn set_missing(&mut self, missing: MissingTokens) {
        self.missing = missing;
    }

    /// What counts as missing.
    pub fn missing_tokens(&self) -> &MissingTokens {
        &self.missing
    }

    /// The same cells where something else counts as missing. No column's numbers are settled: they are to be read cell by
    /// cell.
    #[must_use]
    pub fn with_missing(&self, missing: &MissingTokens) -> Self {
        let numbers = self.names.iter().map(|_| OnceLock::from(None)).collect();
        Self { missing: missing.clone(), numbers, ..self.clone() }
    }

    /// Settles the numbers of a column, `n_rows` of them with NaN where the cell is missing, or that there are none,
    /// before they are asked for.
    pub(super) fn set_numbers(&mut self, column: usize, numbers: Option<Arc<[f64]>>) {
        self.numbers[column] = OnceLock::from(numbers);
    }

    /// The numbers of a column, `n_rows` of them, NaN where the cell is missing; `None` when the column holds anything
    /// but numbers and missing cells, is declared to be text, or holds no number at all.
    pub fn numbers(&self, column: usize) -> Option<&Arc<[f64]>> {
        self.numbers[column].get_or_init(|| self.plain_numbers(column)).as_ref()
    }

    /// Numbers written with nothing but sign, digits, decimal point and exponent.
    fn plain_numbers(&self, column: usize) -> Option<Arc<[f64]>> {
        if self.declared_text[column] {
            return None;
        }
        let name = &self.names[column];
        let coded = self.missing.has_codes(name);
        let mut any = false;
        let mut numbers = Vec::with_capacity(self.n_rows());
        for cell in self.column(column) {
            numbers.push(match number(cell) {
                Some(_) if coded && self.missing.is_code(name, cell) => f64::NAN,
                Some(value) => {
                    any = true;
                    value
                }
                None if self.missing.holds(name, cell, true) => f64::NAN,
                None => return None,
            });
        }
        any.then(|| numbers.into())
    }

    /// Whether the cell says that its value is not known.
    pub fn is_missing(&self, row: usize, column: usize) -> bool {
        match self.numbers(column) {
            Some(numbers) => numbers[row].is_nan(),
            None => self.missing.holds(&self.names[column], self.cell(row, column), false),
        }
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
        self.cells.n_rows()
    }

    /// Line in the file, from 1, on which `row` (from 0) starts.
    pub fn line(&self, row: usize) -> u64 {
        self.cells.line(row)
    }

    /// Says from which of `files` each row is: `n_rows` indices.
    pub(super) fn set_files(&mut self, files: Vec<String>, file_of: Vec<u32>) {
        (self.files, self.file_of) = (files, file_of);
    }

    /// Names of the files put together in this table; empty when it is of one file.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Index in [`Self::files`] of the file that `row` is from, 0 when there is one file.
    pub fn file(&self, row: usize) -> usize {
        self.file_of.get(row).map_or(0, |&file| file as usize)
    }

    /// Where a row starts, for people: `line 17`, or `line 17 of firms.csv` in a table of several files.
    pub fn place(&self, row: usize) -> String {
        match self.files.get(self.file(row)) {
            Some(file) => format!("line {} of {file}", self.line(row)),
            None => format!("line {}", self.line(row)),
        }
    }

    /// The text of one cell as it is written, blanks trimmed, row and column from 0.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.cells.get(row, column)
    }

    /// The cells themselves.
    pub(super) fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The cells of one row from left to right.
    pub fn row(&self, row: usize) -> impl Iterator<Item = &str> + '_ {
        self.cells.row(row)
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
