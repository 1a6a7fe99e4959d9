//! The override page: a decision of a person that is not the model's, with its reason, and the log of them. Nothing is ever
//! taken out of the log: a withdrawal is an entry too.

use egui::{ComboBox, Label, TextEdit, Ui};

use super::FirmScene;
use crate::app::actions::Intent;
use crate::app::panels::compare::words::short_name;
use crate::app::panels::cutoff::percent;
use crate::app::theme::{self, Tone};
use crate::app::widgets::{ActionButton, card_titled, remark, segmented};
use crate::app::workspace::Workspace;
use crate::evaluation::MasterScale;
use crate::storage::{Override, OverrideModel, OverrideTable, TABLE_NOT_RECORDED};

/// The page: what is being written.
#[derive(Default)]
pub(super) struct OverridePage {
    /// As chosen; `None`: as it stands.
    to_bad: Option<bool>,
    to_grade: Option<char>,
    reason: String,
    /// Who decides; `None`: whoever uses this desktop.
    user: Option<String>,
}

/// The decisions on the firm of this row of its table, the newest last.
pub(super) fn decisions_of<'a>(workspace: &'a Workspace, scene: &FirmScene<'_>) -> Vec<&'a Override> {
    let (enterprise, row) = (scene.score.enterprise.as_deref(), scene.score.row);
    let sha256 = scene.source.map(|source| source.reading.sha256.as_str());
    workspace.overrides.iter().filter(|entry| entry.is_about(sha256, row, enterprise)).collect()
}

/// "bad, grade E".
fn call(bad: bool, grade: Option<char>) -> String {
    let class = if bad { "bad" } else { "good" };
    grade.map_or_else(|| class.to_owned(), |grade| format!("{class}, grade {grade}"))
}

/// Whether it takes a decision back.
fn is_withdrawal(entry: &Override) -> bool {
    (entry.to_bad, entry.to_grade) == (entry.from_bad, entry.from_grade)
}

