//! Delimited text to a table: its separator, its rows, and the lines that are none. What its first lines are is found in
//! `opening`.

use super::opening::{Head, Opening, head};
use super::records::Place;
use super::rows::{self, Found, Shape, Spanning};
use super::{Body, ReadError, ReadOptions, blanks, counted, delimiter};
use crate::data::cells::Cells;
use crate::data::progress::Progress;
use crate::data::table::Table;

/// What the first lines of a text say of all its rows.
#[derive(Default)]
pub(super) struct Layout {
    pub(super) names: Vec<String>,
    /// Whether the names are in the file.
    pub(super) header: bool,
    /// Line of the names or the first row.
    line: u64,
    /// Where the rows start.
    pub(super) rows: Place,
    pub(super) delimiter: u8,
    /// The delimiter that people see: a blank where tabs were put in its place.
    shown: char,
    /// The text with tabs where blanks separate its cells.
    pub(super) by_blanks: Option<String>,
    notes: Vec<String>,
}

impl Layout {
    /// What rows have to be.
    pub(super) fn shape(&self) -> Shape<'static> {
        let others = if self.header { "the header has" } else { "most rows have" };
        Shape { delimiter: self.delimiter, columns: self.names.len(), others }
    }
}

/// Finds the layout of `text`. Lines before the header that start with `#` are kept as notes.
pub(super) fn layout(text: &str, options: &ReadOptions) -> Result<Layout, ReadError> {
    let opening = Opening::of(text);
    let start = opening.start;
    if text[start.offset..].trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let asked = options.delimiter.or(opening.separator);
    let found = match asked {
        Some(' ') => None,
        Some(asked) => delimiter::checked(text, start, asked)?,
        None => delimiter::detect(text, start),
    };
    let by_blanks = match (asked, found) {
        (None | Some(' '), None) => blanks::to_tabs(text, start),
        (None, Some(b',')) if blanks::commas_are_decimal(text, start) => blanks::to_tabs(text, start),
        _ => None,
    };
    let (text, opening, delimiter, shown) = match (&by_blanks, found) {
        (Some(rewritten), _) => (rewritten.as_str(), Opening::of(rewritten), b'\t', ' '),
        (None, Some(found)) => (text, opening, found, char::from(found)),
        (None, None) => {
            let line = start.line;
            return Err(match asked.and_then(delimiter::name) {
                Some(delimiter) => ReadError::NotSeparated { line, delimiter },
                None => ReadError::OneColumn { line },
            });
        }
    };
    let mut notes = Vec::new();
    let Head { names, header, line, rows } = head(text, delimiter, opening, options.header, &mut notes)?;
    let rows = rows.place();
    Ok(Layout { names, header, line, rows, delimiter, shown, by_blanks, notes })
}

/// Reads `text`. The table is still to be given the text.
pub(super) fn read(text: &str, options: &ReadOptions, progress: &Progress) -> Result<Body, ReadError> {
    let layout = layout(text, options)?;
    let of_rows = layout.by_blanks.as_deref().unwrap_or(text);
    let Found { rows, rejected, spanning } = rows::find(of_rows, layout.rows, layout.shape(), progress)?;
    let Layout { names, header, line, delimiter, shown, by_blanks, mut notes, .. } = layout;
    notes.extend(spanning.map(told));
    let mut table = Table::from_cells(names, Cells::of(rows, delimiter));
    if let Some(rewritten) = by_blanks {
        table.set_text(rewritten);
    }
    Ok(Body {
        format: "csv",
        delimiter: Some(shown),
        header,
        first_line: line,
        table,
        rejected,
        notes,
        sheet: None,
        sheets: Vec::new(),
    })
}

fn told(spanning: Spanning) -> String {
    let Spanning { count, lines: (first, last) } = spanning;
    let verb = if count == 1 { "has" } else { "have" };
    format!("{} {verb} line breaks inside quotes, the first on lines {first} to {last}.", counted(count, "row"))
}
