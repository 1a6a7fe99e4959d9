//! The SVM's settings.

use egui::Ui;

use super::fields::{choice, class_weight, more, rate};
use crate::app::widgets::Field;
use crate::app::workspace::Workspace;
use crate::model::svm::{KernelKind, SvmSettings};

/// Shows the fields.
pub(super) fn ui(ui: &mut Ui, svm: &mut SvmSettings, workspace: &Workspace) {
    let kernels = [
        (KernelKind::Rbf, "RBF"),
        (KernelKind::Linear, "Linear"),
        (KernelKind::Polynomial, "Poly"),
        (KernelKind::Sigmoid, "Tanh"),
    ];
    choice(ui, "Kernel", &mut svm.kernel, &kernels);
    let pair = if svm.kernel.has_gamma() { "C and γ" } else { "C" };
    choice(ui, pair, &mut svm.tuning.on, &[(true, "Searched"), (false, "Given")]);
    if svm.tuning.on {
        Field::new("Rows in the search", &mut svm.tuning.rows, 50..=10_000)
            .log()
            .tooltip("Training rows by which C and γ are chosen, at most; time and memory grow with their square")
            .error(workspace.problem("svm.tuning.rows"))
            .show(ui);
    } else {
        given(ui, svm, workspace);
    }
    if svm.kernel == KernelKind::Polynomial {
        Field::new("Degree", &mut svm.degree, 1..=10)
            .tooltip("Of (γ x·x′ + r)^degree")
            .error(workspace.problem("svm.degree"))
            .show(ui);
    }
    if matches!(svm.kernel, KernelKind::Polynomial | KernelKind::Sigmoid) {
        Field::new("r", &mut svm.coef0, -10.0..=10.0)
            .format(&rate)
            .tooltip("Added to γ x·x′")
            .error(workspace.problem("svm.coef0"))
            .show(ui);
    }
    ui.push_id("svm", |ui| class_weight(ui, &mut svm.class_weight));
    more(ui, "Search, tolerance and memory", |ui| {
        Field::new("Folds of the search", &mut svm.tuning.folds, 2..=10)
            .tooltip("Each pair of C and γ is judged by the mean AUC over so many folds of the training rows")
            .error(workspace.problem("svm.tuning.folds"))
            .show(ui);
        Field::new("Tolerance", &mut svm.tolerance, 1e-6..=0.1)
            .log()
            .format(&rate)
            .tooltip("Largest violation of the optimality conditions at which the fit has converged")
            .error(workspace.problem("svm.tolerance"))
            .show(ui);
        let mut cache = svm.cache_mb.unwrap_or(0);
        let text = |v: f64| if v < 1.0 { "automatic".to_owned() } else { format!("{v:.0} MiB") };
        Field::new("Memory", &mut cache, 0..=65_536)
            .log()
            .format(&text)
            .tooltip("For rows of one fit's kernel matrix; at the left end 512 MiB or a share of what is free. Never changes a number.")
            .error(workspace.problem("svm.cache_mb"))
            .show(ui);
        svm.cache_mb = (cache > 0).then_some(cache);
    });
}

/// C and γ as they are given.
fn given(ui: &mut Ui, svm: &mut SvmSettings, workspace: &Workspace) {
    Field::new("C", &mut svm.c, 1e-3..=1e4)
        .log()
        .format(&rate)
        .tooltip("Price of a row on the wrong side of the margin")
        .error(workspace.problem("svm.c"))
        .show(ui);
    if svm.kernel.has_gamma() {
        let mut gamma = svm.gamma.unwrap_or(0.0);
        let text = |v: f64| if v == 0.0 { "1 / inputs".to_owned() } else { rate(v) };
        Field::new("γ", &mut gamma, 0.0..=10.0)
            .log()
            .format(&text)
            .tooltip("Scale of the kernel, as in exp(−γ|x − x′|²); at the left end 1 / number of inputs")
            .error(workspace.problem("svm.gamma"))
            .show(ui);
        svm.gamma = (gamma > 0.0).then_some(gamma);
    }
}
