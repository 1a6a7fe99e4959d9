//! Missing numbers by a restricted Boltzmann machine: what it expects of them, given the rest of the row.
//!
//! The rows are prepared with the median first. One Gaussian–Bernoulli RBM, with the settings of the DBN's lowest layer,
//! is trained on the prepared training rows of the fold; then clamped Gibbs sampling replaces the inputs of missing
//! numbers, in every row by itself: what is filled into one depends on no other. Flags and levels stay as they are.

use ndarray::{Array1, Array2, Axis};

use crate::data::MissingSettings;
use crate::model::clamped::ClampedGibbs;
use crate::model::dbn::{DbnParameters, pre_train_lowest};
use crate::model::rbm::Rbm;
use crate::random::{Purpose, stream};

/// A machine fitted to the training rows of one fold.
#[derive(Clone, Debug, PartialEq)]
pub struct RbmFilling {
    rbm: Rbm,
    gibbs: ClampedGibbs,
    seed: u64,
    /// Smallest of each training input, `n_inputs`: nothing is filled below it.
    low: Array1<f32>,
    /// Largest of each training input, `n_inputs`.
    high: Array1<f32>,
    notice: Option<String>,
}

impl RbmFilling {
    /// Trains on the prepared training rows `x` `(n_rows, n_inputs)`, labelled or not, at least one.
    pub fn fit(x: Array2<f32>, dbn: &DbnParameters, missing: &MissingSettings, seed: u64) -> Self {
        let ends = |pick: fn(f32, f32) -> f32| x.fold_axis(Axis(0), f32::NAN, move |&end, &x| pick(end, x));
        let (low, high) = (ends(f32::min), ends(f32::max));
        let (rbm, stopped) = pre_train_lowest(dbn, x, seed);
        let notice = stopped.map(|reason| format!("The RBM that fills missing cells: {reason}."));
        let gibbs = ClampedGibbs {
            burn_in: missing.gibbs_burn_in,
            samples: missing.gibbs_samples,
            sample_visible: dbn.settings().sample_visible,
        };
        Self { rbm, gibbs, seed, low, high, notice }
    }

    /// Replaces the inputs `missing` of each of the rows `x` `(n_rows, n_inputs)`. `rows` are their numbers in the table,
    /// each the index of its stream of random numbers.
    pub fn fill(&self, x: &mut Array2<f32>, rows: &[usize], missing: &[Vec<usize>]) {
        for ((mut x, &row), missing) in x.rows_mut().into_iter().zip(rows).zip(missing) {
            if missing.is_empty() {
                continue;
            }
            let mut v = x.to_vec();
            self.gibbs.fill(&self.rbm, &mut v, missing, &mut stream(self.seed, Purpose::Filling, row as u64));
            for &input in missing {
                x[input] = v[input].max(self.low[input]).min(self.high[input]);
            }
        }
    }

    /// What the person must know about the training of the machine.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }
}
