//! What machines make of rows on the way up and down again, beside the rows themselves: `E[v | E[h | v]]` by one machine, or
//! through all machines up to a layer.

use std::borrow::Cow;

use ndarray::{Array2, ArrayRef2, Axis, Slice, s};

use crate::data::Preparation;
use crate::model::dbn::InputMap;
use crate::model::rbm::{JointRbm, Rbm};

/// Rows of prepared inputs `x` `(n_rows, n_inputs)` taken up by means through `machines`, the lowest first, and down again:
/// `(n_rows, n_inputs)`. `map` is how inputs are shown to the lowest machine.
///
/// The label units of a joint machine hold p(y | x), as for a row without a label, and are left out on the way down.
/// `None` without a machine, or where `x` does not fit.
pub fn reconstruct(machines: &[Rbm], map: Option<&InputMap>, x: &ArrayRef2<f32>) -> Option<Array2<f32>> {
    if machines.first()?.n_features() != x.ncols() {
        return None;
    }
    let mut rows = x.to_owned();
    if let Some(map) = map {
        map.apply(&mut rows);
    }
    for machine in machines {
        if rows.ncols() != machine.n_features() {
            return None;
        }
        rows = machine.hidden_mean(&with_label(machine, &rows));
    }
    for machine in machines.iter().rev() {
        rows = machine.visible_mean(&rows);
        rows.slice_axis_inplace(Axis(1), Slice::from(..machine.n_features()));
    }
    // A slice that begins its rows anew stands in memory as products want it.
    let mut rows = rows.as_standard_layout().into_owned();
    if let Some(map) = map {
        map.undo(&mut rows);
    }
    Some(rows)
}

/// Rows of features as the visible units of a machine: with p(y | x) in its label units where it has any (0 for rectified
/// hidden units, which know none).
fn with_label<'a>(machine: &Rbm, features: &'a Array2<f32>) -> Cow<'a, Array2<f32>> {
    if machine.n_classes == 0 {
        return Cow::Borrowed(features);
    }
    let n_features = machine.n_features();
    let mut rows = Array2::zeros((features.nrows(), machine.n_visible()));
    rows.slice_mut(s![.., ..n_features]).assign(features);
    if let Some(p) = JointRbm::of(machine.clone()).and_then(|joint| joint.probabilities(features)) {
        rows.slice_mut(s![.., n_features..]).assign(&p.mapv(|p| p as f32));
    }
    Cow::Owned(rows)
}

/// Mean over rows and inputs of (x − x̂)², the inputs of each indicator together.
///
/// In the order of [`Preparation::indicators`]; for a standardised number 1 is as bad as its mean. `x` and `back` are
/// `(n_rows, n_inputs)`. `None` without rows, and where a number is not finite.
pub fn indicator_errors(preparation: &Preparation, x: &ArrayRef2<f32>, back: &ArrayRef2<f32>) -> Vec<Option<f64>> {
    preparation
        .indicators()
        .map(|indicator| {
            let inputs = preparation.inputs_of(indicator)?;
            let all = inputs.values.chain(inputs.flag);
            mean_squared(x, back, all)
        })
        .collect()
}

/// Mean of (x − x̂)² over all rows and these columns.
pub fn mean_squared(
    x: &ArrayRef2<f32>,
    back: &ArrayRef2<f32>,
    columns: impl IntoIterator<Item = usize>,
) -> Option<f64> {
    let n_rows = x.nrows();
    if n_rows == 0 || x.dim() != back.dim() {
        return None;
    }
    let (mut n, mut sum) = (0, 0.0);
    for column in columns.into_iter().filter(|column| *column < x.ncols()) {
        let pairs = x.column(column).into_iter().zip(back.column(column));
        sum += pairs.map(|(&x, &back)| (f64::from(x) - f64::from(back)).powi(2)).sum::<f64>();
        n += n_rows;
    }
    (n > 0).then(|| sum / n as f64).filter(|mean| mean.is_finite())
}

#[cfg(test)]
mod tests;
