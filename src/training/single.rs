//! One model on one split, as the Train screen and `train` do it, and the same once more from its record.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Control, ModelDone, ModelKind, PreparedFold, RunSpec, TrainingError, drive, learner, prepare};
use crate::data::{Dataset, Split, ValidationKind, ValidationSettings, splits};
use crate::model::dbn::Edit;
use crate::model::{Classifier, Learner, Point, StopReason};

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
    prepare(data, &split_to_train(data, spec)?, spec)
}

/// The rows that [`train_split`] holds out; nothing is prepared.
///
/// # Errors
/// When the rows cannot be split.
pub fn held_out_rows(data: &Dataset, spec: &RunSpec) -> Result<Vec<usize>, TrainingError> {
    Ok(split_to_train(data, spec)?.test)
}

fn split_to_train(data: &Dataset, spec: &RunSpec) -> Result<Split, TrainingError> {
    let chosen = &spec.settings.validation;
    let kind = if chosen.kind.is_random() { ValidationKind::Holdout } else { chosen.kind };
    let settings = ValidationSettings { kind, repeats: 1, ..chosen.clone() };
    let mut all = splits(data, &settings, spec.settings.seed)?;
    Ok(all.swap_remove(0))
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
    let (stop_reason, changes) = drive_again(learner.as_mut(), changes, control);
    let (scored, _) = fold.score(learner.as_ref(), spec);
    let (facts, notices) = (learner.facts(), learner.notices());
    let done = ModelDone { model: kind, scored, facts, notices, stop_reason, changes };
    Ok((done, learner.classifier()))
}

/// Drives a learner and makes the `changes` of an earlier fit where they were made. Gives what was done to it in all.
pub(super) fn drive_again(
    learner: &mut dyn Learner,
    changes: &LiveChanges,
    control: &mut dyn Control,
) -> (StopReason, LiveChanges) {
    let mut again = Again { control, changes, stopped_after: None, portions: 0, edits: 0 };
    let reason = drive(learner, &mut again);
    let Again { control, stopped_after, .. } = again;
    let skipped = control.search_skipped_after().or(changes.search_skipped_after);
    (reason, LiveChanges { edits: learner.edits(), stopped_after, search_skipped_after: skipped })
}

/// Makes changes where they were made.
struct Again<'a> {
    control: &'a mut dyn Control,
    changes: &'a LiveChanges,
    stopped_after: Option<u64>,
    portions: u64,
    /// Changes of tunables made so far.
    edits: usize,
}

impl Control for Again<'_> {
    fn go_on(&mut self, learner: &mut dyn Learner, boundary: bool) -> bool {
        let done = self.portions;
        self.portions += 1;
        if self.changes.stopped_after == Some(done) || !self.control.go_on(learner, boundary) {
            self.stopped_after = Some(done);
            return false;
        }
        if self.changes.search_skipped_after == Some(done) {
            learner.skip_search();
        }
        let now = learner.moment();
        // Once only, so that a person may change a rate of a fit that is made again.
        let due = |edit: &&Edit| now.is_some_and(|now| edit.at <= now);
        if let Some(edit) = self.changes.edits[self.edits..].iter().rev().find(due) {
            learner.tune(&edit.tunables);
        }
        self.edits += self.changes.edits[self.edits..].iter().take_while(|edit| due(edit)).count();
        true
    }

    fn point(&mut self, point: Point) {
        self.control.point(point);
    }
}

#[cfg(test)]
#[path = "single_tests.rs"]
mod tests;
