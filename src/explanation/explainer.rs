//! Shapley values of a model's PD, by the names of its indicators.

use ndarray::{ArrayRef1, ArrayView2};

use super::{ExplanationError, Game, ShapleySettings, Shares};
use crate::scoring::RiskModel;

/// The PD of one firm, shared out among its indicators. Attributions of the model, not causes.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Mean PD of the background rows, 0..=1.
    pub base: f64,
    /// PD of the firm, 0..=1.
    pub pd: f64,
    /// What each indicator adds to the PD, −1..=1, in the order of the model; together `pd − base`. Indicators that the
    /// preparation set aside are not among them.
    pub contributions: Vec<(String, f64)>,
    /// Standard error of each contribution over the orders drawn; `None` when they are exact.
    pub standard_errors: Option<Vec<f64>>,
    /// Whether all coalitions were looked at.
    pub exact: bool,
}

/// Explains firms by one model: what is the same for all of them is worked out once.
pub struct Explainer<'a> {
    names: Vec<String>,
    game: Game<'a>,
}

impl<'a> Explainer<'a> {
    /// Takes a model with its background rows.
    ///
    /// # Errors
    /// Without background rows, or when the model has no answer for them.
    pub fn new(model: &'a RiskModel, settings: ShapleySettings) -> Result<Self, ExplanationError> {
        let (names, players) = players(model).into_iter().unzip();
        let game = Game::new(|x: ArrayView2<'_, f32>| model.pd(x), players, &model.background, settings)?;
        Ok(Self { names, game })
    }

    /// Whether all coalitions are looked at; else orders are drawn, and each contribution has a standard error.
    pub fn is_exact(&self) -> bool {
        self.game.is_exact()
    }

    /// Explains the firm with the prepared inputs `x` `(n_inputs)`.
    ///
    /// # Errors
    /// When the row has another number of inputs than the model, or no PD.
    pub fn explain(&self, x: &ArrayRef1<f32>) -> Result<Explanation, ExplanationError> {
        let Shares { base, pd, contributions, standard_errors } = self.game.share_out(x)?;
        let exact = standard_errors.is_none();
        let contributions = self.names.iter().cloned().zip(contributions).collect();
        Ok(Explanation { base, pd, contributions, standard_errors, exact })
    }
}

/// The indicators of a model and all inputs of each: those of its value and its flag.
pub(super) fn players(model: &RiskModel) -> Vec<(String, Vec<usize>)> {
    let all = model.indicator_inputs().into_iter();
    all.map(|(name, inputs)| (name.to_owned(), inputs.values.chain(inputs.flag).collect())).collect()
}
