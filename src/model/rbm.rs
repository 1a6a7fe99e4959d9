//! The restricted Boltzmann machine and one step of contrastive divergence.
//!
//! Visible v (n), Bernoulli hidden h (m), weights W (n × m), biases b and c (MATH §2, σ = 1 after standardising):
//!
//! - Bernoulli visible: `E(v, h) = −b·v − c·h − vᵀWh`, `p(v_i | h) = σm(b_i + W_i·h)`
//! - Gaussian visible: `E(v, h) = Σ(v_i − b_i)²/2 − c·h − vᵀWh`, `p(v_i | h) = N(b_i + W_i·h, 1)`
//!
//! `p(h_j | v) = σm(c_j + v·W_j)` in both. CD-k follows Hinton's practical guide (H10 §3): driving hidden states are
//! sampled, the visible side and the last hidden update use probabilities (or means) unless sampling is chosen.

use ndarray::{Array1, Array2, ArrayRef2, Axis, Zip, s};
use rand_distr::{Distribution as _, StandardNormal};

use super::kernels::{self, Lanes};
use crate::random::Stream;

/// The distribution of the visible units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visible {
    /// Binary, or probabilities in 0..=1.
    Bernoulli,
    /// Real-valued with unit variance, for standardised indicators.
    Gaussian,
}

/// A restricted Boltzmann machine with Bernoulli hidden units.
#[derive(Clone, Debug, PartialEq)]
pub struct Rbm {
    /// Kind of the visible units.
    pub visible: Visible,
    /// Weights, `(n_visible, n_hidden)`.
    pub w: Array2<f32>,
    /// Visible biases, `n_visible`.
    pub b: Array1<f32>,
    /// Hidden biases, `n_hidden`.
    pub c: Array1<f32>,
}

impl Rbm {
    /// A machine before training, as (H10 §8) has it: W ~ N(0, 0.01²), c = 0, b = 0 for Gaussian visible units and the
    /// logit of the mean activity, clipped to 0.01–0.99, for Bernoulli ones. `x` is `(n_rows, n_visible)`.
    pub fn new(visible: Visible, n_hidden: usize, x: &ArrayRef2<f32>, random: &mut Stream) -> Self {
        let n_visible = x.ncols();
        let w = Array2::from_shape_simple_fn((n_visible, n_hidden), || {
            let z: f32 = StandardNormal.sample(random);
            0.01 * z
        });
        let b = match (visible, x.mean_axis(Axis(0))) {
            (Visible::Bernoulli, Some(mean)) => mean.mapv(|p| {
                let p = p.clamp(0.01, 0.99);
                (p / (1.0 - p)).ln()
            }),
            _ => Array1::zeros(n_visible),
        };
        Self { visible, w, b, c: Array1::zeros(n_hidden) }
    }

    /// p(h | v) for rows `v` `(n_rows, n_visible)`, written to `h` `(n_rows, n_hidden)`.
    pub fn hidden_into(&self, v: &ArrayRef2<f32>, h: &mut ArrayRef2<f32>) {
        kernels::affine(v, &self.w, &self.c, h);
        logistic_rows(h);
    }

    /// p(h | v) for rows `v` `(n_rows, n_visible)`: `(n_rows, n_hidden)`.
    pub fn hidden(&self, v: &ArrayRef2<f32>) -> Array2<f32> {
        let mut h = Array2::zeros((v.nrows(), self.c.len()));
        self.hidden_into(v, &mut h);
        h
    }

    /// E[v | h] for rows `h` `(n_rows, n_hidden)`, written to `v` `(n_rows, n_visible)`.
    pub fn visible_into(&self, h: &ArrayRef2<f32>, v: &mut ArrayRef2<f32>) {
        kernels::affine_transposed(h, &self.w, &self.b, v);
        if self.visible == Visible::Bernoulli {
            logistic_rows(v);
        }
    }

