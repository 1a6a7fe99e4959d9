//! Workspaces: all of the work comes back and opens without the files that it was made from.

use super::*;
use crate::evaluation::Metric;
use crate::model::Series;
use crate::random::{Purpose, stream};
use crate::storage::small;
use crate::training::{Curve, Cutoff, Rows};
use rand::RngExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

fn path() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work.bscope");
    (folder, path)
}

#[test]
fn all_of_the_work_comes_back_to_the_bit() {
    let (_folder, path) = path();
    for work in [small::workspace(), SavedWorkspace::default()] {
        save_workspace(&path, &work).unwrap();
        assert_eq!(load_workspace(&path).unwrap(), work);
    }
}

#[test]
fn the_table_opens_from_the_workspace_alone_and_models_answer_for_it() {
    let (_folder, path) = path();
    save_workspace(&path, &small::workspace()).unwrap();
    let work = load_workspace(&path).unwrap();
    let open = work.open.as_ref().unwrap();
    let source = work.open_table(&work.tables[open.table], &Progress::new()).unwrap();
    let (first, data) = small::source();
    assert_eq!((&source.table, &source.reading), (&first.table, &first.reading));
    assert_eq!(source.dataset(&open.roles).unwrap(), data);
    assert!(work.open_table(&work.tables[1], &Progress::new()).unwrap().is_synthetic());
    let comparison = work.comparison.as_ref().unwrap();
    comparison.check_rows(&data).unwrap();
    let few = small::csv().lines().take(41).collect::<Vec<_>>().join("\n");
    let few = Source::from_bytes(Path::new("few.csv"), few.as_bytes(), &RoleRequest::default()).unwrap();
    let error = comparison.check_rows(&few.dataset(&open.roles).unwrap()).unwrap_err();
    assert_eq!(error, "the comparison is of at least 60 rows, and its table has 40");
    let run = work.run.as_ref().unwrap();
    let fold = crate::training::train_split(&data, &run.settings.check().unwrap()).unwrap();
    for trained in &run.trained {
        let model = trained.model().unwrap();
        let x = model.inputs(&data, &fold.test_rows, &fold.test_rows);
        assert_eq!(model.pd(x.view()), trained.done.scored.answers.pd);
    }
}

/// Two files stacked, which have one name in different folders.
#[test]
fn several_files_become_the_same_table_from_their_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (year, margin) in [("2019", "1.5"), ("2020", "-2.5")] {
        let path = folder.path().join(year).join("firms.csv");
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        std::fs::write(&path, small::csv().replace("1.0", margin)).unwrap();
        paths.push(path);
    }
    let (roles, options, progress) = (RoleRequest::default(), ReadOptions::default(), Progress::new());
    let direct = Source::open_many(&paths, &Combination::Auto, &roles, &options, &progress).unwrap();
    let packed = direct.files.iter().map(|file| SavedFile::pack(&file.path, &file.reading.sha256).unwrap());
    let table = SavedTable { files: vec![0, 1], sample: None, options, combination: Combination::Auto };
    let work = SavedWorkspace { files: packed.collect(), tables: vec![table.clone()], ..Default::default() };
    let text = serde_json::to_string(&work).unwrap();
    drop(folder);
    let read: SavedWorkspace = serde_json::from_str(&text).unwrap();
    assert_eq!(read.open_table(&table, &Progress::new()).unwrap(), direct);
}

#[test]
fn large_tables_are_only_referred_to() {
    let work = small::workspace();
    assert_eq!(work.clone().lightened(1 << 20), work);
    let light = work.lightened(100);
    assert_eq!(light.files[0].packed_size(), 0);
    let error = light.open_table(&light.tables[0], &Progress::new()).unwrap_err().to_string();
    assert!(error.contains("firms.csv cannot be read: there is no such file"), "{error}");
}

