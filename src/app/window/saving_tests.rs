//! Work saved by one window and opened by another, and its run made again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui_kittest::Harness;

use egui::{ViewportCommand, ViewportEvent, ViewportId};

use super::*;
use crate::app::actions::{Command, Intent};
use crate::app::loader::{KeepWhat, Written};
use crate::app::saving::{Keep, Packed, Restored, Work};
use crate::app::scoring::{PathFor, ScoreAsk, tests::firms};
use crate::app::window::LeftAsk;
use crate::app::workspace::{DataState, Workspace};
use crate::data::{Progress, Role};
use crate::model::dbn::{Edit, Moment};
use crate::storage::{Override, SavedEnd, SettingsFile, load_model, load_workspace, orphaned_autosaves};
use crate::training::ModelKind;

fn window(files: Vec<PathBuf>) -> Harness<'static, App> {
    let mut settings = SettingsFile::default();
    settings.window.pace = None;
    settings.run.dbn.layers = vec![6, 4];
    settings.run.dbn.nets = 1;
    settings.run.dbn.pre_training.epochs = Some(3);
    settings.run.dbn.fine_tuning.epochs = Some(5);
    settings.run.svm.tuning.on = false;
    settings.run.models = vec![ModelKind::Dbn, ModelKind::Svm, ModelKind::Logistic];
    Harness::builder().with_size([1280.0, 800.0]).with_max_steps(20).build_eframe(move |cc| {
        let mut app = App::new(&cc.egui_ctx, settings, None);
        app.open_first(files);
        app
    })
}

fn wait_for(window: &mut Harness<'_, App>, what: &str, there: impl Fn(&App) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !there(window.state()) {
        assert!(Instant::now() < deadline, "waited too long for {what}");
        window.step();
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn all_kept(app: &App) -> bool {
    let run = &app.workspace.run;
    run.trained.len() == 3 && run.kept.len() == 3 && !run.is_active()
}

fn says(app: &App, text: &str) -> bool {
    app.workspace.notices.list().iter().any(|notice| notice.text.contains(text))
}

#[test]
fn work_is_opened_as_it_was_saved_and_its_run_repeats_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("work.bscope");
    let mut first = window(Vec::new());
    let ctx = first.ctx.clone();
    wait_for(&mut first, "the models", all_kept);
    assert_eq!(first.state().workspace.scoring.models().len(), 3, "each can score firms");
    first.state_mut().act(Intent::KeepAt(Keep::Work, file.clone()), &ctx);
    wait_for(&mut first, "the file", |app| says(app, "work.bscope is written"));
    first.state_mut().act(Intent::KeepAt(Keep::Model(ModelKind::Svm), folder.path().join("svm")), &ctx);
    wait_for(&mut first, "the model", |app| says(app, "svm.bscope-model is written"));

    let mut second = window(vec![file]);
    let ctx = second.ctx.clone();
    wait_for(&mut second, "the work", |app| says(app, "work.bscope is open"));
    {
        let (then, now) = (&first.state().workspace, &second.state().workspace);
        let done = |workspace: &Workspace| -> Vec<_> {
            workspace.run.trained.iter().map(|trained| trained.done.clone()).collect()
        };
        assert_eq!(done(now), done(then));
        assert_eq!(now.run.history, then.run.history);
        assert_eq!(now.settings, then.settings);
        for (a, b) in now.scoring.models().iter().zip(then.scoring.models()) {
            assert_eq!(a, b);
        }
        let svm = load_model(&folder.path().join("svm.bscope-model")).unwrap();
        assert!(then.scoring.models().iter().any(|model| **model == svm));
    }
    // Made again, it is the same run.
    second.state_mut().run_command(Command::Replay, &ctx);
    wait_for(&mut second, "the run", all_kept);
    assert!(says(second.state(), "DBN: the run gives the same numbers again, bit for bit."));
    assert!(!says(second.state(), "does not give the same"));

    // A table is scored by what was opened.
    second.state_mut().act(Intent::Score(ScoreAsk::ThisTable), &ctx);
    wait_for(&mut second, "the scores", |app| app.workspace.scoring.scored.is_some());

    // What was scored is scored again in the next window.
    let again = folder.path().join("again.bscope");
    second.state_mut().act(Intent::KeepAt(Keep::Work, again.clone()), &ctx);
    wait_for(&mut second, "the file", |app| says(app, "again.bscope is written"));
    let mut third = window(vec![again]);
    wait_for(&mut third, "the scores", |app| app.workspace.scoring.scored.is_some());
    let scored = |app: &App| app.workspace.scoring.scored.as_ref().unwrap().firms.clone();
    assert_eq!(scored(third.state()), scored(second.state()));
}

fn trained_window() -> Harness<'static, App> {
    let mut window = window(Vec::new());
    wait_for(&mut window, "the models", all_kept);
    window
}

