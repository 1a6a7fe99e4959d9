//! One lever of the what-if page: the value of an indicator, dragged, typed, chosen or left out.

use std::ops::RangeInclusive;

use egui::{Align, Checkbox, ComboBox, Label, Layout, TextStyle, Ui};

use crate::app::theme;
use crate::app::widgets::{ActionButton, Field, TrackMark, precise};
use crate::explanation::Value;
use crate::scoring::{ColumnReference, ColumnValues};

/// What a lever moves over.
#[derive(Clone, Debug, PartialEq)]
enum Reach {
    /// The 1st and the 99th percentile of the training rows.
    Number(RangeInclusive<f64>),
    /// Every level of the training rows, and that of the firm.
    Levels(Vec<String>),
}

/// An indicator that can be changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lever {
    /// Its place among the indicators of the model.
    pub(super) column: usize,
    pub(super) name: String,
    /// The firm's own value.
    pub(super) was: Value,
    /// The value as it is set.
    pub(super) now: Value,
    reach: Reach,
}

impl Lever {
    pub(super) fn new(column: usize, reference: &ColumnReference, was: Value) -> Self {
        let reach = match &reference.values {
            ColumnValues::Number { quantiles, .. } => Reach::Number(ends(quantiles, &was)),
            ColumnValues::Category { levels } => {
                let mut levels: Vec<String> = levels.iter().map(|(level, _)| level.clone()).collect();
                if let Value::Level(own) = &was
                    && !levels.contains(own)
                {
                    levels.push(own.clone());
                }
                Reach::Levels(levels)
            }
        };
        Self { column, name: reference.name.clone(), now: was.clone(), was, reach }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.now != self.was
    }

    pub(super) fn reset(&mut self) {
        self.now = self.was.clone();
    }

    /// The ends of its track; `None` for a category.
    pub(super) fn range(&self) -> Option<&RangeInclusive<f64>> {
        match &self.reach {
            Reach::Number(range) => Some(range),
            Reach::Levels(_) => None,
        }
    }

    /// Draws it as wide as the room there is. `turns`: values at which the firm's class changes while all others stay.
    pub(super) fn ui(&mut self, ui: &mut Ui, turns: &[f64]) {
        ui.spacing_mut().item_spacing.y = 2.0;
        match &self.reach {
            Reach::Number(range) => number_ui(ui, &self.name, &mut self.now, &self.was, range, turns),
            Reach::Levels(levels) => levels_ui(ui, &self.name, &mut self.now, levels),
        }
        self.foot_ui(ui);
    }

    /// What it was, the way back, and whether it is left out.
    fn foot_ui(&mut self, ui: &mut Ui) {
        let height = ui.text_style_height(&TextStyle::Small) + 4.0;
        ui.scope(|ui| {
            ui.spacing_mut().interact_size.y = height;
            ui.spacing_mut().button_padding.y = 1.0;
            ui.horizontal(|ui| {
                if let Reach::Number(range) = &self.reach {
                    let mut is_missing = self.now == Value::Missing;
                    let tick = ui.add(Checkbox::new(&mut is_missing, theme::weak("missing")));
                    let (enabled, spoken) = (tick.enabled(), format!("{} missing", self.name));
                    let is = is_missing;
                    tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, enabled, is, &spoken));
                    if tick.changed() {
                        self.now = if is_missing { Value::Missing } else { present(&self.was, range) };
                    }
                }
                if self.is_changed() {
                    let spoken = format!("Reset {}", self.name);
                    let back = ui.add(egui::Button::new(theme::weak("reset")));
                    let enabled = back.enabled();
                    back.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, &spoken));
                    if back.on_hover_text("Back to the firm's own value").clicked() {
                        self.reset();
                    } else {
                        ui.add(Label::new(theme::weak(format!("was {}", self.was))).truncate());
                    }
                }
            });
        });
    }
}

/// A value to begin at where a cell is not missing any more: the firm's own, or the middle of the training rows.
fn present(was: &Value, range: &RangeInclusive<f64>) -> Value {
    match was {
        Value::Number(x) => Value::Number(*x),
        Value::Level(_) | Value::Missing => Value::Number(f64::midpoint(*range.start(), *range.end())),
    }
}

/// The 1st and the 99th of 101 quantiles; where there are none, a neighbourhood of the firm's own value.
fn ends(quantiles: &[f64], was: &Value) -> RangeInclusive<f64> {
    let last = quantiles.len().saturating_sub(1);
    let one = (last as f64 / 100.0).round() as usize;
    match (quantiles.get(one), quantiles.get(last - one.min(last))) {
        (Some(&low), Some(&high)) if low <= high => low..=high,
        _ => match was {
            Value::Number(x) => x - x.abs().max(1.0)..=x + x.abs().max(1.0),
            Value::Level(_) | Value::Missing => 0.0..=1.0,
        },
    }
}

