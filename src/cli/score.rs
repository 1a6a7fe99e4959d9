//! `beliefscope score`: a table of any size scored by a kept model.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use indicatif::ProgressBar;
use ndarray::ArrayView2;

use super::output::{check_writable, is_named, note, print, write_document};
use super::progress::{TICKS, bar};
use super::train::open_model;
use super::{CliError, INTERRUPTED, ReadingArguments, to_json};
use crate::data::{OpenError, Progress, RowStream, Value, fingerprint_of_file};
use crate::explanation::{Explainer, ShapleySettings, reasons_of_firms};
use crate::report::{Scored, Warnings, scoring_json, scoring_text, warnings_csv};
use crate::scoring::{
    Columns, CsvSink, Earlier, EarlyWarning, FirmScore, Matching, Reasons, RiskModel, ScoringError, Sink, Summary,
    XlsxSink, score_rows,
};
use crate::storage::AtomicFile;
use crate::training::worker;

/// Answers of the model that reasons may take without being asked for: a few minutes.
const MOST_ANSWERS: f64 = 2.5e8;

/// What is said of reasons that are estimates.
const DRAWN: &str = "The reasons are estimated from orders of the indicators drawn by the model's seed, as there are too many for \
                     all: the columns \"…_error\" hold their standard errors in percentage points.";

/// Reasons for and against each firm.
const REASONS: usize = 5;

/// Arguments of `score`.
#[derive(Args, Clone, Debug, Default)]
pub struct ScoreArguments {
    /// The model file, as `train` writes it
    pub model: PathBuf,
    /// The table to score (delimited text, also packed with gzip, ARFF, xlsx, xls or ods); text may be of any size
    pub file: PathBuf,
    /// File to write the scored firms to: a workbook if its name ends in .xlsx, else CSV
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Column of the file for an indicator of the model, where their names differ; may be given several times
    #[arg(long, value_name = "INDICATOR=COLUMN")]
    pub map: Vec<String>,
    /// Score although indicators of the model are not in the file: they are missing in every firm
    #[arg(long)]
    pub allow_missing: bool,
    /// Column with the enterprise id; guessed when left out
    #[arg(long, value_name = "COLUMN")]
    pub id: Option<String>,
    /// Column with the period; guessed when left out
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,
    /// Column with the exposure at default, in money: never guessed
    #[arg(long, value_name = "COLUMN")]
    pub exposure: Option<String>,
    /// Column with the outcome, where it is known: the scoring is tested by it [default: that of the model's own table]
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// File of an earlier scoring, CSV or xlsx: enterprises whose grade has fallen by two or more since are listed
    #[arg(long, value_name = "FILE")]
    pub before: Option<PathBuf>,
    /// Write those enterprises to this CSV file
    #[arg(long, value_name = "FILE", requires = "before")]
    pub warnings: Option<PathBuf>,
    /// Write the summary as JSON to this file, - for standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Up to so many reasons for and against each firm, 0 to 5 [default: 5 where that takes minutes at most, else 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=5))]
    pub reasons: Option<u8>,
    /// Threads; never changes a result [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
    /// How the table is read
    #[command(flatten)]
    pub reading: ReadingArguments,
}

/// A sink that also looks for early warnings and moves a bar.
struct Watching<'a, S> {
    sink: S,
    warning: Option<EarlyWarning>,
    progress: &'a Progress,
    bar: &'a ProgressBar,
}

impl<S: Sink> Sink for Watching<'_, S> {
    type Work = S::Work;
    type Error = S::Error;

    fn wants_values(&self) -> bool {
        self.sink.wants_values()
    }

    fn work(&self, firms: &[FirmScore], values: &[Vec<Value>], inputs: ArrayView2<'_, f32>) -> S::Work {
        self.sink.work(firms, values, inputs)
    }

    fn take(&mut self, firms: Vec<FirmScore>, work: S::Work) -> Result<(), S::Error> {
        if let Some(warning) = &mut self.warning {
            for firm in &firms {
                warning.see(firm);
            }
        }
        self.bar.set_position((self.progress.share() * TICKS) as u64);
        self.sink.take(firms, work)
    }
}

