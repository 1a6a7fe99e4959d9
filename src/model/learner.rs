//! The two traits, and the plain types they speak in.
//!
//! A [`Learner`] advances by one bounded portion of work and never owns a thread, channel, clock or file; somebody else
//! owns the loop (see `training`), so pause, step, stop and the command line come free. A [`Classifier`] is what is left
//! when learning ends: it holds no reference to training rows.

use std::fmt;
use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::dbn::{Edit, Moment, NetState};
use super::svm::{KernelKind, Tuning};
use super::{FittedModel, Monitors};
use crate::data::json_float;

/// The rows a learner may see: prepared numbers, never the held-out rows.
#[derive(Clone, Debug)]
pub struct TrainingSet {
    /// Labelled rows, `(n_rows, n_inputs)`, finite.
    pub x: Array2<f32>,
    /// Class of each labelled row, `n_rows` values in `0..n_classes`. With two classes, 1 is the bad outcome.
    pub y: Vec<usize>,
    /// Rows without a label, `(n_unlabelled, n_inputs)`, finite, used in pre-training only. May have no rows.
    pub x_unlabelled: Array2<f32>,
    /// Number of classes K ≥ 2.
    pub n_classes: usize,
    /// The group of each labelled row, `n_rows` values, where rows of one group (records of one enterprise, copies of one
    /// row) must never be on both sides of a division; empty where every row is on its own.
    pub groups: Vec<u32>,
}

/// One point of a live curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Which curve.
    pub series: Series,
    /// Epochs since the start of the run for the networks, iterations for the SVM and the logistic regression, trees.
    pub x: f64,
    /// The value, in the unit of the series. Never NaN: an undefined value is not recorded.
    pub y: f64,
}

/// A live curve. Layers are counted from 0, the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// Reconstruction error of one RBM on a fixed set of training rows (MATH §3).
    ReconstructionTraining(usize),
    /// The same on the rows set apart for validation.
    ReconstructionValidation(usize),
    /// Mean free energy of one RBM on a fixed set of training rows, in nats: up to the unknown ln Z, so that only its
    /// distance from the next series means anything.
    FreeEnergyTraining(usize),
    /// The same, validation rows. A gap that grows is over-fitting.
    FreeEnergyValidation(usize),
    /// Exact mean ln p(v) of one RBM in nats, training rows; where it can be enumerated.
    LogLikelihoodTraining(usize),
    /// The same, validation rows.
    LogLikelihoodValidation(usize),
    /// Mean |ΔW| of the last update over mean |W|, of one layer: about 0.001 is sound (H10 §7).
    UpdateRatio(usize),
    /// Share of hidden activations below 0.05 or above 0.95, of one layer.
    Saturation(usize),
    /// Share of hidden units that hardly vary over rows, of one layer.
    DeadUnits(usize),
    /// Mean cross-entropy in nats, training rows: of fine-tuning, by tree, by Newton step of the logistic regression.
    LossTraining,
    /// The same, validation rows.
    LossValidation,
    /// Share of training rows classified correctly.
    AccuracyTraining,
    /// The same, validation rows.
    AccuracyValidation,
    /// Share of watched rows whose likeliest class this is, in fine-tuning.
    Predicted(usize),
    /// Largest KKT violation of the SVM's dual.
    KktGap,
    /// Dual objective ½αᵀQα − eᵀα of the SVM.
    DualObjective,
}

/// What a learner is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Contrastive divergence in RBM number `layer` (from 0).
    PreTraining {
        /// The net it belongs to.
        net: NetOf,
        /// The RBM, from 0.
        layer: usize,
    },
    /// Back-propagation through the whole stack.
    FineTuning {
        /// The net that is trained.
        net: NetOf,
    },
    /// Searching an SVM's C and γ.
    Search,
    /// Solving the SVM's dual.
    SvmFit,
    /// Newton's method on a logistic regression.
    Logistic,
    /// Growing trees one after the other.
    Boosting,
    /// Refits on parts of the training rows, for held-out decision values.
    Calibration {
        /// Which part, from 0.
        part: usize,
        /// Of how many.
        of: usize,
    },
    /// Nothing left to do.
    Finished,
}

