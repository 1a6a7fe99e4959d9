//! The worker behind the Train screen: one split, one model after another, over the three lanes.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::{default_threads, give_way, panic_text, within};
use crate::data::Dataset;
use crate::model::dbn::NetState;
use crate::model::{Learner, Phase, Point, Progress, Tunables};
use crate::training::live::{Far, Near, lanes};
use crate::training::{
    Control, Desired, End, Event, Fitted, LiveChanges, Mode, ModelDone, ModelKind, PreparedFold, Recording, RunSpec,
    Snapshot, TrainingError, drive_again, learner, train_split,
};

/// Snapshots a second at most.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(100);
/// Share of the time of learning that recording it may take, and of all time that pictures may.
const RECORDING_SHARE: f64 = 0.02;
const PICTURE_SHARE: f64 = 0.01;
/// Numbers of a table for which an SVM so far is made ten times a second.
const SMALL_TABLE: usize = 200_000;
/// How long a slider has to rest to count as one change.
const SLIDER_RESTS: Duration = Duration::from_millis(300);

/// The window's handle on a training run. Dropping it stops the run.
pub struct Training {
    lanes: Near,
    thread: Option<JoinHandle<()>>,
}

impl Training {
    /// Starts training the models of `spec` one after another on one stratified hold-out split of `data` (or the split
    /// column, when that is chosen). `wake` is called from the worker whenever there is news.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        data: Arc<Dataset>,
        spec: RunSpec,
        desired: Desired,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        Self::again(data, spec, BTreeMap::new(), desired, wake)
    }

    /// The same with the live `changes` of an earlier run made again.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn again(
        data: Arc<Dataset>,
        spec: RunSpec,
        changes: BTreeMap<ModelKind, LiveChanges>,
        desired: Desired,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let (near, far) = lanes(desired, wake);
        let body = move || {
            give_way();
            let mut far = far;
            let end = match catch_unwind(AssertUnwindSafe(|| {
                within(default_threads(), || run(&data, &spec, &changes, &mut far, desired.steps))
            })) {
                Ok(Ok(())) if far.shared.desired().mode == Mode::Stop => End::Stopped,
                Ok(Ok(())) => End::Finished,
                Ok(Err(error)) => End::Failed(error),
                Err(payload) => End::Failed(TrainingError::Panic(panic_text(payload.as_ref()))),
            };
            far.end(end);
        };
        let thread = Builder::new().name("training".to_owned()).spawn(body)?;
        Ok(Self { lanes: near, thread: Some(thread) })
    }

    /// Changes what the worker should be doing; it looks once per portion.
    pub fn ask(&self, change: impl FnOnce(&mut Desired)) {
        self.lanes.ask(change);
    }

    /// What it was last asked to do.
    pub fn desired(&self) -> Desired {
        self.lanes.desired()
    }

    /// Events since the last call. Never waits.
    pub fn drain(&self) -> Vec<Event> {
        self.lanes.drain()
    }

    /// The DBN as it ended, in an ensemble its last net; `None` before.
    pub fn trained_net(&self) -> Option<Arc<NetState>> {
        self.lanes.trained_net()
    }

    /// The rows of the run, split and prepared; `None` before they are.
    pub fn fold(&self) -> Option<Arc<PreparedFold>> {
        self.lanes.fold()
    }

    /// A model as it ended; an SVM that is looked at also as it is so far.
    pub fn fitted(&self, model: ModelKind) -> Option<Arc<Fitted>> {
        self.lanes.fitted(model)
    }

    /// The recording of the first net of the run.
    pub fn recording(&self) -> Recording {
        self.lanes.recording()
    }

    /// The newest snapshot, once.
    pub fn snapshot(&self) -> Option<Snapshot> {
        self.lanes.snapshot()
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        self.lanes.ask(|d| d.mode = Mode::Stop);
        // Not joined: the thread ends within a portion by itself, and the window must not wait for it.
        drop(self.thread.take());
    }
}

