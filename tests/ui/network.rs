//! The Network screen: every tab, and going back and forth in a recorded run.

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::{Role, Window, click, draw, show, wait_for, wait_until_trained, window};

const TABS: [&str; 7] = ["Theatre", "Weights", "Hidden units", "Free energy", "Layers", "Regions", "Dreams"];

fn on_the_screen(size: [f32; 2]) -> Window {
    let mut window = window(None, size);
    wait_until_trained(&mut window);
    show(&mut window, "Network");
    window
}

/// The words beside the timeline; nothing before a run has begun.
fn place(window: &Window) -> String {
    let Some(found) = window.query_all_by_label_contains(" recorded").next() else { return String::new() };
    let node = found.accesskit_node();
    node.label().or_else(|| node.value()).unwrap_or_default()
}

fn wait_for_place(window: &mut Window, words: &str) {
    wait_for(window, words, |w| place(w).contains(words).then_some(()));
}

#[test]
fn every_moment_of_the_run_can_be_gone_back_to() {
    let mut window = on_the_screen([1280.0, 800.0]);
    show(&mut window, "Free energy");
    // Two RBMs of 5 epochs each, 10 of fine-tuning.
    wait_for_place(&mut window, "Finished, epoch 20 of 20");
    click(&mut window, "One step back");
    wait_for_place(&mut window, "Fine-tuning, epoch 19 of 20");
    for _ in 0..16 {
        window.key_press(Key::ArrowLeft);
        window.run_steps(2);
        wait_for(&mut window, "a step back", |_| Some(()));
        std::thread::sleep(std::time::Duration::from_millis(30));
    }
    wait_for_place(&mut window, "RBM 1, epoch 3 of 20");
    window.get_by_role_and_label(Role::RadioButton, "Play by: Mini-batch").click();
    window.run_steps(2);
    click(&mut window, "One step on");
    wait_for_place(&mut window, "update 1");
    window.key_press(Key::ArrowLeft);
    window.run_steps(2);
    wait_for(&mut window, "the beginning of the epoch", |w| {
        let place = place(w);
        (place.contains(" recorded") && !place.contains("update")).then_some(())
    });
    click(&mut window, "Live");
    wait_for_place(&mut window, "Finished");
}

#[test]
fn the_recording_plays_to_its_end_and_is_held() {
    let mut window = on_the_screen([1280.0, 800.0]);
    show(&mut window, "Free energy");
    window.key_press_modifiers(Modifiers::NONE, Key::Space);
    wait_for(&mut window, "playing", |w| w.query_by_role_and_label(Role::Button, "Hold").map(|_| ()));
    wait_for_place(&mut window, "RBM 1, epoch 2");
    click(&mut window, "Hold");
    wait_for(&mut window, "holding", |w| w.query_by_role_and_label(Role::Button, "Play").map(|_| ()));
}

#[test]
fn of_a_run_that_is_held_the_steps_lead_on_and_back() {
    let mut window = on_the_screen([1280.0, 800.0]);
    show(&mut window, "Free energy");
    click(&mut window, "Rewind");
    wait_for_place(&mut window, "RBM 1, epoch 0 of 0 recorded");
    window.get_by_role_and_label(Role::RadioButton, "Play by: Mini-batch").click();
    window.run_steps(2);
    for (button, place) in [
        ("One step on", "RBM 1, epoch 0, update 1: ahead of what is recorded"),
        ("One step on", "epoch 0, update 2: ahead"),
        ("One step back", "epoch 0, update 1: ahead"),
        ("One step back", "epoch 0 of 0 recorded"),
    ] {
        click(&mut window, button);
        wait_for_place(&mut window, place);
    }
    // Where it is held it is recorded.
    click(&mut window, "Live");
    for epoch in 1..=3 {
        click(&mut window, "Step");
        wait_for_place(&mut window, &format!("RBM 1, epoch {epoch} of {epoch} recorded"));
    }
    click(&mut window, "One step back");
    wait_for_place(&mut window, "RBM 1, epoch 2 of 3 recorded, update ");
    click(&mut window, "One step on");
    wait_for_place(&mut window, "RBM 1, epoch 3 of 3 recorded");
}

#[test]
fn a_run_that_nobody_watched_is_shown_as_it_ended() {
    let mut window = window(None, [1280.0, 800.0]);
    wait_until_trained(&mut window);
    click(&mut window, "Rewind");
    click(&mut window, "Go on");
    show(&mut window, "Compare");
    std::thread::sleep(std::time::Duration::from_millis(300));
    show(&mut window, "Network");
    wait_for_place(&mut window, "Finished, epoch 20 of 20");
}

#[test]
fn every_tab_is_drawn() {
    for (size, name) in [([1280.0, 800.0], "1280"), ([1920.0, 1080.0], "1920")] {
        let mut window = on_the_screen(size);
        for tab in TABS {
            show(&mut window, tab);
            for _ in 0..40 {
                window.step();
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            draw(&mut window, &format!("network-{}-{name}.png", tab.to_lowercase().replace(' ', "-")));
        }
    }
}
