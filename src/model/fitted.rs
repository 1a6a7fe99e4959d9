//! A fitted model as plain numbers: what can be written to a file and answers the same afterwards.

use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::Classifier;
use super::calibration::Calibration;
use super::dbn::DbnModel;
use super::logistic::LogisticModel;
use super::majority::ClassShares;
use super::svm::SvmFitted;
use super::trees::TreesModel;

/// A model of two classes with its calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedModel {
    /// What gives scores, and probabilities where there is no calibration.
    pub answers: FittedKind,
    /// What makes probabilities of its scores; `None` where it speaks for itself.
    pub calibration: Option<Calibration>,
}

/// The numbers of a model of any kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FittedKind {
    /// A deep belief network, or the same net without pre-training.
    Dbn(DbnModel),
    /// A support vector machine.
    Svm(SvmFitted),
    /// A logistic regression.
    Logistic(LogisticModel),
    /// Gradient-boosted trees.
    Trees(TreesModel),
    /// The class shares of the training rows.
    Majority(ClassShares),
}

impl FittedKind {
    fn classifier(&self) -> &dyn Classifier {
        match self {
            Self::Dbn(model) => model,
            Self::Svm(model) => model,
            Self::Logistic(model) => model,
            Self::Trees(model) => model,
            Self::Majority(model) => model,
        }
    }
}

impl FittedModel {
    /// A model that speaks for itself.
    pub(super) fn plain(answers: FittedKind) -> Self {
        Self { answers, calibration: None }
    }

    /// Whether it can answer for rows of `n_inputs` inputs without an index out of range or a number that is none: asked of
    /// every model that comes from a file.
    ///
    /// # Errors
    /// What is wrong, in a few words.
    pub fn check(&self, n_inputs: usize) -> Result<(), String> {
        match &self.answers {
            FittedKind::Dbn(model) => model.check(n_inputs),
            FittedKind::Svm(model) => model.check(n_inputs),
            FittedKind::Logistic(model) => model.check(n_inputs),
            FittedKind::Trees(model) => model.check(n_inputs),
            FittedKind::Majority(model) => model.check(),
        }?;
        self.calibration.as_ref().map_or(Ok(()), Calibration::check)
    }
}

impl Classifier for FittedModel {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        self.answers(x).1
    }

    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        self.answers.classifier().scores(x)
    }

    fn answers(&self, x: ArrayView2<'_, f32>) -> (Array1<f64>, Array2<f64>) {
        let Some(calibration) = &self.calibration else { return self.answers.classifier().answers(x) };
        let scores = self.scores(x);
        let probabilities = calibration.probabilities(&scores);
        (scores, probabilities)
    }

    fn fitted(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// Numbers that a file must not spoil: every one finite.
pub(super) fn all_finite<'a>(what: &str, mut numbers: impl Iterator<Item = &'a f64>) -> Result<(), String> {
    if numbers.all(|number| number.is_finite()) { Ok(()) } else { Err(not_finite(what)) }
}

/// The same of single precision.
pub(super) fn all_finite_f32<'a>(what: &str, mut numbers: impl Iterator<Item = &'a f32>) -> Result<(), String> {
    if numbers.all(|number| number.is_finite()) { Ok(()) } else { Err(not_finite(what)) }
}

fn not_finite(what: &str) -> String {
    format!("{what} hold a value that is not a finite number")
}

/// That there are as many of something as there have to be.
pub(super) fn as_many(what: &str, found: usize, expected: usize) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("there are {found} {what} where {expected} are expected")) }
}
