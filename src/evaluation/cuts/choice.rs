//! Which threshold to take: one rule for each thing that a credit department may be asked to hold.
//!
//! Only thresholds that treat rows differently are looked at: between each two neighbouring PDs, below the lowest and above
//! the highest. Each lies halfway, so that it carries over to other rows, with 0 and 1 as the neighbours at the ends. Rows
//! of the same PD are never split. Of thresholds that serve a rule equally well the highest is taken: it approves the most.

use super::{Costs, Cuts};
use thiserror::Error;

/// Why no threshold can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum NoCut {
    /// A cost is negative or not finite, or both are 0, so that every threshold costs the same.
    #[error("The costs of the two errors are {} and {}: give two numbers of 0 or more, one of them above 0.", .0.false_good, .0.false_bad)]
    Costs(Costs),
    /// A share outside 0..=1.
    #[error("{0} is no share of rows: give a number from 0 to 1.")]
    Share(f64),
    /// Only one class: a rate of each class is needed.
    #[error("All rows are of one class: there is nothing to tell apart.")]
    OneClass,
    /// At every threshold the share of bad rows found is at most the share of good rows called bad.
    #[error("No threshold tells bad rows from good ones: the PDs rank them no better than chance.")]
    NothingTold,
    /// Even the best of the thresholds approves a larger share of bad rows; `lowest` is the smallest reachable, `None` when
    /// no threshold approves anyone.
    #[error("No threshold keeps the bad rate among the approved that low{}", reach(*.lowest))]
    BadRate {
        /// The smallest bad rate among the approved that a threshold reaches.
        lowest: Option<f64>,
    },
    /// Too many rows have a PD of 1, which every threshold calls bad.
    #[error(
        "{certain} rows have a PD of 1 and are called bad by every threshold: choose a lower approval or a larger capacity."
    )]
    Certain {
        /// Rows with a PD of 1, or so near that no number lies between.
        certain: usize,
    },
}

fn reach(lowest: Option<f64>) -> String {
    lowest.map_or_else(
        || ": every row has a PD of 1.".to_owned(),
        |rate| format!(": the lowest it can be is {:.2} %.", 100.0 * rate),
    )
}

impl Cuts {
    /// The threshold at which the wrong calls cost least, `c_FN`·FN + `c_FP`·FP.
    ///
    /// # Errors
    /// [`NoCut::Costs`].
    pub fn least_cost(&self, costs: Costs) -> Result<f64, NoCut> {
        let both = [costs.false_good, costs.false_bad];
        if !both.iter().all(|c| c.is_finite() && *c >= 0.0) || both == [0.0, 0.0] {
            return Err(NoCut::Costs(costs));
        }
        let cost = |approved: usize| costs.expected(self.confusion(approved)).unwrap_or(f64::INFINITY);
        // Of equal ones `min_by` keeps the first: the highest threshold.
        let least = self.candidates().rev().min_by(|x, y| cost(x.0).total_cmp(&cost(y.0)));
        // There is always one: half the lowest PD, or above it where that is 0.
        least.map(|(_, threshold)| threshold).ok_or(NoCut::Costs(costs))
    }

    /// The threshold with the largest TPR − FPR: where the KS statistic is read, and Youden's index.
    ///
    /// The sign counts: a model that ranks backwards has no such point, though its KS is above 0.
    ///
    /// # Errors
    /// [`NoCut::OneClass`], [`NoCut::NothingTold`].
    pub fn ks_point(&self) -> Result<f64, NoCut> {
        let all = self.all();
        let (p, n) = (all.bad as i128, (all.rows - all.bad) as i128);
        if p == 0 || n == 0 {
            return Err(NoCut::OneClass);
        }
        // (TPR − FPR)·P·N, in whole numbers.
        let difference = |approved: usize| {
            let called = self.confusion(approved);
            called.true_bad as i128 * n - called.false_bad as i128 * p
        };
        // Of equal ones `max_by_key` keeps the last: the highest threshold.
        let best = self.candidates().max_by_key(|c| difference(c.0)).filter(|c| difference(c.0) > 0);
        best.map(|(_, threshold)| threshold).ok_or(NoCut::NothingTold)
    }

