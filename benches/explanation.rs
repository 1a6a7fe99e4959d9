//! Scoring and taking apart by the net of the paper, two layers of 64 units, on one core: `cargo bench --bench explanation`.

use std::fmt::Write as _;
use std::hint::black_box;

use beliefscope::data::{Dataset, RoleRequest, Source};
use beliefscope::explanation::{Explainer, Firm, ShapleySettings, nearest_change, what_if};
use beliefscope::model::{Learner, Point};
use beliefscope::random::{Purpose, stream};
use beliefscope::scoring::{DataRecord, Making, RiskModel};
use beliefscope::training::{Control, LiveChanges, ModelKind, Preset, RunSettings, train, train_split};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::RngExt as _;

/// Rows that are scored at once.
const ROWS: usize = 100_000;

/// Lets a learner run to its end.
struct ToTheEnd;

impl Control for ToTheEnd {
    fn go_on(&mut self, _: &mut dyn Learner, _: bool) -> bool {
        true
    }

    fn point(&mut self, _: Point) {}
}

/// A table of `n` firms with as many indicators as asked for, the first three of which tell.
fn table(n: usize, indicators: usize) -> Source {
    let mut random = stream(1, Purpose::Sample, 0);
    let names: Vec<String> = (0..indicators).map(|i| format!("x{i}")).collect();
    let mut text = format!("{},failed\n", names.join(","));
    for _ in 0..n {
        let cells: Vec<f64> = (0..indicators).map(|_| 2.0 * random.random::<f64>() - 1.0).collect();
        for cell in &cells {
            write!(text, "{cell:.4},").expect("a string takes everything");
        }
        let bad = cells[0] * cells[1] + 0.5 * cells[2] + 0.2 * random.random::<f64>() > 0.2;
        writeln!(text, "{}", u8::from(bad)).expect("a string takes everything");
    }
    let request = RoleRequest { label: Some("failed".to_owned()), ..RoleRequest::default() };
    Source::from_bytes("firms.csv".as_ref(), text.as_bytes(), &request).expect("a table")
}

/// The net of the paper, briefly trained: what it has learned does not change what it costs.
fn model(indicators: usize) -> (RiskModel, Dataset) {
    let source = table(500, indicators);
    let data = source.dataset(&source.guess.roles).expect("a label and indicators");
    let mut settings = RunSettings::default();
    Preset::Paper.apply(&mut settings);
    settings.dbn.pre_training.epochs = Some(2);
    settings.dbn.fine_tuning.epochs = Some(2);
    let spec = settings.check().expect("a preset is valid");
    let fold = train_split(&data, &spec).expect("rows of both classes");
    let done = train(&fold, &spec, ModelKind::Dbn, &LiveChanges::default(), &mut ToTheEnd);
    let (done, classifier) = done.expect("two classes");
    let record = DataRecord::new(&source, &data, Default::default());
    let made = "2026-01-01T00:00:00Z".to_owned();
    let making =
        Making { fold: &fold, data: &data, record, spec: &spec, classifier: classifier.as_ref(), done: &done, made };
    (RiskModel::new(making).expect("a net can be kept"), data)
}

/// Prepared rows, and whole rows of a table, to PDs.
fn scoring(c: &mut Criterion) {
    let (model, _) = model(8);
    let source = table(ROWS, 8);
    let data = source.dataset(&source.guess.roles).expect("a label and indicators");
    let rows: Vec<usize> = (0..ROWS).collect();
    let x = model.inputs(&data, &rows, &rows);
    let mut group = c.benchmark_group("scoring 100,000 rows of 8 indicators");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("prepared", |b| b.iter(|| model.pd(black_box(x.view()))));
    group.bench_function("from the table", |b| {
        b.iter(|| model.pd(model.inputs(black_box(&data), &rows, &rows).view()));
    });
    group.finish();
}

/// One firm against 100 background rows; what-if; the nearest change.
fn one_firm(c: &mut Criterion) {
    let mut group = c.benchmark_group("one firm");
    group.sample_size(10);
    for indicators in [8, 15, 64] {
        let (model, data) = model(indicators);
        let explainer = Explainer::new(&model, ShapleySettings::default()).expect("there are background rows");
        let x = model.background.row(0);
        let how = if indicators > 15 { "drawn" } else { "exact" };
        group.bench_function(format!("Shapley {indicators} x {}, {how}", model.background.nrows()), |b| {
            b.iter(|| explainer.explain(black_box(&x)));
        });
        let firm = Firm::of_row(&model, &data, 0, 0);
        group.bench_function(format!("what-if of {indicators} indicators"), |b| {
            b.iter(|| what_if(&model, black_box(&firm)));
        });
        group.bench_function(format!("nearest change of {indicators} indicators"), |b| {
            b.iter(|| nearest_change(&model, black_box(&firm), &[]));
        });
    }
    group.finish();
}

criterion_group!(benches, scoring, one_firm);
criterion_main!(benches);
