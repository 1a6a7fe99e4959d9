//! `beliefscope train` and `beliefscope replay`: a model made, kept, and made again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use indicatif::ProgressBar;

use super::arguments::{SettingArguments, TableArguments, checked, model};
use super::output::{check_writable, is_named, note, print, write_document};
use super::progress::{TICKS, bar};
use super::{CliError, INTERRUPTED, now, to_json};
use crate::data::{Progress, RoleRequest, Source};
use crate::model::{Learner, Point, StopReason};
use crate::scoring::{DataRecord, Making, ReadAs, Replay, ReplayError, RiskModel, replay};
use crate::storage::{load_model, save_model};
use crate::training::{Control, LiveChanges, RunSpec, TrainingError, train, train_split, worker};

/// Arguments of `train`.
#[derive(Args, Clone, Debug, Default)]
pub struct TrainArguments {
    /// The table and its roles
    #[command(flatten)]
    pub table: TableArguments,
    /// Which rows are held out, and every other setting
    #[command(flatten)]
    pub settings: SettingArguments,
    /// The model: dbn, svm, mlp (the DBN's net without pre-training), logistic, gbt (gradient-boosted trees), majority
    #[arg(long, value_name = "MODEL", default_value = "dbn")]
    pub model: String,
    /// File to write the model to, as in firms.bscope-model
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Threads; never changes a result [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// Arguments of `replay`.
#[derive(Args, Clone, Debug, Default)]
pub struct ReplayArguments {
    /// The model file
    pub model: PathBuf,
    /// The table that it learned from; the bundled sample when left out
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write the result as JSON to this file, - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// Ctrl-C ends the fit with the model so far.
struct Watched<'a> {
    bar: &'a ProgressBar,
    stop: &'a AtomicBool,
}

impl Control for Watched<'_> {
    fn go_on(&mut self, learner: &mut dyn Learner, _: bool) -> bool {
        self.bar.set_position((learner.progress().fraction * TICKS) as u64);
        !self.stop.load(Ordering::Relaxed)
    }

    fn point(&mut self, _: Point) {}
}

/// A flag that Ctrl-C sets.
fn stop_flag() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    // Without a handler Ctrl-C simply ends the program, which is all that is lost.
    drop(ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)));
    stop
}

pub(super) fn run(arguments: &TrainArguments) -> Result<u8, CliError> {
    let spec = checked(&arguments.settings.settings(&arguments.table)?)?;
    let kind = model(&arguments.model)?;
    if arguments.threads == Some(0) {
        return Err(CliError::Usage("--threads must be at least 1".to_owned()));
    }
    is_named(&arguments.out)?;
    check_writable(&arguments.out)?;
    let source = arguments.table.open()?;
    let data = source.dataset(&source.guess.roles).map_err(|e| CliError::Data(e.to_string()))?;
    let stop = stop_flag();
    let bar = bar(arguments.quiet);
    bar.set_length(TICKS as u64);
    bar.set_message(kind.title());
    let made = worker::within(arguments.threads.unwrap_or_else(worker::default_threads), || {
        let fold = train_split(&data, &spec)?;
        let mut control = Watched { bar: &bar, stop: &stop };
        let (done, classifier) = train(&fold, &spec, kind, &LiveChanges::default(), &mut control)?;
        let read_as = ReadAs {
            options: arguments.table.reading.options().unwrap_or_default(),
            combination: arguments.table.combination(),
            roles: source.guess.roles.clone(),
        };
        let model = RiskModel::new(Making {
            fold: &fold,
            data: &data,
            record: DataRecord::new(&source, &data, read_as),
            spec: &spec,
            classifier: classifier.as_ref(),
            done: &done,
            made: now(),
        });
        Ok::<_, TrainingError>(model)
    });
    bar.finish_and_clear();
    let model = made.map_err(|error| super::training_error(&error))?;
    let model = model.map_err(|error| CliError::Training(error.to_string()))?;
    if let StopReason::Diverged { .. } = model.record.stop_reason {
        return Err(CliError::Training(format!("the {} failed: {}", kind.title(), model.record.stop_reason)));
    }
    save_model(&arguments.out, &model)
        .map_err(|error| CliError::Usage(format!("{} cannot be written: {error}", arguments.out.display())))?;
    if !arguments.quiet {
        print(&summary(&model, &spec, &arguments.out))?;
    }
    if stop.load(Ordering::Relaxed) {
        note("beliefscope: interrupted; the model so far is kept");
        return Ok(INTERRUPTED);
    }
    Ok(0)
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.3}"))
}

