//! What a cut-off does to the firms of a comparison: counts and losses, on the rows that it is chosen on and on those that
//! it is reported on.

use super::{FoldResult, ModelResult};
use crate::evaluation::{Confusion, Costs, Cuts, Losses};
use crate::training::{Cutoff, MoneySettings};

/// Rows of a comparison, those of its first repeat: every fold's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Training rows with the probabilities that fits gave them which had not seen them. With k folds each row is among them
    /// k − 1 times, but for rows of parts that no fit could be made without.
    Validation,
    /// Held-out rows: with k folds every labelled row once.
    Test,
}

/// What a cut-off does, all folds together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The smallest and the largest threshold over the folds: a rule may find another one in each.
    pub thresholds: [f64; 2],
    /// Rows by what they are called and what they were.
    pub confusion: Confusion,
    /// Losses in money; `None` where nothing is known of exposures.
    pub losses: Option<Losses>,
    /// Rows whose exposure is not known: they take no part in the losses.
    pub unpriced: usize,
    /// On some fold no threshold does what the rule asks, and the bad rate is used there.
    pub fell_back: bool,
}

impl Outcome {
    /// Rows called good.
    pub fn approved(&self) -> usize {
        self.confusion.true_good + self.confusion.false_good
    }

    /// Share of rows called good; `None` without rows.
    pub fn approval_rate(&self) -> Option<f64> {
        let rows = self.confusion.rows();
        (rows > 0).then(|| self.approved() as f64 / rows as f64)
    }

    /// Share of bad rows among the approved; `None` when none is approved.
    pub fn bad_rate_approved(&self) -> Option<f64> {
        (self.approved() > 0).then(|| self.confusion.false_good as f64 / self.approved() as f64)
    }

    /// Mean cost of a row, in the unit of the costs; `None` without rows.
    pub fn cost_per_row(&self, costs: Costs) -> Option<f64> {
        let rows = self.confusion.rows();
        costs.expected(self.confusion).filter(|_| rows > 0).map(|cost| cost / rows as f64)
    }
}

impl ModelResult {
    /// The folds of the first repeat with their rows of this kind.
    pub(in crate::training) fn first_repeat(&self, rows: Rows) -> impl Iterator<Item = (&FoldResult, &Cuts)> {
        self.folds.iter().filter(|fold| fold.fit.repeat == 0).filter_map(move |fold| {
            let answers = &fold.scored.answers;
            let found = match rows {
                Rows::Validation => answers.validation.as_ref(),
                Rows::Test => answers.test.as_ref(),
            };
            Some((fold, found?))
        })
    }

    /// What `cutoff` does to the rows: found in each fold as its rule says, or the same everywhere. `None` without such rows.
    pub fn outcome(&self, cutoff: Cutoff, money: &MoneySettings, rows: Rows) -> Option<Outcome> {
        let mut sum: Option<Outcome> = None;
        for (fold, cuts) in self.first_repeat(rows) {
            let (threshold, fell_back) = fold.scored.threshold(cutoff, money);
            let cut = cuts.at(threshold);
            // Without exposures in the table every firm has 1, which the same one for all then multiplies.
            let factor = if fold.scored.answers.has_exposures { Some(1.0) } else { money.exposure };
            let losses = factor.and_then(|factor| {
                let Losses { expected_approved, expected_all, realised_approved } =
                    cut.losses(money.loss_given_default)?;
                Some([expected_approved, expected_all, realised_approved].map(|loss| loss * factor))
            });
            let of_fold = Outcome {
                thresholds: [threshold; 2],
                confusion: cut.confusion,
                losses: losses.map(|[expected_approved, expected_all, realised_approved]| Losses {
                    expected_approved,
                    expected_all,
                    realised_approved,
                }),
                unpriced: cuts.unpriced().unwrap_or(0),
                fell_back,
            };
            sum = Some(sum.map_or(of_fold, |sum| sum.with(&of_fold)));
        }
        sum
    }

    /// Mean cost of a row at each of the `thresholds`, the same in every fold; empty without such rows.
    pub fn cost_curve(&self, rows: Rows, costs: Costs, thresholds: &[f64]) -> Vec<[f64; 2]> {
        let all: Vec<&Cuts> = self.first_repeat(rows).map(|(_, cuts)| cuts).collect();
        let n_rows: usize = all.iter().map(|cuts| cuts.n_rows()).sum();
        let mean = |&threshold: &f64| {
            let cost: Option<f64> = all.iter().map(|cuts| cuts.at(threshold).cost(costs)).sum();
            (n_rows > 0).then(|| cost.map(|cost| [threshold, cost / n_rows as f64])).flatten()
        };
        thresholds.iter().filter_map(mean).collect()
    }

    /// Rows with a probability from each of the rising `edges` to the next, `[good, bad]`: one fewer than there are edges. The
    /// first and the last bin hold what lies beyond.
    pub fn histogram(&self, rows: Rows, edges: &[f64]) -> Vec<[usize; 2]> {
        let mut counts = vec![[0, 0]; edges.len().saturating_sub(1)];
        for (_, cuts) in self.first_repeat(rows) {
            for (bin, of_fold) in counts.iter_mut().zip(cuts.histogram(edges)) {
                bin[0] += of_fold[0];
                bin[1] += of_fold[1];
            }
        }
        counts
    }

    /// The lowest and the highest probability of such rows.
    pub fn pd_range(&self, rows: Rows) -> Option<[f64; 2]> {
        let ranges = self.first_repeat(rows).map(|(_, cuts)| cuts.range());
        ranges.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
    }
}

impl Outcome {
    fn with(self, other: &Self) -> Self {
        let sum = |a: Losses, b: Losses| Losses {
            expected_approved: a.expected_approved + b.expected_approved,
            expected_all: a.expected_all + b.expected_all,
            realised_approved: a.realised_approved + b.realised_approved,
        };
        Self {
            thresholds: [self.thresholds[0].min(other.thresholds[0]), self.thresholds[1].max(other.thresholds[1])],
            confusion: self.confusion.plus(other.confusion),
            losses: self.losses.zip(other.losses).map(|(a, b)| sum(a, b)),
            unpriced: self.unpriced + other.unpriced,
            fell_back: self.fell_back || other.fell_back,
        }
    }
}
