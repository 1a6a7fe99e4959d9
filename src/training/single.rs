//! One model on one split, as the Train screen and `train` do it, and the same once more from its record.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Control, ModelDone, ModelKind, PreparedFold, RunSpec, TrainingError, drive, learner, prepare};
use crate::data::{Dataset, ValidationKind, ValidationSettings, splits};
use crate::model::dbn::Edit;
use crate::model::{Classifier, Learner, Point};

/// What was done to a fit while it ran. Portions of work are decided by sizes alone, so that the same changes after the same
/// portions give the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LiveChanges {
    /// Changed rates and the like of a net, in order.
    pub edits: Vec<Edit>,
    /// The portions after which it was stopped.
    pub stopped_after: Option<u64>,
    /// The portions after which the search for settings was ended with the best so far.
    pub search_skipped_after: Option<u64>,
}

/// The split of the Train screen: a stratified hold-out; the first fold where enterprises are kept together; the latest
/// periods or the split column where those decide.
///
/// # Errors
/// When the rows cannot be split or prepared.
pub fn train_split(data: &Dataset, spec: &RunSpec) -> Result<PreparedFold, TrainingError> {
    let chosen = &spec.settings.validation;
    let kind = if chosen.kind.is_random() { ValidationKind::Holdout } else { chosen.kind };
    let settings = ValidationSettings { kind, repeats: 1, ..chosen.clone() };
    let mut all = splits(data, &settings, spec.settings.seed)?;
    prepare(data, &all.swap_remove(0), spec)
}

/// Trains one model on a prepared split and scores it on the held-out rows, making the `changes` of an earlier run again.
///
/// # Errors
/// When it cannot learn from these rows.
pub fn train(
    fold: &PreparedFold,
    spec: &RunSpec,
    kind: ModelKind,
    changes: &LiveChanges,
    control: &mut dyn Control,
) -> Result<(ModelDone, Arc<dyn Classifier>), TrainingError> {
    let mut learner = learner(kind, &fold.training, spec, spec.settings.seed)?;
    let mut again = Again { control, changes, made: LiveChanges::default(), portions: 0, search_skipped: false };
    let stop_reason = drive(learner.as_mut(), &mut again);
    let made = LiveChanges { edits: learner.edits(), ..again.made };
    let (scored, _) = fold.score(learner.as_ref(), spec);
    let (facts, notices) = (learner.facts(), learner.notices());
    let done = ModelDone { model: kind, scored, facts, notices, stop_reason, changes: made };
    Ok((done, learner.classifier()))
}

/// Makes changes where they were made.
struct Again<'a> {
    control: &'a mut dyn Control,
    changes: &'a LiveChanges,
    made: LiveChanges,
    portions: u64,
    search_skipped: bool,
}

impl Control for Again<'_> {
    fn go_on(&mut self, learner: &mut dyn Learner, boundary: bool) -> bool {
        let done = self.portions;
        self.portions += 1;
        if self.changes.stopped_after == Some(done) || !self.control.go_on(learner, boundary) {
            self.made.stopped_after = Some(done);
            return false;
        }
        if self.changes.search_skipped_after == Some(done) && !self.search_skipped {
            self.search_skipped = true;
            self.made.search_skipped_after = Some(done);
            learner.skip_search();
        }
        let now = learner.moment();
        if let Some(edit) = self.changes.edits.iter().rev().find(|edit| now.is_some_and(|now| edit.at <= now)) {
            learner.tune(&edit.tunables);
        }
        true
    }

    fn point(&mut self, point: Point) {
        self.control.point(point);
    }
}

#[cfg(test)]
#[path = "single_tests.rs"]
mod tests;
