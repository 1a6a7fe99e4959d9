use rand::RngExt as _;
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::*;
use crate::data::read::read;
use crate::data::roles::{Role, Roles};
use crate::random::{Purpose, Stream, stream};

const NAN: f64 = f64::NAN;

fn data(indicators: Vec<(&str, Values)>) -> Dataset {
    let n = indicators.first().map_or(0, |(_, values)| match values {
        Values::Numeric(values) => values.len(),
        Values::Category { codes, .. } => codes.len(),
    });
    Dataset::of(indicators, vec![None; n])
}

fn numbers(x: &[f64]) -> Values {
    Values::Numeric(x.into())
}

/// Categories from letters; a blank is missing.
fn letters(text: &str) -> Values {
    let mut levels: Vec<String> = Vec::new();
    let mut code = |c: char| {
        let place = levels.iter().position(|level| *level == c.to_string()).unwrap_or_else(|| {
            levels.push(c.to_string());
            levels.len() - 1
        });
        (c != ' ').then_some(place as u32)
    };
    let codes = text.chars().map(&mut code).collect();
    Values::Category { codes, levels }
}

fn standardise(winsorise: f64) -> PreparationSettings {
    PreparationSettings { scale: Scale::Standardise, winsorise, ..Default::default() }
}

fn fit(data: &Dataset, rows: impl IntoIterator<Item = usize>, settings: &PreparationSettings) -> Preparation {
    Preparation::fit(data, &rows.into_iter().collect::<Vec<_>>(), settings).unwrap()
}

/// Inputs of all rows, column by column.
fn columns(fitted: &Preparation, data: &Dataset) -> Vec<Vec<f32>> {
    let rows: Vec<usize> = (0..data.n_rows()).collect();
    fitted.apply(data, &rows).columns().into_iter().map(|column| column.to_vec()).collect()
}

