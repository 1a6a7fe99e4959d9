//! The deep belief network (MATH §4; H06, paper's eq. 2–4).
//!
//! Greedy pre-training of RBMs from the lowest layer up, then fine-tuning of the whole stack with a softmax on top. The
//! same net without pre-training is its control.
//!
//! All rows, labelled or not, pre-train; labelled ones fine-tune. Several nets can be trained one after another, each on
//! all labelled rows but a stratified part of its own, on which it stops early and which takes no part in its learning;
//! their probabilities are averaged. A single net sets a share of the labelled rows apart in the same way.

mod annealing;
mod features;
mod fine_tuning;
mod folds;
mod input_map;
mod machine;
mod model;
mod net_state;
mod net_training;
mod pre_training;
mod rows;
mod settings;
mod watching;

use std::sync::Arc;

use ndarray::Array2;

pub use self::annealing::{Annealing, LogLikelihood};
pub use self::input_map::InputMap;
pub use self::model::{DbnModel, Net};
pub use self::net_state::{Edit, LastUpdate, Moment, NetState};
use self::net_training::{NetTraining, Shown};
pub use self::pre_training::NextUpdate;
use self::pre_training::{Portion, PreTraining};
use self::rows::Rows;
pub use self::settings::{
    DbnParameters, DbnSettings, EarlyStopping, FineTuningSettings, MAX_LAYERS, MAX_UNITS, Method, PreTrainingSettings,
    SkipInput, Top, VisibleUnits,
};
use super::calibrated::Refit;
use super::rbm::{Rbm, Visible};
use super::{
    Advance, Classifier, Fault, FitFacts, Learner, ModelError, Monitors, NetOf, Phase, Point, Progress, StopReason,
    TrainingSet, Tunables,
};
use crate::random::{Purpose, derived_seed};

/// Work of one portion in multiply-adds: a few milliseconds.
const PORTION: usize = 20_000_000;

/// The lowest RBM of a DBN alone, trained on rows `x` `(n_rows, n_inputs)` without any set apart.
///
/// Beside it why it stopped when it ran away; its last good state is kept then. Visible units are Gaussian whatever the settings say of the DBN's.
pub fn pre_train_lowest(parameters: &DbnParameters, x: Array2<f32>, seed: u64) -> (Rbm, Option<StopReason>) {
    let set = TrainingSet {
        x: Array2::zeros((0, x.ncols())),
        y: Vec::new(),
        x_unlabelled: x,
        n_classes: 2,
        groups: Vec::new(),
    };
    let rows = Rows::new(Arc::new(set), Vec::new(), Vec::new());
    let mut stage = PreTraining::first(parameters, &rows, (Visible::Gaussian, None), NetOf::SINGLE, seed);
    let tunables = parameters.settings.tunables();
    let stopped = loop {
        match stage.advance(PORTION, parameters, &rows, &[], &tunables, &mut 0) {
            Portion::EpochEnd { last: true } => break None,
            Portion::Diverged(reason, _) => break Some(reason),
            Portion::Within | Portion::EpochEnd { last: false } => {}
        }
    };
    (stage.rbm().clone(), stopped)
}

/// Whether the stack is pre-trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Contrastive divergence first: a deep belief network.
    PreTrained,
    /// Straight to fine-tuning from Glorot's random weights: the control.
    Random,
}

/// Trains a DBN, or the same net without pre-training: one net after another.
#[derive(Clone)]
pub struct DbnLearner {
    parameters: DbnParameters,
    /// Those that hold for the mini-batch under way.
    tunables: Tunables,
    /// Those from the next one on.
    wanted: Tunables,
    /// Every change of them.
    edits: Vec<Edit>,
    seed: u64,
    start: Start,
    /// An existing model that learns further.
    from: Option<Arc<DbnModel>>,
    shown: Shown,
    n_labelled: u64,
    /// Nets asked for; the parameters hold how many there are.
    asked: usize,
    /// Rows of the nets that have not begun, the next one last.
    waiting: Vec<Rows>,
    done: Vec<Arc<Done>>,
    /// The net at work; the last one stays when all are done.
    current: NetTraining,
    /// Epochs of the nets that are done.
    epochs_before: usize,
    rows_seen: u64,
    /// Scores of the rows set apart from each net that is done, by that net; `None` where nothing is set apart.
    held_out: Option<Vec<(usize, f64)>>,
    finished: Option<StopReason>,
}

