//! The stack as a feed-forward net, and back-propagation through all of it (MATH §4).
//!
//! Hidden layers are logistic, `h_ℓ = σm(h_{ℓ−1}·W_ℓ + c_ℓ)` with `h_0 = x`; the output is a softmax over K classes. The
//! loss of a batch is the mean of `w_y·(−ln p_y)` over its rows, w the class weights.

use ndarray::{Array1, Array2, ArrayRef2, Axis, Zip, s};
use serde::{Deserialize, Serialize};

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

/// Logistic hidden layers and one softmax output layer, the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// From the inputs up; the last one is the output layer.
    pub layers: Vec<Layer>,
}

/// How the weights follow the gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// Adam with β = (0.9, 0.999), ε = 1e-8.
    Adam,
    /// Stochastic gradient descent with momentum 0.9.
    Sgd,
}

impl Network {
    /// Activations of each hidden layer from the lowest for rows `x` `(n_rows, n_inputs)`: `(n_rows, n_units)` each.
    pub fn hidden(&self, x: &ArrayRef2<f32>) -> Vec<Array2<f32>> {
        let mut levels: Vec<Array2<f32>> = Vec::new();
        for layer in &self.layers[..self.layers.len().saturating_sub(1)] {
            let mut out = Array2::zeros((x.nrows(), layer.b.len()));
            kernels::affine(levels.last().map_or(x, |below| below), &layer.w, &layer.b, &mut out);
            logistic_rows(&mut out);
            levels.push(out);
        }
        levels
    }

    /// Logits of the output layer for rows `x` `(n_rows, n_inputs)`: `(n_rows, n_classes)`.
    pub fn logits(&self, x: &ArrayRef2<f32>) -> Array2<f32> {
        let mut below = x.to_owned();
        for (i, layer) in self.layers.iter().enumerate() {
            let mut out = Array2::zeros((x.nrows(), layer.b.len()));
            kernels::affine(&below, &layer.w, &layer.b, &mut out);
            if i + 1 < self.layers.len() {
                logistic_rows(&mut out);
            }
            below = out;
        }
        below
    }

    /// Mean cross-entropy in nats, class weights `weights` (`n_classes`) applied, and the share of rows classified
    /// correctly. `None` without rows.
    pub fn loss_and_accuracy(&self, x: &ArrayRef2<f32>, y: &[usize], weights: &[f32]) -> Option<(f64, f64)> {
        if y.is_empty() {
            return None;
        }
        let logits = self.logits(x);
        let (mut loss, mut right) = (0.0, 0usize);
        for (z, &y) in logits.rows().into_iter().zip(y) {
            let top = z.fold(f32::NEG_INFINITY, |m, &z| m.max(z));
            let sum: f64 = z.iter().map(|&z| f64::from(z - top).exp()).sum();
            loss += f64::from(weights[y]) * (sum.ln() - f64::from(z[y] - top));
            right += usize::from(z.iter().enumerate().all(|(k, &other)| k == y || other < z[y]));
        }
        Some((loss / y.len() as f64, right as f64 / y.len() as f64))
    }

    /// Largest absolute weight or bias; NaN when any is not a number.
    pub fn largest(&self) -> f32 {
        let all = self.layers.iter().flat_map(|l| l.w.iter().chain(&l.b));
        all.fold(0.0, |m, x| if x.is_nan() || x.abs() > m { x.abs() } else { m })
    }
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

/// Back-propagation with its optimiser state and scratch space.
#[derive(Clone, Debug)]
pub struct BackPropagation {
    optimizer: Optimizer,
    /// Activations per layer for up to a batch of rows, `(batch, n_out)`.
    activations: Vec<Array2<f32>>,
    deltas: Vec<Array2<f32>>,
    /// The gradient of the batch loss, from the last call of [`Self::gradient`].
    pub gradient: Vec<Layer>,
    first_moment: Vec<Layer>,
    second_moment: Vec<Layer>,
    updates: i32,
}

impl BackPropagation {
    /// Scratch space for batches of up to `batch` rows.
    pub fn new(network: &Network, batch: usize, optimizer: Optimizer) -> Self {
        let zeros = || network.layers.iter().map(Layer::zeros_like).collect::<Vec<_>>();
        let rows = || network.layers.iter().map(|l| Array2::zeros((batch, l.b.len()))).collect::<Vec<_>>();
        Self {
            optimizer,
            activations: rows(),
            deltas: rows(),
            gradient: zeros(),
            first_moment: zeros(),
            second_moment: zeros(),
            updates: 0,
        }
    }

