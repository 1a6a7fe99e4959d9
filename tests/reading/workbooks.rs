//! Small workbooks of every kind, written by hand from the descriptions of their formats: Office Open XML (ECMA-376),
//! MS-XLSB, MS-XLS in MS-CFB, and `OpenDocument` 1.2. Just enough of each for a table.

use flate2::{Compression, Crc, write::DeflateEncoder};
use std::io::Write as _;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Blank,
    Text(String),
    Number(f64),
    /// Days since 1899-12-30, shown as a date.
    Date(f64),
    Bool(bool),
    /// `#N/A`.
    NotAvailable,
    /// A formula whose result was never saved; in xlsx only.
    Formula(&'static str),
}

/// A text cell.
pub(crate) fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// A row of text cells.
pub(crate) fn texts(cells: &[&str]) -> Vec<Cell> {
    cells.iter().map(|cell| text(cell)).collect()
}

/// A sheet whose first cell stands in `start` (row and column from 0).
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) name: &'static str,
    pub(crate) hidden: bool,
    pub(crate) start: (usize, usize),
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// A visible sheet from A1 on.
    pub(crate) fn new(name: &'static str, rows: Vec<Vec<Cell>>) -> Self {
        Self { name, hidden: false, start: (0, 0), rows }
    }

    /// Cells with their rows and columns.
    fn cells(&self) -> impl Iterator<Item = (usize, usize, &Cell)> {
        let cells = |(r, row): (usize, &'_ Vec<Cell>)| (0..row.len()).map(move |c| (r, c)).collect::<Vec<_>>();
        let places: Vec<(usize, usize)> = self.rows.iter().enumerate().flat_map(cells).collect();
        places.into_iter().map(|(r, c)| (r + self.start.0, c + self.start.1, &self.rows[r][c]))
    }
}

/// A zip archive, its parts deflated.
pub(crate) fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let mut crc = Crc::new();
        crc.update(content);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        let packed = encoder.finish().unwrap();
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 33, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        let offset = archive.len() as u32;
        archive.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), &packed].concat());
        let entry = [b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &offset.to_le_bytes(), name.as_bytes()];
        directory.extend(entry.concat());
    }
    let count = (parts.len() as u16).to_le_bytes();
    let sizes = [(directory.len() as u32).to_le_bytes(), (archive.len() as u32).to_le_bytes()].concat();
    [archive, directory, [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &sizes, &[0, 0]].concat()].concat()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `C5` for row 4 and column 2.
fn reference(row: usize, column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.insert(0, b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    format!("{}{}", String::from_utf8(letters).unwrap(), row + 1)
}

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

fn relations(targets: &[(String, String)]) -> String {
    let each = |(i, (kind, target)): (usize, &(String, String))| {
        format!("<Relationship Id=\"r{}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>", i + 1)
    };
    let inside: String = targets.iter().enumerate().map(each).collect();
    format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{inside}</Relationships>")
}

/// A workbook of Excel since 2007.
pub(crate) fn xlsx(sheets: &[Sheet]) -> Vec<u8> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut part = |name: &str, content: String| parts.push((name.to_owned(), content));
    part("[Content_Types].xml", format!("<Types xmlns=\"{PACKAGE}/content-types\"/>"));
    part("_rels/.rels", relations(&[("officeDocument".to_owned(), "xl/workbook.xml".to_owned())]));
    let listed = |(i, sheet): (usize, &Sheet)| {
        let state = if sheet.hidden { " state=\"hidden\"" } else { "" };
        format!("<sheet name=\"{}\" sheetId=\"{}\"{state} r:id=\"r{}\"/>", escaped(sheet.name), i + 1, i + 1)
    };
    let list: String = sheets.iter().enumerate().map(listed).collect();
    part(
        "xl/workbook.xml",
        format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets></workbook>"),
    );
    let targets: Vec<_> =
        (1..=sheets.len()).map(|i| ("worksheet".to_owned(), format!("worksheets/sheet{i}.xml"))).collect();
    part("xl/_rels/workbook.xml.rels", relations(&targets));
    part(
        "xl/styles.xml",
        format!(
            "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
        ),
    );
    for (i, sheet) in sheets.iter().enumerate() {
        let mut rows = String::new();
        for (r, row) in sheet.rows.iter().enumerate() {
            rows += &format!("<row r=\"{}\">", sheet.start.0 + r + 1);
            for (c, cell) in row.iter().enumerate() {
                let at = reference(sheet.start.0 + r, sheet.start.1 + c);
                rows += &match cell {
                    Cell::Blank => String::new(),
                    Cell::Text(text) => {
                        let text = escaped(text);
                        format!("<c r=\"{at}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>")
                    }
                    Cell::Number(number) => format!("<c r=\"{at}\"><v>{number}</v></c>"),
                    Cell::Date(days) => format!("<c r=\"{at}\" s=\"1\"><v>{days}</v></c>"),
                    Cell::Bool(value) => format!("<c r=\"{at}\" t=\"b\"><v>{}</v></c>", u8::from(*value)),
                    Cell::NotAvailable => format!("<c r=\"{at}\" t=\"e\"><v>#N/A</v></c>"),
                    Cell::Formula(formula) => format!("<c r=\"{at}\"><f>{formula}</f></c>"),
                };
            }
            rows += "</row>";
        }
        let (height, width) = (sheet.rows.len().max(1), sheet.rows.iter().map(Vec::len).max().unwrap_or(0).max(1));
        let last = reference(sheet.start.0 + height - 1, sheet.start.1 + width - 1);
        let dimension = format!("<dimension ref=\"{}:{last}\"/>", reference(sheet.start.0, sheet.start.1));
        part(
            &format!("xl/worksheets/sheet{}.xml", i + 1),
            format!("<worksheet xmlns=\"{MAIN}\">{dimension}<sheetData>{rows}</sheetData></worksheet>"),
        );
    }
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, content)| (name.as_str(), content.as_bytes())).collect();
    zip(&parts)
}

