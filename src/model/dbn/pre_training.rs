//! One layer of greedy pre-training, mini-batch by mini-batch.

mod next_update;

use std::sync::Arc;

use ndarray::{Array1, Array2, s};

use super::features::{CACHE_BYTES, Features, HandOver};
use super::input_map::InputMap;
use super::machine::Machine;
use super::rows::{Order, Row, Rows};
use super::watching::{Budget, Look};
use super::{DbnParameters, Method, PORTION, PreTrainingSettings, Top};
use crate::model::kernels::{Lanes, Scratch};
use crate::model::rbm::{CdOptions, CdStep, ContrastiveDivergence, Hidden, Rbm, RbmError, Visible, longest_row};
use crate::model::{LayerMonitors, NetOf, Phase, Series, StopReason, Tunables};
use crate::random::{Purpose, Stream, stream};

pub use self::next_update::NextUpdate;

/// A reconstruction error this many times the first is not learning any more.
const RUNAWAY_ERROR: f64 = 100.0;
/// How fast the offsets of a centred gradient follow.
const CENTRING: f32 = 0.01;

/// Looks that must be affordable with ln Z for it to be enumerated at all.
const LOG_Z_LOOKS: usize = 10;
/// Least rows of a mini-batch in one go, however wide the layer: for fewer, going through the weights takes longer than
/// the products.
const LEAST_PART: usize = 32;

/// What a portion came to.
pub(super) enum Portion {
    Within,
    EpochEnd {
        last: bool,
    },
    /// Why, and what is known beside it.
    Diverged(StopReason, Option<RbmError>),
}

/// Which layer of which net.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) net: NetOf,
    pub(super) layer: usize,
    pub(super) seed: u64,
}

/// What is done next.
#[derive(Clone)]
enum Doing {
    /// Looks at the untrained machine.
    First(Look),
    Updates,
    /// Looks at the machine after an epoch.
    Looking(Look),
}

/// One RBM in training.
#[derive(Clone)]
pub(super) struct PreTraining {
    place: Place,
    epochs: usize,
    epochs_done: usize,
    batch: usize,
    machine: Machine,
    /// The machine when it was last looked at and found sound, put back when numbers run away.
    good: Machine,
    cd: ContrastiveDivergence,
    features: Features,
    scratch: Array2<f32>,
    batch_rows: Scratch,
    /// The places of the present mini-batch, and how many of them have been learned from.
    batch_places: Vec<Row>,
    batch_done: usize,
    /// Gradient of the parts of a mini-batch that is too much work for one portion.
    sum: GradientSum,
    order: Order,
    /// Order of the rows.
    random: Stream,
    /// States of the units.
    lanes: Lanes,
    doing: Doing,
    budget: Budget,
    /// Whether ln Z is enumerated at every look.
    with_log_z: bool,
    first_error: f64,
    seen: LayerMonitors,
    seen_at_end: bool,
}

impl PreTraining {
    /// The lowest layer, on the prepared indicators as `map` shows them to `visible` units.
    pub(super) fn first(
        p: &DbnParameters,
        rows: &Rows,
        (visible, map): (Visible, Option<Arc<InputMap>>),
        net: NetOf,
        seed: u64,
    ) -> Self {
        let mut features = Features::inputs(rows, map);
        let sample = features.sample(rows);
        Self::new(p, rows, Place { net, layer: 0, seed }, visible, features, &sample)
    }

    /// Begins to hand over to the layer above. `finished` is this layer's machine.
    pub(super) fn hand_over(self, finished: &Rbm) -> Handing {
        let mut features = self.features;
        let step = features.hand_over(finished, CACHE_BYTES);
        Handing { features, step, place: Place { layer: self.place.layer + 1, ..self.place } }
    }

