//! Rows on a plane: their two leading principal components, of the inputs or of what a hidden layer makes of them.
//!
//! With rows xᵢ, their mean μ and the covariance C = Σ (xᵢ − μ)(xᵢ − μ)ᵀ / n, the axes are the unit vectors w₁, w₂ of the
//! two largest eigenvalues λ of C; a row lies at (w₁ᵀ(x − μ), w₂ᵀ(x − μ)) and axis k explains the share λₖ / tr C of all
//! variance. Up to [`EXACT`] columns by the eigenvalue decomposition of C, beyond by subspace iteration (Golub, Van Loan,
//! *Matrix Computations*, 2013, §8.2.4). One or two columns are shown as they are: nothing would be gained by turning them.
//!
//! An eigenvector has no sign. Here bad rows lie more to the right and higher up than good ones in the mean, so that maps
//! of one net can be held beside each other; where that says nothing, the largest weight is positive.

use std::sync::atomic::{AtomicBool, Ordering};

use faer::{Mat, Side};
use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, ArrayView1, ArrayView2, Axis};
use rand::RngExt as _;
use rand_distr::StandardNormal;

use crate::random::{Purpose, stream};

/// Columns up to which the covariance is decomposed as a whole.
pub const EXACT: usize = 256;
/// Vectors of the subspace: more than two, so that it closes in on the first two faster.
const SUBSPACE: usize = 8;
/// Rounds of the subspace iteration at most.
const ROUNDS: usize = 300;
/// Change of an explained share between rounds at which it has converged.
const TOLERANCE: f64 = 1e-10;

/// The plane on which rows are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// μ, `n_columns`.
    mean: Array1<f64>,
    /// w₁ and w₂, `(2, n_columns)`; the second is 0 where there is no second axis.
    axes: Array2<f64>,
    /// The share of the rows' variance along each axis, in 0..=1.
    pub explained: [f64; 2],
}

impl Plane {
    /// The plane of the rows `x` `(n_rows, n_columns)`; `bad[i]` is the outcome of row i, where it is known.
    ///
    /// `None` where it is undefined: fewer than two rows, no column, all rows alike, numbers that are not finite; and when
    /// `stop` is set.
    pub fn fit(x: &ArrayRef2<f32>, bad: &[Option<bool>], stop: &AtomicBool) -> Option<Self> {
        if x.nrows() < 2 || x.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut centred = x.mapv(f64::from);
        let mean = centred.mean_axis(Axis(0))?;
        centred -= &mean;
        let variances = centred.map_axis(Axis(0), |column| column.dot(&column) / column.len() as f64);
        let total = variances.sum();
        // What is left of rows that are alike is rounding of their mean.
        let rounding = f64::EPSILON * mean.dot(&mean);
        if total.is_nan() || total <= rounding {
            return None;
        }
        let (mut axes, variances) = match x.ncols() {
            columns @ (1 | 2) => (Array2::eye(2).slice_move(ndarray::s![.., ..columns]), variances.to_vec()),
            ..=EXACT => decomposed(&centred)?,
            _ => iterated(&centred, total, stop)?,
        };
        for mut axis in axes.outer_iter_mut() {
            if x.ncols() > 2 && is_backwards(&axis, &centred, bad) {
                axis.mapv_inplace(|weight| -weight);
            }
        }
        let explained = [0, 1].map(|k| variances.get(k).map_or(0.0, |variance| (variance / total).clamp(0.0, 1.0)));
        Some(Self { mean, axes, explained })
    }

    /// Where rows `x` `(n_rows, n_columns)` of as many columns lie.
    pub fn points(&self, x: &ArrayRef2<f32>) -> Vec<[f32; 2]> {
        let place = |row: ArrayView1<'_, f32>| {
            [0, 1].map(|k| {
                let terms = row.iter().zip(&self.mean).zip(self.axes.row(k));
                terms.map(|((&x, mean), weight)| (f64::from(x) - mean) * weight).sum::<f64>() as f32
            })
        };
        x.outer_iter().map(place).collect()
    }

    /// w₁ and w₂, `(2, n_columns)`, each of length 1; the second is 0 where there is no second axis.
    pub fn axes(&self) -> ArrayView2<'_, f64> {
        self.axes.view()
    }
}

/// The two leading eigenvectors `(2, n_columns)` of the covariance of centred rows, and their eigenvalues.
fn decomposed(centred: &Array2<f64>) -> Option<(Array2<f64>, Vec<f64>)> {
    let covariance = centred.t().dot(centred) / centred.nrows() as f64;
    leading(&covariance, 2)
}

