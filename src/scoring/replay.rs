//! A model made once more from its record, and held against itself.

use super::{DataRecord, Making, RiskModel, RiskModelError};
use crate::data::Source;
use crate::training::{Control, TrainingError, train, train_split};

/// Whether the record gives the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// Every number of the model and every figure is the same, bit for bit.
    SameBits,
    /// Something differs: another build of the program, or a file that was changed.
    Different,
    /// It was ended before.
    Unfinished,
}

impl Replay {
    /// In a sentence; `program` is the version that made the model.
    pub fn in_words(self, program: &str) -> String {
        match self {
            Self::SameBits => "The run gives the same model again, bit for bit.".to_owned(),
            Self::Unfinished => "Stopped before the model was made again.".to_owned(),
            Self::Different => {
                let now = env!("CARGO_PKG_VERSION");
                format!(
                    "The run does not give the same model again: it was made by version {program} of the program, this is \
                     version {now}; another build may round otherwise, and the file may have been changed."
                )
            }
        }
    }
}

/// A model made again.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Whether it is the same.
    pub outcome: Replay,
    /// The figures on the held-out rows by name, as recorded and as they are now; `None` where undefined.
    pub metrics: Vec<(String, Option<f64>, Option<f64>)>,
    /// Version of the program that made the model.
    pub program: String,
}

/// Why a record cannot be run again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Another table.
    #[error("{name} is not the table that the model learned from: its SHA-256 is {found}, not {expected}")]
    OtherTable {
        /// The table that was given.
        name: String,
        /// Its fingerprint.
        found: String,
        /// That of the record.
        expected: String,
    },
    /// The settings of the record are not what this program allows.
    #[error("the settings of the record cannot be used: {0}")]
    Settings(String),
    /// It cannot be trained.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// It cannot be written down.
    #[error(transparent)]
    Model(#[from] RiskModelError),
}

/// Runs the record of `model` again on `source`, the table that it learned from, read as it was read then.
///
/// # Errors
/// When it is another table, and when the run cannot be made.
pub fn replay(model: &RiskModel, source: &Source, control: &mut dyn Control) -> Result<Replayed, ReplayError> {
    let record = &model.record;
    let DataRecord { sha256, read_as, .. } = &record.data;
    if *sha256 != source.reading.sha256 {
        let (found, expected) = (source.reading.sha256.clone(), sha256.clone());
        return Err(ReplayError::OtherTable { name: source.name(), found, expected });
    }
    let data = source.dataset(&read_as.roles).map_err(TrainingError::from)?;
    let spec = record.settings.check().map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        ReplayError::Settings(problems.join("; "))
    })?;
    let fold = train_split(&data, &spec)?;
    let (done, classifier) = train(&fold, &spec, model.kind, &record.changes, control)?;
    let unfinished = done.changes.stopped_after != record.changes.stopped_after;
    let mut again = RiskModel::new(Making {
        fold: &fold,
        data: &data,
        record: DataRecord::new(source, &data, read_as.clone()),
        spec: &spec,
        classifier: classifier.as_ref(),
        done: &done,
        made: record.made.clone(),
    })?;
    // The version of the program is no part of the model.
    again.record.program.clone_from(&record.program);
    let outcome = match again == *model {
        _ if unfinished => Replay::Unfinished,
        true => Replay::SameBits,
        false => Replay::Different,
    };
    let metrics = named(&record.metrics).into_iter().zip(named(&again.record.metrics));
    let metrics = metrics.map(|((name, then), (_, now))| (name, then, now)).collect();
    Ok(Replayed { outcome, metrics, program: record.program.clone() })
}

/// Figures by the names that they have in JSON.
fn named(metrics: &crate::evaluation::Metrics) -> Vec<(String, Option<f64>)> {
    let value = serde_json::to_value(metrics).unwrap_or_default();
    let object = value.as_object().into_iter().flatten();
    object.map(|(name, value)| (name.clone(), value.as_f64())).collect()
}
