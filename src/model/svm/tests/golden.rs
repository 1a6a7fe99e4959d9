//! Published and hand-computed solutions. Where no other source is named: scikit-learn's `test_svm.py` and LIBSVM.

use ndarray::{Array2, array};

use super::{Solver, TIGHT, assert_close, iris, run, solve};
use crate::model::StopReason;
use crate::model::svm::{Kernel, Limits, LinearSolver, Problem};

const TOY_BAD: [bool; 6] = [false, false, false, true, true, true];

fn toy() -> Array2<f32> {
    array![[-2.0, -1.0], [-1.0, -1.0], [-1.0, -2.0], [1.0, 1.0], [1.0, 2.0], [2.0, 1.0]]
}

/// Solved by the solver for the linear kernel.
fn linear(x: &Array2<f32>, bad: &[bool], c: f64) -> LinearSolver {
    let mut solver = LinearSolver::new(Problem::new(x.clone(), bad, vec![c; bad.len()]).unwrap(), TIGHT);
    while solver.advance(u64::MAX, &mut |_| {}).is_none() {}
    assert_eq!(solver.stop_reason(), Some(StopReason::Converged));
    solver
}

fn toy_decisions(solver: &Solver) -> Vec<f64> {
    decisions(solver, &array![[-1.0, -1.0], [2.0, 2.0], [3.0, 2.0]])
}

fn decisions(solver: &Solver, x: &Array2<f32>) -> Vec<f64> {
    solver.model().decision_values(x).to_vec()
}

/// Share of the solver's own rows on the right side.
fn accuracy(solver: &Solver) -> f64 {
    let values = solver.model().decision_values(&solver.problem().x());
    let right = values.iter().zip(solver.problem().y()).filter(|(value, y)| *value * *y > 0.0);
    right.count() as f64 / values.len() as f64
}

#[test]
fn toy_linear() {
    let solver = solve(&toy(), &TOY_BAD, &[1.0; 6], Kernel::Linear);
    assert_close(&solver.alpha(), &[0.0, 0.25, 0.0, 0.25, 0.0, 0.0], 1e-7);
    assert_close(&[solver.rho(), solver.objective()], &[0.0, -0.25], 1e-7);
    assert_close(&toy_decisions(&solver), &[-1.0, 2.0, 2.5], 1e-7);
    assert_eq!(solver.model().n_support(), 2);

    let solver = solve(&toy(), &TOY_BAD, &[0.1; 6], Kernel::Linear);
    assert_close(&decisions(&solver, &toy()), &[-1.0, -0.66, -1.0, 0.66, 1.0, 1.0], 0.01);
}

#[test]
fn toy_other_kernels() {
    let solver = solve(&toy(), &TOY_BAD, &[1.0; 6], Kernel::Rbf { gamma: 1.0 });
    let (one, two) = (0.73099241, 0.46232422);
    assert_close(&solver.alpha(), &[one, two, one, two, one, one], 1e-6);
    assert_close(&[solver.rho(), solver.objective()], &[0.0, -1.92430906], 1e-7);
    assert_close(&toy_decisions(&solver), &[-1.0, 0.60040293, 0.11543277], 1e-6);

    let solver = solve(&toy(), &TOY_BAD, &[1.0; 6], Kernel::Polynomial { gamma: 1.0, coef0: 0.0, degree: 3 });
    assert_close(&solver.alpha(), &[0.0, 0.0625, 0.0, 0.0625, 0.0, 0.0], 1e-7);
    assert_close(&[solver.objective()], &[-0.0625], 1e-7);
    assert_close(&toy_decisions(&solver), &[-1.0, 8.0, 15.625], 1e-6);

    let solver = solve(&toy(), &TOY_BAD, &[1.0; 6], Kernel::Sigmoid { gamma: 0.1, coef0: 0.0 });
    assert_close(&[solver.objective()], &[-1.81212350], 1e-6);
    assert_close(&toy_decisions(&solver), &[-0.68353209, 1.29228117, 1.55292612], 1e-6);
}

/// By hand: all four α are equal for reasons of symmetry, and 1 = α(1 − 2/e + 1/e²).
#[test]
fn exclusive_or() {
    let x = array![[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]];
    let solver = solve(&x, &[false, false, true, true], &[10.0; 4], Kernel::Rbf { gamma: 1.0 });
    let alpha = (1.0 - (-1.0_f64).exp()).powi(-2);
    assert_close(&solver.alpha(), &[alpha; 4], 1e-6);
    assert_close(&[solver.rho(), solver.objective()], &[0.0, -2.0 * alpha], 1e-6);
    assert_close(&decisions(&solver, &x), &[-1.0, -1.0, 1.0, 1.0], 1e-7);
}

#[test]
fn weights_of_rows() {
    let linear_weights = |c: &[f64]| {
        let solver = solve(&toy(), &TOY_BAD, c, Kernel::Linear);
        let at = decisions(&solver, &array![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]);
        vec![at[1] - at[0], at[2] - at[0]]
    };
    assert_close(&linear_weights(&[1.0, -0.5, 1.0, 1.0, 1.0, 1.0]), &[0.4, 0.4], 1e-3);
    assert_close(&linear_weights(&[1.0, 1.0, 1.0, 0.0, 1.0, 1.0]), &[0.4, 0.4], 1e-3);

    let x = array![[-2.0, 0.0], [-1.0, -1.0], [0.0, -2.0], [0.0, 2.0], [1.0, 1.0], [2.0, 0.0]];
    let on_the_border = |weights: [f64; 6]| {
        let solver = solve(&x, &TOY_BAD, &weights.map(|weight| 0.01 * weight), Kernel::Linear);
        decisions(&solver, &array![[-1.0, 1.0]])[0]
    };
    assert_close(&[on_the_border([1.0; 6])], &[0.0], 1e-9);
    assert!(on_the_border([10.0, 0.1, 0.1, 0.1, 0.1, 10.0]) < 0.0);
    assert!(on_the_border([1.0, 0.1, 10.0, 10.0, 0.1, 0.1]) > 0.0);
}

