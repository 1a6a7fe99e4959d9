//! Properties of every chain, on random tables with everything that is awkward.

use rand::RngExt as _;

use super::*;
use crate::random::{Purpose, Stream, stream};

/// A random table with everything that is awkward: `n` rows of numbers of all sizes, and letters.
pub(super) fn random_table(random: &mut Stream, n: usize) -> Vec<(&'static str, Values)> {
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

pub(super) fn random_settings(random: &mut Stream) -> PreparationSettings {
    fn one_of<T: Copy, const N: usize>(random: &mut Stream, of: [T; N]) -> T {
        of[random.random_range(0..N)]
    }
    let fill = one_of(random, [Fill::Median, Fill::Mean, Fill::MostFrequent, Fill::Knn, Fill::Rbm]);
    let outliers = one_of(random, [OutlierMethod::None, OutlierMethod::Winsorise, OutlierMethod::SignedLog]);
    let methods = [
        ScaleMethod::Standardise,
        ScaleMethod::Robust,
        ScaleMethod::ZeroToOne,
        ScaleMethod::NormalScores,
        ScaleMethod::QuantileBins,
    ];
    let order = ["b", "a", "c"].map(str::to_owned).to_vec();
    let ordered = one_of(random, ["", "a", "b"]).to_owned();
    PreparationSettings {
        drop: DropSettings { columns: Vec::new(), missing_above: one_of(random, [None, Some(0.5)]) },
        missing: MissingSettings {
            fill,
            flags: random.random(),
            neighbours: random.random_range(1..6),
            ..Default::default()
        },
        outliers: OutlierSettings {
            method: outliers,
            low: one_of(random, [0.0, 0.01, 0.25]),
            high: one_of(random, [1.0, 0.99, 0.75]),
        },
        scale: ScaleSettings { method: one_of(random, methods), bins: random.random_range(2..8) },
        categories: CategorySettings {
            method: one_of(random, [CategoryMethod::OneHot, CategoryMethod::Ordered]),
            min_share: one_of(random, [0.0, 0.2]),
            max_levels: random.random_range(1..6),
            orders: [(ordered, order)].into_iter().collect(),
        },
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
        let settings = random_settings(&mut random);
        let method = settings.scale.method;
        let fitted = match Preparation::fit(&data, &training, &settings) {
            Err(PreparationError::AllConstant { .. } | PreparationError::AllDropped { .. }) => continue,
            other => other.unwrap(),
        };
        fits += 1;
        let inputs = columns(&fitted, &data);
        assert_eq!(inputs.len(), fitted.input_names().len());
        for (name, column) in fitted.input_names().iter().zip(inputs) {
            assert!(column.iter().all(|x| x.is_finite()), "{name} {column:?}");
            let column = &column[..train];
            assert!(column.iter().any(|x| *x != column[0]), "{name} is constant: {column:?}");
            let within = |low, high| column.iter().all(|x| (low..=high).contains(x));
            match method {
                ScaleMethod::ZeroToOne | ScaleMethod::QuantileBins => assert!(within(0.0, 1.0), "{name} {column:?}"),
                _ => assert!(within(-1e6, 1e6), "{name} {column:?}"),
            }
            if is_number(name) && matches!(method, ScaleMethod::Standardise | ScaleMethod::NormalScores) {
                let mean = column.iter().sum::<f32>() / train as f32;
                let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / train as f32;
                assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-3, "{name} {mean} {variance} {column:?}");
            }
        }
    }
    assert!(fits > 700, "{fits}");
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
    for _ in 0..100 {
        let data = data(random_table(&mut random, 30));
        let settings = random_settings(&mut random);
        let Ok(fitted) = Preparation::fit(&data, &(0..20).collect::<Vec<_>>(), &settings) else { continue };
        let all = fitted.apply(&data, &(0..30).collect::<Vec<_>>());
        for row in [0, 7, 29] {
            assert_eq!(fitted.apply(&data, &[row]).row(0), all.row(row));
        }
        assert_eq!(fitted.apply(&data, &[]).dim(), (0, fitted.input_names().len()));
    }
}

/// Needs `serde_json`'s `float_roundtrip`: without it a number may come back one bit off.
#[test]
fn survives_writing_and_reading() {
    let mut random = stream(25, Purpose::Sample, 0);
    for _ in 0..100 {
        let data = data(random_table(&mut random, 30));
        let settings = random_settings(&mut random);
        let Ok(fitted) = Preparation::fit(&data, &(0..20).collect::<Vec<_>>(), &settings) else { continue };
        let text = serde_json::to_string(&fitted).unwrap();
        let again: Preparation = serde_json::from_str(&text).unwrap();
        assert_eq!(columns(&again, &data), columns(&fitted, &data));
    }
}
