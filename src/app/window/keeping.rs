//! Remembering the settings and how the window stands.

use std::io::Write as _;
use std::time::{Duration, Instant};

use egui::Context;

use super::App;
use crate::storage::{SettingsFile, save_settings};

/// How long settings rest before they are written.
const SAVE_AFTER: Duration = Duration::from_secs(2);

impl App {
    /// How the window stands, and a write of the settings when they have rested.
    pub(super) fn keep_settings(&mut self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        let (size, maximized) = ctx.input(|i| {
            let viewport = i.viewport();
            (viewport.inner_rect.map(|r| r.size() * zoom), viewport.maximized.unwrap_or(false))
        });
        // What a lecture adds is worked out anew on every screen.
        self.window.zoom = zoom / self.magnified;
        self.window.maximized = maximized;
        if let (Some(size), false) = (size, maximized) {
            self.window.size = [size.x.round(), size.y.round()];
        }
        let now = self.settings();
        if now == self.saved || self.writing.is_some() {
            self.changed_at = None;
            return;
        }
        let since = *self.changed_at.get_or_insert_with(Instant::now);
        if let Some(rest) = SAVE_AFTER.checked_sub(since.elapsed()).filter(|r| !r.is_zero()) {
            ctx.request_repaint_after(rest);
        } else if let Some(path) = self.settings_path.clone() {
            self.changed_at = None;
            self.writing = Some(now.clone());
            self.loader.save(path, now);
        }
    }

    /// Writes what is not written yet: the window is closing, so a small file, here and now.
    pub(super) fn save_now(&self) {
        if let Some(path) = self.settings_path.as_ref().filter(|_| self.settings() != self.saved)
            && let Err(error) = save_settings(path, &self.settings())
        {
            // The window is gone; standard error is all that is left.
            drop(writeln!(std::io::stderr(), "beliefscope: the settings could not be saved: {error}"));
        }
    }

    pub(super) fn settings(&self) -> SettingsFile {
        // Those of a lesson go with it.
        let workspace = self.lesson.as_ref().map_or(&self.workspace, |given| given.before());
        SettingsFile { run: workspace.settings.clone(), window: self.window.sane(), ..SettingsFile::default() }
    }
}
