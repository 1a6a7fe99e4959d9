//! The command line over the same engine and settings as the window.

mod arguments;
mod compare;
mod export;
mod output;
mod progress;
mod reading;
mod report;
mod score;
mod train;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

pub use self::arguments::{Arguments, Command, CompareArguments, DescribeArguments};
pub use self::export::ExportArguments;
pub use self::reading::ReadingArguments;
pub use self::report::ReportArguments;
pub use self::score::ScoreArguments;
pub use self::train::{ReplayArguments, TrainArguments};
use crate::data::{SAMPLES, sample_csv};
use crate::report::{Description, describe_json, description_text};
use crate::training::TrainingError;

/// Why the command line ended without its result. Each kind has its exit code.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Wrong usage: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The data cannot be used: exit code 3.
    #[error("{0}")]
    Data(String),
    /// Training failed: exit code 4.
    #[error("{0}")]
    Training(String),
}

impl CliError {
    /// 2 wrong usage, 3 data unusable, 4 training failed.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Data(_) => 3,
            Self::Training(_) => 4,
        }
    }
}

/// Exit code after Ctrl-C; what was finished has been written.
const INTERRUPTED: u8 = 130;

/// Runs a command; the window is not one of them.
pub fn run(command: Command) -> ExitCode {
    let code = match command {
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Describe(arguments) => describe(&arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Replay(arguments) => train::run_replay(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Sample { name, out } => sample(name.as_deref(), out.as_deref()),
    };
    match code {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output::error(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Whether the data or the training is at fault.
fn training_error(error: &TrainingError) -> CliError {
    match error {
        TrainingError::Data(_) | TrainingError::Split(_) | TrainingError::Preparation(_) => {
            CliError::Data(error.to_string())
        }
        TrainingError::Model { .. } | TrainingError::Panic(_) => CliError::Training(error.to_string()),
    }
}

fn describe(arguments: &DescribeArguments) -> Result<u8, CliError> {
    let spec = arguments.spec()?;
    let source = arguments.table.open()?;
    let description = Description::new(&source, &spec);
    match &arguments.json {
        Some(path) => output::write_document(path, to_json(&describe_json(&description)).as_bytes())?,
        None => output::print(&description_text(&description))?,
    }
    Ok(0)
}

fn sample(name: Option<&str>, out: Option<&std::path::Path>) -> Result<u8, CliError> {
    // A file that is asked for without a name is that of the main sample.
    let Some(name) = name.or(out.map(|_| SAMPLES[0].name)) else {
        for sample in SAMPLES {
            output::print(&format!("{}  {}\n  {}\n", sample.name, sample.title, sample.description))?;
        }
        return Ok(0);
    };
    let names = || SAMPLES.iter().map(|s| s.name).collect::<Vec<_>>().join(", ");
    let csv = sample_csv(name)
        .ok_or_else(|| CliError::Usage(format!("there is no sample {name}; the samples are: {}", names())))?;
    output::write_document(out.unwrap_or(std::path::Path::new("-")), csv.as_bytes())?;
    Ok(0)
}

/// The time for a record: RFC 3339, UTC, to the second.
fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

/// Pretty JSON with a line end.
fn to_json(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
