//! One split of the rows: prepared inside the training part, learned there, scored on the held-out part.

use std::sync::Arc;
use std::time::Instant;

use ndarray::{Array2, Axis};

use super::memory::cache_bytes;
use super::{Answers, ModelKind, RbmFilling, RunSpec, Scored};
use crate::data::{
    DataError, Dataset, Fill, Preparation, PreparationError, Split, SplitError, ValidationKind, ValidationSettings,
    first_copies,
};
use crate::evaluation::{Cuts, Metrics, metrics, ranked, shift_base_rate};
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
    pub bad_test: Arc<[bool]>,
    /// Rows of the dataset that were held out.
    pub test_rows: Arc<[usize]>,
    /// Exposures of the labelled training rows and of the held-out ones, where the table has them.
    exposures: Option<[Vec<f64>; 2]>,
    /// Labelled rows of the table.
    n_labelled: usize,
    /// Share of bad rows among the labelled training rows.
    pub bad_rate: f64,
    /// The fitted preparation.
    pub preparation: Preparation,
    /// Rows of the dataset that [`Self::training`] holds: those with a label, in its order.
    pub train_rows: Arc<[usize]>,
    /// Those without one.
    pub unlabelled_rows: Arc<[usize]>,
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
    let inputs = |rows: &[usize]| inputs(&preparation, filling.as_ref(), data, rows, rows);
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
        test_rows: Arc::from(&*split.test),
        train_rows: Arc::from(&*split.train),
        unlabelled_rows: Arc::from(&*split.unlabelled),
        exposures: data
            .exposure
            .as_ref()
            .map(|all| [&split.train, &split.test].map(|rows| rows.iter().map(|&row| all[row]).collect())),
        n_labelled: data.n_labelled(),
        bad_rate,
        preparation,
        filling,
    })
}

