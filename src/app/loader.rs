//! Everything that touches the disk or the desktop on the window's behalf, each on a thread of its own.

mod saving;
mod scoring;
mod watching;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::comparing::Subject;
use super::cutoffs::{Ask, Tried};
use super::export::{self, Document, Export, ExportJob};
use super::insights::{Asked, Insight, Inspected};
use super::saving::{Keep, Place, Restored};
use super::scoring::{Earlier, Outcome, PathFor};
use super::standing::SecondFile;
use crate::checks::Finding;
use crate::data::{Combination, Dataset, Head, Progress, ReadOptions, RoleRequest, Roles, Source, head, sample_head};
use crate::report::look;
use crate::scoring::RiskModel;
use crate::storage::{Autosave, Lesson, LessonError, Orphan, SettingsFile, save_settings};
use crate::training::{ModelKind, ModelResult};

/// Endings of the names of tables.
const TABLES: &[&str] = &["csv", "tsv", "txt", "data", "arff", "xlsx", "xls", "xlsb", "ods", "gz"];

/// A dialog answered within this time was never shown.
const NO_DIALOG: Duration = Duration::from_millis(300);

pub(super) use self::saving::{KeepJob, KeepWhat, Written, now};
pub(super) use self::watching::Watch;

/// What comes back.
pub(super) enum Loaded {
    /// A table, or why not. The previous table stays until a new one is here.
    Opened {
        /// Which request.
        request: u64,
        /// The table or one sentence.
        result: Result<Box<Source>, String>,
    },
    /// The first rows of the open table under other readings.
    Peeked {
        /// Number of the request that opened it.
        opened: u64,
        /// The readings.
        options: Box<ReadOptions>,
        /// The rows or one sentence.
        head: Result<Box<Head>, String>,
    },
    /// The numbers for the request of this number.
    Built {
        /// Which request.
        request: u64,
        /// The numbers or one sentence.
        result: Result<Arc<Dataset>, String>,
    },
    /// A piece of what is worked out about the table; more may follow.
    Insight {
        /// Which request.
        request: u64,
        /// The piece.
        insight: Insight,
    },
    /// Everything asked for about the table was handed over, or it failed.
    Inspected(Result<(), String>),
    /// What is to be known of the table of a comparison; one sentence where that failed.
    Looked {
        /// Which comparison.
        comparison: u64,
        /// The findings.
        findings: Result<Arc<[Finding]>, String>,
    },
    /// What rules for a cut-off do.
    Tried(Tried),
    /// An export was written there; nothing where the dialog was closed; one sentence where it failed.
    Exported(Result<Option<PathBuf>, String>),
    /// The desktop has no dialog to ask where to.
    NoDialog(Export),
    /// The same for what a panel gives away.
    NoDialogToSave(Arc<dyn Document>),
    /// A second table to hold beside the open one of the workspace of this number, or one sentence.
    Second { workspace: u64, result: Result<Box<SecondFile>, String> },
    /// The file dialog, for a table or for a second one, was answered; an error where it never came up.
    Picked { second: bool, result: Result<Option<Vec<PathBuf>>, String> },
    /// Firms were scored, or their columns have to be matched first; one sentence where that failed.
    Scored { number: u64, result: Result<Outcome, String> },
    /// An earlier scoring for the workspace of this number, or one sentence.
    Earlier { workspace: u64, result: Result<Arc<Earlier>, String> },
    /// A model for the workspace of this number, or one sentence.
    Model { workspace: u64, path: PathBuf, result: Result<Arc<RiskModel>, String> },
    /// A path for this, nothing where the dialog was closed, an error where the desktop has none.
    PathFor { what: PathFor, answer: Result<Option<PathBuf>, ()> },
    /// The watched table is new or has changed.
    Changed { number: u64, path: PathBuf },
    /// It is watched no more, and why.
    WatchEnded { number: u64, why: Option<String> },
    /// What is kept of a finished fit, under the number that was asked with.
    Kept { number: u64, model: ModelKind, result: Result<Arc<RiskModel>, String> },
    /// It was written there as it stood when so much was done; nothing where the dialog was closed.
    KeptAs { keep: Keep, done: u64, result: Result<Option<Written>, String> },
    /// The desktop has no dialog to ask where to.
    NoDialogToKeep(Keep),
    /// All the work of a file.
    Work { request: u64, place: Option<Place>, result: Result<Box<Restored>, String> },
    /// The place where the work saves itself, and what others left behind.
    AutosaveBegun(Result<(Autosave, Vec<Orphan>), String>),
    /// Work that was left behind is thrown away, or could not be.
    Discarded(Result<(), String>),
    /// The files of a table are packed.
    Packed,
    /// The work has saved itself, and its place is free again.
    Autosaved(Option<Autosave>, Result<(), String>),
    /// The work has saved itself for the last time, or could not.
    AutosaveEnded(Option<Autosave>, Result<(), String>),
    /// The work that was open is set aside, and can be offered.
    SetAside(Result<Orphan, String>),
    /// A lesson was read.
    Lesson(Result<Box<Lesson>, String>),
    /// The settings were written, or not.
    Saved(Result<(), String>),
}

