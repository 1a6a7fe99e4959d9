//! Where a model comes from: enough to make it again, bit for bit, by the same build.

use serde::{Deserialize, Serialize};

use crate::data::{Combination, Dataset, ReadOptions, Roles, Source};
use crate::evaluation::Metrics;
use crate::model::{FitFacts, StopReason};
use crate::training::{LiveChanges, RunSettings};

/// How a model was made and how it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the program that made it.
    pub program: String,
    /// When, RFC 3339.
    pub made: String,
    /// The settings of the run, the seed among them.
    pub settings: RunSettings,
    /// The table it learned from.
    pub data: DataRecord,
    /// What was done to the fit while it ran.
    pub changes: LiveChanges,
    /// The figures on the held-out rows, which it has not learned from.
    pub metrics: Metrics,
    /// Number of those rows.
    pub held_out: usize,
    /// Bad ones among them.
    pub held_out_bad: usize,
    /// What the fit says about itself.
    pub facts: FitFacts,
    /// What there is to know of it and of its data, a sentence each.
    pub notices: Vec<String>,
    /// Why it ended: whether it learned to its end, or was stopped before.
    pub stop_reason: StopReason,
}

/// A table that was learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataRecord {
    /// Names of its files, without folders.
    pub files: Vec<String>,
    /// SHA-256 of the files in hexadecimal, one after the other.
    pub sha256: String,
    /// Whether the program generated it.
    pub synthetic: bool,
    /// Rows.
    pub rows: usize,
    /// Rows with a label.
    pub labelled: usize,
    /// Bad rows among them.
    pub bad: usize,
    /// Name of the label column.
    pub label: String,
    /// Its value that is the bad outcome.
    pub bad_value: String,
    /// Its values, by first appearance.
    pub label_values: Vec<String>,
    /// How it was read.
    pub read_as: ReadAs,
}

/// What was settled about a table: the same bytes read in the same way are the same rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadAs {
    /// About the reading of its files.
    pub options: ReadOptions,
    /// How several files became one table.
    pub combination: Combination,
    /// Who is what.
    pub roles: Roles,
}

impl DataRecord {
    /// Of an opened table and what was made of it.
    pub fn new(source: &Source, data: &Dataset, read_as: ReadAs) -> Self {
        let name = |path: &std::path::Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = match &source.files[..] {
            [] => vec![name(&source.path)],
            several => several.iter().map(|file| file.name.clone()).collect(),
        };
        Self {
            files,
            sha256: source.reading.sha256.clone(),
            synthetic: source.is_synthetic(),
            rows: data.n_rows(),
            labelled: data.n_labelled(),
            bad: data.n_bad(),
            label: data.label_name.clone(),
            bad_value: data.bad_value.clone(),
            label_values: data.label_levels.clone(),
            read_as,
        }
    }
}
