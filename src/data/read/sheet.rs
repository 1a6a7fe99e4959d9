//! The cells of one sheet of a workbook to a table, as delimited text becomes one: dates in ISO form, error cells empty
//! and counted, blank rows and columns left out, titles above the names left out and told.

use std::borrow::Cow;

use calamine::{Data, ExcelDateTime};

use super::names::{self, First};
use super::opening::{titles, titles_note};
use super::{ReadError, counted};
use crate::data::missing::MissingTokens;
use crate::data::table::Table;
use crate::data::written::{Decimal, looks_numeric, written};

/// Most cells that a sheet may hold, and most that its table may have with the empty ones between them: 100 million. The
/// largest sheet of Excel can name a cell 17 thousand million places away from the first.
pub(super) const MAX_CELLS: usize = 100_000_000;

/// The cells of a sheet that are not blank.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Row and column from 0.
    cells: Vec<(u32, u32, Data)>,
    /// Formulas whose result the file does not hold, and the row of the first.
    pub(super) without_result: Option<(usize, u32)>,
}

/// What a sheet yields.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) table: Table,
    pub(super) header: bool,
    /// Row of the workbook, from 1, of the names or the first row.
    pub(super) first_line: u64,
    pub(super) notes: Vec<String>,
}

type Row<'a> = (u64, Vec<Cow<'a, str>>);

impl Cells {
    /// Adds a cell unless it is blank.
    pub(super) fn push(&mut self, row: u32, column: u32, cell: Data) -> Result<(), ReadError> {
        let blank = matches!(cell, Data::Empty) || matches!(&cell, Data::String(text) if text.trim().is_empty());
        if blank {
            return Ok(());
        }
        if self.cells.len() == MAX_CELLS {
            return Err(ReadError::TooManyCells { line: u64::from(row) + 1, most: MAX_CELLS });
        }
        self.cells.push((row, column, cell));
        Ok(())
    }

    /// Counts a formula without a result.
    pub(super) fn push_without_result(&mut self, row: u32) {
        self.without_result.get_or_insert((0, row)).0 += 1;
    }

    /// Rows and columns that hold anything.
    pub(super) fn size(&self) -> (usize, usize) {
        let distinct = |mut places: Vec<u32>| {
            places.sort_unstable();
            places.dedup();
            places.len()
        };
        let rows = distinct(self.cells.iter().map(|cell| cell.0).collect());
        (rows, self.columns().len())
    }

