//! One step as the theatre shows it, worked out away from the window's thread.

use std::sync::Arc;

use ndarray::{Array2, Axis};

use super::super::dreams::real_value;
use super::super::{Scene, StateKey};
use crate::app::widgets::precise;
use crate::data::{Dataset, Original};
use crate::inspection::theatre::{Batch, Toss, Trace, batch, row, with_label};
use crate::model::dbn::NetState;
use crate::model::rbm::Rbm;
use crate::training::PreparedFold;

/// What is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Played {
    /// The row that is looked at.
    #[default]
    Row,
    /// The mini-batch that comes next.
    Batch,
}

/// What a step depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) state: StateKey,
    pub(super) seed: u64,
    pub(super) layer: usize,
    pub(super) played: Played,
    /// Row of the dataset; 0 for a mini-batch, which does not depend on it.
    pub(super) row: usize,
    pub(super) attempt: u64,
}

/// One visible unit in words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VisibleUnit {
    pub(super) name: String,
    /// The cell of the table, in its units, where the unit is an input of it.
    pub(super) cell: Option<String>,
    /// v′ in the units of the table.
    pub(super) recon: Option<String>,
}

/// One step, and the machine it belongs to.
pub(super) struct Shown {
    pub(super) key: Key,
    pub(super) state: Arc<NetState>,
    pub(super) data: Arc<Dataset>,
    pub(super) trace: Trace,
    pub(super) visible: Vec<VisibleUnit>,
    /// Lengths of the weights of each visible and of each hidden unit.
    pub(super) lengths: [Vec<f32>; 2],
}

impl Shown {
    /// One sentence where there is nothing to show.
    pub(super) fn of(
        state: Arc<NetState>,
        fold: &PreparedFold,
        data: Arc<Dataset>,
        key: &Key,
    ) -> Result<Self, &'static str> {
        let layer = key.layer;
        let rbm = state.machines().get(layer).ok_or("This machine has not begun yet.")?;
        let (trace, texts) = match key.played {
            Played::Row => played_row(&state, rbm, fold, &data, key)?,
            Played::Batch => (played_batch(&state, rbm, layer)?, Vec::new()),
        };
        let visible = names(rbm, layer, fold, &data)
            .into_iter()
            .enumerate()
            .map(|(i, name)| {
                let [cell, recon] = texts.get(i).cloned().unwrap_or_default();
                VisibleUnit { name, cell, recon }
            })
            .collect();
        let lengths = [Axis(1), Axis(0)].map(|axis| rbm.w.map_axis(axis, |w| w.dot(&w).sqrt()).to_vec());
        Ok(Self { key: *key, state, data, trace, visible, lengths })
    }

    /// The machine.
    pub(super) fn rbm(&self) -> Option<&Rbm> {
        self.state.machines().get(self.key.layer)
    }
}

/// Cell and reconstruction of a unit, in the units of the table.
type Texts = [Option<String>; 2];

fn played_row(
    state: &NetState,
    rbm: &Rbm,
    fold: &PreparedFold,
    data: &Dataset,
    key: &Key,
) -> Result<(Trace, Vec<Texts>), &'static str> {
    let x = prepared(fold, data, key.row).ok_or("This row takes no part in the run: choose another one.")?;
    let below = state.shown(&x, key.layer);
    let class = data.bad.get(key.row).copied().flatten().map(usize::from);
    let v = with_label(rbm, &below.row(0).to_vec(), class);
    let step = state.cd_step().filter(|_| state.in_training() == Some(key.layer));
    let last = state.last_update().filter(|_| step.is_some()).map(|last| last.w);
    let moment = state.moment();
    let toss = Toss {
        seed: key.seed,
        row: key.row,
        layer: key.layer,
        moment: [moment.epochs, moment.updates],
        attempt: key.attempt,
    };
    let trace = row(rbm, &v, step.as_ref(), last, &mut toss.stream());
    let texts = if key.layer == 0 { in_units(state, fold, data, key.row, &trace) } else { Vec::new() };
    Ok((trace, texts))
}

