//! The comparison: every model on every fold, each fitted inside the fold's training rows, on any number of threads with
//! the same result.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::{Control, ModelKind, PreparedFold, RunSpec, Scored, TrainingError, drive, learner, prepare, worker};
use crate::data::{Dataset, Split, splits};
use crate::evaluation::{
    self, Confusion, Contender, MeanRocPoint, Metric, Metrics, Summary, Verdict, mean_roc, mean_test_share, roc,
    verdict,
};
use crate::model::{Classifier, FitFacts, Learner, Point, StopReason};
use crate::random::{Purpose, derived_seed};

/// One model on one fold.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldResult {
    /// Fold, from 0 within its repeat.
    pub fold: usize,
    /// Repeat, from 0.
    pub repeat: usize,
    /// Labelled rows trained on.
    pub n_train: usize,
    /// Rows of the dataset held out.
    pub test_rows: Vec<usize>,
    /// Whether each held-out row is bad.
    pub bad: Vec<bool>,
    /// Scores, probabilities and figures on the held-out rows.
    pub scored: Scored,
    /// Rows called bad and good at the fold's cut-off.
    pub confusion: Option<Confusion>,
    /// What the fit says about itself.
    pub facts: FitFacts,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// Wall time of the fit with its calibration, in seconds.
    pub fit_seconds: f64,
    /// Wall time of scoring the held-out rows, in seconds.
    pub score_seconds: f64,
    /// What the preparation set aside in this fold, and what there is to know of the fit.
    pub notices: Vec<String>,
}

impl FoldResult {
    /// Whether the fit ran away, so that its figures are those of an unfinished model.
    pub fn diverged(&self) -> bool {
        matches!(self.stop_reason, StopReason::Diverged { .. })
    }
}

/// One model on all folds.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelResult {
    /// Which model.
    pub kind: ModelKind,
    /// Its folds in order; those that were finished.
    pub folds: Vec<FoldResult>,
    /// Mean ROC curve over the folds; empty when undefined.
    pub roc: Vec<MeanRocPoint>,
}

impl ModelResult {
    /// Mean and standard deviation of a metric over the folds.
    pub fn summary(&self, metric: Metric) -> Summary {
        Summary::of(self.folds.iter().map(|f| metric.get(&f.scored.metrics)))
    }

    /// Rows called bad and good over all folds (and repeats) together.
    pub fn confusion(&self) -> Confusion {
        let mut sum = Confusion::default();
        for c in self.folds.iter().filter_map(|f| f.confusion) {
            sum.true_bad += c.true_bad;
            sum.false_bad += c.false_bad;
            sum.true_good += c.true_good;
            sum.false_good += c.false_good;
        }
        sum
    }

    /// Mean and standard deviation of the fit times, in seconds.
    pub fn fit_seconds(&self) -> Summary {
        Summary::of(self.folds.iter().map(|f| Some(f.fit_seconds)))
    }
}

/// A finished or stopped comparison.
#[derive(Clone, Debug, PartialEq)]
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
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

/// Points of a mean ROC curve.
const ROC_GRID: usize = 201;

/// The metric that the verdict is about.
const VERDICT_METRIC: Metric = Metric::Auc;

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
#[derive(Clone, Debug, PartialEq)]
pub enum CompareEvent {
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
}

/// Watches the stop flag and reports the share done.
struct Watch<'a> {
    stop: &'a dyn Fn() -> bool,
    report: &'a dyn Fn(f64),
}

impl Control for Watch<'_> {
    fn go_on(&mut self, learner: &mut dyn Learner, _boundary: bool) -> bool {
        (self.report)(learner.progress().fraction);
        !(self.stop)()
    }

    fn point(&mut self, _point: Point) {}
}

