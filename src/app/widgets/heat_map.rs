//! A square of coloured cells, one for each pair: how strongly columns go together.

use egui::{Align2, Color32, Mesh, Rect, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::theme::{self, Palette};

/// Side of a cell, at least and at most, in points.
const CELL: (f32, f32) = (9.0, 26.0);
/// Room for names left of the square, at most.
const NAMES: f32 = 190.0;

/// The colour of a value from −1 to 1: the accent for what goes up together, the warning colour for what goes against
/// each other, the ground for nothing.
pub(crate) fn diverging(palette: &Palette, value: f32) -> Color32 {
    let end = if value < 0.0 { palette.warn } else { palette.accent };
    // A power below 1 shows weak ties that would be lost to the eye.
    palette.plot.lerp_to_gamma(end, value.abs().min(1.0).powf(0.75))
}

/// Draws the square with the names of its rows, as large as it needs to be to be read; `value(i, j)` from −1 to 1, NaN
/// where undefined. `wanted` is the side it would fill. Returns the pair under the pointer with the response.
pub(crate) fn heat_map(
    ui: &mut Ui,
    name: &str,
    names: &[&str],
    wanted: f32,
    value: impl Fn(usize, usize) -> f32,
) -> (Response, Option<(usize, usize)>) {
    let palette = Palette::of(ui);
    let n = names.len().max(1);
    let cell = ((wanted / n as f32).floor()).clamp(CELL.0, CELL.1);
    let mut font = theme::tick_font(ui);
    font.size = font.size.min(cell);
    let galleys: Vec<_> =
        names.iter().map(|name| ui.painter().layout_no_wrap((*name).to_owned(), font.clone(), palette.text)).collect();
    let room = galleys.iter().map(|galley| galley.size().x).fold(0.0, f32::max).min(NAMES).ceil() + 8.0;
    let side = cell * n as f32;
    let (area, response) = ui.allocate_exact_size(vec2(room + side, side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name}, {n} columns")));
    let square = Rect::from_min_size(pos2(area.left() + room, area.top()), vec2(side, side));
    let pair =
        response.hover_pos().filter(|at| square.contains(*at) && at.x > ui.clip_rect().left() + room).map(|at| {
            let place = |x: f32| ((x / cell) as usize).min(n - 1);
            (place(at.y - square.top()), place(at.x - square.left()))
        });
    let gap = if cell >= 14.0 { 1.0 } else { 0.0 };
    let mut mesh = Mesh::default();
    for i in 0..n {
        for j in 0..n {
            let at = square.min + vec2(cell * j as f32, cell * i as f32);
            let rect = Rect::from_min_size(at, vec2(cell - gap, cell - gap));
            if !ui.clip_rect().intersects(rect) {
                continue;
            }
            let value = value(i, j);
            if value.is_nan() {
                // Undefined is neither nothing nor much: a dot.
                mesh.add_colored_rect(rect, palette.line);
                mesh.add_colored_rect(Rect::from_center_size(rect.center(), vec2(2.0, 2.0)), palette.weak);
            } else {
                mesh.add_colored_rect(rect, diverging(palette, value));
            }
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    // The names stay in view when the square is scrolled sideways.
    let edge = area.left().max(ui.clip_rect().left());
    let strip = Rect::from_min_max(pos2(edge, area.top()), pos2(edge + room - 2.0, area.bottom()));
    ui.painter().rect_filled(strip, 0.0, palette.card);
    let inside = ui.painter().with_clip_rect(strip.intersect(ui.clip_rect()));
    for (i, galley) in galleys.into_iter().enumerate() {
        let middle = square.top() + cell * (i as f32 + 0.5);
        let x = (strip.right() - 4.0 - galley.size().x).max(strip.left());
        inside.galley(Align2::LEFT_CENTER.anchor_size(pos2(x, middle), galley.size()).min, galley, palette.text);
    }
    if let Some((i, j)) = pair {
        let line = Stroke::new(1.0, palette.text);
        let row = Rect::from_min_size(pos2(square.left(), square.top() + cell * i as f32), vec2(side, cell));
        let column = Rect::from_min_size(pos2(square.left() + cell * j as f32, square.top()), vec2(cell, side));
        for rect in [row, column] {
            ui.painter().rect_filled(rect, 0.0, palette.text.gamma_multiply(0.06));
        }
        ui.painter().rect_stroke(row.intersect(column), 0.0, line, egui::StrokeKind::Outside);
    }
    (response, pair)
}

/// The colour of a probability of the bad outcome: the ground at one half, towards the accent below, the colour of bad above.
/// The pair differs in blue against red and in brightness, so that it is told apart by everyone.
pub(crate) fn probability_color(palette: &Palette, p: f32) -> Color32 {
    if p.is_nan() {
        return palette.line;
    }
    let distance = (2.0 * p - 1.0).clamp(-1.0, 1.0);
    let end = if distance < 0.0 { palette.accent } else { palette.bad };
    palette.plot.lerp_to_gamma(end, 0.85 * distance.abs().powf(0.8))
}
