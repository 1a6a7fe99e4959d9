//! Workbooks, through `calamine`: those of Excel (xlsx, xlsb, xls) and of the open document format (ods). Which sheet is
//! read, and what else is in the workbook; its cells become a table in `sheet`.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    Data, Dimensions, Ods, OdsError, Range, Reader as _, SheetVisible, Sheets, Xls, XlsError, Xlsb, XlsbError, Xlsx,
    XlsxError,
};

use super::container::{self, Kind, damaged};
use super::sheet::Cells;
use super::{Body, ReadError, ReadOptions};

type Workbook<'a> = Sheets<Cursor<&'a [u8]>>;

/// Other sheets named in a note.
const NAMED: usize = 5;

/// Reads one sheet: the one asked for, or the first with two rows and two columns, hidden ones last.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Body, ReadError> {
    let kind = container::kind(bytes)?;
    // The parsers of these formats meet every damaged file there is; one that stops them must not stop the program.
    let read = || {
        let mut workbook = open(bytes, kind)?;
        let (name, cells) = choose(&mut workbook, options.sheet.as_deref())?;
        let mut found = cells.into_table(&name, options.header)?;
        found.notes.extend(others(&mut workbook, &name));
        Ok(Body {
            format: kind.name(),
            delimiter: None,
            header: found.header,
            first_line: found.first_line,
            table: found.table,
            rejected: Vec::new(),
            notes: found.notes,
            sheet: Some(name),
            sheets: workbook.sheet_names(),
        })
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| Err(damaged(panic)))
}

fn open(bytes: &[u8], kind: Kind) -> Result<Workbook<'_>, ReadError> {
    let cursor = Cursor::new(bytes);
    let opened = match kind {
        Kind::Xlsx => Xlsx::new(cursor).map(Sheets::Xlsx).map_err(|error| matches!(error, XlsxError::Password)),
        Kind::Xlsb => Xlsb::new(cursor).map(Sheets::Xlsb).map_err(|error| matches!(error, XlsbError::Password)),
        Kind::Xls => Xls::new(cursor).map(Sheets::Xls).map_err(|error| matches!(error, XlsError::Password)),
        Kind::Ods => Ods::new(cursor).map(Sheets::Ods).map_err(|error| matches!(error, OdsError::Password)),
    };
    opened.map_err(|password| if password { ReadError::Password } else { damaged(()) })
}

fn choose(workbook: &mut Workbook<'_>, asked: Option<&str>) -> Result<(String, Cells), ReadError> {
    let sheets = workbook.sheet_names();
    if let Some(name) = asked {
        if !sheets.iter().any(|sheet| sheet == name) {
            let use_instead = format!("the workbook has {}", sheets.join(", "));
            return Err(ReadError::Option { what: "sheet", value: name.to_owned(), use_instead });
        }
        return Ok((name.to_owned(), cells(workbook, name)?));
    }
    let (shown, hidden): (Vec<String>, Vec<String>) = sheets.into_iter().partition(|name| !is_hidden(workbook, name));
    // A single row may be a header without rows, which is worth saying; so is a column.
    let mut small = Err(ReadError::Empty);
    for name in shown.into_iter().chain(hidden) {
        match cells(workbook, &name) {
            Ok(cells) => match cells.size() {
                (2.., 2..) => return Ok((name, cells)),
                (1.., _) if small.is_err() => small = Ok((name, cells)),
                _ => {}
            },
            // Sheets of charts have no cells.
            Err(error) => {
                if matches!(small, Err(ReadError::Empty)) && !is_chart(workbook, &name) {
                    small = Err(error);
                }
            }
        }
    }
    small
}

fn is_hidden(workbook: &Workbook<'_>, name: &str) -> bool {
    workbook.sheets_metadata().iter().any(|sheet| sheet.name == name && sheet.visible != SheetVisible::Visible)
}

fn is_chart(workbook: &Workbook<'_>, name: &str) -> bool {
    workbook.sheets_metadata().iter().any(|sheet| sheet.name == name && sheet.typ != calamine::SheetType::WorkSheet)
}

/// The cells of a sheet. Where the parser can, one by one: a single cell in the far corner would else make an array of
/// thousands of millions.
fn cells(workbook: &mut Workbook<'_>, name: &str) -> Result<Cells, ReadError> {
    let mut cells = Cells::default();
    match workbook {
        Sheets::Xlsx(xlsx) => {
            let mut reader = xlsx.worksheet_cells_reader(name).map_err(damaged)?;
            while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(damaged)? {
                let value = Data::from(cell.value);
                if cell.formula.is_some() && matches!(value, Data::Empty) {
                    cells.push_without_result(cell.pos.0);
                }
                cells.push(cell.pos.0, cell.pos.1, value)?;
            }
        }
        Sheets::Xlsb(xlsb) => {
            let mut reader = xlsb.worksheet_cells_reader(name).map_err(damaged)?;
            while let Some(cell) = reader.next_cell().map_err(damaged)? {
                let (row, column) = cell.get_position();
                cells.push(row, column, Data::from(cell.get_value().clone()))?;
            }
        }
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let range = workbook.worksheet_range(name).map_err(damaged)?;
            let (row, column) = range.start().unwrap_or_default();
            for (r, c, cell) in range.used_cells() {
                cells.push(row + r as u32, column + c as u32, cell.clone())?;
            }
        }
    }
    Ok(cells)
}

/// What a person should know of the sheets that are not read: those with anything in them, with their sizes, and whether
/// the one that is read is hidden.
fn others(workbook: &mut Workbook<'_>, read: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if is_hidden(workbook, read) {
        notes.push(format!("The sheet \"{read}\" is a hidden one."));
    }
    let names = workbook.sheet_names();
    let mut told: Vec<String> = Vec::new();
    for name in names.iter().filter(|name| *name != read) {
        let Some(size) = size(workbook, name) else { continue };
        let hidden = if is_hidden(workbook, name) { "hidden, " } else { "" };
        told.push(format!("\"{name}\" ({hidden}{size})"));
    }
    let (count, more) = (told.len(), told.len().saturating_sub(NAMED));
    told.truncate(NAMED);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    if count > 0 {
        let sheets = if count == 1 { "another sheet" } else { "other sheets" };
        notes.push(format!(
            "\"{read}\" is read; the workbook has {sheets} with data: {}. Choose the sheet if that is wrong.",
            told.join(", ")
        ));
    }
    notes
}

/// The size of a sheet, as it says itself where that is cheaper than to count; `None` when it is empty.
fn size(workbook: &mut Workbook<'_>, name: &str) -> Option<String> {
    let declared = |Dimensions { start, end }: Dimensions| {
        (end > start).then(|| (end.0.saturating_sub(start.0) as usize + 1, end.1.saturating_sub(start.1) as usize + 1))
    };
    let (size, any) = match workbook {
        Sheets::Xlsx(xlsx) => {
            let mut reader = xlsx.worksheet_cells_reader(name).ok()?;
            (declared(reader.dimensions()), matches!(reader.next_cell(), Ok(Some(_))))
        }
        Sheets::Xlsb(xlsb) => {
            let mut reader = xlsb.worksheet_cells_reader(name).ok()?;
            (declared(reader.dimensions()), matches!(reader.next_cell(), Ok(Some(_))))
        }
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let range: Range<Data> = workbook.worksheet_range(name).ok()?;
            (Some(range.get_size()), !range.is_empty())
        }
    };
    let size = size.map_or_else(|| "of unknown size".to_owned(), |(rows, columns)| format!("{rows} × {columns}"));
    any.then_some(size)
}
