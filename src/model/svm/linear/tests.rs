//! Against the SMO solver, values worked out by hand, and what must hold for any data.

use ndarray::{Array2, Axis, array};
use rand::RngExt as _;

use super::LinearSolver;
use crate::model::svm::{Kernel, Limits, Problem, Solver};
use crate::model::{Point, StopReason};
use crate::random::{Purpose, stream};

const TIGHT: Limits = Limits { tolerance: 1e-7, max_iterations: 1_000_000, cache_bytes: 1 << 24, certify: true };

fn run_with(x: &Array2<f32>, bad: &[bool], c: &[f64], limits: Limits) -> (LinearSolver, StopReason) {
    let mut solver = LinearSolver::new(Problem::new(x.clone(), bad, c.to_vec()).unwrap(), limits);
    loop {
        if let Some(reason) = solver.advance(u64::MAX, &mut |_| {}) {
            assert_eq!(solver.fraction(), 1.0);
            return (solver, reason);
        }
    }
}

/// Solves to [`TIGHT`], demands convergence, and checks what must hold at the end of any fit.
fn solve(x: &Array2<f32>, bad: &[bool], c: &[f64]) -> LinearSolver {
    let (solver, reason) = run_with(x, bad, c, TIGHT);
    assert_eq!(reason, StopReason::Converged, "gap {} after {} steps", solver.gap(), solver.iterations());
    check(&solver);
    solver
}

/// Feasible, and gap, objective and decision values as the definitions have them.
fn check(solver: &LinearSolver) {
    let (alpha, y, c) = (solver.alpha(), solver.problem().y(), solver.problem().c());
    let n = alpha.len();
    let sum: f64 = alpha.iter().zip(y).map(|(alpha, y)| alpha * y).sum();
    let sum_of_c: f64 = c.iter().sum();
    assert!(sum.abs() <= 1e-12 * sum_of_c, "{sum}");
    assert!(alpha.iter().zip(c).all(|(alpha, c)| (0.0..=c.max(0.0)).contains(alpha)));

    let x = solver.problem().x().mapv(f64::from);
    let mut w = vec![0.0; x.ncols()];
    for (row, x) in x.outer_iter().enumerate() {
        w.iter_mut().zip(x).for_each(|(w, x)| *w += alpha[row] * y[row] * x);
    }
    let product = |row: usize| x.row(row).iter().zip(&w).map(|(x, w)| x * w).sum::<f64>();
    let (mut up, mut low, mut objective) = (f64::NEG_INFINITY, f64::INFINITY, 0.0);
    for i in 0..n {
        let g = y[i] - product(i);
        if (y[i] > 0.0 && alpha[i] < c[i]) || (y[i] < 0.0 && alpha[i] > 0.0) {
            up = up.max(g);
        }
        if (y[i] > 0.0 && alpha[i] > 0.0) || (y[i] < 0.0 && alpha[i] < c[i]) {
            low = low.min(g);
        }
        objective += alpha[i] * (0.5 * y[i] * product(i) - 1.0);
    }
    let scale = alpha.iter().sum::<f64>().max(1.0);
    assert!(((up - low).max(0.0) - solver.gap()).abs() < 1e-9 * scale, "{} {}", up - low, solver.gap());
    assert!((objective - solver.objective()).abs() < 1e-9 * scale);
    let own = solver.own_decision_values();
    assert!((0..n).all(|row| (own[row] - (product(row) - solver.rho())).abs() < 1e-9 * scale));
}

/// Rows of 4 inputs, a nearly flat border, one row in ten mislabelled, different bounds.
fn noisy(n: usize, seed: u64) -> (Array2<f32>, Vec<bool>, Vec<f64>) {
    let mut random = stream(seed, Purpose::Sample, 5);
    let x = Array2::from_shape_fn((n, 4), |_| random.random_range(-1.5_f32..1.5));
    let bad = (0..n).map(|row| (x[[row, 0]] + 0.3 * x[[row, 1]] > 0.4) != random.random_bool(0.1)).collect();
    let c = (0..n).map(|_| random.random_range(0.5..4.0)).collect();
    (x, bad, c)
}

fn smo(x: &Array2<f32>, bad: &[bool], c: &[f64]) -> Solver {
    let mut solver = Solver::new(Problem::new(x.clone(), bad, c.to_vec()).unwrap(), Kernel::Linear, TIGHT);
    while solver.advance(u64::MAX, &mut |_| {}).is_none() {}
    assert_eq!(solver.stop_reason(), Some(StopReason::Converged));
    solver
}

