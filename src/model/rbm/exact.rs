//! Truth for small machines, in f64: log Z, log-likelihood of rows and its gradient, by enumeration of one side.
//!
//! Given the binary units s of one side, the units of the other are independent and each is summed or integrated out in
//! closed form, so that `Z = Σ_s e^{bias·s} Π_k z_k(y_k)` with inputs `y = start + Sᵀs`. For a Gaussian unit the input is
//! taken in units of σ, y = b/σ + W·h, and `z = √(2π)σ e^{(y² − (b/σ)²)/2}`; for a binary unit `z = 1 + e^y`; for the
//! label `z = Σ_k e^{y_k}`. Machines of Gaussian units only have a closed form instead (`gaussian.rs`).

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, ArrayRef2, s};

use super::enumeration::{Enumeration, log_sum_exp};
use super::gaussian::GaussianMoments;
use super::{Hidden, Rbm};

/// Binary units that are enumerated at most: a million states.
pub const MAX_ENUMERATED: usize = 20;

/// A machine in f64, of which everything can be computed.
#[derive(Clone, Debug)]
pub struct Exact {
    pub(super) hidden: Hidden,
    /// Whether each visible unit is Gaussian.
    pub(super) gaussian: Vec<bool>,
    pub(super) n_classes: usize,
    pub(super) w: Array2<f64>,
    pub(super) b: Array1<f64>,
    pub(super) c: Array1<f64>,
    /// ln σ², 0 at units that are not Gaussian or have σ = 1.
    pub(super) log_variance: Array1<f64>,
}

/// Gradient of the mean log-likelihood of rows, in the shapes of the machine.
#[derive(Clone, Debug)]
pub struct Gradient {
    /// With respect to the weights, `(n_visible, n_hidden)`.
    pub w: Array2<f64>,
    /// With respect to the visible biases, `n_visible`.
    pub b: Array1<f64>,
    /// With respect to the hidden biases, `n_hidden`.
    pub c: Array1<f64>,
    /// With respect to ln σ², `n_visible`, 0 at units that are not Gaussian.
    pub log_variance: Array1<f64>,
}

/// Expectations under a distribution of (v, h): all that the gradient asks for.
pub(super) struct Moments {
    /// `<v̂ hᵀ>`
    pub(super) v_h: Array2<f64>,
    /// `<v̂>`
    pub(super) v: Array1<f64>,
    /// `<h>`
    pub(super) h: Array1<f64>,
}

/// The side whose states are enumerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Hidden,
    Visible,
}

impl Exact {
    /// The machine as it is, in f64.
    pub fn new(rbm: &Rbm) -> Self {
        let n = rbm.n_visible();
        let gaussian: Vec<bool> = (0..n).map(|i| rbm.is_gaussian(i)).collect();
        let z = |i: usize| rbm.log_variance.as_ref().map_or(0.0, |z| f64::from(z[i]));
        Self {
            hidden: rbm.hidden,
            n_classes: rbm.n_classes,
            w: rbm.w.mapv(f64::from),
            b: rbm.b.mapv(f64::from),
            c: rbm.c.mapv(f64::from),
            log_variance: (0..n).map(|i| if gaussian[i] { z(i) } else { 0.0 }).collect(),
            gaussian,
        }
    }

    /// ln Z in nats, of a million states at most: binary hidden units, or a visible side without Gaussian units, of up to
    /// [`MAX_ENUMERATED`]; and any machine of Gaussian units only. `None` for others, and where Z is infinite.
    pub fn log_z(&self) -> Option<f64> {
        self.log_z_unless(&mut |_| true)
    }

    /// [`Self::log_z`], telling `proceed` the share done about a thousand times on the way; `None` as soon as that says
    /// no.
    pub fn log_z_unless(&self, proceed: &mut dyn FnMut(f64) -> bool) -> Option<f64> {
        if self.is_all_gaussian() {
            return GaussianMoments::of(self).map(|m| m.log_z);
        }
        let parts = self.enumerations(self.side()?);
        let mut sums = Vec::with_capacity(parts.len());
        for (k, part) in parts.iter().enumerate() {
            let share = |done: f64| (k as f64 + done) / parts.len() as f64;
            sums.push(part.log_sum(&mut |done| proceed(share(done)))?);
        }
        Some(log_sum_exp(&sums)).filter(|log_z| log_z.is_finite())
    }

