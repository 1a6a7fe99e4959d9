//! Risk and Lecture, hidden controls, and every lesson given to its end in the real window, each step as a picture.

use std::time::{Duration, Instant};

use beliefscope::app::App;
use beliefscope::storage::{SettingsFile, course};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::soft_renderer::SoftRenderer;
use super::{Role, Window, click, draw, drop_files, wait_for, wait_for_label, wait_until_trained, window};

/// A projector of 1920 × 1080 pixels as Lecture draws on it.
const PROJECTOR: ([f32; 2], f32) = ([1200.0, 675.0], 1.6);

fn in_a_lecture() -> Window {
    let (size, pixels) = PROJECTOR;
    let builder = Harness::builder().with_size(size).with_pixels_per_point(pixels).with_max_steps(20);
    builder.renderer(SoftRenderer::default()).build_eframe(|cc| {
        let mut settings = SettingsFile::default();
        settings.window.lecture.on = true;
        settings.run.dbn.layers = vec![12, 6];
        settings.run.dbn.nets = 1;
        let mut app = App::new(&cc.egui_ctx, settings, None);
        app.open_first(Vec::new());
        app
    })
}

fn body_size(window: &Window) -> f32 {
    egui::TextStyle::Body.resolve(&window.ctx.global_style()).size
}

fn has_button(window: &Window, name: &str) -> bool {
    window.query_by_role_and_label(Role::Button, name).is_some()
}

#[test]
fn the_switch_and_its_key_change_type_and_bring_it_back() {
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    assert!(body_size(&window) < 14.0 && !has_button(&window, "Lessons"));
    window.get_by_role_and_label(Role::RadioButton, "Mode: Lecture").click();
    window.run_steps(4);
    assert!(body_size(&window) > 15.0 && has_button(&window, "Lessons"));
    window.key_press(Key::F2);
    window.run_steps(4);
    assert!(body_size(&window) < 14.0);
}

#[test]
fn controls_are_hidden_by_a_key_and_there_is_a_way_back() {
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    assert!(has_button(&window, "New seed") && has_button(&window, "Compare on several folds"));
    window.key_press(Key::H);
    window.run_steps(3);
    assert!(!has_button(&window, "New seed") && !has_button(&window, "Compare on several folds"));
    assert!(has_button(&window, "Rewind"), "what runs the training stays");
    click(&mut window, "Show controls");
    assert!(has_button(&window, "New seed") && has_button(&window, "Compare on several folds"));
}

#[test]
fn a_letter_that_is_typed_hides_nothing() {
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::L);
    window.run_steps(3);
    window.key_press(Key::H);
    window.run_steps(3);
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert!(has_button(&window, "New seed"));
}

#[test]
fn a_lesson_that_cannot_be_given_is_refused_in_a_sentence_and_one_that_can_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let json = |action: &str| {
        format!(
            r#"{{"schema":1,"title":"Short","about":"A.","data":"enterprises","seed":5,"settings":{{"dbn.layers":[4]}},
               "steps":[{{"title":"First","caption":"See.","actions":[{action}]}},{{"title":"Second","caption":"S."}}]}}"#
        )
    };
    let (bad, good) = (folder.path().join("bad.lesson.json"), folder.path().join("good.lesson.json"));
    std::fs::write(&bad, json(r#"{"screen":"moon"}"#)).unwrap();
    std::fs::write(&good, json(r#"{"screen":"data"}"#)).unwrap();
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    drop_files(&mut window, &[&bad]);
    wait_for_label(&mut window, "bad.lesson.json: the lesson cannot be given: step 1, action 1");
    drop_files(&mut window, &[&good]);
    wait_for_label(&mut window, "1 of 2 · First");
    wait_for_label(&mut window, "Lesson · Short");
    wait_for(&mut window, "the table", |w| {
        let next = w.query_by_role_and_label(Role::Button, "Next")?;
        (!next.accesskit_node().is_disabled()).then_some(())
    });
    window.key_press(Key::PageDown);
    wait_for_label(&mut window, "2 of 2 · Second");
    window.key_press(Key::PageUp);
    wait_for_label(&mut window, "1 of 2 · First");
    // Left, the work of before is back as it was: trained, with its seed.
    click(&mut window, "Leave the lesson");
    wait_until_trained(&mut window);
    let seed = window.get_by_role_and_label(Role::SpinButton, "seed");
    assert_eq!(seed.accesskit_node().numeric_value(), Some(42.0));
    assert!(body_size(&window) < 14.0, "Risk, as before");
}

/// The place of the present step, as "2 of 7 · Toss the coin".
fn heading(window: &Window) -> Option<String> {
    let labels = window.query_all_by_label_contains(" · ");
    let words = |node: egui_kittest::Node<'_>| node.accesskit_node().label().or_else(|| node.accesskit_node().value());
    labels.filter_map(words).find(|label| {
        let mut words = label.split(' ');
        let number = |word: Option<&str>| word.is_some_and(|word| word.parse::<usize>().is_ok());
        number(words.next()) && words.next() == Some("of") && number(words.next()) && words.next() == Some("·")
    })
}

#[test]
fn every_lesson_runs_to_its_end() {
    let mut window = in_a_lecture();
    wait_until_trained(&mut window);
    for (i, lesson) in course().iter().enumerate() {
        click(&mut window, "Lessons");
        window.run_steps(2);
        click(&mut window, &format!("{} · {}", i + 1, lesson.title));
        for (j, step) in lesson.steps.iter().enumerate() {
            let place = format!("{} of {} · {}", j + 1, lesson.steps.len(), step.title);
            wait_for(&mut window, &place, |w| (heading(w).as_deref() == Some(place.as_str())).then_some(()));
            if let Some(asked) = &step.predict {
                wait_for(&mut window, &asked.question, |w| w.query_by_label(&asked.question).map(|_| ()));
                draw(&mut window, &format!("lesson-{}-{}-question.png", i + 1, j + 1));
                click(&mut window, &asked.choices[asked.answer]);
            }
            let on = if j + 1 == lesson.steps.len() { "End the lesson" } else { "Next" };
            wait_for(&mut window, &place, |w| {
                let button = w.query_by_role_and_label(Role::Button, on)?;
                (!button.accesskit_node().is_disabled()).then_some(())
            });
            if step.predict.is_some() {
                wait_for_label(&mut window, "and so it is");
            }
            // Pictures are worked out beside the window.
            let until = Instant::now() + Duration::from_millis(300);
            wait_for(&mut window, "the pictures", |_| (Instant::now() > until).then_some(()));
            draw(&mut window, &format!("lesson-{}-{}.png", i + 1, j + 1));
            window.key_press(Key::PageDown);
            window.run_steps(2);
        }
        assert_eq!(heading(&window), None, "the lesson is over");
        wait_until_trained(&mut window);
    }
}
