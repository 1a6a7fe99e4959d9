//! The settings of the preparation chain: one struct for each step, in the order in which they are carried out. Each
//! keeps the parameters of every method, so that switching a method back finds its numbers again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a missing number is taken for. All but the last two are one value for the whole column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// The median of the training values; under [`ScaleMethod::NormalScores`] the middle rank, which is the median of
    /// ranks.
    Median,
    /// The mean of the training values.
    Mean,
    /// The commonest training value, the smallest of several; for a category the commonest level.
    MostFrequent,
    /// The mean over the nearest training rows that have the value. At most 2,000 training rows, chosen evenly, are
    /// looked at, and they are kept with the fitted preparation.
    Knn,
    /// What a restricted Boltzmann machine expects there, given the rest of the row (clamped Gibbs sampling). The
    /// preparation itself takes the median; `training` replaces it.
    Rbm,
}

/// What is done about values far out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierMethod {
    /// Nothing.
    None,
    /// Values beyond two quantiles of the training values are drawn in to them.
    Winsorise,
    /// sign(x)·ln(1 + |x|).
    SignedLog,
}

/// How numbers are brought to like size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaleMethod {
    /// (x − mean) / standard deviation (MATH §1; the paper's equation 1).
    Standardise,
    /// (x − median) / interquartile range; by the standard deviation where the middle half of the values are equal.
    Robust,
    /// (x − min) / (max − min), kept within 0 and 1.
    ZeroToOne,
    /// Normal quantiles of mid-ranks, standardised. Flags are then 0 or 2 and levels −1 or 1; under every other method
    /// both are 0 or 1.
    NormalScores,
    /// One input per quantile bin: 0 below it, 1 above it, the share of the way inside (piecewise linear encoding:
    /// Gorishniy, Rubachev and Babenko 2022, kept within 0 and 1 at the ends too).
    QuantileBins,
}

/// How categories become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryMethod {
    /// One input per level.
    OneHot,
    /// A category whose training levels all contain numbers, no two alike ("2–5 years", "> 5 years"), becomes one number,
    /// the place of the level among them; any other category is one-hot.
    Ordered,
}

/// Indicators that are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DropSettings {
    /// Names of indicators. Default none.
    pub columns: Vec<String>,
    /// Leave out an indicator when more than this share of its training cells is missing, 0..1. Default off.
    pub missing_above: Option<f64>,
}

/// What is done about missing cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MissingSettings {
    /// What a missing number is taken for. Default the median.
    pub fill: Fill,
    /// Whether an indicator with missing cells gets an input that says where. Default true.
    pub flags: bool,
    /// Neighbours k of [`Fill::Knn`], 1..=100. Default 5.
    pub neighbours: usize,
    /// Sweeps of [`Fill::Rbm`] before any is counted, 0..=1000. Default 10.
    pub gibbs_burn_in: usize,
    /// Sweeps of [`Fill::Rbm`] averaged, 1..=1000. Default 20.
    pub gibbs_samples: usize,
}

impl Default for MissingSettings {
    fn default() -> Self {
        Self { fill: Fill::Median, flags: true, neighbours: 5, gibbs_burn_in: 10, gibbs_samples: 20 }
    }
}

/// What is done about values far out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutlierSettings {
    /// The method. Default none: normal scores, the default scale, let no outlier through.
    pub method: OutlierMethod,
    /// Lower quantile of [`OutlierMethod::Winsorise`], 0..=0.25. Default 0.01.
    pub low: f64,
    /// Upper quantile of [`OutlierMethod::Winsorise`], 0.75..=1. Default 0.99.
    pub high: f64,
}

impl Default for OutlierSettings {
    fn default() -> Self {
        Self { method: OutlierMethod::None, low: 0.01, high: 0.99 }
    }
}

/// How numbers are brought to like size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScaleSettings {
    /// The method. Default normal scores.
    pub method: ScaleMethod,
    /// Bins T of [`ScaleMethod::QuantileBins`], 2..=100; fewer where quantiles coincide. Default 8.
    pub bins: usize,
}

impl Default for ScaleSettings {
    fn default() -> Self {
        Self { method: ScaleMethod::NormalScores, bins: 8 }
    }
}

/// How categories become numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CategorySettings {
    /// The method for categories without an order in `orders`. Default one-hot.
    pub method: CategoryMethod,
    /// A level with a smaller share of the training cells than this has no input of its own, 0..=0.5. Default 0.
    pub min_share: f64,
    /// Most levels of a category with an input of their own, 1..=1000. Default 20.
    pub max_levels: usize,
    /// By indicator: its levels in ascending order. Such a category becomes one number, the place of the level, which
    /// is scaled as numbers are; a level that is not listed counts as missing. Default none.
    pub orders: BTreeMap<String, Vec<String>>,
}

impl Default for CategorySettings {
    fn default() -> Self {
        Self { method: CategoryMethod::OneHot, min_share: 0.0, max_levels: 20, orders: BTreeMap::new() }
    }
}

/// How a table is prepared: the steps in their order.
///
/// The order is fixed: gaps are filled in natural units, before anything is drawn in, and scaling comes last, so that
/// every input has the size that learners expect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreparationSettings {
    /// Indicators left out.
    pub drop: DropSettings,
    /// Missing cells.
    pub missing: MissingSettings,
    /// Values far out.
    pub outliers: OutlierSettings,
    /// Size of numbers.
    pub scale: ScaleSettings,
    /// Categories.
    pub categories: CategorySettings,
}

impl PreparationSettings {
    /// What is out of range: the field, as in `missing.neighbours`, and what it must be. Empty when all is well.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let Self { drop, missing, outliers, scale, categories } = self;
        let mut problems = Vec::new();
        let mut number = |field, value: f64, low: f64, high: f64| {
            if !(low..=high).contains(&value) {
                problems.push((field, format!("must be from {low} to {high}, not {value}")));
            }
        };
        number("drop.missing_above", drop.missing_above.unwrap_or(0.0), 0.0, 1.0);
        number("outliers.low", outliers.low, 0.0, 0.25);
        number("outliers.high", outliers.high, 0.75, 1.0);
        number("categories.min_share", categories.min_share, 0.0, 0.5);
        for (field, value, low, high) in [
            ("missing.neighbours", missing.neighbours, 1, 100),
            ("missing.gibbs_burn_in", missing.gibbs_burn_in, 0, 1000),
            ("missing.gibbs_samples", missing.gibbs_samples, 1, 1000),
            ("scale.bins", scale.bins, 2, 100),
            ("categories.max_levels", categories.max_levels, 1, 1000),
        ] {
            if !(low..=high).contains(&value) {
                problems.push((field, format!("must be a whole number from {low} to {high}, not {value}")));
            }
        }
        for (indicator, levels) in &categories.orders {
            let twice = levels.iter().enumerate().find(|(place, level)| levels[..*place].contains(level));
            if let Some((_, level)) = twice {
                problems.push(("categories.orders", format!("names \"{level}\" of \"{indicator}\" twice")));
            } else if levels.len() < 2 {
                problems.push(("categories.orders", format!("needs at least two levels of \"{indicator}\"")));
            }
        }
        problems
    }
}
