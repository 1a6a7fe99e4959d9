//! The logistic regression as a [`Learner`]: Newton's method cut into bounded portions of rows.
//!
//! A Newton step takes two passes over the rows: one gathers gradient and Hessian, one finds how the step moves each row's
//! log-odds. With these at hand each trial of the backtracking (Armijo's condition) costs one exponential a row.

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView2, s};
use serde::{Deserialize, Serialize};

use super::design::Design;
use super::newton::{Sums, penalty_at, standard_errors, step};
use super::settings::LogisticParameters;
use crate::model::calibrated::Refit;
use crate::model::fitted::{all_finite, as_many};
use crate::model::log_odds::{TwoClasses, both_probabilities, cross_entropy};
use crate::model::{
    Advance, Classifier, FitFacts, FittedKind, FittedModel, Learner, ModelError, Phase, Point, Progress, Series,
    StopReason, TrainingSet,
};

/// Multiply-adds in one portion: a few milliseconds.
const PORTION: usize = 1 << 23;
/// Rows in one portion at least, so that a product of blocks stays one, and at most.
const ROWS: [usize; 2] = [64, 1 << 16];
/// Share of the decrease that the slope promises which a step must reach.
const ARMIJO: f64 = 1e-4;
/// Least part of a Newton step that is tried.
const LEAST_STEP: f64 = 1e-12;

/// Fits by Newton's method, portion by portion.
#[derive(Clone, Debug)]
pub struct LogisticLearner {
    design: Design,
    classes: TwoClasses,
    parameters: LogisticParameters,
    /// Coefficients of centred inputs, then of the ones.
    theta: Array1<f64>,
    /// θᵀx of each row.
    log_odds: Vec<f64>,
    stage: Stage,
    iterations: u64,
    /// Penalised Hessian at the last θ for which all rows were gathered.
    hessian: Option<Array2<f64>>,
    /// Largest slope there, in the unit of the tolerance, and the first one of all.
    slope: f64,
    first_slope: f64,
    fraction: f64,
    rows_seen: u64,
}

/// What is under way.
#[derive(Clone, Debug)]
enum Stage {
    /// Gradient and Hessian of the rows below `row` are in `sums`.
    Gathering {
        row: usize,
        sums: Sums,
    },
    /// The change of log-odds by a whole step is known for the rows there are in `change`.
    Directing {
        trial: Trial,
        change: Vec<f64>,
    },
    /// `part` of the step is tried next.
    Trying {
        trial: Trial,
        change: Vec<f64>,
        part: f64,
    },
    Finished(StopReason),
}

/// A Newton step from a point.
#[derive(Clone, Debug)]
struct Trial {
    step: Array1<f64>,
    /// The objective before it, and its slope along it, which is negative.
    objective: f64,
    slope: f64,
}

impl LogisticLearner {
    /// A learner for the labelled rows of `set`, class 1 being the bad one. Draws no random number.
    ///
    /// # Errors
    /// [`ModelError::NotTwoClasses`], those of [`TrainingSet::check_labelled`], [`ModelError::OneClass`].
    pub fn new(set: Arc<TrainingSet>, parameters: LogisticParameters) -> Result<Self, ModelError> {
        let classes = TwoClasses::of_set(&set, parameters.settings().class_weight)?;
        let design = Design::new(set);
        let mut theta = Array1::zeros(design.n_columns());
        theta[design.n_columns() - 1] = classes.log_odds();
        Ok(Self {
            log_odds: vec![classes.log_odds(); design.n_rows()],
            stage: Stage::Gathering { row: 0, sums: Sums::zero(design.n_columns()) },
            design,
            classes,
            parameters,
            theta,
            iterations: 0,
            hessian: None,
            slope: f64::INFINITY,
            first_slope: f64::INFINITY,
            fraction: 0.0,
            rows_seen: 0,
        })
    }

    fn penalty(&self) -> f64 {
        self.parameters.settings().c.recip()
    }

