//! Settings of contrastive divergence in the stacked RBMs.

use serde::{Deserialize, Serialize};

use super::Require;
use crate::model::rbm::{Hidden, NegativePhase, Sparsity};

/// How the RBMs of the stack are trained, from the lowest up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreTrainingSettings {
    /// Epochs of contrastive divergence per layer, 1–10,000. Automatic: enough for about 1,000 updates, at least 10.
    pub epochs: Option<usize>,
    /// Rows per mini-batch, 1–100,000. Automatic: a fortieth of the rows, at least 16 and at most 128.
    pub batch_size: Option<usize>,
    /// Visible units of the first RBM. Default Gaussian.
    pub visible: VisibleUnits,
    /// Whether Gaussian visible units learn their σ, within 0.1–10 and at a tenth of the rate. Default false: σ = 1.
    pub learned_sigma: bool,
    /// Hidden units of every RBM. Default Bernoulli. Above others than Bernoulli ones, visible units are Gaussian.
    pub hidden: Hidden,
    /// Where the chains of the negative phase start. Default CD: at the data.
    pub method: Method,
    /// Temperatures of parallel tempering, 2–50. Default 10.
    pub temperatures: usize,
    /// Gibbs steps k, 1–100. Default 1.
    pub gibbs_steps: usize,
    /// Draw the visible units in reconstructions in place of taking their mean. Default false (H10 §3).
    pub sample_visible: bool,
    /// Learning rate of the first RBM (with Gaussian visible units of all others too), in (0, 1]. Default 0.003.
    pub gaussian_rate: f64,
    /// Learning rate of RBMs with Bernoulli visible units, in (0, 1]. Default 0.05.
    pub bernoulli_rate: f64,
    /// Share of the rate that is left in the last epoch, to which it falls linearly, in [0, 1]. Default 0.1.
    pub final_rate: f64,
    /// Momentum after the first epochs, in [0, 1). Default 0.9.
    pub momentum: f64,
    /// Momentum of the first epochs, in [0, 1); never above `momentum`. Default 0.5.
    pub first_momentum: f64,
    /// How many the first epochs are, 0–10,000. Default 5.
    pub first_epochs: usize,
    /// Weight cost d, in [0, 1]. Default 0.0002.
    pub weight_cost: f64,
    /// Mean activity that hidden units are pulled to, in (0, 1). Default 0.1, of no effect without a cost.
    pub sparsity_target: f64,
    /// Strength of that pull, 0–100. Default 0: none.
    pub sparsity_cost: f64,
    /// Whether the gradient is centred. Default false.
    pub centred: bool,
    /// Largest norm of the update of a hidden unit's weights, as a share of the longest row, in (0, 1]. Default none.
    pub update_limit: Option<f64>,
    /// What the last RBM is shown. Default plain.
    pub top: Top,
}

/// Visible units of the first RBM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisibleUnits {
    /// Gaussian: for indicators.
    #[default]
    Gaussian,
    /// Bernoulli where a column has exactly two values in the training rows, Gaussian elsewhere.
    Mixed,
    /// Bernoulli: every column from its least value, 0, to its largest, 1.
    Bernoulli,
}

/// Where the chains of the negative phase start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// At the data: contrastive divergence.
    #[default]
    Cd,
    /// Where they were after the update before: persistent CD.
    Pcd,
    /// Persistent chains at several temperatures: parallel tempering.
    Tempering,
}

/// What the last RBM is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Top {
    /// The features below.
    #[default]
    Plain,
    /// The features below and the label (H06): its label weights start the output layer.
    Joint,
}

