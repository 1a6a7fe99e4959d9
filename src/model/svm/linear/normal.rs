//! The normal equations of a weighted least-squares fit with a free offset: the linear system of one Newton step.
//!
//! With rows xᵢ, weights Dᵢ ≥ 0 and right-hand sides rᵢ, the step (Δw, Δb) solves
//! (I + Σ Dᵢ xᵢxᵢᵀ) Δw + Σ Dᵢ xᵢ Δb = p and Σ Dᵢ xᵢᵀΔw + Σ Dᵢ Δb = q.
//! The matrix is positive definite as long as one weight is not zero; it is gathered block of rows by block, and factored
//! by Cholesky.

use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, MatMut, MatRef, Par};

use crate::model::kernels::add_row_combination;

/// The matrix, and once factored its Cholesky factor.
#[derive(Clone, Debug)]
pub(super) struct NormalEquations {
    n_inputs: usize,
    /// Lower triangle, `n_inputs + 1` rows one after another, the offset last.
    matrix: Vec<f64>,
    /// Sums of the inputs' part while gathering, `(n_inputs, n_inputs)`.
    gram: Vec<f64>,
    /// Rows of a block times √D.
    scaled: Vec<f64>,
}

/// A solution or a right-hand side: `n_inputs` values for w, and the last for b.
pub(super) type Vector = Vec<f64>;

impl NormalEquations {
    pub(super) fn new(n_inputs: usize) -> Self {
        let size = n_inputs + 1;
        let gram = vec![0.0; n_inputs * n_inputs];
        Self { n_inputs, matrix: vec![0.0; size * size], gram, scaled: Vec::new() }
    }

    /// Back to the matrix of no rows.
    pub(super) fn clear(&mut self) {
        self.matrix.fill(0.0);
        self.gram.fill(0.0);
    }

    /// Adds a block of rows `x`, one after another, with their weights.
    pub(super) fn add(&mut self, x: &[f32], weights: &[f64]) {
        let n = self.n_inputs;
        self.scaled.clear();
        for (row, weight) in x.chunks_exact(n).zip(weights) {
            let root = weight.sqrt();
            self.scaled.extend(row.iter().map(|&x| root * f64::from(x)));
        }
        let rows = MatRef::from_row_major_slice(&self.scaled, weights.len(), n);
        let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
        let gram = MatMut::from_row_major_slice_mut(&mut self.gram, n, n);
        matmul(gram, lower, Accum::Add, rows.transpose(), full, rows, full, 1.0, Par::Seq);
        let border = &mut self.matrix[n * (n + 1)..];
        add_row_combination(weights, x, &mut border[..n]);
        border[n] += weights.iter().sum::<f64>();
    }

    /// Factors the matrix in place. A pivot that rounding has eaten up (columns that depend on others, of a scale beside
    /// which I is nothing) stands for a direction in which no step is taken.
    pub(super) fn factor(&mut self) {
        let size = self.n_inputs + 1;
        for (i, row) in self.gram.chunks_exact(self.n_inputs).enumerate() {
            let into = &mut self.matrix[i * size..=i * size + i];
            into.copy_from_slice(&row[..=i]);
            into[i] += 1.0;
        }
        for i in 0..size {
            let (above, row) = self.matrix.split_at_mut(i * size);
            for (j, other) in above.chunks_exact(size).enumerate() {
                row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
            }
            let pivot = row[i] - dot(&row[..i], &row[..i]);
            row[i] = if pivot > f64::EPSILON * row[i] { pivot.sqrt() } else { f64::INFINITY };
        }
    }

    /// Solves for one right-hand side, after [`Self::factor`].
    pub(super) fn solve(&self, mut rhs: Vector) -> Vector {
        let size = self.n_inputs + 1;
        for (i, row) in self.matrix.chunks_exact(size).enumerate() {
            rhs[i] = (rhs[i] - dot(&row[..i], &rhs[..i])) / row[i];
        }
        for (i, row) in self.matrix.chunks_exact(size).enumerate().rev() {
            rhs[i] /= row[i];
            let x = rhs[i];
            rhs[..i].iter_mut().zip(row).for_each(|(rhs, l)| *rhs -= l * x);
        }
        rhs
    }
}

/// Eight sums side by side, so that the compiler vectorises it.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn the_solution_satisfies_the_equations() {
        let (n_rows, n) = (40, 11);
        let mut random = stream(2, Purpose::Sample, 0);
        let x: Vec<f32> = (0..n_rows * n).map(|_| random.random_range(-2.0..2.0)).collect();
        let weights: Vec<f64> =
            (0..n_rows).map(|i| if i % 5 == 0 { 0.0 } else { random.random_range(0.0..3.0) }).collect();
        let rhs: Vec<f64> = (0..=n).map(|i| i as f64 - 4.0).collect();
        let mut equations = NormalEquations::new(n);
        equations.add(&[9.0; 11], &[9.0]);
        equations.clear();
        equations.add(&x[..15 * n], &weights[..15]);
        equations.add(&x[15 * n..], &weights[15..]);
        equations.factor();
        let step = equations.solve(rhs.clone());
        let mut left = step.clone();
        left[n] = 0.0;
        for (row, weight) in x.chunks_exact(n).zip(&weights) {
            let product: f64 = row.iter().zip(&step).map(|(&x, s)| f64::from(x) * s).sum::<f64>() + step[n];
            for (left, &x) in left.iter_mut().zip(row) {
                *left += weight * product * f64::from(x);
            }
            left[n] += weight * product;
        }
        assert!(left.iter().zip(&rhs).all(|(left, rhs)| (left - rhs).abs() < 1e-11), "{left:?}");
    }

    #[test]
    fn a_direction_lost_to_rounding_is_left_alone() {
        // Two equal columns of a scale, 2⁴⁰, beside which the identity vanishes.
        let big = 2.0_f32.powi(40);
        let mut equations = NormalEquations::new(2);
        equations.add(&[big, big, -big, -big], &[1.0, 1.0]);
        equations.factor();
        let square = f64::from(big).powi(2);
        let step = equations.solve(vec![square, square, 1.0]);
        assert!((step[0] - 0.5).abs() < 1e-12 && step[1] == 0.0 && (step[2] - 0.5).abs() < 1e-12, "{step:?}");
    }
}
