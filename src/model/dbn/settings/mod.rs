//! The DBN's settings as a person writes them (a draft), and the parameters that have been checked and may train.

mod fine_tuning;
mod pre_training;

use serde::{Deserialize, Serialize};

pub use self::fine_tuning::{EarlyStopping, FineTuningSettings, SkipInput};
pub use self::pre_training::{Method, PreTrainingSettings, Top, VisibleUnits};
use crate::model::{ParameterProblem, Tunables};

/// Settings of a deep belief network: every field has a default, and nothing is trusted before [`Self::check`].
///
/// The defaults are those of a search over five real tables, with the defaults of (H10) where nothing was gained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DbnSettings {
    /// Hidden units per layer from the lowest, 1–6 layers of 1–2048 units. Default 64, 32.
    pub layers: Vec<usize>,
    /// Nets of the ensemble, 1–20. Several are trained one after another, each on all labelled training rows but a part of
    /// its own on which it stops early, and their probabilities are averaged; 1 is a single net. Fewer are trained when a
    /// class has fewer rows. Default 5.
    pub nets: usize,
    /// Contrastive divergence, layer by layer.
    pub pre_training: PreTrainingSettings,
    /// Back-propagation through the whole stack.
    pub fine_tuning: FineTuningSettings,
}

impl Default for DbnSettings {
    fn default() -> Self {
        let (pre_training, fine_tuning) = Default::default();
        Self { layers: vec![64, 32], nets: 5, pre_training, fine_tuning }
    }
}

/// Largest number of hidden layers.
pub const MAX_LAYERS: usize = 6;
/// Largest number of units in one layer.
pub const MAX_UNITS: usize = 2048;

/// Notes a field whose value is not all right, and what it must be.
type Require<'a> = dyn FnMut(bool, &'static str, &str) + 'a;

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
        require((1..=MAX_LAYERS).contains(&self.layers.len()), "layers", "needs 1 to 6 hidden layers");
        require(self.layers.iter().all(|n| (1..=MAX_UNITS).contains(n)), "layers", "each layer needs 1 to 2,048 units");
        require((1..=20).contains(&self.nets), "nets", "must be 1 to 20");
        self.pre_training.check(&mut require);
        self.fine_tuning.check(&mut require);
        if problems.is_empty() { Ok(DbnParameters { settings: self.clone() }) } else { Err(problems) }
    }

    /// What may be changed while it trains.
    pub fn tunables(&self) -> Tunables {
        let PreTrainingSettings { gaussian_rate, bernoulli_rate, momentum, weight_cost, gibbs_steps, .. } =
            self.pre_training;
        let fine_tuning_rate = self.fine_tuning.rate;
        Tunables { gaussian_rate, bernoulli_rate, momentum, weight_cost, gibbs_steps, fine_tuning_rate }
    }
}

impl DbnParameters {
    /// The settings that were checked.
    pub fn settings(&self) -> &DbnSettings {
        &self.settings
    }

    /// The same for an ensemble of `nets` nets.
    pub(super) fn with_nets(mut self, nets: usize) -> Self {
        self.settings.nets = nets;
        self
    }

    /// Rows per mini-batch of pre-training on `rows` rows.
    pub fn pre_training_batch(&self, rows: usize) -> usize {
        batch_for(self.settings.pre_training.batch_size, 128, rows)
    }

    /// Rows per mini-batch of fine-tuning on `rows` rows.
    pub fn fine_tuning_batch(&self, rows: usize) -> usize {
        batch_for(self.settings.fine_tuning.batch_size, 256, rows)
    }

    /// Epochs of pre-training per layer on `rows` rows.
    pub fn pre_training_epochs(&self, rows: usize) -> usize {
        let chosen = self.settings.pre_training.epochs;
        chosen.unwrap_or_else(|| epochs_for(1000, 10, rows, self.pre_training_batch(rows)))
    }

    /// Epochs of fine-tuning on `rows` rows.
    pub fn fine_tuning_epochs(&self, rows: usize) -> usize {
        let settings = &self.settings.fine_tuning;
        let (updates, least) = settings.planned_updates(rows);
        settings.epochs.unwrap_or_else(|| epochs_for(updates, least, rows, self.fine_tuning_batch(rows)))
    }
}

/// The size chosen, or a fortieth of the rows within 16 and `most`; never more than there are rows.
fn batch_for(chosen: Option<usize>, most: usize, rows: usize) -> usize {
    chosen.unwrap_or_else(|| (rows / 40).clamp(16, most)).min(rows.max(1))
}

