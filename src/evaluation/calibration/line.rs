//! Are PDs too low or too high on the whole, and too bold or too timid? A logistic regression of the outcome on the log-odds
//! of the PD (Cox, *Two further applications of a model for binary regression*, Biometrika 45, 1958).
//!
//! ln(p/(1 − p)) = a + b·ln(pd/(1 − pd)) with p the probability of a bad outcome: b = 1 and a = 0 where every PD is right.
//! Calibration in the large is a with b held at 1.

use serde::Serialize;

/// Newton steps at most: they settle in about ten.
const MOST_STEPS: usize = 200;
/// The longest step in a coefficient: beyond lies where every weight has vanished.
const LONGEST_STEP: f64 = 8.0;
/// The gain of a step, in units of the log-likelihood, after which there is nothing more to gain.
const SETTLED: f64 = 1e-12;

/// A coefficient and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The maximum-likelihood estimate.
    pub value: f64,
    /// Its standard error, from the information matrix at the estimate: value ± 1.96 of these is the 95 % interval.
    pub standard_error: f64,
}

/// The line of log-odds through the outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationLine {
    /// a with b held at 1. Above 0 there are more bad rows than the PDs say, below 0 fewer.
    pub in_the_large: Estimate,
    /// b. Below 1 the PDs are too bold, low ones too low and high ones too high; above 1 too timid. `None` when all PDs are
    /// the same, or when a PD parts the classes without error, so that no finite b is the best.
    pub slope: Option<Estimate>,
    /// a beside `slope`: the log-odds of the outcome where the PD is ½.
    pub intercept: Option<Estimate>,
}

/// The line of `bad` on `pd`, both of shape `(n_rows,)`.
///
/// `None` without both classes, with a `pd` that is not strictly between 0 and 1 (its log-odds are not finite), or unequal
/// lengths.
pub fn calibration_line(bad: &[bool], pd: &[f64]) -> Option<CalibrationLine> {
    let n_bad = bad.iter().filter(|b| **b).count();
    let usable = bad.len() == pd.len() && pd.iter().all(|p| *p > 0.0 && *p < 1.0);
    if !usable || n_bad == 0 || n_bad == bad.len() {
        return None;
    }
    let x: Vec<f64> = pd.iter().map(|p| p.ln() - (-p).ln_1p()).collect();
    let n = pd.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let base = (n_bad as f64 / (n - n_bad as f64)).ln();

    let ([a, _], [variance, ..]) = maximum(bad, &x, [base - mean, 1.0], false)?;
    let in_the_large = Estimate { value: a, standard_error: variance.sqrt() };
    let line = if parted(bad, &x) { None } else { line(bad, &x, mean, base) };
    Some(CalibrationLine { in_the_large, slope: line.map(|l| l[1]), intercept: line.map(|l| l[0]) })
}

/// Whether a number parts the classes: all bad rows lie at or above it and all good ones at or below, or the other way.
fn parted(bad: &[bool], x: &[f64]) -> bool {
    let ends = |class: bool| {
        let of_class = bad.iter().zip(x).filter(move |row| *row.0 == class);
        of_class.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], row| [low.min(*row.1), high.max(*row.1)])
    };
    let ([low_good, high_good], [low_bad, high_bad]) = (ends(false), ends(true));
    high_good <= low_bad || high_bad <= low_good
}

/// Intercept and slope, both free.
fn line(bad: &[bool], x: &[f64], mean: f64, base: f64) -> Option<[Estimate; 2]> {
    let spread = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt();
    // Centred and scaled, the steps are well-conditioned whatever the PDs.
    let scaled: Vec<f64> = x.iter().map(|x| (x - mean) / spread).collect();
    let ([a, b], [aa, ab, bb]) = maximum(bad, &scaled, [base, 0.0], true)?;
    let shift = mean / spread;
    let variance = aa - 2.0 * shift * ab + shift * shift * bb;
    let intercept = Estimate { value: a - shift * b, standard_error: variance.sqrt() };
    let slope = Estimate { value: b / spread, standard_error: bb.sqrt() / spread };
    [intercept, slope].iter().all(|e| e.value.is_finite() && e.standard_error.is_finite()).then_some([intercept, slope])
}