    /// Gathers one block of rows; at the last one decides whether to go on.
    fn gather(&mut self, row: usize, mut sums: Sums, record: &mut dyn FnMut(Point)) -> Stage {
        let rows = row..self.end_of_block(row, self.design.n_columns().pow(2));
        let y = &self.design.y()[rows.clone()];
        sums.add(self.design.block(rows.clone()), &self.log_odds[rows.clone()], y, &self.classes);
        self.rows_seen += rows.len() as u64;
        if rows.end < self.design.n_rows() {
            return Stage::Gathering { row: rows.end, sums };
        }
        record(Point { series: Series::LossTraining, x: self.iterations as f64, y: sums.loss / self.classes.total() });
        sums.penalise(self.penalty(), &self.theta);
        self.note_slope(&sums.gradient);
        let settings = self.parameters.settings();
        let (objective, gradient) = (sums.loss, sums.gradient);
        let hessian = self.hessian.insert(sums.hessian);
        if self.slope <= settings.tolerance {
            return Stage::Finished(StopReason::Converged);
        }
        if self.iterations >= settings.max_iterations {
            return Stage::Finished(StopReason::Limit);
        }
        match step(hessian, &gradient) {
            Some(step) => {
                let slope = step.dot(&gradient);
                Stage::Directing { trial: Trial { step, objective, slope }, change: Vec::new() }
            }
            None => Stage::Finished(StopReason::Stalled),
        }
    }

    /// The largest slope of the mean objective, each input in its standard deviation, and how far it has come.
    fn note_slope(&mut self, gradient: &Array1<f64>) {
        let unit = |column: usize| match self.design.deviations().get(column) {
            Some(&deviation) if deviation > 0.0 => deviation,
            _ => 1.0,
        };
        let slopes = gradient.iter().enumerate().map(|(column, g)| g.abs() / unit(column));
        self.slope = slopes.fold(0.0, f64::max) / self.classes.total();
        if self.iterations == 0 {
            self.first_slope = self.slope;
        }
        let tolerance = self.parameters.settings().tolerance;
        let come = (self.first_slope / self.slope).ln() / (self.first_slope / tolerance).ln();
        if come.is_finite() {
            self.fraction = self.fraction.max(come.clamp(0.0, 0.99));
        }
    }

    /// Finds for one block of rows how the whole step changes their log-odds.
    fn direct(&self, trial: Trial, mut change: Vec<f64>) -> Stage {
        let rows = change.len()..self.end_of_block(change.len(), self.design.n_columns());
        change.extend(self.design.block(rows).dot(&trial.step));
        if change.len() < self.design.n_rows() {
            Stage::Directing { trial, change }
        } else {
            Stage::Trying { trial, change, part: 1.0 }
        }
    }

    /// Tries a part of the step: taken when it lowers the objective enough, else half of it is next.
    fn attempt(&mut self, trial: Trial, change: Vec<f64>, part: f64) -> Stage {
        let mut theta = self.theta.clone();
        theta.scaled_add(part, &trial.step);
        let mut objective = penalty_at(self.penalty(), &theta);
        for ((z, change), &class) in self.log_odds.iter().zip(&change).zip(self.design.y()) {
            objective += self.classes.weight(class) * cross_entropy(z + part * change, class == 1);
        }
        // Next to the minimum what is left to gain drowns in the rounding of the sum.
        let rounding = 4.0 * f64::EPSILON * trial.objective.abs();
        if objective <= trial.objective + ARMIJO * part * trial.slope + rounding {
            self.theta = theta;
            for (z, change) in self.log_odds.iter_mut().zip(&change) {
                *z += part * change;
            }
            self.iterations += 1;
            Stage::Gathering { row: 0, sums: Sums::zero(self.design.n_columns()) }
        } else if part > LEAST_STEP {
            Stage::Trying { trial, change, part: part / 2.0 }
        } else {
            Stage::Finished(StopReason::Stalled)
        }
    }

