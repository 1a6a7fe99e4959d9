//! The only place that writes to the terminal.

use std::io::{ErrorKind, Write as _, stderr, stdout};
use std::path::Path;

use super::CliError;
use crate::storage::write_atomic;

/// Writes text to standard output. A reader that has gone away is not an error.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::Usage(format!("the result cannot be written to standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// Writes a document to a file, or to standard output when the path is `-`.
pub(super) fn write_document(path: &Path, text: &str) -> Result<(), CliError> {
    if path == Path::new("-") {
        return print(text);
    }
    write_atomic(path, text.as_bytes())
        .map_err(|e| CliError::Usage(format!("{} cannot be written: {e}", path.display())))
}

/// One line for the person, beside the result.
pub(super) fn note(text: &str) {
    // Nobody is left to tell when standard error is closed.
    drop(writeln!(stderr(), "{text}"));
}

/// Why there is no result.
pub(super) fn error(text: &str) {
    note(&format!("beliefscope: {text}"));
}
