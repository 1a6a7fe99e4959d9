//! p(h | v) and p(v | h): means, and draws from them, for whole batches.

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Axis, Zip};

use super::{Hidden, Rbm, Visible};
use crate::model::kernels::{self, Lanes};

/// Numbers drawn at once where a scratch array of the batch's size is not worth having.
const CHUNK: usize = 256;

/// What a learned σ adds: W/σ for the way up and σ for the way down.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    pub(super) sigma: Array1<f32>,
    up: Array2<f32>,
}

impl Scale {
    /// `None` where σ = 1.
    pub(super) fn of(rbm: &Rbm) -> Option<Self> {
        rbm.log_variance.as_ref()?;
        let sigma = (0..rbm.n_visible()).map(|i| rbm.sigma(i)).collect();
        Some(Self { sigma, up: rbm.up_weights().into_owned() })
    }

    /// Follows a machine that has learned, without allocation.
    pub(super) fn refresh(&mut self, rbm: &Rbm) {
        for (i, sigma) in self.sigma.iter_mut().enumerate() {
            *sigma = rbm.sigma(i);
        }
        self.up.assign(&rbm.w);
        for (mut row, &sigma) in self.up.rows_mut().into_iter().zip(&self.sigma) {
            row /= sigma;
        }
    }
}

/// A machine with its σ worked out.
#[derive(Clone, Copy)]
pub(super) struct Conditionals<'a> {
    pub(super) rbm: &'a Rbm,
    scale: Option<&'a Scale>,
}

impl<'a> Conditionals<'a> {
    pub(super) fn new(rbm: &'a Rbm, scale: Option<&'a Scale>) -> Self {
        Self { rbm, scale }
    }

