//! The list of columns: what each holds, and what it is used for.

use std::cmp::Ordering;

use egui::{
    Align, ComboBox, Label, Layout, RichText, Role as Access, ScrollArea, TextEdit, TextStyle, Ui, WidgetInfo, vec2,
};

use super::percent;
use super::pieces::{chevron, flat_buttons};
use crate::app::actions::Intent;
use crate::app::panels::capital;
use crate::app::panels::thousands;
use crate::app::role_moves::{ROLES, give_role};
use crate::app::theme::{self, Palette};
use crate::app::widgets::{Column, Sort, data_table, precise, take_table};
use crate::app::workspace::OpenTable;
use crate::data::{ColumnProfile, Kind, Role};
use crate::report::columns_table;

/// What stands in each column of the list, from the left.
const NUMBER: usize = 0;
const NAME: usize = 1;
const KIND: usize = 2;
const ROLE: usize = 3;
const MISSING: usize = 4;
const DISTINCT: usize = 5;
const MEAN: usize = 6;
const SD: usize = 7;
const MIN: usize = 8;

/// The list is never narrower than this; below, it scrolls sideways.
const LEAST_WIDTH: f32 = 780.0;

pub(super) struct ColumnList {
    filter: String,
    sort: Sort,
}

impl Default for ColumnList {
    fn default() -> Self {
        Self { filter: String::new(), sort: Sort { column: NUMBER, descending: false } }
    }
}

impl ColumnList {
    /// Height of the card with every column listed, in points.
    pub(super) fn height(ui: &Ui, table: &OpenTable) -> f32 {
        let row = ui.text_style_height(&TextStyle::Body) + 12.0;
        (table.source.profiles.len() as f32 + 1.0) * row + 66.0
    }

    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        table: &OpenTable,
        selected: &mut Option<usize>,
        intents: &mut Vec<Intent>,
    ) {
        let profiles = &table.source.profiles;
        self.header_ui(ui, table);
        let wanted = self.filter.trim().to_lowercase();
        let mut order: Vec<usize> = (0..profiles.len())
            .filter(|&c| wanted.is_empty() || profiles[c].name.to_lowercase().contains(&wanted))
            .collect();
        order.sort_by(|&a, &b| self.compare(table, a, b));
        if order.is_empty() {
            ui.label(theme::weak(format!("No column's name contains “{}”.", self.filter.trim())));
            return;
        }
        // Room that is left goes to the name and, in wide windows, to the figures too.
        let width = ui.available_width().max(LEAST_WIDTH);
        let extra = ((width - 960.0) / 10.0).clamp(0.0, 50.0).round();
        let list = [
            Column::words("#", 40.0),
            Column::text("Column"),
            Column::words("Kind", 64.0 + extra),
            Column::words("Role", 122.0 + extra),
            Column::numeric("Missing", 92.0 + extra),
            Column::numeric("Distinct", 66.0 + extra),
            Column::numeric("Mean", 80.0 + extra),
            Column::numeric("Std dev", 80.0 + extra),
            Column::numeric("Min", 80.0 + extra),
            Column::numeric("Max", 80.0 + extra),
        ];
        ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
            ui.set_width(width);
            let clicked = data_table(ui, "columns", &list, order.len(), Some(&mut self.sort), |ui, row, part| {
                let column = order[row];
                if *selected == Some(column) {
                    let cell = ui.max_rect().expand2(vec2(6.0, -1.0));
                    ui.painter().rect_filled(cell, 0.0, Palette::of(ui).selected);
                }
                cell_ui(ui, table, column, part, intents);
            });
            if let Some(row) = clicked {
                let column = order[row];
                *selected = (*selected != Some(column)).then_some(column);
            }
        });
    }

    fn header_ui(&mut self, ui: &mut Ui, table: &OpenTable) {
        let count = |role| table.roles.roles.iter().filter(|&&r| r == role).count();
        let (indicators, aside) = (count(Role::Indicator), count(Role::SetAside));
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                take_table(ui, "columns", || columns_table(&table.source, &table.roles));
                let field = TextEdit::singleline(&mut self.filter).hint_text("Find a column").desired_width(150.0);
                let field = ui.add(field);
                field.widget_info(|| WidgetInfo::labeled(Access::TextInput, true, "Find a column"));
                field.on_hover_text("Lists the columns whose names contain this");
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let text = format!("{} columns", thousands(table.source.profiles.len()));
                    ui.label(theme::semibold(text));
                    let noun = if indicators == 1 { "indicator" } else { "indicators" };
                    let aside = if aside == 0 { String::new() } else { format!(", {} set aside", thousands(aside)) };
                    let used = format!("{} {noun}{aside} · click one to find it below", thousands(indicators));
                    ui.add(Label::new(theme::weak(used)).truncate());
                });
            });
        });
    }

    fn compare(&self, table: &OpenTable, a: usize, b: usize) -> Ordering {
        let [p, q] = [a, b].map(|column| &table.source.profiles[column]);
        let figures = |figure: fn(&ColumnProfile) -> Option<f64>| {
            let order = figure(p).unwrap_or(f64::NAN).total_cmp(&figure(q).unwrap_or(f64::NAN));
            // Columns without the figure stand last, whichever way.
            match (figure(p), figure(q)) {
                (Some(_), Some(_)) | (None, None) => self.directed(order),
                (a, _) => {
                    if a.is_some() {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    }
                }
            }
        };
        let place = |column: usize| ROLES.iter().position(|r| Some(r) == table.roles.roles.get(column));
        let order = match self.sort.column {
            NAME => self.directed(p.name.to_lowercase().cmp(&q.name.to_lowercase())),
            KIND => self.directed((p.kind as u8).cmp(&(q.kind as u8))),
            ROLE => self.directed(place(a).cmp(&place(b))),
            MISSING => self.directed(p.missing.cmp(&q.missing)),
            DISTINCT => self.directed(p.distinct.cmp(&q.distinct)),
            MEAN => figures(|p| p.mean),
            SD => figures(|p| p.sd),
            MIN => figures(|p| p.min),
            NUMBER => self.directed(a.cmp(&b)),
            _ => figures(|p| p.max),
        };
        order.then(a.cmp(&b))
    }

    fn directed(&self, order: Ordering) -> Ordering {
        if self.sort.descending { order.reverse() } else { order }
    }
}