/// By hand for C = 1 (only the inner pair supports, w = (½, ½)); for C = 0.1 the values of scikit-learn's `test_svm.py`.
#[test]
fn toy() {
    let x = array![[-2.0, -1.0], [-1.0, -1.0], [-1.0, -2.0], [1.0, 1.0], [1.0, 2.0], [2.0, 1.0]];
    let bad = [false, false, false, true, true, true];
    let solver = solve(&x, &bad, &[1.0; 6]);
    for (alpha, expected) in solver.alpha().iter().zip([0.0, 0.25, 0.0, 0.25, 0.0, 0.0]) {
        assert!((alpha - expected).abs() < 1e-8);
    }
    assert!(solver.rho().abs() < 1e-8 && (solver.objective() + 0.25).abs() < 1e-8);
    let solver = solve(&x, &bad, &[0.1; 6]);
    let expected = [-1.0, -0.66, -1.0, 0.66, 1.0, 1.0];
    assert!(solver.own_decision_values().iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 0.01));
    // So small a C that every row is on its bound: w = C Σ y x = 0.01·(8, 8).
    let solver = solve(&x, &bad, &[0.01; 6]);
    assert_eq!(solver.alpha(), [0.01; 6]);
    assert!((solver.objective() - (0.5 * 2.0 * 0.08 * 0.08 - 0.06)).abs() < 1e-12);
}

/// Two points at distance 2: α = 2/|x − x'|² = ½ each, unless C is smaller.
#[test]
fn two_rows_by_hand() {
    let x = array![[1.0], [3.0]];
    let solver = solve(&x, &[false, true], &[5.0, 7.0]);
    assert!(solver.alpha().iter().all(|alpha| (alpha - 0.5).abs() < 1e-8));
    assert!((solver.rho() - 2.0).abs() < 1e-7);
    let solver = solve(&x, &[false, true], &[0.1, 7.0]);
    assert!(solver.alpha().iter().all(|alpha| (alpha - 0.1).abs() < 1e-12));
}

