//! The tab as a person or a screen reader meets it: found by name, answered by intents.

use std::time::Instant;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::app::panels::compare::tests::quick;
use crate::app::panels::network::layers::row_name;
use crate::app::panels::network::tests::Made;
use crate::training::{ModelKind, RunSettings, learner};

struct State {
    panel: TheatrePanel,
    made: Made,
    workspace: Workspace,
    intents: Vec<Intent>,
}

/// A net whose first RBM is in training.
fn in_training() -> Made {
    in_training_by(&quick())
}

fn in_training_by(settings: &RunSettings) -> Made {
    let made = Made::of("enterprises");
    let mut dbn = learner(ModelKind::Dbn, &made.fold.training, &settings.check().unwrap(), 42).unwrap();
    for _ in 0..1000 {
        dbn.advance(&mut |_| ());
        let state = dbn.state().unwrap();
        if state.in_training() == Some(0) && state.moment() != Moment::default() {
            return Made { state: Arc::new(state), ..made };
        }
    }
    panic!("the first RBM was not seen in training");
}

fn harness<'a>(made: Made) -> Harness<'a, State> {
    let workspace = Workspace::new(RunSettings::default());
    let state = State { panel: TheatrePanel::default(), made, workspace, intents: Vec::new() };
    let draw = |ui: &mut Ui, state: &mut State| {
        let State { panel, made, workspace, intents } = state;
        panel.ui(ui, &made.scene(), workspace, intents);
    };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 1400.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(draw, state);
    settle(&mut harness);
    harness
}

/// Until the numbers are there.
fn settle(h: &mut Harness<'_, State>) {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        h.run_ok();
        if h.query_all_by_label_contains("on their way").next().is_none() || Instant::now() > until {
            return;
        }
        std::thread::yield_now();
    }
}

/// The updates that the timeline was asked to step by; everything that was asked was such a step.
fn steps(h: &Harness<'_, State>) -> Vec<i64> {
    let by = |intent: &Intent| match intent {
        Intent::Timeline(TimelineAsk::Step(TimelineUnit::Update, by)) => *by,
        other => panic!("{other:?}"),
    };
    h.state().intents.iter().map(by).collect()
}

#[test]
fn the_arrows_go_through_the_sub_steps_and_on_to_the_next_update() {
    let mut h = harness(in_training());
    h.get_by_label_contains("1 of 6 · Drive the hidden units");
    h.get_by_label_contains("RBM 1 in training");
    for title in ["2 of 6 ·", "3 of 6 ·", "4 of 6 ·", "5 of 6 ·", "6 of 6 ·"] {
        h.key_press(egui::Key::ArrowRight);
        h.run_ok();
        h.get_by_label_contains(title);
    }
    assert!(h.state().intents.is_empty());
    h.key_press(egui::Key::ArrowRight);
    h.run_ok();
    h.get_by_label_contains("1 of 6 ·");
    assert_eq!(steps(&h), [1]);
    h.key_press(egui::Key::ArrowLeft);
    h.run_ok();
    h.get_by_label_contains("6 of 6 ·");
    assert_eq!(steps(&h), [1, -1]);
}

#[test]
fn formulas_hold_the_numbers_of_the_unit_that_is_chosen() {
    let mut h = harness(in_training());
    h.get_by_label_contains("p(h₁=1|v) = σm(");
    h.get_by_label_contains("Hidden unit 2, mean:").click();
    h.run_ok();
    h.get_by_label_contains("p(h₂=1|v) = σm(");
    h.get_by_label("Sub-step 2: Toss the coin").click();
    h.run_ok();
    h.get_by_label_contains("→ h₂ is o");
    h.get_by_label("Next →").click();
    h.run_ok();
    h.get_by_label_contains("3 of 6 · Reconstruct");
    h.get_by_label("← Back").click();
    h.run_ok();
    h.get_by_label_contains("2 of 6 ·");
}

#[test]
fn tossing_again_gives_other_coins_and_going_back_the_same() {
    let mut h = harness(in_training());
    let coins = |h: &mut Harness<'_, State>| {
        settle(h);
        let panel = &h.state().panel;
        let key = Key::new(&h.state().made.scene(), 0, Played::Row, panel.attempt);
        assert!(panel.latest.is_current(&key));
        let State { panel, made, .. } = h.state_mut();
        let ctx = egui::Context::default();
        let made_key = Key::new(&made.scene(), 0, Played::Row, panel.attempt);
        let answer = panel.latest.get(&ctx, made_key, "test", move |_| (made_key, Err(""))).cloned();
        answer.unwrap().1.unwrap().trace.inputs.clone().unwrap().coins
    };
    let first = coins(&mut h);
    h.get_by_label("Next →").click();
    h.run_ok();
    h.get_by_label("← Back").click();
    h.run_ok();
    assert_eq!(coins(&mut h), first);
    h.get_by_label("Toss again").click();
    let until = Instant::now() + Duration::from_mins(1);
    while Instant::now() < until {
        h.run_ok();
        let State { panel, made, .. } = h.state();
        if panel.latest.is_current(&Key::new(&made.scene(), 0, Played::Row, panel.attempt)) {
            break;
        }
    }
    assert_eq!(h.state().panel.attempt, 1);
    assert_ne!(coins(&mut h), first);
}

