//! Do D bad rows of N contradict a PD? The Jeffreys test of the ECB (*Instructions for reporting the validation results of
//! internal models*, 2019, 2.5.3.1).
//!
//! Before anything is seen the true rate has Jeffreys' prior Beta(½, ½), with D of N seen it is Beta(D + ½, N − D + ½)
//! distributed. The p-value of "the PD is not too low" is the probability that the true rate lies at or below the PD.

use serde::Serialize;
use statrs::distribution::{Beta, ContinuousCDF as _};

/// A PD is called too low, or too high, when the rate lies on its other side with a probability above 95 %. Of PDs that are
/// right about one in ten is called so by chance, either way together.
pub const SIGNIFICANCE: f64 = 0.05;

/// What D of N say of a PD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BackTest {
    /// Jeffreys p-value of "the PD is not too low", 0 to 1: small speaks against it. `None` without rows.
    pub p_value: Option<f64>,
    /// The finding.
    pub light: Light,
}

/// A back-test in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// The rows do not contradict the PD, and they could have.
    Consistent,
    /// p < 5 % and more bad rows than the PD says: the risk is understated.
    PdTooLow,
    /// p > 95 % and fewer bad rows than the PD says: the risk is overstated.
    PdTooHigh,
    /// No finding, and none to be had: not a single bad row would be too few for the PD, or nothing but bad rows not too many.
    TooFew,
}

impl Light {
    /// The finding on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Consistent => "consistent",
            Self::PdTooLow => "PD too low",
            Self::PdTooHigh => "PD too high",
            Self::TooFew => "too few",
        }
    }
}

impl BackTest {
    /// Tests `mean_pd` (0..=1) against `bad` rows of `rows`; without rows, or with a PD that is none, there are too few.
    ///
    /// A finding stands however few the rows are, for the test knows their number; "consistent" is only said where the rows
    /// could have said otherwise both ways. That takes an expected number N·PD of about 2.
    pub fn new(rows: usize, bad: usize, mean_pd: Option<f64>) -> Self {
        let pd = mean_pd.filter(|pd| (0.0..=1.0).contains(pd));
        let Some((pd, p)) = pd.and_then(|pd| Some((pd, rate_below(rows, bad, pd)?))) else {
            return Self { p_value: None, light: Light::TooFew };
        };
        let expected = pd * rows as f64;
        let is_low = |bad: usize, p: f64| p < SIGNIFICANCE && bad as f64 > expected;
        let is_high = |bad: usize, p: f64| p > 1.0 - SIGNIFICANCE && (bad as f64) < expected;
        let could_be =
            |bad: usize, found: &dyn Fn(usize, f64) -> bool| rate_below(rows, bad, pd).is_some_and(|p| found(bad, p));
        let light = if is_low(bad, p) {
            Light::PdTooLow
        } else if is_high(bad, p) {
            Light::PdTooHigh
        } else if could_be(0, &is_high) && could_be(rows, &is_low) {
            Light::Consistent
        } else {
            Light::TooFew
        };
        Self { p_value: Some(p), light }
    }
}

/// Probability that the true rate is at most `pd`, with `bad` rows of `rows` seen. `None` without rows.
fn rate_below(rows: usize, bad: usize, pd: f64) -> Option<f64> {
    let good = rows.checked_sub(bad).filter(|_| rows > 0)?;
    let rate = Beta::new(bad as f64 + 0.5, good as f64 + 0.5).ok()?;
    Some(rate.cdf(pd).clamp(0.0, 1.0))
}