    /// `sample` are rows that the machine is started from.
    fn new(
        p: &DbnParameters,
        rows: &Rows,
        place: Place,
        visible: Visible,
        features: Features,
        sample: &Array2<f32>,
    ) -> Self {
        let Place { layer, seed, .. } = place;
        let settings = &p.settings.pre_training;
        let mut weights = stream(seed, Purpose::InitialWeights, layer as u64);
        let n_hidden = p.settings.layers[layer];
        let is_joint = settings.top == Top::Joint && layer + 1 == p.settings.layers.len() && !rows.fit().is_empty();
        let mut machine = if is_joint {
            Machine::joint(visible, n_hidden, sample, rows, &mut weights)
        } else {
            Machine::Plain(Rbm::new(visible, n_hidden, sample, &mut weights))
        };
        let rbm = machine.rbm_mut();
        rbm.hidden = settings.hidden;
        if settings.learned_sigma && rbm.visible != Visible::Bernoulli && !is_joint {
            *rbm = rbm.clone().with_learned_variance(sample);
        }
        let rbm = machine.rbm();
        let options = CdOptions {
            negative_phase: settings.negative_phase(),
            sparsity: settings.sparsity(),
            centring: settings.centred.then_some(CENTRING),
            update_limit: settings.update_limit.map(|share| share as f32 * longest_row(sample)),
        };
        let n = features.n_learned();
        let batch = p.pre_training_batch(n);
        let epochs = p.pre_training_epochs(n);
        let epoch = n * Self::work(rbm, &features, settings.gibbs_steps);
        let per_row = Look::work(rbm) + features.work();
        let log_z_work = Look::log_z_work(rbm).filter(|&work| Budget::affords(work, LOG_Z_LOOKS, epochs, epoch));
        let budget = Budget::new(epoch, per_row, [n, features.n_validation()], log_z_work.unwrap_or(0));
        let with_log_z = log_z_work.is_some();
        let mut random = stream(seed, Purpose::PreTraining, layer as u64);
        Self {
            place,
            epochs,
            epochs_done: 0,
            batch,
            good: machine.clone(),
            cd: ContrastiveDivergence::with_options(rbm, batch, &options),
            scratch: Array2::zeros((0, 0)),
            batch_rows: Scratch::new(batch, rbm.n_visible()),
            batch_places: Vec::with_capacity(batch),
            batch_done: 0,
            sum: GradientSum::default(),
            order: Order::new(n),
            lanes: Lanes::new(&mut random),
            random,
            doing: Doing::First(Look::new(&features, &machine, &budget, with_log_z)),
            budget,
            with_log_z,
            first_error: 0.0,
            seen: LayerMonitors::default(),
            seen_at_end: false,
            machine,
            features,
        }
    }

    /// Multiply-adds of learning from one row.
    fn work(rbm: &Rbm, features: &Features, gibbs_steps: usize) -> usize {
        rbm.w.len() * (1 + 2 * (gibbs_steps + 1)) + features.work()
    }

    pub(super) fn layer(&self) -> usize {
        self.place.layer
    }

    pub(super) fn epochs(&self) -> usize {
        self.epochs
    }

    pub(super) fn epochs_done(&self) -> usize {
        self.epochs_done
    }

    pub(super) fn rbm(&self) -> &Rbm {
        self.machine.rbm()
    }

    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Rows handed out make up so many updates of the epoch under way.
    pub(super) fn updates(&self) -> usize {
        self.order.taken().div_ceil(self.batch) - usize::from(!self.is_between_updates())
    }

    /// Whether no mini-batch is done in part.
    pub(super) fn is_between_updates(&self) -> bool {
        self.batch_done == self.batch_places.len()
    }

    /// Whether all rows of the epoch have been learned from, and the epoch has not ended.
    pub(super) fn is_at_end_of_epoch(&self) -> bool {
        self.is_between_updates() && self.order.left() == 0
    }

    /// ΔW, Δb and Δc of the last update; 0 before the first.
    pub(super) fn last_update(&self) -> (&Array2<f32>, &Array1<f32>, &Array1<f32>) {
        self.cd.last_update()
    }

    /// Numbers of which a copy of it consists, about.
    pub(super) fn size(&self) -> usize {
        // The machine, the good one and the one to be looked at; what learning from it holds.
        3 * self.machine.rbm().w.len() + self.cd.size() + self.order.left() + self.order.taken()
    }

    /// Forgets what can be made again at the cost of some work, with the same bits.
    pub(super) fn lighten(&mut self) {
        self.features.lighten();
    }

    /// Mini-batches up to `most` multiply-adds or the end of the epoch, whichever comes first; or a part of a look.
    pub(super) fn advance(
        &mut self,
        most: usize,
        p: &DbnParameters,
        rows: &Rows,
        below: &[Rbm],
        tunables: &Tunables,
        rows_seen: &mut u64,
    ) -> Portion {
        if let Doing::First(look) | Doing::Looking(look) = &mut self.doing
            && !look.advance(&mut self.features, rows, below, &self.machine)
        {
            return Portion::Within;
        }
        match std::mem::replace(&mut self.doing, Doing::Updates) {
            Doing::Updates => self.learn(most, p, rows, below, tunables, rows_seen),
            Doing::First(look) => {
                self.seen = look.finish(&self.cd, self.machine.rbm());
                self.first_error = self.seen.reconstruction[0].unwrap_or(0.0);
                Portion::Within
            }
            Doing::Looking(look) => {
                self.seen = look.finish(&self.cd, self.machine.rbm());
                self.end_epoch(tunables, true)
            }
        }
    }

