//! Carrying out what was asked for: by a button, a menu, a key or a dropped file.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use egui::{Context, Event, ViewportCommand};

use super::App;
use super::overlays::PathBox;
use crate::app::actions::{Command, Intent, Screen, TimelineAsk};
use crate::app::comparing::{Analysing, Subject};
use crate::app::cutoffs::Ask;
use crate::app::edits::Step;
use crate::app::insights::Asked;
use crate::app::open::theme_preference;
use crate::app::saving::Keep;
use crate::app::standing::StandAsk;
use crate::app::workspace::{OpenTable, Workspace};
use crate::storage::Theme;
use crate::training::worker::{Comparing, Estimating, Studying, Training, default_threads};
use crate::training::{Desired, Mode, RunSettings, StudySettings};

impl App {
    pub(super) fn wake(&self, ctx: &Context) -> Box<dyn Fn() + Send + Sync> {
        let (ctx, wait) = (ctx.clone(), Arc::clone(&self.frame_wait_ms));
        Box::new(move || ctx.request_repaint_after(Duration::from_millis(wait.load(Ordering::Relaxed))))
    }

    pub(super) fn start_training(&mut self, mode: Mode, ctx: &Context) {
        let Some(spec) = self.workspace.spec() else {
            self.workspace.notices.error("A setting is out of its range: see the fields marked below.");
            return;
        };
        let Some(data) = self.workspace.data().cloned() else { return };
        self.workspace.notices.clear();
        let tunables = spec.settings.dbn.tunables();
        let pace = self.workspace.pace;
        let look = matches!(self.screen, Screen::Train | Screen::Network);
        let desired = Desired { mode, steps: 0, tunables, pace, look, skip_search: false };
        self.workspace.drop_run();
        self.workspace.run.data = Some(Arc::clone(&data));
        self.workspace.run.origin = self.workspace.table.as_ref().map(OpenTable::origin);
        match Training::start(data, spec.clone(), desired, self.wake(ctx)) {
            Ok(worker) => {
                self.workspace.timeline.begin(worker.recording());
                self.workspace.run.worker = Some(worker);
                self.workspace.run.spec = Some(spec);
            }
            Err(error) => self.workspace.notices.error(format!("Training could not start: {error}.")),
        }
    }

    pub(super) fn start_comparison(&mut self, ctx: &Context) {
        let Some(spec) = self.workspace.spec() else {
            self.workspace.notices.error("A setting is out of its range: see the fields marked below.");
            return;
        };
        let Some(data) = self.workspace.data().cloned() else { return };
        let Some(table) = &self.workspace.table else { return };
        let earlier = self.workspace.compare.reusable(&data, &spec);
        match Comparing::start(Arc::clone(&data), spec.clone(), default_threads(), earlier, self.wake(ctx)) {
            Ok(worker) => {
                let compare = &mut self.workspace.compare;
                compare.worker = Some(worker);
                compare.models.clone_from(&spec.settings.models);
                compare.cells.clear();
                compare.n_splits = 0;
                compare.started = Some(Instant::now());
                compare.begun_at = None;
                // What is worked out of the last result is of no use to this one.
                compare.analysing = Analysing::Idle;
                let subject = Subject { origin: table.origin(), data, spec, findings: None };
                self.comparison += 1;
                self.loader.look(subject.clone(), self.comparison);
                compare.subject = Some(subject);
            }
            Err(error) => self.workspace.notices.error(format!("The comparison could not start: {error}.")),
        }
    }

    /// Where a run can be watched: the Network screen stays, from any other it is the Train screen.
    fn show_training(&mut self) {
        if self.screen != Screen::Network {
            self.screen = Screen::Train;
        }
    }

    /// Asks the running worker for something.
    pub(super) fn ask(&self, change: impl FnOnce(&mut Desired)) {
        if let Some(worker) = &self.workspace.run.worker {
            worker.ask(change);
        }
    }

