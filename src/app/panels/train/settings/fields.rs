//! The kinds of fields that the settings are made of.

use egui::{CollapsingHeader, Ui};

use crate::app::theme;
use crate::app::widgets::{Field, segmented};
use crate::model::ClassWeight;

/// Fields that few people need, folded away.
pub(super) fn more(ui: &mut Ui, name: &str, add_fields: impl FnOnce(&mut Ui)) {
    CollapsingHeader::new(theme::weak(name)).id_salt(name).show_unindented(ui, add_fields);
    ui.add_space(2.0);
}

pub(super) fn class_weight(ui: &mut Ui, weight: &mut ClassWeight) {
    choice(ui, "Class weights", weight, &[(ClassWeight::None, "None"), (ClassWeight::Balanced, "Balanced")]);
}

/// A name and a switch on one line, or below each other where there are many options.
pub(super) fn choice<V: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut V, options: &[(V, &str)]) {
    if options.len() > 3 {
        ui.label(name);
        segmented(ui, name, value, options);
        ui.add_space(2.0);
        return;
    }
    ui.horizontal(|ui| {
        ui.label(name);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| segmented(ui, name, value, options));
    });
    ui.add_space(2.0);
}

/// A count whose left end leaves it to the program.
pub(super) fn automatic(ui: &mut Ui, name: &str, value: &mut Option<usize>, most: usize, tooltip: &str) {
    let mut number = value.unwrap_or(0);
    let text = |v: f64| if v < 1.0 { "automatic".to_owned() } else { format!("{v:.0}") };
    Field::new(name, &mut number, 0..=most).log().format(&text).tooltip(tooltip).show(ui);
    *value = (number > 0).then_some(number);
}

/// A rate as a person writes it: 0.003, 2e-4.
pub(super) fn rate(v: f64) -> String {
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

/// A figure whose left end is "none".
pub(super) fn optional(ui: &mut Ui, name: &str, value: &mut Option<f64>, most: f64, tooltip: &str) {
    let mut number = value.unwrap_or(0.0);
    let text = |v: f64| if v == 0.0 { "none".to_owned() } else { rate(v) };
    Field::new(name, &mut number, 0.0..=most).log().format(&text).tooltip(tooltip).show(ui);
    *value = (number > 0.0).then_some(number);
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