/// Epochs that come to about `updates` updates, at least `least`.
fn epochs_for(updates: usize, least: usize, rows: usize, batch: usize) -> usize {
    let per_epoch = rows.div_ceil(batch).max(1);
    updates.div_ceil(per_epoch).max(least)
}

/// Whether a number of epochs is within range.
fn epochs(chosen: Option<usize>) -> bool {
    chosen.is_none_or(|epochs| (1..=10_000).contains(&epochs))
}

/// Whether a size of mini-batches is within range.
fn batch(chosen: Option<usize>) -> bool {
    chosen.is_none_or(|rows| (1..=100_000).contains(&rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_every_bad_field_is_named() {
        assert!(DbnSettings::default().check().is_ok());
        let bad = DbnSettings {
            layers: vec![],
            nets: 0,
            pre_training: PreTrainingSettings {
                epochs: Some(0),
                batch_size: Some(0),
                gaussian_rate: f64::NAN,
                bernoulli_rate: 0.0,
                momentum: 1.0,
                weight_cost: -1.0,
                gibbs_steps: 0,
                temperatures: 1,
                final_rate: 1.1,
                first_momentum: -0.1,
                first_epochs: 10_001,
                sparsity_target: 0.0,
                sparsity_cost: f64::INFINITY,
                update_limit: Some(0.0),
                ..PreTrainingSettings::default()
            },
            fine_tuning: FineTuningSettings {
                epochs: Some(20_000),
                batch_size: Some(200_000),
                updates: Some(0),
                rate: 1.5,
                warm_up: 0.6,
                momentum: 1.0,
                weight_decay: f64::NAN,
                dropout: 1.0,
                skip_rate: 0.0,
                skip_decay: -1.0,
                label_smoothing: 1.0,
                patience: Some(0),
                validation_share: 0.9,
                ..FineTuningSettings::default()
            },
        };
        let fields: Vec<_> = bad.check().unwrap_err().into_iter().map(|p| p.field).collect();
        let want = [
            "layers",
            "nets",
            "pre_training.epochs",
            "pre_training.batch_size",
            "pre_training.temperatures",
            "pre_training.gibbs_steps",
            "pre_training.gaussian_rate",
            "pre_training.bernoulli_rate",
            "pre_training.final_rate",
            "pre_training.momentum",
            "pre_training.first_momentum",
            "pre_training.first_epochs",
            "pre_training.weight_cost",
            "pre_training.sparsity_target",
            "pre_training.sparsity_cost",
            "pre_training.update_limit",
            "fine_tuning.epochs",
            "fine_tuning.updates",
            "fine_tuning.batch_size",
            "fine_tuning.rate",
            "fine_tuning.warm_up",
            "fine_tuning.momentum",
            "fine_tuning.weight_decay",
            "fine_tuning.dropout",
            "fine_tuning.skip_rate",
            "fine_tuning.skip_decay",
            "fine_tuning.label_smoothing",
            "fine_tuning.patience",
            "fine_tuning.validation_share",
        ];
        assert_eq!(fields, want);
    }

    #[test]
    fn automatic_sizes_follow_the_rows() {
        let mut settings = DbnSettings::default();
        let p = settings.check().unwrap();
        let sizes = [240, 1440, 8400, 5].map(|rows| p.pre_training_batch(rows));
        assert_eq!(sizes, [16, 36, 128, 5]);
        assert_eq!(p.pre_training_epochs(1440), 25); // 40 batches an epoch
        assert_eq!([240, 8400, 80_000].map(|rows| p.fine_tuning_batch(rows)), [16, 210, 256]);
        assert_eq!(p.fine_tuning_epochs(160), 250); // 10 batches an epoch
        assert_eq!(p.fine_tuning_epochs(8400), 125); // 40 batches an epoch
        assert_eq!(p.fine_tuning_epochs(80_000), 20);
        settings.fine_tuning.early_stopping = EarlyStopping::Off;
        assert_eq!(settings.check().unwrap().fine_tuning_epochs(160), 160);
        settings.fine_tuning.updates = Some(95);
        assert_eq!(settings.check().unwrap().fine_tuning_epochs(160), 10);
        settings.fine_tuning.epochs = Some(3);
        assert_eq!(settings.check().unwrap().fine_tuning_epochs(160), 3);
    }
}
