//! One fit of the C-SVC by the solver that suits its kernel.

use std::sync::Arc;

use super::kernel::Kernel;
use super::linear::LinearSolver;
use super::machine::SvmModel;
use super::matrix::KernelMatrix;
use super::problem::Problem;
use super::solver::{Limits, Solver};
use crate::model::{Point, StopReason};

/// A solver at work. Both solve the same dual, to the same measure of its optimality.
#[derive(Clone, Debug)]
pub enum Fit {
    /// SMO.
    Smo(Solver),
    /// The interior point, for the linear kernel.
    Linear(LinearSolver),
}

impl Fit {
    /// Whether the interior point takes this kernel on rows of `n_inputs` inputs.
    pub(super) fn is_linear(kernel: Kernel, n_inputs: usize) -> bool {
        kernel == Kernel::Linear && LinearSolver::suits(n_inputs)
    }

    /// Starts from α = 0.
    pub fn new(problem: Problem, kernel: Kernel, limits: Limits) -> Self {
        if Self::is_linear(kernel, problem.x().ncols()) {
            Self::Linear(LinearSolver::new(problem, limits))
        } else {
            Self::Smo(Solver::new(problem, kernel, limits))
        }
    }

    /// Starts on a matrix that other fits use too, from `alpha` where there is one; see [`Solver::on_matrix`].
    pub(super) fn on_matrix(
        problem: Problem,
        matrix: &Arc<KernelMatrix>,
        limits: Limits,
        alpha: Option<&[f64]>,
    ) -> Self {
        let solver = Solver::on_matrix(problem, Arc::clone(matrix), limits);
        Self::Smo(match alpha {
            Some(alpha) => solver.start_at(alpha),
            None => solver,
        })
    }

    /// See [`Solver::advance`].
    pub fn advance(&mut self, work: u64, record: &mut dyn FnMut(Point)) -> Option<StopReason> {
        match self {
            Self::Smo(solver) => solver.advance(work, record),
            Self::Linear(solver) => solver.advance(work, record),
        }
    }

    /// Why it ended, if it has.
    pub fn stop_reason(&self) -> Option<StopReason> {
        match self {
            Self::Smo(solver) => solver.stop_reason(),
            Self::Linear(solver) => solver.stop_reason(),
        }
    }

    /// The problem being solved.
    pub fn problem(&self) -> &Problem {
        match self {
            Self::Smo(solver) => solver.problem(),
            Self::Linear(solver) => solver.problem(),
        }
    }

    /// Iterations of SMO, or steps of the interior point, so far.
    pub fn iterations(&self) -> u64 {
        match self {
            Self::Smo(solver) => solver.iterations(),
            Self::Linear(solver) => solver.iterations(),
        }
    }

    /// The largest KKT violation at present.
    pub fn gap(&self) -> f64 {
        match self {
            Self::Smo(solver) => solver.gap(),
            Self::Linear(solver) => solver.gap(),
        }
    }

    /// The dual objective ½αᵀQα − eᵀα at present.
    pub fn objective(&self) -> f64 {
        match self {
            Self::Smo(solver) => solver.objective(),
            Self::Linear(solver) => solver.objective(),
        }
    }

    /// The dual variables αₖ at present, one a row.
    pub fn alpha(&self) -> Vec<f64> {
        match self {
            Self::Smo(solver) => solver.alpha(),
            Self::Linear(solver) => solver.alpha(),
        }
    }

    /// The offset ρ that is subtracted.
    pub fn rho(&self) -> f64 {
        match self {
            Self::Smo(solver) => solver.rho(),
            Self::Linear(solver) => solver.rho(),
        }
    }

    /// The model at present.
    pub fn model(&self) -> SvmModel {
        match self {
            Self::Smo(solver) => solver.model(),
            Self::Linear(solver) => solver.model(),
        }
    }

    /// Decision values of the problem's own rows at present, at no cost.
    pub fn own_decision_values(&self) -> Vec<f64> {
        match self {
            Self::Smo(solver) => solver.own_decision_values(),
            Self::Linear(solver) => solver.own_decision_values(),
        }
    }

    /// Gives back the memory of kernel rows, when no more iterations are to come.
    pub(super) fn release_cache(&mut self) {
        if let Self::Smo(solver) = self {
            solver.release_cache();
        }
    }

    /// The share of the work that is done, in 0..=1, as far as can be told.
    pub(super) fn fraction(&self, tolerance: f64) -> f64 {
        match self {
            Self::Linear(solver) => solver.fraction(),
            Self::Smo(solver) if solver.stop_reason().is_some() => 1.0,
            // How far the gap has come on a log axis from its first value, 2, to the tolerance.
            Self::Smo(solver) => ((2.0 / solver.gap()).ln() / (2.0 / tolerance).ln()).clamp(0.0, 1.0),
        }
    }
}
