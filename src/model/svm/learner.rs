//! The SVM as a [`Learner`]: the search for C and γ where it is asked for, then one fit on all labelled rows.
//!
//! Its own probabilities come from decision values of the rows it was fitted on and are too sure; see
//! [`Calibrated`](crate::model::calibrated::Calibrated).

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::fit::Fit;
use super::kernel::Kernel;
use super::machine::SvmModel;
use super::problem::Problem;
use super::settings::{ClassWeight, SvmParameters};
use super::solver::{Limits, is_at_bound};
use super::tuning::{Search, Tuning};
use crate::model::calibrated::Refit;
use crate::model::calibration::Platt;
use crate::model::fitted::all_finite;
use crate::model::{
    Advance, Classifier, FitFacts, FittedKind, FittedModel, Learner, ModelError, Monitors, Phase, Point, Progress,
    StopReason, Support, SvmFacts, TrainingSet,
};

/// Units of work in one portion (see [`Solver::advance`](super::Solver::advance)): a few milliseconds.
const PORTION: u64 = 2_000_000;
/// Memory for kernel rows in bytes where neither the settings nor the caller say.
const MOST_CACHE: usize = 512 << 20;
/// The search's share of the whole work, as far as a progress bar needs to know.
const SEARCH_SHARE: f64 = 0.8;

/// Searches, fits, and keeps the best model so far at hand.
pub struct SvmLearner {
    /// The settings of the fit: once a search is over, with what it has chosen.
    parameters: SvmParameters,
    n_inputs: usize,
    /// The rows with C = 1, from which the problem of the fit is made.
    rows: Problem,
    stage: Stage,
    tuning: Option<Tuning>,
    rows_seen_in_search: u64,
    certify: bool,
}

enum Stage {
    Search(Box<Search>),
    Fit(Box<Fit>),
}

impl SvmLearner {
    /// A learner for the labelled rows of `set`, class 1 being the bad one. The seed decides which rows take part in a search
    /// and how they are divided ([`Purpose::Tuning`](crate::random::Purpose::Tuning)); the fit itself draws no random number.
    ///
    /// # Errors
    /// [`ModelError::NotTwoClasses`], [`ModelError::TooFewRows`] below two labelled rows, [`ModelError::OneClass`], and those
    /// of [`TrainingSet::check_labelled`].
    pub fn new(set: &TrainingSet, parameters: SvmParameters, seed: u64) -> Result<Self, ModelError> {
        let rows = Problem::of_set(set)?;
        let stage = if parameters.settings().tuning.on {
            Stage::Search(Box::new(Search::new(set, &rows, &parameters, seed)))
        } else {
            Stage::Fit(Box::new(fit(&rows, &parameters, true)))
        };
        let n_inputs = set.x.ncols();
        Ok(Self { parameters, n_inputs, rows, stage, tuning: None, rows_seen_in_search: 0, certify: true })
    }

    /// Takes what the search has found, and begins the fit.
    fn begin_fit(&mut self, tuning: Tuning, rows_seen: u64) {
        if let Some(best) = tuning.best() {
            self.parameters = self.parameters.chosen(best.c(), best.gamma());
        }
        self.tuning = Some(tuning);
        self.rows_seen_in_search = rows_seen;
        self.stage = Stage::Fit(Box::new(fit(&self.rows, &self.parameters, self.certify)));
    }
}

/// The fit of the given rows by these settings.
fn fit(rows: &Problem, parameters: &SvmParameters, certify: bool) -> Fit {
    let settings = parameters.settings();
    let limits = Limits {
        tolerance: settings.tolerance,
        max_iterations: settings.max_iterations,
        cache_bytes: settings.cache_mb.map_or(MOST_CACHE, |mb| mb.saturating_mul(1 << 20)),
        certify,
    };
    let problem = rows.clone().bounded(settings.c, settings.class_weight == ClassWeight::Balanced);
    let kernel = parameters.kernel(parameters.gamma(problem.x().ncols()));
    Fit::new(problem, kernel, limits)
}

/// A model that answers every row alike.
fn nothing(n_inputs: usize) -> SvmModel {
    SvmModel::new(Kernel::Linear, &Array2::zeros((0, n_inputs)), &[], 0.0)
}

fn rows_seen(fit: &Fit) -> u64 {
    fit.iterations() * fit.problem().n_rows() as u64
}