/// The work of a window, in this folder.
fn saved(window: &mut Harness<'_, App>, folder: &Path) -> PathBuf {
    let (file, ctx) = (folder.join("saved.bscope"), window.ctx.clone());
    window.state_mut().act(Intent::KeepAt(Keep::Work, file.clone()), &ctx);
    wait_for(window, "the file", |app| says(app, "saved.bscope is written"));
    file
}

#[test]
fn results_that_are_in_no_file_are_set_aside_and_offered_when_something_else_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = trained_window();
    let file = saved(&mut window, folder.path());
    let ctx = window.ctx.clone();
    window.state_mut().saving.folder = Some(folder.path().join("autosave"));

    // All is in the file: there is nothing to set aside.
    window.state_mut().open_chosen(vec![file.clone()]);
    wait_for(&mut window, "the work", |app| says(app, "saved.bscope is open"));
    assert!(window.state().saving.left.is_empty() && !window.state().saving.is_unsaved());

    window.state_mut().act(Intent::Override(Box::new(Override::example())), &ctx);
    window.state_mut().mark_changed();
    window.state_mut().open_chosen(vec![file]);
    wait_for(&mut window, "the work", |app| app.workspace.overrides.is_empty());
    assert_eq!(window.state().saving.left.len(), 1);
    let text = |app: &App| app.saving.left[0].summary.as_ref().unwrap().title.clone();
    assert_eq!(Some(text(window.state())), window.state().workspace.title());
    window.state_mut().act(Intent::Left(LeftAsk::Open), &ctx);
    wait_for(&mut window, "what was set aside", |app| !app.workspace.overrides.is_empty());
    assert!(window.state().workspace.overrides == [Override::example()] && window.state().saving.is_unsaved());
}

#[test]
fn without_a_place_to_set_work_aside_nothing_else_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = trained_window();
    let (file, ctx) = (saved(&mut window, folder.path()), window.ctx.clone());
    window.state_mut().act(Intent::Override(Box::new(Override::example())), &ctx);
    window.state_mut().mark_changed();
    window.state_mut().open_chosen(vec![file]);
    wait_for(&mut window, "a sentence", |app| says(app, "could not be set aside"));
    assert_eq!(window.state().workspace.overrides, [Override::example()]);
}

#[test]
fn a_table_that_cannot_be_learned_from_takes_no_result_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = trained_window();
    let ctx = first.ctx.clone();
    let mut roles = first.state().workspace.table.as_ref().unwrap().roles.clone();
    let label = roles.position(Role::Label).unwrap();
    roles.roles[label] = Role::SetAside;
    // The overrides stay whatever becomes of the run.
    first.state_mut().act(Intent::Override(Box::new(Override::example())), &ctx);
    let change = Intent::SetRoles { roles: roles.clone(), bad_confirmed: false, what: "label".to_owned() };
    first.state_mut().act(change, &ctx);
    let unusable = |app: &App| matches!(app.workspace.table.as_ref().unwrap().data, DataState::Unusable(_));
    wait_for(&mut first, "the sentence", unusable);
    let file = saved(&mut first, folder.path());
    let mut second = window(vec![file]);
    wait_for(&mut second, "the work", |app| says(app, "saved.bscope is open"));
    assert!(unusable(second.state()) && second.state().workspace.overrides == [Override::example()]);
    assert_eq!(second.state().workspace.table.as_ref().unwrap().roles, roles);
}

#[test]
fn a_scored_file_that_has_changed_is_left_out_and_all_else_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = trained_window();
    let ctx = window.ctx.clone();
    let file = folder.path().join("firms.csv");
    std::fs::write(&file, firms(8)).unwrap();
    window.state_mut().act(Intent::Score(ScoreAsk::At(PathFor::Score, file.clone())), &ctx);
    wait_for(&mut window, "the scores", |app| {
        app.workspace.scoring.scored.is_some() || app.workspace.scoring.unmatched.is_some()
    });
    std::fs::write(&file, firms(9)).unwrap();
    let work = saved(&mut window, folder.path());
    assert!(says(window.state(), "The scored table is not in it: "));
    assert!(load_workspace(&work).unwrap().scorings.is_empty());
}

#[test]
fn a_replay_that_is_stopped_gives_the_run_back() {
    let mut window = trained_window();
    let ctx = window.ctx.clone();
    let done = |app: &App| app.workspace.run.trained.iter().map(|trained| trained.done.clone()).collect::<Vec<_>>();
    let before = done(window.state());
    window.state_mut().run_command(Command::Replay, &ctx);
    window.state_mut().run_command(Command::Stop, &ctx);
    wait_for(&mut window, "the run", |app| app.workspace.run.before.is_none());
    assert!(done(window.state()) == before && all_kept(window.state()));
    assert!(window.state().enabled(Command::Replay));
}