/// Starts the work and hands over the answers.
pub(super) struct Loader {
    context: egui::Context,
    sender: SyncSender<Loaded>,
    answers: Receiver<Loaded>,
    /// Number of the newest request to inspect the table.
    newest: Arc<AtomicU64>,
}

impl Loader {
    pub(super) fn new(context: egui::Context) -> Self {
        let (sender, answers) = sync_channel(64);
        Self { context, sender, answers, newest: Arc::new(AtomicU64::new(0)) }
    }

    /// Answers since the last call. Never waits.
    pub(super) fn drain(&self) -> Vec<Loaded> {
        self.answers.try_iter().collect()
    }

    /// Opens files as one table, or the sample of this name when there are none.
    pub(super) fn open(
        &self,
        paths: Vec<PathBuf>,
        sample: &'static str,
        options: ReadOptions,
        combination: Combination,
        progress: Arc<Progress>,
        request: u64,
    ) {
        let failed = move |text| Loaded::Opened { request, result: Err(text) };
        self.work("open", failed, move || {
            let roles = RoleRequest::default();
            let opened = if paths.is_empty() {
                Source::sample_named(sample, &roles, &options)
            } else {
                Source::open_many(&paths, &combination, &roles, &options, &progress)
            };
            Loaded::Opened { request, result: opened.map(Box::new).map_err(|e| e.to_string()) }
        });
    }

    /// Looks at the first rows of a file, or of the sample of this name, as `options` say.
    pub(super) fn peek(&self, paths: Vec<PathBuf>, sample: &'static str, options: ReadOptions, opened: u64) {
        let of = options.clone();
        let failed = move |text| Loaded::Peeked { opened, options: Box::new(of.clone()), head: Err(text) };
        self.work("peek", failed, move || {
            let head = match paths.first() {
                Some(path) => head(path, &options),
                None => sample_head(sample, &options),
            };
            let head = head.map(Box::new).map_err(|e| e.to_string());
            Loaded::Peeked { opened, options: Box::new(options), head }
        });
    }

    /// Turns a table into numbers under these roles.
    pub(super) fn build(&self, source: Arc<Source>, roles: Roles, request: u64) {
        let failed = move |text| Loaded::Built { request, result: Err(text) };
        self.work("prepare", failed, move || {
            let result = source.dataset(&roles).map(Arc::new).map_err(|e| e.to_string());
            Loaded::Built { request, result }
        });
    }

    /// Ends the inspection under way after the piece it is at: a newer request waits.
    pub(super) fn hurry_inspection(&self, request: u64) {
        self.newest.store(request, Ordering::Relaxed);
    }

