mod categories;
mod missing;
mod original;
mod properties;
mod scales;

use super::*;
use crate::data::read::read;
use crate::data::roles::{Role, Roles};

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

/// Standardised, with this share drawn in at each end.
fn standardise(winsorise: f64) -> PreparationSettings {
    let method = if winsorise > 0.0 { OutlierMethod::Winsorise } else { OutlierMethod::None };
    PreparationSettings {
        outliers: OutlierSettings { method, low: winsorise, high: 1.0 - winsorise },
        ..scaled(ScaleMethod::Standardise)
    }
}

fn scaled(method: ScaleMethod) -> PreparationSettings {
    PreparationSettings { scale: ScaleSettings { method, bins: 4 }, ..Default::default() }
}

/// Missing cells filled, kept apart by no flag, and brought to 0–1.
fn filled(fill: Fill) -> PreparationSettings {
    let missing = MissingSettings { fill, flags: false, neighbours: 2, ..Default::default() };
    PreparationSettings { missing, ..scaled(ScaleMethod::ZeroToOne) }
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

#[test]
fn a_table_without_the_column_counts_as_missing() {
    let known = data(vec![("x", numbers(&[1.0, 2.0, NAN, 2.5])), ("c", letters("ab a"))]);
    for settings in [PreparationSettings::default(), standardise(0.01), scaled(ScaleMethod::QuantileBins)] {
        for fill in [Fill::Median, Fill::MostFrequent, Fill::Knn] {
            let missing = MissingSettings { fill, ..settings.missing };
            let fitted = fit(&known, 0..4, &PreparationSettings { missing, ..settings.clone() });
            let missing = fitted.apply(&known, &[2]);
            assert_eq!(fitted.apply(&data(vec![("y", numbers(&[1.0]))]), &[0]), missing);
            let swapped = data(vec![("x", letters("a")), ("c", numbers(&[1.0]))]);
            assert_eq!(fitted.apply(&swapped, &[0]), missing);
        }
    }
}

#[test]
fn indicators_are_left_out_by_name_and_by_gaps() {
    let table = data(vec![
        ("a", numbers(&[1.0, 2.0, 3.0, 4.0])),
        ("b", numbers(&[1.0, NAN, NAN, 4.0])),
        ("c", letters("ab a")),
    ]);
    let drop = |columns: &[&str], missing_above| PreparationSettings {
        drop: DropSettings { columns: columns.iter().map(|&name| name.to_owned()).collect(), missing_above },
        ..Default::default()
    };
    // Half of b is missing, a quarter of c: the limit itself is not above it.
    let fitted = fit(&table, 0..4, &drop(&["a", "z"], Some(0.25)));
    assert_eq!(fitted.input_names(), ["c = a", "c = b", "c missing"]);
    let told = [
        "\"z\" is to be left out, and there is no indicator of that name.",
        "\"b\" is missing in 50 % of the training rows and is left out.",
    ];
    assert_eq!(fitted.notices(), told);
    // Over the first two rows b has half its cells, c all.
    assert_eq!(fit(&table, 0..2, &drop(&["a"], Some(0.25))).input_names(), ["c = a", "c = b"]);
    let error = Preparation::fit(&table, &[0, 1], &drop(&["a", "b", "c"], None)).unwrap_err();
    assert_eq!(error, PreparationError::AllDropped { indicators: 3 });
}

#[test]
fn inputs_are_found_by_indicator() {
    let table = data(vec![
        ("a", numbers(&[1.0, 2.0, 3.0, NAN])),
        ("same", numbers(&[1.0, NAN, 1.0, 1.0])),
        ("c", letters("abca")),
        ("d", numbers(&[1.0, NAN, 3.0, 5.0])),
    ]);
    let fitted = fit(&table, 0..4, &scaled(ScaleMethod::QuantileBins));
    let inputs = |values, flag| Some(IndicatorInputs { values, flag });
    assert_eq!(fitted.inputs_of("a"), inputs(0..4, Some(4)));
    assert_eq!(fitted.inputs_of("same"), inputs(5..5, Some(5)));
    assert_eq!(fitted.inputs_of("c"), inputs(6..9, None));
    assert_eq!(fitted.inputs_of("d"), inputs(9..13, Some(13)));
    assert_eq!(fitted.inputs_of("z"), None);
    assert_eq!(fitted.missing_inputs(&table, &[0, 1, 3]), [vec![], vec![9, 10, 11, 12], vec![0, 1, 2, 3]]);
    let numbers: Vec<usize> = (0..14).filter(|&input| fitted.number_inputs()[input]).collect();
    assert_eq!((fitted.number_inputs().len(), numbers), (14, vec![0, 1, 2, 3, 9, 10, 11, 12]));
    assert_eq!(fitted.input_names()[3..6], ["a: bin 4 of 4", "a missing", "same missing"]);
}

#[test]
fn the_chain_in_words() {
    let words = |settings: PreparationSettings| -> Vec<String> {
        settings.steps().into_iter().map(|step| format!("{}: {}", step.name, step.text)).collect()
    };
    assert_eq!(
        words(PreparationSettings::default()),
        [
            "Drop: Every indicator is used.",
            "Missing: Missing cells take the middle rank of the training rows, and a flag says where they are.",
            "Outliers: Values far out stay as they are.",
            "Scale: Numbers become ranks among the training rows, and ranks normal quantiles.",
            "Categories: Each of the 20 commonest levels of a category becomes an input; the others share one.",
        ]
    );
    let mut settings = standardise(0.025);
    settings.drop = DropSettings { columns: vec!["a".to_owned()], missing_above: Some(0.5) };
    settings.missing = MissingSettings { fill: Fill::Knn, flags: false, ..Default::default() };
    settings.categories.min_share = 0.01;
    settings.categories.method = CategoryMethod::Ordered;
    assert_eq!(
        words(settings),
        [
            "Drop: Left out: a; indicators with more than 50 % of the training cells missing.",
            "Missing: Missing cells take the mean of the 5 nearest training rows.",
            "Outliers: Values outside the 2.5 % and 97.5 % quantiles of the training rows are drawn in to them.",
            "Scale: Numbers become (x − mean) / standard deviation of the training rows.",
            "Categories: Each of the 20 commonest levels of a category with at least 1 % of the training cells becomes \
             an input; the others share one. Levels that all contain numbers become one number, their place in that \
             order.",
        ]
    );
}

#[test]
fn settings_are_checked() {
    assert!(PreparationSettings::default().problems().is_empty());
    let mut wrong = PreparationSettings::default();
    wrong.drop.missing_above = Some(1.5);
    wrong.missing =
        MissingSettings { neighbours: 0, gibbs_burn_in: 2000, gibbs_samples: 0, ..MissingSettings::default() };
    wrong.outliers = OutlierSettings { low: NAN, high: 0.5, ..OutlierSettings::default() };
    wrong.scale.bins = 1;
    wrong.categories.min_share = 0.6;
    wrong.categories.max_levels = 0;
    wrong.categories.orders.insert("size".to_owned(), vec!["small".to_owned(), "small".to_owned()]);
    wrong.categories.orders.insert("type".to_owned(), vec!["one".to_owned()]);
    let problems = wrong.problems();
    let fields: Vec<&str> = problems.iter().map(|(field, _)| *field).collect();
    assert_eq!(
        fields,
        [
            "drop.missing_above",
            "outliers.low",
            "outliers.high",
            "categories.min_share",
            "missing.neighbours",
            "missing.gibbs_burn_in",
            "missing.gibbs_samples",
            "scale.bins",
            "categories.max_levels",
            "categories.orders",
            "categories.orders",
        ]
    );
    assert_eq!(problems[9].1, "names \"small\" of \"size\" twice");
    let wrong =
        PreparationSettings { outliers: OutlierSettings { low: NAN, ..Default::default() }, ..Default::default() };
    let error = Preparation::fit(&data(vec![("x", numbers(&[1.0, 2.0]))]), &[0, 1], &wrong).unwrap_err();
    assert_eq!(error.to_string(), "outliers.low must be from 0 to 0.25, not NaN");
}

#[test]
fn settings_are_read_step_by_step() {
    let text = r#"{"scale": {"method": "quantile_bins", "bins": 4}, "missing": {"fill": "knn"}}"#;
    let read: PreparationSettings = serde_json::from_str(text).unwrap();
    let missing = MissingSettings { fill: Fill::Knn, ..Default::default() };
    assert_eq!(read, PreparationSettings { missing, ..scaled(ScaleMethod::QuantileBins) });
    assert!(serde_json::from_str::<PreparationSettings>(r#"{"outliers": {"metod": "none"}}"#).is_err());
    let written = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<PreparationSettings>(&written).unwrap(), read);
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
