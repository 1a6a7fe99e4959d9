//! Bytes to a [`Table`]: delimited text or ARFF in any usual encoding, a sheet of a workbook, and any of them packed with
//! gzip, told apart by content. How the bytes were read and what was tolerated or refused is kept in [`Reading`], so that
//! nothing happens to a file in silence.

mod arff;
mod blanks;
mod compound;
mod container;
mod delimited;
mod delimiter;
mod encoding;
mod error;
mod gzip;
mod ids;
mod letters;
mod magic;
mod markup;
mod names;
mod numbers;
mod opening;
mod plain;
mod records;
mod rows;
mod sheet;
mod stream;
mod tail;
mod workbook;

use serde::{Deserialize, Serialize};

use self::encoding::{Decoded, WholeText};
use self::numbers::Settled;
use super::file::fingerprint;
use super::missing::{MissingTokens, TokenCount, missing_notes, token_counts};
use super::progress::Progress;
use super::table::Table;
use super::written::Decimal;
pub use error::ReadError;
pub(super) use gzip::is_packed;
pub(super) use stream::{Failure, Opened, Sizes, TextPart, TextStream};

/// Bytes that one line may have. Lines of a hundred thousand columns have a tenth of it; more comes from files that are
/// no tables, and would fill the memory with cells.
const MAX_LINE: usize = 32 << 20;

// Offsets within a row have 32 bits.
const _: () = assert!(MAX_LINE as u64 * records::MAX_LINES <= u32::MAX as u64);

/// A line of the file that did not become a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Line of the file, from 1, on which the record starts.
    pub line: u64,
    /// Why, to be read after "line 17": `has 64 cells, the header has 65`.
    pub reason: String,
}

/// What a person settles by hand about a file; what is `None` is found out from the bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// Name of the encoding, as in the web's Encoding Standard: `gb18030`, `windows-1250`, `utf-8`.
    pub encoding: Option<String>,
    /// What separates cells, an ASCII character.
    pub delimiter: Option<char>,
    /// Decimal mark of numbers, `.` or `,`.
    pub decimal: Option<char>,
    /// Whether the first line holds names.
    pub header: Option<bool>,
    /// Name of the sheet in a workbook.
    pub sheet: Option<String>,
    /// Names of columns that hold numbers although they look like ids, such as counts written `007`.
    pub numbers: Vec<String>,
    /// What counts as missing; the usual tokens by default.
    pub missing: MissingTokens,
}

impl ReadOptions {
    /// What was settled by hand and means nothing for a file of this format, in words.
    fn unused(&self, format: &str) -> Option<String> {
        let workbook = matches!(format, "xlsx" | "xlsb" | "xls" | "ods");
        let unused: Vec<&str> = [
            ("delimiter", self.delimiter.is_some() && format != "csv"),
            ("decimal mark", self.decimal.is_some_and(|mark| mark != '.') && format == "arff"),
            ("encoding", self.encoding.is_some() && workbook),
            ("header", self.header == Some(false) && format == "arff"),
            ("sheet", self.sheet.is_some() && !workbook),
        ]
        .into_iter()
        .filter_map(|(what, unused)| unused.then_some(what))
        .collect();
        if unused.is_empty() {
            return None;
        }
        let format = if workbook {
            "a workbook"
        } else if format == "arff" {
            "an ARFF file"
        } else {
            "delimited text"
        };
        Some(format!("What was chosen has no effect on {format}: {}.", unused.join(", ")))
    }
}

/// How a file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Kind of table: `csv`, `arff`, `xlsx`, `xlsb`, `xls`, `ods`; of what is inside when it is packed with gzip.
    pub format: &'static str,
    /// `UTF-8`, `UTF-8 with a byte-order mark`, or another name of the Encoding Standard: `GB18030`, `windows-1250`.
    pub encoding: &'static str,
    /// What separates cells: `,`, `;`, `|` or a tab; `None` where cells are not separated by a character.
    pub delimiter: Option<char>,
    /// Decimal mark of numbers, `.` or `,`.
    pub decimal: char,
    /// Whether the names of the columns are in the file.
    pub header: bool,
    /// The sheet read, of a workbook.
    pub sheet: Option<String>,
    /// All sheets of a workbook, in its order.
    pub sheets: Vec<String>,
    /// Rows of the table.
    pub rows_read: usize,
    /// Everything that did not become a row, in file order; blank lines do not count.
    pub rejected: Vec<Rejected>,
    /// What the missing cells say and how often: empty cells first, then the most frequent.
    pub missing: Vec<TokenCount>,
    /// SHA-256 of the bytes in hexadecimal, 64 digits.
    pub sha256: String,
    /// Oddities tolerated, one sentence each, and the file's own opening remarks, each after `File note: `.
    pub notes: Vec<String>,
}

/// What a format yields: cells as they are written, and how they were found.
struct Body {
    format: &'static str,
    delimiter: Option<char>,
    header: bool,
    /// Line of the file, from 1, of the header or the first row.
    first_line: u64,
    table: Table,
    rejected: Vec<Rejected>,
    notes: Vec<String>,
    sheet: Option<String>,
    sheets: Vec<String>,
}

