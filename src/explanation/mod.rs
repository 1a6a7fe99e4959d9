//! Why a model answers what it answers: of one firm and of all of them.
//!
//! Everything here speaks of the model, not of the world: attributions say what the model makes of an indicator and are no
//! causes.

mod shapley;

use thiserror::Error;

pub use shapley::{Game, PdOf, ShapleySettings, Shares};

/// Why there is no explanation. The text is one sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExplanationError {
    /// Nothing to hold a firm against.
    #[error("the model holds no background rows that a firm could be held against; train it again to explain firms")]
    NoBackground,
    /// Rows of another shape.
    #[error("the model takes {expected} inputs and the row has {found}")]
    Inputs {
        /// Inputs of the model.
        expected: usize,
        /// Inputs of the row.
        found: usize,
    },
    /// An answer that is no number.
    #[error("the model has no answer for this firm: its PD is undefined")]
    Undefined,
}
