//! What a lecture puts into the bar along the top: the switch between Risk and Lecture, and the lessons.

use egui::{Button, Ui};

use super::Stage;
use crate::app::actions::{Command, Intent, LessonAsk};
use crate::app::widgets::{ActionButton, segmented};
use crate::storage::{LectureSettings, course};

/// The switch between the two ways to work.
pub(in crate::app) fn lecture_switch(ui: &mut Ui, stage: &Stage, intents: &mut Vec<Intent>) {
    let mut lecture = stage.lecture.on;
    let switch = segmented(ui, "Mode", &mut lecture, &[(false, "Risk"), (true, "Lecture")]);
    if switch.on_hover_text(Command::Lecture.tooltip()).changed() {
        intents.push(Intent::Do(Command::Lecture));
    }
}

/// The button that brings hidden controls back.
pub(in crate::app) fn show_controls(ui: &mut Ui, intents: &mut Vec<Intent>) {
    let mut button = ActionButton::new("Show controls").tooltip(Command::HideControls.tooltip());
    if let Some(key) = Command::HideControls.shortcut() {
        button = button.shortcut(key);
    }
    if button.show(ui).clicked() {
        intents.push(Intent::Do(Command::HideControls));
    }
}

/// The menu of lessons, with the switches of a lecture.
pub(in crate::app) fn lessons_menu(ui: &mut Ui, stage: &Stage, intents: &mut Vec<Intent>) {
    ui.menu_button("Lessons", |ui| {
        ui.set_min_width(320.0);
        for (i, lesson) in course().iter().enumerate() {
            let name = format!("{} · {}", i + 1, lesson.title);
            if ui.add(Button::new(name).truncate()).on_hover_text(&lesson.about).clicked() {
                intents.push(Intent::Lesson(LessonAsk::Course(i)));
            }
        }
        ui.separator();
        for command in [Command::OpenLesson, Command::LeaveLesson] {
            let enabled = command == Command::OpenLesson || stage.progress.is_some();
            let button = Button::new(command.label()).truncate();
            if ui.add_enabled(enabled, button).on_hover_text(command.tooltip()).clicked() {
                intents.push(Intent::Do(command));
            }
        }
        ui.separator();
        for command in [Command::FullScreen, Command::HideControls] {
            let mut button = Button::new(command.label()).truncate();
            if let Some(key) = command.shortcut() {
                button = button.shortcut_text(ui.ctx().format_shortcut(&key));
            }
            if ui.add(button).on_hover_text(command.tooltip()).clicked() {
                intents.push(Intent::Do(command));
            }
        }
        let LectureSettings { on, mut captions, mut ring } = stage.lecture;
        let told = ui.checkbox(&mut captions, "Captions").on_hover_text("What a lesson says stands along the bottom");
        let ringed = ui.checkbox(&mut ring, "Ring around the pointer").on_hover_text("In Lecture only");
        if told.changed() || ringed.changed() {
            intents.push(Intent::Lesson(LessonAsk::Settings(LectureSettings { on, captions, ring })));
        }
    });
}
