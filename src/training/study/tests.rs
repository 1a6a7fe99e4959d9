//! Studies against the plain comparison, and against each other on other threads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::data::{RoleRequest, guess, profile, read, sample_csv};
use crate::evaluation::Metric;
use crate::training::worker::Studying;
use crate::training::{Comparison, ModelKind, RunSettings, compare};

fn sample() -> Dataset {
    let (table, _) = read(sample_csv("enterprises").unwrap().as_bytes()).unwrap();
    let guess = guess(&table, &profile(&table), &RoleRequest::default()).unwrap();
    Dataset::from_table(&table, &guess.roles).unwrap()
}

fn quick() -> RunSettings {
    let mut settings = RunSettings::default();
    settings.validation.folds = 3;
    settings.svm.tuning.on = false;
    settings.gbt.trees = 10;
    settings.dbn.layers = vec![6, 4];
    settings.dbn.nets = 1;
    settings.dbn.pre_training.epochs = Some(2);
    settings.dbn.fine_tuning.epochs = Some(4);
    settings
}

fn asked(kind: StudyKind, levels: &[f64]) -> StudySettings {
    StudySettings { levels: Some(levels.to_vec()), draws: Some(2), ..StudySettings::of(kind) }
}

fn run(settings: &RunSettings, asked: &StudySettings, threads: usize) -> Study {
    let stop = AtomicBool::new(false);
    study(&sample(), &settings.check().unwrap(), &asked.check().unwrap(), threads, &|_| {}, &stop).unwrap()
}

fn plain(settings: &RunSettings) -> Comparison {
    compare(&sample(), &settings.check().unwrap(), 2, &[], &|_| {}, &AtomicBool::new(false)).unwrap()
}

/// The figures of each model and split at one level.
fn figures(study: &Study, level: usize) -> Vec<Metrics> {
    study.cells.iter().filter(|cell| cell.level == level).map(|cell| cell.metrics).collect()
}

fn mean(study: &Study, kind: ModelKind, level: usize) -> f64 {
    let model = study.models.iter().position(|&model| model == kind).unwrap();
    study.curve(model, Metric::Auc)[level].mean.unwrap()
}

#[test]
fn undisturbed_levels_are_the_comparison_to_the_last_bit() {
    let mut settings = quick();
    settings.cutoff = crate::training::Cutoff::Rule(crate::training::CutoffRule::BadRate);
    let comparison = plain(&settings);
    let expected: Vec<Metrics> =
        comparison.models.iter().flat_map(|model| &model.folds).map(|fold| fold.scored.metrics).collect();
    assert_eq!(expected.len(), 18);
    let in_training = |kind| StudySettings { in_training: true, ..asked(kind, &[0.0]) };
    for asked in [
        asked(StudyKind::Noise, &[0.0, 1.0]),
        StudySettings { noise_unit: crate::data::Spread::Iqr, ..asked(StudyKind::Noise, &[0.0]) },
        asked(StudyKind::Missing, &[0.0]),
        in_training(StudyKind::Noise),
        in_training(StudyKind::Missing),
        asked(StudyKind::LabelNoise, &[0.0]),
        asked(StudyKind::Labels, &[1.0]),
        asked(StudyKind::Seeds, &[1.0]),
    ] {
        let study = run(&settings, &asked, 2);
        assert_eq!(figures(&study, 0), expected, "{asked:?}");
        assert!(!study.stopped && study.warnings.is_empty(), "{:?}", study.warnings);
    }
}

