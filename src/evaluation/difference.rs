//! Is one model better than another, or is it chance? Tests on differences over shared folds.
//!
//! The differences a − b of one figure on each of J test parts have mean d̄ and sample standard deviation s; a training
//! part has n₁ rows, a test part n₂, and ρ = n₂ / (n₁ + n₂) is the share of rows tested on. Training parts overlap from
//! fold to fold, so the differences are correlated and the plain t-test, with variance s²/J, is far too sure. Instead:
//!
//! - corrected resampled t-test (NB03): t = d̄ / √((1/J + n₂/n₁)·s²), J − 1 degrees of freedom;
//! - Bayesian correlated t-test (BC17): the true difference is Student-distributed with J − 1 degrees of freedom,
//!   location d̄ and scale √((1/J + ρ/(1 − ρ))·s²), the same scale since ρ/(1 − ρ) = n₂/n₁. Its mass above +rope, within
//!   ±rope and below −rope gives the probabilities that a is better, that both are equivalent in practice, that b is.
//!
//! NB03: Nadeau, Bengio, *Inference for the generalization error*, Machine Learning 52, 2003. BC17: Benavoli, Corani,
//! Demšar, Zaffalon, *Time for a change*, JMLR 18, 2017. M47: `McNemar`, Psychometrika 12, 1947.

use super::Summary;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, StudentsT};
use statrs::function::erf::erfc;

/// Half width of the region of practical equivalence: figures closer than this make no difference in practice.
pub const ROPE: f64 = 0.01;

/// Differences below this are rounding: the figures themselves are of the order of 1.
const ROUNDING: f64 = 1e-12;

/// Most discordant rows for which the `McNemar` test is worked out exactly.
const MOST_EXACT: usize = 25;

/// Probabilities of the three possible answers; they add up to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posterior {
    /// The true difference a − b is above +rope.
    pub p_a_better: f64,
    /// It is within ±rope.
    pub p_equivalent: f64,
    /// It is below −rope.
    pub p_b_better: f64,
}

/// The share ρ of rows that is tested on, from `(n_train, n_test)` of every fold: 1/k for k folds. `None` unless both
/// sums are positive.
pub fn mean_test_share(folds: &[(usize, usize)]) -> Option<f64> {
    let train: f64 = folds.iter().map(|f| f.0 as f64).sum();
    let test: f64 = folds.iter().map(|f| f.1 as f64).sum();
    (train > 0.0 && test > 0.0).then(|| test / (train + test))
}

/// Two-sided p-value of the corrected resampled t-test (NB03) of `differences`, shape `(J,)`, all repeats of all folds.
///
/// `None` with fewer than two differences, one that is not finite, or a `test_share` not between 0 and 1. When all
/// differences are equal the statistic has no spread to be measured against; its limit is given: 1 when they are all
/// zero (the models are alike), else 0.
pub fn corrected_resampled_t(differences: &[f64], test_share: f64) -> Option<f64> {
    let located = Located::new(differences, test_share)?;
    let distance = located.mean.abs();
    Some(if located.scale == 0.0 { f64::from(distance <= ROUNDING) } else { 2.0 * located.tail(distance) })
}

/// The Bayesian correlated t-test (BC17) of `differences` (higher favours a) with the region of equivalence ±`rope`.
///
/// `None` as for [`corrected_resampled_t`], or when `rope` is negative or NaN. When all differences are equal the
/// posterior is the single point d̄, so that one of the three probabilities is 1.
pub fn bayesian_correlated_t(differences: &[f64], test_share: f64, rope: f64) -> Option<Posterior> {
    let located = Located::new(differences, test_share)?;
    if rope.is_nan() || rope < 0.0 {
        return None;
    }
    let (p_a_better, p_b_better) = (located.above(rope), located.below(-rope));
    Some(Posterior { p_a_better, p_equivalent: (1.0 - (p_a_better + p_b_better)).max(0.0), p_b_better })
}

/// The Student distribution with location d̄, corrected scale and J − 1 degrees of freedom that both t-tests read.
struct Located {
    mean: f64,
    /// 0 when all differences are equal.
    scale: f64,
    standard: StudentsT,
}

