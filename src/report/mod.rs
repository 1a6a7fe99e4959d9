//! Results as JSON, CSV and text. Names in JSON are stable: a change is a new schema number.

mod compare_json;
mod describe_json;
mod scores_csv;
mod text;

pub use compare_json::compare_json;
pub use describe_json::describe_json;
pub use scores_csv::scores_csv;
pub use text::{comparison_text, description_text};

/// Schema number of every JSON document of the program.
pub const SCHEMA: u32 = 1;

use std::collections::HashMap;

use crate::data::{Dataset, Source, ValidationKind};
use crate::training::{Comparison, RunSpec};

/// A comparison with all that it rests on.
pub struct Compared<'a> {
    /// The table.
    pub source: &'a Source,
    /// Its numbers.
    pub data: &'a Dataset,
    /// The settings.
    pub spec: &'a RunSpec,
    /// The outcome.
    pub comparison: &'a Comparison,
}

impl Compared<'_> {
    /// Rows of one enterprise on both sides of a split make every model look better than it is on a new enterprise.
    fn panel_warning(&self) -> Option<String> {
        let random = matches!(self.spec.settings.validation.kind, ValidationKind::Kfold | ValidationKind::Holdout);
        let firm = self.data.enterprise.as_ref().filter(|_| random)?;
        let mut rows: HashMap<u32, usize> = HashMap::new();
        for row in self.data.labelled_rows() {
            *rows.entry(firm[row]).or_default() += 1;
        }
        let repeated = rows.values().filter(|&&n| n > 1).count();
        (repeated > 0).then(|| {
            format!(
                "{repeated} of {} enterprises have several labelled rows, and random folds put them on both sides: the \
                 figures hold for new rows of known enterprises. Choose grouped folds for enterprises never seen.",
                rows.len()
            )
        })
    }

    /// Everything the reader must know, from the file to the fits, each once.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.source.notices();
        let labelled = self.data.labelled_rows().len();
        let (bad, rate) = (self.data.n_bad(), self.data.n_bad() as f64 / labelled.max(1) as f64);
        if rate < 0.15 && self.spec.settings.cutoff == crate::training::Cutoff::Value(0.5) {
            warnings.push(format!(
                "Only {bad} of {labelled} labelled rows ({:.1} %) are bad: at a cut-off of 0.5 few of them are called \
                 bad, and recall is low for every model. Set the cut-off to bad_rate to call everyone bad who is \
                 riskier than the average.",
                100.0 * rate
            ));
        }
        warnings.extend(self.panel_warning());
        for warning in &self.comparison.warnings {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        warnings
    }
}

#[cfg(test)]
mod tests;
