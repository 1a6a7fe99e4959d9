//! The solver as a whole: against published values (`golden`), against an independent
//! solver on generated and on peers' data (`generated`, `workloads`), and against what must hold for any data
//! (`properties`).

mod generated;
mod golden;
mod iris;
mod properties;
mod shared;
mod workloads;

use ndarray::Array2;

use super::{Kernel, Limits, Problem, Solver};
use crate::model::StopReason;

/// A tolerance far below what the published values need.
const TIGHT: Limits = Limits { tolerance: 1e-8, max_iterations: 1_000_000, cache_bytes: 1 << 24, certify: true };

/// Runs to the end in one go.
fn run(mut solver: Solver) -> (Solver, StopReason) {
    loop {
        if let Some(reason) = solver.advance(u64::MAX, &mut |_| {}) {
            return (solver, reason);
        }
    }
}

/// Solves to [`TIGHT`] and demands convergence.
fn solve(x: &Array2<f32>, bad: &[bool], c: &[f64], kernel: Kernel) -> Solver {
    let (solver, reason) = run(Solver::new(Problem::new(x.clone(), bad, c.to_vec()).unwrap(), kernel, TIGHT));
    assert_eq!(reason, StopReason::Converged);
    solver
}

/// Values within a tolerance of each other.
fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= tolerance, "{got} against {expected}");
    }
}
