//! The rows that were brushed: who, when, how it ended, and their indicators in the units of the file.

use std::collections::BTreeSet;

use egui::{Label, ScrollArea, TextStyle, Ui};

use crate::app::panels::thousands;
use crate::app::theme;
use crate::app::widgets::{Column, data_table, precise};
use crate::data::{Dataset, Values};

/// Draws the table. Returns the row of the dataset that was clicked.
pub(super) fn table_ui(ui: &mut Ui, data: &Dataset, brushed: &BTreeSet<usize>, looked_at: usize) -> Option<usize> {
    let rows: Vec<usize> = brushed.iter().copied().filter(|&row| row < data.n_rows()).collect();
    let labelled = rows.iter().filter(|&&row| data.bad[row].is_some()).count();
    let bad = rows.iter().filter(|&&row| data.bad[row] == Some(true)).count();
    let words = format!(
        "{} brushed: {} bad, {} good, {} without a label",
        thousands(rows.len()),
        thousands(bad),
        thousands(labelled - bad),
        thousands(rows.len() - labelled)
    );
    ui.label(theme::semibold(words));
    let letter = ui.text_style_height(&TextStyle::Body) * 0.6;
    let mut columns = vec![Column::numeric("Row", 7.0 * letter)];
    if data.enterprise.is_some() {
        columns.push(Column::words("Enterprise", 12.0 * letter));
    }
    if data.period.is_some() {
        columns.push(Column::words("Period", 9.0 * letter));
    }
    let first = columns.len();
    columns.push(Column::words(&data.label_name, 11.0 * letter));
    for indicator in &data.indicators {
        let column = match indicator.values {
            Values::Numeric(_) => Column::numeric(&indicator.name, 13.0 * letter),
            Values::Category { .. } => Column::words(&indicator.name, 13.0 * letter),
        };
        columns.push(column.tooltip(&indicator.name));
    }
    let clicked = ScrollArea::horizontal().id_salt("brushed rows").auto_shrink(false).show(ui, |ui| {
        data_table(ui, "brushed", &columns, rows.len(), None, |ui, index, column| {
            let row = rows[index];
            let text = match column.checked_sub(first) {
                None => before_label(data, row, columns[column].name),
                Some(0) => data.label_text(row).unwrap_or("–").to_owned(),
                Some(indicator) => cell(&data.indicators[indicator - 1].values, row),
            };
            let text = if row == looked_at { theme::semibold(text) } else { text.into() };
            ui.add(Label::new(text).truncate());
        })
    });
    clicked.inner.map(|index| rows[index])
}

fn before_label(data: &Dataset, row: usize, column: &str) -> String {
    match column {
        "Enterprise" => data.enterprise_name(row).unwrap_or("–").to_owned(),
        "Period" => data.period.as_ref().map_or("–", |periods| &periods[row]).to_owned(),
        _ => thousands(data.source_rows[row] as usize),
    }
}

/// A cell as people read it; a dash where it is missing.
fn cell(values: &Values, row: usize) -> String {
    match values {
        Values::Numeric(numbers) if numbers[row].is_nan() => "–".to_owned(),
        Values::Numeric(numbers) => precise(numbers[row]),
        Values::Category { codes, levels } => codes[row].map_or("–", |code| &levels[code as usize]).to_owned(),
    }
}
