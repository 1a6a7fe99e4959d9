//! Scored firms as a sheet of an Excel workbook, in memory that does not grow with the rows.

use std::io::{self, Write};

use ndarray::ArrayView2;
use rust_xlsxwriter::{Workbook, XlsxError};

use super::{Cell, Columns, FirmReasons, Reasons, reasons_of};
use crate::data::Value;
use crate::scoring::{FirmScore, Sink};

/// Rows of a sheet, its header among them.
const MOST_ROWS: u32 = 1_048_576;

/// Letters of a cell.
const MOST_LETTERS: usize = 32_767;

/// Writes scored firms as a sheet with a header.
pub struct XlsxSink<'a> {
    columns: Columns<'a>,
    reasons: Option<&'a Reasons<'a>>,
    workbook: Workbook,
    /// The next row, from 0.
    row: u32,
}

impl<'a> XlsxSink<'a> {
    /// Writes the header.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn new(columns: Columns<'a>, reasons: Option<&'a Reasons<'a>>) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(cannot)?;
        sheet.set_name("Scored").map_err(cannot)?;
        for (place, name) in (0..).zip(columns.names()) {
            sheet.write_string(0, place, name).map_err(cannot)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(cannot)?;
        Ok(Self { columns, reasons, workbook, row: 1 })
    }

    /// Writes the workbook.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, file: &mut (impl Write + Send)) -> io::Result<()> {
        self.workbook.save_to_writer(file).map_err(cannot)
    }
}

impl Sink for XlsxSink<'_> {
    type Work = Vec<FirmReasons>;
    type Error = io::Error;

    fn wants_values(&self) -> bool {
        self.reasons.is_some()
    }

    fn work(&self, _: &[FirmScore], values: &[Vec<Value>], inputs: ArrayView2<'_, f32>) -> Self::Work {
        reasons_of(self.reasons, values, &inputs)
    }

    fn take(&mut self, firms: Vec<FirmScore>, reasons: Self::Work) -> io::Result<()> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(cannot)?;
        for (firm, reasons) in firms.iter().zip(&reasons) {
            if self.row == MOST_ROWS {
                return Err(io::Error::other(format!(
                    "a sheet of Excel has no more than {} rows below its header: write to a file whose name ends in .csv",
                    MOST_ROWS - 1
                )));
            }
            for (place, cell) in (0..).zip(self.columns.cells(firm, reasons)) {
                let written = match cell {
                    Cell::Number(x) => sheet.write_number(self.row, place, x),
                    Cell::Whole(n) => sheet.write_number(self.row, place, n as f64),
                    Cell::Text(text) => sheet.write_string(self.row, place, fitted(text)),
                    Cell::Made(text) => sheet.write_string(self.row, place, fitted(&text)),
                    Cell::Empty => continue,
                };
                written.map_err(cannot)?;
            }
            self.row += 1;
        }
        Ok(())
    }
}

/// As much of a text as a cell holds. Letters beyond the basic plane count as two.
fn fitted(text: &str) -> &str {
    let mut letters = 0;
    let over = text.char_indices().find(|(_, letter)| {
        letters += letter.len_utf16();
        letters > MOST_LETTERS
    });
    over.map_or(text, |(at, _)| &text[..at])
}

fn cannot(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        error => io::Error::other(error),
    }
}
