//! The work of the window as a file, and back: what is kept of it, and what is made of that. No widget in here.
//!
//! Taken from the window it is shared pointers and small copies; files are packed, and tables opened again, on the loader's
//! threads.

mod restored;
mod tables;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

pub(super) use self::restored::{Restored, RestoredScoring};
use self::tables::Tables;
pub(super) use self::tables::{files_of, pack};

use super::comparing::CompareResult;
use super::loader::KeepJob;
use super::scoring;
use super::studies::KeptStudy;
use super::workspace::{Origin, RunState, Trained, Workspace};
use crate::data::ReadOptions;
use crate::model::dbn::Moment;
use crate::scoring::{HandMatching, ReadAs, RiskModel};
use crate::storage::{
    Autosave, Override, SavedComparison, SavedEnd, SavedFile, SavedModel, SavedPrepared, SavedRun, SavedScoring,
    SavedStudy, SavedTrained, SavedWorkspace, Screen, StoredError, WorkspaceModel,
};
use crate::training::{Comparison, End, History, LiveChanges, ModelDone, ModelKind, RunSettings, Study};

/// What a person keeps in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// A trained model.
    Model(ModelKind),
    /// All the work.
    Work,
}

impl Keep {
    /// What its dialog says.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Model(_) => "Save model",
            Self::Work => "Save workspace",
        }
    }

    /// How its files end.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Model(_) => "bscope-model",
            Self::Work => "bscope",
        }
    }
}

/// Where work was read from.
pub(super) enum Place {
    /// A file that a person named.
    File(PathBuf),
    /// What a program that is gone left behind: it is saved there from now on.
    Left(Autosave),
}

/// Files that were packed before: each is packed once.
pub(super) type Packed = Arc<Mutex<Vec<SavedFile>>>;

/// What is kept of a finished fit.
enum Kept {
    Made(Arc<RiskModel>),
    /// It is not made yet.
    ToMake(Box<KeepJob>),
    Not,
}

impl Kept {
    fn model(self) -> Option<RiskModel> {
        match self {
            Self::Made(model) => Some((*model).clone()),
            Self::ToMake(job) => job.work().ok().map(|model| (*model).clone()),
            Self::Not => None,
        }
    }
}

/// A run as it is kept.
struct RunWork {
    origin: Arc<Origin>,
    settings: RunSettings,
    prepared: Option<SavedPrepared>,
    history: History,
    trained: Vec<(ModelDone, Kept)>,
    changes: LiveChanges,
    reached: Option<Moment>,
    end: SavedEnd,
}

impl RunWork {
    /// Whether something was done to it while it ran.
    fn is_edited(&self) -> bool {
        !self.changes.edits.is_empty() || self.trained.iter().any(|(done, _)| !done.changes.edits.is_empty())
    }
}

/// A table that is scored, as it is kept.
struct ScoredWork {
    by: WorkspaceModel,
    origin: Arc<Origin>,
    by_hand: Option<HandMatching>,
    /// The file of an earlier scoring, with its fingerprint.
    earlier: Option<(PathBuf, String)>,
}

/// What is said of a model of the run before, where the name of a file is said of others.
const BEFORE: &str = "of the run before";

/// Models that are kept as such: those that were opened, and those of the run before that firms are scored with until all of the
/// new one are there.
fn models_apart(workspace: &Workspace, run: &RunState) -> Vec<(PathBuf, Arc<RiskModel>)> {
    let scoring = &workspace.scoring;
    let of_run = |model: &Arc<RiskModel>| run.kept.values().flatten().any(|kept| Arc::ptr_eq(kept, model));
    let apart = |(i, model): (usize, &Arc<RiskModel>)| match scoring.file(i) {
        Some(path) => Some((path.to_owned(), Arc::clone(model))),
        None if of_run(model) => None,
        None => Some((PathBuf::from(format!("{} {BEFORE}", model.kind.title())), Arc::clone(model))),
    };
    scoring.models().iter().enumerate().filter_map(apart).collect()
}