/// Trains one model after another. `steps` counts the single steps that were asked for before the start.
fn run(
    data: &Dataset,
    spec: &RunSpec,
    changes: &BTreeMap<ModelKind, LiveChanges>,
    far: &mut Far,
    mut steps: u64,
) -> Result<(), TrainingError> {
    let none = LiveChanges::default();
    let fold = Arc::new(train_split(data, spec)?);
    far.shared.keep_fold(Arc::clone(&fold));
    far.send(Event::Prepared {
        n_train: fold.training.y.len(),
        n_test: fold.bad_test.len(),
        bad_test: fold.bad_test.iter().filter(|&&bad| bad).count(),
        n_unlabelled: fold.training.x_unlabelled.nrows(),
        inputs: fold.preparation.input_names().to_vec(),
        notices: fold.notices(),
    });
    let watched = spec.settings.watched();
    for &model in &spec.settings.models {
        let mut learner = learner(model, &fold.training, spec, spec.settings.seed)?;
        let is_watched = Some(model) == watched;
        let tunables = spec.settings.dbn.tunables();
        let mut control = Lanes::new(far, (model, is_watched), learner.as_ref(), tunables, &mut steps);
        control.is_small = fold.training.x.len() <= SMALL_TABLE;
        control.record(learner.as_ref(), true);
        let (stop_reason, changes) = drive_again(learner.as_mut(), changes.get(&model).unwrap_or(&none), &mut control);
        control.finish(learner.as_ref());
        if far.abandoned() {
            return Ok(());
        }
        let (scored, _) = fold.score(learner.as_ref(), spec);
        let (facts, notices) = (learner.facts(), learner.notices());
        far.send(Event::ModelDone(Box::new(ModelDone { model, scored, facts, notices, stop_reason, changes })));
        if far.shared.desired().mode == Mode::Stop {
            return Ok(());
        }
    }
    Ok(())
}

/// A change of tunables under way.
struct Tuned {
    x: f64,
    from: Tunables,
    last: Instant,
}

/// Pause, step, pace, tune and stop for one learner.
struct Lanes<'a> {
    far: &'a mut Far,
    model: ModelKind,
    phase: Option<Phase>,
    tunables: Tunables,
    /// A change that is not told yet, since the slider may still be moving.
    tuned: Option<Tuned>,
    /// Whether this model is recorded, can be looked into, and is held to the pace: of the nets of a run one is enough.
    watched: bool,
    /// Single steps let through so far, over all models of the run.
    steps_done: &'a mut u64,
    /// A step that was let through and has not reached its boundary.
    stepping: bool,
    /// Whether a model so far is made at picture rate.
    is_small: bool,
    /// Time that learning and recording took so far.
    learning: Duration,
    recording: Duration,
    /// The net frozen as it was before this portion: for the picture and the recording alike.
    frozen: Option<(u64, Arc<NetState>)>,
    /// Epochs done.
    epochs: u64,
    /// Portions begun.
    portions: u64,
    /// Those after which the search for settings was ended.
    search_skipped_after: Option<u64>,
    x: f64,
    points: Vec<Point>,
    last_boundary: Instant,
    last_snapshot: Option<Instant>,
    /// When the net may be shown next, and what it took last.
    next_picture: Option<Instant>,
    picture_cost: Duration,
    /// Time spent working and rows seen in it since the last snapshot.
    working: Duration,
    portion_start: Option<Instant>,
    rows_at_snapshot: u64,
    rows_per_second: f64,
}

impl<'a> Lanes<'a> {
    /// `tunables` are those the learner was made with; what was changed before it starts is told to it at once.
    fn new(
        far: &'a mut Far,
        (model, watched): (ModelKind, bool),
        learner: &dyn Learner,
        tunables: Tunables,
        steps_done: &'a mut u64,
    ) -> Self {
        let mut lanes = Self {
            far,
            model,
            phase: None,
            tunables,
            tuned: None,
            watched,
            steps_done,
            stepping: false,
            is_small: false,
            learning: Duration::ZERO,
            recording: Duration::ZERO,
            frozen: None,
            epochs: 0,
            portions: 0,
            search_skipped_after: None,
            x: 0.0,
            points: Vec::new(),
            last_boundary: Instant::now(),
            last_snapshot: None,
            next_picture: None,
            picture_cost: Duration::ZERO,
            working: Duration::ZERO,
            portion_start: None,
            rows_at_snapshot: 0,
            rows_per_second: 0.0,
        };
        // A wish that came too late for the search of the model before is none for this one's.
        lanes.far.shared.take_skip_search();
        lanes.announce(learner);
        lanes.snapshot(learner, true);
        lanes
    }

