//! The workspace file (`.bscope`): all the work of a window, to be opened on any computer.
//!
//! It keeps what cannot be worked out again for certain or at once: the bytes of the tables, what a person chose, curves, models
//! and their answers. What follows from these is worked out anew when it is opened: means, tests, verdicts, intervals, profiles.
//! States of nets in training are not kept: a run repeats to the bit from its seed, settings and live changes, so that its
//! recording is made again when somebody goes back in it.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::container::{self, FileKind};
use super::{Override, SavedFile, Screen, StoredError};
use crate::data::{Combination, Dataset, Progress, ReadOptions, RoleRequest, Roles, SAMPLES, Source};
use crate::model::dbn::Moment;
use crate::scoring::{HandMatching, RiskModel};
use crate::training::{Comparison, History, LiveChanges, ModelDone, ModelKind, RunSettings, Study};

/// Format number of workspace files.
pub const WORKSPACE_FORMAT: u32 = 1;

/// All the work of a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedWorkspace {
    /// Version of the program that wrote it.
    pub program: String,
    /// When: RFC 3339, given by the caller.
    pub saved: String,
    /// What it is about, for people: the name of the table.
    pub title: String,
    /// Every file that a table was read from, once each.
    pub files: Vec<SavedFile>,
    /// Every table that the work rests on: as a rule the open one alone.
    pub tables: Vec<SavedTable>,
    /// The open table with the roles chosen for it.
    pub open: Option<Subject>,
    /// The bad value was chosen or confirmed by the person, not guessed.
    pub bad_confirmed: bool,
    /// The table held beside it for stability: an index into `tables`.
    pub second: Option<usize>,
    /// The settings as they stand in the fields, right or wrong; cut-off and costs among them hold for all results.
    pub settings: RunSettings,
    /// The screen that was seen; `None` for that of a new window.
    pub screen: Option<Screen>,
    /// The row of the table that was looked at.
    pub row: usize,
    /// The run of the Train screen.
    pub run: Option<SavedRun>,
    /// The comparison.
    pub comparison: Option<SavedComparison>,
    /// The newest study of each kind.
    pub studies: Vec<SavedStudy>,
    /// Models that were opened from files.
    pub models: Vec<SavedModel>,
    /// Tables that were scored. The scores are made again, which is quick and gives the same bits.
    pub scorings: Vec<SavedScoring>,
    /// Decisions of people against a model.
    pub overrides: Vec<Override>,
}

/// A table and how it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedTable {
    /// Its files: indices into [`SavedWorkspace::files`], in the order in which they were put together. None for a sample.
    pub files: Vec<usize>,
    /// Name of the bundled sample that it is; `None` for files.
    pub sample: Option<String>,
    /// What was settled by hand about their reading.
    pub options: ReadOptions,
    /// How several files became one table.
    pub combination: Combination,
}

/// A table under roles: what a result is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Index into [`SavedWorkspace::tables`].
    pub table: usize,
    /// What its columns are.
    pub roles: Roles,
}

/// The run of the Train screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedRun {
    /// What it learned from.
    pub subject: Subject,
    /// The settings that it ran with.
    pub settings: RunSettings,
    /// What was split and prepared; `None` when it did not come so far.
    pub prepared: Option<SavedPrepared>,
    /// Its curves.
    pub history: History,
    /// The models that were done, in order.
    pub trained: Vec<SavedTrained>,
    /// Live changes of the net that was in training when it was interrupted; those of the models that were done are with them.
    /// With seed and settings they are the record of the run.
    pub changes: LiveChanges,
    /// How far its net had come: the end of the recording when that is made again.
    pub reached: Option<Moment>,
    /// How it ended.
    pub end: SavedEnd,
}

/// What was split and prepared for a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPrepared {
    /// Labelled training rows.
    pub n_train: usize,
    /// Held-out rows.
    pub n_test: usize,
    /// Bad ones among the held-out rows.
    pub bad_test: usize,
    /// Rows without a label.
    pub n_unlabelled: usize,
    /// Names of the learner's inputs.
    pub inputs: Vec<String>,
}

/// How a run stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedEnd {
    /// Every model is trained.
    Finished,
    /// Stopped by the person.
    Stopped,
    /// It could not go on, and why.
    Failed(String),
    /// It was still going on. What was done of it is here; the rest is for a run from the start.
    Interrupted,
}

/// A model that was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedTrained {
    /// Its answers for the held-out rows, what it says about itself, and what was done to it while it ran.
    pub done: ModelDone,
    /// The model itself; `None` for one that cannot answer, such as one whose numbers ran away.
    model: Option<Box<RiskModel>>,
}

impl SavedTrained {
    /// A model that [`RiskModel::check`] refuses is left out: a file could not hold its numbers.
    pub fn new(done: ModelDone, model: Option<RiskModel>) -> Self {
        Self { done, model: model.filter(|model| model.check().is_ok()).map(Box::new) }
    }

    /// The model itself.
    pub fn model(&self) -> Option<&RiskModel> {
        self.model.as_deref()
    }
}

/// The comparison: its fits, finished or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedComparison {
    /// What it is about.
    pub subject: Subject,
    /// The settings of its fits.
    pub settings: RunSettings,
    /// Its fits and what follows from them at their cut-off. Intervals and tests on rows are worked out again.
    pub comparison: Comparison,
}

