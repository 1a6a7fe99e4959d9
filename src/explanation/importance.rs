//! Permutation importance (Breiman 2001; Fisher, Rudin, Dominici 2019): how much worse a model does on rows it has not seen
//! when the values of an indicator are dealt out among the rows anew.
//!
//! An indicator that goes together with another one seems unimportant by itself, because the other still tells: such
//! indicators are also shuffled together, as one group.
//!
//! The interval covers two things: which shuffles were drawn, and which rows happened to be held out. Its variance is that of
//! a mean over the repeats, var/R, and the variance of the paired difference on these rows, by `DeLong` for areas
//! under the curve, averaged over the repeats. It says nothing of other training rows.

use ndarray::{Array2, ArrayView2};
use rand::seq::SliceRandom as _;

use super::explainer::players;
use super::{ExplanationError, PdOf, answers};
use crate::data::{Dataset, rank_clusters};
use crate::evaluation::{Summary, delong};
use crate::model::kernels::each;
use crate::random::{Purpose, stream};
use crate::scoring::RiskModel;

/// The normal quantile of a two-sided 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// Indicators among which groups are looked for, at most: all pairs are held against each other.
const MOST_GROUPED: usize = 1000;

/// How importance is worked out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImportanceSettings {
    /// Shuffles of each indicator, at least 2. Default 10.
    pub repeats: usize,
    /// Rows that are looked at, at most; of more, so many are drawn. Default 5,000.
    pub most_rows: usize,
    /// Indicators are shuffled together from this average |ρ| on (Spearman), in 0..=1. Default 0.8.
    pub grouped_from: f64,
    /// Seed of rows and shuffles.
    pub seed: u64,
}

impl Default for ImportanceSettings {
    fn default() -> Self {
        Self { repeats: 10, most_rows: 5000, grouped_from: 0.8, seed: 0 }
    }
}

/// How much a figure is worse without what an indicator tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Mean over the repeats; above 0 when the figure is worse for it.
    pub mean: f64,
    /// 95 % interval of the mean.
    pub interval: [f64; 2],
}

/// What is lost when some indicators are shuffled.
#[derive(Clone, Debug, PartialEq)]
pub struct Shuffled {
    /// The indicators, by number in [`Importance::indicators`].
    pub indicators: Vec<usize>,
    /// By how much the area under the ROC curve of the PDs falls.
    pub auc: Loss,
    /// By how much the Brier score rises.
    pub brier: Loss,
}

/// What each indicator, and each group that goes together, is worth to a model on some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// Names of the indicators, in the order of the model; those set aside are not among them.
    pub indicators: Vec<String>,
    /// Rows looked at.
    pub rows: usize,
    /// Bad ones among them.
    pub bad: usize,
    /// Area under the ROC curve of the PDs as they are, 0..=1.
    pub auc: f64,
    /// Brier score as they are, 0..=1.
    pub brier: f64,
    /// Each indicator by itself, in their order.
    pub alone: Vec<Shuffled>,
    /// Each group of at least two that go together, by its first indicator; none beyond 1,000 indicators.
    pub together: Vec<Shuffled>,
}

