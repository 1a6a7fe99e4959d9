//! Annealed importance sampling of ln Z (SM08; Neal, 2001), forwards and backwards.
//!
//! From the base-rate machine A, whose visible units are independent with the means of the rows, to the machine, over
//! machines with weights βW, visible biases `b_A + β(b − b_A)` and hidden biases βc (c itself for Gaussian hidden units),
//! β from 0 to 1. Each chain collects
//! `ln w = Σ ln p*_β'(v) − ln p*_β(v)` from one β to the next, moving by a Gibbs step in between; `E[w] = Z/Z_A`.
//!
//! Backwards, from states of the machine itself down to A, `E[w] = Z_A/Z`. By Jensen's inequality the forward estimate of
//! ln Z is too low on average and the backward one too high, so together they bracket it (Burda, Grosse, Salakhutdinov,
//! 2015) — as long as the states given really are the machine's.

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, ArrayRef1, ArrayRef2, Zip, s};

use super::conditionals::{Conditionals, Scale, draw_from_inputs, flat};
use super::enumeration::log_sum_exp;
use super::exact::softplus;
use super::{Hidden, Rbm, clipped_logit};
use crate::model::kernels::{self, Lanes};
use crate::random::Stream;

/// Which way the chains go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the base-rate machine: ln Z too low on average.
    Forward,
    /// From states of the machine: ln Z too high on average.
    Backward,
}

/// A run of annealed importance sampling, advanced in portions.
#[derive(Clone, Debug)]
pub struct Ais {
    rbm: Rbm,
    scale: Option<Scale>,
    direction: Direction,
    base: Array1<f32>,
    /// `(b − b_A)/σ²` at Gaussian units, `b − b_A` at others: what a unit adds to ln p* for a step of β.
    slope: Array1<f64>,
    temperatures: usize,
    done: usize,
    lanes: Lanes,
    v: Array2<f32>,
    /// v̂·W
    input: Array2<f32>,
    warm: Array2<f32>,
    h: Array2<f32>,
    no_bias: Array1<f32>,
    log_weights: Array1<f64>,
}

/// ln Z as estimated, and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AisEstimate {
    /// ln Ẑ, in nats.
    pub log_z: f64,
    /// ln of Ẑ less three standard errors; `None` where that is not positive: more temperatures are needed.
    pub low: Option<f64>,
    /// ln of Ẑ and three standard errors; `None` backwards where 1/Ẑ less three of its own is not positive.
    pub high: Option<f64>,
    /// Effective number of chains, `(Σw)²/Σw²`: near 1 a single chain decides, and nothing here can be trusted.
    pub effective_chains: f64,
    /// Chains that ran.
    pub chains: usize,
}

impl Ais {
    /// A run of `chains` chains over `temperatures` steps of β, from the base-rate machine of `means`, the column means of
    /// training rows (`n_visible`). 100 chains and 1,000 temperatures do for most. `None` for rectified hidden units.
    pub fn new(
        rbm: &Rbm,
        means: &ArrayRef1<f32>,
        chains: usize,
        temperatures: usize,
        random: &mut Stream,
    ) -> Option<Self> {
        let mut ais = Self::prepared(rbm, means, Direction::Forward, chains.max(1), temperatures, random)?;
        let (machine, v) = (Conditionals::new(&ais.rbm, ais.scale.as_ref()), &mut ais.v);
        for mut row in v.rows_mut() {
            row.assign(&ais.base);
        }
        machine.visible_from_inputs(v);
        machine.draw_visible(&mut ais.lanes, v);
        Some(ais)
    }

    /// A run backwards from `states` `(chains, n_visible)` of the machine: exact samples, or what long chains left.
    pub fn backward(
        rbm: &Rbm,
        means: &ArrayRef1<f32>,
        states: &ArrayRef2<f32>,
        temperatures: usize,
        random: &mut Stream,
    ) -> Option<Self> {
        let mut ais = Self::prepared(rbm, means, Direction::Backward, states.nrows(), temperatures, random)?;
        ais.v.assign(states);
        Some(ais)
    }

    fn prepared(
        rbm: &Rbm,
        means: &ArrayRef1<f32>,
        direction: Direction,
        chains: usize,
        temperatures: usize,
        random: &mut Stream,
    ) -> Option<Self> {
        if rbm.hidden == Hidden::Rectified || chains == 0 {
            return None;
        }
        let (n, m) = rbm.w.dim();
        let base: Array1<f32> = (0..n)
            .map(|i| match i {
                i if rbm.is_gaussian(i) => means[i],
                i if i >= rbm.n_features() => means[i].clamp(0.01, 0.99).ln(),
                i => clipped_logit(means[i]),
            })
            .collect();
        let slope = (0..n).map(|i| f64::from(rbm.b[i] - base[i]) / f64::from(rbm.sigma(i)).powi(2)).collect();
        Some(Self {
            scale: Scale::of(rbm),
            direction,
            base,
            slope,
            temperatures: temperatures.max(1),
            done: 0,
            lanes: Lanes::new(random),
            v: Array2::zeros((chains, n)),
            input: Array2::zeros((chains, m)),
            warm: Array2::zeros((chains, m)),
            h: Array2::zeros((chains, m)),
            no_bias: Array1::zeros(m),
            log_weights: Array1::zeros(chains),
            rbm: rbm.clone(),
        })
    }