impl ScoredWork {
    /// `None` where nothing is scored, or the table has not been read yet. `apart` are the models that are kept as such.
    fn of(workspace: &Workspace, apart: &[(PathBuf, Arc<RiskModel>)]) -> Option<Self> {
        let scoring = &workspace.scoring;
        let model = scoring.model()?;
        let by = match apart.iter().position(|(_, other)| Arc::ptr_eq(model, other)) {
            None => WorkspaceModel::Trained(model.kind),
            Some(index) => WorkspaceModel::Opened(index),
        };
        let (subject, by_hand) = scoring.subject()?;
        let origin = match subject {
            scoring::Subject::File(_) => return None,
            scoring::Subject::Read { source, roles, path: Some(path) } => {
                // Nothing else is settled for a file that is opened to be scored.
                let missing = source.table.missing_tokens().clone();
                let options = ReadOptions { missing, ..ReadOptions::default() };
                let read_as = ReadAs { options, roles: roles.clone(), ..ReadAs::default() };
                Arc::new(Origin { source: Arc::clone(source), paths: vec![path.clone()], read_as })
            }
            scoring::Subject::Read { source, roles, path: None } => {
                let open = workspace.table.as_ref().filter(|table| Arc::ptr_eq(&table.source, source))?.origin();
                let read_as = ReadAs { roles: roles.clone(), ..open.read_as.clone() };
                Arc::new(Origin { source: Arc::clone(source), paths: open.paths.clone(), read_as })
            }
        };
        let earlier = scoring.earlier.as_ref().and_then(|earlier| earlier.file.clone());
        Some(Self { by, origin, by_hand: by_hand.cloned(), earlier })
    }
}

/// All the work, taken from the window.
pub(super) struct Work {
    title: String,
    open: Option<(Arc<Origin>, bool)>,
    second: Option<(PathBuf, String)>,
    settings: RunSettings,
    screen: Screen,
    row: usize,
    run: Option<RunWork>,
    comparison: Option<(Arc<Origin>, RunSettings, Comparison)>,
    studies: Vec<(Arc<Origin>, RunSettings, Arc<Study>)>,
    models: Vec<(PathBuf, Arc<RiskModel>)>,
    scored: Option<ScoredWork>,
    overrides: Vec<Override>,
}

impl Work {
    /// The work as it stands; `None` with neither a table nor a model.
    pub(super) fn of(workspace: &Workspace, screen: Screen) -> Option<Self> {
        let title = workspace.title()?;
        // While a run is made again the one before is what there is.
        let run = workspace.run.before.as_deref().unwrap_or(&workspace.run);
        let recording = run.worker.as_ref().map(crate::training::worker::Training::recording);
        let end_and_edits = recording.and_then(|recording| recording.end_and_edits()).or_else(|| run.reached.clone());
        let kept = |trained: &Trained| match run.kept.get(&trained.model) {
            Some(Ok(model)) => Kept::Made(Arc::clone(model)),
            Some(Err(_)) => Kept::Not,
            None => KeepJob::of(run, trained).map_or(Kept::Not, |job| Kept::ToMake(Box::new(job))),
        };
        let run = run.spec.as_ref().zip(run.origin.as_ref()).map(|(spec, origin)| RunWork {
            origin: Arc::clone(origin),
            settings: spec.settings.clone(),
            prepared: run.prepared.as_ref().map(|info| SavedPrepared {
                n_train: info.n_train,
                n_test: info.n_test,
                bad_test: info.bad_test,
                n_unlabelled: info.n_unlabelled,
                inputs: info.inputs.clone(),
            }),
            history: run.history.clone(),
            trained: run.trained.iter().map(|trained| (trained.done.clone(), kept(trained))).collect(),
            reached: end_and_edits.as_ref().map(|(moment, _)| *moment),
            changes: LiveChanges {
                edits: end_and_edits.map(|(_, edits)| edits).unwrap_or_default(),
                ..LiveChanges::default()
            },
            end: match &run.end {
                None => SavedEnd::Interrupted,
                Some(End::Finished) => SavedEnd::Finished,
                Some(End::Stopped) => SavedEnd::Stopped,
                Some(End::Failed(error)) => SavedEnd::Failed(error.to_string()),
            },
        });
        let of_result = |r: &CompareResult| (Arc::clone(&r.origin), r.spec.settings.clone(), r.comparison.clone());
        let of_study = |k: &KeptStudy| (Arc::clone(&k.origin), k.spec.settings.clone(), Arc::clone(&k.study));
        let models = models_apart(workspace, workspace.run.before.as_deref().unwrap_or(&workspace.run));
        Some(Self {
            title,
            open: workspace.table.as_ref().map(|table| (table.origin(), table.bad_confirmed)),
            second: workspace.standing.second().map(|second| (second.path.clone(), second.sha256.clone())),
            settings: workspace.settings.clone(),
            screen,
            row: workspace.row,
            run,
            comparison: workspace.compare.result.as_ref().map(of_result),
            studies: workspace.studies.kept().iter().map(of_study).collect(),
            scored: ScoredWork::of(workspace, &models),
            models,
            overrides: workspace.overrides.clone(),
        })
    }

