//! Whether other rows look like those that a model was made from: its probabilities, and every indicator.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::HeldOut;
use super::all_rows::probabilities;
use crate::data::{DataError, Dataset, Indicator, LatestPeriod, SplitError, Values, latest_period, splits};
use crate::evaluation::{Drift, indicator_drift, number_drift};
use crate::model::StopReason;
use crate::training::{ModelResult, RunSpec, TrainingError};

/// Which rows are held against which.
#[derive(Clone, Debug)]
pub enum Against {
    /// The training rows of the first split against its test rows: whether the split is fair. Training rows have the
    /// probabilities of fits that had not seen them.
    Test,
    /// All earlier periods against the latest, with or without a label. Probabilities are those of rows held out in the
    /// first repeat.
    LatestPeriod,
    /// All rows of the table against all rows of a second one, of this file name. The second table needs no label; its columns
    /// are found by name, see [`Dataset::rows_of`]. Its probabilities are those of one more fit, on all rows of the first
    /// table; on the other side are those of rows held out in the first repeat.
    File(Arc<Dataset>, String),
}

/// How two samples of rows differ.
#[derive(Clone, Debug, PartialEq)]
pub struct StabilityReport {
    /// What the reference is, as in "training rows of the first split".
    pub reference: String,
    /// What is held against it, as in "2020".
    pub other: String,
    /// Rows of either.
    pub n: [usize; 2],
    /// Drift of the model's probabilities; `None` when rows of one side have none.
    pub scores: Option<Drift>,
    /// Drift of each indicator by its name, the largest first; `None` where it holds numbers on the one side and texts on the
    /// other.
    pub indicators: Vec<(String, Option<Drift>)>,
    /// What the reader must know, one sentence each.
    pub notes: Vec<String>,
}

/// Why there is no report.
pub(super) enum Failure {
    /// Stopped on demand.
    Stopped,
    /// The rows to be compared do not exist: a sentence.
    Undefined(String),
    /// Rows could not be split or prepared, or learned from.
    Training(TrainingError),
}

impl<E: Into<TrainingError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Training(error.into())
    }
}

/// Two samples of rows.
struct Samples<'a> {
    names: [String; 2],
    /// Rows of the table, and of `other`.
    rows: [Vec<usize>; 2],
    /// The table of the second sample.
    other: &'a Dataset,
    /// Probabilities of such rows as have one.
    pds: [Vec<f64>; 2],
    notes: Vec<String>,
}

pub(super) fn report(
    data: &Dataset,
    spec: &RunSpec,
    model: &ModelResult,
    against: &Against,
    stop: &AtomicBool,
) -> Result<StabilityReport, Failure> {
    let samples = match against {
        Against::Test => test_rows(data, spec, model)?,
        Against::LatestPeriod => periods(data, model)?,
        Against::File(other, name) => second_table(data, spec, model, (other, name), stop)?,
    };
    let Samples { names, rows, other, pds, mut notes } = samples;
    let scores = number_drift(&pds[0], &pds[1]);
    if [0, 1].iter().any(|&side| pds[side].len() != rows[side].len()) {
        let of = |side: usize| format!("{} of {} ({})", pds[side].len(), rows[side].len(), names[side]);
        notes.push(format!("Not every row has a probability by a fit that has not seen it: {} and {}.", of(0), of(1)));
    }
    let mut indicators = Vec::with_capacity(data.indicators.len());
    for indicator in &data.indicators {
        if stop.load(Ordering::Relaxed) {
            return Err(Failure::Stopped);
        }
        let drift = same_name(other, indicator)
            .and_then(|others| indicator_drift((&indicator.values, &rows[0]), (&others.values, &rows[1])));
        indicators.push((indicator.name.clone(), drift));
    }
    let psi = |drift: &Option<Drift>| drift.as_ref().map_or(-1.0, |drift| drift.psi);
    indicators.sort_by(|a, b| psi(&b.1).total_cmp(&psi(&a.1)));
    let [reference, other] = names;
    Ok(StabilityReport { reference, other, n: rows.map(|rows| rows.len()), scores, indicators, notes })
}

