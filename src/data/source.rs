//! A table with everything that is known about it: what the loader hands to the window, and the command line starts from.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::combine::{Combined, Piece, combine, file_labels, whole_reading};
use super::file::{Fetched, fetch};
use super::profile::profile_with;
use super::read::read_owned;
use super::{
    AS_ASKED, ColumnProfile, Combination, CombineError, DataError, Dataset, Guess, Progress, ReadError, ReadOptions,
    Reading, Role, RoleError, RoleRequest, Roles, SAMPLES, SampleInfo, Table, almost_numeric, guess, sample_csv,
    sample_info,
};

/// One of several files, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The file's path.
    pub path: PathBuf,
    /// Its name for people: without the folder, unless another file has the same.
    pub name: String,
    /// How it was read.
    pub reading: Reading,
}

/// An opened table.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The file's path, or the sample's file name; of several files their paths, joined by ` + `.
    pub path: PathBuf,
    /// The files put together here, in the order in which they were named; empty when there is one.
    pub files: Vec<SourceFile>,
    /// Which bundled sample it is; `None` for a file.
    pub sample: Option<&'static SampleInfo>,
    /// The cells.
    pub table: Table,
    /// How the file was read. Of several files, the format is `several`, remarks and rejected rows name their file, and
    /// the fingerprint is the SHA-256 of theirs in hexadecimal, one after the other.
    pub reading: Reading,
    /// What each column holds.
    pub profiles: Vec<ColumnProfile>,
    /// Who is what, with reasons.
    pub guess: Guess,
    /// Columns that nearly hold numbers, in words.
    pub almost_numeric: Vec<String>,
}

/// Why a file could not be opened. The text names the file.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No sample has this name.
    #[error("there is no sample {name}; the samples are: {}.", sample_names())]
    NoSuchSample {
        /// The name asked for.
        name: String,
    },
    /// The operating system says no.
    #[error("{} cannot be read: {}.", path.display(), why(error))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file was written to, cut or replaced meanwhile.
    #[error("{} changed while it was read: open it again once it is written.", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Stopped on demand, see [`Progress::cancel`].
    #[error("Reading {} was stopped.", path.display())]
    Cancelled {
        /// The file.
        path: PathBuf,
    },
    /// The bytes are no table.
    #[error("{} cannot be used. {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ReadError,
    },
    /// Several files that do not go together.
    #[error(transparent)]
    Combine(#[from] CombineError),
    /// The roles asked for cannot be given.
    #[error(transparent)]
    Role(#[from] RoleError),
}

/// What a person can make of the system's answer.
fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file; check the name and the folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => {
            "the system does not permit it; copy the file to a folder of yours, or change its permissions".to_owned()
        }
        std::io::ErrorKind::OutOfMemory => "it is too large for the memory of this computer".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder; choose a file in it".to_owned(),
        _ => error.to_string(),
    }
}

impl Source {
    /// Opens a file. Blocks on the disk: not for the window's thread.
    ///
    /// # Errors
    /// When it cannot be read, is no table, or lacks a column that was asked for.
    pub fn open(path: &Path, request: &RoleRequest) -> Result<Self, OpenError> {
        Self::open_with(path, request, &ReadOptions::default(), &Progress::new())
    }

    /// Opens a file, read as `options` say. Blocks on the disk: not for the window's thread. Another thread may look at
    /// `progress`, and stop the opening through it.
    ///
    /// # Errors
    /// As [`Self::open`], when an option names what does not exist, and when stopped.
    pub fn open_with(
        path: &Path,
        request: &RoleRequest,
        options: &ReadOptions,
        progress: &Progress,
    ) -> Result<Self, OpenError> {
        let (table, reading) = read_file(path, options, progress)?;
        Self::of_table(path, table, reading, request, progress)
    }

    /// Opens several files as one table, or one file as it is. Blocks on the disk: not for the window's thread.
    ///
    /// What `options` say holds for each of the files, `progress` for all of them.
    ///
    /// # Errors
    /// As [`Self::open`] for each file, and when they do not go together.
    pub fn open_many(
        paths: &[PathBuf],
        combination: &Combination,
        request: &RoleRequest,
        options: &ReadOptions,
        progress: &Progress,
    ) -> Result<Self, OpenError> {
        let read = |i: usize| read_file(&paths[i], options, progress);
        Self::of_files(paths, read, combination, request, progress)
    }

