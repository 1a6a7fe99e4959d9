//! Sums over all states of up to twenty binary units, in blocks, one flip at a time.

use ndarray::{Array1, Array2, ArrayRef2};

use super::exact::logistic;
use crate::model::kernels::exp_f64;

/// States between two calls of the caller, and between two fresh computations of the inputs.
const BLOCK: u32 = 10;
/// Factors of at most 2 multiplied together before a logarithm is taken: 2⁹⁶⁰ is within f64.
const FACTORS: usize = 960;

/// Binary units s with biases, and units of the other side whose inputs are `start + Sᵀs`.
pub(super) struct Enumeration {
    /// Weights `(n_own, n_other)`, row by row, columns in the order binary, Gaussian, label.
    weights: Vec<f64>,
    bias: Vec<f64>,
    start: Vec<f64>,
    /// Which unit of the other side each column is.
    order: Vec<usize>,
    n_binary: usize,
    n_gaussian: usize,
    constant: f64,
}

/// Sums over states, each weighted by its probability.
pub(super) struct Sums {
    /// Σ p
    pub(super) total: f64,
    /// `<s>`
    pub(super) own: Array1<f64>,
    /// Means of the other side; of Gaussian units in units of σ.
    pub(super) other: Array1<f64>,
    /// <s ⊗ other>, `(n_own, n_other)`
    pub(super) products: Array2<f64>,
}

impl Enumeration {
    /// `weights` `(n_own, n_other)`; the last `n_label` units of the other side are one softmax group.
    pub(super) fn new(
        weights: &ArrayRef2<f64>,
        bias: &[f64],
        start: &[f64],
        gaussian: &[bool],
        n_label: usize,
        constant: f64,
    ) -> Self {
        let n = start.len();
        let features = n - n_label;
        let mut order: Vec<usize> = (0..features).filter(|&k| !gaussian[k]).collect();
        let n_binary = order.len();
        order.extend((0..features).filter(|&k| gaussian[k]));
        order.extend(features..n);
        Self {
            weights: weights.rows().into_iter().flat_map(|row| order.iter().map(move |&k| row[k])).collect(),
            bias: bias.to_vec(),
            start: order.iter().map(|&k| start[k]).collect(),
            order,
            n_binary,
            n_gaussian: features - n_binary,
            constant,
        }
    }

    /// Weights of unit `j`.
    fn row(&self, j: u32) -> &[f64] {
        &self.weights[j as usize * self.start.len()..][..self.start.len()]
    }

    /// Calls `visit` with the number of every state (bit j is unit j), its `bias·s`, and the inputs of the other side. In
    /// the order of Gray, block by block; `proceed` is told the share done before each block, and its no ends it.
    fn visit(&self, visit: &mut dyn FnMut(u64, f64, &[f64]), proceed: &mut dyn FnMut(f64) -> bool) -> bool {
        let n = self.bias.len() as u32;
        let low = n.min(BLOCK);
        let blocks = 1u64 << (n - low);
        let mut y = self.start.clone();
        for block in 0..blocks {
            if !proceed(block as f64 / blocks as f64) {
                return false;
            }
            // From scratch, so that rounding does not add up.
            let mut state = block << low;
            y.copy_from_slice(&self.start);
            let mut own = 0.0;
            for j in (low..n).filter(|j| state >> j & 1 == 1) {
                own += self.bias[j as usize];
                add(&mut y, 1.0, self.row(j));
            }
            visit(state, own, &y);
            for step in 1..1u64 << low {
                let j = step.trailing_zeros();
                state ^= 1 << j;
                let sign = if state >> j & 1 == 1 { 1.0 } else { -1.0 };
                own += sign * self.bias[j as usize];
                add(&mut y, sign, self.row(j));
                visit(state, own, &y);
            }
        }
        true
    }

