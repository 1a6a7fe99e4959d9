//! The stack as a feed-forward net (MATH §4).
//!
//! Hidden layers are `h_ℓ = f(h_{ℓ−1}·W_ℓ + c_ℓ)` with `h_0 = x`, f logistic or what the hidden units of the machines
//! make of it; the output is a softmax over K classes of `h·V + d`, or with a skip input, which leads past the hidden
//! layers, of `h·V + d + e(x)·Sᵀ`.

mod back_propagation;
mod descent;
mod encoding;
mod measures;
mod schedule;

use ndarray::{Array1, Array2, ArrayRef, ArrayRef2, Axis, Dimension};
use serde::{Deserialize, Serialize};

pub use self::back_propagation::{BackPropagation, Gradient, Objective};
pub use self::descent::{Descent, DescentSettings, Optimizer};
pub use self::encoding::Encoding;
pub use self::measures::Measures;
pub use self::schedule::RateSchedule;
use super::fitted::{all_finite_f32, as_many};
use super::kernels;
use super::rbm::logistic_rows;

/// One affine layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Weights, `(n_in, n_out)`.
    pub w: Array2<f32>,
    /// Biases, `n_out`.
    pub b: Array1<f32>,
}

impl Layer {
    fn zeros_like(other: &Self) -> Self {
        Self { w: Array2::zeros(other.w.raw_dim()), b: Array1::zeros(other.b.raw_dim()) }
    }
}

/// A way from the inputs to the output layer past the hidden ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skip {
    /// What is made of a row first.
    pub encoding: Encoding,
    /// Weights S, `(n_classes, width)`: one row a class, since a product over the long side is the fast one.
    pub w: Array2<f32>,
}

/// What becomes of the input of a hidden unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `1/(1 + e^{−x})`: Bernoulli units.
    #[default]
    Logistic,
    /// x: Gaussian units.
    Identity,
    /// `max(0, x)`: rectified units.
    Rectified,
}

impl Activation {
    /// Takes errors in the outputs `h` to the inputs. A unit that took no part has h = 0, the others what was made of their
    /// input over `keep`.
    fn back(self, errors: &mut ArrayRef2<f32>, h: &ArrayRef2<f32>, keep: f32) {
        let (errors, h) = (slice_mut(errors), slice(h));
        match self {
            Self::Logistic => kernels::logistic_slope(errors, h, keep),
            // An input of exactly 0 is taken for a unit left out.
            Self::Identity if keep < 1.0 => {
                errors.iter_mut().zip(h).for_each(|(error, &h)| *error = if h == 0.0 { 0.0 } else { *error / keep });
            }
            Self::Identity => {}
            Self::Rectified => {
                errors.iter_mut().zip(h).for_each(|(error, &h)| *error = if h > 0.0 { *error / keep } else { 0.0 });
            }
        }
    }

    /// Of every element.
    fn apply(self, x: &mut ArrayRef2<f32>) {
        match self {
            Self::Logistic => logistic_rows(x),
            Self::Identity => {}
            Self::Rectified => x.mapv_inplace(|x| x.max(0.0)),
        }
    }
}

/// Hidden layers, one softmax output layer, the last, and perhaps a skip input to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// From the inputs up, at least one; the last one is the output layer.
    pub layers: Vec<Layer>,
    /// Of the hidden layers.
    pub activation: Activation,
    /// The way past the hidden layers.
    pub skip: Option<Skip>,
}

/// Rows that are computed together: enough for fast products, few enough to stay in the cache.
const BLOCK: usize = 256;

