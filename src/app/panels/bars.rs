//! The bar along the top (menu, screens, run controls, seed, theme) and the status line along the bottom.

use egui::{Align, DragValue, Frame, Layout, Panel, Ui, vec2};

use super::{capital, thousands, time_left};
use crate::app::actions::{Command, Intent, Screen};
use crate::app::export::Export;
use crate::app::lecture::{lecture_switch, lessons_menu, progress_ui, show_controls};
use crate::app::notices::Gravity;
use crate::app::saving::Keep;
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{ActionButton, Icon, meter, notice, tab};
use crate::app::workspace::{DataState, Workspace};
use crate::data::SAMPLES;
use crate::report::Figure;
use crate::storage::Control;
use crate::training::{Mode, ModelKind, RunSettings};

/// A button for a command.
fn command_button(ui: &mut Ui, button: ActionButton<'_>, command: Command, enabled: bool, intents: &mut Vec<Intent>) {
    let mut button = button.tooltip(command.tooltip()).enabled(enabled);
    if let Some(shortcut) = command.shortcut() {
        button = button.shortcut(shortcut);
    }
    if button.show(ui).clicked() {
        intents.push(Intent::Do(command));
    }
}

/// The bar along the top.
pub(in crate::app) fn top_bar(ui: &mut Ui, screen: Screen, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let palette = Palette::of(ui);
    let frame = Frame::new().fill(palette.panel).inner_margin(egui::Margin::symmetric(12, 0));
    Panel::top("top bar").exact_size(44.0).frame(frame).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            // Where there is little room symbols have to do, and what stands in a menu too is left out.
            let stage = &workspace.stage;
            let narrow = ui.available_width() < if stage.lecture.on { 1455.0 } else { 1230.0 };
            if !narrow {
                ui.label(theme::semibold("Beliefscope"));
                ui.add_space(4.0);
            }
            if stage.shows(Control::Menu) {
                file_menu(ui, workspace, intents);
                ui.add_space(4.0);
            }
            ui.spacing_mut().item_spacing.x = 2.0;
            for choice in Screen::ALL.into_iter().filter(|_| stage.shows(Control::Screens)) {
                let command = Command::Show(choice);
                let response = tab(ui, screen == choice, command.label()).on_hover_text(command.tooltip());
                if response.clicked() {
                    intents.push(Intent::Do(command));
                }
            }
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.add_space(if narrow { 6.0 } else { 28.0 });
            if matches!(screen, Screen::Compare | Screen::Cutoff) {
                compare_controls(ui, workspace, intents);
            } else {
                run_controls(ui, workspace, narrow, intents);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if stage.bare {
                    show_controls(ui, intents);
                    return;
                }
                let theme_button = ActionButton::icon(Icon::Theme, Command::NextTheme.label());
                command_button(ui, theme_button, Command::NextTheme, true, intents);
                // In the smallest window the menu and the key have to do.
                if ui.available_width() > 230.0 {
                    lecture_switch(ui, stage, intents);
                }
                if stage.lecture.on && ui.available_width() > 100.0 {
                    lessons_menu(ui, stage, intents);
                }
                if !stage.shows(Control::Seed) || ui.available_width() < 90.0 {
                    return;
                }
                if !narrow {
                    command_button(ui, ActionButton::new(Command::NewSeed.label()), Command::NewSeed, true, intents);
                }
                seed_field(ui, &workspace.settings, intents);
            });
        });
    });
}

fn file_menu(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    ui.menu_button("File", |ui| {
        ui.set_min_width(240.0);
        let commands = [
            Command::OpenDialog,
            Command::OpenPath,
            Command::OpenSample,
            Command::SaveWork,
            Command::Replay,
            Command::Undo,
            Command::Redo,
            Command::NewSeed,
            Command::ResetSettings,
            Command::Lecture,
            Command::FullScreen,
            Command::HideControls,
            Command::Quit,
        ];
        for command in commands {
            if matches!(
                command,
                Command::SaveWork | Command::Undo | Command::NewSeed | Command::Lecture | Command::Quit
            ) {
                ui.separator();
            }
            // What can be taken back is named; without anything the line is grey.
            let edit = match command {
                Command::Undo => Some(workspace.edits.undo_name()),
                Command::Redo => Some(workspace.edits.redo_name()),
                _ => None,
            };
            let name = match edit.flatten() {
                Some(what) => format!("{}: {what}", command.label()),
                None => command.label().to_owned(),
            };
            let mut button = egui::Button::new(name).truncate();
            if let Some(shortcut) = command.shortcut() {
                button = button.shortcut_text(ui.ctx().format_shortcut(&shortcut));
            }
            let there = command != Command::Replay || !(workspace.run.trained.is_empty() || workspace.run.is_active());
            if ui.add_enabled(edit != Some(None) && there, button).on_hover_text(command.tooltip()).clicked() {
                intents.push(Intent::Do(command));
            }
            if command == Command::OpenSample {
                samples_menu(ui, intents);
            }
            if command == Command::SaveWork {
                models_menu(ui, workspace, intents);
            }
        }
        ui.separator();
        egui::gui_zoom::zoom_menu_buttons(ui);
    });
}

