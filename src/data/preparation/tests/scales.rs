//! Scales and outliers against hand computation and definitions.

use rand::RngExt as _;
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::*;
use crate::random::{Purpose, stream};

#[test]
fn normal_scores_by_hand() {
    // Training values 1, 2, 2, 3 have u = 1/8, 1/2, 1/2, 7/8 and z = −a, 0, 0, a with standard deviation a/√2.
    // New values: 0 and 9 take the outer ranks, 1.5 has u = 2/8, 2.5 has u = 6/8, a missing one u = 1/2.
    let data = data(vec![("x", numbers(&[1.0, 2.0, 2.0, 3.0, 0.0, 9.0, 1.5, 2.5, NAN]))]);
    let fitted = fit(&data, 0..4, &PreparationSettings::default());
    assert_eq!(fitted.input_names(), ["x"]);
    let root = 2.0_f64.sqrt();
    // Φ⁻¹(0.75) and Φ⁻¹(0.875), from tables.
    let quarter = 0.674_489_750_196_081_7 / 1.150_349_380_376_008 * root;
    near(&columns(&fitted, &data)[0], &[-root, 0.0, 0.0, root, -root, root, -quarter, quarter, 0.0]);
}

#[test]
fn missing_numbers_take_the_middle_rank_and_a_flag() {
    // u = 1/4, 3/4 of two values; with two zeros beside them the standard deviation is a/√2.
    let data = data(vec![("x", numbers(&[1.0, NAN, 3.0, NAN, NAN, f64::INFINITY]))]);
    let fitted = fit(&data, 0..4, &PreparationSettings::default());
    assert_eq!(fitted.input_names(), ["x", "x missing"]);
    let root = 2.0_f64.sqrt();
    let found = columns(&fitted, &data);
    near(&found[0], &[-root, 0.0, root, 0.0, 0.0, 0.0]);
    assert_eq!(found[1], [0.0, 2.0, 0.0, 2.0, 2.0, 2.0]);

    let missing = MissingSettings { flags: false, ..Default::default() };
    let without = PreparationSettings { missing, ..Default::default() };
    assert_eq!(fit(&data, 0..4, &without).input_names(), ["x"]);
    assert_eq!(fit(&data, [0, 2], &PreparationSettings::default()).input_names(), ["x"], "no gap among these rows");
}

/// Φ⁻¹ by bisection of Φ: another routine than the one under test.
fn probit(u: f64) -> f64 {
    let normal = Normal::standard();
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if normal.cdf(middle) < u { low = middle } else { high = middle }
    }
    low
}

#[test]
fn normal_scores_are_what_the_definition_says() {
    let mut random = stream(21, Purpose::Sample, 0);
    for _ in 0..50 {
        let x: Vec<f64> = (0..60)
            .map(|_| match random.random_range(0..10) {
                0 => NAN,
                1..5 => f64::from(random.random_range(-3..3)),
                _ => random.random_range(-3.0..3.0),
            })
            .collect();
        let training = &x[..40];
        let count = |holds: &dyn Fn(f64) -> bool| training.iter().filter(|&&v| holds(v)).count() as f64;
        let n = count(&|v| !v.is_nan());
        let z = |x: f64| {
            let u = (count(&|v| v < x) + count(&|v| v <= x)) / (2.0 * n);
            if x.is_nan() { 0.0 } else { probit(u.clamp(0.5 / n, 1.0 - 0.5 / n)) }
        };
        let mean = training.iter().map(|&x| z(x)).sum::<f64>() / 40.0;
        let sd = (training.iter().map(|&x| (z(x) - mean).powi(2)).sum::<f64>() / 40.0).sqrt();
        let expected: Vec<f64> = x.iter().map(|&x| (z(x) - mean) / sd).collect();
        let data = data(vec![("x", numbers(&x))]);
        near(&columns(&fit(&data, 0..40, &PreparationSettings::default()), &data)[0], &expected);
    }
}

