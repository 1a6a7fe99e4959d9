//! Bytes to a [`Table`]: UTF-8 text with a header, cells separated by comma, semicolon or tab. How the bytes were read
//! and what was tolerated or refused is kept in [`Reading`], so that nothing happens to a file in silence.

mod delimiter;
mod records;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use self::records::{OpenQuote, Place, Record, Records, line_at, line_breaks};
use super::profile::{grouped_number, is_missing, number};
use super::table::Table;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A line of the file that did not become a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Line of the file, from 1, on which the record starts.
    pub line: u64,
    /// Why, to be read after "line 17": `has 64 cells, the header has 65`.
    pub reason: String,
}

/// How a file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Kind of file: `csv`.
    pub format: &'static str,
    /// `UTF-8` or `UTF-8 with a byte-order mark`.
    pub encoding: &'static str,
    /// What separates cells: `,`, `;` or a tab.
    pub delimiter: char,
    /// Decimal mark of numbers: `.`.
    pub decimal: char,
    /// Whether the first line holds the column names.
    pub header: bool,
    /// Rows of the table.
    pub rows_read: usize,
    /// Everything that did not become a row, in file order; blank lines do not count.
    pub rejected: Vec<Rejected>,
    /// SHA-256 of the bytes in hexadecimal, 64 digits.
    pub sha256: String,
    /// Oddities tolerated, one sentence each, and the file's own opening remarks, each after `File note: `.
    pub notes: Vec<String>,
}

/// Why bytes could not be read as a table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// No text, or nothing but blanks and remarks.
    #[error("The file is empty: there is no header and no row in it.")]
    Empty,
    /// The first bytes are those of another kind of file.
    #[error("The file is {what}, not delimited text: save it as CSV in UTF-8 and open that.")]
    OtherFormat {
        /// With its article: `an Excel workbook or zip archive`.
        what: &'static str,
    },
    /// A byte that is no UTF-8.
    #[error(
        "The text is not UTF-8: line {line} holds the byte 0x{byte:02X} in the wrong place. Save the file as UTF-8."
    )]
    NotUtf8 {
        /// Line of the file, from 1.
        line: u64,
        /// The first byte that does not fit.
        byte: u8,
    },
    /// No delimiter gives two columns.
    #[error(
        "The text from line {line} on does not split into columns: comma, semicolon and tab were tried. Save the table \
         with one of them between the cells."
    )]
    OneColumn {
        /// First line that was looked at, from 1.
        line: u64,
    },
    /// A quote in the header is not closed.
    #[error("The header on line {line} opens a quote that is not closed: remove it or close it.")]
    HeaderQuote {
        /// Line of the header, from 1.
        line: u64,
    },
    /// The first line has one cell: a title, not a header.
    #[error(
        "Line {line} has one cell, the lines below it have more: remove it, so that the first line names every column."
    )]
    TitleLine {
        /// The line, from 1.
        line: u64,
    },
    /// Nothing after the header.
    #[error("There is a header with {columns} columns on line {line}, but no row below it.")]
    NoRows {
        /// Line of the header, from 1.
        line: u64,
        /// Its number of columns.
        columns: usize,
    },
    /// Rows, but none that fits the header.
    #[error(
        "None of the {rejected} rows fits the header on line {line}: line {} {}. Make the first line name every column.",
        .first.line,
        .first.reason
    )]
    AllRejected {
        /// Line of the header, from 1.
        line: u64,
        /// Number of rows rejected.
        rejected: usize,
        /// The first of them.
        first: Rejected,
    },
}