    pub(super) fn act(&mut self, intent: Intent, ctx: &Context) {
        match intent {
            Intent::Do(command) => self.run_command(command, ctx),
            Intent::Open(paths) => self.open_chosen(paths),
            Intent::OpenSample(_) if self.lesson.is_some() => self.tell_lesson(),
            Intent::OpenSample(name) => {
                self.show_training();
                self.open_sample(name, true);
            }
            Intent::SetRoles { roles, bad_confirmed, what } => self.edit(&what, |choices| {
                choices.roles = roles;
                choices.bad_confirmed = bad_confirmed;
            }),
            Intent::Peek(options) => {
                if let Some(table) = &self.workspace.table {
                    self.loader.peek(table.paths.clone(), table.sample(), *options, self.opened);
                }
            }
            Intent::LookAtPreparation => self.inspect(Asked::Preparation),
            Intent::SetCombination { combination, what } => {
                self.edit(&what, |choices| choices.combination = combination);
            }
            Intent::SetReading { options, what } => self.edit(&what, |choices| choices.options = *options),
            Intent::SetSettings(settings) => {
                let RunSettings { preparation, validation, .. } = &*settings;
                let (preparation, validation) = (preparation.clone(), validation.clone());
                let same = (&preparation, &validation)
                    == (&self.workspace.settings.preparation, &self.workspace.settings.validation);
                let what = if preparation == self.workspace.settings.preparation { "splits" } else { "preparation" };
                if !same {
                    self.edit(what, |choices| {
                        choices.preparation = preparation;
                        choices.validation = validation;
                    });
                }
                self.set_settings(*settings);
            }
            Intent::Keep(keep) => self.keep(keep),
            Intent::KeepAt(keep, path) => self.keep_at(keep, path),
            Intent::Left(ask) => self.left_asked(ask),
            Intent::SkipSearch => self.ask(|desired| desired.skip_search = true),
            Intent::Export(export) => {
                if let Some(result) = &self.workspace.compare.result {
                    self.loader.export(export, result.export_job(&self.workspace));
                }
            }
            Intent::ExportTo(export, path) => {
                if let Some(result) = &self.workspace.compare.result {
                    self.loader.export_to(export, path, result.export_job(&self.workspace));
                }
            }
            Intent::Save(document) => self.loader.save_document(document),
            Intent::SaveTo(document, path) => self.loader.save_document_to(document, path),
            Intent::OpenSecond(path) => {
                if let Some(data) = self.workspace.data() {
                    self.loader.open_second(path, Arc::clone(data), self.workspace.number);
                }
            }
            Intent::Stand(ask) => self.stand(ask, ctx),
            Intent::StartStudy(settings) => self.start_study(&settings, ctx),
            Intent::StopStudy => self.workspace.studies.stop(),
            Intent::TryCutoffs(ask) => self.try_cutoffs(ask),
            Intent::SetPace(pace) => {
                self.workspace.pace = pace;
                self.window.pace = pace;
                self.ask(|d| d.pace = pace);
            }
            Intent::EstimateLogLikelihood => self.estimate(ctx),
            Intent::Lesson(ask) => self.lesson_asked(ask),
            Intent::Score(ask) => self.score_asked(ask),
            Intent::Timeline(TimelineAsk::Play | TimelineAsk::PlayBack | TimelineAsk::Step(..))
                if self.workspace.stage.held =>
            {
                self.tell_held();
            }
            Intent::LookAtRow(row) => self.workspace.row = row,
            Intent::ShowTab(tab) => self.network_panel.show_tab(tab),
            Intent::Timeline(ask) => {
                let wake = self.wake(ctx);
                let Workspace { timeline, run, notices, .. } = &mut self.workspace;
                timeline.ask(ask, run, wake, notices);
            }
            Intent::Override(entry) => self.workspace.overrides.push(*entry),
            Intent::Dismiss(index) => self.workspace.notices.dismiss(index),
        }
    }

    fn stand(&mut self, ask: StandAsk, ctx: &Context) {
        let wake = self.wake(ctx);
        let Workspace { compare, standing, notices, .. } = &mut self.workspace;
        if let Some(result) = compare.result.as_ref().filter(|result| result.serial == ask.serial) {
            standing.begin(ask, result, wake, notices);
        }
    }

