//! The C-SVC dual with the linear kernel, by a primal-dual interior-point method.
//!
//! In β = yα the problem is: minimise ½|w|² − yᵀβ with w = Σβx, subject to Aₖ ≤ βₖ ≤ Bₖ and Σβ = 0; the multiplier of the
//! last is the offset b. Newton's method is applied to the optimality conditions, with the complementarity products
//! steered from their first mean towards zero (Mehrotra's predictor and corrector). Since K has at most as many dimensions
//! as there are inputs, a step costs one weighted least-squares fit of w and b, `n_rows · n_inputs²` operations (FM02).
//! Some thirty steps are enough whatever C is, where coordinate descent and SMO take ever longer as C grows: on 5,000 × 64
//! rows with C = 100 it needs 0.05 s, liblinear 4.4 s without having converged, LIBSVM 56 s.
//!
//! After every step the point is rounded to the bounds (see `candidate`) and judged as SMO's is: the fit has converged
//! when the KKT violation, computed from β in double precision, is within the tolerance.
//!
//! FM02: Ferris, Munson, *Interior-point methods for massive support vector machines*, 2002. Mehrotra, *On the
//! implementation of a primal-dual interior point method*, 1992.

mod candidate;
mod normal;
mod passes;
mod point;
#[cfg(test)]
mod tests;

use std::mem;

use self::candidate::{Candidate, Rounding, Rule};
use self::normal::{NormalEquations, Vector};
use self::point::Place;
use super::kernel::Kernel;
use super::machine::SvmModel;
use super::problem::Problem;
use super::solver::Limits;
use crate::model::{Point, Series, StopReason};

/// Rows handled together.
const BLOCK: usize = 256;
/// Inputs up to which a step is cheap: beyond it, the least-squares fit is no work of milliseconds any more.
const MAX_INPUTS: usize = 512;
/// Share of the way to the nearest bound that a step may take.
const SHORT_OF_BOUND: f64 = 0.995;
/// What is added to the diagonal of the dual's Hessian in a step, in units of the mean |x|². It costs a step next to nothing,
/// and keeps the weight of free rows from growing until rounding is all that is left of the step: with it, C = 1e6
/// converges on 5,000 × 64 rows where the gap stopped at 0.05.
const PROXIMAL: f64 = 1e-12;
/// Steps without a lower complementarity than before after which the fit counts as stalled.
const PATIENCE: u32 = 15;
/// Complementarity at which a fit is likely to have converged, in units of the tolerance.
const USUAL_END: f64 = 1e-4;

/// The dual problem on its way to the solution. Usable at any time: every state is feasible, and has a model and a gap.
#[derive(Clone, Debug)]
pub struct LinearSolver {
    problem: Problem,
    limits: Limits,
    /// The interior point, row by row; of no meaning where C = 0.
    places: Vec<Place>,
    /// w and b of the interior point.
    w: Vector,
    /// Σβ of the interior point: 0 but for rounding.
    sum_of_beta: f64,
    /// Mean α of the interior point.
    typical: f64,
    /// f(x) of the interior point.
    fitted: Vec<f64>,
    /// Δβ of the affine step.
    affine: Vec<f64>,
    /// Δf of the corrected step.
    products: Vec<f64>,
    /// [`PROXIMAL`] times the mean |x|².
    proximal: f64,
    /// Mean of the complementarity products: at the start, at present and at its lowest.
    centre: [f64; 3],
    equations: NormalEquations,
    pass: Pass,
    next_row: usize,
    best: Candidate,
    trial: Candidate,
    iterations: u64,
    without_progress: u32,
    ended: Option<StopReason>,
    recorded: bool,
}

/// One of the five passes over the rows that make up a step.
#[derive(Clone, Debug)]
enum Pass {
    /// Fitted values, weights and the right-hand side of the affine step.
    Weigh { rhs: Vector },
    /// The affine step, and the right-hand sides that follow from it.
    Predict { rhs: Vector, step: Vector, correction: Vector, centring: Vector, longest: f64, curvature: f64 },
    /// The corrected step and its length.
    Correct { step: Vector, aim: f64, longest: f64 },
    /// Takes the step; the sums are Σβ, Σα and the complementarity products.
    Move { share: f64, aim: f64, w: Vector, rounding: Rounding, sums: [f64; 3] },
    /// Judges the rounded point.
    Judge { rule: Rule, w: Vec<f64> },
}

