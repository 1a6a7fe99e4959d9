//! What a finished model is to those who use it: everything that is needed to score firms elsewhere, and what it rests on.

mod novelty;
mod record;
mod reference;
mod replay;
mod risk_model;

#[cfg(test)]
mod tests;

pub use self::novelty::Novelty;
pub use self::record::{DataRecord, ReadAs, Record};
pub use self::reference::{ColumnReference, ColumnValues, NumberBin};
pub use self::replay::{Replay, ReplayError, Replayed, replay};
pub use self::risk_model::{Making, RiskModel, RiskModelError};
