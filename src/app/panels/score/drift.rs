//! Do the scored firms look like those learned from? The PSI of the PD and of each indicator, bin by bin for the one chosen.

use egui::{Align, Label, Layout, Ui};

use super::card;
use crate::app::panels::cutoff::{drift_cell, percent};
use crate::app::panels::{count, thousands};
use crate::app::scoring::ScoredTable;
use crate::app::theme;
use crate::app::widgets::{Column, data_table, precise, table_card, take_table};
use crate::evaluation::{Drift, Holds, Stability};
use crate::report::{Cell, ColumnKind, ReportTable, drift_table};

/// The tab's own state.
#[derive(Default)]
pub(super) struct DriftView {
    /// Line looked at bin by bin: 0 the PD, then the indicators.
    line: usize,
}

/// Height of a line of a table beside its text, in points.
const LINE: f32 = 12.0;
/// Lines of the tables at most, before they scroll.
const MOST_LINES: usize = 14;
/// Lines that the card beside the firms has at most.
const MOST_BESIDE: usize = 5;

/// The PD and each indicator with its drift; `None` where there is nothing to compare.
fn lines(scored: &ScoredTable) -> Vec<(&str, Option<&Drift>)> {
    let drift = &scored.summary.drift;
    let indicators = drift.indicators.iter().map(|(name, drift)| (name.as_str(), drift.as_ref()));
    std::iter::once(("PD", drift.pd.as_ref())).chain(indicators).collect()
}

/// Whether an indicator has shifted, more than by chance.
fn has_shifted(drift: &Drift) -> bool {
    matches!(drift.stability, Stability::SomeShift | Stability::LargeShift) && drift.beyond_chance()
}

/// "PD: large shift; 2 of 64 indicators shifted beyond chance".
fn finding(lines: &[(&str, Option<&Drift>)]) -> String {
    let pd = lines.first().and_then(|(_, drift)| *drift);
    let pd = pd.map_or("not comparable", |drift| drift.stability.word());
    let shifted = lines.iter().skip(1).filter(|(_, drift)| drift.is_some_and(has_shifted)).count();
    format!("PD: {pd}; {shifted} of {} shifted beyond chance", count(lines.len().saturating_sub(1), "indicator"))
}

/// Rows of the scored table that a drift is worked out from.
fn rows(drift: &Drift) -> usize {
    drift.bins.iter().map(|bin| bin.other).sum()
}

/// The card beside the firms: what has shifted most. Returns whether all of it is wanted.
pub(super) fn card_ui(ui: &mut Ui, scored: &ScoredTable) -> bool {
    let lines = lines(scored);
    card(ui, &finding(&lines), "PSI against the rows learned from, the PD: held out", |ui| {
        let psi = |drift: Option<&Drift>| drift.map_or(-1.0, |drift| drift.psi);
        let mut largest: Vec<usize> = (1..lines.len()).collect();
        largest.sort_by(|&a, &b| psi(lines[b].1).total_cmp(&psi(lines[a].1)));
        largest.truncate(MOST_BESIDE);
        let shown: Vec<usize> = std::iter::once(0).chain(largest).collect();
        let wide = |width| theme::width_for_text(ui, width);
        let columns = [Column::text("What"), Column::numeric("PSI", wide(52.0)), Column::words("Finding", wide(112.0))];
        data_table(ui, "drift beside", &columns, shown.len(), None, |ui, row, column| {
            let (name, drift) = lines[shown[row]];
            drift_cell(ui, name, drift, shown[row] == 0, if column == 2 { 3 } else { column });
        });
        let below = ui.horizontal(|ui| {
            let all = ui.link("All of it").on_hover_text("Every indicator, bin by bin").clicked();
            let right = Layout::right_to_left(Align::Center);
            ui.with_layout(right, |ui| take_table(ui, "drift", || table(&lines, &finding(&lines))));
            all
        });
        below.inner
    })
}

