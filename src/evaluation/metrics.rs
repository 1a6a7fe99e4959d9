//! The figures of one model on one set of rows (MATH §6), from labels, scores and probabilities.
//!
//! TP, FP, TN, FN count the rows called bad (pd ≥ t) or good against their true outcome; P = TP + FN, N = TN + FP.
//! A figure whose formula divides by zero on the rows at hand is `None`, where other libraries often put 0 or 1.

use crate::model::ranking::{Ranking, Step};
use serde::{Deserialize, Serialize};

/// The smallest probability that log-loss gives to what really happened: a sure and wrong forecast costs
/// −ln 1e-15 ≈ 34.5, not infinity.
const SMALLEST_PROBABILITY: f64 = 1e-15;

/// Rows by what they were called and what they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Bad rows called bad (TP).
    pub true_bad: usize,
    /// Good rows called bad (FP).
    pub false_bad: usize,
    /// Good rows called good (TN).
    pub true_good: usize,
    /// Bad rows called good (FN).
    pub false_good: usize,
}

impl Confusion {
    /// Counts the rows, calling bad those with `pd ≥ threshold`. `None` when the lengths differ, or when a `pd` or the
    /// threshold is NaN: such a row is neither bad nor good.
    pub fn at(bad: &[bool], pd: &[f64], threshold: f64) -> Option<Self> {
        if bad.len() != pd.len() || threshold.is_nan() || pd.iter().any(|p| p.is_nan()) {
            return None;
        }
        let mut counts = Self::default();
        for (&bad, &pd) in bad.iter().zip(pd) {
            *counts.of((bad, pd >= threshold)) += 1;
        }
        Some(counts)
    }

    /// The count that a row belongs to, by whether it is bad and whether it was called bad.
    pub(super) fn of(&mut self, (bad, called_bad): (bool, bool)) -> &mut usize {
        match (bad, called_bad) {
            (true, true) => &mut self.true_bad,
            (false, true) => &mut self.false_bad,
            (false, false) => &mut self.true_good,
            (true, false) => &mut self.false_good,
        }
    }

    /// The counts of both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            true_bad: self.true_bad + other.true_bad,
            false_bad: self.false_bad + other.false_bad,
            true_good: self.true_good + other.true_good,
            false_good: self.false_good + other.false_good,
        }
    }

    /// All rows.
    pub fn rows(self) -> usize {
        self.bad_rows() + self.good_rows()
    }

    /// Bad rows, P.
    pub fn bad_rows(self) -> usize {
        self.true_bad + self.false_good
    }

    /// Good rows, N.
    pub fn good_rows(self) -> usize {
        self.true_good + self.false_bad
    }

    /// (TP + TN) / (P + N); `None` without rows.
    pub fn accuracy(self) -> Option<f64> {
        ratio(self.true_bad + self.true_good, self.rows())
    }

    /// Recall of the bad class, TP / P; `None` without bad rows.
    pub fn recall(self) -> Option<f64> {
        ratio(self.true_bad, self.bad_rows())
    }

    /// Recall of the good class, TN / N; `None` without good rows.
    pub fn specificity(self) -> Option<f64> {
        ratio(self.true_good, self.good_rows())
    }

    /// Mean of the two classes' recalls; `None` when either class is missing.
    pub fn balanced_accuracy(self) -> Option<f64> {
        Some(f64::midpoint(self.recall()?, self.specificity()?))
    }

    /// TP / (TP + FP); `None` when no row is called bad.
    pub fn precision(self) -> Option<f64> {
        ratio(self.true_bad, self.true_bad + self.false_bad)
    }

    /// 2·TP / (2·TP + FP + FN); `None` without bad rows (where recall is undefined too), 0 when none of them is found.
    pub fn f1(self) -> Option<f64> {
        if self.bad_rows() == 0 {
            return None;
        }
        ratio(2 * self.true_bad, 2 * self.true_bad + self.false_bad + self.false_good)
    }

    /// Matthews correlation of call and outcome, −1 to 1; `None` when a class is missing or all rows are called alike.
    pub fn mcc(self) -> Option<f64> {
        let (tp, fp) = (self.true_bad as f64, self.false_bad as f64);
        let (tn, fn_) = (self.true_good as f64, self.false_good as f64);
        // Two roots: the product of four margins would lose digits on long tables.
        let margins = ((tp + fp) * (tp + fn_)).sqrt() * ((tn + fp) * (tn + fn_)).sqrt();
        (margins > 0.0).then(|| ((tp * tn - fp * fn_) / margins).clamp(-1.0, 1.0))
    }
}

/// What the two errors cost, in any one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A bad row called good, `c_FN`.
    pub false_good: f64,
    /// A good row called bad, `c_FP`.
    pub false_bad: f64,
}

