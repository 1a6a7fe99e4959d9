//! The comparison that the window works on: what it is made from, how far it is, what came of it, and what is worked out of it
//! in the background. No widget in here.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::export::{ExportJob, TrainedJob};
use super::notices::Notices;
use super::workspace::{Origin, Workspace};
use crate::checks::Finding;
use crate::data::Dataset;
use crate::report::Compared;
use crate::training::worker::{Background, Comparing};
use crate::training::{Analysis, CellState, Comparison, ModelKind, ModelResult, RunSettings, RunSpec, analyse};

/// What a comparison is made from.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) origin: Arc<Origin>,
    pub(super) data: Arc<Dataset>,
    pub(super) spec: RunSpec,
    /// What is to be known of the table; `None` until it is worked out.
    pub(super) findings: Option<Arc<[Finding]>>,
}

impl Subject {
    /// A result of its worker, at the cut-off and the costs that hold now: they may have been changed since it began.
    fn result(&self, serial: u64, comparison: &Comparison) -> CompareResult {
        let Self { origin, data, spec, findings } = self.clone();
        let RunSettings { cutoff, ref money, verdict_metric, .. } = spec.settings;
        let comparison = comparison.recut(cutoff, money, verdict_metric);
        let findings = findings.unwrap_or_else(|| Arc::from([]));
        let warnings = Vec::new();
        let mut result = CompareResult { serial, origin, data, spec, comparison, warnings, findings, analysis: None };
        result.find_warnings();
        result
    }
}

/// The Compare screen's comparison.
#[derive(Default)]
pub(super) struct CompareState {
    pub(super) worker: Option<Comparing>,
    /// What the worker works on.
    pub(super) subject: Option<Subject>,
    /// Models of the running or last comparison, in the order of its table.
    pub(super) models: Vec<ModelKind>,
    pub(super) n_splits: usize,
    /// State of each cell, split-major: `cells[split * models.len() + model]`.
    pub(super) cells: Vec<CellState>,
    pub(super) started: Option<Instant>,
    /// Share of the fits that was there from the start: those taken over.
    pub(super) begun_at: Option<f64>,
    /// The last result, with what it rests on.
    pub(super) result: Option<CompareResult>,
    /// Number of the newest result.
    pub(super) serial: u64,
    /// The analysis under way, or that there must be one.
    pub(super) analysing: Analysing,
}

/// Whether what lies beside the means of the result is being worked out.
#[derive(Default)]
pub(super) enum Analysing {
    /// There is nothing to do.
    #[default]
    Idle,
    /// The result, or its cut-off, is new.
    Wanted,
    /// It is under way.
    Running(Background<Option<Analysis>>),
}

/// A comparison, finished or not, with the table and settings it was made from.
pub(super) struct CompareResult {
    /// Number of this set of fits.
    pub(super) serial: u64,
    pub(super) origin: Arc<Origin>,
    pub(super) data: Arc<Dataset>,
    /// The settings of its fits; cut-off, costs and metric are always the present ones.
    pub(super) spec: RunSpec,
    pub(super) comparison: Comparison,
    /// Everything the reader must know.
    pub(super) warnings: Vec<String>,
    /// What is to be known of the table.
    pub(super) findings: Arc<[Finding]>,
    /// Intervals, calibration, tests on rows; `None` until they are worked out for the present cut-off.
    pub(super) analysis: Option<Analysis>,
}

impl CompareResult {
    /// Everything the reader must know, at the present cut-off.
    pub(super) fn find_warnings(&mut self) {
        let Self { origin, data, spec, comparison, findings, .. } = &*self;
        self.warnings = Compared {
            source: &origin.source,
            roles: &origin.read_as.roles,
            data,
            spec,
            comparison,
            analysis: None,
            findings,
        }
        .warnings();
    }

    /// All that an export is made from. Of the run and the studies those of the same table are taken, of the overrides all.
    pub(super) fn export_job(&self, workspace: &Workspace) -> ExportJob {
        let Self { origin, data, spec, comparison, analysis, findings, .. } = self;
        // While a run is made again the one before is what there is.
        let run = workspace.run.before.as_deref().unwrap_or(&workspace.run);
        let is_same = run.origin.as_ref().is_some_and(|other| other.is_as(origin));
        ExportJob {
            source: Arc::clone(&origin.source),
            roles: origin.read_as.roles.clone(),
            data: Arc::clone(data),
            spec: spec.clone(),
            comparison: comparison.clone(),
            analysis: analysis.clone(),
            findings: Arc::clone(findings),
            trained: is_same.then(|| TrainedJob::of(run)).flatten(),
            studies: workspace.studies.on(origin),
            overrides: workspace.overrides.clone(),
        }
    }

