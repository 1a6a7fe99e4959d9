//! Grades, calibration and stability of quick models on the sample.

use std::path::Path;
use std::sync::Arc;

use super::stability::unlike;
use super::*;
use crate::data::{Indicator, RoleRequest, Source, ValidationKind, Values};
use crate::evaluation::{Drift, Stability};
use crate::model::calibration::CalibrationMethod;
use crate::training::{Comparison, GradeMethod, GradeSettings, RunSettings, compare};

/// Nobody stops the work.
static GO_ON: AtomicBool = AtomicBool::new(false);

fn sample() -> (Source, Dataset) {
    let source = Source::sample(&RoleRequest::default()).unwrap();
    let data = source.dataset(&source.guess.roles).unwrap();
    (source, data)
}

fn logistic() -> RunSettings {
    let mut settings = RunSettings { models: vec![ModelKind::Logistic], ..RunSettings::default() };
    (settings.validation.folds, settings.validation.repeats) = (3, 2);
    settings
}

fn fitted(data: &Dataset, settings: &RunSettings) -> (RunSpec, Comparison) {
    let spec = settings.check().unwrap();
    let comparison = compare(data, &spec, 2, &[], &|_| (), &GO_ON).unwrap();
    (spec, comparison)
}

fn standing(data: &Dataset, settings: &RunSettings, against: &Against) -> Standing {
    let (spec, comparison) = fitted(data, settings);
    stand(data, &spec, &comparison.models[0], against, &GO_ON).unwrap().unwrap()
}

/// Every row of either side is in one bin of each drift, and the largest drift comes first.
fn adds_up(report: &StabilityReport) {
    let rows = |drift: &Drift| {
        let sums = drift.bins.iter().map(|bin| [bin.reference, bin.other]);
        sums.fold([0, 0], |[a, b], [c, d]| [a + c, b + d])
    };
    assert!(report.indicators.iter().flat_map(|indicator| &indicator.1).all(|drift| rows(drift) == report.n));
    let psi = |indicator: &(String, Option<Drift>)| indicator.1.as_ref().map_or(-1.0, |drift| drift.psi);
    assert!(report.indicators.is_sorted_by(|a, b| psi(a) >= psi(b)));
}

#[test]
fn grades_hold_every_held_out_row_once_and_are_chosen_on_others() {
    let (_, data) = sample();
    let (spec, comparison) = fitted(&data, &logistic());
    let model = &comparison.models[0];
    let standing = stand(&data, &spec, model, &Against::Test, &GO_ON).unwrap().unwrap();
    let scale = standing.scale.as_ref().unwrap();
    assert!(scale.n_grades() > 1 && standing.grades.len() == scale.n_grades());
    assert_eq!(standing.grades.iter().map(|grade| grade.rows).sum::<usize>(), data.n_labelled());
    assert_eq!(standing.grades.iter().map(|grade| grade.bad).sum::<usize>(), data.n_bad());
    let first_repeat = || model.folds.iter().filter(|fold| fold.fit.repeat == 0).map(|fold| &fold.scored.answers);
    for (index, grade) in standing.grades.iter().enumerate() {
        let of_fold = |pd: &[f64]| pd.iter().filter(|pd| scale.grade(**pd) == Some(index)).count();
        assert_eq!(grade.rows, first_repeat().map(|answers| of_fold(&answers.pd)).sum::<usize>());
    }
    // On the rows that they are chosen on the rates rise.
    let unseen = Cuts::merged(first_repeat().filter_map(|answers| answers.validation.as_ref())).unwrap();
    assert_eq!(unseen.n_rows(), 2 * data.n_labelled());
    assert!(scale.grades(&unseen).is_sorted_by(|a, b| a.bad_rate < b.bad_rate));

    let squares = first_repeat().flat_map(|answers| answers.bad.iter().zip(&answers.pd));
    let squares: f64 = squares.map(|(bad, pd)| (pd - f64::from(u8::from(*bad))).powi(2)).sum();
    assert!((standing.brier.unwrap().brier - squares / data.n_labelled() as f64).abs() < 1e-12);
    assert!(standing.hosmer_lemeshow.is_some() && standing.line.unwrap().slope.is_some());
}

