//! What options add to a gradient: learned σ, sparsity, centring, and the limit on an update.

use ndarray::{Array1, Array2, ArrayRef2, Zip};

use super::conditionals::Scale;
use super::learning::{CdOptions, Sparsity, add_column_means};
use super::{Hidden, Rbm};
use crate::model::kernels::Momentum;

/// The gradient of z = ln σ² (Cho, Ilin, Raiko, 2011).
///
/// `−∂E/∂z_i = (v_i − b_i)²/2σ_i² − v_i (W·h)_i/2σ_i`. In the negative phase v given h is integrated out, which leaves
/// `½ − b_i (W·h)_i/2σ_i`: linear in h, so that the mean of h over the batch is all that it takes, and right whether the
/// reconstruction is drawn or not.
#[derive(Clone, Debug)]
pub(super) struct LearnedVariance {
    pub(super) scale: Scale,
    /// The gradient; 0 at Bernoulli units.
    pub(super) g: Array1<f32>,
    /// The last step.
    pub(super) d: Array1<f32>,
    h_mean: Array1<f32>,
}

impl LearnedVariance {
    /// `None` where σ = 1.
    pub(super) fn new(rbm: &Rbm) -> Option<Self> {
        let (n, m) = rbm.w.dim();
        Some(Self { scale: Scale::of(rbm)?, g: Array1::zeros(n), d: Array1::zeros(n), h_mean: Array1::zeros(m) })
    }

    /// `v_h` is `<v ⊗ h>` of the data `v`, not yet divided by σ; `h_model` the hidden side of the negative phase.
    pub(super) fn gradient(&mut self, rbm: &Rbm, v: &ArrayRef2<f32>, v_h: &Array2<f32>, h_model: &ArrayRef2<f32>) {
        self.g.fill(0.0);
        let weight = 1.0 / v.nrows() as f32;
        for row in v.rows() {
            Zip::from(&mut self.g).and(&row).and(&rbm.b).for_each(|g, &v, &b| *g += weight * (v - b) * (v - b));
        }
        self.h_mean.fill(0.0);
        add_column_means(1.0, h_model, &mut self.h_mean);
        for (i, g) in self.g.iter_mut().enumerate() {
            let sigma = self.scale.sigma[i];
            let w = rbm.w.row(i);
            let data = *g / (sigma * sigma) - w.dot(&v_h.row(i)) / sigma;
            let model = 1.0 - rbm.b[i] * w.dot(&self.h_mean) / sigma;
            *g = if rbm.is_gaussian(i) { 0.5 * (data - model) } else { 0.0 };
        }
    }
}

/// Running means and scratch space of the options that are on.
#[derive(Clone, Debug)]
pub(super) struct Corrections {
    sparsity: Option<Sparsity>,
    centring: Option<f32>,
    /// No batch has been seen: running means start at its own.
    fresh: bool,
    /// Means of the batch, `n_visible` and `n_hidden`.
    v_mean: Array1<f32>,
    h_mean: Array1<f32>,
    /// Running mean activity of the hidden units.
    activity: Array1<f32>,
    /// Offsets μ and λ.
    v_offset: Array1<f32>,
    h_offset: Array1<f32>,
    /// Norms of the columns of an update.
    norms: Array1<f32>,
}

impl Corrections {
    /// Arrays of options that are off have no elements.
    pub(super) fn new(n: usize, m: usize, options: &CdOptions) -> Self {
        let CdOptions { sparsity, centring, update_limit, .. } = *options;
        let of = |on: bool, length: usize| Array1::zeros(if on { length } else { 0 });
        let means = sparsity.is_some() || centring.is_some();
        Self {
            sparsity,
            centring,
            fresh: true,
            v_mean: of(means, n),
            h_mean: of(means, m),
            activity: of(sparsity.is_some(), m),
            v_offset: of(centring.is_some(), n),
            h_offset: of(centring.is_some(), m),
            norms: of(update_limit.is_some(), m),
        }
    }

