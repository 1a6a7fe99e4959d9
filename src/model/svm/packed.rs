//! Rows stored feature by feature in blocks, and the kernel values computed from them.
//!
//! The scalar products of a block with several rows are then vector multiplications and additions without a horizontal
//! sum. Each product adds its features in one fixed order, whatever else is computed beside it, and a·b + c is rounded
//! twice: the bits of K(i, j) depend on rows i and j alone, and K(i, j) = K(j, i). This is why neither the size of a cache
//! nor the make-up of a batch can change a result.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the vector width of its caller")]

use std::ops::{AddAssign, Mul};

use ndarray::ArrayRef2;
use pulp::Simd;

use super::kernel::Kernel;
use crate::model::kernels::dispatch::widest;

/// Rows in one block.
pub(super) const LANES: usize = 16;
/// Rows of the kernel matrix that are computed together: a single one is bound by the speed of memory.
pub(super) const GROUP: usize = 8;
/// Rows whose decision values are computed together.
pub(super) const QUERIES: usize = 8;

/// Rows in blocks, with their squared lengths.
#[derive(Clone, Debug)]
pub(super) struct PackedRows<T> {
    n_rows: usize,
    n_inputs: usize,
    /// Feature f of row k stands in `blocks[k / LANES * n_inputs + f][k % LANES]`; copies of row 0 fill up the end.
    blocks: Vec<[T; LANES]>,
    /// Squared lengths, summed in the order of the scalar products, so that the distance of a row to itself is 0.
    norms: Vec<[T; LANES]>,
}

impl<T: Copy + Default + From<f32> + AddAssign + Mul<Output = T>> PackedRows<T> {
    /// The rows of `x`, `(n_rows, n_inputs)`, at `rows`, in that order.
    pub(super) fn new(x: &ArrayRef2<f32>, rows: impl ExactSizeIterator<Item = usize>) -> Self {
        let (n_rows, n_inputs) = (rows.len(), x.ncols());
        let n_blocks = n_rows.div_ceil(LANES);
        let mut blocks = vec![[T::default(); LANES]; n_blocks * n_inputs];
        let mut norms = vec![[T::default(); LANES]; n_blocks];
        for (k, row) in rows.enumerate() {
            let (b, lane) = (k / LANES, k % LANES);
            let norm = &mut norms[b][lane];
            for (features, &value) in blocks[b * n_inputs..].iter_mut().zip(x.row(row)) {
                let value = T::from(value);
                features[lane] = value;
                *norm += value * value;
            }
        }
        let mut packed = Self { n_rows, n_inputs, blocks, norms };
        packed.fill_up();
        packed
    }

    fn fill_up(&mut self) {
        for k in self.n_rows..self.norms.len() * LANES {
            let (b, lane) = (k / LANES, k % LANES);
            self.norms[b][lane] = self.norms[0][0];
            for f in 0..self.n_inputs {
                self.blocks[b * self.n_inputs + f][lane] = self.blocks[f][0];
            }
        }
    }

    /// Number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of inputs.
    pub(super) fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    /// |x|² of a row.
    pub(super) fn norm(&self, row: usize) -> T {
        self.norms[row / LANES][row % LANES]
    }

    /// |x|² of all rows, in blocks.
    pub(super) fn norms(&self) -> &[[T; LANES]] {
        &self.norms
    }

    /// The features of a row.
    pub(super) fn features(&self, row: usize) -> impl Iterator<Item = T> {
        let from = row / LANES * self.n_inputs;
        self.blocks[from..from + self.n_inputs].iter().map(move |features| features[row % LANES])
    }

    /// The features of the rows of a block.
    #[inline(always)]
    fn block(&self, block: usize) -> &[[T; LANES]] {
        &self.blocks[block * self.n_inputs..][..self.n_inputs]
    }
}

