//! A model's answers on the held-out rows of one fold, and what they come to at a cut-off.
//!
//! The answers are made once; a cut-off that is moved only counts them anew, which takes two binary searches.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cutoff::Basis;
use super::{Cutoff, MoneySettings};
use crate::data::json_float;
use crate::evaluation::{Confusion, Costs, Cuts, Metrics, ranked};

/// What a model says of rows it has not seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "StoredAnswers", try_from = "StoredAnswers")]
pub struct Answers {
    /// Whether each held-out row is bad, `n_test`.
    pub bad: Arc<[bool]>,
    /// Ranking scores, higher is worse, `n_test`.
    pub score: Vec<f64>,
    /// Probability of the bad outcome, `n_test`.
    pub pd: Vec<f64>,
    /// The held-out rows by their probability; `None` where one is undefined.
    pub test: Option<Cuts>,
    /// Training rows by the probability that fits gave them which had not seen them: what cut-offs are chosen on. `None`
    /// where nothing was calibrated.
    pub validation: Option<Cuts>,
    /// Whether the exposures are those of the table; else each is 1.
    pub has_exposures: bool,
    /// Share of bad rows among the labelled training rows, or in the population where the settings name it.
    pub bad_rate: f64,
    /// Labelled rows of the table.
    pub n_labelled: usize,
    /// The figures that no threshold enters.
    pub(super) ranked: Metrics,
}

impl Answers {
    /// The threshold that `cutoff` finds in this fold; the bad rate of the training rows, and true, where no threshold does
    /// what the rule asks.
    pub(super) fn threshold(&self, cutoff: Cutoff, money: &MoneySettings) -> (f64, bool) {
        let Self { bad_rate, n_labelled, .. } = *self;
        let basis = Basis { bad_rate, validation: self.validation.as_ref(), costs: money.costs(), n_labelled };
        cutoff.threshold(&basis).map_or((bad_rate, true), |threshold| (threshold, false))
    }
}

impl Scored {
    /// The threshold that `cutoff` finds in this fold, and whether it fell back on the bad rate. That of the cut-off in force
    /// is known: rules look at every validation row.
    pub(super) fn threshold(&self, cutoff: Cutoff, money: &MoneySettings) -> (f64, bool) {
        match self.metrics.threshold {
            Some(threshold) if self.found_for == (cutoff, money.costs()) => (threshold, self.fell_back),
            _ => self.answers.threshold(cutoff, money),
        }
    }
}

/// Answers at a cut-off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "StoredScored", try_from = "StoredScored")]
pub struct Scored {
    /// The answers.
    pub answers: Arc<Answers>,
    /// The figures at the cut-off.
    pub metrics: Metrics,
    /// Rows called bad and good at the cut-off.
    pub confusion: Option<Confusion>,
    /// The cut-off and the costs that it was found with.
    pub(super) found_for: (Cutoff, Costs),
    /// No threshold does what the rule asks, so that the bad rate of the training rows is used.
    pub fell_back: bool,
}

impl Scored {
    /// Calls the rows at the threshold that `cutoff` finds in this fold.
    pub(super) fn at(answers: Arc<Answers>, cutoff: Cutoff, money: &MoneySettings) -> Self {
        let (threshold, fell_back) = answers.threshold(cutoff, money);
        let confusion = answers.test.as_ref().map(|test| test.at(threshold).confusion);
        let metrics = answers.ranked.called(confusion.unwrap_or_default(), threshold, money.costs());
        Self { answers, metrics, confusion, found_for: (cutoff, money.costs()), fell_back }
    }

    /// The same answers at another cut-off.
    #[must_use]
    pub fn recut(&self, cutoff: Cutoff, money: &MoneySettings) -> Self {
        Self::at(Arc::clone(&self.answers), cutoff, money)
    }
}

/// [`Answers`] in a file: what follows from the labels, scores and probabilities is worked out again.
#[derive(Clone, Serialize, Deserialize)]
struct StoredAnswers {
    bad: Vec<bool>,
    #[serde(with = "json_float::many")]
    score: Vec<f64>,
    #[serde(with = "json_float::many")]
    pd: Vec<f64>,
    /// The held-out rows by their probability, where they have exposures; else it is counted again.
    test: Option<Cuts>,
    validation: Option<Cuts>,
    has_exposures: bool,
    bad_rate: f64,
    n_labelled: usize,
}

impl From<Answers> for StoredAnswers {
    fn from(answers: Answers) -> Self {
        let Answers { bad, score, pd, test, validation, has_exposures, bad_rate, n_labelled, ranked: _ } = answers;
        let test = test.filter(|_| has_exposures);
        Self { bad: bad.to_vec(), score, pd, test, validation, has_exposures, bad_rate, n_labelled }
    }
}

impl TryFrom<StoredAnswers> for Answers {
    type Error = &'static str;

