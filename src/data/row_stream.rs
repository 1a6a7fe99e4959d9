//! A table of any size, read from its first row to its last for a consumer that needs each row once. Text, also packed with
//! gzip, goes by in parts; what can only be read as a whole, such as a workbook, is one part.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::progress::Progress;
use super::read::{Failure, Opened, ReadError, ReadOptions, Rejected, Sizes, TextPart, TextStream, is_packed};
use super::roles::{RoleRequest, Roles};
use super::source::{OpenError, Source};
use super::table::Table;
use super::written::Decimal;

/// Bytes at once: enough rows for all threads, little beside the memory of any computer.
const SIZES: Sizes = Sizes { head: 1 << 20, part: 8 << 20 };

/// A table whose rows come one part after the other.
pub struct RowStream {
    path: PathBuf,
    names: Vec<String>,
    decimals: Vec<Decimal>,
    roles: Roles,
    notes: Vec<String>,
    /// Rows of the whole, where that can be told; and bytes for each of the first rows.
    rows: Option<u64>,
    bytes_of_row: Option<f64>,
    parts: Parts,
    /// The file on the disk, to see whether it changes meanwhile.
    file: Option<Watched>,
}

/// Where the rows come from.
enum Parts {
    Text(Box<TextStream>),
    /// A table in memory, until it is handed out.
    Whole(Option<Box<RowPart>>),
}

/// Some rows of a table, in its order.
#[derive(Debug)]
pub struct RowPart {
    /// The rows.
    pub table: Table,
    /// Lines among them that did not become rows.
    pub rejected: Vec<Rejected>,
}

/// A file, its size and time when it was opened, and how much of it was fetched.
struct Watched {
    file: File,
    before: std::fs::Metadata,
    fetched: Arc<AtomicU64>,
    /// Bytes already told to the progress.
    told: u64,
}

