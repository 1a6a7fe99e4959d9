//! The Hidden units tab: hidden probabilities as a picture of rows × units, and what the machines make of the row that is
//! looked at.

mod back;
mod picture;
#[cfg(test)]
mod tests;
mod work;

use std::sync::Arc;

use egui::{Label, ScrollArea, TextStyle, Ui};

use self::picture::Picture;
use self::work::{Activations, BackKey, BackShown, PictureKey};
use super::Scene;
use super::looking::{Guide, guide_ui, layer_choice, layer_name};
use crate::app::actions::Intent;
use crate::app::latest::Latest;
use crate::app::panels::thousands;
use crate::app::theme::{self, CARD_GAP};
use crate::app::widgets::{Mark, card_titled, empty_state, marks_legend, picture_card, segmented};
use crate::app::workspace::Workspace;
use crate::inspection::hidden::RowOrder;
use crate::inspection::weights::UnitOrder;

const GUIDE: Guide = Guide {
    step: 1,
    look_for: "A grey field without pattern when training begins, and later spots: every unit on for some rows and off for \
               others, every row with a pattern of its own.",
    fault: "Upright stripes: units that are the same for every row, dead or stuck. Level stripes: rows that switch all \
            units on or off, look at their values. All black and white within a few updates: the rate is too large. All \
            grey for long: it is too small.",
};

/// The tab.
#[derive(Default)]
pub(super) struct HiddenPanel {
    layer: usize,
    rows: RowOrder,
    units: UnitOrder,
    picture: Picture,
    latest: Latest<PictureKey, Option<Activations>>,
    back: Latest<BackKey, BackShown>,
}

impl HiddenPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, _workspace: &Workspace, intents: &mut Vec<Intent>) {
        let n = scene.state.n_hidden_layers();
        if n == 0 {
            return empty_state(ui, "No hidden units yet", "They are here as soon as the first layer is trained");
        }
        ScrollArea::vertical().id_salt("hidden units").auto_shrink(false).show(ui, |ui| {
            self.choices_ui(ui, scene, n);
            guide_ui(ui, &GUIDE);
            ui.add_space(CARD_GAP);
            self.picture_ui(ui, scene, intents);
            ui.add_space(CARD_GAP);
            let key = BackKey { state: scene.key(), layer: self.shown_layer(scene), row: scene.row, seed: scene.seed };
            let (state, fold) = (Arc::clone(scene.state), Arc::clone(scene.fold));
            let shown = self.back.get(ui.ctx(), key, "reconstruction", move |_| BackShown::of(&state, &fold, key));
            back::ui(ui, scene, shown);
        });
    }

    /// The layer chosen, or the last there is at a moment with fewer.
    fn shown_layer(&self, scene: &Scene<'_>) -> usize {
        self.layer.min(scene.state.n_hidden_layers().saturating_sub(1))
    }

    fn choices_ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, n: usize) {
        ui.horizontal_wrapped(|ui| {
            layer_choice(ui, scene.state, n, &mut self.layer);
            ui.label("Rows");
            segmented(
                ui,
                "Rows",
                &mut self.rows,
                &[(RowOrder::ByClass, "by class"), (RowOrder::AsTheyAre, "as they are")],
            );
            ui.label("Units by");
            let units = [
                (UnitOrder::AsTheyAre, "as they are"),
                (UnitOrder::Usage, "usage"),
                (UnitOrder::Association, "association with bad"),
            ];
            segmented(ui, "Units by", &mut self.units, &units);
        });
        ui.add_space(CARD_GAP / 2.0);
    }

    fn picture_ui(&mut self, ui: &mut Ui, scene: &Scene<'_>, intents: &mut Vec<Intent>) {
        let key = PictureKey {
            state: scene.key(),
            layer: self.shown_layer(scene),
            rows: self.rows,
            units: self.units,
            seed: scene.seed,
        };
        let (state, fold, data) = (Arc::clone(scene.state), Arc::clone(scene.fold), Arc::clone(scene.data));
        let shown =
            self.latest.get(ui.ctx(), key, "hidden picture", move |_| Activations::of(&state, &fold, &data, key));
        let shown = shown.and_then(Option::as_ref).filter(|shown| shown.key.layer == key.layer);
        let line = ui.text_style_height(&TextStyle::Body);
        let Some(shown) = shown.filter(|shown| shown.is_of(scene.data)) else {
            card_titled(ui, "The picture is being worked out", "", |ui| ui.add_space(12.0 * line));
            return;
        };
        let title = format!("{}: {}", layer_name(scene.state, key.layer), shown.faults.in_words());
        let subtitle = "one row a training row, one column a unit; the colour of text is on, the ground is off";
        picture_card(
            ui,
            "hidden units",
            [&title, subtitle],
            || picture::table(scene, shown, &title),
            |ui| {
                ui.horizontal_wrapped(|ui| {
                    marks_legend(
                        ui,
                        &Mark::ALL.into_iter().filter(|mark| shown.bad.contains(&mark.0)).collect::<Vec<_>>(),
                    );
                    let words = format!("{} of {} training rows", thousands(shown.rows.len()), thousands(shown.n_rows));
                    ui.label(theme::weak(words));
                });
                let height = (ui.available_height() * 0.6).clamp(12.0 * line, 30.0 * line);
                if let Some(row) = self.picture.ui(ui, scene, shown, height) {
                    intents.push(Intent::LookAtRow(row));
                }
                let words = "Above the picture: a cross for a dead unit, a hollow square for one stuck off, a filled one for one \
                         stuck on. Click a row to look at it, or go from row to row by the arrow keys while the picture has the focus.";
                ui.add(Label::new(theme::weak(words)).wrap());
            },
        );
    }
}
