//! The application: drains, draws, acts.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use egui::{Align2, CentralPanel, Context, FontId, Frame, Id, Key, LayerId, Modal, Order, Ui, ViewportCommand};

use super::actions::{Command, Intent, Screen};
use super::loader::{Loaded, Loader};
use super::notices::Notices;
use super::open::theme_preference;
use super::panels::{bars, compare::ComparePanel, data::DataPanel, train};
use super::theme::{self, Palette};
use super::widgets::ActionButton;
use super::workspace::{CompareState, DataState, OpenTable, RunState, Subject, Workspace};
use crate::data::{Role, Roles, Source, ValidationKind};
use crate::storage::{SettingsFile, Theme, WindowSettings, save_settings};
use crate::training::worker::{Comparing, Training, default_threads};
use crate::training::{Desired, Mode, RunSettings};

/// Least and greatest time in milliseconds from a worker's news to the next frame. In between it is three times what a
/// frame costs here, so that without a graphics card too there is time to answer the person first.
const FRAME_MS: (f32, f32) = (33.0, 200.0);
/// How long settings rest before they are written.
const SAVE_AFTER: Duration = Duration::from_secs(2);

/// The program's window.
pub struct App {
    workspace: Workspace,
    screen: Screen,
    loader: Loader,
    data_panel: DataPanel,
    compare_panel: ComparePanel,
    window: WindowSettings,
    settings_path: Option<PathBuf>,
    /// The settings as last written, and since when they differ.
    saved: SettingsFile,
    changed_at: Option<Instant>,
    /// The settings being written.
    saving: Option<SettingsFile>,
    /// Name of the file being opened, and the number of the newest request for one.
    opening: Option<String>,
    open_request: u64,
    /// Number of the newest request for numbers.
    request: u64,
    /// Start training as soon as the numbers are there.
    start_when_ready: bool,
    path_box: Option<String>,
    /// Milliseconds from a worker's news to the next frame.
    frame_wait_ms: Arc<AtomicU64>,
}

impl App {
    /// The application with these settings, kept in `settings_path`. Nothing is opened yet.
    pub fn new(ctx: &Context, settings: SettingsFile, settings_path: Option<PathBuf>) -> Self {
        theme::install(ctx);
        ctx.set_theme(theme_preference(settings.window.theme));
        ctx.set_zoom_factor(settings.window.zoom);
        let problems = settings.run.check().err().unwrap_or_default();
        let workspace = Workspace {
            table: None,
            settings: settings.run.clone(),
            problems,
            run: RunState::default(),
            compare: CompareState::default(),
            notices: Notices::default(),
            pace: settings.window.pace,
        };
        Self {
            workspace,
            screen: Screen::Train,
            loader: Loader::new(ctx.clone()),
            data_panel: DataPanel::default(),
            compare_panel: ComparePanel::default(),
            window: settings.window,
            settings_path,
            saved: settings,
            changed_at: None,
            saving: None,
            opening: None,
            open_request: 0,
            request: 0,
            start_when_ready: false,
            path_box: None,
            frame_wait_ms: Arc::new(AtomicU64::new(FRAME_MS.0 as u64)),
        }
    }

    /// Opens the first table: the sample, already learning, or the file that was named.
    pub fn open_first(&mut self, file: Option<PathBuf>) {
        let start = file.is_none();
        if !start {
            self.screen = Screen::Data;
        }
        self.open(file, start);
    }

    /// Shows a warning until it is dismissed.
    pub fn complain(&mut self, text: String) {
        self.workspace.notices.warn(text);
    }

