//! The work of a scoring, on a thread of the loader: read the table, match its columns, score its firms, add them up and hold
//! them against an earlier scoring.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Earlier, Overview, Unmatched, Warnings, next_number};
use crate::data::{Dataset, Decimal, MissingTokens, Progress, ReadOptions, RoleRequest, Roles, Source};
use crate::scoring::{FirmScore, HandMatching, Matching, RiskModel, Scoring, Summary, score};

/// A table to be scored.
#[derive(Clone, Debug)]
pub(in crate::app) enum Subject {
    /// A file that has to be read first.
    File(PathBuf),
    /// One that has been read.
    Read {
        source: Arc<Source>,
        roles: Roles,
        /// The file that was opened to be scored; `None` for the open table.
        path: Option<PathBuf>,
    },
}

impl Subject {
    /// The table that is open, under these roles.
    pub(in crate::app) fn open(source: Arc<Source>, roles: Roles) -> Self {
        Self::Read { source, roles, path: None }
    }

    /// The file that was opened to be scored.
    pub(in crate::app) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Read { path, .. } => path.as_deref(),
        }
    }

    /// Its name for people.
    pub(in crate::app) fn name(&self) -> String {
        match self {
            Self::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Self::Read { source, .. } => source.name(),
        }
    }
}

/// A table that has been scored.
#[derive(Debug)]
pub(in crate::app) struct ScoredTable {
    /// A number of its own.
    pub(in crate::app) serial: u64,
    /// Its name for people.
    pub(in crate::app) name: String,
    pub(in crate::app) subject: Subject,
    pub(in crate::app) model: Arc<RiskModel>,
    pub(in crate::app) matching: Matching,
    /// Its rows, as indicators of the model.
    pub(in crate::app) data: Arc<Dataset>,
    /// One for each row.
    pub(in crate::app) firms: Vec<FirmScore>,
    pub(in crate::app) summary: Summary,
    pub(in crate::app) overview: Overview,
    /// What the watched path that it is from held before.
    pub(in crate::app) before: Option<Arc<Earlier>>,
    /// Against an earlier scoring; `None` without one.
    pub(in crate::app) warnings: Option<Warnings>,
}

impl ScoredTable {
    /// The table, as it was read.
    pub(in crate::app) fn source(&self) -> Option<&Arc<Source>> {
        match &self.subject {
            Subject::Read { source, .. } => Some(source),
            Subject::File(_) => None,
        }
    }

    /// Whether its file holds the same bytes as that of a table that has been read.
    pub(in crate::app) fn has_bytes_of(&self, other: &Subject) -> bool {
        let Subject::Read { source: of, .. } = other else { return false };
        self.source().is_some_and(|source| source.reading.sha256 == of.reading.sha256)
    }

    /// Place of a firm of another scored table: of the same row of the same table, else of the same name and period.
    pub(in crate::app) fn place_of(&self, other: &Self, place: usize) -> Option<usize> {
        let firm = other.firms.get(place)?;
        let same_source = match (&self.subject, &other.subject) {
            (Subject::Read { source, .. }, Subject::Read { source: of, .. }) => Arc::ptr_eq(source, of),
            _ => false,
        };
        if same_source {
            return (place < self.firms.len()).then_some(place);
        }
        let name = firm.enterprise.as_ref()?;
        let same = |other: &FirmScore| other.enterprise.as_ref() == Some(name) && other.period == firm.period;
        self.firms.iter().position(same)
    }

    /// The grade that a firm fell from since the earlier scoring, where it fell by two or more.
    pub(in crate::app) fn fallen_from(&self, place: usize) -> Option<char> {
        self.warnings.as_ref()?.fallen_from(place)
    }
}

/// What came of it.
pub(in crate::app) enum Outcome {
    /// The firms are scored.
    Scored(Arc<ScoredTable>),
    /// Columns have to be matched first.
    Unmatched(Box<Unmatched>),
}

