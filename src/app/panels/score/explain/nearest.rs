//! The nearest change: which few values would have to be other ones for the model to call the firm the other way.

use std::collections::BTreeSet;

use egui::{Checkbox, Label, ScrollArea, TextStyle, TextWrapMode, Ui};

use super::{FirmKey, FirmScene};
use crate::app::latest::Latest;
use crate::app::panels::capital;
use crate::app::panels::compare::words::{list, short_name};
use crate::app::panels::cutoff::percent;
use crate::app::theme::{self, Tone};
use crate::app::widgets::{ActionButton, Column, card_titled, data_table, remark, table_card};
use crate::explanation::{Change, Firm, NearestChange, Value, nearest_change, no_change_text};
use crate::report::{Cell, ColumnKind, ReportTable};
use crate::scoring::RiskModel;

/// Height of the lists, in heights of a line.
const LIST: f32 = 14.0;
/// The two cards stand side by side from this width on, in heights of a line.
const WIDE: f32 = 46.0;

/// What was looked for: a firm, and the indicators that stay.
#[derive(Clone, PartialEq)]
struct Asked {
    firm: FirmKey,
    locked: BTreeSet<String>,
}

/// The page.
#[derive(Default)]
pub(super) struct NearestPage {
    locked: BTreeSet<String>,
    found: Latest<Asked, Result<Option<NearestChange>, String>>,
}

impl NearestPage {
    /// Draws the page. Returns the changes that are to be set as levers.
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &FirmScene<'_>, firm: &Firm) -> Option<Vec<(String, Value)>> {
        let asked = Asked { firm: FirmKey::of(scene, scene.model), locked: self.locked.clone() };
        let (model, values) = (std::sync::Arc::clone(scene.model), firm.clone());
        let locked: Vec<String> = self.locked.iter().cloned().collect();
        let work = move |_: &_| nearest_change(&model, &values, &locked).map_err(|error| capital(&error.to_string()));
        let found = self.found.get(ui.ctx(), asked.clone(), "nearest change", work).cloned();
        let found = found.filter(|_| self.found.is_current(&asked));
        let line = ui.text_style_height(&TextStyle::Body);
        let mut apply = None;
        if ui.available_width() < WIDE * line {
            apply = found_ui(ui, scene, found.as_ref(), self.locked.len());
            self.locks_ui(ui, scene.model);
            return apply;
        }
        ui.columns_const(|[left, right]| {
            apply = found_ui(left, scene, found.as_ref(), self.locked.len());
            self.locks_ui(right, scene.model);
        });
        apply
    }

    /// Which indicators are to stay as they are.
    fn locks_ui(&mut self, ui: &mut Ui, model: &RiskModel) {
        let n = self.locked.len();
        let title = if n == 0 { "Every indicator may change".to_owned() } else { format!("{n} locked") };
        card_titled(ui, &title, "tick what the firm cannot change, or is not to", |ui| {
            let height = LIST * ui.text_style_height(&TextStyle::Body);
            ScrollArea::vertical().id_salt("locks").max_height(height).auto_shrink([false, true]).show(ui, |ui| {
                ui.style_mut().wrap_mode = Some(TextWrapMode::Truncate);
                ui.spacing_mut().item_spacing.y = 2.0;
                for name in model.preparation.indicators() {
                    let mut is_locked = self.locked.contains(name);
                    let tick = ui.add(Checkbox::new(&mut is_locked, name));
                    let (enabled, is) = (tick.enabled(), is_locked);
                    let spoken =
                        || egui::WidgetInfo::selected(egui::Role::CheckBox, enabled, is, format!("Lock {name}"));
                    tick.widget_info(spoken);
                    if tick.changed() {
                        self.locked.remove(name);
                        self.locked.extend(is_locked.then(|| name.to_owned()));
                    }
                }
            });
            // A column would make it as wide as itself.
            ui.horizontal(|ui| {
                if ActionButton::new("Unlock all").enabled(n > 0).show(ui).clicked() {
                    self.locked.clear();
                }
            });
        });
    }
}

