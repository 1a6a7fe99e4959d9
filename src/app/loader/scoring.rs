//! Scoring in the background, and the files that go with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::{Loaded, Loader, NO_DIALOG, TABLES};
use crate::app::scoring::{Earlier, PathFor, ScoreJob};
use crate::data::Progress;
use crate::storage::load_model;

impl Loader {
    /// Reads a table where that is wanted, and scores its firms.
    pub(in crate::app) fn score(&self, job: ScoreJob, progress: Arc<Progress>, number: u64) {
        let failed = move |text| Loaded::Scored { number, result: Err(text) };
        self.work("score", failed, move || Loaded::Scored { number, result: job.work(&progress) });
    }

    /// Reads an earlier scoring, to hold beside those that follow.
    pub(in crate::app) fn open_earlier(&self, path: PathBuf, workspace: u64) {
        let failed = move |text| Loaded::Earlier { workspace, result: Err(text) };
        let read = move || Loaded::Earlier { workspace, result: Earlier::read(path).map(Arc::new) };
        self.work("earlier scoring", failed, read);
    }

    /// Reads a model.
    pub(in crate::app) fn open_model(&self, path: PathBuf, workspace: u64) {
        let told = {
            let path = path.clone();
            move |text| Loaded::Model { workspace, path: path.clone(), result: Err(text) }
        };
        self.work("model", told, move || {
            let result = load_model(&path).map(Arc::new).map_err(|e| format!("{}: {e}.", path.display()));
            Loaded::Model { workspace, path, result }
        });
    }

    /// Asks the desktop for a path. The dialog is made here, on the window's thread, as macOS wants it, and only waited for
    /// elsewhere.
    pub(in crate::app) fn ask_path(&self, what: PathFor) {
        let dialog = rfd::AsyncFileDialog::new().set_title(what.title());
        let all = |dialog: rfd::AsyncFileDialog| dialog.add_filter("All files", &["*"]);
        let tables = |dialog: rfd::AsyncFileDialog| all(dialog.add_filter("Tables", TABLES));
        let answer: std::pin::Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>> = match what {
            PathFor::Score | PathFor::WatchFile | PathFor::Earlier => Box::pin(tables(dialog).pick_file()),
            PathFor::Model => Box::pin(all(dialog.add_filter("Models", &["bscope-model"])).pick_file()),
            PathFor::WatchFolder => Box::pin(dialog.pick_folder()),
        };
        let asked = Instant::now();
        let failed = move |_| Loaded::PathFor { what, answer: Err(()) };
        self.work("dialog", failed, move || {
            let file = pollster::block_on(answer).map(|file| file.path().to_owned());
            // Nobody answers that fast: the desktop has no dialog to offer.
            let shown = file.is_some() || asked.elapsed() >= NO_DIALOG;
            Loaded::PathFor { what, answer: if shown { Ok(file) } else { Err(()) } }
        });
    }
}
