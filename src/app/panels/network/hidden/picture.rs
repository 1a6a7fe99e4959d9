//! Rows × units as a texture, with marks for dead and stuck units above it and for the outcomes of rows beside it.

use egui::{
    Color32, ColorImage, Mesh, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, TextStyle, TextureHandle, TextureOptions,
    Ui, pos2, vec2,
};

use super::super::Scene;
use super::super::layers::row_name;
use super::work::{Activations, PictureKey};
use crate::app::theme::Palette;
use crate::app::widgets::{Mark, arrows, diverging, matrix_table, neighbour, picture_info, texture};
use crate::model::rbm::Stuck;
use crate::report::ReportTable;

/// The texture, and what it shows.
#[derive(Default)]
pub(super) struct Picture {
    texture: Option<TextureHandle>,
    made_of: Option<(PictureKey, bool)>,
}

impl Picture {
    /// Draws the picture as wide as the room there is. Returns the row that was clicked, or gone to by the arrows.
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, shown: &Activations, height: f32) -> Option<usize> {
        let (n_rows, n_units) = shown.h.dim();
        if n_rows == 0 || n_units == 0 {
            return None;
        }
        let palette = Palette::of(ui);
        let made_of = (shown.key, ui.visuals().dark_mode);
        if self.made_of != Some(made_of) {
            let image = image(palette, shown);
            let before = self.texture.take();
            self.texture = Some(texture(ui.ctx(), before, "hidden units", image, TextureOptions::NEAREST));
            self.made_of = Some(made_of);
        }
        let texture = self.texture.as_ref()?;
        let margin = (0.9 * ui.text_style_height(&TextStyle::Small)).round();
        let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
        let name = format!("Hidden probabilities, {n_rows} rows × {n_units} units");
        let place = shown.rows.iter().position(|&row| row == scene.row);
        response.widget_info(|| picture_info(&name, place.map(|_| row_name(scene.data, scene.row))));
        let [right, down] = arrows(ui, &response);
        let walked = neighbour(place, right + down, n_rows).and_then(|place| shown.rows.get(place).copied());
        let field = Rect::from_min_max(area.min + vec2(margin, margin), area.max);
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture.id(), field, uv, Color32::WHITE);
        let edge = if response.has_focus() { palette.accent } else { palette.line };
        ui.painter().rect_stroke(field, 0.0, Stroke::new(1.0, edge), StrokeKind::Outside);

        let cell = vec2(field.width() / n_units as f32, field.height() / n_rows as f32);
        ui.painter().add(Shape::mesh(marks(palette, shown, area, field, cell)));
        if let Some(place) = place {
            let top = field.top() + cell.y * place as f32;
            let line = Rect::from_min_size(pos2(field.left(), top), vec2(field.width(), cell.y.max(2.0)));
            ui.painter().rect_stroke(line, 0.0, Stroke::new(1.5, palette.accent), StrokeKind::Outside);
        }
        let Some((row, unit)) = response.hover_pos().and_then(|at| cell_at(at, field, cell, (n_rows, n_units))) else {
            return walked;
        };
        let clicked = response.clicked().then(|| shown.rows[row]);
        let of_layer = shown.units[unit];
        let at = Rect::from_min_size(field.min + vec2(cell.x * unit as f32, cell.y * row as f32), cell);
        ui.painter().rect_stroke(at, 0.0, Stroke::new(1.5, palette.accent), StrokeKind::Outside);
        response.on_hover_ui_at_pointer(|ui| {
            ui.label(row_name(scene.data, shown.rows[row]));
            ui.label(format!("unit {}: {:.3}", of_layer + 1, shown.h[[row, unit]]).replace('-', "−"));
            if let Some(fault) = shown.faults.of_unit(of_layer) {
                ui.label(fault);
            }
        });
        clicked.or(walked)
    }
}

/// The activations as they are ordered in the picture.
pub(super) fn table(scene: &Scene<'_>, shown: &Activations, caption: &str) -> ReportTable {
    let rows: Vec<String> = shown.rows.iter().map(|&row| row_name(scene.data, row)).collect();
    let units = shown.units.iter().map(|unit| format!("unit {}", unit + 1));
    matrix_table("hidden units", caption, ("Row", &rows), units, |row, unit| shown.h[[row, unit]])
}

