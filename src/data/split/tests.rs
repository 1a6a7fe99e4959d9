use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt as _;

use super::*;

fn labels(text: &str) -> Dataset {
    let bad = text.chars().map(|c| match c {
        '1' => Some(true),
        '0' => Some(false),
        _ => None,
    });
    Dataset::of(Vec::new(), bad.collect())
}

fn with_enterprises(mut data: Dataset, enterprise: Vec<u32>) -> Dataset {
    let n = enterprise.iter().max().map_or(0, |last| last + 1);
    data.enterprise_names = (0..n).map(|code| format!("E{code}")).collect();
    data.enterprise = Some(enterprise);
    data
}

fn settings(kind: ValidationKind, folds: usize, repeats: usize) -> ValidationSettings {
    ValidationSettings { kind, folds, repeats, ..Default::default() }
}

/// [bad, good] among `rows`.
fn counts(data: &Dataset, rows: &[usize]) -> [usize; 2] {
    [Some(true), Some(false)].map(|class| rows.iter().filter(|&&row| data.bad[row] == class).count())
}

/// Random outcomes, at least `least` of each, with about a third of the rows unlabelled.
fn random_labels(random: &mut Stream, least: usize) -> Dataset {
    let n = random.random_range(0..120);
    let mut text: String = (0..n).map(|_| ['1', '0', '0', '0', '-', '-'][random.random_range(0..6)]).collect();
    text.push_str(&"01-".repeat(least));
    labels(&text)
}

fn check(data: &Dataset, split: &Split) {
    assert!(split.train.is_sorted_by(|a, b| a < b) && split.test.is_sorted_by(|a, b| a < b));
    let mut all = [split.train.as_slice(), &split.test].concat();
    all.sort_unstable();
    assert_eq!(all, data.labelled_rows(), "the two sides are the labelled rows, each once");
    assert!(counts(data, &split.train).iter().all(|&n| n > 0));
}

#[test]
fn folds_partition_the_labelled_rows_and_are_stratified() {
    let mut random = stream(11, Purpose::Split, 0);
    for seed in 0..200 {
        let folds = random.random_range(2..=10);
        let data = random_labels(&mut random, folds);
        let splits = splits(&data, &settings(ValidationKind::Kfold, folds, 2), seed).unwrap();
        assert_eq!(splits.len(), 2 * folds);
        for (i, split) in splits.iter().enumerate() {
            assert_eq!((split.repeat, split.fold), (i / folds, i % folds));
            check(&data, split);
        }
        for repeat in splits.chunks(folds) {
            let mut tested: Vec<usize> = repeat.iter().flat_map(|split| split.test.clone()).collect();
            tested.sort_unstable();
            assert_eq!(tested, data.labelled_rows(), "every labelled row is tested exactly once");
            let per_fold: Vec<[usize; 2]> = repeat.iter().map(|split| counts(&data, &split.test)).collect();
            let spread = |n: &dyn Fn(&[usize; 2]) -> usize| {
                per_fold.iter().map(n).max().unwrap() - per_fold.iter().map(n).min().unwrap()
            };
            assert!(spread(&|n| n[0]) <= 1 && spread(&|n| n[1]) <= 1 && spread(&|n| n[0] + n[1]) <= 1, "{per_fold:?}");
        }
    }
}

#[test]
fn four_rows_in_two_folds() {
    let data = labels("1-010");
    for split in splits(&data, &settings(ValidationKind::Kfold, 2, 1), 3).unwrap() {
        assert_eq!((counts(&data, &split.test), counts(&data, &split.train)), ([1, 1], [1, 1]));
    }
}

#[test]
fn the_seed_decides_and_repeats_differ() {
    let data = labels(&"100-".repeat(30));
    for kind in [ValidationKind::Kfold, ValidationKind::Holdout] {
        let draw = |seed, repeats| splits(&data, &settings(kind, 5, repeats), seed).unwrap();
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
        let two = draw(1, 2);
        let (first, second) = two.split_at(two.len() / 2);
        assert_eq!(first, draw(1, 1), "more repeats leave the first as it was");
        assert!(first.iter().zip(second).all(|(a, b)| a.test != b.test));
    }
}

#[test]
fn holdout_takes_its_share_of_each_class() {
    let data = labels(&"1000-".repeat(10));
    for seed in 0..20 {
        let splits = splits(&data, &settings(ValidationKind::Holdout, 5, 3), seed).unwrap();
        assert_eq!(splits.iter().map(|s| (s.fold, s.repeat)).collect::<Vec<_>>(), [(0, 0), (0, 1), (0, 2)]);
        for split in &splits {
            check(&data, split);
            // 0.3 × 10 bad and 0.3 × 30 good rows.
            assert_eq!(counts(&data, &split.test), [3, 9]);
        }
    }
    let extreme = |test_share| ValidationSettings { test_share, ..settings(ValidationKind::Holdout, 5, 1) };
    let data = labels("110000");
    for (share, tested) in [(0.01, [1, 1]), (0.99, [1, 3])] {
        let splits = splits(&data, &extreme(share), 0).unwrap();
        assert_eq!(counts(&data, &splits[0].test), tested, "share {share}");
    }
}