    fn open(&mut self, path: Option<PathBuf>, start: bool) {
        let name = path.as_ref().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned());
        self.opening = Some(name.unwrap_or_else(|| "the sample".to_owned()));
        self.open_request += 1;
        self.loader.open(path, start, self.open_request);
    }

    fn take_loaded(&mut self, ctx: &Context) {
        for loaded in self.loader.drain() {
            match loaded {
                // Slower answers to requests that have been overtaken come to nothing.
                Loaded::Opened { request, .. } if request != self.open_request => {}
                Loaded::Opened { result: Ok(source), start, .. } => {
                    self.opening = None;
                    self.take_table(*source, start);
                }
                Loaded::Opened { result: Err(text), .. } => {
                    self.opening = None;
                    self.workspace.notices.error(text);
                }
                Loaded::Built { request, result } if request == self.request => {
                    if let Some(table) = &mut self.workspace.table {
                        table.data = match result {
                            Ok(data) => DataState::Ready(data),
                            Err(text) => DataState::Unusable(text),
                        };
                    }
                    if std::mem::take(&mut self.start_when_ready) {
                        self.start_training(Mode::Run, ctx);
                    }
                }
                Loaded::Built { .. } | Loaded::Picked(Ok(None)) => {}
                Loaded::Picked(Ok(Some(path))) => self.open_chosen(path),
                Loaded::Picked(Err(text)) => self.workspace.notices.warn(text),
                Loaded::Saved(Ok(())) => {
                    if let Some(written) = self.saving.take() {
                        self.saved = written;
                    }
                }
                Loaded::Saved(Err(text)) => {
                    // Tried again at the next change.
                    if let Some(refused) = self.saving.take() {
                        self.saved = refused;
                    }
                    self.workspace.notices.warn(text);
                }
            }
        }
    }

    /// A table chosen by the person: its columns are shown first.
    fn open_chosen(&mut self, path: PathBuf) {
        self.screen = Screen::Data;
        self.open(Some(path), false);
    }

    fn take_table(&mut self, source: Source, start: bool) {
        // Runs on the table before end with it; its results would be told of the wrong rows.
        self.workspace.run = RunState::default();
        self.workspace.compare = CompareState::default();
        self.data_panel = DataPanel::default();
        self.workspace.notices.clear();
        let rejected = source.reading.rejected.len();
        if rejected > 0 {
            self.workspace.notices.warn(source.notices().swap_remove(0));
        }
        let roles = source.guess.roles.clone();
        let kind = self.workspace.settings.validation.kind;
        if (kind == ValidationKind::Column && roles.position(Role::Split).is_none())
            || (kind == ValidationKind::Grouped && roles.position(Role::EnterpriseId).is_none())
        {
            let mut settings = self.workspace.settings.clone();
            settings.validation.kind = ValidationKind::Kfold;
            self.set_settings(settings);
            self.workspace.notices.info("This table lacks the column that the folds went by: they are random now.");
        }
        self.workspace.table = Some(OpenTable {
            bad_confirmed: source.synthetic,
            source: Arc::new(source),
            roles: roles.clone(),
            data: DataState::Building,
        });
        self.start_when_ready = start;
        self.build(roles);
    }

    fn build(&mut self, roles: Roles) {
        if let Some(table) = &mut self.workspace.table {
            self.request += 1;
            table.roles = roles.clone();
            table.data = DataState::Building;
            self.loader.build(Arc::clone(&table.source), roles, self.request);
        }
    }

    fn wake(&self, ctx: &Context) -> Box<dyn Fn() + Send + Sync> {
        let (ctx, wait) = (ctx.clone(), Arc::clone(&self.frame_wait_ms));
        Box::new(move || ctx.request_repaint_after(Duration::from_millis(wait.load(Ordering::Relaxed))))
    }

    fn start_training(&mut self, mode: Mode, ctx: &Context) {
        let Some(spec) = self.workspace.spec() else {
            self.workspace.notices.error("A setting is out of its range: see the fields marked below.");
            return;
        };
        let Some(data) = self.workspace.data().cloned() else { return };
        self.workspace.notices.clear();
        let tunables = spec.settings.dbn.tunables();
        let desired =
            Desired { mode, steps: 0, tunables, pace: self.workspace.pace, look: self.screen == Screen::Train };
        self.workspace.run = RunState::default();
        match Training::start(data, spec.clone(), desired, self.wake(ctx)) {
            Ok(worker) => {
                self.workspace.run.worker = Some(worker);
                self.workspace.run.spec = Some(spec);
            }
            Err(error) => self.workspace.notices.error(format!("Training could not start: {error}.")),
        }
    }

    fn start_comparison(&mut self, ctx: &Context) {
        let Some(spec) = self.workspace.spec() else {
            self.workspace.notices.error("A setting is out of its range: see the fields marked below.");
            return;
        };
        let Some(data) = self.workspace.data().cloned() else { return };
        let Some(table) = &self.workspace.table else { return };
        match Comparing::start(Arc::clone(&data), spec.clone(), default_threads(), self.wake(ctx)) {
            Ok(worker) => {
                let compare = &mut self.workspace.compare;
                compare.worker = Some(worker);
                compare.models.clone_from(&spec.settings.models);
                compare.cells.clear();
                compare.n_splits = 0;
                compare.started = Some(Instant::now());
                let (source, roles) = (Arc::clone(&table.source), table.roles.clone());
                compare.subject = Some(Subject { source, roles, data, spec });
            }
            Err(error) => self.workspace.notices.error(format!("The comparison could not start: {error}.")),
        }
    }

    /// Asks the running worker for something.
    fn ask(&self, change: impl FnOnce(&mut Desired)) {
        if let Some(worker) = &self.workspace.run.worker {
            worker.ask(change);
        }
    }

    fn act(&mut self, intent: Intent, ctx: &Context) {
        match intent {
            Intent::Do(command) => self.run_command(command, ctx),
            Intent::Open(path) => self.open_chosen(path),
            Intent::SetRoles { roles, bad_confirmed } => {
                if let Some(table) = &mut self.workspace.table {
                    table.bad_confirmed = bad_confirmed;
                }
                self.workspace.run = RunState::default();
                self.build(roles);
            }
            Intent::SetSettings(settings) => self.set_settings(*settings),
            Intent::SetPace(pace) => {
                self.workspace.pace = pace;
                self.window.pace = pace;
                self.ask(|d| d.pace = pace);
            }
            Intent::Dismiss(index) => self.workspace.notices.dismiss(index),
        }
    }

    fn set_settings(&mut self, settings: RunSettings) {
        self.workspace.problems = settings.check().err().unwrap_or_default();
        if self.workspace.problems.is_empty() {
            let tunables = settings.dbn.tunables();
            self.ask(|d| d.tunables = tunables);
        }
        self.workspace.settings = settings;
    }

    fn run_command(&mut self, command: Command, ctx: &Context) {
        let active = self.workspace.run.is_active();
        let mode = self.workspace.run.worker.as_ref().map(|w| w.desired().mode);
        match command {
            Command::OpenDialog => self.loader.pick(),
            Command::OpenPath => self.path_box = Some(String::new()),
            Command::OpenSample => {
                self.screen = Screen::Train;
                self.open(None, true);
            }
            Command::Show(screen) => self.screen = screen,
            Command::ResetSettings => self.set_settings(RunSettings::default()),
            Command::Train => {
                self.screen = Screen::Train;
                match (active, mode) {
                    (true, Some(Mode::Run)) => self.ask(|d| d.mode = Mode::Pause),
                    (true, _) => self.ask(|d| d.mode = Mode::Run),
                    (false, _) => self.start_training(Mode::Run, ctx),
                }
            }
            Command::Pause => self.ask(|d| d.mode = Mode::Pause),
            Command::Step => {
                self.screen = Screen::Train;
                if !active {
                    self.start_training(Mode::Pause, ctx);
                }
                self.ask(|d| {
                    d.mode = Mode::Pause;
                    d.steps += 1;
                });
            }
            Command::Rewind => {
                self.screen = Screen::Train;
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
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// Whether a command means anything now: as its button has it.
    fn enabled(&self, command: Command) -> bool {
        match command {
            Command::Train | Command::Step | Command::Rewind | Command::Compare => self.workspace.is_ready(),
            Command::Pause => self.workspace.run.is_running(),
            Command::Stop => self.workspace.run.is_active(),
            Command::StopCompare => self.workspace.compare.is_running(),
            Command::OpenDialog
            | Command::OpenPath
            | Command::OpenSample
            | Command::Show(_)
            | Command::NewSeed
            | Command::ResetSettings
            | Command::NextTheme
            | Command::Quit => true,
        }
    }

    /// Keys of commands. Plain keys belong to the Train screen, and there to whatever has the focus.
    fn take_keys(&mut self, ctx: &Context) {
        if self.path_box.is_some() {
            return;
        }
        let busy = self.screen != Screen::Train || ctx.memory(|m| m.focused().is_some());
        for command in Command::ALL {
            let Some(shortcut) = command.shortcut() else { continue };
            if shortcut.modifiers.is_none() && busy {
                continue;
            }
            if ctx.input_mut(|i| i.consume_shortcut(&shortcut)) && self.enabled(command) {
                self.run_command(command, ctx);
            }
        }
    }

    fn take_dropped(&mut self, ctx: &Context) {
        let dropped = ctx.input(|i| i.raw.dropped_files.clone());
        if dropped.len() > 1 {
            self.workspace.notices.warn("Several files were dropped; the first one is opened.");
        }
        if let Some(file) = dropped.first() {
            self.open_chosen(file.path().to_owned());
        }
    }

    /// How the window stands, and a write of the settings when they have rested.
    fn keep_settings(&mut self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        let (size, maximized) = ctx.input(|i| {
            let viewport = i.viewport();
            (viewport.inner_rect.map(|r| r.size() * zoom), viewport.maximized.unwrap_or(false))
        });
        self.window.zoom = zoom;
        self.window.maximized = maximized;
        if let (Some(size), false) = (size, maximized) {
            self.window.size = [size.x.round(), size.y.round()];
        }
        let now = self.settings();
        if now == self.saved || self.saving.is_some() {
            self.changed_at = None;
            return;
        }
        let since = *self.changed_at.get_or_insert_with(Instant::now);
        if let Some(rest) = SAVE_AFTER.checked_sub(since.elapsed()).filter(|r| !r.is_zero()) {
            ctx.request_repaint_after(rest);
        } else if let Some(path) = self.settings_path.clone() {
            self.changed_at = None;
            self.saving = Some(now.clone());
            self.loader.save(path, now);
        }
    }

    fn settings(&self) -> SettingsFile {
        SettingsFile { run: self.workspace.settings.clone(), window: self.window.sane(), ..SettingsFile::default() }
    }

    fn path_box_ui(&mut self, ui: &Ui, intents: &mut Vec<Intent>) {
        let Some(mut path) = self.path_box.take() else { return };
        let mut open = false;
        let modal = Modal::new(Id::unique("open by path")).show(ui.ctx(), |ui| {
            ui.set_width(480.0);
            ui.label(theme::heading("Open a table by its path"));
            ui.add_space(4.0);
            let label = ui.label(theme::weak("Path of a comma, semicolon or tab separated file in UTF-8"));
            let field =
                ui.add(egui::TextEdit::singleline(&mut path).desired_width(f32::INFINITY)).labelled_by(label.id);
            if !field.has_focus() && !field.lost_focus() {
                field.request_focus();
            }
            open |= field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                open |= ActionButton::new("Open").primary().enabled(!path.trim().is_empty()).show(ui).clicked();
                if ActionButton::new("Cancel").show(ui).clicked() {
                    ui.close();
                }
            });
        });
        if open && !path.trim().is_empty() {
            intents.push(Intent::Open(PathBuf::from(path.trim())));
        } else if !modal.should_close() {
            self.path_box = Some(path);
        }
    }
}