    /// ln of the sum over all states of `e^{bias·s} Π z_k`; `None` when `proceed` said no.
    pub(super) fn log_sum(&self, proceed: &mut dyn FnMut(f64) -> bool) -> Option<f64> {
        let (mut top, mut sum) = (f64::NEG_INFINITY, 0.0);
        let arch = pulp::Arch::new();
        let finished = self.visit(
            &mut |_, own, y| {
                let term = own
                    + arch.dispatch(
                        #[inline(always)]
                        || self.log_other(y),
                    );
                if term > top {
                    sum = sum * (top - term).exp() + 1.0;
                    top = term;
                } else {
                    sum += (term - top).exp();
                }
            },
            proceed,
        );
        finished.then(|| top + sum.ln() + self.constant)
    }

    /// `Σ ln z_k(y_k)` without the constant.
    #[expect(clippy::inline_always, reason = "to be compiled for the vectors of the CPU at hand")]
    #[inline(always)]
    fn log_other(&self, y: &[f64]) -> f64 {
        let (binary, rest) = y.split_at(self.n_binary);
        let (gaussian, label) = rest.split_at(self.n_gaussian);
        let mut squares = 0.0;
        for y in gaussian {
            squares += y * y;
        }
        let label = if label.is_empty() { 0.0 } else { log_sum_exp(label) };
        softplus_sum(binary) + 0.5 * squares + label
    }

    /// Expectations under the probabilities `e^{… − log_z}`.
    pub(super) fn expectations(&self, log_z: f64) -> Sums {
        let (n_own, n_other) = (self.bias.len(), self.start.len());
        let mut sums = Sums {
            total: 0.0,
            own: Array1::zeros(n_own),
            other: Array1::zeros(n_other),
            products: Array2::zeros((n_own, n_other)),
        };
        let mut mean = Array1::zeros(n_other);
        self.visit(
            &mut |state, own, y| {
                let p = (own + self.log_other(y) + self.constant - log_z).exp();
                let label = self.n_binary + self.n_gaussian;
                let of_label = if label < y.len() { log_sum_exp(&y[label..]) } else { 0.0 };
                for (k, (&y, &unit)) in y.iter().zip(&self.order).enumerate() {
                    mean[unit] = if k < self.n_binary {
                        logistic(y)
                    } else if k < label {
                        y
                    } else {
                        (y - of_label).exp()
                    };
                }
                sums.total += p;
                sums.other.scaled_add(p, &mean);
                for j in (0..n_own).filter(|j| state >> j & 1 == 1) {
                    sums.own[j] += p;
                    sums.products.row_mut(j).scaled_add(p, &mean);
                }
            },
            &mut |_| true,
        );
        sums
    }
}

/// `y += sign · w`
fn add(y: &mut [f64], sign: f64, w: &[f64]) {
    for (y, w) in y.iter_mut().zip(w) {
        *y += sign * w;
    }
}

/// Σ ln(1 + eˣ) = Σ max(x, 0) + ln Π (1 + e^−|x|), eight products side by side.
#[expect(clippy::inline_always, reason = "to be compiled for the vectors of the CPU at hand")]
#[inline(always)]
fn softplus_sum(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for block in x.chunks(FACTORS) {
        let (mut above, mut product) = ([0.0; 8], [1.0; 8]);
        let (chunks, rest) = block.as_chunks::<8>();
        for chunk in chunks {
            multiply(chunk, &mut above, &mut product);
        }
        // What is missing to eight adds nothing.
        let mut last = [f64::MIN; 8];
        last[..rest.len()].copy_from_slice(rest);
        multiply(&last, &mut above, &mut product);
        sum += above.iter().sum::<f64>() + product.iter().product::<f64>().ln();
    }
    sum
}

#[expect(clippy::inline_always, reason = "to be compiled for the vectors of the CPU at hand")]
#[inline(always)]
fn multiply(x: &[f64; 8], above: &mut [f64; 8], product: &mut [f64; 8]) {
    for k in 0..8 {
        above[k] += x[k].max(0.0);
        product[k] *= 1.0 + exp_f64(-x[k].abs());
    }
}

/// ln Σ eˣ without overflow; −∞ without any.
pub(super) fn log_sum_exp(values: &[f64]) -> f64 {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    top + values.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}
