//! `beliefscope compare`: the main job without a window.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use indicatif::ProgressBar;

use super::output::{check_writable, note, print, write_document};
use super::progress::{TICKS, bar};
use super::{CliError, CompareArguments, INTERRUPTED, now, to_json, training_error};
use crate::report::{
    Compared, MODELS_STANDING, ModelDocument, compare_json, comparison_text, look, model_document, scores_csv,
    shell_words, studies_json, study_text,
};
use crate::training::{
    CellState, CompareEvent, RunSpec, StudyEvent, StudySpec, analyse, compare, stand_first, study, worker,
};

pub(super) fn run(arguments: &CompareArguments) -> Result<u8, CliError> {
    let spec = arguments.spec()?;
    let asked = arguments.studies()?;
    // Found out now, not after the work.
    for path in arguments.json.iter().chain(&arguments.scores).chain(&arguments.report) {
        check_writable(path)?;
    }
    let source = arguments.table.open()?;
    let data = source.dataset(&source.guess.roles).map_err(|e| CliError::Data(e.to_string()))?;
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    // Without a handler Ctrl-C simply ends the program, which is all that is lost.
    drop(ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)));
    let progress = Progress::new(&spec, arguments.quiet);
    let threads = arguments.threads.unwrap_or_else(worker::default_threads);
    let comparison = compare(&data, &spec, threads, &[], &|event| progress.take(&event), &stop);
    progress.bar.finish_and_clear();
    let comparison = comparison.map_err(|error| training_error(&error))?;
    let findings = look(&source, &source.guess.roles, &data, &spec);
    let analysis = analyse(&data, &spec, &comparison, threads, &stop).map_err(|error| training_error(&error))?;
    let compared = Compared {
        source: &source,
        roles: &source.guess.roles,
        data: &data,
        spec: &spec,
        comparison: &comparison,
        analysis: analysis.as_ref(),
        findings: &findings,
    };
    let document_on_stdout = [&arguments.json, &arguments.scores, &arguments.report]
        .into_iter()
        .flatten()
        .any(|path| path == Path::new("-"));
    let to_terminal = !arguments.quiet && !document_on_stdout;
    if to_terminal {
        print(&comparison_text(&compared))?;
    }
    let mut studies = Vec::new();
    for asked in &asked {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let bar = study_bar(asked, arguments.quiet);
        let found = study(&data, &spec, asked, threads, &|event| show(&bar, &event), &stop);
        bar.finish_and_clear();
        let found = found.map_err(|error| training_error(&error))?;
        if to_terminal {
            print(&study_text(&found))?;
        }
        studies.push(found);
    }
    if let Some(path) = &arguments.scores {
        let csv = scores_csv(&compared).map_err(|e| CliError::Usage(format!("the scores cannot be written: {e}")))?;
        write_document(path, &csv)?;
    }
    if let Some(path) = &arguments.json {
        let mut document = compare_json(&compared);
        if !asked.is_empty() {
            document["studies"] = studies_json(&studies);
        }
        write_document(path, to_json(&document).as_bytes())?;
    }
    if let Some(path) = &arguments.report {
        let words: Vec<String> = std::iter::once("beliefscope".to_owned())
            .chain(std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()))
            .collect();
        let standing =
            stand_first(&data, &spec, &comparison, MODELS_STANDING, &stop).map_err(|error| training_error(&error))?;
        let document = ModelDocument {
            written: &now(),
            compared: Some(&compared),
            command: Some(&shell_words(&words)),
            standing: &standing.unwrap_or_default(),
            studies: &studies.iter().collect::<Vec<_>>(),
            ..ModelDocument::default()
        };
        write_document(path, model_document(&document).as_bytes())?;
    }
    if comparison.stopped || stop.load(Ordering::Relaxed) {
        note("beliefscope: interrupted; what was finished is kept");
        return Ok(INTERRUPTED);
    }
    let failed = comparison.models.iter().find(|m| !m.folds.is_empty() && m.folds.iter().all(|f| f.fit.diverged()));
    if let Some(model) = failed {
        return Err(CliError::Training(format!(
            "the {} failed in every fold: see the notes above",
            model.kind.title()
        )));
    }
    Ok(0)
}

/// One bar over a study.
fn study_bar(asked: &StudySpec, quiet: bool) -> ProgressBar {
    let bar = bar(quiet);
    bar.set_length(TICKS as u64);
    bar.set_message(asked.kind().title());
    bar
}

fn show(bar: &ProgressBar, event: &StudyEvent) {
    if let StudyEvent::Moved(share) = event {
        bar.set_position((share * TICKS) as u64);
    }
}

/// One bar over all fits; on a terminal only.
struct Progress {
    bar: ProgressBar,
    /// Share done of each cell, by split and model.
    shares: Mutex<Vec<f64>>,
    models: usize,
}

impl Progress {
    fn new(spec: &RunSpec, quiet: bool) -> Self {
        Self { bar: bar(quiet), shares: Mutex::new(Vec::new()), models: spec.settings.models.len() }
    }

    fn take(&self, event: &CompareEvent<'_>) {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        match *event {
            CompareEvent::Planned { n_splits } => {
                *shares = vec![0.0; n_splits * self.models];
                self.bar.set_length((shares.len() as f64 * TICKS) as u64);
            }
            CompareEvent::Cell { model, split, state } => {
                shares[split * self.models + model] = match state {
                    CellState::Waiting => 0.0,
                    CellState::Running(share) => share,
                    CellState::Done => 1.0,
                };
                let done = shares.iter().filter(|&&s| s == 1.0).count();
                self.bar.set_position((shares.iter().sum::<f64>() * TICKS) as u64);
                self.bar.set_message(format!("{done} of {} fits", shares.len()));
            }
            CompareEvent::Finished(_) => {}
        }
    }
}