impl Located {
    fn new(differences: &[f64], test_share: f64) -> Option<Self> {
        let usable = differences.iter().all(|d| d.is_finite()) && test_share > 0.0 && test_share < 1.0;
        let Summary { mean: Some(mean), sd: Some(sd), n } = Summary::of(differences.iter().copied().map(Some)) else {
            return None;
        };
        let inflation = 1.0 / n as f64 + test_share / (1.0 - test_share);
        let scale = if sd <= ROUNDING { 0.0 } else { inflation.sqrt() * sd };
        let standard = StudentsT::new(0.0, 1.0, (n - 1) as f64).ok()?;
        (usable && scale.is_finite()).then_some(Self { mean, scale, standard })
    }

    /// Probability above `bound`.
    fn above(&self, bound: f64) -> f64 {
        self.tail(bound - self.mean)
    }

    /// Probability below `bound`.
    fn below(&self, bound: f64) -> f64 {
        self.tail(self.mean - bound)
    }

    /// Probability of lying more than `distance` to one side of the mean.
    fn tail(&self, distance: f64) -> f64 {
        if self.scale == 0.0 { f64::from(distance < -ROUNDING) } else { self.standard.sf(distance / self.scale) }
    }
}

/// The `McNemar` test (M47) of two classifiers on the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mcnemar {
    /// Rows that a calls right and b wrong.
    pub only_a_right: usize,
    /// Rows that b calls right and a wrong.
    pub only_b_right: usize,
    /// Two-sided p-value of "both are wrong equally often".
    pub p: f64,
}

/// Compares the calls `a` and `b` (`true`: called bad) on the same rows.
///
/// Each row must stand once: the test part of a hold-out, or one repeat of cross-validation. The test says nothing
/// about other training rows, unlike the tests over folds.
///
/// Up to 25 discordant rows the p-value is the exact binomial one (1 without any); above, the chi-squared statistic
/// with continuity correction, max(|x − y| − 1, 0)² / (x + y) of the two counts, 1 degree of freedom. `None` for no
/// rows or unequal lengths.
pub fn mcnemar(bad: &[bool], a: &[bool], b: &[bool]) -> Option<Mcnemar> {
    if bad.is_empty() || bad.len() != a.len() || bad.len() != b.len() {
        return None;
    }
    let only_right = |x: &[bool], y: &[bool]| (0..bad.len()).filter(|&i| x[i] == bad[i] && y[i] != bad[i]).count();
    let (only_a_right, only_b_right) = (only_right(a, b), only_right(b, a));
    let n = only_a_right + only_b_right;
    let p = if n <= MOST_EXACT {
        exact_sign_test(only_a_right.min(only_b_right), n)
    } else {
        let excess = (only_a_right.abs_diff(only_b_right) as f64 - 1.0).max(0.0);
        // Upper tail of chi-squared with one degree of freedom at excess²/n.
        erfc(excess / (2.0 * n as f64).sqrt())
    };
    Some(Mcnemar { only_a_right, only_b_right, p })
}

