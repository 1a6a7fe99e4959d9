//! The rows as they stand in the file, and the lines that did not become rows. Only what is in view is drawn, in both
//! directions: tables have thousands of rows and up to hundreds of columns.

use std::ops::Range;
use std::sync::Arc;

use egui::{
    Align, Align2, Color32, FontId, Label, Layout, Pos2, Rect, RichText, Role as Access, ScrollArea, Sense, Stroke,
    StrokeKind, TextStyle, TextWrapMode, Ui, UiBuilder, Vec2, WidgetInfo, WidgetText, pos2, vec2,
};

use crate::app::panels::thousands;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{Column, data_table, segmented};
use crate::app::workspace::OpenTable;
use crate::data::{Kind, Rejected, Role, Source};

/// Rows looked at for the width of a column.
const ROWS_MEASURED: usize = 100;
/// Widths in digits, at least and at most: of a column, and as far as only its name asks for it.
const LEAST_WIDTH: f32 = 7.0;
const MOST_WIDTH: f32 = 26.0;
const MOST_FOR_NAME: f32 = 18.0;
/// Room left and right in a cell, together, in points.
const PADDING: f32 = 18.0;

#[derive(Default)]
pub(super) struct Preview {
    rejected: bool,
    /// Widths of the columns in digits, measured once for a table.
    widths: Option<(Arc<Source>, Vec<f32>)>,
    /// The column that was last brought into view.
    revealed: Option<usize>,
}

impl Preview {
    pub(super) fn shows_rejected(&self) -> bool {
        self.rejected
    }

    pub(super) fn show_rejected(&mut self, rejected: bool) {
        self.rejected = rejected;
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, table: &OpenTable, selected: &mut Option<usize>) {
        let (source, rejected) = (&table.source, &table.source.reading.rejected);
        let showing_rejected = self.rejected && !rejected.is_empty();
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if !rejected.is_empty() {
                    let shown = format!("Rejected {}", thousands(rejected.len()));
                    segmented(ui, "Show", &mut self.rejected, &[(false, "Rows"), (true, &shown)]);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let (title, subtitle) = if showing_rejected {
                        (lines_title(rejected.len()), "with the line of the file and the reason")
                    } else {
                        (format!("{} rows", thousands(source.table.n_rows())), "as in the file, missing cells in grey")
                    };
                    ui.label(theme::semibold(title));
                    ui.add(Label::new(theme::weak(subtitle)).truncate());
                });
            });
        });
        if showing_rejected {
            rejected_ui(ui, rejected);
        } else {
            self.rows_ui(ui, table, selected);
        }
    }

    fn rows_ui(&mut self, ui: &mut Ui, table: &OpenTable, selected: &mut Option<usize>) {
        let source = &table.source;
        if !self.widths.as_ref().is_some_and(|(measured, _)| Arc::ptr_eq(measured, source)) {
            self.widths = Some((Arc::clone(source), measure(source)));
        }
        let digits: &[f32] = self.widths.as_ref().map_or(&[], |(_, widths)| widths);
        let grid = Grid::new(ui, table, digits, *selected);
        let area = ui.available_rect_before_wrap();
        let body = Rect::from_min_max(area.min + vec2(grid.gutter, grid.header_height), area.max);
        if body.width() < 20.0 || body.height() < 20.0 {
            return;
        }
        let reveal = *selected != self.revealed;
        self.revealed = *selected;
        let mut cells = ui.new_child(UiBuilder::new().id_salt("cells").max_rect(body));
        let scrolled = ScrollArea::both().id_salt("rows").auto_shrink(false).content_margin(0).show_viewport(
            &mut cells,
            |ui, view| {
                ui.set_min_size(grid.size());
                if let Some(column) = selected.filter(|_| reveal) {
                    let left = ui.min_rect().left() + grid.edges[column];
                    let cell =
                        Rect::from_min_size(pos2(left, ui.clip_rect().center().y), vec2(grid.width(column), 1.0));
                    ui.scroll_to_rect(cell, None);
                }
                grid.body_ui(ui, body.min, view);
                view.min
            },
        );
        let offset = scrolled.inner.to_vec2();
        let top = Rect::from_min_max(pos2(body.left(), area.top()), pos2(area.right(), body.top()));
        if let Some(column) = grid.header_ui(ui, top, offset.x) {
            *selected = (*selected != Some(column)).then_some(column);
            self.revealed = *selected; // it is in view already
        }
        let left = Rect::from_min_max(pos2(area.left(), body.top()), pos2(body.left(), area.bottom()));
        grid.gutter_paint(ui, left, offset.y);
        ui.advance_cursor_after_rect(area);
    }
}

fn lines_title(lines: usize) -> String {
    if lines == 1 {
        "1 line did not become a row".to_owned()
    } else {
        format!("{} lines did not become rows", thousands(lines))
    }
}

