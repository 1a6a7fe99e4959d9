//! The real window driven by accessible name, without a display or a GPU. `screens_are_drawn` writes every screen as a
//! PNG for a person to look at; its folder is printed. The Data screen has a file of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod data;
mod lecture;
mod network;
#[path = "../support/soft_renderer.rs"]
mod soft_renderer;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use beliefscope::app::App;
use beliefscope::storage::SettingsFile;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use soft_renderer::{SoftRenderer, save_png};

type Window = Harness<'static, App>;

/// The window on `file` (the sample when none), training as fast as possible, small nets.
fn window(file: Option<PathBuf>, size: [f32; 2]) -> Window {
    let mut settings = SettingsFile::default();
    settings.window.pace = None;
    settings.run.dbn.layers = vec![12, 6];
    settings.run.dbn.nets = 1;
    settings.run.dbn.pre_training.epochs = Some(5);
    settings.run.dbn.fine_tuning.epochs = Some(10);
    settings.run.validation.folds = 3;
    opened(settings, file, size)
}

/// The window on `file` (the sample when none) with these settings.
fn opened(settings: SettingsFile, file: Option<PathBuf>, size: [f32; 2]) -> Window {
    Harness::builder().with_size(size).with_max_steps(20).renderer(SoftRenderer::default()).build_eframe(move |cc| {
        let mut app = App::new(&cc.egui_ctx, settings, None);
        app.open_first(file.into_iter().collect());
        app
    })
}