    /// [`Self::open_many`] of bytes that came from files of these paths: the same table.
    ///
    /// # Errors
    /// As [`Self::open_many`].
    pub fn from_many(
        files: Vec<(PathBuf, Vec<u8>)>,
        combination: &Combination,
        request: &RoleRequest,
        options: &ReadOptions,
        progress: &Progress,
    ) -> Result<Self, OpenError> {
        let (paths, mut bytes): (Vec<PathBuf>, Vec<Vec<u8>>) = files.into_iter().unzip();
        // The bytes of each are let go of when they are read.
        let read = |i: usize| read_bytes(&paths[i], std::mem::take(&mut bytes[i]), None, options, progress);
        Self::of_files(&paths, read, combination, request, progress)
    }

    /// The table of the files that `read` reads, each once and in order.
    fn of_files(
        paths: &[PathBuf],
        mut read: impl FnMut(usize) -> Result<(Table, Reading), OpenError>,
        combination: &Combination,
        request: &RoleRequest,
        progress: &Progress,
    ) -> Result<Self, OpenError> {
        match paths {
            [] => return Err(CombineError::NoFile.into()),
            [path] => {
                let (table, reading) = read(0)?;
                return Self::of_table(path, table, reading, request, progress);
            }
            _ => progress.expect_files(paths.len()),
        }
        let (names, stems) = file_labels(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>());
        let (mut tables, mut files): (Vec<Table>, Vec<SourceFile>) = (Vec::new(), Vec::new());
        for (i, (path, name)) in paths.iter().zip(names).enumerate() {
            let (table, reading) = read(i)?;
            if let Some(same) = files.iter().find(|file| file.reading.sha256 == reading.sha256) {
                return Err(CombineError::SameBytes { first: same.name.clone(), second: name }.into());
            }
            tables.push(table);
            files.push(SourceFile { path: path.clone(), name, reading });
        }
        let piece = |((table, file), stem): ((_, &SourceFile), String)| Piece {
            file: file.name.clone(),
            stem,
            table,
            header: file.reading.header,
        };
        let pieces: Vec<Piece<'_>> = tables.iter().zip(&files).zip(stems).map(piece).collect();
        let Combined { table, notes, source_column } = combine(&pieces, combination, request)?;
        drop(tables);
        let readings: Vec<(&str, &Reading)> = files.iter().map(|file| (&file.name[..], &file.reading)).collect();
        let reading = whole_reading(&readings, &table, notes);
        let path = paths.iter().map(|path| path.as_os_str()).collect::<Vec<_>>().join(OsStr::new(" + "));
        let mut source = Self::of_table(&PathBuf::from(path), table, reading, request, progress)?;
        source.files = files;
        // Unless it is the outcome, it tells of the files and not of the firms.
        if let Some(column) = source_column.filter(|&c| source.guess.roles.roles[c] == Role::Indicator) {
            source.guess.roles.roles[column] = Role::SetAside;
            source.guess.set_aside.insert(0, (column, "it says from which file a row is".to_owned()));
        }
        Ok(source)
    }