/// Compares the models of `spec` on `data`. `observe` is called from the working threads; setting `stop` ends it within
/// a portion of work, and what is finished is kept.
///
/// # Errors
/// When the rows cannot be split or prepared, or a model cannot be made.
pub fn compare(
    data: &Dataset,
    spec: &RunSpec,
    threads: usize,
    observe: &(dyn Fn(CompareEvent) + Sync),
    stop: &AtomicBool,
) -> Result<Comparison, TrainingError> {
    let settings = &spec.settings;
    let splits = splits(data, &settings.validation, settings.seed)?;
    observe(CompareEvent::Planned { n_splits: splits.len() });
    let models = settings.models.len();
    let cells: Mutex<Vec<Option<FoldResult>>> = Mutex::new(vec![None; models * splits.len()]);
    let failure: Mutex<Option<TrainingError>> = Mutex::new(None);
    // A failure ends the other fits too; they would be for nothing.
    let ended = || stop.load(Ordering::Relaxed) || lock(&failure).is_some();
    worker::parallel(models * splits.len(), threads, &|job| {
        let (split, model) = (job / models, job % models);
        if ended() {
            return;
        }
        let cell = |state| observe(CompareEvent::Cell { model, split, state });
        cell(CellState::Running(0.0));
        match fit_cell(data, spec, &splits[split], split, settings.models[model], &ended, &cell) {
            Ok(Some(result)) => {
                lock(&cells)[job] = Some(result);
                cell(CellState::Done);
            }
            Ok(None) => cell(CellState::Waiting),
            Err(error) => *lock(&failure) = Some(error),
        }
    })?;
    if let Some(error) = failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(error);
    }
    let cells = cells.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut results: Vec<ModelResult> =
        settings.models.iter().map(|&kind| ModelResult { kind, folds: Vec::new(), roc: Vec::new() }).collect();
    for (job, cell) in cells.into_iter().enumerate() {
        results[job % models].folds.extend(cell);
    }
    for model in &mut results {
        let curves: Vec<_> = model.folds.iter().map(|f| roc(&f.bad, &f.scored.score)).collect();
        model.roc = mean_roc(&curves, ROC_GRID);
    }
    let mut comparison = summarise(results, splits.len(), data);
    if let Some(split) = splits.iter().find(|split| split.withheld > 0) {
        let (kept, all) = (split.train.len(), split.train.len() + split.withheld);
        comparison.warnings.push(format!(
            "Only {kept} of {all} training rows of a split keep their label; the others are learned from without one."
        ));
    }
    Ok(comparison)
}

/// A lock whose holder may have panicked is still good: every value is written whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Fits and scores one cell; `None` when stopped on the way.
fn fit_cell(
    data: &Dataset,
    spec: &RunSpec,
    split: &Split,
    index: usize,
    kind: ModelKind,
    stop: &dyn Fn() -> bool,
    cell: &dyn Fn(CellState),
) -> Result<Option<FoldResult>, TrainingError> {
    let fold = prepare(data, split, spec)?;
    let seed = derived_seed(spec.settings.seed, Purpose::Fit, index as u64);
    let start = Instant::now();
    let mut learner = learner(kind, &fold.training, spec, seed)?;
    let mut watch = Watch { stop, report: &|fraction| cell(CellState::Running(fraction)) };
    let stop_reason = drive(learner.as_mut(), &mut watch);
    if stop_reason == StopReason::Stopped {
        return Ok(None);
    }
    let model = learner.classifier();
    let fit_seconds = start.elapsed().as_secs_f64();
    let mut result = score_cell(fold, split, model.as_ref(), learner.facts(), stop_reason, fit_seconds, spec);
    result.notices.extend(learner.notices().into_iter().map(|notice| format!("{}: {notice}.", kind.title())));
    Ok(Some(result))
}

fn score_cell(
    fold: PreparedFold,
    split: &Split,
    model: &dyn Classifier,
    facts: FitFacts,
    stop_reason: StopReason,
    fit_seconds: f64,
    spec: &RunSpec,
) -> FoldResult {
    let start = Instant::now();
    let scored = fold.score(model, spec);
    let threshold = scored.metrics.threshold;
    FoldResult {
        confusion: threshold.and_then(|t| Confusion::at(&fold.bad_test, &scored.pd, t)),
        fold: split.fold,
        repeat: split.repeat,
        n_train: split.train.len(),
        scored,
        facts,
        stop_reason,
        fit_seconds,
        score_seconds: start.elapsed().as_secs_f64(),
        notices: fold.notices(),
        test_rows: fold.test_rows,
        bad: fold.bad_test,
    }
}

