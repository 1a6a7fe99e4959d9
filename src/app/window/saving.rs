//! Models and work written to files of the person's, and work opened in place of what is here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::App;
use super::autosave::Saving;
use super::opening::TableOpened;
use super::overlays::PathBox;
use crate::app::loader::{KeepWhat, Written};
use crate::app::saving::{Keep, Place, Restored, Work, files_of};
use crate::app::scoring::Subject;
use crate::app::workspace::Workspace;
use crate::storage::{Autosave, Orphan};

/// Whether a file is all the work of a window.
pub(super) fn is_work(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("bscope"))
}

/// Whether a file is a model.
pub(super) fn is_model(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("bscope-model"))
}

/// What takes the place of the work that is open.
pub(super) enum Next {
    /// A table that was opened.
    Table(Box<TableOpened>),
    /// Work that was read.
    Work(Box<Restored>, Option<Place>),
}

/// What waits until the work that is open is set aside.
pub(super) struct Waiting {
    next: Next,
    /// The newest request to open something when it began to wait.
    request: u64,
    /// How much was done by then, and how many decisions there were.
    done: u64,
    overrides: usize,
}

impl App {
    /// Asks where to keep something.
    pub(super) fn keep(&mut self, keep: Keep) {
        let Some(what) = self.what_to_keep(keep) else { return };
        let title = self.workspace.title();
        let stem = title.and_then(|title| Some(Path::new(&title).file_stem()?.to_string_lossy().into_owned()));
        let stem = stem.unwrap_or_else(|| "work".to_owned());
        let name = match keep {
            Keep::Model(kind) => format!("{stem}-{}.{}", kind.key(), keep.ending()),
            Keep::Work => format!("{stem}.{}", keep.ending()),
        };
        self.loader.keep_as(keep, &name, what, self.saving.done);
    }

    pub(super) fn keep_at(&mut self, keep: Keep, path: PathBuf) {
        if let Some(what) = self.what_to_keep(keep) {
            self.loader.keep_at(keep, path, what, self.saving.done);
        }
    }

    /// What is kept, as it stands now.
    fn what_to_keep(&mut self, keep: Keep) -> Option<KeepWhat> {
        match keep {
            Keep::Model(kind) => match self.workspace.run.kept.get(&kind) {
                Some(Ok(model)) => Some(KeepWhat::Model(Arc::clone(model))),
                Some(Err(why)) => {
                    let text = format!("{why}.");
                    self.workspace.notices.error(text);
                    None
                }
                None => {
                    self.workspace.notices.warn("The model is still being trained: save it when it is done.");
                    None
                }
            },
            Keep::Work if self.lesson.is_some() => {
                self.workspace.notices.info("Leave the lesson first: your own work waits behind it.");
                None
            }
            Keep::Work => {
                let work = Work::of(&self.workspace, self.screen);
                if work.is_none() {
                    self.workspace.notices.warn("There is neither a table nor a model yet, and nothing to save.");
                }
                Some(KeepWhat::Work(Box::new(work?), Arc::clone(&self.saving.packed)))
            }
        }
    }

    /// Something was written, with as much of the work as was `done` when it was asked for.
    pub(super) fn take_kept_as(&mut self, keep: Keep, done: u64, result: Result<Option<Written>, String>) {
        match result {
            Ok(Some(Written { path, left_out })) => {
                if keep == Keep::Work {
                    self.saving.written = self.saving.written.max(done);
                }
                self.workspace.notices.info(format!("{} is written.", path.display()));
                for text in left_out {
                    self.workspace.notices.warn(text);
                }
            }
            // The dialog was closed.
            Ok(None) => {}
            Err(text) => self.workspace.notices.error(text),
        }
    }

    pub(super) fn no_dialog_to_keep(&mut self, keep: Keep) {
        self.path_box = Some(PathBox::to_keep(keep));
    }