    /// W/σ.
    pub(super) fn up_weights(&self) -> &'a Array2<f32> {
        self.scale.map_or(&self.rbm.w, |s| &s.up)
    }

    /// Means of the hidden units given rows `v`, and states drawn from p(h | v).
    pub(super) fn draw_hidden(
        &self,
        v: &ArrayRef2<f32>,
        lanes: &mut Lanes,
        mean: &mut ArrayRef2<f32>,
        state: &mut ArrayRef2<f32>,
    ) {
        kernels::affine(v, self.up_weights(), &self.rbm.c, mean);
        draw_from_inputs(self.rbm.hidden, lanes, flat(mean), flat(state));
    }

    /// Means of the hidden units given rows `v`.
    pub(super) fn hidden_means(&self, v: &ArrayRef2<f32>, mean: &mut ArrayRef2<f32>) {
        kernels::affine(v, self.up_weights(), &self.rbm.c, mean);
        means_from_inputs(self.rbm.hidden, flat(mean));
    }

    /// Means of the visible units given rows `h`.
    pub(super) fn visible_means(&self, h: &ArrayRef2<f32>, mean: &mut ArrayRef2<f32>) {
        if self.scale.is_none() {
            kernels::affine_transposed(h, &self.rbm.w, &self.rbm.b, mean);
        } else {
            kernels::product_transposed(h, &self.rbm.w, mean);
            for mut row in mean.rows_mut() {
                self.add_bias(&self.rbm.b, 1.0, &mut row);
            }
        }
        self.visible_from_inputs(mean);
    }

    /// Turns W·h of one row into the input b + βσ·W·h of its visible units: β = 1 in the machine itself.
    pub(super) fn add_bias(&self, b: &Array1<f32>, beta: f32, row: &mut ArrayRef1<f32>) {
        match self.scale {
            None => row.zip_mut_with(b, |x, &b| *x = b + beta * *x),
            Some(scale) => {
                Zip::from(row).and(b).and(&scale.sigma).for_each(|x, &b, &sigma| *x = b + beta * sigma * *x);
            }
        }
    }

    /// Turns inputs b + σ·W·h of the visible units into their means.
    pub(super) fn visible_from_inputs(&self, x: &mut ArrayRef2<f32>) {
        let n_features = self.rbm.n_features();
        match &self.rbm.visible {
            Visible::Gaussian => {}
            Visible::Bernoulli if self.rbm.n_classes == 0 => kernels::logistic(flat(x)),
            _ => {
                let mut p = [0.0; CHUNK];
                for mut row in x.rows_mut() {
                    let row = flat_row(&mut row);
                    for (start, chunk) in (0..).step_by(CHUNK).zip(row[..n_features].chunks_mut(CHUNK)) {
                        let p = &mut p[..chunk.len()];
                        p.copy_from_slice(chunk);
                        kernels::logistic(p);
                        for (i, (x, &p)) in (start..).zip(chunk.iter_mut().zip(&*p)) {
                            if !self.rbm.is_gaussian(i) {
                                *x = p;
                            }
                        }
                    }
                }
            }
        }
        if self.rbm.n_classes > 0 {
            for mut row in x.rows_mut() {
                softmax(&mut flat_row(&mut row)[n_features..]);
            }
        }
    }

    /// Replaces means of visible units by states drawn around them.
    pub(super) fn draw_visible(&self, lanes: &mut Lanes, v: &mut ArrayRef2<f32>) {
        let n_features = self.rbm.n_features();
        match &self.rbm.visible {
            Visible::Bernoulli if self.rbm.n_classes == 0 => draw_in_place(lanes, flat(v)),
            Visible::Gaussian if self.rbm.n_classes == 0 && self.scale.is_none() => add_noise(lanes, flat(v)),
            _ => {
                for mut row in v.axis_iter_mut(Axis(0)) {
                    let row = flat_row(&mut row);
                    self.draw_features(lanes, &mut row[..n_features]);
                    draw_one_hot(lanes, &mut row[n_features..]);
                }
            }
        }
    }

    /// Draws one row of features, unit by unit after its kind.
    fn draw_features(&self, lanes: &mut Lanes, row: &mut [f32]) {
        let (mut drawn, mut noise) = ([0.0; CHUNK], [0.0; CHUNK]);
        for (start, chunk) in (0..).step_by(CHUNK).zip(row.chunks_mut(CHUNK)) {
            let n = chunk.len();
            if self.rbm.visible != Visible::Gaussian {
                kernels::draw_bernoulli(lanes, chunk, &mut drawn[..n]);
            }
            if self.rbm.visible != Visible::Bernoulli {
                kernels::standard_normals(lanes, &mut noise[..n]);
            }
            for (k, x) in chunk.iter_mut().enumerate() {
                if self.rbm.is_gaussian(start + k) {
                    *x += self.scale.map_or(1.0, |s| s.sigma[start + k]) * noise[k];
                } else {
                    *x = drawn[k];
                }
            }
        }
    }
}

impl Rbm {
    /// What the layer hands on for rows `v` `(n_rows, n_visible)`, written to `h` `(n_rows, n_hidden)`: p(h | v) of
    /// Bernoulli units, E[h | v] of Gaussian ones, `max(0, c + v̂·W)` of rectified ones, which is their value without
    /// noise (NH10).
    pub fn hidden_into(&self, v: &ArrayRef2<f32>, h: &mut ArrayRef2<f32>) {
        if h.is_standard_layout() {
            kernels::affine(v, &self.up_weights(), &self.c, h);
            means_from_inputs(self.hidden, flat(h));
        } else {
            h.assign(&self.hidden_mean(v));
        }
    }

    /// [`Self::hidden_into`] in a new array.
    pub fn hidden_mean(&self, v: &ArrayRef2<f32>) -> Array2<f32> {
        let mut h = Array2::zeros((v.nrows(), self.n_hidden()));
        self.hidden_into(v, &mut h);
        h
    }

    /// E[v | h] for rows `h` `(n_rows, n_hidden)`: `(n_rows, n_visible)`.
    pub fn visible_mean(&self, h: &ArrayRef2<f32>) -> Array2<f32> {
        let mut v = Array2::zeros((h.nrows(), self.n_visible()));
        Conditionals::new(self, Scale::of(self).as_ref()).visible_means(h, &mut v);
        v
    }
}

