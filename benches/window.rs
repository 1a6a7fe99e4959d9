//! What the window costs: a frame of the Train screen and of each tab of the Network screen at 1920 × 1080 on a 64-128-64-32
//! net, worked out and tessellated without a display; the same while the timeline is dragged under a million recorded points;
//! and how much a training is slowed by being recorded and looked at. All in CPU time, which other programs do not change.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]
#![expect(clippy::print_stdout, reason = "its output")]

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use beliefscope::app::App;
use beliefscope::data::{Dataset, ReadOptions, RoleRequest, Source, splits};
use beliefscope::model::{Learner, NetOf, Phase, Point, Series};
use beliefscope::storage::SettingsFile;
use beliefscope::training::worker::{Training, default_threads, within};
use beliefscope::training::{Control, Desired, Event, Mode, ModelKind, RunSettings, drive, learner, prepare};
use criterion::{Criterion, criterion_group, criterion_main};
use eframe::App as _;
use egui::accesskit::Role;
use egui::{PointerButton, Pos2, RawInput};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use rand::{RngExt as _, SeedableRng as _};

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

/// Whose CPU time.
#[derive(Clone, Copy)]
enum Of {
    ThisThread,
    Program,
}

/// CPU time since some moment.
#[cfg(target_os = "linux")]
fn cpu(of: Of) -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let clock = match of {
        Of::ThisThread => ClockId::ThreadCPUTime,
        Of::Program => ClockId::ProcessCPUTime,
    };
    clock_gettime(clock).try_into().unwrap()
}

/// Where there is no such clock, time.
#[cfg(not(target_os = "linux"))]
fn cpu(_: Of) -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed()
}

/// The program without a display.
struct Window {
    harness: Harness<'static, App>,
    frame: eframe::Frame,
    time: f64,
}

impl Window {
    /// With the sample table, whose training begins at once.
    fn open(run: RunSettings) -> Self {
        let mut file = SettingsFile { run, ..SettingsFile::default() };
        file.window.pace = None;
        let harness = Harness::builder().with_size([1920.0, 1080.0]).build_eframe(move |cc| {
            let mut app = App::new(&cc.egui_ctx, file.clone(), None);
            app.open_first(Vec::new());
            app
        });
        Self { harness, frame: eframe::Frame::_new_kittest(), time: 0.0 }
    }

    /// Lets frames pass until `done` says so.
    fn pass(&mut self, mut done: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_mins(5);
        while !done(self) {
            assert!(Instant::now() < deadline, "the window does not get there");
            self.harness.step();
        }
    }

    fn pass_secs(&mut self, secs: u64) {
        let until = Instant::now() + Duration::from_secs(secs);
        self.pass(|_| Instant::now() >= until);
    }

    fn choose(&mut self, tab: &str) {
        self.harness.get_by_role_and_label(Role::Tab, tab).click();
        self.harness.run_steps(3);
    }

    /// One frame as a display would ask for it, without what the harness does beside: events in, triangles out. The CPU time
    /// that it takes on this thread.
    fn frame(&mut self, events: Vec<egui::Event>) -> Duration {
        // The harness has a clock of its own, which may be ahead by now; it goes on from here.
        self.time = self.harness.ctx.input(|i| i.time).max(self.time) + 1.0 / 60.0;
        self.harness.input_mut().time = Some(self.time);
        let screen_rect = Some(self.harness.ctx.content_rect());
        let input = RawInput { screen_rect, time: Some(self.time), events, ..RawInput::default() };
        let (ctx, app, frame) = (self.harness.ctx.clone(), self.harness.state_mut(), &mut self.frame);
        let start = cpu(Of::ThisThread);
        let mut output = ctx.run_ui(input, |ui| {
            app.logic(ui, frame);
            app.ui(ui, frame);
        });
        // Letters that are new go to a display, and there is none.
        output.textures_delta.clear();
        black_box(ctx.tessellate(output.shapes, output.pixels_per_point));
        cpu(Of::ThisThread).saturating_sub(start)
    }
}

fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    group.sample_size(30);
    // A run so long that it goes on while frames are drawn.
    let mut window = Window::open(settings(4000));
    window.pass_secs(3);
    let mut screens = vec![("Train", "Train")];
    screens.extend(TABS.map(|tab| ("Network", tab)));
    for (screen, tab) in screens {
        window.choose(screen);
        if screen != tab {
            window.choose(tab);
        }
        window.pass_secs(2);
        group.bench_function(tab, |b| b.iter_custom(|n| (0..n).map(|_| window.frame(Vec::new())).sum()));
        if screen == "Train" {
            // As on a desktop where nobody has asked for names: without the tree for screen readers.
            window.harness.ctx.disable_accesskit();
            group
                .bench_function("Train, unread", |b| b.iter_custom(|n| (0..n).map(|_| window.frame(Vec::new())).sum()));
            window.harness.ctx.enable_accesskit();
        }
    }
    group.finish();
}

/// Points of all the curves that are recorded.
const MANY: usize = 1_000_000;

