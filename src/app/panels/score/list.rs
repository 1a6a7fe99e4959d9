//! The list of scored firms: sorted, searched and filtered away from the window's thread, with the main reason of each firm
//! in view.

use std::sync::Arc;

use egui::{Frame, Label, Margin, RichText, TextEdit, Ui};

use super::order::{Only, Order, Shown, Wish, name, order};
use super::reasons::MainReasons;
use crate::app::latest::Latest;
use crate::app::panels::cutoff::percent;
use crate::app::panels::{count, thousands};
use crate::app::scoring::{Concern, ScoredTable};
use crate::app::theme::{self, Palette};
use crate::app::widgets::{Column, Sort, data_table, precise};
use crate::scoring::{FirmScore, Flag, Matching};

/// Flags that a tooltip lists at most.
const MOST_LISTED: usize = 12;

/// The list's own state.
pub(super) struct List {
    by: Shown,
    descending: bool,
    search: String,
    only: Only,
    ordered: Latest<Wish, Order>,
    reasons: MainReasons,
}

impl Default for List {
    fn default() -> Self {
        Self {
            by: Shown::Pd,
            descending: true,
            search: String::new(),
            only: Only::default(),
            ordered: Latest::default(),
            reasons: MainReasons::default(),
        }
    }
}

impl List {
    /// Places of the firms in the order shown; `None` until it has been worked out for this table.
    pub(super) fn firms(&mut self, ui: &Ui, scored: &Arc<ScoredTable>) -> Option<&[usize]> {
        let wish = Wish {
            serial: scored.serial,
            by: self.by,
            descending: self.descending,
            search: self.search.clone(),
            only: self.only,
        };
        let (of, key) = (Arc::clone(scored), wish.clone());
        let ordered = self.ordered.get(ui.ctx(), wish, "firms", move |_| order(&of, &key));
        ordered.filter(|order| order.serial == scored.serial).map(|order| order.firms.as_slice())
    }

    /// Draws search, filters and the table. Returns the place of the firm that was clicked.
    pub(super) fn ui(&mut self, ui: &mut Ui, scored: &Arc<ScoredTable>) -> Option<usize> {
        let shown = self.firms(ui, scored).map(<[usize]>::len);
        self.filters_ui(ui, scored, shown);
        let nothing = match (shown, scored.firms.len()) {
            (None, _) => "Being sorted…",
            (Some(0), 0) => "The table has no rows.",
            (Some(0), _) => "No firm passes: take back a filter, or search for less.",
            (Some(_), _) => "",
        };
        if !nothing.is_empty() {
            ui.label(theme::weak(nothing));
            return None;
        }
        let shows = columns(ui, scored);
        let at = |which: Shown| shows.iter().position(|(shown, _)| *shown == which);
        let column = at(self.by).or_else(|| at(Shown::Pd)).unwrap_or(0);
        let before = Sort { column, descending: self.descending };
        let mut sort = before;
        let columns: Vec<Column<'_>> = shows.iter().map(|(_, column)| *column).collect();
        let (mut in_view, mut reasons) = (Vec::new(), std::mem::take(&mut self.reasons));
        let order = self.firms(ui, scored).unwrap_or_default();
        let clicked = data_table(ui, "firms", &columns, order.len(), Some(&mut sort), |ui, row, column| {
            let (place, which) = (order[row], shows[column].0);
            if which == Shown::Reason {
                in_view.push(place);
                ui.add(Label::new(theme::weak(reasons.text(scored, place))).truncate());
            } else {
                cell(ui, scored, place, which);
            }
        });
        let clicked = clicked.map(|row| order[row]);
        reasons.work_out(ui, scored, &in_view);
        self.reasons = reasons;
        if sort != before {
            (self.by, self.descending) = (shows[sort.column].0, sort.descending);
        }
        clicked
    }

    fn filters_ui(&mut self, ui: &mut Ui, scored: &ScoredTable, shown: Option<usize>) {
        ui.horizontal_wrapped(|ui| {
            let label = ui.label(theme::weak("Firm"));
            let width = theme::width_for_text(ui, 170.0);
            let field = TextEdit::singleline(&mut self.search).hint_text("part of its name").desired_width(width);
            ui.add(field).labelled_by(label.id);
            let Only { called_bad, flagged, novel, fallen } = &mut self.only;
            ui.checkbox(called_bad, "Called bad").on_hover_text("Firms whose PD is at or above the cut-off");
            ui.checkbox(flagged, "Flagged").on_hover_text("Firms with anything to look at: see the chips");
            // A filter that is on can be taken off, whatever the table.
            let possible = *novel || scored.model.novelty.is_some();
            ui.add_enabled(possible, egui::Checkbox::new(novel, "Novel"))
                .on_hover_text(Concern::Novel.meaning())
                .on_disabled_hover_text("Only a pre-trained net tells novel firms from others");
            let possible = *fallen || scored.warnings.is_some();
            ui.add_enabled(possible, egui::Checkbox::new(fallen, "Grade fell"))
                .on_hover_text("Firms whose grade fell by two or more since the earlier scoring")
                .on_disabled_hover_text("Compare with an earlier scoring first");
            if let Some(shown) = shown.filter(|&shown| shown < scored.firms.len()) {
                ui.label(theme::weak(format!("{} of {}", thousands(shown), count(scored.firms.len(), "firm"))));
            }
        });
        ui.add_space(2.0);
    }
}