fn rejected_ui(ui: &mut Ui, rejected: &[Rejected]) {
    let columns = [Column::numeric("Line", 66.0), Column::text("Why")];
    data_table(ui, "rejected", &columns, rejected.len(), None, |ui, row, column| {
        let Rejected { line, reason } = &rejected[row];
        if column == 0 {
            ui.label(thousands(*line as usize));
        } else {
            ui.add(Label::new(reason).truncate());
        }
    });
}

/// Widths in digits that names and cells ask for.
fn measure(source: &Source) -> Vec<f32> {
    let table = &source.table;
    let rows = table.n_rows().min(ROWS_MEASURED);
    let width = |column: usize| {
        let name = digits(&table.names()[column]).min(MOST_FOR_NAME);
        let cells = (0..rows).map(|row| digits(table.cell(row, column)));
        cells.fold(name, f32::max).clamp(LEAST_WIDTH, MOST_WIDTH)
    };
    (0..table.n_columns()).map(width).collect()
}

/// Width of a text in digits; Chinese, Japanese and Korean letters are about twice as wide.
fn digits(text: &str) -> f32 {
    text.chars().map(|c| if c >= '\u{2e80}' { 1.75 } else { 1.0 }).sum()
}

/// The geometry of the rows' table, in points, and what it shows.
struct Grid<'a> {
    table: &'a OpenTable,
    selected: Option<usize>,
    /// Left edge of each column, and the right edge of the last.
    edges: Vec<f32>,
    row_height: f32,
    header_height: f32,
    gutter: f32,
    font: FontId,
}

impl<'a> Grid<'a> {
    fn new(ui: &Ui, table: &'a OpenTable, digits: &[f32], selected: Option<usize>) -> Self {
        let font = TextStyle::Body.resolve(ui.style());
        let digit = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
        let mut edges = vec![0.0];
        for width in digits {
            edges.push(edges[edges.len() - 1] + (width * digit + PADDING).ceil());
        }
        let rows = table.source.table.n_rows();
        let last_line = if rows == 0 { 0 } else { table.source.table.line(rows - 1) };
        let gutter = (thousands(last_line as usize).len().max(4) as f32 * digit + PADDING).ceil();
        let body = ui.text_style_height(&TextStyle::Body);
        let small = ui.text_style_height(&TextStyle::Small);
        let (row_height, header_height) = ((body + 6.0).ceil(), (body + small + 9.0).ceil());
        Self { table, selected, edges, row_height, header_height, gutter, font }
    }

    fn n_columns(&self) -> usize {
        self.edges.len() - 1
    }

    fn width(&self, column: usize) -> f32 {
        self.edges[column + 1] - self.edges[column]
    }

    fn size(&self) -> Vec2 {
        vec2(self.edges[self.n_columns()], self.row_height * self.table.source.table.n_rows() as f32)
    }

    fn columns_in(&self, left: f32, right: f32) -> Range<usize> {
        let first = self.edges.partition_point(|&edge| edge <= left).saturating_sub(1);
        let end = self.edges.partition_point(|&edge| edge < right);
        first..end.min(self.n_columns())
    }

    fn rows_in(&self, top: f32, bottom: f32) -> Range<usize> {
        let n = self.table.source.table.n_rows();
        let first = (top / self.row_height).floor().max(0.0) as usize;
        first.min(n)..((bottom / self.row_height).ceil().max(0.0) as usize).min(n)
    }

    /// Distance of a row from the top of the view. In f64: a million rows are more points than f32 tells apart.
    fn row_top(&self, row: usize, scrolled: f32) -> f32 {
        (row as f64 * f64::from(self.row_height) - f64::from(scrolled)) as f32
    }

    /// The ground of a column: marked for the label and for the selected one.
    fn tint(&self, palette: &Palette, column: usize) -> Option<Color32> {
        if self.selected == Some(column) {
            return Some(palette.selected);
        }
        (self.table.roles.roles.get(column) == Some(&Role::Label)).then(|| palette.accent.gamma_multiply(0.10))
    }

    /// Draws the part `view` of all cells, with its corner at `origin` on the screen.
    fn body_ui(&self, ui: &mut Ui, origin: Pos2, view: Rect) {
        let palette = Palette::of(ui);
        let clip = ui.clip_rect();
        let columns = self.columns_in(view.left(), view.right());
        let rows = self.rows_in(view.top(), view.bottom());
        let place = |column: usize| origin.x + self.edges[column] - view.left();
        for column in columns.clone() {
            if let Some(color) = self.tint(palette, column) {
                let left = place(column);
                let rect = Rect::from_x_y_ranges(left..=left + self.width(column), clip.y_range());
                ui.painter().rect_filled(rect, 0.0, color);
            }
        }
        ui.style_mut().interaction.selectable_labels = false;
        let line = Stroke::new(1.0, palette.line);
        for row in rows {
            let top = origin.y + self.row_top(row, view.top());
            let bottom = ui.painter().round_to_pixel_center(top + self.row_height - 0.5);
            ui.painter().hline(clip.x_range(), bottom, line);
            for column in columns.clone() {
                let cell = Rect::from_min_size(pos2(place(column), top), vec2(self.width(column), self.row_height));
                self.cell_ui(ui, cell, row, column);
            }
        }
    }

