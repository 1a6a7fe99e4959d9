//! What is in a zip archive or in Microsoft's compound file, before its parts are unpacked: which workbook, if any, and
//! whether it is bounded. A few kilobytes can hold terabytes of the same letter.

use std::io::{BufReader, Cursor, Read as _};

use zip::ZipArchive;

use super::sheet::MAX_CELLS;
use super::{ReadError, compound, markup};

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

/// A workbook that does not hold what its kind needs. What the parsers say about it is left out: it is about the insides of
/// the file, which nobody can mend by hand.
pub(super) fn damaged<E>(_: E) -> ReadError {
    ReadError::Workbook { why: "it breaks off or is damaged".to_owned() }
}

/// By the names of its parts.
fn of_zip(bytes: &[u8], most: u64) -> Result<Kind, ReadError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
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
        let part = archive.by_name("mimetype").map_err(damaged)?;
        if part.take(100).read_to_string(&mut mimetype).is_err() || !mimetype.contains("spreadsheet") {
            return Err(ReadError::OtherFormat { what: "a document without sheets" });
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
    is_bounded(&mut archive, bytes.len(), most)?;
    are_whole(&mut archive, kind)?;
    Ok(kind)
}

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Unpacks everything to nowhere, as what an archive says of its sizes need not be true. Small ones can do no harm.
fn is_bounded(archive: &mut Archive<'_>, packed: usize, most: u64) -> Result<(), ReadError> {
    if packed as u64 <= most / MOST_DEFLATED {
        return Ok(());
    }
    let mut left = most;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(damaged)?;
        if part.encrypted() {
            return Err(ReadError::Password);
        }
        left -= std::io::copy(&mut part.take(left), &mut std::io::sink()).map_err(damaged)?;
        if left == 0 {
            return Err(ReadError::TooLarge { most });
        }
    }
    Ok(())
}

/// Whether a part, its name in small letters, is markup and no sheet of Excel.
fn is_markup(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    matches!(ending, Some("xml" | "rels")) && !name.starts_with("xl/worksheets/sheet")
}

/// Whether the markup of the workbook is whole, but for the sheets of Excel, which are read tag by tag.
fn are_whole(archive: &mut Archive<'_>, kind: Kind) -> Result<(), ReadError> {
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.to_ascii_lowercase();
        if kind == Kind::Ods && name == "content.xml" {
            let cells = markup::cells_of_sheets(BufReader::new(part)).ok_or_else(|| damaged(()))?;
            if cells > MAX_CELLS {
                return Err(ReadError::TooManyCells { line: 1, most: MAX_CELLS });
            }
        } else if is_markup(&name) && !markup::is_whole(BufReader::new(part)) {
            return Err(damaged(()));
        }
    }
    Ok(())
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
        let bomb = packed(&[("xl/workbook.xml", &[b"<a/>".as_slice(), &b" ".repeat(1_000_000)].concat())]);
        assert!(bomb.len() < 10_000);
        assert_eq!(of_zip(&bomb, 2_000_000), Ok(Kind::Xlsx));
        assert_eq!(of_zip(&bomb, 1_000_000), Err(ReadError::TooLarge { most: 1_000_000 }));
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