/// Vectors written out: the compiler, left alone, would vectorise over the features and gather.
macro_rules! products {
    ($products:ident, $type:ty, $lanes:ident, $splat:ident, $mul:ident, $add:ident, $as_simd:ident, $as_mut_simd:ident) => {
        /// a·b of the rows of a block with each of R rows, whose features are given.
        #[inline(always)]
        fn $products<S: Simd, const R: usize>(
            simd: S,
            block: &[[$type; LANES]],
            group: &[[$type; R]],
        ) -> [[$type; LANES]; R] {
            let mut products = [[0.0; LANES]; R];
            for v in 0..LANES / S::$lanes {
                let mut sums = [simd.$splat(0.0); R];
                for (features, group) in block.iter().zip(group) {
                    let features = S::$as_simd(features).0[v];
                    for r in 0..R {
                        sums[r] = simd.$add(sums[r], simd.$mul(features, simd.$splat(group[r])));
                    }
                }
                for r in 0..R {
                    S::$as_mut_simd(&mut products[r]).0[v] = sums[r];
                }
            }
            products
        }
    };
}
products!(products_f32, f32, F32_LANES, splat_f32s, mul_f32s, add_f32s, as_simd_f32s, as_mut_simd_f32s);
products!(products_f64, f64, F64_LANES, splat_f64s, mul_f64s, add_f64s, as_simd_f64s, as_mut_simd_f64s);

impl PackedRows<f32> {
    /// The rows of the kernel matrix of up to [`GROUP`] of these rows, each a whole number of blocks long, from block `from` on.
    pub(super) fn kernel_rows(&self, kernel: Kernel, rows: &[usize], from: usize, out: &mut [&mut [f32]]) {
        let packed = self;
        widest!(simd; kernel_rows(
            packed: &PackedRows<f32>, kernel: Kernel, rows: &[usize], from: usize, out: &mut [&mut [f32]]
        ) -> ());
    }

    /// What one row of the kernel matrix costs to compute in a group, in units of [`super::Solver::advance`].
    pub(super) fn work_of_row(&self) -> u64 {
        (self.n_rows * (8 + self.n_inputs) / 16) as u64
    }
}

#[inline(always)]
fn kernel_rows<S: Simd>(
    simd: S,
    packed: &PackedRows<f32>,
    kernel: Kernel,
    rows: &[usize],
    from: usize,
    out: &mut [&mut [f32]],
) {
    match rows.len() {
        0 => {}
        1 => kernel_rows_of::<S, 1>(simd, packed, kernel, rows, from, out),
        2..=4 => kernel_rows_of::<S, 4>(simd, packed, kernel, rows, from, out),
        _ => kernel_rows_of::<S, GROUP>(simd, packed, kernel, rows, from, out),
    }
}

#[inline(always)]
fn kernel_rows_of<S: Simd, const R: usize>(
    simd: S,
    packed: &PackedRows<f32>,
    kernel: Kernel,
    rows: &[usize],
    from: usize,
    out: &mut [&mut [f32]],
) {
    let mut group = vec![[0.0; R]; packed.n_inputs];
    let mut norms = [0.0; R];
    for (r, &row) in rows.iter().enumerate().take(R) {
        norms[r] = packed.norm(row);
        for (group, value) in group.iter_mut().zip(packed.features(row)) {
            group[r] = value;
        }
    }
    for (b, block_norms) in packed.norms.iter().enumerate().skip(from) {
        let mut values = products_f32(simd, packed.block(b), &group);
        for ((values, out), &norm) in values.iter_mut().zip(out.iter_mut()).zip(&norms) {
            kernel.map_f32(norm, block_norms, values);
            out[b * LANES..][..LANES].copy_from_slice(values);
        }
    }
}

impl PackedRows<f64> {
    /// Σₖ cₖ K(xₖ, z) over these rows for each row z of `x`, one value a row, which does not depend on the rows beside it.
    /// `coefficients` are in blocks as the rows are, 0 where filled up.
    pub(super) fn weighted_sums(&self, kernel: Kernel, coefficients: &[[f64; LANES]], x: &ArrayRef2<f32>) -> Vec<f64> {
        let mut values = Vec::with_capacity(x.nrows());
        let mut group = vec![[0.0; QUERIES]; self.n_inputs];
        for rows in x.axis_chunks_iter(ndarray::Axis(0), QUERIES) {
            let mut norms = [0.0; QUERIES];
            for (r, row) in rows.outer_iter().enumerate() {
                for (group, &value) in group.iter_mut().zip(row) {
                    let value = f64::from(value);
                    group[r] = value;
                    norms[r] += value * value;
                }
            }
            let (packed, query) = (self, (group.as_slice(), norms));
            let sums = widest!(simd; weighted_sums(
                packed: &PackedRows<f64>, kernel: Kernel, coefficients: &[[f64; LANES]],
                query: (&[[f64; QUERIES]], [f64; QUERIES])
            ) -> [f64; QUERIES]);
            values.extend_from_slice(&sums[..rows.nrows()]);
        }
        values
    }
}

