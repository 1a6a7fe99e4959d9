//! Rows that the first two models call differently, with what both say: where a person should look.

use egui::{Label, Ui};

use super::words::short_name;
use crate::app::comparing::CompareResult;
use crate::app::panels::{count, thousands};
use crate::app::theme::Palette;
use crate::app::theme::model_style;
use crate::app::widgets::{Column, Sort, card_titled, data_table, status_dot, table_card};
use crate::report::disagreements_table;
use crate::training::{Disagreement, ModelKind};

/// The list's own state.
pub(super) struct Listing {
    sort: Sort,
    /// The rows in the order that is shown, as sorted last.
    sorted: Vec<Disagreement>,
    /// The rows as they came, and how they were sorted.
    made_from: (Vec<Disagreement>, Sort),
}

impl Default for Listing {
    fn default() -> Self {
        // The largest exposure first; without exposures the widest disagreement.
        let sort = Sort { column: EXPOSURE, descending: true };
        Self { sort, sorted: Vec::new(), made_from: (Vec::new(), sort) }
    }
}

impl Listing {
    /// Sorts the rows, where they or the sort are new: of many rows that takes longer than a frame should.
    fn follow(&mut self, rows: &[Disagreement], result: &CompareResult) {
        if self.sort.column == EXPOSURE && result.data.exposure.is_none() {
            self.sort.column = APART;
        }
        if self.made_from.1 != self.sort || self.made_from.0 != rows {
            self.made_from = (rows.to_vec(), self.sort);
            self.sorted = order(rows, self.sort, result).into_iter().map(|place| rows[place]).collect();
        }
    }
}

const ROW: usize = 0;
const WHO: usize = 1;
const OUTCOME: usize = 2;
const RIGHT: usize = 3;
const APART: usize = 6;
const EXPOSURE: usize = 7;
/// Height of the list, in points.
const HEIGHT: f32 = 260.0;

/// Draws the card.
pub(super) fn ui(ui: &mut Ui, listing: &mut Listing, result: &CompareResult) {
    let [first, second, ..] = &result.comparison.models[..] else { return };
    let pair = [first.kind, second.kind];
    let Some(analysis) = &result.analysis else { return };
    let rows = &analysis.disagreements;
    let tested: usize = first.folds.iter().filter(|f| f.fit.repeat == 0).map(|f| f.fit.test_rows.len()).sum();
    let [a, b] = pair.map(short_name);
    if rows.is_empty() {
        card_titled(ui, &format!("{a} and {b} call every row alike"), "rows held out in the first repeat", |_| {});
        return;
    }
    let right = rows.iter().filter(|row| row.first_calls_bad == row.bad).count();
    let title = format!(
        "{a} and {b} disagree on {} of {}: {a} is right on {}, {b} on {}",
        thousands(rows.len()),
        count(tested, "row"),
        thousands(right),
        thousands(rows.len() - right)
    );
    listing.follow(rows, result);
    let Listing { sort, sorted, .. } = listing;
    let subtitle = "rows held out in the first repeat; each model's probability of default";
    let numbers = || {
        let currency = &result.spec.settings.money.currency;
        disagreements_table(&result.comparison, &result.data, rows, currency, None).unwrap_or_default()
    };
    table_card(ui, "disagreements", [&title, subtitle], numbers, |ui| {
        let pd_heads = [format!("{a} PD"), format!("{b} PD")];
        let mut columns = vec![
            Column::numeric("Row", 74.0).tooltip("Data row of the file, from 1"),
            Column::text("Firm"),
            Column::words("Outcome", 92.0),
            Column::words("Right", 96.0).tooltip("Which of the two called it as it was"),
            Column::numeric(&pd_heads[0], 92.0),
            Column::numeric(&pd_heads[1], 92.0),
            Column::numeric("Apart", 84.0).tooltip("How far the two probabilities are apart"),
        ];
        if result.data.exposure.is_some() {
            columns.push(Column::numeric("Exposure", 120.0));
        }
        ui.push_id("disagreements", |ui| {
            ui.set_max_height(HEIGHT);
            data_table(ui, "disagreements", &columns, sorted.len(), Some(sort), |ui, row, column| {
                cell(ui, &sorted[row], column, pair, result);
            });
        });
    });
}

fn cell(ui: &mut Ui, row: &Disagreement, column: usize, pair: [ModelKind; 2], result: &CompareResult) {
    let data = &result.data;
    let text = match column {
        ROW => thousands(data.source_rows[row.row] as usize),
        WHO => data.enterprise_name(row.row).unwrap_or("–").to_owned(),
        OUTCOME => if row.bad { "bad" } else { "good" }.to_owned(),
        RIGHT => {
            let right = right(row, pair);
            status_dot(ui, model_style(Palette::of(ui), right.key()).color, short_name(right));
            return;
        }
        4 | 5 => format!("{:.1} %", row.pd[column - 4] * 100.0),
        APART => format!("{:.1} %", apart(row) * 100.0),
        _ => data.exposure.as_ref().map_or_else(String::new, |e| crate::app::widgets::precise(e[row.row])),
    };
    ui.add(Label::new(text).truncate());
}

/// The model that called the row as it was.
fn right(row: &Disagreement, [first, second]: [ModelKind; 2]) -> ModelKind {
    if row.first_calls_bad == row.bad { first } else { second }
}

fn apart(row: &Disagreement) -> f64 {
    (row.pd[0] - row.pd[1]).abs()
}

/// Places in `rows` in the order to show.
fn order(rows: &[Disagreement], sort: Sort, result: &CompareResult) -> Vec<usize> {
    let exposure = |row: &Disagreement| result.data.exposure.as_ref().map(|e| e[row.row]).filter(|e| !e.is_nan());
    let who = |row: &Disagreement| result.data.enterprise_name(row.row);
    let compare = |a: &Disagreement, b: &Disagreement| match sort.column {
        ROW => a.row.cmp(&b.row),
        WHO => who(a).cmp(&who(b)),
        OUTCOME => a.bad.cmp(&b.bad),
        RIGHT => (a.first_calls_bad == a.bad).cmp(&(b.first_calls_bad == b.bad)),
        4 | 5 => a.pd[sort.column - 4].total_cmp(&b.pd[sort.column - 4]),
        EXPOSURE if result.data.exposure.is_some() => match (exposure(a), exposure(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            // What is not known comes last.
            (a, b) => a.is_some().cmp(&b.is_some()),
        },
        _ => apart(a).total_cmp(&apart(b)),
    };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| {
        let by_column = compare(&rows[a], &rows[b]);
        if sort.descending { by_column.reverse() } else { by_column }
    });
    order
}
