//! The verdict on two models: figures over shared folds, and an honest sentence in the same words whoever wins.

use super::difference::{Posterior, ROPE, bayesian_correlated_t, corrected_resampled_t};
use super::{Metric, Metrics, Summary};
use serde::{Deserialize, Serialize};

/// Probability from which a headline states an answer outright.
pub const SURE: f64 = 0.95;

/// Probability from which a headline calls an answer probable; below it the headline is "Undecided".
pub const PROBABLE: f64 = 0.75;

/// With fewer bad rows than this in the test parts of one repeat, nothing is concluded: one row would move the recall
/// of the bad class by more than a tenth.
pub const FEWEST_BAD_ROWS: usize = 10;

/// One of the two models compared.
#[derive(Clone, Copy, Debug)]
pub struct Contender<'a> {
    /// Name in JSON, such as `dbn`.
    pub name: &'a str,
    /// Name within a sentence, without article, such as `DBN` or `logistic regression`.
    pub title: &'a str,
    /// Figures per fold; entry i of both contenders is the same fold.
    pub folds: &'a [Metrics],
}

/// Two models on one metric over the folds where it is defined for both. Field names are those of the `--json` output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Name of the first model.
    pub a: String,
    /// Name of the second model.
    pub b: String,
    /// The figure compared.
    pub metric: Metric,
    /// Mean of a − b over the folds, in the metric's own sense (for Brier and log-loss, positive means that a is
    /// worse).
    pub mean_difference: Option<f64>,
    /// Two-sided p-value of the corrected resampled t-test.
    pub corrected_t_p: Option<f64>,
    /// Probability that a is better by more than 0.01, whichever way the metric points.
    pub p_a_better: Option<f64>,
    /// Probability that the two are within ±0.01.
    pub p_equivalent: Option<f64>,
    /// Probability that b is better by more than 0.01.
    pub p_b_better: Option<f64>,
    /// Folds compared, over all repeats.
    pub n_folds: usize,
}

/// Compares `a` and `b` on `metric`.
///
/// `test_share` is the share of rows tested on, see [`super::mean_test_share`]. With a single fold the difference is
/// known and the rest is `None`.
pub fn compare(metric: Metric, a: &Contender<'_>, b: &Contender<'_>, test_share: f64) -> Comparison {
    let differences: Vec<f64> = pairs(metric, a, b).map(|(a, b)| a - b).collect();
    let a_ahead: Vec<f64> = differences.iter().map(|d| if metric.higher_is_better() { *d } else { -*d }).collect();
    let posterior = bayesian_correlated_t(&a_ahead, test_share, ROPE);
    Comparison {
        a: a.name.to_owned(),
        b: b.name.to_owned(),
        metric,
        mean_difference: Summary::of(differences.iter().copied().map(Some)).mean,
        corrected_t_p: corrected_resampled_t(&differences, test_share),
        p_a_better: posterior.map(|p| p.p_a_better),
        p_equivalent: posterior.map(|p| p.p_equivalent),
        p_b_better: posterior.map(|p| p.p_b_better),
        n_folds: differences.len(),
    }
}

impl Comparison {
    /// The three probabilities, when known.
    pub fn posterior(&self) -> Option<Posterior> {
        Some(Posterior { p_a_better: self.p_a_better?, p_equivalent: self.p_equivalent?, p_b_better: self.p_b_better? })
    }
}

/// A verdict in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The answer, without full stop.
    pub headline: String,
    /// The figures behind it, as sentences.
    pub detail: String,
    /// Probabilities of a better, no practical difference, b better; `None` when nothing can be concluded.
    pub p: Option<[f64; 3]>,
}

impl Verdict {
    /// Headline and detail in one line.
    pub fn sentence(&self) -> String {
        format!("{}. {}", self.headline, self.detail)
    }
}

