//! The rows of delimited text, found in parts of the text at once.
//!
//! Each part is read as though a record started at its first line. Where the part before shows that this is not so,
//! because a quoted cell goes on over the border, the part is read again from where the next record does start. So the
//! rows are those that one reader finds going from the first line to the last, whatever the parts and the threads.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};
use rayon::prelude::*;

use super::records::{Flaw, Place, Record, Records, line_at};
use super::{ReadError, Rejected, counted};
use crate::data::cells::Rows;
use crate::data::progress::{Progress, stage};

/// Bytes of text in one part: enough to outweigh the handing out, few enough for the threads to end together.
const PART: usize = 1 << 20;

/// What rows have to be.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) delimiter: u8,
    pub(super) columns: usize,
    /// What says how many columns there are: `the header has`.
    pub(super) others: &'a str,
}

/// The rows of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    pub(super) rows: Rows,
    pub(super) rejected: Vec<Rejected>,
    /// Rows that span lines: legitimate, but also what two forgotten quotes look like.
    pub(super) spanning: Option<Spanning>,
}

/// The rows of a part of a text, lines counted from 0.
struct Part {
    rows: Rows,
    rejected: Vec<(u64, Why)>,
    spanning: Option<Spanning>,
}

/// Why a record is no row.
#[derive(Clone, Copy)]
enum Why {
    Flaw(Flaw),
    Cells(usize),
    /// Its lines have other numbers of cells together.
    QuoteAtCellEnd,
    /// Each of its lines is a row by itself, up to this one.
    TakesIn(u64),
    Empty,
}

/// How many rows span lines, and the first and last line of the first of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spanning {
    pub(super) count: usize,
    pub(super) lines: (u64, u64),
}

/// Finds the rows of `text` from `place` on.
pub(super) fn find(text: &str, place: Place, shape: Shape<'_>, progress: &Progress) -> Result<Found, ReadError> {
    find_up_to(text, place, text.len(), shape, progress).map(|(found, _)| found)
}

/// Finds the rows of `text` that start from `place` on and before `end`, the start of a line, and the place of the record
/// after them.
pub(super) fn find_up_to(
    text: &str,
    place: Place,
    end: usize,
    shape: Shape<'_>,
    progress: &Progress,
) -> Result<(Found, Place), ReadError> {
    find_in_parts(text, parts(&text[..end], place.offset, PART), place, shape, progress)
}

fn find_in_parts(
    text: &str,
    parts: Vec<Range<usize>>,
    place: Place,
    shape: Shape<'_>,
    progress: &Progress,
) -> Result<(Found, Place), ReadError> {
    let found: Option<Vec<(Part, Place)>> = parts
        .par_iter()
        .map(|part| progress.part_done(stage::CELLS, parts.len()).then(|| find_in(text, part.clone(), shape)))
        .collect();
    let found = found.ok_or(ReadError::Cancelled)?;

    let mut all = Found { rows: Rows::new(shape.columns), rejected: Vec::new(), spanning: None };
    all.rows.reserve(found.iter().map(|(found, _)| found.rows.len()).sum());
    let mut next = place;
    for (part, (mut found, mut end)) in parts.into_iter().zip(found) {
        if next.offset >= part.end {
            continue;
        }
        if next.offset != part.start {
            (found, end) = find_in(text, next.offset..part.end, shape);
        }
        all.append(found, next.line, shape);
        next = Place { offset: end.offset, line: next.line + end.line };
    }
    Ok((all, next))
}

/// Parts of about `size` bytes from `start` on, each ending behind a line end.
fn parts(text: &str, start: usize, size: usize) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut from = start;
    while from < bytes.len() {
        let near = (from + size - 1).min(bytes.len());
        let mut end = memchr2(b'\n', b'\r', &bytes[near..]).map_or(bytes.len(), |at| near + at + 1);
        // A border between CR and LF would count their line end twice.
        end += usize::from(bytes[end - 1] == b'\r' && bytes.get(end) == Some(&b'\n'));
        parts.push(from..end);
        from = end;
    }
    parts
}

impl Found {
    fn append(&mut self, part: Part, first_line: u64, shape: Shape<'_>) {
        self.rows.append(&part.rows, first_line);
        let rejected =
            |(line, why): (u64, Why)| Rejected { line: first_line + line, reason: why.told(first_line, shape) };
        self.rejected.extend(part.rejected.into_iter().map(rejected));
        if let Some(Spanning { count, lines: (from, to) }) = part.spanning {
            let first = Spanning { count: 0, lines: (from + first_line, to + first_line) };
            self.spanning.get_or_insert(first).count += count;
        }
    }
}

