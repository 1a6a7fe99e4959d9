//! One dream in the units of the table, indicator by indicator, beside the real firms nearest to it.

use egui::{Color32, Label, Rect, Stroke, StrokeKind, TextStyle, Ui, UiBuilder, pos2, vec2};

use super::beside::{Apart, Beside, RealRow};
use crate::app::actions::Intent;
use crate::app::panels::network::value_text;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{Column, data_table, precise, table_card};
use crate::data::{Original, OriginalValue};
use crate::report::{Cell, ColumnKind, ReportTable};

/// Width of a column of figures, and of the bar in one, in heights of a line.
const FIGURES: f32 = 6.8;
const BAR: f32 = 2.2;
/// Width of the names of indicators at least, in heights of a line.
const NAMES: f32 = 6.0;
/// Height of the table, in heights of a line.
const HEIGHT: f32 = 17.0;
/// A difference that fills half a bar, in prepared inputs: of standardised numbers two standard deviations.
const FULL: f32 = 2.0;

/// Draws the card.
pub(super) fn ui(ui: &mut Ui, beside: &Beside, intents: &mut Vec<Intent>) {
    let title = match beside.real.first() {
        Some(RealRow { name, outcome, distance, .. }) => {
            format!("The nearest real firm is {name} ({outcome}), at a distance of {}", precise(*distance))
        }
        None => "There is no real firm to hold the dream against".to_owned(),
    };
    let subtitle = "distance: Euclidean, in prepared inputs; a bar says how much larger (right) or smaller (left) the real value is";
    table_card(
        ui,
        "dreamed firm",
        [&title, subtitle],
        || table(beside, &title),
        |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(theme::weak("Look at"));
                for real in &beside.real {
                    let text = format!("{} ({}, {})", real.name, real.outcome, precise(real.distance));
                    if ui.link(text).on_hover_text("Look at this row in all tabs").clicked() {
                        intents.push(Intent::LookAtRow(real.row));
                    }
                }
            });
            let line = ui.text_style_height(&TextStyle::Body);
            let mut columns = vec![Column::text("Indicator"), Column::numeric("Dreamed", FIGURES * line)];
            // As many real firms as there is room for beside the names, but at least one.
            let fit = ((ui.available_width() - NAMES * line) / (FIGURES * line)) as usize;
            columns.extend(
                beside
                    .real
                    .iter()
                    .take(fit.saturating_sub(1).max(1))
                    .map(|real| Column::numeric(&real.name, FIGURES * line)),
            );
            let dreamed = beside.shown();
            ui.scope(|ui| {
                ui.set_max_height(HEIGHT * line);
                data_table(ui, "dreamed firm", &columns, dreamed.len(), None, |ui, row, column| {
                    let value = &dreamed[row];
                    match column {
                        0 => {
                            let is_held = beside.asked.held.contains_key(&value.indicator);
                            let text =
                                if is_held { format!("{} (held)", value.indicator) } else { value.indicator.clone() };
                            ui.add(Label::new(text).truncate());
                        }
                        1 => {
                            ui.add(Label::new(value_text(value)).truncate());
                        }
                        _ => real_cell(ui, &beside.real[column - 2], row),
                    }
                });
            });
        },
    );
}

/// The dream, and every real firm near it.
fn table(beside: &Beside, caption: &str) -> ReportTable {
    let mut heads = vec![
        ("Indicator".to_owned(), ColumnKind::Words),
        ("Held".to_owned(), ColumnKind::Words),
        ("Dreamed".to_owned(), ColumnKind::Numbers),
    ];
    heads.extend(beside.real.iter().map(|RealRow { name, outcome, distance, .. }| {
        (format!("{name} ({outcome}, distance {})", precise(*distance)), ColumnKind::Numbers)
    }));
    let mut table = ReportTable::new("dreamed_firm", caption, heads);
    let row = |(indicator, dreamed): (usize, &OriginalValue)| {
        let is_held = beside.asked.held.contains_key(&dreamed.indicator);
        let value = if dreamed.is_missing() { Cell::from("missing") } else { cell(&dreamed.value) };
        let real = beside
            .real
            .iter()
            .map(|real| real.cells.get(indicator).map_or_else(|| Cell::from("missing"), |(value, _)| cell(value)));
        let named: [Cell; 2] = [dreamed.indicator.as_str().into(), if is_held { "yes" } else { "no" }.into()];
        named.into_iter().chain([value]).chain(real).collect()
    };
    table.rows = beside.shown().iter().enumerate().map(row).collect();
    table
}

fn cell(value: &Original) -> Cell {
    match value {
        Original::Number(x) => Cell::Number(Some(*x), 4),
        Original::Level { text, .. } => text.as_str().into(),
        Original::Unknown => "missing".into(),
    }
}

/// A real value, and a bar from the middle for how far it is from the dreamed one.
fn real_cell(ui: &mut Ui, real: &RealRow, indicator: usize) {
    let Some((value, apart)) = real.cells.get(indicator) else { return };
    let text = match value {
        Original::Number(x) => precise(*x),
        Original::Level { text, .. } => text.clone(),
        Original::Unknown => "missing".to_owned(),
    };
    let line = ui.text_style_height(&TextStyle::Body);
    let palette = Palette::of(ui);
    // The bars stand below each other at the left of their column, the figures at its right.
    let cell = ui.available_rect_before_wrap();
    let area = Rect::from_min_size(pos2(cell.left(), cell.center().y - 0.3 * line), vec2(BAR * line, 0.6 * line));
    bar(ui, area, *apart, palette.accent, palette.line);
    let rest = UiBuilder::new().max_rect(cell.with_min_x(area.right() + 4.0)).layout(*ui.layout());
    let label = ui.scope_builder(rest, |ui| ui.add(Label::new(text).truncate())).inner;
    label.on_hover_text(match *apart {
        Apart::By(difference) => {
            let side = if difference < 0.0 { "below" } else { "above" };
            format!("{side} the dream by {}, in prepared inputs", precise(f64::from(difference.abs())))
        }
        Apart::Same => "the same level as dreamed".to_owned(),
        Apart::Other => "another level than dreamed".to_owned(),
        Apart::Unknown => "missing in one of them".to_owned(),
    });
}

fn bar(ui: &Ui, area: Rect, apart: Apart, color: Color32, hairline: Color32) {
    let middle = area.center().x;
    ui.painter().vline(middle, area.y_range(), Stroke::new(1.0, hairline));
    match apart {
        Apart::By(difference) => {
            let length = (difference / FULL).clamp(-1.0, 1.0) * area.width() / 2.0;
            let (from, to) = (middle.min(middle + length), middle.max(middle + length));
            ui.painter().rect_filled(area.with_min_x(from).with_max_x(to), 0.0, color);
        }
        // Levels have no side: a hollow frame says that they differ.
        Apart::Other => {
            ui.painter().rect_stroke(area, 0.0, Stroke::new(1.0, color), StrokeKind::Inside);
        }
        Apart::Same | Apart::Unknown => {}
    }
}
