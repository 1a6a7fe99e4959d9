//! Picks the command line or the window.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = beliefscope::cli::Arguments::parse();
    match arguments.command {
        Some(command) => beliefscope::cli::run(command),
        None => ExitCode::FAILURE,
    }
}
