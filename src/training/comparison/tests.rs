//! Comparisons that are interrupted, taken up again and cut anew.

use super::*;
use crate::data::{RoleRequest, Source};
use crate::training::{CutoffRule, RunSettings};

fn sample() -> Dataset {
    let source = Source::sample(&RoleRequest::default()).unwrap();
    source.dataset(&source.guess.roles).unwrap()
}

/// Three quick models on three folds.
fn quick() -> RunSettings {
    let models = vec![ModelKind::Mlp, ModelKind::Logistic, ModelKind::Majority];
    let mut settings = RunSettings { models, ..RunSettings::default() };
    settings.dbn.layers = vec![4];
    settings.dbn.fine_tuning.epochs = Some(3);
    settings.validation.folds = 3;
    settings
}

fn run(data: &Dataset, settings: &RunSettings, earlier: &[ModelResult]) -> Comparison {
    let spec = settings.check().unwrap();
    timeless(compare(data, &spec, 2, earlier, &|_| (), &AtomicBool::new(false)).unwrap())
}

/// With all wall times 0.
fn timeless(mut comparison: Comparison) -> Comparison {
    for fold in comparison.models.iter_mut().flat_map(|m| &mut m.folds) {
        fold.fit = std::sync::Arc::new(Fit { fit_seconds: 0.0, score_seconds: 0.0, ..(*fold.fit).clone() });
    }
    comparison
}

#[test]
fn what_was_stopped_goes_on_where_it_stopped_and_ends_with_the_same_bits() {
    let (data, settings) = (sample(), quick());
    let spec = settings.check().unwrap();
    let whole = run(&data, &settings, &[]);

    let stop = AtomicBool::new(false);
    let finished = std::sync::atomic::AtomicUsize::new(0);
    let after_four = |event: CompareEvent<'_>| {
        if let CompareEvent::Finished(unfinished) = event
            && finished.fetch_add(1, Ordering::Relaxed) == 3
        {
            assert_eq!(unfinished.so_far().models.iter().map(|m| m.folds.len()).sum::<usize>(), 4);
            stop.store(true, Ordering::Relaxed);
        }
    };
    let stopped = compare(&data, &spec, 1, &[], &after_four, &stop).unwrap();
    assert!(stopped.stopped);
    assert!(stopped.warnings.iter().any(|w| w.starts_with("Unfinished: 4 of 9 fits")), "{:?}", stopped.warnings);

    let begun = std::sync::atomic::AtomicUsize::new(0);
    let count = |event: CompareEvent<'_>| {
        if let CompareEvent::Cell { state: CellState::Running(share), .. } = event
            && share == 0.0
        {
            begun.fetch_add(1, Ordering::Relaxed);
        }
    };
    let stopped = timeless(stopped);
    let resumed = compare(&data, &spec, 2, &stopped.models, &count, &AtomicBool::new(false)).unwrap();
    assert!(begun.load(Ordering::Relaxed) >= 5 && !resumed.stopped);
    assert_eq!(timeless(resumed), whole);
}

#[test]
fn only_what_was_changed_is_fitted_again() {
    let data = sample();
    let before = quick();
    let first = run(&data, &before, &[]);
    let mut after = before.clone();
    after.logistic.c = 0.01;
    after.cutoff = Cutoff::Rule(CutoffRule::BadRate);
    let (then, now) = (before.check().unwrap(), after.check().unwrap());
    let kept: Vec<ModelResult> = first.models.iter().filter(|m| now.fits_as(&then, m.kind)).cloned().collect();
    assert_eq!(kept.iter().map(|m| m.kind).collect::<Vec<_>>(), [ModelKind::Mlp, ModelKind::Majority]);
    assert_eq!(run(&data, &after, &kept), run(&data, &after, &[]));
}