/// Says that a file held over the window will be opened.
fn drop_hint(ui: &Ui) {
    if ui.input(|i| i.raw.hovered_files.is_empty()) {
        return;
    }
    let palette = Palette::of(ui);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop hint")));
    let area = ui.ctx().content_rect();
    painter.rect_filled(area, 0.0, palette.background.gamma_multiply(0.85));
    painter.text(area.center(), Align2::CENTER_CENTER, "Drop to open", FontId::proportional(28.0), palette.text);
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_loaded(ctx);
        self.workspace.run.drain(&mut self.workspace.notices);
        self.workspace.compare.drain(&mut self.workspace.notices);
        if let Some(wait) = self.workspace.notices.expire() {
            ctx.request_repaint_after(wait);
        }
        self.keep_settings(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        if let Some(seconds) = frame.info().cpu_usage {
            let wait = (seconds * 3000.0).clamp(FRAME_MS.0, FRAME_MS.1);
            self.frame_wait_ms.store(wait as u64, Ordering::Relaxed);
        }
        let ctx = ui.ctx().clone();
        // Not in `logic`, which may see the same input twice while the window is hidden.
        self.take_keys(&ctx);
        self.take_dropped(&ctx);
        let look = self.screen == Screen::Train;
        if self.workspace.run.worker.as_ref().is_some_and(|w| w.desired().look != look) {
            self.ask(|d| d.look = look);
        }
        let mut intents = Vec::new();
        bars::top_bar(ui, self.screen, &self.workspace, &mut intents);
        bars::status_bar(ui, self.screen, &self.workspace, self.opening.as_deref());
        let ground = Frame::new().fill(Palette::of(ui).background);
        CentralPanel::default().frame(ground).show(ui, |ui| {
            if !self.workspace.notices.list().is_empty() {
                let margin = egui::Margin { left: 12, right: 12, top: 10, bottom: 0 };
                Frame::new().inner_margin(margin).show(ui, |ui| bars::notices(ui, &self.workspace, &mut intents));
            }
            match self.screen {
                Screen::Data => self.data_panel.ui(ui, &self.workspace, &mut intents),
                Screen::Train => train::ui(ui, &self.workspace, &mut intents),
                Screen::Compare => self.compare_panel.ui(ui, &self.workspace, &mut intents),
            }
        });
        self.path_box_ui(ui, &mut intents);
        drop_hint(ui);
        for intent in intents {
            self.act(intent, &ctx);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        // The window is closing: a small file, written here so that it is written at all.
        if let Some(path) = self.settings_path.as_ref().filter(|_| self.settings() != self.saved)
            && let Err(error) = save_settings(path, &self.settings())
        {
            // The window is gone; standard error is all that is left.
            drop(writeln!(std::io::stderr(), "beliefscope: the settings could not be saved: {error}"));
        }
    }
}
