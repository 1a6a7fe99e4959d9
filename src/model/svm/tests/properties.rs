//! What must hold for any data, on seeded random problems.

use ndarray::{Array2, Axis};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::{Solver, TIGHT, run, solve};
use crate::model::svm::{Kernel, Limits, Problem};
use crate::model::{Point, StopReason};
use crate::random::{Purpose, stream};

const USUAL: Limits = Limits { tolerance: 1e-3, ..TIGHT };

/// A noisy problem with different bounds: rows of 4 inputs, a curved border, one row in ten mislabelled.
pub(super) fn noisy(n: usize, seed: u64) -> (Array2<f32>, Vec<bool>, Vec<f64>) {
    let mut random = stream(seed, Purpose::Sample, 3);
    let x = Array2::from_shape_fn((n, 4), |_| random.random_range(-1.5_f32..1.5));
    let label = |row: usize| x[[row, 0]] + x[[row, 1]] * x[[row, 2]] > 0.3;
    let bad = (0..n).map(|row| label(row) != random.random_bool(0.1)).collect();
    let c = (0..n).map(|_| random.random_range(0.5..4.0)).collect();
    (x, bad, c)
}

fn kernels() -> [Kernel; 4] {
    [
        Kernel::Linear,
        Kernel::Rbf { gamma: 0.5 },
        Kernel::Polynomial { gamma: 0.5, coef0: 1.0, degree: 2 },
        Kernel::Sigmoid { gamma: 0.1, coef0: -0.2 },
    ]
}

fn solver(x: &Array2<f32>, bad: &[bool], c: &[f64], kernel: Kernel, limits: Limits) -> Solver {
    Solver::new(Problem::new(x.clone(), bad, c.to_vec()).unwrap(), kernel, limits)
}

/// K(a, b) as the definition has it, with the standard library's functions.
fn kernel_by_definition(kernel: Kernel, a: &[f64], b: &[f64]) -> f64 {
    let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    let distance: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    match kernel {
        Kernel::Linear => product,
        Kernel::Rbf { gamma } => (-gamma * distance).exp(),
        Kernel::Polynomial { gamma, coef0, degree } => (gamma * product + coef0).powi(degree),
        Kernel::Sigmoid { gamma, coef0 } => (gamma * product + coef0).tanh(),
    }
}

/// The largest KKT violation and the dual objective from α and the definitions alone.
fn violation_and_objective(solver: &Solver, kernel: Kernel) -> (f64, f64) {
    let (alpha, y, c) = (solver.alpha(), solver.problem().y(), solver.problem().c());
    let rows: Vec<Vec<f64>> =
        solver.problem().x().outer_iter().map(|row| row.iter().map(|&value| f64::from(value)).collect()).collect();
    let n = rows.len();
    let (mut up, mut low, mut objective) = (f64::NEG_INFINITY, f64::INFINITY, 0.0);
    for i in 0..n {
        let f: f64 = (0..n).map(|j| alpha[j] * y[j] * kernel_by_definition(kernel, &rows[i], &rows[j])).sum();
        let g = y[i] - f;
        if (y[i] > 0.0 && alpha[i] < c[i]) || (y[i] < 0.0 && alpha[i] > 0.0) {
            up = up.max(g);
        }
        if (y[i] > 0.0 && alpha[i] > 0.0) || (y[i] < 0.0 && alpha[i] < c[i]) {
            low = low.min(g);
        }
        objective += alpha[i] * (0.5 * y[i] * f - 1.0);
    }
    (up - low, objective)
}

#[test]
fn optimal_by_definition_within_the_box_and_balanced() {
    for seed in 0..6 {
        for kernel in kernels() {
            let (x, bad, c) = noisy(150 + 37 * seed as usize, seed);
            let (solver, reason) = run(solver(&x, &bad, &c, kernel, USUAL));
            assert_eq!(reason, StopReason::Converged);
            let (violation, objective) = violation_and_objective(&solver, kernel);
            assert!(violation <= 1e-3, "{kernel:?}: {violation}");
            assert!((violation - solver.gap()).abs() < 1e-9);
            assert!((objective - solver.objective()).abs() < 1e-9 * objective.abs());
            let alpha = solver.alpha();
            assert!(alpha.iter().zip(&c).all(|(alpha, c)| (0.0..=*c).contains(alpha)));
            let sum: f64 = alpha.iter().zip(solver.problem().y()).map(|(alpha, y)| alpha * y).sum();
            assert!(sum.abs() < 1e-9, "{sum}");
        }
    }
}

#[test]
fn the_duality_gap_closes_with_the_tolerance() {
    let (x, bad, c) = noisy(300, 11);
    let kernel = Kernel::Rbf { gamma: 0.5 };
    let relative_gap = |tolerance: f64| {
        let (solver, _) = run(solver(&x, &bad, &c, kernel, Limits { tolerance, ..TIGHT }));
        // Primal: ½|w|² + Σ Cᵢ max(0, 1 − yᵢfᵢ), where ½|w|² = dual objective + Σα.
        let half_norm = solver.objective() + solver.alpha().iter().sum::<f64>();
        let rows = solver.own_decision_values().into_iter().zip(solver.problem().y()).zip(&c);
        let primal = half_norm + rows.map(|((f, y), c)| c * (1.0 - y * f).max(0.0)).sum::<f64>();
        (primal + solver.objective()) / solver.objective().abs()
    };
    let gaps = [relative_gap(1e-1), relative_gap(1e-3), relative_gap(1e-6)];
    assert!(gaps[0] > gaps[1] && gaps[1] > gaps[2] && gaps[2] > -1e-12, "{gaps:?}");
    assert!(gaps[1] < 1e-3 && gaps[2] < 1e-6, "{gaps:?}");
}

