//! A Hinton diagram of the lowest layer's weights: area is size, filled is positive, hollow is negative.

use egui::{CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::app::theme::{self, Palette};
use crate::app::widgets::card;
use crate::app::workspace::Workspace;

/// Rows and columns drawn at most: more could not be told apart here.
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
    ui.label(theme::section("Weights, RBM 1"));
    card(ui, |ui| {
        let palette = Palette::of(ui);
        let cell = (ui.available_width() / columns as f32).min(16.0);
        let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), cell * rows as f32), Sense::hover());
        let largest = w.iter().fold(1e-6_f32, |m, x| m.max(x.abs()));
        for i in 0..rows {
            for j in 0..columns {
                let weight = w[[i, j]];
                let side = (cell - 2.0) * (weight.abs() / largest).sqrt();
                let center = area.min + vec2((j as f32 + 0.5) * cell, (i as f32 + 0.5) * cell);
                let square = Rect::from_center_size(center, vec2(side, side));
                if weight > 0.0 {
                    ui.painter().rect_filled(square, CornerRadius::ZERO, palette.text);
                } else if side >= 2.0 {
                    let stroke = Stroke::new(1.0, palette.weak);
                    ui.painter().rect_stroke(square, CornerRadius::ZERO, stroke, StrokeKind::Inside);
                }
            }
        }
        let remark = if (rows, columns) == w.dim() {
            format!("{rows} inputs × {columns} hidden units")
        } else {
            format!("{rows} of {} inputs × {columns} of {} hidden units", w.nrows(), w.ncols())
        };
        ui.label(theme::weak(remark));
        let names = run.prepared.as_ref().map(|p| p.inputs.as_slice()).unwrap_or_default();
        if let Some(pointer) = response.hover_pos() {
            let (i, j) = (((pointer.y - area.top()) / cell) as usize, ((pointer.x - area.left()) / cell) as usize);
            if i < rows && j < columns {
                let name = names.get(i).map_or_else(|| format!("input {}", i + 1), Clone::clone);
                let at = Rect::from_min_size(
                    pos2(area.left() + j as f32 * cell, area.top() + i as f32 * cell),
                    vec2(cell, cell),
                );
                ui.painter().rect_stroke(at, CornerRadius::ZERO, Stroke::new(1.0, palette.accent), StrokeKind::Outside);
                response.on_hover_text(format!("{name} → hidden unit {}: {:+.4}", j + 1, w[[i, j]]));
            }
        }
    });
    ui.label(theme::weak("Area is size; filled is positive, hollow is negative."));
}
