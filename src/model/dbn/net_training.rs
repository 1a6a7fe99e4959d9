//! One net from its first RBM to its last epoch of fine-tuning.

use std::sync::Arc;

use ndarray::{Array2, s};

use super::annealing::Annealing;
use super::fine_tuning::{self, FineTuning};
use super::input_map::InputMap;
use super::machine::Machine;
use super::model::{DbnModel, Net};
use super::pre_training::{self, Handing, PreTraining, layer_points};
use super::rows::{Row, Rows};
use super::watching::{Budget, answers, hidden_layer};
use super::{DbnParameters, Start};
use crate::model::network::{Activation, Network, softmax};
use crate::model::rbm::{Hidden, JointRbm, Rbm, RbmError, Visible, saturation};
use crate::model::{Advance, Classifier as _, LayerMonitors, Monitors, NetOf, Phase, Series, StopReason, Tunables};

#[derive(Clone)]
enum Stage {
    PreTraining(Box<PreTraining>),
    HandOver(Box<Handing>),
    FineTuning(Box<FineTuning>),
    Finished(StopReason),
}

/// The visible units of the lowest machine, and how inputs are shown to them.
pub(super) type Shown = (Visible, Option<Arc<InputMap>>);

/// One net in training.
#[derive(Clone)]
pub(super) struct NetTraining {
    net: NetOf,
    seed: u64,
    rows: Rows,
    stage: Stage,
    /// Machines finished so far, from the lowest.
    machines: Vec<Rbm>,
    /// The last machine, where it is trained with the label.
    top: Option<JointRbm>,
    /// How inputs are shown to the lowest of them.
    map: Option<Arc<InputMap>>,
    /// What is known beside the reason for stopping.
    error: Option<RbmError>,
    /// Last reconstruction error of each finished machine, validation rows where there are any.
    reconstruction: Vec<f64>,
    /// What fine-tuning left, and the epoch it is of.
    tuned: Option<(Network, usize)>,
    pre_training_epochs: usize,
    /// Updates of an epoch in which numbers ran away.
    updates_at_end: usize,
    epochs_done: usize,
    epochs_planned: usize,
    watch: Budget,
}

impl NetTraining {
    /// `shown` are the visible units of the lowest machine and how inputs are shown to them.
    pub(super) fn new(p: &DbnParameters, rows: Rows, start: Start, shown: &Shown, net: NetOf, seed: u64) -> Self {
        let layers = p.settings.layers.len();
        let fine_tuning_epochs = p.fine_tuning_epochs(rows.fit().len());
        let mut training = Self {
            net,
            seed,
            stage: Stage::Finished(StopReason::Stopped),
            machines: Vec::new(),
            top: None,
            map: shown.1.clone().filter(|_| start == Start::PreTrained),
            error: None,
            reconstruction: Vec::new(),
            tuned: None,
            pre_training_epochs: 0,
            updates_at_end: 0,
            epochs_done: 0,
            epochs_planned: fine_tuning_epochs,
            watch: Budget::new(0, 0, [0, 0], 0),
            rows,
        };
        match start {
            Start::PreTrained => {
                let first = PreTraining::first(p, &training.rows, shown.clone(), net, seed);
                training.pre_training_epochs = first.epochs();
                training.epochs_planned += first.epochs() * layers;
                training.stage = Stage::PreTraining(Box::new(first));
            }
            Start::Random => {
                let hidden = p.settings.pre_training.hidden;
                let network = fine_tuning::random_network(&p.settings.layers, hidden, &training.rows, seed);
                training.fine_tune(network, p);
            }
        }
        training
    }

    /// A net that goes on learning from a trained one: fine-tuning only, since pre-training would undo it.
    pub(super) fn resume(p: &DbnParameters, rows: Rows, from: Net, net: NetOf, seed: u64) -> Self {
        let mut training = Self {
            net,
            seed,
            stage: Stage::Finished(StopReason::Stopped),
            machines: from.machines,
            top: from.top,
            map: from.map.map(Arc::new),
            error: None,
            reconstruction: Vec::new(),
            tuned: None,
            pre_training_epochs: 0,
            updates_at_end: 0,
            epochs_done: 0,
            epochs_planned: p.fine_tuning_epochs(rows.fit().len()),
            watch: Budget::new(0, 0, [0, 0], 0),
            rows,
        };
        training.fine_tune(from.network, p);
        training
    }