/// Turns inputs of hidden units into their means.
pub(super) fn means_from_inputs(kind: Hidden, x: &mut [f32]) {
    match kind {
        Hidden::Bernoulli => kernels::logistic(x),
        Hidden::Gaussian => {}
        Hidden::Rectified => x.iter_mut().for_each(|x| *x = rectified(*x)),
    }
}

/// Turns inputs of hidden units into their means, and draws states.
pub(super) fn draw_from_inputs(kind: Hidden, lanes: &mut Lanes, x: &mut [f32], state: &mut [f32]) {
    match kind {
        Hidden::Bernoulli => {
            kernels::logistic(x);
            kernels::draw_bernoulli(lanes, x, state);
        }
        Hidden::Gaussian => {
            kernels::standard_normals(lanes, state);
            for (state, &mean) in state.iter_mut().zip(&*x) {
                *state += mean;
            }
        }
        Hidden::Rectified => {
            kernels::standard_normals(lanes, state);
            let mut variance = [0.0; CHUNK];
            for (x, state) in x.chunks_mut(CHUNK).zip(state.chunks_mut(CHUNK)) {
                let variance = &mut variance[..x.len()];
                variance.copy_from_slice(x);
                kernels::logistic(variance);
                for ((x, state), &variance) in x.iter_mut().zip(state).zip(&*variance) {
                    *state = rectified(*x + variance.sqrt() * *state);
                    *x = rectified(*x);
                }
            }
        }
    }
}

/// max(0, x); NaN stays NaN.
fn rectified(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// Replaces probabilities by 1 or 0.
fn draw_in_place(lanes: &mut Lanes, p: &mut [f32]) {
    let mut drawn = [0.0; CHUNK];
    for p in p.chunks_mut(CHUNK) {
        let drawn = &mut drawn[..p.len()];
        kernels::draw_bernoulli(lanes, p, drawn);
        p.copy_from_slice(drawn);
    }
}

/// Adds a draw from N(0, 1) to every number.
fn add_noise(lanes: &mut Lanes, x: &mut [f32]) {
    let mut noise = [0.0; CHUNK];
    for x in x.chunks_mut(CHUNK) {
        let noise = &mut noise[..x.len()];
        kernels::standard_normals(lanes, noise);
        for (x, &noise) in x.iter_mut().zip(&*noise) {
            *x += noise;
        }
    }
}

/// Replaces logits by their softmax.
pub(super) fn softmax(logits: &mut [f32]) {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for x in &mut *logits {
        *x = (*x - top).exp();
        sum += *x;
    }
    for x in logits {
        *x /= sum;
    }
}

/// Replaces the probabilities of classes by a one-hot draw.
pub(super) fn draw_one_hot(lanes: &mut Lanes, p: &mut [f32]) {
    let Some(last) = p.len().checked_sub(1) else { return };
    let mut left = 1.0;
    let mut chosen = last;
    // Class by class: this one, given that it is none of those before.
    for (k, &p) in p[..last].iter().enumerate() {
        let mut drawn = [0.0];
        kernels::draw_bernoulli(lanes, &[p / left], &mut drawn);
        if drawn[0] > 0.0 {
            chosen = k;
            break;
        }
        left -= p;
    }
    p.fill(0.0);
    p[chosen] = 1.0;
}

/// The numbers of a scratch array, or of the first rows of one: contiguous, all of them.
pub(super) fn flat(x: &mut ArrayRef2<f32>) -> &mut [f32] {
    x.as_slice_mut().expect("scratch arrays are contiguous")
}

/// The numbers of one row of a scratch array.
pub(super) fn flat_row(row: &mut ArrayRef1<f32>) -> &mut [f32] {
    row.as_slice_mut().expect("rows of scratch arrays are contiguous")
}
