//! Models exported and scored by onnxruntime, where Python has it: the same probabilities as the program's own to 1e-5. That the
//! graph says what the program does is proved without Python beside the code (`src/exchange/onnx/tests`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "that a check is left out is to be seen")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use beliefscope::data::{RoleRequest, SAMPLES, Source, sample_csv};
use beliefscope::exchange::OnnxModel;
use beliefscope::model::{Learner, Point};
use beliefscope::scoring::{DataRecord, Making, ReadAs, RiskModel};
use beliefscope::training::{Control, LiveChanges, ModelKind, RunSettings, train, train_split};

struct ToTheEnd;

impl Control for ToTheEnd {
    fn go_on(&mut self, _: &mut dyn Learner, _: bool) -> bool {
        true
    }

    fn point(&mut self, _: Point) {}
}

/// A Python that knows onnxruntime: `PYTHON`, else `python3`.
fn python() -> Option<String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let answer = Command::new(&python).args(["-c", "import numpy, onnxruntime"]).output().ok()?;
    answer.status.success().then_some(python)
}

#[test]
fn onnxruntime_gives_the_same_probabilities() {
    let Some(python) = python() else {
        println!("left out: python3 with numpy and onnxruntime is needed to score exported models");
        return;
    };
    let source = Source::sample(&RoleRequest::default()).unwrap();
    let data = source.dataset(&source.guess.roles).unwrap();
    let mut settings = RunSettings::default();
    settings.dbn.nets = 2;
    settings.dbn.pre_training.epochs = Some(3);
    settings.dbn.fine_tuning.epochs = Some(10);
    settings.svm.tuning.on = false;
    settings.gbt.trees = 20;
    settings.calibration.population_bad_rate = Some(0.05);
    let spec = settings.check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [onnx, table, scored] = ["model.onnx", "table.csv", "scored.csv"].map(|name| folder.path().join(name));
    let sample = sample_csv(SAMPLES[0].name).unwrap();
    let lines: Vec<&str> = sample.lines().filter(|line| !line.starts_with('#')).collect();
    fs::write(&table, lines.join("\n")).unwrap();
    for kind in ModelKind::ALL {
        let (done, classifier) = train(&fold, &spec, kind, &LiveChanges::default(), &mut ToTheEnd).unwrap();
        let record = DataRecord::new(&source, &data, ReadAs::default());
        let made = "2026-01-02T03:04:05Z".to_owned();
        let making =
            Making { fold: &fold, data: &data, record, spec: &spec, classifier: &*classifier, done: &done, made };
        let model = RiskModel::new(making).unwrap();
        fs::write(&onnx, OnnxModel::new(&model).unwrap().bytes).unwrap();
        let rows: Vec<usize> = (0..data.n_rows()).collect();
        let mut text = "pd\n".to_owned();
        for pd in model.pd(model.inputs(&data, &rows, &rows).view()) {
            writeln!(text, "{pd}").unwrap();
        }
        fs::write(&scored, text).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/check_onnx.py");
        let answer = Command::new(&python).arg(script).args([&onnx, &table, &scored]).output().unwrap();
        let said = String::from_utf8_lossy(&answer.stdout).into_owned() + &String::from_utf8_lossy(&answer.stderr);
        assert!(answer.status.success(), "{}: {said}", kind.title());
        println!("{}: {}", kind.title(), said.trim());
    }
}