#[test]
fn the_size_of_the_cache_changes_no_bit() {
    let (x, bad, c) = noisy(300, 1);
    for kernel in kernels() {
        let run_with = |cache_bytes| run(solver(&x, &bad, &c, kernel, Limits { cache_bytes, ..USUAL })).0;
        let large = run_with(1 << 26);
        for cache_bytes in [0, 40 * 320 * 4] {
            let small = run_with(cache_bytes);
            assert_eq!(small.alpha(), large.alpha());
            assert_eq!((small.iterations(), small.gap()), (large.iterations(), large.gap()));
        }
    }
}

#[test]
fn portions_change_no_bit_and_points_are_few() {
    let (x, bad, c) = noisy(400, 2);
    let kernel = Kernel::Rbf { gamma: 2.0 };
    let run_by = |work: u64| {
        let mut solver = solver(&x, &bad, &c, kernel, TIGHT);
        let mut points: Vec<Point> = Vec::new();
        while solver.advance(work, &mut |point| points.push(point)).is_none() {}
        (solver.alpha(), solver.iterations(), points)
    };
    let whole = run_by(u64::MAX);
    assert_eq!(run_by(1), whole);
    assert_eq!(run_by(12_345), whole);
    let (_, iterations, points) = whole;
    assert!(points.len() < 800 && points[0].x == 0.0 && points[points.len() - 1].x == iterations as f64);
}

#[test]
fn every_moment_is_feasible() {
    let (x, bad, c) = noisy(200, 3);
    let mut solver = solver(&x, &bad, &c, Kernel::Rbf { gamma: 1.0 }, USUAL);
    let mut objective = 0.0;
    while solver.advance(1, &mut |_| {}).is_none() {
        assert!(solver.alpha().iter().zip(&c).all(|(alpha, c)| (0.0..=*c).contains(alpha)));
        assert!(solver.objective() <= objective + 1e-5);
        objective = solver.objective();
        let own = solver.own_decision_values();
        let model = solver.model().decision_values(&x);
        assert!(own.iter().zip(&model).all(|(own, model)| (own - model).abs() < 1e-4));
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let (x, bad, c) = noisy(250, 4);
    let mut order: Vec<usize> = (0..250).collect();
    order.shuffle(&mut stream(4, Purpose::Sample, 4));
    let kernel = Kernel::Rbf { gamma: 0.7 };
    let first = solve(&x, &bad, &c, kernel);
    let bad_moved: Vec<bool> = order.iter().map(|&row| bad[row]).collect();
    let c_moved: Vec<f64> = order.iter().map(|&row| c[row]).collect();
    let second = solve(&x.select(Axis(0), &order), &bad_moved, &c_moved, kernel);
    assert!((first.objective() - second.objective()).abs() < 1e-9 * first.objective().abs());
    assert!((first.rho() - second.rho()).abs() < 1e-7);
}

#[test]
fn swapped_labels_flip_the_sign() {
    let (x, bad, c) = noisy(250, 5);
    let swapped: Vec<bool> = bad.iter().map(|bad| !bad).collect();
    let kernel = Kernel::Rbf { gamma: 0.7 };
    let (first, second) = (solve(&x, &bad, &c, kernel), solve(&x, &swapped, &c, kernel));
    assert!((first.objective() - second.objective()).abs() < 1e-9 * first.objective().abs());
    let values = first.model().decision_values(&x) + second.model().decision_values(&x);
    assert!(values.iter().all(|sum| sum.abs() < 1e-6));
}

#[test]
fn duplicates_contradictions_and_constant_columns_end() {
    let constant = Array2::ones((60, 3));
    let bad: Vec<bool> = (0..60).map(|row| row % 3 == 0).collect();
    for kernel in kernels() {
        let (solver, reason) = run(solver(&constant, &bad, &[1.0; 60], kernel, USUAL));
        assert_eq!(reason, StopReason::Converged);
        assert!(solver.model().decision_values(&constant).iter().all(|value| value.is_finite()));
    }
    // Every row twice, once under each label.
    let (x, bad, _) = noisy(40, 6);
    let twice = ndarray::concatenate![Axis(0), x, x];
    let both: Vec<bool> = bad.iter().copied().chain(bad.iter().map(|bad| !bad)).collect();
    for kernel in kernels() {
        let (_, reason) = run(solver(&twice, &both, &[1.0; 80], kernel, USUAL));
        assert_eq!(reason, StopReason::Converged);
    }
}

/// Columns far apart in scale and a huge C: single-precision kernel values cannot do justice to that, and at 1e25 they
/// overflow. It must end, and be honest about how far it came.
#[test]
fn hopeless_scaling_ends_with_an_honest_gap() {
    let limits = Limits { max_iterations: 50_000, ..USUAL };
    for scale in [1e6, 1e25] {
        let (mut x, bad, _) = noisy(80, 7);
        x.column_mut(0).mapv_inplace(|value| value * scale);
        for kernel in [Kernel::Linear, Kernel::Rbf { gamma: 1e-9 }] {
            let (solver, reason) = run(solver(&x, &bad, &[1e6; 80], kernel, limits));
            assert_eq!(reason == StopReason::Converged, solver.gap() < 1e-3);
            assert!(solver.gap().is_finite() || reason == StopReason::Stalled);
            assert!(solver.rho().is_finite() && solver.iterations() <= 50_000);
        }
    }
}
