//! What the window works on: the table, the settings and the training run; beside them the comparison. No widget in here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

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
use crate::model::dbn::{Edit, Moment, NetState};
use crate::model::{Monitors, StopReason, Support};
use crate::scoring::{ReadAs, RiskModel};
use crate::storage::Override;
use crate::training::worker::{Estimating, Training};
use crate::training::{
    Cutoff, End, Event, Fitted, History, Mode, ModelDone, ModelKind, MoneySettings, PreparedFold, Problem, Recording,
    RunSettings, RunSpec, Scored, Snapshot,
};

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

/// A model that was trained on the Train screen.
#[derive(Clone, Debug)]
pub(super) struct Trained {
    pub(super) done: ModelDone,
    /// Share of held-out rows that it calls bad.
    pub(super) called_bad: f64,
}

impl std::ops::Deref for Trained {
    type Target = ModelDone;

    fn deref(&self) -> &ModelDone {
        &self.done
    }
}

impl Trained {
    pub(super) fn new(done: ModelDone) -> Self {
        let called_bad = share_called_bad(&done.scored);
        Self { done, called_bad }
    }

    /// At another cut-off, or other costs.
    fn recut(&mut self, cutoff: Cutoff, money: &MoneySettings) {
        self.done.scored = self.done.scored.recut(cutoff, money);
        self.called_bad = share_called_bad(&self.done.scored);
    }

    /// Whether its numbers ran away, so that its figures are those of an unfinished model.
    pub(super) fn diverged(&self) -> bool {
        matches!(self.stop_reason, StopReason::Diverged { .. })
    }
}

/// Whether two fits came to the same, whatever the cut-off is by now.
fn is_same_fit(a: &ModelDone, b: &ModelDone) -> bool {
    a.scored.answers == b.scored.answers && (&a.facts, &a.stop_reason) == (&b.facts, &b.stop_reason)
}

/// Share of the held-out rows called bad, 0 without any.
fn share_called_bad(scored: &Scored) -> f64 {
    let called = scored.confusion.unwrap_or_default();
    (called.true_bad + called.false_bad) as f64 / called.rows().max(1) as f64
}

/// What was split and prepared for the run.
#[derive(Clone, Debug, Default)]
pub(super) struct PreparedInfo {
    pub(super) n_train: usize,
    pub(super) n_test: usize,
    pub(super) bad_test: usize,
    pub(super) n_unlabelled: usize,
    pub(super) inputs: Vec<String>,
}

/// An SVM to be looked at.
pub(super) struct SvmShown {
    /// It as it is so far, or as it ended.
    pub(super) fitted: Arc<Fitted>,
    /// A number of its own: another SVM has another, of whatever run.
    pub(super) number: u64,
    /// Its support vectors, by row of the table.
    pub(super) support: Vec<Support>,
}

impl SvmShown {
    pub(super) fn new(fitted: Arc<Fitted>, fold: &PreparedFold) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let of_table = |s: &Support| Some(Support { row: *fold.train_rows.get(s.row)?, ..*s });
        let support = fitted.support.iter().filter_map(of_table).collect();
        Self { fitted, number: NUMBERS.fetch_add(1, Ordering::Relaxed), support }
    }
}

/// The Train screen's run.
#[derive(Default)]
pub(super) struct RunState {
    /// The worker; kept after its end until the next run, so that its last snapshot can be looked at.
    pub(super) worker: Option<Training>,
    pub(super) history: History,
    pub(super) prepared: Option<PreparedInfo>,
    pub(super) trained: Vec<Trained>,
    pub(super) snapshot: Option<Snapshot>,
    /// The last state of a net seen: that of the net while the SVM is trained.
    pub(super) state: Option<Arc<NetState>>,
    /// The SVM, as far as it is.
    pub(super) svm: Option<SvmShown>,
    /// What its layers looked like last.
    pub(super) monitors: Monitors,
    /// Log-likelihoods that were asked for.
    pub(super) estimating: Option<Estimating>,
    /// The table it learns from.
    pub(super) data: Option<Arc<Dataset>>,
    pub(super) origin: Option<Arc<Origin>>,
    /// Models as they are kept, or why not; made of each when it is done.
    pub(super) kept: BTreeMap<ModelKind, Result<Arc<RiskModel>, String>>,
    /// The model that is being made, under a number of its own.
    pub(super) keeping: Option<u64>,
    /// The run that is made again: what its models must come to, and what is gone back to where that is ended early.
    pub(super) before: Option<Box<Self>>,
    /// The settings it runs with.
    pub(super) spec: Option<RunSpec>,
    pub(super) end: Option<End>,
    /// Of a run from a file, which has no recording: how far its net had come, and its live changes up to there.
    pub(super) reached: Option<(Moment, Vec<Edit>)>,
    /// For the time left: when work went on and the share done then.
    pub(super) since: Option<(Instant, f64)>,
    pub(super) per_second: f64,
}