fn cell_ui(ui: &mut Ui, table: &OpenTable, column: usize, part: usize, intents: &mut Vec<Intent>) {
    let profile = &table.source.profiles[column];
    let role = table.roles.roles[column];
    let figure = |ui: &mut Ui, text: Option<String>| {
        ui.label(text.map_or_else(|| theme::weak("–"), RichText::new));
    };
    match part {
        NUMBER => {
            ui.label(theme::weak((column + 1).to_string()));
        }
        NAME => name_ui(ui, table, column),
        KIND => {
            let text = if profile.kind == Kind::Numeric && profile.integer { "whole number" } else { "" };
            let label = ui.label(theme::weak(profile.kind.to_string()));
            if !text.is_empty() {
                label.on_hover_text(text);
            }
        }
        ROLE => role_ui(ui, table, column, role, intents),
        MISSING if profile.missing == 0 => {
            ui.label(theme::weak("0"));
        }
        MISSING => {
            let share = percent(profile.missing, table.source.table.n_rows());
            ui.label(share).on_hover_text(format!("{} cells are missing", thousands(profile.missing)));
        }
        DISTINCT => {
            let label = ui.label(thousands(profile.distinct));
            label.on_hover_ui(|ui| most_frequent_ui(ui, profile));
        }
        MEAN => figure(ui, profile.mean.map(four_figures)),
        SD => figure(ui, profile.sd.map(four_figures)),
        MIN => figure(ui, profile.min.map(as_written)),
        _ => figure(ui, profile.max.map(as_written)),
    }
}

/// Four figures that matter; three with an exponent, which needs the room.
pub(super) fn four_figures(value: f64) -> String {
    let text = match value.abs() {
        size if size != 0.0 && !(1e-3..1e6).contains(&size) => format!("{value:.2e}"),
        size if size != 0.0 && size < 1e-2 => format!("{value:.6}"),
        _ => return precise(value),
    };
    text.replace('-', "−")
}

