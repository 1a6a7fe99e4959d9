//! Preparation: indicators in natural units → finite inputs of like size. Fitted on training rows, applied to any rows
//! (MATH §1, §6): medians, quantiles, means, ranks and the levels of categories never see a held-out row.
//!
//! Each indicator gives some inputs, next to each other and in the order of the data set:
//! - a numeric one its value, by one of two [`Scale`]s, and a flag where it has missing cells;
//! - a category one input per frequent level, one for all other levels, and the flag.
//!
//! An input that is constant over the training rows is set aside with a notice, so nothing divides by zero.

mod categories;
mod normal_scores;
mod standardise;

use ndarray::{Array2, ArrayViewMut1};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::dataset::{Dataset, Indicator, Values};
use categories::Categories;
use normal_scores::NormalScores;
use standardise::Standardise;

/// How numbers are brought to like size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// (x − mean) / standard deviation after winsorising (MATH §1); missing cells take the median. Flags and levels are
    /// 0 or 1.
    Standardise,
    /// Normal quantiles of mid-ranks, standardised; missing cells take the middle rank. Flags are 0 or 2, levels −1 or 1.
    NormalScores,
}

/// How a table is prepared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreparationSettings {
    /// How numbers are scaled. Default: normal scores.
    pub scale: Scale,
    /// Share of the training values drawn in at each end before standardising, 0..=0.25, 0 for none. Default 0.01.
    /// Normal scores do not need it.
    pub winsorise: f64,
    /// Whether an indicator with missing cells gets an input that says where. Default true.
    pub missing_flags: bool,
    /// Most levels of a category with an input of their own, 1..=1000. Default 20.
    pub max_levels: usize,
}

impl Default for PreparationSettings {
    fn default() -> Self {
        Self { scale: Scale::NormalScores, winsorise: 0.01, missing_flags: true, max_levels: 20 }
    }
}

impl PreparationSettings {
    /// What is out of range: the field and what it must be. Empty when all is well.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !(0.0..=0.25).contains(&self.winsorise) {
            problems.push(("winsorise", format!("must be from 0 to 0.25, not {}", self.winsorise)));
        }
        if !(1..=1000).contains(&self.max_levels) {
            problems.push(("max_levels", format!("must be a whole number from 1 to 1000, not {}", self.max_levels)));
        }
        problems
    }
}

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

/// What one indicator turns into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Encoding {
    NormalScores(NormalScores),
    Standardise(Standardise),
    Categories(Categories),
    /// Its value is set aside; a flag may remain.
    Nothing,
}

impl Encoding {
    /// Inputs it fills, the flag not counted.
    fn width(&self) -> usize {
        match self {
            Self::NormalScores(_) | Self::Standardise(_) => 1,
            Self::Categories(categories) => categories.width(),
            Self::Nothing => 0,
        }
    }
}

/// One indicator with inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Column {
    indicator: String,
    encoding: Encoding,
    /// What the flag is in a row where the cell is missing; elsewhere it is 0.
    flag: Option<f32>,
}

