//! The DBN's settings as a person writes them (a draft), and the parameters that have been checked and may train.

use serde::{Deserialize, Serialize};

use crate::model::network::Optimizer;
use crate::model::{ClassWeight, ParameterProblem, Tunables};

/// Settings of a deep belief network: every field has a default, and nothing is trusted before [`Self::check`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DbnSettings {
    /// Hidden units per layer from the lowest, 1–6 layers of 1–2048 units. Default 64, 32.
    pub layers: Vec<usize>,
    /// Epochs of contrastive divergence per layer, 1–10,000. Automatic: enough for about 1,000 updates, at least 10.
    pub pretrain_epochs: Option<usize>,
    /// Learning rate of the first RBM (Gaussian visible units), in (0, 1]. Default 0.003.
    pub gaussian_rate: f64,
    /// Learning rate of the RBMs above it (Bernoulli visible units), in (0, 1]. Default 0.05.
    pub bernoulli_rate: f64,
    /// Momentum of pre-training from epoch 5 on, in [0, 1); 0.5 (or this, when less) before. Default 0.9.
    pub momentum: f64,
    /// Weight cost d, in [0, 1]. Default 0.0002.
    pub weight_cost: f64,
    /// Gibbs steps k of CD-k, 1–100. Default 1.
    pub gibbs_steps: usize,
    /// Draw the visible units in reconstructions in place of taking their mean. Default false (H10 §3).
    pub sample_visible: bool,
    /// Rows per mini-batch, 1–100,000. Automatic: a fortieth of the rows, at least 16 and at most 128.
    pub batch_size: Option<usize>,
    /// Epochs of fine-tuning, 1–10,000. Automatic: enough for about 1,600 updates, at least 20.
    pub fine_tuning_epochs: Option<usize>,
    /// Learning rate of fine-tuning, in (0, 1]. Default 0.003.
    pub fine_tuning_rate: f64,
    /// Optimiser of fine-tuning. Default Adam.
    pub optimizer: Optimizer,
    /// Weights of the classes in the loss of fine-tuning. Default none.
    pub class_weight: ClassWeight,
    /// Set a part of the labelled training rows apart, watch the loss on it, and keep the best epoch. Default true.
    pub early_stopping: bool,
    /// Epochs of fine-tuning without a lower validation loss before it stops, 1–10,000. Default 25.
    pub patience: usize,
    /// Share of the labelled training rows set apart for validation, in [0.05, 0.5]. Default 0.2.
    pub validation_share: f64,
}

impl Default for DbnSettings {
    /// The defaults of a search over five real tables, with the defaults of (H10) where nothing was gained.
    fn default() -> Self {
        Self {
            layers: vec![64, 32],
            pretrain_epochs: None,
            gaussian_rate: 0.003,
            bernoulli_rate: 0.05,
            momentum: 0.9,
            weight_cost: 2e-4,
            gibbs_steps: 1,
            sample_visible: false,
            batch_size: None,
            fine_tuning_epochs: None,
            fine_tuning_rate: 0.003,
            optimizer: Optimizer::Adam,
            class_weight: ClassWeight::None,
            early_stopping: true,
            patience: 25,
            validation_share: 0.2,
        }
    }
}

/// Largest number of hidden layers.
pub const MAX_LAYERS: usize = 6;
/// Largest number of units in one layer.
pub const MAX_UNITS: usize = 2048;

/// Settings that have been checked. Only these can train.
#[derive(Clone, Debug, PartialEq)]
pub struct DbnParameters {
    pub(super) settings: DbnSettings,
}

