//! The PD of a firm whose values are changed by hand: the row is written down as a table of one row and goes the way of
//! every row that is scored, with its missing cells filled on the way.

use super::ExplanationError;
use crate::data::{Dataset, Indicator, Value, Values};
use crate::scoring::{ColumnReference, ColumnValues, RiskModel};
use ndarray::Array2;

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
            indicator.map_or(Value::Missing, |indicator| indicator.value(row))
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