impl Costs {
    /// The expected cost `c_FN·FN + c_FP·FP` of the calls on all rows counted. `None` when it is not finite.
    pub fn expected(self, confusion: Confusion) -> Option<f64> {
        let cost = self.false_good * confusion.false_good as f64 + self.false_bad * confusion.false_bad as f64;
        cost.is_finite().then_some(cost)
    }
}

/// One model's figures on one test part. Field names are those of the `--json` output and stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Rows in the test part.
    pub n_test: usize,
    /// Bad rows among them.
    pub positives: usize,
    /// Share of rows called right, 0 to 1.
    pub accuracy: Option<f64>,
    /// Mean of the recalls of both classes, 0 to 1.
    pub balanced_accuracy: Option<f64>,
    /// Share of bad rows called bad, 0 to 1.
    pub recall: Option<f64>,
    /// Share of rows called bad that are bad, 0 to 1.
    pub precision: Option<f64>,
    /// Harmonic mean of recall and precision, 0 to 1.
    pub f1: Option<f64>,
    /// Matthews correlation, −1 to 1.
    pub mcc: Option<f64>,
    /// Area under the ROC curve of the score, 0 to 1.
    pub auc: Option<f64>,
    /// 2·AUC − 1, −1 to 1.
    pub gini: Option<f64>,
    /// Largest |TPR − FPR| over thresholds on the score, 0 to 1.
    pub ks: Option<f64>,
    /// Average precision of the score, 0 to 1.
    pub pr_auc: Option<f64>,
    /// Mean of (pd − outcome)², 0 to 1, lower is better.
    pub brier: Option<f64>,
    /// Mean of −ln(probability given to what happened), nats, lower is better.
    pub log_loss: Option<f64>,
    /// `c_FN·FN + c_FP·FP` on these rows, in the unit of the two costs, lower is better.
    pub expected_cost: Option<f64>,
    /// The threshold on pd at which rows were called bad; `None` when it was not finite.
    pub threshold: Option<f64>,
}

/// Every figure of one model on one set of rows: `bad`, `score` and `pd` of shape `(n_test,)`.
///
/// Figures that cannot be worked out are `None`, each for its own reason: no rows, a class missing, no row called bad,
/// a score that is NaN (AUC, Gini, KS, PR-AUC), a `pd` that is NaN (the counts) or outside 0..=1 (Brier, log-loss), a
/// slice whose length is not that of `bad`. Log-loss takes no probability below 1e-15.
pub fn metrics(bad: &[bool], score: &[f64], pd: &[f64], threshold: f64, costs: Costs) -> Metrics {
    let counts = Confusion::at(bad, pd, threshold).unwrap_or_default();
    ranked(bad, score, pd).called(counts, threshold, costs)
}

/// The figures of [`metrics`] that no threshold enters; the others are `None`.
pub fn ranked(bad: &[bool], score: &[f64], pd: &[f64]) -> Metrics {
    ranked_by(Ranking::new(bad, score).as_ref(), bad, pd)
}

/// [`ranked`] for a caller that has ranked the rows by their score already, for the curves; `None` where there is
/// nothing to rank.
pub fn ranked_by(ranking: Option<&Ranking>, bad: &[bool], pd: &[f64]) -> Metrics {
    let n_bad = bad.iter().filter(|b| **b).count();
    let rows = Step { bad: n_bad, good: bad.len() - n_bad };
    Metrics::uncalled(rows, ranking, mean_loss(bad, pd, squared_loss), mean_loss(bad, pd, log_loss))
}

impl Metrics {
    /// The figures that no threshold enters, of `rows` with these means of [`squared_loss`] and [`log_loss`].
    pub(super) fn uncalled(rows: Step, ranking: Option<&Ranking>, brier: Option<f64>, log_loss: Option<f64>) -> Self {
        let auc = ranking.map(Ranking::auc);
        Self {
            n_test: rows.bad + rows.good,
            positives: rows.bad,
            auc,
            gini: auc.map(|a| 2.0 * a - 1.0),
            ks: ranking.map(Ranking::ks),
            pr_auc: ranking.map(Ranking::average_precision),
            brier,
            log_loss,
            ..Self::default()
        }
    }

    /// With the figures of these calls, made at `threshold`. No rows counted: they are undefined.
    pub fn called(self, counts: Confusion, threshold: f64, costs: Costs) -> Self {
        Self {
            accuracy: counts.accuracy(),
            balanced_accuracy: counts.balanced_accuracy(),
            recall: counts.recall(),
            precision: counts.precision(),
            f1: counts.f1(),
            mcc: counts.mcc(),
            expected_cost: Some(counts).filter(|counts| counts.rows() > 0).and_then(|counts| costs.expected(counts)),
            threshold: Some(threshold).filter(|t| t.is_finite()),
            ..self
        }
    }
}