/// 2·P(X ≤ fewer), at most 1, for X ~ Binomial(n, ½).
fn exact_sign_test(fewer: usize, n: usize) -> f64 {
    let mut ways = 1.0;
    let mut sum = 0.0;
    for i in 0..=fewer {
        sum += ways;
        ways *= (n - i) as f64 / (i + 1) as f64;
    }
    (2.0 * sum / (n as f64).exp2()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-10 * expected.abs().max(1e-3), "{found} against {expected}");
    }

    /// Student's t distribution function in closed form for one and two degrees of freedom.
    fn closed_form(t: f64, dof: usize) -> f64 {
        if dof == 1 { 0.5 + t.atan() / std::f64::consts::PI } else { 0.5 + t / (2.0 * (2.0 + t * t).sqrt()) }
    }

    #[test]
    fn two_and_three_differences_by_hand() {
        // d = 0.02, 0.06: mean 0.04, s² = 0.0008; hold-out of one half: scale = √((1/2 + 1)·0.0008).
        let scale = (1.5 * 0.0008_f64).sqrt();
        close(corrected_resampled_t(&[0.02, 0.06], 0.5).unwrap(), 2.0 * closed_form(-0.04 / scale, 1));
        let p = bayesian_correlated_t(&[0.02, 0.06], 0.5, 0.01).unwrap();
        close(p.p_a_better, 1.0 - closed_form((0.01 - 0.04) / scale, 1));
        close(p.p_b_better, closed_form((-0.01 - 0.04) / scale, 1));

        // d = −0.01, 0.00, 0.04 in three folds: mean 0.01, s² = 0.0007, scale = √((1/3 + 1/2)·0.0007).
        let d = [-0.01, 0.0, 0.04];
        let scale = (5.0 / 6.0 * 0.0007_f64).sqrt();
        close(corrected_resampled_t(&d, 1.0 / 3.0).unwrap(), 2.0 * closed_form(-0.01 / scale, 2));
        let p = bayesian_correlated_t(&d, 1.0 / 3.0, 0.01).unwrap();
        close(p.p_a_better, 0.5);
        close(p.p_b_better, closed_form(-0.02 / scale, 2));
        close(p.p_equivalent, 0.5 - closed_form(-0.02 / scale, 2));
    }

    /// Computed with `SciPy` 1.17 (`stats.t` of the formulas above); the posteriors of the first and the last case also
    /// with the authors' own baycomp (`two_on_single`).
    #[test]
    fn agrees_with_scipy_and_baycomp() {
        let ten = [0.021, 0.034, -0.012, 0.018, 0.027, 0.009, 0.041, 0.015, -0.004, 0.022];
        let five = [0.02, -0.01, 0.03, 0.015, 0.005];
        close(corrected_resampled_t(&five, 0.2).unwrap(), 0.30581680803983724);
        close(corrected_resampled_t(&ten, 0.3).unwrap(), 0.18006577218550465);
        close(corrected_resampled_t(&[0.031, 0.030, 0.032, 0.029, 0.0305], 0.2).unwrap(), 2.184983972146456e-06);
        for (d, share, expected) in [
            (&five[..], 0.2, [0.5727453404391942, 0.3783091465194196, 0.04894551304138617]),
            (&ten, 0.3, [0.7194531037020779, 0.2571773315769468, 0.02336956472097522]),
            (&ten, 0.1, [0.8177120309302192, 0.17960729214982418, 0.0026806769199566594]),
        ] {
            let p = bayesian_correlated_t(d, share, 0.01).unwrap();
            close(p.p_a_better, expected[0]);
            close(p.p_equivalent, expected[1]);
            close(p.p_b_better, expected[2]);
        }
    }

    #[test]
    fn swapping_the_models_mirrors_the_answer() {
        for index in 0..200 {
            let mut random = stream(62, Purpose::Sample, index);
            let n = random.random_range(2..30);
            let d: Vec<f64> = (0..n).map(|_| random.random_range(-0.1..0.12)).collect();
            let mirrored: Vec<f64> = d.iter().map(|d| -d).collect();
            let share = random.random_range(0.05..0.6);
            let (p, q) = (
                bayesian_correlated_t(&d, share, ROPE).unwrap(),
                bayesian_correlated_t(&mirrored, share, ROPE).unwrap(),
            );
            assert_eq!((p.p_a_better, p.p_equivalent, p.p_b_better), (q.p_b_better, q.p_equivalent, q.p_a_better));
            assert!((p.p_a_better + p.p_equivalent + p.p_b_better - 1.0).abs() < 1e-12);
            assert_eq!(corrected_resampled_t(&d, share), corrected_resampled_t(&mirrored, share));
            // A larger test share means fewer independent training rows: never more certainty.
            assert!(corrected_resampled_t(&d, share) <= corrected_resampled_t(&d, share + 0.1));
        }
    }

    #[test]
    fn equal_differences_give_the_limit() {
        let point = |p: Option<Posterior>| p.map(|p| [p.p_a_better, p.p_equivalent, p.p_b_better]);
        for (d, p_value, expected) in [
            ([0.0; 5], 1.0, [0.0, 1.0, 0.0]),
            ([0.005; 5], 0.0, [0.0, 1.0, 0.0]),
            ([0.1; 5], 0.0, [1.0, 0.0, 0.0]),
            ([-0.1; 5], 0.0, [0.0, 0.0, 1.0]),
            // Equal but for rounding, and on the edge of the region.
            ([0.9 - 0.8, 0.8 - 0.7, 0.7 - 0.6, 0.6 - 0.5, 0.1], 0.0, [1.0, 0.0, 0.0]),
            ([0.91 - 0.90, 0.82 - 0.81, 0.01, 0.01, 0.01], 0.0, [0.0, 1.0, 0.0]),
        ] {
            assert_eq!(corrected_resampled_t(&d, 0.2), Some(p_value), "{d:?}");
            assert_eq!(point(bayesian_correlated_t(&d, 0.2, ROPE)), Some(expected), "{d:?}");
        }
    }

    #[test]
    fn what_cannot_be_tested_is_undefined() {
        for (d, share) in [
            (vec![], 0.2),
            (vec![0.1], 0.2),
            (vec![0.1, f64::NAN, 0.2], 0.2),
            (vec![f64::MAX, -f64::MAX], 0.2),
            (vec![0.1, 0.2], 0.0),
            (vec![0.1, 0.2], 1.0),
            (vec![0.1, 0.2], f64::NAN),
        ] {
            assert_eq!(corrected_resampled_t(&d, share), None, "{d:?} {share}");
            assert_eq!(bayesian_correlated_t(&d, share, ROPE), None, "{d:?} {share}");
        }
        assert_eq!(bayesian_correlated_t(&[0.1, 0.2], 0.2, -0.01), None);
        // Extreme but finite statistics stay probabilities.
        let p = corrected_resampled_t(&[1e150, 1e150 + 1e135], 0.2).unwrap();
        assert!((0.0..=1.0).contains(&p));
    }

    #[test]
    fn test_share_of_folds() {
        assert_eq!(mean_test_share(&[(80, 20); 5]), Some(0.2));
        assert_eq!(mean_test_share(&[(70, 30), (80, 20)]), Some(0.25));
        assert_eq!(mean_test_share(&[]), None);
        assert_eq!(mean_test_share(&[(100, 0)]), None);
    }

    /// Rows on which only a is right, only b is right, and both are right.
    fn rows(only_a: usize, only_b: usize, both: usize) -> [Vec<bool>; 3] {
        let kinds = [(only_a, true, false), (only_b, false, true), (both, true, true)];
        let all = || kinds.iter().flat_map(|&(n, a, b)| std::iter::repeat_n((a, b), n));
        // All rows bad: right means called bad.
        [all().map(|_| true).collect(), all().map(|(a, _)| a).collect(), all().map(|(_, b)| b).collect()]
    }

    fn p_of(only_a: usize, only_b: usize) -> f64 {
        let [bad, a, b] = rows(only_a, only_b, 3);
        let found = mcnemar(&bad, &a, &b).unwrap();
        assert_eq!((found.only_a_right, found.only_b_right), (only_a, only_b));
        assert_eq!(mcnemar(&bad, &b, &a).unwrap().p, found.p);
        found.p
    }

    #[test]
    fn mcnemar_by_hand() {
        close(p_of(1, 4), 2.0 * (1.0 + 5.0) / 32.0);
        close(p_of(0, 6), 2.0 / 64.0);
        assert_eq!((p_of(0, 0), p_of(3, 3), p_of(20, 20)), (1.0, 1.0, 1.0));
        // At the exact limit and above it, chi-squared (|10 − 20| − 1)²/30 = 2.7: SciPy's `binomtest`, `chi2.sf`.
        close(p_of(10, 15), 0.42435622215270996);
        close(p_of(10, 20), 0.10034824646229054);
        assert_eq!(mcnemar(&[], &[], &[]), None);
        assert_eq!(mcnemar(&[true], &[true, false], &[true]), None);
    }
}
