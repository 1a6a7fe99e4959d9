//! What came of the training so far, and how the network is.

use egui::Ui;

use super::{monitors, plots, weights};
use crate::app::actions::{Command, Intent};
use crate::app::panels::{capital, thousands};
use crate::app::theme::{self, Palette, Tone, model_style};
use crate::app::widgets::{ActionButton, card, meter_row, stat, table_title};
use crate::app::workspace::{Trained, Workspace};
use crate::evaluation::percent;
use crate::model::FitFacts;
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::training::ModelKind;

/// Bad held-out rows below which one split says nothing.
const FEW: usize = 100;

/// The right-hand side.
pub(super) fn ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    table_title(ui, "so far", theme::section("So far"), || so_far_table(workspace));
    card(ui, |ui| so_far(ui, workspace));
    ui.add_space(2.0);
    let ready = workspace.data().is_some() && workspace.problems.is_empty();
    let compare = ActionButton::new("Compare on several folds").primary().enabled(ready);
    if compare.tooltip(Command::Compare.tooltip()).show_wide(ui).clicked() {
        intents.push(Intent::Do(Command::Compare));
    }
    ui.add_space(6.0);
    if !workspace.run.trained.is_empty() {
        let title = theme::section("Called bad, of the held-out rows");
        table_title(ui, "called bad", title, || called_bad_table(&workspace.run.trained));
        card(ui, |ui| workspace.run.trained.iter().for_each(|trained| called_bad(ui, trained)));
        ui.add_space(6.0);
    }
    monitors::layers(ui, workspace, intents);
    weights::ui(ui, workspace);
}

fn so_far(ui: &mut Ui, workspace: &Workspace) {
    let palette = Palette::of(ui);
    let run = &workspace.run;
    ui.spacing_mut().item_spacing.y = 8.0;
    for &kind in models(workspace) {
        let color = model_style(palette, kind.key()).color;
        let trained = run.trained.iter().find(|t| t.model == kind);
        let current = run.snapshot.as_ref().is_some_and(|s| s.model == kind) && run.is_active();
        let (figure, share, remark) = match (trained, plots::auc(workspace, kind)) {
            (Some(t), _) if t.diverged() => ("failed".to_owned(), 0.0, "diverged, see the notice above".to_owned()),
            (Some(t), Some(auc)) => (format!("{auc:.3}"), auc, remark(t)),
            (Some(_), None) => ("–".to_owned(), 0.0, "undefined on these rows".to_owned()),
            (None, _) if current => ("…".to_owned(), 0.0, "learning".to_owned()),
            (None, _) => ("–".to_owned(), 0.0, "not trained yet".to_owned()),
        };
        meter_row(ui, color, &title(kind), &figure, share, &remark);
    }
    ui.separator();
    ui.spacing_mut().item_spacing.y = 3.0;
    let Some(p) = &run.prepared else {
        ui.label(theme::weak("AUC on held-out rows will stand here: 0.5 is chance, 1 is perfect."));
        return;
    };
    ui.label(theme::weak(format!(
        "AUC on {} held-out rows, {} of them bad; one split.",
        thousands(p.n_test),
        thousands(p.bad_test)
    )));
    if p.bad_test < FEW {
        ui.label(theme::semibold("Too few bad rows to tell models apart."));
        ui.label(theme::weak("Compare on several folds for a verdict."));
    }
}

/// The models of the run, or those of the next.
fn models(workspace: &Workspace) -> &[ModelKind] {
    workspace.run.spec.as_ref().map_or(&workspace.settings.models, |spec| &spec.settings.models)
}

/// What came of each model on the held-out rows; undefined for those that are not trained.
fn so_far_table(workspace: &Workspace) -> ReportTable {
    let heads = ["AUC", "Recall", "Accuracy"].map(|head| (head, ColumnKind::Numbers));
    let heads = std::iter::once(("Model", ColumnKind::Words)).chain(heads);
    let mut table = ReportTable::new("so_far", "The models trained so far, on the held-out rows of one split.", heads);
    let row = |&kind: &ModelKind| {
        let trained = workspace.run.trained.iter().find(|trained| trained.model == kind && !trained.diverged());
        let metrics = trained.map(|trained| &trained.scored.metrics);
        let figures = [
            Cell::Number(metrics.and_then(|metrics| metrics.auc), 3),
            Cell::Share(metrics.and_then(|metrics| metrics.recall)),
            Cell::Share(metrics.and_then(|metrics| metrics.accuracy)),
        ];
        std::iter::once(Cell::from(title(kind))).chain(figures).collect()
    };
    table.rows = models(workspace).iter().map(row).collect();
    table
}

/// The share of held-out rows that each model calls bad, and the epochs that a DBN's nets were kept at.
fn called_bad_table(trained: &[Trained]) -> ReportTable {
    let heads = [("Model", ColumnKind::Words), ("Called bad", ColumnKind::Numbers), ("Epochs", ColumnKind::Words)];
    let mut table = ReportTable::new("called_bad", "Share of the held-out rows that are called bad.", heads);
    let row = |trained: &Trained| {
        let share = (!trained.diverged()).then_some(trained.called_bad);
        vec![title(trained.model).into(), Cell::Share(share), kept_epochs(trained).unwrap_or_default().into()]
    };
    table.rows = trained.iter().map(row).collect();
    table
}

fn title(kind: ModelKind) -> String {
    match kind {
        ModelKind::Majority => "Majority (the floor)".to_owned(),
        ModelKind::Mlp => "Not pre-trained".to_owned(),
        ModelKind::Logistic | ModelKind::Gbt => capital(kind.title()),
        ModelKind::Dbn | ModelKind::Svm => kind.title().to_owned(),
    }
}

fn remark(trained: &Trained) -> String {
    match trained.scored.metrics.recall {
        Some(recall) => format!("finds {recall:.2} of the bad, accuracy {}", figure(trained.scored.metrics.accuracy)),
        None => "no bad row is held out".to_owned(),
    }
}

fn figure(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |v| format!("{v:.2}"))
}

/// How many rows a model calls bad; the same answer for every row is a fault and said to be one.
fn called_bad(ui: &mut Ui, trained: &Trained) {
    if trained.model == ModelKind::Majority || trained.diverged() {
        return;
    }
    let share = trained.called_bad;
    let verdict = if share == 0.0 {
        Some((Tone::Warn, "no row at all"))
    } else if share == 1.0 {
        Some((Tone::Warn, "every row"))
    } else {
        None
    };
    stat(ui, &title(trained.model), &percent(share), verdict);
    if let Some(epochs) = kept_epochs(trained) {
        stat(ui, "  epochs", &epochs, None);
    }
}

/// The epochs that the nets of a DBN were kept at.
fn kept_epochs(trained: &Trained) -> Option<String> {
    let FitFacts::Dbn { best_epochs, .. } = &trained.facts else { return None };
    Some(best_epochs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}
