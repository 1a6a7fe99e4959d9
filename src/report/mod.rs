//! Results as JSON, CSV, text, figures, tables and the model document. Names in JSON are stable: a change is a new schema
//! number.

mod analysis_json;
mod command;
mod compare_json;
mod describe_json;
mod description;
mod document;
mod escape;
mod figures;
mod html;
mod math;
mod models_csv;
mod png;
mod scores_csv;
mod scoring;
mod split_text;
mod study;
mod table;
mod text;
mod verdict_text;

pub use command::{Setting, all_settings, changed_settings, command_line, shell_words};
pub use compare_json::compare_json;
pub use describe_json::describe_json;
pub use description::{Description, look};
pub use document::{
    Document, MODELS_STANDING, ModelDocument, TrainedModel, Work, WorkspaceDocumentError, calibration_table,
    columns_table, cutoff_table, disagreements_table, drift_table, findings_table, grades_table, missing_table,
    model_document, model_told, models_table, splits_table, study_table, tests_table, work_document,
    workspace_document,
};
pub(crate) use escape::escaped;
pub use figures::{Figure, Picture, PlacedRow, Waterfall, WaterfallRow, WaterfallStep, figure_svg, points};
pub use models_csv::models_csv;
pub use png::{PngError, png};
pub use scores_csv::scores_csv;
pub use scoring::{Scored, Warnings, scoring_json, scoring_text, warnings_csv, warnings_table};
pub use study::{studies_json, study_text};
pub use table::{Cell, Column, ColumnKind, Light, ReportTable, workbook};
pub use text::{comparison_text, description_text};

/// Schema number of every JSON document of the program.
pub const SCHEMA: u32 = 1;

use crate::checks::Finding;
use crate::data::{Dataset, Roles, Source};
use crate::training::{Analysis, Comparison, RunSpec};

/// A comparison with all that it rests on.
pub struct Compared<'a> {
    /// The table.
    pub source: &'a Source,
    /// What its columns were to the run, which may be other than what was guessed of them.
    pub roles: &'a Roles,
    /// Its numbers.
    pub data: &'a Dataset,
    /// The settings.
    pub spec: &'a RunSpec,
    /// The outcome.
    pub comparison: &'a Comparison,
    /// What is worked out of it beside its means; `None` when that was interrupted.
    pub analysis: Option<&'a Analysis>,
    /// What is to be looked at in the table, see [`look`].
    pub findings: &'a [Finding],
}

impl Compared<'_> {
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
        if let Some(population) = self.spec.settings.calibration.population_bad_rate {
            warnings.push(format!(
                "Probabilities are meant for a population with {:.2} % bad; counts, rates, costs and every figure of \
                 calibration are those of the table, with {:.1} % bad.",
                100.0 * population,
                100.0 * rate
            ));
        }
        let grave = self.findings.iter().filter(|finding| finding.check.concerns_figures());
        warnings.extend(grave.map(|finding| finding.text.clone()));
        for warning in &self.comparison.warnings {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        warnings
    }
}

/// With a capital, as at the start of a line: "Logistic regression".
fn sentence_case(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
