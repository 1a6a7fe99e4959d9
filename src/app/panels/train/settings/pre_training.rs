//! Settings of contrastive divergence in the stacked RBMs.

use egui::Ui;

use super::fields::{automatic, choice, more, optional, rate};
use crate::app::theme;
use crate::app::widgets::Field;
use crate::app::workspace::Workspace;
use crate::model::dbn::{DbnSettings, Method, PreTrainingSettings, Top, VisibleUnits};
use crate::model::rbm::Hidden;

/// Shows the fields.
pub(super) fn ui(ui: &mut Ui, dbn: &mut DbnSettings, workspace: &Workspace) {
    let pre = &mut dbn.pre_training;
    ui.label(theme::section("Pre-training"));
    Field::new("Rate, RBM 1", &mut pre.gaussian_rate, 1e-5..=1.0)
        .log()
        .format(&rate)
        .tooltip("Learning rate r of the lowest RBM, whose visible units are Gaussian: Δ = m·Δ + r·(g − d·W)")
        .error(workspace.problem("dbn.pre_training.gaussian_rate"))
        .show(ui);
    if dbn.layers.len() > 1 {
        Field::new("Rate, RBM 2 and up", &mut pre.bernoulli_rate, 1e-5..=1.0)
            .log()
            .format(&rate)
            .tooltip("Learning rate of the RBMs above it, whose visible units are Bernoulli")
            .error(workspace.problem("dbn.pre_training.bernoulli_rate"))
            .show(ui);
    }
    Field::new("Momentum", &mut pre.momentum, 0.0..=0.99)
        .format(&|v| format!("{v:.2}"))
        .tooltip("m, after the first epochs")
        .error(workspace.problem("dbn.pre_training.momentum"))
        .show(ui);
    Field::new("Weight cost", &mut pre.weight_cost, 0.0..=1.0)
        .log()
        .format(&rate)
        .tooltip("d: pulls weights towards 0, not biases")
        .error(workspace.problem("dbn.pre_training.weight_cost"))
        .show(ui);
    Field::new("Gibbs steps k", &mut pre.gibbs_steps, 1..=100)
        .log()
        .tooltip("Steps of the chain in CD-k")
        .error(workspace.problem("dbn.pre_training.gibbs_steps"))
        .show(ui);
    let tooltip = "Automatic: about 1,000 updates, at least 10 epochs";
    automatic(ui, "Epochs per layer", &mut pre.epochs, 1000, tooltip);
    let tooltip = "Rows per update. Automatic: a fortieth of the rows, 16 to 128";
    automatic(ui, "Batch", &mut pre.batch_size, 1024, tooltip);
    more(ui, "Units, chains and limits", |ui| rarely(ui, pre, workspace));
}

/// What is seldom changed.
fn rarely(ui: &mut Ui, pre: &mut PreTrainingSettings, workspace: &Workspace) {
    let visible = [(VisibleUnits::Gaussian, "Gauss"), (VisibleUnits::Mixed, "Mixed"), (VisibleUnits::Bernoulli, "0/1")];
    choice(ui, "Visible", &mut pre.visible, &visible);
    let hidden = [(Hidden::Bernoulli, "Logistic"), (Hidden::Gaussian, "Gauss"), (Hidden::Rectified, "ReLU")];
    choice(ui, "Hidden", &mut pre.hidden, &hidden);
    ui.checkbox(&mut pre.learned_sigma, "Learn σ of Gaussian units").on_hover_text("As log σ², at a tenth of the rate");
    ui.checkbox(&mut pre.sample_visible, "Draw visible units").on_hover_text("In place of taking their mean");
    ui.checkbox(&mut pre.centred, "Centred gradient").on_hover_text("Less drift of biases against weights");
    let mut joint = pre.top == Top::Joint;
    ui.checkbox(&mut joint, "Last RBM joint with the label").on_hover_text("Its label weights start the output layer");
    pre.top = if joint { Top::Joint } else { Top::Plain };
    ui.add_space(4.0);
    choice(ui, "Chains", &mut pre.method, &[(Method::Cd, "CD"), (Method::Pcd, "PCD"), (Method::Tempering, "Temper")]);
    if pre.method == Method::Tempering {
        Field::new("Temperatures", &mut pre.temperatures, 2..=50)
            .tooltip("Chains side by side, from hot to cold")
            .error(workspace.problem("dbn.pre_training.temperatures"))
            .show(ui);
    }
    Field::new("Rate left at the end", &mut pre.final_rate, 0.0..=1.0)
        .format(&|v| format!("{:.0} %", 100.0 * v))
        .tooltip("The rate falls to this share of itself in a straight line")
        .error(workspace.problem("dbn.pre_training.final_rate"))
        .show(ui);
    Field::new("First momentum", &mut pre.first_momentum, 0.0..=0.99)
        .format(&|v| format!("{v:.2}"))
        .tooltip("m over the first epochs")
        .error(workspace.problem("dbn.pre_training.first_momentum"))
        .show(ui);
    Field::new("First epochs", &mut pre.first_epochs, 0..=100)
        .tooltip("Epochs with the first momentum")
        .error(workspace.problem("dbn.pre_training.first_epochs"))
        .show(ui);
    Field::new("Sparsity cost", &mut pre.sparsity_cost, 0.0..=10.0)
        .log()
        .format(&rate)
        .tooltip("Pull of the mean hidden activity to its target; 0 is none")
        .error(workspace.problem("dbn.pre_training.sparsity_cost"))
        .show(ui);
    if pre.sparsity_cost > 0.0 {
        Field::new("Sparsity target", &mut pre.sparsity_target, 0.01..=0.5)
            .log()
            .format(&rate)
            .tooltip("Mean hidden activity to reach")
            .error(workspace.problem("dbn.pre_training.sparsity_target"))
            .show(ui);
    }
    let tooltip = "Largest norm of the update of a unit's weights, as a share of the longest row";
    optional(ui, "Update limit", &mut pre.update_limit, 1.0, tooltip);
}
