//! The panels of maps and regions as a person or a screen reader meets them.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::app::panels::network::tests::Made;
use crate::app::theme;
use crate::training::RunSettings;

struct State {
    panel: LayersPanel,
    made: Made,
    workspace: Workspace,
    intents: Vec<Intent>,
}

fn harness<'a>(made: Made) -> Harness<'a, State> {
    let workspace = Workspace::new(RunSettings::default());
    let state = State { panel: LayersPanel::default(), made, workspace, intents: Vec::new() };
    let draw = |ui: &mut Ui, state: &mut State| {
        let State { panel, made, workspace, intents } = state;
        panel.ui(ui, &made.scene(), workspace, intents);
    };
    let mut harness = Harness::builder()
        .with_size(vec2(1200.0, 760.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(draw, state);
    let until = Instant::now() + Duration::from_mins(1);
    while harness.query_by_label_contains("AUC of a straight line").is_none() && Instant::now() < until {
        harness.step();
        std::thread::yield_now();
    }
    harness.run();
    harness
}

#[test]
fn a_map_stands_before_and_after_every_layer() {
    let h = harness(Made::of("xor"));
    let layers = h.state().made.n_layers();
    h.get_by_role_and_label(Role::Image, "Map of the inputs, 600 rows");
    for layer in 1..=layers {
        h.get_by_role_and_label(Role::Image, &format!("Map of the layer {layer}, 600 rows"));
    }
    h.get_by_label_contains("inputs 0.");
    assert!(h.query_all_by_label_contains("held-out rows").count() > 0);
    h.get_by_label_contains("Drag across points");
    assert!(h.state().intents.is_empty());
}

#[test]
fn brushed_rows_are_listed_and_a_line_of_the_list_is_looked_at() {
    let mut h = harness(Made::of("xor"));
    let map = h.get_by_role_and_label(Role::Image, "Map of the inputs, 600 rows").rect();
    // All of the map, beginning in its empty corner.
    let (from, to) = (map.min + vec2(3.0, 3.0), map.max - vec2(3.0, 3.0));
    h.drag_at(from);
    h.hover_at(from + vec2(20.0, 20.0));
    h.step();
    h.hover_at(to);
    h.step();
    h.drop_at(to);
    h.run();
    h.get_by_label_contains("600 brushed: 100 bad, 100 good, 400 without a label");
    h.get_by_label("Clear brush").click();
    h.run();
    assert!(h.query_by_label_contains("brushed:").is_none());
    assert!(h.state().panel.brushed.is_empty());
}

#[test]
fn a_point_that_is_clicked_is_looked_at() {
    let mut h = harness(Made::of("moons"));
    let map = h.get_by_role_and_label(Role::Image, "Map of the inputs, 600 rows").rect();
    // 600 rows leave no place of the upper moon more than a few points away from one of them.
    for x in 0..40 {
        let at = pos2(map.left() + map.width() * (0.1 + 0.02 * x as f32), map.center().y - 0.1 * map.height());
        h.hover_at(at);
        h.step();
        h.drag_at(at);
        h.step();
        h.drop_at(at);
        h.step();
        if matches!(h.state().intents.as_slice(), [Intent::LookAtRow(row)] if *row < 600) {
            return;
        }
    }
    panic!("no point was met: {:?}", h.state().intents);
}

#[test]
fn a_map_is_walked_through_by_the_arrows() {
    let mut h = harness(Made::of("moons"));
    let name = "Map of the inputs, 600 rows";
    let map = h.get_by_role_and_label(Role::Image, name);
    assert_eq!(map.accesskit_node().value().as_deref(), Some(row_name(&h.state().made.data, 0).as_str()));
    map.focus();
    h.run();
    h.key_press(egui::Key::ArrowRight);
    h.run();
    assert!(matches!(h.state().intents.as_slice(), [Intent::LookAtRow(1)]), "{:?}", h.state().intents);
    // It keeps the focus.
    h.state_mut().intents.clear();
    h.key_press(egui::Key::ArrowDown);
    h.run();
    assert!(matches!(h.state().intents.as_slice(), [Intent::LookAtRow(1)]), "{:?}", h.state().intents);
}

#[test]
fn the_brush_is_a_rectangle_or_a_lasso() {
    let mut h = harness(Made::of("rings"));
    h.get_by_label("Brush: Lasso").click();
    h.run();
    assert_eq!(h.state().panel.tool, Tool::Lasso);
    h.get_by_label("Brush: Rectangle").click();
    h.run();
    assert_eq!(h.state().panel.tool, Tool::Rectangle);
}

#[test]
fn rows_are_named_by_what_is_known_of_them() {
    let made = Made::of("enterprises");
    let name = row_name(&made.data, 0);
    assert!(name.starts_with("E001 · 20") && name.contains("default = "), "{name}");
    assert!(row_name(&Made::of("xor").data, 599).starts_with("row 600 · no label"));
}
