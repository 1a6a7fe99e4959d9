//! The run of the Train screen: what its worker has told so far, and what was kept of it. No widget in here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::Origin;
use crate::app::notices::Notices;
use crate::data::Dataset;
use crate::model::dbn::{Edit, Moment, NetState};
use crate::model::{Monitors, StopReason, Support};
use crate::scoring::RiskModel;
use crate::training::worker::{Estimating, Training};
use crate::training::{
    Cutoff, End, Event, Fitted, History, Mode, ModelDone, ModelKind, MoneySettings, PreparedFold, RunSpec, Scored,
    Snapshot,
};

/// A model that was trained on the Train screen.
#[derive(Clone, Debug)]
pub(in crate::app) struct Trained {
    pub(in crate::app) done: ModelDone,
    /// Share of held-out rows that it calls bad.
    pub(in crate::app) called_bad: f64,
}

impl std::ops::Deref for Trained {
    type Target = ModelDone;

    fn deref(&self) -> &ModelDone {
        &self.done
    }
}

impl Trained {
    pub(in crate::app) fn new(done: ModelDone) -> Self {
        let called_bad = share_called_bad(&done.scored);
        Self { done, called_bad }
    }

    /// At another cut-off, or other costs.
    pub(super) fn recut(&mut self, cutoff: Cutoff, money: &MoneySettings) {
        self.done.scored = self.done.scored.recut(cutoff, money);
        self.called_bad = share_called_bad(&self.done.scored);
    }

    /// Whether its numbers ran away, so that its figures are those of an unfinished model.
    pub(in crate::app) fn diverged(&self) -> bool {
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
pub(in crate::app) struct PreparedInfo {
    pub(in crate::app) n_train: usize,
    pub(in crate::app) n_test: usize,
    pub(in crate::app) bad_test: usize,
    pub(in crate::app) n_unlabelled: usize,
    pub(in crate::app) inputs: Vec<String>,
}

/// An SVM to be looked at.
pub(in crate::app) struct SvmShown {
    /// It as it is so far, or as it ended.
    pub(in crate::app) fitted: Arc<Fitted>,
    /// A number of its own: another SVM has another, of whatever run.
    pub(in crate::app) number: u64,
    /// Its support vectors, by row of the table.
    pub(in crate::app) support: Vec<Support>,
}

impl SvmShown {
    pub(in crate::app) fn new(fitted: Arc<Fitted>, fold: &PreparedFold) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let of_table = |s: &Support| Some(Support { row: *fold.train_rows.get(s.row)?, ..*s });
        let support = fitted.support.iter().filter_map(of_table).collect();
        Self { fitted, number: NUMBERS.fetch_add(1, Ordering::Relaxed), support }
    }
}

/// The Train screen's run.
#[derive(Default)]
pub(in crate::app) struct RunState {
    /// The worker; kept after its end until the next run, so that its last snapshot can be looked at.
    pub(in crate::app) worker: Option<Training>,
    pub(in crate::app) history: History,
    pub(in crate::app) prepared: Option<PreparedInfo>,
    pub(in crate::app) trained: Vec<Trained>,
    pub(in crate::app) snapshot: Option<Snapshot>,
    /// The last state of a net seen: that of the net while the SVM is trained.
    pub(in crate::app) state: Option<Arc<NetState>>,
    /// The SVM, as far as it is.
    pub(in crate::app) svm: Option<SvmShown>,
    /// What its layers looked like last.
    pub(in crate::app) monitors: Monitors,
    /// Log-likelihoods that were asked for.
    pub(in crate::app) estimating: Option<Estimating>,
    /// The table it learns from.
    pub(in crate::app) data: Option<Arc<Dataset>>,
    pub(in crate::app) origin: Option<Arc<Origin>>,
    /// Models as they are kept, or why not; made of each when it is done.
    pub(in crate::app) kept: BTreeMap<ModelKind, Result<Arc<RiskModel>, String>>,
    /// The model that is being made, under a number of its own.
    pub(in crate::app) keeping: Option<u64>,
    /// The run that is made again: what its models must come to, and what is gone back to where that is ended early.
    pub(in crate::app) before: Option<Box<Self>>,
    /// The settings it runs with.
    pub(in crate::app) spec: Option<RunSpec>,
    pub(in crate::app) end: Option<End>,
    /// Of a run from a file, which has no recording: how far its net had come, and its live changes up to there.
    pub(in crate::app) reached: Option<(Moment, Vec<Edit>)>,
    /// For the time left: when work went on and the share done then.
    pub(in crate::app) since: Option<(Instant, f64)>,
    pub(in crate::app) per_second: f64,
}

impl RunState {
    /// A worker is there and advancing.
    pub(in crate::app) fn is_running(&self) -> bool {
        self.is_active() && self.worker.as_ref().is_some_and(|w| w.desired().mode == Mode::Run)
    }

    /// A worker is there and has not ended.
    pub(in crate::app) fn is_active(&self) -> bool {
        self.worker.is_some() && self.end.is_none()
    }

    /// Share of the whole run that is done, over its models.
    pub(in crate::app) fn fraction(&self) -> f64 {
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
    pub(in crate::app) fn seconds_left(&self) -> Option<f64> {
        (self.per_second > 0.0).then(|| (1.0 - self.fraction()) / self.per_second)
    }

    /// Takes in what the worker has to say.
    pub(in crate::app) fn drain(&mut self, notices: &mut Notices) {
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
    pub(in crate::app) fn fold(&self) -> Option<Arc<PreparedFold>> {
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
