//! What the Network screen costs: a frame of each tab at 1920 × 1080 on a 64-128-64-32 net, drawn and tessellated without a
//! display, and how much a training is slowed by being recorded and looked at.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beliefscope::app::App;
use beliefscope::data::{Dataset, ReadOptions, RoleRequest, Source, splits};
use beliefscope::model::{Learner, Point};
use beliefscope::storage::SettingsFile;
use beliefscope::training::worker::Training;
use beliefscope::training::{Control, Desired, Event, Mode, ModelKind, RunSettings, drive, learner, prepare};
use criterion::{Criterion, criterion_group, criterion_main};
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

const TABS: [&str; 7] = ["Theatre", "Weights", "Hidden units", "Free energy", "Layers", "Regions", "Dreams"];

fn settings(epochs: usize) -> RunSettings {
    let mut settings = RunSettings { models: vec![ModelKind::Dbn], ..RunSettings::default() };
    settings.dbn.layers = vec![64, 128, 64, 32];
    settings.dbn.nets = 1;
    settings.dbn.pre_training.epochs = Some(epochs);
    settings.dbn.fine_tuning.epochs = Some(epochs);
    settings
}

fn sample() -> Arc<Dataset> {
    let source = Source::sample_named("enterprises", &RoleRequest::default(), &ReadOptions::default()).unwrap();
    Arc::new(source.dataset(&source.guess.roles).unwrap())
}

fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    group.sample_size(30);
    // A run so long that it goes on while frames are drawn.
    let file = SettingsFile { run: settings(4000), ..SettingsFile::default() };
    let mut window = Harness::builder().with_size([1920.0, 1080.0]).build_eframe(move |cc| {
        let mut file = file.clone();
        file.window.pace = None;
        let mut app = App::new(&cc.egui_ctx, file, None);
        app.open_first(Vec::new());
        app
    });
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        window.step();
    }
    let mut screens = vec![("Train", "Train")];
    screens.extend(TABS.map(|tab| ("Network", tab)));
    for (screen, tab) in screens {
        window.get_by_role_and_label(Role::Tab, screen).click();
        window.run_steps(3);
        if screen != tab {
            window.get_by_role_and_label(Role::Tab, tab).click();
        }
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            window.step();
        }
        group.bench_function(tab, |b| {
            b.iter(|| {
                window.step();
                let output = window.output();
                black_box(window.ctx.tessellate(output.shapes.clone(), output.pixels_per_point));
            });
        });
    }
    group.finish();
}

struct Alone;

impl Control for Alone {
    fn go_on(&mut self, _learner: &mut dyn Learner, _boundary: bool) -> bool {
        true
    }

    fn point(&mut self, _point: Point) {}
}

/// The run without anybody watching: prepared, learned, scored.
fn alone(data: &Dataset, settings: &RunSettings) {
    let spec = settings.check().unwrap();
    let mut validation = settings.validation.clone();
    validation.kind = beliefscope::data::ValidationKind::Holdout;
    let split = splits(data, &validation, settings.seed).unwrap().swap_remove(0);
    let fold = prepare(data, &split, &spec).unwrap();
    let mut learner = learner(ModelKind::Dbn, &fold.training, &spec, settings.seed).unwrap();
    drive(learner.as_mut(), &mut Alone);
    black_box(fold.score(learner.as_ref(), &spec));
}

/// The same run recorded, and looked at sixty times a second.
fn watched(data: &Arc<Dataset>, settings: &RunSettings) {
    let tunables = settings.dbn.tunables();
    let desired = Desired { mode: Mode::Run, steps: 0, tunables, pace: None, look: true, skip_search: false };
    let run = Training::start(Arc::clone(data), settings.check().unwrap(), desired, Box::new(|| ())).unwrap();
    loop {
        black_box(run.snapshot());
        if run.drain().iter().any(|event| matches!(event, Event::Ended(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(16));
    }
}

fn slowdown(c: &mut Criterion) {
    let mut group = c.benchmark_group("training 64-128-64-32");
    group.sample_size(10);
    let (data, settings) = (sample(), settings(60));
    group.bench_function("alone", |b| b.iter(|| alone(&data, &settings)));
    group.bench_function("recorded and watched", |b| b.iter(|| watched(&data, &settings)));
    group.finish();
}

criterion_group!(benches, frames, slowdown);
criterion_main!(benches);
