//! Missing numbers from the nearest training rows (k nearest neighbours: Troyanskaya et al. 2001).
//!
//! Donors are training rows, at most [`DONORS`] of them, chosen evenly. The distance of a row to a donor is the mean
//! squared difference over the indicators that both have (the squared nan-Euclidean distance of scikit-learn over the
//! number of indicators: the same order), each as the standardised normal score of its rank among the donors: in
//! natural units a few cells far out would decide what is near. A missing cell takes the mean, in natural units, of the
//! k nearest donors that have the indicator, of equally near ones the earlier; the median where no donor can be
//! compared.

use serde::{Deserialize, Serialize};

use super::cells::Source;
use super::normal_scores::NormalScores;
use super::quantile::quantile;
use super::scale::Filled;
use crate::data::dataset::Dataset;

/// Most donors: what one row costs is in proportion, and the fitted preparation keeps them.
const DONORS: usize = 2000;

/// One indicator that can be compared and filled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Comparable {
    source: Source,
    /// Of all training values.
    median: f64,
    /// The donors' numbers, `n_donors`.
    donors: Vec<Option<f64>>,
}

/// The fitted donors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Neighbours {
    k: usize,
    n_donors: usize,
    columns: Vec<Comparable>,
}

/// The donors' standardised scores of one indicator.
struct Standardised {
    scores: NormalScores,
    /// 0 where missing, `n_donors`.
    z: Vec<f32>,
    /// 1 where there is a number, else 0; `None` when there is one everywhere.
    there: Option<Vec<f32>>,
}

impl Neighbours {
    /// Fits on the training `rows` of `data`. Indicators without any number there are left out.
    pub(super) fn fit(data: &Dataset, rows: &[usize], sources: Vec<Source>, k: usize) -> Self {
        let n_donors = rows.len().min(DONORS);
        let columns = sources.into_iter().filter_map(|source| {
            let cells = source.cells(data);
            let mut present: Vec<f64> = rows.iter().filter_map(|&row| cells.number(row)).collect();
            present.sort_unstable_by(f64::total_cmp);
            let median = (!present.is_empty()).then(|| quantile(&present, 0.5))?;
            let donors = (0..n_donors).map(|donor| cells.number(rows[donor * rows.len() / n_donors])).collect();
            Some(Comparable { source, median, donors })
        });
        Self { k, n_donors, columns: columns.collect() }
    }

    /// What the missing cells of each indicator take in `rows` of `data`, in the order of `rows`; in the order of
    /// [`Self::position`].
    pub(super) fn fill(&self, data: &Dataset, rows: &[usize]) -> Vec<Vec<f64>> {
        let cells: Vec<_> = self.columns.iter().map(|column| column.source.cells(data)).collect();
        let donors: Vec<_> = self.columns.iter().map(Comparable::standardised).collect();
        let mut filled = vec![Vec::new(); self.columns.len()];
        let mut distance = vec![0.0; self.n_donors];
        let mut shared = vec![0.0; self.n_donors];
        for &row in rows {
            let numbers: Vec<Option<f64>> = cells.iter().map(|cells| cells.number(row)).collect();
            if numbers.iter().all(Option::is_some) {
                continue;
            }
            distance.fill(0.0);
            shared.fill(0.0);
            for (donors, x) in donors.iter().zip(&numbers) {
                if let (Some(donors), Some(_)) = (donors, x) {
                    donors.add(donors.scores.input(*x), &mut distance, &mut shared);
                }
            }
            for (distance, shared) in distance.iter_mut().zip(&shared) {
                *distance /= shared; // Not a number where nothing is shared.
            }
            for ((column, x), filled) in self.columns.iter().zip(&numbers).zip(&mut filled) {
                if x.is_none() {
                    filled.push(column.mean_of_nearest(&distance, self.k));
                }
            }
        }
        filled
    }

    /// Whether there is a number, or a gap, for every donor in every column.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |column: &Comparable| {
            column.donors.len() == self.n_donors && column.donors.iter().flatten().all(|x| x.is_finite())
        };
        self.n_donors <= DONORS && self.columns.iter().all(sound)
    }

    /// Where `indicator` stands in the answer of [`Self::fill`].
    pub(super) fn position(&self, indicator: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.source.indicator == indicator)
    }
}

impl Comparable {
    /// `None` when all donors are alike: nothing is nearer then.
    fn standardised(&self) -> Option<Standardised> {
        let mut present: Vec<f64> = self.donors.iter().flatten().copied().collect();
        present.sort_unstable_by(f64::total_cmp);
        let scores = NormalScores::fit(&present, &Filled::Middle(0))?;
        let z = self.donors.iter().map(|x| if x.is_some() { scores.input(*x) } else { 0.0 }).collect();
        let there = || self.donors.iter().map(|x| f32::from(u8::from(x.is_some()))).collect();
        let there = self.donors.contains(&None).then(there);
        Some(Standardised { scores, z, there })
    }

    /// The mean of the k nearest donors that have this indicator.
    fn mean_of_nearest(&self, distance: &[f32], k: usize) -> f64 {
        let near = |(donor, &d): (usize, &f32)| (!d.is_nan()).then_some((d, donor));
        let with = distance.iter().enumerate().filter(|(donor, _)| self.donors[*donor].is_some());
        let mut candidates: Vec<(f32, usize)> = with.filter_map(near).collect();
        if candidates.is_empty() {
            return self.median;
        }
        if candidates.len() > k {
            candidates.select_nth_unstable_by(k, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            candidates.truncate(k);
            // In the order of the donors, so that rounding does not depend on how they were picked out.
            candidates.sort_unstable_by_key(|candidate| candidate.1);
        }
        let n = candidates.len() as f64;
        // Shares, since a sum of large numbers might overflow.
        candidates.iter().filter_map(|&(_, donor)| self.donors[donor]).map(|x| x / n).sum()
    }
}

impl Standardised {
    /// Adds the squared difference from z to every donor that has a number, and counts those donors.
    fn add(&self, z: f32, distance: &mut [f32], shared: &mut [f32]) {
        let squares = distance.iter_mut().zip(&self.z);
        if let Some(there) = &self.there {
            for (((distance, donor), shared), there) in squares.zip(shared).zip(there) {
                *distance += there * (z - donor) * (z - donor);
                *shared += there;
            }
        } else {
            for ((distance, donor), shared) in squares.zip(shared) {
                *distance += (z - donor) * (z - donor);
                *shared += 1.0;
            }
        }
    }
}
