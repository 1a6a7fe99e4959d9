//! Do two samples look alike? The population stability index of a score (PSI) or of one indicator (CSI).
//!
//! With pₖ and qₖ the shares of bin k in the reference and in the other sample, PSI = Σ (pₖ − qₖ)·ln(pₖ/qₖ). The bands below
//! 0.1, to 0.25 and above are custom. Samples of the same population have a PSI above 0 too: with B bins and N and M rows it
//! lies above χ²₀.₉₅(B − 1)·(1/N + 1/M) in one case of twenty (Yurdakul, *Statistical properties of population stability
//! index*, 2018).

mod bins;

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF as _};

use crate::data::Values;
pub use bins::{LevelBins, NumberBins};

/// Bins of numbers: deciles of the reference.
const DECILES: usize = 10;
/// Rows of an empty bin, so that its share has a logarithm.
const ROWS_OF_EMPTY: f64 = 0.5;
/// Bounds between the bands.
const BANDS: [f64; 2] = [0.1, 0.25];
/// Fewest rows per bin, on average in each sample, for the chi-square approximation.
const FEWEST_PER_BIN: usize = 5;

/// How one score or indicator differs between two samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// PSI or CSI, 0 or more.
    pub psi: f64,
    /// What it stays below in 95 of 100 pairs of samples of one population; `None` with a single bin, which cannot differ.
    pub critical: Option<f64>,
    /// The band, or that there are too few rows for one.
    pub stability: Stability,
    /// The bins: numbers ascending, levels by first appearance in the reference, missing cells last.
    pub bins: Vec<DriftBin>,
}

/// The rows of one bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftBin {
    /// Which cells.
    pub holds: Holds,
    /// Rows of the reference.
    pub reference: usize,
    /// Rows of the other sample.
    pub other: usize,
    /// Its part of the PSI, 0 or more.
    pub psi: f64,
}

/// Which cells a bin holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Numbers above `above` and up to `up_to`; `None` where there is no bound.
    Numbers {
        /// The largest number of the bin before.
        above: Option<f64>,
        /// The largest number of the bin.
        up_to: Option<f64>,
    },
    /// Cells of this text.
    Level(String),
    /// Missing cells.
    Missing,
}

/// A PSI in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stability {
    /// Below 0.1.
    Stable,
    /// From 0.1 to 0.25.
    SomeShift,
    /// Above 0.25.
    LargeShift,
    /// One of the samples has fewer than 5 rows per bin; or the PSI is not above its critical value, which itself lies above
    /// 0.25, so that chance alone reaches the highest band.
    TooFew,
}

impl Stability {
    /// The band on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::SomeShift => "some shift",
            Self::LargeShift => "large shift",
            Self::TooFew => "too few",
        }
    }
}

impl Drift {
    /// Whether the PSI is above its critical value: more than chance leaves between samples of one population.
    pub fn beyond_chance(&self) -> bool {
        self.critical.is_some_and(|critical| self.psi > critical)
    }
}

/// PSI of numbers, such as scores or PDs, in the deciles of `reference`; `None` when either sample is empty.
///
/// Numbers that are alike stay together, so that there may be fewer bins than ten. NaN cells, where there are any, have a
/// bin of their own.
pub fn number_drift(reference: &[f64], other: &[f64]) -> Option<Drift> {
    let bins = NumberBins::of(reference);
    bins.drift(&bins.count(other))
}

/// CSI of texts, one bin per level of either sample; `None` cells, where there are any, have a bin of their own. `None` when
/// either sample is empty.
pub fn level_drift<'a>(
    reference: impl IntoIterator<Item = Option<&'a str>>,
    other: impl IntoIterator<Item = Option<&'a str>>,
) -> Option<Drift> {
    let mut levels = LevelBins::of(reference.into_iter().map(|cell| (cell, 1)));
    other.into_iter().for_each(|cell| levels.count(cell, 1));
    levels.drift()
}

/// CSI of an indicator between rows of one table and rows of another, or of the same; rows that a table does not have are
/// passed over.
///
/// `None` when the one column holds numbers and the other texts, or when either sample is empty.
pub fn indicator_drift(reference: (&Values, &[usize]), other: (&Values, &[usize])) -> Option<Drift> {
    match (reference.0, other.0) {
        (Values::Numeric(cells), Values::Numeric(others)) => {
            let pick = |cells: &[f64], rows: &[usize]| rows.iter().filter_map(|&row| cells.get(row).copied()).collect();
            let (reference, other): (Vec<f64>, Vec<f64>) = (pick(cells, reference.1), pick(others, other.1));
            number_drift(&reference, &other)
        }
        (Values::Category { .. }, Values::Category { .. }) => level_drift(texts(reference), texts(other)),
        _ => None,
    }
}

/// Texts of a categorical column's rows.
fn texts<'a>((values, rows): (&'a Values, &'a [usize])) -> impl Iterator<Item = Option<&'a str>> {
    let (codes, levels): (&[_], &[_]) = match values {
        Values::Category { codes, levels } => (codes, levels),
        Values::Numeric(_) => (&[], &[]),
    };
    rows.iter()
        .filter_map(|&row| codes.get(row))
        .map(|code| code.and_then(|c| levels.get(c as usize)).map(String::as_str))
}

/// Upper bounds of the bins but the last: every tenth number of the reference in ascending order, so that every bin holds
/// some of them.
pub(crate) fn deciles(reference: &[f64]) -> Vec<f64> {
    let mut numbers: Vec<f64> = reference.iter().copied().filter(|v| !v.is_nan()).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let Some(&largest) = numbers.last() else { return Vec::new() };
    let bound = |k: usize| numbers[(k * numbers.len()).div_ceil(DECILES).saturating_sub(1)];
    let mut bounds: Vec<f64> = (1..DECILES).map(bound).filter(|bound| *bound < largest).collect();
    bounds.dedup();
    bounds
}

/// PSI of bins with their rows of the reference and of the other sample; bins empty in both are left out.
fn drift(mut bins: Vec<(Holds, [usize; 2])>) -> Option<Drift> {
    bins.retain(|(_, rows)| *rows != [0, 0]);
    let [n, m] = [0, 1].map(|sample| bins.iter().map(|(_, rows)| rows[sample]).sum::<usize>());
    if n == 0 || m == 0 {
        return None;
    }
    let share = |rows: usize, of: usize| if rows == 0 { ROWS_OF_EMPTY } else { rows as f64 } / of as f64;
    let bin = |(holds, [reference, other]): (Holds, [usize; 2])| {
        let (p, q) = (share(reference, n), share(other, m));
        DriftBin { holds, reference, other, psi: (p - q) * (p / q).ln() }
    };
    let bins: Vec<DriftBin> = bins.into_iter().map(bin).collect();
    let psi = bins.iter().map(|bin| bin.psi).sum();
    let chi_square = ChiSquared::new(bins.len() as f64 - 1.0).ok();
    let critical = chi_square.map(|chi_square| chi_square.inverse_cdf(0.95) * (1.0 / n as f64 + 1.0 / m as f64));
    let few = n.min(m) < FEWEST_PER_BIN * bins.len();
    let is_noise = critical.is_some_and(|critical| psi <= critical && critical > BANDS[1]);
    let stability = if few || is_noise {
        Stability::TooFew
    } else if psi < BANDS[0] {
        Stability::Stable
    } else if psi <= BANDS[1] {
        Stability::SomeShift
    } else {
        Stability::LargeShift
    };
    Some(Drift { psi, critical, stability, bins })
}

#[cfg(test)]
mod tests;
