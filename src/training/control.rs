//! The one loop that advances every learner, in the window, on the command line and in tests.

use crate::model::{Advance, Learner, Point, StopReason};

/// Who watches a learner: asked once before each portion.
pub trait Control {
    /// May wait (while paused), may tune the learner. False ends the run with the model so far. `boundary` says that
    /// the portion before ended an epoch; it is true before the first portion.
    fn go_on(&mut self, learner: &mut dyn Learner, boundary: bool) -> bool;

    /// A point of a live curve.
    fn point(&mut self, point: Point);

    /// The portions after which it ended a search for settings; `None` where it did not.
    fn search_skipped_after(&self) -> Option<u64> {
        None
    }
}

/// Advances `learner` until it has finished or `control` ends it. The result depends on the learner alone: however
/// often `control` waits, the bits are the same.
pub fn drive(learner: &mut dyn Learner, control: &mut dyn Control) -> StopReason {
    let mut boundary = true;
    loop {
        if !control.go_on(learner, boundary) {
            return StopReason::Stopped;
        }
        match learner.advance(&mut |point| control.point(point)) {
            Advance::Within => boundary = false,
            Advance::Boundary => boundary = true,
            Advance::Finished(reason) => return reason,
        }
    }
}
