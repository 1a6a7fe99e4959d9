//! What each split holds: rows, enterprises, bad rows and periods of what is learned from and what is tested on.

use egui::{Align, Label, Layout, ScrollArea, Ui, vec2};

use super::percent;
use crate::app::actions::Intent;
use crate::app::panels::{count, folds, thousands};
use crate::app::theme::{self, Tone};
use crate::app::widgets::{Column, Taking, card, data_table, remark};
use crate::app::workspace::Workspace;
use crate::data::{Holding, SplitHolding};
use crate::report::splits_table;

/// Width of the settings, in points.
const SETTINGS: f32 = 300.0;

pub(super) fn splits_ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let mut settings = workspace.settings.clone();
    ui.horizontal_top(|ui| {
        let room = vec2(SETTINGS, ui.available_height());
        ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
            ScrollArea::vertical().id_salt("split settings").show(ui, |ui| {
                ui.set_width(SETTINGS - 10.0);
                card(ui, |ui| {
                    if folds::folds_ui(ui, &mut settings.validation, workspace) {
                        intents.push(Intent::SetSettings(Box::new(settings.clone())));
                    }
                });
            });
        });
        ui.vertical(|ui| {
            card(ui, |ui| {
                ui.set_min_height((ui.available_height() - 12.0).max(0.0));
                match &workspace.insights.splits {
                    None => {
                        ui.label(theme::weak("Dealing out the rows…"));
                    }
                    Some(Err(sentence)) => remark(ui, Tone::Bad, sentence.as_str()),
                    Some(Ok(splits)) => table_ui(ui, splits, folds::planned_splits(&workspace.settings.validation)),
                }
            });
        });
    });
}

/// Of several splits the worst is told.
fn up_to(splits: &[SplitHolding]) -> &'static str {
    if splits.len() > 1 { "Up to " } else { "" }
}

fn table_ui(ui: &mut Ui, splits: &[SplitHolding], planned: usize) {
    let several = splits.len() > 1;
    let title = if splits.len() < planned {
        format!("The first {} of {planned} splits", splits.len())
    } else if several {
        format!("{} splits", splits.len())
    } else {
        "One split".to_owned()
    };
    let taking = Taking::begin(ui, "splits");
    Taking::titles(ui, &title, "what is learned from, and what is tested on");
    taking.end_table(ui, || splits_table(splits));
    let shared = |count: fn(&SplitHolding) -> Option<usize>| splits.iter().filter_map(count).max();
    match shared(|split| split.enterprises_on_both_sides) {
        Some(0) => remark(ui, Tone::Ok, "No enterprise is on both sides."),
        Some(most) => {
            let text = format!("{}{} on both sides of a split.", up_to(splits), count(most, "enterprise"));
            remark(ui, Tone::Warn, text);
        }
        None => {}
    }
    if let Some(most @ 1..) = shared(|split| Some(split.duplicates_on_both_sides)) {
        let rows = count(most, "tested row");
        let text = format!("{}{rows} with an exact copy among those learned from.", up_to(splits));
        remark(ui, Tone::Warn, text);
    }
    if let Some(most @ 1..) = splits.iter().map(|split| split.left_out).max() {
        let text = format!("{} on neither side: without a period.", count(most, "labelled row"));
        remark(ui, Tone::Warn, text);
    }
    let periods = splits.iter().any(|split| split.test.first_period.is_some());
    let enterprises = splits.iter().any(|split| split.test.enterprises.is_some());
    let mut columns = vec![Column::words("Split", 76.0), Column::words("Part", 84.0), Column::numeric("Rows", 76.0)];
    if enterprises {
        columns.push(Column::numeric("Enterprises", 88.0));
    }
    columns.extend([Column::numeric("Bad", 70.0), Column::numeric("Bad share", 80.0)]);
    if periods {
        columns.push(Column::text("Periods"));
    }
    let lines: Vec<(&SplitHolding, &str, &Holding)> = splits
        .iter()
        .flat_map(|split| {
            let validation = split.validation.as_ref().map(|part| (split, "validation", part));
            [Some((split, "train", &split.train)), validation, Some((split, "test", &split.test))]
        })
        .flatten()
        .collect();
    let repeats = splits.iter().any(|split| split.repeat > 1);
    data_table(ui, "splits", &columns, lines.len(), None, |ui, row, column| {
        let (split, part, held) = lines[row];
        let text = match columns[column].name {
            "Split" if part != "train" => String::new(),
            "Split" if repeats => format!("{} of run {}", split.fold, split.repeat),
            "Split" => split.fold.to_string(),
            "Part" => part.to_owned(),
            "Rows" => thousands(held.rows),
            "Enterprises" => held.enterprises.map_or_else(|| "–".to_owned(), thousands),
            "Bad" => thousands(held.bad),
            "Bad share" => {
                if held.rows == 0 {
                    "–".to_owned()
                } else {
                    percent(held.bad, held.rows)
                }
            }
            _ => match (&held.first_period, &held.last_period) {
                (Some(first), Some(last)) if first == last => first.clone(),
                (Some(first), Some(last)) => format!("{first} to {last}"),
                _ => "–".to_owned(),
            },
        };
        ui.add(Label::new(text).truncate());
    });
}