/// The Brier score of one row, from the probability given to what happened.
pub(super) fn squared_loss(happened: f64) -> f64 {
    (1.0 - happened) * (1.0 - happened)
}

/// The log-loss of one row, from the probability given to what happened; never −0.
pub(super) fn log_loss(happened: f64) -> f64 {
    0.0 - happened.max(SMALLEST_PROBABILITY).ln()
}

/// The probability given to what happened: pd of a bad row, 1 − pd of a good one.
pub(super) fn given_to_what_happened(bad: bool, pd: f64) -> f64 {
    if bad { pd } else { 1.0 - pd }
}

/// Mean of `loss` of the probability given to what happened.
fn mean_loss(bad: &[bool], pd: &[f64], loss: impl Fn(f64) -> f64) -> Option<f64> {
    if bad.is_empty() || bad.len() != pd.len() || !pd.iter().all(|p| (0.0..=1.0).contains(p)) {
        return None;
    }
    let total: f64 = bad.iter().zip(pd).map(|(&bad, &pd)| loss(given_to_what_happened(bad, pd))).sum();
    Some(total / bad.len() as f64)
}

/// `part / whole`, undefined for an empty whole.
fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    const COSTS: Costs = Costs { false_good: 10.0, false_bad: 1.5 };

    /// With the costs of these tests.
    fn metrics(bad: &[bool], score: &[f64], pd: &[f64], threshold: f64) -> Metrics {
        super::metrics(bad, score, pd, threshold, COSTS)
    }

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
    }

    #[test]
    fn hand_case() {
        // pd ≥ 0.5 calls rows 0, 1, 3 bad: TP 2, FN 1, FP 1, TN 2.
        let bad = [true, true, true, false, false, false];
        let pd = [0.9, 0.5, 0.2, 0.6, 0.4, 0.1];
        let counts = Confusion::at(&bad, &pd, 0.5).unwrap();
        assert_eq!(counts, Confusion { true_bad: 2, false_bad: 1, true_good: 2, false_good: 1 });

        let m = metrics(&bad, &pd, &pd, 0.5);
        assert_eq!((m.n_test, m.positives, m.threshold), (6, 3, Some(0.5)));
        close(m.accuracy, 4.0 / 6.0);
        close(m.balanced_accuracy, 2.0 / 3.0);
        close(m.recall, 2.0 / 3.0);
        close(m.precision, 2.0 / 3.0);
        close(m.f1, 2.0 / 3.0);
        close(m.mcc, 1.0 / 3.0); // (2·2 − 1·1) / √(3·3·3·3)
        close(m.auc, 6.0 / 9.0); // 0.9 beats 3 good rows, 0.5 beats 2, 0.2 beats 1
        close(m.gini, 1.0 / 3.0);
        assert_eq!(m.expected_cost, Some(11.5));
        close(m.brier, (0.01 + 0.25 + 0.64 + 0.36 + 0.16 + 0.01) / 6.0);
        close(m.log_loss, -(0.9_f64 * 0.5 * 0.2 * 0.4 * 0.6 * 0.9).ln() / 6.0);
    }

    #[test]
    fn recall_and_precision_differ() {
        let c = Confusion { true_bad: 1, false_bad: 3, true_good: 5, false_good: 1 };
        assert_eq!((c.recall(), c.precision(), c.specificity()), (Some(0.5), Some(0.25), Some(0.625)));
        assert_eq!(c.balanced_accuracy(), Some(0.5625));
        close(c.f1(), 2.0 / 6.0);
        close(c.mcc(), (5.0 - 3.0) / (4.0_f64 * 2.0 * 8.0 * 6.0).sqrt());
    }

    #[test]
    fn a_majority_model_has_no_precision_and_half_an_auc() {
        let m = metrics(&[true, false, false, false], &[0.0; 4], &[0.25; 4], 0.5);
        assert_eq!((m.accuracy, m.balanced_accuracy, m.recall), (Some(0.75), Some(0.5), Some(0.0)));
        assert_eq!((m.precision, m.mcc, m.f1), (None, None, Some(0.0)));
        assert_eq!((m.auc, m.gini, m.ks, m.pr_auc), (Some(0.5), Some(0.0), Some(0.0), Some(0.25)));
    }

    #[test]
    fn one_class_or_no_rows_is_undefined() {
        let good = metrics(&[false, false], &[0.1, 0.7], &[0.1, 0.7], 0.5);
        assert_eq!((good.accuracy, good.precision), (Some(0.5), Some(0.0)));
        for metric in [Metric::Recall, Metric::BalancedAccuracy, Metric::F1, Metric::Mcc, Metric::Auc, Metric::Gini] {
            assert_eq!(metric.get(&good), None, "{metric:?}");
        }
        assert_eq!((good.ks, good.pr_auc), (None, None));
        close(good.brier, 0.25);

        let bad = metrics(&[true, true], &[0.1, 0.7], &[0.1, 0.7], 0.5);
        assert_eq!((bad.recall, bad.balanced_accuracy, bad.auc, bad.pr_auc), (Some(0.5), None, None, None));

        let empty = metrics(&[], &[], &[], 0.5);
        assert!(Metric::ALL.iter().all(|m| m.get(&empty).is_none()));
    }

    #[test]
    fn log_loss_of_a_sure_forecast_is_finite_and_never_minus_zero() {
        let wrong = metrics(&[true, false], &[0.0, 1.0], &[0.0, 1.0], 0.5);
        close(wrong.log_loss, -(1e-15_f64).ln());
        let right = metrics(&[true, false], &[1.0, 0.0], &[1.0, 0.0], 0.5).log_loss.unwrap();
        assert!(right == 0.0 && right.is_sign_positive());
    }

    #[test]
    fn unusable_numbers_touch_only_what_reads_them() {
        let bad = [true, false, true];
        let m = metrics(&bad, &[f64::NAN, 0.0, 1.0], &[0.9, 0.1, 0.2], 0.5);
        assert!(m.auc.is_none() && m.ks.is_none() && m.brier.is_some() && m.recall == Some(0.5));
        let m = metrics(&bad, &[0.9, 0.0, 1.0], &[0.9, f64::NAN, 0.2], 0.5);
        assert!(m.auc == Some(1.0) && m.brier.is_none() && m.log_loss.is_none() && m.accuracy.is_none());
        let m = metrics(&bad, &[0.9, 0.0, 1.0], &[1.1, 0.1, 0.2], 0.5);
        assert!(m.accuracy.is_some() && m.brier.is_none());
        let m = metrics(&bad, &[0.9, 0.0], &[0.9], f64::NAN);
        assert!(Metric::ALL.iter().all(|metric| metric.get(&m).is_none()) && m.threshold.is_none());
        let costs = Costs { false_good: f64::INFINITY, false_bad: 1.0 };
        assert_eq!(costs.expected(Confusion::default()), None);
    }

    #[test]
    fn every_figure_is_finite_and_in_range_on_any_input() {
        for index in 0..500 {
            let mut random = stream(60, Purpose::Sample, index);
            let n = random.random_range(0..12);
            let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 1.0, f64::MAX, f64::MIN_POSITIVE];
            let draw = |random: &mut crate::random::Stream| {
                if random.random_bool(0.05) { odd[random.random_range(0..odd.len())] } else { random.random() }
            };
            let bad: Vec<bool> = (0..n).map(|_| random.random_bool(0.4)).collect();
            let score: Vec<f64> = (0..n).map(|_| draw(&mut random)).collect();
            let pd: Vec<f64> = (0..n).map(|_| draw(&mut random)).collect();
            let m = metrics(&bad, &score, &pd, draw(&mut random));
            for metric in Metric::ALL {
                let low = if matches!(metric, Metric::Mcc | Metric::Gini) { -1.0 } else { 0.0 };
                let high = match metric {
                    Metric::LogLoss => 35.0,
                    Metric::ExpectedCost => COSTS.false_good * n as f64,
                    _ => 1.0,
                };
                assert!(metric.get(&m).is_none_or(|v| (low..=high).contains(&v)), "{metric:?} of {m:?}");
            }
            // JSON has no NaN or infinity, and reading it back keeps what is undefined.
            let read: Metrics = serde_json::from_value(serde_json::to_value(m).unwrap()).unwrap();
            assert_eq!(read, m);
        }
    }

    /// Computed with scikit-learn 1.9 (`accuracy_score` … `log_loss`, on `score` = ln(pd / (1 − pd)) for the ranking
    /// figures) and `SciPy` 1.17 (`ks_2samp`), on rows with many tied scores.
    #[test]
    fn agrees_with_scikit_learn() {
        let bad = [1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1].map(|b| b == 1);
        let pd = [
            0.82, 0.10, 0.35, 0.35, 0.05, 0.90, 0.60, 0.15, 0.20, 0.35, 0.05, 0.70, 0.55, 0.25, 0.30, 0.60, 0.10, 0.45,
            0.05, 0.15,
        ];
        let score = pd.map(|p: f64| (p / (1.0 - p)).ln());
        let m = metrics(&bad, &score, &pd, 0.35);
        close(m.accuracy, 0.65);
        close(m.balanced_accuracy, 0.6648351648351649);
        close(m.recall, 0.7142857142857143);
        close(m.precision, 0.5);
        close(m.f1, 0.5882352941176471);
        close(m.mcc, 0.3144854510165755);
        close(m.auc, 0.7582417582417582);
        close(m.ks, 0.4175824175824176);
        close(m.pr_auc, 0.6706959706959708);
        close(m.brier, 0.184495);
        close(m.log_loss, 0.5359998665114574);
    }
}
