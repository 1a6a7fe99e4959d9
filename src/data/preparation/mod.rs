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
mod linear;
mod missing;
mod neighbours;
mod normal_scores;
mod order;
mod outliers;
mod quantile;
mod scale;
mod settings;
mod stages;
mod steps;

use std::ops::Range;

use ndarray::{Array2, s};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::dataset::{Dataset, Indicator, Values};
use categories::Categories;
use cells::{Cells, Reading, Source};
use missing::Gap;
use neighbours::Neighbours;
use order::Order;
use outliers::Outliers;
use scale::{Filled, Scale};
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

/// What one indicator turns into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Encoding {
    Number {
        gap: Gap,
        outliers: Outliers,
        scale: Scale,
    },
    Categories(Categories),
    /// Its value is set aside; a flag may remain.
    Nothing,
}

impl Encoding {
    /// Inputs it fills, the flag not counted.
    fn width(&self) -> usize {
        match self {
            Self::Number { scale, .. } => scale.width(),
            Self::Categories(categories) => categories.width(),
            Self::Nothing => 0,
        }
    }
}

/// One indicator with inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Column {
    source: Source,
    encoding: Encoding,
    /// What the flag is in a row where the cell is missing; elsewhere it is 0.
    flag: Option<f32>,
}

/// Where the inputs of one indicator stand among all inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorInputs {
    /// Those of its value: one, or one per bin or level; none when the value is constant.
    pub values: Range<usize>,
    /// The flag that says where it is missing.
    pub flag: Option<usize>,
}