    fn fine_tune(&mut self, network: Network, p: &DbnParameters) {
        let weights: usize = network.layers.iter().map(|layer| layer.w.len()).sum();
        let parts = [self.rows.fit().len(), self.rows.validation().len()];
        self.watch = Budget::new(3 * weights * parts[0], weights, [parts[0], 0], 0);
        self.stage = Stage::FineTuning(Box::new(FineTuning::new(network, p, &self.rows, self.net, self.seed)));
    }

    /// One portion of about `most` multiply-adds, at least one mini-batch.
    pub(super) fn advance(
        &mut self,
        most: usize,
        p: &DbnParameters,
        tunables: &Tunables,
        rows_seen: &mut u64,
        record: &mut dyn FnMut(Series, f64),
    ) -> Advance {
        match &mut self.stage {
            Stage::PreTraining(_) => self.pre_train(most, p, tunables, rows_seen, record),
            Stage::HandOver(handing) => {
                if handing.advance(&self.rows, &self.machines) {
                    let Stage::HandOver(handing) = self.leave() else { return Advance::Within };
                    self.stage = Stage::PreTraining(Box::new(handing.finish(p, &self.rows)));
                }
                Advance::Within
            }
            Stage::FineTuning(_) => self.advance_fine_tuning(most, tunables, rows_seen, record),
            Stage::Finished(reason) => Advance::Finished(reason.clone()),
        }
    }

    fn leave(&mut self) -> Stage {
        std::mem::replace(&mut self.stage, Stage::Finished(StopReason::Stopped))
    }

    fn pre_train(
        &mut self,
        most: usize,
        p: &DbnParameters,
        tunables: &Tunables,
        rows_seen: &mut u64,
        record: &mut dyn FnMut(Series, f64),
    ) -> Advance {
        let Stage::PreTraining(stage) = &mut self.stage else { return Advance::Within };
        match stage.advance(most, p, &self.rows, &self.machines, tunables, rows_seen) {
            pre_training::Portion::Within => return Advance::Within,
            pre_training::Portion::EpochEnd { last } => {
                self.epochs_done += 1;
                stage.record(record);
                if !last {
                    return Advance::Boundary;
                }
            }
            pre_training::Portion::Diverged(reason, error) => {
                self.error = error;
                // The layer's last good state counts as finished, so that the machines so far can be looked at.
                self.updates_at_end = stage.updates();
                let machine = stage.machine().clone();
                self.reconstruction.extend(stage.reconstruction());
                self.keep(machine);
                self.stage = Stage::Finished(reason.clone());
                return Advance::Finished(reason);
            }
        }
        let Stage::PreTraining(stage) = self.leave() else { return Advance::Boundary };
        self.reconstruction.extend(stage.reconstruction());
        let is_last = stage.layer() + 1 == p.settings.layers.len();
        self.keep(stage.machine().clone());
        if let (false, Some(finished)) = (is_last, self.machines.last()) {
            self.stage = Stage::HandOver(Box::new(stage.hand_over(finished)));
        } else {
            let network = self.unfold(&self.machines, self.top.as_ref());
            self.fine_tune(network, p);
        }
        Advance::Boundary
    }

    /// Takes a finished machine in.
    fn keep(&mut self, machine: Machine) {
        match machine {
            Machine::Plain(rbm) => self.machines.push(rbm),
            Machine::Joint(joint) => self.top = Some(joint),
        }
    }

