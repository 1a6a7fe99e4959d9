//! A table file within a workspace: its bytes, so that the work opens on another computer, or where they lie.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io::Write as _;

use super::StoredError;
use super::container::unpack;
use crate::data::fingerprint;

/// A file that a table was read from. The bytes are packed once and shared by every save of the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFile {
    /// Where it was when it was opened, for people: on another computer there may be no such folder.
    pub path: String,
    /// SHA-256 of its bytes in hexadecimal.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
    /// The bytes, packed with gzip; `None` when they are only where `path` says.
    #[serde(with = "packed", default)]
    packed: Option<Arc<[u8]>>,
}

impl SavedFile {
    /// Takes in the file at `path`, which must still be the one with this fingerprint: the work rests on it. Blocks on the disk,
    /// and takes a while for large files.
    ///
    /// # Errors
    /// When it cannot be read, or is another by now.
    pub fn pack(path: &Path, sha256: &str) -> Result<Self, StoredError> {
        let bytes = unchanged(path, sha256)?;
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = packer.write_all(&bytes).and_then(|()| packer.finish()).map_err(|e| StoredError::io(path, e))?;
        Ok(Self { packed: Some(packed.into()), ..Self::refer(path, sha256, bytes.len() as u64) })
    }

    /// Only says where the file is: for the autosave of tables too large to be written every minute.
    pub fn refer(path: &Path, sha256: &str, size: u64) -> Self {
        Self { path: path.to_string_lossy().into_owned(), sha256: sha256.to_owned(), size, packed: None }
    }

    /// The same without its bytes.
    #[must_use]
    pub fn without_bytes(&self) -> Self {
        Self { packed: None, ..self.clone() }
    }

    /// Bytes that it takes in a workspace, about; 0 where it is only referred to.
    pub fn packed_size(&self) -> usize {
        self.packed.as_ref().map_or(0, |packed| packed.len())
    }

    /// The path, for opening: what follows the last separator of whichever system tells the kind of the file.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(&self.path)
    }

    /// The bytes as they were.
    ///
    /// # Errors
    /// When they are not those that the fingerprint is of, or are only at a place where they are not any more.
    pub fn bytes(&self) -> Result<Vec<u8>, StoredError> {
        let path = self.path();
        let Some(packed) = &self.packed else { return unchanged(&path, &self.sha256) };
        match unpack(packed, self.size) {
            Ok(bytes) if bytes.len() as u64 == self.size && fingerprint(&bytes) == self.sha256 => Ok(bytes),
            Ok(_) | Err(_) => Err(StoredError::content(&path, "its copy in the workspace is damaged")),
        }
    }
}

/// The bytes of a file that has this fingerprint.
fn unchanged(path: &Path, sha256: &str) -> Result<Vec<u8>, StoredError> {
    let bytes = std::fs::read(path).map_err(|error| StoredError::io(path, error))?;
    if fingerprint(&bytes) == sha256 { Ok(bytes) } else { Err(StoredError::Changed { path: path.to_owned() }) }
}

/// Bytes as text in base64.
mod packed {
    use base64::Engine as _;

    use super::{Arc, Deserialize as _, Deserializer, STANDARD, Serializer};

    type Bytes = Option<Arc<[u8]>>;

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => serializer.serialize_some(&STANDARD.encode(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let bytes = STANDARD.decode(text).map_err(serde::de::Error::custom)?;
        Ok(Some(bytes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_out_as_it_went_in_and_only_if_it_did_not_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("北京.csv");
        let bytes: Vec<u8> = (0..100_000_u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        let sha256 = fingerprint(&bytes);
        let file = SavedFile::pack(&path, &sha256).unwrap();
        let text = serde_json::to_string(&file).unwrap();
        let read: SavedFile = serde_json::from_str(&text).unwrap();
        let by_place = SavedFile::refer(&path, &sha256, 100_000);
        assert_eq!((&read, read.without_bytes()), (&file, by_place.clone()));
        assert_eq!((read.bytes().unwrap(), by_place.bytes().unwrap()), (bytes.clone(), bytes));

        std::fs::write(&path, b"another").unwrap();
        assert!(matches!(SavedFile::pack(&path, &sha256), Err(StoredError::Changed { .. })));
        assert!(by_place.bytes().unwrap_err().to_string().contains("has changed"));
        std::fs::remove_file(&path).unwrap();
        assert!(by_place.bytes().unwrap_err().to_string().contains("there is no such file"));
        assert_eq!(read.bytes().unwrap().len(), 100_000, "packed bytes need no file");
        let longer = SavedFile { size: 10, ..read.clone() };
        let another = SavedFile { sha256: fingerprint(b""), ..read };
        assert!(longer.bytes().is_err() && another.bytes().is_err());
        assert!(serde_json::from_str::<SavedFile>(&text.replacen("\"H4", "\"?4", 1)).is_err());
    }
}
