//! Picks the command line or the window.

use std::io::Write as _;
use std::process::ExitCode;

use beliefscope::app::open_window;
use beliefscope::cli::{Arguments, Command, CompareArguments, run};
use clap::Parser as _;

fn main() -> ExitCode {
    let Arguments { files, command } = Arguments::parse();
    if let Some(command) = command {
        return run(command);
    }
    let Err(why) = open_window(files.clone()) else { return ExitCode::SUCCESS };
    // Nobody is left to tell when standard error is closed.
    drop(writeln!(std::io::stderr(), "beliefscope: no window can be opened: {why}. Comparing here instead."));
    let mut arguments = CompareArguments::default();
    arguments.table.files = files;
    run(Command::Compare(Box::new(arguments)))
}