/// The coefficients a, b of the log-odds a + b·x with the largest likelihood, from `start` on by Newton's method, b held
/// unless `slope_is_free`; and their variances and covariance (aa, ab, bb). `None` when the steps do not settle.
fn maximum(bad: &[bool], x: &[f64], start: [f64; 2], slope_is_free: bool) -> Option<([f64; 2], [f64; 3])> {
    let mut at = start;
    for _ in 0..MOST_STEPS {
        let (gradient, variances) = slopes(bad, x, at, slope_is_free)?;
        let [aa, ab, bb] = variances;
        let step = [aa * gradient[0] + ab * gradient[1], ab * gradient[0] + bb * gradient[1]];
        // Twice what the step gains, were the likelihood a parabola.
        let gain = step[0] * gradient[0] + step[1] * gradient[1];
        let longest = step[0].abs().max(step[1].abs());
        let mut part = (LONGEST_STEP / longest).min(1.0);
        let moved = |part: f64| [at[0] + part * step[0], at[1] + part * step[1]];
        // Close to the top the likelihood is level to its last bits, and full steps are safe.
        if gain > 1e-8 {
            let here = loss(bad, x, at);
            while loss(bad, x, moved(part)) >= here && part > 1e-12 {
                part /= 2.0;
            }
        }
        at = moved(part);
        if gain <= SETTLED {
            return Some((at, slopes(bad, x, at, slope_is_free)?.1));
        }
    }
    None
}

/// Slopes of the log-likelihood at the coefficients `at`, and the inverse of its information matrix (aa, ab, bb). `None`
/// where the matrix has no inverse.
fn slopes(bad: &[bool], x: &[f64], at: [f64; 2], slope_is_free: bool) -> Option<([f64; 2], [f64; 3])> {
    let (mut gradient, mut information) = ([0.0; 2], [0.0; 3]);
    for (&bad, &x) in bad.iter().zip(x) {
        let p = 1.0 / (1.0 + (-(at[0] + at[1] * x)).exp());
        let (miss, weight) = (f64::from(u8::from(bad)) - p, p * (1.0 - p));
        gradient[0] += miss;
        gradient[1] += miss * x;
        information[0] += weight;
        information[1] += weight * x;
        information[2] += weight * x * x;
    }
    let [aa, ab, bb] = information;
    let inverse = if slope_is_free {
        let determinant = aa * bb - ab * ab;
        [bb / determinant, -ab / determinant, aa / determinant]
    } else {
        gradient[1] = 0.0;
        [1.0 / aa, 0.0, 0.0]
    };
    inverse.iter().all(|v| v.is_finite()).then_some((gradient, inverse))
}