#[test]
fn an_iteration_limit_is_kept_and_told() {
    let bad: Vec<bool> = (0..100).map(|row| row >= 50).collect();
    let problem = Problem::new(iris::rows(50, 150), &bad, vec![1.0; 100]).unwrap();
    let (solver, reason) = run(Solver::new(problem, Kernel::Linear, Limits { max_iterations: 2, ..TIGHT }));
    assert_eq!((reason, solver.iterations()), (StopReason::Limit, 2));
    assert!(solver.gap() > 0.1 && solver.model().n_support() >= 2);
}

/// A hundredth of C = 100 is C = 1; and C without end is the hard margin, which the toy reaches at C = 1 already.
#[test]
fn weights_scale_c_and_a_huge_c_is_a_hard_margin() {
    let one = solve(&toy(), &TOY_BAD, &[1.0; 6], Kernel::Linear);
    assert_eq!(solve(&toy(), &TOY_BAD, &[100.0 * 0.01; 6], Kernel::Linear).alpha(), one.alpha());
    for kernel in [Kernel::Linear, Kernel::Rbf { gamma: 1.0 }] {
        let huge = solve(&toy(), &TOY_BAD, &[1e10; 6], kernel);
        assert_close(&huge.alpha(), &solve(&toy(), &TOY_BAD, &[1e6; 6], kernel).alpha(), 1e-6);
    }
    assert_close(&linear(&toy(), &TOY_BAD, 1e10).alpha(), &one.alpha(), 1e-7);
}

/// scikit-learn's γ = "scale" is 1/(inputs · variance), 4 for the rows 0 and 1. Once they are standardised, to −1 and 1, it
/// is 1/inputs, which is the default here: the same kernel.
#[test]
fn gamma_of_standardised_rows_is_scale() {
    let bad = [false, true];
    let fit = |x: Array2<f32>, gamma| {
        let problem = Problem::new(x, &bad, vec![5.0; 2]).unwrap();
        run(Solver::new(problem, Kernel::Rbf { gamma }, Limits { tolerance: 1e-6, ..TIGHT })).0
    };
    let raw = fit(array![[0.0], [1.0]], 4.0);
    assert_close(&fit(array![[-1.0], [1.0]], 1.0).alpha(), &raw.alpha(), 1e-6);
    // By hand: α (1 − e⁻⁴) = 1.
    assert_close(&raw.alpha(), &[1.0 / (1.0 - (-4.0_f64).exp()); 2], 1e-6);
}

/// The sources measure in centimetres: with K = 100 K(cm), C = C(cm)/100 has the solution α = α(cm)/100 and the same border.
/// The linear offset is the one that scikit-learn finds in millimetres too, where its single-precision kernel values are
/// exact; from centimetres it finds −6.781127.
#[test]
fn versicolor_against_virginica() {
    let bad: Vec<bool> = (0..100).map(|row| row >= 50).collect();
    let solver = solve(&iris::rows(50, 150), &bad, &[0.01; 100], Kernel::Linear);
    assert_close(&[100.0 * solver.objective(), -solver.rho()], &[-15.75987190, -6.78106122], 1e-6);
    assert_eq!((solver.model().n_support(), accuracy(&solver)), (23, 0.99));
    let solver = linear(&iris::rows(50, 150), &bad, 0.01);
    assert_close(&[100.0 * solver.objective(), -solver.rho()], &[-15.75987190, -6.78106122], 1e-6);
    assert_eq!(solver.model().n_support(), 23);

    let solver = solve(&iris::rows(50, 150), &bad, &[1.0; 100], Kernel::Rbf { gamma: 0.25 / 100.0 });
    assert_close(&[solver.objective(), -solver.rho()], &[-21.37749603, 0.14405644], 1e-6);
    assert_eq!((solver.model().n_support(), accuracy(&solver)), (33, 0.98));
}

#[test]
fn setosa_against_versicolor() {
    let bad: Vec<bool> = (0..100).map(|row| row >= 50).collect();
    let solver = solve(&iris::rows(0, 100), &bad, &[0.01; 100], Kernel::Linear);
    assert_close(&[100.0 * solver.objective(), -solver.rho()], &[-0.74805793, -1.45056012], 1e-6);
    let alpha = solver.alpha();
    assert_eq!((0..100).filter(|&row| alpha[row] > 0.0).collect::<Vec<_>>(), [23, 41, 98]);
    assert_close(&[alpha[23], alpha[41], alpha[98]], &[0.0067133338, 0.0007672387, 0.0074805724], 1e-8);
    let solver = linear(&iris::rows(0, 100), &bad, 0.01);
    assert_close(&[100.0 * solver.objective(), -solver.rho()], &[-0.74805793, -1.45056012], 1e-6);
    assert_close(&solver.alpha(), &alpha, 1e-8);
}