#[test]
fn drawn_grades_are_as_drawn_and_need_no_unseen_rows() {
    let (_, data) = sample();
    let mut settings = logistic();
    settings.calibration.method = CalibrationMethod::None;
    let without = standing(&data, &settings, &Against::Test);
    assert!(without.grades.is_empty() && without.scale.unwrap_err().contains("calibration"));

    let bounds = vec![0.05, 0.1, 0.2, 0.4];
    settings.grades =
        GradeSettings { method: GradeMethod::Drawn, bounds: bounds.clone(), monotone: false, ..settings.grades };
    let drawn = standing(&data, &settings, &Against::Test);
    assert_eq!((drawn.scale.unwrap().bounds(), drawn.grades.len()), (&bounds[..], 5));
    let report = drawn.stability.unwrap();
    assert_eq!(report.scores, None);
    assert!(report.notes[0].contains("0 of 200 (training rows of the first split)"), "{:?}", report.notes);

    settings.grades.bounds.swap(1, 2);
    assert_eq!(settings.check().unwrap_err()[0].key, "grades.bounds");
}

#[test]
fn sides_of_a_split_are_alike() {
    let (_, data) = sample();
    let report = standing(&data, &logistic(), &Against::Test).stability.unwrap();
    assert_eq!(report.reference, "training rows of the first split");
    assert_eq!(report.n, [200, 100]);
    adds_up(&report);
    let scores = report.scores.unwrap();
    assert!(!scores.beyond_chance(), "{scores:?}");
    // Of sides of one population about one indicator in twenty differs by more than chance.
    let beyond = report.indicators.iter().filter(|i| i.1.as_ref().is_some_and(Drift::beyond_chance)).count();
    assert!(beyond <= report.indicators.len() / 4, "{:?}", report.indicators);
    assert_eq!((report.indicators.len(), report.notes.len()), (data.indicators.len(), 0));
}

#[test]
fn the_latest_period_against_all_before() {
    let (_, mut data) = sample();
    let mut settings = logistic();
    let report = standing(&data, &settings, &Against::LatestPeriod).stability.unwrap();
    assert_eq!((&report.reference[..], &report.other[..]), ("2022 and before", "2023"));
    assert_eq!(report.n.iter().sum::<usize>(), data.n_rows());
    adds_up(&report);
    let scored: usize = report.scores.unwrap().bins.iter().map(|bin| bin.reference + bin.other).sum();
    assert_eq!(scored, data.n_labelled());

    // Held out were the latest periods alone.
    settings.validation.kind = ValidationKind::OutOfTime;
    let report = standing(&data, &settings, &Against::LatestPeriod).stability.unwrap();
    assert!(report.scores.is_none_or(|scores| scores.bins.iter().all(|bin| bin.other > 0)));

    data.period = None;
    let why = standing(&data, &logistic(), &Against::LatestPeriod).stability.unwrap_err();
    assert!(why.starts_with("No column is the period"), "{why}");
}

/// The table as CSV with its columns in this order and, when asked for, one more.
fn csv(source: &Source, columns: &[usize], more: bool) -> Vec<u8> {
    let line = |cells: &dyn Fn(usize) -> String, last: &str| {
        let cells: Vec<String> =
            columns.iter().map(|&column| cells(column)).chain(more.then(|| last.to_owned())).collect();
        cells.join(",") + "\n"
    };
    let table = &source.table;
    let mut text = line(&|column| table.names()[column].clone(), "more");
    for row in 0..table.n_rows() {
        text += &line(&|column| table.cell(row, column).to_owned(), &format!("x{row}"));
    }
    text.into_bytes()
}

fn against_file(bytes: &[u8], like: &Dataset) -> Result<Against, String> {
    let source = Source::from_bytes(Path::new("next.csv"), bytes, &RoleRequest::default()).unwrap();
    let data = source.dataset_like(like).map_err(|error| error.to_string())?;
    Ok(Against::File(Arc::new(data), "next.csv".to_owned()))
}

