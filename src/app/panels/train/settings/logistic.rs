//! The logistic regression's settings.

use egui::Ui;

use super::fields::{class_weight, rate};
use crate::app::widgets::Field;
use crate::app::workspace::Workspace;
use crate::model::logistic::LogisticSettings;

/// Shows the fields.
pub(super) fn ui(ui: &mut Ui, logistic: &mut LogisticSettings, workspace: &Workspace) {
    Field::new("C", &mut logistic.c, 1e-3..=1e4)
        .log()
        .format(&rate)
        .tooltip("Price of the rows' loss against ½|β|²: smaller shrinks the coefficients more")
        .error(workspace.problem("logistic.c"))
        .show(ui);
    ui.push_id("logistic", |ui| class_weight(ui, &mut logistic.class_weight));
}
