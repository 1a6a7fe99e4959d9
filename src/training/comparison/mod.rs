//! The comparison: every model on every fold, each fitted inside the fold's training rows, on any number of threads with
//! the same result.

mod cell;
mod curves;
mod outcome;
mod stored;
mod summary;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use self::cell::Shared;
pub(super) use self::cell::Watch;
pub use self::cell::{Fit, FoldResult};
pub use self::curves::{Curve, FoldCurves};
pub use self::outcome::{Outcome, Rows};
use super::{Cutoff, ModelKind, MoneySettings, RunSpec, TrainingError, worker};
use crate::data::{Dataset, splits};
use crate::evaluation::{self, Confusion, CurvePoint, Metric, Summary, Verdict};

/// One model on all folds.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelResult {
    /// Which model.
    pub kind: ModelKind,
    /// Its folds in order; those that were finished.
    pub folds: Vec<FoldResult>,
    /// The means of [`Curve::ALL`] over the folds.
    curves: Vec<Vec<CurvePoint>>,
}

impl ModelResult {
    fn new(kind: ModelKind, folds: Vec<FoldResult>) -> Self {
        let mean = |curve| curves::mean(folds.iter().map(|fold| &fold.fit.curves), curve);
        Self { kind, curves: Curve::ALL.map(mean).to_vec(), folds }
    }

    /// Mean and standard deviation of a metric over the folds.
    pub fn summary(&self, metric: Metric) -> Summary {
        Summary::of(self.folds.iter().map(|f| metric.get(&f.scored.metrics)))
    }

    /// The mean curve over the folds; empty when undefined.
    pub fn curve(&self, curve: Curve) -> &[CurvePoint] {
        &self.curves[curve as usize]
    }

    /// Rows called bad and good over all folds (and repeats) together.
    pub fn confusion(&self) -> Confusion {
        let counts = self.folds.iter().filter_map(|f| f.scored.confusion);
        counts.fold(Confusion::default(), Confusion::plus)
    }

    /// Mean and standard deviation of the fit times, in seconds.
    pub fn fit_seconds(&self) -> Summary {
        Summary::of(self.folds.iter().map(|f| Some(f.fit.fit_seconds)))
    }

    /// Mean and standard deviation of the times of scoring a test part, in seconds.
    pub fn score_seconds(&self) -> Summary {
        Summary::of(self.folds.iter().map(|f| Some(f.fit.score_seconds)))
    }

    /// The smallest and the largest threshold over the folds; `None` without any.
    pub fn thresholds(&self) -> Option<[f64; 2]> {
        let all = self.folds.iter().filter_map(|f| f.scored.metrics.threshold);
        all.fold(None, |range: Option<[f64; 2]>, t| Some(range.map_or([t, t], |[low, high]| [low.min(t), high.max(t)])))
    }
}

/// A finished or stopped comparison, or one that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "stored::Stored", try_from = "stored::Stored")]
pub struct Comparison {
    /// In the order of the settings.
    pub models: Vec<ModelResult>,
    /// Folds × repeats planned.
    pub n_splits: usize,
    /// The first model against each other on the metric of the verdict.
    pub comparisons: Vec<evaluation::Comparison>,
    /// The first model against the second in words; `None` with fewer than two models.
    pub verdict: Option<Verdict>,
    /// What the reader must know: models that diverged or did not converge, columns set aside, a stop.
    pub warnings: Vec<String>,
    /// Whether fits are missing: it was stopped before the end, or is under way.
    pub stopped: bool,
    /// What the splits and the table give to know.
    notes: Vec<String>,
    /// The metric of the verdict.
    metric: Metric,
}

impl Comparison {
    /// The same fits at another cut-off, other costs, or with a verdict on another metric: nothing is fitted again.
    #[must_use]
    pub fn recut(&self, cutoff: Cutoff, money: &MoneySettings, metric: Metric) -> Self {
        let models = self.models.iter().map(|model| {
            let recut = |f: &FoldResult| FoldResult { fit: f.fit.clone(), scored: f.scored.recut(cutoff, money) };
            ModelResult { folds: model.folds.iter().map(recut).collect(), ..model.clone() }
        });
        summary::summarise(models.collect(), self.n_splits, self.notes.clone(), metric)
    }

    /// Which of its fits are done, split by split and in each model by model, as they are told of while it runs. `repeats` were
    /// asked for.
    pub fn states(&self, repeats: usize) -> Vec<CellState> {
        let folds = self.n_splits / repeats.max(1);
        let mut states = vec![CellState::Waiting; self.n_splits * self.models.len()];
        for (place, model) in self.models.iter().enumerate() {
            for fold in &model.folds {
                let split = fold.fit.repeat * folds + fold.fit.fold;
                if let Some(state) = states.get_mut(split * self.models.len() + place) {
                    *state = CellState::Done;
                }
            }
        }
        states
    }

    /// The metric of the verdict.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Rows of the table that it speaks of: none of its rows has this number or a higher one.
    pub fn rows_needed(&self) -> usize {
        let rows = self.models.iter().flat_map(|model| &model.folds).flat_map(|fold| fold.fit.test_rows.iter());
        rows.max().map_or(0, |&row| row.saturating_add(1))
    }

