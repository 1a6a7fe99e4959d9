//! Delimited text to records of cells, after RFC 4180 with what real files do besides: LF, CRLF and CR line ends also
//! mixed, blank lines skipped, blanks before an opening quote, a quote inside an unquoted cell is a letter.
//!
//! Written by hand rather than on the `csv` crate for one reason: when a quote is never closed, that parser takes the
//! rest of the file as one cell. Here such a record fails alone, and reading goes on with the line after its first.
//! Well-formed text is tested to give what the `csv` crate gives.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memrchr2};
use thiserror::Error;

/// Most cells of a record. A table has fewer columns; more come from a delimiter that is none, and would fill the memory.
pub(super) const MAX_CELLS: usize = 100_000;

/// Lines that one record may span through line breaks in quotes. Beyond it the quote is taken as forgotten; the bound
/// also keeps the time linear in a file where every line opens a quote.
pub(super) const MAX_LINES: u64 = 100;

/// One record.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// Line of the file, from 1, on which it starts.
    pub(super) line: u64,
    /// Lines it spans, at least 1.
    pub(super) lines: u64,
    /// Cells without their quotes, not trimmed; at least one.
    pub(super) cells: Vec<Cow<'a, str>>,
}

/// Why a record is none, to be read after "line 17".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Flaw {
    #[error("opens a quote that is not closed")]
    OpenQuote,
    #[error("has more than {MAX_CELLS} cells")]
    TooManyCells,
}

/// The records of a text from some place on.
#[derive(Clone, Debug)]
pub(super) struct Records<'a> {
    text: &'a str,
    delimiter: u8,
    /// Where the next record starts.
    place: Place,
    /// Where the last record starts.
    first: usize,
    /// The line after the first line of the last record.
    second: Place,
}

/// The start of a line: byte offset from 0, line from 1.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) offset: usize,
    pub(super) line: u64,
}

impl<'a> Records<'a> {
    /// Records of `text` from the start of a line on; `delimiter` is an ASCII byte.
    pub(super) fn new(text: &'a str, delimiter: u8, place: Place) -> Self {
        Self { text, delimiter, place, first: place.offset, second: place }
    }

    /// Goes back to the line after the first line of the last record, because its other lines were no part of it.
    pub(super) fn resume_after_first_line(&mut self) {
        self.place = self.second;
    }

    /// Whether each of the `lines` of the last record has by itself as many cells as the table has `columns`: then two
    /// forgotten quotes are more likely than a text of several lines that happens to have as many delimiters. In narrow
    /// tables it may well happen, in addresses say: two columns take four lines to tell, three or four columns three.
    pub(super) fn lines_are_records(&self, lines: u64, columns: usize) -> bool {
        let enough = match columns {
            0..=1 => return false,
            2 => 4,
            3..=4 => 3,
            _ => 2,
        };
        let mut offset = self.first;
        let mut whole = |_| {
            let Some((line, next)) = line_at(self.text, offset) else { return false };
            offset = next;
            line.split(char::from(self.delimiter)).count() == columns
        };
        lines >= enough && (0..lines).all(&mut whole)
    }

    /// Where the next record starts.
    pub(super) fn place(&self) -> Place {
        self.place
    }
}

impl<'a> Iterator for Records<'a> {
    /// A record, or the line on which one starts that is none.
    type Item = Result<Record<'a>, (u64, Flaw)>;

    fn next(&mut self) -> Option<Self::Item> {
        let delimiter = self.delimiter;
        loop {
            let Place { offset, line } = self.place;
            let (content, next) = line_at(self.text, offset)?;
            self.first = offset;
            self.second = Place { offset: next, line: line + 1 };
            self.place = self.second;
            if content.chars().all(|c| c.is_whitespace() && c != char::from(delimiter)) {
                continue;
            }
            if memchr(b'"', content.as_bytes()).is_none() {
                if memchr_iter(delimiter, content.as_bytes()).count() >= MAX_CELLS {
                    return Some(Err((line, Flaw::TooManyCells)));
                }
                let cells = content.split(char::from(delimiter)).map(Cow::Borrowed).collect();
                return Some(Ok(Record { line, lines: 1, cells }));
            }
            let quoted = match quoted_record(&self.text[offset..], delimiter) {
                Ok(quoted) => quoted,
                Err(flaw) => return Some(Err((line, flaw))),
            };
            self.place = Place { offset: offset + quoted.length, line: line + quoted.lines };
            return Some(Ok(Record { line, lines: quoted.lines, cells: quoted.cells }));
        }
    }
}