impl Why {
    /// To be read after "line 17", for a part whose first line is given.
    fn told(self, first_line: u64, shape: Shape<'_>) -> String {
        match self {
            Self::Flaw(flaw) => flaw.to_string(),
            Self::Cells(cells) => format!("has {}, {} {}", counted(cells, "cell"), shape.others, shape.columns),
            Self::QuoteAtCellEnd => "opens a quote that is not closed where the cell ends".to_owned(),
            Self::TakesIn(last) => format!("opens a quote that would take in the rows to line {}", first_line + last),
            Self::Empty => "has only empty cells".to_owned(),
        }
    }
}

/// The records that start in a part of the text, and the place behind the last of them, lines counted from 0.
fn find_in(text: &str, part: Range<usize>, shape: Shape<'_>) -> (Part, Place) {
    let mut found = Part { rows: Rows::new(shape.columns), rejected: Vec::new(), spanning: None };
    let mut place = Place { offset: part.start, line: 0 };
    let quotes = memchr(b'"', &text.as_bytes()[part.clone()]).is_some();
    while place.offset < part.end {
        let Some((content, next)) = line_at(text, place.offset) else { break };
        if quotes && memchr(b'"', content.as_bytes()).is_some() {
            place = found.quoted(text, place, shape);
        } else {
            found.unquoted(content, place, shape);
            place = Place { offset: next, line: place.line + 1 };
        }
    }
    (found, place)
}

impl Part {
    /// Takes a line without quotes: its row stays where it is in the text.
    fn unquoted(&mut self, content: &str, place: Place, shape: Shape<'_>) {
        let delimiter = char::from(shape.delimiter);
        // Most lines show by their first letter that they are not blank.
        let mut letters = content.chars().skip_while(|&c| c != delimiter && c.is_whitespace());
        let Some(first) = letters.next() else { return };
        if first == delimiter && letters.all(|c| c == delimiter || c.is_whitespace()) {
            let cells = memchr_iter(shape.delimiter, content.as_bytes()).count() + 1;
            let why = if cells == shape.columns { Why::Empty } else { Why::Cells(cells) };
            return self.rejected.push((place.line, why));
        }
        let cells = self.rows.push_found(place.line, place.offset, content, shape.delimiter);
        if cells != shape.columns {
            self.rejected.push((place.line, Why::Cells(cells)));
        }
    }

    /// Takes the record that starts at a line with quotes. Hands back the place behind it.
    fn quoted(&mut self, text: &str, place: Place, shape: Shape<'_>) -> Place {
        let mut records = Records::new(text, shape.delimiter, place);
        let why = match records.next() {
            None => return records.place(),
            Some(Err((_, flaw))) => Some(Why::Flaw(flaw)),
            Some(Ok(record)) => self.quoted_row(&record, &mut records, shape),
        };
        self.rejected.extend(why.map(|why| (place.line, why)));
        records.place()
    }

    /// Adds the row of a record, or says why it is none.
    fn quoted_row(&mut self, record: &Record<'_>, records: &mut Records<'_>, shape: Shape<'_>) -> Option<Why> {
        let Record { line, lines, cells } = record;
        let last = line + lines - 1;
        if cells.len() != shape.columns {
            if *lines == 1 {
                return Some(Why::Cells(cells.len()));
            }
            records.resume_after_first_line();
            return Some(Why::QuoteAtCellEnd);
        }
        if *lines > 1 && records.lines_are_records(*lines, shape.columns) {
            records.resume_after_first_line();
            return Some(Why::TakesIn(last));
        }
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Some(Why::Empty);
        }
        if *lines > 1 {
            self.spanning.get_or_insert(Spanning { count: 0, lines: (*line, last) }).count += 1;
        }
        self.rows.push_beside(*line, cells.iter().map(AsRef::as_ref));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::cells::Cells;
    use crate::random::{Purpose, Stream, stream};
    use rand::RngExt as _;

    const START: Place = Place { offset: 0, line: 1 };

    /// Line and cells.
    type Row = (u64, Vec<String>);

