//! What the hidden units tab shows of a net at one moment, worked out away from the window's thread.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1, Axis};

use super::super::StateKey;
use super::super::looking::{dataset_rows, hidden_kind, sampled, weight_layers};
use crate::data::{Dataset, OriginalValue};
use crate::inspection::hidden::{RowOrder, UnitFaults, row_order, training_rows};
use crate::inspection::reconstruction::{indicator_errors, reconstruct};
use crate::inspection::weights::{UnitFacts, UnitOrder};
use crate::model::dbn::NetState;
use crate::model::rbm::Hidden;
use crate::training::PreparedFold;

/// Rows of the picture at most.
const ROWS: usize = 400;
/// Units of the picture at most: a texture has no more columns on any graphics card.
const UNITS: usize = 2048;
/// Rows over which the mean error of a reconstruction is taken.
const JUDGED: usize = 400;

/// What the picture depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PictureKey {
    pub(super) state: StateKey,
    pub(super) layer: usize,
    pub(super) rows: RowOrder,
    pub(super) units: UnitOrder,
    pub(super) seed: u64,
}

/// Activations of one layer, rows and units in the order they are shown in.
pub(super) struct Activations {
    pub(super) key: PictureKey,
    data: Arc<Dataset>,
    /// `(n_rows, n_units)`.
    pub(super) h: Array2<f32>,
    /// Rows of the dataset, and their outcomes.
    pub(super) rows: Vec<usize>,
    pub(super) bad: Vec<Option<bool>>,
    /// Units, by number in the layer.
    pub(super) units: Vec<usize>,
    /// By number in the layer.
    pub(super) faults: UnitFaults,
    /// The activation that is drawn as fully on.
    pub(super) brightest: f32,
    /// Whether activations may be negative.
    pub(super) is_signed: bool,
    /// Training rows that there are.
    pub(super) n_rows: usize,
}

impl Activations {
    /// `None` for a layer that is not there.
    pub(super) fn of(state: &NetState, fold: &PreparedFold, data: &Arc<Dataset>, key: PictureKey) -> Option<Self> {
        let places = sampled(fold, ROWS, key.seed);
        let h = state.hidden(&training_rows(&fold.training, &places), key.layer)?;
        let rows = dataset_rows(fold, &places);
        let bad: Vec<Option<bool>> = rows.iter().map(|&row| data.bad[row]).collect();
        let kind = hidden_kind(state, key.layer);
        let faults = UnitFaults::new(kind, &h);
        let layers = weight_layers(state);
        let facts = UnitFacts::new(layers.get(key.layer)?.w, &h, &bad);
        let order = row_order(&bad, key.rows);
        let mut units = facts.ordered(key.units);
        units.truncate(UNITS);
        let brightest = match kind {
            Hidden::Bernoulli => 1.0,
            Hidden::Gaussian | Hidden::Rectified => {
                h.iter().filter(|h| h.is_finite()).fold(1e-6, |most: f32, h| most.max(h.abs()))
            }
        };
        Some(Self {
            key,
            data: Arc::clone(data),
            h: h.select(Axis(0), &order).select(Axis(1), &units),
            rows: order.iter().map(|&place| rows[place]).collect(),
            bad: order.iter().map(|&place| bad[place]).collect(),
            units,
            faults,
            brightest,
            is_signed: kind == Hidden::Gaussian,
            n_rows: fold.train_rows.len() + fold.unlabelled_rows.len(),
        })
    }

    /// Whether it is of this table.
    pub(super) fn is_of(&self, data: &Arc<Dataset>) -> bool {
        Arc::ptr_eq(&self.data, data)
    }
}

/// What a reconstruction depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BackKey {
    pub(super) state: StateKey,
    /// The highest machine it goes through.
    pub(super) layer: usize,
    pub(super) row: usize,
    pub(super) seed: u64,
}

/// What became of the row that is looked at.
pub(super) enum BackShown {
    /// There are no machines.
    NoMachines,
    /// The row takes no part in this fold.
    NoRow,
    /// It went up and down again.
    Row(Box<Back>),
}

/// A row and its reconstruction, indicator by indicator.
pub(super) struct Back {
    pub(super) key: BackKey,
    /// Machines it went through.
    pub(super) n_machines: usize,
    /// The row in the units of the table, as its prepared inputs have it.
    pub(super) before: Vec<OriginalValue>,
    pub(super) after: Vec<OriginalValue>,
    /// Mean squared error of the row in prepared inputs, and its mean over training rows.
    pub(super) errors: Vec<Option<f64>>,
    pub(super) usual: Vec<Option<f64>>,
}

impl BackShown {
    pub(super) fn of(state: &NetState, fold: &PreparedFold, key: BackKey) -> Self {
        let machines = state.machines();
        let machines = &machines[..machines.len().min(key.layer + 1)];
        if machines.is_empty() {
            return Self::NoMachines;
        }
        let Some(inputs) = inputs_of(fold, key.row) else { return Self::NoRow };
        let x = inputs.insert_axis(Axis(0));
        let judged = training_rows(&fold.training, &sampled(fold, JUDGED, key.seed));
        let up_and_down = |x: &Array2<f32>| reconstruct(machines, state.input_map(), x);
        let (x, preparation) = (x.to_owned(), &fold.preparation);
        let Some((back, judged_back)) = up_and_down(&x).zip(up_and_down(&judged)) else { return Self::NoMachines };
        Self::Row(Box::new(Back {
            key,
            n_machines: machines.len(),
            before: preparation.original(&x.row(0)),
            after: preparation.original(&back.row(0)),
            errors: indicator_errors(preparation, &x, &back),
            usual: indicator_errors(preparation, &judged, &judged_back),
        }))
    }
}

/// The prepared inputs of a row of the dataset; `None` where it takes no part in the fold.
fn inputs_of(fold: &PreparedFold, row: usize) -> Option<ArrayView1<'_, f32>> {
    let parts = [
        (&fold.train_rows, &fold.training.x),
        (&fold.unlabelled_rows, &fold.training.x_unlabelled),
        (&fold.test_rows, &fold.x_test),
    ];
    parts.into_iter().find_map(|(rows, x)| {
        let place = rows.iter().position(|&of| of == row)?;
        (place < x.nrows()).then(|| x.row(place))
    })
}
