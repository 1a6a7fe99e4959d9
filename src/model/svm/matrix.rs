//! The whole kernel matrix in single precision, for many fits on the same rows: a search over C and γ, and its folds.
//!
//! The scalar products of all pairs ([`Pairs`]) serve every kernel; one kernel's matrix ([`KernelMatrix`]) serves every C,
//! and every choice of rows to leave out (Cᵢ = 0). Both take n² · 4 bytes.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the vector width of its caller")]

use ndarray::ArrayRef2;

use super::kernel::Kernel;
use super::packed::{GROUP, LANES, PackedRows};
use crate::model::kernels::dispatch::widest;

/// The scalar products of all pairs of rows, and their squared lengths, worked out in bounded portions.
#[derive(Clone, Debug)]
pub struct Pairs {
    rows: PackedRows<f32>,
    /// `(n_rows, width)`, the first `n_done` rows worked out.
    products: Vec<f32>,
    n_done: usize,
}

impl Pairs {
    /// For the rows of `x`, `(n_rows, n_inputs)`; nothing worked out yet.
    pub fn new(x: &ArrayRef2<f32>) -> Self {
        let rows = PackedRows::new(x, 0..x.nrows());
        let products = vec![0.0; x.nrows() * width(x.nrows())];
        Self { rows, products, n_done: 0 }
    }

    /// Does about `work` units of work (see [`super::Solver::advance`]), at least one step. True once all is done.
    pub fn advance(&mut self, work: u64) -> bool {
        let n_steps = work / (self.rows.work_of_row() * GROUP as u64).max(1);
        let from = self.n_done;
        let to = self.n_rows().min(from.saturating_add((n_steps.max(1) as usize).saturating_mul(GROUP)));
        let width = width(self.n_rows());
        let rows: Vec<usize> = (from..to).collect();
        let mut out: Vec<&mut [f32]> = self.products[from * width..to * width].chunks_exact_mut(width).collect();
        for (rows, out) in rows.chunks(GROUP).zip(out.chunks_mut(GROUP)) {
            self.rows.kernel_rows(Kernel::Linear, rows, 0, out);
        }
        self.n_done = to;
        to == self.n_rows()
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    fn row(&self, row: usize) -> &[f32] {
        let width = width(self.n_rows());
        &self.products[row * width..][..width]
    }
}

/// K(xᵢ, xⱼ) of all pairs of rows for one kernel, worked out in bounded portions. Its values are the same bits that
/// [`super::Solver::new`] computes for itself.
#[derive(Clone, Debug)]
pub struct KernelMatrix {
    kernel: Kernel,
    n_rows: usize,
    /// `(n_rows, width)`, the first `n_done` rows worked out.
    values: Vec<f32>,
    n_done: usize,
}

impl KernelMatrix {
    /// The matrix of a kernel for the rows of `pairs`; nothing worked out yet.
    pub fn new(kernel: Kernel, pairs: &Pairs) -> Self {
        Self { kernel, n_rows: pairs.n_rows(), values: vec![0.0; pairs.products.len()], n_done: 0 }
    }

    /// Does about `work` units of work (see [`super::Solver::advance`]), at least one row. True once all is done. `pairs` is
    /// the one that [`KernelMatrix::new`] was given, all done.
    pub fn advance(&mut self, pairs: &Pairs, work: u64) -> bool {
        let kernel = self.kernel;
        let width = width(self.n_rows);
        let n_steps = (work.saturating_mul(2) / width.max(1) as u64).max(1) as usize;
        let to = self.n_rows.min(self.n_done.saturating_add(n_steps));
        for row in self.n_done..to {
            let (norm, norms) = (pairs.rows.norm(row), pairs.rows.norms());
            let (products, out) = (pairs.row(row), &mut self.values[row * width..][..width]);
            widest!(map_row(kernel: Kernel, norm: f32, norms: &[[f32; LANES]], products: &[f32], out: &mut [f32]));
        }
        self.n_done = to;
        to == self.n_rows
    }

    /// The kernel.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// K of a row with all rows, filled up to whole blocks.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        let width = width(self.n_rows);
        &self.values[row * width..][..width]
    }
}

/// Values in one row: a whole number of blocks.
fn width(n_rows: usize) -> usize {
    n_rows.next_multiple_of(LANES)
}

#[inline(always)]
fn map_row(kernel: Kernel, norm: f32, norms: &[[f32; LANES]], products: &[f32], out: &mut [f32]) {
    let blocks = products.as_chunks::<LANES>().0.iter().zip(out.as_chunks_mut::<LANES>().0);
    for ((products, out), norms) in blocks.zip(norms) {
        *out = *products;
        kernel.map_f32(norm, norms, out);
    }
}
