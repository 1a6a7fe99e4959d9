//! The first rows of a file under some reading: what a person looks at before choosing it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::read::{ReadOptions, Reading, read_with};
use super::sample::sample_csv;
use super::source::OpenError;

/// Bytes looked at of a file that can be cut anywhere.
const BYTES: u64 = 1 << 16;
/// Rows kept.
const ROWS: usize = 5;

/// The first rows of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Column names.
    pub names: Vec<String>,
    /// Up to five rows, each as long as `names`.
    pub rows: Vec<Vec<String>>,
    /// How they were read. Its counts are of the part looked at.
    pub reading: Reading,
}

/// Reads the first rows of `path` as `options` say. Text is looked at for 64 KiB;
/// a workbook or packed table is read whole. Blocks on the disk.
///
/// # Errors
/// When the file cannot be read, or what was looked at is no table.
pub fn head(path: &Path, options: &ReadOptions) -> Result<Head, OpenError> {
    let bytes = first_bytes(path).map_err(|error| OpenError::Io { path: path.to_owned(), error })?;
    of_bytes(path.to_owned(), &bytes, options)
}

/// Reads the first rows of the bundled sample of this name as `options` say.
///
/// # Errors
/// [`OpenError::NoSuchSample`], and when it is no table under these options.
pub fn sample_head(name: &str, options: &ReadOptions) -> Result<Head, OpenError> {
    let csv = sample_csv(name).ok_or_else(|| OpenError::NoSuchSample { name: name.to_owned() })?;
    of_bytes(PathBuf::from(name), csv.as_bytes(), options)
}

fn of_bytes(path: PathBuf, bytes: &[u8], options: &ReadOptions) -> Result<Head, OpenError> {
    let (table, reading) = read_with(bytes, options).map_err(|error| OpenError::Read { path, error })?;
    let row = |row: usize| (0..table.n_columns()).map(|column| table.cell(row, column).to_owned()).collect();
    let rows = (0..table.n_rows().min(ROWS)).map(row).collect();
    Ok(Head { names: table.names().to_vec(), rows, reading })
}

fn first_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(BYTES).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == BYTES {
        // gzip, a zip archive such as xlsx and ods, and the container of xls do not open in part.
        let is_whole =
            [&[0x1f, 0x8b][..], b"PK\x03\x04", &[0xd0, 0xcf, 0x11, 0xe0]].iter().any(|mark| bytes.starts_with(mark));
        if is_whole {
            file.read_to_end(&mut bytes)?;
        } else if let Some(end) = bytes.iter().rposition(|&b| b == b'\n' || b == b'\r') {
            // The last line may be cut. In UTF-16 the second byte of its line end is cut with it: read as one letter less.
            bytes.truncate(end + 1);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_looked_at_in_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, format!("a;b\n{}", "0,5;x\n".repeat(50_000))).unwrap();
        let head = head(&path, &ReadOptions::default()).unwrap();
        assert_eq!((head.names.as_slice(), head.rows.len()), (["a".to_owned(), "b".to_owned()].as_slice(), ROWS));
        assert!(head.reading.rejected.is_empty() && head.reading.rows_read < 20_000);
        assert_eq!(head.rows[4], ["0,5", "x"]);
        let options = ReadOptions { delimiter: Some(','), ..ReadOptions::default() };
        assert!(super::head(&path, &options).is_err(), "there is no comma");
    }

    #[test]
    fn what_is_not_there_is_an_error_and_a_sample_always_is() {
        assert!(head(Path::new("no such file"), &ReadOptions::default()).is_err());
        assert!(!sample_head("moons", &ReadOptions::default()).unwrap().rows.is_empty());
        assert!(sample_head("sun", &ReadOptions::default()).is_err());
    }
}
