//! Standardisation (MATH §1; the paper's equation 1): `(x − mean) / std`, population standard deviation, in f64.
//!
//! Before it, over the values of the training rows: missing cells take their median, and values beyond the quantiles
//! q and 1 − q (interpolated linearly between order statistics) are drawn in to them.

use serde::{Deserialize, Serialize};

/// Largest |input|. Only reached without winsorising, by a cell as far outside the training values; without a limit the
/// square of such an input would overflow f32.
const LIMIT: f64 = 1e6;

/// The fitted scale of one indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Standardise {
    /// What a missing cell is taken for: the median of the training values.
    median: f64,
    /// Lowest value let through, if any are drawn in.
    low: Option<f64>,
    /// Highest value let through, if any are drawn in.
    high: Option<f64>,
    /// Largest absolute training value.
    unit: f64,
    /// Mean over the training rows of the distance to the median, in units.
    mean: f64,
    /// Population standard deviation of the same; above 0.
    std: f64,
}

impl Standardise {
    /// Fits on the training values that are there, in any order, the number of those that are not, and the share
    /// `winsorise` to draw in at each end. `None` when the input would be constant.
    pub(super) fn fit(mut present: Vec<f64>, n_missing: usize, winsorise: f64) -> Option<Self> {
        present.sort_unstable_by(f64::total_cmp);
        let (&min, &max) = (present.first()?, present.last()?);
        if min == max {
            return None;
        }
        let median = quantile(&present, 0.5);
        let (q_low, q_high) = (quantile(&present, winsorise), quantile(&present, 1.0 - winsorise));
        // Where nearly all values are equal the quantiles meet, and drawing in would leave nothing to learn from.
        let drawn_in = winsorise > 0.0 && q_low < q_high;
        let (low, high) = if drawn_in { (Some(q_low), Some(q_high)) } else { (None, None) };

        let mut fitted = Self { median, low, high, unit: 1.0, mean: 0.0, std: 1.0 };
        present.resize(present.len() + n_missing, median);
        for x in &mut present {
            *x = fitted.drawn_in(*x);
        }
        let n = present.len() as f64;
        fitted.unit = present.iter().fold(0.0, |unit: f64, x| unit.max(x.abs()));
        for x in &mut present {
            *x = fitted.distance(*x);
        }
        fitted.mean = present.iter().sum::<f64>() / n;
        let squares: f64 = present.iter().map(|d| (d - fitted.mean).powi(2)).sum();
        fitted.std = (squares / n).sqrt();
        (fitted.std > 0.0).then_some(fitted)
    }

    fn drawn_in(&self, x: f64) -> f64 {
        x.max(self.low.unwrap_or(x)).min(self.high.unwrap_or(x))
    }

    /// From the median to x in units: squares of it cannot overflow, and where the spread is small beside the values
    /// themselves nothing is lost to rounding.
    fn distance(&self, x: f64) -> f64 {
        x / self.unit - self.median / self.unit
    }

    /// The input of one cell.
    pub(super) fn input(&self, x: Option<f64>) -> f32 {
        let x = self.drawn_in(x.unwrap_or(self.median));
        ((self.distance(x) - self.mean) / self.std).clamp(-LIMIT, LIMIT) as f32
    }
}

/// The q-quantile of ascending values, at least one: linear between order statistics (type 7 of Hyndman and Fan 1996).
fn quantile(ascending: &[f64], q: f64) -> f64 {
    let place = q.clamp(0.0, 1.0) * (ascending.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(ascending.len() - 1);
    let (low, high, share) = (ascending[below], ascending[above], place - below as f64);
    // The sum of two shares of the same number may miss it by a bit, and 1 % and 99 % of it by different bits.
    if low == high { low } else { low * (1.0 - share) + high * share }
}
