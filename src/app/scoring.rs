//! Firms that are scored in the window: with which model, of which table, beside which earlier scoring, and what came of it.
//! No widget in here.

mod file;
mod job;
mod matching;
mod overview;
mod warnings;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::loader::Watch;
use crate::data::Progress;
use crate::scoring::{HandMatching, RiskModel};
use crate::training::ModelKind;

pub(super) use self::file::ScoresFile;
pub(super) use self::job::{Last, Outcome, ScoreJob, ScoredTable, Subject};
pub(super) use self::matching::Unmatched;
pub(super) use self::overview::{Concern, Overview};
pub(super) use self::warnings::{Earlier, Warnings};

/// What is asked for about scoring.
#[derive(Clone, Debug)]
pub(super) enum ScoreAsk {
    /// A path is wanted for this; the desktop's dialog asks for it.
    Path(PathFor),
    /// It is this.
    At(PathFor, PathBuf),
    /// Score with this model, by its place.
    Choose(usize),
    /// Score the open table.
    ThisTable,
    /// The columns of the scored table are to be matched by hand.
    Columns,
    /// Score again what is scored.
    Again,
    /// The columns were matched by hand.
    Match(HandMatching),
    /// They were not: nothing is scored.
    DropMatching,
    /// End the scoring under way; the one before stays.
    Stop,
    /// Watch no more.
    Unwatch,
    /// Hold no earlier scoring beside.
    ForgetEarlier,
}

/// What a path is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathFor {
    /// A table to be scored.
    Score,
    /// A file that is scored again whenever it changes.
    WatchFile,
    /// A folder whose newest table is scored.
    WatchFolder,
    /// An earlier scoring to hold beside.
    Earlier,
    /// A model.
    Model,
}

impl PathFor {
    /// Title of the dialog that asks for it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Score => "Open a file to score",
            Self::WatchFile => "Watch a file",
            Self::WatchFolder => "Watch a folder",
            Self::Earlier => "Compare with an earlier scoring",
            Self::Model => "Open a model",
        }
    }

    /// What the path is of, for one who types it.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Score | Self::WatchFile => {
                "Path of a table: CSV or other delimited text, ARFF, Excel or OpenDocument"
            }
            Self::WatchFolder => "Path of a folder: its newest table is scored",
            Self::Earlier => "Path of a file of scores, exported before as CSV or xlsx",
            Self::Model => "Path of a model, .bscope-model",
        }
    }
}

/// A piece of work that the loader is at.
pub(super) struct Running {
    /// What is scored.
    pub(super) name: String,
    pub(super) progress: Arc<Progress>,
    number: u64,
    /// The watching that told of a change.
    watch: Option<u64>,
}

/// What a watching has found that is worth a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A table that was not scored in it before.
    New,
    /// A change of it.
    Changed,
}

/// What is watched.
pub(super) struct Watched {
    pub(super) path: PathBuf,
    number: u64,
    /// Ends with it.
    _watch: Watch,
}

/// Everything about firms that are scored.
#[derive(Default)]
pub(super) struct ScoringState {
    models: Vec<Arc<RiskModel>>,
    /// The file that each of them was opened from; `None` for one trained in this window.
    files: Vec<Option<PathBuf>>,
    chosen: usize,
    /// The table that is scored with whatever model is chosen.
    subject: Option<Subject>,
    /// The watched path that it is from.
    subject_of: Option<PathBuf>,
    /// The matching by hand that goes with it.
    matching: Option<HandMatching>,
    /// The watched path that `scored` is from.
    scored_of: Option<PathBuf>,
    /// Columns that a person has to match.
    pub(super) unmatched: Option<Box<Unmatched>>,
    pub(super) running: Option<Running>,
    pub(super) scored: Option<Arc<ScoredTable>>,
    /// An earlier scoring, chosen by hand.
    pub(super) earlier: Option<Arc<Earlier>>,
    pub(super) watched: Option<Watched>,
}

