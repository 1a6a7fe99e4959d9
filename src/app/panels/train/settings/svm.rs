//! The SVM's settings.

use egui::Ui;

use super::fields::{choice, class_weight, rate};
use crate::app::theme;
use crate::app::widgets::Field;
use crate::app::workspace::Workspace;
use crate::model::svm::{KernelKind, SvmSettings};

/// Shows the fields.
pub(super) fn ui(ui: &mut Ui, svm: &mut SvmSettings, workspace: &Workspace) {
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
