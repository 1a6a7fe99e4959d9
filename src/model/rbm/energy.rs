//! Free energy of rows, and how well the machine gives them back.

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, ArrayRef2, Zip};

use super::{Hidden, Rbm};
use crate::model::kernels;

impl Rbm {
    /// Free energy `F(v) = −ln Σ_h e^{−E(v, h)}` (an integral for Gaussian hidden units) of each row of `v`
    /// `(n_rows, n_visible)`, in nats, in f64. `None` for rectified hidden units, which have no energy.
    ///
    /// `F(v) = V(v) − Σ softplus(x_j)` for Bernoulli and `V(v) − Σ (x_j² − c_j² + ln 2π)/2` for Gaussian hidden units,
    /// with `x = c + v̂·W`.
    pub fn free_energy(&self, v: &ArrayRef2<f32>) -> Option<Array1<f64>> {
        if self.hidden == Hidden::Rectified {
            return None;
        }
        let mut input = Array2::zeros((v.nrows(), self.n_hidden()));
        kernels::affine(v, &self.up_weights(), &self.c, &mut input);
        let visible = self.visible_energy(v);
        Some(Zip::from(&visible).and(input.rows()).map_collect(|visible, x| visible - self.hidden_term(&x)))
    }

    /// The part V(v) of the energy, for each row.
    pub(super) fn visible_energy(&self, v: &ArrayRef2<f32>) -> Array1<f64> {
        let weight: Vec<Option<f64>> = (0..self.n_visible())
            .map(|i| self.is_gaussian(i).then(|| 0.5 / f64::from(self.sigma(i)).powi(2)))
            .collect();
        Zip::from(v.rows()).map_collect(|v| {
            let units = v.iter().zip(&self.b).zip(&weight);
            units.fold(0.0, |sum, ((&v, &b), weight)| {
                let (v, b) = (f64::from(v), f64::from(b));
                sum + weight.map_or(-b * v, |weight| (v - b).powi(2) * weight)
            })
        })
    }

    /// `ln Σ_h e^{−H(h) + (x − c)·h}` for the inputs x of the hidden units.
    pub(super) fn hidden_term(&self, x: &ndarray::ArrayRef1<f32>) -> f64 {
        match (self.hidden, x.as_slice()) {
            (Hidden::Gaussian, _) => x
                .iter()
                .zip(&self.c)
                .fold(0.0, |sum, (&x, &c)| sum + 0.5 * (f64::from(x).powi(2) - f64::from(c).powi(2) + TAU.ln())),
            (_, Some(x)) => kernels::softplus_sum(x),
            (_, None) => kernels::softplus_sum(&x.to_vec()),
        }
    }

    /// Mean free energy of rows `v`, in nats. `None` without rows, and where free energy is undefined. Its level means
    /// nothing; the gap between validation and training rows does (H10 §6).
    pub fn mean_free_energy(&self, v: &ArrayRef2<f32>) -> Option<f64> {
        self.free_energy(v)?.mean()
    }

    /// Mean over rows and units of (v − E[v | h])², h the mean-field E[h | v] (MATH §3). `None` without rows. It is not
    /// what CD minimises.
    pub fn reconstruction_error(&self, v: &ArrayRef2<f32>) -> Option<f64> {
        if v.is_empty() {
            return None;
        }
        let r = self.visible_mean(&self.hidden_mean(v));
        let v = v.as_standard_layout();
        let sum = kernels::squared_distance(v.as_slice().unwrap_or_default(), r.as_slice().unwrap_or_default());
        Some(sum / v.len() as f64)
    }
}

/// The logistic function over every element, all at once where they stand in memory one after another.
pub(in crate::model) fn logistic_rows(x: &mut ArrayRef2<f32>) {
    match x.as_slice_mut() {
        Some(x) => kernels::logistic(x),
        None => x.mapv_inplace(|x| 1.0 / (1.0 + kernels::exp_clamped(-x))),
    }
}
