//! Work saved by one window and opened by another, and its run made again.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui_kittest::Harness;

use super::*;
use crate::app::saving::Keep;
use crate::storage::{SettingsFile, load_model};

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
    second.state_mut().run_command(crate::app::actions::Command::Replay, &ctx);
    wait_for(&mut second, "the run", all_kept);
    assert!(says(second.state(), "DBN: the run gives the same numbers again, bit for bit."));
    assert!(!says(second.state(), "does not give the same"));

    // A table is scored by what was opened.
    second.state_mut().act(Intent::Score(ScoreAsk::ThisTable), &ctx);
    wait_for(&mut second, "the scores", |app| app.workspace.scoring.scored.is_some());
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
