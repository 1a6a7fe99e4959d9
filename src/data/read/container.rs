//! What is in a zip archive or in Microsoft's compound file, before its parts are unpacked: which workbook, if any, and
//! whether it is bounded. A few kilobytes can hold terabytes of the same letter.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::sheet::MAX_CELLS;
use super::{ReadError, compound};

/// Most bytes that the parts of an archive may have together: 2 GiB.
const MAX_BYTES: u64 = 2 << 30;

/// How much smaller deflate can make bytes at most, rounded up.
const MOST_DEFLATED: u64 = 1040;

/// Kinds of workbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
}

impl Kind {
    /// As it ends file names.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
        }
    }
}

const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

/// Whether the first bytes are those of a zip archive or of a compound file, as all workbooks are.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    [ZIP, EMPTY_ZIP, COMPOUND].iter().any(|start| bytes.starts_with(start))
}

/// The workbook in the container.
///
/// # Errors
/// When it is none, is damaged, is encrypted, or is too large.
pub(super) fn kind(bytes: &[u8]) -> Result<Kind, ReadError> {
    if bytes.starts_with(COMPOUND) { compound::kind(bytes) } else { of_zip(bytes, MAX_BYTES) }
}

/// A workbook that does not hold what its kind needs.
pub(super) fn damaged() -> ReadError {
    ReadError::Workbook { why: "it breaks off or is damaged".to_owned() }
}

/// By the names of its parts.
fn of_zip(bytes: &[u8], most: u64) -> Result<Kind, ReadError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let names: Vec<String> =
        archive.file_names().filter_map(Result::ok).map(|name| name.to_ascii_lowercase()).collect();
    let holds = |name: &str| names.iter().any(|part| part == name);
    let in_folder = |folder: &str| names.iter().any(|part| part.starts_with(folder));
    let kind = if holds("xl/workbook.xml") {
        Kind::Xlsx
    } else if holds("xl/workbook.bin") {
        Kind::Xlsb
    } else if holds("content.xml") && holds("mimetype") {
        let mut mimetype = String::new();
        let part = archive.by_name("mimetype").map_err(|_| damaged())?;
        if part.take(100).read_to_string(&mut mimetype).is_err() || !mimetype.contains("spreadsheet") {
            return Err(ReadError::OtherFormat { what: "a document without sheets" });
        }
        let content = archive.by_name("content.xml").map_err(|_| damaged())?;
        let mut xml = Vec::new();
        let length = content.take(most + 1).read_to_end(&mut xml).map_err(|_| damaged())?;
        if length as u64 > most {
            return Err(ReadError::TooLarge { most });
        }
        if repeated_cells(&xml) > MAX_CELLS {
            return Err(ReadError::TooManyCells { line: 1, most: MAX_CELLS });
        }
        Kind::Ods
    } else {
        let what = if in_folder("word/") {
            "a Word document"
        } else if in_folder("ppt/") {
            "a PowerPoint presentation"
        } else if in_folder("index/") {
            "an Apple Numbers document"
        } else {
            "a zip archive that is no workbook"
        };
        return Err(ReadError::OtherFormat { what });
    };
    // What an archive says of its sizes need not be true.
    if bytes.len() as u64 > most / MOST_DEFLATED {
        let mut left = most;
        for part in 0..archive.len() {
            let part = archive.by_index(part).map_err(|_| damaged())?;
            if part.encrypted() {
                return Err(ReadError::Password);
            }
            left -= std::io::copy(&mut part.take(left), &mut std::io::sink()).map_err(|_| damaged())?;
            if left == 0 {
                return Err(ReadError::TooLarge { most });
            }
        }
    }
    Ok(kind)
}

/// Cells that the repetitions in an open document make, empty ones before others included: a cell can be declared to
/// stand sixteen thousand times in a row, and a row a million times in the sheet.
fn repeated_cells(xml: &[u8]) -> usize {
    let repetitions = |tag: &[u8], of: &[u8]| -> usize {
        let at = tag.windows(of.len()).position(|text| text == of).map(|at| at + of.len());
        let digits = at.map_or(&[][..], |at| &tag[at..]);
        let digits = &digits[..digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len())];
        std::str::from_utf8(digits).ok().and_then(|n| n.parse().ok()).unwrap_or(1)
    };
    let (mut all, mut row, mut empty, mut rows) = (0_usize, 0_usize, 0_usize, 1);
    for tag in xml.split(|&b| b == b'<').filter_map(|piece| piece.split(|&b| b == b'>').next()) {
        if tag.starts_with(b"table:table-row") {
            all = all.saturating_add(row.saturating_mul(rows));
            (row, empty, rows) = (0, 0, repetitions(tag, b"number-rows-repeated=\""));
        } else if tag.starts_with(b"table:table-cell") || tag.starts_with(b"table:covered-table-cell") {
            let cells = repetitions(tag, b"number-columns-repeated=\"");
            empty = empty.saturating_add(cells);
            if !tag.ends_with(b"/") || tag.windows(7).any(|text| text == b"office:") {
                row = row.saturating_add(std::mem::take(&mut empty));
            }
        }
    }
    all.saturating_add(row.saturating_mul(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn a_few_kilobytes_may_not_unpack_without_bound() {
        let bomb = packed(&[("xl/workbook.xml", &[b' '; 1_000_000])]);
        assert!(bomb.len() < 10_000);
        assert_eq!(of_zip(&bomb, 2_000_000), Ok(Kind::Xlsx));
        assert_eq!(of_zip(&bomb, 999_999), Err(ReadError::TooLarge { most: 999_999 }));
    }

    #[test]
    fn repetitions_are_counted_where_they_make_cells() {
        let row = |cells: &str, times: usize| {
            format!("<table:table-row table:number-rows-repeated=\"{times}\">{cells}</table:table-row>")
        };
        let empty = "<table:table-cell table:number-columns-repeated=\"16000\"/>";
        let text = "<table:table-cell table:number-columns-repeated=\"2\"><text:p>x</text:p></table:table-cell>";
        for (xml, expected) in [
            (row(&format!("{text}{empty}"), 1), 2),
            (row(&format!("{empty}{text}"), 10), 160_020),
            (row(empty, 1_000_000), 0),
            (row("<table:table-cell office:value=\"1\" table:number-columns-repeated=\"5\"/>", 3), 15),
        ] {
            assert_eq!(repeated_cells(xml.as_bytes()), expected, "{xml}");
        }
    }

    #[test]
    fn other_archives_are_named() {
        let what = |parts: &[(&str, &[u8])]| match kind(&packed(parts)) {
            Err(ReadError::OtherFormat { what }) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(what(&[("word/document.xml", b"<x/>")]), "a Word document");
        assert_eq!(what(&[("a.csv", b"a,b")]), "a zip archive that is no workbook");
        assert_eq!(what(&[]), "a zip archive that is no workbook");
        assert_eq!(
            what(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"")]),
            "a document without sheets"
        );
    }
}