/// Counts the bytes that pass.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.0.read(buffer)?;
        self.1.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl RowStream {
    /// Opens a file and settles how it is read: by its first mebibyte where it is text, else by all of it. Blocks on the disk.
    ///
    /// # Errors
    /// When the file cannot be read, its first lines are no table, or an option names what does not exist.
    pub fn open(path: &Path, options: &ReadOptions, progress: &Progress) -> Result<Self, OpenError> {
        let failed = |error| OpenError::Io { path: path.to_owned(), error };
        let file = File::open(path).map_err(failed)?;
        let before = file.metadata().map_err(failed)?;
        if before.is_dir() {
            return Err(failed(ErrorKind::IsADirectory.into()));
        }
        let fetched = Arc::new(AtomicU64::new(0));
        let bytes = Counted(file.try_clone().map_err(failed)?, Arc::clone(&fetched));
        let watched = Watched { file, before, fetched, told: 0 };
        let mut stream = Self::of_reader(path, bytes, options, SIZES, progress)?;
        if let Some(bytes) = stream.bytes_of_row {
            stream.rows = Some((watched.before.len() as f64 / bytes) as u64);
        }
        stream.file = Some(watched).filter(|file| file.before.is_file() && stream.is_text());
        Ok(stream)
    }

    /// Opens the bytes of `reader`, which come from `path`; what can only be read as a whole is opened there.
    fn of_reader(
        path: &Path,
        reader: impl Read + Send + 'static,
        options: &ReadOptions,
        sizes: Sizes,
        progress: &Progress,
    ) -> Result<Self, OpenError> {
        let mut reader = BufReader::with_capacity(1 << 16, reader);
        let packed = is_packed(
            io::BufRead::fill_buf(&mut reader).map_err(|error| OpenError::Io { path: path.to_owned(), error })?,
        );
        let bytes: Box<dyn Read + Send> = if packed { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
        match TextStream::open(bytes, options, sizes).map_err(|failure| told(path, failure))? {
            Opened::Whole => Source::open_with(path, &RoleRequest::default(), options, progress).map(Self::of_source),
            Opened::Text(text, head) => {
                let options = ReadOptions { encoding: None, ..options.clone() };
                let length = head.len();
                let head = Source::from_bytes_with(path, head.as_bytes(), &RoleRequest::default(), &options)?;
                let mut stream = Self::of_source(head);
                // Of a long file the notes would count the first part only.
                if let Some(rows) = stream.rows.take_if(|_| !text.has_ended()) {
                    stream.bytes_of_row = (!packed).then_some(length as f64 / rows.max(1) as f64);
                    stream.notes = vec![format!(
                        "How the file is read was settled on its first {rows} rows: delimiter, decimal mark, encoding."
                    )];
                }
                stream.parts = Parts::Text(text);
                Ok(stream)
            }
        }
    }

    /// The rows of delimited text, settled on its first `head` bytes and read in parts of `part` bytes.
    #[cfg(test)]
    pub(crate) fn of_bytes(bytes: &[u8], head: usize, part: usize) -> Self {
        let reader = io::Cursor::new(bytes.to_vec());
        let (options, sizes) = (ReadOptions::default(), Sizes { head, part });
        Self::of_reader(Path::new("x.csv"), reader, &options, sizes, &Progress::new()).unwrap()
    }

    /// The rows of a table that is open.
    pub fn of_source(source: Source) -> Self {
        let decimal = Decimal::of_mark(source.reading.decimal).unwrap_or_default();
        let notes = source.reading.notes.iter().filter(|note| !note.starts_with("File note: ")).cloned().collect();
        Self {
            names: source.table.names().to_vec(),
            decimals: source.table.decimals(decimal),
            rows: Some(source.table.n_rows() as u64),
            bytes_of_row: None,
            roles: source.guess.roles,
            notes,
            parts: Parts::Whole(Some(Box::new(RowPart {
                table: source.table,
                // Of several files put together the rejected rows belong to none of the table.
                rejected: if source.files.is_empty() { source.reading.rejected } else { Vec::new() },
            }))),
            path: source.path,
            file: None,
        }
    }

    /// Where the rows come from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Column names, `n_columns` values, unique.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Decimal mark of each column.
    pub fn decimals(&self) -> &[Decimal] {
        &self.decimals
    }

    /// About how many rows there are, before they were read: from the size of the file and its first rows. `None` where that
    /// cannot be told.
    pub fn expected_rows(&self) -> Option<u64> {
        self.rows
    }

    /// Who is what, guessed from the first rows.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// What a person should know of how the file was read so far, one sentence each.
    pub fn notes(&self) -> Vec<String> {
        let of_text = match &self.parts {
            Parts::Text(text) => text.notes(),
            Parts::Whole(_) => Vec::new(),
        };
        self.notes.iter().cloned().chain(of_text).collect()
    }

    /// The next rows; `None` behind the last.
    ///
    /// # Errors
    /// When the file cannot be read further, is damaged, changed since it was opened, or `progress` was cancelled.
    pub fn next_part(&mut self, progress: &Progress) -> Result<Option<RowPart>, OpenError> {
        if progress.is_cancelled() {
            return Err(OpenError::Cancelled { path: self.path.clone() });
        }
        let part = match &mut self.parts {
            Parts::Whole(whole) => whole.take().map(|whole| *whole),
            Parts::Text(text) => {
                let part = text.next(&self.decimals).map_err(|failure| told(&self.path, failure))?;
                part.map(|TextPart { table, rejected }| RowPart { table, rejected })
            }
        };
        if let Some(file) = &mut self.file {
            if part.is_none() && file.has_changed() {
                return Err(OpenError::Changed { path: self.path.clone() });
            }
            file.tell(progress);
        }
        Ok(part)
    }

    fn is_text(&self) -> bool {
        matches!(self.parts, Parts::Text(_))
    }
}

impl Watched {
    fn has_changed(&self) -> bool {
        let Ok(after) = self.file.metadata() else { return true };
        after.len() != self.before.len() || after.modified().ok() != self.before.modified().ok()
    }

    fn tell(&mut self, progress: &Progress) {
        let fetched = self.fetched.load(Ordering::Relaxed);
        progress.advance((fetched - self.told) as f64 / self.before.len().max(1) as f64);
        self.told = fetched;
    }
}

fn told(path: &Path, failure: Failure) -> OpenError {
    let path = path.to_owned();
    match failure {
        Failure::Io(error) => OpenError::Io { path, error },
        Failure::Read(ReadError::Cancelled) => OpenError::Cancelled { path },
        Failure::Read(error) => OpenError::Read { path, error },
    }
}

#[cfg(test)]
#[path = "row_stream_tests.rs"]
mod tests;
