//! The scores of a table as a file.

use std::path::Path;
use std::sync::Arc;

use super::ScoredTable;
use crate::app::export::Document;
use crate::scoring::{Columns, CsvSink, Sink, XlsxSink};

/// Firms that are written together.
const BLOCK: usize = 1024;

/// The scores as text, or as a workbook where the name of the file says so.
#[derive(Debug)]
pub(in crate::app) struct ScoresFile {
    pub(in crate::app) scored: Arc<ScoredTable>,
    /// The name that is proposed.
    pub(in crate::app) name: &'static str,
}

impl ScoresFile {
    /// The formats with the names that are proposed.
    pub(in crate::app) const FORMATS: [(&'static str, &'static str); 2] =
        [("Scores (CSV)…", "scored.csv"), ("Scores (xlsx)…", "scored.xlsx")];

    /// Hands every firm to `sink`, in the order of the rows.
    fn write<S: Sink<Error = std::io::Error>>(&self, sink: &mut S) -> std::io::Result<()> {
        let ScoredTable { model, data, firms, .. } = &*self.scored;
        for (i, block) in firms.chunks(BLOCK).enumerate() {
            let rows: Vec<usize> = (i * BLOCK..i * BLOCK + block.len()).collect();
            let inputs = model.inputs(data, &rows, &rows);
            let work = sink.work(block, inputs.view());
            sink.take(block.to_vec(), work)?;
        }
        Ok(())
    }
}

impl Document for ScoresFile {
    fn file_name(&self) -> String {
        self.name.to_owned()
    }

    fn contents(&self, path: &Path) -> Result<Vec<u8>, String> {
        let refused = |e: std::io::Error| format!("The scores could not be written: {e}.");
        let columns = Columns::new(&self.scored.model, &self.scored.matching, false);
        let is_workbook = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
        let mut bytes = Vec::new();
        if is_workbook {
            let mut sink = XlsxSink::new(columns, None).map_err(refused)?;
            self.write(&mut sink).map_err(refused)?;
            sink.finish(&mut bytes).map_err(refused)?;
        } else {
            let mut sink = CsvSink::new(columns, None, &mut bytes).map_err(refused)?;
            self.write(&mut sink).map_err(refused)?;
        }
        Ok(bytes)
    }
}
