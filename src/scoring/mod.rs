//! What a finished model is to those who use it: everything that is needed to score firms elsewhere, and what it rests on.

mod drift;
mod early_warning;
mod firm;
mod hand_matching;
mod matching;
mod novelty;
mod output;
mod record;
mod reference;
mod replay;
mod risk_model;
mod scorer;
mod summary;

#[cfg(test)]
mod scorer_tests;
#[cfg(test)]
pub(crate) mod tests;

pub use self::drift::{FURTHER_TEXTS, TableDrift};
pub use self::early_warning::{Earlier, EarlierError, EarlyWarning, Standing, Warning, early_warnings};
pub use self::firm::{FirmScore, Flag, FlagKind, flags_text};
pub use self::hand_matching::{HandMatching, OutcomeColumn};
pub use self::matching::{How, Matched, Matching, MatchingError};
pub use self::novelty::Novelty;
pub use self::output::{Columns, CsvSink, FirmReason, FirmReasons, Reasons, XlsxSink};
pub use self::record::{DataRecord, ReadAs, Record};
pub use self::reference::{ColumnReference, ColumnValues, NumberBin};
pub use self::replay::{Replay, ReplayError, Replayed, replay};
pub use self::risk_model::{Making, RiskModel, RiskModelError};
pub use self::scorer::{Scoring, ScoringError, Sink, score, score_rows};
pub use self::summary::{BackTested, FlagCounts, Summary};
