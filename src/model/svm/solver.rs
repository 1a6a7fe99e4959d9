//! Sequential minimal optimisation of the C-SVC dual with second-order working sets, in bounded portions of work.
//!
//! In β = yα the problem is: minimise ½βᵀKβ − yᵀβ subject to Aₖ ≤ βₖ ≤ Bₖ and Σβ = 0 (see `select` for A, B, g and the
//! choice of the pair). One iteration moves βᵢ += t, βⱼ −= t with t = (gᵢ − gⱼ) / a, cut to the bounds. It ends when the
//! largest KKT violation is below the tolerance, as in LIBSVM [CL11, §4.1], with the same pairs and so about the same
//! number of iterations.
//!
//! Kernel rows are single precision, g is double. Single-precision rows let g drift from the truth, so before an end is
//! declared g is computed afresh in double precision from β; if the true violation is still too large, iteration goes
//! on from the fresh g. No shrinking: with vectorised passes it gains little here.

use std::mem;

use super::kernel::Kernel;
use super::machine::{Evaluation, SvmModel};
use super::problem::Problem;
use super::rows::{GROUP, KernelRows};
use super::select::{BLOCK, Extremes, TAU, Violations};
use crate::model::{Point, Series, StopReason};

/// Fresh computations of g without reaching the tolerance after which the fit counts as stalled.
const MAX_CHECKS: u32 = 8;

/// When to stop, and how much memory to use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// KKT violation at which the fit has converged, above 0.
    pub tolerance: f64,
    /// Iterations at most.
    pub max_iterations: u64,
    /// Memory for kernel rows in bytes; two rows at least are kept. Never changes a result.
    pub cache_bytes: usize,
    /// Whether the gap is recomputed in double precision before the end. Without it the end is a little earlier and the gap
    /// is the one that the iterations themselves kept.
    pub certify: bool,
}

/// The dual problem on its way to the solution. Usable at any time: every state is feasible, and has a model and a gap.
#[derive(Clone, Debug)]
pub struct Solver {
    problem: Problem,
    kernel: Kernel,
    limits: Limits,
    rows: KernelRows,
    /// K(xₖ, xₖ), filled up to whole blocks.
    diagonal: Vec<f64>,
    beta: Vec<f64>,
    state: Violations,
    extremes: Extremes,
    iterations: u64,
    checks: u32,
    next_point: u64,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    Iterating,
    /// Computing g afresh, because of the given reason to end.
    Checking(Evaluation, StopReason),
    Done(StopReason),
}

impl Solver {
    /// Starts from α = 0.
    pub fn new(problem: Problem, kernel: Kernel, limits: Limits) -> Self {
        let n_rows = problem.n_rows();
        let width = n_rows.next_multiple_of(BLOCK);
        let mut diagonal = vec![1.0; width];
        for (value, row) in diagonal.iter_mut().zip(problem.x().outer_iter()) {
            *value = kernel.of_self(row.iter().map(|&value| f64::from(value).powi(2)).sum());
        }
        let mut g = problem.y().to_vec();
        g.resize(width, 0.0);
        let mut state = Violations::new(g);
        let extremes = state.extremes();
        let rows = KernelRows::new(&problem.x(), kernel, limits.cache_bytes);
        let beta = vec![0.0; n_rows];
        let mut solver = Self {
            problem,
            kernel,
            limits,
            rows,
            diagonal,
            beta,
            state,
            extremes,
            iterations: 0,
            checks: 0,
            next_point: 0,
            stage: Stage::Iterating,
        };
        for row in 0..n_rows {
            solver.update_sets(row);
        }
        solver.extremes = solver.state.extremes();
        solver
    }

