//! Work saved by itself, so that a crash loses little of it.
//!
//! Every running program has a folder of its own, in which it holds a lock and rewrites one workspace file. The system lets go of
//! the lock when the program ends in whatever way, so that a folder without a holder is work that was left behind: it is offered
//! once, and then taken over or thrown away. Nothing here looks at a clock or a process number.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;

use super::container::{self, FileKind};
use super::{SavedWorkspace, StoredError, WORKSPACE_FORMAT, load_workspace, save_workspace};

/// The file that is locked, in the folder of all and in that of each program.
const LOCK: &str = "lock";
/// The work.
const WORK: &str = "work.bscope";

/// Where this desktop keeps the folders of running programs; `None` where there is no home.
pub fn autosave_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "beliefscope").map(|d| d.data_local_dir().join("autosave"))
}

/// The place of a running program. When it is dropped the work stays; an orderly end calls [`Self::discard`].
#[derive(Debug)]
pub struct Autosave {
    folder: PathBuf,
    /// Held as long as the program runs.
    _lock: File,
}

impl Autosave {
    /// Takes a new place in `all`, the folder of [`autosave_folder`], which is made if it is not there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(all: &Path) -> io::Result<Self> {
        fs::create_dir_all(all)?;
        // Nobody may look at the new folder before it is locked.
        let _all = wait_for(all)?;
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(all)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { folder: folder.keep(), _lock: lock })
    }

    /// Saves the work in place of what was saved before. Blocks on the disk: not for the window's thread.
    ///
    /// # Errors
    /// When the disk refuses; what was saved before is still there.
    pub fn save(&self, workspace: &SavedWorkspace) -> io::Result<()> {
        save_workspace(&self.folder.join(WORK), workspace)
    }

    /// The file that the work is saved to.
    pub fn path(&self) -> PathBuf {
        self.folder.join(WORK)
    }

    /// The work stays here while this program goes on with other work: it can be offered at once.
    pub fn leave(self) -> Orphan {
        let path = self.path();
        let summary = container::read(&path, FileKind::Workspace, WORKSPACE_FORMAT).map(|(_, summary)| summary);
        let modified = path.metadata().and_then(|file| file.modified()).ok();
        Orphan { place: self, modified, summary }
    }

    /// An orderly end: there is nothing to be offered at the next start.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn discard(self) -> io::Result<()> {
        let Self { folder, _lock: lock } = self;
        // The work first, so that there is none when nobody holds the lock; some systems remove no file that is held.
        match fs::remove_file(folder.join(WORK)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => drop(lock),
        }
        fs::remove_dir_all(folder)
    }
}

/// Work whose program is gone. Nobody else is offered it while this is held.
#[derive(Debug)]
pub struct Orphan {
    place: Autosave,
    /// When it was saved.
    pub modified: Option<SystemTime>,
    /// What it is, or why it cannot be read.
    pub summary: Result<Summary, StoredError>,
}

/// What is said of work that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Summary {
    /// As [`SavedWorkspace::title`].
    pub title: String,
    /// As [`SavedWorkspace::saved`].
    pub saved: String,
    /// As [`SavedWorkspace::program`].
    pub program: String,
}

impl Orphan {
    /// The work.
    ///
    /// # Errors
    /// As [`load_workspace`].
    pub fn load(&self) -> Result<SavedWorkspace, StoredError> {
        load_workspace(&self.place.path())
    }

    /// The work is gone on with, and this is the place where it is saved from now on: there is no moment at which it could be
    /// lost.
    pub fn adopt(self) -> Autosave {
        self.place
    }

    /// Nobody wants it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn discard(self) -> io::Result<()> {
        self.place.discard()
    }
}

/// Work in `all` whose program is gone, the newest first. What such programs left half written is removed, and folders without
/// work are too. Blocks on the disk: not for the window's thread.
///
/// # Errors
/// When the disk refuses.
pub fn orphaned_autosaves(all: &Path) -> io::Result<Vec<Orphan>> {
    if !all.is_dir() {
        return Ok(Vec::new());
    }
    let _all = wait_for(all)?;
    let mut found = Vec::new();
    for entry in fs::read_dir(all)? {
        let folder = entry?.path();
        if folder.is_dir() {
            // One that the system does not let us look at holds up no other.
            found.extend(orphan(folder).ok().flatten());
        }
    }
    found.sort_by_key(|orphan| std::cmp::Reverse(orphan.modified));
    Ok(found)
}

/// The work in the folder of one program; `None` while that runs, and where there is none.
fn orphan(folder: PathBuf) -> io::Result<Option<Orphan>> {
    let lock = File::create(folder.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(super::atomic::TEMPORARY) {
            fs::remove_file(entry.path())?;
        }
    }
    let place = Autosave { folder, _lock: lock };
    if !place.path().is_file() {
        place.discard()?;
        return Ok(None);
    }
    Ok(Some(place.leave()))
}

/// Waits until no other program looks at the folder of all.
fn wait_for(all: &Path) -> io::Result<File> {
    let lock = File::create(all.join(LOCK))?;
    lock.lock()?;
    Ok(lock)
}

#[cfg(test)]
#[path = "autosave_tests.rs"]
mod tests;
