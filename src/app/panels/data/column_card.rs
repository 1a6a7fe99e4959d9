//! The column that is looked at: how its numbers are spread, its figures, its most frequent values.

use egui::{Align, Button, Grid, Label, Layout, RichText, Ui, vec2};

use super::columns::four_figures;
use super::percent;
use crate::app::actions::Intent;
use crate::app::panels::thousands;
use crate::app::theme;
use crate::app::widgets::{ActionButton, Icon, card, histogram};
use crate::app::workspace::OpenTable;
use crate::data::{ColumnProfile, Kind, MissingCode, number};

/// Most frequent values that are listed.
const LISTED: usize = 6;

pub(super) fn column_ui(ui: &mut Ui, table: &OpenTable, selected: &mut Option<usize>, intents: &mut Vec<Intent>) {
    let Some(column) = selected.filter(|&column| column < table.source.profiles.len()) else { return };
    let profile = &table.source.profiles[column];
    ui.label(theme::section("Column"));
    card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ActionButton::icon(Icon::Close, "Close the column's card").show(ui).clicked() {
                    *selected = None;
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(theme::semibold(&profile.name)).truncate());
                });
            });
        });
        let kind = match profile.kind {
            Kind::Numeric if profile.integer => "whole numbers",
            Kind::Numeric => "numbers",
            Kind::Text => "text",
            Kind::Empty => "empty: every cell is missing",
        };
        ui.label(theme::weak(format!("{kind} · {}", table.roles.roles[column])));
        id_ui(ui, table, profile, intents);
        if let Some(found) = &profile.histogram {
            ui.add_space(4.0);
            let quartiles = profile.quantiles.map(|q| [(q[2], "quartile"), (q[3], "median"), (q[4], "quartile")]);
            let marks = quartiles.as_ref().map_or(&[][..], |marks| &marks[..]);
            histogram(ui, &profile.name, found, marks, 96.0);
        }
        ui.add_space(4.0);
        figures_ui(ui, profile, table.source.table.n_rows());
        levels_ui(ui, table, profile, intents);
    });
    ui.add_space(6.0);
}

/// Numbers that were taken for ids, because they begin with zeros or are too long, can be numbers after all.
fn id_ui(ui: &mut Ui, table: &OpenTable, profile: &ColumnProfile, intents: &mut Vec<Intent>) {
    let by_hand = table.options.numbers.contains(&profile.name);
    let looks_like_ids = profile.kind == Kind::Text
        && !profile.levels.is_empty()
        && profile.levels.iter().all(|(value, _)| number(value).is_some());
    let (title, tooltip) = match (by_hand, looks_like_ids) {
        (true, _) => ("Read as text again", "Its cells begin with zeros or are too long to be counted with"),
        (false, true) => ("Read as numbers", "Its cells look like ids, because of zeros in front or their length"),
        (false, false) => return,
    };
    if ActionButton::new(title).tooltip(tooltip).show(ui).clicked() {
        let mut options = table.options.clone();
        options.numbers.retain(|name| *name != profile.name);
        options.numbers.extend((!by_hand).then(|| profile.name.clone()));
        let what = format!("{} {}", profile.name, title.to_lowercase());
        intents.push(Intent::SetReading { options: Box::new(options), what });
    }
}

fn figures_ui(ui: &mut Ui, profile: &ColumnProfile, rows: usize) {
    let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), four_figures);
    let mut figures = vec![
        ("Missing", format!("{} · {}", thousands(profile.missing), percent(profile.missing, rows))),
        ("Distinct", thousands(profile.distinct)),
    ];
    if profile.kind == Kind::Numeric {
        let quantile = |i: usize| figure(profile.quantiles.map(|q| q[i]));
        figures.extend([
            ("Mean", figure(profile.mean)),
            ("Standard deviation", figure(profile.sd)),
            ("Least", figure(profile.min)),
            ("1 % · 5 %", format!("{} · {}", quantile(0), quantile(1))),
            ("Quartiles", format!("{} · {} · {}", quantile(2), quantile(3), quantile(4))),
            ("95 % · 99 %", format!("{} · {}", quantile(5), quantile(6))),
            ("Greatest", figure(profile.max)),
            ("Outliers", profile.outliers.map_or_else(|| "–".to_owned(), thousands)),
        ]);
    }
    ui.spacing_mut().interact_size.y = 16.0;
    Grid::new("figures").num_columns(2).min_row_height(16.0).spacing(vec2(12.0, 2.0)).show(ui, |ui| {
        for (name, value) in figures {
            let label = ui.label(theme::weak(name));
            if name == "Outliers" {
                label.on_hover_text("Numbers more than 3 interquartile ranges beyond the quartiles (Tukey)");
            }
            ui.add(Label::new(RichText::new(value).small()).wrap());
            ui.end_row();
        }
    });
}

/// The most frequent values with their rows; each can be declared to mean that nothing is known.
fn levels_ui(ui: &mut Ui, table: &OpenTable, profile: &ColumnProfile, intents: &mut Vec<Intent>) {
    // Of ratios hardly one comes back: a list would say nothing.
    let telling = profile.levels.iter().take(LISTED).filter(|(_, count)| *count > 1 || profile.distinct <= LISTED);
    let telling: Vec<_> = telling.collect();
    if telling.is_empty() {
        return;
    }
    ui.add_space(6.0);
    ui.label(theme::weak("Most frequent"));
    ui.spacing_mut().interact_size.y = 20.0;
    for (value, count) in telling {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().button_padding = vec2(6.0, 1.0);
                let name = format!("{value} means missing in {}", profile.name);
                let button = ui.add(Button::new(theme::weak("as missing")).small());
                button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
                let tooltip = "Declare that this value stands for “not known” in this column";
                if button.on_hover_text(tooltip).clicked() {
                    let mut options = table.options.clone();
                    let code = MissingCode { column: Some(profile.name.clone()), value: value.clone() };
                    options.missing.codes.push(code);
                    intents.push(Intent::SetReading { options: Box::new(options), what: name });
                }
                ui.label(theme::weak(thousands(*count)));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(RichText::new(value).small()).truncate());
                });
            });
        });
    }
}