    /// One model's result.
    pub fn model(&self, kind: ModelKind) -> Option<&ModelResult> {
        self.models.iter().find(|model| model.kind == kind)
    }
}

/// State of one cell of the models × folds grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CellState {
    /// Not begun.
    Waiting,
    /// Under way, share done in 0..=1.
    Running(f64),
    /// Finished.
    Done,
}

/// News of a running comparison.
#[derive(Clone, Debug)]
pub enum CompareEvent<'a> {
    /// The grid is known.
    Planned {
        /// Number of folds × repeats.
        n_splits: usize,
    },
    /// A cell moved on.
    Cell {
        /// Index of the model in the settings.
        model: usize,
        /// Index of the split.
        split: usize,
        /// Its state.
        state: CellState,
    },
    /// A cell was finished. What there is so far makes a [`Comparison`] of its own.
    Finished(&'a Unfinished<'a>),
}

/// A comparison under way.
#[derive(Debug)]
pub struct Unfinished<'a> {
    spec: &'a RunSpec,
    n_splits: usize,
    notes: Vec<String>,
    /// Finished cells, split-major.
    cells: Mutex<Vec<Option<FoldResult>>>,
}

impl Unfinished<'_> {
    /// What is finished so far, at the cut-off and on the metric of these settings.
    pub fn so_far(&self) -> Comparison {
        let cells = lock(&self.cells).clone();
        let settings = &self.spec.settings;
        let n_models = settings.models.len();
        let of_model = |model: usize| cells.iter().skip(model).step_by(n_models).flatten().cloned().collect();
        let models = settings.models.iter().enumerate().map(|(i, &kind)| ModelResult::new(kind, of_model(i)));
        summary::summarise(models.collect(), self.n_splits, self.notes.clone(), settings.verdict_metric)
    }
}

/// Compares the models of `spec` on `data`. `observe` is called from the working threads; setting `stop` ends it within
/// a portion of work, and what is finished is kept.
///
/// Cells that `earlier` holds are taken over: that is how a stopped comparison goes on, and how a model that was changed is
/// compared with others that were not. Which of its models are still as `spec` has them is for the caller to say, see
/// [`RunSpec::fits_as`].
///
/// # Errors
/// When the rows cannot be split or prepared, or a model cannot be made.
pub fn compare(
    data: &Dataset,
    spec: &RunSpec,
    threads: usize,
    earlier: &[ModelResult],
    observe: &(dyn Fn(CompareEvent<'_>) + Sync),
    stop: &AtomicBool,
) -> Result<Comparison, TrainingError> {
    let settings = &spec.settings;
    let splits = splits(data, &settings.validation, settings.seed)?;
    observe(CompareEvent::Planned { n_splits: splits.len() });
    let models = settings.models.len();
    let found = |job: usize| {
        let (split, kind) = (&splits[job / models], settings.models[job % models]);
        let model = earlier.iter().find(|model| model.kind == kind)?;
        let fold = model.folds.iter().find(|f| (f.fit.repeat, f.fit.fold) == (split.repeat, split.fold))?;
        let scored = fold.scored.recut(settings.cutoff, &settings.money);
        Some(FoldResult { fit: fold.fit.clone(), scored })
    };
    let cells: Vec<Option<FoldResult>> = (0..models * splits.len()).map(found).collect();
    let cell = |job: usize, state| observe(CompareEvent::Cell { model: job % models, split: job / models, state });
    let open: Vec<usize> = (0..cells.len()).filter(|&job| cells[job].is_none()).collect();
    (0..cells.len()).filter(|&job| cells[job].is_some()).for_each(|job| cell(job, CellState::Done));
    let shared: Vec<Shared<'_>> = splits
        .iter()
        .enumerate()
        .map(|(i, split)| Shared::new(split, open.iter().filter(|&&job| job / models == i).count()))
        .collect();
    let mut notes = data.notices.clone();
    if let Some(split) = splits.iter().find(|split| split.withheld > 0) {
        let (kept, all) = (split.train.len(), split.train.len() + split.withheld);
        notes.push(format!(
            "Only {kept} of {all} training rows of a split keep their label; the others are learned from without one."
        ));
    }
    let unfinished = Unfinished { spec, n_splits: splits.len(), notes, cells: Mutex::new(cells) };
    let failure: Mutex<Option<TrainingError>> = Mutex::new(None);
    // A failure ends the other fits too; they would be for nothing.
    let ended = || stop.load(Ordering::Relaxed) || lock(&failure).is_some();
    worker::parallel(open.len(), threads, &|i| {
        let job = open[i];
        let (split, kind) = (job / models, settings.models[job % models]);
        if ended() {
            return;
        }
        cell(job, CellState::Running(0.0));
        match shared[split].fit((data, spec), split, kind, &ended, &|state| cell(job, state)) {
            Ok(Some(result)) => {
                lock(&unfinished.cells)[job] = Some(result);
                cell(job, CellState::Done);
                observe(CompareEvent::Finished(&unfinished));
            }
            Ok(None) => cell(job, CellState::Waiting),
            Err(error) => *lock(&failure) = Some(error),
        }
    })?;
    match failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(unfinished.so_far()),
    }
}

/// A lock whose holder may have panicked is still good: every value is written whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