/// Puts `comparison` of `a` and `b` into words.
///
/// `bad_rows` counts the bad rows in the test parts of one repeat (all folds together): with fewer than
/// [`FEWEST_BAD_ROWS`] nothing is concluded, whatever the figures say.
pub fn verdict(comparison: &Comparison, a: &Contender<'_>, b: &Contender<'_>, bad_rows: usize) -> Verdict {
    let metric = comparison.metric.in_sentence();
    let without = |headline: String, detail: String| Verdict { headline, detail, p: None };
    if bad_rows < FEWEST_BAD_ROWS {
        let rows = if bad_rows == 1 { "row" } else { "rows" };
        return without(
            format!("{bad_rows} bad {rows} in the test parts: nothing can be concluded"),
            format!("A comparison needs at least {FEWEST_BAD_ROWS}."),
        );
    }
    let Some(difference) = comparison.mean_difference else {
        return without(
            format!("Nothing to compare the {} and the {} on", a.title, b.title),
            format!("No fold has {metric} defined for both."),
        );
    };
    let folds = comparison.n_folds;
    let Some(p) = comparison.posterior() else {
        let means = means_in_words(comparison.metric, a, b, difference);
        return if folds == 1 {
            without(
                "One split cannot tell chance from skill".to_owned(),
                format!("On {metric}: {means}. Compare on several folds for a verdict."),
            )
        } else {
            without(
                format!("Undecided between the {} and the {} on {metric}", a.title, b.title),
                format!(
                    "Over {folds} folds: {means}. The share of rows tested on is unknown, and so are the probabilities."
                ),
            )
        };
    };
    Verdict {
        headline: headline(p, metric, a.title, b.title),
        detail: format!(
            "On {metric} over {folds} folds: {} better {}, within ±{ROPE} {}, {} better {}.",
            a.title,
            percent(p.p_a_better),
            percent(p.p_equivalent),
            b.title,
            percent(p.p_b_better),
        ),
        p: Some([p.p_a_better, p.p_equivalent, p.p_b_better]),
    }
}

/// The most probable answer, said as firmly as its probability allows.
fn headline(p: Posterior, metric: &str, a: &str, b: &str) -> String {
    for (probability, winner, loser) in [(p.p_a_better, a, b), (p.p_b_better, b, a)] {
        if probability >= SURE {
            return format!("The {winner} is better than the {loser} on {metric}");
        }
        if probability >= PROBABLE {
            return format!("The {winner} is probably better than the {loser} on {metric}");
        }
    }
    if p.p_equivalent >= SURE {
        format!("No practical difference between the {a} and the {b} on {metric}")
    } else if p.p_equivalent >= PROBABLE {
        format!("Probably no practical difference between the {a} and the {b} on {metric}")
    } else {
        format!("Undecided between the {a} and the {b} on {metric}")
    }
}

/// "DBN 0.812, SVM 0.798, difference +0.014", over the folds where both are defined.
fn means_in_words(metric: Metric, a: &Contender<'_>, b: &Contender<'_>, difference: f64) -> String {
    let words = |mean: Summary| mean.mean.map_or_else(|| "undefined".to_owned(), |mean| format!("{mean:.3}"));
    let mean_a = words(Summary::of(pairs(metric, a, b).map(|(a, _)| Some(a))));
    let mean_b = words(Summary::of(pairs(metric, a, b).map(|(_, b)| Some(b))));
    // Rounded first and added to zero, so that no "-0.000" is shown.
    let difference = 0.0 + (difference * 1e3).round() / 1e3;
    let sign = if difference < 0.0 { '−' } else { '+' };
    let way = if metric.higher_is_better() { "" } else { " (lower is better)" };
    format!("{} {mean_a}, {} {mean_b}, difference {sign}{:.3}{way}", a.title, b.title, difference.abs())
}

/// The metric of both contenders, fold by fold, where it is defined for both.
fn pairs(metric: Metric, a: &Contender<'_>, b: &Contender<'_>) -> impl Iterator<Item = (f64, f64)> {
    a.folds.iter().zip(b.folds).filter_map(move |(a, b)| metric.get(a).zip(metric.get(b)))
}