    /// Does about `work` units of work, one unit being what one row costs in one pass: a nanosecond or so. Returns why it
    /// ended, once it has, and does nothing from then on. Points of the gap and of the dual objective go to `record`,
    /// always the first and the last and else at distances that grow with the iterations, some 400 in ten million.
    pub fn advance(&mut self, work: u64, record: &mut dyn FnMut(Point)) -> Option<StopReason> {
        match mem::replace(&mut self.stage, Stage::Iterating) {
            Stage::Done(reason) => self.stage = Stage::Done(reason),
            Stage::Checking(evaluation, reason) => self.check(evaluation, reason, work),
            Stage::Iterating => {
                let mut left = work;
                while left > 0 && matches!(self.stage, Stage::Iterating) {
                    if self.iterations >= self.next_point {
                        self.record(record);
                        self.next_point = self.iterations + 1 + self.iterations / 32;
                    }
                    left = left.saturating_sub(self.iterate());
                }
            }
        }
        let ended = self.stop_reason();
        if ended.is_some() && self.next_point < u64::MAX {
            self.next_point = u64::MAX;
            self.record(record);
        }
        ended
    }

    /// One iteration, or the end. Returns the units of work it took.
    fn iterate(&mut self) -> u64 {
        let n_rows = self.problem.n_rows() as u64;
        if self.gap() < self.limits.tolerance {
            self.end(StopReason::Converged);
            return n_rows;
        }
        if self.iterations >= self.limits.max_iterations {
            self.end(StopReason::Limit);
            return n_rows;
        }
        let i = self.extremes.i;
        let (slot_i, work_i) = self.fetch(i);
        let Some(j) = self.state.partner(&self.extremes, self.rows.row(slot_i), &self.diagonal) else {
            self.end(StopReason::Stalled);
            return n_rows;
        };
        let (slot_j, work_j) = self.fetch(j);

        let k_ij = f64::from(self.rows.row(slot_i)[j]);
        let a = self.diagonal[i] + self.diagonal[j] - 2.0 * k_ij;
        let wanted = (self.state.g[i] - self.state.g[j]) / if a > 0.0 { a } else { TAU };
        let (highest, lowest) = (self.bounds(i).1, self.bounds(j).0);
        let (room_i, room_j) = (highest - self.beta[i], self.beta[j] - lowest);
        let t = wanted.min(room_i).min(room_j);
        let before = (self.beta[i], self.beta[j]);
        self.beta[i] = if t >= room_i { highest } else { (self.beta[i] + t).min(highest) };
        self.beta[j] = if t >= room_j { lowest } else { (self.beta[j] - t).max(lowest) };
        if (self.beta[i], self.beta[j]) == before {
            self.end(StopReason::Stalled);
            return n_rows;
        }
        self.update_sets(i);
        self.update_sets(j);
        let (row_i, row_j) = (self.rows.row(slot_i), self.rows.row(slot_j));
        self.extremes = self.state.step(t, row_i, row_j);
        self.iterations += 1;
        2 * n_rows + work_i + work_j
    }

    /// Where the kernel row is kept, and the work it took to have it. Beside a row that must be computed, the most violating
    /// rows that are not at hand are computed too, since they are likely to be asked for next.
    fn fetch(&mut self, row: usize) -> (usize, u64) {
        if let Some(slot) = self.rows.find(row) {
            return (slot, 0);
        }
        let guesses = if self.rows.has_room_for_guesses() { self.guesses(row) } else { None };
        let n_computed = if guesses.is_some() { GROUP } else { 1 };
        let slot = self.rows.compute(row, guesses);
        let per_value = 2 + self.problem.x().ncols() / 8;
        (slot, (n_computed * per_value * self.problem.n_rows()) as u64)
    }

    /// The most violating rows other than `row` whose kernel rows are not at hand, if there are enough of them.
    fn guesses(&self, row: usize) -> Option<[usize; GROUP - 1]> {
        let mut best = [(0.0, usize::MAX); GROUP - 1];
        for k in 0..self.problem.n_rows() {
            let as_i = self.state.g[k] + self.state.up[k] - self.extremes.low;
            let as_j = self.extremes.up - (self.state.g[k] + self.state.low[k]);
            let violation = as_i.max(as_j);
            if violation > best[GROUP - 2].0 && k != row && !self.rows.holds(k) {
                let place = best.partition_point(|&(other, _)| other >= violation);
                best[place..].rotate_right(1);
                best[place] = (violation, k);
            }
        }
        let enough = best[GROUP - 2].0 > 0.0;
        enough.then(|| best.map(|(_, row)| row))
    }