#[test]
fn another_cut_off_counts_anew_and_fits_nothing() {
    let data = sample();
    let mut settings = quick();
    let first = run(&data, &settings, &[]);
    for cutoff in [
        Cutoff::Value(0.2),
        Cutoff::Rule(CutoffRule::BadRate),
        Cutoff::Rule(CutoffRule::LeastCost),
        Cutoff::Rule(CutoffRule::ApprovalRate(0.8)),
        Cutoff::Rule(CutoffRule::Capacity(100)),
    ] {
        settings.cutoff = cutoff;
        settings.money.cost_false_good = 8.0;
        settings.verdict_metric = Metric::Recall;
        let again = run(&data, &settings, &[]);
        assert_eq!(first.recut(cutoff, &settings.money, Metric::Recall), again, "{cutoff:?}");
        assert_eq!(again.comparisons[0].metric, Metric::Recall);
        // Every call follows from the threshold.
        for fold in &again.models[0].folds {
            let threshold = fold.scored.metrics.threshold.unwrap();
            let called = Confusion::at(&fold.scored.answers.bad, &fold.scored.answers.pd, threshold);
            assert_eq!(fold.scored.confusion, called);
        }
    }
}

#[test]
fn a_rule_is_kept_on_the_validation_rows_and_nearly_on_the_test_rows() {
    let data = sample();
    let settings = RunSettings { cutoff: Cutoff::Rule(CutoffRule::ApprovalRate(0.7)), ..quick() };
    let result = run(&data, &settings, &[]);
    for fold in &result.models[1].folds {
        let answers = &fold.scored.answers;
        let validation = answers.validation.as_ref().unwrap();
        assert_eq!(validation.n_rows(), fold.fit.n_train, "every training row has been held out once");
        let threshold = fold.scored.metrics.threshold.unwrap();
        let kept = validation.at(threshold).approval_rate();
        assert!((0.7..0.72).contains(&kept), "{kept}");
        let reported = answers.test.as_ref().unwrap().at(threshold).approval_rate();
        assert!((reported - 0.7).abs() < 0.1, "{reported}");
    }
    // The majority's one probability cannot be cut so; it is said.
    assert!(result.warnings.iter().all(|w| !w.starts_with("Logistic")));
}

#[test]
fn losses_are_those_of_the_firms_own_exposures() {
    let mut data = sample();
    let exposure: Vec<f64> = (0..data.n_rows()).map(|row| if row % 10 == 3 { f64::NAN } else { row as f64 }).collect();
    data.exposure = Some(exposure.clone());
    let mut settings = RunSettings { models: vec![ModelKind::Logistic], ..quick() };
    settings.money.loss_given_default = 0.4;
    settings.money.exposure = Some(1e6); // the table's own come first
    let result = run(&data, &settings, &[]);
    let cutoff = Cutoff::Value(0.2);
    let found = result.models[0].outcome(cutoff, &settings.money, Rows::Test).unwrap().losses.unwrap();
    let mut expected = [0.0; 3];
    for fold in &result.models[0].folds {
        let answers = &fold.scored.answers;
        assert!(answers.has_exposures);
        // Every training row has been held out once, whichever way round: the same rows have no exposure.
        let without = |rows: &mut dyn Iterator<Item = usize>| rows.filter(|&row| exposure[row].is_nan()).count();
        assert_eq!(answers.test.as_ref().unwrap().unpriced(), Some(without(&mut fold.fit.test_rows.iter().copied())));
        let all = without(&mut data.labelled_rows().into_iter());
        let in_test = answers.test.as_ref().unwrap().unpriced().unwrap();
        assert_eq!(answers.validation.as_ref().unwrap().unpriced(), Some(all - in_test));
        for (i, &row) in fold.fit.test_rows.iter().enumerate().filter(|(_, row)| !exposure[**row].is_nan()) {
            let (pd, lost) = (answers.pd[i], 0.4 * exposure[row]);
            expected[1] += pd * lost;
            if pd < 0.2 {
                expected[0] += pd * lost;
                expected[2] += if answers.bad[i] { lost } else { 0.0 };
            }
        }
    }
    for (found, expected) in [found.expected_approved, found.expected_all, found.realised_approved].iter().zip(expected)
    {
        assert!((found - expected).abs() < 1e-9 * expected, "{found} against {expected}");
    }
}
