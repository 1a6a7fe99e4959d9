//! The three lanes between the window and a training worker: desired state (latest wins), events (ordered, none lost),
//! snapshot (newest only).

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{LiveChanges, ModelKind, PreparedFold, Recording, Scored, TrainingError};
use crate::model::dbn::NetState;
use crate::model::{Classifier, FitFacts, Monitors, Phase, Point, Progress, StopReason, Support, Tunables};

/// What the worker should be doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Advance.
    Run,
    /// Wait; `steps` in [`Desired`] may still let single epochs through.
    Pause,
    /// End, keeping the model so far.
    Stop,
}

/// The desired state: written by the window, looked at by the worker once per portion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Desired {
    /// What to do.
    pub mode: Mode,
    /// Single steps asked for since the start: while paused the worker does one epoch for each.
    pub steps: u64,
    /// Rates and the like, for the running learner.
    pub tunables: Tunables,
    /// Epochs a second at most, so that a person can follow; `None` is as fast as possible. Holds for the first net of an
    /// ensemble and of the run; the others are not held up. Never changes a result.
    pub pace: Option<f64>,
    /// Whether pictures of the weights are wanted.
    pub look: bool,
    /// Whether the search for settings under way should end with the best found so far, and the fit begin. The worker takes the
    /// wish back once it has seen it, so that it holds for this search alone: where none is under way it comes to nothing.
    pub skip_search: bool,
}

/// Something that happened, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The rows are split and prepared.
    Prepared {
        /// Labelled training rows.
        n_train: usize,
        /// Held-out rows.
        n_test: usize,
        /// Bad ones among the held-out rows.
        bad_test: usize,
        /// Rows without a label, for pre-training.
        n_unlabelled: usize,
        /// Names of the learner's inputs.
        inputs: Vec<String>,
        /// What the preparation set aside.
        notices: Vec<String>,
    },
    /// A model entered a phase at `x` epochs (or iterations).
    Phase {
        /// The model.
        model: ModelKind,
        /// Its phase.
        phase: Phase,
        /// Where on the time axis.
        x: f64,
    },
    /// Points of live curves.
    Points(ModelKind, Vec<Point>),
    /// Changed tunables reached the learner at `x` epochs.
    Tuned {
        /// The model.
        model: ModelKind,
        /// Where on the time axis.
        x: f64,
        /// Before.
        from: Tunables,
        /// After.
        to: Tunables,
    },
    /// A model is trained and scored on the held-out rows.
    ModelDone(Box<ModelDone>),
    /// Nothing follows. Always the last, after a panic too.
    Ended(End),
}

/// A model that was trained and scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelDone {
    /// The model.
    pub model: ModelKind,
    /// Its answers for the held-out rows.
    pub scored: Scored,
    /// About the fit.
    pub facts: FitFacts,
    /// What there is to know of it, a sentence each without a full stop.
    pub notices: Vec<String>,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// What was done to it while it ran.
    pub changes: LiveChanges,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Every model is trained.
    Finished,
    /// Stopped by the user; what was trained is kept.
    Stopped,
    /// It could not go on.
    Failed(TrainingError),
}

/// The newest state for pictures and the status line.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The model in training.
    pub model: ModelKind,
    /// Where it stands.
    pub progress: Progress,
    /// Position on the time axis of its curves.
    pub x: f64,
    /// Rows a second of late, waiting excluded.
    pub rows_per_second: f64,
    /// The net frozen as it was; `None` unless looked at, and for models without layers.
    pub state: Option<Arc<NetState>>,
    /// What the layers look like; `None` unless looked at.
    pub monitors: Option<Monitors>,
}

/// A model that answers for prepared rows.
pub struct Fitted {
    /// Its answers; calibrated once it is done.
    pub classifier: Arc<dyn Classifier>,
    /// Which training rows are support vectors; none for models without any.
    pub support: Vec<Support>,
    /// Whether it is done.
    pub done: bool,
}

/// Events that fit into the channel before the worker keeps them itself.
const QUEUE: usize = 256;

/// What both ends share.
pub(super) struct Shared {
    desired: Mutex<Desired>,
    changed: Condvar,
    snapshot: Mutex<Option<Snapshot>>,
    /// The DBN as it ended.
    trained_net: Mutex<Option<Arc<NetState>>>,
    fold: Mutex<Option<Arc<PreparedFold>>>,
    fitted: Mutex<BTreeMap<ModelKind, Arc<Fitted>>>,
    pub(super) recording: Recording,
    wake: Box<dyn Fn() + Send + Sync>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn desired(&self) -> Desired {
        *lock(&self.desired)
    }

    /// Whether a search was to end; the wish is taken back.
    pub(super) fn take_skip_search(&self) -> bool {
        std::mem::take(&mut lock(&self.desired).skip_search)
    }

    /// Waits until the desired state changes or the time is over.
    pub(super) fn wait(&self, seen: &Desired, at_most: Option<Duration>) -> Desired {
        let guard = lock(&self.desired);
        let same = |d: &mut Desired| d == seen;
        match at_most {
            Some(time) => *self.changed.wait_timeout_while(guard, time, same).unwrap_or_else(PoisonError::into_inner).0,
            None => *self.changed.wait_while(guard, same).unwrap_or_else(PoisonError::into_inner),
        }
    }

    pub(super) fn keep_net(&self, net: Arc<NetState>) {
        *lock(&self.trained_net) = Some(net);
    }

    pub(super) fn keep_fold(&self, fold: Arc<PreparedFold>) {
        *lock(&self.fold) = Some(fold);
    }

    pub(super) fn keep_fitted(&self, model: ModelKind, fitted: Fitted) {
        lock(&self.fitted).insert(model, Arc::new(fitted));
    }

