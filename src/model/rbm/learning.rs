//! Contrastive divergence and its relatives: one mini-batch, one update (MATH §3).
//!
//! Driving hidden states are sampled; the visible side of a reconstruction and the last hidden update use probabilities
//! or means unless sampling is chosen (H10 §3). The plain path, CD-k on σ = 1 without options, is two products a Gibbs
//! step and one for the statistics; every option that is off costs one comparison.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

use super::chains::Chains;
use super::conditionals::{Conditionals, flat};
use super::corrections::{Corrections, LearnedVariance};
use super::{Rbm, held};
use crate::model::kernels::{self, Lanes, Momentum, Scratch};

/// The numbers of one update that may change while training (MATH §3).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CdStep {
    /// Learning rate r.
    pub rate: f32,
    /// Momentum m.
    pub momentum: f32,
    /// Weight cost d, not applied to biases.
    pub weight_cost: f32,
    /// Gibbs steps k ≥ 1 (0 counts as 1).
    pub gibbs_steps: usize,
    /// Draw the visible units in reconstruction in place of taking their mean. Persistent chains always draw them.
    pub sample_visible: bool,
}

/// Where the chains of the negative phase start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NegativePhase {
    /// At the data of the batch: CD-k.
    #[default]
    Data,
    /// Where they were after the update before: PCD-k, as many chains as a full batch has rows.
    Persistent,
    /// Persistent chains at several inverse temperatures from 1 to 0 with swaps between neighbours; the coldest count
    /// (parallel tempering). Rectified hidden units have no energy to compare, so that theirs never swap.
    Tempered {
        /// Number of temperatures, at least 2 (fewer count as 2).
        temperatures: usize,
    },
}

/// Pull of each hidden unit's mean activity towards a target (H10 §11). For Bernoulli hidden units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sparsity {
    /// Wanted mean activity, in (0, 1).
    pub target: f32,
    /// Strength ≥ 0: the gradient of a unit's input is raised by cost·(target − mean activity).
    pub cost: f32,
    /// Decay of the running mean of the activity per update, in [0, 1).
    pub decay: f32,
}

/// What stays the same over a run. All off by default: plain CD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CdOptions {
    /// Where the chains of the negative phase start. Default at the data.
    pub negative_phase: NegativePhase,
    /// Sparse hidden units. Default off.
    pub sparsity: Option<Sparsity>,
    /// Centred gradient (Montavon, Müller, 2012), given back in normal parameters (Melchior, Fischer, Wiskott, 2016): the
    /// rate in (0, 1] at which the running means that serve as offsets follow. Default off; 0.01 is usual.
    pub centring: Option<f32>,
    /// Largest Euclidean norm of the update of one hidden unit's weights (Melchior, Wang, Wiskott, 2017, take 0.01 times
    /// the longest row of the data, which allows rates near 0.1 on Gaussian units). Default off.
    pub update_limit: Option<f32>,
}

/// The states of one mini-batch on its way through CD-k, a row of it in each row.
#[derive(Clone, Debug, PartialEq)]
pub struct CdBatch {
    /// The data, `(n_rows, n_visible)`.
    pub v: Array2<f32>,
    /// E[h | v] of the data, `(n_rows, n_hidden)`.
    pub h_mean: Array2<f32>,
    /// The states drawn for the hidden units, those of the last Gibbs step, `(n_rows, n_hidden)`.
    pub h: Array2<f32>,
    /// What the last Gibbs step made of them, means or draws, `(n_rows, n_visible)`.
    pub v_recon: Array2<f32>,
    /// E[h | v] of that, `(n_rows, n_hidden)`.
    pub h_recon: Array2<f32>,
}

/// The rate of log σ² as a share of that of the weights.
const VARIANCE_RATE: f32 = 0.1;

/// Contrastive divergence on one machine: gradient, momentum and scratch space, so that an update allocates nothing.
#[derive(Clone, Debug)]
pub struct ContrastiveDivergence {
    options: CdOptions,
    /// The rows of the batch, and below them their reconstructions.
    v: Scratch,
    /// Hidden means of the same rows.
    h: Scratch,
    /// Rows of the last batch.
    rows: usize,
    h_state: Scratch,
    /// Gradient of W, from the last call of [`Self::gradient`].
    pub g_w: Array2<f32>,
    /// `<v>_data − <v>_model`: the gradient of b times σ², so that b moves in units of σ as W does.
    pub g_b: Array1<f32>,
    /// Gradient of c.
    pub g_c: Array1<f32>,
    d_w: Array2<f32>,
    d_b: Array1<f32>,
    d_c: Array1<f32>,
    variance: Option<LearnedVariance>,
    chains: Option<Chains>,
    corrections: Corrections,
}

impl ContrastiveDivergence {
    /// Plain CD, with scratch space for batches of up to `batch` rows.
    pub fn new(rbm: &Rbm, batch: usize) -> Self {
        Self::with_options(rbm, batch, &CdOptions::default())
    }