#[test]
fn gaps_filled_by_a_machine_or_by_neighbours_are_filled_as_in_the_comparison() {
    let mut settings = quick();
    settings.models = vec![ModelKind::Logistic];
    for fill in ["rbm", "knn"] {
        settings.set("preparation.missing.fill", fill).unwrap();
        let expected: Vec<Metrics> = plain(&settings).models[0].folds.iter().map(|fold| fold.scored.metrics).collect();
        let study = run(&settings, &asked(StudyKind::Missing, &[0.0, 0.5]), 2);
        assert_eq!(figures(&study, 0), expected, "{fill}");
        assert_ne!(figures(&study, 1)[0], expected[0]);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let settings = quick();
    let in_training = StudySettings { in_training: true, ..asked(StudyKind::Noise, &[0.0, 0.5]) };
    for asked in [
        asked(StudyKind::Noise, &[0.1, 1.0]),
        in_training,
        asked(StudyKind::Missing, &[0.3]),
        asked(StudyKind::LabelNoise, &[0.2]),
        asked(StudyKind::Labels, &[0.1, 0.5]),
        asked(StudyKind::Seeds, &[1.0, 2.0]),
    ] {
        assert_eq!(run(&settings, &asked, 1), run(&settings, &asked, 2), "{asked:?}");
    }
}

#[test]
fn what_is_worse_for_a_model_shows() {
    let mut settings = quick();
    settings.models = vec![ModelKind::Logistic, ModelKind::Majority];
    let falls = |asked: StudySettings| {
        let study = run(&settings, &asked, 2);
        let last = study.levels.len() - 1;
        let (first, last) = (mean(&study, ModelKind::Logistic, 0), mean(&study, ModelKind::Logistic, last));
        assert!(first > last + 0.03, "{asked:?}: {first} to {last}");
        assert!((0..study.levels.len()).all(|level| mean(&study, ModelKind::Majority, level) == 0.5));
    };
    falls(asked(StudyKind::Noise, &[0.0, 3.0]));
    falls(asked(StudyKind::Missing, &[0.0, 0.8]));
    falls(StudySettings { in_training: true, ..asked(StudyKind::Noise, &[0.0, 3.0]) });
    falls(asked(StudyKind::LabelNoise, &[0.0, 0.45]));
}

#[test]
fn fewer_labels_leave_rows_to_learn_from_and_the_test_rows_alone() {
    let mut settings = quick();
    settings.models = vec![ModelKind::Majority];
    // A study of all labels knows no other limit on them.
    settings.validation.label_fraction = Some(0.5);
    let study = run(&settings, &asked(StudyKind::Labels, &[0.001, 0.1, 1.0]), 2);
    let data = sample();
    let labelled = data.n_labelled() as f64;
    let rows: Vec<f64> = study.labelled_rows().into_iter().flatten().collect();
    assert_eq!(rows[0], 2.0 * FEWEST_LABELLED as f64);
    assert!((rows[1] - 0.1 * labelled * 2.0 / 3.0).abs() < 2.0 && (rows[2] - labelled * 2.0 / 3.0).abs() < 1.0);
    for level in 0..3 {
        let of_first_draw = study.cells.iter().filter(|cell| (cell.level, cell.draw) == (level, 0));
        assert_eq!(of_first_draw.clone().map(|cell| cell.metrics.n_test).sum::<usize>(), data.n_labelled());
        assert_eq!(of_first_draw.map(|cell| cell.metrics.positives).sum::<usize>(), data.n_bad());
    }
    let counted = run(&settings, &asked(StudyKind::Labels, &[40.0]), 2);
    assert!(counted.cells.iter().all(|cell| (39..=41).contains(&cell.n_train)));
}

#[test]
fn rows_that_keep_their_label_at_a_small_share_keep_it_at_a_larger_one() {
    let data = sample();
    let settings = quick();
    let split = splits(&data, &settings.validation, 1).unwrap().swap_remove(0);
    let kept = |share| {
        let mut fewer = split.clone();
        withhold_labels(&data, &mut fewer, share, FEWEST_LABELLED, 9);
        assert_eq!(fewer.test, split.test);
        assert_eq!(fewer.fitted_rows().len(), split.fitted_rows().len());
        fewer.train
    };
    let (few, more, all) = (kept(0.1), kept(0.4), kept(1.0));
    assert!(few.len() < more.len() && few.iter().all(|row| more.contains(row)));
    assert_eq!(all, split.train);
}

#[test]
fn wrong_labels_are_learned_from_and_never_tested_on() {
    let mut settings = quick();
    settings.models = vec![ModelKind::Majority];
    settings.cutoff = crate::training::Cutoff::Rule(crate::training::CutoffRule::BadRate);
    let study = run(&settings, &asked(StudyKind::LabelNoise, &[0.0, 0.4]), 2);
    let (clean, noisy) = (figures(&study, 0), figures(&study, 1));
    assert_eq!((clean.len(), noisy.len()), (3, 6), "two draws, and one where nothing is drawn");
    for (clean, noisy) in clean.iter().zip(noisy.chunks(2)) {
        assert!(noisy.iter().all(|m| (m.n_test, m.positives) == (clean.n_test, clean.positives)));
        // The cut-off is the share of bad labels in training: b turns into 0.6·b + 0.4·(1 − b).
        let expected = 0.6 * clean.threshold.unwrap() + 0.4 * (1.0 - clean.threshold.unwrap());
        assert!(noisy.iter().all(|m| (m.threshold.unwrap() - expected).abs() < 0.01));
    }
}

#[test]
fn seeds_share_their_folds_and_only_the_first_repeat_is_used_unasked() {
    let mut settings = quick();
    settings.models = vec![ModelKind::Mlp, ModelKind::Logistic];
    settings.validation.repeats = 2;
    let study = run(&settings, &asked(StudyKind::Seeds, &[1.0, 2.0, 3.0]), 2);
    assert_eq!((study.n_splits, study.cells.len()), (3, 18));
    assert!(study.warnings[0].contains("first 1 of 2 repeats"), "{:?}", study.warnings);
    let (net, regression) = (study.over_levels(0, Metric::Auc), study.over_levels(1, Metric::Auc));
    assert_eq!((net.n, regression.n), (3, 3));
    assert!(net.sd.unwrap() > 0.0, "another start, another net");
    assert_eq!(regression.sd, Some(0.0), "a regression has one solution");
    let both = run(&settings, &StudySettings { repeats: 2, ..asked(StudyKind::Seeds, &[1.0]) }, 2);
    assert_eq!((both.n_splits, both.warnings.len()), (6, 0));
    assert_eq!(figures(&both, 0)[..3], figures(&study, 0)[..3]);
}

#[test]
fn stopping_keeps_what_is_finished() {
    let settings = quick();
    let spec = settings.check().unwrap();
    let asked = asked(StudyKind::LabelNoise, &[0.1, 0.2]);
    let whole = run(&settings, &asked, 2);
    let stop = AtomicBool::new(false);
    let found = Mutex::new(Vec::new());
    let observe = |event| {
        if let StudyEvent::Found(cells) = event {
            let mut found = lock(&found);
            found.extend(cells);
            stop.store(found.len() >= 4, Ordering::Relaxed);
        }
    };
    let part = study(&sample(), &spec, &asked.check().unwrap(), 1, &observe, &stop).unwrap();
    assert!(part.stopped && part.warnings[0].contains("4 of 72 fits"), "{:?}", part.warnings);
    assert_eq!(part.cells.len(), 4);
    assert!(part.cells.iter().all(|cell| whole.cells.contains(cell)));
}

#[test]
fn a_table_that_cannot_be_split_is_an_error() {
    let mut settings = quick();
    settings.validation.kind = crate::data::ValidationKind::Column;
    let (spec, asked) = (settings.check().unwrap(), StudySettings::default().check().unwrap());
    let found = study(&sample(), &spec, &asked, 2, &|_| {}, &AtomicBool::new(false));
    assert!(matches!(found, Err(TrainingError::Split(_))));
}

#[test]
fn the_worker_shows_what_is_found_and_ends_with_it() {
    let mut settings = quick();
    settings.models = vec![ModelKind::Logistic, ModelKind::Majority];
    let asked = asked(StudyKind::Missing, &[0.0, 0.4]);
    let start = |settings: &RunSettings| {
        let (spec, asked) = (settings.check().unwrap(), asked.check().unwrap());
        Studying::start(Arc::new(sample()), spec, asked, 2, Box::new(|| ())).unwrap()
    };
    let wait = |studying: &Studying| {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            assert!(Instant::now() < deadline, "waited too long");
            if let Some(result) = studying.result() {
                return result.unwrap();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let studying = start(&settings);
    let found = wait(&studying);
    assert_eq!(found, run(&settings, &asked, 1));
    assert_eq!(*studying.study().unwrap(), found);
    assert!((studying.progress() - 1.0).abs() < 1e-12 && studying.result().is_none(), "once");
    settings.dbn.fine_tuning.epochs = Some(10_000);
    settings.models = vec![ModelKind::Mlp];
    let endless = start(&settings);
    endless.stop();
    let stopped = wait(&endless);
    assert!(stopped.stopped && stopped.cells.is_empty());
}
