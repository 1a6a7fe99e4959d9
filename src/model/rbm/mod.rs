//! The restricted Boltzmann machine (MATH §2–3).
//!
//! Visible v (n), hidden h (m), weights W (n × m), biases b and c, visible scale σ (n). With v̂ = v/σ the energy is
//!
//! `E(v, h) = V(v) + H(h) − v̂ᵀWh`, where
//!
//! - Bernoulli visible unit: `V = −b·v`, so `p(v = 1 | h) = σm(b + W·h)`; σ = 1
//! - Gaussian visible unit: `V = (v − b)²/2σ²`, so `v | h ~ N(b + σ·W·h, σ²)`
//! - Bernoulli hidden unit: `H = −c·h`, so `p(h = 1 | v) = σm(c + v̂·W)`
//! - Gaussian hidden unit: `H = (h − c)²/2`, so `h | v ~ N(c + v̂·W, 1)` (the paper's eq. 2 with s = 1)
//! - rectified hidden unit (NH10): `h | v = max(0, N(x, σm(x)))` with `x = c + v̂·W`, which belongs to no energy
//!
//! The last units of the visible side may be the one-hot label of a joint machine (H06): one softmax group.
//!
//! This module knows rows of numbers, not layers, epochs or schedules: those are the caller's.

mod ais;
mod chains;
mod clamped;
mod conditionals;
mod corrections;
mod energy;
mod enumeration;
mod exact;
mod gaussian;
mod gibbs;
mod joint;
mod learning;
mod monitors;
mod spectrum;

use std::borrow::Cow;

use ndarray::{Array1, Array2, ArrayRef2, Axis};
use rand_distr::{Distribution as _, StandardNormal};
use serde::{Deserialize, Serialize};

pub use self::ais::{Ais, AisEstimate, Direction};
pub use self::clamped::ClampedGibbs;
pub(super) use self::energy::logistic_rows;
pub use self::exact::{Exact, Gradient, MAX_ENUMERATED};
pub use self::gibbs::GibbsChains;
pub use self::joint::{JointRbm, join};
pub use self::learning::{CdBatch, CdOptions, CdStep, ContrastiveDivergence, NegativePhase, Sparsity, longest_row};
pub use self::monitors::{Stuck, dead_units, saturation, stuck_units};
use crate::model::fitted::{all_finite_f32, as_many};
use crate::random::Stream;

/// The distribution of the visible units (of those before the label, in a joint machine).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visible {
    /// Binary, or probabilities in 0..=1.
    Bernoulli,
    /// Real-valued, for standardised indicators.
    Gaussian,
    /// Column by column: `true` is Bernoulli, `false` Gaussian. Columns beyond its end are Bernoulli.
    Mixed(Vec<bool>),
}

impl Visible {
    /// Bernoulli where `bernoulli` says so, Gaussian elsewhere.
    pub fn of_columns(bernoulli: Vec<bool>) -> Self {
        match (bernoulli.contains(&true), bernoulli.contains(&false)) {
            (true, true) => Self::Mixed(bernoulli),
            (true, false) => Self::Bernoulli,
            _ => Self::Gaussian,
        }
    }

    fn is_gaussian(&self, unit: usize) -> bool {
        match self {
            Self::Bernoulli => false,
            Self::Gaussian => true,
            Self::Mixed(bernoulli) => bernoulli.get(unit) == Some(&false),
        }
    }
}

/// The distribution of the hidden units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hidden {
    /// Binary: logistic features.
    #[default]
    Bernoulli,
    /// Real-valued with variance 1: linear features.
    Gaussian,
    /// Noisy rectified linear (NH10): features `max(0, x)`. No free energy is defined.
    Rectified,
}

/// Smallest and largest σ that is learned.
pub const SIGMA_RANGE: (f32, f32) = (0.1, 10.0);

/// Weights beyond this are not learning any more.
const RUNAWAY_WEIGHT: f32 = 1e3;

/// Why a machine cannot be trained further, or a value of it is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum RbmError {
    /// A weight, bias or log σ² has run away.
    #[error("a weight or bias has grown to {largest:.0e}; lower the learning rate, or limit the updates")]
    RanAway {
        /// The largest absolute weight or bias; NaN when any is not a number.
        largest: f32,
    },
    /// Gaussian units on both sides, coupled so strongly that the energy falls without end.
    #[error(
        "with Gaussian units on both sides the largest singular value of the weights must stay below 1, and it is \
         {norm:.3}; lower the learning rate, raise the weight cost, or take Bernoulli hidden units"
    )]
    NotADensity {
        /// Largest singular value of the weights between Gaussian units.
        norm: f64,
    },
}

/// A restricted Boltzmann machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rbm {
    /// Kind of the visible units.
    pub visible: Visible,
    /// Kind of the hidden units.
    pub hidden: Hidden,
    /// Weights, `(n_visible, n_hidden)`.
    pub w: Array2<f32>,
    /// Visible biases, `n_visible`.
    pub b: Array1<f32>,
    /// Hidden biases, `n_hidden`.
    pub c: Array1<f32>,
    /// ln σ² of the visible units where it is learned, `n_visible`, 0 at Bernoulli units. `None`: σ = 1.
    pub log_variance: Option<Array1<f32>>,
    /// How many of the last visible units are the one-hot label of a joint machine. 0: no label.
    pub n_classes: usize,
}