/// What is to be scored with what.
pub(in crate::app) struct ScoreJob {
    pub(in crate::app) model: Arc<RiskModel>,
    pub(in crate::app) subject: Subject,
    /// Columns matched by hand before.
    pub(in crate::app) by_hand: Option<HandMatching>,
    /// An earlier scoring that a person has chosen.
    pub(in crate::app) earlier: Option<Arc<Earlier>>,
    /// What was scored last.
    pub(in crate::app) last: Option<Last>,
}

/// The table that was scored last.
pub(in crate::app) struct Last {
    pub(in crate::app) table: Arc<ScoredTable>,
    /// Whether the one to be scored is what became of it in a watched path.
    pub(in crate::app) is_watched: bool,
}

impl Last {
    /// What the watched path held before `now`: the last table, or where `now` is that once more, what was there before it.
    fn before(&self, now: &Subject) -> Option<Arc<Earlier>> {
        if self.table.has_bytes_of(now) {
            self.table.before.clone()
        } else {
            self.is_watched.then(|| Arc::new(Earlier::of(&self.table)))
        }
    }
}

impl ScoreJob {
    /// Does it.
    ///
    /// # Errors
    /// One sentence when the table cannot be read, and when it was stopped.
    pub(in crate::app) fn work(self, progress: &Progress) -> Result<Outcome, String> {
        let Self { model, subject, by_hand, earlier, last } = self;
        let (source, roles, path) = match subject {
            Subject::Read { source, roles, path } => (source, roles, path),
            Subject::File(path) => {
                let options = model.read_options(ReadOptions::default());
                let source =
                    Source::open_with(&path, &RoleRequest::default(), &options, progress).map_err(|e| e.to_string())?;
                let roles = source.guess.roles.clone();
                (Arc::new(source), roles, Some(path))
            }
        };
        // Of the open table a person may have said what counts as missing; a file was read for the model before.
        let said = if path.is_some() { MissingTokens::default() } else { source.table.missing_tokens().clone() };
        let missing = model.read_options(ReadOptions { missing: said, ..ReadOptions::default() }).missing;
        let otherwise = (missing != *source.table.missing_tokens()).then(|| source.table.with_missing(&missing));
        let (name, table) = (source.name(), otherwise.as_ref().unwrap_or(&source.table));
        let mut matching = Matching::new(&model, table.names(), &roles);
        if let Some(by_hand) = &by_hand {
            by_hand.apply(&mut matching);
        }
        // Another model may answer by indicators that nobody was asked about, and a column may be gone since.
        let is_agreed = |indicator: &str| by_hand.as_ref().is_some_and(|by_hand| by_hand.is_missing(indicator));
        let agreed = matching.lacking().all(is_agreed);
        let nothing = matching.lacking().count() == matching.indicators().len();
        let subject = Subject::Read { source: Arc::clone(&source), roles, path };
        if nothing || !agreed {
            return Ok(Outcome::Unmatched(Box::new(Unmatched::new(subject, matching))));
        }
        let decimals = table.decimals(Decimal::of_mark(source.reading.decimal).unwrap_or_default());
        let Scoring { data, firms, mut summary } = score(&model, &matching, table, &decimals, &source.reading.rejected);
        if progress.is_cancelled() {
            return Err(format!("Scoring {name} was stopped."));
        }
        summary.set_files(&model, &source.reading.sha256);
        let overview = Overview::of(&firms, &model);
        let before = last.and_then(|last| last.before(&subject));
        // The grades of two models are not to be compared.
        let own = before.clone().filter(|before| before.is_by(&model));
        let warnings = earlier.or(own).map(|earlier| Warnings::of(&earlier, &firms));
        let (serial, data) = (next_number(), Arc::new(data));
        let scored =
            ScoredTable { serial, name, subject, model, matching, data, firms, summary, overview, before, warnings };
        Ok(Outcome::Scored(Arc::new(scored)))
    }
}