#[test]
fn no_enterprise_is_on_both_sides() {
    let mut random = stream(12, Purpose::Split, 0);
    let mut divided = 0;
    for seed in 0..200 {
        let folds = random.random_range(2..=6);
        let data = random_labels(&mut random, 3 * folds);
        let n_enterprises = random.random_range(5 * folds..8 * folds) as u32;
        let enterprise = (0..data.n_rows()).map(|_| random.random_range(0..n_enterprises)).collect();
        let data = with_enterprises(data, enterprise);
        let of =
            |rows: &[usize]| rows.iter().map(|&row| data.enterprise.as_ref().unwrap()[row]).collect::<BTreeSet<u32>>();
        let splits = match splits(&data, &settings(ValidationKind::Grouped, folds, 1), seed) {
            Err(SplitError::TooFewEnterprises { .. }) => continue,
            other => other.unwrap(),
        };
        divided += 1;
        for split in &splits {
            check(&data, split);
            assert!(of(&split.train).is_disjoint(&of(&split.test)));
            assert!(!split.test.is_empty());
        }
        let mut tested: Vec<usize> = splits.iter().flat_map(|split| split.test.clone()).collect();
        tested.sort_unstable();
        assert_eq!(tested, data.labelled_rows());
    }
    assert!(divided > 150, "{divided}");
}

#[test]
fn grouped_folds_are_as_stratified_as_enterprises_allow() {
    // Ten enterprises of three rows, four of them with one bad row: five folds of two can be even but for one fold.
    let data = with_enterprises(labels(&("100".repeat(4) + &"000".repeat(6))), (0..30).map(|row| row / 3).collect());
    for seed in 0..20 {
        let splits = splits(&data, &settings(ValidationKind::Grouped, 5, 1), seed).unwrap();
        let bad: BTreeMap<usize, usize> = splits.iter().map(|s| (s.fold, counts(&data, &s.test)[0])).collect();
        assert!(splits.iter().all(|split| split.test.len() == 6));
        assert!(bad.values().all(|&n| n <= 1), "{bad:?}");
    }
    let draw = |seed| splits(&data, &settings(ValidationKind::Grouped, 5, 2), seed).unwrap();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn a_column_says_it() {
    let mut data = labels("1010-10");
    let (train, validation, test) = (Part::Train, Part::Validation, Part::Test);
    data.split = Some(vec![train, test, validation, train, test, test, train]);
    let expected = Split { fold: 0, repeat: 0, train: vec![0, 2, 3, 6], test: vec![1, 5] };
    assert_eq!(splits(&data, &settings(ValidationKind::Column, 5, 3), 0), Ok(vec![expected]));

    data.split = Some(vec![test, test, test, train, test, test, train]);
    let error = splits(&data, &settings(ValidationKind::Column, 5, 1), 0).unwrap_err();
    assert_eq!(error, SplitError::OneSided { fold: 0, side: "learn from", bad: 0, good: 2 });
    assert_eq!(error.to_string(), "fold 1 has 0 bad and 2 other rows to learn from; both are needed");
}

#[test]
fn what_cannot_be_held_out_is_said() {
    let data = labels("11-0000");
    let refused = |data: &Dataset, kind, folds| splits(data, &settings(kind, folds, 1), 0).unwrap_err();
    let too_few = SplitError::TooFewRows { least: 3, bad: 2, good: 4 };
    assert_eq!(refused(&data, ValidationKind::Kfold, 3), too_few);
    assert_eq!(
        too_few.to_string(),
        "holding out needs at least 3 rows of each outcome, but there are 2 bad and 4 others; ask for fewer folds or label \
         more rows"
    );
    assert_eq!(refused(&data, ValidationKind::Grouped, 3), SplitError::NoEnterprises);
    assert_eq!(refused(&data, ValidationKind::Column, 3), SplitError::NoSplitColumn);
    assert_eq!(
        refused(&labels("1000"), ValidationKind::Holdout, 5),
        SplitError::TooFewRows { least: 2, bad: 1, good: 3 }
    );

    // The second enterprise has no labelled row.
    let grouped = with_enterprises(data, vec![0, 0, 1, 2, 2, 2, 2]);
    assert_eq!(
        refused(&grouped, ValidationKind::Grouped, 3),
        SplitError::TooFewEnterprises { folds: 3, enterprises: 2 }
    );
    // All bad rows belong to one enterprise: when it is tested there is nothing to learn from.
    assert!(matches!(refused(&grouped, ValidationKind::Grouped, 2), SplitError::OneSided { bad: 0, good: 4, .. }));
}

#[test]
fn settings_are_checked() {
    assert!(ValidationSettings::default().problems().is_empty());
    let wrong = ValidationSettings { folds: 1, repeats: 0, test_share: f64::NAN, ..Default::default() };
    let fields: Vec<&str> = wrong.problems().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["folds", "repeats", "test_share"]);
    let error = splits(&labels("1010"), &wrong, 0).unwrap_err();
    assert_eq!(error.to_string(), "folds must be a whole number from 2 to 100, not 1");

    let read: ValidationSettings = serde_json::from_str(r#"{"kind": "grouped", "folds": 10}"#).unwrap();
    assert_eq!(read, settings(ValidationKind::Grouped, 10, 1));
    assert!(serde_json::from_str::<ValidationSettings>(r#"{"fold": 10}"#).is_err());
}
