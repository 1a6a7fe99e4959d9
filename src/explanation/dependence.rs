//! Partial dependence (Friedman 2001) with the curves of single firms (individual conditional expectation: Goldstein and
//! others 2015): how the PD goes with one indicator while the others stay what they are in each of some rows.
//!
//! Where indicators go together, some of the rows made so are like no firm there is: curves that part widely say so.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, Axis, s};

use super::explainer::players;
use super::standing::value_at;
use super::{ExplanationError, PdOf, Value, answers};
use crate::data::Original;
use crate::scoring::{ColumnValues, RiskModel};

/// Percentiles that a number is looked at, those alike taken once.
const PERCENTS: [f64; 23] = [
    1.0, 2.5, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 85.0,
    90.0, 95.0, 97.5, 99.0,
];

/// Firms whose own curve is kept, at most.
const MOST_CURVES: usize = 50;

/// How the PD goes with one indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependence {
    /// The indicator.
    pub indicator: String,
    /// Its values, at least one: numbers ascending from the 1st to the 99th percentile of the training rows, or levels that
    /// the model tells apart.
    pub grid: Vec<Value>,
    /// Mean PD over all rows at each value, 0..=1.
    pub mean: Vec<f64>,
    /// PD of single rows, `(n_curves, grid.len())`: at most 50, evenly among all.
    pub curves: Array2<f64>,
    /// Rows that the mean is over.
    pub rows: usize,
}

/// How the PD of the prepared `rows` `(n_rows, n_inputs)` goes with `indicator`; those of [`RiskModel::background`] do.
/// `None` when the preparation set the indicator aside.
///
/// # Errors
/// Without rows, or when the model has no answer for one.
pub fn dependence(
    model: &RiskModel,
    rows: &ArrayRef2<f32>,
    indicator: &str,
) -> Result<Option<Dependence>, ExplanationError> {
    let Some((_, inputs)) = players(model).into_iter().find(|(name, _)| name == indicator) else { return Ok(None) };
    let (grid, of_grid): (Vec<Value>, Vec<Vec<f32>>) = grid(model, indicator).into_iter().unzip();
    if grid.is_empty() {
        return Ok(None);
    }
    let pd = |x: ArrayView2<'_, f32>| model.pd(x);
    let all = curves(&pd, rows, &inputs, &of_grid)?;
    let kept = all.nrows().min(MOST_CURVES);
    let evenly: Vec<usize> = (0..kept).map(|i| i * all.nrows() / kept).collect();
    let mean = all.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(grid.len())).to_vec();
    let curves = all.select(Axis(0), &evenly);
    Ok(Some(Dependence { indicator: indicator.to_owned(), grid, mean, curves, rows: all.nrows() }))
}

/// The values of an indicator that are looked at, and the inputs that each gives.
fn grid(model: &RiskModel, indicator: &str) -> Vec<(Value, Vec<f32>)> {
    let level = |level: String| {
        let value = Original::Level { text: level.clone(), share: None };
        Some((Value::Level(level), model.preparation.inputs_of_value(indicator, &value)?))
    };
    match model.column(indicator).map(|column| &column.values) {
        Some(ColumnValues::Number { quantiles, .. }) if !quantiles.is_empty() => {
            let mut numbers: Vec<f64> = PERCENTS.iter().map(|&percent| value_at(quantiles, percent)).collect();
            numbers.dedup();
            let number =
                |x: f64| Some((Value::Number(x), model.preparation.inputs_of_value(indicator, &Original::Number(x))?));
            numbers.into_iter().filter_map(number).collect()
        }
        Some(ColumnValues::Category { .. }) => {
            model.preparation.levels_of(indicator).into_iter().filter_map(level).collect()
        }
        Some(ColumnValues::Number { .. }) | None => Vec::new(),
    }
}

/// PDs of `rows` `(n_rows, n_inputs)` with each of `grid` in place of their `inputs`: `(n_rows, grid.len())`.
fn curves(
    pd: &impl PdOf,
    rows: &ArrayRef2<f32>,
    inputs: &[usize],
    grid: &[Vec<f32>],
) -> Result<Array2<f64>, ExplanationError> {
    if rows.is_empty() {
        return Err(ExplanationError::NoBackground);
    }
    if let Some(&input) = inputs.iter().find(|&&input| input >= rows.ncols()) {
        return Err(ExplanationError::Inputs { expected: input + 1, found: rows.ncols() });
    }
    let mut curves = Array2::zeros((rows.nrows(), grid.len()));
    let mut changed = rows.to_owned();
    for (point, values) in grid.iter().enumerate() {
        for (&input, &value) in inputs.iter().zip(values) {
            changed.slice_mut(s![.., input]).fill(value);
        }
        curves.column_mut(point).assign(&Array1::from(answers(pd, &changed)?));
    }
    Ok(curves)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn an_additive_function_gives_its_term_up_to_a_constant() {
        let term = |x: f32| 0.1 * f64::from(x).powi(2);
        let pd = move |x: ArrayView2<'_, f32>| -> Vec<f64> {
            x.rows().into_iter().map(|row| term(row[1]) + 0.2 + 0.05 * f64::from(row[0] - row[2])).collect()
        };
        let rows = array![[0.0, 5.0, 1.0], [1.0, 6.0, 0.0], [-1.0, 7.0, 0.5]];
        let grid = [-2.0, 0.0, 1.0, 3.0];
        let found = curves(&pd, &rows, &[1], &grid.map(|x| vec![x])).unwrap();
        for (row, firm) in found.rows().into_iter().zip(rows.rows()) {
            let constant = 0.2 + 0.05 * f64::from(firm[0] - firm[2]);
            for (found, x) in row.iter().zip(grid) {
                assert!((found - term(x) - constant).abs() < 1e-12);
            }
        }
        assert_eq!(curves(&pd, &Array2::<f32>::zeros((0, 3)), &[1], &[]), Err(ExplanationError::NoBackground));
        let wrong = curves(&pd, &rows, &[3], &[vec![0.0]]);
        assert_eq!(wrong, Err(ExplanationError::Inputs { expected: 4, found: 3 }));
    }
}
