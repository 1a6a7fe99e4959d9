//! The Hosmer–Lemeshow test (Hosmer, Lemeshow, *Applied Logistic Regression*, 2000, 5.2): do the bad rows of each bin
//! add up to what its PDs foretell?
//!
//! To be read with care: p changes with the number of bins, and with many rows the smallest deviation, of no consequence to
//! anyone, is significant. Beside the number stands the picture of the bins.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF as _};

use super::bins::{equal_bins, mean};

/// The outcome of the test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HosmerLemeshow {
    /// Σ (Oₖ − Eₖ)² / (Eₖ(1 − Eₖ/nₖ)) with Oₖ bad rows and Eₖ = Σ pd in bin k of nₖ rows: 0 or more.
    pub statistic: f64,
    /// Degrees of freedom: the number of bins g, for the rows were held out. On rows that a logistic regression was fitted to
    /// they would be g − 2.
    pub degrees_of_freedom: usize,
    /// Probability of a statistic as large if every PD is right, 0 to 1.
    pub p_value: f64,
    /// Smallest number of bad or of good rows that a bin's PDs foretell: below about 5 the p-value is rough.
    pub least_expected: f64,
}

/// The test of `bad` against `pd` (0..=1), shape `(n_rows,)`, held-out rows in up to `n_bins` bins of equally many rows (10
/// is usual; rows of the same PD stay together).
///
/// `None` without rows, with a `pd` that is none, unequal lengths, or a bin whose PDs are all 0 or all 1, which leaves no room
/// for chance.
pub fn hosmer_lemeshow(bad: &[bool], pd: &[f64], n_bins: usize) -> Option<HosmerLemeshow> {
    let bins = equal_bins(bad, pd, n_bins)?;
    let (mut statistic, mut least_expected) = (0.0, f64::INFINITY);
    for rows in &bins {
        let n = rows.len() as f64;
        let share = mean(rows, |row| row.0);
        let observed = rows.iter().filter(|row| row.1).count() as f64;
        statistic += (observed - n * share).powi(2) / (n * share * (1.0 - share));
        least_expected = least_expected.min(n * share).min(n * (1.0 - share));
    }
    if !statistic.is_finite() {
        return None;
    }
    let p_value = ChiSquared::new(bins.len() as f64).ok()?.sf(statistic);
    Some(HosmerLemeshow { statistic, degrees_of_freedom: bins.len(), p_value, least_expected })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn two_bins_by_hand() {
        // Ten rows at 0.2 with 4 bad, ten at 0.5 with 5 bad: (4 − 2)²/1.6 + 0 = 2.5, and P(χ²₂ > 2.5) = e^(−1.25).
        let pd: Vec<f64> = [0.2; 10].into_iter().chain([0.5; 10]).collect();
        let bad: Vec<bool> = (0..20).map(|i| !(4..15).contains(&i)).collect();
        let found = hosmer_lemeshow(&bad, &pd, 10).unwrap();
        assert!((found.statistic - 2.5).abs() < 1e-12 && (found.p_value - (-1.25_f64).exp()).abs() < 1e-12);
        assert!(found.degrees_of_freedom == 2 && (found.least_expected - 2.0).abs() < 1e-12);
    }

    #[test]
    fn right_pds_are_rejected_as_seldom_as_promised() {
        let mut random = stream(67, Purpose::Sample, 0);
        let mut rejected = 0;
        for _ in 0..1000 {
            let pd: Vec<f64> = (0..400).map(|_| random.random_range(0.1..0.9)).collect();
            let bad: Vec<bool> = pd.iter().map(|&p| random.random_bool(p)).collect();
            rejected += usize::from(hosmer_lemeshow(&bad, &pd, 10).unwrap().p_value < 0.05);
        }
        // 50 of 1000, with a standard deviation of 7.
        assert!((22..=78).contains(&rejected), "{rejected}");
    }

    #[test]
    fn without_chance_there_is_no_test() {
        assert_eq!(hosmer_lemeshow(&[true, false], &[1.0, 0.3], 2), None);
        assert_eq!(hosmer_lemeshow(&[false], &[0.0], 10), None);
        assert_eq!(hosmer_lemeshow(&[], &[], 10), None);
        assert!(hosmer_lemeshow(&[false, true], &[0.3, 0.4], 0).unwrap().p_value > 0.5);
    }
}