    /// Works out what there is to know about a table; the pieces come one by one. A newer request ends it early.
    pub(super) fn inspect(&self, inspected: Inspected, asked: Asked, request: u64) {
        self.newest.store(request, Ordering::Relaxed);
        let (sender, context, newest) = (self.sender.clone(), self.context.clone(), Arc::clone(&self.newest));
        self.work(
            "inspect",
            |text| Loaded::Inspected(Err(text)),
            move || {
                let hand_over = |insight| {
                    // Nobody waits any more when the window is gone.
                    drop(sender.send(Loaded::Insight { request, insight }));
                    context.request_repaint();
                };
                inspected.work(asked, &hand_over, &|| newest.load(Ordering::Relaxed) != request);
                Loaded::Inspected(Ok(()))
            },
        );
    }

    /// Works out what is to be known of the table that is compared.
    pub(super) fn look(&self, subject: Subject, comparison: u64) {
        let failed = move |text| Loaded::Looked { comparison, findings: Err(text) };
        self.work("look", failed, move || {
            let findings = look(&subject.origin.source, &subject.origin.read_as.roles, &subject.data, &subject.spec);
            Loaded::Looked { comparison, findings: Ok(findings.into()) }
        });
    }

    /// Works out what rules for a cut-off would do.
    pub(super) fn try_cutoffs(&self, ask: Ask, model: ModelResult) {
        let of = ask.clone();
        let failed = move |_| Loaded::Tried(Tried { ask: of.clone(), outcomes: Vec::new() });
        self.work("cut-offs", failed, move || Loaded::Tried(ask.work(&model)));
    }

    /// Reads a second table as one that is held beside `first`: columns are found by name, and it needs no label.
    pub(super) fn open_second(&self, path: PathBuf, first: Arc<Dataset>, workspace: u64) {
        let failed = move |text| Loaded::Second { workspace, result: Err(text) };
        self.work("second file", failed, move || {
            let read = || -> Result<Box<SecondFile>, String> {
                let source = Source::open(&path, &RoleRequest::default()).map_err(|e| e.to_string())?;
                let data = source.dataset_like(&first).map_err(|e| format!("{}: {e}", source.name()))?;
                Ok(Box::new(SecondFile::new(&source, data)))
            };
            Loaded::Second { workspace, result: read() }
        });
    }

    /// Asks the desktop for a file. The dialog is made here, on the window's thread, as macOS wants it, and only waited
    /// for elsewhere.
    pub(super) fn pick(&self, second: bool) {
        let title = if second {
            "Hold a second table beside the open one"
        } else {
            "Open a table, or several that belong together"
        };
        let dialog = rfd::AsyncFileDialog::new()
            .set_title(title)
            .add_filter("Tables", TABLES)
            .add_filter("Workspaces and models", &["bscope", "bscope-model"])
            .add_filter("All files", &["*"])
            .pick_files();
        let asked = Instant::now();
        let failed = move |text| Loaded::Picked { second, result: Err(text) };
        self.work("dialog", failed, move || {
            let files =
                pollster::block_on(dialog).map(|files| files.iter().map(|file| file.path().to_owned()).collect());
            // Nobody answers that fast: the desktop has no dialog to offer.
            if files.is_none() && asked.elapsed() < NO_DIALOG {
                let text = "This desktop offers no file dialog: drop the file here, or type its path (Open by path, in the \
                            File menu).";
                return Loaded::Picked { second, result: Err(text.to_owned()) };
            }
            Loaded::Picked { second, result: Ok(files) }
        });
    }

    /// Asks where to, and writes an export of a comparison there.
    pub(super) fn export(&self, export: Export, job: ExportJob) {
        let no_dialog = Loaded::NoDialog(export);
        self.save_as(export.file_name(), no_dialog, move |path| job.write(export, path));
    }

    /// Asks where to, and writes what a panel gives away there.
    pub(super) fn save_document(&self, document: Arc<dyn Document>) {
        let no_dialog = Loaded::NoDialogToSave(Arc::clone(&document));
        self.save_as(document.file_name(), no_dialog, move |path| export::write(&*document, path));
    }

