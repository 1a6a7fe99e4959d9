//! A Hinton diagram of weights: area is size, filled is positive, hollow is negative. One mesh of what is in view.

use std::sync::Arc;

use egui::{
    Align2, Color32, Galley, Mesh, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo,
};
use egui::{pos2, vec2};

use crate::app::theme::{self, Palette};

/// Room for names left of the diagram at most, in heights of a line.
const NAMES: f32 = 14.0;
/// Letters kept at the end of a name that is too long.
const TAIL: usize = 10;
/// Distance of the margin of biases from the weights, in cells.
const APART: f32 = 0.6;
/// A square whose side is smaller than this cannot be seen, in points.
const LEAST: f32 = 0.6;

/// What is under the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pointed {
    /// The weight in this row and column.
    Weight(usize, usize),
    /// The bias of a row, in the margin.
    RowBias(usize),
    /// The bias of a column, in the margin.
    ColumnBias(usize),
}

/// A diagram of `rows` × `columns` weights.
#[must_use = "call show"]
pub(crate) struct Hinton<'a> {
    /// What it is of, for screen readers.
    pub(crate) name: &'a str,
    /// Rows and columns.
    pub(crate) shape: (usize, usize),
    /// The weight in a row and a column.
    pub(crate) weight: &'a dyn Fn(usize, usize) -> f32,
    /// The size of weight that fills a cell.
    pub(crate) largest: f32,
    /// Side of a cell, in points.
    pub(crate) cell: f32,
    /// Names of the rows; empty: none are shown.
    pub(crate) names: &'a [String],
    /// Biases in the margins, on a scale of their own.
    pub(crate) biases: Option<Biases<'a>>,
}

/// Biases in the margins of a diagram.
#[derive(Clone, Copy)]
pub(crate) struct Biases<'a> {
    /// Of the rows, where they have any.
    pub(crate) rows: Option<&'a dyn Fn(usize) -> f32>,
    /// Of the columns.
    pub(crate) columns: &'a dyn Fn(usize) -> f32,
    /// The size of bias that fills a cell.
    pub(crate) largest: f32,
}

