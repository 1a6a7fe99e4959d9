//! Bootstrap percentile intervals of every figure of one model over the test parts of a comparison (ET93, chapter 13).
//!
//! A resample draws as many units as there are, with replacement: rows of the table, or enterprises with all their rows
//! where several rows belong to one, since rows of one enterprise are no independent evidence. It is drawn once for all
//! test parts, so that a row tested in several repeats is there equally often in each. Every part is then weighed by how
//! often its rows were drawn, every figure worked out as always, and averaged over the parts where it is defined, as the
//! table of results does. The interval runs from the 2.5 % to the 97.5 % quantile over the resamples.
//!
//! What it covers: which rows happened to be tested, with the models as they were fitted. What it does not: which rows
//! they were trained on, nor the seed of the training; that is what the spread over folds and repeats shows.
//!
//! ET93: Efron, Tibshirani, *An Introduction to the Bootstrap*, 1993.

use super::metrics::{given_to_what_happened, log_loss, squared_loss};
use super::{Confusion, Costs, Metric, Metrics, Ranking, Step};
use crate::random::{Purpose, stream};
use rand::RngExt as _;

/// One model on one test part; slices of shape `(n_test,)`.
#[derive(Clone, Copy, Debug)]
pub struct Tested<'a> {
    /// Whether each row is bad.
    pub bad: &'a [bool],
    /// Ranking score, higher is worse.
    pub score: &'a [f64],
    /// Calibrated probability of the bad outcome, 0 to 1.
    pub pd: &'a [f64],
    /// Rows are called bad from this `pd` on.
    pub threshold: f64,
    /// The unit each row is drawn with: any code of the row in the table, or of its enterprise.
    pub units: &'a [u32],
}

/// Intervals of every metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// In the order of [`Metric::ALL`].
    bounds: [Option<[f64; 2]>; Metric::ALL.len()],
}

impl Intervals {
    /// The 95 % interval of a metric, lower end first; `None` where under half of the resamples define it.
    pub fn get(&self, metric: Metric) -> Option<[f64; 2]> {
        self.bounds.into_iter().zip(Metric::ALL).find(|(_, m)| *m == metric)?.0
    }
}

/// Intervals over `parts` from `resamples` resamples; 1000 are usual.
///
/// Each part is sorted once, and a resample takes O(rows). Resample `i` draws the same units for every model tested on
/// the same units under the same `seed`.
///
/// `None` when `stop` says so, which is asked before each resample. A part whose slices differ in length is left out;
/// with no rows or no resamples every interval is undefined.
pub fn bootstrap(
    parts: &[Tested<'_>],
    costs: Costs,
    resamples: usize,
    seed: u64,
    stop: &dyn Fn() -> bool,
) -> Option<Intervals> {
    let whole = |part: &&Tested<'_>| {
        [part.score.len(), part.pd.len(), part.units.len()].iter().all(|len| *len == part.bad.len())
    };
    let parts: Vec<&Tested<'_>> = parts.iter().filter(whole).collect();
    let mut units: Vec<u32> = parts.iter().flat_map(|part| part.units).copied().collect();
    units.sort_unstable();
    units.dedup();
    let parts: Vec<Sorted> = parts.into_iter().map(|part| Sorted::new(part, &units)).collect();

    let mut values: Vec<Vec<f64>> = vec![Vec::new(); Metric::ALL.len()];
    let mut drawn = vec![0_u32; units.len()];
    for resample in 0..resamples {
        if stop() {
            return None;
        }
        if units.is_empty() {
            break;
        }
        drawn.fill(0);
        let mut random = stream(seed, Purpose::Bootstrap, resample as u64);
        for _ in 0..units.len() {
            drawn[random.random_range(0..units.len())] += 1;
        }
        let figures: Vec<Metrics> = parts.iter().map(|part| part.metrics(&drawn, costs)).collect();
        for (metric, values) in Metric::ALL.iter().zip(&mut values) {
            let defined: Vec<f64> = figures.iter().filter_map(|m| metric.get(m)).collect();
            if !defined.is_empty() {
                values.push(defined.iter().sum::<f64>() / defined.len() as f64);
            }
        }
    }
    let mut bounds = [None; Metric::ALL.len()];
    for (bounds, mut values) in bounds.iter_mut().zip(values) {
        if !values.is_empty() && 2 * values.len() >= resamples {
            values.sort_unstable_by(f64::total_cmp);
            *bounds = Some([quantile(&values, 0.025), quantile(&values, 0.975)]);
        }
    }
    Some(Intervals { bounds })
}

