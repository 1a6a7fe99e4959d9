//! Two classes seen by a model of log-odds: their weights, the logistic function, the cross-entropy.
//!
//! With z the log-odds of the bad outcome, P(bad) = 1 / (1 + e⁻ᶻ), and a row's cross-entropy is ln(1 + e⁻ᶻ) when it is bad,
//! ln(1 + eᶻ) when it is not.

use ndarray::{Array1, Array2};

use super::{ClassWeight, ModelError, TrainingSet};

/// What rows of each class weigh in a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TwoClasses {
    /// Weight of a row that is not bad, and of one that is.
    weights: [f64; 2],
    /// Rows of each class.
    counts: [f64; 2],
}

impl TwoClasses {
    /// The classes of the labelled rows of `set`, class 1 being the bad one.
    ///
    /// # Errors
    /// [`ModelError::NotTwoClasses`], those of [`TrainingSet::check_labelled`], [`ModelError::OneClass`].
    pub(super) fn of_set(set: &TrainingSet, weight: ClassWeight) -> Result<Self, ModelError> {
        if set.n_classes != 2 {
            return Err(ModelError::NotTwoClasses { n_classes: set.n_classes });
        }
        set.check_labelled()?;
        let n = set.y.len() as f64;
        let n_bad = set.y.iter().sum::<usize>() as f64;
        let counts = [n - n_bad, n_bad];
        if counts.contains(&0.0) {
            return Err(ModelError::OneClass);
        }
        let weights = match weight {
            ClassWeight::None => [1.0, 1.0],
            ClassWeight::Balanced => counts.map(|count| n / (2.0 * count)),
        };
        Ok(Self { weights, counts })
    }

    /// Weight of a row of this class.
    pub(super) fn weight(&self, class: usize) -> f64 {
        self.weights[class]
    }

    /// Sum of the weights of all rows.
    pub(super) fn total(&self) -> f64 {
        self.weights[0] * self.counts[0] + self.weights[1] * self.counts[1]
    }

    /// Log-odds of the weighted class shares: the best constant answer.
    pub(super) fn log_odds(&self) -> f64 {
        (self.weights[1] * self.counts[1] / (self.weights[0] * self.counts[0])).ln()
    }

    /// How much weighting the classes raises the log-odds of every row. Taken off again, the probabilities keep the base
    /// rate of the rows (King, Zeng, *Logistic regression in rare events data*, 2001, prior correction).
    pub(super) fn raised(&self) -> f64 {
        (self.weights[1] / self.weights[0]).ln()
    }
}

/// P(bad) from the log-odds, without overflow.
pub(super) fn probability(log_odds: f64) -> f64 {
    let e = (-log_odds.abs()).exp();
    if log_odds >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// The cross-entropy of one row in nats, without overflow.
pub(super) fn cross_entropy(log_odds: f64, bad: bool) -> f64 {
    let wrong = if bad { -log_odds } else { log_odds };
    wrong.max(0.0) + (-wrong.abs()).exp().ln_1p()
}

/// P(good) and P(bad) of each row, `(n_rows, 2)`.
pub(super) fn both_probabilities(log_odds: &Array1<f64>) -> Array2<f64> {
    Array2::from_shape_fn((log_odds.len(), 2), |(row, class)| {
        probability(if class == 1 { log_odds[row] } else { -log_odds[row] })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_by_hand() {
        // Three good rows, one bad.
        let set = |y: Vec<usize>, n_classes| TrainingSet {
            x: Array2::zeros((y.len(), 1)),
            y,
            x_unlabelled: Array2::zeros((0, 1)),
            n_classes,
            groups: Vec::new(),
        };
        let plain = TwoClasses::of_set(&set(vec![0, 1, 0, 0], 2), ClassWeight::None).unwrap();
        assert_eq!((plain.weight(0), plain.weight(1), plain.total(), plain.raised()), (1.0, 1.0, 4.0, 0.0));
        assert_eq!(plain.log_odds(), (1.0 / 3.0_f64).ln());
        let balanced = TwoClasses::of_set(&set(vec![0, 1, 0, 0], 2), ClassWeight::Balanced).unwrap();
        assert_eq!((balanced.weight(0), balanced.weight(1)), (2.0 / 3.0, 2.0));
        assert_eq!((balanced.total(), balanced.log_odds()), (4.0, 0.0));
        assert!((balanced.raised() - 3.0_f64.ln()).abs() < 1e-15);
        let of = |y, n_classes| TwoClasses::of_set(&set(y, n_classes), ClassWeight::None).unwrap_err();
        assert_eq!(of(vec![1, 1], 2), ModelError::OneClass);
        assert_eq!(of(vec![0, 1], 3), ModelError::NotTwoClasses { n_classes: 3 });
    }

    #[test]
    fn logistic_function_and_cross_entropy() {
        for z in [-800.0, -3.0, 0.0, 0.5, 20.0, 800.0_f64] {
            let p = probability(z);
            assert!((p - 1.0 / (1.0 + (-z).exp())).abs() < 1e-15);
            assert!((p + probability(-z) - 1.0).abs() < 1e-15);
            assert!(cross_entropy(z, true).is_finite() && cross_entropy(z, false).is_finite());
        }
        assert!((cross_entropy(0.5, true) + probability(0.5).ln()).abs() < 1e-15);
        assert!((cross_entropy(0.5, false) + probability(-0.5).ln()).abs() < 1e-15);
        assert_eq!(cross_entropy(800.0, false), 800.0);
    }
}