/// A spreadsheet of the open document format. Texts are written as one paragraph.
pub(crate) fn ods(sheets: &[Sheet]) -> Vec<u8> {
    let mut tables = String::new();
    for sheet in sheets {
        let style = if sheet.hidden { " table:style-name=\"hidden\"" } else { "" };
        tables += &format!("<table:table table:name=\"{}\"{style}>", escaped(sheet.name));
        if sheet.start.0 > 0 {
            let above = sheet.start.0;
            tables += &format!(
                "<table:table-row table:number-rows-repeated=\"{above}\"><table:table-cell/></table:table-row>"
            );
        }
        for row in &sheet.rows {
            tables += "<table:table-row>";
            if sheet.start.1 > 0 {
                tables += &format!("<table:table-cell table:number-columns-repeated=\"{}\"/>", sheet.start.1);
            }
            for cell in row {
                let typed = |kind: &str, value: &str, shown: &str| {
                    format!(
                        "<table:table-cell office:value-type=\"{kind}\"{value}><text:p>{shown}</text:p></table:table-cell>"
                    )
                };
                tables += &match cell {
                    Cell::Blank | Cell::Formula(_) => "<table:table-cell/>".to_owned(),
                    Cell::Text(text) => typed("string", "", &escaped(text)),
                    Cell::Number(number) => typed("float", &format!(" office:value=\"{number}\""), &number.to_string()),
                    Cell::Date(days) => {
                        let date = iso_date(*days);
                        typed("date", &format!(" office:date-value=\"{date}\""), &date)
                    }
                    Cell::Bool(value) => typed("boolean", &format!(" office:boolean-value=\"{value}\""), "x"),
                    Cell::NotAvailable => typed("string\" calcext:value-type=\"error", "", "#N/A"),
                };
            }
            tables += "</table:table-row>";
        }
        tables += "</table:table>";
    }
    let office = "urn:oasis:names:tc:opendocument:xmlns";
    let content = format!(
        "<office:document-content xmlns:office=\"{office}:office:1.0\" xmlns:table=\"{office}:table:1.0\" \
         xmlns:style=\"{office}:style:1.0\" xmlns:text=\"{office}:text:1.0\"><office:automatic-styles>\
         <style:style style:name=\"hidden\" style:family=\"table\"><style:table-properties table:display=\"false\"/>\
         </style:style></office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet>\
         </office:body></office:document-content>"
    );
    let manifest = format!("<manifest:manifest xmlns:manifest=\"{office}:manifest:1.0\"/>");
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest.as_bytes()),
        ("content.xml", content.as_bytes()),
    ])
}