/// Reads a table and says how. Rows of the wrong length are rejected, the rest is used.
///
/// Lines before the header that start with `#` are kept as notes. Column names are trimmed, made unique and never empty.
pub fn read(bytes: &[u8]) -> Result<(Table, Reading), ReadError> {
    let (text, encoding) = decode(bytes)?;
    let (start, remarks) = opening(text);
    if text[start.offset..].trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let delimiter = delimiter::detect(text, start).ok_or(ReadError::OneColumn { line: start.line })?;

    let mut records = Records::new(text, delimiter, start);
    let (header, remarks) = header(&mut records, delimiter, remarks)?;
    if header.cells.len() == 1 {
        return Err(ReadError::TitleLine { line: header.line });
    }
    let mut notes: Vec<String> = remarks.iter().map(|(_, remark)| format!("File note: {remark}")).collect();
    let names = column_names(&header.cells, &mut notes);

    let (table, rejected) = rows(&mut records, Table::new(names), &mut notes);
    if table.n_rows() == 0 {
        let (line, columns) = (header.line, table.n_columns());
        return Err(match rejected.first() {
            None => ReadError::NoRows { line, columns },
            Some(first) => ReadError::AllRejected { line, rejected: rejected.len(), first: first.clone() },
        });
    }
    let reading = Reading {
        format: "csv",
        encoding,
        delimiter: char::from(delimiter),
        decimal: '.',
        header: true,
        rows_read: table.n_rows(),
        rejected,
        sha256: Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
        notes,
    };
    Ok((table, reading))
}

/// The text without its byte-order mark, and the name of the encoding.
fn decode(bytes: &[u8]) -> Result<(&str, &'static str), ReadError> {
    let what = match bytes {
        [b'P', b'K', 3, 4, ..] => Some("an Excel workbook or zip archive"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Some("an old Excel workbook"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF document"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16 text"),
        _ => None,
    };
    if let Some(what) = what {
        return Err(ReadError::OtherFormat { what });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = error.valid_up_to();
        ReadError::NotUtf8 { line: 1 + line_breaks(&bytes[..valid]), byte: bytes[valid] }
    })?;
    Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (rest, "UTF-8 with a byte-order mark"),
        None => (text, "UTF-8"),
    })
}

/// Where the table starts: after blank lines and lines that start with `#`. Those come back with their places, the
/// remark without its mark.
fn opening(text: &str) -> (Place, Vec<(Place, &str)>) {
    let mut place = Place { offset: 0, line: 1 };
    let mut remarks = Vec::new();
    while let Some((line, next)) = line_at(text, place.offset) {
        if let Some(remark) = line.strip_prefix('#') {
            remarks.push((place, remark.trim()));
        } else if !line.trim().is_empty() {
            break;
        }
        place = Place { offset: next, line: place.line + 1 };
    }
    (place, remarks)
}

type Remarks<'a> = Vec<(Place, &'a str)>;

/// The header, and the remarks without it: some programs write the header itself behind a `#`, and tables with a column
/// of row numbers call it `#`. That is so when the last remark has as many cells as the line below, which holds a number.
fn header<'a>(
    records: &mut Records<'a>,
    delimiter: u8,
    mut remarks: Remarks<'a>,
) -> Result<(Record<'a>, Remarks<'a>), ReadError> {
    let below = records.clone();
    let first = records.next().ok_or(ReadError::Empty)?;
    let first = first.map_err(|OpenQuote { line }| ReadError::HeaderQuote { line })?;
    let Some(&(place, remark)) = remarks.last() else { return Ok((first, remarks)) };
    let is_data = first.cells.iter().any(|cell| number(cell.trim()).is_some());
    let start = Place { offset: 0, line: place.line };
    match Records::new(remark, delimiter, start).next() {
        Some(Ok(mut hidden)) if is_data && hidden.cells.len() == first.cells.len() => {
            if hidden.cells[0].trim().is_empty() {
                hidden.cells[0] = Cow::Borrowed("#");
            }
            remarks.pop();
            *records = below;
            Ok((hidden, remarks))
        }
        _ => Ok((first, remarks)),
    }
}

