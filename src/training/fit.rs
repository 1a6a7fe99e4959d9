//! One split of the rows: prepared inside the training part, learned there, scored on the held-out part.

use std::sync::Arc;

use ndarray::{Array2, Axis};

use super::memory::cache_bytes;
use super::{ModelKind, RbmFilling, RunSpec};
use crate::data::{
    DataError, Dataset, Fill, Preparation, PreparationError, Split, SplitError, ValidationKind, ValidationSettings,
    first_copies,
};
use crate::evaluation::{Metrics, metrics};
use crate::model::calibrated::{Calibrated, Refit};
use crate::model::dbn::{DbnLearner, Start};
use crate::model::kernels::each;
use crate::model::logistic::LogisticLearner;
use crate::model::majority::Majority;
use crate::model::one_vs_one::OneVsOne;
use crate::model::svm::SvmLearner;
use crate::model::trees::TreesLearner;
use crate::model::{Classifier, Learner, ModelError, TrainingSet};
use crate::random::{Purpose, derived_seed};

/// Why a run could not be made. The text is one sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrainingError {
    /// The table cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The rows cannot be split.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The rows cannot be prepared.
    #[error(transparent)]
    Preparation(#[from] PreparationError),
    /// A model cannot learn from these rows.
    #[error("{model}: {error}")]
    Model {
        /// Which model.
        model: &'static str,
        /// Why.
        error: ModelError,
    },
    /// A worker died; the rest of the program did not.
    #[error("the work stopped on an internal error ({0}); please report it")]
    Panic(String),
}

/// A split made ready: nothing of the test part has touched the training part.
pub struct PreparedFold {
    /// What learners see.
    pub training: Arc<TrainingSet>,
    /// Held-out rows, prepared, `(n_test, n_inputs)`.
    pub x_test: Array2<f32>,
    /// Whether each held-out row is bad.
    pub bad_test: Vec<bool>,
    /// Rows of the dataset that were held out.
    pub test_rows: Vec<usize>,
    /// Share of bad rows among the labelled training rows.
    pub bad_rate: f64,
    /// The fitted preparation.
    pub preparation: Preparation,
    /// What fills missing numbers after it, when that is an RBM.
    pub filling: Option<RbmFilling>,
}

/// Prepares one split.
///
/// Every step is fitted on its training rows: the labelled ones and, since the method pre-trains on them, those without
/// a label that the split allows.
///
/// # Errors
/// When no input is left to learn from.
pub fn prepare(data: &Dataset, split: &Split, spec: &RunSpec) -> Result<PreparedFold, TrainingError> {
    let rows = split.fitted_rows();
    let preparation = Preparation::fit(data, &rows, &spec.settings.preparation)?;
    let missing = &spec.settings.preparation.missing;
    let filling = (missing.fill == Fill::Rbm).then(|| {
        let index = ((split.repeat as u64) << 24) | split.fold as u64;
        let seed = derived_seed(spec.settings.seed, Purpose::Filling, index);
        RbmFilling::fit(preparation.apply(data, &rows), &preparation.number_inputs(), &spec.dbn, missing, seed)
    });
    let inputs = |rows: &[usize]| {
        let mut x = preparation.apply(data, rows);
        if let Some(filling) = &filling {
            filling.fill(&mut x, rows, &preparation.missing_inputs(data, rows));
        }
        x
    };
    let is_bad = |&row: &usize| data.bad[row] == Some(true);
    let y: Vec<usize> = split.train.iter().map(|row| usize::from(is_bad(row))).collect();
    let bad_rate = y.iter().sum::<usize>() as f64 / y.len().max(1) as f64;
    let groups = groups(data, &spec.settings.validation, &split.train);
    let (x, x_unlabelled) = (inputs(&split.train), inputs(&split.unlabelled));
    let training = TrainingSet { x, y, x_unlabelled, n_classes: 2, groups };
    Ok(PreparedFold {
        training: Arc::new(training),
        x_test: inputs(&split.test),
        bad_test: split.test.iter().map(is_bad).collect(),
        test_rows: split.test.clone(),
        bad_rate,
        preparation,
        filling,
    })
}

