//! `beliefscope export`: a model for other programs.

use std::path::PathBuf;

use clap::Args;

use super::CliError;
use super::output::{check_writable, print, write_document};
use super::train::open_model;
use crate::exchange::{InputKind, OnnxModel};
use crate::scoring::RiskModel;

/// Arguments of `export`.
#[derive(Args, Clone, Debug, Default)]
pub struct ExportArguments {
    /// The model file
    pub model: PathBuf,
    /// Write preparation, model and calibration as one ONNX graph to this file, - for standard output
    #[arg(long, value_name = "FILE")]
    pub onnx: PathBuf,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

pub(super) fn run(arguments: &ExportArguments) -> Result<u8, CliError> {
    check_writable(&arguments.onnx)?;
    let model = open_model(&arguments.model)?;
    // A setting of the model is in the way: another model has to be trained.
    let file = OnnxModel::new(&model).map_err(|error| CliError::Usage(error.to_string()))?;
    write_document(&arguments.onnx, &file.bytes)?;
    let to_a_file = arguments.onnx.as_os_str() != "-";
    if to_a_file && !arguments.quiet {
        print(&summary(&model, &file, arguments))?;
    }
    Ok(0)
}

/// What was written, and what a program that uses it has to give.
fn summary(model: &RiskModel, file: &OnnxModel, arguments: &ExportArguments) -> String {
    let named = |kind| {
        let names = file.inputs.iter().filter(|one| one.kind == kind).map(|one| one.input.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let size = file.bytes.len() as f64 / 1e6;
    let mut lines = vec![format!("{}, {size:.1} MB, written to {}", model.kind.title(), arguments.onnx.display())];
    for (kind, what) in
        [(InputKind::Number, "numbers (double, NaN where missing)"), (InputKind::Text, "texts (empty where missing)")]
    {
        let names = named(kind);
        if !names.is_empty() {
            lines.push(format!("{what}: {names}"));
        }
    }
    lines.push(if model.grades.is_some() { "outputs: pd, class, grade" } else { "outputs: pd, class" }.to_owned());
    lines.join("\n") + "\n"
}