/// A fitted preparation. Of the training rows it keeps moments, quantiles and levels; for normal scores the distinct
/// values of each column, apart from the rows they came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    columns: Vec<Column>,
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
        let mut fitted = Self { columns: Vec::new(), input_names: Vec::new(), notices: Vec::new() };
        for indicator in &data.indicators {
            fitted.fit_column(indicator, rows, settings);
        }
        if fitted.input_names.is_empty() {
            return Err(PreparationError::AllConstant { indicators: data.indicators.len(), rows: rows.len() });
        }
        Ok(fitted)
    }

    fn fit_column(&mut self, indicator: &Indicator, rows: &[usize], settings: &PreparationSettings) {
        let name = &indicator.name;
        let (encoding, level_names, n_missing) = match &indicator.values {
            Values::Numeric(values) => {
                let present: Vec<f64> = rows.iter().filter_map(|&row| finite(values[row])).collect();
                let n_missing = rows.len() - present.len();
                let encoding = match settings.scale {
                    Scale::NormalScores => NormalScores::fit(present, n_missing).map(Encoding::NormalScores),
                    Scale::Standardise => {
                        Standardise::fit(present, n_missing, settings.winsorise).map(Encoding::Standardise)
                    }
                };
                let names = if encoding.is_some() { vec![name.clone()] } else { Vec::new() };
                (encoding, names, n_missing)
            }
            Values::Category { codes, levels } => {
                let present: Vec<u32> = rows.iter().filter_map(|&row| codes[row]).collect();
                let n_missing = rows.len() - present.len();
                let fitted = Categories::fit(&present, n_missing, levels, settings);
                let names = fitted.as_ref().map_or_else(Vec::new, |categories| categories.input_names(name));
                (fitted.map(Encoding::Categories), names, n_missing)
            }
        };
        let gaps = n_missing > 0 && n_missing < rows.len();
        let flag = (settings.missing_flags && gaps).then_some(match settings.scale {
            Scale::Standardise => 1.0,
            Scale::NormalScores => 2.0,
        });
        if n_missing == rows.len() {
            self.notices.push(format!("\"{name}\" has no value in any training row and is set aside."));
        } else if encoding.is_none() {
            let rest = if flag.is_some() { "; only where it is missing is used" } else { " and is set aside" };
            self.notices.push(format!("\"{name}\" is constant over the training rows{rest}."));
        }
        if encoding.is_none() && flag.is_none() {
            return;
        }
        self.input_names.extend(level_names);
        if flag.is_some() {
            self.input_names.push(format!("{name} missing"));
        }
        let encoding = encoding.unwrap_or(Encoding::Nothing);
        self.columns.push(Column { indicator: name.clone(), encoding, flag });
    }

    /// The inputs of `rows`, indices of rows of `data`: `(rows.len(), n_inputs)`, every value finite.
    ///
    /// Indicators and levels are found by name, so `data` may be another table than the one fitted on. A level that
    /// never occurred in training counts as one of the other levels. An indicator that `data` lacks, or that holds text
    /// where numbers were fitted, counts as missing throughout: check the columns of a new table before.
    pub fn apply(&self, data: &Dataset, rows: &[usize]) -> Array2<f32> {
        let mut inputs = Array2::zeros((rows.len(), self.input_names.len()));
        let mut next = 0;
        for column in &self.columns {
            let values = data.indicators.iter().find(|i| i.name == column.indicator).map(|i| &i.values);
            let width = column.encoding.width();
            match &column.encoding {
                Encoding::NormalScores(scores) => fill(inputs.column_mut(next), values, rows, |x| scores.input(x)),
                Encoding::Standardise(scale) => fill(inputs.column_mut(next), values, rows, |x| scale.input(x)),
                Encoding::Categories(categories) => {
                    if let Some(Values::Category { codes, levels }) = values {
                        let position = categories.positions(levels);
                        for (mut inputs, &row) in inputs.rows_mut().into_iter().zip(rows) {
                            if let Some(code) = codes[row] {
                                categories.write(position[code as usize], &mut inputs, next);
                            }
                        }
                    }
                }
                Encoding::Nothing => {}
            }
            next += width;
            if let Some(flag) = column.flag {
                for (input, &row) in inputs.column_mut(next).iter_mut().zip(rows) {
                    *input = if is_missing(values, row) { flag } else { 0.0 };
                }
                next += 1;
            }
        }
        inputs
    }

    /// Names of the inputs, `n_inputs` of them: the indicator's own for its value, "indicator = level",
    /// "indicator: other", "indicator missing".
    pub fn input_names(&self) -> &[String] {
        &self.input_names
    }

    /// What was set aside and why, one sentence each.
    pub fn notices(&self) -> Vec<String> {
        self.notices.clone()
    }
}

/// A number that may be used; infinities count as missing.
fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

fn fill(
    mut column: ArrayViewMut1<'_, f32>,
    values: Option<&Values>,
    rows: &[usize],
    input: impl Fn(Option<f64>) -> f32,
) {
    if let Some(Values::Numeric(values)) = values {
        for (cell, &row) in column.iter_mut().zip(rows) {
            *cell = input(finite(values[row]));
        }
    } else {
        column.fill(input(None));
    }
}

fn is_missing(values: Option<&Values>, row: usize) -> bool {
    match values {
        Some(Values::Numeric(values)) => finite(values[row]).is_none(),
        Some(Values::Category { codes, .. }) => codes[row].is_none(),
        None => true,
    }
}

#[cfg(test)]
mod tests;