    /// The threshold that approves as many rows as possible with a share of bad ones among them of `rate` (0..=1) at most.
    ///
    /// # Errors
    /// [`NoCut::Share`], [`NoCut::BadRate`].
    pub fn target_bad_rate(&self, rate: f64) -> Result<f64, NoCut> {
        check_share(rate)?;
        let bad_rate = |approved: usize| {
            let sums = self.below[approved];
            sums.bad as f64 / sums.rows as f64
        };
        let approving = || self.candidates().filter(|c| c.0 > 0);
        let found = approving().rev().find(|c| bad_rate(c.0) <= rate);
        found
            .map(|(_, threshold)| threshold)
            .ok_or_else(|| NoCut::BadRate { lowest: approving().map(|c| bad_rate(c.0)).min_by(f64::total_cmp) })
    }

    /// The threshold that approves a `share` (0..=1) of the rows at least, and as few as possible beyond.
    ///
    /// # Errors
    /// [`NoCut::Share`], [`NoCut::Certain`].
    pub fn target_approval(&self, share: f64) -> Result<f64, NoCut> {
        check_share(share)?;
        self.first(|approved| approved as f64 / self.n_rows() as f64 >= share)
    }

    /// The threshold that calls `rows` rows bad at most, and as many as possible: as many as can be reviewed. It calls none
    /// bad when more rows than that share the highest PD.
    ///
    /// # Errors
    /// [`NoCut::Certain`].
    pub fn capacity(&self, rows: usize) -> Result<f64, NoCut> {
        self.first(|approved| self.n_rows() - approved <= rows)
    }

    /// As [`Self::capacity`], with the most rows called bad as a `share` (0..=1) of all.
    ///
    /// # Errors
    /// [`NoCut::Share`], [`NoCut::Certain`].
    pub fn capacity_share(&self, share: f64) -> Result<f64, NoCut> {
        check_share(share)?;
        self.first(|approved| (self.n_rows() - approved) as f64 / self.n_rows() as f64 <= share)
    }

    /// The threshold between two PDs of the rows that approves a share nearest to `share`, the lower one of two as near.
    /// `None` when all PDs are the same.
    pub(in crate::evaluation) fn parting(&self, share: f64) -> Option<f64> {
        let wanted = share * self.n_rows() as f64;
        let distance = |approved: &usize| (self.below[*approved].rows as f64 - wanted).abs();
        let above = 1 + self.below[1..self.pds.len()].partition_point(|sums| (sums.rows as f64) < wanted);
        let nearby = (above - 1).max(1)..=above.min(self.pds.len() - 1);
        nearby.min_by(|x, y| distance(x).total_cmp(&distance(y))).and_then(|approved| self.threshold(approved))
    }

    /// The lowest threshold that approves `enough` rows, a condition that stays true for more.
    fn first(&self, enough: impl Fn(usize) -> bool) -> Result<f64, NoCut> {
        let place = self.below.partition_point(|sums| !enough(sums.rows));
        let found = (place..=self.pds.len()).find_map(|approved| self.threshold(approved));
        found.ok_or_else(|| NoCut::Certain { certain: self.n_rows() - self.most_approved() })
    }

    /// Rows that the highest threshold approves.
    fn most_approved(&self) -> usize {
        self.candidates().next_back().map_or(0, |(approved, _)| self.below[approved].rows)
    }

    /// Numbers of different PDs approved and the thresholds that do so, ascending.
    fn candidates(&self) -> impl DoubleEndedIterator<Item = (usize, f64)> {
        (0..=self.pds.len()).filter_map(|approved| Some((approved, self.threshold(approved)?)))
    }

    /// The threshold in (0, 1) that approves exactly the rows of the `approved` lowest PDs, halfway to the next PD. `None`
    /// where no number does: a PD of 0 is always approved, one of 1 never.
    fn threshold(&self, approved: usize) -> Option<f64> {
        let low = approved.checked_sub(1).map_or(0.0, |last| self.pds[last]);
        let high = self.pds.get(approved).copied().unwrap_or(1.0);
        let half = f64::midpoint(low, high);
        // Between two numbers that touch there is only the upper one, which calls its own rows bad.
        let threshold = if half > low { half } else { high };
        (threshold > 0.0 && threshold < 1.0).then_some(threshold)
    }
}

fn check_share(share: f64) -> Result<(), NoCut> {
    if (0.0..=1.0).contains(&share) { Ok(()) } else { Err(NoCut::Share(share)) }
}
