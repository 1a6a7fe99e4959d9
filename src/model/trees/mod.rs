//! Gradient-boosted decision trees for two classes: the challenger a practitioner would reach for.
//!
//! The log-odds of the bad outcome are a sum of trees, `F(x) = F₀ + Σ η fₖ(x)`, grown one after the other on the gradients
//! gᵢ = sᵢ(pᵢ − yᵢ) and Hessians hᵢ = sᵢ pᵢ(1 − pᵢ) of the cross-entropy: a leaf answers −G/(H + λ), and a split is worth
//! what it adds to Σ G²/(H + λ) (Chen, Guestrin, *`XGBoost`: a scalable tree boosting system*, 2016, §2.2). Inputs are
//! cut into bins at their quantiles first, so that a split looks at bins and not at rows (histograms).
//!
//! The trees themselves are forust's, grown on the calling thread. The boosting around them is here, for it has to stop
//! between trees and to draw from our seeded streams: `bins` (column by column), [`TreesLearner`] (one tree a
//! portion, early stopping), `model` (answers).

mod bins;
mod learner;
mod model;
mod settings;

#[cfg(test)]
mod tests;

pub use learner::TreesLearner;
pub use model::TreesModel;
pub use settings::{TreesParameters, TreesSettings};
