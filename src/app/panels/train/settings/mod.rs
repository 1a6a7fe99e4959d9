//! The settings of the two models. Rates, momentum, weight cost and k reach a running training at once; the rest waits
//! for the next start.

mod fields;
mod fine_tuning;
mod pre_training;
mod svm;

use egui::Ui;

use super::layers;
use crate::app::actions::Intent;
use crate::app::theme;
use crate::app::widgets::segmented;
use crate::app::workspace::Workspace;
use crate::training::{Preset, RunSettings};

/// Shows the fields; a change becomes an intent.
pub(super) fn ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let mut settings = workspace.settings.clone();
    presets(ui, &mut settings);
    ui.label(theme::section("Deep belief network"));
    let n_inputs = workspace.run.prepared.as_ref().map(|p| p.inputs.len());
    let n_inputs = n_inputs.or_else(|| workspace.data().map(|d| d.indicators.len()));
    if let Some(changed) = layers::ui(ui, &settings.dbn.layers, n_inputs, workspace.problem("dbn.layers")) {
        settings.dbn.layers = changed;
    }
    ui.add_space(6.0);
    pre_training::ui(ui, &mut settings.dbn, workspace);
    ui.add_space(4.0);
    fine_tuning::ui(ui, &mut settings.dbn, workspace);
    ui.add_space(4.0);
    svm::ui(ui, &mut settings.svm, workspace);
    ui.add_space(8.0);
    if waits_for_start(&settings, workspace) {
        ui.label(theme::weak("Layers, epochs, batch and the SVM's settings take effect at the next start (Rewind)."));
    }
    if settings != workspace.settings {
        intents.push(Intent::SetSettings(Box::new(settings)));
    }
}

/// Settings that belong together, one click each, and what the chosen ones are for.
fn presets(ui: &mut Ui, settings: &mut RunSettings) {
    ui.label(theme::section("Preset"));
    let mut chosen = Preset::of(settings);
    let before = chosen;
    segmented(ui, "Preset", &mut chosen, &Preset::ALL.map(|preset| (Some(preset), preset.title())));
    if let Some(preset) = chosen.filter(|_| chosen != before) {
        preset.apply(settings);
    }
    ui.label(theme::weak(chosen.map_or("Settings of your own.", Preset::purpose)));
    ui.add_space(6.0);
}

/// Whether something was changed that the run under way does not follow.
fn waits_for_start(settings: &RunSettings, workspace: &Workspace) -> bool {
    let Some(spec) = workspace.run.spec.as_ref().filter(|_| workspace.run.is_active()) else { return false };
    let mut live = settings.clone();
    let running = &spec.settings.dbn;
    live.dbn.pre_training.gaussian_rate = running.pre_training.gaussian_rate;
    live.dbn.pre_training.bernoulli_rate = running.pre_training.bernoulli_rate;
    live.dbn.pre_training.momentum = running.pre_training.momentum;
    live.dbn.pre_training.weight_cost = running.pre_training.weight_cost;
    live.dbn.pre_training.gibbs_steps = running.pre_training.gibbs_steps;
    live.dbn.fine_tuning.rate = running.fine_tuning.rate;
    live != spec.settings
}
