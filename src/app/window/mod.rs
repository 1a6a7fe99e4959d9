//! The application: drains, draws, acts.

mod autosave;
mod commands;
mod keeping;
mod lessons;
mod models;
mod opening;
mod overlays;
mod restoring;
mod saving;
mod scoring;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use egui::{CentralPanel, Context, Frame, Ui};

pub(super) use self::autosave::LeftAsk;
use self::autosave::Saving;
use self::lessons::{GivenLesson, is_lesson};
use self::opening::Opening;
use self::overlays::{PathBox, drop_hint, saving_hint};
use self::saving::{is_model, is_work};
use crate::app::actions::{Intent, Screen};
use crate::app::export::offered;
use crate::app::insights::Asked;
use crate::app::lecture::pointer_ring;
use crate::app::loader::Loader;
use crate::app::open::theme_preference;
use crate::app::panels::{
    bars, compare::ComparePanel, cutoff::CutoffPanel, data::DataPanel, network::NetworkPanel, score::ScorePanel, train,
};
use crate::app::theme::{self, Palette};
use crate::app::widgets::{TakeButtons, show_take_buttons};
use crate::app::workspace::Workspace;
use crate::storage::{Control, SettingsFile, WindowSettings};
use crate::training::Event;
use crate::training::worker::default_threads;

/// Least and greatest time in milliseconds from a worker's news to the next frame. In between it is three times what a
/// frame costs here, so that without a graphics card too there is time to answer the person first.
const FRAME_MS: (f32, f32) = (33.0, 200.0);

/// The program's window.
pub struct App {
    workspace: Workspace,
    screen: Screen,
    loader: Loader,
    data_panel: DataPanel,
    compare_panel: ComparePanel,
    network_panel: NetworkPanel,
    cutoff_panel: CutoffPanel,
    score_panel: ScorePanel,
    window: WindowSettings,
    settings_path: Option<PathBuf>,
    /// The settings as last written, and since when they differ.
    saved: SettingsFile,
    changed_at: Option<Instant>,
    /// The settings being written.
    writing: Option<SettingsFile>,
    /// The table on its way, and the number of the newest request for one.
    opening: Option<Opening>,
    open_request: u64,
    /// Number of the request that gave the open table.
    opened: u64,
    /// Number of the newest request for numbers.
    request: u64,
    /// Number of the newest request for what is worked out about the table.
    inspection: u64,
    /// The loader is at it, and what to ask for next.
    inspecting: Option<Asked>,
    inspect_next: Option<Asked>,
    /// Number of the newest comparison.
    comparison: u64,
    /// Start training as soon as the numbers are there.
    start_when_ready: bool,
    path_box: Option<PathBox>,
    /// Models and work in files.
    saving: Saving,
    /// The lesson that is given, with what was here before it.
    lesson: Option<Box<GivenLesson>>,
    /// How much larger everything is drawn for a class, and whether its style is the one that is installed.
    magnified: f32,
    lecture_style: bool,
    /// Milliseconds from a worker's news to the next frame.
    frame_wait_ms: Arc<AtomicU64>,
}

impl App {
    /// The application with these settings, kept in `settings_path`. Nothing is opened yet.
    pub fn new(ctx: &Context, settings: SettingsFile, settings_path: Option<PathBuf>) -> Self {
        theme::install(ctx);
        ctx.set_theme(theme_preference(settings.window.theme));
        ctx.set_zoom_factor(settings.window.zoom);
        let workspace = Workspace { pace: settings.window.pace, ..Workspace::new(settings.run.clone()) };
        Self {
            workspace,
            screen: Screen::Train,
            loader: Loader::new(ctx.clone()),
            data_panel: DataPanel::default(),
            compare_panel: ComparePanel::default(),
            network_panel: NetworkPanel::default(),
            cutoff_panel: CutoffPanel::default(),
            score_panel: ScorePanel::default(),
            window: settings.window,
            settings_path,
            saved: settings,
            changed_at: None,
            writing: None,
            opening: None,
            open_request: 0,
            opened: 0,
            request: 0,
            inspection: 0,
            inspecting: None,
            inspect_next: None,
            comparison: 0,
            start_when_ready: false,
            path_box: None,
            saving: Saving::default(),
            lesson: None,
            magnified: 1.0,
            lecture_style: false,
            frame_wait_ms: Arc::new(AtomicU64::new(FRAME_MS.0 as u64)),
        }
    }

    /// Opens the first table: the sample, already learning, or the files that were named.
    pub fn open_first(&mut self, files: Vec<PathBuf>) {
        // Without a place for settings, as in tests, there is none for the work either.
        if self.settings_path.is_some() {
            self.begin_autosave();
        }
        if files.iter().any(|file| is_lesson(file) || is_work(file) || is_model(file)) {
            return self.open_chosen(files);
        }
        let start = files.is_empty();
        if !start {
            self.screen = Screen::Data;
        }
        self.open(files, start);
    }

