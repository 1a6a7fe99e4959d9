//! What to watch in a machine while it learns, over given rows: pure functions, no state.

use ndarray::{Array1, ArrayRef2, Zip};

use super::{ContrastiveDivergence, Hidden, Rbm};

/// A probability below this, or above one minus this, is saturated.
const SATURATED: f32 = 0.05;
/// A unit whose activations over the rows differ by no more than this tells no row from another.
const ALIVE: f32 = 0.01;

/// Share of hidden probabilities `h` `(n_rows, n_hidden)` below 0.05 or above 0.95. `None` without any, and for hidden
/// units that are not Bernoulli.
pub fn saturation(hidden: Hidden, h: &ArrayRef2<f32>) -> Option<f64> {
    if hidden != Hidden::Bernoulli || h.is_empty() {
        return None;
    }
    let n = h.iter().filter(|&&p| !(SATURATED..=1.0 - SATURATED).contains(&p)).count();
    Some(n as f64 / h.len() as f64)
}

/// Units whose activations `h` `(n_rows, n_units)` hardly vary over the rows, `n_units`; none of them without rows.
pub fn dead_units(h: &ArrayRef2<f32>) -> Vec<bool> {
    let [low, high] = ends(h);
    low.iter().zip(&high).map(|(low, high)| high - low <= ALIVE).collect()
}

/// At which end a hidden unit is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// Below 0.05 on every row (rectified: 0 on every row).
    Off,
    /// Above 0.95 on every row; Bernoulli units alone.
    On,
}

/// Which units of activations `h` `(n_rows, n_units)` are stuck, `n_units`. None of them without rows, and no Gaussian one.
pub fn stuck_units(hidden: Hidden, h: &ArrayRef2<f32>) -> Vec<Option<Stuck>> {
    let (off, on) = match hidden {
        Hidden::Bernoulli => (SATURATED, 1.0 - SATURATED),
        Hidden::Rectified => (f32::MIN_POSITIVE, f32::INFINITY),
        Hidden::Gaussian => (f32::NEG_INFINITY, f32::INFINITY),
    };
    let [low, high] = ends(h);
    let stuck = |low: f32, high: f32| match () {
        () if high < off => Some(Stuck::Off),
        () if low > on => Some(Stuck::On),
        () => None,
    };
    low.iter().zip(&high).map(|(&low, &high)| stuck(low, high)).collect()
}

/// Smallest and largest of each column; NaN without rows. By comparisons, which the compiler turns into vector
/// instructions, as `f32::min` and `f32::max` are not.
fn ends(h: &ArrayRef2<f32>) -> [Array1<f32>; 2] {
    let mut rows = h.rows().into_iter();
    let first = rows.next().map_or_else(|| Array1::from_elem(h.ncols(), f32::NAN), |row| row.to_owned());
    let (mut low, mut high) = (first.clone(), first);
    for row in rows {
        Zip::from(&mut low).and(&mut high).and(row).for_each(|low, high, &x| {
            *low = if x < *low { x } else { *low };
            *high = if x > *high { x } else { *high };
        });
    }
    [low, high]
}

impl ContrastiveDivergence {
    /// Mean |ΔW| of the last update over mean |W|; about 1e-3 is healthy (H10 §7). `None` where W is zero.
    pub fn update_ratio(&self, rbm: &Rbm) -> Option<f64> {
        let mean = |x: &ndarray::Array2<f32>| x.iter().map(|x| f64::from(x.abs())).sum::<f64>();
        let weights = mean(&rbm.w);
        (weights > 0.0).then(|| mean(self.last_update().0) / weights)
    }
}
