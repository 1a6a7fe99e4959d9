//! The uncertainty of the area under the ROC curve, and of the difference of two on the same rows (DDC88).
//!
//! With P bad rows of scores Xᵢ and N good rows of scores Yⱼ, and ψ(x, y) = 1, ½ or 0 as x is above, equal to or below
//! y, the area is the mean of ψ over all pairs. Its structural components are
//!
//! - V₁₀(i) = Σⱼ ψ(Xᵢ, Yⱼ) / N, the share of good rows that bad row i beats;
//! - V₀₁(j) = Σᵢ ψ(Xᵢ, Yⱼ) / P, the share of bad rows that beat good row j;
//!
//! and its variance is var(V₁₀)/P + var(V₀₁)/N with sample variances. The difference of two areas on the same rows is
//! the mean of the differences of their components, so that its variance is the same formula of those differences: the
//! covariance of the two areas is in it. Components come from mid-ranks after one sort (SX14), in O(n log n).
//!
//! The interval speaks of other rows drawn like these for models as they are fitted; it knows nothing of other training
//! rows. Each row must stand once: a hold-out, or one repeat of cross-validation within one fold.
//!
//! DDC88: `DeLong`, `DeLong`, Clarke-Pearson, *Comparing the areas under two or more correlated receiver operating
//! characteristic curves*, Biometrics 44, 1988. SX14: Sun, Xu, *Fast implementation of `DeLong`'s algorithm*, IEEE Signal
//! Processing Letters 21, 2014.

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

/// The normal quantile of a two-sided 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// Standard errors below this are rounding: areas are of the order of 1.
const ROUNDING: f64 = 1e-12;

/// Two areas under the ROC curve on the same rows. Field names are those of the `--json` output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeLong {
    /// Area of a, 0 to 1.
    pub auc_a: f64,
    /// Area of b, 0 to 1.
    pub auc_b: f64,
    /// `auc_a` − `auc_b`.
    pub difference: f64,
    /// Standard error of the difference; 0 when no component differs from its mean.
    pub standard_error: f64,
    /// Difference by standard error; `None` when that is 0.
    pub z: Option<f64>,
    /// Two-sided p-value of "both areas are equal"; with a standard error of 0 it is 1 when the areas are equal, and
    /// `None` when they are not.
    pub p: Option<f64>,
    /// 95 % interval of the difference, within −1 to 1; `None` when the standard error is 0.
    pub interval: Option<[f64; 2]>,
}

/// The area under one ROC curve with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AucInterval {
    /// The area, 0 to 1.
    pub auc: f64,
    /// Its standard error; 0 when the ranking is perfect (or perfectly wrong, or all one tie).
    pub standard_error: f64,
    /// 95 % interval, within 0 to 1; `None` when the standard error is 0, which says that the rows cannot tell.
    pub interval: Option<[f64; 2]>,
}

/// Compares the areas under the ROC curves of the scores `a` and `b` on the same rows, shape `(n,)` each.
///
/// `None` with fewer than two rows of either class, a score that is NaN, or unequal lengths.
pub fn delong(bad: &[bool], a: &[f64], b: &[f64]) -> Option<DeLong> {
    let (of_a, of_b) = (Components::new(bad, a)?, Components::new(bad, b)?);
    let difference = of_a.auc() - of_b.auc();
    let standard_error = of_a.minus(&of_b).standard_error();
    let z = (standard_error > 0.0).then(|| difference / standard_error);
    let p = match z {
        Some(z) => Some(erfc(z.abs() / std::f64::consts::SQRT_2)),
        None => (difference.abs() <= ROUNDING).then_some(1.0),
    };
    let interval = interval(difference, standard_error, -1.0);
    Some(DeLong { auc_a: of_a.auc(), auc_b: of_b.auc(), difference, standard_error, z, p, interval })
}

/// The area under the ROC curve of `score` with its standard error and interval; `None` as for [`delong`].
pub fn auc_interval(bad: &[bool], score: &[f64]) -> Option<AucInterval> {
    let components = Components::new(bad, score)?;
    let (auc, standard_error) = (components.auc(), components.standard_error());
    Some(AucInterval { auc, standard_error, interval: interval(auc, standard_error, 0.0) })
}

