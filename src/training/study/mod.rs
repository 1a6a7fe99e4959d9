//! How the compared models bear up: against noise, missing cells and wrong labels, with fewer labels, with other seeds
//! (the open question of the paper's §5.3, and the learning curve).
//!
//! Splits, fits and figures are those of the comparison: at the level at which nothing is disturbed they are the same to
//! the last bit (the learning curve sets aside a `label_fraction` of the run, as it varies that very thing). What is disturbed only where it is scored is met by one fit of a model and split, at every level and in
//! every draw; the cut-off too is that of the clean fold. All models see the same disturbed cells.

mod result;
mod settings;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

pub use result::{Study, StudyCell, StudyPoint};
pub use settings::{StudyKind, StudySettings, StudySpec};

use super::comparison::{Watch, lock};
use super::made_once::MadeOnce;
use super::{PreparedFold, RunSpec, TrainingError, drive, learner, prepare, worker};
use crate::data::{Dataset, Split, splits, withhold_labels};
use crate::evaluation::Metrics;
use crate::model::{Learner, StopReason};
use crate::random::{Purpose, derived_seed};

/// Rows of each class that keep their label on a learning curve at least, where there are so many: fewer say nothing.
pub const FEWEST_LABELLED: usize = 5;

/// Share of a job that is its fit, where the rest is scoring at many levels.
const FITTING: f64 = 0.8;

/// News of a running study.
#[derive(Clone, Debug, PartialEq)]
pub enum StudyEvent {
    /// What is to be done; nothing is done yet.
    Planned(Study),
    /// The share of the whole that is done, in 0..=1.
    Moved(f64),
    /// Figures of a fit that has been finished and scored, for [`Study::add`].
    Found(Vec<StudyCell>),
}

/// Studies the models of `spec` on `data`. `observe` is called from the working threads; setting `stop` ends it within a
/// portion of work, and what is finished is kept.
///
/// # Errors
/// When the rows cannot be split or prepared, or a model cannot be made.
pub fn study(
    data: &Dataset,
    spec: &RunSpec,
    study: &StudySpec,
    threads: usize,
    observe: &(dyn Fn(StudyEvent) + Sync),
    stop: &AtomicBool,
) -> Result<Study, TrainingError> {
    let plan = Plan::new(data, spec, study)?;
    let models = &spec.settings.models;
    let result = Study::begun(study, models, plan.splits.len());
    observe(StudyEvent::Planned(result.clone()));
    let jobs = plan.splits.len() * plan.variants.len() * models.len();
    let result = Mutex::new(result);
    let shares = Mutex::new(vec![0.0; jobs]);
    let failure: Mutex<Option<TrainingError>> = Mutex::new(None);
    // A failure ends the other fits too; they would be for nothing.
    let ended = || stop.load(Ordering::Relaxed) || lock(&failure).is_some();
    worker::parallel(jobs, threads, &|job| {
        if ended() {
            return;
        }
        let report = |share| {
            let mut shares = lock(&shares);
            shares[job] = share;
            let done = shares.iter().sum::<f64>() / jobs as f64;
            drop(shares);
            observe(StudyEvent::Moved(done));
        };
        match plan.run(job, &ended, &report) {
            Ok(Some(cells)) => {
                lock(&result).add(cells.clone());
                report(1.0);
                observe(StudyEvent::Found(cells));
            }
            Ok(None) => {}
            Err(error) => *lock(&failure) = Some(error),
        }
    })?;
    if let Some(error) = lock(&failure).take() {
        return Err(error);
    }
    let mut result = result.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let finished = lock(&shares).iter().filter(|&&share| share == 1.0).count();
    result.stopped = finished < jobs;
    result.warnings = plan.warnings(&result, finished, jobs);
    Ok(result)
}

/// What is fitted: every model on every variant of every split.
struct Plan<'a> {
    data: &'a Dataset,
    spec: &'a RunSpec,
    study: &'a StudySpec,
    splits: Vec<Split>,
    /// Repeats that the run has and the study leaves out.
    repeats_left_out: usize,
    /// The level and draw of each fit of a model on a split; `None` where one fit serves all.
    variants: Vec<Option<(usize, usize)>>,
    /// The prepared folds, `n_splits` times one for each variant, or one for all where they differ by the fit alone.
    folds: Vec<MadeOnce<Ready>>,
}

