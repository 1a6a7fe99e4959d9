//! What the RBM in training is shown: the prepared inputs for the lowest, E[h | v] of the machine below for the others.
//!
//! E[h | v] of all rows is kept when it fits into [`CACHE_BYTES`]; else the rows of each mini-batch are passed up through
//! the finished machines. A row's way up does not depend on the rows beside it, so both give the same bits.

use std::sync::Arc;

use ndarray::{Array2, s};

use super::PORTION;
use super::input_map::InputMap;
use super::rows::{Row, Rows};
use crate::model::kernels::Scratch;
use crate::model::rbm::Rbm;

/// Memory that E[h | v] of all rows may take, in bytes.
pub(super) const CACHE_BYTES: usize = 64 << 20;

/// What of it is kept with a copy to be gone back to.
const SMALL_CACHE_BYTES: usize = 4 << 20;

/// Most rows passed up in one go.
const BLOCK: usize = 256;

/// Least rows passed up in one go, however wide the net: for fewer, reading the weights takes longer than the products.
const LEAST_BLOCK: usize = 8;

/// Rows that a machine is started from, at most, and numbers in them.
const SAMPLE_ROWS: usize = 4096;
const SAMPLE_NUMBERS: usize = 2_000_000;

/// Rows by their place: those learned from, then those set apart for validation.
#[derive(Clone)]
pub(super) struct Features {
    rows: Arc<[Row]>,
    n_learned: usize,
    /// The inputs `(BLOCK, n_inputs)` of a block on its way up, then E[h | v] of each machine `(BLOCK, n_hidden)`; the
    /// last is what the RBM in training is shown.
    levels: Vec<Scratch>,
    cache: Option<Arc<Cache>>,
    /// The level that is kept in a run that is not copied: work is counted from there, so that a copy without it decides
    /// the same.
    kept_level: usize,
    map: Option<Arc<InputMap>>,
}

/// One level of all rows, by place.
struct Cache {
    level: usize,
    values: Array2<f32>,
}

/// The step from one layer to the next in the making.
#[derive(Clone)]
pub(super) struct HandOver {
    /// Whether all rows are kept.
    keeps: bool,
    cache: Array2<f32>,
    sample: Array2<f32>,
    next: usize,
}

impl Features {
    /// The prepared inputs, changed by `map`.
    pub(super) fn inputs(rows: &Rows, map: Option<Arc<InputMap>>) -> Self {
        let mut all = rows.pre_training();
        let n_learned = all.len();
        all.extend_from_slice(rows.validation());
        Self {
            rows: all.into(),
            n_learned,
            levels: vec![Scratch::new(BLOCK, rows.n_inputs())],
            cache: None,
            kept_level: 0,
            map,
        }
    }

    /// What a machine above the finished ones `below` is shown; nothing is kept.
    pub(super) fn above(rows: &Rows, map: Option<Arc<InputMap>>, below: &[Rbm]) -> Self {
        let mut features = Self::inputs(rows, map);
        features.levels.extend(below.iter().map(|machine| Scratch::new(BLOCK, machine.n_hidden())));
        features
    }

    /// Forgets E[h | v] of the rows unless it is small: the rows of each mini-batch are passed up then.
    pub(super) fn lighten(&mut self) {
        if self.cache.as_ref().is_some_and(|cache| cache.values.len() * size_of::<f32>() > SMALL_CACHE_BYTES) {
            self.cache = None;
        }
    }

    /// Places learned from.
    pub(super) fn n_learned(&self) -> usize {
        self.n_learned
    }

    /// Places set apart for validation; they follow those learned from.
    pub(super) fn n_validation(&self) -> usize {
        self.rows.len() - self.n_learned
    }

    /// The row at a place.
    pub(super) fn row(&self, place: Row) -> Row {
        self.rows[place as usize]
    }

    /// Multiply-adds of showing one row.
    pub(super) fn work(&self) -> usize {
        self.levels[self.kept_level..].windows(2).map(|pair| pair[0].ncols() * pair[1].ncols()).sum()
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
        self.levels.iter_mut().for_each(|level| level.room(BLOCK));
        let mut from = 0;
        if let Some(Cache { level, values }) = self.cache.as_deref() {
            for (mut out, &place) in self.levels[*level].rows_mut().into_iter().zip(places) {
                out.assign(&values.row(place as usize));
            }
            from = *level;
        } else {
            for (mut out, &place) in self.levels[0].rows_mut().into_iter().zip(places) {
                out.assign(&rows.inputs(self.rows[place as usize]));
            }
            if let Some(map) = &self.map {
                map.apply(&mut self.levels[0].slice_mut(s![..n, ..]));
            }
        }
        for (l, machine) in machines.iter().enumerate().skip(from) {
            let (lower, upper) = self.levels.split_at_mut(l + 1);
            machine.hidden_into(&lower[l].slice(s![..n, ..]), &mut upper[0].slice_mut(s![..n, ..]));
        }
    }

    /// Begins to hand over to the layer above a machine that has just been finished. E[h | v] is kept when it takes no more
    /// than `cache_bytes`.
    pub(super) fn hand_over(&mut self, finished: &Rbm, cache_bytes: usize) -> HandOver {
        let (n, m) = (self.rows.len(), finished.n_hidden());
        self.levels.push(Scratch::new(BLOCK, m));
        let fits = n.saturating_mul(m).saturating_mul(size_of::<f32>()) <= cache_bytes;
        let sample = Array2::zeros((self.sample_rows(m), m));
        // Room is made when the first rows come, so that a copy made before takes none.
        HandOver { keeps: fits, cache: Array2::zeros((0, m)), sample, next: 0 }
    }
}