/// A fitted preparation. Of the training rows it keeps moments, quantiles and levels; for normal scores the distinct
/// values of each column, apart from the rows they came from; for nearest neighbours up to 2,000 whole rows.
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
            fitted.fit_column(data, source, filled, rows, settings);
        }
        if fitted.input_names.is_empty() {
            return Err(PreparationError::AllConstant { indicators: data.indicators.len(), rows: rows.len() });
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

    /// Fits one indicator; `filled` is what its missing training cells take, when neighbours say.
    fn fit_column(
        &mut self,
        data: &Dataset,
        source: Source,
        filled: Option<Vec<f64>>,
        rows: &[usize],
        settings: &PreparationSettings,
    ) {
        let name = &source.indicator;
        let cells = source.cells(data);
        let n_missing = rows.iter().filter(|&&row| cells.is_missing(row)).count();
        let mut pooled = false;
        let encoding = if let Cells::Levels { codes, levels } = cells {
            let present: Vec<u32> = rows.iter().filter_map(|&row| codes[row]).collect();
            let fitted = Categories::fit(&present, n_missing, levels, settings);
            pooled = present.iter().any(|code| *code != present[0]);
            fitted.map(Encoding::Categories)
        } else {
            let mut present: Vec<f64> = rows.iter().filter_map(|&row| cells.number(row)).collect();
            present.sort_unstable_by(f64::total_cmp);
            fit_number(present, n_missing, filled, settings)
        };
        let gaps = n_missing > 0 && n_missing < rows.len();
        let flag = (settings.missing.flags && gaps).then_some(match settings.scale.method {
            ScaleMethod::NormalScores => 2.0,
            _ => 1.0,
        });
        if n_missing == rows.len() {
            self.notices.push(format!("\"{name}\" has no value in any training row and is set aside."));
        } else if encoding.is_none() {
            let rest = if flag.is_some() { "; only where it is missing is used" } else { " and is set aside" };
            let why = if pooled { "has no level that is frequent enough" } else { "is constant" };
            self.notices.push(format!("\"{name}\" {why} over the training rows{rest}."));
        }
        self.input_names.extend(match &encoding {
            Some(Encoding::Number { scale, .. }) => scale.input_names(name),
            Some(Encoding::Categories(categories)) => categories.input_names(name),
            Some(Encoding::Nothing) | None => Vec::new(),
        });
        if flag.is_some() {
            self.input_names.push(format!("{name} missing"));
        }
        if encoding.is_some() || flag.is_some() {
            let encoding = encoding.unwrap_or(Encoding::Nothing);
            self.columns.push(Column { source, encoding, flag });
        }
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
        let mut next = 0;
        for column in &self.columns {
            let width = column.encoding.width();
            let cells = column.source.cells(data);
            let mut values = inputs.slice_mut(s![.., next..next + width]);
            match &column.encoding {
                Encoding::Number { gap, outliers, scale } => {
                    let position = self.neighbours.as_ref().and_then(|n| n.position(&column.source.indicator));
                    let mut nearest = position.map(|position| filled[position].iter()).unwrap_or_default();
                    for (inputs, &row) in values.rows_mut().into_iter().zip(rows) {
                        let x = cells.number(row).or_else(|| match gap {
                            Gap::Middle => None,
                            Gap::Value(value) => Some(*value),
                            Gap::Neighbours => nearest.next().copied(),
                        });
                        scale.write(x.map(|x| outliers.value(x)), inputs);
                    }
                }
                Encoding::Categories(categories) => {
                    let (codes, positions) = match &cells {
                        Cells::Levels { codes, levels } => (Some(codes), categories.positions(levels)),
                        _ => (None, Vec::new()),
                    };
                    for (inputs, &row) in values.rows_mut().into_iter().zip(rows) {
                        let code = codes.and_then(|codes| codes[row]);
                        categories.write(code.map(|code| positions[code as usize]), inputs);
                    }
                }
                Encoding::Nothing => {}
            }
            next += width;
            if let Some(flag) = column.flag {
                for (input, &row) in inputs.column_mut(next).iter_mut().zip(rows) {
                    *input = if cells.is_missing(row) { flag } else { 0.0 };
                }
                next += 1;
            }
        }
        inputs
    }

    /// For each of `rows` of `data`, the inputs that stand for missing numbers, ascending; flags and levels are not
    /// among them.
    pub fn missing_inputs(&self, data: &Dataset, rows: &[usize]) -> Vec<Vec<usize>> {
        let mut missing = vec![Vec::new(); rows.len()];
        let mut next = 0;
        for column in &self.columns {
            let width = column.encoding.width();
            if let Encoding::Number { .. } = column.encoding {
                let cells = column.source.cells(data);
                for (missing, _) in missing.iter_mut().zip(rows).filter(|(_, row)| cells.number(**row).is_none()) {
                    missing.extend(next..next + width);
                }
            }
            next += width + usize::from(column.flag.is_some());
        }
        missing
    }

    /// Whether each input stands for a number, `n_inputs`; the others are flags and levels.
    pub fn number_inputs(&self) -> Vec<bool> {
        let mut numbers = Vec::with_capacity(self.input_names.len());
        for column in &self.columns {
            let is_number = matches!(column.encoding, Encoding::Number { .. });
            numbers.extend(std::iter::repeat_n(is_number, column.encoding.width()));
            numbers.extend(column.flag.map(|_| false));
        }
        numbers
    }

    /// Which inputs belong to an indicator; `None` when it is set aside or left out.
    pub fn inputs_of(&self, indicator: &str) -> Option<IndicatorInputs> {
        let mut next = 0;
        for column in &self.columns {
            let values = next..next + column.encoding.width();
            let flag = column.flag.map(|_| values.end);
            if column.source.indicator == indicator {
                return Some(IndicatorInputs { values, flag });
            }
            next = values.end + usize::from(flag.is_some());
        }
        None
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

/// Fits the chain of one numeric column on its ascending training values. `None` when its inputs would be constant.
fn fit_number(
    mut present: Vec<f64>,
    n_missing: usize,
    nearest: Option<Vec<f64>>,
    settings: &PreparationSettings,
) -> Option<Encoding> {
    if present.is_empty() {
        return None;
    }
    let gap = match nearest {
        Some(_) => Gap::Neighbours,
        None => Gap::fit(&present, settings.missing.fill, settings.scale.method),
    };
    let outliers = Outliers::fit(&present, &settings.outliers);
    for x in &mut present {
        *x = outliers.value(*x);
    }
    let filled = match (&gap, nearest) {
        (Gap::Middle, _) => Filled::Middle(n_missing),
        (Gap::Value(value), _) => Filled::Values(vec![outliers.value(*value); n_missing]),
        (Gap::Neighbours, nearest) => {
            Filled::Values(nearest.unwrap_or_default().into_iter().map(|x| outliers.value(x)).collect())
        }
    };
    let scale = Scale::fit(&present, &filled, &settings.scale)?;
    Some(Encoding::Number { gap, outliers, scale })
}

fn is_missing(values: &Values, row: usize) -> bool {
    match values {
        Values::Numeric(values) => !values[row].is_finite(),
        Values::Category { codes, .. } => codes[row].is_none(),
    }
}

#[cfg(test)]
mod tests;
