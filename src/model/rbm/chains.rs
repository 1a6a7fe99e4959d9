//! Persistent Markov chains, at one temperature or at several that swap (parallel tempering).
//!
//! The machine at inverse temperature β has the weights βW and the biases as they are: at β = 0 its units are
//! independent and a chain goes anywhere in one step. Neighbours at β and β' swap their states with probability
//! `min(1, exp((β − β')(S' − S)))`, where `S = v̂ᵀWh`.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, s};

use super::Hidden;
use super::conditionals::{Conditionals, draw_from_inputs, flat, flat_row, means_from_inputs};
use crate::model::kernels::{self, Lanes};

/// The chains of one machine: all temperatures in one array, the coldest first.
#[derive(Clone, Debug)]
pub(super) struct Chains {
    /// Chains of each temperature.
    n_chains: usize,
    /// Inverse temperatures from 1 down to 0.
    betas: Vec<f32>,
    v: Array2<f32>,
    /// v̂·W; of use with several temperatures only, and otherwise empty.
    input: Array2<f32>,
    h_mean: Array2<f32>,
    h: Array2<f32>,
    no_bias: Array1<f32>,
    started: bool,
    /// Neighbours swap in turn: first with second, third with fourth; next time second with third.
    odd: bool,
}

impl Chains {
    pub(super) fn new(n: usize, m: usize, n_chains: usize, temperatures: usize) -> Self {
        let n_chains = n_chains.max(1);
        let rows = n_chains * temperatures;
        let betas = (0..temperatures).map(|t| 1.0 - t as f32 / (temperatures.max(2) - 1) as f32).collect();
        Self {
            n_chains,
            betas,
            v: Array2::zeros((rows, n)),
            input: Array2::zeros((if temperatures > 1 { rows } else { 0 }, m)),
            h_mean: Array2::zeros((rows, m)),
            h: Array2::zeros((rows, m)),
            no_bias: Array1::zeros(m),
            started: false,
            odd: false,
        }
    }

    /// `sweeps` Gibbs steps of every chain, then swaps. Gives the visible states and the hidden means of the coldest. The
    /// first time the chains start from the hidden states `h_data` of the batch, over and over.
    pub(super) fn advance(
        &mut self,
        machine: &Conditionals<'_>,
        h_data: &ArrayRef2<f32>,
        sweeps: usize,
        lanes: &mut Lanes,
    ) -> (ArrayView2<'_, f32>, ArrayView2<'_, f32>) {
        if !self.started {
            for (mut row, start) in self.h.rows_mut().into_iter().zip(h_data.rows().into_iter().cycle()) {
                row.assign(&start);
            }
            self.started = true;
        }
        for _ in 0..sweeps {
            if self.betas.len() == 1 {
                machine.visible_means(&self.h, &mut self.v);
                machine.draw_visible(lanes, &mut self.v);
                machine.draw_hidden(&self.v, lanes, &mut self.h_mean, &mut self.h);
            } else {
                self.sweep_tempered(machine, lanes);
            }
        }
        if self.betas.len() > 1 {
            self.swap(machine.rbm.hidden, lanes);
            let mut mean = self.h_mean.slice_mut(s![..self.n_chains, ..]);
            mean.assign(&self.input.slice(s![..self.n_chains, ..]));
            mean += &machine.rbm.c;
            means_from_inputs(machine.rbm.hidden, flat(&mut mean));
        }
        (self.v.slice(s![..self.n_chains, ..]), self.h_mean.slice(s![..self.n_chains, ..]))
    }

    fn sweep_tempered(&mut self, machine: &Conditionals<'_>, lanes: &mut Lanes) {
        let rbm = machine.rbm;
        kernels::product_transposed(&self.h, &rbm.w, &mut self.v);
        for (r, mut row) in self.v.rows_mut().into_iter().enumerate() {
            machine.add_bias(&rbm.b, self.betas[r / self.n_chains], &mut row);
        }
        machine.visible_from_inputs(&mut self.v);
        machine.draw_visible(lanes, &mut self.v);
        kernels::affine(&self.v, machine.up_weights(), &self.no_bias, &mut self.input);
        for (r, (mut mean, input)) in self.h_mean.rows_mut().into_iter().zip(self.input.rows()).enumerate() {
            mean.assign(&rbm.c);
            mean.scaled_add(self.betas[r / self.n_chains], &input);
        }
        draw_from_inputs(rbm.hidden, lanes, flat(&mut self.h_mean), flat(&mut self.h));
    }

    fn swap(&mut self, hidden: Hidden, lanes: &mut Lanes) {
        if hidden == Hidden::Rectified {
            return;
        }
        for t in (usize::from(self.odd)..self.betas.len() - 1).step_by(2) {
            for chain in 0..self.n_chains {
                let (cold, hot) = (t * self.n_chains + chain, (t + 1) * self.n_chains + chain);
                let coupling = |r: usize| self.input.row(r).dot(&self.h.row(r));
                let gain = (self.betas[t] - self.betas[t + 1]) * (coupling(hot) - coupling(cold));
                let mut accepted = [0.0];
                kernels::draw_bernoulli(lanes, &[gain.min(0.0).exp()], &mut accepted);
                if accepted[0] > 0.0 {
                    for array in [&mut self.v, &mut self.h, &mut self.input] {
                        let (mut a, mut b) = array.multi_slice_mut((s![cold, ..], s![hot, ..]));
                        flat_row(&mut a).swap_with_slice(flat_row(&mut b));
                    }
                }
            }
        }
        self.odd = !self.odd;
    }
}
