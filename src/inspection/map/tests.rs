use ndarray::{array, s};

use super::*;

fn go() -> AtomicBool {
    AtomicBool::new(false)
}

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} is not {b}");
}

/// `rows` rows of independent normal columns with these standard deviations, turned by a fixed mixing of neighbours.
fn normal(rows: usize, deviations: &[f64]) -> Array2<f32> {
    let mut random = stream(3, Purpose::Sample, 77);
    let mut x = Array2::zeros((rows, deviations.len()));
    for mut row in x.outer_iter_mut() {
        for (value, deviation) in row.iter_mut().zip(deviations) {
            *value = (deviation * random.sample::<f64, _>(StandardNormal)) as f32;
        }
        for k in 1..deviations.len() {
            let (a, b) = (row[k - 1], row[k]);
            (row[k - 1], row[k]) = (0.8 * a - 0.6 * b, 0.6 * a + 0.8 * b);
        }
    }
    x
}

/// C, its trace, and how far C·w is from λ·w for both axes, in units of the trace.
fn residuals(plane: &Plane, x: &Array2<f32>) -> [f64; 2] {
    let mut centred = x.mapv(f64::from);
    let mean = centred.mean_axis(Axis(0)).unwrap();
    centred -= &mean;
    let covariance = centred.t().dot(&centred) / x.nrows() as f64;
    let trace = covariance.diag().sum();
    [0, 1].map(|k| {
        let axis = plane.axes().row(k).to_owned();
        let error = covariance.dot(&axis) - &axis * (plane.explained[k] * trace);
        error.dot(&error).sqrt() / trace
    })
}

#[test]
fn three_columns_by_hand() {
    // The third column repeats the first, the second is alone: C = [[2, 0, 2], [0, 1, 0], [2, 0, 2]] has the eigenvalues
    // 4 on (1, 0, 1)/√2, 1 on (0, 1, 0) and 0.
    let (a, b) = (2.0_f32.sqrt(), 1.0_f32);
    let x = array![[a, b, a], [-a, b, -a], [a, -b, a], [-a, -b, -a]];
    let bad = [Some(true), Some(false), None, None];
    let plane = Plane::fit(&x, &bad, &go()).unwrap();
    near(plane.explained[0], 0.8, 1e-7);
    near(plane.explained[1], 0.2, 1e-7);
    let half = 0.5_f64.sqrt();
    for (k, expected) in [[half, 0.0, half], [0.0, 1.0, 0.0]].into_iter().enumerate() {
        for (weight, expected) in plane.axes().row(k).iter().zip(expected) {
            near(*weight, expected, 1e-7);
        }
    }
    let points = plane.points(&x);
    assert!((points[0][0] - 2.0).abs() < 1e-6 && (points[0][1] - 1.0).abs() < 1e-6, "{:?}", points[0]);
    // The other way round for the other class.
    let plane = Plane::fit(&x, &[Some(false), Some(true), None, None], &go()).unwrap();
    near(plane.axes()[[0, 0]], -half, 1e-7);
    near(plane.axes()[[1, 1]], 1.0, 1e-7);
}

#[test]
fn a_correlation_by_its_closed_form() {
    // Of two columns with variance 1 and correlation r the eigenvalues are 1 ± r; a third column that is always 0 adds none.
    let x = array![[1.0_f32, 0.6, 0.0], [-1.0, -0.6, 0.0], [0.0, 0.8, 0.0], [0.0, -0.8, 0.0]];
    let plane = Plane::fit(&x, &[None; 4], &go()).unwrap();
    // C = ½[[1, 0.6], [0.6, 1]].
    near(plane.explained[0], 0.8, 1e-6);
    near(plane.explained[1], 0.2, 1e-6);
    near(plane.axes()[[0, 0]], 0.5_f64.sqrt(), 1e-6);
}