    /// Whether the gradient is left as it is.
    pub(super) fn are_off(&self) -> bool {
        self.sparsity.is_none() && self.centring.is_none()
    }

    /// Adds sparsity and centring to the gradient `(g_w, g_b, g_c)` of the batch `(v, h)`, h its hidden means.
    pub(super) fn apply(
        &mut self,
        hidden: Hidden,
        sigma: Option<&Array1<f32>>,
        (v, h): (&ArrayRef2<f32>, &ArrayRef2<f32>),
        (g_w, g_b, g_c): (&mut Array2<f32>, &mut Array1<f32>, &mut Array1<f32>),
    ) {
        self.v_mean.fill(0.0);
        self.h_mean.fill(0.0);
        add_column_means(1.0, v, &mut self.v_mean);
        add_column_means(1.0, h, &mut self.h_mean);
        let sigma = |i: usize| sigma.map_or(1.0, |s| s[i]);
        if let Some(Sparsity { target, cost, decay }) = self.sparsity
            && hidden == Hidden::Bernoulli
        {
            follow(&mut self.activity, &self.h_mean, if self.fresh { 1.0 } else { 1.0 - decay });
            for (i, mut row) in g_w.rows_mut().into_iter().enumerate() {
                let v_mean = self.v_mean[i] / sigma(i);
                Zip::from(&mut row).and(&self.activity).for_each(|g, &q| *g += cost * (target - q) * v_mean);
            }
            Zip::from(&mut *g_c).and(&self.activity).for_each(|g, &q| *g += cost * (target - q));
        }
        if let Some(rate) = self.centring {
            let rate = if self.fresh { 1.0 } else { rate };
            follow(&mut self.v_offset, &self.v_mean, rate);
            follow(&mut self.h_offset, &self.h_mean, rate);
            // <(v̂ − μ̂)(h − λ)ᵀ> of data less model, from what is there: offsets on their own cancel in the difference.
            for (i, mut row) in g_w.rows_mut().into_iter().enumerate() {
                let (mu, g_v) = (self.v_offset[i] / sigma(i), g_b[i] / sigma(i));
                Zip::from(&mut row).and(&*g_c).and(&self.h_offset).for_each(|g, &g_h, &l| *g -= mu * g_h + g_v * l);
            }
            // Back to normal parameters, where a step of W moves the biases with it.
            for (i, row) in g_w.rows().into_iter().enumerate() {
                g_c.scaled_add(-self.v_offset[i] / sigma(i), &row);
                g_b[i] -= sigma(i) * row.dot(&self.h_offset);
            }
        }
        self.fresh = false;
    }

    /// The update of the weights with every column of Δ shortened to `limit`.
    pub(super) fn limited_update(
        &mut self,
        limit: f32,
        w: &mut Array2<f32>,
        delta: &mut Array2<f32>,
        g: &Array2<f32>,
        step: &Momentum,
    ) {
        let Momentum { rate, momentum, weight_cost } = *step;
        Zip::from(&mut *delta).and(g).and(&*w).for_each(|d, &g, &w| *d = momentum * *d + rate * (g - weight_cost * w));
        self.norms.fill(0.0);
        for row in delta.rows() {
            Zip::from(&mut self.norms).and(&row).for_each(|norm, &d| *norm += d * d);
        }
        self.norms.mapv_inplace(|squared| if squared > limit * limit { limit / squared.sqrt() } else { 1.0 });
        for (mut w, mut delta) in w.rows_mut().into_iter().zip(delta.rows_mut()) {
            delta *= &self.norms;
            w += &delta;
        }
    }
}

/// Moves running means by `rate` of the way to `to`.
fn follow(mean: &mut Array1<f32>, to: &Array1<f32>, rate: f32) {
    mean.zip_mut_with(to, |mean, &to| *mean += rate * (to - *mean));
}
