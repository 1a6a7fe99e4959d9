//! Platt scaling: from a decision value f, the probability P(bad | f) = 1 / (1 + exp(A f + B)).
//!
//! A and B minimise the cross-entropy −Σ tᵢ ln pᵢ + (1 − tᵢ) ln(1 − pᵢ) over held-out rows, with the targets
//! tᵢ = (N₊ + 1)/(N₊ + 2) for bad rows and 1/(N₋ + 2) for the others, by Newton's method with backtracking.
//! Lin, Lin, Weng, *A note on Platt's probabilistic outputs for support vector machines*, 2007 (its algorithm 1 and names).

use serde::{Deserialize, Serialize};

/// The two numbers of a fitted calibration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// Slope A: negative where a higher decision value means a higher probability.
    pub a: f64,
    /// Offset B.
    pub b: f64,
}

/// Newton steps at most; ten or so are usual.
const MAX_ITERATIONS: usize = 100;
/// Smallest step tried in the line search.
const MIN_STEP: f64 = 1e-10;
/// Ridge that keeps the Hessian positive definite (σ in the paper).
const RIDGE: f64 = 1e-12;
/// The gradient at which the fit is good enough (ε in the paper).
const GRADIENT_TOLERANCE: f64 = 1e-5;

impl Platt {
    /// Fits A and B to held-out rows: their decision values and whether each is bad. Every row counts the same, whatever
    /// class weights the decision values were fitted with, so that the probabilities keep the base rate of the rows.
    /// With no rows at all every probability is ½. Values beyond the shorter of the two slices are ignored.
    pub fn fit(decisions: &[f64], bad: &[bool]) -> Self {
        let n_bad = bad.iter().filter(|&&bad| bad).count() as f64;
        let n_good = bad.len() as f64 - n_bad;
        let target = |bad: bool| if bad { (n_bad + 1.0) / (n_bad + 2.0) } else { 1.0 / (n_good + 2.0) };
        let rows: Vec<(f64, f64)> = decisions.iter().zip(bad).map(|(&f, &bad)| (f, target(bad))).collect();

        let mut fit = Self { a: 0.0, b: ((n_good + 1.0) / (n_bad + 1.0)).ln() };
        let mut loss = fit.loss(&rows);
        for _ in 0..MAX_ITERATIONS {
            let (mut h11, mut h22, mut h21, mut g1, mut g2) = (RIDGE, RIDGE, 0.0, 0.0, 0.0);
            for &(f, t) in &rows {
                let p = fit.probability(f);
                let d1 = t - p;
                let d2 = p * (1.0 - p);
                h11 += f * f * d2;
                h22 += d2;
                h21 += f * d2;
                g1 += f * d1;
                g2 += d1;
            }
            if g1.abs() < GRADIENT_TOLERANCE && g2.abs() < GRADIENT_TOLERANCE {
                break;
            }
            let determinant = h11 * h22 - h21 * h21;
            let da = -(h22 * g1 - h21 * g2) / determinant;
            let db = -(h11 * g2 - h21 * g1) / determinant;
            let slope = g1 * da + g2 * db;

            let mut step = 1.0;
            let lower = loop {
                let tried = Self { a: fit.a + step * da, b: fit.b + step * db };
                let tried_loss = tried.loss(&rows);
                if tried_loss < loss + 1e-4 * step * slope {
                    break Some((tried, tried_loss));
                }
                step /= 2.0;
                if step < MIN_STEP {
                    break None;
                }
            };
            let Some(lower) = lower else { break };
            (fit, loss) = lower;
        }
        fit
    }

    /// Fits as [`Platt::fit`] does, but never lets the probability fall as the decision value rises, and in whatever unit the
    /// values are. Held-out values that rank the classes backwards (few rows, or nothing to learn) carry no knowledge; then
    /// A = 0, and every row gets the base rate.
    pub fn fit_rising(decisions: &[f64], bad: &[bool]) -> Self {
        // Newton's method ends by the size of the gradient, which has the unit of the values: they are standardised for it.
        let n = decisions.len().max(1) as f64;
        let mean = decisions.iter().sum::<f64>() / n;
        let sd = (decisions.iter().map(|f| (f - mean).powi(2)).sum::<f64>() / n).sqrt();
        if sd > 0.0 && sd.is_finite() {
            let standardised: Vec<f64> = decisions.iter().map(|f| (f - mean) / sd).collect();
            let fit = Self::fit(&standardised, bad);
            if fit.a <= 0.0 {
                return Self { a: fit.a / sd, b: fit.b - fit.a * mean / sd };
            }
        }
        Self::fit(&vec![0.0; bad.len()], bad)
    }

