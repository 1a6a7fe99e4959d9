//! What the weights of a layer say about its units: how strong each is, how much it is on, which outcome it goes with, and
//! which edges carry most.

use ndarray::{ArrayRef1, ArrayRef2};
use serde::{Deserialize, Serialize};

/// Activations that lie no further apart than this have no correlation with anything: f32 rounding alone.
const CONSTANT: f64 = 1e-6;

/// In which order units are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitOrder {
    /// As they stand in the layer.
    #[default]
    AsTheyAre,
    /// The largest `‖W_j‖` first.
    Strength,
    /// The largest mean activation first.
    Usage,
    /// From what goes with bad rows to what goes with good ones.
    Association,
}

/// One number for each unit of a layer, `n_units` each; `None` where it is undefined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitFacts {
    /// `‖W_j‖`, the length of the unit's incoming weights.
    pub strength: Vec<Option<f64>>,
    /// Mean activation over rows.
    pub usage: Vec<Option<f64>>,
    /// Point-biserial correlation of the activation with the bad outcome, −1..=1.
    pub association: Vec<Option<f64>>,
}

impl UnitFacts {
    /// Of units with incoming weights `w` `(n_in, n_units)` and activations `h` `(n_rows, n_units)` on rows with the
    /// outcomes `bad`; rows beyond those with an outcome count for the usage alone.
    pub fn new(w: &ArrayRef2<f32>, h: &ArrayRef2<f32>, bad: &[Option<bool>]) -> Self {
        Self {
            strength: strength(w),
            usage: h.columns().into_iter().map(|h| mean(h.iter().map(|&h| f64::from(h)))).collect(),
            association: h.columns().into_iter().map(|h| association(&h, bad)).collect(),
        }
    }