/// By what model, at what PD, and that the table is not known where it is not: "DBN, PD 12 %".
fn circumstances(entry: &Override) -> String {
    let model = entry.model.map(|model| short_name(model.kind).to_owned());
    let pd = Some(format!("PD {}", percent(entry.pd)));
    let table = entry.table.is_none().then(|| TABLE_NOT_RECORDED.to_owned());
    [model, pd, table].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What there is to know beside the words: table, model and time.
fn record(entry: &Override) -> String {
    let table = entry.table.as_ref().map_or_else(|| TABLE_NOT_RECORDED.to_owned(), OverrideTable::in_words);
    let model = entry.model.map(OverrideModel::in_words);
    [Some(table), model, Some(entry.time.clone())].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// "A. N. decided good instead of bad on 2026-11-23 (DBN, PD 12 %): Guarantor pays."
pub(super) fn in_words(entry: &Override) -> String {
    let day = entry.time.split('T').next().unwrap_or_default();
    let Override { user, reason, .. } = entry;
    let circumstances = circumstances(entry);
    let from = call(entry.from_bad, entry.from_grade);
    if is_withdrawal(entry) {
        return format!("{user} went back to the model's answer, {from}, on {day} ({circumstances}): {reason}");
    }
    let to = call(entry.to_bad, entry.to_grade);
    format!(
        "{user} decided \u{201c}{to}\u{201d} instead of \u{201c}{from}\u{201d} on {day} ({circumstances}): {reason}"
    )
}

impl OverridePage {
    /// Draws the page.
    pub(super) fn ui(&mut self, ui: &mut Ui, scene: &FirmScene<'_>, workspace: &Workspace, intents: &mut Vec<Intent>) {
        let entries = decisions_of(workspace, scene);
        let score = scene.score;
        let answer = call(score.called_bad, score.grade);
        let title = format!("The {} says {answer}, at a PD of {}", short_name(scene.model.kind), percent(score.pd));
        let subtitle =
            "a decision is kept in the workspace and told in the report; the model and its figures stay as they are";
        card_titled(ui, &title, subtitle, |ui| self.form_ui(ui, scene, entries.last().copied(), intents));
        let n = entries.len();
        let title = match n {
            0 => "No decision on this firm yet".to_owned(),
            1 => "One decision on this firm".to_owned(),
            n => format!("{n} decisions on this firm, the newest first"),
        };
        card_titled(ui, &title, "entries are never taken out: going back to the model is an entry too", |ui| {
            for (i, entry) in entries.iter().rev().enumerate() {
                let words = in_words(entry);
                let text = if i == 0 { egui::RichText::new(words) } else { egui::RichText::new(words).weak() };
                ui.add(Label::new(text).wrap()).on_hover_text(record(entry));
            }
        });
    }

    fn form_ui(&mut self, ui: &mut Ui, scene: &FirmScene<'_>, last: Option<&Override>, intents: &mut Vec<Intent>) {
        let score = scene.score;
        // What stands: the last decision, or the model's answer.
        let stands = last.map_or((score.called_bad, score.grade), |last| (last.to_bad, last.to_grade));
        let mut to_bad = self.to_bad.unwrap_or(stands.0);
        let mut to_grade = self.to_grade.or(stands.1);
        ui.horizontal_wrapped(|ui| {
            ui.label("Decision");
            segmented(ui, "Decision", &mut to_bad, &[(false, "Good"), (true, "Bad")]);
            if let Some(scale) = &scene.model.grades {
                grade_ui(ui, scale, &mut to_grade);
            }
        });
        self.to_bad = (to_bad != stands.0).then_some(to_bad);
        self.to_grade = to_grade.filter(|_| to_grade != stands.1);
        let label = ui.label("Reason");
        let reason = TextEdit::multiline(&mut self.reason).desired_rows(3).desired_width(f32::INFINITY);
        ui.add(reason.hint_text("What the model does not know")).labelled_by(label.id);
        let user = self.user.get_or_insert_with(desktop_user);
        ui.horizontal(|ui| {
            let label = ui.label("Decided by");
            ui.add(TextEdit::singleline(user).desired_width(theme::width_for_text(ui, 200.0))).labelled_by(label.id);
        });
        let lacking = lacking(&self.reason, user);
        let differs = (to_bad, to_grade) != stands;
        let entry = |to_bad, to_grade, page: &Self| Override {
            table: scene.source.map(|source| OverrideTable::of(source)),
            model: Some(OverrideModel::of(scene.model)),
            enterprise: score.enterprise.clone(),
            row: scene.score.row,
            pd: score.pd,
            from_bad: score.called_bad,
            to_bad,
            from_grade: score.grade,
            to_grade,
            reason: page.reason.trim().to_owned(),
            user: page.user.as_deref().unwrap_or_default().trim().to_owned(),
            time: now(),
        };
        let mut made = None;
        ui.horizontal_wrapped(|ui| {
            let record = ActionButton::new("Record the decision").primary().enabled(differs && lacking.is_none());
            let hint = if differs { lacking.unwrap_or_default() } else { "Choose another class or grade first" };
            if record.tooltip(hint).show(ui).clicked() {
                made = Some(entry(to_bad, to_grade, self));
            }
            if last.is_some_and(|last| !is_withdrawal(last)) {
                let back = ActionButton::new("Back to the model's answer").enabled(lacking.is_none());
                let hint = lacking.unwrap_or("Recorded as an entry of its own");
                if back.tooltip(hint).show(ui).clicked() {
                    made = Some(entry(score.called_bad, score.grade, self));
                }
            }
        });
        if let (true, Some(text)) = (differs, lacking) {
            remark(ui, Tone::Info, text);
        }
        if let Some(entry) = made {
            intents.push(Intent::Override(Box::new(entry)));
            *self = Self { user: self.user.take(), ..Self::default() };
        }
    }
}

/// The time, RFC 3339, to a second.
fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

/// What is still to be written.
fn lacking(reason: &str, user: &str) -> Option<&'static str> {
    match (reason.trim(), user.trim()) {
        ("", _) => Some("A decision needs a reason."),
        (_, "") => Some("A decision needs the name of the person."),
        _ => None,
    }
}

fn grade_ui(ui: &mut Ui, scale: &MasterScale, grade: &mut Option<char>) {
    let label = ui.label("Grade");
    let shown = grade.map_or_else(|| "–".to_owned(), String::from);
    let combo = ComboBox::from_id_salt("grade").selected_text(shown).width(theme::width_for_text(ui, 56.0));
    let combo = combo.show_ui(ui, |ui| {
        for name in (0..scale.n_grades()).map(MasterScale::name) {
            ui.selectable_value(grade, Some(name), String::from(name));
        }
    });
    combo.response.labelled_by(label.id);
}

/// The name by which this desktop knows whoever uses it; empty where it does not say.
fn desktop_user() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    named.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::ModelKind;

    fn entry(to_bad: bool) -> Override {
        Override {
            table: Some(OverrideTable { name: "firms.csv".to_owned(), sha256: "9f86d081884c7d65".to_owned() }),
            model: Some(OverrideModel { kind: ModelKind::Dbn, seed: 42 }),
            enterprise: Some("E041".to_owned()),
            row: 7,
            pd: 0.12,
            from_bad: true,
            to_bad,
            from_grade: Some('E'),
            to_grade: Some('E'),
            reason: "Guarantor pays".to_owned(),
            user: "A. N.".to_owned(),
            time: "2026-11-23T13:20:00Z".to_owned(),
        }
    }

    #[test]
    fn an_entry_says_who_what_when_and_why() {
        let text = in_words(&entry(false));
        let expected =
            "A. N. decided “good, grade E” instead of “bad, grade E” on 2026-11-23 (DBN, PD 12 %): Guarantor pays";
        assert_eq!(text, expected);
        assert!(in_words(&entry(true)).contains("went back to the model's answer, bad, grade E,"));
        assert_eq!(record(&entry(true)), "firms.csv (SHA-256 9f86d081884c…)\nDBN, seed 42\n2026-11-23T13:20:00Z");
        let old = Override { table: None, model: None, ..entry(false) };
        assert!(in_words(&old).contains("(PD 12 %, table not recorded)"));
    }

    #[test]
    fn a_decision_needs_a_reason_and_a_name() {
        assert!(lacking("  ", "A. N.").is_some_and(|text| text.contains("reason")));
        assert!(lacking("Guarantor pays", "").is_some_and(|text| text.contains("name")));
        assert_eq!(lacking("Guarantor pays", "A. N."), None);
    }
}