/// The normal interval, cut off at `lowest` and at 1.
fn interval(centre: f64, standard_error: f64, lowest: f64) -> Option<[f64; 2]> {
    let reach = Z_95 * standard_error;
    (reach > 0.0).then(|| [(centre - reach).max(lowest), (centre + reach).min(1.0)])
}

/// The structural components, in the order of the rows of each class.
struct Components {
    /// V₁₀, one per bad row.
    bad: Vec<f64>,
    /// V₀₁, one per good row.
    good: Vec<f64>,
}

impl Components {
    fn new(bad: &[bool], score: &[f64]) -> Option<Self> {
        if bad.len() != score.len() || score.iter().any(|s| s.is_nan()) {
            return None;
        }
        let n_bad = bad.iter().filter(|b| **b).count();
        let n_good = bad.len() - n_bad;
        if n_bad < 2 || n_good < 2 {
            return None;
        }
        let mut order: Vec<usize> = (0..bad.len()).collect();
        order.sort_unstable_by(|&i, &j| score[i].total_cmp(&score[j]));
        // Of both classes, rows below the group of ties at hand. A mid-rank among all rows less the mid-rank within the
        // own class is the number of rows of the other class below, ties counting one half.
        let (mut bad_below, mut good_below) = (0, 0);
        let mut component = vec![0.0; bad.len()];
        for tied in order.chunk_by(|&i, &j| score[i] == score[j]) {
            let bad_here = tied.iter().filter(|&&i| bad[i]).count();
            let good_here = tied.len() - bad_here;
            let beaten = (good_below as f64 + good_here as f64 / 2.0) / n_good as f64;
            let beating = ((n_bad - bad_below - bad_here) as f64 + bad_here as f64 / 2.0) / n_bad as f64;
            for &i in tied {
                component[i] = if bad[i] { beaten } else { beating };
            }
            bad_below += bad_here;
            good_below += good_here;
        }
        let of = |class: bool| bad.iter().zip(&component).filter(|(b, _)| **b == class).map(|(_, v)| *v).collect();
        Some(Self { bad: of(true), good: of(false) })
    }

