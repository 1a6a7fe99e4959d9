//! The C-SVC dual by sequential minimal optimisation on working sets, in bounded portions of work.
//!
//! In β = yα the problem is: minimise ½βᵀKβ − yᵀβ subject to Aₖ ≤ βₖ ≤ Bₖ and Σβ = 0 (see `select` for A, B and g).
//! One round chooses a working set, solves the dual restricted to it on its own small dense kernel matrix to a tenth of
//! the present gap, by steps βᵢ += t, βⱼ −= t with t = (gᵢ − gⱼ) / a cut to the bounds, and then updates g of all rows by
//! the rows of K that moved. A problem no larger than a working set is solved in one round, which is plain SMO with the
//! pairs of LIBSVM. It ends when the largest KKT violation is below the tolerance [CL11, §4.1].
//!
//! Kernel rows are single precision, g is double. Single-precision rows let g drift from the truth, so before an end is
//! declared g is computed afresh in double precision from β; if the true violation is still too large, it goes on from
//! the fresh g. No shrinking: g is known for all rows after every round.

use std::mem;
use std::sync::Arc;

use ndarray::{Array2, Axis};

use super::block::{Block, Step};
use super::kernel::Kernel;
use super::machine::{Evaluation, SvmModel};
use super::matrix::KernelMatrix;
use super::packed::LANES;
use super::problem::Problem;
use super::rows::KernelRows;
use super::select::{Extremes, Violations};
use super::working_set::{self, WORKING_SET};
use crate::model::{Point, Series, StopReason};

/// Fresh computations of g without reaching the tolerance after which the fit counts as stalled.
const MAX_CHECKS: u32 = 8;
/// Rounds without a lower objective after which the fit counts as stalled.
const MAX_IDLE_ROUNDS: u32 = 8;
/// The margin within which rows are computed afresh at the end, in tolerances.
const MARGIN: f64 = 32.0;
/// Iterations in one round at most, where there are to be more rounds.
const ROUND: u64 = 64 * WORKING_SET as u64;

/// What of its bound C a variable may miss it by, for reasons of rounding.
const ROUNDING: f64 = 1e-9;

/// Whether β is away from both its bounds by more than rounding. A row that missed its bound by a rounding error would
/// else decide the offset alone where every other row is at a bound, and in another way in each fit.
pub(super) fn is_free(beta: f64, c: f64) -> bool {
    (ROUNDING * c..(1.0 - ROUNDING) * c).contains(&beta.abs())
}

/// Whether |β| is at its upper bound but for rounding.
pub(super) fn is_at_bound(beta: f64, c: f64) -> bool {
    beta.abs() >= (1.0 - ROUNDING) * c
}

/// When to stop, and how much memory to use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// KKT violation at which the fit has converged, above 0.
    pub tolerance: f64,
    /// Iterations at most.
    pub max_iterations: u64,
    /// Memory for kernel rows in bytes; eight rows at least are kept. Never changes a result.
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
    /// The rows with C > 0.
    taking_part: Vec<usize>,
    /// β and g as of the last round, belonging together.
    beta: Vec<f64>,
    state: Violations,
    extremes: Extremes,
    working_set: Vec<usize>,
    /// Memory for the kernel matrix of the next working set.
    room: Vec<f32>,
    iterations: u64,
    checks: u32,
    lowest_objective: f64,
    idle_rounds: u32,
    next_point: u64,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// Between two rounds.
    Choosing,
    /// Computing the kernel matrix of the working set.
    Building(Box<Block>),
    /// Iterating on the working set.
    Optimising(Box<Block>),
    /// Working out g for a new β.
    Updating(Update),
    /// Computing g afresh, because of the given reason to end.
    Checking(Box<Check>),
    Done(StopReason),
}

/// A new β, and g on its way to it.
#[derive(Clone, Debug)]
struct Update {
    beta: Vec<f64>,
    g: Vec<f64>,
    /// Rows whose β changes, and by how much; the first `n_done` are in g already.
    changes: Vec<(usize, f64)>,
    n_done: usize,
}

/// g computed afresh from β in double precision, for the rows on which the end depends.
#[derive(Clone, Debug)]
struct Check {
    reason: StopReason,
    rows: Vec<usize>,
    x: Array2<f32>,
    evaluation: Evaluation,
    /// How far g may be from the truth without another row mattering.
    margin: f64,
}