/// One net of an ensemble; a net by itself is the first of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NetOf {
    /// Which net, from 0.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

impl NetOf {
    /// A net by itself.
    pub const SINGLE: Self = Self { index: 0, of: 1 };
}

/// "Net 2 of 5 · " before what the net does; nothing when there is only one.
impl fmt::Display for NetOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of > 1 { write!(f, "Net {} of {} · ", self.index + 1, self.of) } else { Ok(()) }
    }
}

impl Phase {
    /// The net of an ensemble that is at work.
    pub fn net(self) -> Option<NetOf> {
        match self {
            Self::PreTraining { net, .. } | Self::FineTuning { net } => Some(net),
            Self::Search
            | Self::SvmFit
            | Self::Logistic
            | Self::Boosting
            | Self::Calibration { .. }
            | Self::Finished => None,
        }
    }

    /// What is done, without which net it is done to.
    pub fn alone(self) -> Self {
        match self {
            Self::PreTraining { layer, .. } => Self::PreTraining { net: NetOf::SINGLE, layer },
            Self::FineTuning { .. } => Self::FineTuning { net: NetOf::SINGLE },
            other => other,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PreTraining { net, layer } => write!(f, "{net}RBM {}", layer + 1),
            Self::FineTuning { net } if net.of == 1 => f.write_str("Fine-tuning"),
            Self::FineTuning { net } => write!(f, "{net}fine-tuning"),
            Self::Search => f.write_str("SVM search"),
            Self::SvmFit => f.write_str("SVM"),
            Self::Logistic => f.write_str("Logistic regression"),
            Self::Boosting => f.write_str("Trees"),
            Self::Calibration { part, of } => write!(f, "Calibration {} of {of}", part + 1),
            Self::Finished => f.write_str("Finished"),
        }
    }
}

/// Where a learner stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The present phase.
    pub phase: Phase,
    /// Epochs (networks), iterations (SVM, logistic regression), trees, or places tried (search) done within the phase.
    pub done: u64,
    /// Epochs planned within the phase; `None` where no honest number exists (an SVM's iterations).
    pub planned: Option<u64>,
    /// Share of the whole fit that is done, in 0..=1, never falling. For an SVM from the KKT gap on a log axis.
    pub fraction: f64,
    /// Rows shown to the learner so far, each showing counted (SVM: iterations × rows).
    pub rows_seen: u64,
}

/// What one portion came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Advance {
    /// More to do, in the middle of an epoch.
    Within,
    /// More to do, at the end of an epoch (or of a round of SVM iterations): a single step halts here.
    Boundary,
    /// Nothing more to do.
    Finished(StopReason),
}

/// Why learning ended. Part of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// All planned epochs were done.
    Completed,
    /// Validation loss stopped falling; the best epoch's weights were restored.
    EarlyStopped,
    /// The SVM's KKT violation is within tolerance.
    Converged,
    /// The SVM's iteration limit was reached; the gap says how far it is.
    Limit,
    /// No progress any more, at the limit of the arithmetic.
    Stalled,
    /// Stopped by the user; the model so far is kept.
    Stopped,
    /// Numbers ran away; the last good state is kept.
    Diverged {
        /// Where: "RBM 1", "Net 2 of 5 · fine-tuning".
        phase: String,
        /// Epoch within the phase, from 1, in which it happened.
        epoch: u64,
        /// The learning rate that was too high.
        rate: f64,
        /// A smaller rate to try.
        try_rate: f64,
    },
}

