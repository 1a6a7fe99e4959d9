//! How the numbers of one column are spread: bars over equal bins, with what lies beyond both ends set apart.

use egui::{Align2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::scale::precise;
use super::take::file_stem;
use crate::app::theme::{self, Palette};
use crate::data::Histogram;
use crate::report::{Cell, ColumnKind, ReportTable};

/// Width of a bar for what lies beyond an end, and its distance from the others, in points.
const BEYOND: (f32, f32) = (7.0, 4.0);

/// The bins of a histogram as a table; `what` heads the counts. Empty where there is none.
pub(crate) fn histogram_table(name: &str, what: &str, found: Option<&Histogram>) -> ReportTable {
    let heads = ["From", "Up to", what].map(|head| (head, ColumnKind::Numbers));
    let mut table = ReportTable::new(&file_stem(name), format!("{name}."), heads);
    let Some(Histogram { lower, width, counts, below, above }) = found else { return table };
    let at = |bin: usize| Some(lower + width * bin as f64);
    let row = |from, to, n| vec![Cell::Number(from, 5), Cell::Number(to, 5), Cell::Count(Some(n))];
    table.rows.extend((*below > 0).then(|| row(None, at(0), *below)));
    table.rows.extend(counts.iter().enumerate().map(|(bin, n)| row(at(bin), at(bin + 1), *n)));
    table.rows.extend((*above > 0).then(|| row(at(counts.len()), None, *above)));
    table
}

/// Draws a histogram of rows as wide as the room there is and this high, the figures of its ends included. `name` is what
/// it is of; under the pointer each bar says its bin and its rows.
/// `marks` are values shown as lines, with their names.
pub(crate) fn histogram(ui: &mut Ui, name: &str, found: &Histogram, marks: &[(f64, &str)], height: f32) -> Response {
    histogram_of(ui, "row", name, found, marks, height)
}

/// [`histogram`] of something else than rows: `what` is one of them.
pub(crate) fn histogram_of(
    ui: &mut Ui,
    what: &str,
    name: &str,
    found: &Histogram,
    marks: &[(f64, &str)],
    height: f32,
) -> Response {
    let palette = Palette::of(ui);
    let font = theme::tick_font(ui);
    let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let Histogram { lower: low, width, ref counts, below, above } = *found;
    let rows: usize = counts.iter().sum::<usize>() + below + above;
    let high = low + width * counts.len() as f64;
    response.widget_info(|| {
        let text =
            format!("Histogram of {name}: {}, bins from {} to {}", counted(rows, what), precise(low), precise(high));
        WidgetInfo::labeled(Role::Image, true, text)
    });
    let frame = area.with_max_y(area.bottom() - font.size - 3.0);
    ui.painter().rect_filled(frame, 2.0, palette.plot);
    let left = frame.left() + if below > 0 { BEYOND.0 + BEYOND.1 } else { 0.0 };
    let right = frame.right() - if above > 0 { BEYOND.0 + BEYOND.1 } else { 0.0 };
    let tallest = counts.iter().chain([&below, &above]).copied().max().unwrap_or(0).max(1);
    // Even one row among many can be seen.
    let top = |count: usize| frame.bottom() - ((frame.height() - 2.0) * count as f32 / tallest as f32).max(1.5);
    let bin = (right - left) / counts.len().max(1) as f32;
    let mut pointed: Option<(Rect, String)> = None;
    let pointer = response.hover_pos();
    let mut bar = |from: f32, to: f32, count: usize, color, place: &dyn Fn() -> String| {
        let rect = Rect::from_min_max(pos2(from, top(count)), pos2(to, frame.bottom()));
        if count > 0 {
            ui.painter().rect_filled(rect, 0.0, color);
        }
        if pointer.is_some_and(|at| (from..to).contains(&at.x)) {
            pointed = Some((rect.with_min_y(frame.top()), format!("{}: {}", place(), counted(count, what))));
        }
    };
    let gap = if bin > 4.0 { 1.0 } else { 0.0 };
    let edge = |i: usize| low + width * i as f64;
    for (i, &count) in counts.iter().enumerate() {
        let from = left + bin * i as f32;
        let place =
            || if low == high { precise(low) } else { format!("{} to {}", precise(edge(i)), precise(edge(i + 1))) };
        bar(from, from + bin - gap, count, palette.accent, &place);
    }
    let beyond =
        [(frame.left(), format!("below {}", precise(low))), (right + BEYOND.1, format!("above {}", precise(high)))];
    for ((from, place), count) in beyond.iter().zip([below, above]).filter(|(_, count)| *count > 0) {
        bar(*from, from + BEYOND.0, count, palette.warn, &|| place.clone());
    }
    for (value, _) in marks.iter().filter(|(value, _)| (low..=high).contains(value) && high > low) {
        let x = left + ((value - low) / (high - low)) as f32 * (right - left);
        ui.painter().vline(x.round() + 0.5, frame.y_range(), Stroke::new(1.0, palette.text));
    }
    let y = area.bottom();
    ui.painter().text(pos2(left, y), Align2::LEFT_BOTTOM, short(low), font.clone(), palette.weak);
    if high > low {
        ui.painter().text(pos2(right, y), Align2::RIGHT_BOTTOM, short(high), font, palette.weak);
    }
    match pointed {
        Some((rect, text)) => {
            ui.painter().rect_filled(rect, 0.0, palette.text.gamma_multiply(0.08));
            let marks = marks.iter().map(|(value, name)| format!("{name} {}", precise(*value)));
            response.on_hover_text(std::iter::once(text).chain(marks).collect::<Vec<_>>().join("\n"))
        }
        None => response,
    }
}

/// A figure at an end of the axis: there is not room for seven digits.
fn short(value: f64) -> String {
    match value.abs() {
        size if size != 0.0 && !(1e-3..1e6).contains(&size) => format!("{value:.2e}").replace('-', "−"),
        _ => precise(value),
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
