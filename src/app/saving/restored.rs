//! Work that was read from a file: its tables opened, and its results held against them.

use std::sync::Arc;

use crate::app::comparing::CompareResult;
use crate::app::scoring;
use crate::app::standing::SecondFile;
use crate::app::studies::KeptStudy;
use crate::app::workspace::{DataState, Origin};
use crate::data::{DataError, Dataset, Progress, Source};
use crate::report::look;
use crate::scoring::{HandMatching, ReadAs};
use crate::storage::{SavedFile, SavedScoring, SavedWorkspace, Subject, WorkspaceModel};
use crate::training::{RunSettings, RunSpec};

/// Work that was read from a file, with its tables opened.
pub(in crate::app) struct Restored {
    pub(in crate::app) saved: SavedWorkspace,
    /// The open table.
    pub(in crate::app) open: Option<(Arc<Origin>, DataState)>,
    /// What the run learned from.
    pub(in crate::app) run: Option<(Arc<Origin>, Arc<Dataset>, RunSpec)>,
    /// The comparison with what it rests on.
    pub(in crate::app) comparison: Option<CompareResult>,
    /// The studies.
    pub(in crate::app) studies: Vec<KeptStudy>,
    /// The file of the table held beside.
    pub(in crate::app) second: Option<SecondFile>,
    /// The table that was scored.
    pub(in crate::app) scored: Option<RestoredScoring>,
    /// What could not be had again.
    pub(in crate::app) notices: Vec<String>,
}

/// A table that was scored, to be scored again: that takes a moment and gives the same bits.
pub(in crate::app) struct RestoredScoring {
    pub(in crate::app) by: WorkspaceModel,
    pub(in crate::app) subject: scoring::Subject,
    pub(in crate::app) by_hand: Option<HandMatching>,
    pub(in crate::app) earlier: Option<Arc<scoring::Earlier>>,
}

/// Tables that were opened, each once, so that results of one table rest on one.
struct Opened<'a> {
    saved: &'a SavedWorkspace,
    sources: Vec<(usize, Arc<Source>)>,
    subjects: Vec<(Subject, Arc<Origin>, Arc<Dataset>)>,
    progress: &'a Progress,
}

impl Opened<'_> {
    fn source(&mut self, table: usize) -> Result<Arc<Source>, String> {
        if let Some((_, source)) = self.sources.iter().find(|(index, _)| *index == table) {
            return Ok(Arc::clone(source));
        }
        let saved = self.saved.tables.get(table).ok_or("a table is not there")?;
        let source = Arc::new(self.saved.open_table(saved, self.progress).map_err(|error| error.to_string())?);
        self.sources.push((table, Arc::clone(&source)));
        Ok(source)
    }

    fn subject(&mut self, subject: &Subject) -> Result<(Arc<Origin>, Arc<Dataset>), String> {
        if let Some((_, origin, data)) = self.subjects.iter().find(|(known, ..)| known == subject) {
            return Ok((Arc::clone(origin), Arc::clone(data)));
        }
        let origin = self.origin(subject)?;
        let data = Arc::new(origin.source.dataset(&subject.roles).map_err(|error| error.to_string())?);
        self.subjects.push((subject.clone(), Arc::clone(&origin), Arc::clone(&data)));
        Ok((origin, data))
    }

    fn origin(&mut self, subject: &Subject) -> Result<Arc<Origin>, String> {
        let source = self.source(subject.table)?;
        let table = self.saved.tables.get(subject.table).ok_or("a table is not there")?;
        let paths = table.files.iter().filter_map(|&file| self.saved.files.get(file)).map(SavedFile::path).collect();
        let read_as = ReadAs {
            options: table.options.clone(),
            combination: table.combination.clone(),
            roles: subject.roles.clone(),
        };
        Ok(Arc::new(Origin { source, paths, read_as }))
    }
}

