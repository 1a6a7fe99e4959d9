//! A Hinton diagram of the lowest layer's weights: area is size, filled is positive, hollow is negative.

use egui::Ui;

use crate::app::theme;
use crate::app::widgets::{Hinton, Pointed, Taking, card, matrix_table};
use crate::app::workspace::Workspace;

/// Rows and columns drawn at most: the Network screen shows all of them.
const MOST_INPUTS: usize = 16;
const MOST_UNITS: usize = 18;

/// The diagram, once there are weights.
pub(super) fn ui(ui: &mut Ui, workspace: &Workspace) {
    let run = &workspace.run;
    let Some(state) = workspace.timeline.state() else { return };
    let lowest = state.network().and_then(|network| network.layers.first()).map(|layer| &layer.w);
    let Some(w) = lowest.or(state.machines().first().map(|rbm| &rbm.w)) else { return };
    let (rows, columns) = (w.nrows().min(MOST_INPUTS), w.ncols().min(MOST_UNITS));
    if rows == 0 || columns == 0 {
        return;
    }
    let taking = Taking::begin(ui, "weights of RBM 1");
    ui.label(theme::section("Weights, RBM 1"));
    let names = run.prepared.as_ref().map(|p| p.inputs.as_slice()).unwrap_or_default();
    let name = |i: usize| names.get(i).map_or_else(|| format!("input {}", i + 1), Clone::clone);
    card(ui, |ui| {
        let hinton = Hinton {
            name: "Weights of RBM 1",
            shape: (rows, columns),
            weight: &|i, j| w[[i, j]],
            largest: w.iter().fold(1e-6_f32, |m, x| m.max(x.abs())),
            cell: (ui.available_width() / columns as f32).min(16.0),
            names: &[],
            biases: None,
        };
        let (response, pointed) = hinton.show(ui);
        let remark = if (rows, columns) == w.dim() {
            format!("{rows} inputs × {columns} hidden units")
        } else {
            format!("{rows} of {} inputs × {columns} of {} hidden units", w.nrows(), w.ncols())
        };
        ui.label(theme::weak(remark));
        if let Some(Pointed::Weight(i, j)) = pointed {
            response.on_hover_text(format!("{} → hidden unit {}: {:+.4}", name(i), j + 1, w[[i, j]]));
        }
    });
    ui.label(theme::weak("Area is size; filled is positive, hollow is negative."));
    taking.end(ui, "Weights of RBM 1", || {
        let names = (0..w.nrows()).map(name).collect::<Vec<_>>();
        let units = (1..=w.ncols()).map(|unit| format!("hidden unit {unit}"));
        matrix_table("weights of RBM 1", "All weights of RBM 1.", ("Input", &names), units, |i, j| w[[i, j]])
    });
}
