//! What is filled is near the truth, and knows nothing of held-out rows.

use std::fmt::Write as _;

use rand::RngExt as _;
use rand_distr::{Distribution as _, StandardNormal};

use crate::data::{Dataset, RoleRequest, Split, guess, profile, read};
use crate::random::{Purpose, stream};
use crate::training::{PreparedFold, RunSettings, prepare};

/// Rows of the table, the last quarter held out.
const ROWS: usize = 400;
const COLUMNS: usize = 6;

/// Columns x = f + 0.3·e of one factor f, f and e standard normal, as CSV; the label is the sign of f. `shown` tells
/// whether the cell of a row and a column is written.
fn table(shown: impl Fn(usize, usize) -> bool, held_out_times: f64) -> Dataset {
    let mut random = stream(30, Purpose::Sample, 0);
    let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
    let names: Vec<String> = (0..COLUMNS).map(|column| format!("x{column}")).collect();
    let mut csv = names.join(",") + ",label\n";
    for row in 0..ROWS {
        let factor = normal();
        for column in 0..COLUMNS {
            let mut x = factor + 0.3 * normal();
            if row >= ROWS * 3 / 4 {
                x *= held_out_times;
            }
            if shown(row, column) {
                write!(csv, "{x}").unwrap();
            }
            csv.push(',');
        }
        writeln!(csv, "{}", u8::from(factor > 0.0)).unwrap();
    }
    let (table, _) = read(csv.as_bytes()).unwrap();
    let profiles = profile(&table);
    let request = RoleRequest { label: Some("label".to_owned()), ..RoleRequest::default() };
    let guess = guess(&table, &profiles, &request).unwrap();
    Dataset::from_table(&table, &guess.roles).unwrap()
}

/// One cell of every third row is missing.
fn with_gaps(row: usize, column: usize) -> bool {
    !row.is_multiple_of(3) || row / 3 % COLUMNS != column
}

fn fold(data: &Dataset, sets: &[(&str, &str)]) -> PreparedFold {
    let mut settings = RunSettings::default();
    settings.set("preparation.scale.method", "standardise").unwrap();
    for (key, value) in sets {
        settings.set(key, value).unwrap();
    }
    let (train, test) = ((0..ROWS * 3 / 4).collect(), (ROWS * 3 / 4..ROWS).collect());
    let unlabelled = data.unlabelled_rows().into();
    let split = Split { fold: 0, repeat: 0, train, validation: Vec::new(), test, unlabelled, withheld: 0 };
    prepare(data, &split, &settings.check().unwrap()).unwrap()
}

/// Mean squared error over the missing cells of training and held-out rows, in variances of the columns.
fn error(fill: &str) -> f64 {
    let fold = fold(&table(with_gaps, 1.0), &[("preparation.missing.fill", fill)]);
    let truth = table(|_, _| true, 1.0);
    let truth = fold.preparation.apply(&truth, &(0..ROWS).collect::<Vec<_>>());
    let mut squares = Vec::new();
    for row in 0..ROWS {
        let inputs = match row.checked_sub(ROWS * 3 / 4) {
            None => fold.training.x.row(row),
            Some(row) => fold.x_test.row(row),
        };
        for column in (0..COLUMNS).filter(|&column| !with_gaps(row, column)) {
            let input = fold.preparation.inputs_of(&format!("x{column}")).unwrap().values.start;
            squares.push(f64::from(inputs[input] - truth[[row, input]]).powi(2));
        }
    }
    assert_eq!(squares.len(), ROWS.div_ceil(3));
    squares.iter().sum::<f64>() / squares.len() as f64
}

#[test]
fn correlated_columns_are_filled_closer_than_by_the_median() {
    // The median leaves the variance of a column, 1. The best guess of f from the five other columns leaves
    // 1/(1 + 5/0.09) = 0.018 of it, so the best guess of x leaves (0.018 + 0.09)/1.09 = 0.10; the mean of five neighbours
    // adds a fifth of that. The mean of 134 squared errors is known to √(2/134) = 12 % of itself: three times that is let
    // through, and for the machine, which need not be the best guess, twice as much again.
    let (median, knn, rbm) = (error("median"), error("knn"), error("rbm"));
    assert!((0.64..1.36).contains(&median), "{median}");
    assert!(knn < 0.12 * 1.36, "{knn}");
    assert!(rbm < 0.12 * 1.36 * 2.0, "{rbm}");
}

#[test]
fn a_filling_never_looks_at_held_out_rows() {
    for fill in ["mean", "knn", "rbm"] {
        let set = [("preparation.missing.fill", fill)];
        let first = fold(&table(with_gaps, 1.0), &set);
        let other = fold(&table(|row, column| with_gaps(row, column) || row >= ROWS * 3 / 4, -7.0), &set);
        assert_eq!(first.training.x, other.training.x, "{fill}");
        assert_eq!(first.preparation, other.preparation, "{fill}");
        assert_eq!(first.filling, other.filling, "{fill}");
        assert_ne!(first.x_test, other.x_test);
    }
}

#[test]
fn only_missing_numbers_are_replaced() {
    let data = table(with_gaps, 1.0);
    let (median, rbm) = (fold(&data, &[]), fold(&data, &[("preparation.missing.fill", "rbm")]));
    assert_eq!(median.preparation, rbm.preparation, "the machine comes after the median");
    let rows: Vec<usize> = (0..ROWS * 3 / 4).collect();
    let missing = rbm.preparation.missing_inputs(&data, &rows);
    for (row, missing) in missing.iter().enumerate() {
        for input in 0..rbm.training.x.ncols() {
            let same = median.training.x[[row, input]] == rbm.training.x[[row, input]];
            assert_eq!(same, !missing.contains(&input), "row {row}, input {input}");
        }
    }
}

#[test]
fn a_row_is_filled_by_itself() {
    let data = table(with_gaps, 1.0);
    let fold = fold(&data, &[("preparation.missing.fill", "rbm"), ("dbn.pre_training.epochs", "3")]);
    let filling = fold.filling.as_ref().unwrap();
    let mut random = stream(31, Purpose::Sample, 0);
    for _ in 0..20 {
        let row = random.random_range(ROWS * 3 / 4..ROWS);
        let mut x = fold.preparation.apply(&data, &[row]);
        filling.fill(&mut x, &[row], &fold.preparation.missing_inputs(&data, &[row]));
        assert_eq!(x.row(0), fold.x_test.row(row - ROWS * 3 / 4));
    }
}

#[test]
fn a_machine_that_runs_away_is_told_and_fills_finite_numbers() {
    let data = table(with_gaps, 1.0);
    let fold = fold(&data, &[("preparation.missing.fill", "rbm"), ("dbn.pre_training.gaussian_rate", "1")]);
    assert!(fold.training.x.iter().chain(&fold.x_test).all(|x| x.is_finite()));
    let told = fold.notices();
    assert!(told.iter().any(|told| told.contains("The RBM that fills missing cells: RBM 1 diverged")), "{told:?}");
}
