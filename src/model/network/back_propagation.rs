//! The gradient of the loss in every weight of a net, by back-propagation through the whole stack.
//!
//! The loss of a batch is the mean over its rows of `w_y·Σ_k q_k·(−ln p_k)`, w the class weights, q the label or, smoothed
//! by ε, `(1 − ε)·[k = y] + ε/K`. Dropout (Srivastava et al. 2014, inverted): each hidden unit of each row is 0 with
//! probability d, else its activation over 1 − d, so that its mean stays and predicting needs no correction.

use ndarray::{Array2, ArrayRef2, s};

use super::{Layer, Network, slice, slice_mut};
use crate::model::kernels::{self, Lanes, Scratch};

/// What is minimised.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Weight of each class, `n_classes`.
    pub class_weights: Vec<f32>,
    /// ε, in [0, 1).
    pub label_smoothing: f32,
}

/// A number for every weight of a net.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// As [`Network::layers`].
    pub layers: Vec<Layer>,
    /// As [`super::Skip::w`].
    pub skip: Option<Array2<f32>>,
}

/// Draws which hidden units take no part.
#[derive(Clone, Debug)]
struct Dropout {
    /// Probability that a unit takes part.
    keep: f32,
    lanes: Lanes,
}

/// Back-propagation with its scratch space, so that a batch allocates nothing.
#[derive(Clone, Debug)]
pub struct BackPropagation {
    objective: Objective,
    dropout: Option<Dropout>,
    /// Outputs per layer for up to a batch of rows, `(batch, n_out)`, after dropout; of the last layer its logits.
    outputs: Vec<Scratch>,
    deltas: Vec<Scratch>,
    /// The encoded rows, `(batch, width)`, and what the skip input adds to the logits, `(batch, n_classes)`.
    skip: Option<(Scratch, Scratch)>,
    gradient: Gradient,
}

impl BackPropagation {
    /// Scratch space for batches of up to `batch` rows. `dropout` is the share of hidden units that are left out, in
    /// [0, 1), drawn from `lanes`.
    pub fn new(network: &Network, batch: usize, objective: Objective, dropout: f32, lanes: Lanes) -> Self {
        let rows = || network.layers.iter().map(|l| Scratch::new(batch, l.b.len())).collect::<Vec<_>>();
        let skip = network.skip.as_ref();
        Self {
            objective,
            dropout: (dropout > 0.0).then_some(Dropout { keep: 1.0 - dropout, lanes }),
            outputs: rows(),
            deltas: rows(),
            skip: skip.map(|s| (Scratch::new(batch, s.w.ncols()), Scratch::new(batch, s.w.nrows()))),
            gradient: Gradient {
                layers: network.layers.iter().map(Layer::zeros_like).collect(),
                skip: skip.map(|s| Array2::zeros(s.w.raw_dim())),
            },
        }
    }

    /// Gradient of the loss of the batch `x` `(n_rows, n_inputs)`, `y` `n_rows` classes, over its own number of rows, so
    /// that a short last batch weighs what it should.
    pub fn gradient(&mut self, network: &Network, x: &ArrayRef2<f32>, y: &[usize]) -> &Gradient {
        let beside = self.skip.iter_mut().flat_map(|(encoded, added)| [encoded, added]);
        self.outputs.iter_mut().chain(&mut self.deltas).chain(beside).for_each(|space| space.room(x.nrows()));
        self.forward(network, x);
        self.output_delta(network, y);
        self.backward(network, x);
        &self.gradient
    }

    fn forward(&mut self, network: &Network, x: &ArrayRef2<f32>) {
        let n = x.nrows();
        let last = network.layers.len() - 1;
        for (l, layer) in network.layers.iter().enumerate() {
            let (below, here) = self.outputs.split_at_mut(l);
            let below = below.last().map_or(x.view(), |outputs| outputs.slice(s![..n, ..]));
            let mut out = here[0].slice_mut(s![..n, ..]);
            kernels::affine(&below, &layer.w, &layer.b, &mut out);
            if l < last {
                network.activation.apply(&mut out);
                if let Some(dropout) = &mut self.dropout {
                    kernels::drop_out(&mut dropout.lanes, dropout.keep, slice_mut(&mut out));
                }
            }
        }
        if let (Some(skip), Some((encoded, added))) = (&network.skip, &mut self.skip) {
            let (mut encoded, mut added) = (encoded.slice_mut(s![..n, ..]), added.slice_mut(s![..n, ..]));
            skip.encoding.write(x, &mut encoded);
            kernels::product_transposed(&encoded, &skip.w, &mut added);
            let mut logits = self.outputs[last].slice_mut(s![..n, ..]);
            logits += &added;
        }
    }

    /// Of the loss in the logits: `w_y·(p − q)/n_rows`.
    fn output_delta(&mut self, network: &Network, y: &[usize]) {
        let last = network.layers.len() - 1;
        let n = y.len();
        let mut delta = self.deltas[last].slice_mut(s![..n, ..]);
        delta.assign(&self.outputs[last].slice(s![..n, ..]));
        let n_classes = delta.ncols();
        let smoothing = self.objective.label_smoothing;
        let everywhere = smoothing / n_classes as f32;
        for (row, &y) in slice_mut(&mut delta).chunks_exact_mut(n_classes.max(1)).zip(y) {
            let top = row.iter().fold(f32::NEG_INFINITY, |top, &z| top.max(z));
            let mut sum = 0.0;
            for z in &mut *row {
                *z = kernels::exp_clamped(*z - top);
                sum += *z;
            }
            let weight = self.objective.class_weights[y] / n as f32;
            for p in &mut *row {
                *p = weight * (*p / sum - everywhere);
            }
            row[y] -= weight * (1.0 - smoothing);
        }
    }

    fn backward(&mut self, network: &Network, x: &ArrayRef2<f32>) {
        let n = x.nrows();
        let last = network.layers.len() - 1;
        let keep = self.dropout.as_ref().map_or(1.0, |dropout| dropout.keep);
        for l in (0..=last).rev() {
            let (lower, here) = self.deltas.split_at_mut(l);
            let delta = here[0].slice(s![..n, ..]);
            let gradient = &mut self.gradient.layers[l];
            if let Some(below) = l.checked_sub(1) {
                let h = self.outputs[below].slice(s![..n, ..]);
                kernels::transposed_product(1.0, &h, &delta, 0.0, &mut gradient.w);
                let mut down = lower[below].slice_mut(s![..n, ..]);
                kernels::product_transposed(&delta, &network.layers[l].w, &mut down);
                network.activation.back(&mut down, &h, keep);
            } else {
                kernels::transposed_product(1.0, x, &delta, 0.0, &mut gradient.w);
            }
            gradient.b.fill(0.0);
            kernels::add_column_sums(1.0, slice(&delta), slice_mut(&mut gradient.b));
        }
        if let (Some((encoded, _)), Some(gradient)) = (&self.skip, &mut self.gradient.skip) {
            let delta = self.deltas[last].slice(s![..n, ..]);
            kernels::transposed_product(1.0, &delta, &encoded.slice(s![..n, ..]), 0.0, gradient);
        }
    }
}
