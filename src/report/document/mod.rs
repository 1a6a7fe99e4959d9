//! The model document: what a bank's model-risk function asks to be told of a model, in the order of the guidance (SR 11-7 of
//! the Federal Reserve, the EBA's guidelines on PD estimation), from what a run holds. What only a person can say stands as a
//! visible blank; a section without material says why and what to do.
//!
//! The document is built once as [`Document`]: its page, its tables and its figures are all taken from there.

mod changes;
mod cutoff;
mod data;
mod explanation;
mod limits;
mod method;
mod model;
mod monitoring;
mod purpose;
mod robustness;
mod settings;
mod stability;
mod validation;
mod work;
mod workspace;

pub use self::cutoff::{cutoff_table, grades_table};
pub use self::data::{columns_table, findings_table, missing_table, splits_table};
pub use self::robustness::study_table;
pub use self::stability::drift_table;
pub use self::validation::{calibration_table, disagreements_table, models_table, tests_table};
pub use self::work::{MODELS_STANDING, TrainedModel, Work, work_document};
pub use self::workspace::{WorkspaceDocumentError, model_told, workspace_document};
use super::math::Math;
use super::{Compared, Picture, ReportTable};
use crate::explanation::{Dependence, Importance};
use crate::scoring::RiskModel;
use crate::storage::Override;
use crate::training::{ModelKind, RunSettings, Standing, Study};

/// All that a document is made from. What is not known is left out.
#[derive(Clone, Copy, Default)]
pub struct ModelDocument<'a> {
    /// When it is written: RFC 3339.
    pub written: &'a str,
    /// The model that is to be used; without it the document is about the models compared.
    pub model: Option<&'a RiskModel>,
    /// The comparison that the model comes from.
    pub compared: Option<&'a Compared<'a>>,
    /// The command line that does the same again.
    pub command: Option<&'a str>,
    /// How the probabilities of models of the comparison stand: grades, calibration, stability.
    pub standing: &'a [Standing],
    /// Studies of the compared models.
    pub studies: &'a [&'a Study],
    /// What each indicator is worth to the model.
    pub importance: Option<&'a Importance>,
    /// How the model's PD goes with some of the indicators, those most looked at first.
    pub dependence: &'a [Dependence],
    /// Decisions of a person against the model.
    pub overrides: &'a [Override],
}

impl ModelDocument<'_> {
    /// The settings of the run.
    fn settings(&self) -> Option<&RunSettings> {
        let of_model = self.model.map(|model| &model.record.settings);
        of_model.or_else(|| self.compared.map(|compared| &compared.spec.settings))
    }

    /// The kind of the model that is to be used: the one given, or the first of those compared.
    fn kind(&self) -> Option<ModelKind> {
        let compared = || Some(self.compared?.comparison.models.first()?.kind);
        self.model.map(|model| model.kind).or_else(compared)
    }
}

/// The document as one self-contained HTML page: figures inside as SVG, no script, no other file.
pub fn model_document(of: &ModelDocument<'_>) -> String {
    Document::new(of).html()
}

/// A document with all its texts, tables and figures.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it is about: the name of the table or model.
    pub(super) subject: String,
    pub(super) written: String,
    /// Before the first section: the verdict, and what the reader must know.
    pub(super) front: Vec<Block>,
    /// In their order; numbered from 1.
    pub(super) sections: Vec<Section>,
}

/// A section.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) blocks: Vec<Block>,
}

/// A piece of a document.
#[derive(Clone, Debug)]
pub(super) enum Block {
    Subheading(String),
    Paragraph(String),
    /// A remark below a table or a figure.
    Remark(String),
    List(Vec<String>),
    /// What the reader must know before believing a figure.
    Warnings(Vec<String>),
    /// The answer, as loud whoever wins.
    Verdict {
        headline: String,
        detail: String,
    },
    /// What is what.
    Facts(ReportTable),
    Table(ReportTable),
    /// A table too long to be read: the page names its file.
    FileOnly(ReportTable),
    Pictures(Vec<Picture>),
    /// An equation with its number or name.
    Equation(&'static str, Math),
    /// Text in which every letter counts.
    Verbatim(String),
    /// What a person must write, with so many dotted lines.
    Blank(String, usize),
    /// Why there is nothing here, and what to do.
    Missing(String),
}

impl Block {
    fn as_table(&self) -> Option<&ReportTable> {
        match self {
            Self::Table(table) | Self::Facts(table) | Self::FileOnly(table) => Some(table),
            _ => None,
        }
    }

    fn as_pictures(&self) -> &[Picture] {
        match self {
            Self::Pictures(pictures) => pictures,
            _ => &[],
        }
    }

    pub(super) fn paragraph(text: impl Into<String>) -> Self {
        Self::Paragraph(text.into())
    }

    pub(super) fn blank(what: &str, lines: usize) -> Self {
        Self::Blank(what.to_owned(), lines)
    }

    pub(super) fn missing(why: impl Into<String>) -> Self {
        Self::Missing(why.into())
    }
}

impl Document {
    /// Builds the document.
    pub fn new(of: &ModelDocument<'_>) -> Self {
        let section = |title, blocks| Section { title, blocks };
        Self {
            subject: purpose::subject(of),
            written: of.written.to_owned(),
            front: purpose::front(of),
            sections: vec![
                section("Purpose and scope", purpose::section(of)),
                section("Data and exclusions", data::section(of)),
                section("Data quality", data::quality(of)),
                section("Method", method::section(of)),
                section("Settings and seed", settings::section(of)),
                section("Validation", validation::section(of)),
                section("Comparison and verdict", validation::verdict(of)),
                section("Cut-off and grades", cutoff::section(of)),
                section("Stability", stability::section(of)),
                section("Robustness", robustness::section(of)),
                section("Explanation", explanation::section(of)),
                section("Limits", limits::section(of)),
                section("Monitoring plan", monitoring::section(of)),
                section("Change log", changes::section(of)),
                section("Overrides", changes::overrides(of)),
            ],
        }
    }

    /// Every table, in order. Names are unique.
    pub fn tables(&self) -> Vec<&ReportTable> {
        self.blocks().filter_map(Block::as_table).collect()
    }

    /// Every figure, in order. Names are unique.
    pub fn pictures(&self) -> Vec<&Picture> {
        self.blocks().flat_map(Block::as_pictures).collect()
    }

    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.front.iter().chain(self.sections.iter().flat_map(|section| &section.blocks))
    }
}

#[cfg(test)]
mod tests;
