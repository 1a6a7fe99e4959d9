//! Delimited text read from its first row to its last, a part at a time, in memory that does not grow with the file.
//!
//! Encoding, delimiter, names and decimal marks are settled on the first lines; the rows are then those that the reader of
//! whole texts finds. A part ends where no later line can change a record before it: behind its last whole line, or, as
//! quotes may close below, before the first quote in its last hundred lines.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, UTF_8};
use memchr::{memchr, memrchr2, memrchr2_iter};

use super::delimited::{Layout, layout};
use super::encoding::{self, Settled};
use super::gzip;
use super::plain::{self, Plain};
use super::records::{MAX_LINES, Place, line_breaks, line_over};
use super::rows::{Found, find_up_to};
use super::{MAX_LINE, ReadError, ReadOptions, Rejected, arff, container, counted, magic};
use crate::data::cells::Cells;
use crate::data::progress::Progress;
use crate::data::table::Table;
use crate::data::written::Decimal;

/// Lines that the first part must have, unless the file ends before: what they look like decides how all are read.
const LINES_OF_HEAD: u64 = 50;

/// How many bytes are fetched at once.
#[derive(Clone, Copy, Debug)]
pub(in crate::data) struct Sizes {
    /// Bytes of the first part, on which the reading is settled.
    pub(in crate::data) head: usize,
    /// Bytes of every other part.
    pub(in crate::data) part: usize,
}

/// Why no more rows can be had.
#[derive(Debug)]
pub(in crate::data) enum Failure {
    Io(io::Error),
    Read(ReadError),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// Rows of a text, and lines among them that are none.
#[derive(Debug)]
pub(in crate::data) struct TextPart {
    pub(in crate::data) table: Table,
    pub(in crate::data) rejected: Vec<Rejected>,
}

/// A text on its way to rows.
pub(in crate::data) struct TextStream {
    bytes: Box<dyn Read + Send>,
    decoder: Decoder,
    layout: Layout,
    /// What the encoding is called, and what a person should know of it.
    pub(in crate::data) encoding: &'static str,
    encoding_note: Option<String>,
    options: ReadOptions,
    part: usize,
    /// Text whose records have not been handed out, from `place` on.
    text: String,
    place: Place,
    ended: bool,
    /// Bytes fetched, unpacked.
    fetched: usize,
    /// Places that are not valid in the encoding, and the line of the first.
    undecoded: Option<(usize, u64)>,
}

/// What the first bytes of a file are.
pub(in crate::data) enum Opened {
    /// Delimited text, and its first lines.
    Text(Box<TextStream>, String),
    /// Something that can only be read as a whole: a workbook, ARFF, cells separated by blanks, or no table.
    Whole,
}

impl TextStream {
    /// Looks at the first bytes. `packed` says whether `bytes` come out of gzip.
    pub(in crate::data) fn open(
        mut bytes: Box<dyn Read + Send>,
        options: &ReadOptions,
        sizes: Sizes,
    ) -> Result<Opened, Failure> {
        let mut head = Vec::new();
        let mut ended = false;
        while !ended && (head.len() < sizes.head || (line_breaks(&head) < LINES_OF_HEAD && head.len() < MAX_LINE)) {
            ended = fetch(&mut bytes, sizes.head, &mut head)? == 0;
        }
        if container::is_one(&head) || magic::other_format(&head).is_some() || gzip::is_packed(&head) {
            return Ok(Opened::Whole);
        }
        // A letter may be cut at the end.
        let whole = if ended { head.len() } else { memrchr2(b'\n', b'\r', &head).map_or(head.len(), |at| at + 1) };
        let settled = encoding::settle(&head[..whole], options.encoding.as_deref())?;
        let encoding = settled.name();
        let Settled { encoding: of_bytes, start, note } = settled;
        let mut stream = Self {
            bytes,
            decoder: of_bytes.new_decoder_without_bom_handling(),
            layout: Layout::default(),
            encoding,
            encoding_note: note,
            options: options.clone(),
            part: sizes.part.max(1),
            text: String::new(),
            place: Place { offset: 0, line: 1 },
            ended,
            fetched: head.len(),
            undecoded: None,
        };
        stream.decode(&head[start..])?;
        let lines = stream.whole_lines();
        let lines = if lines == 0 { stream.text.len() } else { lines };
        let first = &stream.text[..lines];
        if arff::is_arff(first) {
            return Ok(Opened::Whole);
        }
        let layout = layout(first, options)?;
        if layout.by_blanks.is_some() {
            return Ok(Opened::Whole);
        }
        let first = first.to_owned();
        (stream.place, stream.layout) = (layout.rows, layout);
        Ok(Opened::Text(Box::new(stream), first))
    }

    /// The next rows, with their numbers settled under the `decimals` of the columns; `None` behind the last.
    pub(in crate::data) fn next(&mut self, decimals: &[Decimal]) -> Result<Option<TextPart>, Failure> {
        loop {
            let end = if self.ended { self.text.len() } else { decided(&self.text[..self.whole_lines()]) };
            if end > self.place.offset {
                let part = self.take(end, decimals)?;
                if part.table.n_rows() + part.rejected.len() > 0 {
                    return Ok(Some(part));
                }
            } else if self.ended {
                return Ok(None);
            }
            if !self.ended {
                self.fetch()?;
            }
        }
    }