#[test]
fn a_run_that_was_interrupted_keeps_its_live_changes_and_how_far_it_came() {
    let mut window = trained_window();
    let work = |window: &Harness<'_, App>| {
        let work = Work::of(&window.state().workspace, window.state().screen).unwrap();
        work.saved(&Packed::default(), "2026-01-02T03:04:05Z".to_owned()).unwrap().0
    };
    let mut saved = work(&window);
    let run = saved.run.as_mut().unwrap();
    let at = Moment { epochs: 2, updates: 5 };
    run.changes.edits = vec![Edit { at, tunables: run.settings.dbn.tunables() }];
    run.reached = Some(at);
    run.end = SavedEnd::Interrupted;
    let expected = run.changes.clone();
    window.state_mut().restore(Restored::new(saved, &Progress::new()).unwrap());
    let again = work(&window).run.unwrap();
    assert_eq!((again.changes, again.reached), (expected, Some(at)));
}

fn written() -> Written {
    Written { path: PathBuf::from("work.bscope"), left_out: Vec::new() }
}

#[test]
fn what_is_done_while_a_file_is_written_is_not_in_it() {
    let mut window = trained_window();
    let app = window.state_mut();
    app.mark_changed();
    let asked = app.saving.done;
    app.mark_changed();
    app.take_kept_as(Keep::Work, asked, Ok(Some(written())));
    assert!(app.saving.is_unsaved());
    app.take_kept_as(Keep::Work, app.saving.done, Err("The disk is full.".to_owned()));
    assert!(app.saving.is_unsaved());
    app.take_kept_as(Keep::Work, app.saving.done, Ok(Some(written())));
    assert!(!app.saving.is_unsaved());
}

fn ask_to_close(window: &mut Harness<'_, App>) {
    let root = window.input_mut().viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
}

/// Steps until the window is told this, and says whether it was told `other` before.
fn told(window: &mut Harness<'_, App>, wanted: &ViewportCommand) -> Vec<ViewportCommand> {
    let mut all = Vec::new();
    let deadline = Instant::now() + Duration::from_mins(1);
    while Instant::now() < deadline {
        window.step();
        window.input_mut().viewports.entry(ViewportId::ROOT).or_default().events.clear();
        let commands = &window.output().viewport_output[&ViewportId::ROOT].commands;
        all.extend(
            commands.iter().filter(|c| matches!(c, ViewportCommand::Close | ViewportCommand::CancelClose)).cloned(),
        );
        if all.contains(wanted) {
            return all;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("waited too long for {wanted:?}");
}

#[test]
fn the_window_closes_when_its_work_is_safe() {
    let folder = tempfile::tempdir().unwrap();
    let all = folder.path().join("autosave");
    let mut window = trained_window();
    let ctx = window.ctx.clone();
    window.state_mut().saving.folder = Some(all.clone());
    window.state_mut().saving.place = Some(crate::storage::Autosave::begin(&all).unwrap());
    window.state_mut().act(Intent::Override(Box::new(Override::example())), &ctx);
    window.state_mut().mark_changed();
    ask_to_close(&mut window);
    assert_eq!(told(&mut window, &ViewportCommand::Close), [ViewportCommand::CancelClose, ViewportCommand::Close]);
    drop(window);
    let left = orphaned_autosaves(&all).unwrap();
    assert_eq!(left[0].load().unwrap().overrides, [Override::example()]);
}

#[test]
fn a_window_whose_work_cannot_be_saved_says_so_and_stays() {
    let mut window = trained_window();
    let ctx = window.ctx.clone();
    window.state_mut().act(Intent::Override(Box::new(Override::example())), &ctx);
    window.state_mut().mark_changed();
    ask_to_close(&mut window);
    told(&mut window, &ViewportCommand::CancelClose);
    assert!(says(window.state(), "or close again to lose it") && !window.state().saving.is_closing());
}

#[test]
fn a_name_gets_the_ending_that_it_lacks_and_replaces_nothing_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = trained_window();
    let write = |window: &mut Harness<'_, App>, name: &str| {
        let app = window.state_mut();
        let Some(KeepWhat::Model(model)) = app.what_to_keep(Keep::Model(ModelKind::Logistic)) else {
            panic!("no model")
        };
        KeepWhat::Model(model).write(Keep::Model(ModelKind::Logistic), &folder.path().join(name))
    };
    assert_eq!(write(&mut window, "firms v1.2").unwrap().path, folder.path().join("firms v1.2.bscope-model"));
    let refused = write(&mut window, "firms v1.2").err().unwrap();
    assert!(refused.contains("firms v1.2.bscope-model is there already"), "{refused}");
    write(&mut window, "firms v1.2.bscope-model").unwrap();
}

#[test]
fn files_that_are_no_work_are_refused_in_a_sentence_and_what_was_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.bscope");
    std::fs::write(&file, "beliefscope workspace 99 00 0\\n").unwrap();
    let mut window = window(Vec::new());
    wait_for(&mut window, "the models", all_kept);
    window.state_mut().open_chosen(vec![file]);
    wait_for(&mut window, "a sentence", |app| says(app, "broken.bscope"));
    assert!(window.state().workspace.run.trained.len() == 3 && window.state().opening.is_none());
}
