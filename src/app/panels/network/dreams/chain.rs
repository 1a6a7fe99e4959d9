//! Chains in the background: each answer goes on from the one before it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Array2, Axis};

use super::super::StateKey;
use super::asked::Asked;
use crate::app::panels::count;
use crate::data::Dataset;
use crate::inspection::dreams::{Dreams, Stack, dream_seed};
use crate::model::dbn::NetState;
use crate::model::rbm::{Hidden, Rbm};
use crate::training::PreparedFold;

/// Sweeps that are kept to be looked at.
pub(super) const KEPT: usize = 160;

/// Which chains, and how far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ChainKey {
    pub(super) state: StateKey,
    /// Number of what was asked.
    pub(super) changes: u64,
    /// The dream whose units are kept.
    pub(super) shown: usize,
    pub(super) sweeps: u64,
}

/// Chains after some sweeps, with all that is needed to show them.
pub(super) struct Chain {
    pub(super) key: ChainKey,
    pub(super) asked: Asked,
    pub(super) fold: Arc<PreparedFold>,
    pub(super) data: Arc<Dataset>,
    pub(super) dreams: Dreams,
    /// The visible and then the hidden units of the dream that is shown, after each of the last sweeps.
    pub(super) trace: VecDeque<Arc<[f32]>>,
    /// Which of these units are not binary.
    pub(super) real_valued: Vec<bool>,
    /// Visible units before the label, label units, hidden units.
    pub(super) units: [usize; 3],
}

impl Chain {
    /// The chains of `key`: those `before`, where they are the same and not farther, swept on, or new ones. `None` without
    /// a machine.
    #[expect(clippy::too_many_arguments, reason = "what a thread takes with it, once")]
    pub(super) fn advanced(
        before: Option<Arc<Self>>,
        key: ChainKey,
        asked: Asked,
        net: &NetState,
        fold: Arc<PreparedFold>,
        data: Arc<Dataset>,
        seed: u64,
        stop: &AtomicBool,
    ) -> Option<Self> {
        let stack = Stack { machines: net.machines(), map: net.input_map() };
        let same = |chain: &Arc<Self>| {
            let ChainKey { state, changes, .. } = chain.key;
            (state, changes) == (key.state, key.changes) && chain.dreams.sweeps() <= key.sweeps
        };
        let (mut dreams, mut trace) = match before.filter(same) {
            Some(chain) if chain.key.shown == key.shown => (chain.dreams.clone(), chain.trace.clone()),
            Some(chain) => (chain.dreams.clone(), VecDeque::new()),
            None => {
                let moment = net.moment();
                let seed = dream_seed(seed, moment.epochs, moment.updates);
                let start = start(&asked, stack.n_classes() > 0, &fold);
                (Dreams::new(&stack, asked.options(&fold.preparation), &start, seed)?, VecDeque::new())
            }
        };
        if trace.is_empty() {
            trace.push_back(units(&dreams, key.shown));
        }
        while dreams.sweeps() < key.sweeps && !stop.load(Ordering::Relaxed) {
            dreams.advance(&stack, 1);
            trace.push_back(units(&dreams, key.shown));
            if trace.len() > KEPT {
                trace.pop_front();
            }
        }
        let top = stack.machines.last()?;
        Some(Self {
            key,
            asked,
            fold,
            data,
            dreams,
            trace,
            real_valued: real_valued(top),
            units: [top.n_features(), top.n_classes, top.n_hidden()],
        })
    }

    /// The units of the strip in words.
    pub(super) fn units_in_words(&self) -> String {
        let [features, classes, hidden] = self.units;
        let label = if classes > 0 { format!(", {} of the label", count(classes, "unit")) } else { String::new() };
        format!(
            "{}{label}, {} below; a column is a sweep, the newest on the right",
            count(features, "visible unit"),
            count(hidden, "hidden unit")
        )
    }
}

/// Where chains begin: with a class but no label units at the rows of that class, else at no row.
fn start(asked: &Asked, is_joint: bool, fold: &PreparedFold) -> Array2<f32> {
    let x = &fold.training.x;
    match asked.subject.is_bad() {
        Some(bad) if !is_joint => {
            let y = fold.training.y.iter().enumerate();
            let rows: Vec<usize> = y.filter(|&(_, &y)| y == usize::from(bad)).map(|(row, _)| row).collect();
            x.select(Axis(0), &rows)
        }
        _ => Array2::zeros((0, x.ncols())),
    }
}

fn units(dreams: &Dreams, shown: usize) -> Arc<[f32]> {
    let row = |states: &Array2<f32>| states.row(shown.min(states.nrows() - 1)).to_vec();
    row(dreams.visible()).into_iter().chain(row(dreams.hidden())).collect()
}

fn real_valued(top: &Rbm) -> Vec<bool> {
    let visible = (0..top.n_visible()).map(|unit| top.is_gaussian(unit));
    visible.chain((0..top.n_hidden()).map(|_| top.hidden != Hidden::Bernoulli)).collect()
}