/// What each indicator of `model` is worth on the labelled ones among `rows` of `data`.
///
/// It should not have learned from these rows. Not a bit depends on the number of threads. `None` when `stop` says so, which is asked before each shuffle.
///
/// # Errors
/// With fewer than two labelled rows of either class, or a model without an answer.
pub fn importance(
    model: &RiskModel,
    data: &Dataset,
    rows: &[usize],
    settings: &ImportanceSettings,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Importance>, ExplanationError> {
    let labelled: Vec<usize> = rows.iter().copied().filter(|&row| data.bad[row].is_some()).collect();
    let rows: Vec<usize> = drawn(labelled.len(), settings).into_iter().map(|place| labelled[place]).collect();
    let bad: Vec<bool> = rows.iter().map(|&row| data.bad[row] == Some(true)).collect();
    let x = model.inputs(data, &rows, &rows);
    let (indicators, players): (Vec<String>, Vec<Vec<usize>>) = players(model).into_iter().unzip();
    let groups = if players.len() <= MOST_GROUPED { groups(model, &x, settings.grouped_from) } else { Vec::new() };
    let pd = |x: ArrayView2<'_, f32>| model.pd(x);
    Ok(losses(&pd, &x, &bad, &players, &groups, settings, stop)?.map(|found| Importance { indicators, ..found }))
}

/// Indicators that go together over the rows `x`, in groups of at least two. A number of several inputs is their sum, which
/// is in its order; categories go with nothing.
fn groups(model: &RiskModel, x: &Array2<f32>, least: f64) -> Vec<Vec<usize>> {
    let is_number = model.preparation.number_inputs();
    let column = |inputs: std::ops::Range<usize>| -> Vec<f64> {
        let numbers: Vec<usize> = inputs.filter(|&input| is_number[input]).collect();
        x.rows().into_iter().map(|row| numbers.iter().map(|&input| f64::from(row[input])).sum()).collect()
    };
    let columns: Vec<Vec<f64>> =
        model.indicator_inputs().into_iter().map(|(_, inputs)| column(inputs.values)).collect();
    let mut groups = rank_clusters(&columns, least);
    groups.retain(|group| group.len() > 1);
    groups
}

/// Shuffles each of `players`, inputs that belong together, and each group of them, in the rows `x` `(n_rows, n_inputs)`.
fn losses(
    pd: &impl PdOf,
    x: &Array2<f32>,
    bad: &[bool],
    players: &[Vec<usize>],
    groups: &[Vec<usize>],
    settings: &ImportanceSettings,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Importance>, ExplanationError> {
    let before = answers(pd, x)?;
    let auc = delong(bad, &before, &before).ok_or(ExplanationError::OneClass)?.auc_a;
    let single = (0..players.len()).map(|player| vec![player]);
    let mut work: Vec<_> = single.chain(groups.iter().cloned()).map(|group| (group, Ok(None))).collect();
    each(&mut work, |(group, found)| {
        let inputs: Vec<usize> = group.iter().flat_map(|&player| players[player].iter().copied()).collect();
        *found = shuffled(pd, x, bad, &before, &inputs, settings, stop);
    });
    let mut alone = Vec::with_capacity(work.len());
    for (indicators, found) in work {
        let Some([auc, brier]) = found? else { return Ok(None) };
        alone.push(Shuffled { indicators, auc, brier });
    }
    let together = alone.split_off(players.len());
    let brier = before.iter().zip(bad).map(|(pd, bad)| squared(*pd, *bad)).sum::<f64>() / bad.len() as f64;
    let n_bad = bad.iter().filter(|bad| **bad).count();
    Ok(Some(Importance { indicators: Vec::new(), rows: bad.len(), bad: n_bad, auc, brier, alone, together }))
}

/// The rows that are looked at, ascending.
fn drawn(n: usize, settings: &ImportanceSettings) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..n).collect();
    if n > settings.most_rows {
        rows.shuffle(&mut stream(settings.seed, Purpose::Importance, 1 << 47));
        rows.truncate(settings.most_rows);
        rows.sort_unstable();
    }
    rows
}

/// The squared error of a PD.
fn squared(pd: f64, bad: bool) -> f64 {
    (pd - f64::from(u8::from(bad))).powi(2)
}

