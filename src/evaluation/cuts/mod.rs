//! What every threshold on the PD would do to the rows at hand, sorted once: a threshold that is dragged costs a binary
//! search. Which of them to take, [`choice`] says.
//!
//! A row is called bad when `pd ≥ threshold` and approved otherwise. With EAD the exposure and LGD the share of it that is
//! lost on default, the expected loss of rows is Σ PD·EAD·LGD, their realised loss Σ EAD·LGD over the bad ones.

mod choice;
mod merge;
mod stored;

use super::{Confusion, Costs};
pub use choice::NoCut;
use serde::{Deserialize, Serialize};

/// Rows sorted by PD, with sums from the best row on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "stored::Stored", try_from = "stored::Stored")]
pub struct Cuts {
    /// The different PDs, ascending; 0 and −0 are one.
    pds: Vec<f64>,
    /// What the rows below each of `pds` add up to, then all rows: one longer than `pds`.
    below: Vec<Sums>,
    /// Rows without a usable exposure; `None` without exposures.
    unpriced: Option<usize>,
}

/// Sums over the rows with the lowest PDs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) rows: usize,
    pub(super) bad: usize,
    /// Σ PD.
    pub(super) pd: f64,
    /// Σ PD·EAD.
    expected: f64,
    /// Σ EAD of the bad rows.
    realised: f64,
}

/// What one threshold does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// The threshold asked for.
    pub threshold: f64,
    /// Rows by what they are called and what they were: recall, precision and more are asked of it.
    pub confusion: Confusion,
    /// Σ PD·EAD of the approved rows and of all, Σ EAD of the approved bad ones; `None` without exposures.
    priced: Option<[f64; 3]>,
}

/// Losses in the money of the exposures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    /// Σ PD·EAD·LGD over the approved rows.
    pub expected_approved: f64,
    /// Σ PD·EAD·LGD over all rows: what approving everyone would lose.
    pub expected_all: f64,
    /// Σ EAD·LGD over the approved rows that were bad.
    pub realised_approved: f64,
}

impl Cuts {
    /// Sorts the rows: `bad`, `pd` (0..=1) and `exposure` (EAD in money), all of shape `(n_rows,)`.
    ///
    /// A row whose exposure is missing (NaN), negative or infinite counts as a row but takes no part in the losses, see
    /// [`Self::unpriced`]. `None` without rows, with a `pd` that is NaN or outside 0..=1, and when the lengths differ.
    pub fn new(bad: &[bool], pd: &[f64], exposure: Option<&[f64]>) -> Option<Self> {
        let lengths_agree = bad.len() == pd.len() && exposure.is_none_or(|e| e.len() == pd.len());
        if pd.is_empty() || !lengths_agree || !pd.iter().all(|p| (0.0..=1.0).contains(p)) {
            return None;
        }
        let usable = |row: usize| exposure.map_or(0.0, |e| e[row]);
        let mut rows: Vec<(f64, f64, bool)> = (0..pd.len()).map(|row| (pd[row], usable(row), bad[row])).collect();
        // By all three, so that the sums are the same bits in whatever order the rows came.
        rows.sort_unstable_by(|x, y| (x.0 + 0.0).total_cmp(&(y.0 + 0.0)).then(x.1.total_cmp(&y.1)).then(x.2.cmp(&y.2)));

        let mut sums = Sums::default();
        let (mut pds, mut below) = (Vec::new(), Vec::new());
        let mut unpriced = 0;
        for tied in rows.chunk_by(|x, y| x.0 == y.0) {
            pds.push(tied[0].0);
            below.push(sums);
            for &(pd, exposure, bad) in tied {
                let priced = exposure.is_finite() && exposure >= 0.0;
                let exposure = if priced { exposure } else { 0.0 };
                unpriced += usize::from(!priced);
                sums.rows += 1;
                sums.bad += usize::from(bad);
                sums.pd += pd;
                sums.expected += pd * exposure;
                sums.realised += if bad { exposure } else { 0.0 };
            }
        }
        below.push(sums);
        Some(Self { pds, below, unpriced: exposure.map(|_| unpriced) })
    }