#[test]
fn other_rows_are_asked_for() {
    let mut h = harness(in_training());
    h.get_by_label("Next row").click();
    h.run_ok();
    h.get_by_label("A bad one").click();
    h.run_ok();
    h.get_by_label("Random row").click();
    h.run_ok();
    let State { intents, made, .. } = h.state();
    let [Intent::LookAtRow(next), Intent::LookAtRow(bad), Intent::LookAtRow(any)] = intents.as_slice() else {
        panic!("{intents:?}");
    };
    assert_eq!((*next, made.data.bad[*bad]), (1, Some(true)));
    assert!(*any < made.data.n_rows());
}

#[test]
fn a_mini_batch_is_averaged_and_its_products_are_pictures() {
    let mut h = harness(in_training());
    h.get_by_label("Played: Mini-batch").click();
    h.run_ok();
    settle(&mut h);
    h.get_by_label_contains("averaged over");
    h.get_by_label("Sub-step 5: Compare the products").click();
    h.run_ok();
    settle(&mut h);
    let (n, m) = h.state().made.state.machines()[0].w.dim();
    for name in ["<vh> data", "<vh> recon", "g, the difference"] {
        h.get_by_label_contains(&format!("{name}, {n} visible by {m} hidden units"));
    }
}

#[test]
fn after_pre_training_nothing_is_added_and_it_is_said() {
    let mut h = harness(Made::of("enterprises"));
    h.get_by_label_contains("as pre-training left it; nothing is added any more");
    h.get_by_label("Sub-step 6: Update the weights").click();
    h.run_ok();
    h.key_press(egui::Key::ArrowRight);
    h.run_ok();
    h.get_by_label_contains("6 of 6 ·");
    assert!(h.state().intents.is_empty());
}

#[test]
fn a_firm_is_found_by_its_name() {
    let mut h = harness(in_training());
    let data = Arc::clone(&h.state().made.data);
    let last = data.n_rows() - 1;
    let name = data.enterprise_name(last).unwrap().to_owned();
    let field = h.get_by_role_and_label(Role::TextInput, "Find a firm");
    field.focus();
    h.run_ok();
    h.get_by_role_and_label(Role::TextInput, "Find a firm").type_text(&name);
    let until = Instant::now() + Duration::from_mins(1);
    let link = row_name(&data, last);
    while h.query_by_label(&link).is_none() {
        assert!(Instant::now() < until, "{link} was not found");
        h.step();
        std::thread::yield_now();
    }
    h.get_by_label(&link).click();
    h.run_ok();
    assert!(matches!(h.state().intents[..], [Intent::LookAtRow(row)] if row == last), "{:?}", h.state().intents);
    h.get_by_role_and_label(Role::TextInput, "Find a firm").focus();
    h.run_ok();
    h.get_by_role_and_label(Role::TextInput, "Find a firm").type_text(" of no name");
    while h.query_by_label_contains("No firm's name holds").is_none() {
        assert!(Instant::now() < until);
        h.step();
        std::thread::yield_now();
    }
}

#[test]
fn what_a_row_is_played_without_is_said() {
    let mut settings = quick();
    settings.dbn.pre_training.sparsity_cost = 0.1;
    let mut h = harness(in_training_by(&settings));
    h.get_by_label("RBM 1 in training. A row is played with plain CD-1 and the means of v′: without sparsity.");
    h.get_by_label("Played: Mini-batch").click();
    h.run_ok();
    h.get_by_label("RBM 1 in training.");
}

#[test]
fn a_lesson_s_wish_is_followed_and_a_question_holds() {
    let mut h = harness(in_training());
    h.state_mut().workspace.stage.ask_theatre(4);
    h.run_ok();
    h.get_by_label_contains("4 of 6 ·");
    h.state_mut().workspace.stage.held = true;
    h.key_press(egui::Key::ArrowRight);
    h.run_ok();
    h.get_by_label_contains("4 of 6 ·");
}

#[test]
fn while_a_question_is_open_what_is_not_reached_is_not_there() {
    let mut h = harness(in_training());
    let seen = |h: &Harness<'_, State>, words: &str| h.query_all_by_label_contains(words).next().is_some();
    let later = ["v′ of ", ", mean given v′", "Sub-step 3: ", "Sub-step 6: "];
    assert!(later.iter().all(|words| seen(&h, words)), "dim, and spoken");
    h.state_mut().workspace.stage.ask_theatre(2);
    h.state_mut().workspace.stage.held = true;
    h.run_ok();
    assert!(later.iter().all(|words| !seen(&h, words)));
    assert!(seen(&h, "Hidden unit 1, state: ") && seen(&h, "v of "));
    h.get_by_label_contains("Sub-step 1: ").click();
    h.run_ok();
    h.get_by_label_contains("2 of 6 ·");
    h.state_mut().workspace.stage.held = false;
    h.run_ok();
    assert!(later.iter().all(|words| seen(&h, words)));
}

#[test]
fn units_are_played_one_after_the_other() {
    let mut h = harness(in_training());
    h.get_by_label("Units' speed: 8").click();
    h.run_ok();
    h.get_by_label("Play units").click();
    let until = Instant::now() + Duration::from_mins(1);
    while h.state().panel.unit.hidden == 0 && Instant::now() < until {
        h.step();
    }
    assert!(h.state().panel.unit.hidden > 0);
    h.get_by_label("Hold units").click();
    h.run_ok();
    assert!(h.state().panel.due.is_none());
}
