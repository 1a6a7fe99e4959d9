//! How scores become probabilities.

use egui::{Label, Ui};

use super::fields::choice;
use crate::app::theme;
use crate::app::widgets::Field;
use crate::app::workspace::Workspace;
use crate::model::calibration::{CalibrationMethod, CalibrationSettings};

/// Shows the fields.
pub(super) fn ui(ui: &mut Ui, calibration: &mut CalibrationSettings, workspace: &Workspace) {
    ui.label(theme::section("Probabilities"));
    let methods = [
        (CalibrationMethod::Platt, "Platt"),
        (CalibrationMethod::Isotonic, "Isotonic"),
        (CalibrationMethod::Auto, "Auto"),
        (CalibrationMethod::None, "Raw"),
    ];
    choice(ui, "Calibration", &mut calibration.method, &methods);
    let words = match calibration.method {
        CalibrationMethod::Platt => {
            "A logistic curve from the scores of rows that a fit has not seen to their bad rate."
        }
        CalibrationMethod::Isotonic => {
            "The rising curve nearest to the bad rates of rows that a fit has not seen; needs 1,000 of them or so."
        }
        CalibrationMethod::Auto => "Platt's curve below 1,000 rows that a fit has not seen, isotonic from there.",
        CalibrationMethod::None => "What each model says by itself; for an SVM a guess from the rows it was fitted on.",
    };
    ui.add(Label::new(theme::weak(words)).wrap());
    if calibration.method != CalibrationMethod::None {
        Field::new("Parts held out in turn", &mut calibration.parts, 2..=10)
            .tooltip("The model is fitted once more without each part. Nets have rows set apart already.")
            .error(workspace.problem("calibration.parts"))
            .show(ui);
    }
}
