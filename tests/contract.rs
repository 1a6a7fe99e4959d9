//! One suite that every learner passes: odd sizes, order of portions, two fits alike, stop and resume alike, finite
//! answers whatever the rows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use beliefscope::model::{Advance, Learner, Phase, Point, StopReason, TrainingSet};
use beliefscope::training::{Control, ModelKind, RunSettings, RunSpec, drive, learner};
use ndarray::Array2;

fn spec() -> RunSpec {
    let mut settings = RunSettings::default();
    settings.dbn.layers = vec![6, 4];
    settings.dbn.pre_training.epochs = Some(3);
    settings.dbn.fine_tuning.epochs = Some(6);
    settings.check().unwrap()
}

/// Two overlapping clouds in `columns` columns, by a fixed recurrence.
fn clouds(rows: usize, columns: usize) -> TrainingSet {
    let mut state = 12345_u64;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((state >> 40) as f32 / (1u64 << 24) as f32) - 0.5
    };
    let y: Vec<usize> = (0..rows).map(|i| usize::from(i % 3 == 0)).collect();
    let x = Array2::from_shape_fn((rows, columns), |(i, j)| 2.0 * next() + if j == 0 { y[i] as f32 } else { 0.0 });
    let x_unlabelled = Array2::from_shape_simple_fn((rows / 2, columns), || 2.0 * next());
    TrainingSet { x, y, x_unlabelled, n_classes: 2, groups: Vec::new() }
}

fn make(kind: ModelKind, set: &TrainingSet) -> Box<dyn Learner> {
    learner(kind, &Arc::new(set.clone()), &spec(), 7).unwrap()
}

fn finish(learner: &mut dyn Learner) -> (StopReason, Vec<Point>) {
    let mut points = Vec::new();
    for _ in 0..2_000_000 {
        if let Advance::Finished(reason) = learner.advance(&mut |p| points.push(p)) {
            return (reason, points);
        }
    }
    panic!("endless");
}

/// Scores and probabilities of all rows of `set`, checked to be finite and to sum to 1.
fn answers(learner: &dyn Learner, set: &TrainingSet) -> (Vec<f64>, Vec<f64>) {
    let model = learner.classifier();
    let p = model.probabilities(set.x.view());
    assert_eq!(p.dim(), (set.x.nrows(), 2));
    for row in p.rows() {
        assert!(row.iter().all(|p| (0.0..=1.0).contains(p)), "{row}");
        assert!((row.sum() - 1.0).abs() < 1e-9);
    }
    let scores = model.scores(set.x.view()).to_vec();
    assert!(scores.iter().all(|s| s.is_finite()));
    (scores, p.column(1).to_vec())
}

#[test]
fn odd_tables_end_with_finite_answers() {
    let mut constant = clouds(30, 4);
    constant.x.column_mut(2).fill(1.0);
    let mut duplicates = clouds(30, 3);
    for i in 0..30 {
        let first = duplicates.x.row(i % 2).to_owned();
        duplicates.x.row_mut(i).assign(&first);
    }
    let mut lonely = clouds(12, 2);
    lonely.y = (0..12).map(|i| usize::from(i == 5)).collect();
    let mut far = clouds(40, 3);
    far.x *= 1e6;
    let two = TrainingSet { y: vec![0, 1], ..clouds(2, 1) };
    for kind in ModelKind::ALL {
        for (name, set) in [
            ("one column", clouds(25, 1)),
            ("constant column", constant.clone()),
            ("duplicates", duplicates.clone()),
            ("one bad row", lonely.clone()),
            ("two rows", two.clone()),
            ("n mod batch = 1", clouds(33, 3)),
            ("no unlabelled rows", TrainingSet { x_unlabelled: Array2::zeros((0, 3)), ..clouds(20, 3) }),
            ("unscaled", far.clone()),
        ] {
            let mut l = make(kind, &set);
            let (_, points) = finish(l.as_mut());
            assert!(
                points.iter().all(|p| p.x.is_finite() && p.y.is_finite()),
                "{kind:?}, {name}: a point is not finite"
            );
            answers(l.as_ref(), &set);
        }
    }
}

