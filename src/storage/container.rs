//! The form of the files that keep models and work: one line of text, then JSON packed with gzip.
//!
//! The line is `beliefscope <kind> <format> <SHA-256 of the rest, in hexadecimal> <bytes of the rest>`. It is read before
//! anything else and has one spelling only, so that there is no byte of a file that could change unnoticed.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{StoredError, write_atomic};
use crate::data::fingerprint;

/// What a file keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A fitted model with all that is needed to score.
    Model,
    /// All the work of a window.
    Workspace,
}

impl FileKind {
    const ALL: [Self; 2] = [Self::Model, Self::Workspace];

    /// Its word in the first line.
    fn key(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Workspace => "workspace",
        }
    }

    /// Its name for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Model => "model file",
            Self::Workspace => "workspace file",
        }
    }
}

/// Most bytes of JSON: 4 GiB.
const MOST_BYTES: u64 = 4 << 30;
/// Deflate packs no better than 1032 to 1, and no table of numbers nearly so.
const MOST_RATIO: u64 = 1000;
/// However well it is packed, so much may there be.
const ALWAYS_ALLOWED: u64 = 64 << 20;
/// The longest first line there can be.
const LONGEST_LINE: u64 = 160;

/// What `packed` bytes may unpack to.
fn limit(packed: u64) -> u64 {
    packed.saturating_mul(MOST_RATIO).clamp(ALWAYS_ALLOWED, MOST_BYTES)
}

/// Writes `value` as a file of this kind and format, whole or not at all.
///
/// # Errors
/// When the disk refuses, and when there is more than could be read again.
pub(super) fn write(path: &Path, kind: FileKind, format: u32, value: &impl Serialize) -> io::Result<()> {
    write_atomic(path, &pack(kind, format, |to| Ok(serde_json::to_writer(to, value)?))?)
}

/// Writes this text as the JSON of a file, right or wrong.
#[cfg(test)]
pub(super) fn write_json(path: &Path, kind: FileKind, format: u32, json: &[u8]) -> io::Result<()> {
    std::fs::write(path, pack(kind, format, |to| to.write_all(json))?)
}

/// The bytes of a file whose JSON `write` writes.
fn pack(
    kind: FileKind,
    format: u32,
    write: impl FnOnce(&mut Counting<BufWriter<GzEncoder<Vec<u8>>>>) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let packer = GzEncoder::new(Vec::new(), Compression::fast());
    let mut counting = Counting { inner: BufWriter::with_capacity(1 << 16, packer), bytes: 0 };
    write(&mut counting)?;
    let rest = counting.inner.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
    if counting.bytes > limit(rest.len() as u64) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "there is more to keep than a file can hold"));
    }
    let mut bytes = Header { kind, format, sha256: fingerprint(&rest), length: rest.len() as u64 }.line().into_bytes();
    bytes.extend_from_slice(&rest);
    Ok(bytes)
}

/// Reads a file of this kind, whose format is at most `newest`: the format, and what it holds.
///
/// # Errors
/// When it cannot be read, is of another kind or a newer format, is damaged in any byte, or holds something else.
pub(super) fn read<T: DeserializeOwned>(path: &Path, kind: FileKind, newest: u32) -> Result<(u32, T), StoredError> {
    let failed = |error| StoredError::io(path, error);
    let file = File::open(path).map_err(failed)?;
    let there = file.metadata().map_err(failed)?;
    if there.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    read_from(file, there.is_file().then_some(there.len()), path, kind, newest)
}

/// [`read`] from `file`, of `size` bytes where that is known, which `path` is the name of.
pub(super) fn read_from<T: DeserializeOwned>(
    mut file: impl Read,
    size: Option<u64>,
    path: &Path,
    kind: FileKind,
    newest: u32,
) -> Result<(u32, T), StoredError> {
    let failed = |error| StoredError::io(path, error);
    let mut start = Vec::new();
    (&mut file).take(LONGEST_LINE).read_to_end(&mut start).map_err(failed)?;
    let (header, line) =
        Header::read(&start).ok_or_else(|| StoredError::NotOurs { path: path.to_owned(), wanted: kind })?;
    if header.kind != kind {
        return Err(StoredError::OtherKind { path: path.to_owned(), found: header.kind, wanted: kind });
    }
    if header.format > newest {
        return Err(StoredError::Newer { path: path.to_owned(), found: header.format, known: newest });
    }
    let wrong_length = |found| StoredError::Length { path: path.to_owned(), expected: header.length, found };
    // Before memory is set aside for what the line says.
    let after_line = size.map(|size| size.saturating_sub(line as u64));
    if let Some(found) = after_line.filter(|&found| found != header.length) {
        return Err(wrong_length(found));
    }
    let mut rest = start.split_off(line);
    let open = header.length.saturating_add(1).saturating_sub(rest.len() as u64);
    file.take(open).read_to_end(&mut rest).map_err(failed)?;
    if rest.len() as u64 != header.length {
        return Err(wrong_length(rest.len() as u64));
    }
    if fingerprint(&rest) != header.sha256 {
        return Err(StoredError::Checksum { path: path.to_owned() });
    }
    let json = unpack(&rest, limit(header.length)).map_err(|error| match error {
        Unpacking::TooLarge(limit) => StoredError::TooLarge { path: path.to_owned(), kind, limit },
        Unpacking::Broken => StoredError::content(path, "it is not packed as it should be"),
    })?;
    let value = serde_json::from_slice(&json).map_err(|error| StoredError::content(path, error.to_string()))?;
    Ok((header.format, value))
}

/// Why bytes cannot be unpacked.
#[derive(Debug, PartialEq)]
pub(super) enum Unpacking {
    /// They are more than this.
    TooLarge(u64),
    /// They are not gzip, or not all of them are.
    Broken,
}

/// The bytes that were packed with gzip, at most `limit` of them.
pub(super) fn unpack(packed: &[u8], limit: u64) -> Result<Vec<u8>, Unpacking> {
    let mut bytes = Vec::new();
    let mut unpacker = GzDecoder::new(packed);
    let read = (&mut unpacker).take(limit.saturating_add(1)).read_to_end(&mut bytes);
    if read.is_err() {
        return Err(Unpacking::Broken);
    }
    if bytes.len() as u64 > limit {
        return Err(Unpacking::TooLarge(limit));
    }
    if unpacker.into_inner().is_empty() { Ok(bytes) } else { Err(Unpacking::Broken) }
}

/// The first line.
#[derive(Debug, PartialEq)]
struct Header {
    kind: FileKind,
    format: u32,
    sha256: String,
    length: u64,
}

impl Header {
    fn line(&self) -> String {
        format!("beliefscope {} {} {} {}\n", self.kind.key(), self.format, self.sha256, self.length)
    }

    /// The first line of these bytes and its length; `None` when it is not as it would be written.
    fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let end = bytes.iter().position(|&byte| byte == b'\n')? + 1;
        let line = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut words = line.split_ascii_whitespace().skip(1);
        let key = words.next()?;
        let kind = FileKind::ALL.into_iter().find(|kind| kind.key() == key)?;
        let format = words.next()?.parse().ok().filter(|&format| format > 0)?;
        let sha256 = words.next()?.to_owned();
        let header = Self { kind, format, sha256, length: words.next()?.parse().ok()? };
        (header.line() == line).then_some((header, end))
    }
}

/// Counts what is written.
struct Counting<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
#[path = "container_tests.rs"]
mod tests;
