//! What the window works on: the table, the settings and the training run; beside them the comparison. No widget in here.

mod run;

use std::path::PathBuf;
use std::sync::Arc;

pub(super) use self::run::{PreparedInfo, RunState, SvmShown, Trained};

use super::comparing::{Analysing, CompareState};
use super::cutoffs::Cutoffs;
use super::edits::{DataChoices, Edits};
use super::insights::Insights;
use super::lecture::Stage;
use super::notices::Notices;
use super::scoring::{ScoringState, next_number};
use super::standing::Standings;
use super::studies::Studies;
use super::timeline::TimelineState;
use crate::data::{Combination, Dataset, ReadOptions, Role, Roles, SAMPLES, Source};
use crate::scoring::ReadAs;
use crate::storage::Override;
use crate::training::worker::Training;
use crate::training::{End, Problem, Recording, RunSettings, RunSpec};

/// The numbers under the present roles.
#[derive(Clone, Debug)]
pub(super) enum DataState {
    /// Being made by the loader.
    Building,
    /// Ready to learn from.
    Ready(Arc<Dataset>),
    /// Cannot be learned from, and why.
    Unusable(String),
}

/// A table that results rest on, as it stood when they were begun: enough to open it again.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) source: Arc<Source>,
    /// The files it was read from; none for a sample.
    pub(super) paths: Vec<PathBuf>,
    pub(super) read_as: ReadAs,
}

impl Origin {
    /// Whether results rest on the same rows: the same files, read in the same way under the same roles.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        let of = |origin: &Self| (origin.source.sample.map(|sample| sample.name), origin.source.reading.sha256.clone());
        of(self) == of(other) && (&self.paths, &self.read_as) == (&other.paths, &other.read_as)
    }
}

/// An opened table with the roles chosen for it.
pub(super) struct OpenTable {
    pub(super) source: Arc<Source>,
    /// The files it was read from; none for the sample.
    pub(super) paths: Vec<PathBuf>,
    /// What was settled by hand about their reading.
    pub(super) options: ReadOptions,
    /// How several files became one table.
    pub(super) combination: Combination,
    pub(super) roles: Roles,
    /// The bad value was chosen or confirmed by the person, not guessed.
    pub(super) bad_confirmed: bool,
    pub(super) data: DataState,
}

impl OpenTable {
    /// A table as it comes from the loader: the roles are guessed, the numbers are not made yet.
    pub(super) fn new(source: Arc<Source>, paths: Vec<PathBuf>, options: ReadOptions) -> Self {
        let (roles, bad_confirmed) = (source.guess.roles.clone(), source.is_synthetic());
        let combination = Combination::Auto;
        Self { source, paths, options, combination, roles, bad_confirmed, data: DataState::Building }
    }

    /// What begins now rests on it as it stands.
    pub(super) fn origin(&self) -> Arc<Origin> {
        let Self { source, paths, options, combination, roles, .. } = self;
        let read_as = ReadAs { options: options.clone(), combination: combination.clone(), roles: roles.clone() };
        Arc::new(Origin { source: Arc::clone(source), paths: paths.clone(), read_as })
    }

    /// The sample that it is where it was read from no file.
    pub(super) fn sample(&self) -> &'static str {
        self.source.sample.map_or(SAMPLES[0].name, |sample| sample.name)
    }

    /// Index of the label column.
    pub(super) fn label(&self) -> Option<usize> {
        self.roles.position(Role::Label)
    }
}

/// Everything the screens show.
pub(super) struct Workspace {
    /// A number of its own, by which a late answer finds it.
    pub(super) number: u64,
    pub(super) table: Option<OpenTable>,
    /// What is worked out about it.
    pub(super) insights: Insights,
    /// What was chosen about it, to be taken back.
    pub(super) edits: Edits,
    /// The settings as they stand in the fields.
    pub(super) settings: RunSettings,
    /// What is wrong with them.
    pub(super) problems: Vec<Problem>,
    pub(super) run: RunState,
    /// Which moment of it is shown.
    pub(super) timeline: TimelineState,
    /// The row of the table that is looked at.
    pub(super) row: usize,
    pub(super) compare: CompareState,
    /// How a model's probabilities stand.
    pub(super) standing: Standings,
    /// Studies of the compared models.
    pub(super) studies: Studies,
    /// What rules for a cut-off would do.
    pub(super) cutoffs: Cutoffs,
    /// Decisions of people that are not the model's, in the order they were made. None is ever taken out.
    pub(super) overrides: Vec<Override>,
    /// Firms scored with a model.
    pub(super) scoring: ScoringState,
    pub(super) notices: Notices,
    /// Epochs a second at most while watching.
    pub(super) pace: Option<f64>,
    /// What is shown before a class.
    pub(super) stage: Stage,
}