/// A net that is trained, and what its fit says.
struct Done {
    net: Net,
    best_epoch: usize,
    reconstruction: Vec<f64>,
    reason: StopReason,
    fault: Option<Fault>,
}

impl DbnLearner {
    /// Prepares a run; nothing is trained yet. The same rows, parameters and seed give the same bits.
    ///
    /// # Errors
    /// When the rows cannot be learned from: none, not finite, a single class.
    pub fn new(set: &Arc<TrainingSet>, parameters: DbnParameters, start: Start, seed: u64) -> Result<Self, ModelError> {
        Self::with(set, parameters, start, None, seed)
    }

    /// A trained model that learns further on the rows of `set`, prepared as those it was trained on. Each of its nets goes
    /// on with fine-tuning, on parts of these rows as in [`Self::new`]; pre-training is not repeated, since it would undo
    /// what the net has learned. Until an epoch is done the model stays as it is.
    ///
    /// # Errors
    /// As for [`Self::new`], and when the model takes other inputs or knows other classes.
    pub fn resume(
        model: DbnModel,
        set: &Arc<TrainingSet>,
        parameters: DbnParameters,
        seed: u64,
    ) -> Result<Self, ModelError> {
        Self::with(set, parameters, Start::PreTrained, Some(model), seed)
    }

    fn with(
        set: &Arc<TrainingSet>,
        parameters: DbnParameters,
        start: Start,
        from: Option<DbnModel>,
        seed: u64,
    ) -> Result<Self, ModelError> {
        set.check_labelled()?;
        if set.y.iter().all(|&y| y == set.y[0]) {
            return Err(ModelError::OneClass);
        }
        let n_rows = set.x.nrows() + set.x_unlabelled.nrows();
        if n_rows > rows::MAX_ROWS {
            return Err(ModelError::TooManyRows { n_rows, most: rows::MAX_ROWS });
        }
        if let Some((inputs, classes)) = from.as_ref().map(DbnModel::shape)
            && (inputs, classes) != (set.x.ncols(), set.n_classes)
        {
            let (n_inputs, n_classes) = (set.x.ncols(), set.n_classes);
            return Err(ModelError::OtherModel { inputs, classes, n_inputs, n_classes });
        }
        let asked = from.as_ref().map_or(parameters.settings.nets, |model| model.nets.len());
        let n_nets = from.as_ref().map_or_else(|| folds::possible(set, asked, seed), |model| model.nets.len());
        let parameters = parameters.with_nets(n_nets);
        let settings = &parameters.settings;
        let mut waiting = if n_nets == 1 {
            vec![folds::single_rows(set, settings.fine_tuning.share_set_apart(), seed)]
        } else {
            folds::fold_rows(set, n_nets, seed)
        };
        let sets_apart = set.n_classes == 2 && waiting.iter().any(|rows| !rows.validation().is_empty());
        waiting.reverse();
        let Some(first) = waiting.pop() else { return Err(ModelError::TooFewRows { n_rows: 0, needed: 1 }) };
        let shown = match start {
            Start::PreTrained if from.is_none() => {
                let (visible, map) = InputMap::new(parameters.settings.pre_training.visible, set);
                (visible, map.map(Arc::new))
            }
            _ => (Visible::Gaussian, None),
        };
        let net = NetOf { index: 0, of: n_nets };
        let current = begin(&parameters, first, start, &shown, from.as_ref(), net, seed);
        Ok(Self {
            tunables: parameters.settings.tunables(),
            wanted: parameters.settings.tunables(),
            edits: Vec::new(),
            parameters,
            seed,
            start,
            n_labelled: set.y.len() as u64,
            asked,
            waiting,
            from: from.map(Arc::new),
            shown,
            done: Vec::new(),
            current,
            epochs_before: 0,
            rows_seen: 0,
            held_out: sets_apart.then(Vec::new),
            finished: None,
        })
    }

