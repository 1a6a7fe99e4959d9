//! Why a file that the program keeps cannot be used: one sentence that names it, and says what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::FileKind;
use crate::data::OpenError;

/// Why a model or a workspace cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// The operating system says no.
    #[error("{} cannot be read: {}.", path.display(), why(error))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It does not begin as files of this program do.
    #[error("{} is no {} of this program, or its first line is damaged.", path.display(), wanted.title())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        wanted: FileKind,
    },
    /// It is something else of this program.
    #[error("{} is a {}, and a {} is needed.", path.display(), found.title(), wanted.title())]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: FileKind,
        /// What was asked for.
        wanted: FileKind,
    },
    /// It comes from a later version of the program.
    #[error("{} was made by a newer version (format {found}, this program knows up to {known}): use a newer program.", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format number.
        found: u32,
        /// The newest format known.
        known: u32,
    },
    /// There are fewer bytes, or more, than its first line says.
    #[error("{} is not whole: {found} bytes follow its first line, not {expected}; copy it again.", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Bytes after the first line, as that says.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// Its bytes are not those that were written.
    #[error("{} is damaged, its checksum is wrong: copy it again, or take an older copy.", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
    },
    /// Unpacked it would fill the memory.
    #[error("{} holds more than {limit} bytes once unpacked, which no {} does.", path.display(), kind.title())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What it says it is.
        kind: FileKind,
        /// What there may be at most.
        limit: u64,
    },
    /// It is whole, and does not hold what it should.
    #[error("{} cannot be understood: {why}.", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A table has changed since it was opened, so that its bytes are not those that the work rests on.
    #[error("{} has changed since it was opened: open it again, then save.", path.display())]
    Changed {
        /// The table.
        path: PathBuf,
    },
    /// A table within a workspace cannot be opened.
    #[error(transparent)]
    Table(#[from] OpenError),
}

impl StoredError {
    /// What the system says of a file.
    pub fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    pub(super) fn content(path: &Path, why: impl Into<String>) -> Self {
        Self::Content { path: path.to_owned(), why: why.into() }
    }
}

/// What a person can make of the system's answer.
fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file; check the name and the folder".to_owned(),
        io::ErrorKind::PermissionDenied => "the system does not permit it".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder; choose a file in it".to_owned(),
        io::ErrorKind::OutOfMemory => "it is too large for the memory of this computer".to_owned(),
        _ => error.to_string(),
    }
}