    /// The stack as a feed-forward net that takes the inputs as they are. The label weights and biases of a joint machine
    /// start the output layer.
    fn unfold(&self, machines: &[Rbm], top: Option<&JointRbm>) -> Network {
        let features = top.map(|joint| features_of(joint.rbm()));
        let machines: Vec<Rbm> = machines.iter().cloned().chain(features).collect();
        let mut network = fine_tuning::unfold(&machines, &self.rows, self.seed);
        if let (Some(joint), Some(output)) = (top, network.layers.last_mut()) {
            let n_features = joint.rbm().n_features();
            output.w.assign(&joint.rbm().w.slice(s![n_features.., ..]).t());
            output.b.assign(&joint.rbm().b.slice(s![n_features..]));
        }
        if let (Some(map), Some(lowest), false) = (&self.map, network.layers.first_mut(), machines.is_empty()) {
            map.fold_into(&mut lowest.w, &mut lowest.b);
        }
        network
    }

    fn advance_fine_tuning(
        &mut self,
        most: usize,
        tunables: &Tunables,
        rows_seen: &mut u64,
        record: &mut dyn FnMut(Series, f64),
    ) -> Advance {
        let Stage::FineTuning(stage) = &mut self.stage else { return Advance::Within };
        let stop = match stage.advance(most, &self.rows, tunables.fine_tuning_rate, rows_seen) {
            fine_tuning::Portion::Within => return Advance::Within,
            fine_tuning::Portion::EpochEnd(stop) => stop,
        };
        // An epoch in which numbers ran away is not one: nothing of it is shown.
        if !matches!(stop, Some(StopReason::Diverged { .. })) {
            self.epochs_done += 1;
            stage.record(record);
            let network = stage.network();
            let weights: usize = network.layers.iter().map(|layer| layer.w.len()).sum();
            if self.watch.due(3 * weights * self.rows.fit().len()) {
                let rows = self.watch.rows_of(self.rows.fit().len());
                let seen = look_at(network, stage.update_ratios(), &self.rows, rows);
                for (l, layer) in seen.layers.iter().enumerate() {
                    layer_points(layer, l, record);
                }
                for (class, &share) in seen.predicted.iter().enumerate() {
                    record(Series::Predicted(class), share);
                }
            }
        }
        let Some(reason) = stop else { return Advance::Boundary };
        if matches!(reason, StopReason::Diverged { .. }) {
            self.updates_at_end = stage.updates();
        }
        let Stage::FineTuning(stage) = self.leave() else { return Advance::Boundary };
        self.tuned = Some(stage.take_best());
        self.stage = Stage::Finished(reason.clone());
        Advance::Finished(reason)
    }

    /// What it is doing, epochs done within it, and planned.
    pub(super) fn phase(&self) -> (Phase, usize, Option<usize>) {
        let net = self.net;
        match &self.stage {
            Stage::PreTraining(s) => (Phase::PreTraining { net, layer: s.layer() }, s.epochs_done(), Some(s.epochs())),
            Stage::HandOver(s) => (Phase::PreTraining { net, layer: s.layer() }, 0, Some(self.pre_training_epochs)),
            Stage::FineTuning(s) => (Phase::FineTuning { net }, s.epochs_done(), Some(s.epochs())),
            Stage::Finished(_) => (Phase::Finished, 0, None),
        }
    }

    /// Share of the planned epochs that is done, in 0..=1.
    pub(super) fn fraction(&self) -> f64 {
        match &self.stage {
            Stage::Finished(_) => 1.0,
            _ => self.epochs_done as f64 / self.epochs_planned.max(1) as f64,
        }
    }

    pub(super) fn epochs_done(&self) -> usize {
        self.epochs_done
    }

    /// Epochs of contrastive divergence a layer; 0 when it is not pre-trained.
    pub(super) fn pre_training_epochs(&self) -> usize {
        self.pre_training_epochs
    }

    /// What is known of a machine that cannot be trained further.
    pub(super) fn error(&self) -> Option<RbmError> {
        self.error
    }

    pub(super) fn reconstruction(&self) -> &[f64] {
        &self.reconstruction
    }

    /// Epoch of fine-tuning whose weights are kept so far; `None` before any is done.
    pub(super) fn best_epoch(&self) -> Option<usize> {
        match (&self.tuned, &self.stage) {
            (Some((_, best)), _) => Some(*best),
            (None, Stage::FineTuning(stage)) => Some(stage.best_epoch()),
            (None, _) => None,
        }
    }