    /// A state and monitors that have not been looked at yet are not overwritten by a snapshot without any.
    pub(super) fn show(&self, mut snapshot: Snapshot) {
        let mut slot = lock(&self.snapshot);
        if let Some(unseen) = slot.take().filter(|_| snapshot.state.is_none()) {
            snapshot.state = unseen.state;
            snapshot.monitors = snapshot.monitors.or(unseen.monitors);
        }
        *slot = Some(snapshot);
        drop(slot);
        (self.wake)();
    }
}

/// The window's end.
pub(super) struct Near {
    shared: Arc<Shared>,
    events: Receiver<Event>,
}

/// The worker's end.
pub(super) struct Far {
    pub(super) shared: Arc<Shared>,
    events: SyncSender<Event>,
    /// Events the channel had no room for, in order.
    waiting: VecDeque<Event>,
    /// The window is gone.
    abandoned: bool,
}

/// Both ends of the lanes. `wake` is called after news, from the worker's thread.
pub(super) fn lanes(desired: Desired, wake: Box<dyn Fn() + Send + Sync>) -> (Near, Far) {
    let shared = Arc::new(Shared {
        desired: Mutex::new(desired),
        changed: Condvar::new(),
        snapshot: Mutex::new(None),
        trained_net: Mutex::default(),
        fold: Mutex::default(),
        fitted: Mutex::default(),
        recording: Recording::default(),
        wake,
    });
    let (sender, receiver) = sync_channel(QUEUE);
    let far = Far { shared: Arc::clone(&shared), events: sender, waiting: VecDeque::new(), abandoned: false };
    (Near { shared, events: receiver }, far)
}

impl Near {
    /// Changes the desired state and wakes the worker.
    pub(super) fn ask(&self, change: impl FnOnce(&mut Desired)) {
        change(&mut lock(&self.shared.desired));
        self.shared.changed.notify_all();
    }

    pub(super) fn desired(&self) -> Desired {
        self.shared.desired()
    }

    /// Events since the last call, in order, without waiting.
    pub(super) fn drain(&self) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            match self.events.try_recv() {
                Ok(event) => events.push(event),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return events,
            }
        }
    }

    /// The DBN as it ended.
    pub(super) fn trained_net(&self) -> Option<Arc<NetState>> {
        lock(&self.shared.trained_net).clone()
    }

    /// The rows of the run, split and prepared.
    pub(super) fn fold(&self) -> Option<Arc<PreparedFold>> {
        lock(&self.shared.fold).clone()
    }

    /// A model as it is so far, or as it ended.
    pub(super) fn fitted(&self, model: ModelKind) -> Option<Arc<Fitted>> {
        lock(&self.shared.fitted).get(&model).cloned()
    }

    pub(super) fn recording(&self) -> Recording {
        self.shared.recording.clone()
    }

    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        lock(&self.shared.snapshot).take()
    }
}

impl Far {
    /// Hands an event over without ever blocking; what finds no room waits its turn here.
    pub(super) fn send(&mut self, event: Event) {
        match (self.waiting.back_mut(), event) {
            // Points that wait are put together, so that the queue stays short however long nobody looks.
            (Some(Event::Points(last, points)), Event::Points(model, more)) if *last == model => points.extend(more),
            (_, event) => self.waiting.push_back(event),
        }
        while let Some(event) = self.waiting.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.waiting.push_front(event);
                    break;
                }
                Err(TrySendError::Disconnected(_)) => {
                    self.abandoned = true;
                    break;
                }
            }
        }
        (self.shared.wake)();
    }

    /// Whether the window's end is gone.
    pub(super) fn abandoned(&self) -> bool {
        self.abandoned
    }

    /// The last event. Waits for room, since nothing is left to hold up.
    pub(super) fn end(mut self, end: End) {
        self.waiting.push_back(Event::Ended(end));
        while let Some(event) = self.waiting.pop_front() {
            if self.events.send(event).is_err() {
                return;
            }
            (self.shared.wake)();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Series;
    use crate::model::dbn::DbnSettings;

    fn desired() -> Desired {
        let tunables = DbnSettings::default().tunables();
        Desired { mode: Mode::Run, steps: 0, tunables, pace: None, look: false, skip_search: false }
    }

    #[test]
    fn no_event_is_lost_or_reordered_however_slow_the_reader() {
        let (near, mut far) = lanes(desired(), Box::new(|| ()));
        let point = |i: u32| Point { series: Series::KktGap, x: f64::from(i), y: 1.0 };
        for i in 0..3000 {
            far.send(Event::Points(ModelKind::Svm, vec![point(i)]));
            if i % 1000 == 999 {
                far.send(Event::Phase { model: ModelKind::Svm, phase: Phase::SvmFit, x: f64::from(i) });
            }
        }
        let mut events = near.drain();
        let ender = std::thread::scope(|scope| {
            scope.spawn(move || far.end(End::Finished));
            loop {
                events.extend(near.drain());
                if matches!(events.last(), Some(Event::Ended(End::Finished))) {
                    return events;
                }
                std::thread::yield_now();
            }
        });
        let xs: Vec<f64> = ender
            .iter()
            .flat_map(|e| match e {
                Event::Points(_, points) => points.iter().map(|p| p.x).collect(),
                _ => Vec::new(),
            })
            .collect();
        assert_eq!(xs, (0..3000).map(f64::from).collect::<Vec<_>>());
        assert_eq!(ender.iter().filter(|e| matches!(e, Event::Phase { .. })).count(), 3);
    }

    #[test]
    fn a_worker_learns_that_the_window_is_gone() {
        let (near, mut far) = lanes(desired(), Box::new(|| ()));
        drop(near);
        far.send(Event::Points(ModelKind::Dbn, Vec::new()));
        assert!(far.abandoned());
        far.end(End::Stopped);
    }
}
