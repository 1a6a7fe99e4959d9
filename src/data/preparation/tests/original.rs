//! The way back from inputs: by hand, and apply then original gives the cell back, whatever the chain.

use ndarray::ArrayView1;
use rand::RngExt as _;

use super::*;
use crate::random::{Purpose, stream};

const SCALES: [ScaleMethod; 5] = [
    ScaleMethod::Standardise,
    ScaleMethod::Robust,
    ScaleMethod::ZeroToOne,
    ScaleMethod::NormalScores,
    ScaleMethod::QuantileBins,
];

fn number(value: &OriginalValue) -> f64 {
    match value.value {
        Original::Number(x) => x,
        Original::Level { .. } | Original::Unknown => panic!("{value:?} is no number"),
    }
}

fn level(value: &OriginalValue) -> Option<&str> {
    match &value.value {
        Original::Level { text, .. } => Some(text),
        Original::Number(_) | Original::Unknown => None,
    }
}

fn back(fitted: &Preparation, inputs: &[f32]) -> Vec<OriginalValue> {
    fitted.original(&ArrayView1::from(inputs))
}

#[test]
fn ranks_by_hand() {
    // Training values 1, 2, 2, 3 have inputs −√2, 0, 0, √2 (see the scales).
    let table = data(vec![("x", numbers(&[1.0, 2.0, 2.0, 3.0]))]);
    let fitted = fit(&table, 0..4, &PreparationSettings::default());
    let root = 2.0_f32.sqrt();
    for (input, x) in [(0.0, 2.0), (root / 2.0, 2.5), (-root / 4.0, 1.75), (9.0, 3.0), (-9.0, 1.0), (f32::NAN, 1.0)] {
        let found = number(&back(&fitted, &[input])[0]);
        assert!((found - x).abs() < 1e-6, "{input}: {found} is not {x}");
    }
}

#[test]
fn ranks_that_share_an_input_give_the_middle_one() {
    // Of 200,000 values those whose rank is below Φ(−4) = 3.17e-5 all have a score of −4: the first 6 of them.
    let values: Vec<f64> = (0..200_000).map(f64::from).collect();
    let fitted = fit(&data(vec![("x", numbers(&values))]), 0..values.len(), &PreparationSettings::default());
    assert_eq!(number(&back(&fitted, &[-5.0])[0]), 0.0);
    let least = fitted.inputs_of_value("x", &Original::Number(0.0)).unwrap();
    assert_eq!(fitted.inputs_of_value("x", &Original::Number(5.0)).unwrap(), least);
    assert_ne!(fitted.inputs_of_value("x", &Original::Number(6.0)).unwrap(), least);
    assert_eq!(number(&back(&fitted, &least)[0]), 2.0);
}

#[test]
fn bins_and_ends_by_hand() {
    // Edges 0, 1, 2, 3, 4.
    let table = data(vec![("x", numbers(&[0.0, 1.0, 2.0, 3.0, 4.0]))]);
    let bins = fit(&table, 0..5, &scaled(ScaleMethod::QuantileBins));
    for (inputs, x) in [
        ([0.0, 0.0, 0.0, 0.0], 0.0),
        ([1.0, 0.25, 0.0, 0.0], 1.25),
        ([1.0, 1.0, 1.0, 1.0], 4.0),
        // No cell gives these: as far as they are filled together, and none more than whole.
        ([0.5, 0.0, 0.5, 0.5], 1.5),
        ([7.0, -7.0, 0.0, 0.0], 1.0),
    ] {
        assert_eq!(number(&back(&bins, &inputs)[0]), x);
    }
    let zero_to_one = fit(&table, 0..5, &scaled(ScaleMethod::ZeroToOne));
    assert_eq!([-0.5, 0.5, 1.5].map(|input| number(&back(&zero_to_one, &[input])[0])), [0.0, 2.0, 4.0]);
    // Mean 2, standard deviation √2; nothing is drawn in beyond the quarters, 1 and 3.
    let drawn_in = fit(&table, 0..5, &standardise(0.25));
    assert_eq!([-9.0, 9.0].map(|input| number(&back(&drawn_in, &[input])[0])), [1.0, 3.0]);
}

