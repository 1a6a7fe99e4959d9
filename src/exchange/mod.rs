//! Models for other programs: the whole way from an indicator's cell to the probability of the bad outcome, in the formats of
//! others.

mod onnx;

#[cfg(test)]
pub(crate) use self::onnx::pd_of_graph;
pub use onnx::{ExportError, InputKind, InputName, OnnxModel};