impl LinearSolver {
    /// Whether the linear kernel on rows of `n_inputs` inputs is a case for this solver. [`super::Solver`] takes the others.
    pub fn suits(n_inputs: usize) -> bool {
        n_inputs <= MAX_INPUTS
    }

    /// Starts from α = 0. Of the limits, `cache_bytes` and `certify` are of no meaning here: there is no cache, and the gap is
    /// always that of double precision; `max_iterations` counts steps of the interior point.
    pub fn new(problem: Problem, limits: Limits) -> Self {
        let (n_rows, n_inputs) = problem.x().dim();
        let mut solver = Self {
            limits,
            places: Vec::new(),
            w: vec![0.0; n_inputs + 1],
            sum_of_beta: 0.0,
            typical: 0.0,
            fitted: vec![0.0; n_rows],
            affine: vec![0.0; n_rows],
            products: vec![0.0; n_rows],
            proximal: 0.0,
            centre: [0.0; 3],
            equations: NormalEquations::new(n_inputs),
            pass: Pass::Weigh { rhs: vec![0.0; n_inputs + 1] },
            next_row: 0,
            best: Candidate::zero(&problem),
            trial: Candidate::zero(&problem),
            iterations: 0,
            without_progress: 0,
            ended: None,
            recorded: false,
            problem,
        };
        solver.start();
        solver
    }

    /// Does about `work` units of work, one unit being a nanosecond or so. Returns why it ended, once it has, and does nothing
    /// from then on. Points of the gap and of the dual objective go to `record`, once a step.
    pub fn advance(&mut self, work: u64, record: &mut dyn FnMut(Point)) -> Option<StopReason> {
        let mut left = work;
        while left > 0 && self.ended.is_none() {
            if !mem::replace(&mut self.recorded, true) {
                self.record(record);
            }
            left = left.saturating_sub(self.advance_block());
        }
        if self.ended.is_some() && !mem::replace(&mut self.recorded, true) {
            self.record(record);
        }
        self.ended.clone()
    }

    /// Takes the present pass over one more block of rows. Returns the units of work it took.
    fn advance_block(&mut self) -> u64 {
        let n_rows = self.problem.n_rows();
        let range = self.next_row..n_rows.min(self.next_row + BLOCK);
        let size = self.w.len();
        let mut pass = mem::replace(&mut self.pass, Pass::Weigh { rhs: Vec::new() });
        let mut work = range.len() * (16 + size);
        match &mut pass {
            Pass::Weigh { rhs } => {
                self.weigh(range.clone(), rhs);
                work += range.len() * size * size / 16;
            }
            Pass::Predict { step, correction, centring, longest, curvature, .. } => {
                self.predict(range.clone(), step, [correction, centring], longest, curvature);
            }
            Pass::Correct { step, aim, longest } => self.correct(range.clone(), step, *aim, longest),
            Pass::Move { share, aim, w, rounding, sums } => {
                let of_block = self.step(range.clone(), *share, *aim, w, rounding);
                sums.iter_mut().zip(of_block).for_each(|(sum, of_block)| *sum += of_block);
            }
            Pass::Judge { rule, w } => self.judge(range.clone(), *rule, w),
        }
        self.next_row = range.end;
        if range.end == n_rows {
            self.next_row = 0;
            if matches!(pass, Pass::Weigh { .. }) {
                work += size.pow(3) / 6;
            }
            self.next_pass(pass);
        } else {
            self.pass = pass;
        }
        work as u64
    }