/// The row and the unit, by place in the picture, at a point.
fn cell_at(at: Pos2, field: Rect, cell: egui::Vec2, (n_rows, n_units): (usize, usize)) -> Option<(usize, usize)> {
    if !field.contains(at) || n_rows == 0 || n_units == 0 {
        return None;
    }
    let place = (at - field.min) / cell;
    Some(((place.y as usize).min(n_rows - 1), (place.x as usize).min(n_units - 1)))
}

/// Activations as pixels: from the ground to the colour of text, and where they may be negative by sign.
fn image(palette: &Palette, shown: &Activations) -> ColorImage {
    let (n_rows, n_units) = shown.h.dim();
    let pixel = |&h: &f32| {
        let share = h / shown.brightest;
        match () {
            () if !share.is_finite() => palette.bad,
            () if shown.is_signed => diverging(palette, share),
            () => palette.plot.lerp_to_gamma(palette.text, share.clamp(0.0, 1.0)),
        }
    };
    ColorImage::new([n_units, n_rows], shown.h.iter().map(pixel).collect())
}

/// The marks above units that are dead or stuck, and beside rows.
fn marks(palette: &Palette, shown: &Activations, area: Rect, field: Rect, cell: egui::Vec2) -> Mesh {
    let mut mesh = Mesh::default();
    let room = field.top() - area.top();
    let side = (0.7 * room).min(cell.x.max(4.0));
    for (place, &unit) in shown.units.iter().enumerate() {
        let at = pos2(field.left() + cell.x * (place as f32 + 0.5), area.top() + 0.45 * room);
        let square = Rect::from_center_size(at, vec2(side, side));
        match (shown.faults.dead.get(unit), shown.faults.stuck.get(unit).copied().flatten()) {
            (Some(true), _) => add_cross(&mut mesh, square, palette.bad),
            (_, Some(Stuck::On)) => mesh.add_colored_rect(square, palette.warn),
            (_, Some(Stuck::Off)) => {
                mesh.add_colored_rect(square, palette.warn);
                mesh.add_colored_rect(square.shrink(0.2 * side), palette.card);
            }
            (_, None) => {}
        }
    }
    // Where rows are finer than marks, only one row in so many has its mark.
    let step = ((3.0 / cell.y).ceil() as usize).max(1);
    let size = (cell.y * step as f32).clamp(3.0, 0.7 * room);
    for place in (0..shown.rows.len()).step_by(step) {
        let mark = Mark(shown.bad[place]);
        let middle = place as f32 + 0.5 * step.min(shown.rows.len() - place) as f32;
        let at = pos2(area.left() + 0.45 * room, field.top() + cell.y * middle);
        mark.add(&mut mesh, at, size, mark.color(palette));
    }
    mesh
}

/// Two crossed bars.
fn add_cross(mesh: &mut Mesh, square: Rect, color: Color32) {
    let width = 0.18 * square.width();
    for (from, to) in [(square.left_top(), square.right_bottom()), (square.right_top(), square.left_bottom())] {
        let across = (to - from).normalized().rot90() * width;
        let first = mesh.vertices.len() as u32;
        for corner in [from - across, from + across, to + across, to - across] {
            mesh.colored_vertex(corner, color);
        }
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first, first + 2, first + 3);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_and_the_margin_is_none() {
        let field = Rect::from_min_size(pos2(10.0, 10.0), vec2(100.0, 50.0));
        let at = |x, y| cell_at(pos2(x, y), field, vec2(25.0, 10.0), (5, 4));
        assert_eq!(at(10.0, 10.0), Some((0, 0)));
        assert_eq!(at(60.5, 30.5), Some((2, 2)));
        assert_eq!(at(110.0, 60.0), Some((4, 3)), "the last edge belongs to the last cell");
        assert_eq!(at(5.0, 30.0), None);
    }
}