    fn start_study(&mut self, settings: &StudySettings, ctx: &Context) {
        let (Some(spec), Some(data)) = (self.workspace.spec(), self.workspace.data().cloned()) else { return };
        let Some(origin) = self.workspace.table.as_ref().map(OpenTable::origin) else { return };
        // The window offers only what passes; a refusal is told all the same.
        let asked = match settings.check() {
            Ok(asked) => asked,
            Err(problems) => {
                let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
                return self.workspace.notices.error(format!("The study cannot be made: {}.", text.join("; ")));
            }
        };
        match Studying::start(Arc::clone(&data), spec.clone(), asked, default_threads(), self.wake(ctx)) {
            Ok(worker) => self.workspace.studies.begin(settings.kind, worker, (origin, data), spec),
            Err(error) => self.workspace.notices.error(format!("The study could not start: {error}.")),
        }
    }

    /// One at a time: the screen asks again as long as it waits for another answer.
    fn try_cutoffs(&mut self, ask: Ask) {
        let Workspace { compare, cutoffs, .. } = &mut self.workspace;
        let model = compare.result.as_ref().filter(|result| result.serial == ask.serial);
        if let (Some(model), false) = (model.and_then(|result| result.comparison.model(ask.model)), cutoffs.trying) {
            cutoffs.trying = true;
            self.loader.try_cutoffs(ask, model.clone());
        }
    }

    /// Estimates what the RBMs trained last make of the rows.
    fn estimate(&mut self, ctx: &Context) {
        let Some(net) = self.workspace.run.worker.as_ref().and_then(Training::trained_net) else { return };
        match Estimating::start(net, self.wake(ctx)) {
            Ok(estimating) => self.workspace.run.estimating = Some(estimating),
            Err(why) => self.workspace.notices.error(format!("The estimate could not be started: {why}.")),
        }
    }

    pub(super) fn set_settings(&mut self, settings: RunSettings) {
        self.workspace.problems = settings.check().err().unwrap_or_default();
        if self.workspace.problems.is_empty() {
            let tunables = settings.dbn.tunables();
            self.ask(|d| d.tunables = tunables);
        }
        let before = std::mem::replace(&mut self.workspace.settings, settings);
        self.workspace.recut();
        let now = &self.workspace.settings;
        if (&before.validation, before.seed) != (&now.validation, now.seed) {
            self.inspect(Asked::Splits);
        } else if before.preparation != now.preparation {
            self.inspect(Asked::Preparation);
        }
    }