/// What was found. Returns the changes where they are to be set as levers.
fn found_ui(
    ui: &mut Ui,
    scene: &FirmScene<'_>,
    found: Option<&Result<Option<NearestChange>, String>>,
    locked: usize,
) -> Option<Vec<(String, Value)>> {
    let subtitle = "the fewest indicators first, then the least way in percentiles of the training rows";
    let change = match found {
        None => {
            card_titled(ui, "Looking for the nearest change", subtitle, Ui::spinner);
            return None;
        }
        Some(Err(error)) => {
            card_titled(ui, "No change can be looked for", subtitle, |ui| remark(ui, Tone::Warn, error.as_str()));
            return None;
        }
        Some(Ok(None)) => {
            card_titled(ui, "No change was found", subtitle, |ui| remark(ui, Tone::Info, no_change_text(locked)));
            return None;
        }
        Some(Ok(Some(change))) => change,
    };
    let call = if scene.model.is_called_bad(change.pd) { "bad" } else { "good" };
    let title = format!("With another {} the {} would call it {call}", names(change), short_name(scene.model.kind));
    let text = sentence(change, scene.model);
    table_card(
        ui,
        "nearest change",
        [&title, subtitle],
        || table(change, &text),
        |ui| {
            ui.add(Label::new(&text).wrap());
            let line = ui.text_style_height(&TextStyle::Body);
            let figures = 6.5 * line;
            let heads = [
                Column::text("Indicator"),
                Column::numeric("Is", figures),
                Column::numeric("Would be", figures),
                Column::numeric("Way", 5.0 * line)
                    .tooltip("Percentile points between the two; another level counts as 100"),
            ];
            ui.scope(|ui| {
                ui.set_max_height((change.changes.len() as f32 + 1.5) * (line + 12.0));
                data_table(ui, "nearest change", &heads, change.changes.len(), None, |ui, row, column| {
                    let Change { indicator, from, to, points } = &change.changes[row];
                    let text = match column {
                        0 => indicator.clone(),
                        1 => from.to_string(),
                        2 => as_scored(to),
                        _ => format!("{points:.0}"),
                    };
                    ui.add(Label::new(text).truncate());
                });
            });
            let text = "This crosses the model's cut-off. It is no advice: the model does not know what follows from a change.";
            ui.add(Label::new(theme::weak(text)).wrap());
            let button = ActionButton::new("Apply to the sliders").tooltip("Set these values on the What if page");
            let clicked = ui.horizontal(|ui| button.show(ui)).inner.clicked();
            clicked.then(|| change.changes.iter().map(|c| (c.indicator.clone(), c.to.clone())).collect())
        },
    )
}

/// The value that was scored: with all its digits where fewer would be another number.
fn as_scored(value: &Value) -> String {
    let shown = value.to_string();
    let is = |x: f64| shown.replace('−', "-").parse().is_ok_and(|y: f64| y.to_bits() == x.to_bits());
    match value {
        Value::Number(x) if !is(*x) => x.to_string().replace('-', "−"),
        _ => shown,
    }
}

/// "profit", "profit and debt".
fn names(change: &NearestChange) -> String {
    list(&change.changes.iter().map(|change| change.indicator.clone()).collect::<Vec<_>>())
}

/// "profit from −12.3 to 4.5 would cross the cut-off: a PD of 8.1 %, bad from 10 % on."
fn sentence(change: &NearestChange, model: &RiskModel) -> String {
    let part = |change: &Change| format!("{} from {} to {}", change.indicator, change.from, as_scored(&change.to));
    let parts: Vec<String> = change.changes.iter().map(part).collect();
    let (pd, cutoff) = (percent(change.pd), percent(model.threshold));
    // Where both round to the same, that says on which side it is.
    let side = match (pd == cutoff, change.pd < model.threshold) {
        (true, true) => "just below",
        (true, false) => "at or just above",
        (false, _) => "of",
    };
    format!("{} would cross the cut-off: a PD {side} {pd}, bad from {cutoff} on.", list(&parts))
}

/// The change as a table.
fn table(change: &NearestChange, caption: &str) -> ReportTable {
    let heads = [
        ("Indicator", ColumnKind::Words),
        ("Is", ColumnKind::Words),
        ("Would be", ColumnKind::Words),
        ("Percentile points", ColumnKind::Numbers),
    ];
    let mut table = ReportTable::new("nearest_change", caption, heads);
    let row = |Change { indicator, from, to, points }: &Change| {
        let words = [indicator.clone(), from.to_string(), as_scored(to)].map(Cell::from);
        words.into_iter().chain([Cell::Number(Some(*points), 1)]).collect()
    };
    table.rows = change.changes.iter().map(row).collect();
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_was_scored() {
        let told = |x| as_scored(&Value::Number(x));
        assert_eq!([4.5, -12.3, 123_457.0, 0.0].map(told), ["4.5", "−12.3", "123457", "0"]);
        assert_eq!(
            [4.467_12, -0.123_456_7].map(told),
            ["4.46712", "−0.1234567"],
            "four digits would be another number"
        );
        assert_eq!(as_scored(&Value::Level("retail".to_owned())), "retail");
    }

    #[test]
    fn all_that_changes_is_named() {
        let change = |name: &str| Change {
            indicator: name.to_owned(),
            from: Value::Number(0.0),
            to: Value::Number(1.0),
            points: 10.0,
        };
        let change = NearestChange { changes: vec![change("a"), change("b")], pd: 0.1, points: 20.0 };
        assert_eq!(names(&change), "a and b");
    }
}
