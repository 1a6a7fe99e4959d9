//! One Newton step: the sums over rows that it is made of, and the linear system that gives it.

use faer::linalg::solvers::{DenseSolveCore as _, Llt, Solve as _};
use faer::{Mat, Side};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, Axis};

use crate::model::log_odds::{TwoClasses, cross_entropy, probability};

/// Least variance p(1 − p) of a row: keeps the Hessian definite where every row is told apart for certain.
const LEAST_VARIANCE: f64 = 1e-12;

/// Sums over rows at one point θ, without the penalty.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// Σ sᵢ ℓᵢ.
    pub(super) loss: f64,
    /// Σ sᵢ (pᵢ − yᵢ) xᵢ, `n_columns`.
    pub(super) gradient: Array1<f64>,
    /// Σ sᵢ pᵢ (1 − pᵢ) xᵢ xᵢᵀ, `(n_columns, n_columns)`.
    pub(super) hessian: Array2<f64>,
}

impl Sums {
    pub(super) fn zero(n_columns: usize) -> Self {
        Self { loss: 0.0, gradient: Array1::zeros(n_columns), hessian: Array2::zeros((n_columns, n_columns)) }
    }

    /// Adds a block of rows with their log-odds and classes.
    pub(super) fn add(&mut self, mut block: Array2<f64>, log_odds: &[f64], y: &[usize], classes: &TwoClasses) {
        let mut residuals = Array1::zeros(log_odds.len());
        let mut roots = Array1::zeros(log_odds.len());
        for (i, (&z, &class)) in log_odds.iter().zip(y).enumerate() {
            let (p, weight) = (probability(z), classes.weight(class));
            self.loss += weight * cross_entropy(z, class == 1);
            residuals[i] = weight * (p - class as f64);
            roots[i] = (weight * (p * (1.0 - p)).max(LEAST_VARIANCE)).sqrt();
        }
        self.gradient += &residuals.dot(&block);
        block *= &roots.insert_axis(Axis(1));
        general_mat_mul(1.0, &block.t(), &block, 1.0, &mut self.hessian);
    }

    /// Adds ½λ|β|², λ being `penalty`, at θ = (β, β₀).
    pub(super) fn penalise(&mut self, penalty: f64, theta: &Array1<f64>) {
        self.loss += penalty_at(penalty, theta);
        for column in 0..theta.len() - 1 {
            self.gradient[column] += penalty * theta[column];
            self.hessian[[column, column]] += penalty;
        }
    }
}

/// ½λ|β|² at θ = (β, β₀).
pub(super) fn penalty_at(penalty: f64, theta: &Array1<f64>) -> f64 {
    0.5 * penalty * theta.iter().take(theta.len() - 1).map(|beta| beta * beta).sum::<f64>()
}

/// A factorised Hessian D⁻¹(LLᵀ)D⁻¹, with D making its diagonal 1 so that inputs of any scale do.
struct Factor {
    scale: Vec<f64>,
    llt: Llt<f64>,
}

impl Factor {
    /// Where rounding has made the Hessian indefinite (columns that repeat each other under a tiny penalty), the least
    /// ridge that mends it is added. `None` when it is not finite.
    fn new(hessian: &Array2<f64>) -> Option<Self> {
        let n = hessian.nrows();
        let scale: Vec<f64> = hessian.diag().iter().map(|h| h.max(f64::MIN_POSITIVE).sqrt().recip()).collect();
        [0.0, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2].into_iter().find_map(|ridge| {
            let scaled =
                Mat::from_fn(n, n, |i, j| hessian[[i, j]] * scale[i] * scale[j] + if i == j { ridge } else { 0.0 });
            let llt = Llt::new(scaled.as_ref(), Side::Lower).ok()?;
            Some(Self { scale: scale.clone(), llt })
        })
    }
}

/// The Newton step −H⁻¹g, always downhill. `None` when no finite one exists.
pub(super) fn step(hessian: &Array2<f64>, gradient: &Array1<f64>) -> Option<Array1<f64>> {
    let factor = Factor::new(hessian)?;
    let right = Mat::from_fn(gradient.len(), 1, |i, _| -gradient[i] * factor.scale[i]);
    let solved = factor.llt.solve(right);
    let step = Array1::from_shape_fn(gradient.len(), |i| solved[(i, 0)] * factor.scale[i]);
    (step.iter().all(|value| value.is_finite()) && step.dot(gradient) < 0.0).then_some(step)
}

/// Square roots of the diagonal of H⁻¹, `None` where H is not finite.
pub(super) fn standard_errors(hessian: &Array2<f64>) -> Option<Vec<f64>> {
    let factor = Factor::new(hessian)?;
    let inverse = factor.llt.inverse();
    Some((0..hessian.nrows()).map(|i| inverse[(i, i)].max(0.0).sqrt() * factor.scale[i]).collect())
}