    /// The columns that hold anything, in order.
    fn columns(&self) -> Vec<u32> {
        let mut columns: Vec<u32> = self.cells.iter().map(|cell| cell.1).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// The table in the cells of `sheet`; `forced` says whether it has names.
    pub(super) fn into_table(mut self, sheet: &str, forced: Option<bool>) -> Result<Found, ReadError> {
        // Files list their cells in order; those that do not are put into it, the last of each place being the cell.
        if !self.cells.is_sorted_by_key(|&(row, column, _)| (row, column)) {
            self.cells.sort_by_key(|&(row, column, _)| (row, column));
        }
        let columns = self.columns();
        let by_row = || self.cells.chunk_by(|a, b| a.0 == b.0);
        let (n_rows, n_columns) = (by_row().count(), columns.len());
        if n_rows == 0 {
            return Err(ReadError::Empty);
        }
        if n_columns < 2 {
            return Err(ReadError::NarrowSheet { sheet: sheet.to_owned(), rows: n_rows });
        }
        if n_rows.saturating_mul(n_columns) > MAX_CELLS {
            return Err(ReadError::TooManyCells { line: u64::from(self.cells[0].0) + 1, most: MAX_CELLS });
        }
        let mut notes = Vec::new();
        let mut remaining: Vec<Row<'_>> =
            by_row().take(names::LOOKED_AT + 20).map(|row| line(row, &columns, &[])).collect();
        let cells: Vec<&[Cow<'_, str>]> = remaining.iter().map(|(_, cells)| cells.as_slice()).collect();
        let titles = titles(&cells, n_columns);
        let above: Vec<(u64, Cow<'_, str>)> = remaining
            .drain(..titles)
            .filter_map(|(line, cells)| Some((line, cells.into_iter().find(|cell| !cell.is_empty())?)))
            .collect();
        notes.extend(errors(&self.cells));
        notes.extend(titles_note(&above));
        let (first_line, first) = remaining.remove(0);
        let below: Vec<Vec<Cow<'_, str>>> = remaining.into_iter().take(names::LOOKED_AT).map(|(_, row)| row).collect();
        let found = forced.map_or_else(|| names::holds(&first, &below), First::forced);
        if forced.is_none() {
            notes.extend(found.note(first_line));
        }
        let mut table = Table::new(if found.is_names() {
            names::column_names(&first, &mut notes)
        } else {
            names::numbered(n_columns)
        });
        let body = || by_row().skip(titles + usize::from(found.is_names()));
        let commas = with_commas(body().flatten(), &columns, &mut notes);
        for row in body() {
            let (line, cells) = line(row, &columns, &commas);
            table.push_row(line, cells.iter().map(AsRef::as_ref));
        }
        if let Some((count, row)) = self.without_result {
            let hold = if count == 1 { "1 formula has" } else { &format!("{count} formulas have") };
            notes.push(format!(
                "{hold} no result in the file: empty here; the first is in row {}. Open the workbook in a spreadsheet \
                 program and save it to get the results.",
                row + 1
            ));
        }
        Ok(Found { table, header: found.is_names(), first_line, notes })
    }
}

/// One row of the sheet: its number, and a text for every one of `columns`. Numbers of those where `commas` says so are
/// written with a decimal comma.
fn line<'a>(row: &'a [(u32, u32, Data)], columns: &[u32], commas: &[bool]) -> Row<'a> {
    let mut cells = vec![Cow::Borrowed(""); columns.len()];
    for (_, column, cell) in row {
        if let Ok(i) = columns.binary_search(column) {
            cells[i] = text(cell, commas.get(i) == Some(&true));
        }
    }
    (row.first().map_or(0, |cell| u64::from(cell.0) + 1), cells)
}

/// Columns in which numbers stand beside texts that are numbers with a decimal comma: as numbers have no decimal mark of
/// their own, they are written with that of the texts, and the column agrees with itself.
fn with_commas<'a>(
    cells: impl Iterator<Item = &'a (u32, u32, Data)> + Clone,
    columns: &[u32],
    notes: &mut Vec<String>,
) -> Vec<bool> {
    #[derive(Clone, Default)]
    struct Mixed {
        numbers: bool,
        texts: usize,
        /// Texts that are no number under one mark, and under the other.
        against: (usize, usize),
        first: Option<(u32, String)>,
    }
    let missing = MissingTokens::default();
    let mut mixed = vec![Mixed::default(); columns.len()];
    for (row, column, cell) in cells {
        let Ok(i) = columns.binary_search(column) else { continue };
        match cell {
            Data::Float(_) | Data::Int(_) => mixed[i].numbers = true,
            Data::String(text) if !missing.holds("", text.trim(), true) => {
                let Mixed { texts, against, first, .. } = &mut mixed[i];
                *texts += 1;
                against.0 += usize::from(written(text, Decimal::Point).is_none());
                against.1 += usize::from(written(text, Decimal::Comma).is_none());
                if looks_numeric(text.trim()) {
                    first.get_or_insert_with(|| (row + 1, text.trim().to_owned()));
                }
            }
            _ => {}
        }
    }
    let is_mixed = |m: &&Mixed| m.numbers && m.texts > 0 && (m.against.0 == 0 || m.against.1 == 0);
    let texts: usize = mixed.iter().filter(is_mixed).map(|m| m.texts).sum();
    if let Some((row, text)) = mixed.iter().filter(is_mixed).filter_map(|m| m.first.clone()).min() {
        let hold = if texts == 1 { "1 cell holds a number" } else { &format!("{texts} cells hold numbers") };
        notes.push(format!("{hold} kept as text beside true ones; the first is \"{text}\" in row {row}."));
    }
    mixed.iter().map(|m| m.numbers && m.texts > 0 && m.against.1 == 0 && m.against.0 > 0).collect()
}

/// What a person should know of cells that hold an error.
fn errors(cells: &[(u32, u32, Data)]) -> Option<String> {
    let mut found =
        cells.iter().filter_map(|(row, _, cell)| if let Data::Error(error) = cell { Some((row, error)) } else { None });
    let (row, first) = found.next()?;
    let hold = match found.count() {
        0 => "1 cell holds".to_owned(),
        more => format!("{} hold", counted(more + 1, "cell")),
    };
    Some(format!("{hold} an error of the workbook and no value: empty here; the first is {first} in row {}.", row + 1))
}

/// A cell as text: numbers in the fewest digits that give them back, dates as `2019-12-31`.
fn text(cell: &Data, comma: bool) -> Cow<'_, str> {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cow::Borrowed(text.trim()),
        Data::Int(number) => Cow::Owned(number.to_string()),
        Data::Float(number) => {
            let text = if number.abs() < 1e15 { number.to_string() } else { format!("{number:e}") };
            Cow::Owned(if comma { text.replace('.', ",") } else { text })
        }
        Data::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        Data::DateTime(date) => Cow::Owned(iso(*date)),
        Data::Error(_) | Data::Empty => Cow::Borrowed(""),
    }
}

/// A date, with its time unless that is midnight; a length of time in days.
fn iso(date: ExcelDateTime) -> String {
    if date.is_duration() || !(0.0..2_958_466.0).contains(&date.as_f64()) {
        return date.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let time =
        if (hour, minute, second) == (0, 0, 0) { String::new() } else { format!("T{hour:02}:{minute:02}:{second:02}") };
    format!("{year:04}-{month:02}-{day:02}{time}")
}
