//! The Brier score taken apart: how far PDs are from the rates in their bins, and how far those rates are apart.
//!
//! With bin k of `n_k` rows, mean PD f̄ₖ and bad rate ōₖ, and the bad rate ō of all N rows, the mean of (pd − outcome)² is
//!
//!   Σ nₖ(f̄ₖ − ōₖ)²/N − Σ nₖ(ōₖ − ō)²/N + ō(1 − ō) + w,
//!
//! reliability, resolution, uncertainty (Murphy, *A new vector partition of the probability score*, J. Applied Meteorology
//! 12, 1973), and what the PDs within bins add, w = ΣΣ (pd − f̄ₖ)²/N − 2·ΣΣ (pd − f̄ₖ)(outcome − ōₖ)/N (Stephenson, Coelho,
//! Jolliffe, *Two extra components in the Brier score decomposition*, Weather and Forecasting 23, 2008).

use serde::Serialize;

use super::bins::{equal_bins, mean};

/// The parts of a Brier score: brier = reliability − resolution + uncertainty + `within_bins`, up to rounding.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BrierParts {
    /// The score itself, mean of (pd − outcome)², 0 to 1.
    pub brier: f64,
    /// Mean squared distance of the bins' mean PDs from their bad rates, 0 or more: 0 is perfect calibration.
    pub reliability: f64,
    /// Variance of the bad rate between bins, 0 to `uncertainty`: large is good.
    pub resolution: f64,
    /// Variance of the outcome, ō(1 − ō): what a PD of ō for everyone would score.
    pub uncertainty: f64,
    /// What the PDs within bins add: below 0 where they tell rows of a bin apart.
    pub within_bins: f64,
    /// Bins.
    pub n_bins: usize,
}

/// Takes the Brier score of `bad` and `pd` (0..=1), shape `(n_rows,)`, apart.
///
/// The bins hold equally many rows, up to `n_bins` of them (10 is usual); rows of the same PD stay together. `None` without rows, with a `pd` that is none, or unequal lengths.
pub fn brier_parts(bad: &[bool], pd: &[f64], n_bins: usize) -> Option<BrierParts> {
    let bins = equal_bins(bad, pd, n_bins)?;
    let n = pd.len() as f64;
    let outcome = |bad: bool| f64::from(u8::from(bad));
    let base = bad.iter().filter(|b| **b).count() as f64 / n;
    let mut parts = BrierParts {
        brier: 0.0,
        reliability: 0.0,
        resolution: 0.0,
        uncertainty: base * (1.0 - base),
        within_bins: 0.0,
        n_bins: bins.len(),
    };
    for rows in &bins {
        let share = rows.len() as f64 / n;
        let (forecast, rate) = (mean(rows, |r| r.0), mean(rows, |r| outcome(r.1)));
        parts.brier += share * mean(rows, |r| (r.0 - outcome(r.1)).powi(2));
        parts.reliability += share * (forecast - rate).powi(2);
        parts.resolution += share * (rate - base).powi(2);
        let within = |r: &(f64, bool)| (r.0 - forecast) * ((r.0 - forecast) - 2.0 * (outcome(r.1) - rate));
        parts.within_bins += share * mean(rows, within);
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn parts_by_hand() {
        // Bins {0.1 good, 0.3 bad} and {0.6 good, 0.8 bad}: mean PDs 0.2 and 0.7, rates ½ and ½.
        let p = brier_parts(&[false, true, false, true], &[0.1, 0.3, 0.6, 0.8], 2).unwrap();
        let expected = [(0.01 + 0.49 + 0.36 + 0.04) / 4.0, 0.09 / 2.0 + 0.04 / 2.0, 0.0, 0.25, 0.01 - 2.0 * 0.05];
        let found = [p.brier, p.reliability, p.resolution, p.uncertainty, p.within_bins];
        assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-15), "{p:?}");
        assert_eq!(p.n_bins, 2);
    }

    #[test]
    fn the_parts_add_up() {
        for index in 0..200 {
            let mut random = stream(66, Purpose::Sample, index);
            let n = random.random_range(1..200);
            let pd: Vec<f64> = (0..n).map(|_| f64::from(random.random_range(0..=50_u8)) / 50.0).collect();
            let bad: Vec<bool> = pd.iter().map(|p| random.random_bool(p * p)).collect();
            let p = brier_parts(&bad, &pd, random.random_range(0..15)).unwrap();
            let score = bad.iter().zip(&pd).map(|(b, p)| (p - f64::from(u8::from(*b))).powi(2)).sum::<f64>() / n as f64;
            assert!((p.brier - score).abs() < 1e-14);
            let sum = p.reliability - p.resolution + p.uncertainty + p.within_bins;
            assert!((sum - score).abs() < 1e-14, "{p:?}");
        }
        assert_eq!(brier_parts(&[], &[], 10), None);
        // One PD for everyone: a single bin, and nothing within it.
        let p = brier_parts(&[true, false, false, false], &[0.25; 4], 10).unwrap();
        assert_eq!((p.reliability, p.resolution, p.within_bins, p.n_bins), (0.0, 0.0, 0.0, 1));
    }
}
