//! A table of virtual rows: weak headers that sort, figures to the right, hairlines between rows.

use egui::{Align, Button, Color32, Label, Layout, Response, Sense, Stroke, Ui, UiBuilder, vec2};
use egui_extras::{Column as Width, TableBuilder, TableRow};

use super::icon::Icon;
use crate::app::theme::{self, Palette};

/// A column of a [`data_table`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Column<'a> {
    /// Its header.
    pub name: &'a str,
    /// Its width in points; `None`: what room is left, at least 80 points.
    pub width: Option<f32>,
    /// Figures: written to the right.
    pub numeric: bool,
    /// What it means, shown under the pointer on the header.
    pub tooltip: &'a str,
}

impl<'a> Column<'a> {
    /// A column of figures.
    pub(crate) fn numeric(name: &'a str, width: f32) -> Self {
        Self { numeric: true, ..Self::words(name, width) }
    }

    /// A column of words of this width.
    pub(crate) fn words(name: &'a str, width: f32) -> Self {
        Self { width: Some(width), ..Self::text(name) }
    }

    /// A column of words, as wide as the room that is left.
    pub(crate) fn text(name: &'a str) -> Self {
        Self { name, width: None, numeric: false, tooltip: "" }
    }

    /// Says what it means under the pointer.
    pub(crate) fn tooltip(self, tooltip: &'a str) -> Self {
        Self { tooltip, ..self }
    }
}

/// The column that rows are sorted by, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    /// Index of the column.
    pub column: usize,
    /// From the largest down.
    pub descending: bool,
}

/// Shows `n_rows` rows. Returns the row that was clicked.
///
/// `cell` draws the cell of a row and a column; only visible ones are asked for. With `sort` the headers are buttons
/// that change it: bringing the rows into that order is the caller's part.
pub(crate) fn data_table(
    ui: &mut Ui,
    id: &str,
    columns: &[Column<'_>],
    n_rows: usize,
    mut sort: Option<&mut Sort>,
    mut cell: impl FnMut(&mut Ui, usize, usize),
) -> Option<usize> {
    let mut clicked = None;
    ui.push_id(id, |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        // A label whose text can be selected would keep clicks from its row.
        ui.style_mut().interaction.selectable_labels = false;
        let row_height = ui.text_style_height(&egui::TextStyle::Body) + 12.0;
        let mut builder = TableBuilder::new(ui)
            .id_salt(id)
            .striped(false)
            .sense(Sense::click())
            .cell_layout(Layout::left_to_right(Align::Center));
        for column in columns {
            // Not resizable: a resizable remainder makes a side panel creep.
            let width = column.width.map_or_else(|| Width::remainder().at_least(80.0), Width::exact);
            builder = builder.column(width.clip(true).resizable(false));
        }
        let header = |mut row: TableRow<'_, '_>| {
            for (i, column) in columns.iter().enumerate() {
                row.col(|ui| {
                    in_cell(ui, column, |ui| header_cell(ui, column, i, sort.as_deref_mut()));
                });
            }
        };
        builder.header(row_height - 4.0, header).body(|body| {
            body.rows(row_height, n_rows, |mut row| {
                let index = row.index();
                for (i, column) in columns.iter().enumerate() {
                    row.col(|ui| {
                        in_cell(ui, column, |ui| cell(ui, index, i));
                    });
                }
                if row.response().clicked() {
                    clicked = Some(index);
                }
            });
        });
    });
    clicked
}

/// One cell: contents with room on both sides, and a hairline below that meets those of its neighbours.
fn in_cell(ui: &mut Ui, column: &Column<'_>, add_contents: impl FnOnce(&mut Ui)) {
    let cell = ui.max_rect();
    let line = theme::hairline(ui);
    ui.painter().hline(cell.x_range(), ui.painter().round_to_pixel_center(cell.bottom() - 0.5), line);
    let layout = if column.numeric { Layout::right_to_left(Align::Center) } else { *ui.layout() };
    let inside = UiBuilder::new().max_rect(cell.shrink2(vec2(6.0, 0.0))).layout(layout);
    ui.scope_builder(inside, add_contents);
}

fn header_cell(ui: &mut Ui, column: &Column<'_>, index: usize, sort: Option<&mut Sort>) {
    let Some(sort) = sort else {
        ui.add(Label::new(theme::weak(column.name)).truncate());
        return;
    };
    let chosen = sort.column == index;
    let response: Response = ui
        .scope(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.spacing_mut().button_padding = vec2(0.0, 2.0);
            let inactive = &mut ui.visuals_mut().widgets.inactive;
            (inactive.weak_bg_fill, inactive.bg_stroke) = (Color32::TRANSPARENT, Stroke::NONE);
            let text = theme::weak(column.name);
            let button = ui.add(Button::new(if chosen { text.strong() } else { text }).truncate());
            if chosen {
                let (rect, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
                let icon = if sort.descending { Icon::ChevronDown } else { Icon::ChevronUp };
                icon.paint(ui.painter(), rect, Palette::of(ui).text);
            }
            button
        })
        .inner;
    let response = match column.tooltip {
        "" => response.on_hover_text(format!("Sort by {}", column.name)),
        meaning => response.on_hover_text(meaning),
    };
    if response.clicked() {
        // A new column begins with its largest figures, or with the first words of the alphabet.
        let descending = if chosen { !sort.descending } else { column.numeric };
        *sort = Sort { column: index, descending };
    }
}
