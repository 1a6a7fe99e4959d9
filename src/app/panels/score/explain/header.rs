//! What is known of the firm in a few lines: what every model says, what is odd about it, and what a person decided.

use egui::{Label, Ui};

use super::answers::Pds;
use super::override_::decisions_of;
use super::strip::{self, ModelPd};
use super::{FirmScene, override_};
use crate::app::panels::compare::words::short_name;
use crate::app::theme::{self, Tone};
use crate::app::widgets::{card, precise, remark};
use crate::app::workspace::Workspace;
use crate::scoring::RiskModel;

/// Flags that are shown; the others are counted.
const MOST_FLAGS: usize = 4;
/// Ends of an axis of probabilities where a model tells none.
const RANGE: [f64; 2] = [0.001, 0.9];

/// Draws the card, with a picture of the PDs or without.
pub(super) fn ui(ui: &mut Ui, scene: &FirmScene<'_>, pds: Pds, workspace: &Workspace, with_pds: bool) {
    card(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::title(scene.name()));
            if let Some(exposure) = scene.score.exposure.filter(|exposure| exposure.is_finite()) {
                ui.label(theme::weak(format!("exposure {}", precise(exposure))));
            }
        });
        if with_pds {
            strip::ui(ui, &standings(scene, pds, pds), range(scene));
        }
        novelty_ui(ui, scene);
        flags_ui(ui, scene);
        if let Some(last) = decisions_of(workspace, scene).last() {
            remark(ui, Tone::Info, override_::in_words(last));
        }
    });
}

/// A line for every model, from the PDs of the firm as it is to those with its values as they are set.
pub(super) fn standings(scene: &FirmScene<'_>, was: Pds, now: Pds) -> Vec<ModelPd> {
    let line = |(i, model): (usize, &std::sync::Arc<RiskModel>)| ModelPd {
        kind: model.kind,
        name: short_name(model.kind),
        was: was[i],
        now: now[i],
        threshold: model.threshold,
        grade: now[i].and_then(|pd| model.grade(pd)),
    };
    scene.models().enumerate().map(line).collect()
}

/// From the least to the largest PD that any of the models gave in training; the same for every firm.
pub(super) fn range(scene: &FirmScene<'_>) -> [f64; 2] {
    let ends = scene.models().flat_map(|model| {
        // They are ascending.
        let ends = [model.pd_reference.first(), model.pd_reference.last()];
        ends.into_iter().flatten().copied().chain([model.threshold])
    });
    let [low, high] = ends.fold(RANGE, |[low, high], pd| [low.min(pd), high.max(pd)]);
    [low.clamp(0.0001, 0.4), high.clamp(0.6, 0.9999)]
}

fn novelty_ui(ui: &mut Ui, scene: &FirmScene<'_>) {
    let Some(energy) = scene.score.free_energy else { return };
    let limit = scene.models().find_map(|model| model.novelty.as_ref()).map(|novelty| novelty.limit);
    let limit = limit.map_or_else(String::new, |limit| format!(", limit {}", precise(limit)));
    let figure = format!("free energy {} nats{limit}", precise(energy));
    if scene.score.novel {
        let text = format!(
            "Unlike the firms that were learned from ({figure}: above that of 99 in 100 of them). The model was never taught \
             about such firms: hold its PD with caution."
        );
        remark(ui, Tone::Warn, text);
    } else {
        remark(
            ui,
            Tone::Ok,
            format!("Like firms that were learned from ({figure}, which 99 in 100 of them are below)."),
        );
    }
}

fn flags_ui(ui: &mut Ui, scene: &FirmScene<'_>) {
    let flags: Vec<String> = scene.score.flags.iter().map(|flag| flag.text(scene.matching)).collect();
    for flag in flags.iter().take(MOST_FLAGS) {
        remark(ui, Tone::Warn, flag);
    }
    if let Some(more) = flags.len().checked_sub(MOST_FLAGS).filter(|more| *more > 0) {
        let label = ui.add(Label::new(theme::weak(format!("and {more} more like these"))));
        label.on_hover_text(flags.join("\n"));
    }
}
