//! Steps of the weights of a net along a gradient.

use serde::{Deserialize, Serialize};

use super::back_propagation::Gradient;
use super::{Network, slice, slice_mut};
use crate::model::kernels::{self, Adam, Momentum};

/// Adam's β₁ and β₂.
const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;

/// How the weights follow the gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// Adam with β = (0.9, 0.999) and ε = 1e-8, its weight decay decoupled from the gradient (Loshchilov and Hutter 2019).
    Adam,
    /// Stochastic gradient descent with momentum, its weight decay part of the gradient.
    Sgd,
}

/// The numbers of a step that stay the same over a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DescentSettings {
    /// Which rule.
    pub optimizer: Optimizer,
    /// Momentum of [`Optimizer::Sgd`], in [0, 1).
    pub momentum: f32,
    /// Decay of hidden and output weights, ≥ 0; biases do not decay.
    pub weight_decay: f32,
    /// Decay of the weights of the skip input, ≥ 0.
    pub skip_decay: f32,
    /// The rate of the weights of the skip input, as a share of the others'.
    pub skip_rate: f32,
}

/// An optimiser and what it remembers of past gradients.
#[derive(Clone, Debug)]
pub struct Descent {
    settings: DescentSettings,
    /// Moments (or increments) of all weights in one row: of each layer from the lowest its weights, then its biases; last
    /// those of the skip input.
    first: Vec<f32>,
    /// Second moments, Adam only.
    second: Vec<f32>,
    updates: u32,
    /// Of the present update, Adam only.
    corrections: [f32; 2],
}

impl Descent {
    /// An optimiser that has seen nothing.
    pub fn new(network: &Network, settings: DescentSettings) -> Self {
        let n = network.n_parameters();
        let second = if settings.optimizer == Optimizer::Adam { vec![0.0; n] } else { Vec::new() };
        Self { settings, first: vec![0.0; n], second, updates: 0, corrections: [1.0; 2] }
    }

    /// One step along `gradient`.
    pub fn step(&mut self, network: &mut Network, gradient: &Gradient, rate: f32) {
        self.updates = self.updates.saturating_add(1);
        self.corrections = Adam::corrections(BETA_1, BETA_2, self.updates);
        let DescentSettings { weight_decay, skip_decay, skip_rate, .. } = self.settings;
        let mut from = 0;
        for (layer, g) in network.layers.iter_mut().zip(&gradient.layers) {
            from = self.follow(from, slice_mut(&mut layer.w), slice(&g.w), rate, weight_decay);
            from = self.follow(from, slice_mut(&mut layer.b), slice(&g.b), rate, 0.0);
        }
        if let (Some(skip), Some(g)) = (&mut network.skip, &gradient.skip) {
            self.follow(from, slice_mut(&mut skip.w), slice(g), rate * skip_rate, skip_decay);
        }
    }

    /// One step of the weights `x` whose moments begin at `from`; gives where the next ones begin.
    fn follow(&mut self, from: usize, x: &mut [f32], g: &[f32], rate: f32, decay: f32) -> usize {
        let to = from + x.len();
        let first = &mut self.first[from..to];
        match self.settings.optimizer {
            Optimizer::Adam => {
                let (beta1, beta2, corrections) = (BETA_1, BETA_2, self.corrections);
                let step = Adam { rate, beta1, beta2, epsilon: 1e-8, decay, corrections };
                kernels::adam_update(x, first, &mut self.second[from..to], g, &step);
            }
            Optimizer::Sgd => {
                // The kernel climbs: Δ = m·Δ + r·(g − d·x). With r and d turned round it descends and still decays.
                let step = Momentum { rate: -rate, momentum: self.settings.momentum, weight_cost: -decay };
                kernels::momentum_update(x, first, g, &step);
            }
        }
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::{Activation, Encoding, Layer, Skip};
    use ndarray::{Array2, array};

    /// One input to two classes, and past the hidden layers again.
    fn network() -> Network {
        let skip = Skip { encoding: Encoding::linear(1), w: array![[0.5], [-0.25]] };
        Network {
            layers: vec![Layer { w: array![[0.5_f32, -0.5]], b: array![0.25, 0.0] }],
            skip: Some(skip),
            activation: Activation::Logistic,
        }
    }

    fn gradient() -> Gradient {
        let layers = vec![Layer { w: array![[3.0_f32, -0.01]], b: array![-2.0, 0.5] }];
        Gradient { layers, skip: Some(array![[0.1_f32], [-7.0]]) }
    }

    fn assert_near(got: &Array2<f32>, want: &Array2<f32>) {
        assert!((got - want).iter().all(|d| d.abs() < 1e-6), "{got} {want}");
    }

    #[test]
    fn adams_first_step_is_the_rate_and_decay_is_apart_from_it() {
        // Whatever the gradient, the first step is rate·sign(g); before it weights shrink by rate·decay of themselves.
        let settings = DescentSettings {
            optimizer: Optimizer::Adam,
            momentum: 0.0,
            weight_decay: 0.5,
            skip_decay: 2.0,
            skip_rate: 0.25,
        };
        let mut net = network();
        Descent::new(&net, settings).step(&mut net, &gradient(), 0.1);
        assert_near(&net.layers[0].w, &array![[0.5 * 0.95 - 0.1, -0.5 * 0.95 + 0.1]]);
        assert!((&net.layers[0].b - &array![0.35, -0.1]).iter().all(|d| d.abs() < 1e-6), "biases do not decay");
        // The rate of the skip input is a quarter: 0.025, its decay 0.025·2.
        assert_near(&net.skip.unwrap().w, &array![[0.5 * 0.95 - 0.025], [-0.25 * 0.95 + 0.025]]);
    }

    #[test]
    fn two_steps_of_descent_with_momentum_by_hand() {
        let settings = DescentSettings {
            optimizer: Optimizer::Sgd,
            momentum: 0.5,
            weight_decay: 2.0,
            skip_decay: 0.0,
            skip_rate: 1.0,
        };
        let mut net = network();
        let mut descent = Descent::new(&net, settings);
        descent.step(&mut net, &gradient(), 0.125);
        // Δ = −0.125·(3 + 2·0.5) = −0.5, so w = 0; then Δ = −0.25 − 0.125·3 = −0.625.
        assert_eq!(net.layers[0].w[[0, 0]], 0.0);
        descent.step(&mut net, &gradient(), 0.125);
        assert_eq!(net.layers[0].w[[0, 0]], -0.625);
        // −0.25 + 0.875, then Δ = 0.4375 + 0.875.
        assert_eq!(net.skip.unwrap().w[[1, 0]], 0.625 + 1.3125);
    }
}
