//! One cell of the models × folds grid: one model fitted on one fold and scored on its held-out rows.

use std::sync::Arc;
use std::time::Instant;

use super::{CellState, FoldCurves};
use crate::data::{Dataset, Split};
use crate::model::{FitFacts, Learner, Point, StopReason};
use crate::random::{Purpose, derived_seed};
use crate::training::made_once::MadeOnce;
use crate::training::{Control, ModelKind, PreparedFold, RunSpec, Scored, TrainingError, drive, learner, prepare};

/// A fit and what it answers: all of a cell that no cut-off changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Fold, from 0 within its repeat.
    pub fold: usize,
    /// Repeat, from 0.
    pub repeat: usize,
    /// Labelled rows trained on.
    pub n_train: usize,
    /// Rows of the dataset held out.
    pub test_rows: Arc<[usize]>,
    /// How the held-out rows are ranked.
    pub curves: FoldCurves,
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

impl Fit {
    /// Whether it ran away, so that its figures are those of an unfinished model.
    pub fn diverged(&self) -> bool {
        matches!(self.stop_reason, StopReason::Diverged { .. })
    }
}

/// One model on one fold.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldResult {
    /// The fit.
    pub fit: Arc<Fit>,
    /// Answers on the held-out rows and figures at the cut-off.
    pub scored: Scored,
}

/// Watches the stop flag and reports the share done.
pub(in crate::training) struct Watch<'a> {
    /// Whether to end.
    pub(in crate::training) stop: &'a dyn Fn() -> bool,
    /// Told the share done before each portion.
    pub(in crate::training) report: &'a dyn Fn(f64),
}

impl Control for Watch<'_> {
    fn go_on(&mut self, learner: &mut dyn Learner, _boundary: bool) -> bool {
        (self.report)(learner.progress().fraction);
        !(self.stop)()
    }

    fn point(&mut self, _point: Point) {}
}

/// A split that is prepared when its first model comes to it, and let go of when its last one has been.
pub(super) struct Shared<'a> {
    split: &'a Split,
    fold: MadeOnce<PreparedFold>,
}

impl<'a> Shared<'a> {
    /// For so many models.
    pub(super) fn new(split: &'a Split, models: usize) -> Self {
        Self { split, fold: MadeOnce::new(models) }
    }

    /// Fits and scores one model; `None` when stopped on the way. `index` is the number of the split among all.
    pub(super) fn fit(
        &self,
        (data, spec): (&Dataset, &RunSpec),
        index: usize,
        kind: ModelKind,
        stop: &dyn Fn() -> bool,
        cell: &dyn Fn(CellState),
    ) -> Result<Option<FoldResult>, TrainingError> {
        let fold = self.fold.take(|| prepare(data, self.split, spec))?;
        let seed = derived_seed(spec.settings.seed, Purpose::Fit, index as u64);
        let start = Instant::now();
        let mut learner = learner(kind, &fold.training, spec, seed)?;
        let mut watch = Watch { stop, report: &|fraction| cell(CellState::Running(fraction)) };
        let stop_reason = drive(learner.as_mut(), &mut watch);
        if stop_reason == StopReason::Stopped {
            return Ok(None);
        }
        let fit_seconds = start.elapsed().as_secs_f64();
        let (scored, score_seconds) = fold.score(learner.as_ref(), spec);
        let mut notices = fold.notices();
        notices.extend(learner.notices().into_iter().map(|notice| format!("{}: {notice}.", kind.title())));
        let fit = Fit {
            fold: self.split.fold,
            repeat: self.split.repeat,
            n_train: self.split.train.len(),
            test_rows: Arc::clone(&fold.test_rows),
            curves: FoldCurves::of(&scored.answers),
            facts: learner.facts(),
            stop_reason,
            fit_seconds,
            score_seconds,
            notices,
        };
        Ok(Some(FoldResult { fit: Arc::new(fit), scored }))
    }
}