impl Network {
    /// Whether it takes `n_inputs` inputs, knows `n_classes` classes, and every layer fits the one below.
    pub(super) fn check(&self, n_inputs: usize, n_classes: usize) -> Result<(), String> {
        let mut below = n_inputs;
        for Layer { w, b } in &self.layers {
            as_many("weights of a unit", w.nrows(), below)?;
            as_many("biases of a layer", b.len(), w.ncols())?;
            all_finite_f32("the weights of a layer", w.iter().chain(b))?;
            below = w.ncols();
        }
        as_many("units of the output layer", below, n_classes)?;
        let Some(Skip { encoding, w }) = &self.skip else { return Ok(()) };
        encoding.check(n_inputs)?;
        as_many("weights past the hidden layers", w.ncols(), encoding.width())?;
        as_many("classes past the hidden layers", w.nrows(), n_classes)?;
        all_finite_f32("the weights past the hidden layers", w.iter())
    }

    /// Logits of the output layer for rows `x` `(n_rows, n_inputs)`: `(n_rows, n_classes)`. Nothing is dropped out.
    pub fn logits(&self, x: &ArrayRef2<f32>) -> Array2<f32> {
        let mut logits = Array2::zeros((x.nrows(), self.layers.last().map_or(0, |layer| layer.b.len())));
        for (x, mut logits) in x.axis_chunks_iter(Axis(0), BLOCK).zip(logits.axis_chunks_iter_mut(Axis(0), BLOCK)) {
            let hidden = self.hidden(&x);
            if let Some(output) = self.layers.last() {
                let below = hidden.last().map_or(x, |h| h.view());
                kernels::affine(&below, &output.w, &output.b, &mut logits);
            }
            if let Some(skip) = &self.skip {
                let mut encoded = Array2::zeros((x.nrows(), skip.w.ncols()));
                let mut added = Array2::zeros(logits.raw_dim());
                skip.encoding.write(&x, &mut encoded);
                kernels::product_transposed(&encoded, &skip.w, &mut added);
                logits += &added;
            }
        }
        logits
    }

    /// Activations of the hidden layers for rows `x` `(n_rows, n_inputs)`, from the lowest: `(n_rows, n_units)` each.
    pub fn hidden(&self, x: &ArrayRef2<f32>) -> Vec<Array2<f32>> {
        let mut hidden: Vec<Array2<f32>> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers[..self.layers.len().saturating_sub(1)] {
            let mut out = Array2::zeros((x.nrows(), layer.b.len()));
            kernels::affine(&hidden.last().map_or(x.view(), |h| h.view()), &layer.w, &layer.b, &mut out);
            self.activation.apply(&mut out);
            hidden.push(out);
        }
        hidden
    }

    /// Largest absolute weight or bias; NaN when any is not a number.
    pub fn largest(&self) -> f32 {
        let layers = self.layers.iter().flat_map(|l| l.w.iter().chain(&l.b));
        let all = layers.chain(self.skip.iter().flat_map(|skip| &skip.w));
        all.fold(0.0, |m, x| if x.is_nan() || x.abs() > m { x.abs() } else { m })
    }

    /// Number of weights and biases.
    pub fn n_parameters(&self) -> usize {
        let layers: usize = self.layers.iter().map(|l| l.w.len() + l.b.len()).sum();
        layers + self.skip.as_ref().map_or(0, |skip| skip.w.len())
    }
}

/// Weights of a net and scratch space stand in memory as they are written, row by row.
fn slice<D: Dimension>(x: &ArrayRef<f32, D>) -> &[f32] {
    debug_assert!(x.is_standard_layout());
    x.as_slice().unwrap_or_default()
}

fn slice_mut<D: Dimension>(x: &mut ArrayRef<f32, D>) -> &mut [f32] {
    debug_assert!(x.is_standard_layout());
    x.as_slice_mut().unwrap_or_default()
}

/// P(class | row) of logits `(n_rows, n_classes)`, in f64, without overflow.
pub fn softmax(logits: Array2<f32>) -> Array2<f64> {
    let mut p = logits.mapv_into_any(f64::from);
    for mut row in p.rows_mut() {
        let top = row.fold(f64::NEG_INFINITY, |m, &z| m.max(z));
        row.mapv_inplace(|z| (z - top).exp());
        let sum = row.sum();
        row /= sum;
    }
    p
}

#[cfg(test)]
mod tests;
