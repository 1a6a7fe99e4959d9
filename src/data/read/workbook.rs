//! Sheets of workbooks, through `calamine`: those of Excel (xlsx, xlsb, xls) and of the open document format (ods). A
//! sheet becomes a table as delimited text does: dates in ISO form, error cells empty and counted, blank rows and columns
//! left out.

use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    Data, ExcelDateTime, Ods, OdsError, Range, Reader as _, Sheets, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};

use super::{Body, ReadError, ReadOptions, names};
use crate::data::table::Table;

type Workbook<'a> = Sheets<Cursor<&'a [u8]>>;

/// Whether the first bytes are those of a zip archive or of Microsoft's compound file, as all workbooks are.
pub(super) fn may_be_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// Reads one sheet: the one asked for, or the first with two rows and two columns.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Body, ReadError> {
    // The parsers of these formats meet every damaged file there is; one that stops them must not stop the program.
    let read = || {
        let (format, mut workbook) = open(bytes)?;
        let sheets = workbook.sheet_names();
        let (name, range) = choose(&mut workbook, &sheets, options.sheet.as_deref())?;
        body(format, sheets, name, &range, options.header)
    };
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(ReadError::Workbook { why: "it is damaged".to_owned() }))
}

/// The workbook and its format. What the file says of itself is found by trying.
fn open(bytes: &[u8]) -> Result<(&'static str, Workbook<'_>), ReadError> {
    let cursor = || Cursor::new(bytes);
    match Xlsx::new(cursor()) {
        Ok(xlsx) => return Ok(("xlsx", Sheets::Xlsx(xlsx))),
        Err(XlsxError::Password) => return Err(ReadError::Password),
        Err(_) => {}
    }
    match Xlsb::new(cursor()) {
        Ok(xlsb) => return Ok(("xlsb", Sheets::Xlsb(xlsb))),
        Err(XlsbError::Password) => return Err(ReadError::Password),
        Err(_) => {}
    }
    match Ods::new(cursor()) {
        Ok(ods) => return Ok(("ods", Sheets::Ods(ods))),
        Err(OdsError::Password) => return Err(ReadError::Password),
        Err(_) => {}
    }
    match Xls::new(cursor()) {
        Ok(xls) => Ok(("xls", Sheets::Xls(xls))),
        Err(XlsError::Password) => Err(ReadError::Password),
        Err(error) if bytes.starts_with(b"PK") => Err(ReadError::Workbook {
            why: format!("the archive holds no workbook that can be read, or is cut off: {error}"),
        }),
        Err(error) => Err(ReadError::Workbook { why: error.to_string() }),
    }
}

fn choose(
    workbook: &mut Workbook<'_>,
    sheets: &[String],
    asked: Option<&str>,
) -> Result<(String, Range<Data>), ReadError> {
    if let Some(name) = asked {
        if !sheets.iter().any(|sheet| sheet == name) {
            let use_instead = format!("the workbook has {}", sheets.join(", "));
            return Err(ReadError::Option { what: "sheet", value: name.to_owned(), use_instead });
        }
        let range = workbook.worksheet_range(name).map_err(|e| ReadError::Workbook { why: e.to_string() })?;
        return Ok((name.to_owned(), range));
    }
    for name in sheets {
        // Sheets of charts have no cells.
        if let Ok(range) = workbook.worksheet_range(name)
            && range.height() > 1
            && range.width() > 1
        {
            return Ok((name.clone(), range));
        }
    }
    Err(ReadError::Empty)
}

