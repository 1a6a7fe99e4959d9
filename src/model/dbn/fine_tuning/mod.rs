//! Fine-tuning of all layers on labelled rows, mini-batch by mini-batch.

mod best;
mod start;

use ndarray::{Array2, s};

use self::best::Best;
pub(super) use self::start::{random_network, unfold};
use super::pre_training::smaller;
use super::rows::{Order, Row, Rows};
use super::{DbnParameters, PORTION};
use crate::model::kernels::{Lanes, Scratch};
use crate::model::network::{BackPropagation, Descent, Layer, Measures, Network, Objective, RateSchedule};
use crate::model::{NetOf, Phase, Series, StopReason};
use crate::random::{Purpose, Stream, stream};

const RUNAWAY_WEIGHT: f32 = 1e4;
/// Times that loss and accuracy are measured over a run, about.
const LOOKS: usize = 20;
/// Rows learned from on which they are measured, at most.
const TRAINING_ROWS: usize = 500;
/// Rows set apart on which they are measured, at most.
const VALIDATION_ROWS: usize = 2000;

/// What a portion came to.
pub(super) enum Portion {
    Within,
    EpochEnd(Option<StopReason>),
}

/// The net in training.
#[derive(Clone)]
pub(super) struct FineTuning {
    net: NetOf,
    network: Network,
    best: Best,
    /// The net at the start of the epoch, put back when numbers run away.
    good: Network,
    back_propagation: BackPropagation,
    descent: Descent,
    schedule: RateSchedule,
    /// Updates over which the rate rises first.
    warm_up: usize,
    epochs: usize,
    epochs_done: usize,
    updates_done: usize,
    patience: Option<usize>,
    class_weights: Vec<f32>,
    batch: usize,
    batch_rows: Scratch,
    batch_places: Vec<Row>,
    batch_classes: Vec<usize>,
    order: Order,
    random: Stream,
    /// Of the last update of the last epoch that was looked at, by layer.
    update_ratios: Vec<Option<f64>>,
    /// Of the last epoch, when it was looked at.
    training: Option<Measures>,
    validation: Option<Measures>,
}

impl FineTuning {
    /// `network` without a skip input is given the one that the settings ask for.
    pub(super) fn new(mut network: Network, p: &DbnParameters, rows: &Rows, net: NetOf, seed: u64) -> Self {
        let settings = &p.settings.fine_tuning;
        if network.skip.is_none() {
            network.skip = start::skip(settings.skip, rows);
        }
        let n = rows.fit().len();
        let (batch, epochs) = (p.fine_tuning_batch(n), p.fine_tuning_epochs(n));
        let class_weights = rows.class_weights(settings.class_weight);
        let objective =
            Objective { class_weights: class_weights.clone(), label_smoothing: settings.label_smoothing as f32 };
        let lanes = Lanes::new(&mut stream(seed, Purpose::FineTuning, 1));
        Self {
            net,
            best: Best::new(settings.early_stopping),
            good: network.clone(),
            back_propagation: BackPropagation::new(&network, batch, objective, settings.dropout as f32, lanes),
            descent: Descent::new(&network, settings.descent()),
            schedule: settings.schedule,
            warm_up: (settings.warm_up * (epochs * n.div_ceil(batch)) as f64).round() as usize,
            epochs,
            epochs_done: 0,
            updates_done: 0,
            patience: settings.patience,
            class_weights,
            batch,
            batch_rows: Scratch::new(batch, rows.n_inputs()),
            batch_places: Vec::with_capacity(batch),
            batch_classes: Vec::with_capacity(batch),
            order: Order::new(n),
            random: stream(seed, Purpose::FineTuning, 0),
            update_ratios: Vec::new(),
            training: None,
            validation: None,
            network,
        }
    }

