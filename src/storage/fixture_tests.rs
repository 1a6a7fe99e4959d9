//! Files that earlier versions wrote: one of each kind and format stays in `tests/saved` for ever, and opens.
//!
//! A new format gets a fixture of its own, by `cargo test --lib write_fixtures -- --ignored` after the paths below were changed
//! to its number; those that are there stay as they are.

use std::path::{Path, PathBuf};

use super::small;
use super::*;
use crate::data::Progress;
use crate::evaluation::Metric;
use crate::scoring::RiskModel;
use crate::training::ModelKind;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("saved").join(name)
}

#[test]
#[ignore = "writes the files of a new format"]
fn write_fixtures() {
    save_model(&fixture("model_v1.bscope-model"), &small::model()).unwrap();
    save_workspace(&fixture("workspace_v1.bscope"), &small::workspace()).unwrap();
}

/// Other processors may differ in the last bits.
fn close(found: &[f64], expected: &[f64]) {
    let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(near && found.len() == expected.len(), "{found:?}");
}

fn pds(model: &RiskModel) -> Vec<f64> {
    let (_, data) = small::source();
    model.pd(model.inputs(&data, &[0, 1, 2], &[0, 1, 2]).view())
}

#[test]
fn a_model_of_format_1_answers_as_it_did() {
    let model = load_model(&fixture("model_v1.bscope-model")).unwrap();
    assert_eq!((model.kind, model.record.settings.seed, model.record.data.rows), (ModelKind::Dbn, 42, 60));
    assert_eq!(model.preparation.indicators().collect::<Vec<_>>(), ["margin", "debt", "kind"]);
    close(&pds(&model), &[0.081_035_707_8, 0.589_386_516_4, 0.354_698_064_3]);
}

#[test]
fn a_workspace_of_format_1_opens_whole() {
    let work = load_workspace(&fixture("workspace_v1.bscope")).unwrap();
    assert_eq!((&*work.title, &*work.program, work.row), ("firms.csv", "0.1.0", 7));
    let open = work.open.as_ref().unwrap();
    let source = work.open_table(&work.tables[open.table], &Progress::new()).unwrap();
    let data = source.dataset(&open.roles).unwrap();
    assert_eq!((data.n_rows(), data.n_bad(), source.name()), (60, 26, "firms.csv".to_owned()));
    let comparison = work.comparison.as_ref().unwrap();
    comparison.check_rows(&data).unwrap();
    let auc = |kind| comparison.comparison.model(kind).unwrap().summary(Metric::Auc).mean.unwrap();
    let found = [ModelKind::Dbn, ModelKind::Logistic, ModelKind::Majority].map(auc);
    close(&found, &[0.984_162_895_9, 1.0, 0.5]);
    let run = work.run.as_ref().unwrap();
    assert_eq!((run.trained.len(), &run.end), (3, &SavedEnd::Finished));
    close(&pds(run.trained[1].model().unwrap()), &[0.015_490_903_7, 0.397_845_202_5, 0.922_352_111_0]);
    assert!(!run.history.is_empty());
    assert_eq!((work.studies[0].study.cells.len(), work.scorings[0].by), (12, WorkspaceModel::Opened(0)));
    assert_eq!(work.overrides[0].reason, "The guarantor failed");
    assert_eq!((&work.overrides[0].table, work.overrides[0].model), (&None, None), "it was not recorded then");
}
