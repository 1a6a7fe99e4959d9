//! A model's answers on the held-out rows of one fold, and what they come to at a cut-off.
//!
//! The answers are made once; a cut-off that is moved only counts them anew, which takes two binary searches.

use std::sync::Arc;

use super::cutoff::Basis;
use super::{Cutoff, MoneySettings};
use crate::evaluation::{Confusion, Costs, Cuts, Metrics};

/// What a model says of rows it has not seen.
#[derive(Clone, Debug, PartialEq)]
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
#[derive(Clone, Debug, PartialEq)]
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
