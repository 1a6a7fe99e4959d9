//! Scored firms as CSV. Numbers have as many digits as it takes to read the same number back.

use std::io::{self, Write};

use ndarray::ArrayView2;

use super::{Cell, Columns, Reasons, reasons_of};
use crate::data::Value;
use crate::scoring::{FirmScore, Sink};

/// Writes scored firms as CSV with a header.
pub struct CsvSink<'a, W> {
    columns: Columns<'a>,
    reasons: Option<&'a Reasons<'a>>,
    file: W,
}

impl<'a, W: Write + Sync> CsvSink<'a, W> {
    /// Writes the header.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(columns: Columns<'a>, reasons: Option<&'a Reasons<'a>>, mut file: W) -> io::Result<Self> {
        let mut header = csv::Writer::from_writer(&mut file);
        header.write_record(columns.names())?;
        header.flush()?;
        drop(header);
        Ok(Self { columns, reasons, file })
    }

    /// Hands the file back.
    pub fn into_inner(self) -> W {
        self.file
    }
}

impl<W: Write + Sync> Sink for CsvSink<'_, W> {
    type Work = io::Result<Vec<u8>>;
    type Error = io::Error;

    fn wants_values(&self) -> bool {
        self.reasons.is_some()
    }

    fn work(&self, firms: &[FirmScore], values: &[Vec<Value>], inputs: ArrayView2<'_, f32>) -> Self::Work {
        let mut out = csv::Writer::from_writer(Vec::new());
        for (firm, reasons) in firms.iter().zip(reasons_of(self.reasons, values, &inputs)) {
            for cell in self.columns.cells(firm, &reasons) {
                match cell {
                    Cell::Number(x) => out.write_field(x.to_string())?,
                    Cell::Whole(n) => out.write_field(n.to_string())?,
                    Cell::Text(text) => out.write_field(text)?,
                    Cell::Made(text) => out.write_field(text)?,
                    Cell::Empty => out.write_field("")?,
                }
            }
            out.write_record(None::<&[u8]>)?;
        }
        out.into_inner().map_err(csv::IntoInnerError::into_error)
    }

    fn take(&mut self, _: Vec<FirmScore>, text: Self::Work) -> io::Result<()> {
        self.file.write_all(&text?)
    }
}
