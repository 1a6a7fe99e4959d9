//! Delimited text to a table: where it starts, its names, its rows, and the lines that are none.

use std::borrow::Cow;

use super::records::{OpenQuote, Place, Record, Records, line_at};
use super::{Body, ReadError, ReadOptions, Rejected, counted, delimiter, names};
use crate::data::table::Table;
use crate::data::written::looks_numeric;

/// Reads `text`. Lines before the header that start with `#` are kept as notes.
pub(super) fn read(text: &str, options: &ReadOptions) -> Result<Body, ReadError> {
    let (start, remarks) = opening(text);
    if text[start.offset..].trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let delimiter = match options.delimiter {
        Some(forced) => delimiter::checked(text, start, forced)?,
        None => delimiter::detect(text, start),
    };
    let delimiter = delimiter.ok_or(ReadError::OneColumn { line: start.line })?;

    let mut records = Records::new(text, delimiter, start);
    let below = records.clone();
    let (first, header, remarks) = header(&mut records, delimiter, remarks, options.header)?;
    if first.cells.len() == 1 {
        return Err(ReadError::TitleLine { line: first.line });
    }
    let mut notes: Vec<String> = remarks.iter().map(|(_, remark)| format!("File note: {remark}")).collect();
    let names = if header {
        names::column_names(&first.cells, &mut notes)
    } else {
        records = below;
        if options.header.is_none() {
            notes.push(names::NO_NAMES.to_owned());
        }
        names::numbered(first.cells.len())
    };
    let first_line = if header { "header" } else { "first row" };
    let (table, rejected) = rows(&mut records, Table::new(names), first_line, &mut notes);
    Ok(Body {
        format: "csv",
        delimiter: Some(char::from(delimiter)),
        header,
        first_line: first.line,
        table,
        rejected,
        notes,
        sheet: None,
        sheets: Vec::new(),
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

/// The first record, whether it holds names, and the remarks without it: some programs write the header itself behind a `#`, and tables with a column
/// of row numbers call it `#`. That is so when the last remark has as many cells as the line below, which holds a number.
fn header<'a>(
    records: &mut Records<'a>,
    delimiter: u8,
    mut remarks: Remarks<'a>,
    forced: Option<bool>,
) -> Result<(Record<'a>, bool, Remarks<'a>), ReadError> {
    let below = records.clone();
    let first = records.next().ok_or(ReadError::Empty)?;
    let first = first.map_err(|OpenQuote { line }| ReadError::HeaderQuote { line })?;
    let names = forced.unwrap_or_else(|| {
        let alike = |record: &Record<'_>| record.cells.len() == first.cells.len();
        let next = records.clone().take(names::LOOKED_AT).filter_map(Result::ok).filter(alike);
        names::has_names(&first.cells, &next.map(|record| record.cells).collect::<Vec<_>>())
    });
    let (Some(&(place, remark)), None | Some(true)) = (remarks.last(), forced) else {
        return Ok((first, names, remarks));
    };
    let is_data = first.cells.iter().any(|cell| looks_numeric(cell.trim()));
    let start = Place { offset: 0, line: place.line };
    match Records::new(remark, delimiter, start).next() {
        Some(Ok(mut hidden)) if is_data && hidden.cells.len() == first.cells.len() => {
            if hidden.cells[0].trim().is_empty() {
                hidden.cells[0] = Cow::Borrowed("#");
            }
            remarks.pop();
            *records = below;
            Ok((hidden, true, remarks))
        }
        _ => Ok((first, names, remarks)),
    }
}

/// Fills the table with the records that fit; the others come back with their reasons.
fn rows(
    records: &mut Records<'_>,
    mut table: Table,
    first_line: &str,
    notes: &mut Vec<String>,
) -> (Table, Vec<Rejected>) {
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
                format!("has {}, the {first_line} has {columns}", counted(cells.len(), "cell"))
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
