//! How a [`LinePlot`] is painted: from the ground up, bands, grid, levels, flags, lines, and their names on top.

use egui::{
    Align2, Color32, CornerRadius, FontId, Grid, Mesh, PopupAnchor, Pos2, Rect, Response, Sense, Shape, Stroke,
    Tooltip, Ui, Vec2, pos2, vec2,
};
use egui_plot::{LineStyle, MarkerShape, PlotBounds};

use super::labels;
use super::plot::LinePlot;
use super::plot_series::Series;
use super::scale::{self, Tick};
use super::thin::{Thinned, View, thin};
use crate::app::theme::{self, LINE_WIDTH, Palette};

/// Room for the names of the bands, above the frame.
const STRIP: f32 = 18.0;
/// Farther out than any screen, in points.
const FAR: f64 = 1e5;
/// From the frame to the figures of an axis.
const TICK_GAP: f32 = 6.0;

/// Where things stand.
pub(super) struct PlotLayout {
    area: Rect,
    pub(super) frame: Rect,
}

/// Leaves just the room that the figures on the axes need, so that none is cut off.
pub(super) fn layout(ui: &Ui, plot: &LinePlot<'_>, area: Rect, bounds: &PlotBounds) -> PlotLayout {
    let font = theme::tick_font(ui);
    let width = |text: &str| text_size(ui, text, &font).x;
    let y = y_ticks(plot, [bounds.min()[1], bounds.max()[1]], area.height());
    let left = y.iter().map(|tick| width(&tick.label)).fold(16.0, f32::max) + TICK_GAP;
    let most = most_x_ticks(area.width());
    let x = scale::ticks(bounds.min()[0], bounds.max()[0], most, plot.whole_x);
    let right = x.last().map_or(0.0, |tick| width(&tick.label) / 2.0).max(4.0);
    let top = if plot.bands.is_empty() { font.size / 2.0 } else { STRIP };
    let min = pos2((area.left() + left).round(), (area.top() + top).round());
    let max = pos2((area.right() - right).round(), (area.bottom() - font.size - TICK_GAP - 1.0).round());
    let frame = Rect::from_min_max(min, max.max(min + vec2(20.0, 20.0)));
    PlotLayout { area, frame }
}

/// How many ticks a y axis of this height has room for.
pub(super) fn most_y_ticks(height: f32) -> usize {
    (height / 34.0).clamp(2.0, 8.0) as usize
}

fn most_x_ticks(width: f32) -> usize {
    (width / 52.0).clamp(2.0, 12.0) as usize
}

fn y_ticks(plot: &LinePlot<'_>, [low, high]: [f64; 2], height: f32) -> Vec<Tick> {
    let most = most_y_ticks(height);
    if plot.log_y { scale::log_ticks(low, high, most) } else { scale::ticks(low, high, most, false) }
}

fn text_size(ui: &Ui, text: &str, font: &FontId) -> Vec2 {
    ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size()
}

