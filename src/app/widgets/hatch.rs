//! Slanted lines across a rectangle: a ground that is told apart without colour.

use egui::{Color32, Rect, Stroke, Ui, pos2};

/// Distance of two lines, in points.
const PITCH: f32 = 7.0;

/// Draws the lines. They stand at the same places everywhere, so that they run through neighbouring rectangles.
pub(crate) fn hatch(ui: &Ui, rect: Rect, color: Color32) {
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let height = rect.height();
    let mut x = ((rect.left() - height) / PITCH).floor() * PITCH;
    while x < rect.right() {
        painter.line_segment([pos2(x, rect.bottom()), pos2(x + height, rect.top())], Stroke::new(1.0, color));
        x += PITCH;
    }
}