    /// Free energy of one row, in nats. `None` for rectified hidden units.
    pub fn free_energy(&self, v: &[f64]) -> Option<f64> {
        let x = self.hidden_inputs(v);
        let hidden: f64 = match self.hidden {
            Hidden::Bernoulli => x.iter().map(|&x| softplus(x)).sum(),
            Hidden::Gaussian => x.iter().zip(&self.c).map(|(x, c)| 0.5 * (x * x - c * c + TAU.ln())).sum(),
            Hidden::Rectified => return None,
        };
        let visible: f64 =
            (0..v.len())
                .map(|i| {
                    if self.gaussian[i] {
                        0.5 * ((v[i] - self.b[i]) / self.sigma(i)).powi(2)
                    } else {
                        -self.b[i] * v[i]
                    }
                })
                .sum();
        Some(visible - hidden)
    }

    /// Mean log-likelihood of rows `v` `(n_rows, n_visible)`, given ln Z, in nats: `−F(v) − ln Z`. For Gaussian units the
    /// log of a density. `None` without rows.
    pub fn log_likelihood(&self, v: &ArrayRef2<f32>, log_z: f64) -> Option<f64> {
        let mut sum = 0.0;
        for row in v.rows() {
            let row: Vec<f64> = row.iter().map(|&v| f64::from(v)).collect();
            sum -= self.free_energy(&row)?;
        }
        (v.nrows() > 0).then(|| sum / v.nrows() as f64 - log_z)
    }

    /// Gradient of the mean log-likelihood of rows `v` `(n_rows, n_visible)`. `None` where [`Self::log_z`] has none, and
    /// without rows.
    pub fn gradient(&self, v: &ArrayRef2<f32>) -> Option<Gradient> {
        if v.nrows() == 0 {
            return None;
        }
        let model = self.model_moments()?;
        let (n, m) = self.w.dim();
        let weight = 1.0 / v.nrows() as f64;
        let mut data = Moments { v_h: Array2::zeros((n, m)), v: Array1::zeros(n), h: Array1::zeros(m) };
        let mut squares = Array1::<f64>::zeros(n);
        for row in v.rows() {
            let row: Vec<f64> = row.iter().map(|&v| f64::from(v)).collect();
            let mut h = self.hidden_inputs(&row);
            if self.hidden == Hidden::Bernoulli {
                h.mapv_inplace(logistic);
            }
            for (i, &v) in row.iter().enumerate() {
                data.v_h.row_mut(i).scaled_add(weight * v / self.sigma(i), &h);
                data.v[i] += weight * v / self.sigma(i);
                squares[i] += weight * ((v - self.b[i]) / self.sigma(i)).powi(2);
            }
            data.h.scaled_add(weight, &h);
        }
        let of_unit = |i: usize, x: f64| if self.gaussian[i] { x } else { 0.0 };
        Some(Gradient {
            b: (0..n).map(|i| (data.v[i] - model.v[i]) / self.sigma(i)).collect(),
            // −∂E/∂z = ((v − b)²/σ² − v̂·(W·h))/2, and in the model (1 − b̂·(W·h))/2 with v given h integrated out.
            log_variance: (0..n)
                .map(|i| {
                    let in_data = squares[i] - self.w.row(i).dot(&data.v_h.row(i));
                    let in_model = 1.0 - self.b[i] / self.sigma(i) * self.w.row(i).dot(&model.h);
                    of_unit(i, 0.5 * (in_data - in_model))
                })
                .collect(),
            w: data.v_h - model.v_h,
            c: data.h - model.h,
        })
    }

    pub(super) fn sigma(&self, unit: usize) -> f64 {
        (0.5 * self.log_variance[unit]).exp()
    }

    /// c + v̂·W.
    fn hidden_inputs(&self, v: &[f64]) -> Array1<f64> {
        let mut x = self.c.clone();
        for (i, &v) in v.iter().enumerate() {
            x.scaled_add(v / self.sigma(i), &self.w.row(i));
        }
        x
    }

