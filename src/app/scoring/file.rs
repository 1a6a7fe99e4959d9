//! The scores of a table as a file.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::ScoredTable;
use crate::app::export::Document;
use crate::explanation::{Explainer, ShapleySettings, reasons_of_firms};
use crate::model::kernels::each;
use crate::scoring::{Columns, CsvSink, Reasons, Sink, XlsxSink};

/// Firms that are worked on together, and how many such blocks are on their way at once.
const BLOCK: usize = 64;
const BLOCKS: usize = 16;
/// Reasons for and against each firm.
const REASONS: usize = 5;

/// The scores as text, or as a workbook where the name of the file says so.
#[derive(Debug)]
pub(in crate::app) struct ScoresFile {
    pub(in crate::app) scored: Arc<ScoredTable>,
    /// The name that is proposed.
    pub(in crate::app) name: &'static str,
    /// With up to five reasons for and against each firm, which take their time.
    pub(in crate::app) reasons: bool,
}

impl ScoresFile {
    /// The formats: title, the name that is proposed, and whether there are reasons.
    pub(in crate::app) const FORMATS: [(&'static str, &'static str, bool); 4] = [
        ("Scores (CSV)…", "scored.csv", false),
        ("Scores (xlsx)…", "scored.xlsx", false),
        ("Scores with reasons (CSV)…", "scored.csv", true),
        ("Scores with reasons (xlsx)…", "scored.xlsx", true),
    ];

    /// Hands every firm to `sink`, in the order of the rows.
    fn write<S: Sink<Error = io::Error>>(&self, sink: &mut S) -> io::Result<()> {
        let ScoredTable { model, data, firms, .. } = &*self.scored;
        let blocks: Vec<Range<usize>> =
            (0..firms.len()).step_by(BLOCK).map(|from| from..firms.len().min(from + BLOCK)).collect();
        for at_once in blocks.chunks(BLOCKS) {
            let mut works: Vec<(Range<usize>, Option<S::Work>)> =
                at_once.iter().map(|block| (block.clone(), None)).collect();
            let worker = &*sink;
            each(&mut works, |(block, work)| {
                let rows: Vec<usize> = block.clone().collect();
                let inputs = model.inputs(data, &rows, &rows);
                let of_row = |&row: &usize| data.indicators.iter().map(|indicator| indicator.value(row)).collect();
                let values: Vec<_> = if worker.wants_values() { rows.iter().map(of_row).collect() } else { Vec::new() };
                *work = Some(worker.work(&firms[block.clone()], &values, inputs.view()));
            });
            for (block, work) in works {
                if let Some(work) = work {
                    sink.take(firms[block].to_vec(), work)?;
                }
            }
        }
        Ok(())
    }
}

impl Document for ScoresFile {
    fn file_name(&self) -> String {
        self.name.to_owned()
    }

    fn contents(&self, path: &Path) -> Result<Vec<u8>, String> {
        let refused = |e: io::Error| format!("The scores could not be written: {e}.");
        let ScoredTable { model, matching, .. } = &*self.scored;
        let explainer = self.reasons.then(|| Explainer::new(model, ShapleySettings::of(model))).transpose();
        let explainer = explainer.map_err(|e| format!("The reasons could not be worked out: {e}."))?;
        let why = explainer.as_ref().map(|explainer| reasons_of_firms(explainer, matching, REASONS));
        let why: Option<&Reasons<'_>> = why.as_ref().map(|why| why as &Reasons<'_>);
        let reasons = if self.reasons { REASONS } else { 0 };
        let drawn = explainer.as_ref().is_some_and(|explainer| !explainer.is_exact());
        let columns = Columns::new(model, matching, reasons, drawn);
        let is_workbook = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
        let mut bytes = Vec::new();
        if is_workbook {
            let mut sink = XlsxSink::new(columns, why).map_err(refused)?;
            self.write(&mut sink).map_err(refused)?;
            sink.finish(&mut bytes).map_err(refused)?;
        } else {
            let mut sink = CsvSink::new(columns, why, &mut bytes).map_err(refused)?;
            self.write(&mut sink).map_err(refused)?;
        }
        Ok(bytes)
    }
}
