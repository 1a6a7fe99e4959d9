//! What the RBM in training is shown: the prepared inputs for the lowest, E[h | v] of the machine below for the others.
//!
//! E[h | v] of all rows is kept when it fits into [`CACHE_BYTES`]; else the rows of each mini-batch are passed up through
//! the finished machines. A row's way up does not depend on the rows beside it, so both give the same bits.

use std::sync::Arc;

use ndarray::{Array2, s};

use super::PORTION;
use super::input_map::InputMap;
use super::rows::{Row, Rows};
use crate::model::rbm::Rbm;

/// Memory that E[h | v] of all rows may take, in bytes.
pub(super) const CACHE_BYTES: usize = 64 << 20;

/// Most rows passed up in one go.
const BLOCK: usize = 256;

/// Least rows passed up in one go, however wide the net: for fewer, reading the weights takes longer than the products.
const LEAST_BLOCK: usize = 8;

/// Rows that a machine is started from, at most, and numbers in them.
const SAMPLE_ROWS: usize = 4096;
const SAMPLE_NUMBERS: usize = 2_000_000;

/// Rows by their place: those learned from, then those set apart for validation.
pub(super) struct Features {
    rows: Vec<Row>,
    n_learned: usize,
    /// The inputs `(BLOCK, n_inputs)` of a block on its way up, then E[h | v] of each machine `(BLOCK, n_hidden)`; the
    /// last is what the RBM in training is shown.
    levels: Vec<Array2<f32>>,
    cache: Option<Cache>,
    map: Option<Arc<InputMap>>,
}

/// One level of all rows, by place.
struct Cache {
    level: usize,
    values: Array2<f32>,
}

/// The step from one layer to the next in the making.
pub(super) struct HandOver {
    cache: Option<Array2<f32>>,
    sample: Array2<f32>,
    next: usize,
}

impl Features {
    /// The prepared inputs, changed by `map`.
    pub(super) fn inputs(rows: &Rows, map: Option<Arc<InputMap>>) -> Self {
        let mut all = rows.pre_training();
        let n_learned = all.len();
        all.extend_from_slice(rows.validation());
        Self { rows: all, n_learned, levels: vec![Array2::zeros((BLOCK, rows.n_inputs()))], cache: None, map }
    }

    /// Places learned from.
    pub(super) fn n_learned(&self) -> usize {
        self.n_learned
    }

    /// Places set apart for validation; they follow those learned from.
    pub(super) fn n_validation(&self) -> usize {
        self.rows.len() - self.n_learned
    }

    /// Multiply-adds of showing one row.
    pub(super) fn work(&self) -> usize {
        let from = self.cache.as_ref().map_or(0, |cache| cache.level);
        self.levels[from..].windows(2).map(|pair| pair[0].ncols() * pair[1].ncols()).sum()
    }

    /// Writes what the rows at `places` show to the first rows of `out` `(at least places.len(), columns)`. `machines` are
    /// the finished ones.
    pub(super) fn gather(&mut self, rows: &Rows, machines: &[Rbm], places: &[Row], out: &mut Array2<f32>) {
        for (block, places) in places.chunks(BLOCK).enumerate() {
            self.raise(rows, machines, places);
            let shown = self.levels[machines.len()].slice(s![..places.len(), ..]);
            out.slice_mut(s![block * BLOCK..block * BLOCK + places.len(), ..]).assign(&shown);
        }
    }

    /// The first of the places learned from, at most [`SAMPLE_ROWS`], as the lowest machine is shown them.
    pub(super) fn sample(&mut self, rows: &Rows) -> Array2<f32> {
        let columns = self.levels[0].ncols();
        let places: Vec<Row> = (0..self.sample_rows(columns) as Row).collect();
        let mut sample = Array2::zeros((places.len(), columns));
        self.gather(rows, &[], &places, &mut sample);
        sample
    }

    fn sample_rows(&self, columns: usize) -> usize {
        self.n_learned.min(SAMPLE_ROWS).min((SAMPLE_NUMBERS / columns.max(1)).max(100))
    }

    /// Brings the rows at `places`, at most a block, to the level above `machines`.
    fn raise(&mut self, rows: &Rows, machines: &[Rbm], places: &[Row]) {
        let n = places.len();
        let from = match &self.cache {
            Some(Cache { level, values }) => {
                for (mut out, &place) in self.levels[*level].rows_mut().into_iter().zip(places) {
                    out.assign(&values.row(place as usize));
                }
                *level
            }
            None => {
                for (mut out, &place) in self.levels[0].rows_mut().into_iter().zip(places) {
                    out.assign(&rows.inputs(self.rows[place as usize]));
                }
                if let Some(map) = &self.map {
                    map.apply(&mut self.levels[0].slice_mut(s![..n, ..]));
                }
                0
            }
        };
        for (l, machine) in machines.iter().enumerate().skip(from) {
            let (lower, upper) = self.levels.split_at_mut(l + 1);
            machine.hidden_into(&lower[l].slice(s![..n, ..]), &mut upper[0].slice_mut(s![..n, ..]));
        }
    }

    /// Begins to hand over to the layer above a machine that has just been finished. E[h | v] is kept when it takes no more
    /// than `cache_bytes`.
    pub(super) fn hand_over(&mut self, finished: &Rbm, cache_bytes: usize) -> HandOver {
        let (n, m) = (self.rows.len(), finished.n_hidden());
        self.levels.push(Array2::zeros((BLOCK, m)));
        let fits = n.saturating_mul(m).saturating_mul(size_of::<f32>()) <= cache_bytes;
        let sample = Array2::zeros((self.sample_rows(m), m));
        HandOver { cache: fits.then(|| Array2::zeros((n, m))), sample, next: 0 }
    }
}

impl HandOver {
    /// Passes a portion of the rows up through all `machines`. True when all that are needed have been.
    pub(super) fn advance(&mut self, features: &mut Features, rows: &Rows, machines: &[Rbm]) -> bool {
        let wanted = self.sample.nrows();
        let last = if self.cache.is_some() { features.rows.len() } else { wanted };
        let portion = (PORTION / features.work().max(1)).max(LEAST_BLOCK);
        let end = self.next.saturating_add(portion).min(last);
        while self.next < end {
            let n = BLOCK.min(end - self.next);
            let places: Vec<Row> = (self.next as Row..(self.next + n) as Row).collect();
            features.raise(rows, machines, &places);
            let h = features.levels[machines.len()].slice(s![..n, ..]);
            let sampled = wanted.saturating_sub(self.next).min(n);
            self.sample
                .slice_mut(s![self.next.min(wanted)..self.next.min(wanted) + sampled, ..])
                .assign(&h.slice(s![..sampled, ..]));
            if let Some(cache) = &mut self.cache {
                cache.slice_mut(s![self.next..self.next + n, ..]).assign(&h);
            }
            self.next += n;
        }
        self.next == last
    }

    /// Keeps what was to be kept. The first of the places learned from, as the layer above is shown them.
    pub(super) fn finish(self, features: &mut Features) -> Array2<f32> {
        if let Some(values) = self.cache {
            features.cache = Some(Cache { level: features.levels.len() - 1, values });
        }
        self.sample
    }
}