    /// The components of the difference of two areas on the same rows.
    fn minus(&self, other: &Self) -> Self {
        let differences = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x - y).collect();
        Self { bad: differences(&self.bad, &other.bad), good: differences(&self.good, &other.good) }
    }

    fn auc(&self) -> f64 {
        mean(&self.bad)
    }

    fn standard_error(&self) -> f64 {
        let variance = |v: &[f64]| {
            let centre = mean(v);
            v.iter().map(|x| (x - centre) * (x - centre)).sum::<f64>() / (v.len() - 1) as f64
        };
        let squared = variance(&self.bad) / self.bad.len() as f64 + variance(&self.good) / self.good.len() as f64;
        if squared <= ROUNDING * ROUNDING { 0.0 } else { squared.sqrt() }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::auc;
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
    }

    /// The three screening tests of DDC88 on 43 patients: albumin, total protein, K-G score (lower is the class looked
    /// for), and whether surgery helped; as printed in the documentation of SAS/STAT.
    const PATIENTS: [(f64, f64, u8, u8); 43] = [
        (3.0, 5.8, 10, 0),
        (3.2, 6.3, 5, 1),
        (3.9, 6.8, 3, 1),
        (2.8, 4.8, 6, 0),
        (3.2, 5.8, 3, 1),
        (0.9, 4.0, 5, 0),
        (2.5, 5.7, 8, 0),
        (1.6, 5.6, 5, 1),
        (3.8, 5.7, 5, 1),
        (3.7, 6.7, 6, 1),
        (3.2, 5.4, 4, 1),
        (3.8, 6.6, 6, 1),
        (4.1, 6.6, 5, 1),
        (3.6, 5.7, 5, 1),
        (4.3, 7.0, 4, 1),
        (3.6, 6.7, 4, 0),
        (2.3, 4.4, 6, 1),
        (4.2, 7.6, 4, 0),
        (4.0, 6.6, 6, 0),
        (3.5, 5.8, 6, 1),
        (3.8, 6.8, 7, 1),
        (3.0, 4.7, 8, 0),
        (4.5, 7.4, 5, 1),
        (3.7, 7.4, 5, 1),
        (3.1, 6.6, 6, 1),
        (4.1, 8.2, 6, 1),
        (4.3, 7.0, 5, 1),
        (4.3, 6.5, 4, 1),
        (3.2, 5.1, 5, 1),
        (2.6, 4.7, 6, 1),
        (3.3, 6.8, 6, 0),
        (1.7, 4.0, 7, 0),
        (3.7, 6.1, 5, 1),
        (3.3, 6.3, 7, 1),
        (4.2, 7.7, 6, 1),
        (3.5, 6.2, 5, 1),
        (2.9, 5.7, 9, 0),
        (2.1, 4.8, 7, 1),
        (2.8, 6.2, 8, 0),
        (4.0, 7.0, 7, 1),
        (3.3, 5.7, 6, 1),
        (3.7, 6.9, 5, 1),
        (3.6, 6.6, 5, 1),
    ];

    /// Figures by `NumPy` 2.4 and `SciPy` 1.17 from the definition of the components, over all pairs.
    #[test]
    fn the_patients_of_the_paper() {
        let helped = PATIENTS.map(|p| p.3 == 1);
        let (albumin, protein, score) =
            (PATIENTS.map(|p| p.0), PATIENTS.map(|p| p.1), PATIENTS.map(|p| -f64::from(p.2)));
        for (test, area, error) in [
            (&albumin, 0.7365591397849462, 0.09269434605240269),
            (&protein, 0.6478494623655915, 0.10004737558374194),
            (&score, 0.7258064516129032, 0.10282160898004764),
        ] {
            let found = auc_interval(&helped, test).unwrap();
            close(found.auc, area);
            close(found.standard_error, error);
            close(found.interval.unwrap()[0], area - Z_95 * error);
        }
        let found = delong(&helped, &protein, &score).unwrap();
        close(found.difference, -0.07795698924731181);
        close(found.standard_error, 0.1046095887181327);
        close(found.z.unwrap(), -0.7452183896579931);
        // The error function at hand is good to nine digits.
        assert!((found.p.unwrap() - 0.45613970750747335).abs() < 1e-9);
        close(found.interval.unwrap()[0], -0.2829880155723995);
        close(found.interval.unwrap()[1], 0.12707403707777584);
        let found = delong(&helped, &albumin, &protein).unwrap();
        close(found.z.unwrap(), 1.5900292583207223);
        assert!((found.p.unwrap() - 0.11182821012069573).abs() < 1e-9);
    }

    /// The structural components over all pairs, and the covariance matrix of the two areas as DDC88 writes it.
    fn by_definition(bad: &[bool], scores: [&[f64]; 2]) -> ([f64; 2], f64) {
        let split = |s: &[f64], class: bool| -> Vec<f64> {
            s.iter().zip(bad).filter(|(_, b)| **b == class).map(|(s, _)| *s).collect()
        };
        let psi = |x: f64, y: f64| if x > y { 1.0 } else { f64::from(x == y) / 2.0 };
        let components = scores.map(|s| {
            let (x, y) = (split(s, true), split(s, false));
            let v10: Vec<f64> = x.iter().map(|x| mean(&y.iter().map(|y| psi(*x, *y)).collect::<Vec<_>>())).collect();
            let v01: Vec<f64> = y.iter().map(|y| mean(&x.iter().map(|x| psi(*x, *y)).collect::<Vec<_>>())).collect();
            [v10, v01]
        });
        let covariance = |u: &[f64], v: &[f64]| {
            let (mu, mv) = (mean(u), mean(v));
            u.iter().zip(v).map(|(u, v)| (u - mu) * (v - mv)).sum::<f64>() / (u.len() - 1) as f64 / u.len() as f64
        };
        let s = |r: usize, q: usize| -> f64 {
            (0..2).map(|class| covariance(&components[r][class], &components[q][class])).sum()
        };
        ([mean(&components[0][0]), mean(&components[1][0])], s(0, 0) + s(1, 1) - 2.0 * s(0, 1))
    }

    #[test]
    fn agrees_with_the_definition_over_all_pairs() {
        for index in 0..200 {
            let mut random = stream(63, Purpose::Sample, index);
            let n = random.random_range(4..50);
            let bad: Vec<bool> = (0..n).map(|i| i < 2 || (i > 3 && random.random_bool(0.3))).collect();
            let mut score = |levels: u8| -> Vec<f64> {
                bad.iter().map(|b| f64::from(random.random_range(0..levels)) + f64::from(u8::from(*b))).collect()
            };
            let (a, b) = (score(4), score(200));
            let (areas, variance) = by_definition(&bad, [&a, &b]);
            let found = delong(&bad, &a, &b).unwrap();
            close(found.auc_a, areas[0]);
            close(found.auc_b, areas[1]);
            close(found.standard_error.powi(2), variance.max(0.0));
            close(found.auc_a, auc(&bad, &a).unwrap());
            // The other way round, and in another order of the rows.
            let mirrored = delong(&bad, &b, &a).unwrap();
            assert_eq!((mirrored.p, mirrored.standard_error), (found.p, found.standard_error));
            let turned = |v: &[f64]| v.iter().rev().copied().collect::<Vec<_>>();
            let bad_turned: Vec<bool> = bad.iter().rev().copied().collect();
            close(delong(&bad_turned, &turned(&a), &turned(&b)).unwrap().standard_error, found.standard_error);
        }
    }

    #[test]
    fn without_variance_there_is_no_z() {
        let bad = [true, true, false, false];
        let (perfect, wrong) = ([4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0]);
        let same = delong(&bad, &perfect, &perfect).unwrap();
        assert_eq!((same.standard_error, same.z, same.p, same.interval), (0.0, None, Some(1.0), None));
        let opposite = delong(&bad, &perfect, &wrong).unwrap();
        assert_eq!((opposite.difference, opposite.z, opposite.p, opposite.interval), (1.0, None, None, None));
        let sure = auc_interval(&bad, &perfect).unwrap();
        assert_eq!((sure.auc, sure.standard_error, sure.interval), (1.0, 0.0, None));
    }

    #[test]
    fn what_cannot_be_tested_is_undefined() {
        let two = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(auc_interval(&[true, false, false, false], &two), None);
        assert_eq!(auc_interval(&[true, true, true, false], &two), None);
        assert_eq!(delong(&[true, true, false, false], &two, &[1.0, 2.0, f64::NAN, 0.0]), None);
        assert_eq!(delong(&[true, true, false, false], &two, &two[..3]), None);
        assert_eq!(delong(&[], &[], &[]), None);
        // Infinite scores rank like any other.
        let found = auc_interval(&[true, true, false, false], &[f64::INFINITY, 0.0, -0.0, f64::NEG_INFINITY]).unwrap();
        assert_eq!(found.auc, 0.875);
    }

    /// Of 400 samples of 60 bad and 140 good rows from normal scores one apart (area Φ(1/√2) = 0.7602), the share whose
    /// interval holds the true area: 95 % but for chance (standard error 1.1 points).
    #[test]
    fn intervals_cover_the_true_area() {
        use rand_distr::{Distribution as _, StandardNormal};
        let truth = 1.0 - erfc(0.5) / 2.0;
        let covered = (0..400).filter(|&index| {
            let mut random = stream(64, Purpose::Sample, index);
            let bad: Vec<bool> = (0..200).map(|i| i < 60).collect();
            let normal = StandardNormal;
            let score: Vec<f64> = bad
                .iter()
                .map(|b| {
                    let deviate: f64 = normal.sample(&mut random);
                    deviate + f64::from(u8::from(*b))
                })
                .collect();
            let [low, high] = auc_interval(&bad, &score).unwrap().interval.unwrap();
            low <= truth && truth <= high
        });
        let share = covered.count() as f64 / 400.0;
        assert!((0.92..=0.98).contains(&share), "{share}");
    }
}
