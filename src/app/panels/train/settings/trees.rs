//! The settings of the gradient-boosted trees.

use egui::Ui;

use super::fields::{choice, class_weight, more, rate};
use crate::app::widgets::Field;
use crate::app::workspace::Workspace;
use crate::model::trees::TreesSettings;

/// Shows the fields.
pub(super) fn ui(ui: &mut Ui, trees: &mut TreesSettings, workspace: &Workspace) {
    Field::new("Trees", &mut trees.trees, 1..=10_000)
        .log()
        .tooltip("Trees at most")
        .error(workspace.problem("gbt.trees"))
        .show(ui);
    Field::new("Learning rate", &mut trees.rate, 0.001..=1.0)
        .log()
        .format(&rate)
        .tooltip("By which each tree's answer is shrunk: a smaller one needs more trees")
        .error(workspace.problem("gbt.rate"))
        .show(ui);
    Field::new("Depth", &mut trees.depth, 1..=12)
        .tooltip("Splits from the root of a tree to a leaf at most")
        .error(workspace.problem("gbt.depth"))
        .show(ui);
    choice(ui, "Early stopping", &mut trees.early_stopping, &[(false, "Off"), (true, "On")]);
    ui.push_id("gbt", |ui| class_weight(ui, &mut trees.class_weight));
    more(ui, "Shares and leaves", |ui| {
        Field::new("Rows of a tree", &mut trees.row_share, 0.05..=1.0)
            .tooltip("Share of the rows that each tree is grown on")
            .error(workspace.problem("gbt.row_share"))
            .show(ui);
        Field::new("Inputs of a tree", &mut trees.column_share, 0.05..=1.0)
            .tooltip("Share of the inputs that each tree may split on")
            .error(workspace.problem("gbt.column_share"))
            .show(ui);
        Field::new("Least leaf", &mut trees.min_leaf_weight, 0.001..=1e3)
            .log()
            .format(&rate)
            .tooltip("Least sum of p(1 − p) over the rows of a leaf")
            .error(workspace.problem("gbt.min_leaf_weight"))
            .show(ui);
        Field::new("λ", &mut trees.l2, 0.0..=1e3)
            .log()
            .format(&rate)
            .tooltip("Ridge on the answers of leaves")
            .error(workspace.problem("gbt.l2"))
            .show(ui);
    });
}
