//! The log-likelihood of one finished machine by annealed importance sampling, portion by portion.

use std::sync::Arc;

use ndarray::Axis;

use super::PORTION;
use super::features::Features;
use super::input_map::InputMap;
use super::machine::Machine;
use super::rows::Rows;
use super::watching::shown_rows;
use crate::model::rbm::{Ais, Rbm};
use crate::random::{Purpose, stream};

/// Chains that are run, and temperatures between the base-rate machine and this one.
const CHAINS: usize = 100;
const TEMPERATURES: usize = 1000;

/// Mean ln p(v) of a machine in nats; for Gaussian units the log of a density.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogLikelihood {
    /// Of watched training rows.
    pub training: f64,
    /// Of watched validation rows; `None` where none are set apart.
    pub validation: Option<f64>,
    /// By how much either may be too high and too low: three standard errors of ln Z; `None` where the weights of the
    /// chains differ so much that there is no bound.
    pub spread: [Option<f64>; 2],
    /// Effective number of chains of 100; near 1 nothing here can be trusted.
    pub effective_chains: f64,
}

/// Annealed importance sampling over one machine.
pub struct Annealing {
    ais: Ais,
    /// Mean free energy of training and validation rows.
    free_energy: [Option<f64>; 2],
    steps: usize,
}

impl Annealing {
    /// Of `machine`, above the finished ones `below`. `None` where the machine has no energy, or no row is there to
    /// measure.
    pub(super) fn new(
        rows: &Rows,
        map: Option<Arc<InputMap>>,
        below: &[Rbm],
        machine: &Machine,
        seed: u64,
    ) -> Option<Self> {
        let mut features = Features::above(rows, map, below);
        let [training, validation] = shown_rows(&mut features, rows, below, machine);
        let means = training.mean_axis(Axis(0))?;
        let rbm = machine.rbm();
        let mut random = stream(seed, Purpose::Annealing, below.len() as u64);
        let ais = Ais::new(rbm, &means, CHAINS, TEMPERATURES, &mut random)?;
        let free_energy = [training, validation].map(|rows| rbm.mean_free_energy(&rows));
        // A temperature takes a pass up and one down for each chain.
        let steps = (PORTION / (2 * CHAINS * rbm.w.len()).max(1)).clamp(1, 50);
        Some(Self { ais, free_energy, steps })
    }

    /// One portion. False when all is done.
    pub fn advance(&mut self) -> bool {
        self.ais.advance(self.steps)
    }

    /// Share done, in 0..=1.
    pub fn progress(&self) -> f64 {
        self.ais.progress()
    }

    /// What came of it, once all is done.
    pub fn log_likelihood(&self) -> Option<LogLikelihood> {
        let estimate = self.ais.estimate()?;
        let of = |free_energy: Option<f64>| free_energy.map(|f| -f - estimate.log_z);
        Some(LogLikelihood {
            training: of(self.free_energy[0])?,
            validation: of(self.free_energy[1]),
            spread: [estimate.low.map(|low| estimate.log_z - low), estimate.high.map(|high| high - estimate.log_z)],
            effective_chains: estimate.effective_chains,
        })
    }
}
