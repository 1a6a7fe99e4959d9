//! A fitted SVM: the rows that matter, their coefficients and the offset. Holds nothing of the training problem.

use ndarray::{Array1, Array2, ArrayRef2, s};
use serde::{Deserialize, Serialize};

use super::kernel::Kernel;
use super::packed::{LANES, PackedRows, QUERIES};
use crate::model::fitted::{all_finite, as_many};
use crate::model::kernels::{add_row_combination, row_products};

/// The decision function f(x) = Σ βᵢK(xᵢ, x) − ρ over the support vectors xᵢ, with βᵢ = yᵢαᵢ, all in double precision.
/// f > 0 is the side of the bad outcome.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "StoredMachine", from = "StoredMachine")]
pub struct SvmModel {
    kernel: Kernel,
    support: PackedRows<f64>,
    /// β, in blocks as the rows are.
    coefficients: Vec<[f64; LANES]>,
    /// Σ βᵢxᵢ of the linear kernel, by which f(x) = w·x − ρ.
    weights: Option<Vec<f64>>,
    rho: f64,
}

/// A machine in a file: its support vectors are the training rows they came from, in single precision.
#[derive(Serialize, Deserialize)]
struct StoredMachine {
    kernel: Kernel,
    support: Array2<f32>,
    coefficients: Vec<f64>,
    rho: f64,
}

impl From<SvmModel> for StoredMachine {
    fn from(model: SvmModel) -> Self {
        let (support, coefficients) = (model.support().mapv(|value| value as f32), model.coefficients().to_vec());
        Self { kernel: model.kernel, support, coefficients, rho: model.rho }
    }
}

impl From<StoredMachine> for SvmModel {
    fn from(stored: StoredMachine) -> Self {
        let StoredMachine { kernel, support, mut coefficients, rho } = stored;
        // Of a file that has been tampered with: what is left over or lacking counts for nothing.
        coefficients.resize(support.nrows(), 0.0);
        Self::new(kernel, &support, &coefficients, rho)
    }
}

impl PartialEq for SvmModel {
    fn eq(&self, other: &Self) -> bool {
        (self.kernel, self.rho) == (other.kernel, other.rho)
            && self.coefficients() == other.coefficients()
            && self.support() == other.support()
    }
}

impl SvmModel {
    pub(super) fn check(&self, n_inputs: usize) -> Result<(), String> {
        as_many("inputs of the support vectors", self.support.n_inputs(), n_inputs)?;
        let constants = match &self.kernel {
            Kernel::Linear => [0.0; 2],
            Kernel::Rbf { gamma } => [*gamma, 0.0],
            Kernel::Polynomial { gamma, coef0, .. } | Kernel::Sigmoid { gamma, coef0 } => [*gamma, *coef0],
        };
        all_finite("the kernel's numbers", constants.iter().chain([&self.rho]))?;
        all_finite("the coefficients", self.coefficients().iter())?;
        all_finite("the support vectors", self.support().iter())
    }

    /// The kernel.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// From the rows `x`, `(n_rows, n_inputs)`, their β and ρ. Rows with β = 0 are left out.
    pub(super) fn new(kernel: Kernel, x: &ArrayRef2<f32>, beta: &[f64], rho: f64) -> Self {
        let rows: Vec<usize> = (0..beta.len()).filter(|&row| beta[row] != 0.0).collect();
        let mut coefficients = vec![[0.0; LANES]; rows.len().div_ceil(LANES)];
        for (value, &row) in coefficients.as_flattened_mut().iter_mut().zip(&rows) {
            *value = beta[row];
        }
        let weights = (kernel == Kernel::Linear).then(|| {
            let mut weights = vec![0.0; x.ncols()];
            for &row in &rows {
                add_row_combination(&[beta[row]], &x.row(row).to_vec(), &mut weights);
            }
            weights
        });
        Self { kernel, support: PackedRows::new(x, rows.into_iter()), coefficients, weights, rho }
    }

    /// Decision values of prepared rows `(n_rows, n_inputs)` with the inputs of the training rows, `n_rows` values.
    /// The value of a row does not depend on the rows beside it.
    pub fn decision_values(&self, x: &ArrayRef2<f32>) -> Array1<f64> {
        let sums = match &self.weights {
            Some(weights) => {
                let mut sums = vec![0.0; x.nrows()];
                row_products(x.as_standard_layout().as_slice().unwrap_or_default(), weights, &mut sums);
                sums
            }
            None => self.support.weighted_sums(self.kernel, &self.coefficients, x),
        };
        sums.into_iter().map(|sum| sum - self.rho).collect()
    }

    /// Number of support vectors.
    pub fn n_support(&self) -> usize {
        self.support.n_rows()
    }

    /// βᵢ = yᵢαᵢ of the support vectors.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients.as_flattened()[..self.n_support()]
    }

    /// The support vectors, `(n_support, n_inputs)`.
    pub fn support(&self) -> Array2<f64> {
        let mut support = Array2::zeros((self.n_support(), self.support.n_inputs()));
        for (k, mut row) in support.outer_iter_mut().enumerate() {
            row.iter_mut().zip(self.support.features(k)).for_each(|(value, feature)| *value = feature);
        }
        support
    }

    /// The offset ρ that is subtracted.
    pub fn rho(&self) -> f64 {
        self.rho
    }
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

    /// Evaluates further rows of `x` for about `work` units, and gives back the work and, at the end, all the values.
    /// `x` must be the same in every call.
    pub(super) fn advance(&mut self, x: &ArrayRef2<f32>, work: u64) -> (u64, Option<&[f64]>) {
        let of_row = (1 + self.model.n_support()) * (24 + x.ncols()) / 24;
        let n_rows = (work / of_row as u64).min(x.nrows() as u64).max(1) as usize;
        let from = self.values.len();
        let to = x.nrows().min((from + n_rows).next_multiple_of(QUERIES));
        self.values.extend(self.model.decision_values(&x.slice(s![from..to, ..])));
        (((to - from) * of_row) as u64, (to == x.nrows()).then_some(&self.values))
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
        while evaluation.advance(&x, 100_000).1.is_none() {
            portions += 1;
        }
        assert!((4..=8).contains(&portions), "{portions}");
        assert_eq!(evaluation.values, all.to_vec());
    }
}