    /// The model so far: the nets that are done, and the one at work when it has learned from labels or is the only one.
    pub fn model(&self) -> DbnModel {
        let mut nets: Vec<Net> = self.done.iter().map(|done| done.net.clone()).collect();
        if self.finished.is_none() && (nets.is_empty() || self.current.is_fine_tuned()) {
            nets.push(self.current.so_far(&self.parameters));
        }
        DbnModel { nets, rows_learned: self.rows_before() + self.n_labelled }
    }

    fn rows_before(&self) -> u64 {
        self.from.as_ref().map_or(0, |model| model.rows_learned)
    }

    /// Takes the net at work in, and begins the next. What all came to, when there is none.
    fn next_net(&mut self, reason: StopReason) -> Option<StopReason> {
        let diverged = matches!(reason, StopReason::Diverged { .. });
        // A net that ran away is not averaged with sound ones; alone, its last good state is what there is.
        if !diverged || self.done.is_empty() {
            self.done.push(Arc::new(Done {
                net: self.current.so_far(&self.parameters),
                best_epoch: self.current.best_epoch().unwrap_or(0),
                reconstruction: self.current.reconstruction().to_vec(),
                reason: reason.clone(),
                fault: self.current.monitors().fault,
            }));
        }
        if diverged {
            return Some(reason);
        }
        if let (Some(held_out), Some(done)) = (&mut self.held_out, self.done.last()) {
            held_out.extend(self.current.scores_of_rows_apart(&done.net));
        }
        let Some(rows) = self.waiting.pop() else {
            let early = self.done.iter().find(|done| done.reason == StopReason::EarlyStopped);
            return Some(early.map_or(StopReason::Completed, |done| done.reason.clone()));
        };
        self.epochs_before += self.current.epochs_done();
        let net = NetOf { index: self.done.len(), of: self.n_nets() };
        self.current = begin(&self.parameters, rows, self.start, &self.shown, self.from.as_deref(), net, self.seed);
        None
    }

    fn n_nets(&self) -> usize {
        self.parameters.settings.nets
    }
}

/// The net number `net.index`, ready to begin.
fn begin(
    parameters: &DbnParameters,
    rows: Rows,
    start: Start,
    shown: &Shown,
    from: Option<&DbnModel>,
    net: NetOf,
    seed: u64,
) -> NetTraining {
    let seed = if net.of == 1 { seed } else { derived_seed(seed, Purpose::Net, net.index as u64) };
    match from.and_then(|model| model.nets.get(net.index)) {
        Some(trained) => NetTraining::resume(parameters, rows, trained.clone(), net, seed),
        None => NetTraining::new(parameters, rows, start, shown, net, seed),
    }
}

impl DbnLearner {
    /// One portion of about `most` multiply-adds, at least one mini-batch or a part of what is done beside them. However a
    /// run is divided into portions, it gives the same bits.
    fn advance_by(&mut self, most: usize, record: &mut dyn FnMut(Point)) -> Advance {
        if let Some(reason) = &self.finished {
            return Advance::Finished(reason.clone());
        }
        if self.wanted != self.tunables && self.current.is_between_updates() {
            self.tunables = self.wanted;
            self.edits.push(Edit { at: self.moment(), tunables: self.wanted });
        }
        let before = self.epochs_before;
        let mut points = Vec::new();
        let end =
            self.current.advance(most, &self.parameters, &self.tunables, &mut self.rows_seen, &mut |series, y| {
                points.push((series, y));
            });
        let x = (before + self.current.epochs_done()) as f64;
        for (series, y) in points {
            record(Point { series, x, y });
        }
        let Advance::Finished(reason) = end else { return end };
        match self.next_net(reason) {
            None => Advance::Boundary,
            Some(reason) => {
                self.finished = Some(reason.clone());
                Advance::Finished(reason)
            }
        }
    }

