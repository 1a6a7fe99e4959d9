//! K > 2 classes from learners of two: one for each pair of classes, on the rows of those two.
//!
//! A row's probabilities follow from the pairwise ones rᵢⱼ = P(i | i or j, x) by minimising Σᵢ Σⱼ≠ᵢ (rⱼᵢ pᵢ − rᵢⱼ pⱼ)²
//! subject to Σp = 1 [WLW04, their second method, as in LIBSVM]: consistent pairwise probabilities are recovered exactly,
//! others reconciled. The label shown is the class of the largest.
//!
//! WLW04: Wu, Lin, Weng, *Probability estimates for multi-class classification by pairwise coupling*, 2004.

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::{
    Advance, Classifier, FitFacts, Learner, ModelError, Point, Progress, StopReason, SvmFacts, TrainingSet, Tunables,
};

/// Pairwise probabilities are kept this far from 0 and 1, as in LIBSVM, so that no class is ruled out by one learner.
const LEAST: f64 = 1e-7;
/// How far from stationary the coupled probabilities may be.
const TOLERANCE: f64 = 1e-12;
/// Sweeps at most; a few dozen are usual.
const MAX_SWEEPS: usize = 1000;

/// Two classes `(first, second)`, `first < second`. The learner of the pair sees them as 0 and 1.
pub type Pair = (usize, usize);

/// Learners of all pairs of classes, fitted one after another in the order (0, 1), (0, 2), … (1, 2), …
pub struct OneVsOne {
    n_classes: usize,
    learners: Vec<Box<dyn Learner>>,
    /// The learner at work; the number of learners at the end.
    current: usize,
    /// Why each of those that are done ended.
    reasons: Vec<StopReason>,
    /// Where the curves of the learner at work begin, and where they have come to.
    curve: (f64, f64),
}

impl OneVsOne {
    /// A learner for the labelled rows of `set`, any K ≥ 2 classes, each learner made by `make` from the labelled rows of its
    /// pair, in their order. Rows without a label are not handed on: they may be of a third class.
    ///
    /// # Errors
    /// Those of [`TrainingSet::check_labelled`], [`ModelError::ClassWithoutRows`], [`ModelError::OneClass`] with fewer than
    /// two classes, and those of `make`.
    pub fn new(
        set: &TrainingSet,
        make: impl Fn(&Arc<TrainingSet>, Pair) -> Result<Box<dyn Learner>, ModelError>,
    ) -> Result<Self, ModelError> {
        set.check_labelled()?;
        if set.n_classes < 2 {
            return Err(ModelError::OneClass);
        }
        if let Some(class) = (0..set.n_classes).find(|class| !set.y.contains(class)) {
            return Err(ModelError::ClassWithoutRows { class });
        }
        let pairs = (0..set.n_classes).flat_map(|first| (first + 1..set.n_classes).map(move |second| (first, second)));
        let learners = pairs.map(|pair| make(&Arc::new(rows_of(set, pair)), pair)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { n_classes: set.n_classes, learners, current: 0, reasons: Vec::new(), curve: (0.0, 0.0) })
    }
}

/// The labelled rows of two classes, which become 0 and 1.
fn rows_of(set: &TrainingSet, (first, second): Pair) -> TrainingSet {
    let rows: Vec<usize> = (0..set.y.len()).filter(|&row| set.y[row] == first || set.y[row] == second).collect();
    TrainingSet {
        x: set.x.select(Axis(0), &rows),
        y: rows.iter().map(|&row| usize::from(set.y[row] == second)).collect(),
        x_unlabelled: Array2::zeros((0, set.x.ncols())),
        n_classes: 2,
        groups: if set.groups.is_empty() { Vec::new() } else { rows.iter().map(|&row| set.groups[row]).collect() },
    }
}

