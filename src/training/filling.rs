//! Missing numbers by a restricted Boltzmann machine: what it expects of them, given the rest of the row.
//!
//! The rows are prepared with the median first. One Gaussian–Bernoulli RBM, with the settings of the DBN's lowest layer,
//! is trained on the prepared training rows of the fold; then clamped Gibbs sampling replaces the inputs of missing
//! numbers, in every row by itself: what is filled into one depends on no other. Flags and levels stay as they are.

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::data::MissingSettings;
use crate::model::dbn::{DbnParameters, pre_train_lowest};
use crate::model::kernels::Lanes;
use crate::model::rbm::{ClampedGibbs, Rbm};
use crate::random::{Purpose, stream};

/// A machine fitted to the training rows of one fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RbmFilling {
    rbm: Rbm,
    gibbs: ClampedGibbs,
    seed: u64,
    /// Mean of each training input that stands for a number, 0 for the others, `n_inputs`.
    mean: Array1<f32>,
    /// Population standard deviation of the same, 1 for the others. Gaussian visible units have variance 1, whatever the
    /// scale of the preparation.
    std: Array1<f32>,
    /// Smallest of each training input, `n_inputs`: nothing is filled below it.
    low: Array1<f32>,
    /// Largest of each training input, `n_inputs`.
    high: Array1<f32>,
    notice: Option<String>,
}

impl RbmFilling {
    /// Trains on the prepared training rows `x` `(n_rows, n_inputs)`, labelled or not, at least one. `numbers` says which
    /// of the inputs stand for numbers.
    pub fn fit(x: Array2<f32>, numbers: &[bool], dbn: &DbnParameters, missing: &MissingSettings, seed: u64) -> Self {
        let ends = |pick: fn(f32, f32) -> f32| x.fold_axis(Axis(0), f32::NAN, move |&end, &x| pick(end, x));
        let (low, high) = (ends(f32::min), ends(f32::max));
        // In f64, as sums of f32 over many rows lose their last digits.
        let mut mean = x.mapv(f64::from).mean_axis(Axis(0)).unwrap_or_default();
        let mut std = x.mapv(f64::from).std_axis(Axis(0), 0.0);
        for ((mean, std), &is_number) in mean.iter_mut().zip(&mut std).zip(numbers) {
            if !is_number || *std == 0.0 {
                (*mean, *std) = (0.0, 1.0);
            }
        }
        let (mean, std) = (mean.mapv(|x| x as f32), std.mapv(|x| x as f32));
        let (rbm, stopped) = pre_train_lowest(dbn, (x - &mean) / &std, seed);
        let notice = stopped.map(|reason| format!("The RBM that fills missing cells: {reason}."));
        let gibbs = ClampedGibbs {
            burn_in: missing.gibbs_burn_in,
            samples: missing.gibbs_samples,
            sample_visible: dbn.settings().pre_training.sample_visible,
        };
        Self { rbm, gibbs, seed, mean, std, low, high, notice }
    }

    /// Replaces the inputs `missing` of each of the rows `x` `(n_rows, n_inputs)`. `rows` are their numbers in the table,
    /// each the index of its stream of random numbers.
    pub fn fill(&self, x: &mut Array2<f32>, rows: &[usize], missing: &[Vec<usize>]) {
        for ((mut x, &row), missing) in x.rows_mut().into_iter().zip(rows).zip(missing) {
            if missing.is_empty() {
                continue;
            }
            let mut v = ((&x - &self.mean) / &self.std).to_vec();
            let mut lanes = Lanes::new(&mut stream(self.seed, Purpose::Filling, row as u64));
            self.gibbs.fill(&self.rbm, &mut v, missing, &mut lanes);
            for &input in missing {
                let filled = self.mean[input] + self.std[input] * v[input];
                x[input] = filled.max(self.low[input]).min(self.high[input]);
            }
        }
    }

    /// Whether it fills rows of `n_inputs` inputs by finite numbers: asked of one from a file.
    ///
    /// # Errors
    /// What is wrong, in a few words.
    pub fn check(&self, n_inputs: usize) -> Result<(), String> {
        let Self { mean, std, low, high, .. } = self;
        let all = [mean, std, low, high];
        if all.iter().any(|numbers| numbers.len() != n_inputs || !numbers.iter().all(|x| x.is_finite())) {
            return Err("what fills missing cells does not fit the inputs".to_owned());
        }
        self.rbm.check_shapes(n_inputs)
    }

    /// What the person must know about the training of the machine.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }
}

#[cfg(test)]
#[path = "filling_tests.rs"]
mod tests;
