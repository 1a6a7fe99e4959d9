//! The document of a workspace file: its tables are opened again, and its results held against them.

use std::sync::atomic::AtomicBool;

use super::super::{Compared, look};
use super::Document;
use super::work::{TrainedModel, Work, work_document};
use crate::data::{Dataset, Progress, Source};
use crate::storage::{SavedTrained, SavedWorkspace, StoredError, Subject, WorkspaceModel};
use crate::training::{RunSettings, RunSpec, Study, TrainingError};

/// Why there is no document of a workspace.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceDocumentError {
    /// There is nothing that it could be about.
    #[error(
        "the workspace holds neither a comparison nor a trained model: compare or train in the window, and save it again"
    )]
    Empty,
    /// A table cannot be opened.
    #[error(transparent)]
    Stored(#[from] StoredError),
    /// Its parts do not go together; what is wrong, in words.
    #[error("{0}")]
    Parts(String),
    /// The rows cannot be used as they were.
    #[error(transparent)]
    Training(#[from] TrainingError),
}

/// An opened table of a workspace under its roles.
struct Opened {
    source: Source,
    data: Dataset,
}

impl Opened {
    fn new(workspace: &SavedWorkspace, subject: &Subject) -> Result<Self, WorkspaceDocumentError> {
        let parts = |why: String| WorkspaceDocumentError::Parts(why);
        let table = workspace.tables.get(subject.table);
        let table = table.ok_or_else(|| parts("the workspace lacks the table of its results".to_owned()))?;
        let source = workspace.open_table(table, &Progress::new())?;
        let data = source.dataset(&subject.roles).map_err(|error| parts(error.to_string()))?;
        Ok(Self { source, data })
    }
}

fn checked(settings: &RunSettings) -> Result<RunSpec, WorkspaceDocumentError> {
    settings.check().map_err(|problems| {
        let first = problems.first().map_or_else(String::new, |problem| format!("settings: {problem}"));
        WorkspaceDocumentError::Parts(first)
    })
}

/// The model that a document of a workspace is about where nobody says which.
///
/// Without a comparison the one that firms were scored by, else the first that was trained, else the first that was opened from
/// a file. `None` where there is none.
pub fn model_told(workspace: &SavedWorkspace) -> Option<WorkspaceModel> {
    let there = |model: &WorkspaceModel| match *model {
        WorkspaceModel::Opened(index) => index < workspace.models.len(),
        WorkspaceModel::Trained(kind) => {
            let mut trained = workspace.run.iter().flat_map(|run| &run.trained);
            trained.any(|trained| trained.done.model == kind && trained.model().is_some())
        }
    };
    let scored = workspace.scorings.first().map(|scoring| scoring.by);
    let scored = scored.filter(|model| workspace.comparison.is_none() && there(model));
    let trained = || {
        let run = workspace.run.as_ref()?;
        let first = run.trained.iter().find(|trained| trained.model().is_some())?;
        // A model of another table than that of the comparison would make two documents in one.
        let same = workspace.comparison.as_ref().is_none_or(|saved| saved.subject == run.subject);
        same.then_some(WorkspaceModel::Trained(first.done.model))
    };
    let opened =
        || (workspace.comparison.is_none() && !workspace.models.is_empty()).then_some(WorkspaceModel::Opened(0));
    scored.or_else(trained).or_else(opened)
}

/// The document of a workspace, written at `written` (RFC 3339), about `model`: `None` for that of [`model_told`].
///
/// The comparison is told with a model that was trained on the same table; a model from a file has a document of its own. `None`
/// when `stop` was set on the way.
///
/// # Errors
/// When there is neither comparison nor model, a table cannot be opened, or a result does not go with its table.
pub fn workspace_document(
    workspace: &SavedWorkspace,
    written: &str,
    model: Option<WorkspaceModel>,
    threads: usize,
    stop: &AtomicBool,
) -> Result<Option<Document>, WorkspaceDocumentError> {
    let model = model.or_else(|| model_told(workspace));
    let opened = match model {
        Some(WorkspaceModel::Opened(index)) => workspace.models.get(index).map(|model| &model.model),
        _ => None,
    };
    let trained = workspace.run.as_ref().zip(model).and_then(|(run, model)| {
        let wanted = |trained: &&SavedTrained| WorkspaceModel::Trained(trained.done.model) == model;
        Some((run, run.trained.iter().find(wanted)?.model()?))
    });
    // One table to a document: that of the model, where a comparison is of another.
    let saved = workspace
        .comparison
        .as_ref()
        .filter(|saved| opened.is_none() && trained.is_none_or(|(run, _)| run.subject == saved.subject));
    let subject = saved.map(|saved| &saved.subject).or_else(|| trained.map(|(run, _)| &run.subject));
    if subject.is_none() && opened.is_none() {
        return Err(WorkspaceDocumentError::Empty);
    }
    let table = subject.map(|subject| Opened::new(workspace, subject)).transpose()?;
    let spec = saved.map(|saved| checked(&saved.settings)).transpose()?;
    let mut findings = Vec::new();
    if let (Some(saved), Some(table), Some(spec)) = (saved, &table, &spec) {
        saved.check_rows(&table.data).map_err(WorkspaceDocumentError::Parts)?;
        findings = look(&table.source, &saved.subject.roles, &table.data, spec);
    }
    let compared = match (saved, &table, &spec) {
        (Some(saved), Some(Opened { source, data }), Some(spec)) => Some(Compared {
            source,
            roles: &saved.subject.roles,
            data,
            spec,
            comparison: &saved.comparison,
            analysis: None,
            findings: &findings,
        }),
        _ => None,
    };
    let run_spec = trained.map(|(run, _)| checked(&run.settings)).transpose()?;
    let trained = match (trained, &table, &run_spec) {
        (Some((_, model)), Some(table), Some(spec)) => Some(TrainedModel { model, data: &table.data, spec }),
        _ => None,
    };
    let studies = workspace.studies.iter().filter(|study| Some(&study.subject) == subject);
    let studies: Result<Vec<(&Study, RunSpec)>, _> =
        studies.map(|kept| Ok::<_, WorkspaceDocumentError>((&kept.study, checked(&kept.settings)?))).collect();
    let studies = studies?;
    let work = Work {
        written,
        compared: compared.as_ref(),
        trained,
        opened,
        studies: &studies.iter().map(|(study, spec)| (*study, spec)).collect::<Vec<_>>(),
        overrides: &workspace.overrides,
    };
    Ok(work_document(&work, threads, stop)?)
}
