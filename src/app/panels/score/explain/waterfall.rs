//! The waterfall of one firm: bars that begin where the one before ended, from the base down to the PD.

use egui::{Align, Color32, Label, Layout, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, UiBuilder, WidgetInfo};
use egui::{StrokeKind, pos2, vec2};

use crate::app::theme::{self, Palette};
use crate::app::widgets::{hatch, scale};
use crate::report::{PlacedRow, Waterfall, WaterfallRow};

/// Steps that are shown before the small ones are put together.
pub(super) const MOST: usize = 12;
/// The names take this part of the width at most.
const NAMES: f32 = 0.42;
/// Room around a figure beside its bar, in points.
const GAP: f32 = 6.0;
/// Distance of two ticks at least, in heights of a line.
const APART: f32 = 4.5;

/// Draws the picture as wide as the room there is, as high as its rows.
pub(super) fn ui(ui: &mut Ui, waterfall: &Waterfall, most: usize) {
    let rows = waterfall.rows(most);
    let line = ui.text_style_height(&TextStyle::Body);
    let pitch = (line + 7.0).round();
    let foot = theme::tick_font(ui).size + 10.0;
    let size = vec2(ui.available_width(), pitch * rows.len() as f32 + foot);
    let (area, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, in_words(waterfall, &rows)));
    if !ui.is_rect_visible(area) {
        return;
    }
    let figures: Vec<String> = rows.iter().map(|row| waterfall.figure(row)).collect();
    let names: Vec<String> = rows.iter().map(|row| waterfall.name(row.row)).collect();
    let width = |text: &String| {
        ui.painter().layout_no_wrap(text.clone(), TextStyle::Body.resolve(ui.style()), Color32::PLACEHOLDER).size().x
    };
    let widest = |texts: &mut dyn Iterator<Item = &String>| texts.map(width).fold(0.0, f32::max).ceil();
    let left = area.left() + (widest(&mut names.iter()) + 2.0).min(NAMES * area.width());
    // Figures stand on the side that the bar points to.
    let beside = |lowers: bool| {
        let mut pointing = rows.iter().zip(&figures).filter(|(row, _)| (row.change() < 0.0) == lowers).map(|of| of.1);
        widest(&mut pointing) + 2.0 * GAP
    };
    let (from, to) = (left + beside(true), area.right() - beside(false));
    let bars = Rect::from_min_max(pos2(from, area.top()), pos2(to.max(from + 20.0), area.bottom() - foot));
    let scale = Scale { ends: Waterfall::range(&rows), bars };
    axis(ui, &scale, line);
    for (i, placed) in rows.iter().enumerate() {
        let top = area.top() + pitch * i as f32;
        let strip = Rect::from_min_max(pos2(area.left(), top), pos2(area.right(), top + pitch));
        text(ui, strip.with_max_x(left), Layout::right_to_left(Align::Center), &names[i], placed.row);
        let bar = bar(ui, &scale, placed, strip, i + 1 == rows.len());
        let (room, layout) = if placed.change() < 0.0 {
            (strip.with_min_x(left).with_max_x(bar.left() - GAP), Layout::right_to_left(Align::Center))
        } else {
            (strip.with_min_x(bar.right() + GAP), Layout::left_to_right(Align::Center))
        };
        text(ui, room, layout, &figures[i], placed.row);
    }
}

/// Probabilities from left to right.
struct Scale {
    ends: [f64; 2],
    bars: Rect,
}

impl Scale {
    fn x(&self, p: f64) -> f32 {
        let [low, high] = self.ends;
        let share = ((p - low) / (high - low)).clamp(0.0, 1.0);
        self.bars.left() + self.bars.width() * if share.is_nan() { 0.0 } else { share as f32 }
    }
}

fn axis(ui: &Ui, scale: &Scale, line: f32) {
    let palette = Palette::of(ui);
    let [low, high] = scale.ends.map(|end| 100.0 * end);
    let most = (scale.bars.width() / (APART * line)).clamp(2.0, 8.0) as usize;
    for tick in scale::ticks(low, high, most, false) {
        let x = scale.x(tick.at / 100.0);
        ui.painter().vline(x, scale.bars.y_range(), Stroke::new(0.5, palette.line));
        let at = pos2(x, scale.bars.bottom() + 4.0);
        let text = format!("{} %", tick.label);
        ui.painter().text(at, egui::Align2::CENTER_TOP, text, theme::tick_font(ui), palette.weak);
    }
}

/// Draws a row's bar and the link to the next one. Returns where it stands.
fn bar(ui: &Ui, scale: &Scale, placed: &PlacedRow, strip: Rect, is_last: bool) -> Rect {
    let palette = Palette::of(ui);
    let (from, to) = (scale.x(placed.from), scale.x(placed.to));
    let thick = strip.shrink2(vec2(0.0, 4.0));
    let bar = thick.with_min_x(from.min(to)).with_max_x(from.max(to));
    if !is_last {
        let link = [pos2(to, thick.bottom()), pos2(to, strip.bottom() + 4.0)];
        ui.painter().extend(Shape::dashed_line(&link, Stroke::new(1.0, palette.weak), 2.0, 2.0));
    }
    match placed.row {
        WaterfallRow::Base | WaterfallRow::Pd => {
            ui.painter().vline(to, thick.y_range(), Stroke::new(3.0, palette.text));
        }
        WaterfallRow::Step(_) | WaterfallRow::Others(_) => {
            // A step too small to be seen is a hairline still.
            let seen = Rect::from_center_size(bar.center(), vec2(bar.width().max(1.0), bar.height()));
            let raises = placed.change() >= 0.0;
            let color = if raises { palette.bad } else { palette.accent };
            ui.painter().rect_filled(seen, 1.0, color.gamma_multiply(0.30));
            if raises {
                hatch(ui, seen, color);
            }
            ui.painter().rect_stroke(seen, 1.0, Stroke::new(1.25, color), StrokeKind::Inside);
        }
    }
    bar
}

/// A name or a figure, cut short where there is too little room.
fn text(ui: &mut Ui, room: Rect, layout: Layout, text: &str, row: WaterfallRow) {
    let room = room.with_max_x(room.right().max(room.left() + 1.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(room).layout(layout));
    let words = match row {
        WaterfallRow::Base | WaterfallRow::Pd => theme::semibold(text),
        WaterfallRow::Others(_) => egui::RichText::new(text).weak(),
        WaterfallRow::Step(_) => egui::RichText::new(text),
    };
    child.add(Label::new(words).truncate());
}

/// The picture for those who do not see it.
fn in_words(waterfall: &Waterfall, rows: &[PlacedRow]) -> String {
    let steps = rows.iter().filter(|row| !matches!(row.row, WaterfallRow::Base | WaterfallRow::Pd));
    let steps: Vec<String> =
        steps.map(|row| format!("{} {}", waterfall.name(row.row), waterfall.figure(row))).collect();
    let [base, pd] = [waterfall.base, waterfall.pd].map(|p| {
        let decimals = waterfall.decimals();
        format!("{:.decimals$} %", 100.0 * p)
    });
    format!("Waterfall from a base of {base} to a PD of {pd}: {}", steps.join("; "))
}