/// A fold ready for its fits.
struct Ready {
    fold: PreparedFold,
    /// Spread of each indicator over the clean training rows; empty where no noise is added.
    spreads: Vec<f64>,
}

impl<'a> Plan<'a> {
    fn new(data: &'a Dataset, spec: &'a RunSpec, study: &'a StudySpec) -> Result<Self, TrainingError> {
        let mut validation = spec.settings.validation.clone();
        if study.kind == StudyKind::Labels {
            // Its levels are shares of all the labels there are.
            validation.label_fraction = None;
        }
        let mut splits = splits(data, &validation, spec.settings.seed)?;
        let repeats = splits.last().map_or(0, |split| split.repeat + 1);
        splits.retain(|split| split.repeat < study.repeats);
        let variants = if study.by_scoring() {
            vec![None]
        } else {
            let of_level = |level| (0..study.draws_at(level)).map(move |draw| Some((level, draw)));
            (0..study.levels.len()).flat_map(of_level).collect()
        };
        let models = spec.settings.models.len();
        let (folds, users) = match study.kind {
            StudyKind::Seeds => (splits.len(), variants.len() * models),
            _ => (splits.len() * variants.len(), models),
        };
        Ok(Self {
            repeats_left_out: repeats.saturating_sub(study.repeats),
            folds: (0..folds).map(|_| MadeOnce::new(users)).collect(),
            data,
            spec,
            study,
            splits,
            variants,
        })
    }

    /// Fits and scores one model on one variant of one split; `None` when stopped on the way.
    fn run(
        &self,
        job: usize,
        stop: &dyn Fn() -> bool,
        report: &dyn Fn(f64),
    ) -> Result<Option<Vec<StudyCell>>, TrainingError> {
        let models = &self.spec.settings.models;
        // Split by split, so that early figures are of the whole curve.
        let (fold, model) = (job / models.len(), job % models.len());
        let (split, variant) = (fold / self.variants.len(), self.variants[fold % self.variants.len()]);
        let shared = if self.study.kind == StudyKind::Seeds { split } else { fold };
        let ready = self.folds[shared].take(|| self.ready(split, variant))?;
        let training = &ready.fold.training;
        let mut learner = learner(models[model], training, self.spec, self.fit_seed(split, variant))?;
        let fitting = if self.study.by_scoring() { FITTING } else { 1.0 };
        // The whole of a job is told when its figures are there.
        let mut watch = Watch { stop, report: &|share| report((fitting * share).min(0.999)) };
        let reason = drive(learner.as_mut(), &mut watch);
        let cells = (reason != StopReason::Stopped).then(|| {
            let cell = |(level, draw, metrics)| StudyCell {
                model,
                level,
                split,
                draw,
                n_train: training.y.len(),
                metrics,
                diverged: matches!(reason, StopReason::Diverged { .. }),
            };
            let figures = self.figures(&ready, split, variant, learner.as_ref(), stop, report)?;
            Some(figures.into_iter().map(cell).collect())
        });
        Ok(cells.flatten())
    }

    /// The figures of one fit by level and draw; `None` when stopped on the way.
    fn figures(
        &self,
        ready: &Ready,
        split: usize,
        variant: Option<(usize, usize)>,
        learner: &dyn Learner,
        stop: &dyn Fn() -> bool,
        report: &dyn Fn(f64),
    ) -> Option<Vec<(usize, usize, Metrics)>> {
        let fold = &ready.fold;
        let clean = fold.score(learner, self.spec).0.metrics;
        if let Some((level, draw)) = variant {
            return Some(vec![(level, draw, clean)]);
        }
        // Undefined is no cut-off, and calls nobody bad or good.
        let threshold = clean.threshold.unwrap_or(f64::NAN);
        let model = learner.classifier();
        let mut figures = Vec::new();
        let levels = self.study.levels.len();
        for level in 0..levels {
            for draw in 0..self.study.draws_at(level) {
                if stop() {
                    return None;
                }
                let disturbed = self.disturbed(&fold.test_rows, &ready.spreads, split, level, draw);
                let x = fold.inputs(&disturbed, &fold.test_rows);
                figures.push((level, draw, fold.metrics_at(model.as_ref(), &x, threshold, self.spec)));
            }
            report((FITTING + (1.0 - FITTING) * (level + 1) as f64 / levels as f64).min(0.999));
        }
        Some(figures)
    }

