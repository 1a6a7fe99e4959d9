//! The side: which column is the outcome, which of its values is bad, how the classes stand, and what was noticed.

use egui::{
    Align, ComboBox, CornerRadius, Label, Layout, RadioButton, Rect, RichText, Role as Access, ScrollArea, Sense,
    TextWrapMode, Ui, WidgetInfo, pos2, vec2,
};

use super::percent;
use super::pieces::chevron;
use crate::app::actions::{Command, Intent, Screen};
use crate::app::panels::thousands;
use crate::app::role_moves::{Suggestion, give_bad, give_role};
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{ActionButton, card, remark, status_dot};
use crate::app::workspace::{DataState, OpenTable, Workspace};
use crate::data::{ColumnProfile, Kind, Role, Source, same_value};

/// Different values beyond which a column is not offered as the label.
const MOST_LABEL_VALUES: usize = 20;

pub(super) fn side_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    table: &OpenTable,
    suggestion: &Suggestion,
    intents: &mut Vec<Intent>,
) {
    ui.label(theme::section("Outcome to predict"));
    card(ui, |ui| {
        label_ui(ui, table, intents);
        if let Some(profile) = table.label().and_then(|label| table.source.profiles.get(label)) {
            ui.add_space(6.0);
            bad_ui(ui, table, profile, suggestion, intents);
        }
    });
    if let Some(profile) = table.label().and_then(|label| table.source.profiles.get(label)) {
        ui.add_space(6.0);
        ui.label(theme::section("Class balance"));
        card(ui, |ui| balance_ui(ui, table, profile));
    }
    ui.add_space(6.0);
    ui.label(theme::section("Ready to learn?"));
    card(ui, |ui| state_ui(ui, workspace, table, intents));
}

/// What the reader and the guess had to say.
pub(super) fn noticed_ui(ui: &mut Ui, source: &Source) {
    let noticed = noticed(source);
    if !noticed.is_empty() {
        ui.add_space(6.0);
        ui.label(theme::section("Noticed while opening"));
        card(ui, |ui| noticed.iter().for_each(|text| remark(ui, Tone::Info, text)));
    }
}

fn label_ui(ui: &mut Ui, table: &OpenTable, intents: &mut Vec<Intent>) {
    let source = &table.source;
    ui.label("Which column says how it ended?");
    let label = table.label();
    let name = label.map_or("Choose a column…", |label| source.table.names()[label].as_str());
    let combo = ComboBox::from_id_salt("label column")
        .selected_text(theme::semibold(name))
        .width(ui.available_width())
        .icon(chevron)
        .truncate()
        .show_ui(ui, |ui| {
            for (column, profile) in source.profiles.iter().enumerate() {
                let chosen = label == Some(column);
                let offered = chosen || (2..=MOST_LABEL_VALUES).contains(&profile.distinct);
                let clicked = offered && ui.selectable_label(chosen, &profile.name).clicked();
                if clicked && !chosen {
                    intents.push(give_role(table, column, Role::Label));
                }
            }
        });
    combo.response.widget_info(|| WidgetInfo::labeled(Access::ComboBox, ui.is_enabled(), "Label column"));
    combo.response.on_hover_text(format!(
        "{name}\nThe label: what the models learn to predict. Columns with 2 to {MOST_LABEL_VALUES} values are offered here."
    ));
    let guessed = source.guess.roles.position(Role::Label);
    match (label, &source.guess.label_reason) {
        (None, _) => remark(ui, Tone::Warn, "No column is the label yet, so nothing can be learned."),
        (Some(_), Some(reason)) if label == guessed => {
            ui.add(Label::new(theme::weak(format!("Taken because {reason}."))).wrap());
        }
        (Some(_), _) => {
            ui.label(theme::weak("Chosen by you."));
        }
    }
}

fn bad_ui(ui: &mut Ui, table: &OpenTable, profile: &ColumnProfile, suggestion: &Suggestion, intents: &mut Vec<Intent>) {
    ui.label("Which outcome is bad?");
    ScrollArea::vertical().id_salt("label values").max_height(200.0).show(ui, |ui| {
        for (value, count) in &profile.levels {
            value_ui(ui, table, profile, value, *count, intents);
        }
    });
    let hidden = profile.distinct.saturating_sub(profile.levels.len());
    if hidden > 0 {
        let values = thousands(profile.distinct);
        remark(
            ui,
            Tone::Warn,
            format!("It has {values} different values: an outcome has a few. Is it another column?"),
        );
        return;
    }
    match (&table.roles.bad, &suggestion.bad) {
        (None, _) => remark(ui, Tone::Warn, "Say which: the models predict how likely it is."),
        (Some(_), _) if table.bad_confirmed => remark(ui, Tone::Ok, "Confirmed."),
        (Some(bad), Some((value, reason))) if is_value(profile, bad, value) => {
            remark(ui, Tone::Warn, format!("Guessed: {reason}. Click the bad one to confirm it."));
        }
        (Some(_), _) => remark(ui, Tone::Warn, "Click the bad one to confirm it."),
    }
}