    fn announce(&mut self, learner: &dyn Learner) {
        let Progress { phase, .. } = learner.progress();
        if self.phase != Some(phase) {
            self.flush();
            self.phase = Some(phase);
            self.far.send(Event::Phase { model: self.model, phase, x: self.x });
        }
    }

    fn flush(&mut self) {
        if !self.points.is_empty() {
            self.far.send(Event::Points(self.model, std::mem::take(&mut self.points)));
        }
    }

    fn snapshot(&mut self, learner: &dyn Learner, now: bool) {
        if now || self.last_snapshot.is_none_or(|t| t.elapsed() >= SNAPSHOT_EVERY) {
            // A large net is shown less often.
            let is_paid = self.next_picture.is_none_or(|at| Instant::now() >= at);
            self.show(learner, self.far.shared.desired().look && (now || is_paid));
        }
    }

    /// The newest snapshot; of a model that is looked at with what it looks like.
    fn show(&mut self, learner: &dyn Learner, look: bool) {
        self.flush();
        self.last_snapshot = Some(Instant::now());
        let progress = learner.progress();
        let seconds = self.working.as_secs_f64();
        if seconds > 0.0 {
            self.rows_per_second = (progress.rows_seen - self.rows_at_snapshot) as f64 / seconds;
        }
        self.working = Duration::ZERO;
        self.rows_at_snapshot = progress.rows_seen;
        let start = Instant::now();
        // Of several nets of a run one is enough to look into, as to record.
        let state = if look && self.watched { self.state(learner) } else { None };
        if let Some(state) = &state {
            // Whatever is shown can be gone back to.
            self.far.shared.recording.reach(state.moment(), state.edits_and_waiting());
        }
        let monitors = look.then(|| learner.monitors()).filter(|monitors| !monitors.layers.is_empty());
        if look && self.model == ModelKind::Svm && self.is_small {
            self.keep_fitted(learner, false);
        }
        if look {
            let cost = start.elapsed();
            // Of two costs the lower: another program may have come between.
            let wait = cost.min(self.picture_cost).div_f64(PICTURE_SHARE);
            self.next_picture = Some(Instant::now() + wait);
            self.picture_cost = cost;
        }
        let (model, x, rows_per_second) = (self.model, self.x, self.rows_per_second);
        self.far.shared.show(Snapshot { model, progress, x, rows_per_second, state, monitors });
    }

    /// The net as it is, frozen once for all who want it before this portion.
    fn state(&mut self, learner: &dyn Learner) -> Option<Arc<NetState>> {
        if let Some((_, state)) = self.frozen.as_ref().filter(|(portions, _)| *portions == self.portions) {
            return Some(Arc::clone(state));
        }
        let state = Arc::new(learner.state()?);
        self.frozen = Some((self.portions, Arc::clone(&state)));
        Some(state)
    }

    /// Keeps the state of the net in the recording of the run, when that is due and has been paid for by the time that
    /// learning took, when it was frozen for a picture anyway, or else when it must be kept. What is recorded changes no
    /// result.
    fn record(&mut self, learner: &dyn Learner, always: bool) {
        let is_frozen = self.frozen.as_ref().is_some_and(|(portions, _)| *portions == self.portions);
        let is_paid = is_frozen || self.recording.as_secs_f64() <= RECORDING_SHARE * self.learning.as_secs_f64();
        let is_due = always || (is_paid && self.far.shared.recording.is_due(self.epochs));
        if !self.watched || !is_due {
            return;
        }
        let start = Instant::now();
        if let (Some(state), Some(bytes)) = (self.state(learner), learner.state_bytes()) {
            self.far.shared.recording.keep(state, bytes);
        }
        self.recording += start.elapsed();
    }

    /// A run that is held has time to be recorded as far as it has come.
    fn record_hold(&mut self, learner: &dyn Learner) {
        let kept = |moment| self.far.shared.recording.at_or_before(moment).is_some_and(|kept| kept.moment() == moment);
        if !learner.moment().is_some_and(kept) {
            self.record(learner, true);
        }
    }

    /// The model so far, for whoever looks at its answers.
    fn keep_fitted(&self, learner: &dyn Learner, done: bool) {
        let fitted = Fitted { classifier: learner.classifier(), support: learner.support(), done };
        self.far.shared.keep_fitted(self.model, fitted);
    }