    /// Up to `steps` temperatures further. Says whether more are left.
    pub fn advance(&mut self, steps: usize) -> bool {
        let end = self.temperatures.min(self.done + steps.max(1));
        while self.done < end {
            let (from, to) = (self.beta(self.done), self.beta(self.done + 1));
            self.step(from, to);
            self.done += 1;
        }
        self.done < self.temperatures
    }

    /// Share of the temperatures that is done, in 0..=1.
    pub fn progress(&self) -> f64 {
        self.done as f64 / self.temperatures as f64
    }

    fn beta(&self, step: usize) -> f64 {
        let beta = step as f64 / self.temperatures as f64;
        if self.direction == Direction::Forward { beta } else { 1.0 - beta }
    }

    /// Weighs the states by the step from one β to the next, and moves them by one Gibbs step there.
    fn step(&mut self, from: f64, to: f64) {
        let machine = Conditionals::new(&self.rbm, self.scale.as_ref());
        kernels::affine(&self.v, machine.up_weights(), &self.no_bias, &mut self.input);
        for (sign, beta) in [(-1.0, from), (1.0, to)] {
            let bias = self.hidden_bias(beta as f32);
            let chains = self.v.rows().into_iter().zip(&mut self.log_weights);
            for ((v, log_weight), (input, mut warm)) in
                chains.zip(self.input.rows().into_iter().zip(self.warm.rows_mut()))
            {
                Zip::from(&mut warm).and(&input).and(&bias).for_each(|a, &x, &c| *a = c + beta as f32 * x);
                let visible: f64 = v.iter().zip(&self.slope).map(|(&v, slope)| f64::from(v) * slope).sum();
                *log_weight += sign * (beta * visible + self.rbm.hidden_term(&warm));
            }
        }
        draw_from_inputs(self.rbm.hidden, &mut self.lanes, flat(&mut self.warm), flat(&mut self.h));
        kernels::product_transposed(&self.h, &self.rbm.w, &mut self.v);
        let bias = &self.base + &((&self.rbm.b - &self.base) * to as f32);
        for mut row in self.v.rows_mut() {
            machine.add_bias(&bias, to as f32, &mut row);
        }
        machine.visible_from_inputs(&mut self.v);
        machine.draw_visible(&mut self.lanes, &mut self.v);
    }

    fn hidden_bias(&self, beta: f32) -> Array1<f32> {
        if self.rbm.hidden == Hidden::Gaussian { self.rbm.c.clone() } else { &self.rbm.c * beta }
    }

    /// The estimate, once every temperature is done.
    pub fn estimate(&self) -> Option<AisEstimate> {
        if self.done < self.temperatures {
            return None;
        }
        let chains = self.log_weights.len();
        let n = chains as f64;
        let log_sum = log_sum_exp(&self.log_weights.to_vec());
        let log_mean = log_sum - n.ln();
        let log_squares = log_sum_exp(&self.log_weights.mapv(|w| 2.0 * w).to_vec());
        let effective_chains = (2.0 * log_sum - log_squares).exp();
        // Standard error of the mean weight as a share of it.
        let error = ((n / effective_chains - 1.0).max(0.0) / (n - 1.0).max(1.0)).sqrt();
        let (shrunk, grown) = ((error < 1.0 / 3.0).then(|| (-3.0 * error).ln_1p()), Some((3.0 * error).ln_1p()));
        let base = self.log_z_of_base();
        let (log_z, low, high) = match self.direction {
            Direction::Forward => (base + log_mean, shrunk, grown),
            Direction::Backward => (base - log_mean, grown.map(|x| -x), shrunk.map(|x| -x)),
        };
        let at = |by: Option<f64>| by.map(|by| log_z + by);
        Some(AisEstimate { log_z, low: at(low), high: at(high), effective_chains, chains })
    }

    /// ln Z of the machine at β = 0, less the `b²/2σ²` of Gaussian units that [`Self::step`] leaves out.
    fn log_z_of_base(&self) -> f64 {
        let rbm = &self.rbm;
        let features: f64 = (0..rbm.n_features())
            .map(|i| {
                let (base, b, sigma) = (f64::from(self.base[i]), f64::from(rbm.b[i]), f64::from(rbm.sigma(i)));
                if rbm.is_gaussian(i) {
                    0.5 * TAU.ln() + sigma.ln() + (base * base - b * b) / (2.0 * sigma * sigma)
                } else {
                    softplus(base)
                }
            })
            .sum();
        let label: Vec<f64> = self.base.slice(s![rbm.n_features()..]).iter().map(|&x| f64::from(x)).collect();
        let label = if label.is_empty() { 0.0 } else { log_sum_exp(&label) };
        features + label + rbm.hidden_term(&self.hidden_bias(0.0))
    }
}