/// A value that stands in the file: without the zeros that only fill up to four figures.
fn as_written(value: f64) -> String {
    let text = four_figures(value);
    let (mantissa, exponent) = text.split_once('e').map_or((text.as_str(), None), |(m, e)| (m, Some(e)));
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    exponent.map_or_else(|| mantissa.to_owned(), |exponent| format!("{mantissa}e{exponent}"))
}

/// The name, and why the column is set aside as far as there is room; both whole under the pointer.
fn name_ui(ui: &mut Ui, table: &OpenTable, column: usize) {
    let name = &table.source.profiles[column].name;
    let role = table.roles.roles[column];
    let text = match role {
        Role::SetAside => RichText::new(name).weak(),
        Role::Label => theme::semibold(name),
        _ => RichText::new(name),
    };
    let reason = (role == Role::SetAside).then(|| set_aside_reason(table, column));
    let room = ui.available_width();
    ui.scope(|ui| {
        ui.set_max_width(if reason.is_some() { room * 0.6 } else { room });
        ui.add(Label::new(text).truncate());
    });
    if let Some(reason) = reason {
        ui.add_space(8.0);
        ui.add(Label::new(theme::weak(reason).italics()).truncate());
    }
}

/// Why a column is set aside: the guess's reason, or the person's will.
fn set_aside_reason(table: &OpenTable, column: usize) -> &str {
    let guessed = table.source.guess.set_aside.iter().find(|(c, _)| *c == column);
    guessed.map_or("by your choice", |(_, reason)| reason.as_str())
}

fn role_ui(ui: &mut Ui, table: &OpenTable, column: usize, role: Role, intents: &mut Vec<Intent>) {
    let palette = Palette::of(ui);
    let text = RichText::new(capital(&role.to_string()));
    let text = match role {
        Role::Indicator => text,
        Role::SetAside => text.weak(),
        Role::Label | Role::EnterpriseId | Role::Period | Role::Split | Role::Exposure => text.color(palette.accent),
    };
    let width = ui.available_width();
    let combo = ui
        .scope(|ui| {
            flat_buttons(ui);
            ComboBox::from_id_salt(("role", column)).selected_text(text).width(width).icon(chevron).show_ui(ui, |ui| {
                for choice in ROLES {
                    let item = ui.selectable_label(choice == role, capital(&choice.to_string()));
                    if item.on_hover_text(role_meaning(choice)).clicked() && choice != role {
                        intents.push(give_role(table, column, choice));
                    }
                }
            })
        })
        .inner;
    let name = format!("Role of {}", table.source.profiles[column].name);
    combo.response.widget_info(|| WidgetInfo::labeled(Access::ComboBox, true, &name));
    combo.response.on_hover_text(role_meaning(role));
}

fn role_meaning(role: Role) -> &'static str {
    match role {
        Role::Indicator => "The models learn from it",
        Role::Label => "The outcome that the models learn to predict; one column",
        Role::EnterpriseId => "Whose row it is: rows of one enterprise stay together when data are split; one column",
        Role::Period => "Which year, quarter or day the row is about: for splits by time; one column",
        Role::Split => "Which rows train and which test, as train, validation, test; one column",
        Role::Exposure => "What is lent to the firm at default, in money: for losses, not learned from; one column",
        Role::SetAside => "Not used",
    }
}

fn most_frequent_ui(ui: &mut Ui, profile: &ColumnProfile) {
    ui.label(theme::semibold("Most frequent"));
    for (value, count) in profile.levels.iter().take(8) {
        ui.label(format!("{value}: {}", thousands(*count)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_fit_their_columns() {
        let texts = [0.0, 2021.0, 0.51562, -392.26, 9.99e9, -1.2345e-5, -0.001234].map(four_figures);
        assert_eq!(texts, ["0", "2021", "0.5156", "−392.3", "9.99e9", "−1.23e−5", "−0.001234"]);
        let texts = [0.21, 97.10, 3.0, 100.0, 9.9e9, 0.002].map(as_written);
        assert_eq!(texts, ["0.21", "97.1", "3", "100", "9.9e9", "0.002"]);
    }
}
