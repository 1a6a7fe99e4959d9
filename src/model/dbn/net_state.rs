//! A run frozen at one moment: what pictures are made from, and what a recording goes back to.

use std::fmt;
use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayRef2};
use serde::{Deserialize, Serialize};

use super::pre_training::{NextUpdate, PreTraining};
use super::{Annealing, DbnLearner, DbnModel, InputMap, PreTrainingSettings};
use crate::model::network::Network;
use crate::model::rbm::{CdStep, Rbm};
use crate::model::{Classifier, Learner as _, Monitors, NetOf, Phase, TrainingSet, Tunables};

/// How far a run has come, over all its layers and nets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// Epochs done since the run began: the time axis of its curves.
    pub epochs: u64,
    /// Updates, of one mini-batch each, done in the epoch under way.
    pub updates: u64,
}

/// A change of rates and the like while the run went on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The update after this moment is the first with them.
    pub at: Moment,
    /// What holds from then on.
    pub tunables: Tunables,
}

/// What the last update added to the machine in training.
#[derive(Clone, Copy, Debug)]
pub struct LastUpdate<'a> {
    /// ΔW, `(n_visible, n_hidden)`.
    pub w: &'a Array2<f32>,
    /// Δb, `n_visible`.
    pub b: &'a Array1<f32>,
    /// Δc, `n_hidden`.
    pub c: &'a Array1<f32>,
}

/// A run of a DBN, or of the same net without pre-training, frozen at one moment. Asking it changes nothing.
pub struct NetState {
    learner: DbnLearner,
    machines: Vec<Rbm>,
}

impl NetState {
    pub(super) fn new(mut learner: DbnLearner) -> Self {
        learner.current.lighten();
        Self { machines: learner.current.machines(), learner }
    }

    /// What it was doing.
    pub fn phase(&self) -> Phase {
        self.learner.progress().phase
    }

    /// The net at work, or the last one.
    pub fn net(&self) -> NetOf {
        let of = self.learner.n_nets();
        self.phase().net().unwrap_or(NetOf { index: of - 1, of })
    }

    /// When.
    pub fn moment(&self) -> Moment {
        self.learner.moment()
    }

    /// Whether no mini-batch is done in part: only then does the moment say all.
    pub fn is_between_updates(&self) -> bool {
        self.learner.current.is_between_updates()
    }

    /// Every change of tunables so far, in order.
    pub fn edits(&self) -> &[Edit] {
        &self.learner.edits
    }

    /// The same, and the change that waits for the next mini-batch, if there is one.
    pub fn edits_and_waiting(&self) -> Vec<Edit> {
        let DbnLearner { edits, wanted, tunables, .. } = &self.learner;
        let Moment { epochs, updates } = self.moment();
        let updates = updates + u64::from(!self.is_between_updates());
        let waiting = (wanted != tunables).then_some(Edit { at: Moment { epochs, updates }, tunables: *wanted });
        edits.iter().copied().chain(waiting).collect()
    }

    /// The machines of the net at work, from the lowest: those that are finished, and the one in training. In fine-tuning and
    /// after it as pre-training left them. None when it is not pre-trained. The last may be joint: its last `n_classes`
    /// visible units are the label then.
    pub fn machines(&self) -> &[Rbm] {
        &self.machines
    }

    /// Which of them is in training.
    pub fn in_training(&self) -> Option<usize> {
        self.learner.current.in_training().map(PreTraining::layer)
    }

    /// The feed-forward net as it is, in fine-tuning and after it.
    pub fn network(&self) -> Option<&Network> {
        self.learner.current.network()
    }

