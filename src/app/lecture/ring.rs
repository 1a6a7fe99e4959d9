//! A ring around the pointer, so that a class in the last row sees where it is.

use egui::{Id, LayerId, Order, Stroke, Ui};

use crate::app::theme::{self, Palette};

/// Radius of the ring and of the dot in it, in points.
const RADII: (f32, f32) = (22.0, 3.5);

/// Draws it over everything; nothing where there is no pointer.
pub(in crate::app) fn pointer_ring(ui: &Ui) {
    let Some(at) = ui.input(|input| input.pointer.hover_pos()) else { return };
    let palette = Palette::of(ui);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("pointer ring")));
    let width = theme::line_width(ui);
    // A ring of the ground around it: it is seen on every colour.
    painter.circle_stroke(at, RADII.0, Stroke::new(width + 2.0, palette.background.gamma_multiply(0.6)));
    painter.circle_stroke(at, RADII.0, Stroke::new(width, palette.accent));
    painter.circle_filled(at, RADII.1, palette.accent);
}
