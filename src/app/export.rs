//! What can be taken out of a comparison, or of a panel, as a file: made and written away from the window's thread.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::checks::Finding;
use crate::data::{Dataset, OriginalValue, Roles, Source};
use crate::inspection::dreams::dreams_csv;
use crate::report::{
    Compared, Figure, ModelDocument, command_line, compare_json, figure_svg, model_document, models_csv, scores_csv,
};
use crate::storage::{Override, write_atomic};
use crate::training::{Analysis, Comparison, RunSpec, Study, stand_first};

/// Size of an exported figure, in pixels of its drawing: as wide as a column of a paper is long.
const FIGURE_SIZE: [u32; 2] = [720, 480];

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Export {
    /// The page for a committee.
    Report,
    /// The table of models.
    Models,
    /// Every model's answer for every held-out row.
    Scores,
    /// Everything, for other programs.
    Json,
    /// A figure.
    Figure(Figure),
}

/// A comparison with all that an export is made from.
#[derive(Clone)]
pub(super) struct ExportJob {
    pub(super) source: Arc<Source>,
    pub(super) roles: Roles,
    pub(super) data: Arc<Dataset>,
    pub(super) spec: RunSpec,
    pub(super) comparison: Comparison,
    pub(super) analysis: Option<Analysis>,
    pub(super) findings: Arc<[Finding]>,
    /// Studies of the same run.
    pub(super) studies: Vec<Arc<Study>>,
    /// What people decided otherwise.
    pub(super) overrides: Vec<Override>,
}

impl Export {
    /// The exports that are no figures, with their names.
    pub(super) const DOCUMENTS: [(Self, &'static str); 4] = [
        (Self::Report, "Report (HTML)…"),
        (Self::Models, "Table of models (CSV)…"),
        (Self::Scores, "Scores of every row (CSV)…"),
        (Self::Json, "Everything (JSON)…"),
    ];

    /// The name of a file for it.
    pub(super) fn file_name(self) -> String {
        match self {
            Self::Report => "comparison.html".to_owned(),
            Self::Models => "models.csv".to_owned(),
            Self::Scores => "scores.csv".to_owned(),
            Self::Json => "comparison.json".to_owned(),
            Self::Figure(figure) => format!("{}.svg", figure.file_stem()),
        }
    }
}

/// What a panel gives away as a file: it holds all that the file is made from, so that it is made on a thread of its own.
pub(super) trait Document: Debug + Send + Sync {
    /// The name of a file for it.
    fn file_name(&self) -> String;

    /// The file's contents, of the kind that the ending of `path` names where there are several kinds. One sentence where
    /// they cannot be made.
    fn contents(&self, path: &Path) -> Result<Vec<u8>, String>;
}

/// Makes a document and writes it beside, then renames it. One sentence where that fails.
pub(super) fn write(document: &dyn Document, path: &Path) -> Result<PathBuf, String> {
    written(path, &document.contents(path)?)
}

/// Rows that a net has dreamed, in the units of the table.
#[derive(Debug)]
pub(super) struct DreamFile {
    /// One value for each indicator, dream by dream.
    pub(super) dreams: Vec<Vec<OriginalValue>>,
    /// The class they are dreams of, as written in the table.
    pub(super) class: String,
}

impl Document for DreamFile {
    fn file_name(&self) -> String {
        "dreams-synthetic.csv".to_owned()
    }

    fn contents(&self, _: &Path) -> Result<Vec<u8>, String> {
        dreams_csv(&self.dreams, &self.class).map_err(|e| format!("The file could not be made: {e}."))
    }
}

/// Writes beside, then renames.
fn written(path: &Path, bytes: &[u8]) -> Result<PathBuf, String> {
    // The kind alone: the rest of the text would name a temporary file.
    write_atomic(path, bytes).map_err(|e| format!("{} could not be written: {}.", path.display(), e.kind()))?;
    Ok(path.to_owned())
}

impl ExportJob {
    /// Makes the document and writes it beside, then renames it. One sentence where that fails.
    pub(super) fn write(&self, export: Export, path: &Path) -> Result<PathBuf, String> {
        written(path, &self.document(export)?)
    }

    /// The model document. Grades, calibration and stability are worked out for it here.
    fn report(&self, compared: &Compared<'_>) -> Result<Vec<u8>, String> {
        let Self { source, roles, data, spec, comparison, studies, overrides, .. } = self;
        let studies: Vec<&Study> = studies.iter().map(AsRef::as_ref).collect();
        let standing = stand_first(data, spec, comparison, 2, &AtomicBool::new(false))
            .map_err(|e| format!("The report could not be made: {e}."))?
            .unwrap_or_default();
        let now = jiff::Timestamp::now();
        let document = ModelDocument {
            written: &now.round(jiff::Unit::Second).unwrap_or(now).to_string(),
            compared: Some(compared),
            command: Some(&command_line(source, roles, &spec.settings)),
            standing: &standing,
            studies: &studies,
            overrides,
            ..ModelDocument::default()
        };
        Ok(model_document(&document).into_bytes())
    }

    fn document(&self, export: Export) -> Result<Vec<u8>, String> {
        let Self { source, data, spec, comparison, analysis, findings, .. } = self;
        let analysis = analysis.as_ref();
        let compared = Compared { source, data, spec, comparison, analysis, findings };
        match export {
            Export::Report => self.report(&compared),
            Export::Models => Ok(models_csv(comparison, analysis)),
            Export::Scores => scores_csv(&compared).map_err(|e| format!("The scores could not be made: {e}.")),
            Export::Json => serde_json::to_vec_pretty(&compare_json(&compared))
                .map_err(|e| format!("The result could not be made: {e}.")),
            Export::Figure(figure) => {
                Ok(figure_svg(figure, comparison, analysis, &spec.settings, FIGURE_SIZE).into_bytes())
            }
        }
    }
}
