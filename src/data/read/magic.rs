//! Files that are no tables, known by their first bytes.

/// How other kinds of files start, and what they are called.
const STARTS: [(&[u8], &str); 24] = [
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xFF\xD8\xFF", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document in RTF"),
    (b"7z\xBC\xAF\x27\x1C", "an archive packed with 7-Zip"),
    (b"Rar!\x1A", "an archive packed with RAR"),
    (b"BZh", "packed with bzip2"),
    (b"\xFD7zXZ\0", "packed with xz"),
    (b"\x28\xB5\x2F\xFD", "packed with Zstandard"),
    (b"$FL2", "an SPSS file"),
    (b"$FL3", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"RDX2\n", "a file of R"),
    (b"RDX3\n", "a file of R"),
    (b"X\n\0\0\0\x02", "a file of R"),
    (b"X\n\0\0\0\x03", "a file of R"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x7FELF", "a program"),
    (b"MZ\x90\0", "a program"),
];

/// Markup and notations that start with these letters, in any case.
const MARKUP: [(&str, &str); 6] = [
    ("<!doctype html", "a page in HTML"),
    ("<html", "a page in HTML"),
    ("<table", "a page in HTML"),
    ("<?xml", "a document in XML"),
    ("[{", "a list in JSON"),
    ("{\"", "an object in JSON"),
];

/// What the file is, with its article, when it is not a table for certain.
pub(super) fn other_format(bytes: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = STARTS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(what);
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let starts = |start: &str| text.get(..start.len()).is_some_and(|b| b.eq_ignore_ascii_case(start.as_bytes()));
    MARKUP.iter().find(|(start, _)| starts(start)).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_files_are_named() {
        assert_eq!(other_format(b"%PDF-1.7\n,,"), Some("a PDF document"));
        assert_eq!(other_format(b"\xEF\xBB\xBF\n<!DOCTYPE HTML>"), Some("a page in HTML"));
        assert_eq!(other_format(b" [{\"a\": 1}]"), Some("a list in JSON"));
        for text in [&b"a,b\n1,2"[..], b"", b"<5,x\n", b"BZ,b\n", b"{1,2}"] {
            assert_eq!(other_format(text), None);
        }
    }
}