pub(super) fn run(arguments: &ScoreArguments) -> Result<u8, CliError> {
    if arguments.threads == Some(0) {
        return Err(CliError::Usage("--threads must be at least 1".to_owned()));
    }
    is_named(&arguments.out)?;
    for path in [&arguments.out].into_iter().chain(&arguments.warnings).chain(&arguments.json) {
        check_writable(path)?;
    }
    let model = open_model(&arguments.model)?;
    let earlier = arguments.before.as_deref().map(Earlier::open).transpose();
    let earlier = earlier.map_err(|error| CliError::Data(error.to_string()))?;
    let progress = Arc::new(Progress::new());
    let stop = Arc::clone(&progress);
    // Without a handler Ctrl-C simply ends the program, which is all that is lost.
    drop(ctrlc::set_handler(move || stop.cancel()));
    let threads = arguments.threads.unwrap_or_else(worker::default_threads);
    let bar = bar(arguments.quiet);
    bar.set_length(TICKS as u64);
    bar.set_message("Scoring");
    let scored = worker::within(threads, || score(arguments, &model, earlier, &progress, &bar));
    bar.finish_and_clear();
    let Some((mut summary, warning, notes)) = scored? else {
        note("beliefscope: interrupted; nothing was written");
        return Ok(INTERRUPTED);
    };
    if summary.back_test.is_some()
        && let Ok(sha256) = fingerprint_of_file(&arguments.file)
    {
        summary.set_files(&model, &sha256);
    }
    let fallen = warning.as_ref().map(EarlyWarning::warnings);
    let warnings = match (&arguments.before, &warning, &fallen) {
        (Some(against), Some(warning), Some(warnings)) => {
            Some(Warnings { against, compared: warning.n_compared(), warnings })
        }
        _ => None,
    };
    let scored = Scored { path: &arguments.file, model: &model, summary: &summary, warnings, notes: &notes };
    if let (Some(path), Some(fallen)) = (&arguments.warnings, &fallen) {
        let csv = warnings_csv(fallen).map_err(|e| CliError::Usage(format!("the warnings cannot be written: {e}")))?;
        write_document(path, &csv)?;
    }
    if let Some(path) = &arguments.json {
        write_document(path, to_json(&scoring_json(&scored)).as_bytes())?;
    }
    let on_stdout = [&arguments.json, &arguments.warnings].into_iter().flatten().any(|path| path == Path::new("-"));
    if !arguments.quiet && !on_stdout {
        print(&scoring_text(&scored))?;
    }
    Ok(0)
}

/// What came of a scoring and what there is to say of it.
type Outcome = (Summary, Option<EarlyWarning>, Vec<String>);