/// Quantile of sorted values, at least one, linear between neighbours (type 7 of Hyndman and Fan).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let low = place.floor() as usize;
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + (sorted[high] - sorted[low]) * (place - low as f64)
}

/// One row of a test part with all that its figures need.
struct Row {
    /// Index of the unit among all units.
    unit: u32,
    bad: bool,
    called_bad: bool,
    /// Last of the rows of its score.
    ends_tie: bool,
    squared_loss: f64,
    log_loss: f64,
}

/// A test part sorted once, from the highest score down.
struct Sorted {
    rows: Vec<Row>,
    threshold: f64,
    /// Whether the scores can be ranked: none is NaN.
    ranked: bool,
    /// Whether the rows can be called bad or good: no `pd` is NaN, nor the threshold.
    called: bool,
    /// Whether every `pd` is a probability.
    probable: bool,
}

impl Sorted {
    /// `units` sorted, holding every unit of the part.
    fn new(part: &Tested<'_>, units: &[u32]) -> Self {
        let mut order: Vec<usize> = (0..part.bad.len()).collect();
        order.sort_unstable_by(|&i, &j| part.score[j].total_cmp(&part.score[i]));
        let row = |(place, &i): (usize, &usize)| {
            let happened = given_to_what_happened(part.bad[i], part.pd[i]);
            Row {
                unit: units.partition_point(|unit| *unit < part.units[i]) as u32,
                bad: part.bad[i],
                called_bad: part.pd[i] >= part.threshold,
                ends_tie: order.get(place + 1).is_none_or(|&next| part.score[next] != part.score[i]),
                squared_loss: squared_loss(happened),
                log_loss: log_loss(happened),
            }
        };
        Self {
            rows: order.iter().enumerate().map(row).collect(),
            threshold: part.threshold,
            ranked: !part.score.iter().any(|s| s.is_nan()),
            called: Confusion::at(part.bad, part.pd, part.threshold).is_some(),
            probable: part.pd.iter().all(|p| (0.0..=1.0).contains(p)),
        }
    }

    /// The figures of the part with each row standing as often as its unit was drawn.
    fn metrics(&self, drawn: &[u32], costs: Costs) -> Metrics {
        let mut counts = Confusion::default();
        let (mut squared, mut logs) = (0.0, 0.0);
        let mut here = Step::default();
        let mut steps = Vec::new();
        for row in &self.rows {
            let times = drawn[row.unit as usize] as usize;
            if row.bad {
                here.bad += times;
            } else {
                here.good += times;
            }
            *counts.of((row.bad, row.called_bad)) += times;
            squared += times as f64 * row.squared_loss;
            logs += times as f64 * row.log_loss;
            if row.ends_tie && (here.bad > 0 || here.good > 0) {
                steps.push(std::mem::take(&mut here));
            }
        }
        let rows = Step { bad: counts.bad_rows(), good: counts.good_rows() };
        let mean = |sum: f64| (self.probable && counts.rows() > 0).then(|| sum / counts.rows() as f64);
        let ranking = Ranking::from_steps(steps).filter(|_| self.ranked);
        let figures = Metrics::uncalled(rows, ranking.as_ref(), mean(squared), mean(logs));
        figures.called(if self.called { counts } else { Confusion::default() }, self.threshold, costs)
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics;
    use super::*;
    use crate::random::Stream;
    use rand_distr::{Distribution as _, StandardNormal};

    const COSTS: Costs = Costs { false_good: 5.0, false_bad: 1.0 };

    /// Rows of a test part, owned.
    struct Part {
        bad: Vec<bool>,
        score: Vec<f64>,
        pd: Vec<f64>,
        units: Vec<u32>,
    }

    impl Part {
        fn tested(&self) -> Tested<'_> {
            Tested { bad: &self.bad, score: &self.score, pd: &self.pd, threshold: 0.5, units: &self.units }
        }

        /// Scores one standard deviation apart; `levels` above 0 rounds them, for ties.
        fn draw(random: &mut Stream, units: Vec<u32>, bad_share: f64, levels: f64) -> Self {
            let bad: Vec<bool> = units.iter().map(|_| random.random_bool(bad_share)).collect();
            let score = bad.iter().map(|b| {
                let deviate: f64 = StandardNormal.sample(random);
                let score = deviate + f64::from(u8::from(*b));
                if levels > 0.0 { (score * levels).round() / levels } else { score }
            });
            let score: Vec<f64> = score.collect();
            let pd = score.iter().map(|s| 1.0 / (1.0 + (0.5 - s).exp())).collect();
            Self { bad, score, pd, units }
        }
    }