    /// What the last update added to the machine in training; 0 before the first.
    pub fn last_update(&self) -> Option<LastUpdate<'_>> {
        let (w, b, c) = self.learner.current.in_training()?.last_update();
        Some(LastUpdate { w, b, c })
    }

    /// Mean |ΔW| over mean |W| of the last update of the last epoch of fine-tuning that was looked at, by layer, the output
    /// last. Empty before the first such epoch, and outside of fine-tuning.
    pub fn update_ratios(&self) -> &[Option<f64>] {
        self.learner.current.update_ratios()
    }

    /// How prepared inputs are shown to the lowest machine; `None` as they are.
    pub fn input_map(&self) -> Option<&InputMap> {
        self.learner.current.map()
    }

    /// The rows that there are to learn from, prepared.
    pub fn training_set(&self) -> &Arc<TrainingSet> {
        self.learner.current.rows().set()
    }

    /// Rows of [`Self::training_set`] with a label that the net at work learns from.
    pub fn learned_rows(&self) -> Vec<usize> {
        self.learner.current.rows().fit().iter().map(|&row| row as usize).collect()
    }

    /// Rows with a label that are set apart from it.
    pub fn validation_rows(&self) -> Vec<usize> {
        self.learner.current.rows().validation().iter().map(|&row| row as usize).collect()
    }

    /// Prepared rows `x` `(n_rows, n_inputs)` as machine `layer` is shown them, `(n_rows, n_features)`: mapped, then passed up
    /// through the machines below. A layer beyond the last machine is shown what the last hands on.
    pub fn shown(&self, x: &ArrayRef2<f32>, layer: usize) -> Array2<f32> {
        let mut shown = x.to_owned();
        if let Some(map) = self.input_map() {
            map.apply(&mut shown);
        }
        self.machines.iter().take(layer).fold(shown, |below, rbm| features_only(rbm).hidden_mean(&below))
    }

    /// Activations `(n_rows, n_units)` of hidden layer `layer`, from 0, for prepared rows `x` `(n_rows, n_inputs)`: of the net
    /// once it is there, else of the machines. `None` for a layer that is not there yet.
    pub fn hidden(&self, x: &ArrayRef2<f32>, layer: usize) -> Option<Array2<f32>> {
        if let Some(network) = self.network() {
            return network.hidden(x).into_iter().nth(layer);
        }
        let rbm = self.machines.get(layer)?;
        Some(features_only(rbm).hidden_mean(&self.shown(x, layer)))
    }

    /// Hidden layers that there are so far.
    pub fn n_hidden_layers(&self) -> usize {
        self.network().map_or(self.machines.len(), |network| network.layers.len() - 1)
    }

    /// Rate, momentum, weight cost and k of the next update of the machine in training.
    pub fn cd_step(&self) -> Option<CdStep> {
        Some(self.learner.current.in_training()?.step(&self.learner.parameters, &self.learner.wanted))
    }

    /// How its machines are trained: the settings of the run.
    pub fn pre_training(&self) -> &PreTrainingSettings {
        &self.learner.parameters.settings.pre_training
    }

    /// The next update of the machine in training, made on a copy. `None` where none comes next, for a mini-batch too large to
    /// be done in one go, and for persistent chains, which do not start at its rows.
    pub fn next_update(&self) -> Option<NextUpdate> {
        let DbnLearner { current, parameters, wanted, .. } = &self.learner;
        current.in_training()?.next_update(parameters, current.rows(), current.finished(), wanted)
    }

    /// The net at work as it stands: not the best of its epochs, and not calibrated.
    pub fn classifier(&self) -> Arc<dyn Classifier> {
        let net = self.learner.current.as_it_stands(&self.learner.parameters);
        Arc::new(DbnModel { nets: vec![net], rows_learned: 0 })
    }

    /// The log-likelihood of the finished RBM of a layer of the net at work, to be estimated portion by portion. `None` where
    /// there is no such machine, or it has no density.
    pub fn annealing(&self, layer: usize) -> Option<Annealing> {
        self.learner.current.annealing(layer)
    }

    /// What the layers look like.
    pub fn monitors(&self) -> Monitors {
        self.learner.monitors()
    }

    /// One update of one mini-batch further, on a copy. `None` at the end of the run. `edits` as for [`Self::advanced_to`].
    pub fn next(&self, edits: &[Edit]) -> Option<Self> {
        let mut learner = self.learner.clone();
        let from = learner.moment();
        // What is measured after the last update of an epoch belongs to it.
        while learner.moment() == from || learner.current.is_at_end_of_epoch() {
            if learner.finished.is_some() {
                return (learner.moment() > from).then(|| Self::new(learner));
            }
            learner.replay(edits);
        }
        Some(Self::new(learner))
    }

    /// Goes on from here on a copy, one mini-batch at a time, until `moment` or the end. `edits` are those of the whole run:
    /// the ones after this moment are made again where they were. `go_on` is asked between mini-batches; `None` when it says
    /// no. The same bits as the run that went there in one go.
    pub fn advanced_to(&self, moment: Moment, edits: &[Edit], mut go_on: impl FnMut() -> bool) -> Option<Self> {
        let mut learner = self.learner.clone();
        while learner.moment() < moment && learner.finished.is_none() {
            if !go_on() {
                return None;
            }
            learner.replay(edits);
        }
        Some(Self::new(learner))
    }
}

impl DbnLearner {
    /// The least portion, with the tunables that held then.
    fn replay(&mut self, edits: &[Edit]) {
        let now = self.moment();
        if let Some(edit) = edits.iter().rev().find(|edit| edit.at <= now) {
            self.tune(&edit.tunables);
        }
        self.advance_by(1, &mut |_| ());
    }
}

impl fmt::Debug for NetState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetState").field("moment", &self.moment()).finish_non_exhaustive()
    }
}

/// The machine without its label units.
fn features_only(rbm: &Rbm) -> Rbm {
    if rbm.n_classes == 0 { rbm.clone() } else { super::net_training::features_of(rbm) }
}