#[test]
fn categories_and_flags_by_hand() {
    let table = data(vec![
        ("x", numbers(&[1.0, 2.0, 3.0, NAN])),
        ("c", letters("aabc")),
        ("same", numbers(&[1.0, 1.0, NAN, 1.0])),
    ]);
    let settings = |method| PreparationSettings {
        categories: CategorySettings { max_levels: 2, ..Default::default() },
        ..scaled(method)
    };
    let fitted = fit(&table, 0..4, &settings(ScaleMethod::ZeroToOne));
    assert_eq!(fitted.input_names(), ["x", "x missing", "c = a", "c = b", "c: other", "same missing"]);
    assert_eq!(fitted.indicators().collect::<Vec<_>>(), ["x", "c", "same"]);
    assert_eq!(fitted.levels_of("c"), ["a", "b", OTHER_LEVELS]);
    assert!(fitted.levels_of("x").is_empty() && fitted.levels_of("same").is_empty());
    let found = back(&fitted, &[0.5, 0.25, 0.2, 0.6, 0.0, 1.0]);
    assert_eq!((number(&found[0]), found[0].missing), (2.0, Some(0.25)));
    let share = Original::Level { text: "b".to_owned(), share: Some(0.6 / 0.8) };
    assert_eq!((&found[1].value, found[1].missing), (&share, None));
    assert_eq!((&found[2].value, found[2].missing), (&Original::Unknown, Some(1.0)));
    assert_eq!(level(&back(&fitted, &[0.0, 0.0, 0.1, 0.2, 0.9, 0.0])[1]), Some(OTHER_LEVELS));
    assert_eq!(back(&fitted, &[0.0; 6])[1].value, Original::Unknown, "no level is likelier than another");
    // Signed levels: −1 is off, 1 is on, and flags are 2.
    let signed = fit(&table, 0..4, &settings(ScaleMethod::NormalScores));
    let found = back(&signed, &[0.0, 1.0, 1.0, 0.0, -1.0, 0.0]);
    let share = Original::Level { text: "a".to_owned(), share: Some(1.0 / 1.5) };
    assert_eq!((&found[1].value, found[0].missing), (&share, Some(0.5)));
    assert_eq!(signed.inputs_of_value("c", &found[1].value).unwrap(), [1.0, -1.0, -1.0]);
    assert_eq!(signed.inputs_of_value("x", &Original::Number(2.0)).unwrap().len(), 2, "the flag is among them");
    // What has no inputs of its own.
    let text = |text: &str| Original::Level { text: text.to_owned(), share: None };
    for (indicator, value) in [
        ("x", text("a")),
        ("c", Original::Number(1.0)),
        ("c", Original::Unknown),
        ("z", text("a")),
        ("same", text("a")),
    ] {
        assert_eq!(signed.inputs_of_value(indicator, &value), None);
    }
    assert_eq!(signed.inputs_of_value("x", &Original::Number(NAN)), None);
}

#[test]
fn orders_by_hand() {
    let order = ["small", "middle", "large"].map(str::to_owned).to_vec();
    let categories = CategorySettings { orders: [("size".to_owned(), order.clone())].into(), ..Default::default() };
    let levels = order.clone();
    let size = Values::Category { codes: vec![Some(0), Some(2), Some(1)], levels };
    let table = data(vec![("size", size)]);
    let fitted = fit(&table, 0..3, &PreparationSettings { categories, ..scaled(ScaleMethod::ZeroToOne) });
    let levels = [-3.0, 0.2, 0.3, 0.74, 0.9, 3.0].map(|input| level(&back(&fitted, &[input])[0]).unwrap().to_owned());
    assert_eq!(levels, ["small", "small", "middle", "middle", "large", "large"]);
    assert_eq!(fitted.levels_of("size"), order);
    let large = Original::Level { text: "large".to_owned(), share: None };
    assert_eq!(fitted.inputs_of_value("size", &large).unwrap(), [1.0]);
}

#[test]
fn a_single_level_is_told_from_missing_cells() {
    let missing = MissingSettings { flags: false, ..Default::default() };
    for method in SCALES {
        let table = data(vec![("c", letters("aa a"))]);
        let fitted = fit(&table, 0..4, &PreparationSettings { missing: missing.clone(), ..scaled(method) });
        let cells = |row| fitted.original(&fitted.apply(&table, &[row]).row(0)).swap_remove(0);
        assert_eq!((level(&cells(0)), cells(0).missing), (Some("a"), Some(0.0)));
        assert_eq!((level(&cells(2)), cells(2).missing), (None, Some(1.0)));
    }
}

/// Numbers with ties and gaps, letters with gaps, and ordered letters; `n` rows.
fn mixed(random: &mut crate::random::Stream, n: usize) -> Dataset {
    let mut column = |scale: f64, shift: f64| -> Vec<f64> {
        let draw = |_| match random.random_range(0..8) {
            0 => NAN,
            1..4 => shift + scale * f64::from(random.random_range(-3..3)),
            _ => shift + scale * random.random_range(-3.0..3.0),
        };
        (0..n).map(draw).collect()
    };
    let (large, small) = (numbers(&column(1e7, 3e8)), numbers(&column(1e-5, 0.0)));
    let mut text = |of: &[char]| (0..n).map(|_| of[random.random_range(0..of.len())]).collect::<String>();
    let (kind, rank) = (letters(&text(&['a', 'b', 'c', ' '])), letters(&text(&['1', '2', '3', '4'])));
    data(vec![("large", large), ("small", small), ("kind", kind), ("rank", rank)])
}

