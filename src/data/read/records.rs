//! Delimited text to records of cells, after RFC 4180 with what real files do besides: LF, CRLF and CR line ends also
//! mixed, blank lines skipped, blanks before an opening quote, a quote inside an unquoted cell is a letter.
//!
//! Written by hand rather than on the `csv` crate for one reason: when a quote is never closed, that parser takes the
//! rest of the file as one cell. Here such a record fails alone, and reading goes on with the line after its first.
//! Well-formed text is tested to give what the `csv` crate gives.

use std::borrow::Cow;

/// Lines that one record may span through line breaks in quotes. Beyond it the quote is taken as forgotten; the bound
/// also keeps the time linear in a file where every line opens a quote.
const MAX_LINES: u64 = 100;

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

/// A record starts on `line` in which a quoted cell is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenQuote {
    pub(super) line: u64,
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
#[derive(Clone, Copy, Debug)]
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
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, OpenQuote>;

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
            if !content.contains('"') {
                let cells = content.split(char::from(delimiter)).map(Cow::Borrowed).collect();
                return Some(Ok(Record { line, lines: 1, cells }));
            }
            let Some(quoted) = quoted_record(&self.text[offset..], delimiter) else {
                return Some(Err(OpenQuote { line }));
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
    let length = bytes.iter().position(|&b| b == b'\n' || b == b'\r').unwrap_or(bytes.len());
    let end = match &bytes[length..] {
        [] => 0,
        [b'\r', b'\n', ..] => 2,
        _ => 1,
    };
    Some((&rest[..length], offset + length + end))
}

/// Number of line ends, CRLF counted once.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    let mut breaks = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        if byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n')) {
            breaks += 1;
        }
    }
    breaks
}

struct Quoted<'a> {
    cells: Vec<Cow<'a, str>>,
    /// Bytes up to the start of the next record.
    length: usize,
    lines: u64,
}

/// The record at the start of `text`, where at least one cell may be quoted. `None` when a quote is not closed: by the
/// end of the text, within [`MAX_LINES`], or in the right place. Text right after a closing quote is tolerated within a
/// line; after a line break it shows that this quote opens the cell of another record.
fn quoted_record(text: &str, delimiter: u8) -> Option<Quoted<'_>> {
    let bytes = text.as_bytes();
    let mut cells = Vec::new();
    let (mut at, mut lines) = (0, 1);
    loop {
        let is_blank = |&&b: &&u8| b == b' ' || (b == b'\t' && delimiter != b'\t');
        let open = at + bytes[at..].iter().take_while(is_blank).count();
        let mut cell = Cow::Borrowed("");
        if bytes.get(open) == Some(&b'"') {
            let (inside, end) = quoted_cell(text, open + 1)?;
            lines += line_breaks(&bytes[open..end]);
            if lines > MAX_LINES {
                return None;
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
                return None;
            }
            cell += unquoted;
        }
        cells.push(cell);
        at = end;
        if bytes.get(at) != Some(&delimiter) {
            let length = line_at(text, at).map_or(at, |(_, next)| next);
            return Some(Quoted { cells, length, lines });
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
        let record = |record: Result<Record<'_>, OpenQuote>| match record {
            Ok(record) => record.cells.iter().map(|cell| cell.clone().into_owned()).collect(),
            Err(open) => vec![format!("open quote on line {}", open.line)],
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
    fn quotes_protect_delimiters_quotes_and_line_breaks() {
        assert_eq!(cells("\"a,b\",\"say \"\"no\"\"\"\n\"x\r\ny\",\n", b','), [["a,b", "say \"no\""], ["x\r\ny", ""]]);
        assert_eq!(cells("1; \"a;b\" ;\"\"", b';'), [["1", "a;b", ""]]);
        assert_eq!(cells("5\" pipe\t\"6\"\" pipe\"\tx", b'\t'), [["5\" pipe", "6\" pipe", "x"]]);
    }

    #[test]
    fn a_forgotten_quote_costs_its_own_line_only() {
        // Never closed; closed by the opening quote of the next line; a stray quote within one line does no harm.
        assert_eq!(cells("1,\"a\n2,b\n", b','), [vec!["open quote on line 1"], vec!["2", "b"]]);
        assert_eq!(cells("\"a,1\n\"b\",2\n", b','), [vec!["open quote on line 1"], vec!["b", "2"]]);
        assert_eq!(cells("\"a\" b,1\n", b','), [["a b", "1"]]);
    }

    #[test]
    fn a_record_ends_after_a_hundred_lines() {
        let fits = format!("\"{}\",1\n2,3\n", "x\n".repeat(99));
        assert_eq!(cells(&fits, b',').len(), 2);
        let too_long = format!("\"{}\",1\n2,3\n", "x\n".repeat(100));
        assert_eq!(cells(&too_long, b',')[0], ["open quote on line 1"]);
    }

    #[test]
    fn lines_that_each_open_a_quote_take_linear_time() {
        let text = "a\",\"c\n".repeat(50_000);
        let start = std::time::Instant::now();
        assert_eq!(cells(&text, b',').len(), 50_000);
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
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