impl HandOver {
    /// Passes a portion of the rows up through all `machines`. True when all that are needed have been.
    pub(super) fn advance(&mut self, features: &mut Features, rows: &Rows, machines: &[Rbm]) -> bool {
        self.advance_by(PORTION, features, rows, machines)
    }

    /// The same with a portion of `most` multiply-adds.
    fn advance_by(&mut self, most: usize, features: &mut Features, rows: &Rows, machines: &[Rbm]) -> bool {
        let wanted = self.sample.nrows();
        let last = if self.keeps { features.rows.len() } else { wanted };
        if self.keeps && self.cache.nrows() < last {
            self.cache = Array2::zeros((last, self.cache.ncols()));
        }
        let portion = (most / features.work().max(1)).max(LEAST_BLOCK);
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
            if self.keeps {
                self.cache.slice_mut(s![self.next..self.next + n, ..]).assign(&h);
            }
            self.next += n;
        }
        self.next == last
    }

    /// Numbers it holds.
    pub(super) fn size(&self) -> usize {
        self.sample.len() + self.cache.len()
    }

    /// Keeps what was to be kept. The first of the places learned from, as the layer above is shown them.
    pub(super) fn finish(self, features: &mut Features) -> Array2<f32> {
        if self.keeps {
            let values = self.cache;
            features.kept_level = features.levels.len() - 1;
            features.cache = Some(Arc::new(Cache { level: features.kept_level, values }));
        }
        self.sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TrainingSet;
    use crate::model::rbm::Visible;
    use crate::random::{Purpose, stream};
    use ndarray::Axis;
    use rand::RngExt as _;

    fn uniform(n: usize, m: usize, scale: f32, seed: u64) -> Array2<f32> {
        let mut random = stream(seed, Purpose::Sample, 0);
        Array2::from_shape_simple_fn((n, m), || scale * (random.random::<f32>() - 0.5))
    }

    fn rows(n: usize, m: usize) -> Rows {
        let set = TrainingSet {
            x: uniform(n, m, 4.0, 1),
            y: vec![0; n],
            x_unlabelled: uniform(n / 2, m, 4.0, 2),
            n_classes: 2,
            groups: Vec::new(),
        };
        let apart = (n as Row / 5..n as Row).collect();
        Rows::new(Arc::new(set), apart, (0..n as Row / 5).collect())
    }

    fn machines(sizes: &[usize]) -> Vec<Rbm> {
        let of = |(l, pair): (usize, &[usize])| {
            let visible = if l == 0 { Visible::Gaussian } else { Visible::Bernoulli };
            let mut rbm = Rbm::new(visible, pair[1], &uniform(3, pair[0], 1.0, 3), &mut stream(4, Purpose::Sample, 0));
            rbm.w = uniform(pair[0], pair[1], 1.0, 10 + l as u64);
            rbm
        };
        sizes.windows(2).enumerate().map(of).collect()
    }

    /// The step above all of `machines`, a layer at a time, keeping what takes no more than `cache_bytes`.
    fn stepped(rows: &Rows, machines: &[Rbm], cache_bytes: usize, portion: usize) -> (Features, Array2<f32>) {
        let mut features = Features::inputs(rows, None);
        let mut sample = features.sample(rows);
        for (l, finished) in machines.iter().enumerate() {
            let mut step = features.hand_over(finished, cache_bytes);
            while !step.advance_by(portion, &mut features, rows, &machines[..=l]) {}
            sample = step.finish(&mut features);
        }
        (features, sample)
    }

    #[test]
    fn a_rows_way_up_does_not_depend_on_the_rows_beside_it() {
        for (n, m) in [(1, 1), (7, 3), (16, 16), (64, 32), (33, 130), (300, 257)] {
            let x = uniform(300, n, 2.0, 5);
            let rbm = &machines(&[n, m])[0];
            let all = rbm.hidden_mean(&x);
            for rows in [1, 2, 3, 5, 8, 16, 31, 64, 100, 256] {
                for (part, want) in x.axis_chunks_iter(Axis(0), rows).zip(all.axis_chunks_iter(Axis(0), rows)) {
                    assert_eq!(rbm.hidden_mean(&part), want, "{n} by {m}, {rows} rows at a time");
                }
            }
        }
    }

    #[test]
    fn passing_up_each_time_is_keeping_bit_for_bit_in_portions_or_at_once() {
        let rows = rows(700, 12);
        let machines = machines(&[12, 40, 9]);
        let places: Vec<Row> = (0..rows.pre_training().len() as Row + 140).rev().collect();
        let shown = |cache_bytes: usize, portion: usize| {
            let (mut features, sample) = stepped(&rows, &machines, cache_bytes, portion);
            let mut out = Array2::zeros((places.len(), 9));
            features.gather(&rows, &machines, &places, &mut out);
            (out, sample)
        };
        let kept = shown(usize::MAX, usize::MAX);
        // Nothing kept; the upper layer kept, the lower not; portions of a few rows.
        for (cache_bytes, portion) in [(0, usize::MAX), (1050 * 9 * 4, PORTION), (0, 1), (usize::MAX, 20_000)] {
            assert_eq!(shown(cache_bytes, portion), kept, "{cache_bytes} bytes");
        }
        let x = machines[0].hidden_mean(&uniform(700, 12, 4.0, 1));
        let want = machines[1].hidden_mean(&x);
        assert_eq!(kept.1.row(0), want.row(140), "the sample are the first rows learned from");
    }
}
