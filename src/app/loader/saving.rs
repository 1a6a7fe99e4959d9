//! Models and work written to files and read from them, and work that saves itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::{Loaded, Loader, NO_DIALOG};
use crate::app::saving::{Keep, Packed, Place, Restored, Work, pack};
use crate::app::workspace::{Origin, RunState, Trained};
use crate::data::{Dataset, Progress};
use crate::model::{Classifier, StopReason};
use crate::scoring::{DataRecord, Making, ReadAs, RiskModel};
use crate::storage::{Autosave, Orphan, load_workspace, orphaned_autosaves, save_model, save_workspace};
use crate::training::{ModelDone, PreparedFold, RunSpec};

/// A finished fit, to be kept.
pub(in crate::app) struct KeepJob {
    fold: Arc<PreparedFold>,
    data: Arc<Dataset>,
    origin: Arc<Origin>,
    spec: RunSpec,
    classifier: Arc<dyn Classifier>,
    pub(in crate::app) done: ModelDone,
}

impl KeepJob {
    /// Of a finished fit of a run; `None` while it is not there to be made.
    pub(in crate::app) fn of(run: &RunState, trained: &Trained) -> Option<Self> {
        let (fold, fitted) = run.worker.as_ref().and_then(|worker| worker.fold().zip(worker.fitted(trained.model)))?;
        fitted.done.then_some(())?;
        Some(Self {
            fold,
            data: Arc::clone(run.data.as_ref()?),
            origin: Arc::clone(run.origin.as_ref()?),
            spec: run.spec.clone()?,
            classifier: Arc::clone(&fitted.classifier),
            done: trained.done.clone(),
        })
    }

    pub(in crate::app) fn work(&self) -> Result<Arc<RiskModel>, String> {
        let Self { fold, data, origin, spec, classifier, done } = self;
        if let StopReason::Diverged { .. } = done.stop_reason {
            return Err(format!("the {} failed and scores nothing: {}", done.model.title(), done.stop_reason));
        }
        let read_as: ReadAs = origin.read_as.clone();
        let record = DataRecord::new(&origin.source, data, read_as);
        let classifier = classifier.as_ref();
        let made = now();
        let making = Making { fold, data, record, spec, classifier, done, made };
        RiskModel::new(making).map(Arc::new).map_err(|error| error.to_string())
    }
}

/// Now, for records: RFC 3339, UTC, to the second.
pub(in crate::app) fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

/// What was written, and what could not be put in, in a sentence each.
pub(in crate::app) struct Written {
    pub(in crate::app) path: PathBuf,
    pub(in crate::app) left_out: Vec<String>,
}

/// What is written where a person wants it.
pub(in crate::app) enum KeepWhat {
    Model(Arc<RiskModel>),
    Work(Box<Work>, Packed),
}

impl KeepWhat {
    pub(in crate::app) fn write(self, keep: Keep, path: &Path) -> Result<Written, String> {
        // By its ending a file is known when it is opened.
        let path = &with_ending(path, keep.ending())?;
        let told = |error: &dyn std::fmt::Display| format!("{} cannot be written: {error}.", path.display());
        match self {
            Self::Model(model) => {
                save_model(path, &model).map_err(|e| told(&e))?;
                Ok(Written { path: path.clone(), left_out: Vec::new() })
            }
            Self::Work(work, packed) => {
                let (saved, left_out) = work.saved(&packed, now()).map_err(|e| told(&e))?;
                save_workspace(path, &saved).map_err(|e| told(&e))?;
                Ok(Written { path: path.clone(), left_out })
            }
        }
    }
}

/// The path with the ending that it lacks. Refused where that is another file, which nobody has agreed to replace.
fn with_ending(path: &Path, ending: &str) -> Result<PathBuf, String> {
    if path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending)) {
        return Ok(path.to_owned());
    }
    let mut named = path.as_os_str().to_owned();
    named.push(".");
    named.push(ending);
    let named = PathBuf::from(named);
    if named.exists() {
        return Err(format!("{} is there already: choose that file to replace it, or another name.", named.display()));
    }
    Ok(named)
}

impl Loader {
    /// Packs files that were opened, by their paths and fingerprints, unless they are large: these are packed when they are saved.
    pub(in crate::app) fn pack(&self, files: Vec<(PathBuf, String)>, packed: Packed) {
        self.work(
            "pack",
            |_| Loaded::Packed,
            move || {
                pack(&files, &packed);
                Loaded::Packed
            },
        );
    }

    /// Makes what is kept of a finished fit.
    pub(in crate::app) fn keep(&self, job: KeepJob, number: u64) {
        let model = job.done.model;
        let failed = move |text| Loaded::Kept { number, model, result: Err(text) };
        self.work("keep", failed, move || Loaded::Kept { number, model, result: job.work() });
    }

