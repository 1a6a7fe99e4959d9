//! A fitted SVM: the rows that matter, their coefficients and the offset. Holds nothing of the training problem.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, Axis, s};

use super::kernel::Kernel;

/// Rows answered by one matrix product.
const BATCH: usize = 256;

/// The decision function f(x) = Σ βᵢK(xᵢ, x) − ρ over the support vectors xᵢ, with βᵢ = yᵢαᵢ, all in double precision.
/// f > 0 is the side of the bad outcome.
#[derive(Clone, Debug)]
pub struct SvmModel {
    kernel: Kernel,
    support: Array2<f64>,
    norms: Vec<f64>,
    coefficients: Array1<f64>,
    rho: f64,
}

impl SvmModel {
    /// From the rows `x`, `(n_rows, n_inputs)`, their β and ρ. Rows with β = 0 are left out.
    pub(super) fn new(kernel: Kernel, x: &ArrayRef2<f32>, beta: &[f64], rho: f64) -> Self {
        let rows: Vec<usize> = (0..beta.len()).filter(|&row| beta[row] != 0.0).collect();
        let support = x.select(Axis(0), &rows).mapv(f64::from);
        let norms = squared_lengths(&support);
        let coefficients = rows.iter().map(|&row| beta[row]).collect();
        Self { kernel, support, norms, coefficients, rho }
    }

    /// Decision values of prepared rows `(n_rows, n_inputs)` with the inputs of the training rows, `n_rows` values.
    /// The value of a row does not depend on the rows beside it.
    pub fn decision_values(&self, x: &ArrayRef2<f32>) -> Array1<f64> {
        let mut values = Array1::zeros(x.nrows());
        for (batch, mut values) in x.axis_chunks_iter(Axis(0), BATCH).zip(values.axis_chunks_iter_mut(Axis(0), BATCH)) {
            let batch = batch.mapv(f64::from);
            let norms = squared_lengths(&batch);
            let mut products = batch.dot(&self.support.t());
            for ((mut row, norm), value) in products.outer_iter_mut().zip(norms).zip(&mut values) {
                if let Some(row) = row.as_slice_mut() {
                    self.kernel.apply_f64(norm, &self.norms, row);
                }
                *value = row.dot(&self.coefficients) - self.rho;
            }
        }
        values
    }

    /// Number of support vectors.
    pub fn n_support(&self) -> usize {
        self.coefficients.len()
    }

    /// βᵢ = yᵢαᵢ of the support vectors.
    pub fn coefficients(&self) -> &Array1<f64> {
        &self.coefficients
    }

    /// The support vectors, `(n_support, n_inputs)`.
    pub fn support(&self) -> ArrayView2<'_, f64> {
        self.support.view()
    }

    /// The offset ρ that is subtracted.
    pub fn rho(&self) -> f64 {
        self.rho
    }
}

fn squared_lengths(x: &ArrayRef2<f64>) -> Vec<f64> {
    x.outer_iter().map(|row| row.dot(&row)).collect()
}

/// The decision values of many rows, worked out in bounded portions.
#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    model: SvmModel,
    values: Vec<f64>,
}

impl Evaluation {
    pub(super) fn new(model: SvmModel) -> Self {
        Self { model, values: Vec::new() }
    }

    /// Evaluates further rows of `x` for about `work` units (one unit: one row pair's share of a feature or two) and gives
    /// back all the values at the end. `x` must be the same in every call.
    pub(super) fn advance(&mut self, x: &ArrayRef2<f32>, work: u64) -> Option<&[f64]> {
        let per_batch = BATCH * (self.model.n_support() + 1) * (4 + x.ncols() / 8);
        let n_batches = (work / per_batch as u64).max(1);
        let from = self.values.len();
        let to = x.nrows().min(from.saturating_add((n_batches as usize).saturating_mul(BATCH)));
        self.values.extend(self.model.decision_values(&x.slice(s![from..to, ..])));
        (to == x.nrows()).then_some(&self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use ndarray::array;
    use rand::RngExt as _;

    #[test]
    fn by_hand() {
        let x = array![[1.0, 0.0], [9.0, 9.0], [0.0, 2.0]];
        let model = SvmModel::new(Kernel::Linear, &x, &[0.5, 0.0, -1.0], 0.25);
        assert_eq!(model.n_support(), 2);
        assert_eq!(model.support(), array![[1.0, 0.0], [0.0, 2.0]]);
        // 0.5·(x·(1, 0)) − (x·(0, 2)) − 0.25
        assert_eq!(model.decision_values(&array![[2.0, 1.0], [0.0, 0.0]]), array![-1.25, -0.25]);
        let model = SvmModel::new(Kernel::Rbf { gamma: 1.0 }, &x, &[1.0, 0.0, -1.0], 0.0);
        let value = model.decision_values(&array![[1.0, 0.0]])[0];
        assert!((value - (1.0 - (-5.0_f64).exp())).abs() < 1e-15);
    }

    #[test]
    fn a_row_is_answered_alike_alone_and_in_any_portion() {
        let mut random = stream(3, Purpose::Sample, 0);
        let x = Array2::from_shape_fn((700, 6), |_| random.random_range(-1.0_f32..1.0));
        let beta: Vec<f64> = (0..700).map(|_| random.random_range(-1.0..1.0)).collect();
        let model = SvmModel::new(Kernel::Rbf { gamma: 0.2 }, &x, &beta, 0.1);
        let all = model.decision_values(&x);
        for row in [0, 1, 255, 256, 699] {
            assert_eq!(model.decision_values(&x.slice(s![row..=row, ..]))[0], all[row]);
        }
        let mut evaluation = Evaluation::new(model);
        let mut portions = 1;
        while evaluation.advance(&x, 1).is_none() {
            portions += 1;
        }
        assert_eq!(portions, 3);
        assert_eq!(evaluation.values, all.to_vec());
    }
}