impl DriftView {
    /// Draws the tab.
    pub(super) fn ui(&mut self, ui: &mut Ui, scored: &ScoredTable) {
        let lines = lines(scored);
        self.line = self.line.min(lines.len() - 1);
        let learned = scored.model.columns.first().map_or(0, |column| column.rows);
        let subtitle = format!(
            "{} of {}: indicators against the {} that the model learned from, the PD against the {} held out; choose a line to \
             see its bins",
            count(scored.firms.len(), "firm"),
            scored.name,
            count(learned, "row"),
            thousands(scored.model.record.held_out)
        );
        let height = |ui: &Ui, n: usize| {
            let line = ui.text_style_height(&egui::TextStyle::Body) + LINE;
            line * (n.min(MOST_LINES) + 1) as f32
        };
        let title = finding(&lines);
        table_card(
            ui,
            "drift",
            [&title, &subtitle],
            || table(&lines, &title),
            |ui| {
                let wide = |width| theme::width_for_text(ui, width);
                let columns = [
                    Column::text("What"),
                    Column::numeric("N", wide(84.0)).tooltip("Firms scored, those without a value among them"),
                    Column::numeric("PSI", wide(84.0))
                        .tooltip("Σ (share − reference share) · ln(share / reference share) over the bins"),
                    Column::numeric("Chance, 95 %", wide(110.0)).tooltip(
                        "What two samples of one population stay below in 95 of 100 cases: χ²₀.₉₅(B − 1)·(1/N + 1/M)",
                    ),
                    Column::words("Finding", wide(180.0)),
                ];
                let room = egui::vec2(ui.available_width(), height(ui, lines.len()));
                let clicked = ui.allocate_ui(room, |ui| {
                    data_table(ui, "drift", &columns, lines.len(), None, |ui, row, column| {
                        let (name, drift) = lines[row];
                        match column {
                            0 => drift_cell(ui, name, drift, row == 0, 0),
                            1 => drop(ui.label(drift.map_or_else(|| "–".to_owned(), |drift| thousands(rows(drift))))),
                            _ => drift_cell(ui, name, drift, row == 0, column - 1),
                        }
                    })
                });
                self.line = clicked.inner.unwrap_or(self.line);
            },
        );
        let bands =
            "Below 0.1 stable, 0.1 to 0.25 some shift, above 0.25 large; with few firms chance alone reaches them.";
        ui.add(Label::new(theme::weak(bands)).wrap());
        let (name, drift) = lines[self.line];
        match drift {
            Some(drift) => {
                let reference = if self.line == 0 { "Held out" } else { "Learned from" };
                bins_ui(ui, name, drift, reference, height(ui, drift.bins.len()));
            }
            None => card(ui, name, "Nothing to compare: no values here, or none in training.", |_| ()),
        }
    }
}

/// The bins of a line, beside those of the rows that are its `reference`.
fn bins_ui(ui: &mut Ui, name: &str, drift: &Drift, reference: &str, height: f32) {
    let learned: usize = drift.bins.iter().map(|bin| bin.reference).sum();
    let scored = rows(drift);
    let title = format!("{name}: {}, PSI {:.3}", drift.stability.word(), drift.psi);
    let subtitle = "shares of the rows in each bin; numbers in the deciles of the rows that they are held against";
    let numbers = || bins_table(name, &title, drift, reference);
    table_card(ui, "drift by bins", [&title, subtitle], numbers, |ui| {
        let wide = |width| theme::width_for_text(ui, width);
        let columns = [
            Column::text("Values"),
            Column::numeric(reference, wide(120.0)),
            Column::numeric("Scored", wide(120.0)),
            Column::numeric("Part of the PSI", wide(120.0)),
        ];
        let room = egui::vec2(ui.available_width(), height);
        ui.allocate_ui(room, |ui| {
            data_table(ui, "bins", &columns, drift.bins.len(), None, |ui, row, column| {
                let bin = &drift.bins[row];
                let share = |rows: usize, of: usize| percent(rows as f64 / of.max(1) as f64);
                let text = match column {
                    0 => holds_text(&bin.holds),
                    1 => share(bin.reference, learned),
                    2 => share(bin.other, scored),
                    _ => format!("{:.3}", bin.psi),
                };
                ui.add(Label::new(text).truncate());
            })
        });
    });
}

fn table(lines: &[(&str, Option<&Drift>)], caption: &str) -> ReportTable {
    drift_table("drift", caption, "What", lines.iter().copied())
}

/// The bins of one of them.
fn bins_table(name: &str, caption: &str, drift: &Drift, reference: &str) -> ReportTable {
    let heads = [
        (name, ColumnKind::Words),
        (reference, ColumnKind::Numbers),
        ("Scored", ColumnKind::Numbers),
        ("Part of the PSI", ColumnKind::Numbers),
    ];
    let mut table = ReportTable::new("drift_by_bins", caption, heads);
    let rows = drift.bins.iter().map(|bin| {
        let counts = [bin.reference, bin.other].map(|n| Cell::Count(Some(n)));
        let part = Cell::Number(Some(bin.psi), 4);
        std::iter::once(Cell::from(holds_text(&bin.holds))).chain(counts).chain([part]).collect()
    });
    table.rows = rows.collect();
    table
}

/// Which values a bin holds.
fn holds_text(holds: &Holds) -> String {
    match holds {
        Holds::Numbers { above: None, up_to: None } => "all numbers".to_owned(),
        Holds::Numbers { above: None, up_to: Some(to) } => format!("up to {}", precise(*to)),
        Holds::Numbers { above: Some(from), up_to: None } => format!("above {}", precise(*from)),
        Holds::Numbers { above: Some(from), up_to: Some(to) } => {
            format!("above {} up to {}", precise(*from), precise(*to))
        }
        Holds::Level(text) => text.clone(),
        Holds::Missing => "missing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_say_which_values_they_hold() {
        let numbers = |above, up_to| holds_text(&Holds::Numbers { above, up_to });
        assert_eq!(numbers(None, Some(1.5)), "up to 1.500");
        assert_eq!(numbers(Some(1.5), Some(2.0)), "above 1.500 up to 2");
        assert_eq!(numbers(Some(2.0), None), "above 2");
        assert_eq!(numbers(None, None), "all numbers");
        assert_eq!(holds_text(&Holds::Level("retail".to_owned())), "retail");
        assert_eq!(holds_text(&Holds::Missing), "missing");
    }
}
