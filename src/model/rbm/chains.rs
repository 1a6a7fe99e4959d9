//! Persistent Markov chains, at one temperature or at several that swap (parallel tempering).
//!
//! At inverse temperature β every term of the energy is scaled by β but the squares of Gaussian units, without which they
//! would have no density: at β = 0 binary units are fair coins, and a chain goes anywhere in one step. Neighbours at β and
//! β' swap their states with probability `min(1, exp((β − β')(S' − S)))`, where S is what β scales: `v̂ᵀWh`, and `b·v` and
//! `c·h` of binary units.

use ndarray::{Array1, Array2, ArrayRef2, ArrayView2, Axis, s};

use super::conditionals::{Conditionals, draw_from_inputs, flat, flat_row, means_from_inputs};
use super::{Hidden, Rbm};
use crate::model::kernels::{self, Lanes};

/// The chains of one machine: all temperatures in one array, the coldest first.
#[derive(Clone, Debug)]
pub(super) struct Chains {
    /// Chains of each temperature.
    each: usize,
    /// Inverse temperatures from 1 down to 0.
    betas: Vec<f32>,
    v: Array2<f32>,
    /// v̂·W; of use with several temperatures only, and otherwise empty.
    input: Array2<f32>,
    h_mean: Array2<f32>,
    h: Array2<f32>,
    no_bias: Array1<f32>,
    /// Biases at one temperature.
    b: Array1<f32>,
    c: Array1<f32>,
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
            each: n_chains,
            betas,
            v: Array2::zeros((rows, n)),
            input: Array2::zeros((if temperatures > 1 { rows } else { 0 }, m)),
            h_mean: Array2::zeros((rows, m)),
            h: Array2::zeros((rows, m)),
            no_bias: Array1::zeros(m),
            b: Array1::zeros(n),
            c: Array1::zeros(m),
            started: false,
            odd: false,
        }
    }

    /// Numbers they hold.
    pub(super) fn size(&self) -> usize {
        self.v.len() + self.input.len() + self.h_mean.len() + self.h.len()
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
            self.swap(machine.rbm, lanes);
            let mut mean = self.h_mean.slice_mut(s![..self.each, ..]);
            mean.assign(&self.input.slice(s![..self.each, ..]));
            mean += &machine.rbm.c;
            means_from_inputs(machine.rbm.hidden, flat(&mut mean));
        }
        (self.v.slice(s![..self.each, ..]), self.h_mean.slice(s![..self.each, ..]))
    }

    fn sweep_tempered(&mut self, machine: &Conditionals<'_>, lanes: &mut Lanes) {
        let rbm = machine.rbm;
        kernels::product_transposed(&self.h, &rbm.w, &mut self.v);
        for (&beta, mut of_beta) in self.betas.iter().zip(self.v.axis_chunks_iter_mut(Axis(0), self.each)) {
            for (i, b) in self.b.iter_mut().enumerate() {
                *b = if rbm.is_gaussian(i) { rbm.b[i] } else { beta * rbm.b[i] };
            }
            for mut row in of_beta.rows_mut() {
                machine.add_bias(&self.b, beta, &mut row);
            }
        }
        machine.visible_from_inputs(&mut self.v);
        machine.draw_visible(lanes, &mut self.v);
        kernels::affine(&self.v, machine.up_weights(), &self.no_bias, &mut self.input);
        self.h_mean.assign(&self.input);
        for (&beta, mut of_beta) in self.betas.iter().zip(self.h_mean.axis_chunks_iter_mut(Axis(0), self.each)) {
            self.c.assign(&rbm.c);
            self.c *= if rbm.hidden == Hidden::Gaussian { 1.0 } else { beta };
            for mut row in of_beta.rows_mut() {
                row.zip_mut_with(&self.c, |x, c| *x = c + beta * *x);
            }
        }
        draw_from_inputs(rbm.hidden, lanes, flat(&mut self.h_mean), flat(&mut self.h));
    }

    fn swap(&mut self, rbm: &Rbm, lanes: &mut Lanes) {
        if rbm.hidden == Hidden::Rectified {
            return;
        }
        for t in (usize::from(self.odd)..self.betas.len() - 1).step_by(2) {
            for chain in 0..self.each {
                let (cold, hot) = (t * self.each + chain, (t + 1) * self.each + chain);
                let gain = (self.betas[t] - self.betas[t + 1])
                    * (self.scaled_by_beta(rbm, hot) - self.scaled_by_beta(rbm, cold));
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

    /// S of one chain.
    fn scaled_by_beta(&self, rbm: &Rbm, chain: usize) -> f32 {
        let (v, h) = (self.v.row(chain), self.h.row(chain));
        let of_visible: f32 = (0..v.len()).filter(|&i| !rbm.is_gaussian(i)).map(|i| rbm.b[i] * v[i]).sum();
        let of_hidden = if rbm.hidden == Hidden::Gaussian { 0.0 } else { rbm.c.dot(&h) };
        self.input.row(chain).dot(&h) + of_visible + of_hidden
    }
}