    /// Numbers of which a copy of it consists, about: the net, the best and the good one, gradient and moments.
    pub(super) fn size(&self) -> usize {
        6 * self.network.n_parameters() + self.order.taken() + self.order.left()
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

    /// Mean |ΔW| over mean |W| of the last update of the last epoch that was looked at, by layer; empty before the first.
    pub(super) fn update_ratios(&self) -> &[Option<f64>] {
        &self.update_ratios
    }

    /// Updates of the epoch under way.
    pub(super) fn updates(&self) -> usize {
        self.order.taken().div_ceil(self.batch)
    }

    /// Mini-batches up to `most` multiply-adds or the end of the epoch, whichever comes first, at least one. `rate` is the
    /// base of the schedule.
    pub(super) fn advance(&mut self, most: usize, rows: &Rows, rate: f64, rows_seen: &mut u64) -> Portion {
        let per_row = 3 * self.network.n_parameters();
        let updates = self.epochs * rows.fit().len().div_ceil(self.batch);
        let mut work = 0;
        while self.order.left() > 0 {
            let places = self.order.take(self.batch, &mut self.random);
            self.batch_places.clear();
            self.batch_places.extend(places.iter().map(|&place| rows.fit()[place as usize]));
            let n = self.batch_places.len();
            self.batch_rows.room(self.batch);
            rows.gather(&self.batch_places, &mut self.batch_rows);
            rows.classes(&self.batch_places, &mut self.batch_classes);
            let x = self.batch_rows.slice(s![..n, ..]);
            let looked = self.is_looked_at();
            let gradient = self.back_propagation.gradient(&self.network, &x, &self.batch_classes);
            let share = self.schedule.share(self.updates_done, updates, self.warm_up);
            // How far the last update of an epoch that is looked at moves the weights.
            let before = (looked && self.order.left() == 0).then(|| self.network.layers.clone());
            self.descent.step(&mut self.network, gradient, (rate * share) as f32);
            if let Some(before) = before {
                self.update_ratios = before.iter().zip(&self.network.layers).map(|(a, b)| update_ratio(a, b)).collect();
            }
            self.updates_done += 1;
            *rows_seen += n as u64;
            work += n * per_row;
            if work >= most && self.order.left() > 0 {
                return Portion::Within;
            }
        }
        Portion::EpochEnd(self.end_epoch(rows, rate))
    }

    /// Whether the epoch under way is measured in the end.
    fn is_looked_at(&self) -> bool {
        let epoch = self.epochs_done + 1;
        epoch == self.epochs || epoch.is_multiple_of((self.epochs / LOOKS).max(1))
    }

    fn end_epoch(&mut self, rows: &Rows, rate: f64) -> Option<StopReason> {
        let epoch = self.epochs_done + 1;
        let looked = self.is_looked_at();
        let (training, validation) = if looked {
            (self.measure(rows, rows.fit(), TRAINING_ROWS), self.measure(rows, rows.validation(), VALIDATION_ROWS))
        } else {
            (None, None)
        };
        let finite = |m: Option<Measures>| m.is_none_or(|m| m.loss.is_finite());
        let largest = self.network.largest();
        if !finite(training) || !finite(validation) || largest.is_nan() || largest >= RUNAWAY_WEIGHT {
            self.network = self.good.clone();
            return Some(StopReason::Diverged {
                phase: Phase::FineTuning { net: self.net }.to_string(),
                epoch: epoch as u64,
                rate,
                try_rate: smaller(rate),
            });
        }
        (self.training, self.validation) = (training, validation);
        self.epochs_done = epoch;
        self.good.clone_from(&self.network);
        if let Some(measured) = &validation {
            self.best.see(&self.network, epoch, measured);
        }
        self.order.restart();
        let waited = self.best.kept().map_or(0, |(_, best)| epoch - best);
        if epoch == self.epochs {
            Some(StopReason::Completed)
        } else if looked && self.patience.is_some_and(|patience| waited >= patience) {
            Some(StopReason::EarlyStopped)
        } else {
            None
        }
    }

    /// On the first of `of`, at most `most` and no more than make a portion of work.
    fn measure(&self, rows: &Rows, of: &[Row], most: usize) -> Option<Measures> {
        let most = most.min((PORTION / self.network.n_parameters().max(1)).max(100));
        let chosen = &of[..of.len().min(most)];
        let mut x = Array2::zeros((chosen.len(), rows.n_inputs()));
        let mut y = Vec::with_capacity(chosen.len());
        rows.gather(chosen, &mut x);
        rows.classes(chosen, &mut y);
        Measures::new(&self.network.logits(&x), &y, &self.class_weights)
    }

    /// Loss and accuracy after the last epoch, if it was looked at.
    pub(super) fn record(&self, record: &mut dyn FnMut(Series, f64)) {
        let curves = [
            (self.training, Series::LossTraining, Series::AccuracyTraining),
            (self.validation, Series::LossValidation, Series::AccuracyValidation),
        ];
        for (measured, loss_series, accuracy_series) in curves {
            if let Some(measured) = measured {
                record(loss_series, measured.loss);
                record(accuracy_series, measured.accuracy);
            }
        }
    }

    /// Epochs after which the net was that is kept so far.
    pub(super) fn best_epoch(&self) -> usize {
        self.best.kept().map_or(self.epochs_done, |(_, epoch)| epoch)
    }

    /// The net of the best epoch so far, where one is kept, else the net as it is; and after how many epochs it was.
    pub(super) fn take_best(&self) -> (Network, usize) {
        (self.best.kept().map_or(&self.network, |(network, _)| network).clone(), self.best_epoch())
    }
}

/// Mean |ΔW| over mean |W| of a layer before and after an update; `None` where W is 0.
fn update_ratio(before: &Layer, after: &Layer) -> Option<f64> {
    let weights: f64 = after.w.iter().map(|&w| f64::from(w.abs())).sum();
    let moved: f64 = after.w.iter().zip(&before.w).map(|(&a, &b)| f64::from((a - b).abs())).sum();
    (weights > 0.0).then(|| moved / weights)
}

#[cfg(test)]
mod tests;