#[test]
fn a_second_table_is_matched_by_the_names_of_its_columns() {
    let (source, data) = sample();
    let (spec, comparison) = fitted(&data, &logistic());
    let report = |against: &Against| {
        let standing = stand(&data, &spec, &comparison.models[0], against, &GO_ON).unwrap().unwrap();
        standing.stability.unwrap()
    };
    let columns: Vec<usize> = (0..source.table.n_columns()).collect();
    let same = report(&against_file(&csv(&source, &columns, false), &data).unwrap());
    assert_eq!((&same.reference[..], &same.other[..], same.n), ("rows of this table", "next.csv", [data.n_rows(); 2]));
    adds_up(&same);
    for (name, drift) in &same.indicators {
        let drift = drift.as_ref().unwrap();
        assert_eq!((drift.psi, drift.stability), (0.0, Stability::Stable), "{name}");
    }
    let scored: usize = same.scores.as_ref().unwrap().bins.iter().map(|bin| bin.other).sum();
    assert_eq!(scored, data.n_rows());

    let turned: Vec<usize> = columns.iter().rev().copied().collect();
    assert_eq!(report(&against_file(&csv(&source, &turned, true), &data).unwrap()), same);

    // Without the label nothing changes either; without an indicator there is nothing to be had.
    let place = |name: &str| source.table.position(name).unwrap();
    let mut without = columns.clone();
    without.retain(|&column| column != place(&data.label_name));
    assert_eq!(report(&against_file(&csv(&source, &without, false), &data).unwrap()), same);
    let lost = &data.indicators[2].name;
    without.retain(|&column| column != place(lost));
    let why = against_file(&csv(&source, &without, false), &data).unwrap_err();
    assert!(why.starts_with(&format!("the second table has no column \"{lost}\";")), "{why}");
    let mut lacking = data.clone();
    lacking.indicators.remove(2);
    let against = Against::File(Arc::new(lacking), "next.csv".to_owned());
    let standing = stand(&data, &spec, &comparison.models[0], &against, &GO_ON).unwrap().unwrap();
    assert!(standing.stability.unwrap_err().starts_with(&format!("The second table has no column \"{lost}\"")));
}

#[test]
fn a_shifted_table_is_found_out() {
    let (_, data) = sample();
    let mut shifted = data.clone();
    let Indicator { name, values: Values::Numeric(cells) } = &mut shifted.indicators[1] else { panic!("a number") };
    let (mean, n) = (cells.iter().filter(|x| x.is_finite()).sum::<f64>(), cells.len() as f64);
    let spread = (cells.iter().filter(|x| x.is_finite()).map(|x| (x - mean / n).powi(2)).sum::<f64>() / n).sqrt();
    *cells = cells.iter().map(|x| x + 2.0 * spread).collect();
    let name = name.clone();
    let against = Against::File(Arc::new(shifted), "next.csv".to_owned());
    let report = standing(&data, &logistic(), &against).stability.unwrap();
    assert_eq!(report.indicators[0].0, name);
    assert_eq!(report.indicators[0].1.as_ref().unwrap().stability, Stability::LargeShift);
    assert!(report.indicators[1..].iter().all(|i| i.1.as_ref().is_some_and(|drift| drift.psi == 0.0)));
}

#[test]
fn what_models_cannot_make_sense_of_is_said() {
    let (_, data) = sample();
    let texts = |levels: &[&str], codes: Vec<Option<u32>>| Indicator {
        name: "sector".to_owned(),
        values: Values::Category { codes, levels: levels.iter().map(|&level| level.to_owned()).collect() },
    };
    let of = |indicator: Indicator| Dataset { indicators: vec![indicator], ..data.clone() };
    let first = texts(&["a", "b"], vec![Some(0), Some(1)]);
    let second = of(texts(&["x", "b", "never used"], vec![Some(0), Some(1), None, Some(0)]));
    assert_eq!(
        unlike(&first, &second).unwrap(),
        "\"sector\" is \"x\", \"never used\" in 2 rows: levels that the first table does not have."
    );
    assert_eq!(unlike(&first, &of(first.clone())), None);
    let numbers = Indicator { name: "sector".to_owned(), values: Values::Numeric([1.0].into()) };
    assert!(unlike(&first, &of(numbers)).unwrap().contains("texts in the other"));
}

#[test]
fn stopped_or_unfinished_there_is_nothing_or_less() {
    let (_, data) = sample();
    let (spec, comparison) = fitted(&data, &logistic());
    let model = &comparison.models[0];
    let stop = AtomicBool::new(true);
    assert_eq!(stand(&data, &spec, model, &Against::Test, &stop).unwrap(), None);
    let file = Against::File(Arc::new(data.clone()), "same.csv".to_owned());
    for against in [Against::Test, Against::LatestPeriod, file] {
        assert!(matches!(report(&data, &spec, model, &against, &stop), Err(Failure::Stopped)));
    }

    let mut begun = model.clone();
    begun.folds.remove(0);
    let standing = stand(&data, &spec, &begun, &Against::Test, &GO_ON).unwrap().unwrap();
    assert_eq!(standing.stability.unwrap().other, "test rows of split 2");
    assert!(standing.grades.iter().map(|grade| grade.rows).sum::<usize>() < data.n_labelled());
    begun.folds.clear();
    let standing = stand(&data, &spec, &begun, &Against::Test, &GO_ON).unwrap().unwrap();
    assert_eq!((standing.brier, standing.hosmer_lemeshow, standing.line), (None, None, None));
    assert!(standing.stability.unwrap_err().starts_with("No fold") && standing.grades.is_empty());
}
