use ndarray::{Array1, Array2};
use rand::RngExt as _;

use super::super::settings::{KernelKind, SvmSettings, TuningSettings};
use super::*;
use crate::model::Series;
use crate::model::calibrated::Calibrated;
use crate::model::calibration::{CalibrationMethod, CalibrationSettings};
use crate::random::{Purpose, stream};

/// Two overlapping clouds, `n_bad` of `n` rows around (1, 1), the others around (−1, −1).
fn clouds(n: usize, n_bad: usize, seed: u64) -> Arc<TrainingSet> {
    let mut random = stream(seed, Purpose::Sample, 2);
    let y: Vec<usize> = (0..n).map(|row| usize::from(row < n_bad)).collect();
    let x = Array2::from_shape_fn((n, 2), |(row, _)| {
        let centre = if y[row] == 1 { 1.0 } else { -1.0 };
        centre + random.random_range(-2.0_f32..2.0)
    });
    Arc::new(TrainingSet { x, y, x_unlabelled: Array2::zeros((0, 2)), n_classes: 2, groups: Vec::new() })
}

fn given() -> SvmSettings {
    SvmSettings { tuning: TuningSettings { on: false, ..TuningSettings::default() }, ..SvmSettings::default() }
}

fn calibrated(set: &Arc<TrainingSet>, settings: &SvmSettings) -> Calibrated<SvmLearner> {
    let learner = SvmLearner::new(set, settings.check().unwrap(), 5).unwrap();
    Calibrated::new(Arc::clone(set), learner, CalibrationSettings::default(), 5)
}

fn facts(learner: &dyn Learner) -> SvmFacts {
    let FitFacts::Svm(facts) = learner.facts() else { unreachable!() };
    facts
}

/// Runs to the end, holding up the contract on the way.
fn run(learner: &mut dyn Learner) -> (StopReason, Vec<Point>, Vec<Phase>) {
    let (mut points, mut phases, mut fraction) = (Vec::new(), vec![learner.progress().phase], 0.0);
    loop {
        let advance = learner.advance(&mut |point| points.push(point));
        let progress = learner.progress();
        assert!(progress.fraction >= fraction && progress.fraction <= 1.0);
        fraction = progress.fraction;
        if phases.last() != Some(&progress.phase) {
            phases.push(progress.phase);
        }
        if let Advance::Finished(reason) = advance {
            assert_eq!(fraction, 1.0);
            assert_eq!(learner.advance(&mut |_| unreachable!()), Advance::Finished(reason.clone()));
            return (reason, points, phases);
        }
    }
}

#[test]
fn phases_points_and_answers() {
    let set = clouds(300, 90, 1);
    let mut learner = calibrated(&set, &given());
    let (reason, points, phases) = run(&mut learner);
    assert_eq!(reason, StopReason::Converged);
    let part = |part| Phase::Calibration { part, of: 3 };
    assert_eq!(phases, [Phase::SvmFit, part(0), part(1), part(2), Phase::Finished]);

    let gaps: Vec<&Point> = points.iter().filter(|point| point.series == Series::KktGap).collect();
    assert_eq!((gaps[0].x, gaps[0].y), (0.0, 2.0));
    let SvmFacts { iterations, objective, max_kkt_violation, support_vectors, tuning: None, c: 1.0, gamma, .. } =
        facts(&learner)
    else {
        unreachable!()
    };
    assert_eq!(gamma, Some(0.5));
    let last = points.last().unwrap();
    assert_eq!((last.series, last.x, last.y), (Series::DualObjective, iterations as f64, objective));
    assert_eq!(gaps.last().unwrap().y, max_kkt_violation);
    assert!(max_kkt_violation < 1e-3 && support_vectors > 2 && points.len() < 1000);

    let classifier = learner.classifier();
    let scores = classifier.scores(set.x.view());
    let probabilities = classifier.probabilities(set.x.view());
    let right = (0..300).filter(|&row| (probabilities[[row, 1]] > 0.5) == (set.y[row] == 1)).count();
    assert!(right > 260, "{right} of 300");
    for row in 1..300 {
        assert!((probabilities.row(row).sum() - 1.0).abs() < 1e-12);
        let rises = |a: usize, b: usize| scores[a] < scores[b] && probabilities[[a, 1]] > probabilities[[b, 1]];
        assert!(!rises(row - 1, row) && !rises(row, row - 1));
    }
}

#[test]
fn class_weights_move_the_border_but_not_the_base_rate() {
    let set = clouds(600, 90, 2);
    let with = |class_weight| SvmSettings { class_weight, ..given() };
    let answers = |settings: &SvmSettings| {
        let mut learner = calibrated(&set, settings);
        run(&mut learner);
        let classifier = learner.classifier();
        let n_above = classifier.scores(set.x.view()).iter().filter(|&&score| score > 0.0).count();
        (n_above, classifier.probabilities(set.x.view()).column(1).mean().unwrap())
    };
    let (plain, plain_rate) = answers(&with(ClassWeight::None));
    let (weighted, weighted_rate) = answers(&with(ClassWeight::Balanced));
    assert!(weighted > plain + 20, "{weighted} against {plain}");
    assert!((plain_rate - 0.15).abs() < 0.03 && (weighted_rate - 0.15).abs() < 0.03);
}