/// Scores the table into the file; `None` when it was interrupted.
fn score(
    arguments: &ScoreArguments,
    model: &RiskModel,
    earlier: Option<Earlier>,
    progress: &Progress,
    bar: &ProgressBar,
) -> Result<Option<Outcome>, CliError> {
    let mut rows = match RowStream::open(&arguments.file, &model.read_options(arguments.reading.options()?), progress) {
        Ok(rows) => rows,
        Err(OpenError::Cancelled { .. }) => return Ok(None),
        Err(error) => return Err(CliError::Data(error.to_string())),
    };
    let matching = matching(arguments, model, &rows)?;
    let mut notes: Vec<String> = matching.told_lacking().into_iter().collect();
    let (most, said) = how_many_reasons(arguments.reasons, model, &rows);
    notes.extend(said);
    let explainer = (most > 0).then(|| Explainer::new(model, ShapleySettings::of(model))).transpose();
    let explainer = explainer.map_err(|error| CliError::Data(error.to_string()))?;
    let why = explainer.as_ref().map(|explainer| reasons_of_firms(explainer, &matching, most));
    let why = why.as_ref().map(|why| why as &Reasons<'_>);

    let cannot_write =
        |error: io::Error| CliError::Usage(format!("{} cannot be written: {error}", arguments.out.display()));
    let warning = earlier.map(EarlyWarning::new);
    let drawn = explainer.as_ref().is_some_and(|explainer| !explainer.is_exact());
    if drawn {
        notes.push(DRAWN.to_owned());
    }
    let columns = Columns::new(model, &matching, most, drawn);
    let mut file = AtomicFile::create(&arguments.out).map_err(cannot_write)?;
    let failed = |error| match error {
        ScoringError::Open(OpenError::Cancelled { .. }) => Ok(None),
        ScoringError::Open(error) => Err(CliError::Data(error.to_string())),
        ScoringError::Write(error) => Err(cannot_write(error)),
    };
    let (summary, warning) = if is_workbook(&arguments.out) {
        let sink = XlsxSink::new(columns, why).map_err(cannot_write)?;
        let mut sink = Watching { sink, warning, progress, bar };
        let summary = match score_rows(model, &matching, &mut rows, &mut sink, progress) {
            Ok(summary) => summary,
            Err(error) => return failed(error),
        };
        sink.sink.finish(&mut file).map_err(cannot_write)?;
        (summary, sink.warning)
    } else {
        let sink = CsvSink::new(columns, why, &mut file).map_err(cannot_write)?;
        let mut sink = Watching { sink, warning, progress, bar };
        match score_rows(model, &matching, &mut rows, &mut sink, progress) {
            Ok(summary) => (summary, sink.warning),
            Err(error) => return failed(error),
        }
    };
    file.finish().map_err(cannot_write)?;
    notes.extend(rows.notes());
    notes.extend(rejected(&summary));
    Ok(Some((summary, warning, notes)))
}

/// Which column is which indicator, and that none is lacking unless that is allowed.
fn matching(arguments: &ScoreArguments, model: &RiskModel, rows: &RowStream) -> Result<Matching, CliError> {
    let mut matching = Matching::new(model, rows.names(), rows.roles());
    let usage = |error: &dyn std::fmt::Display| CliError::Usage(error.to_string());
    for pair in &arguments.map {
        // Names may hold equals signs: any of them may be the one between the two.
        let pairs = pair.match_indices('=').map(|(at, _)| (pair[..at].trim(), pair[at + 1..].trim()));
        let mut tried =
            pairs.map(|(indicator, column)| matching.clone().map(indicator, column).map(|()| (indicator, column)));
        let first = tried.next().ok_or_else(|| {
            CliError::Usage(format!("--map {pair}: give it as INDICATOR=COLUMN, as in \"debt ratio=DEBT_R\""))
        })?;
        let found = first.or_else(|error| tried.find_map(Result::ok).ok_or(error));
        let (indicator, column) = found.map_err(|error| CliError::Usage(format!("--map {pair}: {error}")))?;
        matching.map(indicator, column).map_err(|error| usage(&error))?;
    }
    let place = |name: &Option<String>, guessed: Option<usize>| match name {
        Some(name) => matching.column(name).map(Some).map_err(|error| usage(&error)),
        None => Ok(guessed),
    };
    let enterprise = place(&arguments.id, matching.enterprise)?;
    let period = place(&arguments.time, matching.period)?;
    let exposure = place(&arguments.exposure, matching.exposure)?;
    let label = place(&arguments.label, matching.label)?;
    (matching.enterprise, matching.period, matching.exposure, matching.label) = (enterprise, period, exposure, label);
    if let Some(lacking) = matching.told_lacking() {
        let none = matching.lacking().count() == matching.indicators().len();
        if none || !arguments.allow_missing {
            return Err(CliError::Data(format!(
                "{lacking} Say which column is which with --map \"INDICATOR=COLUMN\"{}",
                if none { "." } else { ", or score with them missing: --allow-missing." }
            )));
        }
    }
    if arguments.before.is_some() && (matching.enterprise.is_none() || model.grades.is_none()) {
        return Err(CliError::Usage(
            "--before needs a column of enterprise ids (name it with --id) and a model with grades".to_owned(),
        ));
    }
    Ok(matching)
}

/// Reasons for and against each firm, and what is to be said where nobody asked and there are none.
fn how_many_reasons(asked: Option<u8>, model: &RiskModel, rows: &RowStream) -> (usize, Option<String>) {
    if let Some(asked) = asked {
        return (usize::from(asked), None);
    }
    let settings = ShapleySettings::of(model);
    let players = model.indicator_inputs().len();
    let coalitions =
        if players <= settings.exact_up_to { (players as f64).exp2() } else { 2.0 * (settings.pairs * players) as f64 };
    let answers = coalitions * model.background.nrows() as f64 * rows.expected_rows().unwrap_or(u64::MAX) as f64;
    if answers <= MOST_ANSWERS && model.background.nrows() > 0 {
        (REASONS, None)
    } else {
        (
            0,
            Some(format!(
                "Reasons are left out, they would take long for so many rows: --reasons {REASONS} gives them."
            )),
        )
    }
}

/// The first lines that did not become rows.
fn rejected(summary: &Summary) -> Option<String> {
    let first = summary.first_rejected.first()?;
    let rows = if summary.rejected == 1 { "row was" } else { "rows were" };
    Some(format!(
        "{} {rows} rejected and not scored, the first on line {}: it {}.",
        summary.rejected, first.line, first.reason
    ))
}

fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
}
