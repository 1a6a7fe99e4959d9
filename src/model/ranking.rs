//! Rows ranked from the worst score down: the one sort that AUC, KS, average precision and the curves all read.
//!
//! With thresholds t₁ > t₂ > … at the distinct scores, step k counts the bad and the good rows with score ≥ tₖ, that is
//! TP(tₖ) and FP(tₖ). Rows of equal score enter in one step, so no figure depends on the order of tied rows.

/// Bad and good rows at or above one threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Bad rows with score ≥ the threshold: true positives.
    pub bad: usize,
    /// Good rows with score ≥ the threshold: false positives.
    pub good: usize,
}

/// Area under the ROC curve of one score, ties counting one half.
///
/// It is the share of (bad, other) pairs of rows in which the bad one has the higher score. `None` with rows of one class only, a score that is NaN, or unequal lengths.
pub fn auc(bad: &[bool], score: &[f64]) -> Option<f64> {
    Ranking::new(bad, score).map(|ranking| ranking.auc())
}

/// The steps of a ranking with at least one bad and one good row: the one sort that every figure and curve of the score
/// is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// From (0, 0), above every score, to all rows.
    steps: Vec<Step>,
    /// All rows, both counts at least 1.
    total: Step,
}

impl Ranking {
    /// Ranks the rows. `None` where there is nothing to rank: only one class, a score that is NaN, or unequal lengths.
    /// Infinite scores are ranked like any other, and 0.0 ties with −0.0.
    pub fn new(bad: &[bool], score: &[f64]) -> Option<Self> {
        if bad.len() != score.len() || score.iter().any(|s| s.is_nan()) {
            return None;
        }
        // Each class sorted as whole numbers, then merged: no flag travels with a score, and the sort compares what the
        // processor compares fastest.
        let keys = |class: bool| {
            let rows = bad.iter().zip(score).filter(|(bad, _)| **bad == class);
            let mut keys: Vec<u64> = rows.map(|(_, &score)| falling_key(score)).collect();
            keys.sort_unstable();
            keys
        };
        Self::from_steps(Merged { bad: &keys(true), good: &keys(false) })
    }

    /// The ranking whose groups of tied rows, from the highest score down, hold these counts. `None` when either class
    /// is missing.
    pub(crate) fn from_steps(tied: impl IntoIterator<Item = Step>) -> Option<Self> {
        let mut total = Step::default();
        let cumulated = tied.into_iter().map(|here| {
            total.bad += here.bad;
            total.good += here.good;
            total
        });
        let steps: Vec<Step> = std::iter::once(Step::default()).chain(cumulated).collect();
        (total.bad > 0 && total.good > 0).then_some(Self { steps, total })
    }

    /// The steps, one per distinct score, from (0, 0) to [`Self::total`].
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Bad and good rows over all.
    pub fn total(&self) -> Step {
        self.total
    }

    /// Area under the ROC curve: the share of (bad, good) pairs in which the bad row has the higher score, a tie
    /// counting one half. This is the rank formula (R − P(P+1)/2) / (P·N) with R the bad rows' sum of mid-ranks,
    /// gathered step by step.
    pub fn auc(&self) -> f64 {
        let doubled: f64 =
            self.steps.windows(2).map(|w| (w[1].good - w[0].good) as f64 * (w[0].bad + w[1].bad) as f64).sum();
        doubled / (2.0 * self.total.bad as f64 * self.total.good as f64)
    }

    /// Two-sample Kolmogorov–Smirnov statistic: the largest |TPR − FPR| over all thresholds.
    pub fn ks(&self) -> f64 {
        let (p, n) = (self.total.bad as f64, self.total.good as f64);
        self.steps.iter().map(|s| (s.bad as f64 / p - s.good as f64 / n).abs()).fold(0.0, f64::max)
    }

    /// Average precision: Σ (Rₖ − Rₖ₋₁)·Pₖ, recall R and precision P at step k; no interpolation.
    pub fn average_precision(&self) -> f64 {
        let gained: f64 = self
            .steps
            .windows(2)
            .map(|w| (w[1].bad - w[0].bad) as f64 * w[1].bad as f64 / (w[1].bad + w[1].good) as f64)
            .sum();
        gained / self.total.bad as f64
    }
}

/// A whole number that falls as the score rises; equal for equal scores. The bits of a float, but for the sign, are in
/// its order already.
fn falling_key(score: f64) -> u64 {
    // Adding zero makes −0.0 into 0.0.
    let bits = (score + 0.0).to_bits();
    if bits >> 63 == 1 { bits } else { !bits & (u64::MAX >> 1) }
}

/// The groups of tied rows in two sorted lists of keys.
struct Merged<'a> {
    bad: &'a [u64],
    good: &'a [u64],
}

impl Iterator for Merged<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let next = match (self.bad.first(), self.good.first()) {
            (Some(&bad), Some(&good)) => bad.min(good),
            (Some(&only), None) | (None, Some(&only)) => only,
            (None, None) => return None,
        };
        Some(Step { bad: take_equal(&mut self.bad, next), good: take_equal(&mut self.good, next) })
    }
}

