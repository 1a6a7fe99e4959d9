//! Tables as one workbook: a sheet each, with a list of them in front.

use std::collections::{HashMap, HashSet};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::ReportTable;
use super::flat::{Flat, Shown};

/// Longest name of a sheet, and the letters that none may have.
const LONGEST_NAME: usize = 31;
const FORBIDDEN: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];
/// Longest text of a cell; rows of a sheet.
const LONGEST_TEXT: usize = 32_767;
const MOST_ROWS: usize = 1_048_576;
/// Columns are as wide as their texts, in letters, from and up to.
const WIDTHS: [usize; 2] = [8, 60];

/// The tables as an xlsx workbook.
///
/// Numbers are numbers with their format, undefined values empty, the head of each sheet frozen and repeated in print. When it
/// was made is not in it, so that the same tables give the same bytes.
///
/// # Errors
/// When a table has more rows than a sheet.
pub fn workbook(tables: &[&ReportTable]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // Without it the time of the clock is written.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    let head = Format::new().set_bold().set_text_wrap();
    let names = sheet_names(tables);
    let contents = book.add_worksheet();
    contents.set_name("Contents")?;
    let titles = ["Sheet", "What it shows"];
    for (column, title) in titles.into_iter().enumerate() {
        contents.write_string_with_format(0, column as u16, title, &head)?;
    }
    for (row, (table, name)) in (1..).zip(tables.iter().zip(&names)) {
        contents.write_string(row, 0, name)?;
        contents.write_string(row, 1, within_cell(&table.caption))?;
    }
    contents.set_column_width(0, LONGEST_NAME as f64)?.set_column_width(1, 100.0)?.set_freeze_panes(1, 0)?;
    let mut formats = Formats::default();
    for (table, name) in tables.iter().zip(&names) {
        if table.rows.len() >= MOST_ROWS {
            return Err(XlsxError::RowColumnLimitError);
        }
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        write(sheet, table, &head, &mut formats)?;
    }
    book.save_to_buffer()
}

fn write(sheet: &mut Worksheet, table: &ReportTable, head: &Format, formats: &mut Formats) -> Result<(), XlsxError> {
    let titles = table.flat_head();
    let mut widths: Vec<usize> = titles.iter().map(|title| title.chars().count().min(24)).collect();
    for (column, title) in titles.iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, within_cell(title), head)?;
    }
    for (row, values) in (1..).zip(table.flat_rows()) {
        for (column, value) in values.into_iter().enumerate() {
            let place = column as u16;
            match value {
                Flat::Words(words) => {
                    widths[column] = widths[column].max(words.chars().count());
                    sheet.write_string(row, place, within_cell(&words))?;
                }
                Flat::Number(number, shown) => {
                    sheet.write_number_with_format(row, place, number, formats.of(shown))?;
                }
                Flat::Nothing => {}
            }
        }
    }
    for (column, width) in widths.into_iter().enumerate() {
        sheet.set_column_width(column as u16, (width.clamp(WIDTHS[0], WIDTHS[1]) + 2) as f64)?;
    }
    sheet.set_freeze_panes(1, 1)?.set_repeat_rows(0, 0)?.set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// One format for all numbers that are shown alike.
#[derive(Default)]
struct Formats(HashMap<Shown, Format>);

impl Formats {
    fn of(&mut self, shown: Shown) -> &Format {
        let code = match &shown {
            Shown::Decimals(0) => "0".to_owned(),
            Shown::Decimals(decimals) => format!("0.{}", "0".repeat(*decimals)),
            Shown::Whole => "#,##0".to_owned(),
            Shown::Percent => "0.0%".to_owned(),
            Shown::Money(sign) if sign.is_empty() => "#,##0".to_owned(),
            Shown::Money(sign) => format!("\"{}\" #,##0", sign.replace('"', "")),
        };
        self.0.entry(shown).or_insert_with(|| Format::new().set_num_format(code))
    }
}

/// Names that a sheet can have, each once.
fn sheet_names(tables: &[&ReportTable]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::from(["contents".to_owned()]);
    let name = |table: &&ReportTable| {
        let kept: String = table.name.chars().filter(|c| !FORBIDDEN.contains(c) && !c.is_control()).collect();
        let kept = kept.trim_matches('\'').trim();
        let kept = if kept.is_empty() { "table" } else { kept };
        let cut = |most: usize| kept.chars().take(most).collect::<String>();
        let numbered = |n: usize| {
            let end = format!("_{n}");
            cut(LONGEST_NAME - end.len()) + &end
        };
        let mut names = std::iter::once(cut(LONGEST_NAME)).chain((2..).map(numbered));
        // Excel takes names for the same that differ by case alone.
        names.find(|name| taken.insert(name.to_lowercase())).unwrap_or_default()
    };
    tables.iter().map(name).collect()
}

/// As much of a text as a cell holds.
fn within_cell(text: &str) -> String {
    text.chars().take(LONGEST_TEXT / 2).collect()
}
