//! Settings of back-propagation through the whole stack.

use serde::{Deserialize, Serialize};

use super::Require;
use crate::model::ClassWeight;
use crate::model::network::Optimizer;

/// How the stack is fine-tuned on labelled rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FineTuningSettings {
    /// Epochs, 1–10,000. Automatic: enough for about 1,600 updates, at least 20.
    pub epochs: Option<usize>,
    /// Rows per mini-batch, 1–100,000. Automatic: a fortieth of the rows, at least 16 and at most 128.
    pub batch_size: Option<usize>,
    /// Learning rate, in (0, 1]. Default 0.003.
    pub rate: f64,
    /// How the weights follow the gradient. Default Adam.
    pub optimizer: Optimizer,
    /// Weights of the classes in the loss. Default none.
    pub class_weight: ClassWeight,
    /// Set a part of the labelled training rows apart, watch the loss on it, and keep the best epoch. Default true.
    pub early_stopping: bool,
    /// Epochs without a lower validation loss before it stops, 1–10,000. Default 25.
    pub patience: usize,
    /// Share of the labelled training rows set apart for validation, in [0.05, 0.5]. Default 0.2.
    pub validation_share: f64,
}

impl Default for FineTuningSettings {
    fn default() -> Self {
        Self {
            epochs: None,
            batch_size: None,
            rate: 0.003,
            optimizer: Optimizer::Adam,
            class_weight: ClassWeight::None,
            early_stopping: true,
            patience: 25,
            validation_share: 0.2,
        }
    }
}

impl FineTuningSettings {
    pub(super) fn check(&self, require: &mut Require<'_>) {
        require(super::epochs(self.epochs), "fine_tuning.epochs", "must be 1 to 10,000, or automatic");
        require(super::batch(self.batch_size), "fine_tuning.batch_size", "must be 1 to 100,000, or automatic");
        require(self.rate > 0.0 && self.rate <= 1.0, "fine_tuning.rate", "must be above 0 and at most 1");
        require((1..=10_000).contains(&self.patience), "fine_tuning.patience", "must be 1 to 10,000");
        require((0.05..=0.5).contains(&self.validation_share), "fine_tuning.validation_share", "must be 0.05 to 0.5");
    }
}
