//! Gibbs chains side by side, each with random numbers of its own: what a machine believes, state by state.
//!
//! One sweep draws h from p(h | v), then v from p(v | h), and puts the held units back. The chains leave the model's
//! distribution; with units held, its conditional distribution given these. Both exactly, once a chain has forgotten where
//! it began, except for rectified hidden units, which belong to no distribution.

use ndarray::{Array2, ArrayRef2, Axis, s};

use super::Rbm;
use super::conditionals::{Conditionals, Scale, draw_from_inputs, flat_row};
use crate::model::kernels::{self, Lanes};

/// Chains of one machine. How many there are changes none of them.
#[derive(Clone, Debug, PartialEq)]
pub struct GibbsChains {
    lanes: Vec<Lanes>,
    /// Units that are held, ascending.
    held: Vec<usize>,
    /// Their states, `(n_chains, held.len())`.
    held_states: Array2<f32>,
    v: Array2<f32>,
    v_mean: Array2<f32>,
    h: Array2<f32>,
    h_mean: Array2<f32>,
}

impl GibbsChains {
    /// One chain for each of `lanes`, from the states in the rows of `start` `(n_chains, n_visible)`; states that it lacks
    /// are 0. The visible units `held` stay as they are there; those of a joint machine's label are best held together or
    /// not at all.
    pub fn new(rbm: &Rbm, start: &ArrayRef2<f32>, held: &[usize], lanes: Vec<Lanes>) -> Self {
        let (n, m) = rbm.w.dim();
        let mut v = Array2::zeros((lanes.len(), n));
        let (rows, columns) = (start.nrows().min(v.nrows()), start.ncols().min(n));
        v.slice_mut(s![..rows, ..columns]).assign(&start.slice(s![..rows, ..columns]));
        let mut held: Vec<usize> = held.iter().copied().filter(|&unit| unit < n).collect();
        held.sort_unstable();
        held.dedup();
        let held_states = Array2::from_shape_fn((v.nrows(), held.len()), |(chain, k)| v[[chain, held[k]]]);
        let h = Array2::zeros((v.nrows(), m));
        Self { lanes, held, held_states, v_mean: v.clone(), v, h_mean: h.clone(), h }
    }

    /// Draws the units that are not held as if all hidden units were 0: from the biases alone, a start that owes nothing to
    /// any row.
    pub fn scatter(&mut self, rbm: &Rbm) {
        self.h.fill(0.0);
        self.draw_visible(&Conditionals::new(rbm, Scale::of(rbm).as_ref()));
    }

    /// `sweeps` sweeps of every chain. `rbm` is of the size of the one they began with.
    pub fn advance(&mut self, rbm: &Rbm, sweeps: usize) {
        let scale = Scale::of(rbm);
        let machine = Conditionals::new(rbm, scale.as_ref());
        for _ in 0..sweeps {
            kernels::affine(&self.v, machine.up_weights(), &rbm.c, &mut self.h_mean);
            let rows = self.h_mean.rows_mut().into_iter().zip(self.h.rows_mut());
            for ((mut mean, mut state), lanes) in rows.zip(&mut self.lanes) {
                draw_from_inputs(rbm.hidden, lanes, flat_row(&mut mean), flat_row(&mut state));
            }
            self.draw_visible(&machine);
        }
    }

    fn draw_visible(&mut self, machine: &Conditionals<'_>) {
        machine.visible_means(&self.h, &mut self.v_mean);
        self.v.assign(&self.v_mean);
        for (mut v, lanes) in self.v.axis_chunks_iter_mut(Axis(0), 1).zip(&mut self.lanes) {
            machine.draw_visible(lanes, &mut v);
        }
        for (k, &unit) in self.held.iter().enumerate() {
            self.v.column_mut(unit).assign(&self.held_states.column(k));
            self.v_mean.column_mut(unit).assign(&self.held_states.column(k));
        }
    }

    /// Puts every chain's first visible units to these states `(n_chains, columns)`, held ones apart.
    pub fn show(&mut self, states: &ArrayRef2<f32>) {
        for unit in (0..states.ncols().min(self.v.ncols())).filter(|unit| self.held.binary_search(unit).is_err()) {
            for v in [&mut self.v, &mut self.v_mean] {
                for (v, state) in v.column_mut(unit).iter_mut().zip(states.column(unit)) {
                    *v = *state;
                }
            }
        }
    }

    /// Number of chains.
    pub fn n_chains(&self) -> usize {
        self.lanes.len()
    }

    /// States of the visible units, `(n_chains, n_visible)`.
    pub fn visible(&self) -> &Array2<f32> {
        &self.v
    }

    /// Their means given the hidden units, `(n_chains, n_visible)`; before the first sweep the states themselves.
    pub fn visible_mean(&self) -> &Array2<f32> {
        &self.v_mean
    }

    /// States of the hidden units that the visible ones were drawn from, `(n_chains, n_hidden)`; 0 before the first sweep.
    pub fn hidden(&self) -> &Array2<f32> {
        &self.h
    }
}

impl Rbm {
    /// Draws v from p(v | h) for one row of hidden states each, `(n_rows, n_hidden)` → `(n_rows, n_visible)`, with one of
    /// `lanes` for each row; rows beyond them are means.
    pub fn draw_visible(&self, h: &ArrayRef2<f32>, lanes: &mut [Lanes]) -> Array2<f32> {
        let scale = Scale::of(self);
        let machine = Conditionals::new(self, scale.as_ref());
        let mut v = Array2::zeros((h.nrows(), self.n_visible()));
        machine.visible_means(h, &mut v);
        for (mut row, lanes) in v.axis_chunks_iter_mut(Axis(0), 1).zip(lanes) {
            machine.draw_visible(lanes, &mut row);
        }
        v
    }
}