    fn never() -> bool {
        false
    }

    /// The same resamples with every drawn row copied out, `metrics` of the copies, and quantiles by another road.
    #[test]
    fn agrees_with_rows_copied_out() {
        let mut random = stream(65, Purpose::Sample, 0);
        // Two parts of one repeat and one of another, units in any order, some with several rows.
        let parts = [
            Part::draw(&mut random, vec![900, 7, 7, 12, 44, 3, 51, 60, 61, 62], 0.4, 2.0),
            Part::draw(&mut random, vec![5, 8, 9, 10, 11, 70, 71], 0.5, 2.0),
            Part::draw(&mut random, vec![7, 7, 12, 8, 900, 5, 9, 3], 0.4, 2.0),
        ];
        let tested: Vec<Tested<'_>> = parts.iter().map(Part::tested).collect();
        let (resamples, seed) = (64, 3);
        let found = bootstrap(&tested, COSTS, resamples, seed, &never).unwrap();

        let mut units: Vec<u32> = parts.iter().flat_map(|p| p.units.clone()).collect();
        units.sort_unstable();
        units.dedup();
        for metric in Metric::ALL {
            let mut values = Vec::new();
            for resample in 0..resamples {
                let mut random = stream(seed, Purpose::Bootstrap, resample as u64);
                let drawn: Vec<u32> = units.iter().map(|_| units[random.random_range(0..units.len())]).collect();
                let of_parts: Vec<f64> = parts
                    .iter()
                    .filter_map(|part| {
                        let rows: Vec<usize> = drawn
                            .iter()
                            .flat_map(|unit| (0..part.units.len()).filter(move |&i| part.units[i] == *unit))
                            .collect();
                        let bad: Vec<bool> = rows.iter().map(|&i| part.bad[i]).collect();
                        let score: Vec<f64> = rows.iter().map(|&i| part.score[i]).collect();
                        let pd: Vec<f64> = rows.iter().map(|&i| part.pd[i]).collect();
                        metric.get(&metrics(&bad, &score, &pd, 0.5, COSTS))
                    })
                    .collect();
                if !of_parts.is_empty() {
                    values.push(of_parts.iter().sum::<f64>() / of_parts.len() as f64);
                }
            }
            assert!(values.len() > resamples / 2);
            values.sort_by(f64::total_cmp);
            let last = (values.len() - 1) as f64;
            let [low, high] = found.get(metric).unwrap();
            for (bound, share) in [(low, 0.025), (high, 0.975)] {
                let (below, above) = ((share * last).floor(), (share * last).ceil());
                let expected = values[below as usize] * (1.0 - (share * last - below))
                    + values[above as usize] * (share * last - below);
                assert!((bound - expected).abs() < 1e-12, "{metric:?}: {bound} against {expected}");
            }
        }
    }

