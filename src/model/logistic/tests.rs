//! The fit against scikit-learn, closed forms, finite differences and what must not matter.

use std::sync::Arc;

use ndarray::{Array1, Array2, Axis, concatenate};

use super::newton::Sums;
use super::{LogisticLearner, LogisticSettings};
use crate::model::log_odds::TwoClasses;
use crate::model::{
    Advance, ClassWeight, Classifier, FitFacts, Learner as _, Point, Series, StopReason, TrainingSet, auc,
};

fn set(x: Array2<f32>, y: Vec<usize>) -> TrainingSet {
    TrainingSet { x_unlabelled: Array2::zeros((0, x.ncols())), x, y, n_classes: 2, groups: Vec::new() }
}

/// Three inputs by a fixed recurrence, the first shifted by the class, the last far from zero.
fn clouds(n_rows: usize) -> TrainingSet {
    let mut state = 12345_u64;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f64 / f64::from(1 << 24) - 0.5
    };
    let y: Vec<usize> = (0..n_rows).map(|i| usize::from(i % 3 == 0)).collect();
    let x = Array2::from_shape_fn((n_rows, 3), |(i, j)| match j {
        0 => (2.0 * next() + y[i] as f64) as f32,
        1 => (2.0 * next()) as f32,
        _ => (2.0 * next() * 10.0 + 100.0) as f32,
    });
    set(x, y)
}

struct Fit {
    coefficients: Vec<f64>,
    odds_ratios: Vec<f64>,
    errors: Vec<f64>,
    intercept: f64,
    iterations: u64,
    reason: StopReason,
    model: Arc<dyn Classifier>,
    points: Vec<Point>,
}

fn fit(set: &TrainingSet, settings: &LogisticSettings) -> Fit {
    let mut learner = LogisticLearner::new(Arc::new(set.clone()), settings.check().unwrap()).unwrap();
    let mut points = Vec::new();
    let reason = (0..100_000).find_map(|_| match learner.advance(&mut |point| points.push(point)) {
        Advance::Finished(reason) => Some(reason),
        _ => None,
    });
    let FitFacts::Logistic { coefficients, odds_ratios, standard_errors, intercept, iterations, .. } = learner.facts()
    else {
        panic!("facts of a logistic regression")
    };
    Fit {
        coefficients,
        odds_ratios,
        errors: standard_errors,
        intercept,
        iterations,
        reason: reason.unwrap(),
        model: learner.classifier(),
        points,
    }
}

fn exact(c: f64, class_weight: ClassWeight) -> LogisticSettings {
    LogisticSettings { c, class_weight, tolerance: 1e-10, ..LogisticSettings::default() }
}

fn assert_close(found: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() <= tolerance, "{found} against {wanted}");
    }
}

#[test]
fn scikit_learn_s_coefficients() {
    // sklearn 1.x LogisticRegression(solver="newton-cholesky", tol=1e-14), lbfgs agreeing to 5e-7.
    let cases: [(f64, ClassWeight, [f64; 3], f64); 4] = [
        (1.0, ClassWeight::None, [1.3474692734382254, -0.0644691548289678, 0.0011700984830460498], -1.2531044082029819),
        (
            0.01,
            ClassWeight::None,
            [0.03847967987607409, -0.0038337654418151923, -0.021245234596108775],
            1.4223511643134656,
        ),
        (100.0, ClassWeight::None, [3.1708185727341194, 0.09942436460510237, 0.04567996007638455], -6.536722001373113),
        // Ours takes the weights' log-ratio, ln 2 with 16 good rows and 8 bad ones, off the intercept again.
        (
            1.0,
            ClassWeight::Balanced,
            [1.4580549985334355, -0.06293308468161461, 0.0045535482926026966],
            -0.9984915630228746 - std::f64::consts::LN_2,
        ),
    ];
    let set = clouds(24);
    for (c, weight, coefficients, intercept) in cases {
        let fit = fit(&set, &exact(c, weight));
        assert_eq!(fit.reason, StopReason::Converged);
        assert_close(&fit.coefficients, &coefficients, 1e-7);
        assert_close(&[fit.intercept], &[intercept], 1e-5);
        assert!(fit.iterations < 10, "{} steps", fit.iterations);
    }
    // Square roots of the inverse penalised Hessian's diagonal at C = 1, by numpy.
    let errors = [0.654110443552508, 0.615370794144727, 0.07366898753045302];
    assert_close(&fit(&set, &exact(1.0, ClassWeight::None)).errors, &errors, 1e-7);
}

#[test]
fn an_odds_ratio_is_that_of_a_standard_deviation() {
    let set = clouds(24);
    let fit = fit(&set, &LogisticSettings::default());
    for j in 0..3 {
        let deviation = set.x.column(j).mapv(f64::from).std(0.0);
        assert!((fit.odds_ratios[j].ln() - fit.coefficients[j] * deviation).abs() < 1e-9);
    }
}