#[test]
fn usable_at_every_moment() {
    let set = clouds(2500, 1000, 3);
    let mut learner = calibrated(&set, &SvmSettings { c: 100.0, ..given() });
    let mut moments = 0;
    loop {
        let probabilities = learner.classifier().probabilities(set.x.view());
        assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        assert!(facts(&learner).objective <= 0.0);
        moments += 1;
        if let Advance::Finished(_) = learner.advance(&mut |_| {}) {
            break;
        }
    }
    assert!(moments > 5);
}

#[test]
fn a_single_bad_row_is_calibrated_on_the_fit_itself() {
    let set = clouds(30, 1, 4);
    let mut learner = calibrated(&set, &given());
    let (reason, _, phases) = run(&mut learner);
    assert_eq!((reason, phases), (StopReason::Converged, vec![Phase::SvmFit, Phase::Finished]));
    assert!(learner.classifier().probabilities(set.x.view()).iter().all(|p| p.is_finite()));
}

#[test]
fn faults_of_the_set_are_named() {
    let fault = |change: &dyn Fn(&mut TrainingSet)| {
        let mut set = (*clouds(10, 4, 1)).clone();
        change(&mut set);
        SvmLearner::new(&set, SvmSettings::default().check().unwrap(), 1).map(|_| ()).unwrap_err()
    };
    assert_eq!(fault(&|set| set.y.fill(0)), ModelError::OneClass);
    assert_eq!(fault(&|set| set.n_classes = 3), ModelError::NotTwoClasses { n_classes: 3 });
    assert_eq!(fault(&|set| set.x[[4, 1]] = f32::NAN), ModelError::NotFinite { row: 4, column: 1 });
    assert_eq!(fault(&|set| set.y.truncate(9)), ModelError::LabelCount { n_rows: 10, n_labels: 9 });
    let one_row = |set: &mut TrainingSet| {
        set.x = Array2::zeros((1, 2));
        set.y = vec![1];
    };
    assert_eq!(fault(&one_row), ModelError::TooFewRows { n_rows: 1, needed: 2 });
}

#[test]
fn a_search_chooses_and_its_choice_is_fitted_and_refitted() {
    let set = clouds(300, 90, 6);
    let mut settings = SvmSettings::default();
    settings.tuning.folds = 3;
    let mut learner = calibrated(&set, &settings);
    // Usable before anything is known.
    let p = learner.classifier().probabilities(set.x.view());
    assert!(p.iter().all(|&p| p == 0.5));
    let (reason, points, phases) = run(&mut learner);
    assert_eq!(reason, StopReason::Converged);
    let part = |part| Phase::Calibration { part, of: 3 };
    assert_eq!(phases, [Phase::Search, Phase::SvmFit, part(0), part(1), part(2), Phase::Finished]);
    assert!(!points.is_empty());
    let facts = facts(&learner);
    let tuning = facts.tuning.unwrap();
    let best = tuning.best().unwrap();
    assert_eq!((facts.c, facts.gamma), (best.c(), best.gamma()));
    assert_eq!(learner.monitors().search, Some(tuning.clone()));

    // The same pair given by hand is the same model, and is calibrated on the same refits.
    let (c, gamma) = (facts.c, facts.gamma);
    let mut by_hand = calibrated(&set, &SvmSettings { c, gamma, ..given() });
    run(&mut by_hand);
    let answers = |learner: &dyn Learner| learner.classifier().probabilities(set.x.view());
    assert_eq!(answers(&learner), answers(&by_hand));
}

#[test]
fn a_search_that_is_skipped_goes_on_with_the_best_so_far() {
    let set = clouds(200, 60, 7);
    let mut learner = SvmLearner::new(&set, SvmSettings::default().check().unwrap(), 1).unwrap();
    let best = loop {
        learner.advance(&mut |_| {});
        let search = learner.monitors().search.unwrap();
        if let Some(best) = search.best() {
            break *best;
        }
    };
    let before = learner.classifier().scores(set.x.view());
    assert!(before.iter().any(|&score| score != before[0]));
    learner.skip_search();
    run(&mut learner);
    let facts = facts(&learner);
    assert_eq!((facts.c, facts.gamma), (best.c(), best.gamma()));
}

#[test]
fn every_kernel_learns() {
    let set = clouds(200, 80, 8);
    for kernel in [KernelKind::Rbf, KernelKind::Linear, KernelKind::Polynomial, KernelKind::Sigmoid] {
        let mut learner = calibrated(&set, &SvmSettings { kernel, coef0: 0.5, gamma: Some(0.2), ..given() });
        run(&mut learner);
        let p = learner.classifier().probabilities(set.x.view());
        let right = (0..200).filter(|&row| (p[[row, 1]] > 0.5) == (set.y[row] == 1)).count();
        assert!(right > 150, "{kernel:?}: {right} of 200");
    }
}

