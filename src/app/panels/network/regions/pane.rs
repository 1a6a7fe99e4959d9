//! One model's regions: a texture, two lines, the rows on top, what the pointer is over.

use std::sync::Arc;

use egui::{
    Align2, ColorImage, CornerRadius, Mesh, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, TextStyle, TextureHandle,
    TextureOptions, Ui, pos2, vec2,
};

use super::work::{Region, Rows};
use crate::app::panels::network::layers::row_name;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{Mark, arrows, file_stem, neighbour, picture_info, precise, probability_color, texture};
use crate::data::Dataset;
use crate::inspection::axis::{Axis, Cell, Span};
use crate::inspection::contour::Polyline;
use crate::model::Support;
use crate::report::{self, ColumnKind, ReportTable};

/// How near the pointer has to be to a row.
const NEAR: f32 = 8.0;

/// A model's regions as they are drawn, and the texture they were last drawn with.
#[derive(Default)]
pub(super) struct Pane {
    painted: Option<(Arc<Region>, bool, TextureHandle)>,
}

/// What one pane shows beside the regions.
pub(super) struct Over<'a> {
    /// Its name inside a sentence.
    pub(super) model: &'a str,
    pub(super) data: &'a Dataset,
    /// Whether rows are drawn.
    pub(super) shows_rows: bool,
    pub(super) support: &'a [Support],
    pub(super) looked_at: usize,
    /// Where the pointer is, on this pane or on the other, in 0..=1 along both axes.
    pub(super) pointer: Option<[f32; 2]>,
}

/// What pointer and keys do on a pane.
pub(super) struct Pointed {
    /// Where it is, in 0..=1 along both axes.
    pub(super) at: Option<[f32; 2]>,
    /// The row that was clicked, or gone to by the arrows.
    pub(super) clicked: Option<usize>,
}

impl Pane {
    /// Draws the regions `side` points wide and high, with the names of the axes below and beside.
    pub(super) fn ui(&mut self, ui: &mut Ui, region: &Arc<Region>, side: f32, over: &Over<'_>) -> Pointed {
        let palette = Palette::of(ui);
        let font = theme::tick_font(ui);
        let line = ui.text_style_height(&TextStyle::Small);
        let (area, response) = ui.allocate_exact_size(vec2(side, side), Sense::click());
        let square = Rect::from_min_max(area.min + vec2(line * 1.6, 2.0), area.max - vec2(2.0, line * 2.9));
        let name = format!("Regions of the {}", over.model);
        let drawn = &region.rows.drawn;
        let place = drawn.binary_search_by_key(&over.looked_at, |(row, ..)| *row).ok().filter(|_| over.shows_rows);
        response.widget_info(|| picture_info(&name, place.map(|_| row_name(over.data, over.looked_at))));
        let [right, down] = arrows(ui, &response);
        let walked = neighbour(place, right + down, drawn.len()).filter(|_| over.shows_rows).map(|to| drawn[to].0);
        let texture = self.texture(ui, region, &name);
        let painter = ui.painter().with_clip_rect(square.expand(1.0).intersect(ui.clip_rect()));
        painter.image(texture, square, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), egui::Color32::WHITE);
        let to = |place: [f32; 2]| {
            pos2(square.left() + square.width() * place[0], square.bottom() - square.height() * place[1])
        };
        let stroke = Stroke::new(theme::line_width(ui), palette.text);
        lines_paint(&painter, &region.half, to, stroke, false);
        lines_paint(&painter, &region.cut, to, stroke, true);
        if over.shows_rows {
            rows_paint(&painter, &region.rows, over, to, palette);
        }
        if let Some(place) = over.pointer {
            let (at, cross) = (to(place), Stroke::new(1.0, palette.text.gamma_multiply(0.6)));
            painter.hline(square.x_range(), at.y, cross);
            painter.vline(at.x, square.y_range(), cross);
        }
        let edge = Stroke::new(1.0, if response.has_focus() { palette.accent } else { palette.line });
        painter.rect_stroke(square, CornerRadius::ZERO, edge, StrokeKind::Outside);
        let [along, up] = &region.field.axes;
        for (share, anchor) in [(0.0, Align2::LEFT_TOP), (0.5, Align2::CENTER_TOP), (1.0, Align2::RIGHT_TOP)] {
            let at = pos2(square.left() + square.width() * share, square.bottom() + 2.0);
            ui.painter().text(at, anchor, words(along, f64::from(share)), font.clone(), palette.weak);
        }
        let below = pos2(square.center().x, square.bottom() + 2.0 + line * 1.3);
        let room = square.width();
        elided(ui, &title(along), below, Align2::CENTER_TOP, room);
        upright(ui, up, square, line);