/// Reads a table and says how, with everything found out from the bytes.
///
/// # Errors
/// As [`read_with`].
pub fn read(bytes: &[u8]) -> Result<(Table, Reading), ReadError> {
    read_with(bytes, &ReadOptions::default())
}

/// Reads a table and says how. Rows of the wrong length are rejected, the rest is used. Column names are trimmed, made
/// unique and never empty; cells stay as they are written, see [`Table::numbers`].
///
/// # Errors
/// When the bytes are no table, or an option names what does not exist.
pub fn read_with(bytes: &[u8], options: &ReadOptions) -> Result<(Table, Reading), ReadError> {
    read_owned(bytes.to_vec(), None, options, &Progress::new())
}

/// As [`read_with`], and takes the bytes over: where they are UTF-8, they become the table's text without a copy. Their
/// SHA-256 is taken where it is not known. Stops with [`ReadError::Cancelled`].
pub(super) fn read_owned(
    bytes: Vec<u8>,
    sha256: Option<String>,
    options: &ReadOptions,
    progress: &Progress,
) -> Result<(Table, Reading), ReadError> {
    let decimal = options.decimal.map(decimal).transpose()?;
    let sha256 = |bytes: &[u8]| sha256.unwrap_or_else(|| fingerprint(bytes));
    let text = if options.encoding.is_none() && is_bare(&bytes) { encoding::whole(bytes) } else { Err(bytes) };
    let (sha256, found) = match text {
        Ok(WholeText { mut text, start, encoding }) => {
            let (sha256, body) =
                rayon::join(|| sha256(text.as_bytes()), || body_of_text(&text[start..], options, progress));
            let mut body = body?;
            text.drain(..start);
            body.table.set_text(text);
            (sha256, Found { body, encoding, notes: Vec::new() })
        }
        Err(bytes) => {
            let (sha256, found) = rayon::join(|| sha256(&bytes), || find(&bytes, options, progress));
            (sha256, found?)
        }
    };
    let Found { body, encoding, notes } = found;
    if body.table.n_rows() == 0 {
        let (line, columns) = (body.first_line, body.table.n_columns());
        return Err(match body.rejected.first() {
            None => ReadError::NoRows { line, columns },
            Some(first) => ReadError::AllRejected { line, rejected: body.rejected.len(), first: first.clone() },
        });
    }
    // A format that writes numbers in one way leaves nothing to find out.
    let decimal = if body.format == "arff" { Some(Decimal::Point) } else { decimal };
    let mut table = body.table;
    table.set_missing(options.missing.clone());
    let settled = numbers::settle(table, body.delimiter, decimal, &options.numbers, progress)?;
    let Settled { table, decimal, notes: mut more } = settled;
    let missing = token_counts(&table);
    more.extend(missing_notes(&table, &missing));
    more.extend(tail::totals(&table));
    more.extend(options.unused(body.format));
    let reading = Reading {
        format: body.format,
        encoding,
        delimiter: body.delimiter,
        decimal: decimal.mark(),
        header: body.header,
        sheet: body.sheet,
        sheets: body.sheets,
        rows_read: table.n_rows(),
        rejected: body.rejected,
        missing,
        sha256,
        notes: [notes, body.notes, more].concat(),
    };
    Ok((table, reading))
}

/// What the bytes hold.
struct Found {
    body: Body,
    encoding: &'static str,
    notes: Vec<String>,
}

/// Whether the bytes are neither packed nor a workbook nor known to be something else.
fn is_bare(bytes: &[u8]) -> bool {
    !gzip::is_packed(bytes) && !container::is_one(bytes) && magic::other_format(bytes).is_none()
}

/// Looks into bytes that are not simply text in UTF-8.
fn find(bytes: &[u8], options: &ReadOptions, progress: &Progress) -> Result<Found, ReadError> {
    let unpacked = gzip::unpack(bytes, progress)?;
    if container::is_one(&unpacked) {
        // Of its own accord a workbook says what its letters are: UTF-8 in XML, UTF-16 in Microsoft's binary forms.
        let body = workbook::read(&unpacked, options)?;
        let encoding = if matches!(body.format, "xls" | "xlsb") { "UTF-16LE" } else { "UTF-8" };
        return Ok(Found { body, encoding, notes: Vec::new() });
    }
    if let Some(what) = magic::other_format(&unpacked) {
        return Err(ReadError::OtherFormat { what });
    }
    let Decoded { text, encoding, notes } = encoding::decode(&unpacked, options.encoding.as_deref())?;
    let mut body = body_of_text(&text, options, progress)?;
    body.table.set_text(text.into_owned());
    Ok(Found { body, encoding, notes })
}

/// Rows of a text, which the table is still to be given.
fn body_of_text(text: &str, options: &ReadOptions, progress: &Progress) -> Result<Body, ReadError> {
    if let Some(line) = records::line_over(text, MAX_LINE) {
        return Err(ReadError::LongLine { line, most: MAX_LINE });
    }
    if arff::is_arff(text) { arff::read(text) } else { delimited::read(text, options, progress) }
}

fn decimal(mark: char) -> Result<Decimal, ReadError> {
    Decimal::of_mark(mark).ok_or_else(|| ReadError::Option {
        what: "decimal mark",
        value: mark.to_string(),
        use_instead: "use a point or a comma".to_owned(),
    })
}

/// `1 row`, `2 rows`.
pub(super) fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests;
