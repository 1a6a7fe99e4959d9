//! A small model and a small workspace for the tests of files.

use crate::data::{Dataset, ReadOptions, RoleRequest, Source, fingerprint};
use crate::model::{Learner, Phase, Point, Series};
use crate::scoring::{DataRecord, HandMatching, Making, ReadAs, RiskModel};
use crate::storage::*;
use crate::training::{
    Control, Event, History, LiveChanges, ModelDone, ModelKind, RunSettings, RunSpec, StudyKind, StudySettings,
    compare, study, train, train_split,
};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Sixty firms of two indicators and a kind, of which every third or so failed.
pub(super) fn csv() -> String {
    let firm = |i: u32| {
        let failed = i.is_multiple_of(3) || i.is_multiple_of(7);
        let margin = f64::from(i * 37 % 60) / 10.0 - if failed { 2.0 } else { 0.0 };
        let debt = f64::from(i * 17 % 40) / 50.0 + if failed { 0.25 } else { 0.0 };
        let kind = ["trade", "works", "farm"][(i % 3) as usize];
        format!("F{i:02},{margin:.1},{debt:.2},{kind},{}\n", u8::from(failed))
    };
    std::iter::once("id,margin,debt,kind,failed\n".to_owned()).chain((1..=60).map(firm)).collect()
}

/// Few epochs of a small net and two quick models on two folds.
pub(super) fn settings() -> RunSettings {
    let models = vec![ModelKind::Dbn, ModelKind::Logistic, ModelKind::Majority];
    let mut settings = RunSettings { models, ..RunSettings::default() };
    settings.dbn.layers = vec![3];
    settings.dbn.nets = 1;
    settings.dbn.pre_training.epochs = Some(2);
    settings.dbn.fine_tuning.epochs = Some(3);
    settings.validation.folds = 2;
    settings
}

pub(super) fn source() -> (Source, Dataset) {
    let source = Source::from_bytes(Path::new("firms.csv"), csv().as_bytes(), &RoleRequest::default()).unwrap();
    let data = source.dataset(&source.guess.roles).unwrap();
    (source, data)
}

struct ToTheEnd<'a>(&'a mut Vec<Point>);

impl Control for ToTheEnd<'_> {
    fn go_on(&mut self, _: &mut dyn Learner, _: bool) -> bool {
        true
    }

    fn point(&mut self, point: Point) {
        self.0.push(point);
    }
}

/// A model of this kind with its answers and the points of its curves.
fn trained(kind: ModelKind, spec: &RunSpec) -> (ModelDone, RiskModel, Vec<Point>) {
    let (source, data) = source();
    let fold = train_split(&data, spec).unwrap();
    let mut points = Vec::new();
    let (done, classifier) = train(&fold, spec, kind, &LiveChanges::default(), &mut ToTheEnd(&mut points)).unwrap();
    let read_as = ReadAs { roles: source.guess.roles.clone(), ..Default::default() };
    let record = DataRecord::new(&source, &data, read_as);
    let made = "2026-01-02T03:04:05Z".to_owned();
    let making = Making { fold: &fold, data: &data, record, spec, classifier: classifier.as_ref(), done: &done, made };
    let model = RiskModel::new(making).unwrap();
    (done, model, points)
}

pub(super) fn model() -> RiskModel {
    trained(ModelKind::Dbn, &settings().check().unwrap()).1
}

/// A workspace in which there is something of everything.
pub(super) fn workspace() -> SavedWorkspace {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("firms.csv");
    std::fs::write(&path, csv()).unwrap();
    let mut file = SavedFile::pack(&path, &fingerprint(csv().as_bytes())).unwrap();
    file.path = "firms.csv".to_owned();
    let (source, data) = source();
    let settings = settings();
    let spec = settings.check().unwrap();
    let subject = Subject { table: 0, roles: source.guess.roles };
    let mut history = History::default();
    let runs: Vec<SavedTrained> = settings
        .models
        .iter()
        .map(|&kind| {
            let (done, model, points) = trained(kind, &spec);
            history.take(&Event::Phase { model: kind, phase: Phase::Finished, x: 5.0 });
            history.take(&Event::Points(kind, points));
            SavedTrained::new(done, Some(model))
        })
        .collect();
    let odd = Point { series: Series::KktGap, x: 1.0, y: f64::INFINITY };
    history.take(&Event::Points(ModelKind::Svm, vec![odd]));
    let stop = AtomicBool::new(false);
    let comparison = compare(&data, &spec, 1, &[], &|_| (), &stop).unwrap();
    let noise = StudySettings { levels: Some(vec![0.0, 0.5]), draws: Some(1), ..StudySettings::of(StudyKind::Noise) };
    let noise = study(&data, &spec, &noise.check().unwrap(), 1, &|_| (), &stop).unwrap();
    SavedWorkspace {
        program: "0.1.0".to_owned(),
        saved: "2026-01-02T03:04:05Z".to_owned(),
        title: "firms.csv".to_owned(),
        files: vec![file],
        tables: vec![
            SavedTable {
                files: vec![0],
                sample: None,
                options: ReadOptions::default(),
                combination: Default::default(),
            },
            SavedTable {
                files: Vec::new(),
                sample: Some("enterprises".to_owned()),
                options: ReadOptions::default(),
                combination: Default::default(),
            },
        ],
        open: Some(subject.clone()),
        bad_confirmed: true,
        second: Some(1),
        settings: settings.clone(),
        screen: Some(Screen::Compare),
        row: 7,
        run: Some(SavedRun {
            subject: subject.clone(),
            settings: settings.clone(),
            prepared: Some(SavedPrepared { n_train: 42, n_test: 18, bad_test: 8, ..Default::default() }),
            history,
            trained: runs,
            changes: LiveChanges::default(),
            reached: None,
            end: SavedEnd::Finished,
        }),
        comparison: Some(SavedComparison { subject: subject.clone(), settings: settings.clone(), comparison }),
        studies: vec![SavedStudy { subject: subject.clone(), settings, study: noise }],
        models: vec![SavedModel { path: "firms.bscope-model".to_owned(), model: model() }],
        scorings: vec![SavedScoring {
            by: WorkspaceModel::Opened(0),
            subject: Subject { table: 0, roles: subject.roles.clone() },
            by_hand: Some(HandMatching {
                indicators: vec![("margin".to_owned(), Some("margin".to_owned())), ("kind".to_owned(), None)],
                ..Default::default()
            }),
            earlier: Some(0),
        }],
        overrides: vec![Override {
            table: Some(OverrideTable { name: "firms.csv".to_owned(), sha256: fingerprint(csv().as_bytes()) }),
            model: Some(OverrideModel { kind: ModelKind::Dbn, seed: 42 }),
            enterprise: Some("F07".to_owned()),
            ..Override::example()
        }],
    }
}

/// Changes a digit, a letter or a stretch of `text` here and there.
pub(super) fn spoilt(text: &str, random: &mut crate::random::Stream) -> String {
    use rand::RngExt as _;
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..5) {
            // Numbers, the likeliest to pass for good.
            0..=2 => {
                let digit = bytes.iter().skip(at).position(u8::is_ascii_digit).map_or(at, |further| at + further);
                bytes[digit] = b"0123456789"[random.random_range(0..10)];
            }
            // A value left out of a list.
            3 => {
                let comma =
                    |from: usize| bytes.iter().skip(from).position(|&b| b == b',').map(|further| from + further);
                if let Some((first, second)) = comma(at).and_then(|first| Some((first, comma(first + 1)?))) {
                    bytes.drain(first..second);
                }
            }
            _ => bytes[at] = random.random_range(32..127),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