#[test]
fn one_or_two_columns_are_left_as_they_are() {
    let x = array![[1.0_f32, 5.0], [3.0, 5.0], [5.0, 8.0]];
    let plane = Plane::fit(&x, &[Some(true), Some(false), Some(false)], &go()).unwrap();
    assert_eq!(plane.points(&x), [[-2.0, -1.0], [0.0, -1.0], [2.0, 2.0]]);
    // Variances 8/3 and 2.
    near(plane.explained[0], 8.0 / 14.0, 1e-12);
    let one = Plane::fit(&x.slice(s![.., ..1]), &[None; 3], &go()).unwrap();
    assert_eq!((one.explained, one.points(&x.slice(s![.., ..1]))[2]), ([1.0, 0.0], [2.0, 0.0]));
}

#[test]
fn both_ways_solve_the_eigenvalue_problem_and_agree() {
    let deviations: Vec<f64> = (0..20).map(|k| 3.0 * 0.8_f64.powi(k)).collect();
    let x = normal(200, &deviations);
    let plane = Plane::fit(&x, &[None; 200], &go()).unwrap();
    assert!(residuals(&plane, &x).into_iter().all(|error| error < 1e-12), "{:?}", residuals(&plane, &x));
    near(plane.axes().row(0).dot(&plane.axes().row(1)), 0.0, 1e-12);

    let mut centred = x.mapv(f64::from);
    let mean = centred.mean_axis(Axis(0)).unwrap();
    centred -= &mean;
    let total = centred.iter().map(|x| x * x).sum::<f64>() / 200.0;
    let (axes, values) = iterated(&centred, total, &go()).unwrap();
    for k in 0..2 {
        near(values[k] / total, plane.explained[k], 1e-8);
        near(axes.row(k).dot(&plane.axes().row(k)).abs(), 1.0, 1e-6);
    }
}

#[test]
fn many_columns_are_mapped_too() {
    let deviations: Vec<f64> = (0..EXACT + 44).map(|k| if k < 2 { 5.0 - k as f64 } else { 0.3 }).collect();
    let x = normal(150, &deviations);
    let plane = Plane::fit(&x, &[None; 150], &go()).unwrap();
    assert!(residuals(&plane, &x).into_iter().all(|error| error < 1e-4), "{:?}", residuals(&plane, &x));
    assert_eq!(plane, Plane::fit(&x, &[None; 150], &go()).unwrap());
    assert_eq!(Plane::fit(&x, &[None; 150], &AtomicBool::new(true)), None);
}

#[test]
fn what_cannot_be_mapped_is_undefined() {
    let fit = |x: Array2<f32>| Plane::fit(&x, &vec![None; x.nrows()], &go());
    assert_eq!(fit(Array2::from_elem((5, 3), 0.1)), None, "all rows alike");
    assert_eq!(fit(Array2::zeros((1, 3))), None);
    assert_eq!(fit(Array2::zeros((4, 0))), None);
    assert_eq!(fit(array![[1.0, f32::NAN, 0.0], [0.0, 1.0, 2.0]]), None);
}

#[test]
fn at_most_so_many_rows_are_drawn_labelled_ones_first() {
    let (labelled, unlabelled): (Vec<usize>, Vec<usize>) = ((0..50).collect(), (50..200).collect());
    assert_eq!(rows_to_draw(&labelled, &unlabelled, 500, 1), (0..200).collect::<Vec<_>>());
    let rows = rows_to_draw(&labelled, &unlabelled, 80, 1);
    assert_eq!((rows.len(), rows.iter().filter(|&&row| row < 50).count()), (80, 50));
    assert!(rows.is_sorted_by(|a, b| a < b));
    assert_eq!(rows, rows_to_draw(&labelled, &unlabelled, 80, 1));
    assert_ne!(rows, rows_to_draw(&labelled, &unlabelled, 80, 2));
    assert_eq!(rows_to_draw(&labelled, &unlabelled, 20, 1).len(), 20);
    assert!(rows_to_draw(&[], &[], 10, 1).is_empty());
}
