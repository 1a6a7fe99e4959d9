//! The tab as a person or a screen reader meets it: found by name, answered by intents.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::DreamsPanel;
use super::asked::Subject;
use crate::app::actions::{Command, Intent};
use crate::app::panels::compare::tests::{quick, workspace};
use crate::app::theme;
use crate::app::workspace::Workspace;
use crate::data::{Dataset, Original};
use crate::inspection::dreams::DREAMED;
use crate::model::dbn::{NetState, Top};
use crate::storage::Outcome;
use crate::training::PreparedFold;

struct State {
    panel: DreamsPanel,
    workspace: Workspace,
    net: Arc<NetState>,
    fold: Arc<PreparedFold>,
    data: Arc<Dataset>,
    intents: Vec<Intent>,
}

fn harness<'a>(top: Top) -> Harness<'a, State> {
    let mut settings = quick();
    settings.dbn.layers = vec![5, 4];
    settings.dbn.pre_training.top = top;
    let workspace = workspace(settings);
    let data = Arc::clone(workspace.data().unwrap());
    let (net, fold) = super::super::tests::trained(&workspace);
    let state = State { panel: DreamsPanel::default(), workspace, net, fold, data, intents: Vec::new() };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 1600.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(
            |ui, state: &mut State| {
                let State { panel, workspace, net, fold, data, intents } = state;
                let scene = super::super::tests::scene(net, fold, data);
                panel.ui(ui, &scene, workspace, intents);
            },
            state,
        );
    settle(&mut harness);
    harness
}

/// Until the dreams that are wanted, and what is beside them, are there.
fn settle(h: &mut Harness<'_, State>) {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        h.run_ok();
        let panel = &h.state().panel;
        let chain = panel.chain.as_ref().map(|chain| (chain.key, chain.dreams.sweeps()));
        let there = chain.is_some_and(|(key, sweeps)| {
            sweeps == panel.sweeps
                && panel.before.as_ref().is_some_and(|(_, of)| panel.key(*of) == key)
                && panel.beside.is_current(&key)
        });
        if there {
            h.run_ok();
            return;
        }
        assert!(Instant::now() < deadline, "the dreams did not come");
        std::thread::yield_now();
    }
}

fn sweeps(h: &Harness<'_, State>) -> u64 {
    h.state().panel.chain.as_ref().unwrap().dreams.sweeps()
}

fn press(h: &mut Harness<'_, State>, name: &str) {
    h.get_by_role_and_label(Role::Button, name).click();
    h.run_ok();
    settle(h);
}

#[test]
fn dreams_are_shown_beside_real_firms_and_say_what_they_are() {
    let h = harness(Top::Joint);
    h.get_by_label("Made up by the network, not data.");
    assert!(h.query_by_label("Use a joint top RBM and train again").is_none());
    h.get_by_label_contains("The nearest real firm is");
    h.get_by_label_contains("The chain: ");
    h.get_by_label_contains("are dreamed as they are, but for chance");
    let chain = h.state().panel.chain.clone().unwrap();
    assert_eq!(chain.dreams.inputs().nrows(), 200);
    let first_feature = chain.units[0];
    assert!(chain.dreams.visible().column(first_feature + 1).iter().all(|&on| on == 1.0), "bad is held");
    for indicator in chain.fold.preparation.indicators() {
        h.get_by_label_contains(&format!("Dreams beside real firms, {indicator}:"));
    }
}

#[test]
fn the_chain_steps_runs_and_begins_again() {
    let mut h = harness(Top::Joint);
    let first = sweeps(&h);
    press(&mut h, "One sweep");
    assert_eq!(sweeps(&h), first + 1);
    h.get_by_label(&format!("Sweep {}", first + 1));
    press(&mut h, "Begin again");
    assert_eq!(sweeps(&h), 0);
    let states = h.state().panel.chain.as_ref().unwrap().dreams.visible().clone();
    press(&mut h, "One sweep");
    press(&mut h, "Begin again");
    assert_eq!(h.state().panel.chain.as_ref().unwrap().dreams.visible(), &states, "the same states again");
    h.get_by_role_and_label(Role::Button, "Run the chain").click();
    let deadline = Instant::now() + Duration::from_mins(1);
    while h.state().panel.sweeps < 3 {
        h.step();
        assert!(Instant::now() < deadline);
    }
    h.get_by_role_and_label(Role::Button, "Hold the chain").click();
    h.step();
    settle(&mut h);
    assert!(!h.state().panel.playing);
}

#[test]
fn an_indicator_is_held_at_the_value_of_the_row_and_let_go() {
    let mut h = harness(Top::Joint);
    let name = h.state().fold.preparation.indicators().next().unwrap().to_owned();
    h.get_by_role_and_label(Role::CheckBox, &name).click();
    h.run_ok();
    settle(&mut h);
    let Some(Original::Number(held)) = h.state().panel.asked.held.get(&name).cloned() else { panic!("no number") };
    h.get_by_label_contains("Holding is approximate on a stack");
    let chain = h.state().panel.chain.clone().unwrap();
    for row in chain.dreams.inputs().rows() {
        let dreamed = chain.fold.preparation.original(&row).swap_remove(0);
        let Original::Number(x) = dreamed.value else { panic!("{dreamed:?}") };
        assert!((x - held).abs() <= 1e-4 * held.abs().max(1.0), "{x} is not {held}");
    }
    assert!(h.query_by_label_contains(&format!("Dreams beside real firms, {name}:")).is_none());
    press(&mut h, "Let all go");
    assert!(h.state().panel.asked.held.is_empty());
}