    /// Of 200 samples of 200 rows the share of intervals that hold the truth. AUC Φ(1/√2); the accuracy of calling bad
    /// from a score of ½ on is Φ(½).
    #[test]
    fn intervals_cover_the_truth() {
        let phi = |x: f64| 1.0 - statrs::function::erf::erfc(x / std::f64::consts::SQRT_2) / 2.0;
        let truths = [(Metric::Auc, phi(0.5_f64.sqrt())), (Metric::Accuracy, phi(0.5)), (Metric::Recall, phi(0.5))];
        let mut covered = [0; 3];
        for index in 0..200 {
            let mut random = stream(66, Purpose::Sample, index);
            let part = Part::draw(&mut random, (0..200).collect(), 0.3, 0.0);
            let found = bootstrap(&[part.tested()], COSTS, 200, index, &never).unwrap();
            for (covered, (metric, truth)) in covered.iter_mut().zip(truths) {
                let [low, high] = found.get(metric).unwrap();
                *covered += i32::from(low <= truth && truth <= high);
            }
        }
        // 95 % less what quantiles of 200 resamples lose, with a standard error of 1.5 points.
        assert!(covered.iter().all(|c| (178..=198).contains(c)), "{covered:?}");
    }

    #[test]
    fn rows_of_one_enterprise_are_drawn_together() {
        let mut random = stream(67, Purpose::Sample, 0);
        let once = Part::draw(&mut random, (0..100).collect(), 0.3, 0.0);
        // Each row four times: no more evidence than once, unless each copy passes for a row of its own.
        let four = |v: &[f64]| v.repeat(4);
        let copies =
            |units: Vec<u32>| Part { bad: once.bad.repeat(4), score: four(&once.score), pd: four(&once.pd), units };
        let width = |part: &Part| {
            let found = bootstrap(&[part.tested()], COSTS, 200, 1, &never).unwrap();
            found.get(Metric::Auc).map(|[low, high]| high - low).unwrap()
        };
        assert!((width(&copies(once.units.repeat(4))) - width(&once)).abs() < 1e-12);
        assert!(width(&copies((0..400).collect())) < 0.7 * width(&once));
    }

    #[test]
    fn what_is_undefined_stays_so() {
        let none = |found: &Intervals| Metric::ALL.iter().all(|m| found.get(*m).is_none());
        assert!(none(&bootstrap(&[], COSTS, 10, 1, &never).unwrap()));
        let part = Part { bad: vec![true, false], score: vec![0.9, 0.1], pd: vec![0.9, 0.1], units: vec![0, 1] };
        assert!(none(&bootstrap(&[part.tested()], COSTS, 0, 1, &never).unwrap()));
        let short = Tested { pd: &[0.5], ..part.tested() };
        assert!(none(&bootstrap(&[short], COSTS, 10, 1, &never).unwrap()));
        // NaN scores touch what ranks, NaN probabilities the rest.
        let no_scores = Tested { score: &[f64::NAN, 0.0], ..part.tested() };
        let found = bootstrap(&[no_scores], COSTS, 100, 1, &never).unwrap();
        assert!(found.get(Metric::Auc).is_none() && found.get(Metric::Brier).is_some());
        let no_pd = Tested { pd: &[f64::NAN, 0.0], ..part.tested() };
        let found = bootstrap(&[no_pd], COSTS, 100, 1, &never).unwrap();
        assert!(found.get(Metric::Accuracy).is_none() && found.get(Metric::Brier).is_none());
        // One bad row among two: half of the resamples miss a class, one bad row among a hundred: a third.
        let mut random = stream(68, Purpose::Sample, 0);
        let mut rare = Part::draw(&mut random, (0..100).collect(), 0.0, 0.0);
        assert!(bootstrap(&[rare.tested()], COSTS, 100, 1, &never).unwrap().get(Metric::Auc).is_none());
        rare.bad[0] = true;
        assert!(bootstrap(&[rare.tested()], COSTS, 100, 1, &never).unwrap().get(Metric::Auc).is_some());
    }

    #[test]
    fn a_stop_leaves_nothing_half_done() {
        let part = Part { bad: vec![true, false], score: vec![0.9, 0.1], pd: vec![0.9, 0.1], units: vec![0, 1] };
        let asked = std::cell::Cell::new(0);
        let stop = || {
            asked.set(asked.get() + 1);
            asked.get() > 5
        };
        assert_eq!(bootstrap(&[part.tested()], COSTS, 100, 1, &stop), None);
        assert_eq!(asked.get(), 6);
    }
}