impl Learner for OneVsOne {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        let Some(learner) = self.learners.get_mut(self.current) else {
            return Advance::Finished(worst(&self.reasons));
        };
        let (start, end) = &mut self.curve;
        let advance = learner.advance(&mut |point| {
            let x = *start + point.x;
            *end = end.max(x);
            record(Point { x, ..point });
        });
        let Advance::Finished(reason) = advance else { return advance };
        self.reasons.push(reason);
        self.current += 1;
        *start = *end;
        if self.current == self.learners.len() { Advance::Finished(worst(&self.reasons)) } else { Advance::Boundary }
    }

    /// Of the learner at work; `fraction` counts every pair the same, `rows_seen` is the sum over all.
    fn progress(&self) -> Progress {
        let all: Vec<Progress> = self.learners.iter().map(|learner| learner.progress()).collect();
        let fraction = all.iter().map(|progress| progress.fraction).sum::<f64>() / all.len() as f64;
        let rows_seen = all.iter().map(|progress| progress.rows_seen).sum();
        Progress { fraction, rows_seen, ..all[self.current.min(all.len() - 1)] }
    }

    fn tune(&mut self, tunables: &Tunables) {
        self.learners.iter_mut().for_each(|learner| learner.tune(tunables));
    }

    /// Of the learner at work.
    fn skip_search(&mut self) {
        if let Some(learner) = self.learners.get_mut(self.current) {
            learner.skip_search();
        }
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        let pairs = self.learners.iter().map(|learner| learner.classifier()).collect();
        Arc::new(Coupled { n_classes: self.n_classes, pairs })
    }

    /// Of SVMs the sums of support vectors, iterations and objectives, the largest violation and the worst reason; C, γ and
    /// the search are those of the first pair. Of other learners nothing.
    fn facts(&self) -> FitFacts {
        let mut all = Vec::new();
        for learner in &self.learners {
            let FitFacts::Svm(facts) = learner.facts() else { return FitFacts::Plain {} };
            all.push(facts);
        }
        let reasons: Vec<StopReason> = all.iter().map(|facts| facts.stop_reason.clone()).collect();
        let sum = all.into_iter().reduce(|sum, facts| SvmFacts {
            support_vectors: sum.support_vectors + facts.support_vectors,
            iterations: sum.iterations + facts.iterations,
            objective: sum.objective + facts.objective,
            max_kkt_violation: sum.max_kkt_violation.max(facts.max_kkt_violation),
            ..sum
        });
        sum.map_or(FitFacts::Plain {}, |sum| FitFacts::Svm(SvmFacts { stop_reason: worst(&reasons), ..sum }))
    }
}

/// The reason that says most against a fit; the first of equals.
fn worst(reasons: &[StopReason]) -> StopReason {
    let gravity = |reason: &StopReason| match reason {
        StopReason::Completed | StopReason::EarlyStopped | StopReason::Converged => 0,
        StopReason::Stopped => 1,
        StopReason::Limit => 2,
        StopReason::Stalled => 3,
        StopReason::Diverged { .. } => 4,
    };
    reasons.iter().rev().max_by_key(|reason| gravity(reason)).cloned().unwrap_or(StopReason::Stopped)
}

/// The classifiers of all pairs, in the order of [`OneVsOne`].
struct Coupled {
    n_classes: usize,
    pairs: Vec<Arc<dyn Classifier>>,
}

impl Classifier for Coupled {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        let k = self.n_classes;
        let of_pairs: Vec<Array2<f64>> = self.pairs.iter().map(|pair| pair.probabilities(x)).collect();
        let mut probabilities = Array2::zeros((x.nrows(), k));
        let mut pairwise = Array2::from_elem((k, k), 0.5);
        for (row, mut out) in probabilities.outer_iter_mut().enumerate() {
            let mut of_pair = of_pairs.iter();
            for first in 0..k {
                for (second, pair) in (first + 1..k).zip(of_pair.by_ref()) {
                    pairwise[[first, second]] = pair[[row, 0]];
                    pairwise[[second, first]] = pair[[row, 1]];
                }
            }
            out.assign(&coupled(&pairwise));
        }
        probabilities
    }

    /// The logit of class 1 against all the others.
    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        self.probabilities(x).outer_iter().map(|p| (p[1] / (p.sum() - p[1])).ln()).collect()
    }
}