    /// Free energy `F(v) = −ln Σ_h e^{−E(v, h)}` of each row of `v` `(n_rows, n_visible)`, in nats, in f64.
    pub fn free_energy(&self, v: &ArrayRef2<f32>) -> Array1<f64> {
        let mut activation = Array2::zeros((v.nrows(), self.c.len()));
        kernels::affine(v, &self.w, &self.c, &mut activation);
        Zip::from(v.rows()).and(activation.rows()).map_collect(|v, a| {
            let visible: f64 = match self.visible {
                Visible::Bernoulli => -v.iter().zip(&self.b).map(|(&v, &b)| f64::from(v) * f64::from(b)).sum::<f64>(),
                Visible::Gaussian => {
                    v.iter().zip(&self.b).map(|(&v, &b)| (f64::from(v) - f64::from(b)).powi(2)).sum::<f64>() / 2.0
                }
            };
            visible - a.as_slice().map_or(f64::NAN, kernels::softplus_sum)
        })
    }

    /// Mean over rows and units of (v − E[v | h])², h the mean-field E[h | v] (MATH §3). `None` without rows. It is not
    /// what CD minimises.
    pub fn reconstruction_error(&self, v: &ArrayRef2<f32>) -> Option<f64> {
        if v.is_empty() {
            return None;
        }
        let mut r = Array2::zeros(v.raw_dim());
        self.visible_into(&self.hidden(v), &mut r);
        let sum: f64 = v.iter().zip(&r).map(|(&v, &r)| (f64::from(v) - f64::from(r)).powi(2)).sum();
        Some(sum / v.len() as f64)
    }

    /// Largest absolute weight or bias; NaN when any is not a number.
    pub fn largest(&self) -> f32 {
        let all = self.w.iter().chain(&self.b).chain(&self.c);
        all.fold(0.0, |m, x| if x.is_nan() || x.abs() > m { x.abs() } else { m })
    }
}

/// The logistic function over every element.
pub(super) fn logistic_rows(x: &mut ArrayRef2<f32>) {
    for mut row in x.rows_mut() {
        match row.as_slice_mut() {
            Some(row) => kernels::logistic(row),
            None => row.mapv_inplace(|x| 1.0 / (1.0 + kernels::exp_clamped(-x))),
        }
    }
}

/// The numbers of one update that may change while training (MATH §3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CdStep {
    /// Learning rate r.
    pub rate: f32,
    /// Momentum m.
    pub momentum: f32,
    /// Weight cost d, not applied to biases.
    pub weight_cost: f32,
    /// Gibbs steps k ≥ 1.
    pub gibbs_steps: usize,
    /// Draw the visible units in reconstruction in place of taking their mean.
    pub sample_visible: bool,
}

/// Contrastive divergence on one machine: gradient, momentum and scratch space, so that an update allocates nothing.
#[derive(Clone, Debug)]
pub struct ContrastiveDivergence {
    h_data: Array2<f32>,
    h_state: Array2<f32>,
    v_recon: Array2<f32>,
    h_recon: Array2<f32>,
    /// Gradient of W, then of b and c, from the last call of [`Self::gradient`].
    pub g_w: Array2<f32>,
    /// Gradient of b.
    pub g_b: Array1<f32>,
    /// Gradient of c.
    pub g_c: Array1<f32>,
    d_w: Array2<f32>,
    d_b: Array1<f32>,
    d_c: Array1<f32>,
}

impl ContrastiveDivergence {
    /// Scratch space for batches of up to `batch` rows.
    pub fn new(rbm: &Rbm, batch: usize) -> Self {
        let (n, m) = rbm.w.dim();
        Self {
            h_data: Array2::zeros((batch, m)),
            h_state: Array2::zeros((batch, m)),
            v_recon: Array2::zeros((batch, n)),
            h_recon: Array2::zeros((batch, m)),
            g_w: Array2::zeros((n, m)),
            g_b: Array1::zeros(n),
            g_c: Array1::zeros(m),
            d_w: Array2::zeros((n, m)),
            d_b: Array1::zeros(n),
            d_c: Array1::zeros(m),
        }
    }

