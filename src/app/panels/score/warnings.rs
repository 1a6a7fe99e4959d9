//! Early warning: the firms whose grade fell by two or more since an earlier scoring, the largest exposure first.

use egui::{Label, Ui};

use super::{card, numbers_card};
use crate::app::panels::cutoff::percent;
use crate::app::panels::{count, thousands};
use crate::app::scoring::Warnings;
use crate::app::theme;
use crate::app::widgets::{Column, data_table, precise};
use crate::report::warnings_table;
use crate::scoring::Warning;

/// Lines of the list before it scrolls.
const MOST_LINES: usize = 8;

/// Draws the card. Returns the place of the firm that was clicked.
pub(super) fn ui(ui: &mut Ui, warnings: &Warnings) -> Option<usize> {
    let title = match warnings.list.len() {
        0 => "No grade fell by two or more".to_owned(),
        1 => "1 grade fell by two or more".to_owned(),
        n => format!("{} grades fell by two or more", thousands(n)),
    };
    let subtitle = format!("since {}; {} in both", warnings.earlier, count(warnings.compared, "firm"));
    if warnings.list.is_empty() {
        let nothing = if warnings.compared == 0 {
            "No firm is in both: firms are found by their names."
        } else {
            "Early warning lists firms here, the largest exposure first."
        };
        card(ui, &title, &subtitle, |ui| ui.add(Label::new(theme::weak(nothing)).wrap()));
        return None;
    }
    let numbers = || warnings_table(format!("{title} {subtitle}."), warnings.list.iter().map(|(_, warning)| warning));
    numbers_card(ui, "early warnings", [&title, &subtitle], numbers, |ui| {
        let wide = |width| theme::width_for_text(ui, width);
        let columns = [
            Column::text("Firm"),
            Column::words("Grade", wide(66.0)).tooltip("Then and now"),
            Column::numeric("Exposure", wide(88.0)),
        ];
        let line = ui.text_style_height(&egui::TextStyle::Body) + 12.0;
        ui.set_max_height(line * (MOST_LINES.min(warnings.list.len()) + 1) as f32);
        let clicked = data_table(ui, "early warning", &columns, warnings.list.len(), None, |ui, row, column| {
            cell(ui, &warnings.list[row].1, column);
        });
        clicked.map(|row| warnings.list[row].0)
    })
}

fn cell(ui: &mut Ui, warning: &Warning, column: usize) {
    let pds = || format!("PD {} then, {} now", percent(warning.before.pd), percent(warning.after.pd));
    let text = match column {
        0 => warning.enterprise.clone(),
        1 => format!("{} → {}", warning.before.grade, warning.after.grade),
        _ => warning.after.exposure.map_or_else(|| "–".to_owned(), precise),
    };
    let response = ui.add(Label::new(text).truncate());
    if column < 2 {
        response.on_hover_text(pds());
    }
}