impl Hinton<'_> {
    /// Draws it as large as it is: scrolling is the caller's part. Names stay in view when it is scrolled sideways.
    pub(crate) fn show(self, ui: &mut Ui) -> (Response, Option<Pointed>) {
        let palette = Palette::of(ui);
        let (rows, columns) = self.shape;
        let cell = self.cell;
        let mut font = theme::tick_font(ui);
        font.size = font.size.min(cell);
        let limit = NAMES * ui.text_style_height(&egui::TextStyle::Small);
        let layout = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), palette.text);
        let head = layout("bias");
        let names: Vec<_> = self.names.iter().take(rows).map(|name| fitting(name, limit, &layout)).collect();
        let widest = names.iter().map(|name| name.size().x).fold(0.0, f32::max).min(limit);
        let room = match (self.names.is_empty(), self.biases.is_some()) {
            (true, false) => 0.0,
            (_, has_biases) => widest.max(if has_biases { head.size().x } else { 0.0 }).ceil() + 8.0,
        };
        let margin = |there: bool| if there { cell * (1.0 + APART) } else { 0.0 };
        let left = room + margin(self.biases.is_some_and(|biases| biases.rows.is_some()));
        let top = margin(self.biases.is_some());
        let size = vec2(left + cell * columns as f32, top + cell * rows as f32);
        let (area, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, format!("{}, {rows} rows × {columns} columns", self.name))
        });
        let grid = Rect::from_min_max(area.min + vec2(left, top), area.max);
        let pointed = response.hover_pos().filter(|at| ui.clip_rect().contains(*at));
        let pointed = pointed.filter(|at| at.x >= ui.clip_rect().left().max(area.left()) + room);
        let pointed = pointed.and_then(|at| self.at(at, grid, area.left() + room));

        let mut squares = Squares { mesh: Mesh::default(), palette, cell };
        let (seen_rows, seen_columns) = (seen(ui, grid, cell, rows, true), seen(ui, grid, cell, columns, false));
        for i in seen_rows.clone() {
            for j in seen_columns.clone() {
                squares.add(place(grid, cell, i, j).center(), (self.weight)(i, j) / self.largest);
            }
        }
        if let Some(biases) = &self.biases {
            let y = area.top() + cell / 2.0;
            for j in seen_columns {
                let x = place(grid, cell, 0, j).center().x;
                squares.add(pos2(x, y), (biases.columns)(j) / biases.largest);
            }
            if let Some(of_row) = biases.rows {
                let x = area.left() + room + cell / 2.0;
                for i in seen_rows.clone() {
                    squares.add(pos2(x, place(grid, cell, i, 0).center().y), of_row(i) / biases.largest);
                }
            }
        }
        ui.painter().rect_filled(grid, 0.0, palette.plot);
        ui.painter().add(Shape::mesh(squares.mesh));

        if room > 0.0 {
            let edge = area.left().max(ui.clip_rect().left());
            let strip = Rect::from_min_max(pos2(edge, area.top()), pos2(edge + room - 2.0, area.bottom()));
            ui.painter().rect_filled(strip, 0.0, palette.card);
            let inside = ui.painter().with_clip_rect(strip.intersect(ui.clip_rect()));
            let write = |galley: Arc<Galley>, middle: f32, color: Color32| {
                let x = (strip.right() - 6.0 - galley.size().x).max(strip.left());
                let at = Align2::LEFT_CENTER.anchor_size(pos2(x, middle), galley.size()).min;
                inside.galley_with_override_text_color(at, galley, color);
            };
            if self.biases.is_some() {
                write(head, area.top() + cell / 2.0, palette.weak);
            }
            for (i, galley) in names.into_iter().enumerate().filter(|(i, _)| seen_rows.contains(i)) {
                write(galley, place(grid, cell, i, 0).center().y, palette.text);
            }
        }
        if let Some(pointed) = pointed {
            let rect = match pointed {
                Pointed::Weight(i, j) => place(grid, cell, i, j),
                Pointed::ColumnBias(j) => place(grid, cell, 0, j).translate(vec2(0.0, area.top() - grid.top())),
                Pointed::RowBias(i) => place(grid, cell, i, 0).translate(vec2(area.left() + room - grid.left(), 0.0)),
            };
            ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.5, palette.accent), StrokeKind::Outside);
        }
        (response, pointed)
    }

    /// What stands at a place; `edge` is where the biases of rows begin.
    fn at(&self, at: Pos2, grid: Rect, edge: f32) -> Option<Pointed> {
        let (rows, columns) = self.shape;
        let index = |from: f32, at: f32, n: usize| {
            let place = ((at - from) / self.cell).floor();
            (place >= 0.0 && place < n as f32).then_some(place as usize)
        };
        let (i, j) = (index(grid.top(), at.y, rows), index(grid.left(), at.x, columns));
        match (i, j, self.biases) {
            (Some(i), Some(j), _) => Some(Pointed::Weight(i, j)),
            (Some(i), None, Some(Biases { rows: Some(_), .. })) if index(edge, at.x, 1).is_some() => {
                Some(Pointed::RowBias(i))
            }
            (None, Some(j), Some(_)) if at.y < grid.top() - APART * self.cell => Some(Pointed::ColumnBias(j)),
            _ => None,
        }
    }
}

/// The cell in a row and a column.
fn place(grid: Rect, cell: f32, row: usize, column: usize) -> Rect {
    Rect::from_min_size(grid.min + vec2(cell * column as f32, cell * row as f32), vec2(cell, cell))
}

/// A name laid out in no more than `room` points: what it lacks is taken from its middle, since the ends tell names of inputs
/// apart ("margin", "margin missing").
fn fitting(name: &str, room: f32, layout: &dyn Fn(&str) -> Arc<Galley>) -> Arc<Galley> {
    let whole = layout(name);
    let letters: Vec<char> = name.chars().collect();
    let mut kept = letters.len().min((letters.len() as f32 * room / whole.size().x.max(1.0)) as usize);
    let mut galley = whole;
    while galley.size().x > room && kept > 2 {
        kept -= 1;
        let tail = TAIL.min(kept / 2);
        let ends = letters[..kept - tail].iter().chain(&['…']).chain(&letters[letters.len() - tail..]);
        galley = layout(&ends.collect::<String>());
    }
    galley
}

/// Rows, or columns, that are in view.
fn seen(ui: &Ui, grid: Rect, cell: f32, n: usize, rows: bool) -> std::ops::Range<usize> {
    let clip = ui.clip_rect();
    let (from, to) = if rows {
        (clip.top() - grid.top(), clip.bottom() - grid.top())
    } else {
        (clip.left() - grid.left(), clip.right() - grid.left())
    };
    // A float that is too small or too large for a place is taken as the nearest.
    ((from / cell).floor() as usize).min(n)..((to / cell).ceil() as usize).min(n)
}