    /// What follows from a pass over all rows.
    fn next_pass(&mut self, pass: Pass) {
        let zeros = vec![0.0; self.w.len()];
        self.pass = match pass {
            Pass::Weigh { mut rhs } => {
                self.equations.factor();
                rhs[self.w.len() - 1] += self.sum_of_beta;
                let step = self.equations.solve(rhs.clone());
                let (correction, centring) = (zeros.clone(), zeros);
                Pass::Predict { rhs, step, correction, centring, longest: f64::INFINITY, curvature: 0.0 }
            }
            Pass::Predict { mut rhs, correction, centring, longest, curvature, .. } => {
                // Of the affine step by a share a the products become (1 − a) of what they were, and the second order.
                let (share, centre) = (longest.min(1.0), self.centre[1]);
                let reached = (1.0 - share) * centre + share * share * curvature / self.n_products();
                let aim = centre * (reached / centre).powi(3).clamp(0.0, 1.0);
                for ((rhs, correction), centring) in rhs.iter_mut().zip(correction).zip(centring) {
                    *rhs += correction + aim * centring;
                }
                Pass::Correct { step: self.equations.solve(rhs), aim, longest: f64::INFINITY }
            }
            Pass::Correct { step, aim, longest } => {
                let share = (SHORT_OF_BOUND * longest).min(1.0);
                if !(share > 0.0 && step.iter().all(|step| step.is_finite())) {
                    self.end(StopReason::Stalled);
                }
                if let (Some(b), Some(step)) = (self.w.last_mut(), step.last()) {
                    *b += share * step;
                }
                let rounding = Rounding::new(self.w.len() - 1, self.typical);
                Pass::Move { share, aim, w: zeros, rounding, sums: [0.0; 3] }
            }
            Pass::Move { w, rounding, sums: [sum_of_beta, sum_of_alpha, complementarity], .. } => {
                let n_inputs = w.len() - 1;
                self.w[..n_inputs].copy_from_slice(&w[..n_inputs]);
                self.sum_of_beta = sum_of_beta;
                self.typical = sum_of_alpha / self.problem.n_rows() as f64;
                self.centre[1] = complementarity / self.n_products();
                if let Some((rule, w)) = rounding.balanced() {
                    self.trial.clear();
                    Pass::Judge { rule, w }
                } else {
                    self.finish_step(false)
                }
            }
            Pass::Judge { .. } => self.finish_step(true),
        };
    }

    /// Keeps the judged point where it is better than the best, and decides whether this was the last step.
    fn finish_step(&mut self, judged: bool) -> Pass {
        self.iterations += 1;
        self.recorded = false;
        let better = judged && self.trial.is_better_than(&self.best);
        let converged = judged && self.trial.gap() <= self.limits.tolerance;
        if better || converged {
            mem::swap(&mut self.best, &mut self.trial);
        }
        let [_, centre, lowest] = &mut self.centre;
        if *centre < 0.9 * *lowest {
            self.without_progress = 0;
        } else {
            self.without_progress += 1;
        }
        *lowest = lowest.min(*centre);
        if converged {
            self.end(StopReason::Converged);
        } else if self.iterations >= self.limits.max_iterations {
            self.end(StopReason::Limit);
        } else if self.without_progress >= PATIENCE || !self.centre[1].is_finite() {
            self.end(StopReason::Stalled);
        }
        self.equations.clear();
        Pass::Weigh { rhs: vec![0.0; self.w.len()] }
    }

    fn end(&mut self, reason: StopReason) {
        self.ended = Some(reason);
        self.recorded = false;
    }

    fn record(&self, record: &mut dyn FnMut(Point)) {
        let x = self.iterations as f64;
        record(Point { series: Series::KktGap, x, y: self.gap() });
        record(Point { series: Series::DualObjective, x, y: self.objective() });
    }

    /// Number of complementarity products: two a row that takes part.
    fn n_products(&self) -> f64 {
        2.0 * self.problem.c().iter().filter(|&&c| c > 0.0).count() as f64
    }

    /// Why it ended, if it has.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.ended.clone()
    }

    /// The problem being solved.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Steps of the interior point so far.
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// The share of the work that is done, in 0..=1, as far as the complementarity tells on a log axis; never falling.
    pub fn fraction(&self) -> f64 {
        if self.ended.is_some() {
            return 1.0;
        }
        let [first, _, lowest] = self.centre;
        ((first / lowest).ln() / (first / (USUAL_END * self.limits.tolerance)).ln()).clamp(0.0, 1.0)
    }

    /// The largest KKT violation of the best point so far, from its β in double precision.
    pub fn gap(&self) -> f64 {
        self.best.gap()
    }

    /// The dual objective ½αᵀQα − eᵀα of the best point so far.
    pub fn objective(&self) -> f64 {
        self.best.objective
    }

    /// The dual variables αₖ of the best point so far, one a row.
    pub fn alpha(&self) -> Vec<f64> {
        self.best.beta.iter().map(|beta| beta.abs()).collect()
    }

    /// The offset ρ that is subtracted.
    pub fn rho(&self) -> f64 {
        self.best.rho(self.problem.c())
    }

    /// The model of the best point so far.
    pub fn model(&self) -> SvmModel {
        SvmModel::new(Kernel::Linear, &self.problem.x(), &self.best.beta, self.rho())
    }

    /// Decision values of the problem's own rows at the best point so far, at no cost: they follow from g.
    pub fn own_decision_values(&self) -> Vec<f64> {
        let rho = self.rho();
        self.problem.y().iter().zip(&self.best.g).map(|(y, g)| y - g - rho).collect()
    }
}