    /// Scratch space for batches of up to `batch` rows; a larger one makes room for itself.
    pub fn with_options(rbm: &Rbm, batch: usize, options: &CdOptions) -> Self {
        let (n, m) = rbm.w.dim();
        let chains = match options.negative_phase {
            NegativePhase::Data => None,
            NegativePhase::Persistent => Some(Chains::new(n, m, batch, 1)),
            NegativePhase::Tempered { temperatures } => Some(Chains::new(n, m, batch, temperatures.max(2))),
        };
        Self {
            options: *options,
            v: Scratch::new(2 * batch, n),
            h: Scratch::new(2 * batch, m),
            rows: 0,
            h_state: Scratch::new(batch, m),
            g_w: Array2::zeros((n, m)),
            g_b: Array1::zeros(n),
            g_c: Array1::zeros(m),
            d_w: Array2::zeros((n, m)),
            d_b: Array1::zeros(n),
            d_c: Array1::zeros(m),
            variance: LearnedVariance::new(rbm),
            chains,
            corrections: Corrections::new(n, m, options),
        }
    }

    /// The statistics of one mini-batch `v` `(n_rows, n_visible)`, divided by its own number of rows, so that a short last
    /// batch weighs what it should. Left in `g_w`, `g_b`, `g_c`, and for a learned σ in [`Self::g_log_variance`].
    pub fn gradient(&mut self, rbm: &Rbm, v: &ArrayRef2<f32>, step: &CdStep, lanes: &mut Lanes) {
        let rows = v.nrows();
        self.rows = rows;
        if rows == 0 {
            self.g_w.fill(0.0);
            self.g_b.fill(0.0);
            self.g_c.fill(0.0);
            if let Some(variance) = &mut self.variance {
                variance.g.fill(0.0);
            }
            return;
        }
        for (array, rows) in [(&mut self.v, 2 * rows), (&mut self.h, 2 * rows), (&mut self.h_state, rows)] {
            array.room(rows);
        }
        if let Some(variance) = &mut self.variance {
            variance.scale.refresh(rbm);
        }
        let machine = Conditionals::new(rbm, self.variance.as_ref().map(|v| &v.scale));
        let (mut v_data, mut v_recon) = self.v.slice_mut(s![..2 * rows, ..]).split_at(Axis(0), rows);
        let (mut h_data, mut h_recon) = self.h.slice_mut(s![..2 * rows, ..]).split_at(Axis(0), rows);
        let mut h_state = self.h_state.slice_mut(s![..rows, ..]);
        v_data.assign(v);
        machine.draw_hidden(&v_data, lanes, &mut h_data, &mut h_state);
        let one_product = self.chains.is_none() && self.variance.is_none();
        let (v_model, h_model) = match &mut self.chains {
            None => {
                for left in (0..step.gibbs_steps.max(1)).rev() {
                    machine.visible_means(&h_state, &mut v_recon);
                    if step.sample_visible {
                        machine.draw_visible(lanes, &mut v_recon);
                    }
                    if left > 0 {
                        machine.draw_hidden(&v_recon, lanes, &mut h_recon, &mut h_state);
                    } else {
                        machine.hidden_means(&v_recon, &mut h_recon);
                    }
                }
                (v_recon.view(), h_recon.view())
            }
            Some(chains) => chains.advance(&machine, &h_state, step.gibbs_steps.max(1), lanes),
        };
        let (of_data, of_model) = (1.0 / rows as f32, 1.0 / v_model.nrows() as f32);
        mean_difference(&v_data, &v_model, &mut self.g_b);
        mean_difference(&h_data, &h_model, &mut self.g_c);
        if one_product {
            // <v ⊗ h>_data − <v ⊗ h>_recon as one product over the rows of both.
            h_recon.mapv_inplace(|h| -h);
            let (v, h) = (self.v.slice(s![..2 * rows, ..]), self.h.slice(s![..2 * rows, ..]));
            kernels::transposed_product(of_data, &v, &h, 0.0, &mut self.g_w);
        } else {
            kernels::transposed_product(of_data, &v_data, &h_data, 0.0, &mut self.g_w);
            if let Some(variance) = &mut self.variance {
                variance.gradient(rbm, &v_data, &self.g_w, &h_model);
            }
            kernels::transposed_product(-of_model, &v_model, &h_model, 1.0, &mut self.g_w);
        }
        if let Some(variance) = &self.variance {
            for (mut row, &sigma) in self.g_w.rows_mut().into_iter().zip(&variance.scale.sigma) {
                row /= sigma;
            }
        }
        if !self.corrections.are_off() {
            let sigma = self.variance.as_ref().map(|v| &v.scale.sigma);
            let gradient = (&mut self.g_w, &mut self.g_b, &mut self.g_c);
            let h_data = self.h.slice(s![..rows, ..]);
            self.corrections.apply(rbm.hidden, sigma, (v, &h_data), gradient);
        }
    }

    /// One update: Δ = m·Δ + r·(g − d·W), W += Δ (MATH §3, eq. 3 in its standard form); log σ² at a tenth of the rate.
    pub fn update(&mut self, rbm: &mut Rbm, v: &ArrayRef2<f32>, step: &CdStep, lanes: &mut Lanes) {
        self.gradient(rbm, v, step, lanes);
        self.follow(rbm, step);
    }

