//! Settings of contrastive divergence in the stacked RBMs.

use serde::{Deserialize, Serialize};

use super::Require;

/// How the RBMs of the stack are trained, from the lowest up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreTrainingSettings {
    /// Epochs of contrastive divergence per layer, 1–10,000. Automatic: enough for about 1,000 updates, at least 10.
    pub epochs: Option<usize>,
    /// Rows per mini-batch, 1–100,000. Automatic: a fortieth of the rows, at least 16 and at most 128.
    pub batch_size: Option<usize>,
    /// Learning rate of the first RBM (Gaussian visible units), in (0, 1]. Default 0.003.
    pub gaussian_rate: f64,
    /// Learning rate of the RBMs above it (Bernoulli visible units), in (0, 1]. Default 0.05.
    pub bernoulli_rate: f64,
    /// Momentum from epoch 5 on, in [0, 1); 0.5 (or this, when less) before. Default 0.9.
    pub momentum: f64,
    /// Weight cost d, in [0, 1]. Default 0.0002.
    pub weight_cost: f64,
    /// Gibbs steps k of CD-k, 1–100. Default 1.
    pub gibbs_steps: usize,
    /// Draw the visible units in reconstructions in place of taking their mean. Default false (H10 §3).
    pub sample_visible: bool,
}

impl Default for PreTrainingSettings {
    fn default() -> Self {
        Self {
            epochs: None,
            batch_size: None,
            gaussian_rate: 0.003,
            bernoulli_rate: 0.05,
            momentum: 0.9,
            weight_cost: 2e-4,
            gibbs_steps: 1,
            sample_visible: false,
        }
    }
}

impl PreTrainingSettings {
    pub(super) fn check(&self, require: &mut Require<'_>) {
        let rate = |r: f64| r > 0.0 && r <= 1.0;
        require(super::epochs(self.epochs), "pre_training.epochs", "must be 1 to 10,000, or automatic");
        require(super::batch(self.batch_size), "pre_training.batch_size", "must be 1 to 100,000, or automatic");
        require(rate(self.gaussian_rate), "pre_training.gaussian_rate", "must be above 0 and at most 1");
        require(rate(self.bernoulli_rate), "pre_training.bernoulli_rate", "must be above 0 and at most 1");
        require((0.0..1.0).contains(&self.momentum), "pre_training.momentum", "must be at least 0 and below 1");
        require((0.0..=1.0).contains(&self.weight_cost), "pre_training.weight_cost", "must be 0 to 1");
        require((1..=100).contains(&self.gibbs_steps), "pre_training.gibbs_steps", "must be 1 to 100");
    }
}