    fn finish(mut self, learner: &dyn Learner) {
        self.record(learner, true);
        if self.watched {
            self.far.shared.recording.close();
        }
        self.tell_tuned();
        self.announce(learner);
        // As the net ended it can be looked at later, whoever looks now.
        self.show(learner, self.watched || self.far.shared.desired().look);
        // After the picture, which may hold the model as one that goes on.
        self.keep_fitted(learner, true);
        if self.model == ModelKind::Dbn
            && let Some(net) = self.state(learner)
        {
            self.far.shared.keep_net(net);
        }
        self.flush();
    }

    /// Ends the search under way. The record holds one for each model, and one for each is all there is.
    fn skip_search(&mut self, learner: &mut dyn Learner) {
        if self.search_skipped_after.is_none() && learner.progress().phase == Phase::Search {
            learner.skip_search();
            self.search_skipped_after = Some(self.portions);
        }
    }

    fn tune(&mut self, learner: &mut dyn Learner, desired: &Desired) {
        // Only nets have anything to tune.
        let net = matches!(self.model, ModelKind::Dbn | ModelKind::Mlp);
        if net && desired.tunables != self.tunables {
            learner.tune(&desired.tunables);
            self.frozen = None;
            let (x, from) = self.tuned.take().map_or((self.x, self.tunables), |t| (t.x, t.from));
            self.tuned = Some(Tuned { x, from, last: Instant::now() });
            self.tunables = desired.tunables;
        }
        if self.tuned.as_ref().is_some_and(|t| t.last.elapsed() >= SLIDER_RESTS) {
            self.tell_tuned();
        }
    }

    /// A slider that has come to rest is one change, told with the place where it began to move.
    fn tell_tuned(&mut self) {
        if let Some(Tuned { x, from, .. }) = self.tuned.take() {
            self.flush();
            self.far.send(Event::Tuned { model: self.model, x, from, to: self.tunables });
        }
    }
}

impl Control for Lanes<'_> {
    fn go_on(&mut self, learner: &mut dyn Learner, boundary: bool) -> bool {
        if let Some(start) = self.portion_start.take() {
            self.working += start.elapsed();
            self.learning += start.elapsed();
            self.epochs += u64::from(boundary);
        }
        self.announce(learner);
        self.snapshot(learner, false);
        if boundary {
            self.record(learner, false);
        }
        let mut desired = self.far.shared.desired();
        if boundary {
            if std::mem::take(&mut self.stepping) {
                self.snapshot(learner, true);
            }
            // Wait for the beat of the pace, but hear every change of mind.
            // Iterations of an SVM are not epochs, and of an ensemble one net is enough to watch: they are not held up.
            let Progress { phase, planned, .. } = learner.progress();
            let held = self.watched && planned.is_some() && phase.net().is_none_or(|net| net.index == 0);
            while let (Mode::Run, Some(pace), true) = (desired.mode, desired.pace, held) {
                let beat = Duration::from_secs_f64(1.0 / pace.max(0.01));
                let Some(left) = beat.checked_sub(self.last_boundary.elapsed()).filter(|d| !d.is_zero()) else { break };
                self.flush();
                desired = self.far.shared.wait(&desired, Some(left));
            }
            self.last_boundary = Instant::now();
        }
        let mut is_recorded = false;
        while desired.mode == Mode::Pause && !self.stepping {
            self.tune(learner, &desired);
            if desired.steps > *self.steps_done {
                *self.steps_done += 1;
                self.stepping = true;
                break;
            }
            if !std::mem::replace(&mut is_recorded, true) {
                self.record_hold(learner);
            }
            self.snapshot(learner, true);
            desired = self.far.shared.wait(&desired, self.tuned.as_ref().map(|_| SLIDER_RESTS));
        }
        if desired.mode == Mode::Run {
            // Steps asked for while running are not saved up.
            *self.steps_done = desired.steps;
        }
        self.tune(learner, &desired);
        if desired.skip_search && self.far.shared.take_skip_search() {
            self.skip_search(learner);
        }
        self.portion_start = Some(Instant::now());
        self.portions += 1;
        desired.mode != Mode::Stop && !self.far.abandoned()
    }

    fn search_skipped_after(&self) -> Option<u64> {
        self.search_skipped_after
    }

    fn point(&mut self, point: Point) {
        self.x = self.x.max(point.x);
        self.points.push(point);
    }
}
