//! The strip along the top: the file, how it was read, and how many of its rows.

use egui::{Align, Label, Layout, RichText, Role as Access, Ui, WidgetInfo, vec2};

use super::View;
use super::files;
use super::pieces::{badge, chip};
use super::preview::Preview;
use super::readings::Readings;
use super::tokens::Tokens;
use crate::app::actions::Intent;
use crate::app::panels::thousands;
use crate::app::theme::{self, Palette};
use crate::app::widgets::{ActionButton, segmented};
use crate::app::workspace::OpenTable;
use crate::data::Reading;

/// Room for the switch between the views, in points.
const VIEWS: f32 = 420.0;

pub(super) fn strip_ui(
    ui: &mut Ui,
    table: &OpenTable,
    view: &mut View,
    readings: &mut Readings,
    tokens: &mut Tokens,
    preview: &mut Preview,
    intents: &mut Vec<Intent>,
) {
    let source = &table.source;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.horizontal(|ui| {
            let views = [
                (View::Table, "Table"),
                (View::Relations, "Relations"),
                (View::Gaps, "Gaps"),
                (View::Preparation, "Preparation"),
                (View::Splits, "Splits"),
            ];
            let badge_room = VIEWS + if source.is_synthetic() { 90.0 } else { 0.0 };
            ui.scope(|ui| {
                ui.set_max_width((ui.available_width() - badge_room).max(60.0));
                let name = ui.add(Label::new(theme::title(source.name())).truncate());
                name.on_hover_text(source.path.display().to_string());
            });
            if source.is_synthetic() {
                badge(ui, "synthetic", "These enterprises are made up by the program: nobody's data");
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| segmented(ui, "View", view, &views));
        });
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
            files::files_ui(ui, table, intents);
            readings.ui(ui, table, intents);
            let size = format!("{} × {}", thousands(source.table.n_rows()), thousands(source.table.n_columns()));
            chip(ui, &size, "Rows × columns of the table");
            tokens.ui(ui, table, intents);
            ui.add_space(6.0);
            rows_read_ui(ui, &source.reading, preview);
        });
    });
}

fn rows_read_ui(ui: &mut Ui, reading: &Reading, preview: &mut Preview) {
    let rejected = reading.rejected.len();
    if rejected == 0 {
        let text = if reading.format == "several" {
            format!("{} rows put together", thousands(reading.rows_read))
        } else {
            format!("All {} rows read", thousands(reading.rows_read))
        };
        ui.label(RichText::new(text).small().weak());
        return;
    }
    let text = format!("Read {} of {} rows", thousands(reading.rows_read), thousands(reading.rows_read + rejected));
    ui.label(RichText::new(text).small().color(Palette::of(ui).warn));
    let (verb, tooltip) = if preview.shows_rejected() {
        ("Hide", "Back to the rows that were read")
    } else {
        ("Show", "The lines that did not become rows, each with its reason")
    };
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 1.0);
        ui.spacing_mut().interact_size.y = 20.0;
        let text = format!("{verb} {}", thousands(rejected));
        let button = ActionButton::new(&text).tooltip(tooltip).show(ui);
        button.widget_info(|| WidgetInfo::labeled(Access::Button, true, format!("{text} rejected lines")));
        if button.clicked() {
            preview.show_rejected(!preview.shows_rejected());
        }
    });
}