/// The date so many days after 1899-12-30, for dates of the years 1900 to 2100.
fn iso_date(days: f64) -> String {
    let (mut year, mut left) = (1900, days as i64 - 2);
    let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    while left >= 365 + i64::from(is_leap(year)) {
        left -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    format!("{year:04}-{:02}-{:02}", month + 1, left + 1)
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A binary workbook of Excel since 2007.
pub(crate) fn xlsb(sheets: &[Sheet]) -> Vec<u8> {
    fn record(out: &mut Vec<u8>, kind: u16, data: &[u8]) {
        if kind < 0x80 {
            out.push(kind as u8);
        } else {
            out.extend([(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8]);
        }
        let mut length = data.len();
        loop {
            let more = length > 0x7F;
            out.push((length & 0x7F) as u8 | if more { 0x80 } else { 0 });
            length >>= 7;
            if !more {
                break;
            }
        }
        out.extend(data);
    }
    let wide = |text: &str| [(text.encode_utf16().count() as u32).to_le_bytes().to_vec(), utf16(text)].concat();
    let mut workbook = Vec::new();
    record(&mut workbook, 131, &[]);
    record(&mut workbook, 143, &[]);
    for (i, sheet) in sheets.iter().enumerate() {
        let state = u32::from(sheet.hidden).to_le_bytes();
        let id = (i as u32 + 1).to_le_bytes();
        record(&mut workbook, 156, &[&state, &id, wide(&format!("r{}", i + 1)).as_slice(), &wide(sheet.name)].concat());
    }
    record(&mut workbook, 144, &[]);
    record(&mut workbook, 132, &[]);
    let targets: Vec<_> =
        (1..=sheets.len()).map(|i| ("worksheet".to_owned(), format!("worksheets/sheet{i}.bin"))).collect();
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), format!("<Types xmlns=\"{PACKAGE}/content-types\"/>").into_bytes()),
        ("xl/workbook.bin".to_owned(), workbook),
        ("xl/_rels/workbook.bin.rels".to_owned(), relations(&targets).into_bytes()),
    ];
    // Two formats: general and date.
    let mut styles = Vec::new();
    record(&mut styles, 278, &[]);
    record(&mut styles, 617, &2u32.to_le_bytes());
    for format in [0u16, 14] {
        record(&mut styles, 47, &[[0, 0].as_slice(), &format.to_le_bytes(), &[0; 12]].concat());
    }
    record(&mut styles, 618, &[]);
    parts.push(("xl/styles.bin".to_owned(), styles));
    for (i, sheet) in sheets.iter().enumerate() {
        let mut out = Vec::new();
        record(&mut out, 129, &[]);
        let (height, width) = (sheet.rows.len(), sheet.rows.iter().map(Vec::len).max().unwrap_or(0));
        let corners =
            [sheet.start.0, sheet.start.0 + height.max(1) - 1, sheet.start.1, sheet.start.1 + width.max(1) - 1];
        record(&mut out, 148, &corners.map(|at| (at as u32).to_le_bytes()).concat());
        record(&mut out, 145, &[]);
        let mut current = None;
        for (row, column, cell) in sheet.cells() {
            if current != Some(row) {
                record(&mut out, 0, &[(row as u32).to_le_bytes().as_slice(), &[0; 13]].concat());
                current = Some(row);
            }
            let style = u32::from(matches!(cell, Cell::Date(_)));
            let place = [(column as u32).to_le_bytes(), style.to_le_bytes()].concat();
            let (kind, value) = match cell {
                Cell::Blank | Cell::Formula(_) => continue,
                Cell::Text(text) => (6, wide(text)),
                Cell::Number(number) | Cell::Date(number) => (5, number.to_le_bytes().to_vec()),
                Cell::Bool(value) => (4, vec![u8::from(*value)]),
                Cell::NotAvailable => (3, vec![0x2A]),
            };
            record(&mut out, kind, &[place, value].concat());
        }
        record(&mut out, 146, &[]);
        record(&mut out, 130, &[]);
        parts.push((format!("xl/worksheets/sheet{}.bin", i + 1), out));
    }
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    zip(&parts)
}

/// A workbook of Excel 97 to 2003.
pub(crate) fn xls(sheets: &[Sheet]) -> Vec<u8> {
    compound(&[("Workbook", &biff(sheets, false))])
}

/// The same, encrypted by its own account.
pub(crate) fn encrypted_xls() -> Vec<u8> {
    compound(&[("Workbook", &biff(&[Sheet::new("S", vec![texts(&["a", "b"])])], true))])
}

/// What a workbook of Excel since 2007 becomes under a password.
pub(crate) fn encrypted_xlsx() -> Vec<u8> {
    compound(&[("EncryptionInfo", &[4; 4096]), ("EncryptedPackage", &[7; 5000])])
}