    /// Whether it has learned from labels.
    pub(super) fn is_fine_tuned(&self) -> bool {
        self.tuned.is_some() || matches!(&self.stage, Stage::FineTuning(_))
    }

    /// Updates done of the epoch under way.
    pub(super) fn updates(&self) -> usize {
        match &self.stage {
            Stage::PreTraining(stage) => stage.updates(),
            Stage::FineTuning(stage) => stage.updates(),
            Stage::HandOver(_) => 0,
            Stage::Finished(_) => self.updates_at_end,
        }
    }

    /// Whether no mini-batch is done in part.
    pub(super) fn is_between_updates(&self) -> bool {
        if let Stage::PreTraining(stage) = &self.stage { stage.is_between_updates() } else { true }
    }

    /// Whether all rows of the epoch have been learned from, and the epoch has not ended.
    pub(super) fn is_at_end_of_epoch(&self) -> bool {
        if let Stage::PreTraining(stage) = &self.stage { stage.is_at_end_of_epoch() } else { false }
    }

    /// The rows it learns from and those set apart.
    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// How inputs are shown to the lowest machine.
    pub(super) fn map(&self) -> Option<&InputMap> {
        self.map.as_deref()
    }

    /// The machine in training.
    pub(super) fn in_training(&self) -> Option<&PreTraining> {
        if let Stage::PreTraining(stage) = &self.stage { Some(stage) } else { None }
    }

    /// The machines from the lowest: those finished, and the one in training.
    pub(super) fn machines(&self) -> Vec<Rbm> {
        let top = self.top.as_ref().map(JointRbm::rbm);
        self.machines.iter().chain(top).chain(self.in_training().map(PreTraining::rbm)).cloned().collect()
    }

    /// The machines that are finished, without one trained with the label.
    pub(super) fn finished(&self) -> &[Rbm] {
        &self.machines
    }

    /// The feed-forward net as it is, once there is one.
    pub(super) fn network(&self) -> Option<&Network> {
        match (&self.tuned, &self.stage) {
            (Some((network, _)), _) => Some(network),
            (None, Stage::FineTuning(stage)) => Some(stage.network()),
            (None, _) => None,
        }
    }

    /// Forgets what can be made again at the cost of some work, with the same bits.
    pub(super) fn lighten(&mut self) {
        if let Stage::PreTraining(stage) = &mut self.stage {
            stage.lighten();
        }
    }

    /// Numbers of which a copy of it consists, about.
    pub(super) fn size(&self) -> usize {
        let stage = match &self.stage {
            Stage::PreTraining(stage) => stage.size(),
            Stage::HandOver(stage) => stage.size(),
            Stage::FineTuning(stage) => stage.size(),
            Stage::Finished(_) => 0,
        };
        let machines = self.machines.iter().chain(self.top.as_ref().map(JointRbm::rbm));
        let tuned = self.tuned.as_ref().map_or(0, |(network, _)| network.n_parameters());
        // A state holds the machines once more, to be looked at.
        stage + tuned + 2 * machines.map(|rbm| rbm.w.len()).sum::<usize>()
    }

    /// The net so far: of the best epoch of fine-tuning, or with an output layer that knows no more than the share of each
    /// class when it is not yet fine-tuned.
    pub(super) fn so_far(&self, p: &DbnParameters) -> Net {
        match &self.stage {
            Stage::FineTuning(stage) => self.with_network(Some(stage.take_best().0), p),
            _ => self.as_it_stands(p),
        }
    }

    /// The same with the net as it stands in place of the best.
    pub(super) fn as_it_stands(&self, p: &DbnParameters) -> Net {
        self.with_network(self.network().cloned(), p)
    }

    fn with_network(&self, network: Option<Network>, p: &DbnParameters) -> Net {
        let (mut machines, mut top) = (self.machines.clone(), self.top.clone());
        let network = match (network, &self.stage) {
            (Some(network), _) => network,
            (None, stage) => {
                if let Stage::PreTraining(stage) = stage {
                    match stage.machine().clone() {
                        Machine::Plain(rbm) => machines.push(rbm),
                        Machine::Joint(joint) => top = Some(joint),
                    }
                }
                self.unfold(&machines, top.as_ref())
            }
        };
        let weights = self.rows.class_weights(p.settings.fine_tuning.class_weight);
        let map = self.map.as_deref().cloned();
        Net { network, machines, top, map, log_weights: weights.iter().map(|w| w.ln()).collect() }
    }