/// The inputs of `rows` of `data`, `(rows.len(), n_inputs)`. `numbers` are their places in the table of the run, which
/// decide the random numbers that gaps are filled by.
fn inputs(
    preparation: &Preparation,
    filling: Option<&RbmFilling>,
    data: &Dataset,
    rows: &[usize],
    numbers: &[usize],
) -> Array2<f32> {
    let mut x = preparation.apply(data, rows);
    if let Some(filling) = filling {
        filling.fill(&mut x, numbers, &preparation.missing_inputs(data, rows));
    }
    x
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

impl PreparedFold {
    /// What the preparation set aside, and what went wrong with it.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = self.preparation.notices();
        notices.extend(self.filling.as_ref().and_then(RbmFilling::notice).map(str::to_owned));
        notices
    }

    /// The answers of a finished `learner` for the held-out rows at the run's cut-off, and the wall time of scoring them in
    /// seconds.
    pub fn score(&self, learner: &dyn Learner, spec: &RunSpec) -> (Scored, f64) {
        let start = Instant::now();
        let (score, mut pd) = answers_for(learner.classifier().as_ref(), &self.x_test);
        let mut validation = learner.validation();
        self.of_population(pd.iter_mut().chain(validation.iter_mut().map(|(_, pd)| pd)), spec);
        let seconds = start.elapsed().as_secs_f64();
        let answers = Arc::new(self.answers(score, pd, &validation, spec));
        (Scored::at(answers, spec.settings.cutoff, &spec.settings.money), seconds)
    }

    /// Probabilities of the bad outcome by a finished `learner` for all rows of `data`, a table with indicators of the same
    /// names.
    pub(super) fn probabilities(&self, learner: &dyn Learner, data: &Dataset, spec: &RunSpec) -> Vec<f64> {
        let rows: Vec<usize> = (0..data.n_rows()).collect();
        let x = inputs(&self.preparation, self.filling.as_ref(), data, &rows, &rows);
        let (_, mut pd) = answers_for(learner.classifier().as_ref(), &x);
        self.of_population(pd.iter_mut(), spec);
        pd
    }

    /// The figures on the held-out rows as if their inputs were `x` `(n_test, n_inputs)`, calling bad who has at least the PD
    /// `threshold`.
    pub fn metrics_at(&self, model: &dyn Classifier, x: &Array2<f32>, threshold: f64, spec: &RunSpec) -> Metrics {
        let (score, mut pd) = answers_for(model, x);
        self.of_population(pd.iter_mut(), spec);
        metrics(&self.bad_test, &score, &pd, threshold, spec.settings.money.costs())
    }

    /// The inputs of all rows of `data`, such as held-out rows with disturbed cells, `(n_rows, n_inputs)`. `numbers` are
    /// their places in the table of the run.
    pub fn inputs(&self, data: &Dataset, numbers: &[usize]) -> Array2<f32> {
        let rows: Vec<usize> = (0..data.n_rows()).collect();
        inputs(&self.preparation, self.filling.as_ref(), data, &rows, numbers)
    }

    /// Corrects probabilities to the bad rate of the population, where the settings name it.
    fn of_population<'a>(&self, pds: impl Iterator<Item = &'a mut f64>, spec: &RunSpec) {
        if let Some(rate) = spec.settings.calibration.population_bad_rate {
            pds.for_each(|pd| *pd = shift_base_rate(*pd, self.bad_rate, rate).unwrap_or(*pd));
        }
    }

    /// The PD that a model of this fold says by itself where `pd` is reported: without the correction to the bad rate of the
    /// population.
    pub fn uncorrected(&self, pd: f64, spec: &RunSpec) -> f64 {
        let rate = spec.settings.calibration.population_bad_rate;
        rate.and_then(|rate| shift_base_rate(pd, rate, self.bad_rate)).unwrap_or(pd)
    }

    fn answers(&self, score: Vec<f64>, pd: Vec<f64>, validation: &[(usize, f64)], spec: &RunSpec) -> Answers {
        let bad: Vec<bool> = validation.iter().map(|&(row, _)| self.training.y[row] == 1).collect();
        let (of_validation, of_test) = match &self.exposures {
            Some([train, test]) => (validation.iter().map(|&(row, _)| train[row]).collect(), test.clone()),
            None => (vec![1.0; bad.len()], vec![1.0; pd.len()]),
        };
        let validation: Vec<f64> = validation.iter().map(|&(_, pd)| pd).collect();
        Answers {
            ranked: ranked(&self.bad_test, &score, &pd),
            test: Cuts::new(&self.bad_test, &pd, Some(&of_test)),
            has_exposures: self.exposures.is_some(),
            validation: Cuts::new(&bad, &validation, Some(&of_validation)),
            bad: Arc::clone(&self.bad_test),
            score,
            pd,
            // Whoever is riskier than the average firm of those that the probabilities are meant for.
            bad_rate: spec.settings.calibration.population_bad_rate.unwrap_or(self.bad_rate),
            n_labelled: self.n_labelled,
        }
    }
}

/// Ranking scores and probabilities of the bad outcome of the rows `x` `(n_rows, n_inputs)`. In blocks, so that memory stays
/// bounded, and side by side where there are threads for it.
pub(super) fn answers_for(model: &dyn Classifier, x: &Array2<f32>) -> (Vec<f64>, Vec<f64>) {
    const BLOCK: usize = 1024;
    let mut blocks: Vec<_> = x.axis_chunks_iter(Axis(0), BLOCK).map(|block| (block, Vec::new(), Vec::new())).collect();
    each(&mut blocks, |(block, scores, pd)| {
        let (of_block, probabilities) = model.answers(block.view());
        scores.extend(of_block);
        pd.extend(probabilities.column(1));
    });
    let score = blocks.iter().flat_map(|(_, scores, _)| scores).copied().collect();
    let pd = blocks.iter().flat_map(|(_, _, pd)| pd).copied().collect();
    (score, pd)
}