/// Paints everything but what depends on the pointer. Returns the names of the bands as a sentence.
pub(super) fn paint(ui: &Ui, plot: &LinePlot<'_>, layout: &PlotLayout, view: &View) -> String {
    let palette = Palette::of(ui);
    let frame = view.rect;
    ui.painter().rect_filled(frame, 0.0, palette.plot);
    bands(ui, plot, view);
    if plot.has_data() {
        axes(ui, plot, layout, view);
    }
    let inside = ui.painter().with_clip_rect(frame);

    for reference in plot.references {
        let [from, to] = reference.x.unwrap_or(view.x);
        let y = plot.y_place(reference.y);
        for run in thin([[from, y], [to, y]], view).runs {
            inside.extend(line_shapes(run, Stroke::new(1.5, reference.color), reference.dash));
        }
    }
    for series in plot.series {
        inside.add(spread(plot, series, view));
    }
    let flag_texts = flags(ui, plot, view);
    let lines: Vec<Thinned> = plot.series.iter().map(|series| thinned(plot, series, view)).collect();
    // Before a class all lines are wider by the same.
    let wider = theme::line_width(ui) / LINE_WIDTH;
    for (series, line) in plot.series.iter().zip(&lines) {
        for run in &line.runs {
            if series.width > 0.0 {
                inside.extend(line_shapes(run.clone(), Stroke::new(series.width * wider, series.color), series.dash));
            }
            if let Some(marker) = series.marker {
                // Not clipped: a marker right on the edge is a whole marker.
                let seen = run.iter().filter(|point| frame.expand(0.5).contains(**point));
                seen.for_each(|point| ui.painter().extend(marker_shape(marker, *point, series.color)));
            }
        }
        // Values that are not finite stand as small crosses on the axis: a line that ends is not overlooked.
        for x in &line.breaks {
            inside.extend(marker_shape(MarkerShape::Cross, pos2(*x, frame.bottom() - 5.0), palette.bad));
        }
    }
    names(ui, plot, view, &lines, &flag_texts);
    let phases: Vec<&str> = plot.bands.iter().map(|band| band.name).collect();
    if phases.is_empty() { String::new() } else { format!("Phases: {}", phases.join(", ")) }
}

/// What of a line can be seen.
fn thinned(plot: &LinePlot<'_>, series: &Series<'_>, view: &View) -> Thinned {
    let placed = |&[x, y]: &[f64; 2]| [x, plot.y_place(y)];
    match series.stretch {
        Some(stretch) => thin(stretch.few(plot.floor(), |x| view.column(x)).iter().map(placed), view),
        None => thin(series.points.iter().map(placed), view),
    }
}

/// What a line varies between, as one mesh: polygons side by side would show their seams.
fn spread(plot: &LinePlot<'_>, series: &Series<'_>, view: &View) -> Mesh {
    let mut mesh = Mesh::default();
    let color = series.color.gamma_multiply(0.09);
    let held = |at: f64| at.clamp(-FAR, FAR) as f32;
    for &[x, low, high] in series.spread {
        let [x, low, high] = [view.screen_x(x), view.screen_y(plot.y_place(low)), view.screen_y(plot.y_place(high))];
        if !(x.is_finite() && low.is_finite() && high.is_finite()) {
            continue;
        }
        let n = mesh.vertices.len() as u32;
        mesh.colored_vertex(pos2(held(x), held(low)), color);
        mesh.colored_vertex(pos2(held(x), held(high)), color);
        if n >= 2 {
            mesh.add_triangle(n - 2, n - 1, n);
            mesh.add_triangle(n - 1, n, n + 1);
        }
    }
    mesh
}

fn bands(ui: &Ui, plot: &LinePlot<'_>, view: &View) {
    let (palette, frame, font) = (Palette::of(ui), view.rect, theme::tick_font(ui));
    for (i, band) in plot.bands.iter().enumerate() {
        let x = |value: f64| (view.screen_x(value) as f32).clamp(frame.left(), frame.right()).round();
        let (left, right) = (x(band.from), x(band.to));
        if right <= left {
            continue;
        }
        if i % 2 == 0 {
            let rect = Rect::from_min_max(pos2(left, frame.top() - STRIP), pos2(right, frame.bottom()));
            let top_only = CornerRadius { nw: 3, ne: 3, sw: 0, se: 0 };
            ui.painter().rect_filled(rect, top_only, palette.line.gamma_multiply(0.38));
        }
        if text_size(ui, band.name, &font).x + 4.0 <= right - left {
            let centre = pos2(left.midpoint(right), frame.top() - STRIP / 2.0);
            ui.painter().text(centre, Align2::CENTER_CENTER, band.name, font.clone(), palette.weak);
        }
    }
}