    /// What a person should know, one sentence each.
    pub(in crate::data) fn notes(&self) -> Vec<String> {
        let undecoded = self.undecoded.map(|(count, line)| {
            let are = if count == 1 { "is" } else { "are" };
            let places = counted(count, "place");
            let encoding = self.encoding;
            format!("{places} {are} not valid {encoding} and {are} read as \u{fffd}; the first is on line {line}.")
        });
        self.encoding_note.iter().cloned().chain(undecoded).collect()
    }

    /// Whether the file ended within its first part.
    pub(in crate::data) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Rows that start before `end`, the start of a line.
    fn take(&mut self, end: usize, decimals: &[Decimal]) -> Result<TextPart, ReadError> {
        let shape = self.layout.shape();
        let (found, next) = find_up_to(&self.text, self.place, end, shape, &Progress::new())?;
        let Found { rows, rejected, .. } = found;
        let rest = self.text.split_off(next.offset);
        let text = std::mem::replace(&mut self.text, rest);
        self.place = Place { offset: 0, line: next.line };
        let mut table = Table::from_cells(self.layout.names.clone(), Cells::of(rows, shape.delimiter));
        table.set_text(text);
        table.set_missing(self.options.missing.clone());
        settle(&mut table, decimals)?;
        Ok(TextPart { table, rejected })
    }

    fn fetch(&mut self) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        self.ended = fetch(&mut self.bytes, self.part, &mut bytes).map_err(|failure| match failure {
            Failure::Read(ReadError::Gzip { why, .. }) => ReadError::Gzip { after: self.fetched, why }.into(),
            failure => failure,
        })? == 0;
        self.fetched += bytes.len();
        self.decode(&bytes)
    }

    /// Adds bytes to the text.
    fn decode(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (before, mut read, mut damaged) = (self.text.len(), 0, false);
        loop {
            let room = self.decoder.max_utf8_buffer_length(bytes.len() - read).unwrap_or(bytes.len());
            self.text.reserve(room);
            let (result, n, replaced) = self.decoder.decode_to_string(&bytes[read..], &mut self.text, self.ended);
            read += n;
            damaged |= replaced;
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        let new = &self.text[before..];
        let line = |at: usize| self.place.line + line_breaks(&self.text.as_bytes()[self.place.offset..before + at]);
        if let Some(at) = memchr(0, new.as_bytes()) {
            let start = memrchr2(b'\n', b'\r', &self.text.as_bytes()[..before + at]).map_or(0, |end| end + 1);
            let character = 1 + self.text[start..before + at].chars().count();
            return Err(ReadError::Nul { line: line(at), character }.into());
        }
        if let Some(at) = new.find(char::REPLACEMENT_CHARACTER).filter(|_| damaged || self.decoder.encoding() != UTF_8)
        {
            let count = new.matches(char::REPLACEMENT_CHARACTER).count();
            let first = line(at);
            self.undecoded.get_or_insert((0, first)).0 += count;
        }
        match line_over(&self.text[self.place.offset..], MAX_LINE) {
            Some(over) => Err(ReadError::LongLine { line: self.place.line - 1 + over, most: MAX_LINE }.into()),
            None => Ok(()),
        }
    }

    /// Where the whole lines of the text end: a CR at its end may be half of a line end.
    fn whole_lines(&self) -> usize {
        if self.ended {
            return self.text.len();
        }
        let bytes = self.text.as_bytes();
        let known = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        memrchr2(b'\n', b'\r', known).map_or(0, |at| at + 1)
    }
}

/// Up to `most` bytes more; how many there were, 0 at the end.
fn fetch(from: &mut Box<dyn Read + Send>, most: usize, into: &mut Vec<u8>) -> Result<usize, Failure> {
    let after = into.len();
    from.by_ref().take(most.max(1) as u64).read_to_end(into).map_err(|error| match error.kind() {
        // What the decoder of gzip calls damage; files do not say so.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            ReadError::Gzip { after, why: error.to_string() }.into()
        }
        _ => Failure::Io(error),
    })
}

/// Up to where the records of whole `lines` are what they are, whatever lines follow. A record that starts above the last
/// hundred lines ends within them, or opens a quote that is not closed.
fn decided(lines: &str) -> usize {
    let bytes = lines.as_bytes();
    let is_end = |&at: &usize| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
    let last = memrchr2_iter(b'\n', b'\r', bytes).filter(is_end).nth(MAX_LINES as usize).map_or(0, |at| at + 1);
    match memchr(b'"', &bytes[last..]) {
        None => bytes.len(),
        Some(at) => memrchr2(b'\n', b'\r', &bytes[..last + at]).map_or(0, |end| end + 1),
    }
}

/// Gives the table the numbers of the columns that are plainly written and mean the same under their decimal mark; the cells
/// of the others are for whoever looks at them.
fn settle(table: &mut Table, decimals: &[Decimal]) -> Result<(), ReadError> {
    let plain = plain::columns(table, &Progress::new())?;
    for (column, plain) in plain.into_iter().enumerate() {
        let comma = decimals.get(column) == Some(&Decimal::Comma);
        let numbers = plain.and_then(|Plain { point, numbers, .. }| numbers.filter(|_| !(point && comma)));
        table.set_numbers(column, numbers);
    }
    Ok(())
}
