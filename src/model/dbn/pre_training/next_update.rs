//! The update that comes next, told before it is made.

use ndarray::{Array1, Array2, s};

use super::PreTraining;
use crate::model::Tunables;
use crate::model::dbn::DbnParameters;
use crate::model::dbn::rows::Rows;
use crate::model::rbm::{CdBatch, CdStep, Rbm};

/// The update that the machine in training makes next.
#[derive(Clone, Debug, PartialEq)]
pub struct NextUpdate {
    /// Which machine, from 0.
    pub layer: usize,
    /// The rows of its mini-batch: rows of the training set with a label from 0, then those without one.
    pub rows: Vec<usize>,
    /// What they go through.
    pub batch: CdBatch,
    /// The statistics `<·>_data − <·>_recon` of W, b and c (MATH §3).
    pub gradient: (Array2<f32>, Array1<f32>, Array1<f32>),
    /// ΔW, Δb and Δc.
    pub update: (Array2<f32>, Array1<f32>, Array1<f32>),
    /// Rate, momentum, weight cost and k.
    pub step: CdStep,
}

impl PreTraining {
    /// The update that comes next, as a copy makes it. `None` at the end of the layer, in the middle of a mini-batch, for one
    /// too large to be done in one go, and for persistent chains.
    pub(in crate::model::dbn) fn next_update(
        &self,
        p: &DbnParameters,
        rows: &Rows,
        below: &[Rbm],
        tunables: &Tunables,
    ) -> Option<NextUpdate> {
        if !self.is_between_updates() || self.batch > self.rows_at_once(&p.settings.pre_training, tunables.gibbs_steps)
        {
            return None;
        }
        let mut copy = self.clone();
        if copy.order.left() == 0 {
            copy.epochs_done += 1;
            copy.order.restart();
            if copy.epochs_done == copy.epochs {
                return None;
            }
        }
        let step = copy.step(p, tunables);
        let places = copy.order.take(copy.batch, &mut copy.random);
        copy.batch_rows.room(copy.batch);
        copy.machine.show(&mut copy.features, rows, below, places, &mut copy.scratch, &mut copy.batch_rows);
        let shown = copy.batch_rows.slice(s![..places.len(), ..]);
        copy.cd.gradient(copy.machine.rbm(), &shown, &step, &mut copy.lanes);
        let batch = copy.cd.last_batch()?;
        let gradient = (copy.cd.g_w.clone(), copy.cd.g_b.clone(), copy.cd.g_c.clone());
        copy.cd.follow(copy.machine.rbm_mut(), &step);
        let (w, b, c) = copy.cd.last_update();
        Some(NextUpdate {
            layer: copy.place.layer,
            rows: places.iter().map(|&place| copy.features.row(place) as usize).collect(),
            batch,
            gradient,
            update: (w.clone(), b.clone(), c.clone()),
            step,
        })
    }
}