fn axes(ui: &Ui, plot: &LinePlot<'_>, layout: &PlotLayout, view: &View) {
    let (palette, frame, font) = (Palette::of(ui), view.rect, theme::tick_font(ui));
    for tick in y_ticks(plot, view.y, layout.area.height()) {
        let y = view.screen_y(tick.at) as f32;
        // Hairlines lie on whole pixels, or they are two pixels of half the strength.
        let line = ui.painter().round_to_pixel_center(y.clamp(frame.top() + 0.5, frame.bottom() - 0.5));
        ui.painter().hline(frame.x_range(), line, Stroke::new(1.0, palette.line));
        let at = pos2(frame.left() - TICK_GAP, y);
        ui.painter().text(at, Align2::RIGHT_CENTER, tick.label, font.clone(), palette.weak);
    }
    let mut free_from = f32::NEG_INFINITY;
    for tick in scale::ticks(view.x[0], view.x[1], most_x_ticks(layout.area.width()), plot.whole_x) {
        let centre = view.screen_x(tick.at) as f32;
        let half = text_size(ui, &tick.label, &font).x / 2.0;
        if centre - half < free_from || centre + half > layout.area.right() + 1.0 {
            continue;
        }
        free_from = centre + half + 6.0;
        ui.painter().vline(centre, frame.bottom()..=frame.bottom() + 3.0, Stroke::new(1.0, palette.line));
        let at = pos2(centre, frame.bottom() + TICK_GAP - 1.0);
        ui.painter().text(at, Align2::CENTER_TOP, tick.label, font.clone(), palette.weak);
    }
}

/// Dotted lines with words at their feet; words that would overlap stand one line higher. Returns where words stand.
fn flags(ui: &Ui, plot: &LinePlot<'_>, view: &View) -> Vec<Rect> {
    let (palette, frame, font) = (Palette::of(ui), view.rect, theme::tick_font(ui));
    let inside = ui.painter().with_clip_rect(frame);
    let mut texts: Vec<Rect> = Vec::new();
    for flag in plot.flags {
        let x = view.screen_x(flag.x) as f32;
        if !frame.x_range().contains(x) {
            continue;
        }
        let stroke = Stroke::new(1.0, palette.warn);
        inside.extend(Shape::dashed_line(&[pos2(x, frame.top()), pos2(x, frame.bottom())], stroke, 2.0, 3.0));
        let size = text_size(ui, flag.text, &font);
        let left = if x + 4.0 + size.x <= frame.right() { x + 4.0 } else { x - 4.0 - size.x };
        let lines = (frame.height() / size.y.max(1.0)) as usize;
        let at = |line: usize| Rect::from_min_size(pos2(left, frame.bottom() - 4.0 - size.y * (line + 1) as f32), size);
        let free = (0..lines).map(at).find(|rect| texts.iter().all(|other| !rect.shrink(0.5).intersects(*other)));
        let Some(rect) = free else { continue };
        inside.rect_filled(rect, 2.0, palette.plot.gamma_multiply(0.8));
        inside.text(rect.min, Align2::LEFT_TOP, flag.text, font.clone(), palette.warn);
        texts.push(rect);
    }
    texts
}

