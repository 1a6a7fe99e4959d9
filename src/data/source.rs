//! A table with everything that is known about it: what the loader hands to the window, and the command line starts from.

use std::path::{Path, PathBuf};

use super::{
    AS_ASKED, ColumnProfile, DataError, Dataset, Guess, ReadError, ReadOptions, Reading, RoleError, RoleRequest, Roles,
    SAMPLES, Table, almost_numeric, guess, profile, read_with, sample_csv,
};

/// An opened table.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The file's path, or the sample's file name.
    pub path: PathBuf,
    /// Made up by the program.
    pub synthetic: bool,
    /// The cells.
    pub table: Table,
    /// How the file was read.
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
    /// The operating system says no.
    #[error("{} cannot be read: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The bytes are no table.
    #[error("{} cannot be used. {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ReadError,
    },
    /// The roles asked for cannot be given.
    #[error(transparent)]
    Role(#[from] RoleError),
}

impl Source {
    /// Opens a file. Blocks on the disk: not for the window's thread.
    ///
    /// # Errors
    /// When it cannot be read, is no table, or lacks a column that was asked for.
    pub fn open(path: &Path, request: &RoleRequest) -> Result<Self, OpenError> {
        Self::open_with(path, request, &ReadOptions::default())
    }

    /// Opens a file, read as `options` say. Blocks on the disk: not for the window's thread.
    ///
    /// # Errors
    /// As [`Self::open`], and when an option names what does not exist.
    pub fn open_with(path: &Path, request: &RoleRequest, options: &ReadOptions) -> Result<Self, OpenError> {
        let bytes = std::fs::read(path).map_err(|error| OpenError::Io { path: path.to_owned(), error })?;
        Self::from_bytes_with(path, &bytes, request, options)
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
        let (table, reading) =
            read_with(bytes, options).map_err(|error| OpenError::Read { path: path.to_owned(), error })?;
        let profiles = profile(&table);
        let guess = guess(&table, &profiles, request)?;
        let almost_numeric = almost_numeric(&table, &profiles);
        Ok(Self { path: path.to_owned(), synthetic: false, table, reading, profiles, guess, almost_numeric })
    }

    /// Opens the bundled sample.
    ///
    /// # Errors
    /// When a column was asked for that it does not have.
    pub fn sample(request: &RoleRequest) -> Result<Self, OpenError> {
        Self::sample_with(request, &ReadOptions::default())
    }

    /// Opens the bundled sample, read as `options` say.
    ///
    /// # Errors
    /// As [`Self::open_with`].
    pub fn sample_with(request: &RoleRequest, options: &ReadOptions) -> Result<Self, OpenError> {
        let csv = sample_csv(SAMPLES[0].name).unwrap_or_default();
        let source = Self::from_bytes_with(Path::new("sample_enterprises.csv"), csv.as_bytes(), request, options)?;
        Ok(Self { synthetic: true, ..source })
    }

    /// The file's name without its folder.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// The numbers under these roles.
    ///
    /// # Errors
    /// When they cannot be learned from.
    pub fn dataset(&self, roles: &Roles) -> Result<Dataset, DataError> {
        let mut data = Dataset::from_table(&self.table, roles)?;
        data.count_rejected(&self.table, &self.reading.rejected);
        Ok(data)
    }

    /// What a person should know about how the file was read, one sentence each: rejected rows, oddities, guesses.
    pub fn notices(&self) -> Vec<String> {
        let rejected = &self.reading.rejected;
        let mut notices = Vec::new();
        if let Some(first) = rejected.first() {
            let (total, rows) =
                (self.reading.rows_read + rejected.len(), if rejected.len() == 1 { "row" } else { "rows" });
            notices.push(format!(
                "Read {} of {total} rows: {} {rows} rejected, the first on line {}: {}.",
                self.reading.rows_read,
                rejected.len(),
                first.line,
                first.reason
            ));
        }
        notices.extend(self.reading.notes.iter().filter(|n| !n.starts_with("File note: ")).cloned());
        notices.extend(self.almost_numeric.iter().cloned());
        notices.extend(self.guess.notices.iter().cloned());
        let columns = self.table.names();
        let unasked = self.guess.set_aside.iter().filter(|(_, why)| why != AS_ASKED);
        notices.extend(unasked.map(|(column, why)| format!("\"{}\" is set aside: {why}.", columns[*column])));
        notices
    }
}
