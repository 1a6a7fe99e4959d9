//! The bytes of a file, fetched in pieces so that somebody can watch and stop it, with their fingerprint. A file that
//! changes meanwhile is refused: half of one state and half of another is no table.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::OpenError;
use super::progress::{Progress, stage};

/// Bytes fetched between two looks at whether to stop.
const PIECE: usize = 1 << 20;

/// Most bytes taken from what is no plain file and has no size, such as a pipe: 4 GiB.
const MOST_OF_A_STREAM: u64 = 4 << 30;

/// What was fetched.
#[derive(Debug, PartialEq)]
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    /// SHA-256 in hexadecimal.
    pub(super) sha256: String,
}

/// SHA-256 in hexadecimal, 64 digits.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new_with_prefix(bytes))
}

/// The same of a file, whatever its size, in memory that does not grow with it. Blocks on the disk.
///
/// # Errors
/// When it cannot be read.
pub fn fingerprint_of_file(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hexadecimal(hash)),
            read => hash.update(&piece[..read]),
        }
    }
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// All bytes of a file.
pub(super) fn fetch(path: &Path, progress: &Progress) -> Result<Fetched, OpenError> {
    let failed = |error: std::io::Error| OpenError::Io { path: path.to_owned(), error };
    let mut file = File::open(path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    if before.is_dir() {
        return Err(failed(ErrorKind::IsADirectory.into()));
    }
    let (size, most) = if before.is_file() { (before.len(), before.len()) } else { (0, MOST_OF_A_STREAM) };
    // In the pool from the start: entering it for every piece would cost more than the piece.
    let fetched = rayon::scope(|_| pieces(&mut file, size, most, progress)).map_err(failed)?;
    let fetched = fetched.ok_or_else(|| OpenError::Cancelled { path: path.to_owned() })?;
    if before.is_file() {
        let after = file.metadata().map_err(failed)?;
        // Where the system keeps no times, the size alone has to tell.
        let touched = before.modified().ok() != after.modified().ok();
        if fetched.bytes.len() as u64 != size || after.len() != size || touched {
            return Err(OpenError::Changed { path: path.to_owned() });
        }
    } else if fetched.bytes.len() as u64 > most {
        return Err(failed(ErrorKind::OutOfMemory.into()));
    }
    Ok(fetched)
}

/// Reads to the end of about `size` bytes, or until there are more than `most`; `None` when stopped. While one piece is
/// fetched, the fingerprint of the piece before is taken.
fn pieces(
    file: &mut (impl Read + Send),
    size: u64,
    most: u64,
    progress: &Progress,
) -> std::io::Result<Option<Fetched>> {
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(usize::try_from(size).unwrap_or(usize::MAX))?;
    let mut hash = Sha256::new();
    let (mut piece, mut next) = (Vec::with_capacity(PIECE), Vec::with_capacity(PIECE));
    fetch_piece(file, &mut piece)?;
    while !piece.is_empty() && bytes.len() as u64 <= most {
        if progress.is_cancelled() {
            return Ok(None);
        }
        let ((), fetched) = rayon::join(
            || hash.update(&piece),
            || {
                bytes.try_reserve(piece.len())?;
                bytes.extend_from_slice(&piece);
                fetch_piece(file, &mut next)
            },
        );
        fetched?;
        progress.advance(stage::FETCH * piece.len() as f64 / size.max(piece.len() as u64) as f64);
        std::mem::swap(&mut piece, &mut next);
    }
    Ok(Some(Fetched { bytes, sha256: hexadecimal(hash) }))
}

fn fetch_piece(file: &mut impl Read, piece: &mut Vec<u8>) -> std::io::Result<()> {
    piece.clear();
    file.take(PIECE as u64).read_to_end(piece).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn sentence(path: &Path) -> String {
        fetch(path, &Progress::new()).unwrap_err().to_string()
    }

    #[test]
    fn the_bytes_come_whole_and_the_share_goes_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let bytes: Vec<u8> = (0..PIECE * 2 + 77).map(|i| i as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        let progress = Progress::new();
        assert_eq!(fetch(&path, &progress).unwrap(), Fetched { sha256: fingerprint(&bytes), bytes });
        assert!((progress.share() - stage::FETCH).abs() < 1e-6);
        std::fs::write(&path, b"").unwrap();
        let empty = fetch(&path, &Progress::new()).unwrap();
        // From `sha256sum /dev/null`.
        assert!(empty.bytes.is_empty() && empty.sha256.starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
    }

    #[test]
    fn a_file_that_is_not_there_or_a_folder_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(sentence(&folder.path().join("none.csv")).contains("there is no such file"));
        assert!(sentence(folder.path()).contains("it is a folder"));
    }

    #[test]
    fn a_stream_without_end_is_given_up() {
        let fetched = pieces(&mut std::io::repeat(0), 0, 10 << 20, &Progress::new()).unwrap().unwrap();
        assert_eq!(fetched.bytes.len(), 11 << 20);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_may_not_be_read_is_said() {
        // Nobody may: a file of the system's own that is only for writing.
        let path = Path::new("/proc/sys/vm/compact_memory");
        assert!(!path.exists() || sentence(path).contains(path.to_str().unwrap()));
    }

    #[test]
    fn a_file_that_changes_meanwhile_is_refused() {
        /// Grows by itself while it is read.
        struct Growing(File, File);
        impl Read for Growing {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                self.1.write_all(b"1,2\n")?;
                self.0.read(buffer)
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, b"a,b\n1,2\n").unwrap();
        let writer = File::options().append(true).open(&path).unwrap();
        let mut growing = Growing(File::open(&path).unwrap(), writer);
        let fetched = pieces(&mut growing, 8, 8, &Progress::new()).unwrap().unwrap();
        assert!(fetched.bytes.len() > 8, "more than there was, and an end");
        let changed = OpenError::Changed { path }.to_string();
        assert!(changed.ends_with("a.csv changed while it was read: open it again once it is written."), "{changed}");
    }

    #[test]
    fn a_cancelled_fetch_stops() {
        let progress = Progress::new();
        progress.cancel();
        assert_eq!(pieces(&mut &b"abc"[..], 3, 9, &progress).unwrap(), None);
    }
}