    /// The numbers of the next update.
    pub(super) fn step(&self, p: &DbnParameters, tunables: &Tunables) -> CdStep {
        let settings = &p.settings.pre_training;
        let slow = self.epochs_done < settings.first_epochs;
        let share = settings.rate_share(self.epochs_done, self.epochs);
        CdStep {
            rate: (self.rate(tunables) * share) as f32,
            momentum: if slow { tunables.momentum.min(settings.first_momentum) } else { tunables.momentum } as f32,
            weight_cost: tunables.weight_cost as f32,
            gibbs_steps: tunables.gibbs_steps,
            sample_visible: settings.sample_visible,
        }
    }

    /// Rows of a mini-batch in one go.
    fn rows_at_once(&self, settings: &PreTrainingSettings, gibbs_steps: usize) -> usize {
        let per_row = Self::work(self.machine.rbm(), &self.features, gibbs_steps);
        if is_divisible(settings) { (PORTION / per_row).max(LEAST_PART) } else { usize::MAX }
    }

    fn learn(
        &mut self,
        most: usize,
        p: &DbnParameters,
        rows: &Rows,
        below: &[Rbm],
        tunables: &Tunables,
        rows_seen: &mut u64,
    ) -> Portion {
        let per_row = Self::work(self.machine.rbm(), &self.features, tunables.gibbs_steps);
        let step = self.step(p, tunables);
        let at_once = self.rows_at_once(&p.settings.pre_training, tunables.gibbs_steps);
        // A mini-batch begun in an earlier portion ends this one, so that changed tunables are heard between mini-batches.
        let goes_on = !self.is_between_updates();
        let mut work = 0;
        while work < most && (self.batch_done < self.batch_places.len() || self.order.left() > 0) {
            if self.batch_done == self.batch_places.len() {
                self.batch_places.clear();
                self.batch_places.extend_from_slice(self.order.take(self.batch, &mut self.random));
                self.batch_done = 0;
            }
            let left = &self.batch_places[self.batch_done..];
            let part = &left[..left.len().min(at_once)];
            self.batch_rows.room(self.batch);
            let (scratch, out) = (&mut self.scratch, &mut *self.batch_rows);
            self.machine.show(&mut self.features, rows, below, part, scratch, out);
            let shown = self.batch_rows.slice(s![..part.len(), ..]);
            self.cd.gradient(self.machine.rbm(), &shown, &step, &mut self.lanes);
            let (n, all) = (part.len(), self.batch_places.len());
            if n < all {
                self.sum.add(n as f32 / all as f32, &self.cd);
            }
            self.batch_done += n;
            if self.batch_done == all {
                if n < all {
                    self.sum.take(&mut self.cd);
                }
                self.cd.follow(self.machine.rbm_mut(), &step);
            }
            *rows_seen += n as u64;
            work += n * per_row;
            if goes_on && self.is_between_updates() {
                break;
            }
        }
        if self.batch_done < self.batch_places.len() || self.order.left() > 0 {
            return Portion::Within;
        }
        let is_last = self.epochs_done + 1 == self.epochs;
        if self.budget.due(per_row * self.features.n_learned()) || is_last {
            self.doing = Doing::Looking(Look::new(&self.features, &self.machine, &self.budget, self.with_log_z));
            return Portion::Within;
        }
        self.end_epoch(tunables, false)
    }

    fn rate(&self, tunables: &Tunables) -> f64 {
        match self.machine.rbm().visible {
            Visible::Gaussian | Visible::Mixed(_) => tunables.gaussian_rate,
            Visible::Bernoulli => tunables.bernoulli_rate,
        }
    }

    fn end_epoch(&mut self, tunables: &Tunables, looked: bool) -> Portion {
        let error = self.seen.reconstruction[0].unwrap_or(0.0);
        let check = self.machine.rbm().check();
        if check.is_err() || !error.is_finite() || error > RUNAWAY_ERROR * self.first_error.max(0.01) {
            self.machine = self.good.clone();
            let rate = self.rate(tunables);
            let reason = StopReason::Diverged {
                phase: Phase::PreTraining { net: self.place.net, layer: self.place.layer }.to_string(),
                epoch: self.epochs_done as u64 + 1,
                rate,
                try_rate: smaller(rate),
            };
            return Portion::Diverged(reason, check.err());
        }
        self.epochs_done += 1;
        self.seen_at_end = looked;
        if looked {
            self.good.clone_from(&self.machine);
        }
        self.order.restart();
        Portion::EpochEnd { last: self.epochs_done == self.epochs }
    }

