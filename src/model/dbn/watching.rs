//! Watching a net without holding it up: a few fixed rows, and a share of the work that pays for looking at them.

use ndarray::{Array2, ArrayRef2, Axis, s};

use super::PORTION;
use super::features::Features;
use super::machine::Machine;
use super::rows::{Row, Rows};
use crate::model::rbm::{ContrastiveDivergence, Exact, Hidden, MAX_ENUMERATED, Rbm, dead_units, saturation};
use crate::model::{Fault, LayerMonitors};

/// Multiply-adds that watching may take, of those that learning takes.
const SHARE: f64 = 0.03;
/// Rows watched of the training rows, and as many of the validation rows: at most, and at least where there are so many.
const MOST_ROWS: usize = 1000;
const LEAST_ROWS: usize = 32;
/// Probabilities of a class that differ by no more than this over the rows are one answer.
const ONE_ANSWER: f64 = 0.02;

/// When to look, decided by counting multiply-adds and never by a clock.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    /// Rows of each part that are looked at.
    rows: usize,
    /// What one look costs.
    cost: f64,
    credit: f64,
}

impl Budget {
    /// For epochs of `epoch` multiply-adds and looks of `per_row` at a row of the two parts and `fixed` beside. As many rows as allow a look
    /// each epoch, within limits.
    pub(super) fn new(epoch: usize, per_row: usize, parts: [usize; 2], fixed: usize) -> Self {
        let affordable = SHARE * epoch as f64 / (2 * per_row).max(1) as f64;
        let in_portion = PORTION / per_row.max(1);
        let rows = (affordable as usize).min(in_portion).clamp(LEAST_ROWS, MOST_ROWS);
        let cost = (parts[0].min(rows) + parts[1].min(rows)) as f64 * per_row as f64 + fixed as f64;
        // The first epoch is looked at.
        Self { rows, cost, credit: cost }
    }

    /// Whether `looks` looks that cost `work` more would still be paid for by `epochs` epochs of `epoch` multiply-adds.
    pub(super) fn affords(work: usize, looks: usize, epochs: usize, epoch: usize) -> bool {
        work <= PORTION && (work * looks) as f64 <= SHARE * epochs as f64 * epoch as f64
    }

    /// Rows of a part of `n` rows that are looked at: the first so many.
    pub(super) fn rows_of(&self, n: usize) -> usize {
        self.rows.min(n)
    }

    /// Counts an epoch of `work` multiply-adds. True when a look has been paid for.
    pub(super) fn due(&mut self, work: usize) -> bool {
        self.credit = (self.credit + SHARE * work as f64).min(self.cost);
        let due = self.credit >= self.cost;
        if due {
            self.credit = 0.0;
        }
        due
    }
}

/// A look at a machine in training, portion by portion.
#[derive(Clone)]
pub(super) struct Look {
    /// Places among the features: training rows, then validation rows.
    places: [Vec<Row>; 2],
    next: usize,
    scratch: Array2<f32>,
    shown: Array2<f32>,
    error: [f64; 2],
    /// `None` where no free energy is defined.
    energy: Option<[f64; 2]>,
    /// E[h | v] of the training rows.
    hidden: Array2<f32>,
    /// ln Z, where it is to be had.
    log_z: Option<f64>,
}

/// The first rows of each part that are watched.
fn places(features: &Features, of: impl Fn(usize) -> usize) -> [Vec<Row>; 2] {
    let first = features.n_learned();
    [(0, of(first)), (first, of(features.n_validation()))].map(|(from, n)| (from as Row..(from + n) as Row).collect())
}

/// The visible units of training and validation rows that are watched at most.
pub(super) fn shown_rows(features: &mut Features, rows: &Rows, below: &[Rbm], machine: &Machine) -> [Array2<f32>; 2] {
    let affordable = (10 * PORTION / (features.work() + machine.rbm().w.len()).max(1)).max(LEAST_ROWS);
    places(features, |n| n.min(MOST_ROWS).min(affordable)).map(|places| {
        let mut out = Array2::zeros((places.len(), machine.rbm().n_visible()));
        machine.show(features, rows, below, &places, &mut Array2::zeros((0, 0)), &mut out);
        out
    })
}

impl Look {
    /// `with_log_z`: whether ln Z is enumerated too.
    pub(super) fn new(features: &Features, machine: &Machine, budget: &Budget, with_log_z: bool) -> Self {
        let rbm = machine.rbm();
        let (n, m) = rbm.w.dim();
        let places = places(features, |n| budget.rows_of(n));
        let block = (PORTION / (3 * n * m).max(1)).clamp(8, 256).min(places[0].len().max(places[1].len()));
        Self {
            hidden: Array2::zeros((places[0].len(), m)),
            places,
            next: 0,
            scratch: Array2::zeros((0, 0)),
            shown: Array2::zeros((block, n)),
            error: [0.0; 2],
            energy: Some([0.0; 2]),
            log_z: with_log_z.then(|| Exact::new(rbm).log_z()).flatten(),
        }
    }

    /// Multiply-adds of a look at one row: E[h | v], E[v | h] and the free energy.
    pub(super) fn work(rbm: &Rbm) -> usize {
        3 * rbm.w.len()
    }

    /// Multiply-adds, about, of enumerating ln Z; `None` where it cannot be. A term counts as ten: it takes an exponential.
    pub(super) fn log_z_work(rbm: &Rbm) -> Option<usize> {
        let (n, m) = rbm.w.dim();
        let binary = !(0..n).any(|unit| rbm.is_gaussian(unit));
        let hidden = (m <= MAX_ENUMERATED && rbm.hidden == Hidden::Bernoulli).then(|| (10 * n) << m);
        let visible = (n <= MAX_ENUMERATED && binary && rbm.hidden != Hidden::Rectified).then(|| (10 * m) << n);
        [hidden, visible].into_iter().flatten().min()
    }