#[test]
fn the_solution_is_that_of_smo() {
    for seed in 0..8 {
        let (x, bad, c) = noisy(60 + 83 * seed as usize, seed);
        let (solver, smo) = (solve(&x, &bad, &c), smo(&x, &bad, &c));
        assert!((solver.objective() - smo.objective()).abs() < 1e-6 * smo.objective().abs());
        let differences = solver.own_decision_values().into_iter().zip(smo.own_decision_values());
        assert!(differences.into_iter().all(|(a, b)| (a - b).abs() < 1e-5));
        let model = solver.model().decision_values(&x);
        assert!(model.iter().zip(solver.own_decision_values()).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}

#[test]
fn the_usual_tolerance_is_kept_and_comes_near_the_optimum() {
    for seed in 0..4 {
        let (x, bad, c) = noisy(400, seed);
        let (loose, reason) = run_with(&x, &bad, &c, Limits { tolerance: 1e-3, ..TIGHT });
        check(&loose);
        assert!(reason == StopReason::Converged && loose.gap() <= 1e-3);
        assert!((loose.objective() / solve(&x, &bad, &c).objective() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn rows_without_weight_take_no_part() {
    let (x, bad, mut c) = noisy(120, 20);
    let taken: Vec<usize> = (0..120).filter(|row| row % 3 != 0).collect();
    (0..120).step_by(3).for_each(|row| c[row] = 0.0);
    let whole = solve(&x, &bad, &c);
    let (bad_taken, c_taken): (Vec<_>, Vec<_>) = taken.iter().map(|&row| (bad[row], c[row])).unzip();
    let part = solve(&x.select(Axis(0), &taken), &bad_taken, &c_taken);
    assert!((whole.objective() - part.objective()).abs() < 1e-8 * part.objective().abs());
    assert!((whole.rho() - part.rho()).abs() < 1e-6);
}

/// Columns that depend on others leave the kernel of the dual singular, duplicates and contradictions its solution open.
#[test]
fn duplicates_constant_and_dependent_columns() {
    let (x, bad, c) = noisy(100, 30);
    let reference = solve(&x, &bad, &c);
    let wide = ndarray::concatenate![Axis(1), x, Array2::from_elem((100, 2), 7.0)];
    assert!((solve(&wide, &bad, &c).objective() - reference.objective()).abs() < 1e-6 * reference.objective().abs());

    let halved: Vec<f64> = c.iter().chain(&c).map(|c| 0.5 * c).collect();
    let twice = ndarray::concatenate![Axis(0), x, x];
    let twice = solve(&twice, &[bad.clone(), bad.clone()].concat(), &halved);
    assert!((twice.objective() - reference.objective()).abs() < 1e-6 * reference.objective().abs());

    let root_half = x.mapv(|x| x * std::f32::consts::FRAC_1_SQRT_2);
    let doubled = solve(&ndarray::concatenate![Axis(1), root_half, root_half], &bad, &c);
    assert!((doubled.objective() - reference.objective()).abs() < 1e-5 * reference.objective().abs());

    let opposite: Vec<bool> = bad.iter().map(|bad| !bad).collect();
    let both = solve(&ndarray::concatenate![Axis(0), x, x], &[bad, opposite].concat(), &[1.0; 200]);
    assert!(both.own_decision_values().iter().all(|value| value.abs() < 1.0 + 1e-6));

    // Nothing to learn from: w = 0 and every row of the rarer class at its bound.
    let rare: Vec<bool> = (0..60).map(|row| row % 3 == 0).collect();
    let constant = solve(&Array2::ones((60, 3)), &rare, &[1.0; 60]);
    assert!((constant.objective() + 40.0).abs() < 1e-6);
}

#[test]
fn portions_and_the_layout_of_rows_change_no_bit() {
    let (x, bad, c) = noisy(700, 2);
    let run_by = |work: u64, x: Array2<f32>| {
        let mut solver = LinearSolver::new(Problem::new(x, &bad, c.clone()).unwrap(), TIGHT);
        let (mut points, mut fraction): (Vec<Point>, f64) = (Vec::new(), 0.0);
        while solver.advance(work, &mut |point| points.push(point)).is_none() {
            assert!((fraction..=1.0).contains(&solver.fraction()));
            fraction = solver.fraction();
        }
        (solver.alpha(), solver.iterations(), points)
    };
    let whole = run_by(u64::MAX, x.clone());
    assert_eq!(run_by(1, x.clone()), whole);
    assert_eq!(run_by(54_321, x.t().as_standard_layout().into_owned().reversed_axes()), whole);
    let (_, iterations, points) = whole;
    assert!(points[0].x == 0.0 && points[0].y == 2.0 && points.last().is_some_and(|last| last.x == iterations as f64));
    assert_eq!(points.len() as u64, 2 * (iterations + 1));
}

#[test]
fn every_moment_is_feasible_and_honest() {
    let (x, bad, c) = noisy(600, 3);
    let mut solver = LinearSolver::new(Problem::new(x, &bad, c).unwrap(), TIGHT);
    check(&solver);
    let mut moments = 0;
    while solver.advance(1, &mut |_| {}).is_none() {
        if moments % 7 == 0 {
            check(&solver);
        }
        moments += 1;
    }
    assert!(moments > 100);
}

#[test]
fn a_limit_is_kept() {
    let (x, bad, c) = noisy(100, 4);
    let (solver, reason) = run_with(&x, &bad, &c, Limits { max_iterations: 2, ..TIGHT });
    assert_eq!((reason, solver.iterations()), (StopReason::Limit, 2));
    assert!(solver.gap() > TIGHT.tolerance);
    check(&solver);
}

/// C does not matter to the time it takes; money beside shares does not to the end.
#[test]
fn huge_c_and_bad_scaling() {
    let (x, bad, _) = noisy(300, 6);
    for c in [1e-6, 1e-2, 1e2, 1e4, 1e6] {
        let (solver, reason) = run_with(&x, &bad, &[c; 300], Limits { tolerance: 1e-3, ..TIGHT });
        assert_eq!(reason, StopReason::Converged, "C = {c}: {}", solver.gap());
        assert!(solver.iterations() < 60, "{}", solver.iterations());
    }
    for scale in [1e3, 1e6, 1e12, 1e25] {
        let mut x = x.clone();
        x.column_mut(0).mapv_inplace(|value| value * scale);
        for c in [1.0, 1e6, 1e10] {
            let (solver, reason) = run_with(&x, &bad, &[c; 300], Limits { tolerance: 1e-3, ..TIGHT });
            assert_eq!(reason == StopReason::Converged, solver.gap() <= 1e-3);
            assert!(solver.iterations() < 500, "{scale} {c}: {} steps", solver.iterations());
            assert!(solver.gap().is_finite() && solver.rho().is_finite(), "{scale} {c}: {}", solver.gap());
            assert!(solver.model().decision_values(&x).iter().all(|value| value.is_finite()));
            assert!(solver.objective() < 0.0, "better than nothing");
            // Rounding of w alone moves f by some ε n C |x|².
            assert!(reason == StopReason::Converged || f64::from(scale).powi(2) * c > 1e7, "{scale} {c}: {reason:?}");
        }
    }
}