    /// The rows by one reader from the first line to the last, written out plainly.
    fn one_by_one(text: &str, shape: Shape<'_>) -> (Vec<Row>, Vec<Rejected>, Option<Spanning>) {
        let (mut rows, mut rejected, mut spanning) = (Vec::new(), Vec::new(), None);
        let mut records = Records::new(text, shape.delimiter, START);
        while let Some(record) = records.next() {
            let record = match record {
                Ok(record) => record,
                Err((line, flaw)) => {
                    rejected.push(Rejected { line, reason: flaw.to_string() });
                    continue;
                }
            };
            let cells: Vec<String> = record.cells.iter().map(|cell| cell.trim().to_owned()).collect();
            let reason = if cells.len() == shape.columns {
                None
            } else if record.lines == 1 {
                Some(format!("has {}, the header has {}", counted(cells.len(), "cell"), shape.columns))
            } else {
                records.resume_after_first_line();
                Some("opens a quote that is not closed where the cell ends".to_owned())
            };
            let reason = reason.or_else(|| {
                let spurious = record.lines > 1 && records.lines_are_records(record.lines, shape.columns);
                spurious.then(|| {
                    records.resume_after_first_line();
                    let last = record.line + record.lines - 1;
                    format!("opens a quote that would take in the rows to line {last}")
                })
            });
            let empty = || cells.iter().all(String::is_empty).then(|| "has only empty cells".to_owned());
            if let Some(reason) = reason.or_else(empty) {
                rejected.push(Rejected { line: record.line, reason });
                continue;
            }
            if record.lines > 1 {
                let first = Spanning { count: 0, lines: (record.line, record.line + record.lines - 1) };
                spanning.get_or_insert(first).count += 1;
            }
            rows.push((record.line, cells));
        }
        (rows, rejected, spanning)
    }

    fn some_text(random: &mut Stream, quotes: bool) -> String {
        let pieces = ["a", "7.5", " ", ",", ",", ",", "\n", "\r\n", "\r", "\n", "é", "\u{3000}", "x,y\n", "1,2\r\n"];
        let quoted = ["\"", "\"", "\"\"", "\"p,q\"", "\"two\nlines\"", ",\"", "\","];
        let length = random.random_range(0..60);
        let mut text = String::new();
        for _ in 0..length {
            let from = if quotes && random.random_range(0..4) == 0 { &quoted[..] } else { &pieces[..] };
            text.push_str(from[random.random_range(0..from.len())]);
        }
        text
    }

    #[test]
    fn parts_give_what_one_reader_gives() {
        let mut random = stream(12, Purpose::Sample, 0);
        let (mut n_rows, mut n_rejected, mut n_spanning) = (0, 0, 0);
        for round in 0..6_000 {
            let text = some_text(&mut random, round % 4 > 0);
            let shape = Shape { delimiter: b',', columns: random.random_range(2..4), others: "the header has" };
            let (rows, rejected, spanning) = one_by_one(&text, shape);
            for size in [1, 2, 3, 7, 20, 1000] {
                let (found, _) = find_in_parts(&text, parts(&text, 0, size), START, shape, &Progress::new()).unwrap();
                assert_eq!((&found.rejected, found.spanning), (&rejected, spanning), "{text:?} by {size}");
                let mut cells = Cells::of(found.rows, shape.delimiter);
                cells.set_text(text.clone());
                let got: Vec<Row> = (0..cells.n_rows())
                    .map(|row| (cells.line(row), cells.row(row).map(str::to_owned).collect()))
                    .collect();
                assert_eq!(got, rows, "{text:?} by {size}");
            }
            n_rows += rows.len();
            n_rejected += rejected.len();
            n_spanning += spanning.map_or(0, |s| s.count);
        }
        assert!(n_rows > 5_000 && n_rejected > 5_000 && n_spanning > 100, "{n_rows} {n_rejected} {n_spanning}");
    }

    #[test]
    fn parts_end_behind_whole_line_ends() {
        let text = "a\r\nb\n\rc\r\n";
        for size in 1..=text.len() {
            let parts = parts(text, 0, size);
            assert_eq!(parts.iter().map(|part| &text[part.clone()]).collect::<String>(), text);
            for part in &parts[..parts.len() - 1] {
                assert!(
                    ["a\r\n", "b\n", "\r", "a\r\nb\n", "b\n\r", "a\r\nb\n\r"].contains(&&text[part.clone()]),
                    "{size}"
                );
            }
        }
    }

    #[test]
    fn a_cancelled_search_finds_nothing() {
        let progress = Progress::new();
        progress.cancel();
        let shape = Shape { delimiter: b',', columns: 2, others: "the header has" };
        assert_eq!(find("a,b\n1,2\n", START, shape, &progress), Err(ReadError::Cancelled));
    }
}
