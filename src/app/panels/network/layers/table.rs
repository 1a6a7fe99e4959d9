//! The rows that were brushed: who, when, how it ended, and their indicators in the units of the file. The panel's tables as
//! they leave the window.

use std::collections::BTreeSet;

use egui::{Label, ScrollArea, TextStyle, Ui};

use super::map::name;
use super::work::Shown;
use crate::app::panels::thousands;
use crate::app::theme;
use crate::app::widgets::{Column, data_table, precise, table_title};
use crate::data::{Dataset, Values};
use crate::inspection::separability::Line;
use crate::report::{Cell, ColumnKind, ReportTable};

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
    table_title(ui, "brushed rows", theme::semibold(&words), || brushed_table(data, &rows, &words));
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

/// The rows with what is known of each, and their indicators.
fn brushed_table(data: &Dataset, rows: &[usize], caption: &str) -> ReportTable {
    let mut heads = vec![("Row", ColumnKind::Numbers)];
    heads.extend(data.enterprise.as_ref().map(|_| ("Enterprise", ColumnKind::Words)));
    heads.extend(data.period.as_ref().map(|_| ("Period", ColumnKind::Words)));
    heads.push((&data.label_name, ColumnKind::Words));
    heads.extend(data.indicators.iter().map(|indicator| match indicator.values {
        Values::Numeric(_) => (indicator.name.as_str(), ColumnKind::Numbers),
        Values::Category { .. } => (indicator.name.as_str(), ColumnKind::Words),
    }));
    let mut table = ReportTable::new("brushed_rows", caption, heads);
    let row = |&row: &usize| {
        let mut cells = vec![Cell::from(data.source_rows[row] as usize)];
        cells.extend(data.enterprise.as_ref().map(|_| data.enterprise_name(row).unwrap_or_default().into()));
        cells.extend(data.period.as_ref().map(|periods| periods[row].as_str().into()));
        cells.push(data.label_text(row).unwrap_or_default().into());
        cells.extend(data.indicators.iter().map(|indicator| match &indicator.values {
            Values::Numeric(numbers) => Cell::Number(Some(numbers[row]), 4),
            Values::Category { codes, levels } => codes[row].map_or("", |code| &levels[code as usize]).into(),
        }));
        cells
    };
    table.rows = rows.iter().map(row).collect();
    table
}

/// What a straight line makes of the held-out rows, layer by layer.
pub(super) fn lines_table(shown: &Shown) -> ReportTable {
    let heads = ["AUC", "AUC, low", "AUC, high", "On the right side"].map(|head| (head, ColumnKind::Numbers));
    let heads = std::iter::once(("Rows as they are in", ColumnKind::Words)).chain(heads);
    let mut table = ReportTable::new("straight_line", shown.words.as_str(), heads);
    let row = |(layer, line): (usize, &Option<Line>)| {
        let [low, high] = line.as_ref().and_then(|line| line.interval).map_or([None; 2], |interval| interval.map(Some));
        let figures = [line.as_ref().map(|line| line.auc), low, high].map(|figure| Cell::Number(figure, 3));
        let accuracy = Cell::Share(line.as_ref().map(|line| line.accuracy));
        std::iter::once(Cell::from(name(layer))).chain(figures).chain([accuracy]).collect()
    };
    table.rows = shown.lines.iter().enumerate().map(row).collect();
    table
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
