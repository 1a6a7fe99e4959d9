//! Why bytes are no table, each with what to do about it.

use thiserror::Error;

use super::Rejected;

/// Why bytes could not be read as a table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// No text, or nothing but blanks and remarks.
    #[error("The file is empty: there is no header and no row in it.")]
    Empty,
    /// The first bytes are those of another kind of file.
    #[error("The file is {what}, not a table: save the table as CSV and open that.")]
    OtherFormat {
        /// With its article: `a PDF document`.
        what: &'static str,
    },
    /// Something asked for in [`super::ReadOptions`] does not exist.
    #[error("There is no {what} \"{value}\": {use_instead}.")]
    Option {
        /// `encoding`, `delimiter`, `decimal mark` or `sheet`.
        what: &'static str,
        /// What was asked for.
        value: String,
        /// What can be asked for: `use . or ,`.
        use_instead: String,
    },
    /// A zip archive or compound file that is no workbook, or a damaged one.
    #[error("The workbook cannot be read ({why}): open it in a spreadsheet program and save it anew, or as CSV.")]
    Workbook {
        /// What the parser says.
        why: String,
    },
    /// A workbook that is encrypted.
    #[error("The workbook is protected by a password: save it without one.")]
    Password,
    /// Packed with gzip, and damaged.
    #[error("The packed file breaks off or is damaged after {after} unpacked bytes ({why}): fetch it again.")]
    Gzip {
        /// Bytes unpacked until then.
        after: usize,
        /// What the decoder says.
        why: String,
    },
    /// Packed with gzip, and too large unpacked.
    #[error("The packed file holds more than {most} bytes, the most that is unpacked: make it smaller.")]
    TooLarge {
        /// The bound.
        most: u64,
    },
    /// A line before `@data` that declares nothing known.
    #[error(
        "Line {line} of the ARFF file is no declaration that can be used: \"{text}\". Each column needs \
         @attribute, a name, and numeric, string, date or values in braces."
    )]
    Attribute {
        /// The line, from 1.
        line: u64,
        /// How it starts.
        text: String,
    },
    /// Columns are missing, or the rows are.
    #[error("The ARFF file declares no columns with @attribute, or no rows with @data.")]
    NoArffData,
    /// Rows written in short that are too many in full.
    #[error("From line {line} on the table has more than {most} cells, the most that is read: make it smaller.")]
    TooManyCells {
        /// The line, from 1.
        line: u64,
        /// The bound.
        most: usize,
    },
    /// No delimiter gives two columns.
    #[error(
        "The text from line {line} on does not split into columns: comma, semicolon, tab and vertical bar were tried. Save the table \
         with one of them between the cells."
    )]
    OneColumn {
        /// First line that was looked at, from 1.
        line: u64,
    },
    /// The delimiter that was asked for separates nothing.
    #[error("Line {line} holds no {delimiter}, which is to separate its cells: choose another delimiter, or none.")]
    NotSeparated {
        /// The first line, from 1.
        line: u64,
        /// Name of the delimiter.
        delimiter: &'static str,
    },
    /// A sheet with one column.
    #[error(
        "The sheet \"{sheet}\" is no table: the {rows} rows with anything in them have it in one column. Choose another \
         sheet."
    )]
    NarrowSheet {
        /// The sheet.
        sheet: String,
        /// Rows that are not blank.
        rows: usize,
    },
    /// A character that no text has.
    #[error(
        "Line {line} holds a NUL byte at character {character}: the file is damaged or no text. Save the table anew as \
         UTF-8."
    )]
    Nul {
        /// The line, from 1.
        line: u64,
        /// Its place in the line, from 1.
        character: usize,
    },
    /// A delimiter gives more columns than a table has.
    #[error(
        "Line {line} splits into more than {most} cells at \"{}\", the most that is read: name another delimiter, or \
         use fewer columns.",
        .delimiter.escape_default()
    )]
    TooManyColumns {
        /// The line, from 1.
        line: u64,
        /// What splits it.
        delimiter: char,
        /// The bound.
        most: usize,
    },
    /// A line longer than any of a table.
    #[error("Line {line} is longer than {most} bytes, the most that is read: this is no table of rows in lines.")]
    LongLine {
        /// The line, from 1.
        line: u64,
        /// The bound.
        most: usize,
    },
    /// Stopped on demand.
    #[error("Reading was stopped.")]
    Cancelled,
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
