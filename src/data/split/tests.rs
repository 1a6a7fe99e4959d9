use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::*;
use crate::data::{Indicator, Values};
use crate::random::Stream;

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
    let expected = Split {
        fold: 0,
        repeat: 0,
        train: vec![0, 2, 3, 6],
        validation: vec![2],
        test: vec![1, 5],
        unlabelled: vec![].into(),
        withheld: 0,
    };
    assert_eq!(splits(&data, &settings(ValidationKind::Column, 5, 3), 0), Ok(vec![expected]));

    data.split = Some(vec![test, test, test, train, test, test, train]);
    let error = splits(&data, &settings(ValidationKind::Column, 5, 1), 0).unwrap_err();
    assert_eq!(error, SplitError::OneSided { fold: 0, side: "learn from", bad: 0, good: 2 });
    assert_eq!(error.to_string(), "fold 1 has 0 bad and 2 other rows to learn from; both are needed");
}

#[test]
fn labels_are_withheld_from_training_rows_only_and_by_class() {
    let data = labels(&("1000000000".repeat(20) + "--"));
    let all = splits(&data, &settings(ValidationKind::Kfold, 5, 1), 3).unwrap();
    for (fraction, kept) in [(0.25, [4, 36]), (40.0, [4, 36]), (0.001, [1, 1]), (1.0, [16, 144]), (1e9, [16, 144])] {
        let fewer = ValidationSettings { label_fraction: Some(fraction), ..settings(ValidationKind::Kfold, 5, 1) };
        let fewer = splits(&data, &fewer, 3).unwrap();
        for (all, split) in all.iter().zip(&fewer) {
            assert_eq!(counts(&data, &split.train), kept, "{fraction}");
            assert_eq!(split.test, all.test, "rows tested on are not touched");
            assert_eq!((split.train.len() + split.withheld, split.unlabelled.len()), (160, 2 + split.withheld));
            assert!(split.train.iter().all(|row| all.train.contains(row) && !split.unlabelled.contains(row)));
            assert!(split.unlabelled.is_sorted_by(|a, b| a < b));
            assert!(split.unlabelled.iter().all(|row| !split.test.contains(row)));
        }
        assert_eq!(split_summary(&data, &fewer)[0].left_out, 0);
    }
    let of = |seed| {
        let few = ValidationSettings { label_fraction: Some(0.5), ..settings(ValidationKind::Kfold, 2, 2) };
        splits(&data, &few, seed).unwrap()
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
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

/// `labels` with one indicator.
fn with_values(mut data: Dataset, values: Vec<f64>) -> Dataset {
    data.indicators = Dataset::of(vec![("x", Values::Numeric(values.into()))], Vec::new()).indicators;
    data
}

#[test]
fn copies_are_equal_in_every_indicator_and_the_label() {
    let data = with_values(labels("1100-1-"), vec![0.0, -0.0, 0.0, 0.0, f64::NAN, f64::NAN, f64::NAN]);
    assert_eq!(first_copies(&data), [0, 0, 2, 2, 4, 5, 4]);
    let mut two = data.clone();
    let (codes, levels) = (vec![Some(0), Some(0), Some(1), None, None, None, None], vec!["a".into(), "b".into()]);
    two.indicators.push(Indicator { name: "c".to_owned(), values: Values::Category { codes, levels } });
    assert_eq!(first_copies(&two), [0, 0, 2, 3, 4, 5, 4]);
}

/// Each class shuffled; every k-th row to one fold, the second class going on where the first stopped, or the first three
/// tenths tested.
fn plain(data: &Dataset, kind: ValidationKind, folds: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut random = stream(seed, Purpose::Split, 0);
    let mut dealt = Vec::new();
    let mut tests = vec![Vec::new(); if kind == ValidationKind::Kfold { folds } else { 1 }];
    for class in [Some(true), Some(false)] {
        let mut rows: Vec<usize> = (0..data.n_rows()).filter(|&row| data.bad[row] == class).collect();
        rows.shuffle(&mut random);
        if kind == ValidationKind::Holdout {
            rows.truncate(((0.3 * rows.len() as f64).round() as usize).max(1));
        }
        dealt.extend(rows);
    }
    for (turn, row) in dealt.into_iter().enumerate() {
        let n = tests.len();
        tests[turn % n].push(row);
    }
    for rows in &mut tests {
        rows.sort_unstable();
    }
    tests
}

#[test]
fn without_copies_the_splits_are_those_of_rows_dealt_one_by_one() {
    let mut random = stream(21, Purpose::Split, 0);
    for seed in 0..50 {
        let folds = random.random_range(2..=7);
        let data = random_labels(&mut random, folds);
        let values = (0..data.n_rows()).map(|row| row as f64).collect();
        let data = with_values(data, values);
        for kind in [ValidationKind::Kfold, ValidationKind::Holdout] {
            let splits = splits(&data, &settings(kind, folds, 1), seed).unwrap();
            assert_eq!(splits.into_iter().map(|split| split.test).collect::<Vec<_>>(), plain(&data, kind, folds, seed));
        }
    }
}

#[test]
fn copies_stay_on_one_side_and_every_part_keeps_its_size() {
    let mut random = stream(22, Purpose::Split, 0);
    let (mut divided, mut copies) = (0, 0);
    for seed in 0..200 {
        let folds = random.random_range(2..=6);
        let data = random_labels(&mut random, 3 * folds);
        // About every second row has a copy.
        let values: Vec<f64> = (0..data.n_rows()).map(|_| random.random_range(0..100_u32).into()).collect();
        let data = with_values(data, values);
        for kind in [ValidationKind::Kfold, ValidationKind::Holdout] {
            let together = splits(&data, &settings(kind, folds, 1), seed).unwrap();
            let apart = ValidationSettings { keep_duplicates_together: false, ..settings(kind, folds, 1) };
            for (a, b) in together.iter().zip(&splits(&data, &apart, seed).unwrap()) {
                check(&data, a);
                assert_eq!(counts(&data, &a.test), counts(&data, &b.test));
            }
            let on_both = |splits: &[Split]| {
                split_summary(&data, splits).iter().map(|split| split.duplicates_on_both_sides).sum::<usize>()
            };
            divided += on_both(&together);
            copies += on_both(&splits(&data, &apart, seed).unwrap());
        }
    }
    assert!(copies > 2000 && divided * 20 < copies, "{divided} of {copies} still divided");
}

#[test]
fn a_table_with_every_row_twice_can_be_dealt_out_whole() {
    let data = labels(&"10000".repeat(20));
    let values = (0..100).map(|row| f64::from(row / 10 * 5 + row % 5)).collect();
    let data = with_values(data, values);
    for kind in [ValidationKind::Kfold, ValidationKind::Holdout] {
        let splits = splits(&data, &settings(kind, 5, 2), 3).unwrap();
        assert!(split_summary(&data, &splits).iter().all(|split| split.duplicates_on_both_sides == 0));
    }
    // Copies that fill no part of their own are dealt out row by row, as without the rule.
    let same = with_values(labels(&"10000".repeat(20)), vec![1.0; 100]);
    let splits = splits(&same, &settings(ValidationKind::Kfold, 5, 1), 3).unwrap();
    assert!(splits.iter().all(|split| counts(&same, &split.test) == [4, 16]));
    assert_eq!(split_summary(&same, &splits)[0].duplicates_on_both_sides, 20);
}

fn with_periods(mut data: Dataset, periods: &str) -> Dataset {
    data.period =
        Some(periods.split(' ').map(|text| if text == "-" { String::new() } else { text.to_owned() }).collect());
    data
}

fn in_time() -> ValidationSettings {
    settings(ValidationKind::OutOfTime, 5, 3)
}

#[test]
fn the_latest_fifth_is_tested_in_whole_periods() {
    // Ten labelled rows: 2019 holds one, 2018 one, 2017 two. 2019 and 2018 are a fifth, 2017 would be too much.
    let data = with_periods(labels("1010101010-"), "2014 2014 2015 2015 2016 2016 2017 2017 2018 2019 2019");
    let all = splits(&data, &in_time(), 0).unwrap();
    assert_eq!((all.len(), all[0].test.as_slice(), all[0].train.len()), (1, [8, 9].as_slice(), 8));
    assert!(all[0].unlabelled.is_empty(), "a row of a tested period is not learned from, labelled or not");

    let tested = |settings: &ValidationSettings| splits(&data, settings, 0).unwrap().swap_remove(0).test;
    assert_eq!(tested(&ValidationSettings { latest_share: 0.4, ..in_time() }), [6, 7, 8, 9]);
    assert_eq!(tested(&ValidationSettings { test_periods: Some(4), ..in_time() }), [4, 5, 6, 7, 8, 9]);
    // At least one period, however many rows it holds.
    let large = with_periods(labels("10101"), "1 10 10 10 10");
    let error = splits(&large, &in_time(), 0).unwrap_err();
    assert_eq!(error, SplitError::OneSided { fold: 0, side: "learn from", bad: 1, good: 0 });
    let large = with_periods(labels("101010"), "9 9 10 10 10 10");
    assert_eq!(splits(&large, &in_time(), 0).unwrap()[0].test, [2, 3, 4, 5]);
}

#[test]
fn a_cut_falls_between_periods_however_they_are_written() {
    let data = with_periods(
        labels("101010-1"),
        "31.12.2018 01.02.2019 15.06.2019 02.02.2019 01.01.2020 02.01.2020 01.03.2019 -",
    );
    let cut = ValidationSettings { test_from: Some("2020".to_owned()), ..in_time() };
    let cut = ValidationSettings { validation_from: Some("2019-06".to_owned()), ..cut };
    let split = splits(&data, &cut, 0).unwrap().swap_remove(0);
    assert_eq!((split.train.as_slice(), split.test.as_slice()), ([0, 1, 2, 3].as_slice(), [4, 5].as_slice()));
    assert_eq!((split.validation.as_slice(), &*split.unlabelled), ([2].as_slice(), [6].as_slice()));
    let held = split_summary(&data, &[split]).swap_remove(0);
    assert_eq!((held.train.rows, held.validation.as_ref().unwrap().rows, held.test.rows, held.left_out), (3, 1, 2, 1));
    let ends = |part: &Holding| (part.first_period.clone().unwrap(), part.last_period.clone().unwrap());
    assert_eq!(ends(&held.train), ("31.12.2018".to_owned(), "02.02.2019".to_owned()));
    assert_eq!(held.test.bad_share, Some(0.5));
}

#[test]
fn a_whole_enterprise_follows_its_last_period() {
    // E0 ends in 3, E1 in 2, E2 in 1; the last row of E1 has no label but a period.
    let data = with_enterprises(labels("10100110-"), vec![0, 0, 0, 1, 1, 2, 2, 2, 1]);
    let data = with_periods(data, "1 2 3 1 1 1 1 1 2");
    let cut = ValidationSettings { test_from: Some("3".to_owned()), ..in_time() };
    assert_eq!(splits(&data, &cut, 0).unwrap_err(), SplitError::OneSided { fold: 0, side: "test on", bad: 1, good: 0 });
    let whole = ValidationSettings { keep_enterprises_whole: true, ..cut };
    let split = splits(&data, &whole, 0).unwrap().swap_remove(0);
    assert_eq!((split.test.as_slice(), split.train.len()), ([0, 1, 2].as_slice(), 5));
    assert_eq!(&*split.unlabelled, [8]);
    assert_eq!(split_summary(&data, &[split])[0].enterprises_on_both_sides, Some(0));
    let mut unknown = data.clone();
    unknown.enterprise = None;
    assert_eq!(splits(&unknown, &whole, 0).unwrap_err(), SplitError::NothingToKeepWhole);
}

#[test]
fn no_period_is_ever_on_both_sides() {
    let mut random = stream(23, Purpose::Split, 0);
    let mut divided = 0;
    for seed in 0..200 {
        let data = random_labels(&mut random, 10);
        let periods: Vec<String> = (0..data.n_rows()).map(|_| random.random_range(1..30).to_string()).collect();
        let n_enterprises = random.random_range(3..60) as u32;
        let enterprise: Vec<u32> = (0..data.n_rows()).map(|_| random.random_range(0..n_enterprises)).collect();
        let data = with_enterprises(with_periods(data, &periods.join(" ")), enterprise);
        let whole = random.random_bool(0.5);
        let settings = ValidationSettings { keep_enterprises_whole: whole, latest_share: 0.3, ..in_time() };
        let Ok(splits) = splits(&data, &settings, seed) else { continue };
        divided += 1;
        check(&data, &splits[0]);
        let held = split_summary(&data, &splits).swap_remove(0);
        if whole {
            assert_eq!(held.enterprises_on_both_sides, Some(0));
        } else {
            let number = |period: Option<String>| period.unwrap().parse::<u32>().unwrap();
            assert!(number(held.train.last_period) < number(held.test.first_period));
        }
    }
    assert!(divided > 150, "{divided}");
}

#[test]
fn a_cut_that_cannot_be_made_is_said() {
    let data = with_periods(labels("1010"), "2014 2014 2016 2016");
    let refused = |settings: ValidationSettings| splits(&data, &settings, 0).unwrap_err().to_string();
    let from = |text: &str| ValidationSettings { test_from: Some(text.to_owned()), ..in_time() };
    assert_eq!(
        refused(from("soon")),
        "test_from \"soon\" is no period like those of the table, which run from \"2014\" to \"2016\""
    );
    assert!(refused(from("2014")).starts_with("no labelled row is before test_from \"2014\": the periods run from"));
    assert!(refused(from("2017")).starts_with("no labelled row is on or after test_from \"2017\""));
    let late = ValidationSettings { validation_from: Some("2016".to_owned()), test_periods: Some(1), ..in_time() };
    assert_eq!(refused(late), "validation_from \"2016\" must come before the first period that is tested, \"2016\"");
    let two = ValidationSettings { test_periods: Some(2), ..in_time() };
    assert_eq!(
        refused(two),
        "out-of-time validation of 2 periods needs at least one more, but labelled rows have only 2"
    );
    assert_eq!(splits(&labels("1010"), &in_time(), 0).unwrap_err(), SplitError::NoPeriods);
    let none = with_periods(labels("1010"), "- - - -");
    assert!(matches!(splits(&none, &in_time(), 0).unwrap_err(), SplitError::TooFewPeriods { periods: 0, .. }));
    assert!(refused(ValidationSettings { test_periods: Some(1), ..from("2015") }).contains("beside test_from"));
}

#[test]
fn a_cut_may_be_a_bare_number_in_a_file() {
    let read = |text: &str| serde_json::from_str::<ValidationSettings>(text).unwrap().test_from;
    assert_eq!(read(r#"{"test_from": 2015}"#).as_deref(), Some("2015"));
    assert_eq!(read(r#"{"test_from": "2015Q3"}"#).as_deref(), Some("2015Q3"));
    assert_eq!(read(r#"{"test_from": " "}"#), None);
    assert_eq!(read(r#"{"test_from": null}"#), None);
    assert_eq!(read("{}"), None);
}