/// One value of the label, to be chosen as the bad one, with its rows.
fn value_ui(
    ui: &mut Ui,
    table: &OpenTable,
    profile: &ColumnProfile,
    value: &str,
    count: usize,
    intents: &mut Vec<Intent>,
) {
    let labelled = table.source.table.n_rows() - profile.missing;
    let chosen = table.roles.bad.as_deref().is_some_and(|bad| is_value(profile, bad, value));
    let figures = theme::weak(format!("{} · {}", thousands(count), percent(count, labelled)));
    let row = vec2(ui.available_width(), ui.spacing().interact_size.y);
    let radio = ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        ui.label(figures);
        let room = Layout::left_to_right(Align::Center);
        ui.with_layout(room, |ui| {
            ui.style_mut().wrap_mode = Some(TextWrapMode::Truncate);
            // A ring that can be seen on a card.
            ui.visuals_mut().widgets.inactive.bg_stroke.color = Palette::of(ui).weak;
            let text = if chosen { theme::semibold(value) } else { RichText::new(value) };
            ui.add(RadioButton::new(chosen, text))
        })
    });
    let radio = radio.inner.inner;
    radio.widget_info(|| WidgetInfo::selected(Access::RadioButton, true, chosen, format!("Bad outcome: {value}")));
    let (count, labelled) = (thousands(count), thousands(labelled));
    let radio = radio.on_hover_text(format!("{count} of {labelled} labelled rows say “{value}”"));
    if radio.clicked() && !(chosen && table.bad_confirmed) {
        intents.push(give_bad(table, value));
    }
}

/// Whether `bad` means this value of the column: numbers count as numbers, text letter by letter.
fn is_value(profile: &ColumnProfile, bad: &str, value: &str) -> bool {
    bad == value || (profile.kind == Kind::Numeric && same_value(bad, value))
}

/// Bad, good and unlabelled rows as one bar, and in words.
fn balance_ui(ui: &mut Ui, table: &OpenTable, profile: &ColumnProfile) {
    let palette = Palette::of(ui);
    let rows = table.source.table.n_rows();
    let labelled = rows - profile.missing;
    let bad_level = |bad: &str| profile.levels.iter().find(|(value, _)| is_value(profile, bad, value)).map(|(_, n)| *n);
    let bad = table.roles.bad.as_deref().and_then(bad_level);
    let faint = palette.line.lerp_to_gamma(palette.weak, 0.5);
    let parts = match bad {
        Some(bad) => vec![
            (palette.bad, bad, format!("{} bad, {} of the labelled", thousands(bad), percent(bad, labelled))),
            (palette.ok, labelled - bad, format!("{} good", thousands(labelled - bad))),
            (faint, profile.missing, unlabelled(profile.missing)),
        ],
        None => vec![
            (palette.accent, labelled, format!("{} labelled", thousands(labelled))),
            (faint, profile.missing, unlabelled(profile.missing)),
        ],
    };
    let (bar, response) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    let words = parts.iter().map(|(.., words)| words.as_str()).collect::<Vec<_>>().join("; ");
    response.widget_info(|| WidgetInfo::labeled(Access::Image, true, format!("Class balance: {words}")));
    let mut left = bar.left();
    for (color, count, _) in &parts {
        let width = bar.width() * *count as f32 / rows.max(1) as f32;
        if *count > 0 {
            // A gap of a point between parts; even one row in a million can be seen.
            let shown = Rect::from_min_size(pos2(left, bar.top()), vec2((width - 1.0).max(2.0), bar.height()));
            ui.painter().rect_filled(shown, CornerRadius::same(2), *color);
        }
        left += width;
    }
    ui.spacing_mut().interact_size.y = 0.0;
    ui.add_space(2.0);
    for (color, count, words) in parts {
        if count > 0 {
            status_dot(ui, color, &words);
        }
    }
}

fn unlabelled(rows: usize) -> String {
    format!("{} without a label, for pre-training only", thousands(rows))
}

fn state_ui(ui: &mut Ui, workspace: &Workspace, table: &OpenTable, intents: &mut Vec<Intent>) {
    if let (DataState::Ready(_), Some(sentence)) = (&table.data, workspace.split_problem()) {
        remark(ui, Tone::Bad, format!("The rows cannot be held out as asked: {sentence}."));
        return;
    }
    match &table.data {
        DataState::Building => remark(ui, Tone::Info, "Turning the cells into numbers…"),
        DataState::Unusable(sentence) => remark(ui, Tone::Bad, sentence.as_str()),
        DataState::Ready(data) => {
            let labelled = data.bad.iter().flatten().count();
            let indicators = data.indicators.len();
            let noun = if indicators == 1 { "indicator" } else { "indicators" };
            remark(
                ui,
                Tone::Ok,
                format!("Yes: {} {noun}, {} labelled rows.", thousands(indicators), thousands(labelled)),
            );
            data.notices.iter().for_each(|text| remark(ui, Tone::Warn, text.as_str()));
            ui.add_space(4.0);
            let train = ActionButton::new("Go to training").primary().tooltip(Command::Show(Screen::Train).tooltip());
            if train.show_wide(ui).clicked() {
                intents.push(Intent::Do(Command::Show(Screen::Train)));
            }
        }
    }
}

/// What the reader and the guess had to say, without what this side says above in its own words: the guess begins with
/// the label, if guessed, and the bad value, if guessed or unknown.
fn noticed(source: &Source) -> Vec<String> {
    let guess = &source.guess;
    let said_label = usize::from(guess.label_reason.is_some());
    let has_label = guess.roles.position(Role::Label).is_some();
    let said_bad = usize::from(has_label && (guess.roles.bad.is_none() || guess.bad_reason.is_some()));
    let (mut said, mut noticed) = (Vec::new(), Vec::new());
    for note in &source.reading.notes {
        match note.strip_prefix("File note: ") {
            Some(remark) => said.push(remark),
            None => noticed.push(note.clone()),
        }
    }
    noticed.extend(guess.notices.iter().skip(said_label + said_bad).cloned());
    if !said.is_empty() {
        noticed.push(format!("The file says: {}", said.join(" ")));
    }
    noticed
}