/// Names at the ends of lines and levels, in their colours.
fn names(ui: &Ui, plot: &LinePlot<'_>, view: &View, lines: &[Thinned], taken: &[Rect]) {
    let (frame, font) = (view.rect, theme::label_font(ui));
    let mut texts: Vec<(&str, Color32)> = Vec::new();
    let mut ends: Vec<(Pos2, Vec2)> = Vec::new();
    let mut add = |text, color, end: Pos2| {
        texts.push((text, color));
        ends.push((end.clamp(frame.min, frame.max), text_size(ui, text, &font)));
    };
    for (series, line) in plot.series.iter().zip(lines) {
        if let Some(end) = line.runs.last().and_then(|run| run.last())
            && series.named
        {
            add(series.name, series.color, *end);
        }
    }
    let levels = plot.references.iter().filter(|reference| !reference.name.is_empty());
    let levels: Vec<Vec<Vec<Pos2>>> = levels
        .map(|reference| {
            let [from, to] = reference.x.unwrap_or(view.x);
            let y = plot.y_place(reference.y);
            let runs = thin([[from, y], [to, y]], view).runs;
            if let Some(end) = runs.last().and_then(|run| run.last()) {
                add(reference.name, reference.color, *end);
            }
            runs
        })
        .collect();
    let flags: Vec<Vec<Pos2>> = plot
        .flags
        .iter()
        .map(|flag| view.screen_x(flag.x) as f32)
        .map(|x| vec![pos2(x, frame.top()), pos2(x, frame.bottom())])
        .collect();
    let near: Vec<Rect> = ends.iter().map(|(end, size)| labels::reach(*end, *size)).collect();
    let runs = lines.iter().map(|line| &line.runs).chain(&levels).chain([&flags]);
    let obstacles: Vec<Pos2> = runs.flat_map(|runs| labels::along(runs, 4.0, &near)).collect();
    let placed = labels::place(&ends, frame.shrink(1.0), &obstacles, taken);
    for ((text, color), rect) in texts.into_iter().zip(placed) {
        if let Some(rect) = rect {
            ui.painter().rect_filled(rect, 2.0, Palette::of(ui).plot.gamma_multiply(0.55));
            ui.painter().text(rect.min, Align2::LEFT_TOP, text, font.clone(), color);
        }
    }
}

fn line_shapes(run: Vec<Pos2>, stroke: Stroke, dash: LineStyle) -> Vec<Shape> {
    match dash {
        _ if run.len() == 1 => vec![Shape::circle_filled(run[0], stroke.width * 1.25, stroke.color)],
        LineStyle::Solid => vec![Shape::line(run, stroke)],
        LineStyle::Dashed { length } if is_dense(&run) => dashes_along_x(&run, stroke, length.max(1.0)),
        LineStyle::Dashed { length } => Shape::dashed_line(&run, stroke, length.max(1.0), (length * 0.62).max(3.0)),
        LineStyle::Dotted { spacing } => Shape::dotted_line(&run, stroke.color, spacing.max(1.0), stroke.width * 0.5),
    }
}

/// Whether a line goes up and down within single columns of pixels: there dashes by its length would be thousands, and read
/// as a grey band.
fn is_dense(run: &[Pos2]) -> bool {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
    run.len() as f32 > 2.0 * (last.x - first.x) && run.is_sorted_by(|a, b| a.x <= b.x) && run.len() > 8
}

/// Dashes by the way along x, cut between points.
fn dashes_along_x(run: &[Pos2], stroke: Stroke, length: f32) -> Vec<Shape> {
    let (start, period) = (run[0].x, length + (length * 0.62).max(3.0));
    let place = |point: &Pos2| ((point.x - start) / period).floor();
    let is_drawn = |point: &Pos2| point.x - start - place(point) * period < length;
    let dashes = run.chunk_by(|a, b| place(a) == place(b) && is_drawn(a) == is_drawn(b));
    dashes.filter(|dash| dash.len() > 1 && is_drawn(&dash[0])).map(|dash| Shape::line(dash.to_vec(), stroke)).collect()
}