    fn try_from(stored: StoredAnswers) -> Result<Self, Self::Error> {
        let StoredAnswers { bad, score, pd, test, validation, has_exposures, bad_rate, n_labelled } = stored;
        if (score.len(), pd.len()) != (bad.len(), bad.len()) {
            return Err("there are not as many scores and probabilities as held-out rows");
        }
        let test = if has_exposures { test } else { Cuts::new(&bad, &pd, Some(&vec![1.0; pd.len()])) };
        if test.as_ref().is_some_and(|test| test.n_rows() != bad.len()) {
            return Err("the held-out rows are not all sorted by their probability");
        }
        let ranked = ranked(&bad, &score, &pd);
        Ok(Self { bad: bad.into(), score, pd, test, validation, has_exposures, bad_rate, n_labelled, ranked })
    }
}

/// [`Scored`] in a file: the answers, and the cut-off at which they are called again.
#[derive(Clone, Serialize, Deserialize)]
struct StoredScored {
    answers: Answers,
    cutoff: Cutoff,
    cost_false_good: f64,
    cost_false_bad: f64,
}

impl From<Scored> for StoredScored {
    fn from(scored: Scored) -> Self {
        let (cutoff, Costs { false_good, false_bad }) = scored.found_for;
        let answers = Arc::unwrap_or_clone(scored.answers);
        Self { answers, cutoff, cost_false_good: false_good, cost_false_bad: false_bad }
    }
}

impl TryFrom<StoredScored> for Scored {
    type Error = String;

    fn try_from(stored: StoredScored) -> Result<Self, Self::Error> {
        let StoredScored { answers, cutoff, cost_false_good, cost_false_bad } = stored;
        if let Some(problem) = cutoff.problem() {
            return Err(format!("the cut-off {problem}"));
        }
        let money = MoneySettings { cost_false_good, cost_false_bad, ..MoneySettings::default() };
        Ok(Self::at(Arc::new(answers), cutoff, &money))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::training::CutoffRule;
    use rand::RngExt as _;

    #[test]
    fn answers_come_back_to_the_bit_at_every_cutoff_also_where_they_are_undefined() {
        for index in 0..60 {
            let mut random = stream(82, Purpose::Sample, index);
            let n = random.random_range(0..40);
            let bad: Vec<bool> = (0..n).map(|_| random.random_bool(0.4)).collect();
            let mut pd: Vec<f64> = (0..n).map(|_| random.random()).collect();
            let mut score: Vec<f64> = pd.iter().map(|pd| (pd / (1.0 - pd)).ln()).collect();
            if n > 2 && index % 3 == 0 {
                (pd[0], score[0], score[1]) = (f64::NAN, f64::NEG_INFINITY, f64::NAN);
            }
            let has_exposures = index % 2 == 0;
            let of = |row| if has_exposures { 1e3 * row as f64 } else { 1.0 };
            let exposure: Vec<f64> = (0..n).map(of).collect();
            let answers = Answers {
                test: Cuts::new(&bad, &pd, Some(&exposure)),
                validation: Cuts::new(&bad, &score, None),
                ranked: ranked(&bad, &score, &pd),
                bad: bad.into(),
                score,
                pd,
                has_exposures,
                bad_rate: 0.3,
                n_labelled: n,
            };
            for cutoff in [Cutoff::Value(0.3), Cutoff::Rule(CutoffRule::KsPoint), Cutoff::Rule(CutoffRule::BadRate)] {
                let scored = Scored::at(Arc::new(answers.clone()), cutoff, &MoneySettings::default());
                let text = serde_json::to_string(&scored).unwrap();
                let read: Scored = serde_json::from_str(&text).unwrap();
                // Written anew, since NaN is unlike itself.
                assert_eq!(serde_json::to_string(&read).unwrap(), text);
                assert_eq!(
                    (read.metrics, read.confusion, read.fell_back),
                    (scored.metrics, scored.confusion, scored.fell_back)
                );
                assert_eq!((&read.answers.test, read.answers.ranked), (&answers.test, answers.ranked));
            }
        }
    }

    #[test]
    fn answers_of_too_few_rows_are_refused() {
        let text = |score: &str, cutoff: &str| {
            format!(
                r#"{{"answers":{{"bad":[true,false],"score":{score},"pd":[0.5,0.25],"test":null,"validation":null,
                "has_exposures":false,"bad_rate":0.5,"n_labelled":2}},"cutoff":{cutoff},"cost_false_good":5.0,"cost_false_bad":1.0}}"#
            )
        };
        assert!(serde_json::from_str::<Scored>(&text("[1.5,-2]", "0.5")).is_ok());
        assert!(serde_json::from_str::<Scored>(&text("[1.5]", "0.5")).is_err());
        assert!(serde_json::from_str::<Scored>(&text("[1.5,-2]", "1.5")).unwrap_err().to_string().contains("cut-off"));
    }
}