    /// Asks where to, with the desktop's dialog, and writes there.
    pub(in crate::app) fn keep_as(&self, keep: Keep, file_name: &str, what: KeepWhat, done: u64) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title(keep.title())
            .set_file_name(file_name)
            .add_filter(keep.title(), &[keep.ending()])
            .save_file();
        let asked = Instant::now();
        self.work(
            "save",
            move |text| Loaded::KeptAs { keep, done, result: Err(text) },
            move || match pollster::block_on(dialog) {
                Some(file) => Loaded::KeptAs { keep, done, result: what.write(keep, file.path()).map(Some) },
                None if asked.elapsed() < NO_DIALOG => Loaded::NoDialogToKeep(keep),
                None => Loaded::KeptAs { keep, done, result: Ok(None) },
            },
        );
    }

    /// Writes to this file.
    pub(in crate::app) fn keep_at(&self, keep: Keep, path: PathBuf, what: KeepWhat, done: u64) {
        let failed = move |text| Loaded::KeptAs { keep, done, result: Err(text) };
        let write = move || Loaded::KeptAs { keep, done, result: what.write(keep, &path).map(Some) };
        self.work("save", failed, write);
    }

    /// Reads all the work from a file.
    pub(in crate::app) fn open_work(&self, path: PathBuf, progress: Arc<Progress>, request: u64) {
        let failed = move |text| Loaded::Work { request, place: None, result: Err(text) };
        self.work("open work", failed, move || {
            let read = || {
                let saved = load_workspace(&path).map_err(|error| error.to_string())?;
                Restored::new(saved, &progress).map(Box::new).map_err(|why| format!("{}: {why}", path.display()))
            };
            Loaded::Work { request, place: Some(Place::File(path.clone())), result: read() }
        });
    }

    /// Takes a place to save work to by itself, and looks for work that was left behind.
    pub(in crate::app) fn begin_autosave(&self, folder: Option<PathBuf>) {
        self.work(
            "autosave",
            |text| Loaded::AutosaveBegun(Err(text)),
            move || {
                let begin = || -> std::io::Result<(Autosave, Vec<Orphan>)> {
                    let all = folder.ok_or(std::io::ErrorKind::NotFound)?;
                    let left = orphaned_autosaves(&all)?;
                    Ok((Autosave::begin(&all)?, left))
                };
                Loaded::AutosaveBegun(begin().map_err(|error| error.to_string()))
            },
        );
    }

    /// Saves the work to a place of its own, where it stays when something else takes its place in the window.
    pub(in crate::app) fn set_aside(&self, folder: Option<PathBuf>, work: Box<Work>, packed: Packed) {
        self.work(
            "set aside",
            |text| Loaded::SetAside(Err(text)),
            move || {
                let save = || -> Result<Orphan, String> {
                    let (saved, _) = work.saved(&packed, now()).map_err(|error| error.to_string())?;
                    let all = folder.ok_or("there is no place for it")?;
                    let place = Autosave::begin(&all).map_err(|error| error.to_string())?;
                    place.save(&saved).map_err(|error| error.to_string())?;
                    Ok(place.leave())
                };
                Loaded::SetAside(save())
            },
        );
    }

    /// The last save before the window closes: of `work`, or of nothing where no more has to be kept.
    pub(in crate::app) fn end_autosave(&self, place: Autosave, work: Option<Box<Work>>, packed: Packed) {
        self.work(
            "autosave",
            |text| Loaded::AutosaveEnded(None, Err(text)),
            move || match work {
                None => {
                    // What is not removed now is offered at the next start.
                    drop(place.discard());
                    Loaded::AutosaveEnded(None, Ok(()))
                }
                Some(work) => {
                    let result = work.saved(&packed, now()).map_err(|error| error.to_string());
                    let result = result.and_then(|(saved, _)| place.save(&saved).map_err(|error| error.to_string()));
                    Loaded::AutosaveEnded(Some(place), result)
                }
            },
        );
    }

    /// Saves the work as it stands; the place comes back with the answer.
    pub(in crate::app) fn autosave(&self, place: Autosave, work: Box<Work>, packed: Packed) {
        self.work(
            "autosave",
            |text| Loaded::Autosaved(None, Err(text)),
            move || {
                let result = work.saved(&packed, now()).map_err(|error| error.to_string());
                let result = result
                    .and_then(|(saved, _)| place.save(&saved.lightened(LARGE)).map_err(|error| error.to_string()));
                Loaded::Autosaved(Some(place), result)
            },
        );
    }

    /// Reads work that was left behind.
    pub(in crate::app) fn open_left(&self, left: Orphan, progress: Arc<Progress>, request: u64) {
        self.work(
            "open work",
            move |text| Loaded::Work { request, place: None, result: Err(text) },
            move || {
                let read = || {
                    let saved = left.load().map_err(|error| error.to_string())?;
                    Restored::new(saved, &progress).map(Box::new)
                };
                let result = read();
                // What cannot be opened now may be opened later: its table may be on a drive that is not there.
                let place = result.is_ok().then(|| Place::Left(left.adopt()));
                Loaded::Work { request, place, result }
            },
        );
    }

    /// Throws away work that was left behind and is not wanted.
    pub(in crate::app) fn discard_left(&self, left: Orphan) {
        self.work(
            "discard",
            |text| Loaded::Discarded(Err(text)),
            move || Loaded::Discarded(left.discard().map_err(|error| error.to_string())),
        );
    }
}

/// Bytes of packed tables up to which they are saved with the work every minute; larger ones are only named.
const LARGE: usize = 32 << 20;