/// Squares of one diagram.
struct Squares<'a> {
    mesh: Mesh,
    palette: &'a Palette,
    cell: f32,
}

impl Squares<'_> {
    /// A square of this share of the largest, by area.
    fn add(&mut self, center: Pos2, share: f32) {
        let square = |side: f32| Rect::from_center_size(center, vec2(side, side));
        if !share.is_finite() {
            // Undefined is neither nothing nor much: a dot in a frame of its own colour.
            self.mesh.add_colored_rect(square(self.cell - 2.0), self.palette.line);
            self.mesh.add_colored_rect(square(2.0), self.palette.weak);
            return;
        }
        let side = (self.cell - (0.12 * self.cell).max(1.0)) * share.abs().min(1.0).sqrt();
        match () {
            () if side < LEAST => {}
            () if share > 0.0 => self.mesh.add_colored_rect(square(side), self.palette.text),
            // Too small to be hollow: a weak one.
            () if side < 3.0 => self.mesh.add_colored_rect(square(side), self.palette.weak.gamma_multiply(0.6)),
            () => self.frame(square(side), (0.1 * self.cell).clamp(1.0, 2.0)),
        }
    }

    /// A hollow square: eight vertices, where four bars would take sixteen.
    fn frame(&mut self, outer: Rect, width: f32) {
        let first = self.mesh.vertices.len() as u32;
        let inner = outer.shrink(width);
        for rect in [outer, inner] {
            for corner in [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()] {
                self.mesh.colored_vertex(corner, self.palette.weak);
            }
        }
        for side in 0..4 {
            let (a, b) = (first + side, first + (side + 1) % 4);
            self.mesh.add_triangle(a, b, a + 4);
            self.mesh.add_triangle(b, b + 4, a + 4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(share: f32) -> Mesh {
        let ctx = egui::Context::default();
        theme::install(&ctx);
        let mut mesh = Mesh::default();
        let output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let mut squares = Squares { mesh: Mesh::default(), palette: Palette::of(ui), cell: 20.0 };
            squares.add(pos2(50.0, 50.0), share);
            mesh = squares.mesh;
        });
        output.drop_without_applying_deltas();
        mesh
    }

    #[test]
    fn area_is_size_and_negative_is_hollow() {
        let side = |share| squares(share).calc_bounds().width();
        assert!((side(0.25) / side(1.0) - 0.5).abs() < 1e-3, "a quarter of the area");
        assert!((side(1.0) - 17.6).abs() < 1e-3 && (side(9.0) - side(1.0)).abs() < 1e-3);
        assert_eq!((squares(1.0).vertices.len(), squares(-1.0).vertices.len()), (4, 8));
        assert!((side(-0.25) - side(0.25)).abs() < 1e-3);
        assert!(squares(0.0).is_empty());
        assert_eq!(squares(f32::NAN).vertices.len(), 8, "a dot in its frame");
    }

    #[test]
    fn places_are_found_in_the_grid_and_its_margins() {
        let grid = Rect::from_min_size(pos2(132.0, 32.0), vec2(60.0, 40.0));
        let (of_row, of_column) = (|_: usize| 0.0, |_: usize| 0.0);
        let hinton = Hinton {
            name: "w",
            shape: (2, 3),
            weight: &|_, _| 0.0,
            largest: 1.0,
            cell: 20.0,
            names: &[],
            biases: Some(Biases { rows: Some(&of_row), columns: &of_column, largest: 1.0 }),
        };
        let at = |x, y| hinton.at(pos2(x, y), grid, 100.0);
        assert_eq!(at(133.0, 33.0), Some(Pointed::Weight(0, 0)));
        assert_eq!(at(191.0, 71.0), Some(Pointed::Weight(1, 2)));
        assert_eq!(at(110.0, 60.0), Some(Pointed::RowBias(1)));
        assert_eq!(at(160.0, 10.0), Some(Pointed::ColumnBias(1)));
        assert_eq!((at(125.0, 60.0), at(160.0, 25.0), at(193.0, 33.0), at(110.0, 10.0)), (None, None, None, None));
    }
}