/// Takes the keys equal to `key` off the front of a sorted list and counts them.
fn take_equal(keys: &mut &[u64], key: u64) -> usize {
    let n = keys.iter().take_while(|k| **k == key).count();
    *keys = &keys[n..];
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn hand_case_with_a_tie() {
        // 3 bad (0.9, 0.5, 0.2), 2 good (0.5, 0.1). Pairs: 0.9 beats both, 0.5 ties one and beats one, 0.2 loses one
        // and beats one: (2 + 1.5 + 1) / 6 = 0.75.
        let r = Ranking::new(&[true, true, true, false, false], &[0.9, 0.5, 0.2, 0.5, 0.1]).unwrap();
        assert_eq!(r.auc(), 0.75);
        // Steps (1,0) (2,1) (3,1) (3,2): |TPR − FPR| = 1/3, 1/6, 1/2, 0.
        assert_eq!(
            r.steps()[1..].iter().map(|s| (s.bad, s.good)).collect::<Vec<_>>(),
            [(1, 0), (2, 1), (3, 1), (3, 2)]
        );
        assert_eq!(r.ks(), 0.5);
        // 1/3·1 + 1/3·2/3 + 1/3·3/4 = 29/36.
        assert!((r.average_precision() - 29.0 / 36.0).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_rank() {
        assert!(Ranking::new(&[], &[]).is_none());
        assert!(Ranking::new(&[true, true], &[0.1, 0.2]).is_none());
        assert!(Ranking::new(&[false], &[0.1]).is_none());
        assert!(Ranking::new(&[true, false], &[0.1, f64::NAN]).is_none());
        assert!(Ranking::new(&[true, false], &[0.1]).is_none());
    }

    #[test]
    fn signed_zeros_tie_and_infinities_rank() {
        assert_eq!(Ranking::new(&[true, false], &[0.0, -0.0]).unwrap().auc(), 0.5);
        assert_eq!(Ranking::new(&[true, false], &[f64::INFINITY, 1.0]).unwrap().auc(), 1.0);
        assert_eq!(Ranking::new(&[true, false], &[f64::NEG_INFINITY, 1.0]).unwrap().auc(), 0.0);
    }

    #[test]
    fn keys_fall_as_scores_rise() {
        let rising = [f64::NEG_INFINITY, f64::MIN, -1.0, -f64::MIN_POSITIVE, 0.0, 5e-324, 1.0, f64::MAX, f64::INFINITY];
        assert!(rising.windows(2).all(|w| falling_key(w[0]) > falling_key(w[1])));
        assert_eq!(falling_key(-0.0), falling_key(0.0));
    }

    /// Random rows with many ties: scores are multiples of 1/8.
    fn random_rows(index: u64) -> (Vec<bool>, Vec<f64>) {
        let mut random = stream(6, Purpose::Sample, index);
        let n = random.random_range(2..60);
        let bad = (0..n).map(|i| i == 0 || (i > 1 && random.random_bool(0.3))).collect();
        (bad, (0..n).map(|_| f64::from(random.random_range(-8_i32..8)) / 8.0).collect())
    }

    #[test]
    fn agrees_with_the_definitions_over_all_pairs_and_thresholds() {
        for index in 0..200 {
            let (bad, score) = random_rows(index);
            let r = Ranking::new(&bad, &score).unwrap();
            let bad_scores: Vec<f64> = score.iter().zip(&bad).filter(|(_, b)| **b).map(|(s, _)| *s).collect();
            let good_scores: Vec<f64> = score.iter().zip(&bad).filter(|(_, b)| !**b).map(|(s, _)| *s).collect();

            let mut won = 0.0;
            for x in &bad_scores {
                for y in &good_scores {
                    won += if x > y { 1.0 } else { f64::from(x == y) / 2.0 };
                }
            }
            let pairs = (bad_scores.len() * good_scores.len()) as f64;
            assert!((r.auc() - won / pairs).abs() < 1e-12);

            let share =
                |scores: &[f64], t: f64| scores.iter().filter(|s| **s >= t).count() as f64 / scores.len() as f64;
            let ks = score.iter().map(|t| (share(&bad_scores, *t) - share(&good_scores, *t)).abs()).fold(0.0, f64::max);
            assert!((r.ks() - ks).abs() < 1e-12);

            // Average precision as the mean, over bad rows, of the precision at that row's score.
            let at = |t: f64| {
                let tp = bad_scores.iter().filter(|s| **s >= t).count() as f64;
                tp / (tp + good_scores.iter().filter(|s| **s >= t).count() as f64)
            };
            let ap = bad_scores.iter().map(|t| at(*t)).sum::<f64>() / bad_scores.len() as f64;
            assert!((r.average_precision() - ap).abs() < 1e-12);
        }
    }

    #[test]
    fn order_alone_matters_and_reversing_it_mirrors_auc() {
        for index in 0..50 {
            let (bad, score) = random_rows(index);
            let r = Ranking::new(&bad, &score).unwrap();
            let bent: Vec<f64> = score.iter().map(|s| (3.0 * s).exp() + s.powi(3)).collect();
            let bent = Ranking::new(&bad, &bent).unwrap();
            assert_eq!((r.auc(), r.ks(), r.average_precision()), (bent.auc(), bent.ks(), bent.average_precision()));
            let reversed: Vec<f64> = score.iter().map(|s| -s).collect();
            assert!((r.auc() + Ranking::new(&bad, &reversed).unwrap().auc() - 1.0).abs() < 1e-12);
        }
    }
}