/// Figures of one model on the folds that `other` finished too.
fn shared_folds(a: &ModelResult, b: &ModelResult) -> (Vec<Metrics>, Vec<Metrics>, Vec<(usize, usize)>) {
    let (mut of_a, mut of_b, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for fold in &a.folds {
        if let Some(other) = b.folds.iter().find(|o| (o.repeat, o.fold) == (fold.repeat, fold.fold)) {
            of_a.push(fold.scored.metrics);
            of_b.push(other.scored.metrics);
            sizes.push((fold.n_train, fold.bad.len()));
        }
    }
    (of_a, of_b, sizes)
}

/// A verdict about models of which one failed would be about something else.
fn diverged(a: &ModelResult, b: &ModelResult) -> Option<Verdict> {
    let failed = |model: &ModelResult| model.folds.iter().filter(|f| f.diverged()).count();
    let model = [a, b].into_iter().find(|m| failed(m) > 0)?;
    let reason = model.folds.iter().find(|f| f.diverged()).map(|f| f.stop_reason.to_string()).unwrap_or_default();
    Some(Verdict {
        headline: format!(
            "The {} failed in {} of {} folds: nothing can be concluded",
            model.kind.title(),
            failed(model),
            model.folds.len()
        ),
        detail: format!("{reason}."),
        p: None,
    })
}

fn summarise(models: Vec<ModelResult>, n_splits: usize, data: &Dataset) -> Comparison {
    let mut comparisons = Vec::new();
    let mut words = None;
    if let Some((first, others)) = models.split_first() {
        for other in others {
            let (of_first, of_other, sizes) = shared_folds(first, other);
            let Some(share) = mean_test_share(&sizes) else { continue };
            let a = Contender { name: first.kind.key(), title: first.kind.title(), folds: &of_first };
            let b = Contender { name: other.kind.key(), title: other.kind.title(), folds: &of_other };
            let comparison = evaluation::compare(VERDICT_METRIC, &a, &b, share);
            if words.is_none() {
                let bad_rows = first
                    .folds
                    .iter()
                    .filter(|f| f.repeat == 0 && other.folds.iter().any(|o| (o.repeat, o.fold) == (0, f.fold)))
                    .map(|f| f.scored.metrics.positives)
                    .sum::<usize>();
                words = Some(diverged(first, other).unwrap_or_else(|| verdict(&comparison, &a, &b, bad_rows)));
            }
            comparisons.push(comparison);
        }
    }
    let finished: usize = models.iter().map(|m| m.folds.len()).sum();
    let stopped = finished < n_splits * models.len();
    let mut warnings = data.notices.clone();
    if let (true, Some(words)) = (stopped, &mut words) {
        let folds = comparisons.first().map_or(0, |c| c.n_folds);
        words.detail = format!("Stopped early, on {folds} of {n_splits} folds. {}", words.detail);
    }
    if stopped {
        warnings.push(format!(
            "Stopped: {finished} of {} fits were finished, and the means rest on those.",
            n_splits * models.len()
        ));
    }
    for model in &models {
        for fold in &model.folds {
            let place = format!("{}, repeat {}, fold {}", model.kind.title(), fold.repeat + 1, fold.fold + 1);
            match &fold.stop_reason {
                StopReason::Diverged { .. } | StopReason::Limit | StopReason::Stalled => {
                    warnings.push(format!("{place}: {}.", fold.stop_reason));
                }
                StopReason::Completed | StopReason::EarlyStopped | StopReason::Converged | StopReason::Stopped => {}
            }
        }
    }
    // The same notice from every fold is said once.
    for notice in models.iter().flat_map(|m| &m.folds).flat_map(|f| &f.notices) {
        if !warnings.contains(notice) {
            warnings.push(notice.clone());
        }
    }
    Comparison { models, n_splits, comparisons, verdict: words, warnings, stopped }
}