#[test]
fn scores_beyond_four_are_clipped() {
    // The lowest of 100,000 ranks is Φ⁻¹(0.000005) = −4.4; the others leave mean 0 and standard deviation 1.
    let x: Vec<f64> = (0..100_000).map(f64::from).collect();
    let data = data(vec![("x", numbers(&x))]);
    let fitted = fit(&data, 0..x.len(), &PreparationSettings::default());
    let found = &columns(&fitted, &data)[0];
    assert!((found[0] + 4.0).abs() < 1e-3 && (found[99_999] - 4.0).abs() < 1e-3, "{} {}", found[0], found[99_999]);
}

#[test]
fn standardised_by_hand() {
    // Median 2 for the missing cells, mean 2, variance (1 + 1 + 0 + 0)/4.
    let data = data(vec![("x", numbers(&[1.0, NAN, 3.0, NAN, 2.5, 1e300]))]);
    let fitted = fit(&data, 0..4, &standardise(0.0));
    let found = columns(&fitted, &data);
    let root = 2.0_f64.sqrt();
    near(&found[0][..5], &[-root, 0.0, root, 0.0, root / 2.0]);
    assert_eq!(found[0][5], 1e6, "an absurd cell stays finite");
    assert_eq!(found[1], [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
}

#[test]
fn winsorised_by_hand() {
    // Of 0, 1, …, 100 the quantiles 1 % and 99 % are 1 and 99. Drawn in, the mean is 50 and the sum of squares is
    // 2·(1² + … + 49²) + 2·49² = 80,850 + 4,802.
    let x: Vec<f64> = (0..=100).map(f64::from).chain([-1e9, 1e9, 50.0]).collect();
    let data = data(vec![("x", numbers(&x))]);
    let found = &columns(&fit(&data, 0..101, &standardise(0.01)), &data)[0];
    let end = 49.0 / (85_652.0_f64 / 101.0).sqrt();
    near(&found[100..], &[end, -end, end, 0.0]);
    near(&found[..3], &[-end, -end, -end * 48.0 / 49.0]);
}

#[test]
fn quantiles_between_order_statistics() {
    // Type 7: of 10, 20, 40 the quantile 0.25 is half way from the first to the second, 0.75 from there to the third.
    let data = data(vec![("x", numbers(&[10.0, 20.0, 40.0, 0.0, 99.0]))]);
    let found = &columns(&fit(&data, 0..3, &standardise(0.25)), &data)[0];
    let mean = (15.0 + 20.0 + 30.0) / 3.0;
    let sd = ([15.0, 20.0, 30.0].iter().map(|x: &f64| (x - mean).powi(2)).sum::<f64>() / 3.0).sqrt();
    near(found, &[15.0, 20.0, 30.0, 15.0, 30.0].map(|x| (x - mean) / sd));
}

#[test]
fn a_rare_value_survives_winsorising() {
    for usual in [0.0, 0.1, -0.7, 1e-3, 12_345.678] {
        let mut x = vec![usual; 999];
        x.push(usual + 1.0);
        let data = data(vec![("x", numbers(&x))]);
        let found = &columns(&fit(&data, 0..1000, &standardise(0.01)), &data)[0];
        // Mean 0.001 above the usual value, variance 0.001·0.999.
        let sd = 0.000_999_f64.sqrt();
        assert!((f64::from(found[998]) + 0.001 / sd).abs() < 1e-6, "{usual}: {}", found[998]);
        assert!((f64::from(found[999]) / (0.999 / sd) - 1.0).abs() < 1e-6, "{usual}: {}", found[999]);
    }
}

#[test]
fn the_signed_logarithm_keeps_sign_and_order() {
    // ln 1, ±ln 2, ln 10, between the ends −ln 2 and ln 10.
    let data = data(vec![("x", numbers(&[-1.0, 0.0, 1.0, 9.0]))]);
    let outliers = OutlierSettings { method: OutlierMethod::SignedLog, ..Default::default() };
    let fitted = fit(&data, 0..4, &PreparationSettings { outliers, ..scaled(ScaleMethod::ZeroToOne) });
    let (two, ten) = (2.0_f64.ln(), 10.0_f64.ln());
    near(&columns(&fitted, &data)[0], &[0.0, two / (two + ten), 2.0 * two / (two + ten), 1.0]);
}

#[test]
fn the_robust_scale_does_not_see_outliers() {
    // Quartiles 2 and 4, median 3.
    let by = |last: f64| {
        let data = data(vec![("x", numbers(&[1.0, 2.0, 3.0, 4.0, last]))]);
        columns(&fit(&data, 0..5, &scaled(ScaleMethod::Robust)), &data)[0].clone()
    };
    near(&by(5.0), &[-1.0, -0.5, 0.0, 0.5, 1.0]);
    near(&by(1e5)[..4], &[-1.0, -0.5, 0.0, 0.5]);
    near(&by(1e5)[4..], &[99_997.0 / 2.0]);
    assert_eq!(by(1e300)[4], 1e6, "an absurd cell stays finite");
}

#[test]
fn a_robust_scale_without_a_middle_half_divides_by_the_standard_deviation() {
    // Quartiles 0 and 0; mean 1, variance (4·1 + 16)/5 = 4.
    let data = data(vec![("x", numbers(&[0.0, 0.0, 0.0, 0.0, 5.0]))]);
    near(&columns(&fit(&data, 0..5, &scaled(ScaleMethod::Robust)), &data)[0], &[0.0, 0.0, 0.0, 0.0, 2.5]);
}

#[test]
fn zero_to_one_ends_at_the_training_values() {
    let data = data(vec![("x", numbers(&[2.0, 6.0, 3.0, 0.0, 9.0, NAN]))]);
    let fitted = fit(&data, 0..3, &scaled(ScaleMethod::ZeroToOne));
    near(&columns(&fitted, &data)[0], &[0.0, 1.0, 0.25, 0.0, 1.0, 0.25]);
}

#[test]
fn quantile_bins_by_hand() {
    // Quartiles of 0, 1, 2, 4, 8 are 0, 1, 2, 4, 8; of 0, 0, 0, 0, 8 they are 0, 0, 0, 0, 8: one bin is left.
    let data = data(vec![
        ("x", numbers(&[0.0, 1.0, 2.0, 4.0, 8.0, 3.0, -5.0, 99.0])),
        ("y", numbers(&[0.0, 0.0, 0.0, 0.0, 8.0, 2.0, -1.0, 9.0])),
    ]);
    let fitted = fit(&data, 0..5, &scaled(ScaleMethod::QuantileBins));
    let names = ["x: bin 1 of 4", "x: bin 2 of 4", "x: bin 3 of 4", "x: bin 4 of 4", "y: bin 1 of 1"];
    assert_eq!(fitted.input_names(), names);
    let found = columns(&fitted, &data);
    near(&found[0], &[0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0]);
    near(&found[1], &[0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0]);
    near(&found[2], &[0.0, 0.0, 0.0, 1.0, 1.0, 0.5, 0.0, 1.0]);
    near(&found[3], &[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    near(&found[4], &[0.0, 0.0, 0.0, 0.0, 1.0, 0.25, 0.0, 1.0]);
}

#[test]
fn ranks_and_bins_follow_any_rising_function() {
    // Bins whose edges are values themselves are filled alike at those values.
    let mut random = stream(26, Purpose::Sample, 0);
    let x: Vec<f64> = (0..41).map(|_| random.random_range(-3.0..3.0)).collect();
    let table = data(vec![("x", numbers(&x))]);
    let raised = data(vec![("x", numbers(&x.iter().map(|x| x.exp()).collect::<Vec<_>>()))]);
    let ranks = |data: &Dataset| columns(&fit(data, 0..41, &PreparationSettings::default()), data);
    assert_eq!(ranks(&table), ranks(&raised));
    let full = |data: &Dataset| -> Vec<f32> {
        let bins = columns(&fit(data, 0..41, &scaled(ScaleMethod::QuantileBins)), data);
        bins.iter().map(|bin| bin.iter().filter(|x| **x == 1.0).count() as f32).collect()
    };
    assert_eq!(full(&table), [31.0, 21.0, 11.0, 1.0]);
    assert_eq!(full(&raised), full(&table));
}