/// What the area under the curve and the Brier score lose when `inputs` are shuffled together.
fn shuffled(
    pd: &impl PdOf,
    x: &Array2<f32>,
    bad: &[bool],
    before: &[f64],
    inputs: &[usize],
    settings: &ImportanceSettings,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<[Loss; 2]>, ExplanationError> {
    let (mut auc, mut brier) = (Repeats::default(), Repeats::default());
    let mut changed = x.clone();
    for repeat in 0..settings.repeats.max(2) {
        if stop() {
            return Ok(None);
        }
        let mut from: Vec<usize> = (0..x.nrows()).collect();
        from.shuffle(&mut stream(settings.seed, Purpose::Importance, repeat as u64));
        for (mut row, &from) in changed.rows_mut().into_iter().zip(&from) {
            for &input in inputs {
                row[input] = x[[from, input]];
            }
        }
        let after = answers(pd, &changed)?;
        let areas = delong(bad, before, &after).ok_or(ExplanationError::OneClass)?;
        auc.push(areas.difference, areas.standard_error.powi(2));
        let rises = before
            .iter()
            .zip(&after)
            .zip(bad)
            .map(|((before, after), bad)| squared(*after, *bad) - squared(*before, *bad));
        let rises = Summary::of(rises.map(Some));
        let sd = rises.sd.unwrap_or(0.0);
        brier.push(rises.mean.unwrap_or(0.0), sd * sd / rises.n.max(1) as f64);
    }
    Ok(Some([auc.loss(), brier.loss()]))
}

/// One figure over the repeats.
#[derive(Default)]
struct Repeats {
    losses: Vec<f64>,
    /// Of each loss over the draw of rows.
    variances: Vec<f64>,
}

impl Repeats {
    fn push(&mut self, loss: f64, variance: f64) {
        self.losses.push(loss);
        self.variances.push(variance);
    }

    fn loss(&self) -> Loss {
        let n = self.losses.len() as f64;
        let mean = self.losses.iter().sum::<f64>() / n;
        let between = self.losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let within = self.variances.iter().sum::<f64>() / n;
        let reach = Z_95 * (within + between / n).sqrt();
        Loss { mean, interval: [mean - reach, mean + reach] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt as _;

    /// Five inputs: the first two tell, the third is the second once more, the fourth and fifth tell nothing; the model is
    /// given the fourth with no weight and the fifth with a little.
    fn rows(n: usize, index: u64) -> (Array2<f32>, Vec<bool>) {
        let mut random = stream(11, Purpose::Sample, index);
        let mut x = Array2::from_shape_simple_fn((n, 5), || 2.0 * random.random::<f32>() - 1.0);
        let second = x.column(1).to_owned();
        x.column_mut(2).assign(&second);
        let bad = x.rows().into_iter().map(|row| random.random_bool(of_row(row[0], row[1]))).collect();
        (x, bad)
    }

    fn of_row(first: f32, second: f32) -> f64 {
        1.0 / (1.0 + (1.0 - 3.0 * f64::from(first) - 2.0 * f64::from(second)).exp())
    }

    #[expect(clippy::needless_pass_by_value, reason = "the form of a model")]
    fn model(x: ArrayView2<'_, f32>) -> Vec<f64> {
        x.rows().into_iter().map(|row| of_row(row[0], 0.5 * (row[1] + row[2]) + 0.02 * row[4])).collect()
    }

    fn find(index: u64) -> Importance {
        let (x, bad) = rows(1500, index);
        let players: Vec<Vec<usize>> = (0..5).map(|input| vec![input]).collect();
        let groups = [vec![1, 2]];
        losses(&model, &x, &bad, &players, &groups, &ImportanceSettings::default(), &|| false).unwrap().unwrap()
    }

    #[test]
    fn what_tells_is_found_and_what_does_not_is_near_zero() {
        let holds = |loss: Loss, x: f64| loss.interval[0] <= x && x <= loss.interval[1];
        let mut missed = 0;
        for index in 0..10 {
            let found = find(index);
            assert_eq!((found.rows, found.alone.len(), found.together.len()), (1500, 5, 1));
            // Not used at all: nothing changes.
            assert_eq!((found.alone[3].auc.mean, found.alone[3].auc.interval), (0.0, [0.0, 0.0]));
            assert!(found.alone[0].auc.interval[0] > 0.05 && found.alone[0].brier.interval[0] > 0.01);
            // The second has a stand-in: half of it is left when one of the two is shuffled.
            let both = &found.together[0];
            assert_eq!(both.indicators, [1, 2]);
            assert!(both.auc.mean > 2.0 * found.alone[1].auc.mean, "{found:?}");
            missed += usize::from(!holds(found.alone[4].auc, 0.0)) + usize::from(!holds(found.alone[4].brier, 0.0));
        }
        assert!(missed <= 3, "{missed} of 20 intervals of what tells nothing miss 0");
    }

    #[test]
    fn figures_are_those_of_the_shuffled_rows() {
        // Two values only: by hand the area is 1, and without the input ½ on average.
        let x = Array2::from_shape_fn((400, 1), |(row, _)| (row % 2) as f32);
        let bad: Vec<bool> = (0..400).map(|row| row % 2 == 1).collect();
        let pd = |x: ArrayView2<'_, f32>| -> Vec<f64> { x.iter().map(|&x| f64::from(x)).collect() };
        let find = || {
            let settings = ImportanceSettings { repeats: 50, ..ImportanceSettings::default() };
            losses(&pd, &x, &bad, &[vec![0]], &[], &settings, &|| false).unwrap().unwrap()
        };
        let found = find();
        assert_eq!((found.auc, found.brier, found.bad), (1.0, 0.0, 200));
        let Shuffled { auc, brier, .. } = &found.alone[0];
        assert!((auc.mean - 0.5).abs() < 0.02 && (brier.mean - 0.5).abs() < 0.02, "{found:?}");
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(find), found);
        }
    }

    #[test]
    fn few_rows_and_a_stop_are_said() {
        let (x, bad) = rows(300, 1);
        let of = |bad: &[bool], stopped: bool| {
            losses(&model, &x, bad, &[vec![0]], &[], &ImportanceSettings::default(), &|| stopped)
        };
        assert_eq!(of(&bad, true), Ok(None));
        assert_eq!(of(&[true; 300], false), Err(ExplanationError::OneClass));
        let settings = ImportanceSettings { most_rows: 100, ..ImportanceSettings::default() };
        let rows = drawn(300, &settings);
        assert!(rows.len() == 100 && rows.is_sorted() && rows[99] > 200);
        assert_eq!(drawn(100, &settings), (0..100).collect::<Vec<_>>());
    }
}
