//! The tab as a person or a screen reader meets it.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::app::panels::network::looking::weight_layers;
use crate::app::panels::network::tests::Made;
use crate::app::theme;
use crate::training::RunSettings;

struct State {
    panel: WeightsPanel,
    made: Made,
    workspace: Workspace,
    intents: Vec<Intent>,
}

fn harness<'a>() -> Harness<'a, State> {
    let workspace = Workspace::new(RunSettings::default());
    let state = State { panel: WeightsPanel::default(), made: Made::of("xor"), workspace, intents: Vec::new() };
    let draw = |ui: &mut Ui, state: &mut State| {
        let State { panel, made, workspace, intents } = state;
        panel.ui(ui, &made.scene(), workspace, intents);
    };
    Harness::builder()
        .with_size(vec2(1200.0, 900.0))
        .with_context_setup(theme::install)
        .with_max_steps(30)
        .build_ui_state(draw, state)
}

/// Until what is worked out in the background is there.
fn wait(h: &mut Harness<'_, State>, label: &str) {
    let until = Instant::now() + Duration::from_mins(1);
    while h.query_by_label_contains(label).is_none() {
        assert!(Instant::now() < until, "{label} did not come");
        h.step();
        std::thread::yield_now();
    }
    h.run();
}

#[test]
fn a_hinton_diagram_of_each_layer_in_any_order() {
    let mut h = harness();
    wait(&mut h, "Weights of Layer 1");
    let layers: Vec<(usize, usize)> = weight_layers(&h.state().made.state).iter().map(|layer| layer.w.dim()).collect();
    let (rows, columns) = layers[0];
    h.get_by_role_and_label(Role::Image, &format!("Weights of Layer 1, {rows} rows × {columns} columns"));
    for order in ["strength", "usage", "association with bad", "as they are"] {
        h.get_by_role_and_label(Role::RadioButton, &format!("Units by: {order}")).click();
        h.run();
    }
    h.get_by_role_and_label(Role::RadioButton, "Layer: Output").click();
    wait(&mut h, "Weights of Output");
    assert!(h.state().intents.is_empty());
}

#[test]
fn histograms_name_what_they_are_of() {
    let mut h = harness();
    h.get_by_role_and_label(Role::RadioButton, "Show: Histograms").click();
    wait(&mut h, "Histogram of Layer 1, weights W");
    h.get_by_label_contains("Histogram of Layer 1, biases");
    h.get_by_label_contains("is not in training now");
    h.get_by_label_contains("the sound band is 3e-4 to 3e-3");
}

#[test]
fn the_network_says_which_edges_it_draws() {
    let mut h = harness();
    h.get_by_role_and_label(Role::RadioButton, "Show: Network").click();
    wait(&mut h, "Width is size within a layer, dashes are negative.");
    // The nets of this program have a skip input unless it is switched off.
    h.get_by_label_contains("The skip input, which leads from the inputs to the output past the hidden layers");
    let n = weight_layers(&h.state().made.state).len();
    h.get_by_role_and_label(Role::Image, &format!("The network, {n} layers of weights"));
    h.get_by_role_and_label(Role::SpinButton, "Edges to each unit");
}

#[test]
fn the_card_says_what_a_fault_looks_like() {
    let mut h = harness();
    assert!(h.query_by_label("What a fault looks like").is_none());
    h.get_by_label("What to look for (3 of 4)").click();
    h.run();
    h.get_by_label("What a fault looks like");
}
