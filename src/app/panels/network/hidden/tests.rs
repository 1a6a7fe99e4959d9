//! The tab as a person or a screen reader meets it.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::app::panels::network::tests::Made;
use crate::app::theme;
use crate::training::RunSettings;

struct State {
    panel: HiddenPanel,
    made: Made,
    workspace: Workspace,
    intents: Vec<Intent>,
}

fn harness<'a>() -> Harness<'a, State> {
    let workspace = Workspace::new(RunSettings::default());
    let state = State { panel: HiddenPanel::default(), made: Made::of("xor"), workspace, intents: Vec::new() };
    let draw = |ui: &mut Ui, state: &mut State| {
        let State { panel, made, workspace, intents } = state;
        panel.ui(ui, &made.scene(), workspace, intents);
    };
    let mut harness = Harness::builder()
        .with_size(vec2(1200.0, 1400.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(draw, state);
    let until = Instant::now() + Duration::from_mins(1);
    let there = |h: &Harness<'_, State>| {
        h.query_by_label_contains("Hidden probabilities").is_some()
            && h.query_by_label("The reconstruction is being worked out.").is_none()
    };
    while !there(&harness) {
        assert!(Instant::now() < until, "the picture did not come");
        harness.step();
        std::thread::yield_now();
    }
    harness.run();
    harness
}

fn picture(h: &Harness<'_, State>) -> egui::Rect {
    let (rows, units) = shown(h).h.dim();
    h.get_by_role_and_label(Role::Image, &format!("Hidden probabilities, {rows} rows × {units} units")).rect()
}

/// What the picture shows, worked out anew.
fn shown(h: &Harness<'_, State>) -> Activations {
    let State { panel, made, .. } = h.state();
    let scene = made.scene();
    let key =
        PictureKey { state: scene.key(), layer: panel.layer, rows: panel.rows, units: panel.units, seed: scene.seed };
    Activations::of(&made.state, &made.fold, &made.data, key).unwrap()
}

#[test]
fn rows_stand_by_class_and_a_click_looks_at_one() {
    let mut h = harness();
    let kinds: Vec<Option<bool>> = shown(&h).bad.clone();
    let rank = |bad: &Option<bool>| [Some(true), Some(false), None].iter().position(|of| of == bad);
    assert!(kinds.is_sorted_by_key(rank), "bad, good, no label");
    let field = picture(&h);
    // The last row, a little above the lower edge.
    let last = *shown(&h).rows.last().unwrap();
    let at = egui::pos2(field.center().x, field.bottom() - 0.2);
    h.hover_at(at);
    h.step();
    h.drag_at(at);
    h.drop_at(at);
    h.run();
    assert!(matches!(h.state().intents[..], [Intent::LookAtRow(row)] if row == last), "{:?}", h.state().intents);
}

#[test]
fn dead_units_are_said_and_every_choice_has_a_name() {
    let mut h = harness();
    let words = shown(&h).faults.in_words();
    h.get_by_label_contains(&words);
    for choice in ["Rows: as they are", "Units by: usage", "Units by: association with bad", "Rows: by class"] {
        h.get_by_role_and_label(Role::RadioButton, choice).click();
        h.run();
    }
    h.get_by_label("What to look for (1 of 4)");
    h.get_by_label("What to look for (4 of 4)");
}

#[test]
fn the_row_comes_back_in_the_units_of_the_table() {
    let h = harness();
    let made = &h.state().made;
    let key = BackKey { state: made.scene().key(), layer: 0, row: made.fold.test_rows[0], seed: 1 };
    let BackShown::Row(back) = BackShown::of(&made.state, &made.fold, key) else { panic!("no reconstruction") };
    assert_eq!(back.before.len(), made.fold.preparation.indicators().count());
    let (x, indicator) = (made.fold.test_rows[0], &made.data.indicators[0]);
    let crate::data::Values::Numeric(values) = &indicator.values else { panic!("xor has numbers") };
    let crate::data::Original::Number(value) = back.before[0].value else { panic!("{:?}", back.before[0]) };
    assert!((value - values[x]).abs() < 1e-4 * values[x].abs().max(1.0), "{value} is not {}", values[x]);
    assert!(back.errors.iter().chain(&back.usual).all(|error| error.is_some_and(|error| error >= 0.0)));
    let nowhere = BackKey { row: usize::MAX, ..key };
    assert!(matches!(BackShown::of(&made.state, &made.fold, nowhere), BackShown::NoRow));
    h.get_by_label_contains("and down again");
}
