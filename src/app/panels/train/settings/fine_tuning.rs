//! Settings of back-propagation through the whole stack.

use egui::Ui;

use super::fields::{automatic, choice, class_weight, more, rate};
use crate::app::theme;
use crate::app::widgets::Field;
use crate::app::workspace::Workspace;
use crate::model::dbn::{DbnSettings, EarlyStopping, FineTuningSettings, SkipInput};
use crate::model::network::{Optimizer, RateSchedule};

/// Shows the fields.
pub(super) fn ui(ui: &mut Ui, dbn: &mut DbnSettings, workspace: &Workspace) {
    ui.label(theme::section("Fine-tuning"));
    let fine = &mut dbn.fine_tuning;
    Field::new("Rate", &mut fine.rate, 1e-5..=1.0)
        .log()
        .format(&rate)
        .tooltip("Learning rate of back-propagation through all layers")
        .error(workspace.problem("dbn.fine_tuning.rate"))
        .show(ui);
    let tooltip =
        "Automatic: 2,500 updates, 5,000 on large tables, 1,600 where no row is set apart; at least 20 epochs";
    automatic(ui, "Epochs", &mut fine.epochs, 2000, tooltip);
    let tooltip = "Rows per update. Automatic: a fortieth of the rows, 16 to 256";
    ui.push_id("fine-tuning", |ui| automatic(ui, "Batch", &mut fine.batch_size, 1024, tooltip));
    Field::new("Dropout", &mut fine.dropout, 0.0..=0.9)
        .format(&|v| format!("{v:.2}"))
        .tooltip("Probability that a hidden unit is left out of an update")
        .error(workspace.problem("dbn.fine_tuning.dropout"))
        .show(ui);
    Field::new("Nets", &mut dbn.nets, 1..=20)
        .tooltip(
            "Each learns without a part of the rows of its own, on which it keeps its best epoch; they are averaged",
        )
        .error(workspace.problem("dbn.nets"))
        .show(ui);
    choice(ui, "Optimiser", &mut fine.optimizer, &[(Optimizer::Adam, "Adam"), (Optimizer::Sgd, "SGD")]);
    class_weight(ui, &mut fine.class_weight);
    let watched = [(EarlyStopping::Loss, "Loss"), (EarlyStopping::Auc, "AUC"), (EarlyStopping::Off, "Off")];
    choice(ui, "Keep best by", &mut fine.early_stopping, &watched);
    more(ui, "Schedule, decay and skip input", |ui| rarely(ui, fine, workspace));
}

/// What is seldom changed.
fn rarely(ui: &mut Ui, fine: &mut FineTuningSettings, workspace: &Workspace) {
    let skips = [(SkipInput::None, "None"), (SkipInput::Linear, "Linear"), (SkipInput::PiecewiseLinear, "Bins")];
    choice(ui, "Skip input", &mut fine.skip, &skips);
    let schedules =
        [(RateSchedule::Constant, "Constant"), (RateSchedule::Cosine, "Cosine"), (RateSchedule::Exponential, "Exp")];
    choice(ui, "Schedule", &mut fine.schedule, &schedules);
    let mut figure = |name: &str, value: &mut f64, range: std::ops::RangeInclusive<f64>, tooltip: &str, key: &str| {
        Field::new(name, value, range).log().format(&rate).tooltip(tooltip).error(workspace.problem(key)).show(ui);
    };
    let tooltip = "Share of the updates over which the rate rises at first";
    figure("Warm-up", &mut fine.warm_up, 0.0..=0.5, tooltip, "dbn.fine_tuning.warm_up");
    let tooltip = "Pulls hidden and output weights towards 0, not biases";
    figure("Weight decay", &mut fine.weight_decay, 0.0..=10.0, tooltip, "dbn.fine_tuning.weight_decay");
    let tooltip = "Pulls the skip input's weights towards 0";
    figure("Skip decay", &mut fine.skip_decay, 0.0..=10.0, tooltip, "dbn.fine_tuning.skip_decay");
    let tooltip = "Rate of the skip input's weights as a share of the others'";
    figure("Skip rate", &mut fine.skip_rate, 0.01..=10.0, tooltip, "dbn.fine_tuning.skip_rate");
    let tooltip = "Share of each label that is spread over both classes";
    figure("Label smoothing", &mut fine.label_smoothing, 0.0..=0.5, tooltip, "dbn.fine_tuning.label_smoothing");
    if fine.optimizer == Optimizer::Sgd {
        let tooltip = "Momentum of SGD";
        figure("Momentum, SGD", &mut fine.momentum, 0.0..=0.99, tooltip, "dbn.fine_tuning.momentum");
    }
    let mut patience = fine.patience.unwrap_or(0);
    let text = |v: f64| if v < 1.0 { "none".to_owned() } else { format!("{v:.0}") };
    Field::new("Patience", &mut patience, 0..=1000)
        .log()
        .format(&text)
        .tooltip("Epochs without anything better after which it stops; none goes on to the end")
        .error(workspace.problem("dbn.fine_tuning.patience"))
        .show(ui);
    fine.patience = (patience > 0).then_some(patience);
}