        let inside = response.hover_pos().filter(|at| square.contains(*at));
        let Some(at) = inside else { return Pointed { at: None, clicked: walked } };
        let place = [(at.x - square.left()) / square.width(), (square.bottom() - at.y) / square.height()];
        let under = if over.shows_rows { nearest(&region.rows, at, to) } else { None };
        let clicked = under.filter(|_| response.clicked());
        if let Some(row) = under {
            response.on_hover_text_at_pointer(row_name(over.data, row));
        }
        Pointed { at: Some(place), clicked: clicked.or(walked) }
    }

    /// The texture of the regions, made anew when they or the theme have changed.
    fn texture(&mut self, ui: &Ui, region: &Arc<Region>, name: &str) -> egui::TextureId {
        let dark = ui.visuals().dark_mode;
        if let Some((painted, in_dark, texture)) = &self.painted
            && Arc::ptr_eq(painted, region)
            && *in_dark == dark
        {
            return texture.id();
        }
        let palette = Palette::of(ui);
        let (up, along) = region.pd.dim();
        // Pictures begin at the top.
        let rows = (0..up).rev().flat_map(|row| region.pd.row(row));
        let image = ColorImage::new([along, up], rows.map(|&pd| probability_color(palette, pd)).collect());
        // A category has steps, numbers run on.
        let is_number = |axis: &Axis| matches!(axis.span, Span::Numbers { .. });
        let smooth = region.field.axes.iter().all(is_number);
        let options = if smooth { TextureOptions::LINEAR } else { TextureOptions::NEAREST };
        let before = self.painted.take().map(|(_, _, texture)| texture);
        let texture = texture(ui.ctx(), before, name, image, options);
        let id = texture.id();
        self.painted = Some((Arc::clone(region), dark, texture));
        id
    }
}

/// The plane, cell by cell.
pub(super) fn table(region: &Region, model: &str) -> ReportTable {
    let [along, up] = &region.field.axes;
    let kind = |axis: &Axis| match axis.span {
        Span::Numbers { .. } => ColumnKind::Numbers,
        Span::Levels(_) => ColumnKind::Words,
    };
    let heads =
        [(along.name.clone(), kind(along)), (up.name.clone(), kind(up)), ("P(bad)".to_owned(), ColumnKind::Numbers)];
    let cell = |axis: &Axis, place: usize| match (axis.middle(place), &axis.span) {
        (Cell::Number(number), _) => report::Cell::Number(Some(number), 4),
        (Cell::Level(Some(level)), Span::Levels(levels)) => {
            levels.get(level as usize).map_or("", String::as_str).into()
        }
        (Cell::Level(_), _) => "".into(),
    };
    let mut table = ReportTable::new(&file_stem(&format!("regions of the {model}")), "P(bad) over a plane.", heads);
    let cells = region.pd.indexed_iter();
    table.rows = cells
        .map(|((y, x), pd)| vec![cell(along, x), cell(up, y), report::Cell::Number(Some(f64::from(*pd)), 4)])
        .collect();
    table
}

/// Whole or dashed lines.
fn lines_paint(
    painter: &egui::Painter,
    lines: &[Polyline],
    to: impl Fn([f32; 2]) -> Pos2,
    stroke: Stroke,
    dashed: bool,
) {
    for line in lines {
        let points: Vec<Pos2> = line.iter().map(|&place| to(place)).collect();
        if dashed {
            painter.extend(Shape::dashed_line(&points, stroke, 7.0, 5.0));
        } else {
            painter.add(Shape::line(points, stroke));
        }
    }
}