    /// The ranking score of each labelled row set apart, `(row, score)`, by the net as it is kept.
    pub(super) fn scores_of_rows_apart(&self, net: &Net) -> Vec<(usize, f64)> {
        const BLOCK: usize = 4096;
        let model = DbnModel { nets: vec![net.clone()], rows_learned: 0 };
        let mut scores = Vec::with_capacity(self.rows.validation().len());
        for block in self.rows.validation().chunks(BLOCK) {
            let mut x = Array2::zeros((block.len(), self.rows.n_inputs()));
            self.rows.gather(block, &mut x);
            scores.extend(block.iter().map(|&row| row as usize).zip(model.scores(x.view())));
        }
        scores
    }

    /// The log-likelihood of a finished machine, to be estimated.
    pub(super) fn annealing(&self, layer: usize) -> Option<Annealing> {
        let machine = match self.machines.get(layer) {
            Some(rbm) => Machine::Plain(rbm.clone()),
            None => Machine::Joint(self.top.clone().filter(|_| layer == self.machines.len())?),
        };
        Annealing::new(&self.rows, self.map.clone(), &self.machines[..layer], &machine, self.seed)
    }

    /// In fine-tuning: mean |ΔW| over mean |W|, by layer; empty before the first look and at other times.
    pub(super) fn update_ratios(&self) -> &[Option<f64>] {
        match &self.stage {
            Stage::FineTuning(stage) => stage.update_ratios(),
            _ => &[],
        }
    }

    /// What the layers look like now.
    pub(super) fn monitors(&self) -> Monitors {
        let rows = self.watch.rows_of(self.rows.fit().len());
        match (&self.tuned, &self.stage) {
            (Some((network, _)), _) => look_at(network, &[], &self.rows, rows),
            (None, Stage::FineTuning(stage)) => look_at(stage.network(), stage.update_ratios(), &self.rows, rows),
            (None, Stage::PreTraining(stage)) => {
                let finished = self.machines.iter().map(|r| LayerMonitors { units: r.c.len(), ..Default::default() });
                let layers = finished.chain([stage.seen().clone()]).collect();
                Monitors { layers, ..Monitors::default() }
            }
            (None, _) => Monitors::default(),
        }
    }
}

/// The machine over the features alone.
pub(super) fn features_of(rbm: &Rbm) -> Rbm {
    let n = rbm.n_features();
    Rbm {
        w: rbm.w.slice(s![..n, ..]).to_owned(),
        b: rbm.b.slice(s![..n]).to_owned(),
        log_variance: rbm.log_variance.as_ref().map(|z| z.slice(s![..n]).to_owned()),
        n_classes: 0,
        ..rbm.clone()
    }
}

/// Activations and answers of `network` on the first `n` rows it learns from, beside what is known of its last update.
fn look_at(network: &Network, update_ratios: &[Option<f64>], rows: &Rows, n: usize) -> Monitors {
    let chosen: &[Row] = &rows.fit()[..n.min(rows.fit().len())];
    let mut x = Array2::zeros((chosen.len(), rows.n_inputs()));
    rows.gather(chosen, &mut x);
    let hidden = network.hidden(&x);
    let kind = if network.activation == Activation::Logistic { Hidden::Bernoulli } else { Hidden::Gaussian };
    let layer = |h: &Array2<f32>| LayerMonitors { saturated: saturation(kind, h), ..hidden_layer(h) };
    let mut layers: Vec<LayerMonitors> = hidden.iter().map(layer).collect();
    for (layer, ratio) in layers.iter_mut().zip(update_ratios) {
        layer.update_ratio = *ratio;
    }
    let (predicted, fault) = answers(&softmax(network.logits(&x)), &layers);
    Monitors { layers, predicted, fault, search: None }
}
