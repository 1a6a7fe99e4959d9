//! Boosting against leaves by hand and a plain reference; early stopping, samples of rows, importances.

use std::sync::Arc;

use ndarray::{Array2, array};
use rand::RngExt as _;

use super::{TreesLearner, TreesSettings};
use crate::model::log_odds::cross_entropy;
use crate::model::{
    Advance, ClassWeight, Classifier, FitFacts, Learner as _, ModelError, Point, Series, StopReason, TrainingSet,
};
use crate::random::{Purpose, stream};

fn set(x: Array2<f32>, y: Vec<usize>) -> TrainingSet {
    TrainingSet { x_unlabelled: Array2::zeros((0, x.ncols())), x, y, n_classes: 2, groups: Vec::new() }
}

/// Four inputs of which two matter, a quarter bad.
fn noisy(n_rows: usize, seed: u64) -> TrainingSet {
    let mut random = stream(seed, Purpose::Sample, 0);
    let x = Array2::from_shape_simple_fn((n_rows, 4), || random.random_range(-1.0..1.0_f32));
    let y = x.rows().into_iter().map(|row| {
        let z = 2.5 * f64::from(row[0]) * f64::from(row[2]) + f64::from(row[2]) - 1.2;
        usize::from(random.random_bool(crate::model::log_odds::probability(z)))
    });
    let y = y.collect();
    set(x, y)
}

/// Every row and input for every tree.
fn plain(trees: usize, depth: usize) -> TreesSettings {
    TreesSettings { trees, depth, row_share: 1.0, column_share: 1.0, ..TreesSettings::default() }
}

struct Fit {
    reason: StopReason,
    model: Arc<dyn Classifier>,
    trees: usize,
    grown: usize,
    importance: Vec<f64>,
    points: Vec<Point>,
}

fn fit(set: &TrainingSet, settings: &TreesSettings) -> Fit {
    let mut learner = TreesLearner::new(Arc::new(set.clone()), settings.check().unwrap(), 5).unwrap();
    let mut points = Vec::new();
    let reason = (0..100_000).find_map(|_| match learner.advance(&mut |point| points.push(point)) {
        Advance::Finished(reason) => Some(reason),
        _ => None,
    });
    let FitFacts::Trees { trees, grown, importance, .. } = learner.facts() else { panic!("facts of trees") };
    Fit { reason: reason.unwrap(), model: learner.classifier(), trees, grown, importance, points }
}

impl Fit {
    fn scores(&self, set: &TrainingSet) -> Vec<f64> {
        self.model.scores(set.x.view()).to_vec()
    }

    fn curve(&self, series: Series) -> Vec<f64> {
        self.points.iter().filter(|point| point.series == series).map(|point| point.y).collect()
    }
}

fn loss(set: &TrainingSet, scores: &[f64]) -> f64 {
    let rows = scores.iter().zip(&set.y).map(|(&score, &class)| cross_entropy(score, class == 1));
    rows.sum::<f64>() / set.y.len() as f64
}

#[test]
fn one_stump_by_hand() {
    // g = ±½ and h = ¼ a row. Left G = 1, H = ½, λ = 1: the leaf answers −1 / 1.5, shrunk by η = ½; the right one mirrors it.
    let set = set(array![[3.0, 5.0], [3.0, 5.0], [4.0, 5.0], [4.0, 5.0]], vec![0, 0, 1, 1]);
    let fit = fit(&set, &TreesSettings { rate: 0.5, min_leaf_weight: 0.1, ..plain(1, 3) });
    for (score, wanted) in fit.scores(&set).iter().zip([-1.0, -1.0, 1.0, 1.0]) {
        assert!((score - wanted / 3.0).abs() < 1e-6);
    }
    assert_eq!((fit.trees, fit.grown, fit.reason), (1, 1, StopReason::Completed));
    assert_eq!(fit.importance, [1.0, 0.0], "a constant input gains nothing");
}

