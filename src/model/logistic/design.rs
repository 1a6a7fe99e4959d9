//! The rows of the regression: inputs less their means, and a last column of ones, in f64, block by block.
//!
//! Centring changes no coefficient, for the intercept is not penalised, and keeps the Hessian well-conditioned where a
//! column lies far from zero.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView1, Axis, s};

use crate::model::TrainingSet;

/// The labelled rows of a training set, centred when asked for.
#[derive(Clone, Debug)]
pub(super) struct Design {
    set: Arc<TrainingSet>,
    /// Mean of each input.
    means: Array1<f64>,
    /// Standard deviation of each input over the rows (divisor n); 0 where it is constant.
    deviations: Array1<f64>,
}

impl Design {
    pub(super) fn new(set: Arc<TrainingSet>) -> Self {
        let n = set.x.nrows() as f64;
        let mut means = Array1::<f64>::zeros(set.x.ncols());
        for row in set.x.rows() {
            means.zip_mut_with(&row, |sum, &value| *sum += f64::from(value));
        }
        means /= n;
        let mut deviations = Array1::<f64>::zeros(set.x.ncols());
        for row in set.x.rows() {
            ndarray::Zip::from(&mut deviations).and(&row).and(&means).for_each(|sum, &value, mean| {
                *sum += (f64::from(value) - mean).powi(2);
            });
        }
        deviations.mapv_inplace(|sum| (sum / n).sqrt());
        // The mean of equal numbers need not equal them to the last bit.
        for (deviation, mean) in deviations.iter_mut().zip(&means) {
            if *deviation <= 1e-12 * mean.abs() {
                *deviation = 0.0;
            }
        }
        Self { set, means, deviations }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.set.x.nrows()
    }

    /// Columns: the inputs and the ones.
    pub(super) fn n_columns(&self) -> usize {
        self.means.len() + 1
    }

    /// Class of each row, 0 or 1.
    pub(super) fn y(&self) -> &[usize] {
        &self.set.y
    }

    pub(super) fn deviations(&self) -> ArrayView1<'_, f64> {
        self.deviations.view()
    }

    /// The intercept for rows as they are, from coefficients `theta` of centred rows and the ones.
    pub(super) fn intercept(&self, theta: &Array1<f64>) -> f64 {
        let n = self.means.len();
        theta[n] - theta.slice(s![..n]).dot(&self.means)
    }

    /// Centred rows with the ones, `(rows.len(), n_columns)`.
    pub(super) fn block(&self, rows: Range<usize>) -> Array2<f64> {
        let n = self.means.len();
        let mut block = Array2::ones((rows.len(), n + 1));
        for (mut out, row) in block.axis_iter_mut(Axis(0)).zip(self.set.x.slice(s![rows, ..]).rows()) {
            let centred = ndarray::Zip::from(out.slice_mut(s![..n])).and(&row).and(&self.means);
            centred.for_each(|out, &value, mean| *out = f64::from(value) - mean);
        }
        block
    }
}