/// Steps until `there` finds what it looks for.
fn wait_for<R>(window: &mut Window, what: &str, there: impl Fn(&Window) -> Option<R>) -> R {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        window.step();
        if let Some(found) = there(window) {
            return found;
        }
        assert!(Instant::now() < deadline, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn wait_for_label(window: &mut Window, text: &'static str) {
    wait_for(window, text, |w| w.query_all_by_label_contains(text).next().map(|_| ()));
}

fn wait_until_trained(window: &mut Window) {
    wait_for(window, "the end of training", |w| w.query_by_label("Trained").map(|_| ()));
    window.run_steps(3);
}

fn click(window: &mut Window, name: &str) {
    window.get_by_role_and_label(Role::Button, name).click();
    window.run_steps(2);
}

fn show(window: &mut Window, screen: &str) {
    window.get_by_role_and_label(Role::Tab, screen).click();
    window.run_steps(3);
}

/// What every plot of the Train screen says to a screen reader: the last value of every curve.
fn plots(window: &Window) -> Vec<String> {
    let labels = window.query_all_by_label_contains("Plot: ");
    labels.filter_map(|n| n.accesskit_node().label()).collect()
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

fn drop_files(window: &mut Window, paths: &[&Path]) {
    for path in paths {
        window.input_mut().dropped_files.push(Arc::new(Dropped((*path).to_owned())));
    }
    window.step();
}

#[test]
fn the_sample_trains_by_itself_and_steps_pause_and_rewind_give_the_same_numbers() {
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    let undisturbed = plots(&window);
    assert_eq!(undisturbed.len(), 7);
    assert!(undisturbed[0].contains("RBM 2"), "{undisturbed:?}");

    click(&mut window, "Rewind");
    wait_for_label(&mut window, "RBM 1, epoch 0 of 5, paused");
    for epoch in ["RBM 1, epoch 1 of 5, paused", "RBM 1, epoch 2 of 5, paused", "RBM 1, epoch 3 of 5, paused"] {
        click(&mut window, "Step");
        wait_for_label(&mut window, epoch);
    }
    let after_three = plots(&window);
    assert_ne!(after_three, undisturbed);

    click(&mut window, "Rewind");
    wait_for_label(&mut window, "RBM 1, epoch 0 of 5, paused");
    for _ in 0..3 {
        window.key_press(egui::Key::ArrowRight);
        window.step();
    }
    wait_for_label(&mut window, "RBM 1, epoch 3 of 5, paused");
    wait_for(&mut window, "the same three epochs", |w| (plots(w) == after_three).then_some(()));

    window.key_press(egui::Key::Space);
    wait_until_trained(&mut window);
    assert_eq!(plots(&window), undisturbed);
}

#[test]
fn a_running_training_can_be_paused_and_stopped() {
    let mut settings = SettingsFile::default();
    settings.window.pace = Some(20.0);
    let mut window = opened(settings, None, [1280.0, 800.0]);
    // Whichever epoch: on a busy machine a frame may miss the second.
    wait_for_label(&mut window, "RBM 1, epoch ");
    click(&mut window, "Pause");
    wait_for_label(&mut window, ", paused");
    let held = plots(&window);
    // Long enough for several epochs at that pace.
    let until = Instant::now() + Duration::from_millis(300);
    wait_for(&mut window, "some time", |_| (Instant::now() > until).then_some(()));
    assert_eq!(plots(&window), held);
    click(&mut window, "Go on");
    wait_for(&mut window, "more epochs", |w| (plots(w) != held).then_some(()));
    click(&mut window, "Stop");
    wait_for_label(&mut window, "Stopped; the models so far are kept");
}

#[test]
fn a_new_seed_changes_the_numbers_and_the_old_one_brings_them_back() {
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    let first = plots(&window);
    let set_seed = |window: &mut Window, seed: &str| {
        let field = window.get_by_role_and_label(Role::SpinButton, "seed");
        field.click();
        window.run_steps(2);
        window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        window.get_by_role_and_label(Role::SpinButton, "seed").type_text(seed);
        window.run_steps(1);
        window.key_press(egui::Key::Enter);
        window.run_steps(2);
        click(window, "Train");
        wait_for(window, "a new run", |w| w.query_by_label("Trained").is_none().then_some(()));
        wait_until_trained(window);
    };
    set_seed(&mut window, "7");
    assert_ne!(plots(&window), first);
    set_seed(&mut window, "42");
    assert_eq!(plots(&window), first);
}

#[test]
fn a_dropped_file_replaces_the_sample_and_a_bad_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("firms.csv");
    let mut csv = "firm,year,margin,debt,default\n".to_owned();
    for i in 0..60 {
        _ = writeln!(csv, "F{},{},{}.5,{},{}", i / 3, 2019 + i % 3, i % 9, (i * 7) % 13, u8::from(i % 4 == 1));
    }
    std::fs::write(&good, csv).unwrap();
    let bad = folder.path().join("picture.csv");
    std::fs::write(&bad, [0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x80]).unwrap();

    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    drop_files(&mut window, &[&good]);
    wait_for_label(&mut window, "firms.csv · 60 rows, 60 labelled, 15 bad");
    drop_files(&mut window, &[&bad]);
    wait_for_label(&mut window, "picture.csv cannot be used");
    window.get_by_label_contains("firms.csv · 60 rows, 60 labelled, 15 bad");
    show(&mut window, "Train");
    click(&mut window, "Train");
    wait_until_trained(&mut window);
}

#[test]
fn the_comparison_fills_in_and_ends_with_a_verdict() {
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    click(&mut window, "Compare on several folds");
    wait_for_label(&mut window, "On AUC over 3 folds");
    window.run_steps(3);
    assert!(plots(&window).len() >= 2, "ROC curves and accuracy: {:?}", plots(&window));
}

#[test]
fn one_cut_off_holds_on_every_screen() {
    let mut window = window(None, [1280.0, 800.0]);
    // Before the table is there the button is disabled.
    wait_until_trained(&mut window);
    show(&mut window, "Compare");
    click(&mut window, "Run comparison");
    wait_for_label(&mut window, "18 of 18 fits");
    show(&mut window, "Cut-off");
    wait_for_label(&mut window, "of them bad, cost");
    wait_for_label(&mut window, "Jeffreys back-test");
    click(&mut window, "Least cost");
    window.run_steps(2);
    show(&mut window, "Compare");
    wait_for_label(&mut window, "cut-off least cost");
    // Intervals are worked out for it beside the work.
    wait_for_label(&mut window, "resamples of the tested");
}

#[test]
fn a_path_can_be_typed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("typed.csv");
    std::fs::write(&path, "a;b;bankrupt\n1;2;0\n3;4;1\n5;6;0\n7;8;1\n2;2;0\n4;1;1\n").unwrap();
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::L);
    window.run_steps(3);
    let name = "Path of the file: CSV or other delimited text, ARFF, Excel or OpenDocument";
    window.get_by_role_and_label(Role::TextInput, name).type_text(path.to_str().unwrap());
    window.run_steps(2);
    click(&mut window, "Open");
    wait_for_label(&mut window, "typed.csv · 6 rows, 6 labelled, 3 bad");
}

#[test]
fn screens_are_drawn() {
    for (size, name) in [([1280.0, 800.0], "1280"), ([1920.0, 1080.0], "1920")] {
        let mut window = window(None, size);
        wait_until_trained(&mut window);
        window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
        wait_for_label(&mut window, "On AUC over 3 folds");
        for theme in [egui::Theme::Dark, egui::Theme::Light] {
            window.ctx.set_theme(theme);
            for screen in ["Data", "Train", "Compare", "Cut-off"] {
                show(&mut window, screen);
                let mode = if theme == egui::Theme::Dark { "dark" } else { "light" };
                draw(&mut window, &format!("{}-{mode}-{name}.png", screen.to_lowercase()));
            }
        }
    }
}

/// Writes what is shown as a PNG of this name and prints the folder.
#[expect(clippy::print_stdout, reason = "a person has to find the pictures")]
fn draw(window: &mut Window, file: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens");
    std::fs::create_dir_all(&folder).unwrap();
    let picture = window.render().unwrap();
    assert!(distinct_colors(&picture) > 20, "{file} is empty");
    save_png(&picture, &folder.join(file)).unwrap();
    println!("{file} is in {}", folder.display());
}

fn distinct_colors(picture: &image::RgbaImage) -> usize {
    picture.pixels().map(|p| p.0).collect::<std::collections::BTreeSet<_>>().len()
}
