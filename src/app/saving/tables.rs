//! The tables of some work and the bytes of their files: packed once, and saved as they were when they were read.

use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};

use super::Packed;
use crate::app::workspace::Origin;
use crate::data::Source;
use crate::scoring::ReadAs;
use crate::storage::{SavedFile, SavedTable, StoredError, Subject};

/// Files that stay packed beside those of the work that was saved last.
const NEWEST: usize = 4;

/// Bytes of a file up to which it is packed as soon as it is opened, so that the work can be saved whatever becomes of the file.
const SMALL: u64 = 1 << 30;

/// Packs files, by their paths and fingerprints, unless they are large.
pub(in crate::app) fn pack(files: &[(PathBuf, String)], packed: &Packed) {
    let mut tables = Tables { files: Vec::new(), list: Vec::new(), packed };
    for (path, sha256) in files {
        if path.metadata().is_ok_and(|file| file.len() <= SMALL) {
            // One that has changed already is told of when it is saved.
            drop(tables.file(path, sha256));
        }
    }
}

/// The files of a table with their fingerprints, in the order in which they were put together; none of a sample.
pub(in crate::app) fn files_of(source: &Source, paths: &[PathBuf]) -> Vec<(PathBuf, String)> {
    match (paths, &source.files[..]) {
        ([], _) => Vec::new(),
        ([path], _) => vec![(path.clone(), source.reading.sha256.clone())],
        (_, files) => files.iter().map(|file| (file.path.clone(), file.reading.sha256.clone())).collect(),
    }
}

/// The tables of a workspace file, each once.
pub(super) struct Tables<'a> {
    pub(super) files: Vec<SavedFile>,
    pub(super) list: Vec<SavedTable>,
    pub(super) packed: &'a Packed,
}

impl Tables<'_> {
    pub(super) fn subject(&mut self, origin: &Origin) -> Result<Subject, StoredError> {
        let Origin { source, paths, read_as } = origin;
        let files = files_of(source, paths);
        let files: Result<Vec<usize>, StoredError> =
            files.iter().map(|(path, sha256)| self.file(path, sha256)).collect();
        let table = SavedTable {
            files: files?,
            sample: source.sample.map(|sample| sample.name.to_owned()),
            options: read_as.options.clone(),
            combination: read_as.combination.clone(),
        };
        Ok(Subject { table: self.table(table), roles: read_as.roles.clone() })
    }

    /// The table held beside the open one.
    pub(super) fn second(&mut self, path: &Path, sha256: &str) -> Result<usize, StoredError> {
        let file = self.file(path, sha256)?;
        let read_as = ReadAs::default();
        let table =
            SavedTable { files: vec![file], sample: None, options: read_as.options, combination: read_as.combination };
        Ok(self.table(table))
    }

    fn table(&mut self, table: SavedTable) -> usize {
        self.list.iter().position(|known| *known == table).unwrap_or_else(|| {
            self.list.push(table);
            self.list.len() - 1
        })
    }

    pub(super) fn file(&mut self, path: &Path, sha256: &str) -> Result<usize, StoredError> {
        if let Some(place) = self.files.iter().position(|file| file.sha256 == sha256 && file.path() == path) {
            return Ok(place);
        }
        let is_it = |file: &&SavedFile| file.sha256 == sha256 && file.path() == path;
        let known = self.packed().iter().find(is_it).cloned();
        let file = if let Some(file) = known {
            file
        } else {
            // The window may want to know what is packed meanwhile.
            let file = SavedFile::pack(path, sha256)?;
            self.packed().push(file.clone());
            file
        };
        self.files.push(file);
        Ok(self.files.len() - 1)
    }

    fn packed(&self) -> MutexGuard<'_, Vec<SavedFile>> {
        self.packed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of what was packed before only the newest stays: a watched file may have had many contents.
    pub(super) fn forget_others(&self) {
        let mut packed = self.packed();
        let older = packed.len().saturating_sub(NEWEST);
        let mut place = 0;
        packed.retain(|file| {
            place += 1;
            place > older || self.files.iter().any(|kept| kept.sha256 == file.sha256 && kept.path == file.path)
        });
    }
}
