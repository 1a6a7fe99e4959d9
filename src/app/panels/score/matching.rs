//! The dialog that matches the columns of a file to the indicators of a model, where names do not.

use egui::{Align, ComboBox, Grid, Id, Label, Layout, Modal, ScrollArea, Ui, vec2};

use crate::app::actions::Intent;
use crate::app::panels::count;
use crate::app::scoring::{ScoreAsk, Unmatched};
use crate::app::theme::{self, Tone};
use crate::app::widgets::{ActionButton, remark, table_title};
use crate::report::{ColumnKind, ReportTable};
use crate::scoring::{HandMatching, How, Matched, Matching};

/// Width of the dialog, and height of its list at most, in points.
const WIDTH: f32 = 560.0;
const LIST_HEIGHT: f32 = 340.0;

/// The dialog's own state.
#[derive(Default)]
pub(super) struct MatchingDialog {
    /// What is matched so far, and the number of the request that it is of.
    draft: Option<(u64, Matching)>,
    /// Indicators may be missing.
    agreed: bool,
}

impl MatchingDialog {
    /// Draws the dialog while there is something to match.
    pub(super) fn ui(&mut self, ui: &Ui, unmatched: Option<&Unmatched>, intents: &mut Vec<Intent>) {
        let Some(unmatched) = unmatched else {
            self.draft = None;
            return;
        };
        let draft = self.draft.take().filter(|(number, _)| *number == unmatched.number);
        let mut matching = draft.map_or_else(|| unmatched.matching.clone(), |(_, matching)| matching);
        let frame = egui::Frame::window(ui.style());
        let mut done = false;
        let modal = Modal::new(Id::unique("match columns")).frame(frame).show(ui.ctx(), |ui| {
            let room = ui.ctx().content_rect().size();
            ui.set_width(theme::width_for_text(ui, WIDTH).min(room.x - 60.0));
            let title = theme::heading(format!("Match the columns of {}", unmatched.subject.name()));
            table_title(ui, "matching", title, || table(&matching, &unmatched.subject.name()));
            let hint = "On the left what the model learned from, on the right the column of the file that holds it. What has no \
                        column counts as missing for every firm.";
            ui.add(Label::new(theme::weak(hint)).wrap());
            ui.add_space(4.0);
            let height = (room.y - 300.0).clamp(80.0, LIST_HEIGHT);
            ScrollArea::vertical().max_height(height).show(ui, |ui| {
                choices_ui(ui, &mut matching, &unmatched.matching);
            });
            ui.add_space(6.0);
            let lacking = matching.lacking().count();
            let all = matching.indicators().len();
            if let Some(text) = matching.told_lacking() {
                remark(ui, if lacking == all { Tone::Bad } else { Tone::Warn }, text);
                if lacking < all {
                    ui.checkbox(&mut self.agreed, format!("Score with {} missing", count(lacking, "indicator")));
                }
            }
            if let Some(name) = twice(&matching) {
                remark(ui, Tone::Warn, format!("\"{name}\" is chosen for more than one indicator."));
            }
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let ready = lacking == 0 || (self.agreed && lacking < all);
                if ActionButton::new("Score").primary().enabled(ready).show(ui).clicked() {
                    intents.push(Intent::Score(ScoreAsk::Match(HandMatching::of(&matching))));
                    done = true;
                }
                if ActionButton::new("Cancel").tooltip("The scores shown stay").show(ui).clicked() {
                    ui.close();
                }
            });
        });
        if done || modal.should_close() {
            self.agreed = false;
            if !done {
                intents.push(Intent::Score(ScoreAsk::DropMatching));
            }
        } else {
            self.draft = Some((unmatched.number, matching));
        }
    }
}