fn test_rows<'a>(data: &'a Dataset, spec: &RunSpec, model: &ModelResult) -> Result<Samples<'a>, Failure> {
    let unfinished = || Failure::Undefined("No fold of this model is finished yet.".to_owned());
    let fold = model.folds.first().ok_or_else(unfinished)?;
    let splits = splits(data, &spec.settings.validation, spec.settings.seed)?;
    let place = splits.iter().position(|split| (split.repeat, split.fold) == (fold.fit.repeat, fold.fit.fold));
    let place = place.ok_or_else(unfinished)?;
    let which = if place == 0 { "the first split".to_owned() } else { format!("split {}", place + 1) };
    let answers = &fold.scored.answers;
    let validation = answers.validation.as_ref().map(|rows| rows.pds().collect()).unwrap_or_default();
    Ok(Samples {
        names: [format!("training rows of {which}"), format!("test rows of {which}")],
        rows: [splits[place].train.clone(), fold.fit.test_rows.to_vec()],
        other: data,
        pds: [validation, answers.pd.clone()],
        notes: Vec::new(),
    })
}

fn periods<'a>(data: &'a Dataset, model: &ModelResult) -> Result<Samples<'a>, Failure> {
    let LatestPeriod { earlier, latest, before: [first, last], name, undated } =
        latest_period(data).map_err(|error| {
            Failure::Undefined(match error {
                SplitError::NoPeriods => "No column is the period: choose one, or other rows to compare.".to_owned(),
                other => sentence(&other.to_string()),
            })
        })?;
    let HeldOut { rows, pd, .. } = HeldOut::of(model);
    let mut of_row = vec![None; data.n_rows()];
    for (row, pd) in rows.into_iter().zip(pd) {
        of_row[row] = Some(pd);
    }
    let pds = [&earlier, &latest].map(|rows| rows.iter().filter_map(|&row| of_row[row]).collect());
    let mut notes = Vec::new();
    if undated > 0 {
        notes.push(format!("{undated} rows have no period and are on neither side."));
    }
    let before = if first == last { last } else { format!("{last} and before") };
    Ok(Samples { names: [before, name], rows: [earlier, latest], other: data, pds, notes })
}

fn second_table<'a>(
    data: &Dataset,
    spec: &RunSpec,
    model: &ModelResult,
    (other, name): (&'a Dataset, &str),
    stop: &AtomicBool,
) -> Result<Samples<'a>, Failure> {
    let lacking = data.indicators.iter().filter(|indicator| same_name(other, indicator).is_none());
    let names: Vec<String> = lacking.map(|indicator| indicator.name.clone()).collect();
    if !names.is_empty() {
        return Err(Failure::Undefined(sentence(&DataError::IndicatorsLacking { names }.to_string())));
    }
    let mut notes: Vec<String> = data.indicators.iter().filter_map(|indicator| unlike(indicator, other)).collect();
    let (pd, reason) = probabilities(data, spec, model.kind, other, stop)?;
    if let StopReason::Diverged { .. } | StopReason::Limit | StopReason::Stalled = reason {
        notes.push(format!("{}, learned from all rows: {reason}.", model.kind.title()));
    }
    Ok(Samples {
        names: ["rows of this table".to_owned(), name.to_owned()],
        rows: [data, other].map(|table| (0..table.n_rows()).collect()),
        other,
        pds: [HeldOut::of(model).pd, pd],
        notes,
    })
}

fn same_name<'a>(data: &'a Dataset, indicator: &Indicator) -> Option<&'a Indicator> {
    data.indicators.iter().find(|other| other.name == indicator.name)
}

/// What a model cannot make sense of in the same column of another table: texts for numbers, and levels never seen.
pub(super) fn unlike(indicator: &Indicator, other: &Dataset) -> Option<String> {
    /// More would not be read.
    const SHOWN: usize = 5;
    let name = &indicator.name;
    let (levels, (codes, others)) = match (&indicator.values, &same_name(other, indicator)?.values) {
        (Values::Numeric(_), Values::Numeric(_)) => return None,
        (Values::Category { levels, .. }, Values::Category { codes, levels: others }) => (levels, (codes, others)),
        _ => {
            return Some(format!(
                "\"{name}\" holds numbers in the one table and texts in the other: for the models it is missing there."
            ));
        }
    };
    let known: HashSet<&str> = levels.iter().map(String::as_str).collect();
    let is_new: Vec<bool> = others.iter().map(|level| !known.contains(&level[..])).collect();
    let rows = codes.iter().flatten().filter(|&&code| is_new[code as usize]).count();
    let new: Vec<String> =
        others.iter().zip(&is_new).filter(|(_, is_new)| **is_new).map(|(level, _)| format!("\"{level}\"")).collect();
    let more = if new.len() > SHOWN { format!(" and {} more", new.len() - SHOWN) } else { String::new() };
    let shown = new.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    (rows > 0)
        .then(|| format!("\"{name}\" is {shown}{more} in {rows} rows: levels that the first table does not have."))
}

/// The text of an error as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).chain(['.']).collect())
}
