//! A risk model as one ONNX graph: preparation, model, calibration and the shift to the population's bad rate, by standard
//! operators of the default domain alone ([`OPSET`]), so that any ONNX runtime scores as the program does.
//!
//! Inputs are columns `(rows, 1)`, one for each indicator that the model uses, under the indicator's own name; outputs are
//! `pd` (double), `class` (1 where the PD reaches the threshold, else 0) and, where the model has grades, `grade`. What else is
//! to be known of the model stands in the metadata.

mod graph;
mod messages;
mod models;
mod preparation;
mod probability;
mod search;

use prost::Message as _;
use serde_json::json;
use thiserror::Error;

use crate::evaluation::shift_base_rate;
use crate::scoring::RiskModel;
use graph::{Graph, OUTPUTS};
use messages::data_type::{DOUBLE, INT64, STRING};
use messages::{ModelProto, OperatorSetIdProto, StringStringEntryProto};
pub use preparation::{InputKind, InputName};

/// Version of the operators that the graph is written in: the first whose `Equal` compares texts.
const OPSET: i64 = 19;
/// Version of the file format that belongs to it.
const IR_VERSION: i64 = 9;
/// Format number of what the metadata say.
const METADATA_FORMAT: u32 = 1;
/// Bytes that a file may have: the limit of protocol buffers.
const MOST_BYTES: usize = (1 << 31) - 1;

/// Why a model cannot be exported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExportError {
    /// Missing cells are filled from training rows.
    #[error(
        "the model fills missing cells from the nearest training rows, which an ONNX graph cannot do; train it with \
         preparation.missing.fill=median (or mean, or most_frequent) to export it"
    )]
    Neighbours,
    /// Missing cells are filled by sampling.
    #[error(
        "the model fills missing cells by sampling a restricted Boltzmann machine, which an ONNX graph cannot do; train it \
         with preparation.missing.fill=median (or mean, or most_frequent) to export it"
    )]
    Sampling,
    /// The file would be too large.
    #[error(
        "the ONNX file would have {bytes} bytes, and it cannot have more than {MOST_BYTES}; ranks keep every training value: \
         train with another preparation.scale.method, such as robust, to export it"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

/// A model as an ONNX file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnnxModel {
    /// The file.
    pub bytes: Vec<u8>,
    /// The named inputs, in the order of the indicators.
    pub inputs: Vec<InputName>,
}

impl OnnxModel {
    /// The graph of `model`.
    ///
    /// # Errors
    /// When missing cells are filled in a way that a graph has no words for, and when the file would be too large.
    pub fn new(model: &RiskModel) -> Result<Self, ExportError> {
        if model.filling.is_some() {
            return Err(ExportError::Sampling);
        }
        let mut graph = Graph::default();
        let rows = preparation::prepared(&mut graph, &model.preparation)?;
        let score = models::score(&mut graph, &rows, &model.fitted.answers);
        let mut pd = probability::probability(&mut graph, score, &model.fitted);
        let moves = |to: &f64| shift_base_rate(0.5, model.bad_rate, *to).is_some();
        if let Some(to) = model.population_bad_rate.filter(moves) {
            pd = probability::shifted(&mut graph, pd, model.bad_rate, to);
        }
        let class = probability::class(&mut graph, pd, model.threshold);
        let [pd_name, class_name, grade_name] = OUTPUTS;
        graph.output(pd_name, pd, DOUBLE, "probability of the bad outcome");
        graph.output(class_name, class, INT64, "1 where the PD reaches the threshold, else 0");
        if let Some(scale) = &model.grades {
            let grade = probability::grade(&mut graph, pd, scale);
            graph.output(grade_name, grade, STRING, "grade of the PD, A the best");
        }
        let file = ModelProto {
            ir_version: IR_VERSION,
            producer_name: "beliefscope".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            doc_string: format!("{} for {}", model.kind.title(), model.record.data.label),
            graph: Some(graph.finished("beliefscope")),
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
            metadata_props: metadata(model, &rows.names),
        };
        let bytes = file.encoded_len();
        if bytes > MOST_BYTES {
            return Err(ExportError::TooLarge { bytes });
        }
        Ok(Self { bytes: file.encode_to_vec(), inputs: rows.names })
    }
}

/// What there is to know of the model beside its graph; lists and missing numbers as JSON.
fn metadata(model: &RiskModel, inputs: &[InputName]) -> Vec<StringStringEntryProto> {
    let record = &model.record;
    let bounds = model.grades.as_ref().map(|scale| scale.bounds().to_vec());
    let entries = [
        ("format", METADATA_FORMAT.to_string()),
        ("program", format!("beliefscope {}", record.program)),
        ("made", record.made.clone()),
        ("model", model.kind.key().to_owned()),
        ("inputs", json!(inputs).to_string()),
        ("label", record.data.label.clone()),
        ("bad_value", record.data.bad_value.clone()),
        ("threshold", model.threshold.to_string()),
        ("grade_bounds", json!(bounds).to_string()),
        ("bad_rate", model.bad_rate.to_string()),
        ("population_bad_rate", json!(model.population_bad_rate).to_string()),
        ("data_files", json!(record.data.files).to_string()),
        ("data_sha256", record.data.sha256.clone()),
        ("seed", record.settings.seed.to_string()),
    ];
    entries.map(|(key, value)| StringStringEntryProto { key: format!("beliefscope.{key}"), value }).into()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use self::tests::pd_of_graph;
