//! Lectures and lessons: the stage, and carrying out what a lesson asks for.
//!
//! A lesson works on a workspace of its own. What was there before is put aside whole and comes back when the lesson is left:
//! the table, the settings, the run, the results.

use std::path::Path;

use egui::{Context, Ui};

use super::App;
use crate::app::actions::{Command, Intent, LessonAsk, Screen, TimelineAsk, Unit};
use crate::app::insights::Asked;
use crate::app::lecture::{Facts, Player, Progress, band_ui, magnification};
use crate::app::panels::{compare::ComparePanel, cutoff::CutoffPanel, network::NetworkPanel, score::ScorePanel};
use crate::app::theme;
use crate::app::timeline::UNITS;
use crate::app::workspace::{DataState, Workspace};
use crate::data::Dataset;
use crate::model::dbn::Moment;
use crate::storage::{Action, Lesson, LessonData, Playing, RowChoice, StepAction, course};
use crate::training::{Mode, ModelKind};

/// A lesson under way, and what was here before it.
pub(super) struct GivenLesson {
    player: Player,
    /// Until so many epochs the recording is played, and then held.
    play_to: Option<u64>,
    before: Workspace,
    screen: Screen,
    lecture: bool,
}

impl GivenLesson {
    /// The person's own work.
    pub(super) fn before(&self) -> &Workspace {
        &self.before
    }

    /// The same, to be changed.
    pub(super) fn before_mut(&mut self) -> &mut Workspace {
        &mut self.before
    }
}