/// A share in whole per cent, which never rounds an open question to 0 or 100: "< 1 %", "50 %", "> 99 %".
pub fn percent(p: f64) -> String {
    match (p * 100.0).round() {
        0.0 if p > 0.0 => "< 1 %".to_owned(),
        100.0 if p < 1.0 => "> 99 %".to_owned(),
        whole => format!("{whole} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folds with the given AUC, and a log-loss of its opposite.
    fn folds(auc: &[f64]) -> Vec<Metrics> {
        auc.iter().map(|&v| Metrics { auc: Some(v), log_loss: Some(1.0 - v), ..Metrics::default() }).collect()
    }

    fn dbn(folds: &[Metrics]) -> Contender<'_> {
        Contender { name: "dbn", title: "DBN", folds }
    }

    fn svm(folds: &[Metrics]) -> Contender<'_> {
        Contender { name: "svm", title: "SVM", folds }
    }

    fn verdict_on(metric: Metric, auc_dbn: &[f64], auc_svm: &[f64], bad_rows: usize) -> Verdict {
        let (x, y) = (folds(auc_dbn), folds(auc_svm));
        let (a, b) = (dbn(&x), svm(&y));
        verdict(&compare(metric, &a, &b, 0.2), &a, &b, bad_rows)
    }

    // Differences 0.02, −0.01, 0.03, 0.015, 0.005: posterior 0.573, 0.378, 0.049, as tested in `difference`.
    const HIGHER: [f64; 5] = [0.82, 0.79, 0.83, 0.815, 0.805];
    const LOWER: [f64; 5] = [0.8; 5];

    #[test]
    fn the_comparison_holds_the_figures_of_the_tests() {
        let (x, y) = (folds(&HIGHER), folds(&LOWER));
        let c = compare(Metric::Auc, &dbn(&x), &svm(&y), 0.2);
        assert_eq!((c.a.as_str(), c.b.as_str(), c.n_folds), ("dbn", "svm", 5));
        assert!((c.mean_difference.unwrap() - 0.012).abs() < 1e-12);
        assert!((c.corrected_t_p.unwrap() - 0.305816808).abs() < 1e-8);
        assert!((c.p_a_better.unwrap() - 0.572745340).abs() < 1e-8);

        // On log-loss the difference turns round, the winner does not.
        let loss = compare(Metric::LogLoss, &dbn(&x), &svm(&y), 0.2);
        assert!((loss.mean_difference.unwrap() + 0.012).abs() < 1e-12);
        assert!((loss.p_a_better.unwrap() - c.p_a_better.unwrap()).abs() < 1e-9);

        let json = serde_json::to_value(&c).unwrap();
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys.join(" "),
            "a b metric mean_difference corrected_t_p p_a_better p_equivalent p_b_better n_folds"
        );
        assert_eq!(json["metric"], "auc");
        assert_eq!(serde_json::from_value::<Comparison>(json).unwrap(), c);
    }

    #[test]
    fn folds_where_either_is_undefined_are_left_out() {
        let (mut x, y) = (folds(&[0.8, 0.9, 0.7]), folds(&[0.7, 0.7, 0.5]));
        x[1].auc = None;
        let c = compare(Metric::Auc, &dbn(&x), &svm(&y), 0.2);
        assert_eq!(c.n_folds, 2);
        assert!((c.mean_difference.unwrap() - 0.15).abs() < 1e-12);
    }

    #[test]
    fn undecided_in_words() {
        let v = verdict_on(Metric::Auc, &HIGHER, &LOWER, 40);
        assert_eq!(v.headline, "Undecided between the DBN and the SVM on AUC");
        assert_eq!(v.detail, "On AUC over 5 folds: DBN better 57 %, within ±0.01 38 %, SVM better 5 %.");
        assert_eq!(v.sentence(), format!("{}. {}", v.headline, v.detail));
    }

    #[test]
    fn the_same_words_whoever_wins() {
        let clear = [0.861, 0.860, 0.862, 0.859, 0.8605];
        let won = verdict_on(Metric::Auc, &clear, &LOWER, 40);
        let lost = verdict_on(Metric::Auc, &LOWER, &clear, 40);
        assert_eq!(won.headline, "The DBN is better than the SVM on AUC");
        assert_eq!(lost.headline, "The SVM is better than the DBN on AUC");
        assert_eq!(won.detail, "On AUC over 5 folds: DBN better > 99 %, within ±0.01 < 1 %, SVM better < 1 %.");
        assert_eq!(lost.detail, "On AUC over 5 folds: DBN better < 1 %, within ±0.01 < 1 %, SVM better > 99 %.");
        let mut mirrored = lost.p.unwrap();
        mirrored.reverse();
        assert_eq!(won.p.unwrap(), mirrored);
    }

    #[test]
    fn headlines_are_as_firm_as_the_probability() {
        let say = |p_a_better, p_equivalent, p_b_better| {
            headline(Posterior { p_a_better, p_equivalent, p_b_better }, "KS", "DBN", "SVM")
        };
        assert_eq!(say(0.95, 0.05, 0.0), "The DBN is better than the SVM on KS");
        assert_eq!(say(0.04, 0.02, 0.94), "The SVM is probably better than the DBN on KS");
        assert_eq!(say(0.25, 0.75, 0.0), "Probably no practical difference between the DBN and the SVM on KS");
        assert_eq!(say(0.02, 0.96, 0.02), "No practical difference between the DBN and the SVM on KS");
        assert_eq!(say(0.74, 0.26, 0.0), "Undecided between the DBN and the SVM on KS");
    }

    #[test]
    fn identical_models_do_not_differ() {
        let v = verdict_on(Metric::Auc, &HIGHER, &HIGHER, 40);
        assert_eq!(v.headline, "No practical difference between the DBN and the SVM on AUC");
        assert_eq!(v.detail, "On AUC over 5 folds: DBN better 0 %, within ±0.01 100 %, SVM better 0 %.");
    }

    #[test]
    fn too_few_bad_rows_conclude_nothing() {
        let v = verdict_on(Metric::Auc, &HIGHER, &LOWER, 8);
        assert_eq!(v.headline, "8 bad rows in the test parts: nothing can be concluded");
        assert_eq!(v.p, None);
        assert!(verdict_on(Metric::Auc, &[], &[], 1).headline.starts_with("1 bad row in"));
        assert!(verdict_on(Metric::Auc, &HIGHER, &LOWER, FEWEST_BAD_ROWS).p.is_some());
    }

    #[test]
    fn one_split_shows_values_and_no_verdict() {
        let v = verdict_on(Metric::Auc, &[0.812], &[0.798], 40);
        assert_eq!(v.headline, "One split cannot tell chance from skill");
        assert_eq!(
            v.detail,
            "On AUC: DBN 0.812, SVM 0.798, difference +0.014. Compare on several folds for a verdict."
        );
        assert_eq!(v.p, None);
        let v = verdict_on(Metric::LogLoss, &[0.81204], &[0.812], 40);
        assert!(v.detail.contains("DBN 0.188, SVM 0.188, difference +0.000 (lower is better)"), "{}", v.detail);
    }

    #[test]
    fn undefined_figures_are_said_to_be_undefined() {
        let v = verdict_on(Metric::Recall, &HIGHER, &LOWER, 40);
        assert_eq!(v.headline, "Nothing to compare the DBN and the SVM on");
        assert_eq!(v.detail, "No fold has recall of the bad class defined for both.");
        let (x, y) = (folds(&HIGHER), folds(&LOWER));
        let v = verdict(&compare(Metric::Auc, &dbn(&x), &svm(&y), 0.0), &dbn(&x), &svm(&y), 40);
        assert!(v.headline.starts_with("Undecided") && v.p.is_none());
    }
}
