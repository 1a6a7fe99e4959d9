//! Explanations of models that were trained on a small table, against scoring it in the plain way.

use std::fmt::Write as _;

use ndarray::Axis;
use rand::RngExt as _;

use super::*;
use crate::data::{Dataset, Fill, RoleRequest, ScaleMethod, Source};
use crate::random::{Purpose, stream};
use crate::scoring::{ColumnValues, DataRecord, Making, RiskModel};
use crate::training::{Control, LiveChanges, ModelKind, RunSettings, train, train_split};

/// Lets a learner run to its end.
struct ToTheEnd;

impl Control for ToTheEnd {
    fn go_on(&mut self, _: &mut dyn crate::model::Learner, _: bool) -> bool {
        true
    }

    fn point(&mut self, _: crate::model::Point) {}
}

const ROWS: usize = 300;

/// Cells of firms: `profit` and its near copy `margin`, `debt` with gaps, `size`, a `sector` of three levels, `same`
/// everywhere alike, and whether it failed.
fn cells() -> Vec<Vec<String>> {
    let mut random = stream(5, Purpose::Sample, 0);
    (0..ROWS)
        .map(|_| {
            let [profit, debt, size]: [f64; 3] = std::array::from_fn(|_| random.random::<f64>());
            let sector = random.random_range(0..3);
            let risk = 3.0 * (debt - profit) + f64::from(sector) - 1.5;
            let bad = random.random_bool(1.0 / (1.0 + (-risk).exp()));
            let gap = random.random_bool(0.15);
            let mut row = vec![format!("{:.3}", 100.0 * profit), format!("{:.3}", profit + 0.01 * size)];
            row.push(if gap { String::new() } else { format!("{debt:.3}") });
            row.extend([format!("{size:.3}"), ["farm", "shop", "works"][sector as usize].to_owned(), "7".to_owned()]);
            row.push(u8::from(bad).to_string());
            row
        })
        .collect()
}

fn source(cells: &[Vec<String>]) -> Source {
    let mut text = "profit,margin,debt,size,sector,same,failed\n".to_owned();
    for row in cells {
        writeln!(text, "{}", row.join(",")).unwrap();
    }
    let request = RoleRequest { label: Some("failed".to_owned()), ..RoleRequest::default() };
    Source::from_bytes("firms.csv".as_ref(), text.as_bytes(), &request).unwrap()
}

fn data(cells: &[Vec<String>]) -> Dataset {
    let source = source(cells);
    source.dataset(&source.guess.roles).unwrap()
}

fn quick() -> RunSettings {
    let mut settings = RunSettings::default();
    settings.dbn.layers = vec![6];
    settings.dbn.nets = 1;
    settings.dbn.pre_training.epochs = Some(3);
    settings.dbn.fine_tuning.epochs = Some(5);
    settings.svm.tuning.on = false;
    settings.gbt.trees = 15;
    settings
}

/// A model, its table, and the rows that it has not learned from.
fn trained(kind: ModelKind, settings: &RunSettings) -> (RiskModel, Dataset, Vec<usize>) {
    let source = source(&cells());
    let data = source.dataset(&source.guess.roles).unwrap();
    let spec = settings.check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let (done, classifier) = train(&fold, &spec, kind, &LiveChanges::default(), &mut ToTheEnd).unwrap();
    let record = DataRecord::new(&source, &data, Default::default());
    let making = Making {
        fold: &fold,
        data: &data,
        record,
        spec: &spec,
        classifier: classifier.as_ref(),
        done: &done,
        made: "2026-01-02T03:04:05Z".to_owned(),
    };
    (RiskModel::new(making).unwrap(), data.clone(), fold.test_rows.to_vec())
}

fn of_row(model: &RiskModel, data: &Dataset, row: usize) -> f64 {
    model.pd(model.inputs(data, &[row], &[row]).view())[0]
}

fn level(text: &str) -> Value {
    Value::Level(text.to_owned())
}

#[test]
fn what_if_is_scoring_the_changed_row() {
    let changes: [(usize, Value, &str); 8] = [
        (0, Value::Number(12.5), "12.5"),
        (0, Value::Missing, ""),
        (1, Value::Number(-400.0), "-400"),
        (2, Value::Number(0.25), "0.25"),
        (2, Value::Missing, ""),
        (4, level("works"), "works"),
        (4, level("mine"), "mine"),
        (5, Value::Number(9.0), "9"),
    ];
    let before = cells();
    for (fill, scale) in [
        (Fill::Median, ScaleMethod::NormalScores),
        (Fill::Mean, ScaleMethod::Standardise),
        (Fill::Knn, ScaleMethod::QuantileBins),
        (Fill::Rbm, ScaleMethod::NormalScores),
    ] {
        let mut settings = quick();
        settings.preparation.missing.fill = fill;
        settings.preparation.scale.method = scale;
        let (model, table, _) = trained(ModelKind::Dbn, &settings);
        for row in [0, 3, 17] {
            let firm = Firm::of_row(&model, &table, row, row);
            assert_eq!(what_if(&model, &firm).unwrap(), of_row(&model, &table, row));
            for (column, value, text) in &changes {
                let mut after = before.clone();
                after[row][*column] = (*text).to_owned();
                let expected = of_row(&model, &data(&after), row);
                let found = what_if(&model, &firm.with(*column, value.clone())).unwrap();
                assert_eq!(found, expected, "{fill:?}: row {row}, column {column} becomes \"{text}\"");
            }
        }
    }
}

