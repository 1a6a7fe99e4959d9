//! The Data screen: how the file was read, what each column holds and is used for, which outcome is bad, and the rows.

mod column_card;
mod columns;
mod files;
mod findings;
mod gaps;
mod outcome;
mod pieces;
mod preparation;
mod preview;
mod readings;
mod relations;
mod splits;
mod strip;
#[cfg(test)]
mod tests;
mod tokens;

use egui::{Align, Frame, Layout, Margin, Panel, ScrollArea, Sense, Shape, Stroke, Ui, UiBuilder, vec2};

use self::columns::ColumnList;
use self::findings::Findings;
use self::preview::Preview;
use self::readings::Readings;
use self::tokens::Tokens;
use crate::app::actions::{Command, Intent};
use crate::app::role_moves::Suggestion;
use crate::app::theme::{CARD_GAP, Palette};
use crate::app::widgets::{ActionButton, card, empty_state};
use crate::app::workspace::{OpenTable, Workspace};
use crate::data::{Head, ReadOptions};
use crate::storage::Control;

/// Height that both cards together always have, in points.
const LEAST_ROOM: f32 = 580.0;

/// What is shown of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    /// Columns and rows.
    #[default]
    Table,
    /// Correlations.
    Relations,
    /// Missing cells.
    Gaps,
    /// How indicators become inputs.
    Preparation,
    /// What is learned from and tested on.
    Splits,
}

/// What the screen remembers between frames; a new one for every table, kept when the same table is read again.
#[derive(Default)]
pub(in crate::app) struct DataPanel {
    columns: ColumnList,
    preview: Preview,
    readings: Readings,
    tokens: Tokens,
    findings: Findings,
    view: View,
    /// The bad value that the present label suggests, with its reason.
    suggestion: Option<Suggestion>,
    /// The column marked in the list and in the rows.
    selected: Option<usize>,
    /// The indicator whose preparation was last asked for.
    pictured: Option<usize>,
}

impl DataPanel {
    /// Forgets what was of the table before; of the same table read again it keeps what is looked at.
    pub(in crate::app) fn take_table(&mut self, same: bool) {
        if same {
            (self.suggestion, self.selected, self.pictured) = (None, None, None);
            self.readings.forget_asked();
        } else {
            *self = Self::default();
        }
    }

    /// Keeps the first rows under a reading that is being looked at.
    pub(in crate::app) fn take_head(&mut self, options: ReadOptions, head: Result<Box<Head>, String>) {
        self.readings.take(options, head);
    }

    /// The indicator whose preparation is to be pictured; it is asked for now.
    pub(in crate::app) fn ask_pictured(&mut self, table: &OpenTable) -> Option<usize> {
        self.pictured = preparation::pictured(table, self.selected);
        self.pictured
    }