    /// Asks where to, with the desktop's dialog, which is made on the window's thread, and writes there. `no_dialog` is the
    /// answer where there is none.
    fn save_as(
        &self,
        file_name: String,
        no_dialog: Loaded,
        write: impl FnOnce(&Path) -> Result<PathBuf, String> + Send + 'static,
    ) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Export")
            .set_file_name(file_name)
            .add_filter("All files", &["*"])
            .save_file();
        let asked = Instant::now();
        let failed = |text| Loaded::Exported(Err(text));
        self.work("export", failed, move || match pollster::block_on(dialog) {
            Some(file) => Loaded::Exported(write(file.path()).map(Some)),
            None if asked.elapsed() < NO_DIALOG => no_dialog,
            None => Loaded::Exported(Ok(None)),
        });
    }

    /// Writes what a panel gives away to this file.
    pub(super) fn save_document_to(&self, document: Arc<dyn Document>, path: PathBuf) {
        self.work(
            "export",
            |text| Loaded::Exported(Err(text)),
            move || Loaded::Exported(export::write(&*document, &path).map(Some)),
        );
    }

    /// Writes an export of a comparison to this file.
    pub(super) fn export_to(&self, export: Export, path: PathBuf, job: ExportJob) {
        self.work(
            "export",
            |text| Loaded::Exported(Err(text)),
            move || Loaded::Exported(job.write(export, &path).map(Some)),
        );
    }

    /// Reads a lesson.
    pub(super) fn open_lesson(&self, path: PathBuf) {
        self.work(
            "lesson",
            |text| Loaded::Lesson(Err(text)),
            move || {
                let told = |error: LessonError| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    format!("{name}: {error}.")
                };
                Loaded::Lesson(Lesson::load(&path).map(Box::new).map_err(told))
            },
        );
    }

    /// Asks the desktop for a lesson; the dialog is made on the window's thread.
    pub(super) fn pick_lesson(&self) {
        let dialog =
            rfd::AsyncFileDialog::new().set_title("Open a lesson").add_filter("Lessons", &["json"]).pick_file();
        let asked = Instant::now();
        let failed = |text| Loaded::Picked { second: false, result: Err(text) };
        self.work("dialog", failed, move || {
            let file = pollster::block_on(dialog).map(|file| vec![file.path().to_owned()]);
            if file.is_none() && asked.elapsed() < NO_DIALOG {
                let text = "This desktop offers no file dialog: drop the lesson here, or type its path (Open by path, in \
                            the File menu).";
                return Loaded::Picked { second: false, result: Err(text.to_owned()) };
            }
            Loaded::Picked { second: false, result: Ok(file) }
        });
    }

    /// Writes the settings.
    pub(super) fn save(&self, path: PathBuf, settings: SettingsFile) {
        self.work(
            "save",
            |text| Loaded::Saved(Err(text)),
            move || {
                let text = |e| format!("The settings could not be saved to {}: {e}.", path.display());
                Loaded::Saved(save_settings(&path, &settings).map_err(text))
            },
        );
    }

    /// Runs `job` on a thread and wakes the window with its answer; a panic is an answer too, and so is a refusal of the
    /// operating system to give a thread.
    fn work(
        &self,
        name: &str,
        failed: impl Fn(String) -> Loaded + Send + Clone + 'static,
        job: impl FnOnce() -> Loaded + Send + 'static,
    ) {
        let (sender, context) = (self.sender.clone(), self.context.clone());
        let panicked = failed.clone();
        let body = move || {
            let internal = "This did not work because of an internal error; please report it.";
            let answer = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| panicked(internal.to_owned()));
            // Nobody waits any more when the window is gone.
            drop(sender.send(answer));
            context.request_repaint();
        };
        if std::thread::Builder::new().name(name.to_owned()).spawn(body).is_err() {
            let text = "The operating system gives no thread: close other programs and try again.";
            drop(self.sender.try_send(failed(text.to_owned())));
            self.context.request_repaint();
        }
    }
}