    fn n_features(&self) -> usize {
        self.b.len() - self.n_classes
    }

    fn is_all_gaussian(&self) -> bool {
        self.hidden == Hidden::Gaussian && self.gaussian.iter().all(|&g| g)
    }

    /// The side with fewer states, of those that can be enumerated.
    fn side(&self) -> Option<Side> {
        let by_hidden = (self.hidden == Hidden::Bernoulli).then_some(self.c.len());
        let by_visible =
            (self.hidden != Hidden::Rectified && !self.gaussian.contains(&true)).then_some(self.n_features());
        let (side, units) = match (by_hidden, by_visible) {
            (Some(h), Some(v)) if v < h => (Side::Visible, v),
            (Some(h), _) => (Side::Hidden, h),
            (None, Some(v)) => (Side::Visible, v),
            (None, None) => return None,
        };
        (units <= MAX_ENUMERATED).then_some(side)
    }

    /// The sum over states in parts: one for each class where the visible side with its label is enumerated, else one.
    fn enumerations(&self, side: Side) -> Vec<Enumeration> {
        let n_features = self.n_features();
        match side {
            Side::Hidden => {
                let scaled = |i: usize| self.b[i] / self.sigma(i);
                let constant = (0..n_features).filter(|&i| self.gaussian[i]);
                let constant = constant.map(|i| 0.5 * (TAU.ln() + self.log_variance[i] - scaled(i).powi(2))).sum();
                let start: Vec<f64> = (0..self.b.len()).map(scaled).collect();
                vec![Enumeration::new(&self.w.t(), &self.c.to_vec(), &start, &self.gaussian, self.n_classes, constant)]
            }
            Side::Visible => {
                let gaussian = vec![self.hidden == Hidden::Gaussian; self.c.len()];
                let constant = match self.hidden {
                    Hidden::Gaussian => self.c.iter().map(|c| 0.5 * (TAU.ln() - c * c)).sum(),
                    _ => 0.0,
                };
                let features = self.w.slice(s![..n_features, ..]);
                let bias = self.b.slice(s![..n_features]).to_vec();
                let of_class = |label: Option<usize>| {
                    let (start, bias_of_label) = match label {
                        None => (self.c.clone(), 0.0),
                        Some(unit) => (&self.c + &self.w.row(unit), self.b[unit]),
                    };
                    Enumeration::new(&features, &bias, &start.to_vec(), &gaussian, 0, constant + bias_of_label)
                };
                if self.n_classes == 0 {
                    vec![of_class(None)]
                } else {
                    (n_features..self.b.len()).map(|unit| of_class(Some(unit))).collect()
                }
            }
        }
    }

    /// Expectations under the model.
    pub(super) fn model_moments(&self) -> Option<Moments> {
        if self.is_all_gaussian() {
            return GaussianMoments::of(self).map(|m| m.moments);
        }
        let side = self.side()?;
        let log_z = self.log_z()?;
        let (n, m) = self.w.dim();
        let n_features = self.n_features();
        let mut all = Moments { v_h: Array2::zeros((n, m)), v: Array1::zeros(n), h: Array1::zeros(m) };
        for (k, part) in self.enumerations(side).iter().enumerate() {
            let sums = part.expectations(log_z);
            match side {
                Side::Hidden => {
                    all.v_h += &sums.products.t();
                    all.v += &sums.other;
                    all.h += &sums.own;
                }
                Side::Visible => {
                    all.v_h.slice_mut(s![..n_features, ..]).scaled_add(1.0, &sums.products);
                    all.v.slice_mut(s![..n_features]).scaled_add(1.0, &sums.own);
                    all.h += &sums.other;
                    if self.n_classes > 0 {
                        all.v_h.row_mut(n_features + k).scaled_add(1.0, &sums.other);
                        all.v[n_features + k] += sums.total;
                    }
                }
            }
        }
        Some(all)
    }
}

/// ln(1 + eˣ) without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// 1/(1 + e⁻ˣ).
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