/// The line that starts at `offset`, without its line end, and the offset of the line after it.
pub(super) fn line_at(text: &str, offset: usize) -> Option<(&str, usize)> {
    let rest = text.get(offset..).filter(|rest| !rest.is_empty())?;
    let bytes = rest.as_bytes();
    let length = memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
    let end = match &bytes[length..] {
        [] => 0,
        [b'\r', b'\n', ..] => 2,
        _ => 1,
    };
    Some((&rest[..length], offset + length + end))
}

/// The first line, from 1, with more than `most` bytes. Looks at one place in `most` bytes only.
pub(super) fn line_over(text: &str, most: usize) -> Option<u64> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while bytes.len() - from > most {
        match memrchr2(b'\n', b'\r', &bytes[from..=from + most]) {
            Some(at) => from += at + 1,
            None => return Some(1 + line_breaks(&bytes[..from])),
        }
    }
    None
}

/// Number of line ends, CRLF counted once.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    let is_one = |&at: &usize| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
    memchr2_iter(b'\n', b'\r', bytes).filter(is_one).count() as u64
}

struct Quoted<'a> {
    cells: Vec<Cow<'a, str>>,
    /// Bytes up to the start of the next record.
    length: usize,
    lines: u64,
}

/// The record at the start of `text`, where at least one cell may be quoted. A quote is not closed by the end of the text, within [`MAX_LINES`], or in the right place. Text right after a closing quote is tolerated within a
/// line; after a line break it shows that this quote opens the cell of another record.
fn quoted_record(text: &str, delimiter: u8) -> Result<Quoted<'_>, Flaw> {
    let bytes = text.as_bytes();
    let mut cells = Vec::new();
    let (mut at, mut lines) = (0, 1);
    loop {
        let is_blank = |&&b: &&u8| b == b' ' || (b == b'\t' && delimiter != b'\t');
        let open = at + bytes[at..].iter().take_while(is_blank).count();
        let mut cell = Cow::Borrowed("");
        if bytes.get(open) == Some(&b'"') {
            let (inside, end) = quoted_cell(text, open + 1).ok_or(Flaw::OpenQuote)?;
            lines += line_breaks(&bytes[open..end]);
            if lines > MAX_LINES {
                return Err(Flaw::OpenQuote);
            }
            cell = inside;
            at = end;
        }
        let is_end = |&b: &u8| b == delimiter || b == b'\n' || b == b'\r';
        let end = at + bytes[at..].iter().position(is_end).unwrap_or(bytes.len() - at);
        let unquoted = &text[at..end];
        if at <= open {
            cell = Cow::Borrowed(unquoted);
        } else if !unquoted.trim().is_empty() {
            if lines > 1 {
                return Err(Flaw::OpenQuote);
            }
            cell += unquoted;
        }
        if cells.len() == MAX_CELLS {
            return Err(Flaw::TooManyCells);
        }
        cells.push(cell);
        at = end;
        if bytes.get(at) != Some(&delimiter) {
            let length = line_at(text, at).map_or(at, |(_, next)| next);
            return Ok(Quoted { cells, length, lines });
        }
        at += 1;
    }
}