/// Boosted stumps in plain f64: every cut between the values of every input is tried.
fn reference(set: &TrainingSet, n_trees: usize, rate: f64, l2: f64, least: f64) -> Vec<f64> {
    let n = set.y.len();
    let bad = set.y.iter().sum::<usize>() as f64;
    let mut f = vec![(bad / (n as f64 - bad)).ln(); n];
    for _ in 0..n_trees {
        let p: Vec<f64> = f.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
        let sums = |rows: &dyn Fn(usize) -> bool| {
            (0..n)
                .filter(|&i| rows(i))
                .fold((0.0, 0.0), |(g, h), i| (g + p[i] - set.y[i] as f64, h + p[i] * (1.0 - p[i])))
        };
        let mut best: Option<(f64, usize, f32)> = None;
        for column in 0..set.x.ncols() {
            for row in 0..n {
                let cut = set.x[[row, column]];
                let (left, right) = (sums(&|i| set.x[[i, column]] < cut), sums(&|i| set.x[[i, column]] >= cut));
                let gain = left.0.powi(2) / (left.1 + l2) + right.0.powi(2) / (right.1 + l2);
                if left.1 >= least && right.1 >= least && best.is_none_or(|(most, ..)| gain > most) {
                    best = Some((gain, column, cut));
                }
            }
        }
        let (_, column, cut) = best.unwrap();
        for side in [false, true] {
            let (g, h) = sums(&|i| (set.x[[i, column]] < cut) == side);
            for i in (0..n).filter(|&i| (set.x[[i, column]] < cut) == side) {
                f[i] -= rate * g / (h + l2);
            }
        }
    }
    f
}

#[test]
fn stumps_agree_with_plain_boosting() {
    let set = noisy(60, 1);
    let fit = fit(&set, &TreesSettings { rate: 0.3, l2: 0.5, bins: 255, ..plain(20, 1) });
    for (score, wanted) in fit.scores(&set).iter().zip(reference(&set, 20, 0.3, 0.5, 1.0)) {
        assert!((score - wanted).abs() < 1e-4, "{score} against {wanted}");
    }
}

#[test]
fn training_loss_falls_with_every_tree_and_is_that_of_the_model() {
    let set = noisy(600, 2);
    let whole = fit(&set, &plain(40, 3));
    let curve = whole.curve(Series::LossTraining);
    assert_eq!(curve.len(), 41, "before the first tree, and after each");
    assert!(curve.is_sorted_by(|a, b| a > b));
    assert!(whole.importance[0] + whole.importance[2] > 0.8, "{:?}", whole.importance);
    assert!((whole.importance.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    // Rows left out of a tree get its answer all the same.
    for fit in [whole, fit(&set, &TreesSettings { row_share: 0.3, column_share: 0.5, ..plain(40, 3) })] {
        let last = fit.curve(Series::LossTraining)[40];
        assert!((last - loss(&set, &fit.scores(&set))).abs() < 1e-9);
    }
}

#[test]
fn rows_of_many_portions_get_their_answers() {
    let x = Array2::from_shape_fn((300_000, 1), |(i, _)| (i % 1000) as f32);
    let set = set(x, (0..300_000).map(|i| usize::from(i % 1000 > 600)).collect());
    let fit = fit(&set, &TreesSettings { row_share: 0.05, ..plain(2, 1) });
    let curve = fit.curve(Series::LossTraining);
    assert!(curve.len() == 3 && (curve[2] - loss(&set, &fit.scores(&set))).abs() < 1e-9);
}

#[test]
fn early_stopping_keeps_the_trees_of_the_least_loss_apart() {
    let set = noisy(400, 3);
    let settings = TreesSettings { early_stopping: true, rate: 0.3, patience: 10, ..plain(300, 4) };
    let stopped = fit(&set, &settings);
    assert_eq!(stopped.reason, StopReason::EarlyStopped);
    let curve = stopped.curve(Series::LossValidation);
    let best = (1..curve.len()).min_by(|&a, &b| curve[a].total_cmp(&curve[b])).unwrap();
    assert_eq!((stopped.trees, stopped.grown), (best, best + 10));
    // The kept trees are those of a fit that ends there.
    let short = fit(&set, &TreesSettings { trees: best, ..settings });
    assert_eq!(short.scores(&set), stopped.scores(&set));
    // With a single bad row none can be set apart.
    let lonely = TrainingSet { y: (0..400).map(|row| usize::from(row == 7)).collect(), ..set };
    let lonely = fit(&lonely, &TreesSettings { early_stopping: true, ..plain(5, 2) });
    assert_eq!((lonely.reason, lonely.trees), (StopReason::Completed, 5));
}

#[test]
fn weights_leave_the_probabilities_at_the_base_rate() {
    let set = noisy(2000, 4);
    let rate = set.y.iter().sum::<usize>() as f64 / 2000.0;
    for class_weight in [ClassWeight::None, ClassWeight::Balanced] {
        let fit = fit(&set, &TreesSettings { class_weight, ..plain(60, 3) });
        let p = fit.model.probabilities(set.x.view());
        assert!((p.column(1).sum() / 2000.0 - rate).abs() < 0.02, "{class_weight:?}");
    }
}

#[test]
fn rows_of_one_class_are_an_error() {
    let set = set(Array2::zeros((3, 1)), vec![1, 1, 1]);
    let made = TreesLearner::new(Arc::new(set), TreesSettings::default().check().unwrap(), 1);
    assert_eq!(made.err(), Some(ModelError::OneClass));
}