impl Workspace {
    /// No table, and these settings.
    pub(super) fn new(settings: RunSettings) -> Self {
        Self {
            number: next_number(),
            table: None,
            insights: Insights::default(),
            edits: Edits::default(),
            problems: settings.check().err().unwrap_or_default(),
            settings,
            run: RunState::default(),
            timeline: TimelineState::default(),
            row: 0,
            compare: CompareState::default(),
            standing: Standings::default(),
            studies: Studies::default(),
            cutoffs: Cutoffs::default(),
            overrides: Vec::new(),
            scoring: ScoringState::default(),
            notices: Notices::default(),
            pace: None,
            stage: Stage::default(),
        }
    }

    /// Lets the cut-off, the costs and the metric of the present settings hold for every result there is: one threshold for
    /// all that is shown. Nothing is fitted again.
    pub(super) fn recut(&mut self) {
        let RunSettings { cutoff, ref money, verdict_metric, .. } = self.settings;
        // What else is out of its range does not concern it.
        if self.problems.iter().any(|problem| problem.key == "cutoff" || problem.key.starts_with("money.")) {
            return;
        }
        let same = |spec: &RunSpec| {
            let then = &spec.settings;
            (then.cutoff, &then.money, then.verdict_metric) == (cutoff, money, verdict_metric)
        };
        let set = |spec: &mut RunSpec| {
            let then = &mut spec.settings;
            (then.cutoff, then.money, then.verdict_metric) = (cutoff, money.clone(), verdict_metric);
        };
        if let Some(result) = self.compare.result.as_mut().filter(|result| !same(&result.spec)) {
            let then = &result.spec.settings;
            // A sign of the currency changes no figure that is worked out.
            let figures =
                (then.cutoff, then.money.costs(), then.verdict_metric) != (cutoff, money.costs(), verdict_metric);
            result.comparison = result.comparison.recut(cutoff, money, verdict_metric);
            set(&mut result.spec);
            result.find_warnings();
            if figures {
                result.analysis = None;
                let idle = self.compare.worker.is_some();
                self.compare.analysing = if idle { Analysing::Idle } else { Analysing::Wanted };
            }
        }
        for trained in &mut self.run.trained {
            trained.recut(cutoff, money);
        }
        self.run.spec.iter_mut().chain(self.compare.subject.as_mut().map(|subject| &mut subject.spec)).for_each(set);
    }

    /// A run that was made again and has come to its end takes the place of the one before; ended early it gives way to that.
    pub(super) fn settle_replay(&mut self) {
        match &self.run.end {
            Some(End::Finished) => {
                // How far a net had come that the record does not finish stays known.
                if let Some(before) = self.run.before.take() {
                    self.run.reached = before.reached;
                }
            }
            Some(End::Stopped | End::Failed(_)) => {
                let Some(before) = self.run.before.take() else { return };
                self.timeline.begin(before.worker.as_ref().map_or_else(Recording::default, Training::recording));
                self.run = *before;
                // The model that was being made then has gone to nobody: it is made again.
                self.run.keeping = None;
                // The cut-off may have been moved meanwhile.
                self.recut();
                self.notices.info("The run was not made again to its end: the one before is shown.");
            }
            None => {}
        }
    }

    /// What the work is about, for people; `None` with neither a table nor a model.
    pub(super) fn title(&self) -> Option<String> {
        let scored = || self.scoring.subject().map(|(subject, _)| subject.name());
        let model = || Some(self.scoring.file(self.scoring.chosen())?.file_name()?.to_string_lossy().into_owned());
        self.table
            .as_ref()
            .map(|table| table.source.name())
            .or_else(|| scored().filter(|_| model().is_some()))
            .or_else(model)
    }

    /// Forgets the run, and what was recorded of it.
    pub(super) fn drop_run(&mut self) {
        self.run = RunState::default();
        self.timeline.begin(Recording::default());
    }

    /// The checked settings, if nothing is wrong with them.
    pub(super) fn spec(&self) -> Option<RunSpec> {
        self.settings.check().ok()
    }

    /// What is chosen about the open table.
    pub(super) fn choices(&self) -> Option<DataChoices> {
        let table = self.table.as_ref()?;
        Some(DataChoices {
            roles: table.roles.clone(),
            bad_confirmed: table.bad_confirmed,
            options: table.options.clone(),
            combination: table.combination.clone(),
            preparation: self.settings.preparation.clone(),
            validation: self.settings.validation.clone(),
        })
    }

    /// The numbers to learn from, when they are ready.
    pub(super) fn data(&self) -> Option<&Arc<Dataset>> {
        match self.table.as_ref()?.data {
            DataState::Ready(ref data) => Some(data),
            DataState::Building | DataState::Unusable(_) => None,
        }
    }

    /// There are numbers to learn from, and nothing is wrong with the settings.
    pub(super) fn is_ready(&self) -> bool {
        self.data().is_some() && self.problems.is_empty() && self.split_problem().is_none()
    }

    /// Why rows cannot be held out as the settings ask, once that is known.
    pub(super) fn split_problem(&self) -> Option<&str> {
        self.insights.splits.as_ref()?.as_ref().err().map(String::as_str)
    }

    /// What is wrong with the setting of this key.
    pub(super) fn problem(&self, key: &str) -> Option<&str> {
        self.problems.iter().find(|p| p.key == key).map(|p| p.message.as_str())
    }
}
