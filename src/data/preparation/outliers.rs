//! Values far out: drawn in to two quantiles of the training values, or brought near by a logarithm. Both keep order.

use serde::{Deserialize, Serialize};

use super::quantile::quantile;
use super::settings::{OutlierMethod, OutlierSettings};

/// The fitted step of one indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Outliers {
    Kept,
    /// Values outside `low..=high` become its ends.
    DrawnIn {
        low: f64,
        high: f64,
    },
    SignedLog,
}

impl Outliers {
    /// Fits on the training values that are there, ascending, at least one.
    pub(super) fn fit(ascending: &[f64], settings: &OutlierSettings) -> Self {
        match settings.method {
            OutlierMethod::None => Self::Kept,
            OutlierMethod::Winsorise => {
                let (low, high) = (quantile(ascending, settings.low), quantile(ascending, settings.high));
                // Where nearly all values are equal the quantiles meet, and drawing in would leave nothing to learn from.
                if low < high { Self::DrawnIn { low, high } } else { Self::Kept }
            }
            OutlierMethod::SignedLog => Self::SignedLog,
        }
    }

    /// What one value becomes.
    pub(super) fn value(&self, x: f64) -> f64 {
        match *self {
            Self::Kept => x,
            Self::DrawnIn { low, high } => x.clamp(low, high),
            Self::SignedLog => x.abs().ln_1p().copysign(x),
        }
    }

    /// The value that becomes `x`; of several the one nearest to it.
    pub(super) fn original(&self, x: f64) -> f64 {
        match *self {
            Self::Kept => x,
            Self::DrawnIn { low, high } => x.clamp(low, high),
            Self::SignedLog => x.abs().exp_m1().min(f64::MAX).copysign(x),
        }
    }
}