impl Opened<'_> {
    /// The open table. Under roles that cannot be learned from it is open all the same, as it was.
    fn open(&mut self, subject: &Subject) -> Result<(Arc<Origin>, DataState), String> {
        if let Ok((origin, data)) = self.subject(subject) {
            return Ok((origin, DataState::Ready(data)));
        }
        let origin = self.origin(subject)?;
        let unusable = |error: DataError| DataState::Unusable(error.to_string());
        let state =
            origin.source.dataset(&subject.roles).map_or_else(unusable, |data| DataState::Ready(Arc::new(data)));
        Ok((origin, state))
    }

    /// The table held beside it.
    fn second(&mut self, table: usize, first: &Dataset) -> Result<SecondFile, String> {
        let source = self.source(table)?;
        let data = source.dataset_like(first).map_err(|error| error.to_string())?;
        Ok(SecondFile::new(&source, data))
    }

    /// A table that was scored: the open one, or that of a file of its own.
    fn scored(&mut self, kept: &SavedScoring) -> Result<RestoredScoring, String> {
        let source = self.source(kept.subject.table)?;
        let own = self.saved.open.as_ref().is_none_or(|open| open.table != kept.subject.table);
        let path = own.then(|| source.path.clone());
        let earlier = match kept.earlier.and_then(|file| self.saved.files.get(file)) {
            None => None,
            Some(file) => {
                let bytes = file.bytes().map_err(|error| error.to_string())?;
                Some(Arc::new(scoring::Earlier::of_file(file.path(), &bytes)?))
            }
        };
        let subject = scoring::Subject::Read { source, roles: kept.subject.roles.clone(), path };
        Ok(RestoredScoring { by: kept.by, subject, by_hand: kept.by_hand.clone(), earlier })
    }
}

fn checked(settings: &RunSettings) -> Result<RunSpec, String> {
    settings.check().map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

impl Restored {
    /// Opens the tables of a workspace. Blocks: not for the window's thread.
    ///
    /// # Errors
    /// One sentence where a table is not what it was, or a result does not go with it.
    pub(in crate::app) fn new(saved: SavedWorkspace, progress: &Progress) -> Result<Self, String> {
        let mut opened = Opened { saved: &saved, sources: Vec::new(), subjects: Vec::new(), progress };
        let open = saved.open.as_ref().map(|subject| opened.open(subject)).transpose()?;
        let run = match &saved.run {
            None => None,
            Some(run) => {
                let (origin, data) = opened.subject(&run.subject)?;
                Some((origin, data, checked(&run.settings)?))
            }
        };
        let comparison = match &saved.comparison {
            None => None,
            Some(kept) => {
                let (origin, data) = opened.subject(&kept.subject)?;
                kept.check_rows(&data)?;
                let spec = checked(&kept.settings)?;
                let findings = look(&origin.source, &origin.read_as.roles, &data, &spec).into();
                let comparison = kept.comparison.clone();
                let (warnings, analysis) = (Vec::new(), None);
                let mut result =
                    CompareResult { serial: 0, origin, data, spec, comparison, warnings, findings, analysis };
                result.find_warnings();
                Some(result)
            }
        };
        let mut studies = Vec::new();
        for kept in &saved.studies {
            let (origin, data) = opened.subject(&kept.subject)?;
            let (study, spec) = (Arc::new(kept.study.clone()), checked(&kept.settings)?);
            studies.push(KeptStudy { study, origin, data, spec });
        }
        let mut notices = Vec::new();
        let second = match (saved.second, &open) {
            (Some(table), Some((_, DataState::Ready(first)))) => {
                let second = opened.second(table, first);
                second.map_err(|why| notices.push(format!("The second table is not held beside this one: {why}."))).ok()
            }
            _ => None,
        };
        let scored = saved.scorings.first().and_then(|kept| {
            let scored = opened.scored(kept);
            scored.map_err(|why| notices.push(format!("What was scored is not scored again: {why}."))).ok()
        });
        Ok(Self { saved, open, run, comparison, studies, second, scored, notices })
    }
}