/// Column names from the header's cells: blanks and line breaks inside become one space, empty names get their number,
/// repeated names a count. Each change of substance is noted.
fn column_names(cells: &[Cow<'_, str>], notes: &mut Vec<String>) -> Vec<String> {
    let written: Vec<String> = cells.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let data = written.iter().filter(|name| looks_like_data(name)).count();
    if data > 0 {
        notes.push(format!(
            "The first line may be a row and not names: {data} of its {} cells look like values.",
            written.len()
        ));
    }
    // Names that stand in the file keep them; made-up ones must not collide with any.
    let given: HashSet<&str> = written.iter().map(String::as_str).collect();
    let mut used = HashSet::new();
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut names = Vec::with_capacity(written.len());
    for (i, name) in written.iter().enumerate() {
        let base = if name.is_empty() { format!("column {}", i + 1) } else { name.clone() };
        let times = times.entry(base.clone()).or_insert(0);
        let unique = loop {
            *times += 1;
            let candidate = if *times == 1 { base.clone() } else { format!("{base} ({times})") };
            if !used.contains(&candidate) && (candidate == *name || !given.contains(candidate.as_str())) {
                break candidate;
            }
        };
        if name.is_empty() {
            notes.push(format!("Column {} has no name: it is called \"{unique}\".", i + 1));
        } else if unique != *name {
            notes.push(format!("Column {} repeats the name \"{name}\": it is called \"{unique}\".", i + 1));
        }
        used.insert(unique.clone());
        names.push(unique);
    }
    names
}

/// A header cell that is more likely a value: a missing token, or a number that is no year.
fn looks_like_data(name: &str) -> bool {
    let is_year = |x: f64| x.fract() == 0.0 && (1900.0..=2100.0).contains(&x);
    (!name.is_empty() && is_missing(name, true)) || number(name).is_some_and(|x| !is_year(x))
}

/// Fills the table with the records that fit; the others come back with their reasons.
fn rows(records: &mut Records<'_>, mut table: Table, notes: &mut Vec<String>) -> (Table, Vec<Rejected>) {
    let columns = table.n_columns();
    let mut rejected = Vec::new();
    // Rows that span lines, with the first of them: legitimate, but also what two forgotten quotes look like.
    let mut spanning: Option<(usize, u64, u64)> = None;
    let mut grouped: Option<(usize, u64, String)> = None;
    while let Some(record) = records.next() {
        let Record { line, lines, cells } = match record {
            Ok(record) => record,
            Err(OpenQuote { line }) => {
                rejected.push(Rejected { line, reason: "opens a quote that is not closed".to_owned() });
                continue;
            }
        };
        if cells.len() != columns {
            let reason = if lines == 1 {
                format!("has {}, the header has {columns}", counted(cells.len(), "cell"))
            } else {
                records.resume_after_first_line();
                "opens a quote that is not closed where the cell ends".to_owned()
            };
            rejected.push(Rejected { line, reason });
        } else if cells.iter().all(|cell| cell.trim().is_empty()) {
            rejected.push(Rejected { line, reason: "has only empty cells".to_owned() });
        } else {
            if lines > 1 {
                spanning.get_or_insert((0, line, line + lines - 1)).0 += 1;
            }
            for cell in cells.iter().map(|cell| cell.trim()).filter(|cell| grouped_number(cell).is_some()) {
                grouped.get_or_insert_with(|| (0, line, cell.to_owned())).0 += 1;
            }
            table.push_row(line, cells.iter().map(AsRef::as_ref));
        }
    }
    if let Some((count, first, last)) = spanning {
        let verb = if count == 1 { "has" } else { "have" };
        notes.push(format!(
            "{} {verb} line breaks inside quotes, the first on lines {first} to {last}.",
            counted(count, "row")
        ));
    }
    if let Some((count, line, first)) = grouped {
        let (verb, number) = if count == 1 { ("has", "number") } else { ("have", "numbers") };
        notes.push(format!(
            "{count} {number} {verb} blanks between the thousands, which are left out; the first is \"{first}\" on line {line}."
        ));
    }
    (table, rejected)
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests;