    /// Gradient of the mean weighted cross-entropy of the batch `x` `(n_rows, n_inputs)`, `y` `n_rows` classes, left in
    /// `gradient`. Divided by the batch's own number of rows.
    pub fn gradient(&mut self, network: &Network, x: &ArrayRef2<f32>, y: &[usize], weights: &[f32]) {
        let rows = y.len();
        let last = network.layers.len() - 1;
        for (l, layer) in network.layers.iter().enumerate() {
            let (below, here) = self.activations.split_at_mut(l);
            let below = below.last().map_or(x.view(), |a| a.slice(s![..rows, ..]));
            let mut out = here[0].slice_mut(s![..rows, ..]);
            kernels::affine(&below, &layer.w, &layer.b, &mut out);
            if l < last {
                logistic_rows(&mut out);
            }
        }
        // At the output: w_y·(softmax − one-hot)/n_rows.
        let mut delta = self.deltas[last].slice_mut(s![..rows, ..]);
        delta.assign(&self.activations[last].slice(s![..rows, ..]));
        for (mut row, &y) in delta.rows_mut().into_iter().zip(y) {
            let top = row.fold(f32::NEG_INFINITY, |m, &z| m.max(z));
            row.mapv_inplace(|z| (z - top).exp());
            let scale = weights[y] / rows as f32;
            let sum = row.sum();
            row.mapv_inplace(|p| scale * p / sum);
            row[y] -= scale;
        }
        for l in (0..=last).rev() {
            let (lower, here) = self.deltas.split_at_mut(l);
            let delta = here[0].slice(s![..rows, ..]);
            let gradient = &mut self.gradient[l];
            match l.checked_sub(1) {
                None => kernels::transposed_product(1.0, x, &delta, 0.0, &mut gradient.w),
                Some(below) => {
                    let h = self.activations[below].slice(s![..rows, ..]);
                    kernels::transposed_product(1.0, &h, &delta, 0.0, &mut gradient.w);
                    let mut down = lower[below].slice_mut(s![..rows, ..]);
                    kernels::product_transposed(&delta, &network.layers[l].w, &mut down);
                    Zip::from(&mut down).and(&h).for_each(|d, &h| *d *= h * (1.0 - h));
                }
            }
            gradient.b.assign(&delta.sum_axis(Axis(0)));
        }
    }

