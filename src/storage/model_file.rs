//! The model file (`.bscope-model`): a risk model, to be used on any computer.

use std::io;
use std::path::Path;

use super::StoredError;
use super::container::{self, FileKind};
use crate::scoring::RiskModel;

/// Format number of model files.
pub const MODEL_FORMAT: u32 = 1;

/// Writes a model to a file, whole or not at all.
///
/// # Errors
/// When the disk refuses, and when the model is none that could be read again.
pub fn save_model(path: &Path, model: &RiskModel) -> io::Result<()> {
    model.check().map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
    container::write(path, FileKind::Model, MODEL_FORMAT, model)
}

/// Reads a model from a file.
///
/// # Errors
/// When it cannot be read, is damaged, of a newer version or something else, or holds parts that do not go together.
pub fn load_model(path: &Path) -> Result<RiskModel, StoredError> {
    let (_, model): (_, RiskModel) = container::read(path, FileKind::Model, MODEL_FORMAT)?;
    model.check().map_err(|why| StoredError::content(path, why))?;
    Ok(model)
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
