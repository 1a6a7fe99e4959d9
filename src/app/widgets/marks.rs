//! Rows as points, the class by shape and colour: bad ones triangles, good ones diamonds, rows without a label dots. Many of
//! them are one mesh.

use egui::{Color32, Mesh, Pos2, Rect, Sense, Shape, Ui, pos2, vec2};

use crate::app::theme::{self, Palette};

/// How the outcome of a row looks; `None` without a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(pub(crate) Option<bool>);

impl Mark {
    /// All of them, as in a legend.
    pub(crate) const ALL: [Self; 3] = [Self(Some(true)), Self(Some(false)), Self(None)];

    /// What it stands for.
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            Some(true) => "bad",
            Some(false) => "good",
            None => "no label",
        }
    }

    /// Its colour.
    pub(crate) fn color(self, palette: &Palette) -> Color32 {
        match self.0 {
            Some(true) => palette.bad,
            Some(false) => palette.accent,
            None => palette.weak,
        }
    }

    /// Adds the mark at a place, about `size` points wide.
    pub(crate) fn add(self, mesh: &mut Mesh, at: Pos2, size: f32, color: Color32) {
        let first = mesh.vertices.len() as u32;
        let r = size / 2.0;
        match self.0 {
            Some(true) => {
                for (x, y) in [(0.0, -1.15), (1.0, 0.75), (-1.0, 0.75)] {
                    mesh.colored_vertex(at + vec2(x, y) * r, color);
                }
                mesh.add_triangle(first, first + 1, first + 2);
            }
            Some(false) => {
                for (x, y) in [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)] {
                    mesh.colored_vertex(at + vec2(x, y) * r, color);
                }
                mesh.add_triangle(first, first + 1, first + 2);
                mesh.add_triangle(first, first + 2, first + 3);
            }
            None => mesh.add_colored_rect(Rect::from_center_size(at, vec2(r, r)), color),
        }
    }
}

/// Which mark stands for what, in a row.
pub(crate) fn marks_legend(ui: &mut Ui, marks: &[Mark]) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        for mark in marks {
            let height = ui.text_style_height(&egui::TextStyle::Small);
            let (rect, _) = ui.allocate_exact_size(vec2(height * 0.8, height), Sense::hover());
            let mut mesh = Mesh::default();
            mark.add(&mut mesh, pos2(rect.center().x, rect.center().y), height * 0.7, mark.color(palette));
            ui.painter().add(Shape::mesh(mesh));
            ui.label(theme::weak(mark.name()));
            ui.add_space(4.0);
        }
    });
}
