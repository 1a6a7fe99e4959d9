//! The PD of a firm whose values are changed by hand: the row is written down as a table of one row and goes the way of
//! every row that is scored, with its missing cells filled on the way.

use std::fmt;

use super::ExplanationError;
use crate::data::{Dataset, Indicator, Values};
use crate::scoring::{ColumnReference, ColumnValues, RiskModel};
use ndarray::Array2;

/// The value of an indicator as it stands in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite number in the unit of the file.
    Number(f64),
    /// A level of a category, as written.
    Level(String),
    /// Nothing.
    Missing,
}

/// Up to four digits, with a true minus; "missing".
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(x) => f.write_str(&digits(*x)),
            Self::Level(level) => f.write_str(level),
            Self::Missing => f.write_str("missing"),
        }
    }
}

/// Four digits without zeros at the end; whole numbers whole, below a million of millions.
fn digits(x: f64) -> String {
    let size = x.abs();
    let text = if x == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e12).contains(&size) {
        format!("{x:.2e}")
    } else {
        let decimals = (3 - size.log10().floor() as i32).max(0) as usize;
        let text = format!("{x:.decimals$}");
        if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    text.replace('-', "−")
}

/// A firm in the units of its table: what it holds of each indicator of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Firm {
    /// One value for each of [`RiskModel::columns`], in their order.
    pub values: Vec<Value>,
    /// Number of its row, which decides the random numbers that gaps are filled by where a machine fills them.
    pub number: usize,
}

impl Firm {
    /// The firm in `row` of `data`, whose indicators bear the names of the model. What the table does not have is missing.
    pub fn of_row(model: &RiskModel, data: &Dataset, row: usize, number: usize) -> Self {
        let value = |reference: &ColumnReference| {
            let indicator = data.indicators.iter().find(|indicator| indicator.name == reference.name);
            match indicator.map(|indicator| &indicator.values) {
                Some(Values::Numeric(numbers)) => match numbers.get(row) {
                    Some(x) if x.is_finite() => Value::Number(*x),
                    _ => Value::Missing,
                },
                Some(Values::Category { codes, levels }) => {
                    let level = codes.get(row).copied().flatten().and_then(|code| levels.get(code as usize));
                    level.map_or(Value::Missing, |level| Value::Level(level.clone()))
                }
                None => Value::Missing,
            }
        };
        Self { values: model.columns.iter().map(value).collect(), number }
    }

    /// The same firm with another value of the indicator at `column`; itself where there is no such indicator.
    #[must_use]
    pub fn with(&self, column: usize, value: Value) -> Self {
        let mut changed = self.clone();
        if let Some(place) = changed.values.get_mut(column) {
            *place = value;
        }
        changed
    }
}

/// The PD of a firm, 0..=1.
///
/// # Errors
/// When the model has no answer for it.
pub fn what_if(model: &RiskModel, firm: &Firm) -> Result<f64, ExplanationError> {
    let pd = model.pd(inputs(model, std::slice::from_ref(firm)).view());
    pd.first().copied().filter(|pd| pd.is_finite()).ok_or(ExplanationError::Undefined)
}

/// The prepared inputs of firms, `(firms.len(), n_inputs)`.
pub fn inputs(model: &RiskModel, firms: &[Firm]) -> Array2<f32> {
    let rows: Vec<usize> = (0..firms.len()).collect();
    let numbers: Vec<usize> = firms.iter().map(|firm| firm.number).collect();
    model.inputs(&table(&model.columns, firms), &rows, &numbers)
}

/// Firms as a table without labels. A value of the wrong kind, text where there are numbers, is missing.
fn table(columns: &[ColumnReference], firms: &[Firm]) -> Dataset {
    let cells = |column: usize| firms.iter().map(move |firm| firm.values.get(column).unwrap_or(&Value::Missing));
    let indicator = |(column, reference): (usize, &ColumnReference)| {
        let values = match reference.values {
            ColumnValues::Number { .. } => {
                let number = |value: &Value| if let Value::Number(x) = value { *x } else { f64::NAN };
                Values::Numeric(cells(column).map(number).collect())
            }
            ColumnValues::Category { .. } => {
                let mut levels: Vec<String> = Vec::new();
                let codes = cells(column)
                    .map(|value| {
                        let Value::Level(level) = value else { return None };
                        let known = levels.iter().position(|known| known == level).unwrap_or_else(|| {
                            levels.push(level.clone());
                            levels.len() - 1
                        });
                        Some(known as u32)
                    })
                    .collect();
                Values::Category { codes, levels }
            }
        };
        Indicator { name: reference.name.clone(), values }
    };
    Dataset {
        indicators: columns.iter().enumerate().map(indicator).collect(),
        bad: vec![None; firms.len()],
        label_name: String::new(),
        label_codes: vec![None; firms.len()],
        label_levels: Vec::new(),
        bad_value: String::new(),
        enterprise: None,
        enterprise_names: Vec::new(),
        period: None,
        split: None,
        exposure: None,
        source_rows: (1..=firms.len() as u64).collect(),
        notices: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_short() {
        let text = |x| Value::Number(x).to_string();
        let numbers = [-12.3, 0.0, 0.012345, 1234567.0, 3.0, 99999.6, 1e-9, -2.5e15].map(text);
        assert_eq!(numbers, ["−12.3", "0", "0.01235", "1234567", "3", "100000", "1.00e−9", "−2.50e15"]);
        assert_eq!([Value::Level("-x".to_owned()).to_string(), Value::Missing.to_string()], ["-x", "missing"]);
    }
}