/// The stream of records that is a workbook.
fn biff(sheets: &[Sheet], encrypted: bool) -> Vec<u8> {
    fn record(out: &mut Vec<u8>, kind: u16, data: &[u8]) {
        out.extend([kind.to_le_bytes(), (data.len() as u16).to_le_bytes()].concat());
        out.extend(data);
    }
    let name = |sheet: &Sheet| [vec![sheet.name.encode_utf16().count() as u8, 1], utf16(sheet.name)].concat();
    let begin = |kind: u8| [[0, 6, kind, 0].as_slice(), &[0; 12]].concat();
    let mut bodies = Vec::new();
    for sheet in sheets {
        let mut out = Vec::new();
        record(&mut out, 0x0809, &begin(0x10));
        let (height, width) = (sheet.rows.len(), sheet.rows.iter().map(Vec::len).max().unwrap_or(0));
        let rows = [sheet.start.0 as u32, (sheet.start.0 + height) as u32].map(u32::to_le_bytes).concat();
        let columns = [sheet.start.1 as u16, (sheet.start.1 + width) as u16, 0].map(u16::to_le_bytes).concat();
        record(&mut out, 0x0200, &[rows, columns].concat());
        for (row, column, cell) in sheet.cells() {
            let style = u16::from(matches!(cell, Cell::Date(_)));
            let place = [row as u16, column as u16, style].map(u16::to_le_bytes).concat();
            let (kind, value) = match cell {
                Cell::Blank | Cell::Formula(_) => continue,
                Cell::Text(text) => {
                    let count = (text.encode_utf16().count() as u16).to_le_bytes();
                    (0x0204, [count.as_slice(), &[1], &utf16(text)].concat())
                }
                Cell::Number(number) | Cell::Date(number) => (0x0203, number.to_le_bytes().to_vec()),
                Cell::Bool(value) => (0x0205, vec![u8::from(*value), 0]),
                Cell::NotAvailable => (0x0205, vec![0x2A, 1]),
            };
            record(&mut out, kind, &[place, value].concat());
        }
        record(&mut out, 0x000A, &[]);
        bodies.push(out);
    }
    let mut globals = Vec::new();
    record(&mut globals, 0x0809, &begin(5));
    if encrypted {
        record(&mut globals, 0x002F, &[1, 0, 1, 0, 1, 0]);
    }
    record(&mut globals, 0x0042, &1200u16.to_le_bytes());
    for format in [0u16, 14] {
        record(&mut globals, 0x00E0, &[[0, 0].as_slice(), &format.to_le_bytes(), &[0; 16]].concat());
    }
    let lists: usize = sheets.iter().map(|sheet| 4 + 6 + name(sheet).len()).sum();
    let mut at = globals.len() + lists + 4;
    for (sheet, body) in sheets.iter().zip(&bodies) {
        let head = [(at as u32).to_le_bytes().as_slice(), &[u8::from(sheet.hidden), 0], &name(sheet)].concat();
        record(&mut globals, 0x0085, &head);
        at += body.len();
    }
    record(&mut globals, 0x000A, &[]);
    [globals, bodies.concat()].concat()
}

/// A compound file of streams, each brought to 4096 bytes so that none is a small one.
pub(crate) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    const END: u32 = 0xFFFF_FFFE;
    const FREE: u32 = 0xFFFF_FFFF;
    let padded: Vec<Vec<u8>> = streams
        .iter()
        .map(|(_, stream)| {
            let mut stream = stream.to_vec();
            stream.resize(stream.len().max(4096).next_multiple_of(512), 0);
            stream
        })
        .collect();
    let mut fat = vec![0xFFFF_FFFD, END];
    let entry = |name: &str, kind: u8, start: u32, length: usize| {
        let mut entry = [utf16(name), vec![0; 64]].concat();
        entry.truncate(64);
        entry.extend(((utf16(name).len() + 2) as u16).to_le_bytes());
        entry.extend([kind, 1]);
        entry.extend([FREE; 3].map(u32::to_le_bytes).concat());
        entry.extend([0; 36]);
        entry.extend(start.to_le_bytes());
        entry.extend((length as u64).to_le_bytes());
        entry
    };
    let mut directory = entry("Root Entry", 5, END, 0);
    for ((name, _), stream) in streams.iter().zip(&padded) {
        let start = fat.len() as u32;
        directory.extend(entry(name, 2, start, stream.len()));
        let sectors = (stream.len() / 512) as u32;
        fat.extend((1..sectors).map(|i| start + i).chain([END]));
    }
    directory.resize(512, 0);
    assert!(fat.len() <= 128, "one sector of the allocation table");
    fat.resize(128, FREE);

    let mut header = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    header.extend([0; 16]);
    header.extend([0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    header.extend([0, 1, 1, 0, 4096, END, 0, END, 0, 0].map(u32::to_le_bytes).concat());
    header.extend([FREE; 108].map(u32::to_le_bytes).concat());
    assert_eq!(header.len(), 512);
    [header, fat.iter().flat_map(|id| id.to_le_bytes()).collect(), directory, padded.concat()].concat()
}