impl StopReason {
    /// Its name in files.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::EarlyStopped => "early_stopped",
            Self::Converged => "converged",
            Self::Limit => "limit",
            Self::Stalled => "stalled",
            Self::Stopped => "stopped",
            Self::Diverged { .. } => "diverged",
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => f.write_str("all done as planned"),
            Self::EarlyStopped => f.write_str("stopped early, the best kept"),
            Self::Converged => f.write_str("converged"),
            Self::Limit => f.write_str("iteration limit reached"),
            Self::Stalled => f.write_str("stalled: no progress any more"),
            Self::Stopped => f.write_str("stopped"),
            Self::Diverged { phase, epoch, rate, try_rate } => write!(
                f,
                "{phase} diverged in epoch {epoch} at rate {}; the last good state is kept, try {try_rate}",
                (rate * 1e6).round() / 1e6
            ),
        }
    }
}

/// What may be changed while a learner runs. Values are already checked (see the parameter types of each learner).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tunables {
    /// Learning rate of the first RBM (Gaussian visible units), in (0, 1].
    pub gaussian_rate: f64,
    /// Learning rate of the other RBMs, in (0, 1].
    pub bernoulli_rate: f64,
    /// Momentum of pre-training after its first epochs, in [0, 1).
    pub momentum: f64,
    /// Weight cost of pre-training, in [0, 1].
    pub weight_cost: f64,
    /// Gibbs steps k of CD-k, 1..=100.
    pub gibbs_steps: usize,
    /// Learning rate of fine-tuning, in (0, 1].
    pub fine_tuning_rate: f64,
}

/// Advances by one bounded portion at a time.
pub trait Learner: Send {
    /// Does one portion of work: a few milliseconds, decided from the sizes and never from a clock, so that any
    /// interleaving of portions, pauses and stops gives the same bits. Hands every curve point to `record`. After
    /// [`Advance::Finished`] it does nothing more and repeats the reason.
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance;

    /// Where it stands.
    fn progress(&self) -> Progress;

    /// Takes changed tunables from the next portion on. Learners without any ignore it.
    fn tune(&mut self, tunables: &Tunables) {
        let _ = tunables;
    }

    /// Ends a search for settings with the best found so far and goes on with the fit. Others ignore it.
    fn skip_search(&mut self) {}

    /// The model so far: with early stopping that of the best epoch, which is what is kept when the run ends here.
    fn classifier(&self) -> Arc<dyn Classifier>;

    /// Facts of the fit for records and tables.
    fn facts(&self) -> FitFacts;

    /// What the reader of the result must know of a finished fit, such as fewer nets than asked for, or a net that has stopped
    /// telling rows apart: a sentence each, without a full stop.
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }

    /// What a cut-off is chosen on: labelled rows of the training set with the calibrated probability of the bad outcome
    /// given by fits that had not seen them, `(row, pd)`. Empty before the end, and where nothing was calibrated.
    fn validation(&self) -> Vec<(usize, f64)> {
        Vec::new()
    }

    /// What the layers look like at this moment, on a small fixed set of rows; no more work than a portion, so that it
    /// may be asked for at picture rate. Changes nothing. Empty for learners without layers.
    fn monitors(&self) -> Monitors {
        Monitors::default()
    }

    /// A net frozen as it is now: to be looked at, and to go on from. `None` for learners without layers.
    fn state(&self) -> Option<NetState> {
        None
    }

    /// How far a run of nets has come; `None` for learners without layers.
    fn moment(&self) -> Option<Moment> {
        None
    }

    /// Every change of tunables so far, in order.
    fn edits(&self) -> Vec<Edit> {
        Vec::new()
    }

    /// Memory that [`Self::state`] takes, in bytes, about: what it shares with others is not counted.
    fn state_bytes(&self) -> Option<usize> {
        None
    }

    /// The support vectors of the fit so far, ascending by row. Empty for learners without any.
    fn support(&self) -> Vec<Support> {
        Vec::new()
    }
}

/// A support vector: a row that the decision function depends on, αᵢ > 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// The labelled row of the training set.
    pub row: usize,
    /// Whether αᵢ is at its bound Cᵢ: the row lies within the margin or on its wrong side. A free one lies on the margin.
    pub bounded: bool,
}

/// Answers for prepared rows `(n_rows, n_inputs)`, the same inputs as in training.
pub trait Classifier: Send + Sync {
    /// P(class | row), `(n_rows, n_classes)`, each row summing to 1.
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64>;

