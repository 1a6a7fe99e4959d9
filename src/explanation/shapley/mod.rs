//! Shapley values: how a PD is shared out among the indicators of a firm.
//!
//! The indicators are the players of a game. A coalition S is worth what the model answers on average when the firm keeps
//! its own values of S and has those of other firms elsewhere,
//!
//! `v(S) = (1/B)·Σ_b f(x_S, b_rest)` over the B background rows b,
//!
//! and indicator i is given the mean of v(S ∪ i) − v(S) over all orders in which the players may come (Shapley 1953):
//!
//! φᵢ = Σ_{S ∌ i} |S|!·(n − |S| − 1)!/n! · (v(S ∪ i) − v(S)).
//!
//! They add up to `f(x) − (1/B)·Σ_b f(b)`. This is the interventional form (Janzing, Minorics, Blöbaum 2020; Lundberg and Lee
//! 2017): an indicator that the model does not use gets nothing, however it goes together with others. It tells what the
//! model makes of a firm; it does not tell what would become of the firm if an indicator changed.
//!
//! All inputs of an indicator (bins, levels, the flag of a missing cell) move together.

mod exact;
mod sampled;

use ndarray::{ArrayRef1, ArrayRef2, ArrayViewMut1, Axis};

use super::{ExplanationError, PdOf, answers};
use crate::scoring::RiskModel;

/// Players up to which all coalitions are looked at, at most: 2²⁰ coalitions are as many as a person waits for.
const MOST_EXACT: usize = 20;

/// Rows that the model is asked for at once, about: enough for fast products, few enough for many threads.
const ROWS_AT_ONCE: usize = 4096;

/// How Shapley values are worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapleySettings {
    /// Indicators up to which they are exact, 0..=20. Default 15. Work doubles with each.
    pub exact_up_to: usize,
    /// Beyond: pairs of an order and its reverse for each background row, at least 2, which a standard error needs.
    /// Default 5: 1,000 orders with 100 background rows.
    pub pairs: usize,
    /// Seed of the orders: the same for every firm, so that firms are compared on the same draw.
    pub seed: u64,
}

impl ShapleySettings {
    /// Those of every picture and file about firms that `model` has scored: the default, with orders by the seed of the model's
    /// own run. So all of them say the same of a firm.
    pub fn of(model: &RiskModel) -> Self {
        Self { seed: model.record.settings.seed, ..Self::default() }
    }
}

impl Default for ShapleySettings {
    fn default() -> Self {
        Self { exact_up_to: 15, pairs: 5, seed: 0 }
    }
}

/// A PD shared out.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Mean PD of the background rows, 0..=1.
    pub base: f64,
    /// PD of the firm, 0..=1.
    pub pd: f64,
    /// What each player adds to the PD: they add up to `pd − base`, but for rounding.
    pub contributions: Vec<f64>,
    /// Standard error of each contribution over the orders drawn; `None` when all coalitions were looked at.
    pub standard_errors: Option<Vec<f64>>,
}

/// A model, what its players are, and the firms that a firm is held against.
pub struct Game<'a> {
    pd: Box<dyn PdOf + 'a>,
    /// Inputs of each player; an input belongs to one at most.
    players: Vec<Vec<usize>>,
    background: &'a ArrayRef2<f32>,
    /// PD of each background row.
    of_background: Vec<f64>,
    settings: ShapleySettings,
}

impl<'a> Game<'a> {
    /// Takes a model `pd`, the inputs of each player, and background rows `(n_background, n_inputs)`, which are scored once.
    ///
    /// # Errors
    /// Without background rows, when a player has an input that these do not have, or when the model has no answer for one.
    pub fn new(
        pd: impl PdOf + 'a,
        players: Vec<Vec<usize>>,
        background: &'a ArrayRef2<f32>,
        settings: ShapleySettings,
    ) -> Result<Self, ExplanationError> {
        if background.nrows() == 0 {
            return Err(ExplanationError::NoBackground);
        }
        let beyond = players.iter().flatten().find(|&&input| input >= background.ncols());
        if let Some(&input) = beyond {
            return Err(ExplanationError::Inputs { expected: input + 1, found: background.ncols() });
        }
        let of_background = answers(&pd, background)?;
        Ok(Self { pd: Box::new(pd), players, background, of_background, settings })
    }

    /// Whether all coalitions are looked at.
    pub fn is_exact(&self) -> bool {
        self.players.len() <= self.settings.exact_up_to.min(MOST_EXACT)
    }

    /// Shares out the PD of the prepared row `x` `(n_inputs)`. Not a bit depends on the number of threads.
    ///
    /// # Errors
    /// When the row has another number of inputs than the background, or the model has no answer.
    pub fn share_out(&self, x: &ArrayRef1<f32>) -> Result<Shares, ExplanationError> {
        if x.len() != self.background.ncols() {
            return Err(ExplanationError::Inputs { expected: self.background.ncols(), found: x.len() });
        }
        let pd = answers(self.pd.as_ref(), &x.view().insert_axis(Axis(0)))?[0];
        let base = self.of_background.iter().sum::<f64>() / self.of_background.len() as f64;
        let (contributions, standard_errors) = if self.is_exact() {
            (exact::contributions(self, x, base, pd)?, None)
        } else {
            let (contributions, errors) = sampled::contributions(self, x, pd)?;
            (contributions, Some(errors))
        };
        Ok(Shares { base, pd, contributions, standard_errors })
    }

    /// Writes the inputs of `player` in the firm `x` to a row of the model.
    fn put(&self, player: usize, x: &ArrayRef1<f32>, mut row: ArrayViewMut1<'_, f32>) {
        for &input in &self.players[player] {
            row[input] = x[input];
        }
    }
}

#[cfg(test)]
mod tests;
