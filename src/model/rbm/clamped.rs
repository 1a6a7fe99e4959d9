//! Clamped Gibbs sampling: what a restricted Boltzmann machine expects of some visible units when the others are held.
//!
//! One sweep draws h from p(h | v) and sets each free unit to its mean given h, or draws it where sampling is chosen, as
//! in CD (H10 §3). Either way the answer is the mean of those means over the sweeps after the burn-in, which with drawn
//! units goes to the expectation given the held units as the sweeps grow.

use serde::{Deserialize, Serialize};

use super::Rbm;
use super::conditionals::{draw_from_inputs, draw_one_hot, softmax};
use crate::model::kernels::{self, Lanes};

/// How long the chain runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClampedGibbs {
    /// Sweeps before any is counted.
    pub burn_in: usize,
    /// Sweeps averaged, at least 1.
    pub samples: usize,
    /// Draw the free units in place of taking their mean.
    pub sample_visible: bool,
}

impl ClampedGibbs {
    /// Replaces the units `free` of one row `v` (`n_visible`) by what `rbm` expects of them given the others. The chain
    /// starts from what stands there. The work of a sweep is in proportion to the free units, not to the row. The label
    /// units of a joint machine are free together or not at all: one of them stands for all.
    pub fn fill(&self, rbm: &Rbm, v: &mut [f32], free: &[usize], lanes: &mut Lanes) {
        let is_label = |unit: usize| unit >= rbm.n_features();
        let mut free: Vec<usize> = free.iter().copied().filter(|&unit| unit < rbm.n_visible()).collect();
        if free.iter().any(|&unit| is_label(unit)) {
            free.retain(|&unit| !is_label(unit));
            free.extend(rbm.n_features()..rbm.n_visible());
        }
        if free.is_empty() {
            return;
        }
        let n_free_features = free.partition_point(|&unit| !is_label(unit));
        let mut held = rbm.c.to_vec();
        for (unit, &x) in v.iter().enumerate().filter(|(unit, _)| !free.contains(unit)) {
            add_scaled(&mut held, x / rbm.sigma(unit), rbm, unit);
        }
        let sigma: Vec<f32> = free.iter().map(|&unit| rbm.sigma(unit)).collect();
        let mut inputs = vec![0.0; rbm.n_hidden()];
        let mut h = vec![0.0; rbm.n_hidden()];
        let mut means = vec![0.0; free.len()];
        let mut sums = vec![0.0_f64; free.len()];
        for sweep in 0..self.burn_in + self.samples.max(1) {
            inputs.copy_from_slice(&held);
            for (&unit, sigma) in free.iter().zip(&sigma) {
                add_scaled(&mut inputs, v[unit] / sigma, rbm, unit);
            }
            draw_from_inputs(rbm.hidden, lanes, &mut inputs, &mut h);
            for ((&unit, &sigma), mean) in free.iter().zip(&sigma).zip(&mut means) {
                let input = rbm.w.row(unit).iter().zip(&h).fold(0.0, |sum, (w, h)| sum + w * h);
                *mean = rbm.b[unit] + sigma * input;
                if !rbm.is_gaussian(unit) && !is_label(unit) {
                    kernels::logistic(std::slice::from_mut(mean));
                }
            }
            softmax(&mut means[n_free_features..]);
            if sweep >= self.burn_in {
                for (sum, &mean) in sums.iter_mut().zip(&means) {
                    *sum += f64::from(mean);
                }
            }
            if self.sample_visible {
                for (&unit, (mean, &sigma)) in free.iter().zip(means[..n_free_features].iter_mut().zip(&sigma)) {
                    *mean = draw(rbm.is_gaussian(unit), *mean, sigma, lanes);
                }
                draw_one_hot(lanes, &mut means[n_free_features..]);
            }
            for (&unit, &state) in free.iter().zip(&means) {
                v[unit] = state;
            }
        }
        for (&unit, sum) in free.iter().zip(&sums) {
            v[unit] = (sum / self.samples.max(1) as f64) as f32;
        }
    }
}

/// Adds `x` times the weights of a visible unit to the inputs of the hidden ones.
fn add_scaled(inputs: &mut [f32], x: f32, rbm: &Rbm, unit: usize) {
    for (input, w) in inputs.iter_mut().zip(rbm.w.row(unit)) {
        *input += x * w;
    }
}

fn draw(is_gaussian: bool, mean: f32, sigma: f32, lanes: &mut Lanes) -> f32 {
    let mut drawn = [0.0];
    if is_gaussian {
        kernels::standard_normals(lanes, &mut drawn);
        return mean + sigma * drawn[0];
    }
    kernels::draw_bernoulli(lanes, &[mean], &mut drawn);
    drawn[0]
}
