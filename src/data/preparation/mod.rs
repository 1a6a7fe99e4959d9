//! Preparation: indicators in natural units → finite inputs of like size. Fitted on training rows, applied to any rows
//! (MATH §1, §6): medians, quantiles, means, ranks, neighbours and the levels of categories never see a held-out row.
//!
//! A chain of steps in a fixed order, each with a choice of methods ([`PreparationSettings`]): drop, missing, outliers,
//! scale, categories. Each indicator gives some inputs, next to each other and in the order of the data set:
//! - a numeric one its value (one input, or one per bin), and a flag where it has missing cells;
//! - a category one input per frequent level, one for all other levels, and the flag; an ordered one is a number.
//!
//! An input that is constant over the training rows is set aside with a notice, so nothing divides by zero.

mod bins;
mod categories;
mod cells;
mod check;
mod column;
mod linear;
mod missing;
mod neighbours;
mod normal_scores;
mod order;
mod original;
mod outliers;
mod quantile;
mod recipe;
mod scale;
mod settings;
mod stages;
mod steps;

use std::ops::Range;

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::dataset::{Dataset, Indicator, Values};
use cells::{Reading, Source};
use column::Column;
use neighbours::Neighbours;
use order::Order;
pub use original::{OTHER_LEVELS, Original, OriginalValue};
pub(crate) use quantile::quantile;
pub use recipe::{CellsRecipe, ColumnRecipe, GapRecipe, OutlierRecipe, ScaleRecipe, ValueRecipe};
pub use settings::*;
pub use stages::Stages;
pub use steps::PreparationStep;

/// Why nothing can be fitted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PreparationError {
    /// A setting is out of range.
    #[error("{field} {problem}")]
    Setting {
        /// Name of the setting.
        field: &'static str,
        /// What it must be.
        problem: String,
    },
    /// No training rows.
    #[error("there are no training rows to fit the preparation on")]
    NoRows,
    /// Every indicator is left out by the settings.
    #[error("all {indicators} indicators are left out by preparation.drop; nothing can be learned")]
    AllDropped {
        /// Number of indicators.
        indicators: usize,
    },
    /// Every input is constant.
    #[error(
        "every one of the {indicators} indicators is constant over the {rows} training rows; nothing can be learned"
    )]
    AllConstant {
        /// Number of indicators.
        indicators: usize,
        /// Number of training rows.
        rows: usize,
    },
}

/// Where the inputs of one indicator stand among all inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorInputs {
    /// Those of its value: one, or one per bin or level; none when the value is constant.
    pub values: Range<usize>,
    /// The flag that says where it is missing.
    pub flag: Option<usize>,
}

/// A fitted preparation.
///
/// Of the training rows it keeps moments, quantiles and levels; for normal scores the distinct values of each column,
/// apart from the rows they came from; for nearest neighbours up to 2,000 whole rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    columns: Vec<Column>,
    neighbours: Option<Neighbours>,
    input_names: Vec<String>,
    notices: Vec<String>,
}

impl Preparation {
    /// Fits on `rows`, indices of training rows of `data`, labelled or not. Labels are not looked at.
    pub fn fit(data: &Dataset, rows: &[usize], settings: &PreparationSettings) -> Result<Self, PreparationError> {
        if let Some((field, problem)) = settings.problems().into_iter().next() {
            return Err(PreparationError::Setting { field, problem });
        }
        if rows.is_empty() {
            return Err(PreparationError::NoRows);
        }
        let mut fitted = Self { columns: Vec::new(), neighbours: None, input_names: Vec::new(), notices: Vec::new() };
        let kept = fitted.kept(data, rows, settings);
        if kept.is_empty() {
            return Err(PreparationError::AllDropped { indicators: data.indicators.len() });
        }
        let sources: Vec<Source> = kept.iter().map(|indicator| fitted.source(indicator, rows, settings)).collect();
        let mut filled = Vec::new();
        if settings.missing.fill == Fill::Knn {
            let numbers = sources.iter().filter(|source| source.is_number()).cloned().collect();
            let neighbours = Neighbours::fit(data, rows, numbers, settings.missing.neighbours);
            filled = neighbours.fill(data, rows);
            fitted.neighbours = Some(neighbours);
        }
        for source in sources {
            let position = fitted.neighbours.as_ref().and_then(|n| n.position(&source.indicator));
            let filled = position.map(|position| std::mem::take(&mut filled[position]));
            let (column, notice) = Column::fit(source, data, rows, filled, settings);
            fitted.notices.extend(notice);
            fitted.columns.extend(column);
        }
        fitted.input_names = fitted.columns.iter().flat_map(Column::input_names).collect();
        if fitted.input_names.is_empty() {
            return Err(PreparationError::AllConstant { indicators: kept.len(), rows: rows.len() });
        }
        Ok(fitted)
    }