fn marker_shape(marker: MarkerShape, at: Pos2, color: Color32) -> Vec<Shape> {
    let r = 3.5;
    let stroke = Stroke::new(1.5, color);
    let polygon = |points: &[[f32; 2]]| {
        let points = points.iter().map(|[x, y]| at + vec2(*x, *y) * r).collect();
        vec![Shape::convex_polygon(points, color, Stroke::NONE)]
    };
    let strokes = |ends: &[[f32; 2]]| {
        ends.iter().map(|[x, y]| Shape::line_segment([at - vec2(*x, *y) * r, at + vec2(*x, *y) * r], stroke)).collect()
    };
    match marker {
        MarkerShape::Circle => vec![Shape::circle_filled(at, r, color)],
        MarkerShape::Square => polygon(&[[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]),
        MarkerShape::Diamond => polygon(&[[0.0, -1.2], [1.2, 0.0], [0.0, 1.2], [-1.2, 0.0]]),
        MarkerShape::Up => polygon(&[[0.0, -1.1], [1.1, 0.9], [-1.1, 0.9]]),
        MarkerShape::Down => polygon(&[[0.0, 1.1], [-1.1, -0.9], [1.1, -0.9]]),
        MarkerShape::Left => polygon(&[[-1.1, 0.0], [0.9, -1.1], [0.9, 1.1]]),
        MarkerShape::Right => polygon(&[[1.1, 0.0], [-0.9, 1.1], [-0.9, -1.1]]),
        MarkerShape::Cross => strokes(&[[0.8, 0.8], [0.8, -0.8]]),
        MarkerShape::Plus => strokes(&[[1.1, 0.0], [0.0, 1.1]]),
        MarkerShape::Asterisk => strokes(&[[1.1, 0.0], [0.55, 0.95], [0.55, -0.95]]),
    }
}

/// Under the pointer: a hairline at the nearest x that has data, a ring on each line there, and their values.
pub(super) fn hover(ui: &Ui, plot: &LinePlot<'_>, view: &View, response: &Response, x_name: &str) {
    let Some(pointer) = response.hover_pos().filter(|_| !response.dragged()) else { return };
    let distance = |x: f64| (view.screen_x(x) - f64::from(pointer.x)).abs();
    let nearest = |series: &Series<'_>| {
        if let Some(stretch) = series.stretch {
            return stretch.nearest(view.data_x(pointer.x));
        }
        let points = series.points.iter().filter(|[x, _]| x.is_finite());
        points.min_by(|a, b| distance(a[0]).total_cmp(&distance(b[0]))).copied()
    };
    let told = plot.series.iter().filter(|series| !series.backdrop);
    let found: Vec<_> = told.filter_map(|series| Some((series, nearest(series)?))).collect();
    let Some(x) = found.iter().map(|(_, [x, _])| *x).min_by(|a, b| distance(*a).total_cmp(&distance(*b))) else {
        return;
    };
    if distance(x) > 40.0 {
        return;
    }
    let (palette, inside) = (Palette::of(ui), ui.painter().with_clip_rect(view.rect));
    inside.vline(view.screen_x(x) as f32, view.rect.y_range(), Stroke::new(1.0, palette.weak.gamma_multiply(0.6)));
    // Lines that have no point within two pixels of that x say nothing about it.
    let here = found.into_iter().filter(|(_, point)| (view.screen_x(point[0]) - view.screen_x(x)).abs() <= 2.0);
    let here: Vec<_> = here.collect();
    for (series, [x, y]) in &here {
        let at = pos2(view.screen_x(*x) as f32, view.screen_y(plot.y_place(*y)) as f32);
        if at.y.is_finite() {
            inside.circle(at, 4.0, palette.plot, Stroke::new(2.0, series.color));
        }
    }
    let band = plot.bands.iter().find(|band| (band.from..=band.to).contains(&x));
    let band = band.map_or_else(String::new, |band| format!(" · {}", band.name));
    Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, PopupAnchor::Pointer).gap(14.0).show(|ui| {
        ui.label(theme::weak(format!("{x_name} {}{band}", scale::precise(x))));
        Grid::new("values").num_columns(2).spacing(vec2(14.0, 2.0)).show(ui, |ui| {
            for (series, [_, y]) in &here {
                ui.horizontal(|ui| {
                    let (sample, _) = ui.allocate_exact_size(vec2(18.0, 12.0), Sense::hover());
                    let ends = vec![sample.left_center(), sample.right_center()];
                    ui.painter().extend(line_shapes(ends, Stroke::new(2.0, series.color), series.dash));
                    ui.label(series.name);
                });
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(theme::semibold(scale::precise(*y)));
                });
                ui.end_row();
            }
        });
    });
}