impl Solver {
    /// Starts from α = 0.
    pub fn new(problem: Problem, kernel: Kernel, limits: Limits) -> Self {
        let rows = KernelRows::new(&problem.x(), kernel, limits.cache_bytes);
        Self::with_rows(problem, kernel, rows, limits)
    }

    /// The same with the kernel's values taken from `matrix`, which must be all worked out, for the rows of `problem`. Rows
    /// with Cᵢ = 0 are held out: [`Solver::own_decision_values`] holds what the fit says of them. A matrix for another
    /// number of rows is of no use and is not used.
    pub fn on_matrix(problem: Problem, matrix: Arc<KernelMatrix>, limits: Limits) -> Self {
        let kernel = matrix.kernel();
        if matrix.n_rows() == problem.n_rows() {
            Self::with_rows(problem, kernel, KernelRows::Shared(matrix), limits)
        } else {
            Self::new(problem, kernel, limits)
        }
    }

    fn with_rows(problem: Problem, kernel: Kernel, rows: KernelRows, limits: Limits) -> Self {
        let n_rows = problem.n_rows();
        let state = Violations::new(problem.y().to_vec());
        let extremes = state.extremes();
        let mut solver = Self {
            taking_part: (0..n_rows).filter(|&row| problem.c()[row] > 0.0).collect(),
            beta: vec![0.0; n_rows],
            problem,
            kernel,
            limits,
            rows,
            state,
            extremes,
            working_set: Vec::new(),
            room: Vec::new(),
            iterations: 0,
            checks: 0,
            lowest_objective: f64::INFINITY,
            idle_rounds: 0,
            next_point: 0,
            stage: Stage::Choosing,
        };
        solver.find_extremes();
        solver
    }

    /// Starts from `alpha`, one value a row, such as the solution for another C or other held-out rows. What is not feasible
    /// is made so: each αᵢ is put within 0..=Cᵢ, and the class with the larger Σα gives up what it has too much.
    /// To be called before the first portion.
    #[must_use]
    pub fn start_at(mut self, alpha: &[f64]) -> Self {
        let beta = self.problem.feasible(alpha);
        let changes: Vec<(usize, f64)> = beta.iter().copied().enumerate().filter(|&(_, beta)| beta != 0.0).collect();
        if !changes.is_empty() && matches!(self.stage, Stage::Choosing) && self.iterations == 0 {
            self.stage = Stage::Updating(Update { beta, g: self.state.g.clone(), changes, n_done: 0 });
        }
        self
    }

    /// Does about `work` units of work, one unit being a nanosecond or so. Returns why it ended, once it has, and does
    /// nothing from then on. Points of the gap and of the dual objective go to `record`, always the first and the last and
    /// else at distances that grow with the iterations, some 400 in ten million.
    pub fn advance(&mut self, work: u64, record: &mut dyn FnMut(Point)) -> Option<StopReason> {
        let mut left = work;
        while left > 0 && !matches!(self.stage, Stage::Done(_)) {
            let done = match mem::replace(&mut self.stage, Stage::Choosing) {
                Stage::Choosing => self.begin_round(record),
                Stage::Building(mut block) => {
                    let (done, all) = block.build(left);
                    self.stage = if all { Stage::Optimising(block) } else { Stage::Building(block) };
                    done
                }
                Stage::Optimising(block) => self.optimise(block, left, record),
                Stage::Updating(update) => self.update(update, left),
                Stage::Checking(check) => self.check(check, left),
                Stage::Done(_) => 0,
            };
            left = left.saturating_sub(done.max(1));
        }
        let ended = self.stop_reason();
        if ended.is_some() && self.next_point < u64::MAX {
            self.next_point = u64::MAX;
            self.record(record);
        }
        ended
    }