/// A choice of a column for each indicator, and for what there is to know of a firm. `found` is what was found by itself.
fn choices_ui(ui: &mut Ui, matching: &mut Matching, found: &Matching) {
    let names = matching.names().to_vec();
    let tested = format!("for the back-test; {} is bad", matching.bad_value());
    Grid::new("columns").num_columns(3).spacing([14.0, 6.0]).show(ui, |ui| {
        // What needs a choice first; as it was found, so that nothing moves away under the pointer.
        let mut order: Vec<usize> = (0..found.indicators().len()).collect();
        order.sort_by_key(|&i| match found.indicators()[i].how {
            How::NotFound => 0,
            How::Alike => 1,
            How::ByHand => 2,
            How::Exactly => 3,
        });
        for i in order {
            let Matched { indicator, column, how, .. } = &matching.indicators()[i];
            let (before, state) = (*column, how_text(*how));
            let mut column = before;
            column_ui(ui, indicator, &mut column, &names, "(none: missing)");
            ui.label(theme::weak(state));
            ui.end_row();
            if column != before {
                matching.set(i, column);
            }
        }
        for (what, column, purpose) in [
            ("Firm's name", &mut matching.enterprise, "for the list"),
            ("Period", &mut matching.period, "for the list"),
            ("Exposure", &mut matching.exposure, "for the list"),
            ("Outcome", &mut matching.label, tested.as_str()),
        ] {
            column_ui(ui, what, column, &names, "(none)");
            ui.add(Label::new(theme::weak(purpose)).truncate());
            ui.end_row();
        }
    });
}

fn column_ui(ui: &mut Ui, what: &str, column: &mut Option<usize>, names: &[String], none: &str) {
    // In a grid a label that may be cut is given no room by itself.
    let room = vec2(theme::width_for_text(ui, 175.0), ui.spacing().interact_size.y);
    let place = Layout::left_to_right(Align::Center);
    let label = ui.allocate_ui_with_layout(room, place, |ui| {
        ui.set_min_width(room.x);
        ui.add(Label::new(what).truncate())
    });
    let label = label.inner;
    let name = |column: Option<usize>| column.and_then(|column| names.get(column)).map_or(none, String::as_str);
    let combo = ComboBox::from_id_salt(("column of", what)).selected_text(name(*column)).truncate();
    let combo = combo.width(theme::width_for_text(ui, 210.0)).show_ui(ui, |ui| {
        ui.selectable_value(column, None, name(None));
        for other in 0..names.len() {
            ui.selectable_value(column, Some(other), name(Some(other)));
        }
    });
    combo.response.labelled_by(label.id);
}

/// Which column holds what, as chosen so far.
fn table(matching: &Matching, of: &str) -> ReportTable {
    let heads = [("Learned from", ColumnKind::Words), ("Column", ColumnKind::Words), ("How", ColumnKind::Words)];
    let mut table = ReportTable::new("matching", format!("The columns of {of}."), heads);
    let name =
        |column: Option<usize>| column.and_then(|column| matching.names().get(column)).cloned().unwrap_or_default();
    let indicator = |of: &Matched| vec![of.indicator.as_str().into(), name(of.column).into(), how_text(of.how).into()];
    let others = [
        ("Firm's name", matching.enterprise),
        ("Period", matching.period),
        ("Exposure", matching.exposure),
        ("Outcome", matching.label),
    ];
    let other = |(what, column): (&str, Option<usize>)| vec![what.into(), name(column).into(), "".into()];
    table.rows = matching.indicators().iter().map(indicator).chain(others.into_iter().map(other)).collect();
    table
}

fn how_text(how: How) -> &'static str {
    match how {
        How::Exactly => "same name",
        How::Alike => "guessed: a name alike",
        How::ByHand => "chosen",
        How::NotFound => "missing",
    }
}

/// A column that is chosen more than once.
fn twice(matching: &Matching) -> Option<&str> {
    let chosen: Vec<usize> = matching.indicators().iter().filter_map(|matched| matched.column).collect();
    let again = chosen.iter().enumerate().find(|(i, column)| chosen[..*i].contains(column));
    again.and_then(|(_, column)| matching.names().get(*column)).map(String::as_str)
}