#[test]
fn without_label_units_one_button_trains_with_them() {
    let mut h = harness(Top::Plain);
    h.get_by_label_contains("the chains begin at real bad rows");
    h.get_by_role_and_label(Role::RadioButton, "Dream of: Free").click();
    h.run_ok();
    settle(&mut h);
    h.get_by_label_contains("begin at its biases");
    h.get_by_role_and_label(Role::Button, "Use a joint top RBM and train again").click();
    h.run_ok();
    match &h.state().intents[..] {
        [Intent::SetSettings(settings), Intent::Do(Command::Rewind), Intent::Do(Command::Train)] => {
            assert_eq!(settings.dbn.pre_training.top, Top::Joint);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lesson_asks_for_an_outcome_once() {
    let mut h = harness(Top::Joint);
    h.state_mut().workspace.stage.ask_dream(Outcome::Good);
    h.run_ok();
    settle(&mut h);
    assert_eq!(h.state().panel.asked.subject, Subject::Good);
    h.get_by_role_and_label(Role::RadioButton, "Dream of: Free").click();
    h.run_ok();
    settle(&mut h);
    assert_eq!(h.state().panel.asked.subject, Subject::Free, "it was followed once");
    h.state_mut().workspace.stage.held = true;
    let before = sweeps(&h);
    press(&mut h, "One sweep");
    assert_eq!(sweeps(&h), before, "not before the question is answered");
}

#[test]
fn dreams_leave_marked_as_synthetic() {
    let mut h = harness(Top::Joint);
    press(&mut h, "Export as CSV…");
    let [Intent::Save(document)] = &h.state().intents[..] else { panic!("{:?}", h.state().intents) };
    assert_eq!(document.file_name(), "dreams-synthetic.csv");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dreams.csv");
    crate::app::export::write(&**document, &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(rows.len(), 200);
    let class = &h.state().data.bad_value;
    assert!(rows.iter().all(|row| row.starts_with(&format!("\"{DREAMED}\",{class},"))), "{}", rows[0]);
}

/// The files that were asked for: class and dreams, without their headings.
fn exported(h: &mut Harness<'_, State>) -> Vec<(String, Vec<String>)> {
    let file = |intent: Intent| {
        let Intent::Save(document) = intent else { panic!("{intent:?}") };
        let text = String::from_utf8(document.contents(Path::new("dreams.csv")).unwrap()).unwrap();
        let mut class = String::new();
        let mark = format!("\"{DREAMED}\",");
        let rows = text.lines().skip(1).map(|row| {
            let (of, dream) = row.strip_prefix(&mark).unwrap().split_once(',').unwrap();
            of.clone_into(&mut class);
            dream.to_owned()
        });
        let rows = rows.collect();
        (class, rows)
    };
    h.state_mut().intents.drain(..).map(file).collect()
}

#[test]
fn dreams_are_never_exported_as_what_was_asked_for_after_them() {
    let mut h = harness(Top::Joint);
    press(&mut h, "Export as CSV…");
    let (bad, of_bad) = exported(&mut h).pop().unwrap();
    h.get_by_role_and_label(Role::RadioButton, "Dream of: Good").click();
    for _ in 0..4 {
        h.step();
        h.get_by_role_and_label(Role::Button, "Export as CSV…").click();
    }
    settle(&mut h);
    press(&mut h, "Export as CSV…");
    let files = exported(&mut h);
    assert!(!files.is_empty());
    for (class, dreams) in files {
        assert!(class != bad && dreams != of_bad, "bad ones are said to be {class}");
    }
}

#[test]
fn other_options_give_other_dreams() {
    let mut h = harness(Top::Joint);
    let inputs = |h: &Harness<'_, State>| h.state().panel.chain.as_ref().unwrap().dreams.inputs().clone();
    let bad = inputs(&h);
    for choice in ["Dream of: Good", "Dream of: Free", "Units on the way down: Means"] {
        h.get_by_role_and_label(Role::RadioButton, choice).click();
        h.run_ok();
        settle(&mut h);
        assert_ne!(inputs(&h), bad, "{choice}");
    }
    h.get_by_role_and_label(Role::SpinButton, "Dream shown");
    h.get_by_role_and_label(Role::SpinButton, "Dreams at once");
    let link = h.query_all_by_role(Role::Link).next().expect("the nearest real firm");
    assert!(link.accesskit_node().label().is_some());
    link.click();
    h.run_ok();
    assert!(matches!(h.state().intents[..], [Intent::LookAtRow(_)]));
}
