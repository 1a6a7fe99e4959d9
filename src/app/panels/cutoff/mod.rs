//! The Cut-off screen: one threshold, dragged or found by a rule, and what it does to firms and money. On the left how it is
//! found, in the middle scores and costs, on the right the counts.

mod axis;
mod chart;
mod choices;
mod numbers;
mod standing;

#[cfg(test)]
mod tests;

use egui::{CentralPanel, Frame, Label, Margin, Panel, ScrollArea, Ui};

use crate::app::actions::{Command, Intent};
use crate::app::comparing::CompareResult;
use crate::app::panels::compare::words::short_name;
use crate::app::standing::Beside;
use crate::app::theme::{self, CARD_GAP, Palette};
use crate::app::widgets::{ActionButton, Icon, card, empty_state, segmented};
use crate::app::workspace::Workspace;
use crate::storage::Control;
use crate::training::{Cutoff, ModelKind, ModelResult, RunSettings};

pub(in crate::app::panels) use self::axis::{Axis, percent};
pub(in crate::app::panels) use self::standing::{drift_cell, light_ui};
pub(in crate::app) use choices::Wanted;

/// The screen's own state.
#[derive(Default)]
pub(in crate::app) struct CutoffPanel {
    /// The model looked at; `None`: the best by AUC.
    model: Option<ModelKind>,
    /// Where the line is while it is dragged: the settings follow when it is let go.
    dragged: Option<f64>,
    /// What is held beside the training rows.
    beside: Beside,
    /// The numbers of the rules as they stand in their fields; `None`: as the table suggests.
    wanted: Option<Wanted>,
}

/// Widths of the panels on both sides, in points.
const LEFT: f32 = 268.0;
const RIGHT: f32 = 306.0;
/// The pictures need this much beside the panels; where it is not there, the counts stand below them.
const LEAST_PICTURES: f32 = 420.0;

impl CutoffPanel {
    /// Draws the screen.
    pub(in crate::app) fn ui(&mut self, ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let found = workspace.compare.result.as_ref().and_then(|result| Some((result, self.model(result)?)));
        let Some((result, model)) = found else {
            return empty_ui(ui, workspace, intents);
        };
        let palette = Palette::of(ui);
        let [left, right] = [LEFT, RIGHT].map(|width| theme::width_for_text(ui, width));
        let wide = ui.available_width() >= left + LEAST_PICTURES + right;
        let side = Frame::new().fill(palette.panel).inner_margin(Margin { left: 14, right: 4, top: 10, bottom: 4 });
        let cutoff = self.dragged.map_or(workspace.settings.cutoff, Cutoff::Value);
        let sides = workspace.stage.shows(Control::SidePanels);
        if sides {
            Panel::left("cutoff choices").exact_size(left).resizable(false).frame(side).show(ui, |ui| {
                scrolled(ui, |ui| {
                    self.models_ui(ui, result, model.kind);
                    choices::ui(ui, &mut self.wanted, (result, model), workspace, intents);
                });
            });
        }
        if wide && sides {
            Panel::right("cutoff numbers").exact_size(right).resizable(false).frame(side).show(ui, |ui| {
                scrolled(ui, |ui| numbers::ui(ui, model, cutoff, &workspace.settings));
            });
        }
        let ground =
            Frame::new().fill(palette.background).inner_margin(Margin { left: 12, right: 4, top: 12, bottom: 0 });
        CentralPanel::default().frame(ground).show(ui, |ui| {
            scrolled(ui, |ui| {
                ui.spacing_mut().item_spacing.y = CARD_GAP;
                let (moved, let_go) = chart::ui(ui, model, cutoff, &workspace.settings.money);
                // Let go where the line was not drawn, as on another screen: the setting stays as it is.
                self.dragged = moved.or(self.dragged.filter(|_| let_go));
                if let Some(threshold) = self.dragged.take_if(|_| let_go) {
                    let settings = RunSettings { cutoff: Cutoff::Value(threshold), ..workspace.settings.clone() };
                    intents.push(Intent::SetSettings(Box::new(settings)));
                }
                standing::ui(ui, &mut self.beside, (result, model), workspace, intents);
                if !wide {
                    card(ui, |ui| numbers::ui(ui, model, cutoff, &workspace.settings));
                }
            });
        });
    }

    /// A second file has been opened: it is what is wanted.
    pub(in crate::app) fn show_second(&mut self) {
        self.beside = Beside::SecondFile;
    }

    /// The model looked at: the one chosen where it has been fitted, else the best by AUC.
    fn model<'a>(&self, result: &'a CompareResult) -> Option<&'a ModelResult> {
        let auc = |model: &&ModelResult| model.summary(crate::evaluation::Metric::Auc).mean.unwrap_or(-1.0);
        let fitted = || result.comparison.models.iter().filter(|model| !model.folds.is_empty());
        let chosen = self.model.and_then(|kind| fitted().find(|model| model.kind == kind));
        // Of equal ones the first.
        chosen.or_else(|| fitted().rev().max_by(|a, b| auc(a).total_cmp(&auc(b))))
    }

    fn models_ui(&mut self, ui: &mut Ui, result: &CompareResult, shown: ModelKind) {
        ui.label(theme::section("Model"));
        let fitted = result.comparison.models.iter().filter(|model| !model.folds.is_empty());
        let options: Vec<(ModelKind, &str)> =
            fitted.map(|m| m.kind).filter(|&k| k != ModelKind::Majority).map(|k| (k, short_name(k))).collect();
        let mut kind = shown;
        for row in options.chunks(3) {
            if segmented(ui, "Model", &mut kind, row).changed() {
                self.model = Some(kind);
                self.dragged = None;
            }
        }
        ui.add(Label::new(theme::weak("One cut-off holds for every model, table and export.")).wrap());
        ui.add_space(6.0);
    }
}

fn scrolled(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt("cutoff page").auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(Margin { right: 10, bottom: 12, ..Margin::ZERO }).show(ui, add_contents);
    });
}

/// What can be done before there is a comparison.
fn empty_ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    CentralPanel::default().frame(Frame::new().fill(Palette::of(ui).background)).show(ui, |ui| {
        let running = workspace.compare.is_running();
        let (title, hint) = if running {
            ("The first fits are under way", "The cut-off is chosen on their scores: a moment.")
        } else {
            (
                "A cut-off needs scores of firms that a model has not seen",
                "Compare the models first: each is fitted on every fold, and its held-out scores come here.",
            )
        };
        empty_state(ui, title, hint);
        if running {
            return;
        }
        ui.add_space(8.0);
        ui.vertical_centered(|ui| {
            let button = ActionButton::new(Command::Compare.label()).with_icon(Icon::Play).primary();
            if button.tooltip(Command::Compare.tooltip()).enabled(workspace.is_ready()).show(ui).clicked() {
                intents.push(Intent::Do(Command::Compare));
            }
        });
    });
}