    /// Chooses the next working set, or ends. Returns the work, as all the parts of a round do.
    fn begin_round(&mut self, record: &mut dyn FnMut(Point)) -> u64 {
        self.record_if_due(record);
        let objective = self.objective();
        if !objective.is_finite() {
            // Numbers ran away, by a kernel of huge values: what is undefined violates nothing.
            self.stage = Stage::Done(StopReason::Stalled);
            return 10 * self.problem.n_rows() as u64;
        }
        if objective < self.lowest_objective {
            (self.lowest_objective, self.idle_rounds) = (objective, 0);
        } else {
            self.idle_rounds += 1;
        }
        if self.gap() < self.limits.tolerance {
            self.end(StopReason::Converged);
        } else if self.iterations >= self.limits.max_iterations {
            self.end(StopReason::Limit);
        } else if self.idle_rounds >= MAX_IDLE_ROUNDS {
            self.end(StopReason::Stalled);
        } else {
            let rows = if self.taking_part.len() <= WORKING_SET {
                self.taking_part.clone()
            } else {
                working_set::choose(&self.state, self.problem.n_rows(), &self.working_set)
            };
            self.working_set.clone_from(&rows);
            let room = mem::take(&mut self.room);
            let source = self.rows.among(&self.problem.x(), &rows);
            self.stage =
                Stage::Building(Box::new(Block::new(rows, source, &self.problem, (&self.beta, &self.state.g), room)));
        }
        10 * self.problem.n_rows() as u64
    }

    /// Iterates on the working set.
    fn optimise(&mut self, mut block: Box<Block>, work: u64, record: &mut dyn FnMut(Point)) -> u64 {
        let alone = block.rows().len() == self.problem.n_rows();
        let tolerance = self.limits.tolerance;
        let tolerance =
            if block.rows().len() == self.taking_part.len() { tolerance } else { tolerance.max(0.1 * self.gap()) };
        let mut done = 0;
        while done < work {
            if alone && self.iterations >= self.next_point {
                self.adopt(&block);
                self.record_if_due(record);
            }
            let over = block.gap() < tolerance || self.iterations >= self.limits.max_iterations;
            let long = !alone && block.iterations() >= ROUND;
            if over || long || block.iterate() == Step::Stuck {
                self.end_round(&block);
                self.room = block.into_room();
                return done;
            }
            self.iterations += 1;
            done += block.work_of_iteration();
        }
        if alone {
            self.adopt(&block);
        }
        self.stage = Stage::Optimising(block);
        done
    }

    /// Takes over the state of a working set of all rows.
    fn adopt(&mut self, block: &Block) {
        self.beta.copy_from_slice(block.beta());
        self.state.clone_from(block.state());
        self.extremes = *block.extremes();
    }

    /// Has g brought up to date with what the round changed.
    fn end_round(&mut self, block: &Block) {
        if block.rows().len() == self.problem.n_rows() {
            self.adopt(block);
            self.stage = Stage::Choosing;
            return;
        }
        let mut beta = self.beta.clone();
        for (&row, &value) in block.rows().iter().zip(block.beta()) {
            beta[row] = value;
        }
        self.stage = Stage::Updating(Update { beta, g: self.state.g.clone(), changes: block.changes(), n_done: 0 });
    }

    /// Works a few more of the changes into g, and takes over β and g when all are.
    fn update(&mut self, mut update: Update, work: u64) -> u64 {
        let (n_taken, work) = self.rows.subtract(&mut update.g, &update.changes[update.n_done..], work);
        update.n_done += n_taken;
        if update.n_done < update.changes.len() {
            self.stage = Stage::Updating(update);
        } else {
            self.beta = update.beta;
            self.state.g = update.g;
            self.find_extremes();
        }
        work
    }

    /// Brings the sets and the extremes up to date with β and g.
    fn find_extremes(&mut self) {
        for row in 0..self.beta.len() {
            self.state.update_sets(row, self.beta[row], self.problem.bounds(row));
        }
        self.extremes = self.state.extremes();
    }

    /// Ends, or has the end checked first: g of the support vectors, on which the objective depends too, and of all rows
    /// within a margin of the largest violations.
    fn end(&mut self, reason: StopReason) {
        if !self.limits.certify {
            self.stage = Stage::Done(reason);
            return;
        }
        let margin = MARGIN * self.limits.tolerance;
        let Extremes { up, low, .. } = self.extremes;
        let (g, state) = (&self.state.g, &self.state);
        let near = |row: usize| {
            (state.may_rise(row) && g[row] > up - margin) || (state.may_fall(row) && g[row] < low + margin)
        };
        let rows = (0..self.beta.len()).filter(|&row| self.beta[row] != 0.0 || near(row)).collect();
        self.start_check(reason, rows, margin);
    }

    fn start_check(&mut self, reason: StopReason, rows: Vec<usize>, margin: f64) {
        let x = self.problem.x().select(Axis(0), &rows);
        let evaluation = Evaluation::new(SvmModel::new(self.kernel, &self.problem.x(), &self.beta, 0.0));
        self.stage = Stage::Checking(Box::new(Check { reason, rows, x, evaluation, margin }));
    }