    /// Opens bytes that came from `path`, with everything about their reading found out.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(path: &Path, bytes: &[u8], request: &RoleRequest) -> Result<Self, OpenError> {
        Self::from_bytes_with(path, bytes, request, &ReadOptions::default())
    }

    /// Opens bytes that came from `path`, read as `options` say.
    ///
    /// # Errors
    /// As [`Self::open`], and when an option names what does not exist.
    pub fn from_bytes_with(
        path: &Path,
        bytes: &[u8],
        request: &RoleRequest,
        options: &ReadOptions,
    ) -> Result<Self, OpenError> {
        let progress = Progress::new();
        let (table, reading) = read_bytes(path, bytes.to_vec(), None, options, &progress)?;
        Self::of_table(path, table, reading, request, &progress)
    }

    fn of_table(
        path: &Path,
        table: Table,
        reading: Reading,
        request: &RoleRequest,
        progress: &Progress,
    ) -> Result<Self, OpenError> {
        let profiles = profile_with(&table, progress).ok_or_else(|| OpenError::Cancelled { path: path.to_owned() })?;
        let guess = guess(&table, &profiles, request)?;
        let almost_numeric = almost_numeric(&table, &profiles);
        let (path, files) = (path.to_owned(), Vec::new());
        Ok(Self { path, files, sample: None, table, reading, profiles, guess, almost_numeric })
    }

    /// Opens the first of the bundled samples, the enterprises.
    ///
    /// # Errors
    /// When a column was asked for that it does not have.
    pub fn sample(request: &RoleRequest) -> Result<Self, OpenError> {
        Self::sample_named(SAMPLES[0].name, request, &ReadOptions::default())
    }

    /// Opens the bundled sample of this name, read as `options` say.
    ///
    /// # Errors
    /// [`OpenError::NoSuchSample`], and as [`Self::open_with`].
    pub fn sample_named(name: &str, request: &RoleRequest, options: &ReadOptions) -> Result<Self, OpenError> {
        let (Some(sample), Some(csv)) = (sample_info(name), sample_csv(name)) else {
            return Err(OpenError::NoSuchSample { name: name.to_owned() });
        };
        let path = PathBuf::from(format!("sample_{name}.csv"));
        let source = Self::from_bytes_with(&path, csv.as_bytes(), request, options)?;
        Ok(Self { sample: Some(sample), ..source })
    }

    /// Whether it was made up by the program.
    pub fn is_synthetic(&self) -> bool {
        self.sample.is_some()
    }

    /// The file's name without its folder; of several files the first two.
    pub fn name(&self) -> String {
        match &self.files[..] {
            [_] | [] => {}
            [a, b] => return format!("{} + {}", a.name, b.name),
            [a, b, more @ ..] => return format!("{} + {} + {} more", a.name, b.name, more.len()),
        }
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// The numbers under these roles.
    ///
    /// # Errors
    /// When they cannot be learned from.
    pub fn dataset(&self, roles: &Roles) -> Result<Dataset, DataError> {
        let mut data = Dataset::from_table(&self.table, roles)?;
        // Rows of several files are counted in the table put together.
        if self.files.is_empty() {
            data.count_rejected(&self.table, &self.reading.rejected);
        }
        Ok(data)
    }

    /// The rows as indicators of `first`, a data set of another table: see [`Dataset::rows_of`].
    ///
    /// # Errors
    /// When columns are lacking.
    pub fn dataset_like(&self, first: &Dataset) -> Result<Dataset, DataError> {
        let mut data = first.rows_of(&self.table)?;
        if self.files.is_empty() {
            data.count_rejected(&self.table, &self.reading.rejected);
        }
        Ok(data)
    }

    /// What a person should know about how the file was read, one sentence each: rejected rows, oddities, guesses.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        if self.files.is_empty() {
            notices.extend(told_rejected(&self.reading, ""));
        }
        notices
            .extend(self.files.iter().filter_map(|file| told_rejected(&file.reading, &format!(" of {}", file.name))));
        notices.extend(self.reading.notes.iter().filter(|n| !n.starts_with("File note: ")).cloned());
        notices.extend(self.almost_numeric.iter().cloned());
        notices.extend(self.guess.notices.iter().cloned());
        let columns = self.table.names();
        let unasked = self.guess.set_aside.iter().filter(|(_, why)| why != AS_ASKED);
        notices.extend(unasked.map(|(column, why)| format!("\"{}\" is set aside: {why}.", columns[*column])));
        notices
    }
}

/// How many rows of a file were rejected, if any, and the first of them.
fn told_rejected(reading: &Reading, of_file: &str) -> Option<String> {
    let rejected = &reading.rejected;
    let first = rejected.first()?;
    let (total, rows) = (reading.rows_read + rejected.len(), if rejected.len() == 1 { "row" } else { "rows" });
    Some(format!(
        "Read {} of {total} rows{of_file}: {} {rows} rejected, the first on line {}: {}.",
        reading.rows_read,
        rejected.len(),
        first.line,
        first.reason
    ))
}

/// The names of all samples, separated by commas.
fn sample_names() -> String {
    SAMPLES.iter().map(|sample| sample.name).collect::<Vec<_>>().join(", ")
}

fn read_file(path: &Path, options: &ReadOptions, progress: &Progress) -> Result<(Table, Reading), OpenError> {
    let Fetched { bytes, sha256 } = fetch(path, progress)?;
    read_bytes(path, bytes, Some(sha256), options, progress)
}

fn read_bytes(
    path: &Path,
    bytes: Vec<u8>,
    sha256: Option<String>,
    options: &ReadOptions,
    progress: &Progress,
) -> Result<(Table, Reading), OpenError> {
    read_owned(bytes, sha256, options, progress).map_err(|error| match error {
        ReadError::Cancelled => OpenError::Cancelled { path: path.to_owned() },
        error => OpenError::Read { path: path.to_owned(), error },
    })
}
