//! Scales that move a number and divide it: standardising (MATH §1; the paper's equation 1), the robust scale and 0–1.

use serde::{Deserialize, Serialize};

use super::quantile::quantile;

/// Largest |input|. Only reached by a cell absurdly far outside the training values; without a limit the square of such
/// an input would overflow f32.
const LIMIT: f64 = 1e6;

/// A fitted scale of one indicator: `(x/unit − offset − centre) / spread`, kept within `low..=high`.
///
/// Dividing by the unit first, squares cannot overflow; taking the offset away before moments are formed, nothing is
/// lost to rounding where the spread is small beside the values themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Linear {
    /// Largest absolute training value; above 0.
    pub(super) unit: f64,
    /// A typical value, in units.
    pub(super) offset: f64,
    /// What becomes 0, in units from the offset.
    pub(super) centre: f64,
    /// What becomes 1, in units from the centre; above 0.
    pub(super) spread: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Linear {
    /// Mean 0 and population standard deviation 1 over `present`, the training values that are there, ascending, and
    /// `filled`, what the missing ones take. `None` when the input would be constant.
    pub(super) fn standardise(present: &[f64], filled: &[f64]) -> Option<Self> {
        let mut scale = Self::around(present, filled, 0.5)?;
        let (mean, std) = scale.moments(present, filled);
        (scale.centre, scale.spread) = (mean, std);
        (std > 0.0).then_some(scale)
    }

    /// Median 0 and interquartile range 1 over `present`; the standard deviation in its place where it is 0.
    pub(super) fn robust(present: &[f64], filled: &[f64]) -> Option<Self> {
        let mut scale = Self::around(present, filled, 0.5)?;
        let range = scale.distance(quantile(present, 0.75)) - scale.distance(quantile(present, 0.25));
        scale.spread = if range > 0.0 { range } else { scale.moments(present, filled).1 };
        (scale.spread > 0.0).then_some(scale)
    }

    /// Smallest value of `present` 0 and largest 1; what lies outside is 0 or 1 too.
    pub(super) fn zero_to_one(present: &[f64]) -> Option<Self> {
        let mut scale = Self::around(present, &[], 0.0)?;
        scale.spread = scale.distance(*present.last()?);
        (scale.low, scale.high) = (0.0, 1.0);
        (scale.spread > 0.0).then_some(scale)
    }

    /// A scale whose offset is the `q`-quantile of `present`; `None` when that is empty or all one value.
    fn around(present: &[f64], filled: &[f64], q: f64) -> Option<Self> {
        let (min, max) = (present.first()?, present.last()?);
        if min == max {
            return None;
        }
        let unit = present.iter().chain(filled).fold(0.0, |unit: f64, x| unit.max(x.abs()));
        let offset = quantile(present, q) / unit;
        Some(Self { unit, offset, centre: 0.0, spread: 1.0, low: -LIMIT, high: LIMIT })
    }

    /// Mean and population standard deviation of the distances.
    fn moments(&self, present: &[f64], filled: &[f64]) -> (f64, f64) {
        let n = (present.len() + filled.len()) as f64;
        let distances = || present.iter().chain(filled).map(|&x| self.distance(x));
        let mean = distances().sum::<f64>() / n;
        let squares: f64 = distances().map(|d| (d - mean).powi(2)).sum();
        (mean, (squares / n).sqrt())
    }

    /// From the offset to x, in units.
    fn distance(&self, x: f64) -> f64 {
        x / self.unit - self.offset
    }

    /// The input of one value.
    pub(super) fn input(&self, x: f64) -> f32 {
        ((self.distance(x) - self.centre) / self.spread).clamp(self.low, self.high) as f32
    }

    /// The value that has this input; beyond `low..=high` the value at its end.
    pub(super) fn original(&self, input: f32) -> f64 {
        let distance = f64::from(input).clamp(self.low, self.high) * self.spread + self.centre;
        ((distance + self.offset) * self.unit).clamp(f64::MIN, f64::MAX)
    }
}