/// What keeps `rows` together when they are divided once more inside the training part, as they were outside it: the
/// enterprise, where enterprises are kept together or the order is that of time; else copies of one row, where those are.
fn groups(data: &Dataset, settings: &ValidationSettings, rows: &[usize]) -> Vec<u32> {
    match (settings.kind, &data.enterprise) {
        (ValidationKind::Grouped | ValidationKind::OutOfTime, Some(enterprise)) => {
            rows.iter().map(|&row| enterprise[row]).collect()
        }
        (kind, _) if settings.keep_duplicates_together && kind.is_random() => {
            let first = first_copies(data);
            rows.iter().map(|&row| first[row] as u32).collect()
        }
        _ => Vec::new(),
    }
}

/// The learner of this kind, ready to start.
///
/// # Errors
/// When it cannot learn from these rows.
pub fn learner(
    kind: ModelKind,
    training: &Arc<TrainingSet>,
    spec: &RunSpec,
    seed: u64,
) -> Result<Box<dyn Learner>, TrainingError> {
    let net = |start| calibrated(training, DbnLearner::new(training, spec.dbn.clone(), start, seed), spec, seed);
    let made: Result<Box<dyn Learner>, ModelError> = match kind {
        ModelKind::Dbn => net(Start::PreTrained),
        ModelKind::Mlp => net(Start::Random),
        // Its one probability is the base rate by definition.
        ModelKind::Majority => Majority::new(training).map(|l| Box::new(l) as _),
        ModelKind::Svm | ModelKind::Logistic | ModelKind::Gbt if training.n_classes > 2 => {
            OneVsOne::new(training, |set, _| of_two_classes(kind, set, spec, seed)).map(|l| Box::new(l) as _)
        }
        ModelKind::Svm | ModelKind::Logistic | ModelKind::Gbt => of_two_classes(kind, training, spec, seed),
    };
    made.map_err(|error| TrainingError::Model { model: kind.title(), error })
}

/// A learner that tells two classes apart and no more.
fn of_two_classes(
    kind: ModelKind,
    training: &Arc<TrainingSet>,
    spec: &RunSpec,
    seed: u64,
) -> Result<Box<dyn Learner>, ModelError> {
    match kind {
        ModelKind::Logistic => {
            calibrated(training, LogisticLearner::new(Arc::clone(training), spec.logistic.clone()), spec, seed)
        }
        ModelKind::Gbt => {
            calibrated(training, TreesLearner::new(Arc::clone(training), spec.gbt.clone(), seed), spec, seed)
        }
        _ => {
            let parameters = spec.svm.clone().with_cache(cache_bytes());
            calibrated(training, SvmLearner::new(training, parameters, seed), spec, seed)
        }
    }
}

/// The learner with the calibration of the run's settings: the same for every model.
fn calibrated<L: Refit + 'static>(
    training: &Arc<TrainingSet>,
    learner: Result<L, ModelError>,
    spec: &RunSpec,
    seed: u64,
) -> Result<Box<dyn Learner>, ModelError> {
    let settings = spec.settings.calibration.clone();
    Ok(Box::new(Calibrated::new(Arc::clone(training), learner?, settings, seed)))
}

/// A model's answers for the held-out rows of one fold.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Ranking scores, higher is worse, `n_test`.
    pub score: Vec<f64>,
    /// Probability of the bad outcome, `n_test`.
    pub pd: Vec<f64>,
    /// The figures at the cut-off.
    pub metrics: Metrics,
}

impl PreparedFold {
    /// What the preparation set aside, and what went wrong with it.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = self.preparation.notices();
        notices.extend(self.filling.as_ref().and_then(RbmFilling::notice).map(str::to_owned));
        notices
    }

    /// Scores the held-out rows, in blocks so that memory stays bounded, and side by side where there are threads for it.
    pub fn score(&self, model: &dyn Classifier, spec: &RunSpec) -> Scored {
        const BLOCK: usize = 1024;
        let mut blocks: Vec<_> =
            self.x_test.axis_chunks_iter(Axis(0), BLOCK).map(|block| (block, Vec::new(), Vec::new())).collect();
        each(&mut blocks, |(block, scores, pd)| {
            let (of_block, probabilities) = model.answers(block.view());
            scores.extend(of_block);
            pd.extend(probabilities.column(1));
        });
        let score: Vec<f64> = blocks.iter().flat_map(|(_, scores, _)| scores).copied().collect();
        let pd: Vec<f64> = blocks.iter().flat_map(|(_, _, pd)| pd).copied().collect();
        let threshold = spec.settings.cutoff.threshold(self.bad_rate);
        let metrics = metrics(&self.bad_test, &score, &pd, threshold, spec.settings.money.costs());
        Scored { score, pd, metrics }
    }
}