    /// The CD-k statistics of one mini-batch `v` `(n_rows, n_visible)`, divided by its own number of rows, so that a
    /// short last batch weighs what it should. Left in `g_w`, `g_b`, `g_c`.
    pub fn gradient(&mut self, rbm: &Rbm, v: &ArrayRef2<f32>, step: &CdStep, random: &mut Lanes) {
        let rows = v.nrows();
        if rows == 0 {
            self.g_w.fill(0.0);
            self.g_b.fill(0.0);
            self.g_c.fill(0.0);
            return;
        }
        let mut h_data = self.h_data.slice_mut(s![..rows, ..]);
        let mut h_state = self.h_state.slice_mut(s![..rows, ..]);
        let mut v_recon = self.v_recon.slice_mut(s![..rows, ..]);
        let mut h_recon = self.h_recon.slice_mut(s![..rows, ..]);
        rbm.hidden_into(v, &mut h_data);
        draw(random, &h_data, &mut h_state);
        for k in 1..=step.gibbs_steps {
            rbm.visible_into(&h_state, &mut v_recon);
            if step.sample_visible {
                sample_visible(rbm.visible, random, &mut v_recon);
            }
            rbm.hidden_into(&v_recon, &mut h_recon);
            if k < step.gibbs_steps {
                draw(random, &h_recon, &mut h_state);
            }
        }
        let scale = 1.0 / rows as f32;
        kernels::transposed_product(scale, v, &h_data, 0.0, &mut self.g_w);
        kernels::transposed_product(-scale, &v_recon, &h_recon, 1.0, &mut self.g_w);
        mean_difference(v, &v_recon, &mut self.g_b);
        mean_difference(&h_data, &h_recon, &mut self.g_c);
    }

    /// One update: Δ = m·Δ + r·(g − d·W), W += Δ (MATH §3, eq. 3 in its standard form).
    pub fn update(&mut self, rbm: &mut Rbm, v: &ArrayRef2<f32>, step: &CdStep, random: &mut Lanes) {
        self.gradient(rbm, v, step, random);
        let CdStep { rate, momentum, weight_cost, .. } = *step;
        Zip::from(&mut rbm.w).and(&mut self.d_w).and(&self.g_w).for_each(|w, d, &g| {
            *d = momentum * *d + rate * (g - weight_cost * *w);
            *w += *d;
        });
        for (x, d, g) in [(&mut rbm.b, &mut self.d_b, &self.g_b), (&mut rbm.c, &mut self.d_c, &self.g_c)] {
            Zip::from(x).and(d).and(g).for_each(|x, d, &g| {
                *d = momentum * *d + rate * g;
                *x += *d;
            });
        }
    }
}

/// `out` = column means of a − b.
fn mean_difference(a: &ArrayRef2<f32>, b: &ArrayRef2<f32>, out: &mut Array1<f32>) {
    out.fill(0.0);
    for (a, b) in a.rows().into_iter().zip(b.rows()) {
        Zip::from(&mut *out).and(a).and(b).for_each(|o, &a, &b| *o += a - b);
    }
    *out /= a.nrows() as f32;
}

fn draw(random: &mut Lanes, p: &ArrayRef2<f32>, out: &mut ArrayRef2<f32>) {
    for (p, mut out) in p.rows().into_iter().zip(out.rows_mut()) {
        if let (Some(p), Some(out)) = (p.as_slice(), out.as_slice_mut()) {
            kernels::draw_bernoulli(random, p, out);
        }
    }
}

/// Replaces means by draws.
fn sample_visible(visible: Visible, random: &mut Lanes, v: &mut ArrayRef2<f32>) {
    match visible {
        Visible::Bernoulli => {
            let p = v.to_owned();
            draw(random, &p, v);
        }
        Visible::Gaussian => {
            let mut noise = vec![0.0; v.len()];
            kernels::standard_normals(random, &mut noise);
            v.iter_mut().zip(&noise).for_each(|(v, z)| *v += z);
        }
    }
}

#[cfg(test)]
#[path = "rbm_tests.rs"]
mod tests;
