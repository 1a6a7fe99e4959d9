//! The screen as a person or a screen reader meets it: found by name, answered by intents.

use egui::accesskit::Role;
use egui::{Key, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::CutoffPanel;
use crate::app::actions::{Command, Intent};
use crate::app::cutoffs::Ask;
use crate::app::panels::compare::tests::{compared, copied, quick, workspace};
use crate::app::theme;
use crate::app::workspace::Workspace;
use crate::training::{Cutoff, CutoffRule, RunSettings};

struct State {
    panel: CutoffPanel,
    workspace: Workspace,
    intents: Vec<Intent>,
}

fn harness<'a>(workspace: Workspace) -> Harness<'a, State> {
    let state = State { panel: CutoffPanel::default(), workspace, intents: Vec::new() };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 1000.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(|ui, state: &mut State| state.panel.ui(ui, &state.workspace, &mut state.intents), state);
    harness.run();
    harness
}

/// What is asked of the loader, answered at once; the rest stays.
fn answer(h: &mut Harness<'_, State>) -> Vec<Intent> {
    let state = h.state_mut();
    let asked: Vec<Ask> = state
        .intents
        .iter()
        .filter_map(|intent| if let Intent::TryCutoffs(ask) = intent { Some(ask.clone()) } else { None })
        .collect();
    if let (Some(ask), Some(result)) = (asked.into_iter().next_back(), &state.workspace.compare.result) {
        let model = result.comparison.model(ask.model).unwrap();
        state.workspace.cutoffs.take(ask.work(model));
    }
    let intents = std::mem::take(&mut state.intents);
    h.run();
    let own = |intent: &Intent| !matches!(intent, Intent::TryCutoffs(_) | Intent::Stand(_));
    intents.into_iter().chain(std::mem::take(&mut h.state_mut().intents)).filter(own).collect()
}

fn settings_of(intents: &[Intent]) -> RunSettings {
    match intents {
        [Intent::SetSettings(settings)] => (**settings).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn before_a_comparison_one_button_makes_one() {
    let mut h = harness(workspace(quick()));
    h.get_by_label("A cut-off needs scores of firms that a model has not seen");
    h.get_by_role_and_label(Role::Button, "Compare").click();
    h.run();
    assert!(matches!(h.state().intents[..], [Intent::Do(Command::Compare)]));
}

#[test]
fn rules_show_what_they_would_do_before_they_are_taken() {
    let mut h = harness(compared(quick()));
    assert!(answer(&mut h).is_empty(), "nothing is set unasked");
    let result = h.state().workspace.compare.result.as_ref().unwrap();
    let model = h.state().panel.model(result).unwrap();
    let rule = Cutoff::Rule(CutoffRule::KsPoint);
    let outcome = model.outcome(rule, &h.state().workspace.settings.money, crate::training::Rows::Test).unwrap();
    let shown = super::numbers::thresholds_in_words(outcome.thresholds);
    assert!(h.query_all_by_label_contains(&format!("Bad from {shown}: ")).count() >= 1, "{shown}");
    h.get_by_role_and_label(Role::Button, "KS point").click();
    h.run();
    assert_eq!(settings_of(&answer(&mut h)).cutoff, rule);
}

#[test]
fn the_line_is_dragged_and_let_go() {
    let mut h = harness(compared(quick()));
    answer(&mut h);
    let line = h.get_by_role_and_label(Role::Slider, "Cut-off: the probability from which a firm is called bad");
    let rect = line.rect();
    let (from, to) = (pos2(rect.center().x, rect.center().y), pos2(rect.center().x + 120.0, rect.center().y));
    h.drag_at(from);
    h.run();
    h.hover_at(to);
    h.run();
    let held = h.state().panel.dragged;
    assert!(held.is_some(), "the figures follow while it is held");
    assert!(answer(&mut h).is_empty(), "the settings do not");
    h.drop_at(to);
    h.run();
    let Cutoff::Value(threshold) = settings_of(&answer(&mut h)).cutoff else { panic!("a value") };
    assert_eq!(Some(threshold), held);
    assert!(h.state().panel.dragged.is_none());
}

#[test]
fn the_line_is_moved_by_keys() {
    let mut h = harness(compared(quick()));
    answer(&mut h);
    h.get_by_role_and_label(Role::Slider, "Cut-off: the probability from which a firm is called bad").focus();
    h.run();
    h.key_press(Key::ArrowLeft);
    h.run();
    let Cutoff::Value(threshold) = settings_of(&answer(&mut h)).cutoff else { panic!("a value") };
    assert!(threshold < 0.5 && threshold > 0.4, "{threshold}");
}

#[test]
fn losses_are_shown_once_an_exposure_is_known() {
    let h = harness(compared(quick()));
    assert!(h.query_by_label_contains("Expected loss").is_none());
    let mut settings = quick();
    settings.money.exposure = Some(100_000.0);
    settings.money.currency = "€".to_owned();
    let h = harness(compared(settings));
    h.get_by_label_contains("Expected loss");
    assert!(h.query_all_by_label_contains("€").count() >= 2);
}

#[test]
fn what_rules_would_do_and_what_the_cutoff_does_are_copied_as_tables() {
    let mut h = harness(compared(quick()));
    assert!(h.query_by_label("Take: rules").is_none(), "nothing is worked out yet");
    answer(&mut h);
    let mut copy = |name: &str| {
        h.get_by_label(name).click();
        h.run();
        h.get_by_label("Copy as table").click();
        h.step();
        let text = copied(&h.output().platform_output).unwrap().to_owned();
        h.run();
        text
    };
    let rules = copy("Take: rules");
    let first: Vec<&str> = rules.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(first[..3], ["Rule", "Least cost", "The KS point"]);
    assert_eq!(first.len(), 7, "a line for each rule: {rules}");
    let figures = copy("Take: at this cut-off");
    let names: Vec<&str> = figures.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(names, ["Rows that are", "chosen on", "test"]);
}