#[test]
fn gradient_and_hessian_are_the_slopes_of_the_penalised_loss() {
    let set = clouds(24);
    let classes = TwoClasses::of_set(&set, ClassWeight::Balanced).unwrap();
    let block = concatenate![Axis(1), set.x.mapv(|x| f64::from(x) / 50.0), Array2::ones((24, 1))];
    let at = |theta: &Array1<f64>| {
        let mut sums = Sums::zero(4);
        // In two blocks, as portions do it.
        let log_odds = block.dot(theta).to_vec();
        for rows in [0..10, 10..24] {
            let part = block.slice(ndarray::s![rows.clone(), ..]).to_owned();
            sums.add(part, &log_odds[rows.clone()], &set.y[rows], &classes);
        }
        sums.penalise(0.7, theta);
        sums
    };
    let theta = ndarray::array![0.8, -1.1, 0.3, -0.4];
    let sums = at(&theta);
    for j in 0..4 {
        let (mut up, mut down) = (theta.clone(), theta.clone());
        up[j] += 1e-5;
        down[j] -= 1e-5;
        let (up, down) = (at(&up), at(&down));
        assert!(((up.loss - down.loss) / 2e-5 - sums.gradient[j]).abs() < 1e-7);
        for i in 0..4 {
            assert!(((up.gradient[i] - down.gradient[i]) / 2e-5 - sums.hessian[[i, j]]).abs() < 1e-7);
        }
    }
}

#[test]
fn with_nothing_to_go_by_the_base_rate_is_the_answer() {
    // A constant input: the intercept alone, ln(3 / 7), at any class weights.
    let set = set(Array2::from_elem((10, 1), 7.3), vec![0, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
    for weight in [ClassWeight::None, ClassWeight::Balanced] {
        let fit = fit(&set, &exact(1.0, weight));
        assert_eq!((fit.reason, fit.iterations), (StopReason::Converged, 0));
        assert_close(&fit.coefficients, &[0.0], 0.0);
        assert_close(&fit.odds_ratios, &[1.0], 0.0);
        assert_close(&[fit.intercept], &[(3.0_f64 / 7.0).ln()], 1e-12);
        assert!((fit.model.probabilities(set.x.view())[[0, 1]] - 0.3).abs() < 1e-12);
        assert_eq!(fit.points[0].series, Series::LossTraining);
    }
}

#[test]
fn balanced_classes_are_rows_written_twice() {
    // 16 good rows and 8 bad ones weigh 3/4 and 3/2: three quarters of every bad row written twice.
    let set = clouds(24);
    let bad: Vec<usize> = (0..24).filter(|&row| set.y[row] == 1).collect();
    let rows: Vec<usize> = (0..24).chain(bad).collect();
    let twice = self::set(set.x.select(Axis(0), &rows), rows.iter().map(|&row| set.y[row]).collect());
    let balanced = fit(&set, &exact(1.0, ClassWeight::Balanced));
    let doubled = fit(&twice, &exact(0.75, ClassWeight::None));
    assert_close(&balanced.coefficients, &doubled.coefficients, 1e-7);
    assert_close(&[balanced.intercept + std::f64::consts::LN_2], &[doubled.intercept], 1e-5);
}

#[test]
fn separable_and_repeated_columns_end_too() {
    // One column tells the classes apart, the second repeats it, the third is it at another scale.
    let y: Vec<usize> = (0..40).map(|i| usize::from(i >= 20)).collect();
    let x = Array2::from_shape_fn((40, 3), |(i, j)| (i as f32 - 19.5) * [1.0, 1.0, 1e5][j]);
    let set = set(x, y);
    for c in [1e-6, 1.0, 1e6] {
        let fit = fit(&set, &LogisticSettings { c, ..LogisticSettings::default() });
        assert_eq!(fit.reason, StopReason::Converged, "C = {c}");
        assert!((fit.coefficients[0] - fit.coefficients[1]).abs() < 1e-6);
        let bad: Vec<bool> = set.y.iter().map(|&class| class == 1).collect();
        assert_eq!(auc(&bad, &fit.model.scores(set.x.view()).to_vec()), Some(1.0));
        assert!(fit.errors.iter().chain(&fit.odds_ratios).all(|value| value.is_finite()));
    }
}

#[test]
fn rows_of_many_portions_are_all_seen_and_a_limit_is_kept() {
    let set = clouds(70_000);
    let many = fit(&set, &exact(1.0, ClassWeight::None));
    assert_eq!(many.reason, StopReason::Converged);
    // At the minimum the residuals are at right angles to the ones, and to each input but for the penalty.
    let p = many.model.probabilities(set.x.view());
    let residual = Array1::from_shape_fn(70_000, |row| p[[row, 1]] - set.y[row] as f64);
    assert!(residual.sum().abs() < 1e-5);
    for j in 0..3 {
        let slope = residual.dot(&set.x.column(j).mapv(f64::from)) + many.coefficients[j];
        assert!(slope.abs() < 1e-3, "{slope}");
    }
    assert!(many.points.is_sorted_by(|a, b| a.y >= b.y));
    let limited = fit(&set, &LogisticSettings { max_iterations: 1, ..exact(1.0, ClassWeight::None) });
    assert_eq!((limited.reason, limited.iterations), (StopReason::Limit, 1));
}
