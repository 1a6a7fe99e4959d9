//! The deep belief network (MATH §4; H06, paper's eq. 2–4).
//!
//! Greedy pre-training of RBMs from the lowest layer up, then fine-tuning of the whole stack with a softmax on top. The
//! same net without pre-training is its control.
//!
//! All rows, labelled or not, pre-train; labelled ones fine-tune. A stratified part of the labelled rows is set apart
//! for validation curves and early stopping, and takes no part in either.

mod fine_tuning;
mod pre_training;
mod settings;

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate};
use rand::seq::SliceRandom as _;

use self::fine_tuning::FineTuning;
use self::pre_training::{Portion, PreTraining};
pub use self::settings::{DbnParameters, DbnSettings, FineTuningSettings, MAX_LAYERS, MAX_UNITS, PreTrainingSettings};
use super::network::{Network, softmax};
use super::rbm::Rbm;
use super::{
    Advance, ClassWeight, Classifier, FitFacts, Learner, ModelError, Phase, Point, Progress, StopReason, TrainingSet,
    Tunables,
};
use crate::random::{Purpose, Stream, stream};

/// Work of one portion in multiply-adds: a few milliseconds.
const PORTION: usize = 20_000_000;
/// Rows on which reconstruction error, loss and accuracy are measured after each epoch, at most.
const MONITOR_ROWS: usize = 2000;

/// Of `rows`, how many are measured for a net of this many weights: no more work than a portion.
fn monitored(rows: usize, weights: usize) -> usize {
    rows.min(MONITOR_ROWS).min((PORTION / weights.max(1)).max(100))
}

/// The lowest RBM of a DBN alone, trained on rows `x` `(n_rows, n_inputs)` without any set apart, and why it stopped when
/// it ran away; its last good state is kept then.
pub fn pre_train_lowest(parameters: &DbnParameters, x: Array2<f32>, seed: u64) -> (Rbm, Option<StopReason>) {
    let none = Array2::zeros((0, x.ncols()));
    let mut stage = PreTraining::first(parameters, x, none, seed);
    let tunables = parameters.settings.tunables();
    let stopped = loop {
        match stage.advance(&tunables, &mut 0) {
            Portion::EpochEnd { last: true } => break None,
            Portion::Diverged(reason) => break Some(reason),
            Portion::Within | Portion::EpochEnd { last: false } => {}
        }
    };
    (stage.take().0, stopped)
}

/// Whether the stack is pre-trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Contrastive divergence first: a deep belief network.
    PreTrained,
    /// Straight to fine-tuning from Glorot's random weights: the control.
    Random,
}

/// The rows of a run after setting the validation part apart.
struct Rows {
    x: Array2<f32>,
    y: Vec<usize>,
    x_validation: Array2<f32>,
    y_validation: Vec<usize>,
    n_classes: usize,
}

enum Stage {
    PreTraining(Box<PreTraining>),
    FineTuning(Box<FineTuning>),
    Finished(StopReason),
}

/// Trains a DBN, or the same net without pre-training.
pub struct DbnLearner {
    parameters: DbnParameters,
    tunables: Tunables,
    seed: u64,
    start: Start,
    rows: Rows,
    stage: Stage,
    /// Machines finished so far, from the lowest.
    rbms: Vec<Rbm>,
    /// Last reconstruction error of each finished machine, validation rows where there are any.
    reconstruction: Vec<f64>,
    /// What fine-tuning left.
    network: Option<(Network, usize)>,
    epochs_done: u64,
    epochs_planned: u64,
    rows_seen: u64,
}

impl DbnLearner {
    /// Prepares a run; nothing is trained yet. The same rows, parameters and seed give the same bits.
    ///
    /// # Errors
    /// When the rows cannot be learned from: fewer than two, not finite, a single class.
    pub fn new(set: &TrainingSet, parameters: DbnParameters, start: Start, seed: u64) -> Result<Self, ModelError> {
        set.check_labelled()?;
        if set.y.iter().all(|&y| y == set.y[0]) {
            return Err(ModelError::OneClass);
        }
        let settings = &parameters.settings;
        let share = if settings.fine_tuning.early_stopping { settings.fine_tuning.validation_share } else { 0.0 };
        let rows = Rows::new(set, share, seed);
        let tunables = settings.tunables();
        let fine_tuning_epochs = parameters.fine_tuning_epochs(rows.y.len()) as u64;
        let mut learner = Self {
            tunables,
            seed,
            start,
            stage: Stage::Finished(StopReason::Stopped),
            rbms: Vec::new(),
            reconstruction: Vec::new(),
            network: None,
            epochs_done: 0,
            epochs_planned: fine_tuning_epochs,
            rows_seen: 0,
            rows,
            parameters,
        };
        learner.stage = match start {
            Start::PreTrained => {
                let x = concatenate![Axis(0), learner.rows.x, set.x_unlabelled];
                let first = PreTraining::first(&learner.parameters, x, learner.rows.x_validation.clone(), seed);
                learner.epochs_planned += first.epochs() as u64 * learner.parameters.settings.layers.len() as u64;
                Stage::PreTraining(Box::new(first))
            }
            Start::Random => learner.fine_tuning(),
        };
        Ok(learner)
    }