    /// Computes g = y − Kβ afresh, portion by portion, and then decides whether this is the end. Had g drifted by more than
    /// a small part of the margin, all other rows are computed afresh too.
    fn check(&mut self, mut check: Box<Check>, work: u64) -> u64 {
        let (done, values) = check.evaluation.advance(&check.x, work);
        let Some(values) = values else {
            self.stage = Stage::Checking(check);
            return done;
        };
        let mut drift = 0.0_f64;
        for (&row, value) in check.rows.iter().zip(values) {
            let g = self.problem.y()[row] - value;
            let change = (g - self.state.g[row]).abs();
            drift = if change <= drift { drift } else { change }; // NaN is a drift too
            self.state.g[row] = g;
        }
        if drift.is_nan() {
            self.stage = Stage::Done(StopReason::Stalled);
            return done;
        }
        let trusted = 16.0 * drift <= check.margin;
        if !trusted && check.rows.len() < self.problem.n_rows() {
            let mut fresh = vec![false; self.problem.n_rows()];
            check.rows.iter().for_each(|&row| fresh[row] = true);
            let others = (0..fresh.len()).filter(|&row| !fresh[row]).collect();
            self.start_check(check.reason, others, f64::INFINITY);
            return done;
        }
        self.find_extremes();
        self.checks += 1;
        (self.lowest_objective, self.idle_rounds) = (f64::INFINITY, 0);
        self.stage = match check.reason {
            _ if self.gap() < self.limits.tolerance => Stage::Done(StopReason::Converged),
            StopReason::Limit => Stage::Done(StopReason::Limit),
            _ if self.checks < MAX_CHECKS => Stage::Choosing,
            _ => Stage::Done(StopReason::Stalled),
        };
        done
    }

    /// Records the state at distances that grow with the iterations.
    fn record_if_due(&mut self, record: &mut dyn FnMut(Point)) {
        if self.iterations >= self.next_point {
            self.record(record);
            self.next_point = self.iterations + 1 + self.iterations / 32;
        }
    }

    fn record(&self, record: &mut dyn FnMut(Point)) {
        let x = self.iterations as f64;
        record(Point { series: Series::KktGap, x, y: self.gap() });
        record(Point { series: Series::DualObjective, x, y: self.objective() });
    }

    /// Gives back the memory of the kernel rows, when no more iterations are to come. Iterating on stays possible.
    pub fn release_cache(&mut self) {
        self.rows.release();
        self.room = Vec::new();
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
    /// Infinite once numbers have run away.
    pub fn gap(&self) -> f64 {
        if self.objective().is_finite() { self.extremes.gap() } else { f64::INFINITY }
    }

    /// The dual objective ½αᵀQα − eᵀα at present.
    pub fn objective(&self) -> f64 {
        // Kβ = y − g, so ½βᵀKβ − yᵀβ = −½ βᵀ(g + y).
        let mut sums = [0.0; LANES]; // sums that do not wait for each other
        let rows = self.beta.chunks(LANES).zip(self.state.g.chunks(LANES)).zip(self.problem.y().chunks(LANES));
        for ((beta, g), y) in rows {
            for (sum, ((beta, g), y)) in sums.iter_mut().zip(beta.iter().zip(g).zip(y)) {
                *sum += beta * (g + y);
            }
        }
        -0.5 * sums.iter().sum::<f64>()
    }

    /// The dual variables αₖ at present, one a row.
    pub fn alpha(&self) -> Vec<f64> {
        self.beta.iter().map(|beta| beta.abs()).collect()
    }

    /// The offset ρ: the mean of −g over free rows, else the middle of what the bounded rows allow [CL11, §4.1.5].
    pub fn rho(&self) -> f64 {
        let (beta, c) = (&self.beta, self.problem.c());
        let free = (0..beta.len()).filter(|&row| is_free(beta[row], c[row]));
        let (n_free, sum) = free.fold((0_u64, 0.0), |(n, sum), row| (n + 1, sum + self.state.g[row]));
        let rho = if n_free > 0 { -sum / n_free as f64 } else { -0.5 * (self.extremes.up + self.extremes.low) };
        // Undefined where numbers have run away.
        if rho.is_finite() { rho } else { 0.0 }
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
