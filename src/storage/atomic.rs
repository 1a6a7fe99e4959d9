//! Files that are there whole or not at all: written to a temporary name in the same folder, then renamed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What the names of files begin with that are being written.
pub(super) const TEMPORARY: &str = ".beliefscope-";

/// A file in the making. It takes its place when it is finished; dropped before, it leaves no trace, and what was there
/// before is untouched. A link is followed; a pipe or a device is written to as it is.
#[derive(Debug)]
pub struct AtomicFile(Writing);

#[derive(Debug)]
enum Writing {
    /// Not a plain file.
    Direct(BufWriter<File>),
    /// The place that it will take.
    Beside(BufWriter<NamedTempFile>, PathBuf),
}

impl AtomicFile {
    /// Begins a file that will be at `path`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path.metadata().is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            return Ok(Self(Writing::Direct(BufWriter::new(OpenOptions::new().write(true).open(path)?))));
        }
        let target = path.canonicalize();
        let path = target.as_deref().unwrap_or(path);
        let mut builder = tempfile::Builder::new();
        // As any other new file: readable for those the umask lets.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.prefix(TEMPORARY).tempfile_in(folder(path))?;
        Ok(Self(Writing::Beside(BufWriter::with_capacity(1 << 16, file), path.to_owned())))
    }

    /// Puts the file in its place, once the disk has it.
    ///
    /// # Errors
    /// When the disk refuses; what was there before is untouched.
    pub fn finish(self) -> io::Result<()> {
        match self.0 {
            Writing::Direct(mut file) => file.flush(),
            Writing::Beside(file, path) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                file.persist(path).map_err(|e| e.error)?;
                Ok(())
            }
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Writing::Direct(file) => file.write(bytes),
            Writing::Beside(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Writing::Direct(file) => file.flush(),
            Writing::Beside(file, _) => file.flush(),
        }
    }
}

/// Writes a file whole or not at all, see [`AtomicFile`].
///
/// # Errors
/// When the disk refuses; the file that was there before is untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// Whether [`write_atomic`] could write there now: tried with an empty temporary file.
///
/// # Errors
/// What the disk says.
pub fn can_write(path: &Path) -> io::Result<()> {
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return OpenOptions::new().write(true).open(path).map(drop);
    }
    tempfile::tempfile_in(folder(path)).map(drop)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_left_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        write_atomic(&file, b"one").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_atomic(&link, b"two").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        write_atomic(Path::new("/dev/null"), b"gone").unwrap();
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        write_atomic(&path, b"old").unwrap();
        assert!(write_atomic(&folder.path().join("missing").join("out.csv"), b"new").is_err());
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(&vec![b'x'; 200_000]).unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        write_atomic(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }
}