    /// Whether there is anything in it that a crash would lose.
    pub(super) fn is_begun(&self) -> bool {
        self.run.is_some() || self.is_worth_offering()
    }

    /// Whether there is more in it than what the program opens and trains by itself: what is offered again after an orderly end.
    pub(super) fn is_worth_offering(&self) -> bool {
        self.is_of_a_file() || self.has_results(0)
    }

    /// Whether something was found or decided in it that takes time to be had again, beside so many decisions that were `kept`
    /// before: they go on from table to table.
    pub(super) fn has_results(&self, kept: usize) -> bool {
        let begun =
            self.run.as_ref().is_some_and(|run| run.is_edited() || (self.is_of_a_file() && run.prepared.is_some()));
        let matched = self.scored.as_ref().is_some_and(|scored| scored.by_hand.is_some());
        begun
            || matched
            || self.comparison.is_some()
            || !self.models.is_empty()
            || !self.studies.is_empty()
            || self.overrides.len() > kept
    }

    fn is_of_a_file(&self) -> bool {
        self.open.as_ref().is_some_and(|(origin, _)| !origin.source.is_synthetic())
    }

    /// What is written, and in a sentence each what could not be put in. Reads and packs the files of the tables: not for the
    /// window's thread.
    ///
    /// # Errors
    /// When a file that a result rests on is not what it was when it was opened, or cannot be read.
    pub(super) fn saved(self, packed: &Packed, saved: String) -> Result<(SavedWorkspace, Vec<String>), StoredError> {
        let mut left_out = Vec::new();
        let mut tables = Tables { files: Vec::new(), list: Vec::new(), packed };
        let (open, bad_confirmed) = match &self.open {
            Some((origin, confirmed)) => (Some(tables.subject(origin)?), *confirmed),
            None => (None, false),
        };
        let run = match self.run {
            None => None,
            Some(run) => {
                let trained = run.trained.into_iter().map(|(done, kept)| SavedTrained::new(done, kept.model()));
                Some(SavedRun {
                    subject: tables.subject(&run.origin)?,
                    settings: run.settings,
                    prepared: run.prepared,
                    history: run.history,
                    trained: trained.collect(),
                    changes: run.changes,
                    reached: run.reached,
                    end: run.end,
                })
            }
        };
        let comparison = match self.comparison {
            None => None,
            Some((origin, settings, comparison)) => {
                Some(SavedComparison { subject: tables.subject(&origin)?, settings, comparison })
            }
        };
        let mut studies = Vec::new();
        for (origin, settings, study) in self.studies {
            studies.push(SavedStudy { subject: tables.subject(&origin)?, settings, study: (*study).clone() });
        }
        let second = match &self.second {
            None => None,
            // All else is kept where it cannot be read any more.
            Some((path, sha256)) => match tables.second(path, sha256) {
                Ok(table) => Some(table),
                Err(why) => {
                    left_out.push(format!("The second table is not in it: {why}."));
                    None
                }
            },
        };
        let mut scorings = Vec::new();
        if let Some(ScoredWork { by, origin, by_hand, earlier }) = self.scored {
            let earlier = earlier.and_then(|(path, sha256)| {
                let file = tables.file(&path, &sha256);
                file.map_err(|why| left_out.push(format!("The earlier scoring is not in it: {why}."))).ok()
            });
            match tables.subject(&origin) {
                Ok(subject) => scorings.push(SavedScoring { by, subject, by_hand, earlier }),
                Err(why) => left_out.push(format!("The scored table is not in it: {why}.")),
            }
        }
        tables.forget_others();
        let model = |(path, model): (PathBuf, Arc<RiskModel>)| SavedModel {
            path: path.display().to_string(),
            model: (*model).clone(),
        };
        let saved = SavedWorkspace {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            saved,
            title: self.title,
            files: tables.files,
            tables: tables.list,
            open,
            bad_confirmed,
            second,
            settings: self.settings,
            screen: Some(self.screen),
            row: self.row,
            run,
            comparison,
            studies,
            models: self.models.into_iter().map(model).collect(),
            scorings,
            overrides: self.overrides,
        };
        Ok((saved, left_out))
    }
}
