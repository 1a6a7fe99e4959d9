//! The band along the bottom while a lesson is given: what to see, the question to the class, and the way on.

use egui::{Align, Frame, Label, Layout, Margin, Panel, Sense, Ui, vec2};

use super::{Answer, Facts, Player, Progress, Question};
use crate::app::actions::{Command, Intent, LessonAsk};
use crate::app::theme::{self, Palette, Tone};
use crate::app::widgets::{ActionButton, Icon, meter};
use crate::storage::Predict;

/// Width of the buttons on the right, in heights of a line of text.
const BUTTONS: f32 = 13.0;

/// Draws the band; without `captions` it leaves out what the instructor says anyway.
pub(in crate::app) fn band_ui(ui: &mut Ui, player: &Player, facts: &Facts, captions: bool, intents: &mut Vec<Intent>) {
    let palette = Palette::of(ui);
    let frame = Frame::new().fill(palette.card).inner_margin(Margin::symmetric(16, 10));
    Panel::bottom("lesson").resizable(false).frame(frame).show(ui, |ui| {
        let buttons = BUTTONS * ui.text_style_height(&egui::TextStyle::Body);
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width((ui.available_width() - buttons - 16.0).max(200.0));
                ui.spacing_mut().item_spacing.y = 4.0;
                let (step, steps) = player.place();
                let heading = format!("{step} of {steps} · {}", player.step().title);
                ui.add(Label::new(theme::heading(heading)).wrap());
                if captions {
                    ui.add(Label::new(theme::caption(&player.step().caption)).wrap());
                }
                if let Some(question) = player.question(facts) {
                    question_ui(ui, question, intents);
                }
            });
            ui.with_layout(Layout::top_down(Align::Max), |ui| {
                way_on(ui, player, facts, intents);
            });
        });
    });
}

fn question_ui(ui: &mut Ui, question: Question<'_>, intents: &mut Vec<Intent>) {
    match question {
        Question::Open(Predict { question, choices, .. }) => {
            ui.add(Label::new(theme::semibold(question)).wrap());
            ui.horizontal_wrapped(|ui| {
                for (i, choice) in choices.iter().enumerate() {
                    if ActionButton::new(choice).show(ui).clicked() {
                        intents.push(Intent::Lesson(LessonAsk::Answer(Answer::Chosen(i))));
                    }
                }
                ui.add_space(12.0);
                if ActionButton::new("Skip").tooltip("Go on without an answer").show(ui).clicked() {
                    intents.push(Intent::Lesson(LessonAsk::Answer(Answer::Skipped)));
                }
            });
        }
        Question::Watching(asked, answer) => {
            let said = match answer {
                Answer::Chosen(choice) => format!("{} You said: {}.", asked.question, asked.choices[choice]),
                Answer::Skipped => asked.question.clone(),
            };
            line_ui(ui, Icon::Info, Tone::Info, &said);
        }
        Question::Told(asked, answer) => {
            let right = matches!(answer, Answer::Chosen(choice) if choice == asked.answer);
            let (icon, tone) = if right { (Icon::Check, Tone::Ok) } else { (Icon::Info, Tone::Info) };
            line_ui(ui, icon, tone, &told(asked, answer));
        }
    }
}

/// A symbol and a sentence after it, as large as the rest.
fn line_ui(ui: &mut Ui, icon: Icon, tone: Tone, text: &str) {
    ui.horizontal_top(|ui| {
        let height = ui.text_style_height(&egui::TextStyle::Body);
        let (rect, _) = ui.allocate_exact_size(vec2(0.9 * height, height), Sense::hover());
        icon.paint(ui.painter(), rect, Palette::of(ui).tone(tone));
        ui.add(Label::new(theme::semibold(text)).wrap());
    });
}

/// "You said …, it did …, because …".
fn told(asked: &Predict, answer: Answer) -> String {
    let Predict { choices, answer: truth, because, .. } = asked;
    match answer {
        Answer::Chosen(choice) if choice == *truth => {
            format!("You said “{}”, and so it is. {because}", choices[choice])
        }
        Answer::Chosen(choice) => {
            format!("You said “{}”; it is “{}”. {because}", choices[choice], choices[*truth])
        }
        Answer::Skipped => format!("It is “{}”. {because}", choices[*truth]),
    }
}

fn way_on(ui: &mut Ui, player: &Player, facts: &Facts, intents: &mut Vec<Intent>) {
    let (step, steps) = player.place();
    let waits = player.waits_for(facts);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let mut buttons = vec![
            (ActionButton::new("Next").primary().enabled(waits.is_empty()), Command::NextStep),
            (ActionButton::new("Back").enabled(step > 1), Command::PreviousStep),
        ];
        if step == steps {
            buttons[0].0 = ActionButton::new("End the lesson").primary().enabled(waits.is_empty());
        }
        for (button, command) in buttons {
            let button = button.tooltip(command.tooltip());
            let button = match command.shortcut() {
                Some(key) => button.shortcut(key),
                None => button,
            };
            if button.show(ui).clicked() {
                intents.push(Intent::Do(command));
            }
        }
    });
    if !waits.is_empty() {
        ui.add(Label::new(theme::weak(waits)).truncate());
    }
    if step < steps && ActionButton::new("Leave the lesson").tooltip(Command::LeaveLesson.tooltip()).show(ui).clicked()
    {
        intents.push(Intent::Do(Command::LeaveLesson));
    }
}

/// The lesson's part of the status line: its name, how far it is.
pub(in crate::app) fn progress_ui(ui: &mut Ui, progress: &Progress) {
    let Progress { name, step, steps } = progress;
    ui.label(egui::RichText::new(name).small());
    let share = *step as f64 / (*steps).max(1) as f64;
    ui.allocate_ui(vec2(160.0, 8.0), |ui| meter(ui, "Progress of the lesson", share, Palette::of(ui).accent));
    ui.label(theme::weak(format!("step {step} of {steps}")));
}