impl Learner for SvmLearner {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        match &mut self.stage {
            Stage::Search(search) => {
                if search.advance(PORTION) {
                    let (tuning, rows_seen) = (search.tuning(), search.rows_seen());
                    self.begin_fit(tuning, rows_seen);
                }
                Advance::Boundary
            }
            Stage::Fit(fit) => match fit.advance(PORTION, record) {
                None => Advance::Boundary,
                Some(reason) => {
                    fit.release_cache();
                    Advance::Finished(reason)
                }
            },
        }
    }

    fn progress(&self) -> Progress {
        match &self.stage {
            Stage::Search(search) => {
                let done = search.n_done();
                let fraction = SEARCH_SHARE * search.fraction();
                let rows_seen = search.rows_seen();
                Progress { phase: Phase::Search, done: done as u64, planned: None, fraction, rows_seen }
            }
            Stage::Fit(fit) => {
                let finished = fit.stop_reason().is_some();
                let phase = if finished { Phase::Finished } else { Phase::SvmFit };
                let begun = if self.tuning.is_some() { SEARCH_SHARE } else { 0.0 };
                let of_fit = fit.fraction(self.parameters.settings().tolerance);
                let rows_seen = self.rows_seen_in_search + rows_seen(fit);
                let fraction = begun + (1.0 - begun) * of_fit;
                Progress { phase, done: fit.iterations(), planned: None, fraction, rows_seen }
            }
        }
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        match &self.stage {
            Stage::Search(search) => Arc::new(match search.best_model() {
                Some((model, platt)) => SvmFitted { model: model.clone(), platt: *platt },
                None => SvmFitted { model: nothing(self.n_inputs), platt: Platt::fit(&[], &[]) },
            }),
            Stage::Fit(fit) => {
                let bad: Vec<bool> = self.rows.y().iter().map(|&y| y > 0.0).collect();
                let platt = Platt::fit_rising(&fit.own_decision_values(), &bad);
                Arc::new(SvmFitted { model: fit.model(), platt })
            }
        }
    }

    fn facts(&self) -> FitFacts {
        let settings = self.parameters.settings();
        let mut facts = SvmFacts {
            kernel: settings.kernel,
            c: settings.c,
            gamma: self.parameters.gamma(self.n_inputs),
            support_vectors: 0,
            iterations: 0,
            objective: 0.0,
            max_kkt_violation: 2.0,
            stop_reason: StopReason::Stopped,
            tuning: self.tuning.clone(),
        };
        match &self.stage {
            Stage::Search(search) => facts.tuning = Some(search.tuning()),
            Stage::Fit(fit) => {
                facts.support_vectors = fit.alpha().iter().filter(|&&alpha| alpha > 0.0).count();
                facts.iterations = fit.iterations();
                facts.objective = fit.objective();
                facts.max_kkt_violation = fit.gap();
                facts.stop_reason = fit.stop_reason().unwrap_or(StopReason::Stopped);
            }
        }
        FitFacts::Svm(facts)
    }

    fn notices(&self) -> Vec<String> {
        let unsearched = self.tuning.as_ref().is_some_and(|tuning| tuning.folds == 0);
        let words =
            "C and γ are not searched, since too few rows (or enterprises) of a class are left to judge them by";
        unsearched.then(|| words.to_owned()).into_iter().collect()
    }

    fn monitors(&self) -> Monitors {
        let search = match &self.stage {
            Stage::Search(search) => Some(search.tuning()),
            Stage::Fit(_) => self.tuning.clone(),
        };
        Monitors { search, ..Monitors::default() }
    }

    /// None before the fit: while it searches, the rows of its fits are others.
    fn support(&self) -> Vec<Support> {
        let Stage::Fit(fit) = &self.stage else { return Vec::new() };
        let rows = fit.alpha().into_iter().zip(fit.problem().c()).enumerate();
        rows.filter(|(_, (alpha, _))| *alpha > 0.0)
            .map(|(row, (alpha, &c))| Support { row, bounded: is_at_bound(alpha, c) })
            .collect()
    }

    fn skip_search(&mut self) {
        if let Stage::Search(search) = &mut self.stage {
            search.skip();
        }
    }
}

impl Refit for SvmLearner {
    fn refit(&self, set: Arc<TrainingSet>) -> Result<Box<dyn Learner>, ModelError> {
        let settings = self.parameters.settings();
        let parameters = self.parameters.chosen(settings.c, settings.gamma);
        let rows = Problem::of_set(&set)?;
        let stage = Stage::Fit(Box::new(fit(&rows, &parameters, false)));
        let n_inputs = set.x.ncols();
        let learner = Self { parameters, n_inputs, rows, stage, tuning: None, rows_seen_in_search: 0, certify: false };
        Ok(Box::new(learner))
    }

    fn refit_cost(&self) -> f64 {
        if self.parameters.settings().tuning.on || self.tuning.is_some() { 1.0 - SEARCH_SHARE } else { 1.0 }
    }
}

/// Decision values, and the curve that makes probabilities of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SvmFitted {
    /// Gives the decision values.
    pub model: SvmModel,
    /// Fitted to the decision values of the machine's own training rows: in force only without a calibration.
    pub platt: Platt,
}

impl SvmFitted {
    pub(in crate::model) fn check(&self, n_inputs: usize) -> Result<(), String> {
        all_finite("the curve's numbers", [&self.platt.a, &self.platt.b].into_iter())?;
        self.model.check(n_inputs)
    }
}

impl Classifier for SvmFitted {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        let decisions = self.model.decision_values(&x);
        let mut probabilities = Array2::zeros((decisions.len(), 2));
        for (mut row, &decision) in probabilities.outer_iter_mut().zip(&decisions) {
            let bad = self.platt.probability(decision);
            row[0] = 1.0 - bad;
            row[1] = bad;
        }
        probabilities
    }

    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        self.model.decision_values(&x)
    }

    fn fitted(&self) -> Option<FittedModel> {
        Some(FittedModel::plain(FittedKind::Svm(self.clone())))
    }
}

#[cfg(test)]
mod tests;