    /// The indicators that the settings do not drop.
    fn kept<'a>(&mut self, data: &'a Dataset, rows: &[usize], settings: &PreparationSettings) -> Vec<&'a Indicator> {
        let DropSettings { columns, missing_above } = &settings.drop;
        for name in columns.iter().filter(|name| data.indicators.iter().all(|i| i.name != **name)) {
            self.notices.push(format!("\"{name}\" is to be left out, and there is no indicator of that name."));
        }
        let mut kept: Vec<&Indicator> = data.indicators.iter().filter(|i| !columns.contains(&i.name)).collect();
        if let Some(most) = *missing_above {
            kept.retain(|indicator| {
                let missing = rows.iter().filter(|&&row| is_missing(&indicator.values, row)).count();
                let share = missing as f64 / rows.len() as f64;
                if share > most {
                    let (name, percent) = (&indicator.name, 100.0 * share);
                    let text = format!("\"{name}\" is missing in {percent:.0} % of the training rows and is left out.");
                    self.notices.push(text);
                }
                share <= most
            });
        }
        kept
    }

    /// How an indicator is read: an ordered category by its order.
    fn source(&mut self, indicator: &Indicator, rows: &[usize], settings: &PreparationSettings) -> Source {
        let name = &indicator.name;
        let source = |reading| Source { indicator: name.clone(), reading };
        let Values::Category { codes, levels } = &indicator.values else { return source(Reading::Numbers) };
        let mut used: Vec<u32> = rows.iter().filter_map(|&row| codes[row]).collect();
        used.sort_unstable();
        used.dedup();
        let used = used.iter().map(|&code| levels[code as usize].as_str());
        if let Some(order) = settings.categories.orders.get(name) {
            let mut unlisted: Vec<&str> = used.filter(|level| order.iter().all(|l| l != level)).collect();
            unlisted.sort_unstable();
            if !unlisted.is_empty() {
                let levels = unlisted.join("\", \"");
                self.notices.push(format!("The order of \"{name}\" lacks \"{levels}\": such cells count as missing."));
            }
            return source(Reading::Places(Order::given(order)));
        }
        let order = (settings.categories.method == CategoryMethod::Ordered).then(|| Order::by_numbers(used)).flatten();
        if let Some(order) = &order {
            self.notices.push(format!("\"{name}\" is taken in the order {}.", order.words()));
        }
        source(order.map_or(Reading::Levels, Reading::Places))
    }

    /// The inputs of `rows`, indices of rows of `data`: `(rows.len(), n_inputs)`, every value finite.
    ///
    /// Indicators and levels are found by name, so `data` may be another table than the one fitted on. A level that
    /// never occurred in training counts as one of the other levels, and as missing where levels are ordered. An
    /// indicator that `data` lacks, or that holds text where numbers were fitted, counts as missing throughout: check
    /// the columns of a new table before.
    pub fn apply(&self, data: &Dataset, rows: &[usize]) -> Array2<f32> {
        let mut inputs = Array2::zeros((rows.len(), self.input_names.len()));
        let filled = self.neighbours.as_ref().map(|neighbours| neighbours.fill(data, rows)).unwrap_or_default();
        let mut rest = inputs.view_mut();
        for column in &self.columns {
            let position = self.neighbours.as_ref().and_then(|n| n.position(&column.source.indicator));
            let nearest = position.map(|position| filled[position].as_slice());
            let (inputs, after) = rest.split_at(Axis(1), column.width() + usize::from(column.has_flag()));
            column.write(data, rows, nearest, inputs);
            rest = after;
        }
        inputs
    }

    /// For each of `rows` of `data`, the inputs that stand for missing numbers, ascending; flags and levels are not
    /// among them.
    pub fn missing_inputs(&self, data: &Dataset, rows: &[usize]) -> Vec<Vec<usize>> {
        let mut missing = vec![Vec::new(); rows.len()];
        for (column, inputs) in self.placed().filter(|(column, _)| column.number().is_some()) {
            let cells = column.source.cells(data);
            for (missing, _) in missing.iter_mut().zip(rows).filter(|(_, row)| cells.is_missing(**row)) {
                missing.extend(inputs.values.clone());
            }
        }
        missing
    }

    /// Whether each input stands for a number, `n_inputs`; the others are flags and levels.
    pub fn number_inputs(&self) -> Vec<bool> {
        let mut numbers = vec![false; self.input_names.len()];
        for (_, inputs) in self.placed().filter(|(column, _)| column.number().is_some()) {
            numbers[inputs.values].fill(true);
        }
        numbers
    }

    /// Which inputs belong to an indicator; `None` when it is set aside or left out.
    pub fn inputs_of(&self, indicator: &str) -> Option<IndicatorInputs> {
        self.placed().find(|(column, _)| column.source.indicator == indicator).map(|(_, inputs)| inputs)
    }

    /// The columns and where their inputs stand.
    fn placed(&self) -> impl Iterator<Item = (&Column, IndicatorInputs)> {
        let mut next = 0;
        self.columns.iter().map(move |column| {
            let values = next..next + column.width();
            let flag = column.has_flag().then_some(values.end);
            next = values.end + usize::from(flag.is_some());
            (column, IndicatorInputs { values, flag })
        })
    }

    /// Names of the inputs, `n_inputs` of them: the indicator's own for its value, "indicator: bin 1 of 8",
    /// "indicator = level", "indicator: other", "indicator missing".
    pub fn input_names(&self) -> &[String] {
        &self.input_names
    }

    /// What was set aside and why, one sentence each.
    pub fn notices(&self) -> Vec<String> {
        self.notices.clone()
    }
}

fn is_missing(values: &Values, row: usize) -> bool {
    match values {
        Values::Numeric(values) => !values[row].is_finite(),
        Values::Category { codes, .. } => codes[row].is_none(),
    }
}

#[cfg(test)]
mod tests;