    /// One step of the optimiser along the last gradient.
    pub fn update(&mut self, network: &mut Network, rate: f32) {
        self.updates += 1;
        let state = self.first_moment.iter_mut().zip(&mut self.second_moment);
        let layers = network.layers.iter_mut().zip(&self.gradient).zip(state);
        match self.optimizer {
            Optimizer::Adam => {
                let (b1, b2) = (0.9_f32, 0.999_f32);
                // The bias corrections of Adam, folded into the rate.
                let correction1 = 1.0 - b1.powi(self.updates);
                let correction2 = 1.0 - b2.powi(self.updates);
                let adam = |x: &mut f32, &g: &f32, m: &mut f32, v: &mut f32| {
                    *m = b1 * *m + (1.0 - b1) * g;
                    *v = b2 * *v + (1.0 - b2) * g * g;
                    *x -= rate * (*m / correction1) / ((*v / correction2).sqrt() + 1e-8);
                };
                for ((layer, g), (m, v)) in layers {
                    Zip::from(&mut layer.w).and(&g.w).and(&mut m.w).and(&mut v.w).for_each(adam);
                    Zip::from(&mut layer.b).and(&g.b).and(&mut m.b).and(&mut v.b).for_each(adam);
                }
            }
            Optimizer::Sgd => {
                let sgd = |x: &mut f32, &g: &f32, m: &mut f32| {
                    *m = 0.9 * *m - rate * g;
                    *x += *m;
                };
                for ((layer, g), (m, _)) in layers {
                    Zip::from(&mut layer.w).and(&g.w).and(&mut m.w).for_each(sgd);
                    Zip::from(&mut layer.b).and(&g.b).and(&mut m.b).for_each(sgd);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use ndarray::array;
    use rand::RngExt as _;

    fn network(sizes: &[usize], seed: u64) -> Network {
        let mut random = stream(seed, Purpose::InitialWeights, 0);
        let mut draw = || (random.random::<f32>() - 0.5) * 2.0;
        let layers = sizes
            .windows(2)
            .map(|s| Layer {
                w: Array2::from_shape_simple_fn((s[0], s[1]), &mut draw),
                b: Array1::from_shape_simple_fn(s[1], &mut draw),
            })
            .collect();
        Network { layers }
    }

    /// The loss in f64, one row and one unit at a time, from MATH §4 alone.
    fn plain_loss(layers: &[(Vec<Vec<f64>>, Vec<f64>)], x: &[Vec<f64>], y: &[usize], weights: &[f32]) -> f64 {
        let mut total = 0.0;
        for (x, &y) in x.iter().zip(y) {
            let mut h = x.clone();
            for (l, (w, b)) in layers.iter().enumerate() {
                let z: Vec<f64> =
                    (0..b.len()).map(|j| b[j] + h.iter().enumerate().map(|(i, h)| h * w[i][j]).sum::<f64>()).collect();
                h = if l + 1 < layers.len() { z.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect() } else { z };
            }
            let sum: f64 = h.iter().map(|z| z.exp()).sum();
            total -= f64::from(weights[y]) * (h[y].exp() / sum).ln();
        }
        total / y.len() as f64
    }

    #[test]
    fn back_propagation_agrees_with_finite_differences_through_the_whole_stack() {
        let net = network(&[4, 5, 3, 3], 3);
        let mut random = stream(9, Purpose::InitialWeights, 1);
        let x = Array2::from_shape_simple_fn((7, 4), || (random.random::<f32>() - 0.5) * 4.0);
        let y = [0, 2, 1, 1, 0, 2, 2];
        let weights = [1.0, 0.5, 2.0];
        let mut bp = BackPropagation::new(&net, 7, Optimizer::Sgd);
        bp.gradient(&net, &x, &y, &weights);
        let x64: Vec<Vec<f64>> = x.rows().into_iter().map(|r| r.iter().map(|&x| f64::from(x)).collect()).collect();
        let wide: Vec<(Vec<Vec<f64>>, Vec<f64>)> = net
            .layers
            .iter()
            .map(|l| {
                let w = l.w.rows().into_iter().map(|r| r.iter().map(|&x| f64::from(x)).collect()).collect();
                (w, l.b.iter().map(|&x| f64::from(x)).collect())
            })
            .collect();
        let (loss, _) = net.loss_and_accuracy(&x, &y, &weights).unwrap();
        assert!((loss - plain_loss(&wide, &x64, &y, &weights)).abs() < 1e-6);
        let eps = 1e-5;
        for l in 0..3 {
            let (rows, columns) = net.layers[l].w.dim();
            for j in 0..columns {
                for i in 0..=rows {
                    let at = |by: f64| {
                        let mut moved = wide.clone();
                        *(if i < rows { &mut moved[l].0[i][j] } else { &mut moved[l].1[j] }) += by;
                        plain_loss(&moved, &x64, &y, &weights)
                    };
                    let numeric = (at(eps) - at(-eps)) / (2.0 * eps);
                    let got = f64::from(if i < rows { bp.gradient[l].w[[i, j]] } else { bp.gradient[l].b[j] });
                    assert!((got - numeric).abs() < 1e-6, "layer {l} ({i}, {j}): {got} {numeric}");
                }
            }
        }
    }

    #[test]
    fn huge_logits_stay_finite() {
        let net = Network { layers: vec![Layer { w: array![[1e4_f32, -1e4]], b: array![0.0, 0.0] }] };
        let x = array![[1.0_f32], [-1.0]];
        let p = softmax(net.logits(&x));
        assert_eq!(p, array![[1.0, 0.0], [0.0, 1.0]]);
        let (loss, accuracy) = net.loss_and_accuracy(&x, &[1, 1], &[1.0, 1.0]).unwrap();
        assert_eq!((loss, accuracy), (1e4, 0.5));
        let mut bp = BackPropagation::new(&net, 2, Optimizer::Adam);
        bp.gradient(&net, &x, &[1, 1], &[1.0, 1.0]);
        assert!(bp.gradient[0].w.iter().all(|g| g.is_finite()));
    }

    #[test]
    fn adam_takes_its_first_step_at_the_rate_whatever_the_gradient() {
        // The first step of Adam is rate·g/(|g| + ε): ± the rate.
        let mut net = Network { layers: vec![Layer { w: array![[0.5_f32, -0.5]], b: array![0.0, 0.0] }] };
        let before = net.clone();
        let mut bp = BackPropagation::new(&net, 1, Optimizer::Adam);
        bp.gradient(&net, &array![[3.0_f32]], &[1], &[1.0, 1.0]);
        bp.update(&mut net, 0.01);
        for k in 0..2 {
            let moved = net.layers[0].w[[0, k]] - before.layers[0].w[[0, k]];
            let want = -0.01 * bp.gradient[0].w[[0, k]].signum();
            assert!((moved - want).abs() < 1e-6);
        }
    }

    #[test]
    fn a_tie_between_classes_is_not_called_right() {
        let net = Network { layers: vec![Layer { w: array![[0.0_f32, 0.0]], b: array![0.0, 0.0] }] };
        let (_, accuracy) = net.loss_and_accuracy(&array![[1.0_f32]], &[0], &[1.0, 1.0]).unwrap();
        assert_eq!(accuracy, 0.0);
    }
}