/// Minus the log-likelihood: Σ ln(1 + e^−z) over bad rows and Σ ln(1 + e^z) over good ones, z = a + b·x.
fn loss(bad: &[bool], x: &[f64], [a, b]: [f64; 2]) -> f64 {
    let row = |(bad, x): (&bool, &f64)| {
        let z = a + b * x;
        let wrong = if *bad { -z } else { z };
        wrong.max(0.0) + (-z.abs()).exp().ln_1p()
    };
    bad.iter().zip(x).map(row).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} against {expected}");
    }

    /// PDs ¼ and ¾: with rates ½ of 8 rows and 7/8 of 8, the line goes through both points.
    #[test]
    fn two_pds_by_hand() {
        let pd: Vec<f64> = [0.25; 8].into_iter().chain([0.75; 8]).collect();
        let bad: Vec<bool> = (0..16).map(|i| !(4..9).contains(&i)).collect();
        let found = calibration_line(&bad, &pd).unwrap();
        // a − b·ln 3 = 0 and a + b·ln 3 = ln 7.
        let (slope, intercept) = (found.slope.unwrap(), found.intercept.unwrap());
        close(intercept.value, 7.0_f64.ln() / 2.0);
        close(slope.value, 7.0_f64.ln() / 2.0 / 3.0_f64.ln());
        // Two separate logits with variances 1/(n·p·(1 − p)): ½ and 8/7, a quarter of whose sum is that of a.
        close(intercept.standard_error, ((0.5 + 8.0 / 7.0) / 4.0_f64).sqrt());
        close(slope.standard_error, ((0.5 + 8.0 / 7.0) / 4.0_f64).sqrt() / 3.0_f64.ln());
        // e^a = u solves 8u/(u + 3) + 24u/(3u + 1) = 11.
        let u = found.in_the_large.value.exp();
        close(8.0 * u / (u + 3.0) + 24.0 * u / (3.0 * u + 1.0), 11.0);
    }

    /// Roots of the score equations by `SciPy` 1.17, standard errors by `NumPy`'s inverse of the information matrix.
    #[test]
    fn agrees_with_scipy() {
        let bad = [1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1].map(|b| b == 1);
        let pd = [
            0.82, 0.10, 0.35, 0.35, 0.05, 0.90, 0.60, 0.15, 0.20, 0.35, 0.05, 0.70, 0.55, 0.25, 0.30, 0.60, 0.10, 0.45,
            0.05, 0.15,
        ];
        let found = calibration_line(&bad, &pd).unwrap();
        let found = [found.in_the_large, found.intercept.unwrap(), found.slope.unwrap()];
        let expected = [
            (-0.021646684600716254, 0.5566421965775105),
            (-0.11246165740633919, 0.5713653635733987),
            (0.8060218164201366, 0.43310817666731155),
        ];
        for (found, (value, standard_error)) in found.into_iter().zip(expected) {
            close(found.value, value);
            close(found.standard_error, standard_error);
        }
    }

    #[test]
    fn right_pds_have_slope_1_and_intercept_0() {
        let mut random = stream(68, Purpose::Sample, 0);
        let pd: Vec<f64> = (0..20_000).map(|_| random.random_range(0.01..0.6)).collect();
        let bad: Vec<bool> = pd.iter().map(|&p| random.random_bool(p)).collect();
        let found = calibration_line(&bad, &pd).unwrap();
        let off = |e: Estimate, truth: f64| (e.value - truth).abs() / e.standard_error;
        assert!(off(found.slope.unwrap(), 1.0) < 3.0 && off(found.intercept.unwrap(), 0.0) < 3.0);
        assert!(off(found.in_the_large, 0.0) < 3.0);
    }

    #[test]
    fn where_there_is_no_line() {
        for (bad, pd) in [
            (vec![], vec![]),
            (vec![true, true], vec![0.1, 0.2]),
            (vec![true, false], vec![0.1]),
            (vec![true, false], vec![0.0, 0.3]),
            (vec![true, false], vec![0.1, 1.0]),
            (vec![true, false], vec![f64::NAN, 0.3]),
        ] {
            assert_eq!(calibration_line(&bad, &pd), None);
        }
        // One PD for everyone, classes parted, and parted but for one number they share.
        for pd in [[0.25; 4], [0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.2, 0.4], [0.4, 0.3, 0.2, 0.1]] {
            let found = calibration_line(&[false, false, true, true], &pd).unwrap();
            assert!(found.slope.is_none() && found.intercept.is_none() && found.in_the_large.value.is_finite());
        }
        let same = calibration_line(&[true, false, false, false], &[0.5; 4]).unwrap();
        close(same.in_the_large.value, -(3.0_f64.ln()));
        close(same.in_the_large.standard_error, (4.0 / 3.0_f64).sqrt());
    }

    #[test]
    fn extreme_pds_settle() {
        let pd = [1e-300, 1e-15, 1e-9, 0.3, 0.999_999, 1.0_f64.next_down(), 1e-4, 0.5];
        let found = calibration_line(&[true, false, true, false, false, true, false, true], &pd).unwrap();
        assert!(
            found.in_the_large.value.is_finite() && found.slope.is_some_and(|s| s.standard_error > 0.0),
            "{found:?}"
        );
    }
}