#[test]
fn cells_come_back_under_every_method() {
    let mut random = stream(26, Purpose::Sample, 0);
    let outliers = [OutlierMethod::None, OutlierMethod::SignedLog, OutlierMethod::Winsorise];
    let fills = [Fill::Median, Fill::Mean, Fill::MostFrequent, Fill::Knn];
    for (round, method) in (0..60).flat_map(|round| SCALES.map(|method| (round, method))) {
        let table = mixed(&mut random, 40);
        let mut settings = scaled(method);
        settings.outliers = OutlierSettings { method: outliers[round % 3], low: 0.0, high: 1.0 };
        settings.missing.fill = fills[round % 4];
        settings.categories.method = [CategoryMethod::OneHot, CategoryMethod::Ordered][round % 2];
        let fitted = fit(&table, 0..40, &settings);
        let rows: Vec<usize> = (0..40).collect();
        let inputs = fitted.apply(&table, &rows);
        for row in rows {
            let found = fitted.original(&inputs.row(row));
            assert_eq!(found.len(), table.indicators.len());
            for (found, indicator) in found.iter().zip(&table.indicators) {
                assert_eq!(found.indicator, indicator.name);
                let missing = is_missing(&indicator.values, row);
                if let Some(flag) = found.missing {
                    assert_eq!(flag, f32::from(u8::from(missing)));
                }
                match &indicator.values {
                    Values::Numeric(values) if !missing => {
                        let (x, close) = (number(found), 2e-5 * values[row].abs().max(1e-5));
                        assert!((x - values[row]).abs() < close, "{settings:?}: {x} is not {}", values[row]);
                    }
                    Values::Numeric(_) => assert!(number(found).is_finite()),
                    Values::Category { codes, levels } => {
                        let cell = codes[row].map(|code| levels[code as usize].as_str());
                        let filled = settings.missing.fill == Fill::MostFrequent;
                        assert!(level(found) == cell || (missing && filled), "{found:?} is not {cell:?}");
                    }
                }
            }
        }
    }
}

/// On awkward tables too, winsorised or not, and beyond the training rows: what a row's inputs say, gives these inputs.
#[test]
fn values_give_their_inputs_again() {
    let mut random = stream(27, Purpose::Sample, 0);
    let mut compared = 0;
    for _ in 0..1000 {
        let table = data(super::properties::random_table(&mut random, 30));
        let settings = super::properties::random_settings(&mut random);
        let train: Vec<usize> = (0..30).collect();
        let Ok(fitted) = Preparation::fit(&table, &train, &settings) else { continue };
        let inputs = fitted.apply(&table, &train);
        for row in train {
            for found in fitted.original(&inputs.row(row)) {
                let indicator = table.indicators.iter().find(|indicator| indicator.name == found.indicator).unwrap();
                let values = match &indicator.values {
                    Values::Numeric(values) => &values[..],
                    Values::Category { .. } => &[],
                };
                // A level without a place counts as missing.
                let column = fitted.columns.iter().find(|column| column.source.indicator == found.indicator).unwrap();
                // A missing number takes what no cell need have, two neighbouring floats are too close for f32, and a
                // place that is drawn in need not be one of a level.
                let ordered = matches!(found.value, Original::Level { share: None, .. });
                if column.source.cells(&table).is_missing(row)
                    || values.contains(&(1.0 + f64::EPSILON))
                    || (ordered && settings.outliers.method == OutlierMethod::Winsorise)
                {
                    continue;
                }
                let Some(again) = fitted.inputs_of_value(&found.indicator, &found.value) else { continue };
                let placed = fitted.inputs_of(&found.indicator).unwrap().values;
                for (again, input) in again.iter().zip(placed.map(|input| inputs[[row, input]])) {
                    assert!(
                        (again - input).abs() <= 2e-5 * (1.0 + input.abs()),
                        "{settings:?} {found:?} {again} {input}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 50_000, "{compared}");
}

#[test]
fn no_input_is_too_awkward() {
    let mut random = stream(28, Purpose::Sample, 0);
    let awkward = [0.0, 1.0, -1.0, 1e30, -1e30, f32::MAX, f32::MIN, 1e-30];
    for _ in 0..300 {
        let table = data(super::properties::random_table(&mut random, 20));
        let settings = super::properties::random_settings(&mut random);
        let Ok(fitted) = Preparation::fit(&table, &(0..20).collect::<Vec<_>>(), &settings) else { continue };
        let inputs: Vec<f32> =
            (0..fitted.input_names().len()).map(|_| awkward[random.random_range(0..awkward.len())]).collect();
        for value in back(&fitted, &inputs) {
            assert!(!matches!(value.value, Original::Number(x) if !x.is_finite()), "{value:?}");
            assert!(value.missing.is_none_or(|missing| (0.0..=1.0).contains(&missing)));
        }
        back(&fitted, &vec![f32::NAN; inputs.len()]);
        back(&fitted, &[]);
    }
}