    fn cell_ui(&self, ui: &mut Ui, cell: Rect, row: usize, column: usize) {
        let source = &self.table.source;
        let numeric = source.profiles[column].kind != Kind::Text;
        let text = source.table.cell(row, column);
        let text = if source.table.is_missing(row, column) {
            RichText::new(if text.is_empty() { "–" } else { text }).weak()
        } else if self.table.roles.roles.get(column) == Some(&Role::SetAside) {
            RichText::new(text).weak()
        } else {
            RichText::new(text)
        };
        let layout = if numeric { Layout::right_to_left(Align::Center) } else { Layout::left_to_right(Align::Center) };
        let inside = UiBuilder::new().max_rect(cell.shrink2(vec2(PADDING / 2.0, 0.0))).layout(layout);
        ui.new_child(inside).add(Label::new(text).truncate());
    }

    /// Names and roles above the columns. Returns the column that was clicked.
    fn header_ui(&self, ui: &mut Ui, area: Rect, scrolled: f32) -> Option<usize> {
        let palette = Palette::of(ui);
        let source = &self.table.source;
        let mut header = ui.new_child(UiBuilder::new().id_salt("header").max_rect(area));
        header.set_clip_rect(area.intersect(ui.clip_rect()));
        let ui = &mut header;
        let mut clicked = None;
        for column in self.columns_in(scrolled, scrolled + area.width()) {
            let left = area.left() + self.edges[column] - scrolled;
            let cell = Rect::from_min_size(pos2(left, area.top()), vec2(self.width(column), area.height()));
            let (name, role) = (&source.profiles[column].name, self.table.roles.roles[column]);
            let response = ui.interact(cell, ui.make_persistent_id(("rows header", column)), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Access::ColumnHeader, true, name));
            if let Some(color) = self.tint(palette, column) {
                ui.painter().rect_filled(cell, 0.0, color);
            }
            if response.has_focus() {
                ui.painter().rect_stroke(cell.shrink(1.0), 2.0, Stroke::new(1.5, palette.accent), StrokeKind::Inside);
            }
            let numeric = source.profiles[column].kind != Kind::Text;
            let room = cell.shrink2(vec2(PADDING / 2.0, 2.0));
            let role_color = if role == Role::Label { palette.accent } else { palette.weak };
            let lines = [
                (
                    theme::semibold(name),
                    if role == Role::SetAside { palette.weak } else { palette.text },
                    Align2::LEFT_TOP,
                ),
                (theme::weak(role.to_string()), role_color, Align2::LEFT_BOTTOM),
            ];
            for (text, color, align) in lines {
                let galley = WidgetText::from(text.color(color)).into_galley(
                    ui,
                    Some(TextWrapMode::Truncate),
                    room.width(),
                    TextStyle::Body,
                );
                let align = if numeric { Align2([Align::Max, align.y()]) } else { align };
                let at = align.align_size_within_rect(galley.size(), room).min;
                ui.painter().galley(at, galley, color);
            }
            let response = response.on_hover_ui(|ui| {
                ui.label(theme::semibold(name));
                let missing = source.profiles[column].missing;
                ui.label(format!("{}, {role}, {} missing", source.profiles[column].kind, thousands(missing)));
            });
            if response.clicked() {
                clicked = Some(column);
            }
        }
        let bottom = ui.painter().round_to_pixel_center(area.bottom() - 0.5);
        ui.painter().hline(area.x_range(), bottom, Stroke::new(1.0, palette.line.lerp_to_gamma(palette.weak, 0.4)));
        clicked
    }

    /// Line numbers left of the rows.
    fn gutter_paint(&self, ui: &Ui, area: Rect, scrolled: f32) {
        let palette = Palette::of(ui);
        let painter = ui.painter().with_clip_rect(area.intersect(ui.clip_rect()));
        let right = area.right() - PADDING / 2.0;
        for row in self.rows_in(scrolled, scrolled + area.height()) {
            let middle = area.top() + self.row_top(row, scrolled) + self.row_height / 2.0;
            let line = thousands(self.table.source.table.line(row) as usize);
            painter.text(pos2(right, middle), Align2::RIGHT_CENTER, line, self.font.clone(), palette.weak);
        }
        let heading = TextStyle::Small.resolve(ui.style());
        ui.painter().text(pos2(right, area.top() - 2.0), Align2::RIGHT_BOTTOM, "line", heading, palette.weak);
        ui.painter().vline(
            area.right() - 0.5,
            (area.top() - self.header_height)..=area.bottom(),
            Stroke::new(1.0, palette.line),
        );
    }
}