impl Rbm {
    /// Whether it has `n_visible` visible units and finite numbers throughout.
    pub(crate) fn check_shapes(&self, n_visible: usize) -> Result<(), String> {
        as_many("visible units of an RBM", self.w.nrows(), n_visible)?;
        as_many("visible biases of an RBM", self.b.len(), n_visible)?;
        as_many("hidden biases of an RBM", self.c.len(), self.w.ncols())?;
        if self.n_classes > n_visible {
            return Err("an RBM has more classes than visible units".to_owned());
        }
        if let Some(log_variance) = &self.log_variance {
            as_many("variances of an RBM", log_variance.len(), n_visible)?;
            all_finite_f32("the variances of an RBM", log_variance.iter())?;
        }
        all_finite_f32("the weights of an RBM", self.w.iter().chain(&self.b).chain(&self.c))
    }

    /// A machine before training, as (H10 §8) has it: W ~ N(0, 0.01²), c = 0, b = 0 for Gaussian visible units and the
    /// logit of the mean activity, clipped to 0.01–0.99, for Bernoulli ones. Hidden units are Bernoulli and σ = 1 unless
    /// [`Self::with_hidden`] and [`Self::with_learned_variance`] say otherwise. `x` is `(n_rows, n_visible)`.
    pub fn new(visible: Visible, n_hidden: usize, x: &ArrayRef2<f32>, random: &mut Stream) -> Self {
        let n_visible = x.ncols();
        let w = Array2::from_shape_simple_fn((n_visible, n_hidden), || {
            let z: f32 = StandardNormal.sample(random);
            0.01 * z
        });
        let mean = x.mean_axis(Axis(0)).unwrap_or_else(|| Array1::from_elem(n_visible, 0.5));
        let b =
            mean.indexed_iter().map(|(i, &p)| if visible.is_gaussian(i) { 0.0 } else { clipped_logit(p) }).collect();
        let c = Array1::zeros(n_hidden);
        Self { visible, hidden: Hidden::Bernoulli, w, b, c, log_variance: None, n_classes: 0 }
    }

    /// The same machine with hidden units of another kind.
    pub fn with_hidden(mut self, hidden: Hidden) -> Self {
        self.hidden = hidden;
        self
    }

    /// The same machine with a learned σ for each Gaussian visible unit. It starts as the independent Gaussian model of
    /// the rows `x` `(n_rows, n_visible)`: b is the mean of each column and σ its deviation, held to [`SIGMA_RANGE`].
    pub fn with_learned_variance(mut self, x: &ArrayRef2<f32>) -> Self {
        let wide = x.mapv(f64::from);
        let n = self.b.len();
        let mut log_variance = Array1::zeros(n);
        if let Some(mean) = wide.mean_axis(Axis(0)) {
            let variance = wide.var_axis(Axis(0), 0.0);
            for i in 0..n {
                if self.is_gaussian(i) {
                    self.b[i] = mean[i] as f32;
                    log_variance[i] = held(variance[i].ln() as f32);
                }
            }
        }
        self.log_variance = Some(log_variance);
        self
    }

    /// Number of visible units, the label's among them.
    pub fn n_visible(&self) -> usize {
        self.b.len()
    }

    /// Number of hidden units.
    pub fn n_hidden(&self) -> usize {
        self.c.len()
    }

    /// Visible units before the label.
    pub fn n_features(&self) -> usize {
        self.b.len().saturating_sub(self.n_classes)
    }

    /// Whether visible unit `unit` is Gaussian.
    pub fn is_gaussian(&self, unit: usize) -> bool {
        unit < self.n_features() && self.visible.is_gaussian(unit)
    }

    /// σ of visible unit `unit`; 1 where it is not learned.
    pub fn sigma(&self, unit: usize) -> f32 {
        self.log_variance.as_ref().map_or(1.0, |z| (0.5 * z[unit]).exp())
    }

    /// Weights of the way up, W/σ, `(n_visible, n_hidden)`.
    fn up_weights(&self) -> Cow<'_, Array2<f32>> {
        if self.log_variance.is_none() {
            return Cow::Borrowed(&self.w);
        }
        let mut w = self.w.clone();
        for (i, mut row) in w.rows_mut().into_iter().enumerate() {
            row /= self.sigma(i);
        }
        Cow::Owned(w)
    }

    /// The machine as a feed-forward layer: weights W/σ `(n_visible, n_hidden)` and biases c, so that `x·W' + c'` through
    /// the logistic function (identity, or `max(0, x)`: see [`Hidden`]) is [`Self::hidden_into`], bit for bit.
    pub fn as_layer(&self) -> (Array2<f32>, Array1<f32>) {
        (self.up_weights().into_owned(), self.c.clone())
    }

    /// Whether the machine can go on: its numbers are finite and of a size, and it is a density.
    ///
    /// # Errors
    /// What is wrong, and what to do about it.
    pub fn check(&self) -> Result<(), RbmError> {
        let largest = self.largest();
        if largest.is_nan() || largest >= RUNAWAY_WEIGHT {
            return Err(RbmError::RanAway { largest });
        }
        match self.coupling() {
            Some(norm) if norm >= 1.0 => Err(RbmError::NotADensity { norm }),
            _ => Ok(()),
        }
    }

    /// Largest absolute weight, bias or log σ²; NaN when any is not a number.
    pub fn largest(&self) -> f32 {
        let all = self.w.iter().chain(&self.b).chain(&self.c).chain(self.log_variance.iter().flatten());
        all.fold(0.0, |m, x| if x.is_nan() || x.abs() > m { x.abs() } else { m })
    }
}

/// ln σ², held to [`SIGMA_RANGE`].
fn held(log_variance: f32) -> f32 {
    let (low, high) = SIGMA_RANGE;
    log_variance.clamp(2.0 * low.ln(), 2.0 * high.ln())
}

/// ln(p/(1 − p)) of p clipped to 0.01–0.99.
fn clipped_logit(p: f32) -> f32 {
    let p = p.clamp(0.01, 0.99);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests;
