//! Firms unlike anything in training: by the free energy of the lowest RBM, which has learned how likely rows are.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::data::quantile;
use crate::model::dbn::{DbnModel, InputMap};
use crate::model::rbm::Rbm;

/// Share of the training rows that lie below the limit.
const KNOWN: f64 = 0.99;

/// The lowest RBM of a deep belief network, and the free energy above which a row is called novel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Novelty {
    /// The machine.
    pub rbm: Rbm,
    /// How prepared inputs are shown to it.
    pub map: Option<InputMap>,
    /// The 99th percentile of the free energy over the training rows, in nats.
    pub limit: f64,
}

impl Novelty {
    /// Of the first net of `model`, over its training rows `x` `(n_rows, n_inputs)`. `None` where it was not pre-trained,
    /// where its lowest machine holds the label, and where that has no energy.
    pub(super) fn new(model: &DbnModel, x: &Array2<f32>) -> Option<Self> {
        let net = model.nets.first()?;
        let rbm = net.machines.first().filter(|rbm| rbm.n_classes == 0)?.clone();
        let mut novelty = Self { rbm, map: net.map.clone(), limit: f64::INFINITY };
        let mut energies = novelty.free_energy(x.view());
        energies.retain(|energy| energy.is_finite());
        energies.sort_unstable_by(f64::total_cmp);
        novelty.limit = if energies.is_empty() { return None } else { quantile(&energies, KNOWN) };
        Some(novelty)
    }

    /// Free energy F(v) of prepared rows `x` `(n_rows, n_inputs)`, in nats: high where the machine finds a row unlikely. NaN
    /// where it has none.
    #[expect(clippy::needless_pass_by_value, reason = "a view is a reference")]
    pub fn free_energy(&self, x: ArrayView2<'_, f32>) -> Vec<f64> {
        let mut shown = x.to_owned();
        if let Some(map) = &self.map {
            map.apply(&mut shown);
        }
        self.rbm.free_energy(&shown).map_or_else(|| vec![f64::NAN; x.nrows()], |energies| energies.to_vec())
    }

    /// Whether a row of this free energy is unlike anything in training.
    pub fn is_novel(&self, free_energy: f64) -> bool {
        free_energy > self.limit
    }

    pub(super) fn check(&self, n_inputs: usize) -> Result<(), String> {
        if !self.limit.is_finite() {
            return Err("the limit of novelty is not a finite number".to_owned());
        }
        if let Some(map) = &self.map {
            map.check(n_inputs)?;
        }
        self.rbm.check_shapes(n_inputs)
    }
}