    /// P(bad | f), in 0..=1, computed without overflow for any finite f.
    pub fn probability(&self, f: f64) -> f64 {
        let z = self.a * f + self.b;
        if z >= 0.0 { (-z).exp() / (1.0 + (-z).exp()) } else { 1.0 / (1.0 + z.exp()) }
    }

    /// The cross-entropy, written so that no exponential overflows.
    fn loss(self, rows: &[(f64, f64)]) -> f64 {
        let row = |&(f, t): &(f64, f64)| {
            let z = self.a * f + self.b;
            if z >= 0.0 { t * z + (-z).exp().ln_1p() } else { (t - 1.0) * z + z.exp().ln_1p() }
        };
        rows.iter().map(row).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(got: Platt, a: f64, b: f64, tolerance: f64) {
        assert!((got.a - a).abs() < tolerance && (got.b - b).abs() < tolerance, "{got:?} against {a}, {b}");
    }

    #[test]
    fn published_values() {
        // scikit-learn's test_calibration.py, which quotes Lin's own program.
        let fit = Platt::fit(&[5.0, -4.0, 1.0], &[true, false, false]);
        assert_close(fit, -0.20261354391187855, 0.652363149800105, 1e-6);

        let f = [-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, -0.2, 0.3];
        let bad = [false, false, false, false, true, true, true, true, true, false];
        assert_close(Platt::fit(&f, &bad), -1.1588976, 0.01638834, 1e-5);

        let f: Vec<f64> = [-1.0; 5].into_iter().chain([1.0; 5]).collect();
        let bad: Vec<bool> = f.iter().map(|&f| f > 0.0).collect();
        assert_close(Platt::fit(&f, &bad), -1.79175936, 0.0, 1e-5);
    }

    #[test]
    fn two_points_by_hand() {
        // Five rows at −1 and five at +1, all right: targets 1/7 and 6/7, so A = −ln 6 and B = 0 make p equal to them.
        let f: Vec<f64> = [-1.0; 5].into_iter().chain([1.0; 5]).collect();
        let bad: Vec<bool> = f.iter().map(|&f| f > 0.0).collect();
        let fit = Platt::fit(&f, &bad);
        assert!((fit.probability(1.0) - 6.0 / 7.0).abs() < 1e-5);
        assert!((fit.probability(-1.0) - 1.0 / 7.0).abs() < 1e-5);
    }

    #[test]
    fn probabilities_stay_in_range_and_rise() {
        let fit = Platt { a: -3.0, b: 0.5 };
        let mut last = 0.0;
        for f in [-1e300, -1e3, -1.0, 0.0, 1.0, 1e3, 1e300] {
            let p = fit.probability(f);
            assert!((0.0..=1.0).contains(&p) && p >= last);
            last = p;
        }
    }

    #[test]
    fn a_backward_ranking_gives_the_base_rate() {
        let bad = [true, false, false, false];
        assert!(Platt::fit(&[-2.0, 1.0, 1.5, 2.0], &bad).a > 0.0);
        let fit = Platt::fit_rising(&[-2.0, 1.0, 1.5, 2.0], &bad);
        assert_eq!(fit.a, 0.0);
        // Mean of the targets: (2/3 + 3·1/5)/4.
        assert!((fit.probability(7.0) - (2.0 / 3.0 + 0.6) / 4.0).abs() < 1e-5);
    }

    #[test]
    fn the_unit_of_the_values_does_not_matter() {
        let f = [-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, -0.2, 0.3];
        let bad = [false, false, false, false, true, true, true, true, true, false];
        for (scale, shift) in [(1.0, 0.0), (1e-7, -1.0), (1e6, 1e7)] {
            let moved: Vec<f64> = f.iter().map(|f| shift + scale * f).collect();
            let fit = Platt::fit_rising(&moved, &bad);
            assert_close(Platt { a: fit.a * scale, b: fit.b + fit.a * shift }, -1.1588976, 0.01638834, 1e-4);
        }
    }

    #[test]
    fn no_rows_and_one_class_end() {
        assert_eq!(Platt::fit(&[], &[]).probability(3.0), 0.5);
        let one = Platt::fit(&[0.5, 1.0, 2.0], &[true, true, true]);
        assert!(one.probability(1.0) > 0.5 && one.probability(1.0) < 1.0);
    }
}