    /// Whether it is of the comparison that is under way.
    pub(super) fn is_of(&self, workspace: &Workspace) -> bool {
        workspace.compare.subject.as_ref().is_some_and(|subject| {
            Arc::ptr_eq(&subject.data, &self.data) && subject.spec.settings == self.spec.settings
        })
    }
}

impl CompareState {
    /// A comparison is under way.
    pub(super) fn is_running(&self) -> bool {
        self.worker.is_some()
    }

    /// Share of all fits that is done.
    pub(super) fn fraction(&self) -> f64 {
        let share = |c: &CellState| match c {
            CellState::Waiting => 0.0,
            CellState::Running(share) => *share,
            CellState::Done => 1.0,
        };
        self.cells.iter().map(share).sum::<f64>() / self.cells.len().max(1) as f64
    }

    /// Seconds left at the pace so far; `None` at the very start.
    pub(super) fn seconds_left(&self) -> Option<f64> {
        let (done, start) = (self.fraction(), self.started?);
        // What was taken over took no time.
        let own = done - self.begun_at.unwrap_or(0.0);
        (own > 0.01).then(|| start.elapsed().as_secs_f64() * (1.0 - done) / own)
    }

    /// What of the last result a comparison under `spec` need not do again; nothing where it would do nothing at all.
    pub(super) fn reusable(&self, data: &Arc<Dataset>, spec: &RunSpec) -> Vec<ModelResult> {
        let Some(result) = self.result.as_ref().filter(|result| Arc::ptr_eq(&result.data, data)) else {
            return Vec::new();
        };
        let models = &result.comparison.models;
        let kept = |kind| models.iter().find(|m| m.kind == kind && spec.fits_as(&result.spec, kind));
        let kept: Vec<&ModelResult> = spec.settings.models.iter().filter_map(|&kind| kept(kind)).collect();
        let complete = |model: &&ModelResult| model.folds.len() == result.comparison.n_splits;
        let same = spec.settings.models == result.spec.settings.models;
        let all = same && kept.len() == spec.settings.models.len() && kept.iter().all(complete);
        if all { Vec::new() } else { kept.into_iter().cloned().collect() }
    }

    /// Fits finished.
    pub(super) fn fits_done(&self) -> usize {
        self.cells.iter().filter(|&&c| c == CellState::Done).count()
    }

    /// Starts the analysis that is wanted, and takes in its answer.
    pub(super) fn analyse(
        &mut self,
        threads: usize,
        wake: impl FnOnce() -> Box<dyn Fn() + Send + Sync>,
        notices: &mut Notices,
    ) {
        let Some(result) = &mut self.result else { return };
        match &self.analysing {
            Analysing::Idle => {}
            Analysing::Wanted => {
                let (data, spec) = (Arc::clone(&result.data), result.spec.clone());
                let comparison = result.comparison.clone();
                let work = move |stop: &AtomicBool| analyse(&data, &spec, &comparison, threads, stop);
                self.analysing = match Background::start("analysis", work, wake()) {
                    Ok(background) => Analysing::Running(background),
                    Err(why) => {
                        notices.warn(format!("The intervals could not be worked out: {why}."));
                        Analysing::Idle
                    }
                };
            }
            Analysing::Running(background) => match background.answer() {
                None => {}
                Some(answer) => {
                    match answer {
                        Ok(analysis) => result.analysis = analysis,
                        Err(error) => notices.warn(format!("The intervals could not be worked out: {error}.")),
                    }
                    self.analysing = Analysing::Idle;
                }
            },
        }
    }

    /// Takes in what the worker has to say.
    pub(super) fn drain(&mut self, notices: &mut Notices) {
        let (Some(worker), Some(subject)) = (&self.worker, &self.subject) else { return };
        self.cells = worker.cells();
        self.n_splits = self.cells.len() / self.models.len().max(1);
        if self.begun_at.is_none() && !self.cells.is_empty() {
            self.begun_at = Some(self.fraction());
        }
        if let Some(comparison) = worker.so_far() {
            self.serial += 1;
            self.result = Some(subject.result(self.serial, &comparison));
        }
        // The result must say what is to be known of the table: it waits for the loader, which always answers.
        if subject.findings.is_none() {
            return;
        }
        // The result first: what the cells say after it is final.
        let result = worker.result();
        self.cells = worker.cells();
        self.n_splits = self.cells.len() / self.models.len().max(1);
        match result {
            None => {}
            Some(Ok(comparison)) => {
                self.serial += 1;
                self.result = Some(subject.result(self.serial, &comparison));
                self.worker = None;
                self.analysing = Analysing::Wanted;
            }
            Some(Err(error)) => {
                notices.error(format!("The comparison stopped: {error}"));
                self.worker = None;
                self.analysing = Analysing::Wanted;
            }
        }
    }
}