/// The columns that this table has, with their heads.
fn columns(ui: &Ui, scored: &ScoredTable) -> Vec<(Shown, Column<'static>)> {
    let wide = |width| theme::width_for_text(ui, width);
    let (data, model) = (&scored.data, &scored.model);
    let mut columns = Vec::new();
    // Firms without a name go by their rows.
    if data.enterprise.is_none() {
        columns.push((Shown::Row, Column::numeric("Row", wide(70.0)).tooltip("Data row of the file, from 1")));
    } else {
        columns.push((Shown::Firm, Column::text("Firm")));
    }
    if data.period.is_some() {
        columns.push((Shown::Period, Column::words("Period", wide(72.0))));
    }
    let meaning = "Probability of default: of the bad outcome that the model learned";
    columns.push((Shown::Pd, Column::numeric("PD", wide(70.0)).tooltip(meaning)));
    columns.push((Shown::Class, Column::words("Called", wide(62.0)).tooltip("Bad from the cut-off on")));
    if model.grades.is_some() {
        columns.push((Shown::Grade, Column::words("Grade", wide(60.0)).tooltip("A is the best")));
    }
    if scored.overview.exposure.is_some() {
        columns.push((Shown::Exposure, Column::numeric("Exposure", wide(104.0)).tooltip("As in the file")));
    }
    let meaning = "The indicator that moves this PD most, up or down: an attribution of the model, not a cause. Sorted \
                   by PD.";
    columns.push((Shown::Reason, Column::text("Main reason").tooltip(meaning)));
    let meaning = "What there is to look at: point at a chip";
    columns.push((Shown::Flags, Column::words("Flags", wide(172.0)).tooltip(meaning)));
    columns
}

fn cell(ui: &mut Ui, scored: &ScoredTable, place: usize, which: Shown) {
    let firm = &scored.firms[place];
    let palette = Palette::of(ui);
    let text = match which {
        Shown::Row => RichText::new(thousands(firm.row as usize)),
        Shown::Firm => {
            let row = format!("Row {}", thousands(firm.row as usize));
            ui.add(Label::new(name(firm)).truncate()).on_hover_text(row);
            return;
        }
        Shown::Period => RichText::new(firm.period.as_deref().unwrap_or("–")),
        Shown::Pd => RichText::new(percent(firm.pd)),
        Shown::Class if firm.called_bad => RichText::new("bad").color(palette.bad),
        Shown::Class => RichText::new("good"),
        Shown::Grade => {
            ui.label(theme::semibold(firm.grade.map_or_else(|| "–".to_owned(), String::from)));
            if let Some(from) = scored.fallen_from(place) {
                ui.label(theme::weak(format!("from {from}")));
            }
            return;
        }
        Shown::Exposure => RichText::new(firm.exposure.map_or_else(|| "–".to_owned(), precise)),
        Shown::Flags => return chips_ui(ui, firm, &scored.matching),
        Shown::Reason => return,
    };
    ui.add(Label::new(text).truncate());
}

/// A chip for each kind of concern; under the pointer it says what and where.
pub(super) fn chips_ui(ui: &mut Ui, firm: &FirmScore, matching: &Matching) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.x = 4.0;
    for concern in Concern::ALL {
        let n = concern.count(firm);
        if n == 0 {
            continue;
        }
        let color = if concern == Concern::Missing { palette.weak } else { palette.warn };
        let text = if concern == Concern::Novel || n == 1 {
            concern.name().to_owned()
        } else {
            format!("{} {n}", concern.name())
        };
        let chip = Frame::new()
            .stroke((1.0, color.gamma_multiply(0.6)))
            .corner_radius(theme::BUTTON_RADIUS)
            .inner_margin(Margin::symmetric(5, 0));
        let response = chip.show(ui, |ui| ui.label(RichText::new(text).small().color(color))).response;
        response.on_hover_ui(|ui| {
            ui.label(theme::semibold(concern.meaning()));
            for line in told(firm, concern, matching) {
                ui.label(line);
            }
        });
    }
}

/// What a firm's concern is about, a line each.
pub(super) fn told(firm: &FirmScore, concern: Concern, matching: &Matching) -> Vec<String> {
    if concern == Concern::Novel {
        return firm.free_energy.map(|energy| format!("Free energy {energy:.1} nats")).into_iter().collect();
    }
    let flags: Vec<&Flag> = firm.flags.iter().filter(|flag| concern.holds(&flag.kind)).collect();
    let mut lines: Vec<String> = flags.iter().take(MOST_LISTED).map(|flag| flag.text(matching)).collect();
    if flags.len() > MOST_LISTED {
        lines.push(format!("and {} more", flags.len() - MOST_LISTED));
    }
    lines
}