/// The curves of a net of four layers that follows a run of `from` epochs: `MANY` points, falling and rough.
fn second_net(from: f64) -> Vec<Event> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let (model, net) = (ModelKind::Dbn, NetOf { index: 1, of: 2 });
    let of_layer = [
        Series::ReconstructionTraining,
        Series::ReconstructionValidation,
        Series::FreeEnergyTraining,
        Series::FreeEnergyValidation,
        Series::UpdateRatio,
        Series::Saturation,
        Series::DeadUnits,
    ];
    let of_net = [Series::LossTraining, Series::LossValidation, Series::AccuracyTraining, Series::AccuracyValidation];
    let mut phases: Vec<(Phase, Vec<Series>)> = (0..4)
        .map(|layer| (Phase::PreTraining { net, layer }, of_layer.map(|series| series(layer)).to_vec()))
        .collect();
    phases.push((Phase::FineTuning { net }, of_net.to_vec()));
    let epochs = MANY / phases.iter().map(|(_, series)| series.len()).sum::<usize>();
    let mut events = Vec::new();
    for (place, (phase, series)) in phases.into_iter().enumerate() {
        let start = from + (place * epochs) as f64;
        events.push(Event::Phase { model, phase, x: start });
        for epoch in 1..=epochs {
            let part = epoch as f64 / epochs as f64;
            let point =
                |series| Point { series, x: start + epoch as f64, y: (-3.0 * part).exp() * rng.random_range(0.4..0.6) };
            events.push(Event::Points(model, series.iter().copied().map(point).collect()));
        }
    }
    events
}

/// The Train screen while the timeline is dragged back and forth under a million points.
fn scrub(c: &mut Criterion) {
    let mut window = Window::open(settings(60));
    window.choose("Train");
    window.pass(|window| window.harness.query_by_label("Trained").is_some());
    for event in &second_net(300.0) {
        window.harness.state_mut().take(event);
    }
    window.harness.run_steps(3);
    let slider = window.harness.get_by_label("Timeline, in epochs").rect();
    let at = |share: f32| Pos2::new(slider.left() + share * slider.width(), slider.center().y);
    let press = egui::Event::PointerButton {
        pos: at(1.0),
        button: PointerButton::Primary,
        pressed: true,
        modifiers: egui::Modifiers::NONE,
    };
    let mut slowest = Duration::ZERO;
    window.frame(vec![egui::Event::PointerMoved(at(1.0))]);
    window.frame(vec![press]);
    let mut step = 0_u32;
    let mut group = c.benchmark_group("a million points");
    group.sample_size(30);
    group.bench_function("Train, timeline dragged", |b| {
        b.iter_custom(|n| {
            let mut drag = || {
                // From end to end in a hundred frames.
                step += 1;
                let share = (step % 200) as f32 / 100.0 - 1.0;
                let time = window.frame(vec![egui::Event::PointerMoved(at(share.abs()))]);
                slowest = slowest.max(time);
                time
            };
            (0..n).map(|_| drag()).sum()
        });
    });
    group.finish();
    println!("slowest frame: {:.1} ms", 1e3 * slowest.as_secs_f64());
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

/// The same run recorded, and looked at sixty times a second. When it ended.
fn watched(data: &Arc<Dataset>, settings: &RunSettings) -> Instant {
    let tunables = settings.dbn.tunables();
    let desired = Desired { mode: Mode::Run, steps: 0, tunables, pace: None, look: true, skip_search: false };
    // Not when this thread looks next, but when there was news last.
    let news = Arc::new(Mutex::new(Instant::now()));
    let told = Arc::clone(&news);
    let wake = Box::new(move || *told.lock().unwrap() = Instant::now());
    let run = Training::start(Arc::clone(data), settings.check().unwrap(), desired, wake).unwrap();
    loop {
        black_box(run.snapshot());
        if run.drain().iter().any(|event| matches!(event, Event::Ended(_))) {
            return *news.lock().unwrap();
        }
        std::thread::sleep(Duration::from_millis(16));
    }
}

/// The middle of some numbers.
fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Runs with and without anybody watching in turns: medians of the ratios of neighbours.
fn slowdown(_: &mut Criterion) {
    let data = sample();
    for (epochs, repeats) in [(60, 25), (1500, 7)] {
        let settings = settings(epochs);
        let timed = |run: &dyn Fn() -> Instant| {
            let (start, cpu_start) = (Instant::now(), cpu(Of::Program));
            let end = run();
            [(end - start).as_secs_f64(), cpu(Of::Program).saturating_sub(cpu_start).as_secs_f64()]
        };
        let alone = || {
            within(default_threads(), || alone(&data, &settings));
            Instant::now()
        };
        let pairs: Vec<[[f64; 2]; 2]> =
            (0..repeats).map(|_| [timed(&alone), timed(&|| watched(&data, &settings))]).collect();
        let ratio = |clock: usize| median(pairs.iter().map(|[a, b]| b[clock] / a[clock]).collect());
        println!(
            "training of {epochs} epochs a phase, watched over alone: {:.3} in CPU time, {:.3} by the clock ({:.2} s alone)",
            ratio(1),
            ratio(0),
            median(pairs.iter().map(|[a, _]| a[0]).collect()),
        );
    }
}

criterion_group!(benches, frames, scrub, slowdown);
criterion_main!(benches);
