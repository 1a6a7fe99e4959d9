//! What can be taken out of a comparison, or of a panel, as a file: made and written away from the window's thread.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use egui::{Context, Id};

use super::loader::{KeepJob, now};
use super::workspace::{RunState, Trained};
use crate::checks::Finding;
use crate::data::{Dataset, OriginalValue, Roles, Source};
use crate::inspection::dreams::dreams_csv;
use crate::report::{
    Compared, Figure, ReportTable, TrainedModel, Work, compare_json, figure_svg, models_csv, png, scores_csv,
    work_document, workbook,
};
use crate::scoring::RiskModel;
use crate::storage::{Override, write_atomic};
use crate::training::worker::default_threads;
use crate::training::{Analysis, Comparison, RunSpec, Study};

/// Size of an exported figure, in pixels of its drawing: as wide as a column of a paper is long.
const FIGURE_SIZE: [u32; 2] = [720, 480];

/// Pixels of a PNG for each of the drawing: sharp in print.
const FINE: u32 = 4;

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

/// A model of the Train screen's run.
enum Fit {
    Made(Arc<RiskModel>),
    /// It is not made yet.
    ToMake(Box<KeepJob>),
}

/// The models of the Train screen's run with what they learned from.
pub(super) struct TrainedJob {
    fits: Vec<Fit>,
    data: Arc<Dataset>,
    spec: RunSpec,
}

impl TrainedJob {
    /// Of a run; `None` where it has no model.
    pub(super) fn of(run: &RunState) -> Option<Self> {
        let fit = |trained: &Trained| match run.kept.get(&trained.model) {
            Some(model) => model.as_ref().ok().map(|model| Fit::Made(Arc::clone(model))),
            None => KeepJob::of(run, trained).map(|job| Fit::ToMake(Box::new(job))),
        };
        let fits: Vec<Fit> = run.trained.iter().filter_map(fit).collect();
        let (data, spec) = (Arc::clone(run.data.as_ref()?), run.spec.clone()?);
        (!fits.is_empty()).then_some(Self { fits, data, spec })
    }

    /// The first model that can be used.
    fn model(&self) -> Option<Arc<RiskModel>> {
        let mut models = self.fits.iter().filter_map(|fit| match fit {
            Fit::Made(model) => Some(Arc::clone(model)),
            Fit::ToMake(job) => job.work().ok(),
        });
        models.find(|model| model.check().is_ok())
    }
}

/// A comparison with all that an export is made from.
pub(super) struct ExportJob {
    pub(super) source: Arc<Source>,
    pub(super) roles: Roles,
    pub(super) data: Arc<Dataset>,
    pub(super) spec: RunSpec,
    pub(super) comparison: Comparison,
    pub(super) analysis: Option<Analysis>,
    pub(super) findings: Arc<[Finding]>,
    /// The run on the same table.
    pub(super) trained: Option<TrainedJob>,
    /// Studies on the same table, with the settings of their fits.
    pub(super) studies: Vec<(Arc<Study>, RunSpec)>,
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

/// A table: a workbook where the file is called so, else CSV.
#[derive(Debug)]
pub(super) struct TableFile(pub(super) ReportTable);

impl Document for TableFile {
    fn file_name(&self) -> String {
        format!("{}.csv", self.0.name)
    }

    fn contents(&self, path: &Path) -> Result<Vec<u8>, String> {
        let told = |error: &dyn std::fmt::Display| format!("The table could not be made: {error}.");
        if ends_with(path, "xlsx") {
            workbook(&[&self.0]).map_err(|e| told(&e))
        } else {
            self.0.csv().map_err(|e| told(&e))
        }
    }
}

/// Whether a file's name has this ending.
pub(super) fn ends_with(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// Documents that were offered in this frame.
type Offered = Vec<Arc<dyn Document>>;

fn offered_id() -> Id {
    Id::unique("documents offered")
}

/// Lays a document out to be saved, from a widget that has no list of intents. The window takes it with [`offered`] when
/// everything is drawn.
pub(super) fn offer(ctx: &Context, document: Arc<dyn Document>) {
    ctx.data_mut(|data| data.get_temp_mut_or_default::<Offered>(offered_id()).push(document));
}

/// The documents that widgets have laid out since the last call.
pub(super) fn offered(ctx: &Context) -> Vec<Arc<dyn Document>> {
    ctx.data_mut(|data| data.remove_temp(offered_id())).unwrap_or_default()
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
        written(path, &self.document(export, path)?)
    }

    /// The model document, written at `written` (RFC 3339): that of `beliefscope report` for the same work.
    pub(super) fn report(&self, written: &str) -> Result<Vec<u8>, String> {
        let model = self.trained.as_ref().and_then(TrainedJob::model);
        let trained = self.trained.as_ref().zip(model.as_deref());
        let work = Work {
            written,
            compared: Some(&self.compared()),
            trained: trained.map(|(run, model)| TrainedModel { model, data: &run.data, spec: &run.spec }),
            opened: None,
            studies: &self.studies.iter().map(|(study, spec)| (&**study, spec)).collect::<Vec<_>>(),
            overrides: &self.overrides,
        };
        let document = work_document(&work, default_threads(), &AtomicBool::new(false))
            .map_err(|error| format!("The report could not be made: {error}."))?;
        document.map(|document| document.html().into_bytes()).ok_or_else(|| "The report was stopped.".to_owned())
    }

    fn compared(&self) -> Compared<'_> {
        let Self { source, roles, data, spec, comparison, analysis, findings, .. } = self;
        Compared { source, roles, data, spec, comparison, analysis: analysis.as_ref(), findings }
    }

    fn document(&self, export: Export, path: &Path) -> Result<Vec<u8>, String> {
        let Self { spec, comparison, analysis, .. } = self;
        let (compared, analysis) = (self.compared(), analysis.as_ref());
        match export {
            Export::Report => self.report(&now()),
            Export::Models => Ok(models_csv(comparison, analysis)),
            Export::Scores => scores_csv(&compared).map_err(|e| format!("The scores could not be made: {e}.")),
            Export::Json => serde_json::to_vec_pretty(&compare_json(&compared))
                .map_err(|e| format!("The result could not be made: {e}.")),
            Export::Figure(figure) => {
                let svg = figure_svg(figure, comparison, analysis, &spec.settings, FIGURE_SIZE);
                if ends_with(path, "png") {
                    let size = FIGURE_SIZE.map(|side| FINE * side);
                    return png(&svg, size).map_err(|error| format!("The figure could not be made: {error}."));
                }
                Ok(svg.into_bytes())
            }
        }
    }
}
