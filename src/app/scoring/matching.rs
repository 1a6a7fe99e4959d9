//! Columns that wait for a person to match them to the indicators of a model.

use super::{Subject, next_number};
use crate::scoring::Matching;

/// A table whose columns a person has to match, or wants to.
#[derive(Clone)]
pub(in crate::app) struct Unmatched {
    /// A number of its own.
    pub(in crate::app) number: u64,
    pub(in crate::app) subject: Subject,
    /// What was found so far.
    pub(in crate::app) matching: Matching,
}

impl Unmatched {
    pub(in crate::app) fn new(subject: Subject, matching: Matching) -> Self {
        Self { number: next_number(), subject, matching }
    }
}