#[test]
fn every_model_is_explained_and_the_sum_is_kept() {
    for kind in [ModelKind::Dbn, ModelKind::Svm, ModelKind::Logistic, ModelKind::Gbt, ModelKind::Majority] {
        let (model, data, held_out) = trained(kind, &quick());
        let explainer = Explainer::new(&model, ShapleySettings::of(&model)).unwrap();
        assert_eq!(ShapleySettings::of(&model).seed, model.record.settings.seed);
        let x = model.inputs(&data, &held_out, &held_out);
        for (&row, x) in held_out.iter().zip(x.rows()).take(5) {
            let found = explainer.explain(&x).unwrap();
            let names: Vec<&str> = found.contributions.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["profit", "margin", "debt", "size", "sector"], "the constant one is set aside");
            let sum: f64 = found.contributions.iter().map(|(_, contribution)| contribution).sum();
            assert!((sum - (found.pd - found.base)).abs() < 1e-12 && found.exact);
            assert_eq!(found.pd, of_row(&model, &data, row));
            let strongest = reasons(&found, 5);
            assert_eq!(strongest.raising.is_empty() && strongest.lowering.is_empty(), kind == ModelKind::Majority);
        }
    }
}

#[test]
fn what_tells_matters_and_copies_are_grouped() {
    let (model, data, held_out) = trained(ModelKind::Logistic, &quick());
    let found = importance(&model, &data, &held_out, &ImportanceSettings::default(), &|| false).unwrap().unwrap();
    assert_eq!(found.indicators, ["profit", "margin", "debt", "size", "sector"]);
    assert_eq!(found.together.iter().map(|group| group.indicators.clone()).collect::<Vec<_>>(), [vec![0, 1]]);
    let auc = |name: &str| found.alone[found.indicators.iter().position(|n| n == name).unwrap()].auc;
    assert!(auc("debt").mean > 0.03 && found.together[0].auc.mean > 0.03, "{found:?}");
    assert!(auc("size").interval[0] <= 0.0, "{found:?}");
    assert_eq!((found.rows, found.alone.len()), (held_out.len(), 5));
    let lone = ImportanceSettings { grouped_from: 1.0, repeats: 2, ..ImportanceSettings::default() };
    assert!(importance(&model, &data, &held_out, &lone, &|| false).unwrap().unwrap().together.is_empty());
}

#[test]
fn dependence_is_the_mean_of_changed_rows() {
    let (model, data, _) = trained(ModelKind::Dbn, &quick());
    let x = model.inputs(&data, &(0..80).collect::<Vec<_>>(), &(0..80).collect::<Vec<_>>());
    // The same rows without gaps in what is changed, changed one by one.
    for (column, name) in [(0, "profit"), (4, "sector"), (2, "debt")] {
        let found = dependence(&model, &x, name).unwrap().unwrap();
        assert_eq!((found.rows, found.curves.dim()), (80, (50, found.grid.len())));
        for (point, value) in found.grid.iter().enumerate() {
            let pd = |row: usize| {
                what_if(&model, &Firm::of_row(&model, &data, row, row).with(column, value.clone())).unwrap()
            };
            let mean = (0..80).map(pd).sum::<f64>() / 80.0;
            // Products of one row may round otherwise than those of many.
            assert!((found.mean[point] - mean).abs() < 1e-7, "{name} at {value}: {} {mean}", found.mean[point]);
        }
        assert!(found.grid.len() == if name == "sector" { 3 } else { 23 });
    }
    assert_eq!(dependence(&model, &x, "same"), Ok(None));
    assert_eq!(dependence(&model, &x, "nothing"), Ok(None));
    let none = x.slice(ndarray::s![..0, ..]);
    assert_eq!(dependence(&model, &none, "profit"), Err(ExplanationError::NoBackground));
}

