//! The maps side by side: points, what is under the pointer, the brush.

use std::collections::BTreeSet;

use egui::{
    Align, Align2, CornerRadius, Layout, Mesh, Pos2, Rect, Response, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui,
    pos2, vec2,
};

use super::brush::{Stroked, Tool};
use super::row_name;
use super::work::{Map, Shown};
use crate::app::panels::count;
use crate::app::theme::{self, CARD_GAP, Palette};
use crate::app::widgets::{Mark, Taking, arrows, file_stem, neighbour, picture_info};
use crate::evaluation::percent;
use crate::report::{Cell, ColumnKind, ReportTable};

/// Room around the points, in points of the screen.
const MARGIN: f32 = 12.0;
/// How near the pointer has to be to a point.
const NEAR: f32 = 9.0;

/// "inputs", "layer 1".
pub(super) fn name(layer: usize) -> String {
    if layer == 0 { "inputs".to_owned() } else { format!("layer {layer}") }
}

/// Draws all maps, each at least `least_width` wide and together `height` high where they fit. Returns the row that was
/// clicked, or gone to by the arrows.
#[expect(clippy::too_many_arguments, reason = "the parts of one panel's state, borrowed apart")]
pub(super) fn maps_ui(
    ui: &mut Ui,
    shown: &Shown,
    tool: Tool,
    stroked: &mut Option<Stroked>,
    brushed: &mut BTreeSet<usize>,
    looked_at: usize,
    least_width: f32,
    height: f32,
) -> Option<usize> {
    let n_maps = shown.maps.len().max(1);
    let fitting = ((ui.available_width() + CARD_GAP) / (least_width + CARD_GAP)).floor().max(1.0) as usize;
    let rows = n_maps.div_ceil(fitting);
    let across = n_maps.div_ceil(rows);
    let width = (ui.available_width() - CARD_GAP * (across - 1) as f32) / across as f32;
    let each = ((height - CARD_GAP * rows as f32) / rows as f32).max(0.6 * width.min(least_width));
    let mut clicked = None;
    for first in (0..n_maps).step_by(across) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = CARD_GAP;
            for layer in first..(first + across).min(n_maps) {
                let size = vec2(width.floor(), each);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    let map = shown.maps.get(layer).and_then(Option::as_ref);
                    let name = format!("map of the {}", name(layer));
                    let taking = Taking::begin(ui, &name);
                    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
                    if ui.is_rect_visible(rect) {
                        let at = Placed { rect, response, layer };
                        clicked = clicked.or(map_ui(ui, shown, map, at, tool, stroked, brushed, looked_at));
                    }
                    taking.end(ui, &name, || table(&name, shown, map));
                });
            }
        });
    }
    clicked
}

/// Where each of the drawn rows lies on a map.
fn table(name: &str, shown: &Shown, map: Option<&Map>) -> ReportTable {
    let heads = [
        ("Row", ColumnKind::Words),
        ("Outcome", ColumnKind::Words),
        ("Across", ColumnKind::Numbers),
        ("Up", ColumnKind::Numbers),
    ];
    let mut table = ReportTable::new(&file_stem(name), format!("{name}, {}", count(shown.rows.len(), "row")), heads);
    let points = map.into_iter().flat_map(|map| &map.points);
    table.rows = shown
        .rows
        .iter()
        .zip(&shown.bad)
        .zip(points)
        .map(|((&row, bad), point)| {
            let outcome = bad.map_or("no label", |bad| if bad { "bad" } else { "good" });
            let [across, up] = point.map(|x| Cell::Number(Some(f64::from(x)), 4));
            vec![row_name(&shown.data, row).into(), outcome.into(), across, up]
        })
        .collect();
    table
}

/// Where one map is drawn.
struct Placed {
    rect: Rect,
    response: Response,
    layer: usize,
}

