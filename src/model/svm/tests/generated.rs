//! Problems made by a generator of our own, solved once by LIBSVM through scikit-learn's `SVC(tol=1e-6)` from the same
//! numbers, its objective computed afresh from its α in double precision. LIBSVM keeps kernel values in single precision:
//! seven digits.

use ndarray::Array2;
use rand::RngExt as _;

use super::{Limits, TIGHT, run};
use crate::model::StopReason;
use crate::model::svm::{Kernel, LinearSolver, Problem, Solver};
use crate::random::{Purpose, stream};

/// `n` rows of `n_inputs` uniform inputs, every second one leaning on the one before. A row is bad where a curved function
/// of the first inputs is above `border`; one label in twenty-five is turned round. No function but + and × is used, so the
/// rows are the same on every machine.
fn made(n: usize, n_inputs: usize, border: f32) -> (Array2<f32>, Vec<bool>) {
    let mut random = stream(5, Purpose::Sample, n as u64);
    let mut x = Array2::from_shape_fn((n, n_inputs), |_| random.random_range(-1.75_f32..1.75));
    for mut row in x.outer_iter_mut() {
        for j in (1..n_inputs).step_by(2) {
            row[j] = 0.75 * row[j] + 0.5 * row[j - 1];
        }
    }
    let value = |row: usize| x[[row, 0]] + x[[row, 2]] * x[[row, 3]] - 0.5 * x[[row, 4]] * x[[row, 4]];
    let bad = (0..n).map(|row| (value(row) > border) != (random.random_range(0..25) == 0)).collect();
    (x, bad)
}

/// 300 × 8, 180 bad.
fn small() -> (Array2<f32>, Vec<bool>) {
    made(300, 8, -0.25)
}

/// 3,000 × 18, 768 bad.
fn large() -> (Array2<f32>, Vec<bool>) {
    made(3000, 18, 1.0)
}

/// C of every row, or n/(2 nₖ) times that.
fn bounds(bad: &[bool], c: f64, balanced: bool) -> Vec<f64> {
    let n_bad = bad.iter().filter(|&&bad| bad).count();
    let weight = |n_class: usize| bad.len() as f64 / (2 * n_class) as f64;
    let (of_bad, of_good) = if balanced { (weight(n_bad), weight(bad.len() - n_bad)) } else { (1.0, 1.0) };
    bad.iter().map(|&bad| c * if bad { of_bad } else { of_good }).collect()
}

/// Whether ours comes to the same objective and offset.
fn agrees((x, bad): &(Array2<f32>, Vec<bool>), kernel: Kernel, c: f64, balanced: bool, objective: f64, offset: f64) {
    let problem = Problem::new(x.clone(), bad, bounds(bad, c, balanced)).unwrap();
    let (solver, reason) = run(Solver::new(problem, kernel, Limits { tolerance: 1e-5, ..TIGHT }));
    assert!(reason == StopReason::Converged && solver.gap() <= 1e-5);
    let (got, rho) = (solver.objective(), solver.rho());
    assert!((got / objective - 1.0).abs() < 1e-7, "{kernel:?} C = {c}: {got} in place of {objective}");
    assert!((rho + offset).abs() < 1e-4, "{kernel:?} C = {c}: {rho} in place of {}", -offset);
}

/// The objective of a fit at the usual tolerance is a few millionths from the optimum, never below it.
#[test]
fn the_usual_tolerance_comes_near() {
    let (x, bad) = small();
    let problem = Problem::new(x, &bad, bounds(&bad, 1.0, false)).unwrap();
    let (solver, _) = run(Solver::new(problem, Kernel::Rbf { gamma: 1.0 / 8.0 }, Limits { tolerance: 1e-3, ..TIGHT }));
    let above = 1.0 - solver.objective() / -102.59899900;
    assert!((-1e-7..1e-5).contains(&above), "{above}");
}

#[test]
fn rbf() {
    let (small, large) = (small(), large());
    let kernel = Kernel::Rbf { gamma: 1.0 / 8.0 };
    agrees(&small, kernel, 1.0, false, -102.59899900, 0.40092894);
    agrees(&small, kernel, 10.0, false, -404.48068054, 0.16109951);
    agrees(&small, kernel, 1.0, true, -107.03881644, 0.34720594);
    let kernel = Kernel::Rbf { gamma: 1.0 / 18.0 };
    agrees(&large, kernel, 1.0, false, -916.39674398, -0.08594400);
    agrees(&large, kernel, 10.0, false, -3651.35966790, -0.41841329);
    agrees(&large, kernel, 1.0, true, -1062.07185776, 0.04672179);
}

#[test]
fn polynomial() {
    let kernel = Kernel::Polynomial { gamma: 1.0 / 8.0, coef0: 1.0, degree: 3 };
    agrees(&small(), kernel, 1.0, false, -64.57036982, 0.18986207);
    let kernel = Kernel::Polynomial { gamma: 1.0 / 16.0, coef0: 1.0, degree: 2 };
    agrees(&large(), kernel, 1.0, false, -832.23476629, -1.60938136);
}

/// The lowest eigenvalue of this kernel matrix is −0.03, so the dual need not have one minimum only; this one both find.
#[test]
fn sigmoid() {
    let kernel = Kernel::Sigmoid { gamma: 0.02, coef0: 0.0 };
    agrees(&small(), kernel, 1.0, false, -166.93210730, 0.22187768);
}

#[test]
fn linear_by_both_solvers() {
    let (small, large) = (small(), large());
    agrees(&small, Kernel::Linear, 1.0, false, -142.96546681, 0.27491514);
    agrees(&small, Kernel::Linear, 1.0, true, -146.50588279, -0.01955008);
    let cases = [
        (&small, 1.0, false, -142.96546681),
        (&small, 100.0, false, -14221.05794710),
        (&small, 1.0, true, -146.50588279),
        (&large, 1.0, true, -1886.01246399),
    ];
    for ((x, bad), c, balanced, objective) in cases {
        let problem = Problem::new(x.clone(), bad, bounds(bad, c, balanced)).unwrap();
        let mut solver = LinearSolver::new(problem, Limits { tolerance: 1e-5, ..TIGHT });
        while solver.advance(u64::MAX, &mut |_| {}).is_none() {}
        assert_eq!(solver.stop_reason(), Some(StopReason::Converged));
        assert!((solver.objective() / objective - 1.0).abs() < 1e-7, "{} in place of {objective}", solver.objective());
    }
}
