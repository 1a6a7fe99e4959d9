//! Fine-tuning of all layers with early stopping.

use ndarray::{Array1, Array2, s};
use rand_distr::{Distribution as _, StandardNormal};

use super::pre_training::smaller;
use super::rows::{Order, Row, Rows};
use super::{DbnParameters, PORTION};
use crate::model::network::{BackPropagation, Layer, Network};
use crate::model::rbm::Rbm;
use crate::model::{NetOf, Phase, Series, StopReason};
use crate::random::{Purpose, Stream, stream};

const RUNAWAY_WEIGHT: f32 = 1e4;

/// Whether the largest weight is beyond reason, or not a number.
fn runaway(largest: f32) -> bool {
    largest.is_nan() || largest >= RUNAWAY_WEIGHT
}

/// The stack unfolded into a feed-forward net, bit for bit the up-pass of its machines; the output layer starts at
/// N(0, 0.01²) with the log share of each class as its bias.
pub(super) fn unfold(rbms: &[Rbm], rows: &Rows, seed: u64) -> Network {
    let mut layers: Vec<Layer> = rbms.iter().map(|r| Layer { w: r.w.clone(), b: r.c.clone() }).collect();
    let below = layers.last().map_or(rows.n_inputs(), |l| l.b.len());
    layers.push(output_layer(below, rows, seed, rbms.len()));
    Network { layers }
}

/// The same net with random weights: Glorot's normal for logistic units, standard deviation
/// `√(2 / (n_in + n_out))`.
pub(super) fn random_network(sizes: &[usize], rows: &Rows, seed: u64) -> Network {
    let mut layers = Vec::with_capacity(sizes.len() + 1);
    let mut below = rows.n_inputs();
    for (l, &size) in sizes.iter().enumerate() {
        let mut random = stream(seed, Purpose::InitialWeights, l as u64);
        let sd = (2.0 / (below + size) as f32).sqrt();
        layers.push(Layer { w: normal(below, size, sd, &mut random), b: Array1::zeros(size) });
        below = size;
    }
    layers.push(output_layer(below, rows, seed, sizes.len()));
    Network { layers }
}

fn output_layer(below: usize, rows: &Rows, seed: u64, index: usize) -> Layer {
    let mut random = stream(seed, Purpose::InitialWeights, index as u64);
    let n = rows.fit().len() as f32;
    let b = rows.class_counts().iter().map(|&count| (count.max(1) as f32 / n).ln()).collect();
    Layer { w: normal(below, rows.n_classes(), 0.01, &mut random), b }
}

fn normal(n_in: usize, n_out: usize, sd: f32, random: &mut Stream) -> Array2<f32> {
    Array2::from_shape_simple_fn((n_in, n_out), || {
        let z: f32 = StandardNormal.sample(random);
        sd * z
    })
}

/// Rows on which loss and accuracy are measured after each epoch, at most.
const MONITOR_ROWS: usize = 2000;

/// Of `rows`, how many are measured for a net of this many weights: no more work than a portion.
fn monitored(rows: usize, weights: usize) -> usize {
    rows.min(MONITOR_ROWS).min((PORTION / weights.max(1)).max(100))
}

/// What a portion came to.
pub(super) enum Portion {
    Within,
    EpochEnd(Option<StopReason>),
}

/// The net in training.
pub(super) struct FineTuning {
    net: NetOf,
    network: Network,
    best: Network,
    best_loss: f64,
    best_epoch: usize,
    /// The net at the start of the epoch, put back when numbers run away.
    good: Network,
    bp: BackPropagation,
    epochs: usize,
    epochs_done: usize,
    patience: usize,
    batch: usize,
    weights: Vec<f32>,
    batch_rows: Array2<f32>,
    batch_classes: Vec<usize>,
    order: Order,
    random: Stream,
    training: Option<(f64, f64)>,
    validation: Option<(f64, f64)>,
}

impl FineTuning {
    pub(super) fn new(network: Network, p: &DbnParameters, rows: &Rows, net: NetOf, seed: u64) -> Self {
        let batch = p.fine_tuning_batch(rows.fit().len());
        Self {
            net,
            best: network.clone(),
            best_loss: f64::INFINITY,
            best_epoch: 0,
            good: network.clone(),
            bp: BackPropagation::new(&network, batch, p.settings.fine_tuning.optimizer),
            epochs: p.fine_tuning_epochs(rows.fit().len()),
            epochs_done: 0,
            patience: p.settings.fine_tuning.patience,
            batch,
            weights: rows.class_weights(p.settings.fine_tuning.class_weight),
            batch_rows: Array2::zeros((batch, rows.n_inputs())),
            batch_classes: Vec::with_capacity(batch),
            order: Order::new(rows.fit().len()),
            random: stream(seed, Purpose::FineTuning, 0),
            training: None,
            validation: None,
            network,
        }
    }