/// A number that no other piece of work has, of whatever workspace.
pub(super) fn next_number() -> u64 {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

impl ScoringState {
    /// The models that firms can be scored with: those trained in this window, then those opened from files.
    pub(super) fn models(&self) -> &[Arc<RiskModel>] {
        &self.models
    }

    /// The file that a model was opened from; `None` for one trained in this window.
    pub(super) fn file(&self, index: usize) -> Option<&Path> {
        self.files.get(index)?.as_deref()
    }

    /// Place of the model that is chosen.
    pub(super) fn chosen(&self) -> usize {
        self.chosen
    }

    /// The model that is chosen; `None` while there is none.
    pub(super) fn model(&self) -> Option<&Arc<RiskModel>> {
        self.models.get(self.chosen)
    }

    /// The model to hold beside `model`: of the same indicators and data, an SVM beside any other, a DBN beside an SVM.
    pub(super) fn beside(&self, model: &RiskModel) -> Option<&Arc<RiskModel>> {
        let wanted = if model.kind == ModelKind::Svm { ModelKind::Dbn } else { ModelKind::Svm };
        let names = |model: &RiskModel| model.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        let own = names(model);
        self.models.iter().find(|other| {
            other.kind == wanted && other.record.data.sha256 == model.record.data.sha256 && names(other) == own
        })
    }

    /// Takes the models of a training in this window, in place of those of the one before; those opened from files stay.
    pub(super) fn take_trained(&mut self, trained: Vec<Arc<RiskModel>>) {
        let chosen = self.model().cloned();
        let opened = self.files.iter().zip(&self.models).filter(|(file, _)| file.is_some());
        let opened: Vec<(Option<PathBuf>, Arc<RiskModel>)> =
            opened.map(|(file, model)| (file.clone(), Arc::clone(model))).collect();
        self.files = vec![None; trained.len()];
        self.models = trained;
        for (file, model) in opened {
            self.files.push(file);
            self.models.push(model);
        }
        // The model chosen stays chosen; one trained anew takes the place of its kind.
        let place = |same: &dyn Fn(&Arc<RiskModel>) -> bool| self.models.iter().position(same);
        self.chosen = chosen
            .and_then(|was| place(&|m| Arc::ptr_eq(m, &was)).or_else(|| place(&|m| m.kind == was.kind)))
            .unwrap_or(0);
    }

    /// Takes a model from a file, in place of the one that was opened from it before, and chooses it.
    pub(super) fn take_opened(&mut self, path: PathBuf, model: Arc<RiskModel>) {
        let place = self.files.iter().position(|file| file.as_ref() == Some(&path));
        self.chosen = place.unwrap_or(self.models.len());
        if let Some(place) = place {
            self.models[place] = model;
        } else {
            self.models.push(model);
            self.files.push(Some(path));
        }
    }

    /// Chooses a model. Says whether it is another one.
    pub(super) fn choose(&mut self, index: usize) -> bool {
        let other = index != self.chosen && index < self.models.len();
        if other {
            self.chosen = index;
        }
        other
    }

    /// The table that is scored with whatever model is chosen, from now on.
    pub(super) fn set_subject(&mut self, subject: Subject) {
        // Another table may have other columns; the same one read again has been matched.
        let same = match (&self.subject, &subject) {
            (Some(Subject::Read { source: before, path: None, .. }), Subject::Read { source, path: None, .. }) => {
                Arc::ptr_eq(before, source)
            }
            (Some(before), now) => now.path().is_some() && before.path() == now.path(),
            (None, _) => false,
        };
        if !same {
            self.matching = None;
        }
        self.subject = Some(subject);
        self.subject_of = None;
    }

    /// The path that is watched has this table now. All tables of one watching are taken to be alike: what was matched by hand
    /// stays.
    pub(super) fn set_changed(&mut self, watched: PathBuf, table: PathBuf) {
        let subject = Subject::File(table);
        if self.subject_of.as_ref() == Some(&watched) {
            self.subject = Some(subject);
        } else {
            self.set_subject(subject);
            self.subject_of = Some(watched);
        }
    }

    /// The table that is scored, with the columns matched by hand.
    pub(super) fn subject(&self) -> Option<(&Subject, Option<&HandMatching>)> {
        Some((self.subject.as_ref()?, self.matching.as_ref()))
    }

    /// The columns of the table that is scored, as matched by hand.
    pub(super) fn set_matching(&mut self, matching: HandMatching) {
        self.matching = Some(matching);
        self.unmatched = None;
    }

    /// Lets a person look at the columns of the scored table, and match them otherwise.
    pub(super) fn match_columns(&mut self) {
        if let Some(scored) = &self.scored {
            let unmatched = Unmatched::new(scored.subject.clone(), scored.matching.clone());
            self.unmatched = Some(Box::new(unmatched));
        }
    }

    /// Begins to score the table with the model chosen: what the loader is to do, under a number. What was under way ends.
    /// `watch` is the watching that told of it. `None` without a model or a table.
    pub(super) fn begin(&mut self, watch: Option<u64>) -> Option<(ScoreJob, Arc<Progress>, u64)> {
        let (model, subject) = (Arc::clone(self.model()?), self.subject.clone()?);
        self.stop();
        self.unmatched = None;
        let (number, progress) = (next_number(), Arc::new(Progress::new()));
        self.running = Some(Running { name: subject.name(), progress: Arc::clone(&progress), number, watch });
        let last = self.scored.clone().map(|table| Last { table, is_watched: self.is_watched_on() });
        let (by_hand, earlier) = (self.matching.clone(), self.earlier.clone());
        Some((ScoreJob { model, subject, by_hand, earlier, last }, progress, number))
    }

    /// Ends the work under way.
    pub(super) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.progress.cancel();
        }
    }

    /// Whether the table to be scored is what became, in a watched path, of the one that is scored.
    fn is_watched_on(&self) -> bool {
        self.subject_of.is_some() && self.subject_of == self.scored_of
    }

    /// Takes the answer to the request of this number; one that nobody waits for any more comes to nothing. Says what a
    /// watching has found.
    pub(super) fn take(&mut self, number: u64, outcome: Outcome) -> Found {
        let Some(Running { watch, .. }) = self.running.take_if(|running| running.number == number) else {
            return Found::Nothing;
        };
        match outcome {
            Outcome::Scored(scored) => {
                let again = self.is_watched_on();
                let same = self.scored.as_ref().is_some_and(|last| last.has_bytes_of(&scored.subject));
                // Once read, a table is there for the next model.
                self.subject = Some(scored.subject.clone());
                self.scored_of.clone_from(&self.subject_of);
                self.scored = Some(scored);
                match watch {
                    Some(_) if again && same => Found::Nothing,
                    Some(_) if again => Found::Changed,
                    Some(_) => Found::New,
                    None => Found::Nothing,
                }
            }
            Outcome::Unmatched(unmatched) => {
                self.subject = Some(unmatched.subject.clone());
                self.unmatched = Some(unmatched);
                Found::Nothing
            }
        }
    }

    /// The request of this number failed. Says whether anybody waits for it.
    pub(super) fn take_failure(&mut self, number: u64) -> bool {
        self.running.take_if(|running| running.number == number).is_some()
    }

    /// Watches a path from now on; `watch` was begun under `number`.
    pub(super) fn take_watch(&mut self, path: PathBuf, number: u64, watch: Watch) {
        self.watched = Some(Watched { path, number, _watch: watch });
    }

    /// What the watching of this number watches, where it is the present one.
    pub(super) fn watched_by(&self, number: u64) -> Option<&Path> {
        self.watched.as_ref().filter(|watched| watched.number == number).map(|watched| watched.path.as_path())
    }

    /// Holds an earlier scoring beside those that follow; `None`: none.
    pub(super) fn set_earlier(&mut self, earlier: Option<Arc<Earlier>>) {
        self.earlier = earlier;
    }
}

#[cfg(test)]
pub(super) mod tests;
