//! Why a model answers what it answers: of one firm ([`Explainer`], [`reasons()`], [`what_if()`], [`nearest_change`],
//! [`standing()`]) and of all of them ([`importance()`], [`dependence()`]).
//!
//! Everything here speaks of the model, not of the world: attributions say what the model makes of an indicator and are no
//! causes.

mod dependence;
mod explainer;
mod importance;
mod nearest;
mod reasons;
mod shapley;
mod standing;
mod what_if;

#[cfg(test)]
mod tests;

use ndarray::{ArrayRef2, ArrayView2};
use thiserror::Error;

pub use crate::data::Value;
pub use dependence::{Dependence, dependence};
pub use explainer::{Explainer, Explanation};
pub use importance::{Importance, ImportanceSettings, Loss, Shuffled, importance};
pub use nearest::{Change, MOST_CHANGED, NearestChange, nearest_change, no_change_text};
pub use reasons::{Reason, Reasons, reason_text, reasons, reasons_of_firms};
pub use shapley::{Game, ShapleySettings, Shares};
pub use standing::{Standing, standing};
pub use what_if::{Firm, inputs, what_if};

/// Said wherever attributions are shown.
pub const NOT_CAUSES: &str = "Attributions of the model, not causes: they say what the model makes of each indicator, \
                              not what would happen to the firm if it changed.";

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
    /// Rows that no ranking can be judged on.
    #[error("importance needs at least two bad and two other rows with a label; score or hold out more of them")]
    OneClass,
}

/// Answers PDs, 0..=1, for prepared rows `(n_rows, n_inputs)`: one for each row.
pub trait PdOf: Fn(ArrayView2<'_, f32>) -> Vec<f64> + Sync {}

impl<F: Fn(ArrayView2<'_, f32>) -> Vec<f64> + Sync> PdOf for F {}

/// The PDs of rows, all finite.
fn answers(pd: &(impl PdOf + ?Sized), rows: &ArrayRef2<f32>) -> Result<Vec<f64>, ExplanationError> {
    let answers = pd(rows.view());
    let whole = answers.len() == rows.nrows() && answers.iter().all(|pd| pd.is_finite());
    if whole { Ok(answers) } else { Err(ExplanationError::Undefined) }
}
