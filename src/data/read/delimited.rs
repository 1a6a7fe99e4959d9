//! Delimited text to a table: its separator, its rows, and the lines that are none. What its first lines are is found in
//! `opening`.

use super::opening::{Head, Opening, head};
use super::records::{OpenQuote, Record, Records};
use super::{Body, ReadError, ReadOptions, Rejected, blanks, counted, delimiter};
use crate::data::table::Table;

/// Reads `text`. Lines before the header that start with `#` are kept as notes.
pub(super) fn read(text: &str, options: &ReadOptions) -> Result<Body, ReadError> {
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
        (None, None) => return Err(ReadError::OneColumn { line: start.line }),
    };

    let mut notes = Vec::new();
    let Head { names, header, line, mut rows } = head(text, delimiter, opening, options.header, &mut notes)?;
    let others = if header { "the header has" } else { "most rows have" };
    let (table, rejected) = self::rows(&mut rows, Table::new(names), others, &mut notes);
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

/// Fills the table with the records that fit; the others come back with their reasons.
fn rows(records: &mut Records<'_>, mut table: Table, others: &str, notes: &mut Vec<String>) -> (Table, Vec<Rejected>) {
    let columns = table.n_columns();
    let mut rejected = Vec::new();
    // Rows that span lines, with the first of them: legitimate, but also what two forgotten quotes look like.
    let mut spanning: Option<(usize, u64, u64)> = None;
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
                format!("has {}, {others} {columns}", counted(cells.len(), "cell"))
            } else {
                records.resume_after_first_line();
                "opens a quote that is not closed where the cell ends".to_owned()
            };
            rejected.push(Rejected { line, reason });
        } else if lines > 1 && records.lines_are_records(lines, columns) {
            records.resume_after_first_line();
            rejected.push(Rejected {
                line,
                reason: format!("opens a quote that would take in the rows to line {}", line + lines - 1),
            });
        } else if cells.iter().all(|cell| cell.trim().is_empty()) {
            rejected.push(Rejected { line, reason: "has only empty cells".to_owned() });
        } else {
            if lines > 1 {
                spanning.get_or_insert((0, line, line + lines - 1)).0 += 1;
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
    (table, rejected)
}
