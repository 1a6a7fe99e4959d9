//! One layer of greedy pre-training, mini-batch by mini-batch.

use ndarray::{Array2, s};

use super::{DbnParameters, PORTION, gather, monitored, shuffled};
use crate::model::kernels::Lanes;
use crate::model::rbm::{CdStep, ContrastiveDivergence, Rbm, Visible};
use crate::model::{Phase, Point, Series, StopReason, Tunables};
use crate::random::{Purpose, Stream, stream};

/// Epochs with the initial momentum of 0.5 (H10 §9).
const SLOW_EPOCHS: usize = 5;
/// A reconstruction error this many times the first, or a weight this large, is not learning any more.
const RUNAWAY_ERROR: f64 = 100.0;
const RUNAWAY_WEIGHT: f32 = 1e3;

/// What a portion came to.
pub(super) enum Portion {
    Within,
    EpochEnd { last: bool },
    Diverged(StopReason),
}

/// One RBM in training.
pub(super) struct PreTraining {
    layer: usize,
    epochs: usize,
    epochs_done: usize,
    batch: usize,
    sample_visible: bool,
    rbm: Rbm,
    /// The machine at the start of the epoch, put back when numbers run away.
    good: Rbm,
    cd: ContrastiveDivergence,
    x: Array2<f32>,
    x_validation: Array2<f32>,
    batch_rows: Array2<f32>,
    order: Vec<usize>,
    position: usize,
    /// Order of the rows.
    random: Stream,
    /// States of the units.
    lanes: Lanes,
    first_error: f64,
    errors: (Option<f64>, Option<f64>),
}

impl PreTraining {
    /// The lowest layer, on the prepared indicators: Gaussian visible units.
    pub(super) fn first(p: &DbnParameters, x: Array2<f32>, x_validation: Array2<f32>, seed: u64) -> Self {
        Self::new(p, 0, Visible::Gaussian, x, x_validation, seed)
    }

    /// A layer above, on the hidden probabilities of the one below: Bernoulli visible units.
    pub(super) fn above(p: &DbnParameters, layer: usize, x: Array2<f32>, x_validation: Array2<f32>, seed: u64) -> Self {
        Self::new(p, layer, Visible::Bernoulli, x, x_validation, seed)
    }

    fn new(
        p: &DbnParameters,
        layer: usize,
        visible: Visible,
        x: Array2<f32>,
        x_validation: Array2<f32>,
        seed: u64,
    ) -> Self {
        let n_hidden = p.settings.layers[layer];
        let rbm = Rbm::new(visible, n_hidden, &x, &mut stream(seed, Purpose::InitialWeights, layer as u64));
        let batch = p.pre_training_batch(x.nrows());
        let mut random = stream(seed, Purpose::PreTraining, layer as u64);
        let mut stage = Self {
            layer,
            epochs: p.pre_training_epochs(x.nrows()),
            epochs_done: 0,
            batch,
            sample_visible: p.settings.pre_training.sample_visible,
            good: rbm.clone(),
            cd: ContrastiveDivergence::new(&rbm, batch),
            batch_rows: Array2::zeros((batch, x.ncols())),
            order: shuffled(x.nrows(), &mut random),
            position: 0,
            lanes: Lanes::new(&mut random),
            random,
            first_error: 0.0,
            errors: (None, None),
            rbm,
            x,
            x_validation,
        };
        stage.measure();
        stage.first_error = stage.errors.0.unwrap_or(0.0);
        stage
    }

    pub(super) fn layer(&self) -> usize {
        self.layer
    }

    pub(super) fn epochs(&self) -> usize {
        self.epochs
    }

    pub(super) fn epochs_done(&self) -> usize {
        self.epochs_done
    }

    pub(super) fn rbm(&self) -> &Rbm {
        &self.rbm
    }

