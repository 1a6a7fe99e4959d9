//! Fits on a shared kernel matrix, and from a given start.

use std::sync::Arc;

use super::properties::noisy;
use super::{Solver, TIGHT, assert_close, run};
use crate::model::StopReason;
use crate::model::svm::{Kernel, KernelMatrix, Limits, Pairs, Problem};

const RBF: Kernel = Kernel::Rbf { gamma: 0.5 };

fn matrix(problem: &Problem, kernel: Kernel, work: u64) -> Arc<KernelMatrix> {
    let mut pairs = Pairs::new(&problem.x());
    while !pairs.advance(work) {}
    let mut matrix = KernelMatrix::new(kernel, &pairs);
    while !matrix.advance(&pairs, work) {}
    Arc::new(matrix)
}

fn solve(solver: Solver) -> Solver {
    let (solver, reason) = run(solver);
    assert_eq!(reason, StopReason::Converged);
    solver
}

#[test]
fn a_shared_matrix_changes_no_bit() {
    // More rows than one working set, then fewer.
    for (n, tolerance) in [(1800, 1e-3), (203, 1e-8)] {
        let (x, bad, c) = noisy(n, 21);
        let problem = Problem::new(x, &bad, c).unwrap();
        let limits = Limits { tolerance, ..TIGHT };
        let alone = solve(Solver::new(problem.clone(), RBF, limits));
        for work in [1, u64::MAX] {
            let shared = solve(Solver::on_matrix(problem.clone(), matrix(&problem, RBF, work), limits));
            assert_eq!(shared.alpha(), alone.alpha());
            assert_eq!((shared.iterations(), shared.gap()), (alone.iterations(), alone.gap()));
        }
    }
}

#[test]
fn rows_held_out_by_their_bound_take_no_part_and_are_answered() {
    let (x, bad, mut c) = noisy(300, 22);
    c.iter_mut().step_by(3).for_each(|c| *c = 0.0);
    let whole = Problem::new(x.clone(), &bad, c.clone()).unwrap();
    let held_out = solve(Solver::on_matrix(whole.clone(), matrix(&whole, RBF, 1000), TIGHT));
    let taken: Vec<usize> = (0..300).filter(|&row| c[row] > 0.0).collect();
    let without = solve(Solver::new(whole.at(&taken), RBF, TIGHT));
    let relative = (held_out.objective() - without.objective()) / without.objective();
    assert!(relative.abs() < 1e-9, "{relative}");
    let own = held_out.own_decision_values();
    assert_close(&own, &without.model().decision_values(&x).to_vec(), 1e-4);
}

#[test]
fn a_matrix_for_other_rows_is_not_used() {
    let (x, bad, c) = noisy(60, 23);
    let problem = Problem::new(x, &bad, c).unwrap();
    let other = matrix(&problem.at(&(0..50).collect::<Vec<_>>()), RBF, 1000);
    let solver = solve(Solver::on_matrix(problem.clone(), other, TIGHT));
    assert_eq!(solver.alpha(), solve(Solver::new(problem, RBF, TIGHT)).alpha());
}

#[test]
fn any_start_ends_at_the_same_objective() {
    for n in [150, 1800] {
        let (x, bad, c) = noisy(n, 24);
        let problem = Problem::new(x.clone(), &bad, c.clone()).unwrap();
        let limits = Limits { tolerance: 1e-4, ..TIGHT };
        let cold = solve(Solver::new(problem.clone(), RBF, limits));
        let doubled = Problem::new(x, &bad, c.iter().map(|c| 2.0 * c).collect()).unwrap();
        let cold_doubled = solve(Solver::new(doubled.clone(), RBF, limits));
        let warm = |problem: &Problem, alpha: &[f64]| solve(Solver::new(problem.clone(), RBF, limits).start_at(alpha));
        let same = |a: &Solver, b: &Solver| (a.objective() - b.objective()).abs() < 1e-6 * b.objective().abs();
        let there = warm(&problem, &cold.alpha());
        assert!(same(&there, &cold) && there.iterations() < 20, "{}", there.iterations());
        let up = warm(&doubled, &cold.alpha());
        assert!(same(&up, &cold_doubled) && up.iterations() < cold_doubled.iterations());
        assert!(same(&warm(&problem, &cold_doubled.alpha()), &cold));
        assert!(same(&warm(&problem, &vec![f64::INFINITY; n]), &cold));
    }
}
