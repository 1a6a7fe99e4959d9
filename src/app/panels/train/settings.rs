//! The settings of the two models. Rates, momentum, weight cost and k reach a running training at once; the rest waits
//! for the next start.

use egui::Ui;

use super::layers;
use crate::app::actions::Intent;
use crate::app::theme;
use crate::app::widgets::{Field, segmented};
use crate::app::workspace::Workspace;
use crate::model::ClassWeight;
use crate::model::dbn::{DbnSettings, EarlyStopping};
use crate::model::network::Optimizer;
use crate::model::svm::{KernelKind, SvmSettings};
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
    pre_training(ui, &mut settings.dbn, workspace);
    ui.add_space(4.0);
    fine_tuning(ui, &mut settings.dbn, workspace);
    ui.add_space(4.0);
    svm(ui, &mut settings.svm, workspace);
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

fn pre_training(ui: &mut Ui, dbn: &mut DbnSettings, workspace: &Workspace) {
    ui.label(theme::section("Pre-training"));
    Field::new("Rate, RBM 1", &mut dbn.pre_training.gaussian_rate, 1e-5..=1.0)
        .log()
        .format(&rate)
        .tooltip("Learning rate r of the lowest RBM, whose visible units are Gaussian: Δ = m·Δ + r·(g − d·W)")
        .error(workspace.problem("dbn.pre_training.gaussian_rate"))
        .show(ui);
    if dbn.layers.len() > 1 {
        Field::new("Rate, RBM 2 and up", &mut dbn.pre_training.bernoulli_rate, 1e-5..=1.0)
            .log()
            .format(&rate)
            .tooltip("Learning rate of the RBMs above it, whose visible units are Bernoulli")
            .error(workspace.problem("dbn.pre_training.bernoulli_rate"))
            .show(ui);
    }
    Field::new("Momentum", &mut dbn.pre_training.momentum, 0.0..=0.99)
        .format(&|v| format!("{v:.2}"))
        .tooltip("m, from epoch 5 on; 0.5 or this before")
        .error(workspace.problem("dbn.pre_training.momentum"))
        .show(ui);
    Field::new("Weight cost", &mut dbn.pre_training.weight_cost, 0.0..=1.0)
        .log()
        .format(&rate)
        .tooltip("d: pulls weights towards 0, not biases")
        .error(workspace.problem("dbn.pre_training.weight_cost"))
        .show(ui);
    Field::new("Gibbs steps k", &mut dbn.pre_training.gibbs_steps, 1..=100)
        .log()
        .tooltip("Steps of the chain from the data in CD-k")
        .error(workspace.problem("dbn.pre_training.gibbs_steps"))
        .show(ui);
    automatic(
        ui,
        "Epochs per layer",
        &mut dbn.pre_training.epochs,
        1000,
        "Automatic: about 1,000 updates, at least 10 epochs",
    );
    automatic(
        ui,
        "Batch",
        &mut dbn.pre_training.batch_size,
        1024,
        "Rows per update. Automatic: a fortieth of the rows, 16 to 128",
    );
}

fn fine_tuning(ui: &mut Ui, dbn: &mut DbnSettings, workspace: &Workspace) {
    ui.label(theme::section("Fine-tuning"));
    Field::new("Rate", &mut dbn.fine_tuning.rate, 1e-5..=1.0)
        .log()
        .format(&rate)
        .tooltip("Learning rate of back-propagation through all layers")
        .error(workspace.problem("dbn.fine_tuning.rate"))
        .show(ui);
    automatic(ui, "Epochs", &mut dbn.fine_tuning.epochs, 2000, "Automatic: about 2,500 updates, at least 20 epochs");
    choice(ui, "Optimiser", &mut dbn.fine_tuning.optimizer, &[(Optimizer::Adam, "Adam"), (Optimizer::Sgd, "SGD")]);
    class_weight(ui, &mut dbn.fine_tuning.class_weight);
    choice(
        ui,
        "Keep best by",
        &mut dbn.fine_tuning.early_stopping,
        &[(EarlyStopping::Loss, "Loss"), (EarlyStopping::Auc, "AUC"), (EarlyStopping::Off, "Off")],
    );
    ui.add_space(4.0);
}

fn svm(ui: &mut Ui, svm: &mut SvmSettings, workspace: &Workspace) {
    ui.label(theme::section("SVM"));
    choice(ui, "Kernel", &mut svm.kernel, &[(KernelKind::Rbf, "RBF"), (KernelKind::Linear, "Linear")]);
    Field::new("C", &mut svm.c, 1e-3..=1e4)
        .log()
        .format(&rate)
        .tooltip("Price of a row on the wrong side of the margin")
        .error(workspace.problem("svm.c"))
        .show(ui);
    if svm.kernel == KernelKind::Rbf {
        let mut gamma = svm.gamma.unwrap_or(0.0);
        let text = |v: f64| if v == 0.0 { "1 / inputs".to_owned() } else { rate(v) };
        Field::new("γ", &mut gamma, 0.0..=10.0)
            .log()
            .format(&text)
            .tooltip("Width of the RBF kernel exp(−γ|x − x′|²); at the left end 1 / number of inputs")
            .error(workspace.problem("svm.gamma"))
            .show(ui);
        svm.gamma = (gamma > 0.0).then_some(gamma);
    }
    ui.push_id("svm", |ui| class_weight(ui, &mut svm.class_weight));
}

fn class_weight(ui: &mut Ui, weight: &mut ClassWeight) {
    choice(ui, "Class weights", weight, &[(ClassWeight::None, "None"), (ClassWeight::Balanced, "Balanced")]);
}

/// A name and a switch on one line.
fn choice<V: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut V, options: &[(V, &str)]) {
    ui.horizontal(|ui| {
        ui.label(name);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| segmented(ui, name, value, options));
    });
    ui.add_space(2.0);
}

/// A count whose left end leaves it to the program.
fn automatic(ui: &mut Ui, name: &str, value: &mut Option<usize>, most: usize, tooltip: &str) {
    let mut number = value.unwrap_or(0);
    let text = |v: f64| if v < 1.0 { "automatic".to_owned() } else { format!("{v:.0}") };
    Field::new(name, &mut number, 0..=most).log().format(&text).tooltip(tooltip).show(ui);
    *value = (number > 0).then_some(number);
}

/// A rate as a person writes it: 0.003, 2e-4.
fn rate(v: f64) -> String {
    if v == 0.0 {
        "0".to_owned()
    } else if v.abs() < 1e-3 || v.abs() >= 1e4 {
        let text = format!("{v:.1e}");
        text.replace(".0e", "e")
    } else {
        let digits = (1 - v.abs().log10().floor() as i32).clamp(0, 6) as usize;
        let text = format!("{v:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_are_written_as_a_person_would() {
        assert_eq!(
            [0.0, 0.003, 0.1, 1.0, 2e-4, 1e-5, 10.0, 0.0123, 123.0].map(rate),
            ["0", "0.003", "0.1", "1", "2e-4", "1e-5", "10", "0.012", "123"]
        );
    }
}
