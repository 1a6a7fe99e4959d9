//! Dreams: rows that a stack of machines makes up (H06).
//!
//! Gibbs chains on the top machine, one pass down through the
//! machines below as directed layers, and so to inputs, which [`Preparation::original`](crate::data::Preparation::original)
//! reads in the units of the table.
//!
//! With a joint top machine the label is held, and the chains leave p(x | class) exactly. Without one a class can only be
//! where chains begin: real rows of it, which they forget as they run. Inputs that are held stay as they are. On a single
//! machine that too is exact; on a stack the rows are passed up by E[h | v] before each sweep and down after it, and the
//! held inputs put back, which is an approximation: what lies above is told of the held inputs, what lies between is not
//! drawn given both sides.

mod chains;
mod compare;
mod csv;
mod nearest;
#[cfg(test)]
mod tests;

pub use chains::{DreamOptions, Dreams, MAX_CHAINS, Stack, dream_seed};
pub use compare::{IndicatorSpread, Spread, compare_spreads};
pub use csv::{DREAMED, dreams_csv};
pub use nearest::{Neighbour, nearest};