/// Probabilities of K classes from the pairwise ones, `r[[i, j]]` = P(i | i or j), `(K, K)`; the diagonal is not read.
///
/// With Qᵢᵢ = Σⱼ rⱼᵢ² and Qᵢⱼ = −rⱼᵢ rᵢⱼ the minimum of ½pᵀQp has Qp = (pᵀQp)·1; each pᵢ in turn is set to satisfy its
/// own equation, and all are normalised [WLW04, algorithm 2].
fn coupled(r: &Array2<f64>) -> Array1<f64> {
    let k = r.nrows();
    let r = r.mapv(|r| r.clamp(LEAST, 1.0 - LEAST));
    let mut q = Array2::from_shape_fn((k, k), |(i, j)| -r[[j, i]] * r[[i, j]]);
    for i in 0..k {
        q[[i, i]] = (0..k).filter(|&j| j != i).map(|j| r[[j, i]] * r[[j, i]]).sum();
    }
    let mut p = Array1::from_elem(k, 1.0 / k as f64);
    for _ in 0..MAX_SWEEPS {
        let qp = q.dot(&p);
        let pqp = p.dot(&qp);
        if qp.iter().all(|qp| (qp - pqp).abs() < TOLERANCE) {
            break;
        }
        for i in 0..k {
            let row = q.row(i).dot(&p);
            let pqp = p.dot(&q.dot(&p));
            p[i] += (pqp - row) / q[[i, i]];
            let sum = p.sum();
            p /= sum;
        }
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Phase;
    use crate::model::majority::Majority;
    use crate::model::svm::{SvmLearner, SvmSettings};
    use crate::random::{Purpose, stream};
    use ndarray::array;
    use rand::RngExt as _;

    fn assert_close(got: &Array1<f64>, expected: &[f64], tolerance: f64) {
        assert!(
            got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < tolerance),
            "{got} {expected:?}"
        );
    }

    #[test]
    fn consistent_pairwise_probabilities_are_recovered() {
        for p in [vec![0.3, 0.7], vec![0.2, 0.5, 0.3], vec![0.1, 0.2, 0.3, 0.4], vec![0.9, 0.05, 0.03, 0.01, 0.01]] {
            let r = Array2::from_shape_fn((p.len(), p.len()), |(i, j)| p[i] / (p[i] + p[j]));
            assert_close(&coupled(&r), &p, 1e-9);
        }
    }

    /// r₀₁ = 0.9, r₀₂ = 0.4, r₁₂ = 0.7 contradict each other. By Lagrange: Qp = λ1 and Σp = 1 with
    /// Q = [[.37, −.09, −.24], [−.09, .9, −.21], [−.24, −.21, .65]], so p ∝ Q⁻¹1. The cofactors of Q, summed by rows, are
    /// (.5409 + .1089 + .2349, .1089 + .1829 + .0993, .2349 + .0993 + .3249) = (.8847, .3911, .6591), of sum 1.9349.
    #[test]
    fn contradictions_are_reconciled_as_worked_out_by_hand() {
        let r = array![[0.5, 0.9, 0.4], [0.1, 0.5, 0.7], [0.6, 0.3, 0.5]];
        assert_close(&coupled(&r), &[0.8847 / 1.9349, 0.3911 / 1.9349, 0.6591 / 1.9349], 1e-9);
    }

    #[test]
    fn certain_learners_leave_every_class_possible() {
        let r = array![[0.5, 1.0, 1.0], [0.0, 0.5, 1.0], [0.0, 0.0, 0.5]];
        let p = coupled(&r);
        assert!(p[0] > 0.99 && p[1] > 0.0 && p[2] > 0.0 && (p.sum() - 1.0).abs() < 1e-12);
        // A circle: nothing to choose between.
        let r = array![[0.5, 1.0, 0.0], [0.0, 0.5, 1.0], [1.0, 0.0, 0.5]];
        assert_close(&coupled(&r), &[1.0 / 3.0; 3], 1e-9);
    }

    /// Clouds around three corners, `n` rows each.
    fn clouds(n: usize) -> TrainingSet {
        let mut random = stream(4, Purpose::Sample, 9);
        let y: Vec<usize> = (0..3 * n).map(|row| row % 3).collect();
        let corners = [[0.0_f32, 0.0], [4.0, 0.0], [0.0, 4.0]];
        let x = Array2::from_shape_fn((3 * n, 2), |(row, j)| corners[row % 3][j] + random.random_range(-1.0_f32..1.0));
        TrainingSet { x, y, x_unlabelled: Array2::zeros((0, 2)), n_classes: 3, groups: Vec::new() }
    }

    fn svms(set: &TrainingSet) -> OneVsOne {
        let parameters = SvmSettings::default().check().unwrap();
        OneVsOne::new(set, |set, _| Ok(Box::new(SvmLearner::new(set, parameters.clone(), 1)?))).unwrap()
    }

    fn largest(p: &ndarray::ArrayView1<'_, f64>) -> usize {
        (0..p.len()).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap()
    }

    #[test]
    fn three_clouds_are_told_apart() {
        let set = clouds(40);
        let mut learner = svms(&set);
        let (mut fraction, mut last, mut rows_seen) = (0.0, 0.0, 0);
        let reason = loop {
            // Usable at every moment.
            assert_eq!(learner.classifier().probabilities(set.x.view()).dim(), (120, 3));
            let advance = learner.advance(&mut |point| {
                assert!(point.x >= last);
                last = point.x;
            });
            let progress = learner.progress();
            assert!(progress.fraction >= fraction && progress.rows_seen >= rows_seen);
            (fraction, rows_seen) = (progress.fraction, progress.rows_seen);
            if let Advance::Finished(reason) = advance {
                break reason;
            }
        };
        assert_eq!(reason, StopReason::Converged);
        assert_eq!(learner.advance(&mut |_| unreachable!()), Advance::Finished(StopReason::Converged));
        assert_eq!((fraction, learner.progress().phase), (1.0, Phase::Finished));
        let classifier = learner.classifier();
        let probabilities = classifier.probabilities(set.x.view());
        for (row, p) in probabilities.outer_iter().enumerate() {
            assert!((p.sum() - 1.0).abs() < 1e-12 && p.iter().all(|&p| p > 0.0));
            assert_eq!(largest(&p), set.y[row]);
        }
        // Class 1 against the rest: higher for every row of class 1 than for any other.
        let scores = classifier.scores(set.x.view());
        let of = |one: bool| (0..120).filter(move |row| (row % 3 == 1) == one).map(|row| scores[row]);
        assert!(of(true).fold(f64::INFINITY, f64::min) > of(false).fold(f64::NEG_INFINITY, f64::max));
        let FitFacts::Svm(facts) = learner.facts() else { unreachable!() };
        assert!(facts.support_vectors >= 6 && facts.iterations as f64 >= last && facts.max_kkt_violation <= 1e-3);
    }

    #[test]
    fn each_learner_sees_the_rows_of_its_pair() {
        let set = TrainingSet {
            x: array![[0.0], [1.0], [2.0], [3.0], [4.0]],
            y: vec![2, 0, 1, 2, 0],
            x_unlabelled: array![[7.0]],
            n_classes: 3,
            groups: vec![5, 6, 7, 8, 6],
        };
        let seen = std::cell::RefCell::new(Vec::new());
        let learner = OneVsOne::new(&set, |set, pair| {
            assert_eq!((set.n_classes, set.x_unlabelled.dim()), (2, (0, 1)));
            seen.borrow_mut().push((
                pair,
                set.x.iter().copied().collect::<Vec<_>>(),
                set.y.clone(),
                set.groups.clone(),
            ));
            Ok(Box::new(Majority::new(set)?))
        });
        let expected = [
            ((0, 1), vec![1.0, 2.0, 4.0], vec![0, 1, 0], vec![6, 7, 6]),
            ((0, 2), vec![0.0, 1.0, 3.0, 4.0], vec![1, 0, 1, 0], vec![5, 6, 8, 6]),
            ((1, 2), vec![0.0, 2.0, 3.0], vec![1, 0, 1], vec![5, 7, 8]),
        ];
        assert_eq!(seen.into_inner(), expected);
        let mut learner = learner.unwrap();
        let ends: Vec<_> = (0..4).map(|_| learner.advance(&mut |_| {})).collect();
        let finished = Advance::Finished(StopReason::Completed);
        assert_eq!(ends, [Advance::Boundary, Advance::Boundary, finished.clone(), finished]);
        assert_eq!(learner.facts(), FitFacts::Plain {});
    }

    #[test]
    fn a_class_without_rows_is_an_error() {
        let mut set = clouds(2);
        set.n_classes = 5;
        let make = |set: &Arc<TrainingSet>, _| Ok(Box::new(Majority::new(set)?) as Box<dyn Learner>);
        assert_eq!(OneVsOne::new(&set, make).err(), Some(ModelError::ClassWithoutRows { class: 3 }));
        set.y.clear();
        set.x = Array2::zeros((0, 2));
        assert_eq!(OneVsOne::new(&set, make).err(), Some(ModelError::TooFewRows { n_rows: 0, needed: 1 }));
    }

    #[test]
    fn the_worst_reason_is_told() {
        use StopReason::{Completed, Converged, Limit, Stalled};
        assert_eq!(worst(&[Converged, Limit, Stalled, Limit]), Stalled);
        assert_eq!(worst(&[Converged, Completed]), Converged);
    }
}
