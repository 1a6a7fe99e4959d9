//! A master scale: PDs put into a few grades, from A, the best, on. What the rows say of each grade's PD,
//! [`backtest`] tests.
//!
//! A grade holds the PDs from its lower bound on and below its upper one, so that a threshold on a bound parts whole grades.

mod backtest;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Cuts;
use super::cuts::Sums;
pub use backtest::{BackTest, Light, SIGNIFICANCE};

/// How many grades a scale is made with. Pooling may leave fewer.
pub const GRADES: RangeInclusive<usize> = 5..=10;

/// Ends of PD bands by default: the bounds of the best and of the worst grade. Eight grades then double the PD from one to the
/// next.
pub const BANDS: [f64; 2] = [0.0025, 0.16];

/// Bounds that put a PD into a grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MasterScale {
    /// Between each two neighbouring grades, ascending, in (0, 1).
    bounds: Vec<f64>,
}

/// One grade of a scale and what rows say of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grade {
    /// A for the best grade, then B and so on.
    pub name: char,
    /// Lowest PD that belongs to it.
    pub from: f64,
    /// PDs belong to it below this one; the worst grade holds 1 too.
    pub to: f64,
    /// Rows in it, N.
    pub rows: usize,
    /// Bad rows among them, D.
    pub bad: usize,
    /// Mean PD of its rows; `None` without rows.
    pub mean_pd: Option<f64>,
    /// D / N; `None` without rows.
    pub bad_rate: Option<f64>,
    /// The mean PD against D of N.
    pub backtest: BackTest,
}

/// Why bounds make no scale.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ScaleError {
    /// Too few grades or too many.
    #[error("A scale has {least} to {most} grades, not {0}.", least = GRADES.start(), most = GRADES.end())]
    Grades(usize),
    /// Ends of bands that are not 0 < lowest < highest < 1.
    #[error("PD bands cannot run from {lowest} to {highest}: give two PDs between 0 and 1, the lower one first.")]
    Ends {
        /// Upper bound of the best grade.
        lowest: f64,
        /// Lower bound of the worst grade.
        highest: f64,
    },
    /// A bound drawn that is not above the one before, or not in (0, 1).
    #[error("A grade cannot begin at a PD of {0}: bounds rise from grade to grade, between 0 and 1.")]
    Bound(f64),
}

impl MasterScale {
    /// Whether the bounds rise between 0 and 1 and there are as many as a scale may have: asked of a scale from a file.
    pub(crate) fn check(&self) -> Result<(), String> {
        let rising = self.bounds.windows(2).all(|pair| pair[0] < pair[1]);
        let within = self.bounds.iter().all(|bound| *bound > 0.0 && *bound < 1.0);
        if rising && within && self.bounds.len() < *GRADES.end() {
            Ok(())
        } else {
            Err("the bounds of the grades do not rise between 0 and 1".to_owned())
        }
    }

    /// As many rows in each of `n_grades` as can be without parting rows of the same PD: with many alike there are fewer
    /// grades. Bounds lie halfway between neighbouring PDs.
    pub fn equal_frequency(rows: &Cuts, n_grades: usize) -> Result<Self, ScaleError> {
        check_grades(n_grades)?;
        let parting = |grade: usize| rows.parting(grade as f64 / n_grades as f64);
        let mut bounds: Vec<f64> = (1..n_grades).filter_map(parting).collect();
        bounds.dedup();
        Ok(Self { bounds })
    }

    /// Bounds from `lowest` to `highest` ([`BANDS`] by default), each the same multiple of the one before.
    pub fn bands(lowest: f64, highest: f64, n_grades: usize) -> Result<Self, ScaleError> {
        check_grades(n_grades)?;
        if !(lowest > 0.0 && lowest < highest && highest < 1.0) {
            return Err(ScaleError::Ends { lowest, highest });
        }
        let last = (n_grades - 2) as f64;
        let bound = |i: usize| lowest.powf(1.0 - i as f64 / last) * highest.powf(i as f64 / last);
        Self::drawn((0..n_grades - 1).map(bound).collect())
    }

    /// These `bounds` between grades, ascending, in (0, 1): one fewer than grades.
    pub fn drawn(bounds: Vec<f64>) -> Result<Self, ScaleError> {
        check_grades(bounds.len() + 1)?;
        let mut before = 0.0;
        for &bound in &bounds {
            if !(bound > before && bound < 1.0) {
                return Err(ScaleError::Bound(bound));
            }
            before = bound;
        }
        Ok(Self { bounds })
    }

    /// The scale with neighbouring grades pooled until the observed bad rates of `rows` rise strictly from best to worst
    /// (pool adjacent violators); a grade without rows joins a neighbour too.
    ///
    /// They rise on the rows that the scale is chosen on, not necessarily on others: choose on rows of the training part.
    /// On rows that the PDs rank by chance a single grade may be left.
    pub fn made_monotone(&self, rows: &Cuts) -> Self {
        // Rows and bad rows of each pool, and where it begins.
        let mut pools: Vec<(usize, usize, f64)> = Vec::new();
        for (from, to) in self.ranges() {
            let sums = rows.between(from, to);
            let mut pool = (sums.rows, sums.bad, from);
            // The rate before is not below this one's; in whole numbers, and true when either has no rows.
            while let Some(before) = pools.pop_if(|p| p.1 as u128 * pool.0 as u128 >= pool.1 as u128 * p.0 as u128) {
                pool = (before.0 + pool.0, before.1 + pool.1, before.2);
            }
            pools.push(pool);
        }
        Self { bounds: pools[1..].iter().map(|pool| pool.2).collect() }
    }

    /// Bounds between neighbouring grades, ascending, in (0, 1); none for a single grade.
    pub fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    /// Number of grades, at least 1.
    pub fn n_grades(&self) -> usize {
        self.bounds.len() + 1
    }

    /// The grade of a PD, 0 for the best; `None` for NaN.
    pub fn grade(&self, pd: f64) -> Option<usize> {
        (!pd.is_nan()).then(|| self.bounds.partition_point(|&bound| bound <= pd))
    }

    /// Name of grade `index`: A, B, …
    pub fn name(index: usize) -> char {
        char::from(b'A' + index.min(25) as u8)
    }

    /// Every grade, the best first, with what `rows` say of it: those the scale was chosen on, or better, others.
    pub fn grades(&self, rows: &Cuts) -> Vec<Grade> {
        let grade = |(index, (from, to)): (usize, (f64, f64))| {
            let Sums { rows, bad, pd, .. } = rows.between(from, to);
            let per_row = |sum: f64| (rows > 0).then(|| sum / rows as f64);
            // A mean cannot leave its grade, a difference of rounded sums could by a bit.
            let mean_pd = per_row(pd).map(|mean| mean.clamp(from, to));
            let backtest = BackTest::new(rows, bad, mean_pd);
            Grade { name: Self::name(index), from, to, rows, bad, mean_pd, bad_rate: per_row(bad as f64), backtest }
        };
        self.ranges().enumerate().map(grade).collect()
    }

    /// From and to of every grade.
    fn ranges(&self) -> impl Iterator<Item = (f64, f64)> {
        let from = std::iter::once(0.0).chain(self.bounds.iter().copied());
        from.zip(self.bounds.iter().copied().chain(std::iter::once(1.0)))
    }
}

fn check_grades(n_grades: usize) -> Result<(), ScaleError> {
    if GRADES.contains(&n_grades) { Ok(()) } else { Err(ScaleError::Grades(n_grades)) }
}

#[cfg(test)]
mod tests;
