//! The only place that writes to the terminal.

use std::io::{ErrorKind, Write as _, stderr, stdout};
use std::path::Path;

use super::CliError;
use crate::storage::{can_write, write_atomic};

/// Writes text to standard output. A reader that has gone away is not an error.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    print_bytes(text.as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Result<(), CliError> {
    match stdout().write_all(bytes).and_then(|()| stdout().flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::Usage(format!("the result cannot be written to standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// Writes a document to a file, or to standard output when the path is `-`.
pub(super) fn write_document(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    if path == Path::new("-") {
        return print_bytes(bytes);
    }
    write_atomic(path, bytes).map_err(|error| cannot_write(path, &error))
}

/// Finds out whether a document could be written there, before the work that fills it.
pub(super) fn check_writable(path: &Path) -> Result<(), CliError> {
    if path == Path::new("-") {
        return Ok(());
    }
    can_write(path).map_err(|error| cannot_write(path, &error))
}

/// Refuses `-` for what is written as a file only.
pub(super) fn is_named(out: &Path) -> Result<(), CliError> {
    if out == Path::new("-") {
        return Err(CliError::Usage(
            "--out -: give the name of a file, this is not written to standard output".to_owned(),
        ));
    }
    Ok(())
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    // The kind alone: the rest of the text would name a temporary file.
    CliError::Usage(format!("{} cannot be written: {}", path.display(), error.kind()))
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