fn body(
    format: &'static str,
    sheets: Vec<String>,
    sheet: String,
    range: &Range<Data>,
    header: Option<bool>,
) -> Result<Body, ReadError> {
    let first_row = range.start().map_or(0, |(row, _)| u64::from(row));
    let is_blank = |cell: &Data| matches!(cell, Data::Empty) || matches!(cell, Data::String(s) if s.trim().is_empty());
    let used: Vec<usize> = (0..range.width())
        .filter(|&c| range.rows().any(|row| row.get(c).is_some_and(|cell| !is_blank(cell))))
        .collect();
    let mut errors: Option<(usize, u64, String)> = None;
    let mut rows: Vec<(u64, Vec<Cow<'_, str>>)> = Vec::with_capacity(range.height());
    for (row, line) in range.rows().zip(first_row + 1..).filter(|(row, _)| !row.iter().all(is_blank)) {
        let cell = |&column: &usize| {
            if let Data::Error(error) = &row[column] {
                errors.get_or_insert_with(|| (0, line, error.to_string())).0 += 1;
            }
            text(&row[column])
        };
        rows.push((line, used.iter().map(cell).collect()));
    }
    if rows.is_empty() {
        return Err(ReadError::Empty);
    }
    let (first_line, first) = rows.remove(0);
    if used.len() < 2 || (first.iter().filter(|cell| !cell.is_empty()).count() == 1 && used.len() > 2) {
        return Err(ReadError::TitleLine { line: first_line });
    }

    let below: Vec<Vec<Cow<'_, str>>> = rows.iter().take(names::LOOKED_AT).map(|(_, row)| row.clone()).collect();
    let has_names = header.unwrap_or_else(|| names::has_names(&first, &below));
    let mut notes = Vec::new();
    let columns = if has_names {
        names::column_names(&first, &mut notes)
    } else {
        if header.is_none() {
            notes.push(names::NO_NAMES.to_owned());
        }
        names::numbered(used.len())
    };
    let mut table = Table::new(columns);
    if !has_names {
        table.push_row(first_line, first.iter().map(AsRef::as_ref));
    }
    for (line, row) in &rows {
        table.push_row(*line, row.iter().map(AsRef::as_ref));
    }
    if let Some((count, line, first)) = errors {
        let hold = if count == 1 { "1 cell holds" } else { &format!("{count} cells hold") };
        notes.push(format!(
            "{hold} an error of the workbook and no value: empty here; the first is {first} in row {line}."
        ));
    }
    Ok(Body {
        format,
        delimiter: None,
        header: has_names,
        first_line,
        table,
        rejected: Vec::new(),
        notes,
        sheet: Some(sheet),
        sheets,
    })
}

/// A cell as text: numbers in the fewest digits that give them back, dates as `2019-12-31`.
fn text(cell: &Data) -> Cow<'_, str> {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cow::Borrowed(text),
        Data::Int(number) => Cow::Owned(number.to_string()),
        Data::Float(number) if number.abs() < 1e15 => Cow::Owned(number.to_string()),
        Data::Float(number) => Cow::Owned(format!("{number:e}")),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{read, read_with};
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    /// A zip archive without compression.
    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let (mut archive, mut directory) = (Vec::new(), Vec::new());
        for (name, content) in files {
            let mut crc = flate2::Crc::new();
            crc.update(content.as_bytes());
            let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 33, 0];
            common.extend(crc.sum().to_le_bytes());
            common.extend([(content.len() as u32).to_le_bytes(); 2].concat());
            common.extend((name.len() as u16).to_le_bytes());
            common.extend([0, 0]);
            let offset = archive.len() as u32;
            archive.extend([b"PK\x03\x04".as_slice(), &common, name.as_bytes(), content.as_bytes()].concat());
            directory.extend(
                [b"PK\x01\x02\x14\0".as_slice(), &common, &[0; 10], &offset.to_le_bytes(), name.as_bytes()].concat(),
            );
        }
        let count = (files.len() as u16).to_le_bytes();
        let sizes = [(directory.len() as u32).to_le_bytes(), (archive.len() as u32).to_le_bytes()].concat();
        [archive, directory, [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &sizes, &[0, 0]].concat()].concat()
    }

    fn xlsx() -> Vec<u8> {
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let relation = "http://schemas.openxmlformats.org/package/2006/relationships";
        let text = |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
        let sheet = |rows: &str| format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>");
        let firms = [
            format!("<row r=\"2\">{}{}{}</row>", text("B2", "firm"), text("C2", "x"), text("D2", "until")),
            format!(
                "<row r=\"3\">{}{}<c r=\"D3\" s=\"1\"><v>43830</v></c></row>",
                text("B3", "A"),
                text("C3", "1 234.5")
            ),
            format!(
                "<row r=\"5\">{}<c r=\"C5\"><v>0.1</v></c><c r=\"D5\" t=\"e\"><v>#N/A</v></c></row>",
                text("B5", "B")
            ),
        ];
        zip(&[
            ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
            (
                "_rels/.rels",
                &format!(
                    "<Relationships xmlns=\"{relation}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                &format!(
                    "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Notes\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"Firms\" sheetId=\"2\" r:id=\"r2\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                &format!(
                    "<Relationships xmlns=\"{relation}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/styles.xml",
                &format!(
                    "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
                ),
            ),
            ("xl/worksheets/sheet1.xml", &sheet(&format!("<row r=\"1\">{}</row>", text("A1", "only a title")))),
            ("xl/worksheets/sheet2.xml", &sheet(&firms.concat())),
        ])
    }

    #[test]
    fn the_first_sheet_with_a_table_is_read() {
        let (table, reading) = read(&xlsx()).unwrap();
        assert_eq!((reading.format, reading.sheet.as_deref(), reading.delimiter), ("xlsx", Some("Firms"), None));
        assert_eq!(reading.sheets, ["Notes", "Firms"]);
        assert_eq!(table.names(), ["firm", "x", "until"]);
        let rows: Vec<Vec<&str>> = (0..2).map(|r| (0..3).map(|c| table.cell(r, c)).collect()).collect();
        assert_eq!(rows, [["A", "1 234.5", "2019-12-31"], ["B", "0.1", ""]]);
        assert_eq!((table.line(0), table.line(1)), (3, 5));
        assert_eq!(reading.notes.len(), 2, "an error cell, blanks between thousands: {:?}", reading.notes);
    }

    #[test]
    fn a_sheet_can_be_asked_for() {
        let asked =
            |name: &str| read_with(&xlsx(), &ReadOptions { sheet: Some(name.to_owned()), ..ReadOptions::default() });
        assert_eq!(asked("Firms").unwrap().1.rows_read, 2);
        assert_eq!(asked("Notes").unwrap_err(), ReadError::TitleLine { line: 1 });
        let message = asked("Other").unwrap_err().to_string();
        assert_eq!(message, "There is no sheet \"Other\": the workbook has Notes, Firms.");
    }

    #[test]
    fn an_open_document_is_read() {
        let cell = |text: &str| {
            format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
        };
        let number = "<table:table-cell office:value-type=\"float\" office:value=\"0.5\"><text:p>0,5</text:p></table:table-cell>";
        let content = format!(
            "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet><table:table table:name=\"S\"><table:table-row>{}{}</table:table-row><table:table-row>{}{number}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>",
            cell("firm"),
            cell("x"),
            cell("A")
        );
        let bytes = zip(&[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            (
                "META-INF/manifest.xml",
                "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>",
            ),
            ("content.xml", &content),
        ]);
        let (table, reading) = read(&bytes).unwrap();
        assert_eq!((reading.format, reading.sheet.as_deref()), ("ods", Some("S")));
        assert_eq!((table.names(), table.cell(0, 1)), (["firm".to_owned(), "x".to_owned()].as_slice(), "0.5"));
    }

    #[test]
    fn damage_is_told() {
        let whole = xlsx();
        for step in 1..20 {
            assert!(read(&whole[..whole.len() * step / 20]).is_err());
        }
        let other = zip(&[("a.txt", "a")]);
        assert!(matches!(read(&other), Err(ReadError::Workbook { .. })));
    }

    #[test]
    fn whatever_is_changed_there_is_an_answer() {
        let mut random = stream(5, Purpose::Sample, 0);
        let whole = xlsx();
        let mut read_anyhow = 0;
        for _ in 0..500 {
            let mut bytes = whole.clone();
            for _ in 0..random.random_range(0..4) {
                let at = random.random_range(0..bytes.len());
                // Letters and signs of the markup; digits could ask for a sheet of billions of cells.
                bytes[at] = b"<>/\"= rct\0\xFF"[random.random_range(0..11)];
            }
            read_anyhow += usize::from(read(&bytes).is_ok());
        }
        assert!(read_anyhow > 50, "{read_anyhow}");
    }
}