    /// Ends, or has the end checked first.
    fn end(&mut self, reason: StopReason) {
        self.stage = if self.limits.certify {
            let without_offset = SvmModel::new(self.kernel, &self.problem.x(), &self.beta, 0.0);
            Stage::Checking(Evaluation::new(without_offset), reason)
        } else {
            Stage::Done(reason)
        };
    }

    /// Computes g = y − Kβ afresh, portion by portion, and then decides whether this is the end.
    fn check(&mut self, mut evaluation: Evaluation, reason: StopReason, work: u64) {
        let Some(values) = evaluation.advance(&self.problem.x(), work) else {
            self.stage = Stage::Checking(evaluation, reason);
            return;
        };
        for ((g, y), value) in self.state.g.iter_mut().zip(self.problem.y()).zip(values) {
            *g = y - value;
        }
        self.extremes = self.state.extremes();
        self.checks += 1;
        self.stage = match reason {
            _ if self.gap() < self.limits.tolerance => Stage::Done(StopReason::Converged),
            StopReason::Limit => Stage::Done(StopReason::Limit),
            _ if self.checks < MAX_CHECKS => Stage::Iterating,
            _ => Stage::Done(StopReason::Stalled),
        };
    }

    fn record(&self, record: &mut dyn FnMut(Point)) {
        let x = self.iterations as f64;
        record(Point { series: Series::KktGap, x, y: self.gap() });
        record(Point { series: Series::DualObjective, x, y: self.objective() });
    }

    /// [A, B] of a row.
    fn bounds(&self, row: usize) -> (f64, f64) {
        let c = self.problem.c()[row];
        if self.problem.y()[row] > 0.0 { (0.0, c) } else { (-c, 0.0) }
    }

    /// Puts a row into or out of `I_up` and `I_low`, as its β demands.
    fn update_sets(&mut self, row: usize) {
        let (lowest, highest) = self.bounds(row);
        self.state.up[row] = if self.beta[row] < highest { 0.0 } else { f64::NEG_INFINITY };
        self.state.low[row] = if self.beta[row] > lowest { 0.0 } else { f64::INFINITY };
    }

    /// Gives back the memory of the kernel rows, when no more iterations are to come. Iterating on stays possible.
    pub fn release_cache(&mut self) {
        self.rows.release();
    }

    /// Why it ended, if it has.
    pub fn stop_reason(&self) -> Option<StopReason> {
        if let Stage::Done(reason) = &self.stage { Some(reason.clone()) } else { None }
    }

    /// The problem being solved.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Iterations so far.
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// The largest KKT violation at present; recomputed in double precision once ended, where [`Limits::certify`] asks so.
    pub fn gap(&self) -> f64 {
        self.extremes.gap()
    }

    /// The dual objective ½αᵀQα − eᵀα at present.
    pub fn objective(&self) -> f64 {
        // Kβ = y − g, so ½βᵀKβ − yᵀβ = −½ βᵀ(g + y).
        let terms = self.beta.iter().zip(&self.state.g).zip(self.problem.y());
        -0.5 * terms.map(|((beta, g), y)| beta * (g + y)).sum::<f64>()
    }

    /// The dual variables αₖ at present, one a row.
    pub fn alpha(&self) -> Vec<f64> {
        self.beta.iter().map(|beta| beta.abs()).collect()
    }

    /// The offset ρ: the mean of −g over free rows, else the middle of what the bounded rows allow [CL11, §4.1.5].
    pub fn rho(&self) -> f64 {
        let free = (0..self.beta.len()).filter(|&row| self.state.up[row] == 0.0 && self.state.low[row] == 0.0);
        let (n_free, sum) = free.fold((0_u64, 0.0), |(n, sum), row| (n + 1, sum + self.state.g[row]));
        if n_free > 0 { -sum / n_free as f64 } else { -0.5 * (self.extremes.up + self.extremes.low) }
    }

    /// The model at present.
    pub fn model(&self) -> SvmModel {
        SvmModel::new(self.kernel, &self.problem.x(), &self.beta, self.rho())
    }

    /// Decision values of the problem's own rows at present, at no cost: they follow from g.
    pub fn own_decision_values(&self) -> Vec<f64> {
        let rho = self.rho();
        self.problem.y().iter().zip(&self.state.g).map(|(y, g)| y - g - rho).collect()
    }
}