    /// What `threshold` does, any number; NaN approves everyone, for no PD reaches it.
    pub fn at(&self, threshold: f64) -> Cut {
        let approved = self.place(threshold);
        let (below, all) = (self.below[approved], self.all());
        let priced = self.unpriced.map(|_| [below.expected, all.expected, below.realised]);
        Cut { threshold, confusion: self.confusion(approved), priced }
    }

    /// The lowest and the highest PD.
    pub fn range(&self) -> [f64; 2] {
        [self.pds[0], self.pds[self.pds.len() - 1]]
    }

    /// Rows left out of the losses because their exposure is missing, negative or infinite; `None` without exposures.
    pub fn unpriced(&self) -> Option<usize> {
        self.unpriced
    }

    /// Number of rows, at least 1.
    pub fn n_rows(&self) -> usize {
        self.all().rows
    }

    /// Rows with a PD from each of the rising `edges` to the next, `[good, bad]`, one bin fewer than there are edges. A bin
    /// holds its lower edge; the first and the last bin hold what lies beyond.
    pub fn histogram(&self, edges: &[f64]) -> Vec<[usize; 2]> {
        let last = edges.len().saturating_sub(1);
        let below = |i: usize| match i {
            0 => Sums::default(),
            i if i == last => self.all(),
            i => self.below[self.pds.partition_point(|&pd| pd < edges[i])],
        };
        let bin = |(from, to): (Sums, Sums)| [(to.rows - to.bad) - (from.rows - from.bad), to.bad - from.bad];
        (0..last).map(|i| bin((below(i), below(i + 1)))).collect()
    }

    /// Calls with the rows of the `approved` lowest PDs approved.
    fn confusion(&self, approved: usize) -> Confusion {
        let (below, all) = (self.below[approved], self.all());
        let good_below = below.rows - below.bad;
        Confusion {
            true_bad: all.bad - below.bad,
            false_bad: all.rows - all.bad - good_below,
            true_good: good_below,
            false_good: below.bad,
        }
    }

    /// Sums over the rows with PDs from `from` on and below `to`, at least `from`; a `to` of 1 takes in 1 as well.
    pub(super) fn between(&self, from: f64, to: f64) -> Sums {
        let upper = if to >= 1.0 { self.all() } else { self.below[self.place(to)] };
        upper.without(&self.below[self.place(from)])
    }

    /// Sums over all rows.
    fn all(&self) -> Sums {
        self.below[self.pds.len()]
    }

    /// Number of different PDs that `threshold` approves.
    fn place(&self, threshold: f64) -> usize {
        if threshold.is_nan() { self.pds.len() } else { self.pds.partition_point(|&pd| pd < threshold) }
    }
}

impl Sums {
    /// What is left of the rows when the `lower` ones are taken away.
    fn without(self, lower: &Self) -> Self {
        Self {
            rows: self.rows - lower.rows,
            bad: self.bad - lower.bad,
            pd: self.pd - lower.pd,
            expected: self.expected - lower.expected,
            realised: self.realised - lower.realised,
        }
    }
}

impl Cut {
    /// Rows called good.
    pub fn approved(&self) -> usize {
        self.confusion.true_good + self.confusion.false_good
    }

    /// Share of rows called good, 0 to 1.
    pub fn approval_rate(&self) -> f64 {
        self.approved() as f64 / self.confusion.rows() as f64
    }

    /// Share of bad rows among the approved, 0 to 1; `None` when none is approved.
    pub fn bad_rate_approved(&self) -> Option<f64> {
        (self.approved() > 0).then(|| self.confusion.false_good as f64 / self.approved() as f64)
    }

    /// Cost of the wrong calls on all rows, `c_FN`·FN + `c_FP`·FP; `None` when it is not finite.
    pub fn cost(&self, costs: Costs) -> Option<f64> {
        costs.expected(self.confusion)
    }

    /// The losses at this `loss_given_default` (LGD, 0..=1); `None` without exposures, or when LGD is outside its range.
    pub fn losses(&self, loss_given_default: f64) -> Option<Losses> {
        let [approved, all, realised] = self.priced.filter(|_| (0.0..=1.0).contains(&loss_given_default))?;
        Some(Losses {
            expected_approved: approved * loss_given_default,
            expected_all: all * loss_given_default,
            realised_approved: realised * loss_given_default,
        })
    }
}

#[cfg(test)]
mod tests;
