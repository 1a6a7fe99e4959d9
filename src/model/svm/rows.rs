//! Rows of the kernel matrix in single precision: computed several at a time where possible, kept within a bound.
//!
//! The training rows are stored feature by feature in blocks of eight rows, so that the scalar products of a block with
//! four rows are eight-wide multiplications and additions without a horizontal sum. Each product adds its features in
//! one fixed order, whatever else is computed beside it: the bits of K(i, j) depend on rows i and j alone, and
//! K(i, j) = K(j, i). This is why the size of the cache can never change a result.

use ndarray::ArrayRef2;

use super::cache::RowCache;
use super::kernel::Kernel;
use super::select::BLOCK;

/// Rows in one block of the feature-major store.
const LANES: usize = 8;
/// Rows of the kernel matrix that are computed together: a single one is bound by the speed of memory.
pub(super) const GROUP: usize = 4;

/// The training rows and the kernel rows computed from them.
#[derive(Clone, Debug)]
pub(super) struct KernelRows {
    kernel: Kernel,
    n_inputs: usize,
    /// Feature f of row k stands in `blocks[k / LANES * n_inputs + f][k % LANES]`; rows of zeros fill up the end.
    blocks: Vec<[f32; LANES]>,
    /// Squared lengths, summed in the order of the scalar products, so that the distance of a row to itself is 0.
    norms: Vec<f32>,
    /// The features of the group being computed.
    group: Vec<[f32; GROUP]>,
    cache: RowCache,
}

impl KernelRows {
    /// For the rows of `x`, `(n_rows, n_inputs)`. Kernel rows are filled up to a multiple of [`BLOCK`] values.
    pub(super) fn new(x: &ArrayRef2<f32>, kernel: Kernel, cache_bytes: usize) -> Self {
        let (n_rows, n_inputs) = x.dim();
        let width = n_rows.next_multiple_of(BLOCK);
        let mut blocks = vec![[0.0; LANES]; width / LANES * n_inputs];
        let mut norms = vec![0.0; width];
        for ((k, f), &value) in x.indexed_iter() {
            blocks[k / LANES * n_inputs + f][k % LANES] = value;
            norms[k] += value * value;
        }
        let group = vec![[0.0; GROUP]; n_inputs];
        Self { kernel, n_inputs, blocks, norms, group, cache: RowCache::new(n_rows, width, cache_bytes) }
    }

    /// Whether there is room to compute rows on a guess.
    pub(super) fn has_room_for_guesses(&self) -> bool {
        self.cache.capacity() >= 4 * GROUP
    }

    /// Whether the kernel row is at hand.
    pub(super) fn holds(&self, row: usize) -> bool {
        self.cache.holds(row)
    }

    /// Where the kernel row is kept, if it is. Valid until the next row but one is fetched.
    pub(super) fn find(&mut self, row: usize) -> Option<usize> {
        self.cache.find(row)
    }

    /// Computes the kernel row `wanted`, which is not at hand, and tells where it is kept; with `guesses`, rows not at hand
    /// either, in the same go. Three guesses hardly double the cost.
    pub(super) fn compute(&mut self, wanted: usize, guesses: Option<[usize; GROUP - 1]>) -> usize {
        if let Some(guesses) = guesses {
            // The wanted row is claimed last, so that the guesses are dropped before it.
            let [second, third, fourth] = guesses;
            let others = guesses.map(|row| self.cache.claim(row));
            let slot = self.cache.claim(wanted);
            self.fill([wanted, second, third, fourth], [slot, others[0], others[1], others[2]]);
            slot
        } else {
            let slot = self.cache.claim(wanted);
            self.fill([wanted], [slot]);
            slot
        }
    }

    /// Gives back the memory of the kept rows.
    pub(super) fn release(&mut self) {
        self.cache.clear();
    }

    /// The kernel row in a slot.
    pub(super) fn row(&self, slot: usize) -> &[f32] {
        self.cache.row(slot)
    }

    /// Computes `R ≤ GROUP` kernel rows into their slots.
    fn fill<const R: usize>(&mut self, rows: [usize; R], slots: [usize; R]) {
        for (r, &row) in rows.iter().enumerate() {
            let features = &self.blocks[row / LANES * self.n_inputs..];
            for (group, feature) in self.group.iter_mut().zip(features) {
                group[r] = feature[row % LANES];
            }
        }
        for (b, block) in self.blocks.chunks_exact(self.n_inputs).enumerate() {
            let mut sums = [[0.0; LANES]; R];
            for (feature, group) in block.iter().zip(&self.group) {
                for r in 0..R {
                    for lane in 0..LANES {
                        sums[r][lane] += feature[lane] * group[r];
                    }
                }
            }
            for (sums, &slot) in sums.iter().zip(&slots) {
                self.cache.row_mut(slot)[b * LANES..(b + 1) * LANES].copy_from_slice(sums);
            }
        }
        for (row, slot) in rows.into_iter().zip(slots) {
            self.kernel.apply_f32(self.norms[row], &self.norms, self.cache.row_mut(slot));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use ndarray::Array2;
    use rand::RngExt as _;

    #[test]
    fn rows_are_right_and_the_same_alone_and_in_a_group() {
        let mut random = stream(1, Purpose::Sample, 0);
        let x = Array2::from_shape_fn((70, 5), |_| random.random_range(-1.0_f32..1.0));
        let kernel = Kernel::Rbf { gamma: 0.3 };
        let mut grouped = KernelRows::new(&x, kernel, 1 << 20);
        let mut alone = KernelRows::new(&x, kernel, 0);
        assert!(grouped.has_room_for_guesses() && !alone.has_room_for_guesses());
        grouped.compute(69, Some([3, 0, 41]));
        for i in [69, 3, 0, 41] {
            let slot = grouped.find(i).unwrap();
            let single = alone.compute(i, None);
            assert_eq!(grouped.row(slot), alone.row(single));
            for j in 0..70 {
                let distance: f64 = (0..5).map(|f| f64::from(x[[i, f]] - x[[j, f]]).powi(2)).sum();
                assert!((f64::from(grouped.row(slot)[j]) - (-0.3 * distance).exp()).abs() < 1e-6);
            }
            assert_eq!(grouped.row(slot)[i], 1.0);
        }
        let (slot_0, slot_3) = (grouped.find(0).unwrap(), grouped.find(3).unwrap());
        assert_eq!(grouped.row(slot_0)[3], grouped.row(slot_3)[0]);
    }
}