    /// The ranking score of the bad outcome (class 1 of two), `n_rows` values, higher is worse: a logit difference or a
    /// decision value, which unlike a probability does not saturate into ties.
    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64>;

    /// [`Self::scores`] and [`Self::probabilities`] of the same rows, by less work where the one follows from the other.
    fn answers(&self, x: ArrayView2<'_, f32>) -> (Array1<f64>, Array2<f64>) {
        (self.scores(x), self.probabilities(x))
    }

    /// The same as plain numbers, to be kept in a file; `None` for what cannot be, such as several machines put together.
    fn fitted(&self) -> Option<FittedModel> {
        None
    }
}

/// What a finished fit says about itself, beside its scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitFacts {
    /// Of a DBN or of the same net without pre-training.
    Dbn {
        /// Hidden layer sizes, from the lowest.
        layers: Vec<usize>,
        /// Epochs of contrastive divergence per layer, 0 when not pre-trained.
        pretrain_epochs: usize,
        /// Last reconstruction error on validation rows, per layer, mean over the nets; empty when not pre-trained.
        #[serde(with = "json_float::many")]
        reconstruction_error: Vec<f64>,
        /// Epoch of fine-tuning, from 1, whose weights were kept: one for each net that was fine-tuned.
        best_epochs: Vec<usize>,
        /// Labelled rows an existing model had learned from before this fit; 0 for a fit from scratch.
        rows_before: u64,
        /// Why it ended.
        stop_reason: StopReason,
    },
    /// Of an SVM.
    Svm(SvmFacts),
    /// Of a logistic regression. Inputs are in the order of the training columns.
    Logistic {
        /// What one unit of each prepared input adds to the log-odds of the bad outcome.
        #[serde(with = "json_float::many")]
        coefficients: Vec<f64>,
        /// By how much a step of one standard deviation over the training rows multiplies the odds: exp(coefficient)
        /// for a standardised input, 1 for a constant one.
        #[serde(with = "json_float::many")]
        odds_ratios: Vec<f64>,
        /// Standard error of each coefficient, from the inverse Hessian of the penalised objective: the spread of the
        /// coefficient given the penalty, which shrinks it too. Empty when stopped before all rows were seen once.
        #[serde(with = "json_float::many")]
        standard_errors: Vec<f64>,
        /// Log-odds where all inputs are 0, at the base rate of the rows.
        #[serde(with = "json_float")]
        intercept: f64,
        /// Newton steps.
        iterations: u64,
        /// Largest slope of the mean penalised objective, each input in its standard deviation. `None` when stopped
        /// before all rows were seen once.
        gradient_norm: Option<f64>,
        /// Why it ended.
        stop_reason: StopReason,
    },
    /// Of gradient-boosted trees.
    Trees {
        /// Trees kept.
        trees: usize,
        /// Trees grown: more than were kept when it stopped early.
        grown: usize,
        /// Share of each input, in the order of the training columns, in what all splits of the kept trees gained on
        /// the training rows. Sums to 1; all 0 when no tree splits.
        #[serde(with = "json_float::many")]
        importance: Vec<f64>,
        /// Why it ended.
        stop_reason: StopReason,
    },
    /// Nothing to say.
    Plain {},
}

/// What a fitted SVM says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SvmFacts {
    /// The kernel.
    pub kernel: KernelKind,
    /// C, chosen by the search or given.
    pub c: f64,
    /// γ, likewise; `None` for a kernel without γ.
    pub gamma: Option<f64>,
    /// Number of support vectors.
    pub support_vectors: usize,
    /// SMO iterations of the final fit.
    pub iterations: u64,
    /// Dual objective ½αᵀQα − eᵀα.
    #[serde(with = "json_float")]
    pub objective: f64,
    /// Largest KKT violation, recomputed in f64.
    #[serde(with = "json_float")]
    pub max_kkt_violation: f64,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// The search for C and γ; `None` where they were given.
    pub tuning: Option<Tuning>,
}
