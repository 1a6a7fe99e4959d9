//! From a ranking score to the probability of the bad outcome: curves fitted to scores of held-out rows.
//!
//! [`Platt`] fits a logistic curve of two numbers and does well with few rows; [`Isotonic`] any rising curve, which needs
//! many. Neither falls as the score rises, so that they do not change the order of rows, though isotonic regression makes
//! ties.

mod isotonic;
mod platt;

use serde::{Deserialize, Serialize};

use ndarray::{Array1, Array2};

use super::ParameterProblem;
use super::fitted::all_finite;
pub use isotonic::Isotonic;
pub use platt::Platt;

/// Held-out rows from which isotonic regression does at least as well as Platt's curve (scikit-learn's user guide,
/// *Probability calibration*).
const MANY_ROWS: usize = 1000;

/// Which curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// None: the model's own probabilities.
    None,
    /// A logistic curve: two numbers, right for few rows.
    #[default]
    Platt,
    /// Isotonic regression: any rising curve, right for many rows.
    Isotonic,
    /// Platt's below 1,000 held-out rows, isotonic from there.
    Auto,
}

/// How probabilities are calibrated: the same for every model of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationSettings {
    /// Which curve. Default Platt's.
    pub method: CalibrationMethod,
    /// Parts of the training rows that are held out in turn, in 2..=10. Default 3. Nets have parts of their own.
    pub parts: usize,
    /// Share of bad firms in the population that the probabilities are meant for, in (0, 1), where the table was sampled to
    /// hold more (or fewer) of them. Default: that of the training rows.
    pub population_bad_rate: Option<f64>,
}

impl Default for CalibrationSettings {
    fn default() -> Self {
        Self { method: CalibrationMethod::default(), parts: 3, population_bad_rate: None }
    }
}

impl CalibrationSettings {
    /// Every field out of its range.
    pub fn problems(&self) -> Vec<ParameterProblem> {
        let Self { method: _, parts, population_bad_rate } = self;
        let mut problems = Vec::new();
        if !(2..=10).contains(parts) {
            let message = format!("must be between 2 and 10, not {parts}");
            problems.push(ParameterProblem { field: "parts", message });
        }
        if let Some(rate) = population_bad_rate.filter(|rate| !(*rate > 0.0 && *rate < 1.0)) {
            let message = format!("must be above 0 and below 1, not {rate}");
            problems.push(ParameterProblem { field: "population_bad_rate", message });
        }
        problems
    }
}

/// A fitted curve. Never falls as the score rises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// A logistic curve.
    Platt(Platt),
    /// Any rising curve.
    Isotonic(Isotonic),
}

impl Calibration {
    /// Fits the curve to scores of held-out rows and whether each is bad. `None` where none is wanted, and without rows.
    /// Scores that rank the classes backwards carry no knowledge: every row then gets the base rate.
    pub fn fit(method: CalibrationMethod, scores: &[f64], bad: &[bool]) -> Option<Self> {
        if scores.is_empty() {
            return None;
        }
        match method {
            CalibrationMethod::None => None,
            CalibrationMethod::Isotonic => Some(Self::Isotonic(Isotonic::fit(scores, bad))),
            CalibrationMethod::Auto if scores.len() >= MANY_ROWS => Some(Self::Isotonic(Isotonic::fit(scores, bad))),
            CalibrationMethod::Auto | CalibrationMethod::Platt => Some(Self::Platt(Platt::fit_rising(scores, bad))),
        }
    }

    /// P(good | score) and P(bad | score) of each score, `(n_rows, 2)`.
    pub(super) fn probabilities(&self, scores: &Array1<f64>) -> Array2<f64> {
        let mut probabilities = Array2::zeros((scores.len(), 2));
        for (mut row, &score) in probabilities.outer_iter_mut().zip(scores) {
            let bad = self.probability(score);
            row[0] = 1.0 - bad;
            row[1] = bad;
        }
        probabilities
    }

    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::Platt(Platt { a, b }) => all_finite("the calibration's numbers", [a, b].into_iter()),
            Self::Isotonic(isotonic) => isotonic.check(),
        }
    }

    /// P(bad | score), in 0..=1.
    pub fn probability(&self, score: f64) -> f64 {
        match self {
            Self::Platt(platt) => platt.probability(score),
            Self::Isotonic(isotonic) => isotonic.probability(score),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` rows of which every third is bad, in no order with the values.
    fn rows(n: usize) -> (Vec<f64>, Vec<bool>) {
        (0..n).map(|row| ((row * 7 % 11) as f64 - 5.0, row % 3 == 0)).unzip()
    }

    #[test]
    fn the_number_of_rows_chooses() {
        let fit = |method, n| {
            let (decisions, bad) = rows(n);
            Calibration::fit(method, &decisions, &bad).unwrap()
        };
        use CalibrationMethod::{Auto, Isotonic, Platt};
        assert_eq!(fit(Auto, 999), fit(Platt, 999));
        assert_eq!(fit(Auto, 1000), fit(Isotonic, 1000));
        assert!(matches!(fit(Auto, 999), Calibration::Platt(_)));
        assert!(matches!(fit(Auto, 1000), Calibration::Isotonic(_)));
        assert_eq!(Calibration::fit(CalibrationMethod::None, &[1.0], &[true]), None);
    }

    #[test]
    fn every_fit_rises_and_keeps_the_base_rate() {
        for method in [CalibrationMethod::Platt, CalibrationMethod::Isotonic] {
            let (decisions, bad) = rows(300);
            let fit = Calibration::fit(method, &decisions, &bad).unwrap();
            let mean = decisions.iter().map(|&f| fit.probability(f)).sum::<f64>() / 300.0;
            assert!((mean - 1.0 / 3.0).abs() < 0.01, "{mean}");
            let values: Vec<f64> = (-900..900).map(|i| fit.probability(f64::from(i) * 0.01)).collect();
            assert!(values.windows(2).all(|pair| pair[0] <= pair[1]));
            // Every bad row below every good one.
            let backwards = Calibration::fit(method, &[1.0, 2.0, 3.0, 4.0], &[true, true, false, false]).unwrap();
            assert!([0.0, 2.5, 9.0].iter().all(|&f| (backwards.probability(f) - 0.5).abs() < 1e-9));
            assert_eq!(Calibration::fit(method, &[], &[]), None);
        }
    }

    #[test]
    fn written_and_read() {
        for method in [CalibrationMethod::Platt, CalibrationMethod::Isotonic] {
            let (decisions, bad) = rows(50);
            let fit = Calibration::fit(method, &decisions, &bad).unwrap();
            let text = serde_json::to_string(&fit).unwrap();
            assert_eq!(serde_json::from_str::<Calibration>(&text).unwrap(), fit, "{text}");
        }
        assert_eq!(serde_json::to_string(&CalibrationMethod::Auto).unwrap(), r#""auto""#);
    }
}