fn near(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let close = found.iter().zip(expected).all(|(&a, &b)| (f64::from(a) - b).abs() < 1e-6);
    assert!(close, "{found:?} is not {expected:?}");
}

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

    let without = PreparationSettings { missing_flags: false, ..Default::default() };
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
fn levels_by_frequency_then_other() {
    let data = data(vec![("c", letters("abbccc d e"))]);
    let settings = PreparationSettings { max_levels: 2, ..standardise(0.0) };
    let fitted = fit(&data, 0..8, &settings);
    assert_eq!(fitted.input_names(), ["c = c", "c = b", "c: other", "c missing"]);
    let found = columns(&fitted, &data);
    assert_eq!(found[0], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(found[1], [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    // e was never seen in training.
    assert_eq!(found[2], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(found[3], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
}

#[test]
fn levels_beside_normal_scores_are_signed() {
    let data = data(vec![("c", letters("aab c"))]);
    let fitted = fit(&data, 0..4, &PreparationSettings::default());
    assert_eq!(fitted.input_names(), ["c = a", "c = b", "c missing"]);
    let found = columns(&fitted, &data);
    // Missing is between the signs; the unseen level c is neither a nor b, and no input stands for others.
    assert_eq!(found[0], [1.0, 1.0, -1.0, 0.0, -1.0]);
    assert_eq!(found[1], [-1.0, -1.0, 1.0, 0.0, -1.0]);
    assert_eq!(found[2], [0.0, 0.0, 0.0, 2.0, 0.0]);
}

#[test]
fn constants_are_set_aside() {
    let table = data(vec![
        ("same", numbers(&[5.0, 5.0, 5.0, 7.0])),
        ("some", numbers(&[5.0, NAN, 5.0, 7.0])),
        ("none", numbers(&[NAN, NAN, NAN, 7.0])),
        ("zero", numbers(&[0.0, -0.0, 0.0, 7.0])),
        ("one level", letters("aaab")),
        ("x", numbers(&[1.0, 2.0, 3.0, 7.0])),
    ]);
    for settings in [PreparationSettings::default(), standardise(0.01)] {
        let fitted = fit(&table, 0..3, &settings);
        assert_eq!(fitted.input_names(), ["some missing", "x"]);
        assert_eq!(
            fitted.notices(),
            [
                "\"same\" is constant over the training rows and is set aside.",
                "\"some\" is constant over the training rows; only where it is missing is used.",
                "\"none\" has no value in any training row and is set aside.",
                "\"zero\" is constant over the training rows and is set aside.",
                "\"one level\" is constant over the training rows and is set aside.",
            ]
        );
        let constant = data(vec![("same", numbers(&[5.0; 3]))]);
        let error = Preparation::fit(&constant, &[0, 1, 2], &settings).unwrap_err();
        assert_eq!(error, PreparationError::AllConstant { indicators: 1, rows: 3 });
        assert_eq!(Preparation::fit(&table, &[], &settings), Err(PreparationError::NoRows));
    }
}

/// A random table with everything that is awkward: `n` rows of numbers of all sizes, and letters.
fn random_table(random: &mut Stream, n: usize) -> Vec<(&'static str, Values)> {
    const AWKWARD: [f64; 12] =
        [0.0, -0.0, 1.0, 1.0 + f64::EPSILON, 1e308, -1e308, f64::MAX, f64::MIN, 5e-324, 1e-300, NAN, f64::INFINITY];
    let names = ["a", "b", "c", "d", "e", "f"];
    let column = |random: &mut Stream| match random.random_range(0..4) {
        0 => letters(&(0..n).map(|_| ['a', 'b', 'c', 'd', ' '][random.random_range(0..5)]).collect::<String>()),
        1 => numbers(&(0..n).map(|_| random.random_range(-2.0..2.0)).collect::<Vec<_>>()),
        kinds => {
            let few: Vec<f64> = (0..2 * kinds).map(|_| AWKWARD[random.random_range(0..AWKWARD.len())]).collect();
            numbers(&(0..n).map(|_| few[random.random_range(0..few.len())]).collect::<Vec<_>>())
        }
    };
    names.into_iter().map(|name| (name, column(random))).collect()
}

fn random_settings(random: &mut Stream) -> PreparationSettings {
    PreparationSettings {
        scale: if random.random() { Scale::Standardise } else { Scale::NormalScores },
        winsorise: [0.0, 0.01, 0.25][random.random_range(0..3)],
        missing_flags: random.random(),
        max_levels: random.random_range(1..6),
    }
}

#[test]
fn inputs_are_finite_never_constant_and_of_like_size() {
    let mut random = stream(22, Purpose::Sample, 0);
    let mut fits = 0;
    for _ in 0..1000 {
        let n = random.random_range(1..40);
        let train = random.random_range(1..=n);
        let indicators = random_table(&mut random, n);
        let is_number = |name: &str| indicators.iter().any(|(n, v)| *n == name && matches!(v, Values::Numeric(_)));
        let data = data(indicators.clone());
        let training: Vec<usize> = (0..train).collect();
        let fitted = match Preparation::fit(&data, &training, &random_settings(&mut random)) {
            Err(PreparationError::AllConstant { .. }) => continue,
            other => other.unwrap(),
        };
        fits += 1;
        for (name, column) in fitted.input_names().iter().zip(columns(&fitted, &data)) {
            assert!(column.iter().all(|x| x.is_finite()), "{name} {column:?}");
            let column = &column[..train];
            assert!(column.iter().any(|x| *x != column[0]), "{name} is constant: {column:?}");
            if is_number(name) {
                let mean = column.iter().sum::<f32>() / train as f32;
                let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / train as f32;
                assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-3, "{name} {mean} {variance} {column:?}");
            }
        }
    }
    assert!(fits > 800, "{fits}");
}

#[test]
fn only_training_rows_are_looked_at() {
    let mut random = stream(23, Purpose::Sample, 0);
    for _ in 0..300 {
        let (n, train) = (30, 20);
        let (one, mut two) = (random_table(&mut random, n), random_table(&mut random, n));
        let settings = random_settings(&mut random);
        // The same training rows, other test rows, and test rows first so that levels first appear in another order.
        for ((_, one), (_, two)) in one.iter().zip(&mut two) {
            match one {
                Values::Numeric(values) => {
                    let other = (train..n).map(|_| random.random_range(-1e9..1e9));
                    *two = Values::Numeric(other.chain(values[..train].iter().copied()).collect());
                }
                Values::Category { codes, levels } => {
                    let text = |code: &Option<u32>| code.map_or(" ".to_owned(), |code| levels[code as usize].clone());
                    let training: String = codes[..train].iter().map(text).collect();
                    *two = letters(&("zdcba     ".to_owned() + &training));
                }
            }
        }
        let (one, two) = (data(one), data(two));
        let first = Preparation::fit(&one, &(0..train).collect::<Vec<_>>(), &settings);
        let second = Preparation::fit(&two, &(n - train..n).collect::<Vec<_>>(), &settings);
        assert_eq!(first, second);
        if let (Ok(first), Ok(second)) = (first, second) {
            let training: Vec<usize> = (0..train).collect();
            let moved: Vec<usize> = (n - train..n).collect();
            assert_eq!(first.apply(&one, &training), second.apply(&two, &moved), "levels are found by their text");
        }
    }
}

#[test]
fn rows_are_prepared_one_by_one() {
    let mut random = stream(24, Purpose::Sample, 0);
    let data = data(random_table(&mut random, 30));
    let fitted = fit(&data, 0..30, &PreparationSettings::default());
    let all = fitted.apply(&data, &(0..30).collect::<Vec<_>>());
    for row in [0, 7, 29] {
        assert_eq!(fitted.apply(&data, &[row]).row(0), all.row(row));
    }
    assert_eq!(fitted.apply(&data, &[]).dim(), (0, fitted.input_names().len()));
}

#[test]
fn a_table_without_the_column_counts_as_missing() {
    let known = data(vec![("x", numbers(&[1.0, 2.0, NAN])), ("c", letters("ab "))]);
    for settings in [PreparationSettings::default(), standardise(0.01)] {
        let fitted = fit(&known, 0..3, &settings);
        let missing = fitted.apply(&known, &[2]);
        assert_eq!(fitted.apply(&data(vec![("y", numbers(&[1.0]))]), &[0]), missing);
        let swapped = data(vec![("x", letters("a")), ("c", numbers(&[1.0]))]);
        let found = fitted.apply(&swapped, &[0]);
        assert_eq!(found[[0, 0]], missing[[0, 0]]);
    }
}

/// Needs `serde_json`'s `float_roundtrip`: without it a number may come back one bit off.
#[test]
fn survives_writing_and_reading() {
    let mut random = stream(25, Purpose::Sample, 0);
    let data = data(random_table(&mut random, 30));
    for settings in [PreparationSettings::default(), standardise(0.01)] {
        let fitted = fit(&data, 0..20, &settings);
        let text = serde_json::to_string(&fitted).unwrap();
        let again: Preparation = serde_json::from_str(&text).unwrap();
        assert_eq!(columns(&again, &data), columns(&fitted, &data));
    }
}

#[test]
fn settings_are_checked() {
    assert!(PreparationSettings::default().problems().is_empty());
    let wrong = PreparationSettings { winsorise: NAN, max_levels: 0, ..Default::default() };
    let fields: Vec<&str> = wrong.problems().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["winsorise", "max_levels"]);
    let error = Preparation::fit(&data(vec![("x", numbers(&[1.0, 2.0]))]), &[0, 1], &wrong).unwrap_err();
    assert_eq!(error.to_string(), "winsorise must be from 0 to 0.25, not NaN");

    let read: PreparationSettings = serde_json::from_str(r#"{"scale": "standardise", "winsorise": 0.0}"#).unwrap();
    assert_eq!(read, standardise(0.0));
    assert!(serde_json::from_str::<PreparationSettings>(r#"{"winsorize": 0.0}"#).is_err());
}

#[test]
fn a_real_table_is_prepared() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/polish_3year.csv");
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: no {path}");
        return;
    };
    let (table, _) = read(&bytes).unwrap();
    let mut roles = vec![Role::Indicator; table.n_columns()];
    roles[table.position("class").unwrap()] = Role::Label;
    let data = Dataset::from_table(&table, &Roles { roles, bad: Some("1".to_owned()) }).unwrap();
    assert_eq!((data.indicators.len(), data.n_rows(), data.n_bad()), (64, 10_503, 495));
    let has_gaps = |values: &Values| matches!(values, Values::Numeric(x) if x.iter().any(|x| x.is_nan()));
    let flagged = data.indicators.iter().filter(|indicator| has_gaps(&indicator.values)).count();
    let rows: Vec<usize> = (0..data.n_rows()).collect();
    for settings in [PreparationSettings::default(), standardise(0.01)] {
        let fitted = fit(&data, rows.iter().copied(), &settings);
        let inputs = fitted.apply(&data, &rows);
        assert_eq!(inputs.dim(), (10_503, 64 + flagged));
        assert!(inputs.iter().all(|x| x.is_finite() && x.abs() < 120.0));
    }
}