fn number_ui(ui: &mut Ui, name: &str, now: &mut Value, was: &Value, range: &RangeInclusive<f64>, turns: &[f64]) {
    let mut marks: Vec<TrackMark> = turns.iter().map(|&turn| TrackMark::Turn(turn)).collect();
    if let Value::Number(was) = was {
        marks.push(TrackMark::Origin(*was));
    }
    let Value::Number(x) = now else {
        // As high as the number with its track, so that the levers around it keep still.
        let height = ui.text_style_height(&TextStyle::Body) + 18.0;
        ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
            ui.set_min_height(height);
            let line = egui::vec2(ui.available_width(), ui.text_style_height(&TextStyle::Body));
            ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
                ui.label(theme::weak("missing"));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(Label::new(name).truncate()));
            });
        });
        return;
    };
    let tooltip = format!(
        "{name}: the track runs from the 1st to the 99th percentile of the training rows, {} to {}; any number can be typed. \
         Ring: the firm's own value. Bold line: from there on the class is another while all else stays.",
        precise(*range.start()),
        precise(*range.end())
    );
    let field = Field::new(name, x, range.clone()).typed(f64::MIN..=f64::MAX).marks(&marks);
    field.format(&exact).tooltip(&tooltip).show(ui);
}

/// A number as short as it can be read again: a field that is looked into and left does not change the firm.
fn exact(x: f64) -> String {
    let text = if x == 0.0 || (1e-5..1e12).contains(&x.abs()) { x.to_string() } else { format!("{x:e}") };
    text.replace('-', "−")
}

fn levels_ui(ui: &mut Ui, name: &str, now: &mut Value, levels: &[String]) {
    let label = ui.add(Label::new(name).truncate());
    let width = ui.available_width() - 4.0;
    let combo = ComboBox::from_id_salt(("level", name)).selected_text(now.to_string()).width(width).truncate();
    let combo = combo.show_ui(ui, |ui| {
        for level in levels {
            ui.selectable_value(now, Value::Level(level.clone()), level);
        }
        ui.selectable_value(now, Value::Missing, theme::weak("missing"));
    });
    combo.response.labelled_by(label.id);
}

/// The button that takes all levers back.
pub(super) fn reset_all_ui(ui: &mut Ui, levers: &mut [Lever]) {
    let changed = levers.iter().filter(|lever| lever.is_changed()).count();
    let button = ActionButton::new("Reset all").enabled(changed > 0);
    if button.tooltip("Every indicator back to the firm's own value").show(ui).clicked() {
        levers.iter_mut().for_each(Lever::reset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(values: ColumnValues) -> ColumnReference {
        ColumnReference { name: "profit".to_owned(), values, missing: 0, rows: 10 }
    }

    #[test]
    fn a_track_runs_between_the_outer_percentiles_and_a_firm_may_be_outside() {
        let quantiles: Vec<f64> = (0..=100).map(f64::from).collect();
        let values = ColumnValues::Number { quantiles, bins: Vec::new() };
        let lever = Lever::new(0, &reference(values), Value::Number(500.0));
        assert_eq!(lever.range(), Some(&(1.0..=99.0)));
        assert_eq!((&lever.now, lever.is_changed()), (&Value::Number(500.0), false));
        for quantiles in [vec![], vec![3.0], vec![f64::NAN; 101]] {
            let values = ColumnValues::Number { quantiles, bins: Vec::new() };
            let lever = Lever::new(0, &reference(values), Value::Missing);
            assert!(lever.range().is_some_and(|range| range.start() <= range.end()));
        }
    }

    #[test]
    fn numbers_are_read_again_as_they_were() {
        assert_eq!([12345.0, -0.1, 1e-9, 2.5e15].map(exact), ["12345", "−0.1", "1e−9", "2.5e15"]);
        for x in [0.0, 1.0 / 3.0, -123_456.789, 9.87e-200, f64::MAX] {
            assert_eq!(exact(x).replace('−', "-").parse(), Ok(x));
        }
    }

    #[test]
    fn a_level_that_training_did_not_have_can_be_gone_back_to() {
        let levels = vec![("a".to_owned(), 3)];
        let mut lever = Lever::new(0, &reference(ColumnValues::Category { levels }), Value::Level("z".to_owned()));
        assert_eq!(lever.reach, Reach::Levels(vec!["a".to_owned(), "z".to_owned()]));
        lever.now = Value::Level("a".to_owned());
        assert!(lever.is_changed());
        lever.reset();
        assert_eq!(lever.now, Value::Level("z".to_owned()));
    }
}
