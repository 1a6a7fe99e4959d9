//! Rows of the kernel matrix in single precision: computed in groups and kept within a bound, or those of a shared matrix.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the vector width of its caller")]

use std::mem;
use std::sync::Arc;

use ndarray::ArrayRef2;

use super::block::Source;
use super::cache::RowCache;
use super::kernel::Kernel;
use super::matrix::KernelMatrix;
use super::packed::{GROUP, LANES, PackedRows};
use crate::model::kernels::dispatch::widest;

/// Rows looked for together, of which those not at hand are computed in groups.
const BATCH: usize = 8 * GROUP;

/// `n` rows cut to whole groups, of which there is one at least.
fn whole_groups(n: usize) -> usize {
    (n / GROUP).max(1) * GROUP
}

/// Where kernel rows come from.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one in a fit")]
pub(super) enum KernelRows {
    /// Computed when needed; the latest are kept.
    Computed { kernel: Kernel, rows: PackedRows<f32>, cache: RowCache },
    /// All there.
    Shared(Arc<KernelMatrix>),
}

impl KernelRows {
    /// Rows of `kernel` for the rows of `x`, `(n_rows, n_inputs)`, as many kept as `cache_bytes` hold and one group at least.
    pub(super) fn new(x: &ArrayRef2<f32>, kernel: Kernel, cache_bytes: usize) -> Self {
        let n_rows = x.nrows();
        let cache = RowCache::new(n_rows, n_rows.next_multiple_of(LANES), cache_bytes, GROUP);
        Self::Computed { kernel, rows: PackedRows::new(x, 0..n_rows), cache }
    }

    /// Where the kernel values among the rows of `x` at `set` come from.
    pub(super) fn among(&self, x: &ArrayRef2<f32>, set: &[usize]) -> Source {
        match self {
            Self::Computed { kernel, .. } => Source::Computed(*kernel, PackedRows::new(x, set.iter().copied())),
            Self::Shared(matrix) => Source::Shared(Arc::clone(matrix)),
        }
    }

    /// gₖ −= Σ δᵣ Kᵣₖ for every k and the first changes (row r, δᵣ), as many as take about `work` units and one group at
    /// least. Returns their number and the work. The result does not depend on how many that are, if the next call goes on
    /// with the rest.
    pub(super) fn subtract(&mut self, g: &mut [f64], changes: &[(usize, f64)], work: u64) -> (usize, u64) {
        let work_of_row = match self {
            Self::Computed { rows, .. } => rows.work_of_row(),
            Self::Shared(_) => 0,
        } + (g.len() / 8) as u64;
        let wanted = (work / work_of_row.max(1)).min(BATCH as u64) as usize;
        let (n_taken, n_computed) = match self {
            Self::Computed { kernel, rows, cache } => {
                let room = whole_groups(wanted.min(cache.capacity()));
                let wanted: Vec<usize> = changes.iter().take(room).map(|&(row, _)| row).collect();
                let missing: Vec<usize> = wanted.iter().copied().filter(|&row| !cache.touch(row)).collect();
                for missing in missing.chunks(GROUP) {
                    let mut values: Vec<Vec<f32>> = missing.iter().map(|&row| mem::take(cache.claim(row))).collect();
                    let mut slices: Vec<&mut [f32]> = values.iter_mut().map(Vec::as_mut_slice).collect();
                    rows.kernel_rows(*kernel, missing, 0, &mut slices);
                    for (&row, values) in missing.iter().zip(values) {
                        cache.put(row, values);
                    }
                }
                (wanted.len(), missing.len() as u64 * rows.work_of_row())
            }
            Self::Shared(_) => (changes.len().min(whole_groups(wanted)), 0),
        };
        for group in changes[..n_taken].chunks(GROUP) {
            // A group that is not full is filled up with δ = 0.
            let change = |r: usize| group.get(r).copied().unwrap_or((group[0].0, 0.0));
            let rows: [&[f32]; GROUP] = std::array::from_fn(|r| self.row(change(r).0));
            let deltas: [f64; GROUP] = std::array::from_fn(|r| change(r).1);
            let g = &mut *g;
            widest!(subtract(g: &mut [f64], rows: [&[f32]; GROUP], deltas: [f64; GROUP]));
        }
        (n_taken, n_computed + (n_taken * g.len() / 8) as u64)
    }

    /// K of a row with all rows, if it is at hand, else nothing.
    fn row(&self, row: usize) -> &[f32] {
        match self {
            Self::Computed { cache, .. } => cache.row(row),
            Self::Shared(matrix) => matrix.row(row),
        }
    }

    /// Gives back the memory of the kept rows.
    pub(super) fn release(&mut self) {
        if let Self::Computed { cache, .. } = self {
            cache.clear();
        }
    }
}

#[inline(always)]
fn subtract(g: &mut [f64], rows: [&[f32]; GROUP], deltas: [f64; GROUP]) {
    let rows = rows.map(|row| row.as_chunks::<LANES>().0);
    for (b, g) in g.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut sums = [0.0; LANES];
        for (row, delta) in rows.iter().zip(deltas) {
            let row = &row[b];
            for lane in 0..LANES {
                sums[lane] += delta * f64::from(row[lane]);
            }
        }
        for lane in 0..LANES {
            g[lane] -= sums[lane];
        }
    }
}