impl RunState {
    /// A worker is there and advancing.
    pub(super) fn is_running(&self) -> bool {
        self.is_active() && self.worker.as_ref().is_some_and(|w| w.desired().mode == Mode::Run)
    }

    /// A worker is there and has not ended.
    pub(super) fn is_active(&self) -> bool {
        self.worker.is_some() && self.end.is_none()
    }

    /// Share of the whole run that is done, over its models.
    pub(super) fn fraction(&self) -> f64 {
        if self.end == Some(End::Finished) {
            return 1.0;
        }
        let (mut done, mut all) = (0.0, 0.0);
        for &kind in self.spec.iter().flat_map(|s| &s.settings.models) {
            // A net takes most of a run's time, an SVM or trees less, the others next to none.
            let weight = match kind {
                ModelKind::Dbn | ModelKind::Mlp => 1.0,
                ModelKind::Svm | ModelKind::Gbt => 0.3,
                ModelKind::Logistic | ModelKind::Majority => 0.01,
            };
            all += weight;
            done += match &self.snapshot {
                _ if self.trained.iter().any(|t| t.model == kind) => weight,
                Some(s) if s.model == kind => weight * s.progress.fraction,
                _ => 0.0,
            };
        }
        done / f64::max(all, 0.01)
    }

    /// Seconds left at the pace of late; `None` while nothing can be said.
    pub(super) fn seconds_left(&self) -> Option<f64> {
        (self.per_second > 0.0).then(|| (1.0 - self.fraction()) / self.per_second)
    }

    /// Takes in what the worker has to say.
    pub(super) fn drain(&mut self, notices: &mut Notices) {
        let running = self.is_running();
        let Some(worker) = &self.worker else { return };
        for event in worker.drain() {
            self.history.take(&event);
            match event {
                Event::Prepared { n_train, n_test, bad_test, n_unlabelled, inputs, notices: said } => {
                    self.prepared = Some(PreparedInfo { n_train, n_test, bad_test, n_unlabelled, inputs });
                    for text in said {
                        notices.info(text);
                    }
                }
                Event::ModelDone(done) => {
                    let ModelDone { model, stop_reason, notices: said, .. } = &*done;
                    match stop_reason {
                        StopReason::Diverged { .. } => notices.warn(format!("{}: {stop_reason}.", model.title())),
                        StopReason::Limit | StopReason::Stalled => {
                            notices.warn(format!("{}: {stop_reason}.", model.title()));
                        }
                        _ => {}
                    }
                    for text in said {
                        notices.warn(format!("{}: {text}.", model.title()));
                    }
                    let before = self.before.iter().flat_map(|run| &run.trained);
                    if let Some(then) = before.map(|then| &then.done).find(|then| then.model == done.model) {
                        let title = done.model.title();
                        if is_same_fit(then, &done) {
                            notices.info(format!("{title}: the run gives the same numbers again, bit for bit."));
                        } else if then.changes != done.changes {
                            notices
                                .info(format!("{title}: something else was done to the run this time, so it differs."));
                        } else {
                            notices.warn(format!(
                                "{title}: the run does not give the same numbers again. Another build of the program may \
                                 round otherwise."
                            ));
                        }
                    }
                    self.trained.push(Trained::new(*done));
                }
                Event::Ended(end) => {
                    if let End::Failed(error) = &end {
                        notices.error(format!("Training stopped: {error}"));
                    }
                    self.end = Some(end);
                }
                Event::Phase { .. } | Event::Points(..) | Event::Tuned { .. } => {}
            }
        }
        if let Some(mut snapshot) = worker.snapshot() {
            if let Some(state) = snapshot.state.take() {
                self.state = Some(state);
            }
            if let Some(monitors) = snapshot.monitors.as_ref().filter(|monitors| !monitors.layers.is_empty()) {
                self.monitors = monitors.clone();
            }
            self.snapshot = Some(snapshot);
        }
        if let Some((fitted, fold)) = worker.fitted(ModelKind::Svm).zip(worker.fold()) {
            self.svm = Some(match self.svm.take() {
                Some(svm) if Arc::ptr_eq(&svm.fitted, &fitted) => svm,
                _ => SvmShown::new(fitted, &fold),
            });
        }
        self.measure_speed(running);
    }

    /// The rows of the run, split and prepared.
    pub(super) fn fold(&self) -> Option<Arc<PreparedFold>> {
        self.worker.as_ref()?.fold()
    }

    fn measure_speed(&mut self, running: bool) {
        let now = self.fraction();
        if !running {
            self.since = None;
            return;
        }
        match self.since {
            None => self.since = Some((Instant::now(), now)),
            Some((start, share)) => {
                let seconds = start.elapsed().as_secs_f64();
                if seconds > 0.3 && now > share {
                    self.per_second = (now - share) / seconds;
                }
            }
        }
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