    /// Fills the room of `ui`, ground and margins included.
    pub(in crate::app) fn ui(&mut self, ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let Some(table) = &workspace.table else {
            nothing_open_ui(ui, intents);
            return;
        };
        // The table may have been read again with fewer columns.
        self.selected = self.selected.filter(|&column| column < table.source.profiles.len());
        let Self { columns, preview, readings, tokens, findings, view, suggestion, selected, pictured: _ } = self;
        let palette = Palette::of(ui);
        let side = (ui.available_width() * 0.26).clamp(270.0, 380.0).round();
        let frame = Frame::new().fill(palette.panel).inner_margin(Margin { left: 14, right: 4, top: 14, bottom: 4 });
        if workspace.stage.shows(Control::SidePanels) {
            Panel::right("data outcome").exact_size(side).resizable(false).frame(frame).show(ui, |ui| {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    ui.set_max_width(ui.available_width() - 10.0); // beside the scroll bar
                    column_card::column_ui(ui, table, selected, intents);
                    outcome::side_ui(ui, workspace, table, Suggestion::fresh(suggestion, table), intents);
                    findings.ui(ui, workspace, table, selected, intents);
                    outcome::noticed_ui(ui, &table.source);
                    ui.add_space(10.0);
                });
            });
        }
        Frame::new().fill(palette.background).inner_margin(14).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = CARD_GAP;
            strip::strip_ui(ui, table, view, readings, tokens, preview, intents);
            let room = ui.available_height();
            match view {
                View::Table => {
                    // In a low window the two cards keep a useful height and scroll as a whole.
                    ScrollArea::vertical().id_salt("cards").auto_shrink(false).show(ui, |ui| {
                        let room = room.max(LEAST_ROOM);
                        let list = ColumnList::height(ui, table).min((room * 0.5).round());
                        part(ui, list, |ui| columns.ui(ui, table, selected, intents));
                        part(ui, room - list - CARD_GAP, |ui| preview.ui(ui, table, selected));
                    });
                }
                View::Relations => part(ui, room, |ui| relations::relations_ui(ui, workspace, table, selected)),
                View::Gaps => gaps::gaps_ui(ui, workspace, table, selected),
                View::Preparation => preparation::preparation_ui(ui, workspace, selected, intents),
                View::Splits => splits::splits_ui(ui, workspace, intents),
            }
        });
        if self.view == View::Preparation && preparation::pictured(table, self.selected) != self.pictured {
            intents.push(Intent::LookAtPreparation);
        }
    }
}

/// A card of this height.
fn part(ui: &mut Ui, height: f32, add_contents: impl FnOnce(&mut Ui)) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect));
    ui.set_clip_rect(ui.clip_rect().intersect(rect.expand(1.0)));
    card(&mut ui, |ui| {
        // The card's lower margin and hairline.
        ui.set_max_height((rect.bottom() - ui.min_rect().top() - 11.0).max(0.0));
        ui.set_min_height(ui.max_rect().height());
        ui.spacing_mut().item_spacing.y = 6.0;
        add_contents(ui);
    });
}

/// What to do while no table is open.
fn nothing_open_ui(ui: &mut Ui, intents: &mut Vec<Intent>) {
    let palette = Palette::of(ui);
    Frame::new().fill(palette.background).inner_margin(24).show(ui, |ui| {
        let room = ui.available_rect_before_wrap();
        let border = Stroke::new(1.5, palette.line);
        let corners = [room.left_top(), room.right_top(), room.right_bottom(), room.left_bottom(), room.left_top()];
        ui.painter().extend(Shape::dashed_line(&corners, border, 7.0, 6.0));
        // Words and buttons together stand in the middle.
        let mut middle = ui.new_child(UiBuilder::new().max_rect(room.with_max_y(room.bottom() - 120.0)));
        empty_state(
            &mut middle,
            "Drop a table here, or open one",
            "CSV or other delimited text, ARFF, Excel or OpenDocument; one row per enterprise and period",
        );
        middle.with_layout(Layout::top_down(Align::Center), |ui| {
            ui.add_space(10.0);
            for command in [Command::OpenDialog, Command::OpenSample, Command::OpenPath] {
                let mut button = ActionButton::new(command.label()).tooltip(command.tooltip());
                if command == Command::OpenDialog {
                    button = button.primary();
                }
                if let Some(key) = command.shortcut() {
                    button = button.shortcut(key);
                }
                ui.allocate_ui(vec2(180.0, 0.0), |ui| {
                    if button.show_wide(ui).clicked() {
                        intents.push(Intent::Do(command));
                    }
                });
            }
        });
        ui.advance_cursor_after_rect(room);
    });
}

/// How much of `whole` a part is, in words: `3.2 %`, `under 0.1 %`.
fn percent(part: usize, whole: usize) -> String {
    let share = part as f64 / whole.max(1) as f64 * 100.0;
    match share {
        s if part > 0 && s < 0.1 => "under 0.1 %".to_owned(),
        s if part < whole && s > 99.9 => "over 99.9 %".to_owned(),
        s if s == 0.0 || s == 100.0 => format!("{s:.0} %"),
        s => format!("{s:.1} %"),
    }
}