/// Rows by class; support vectors ringed when they are free, and in a dotted ring at the bound.
fn rows_paint(painter: &egui::Painter, rows: &Rows, over: &Over<'_>, to: impl Fn([f32; 2]) -> Pos2, palette: &Palette) {
    let mut mesh = Mesh::default();
    let size = if rows.drawn.len() > 600 { 6.0 } else { 8.0 };
    for &(_, place, bad) in &rows.drawn {
        let (mark, at) = (Mark(Some(bad)), to(place));
        // A rim of the ground keeps a mark in sight on its own colour.
        mark.add(&mut mesh, at, size + 3.0, palette.plot);
        mark.add(&mut mesh, at, size, mark.color(palette));
    }
    painter.add(Shape::mesh(mesh));
    for support in over.support {
        let Ok(index) = rows.drawn.binary_search_by_key(&support.row, |(row, ..)| *row) else { continue };
        ring_paint(painter, to(rows.drawn[index].1), size, support.bounded, palette);
    }
    if let Ok(index) = rows.drawn.binary_search_by_key(&over.looked_at, |(row, ..)| *row) {
        let at = to(rows.drawn[index].1);
        painter.circle_stroke(at, size + 3.0, Stroke::new(4.0, palette.plot));
        painter.circle_stroke(at, size + 3.0, Stroke::new(2.5, palette.text));
    }
}

/// The ring of a support vector.
pub(super) fn ring_paint(painter: &egui::Painter, at: Pos2, size: f32, bounded: bool, palette: &Palette) {
    let radius = size * 0.85;
    if bounded {
        let mut mesh = Mesh::default();
        for k in 0..8_u8 {
            let (sin, cos) = (f32::from(k) * std::f32::consts::TAU / 8.0).sin_cos();
            let dot = Rect::from_center_size(at + vec2(cos, sin) * radius, vec2(1.6, 1.6));
            mesh.add_colored_rect(dot, palette.text);
        }
        painter.add(Shape::mesh(mesh));
    } else {
        painter.circle_stroke(at, radius, Stroke::new(1.5, palette.text));
    }
}

fn nearest(rows: &Rows, pointer: Pos2, to: impl Fn([f32; 2]) -> Pos2) -> Option<usize> {
    let near = rows.drawn.iter().map(|(row, place, _)| (to(*place).distance_sq(pointer), *row));
    let (distance, row) = near.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (distance <= NEAR * NEAR).then_some(row)
}

/// What stands at a place of an axis, in the unit of the file.
pub(super) fn words(axis: &Axis, share: f64) -> String {
    match (axis.at(share), &axis.span) {
        (Cell::Level(Some(level)), Span::Levels(levels)) => levels.get(level as usize).cloned().unwrap_or_default(),
        (Cell::Number(number), _) => precise(number),
        (Cell::Level(_), _) => String::new(),
    }
}

fn title(axis: &Axis) -> String {
    match axis.span {
        Span::Numbers { log: true, .. } => format!("{} (log)", axis.name),
        _ => axis.name.clone(),
    }
}

/// The name of an axis, cut to the room there is.
fn elided(ui: &Ui, text: &str, at: Pos2, anchor: Align2, room: f32) {
    let palette = Palette::of(ui);
    let galley = galley(ui, text, room);
    let rect = anchor.anchor_size(at, galley.size());
    ui.painter().galley(rect.min, galley, palette.text);
}

fn galley(ui: &Ui, text: &str, room: f32) -> Arc<egui::Galley> {
    let palette = Palette::of(ui);
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), theme::label_font(ui), palette.text);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    ui.painter().layout_job(job)
}

/// The name and the ends of the axis that goes up, written upwards left of the square.
fn upright(ui: &Ui, axis: &Axis, square: Rect, line: f32) {
    let palette = Palette::of(ui);
    let font = theme::tick_font(ui);
    let turned = |galley: Arc<egui::Galley>, along: f32, color| {
        // Turned by a quarter to the left about its upper left corner.
        let height = galley.size().x;
        let corner = pos2(square.left() - line * 1.5, square.bottom() - (square.height() - height) * along);
        let shape = egui::epaint::TextShape::new(corner, galley, color).with_angle(-std::f32::consts::FRAC_PI_2);
        ui.painter().add(shape);
    };
    let end = |share: f64| ui.painter().layout_no_wrap(words(axis, share), font.clone(), palette.weak);
    let [low, high] = [end(0.0), end(1.0)];
    let room = square.height() - low.size().x - high.size().x - 2.0 * line;
    turned(low, 0.0, palette.weak);
    turned(high, 1.0, palette.weak);
    if room > 3.0 * line {
        turned(galley(ui, &title(axis), room), 0.5, palette.text);
    }
}
