//! The dual restricted to a working set, its kernel matrix dense, solved by SMO with second-order pairs.

use std::sync::Arc;

use super::kernel::Kernel;
use super::matrix::KernelMatrix;
use super::packed::{GROUP, LANES, PackedRows};
use super::problem::Problem;
use super::select::{Extremes, TAU, Violations};

/// The dual over the rows of a working set, all other β held still.
#[derive(Clone, Debug)]
pub(super) struct Block {
    rows: Vec<usize>,
    source: Source,
    /// K among the rows, `(rows, width)` with whole blocks as the width; the first `n_built` rows are there.
    kernel: Vec<f32>,
    width: usize,
    n_built: usize,
    diagonal: Vec<f32>,
    bounds: Vec<(f64, f64)>,
    start: Vec<f64>,
    beta: Vec<f64>,
    state: Violations,
    extremes: Extremes,
    iterations: u64,
}

/// Where the kernel values among the rows of a working set come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// Computed from those rows.
    Computed(Kernel, PackedRows<f32>),
    /// Picked from a matrix of all rows.
    Shared(Arc<KernelMatrix>),
}

/// What an iteration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A pair moved.
    Taken,
    /// No pair moves any more, at the limit of the arithmetic.
    Stuck,
}

/// β, on a bound where it has missed that by rounding: else a row would count as free that is not, and where every other
/// row is at a bound it alone would decide the offset.
fn snapped(beta: f64, (lowest, highest): (f64, f64)) -> f64 {
    const ROUNDING: f64 = 1e-12;
    let near = ROUNDING * (highest - lowest);
    if highest - beta <= near {
        highest
    } else if beta - lowest <= near {
        lowest
    } else {
        beta
    }
}

impl Block {
    /// For `rows`, in rising order, with β and g of all rows as they are; no kernel value computed yet. They are to stand in
    /// `room`, whatever it holds.
    pub(super) fn new(
        rows: Vec<usize>,
        source: Source,
        problem: &Problem,
        (beta, g): (&[f64], &[f64]),
        mut room: Vec<f32>,
    ) -> Self {
        let width = rows.len().next_multiple_of(LANES);
        let bounds: Vec<(f64, f64)> = rows.iter().map(|&row| problem.bounds(row)).collect();
        let start: Vec<f64> = rows.iter().map(|&row| beta[row]).collect();
        let mut state = Violations::new(rows.iter().map(|&row| g[row]).collect());
        for (k, (&beta, &bounds)) in start.iter().zip(&bounds).enumerate() {
            state.update_sets(k, beta, bounds);
        }
        let extremes = state.extremes();
        room.resize(rows.len() * width, 0.0);
        Self {
            source,
            kernel: room,
            width,
            n_built: 0,
            diagonal: vec![1.0; width],
            bounds,
            beta: start.clone(),
            start,
            state,
            extremes,
            iterations: 0,
            rows,
        }
    }

    /// Computes more of the kernel matrix, about `work` units of it and one group of rows at least. Returns the work, and
    /// whether all is there.
    pub(super) fn build(&mut self, work: u64) -> (u64, bool) {
        let (mut done, n) = (0, self.rows.len());
        while self.n_built < n && (done == 0 || done < work) {
            let group: Vec<usize> = (self.n_built..n.min(self.n_built + GROUP)).collect();
            let from = self.n_built / LANES;
            if self.n_built.is_multiple_of(LANES) && matches!(self.source, Source::Computed(..)) {
                self.mirror(from);
            }
            let values = &mut self.kernel[self.n_built * self.width..];
            let mut out: Vec<&mut [f32]> = values.chunks_exact_mut(self.width).take(group.len()).collect();
            match &self.source {
                Source::Computed(kernel, rows) => {
                    rows.kernel_rows(*kernel, &group, from, &mut out);
                    done += group.len() as u64 * rows.work_of_row();
                }
                Source::Shared(matrix) => {
                    for (&k, out) in group.iter().zip(&mut out) {
                        let row = matrix.row(self.rows[k]);
                        out.iter_mut().zip(&self.rows).for_each(|(value, &other)| *value = row[other]);
                    }
                    done += (group.len() * n) as u64;
                }
            }
            for k in group {
                self.diagonal[k] = self.kernel[k * self.width + k];
                self.n_built += 1;
            }
        }
        (done, self.n_built == n)
    }

