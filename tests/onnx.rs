//! Models exported and scored by onnxruntime, where Python has it: the same probabilities as the program's own to 1e-5, on the
//! rows they learned from and on spoilt ones. That the graph says what the program does is proved without Python beside the code
//! (`src/exchange/onnx/tests`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "that a check is left out is to be seen")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use beliefscope::data::{Dataset, OutlierMethod, RoleRequest, ScaleMethod, Source, Values};
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

/// Numbers and texts with gaps.
fn mixed() -> Source {
    let mut csv = "ratio,assets,industry,age,bad\n".to_owned();
    for row in 0..900_usize {
        let x = (row as f64 * 0.618).sin();
        let cell = |missing: usize, text: String| if row % missing == 1 { String::new() } else { text };
        let industry = ["mining", "retail, small", "farming", "矿业"][row * 7 % 4];
        writeln!(
            csv,
            "{},{},\"{}\",{},{}",
            cell(9, x.to_string()),
            cell(7, (x * 20.0).exp().to_string()),
            cell(6, industry.to_owned()),
            cell(8, format!("{} years", [1, 2, 5, 10][row % 4])),
            u8::from(x + (row as f64 * 1.7).sin() > 0.6)
        )
        .unwrap();
    }
    Source::from_bytes("mixed.csv".as_ref(), csv.as_bytes(), &RoleRequest::default()).unwrap()
}

/// Values far out, infinite ones, gaps, levels never seen.
fn spoilt(data: &Dataset) -> Dataset {
    let mut spoilt = data.clone();
    for (column, indicator) in spoilt.indicators.iter_mut().enumerate() {
        match &mut indicator.values {
            Values::Numeric(values) => {
                let ends = [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 1e-300, 0.0, f64::NAN];
                let moved = values.iter().enumerate().map(|(row, &x)| match (row + column) % 5 {
                    0 => ends[row / 5 % ends.len()],
                    1 => x * 1.001,
                    2 => -x,
                    _ => x,
                });
                *values = moved.collect();
            }
            Values::Category { codes, levels } => {
                levels.push("never seen".to_owned());
                let last = levels.len() as u32 - 1;
                codes.iter_mut().step_by(6).for_each(|code| *code = Some(last));
            }
        }
    }
    spoilt
}

/// The indicators as a CSV file.
fn csv(data: &Dataset) -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    let names: Vec<String> = data.indicators.iter().map(|indicator| quoted(&indicator.name)).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..data.n_rows() {
        let cells = data.indicators.iter().map(|indicator| match &indicator.values {
            Values::Numeric(values) => values[row].to_string(),
            Values::Category { codes, levels } => {
                codes[row].map_or_else(String::new, |code| quoted(&levels[code as usize]))
            }
        });
        text += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    text
}

/// Fits every kind of model and holds its graph in onnxruntime against it.
fn hold(python: &str, source: &Source, settings: &RunSettings) {
    let data = source.dataset(&source.guess.roles).unwrap();
    let spec = settings.check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [onnx, table, scored] = ["model.onnx", "table.csv", "scored.csv"].map(|name| folder.path().join(name));
    for kind in ModelKind::ALL {
        let (done, classifier) = train(&fold, &spec, kind, &LiveChanges::default(), &mut ToTheEnd).unwrap();
        let record = DataRecord::new(source, &data, ReadAs::default());
        let made = "2026-01-02T03:04:05Z".to_owned();
        let making =
            Making { fold: &fold, data: &data, record, spec: &spec, classifier: &*classifier, done: &done, made };
        let model = RiskModel::new(making).unwrap();
        fs::write(&onnx, OnnxModel::new(&model).unwrap().bytes).unwrap();
        for data in [&data, &spoilt(&data)] {
            fs::write(&table, csv(data)).unwrap();
            let rows: Vec<usize> = (0..data.n_rows()).collect();
            let pds = model.pd(model.inputs(data, &rows, &rows).view());
            let pds: Vec<String> = pds.iter().map(f64::to_string).collect();
            fs::write(&scored, format!("pd\n{}\n", pds.join("\n"))).unwrap();
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/check_onnx.py");
            let answer = Command::new(python).arg(script).args([&onnx, &table, &scored]).output().unwrap();
            let said = String::from_utf8_lossy(&answer.stdout).into_owned() + &String::from_utf8_lossy(&answer.stderr);
            assert!(answer.status.success(), "{}: {said}", kind.title());
            println!("{}: {}", kind.title(), said.trim());
        }
    }
}

#[test]
fn onnxruntime_gives_the_same_probabilities() {
    let Some(python) = python() else {
        println!("left out: python3 with numpy and onnxruntime is needed to score exported models");
        return;
    };
    let mut settings = RunSettings::default();
    settings.dbn.nets = 2;
    settings.dbn.pre_training.epochs = Some(3);
    settings.dbn.fine_tuning.epochs = Some(10);
    settings.svm.tuning.on = false;
    settings.gbt.trees = 20;
    settings.calibration.population_bad_rate = Some(0.05);
    hold(&python, &Source::sample(&RoleRequest::default()).unwrap(), &settings);
    hold(&python, &mixed(), &settings);
    settings.preparation.scale.method = ScaleMethod::Robust;
    settings.preparation.outliers.method = OutlierMethod::SignedLog;
    hold(&python, &mixed(), &settings);
}