#[inline(always)]
fn weighted_sums<S: Simd>(
    simd: S,
    packed: &PackedRows<f64>,
    kernel: Kernel,
    coefficients: &[[f64; LANES]],
    (group, norms): (&[[f64; QUERIES]], [f64; QUERIES]),
) -> [f64; QUERIES] {
    let mut sums = [[0.0; LANES]; QUERIES];
    for (b, (block_norms, coefficients)) in packed.norms.iter().zip(coefficients).enumerate() {
        let mut values = products_f64(simd, packed.block(b), group);
        for r in 0..QUERIES {
            kernel.map_f64(norms[r], block_norms, &mut values[r]);
            for lane in 0..LANES {
                sums[r][lane] += coefficients[lane] * values[r][lane];
            }
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use ndarray::{Array2, s};
    use rand::RngExt as _;

    fn numbers(n: usize, columns: usize) -> Array2<f32> {
        let mut random = stream(1, Purpose::Sample, 0);
        Array2::from_shape_fn((n, columns), |_| random.random_range(-1.0_f32..1.0))
    }

    fn rows_of(packed: &PackedRows<f32>, kernel: Kernel, rows: &[usize]) -> Vec<Vec<f32>> {
        let mut out = vec![vec![0.0; packed.n_rows.next_multiple_of(LANES)]; rows.len()];
        let mut slices: Vec<&mut [f32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
        packed.kernel_rows(kernel, rows, 0, &mut slices);
        out
    }

    #[test]
    fn rows_are_right_and_the_same_alone_and_in_a_group() {
        let x = numbers(70, 5);
        let packed = PackedRows::new(&x, 0..70);
        let kernel = Kernel::Rbf { gamma: 0.3 };
        let picked = [69, 3, 0, 41, 16, 15, 7, 8];
        let together = rows_of(&packed, kernel, &picked);
        for n in 1..8 {
            assert_eq!(rows_of(&packed, kernel, &picked[..n]), together[..n]);
        }
        for (&i, row) in picked.iter().zip(&together) {
            for j in 0..70 {
                let distance: f64 = (0..5).map(|f| f64::from(x[[i, f]] - x[[j, f]]).powi(2)).sum();
                assert!((f64::from(row[j]) - (-0.3 * distance).exp()).abs() < 1e-6);
            }
            assert_eq!(row[i], 1.0);
        }
        assert_eq!(together[0][3], together[1][69]);
    }

    #[test]
    fn sums_are_right_whatever_stands_beside_a_row() {
        let x = numbers(37, 3);
        let packed = PackedRows::new(&x, [5, 36, 0].into_iter());
        let mut coefficients = vec![[0.0; LANES]; 1];
        coefficients[0][..3].copy_from_slice(&[1.0, -2.0, 0.5]);
        let kernel = Kernel::Polynomial { gamma: 0.5, coef0: 1.0, degree: 3 };
        let all = packed.weighted_sums(kernel, &coefficients, &x);
        for (z, &value) in all.iter().enumerate() {
            let k = |i: usize| {
                let product: f64 = (0..3).map(|f| f64::from(x[[i, f]]) * f64::from(x[[z, f]])).sum();
                (0.5 * product + 1.0).powi(3)
            };
            assert!((value - (k(5) - 2.0 * k(36) + 0.5 * k(0))).abs() < 1e-14);
            assert_eq!(packed.weighted_sums(kernel, &coefficients, &x.slice(s![z..=z, ..])), [value]);
        }
    }
}
