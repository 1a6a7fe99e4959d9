//! How rows are held out: the fields that the Data and the Compare screen share.

use egui::{ComboBox, Label, TextEdit, Ui};

use super::count;
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{Field, remark};
use crate::app::workspace::Workspace;
use crate::data::{Role, ValidationKind, ValidationSettings};
use crate::evaluation::FEWEST_BAD_ROWS;

/// Draws the fields. Returns whether anything was changed.
pub(super) fn folds_ui(ui: &mut Ui, validation: &mut ValidationSettings, workspace: &Workspace) -> bool {
    let before = validation.clone();
    let has = |role| workspace.table.as_ref().is_some_and(|table| table.roles.position(role).is_some());
    ui.scope(|ui| {
        let label = ui.label(theme::weak("Rows are held out by"));
        let combo =
            ComboBox::from_id_salt("validation").width(ui.available_width()).selected_text(kind_name(before.kind));
        let shown = combo.show_ui(ui, |ui| {
            for kind in ValidationKind::ALL {
                let offered = match kind {
                    ValidationKind::Grouped => has(Role::EnterpriseId),
                    ValidationKind::OutOfTime => has(Role::Period),
                    ValidationKind::Column => has(Role::Split),
                    ValidationKind::Kfold | ValidationKind::Holdout => true,
                };
                if offered || kind == before.kind {
                    ui.selectable_value(&mut validation.kind, kind, kind_name(kind)).on_hover_text(kind_hint(kind));
                }
            }
        });
        shown.response.labelled_by(label.id).on_hover_text(kind_hint(before.kind));
    });
    problem(ui, workspace, "validation.kind");
    ui.add_space(4.0);
    match validation.kind {
        ValidationKind::Kfold | ValidationKind::Grouped => {
            Field::new("Folds", &mut validation.folds, 2..=100)
                .log()
                .tooltip("Parts that the rows are dealt into; each is tested once in every repeat")
                .error(workspace.problem("validation.folds"))
                .show(ui);
        }
        ValidationKind::Holdout => {
            Field::new("Held-out share", &mut validation.test_share, 0.01..=0.99)
                .tooltip("Share of each outcome's rows that is tested")
                .format(&|share| format!("{share:.2}"))
                .error(workspace.problem("validation.test_share"))
                .show(ui);
        }
        ValidationKind::OutOfTime => out_of_time_ui(ui, validation, workspace),
        ValidationKind::Column => {}
    }
    if validation.kind.repeats() {
        Field::new("Repeats", &mut validation.repeats, 1..=100)
            .log()
            .tooltip("How many times the rows are dealt out anew")
            .error(workspace.problem("validation.repeats"))
            .show(ui);
    }
    if validation.kind.is_random() {
        ui.checkbox(&mut validation.keep_duplicates_together, "Exact duplicates on one side").on_hover_text(
            "A row that is learned from and tested again, cell by cell the same, would make every model look better",
        );
    }
    expected_ui(ui, validation, workspace);
    *validation != before
}

fn out_of_time_ui(ui: &mut Ui, validation: &mut ValidationSettings, workspace: &Workspace) {
    period_ui(ui, "Tested from", "the latest periods", &mut validation.test_from);
    if validation.test_from.is_none() && validation.test_periods.is_none() {
        Field::new("Latest share", &mut validation.latest_share, 0.01..=0.99)
            .tooltip("The latest whole periods that together hold at most this share of the rows are tested")
            .format(&|share| format!("{share:.2}"))
            .error(workspace.problem("validation.latest_share"))
            .show(ui);
    }
    problem(ui, workspace, "validation.test_periods");
    period_ui(ui, "Validation from", "no period", &mut validation.validation_from);
    if workspace.table.as_ref().is_some_and(|table| table.roles.position(Role::EnterpriseId).is_some()) {
        ui.checkbox(&mut validation.keep_enterprises_whole, "Whole enterprises")
            .on_hover_text("All rows of an enterprise go where its last period goes");
    }
}

/// A period, or none when the field is empty.
fn period_ui(ui: &mut Ui, name: &str, empty: &str, period: &mut Option<String>) {
    let mut text = period.clone().unwrap_or_default();
    ui.horizontal(|ui| {
        let label = ui.label(name);
        let field = TextEdit::singleline(&mut text).hint_text(empty).desired_width(ui.available_width());
        if ui.add(field).labelled_by(label.id).changed() {
            // A blank inside is typed before what follows it: "2019 Q4".
            *period = Some(text).filter(|text| !text.trim().is_empty());
        }
    });
}

/// Number of splits that the settings ask for.
pub(super) fn planned_splits(validation: &ValidationSettings) -> usize {
    match validation.kind {
        ValidationKind::Kfold | ValidationKind::Grouped => validation.folds.saturating_mul(validation.repeats),
        ValidationKind::Holdout => validation.repeats,
        ValidationKind::OutOfTime | ValidationKind::Column => 1,
    }
}

/// What is wrong with a setting, under it.
pub(super) fn problem(ui: &mut Ui, workspace: &Workspace, key: &str) {
    if let Some(problem) = workspace.problem(key) {
        ui.add(Label::new(theme::weak(problem).color(Palette::of(ui).bad)).wrap());
    }
}

fn kind_name(kind: ValidationKind) -> &'static str {
    match kind {
        ValidationKind::Kfold => "k folds, stratified",
        ValidationKind::Grouped => "k folds, grouped by enterprise",
        ValidationKind::Holdout => "one hold-out share",
        ValidationKind::OutOfTime => "the latest periods",
        ValidationKind::Column => "the table's split column",
    }
}

fn kind_hint(kind: ValidationKind) -> &'static str {
    match kind {
        ValidationKind::Kfold => {
            "Every labelled row is tested once per repeat; all folds have the same share of bad rows"
        }
        ValidationKind::Grouped => {
            "No enterprise is both learned from and tested on: right where an enterprise has several rows"
        }
        ValidationKind::Holdout => {
            "One share of the rows is tested: quick, but one split cannot tell chance from skill"
        }
        ValidationKind::OutOfTime => {
            "The past is learned from and the latest periods are tested: as the model would be used"
        }
        ValidationKind::Column => "The rows marked as test in the table are tested, and the others learned from",
    }
}

/// How many bad rows each test part will have: what the verdict can rest on.
fn expected_ui(ui: &mut Ui, validation: &ValidationSettings, workspace: &Workspace) {
    let Some(data) = workspace.data() else { return };
    let bad = data.n_bad();
    let (tested, per_part) = match validation.kind {
        ValidationKind::Kfold | ValidationKind::Grouped => (bad, bad as f64 / validation.folds.max(1) as f64),
        ValidationKind::Holdout => {
            let held = (bad as f64 * validation.test_share).round();
            (held as usize, held)
        }
        ValidationKind::OutOfTime | ValidationKind::Column => return,
    };
    if tested < FEWEST_BAD_ROWS {
        let text = format!("{} tested: too few to conclude anything.", count(tested, "bad row"));
        remark(ui, Tone::Warn, &text);
    } else {
        ui.label(theme::weak(format!("About {} in each test part", count(per_part.round() as usize, "bad row"))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_counted_by_kind() {
        let count = |kind| planned_splits(&ValidationSettings { kind, folds: 5, repeats: 3, ..Default::default() });
        assert_eq!(ValidationKind::ALL.map(count), [15, 15, 3, 1, 1]);
    }
}
