//! What to watch in a machine while it learns, over given rows: pure functions, no state.

use ndarray::{Array1, ArrayRef2, Axis};

use super::{ContrastiveDivergence, Hidden, Rbm};

/// A probability below this, or above one minus this, is saturated.
const SATURATED: f32 = 0.05;

/// Share of hidden probabilities `h` `(n_rows, n_hidden)` below 0.05 or above 0.95. `None` without any, and for hidden
/// units that are not Bernoulli.
pub fn saturation(hidden: Hidden, h: &ArrayRef2<f32>) -> Option<f64> {
    if hidden != Hidden::Bernoulli || h.is_empty() {
        return None;
    }
    let n = h.iter().filter(|&&p| !(SATURATED..=1.0 - SATURATED).contains(&p)).count();
    Some(n as f64 / h.len() as f64)
}

/// Hidden units that say nothing about the rows they were watched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeadUnits {
    /// Units below 0.05 on every row (rectified ones: 0 on every row).
    pub never_on: usize,
    /// Bernoulli units above 0.95 on every row.
    pub always_on: usize,
}

/// Counts the dead among hidden units of values `h` `(n_rows, n_hidden)`. `None` without rows, and for Gaussian hidden
/// units, of which none can die.
pub fn dead_units(hidden: Hidden, h: &ArrayRef2<f32>) -> Option<DeadUnits> {
    if h.is_empty() || hidden == Hidden::Gaussian {
        return None;
    }
    let least = if hidden == Hidden::Bernoulli { SATURATED } else { f32::MIN_POSITIVE };
    let ends =
        |start: f32, pick: fn(f32, f32) -> f32| -> Array1<f32> { h.fold_axis(Axis(0), start, |&a, &b| pick(a, b)) };
    let never_on = ends(f32::NEG_INFINITY, f32::max).iter().filter(|&&top| top < least).count();
    let always_on = match hidden {
        Hidden::Bernoulli => ends(f32::INFINITY, f32::min).iter().filter(|&&low| low > 1.0 - SATURATED).count(),
        Hidden::Gaussian | Hidden::Rectified => 0,
    };
    Some(DeadUnits { never_on, always_on })
}

impl ContrastiveDivergence {
    /// Mean |ΔW| of the last update over mean |W|; about 1e-3 is healthy (H10 §7). `None` where W is zero.
    pub fn update_ratio(&self, rbm: &Rbm) -> Option<f64> {
        let mean = |x: &ndarray::Array2<f32>| x.iter().map(|x| f64::from(x.abs())).sum::<f64>();
        let weights = mean(&rbm.w);
        (weights > 0.0).then(|| mean(self.last_update().0) / weights)
    }
}