/// A model that was opened from a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedModel {
    /// Where the file was, for people.
    pub path: String,
    /// What it held.
    pub model: RiskModel,
}

/// The model that a table was scored by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceModel {
    /// The one of this kind of the Train screen's run.
    Trained(ModelKind),
    /// An opened one: an index into [`SavedWorkspace::models`].
    Opened(usize),
}

/// A table that was scored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedScoring {
    /// By what.
    pub by: WorkspaceModel,
    /// What: the open table, or one that was opened for it.
    pub subject: Subject,
    /// Columns that a person matched; `None` where all were found by their names.
    pub by_hand: Option<HandMatching>,
    /// The earlier scoring held beside it, a file that `score` wrote: an index into [`SavedWorkspace::files`].
    pub earlier: Option<usize>,
}

/// A study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedStudy {
    /// What it is about.
    pub subject: Subject,
    /// The settings of its fits.
    pub settings: RunSettings,
    /// What it found.
    pub study: Study,
}

impl SavedComparison {
    /// Whether it can be of these rows: asked before anything of it is shown beside them.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check_rows(&self, data: &Dataset) -> Result<(), String> {
        let (needed, there) = (self.comparison.rows_needed(), data.n_rows());
        if needed <= there {
            return Ok(());
        }
        Err(format!("the comparison is of at least {needed} rows, and its table has {there}"))
    }
}

impl SavedWorkspace {
    /// The work without the bytes of its files when these are more than `most` together: what is autosaved of large tables.
    #[must_use]
    pub fn lightened(mut self, most: usize) -> Self {
        if self.files.iter().map(SavedFile::packed_size).sum::<usize>() > most {
            self.files = self.files.iter().map(SavedFile::without_bytes).collect();
        }
        self
    }

    /// Whether its parts go together.
    fn check(&self) -> Result<(), String> {
        let Self { files, tables, open, second, run, comparison, studies, models, scorings, .. } = self;
        for table in tables {
            if !table.files.iter().all(|&file| file < files.len()) {
                return Err("a table is of a file that is not there".to_owned());
            }
            let known = |name: &String| SAMPLES.iter().any(|sample| sample.name == name);
            if table.files.is_empty() && !table.sample.as_ref().is_some_and(known) {
                return Err("a table is of no file and of no sample that this program has".to_owned());
            }
        }
        let subjects = open
            .iter()
            .chain(run.as_ref().map(|run| &run.subject))
            .chain(comparison.as_ref().map(|comparison| &comparison.subject))
            .chain(studies.iter().map(|study| &study.subject));
        let subjects = subjects.chain(scorings.iter().map(|scoring| &scoring.subject));
        let mut used = subjects.map(|subject| subject.table).chain(*second);
        if !used.all(|table| table < tables.len()) {
            return Err("a result is of a table that is not there".to_owned());
        }
        if !scorings.iter().filter_map(|scoring| scoring.earlier).all(|file| file < files.len()) {
            return Err("an earlier scoring is of a file that is not there".to_owned());
        }
        let opened = |by| if let WorkspaceModel::Opened(model) = by { model < models.len() } else { true };
        if !scorings.iter().all(|scoring| opened(scoring.by)) {
            return Err("a table was scored by a model that is not there".to_owned());
        }
        let trained = run.iter().flat_map(|run| &run.trained).filter_map(SavedTrained::model);
        trained.chain(models.iter().map(|model| &model.model)).try_for_each(RiskModel::check)?;
        studies.iter().try_for_each(|study| study.study.check())?;
        // Settings of results were checked before these began.
        let of_results = run.iter().map(|run| &run.settings).chain(comparison.iter().map(|c| &c.settings));
        for settings in of_results.chain(studies.iter().map(|study| &study.settings)) {
            if let Err(problems) = settings.check() {
                return Err(problems.first().map_or_else(String::new, ToString::to_string));
            }
        }
        Ok(())
    }

    /// Opens a table of it, with the roles guessed. Blocks: not for the window's thread.
    ///
    /// # Errors
    /// When its bytes are damaged or not there, and as [`Source::open_many`].
    pub fn open_table(&self, table: &SavedTable, progress: &Progress) -> Result<Source, StoredError> {
        let roles = RoleRequest::default();
        if let Some(sample) = &table.sample {
            return Ok(Source::sample_named(sample, &roles, &table.options)?);
        }
        let files = table.files.iter().filter_map(|&file| self.files.get(file));
        let files: Result<Vec<_>, StoredError> = files.map(|file| Ok((file.path(), file.bytes()?))).collect();
        Ok(Source::from_many(files?, &table.combination, &roles, &table.options, progress)?)
    }
}

/// Writes all the work to a file, whole or not at all.
///
/// # Errors
/// When the disk refuses.
pub fn save_workspace(path: &Path, workspace: &SavedWorkspace) -> io::Result<()> {
    container::write(path, FileKind::Workspace, WORKSPACE_FORMAT, workspace)
}

/// Reads all the work from a file.
///
/// # Errors
/// When it cannot be read, is damaged, of a newer version or something else.
pub fn load_workspace(path: &Path) -> Result<SavedWorkspace, StoredError> {
    let (_, workspace): (_, SavedWorkspace) = container::read(path, FileKind::Workspace, WORKSPACE_FORMAT)?;
    workspace.check().map_err(|why| StoredError::content(path, why))?;
    Ok(workspace)
}

#[cfg(test)]
#[path = "workspace_tests.rs"]
mod tests;