#[expect(clippy::too_many_arguments, reason = "the parts of one panel's state, borrowed apart")]
fn map_ui(
    ui: &Ui,
    shown: &Shown,
    map: Option<&Map>,
    Placed { rect, response, layer }: Placed,
    tool: Tool,
    stroked: &mut Option<Stroked>,
    brushed: &mut BTreeSet<usize>,
    looked_at: usize,
) -> Option<usize> {
    let palette = Palette::of(ui);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let frame = Stroke::new(1.0, if response.has_focus() { palette.accent } else { palette.line });
    painter.rect(rect, CornerRadius::same(6), palette.plot, frame, StrokeKind::Inside);
    let title = if layer == 0 { "Inputs".to_owned() } else { format!("After layer {layer}") };
    let place = shown.rows.binary_search(&looked_at).ok();
    response.widget_info(|| {
        let name = format!("Map of the {}, {} rows", name(layer), shown.rows.len());
        picture_info(name, place.map(|_| row_name(&shown.data, looked_at)))
    });
    let [right, down] = arrows(ui, &response);
    let walked = neighbour(place, right + down, shown.rows.len()).map(|place| shown.rows[place]);
    let line = ui.text_style_height(&TextStyle::Small) + 4.0;
    let at = rect.left_top() + vec2(MARGIN, 6.0);
    painter.text(at, Align2::LEFT_TOP, title, theme::label_font(ui), palette.text);
    let Some(map) = map else {
        let words = "Undefined: all rows are alike, or numbers ran away.";
        painter.text(rect.center(), Align2::CENTER_CENTER, words, TextStyle::Small.resolve(ui.style()), palette.weak);
        return walked;
    };
    let axes = if map.columns > 2 {
        format!("{} and {} of the variance", percent(map.explained[0]), percent(map.explained[1]))
    } else {
        "as they are".to_owned()
    };
    painter.text(
        rect.left_bottom() + vec2(MARGIN, -5.0),
        Align2::LEFT_BOTTOM,
        axes,
        theme::tick_font(ui),
        palette.weak,
    );

    let inner = Rect::from_min_max(rect.min + vec2(MARGIN, MARGIN + line), rect.max - vec2(MARGIN, MARGIN + line));
    let places = places(map, inner);
    points_paint(&painter, shown, &places, brushed, palette);
    if let Some(at) = place.and_then(|place| places.get(place)) {
        painter.circle_stroke(*at, 8.0, Stroke::new(3.0, palette.plot));
        painter.circle_stroke(*at, 8.0, Stroke::new(2.0, palette.text));
    }

    drag(&response, layer, tool, stroked, &places, shown, brushed);
    if let Some(stroked) = stroked.as_ref().filter(|stroked| stroked.map == layer) {
        stroked.paint(&painter, palette);
    }
    let under = response.hover_pos().and_then(|pointer| nearest(&places, pointer)).map(|index| shown.rows[index]);
    let clicked = under.filter(|_| response.clicked());
    if let Some(row) = under.filter(|_| stroked.is_none()) {
        response.on_hover_text_at_pointer(row_name(&shown.data, row));
    }
    clicked.or(walked)
}

/// Where the points of a map lie within `rect`; both axes have one scale, so that distances can be compared.
fn places(map: &Map, rect: Rect) -> Vec<Pos2> {
    let [low, high] = map.bounds;
    let extent = [0, 1].map(|k| (high[k] - low[k]).max(f32::MIN_POSITIVE));
    let scale = (rect.width() / extent[0]).min(rect.height() / extent[1]).max(0.0);
    let middle = [0, 1].map(|k| f32::midpoint(low[k], high[k]));
    let place = |point: &[f32; 2]| {
        pos2(rect.center().x + scale * (point[0] - middle[0]), rect.center().y - scale * (point[1] - middle[1]))
    };
    map.points.iter().map(place).collect()
}

/// Rows without a label lie under those with one; what is not brushed is pale while something is.
fn points_paint(painter: &egui::Painter, shown: &Shown, places: &[Pos2], brushed: &BTreeSet<usize>, palette: &Palette) {
    let mut mesh = Mesh::default();
    let size = if shown.rows.len() > 800 { 6.5 } else { 8.0 };
    for labelled in [false, true] {
        for ((&row, &bad), &at) in shown.rows.iter().zip(&shown.bad).zip(places) {
            if bad.is_some() != labelled {
                continue;
            }
            let mark = Mark(bad);
            let stands_out = brushed.contains(&row);
            let color = match (stands_out, brushed.is_empty()) {
                (false, false) => mark.color(palette).gamma_multiply(0.22),
                _ if labelled => mark.color(palette).gamma_multiply(0.85),
                _ => mark.color(palette).gamma_multiply(0.6),
            };
            mark.add(&mut mesh, at, if stands_out { size + 2.0 } else { size }, color);
        }
    }
    painter.add(Shape::mesh(mesh));
}

fn nearest(places: &[Pos2], pointer: Pos2) -> Option<usize> {
    let near = places.iter().enumerate().map(|(index, at)| (at.distance_sq(pointer), index));
    let (distance, index) = near.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (distance <= NEAR * NEAR).then_some(index)
}

/// Draws the brush on; the rows inside are brushed at every moment.
fn drag(
    response: &Response,
    layer: usize,
    tool: Tool,
    stroked: &mut Option<Stroked>,
    places: &[Pos2],
    shown: &Shown,
    brushed: &mut BTreeSet<usize>,
) {
    if let (true, Some(at)) = (response.drag_started(), response.interact_pointer_pos()) {
        *stroked = Some(Stroked::new(layer, tool, at));
    }
    let Some(stroke) = stroked.as_mut().filter(|stroke| stroke.map == layer) else { return };
    if let (true, Some(at)) = (response.dragged(), response.interact_pointer_pos()) {
        stroke.go_to(at);
        *brushed = shown.rows.iter().zip(places).filter(|(_, at)| stroke.holds(**at)).map(|(&row, _)| row).collect();
    } else {
        *stroked = None;
    }
}
