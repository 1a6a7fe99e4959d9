//! Logistic regression for two classes with an L2 penalty: what risk departments score with today.
//!
//! The log-odds of the bad outcome are β₀ + βᵀx. The coefficients minimise Σ sᵢ ℓ(yᵢ, β₀ + βᵀxᵢ) + ½|β|²/C with ℓ the
//! cross-entropy and sᵢ the weight of the row's class; the intercept β₀ is not penalised. That is scikit-learn's
//! convention for C. The problem is strictly convex, so there is one answer, and Newton's method (iteratively reweighted
//! least squares; Hastie, Tibshirani, Friedman, *The Elements of Statistical Learning*, 2009, §4.4.1) with
//! backtracking finds it in a few steps.
//!
//! The parts: `design` (the rows, centred, block by block), `newton` (one damped Newton step), [`LogisticLearner`].

mod design;
mod learner;
mod newton;
mod settings;

#[cfg(test)]
mod tests;

pub use learner::{LogisticLearner, LogisticModel};
pub use settings::{LogisticParameters, LogisticSettings};