    /// The step of [`Self::update`] along the gradient that stands in `g_w`, `g_b`, `g_c`.
    pub fn follow(&mut self, rbm: &mut Rbm, step: &CdStep) {
        if !rbm.w.is_standard_layout() {
            rbm.w = rbm.w.as_standard_layout().into_owned();
        }
        let CdStep { rate, momentum, weight_cost, .. } = *step;
        let weights = Momentum { rate, momentum, weight_cost };
        match self.options.update_limit {
            None => kernels::momentum_update(flat(&mut rbm.w), flat(&mut self.d_w), flat(&mut self.g_w), &weights),
            Some(limit) => self.corrections.limited_update(limit, &mut rbm.w, &mut self.d_w, &self.g_w, &weights),
        }
        let biases = Momentum { weight_cost: 0.0, ..weights };
        for (x, d, g) in [(&mut rbm.b, &mut self.d_b, &self.g_b), (&mut rbm.c, &mut self.d_c, &self.g_c)] {
            momentum_step(x, d, g, &biases);
        }
        if let (Some(variance), Some(z)) = (&mut self.variance, &mut rbm.log_variance) {
            momentum_step(z, &mut variance.d, &variance.g, &Momentum { rate: VARIANCE_RATE * rate, ..biases });
            for (z, d) in z.iter_mut().zip(&mut variance.d) {
                if *z != held(*z) {
                    (*z, *d) = (held(*z), 0.0);
                }
            }
        }
    }

    /// What chains that started at the rows of the last batch came to, means or draws, `(n_rows, n_visible)`. Persistent
    /// chains do not start there: what is given then means nothing.
    pub fn reconstruction(&self) -> ArrayView2<'_, f32> {
        self.v.slice(s![self.rows..2 * self.rows, ..])
    }

    /// Gradient of ln σ², where it is learned.
    pub fn g_log_variance(&self) -> Option<&Array1<f32>> {
        self.variance.as_ref().map(|v| &v.g)
    }

    /// ΔW, Δb and Δc of the last update, as of [`Rbm::w`], [`Rbm::b`] and [`Rbm::c`].
    pub fn last_update(&self) -> (&Array2<f32>, &Array1<f32>, &Array1<f32>) {
        (&self.d_w, &self.d_b, &self.d_c)
    }

    /// Numbers it holds between two updates, about.
    pub fn size(&self) -> usize {
        let variance = if self.variance.is_some() { self.g_w.len() } else { 0 };
        2 * self.g_w.len() + variance + self.chains.as_ref().map_or(0, Chains::size)
    }

    /// What the last call of [`Self::gradient`] went through. `None` for persistent chains, which do not start at the rows
    /// of the batch.
    pub fn last_batch(&self) -> Option<CdBatch> {
        if self.chains.is_some() {
            return None;
        }
        let (data, recon) = (s![..self.rows, ..], s![self.rows..2 * self.rows, ..]);
        // Where one product makes both statistics, the second half stands there with the other sign.
        let sign = if self.variance.is_none() { -1.0 } else { 1.0 };
        Some(CdBatch {
            v: self.v.slice(data).to_owned(),
            h_mean: self.h.slice(data).to_owned(),
            h: self.h_state.slice(data).to_owned(),
            v_recon: self.v.slice(recon).to_owned(),
            h_recon: self.h.slice(recon).mapv(|h| sign * h),
        })
    }
}

/// [`kernels::momentum_update`] on whole vectors.
fn momentum_step(x: &mut Array1<f32>, delta: &mut Array1<f32>, g: &Array1<f32>, step: &Momentum) {
    if let (Some(x), Some(delta), Some(g)) = (x.as_slice_mut(), delta.as_slice_mut(), g.as_slice()) {
        kernels::momentum_update(x, delta, g, step);
    }
}

/// Column means of a, less those of b.
fn mean_difference(a: &ArrayRef2<f32>, b: &ArrayRef2<f32>, out: &mut Array1<f32>) {
    out.fill(0.0);
    add_column_means(1.0, a, out);
    add_column_means(-1.0, b, out);
}

/// `out += factor · column means of x`.
pub(super) fn add_column_means(factor: f32, x: &ArrayRef2<f32>, out: &mut Array1<f32>) {
    let weight = factor / x.nrows().max(1) as f32;
    if let (Some(x), Some(out)) = (x.as_slice(), out.as_slice_mut()) {
        kernels::add_column_sums(weight, x, out);
    } else {
        for row in x.rows() {
            out.scaled_add(weight, &row);
        }
    }
}

/// The length of the longest of rows `x` `(n_rows, n_visible)`: the yardstick of [`CdOptions::update_limit`].
pub fn longest_row(x: &ArrayRef2<f32>) -> f32 {
    x.axis_iter(Axis(0)).map(|row| row.iter().map(|x| x * x).sum::<f32>().sqrt()).fold(0.0, f32::max)
}
