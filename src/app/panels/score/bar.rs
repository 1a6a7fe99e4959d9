//! The bar of the Score screen: which model scores, what it learned from and how good it is, and what can be done with it.

use std::sync::Arc;
use std::time::Duration;

use egui::{ComboBox, Label, Ui, vec2};

use crate::app::actions::{Command, Intent, Screen};
use crate::app::panels::compare::words::{figure, short_name};
use crate::app::panels::cutoff::percent;
use crate::app::panels::{count, thousands};
use crate::app::scoring::{PathFor, ScoreAsk, ScoredTable, ScoresFile, ScoringState};
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{ActionButton, Icon, empty_state, meter, remark, segmented};
use crate::app::workspace::Workspace;
use crate::model::StopReason;
use crate::scoring::RiskModel;

/// Models that are shown side by side at most; more are a list.
const MOST_SIDE_BY_SIDE: usize = 4;
/// Letters of a model's name where they are.
const MOST_LETTERS: usize = 14;

/// What can be done before there is a model.
pub(super) fn no_model_ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let what = "Train a model, or open a .bscope-model file, to score firms with it.";
    let hint =
        if workspace.run.is_active() { "The models of the training under way are here when it has ended." } else { "" };
    empty_state(ui, what, hint);
    ui.add_space(8.0);
    ui.vertical_centered(|ui| {
        let train = ActionButton::new("Go to training").primary().tooltip(Command::Show(Screen::Train).tooltip());
        if train.show(ui).clicked() {
            intents.push(Intent::Do(Command::Show(Screen::Train)));
        }
        open_model_button(ui, intents);
    });
}

fn open_model_button(ui: &mut Ui, intents: &mut Vec<Intent>) {
    let button =
        ActionButton::new("Open a model…").tooltip("A model kept in a file: it brings its preparation and cut-off");
    if button.show(ui).clicked() {
        intents.push(Intent::Score(ScoreAsk::Path(PathFor::Model)));
    }
}

/// Draws the bar.
pub(super) fn ui(ui: &mut Ui, model: &RiskModel, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let scoring = &workspace.scoring;
    ui.horizontal_wrapped(|ui| {
        chooser_ui(ui, scoring, intents);
        ui.add(Label::new(theme::weak(facts(model))).wrap()).on_hover_ui(|ui| about_ui(ui, model));
    });
    let ended = &model.record.stop_reason;
    if matches!(ended, StopReason::Stopped | StopReason::Diverged { .. }) {
        remark(ui, Tone::Warn, format!("Its training did not come to its end: {ended}."));
    }
    ui.horizontal_wrapped(|ui| {
        buttons_ui(ui, workspace, intents);
    });
    state_ui(ui, scoring, intents);
}

/// Name of a model in the chooser: that of its file, or its kind.
fn model_name(scoring: &ScoringState, index: usize) -> String {
    let kind = scoring.models().get(index).map_or("", |model| short_name(model.kind));
    let Some(file) = scoring.file(index) else { return kind.to_owned() };
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    format!("{stem} ({kind})")
}

fn chooser_ui(ui: &mut Ui, scoring: &ScoringState, intents: &mut Vec<Intent>) {
    let names: Vec<String> = (0..scoring.models().len()).map(|index| model_name(scoring, index)).collect();
    let mut chosen = scoring.chosen();
    let short = names.len() <= MOST_SIDE_BY_SIDE && names.iter().all(|name| name.chars().count() <= MOST_LETTERS);
    if short {
        let options: Vec<(usize, &str)> = names.iter().map(String::as_str).enumerate().collect();
        segmented(ui, "Model", &mut chosen, &options);
    } else {
        let label = ui.label(theme::weak("Model"));
        let current = names.get(chosen).map_or("", String::as_str);
        let combo =
            ComboBox::from_id_salt("scoring model").selected_text(current).width(theme::width_for_text(ui, 200.0));
        let combo = combo.truncate().show_ui(ui, |ui| {
            for (index, name) in names.iter().enumerate() {
                ui.selectable_value(&mut chosen, index, name);
            }
        });
        combo.response.labelled_by(label.id);
    }
    if chosen != scoring.chosen() {
        intents.push(Intent::Score(ScoreAsk::Choose(chosen)));
    }
}

/// What a model is, in a line: "learned from a.csv, 600 rows, 90 bad · held out: AUC .912, recall .743 of 120 rows · …".
fn facts(model: &RiskModel) -> String {
    let record = &model.record;
    let held_out = |value: Option<f64>| value.map_or_else(|| "undefined".to_owned(), figure);
    let mut facts = vec![
        format!(
            "learned from {}{}, {}, {} bad",
            record.data.files.join(" + "),
            if record.data.synthetic { " (synthetic)" } else { "" },
            count(record.data.rows, "row"),
            thousands(record.data.bad)
        ),
        format!(
            "held out: AUC {}, recall {} on {}",
            held_out(record.metrics.auc),
            held_out(record.metrics.recall),
            count(record.held_out, "row")
        ),
        format!("seed {}", record.settings.seed),
        format!("called bad from a PD of {}", percent(model.threshold)),
    ];
    match &model.grades {
        Some(scale) => facts.push(count(scale.n_grades(), "grade")),
        None => facts.push("no grades".to_owned()),
    }
    facts.join(" · ")
}