    /// Looks at one block of rows. True when all have been looked at.
    pub(super) fn advance(&mut self, features: &mut Features, rows: &Rows, below: &[Rbm], machine: &Machine) -> bool {
        let learned = self.places[0].len();
        let (part, from) = if self.next < learned { (0, self.next) } else { (1, self.next - learned) };
        let left = &self.places[part][from..];
        let n = self.shown.nrows().min(left.len());
        if n > 0 {
            machine.show(features, rows, below, &left[..n], &mut self.scratch, &mut self.shown);
            let (rbm, v) = (machine.rbm(), self.shown.slice(s![..n, ..]));
            self.error[part] += rbm.reconstruction_error(&v).unwrap_or(0.0) * n as f64;
            self.energy = self.energy.zip(rbm.free_energy(&v)).map(|(mut sums, of_rows)| {
                sums[part] += of_rows.sum();
                sums
            });
            if part == 0 {
                rbm.hidden_into(&v, &mut self.hidden.slice_mut(s![from..from + n, ..]));
            }
            self.next += n;
        }
        self.next >= learned + self.places[1].len()
    }

    /// What was seen.
    pub(super) fn finish(self, cd: &ContrastiveDivergence, rbm: &Rbm) -> LayerMonitors {
        let rows = self.places.map(|places| places.len());
        let mean = |sum: [f64; 2]| [0, 1].map(|part| (rows[part] > 0).then(|| sum[part] / rows[part] as f64));
        let free_energy = self.energy.map_or([None; 2], mean);
        LayerMonitors {
            reconstruction: mean(self.error),
            free_energy,
            log_likelihood: free_energy.map(|f| Some(-f? - self.log_z?)),
            update_ratio: cd.update_ratio(rbm).filter(|ratio| *ratio > 0.0),
            saturated: saturation(rbm.hidden, &self.hidden),
            ..hidden_layer(&self.hidden)
        }
    }
}

/// Dead units of a layer with activations `h` `(n_rows, n_units)`.
pub(super) fn hidden_layer(h: &ArrayRef2<f32>) -> LayerMonitors {
    LayerMonitors {
        dead: dead_units(h).into_iter().filter(|&dead| dead).count(),
        units: h.ncols(),
        ..LayerMonitors::default()
    }
}

/// Share of rows whose likeliest class is each, and what is wrong when they all get one answer. `p` are the probabilities
/// `(n_rows, n_classes)`. A class that is likeliest for every row is no fault by itself where classes are rare: the
/// probabilities must hardly differ either.
pub(super) fn answers(p: &Array2<f64>, layers: &[LayerMonitors]) -> (Vec<f64>, Option<Fault>) {
    if p.nrows() < 2 {
        return (Vec::new(), None);
    }
    let mut counts = vec![0_usize; p.ncols()];
    for row in p.rows() {
        let likeliest = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(k, _)| k);
        counts[likeliest] += 1;
    }
    let end = |pick: fn(f64, f64) -> f64| p.fold_axis(Axis(0), f64::NAN, move |&end, &p| pick(end, p));
    let alike = (end(f64::max) - end(f64::min)).iter().all(|&spread| spread <= ONE_ANSWER);
    let class = counts.iter().position(|&count| count == p.nrows());
    let fault = class.filter(|_| alike).map(|class| Fault::OneAnswer {
        class,
        layer: layers.iter().position(|layer| layer.units > 0 && layer.dead == layer.units),
    });
    (counts.iter().map(|&count| count as f64 / p.nrows() as f64).collect(), fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn looks_are_paid_for_by_three_hundredths_of_the_work() {
        // 192 + 48 rows, five multiply-adds a weight and row for learning, three for looking.
        let (epoch, per_row) = (192 * 5 * 100, 3 * 100);
        let mut budget = Budget::new(epoch, per_row, [192, 48], 0);
        assert_eq!((budget.rows_of(192), budget.rows_of(48), budget.rows_of(10)), (32, 32, 10));
        let looks = (0..67).filter(|_| budget.due(epoch)).count();
        assert_eq!(looks, 10); // at once, then one in ceil(64·3 / (0.03·192·5)) = 7 epochs
        // With many rows every epoch is looked at, and no more of it than it pays for.
        let mut large = Budget::new(1_000_000, 300, [100_000, 100_000], 0);
        assert_eq!(large.rows_of(100_000), 50);
        assert!((0..10).all(|_| large.due(1_000_000)));
    }

    #[test]
    fn dead_units_are_counted() {
        let layer = hidden_layer(&array![[0.5_f32, 0.99, 0.01], [0.505, 0.02, 0.04]]);
        assert_eq!((layer.dead, layer.units), (1, 3));
    }

    #[test]
    fn one_answer_names_the_lowest_layer_that_died() {
        let alive = hidden_layer(&array![[0.1_f32, 0.2], [0.9, 0.2]]);
        let dead = hidden_layer(&array![[0.3_f32], [0.3]]);
        let constant = array![[0.9, 0.1], [0.895, 0.105]];
        let (shares, fault) = answers(&constant, &[alive.clone(), dead.clone()]);
        assert_eq!((shares, fault), (vec![1.0, 0.0], Some(Fault::OneAnswer { class: 0, layer: Some(1) })));
        assert_eq!(answers(&constant, &[alive]).1, Some(Fault::OneAnswer { class: 0, layer: None }));
        // Rare bad rows: all are called good, and yet told apart.
        assert_eq!(answers(&array![[0.99, 0.01], [0.7, 0.3]], &[dead]).1, None);
    }
}
