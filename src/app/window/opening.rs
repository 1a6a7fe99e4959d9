//! Opening tables: requests to the loader and what comes back.

use std::path::PathBuf;
use std::sync::Arc;

use egui::Context;

use super::App;
use crate::app::actions::Screen;
use crate::app::loader::Loaded;
use crate::app::panels::data::DataPanel;
use crate::app::workspace::{CompareState, DataState, OpenTable, RunState};
use crate::data::{Role, Roles, Source, ValidationKind};
use crate::training::Mode;

impl App {
    pub(super) fn open(&mut self, path: Option<PathBuf>, start: bool) {
        let name = path.as_ref().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned());
        self.opening = Some(name.unwrap_or_else(|| "the sample".to_owned()));
        self.open_request += 1;
        self.loader.open(path, start, self.open_request);
    }

    pub(super) fn take_loaded(&mut self, ctx: &Context) {
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
    pub(super) fn open_chosen(&mut self, path: PathBuf) {
        self.screen = Screen::Data;
        self.open(Some(path), false);
    }

    pub(super) fn take_table(&mut self, source: Source, start: bool) {
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

    pub(super) fn build(&mut self, roles: Roles) {
        if let Some(table) = &mut self.workspace.table {
            self.request += 1;
            table.roles = roles.clone();
            table.data = DataState::Building;
            self.loader.build(Arc::clone(&table.source), roles, self.request);
        }
    }
}