    /// Mini-batches up to the end of the portion or of the epoch, whichever comes first.
    pub(super) fn advance(&mut self, tunables: &Tunables, rows_seen: &mut u64) -> Portion {
        let (n, m) = self.rbm.w.dim();
        let per_row = n * m * (1 + 2 * (tunables.gibbs_steps + 1));
        let mut work = 0;
        let rate = match self.rbm.visible {
            Visible::Gaussian | Visible::Mixed(_) => tunables.gaussian_rate,
            Visible::Bernoulli => tunables.bernoulli_rate,
        };
        let slow = self.epochs_done < SLOW_EPOCHS;
        let step = CdStep {
            rate: rate as f32,
            momentum: if slow { tunables.momentum.min(0.5) } else { tunables.momentum } as f32,
            weight_cost: tunables.weight_cost as f32,
            gibbs_steps: tunables.gibbs_steps,
            sample_visible: self.sample_visible,
        };
        while self.position < self.order.len() {
            let rows = self.batch.min(self.order.len() - self.position);
            gather(&self.x, &self.order[self.position..self.position + rows], &mut self.batch_rows);
            self.cd.update(&mut self.rbm, &self.batch_rows.slice(s![..rows, ..]), &step, &mut self.lanes);
            self.position += rows;
            *rows_seen += rows as u64;
            work += rows * per_row;
            if work >= PORTION && self.position < self.order.len() {
                return Portion::Within;
            }
        }
        self.end_epoch(rate)
    }

    fn end_epoch(&mut self, rate: f64) -> Portion {
        self.measure();
        let error = self.errors.0.unwrap_or(0.0);
        let largest = self.rbm.largest();
        if !error.is_finite()
            || error > RUNAWAY_ERROR * self.first_error.max(0.01)
            || largest.is_nan()
            || largest >= RUNAWAY_WEIGHT
        {
            self.rbm = self.good.clone();
            self.measure();
            return Portion::Diverged(StopReason::Diverged {
                phase: Phase::PreTraining { layer: self.layer }.to_string(),
                epoch: self.epochs_done as u64 + 1,
                rate,
                try_rate: smaller(rate),
            });
        }
        self.epochs_done += 1;
        self.good.clone_from(&self.rbm);
        self.order = shuffled(self.x.nrows(), &mut self.random);
        self.position = 0;
        Portion::EpochEnd { last: self.epochs_done == self.epochs }
    }

    fn measure(&mut self) {
        let error =
            |x: &Array2<f32>| self.rbm.reconstruction_error(&x.slice(s![..monitored(x.nrows(), self.rbm.w.len()), ..]));
        self.errors = (error(&self.x), error(&self.x_validation));
    }

    /// The errors after the last epoch, as points at `x` epochs.
    pub(super) fn record(&self, x: f64, record: &mut dyn FnMut(Point)) {
        if let Some(y) = self.errors.0 {
            record(Point { series: Series::ReconstructionTraining(self.layer), x, y });
        }
        if let Some(y) = self.errors.1 {
            record(Point { series: Series::ReconstructionValidation(self.layer), x, y });
        }
    }

    /// E[h | v] of all rows, the training data of the layer above.
    pub(super) fn inputs_above(&self) -> (Array2<f32>, Array2<f32>) {
        (self.rbm.hidden_mean(&self.x), self.rbm.hidden_mean(&self.x_validation))
    }

    /// The machine, and its last reconstruction error (validation rows where there are any).
    pub(super) fn take(&self) -> (Rbm, Option<f64>) {
        (self.rbm.clone(), self.errors.1.or(self.errors.0))
    }
}

/// A third of the rate, to one significant digit: what to try next.
pub(super) fn smaller(rate: f64) -> f64 {
    let third = rate / 3.0;
    let unit = 10f64.powf(third.log10().floor());
    let digits = (third / unit).round().max(1.0);
    // Through text, so that 0.03 is shown as 0.03.
    format!("{:e}", digits * unit).parse().map_or(third, |r: f64| (r * 1e12).round() / 1e12)
}

#[cfg(test)]
mod tests {
    use super::smaller;

    #[test]
    fn the_rate_to_try_is_round_and_about_a_third() {
        assert_eq!(smaller(0.1), 0.03);
        assert_eq!(smaller(1.0), 0.3);
        assert_eq!(smaller(0.009), 0.003);
    }
}
