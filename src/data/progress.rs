//! How far a reading is, and the wish to stop it. One side works and reports, the other looks and may cancel; neither
//! waits for the other.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Steps into which the whole is divided: shares are kept in whole numbers so that threads can add them in any order.
const STEPS: f64 = 1e9;

/// How far something is. Shared by reference between the thread that works and those that look.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    /// Files that are read one after the other; 0 means one.
    files: AtomicUsize,
    cancelled: AtomicBool,
}

impl Progress {
    /// Nothing done, not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// The share done, from 0 to 1; never goes back.
    pub fn share(&self) -> f64 {
        (self.done.load(Ordering::Relaxed) as f64 / STEPS).min(1.0)
    }

    /// Asks the work to stop. It ends with an error soon after, and hands out nothing.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked the work to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Says how many files will be read one after the other: each is so much less of the whole.
    pub(super) fn expect_files(&self, n: usize) {
        self.files.store(n, Ordering::Relaxed);
    }

    /// Adds a part of the whole, from 0 to 1, to what is done.
    pub(super) fn advance(&self, share: f64) {
        let files = self.files.load(Ordering::Relaxed).max(1);
        self.done.fetch_add((share / files as f64 * STEPS) as u64, Ordering::Relaxed);
    }

    /// One of `n` equal parts of a stage that is `share` of the whole is done. Says whether to go on.
    pub(super) fn part_done(&self, share: f64, n: usize) -> bool {
        self.advance(share / n.max(1) as f64);
        !self.is_cancelled()
    }
}

/// The stages of opening a file as shares of the whole, about as long as they take.
pub(super) mod stage {
    /// Fetching the bytes.
    pub(in crate::data) const FETCH: f64 = 0.15;
    /// Finding the cells.
    pub(in crate::data) const CELLS: f64 = 0.25;
    /// Reading numbers.
    pub(in crate::data) const NUMBERS: f64 = 0.25;
    /// Describing columns.
    pub(in crate::data) const PROFILES: f64 = 0.35;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_whole_and_not_beyond() {
        let progress = Progress::new();
        for share in [stage::FETCH, stage::CELLS, stage::NUMBERS, stage::PROFILES] {
            assert!((0..7).all(|_| progress.part_done(share, 7)));
        }
        assert!((progress.share() - 1.0).abs() < 1e-6);
        progress.advance(0.5);
        assert_eq!(progress.share(), 1.0);
        progress.cancel();
        assert!(progress.is_cancelled() && !progress.part_done(0.1, 0));
    }
}