    /// Takes in points and phases as if the run had told them, to measure the window with longer curves than a run makes in
    /// some minutes.
    pub fn take(&mut self, event: &Event) {
        self.workspace.run.history.take(event);
    }

    /// Shows a warning until it is dismissed.
    pub fn complain(&mut self, text: String) {
        self.workspace.notices.warn(text);
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_loaded(ctx);
        let ended = self.work_under_way();
        self.workspace.run.drain(&mut self.workspace.notices);
        self.workspace.settle_replay();
        self.keep_models();
        // Models are copied for it: not while a line is being dragged.
        if !ctx.input(|i| i.pointer.any_down()) {
            self.hold_models_to_the_cutoff();
        }
        self.workspace.timeline.take(self.workspace.run.state.as_ref());
        if let Some(wait) = self.workspace.timeline.tick(self.workspace.run.is_running()) {
            ctx.request_repaint_after(wait);
        }
        self.workspace.compare.drain(&mut self.workspace.notices);
        self.workspace.standing.drain(&mut self.workspace.notices);
        self.workspace.studies.drain(&mut self.workspace.notices);
        let wake = self.wake(ctx);
        self.workspace.compare.analyse(default_threads(), || wake, &mut self.workspace.notices);
        if let Some(wait) = self.workspace.notices.expire() {
            ctx.request_repaint_after(wait);
        }
        if ended && !self.work_under_way() {
            self.mark_ended();
        }
        // What runs goes on finding something: the work saves itself meanwhile, too.
        let Workspace { run, compare, studies, .. } = &self.workspace;
        if run.is_running() || compare.is_running() || studies.running().is_some() {
            self.mark_changed();
        }
        self.autosave(ctx);
        self.close(ctx);
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
        self.set_stage(ui);
        self.give_lesson(&ctx);
        let look = matches!(self.screen, Screen::Train | Screen::Network);
        if self.workspace.run.worker.as_ref().is_some_and(|w| w.desired().look != look) {
            self.ask(|d| d.look = look);
        }
        let stage = &self.workspace.stage;
        show_take_buttons(
            &ctx,
            match (stage.shows(Control::Menu), stage.lecture.on) {
                (false, _) => TakeButtons::Hidden,
                (true, true) => TakeButtons::UnderPointer,
                (true, false) => TakeButtons::Shown,
            },
        );
        let mut intents = Vec::new();
        bars::top_bar(ui, self.screen, &self.workspace, &mut intents);
        let opening = self.opening.as_ref().map(|opening| (opening.name.as_str(), opening.progress.share()));
        if opening.is_some() {
            // The loader tells when it has ended, and nothing in between.
            ctx.request_repaint_after(Duration::from_millis(100));
        }
        if self.workspace.stage.shows(Control::StatusBar) {
            bars::status_bar(ui, self.screen, &self.workspace, opening, &mut intents);
        }
        self.band_ui(ui, &mut intents);
        let ground = Frame::new().fill(Palette::of(ui).background);
        CentralPanel::default().frame(ground).show(ui, |ui| {
            self.left_ui(ui, &mut intents);
            if !self.workspace.notices.list().is_empty() {
                let margin = egui::Margin { left: 12, right: 12, top: 10, bottom: 0 };
                Frame::new().inner_margin(margin).show(ui, |ui| bars::notices(ui, &self.workspace, &mut intents));
            }
            match self.screen {
                Screen::Data => self.data_panel.ui(ui, &self.workspace, &mut intents),
                Screen::Train => train::ui(ui, &self.workspace, &mut intents),
                Screen::Compare => self.compare_panel.ui(ui, &self.workspace, &mut intents),
                Screen::Network => self.network_panel.ui(ui, &self.workspace, &mut intents),
                Screen::Cutoff => self.cutoff_panel.ui(ui, &self.workspace, &mut intents),
                Screen::Score => self.score_panel.ui(ui, &self.workspace, &mut intents),
            }
        });
        self.path_box_ui(ui, &mut intents);
        if self.saving.is_closing() {
            saving_hint(ui, "Saving your work before the window closes…");
        } else if self.saving.waiting.is_some() {
            // What is done now would be in neither.
            saving_hint(ui, "Setting your work aside before the other is opened…");
        }
        drop_hint(ui);
        if self.workspace.stage.lecture.on && self.workspace.stage.lecture.ring {
            pointer_ring(ui);
        }
        intents.extend(offered(&ctx).into_iter().map(Intent::Save));
        if !intents.is_empty() {
            self.mark_changed();
        }
        for intent in intents {
            self.act(intent, &ctx);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.save_now();
    }
}