#[test]
fn without_a_calibration_the_own_rows_have_to_serve() {
    let set = clouds(200, 80, 9);
    let learner = SvmLearner::new(&set, given().check().unwrap(), 5).unwrap();
    let settings = CalibrationSettings { method: CalibrationMethod::None, ..CalibrationSettings::default() };
    let mut raw = Calibrated::new(Arc::clone(&set), learner, settings, 5);
    let (_, _, phases) = run(&mut raw);
    assert_eq!(phases, [Phase::SvmFit, Phase::Finished]);
    let mut held_out = calibrated(&set, &given());
    run(&mut held_out);
    let scores = |learner: &dyn Learner| -> Array1<f64> { learner.classifier().scores(set.x.view()) };
    assert_eq!(scores(&raw), scores(&held_out));
    let surest = |learner: &dyn Learner| {
        let p = learner.classifier().probabilities(set.x.view());
        p.column(1).iter().copied().fold(0.0, f64::max)
    };
    assert!(surest(&raw) > surest(&held_out), "{} {}", surest(&raw), surest(&held_out));
}

#[test]
fn the_base_rate_is_kept_where_every_row_is_at_its_bound() {
    // So small a C and γ that nothing but the offset is left to say, and that only within wide bounds.
    for (n, n_bad) in [(48, 16), (60, 20), (90, 9)] {
        let set = clouds(n, n_bad, 10);
        let mut learner = calibrated(&set, &SvmSettings { c: 0.03125, gamma: Some(3e-5), ..given() });
        run(&mut learner);
        let mean = learner.classifier().probabilities(set.x.view()).column(1).mean().unwrap();
        let rate = n_bad as f64 / n as f64;
        assert!((mean - rate).abs() < 0.15, "{mean} where {rate} are bad");
    }
}

#[test]
fn numbers_that_run_away_are_told_and_never_called_converged() {
    let mut set = (*clouds(60, 20, 11)).clone();
    set.x *= 1e3;
    let runaway = SvmSettings { kernel: KernelKind::Polynomial, degree: 10, gamma: Some(1e6), coef0: 1e3, ..given() };
    let mut learner = SvmLearner::new(&set, runaway.check().unwrap(), 1).unwrap();
    let (reason, ..) = run(&mut learner);
    assert_eq!((reason, facts(&learner).max_kkt_violation), (StopReason::Stalled, f64::INFINITY));
}

#[test]
fn support_vectors_lie_on_the_margin_or_within_it() {
    let set = clouds(300, 90, 1);
    let mut learner = calibrated(&set, &given());
    assert!(learner.support().is_empty(), "nothing is fitted yet");
    run(&mut learner);
    let support = learner.support();
    assert_eq!(support.len(), facts(&learner).support_vectors);
    assert!(support.is_sorted_by(|a, b| a.row < b.row));
    // At a solution y·f(x) is 1 for free rows, at most 1 at the bound, at least 1 for all others; to the tolerance.
    let scores = learner.classifier().scores(set.x.view());
    for (row, score) in scores.iter().enumerate() {
        let margin = if set.y[row] == 1 { *score } else { -score };
        match support.iter().find(|support| support.row == row) {
            Some(Support { bounded: true, .. }) => assert!(margin < 1.002, "{margin}"),
            Some(Support { bounded: false, .. }) => assert!((margin - 1.0).abs() < 2e-3, "{margin}"),
            None => assert!(margin > 0.998, "{margin}"),
        }
    }
    let bounded = support.iter().filter(|support| support.bounded).count();
    assert!(bounded > 0 && bounded < support.len());
}

#[test]
fn support_vectors_of_six_points_by_hand() {
    // The linear kernel on scikit-learn's toy rows: alpha = ¼ on rows 1 and 3, which a smaller C holds at the bound.
    let x = ndarray::array![[-2.0, -1.0], [-1.0, -1.0], [-1.0, -2.0], [1.0, 1.0], [1.0, 2.0], [2.0, 1.0]];
    let y = vec![0, 0, 0, 1, 1, 1];
    let set = TrainingSet { x, y, x_unlabelled: Array2::zeros((0, 2)), n_classes: 2, groups: Vec::new() };
    let support = |c| {
        let settings = SvmSettings { kernel: KernelKind::Linear, c, tolerance: 1e-6, ..given() };
        let mut learner = SvmLearner::new(&set, settings.check().unwrap(), 5).unwrap();
        run(&mut learner);
        learner.support()
    };
    let free = |row| Support { row, bounded: false };
    assert_eq!(support(1.0), [free(1), free(3)]);
    assert!(support(0.1).iter().filter(|support| support.bounded).any(|support| support.row == 1));
}