impl Default for PreTrainingSettings {
    fn default() -> Self {
        Self {
            epochs: None,
            batch_size: None,
            visible: VisibleUnits::Gaussian,
            learned_sigma: false,
            hidden: Hidden::Bernoulli,
            method: Method::Cd,
            temperatures: 10,
            gibbs_steps: 1,
            sample_visible: false,
            gaussian_rate: 0.003,
            bernoulli_rate: 0.05,
            final_rate: 0.1,
            momentum: 0.9,
            first_momentum: 0.5,
            first_epochs: 5,
            weight_cost: 2e-4,
            sparsity_target: 0.1,
            sparsity_cost: 0.0,
            centred: false,
            update_limit: None,
            top: Top::Plain,
        }
    }
}

/// Decay of the running mean of hidden activities, per update.
const SPARSITY_DECAY: f32 = 0.9;

impl PreTrainingSettings {
    pub(super) fn check(&self, require: &mut Require<'_>) {
        let rate = |r: f64| r > 0.0 && r <= 1.0;
        let momentum = |m: f64| (0.0..1.0).contains(&m);
        let share = |s: f64| (0.0..=1.0).contains(&s);
        let target = self.sparsity_target > 0.0 && self.sparsity_target < 1.0;
        let limit = self.update_limit.is_none_or(rate);
        require(super::epochs(self.epochs), "pre_training.epochs", "must be 1 to 10,000, or automatic");
        require(super::batch(self.batch_size), "pre_training.batch_size", "must be 1 to 100,000, or automatic");
        require((2..=50).contains(&self.temperatures), "pre_training.temperatures", "must be 2 to 50");
        require((1..=100).contains(&self.gibbs_steps), "pre_training.gibbs_steps", "must be 1 to 100");
        require(rate(self.gaussian_rate), "pre_training.gaussian_rate", "must be above 0 and at most 1");
        require(rate(self.bernoulli_rate), "pre_training.bernoulli_rate", "must be above 0 and at most 1");
        require(share(self.final_rate), "pre_training.final_rate", "must be 0 to 1");
        require(momentum(self.momentum), "pre_training.momentum", "must be at least 0 and below 1");
        require(momentum(self.first_momentum), "pre_training.first_momentum", "must be at least 0 and below 1");
        require(self.first_epochs <= 10_000, "pre_training.first_epochs", "must be 0 to 10,000");
        require(share(self.weight_cost), "pre_training.weight_cost", "must be 0 to 1");
        require(target, "pre_training.sparsity_target", "must be above 0 and below 1");
        require((0.0..=100.0).contains(&self.sparsity_cost), "pre_training.sparsity_cost", "must be 0 to 100");
        require(limit, "pre_training.update_limit", "must be above 0 and at most 1, or none");
    }

    /// Where the chains of the negative phase start.
    pub(in crate::model::dbn) fn negative_phase(&self) -> NegativePhase {
        match self.method {
            Method::Cd => NegativePhase::Data,
            Method::Pcd => NegativePhase::Persistent,
            Method::Tempering => NegativePhase::Tempered { temperatures: self.temperatures },
        }
    }

    /// The pull on hidden units, if any.
    pub(in crate::model::dbn) fn sparsity(&self) -> Option<Sparsity> {
        let (target, cost) = (self.sparsity_target as f32, self.sparsity_cost as f32);
        (cost > 0.0).then_some(Sparsity { target, cost, decay: SPARSITY_DECAY })
    }

    /// Share of the rate in an epoch, from 0, of `epochs`.
    pub(in crate::model::dbn) fn rate_share(&self, epoch: usize, epochs: usize) -> f64 {
        let done = epoch as f64 / (epochs.max(2) - 1) as f64;
        1.0 - (1.0 - self.final_rate) * done.min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_falls_linearly_to_its_last_share() {
        let settings = PreTrainingSettings::default();
        let shares = [0, 5, 10].map(|epoch| settings.rate_share(epoch, 11));
        assert!(shares.iter().zip([1.0, 0.55, 0.1]).all(|(a, b)| (a - b).abs() < 1e-12), "{shares:?}");
        assert_eq!(settings.rate_share(0, 1), 1.0);
    }
}
