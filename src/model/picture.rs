//! What the layers of a net at work look like, and what may have gone wrong with them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::svm::Tuning;

/// A picture of the net at work, taken on a fixed set of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Monitors {
    /// Hidden layers from the lowest: in pre-training those finished and the one in training.
    pub layers: Vec<LayerMonitors>,
    /// Share of rows whose likeliest class is each of the `n_classes`; empty before fine-tuning.
    pub predicted: Vec<f64>,
    /// What has gone wrong, if anything.
    pub fault: Option<Fault>,
    /// The search for an SVM's C and γ, as far as it has come.
    pub search: Option<Tuning>,
}

/// One hidden layer in a picture of the net. What is undefined, or of no meaning at the moment, is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerMonitors {
    /// Mean squared reconstruction error of the layer's RBM while it is trained: training and validation rows.
    pub reconstruction: [Option<f64>; 2],
    /// Mean free energy of the RBM in nats while it is trained: training and validation rows.
    pub free_energy: [Option<f64>; 2],
    /// Exact mean ln p(v) of the RBM in nats while it is trained: training and validation rows.
    pub log_likelihood: [Option<f64>; 2],
    /// Mean |ΔW| of the last update over mean |W|.
    pub update_ratio: Option<f64>,
    /// Share of activations below 0.05 or above 0.95.
    pub saturated: Option<f64>,
    /// Units whose activation hardly varies over rows.
    pub dead: usize,
    /// Units of the layer.
    pub units: usize,
}

impl LayerMonitors {
    /// Free energy of validation rows less that of training rows, in nats: growing means over-fitting.
    pub fn free_energy_gap(&self) -> Option<f64> {
        let [training, validation] = self.free_energy;
        Some(validation? - training?)
    }
}

/// A net that has stopped telling rows apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Every watched row gets the same class.
    OneAnswer {
        /// The class.
        class: usize,
        /// The lowest hidden layer, from 0, of which every unit hardly varies over rows; `None` when all of them still
        /// tell rows apart and the output layer does not.
        layer: Option<usize>,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneAnswer { layer: Some(layer), .. } => write!(
                f,
                "every row gets the same class: hidden layer {} died, its units answer alike whatever the row; try a \
                 smaller rate",
                layer + 1
            ),
            Self::OneAnswer { layer: None, .. } => f.write_str(
                "every row gets the same class, though the hidden layers tell rows apart; train longer or weight the \
                 classes",
            ),
        }
    }
}
