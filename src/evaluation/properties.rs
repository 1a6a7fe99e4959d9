//! What must hold of every figure and every curve on any rows at all.

use super::*;
use crate::random::{Purpose, Stream, stream};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

const COSTS: Costs = Costs { false_good: 5.0, false_bad: 1.0 };

/// A name and a curve of the ranking.
type Curve = (&'static str, fn(&Ranking) -> Vec<[f64; 2]>);

/// All curves over thresholds.
const CURVES: [Curve; 5] =
    [("roc", roc), ("precision_recall", precision_recall), ("gains", gains), ("lift", lift), ("ks_curve", ks_curve)];

/// Figures that read the order of the scores only.
const OF_RANKS: [Metric; 4] = [Metric::Auc, Metric::Gini, Metric::Ks, Metric::PrAuc];

/// Labels and probabilities; both classes present; every third case with many ties.
fn rows(index: u64) -> (Vec<bool>, Vec<f64>, Stream) {
    let mut random = stream(69, Purpose::Sample, index);
    let n = random.random_range(2..120);
    let bad = (0..n).map(|i| i == 0 || (i > 1 && random.random_bool(0.25))).collect();
    let levels = if index.is_multiple_of(3) { 8.0 } else { 1e6 };
    let pd = (0..n).map(|_| (random.random::<f64>() * levels).round() / levels).collect();
    (bad, pd, random)
}

fn assert_near(found: Option<f64>, expected: Option<f64>, what: &str) {
    match (found, expected) {
        (Some(f), Some(e)) => assert!((f - e).abs() < 1e-12, "{what}: {f} against {e}"),
        _ => assert_eq!(found, expected, "{what}"),
    }
}

#[test]
fn gini_is_twice_auc_less_one() {
    for index in 0..100 {
        let (bad, pd, _) = rows(index);
        let m = metrics(&bad, &pd, &pd, 0.5, COSTS);
        assert_eq!(m.gini, m.auc.map(|auc| 2.0 * auc - 1.0));
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    for index in 0..100 {
        let (bad, pd, mut random) = rows(index);
        let mut order: Vec<usize> = (0..bad.len()).collect();
        order.shuffle(&mut random);
        let (bad_2, pd_2): (Vec<bool>, Vec<f64>) = order.iter().map(|&i| (bad[i], pd[i])).unzip();
        let m = metrics(&bad, &pd, &pd, 0.3, COSTS);
        let m_2 = metrics(&bad_2, &pd_2, &pd_2, 0.3, COSTS);
        for metric in Metric::ALL {
            // Sums over rows differ in their last digits.
            assert_near(metric.get(&m_2), metric.get(&m), metric.name());
        }
        assert_eq!(Ranking::new(&bad, &pd), Ranking::new(&bad_2, &pd_2));
        assert_eq!(score_histogram(&bad, &pd, 7), score_histogram(&bad_2, &pd_2, 7));
        let (bins, bins_2) = (reliability(&bad, &pd, 7), reliability(&bad_2, &pd_2, 7));
        assert_eq!(bins.len(), bins_2.len());
        for (x, y) in bins.iter().zip(&bins_2) {
            assert_eq!((x.n, x.bad, x.interval), (y.n, y.bad, y.interval));
            assert_near(Some(y.mean_pd), Some(x.mean_pd), "mean_pd");
        }
        let [one, two] = [(&bad, &pd), (&bad_2, &pd_2)].map(|(bad, pd)| auc_interval(bad, pd));
        assert_near(two.map(|i| i.standard_error), one.map(|i| i.standard_error), "standard error");
    }
}

#[test]
fn a_strictly_rising_transform_keeps_every_rank_figure_and_curve() {
    let transforms: [fn(f64) -> f64; 4] =
        [|s| 3.0 * s - 7.0, |s| (5.0 * s).exp(), |s| s.powi(3) + s, |s| ((s + 1e-9) / (1.0 - s + 1e-9)).ln()];
    for index in 0..100 {
        let (bad, pd, _) = rows(index);
        let ranking = Ranking::new(&bad, &pd).unwrap();
        for transform in transforms {
            let bent: Vec<f64> = pd.iter().map(|s| transform(*s)).collect();
            // Calibration is such a transform: what it does to pd leaves the figures of the score alone.
            let (m, of_bent) = (metrics(&bad, &pd, &pd, 0.5, COSTS), metrics(&bad, &bent, &pd, 0.5, COSTS));
            assert!(OF_RANKS.iter().all(|metric| metric.get(&m) == metric.get(&of_bent)));
            let ranking_of_bent = Ranking::new(&bad, &bent).unwrap();
            for (name, curve) in CURVES {
                assert_eq!(curve(&ranking), curve(&ranking_of_bent), "{name}");
            }
            assert_eq!(auc_interval(&bad, &pd), auc_interval(&bad, &bent));
        }
    }
}

#[test]
fn a_higher_threshold_never_calls_more_rows_bad() {
    for index in 0..100 {
        let (bad, pd, _) = rows(index);
        let thresholds = (-1..=101).map(|t| f64::from(t) / 100.0);
        let calls: Vec<Confusion> = thresholds.map(|t| Confusion::at(&bad, &pd, t).unwrap()).collect();
        for w in calls.windows(2) {
            assert!(w[1].recall() <= w[0].recall() && w[1].specificity() >= w[0].specificity());
        }
        let roc = roc(&Ranking::new(&bad, &pd).unwrap());
        assert!(roc.windows(2).all(|w| w[1][0] >= w[0][0] && w[1][1] >= w[0][1]));
        // Every threshold is a point on the curve, or on one of its segments.
        for c in calls {
            let (fpr, tpr) = (1.0 - c.specificity().unwrap(), c.recall().unwrap());
            let on = roc.windows(2).any(|w| {
                let cross = (w[1][0] - w[0][0]) * (tpr - w[0][1]) - (w[1][1] - w[0][1]) * (fpr - w[0][0]);
                let within = |axis: usize, v: f64| w[0][axis] - 1e-12 <= v && v <= w[1][axis] + 1e-12;
                cross.abs() < 1e-12 && within(0, fpr) && within(1, tpr)
            });
            assert!(on, "({fpr}, {tpr}) is not on {roc:?}");
        }
    }
}

#[test]
fn constant_scores_are_chance() {
    let bad = [true, false, false, true, false];
    let constant = Ranking::new(&bad, &[0.4; 5]).unwrap();
    assert_eq!((constant.auc(), constant.ks(), constant.average_precision()), (0.5, 0.0, 0.4));
    assert_eq!(roc(&constant), [[0.0, 0.0], [1.0, 1.0]]);
    assert_eq!(lift(&constant), [[0.0, 1.0], [1.0, 1.0]]);
    assert_eq!(reliability(&bad, &[0.4; 5], 10).len(), 1);
}

#[test]
fn what_cannot_be_ranked_is_undefined_everywhere() {
    let cases: [(&[bool], &[f64]); 5] = [
        (&[], &[]),
        (&[true, true], &[0.2, 0.7]),
        (&[false, false, false], &[0.2, 0.7, 0.7]),
        (&[true, false], &[f64::NAN, 0.5]),
        (&[true, false], &[0.5]),
    ];
    for (bad, score) in cases {
        assert!(Ranking::new(bad, score).is_none() && auc(bad, score).is_none());
        assert!(auc_interval(bad, score).is_none() && delong(bad, score, score).is_none());
        let m = metrics(bad, score, score, 0.5, COSTS);
        assert!(OF_RANKS.iter().all(|metric| metric.get(&m).is_none()));
    }
}

#[test]
fn curves_are_finite_and_run_from_end_to_end_on_any_scores() {
    let odd = [f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, f64::MAX, f64::MIN_POSITIVE, 5e-324];
    for index in 0..100 {
        let (bad, mut score, mut random) = rows(index);
        for s in &mut score {
            if random.random_bool(0.2) {
                *s = odd[random.random_range(0..odd.len())];
            }
        }
        let ranking = Ranking::new(&bad, &score).unwrap();
        for (name, curve) in CURVES {
            let points = curve(&ranking);
            assert!(points.iter().flatten().all(|v| v.is_finite()), "{name}");
            assert!(points.windows(2).all(|w| w[0][0] <= w[1][0]), "{name}");
            assert_eq!((points[0][0], points[points.len() - 1][0]), (0.0, 1.0), "{name}");
        }
    }
}
