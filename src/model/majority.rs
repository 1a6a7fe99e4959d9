//! The floor of every comparison: answers each row with the class shares of the training rows, whatever the row says.

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView2};

use serde::{Deserialize, Serialize};

use super::fitted::{all_finite, as_many};
use super::{
    Advance, Classifier, FitFacts, FittedKind, FittedModel, Learner, ModelError, Phase, Point, Progress, StopReason,
    TrainingSet,
};

/// Counts the classes once and is done. The label that follows is the most frequent class.
#[derive(Clone, Debug)]
pub struct Majority {
    shares: Arc<ClassShares>,
    n_rows: u64,
    done: bool,
}

impl Majority {
    /// A learner for the labelled rows of `set`; any number of classes.
    ///
    /// # Errors
    /// Those of [`TrainingSet::check_labelled`].
    pub fn new(set: &TrainingSet) -> Result<Self, ModelError> {
        set.check_labelled()?;
        let mut shares = Array1::zeros(set.n_classes);
        for &class in &set.y {
            shares[class] += 1.0;
        }
        shares /= set.y.len() as f64;
        Ok(Self { shares: Arc::new(ClassShares { shares }), n_rows: set.y.len() as u64, done: false })
    }
}

impl Learner for Majority {
    fn advance(&mut self, _record: &mut dyn FnMut(Point)) -> Advance {
        self.done = true;
        Advance::Finished(StopReason::Completed)
    }

    fn progress(&self) -> Progress {
        let done = u64::from(self.done);
        Progress {
            phase: Phase::Finished,
            done,
            planned: Some(1),
            fraction: done as f64,
            rows_seen: done * self.n_rows,
        }
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        Arc::<ClassShares>::clone(&self.shares)
    }

    fn facts(&self) -> FitFacts {
        FitFacts::Plain {}
    }

    /// Without any one row the shares are next to the same.
    fn validation(&self) -> Vec<(usize, f64)> {
        let bad = self.shares.bad();
        (0..self.n_rows as usize).map(|row| (row, bad)).collect()
    }
}

/// The share of each class among the training rows, `n_classes` values that sum to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassShares {
    shares: Array1<f64>,
}

impl ClassShares {
    /// Two shares, as a model of two classes has them.
    pub(super) fn check(&self) -> Result<(), String> {
        as_many("class shares", self.shares.len(), 2)?;
        all_finite("class shares", self.shares.iter())
    }

    /// The share of bad rows.
    pub fn bad(&self) -> f64 {
        self.shares.get(1).copied().unwrap_or_default()
    }
}

impl Classifier for ClassShares {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        Array2::from_shape_fn((x.nrows(), self.shares.len()), |(_, class)| self.shares[class])
    }

    /// One constant for all rows: it ranks nothing.
    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        Array1::from_elem(x.nrows(), self.bad())
    }

    fn fitted(&self) -> Option<FittedModel> {
        (self.shares.len() == 2).then(|| FittedModel::plain(FittedKind::Majority(self.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn set(y: Vec<usize>) -> TrainingSet {
        TrainingSet {
            x: Array2::zeros((y.len(), 2)),
            y,
            x_unlabelled: Array2::zeros((0, 2)),
            n_classes: 2,
            groups: Vec::new(),
        }
    }

    #[test]
    fn answers_with_the_training_shares() {
        let mut learner = Majority::new(&set(vec![0, 0, 1, 0])).unwrap();
        assert_eq!(learner.progress().fraction, 0.0);
        for _ in 0..2 {
            assert_eq!(learner.advance(&mut |_| {}), Advance::Finished(StopReason::Completed));
        }
        assert_eq!(learner.progress().fraction, 1.0);
        assert_eq!(learner.progress().rows_seen, 4);
        let classifier = learner.classifier();
        let x = array![[1.0, 2.0], [f32::NAN, 0.0]];
        assert_eq!(classifier.probabilities(x.view()), array![[0.75, 0.25], [0.75, 0.25]]);
        assert_eq!(classifier.scores(x.view()), array![0.25, 0.25]);
        assert_eq!(learner.facts(), FitFacts::Plain {});
    }

    #[test]
    fn nothing_to_count_is_an_error() {
        assert_eq!(Majority::new(&set(vec![])).unwrap_err(), ModelError::TooFewRows { n_rows: 0, needed: 1 });
    }
}
