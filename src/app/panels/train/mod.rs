//! The Train screen: settings on the left, live plots in the middle, what came of it on the right.

mod layers;
mod monitors;
mod opponents;
mod plots;
mod search;
mod settings;
mod side;
mod weights;

pub(super) use self::monitors::update_tone;
pub(super) use self::plots::VALIDATION_DASH;

use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};

use crate::app::actions::Intent;
use crate::app::panels::timeline;
use crate::app::theme::{self, Palette};
use crate::app::workspace::Workspace;
use crate::storage::Control;

const LEFT: f32 = 268.0;
const RIGHT: f32 = 262.0;
/// The plots need this much beside the panels; where it is not there, the results stand below the settings.
const LEAST_PLOTS: f32 = 380.0;

/// Draws the screen. It has no state of its own beside what egui keeps for its scroll areas.
pub(in crate::app) fn ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let palette = Palette::of(ui);
    let [left, right] = [LEFT, RIGHT].map(|width| theme::width_for_text(ui, width));
    let narrow = ui.available_width() < left + LEAST_PLOTS + right;
    let side = Frame::new().fill(palette.panel).inner_margin(Margin { left: 14, right: 4, top: 10, bottom: 4 });
    let sides = workspace.stage.shows(Control::SidePanels);
    if sides {
        Panel::left("train settings").exact_size(left).frame(side).show(ui, |ui| {
            scrolled(ui, |ui| {
                settings::ui(ui, workspace, intents);
                if narrow {
                    ui.add_space(8.0);
                    side::ui(ui, workspace, intents);
                }
            });
        });
    }
    if sides && !narrow {
        Panel::right("train results").exact_size(right).frame(side).show(ui, |ui| {
            scrolled(ui, |ui| side::ui(ui, workspace, intents));
        });
    }
    if workspace.timeline.end().is_some() {
        let bar = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(12, 6));
        Panel::bottom("train timeline").frame(bar).show(ui, |ui| timeline::ui(ui, workspace, intents));
    }
    let ground = Frame::new().fill(palette.background).inner_margin(12);
    CentralPanel::default().frame(ground).show(ui, |ui| plots::ui(ui, workspace, intents));
}

/// The contents of a side panel, with room for the scroll bar.
fn scrolled(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(Margin { right: 10, ..Margin::ZERO }).show(ui, add_contents);
    });
}