#[test]
fn rows_that_cannot_be_learned_from_are_an_error() {
    let spec = spec();
    let none = TrainingSet { x: Array2::zeros((0, 2)), y: vec![], ..clouds(2, 2) };
    let mut holes = clouds(10, 2);
    holes.x[[3, 1]] = f32::NAN;
    for kind in ModelKind::ALL {
        for set in [none.clone(), holes.clone()] {
            assert!(learner(kind, &Arc::new(set), &spec, 1).is_err(), "{kind:?}");
        }
    }
    let one_class = TrainingSet { y: vec![1; 10], ..clouds(10, 2) };
    for kind in ModelKind::ALL.into_iter().filter(|&kind| kind != ModelKind::Majority) {
        let error = learner(kind, &Arc::new(one_class.clone()), &spec, 1).err().unwrap().to_string();
        assert!(error.contains("one class"), "{error}");
    }
}

#[test]
fn two_fits_are_alike_and_finished_is_final() {
    let set = clouds(60, 4);
    for kind in ModelKind::ALL {
        let mut first = make(kind, &set);
        let mut second = make(kind, &set);
        let (reason, points) = finish(first.as_mut());
        assert_eq!((reason.clone(), points), finish(second.as_mut()), "{kind:?}");
        assert_eq!(answers(first.as_ref(), &set), answers(second.as_ref(), &set), "{kind:?}");
        assert_eq!(first.facts(), second.facts());
        assert_eq!(first.progress().phase, Phase::Finished);
        assert_eq!(first.progress().fraction, 1.0);
        assert_eq!(first.advance(&mut |_| panic!("still learning")), Advance::Finished(reason));
    }
}

#[test]
fn a_model_can_be_taken_at_any_moment_without_disturbing_the_fit() {
    let set = clouds(60, 4);
    for kind in ModelKind::ALL {
        let mut plain = make(kind, &set);
        finish(plain.as_mut());
        let mut watched = make(kind, &set);
        let mut fraction = 0.0;
        loop {
            answers(watched.as_ref(), &set);
            let now = watched.progress().fraction;
            assert!((fraction..=1.0).contains(&now), "{kind:?}: progress fell from {fraction} to {now}");
            fraction = now;
            if matches!(watched.advance(&mut |_| ()), Advance::Finished(_)) {
                break;
            }
        }
        assert_eq!(answers(watched.as_ref(), &set), answers(plain.as_ref(), &set), "{kind:?}");
    }
}

/// Ends a run after a number of portions.
struct After(usize);

impl Control for After {
    fn go_on(&mut self, _learner: &mut dyn Learner, _boundary: bool) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }

    fn point(&mut self, _point: Point) {}
}

#[test]
fn stopping_and_resuming_gives_the_same_bits() {
    let set = clouds(80, 4);
    for kind in ModelKind::ALL {
        let mut plain = make(kind, &set);
        finish(plain.as_mut());
        for portions in [1, 2, 5, 9] {
            let mut stopped = make(kind, &set);
            let reason = drive(stopped.as_mut(), &mut After(portions));
            answers(stopped.as_ref(), &set);
            if reason == StopReason::Stopped {
                finish(stopped.as_mut());
            }
            assert_eq!(answers(stopped.as_ref(), &set), answers(plain.as_ref(), &set), "{kind:?} after {portions}");
        }
    }
}

#[test]
fn every_learner_tells_three_classes_apart() {
    let mut set = clouds(60, 3);
    set.n_classes = 3;
    set.y = (0..60).map(|row| row % 3).collect();
    for (row, &class) in set.y.iter().enumerate() {
        set.x[[row, 1]] = 3.0 * (class as f32 - 1.0) + 0.3 * set.x[[row, 1]];
    }
    for kind in ModelKind::ALL.into_iter().filter(|&kind| kind != ModelKind::Majority) {
        let mut learner = make(kind, &set);
        finish(learner.as_mut());
        let p = learner.classifier().probabilities(set.x.view());
        assert_eq!(p.dim(), (60, 3));
        let likeliest = |row: usize| (0..3).max_by(|&a, &b| p[[row, a]].total_cmp(&p[[row, b]]));
        let right = (0..60).filter(|&row| likeliest(row) == Some(set.y[row])).count();
        assert!(p.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-9), "{kind:?}");
        // A net of a few epochs has hardly begun; the others have what they need.
        let least = if matches!(kind, ModelKind::Dbn | ModelKind::Mlp) { 25 } else { 55 };
        assert!(right >= least, "{kind:?}: {right} of 60");
    }
}