    pub(super) fn epochs(&self) -> usize {
        self.epochs
    }

    pub(super) fn epochs_done(&self) -> usize {
        self.epochs_done
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    pub(super) fn best_epoch(&self) -> usize {
        self.best_epoch
    }

    /// Mini-batches up to the end of the portion or of the epoch, whichever comes first.
    pub(super) fn advance(&mut self, rows: &Rows, rate: f64, rows_seen: &mut u64) -> Portion {
        let per_row: usize = 6 * self.network.layers.iter().map(|l| l.w.len()).sum::<usize>();
        let mut work = 0;
        while self.order.left() > 0 {
            let places = self.order.take(self.batch, &mut self.random);
            let chosen: Vec<Row> = places.iter().map(|&place| rows.fit()[place as usize]).collect();
            let n = chosen.len();
            rows.gather(&chosen, &mut self.batch_rows);
            rows.classes(&chosen, &mut self.batch_classes);
            let x = self.batch_rows.slice(s![..n, ..]);
            self.bp.gradient(&self.network, &x, &self.batch_classes, &self.weights);
            self.bp.update(&mut self.network, rate as f32);
            *rows_seen += n as u64;
            work += n * per_row;
            if work >= PORTION && self.order.left() > 0 {
                return Portion::Within;
            }
        }
        Portion::EpochEnd(self.end_epoch(rows, rate))
    }

    fn end_epoch(&mut self, rows: &Rows, rate: f64) -> Option<StopReason> {
        let n_weights = self.network.layers.iter().map(|l| l.w.len()).sum();
        let measure = |rows_of: &[Row]| {
            let chosen = &rows_of[..monitored(rows_of.len(), n_weights)];
            let mut x = Array2::zeros((chosen.len(), rows.n_inputs()));
            let mut y = Vec::new();
            rows.gather(chosen, &mut x);
            rows.classes(chosen, &mut y);
            self.network.loss_and_accuracy(&x, &y, &self.weights)
        };
        let training = measure(rows.fit());
        let validation = measure(rows.validation());
        let finite = |m: Option<(f64, f64)>| m.is_none_or(|(loss, _)| loss.is_finite());
        if !finite(training) || !finite(validation) || runaway(self.network.largest()) {
            self.network = self.good.clone();
            return Some(StopReason::Diverged {
                phase: Phase::FineTuning { net: self.net }.to_string(),
                epoch: self.epochs_done as u64 + 1,
                rate,
                try_rate: smaller(rate),
            });
        }
        (self.training, self.validation) = (training, validation);
        self.epochs_done += 1;
        self.good.clone_from(&self.network);
        // Without validation rows the last epoch is the one to keep.
        let loss = validation.map_or(f64::NEG_INFINITY, |(loss, _)| loss);
        if loss < self.best_loss || validation.is_none() {
            self.best_loss = loss;
            self.best.clone_from(&self.network);
            self.best_epoch = self.epochs_done;
        }
        self.order.restart();
        if self.epochs_done == self.epochs {
            Some(StopReason::Completed)
        } else if self.epochs_done - self.best_epoch >= self.patience {
            Some(StopReason::EarlyStopped)
        } else {
            None
        }
    }

    /// Loss and accuracy after the last epoch.
    pub(super) fn record(&self, record: &mut dyn FnMut(Series, f64)) {
        let curves = [
            (self.training, Series::LossTraining, Series::AccuracyTraining),
            (self.validation, Series::LossValidation, Series::AccuracyValidation),
        ];
        for (values, loss_series, accuracy_series) in curves {
            if let Some((loss, accuracy)) = values {
                record(loss_series, loss);
                record(accuracy_series, accuracy);
            }
        }
    }

    /// The net of the best epoch (of the last good one when none was measured), and which epoch it is.
    pub(super) fn take_best(&self) -> (Network, usize) {
        if self.best_epoch == 0 { (self.network.clone(), 0) } else { (self.best.clone(), self.best_epoch) }
    }
}