/// The content of the cell whose opening quote ends at `start`, and the offset after its closing quote. Two quotes in
/// a row stand for one.
fn quoted_cell(text: &str, start: usize) -> Option<(Cow<'_, str>, usize)> {
    let mut cell = Cow::Borrowed("");
    let mut from = start;
    loop {
        let quote = from + text[from..].find('"')?;
        if text[quote + 1..].starts_with('"') {
            cell += &text[from..=quote];
            from = quote + 2;
        } else {
            cell += &text[from..quote];
            return Some((cell, quote + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    const START: Place = Place { offset: 0, line: 1 };

    fn cells(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let record = |record: Result<Record<'_>, (u64, Flaw)>| match record {
            Ok(record) => record.cells.iter().map(|cell| cell.clone().into_owned()).collect(),
            Err((line, flaw)) => vec![format!("line {line} {flaw}")],
        };
        Records::new(text, delimiter, START).map(record).collect()
    }

    #[test]
    fn every_line_end_counts_as_one() {
        let records: Vec<_> = Records::new("a,b\r\n1,2\r3,4\n\n5,6", b',', START).map(Result::unwrap).collect();
        assert_eq!(records.iter().map(|r| r.line).collect::<Vec<_>>(), [1, 2, 3, 5]);
        assert!(records.iter().all(|r| r.cells.len() == 2 && r.lines == 1));
    }

    #[test]
    fn a_line_that_is_too_long_is_found() {
        let text = "abc\r\nabcd\nabcde";
        assert_eq!([3, 4, 5].map(|most| line_over(text, most)), [Some(2), Some(3), None]);
        assert_eq!((line_over("", 0), line_over("\n\n", 0), line_over("\na", 0)), (None, None, Some(2)));
    }

    #[test]
    fn too_many_cells_are_none() {
        for line in [",".repeat(MAX_CELLS - 1), format!("\"\"{}", ",".repeat(MAX_CELLS - 1))] {
            let line = format!("x{line}");
            assert_eq!(cells(&line, b',')[0].len(), MAX_CELLS);
            assert_eq!(cells(&format!("{line},\n1"), b','), [["line 1 has more than 100000 cells"], ["1"]]);
        }
    }

    #[test]
    fn quotes_protect_delimiters_quotes_and_line_breaks() {
        assert_eq!(cells("\"a,b\",\"say \"\"no\"\"\"\n\"x\r\ny\",\n", b','), [["a,b", "say \"no\""], ["x\r\ny", ""]]);
        assert_eq!(cells("1; \"a;b\" ;\"\"", b';'), [["1", "a;b", ""]]);
        assert_eq!(cells("5\" pipe\t\"6\"\" pipe\"\tx", b'\t'), [["5\" pipe", "6\" pipe", "x"]]);
    }

    #[test]
    fn a_forgotten_quote_costs_its_own_line_only() {
        // Never closed; closed by the opening quote of the next line; a stray quote within one line does no harm.
        assert_eq!(cells("1,\"a\n2,b\n", b','), [vec!["line 1 opens a quote that is not closed"], vec!["2", "b"]]);
        assert_eq!(cells("\"a,1\n\"b\",2\n", b','), [vec!["line 1 opens a quote that is not closed"], vec!["b", "2"]]);
        assert_eq!(cells("\"a\" b,1\n", b','), [["a b", "1"]]);
    }

    #[test]
    fn a_record_ends_after_a_hundred_lines() {
        let fits = format!("\"{}\",1\n2,3\n", "x\n".repeat(99));
        assert_eq!(cells(&fits, b',').len(), 2);
        let too_long = format!("\"{}\",1\n2,3\n", "x\n".repeat(100));
        assert_eq!(cells(&too_long, b',')[0], ["line 1 opens a quote that is not closed"]);
    }

    #[test]
    fn lines_that_each_open_a_quote_take_linear_time() {
        let text = "a\",\"c\n".repeat(50_000);
        assert_eq!(cells(&text, b',').len(), 50_000);
    }

    #[test]
    fn well_formed_text_gives_what_the_csv_crate_gives() {
        let mut random = stream(11, Purpose::Sample, 0);
        let letters = ["a", "7", " ", ",", ";", "\t", "\"", "\n", "\r\n", "é", "企"];
        for _ in 0..2_000 {
            let delimiter = [b',', b';', b'\t'][random.random_range(0..3)];
            let columns = random.random_range(2..5);
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            let mut expected = Vec::new();
            for _ in 0..random.random_range(1..6) {
                let mut cell = |_| {
                    let length = random.random_range(0..5);
                    (0..length).map(|_| letters[random.random_range(0..letters.len())]).collect::<String>()
                };
                // The first cell starts with a letter: blank lines are skipped here, by rule.
                let row: Vec<String> = (0..columns).map(&mut cell).collect();
                let row: Vec<String> =
                    row.into_iter().enumerate().map(|(i, c)| if i == 0 { format!("x{c}") } else { c }).collect();
                writer.write_record(&row).unwrap();
                expected.push(row);
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let got = cells(&text, delimiter);
            assert_eq!(got, expected, "{text:?}");
        }
    }
}