    /// Fills the rows of block `from` up to the diagonal with what stands across it: K(i, j) = K(j, i) to the bit.
    fn mirror(&mut self, from: usize) {
        let (above, below) = self.kernel.split_at_mut(from * LANES * self.width);
        for b in 0..from {
            // A copy, as rows lie so far apart that the processor's cache would not keep them all for a second reading.
            let mut tile = [[0.0; LANES]; LANES];
            for (tile, row) in tile.iter_mut().zip(above[b * LANES * self.width..].chunks_exact(self.width)) {
                tile.copy_from_slice(&row[from * LANES..][..LANES]);
            }
            for (r, row) in below.chunks_exact_mut(self.width).take(LANES).enumerate() {
                for (value, tile) in row[b * LANES..][..LANES].iter_mut().zip(&tile) {
                    *value = tile[r];
                }
            }
        }
    }

    /// One iteration. `extremes` must be above the tolerance.
    pub(super) fn iterate(&mut self) -> Step {
        let i = self.extremes.i;
        let row_i = &self.kernel[i * self.width..][..self.width];
        let Some(j) = self.state.partner(&self.extremes, row_i, &self.diagonal) else {
            return Step::Stuck;
        };
        let row_j = &self.kernel[j * self.width..][..self.width];
        let a = f64::from(self.diagonal[i]) + f64::from(self.diagonal[j]) - 2.0 * f64::from(row_i[j]);
        let wanted = (self.state.g[i] - self.state.g[j]) / if a > 0.0 { a } else { f64::from(TAU) };
        let (highest, lowest) = (self.bounds[i].1, self.bounds[j].0);
        let (room_i, room_j) = (highest - self.beta[i], self.beta[j] - lowest);
        let t = wanted.min(room_i).min(room_j);
        let before = (self.beta[i], self.beta[j]);
        self.beta[i] = if t >= room_i { highest } else { snapped(self.beta[i] + t, self.bounds[i]) };
        self.beta[j] = if t >= room_j { lowest } else { snapped(self.beta[j] - t, self.bounds[j]) };
        if (self.beta[i], self.beta[j]) == before {
            return Step::Stuck;
        }
        for k in [i, j] {
            self.state.update_sets(k, self.beta[k], self.bounds[k]);
        }
        self.extremes = self.state.step(t, row_i, row_j);
        self.iterations += 1;
        Step::Taken
    }

    /// The work of one iteration.
    pub(super) fn work_of_iteration(&self) -> u64 {
        2 * self.width as u64
    }

    /// The largest violation among the rows.
    pub(super) fn gap(&self) -> f64 {
        self.extremes.gap()
    }

    /// The rows, in rising order.
    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// β of the rows.
    pub(super) fn beta(&self) -> &[f64] {
        &self.beta
    }

    /// The rows' g and sets.
    pub(super) fn state(&self) -> &Violations {
        &self.state
    }

    /// The most violating of the rows.
    pub(super) fn extremes(&self) -> &Extremes {
        &self.extremes
    }

    /// Iterations so far.
    pub(super) fn iterations(&self) -> u64 {
        self.iterations
    }

    /// Gives back the room for kernel values.
    pub(super) fn into_room(self) -> Vec<f32> {
        self.kernel
    }

    /// The rows that moved, and by how much.
    pub(super) fn changes(&self) -> Vec<(usize, f64)> {
        let moved = self.rows.iter().zip(self.beta.iter().zip(&self.start));
        moved.map(|(&row, (now, start))| (row, now - start)).filter(|&(_, change)| change != 0.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use ndarray::Array2;
    use rand::RngExt as _;

    #[test]
    fn the_mirrored_matrix_is_the_computed_one() {
        let n = 3 * LANES + 5;
        let mut random = stream(4, Purpose::Sample, 0);
        let x = Array2::from_shape_fn((n, 3), |_| random.random_range(-1.0_f32..1.0));
        let bad: Vec<bool> = (0..n).map(|row| row % 2 == 0).collect();
        let problem = Problem::new(x.clone(), &bad, vec![1.0; n]).unwrap();
        let kernel = Kernel::Rbf { gamma: 0.5 };
        let rows = PackedRows::new(&x, 0..n);
        let source = Source::Computed(kernel, rows.clone());
        let start = (vec![0.0; n], problem.y().to_vec());
        let mut block = Block::new((0..n).collect(), source, &problem, (&start.0, &start.1), vec![f32::NAN; 9]);
        while !block.build(1).1 {}
        for row in 0..n {
            let mut whole = vec![0.0; block.width];
            rows.kernel_rows(kernel, &[row], 0, &mut [whole.as_mut_slice()]);
            assert_eq!(block.kernel[row * block.width..][..block.width], whole);
        }
    }
}
