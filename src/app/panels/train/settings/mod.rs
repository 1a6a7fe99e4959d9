//! The settings of the models. Rates, momentum, weight cost and k reach a running training at once; the rest waits
//! for the next start.

mod calibration;
mod fields;
mod fine_tuning;
mod logistic;
mod pre_training;
mod svm;
mod trees;

use egui::collapsing_header::CollapsingState;
use egui::{Align, Checkbox, Frame, Label, Layout, Margin, Sense, Ui, vec2};

use super::layers;
use crate::app::actions::Intent;
use crate::app::panels::capital;
use crate::app::theme::{self, Palette, model_style};
use crate::app::widgets::segmented;
use crate::app::workspace::Workspace;
use crate::training::{ModelKind, Preset, RunSettings};

/// Shows the fields; a change becomes an intent.
pub(super) fn ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let mut settings = workspace.settings.clone();
    presets(ui, &mut settings);
    let n_inputs = workspace.run.prepared.as_ref().map(|p| p.inputs.len());
    let n_inputs = n_inputs.or_else(|| workspace.data().map(|d| d.indicators.len()));
    for kind in ModelKind::ALL {
        model(ui, kind, &mut settings, |ui, settings| match kind {
            ModelKind::Dbn => {
                let problem = workspace.problem("dbn.layers");
                if let Some(changed) = layers::ui(ui, &settings.dbn.layers, n_inputs, problem) {
                    settings.dbn.layers = changed;
                }
                ui.add_space(6.0);
                pre_training::ui(ui, &mut settings.dbn, workspace);
                ui.add_space(4.0);
                fine_tuning::ui(ui, &mut settings.dbn, workspace);
            }
            ModelKind::Svm => svm::ui(ui, &mut settings.svm, workspace),
            ModelKind::Logistic => logistic::ui(ui, &mut settings.logistic, workspace),
            ModelKind::Gbt => trees::ui(ui, &mut settings.gbt, workspace),
            ModelKind::Mlp | ModelKind::Majority => {}
        });
    }
    calibration::ui(ui, &mut settings.calibration, workspace);
    ui.add_space(8.0);
    if waits_for_start(&settings, workspace) {
        ui.label(theme::weak("All but rates, momentum, weight cost and k takes effect at the next start (Rewind)."));
    }
    if settings != workspace.settings {
        intents.push(Intent::SetSettings(Box::new(settings)));
    }
}

/// Whether a model takes part, what it is, and its settings, where it has any of its own.
fn model(ui: &mut Ui, kind: ModelKind, settings: &mut RunSettings, fields: impl FnOnce(&mut Ui, &mut RunSettings)) {
    let mut included = settings.models.contains(&kind);
    let head = |ui: &mut Ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.horizontal(|ui| {
                ui.add(Checkbox::new(&mut included, theme::semibold(capital(kind.title()))));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let (rect, _) = ui.allocate_exact_size(vec2(9.0, 9.0), Sense::hover());
                    let color = model_style(Palette::of(ui), kind.key()).color;
                    ui.painter().circle_filled(rect.center(), 4.5, color);
                });
            });
            ui.add(Label::new(theme::weak(kind.purpose())).wrap());
        });
    };
    ui.add_space(2.0);
    if matches!(kind, ModelKind::Mlp | ModelKind::Majority) {
        // In line with the others, which have an arrow.
        let left = ui.spacing().indent;
        Frame::new().inner_margin(Margin { left: left as i8, ..Margin::ZERO }).show(ui, head);
    } else {
        let id = ui.make_persistent_id(("model", kind.key()));
        let open = matches!(kind, ModelKind::Dbn | ModelKind::Svm);
        let state = CollapsingState::load_with_default_open(ui.ctx(), id, open);
        state.show_header(ui, head).body_unindented(|ui| {
            ui.add_space(2.0);
            fields(ui, settings);
        });
    }
    ui.separator();
    settings.include(kind, included);
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