/// Every trained model, to be saved.
fn models_menu(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let trained = &workspace.run.trained;
    ui.add_enabled_ui(!trained.is_empty(), |ui| {
        ui.menu_button("Save model", |ui| {
            ui.set_min_width(240.0);
            for trained in trained {
                let text = format!("{}…", trained.model.title());
                let button = ui.button(text).on_hover_text("As a file that scores firms on any computer");
                if button.clicked() {
                    intents.push(Intent::Keep(Keep::Model(trained.model)));
                }
            }
        })
        .response
        .on_disabled_hover_text("Train a model first");
    });
}

/// Every bundled sample by name.
fn samples_menu(ui: &mut Ui, intents: &mut Vec<Intent>) {
    ui.menu_button("Samples", |ui| {
        ui.set_min_width(240.0);
        for sample in SAMPLES {
            if ui.button(sample.title).on_hover_text(sample.description).clicked() {
                intents.push(Intent::OpenSample(sample.name));
            }
        }
    });
}

fn run_controls(ui: &mut Ui, workspace: &Workspace, narrow: bool, intents: &mut Vec<Intent>) {
    let ready = workspace.is_ready();
    let active = workspace.run.is_active();
    let running = workspace.run.is_running();
    let train = ActionButton::new(if active && !running { "Go on" } else { "Train" }).with_icon(Icon::Play);
    let train = if running { train } else { train.primary() };
    command_button(ui, train, Command::Train, ready && !running, intents);
    command_button(ui, ActionButton::icon(Icon::Pause, "Pause"), Command::Pause, running, intents);
    for (command, icon) in [(Command::Step, Icon::Step), (Command::Rewind, Icon::Rewind)] {
        let button = ActionButton::new(command.label()).with_icon(icon);
        let button = if narrow { ActionButton::icon(icon, command.label()) } else { button };
        command_button(ui, button, command, ready, intents);
    }
    command_button(ui, ActionButton::icon(Icon::Stop, "Stop"), Command::Stop, active, intents);
}

fn compare_controls(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let ready = workspace.is_ready();
    let running = workspace.compare.is_running();
    let compare = ActionButton::new("Run comparison").with_icon(Icon::Play).primary();
    command_button(ui, compare, Command::Compare, ready && !running, intents);
    let stop = ActionButton::new(Command::StopCompare.label()).with_icon(Icon::Stop);
    command_button(ui, stop, Command::StopCompare, running, intents);
    export_menu(ui, workspace, intents);
}

/// What can be taken out of the comparison as a file.
fn export_menu(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let Some(result) = &workspace.compare.result else { return };
    ui.menu_button("Export", |ui| {
        ui.set_min_width(220.0);
        for (export, name) in Export::DOCUMENTS {
            if ui.button(name).clicked() {
                intents.push(Intent::Export(export));
            }
        }
        ui.separator();
        ui.menu_button("Figure (SVG or PNG)", |ui| {
            ui.label(theme::weak("PNG where the file's name ends so"));
            let models: Vec<ModelKind> = result.comparison.models.iter().map(|model| model.kind).collect();
            for figure in Figure::all(&models) {
                let name = capital(&figure.file_stem().replace('_', " "));
                if ui.button(name).on_hover_text(figure.caption()).clicked() {
                    intents.push(Intent::Export(Export::Figure(figure)));
                }
            }
        });
    });
}

fn seed_field(ui: &mut Ui, settings: &RunSettings, intents: &mut Vec<Intent>) {
    let mut seed = settings.seed;
    let field = ui.add(DragValue::new(&mut seed).speed(0.2).update_while_editing(false));
    field.widget_info(|| egui::WidgetInfo::drag_value(true, seed as f64));
    let field = field.on_hover_text("The one seed: the same table, settings and seed give the same numbers");
    let label = ui.label(egui::RichText::new("seed").weak());
    if field.labelled_by(label.id).changed() {
        intents.push(Intent::SetSettings(Box::new(RunSettings { seed, ..settings.clone() })));
    }
}