impl DbnSettings {
    /// Checks every field against its range.
    ///
    /// # Errors
    /// Every problem found, each naming its field, so that a screen can show all of them in place.
    pub fn check(&self) -> Result<DbnParameters, Vec<ParameterProblem>> {
        let mut problems = Vec::new();
        let mut require = |ok: bool, field: &'static str, message: &str| {
            if !ok {
                problems.push(ParameterProblem { field, message: message.to_owned() });
            }
        };
        let rate = |r: f64| r > 0.0 && r <= 1.0;
        let epochs = |e: Option<usize>| e.is_none_or(|e| (1..=10_000).contains(&e));
        require((1..=MAX_LAYERS).contains(&self.layers.len()), "layers", "needs 1 to 6 hidden layers");
        require(self.layers.iter().all(|n| (1..=MAX_UNITS).contains(n)), "layers", "each layer needs 1 to 2,048 units");
        require(epochs(self.pretrain_epochs), "pretrain_epochs", "must be 1 to 10,000, or automatic");
        require(rate(self.gaussian_rate), "gaussian_rate", "must be above 0 and at most 1");
        require(rate(self.bernoulli_rate), "bernoulli_rate", "must be above 0 and at most 1");
        require((0.0..1.0).contains(&self.momentum), "momentum", "must be at least 0 and below 1");
        require((0.0..=1.0).contains(&self.weight_cost), "weight_cost", "must be 0 to 1");
        require((1..=100).contains(&self.gibbs_steps), "gibbs_steps", "must be 1 to 100");
        require(
            self.batch_size.is_none_or(|b| (1..=100_000).contains(&b)),
            "batch_size",
            "must be 1 to 100,000, or automatic",
        );
        require(epochs(self.fine_tuning_epochs), "fine_tuning_epochs", "must be 1 to 10,000, or automatic");
        require(rate(self.fine_tuning_rate), "fine_tuning_rate", "must be above 0 and at most 1");
        require((1..=10_000).contains(&self.patience), "patience", "must be 1 to 10,000");
        require((0.05..=0.5).contains(&self.validation_share), "validation_share", "must be 0.05 to 0.5");
        if problems.is_empty() { Ok(DbnParameters { settings: self.clone() }) } else { Err(problems) }
    }

    /// What may be changed while it trains.
    pub fn tunables(&self) -> Tunables {
        Tunables {
            gaussian_rate: self.gaussian_rate,
            bernoulli_rate: self.bernoulli_rate,
            momentum: self.momentum,
            weight_cost: self.weight_cost,
            gibbs_steps: self.gibbs_steps,
            fine_tuning_rate: self.fine_tuning_rate,
        }
    }
}

impl DbnParameters {
    /// The settings that were checked.
    pub fn settings(&self) -> &DbnSettings {
        &self.settings
    }

    /// Batch size for `rows` rows.
    pub fn batch_size(&self, rows: usize) -> usize {
        self.settings.batch_size.unwrap_or_else(|| (rows / 40).clamp(16, 128)).min(rows.max(1))
    }

    /// Epochs of pre-training per layer on `rows` rows.
    pub fn pretrain_epochs(&self, rows: usize) -> usize {
        self.settings.pretrain_epochs.unwrap_or_else(|| epochs_for(1000, 10, rows, self.batch_size(rows)))
    }

    /// Epochs of fine-tuning on `rows` rows.
    pub fn fine_tuning_epochs(&self, rows: usize) -> usize {
        self.settings.fine_tuning_epochs.unwrap_or_else(|| epochs_for(1600, 20, rows, self.batch_size(rows)))
    }
}

/// Epochs that come to about `updates` updates, at least `least`.
fn epochs_for(updates: usize, least: usize, rows: usize, batch: usize) -> usize {
    let per_epoch = rows.div_ceil(batch).max(1);
    updates.div_ceil(per_epoch).max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_every_bad_field_is_named() {
        assert!(DbnSettings::default().check().is_ok());
        let bad = DbnSettings {
            layers: vec![],
            pretrain_epochs: Some(0),
            gaussian_rate: f64::NAN,
            bernoulli_rate: 0.0,
            momentum: 1.0,
            weight_cost: -1.0,
            gibbs_steps: 0,
            batch_size: Some(0),
            fine_tuning_epochs: Some(20_000),
            fine_tuning_rate: 1.5,
            patience: 0,
            validation_share: 0.9,
            ..DbnSettings::default()
        };
        let fields: Vec<_> = bad.check().unwrap_err().into_iter().map(|p| p.field).collect();
        let want = [
            "layers",
            "pretrain_epochs",
            "gaussian_rate",
            "bernoulli_rate",
            "momentum",
            "weight_cost",
            "gibbs_steps",
            "batch_size",
            "fine_tuning_epochs",
            "fine_tuning_rate",
            "patience",
            "validation_share",
        ];
        assert_eq!(fields, want);
    }

    #[test]
    fn automatic_sizes_follow_the_rows() {
        let p = DbnSettings::default().check().unwrap();
        assert_eq!((p.batch_size(240), p.batch_size(1440), p.batch_size(8400)), (16, 36, 128));
        assert_eq!(p.batch_size(5), 5);
        assert_eq!(p.pretrain_epochs(1440), 25); // 40 batches an epoch
        assert_eq!(p.fine_tuning_epochs(160), 160); // 10 batches an epoch
        assert_eq!(p.fine_tuning_epochs(80_000), 20);
    }
}
