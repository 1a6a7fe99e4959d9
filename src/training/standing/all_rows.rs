//! One fit on all rows of a table, for the rows of another.

use std::sync::atomic::{AtomicBool, Ordering};

use super::stability::Failure;
use crate::data::{Dataset, Split};
use crate::model::{Learner, Point, StopReason};
use crate::random::{Purpose, derived_seed};
use crate::training::{Control, ModelKind, RunSpec, drive, learner, prepare};

/// Index of the fit's seed: no comparison has as many splits.
const SEED_INDEX: u64 = 1 << 47;

struct UntilStopped<'a>(&'a AtomicBool);

impl Control for UntilStopped<'_> {
    fn go_on(&mut self, _learner: &mut dyn Learner, _boundary: bool) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    fn point(&mut self, _point: Point) {}
}

/// Probabilities of the bad outcome for the rows of `other` by a model of this kind learned from all rows of `data`, and why
/// its fit ended. `other` has indicators of the same names.
pub(super) fn probabilities(
    data: &Dataset,
    spec: &RunSpec,
    kind: ModelKind,
    other: &Dataset,
    stop: &AtomicBool,
) -> Result<(Vec<f64>, StopReason), Failure> {
    let split = Split {
        fold: 0,
        repeat: 0,
        train: data.labelled_rows(),
        validation: Vec::new(),
        test: Vec::new(),
        unlabelled: data.unlabelled_rows().into(),
        withheld: 0,
    };
    let fold = prepare(data, &split, spec)?;
    let seed = derived_seed(spec.settings.seed, Purpose::Fit, SEED_INDEX);
    let mut learner = learner(kind, &fold.training, spec, seed)?;
    match drive(learner.as_mut(), &mut UntilStopped(stop)) {
        StopReason::Stopped => Err(Failure::Stopped),
        reason => Ok((fold.probabilities(learner.as_ref(), other, spec), reason)),
    }
}