/// The status line: what runs, how far, how long still; the last notice; the table.
pub(in crate::app) fn status_bar(
    ui: &mut Ui,
    screen: Screen,
    workspace: &Workspace,
    opening: Option<(&str, f64)>,
    intents: &mut Vec<Intent>,
) {
    let palette = Palette::of(ui);
    let frame = Frame::new().fill(palette.panel).inner_margin(egui::Margin::symmetric(12, 0));
    Panel::bottom("status bar").exact_size(28.0).frame(frame).show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 14.0;
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                // A lesson says what it is about itself, and needs the room.
                if workspace.stage.progress.is_none() {
                    ui.add(egui::Label::new(theme::weak(table_text(workspace))).truncate());
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let state = match opening {
                        Some((name, share)) => {
                            Status { text: format!("Opening {name}"), fraction: Some(share), rest: String::new() }
                        }
                        None => status(screen, workspace),
                    };
                    if let Some(progress) = &workspace.stage.progress {
                        progress_ui(ui, progress);
                    }
                    ui.label(egui::RichText::new(&state.text).small());
                    if let Some(fraction) = state.fraction {
                        ui.allocate_ui(vec2(200.0, 8.0), |ui| meter(ui, "Progress", fraction, palette.accent));
                    }
                    if opening.is_some() {
                        ui.spacing_mut().interact_size.y = 20.0;
                        ui.spacing_mut().button_padding.y = 1.0;
                        let button = ActionButton::new(Command::StopOpening.label());
                        command_button(ui, button, Command::StopOpening, true, intents);
                    }
                    ui.label(theme::weak(state.rest));
                });
            });
        });
    });
}

struct Status {
    text: String,
    fraction: Option<f64>,
    rest: String,
}

fn status(screen: Screen, workspace: &Workspace) -> Status {
    let compare = &workspace.compare;
    let run = &workspace.run;
    let join = |parts: Vec<String>| parts.join(" · ");
    if compare.is_running() && (matches!(screen, Screen::Compare | Screen::Cutoff) || !run.is_active()) {
        let left = compare.seconds_left().map(time_left);
        return Status {
            text: format!("Comparing · {} of {} fits", compare.fits_done(), compare.cells.len()),
            fraction: Some(compare.fraction()),
            rest: left.unwrap_or_default(),
        };
    }
    if let (true, Some(worker)) = (run.is_active(), &run.worker) {
        let mode = worker.desired().mode;
        let Some(snapshot) = &run.snapshot else {
            return Status { text: "Preparing".to_owned(), fraction: Some(0.0), rest: String::new() };
        };
        let p = &snapshot.progress;
        let epochs = match p.planned {
            Some(planned) => format!("{} · epoch {} of {planned}", p.phase, p.done),
            None => format!("{} · iteration {}", p.phase, thousands(p.done as usize)),
        };
        let mut rest = Vec::new();
        if mode == Mode::Pause {
            rest.push("paused".to_owned());
        } else {
            rest.extend(run.seconds_left().map(time_left));
            // Rows a second mean something for nets only.
            rest.extend(p.planned.and_then(|_| rate_text(snapshot.rows_per_second)));
        }
        return Status { text: epochs, fraction: Some(run.fraction()), rest: join(rest) };
    }
    let text = match workspace.notices.last() {
        Some(notice) => notice.text.clone(),
        None if run.end.is_some() => "Training has ended".to_owned(),
        None => "Ready".to_owned(),
    };
    // The notice itself stands above the screen; here its first words are enough.
    let short: String = text.chars().take(80).collect();
    let text = if short.len() < text.len() { format!("{short}…") } else { short };
    Status { text, fraction: None, rest: String::new() }
}

/// "1.9 M rows/s"; nothing while it is not known.
fn rate_text(rows: f64) -> Option<String> {
    match rows {
        r if r >= 1e6 => Some(format!("{:.1} M rows/s", r / 1e6)),
        r if r >= 1e3 => Some(format!("{:.0} k rows/s", r / 1e3)),
        r if r > 0.0 => Some(format!("{r:.0} rows/s")),
        _ => None,
    }
}

fn table_text(workspace: &Workspace) -> String {
    let Some(table) = &workspace.table else { return "no table".to_owned() };
    let mut parts = vec![table.source.name()];
    if table.source.is_synthetic() {
        parts.push("synthetic".to_owned());
    }
    parts.push(match &table.data {
        DataState::Ready(data) => format!(
            "{} rows, {} labelled, {} bad",
            thousands(data.n_rows()),
            thousands(data.n_labelled()),
            thousands(data.n_bad())
        ),
        DataState::Building => "reading".to_owned(),
        DataState::Unusable(_) => format!("{} rows, not ready to train", thousands(table.source.table.n_rows())),
    });
    parts.join(" · ")
}

/// Notices above the screen, the newest first, three at most.
pub(in crate::app) fn notices(ui: &mut Ui, workspace: &Workspace, intents: &mut Vec<Intent>) {
    let list = workspace.notices.list();
    let most = 3;
    for (index, item) in list.iter().enumerate().rev().take(most) {
        let tone = match item.gravity {
            Gravity::Info => Tone::Info,
            Gravity::Warning => Tone::Warn,
            Gravity::Error => Tone::Bad,
        };
        if notice(ui, tone, &item.text) {
            intents.push(Intent::Dismiss(index));
        }
        ui.add_space(2.0);
    }
    if list.len() > most {
        ui.label(theme::weak(format!("{} more", list.len() - most)));
    }
}