    /// A fold made ready for its fits.
    fn ready(&self, split: usize, variant: Option<(usize, usize)>) -> Result<Ready, TrainingError> {
        let (data, of) = (self.data, &self.splits[split]);
        let spreads = match self.study.kind {
            StudyKind::Noise => data.spreads(&of.fitted_rows(), self.study.noise_unit),
            _ => Vec::new(),
        };
        let of_table = |data: &Dataset| prepare(data, of, self.spec);
        let fold = match (self.study.kind, variant) {
            (StudyKind::Noise | StudyKind::Missing, Some((level, draw))) => {
                let all: Vec<usize> = (0..data.n_rows()).collect();
                of_table(&self.disturbed(&all, &spreads, split, level, draw))
            }
            (StudyKind::LabelNoise, Some((level, draw))) => {
                let seed = self.disturbance_seed(split, draw);
                of_table(&data.with_labels_flipped(&of.train, self.study.levels[level], seed))
            }
            (StudyKind::Labels, Some((level, draw))) => {
                let mut fewer = of.clone();
                // The first drawing is that of the run's own setting `label_fraction`.
                let seed = if draw == 0 { self.spec.settings.seed } else { self.disturbance_seed(split, draw) };
                withhold_labels(data, &mut fewer, self.study.levels[level], FEWEST_LABELLED, seed);
                prepare(data, &fewer, self.spec)
            }
            (StudyKind::Seeds, _) | (_, None) => of_table(data),
        }?;
        Ok(Ready { fold, spreads })
    }

    /// The rows `rows` of the table, with the cells disturbed as drawn.
    fn disturbed(&self, rows: &[usize], spreads: &[f64], split: usize, level: usize, draw: usize) -> Dataset {
        let seed = self.disturbance_seed(split, draw);
        let level = self.study.levels[level];
        match self.study.kind {
            StudyKind::Missing => self.data.with_cells_missing(rows, level, seed),
            _ => self.data.with_noise(rows, spreads, level, seed),
        }
    }

    /// The seed of one drawing on one split, whatever the level.
    fn disturbance_seed(&self, split: usize, draw: usize) -> u64 {
        let index = (self.study.kind as u64) << 44 | (split as u64) << 16 | draw as u64;
        derived_seed(self.spec.settings.seed, Purpose::Study, index)
    }

    /// The seed of a fit: that of the comparison, but for other seeds than the first.
    fn fit_seed(&self, split: usize, variant: Option<(usize, usize)>) -> u64 {
        let seed = match (self.study.kind, variant) {
            (StudyKind::Seeds, Some((level, _))) => self.study.levels[level] as usize,
            _ => 1,
        };
        match seed {
            1 => derived_seed(self.spec.settings.seed, Purpose::Fit, split as u64),
            other => self.disturbance_seed(split, other),
        }
    }

    /// What the reader must know.
    fn warnings(&self, study: &Study, finished: usize, jobs: usize) -> Vec<String> {
        let mut warnings = Vec::new();
        if study.stopped {
            warnings.push(format!("Stopped: {finished} of {jobs} fits were finished, and the curves rest on those."));
        }
        if self.repeats_left_out > 0 {
            let (used, all) = (self.study.repeats, self.study.repeats + self.repeats_left_out);
            warnings.push(format!("Only the first {used} of {all} repeats of the folds are studied."));
        }
        for (model, kind) in study.models.iter().enumerate() {
            let cells = study.cells.iter().filter(|cell| cell.model == model);
            let diverged = cells.clone().filter(|cell| cell.diverged).count();
            if diverged > 0 {
                let all = cells.count();
                warnings.push(format!("{}: {diverged} of {all} figures are of fits that diverged.", kind.title()));
            }
        }
        warnings
    }
}

#[cfg(test)]
mod tests;