    /// Hands over what was seen after the last epoch, if it was looked at.
    pub(super) fn record(&self, record: &mut dyn FnMut(Series, f64)) {
        if self.seen_at_end {
            layer_points(&self.seen, self.place.layer, record);
        }
    }

    /// What was last seen.
    pub(super) fn seen(&self) -> &LayerMonitors {
        &self.seen
    }

    /// Last reconstruction error, of validation rows where there are any.
    pub(super) fn reconstruction(&self) -> Option<f64> {
        self.seen.reconstruction[1].or(self.seen.reconstruction[0])
    }
}

/// Whether the gradient of a mini-batch is the mean over its rows of something that each gives by itself.
fn is_divisible(settings: &PreTrainingSettings) -> bool {
    settings.method == Method::Cd && !settings.learned_sigma && !settings.centred && settings.sparsity().is_none()
}

/// A gradient put together from those of parts of a mini-batch.
#[derive(Clone, Default)]
struct GradientSum {
    parts: Option<(Array2<f32>, Array1<f32>, Array1<f32>)>,
}

impl GradientSum {
    /// Adds the gradient that stands in `cd`, of a part that holds this share of the rows.
    fn add(&mut self, share: f32, cd: &ContrastiveDivergence) {
        match &mut self.parts {
            None => self.parts = Some((&cd.g_w * share, &cd.g_b * share, &cd.g_c * share)),
            Some((w, b, c)) => {
                w.scaled_add(share, &cd.g_w);
                b.scaled_add(share, &cd.g_b);
                c.scaled_add(share, &cd.g_c);
            }
        }
    }

    /// Puts the sum into `cd` and begins anew.
    fn take(&mut self, cd: &mut ContrastiveDivergence) {
        if let Some((w, b, c)) = self.parts.take() {
            (cd.g_w, cd.g_b, cd.g_c) = (w, b, c);
        }
    }
}

/// Hands over what was seen of a layer, as values of its curves.
pub(super) fn layer_points(seen: &LayerMonitors, layer: usize, record: &mut dyn FnMut(Series, f64)) {
    let dead = (seen.units > 0).then(|| seen.dead as f64 / seen.units as f64);
    for (series, y) in [
        (Series::ReconstructionTraining(layer), seen.reconstruction[0]),
        (Series::ReconstructionValidation(layer), seen.reconstruction[1]),
        (Series::FreeEnergyTraining(layer), seen.free_energy[0]),
        (Series::FreeEnergyValidation(layer), seen.free_energy[1]),
        (Series::LogLikelihoodTraining(layer), seen.log_likelihood[0]),
        (Series::LogLikelihoodValidation(layer), seen.log_likelihood[1]),
        (Series::UpdateRatio(layer), seen.update_ratio),
        (Series::Saturation(layer), seen.saturated),
        (Series::DeadUnits(layer), dead),
    ] {
        if let Some(y) = y.filter(|y| y.is_finite()) {
            record(series, y);
        }
    }
}

/// The step from a finished layer to the one above.
#[derive(Clone)]
pub(super) struct Handing {
    features: Features,
    step: HandOver,
    place: Place,
}

impl Handing {
    /// One portion. True when the layer above may begin. `machines` are all finished ones.
    pub(super) fn advance(&mut self, rows: &Rows, machines: &[Rbm]) -> bool {
        self.step.advance(&mut self.features, rows, machines)
    }

    /// Numbers of which a copy of it consists, about.
    pub(super) fn size(&self) -> usize {
        self.step.size()
    }

    /// The layer that is to begin, from 0.
    pub(super) fn layer(&self) -> usize {
        self.place.layer
    }

    /// The layer above, on what the hidden units of the one below hand on: Bernoulli visible units for probabilities.
    pub(super) fn finish(mut self, p: &DbnParameters, rows: &Rows) -> PreTraining {
        let sample = self.step.finish(&mut self.features);
        let visible = match p.settings.pre_training.hidden {
            Hidden::Bernoulli => Visible::Bernoulli,
            Hidden::Gaussian | Hidden::Rectified => Visible::Gaussian,
        };
        PreTraining::new(p, rows, self.place, visible, self.features, &sample)
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