/// Whether a file is meant as a lesson: no table is JSON.
pub(super) fn is_lesson(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

impl App {
    /// Lets type, contrast and size follow the switch between Risk and Lecture, and the window's size.
    pub(super) fn set_stage(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let lecture = self.window.lecture;
        self.workspace.stage.lecture = lecture;
        if self.lecture_style != lecture.on {
            self.lecture_style = lecture.on;
            theme::install_styles(&ctx, lecture.on);
            // From this frame on.
            ui.set_style(ctx.global_style());
        }
        let zoom = ctx.zoom_factor();
        // Where there is no desktop, as in tests, the size in points is given and has nothing to do with zoom.
        let desktop = ctx.input(|i| i.viewport().inner_rect.is_some());
        let wanted = if lecture.on && desktop { magnification(ctx.content_rect().size() * zoom) } else { 1.0 };
        // The person's own zoom is kept; a window that is being resized does not flicker.
        if (wanted / self.magnified - 1.0).abs() > 0.01 || (wanted == 1.0 && self.magnified != 1.0) {
            ctx.set_zoom_factor(zoom / self.magnified * wanted);
            self.magnified = wanted;
        }
    }

    /// How things stand for the lesson.
    fn facts(&self) -> Facts {
        let run = &self.workspace.run;
        let building = |state: &DataState| matches!(state, DataState::Building);
        let net = |kind: ModelKind| matches!(kind, ModelKind::Dbn | ModelKind::Mlp);
        let epochs = match &run.snapshot {
            _ if run.trained.iter().any(|trained| net(trained.model)) => f64::INFINITY,
            Some(snapshot) if net(snapshot.model) => snapshot.x,
            _ => 0.0,
        };
        Facts {
            busy: self.opening.is_some() || self.workspace.table.as_ref().is_some_and(|table| building(&table.data)),
            training: run.is_active(),
            epochs,
            comparing: self.workspace.compare.is_running(),
            playing: self.workspace.timeline.is_playing() || self.workspace.timeline.is_busy(),
            // Before the moment that was asked for is found, the one shown is not what was played to.
            shown: if self.workspace.timeline.is_busy() { 0.0 } else { self.workspace.timeline.shown().epochs as f64 },
        }
    }

    /// Carries out what the lesson asks for by now.
    pub(super) fn give_lesson(&mut self, ctx: &Context) {
        let Some(mut given) = self.lesson.take() else { return };
        self.workspace.stage.held = false;
        if given.play_to.take_if(|to| self.facts().shown >= *to as f64).is_some() {
            self.act(Intent::Timeline(TimelineAsk::Hold), ctx);
        }
        while let Some(ask) = given.player.next_ask(&self.facts()) {
            if let StepAction::Do(Action::Play(playing)) = &ask {
                given.play_to = Some(playing.to);
            }
            self.carry_out(ask, ctx);
        }
        let player = &given.player;
        let (step, steps) = player.place();
        let stage = &mut self.workspace.stage;
        stage.held = player.is_held();
        stage.hidden = player.hidden().to_vec();
        stage.tabs.clone_from(&player.lesson().tabs);
        stage.progress = Some(Progress { name: player.name(), step, steps });
        self.lesson = Some(given);
    }

    fn carry_out(&mut self, ask: StepAction, ctx: &Context) {
        let action = match ask {
            StepAction::Open(LessonData::Sample(name)) => return self.open_sample(name, false),
            StepAction::Open(LessonData::File(path)) => return self.open(vec![path], false),
            StepAction::Settings(settings) => return self.set_settings(*settings),
            StepAction::Do(action) => action,
        };
        match action {
            Action::Screen(screen) => self.screen = screen,
            Action::Train => self.start_training(Mode::Run, ctx),
            Action::Pause => self.ask(|desired| desired.mode = Mode::Pause),
            Action::Rewind => self.start_training(Mode::Pause, ctx),
            Action::Step(epochs) => {
                if !self.workspace.run.is_active() {
                    self.start_training(Mode::Pause, ctx);
                }
                self.ask(|desired| {
                    desired.mode = Mode::Pause;
                    desired.steps += epochs;
                });
            }
            Action::Compare => self.run_command(Command::Compare, ctx),
            Action::Tab(tab) => {
                self.screen = Screen::Network;
                self.act(Intent::ShowTab(tab), ctx);
            }
            Action::Play(Playing { speed, .. }) => {
                let start = TimelineAsk::Scrub(Moment::default());
                for ask in [start, TimelineAsk::Unit(Unit::Epoch), TimelineAsk::Speed(speed / UNITS), TimelineAsk::Play]
                {
                    self.act(Intent::Timeline(ask), ctx);
                }
            }
            Action::Scrub(epochs) => {
                let moment = Moment { epochs, ..Moment::default() };
                self.act(Intent::Timeline(TimelineAsk::Scrub(moment)), ctx);
            }
            Action::Live => self.act(Intent::Timeline(TimelineAsk::Live), ctx),
            Action::Theatre(sub_step) => self.workspace.stage.ask_theatre(sub_step),
            Action::Dream(outcome) => self.workspace.stage.ask_dream(outcome),
            Action::LookAt(choice) => {
                if let Some(row) = self.workspace.data().and_then(|data| row_of(choice, data)) {
                    self.act(Intent::LookAtRow(row), ctx);
                }
            }
            // The player and the check of the file have seen to these.
            Action::Hide(_) | Action::Show(_) | Action::Open(_) | Action::Set(_) => {}
        }
    }

    /// Says that a lesson has a table of its own.
    pub(super) fn tell_lesson(&mut self) {
        self.workspace.notices.info("A lesson has a table of its own: leave the lesson to open another.");
    }

    /// Says that a question is open, for what must not be done before its answer.
    pub(super) fn tell_held(&mut self) {
        self.workspace.notices.info("First the question of the lesson: choose an answer, or skip it.");
    }

    /// Gives a lesson; the work at hand is put aside. `number` is its place in the course.
    pub(super) fn begin_lesson(&mut self, lesson: Lesson, number: Option<usize>) {
        self.leave_lesson();
        // What is on its way is not for the lesson.
        self.open_request += 1;
        if self.workspace.run.is_running() {
            self.ask(|desired| desired.mode = Mode::Pause);
        }
        let mut workspace = Workspace::new(lesson.settings.clone());
        // Numbers of results go on, so that no answer of one workspace passes for one of the other.
        workspace.compare.serial = self.workspace.compare.serial;
        workspace.stage = self.workspace.stage.cleared();
        let (screen, lecture) = (self.screen, self.window.lecture.on);
        let before = std::mem::replace(&mut self.workspace, workspace);
        self.window.lecture.on = true;
        self.screen = Screen::Network;
        self.forget_shown();
        let player = Player::new(lesson, number);
        self.lesson = Some(Box::new(GivenLesson { player, play_to: None, before, screen, lecture }));
    }

    /// Back to what was here before the lesson.
    pub(super) fn leave_lesson(&mut self) {
        let Some(given) = self.lesson.take() else { return };
        let GivenLesson { mut before, screen, lecture, .. } = *given;
        // A model that was being made when the lesson began has gone to nobody: it is made again.
        before.run.keeping = None;
        let serial = self.workspace.compare.serial.max(before.compare.serial);
        let stage = self.workspace.stage.cleared();
        self.workspace = Workspace { stage, ..before };
        self.workspace.compare.serial = serial;
        (self.screen, self.window.lecture.on) = (screen, lecture);
        self.forget_shown();
        // What was being worked out when the lesson began has gone to nobody.
        self.workspace.cutoffs.trying = false;
        self.score_again();
        if let Some(table) = &self.workspace.table {
            if matches!(table.data, DataState::Building) {
                self.build(table.roles.clone());
            } else {
                self.inspect(Asked::Everything);
            }
        }
        if let Some(subject) = self.workspace.compare.subject.as_ref().filter(|subject| subject.findings.is_none()) {
            self.comparison += 1;
            self.loader.look(subject.clone(), self.comparison);
        }
    }

    /// Between two workspaces: answers on their way belong to neither, and panels remember nothing of the other table.
    pub(super) fn forget_shown(&mut self) {
        if let Some(opening) = self.opening.take() {
            opening.progress.cancel();
        }
        self.start_when_ready = false;
        self.request += 1;
        self.inspection += 1;
        self.loader.hurry_inspection(self.inspection);
        self.data_panel.take_table(false);
        self.compare_panel = ComparePanel::default();
        self.network_panel = NetworkPanel::default();
        self.cutoff_panel = CutoffPanel::default();
        self.score_panel = ScorePanel::default();
    }

    /// The next step; after the last one the lesson is left.
    pub(super) fn next_step(&mut self) {
        let facts = self.facts();
        if self.lesson.as_mut().is_some_and(|given| !given.player.forward(&facts)) {
            self.leave_lesson();
        }
    }

    pub(super) fn step_before(&mut self) {
        if let Some(given) = &mut self.lesson {
            given.player.back();
            given.play_to = None;
        }
    }

    pub(super) fn lesson_asked(&mut self, ask: LessonAsk) {
        match ask {
            LessonAsk::Course(index) => {
                if let Some(lesson) = course().get(index) {
                    self.begin_lesson(lesson.clone(), Some(index + 1));
                }
            }
            LessonAsk::Answer(answer) => {
                if let Some(given) = &mut self.lesson {
                    given.player.answer(answer);
                }
            }
            LessonAsk::Settings(settings) => self.window.lecture = settings,
        }
    }

    /// The band of the lesson, where one is given.
    pub(super) fn band_ui(&self, ui: &mut Ui, intents: &mut Vec<Intent>) {
        if let Some(given) = &self.lesson {
            band_ui(ui, &given.player, &self.facts(), self.window.lecture.captions, intents);
        }
    }
}

/// The row of the table that is meant; `None` where there is none such.
fn row_of(choice: RowChoice, data: &Dataset) -> Option<usize> {
    let first = |bad: bool| data.bad.iter().position(|&outcome| outcome == Some(bad));
    match choice {
        RowChoice::Bad => first(true),
        RowChoice::Good => first(false),
        RowChoice::Row(number) => number.min(data.n_rows()).checked_sub(1),
    }
}