    fn fine_tuning(&self) -> Stage {
        let settings = &self.parameters.settings;
        let network = match self.start {
            Start::PreTrained => fine_tuning::unfold(&self.rbms, &self.rows, self.seed),
            Start::Random => fine_tuning::random_network(&settings.layers, &self.rows, self.seed),
        };
        Stage::FineTuning(Box::new(FineTuning::new(network, &self.parameters, &self.rows, self.seed)))
    }

    fn advance_pre_training(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        let Stage::PreTraining(stage) = &mut self.stage else { return Advance::Within };
        let before = self.rows_seen;
        let end = stage.advance(&self.tunables, &mut self.rows_seen);
        debug_assert!(self.rows_seen > before, "a portion does something");
        match end {
            Portion::Within => Advance::Within,
            Portion::Diverged(reason) => {
                // The layer's last good state counts as finished, so that the machines so far can be looked at.
                let (rbm, reconstruction) = stage.take();
                self.rbms.push(rbm);
                self.reconstruction.extend(reconstruction);
                self.stage = Stage::Finished(reason.clone());
                Advance::Finished(reason)
            }
            Portion::EpochEnd { last } => {
                self.epochs_done += 1;
                stage.record(self.epochs_done as f64, record);
                if last {
                    let layer = stage.layer() + 1;
                    let inputs = (layer < self.parameters.settings.layers.len()).then(|| stage.inputs_above());
                    let (rbm, reconstruction) = stage.take();
                    self.rbms.push(rbm);
                    self.reconstruction.extend(reconstruction);
                    self.stage = match inputs {
                        Some((x, x_validation)) => Stage::PreTraining(Box::new(PreTraining::above(
                            &self.parameters,
                            layer,
                            x,
                            x_validation,
                            self.seed,
                        ))),
                        None => self.fine_tuning(),
                    };
                }
                Advance::Boundary
            }
        }
    }

    fn advance_fine_tuning(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        let Stage::FineTuning(stage) = &mut self.stage else { return Advance::Within };
        match stage.advance(&self.rows, self.tunables.fine_tuning_rate, &mut self.rows_seen) {
            fine_tuning::Portion::Within => Advance::Within,
            fine_tuning::Portion::EpochEnd(stop) => {
                // An epoch in which numbers ran away is not one: nothing of it is shown.
                if !matches!(stop, Some(StopReason::Diverged { .. })) {
                    self.epochs_done += 1;
                    stage.record(self.epochs_done as f64, record);
                }
                match stop {
                    None => Advance::Boundary,
                    Some(reason) => {
                        self.network = Some(stage.take_best());
                        self.stage = Stage::Finished(reason.clone());
                        Advance::Finished(reason)
                    }
                }
            }
        }
    }
}