fn summary(model: &RiskModel, spec: &RunSpec, out: &Path) -> String {
    let RiskModel { kind, threshold, record, .. } = model;
    let metrics = &record.metrics;
    let mut text = format!(
        "{} of {} ({} labelled rows, {} bad), seed {}\n{} held-out rows, {} bad: accuracy {}, recall of the bad {}, AUC {}\n\
         called bad from a PD of {threshold:.4}\n",
        kind.title(),
        record.data.files.join(" + "),
        record.data.labelled,
        record.data.bad,
        spec.settings.seed,
        record.held_out,
        record.held_out_bad,
        figure(metrics.accuracy),
        figure(metrics.recall),
        figure(metrics.auc),
    );
    if record.data.synthetic {
        text.push_str("the table is synthetic: the program generated it\n");
    }
    for notice in &record.notices {
        text.push_str(notice);
        text.push('\n');
    }
    text + &format!("written to {}\n", out.display())
}

/// Opens a model file.
pub(super) fn open_model(path: &Path) -> Result<RiskModel, CliError> {
    load_model(path).map_err(|error| CliError::Data(error.to_string()))
}

pub(super) fn run_replay(arguments: &ReplayArguments) -> Result<u8, CliError> {
    if let Some(path) = &arguments.json {
        check_writable(path)?;
    }
    let model = open_model(&arguments.model)?;
    let read_as = &model.record.data.read_as;
    let roles = RoleRequest::default();
    let opened = if arguments.files.is_empty() {
        Source::sample(&roles)
    } else {
        Source::open_many(&arguments.files, &read_as.combination, &roles, &read_as.options, &Progress::new())
    };
    let source = opened.map_err(|error| CliError::Data(error.to_string()))?;
    let stop = stop_flag();
    let bar = bar(arguments.quiet);
    bar.set_length(TICKS as u64);
    bar.set_message(model.kind.title());
    let mut control = Watched { bar: &bar, stop: &stop };
    let replayed = worker::within(worker::default_threads(), || replay(&model, &source, &mut control));
    bar.finish_and_clear();
    let replayed = replayed.map_err(|error| match error {
        ReplayError::Training(error) => super::training_error(&error),
        ReplayError::OtherTable { .. } => CliError::Data(error.to_string()),
        ReplayError::Settings(_) | ReplayError::Model(_) => CliError::Training(error.to_string()),
    })?;
    if let Some(path) = &arguments.json {
        let figures: serde_json::Map<String, serde_json::Value> = replayed
            .metrics
            .iter()
            .map(|(name, then, now)| (name.clone(), serde_json::json!({ "then": then, "now": now })))
            .collect();
        let same = replayed.outcome == Replay::SameBits;
        let document = serde_json::json!({ "schema": 1, "same": same, "metrics": figures });
        write_document(path, to_json(&document).as_bytes())?;
    }
    if !arguments.quiet && arguments.json.as_deref() != Some(Path::new("-")) {
        let mut text = format!("{:<20} {:>12} {:>12}\n", "held-out rows", "then", "now");
        text.extend(replayed.metrics.iter().map(|(name, then, now)| {
            format!("{:<20} {:>12} {:>12}\n", name.replace('_', " "), figure(*then), figure(*now))
        }));
        text.push_str(replayed.outcome.in_words(&replayed.program).as_str());
        text.push('\n');
        print(&text)?;
    }
    match replayed.outcome {
        Replay::SameBits => Ok(0),
        Replay::Unfinished => Ok(INTERRUPTED),
        Replay::Different => Err(CliError::Training("the run does not give the same model again".to_owned())),
    }
}
