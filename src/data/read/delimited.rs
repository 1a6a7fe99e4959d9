//! Delimited text to a table: its separator, its rows, and the lines that are none. What its first lines are is found in
//! `opening`.

use super::opening::{Head, Opening, head};
use super::rows::{self, Found, Shape, Spanning};
use super::{Body, ReadError, ReadOptions, blanks, counted, delimiter};
use crate::data::cells::Cells;
use crate::data::progress::Progress;
use crate::data::table::Table;

/// Reads `text`. Lines before the header that start with `#` are kept as notes. The table is still to be given the text.
pub(super) fn read(text: &str, options: &ReadOptions, progress: &Progress) -> Result<Body, ReadError> {
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
    let others = if header { "the header has" } else { "most rows have" };
    let shape = Shape { delimiter, columns: names.len(), others };
    let Found { rows, rejected, spanning } = rows::find(text, rows.place(), shape, progress)?;
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
