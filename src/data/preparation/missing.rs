//! One value for every missing cell of a column.

use serde::{Deserialize, Serialize};

use super::quantile::quantile;
use super::settings::{Fill, ScaleMethod};

/// What a missing number of one indicator is taken for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Gap {
    /// The middle rank.
    Middle,
    /// This value.
    Value(f64),
    /// What the nearest training rows have.
    Neighbours,
}

impl Gap {
    /// Fits on the training values that are there, ascending, at least one.
    pub(super) fn fit(ascending: &[f64], fill: Fill, scale: ScaleMethod) -> Self {
        match (fill, scale) {
            (Fill::Median | Fill::Rbm, ScaleMethod::NormalScores) => Self::Middle,
            (Fill::Median | Fill::Rbm, _) => Self::Value(quantile(ascending, 0.5)),
            (Fill::Mean, _) => Self::Value(mean(ascending)),
            (Fill::MostFrequent, _) => Self::Value(mode(ascending)),
            (Fill::Knn, _) => Self::Neighbours,
        }
    }
}

/// The mean of ascending values, at least one; never outside them, whatever their size.
fn mean(ascending: &[f64]) -> f64 {
    let (min, max) = (ascending[0], ascending[ascending.len() - 1]);
    let unit = min.abs().max(max.abs());
    if unit == 0.0 {
        return 0.0;
    }
    let sum: f64 = ascending.iter().map(|x| x / unit).sum();
    (sum / ascending.len() as f64 * unit).clamp(min, max)
}

/// The commonest of ascending values, at least one; the smallest of several.
fn mode(ascending: &[f64]) -> f64 {
    let groups = ascending.chunk_by(|a, b| a == b);
    let longest = groups.reduce(|best, group| if group.len() > best.len() { group } else { best });
    longest.map_or(ascending[0], |group| group[0])
}