    /// Opens all the work of a file in place of what is here.
    pub(super) fn open_work(&mut self, path: PathBuf) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (progress, request) = self.begin_opening(name);
        self.loader.open_work(path, progress, request);
    }

    pub(super) fn take_work(&mut self, request: u64, place: Option<Place>, result: Result<Box<Restored>, String>) {
        let stopped = self.end_opening(request);
        match result {
            // Stopped, or something else was opened meanwhile. Work that was left behind is offered at the next start.
            _ if stopped => self.workspace.notices.info("Opening was stopped."),
            Ok(restored) => self.replace(Next::Work(restored, place)),
            Err(text) => self.workspace.notices.error(text),
        }
    }

    /// Lets something take the place of the work that is open. What was found in that and is in no file of the person's is
    /// set aside first, and offered.
    pub(super) fn replace(&mut self, next: Next) {
        let request = self.open_request;
        if let Some(waiting) = &mut self.saving.waiting {
            (waiting.next, waiting.request) = (next, request);
            return;
        }
        // That of a lesson is nobody's; what was set aside and not changed since is offered already.
        let Saving { done, set_aside, kept, .. } = self.saving;
        let own = self.saving.is_unsaved() && set_aside != Some(done) && self.lesson.is_none();
        match Work::of(&self.workspace, self.screen).filter(|work| own && work.has_results(kept)) {
            None => self.put(next),
            Some(work) => {
                let overrides = self.workspace.overrides.len();
                self.saving.waiting = Some(Waiting { next, request, done, overrides });
                self.loader.set_aside(self.saving.folder.clone(), Box::new(work), Arc::clone(&self.saving.packed));
            }
        }
    }

    pub(super) fn take_set_aside(&mut self, result: Result<Orphan, String>) {
        let Some(Waiting { next, request, done, overrides }) = self.saving.waiting.take() else { return };
        match result {
            Ok(aside) => {
                self.saving.left.insert(0, aside);
                (self.saving.set_aside, self.saving.kept) = (Some(done), overrides);
                if request == self.open_request {
                    self.put(next);
                }
            }
            Err(why) => {
                let text = "Nothing else was opened, since the work that is open could not be set aside";
                self.workspace.notices.error(format!("{text} ({why}): save the workspace, then open it again."));
            }
        }
    }

    fn put(&mut self, next: Next) {
        let (restored, place) = match next {
            Next::Table(opened) => return self.put_table(*opened),
            Next::Work(restored, place) => (restored, place),
        };
        let name = restored.saved.title.clone();
        self.saving.take_packed(&restored.saved.files);
        self.restore(*restored);
        self.saving.written = self.saving.done;
        self.saving.kept = self.workspace.overrides.len();
        match place {
            Some(Place::File(path)) => self.workspace.notices.info(format!("{} is open.", path.display())),
            Some(Place::Left(place)) => {
                self.workspace.notices.info(format!("The work on {name} is here again."));
                // It goes on saving itself where it lies; the place of this program is not needed.
                let own = self.saving.place.replace(place);
                if let Some(Err(_)) = own.map(Autosave::discard) {
                    self.workspace.notices.info("A folder of the autosave could not be removed.");
                }
                self.saving.done += 1;
            }
            None => {}
        }
    }

    /// Something was done: by the person, or by a worker.
    pub(super) fn mark_changed(&mut self) {
        self.saving.changed = true;
        self.saving.done += 1;
    }

    /// A run, a comparison or a study has ended.
    pub(super) fn mark_ended(&mut self) {
        self.mark_changed();
        self.saving.at_once = true;
        self.hold_models_to_the_cutoff();
    }

    /// Whether a run, a comparison or a study is going on.
    pub(super) fn work_under_way(&self) -> bool {
        let Workspace { run, compare, studies, .. } = &self.workspace;
        run.is_active() || compare.is_running() || studies.running().is_some()
    }

    /// Packs the file of a scored table, and that of the earlier scoring beside it.
    pub(super) fn pack_scored(&self) {
        let scoring = &self.workspace.scoring;
        if self.settings_path.is_some() {
            let scored = match scoring.subject() {
                Some((Subject::Read { source, path: Some(path), .. }, _)) => {
                    files_of(source, std::slice::from_ref(path))
                }
                _ => Vec::new(),
            };
            let earlier = scoring.earlier.as_ref().and_then(|earlier| earlier.file.clone());
            self.loader.pack(scored.into_iter().chain(earlier).collect(), Arc::clone(&self.saving.packed));
        }
    }

    /// Packs the files of the open table: what is saved is what was opened, whatever becomes of the files.
    pub(super) fn pack_opened(&self) {
        if let (Some(table), Some(_)) = (&self.workspace.table, &self.settings_path) {
            self.loader.pack(files_of(&table.source, &table.paths), Arc::clone(&self.saving.packed));
        }
    }
}

#[cfg(test)]
#[path = "saving_tests.rs"]
mod tests;