    /// One past the last row of the portion that begins at `row`, when a row costs `cost` multiply-adds.
    fn end_of_block(&self, row: usize, cost: usize) -> usize {
        let [least, most] = ROWS;
        (row + (PORTION / cost).clamp(least, most)).min(self.design.n_rows())
    }

    fn model(&self) -> LogisticModel {
        LogisticModel {
            coefficients: self.theta.slice(s![..self.theta.len() - 1]).to_owned(),
            intercept: self.design.intercept(&self.theta) - self.classes.raised(),
        }
    }
}

impl Learner for LogisticLearner {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        let before = self.iterations;
        let stage = std::mem::replace(&mut self.stage, Stage::Finished(StopReason::Stalled));
        self.stage = match stage {
            Stage::Gathering { row, sums } => self.gather(row, sums, record),
            Stage::Directing { trial, change } => self.direct(trial, change),
            Stage::Trying { trial, change, part } => self.attempt(trial, change, part),
            finished @ Stage::Finished(_) => finished,
        };
        match &self.stage {
            Stage::Finished(reason) => Advance::Finished(reason.clone()),
            _ if self.iterations > before => Advance::Boundary,
            _ => Advance::Within,
        }
    }

    fn progress(&self) -> Progress {
        let finished = matches!(self.stage, Stage::Finished(_));
        Progress {
            phase: if finished { Phase::Finished } else { Phase::Logistic },
            done: self.iterations,
            planned: None,
            fraction: if finished { 1.0 } else { self.fraction },
            rows_seen: self.rows_seen,
        }
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        Arc::new(self.model())
    }

    fn facts(&self) -> FitFacts {
        let model = self.model();
        let deviations = self.design.deviations();
        let odds_ratios =
            model.coefficients.iter().zip(deviations).map(|(beta, deviation)| (beta * deviation).exp().min(f64::MAX));
        let errors = self.hessian.as_ref().and_then(standard_errors);
        FitFacts::Logistic {
            odds_ratios: odds_ratios.collect(),
            standard_errors: errors.map_or_else(Vec::new, |mut errors| {
                errors.truncate(model.coefficients.len());
                errors
            }),
            coefficients: model.coefficients.to_vec(),
            intercept: model.intercept,
            iterations: self.iterations,
            gradient_norm: self.slope.is_finite().then_some(self.slope),
            stop_reason: match &self.stage {
                Stage::Finished(reason) => reason.clone(),
                _ => StopReason::Stopped,
            },
        }
    }
}

impl Refit for LogisticLearner {
    fn refit(&self, set: Arc<TrainingSet>) -> Result<Box<dyn Learner>, ModelError> {
        Ok(Box::new(Self::new(set, self.parameters.clone())?))
    }
}

/// Coefficients and intercept of a fitted regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticModel {
    /// What one unit of each input adds to the log-odds of the bad outcome, `n_inputs`.
    pub coefficients: Array1<f64>,
    /// The log-odds where all inputs are 0.
    pub intercept: f64,
}

impl LogisticModel {
    pub(in crate::model) fn check(&self, n_inputs: usize) -> Result<(), String> {
        as_many("coefficients", self.coefficients.len(), n_inputs)?;
        all_finite("coefficients", self.coefficients.iter().chain([&self.intercept]))
    }
}

impl Classifier for LogisticModel {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        both_probabilities(&self.scores(x))
    }

    /// The log-odds of the bad outcome.
    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        let row = |row: ndarray::ArrayView1<'_, f32>| {
            let terms = row.iter().zip(&self.coefficients).map(|(&value, beta)| f64::from(value) * beta);
            self.intercept + terms.sum::<f64>()
        };
        x.rows().into_iter().map(row).collect()
    }

    fn fitted(&self) -> Option<FittedModel> {
        Some(FittedModel::plain(FittedKind::Logistic(self.clone())))
    }
}