    /// How far the run has come.
    fn moment(&self) -> Moment {
        let epochs = self.epochs_before + self.current.epochs_done();
        Moment { epochs: epochs as u64, updates: self.current.updates() as u64 }
    }
}

impl Learner for DbnLearner {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        self.advance_by(PORTION, record)
    }

    fn progress(&self) -> Progress {
        let rows_seen = self.rows_seen;
        if self.finished.is_some() {
            return Progress { phase: Phase::Finished, done: 0, planned: None, fraction: 1.0, rows_seen };
        }
        let (phase, done, planned) = self.current.phase();
        let fraction = (self.done.len() as f64 + self.current.fraction()) / self.n_nets() as f64;
        Progress { phase, done: done as u64, planned: planned.map(|p| p as u64), fraction, rows_seen }
    }

    fn tune(&mut self, tunables: &Tunables) {
        self.wanted = *tunables;
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        Arc::new(self.model())
    }

    fn facts(&self) -> FitFacts {
        let mut errors: Vec<&[f64]> = self.done.iter().map(|done| &done.reconstruction[..]).collect();
        let mut best_epochs: Vec<usize> = self.done.iter().map(|done| done.best_epoch).collect();
        if self.finished.is_none() {
            errors.extend(Some(self.current.reconstruction()).filter(|_| errors.is_empty()));
            best_epochs.extend(self.current.best_epoch());
        }
        FitFacts::Dbn {
            layers: self.parameters.settings.layers.clone(),
            pretrain_epochs: self.current.pre_training_epochs(),
            reconstruction_error: mean_of(&errors),
            best_epochs,
            rows_before: self.rows_before(),
            stop_reason: self.finished.clone().unwrap_or(StopReason::Stopped),
        }
    }

    fn notices(&self) -> Vec<String> {
        let (asked, of) = (self.asked, self.n_nets());
        let mut notices = Vec::new();
        if of < asked {
            let nets = if of == 1 { "net" } else { "nets" };
            notices.push(format!(
                "{of} {nets} in place of the {asked} asked for, since the rarest class cannot be divided further"
            ));
        }
        notices.extend(self.current.error().map(|error| error.to_string()));
        for (index, done) in self.done.iter().enumerate() {
            if let Some(fault) = done.fault {
                notices.push(format!("{}{fault}", NetOf { index, of }));
            }
        }
        notices
    }

    fn state(&self) -> Option<NetState> {
        Some(NetState::new(self.clone()))
    }

    fn moment(&self) -> Option<Moment> {
        Some(Self::moment(self))
    }

    fn edits(&self) -> Vec<Edit> {
        self.edits.clone()
    }

    fn state_bytes(&self) -> Option<usize> {
        let held_out = self.held_out.as_ref().map_or(0, |scores| 4 * scores.len());
        Some(size_of::<f32>() * (self.current.size() + held_out))
    }

    fn monitors(&self) -> Monitors {
        self.current.monitors()
    }
}

impl Refit for DbnLearner {
    /// Each net scores the rows set apart from it, on which it also stopped early: a choice among its epochs, small beside
    /// what a fit on these rows would take from them.
    fn held_out_scores(&self) -> Option<Vec<(usize, f64)>> {
        self.held_out.clone()
    }

    fn refit(&self, set: Arc<TrainingSet>) -> Result<Box<dyn Learner>, ModelError> {
        let from = self.from.as_deref().cloned();
        let learner = Self::with(&set, self.parameters.clone(), self.start, from, self.seed)?;
        Ok(Box::new(learner))
    }
}

/// Mean of each place over lists that reach so far.
fn mean_of(lists: &[&[f64]]) -> Vec<f64> {
    let longest = lists.iter().map(|list| list.len()).max().unwrap_or(0);
    let mean = |place: usize| {
        let values: Vec<f64> = lists.iter().filter_map(|list| list.get(place).copied()).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    (0..longest).map(mean).collect()
}

#[cfg(test)]
mod ensemble_tests;
#[cfg(test)]
mod tests;