#[test]
fn parts_that_do_not_go_together_are_refused() {
    let (_folder, path) = path();
    type Change = fn(&mut SavedWorkspace);
    let changes: [(&str, Change); 8] = [
        ("a file that is not there", |work| work.tables[0].files = vec![1]),
        ("no file and of no sample", |work| work.tables[1].sample = Some("moon".to_owned())),
        ("a table that is not there", |work| work.second = Some(2)),
        ("a table that is not there", |work| work.scorings[0].subject.table = 9),
        ("an earlier scoring is of a file", |work| work.scorings[0].earlier = Some(1)),
        ("a model that is not there", |work| work.scorings[0].by = WorkspaceModel::Opened(1)),
        ("a model or a level", |work| work.studies[0].study.levels.clear()),
        ("validation.folds", |work| work.comparison.as_mut().unwrap().settings.validation.folds = 0),
    ];
    for (said, change) in changes {
        let mut work = small::workspace();
        change(&mut work);
        save_workspace(&path, &work).unwrap();
        let error = load_workspace(&path).unwrap_err().to_string();
        assert!(error.contains("work.bscope cannot be understood") && error.contains(said), "{error}");
    }
}

#[test]
fn bytes_changed_here_and_there_and_truncations_give_a_sentence() {
    let (_folder, path) = path();
    save_workspace(&path, &small::workspace()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let check = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).unwrap();
        let sentence = load_workspace(&path).err().unwrap_or_else(|| panic!("{what} went unnoticed")).to_string();
        assert!(sentence.ends_with('.') && sentence.contains("work.bscope"), "{sentence}");
    };
    let mut random = stream(86, Purpose::Sample, 0);
    for case in 0..1200 {
        let at = if case < 200 { case } else { random.random_range(0..whole.len()) };
        let mut bytes = whole.clone();
        bytes[at] ^= random.random_range(1..=255_u8);
        check(&bytes, &format!("byte {at} changed"));
        check(&whole[..at], &format!("a cut after {at} bytes"));
    }
}

/// Damage that a checksum does not see, since it was made with the file.
#[test]
fn work_put_together_wrongly_is_refused_or_can_be_looked_at() {
    let (_folder, path) = path();
    let text = serde_json::to_string(&small::workspace()).unwrap();
    let (_, data) = small::source();
    let mut opened = 0;
    for index in 0..300 {
        let spoilt = small::spoilt(&text, &mut stream(87, Purpose::Sample, index));
        container::write_json(&path, FileKind::Workspace, WORKSPACE_FORMAT, spoilt.as_bytes()).unwrap();
        let used = catch_unwind(AssertUnwindSafe(|| load_workspace(&path).map_or(0, |work| look(&work, &data))));
        opened += used.unwrap_or_else(|_| panic!("case {index} panicked"));
    }
    assert!(opened > 50, "{opened}");
}

/// Asks of the work what a window asks.
fn look(work: &SavedWorkspace, data: &Dataset) -> usize {
    for table in &work.tables {
        if let Ok(source) = work.open_table(table, &Progress::new()) {
            drop(work.open.as_ref().map(|open| source.dataset(&open.roles)));
        }
    }
    if let Some(SavedComparison { comparison, settings, .. }) = &work.comparison {
        let money = &settings.money;
        let recut = comparison.recut(Cutoff::Value(0.3), money, Metric::Mcc);
        for model in &recut.models {
            let _ = (model.summary(Metric::Auc), model.confusion(), model.curve(Curve::Roc).len());
            for rows in [Rows::Validation, Rows::Test] {
                let _ = model.outcome(Cutoff::Value(0.4), money, rows);
                let _ = (model.histogram(rows, &[0.0, 0.5, 1.0]), model.pd_range(rows));
            }
        }
        if work.comparison.as_ref().unwrap().check_rows(data).is_ok()
            && let Ok(spec) = settings.check()
        {
            crate::training::analyse(data, &spec, comparison, 1, &false.into()).unwrap();
        }
    }
    for study in &work.studies {
        for model in 0..study.study.models.len() {
            let _ = (study.study.curve(model, Metric::Auc), study.study.over_levels(model, Metric::Auc));
        }
    }
    if let Some(run) = &work.run {
        let curve = run.history.curve(ModelKind::Svm, Series::KktGap);
        assert!(curve.iter().all(|point| point.len() == 2));
        for trained in &run.trained {
            let recut = trained.done.scored.recut(Cutoff::Value(0.2), &run.settings.money);
            assert!(recut.metrics.auc.is_none_or(|auc| (0.0..=1.0).contains(&auc)));
        }
    }
    1
}