impl Learner for DbnLearner {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        match &self.stage {
            Stage::PreTraining(_) => self.advance_pre_training(record),
            Stage::FineTuning(_) => self.advance_fine_tuning(record),
            Stage::Finished(reason) => Advance::Finished(reason.clone()),
        }
    }

    fn progress(&self) -> Progress {
        let (phase, done, planned) = match &self.stage {
            Stage::PreTraining(s) => (Phase::PreTraining { layer: s.layer() }, s.epochs_done(), Some(s.epochs())),
            Stage::FineTuning(s) => (Phase::FineTuning, s.epochs_done(), Some(s.epochs())),
            Stage::Finished(_) => (Phase::Finished, 0, None),
        };
        let fraction = match &self.stage {
            Stage::Finished(_) => 1.0,
            _ => self.epochs_done as f64 / self.epochs_planned.max(1) as f64,
        };
        Progress { phase, done: done as u64, planned: planned.map(|p| p as u64), fraction, rows_seen: self.rows_seen }
    }

    fn tune(&mut self, tunables: &Tunables) {
        self.tunables = *tunables;
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        let network = match (&self.network, &self.stage) {
            (Some((network, _)), _) => network.clone(),
            // The best epoch so far: what is left when the run is stopped here.
            (None, Stage::FineTuning(stage)) => stage.take_best().0,
            // Not yet fine-tuned: the output layer knows no more than the share of each class.
            (None, _) => {
                let mut rbms = self.rbms.clone();
                if let Stage::PreTraining(stage) = &self.stage {
                    rbms.push(stage.rbm().clone());
                }
                fine_tuning::unfold(&rbms, &self.rows, self.seed)
            }
        };
        let weights = self.rows.class_weights(self.parameters.settings.fine_tuning.class_weight);
        Arc::new(DbnClassifier { network, log_weights: weights.iter().map(|w| w.ln()).collect() })
    }

    fn facts(&self) -> FitFacts {
        let settings = &self.parameters.settings;
        let (best_epoch, stop_reason) = match (&self.stage, &self.network) {
            (Stage::FineTuning(stage), _) => (stage.best_epoch(), StopReason::Stopped),
            (Stage::Finished(reason), Some((_, best))) => (*best, reason.clone()),
            (Stage::Finished(reason), None) => (0, reason.clone()),
            (Stage::PreTraining(_), _) => (0, StopReason::Stopped),
        };
        let pretrain_epochs = match self.start {
            Start::PreTrained => {
                (self.epochs_planned as usize - self.parameters.fine_tuning_epochs(self.rows.y.len()))
                    / settings.layers.len()
            }
            Start::Random => 0,
        };
        FitFacts::Dbn {
            layers: settings.layers.clone(),
            pretrain_epochs,
            reconstruction_error: self.reconstruction.clone(),
            best_epoch,
            stop_reason,
        }
    }

    fn weights(&self) -> Vec<Array2<f32>> {
        match (&self.stage, &self.network) {
            (_, Some((network, _))) => network.layers.iter().map(|l| l.w.clone()).collect(),
            (Stage::FineTuning(stage), _) => stage.network().layers.iter().map(|l| l.w.clone()).collect(),
            (Stage::PreTraining(stage), _) => self.rbms.iter().chain([stage.rbm()]).map(|r| r.w.clone()).collect(),
            (Stage::Finished(_), None) => self.rbms.iter().map(|r| r.w.clone()).collect(),
        }
    }
}

impl Rows {
    /// Sets `share` of each class apart (at least one row of each class stays).
    fn new(set: &TrainingSet, share: f64, seed: u64) -> Self {
        let mut random = stream(seed, Purpose::EarlyStopping, 0);
        let mut validation = vec![false; set.y.len()];
        for class in 0..set.n_classes {
            let mut members: Vec<usize> = (0..set.y.len()).filter(|&i| set.y[i] == class).collect();
            members.shuffle(&mut random);
            let n = ((members.len() as f64 * share).round() as usize).min(members.len().saturating_sub(1));
            for &i in &members[..n] {
                validation[i] = true;
            }
        }
        // In random order, so that the first rows of either part are a fair sample to measure on.
        let mut pick = |part: bool| -> Vec<usize> {
            let mut rows: Vec<usize> = (0..set.y.len()).filter(|&i| validation[i] == part).collect();
            rows.shuffle(&mut random);
            rows
        };
        let (fit, held) = (pick(false), pick(true));
        Self {
            x: set.x.select(Axis(0), &fit),
            y: fit.iter().map(|&i| set.y[i]).collect(),
            x_validation: set.x.select(Axis(0), &held),
            y_validation: held.iter().map(|&i| set.y[i]).collect(),
            n_classes: set.n_classes,
        }
    }

    fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.n_classes];
        for &y in &self.y {
            counts[y] += 1;
        }
        counts
    }

    /// Weight of each class in the loss; balanced ones are `n/(K·n_k)`, and average 1 over the rows.
    fn class_weights(&self, weight: ClassWeight) -> Vec<f32> {
        let n = self.y.len() as f32;
        let each = |&count: &usize| match weight {
            ClassWeight::None => 1.0,
            ClassWeight::Balanced => n / (self.n_classes as f32 * count.max(1) as f32),
        };
        self.class_counts().iter().map(each).collect()
    }
}

/// The trained net.
///
/// With class weights w the softmax learns probabilities in proportion to `w_k·p_k`; taking `ln w_k` off the logits gives
/// the real bad rate back.
struct DbnClassifier {
    network: Network,
    log_weights: Array1<f32>,
}

impl Classifier for DbnClassifier {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        softmax(self.network.logits(&x) - &self.log_weights)
    }

    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        let logits = self.network.logits(&x);
        logits.rows().into_iter().map(|z| f64::from(z[1]) - f64::from(z[0])).collect()
    }
}

/// The order of rows in one epoch.
fn shuffled(rows: usize, random: &mut Stream) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(random);
    order
}

/// Copies the rows `order` of `x` to the top of `batch`.
fn gather(x: &Array2<f32>, order: &[usize], batch: &mut Array2<f32>) {
    for (row, &i) in batch.rows_mut().into_iter().zip(order) {
        x.row(i).assign_to(row);
    }
}

#[cfg(test)]
mod tests;