/// The least distance of a change of one indicator on a grid twice as fine, by scoring every one of them.
fn nearest_of_one(model: &RiskModel, firm: &Firm) -> Option<f64> {
    let is_bad = model.is_called_bad(what_if(model, firm).unwrap());
    let mut least: Option<f64> = None;
    for (column, reference) in model.columns.iter().enumerate() {
        let values: Vec<Value> = match &reference.values {
            ColumnValues::Number { quantiles, .. } => quantiles[1..100].iter().map(|&q| Value::Number(q)).collect(),
            ColumnValues::Category { levels } => levels.iter().map(|(text, _)| level(text)).collect(),
        };
        for value in values {
            if model.is_called_bad(what_if(model, &firm.with(column, value.clone())).unwrap()) == is_bad {
                continue;
            }
            let points = match (standing(reference, &firm.values[column]), standing(reference, &value)) {
                (Standing::Percentile(a), Standing::Percentile(b)) => (a - b).abs(),
                (Standing::Unknown, _) => continue,
                _ => 100.0,
            };
            least = Some(least.map_or(points, |least| least.min(points)));
        }
    }
    least
}

#[test]
fn the_nearest_change_crosses_and_is_as_near_as_any() {
    let (mut counts, mut told) = ([0; 5], [0; 2]);
    for kind in [ModelKind::Dbn, ModelKind::Gbt] {
        let (model, data, held_out) = trained(kind, &quick());
        for &row in held_out.iter().take(30) {
            let firm = Firm::of_row(&model, &data, row, row);
            let is_bad = model.is_called_bad(what_if(&model, &firm).unwrap());
            let found = nearest_change(&model, &firm, &[]).unwrap();
            assert_eq!(found, nearest_change(&model, &firm, &[]).unwrap());
            let by_force = nearest_of_one(&model, &firm);
            let Some(found) = found else {
                assert_eq!(by_force, None);
                counts[0] += 1;
                continue;
            };
            counts[found.changes.len()] += 1;
            assert_eq!(by_force.is_some(), found.changes.len() == 1);
            // Rounded away from the firm it may be a little farther.
            assert!(by_force.is_none_or(|by_force| found.points <= by_force + 0.5), "{found:?} {by_force:?}");
            // It crosses, within what there is, and is what it says.
            let column = |name: &str| model.columns.iter().position(|column| column.name == name).unwrap();
            let changed = found.changes.iter().fold(firm.clone(), |firm, change| {
                assert_eq!(firm.values[column(&change.indicator)], change.from);
                firm.with(column(&change.indicator), change.to.clone())
            });
            assert_eq!(what_if(&model, &changed).unwrap(), found.pd);
            assert_ne!(model.is_called_bad(found.pd), is_bad);
            for change in &found.changes {
                if let (Value::Number(x), Some([low, high])) =
                    (&change.to, model.columns[column(&change.indicator)].range())
                {
                    assert!(low <= *x && *x <= high);
                    let shown: f64 = change.to.to_string().replace('−', "-").parse().unwrap();
                    told[usize::from(shown.to_bits() == x.to_bits())] += 1;
                }
                assert_ne!(change.from, Value::Missing);
            }
            // Locked, the same indicators do not change again.
            let locked: Vec<String> = found.changes.iter().map(|change| change.indicator.clone()).collect();
            if let Some(other) = nearest_change(&model, &firm, &locked).unwrap() {
                assert!(other.changes.iter().all(|change| !locked.contains(&change.indicator)));
                assert!(other.changes.len() >= found.changes.len());
            }
        }
    }
    assert!(counts[1] > 20 && counts[2] + counts[3] > 0, "{counts:?}");
    assert!(told[1] > 20 * told[0], "what is shown is what was scored: {told:?}");
}

#[test]
fn some_firms_cannot_cross() {
    let (model, data, _) = trained(ModelKind::Majority, &quick());
    let firm = Firm::of_row(&model, &data, 0, 0);
    assert_eq!(nearest_change(&model, &firm, &[]), Ok(None));
    let all: Vec<String> = model.columns.iter().map(|column| column.name.clone()).collect();
    assert_eq!(nearest_change(&model, &firm, &all), Ok(None));
    assert!(no_change_text(0).contains("up to 3 indicators") && no_change_text(2).contains("2 indicators locked"));
}

#[test]
fn a_table_that_lacks_columns_has_missing_values() {
    let (model, data, _) = trained(ModelKind::Logistic, &quick());
    let mut other = data.clone();
    other.indicators.retain(|indicator| indicator.name != "profit");
    let firm = Firm::of_row(&model, &other, 0, 0);
    assert_eq!(firm.values[0], Value::Missing);
    assert_eq!(firm.with(99, Value::Missing), firm);
    assert_eq!(Firm::of_row(&model, &data, ROWS + 5, 0).values, vec![Value::Missing; model.columns.len()]);
    let x = inputs(&model, &[firm.clone(), firm.clone()]);
    assert_eq!((x.nrows(), x.index_axis(Axis(0), 0)), (2, x.index_axis(Axis(0), 1)));
}
