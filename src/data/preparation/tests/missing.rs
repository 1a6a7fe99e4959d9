//! What missing numbers take, by hand.

use super::*;

/// The first input of all rows, fitted on the first `train`.
fn first(indicators: Vec<(&str, Values)>, train: usize, fill: Fill) -> Vec<f32> {
    let data = data(indicators);
    columns(&fit(&data, 0..train, &filled(fill)), &data)[0].clone()
}

#[test]
fn one_value_for_the_column() {
    // 0, 1, 1, 10 on a scale of tenths: median 1, mean 3, commonest 1; the gap in row 5 is no training row.
    let x = [0.0, 10.0, 1.0, NAN, 1.0, NAN];
    let of = |fill| first(vec![("x", numbers(&x))], 5, fill);
    near(&of(Fill::Median), &[0.0, 1.0, 0.1, 0.1, 0.1, 0.1]);
    near(&of(Fill::Rbm), &[0.0, 1.0, 0.1, 0.1, 0.1, 0.1]);
    near(&of(Fill::Mean), &[0.0, 1.0, 0.1, 0.3, 0.1, 0.3]);
    near(&of(Fill::MostFrequent), &[0.0, 1.0, 0.1, 0.1, 0.1, 0.1]);
    let even = [0.0, 10.0, 2.0, NAN, 4.0, NAN];
    let of = |fill| first(vec![("x", numbers(&even))], 5, fill);
    near(&of(Fill::Median)[5..], &[0.3]);
    near(&of(Fill::MostFrequent)[5..], &[0.0]);
}

#[test]
fn a_filled_value_is_drawn_in_and_scaled_like_any_other() {
    // The upper quartile of 0, 1, 2, 3, 100 is 3, and their mean 21.2 is drawn in to it too.
    let x = [0.0, 1.0, 2.0, 3.0, 100.0, NAN];
    let table = data(vec![("x", numbers(&x))]);
    let outliers = OutlierSettings { method: OutlierMethod::Winsorise, low: 0.0, high: 0.75 };
    let fitted = fit(&table, 0..6, &PreparationSettings { outliers, ..filled(Fill::Mean) });
    near(&columns(&fitted, &table)[0], &[0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0, 1.0, 1.0]);
    // Ranks of 0, 1, 10: a gap filled with the mean 11/3 stands between 1 and 10, at u = 2/3.
    let y = data(vec![("y", numbers(&[0.0, 1.0, 10.0, NAN, 2.0]))]);
    let missing = MissingSettings { fill: Fill::Mean, ..Default::default() };
    let fitted = fit(&y, 0..4, &PreparationSettings { missing, ..Default::default() });
    let found = &columns(&fitted, &y)[0];
    assert_eq!(found[3], found[4]);
    assert!(found[1] < found[3] && found[3] < found[2]);
}

#[test]
fn neighbours_by_hand() {
    // One indicator to compare by. Row 3: nearest of those with y are 2 and 1, mean 3. Row 4 (new): 0 and 1, mean 1.5.
    // Row 5 shares nothing with anyone: the median 2. On the scale from 1 to 4.
    let y = numbers(&[1.0, 2.0, 4.0, NAN, NAN, NAN]);
    let a = numbers(&[0.0, 1.0, 2.0, 10.0, 0.4, NAN]);
    let found = first(vec![("y", y), ("a", a)], 4, Fill::Knn);
    near(&found, &[0.0, 1.0 / 3.0, 1.0, 2.0 / 3.0, 1.0 / 6.0, 1.0 / 3.0]);
}

#[test]
fn a_distance_is_a_mean_over_what_is_shared() {
    // To the last row both of the first two differ by 1 in a; the second is equal in b as well, so it is nearer, whereas
    // by the sum of squares they would be equally near.
    let y = numbers(&[0.0, 10.0, 5.0, 5.0, NAN]);
    let a = numbers(&[1.0, 1.0, 8.0, -8.0, 0.0]);
    let b = numbers(&[NAN, 0.0, 9.0, -9.0, 0.0]);
    let data = data(vec![("y", y), ("a", a), ("b", b)]);
    let mut settings = filled(Fill::Knn);
    settings.missing.neighbours = 1;
    near(&columns(&fit(&data, 0..5, &settings), &data)[0][4..], &[1.0]);
}

#[test]
fn distances_are_in_standard_deviations() {
    // a spreads over thousands, b over ones. Row 4 is one a-spread from row 0 (b equal), and many b-spreads from row 1
    // (a equal): row 0 is nearer, whatever the units.
    let y = numbers(&[0.0, 10.0, 4.0, 4.0, NAN]);
    let a = numbers(&[500.0, 0.0, -2000.0, 2000.0, 0.0]);
    let b = numbers(&[0.0, 3.0, -3.0, 0.0, 0.0]);
    let data = data(vec![("y", y), ("a", a), ("b", b)]);
    let mut settings = filled(Fill::Knn);
    settings.missing.neighbours = 1;
    near(&columns(&fit(&data, 0..5, &settings), &data)[0][4..], &[0.0]);
}

#[test]
fn donors_are_bounded_and_chosen_evenly() {
    // Of 5,000 rows every 2.5th is a donor; y = x, so that a gap takes the nearest donor's x.
    let x: Vec<f64> = (0..5000).map(f64::from).chain([2502.0]).collect();
    let mut y = x.clone();
    y[5000] = NAN;
    let data = data(vec![("y", numbers(&y)), ("x", numbers(&x))]);
    let mut settings = filled(Fill::Knn);
    settings.missing.neighbours = 1;
    // Rows 0, 2, 5, 7, …: both 2500 and 2502 are donors.
    let fitted = fit(&data, 0..5000, &settings);
    near(&[fitted.apply(&data, &[5000])[[0, 0]]], &[2502.0 / 4999.0]);
    let written = serde_json::to_string(&fitted).unwrap();
    assert!(written.len() < 2000 * 2 * 10, "{} characters", written.len());
}
