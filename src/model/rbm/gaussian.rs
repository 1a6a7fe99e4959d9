//! Machines of Gaussian units only: one Gaussian density over (v̂, h), so that everything has a closed form.
//!
//! Its precision is `[I, −W; −Wᵀ, I]`, so with `A = I − WᵀW`: `cov(h) = A⁻¹`, `cov(v̂, h) = W·A⁻¹`, `E[h] = A⁻¹(c + Wᵀb̂)`,
//! `E[v̂] = b̂ + W·E[h]`, and `ln Z = (n+m)/2·ln 2π + Σ ln σ − ½ ln|A| + ½(b̂·E[v̂] + c·E[h] − |b̂|² − |c|²)`.

use std::f64::consts::TAU;

use ndarray::{Array1, Array2};

use super::exact::{Exact, Moments};

pub(super) struct GaussianMoments {
    pub(super) log_z: f64,
    pub(super) moments: Moments,
}

impl GaussianMoments {
    /// `None` where the largest singular value of W is not below 1: A is not positive definite, and Z infinite.
    pub(super) fn of(machine: &Exact) -> Option<Self> {
        let (w, c) = (&machine.w, &machine.c);
        let (n, m) = w.dim();
        let b: Array1<f64> = (0..n).map(|i| machine.b[i] / machine.sigma(i)).collect();
        let root = cholesky(Array2::eye(m) - w.t().dot(w))?;
        let covariance = inverse(&root);
        let h = covariance.dot(&(c + &w.t().dot(&b)));
        let v = &b + &w.dot(&h);
        let outer = Array2::from_shape_fn((n, m), |(i, j)| v[i] * h[j]);
        let log_determinant = 2.0 * root.diag().iter().map(|x| x.ln()).sum::<f64>();
        let log_z = 0.5
            * ((n + m) as f64 * TAU.ln() + machine.log_variance.sum() - log_determinant + b.dot(&v) + c.dot(&h)
                - b.dot(&b)
                - c.dot(c));
        Some(Self { log_z, moments: Moments { v_h: w.dot(&covariance) + outer, v, h } })
    }
}

/// The lower triangle L with `L·Lᵀ = A`; `None` when A is not positive definite.
fn cholesky(mut a: Array2<f64>) -> Option<Array2<f64>> {
    for j in 0..a.nrows() {
        for k in 0..j {
            let factor = a[[j, k]];
            for i in j..a.nrows() {
                a[[i, j]] -= factor * a[[i, k]];
            }
        }
        let pivot = a[[j, j]];
        if pivot.is_nan() || pivot <= 0.0 {
            return None;
        }
        for i in j..a.nrows() {
            a[[i, j]] /= pivot.sqrt();
        }
        for i in 0..j {
            a[[i, j]] = 0.0;
        }
    }
    Some(a)
}

/// A⁻¹ from L: column by column, forwards and backwards.
fn inverse(root: &Array2<f64>) -> Array2<f64> {
    let n = root.nrows();
    let mut x = Array2::eye(n);
    for mut column in x.columns_mut() {
        for i in 0..n {
            let known: f64 = (0..i).map(|k| root[[i, k]] * column[k]).sum();
            column[i] = (column[i] - known) / root[[i, i]];
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| root[[k, i]] * column[k]).sum();
            column[i] = (column[i] - known) / root[[i, i]];
        }
    }
    x
}