/// The `count` leading eigenvectors, one a row, and eigenvalues of a symmetric matrix.
fn leading(symmetric: &Array2<f64>, count: usize) -> Option<(Array2<f64>, Vec<f64>)> {
    let n = symmetric.nrows();
    let matrix = Mat::from_fn(n, n, |i, j| symmetric[[i, j]]);
    let eigen = matrix.self_adjoint_eigen(Side::Lower).ok()?;
    // They come in ascending order.
    let vectors = Array2::from_shape_fn((count, n), |(k, i)| eigen.U()[(i, n - 1 - k)]);
    let values = (0..count).map(|k| eigen.S().column_vector()[n - 1 - k].max(0.0)).collect();
    Some((vectors, values))
}

/// As [`decomposed`], by subspace iteration from a fixed random start; `total` is the trace of the covariance.
fn iterated(centred: &Array2<f64>, total: f64, stop: &AtomicBool) -> Option<(Array2<f64>, Vec<f64>)> {
    let mut random = stream(0, Purpose::Picture, 1);
    let mut basis =
        Array2::from_shape_simple_fn((centred.ncols(), SUBSPACE), || random.sample::<f64, _>(StandardNormal));
    orthonormalise(&mut basis);
    let mut before = vec![0.0; 2];
    for round in 1..=ROUNDS {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let scores = centred.dot(&basis);
        // Rayleigh and Ritz: the best vectors within the subspace.
        let (within, values) = leading(&(scores.t().dot(&scores) / centred.nrows() as f64), 2)?;
        let still = values.iter().zip(&before).all(|(now, before)| (now - before).abs() <= TOLERANCE * total);
        if still || round == ROUNDS {
            return Some((within.dot(&basis.t()), values));
        }
        before = values;
        basis = centred.t().dot(&scores);
        orthonormalise(&mut basis);
    }
    None
}

/// Makes the columns orthonormal, twice over each, so that rounding leaves nothing of one in another (modified Gram–Schmidt).
fn orthonormalise(basis: &mut Array2<f64>) {
    for k in 0..basis.ncols() {
        for _ in 0..2 {
            for earlier in 0..k {
                let along = basis.column(k).dot(&basis.column(earlier));
                let part = basis.column(earlier).mapv(|weight| along * weight);
                let mut column = basis.column_mut(k);
                column -= &part;
            }
        }
        let length = basis.column(k).dot(&basis.column(k)).sqrt();
        // A column that was a sum of the others stays nothing.
        let scale = if length > f64::MIN_POSITIVE { length.recip() } else { 0.0 };
        basis.column_mut(k).mapv_inplace(|weight| weight * scale);
    }
}

/// Whether bad rows lie on the lower side of an axis; by the largest weight where that is not defined.
fn is_backwards(axis: &ArrayRef1<f64>, centred: &Array2<f64>, bad: &[Option<bool>]) -> bool {
    let mean = |class: bool| {
        let of_class = || bad.iter().zip(centred.outer_iter()).filter(|(bad, _)| **bad == Some(class));
        let sum: f64 = of_class().map(|(_, row)| row.dot(axis)).sum();
        sum / of_class().count() as f64
    };
    let ahead = mean(true) - mean(false);
    // A difference that is rounding says nothing.
    let spread = centred.outer_iter().map(|row| row.dot(axis).abs()).fold(0.0, f64::max);
    if ahead.is_nan() || ahead.abs() <= 1e-9 * spread {
        let largest = axis.iter().copied().reduce(|a, b| if b.abs() > a.abs() { b } else { a });
        return largest.is_some_and(|weight| weight < 0.0);
    }
    ahead < 0.0
}

/// Which rows of a table are drawn: all up to `most`, else those with a label first and of each kind a random part, in
/// ascending order. The same seed draws the same rows.
pub fn rows_to_draw(labelled: &[usize], unlabelled: &[usize], most: usize, seed: u64) -> Vec<usize> {
    let mut random = stream(seed, Purpose::Picture, 0);
    let mut some = |rows: &[usize], count: usize| -> Vec<usize> {
        let mut rows = rows.to_vec();
        let count = count.min(rows.len());
        // The first steps of a shuffle (Fisher and Yates).
        for k in 0..count {
            let other = random.random_range(k..rows.len());
            rows.swap(k, other);
        }
        rows.truncate(count);
        rows
    };
    let mut rows = some(labelled, most);
    rows.extend(some(unlabelled, most - rows.len()));
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests;