    /// The units in this order, from the largest number down, equal ones as they stand. Undefined ones are the last.
    pub fn ordered(&self, order: UnitOrder) -> Vec<usize> {
        let facts = match order {
            UnitOrder::AsTheyAre => return (0..self.strength.len()).collect(),
            UnitOrder::Strength => &self.strength,
            UnitOrder::Usage => &self.usage,
            UnitOrder::Association => &self.association,
        };
        let mut units: Vec<usize> = (0..facts.len()).collect();
        units.sort_by(|&a, &b| match (facts[a], facts[b]) {
            (Some(a), Some(b)) => b.total_cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        units
    }
}

/// `‖W_j‖` of each column of `w` `(n_in, n_units)`; `None` where a weight is not a finite number.
pub fn strength(w: &ArrayRef2<f32>) -> Vec<Option<f64>> {
    let norm = |column: &ArrayRef1<f32>| column.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>().sqrt();
    w.columns().into_iter().map(|column| Some(norm(&column)).filter(|norm| norm.is_finite())).collect()
}

/// Point-biserial correlation of activations `h` with the bad outcome: Pearson's, of `h` and 1 for bad, 0 for good.
/// `None` where all labelled rows are of one class or the unit answers all of them alike.
fn association(h: &ArrayRef1<f32>, bad: &[Option<bool>]) -> Option<f64> {
    let of = |class: bool| {
        let rows = h.iter().zip(bad).filter(move |(_, bad)| **bad == Some(class));
        rows.map(|(&h, _)| f64::from(h))
    };
    let (good, bad) = (of(false), of(true));
    let (n_good, n_bad) = (good.clone().count() as f64, bad.clone().count() as f64);
    let (mean_good, mean_bad) = (mean(good.clone())?, mean(bad.clone())?);
    let n = n_good + n_bad;
    let all = (n_good * mean_good + n_bad * mean_bad) / n;
    let sd = (good.chain(bad).map(|h| (h - all).powi(2)).sum::<f64>() / n).sqrt();
    if sd <= CONSTANT * all.abs().max(1.0) {
        return None;
    }
    Some((mean_bad - mean_good) / sd * (n_good * n_bad).sqrt() / n).filter(|r| r.is_finite())
}

/// `None` without numbers, and where one is not finite.
fn mean(x: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = x.fold((0_usize, 0.0), |(n, sum), x| (n + 1, sum + x));
    (n > 0).then(|| sum / n as f64).filter(|mean| mean.is_finite())
}

/// A connection between two layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Unit of the layer below.
    pub from: usize,
    /// Unit of the layer above.
    pub to: usize,
    /// Its weight.
    pub weight: f32,
}

/// The `k` strongest connections to each unit of `w` `(n_in, n_units)`.
///
/// The weakest of all come first, so that the strong ones are drawn over them. Of equals the lower unit; weights of 0 and what is not a number are no connections.
pub fn strongest(w: &ArrayRef2<f32>, k: usize) -> Vec<Edge> {
    let by_size = |a: &Edge, b: &Edge| b.weight.abs().total_cmp(&a.weight.abs()).then(a.from.cmp(&b.from));
    let mut all = Vec::with_capacity(k.min(w.nrows()) * w.ncols());
    let mut edges = Vec::with_capacity(w.nrows());
    for (to, column) in w.columns().into_iter().enumerate() {
        edges.clear();
        let finite = column.iter().enumerate().filter(|(_, weight)| weight.is_finite() && **weight != 0.0);
        edges.extend(finite.map(|(from, &weight)| Edge { from, to, weight }));
        if k < edges.len() {
            edges.select_nth_unstable_by(k, by_size);
            edges.truncate(k);
        }
        all.extend_from_slice(&edges);
    }
    all.sort_by(|a, b| by_size(b, a).then(a.to.cmp(&b.to)));
    all
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use rand::RngExt as _;

    use super::*;
    use crate::random::{Purpose, stream};

    const GOOD: Option<bool> = Some(false);
    const BAD: Option<bool> = Some(true);

    #[test]
    fn facts_by_hand() {
        let w = array![[3.0_f32, 0.0, 1.0], [-4.0, 0.0, 1.0]];
        // The first goes with bad rows, the second is constant, the third goes against them; the last row has no label.
        let h = array![[1.0_f32, 0.5, 0.0], [0.0, 0.5, 1.0], [0.0, 0.5, 0.5], [0.6, 0.5, 0.9]];
        let facts = UnitFacts::new(&w, &h, &[BAD, GOOD, GOOD, None]);
        assert_eq!(facts.strength, [Some(5.0), Some(0.0), Some(2_f64.sqrt())]);
        let usage: Vec<f64> = facts.usage.iter().map(|usage| (usage.unwrap() * 1e6).round() / 1e6).collect();
        assert_eq!(usage, [0.4, 0.5, 0.6]);
        // Pearson's of (1, 0, 0) with (1, 0, 0) is 1; of (0, 1, 0.5) with it −√3/2.
        assert!((facts.association[0].unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(facts.association[1], None);
        assert!((facts.association[2].unwrap() + 0.75_f64.sqrt()).abs() < 1e-12);
        assert_eq!(facts.ordered(UnitOrder::AsTheyAre), [0, 1, 2]);
        assert_eq!(facts.ordered(UnitOrder::Strength), [0, 2, 1]);
        assert_eq!(facts.ordered(UnitOrder::Usage), [2, 1, 0]);
        assert_eq!(facts.ordered(UnitOrder::Association), [0, 2, 1]);
    }

    #[test]
    fn what_is_undefined_is_said_to_be() {
        let none = UnitFacts::new(&array![[1.0_f32]], &Array2::zeros((0, 1)), &[]);
        assert_eq!((none.usage[0], none.association[0]), (None, None));
        let one_class = UnitFacts::new(&array![[f32::NAN]], &array![[0.1_f32], [0.9]], &[BAD, BAD]);
        assert_eq!((one_class.strength[0], one_class.association[0]), (None, None));
        let ran_away = UnitFacts::new(&array![[1.0_f32]], &array![[f32::NAN], [0.9]], &[BAD, GOOD]);
        assert_eq!((ran_away.usage[0], ran_away.association[0]), (None, None));
        assert_eq!(none.ordered(UnitOrder::Usage), [0]);
    }

    #[test]
    fn association_is_pearsons_correlation() {
        let mut random = stream(3, Purpose::Picture, 0);
        let bad: Vec<Option<bool>> = (0..57).map(|i| [BAD, GOOD, None][i % 3]).collect();
        let h = Array2::from_shape_simple_fn((57, 4), || random.random::<f32>());
        let facts = UnitFacts::new(&Array2::zeros((1, 4)), &h, &bad);
        for (j, got) in facts.association.iter().enumerate() {
            let pairs: Vec<(f64, f64)> =
                (0..57).filter_map(|i| bad[i].map(|bad| (f64::from(h[[i, j]]), f64::from(u8::from(bad))))).collect();
            let n = pairs.len() as f64;
            let (x, y) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0 / n, sum.1 + pair.1 / n));
            let sum = |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| f(p.0 - x, p.1 - y)).sum::<f64>();
            let want = sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
            assert!((got.unwrap() - want).abs() < 1e-12);
        }
    }

    #[test]
    fn the_strongest_edges_of_each_unit() {
        let w = array![[0.5_f32, -1.0], [-2.0, 1.0], [0.0, f32::NAN], [1.0, 0.25]];
        let edges: Vec<(usize, usize, f32)> = strongest(&w, 2).iter().map(|e| (e.from, e.to, e.weight)).collect();
        assert_eq!(edges, [(3, 0, 1.0), (1, 1, 1.0), (0, 1, -1.0), (1, 0, -2.0)]);
        assert_eq!(strongest(&w, 9).len(), 6, "no edge of weight 0, none that is not a number");
        assert!(strongest(&w, 0).is_empty() && strongest(&Array2::zeros((0, 3)), 2).is_empty());
    }
}