    pub(super) fn run_command(&mut self, command: Command, ctx: &Context) {
        let active = self.workspace.run.is_active();
        let mode = self.workspace.run.worker.as_ref().map(|w| w.desired().mode);
        if self.workspace.stage.held && matches!(command, Command::Train | Command::Step | Command::Compare) {
            return self.tell_held();
        }
        match command {
            Command::OpenDialog | Command::OpenPath | Command::OpenSample if self.lesson.is_some() => {
                self.tell_lesson();
            }
            Command::OpenDialog => self.loader.pick(false),
            Command::OpenPath => self.path_box = Some(PathBox::default()),
            Command::OpenSecond => self.loader.pick(true),
            Command::OpenSample => {
                self.screen = Screen::Train;
                self.open(Vec::new(), true);
            }
            Command::StopOpening => {
                if let Some(opening) = &self.opening {
                    opening.progress.cancel();
                }
            }
            Command::Undo => self.step_back_or_forth(Step::Undo),
            Command::Redo => self.step_back_or_forth(Step::Redo),
            Command::Show(screen) => self.screen = screen,
            Command::ResetSettings => self.act(Intent::SetSettings(Box::default()), ctx),
            Command::Train => {
                self.show_training();
                match (active, mode) {
                    (true, Some(Mode::Run)) => self.ask(|d| d.mode = Mode::Pause),
                    (true, _) => self.ask(|d| d.mode = Mode::Run),
                    (false, _) => self.start_training(Mode::Run, ctx),
                }
            }
            Command::Pause => self.ask(|d| d.mode = Mode::Pause),
            Command::Step => {
                self.show_training();
                if !active {
                    self.start_training(Mode::Pause, ctx);
                }
                self.ask(|d| {
                    d.mode = Mode::Pause;
                    d.steps += 1;
                });
            }
            Command::Rewind => {
                self.show_training();
                self.start_training(Mode::Pause, ctx);
            }
            Command::Stop => self.ask(|d| d.mode = Mode::Stop),
            Command::NewSeed => {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                let seed = now.as_micros() as u64 % 1_000_000;
                self.set_settings(RunSettings { seed, ..self.workspace.settings.clone() });
                if self.workspace.run.worker.is_some() {
                    self.start_training(Mode::Pause, ctx);
                }
            }
            Command::Compare => {
                self.screen = Screen::Compare;
                if !self.workspace.compare.is_running() {
                    self.start_comparison(ctx);
                }
            }
            Command::StopCompare => {
                if let Some(worker) = &self.workspace.compare.worker {
                    worker.stop();
                }
            }
            Command::NextTheme => {
                self.window.theme = match self.window.theme {
                    Theme::System => Theme::Light,
                    Theme::Light => Theme::Dark,
                    Theme::Dark => Theme::System,
                };
                ctx.set_theme(theme_preference(self.window.theme));
            }
            Command::Lecture => self.window.lecture.on = !self.window.lecture.on,
            Command::FullScreen => {
                let full = ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
            }
            Command::HideControls => self.workspace.stage.bare = !self.workspace.stage.bare,
            Command::OpenLesson => self.loader.pick_lesson(),
            Command::NextStep => self.next_step(),
            Command::PreviousStep => self.step_before(),
            Command::LeaveLesson => self.leave_lesson(),
            Command::SaveWork => self.keep(Keep::Work),
            Command::Replay => self.replay(ctx),
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// Whether a command means anything now: as its button has it.
    pub(super) fn enabled(&self, command: Command) -> bool {
        match command {
            Command::Train | Command::Step | Command::Rewind | Command::Compare => self.workspace.is_ready(),
            Command::Pause => self.workspace.run.is_running(),
            Command::Stop => self.workspace.run.is_active(),
            Command::Replay => !self.workspace.run.is_active() && !self.workspace.run.trained.is_empty(),
            Command::SaveWork => self.workspace.title().is_some(),
            Command::StopCompare => self.workspace.compare.is_running(),
            Command::StopOpening => self.opening.is_some(),
            Command::Undo => self.workspace.edits.undo_name().is_some(),
            Command::Redo => self.workspace.edits.redo_name().is_some(),
            Command::NextStep | Command::PreviousStep | Command::LeaveLesson => self.lesson.is_some(),
            Command::OpenDialog
            | Command::OpenPath
            | Command::OpenSecond
            | Command::OpenLesson
            | Command::Lecture
            | Command::FullScreen
            | Command::HideControls
            | Command::OpenSample
            | Command::Show(_)
            | Command::NewSeed
            | Command::ResetSettings
            | Command::NextTheme
            | Command::Quit => true,
        }
    }

    /// Keys of commands. Plain keys belong to the Train screen, and there to whatever has the focus.
    pub(super) fn take_keys(&mut self, ctx: &Context) {
        if self.path_box.is_some() || self.saving.waiting.is_some() || self.saving.is_closing() {
            return;
        }
        let busy = self.screen != Screen::Train || ctx.memory(|m| m.focused().is_some());
        for command in Command::ALL {
            let Some(shortcut) = command.shortcut() else { continue };
            let deaf = if command.is_heard_everywhere() { ctx.text_edit_focused() } else { busy };
            if shortcut.modifiers.is_none() && deaf {
                continue;
            }
            // A field that is being typed in takes back its own letters.
            if matches!(command, Command::Undo | Command::Redo) && ctx.text_edit_focused() {
                continue;
            }
            // A key that is held down goes on stepping, but it does not go on through a lesson.
            let repeated = ctx.input(|i| {
                let held =
                    |e: &Event| matches!(e, Event::Key { key, repeat: true, .. } if *key == shortcut.logical_key);
                i.events.iter().any(held)
            });
            let heard = !repeated || !command.is_heard_everywhere();
            if ctx.input_mut(|i| i.consume_shortcut(&shortcut)) && heard && self.enabled(command) {
                self.run_command(command, ctx);
            }
        }
    }

    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let dropped = ctx.input(|i| i.raw.dropped_files.clone());
        if !dropped.is_empty() {
            self.open_chosen(dropped.iter().map(|file| file.path().to_owned()).collect());
        }
    }
}