/// More of it, under the pointer.
fn about_ui(ui: &mut Ui, model: &RiskModel) {
    let record = &model.record;
    ui.label(theme::semibold(format!("{}, made {} by version {}", model.kind.title(), record.made, record.program)));
    ui.label(format!(
        "{}, bad is {} = {}",
        count(model.columns.len(), "indicator"),
        record.data.label,
        record.data.bad_value
    ));
    for notice in &record.notices {
        ui.label(theme::weak(notice));
    }
}

fn buttons_ui(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let scoring = &workspace.scoring;
    let mut ask = |ask| intents.push(Intent::Score(ask));
    let open = ActionButton::new("Open a file to score…")
        .tooltip("A table of firms: columns are found by name, no outcome needed");
    let open = if scoring.scored.is_none() { open.primary() } else { open };
    if open.show(ui).clicked() {
        ask(ScoreAsk::Path(PathFor::Score));
    }
    let name = workspace.table.as_ref().map(|table| table.source.name());
    let tooltip = match &name {
        Some(name) => format!("Every row of {name}, with an outcome or without"),
        None => "No table is open".to_owned(),
    };
    if ActionButton::new("Score this table").tooltip(&tooltip).enabled(name.is_some()).show(ui).clicked() {
        ask(ScoreAsk::ThisTable);
    }
    ui.menu_button("Watch", |ui| {
        ui.set_min_width(200.0);
        let file = ui.button("A file…").on_hover_text("Scored now, and again whenever it changes");
        if file.clicked() {
            ask(ScoreAsk::Path(PathFor::WatchFile));
        }
        let folder =
            ui.button("A folder…").on_hover_text("Its newest table is scored, now and whenever there is a newer one");
        if folder.clicked() {
            ask(ScoreAsk::Path(PathFor::WatchFolder));
        }
    });
    let earlier = ActionButton::new("Compare with an earlier scoring…")
        .tooltip("A file of scores exported before: which firms fell by two grades or more?");
    if earlier.show(ui).clicked() {
        ask(ScoreAsk::Path(PathFor::Earlier));
    }
    if let Some(scored) = &scoring.scored {
        let columns = ActionButton::new("Columns…")
            .tooltip("Which column of the file is which indicator, name, period, exposure");
        if columns.show(ui).clicked() {
            ask(ScoreAsk::Columns);
        }
        ui.menu_button("Export", |ui| {
            ui.set_min_width(200.0);
            for (title, name, reasons) in ScoresFile::FORMATS {
                if ui.button(title).clicked() {
                    let file = ScoresFile { scored: Arc::clone(scored), name, reasons };
                    intents.push(Intent::Save(Arc::new(file)));
                }
            }
        });
    }
    open_model_button(ui, intents);
}

/// What is under way, watched and compared with.
fn state_ui(ui: &mut Ui, scoring: &ScoringState, intents: &mut Vec<Intent>) {
    let mut ask = |ask| intents.push(Intent::Score(ask));
    if let Some(running) = &scoring.running {
        // The loader tells when it has ended, and nothing in between.
        ui.ctx().request_repaint_after(Duration::from_millis(100));
        ui.horizontal(|ui| {
            ui.label(format!("Scoring {}", running.name));
            if ActionButton::new("Stop").with_icon(Icon::Stop).tooltip("The scores shown stay").show(ui).clicked() {
                ask(ScoreAsk::Stop);
            }
            let color = Palette::of(ui).accent;
            ui.allocate_ui(vec2(240.0, 8.0), |ui| meter(ui, "Progress", running.progress.share(), color));
        });
    }
    let other = |scored: &ScoredTable| scoring.model().is_some_and(|model| !Arc::ptr_eq(model, &scored.model));
    if scoring.running.is_none() && scoring.scored.as_deref().is_some_and(other) {
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::weak("These are the scores of a model before."));
            if ActionButton::new("Score again").tooltip("With the model chosen above").show(ui).clicked() {
                ask(ScoreAsk::Again);
            }
        });
    }
    // An empty row would take room too.
    if scoring.watched.is_none() && scoring.earlier.is_none() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        if let Some(watched) = &scoring.watched {
            let path = watched.path.display();
            ui.add(Label::new(theme::weak(format!("Watching {path}"))).truncate());
            if ActionButton::new("Stop watching").show(ui).clicked() {
                ask(ScoreAsk::Unwatch);
            }
        }
        if let Some(earlier) = &scoring.earlier {
            ui.label(theme::weak(format!("Compared with {}", earlier.name)));
            if ActionButton::new("Forget it").tooltip("Hold no earlier scoring beside").show(ui).clicked() {
                ask(ScoreAsk::ForgetEarlier);
            }
        }
    });
}