/// The prepared inputs of a row of the table, `(1, n_inputs)`.
fn prepared(fold: &PreparedFold, data: &Dataset, row: usize) -> Option<Array2<f32>> {
    let parts = [
        (&fold.train_rows, &fold.training.x),
        (&fold.unlabelled_rows, &fold.training.x_unlabelled),
        (&fold.test_rows, &fold.x_test),
    ];
    let found = parts.into_iter().find_map(|(rows, x)| {
        let place = rows.iter().position(|&r| r == row)?;
        (place < x.nrows()).then(|| x.row(place).to_owned().insert_axis(Axis(0)))
    });
    // Rows beside the fold, when a part of the labels is held back, are prepared by themselves.
    let alone = || fold.filling.is_none() && row < data.n_rows();
    found.or_else(|| alone().then(|| fold.preparation.apply(data, &[row])))
}

/// Cells and v′ of the lowest machine in the units of the table, at the first input of each indicator.
fn in_units(state: &NetState, fold: &PreparedFold, data: &Dataset, row: usize, trace: &Trace) -> Vec<Texts> {
    let mut inputs = trace.v_recon.clone();
    if let Some(map) = state.input_map() {
        // A joint machine has label units after the inputs.
        for ((x, low), width) in inputs.iter_mut().zip(&map.low).zip(&map.width) {
            *x = *x * width + low;
        }
    }
    let mut texts = vec![Texts::default(); trace.v.len()];
    for value in fold.preparation.original(&inputs) {
        let Some(of) = fold.preparation.inputs_of(&value.indicator) else { continue };
        let Some(first) =
            texts.get_mut(if of.values.is_empty() { of.flag.unwrap_or(usize::MAX) } else { of.values.start })
        else {
            continue;
        };
        *first = [
            Some(written(&real_value(data, &value.indicator, row), "missing")),
            Some(written(&value.value, "unclear")),
        ];
    }
    texts
}

fn written(value: &Original, unknown: &str) -> String {
    match value {
        Original::Number(x) => precise(*x),
        Original::Level { text, .. } => text.clone(),
        Original::Unknown => unknown.to_owned(),
    }
}

fn played_batch(state: &NetState, rbm: &Rbm, layer: usize) -> Result<Trace, &'static str> {
    if state.in_training() != Some(layer) {
        return Err("This machine is not in training at this moment: no mini-batch comes next. Play a row.");
    }
    let none = "The next mini-batch cannot be shown: the machine is at its end, the mini-batch is too large to be done in one \
                go, or its chains are persistent. Play a row.";
    let next = state.next_update().filter(|next| next.layer == layer).ok_or(none)?;
    let of = Batch {
        v: &next.batch.v,
        h_mean: &next.batch.h_mean,
        h: &next.batch.h,
        v_recon: &next.batch.v_recon,
        h_recon: &next.batch.h_recon,
        g_w: &next.gradient.0,
        d_w: &next.update.0,
        step: next.step,
    };
    batch(rbm, &of, state.last_update().map(|last| last.w)).ok_or(none)
}

/// Names of the visible units.
fn names(rbm: &Rbm, layer: usize, fold: &PreparedFold, data: &Dataset) -> Vec<String> {
    let inputs = fold.preparation.input_names();
    (0..rbm.n_visible())
        .map(|i| match i.checked_sub(rbm.n_features()) {
            Some(class) => format!("{} {}", data.label_name, if class == 1 { "bad" } else { "good" }),
            None if layer == 0 => inputs.get(i).cloned().unwrap_or_default(),
            None => format!("unit {} of layer {layer}", i + 1),
        })
        .collect()
}

impl Key {
    pub(super) fn new(scene: &Scene<'_>, layer: usize, played: Played, attempt: u64) -> Self {
        let (row, attempt) = if played == Played::Row { (scene.row, attempt) } else { (0, 0) };
        Self { state: scene.key(), seed: scene.seed, layer, played, row, attempt }
    }
}
