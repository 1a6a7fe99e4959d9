use super::*;
use crate::random::{Purpose, stream};
use rand::RngExt as _;
use std::sync::Arc;

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
}

/// Levels by their numbers of rows.
fn rows<'a>(counts: &[(&'a str, usize)]) -> Vec<Option<&'a str>> {
    counts.iter().flat_map(|&(level, n)| std::iter::repeat_n((level != "?").then_some(level), n)).collect()
}

fn counts(drift: &Drift) -> Vec<[usize; 2]> {
    drift.bins.iter().map(|bin| [bin.reference, bin.other]).collect()
}

#[test]
fn levels_by_hand() {
    // Shares ½, ¼, ¼ against ¼, ½, ¼: ¼·ln 2 twice.
    let found =
        level_drift(rows(&[("?", 50), ("b", 100), ("c", 50)]), rows(&[("c", 100), ("?", 100), ("b", 200)])).unwrap();
    assert_eq!(
        found.bins.iter().map(|bin| &bin.holds).collect::<Vec<_>>(),
        [&Holds::Level("b".to_owned()), &Holds::Level("c".to_owned()), &Holds::Missing]
    );
    assert_eq!(counts(&found), [[100, 200], [50, 100], [50, 100]]);
    assert_eq!((found.psi, found.stability, found.beyond_chance()), (0.0, Stability::Stable, false));

    let found =
        level_drift(rows(&[("a", 100), ("b", 50), ("c", 50)]), rows(&[("a", 50), ("b", 100), ("c", 50)])).unwrap();
    close(found.psi, 0.5 * 2.0_f64.ln());
    close(found.bins[0].psi, 0.25 * 2.0_f64.ln());
    // χ²₀.₉₅(2) = −2·ln 0.05.
    assert!((found.critical.unwrap() + 2.0 * 0.05_f64.ln() / 100.0).abs() < 1e-9);
    assert_eq!((found.stability, found.beyond_chance()), (Stability::LargeShift, true));
}

/// The test of the `PyPI` package strappy 0.0.3: 6 and 5 rows against 5 and 4 have a PSI of 0.00041.
#[test]
fn agrees_with_a_published_example() {
    let found = level_drift(rows(&[("a", 6), ("b", 5)]), rows(&[("a", 5), ("b", 4)])).unwrap();
    assert!((found.psi - 0.00041).abs() < 5e-6);
    assert_eq!(found.stability, Stability::TooFew);
}

#[test]
fn an_empty_bin_counts_as_half_a_row() {
    // Share 0.2 against half a row of 40.
    let found = level_drift(rows(&[("a", 80), ("b", 20)]), rows(&[("a", 40)])).unwrap();
    close(found.bins[1].psi, (0.2 - 0.0125) * (0.2_f64 / 0.0125).ln());
    close(found.bins[0].psi, -0.2 * 0.8_f64.ln());
    // A level that the reference never had.
    let found = level_drift(rows(&[("a", 40)]), rows(&[("a", 80), ("new", 20)])).unwrap();
    assert_eq!((counts(&found), found.stability), (vec![[40, 80], [0, 20]], Stability::LargeShift));
}

#[test]
fn numbers_fall_into_the_deciles_of_the_reference() {
    let reference: Vec<f64> = (1..=100).map(f64::from).collect();
    let other = [-5.0, 10.0, 10.5, 100.0, 1e9, f64::INFINITY, f64::NAN];
    let found = number_drift(&reference, &other).unwrap();
    let bin = |above, up_to| Holds::Numbers { above, up_to };
    assert_eq!(found.bins[0].holds, bin(None, Some(10.0)));
    assert_eq!(found.bins[1].holds, bin(Some(10.0), Some(20.0)));
    assert_eq!(found.bins[9].holds, bin(Some(90.0), None));
    let others: Vec<usize> = found.bins.iter().map(|b| b.other).collect();
    assert_eq!(others, [2, 1, 0, 0, 0, 0, 0, 0, 0, 3, 1]);
    assert!(found.bins[..10].iter().all(|b| b.reference == 10));
    assert_eq!((found.bins[10].holds.clone(), found.bins[10].reference), (Holds::Missing, 0));

    // Many zeros are one bin, and no bin of the reference is empty.
    let zeros: Vec<f64> = (0..100).map(|i| f64::from((i - 60).max(0))).collect();
    let found = number_drift(&zeros, &zeros).unwrap();
    assert_eq!((found.psi, found.bins[0].reference, found.bins.len()), (0.0, 61, 5));
    assert_eq!((&found.bins[0].holds, &found.bins[1].holds), (&bin(None, Some(0.0)), &bin(Some(0.0), Some(9.0))));
}

#[test]
fn one_bin_cannot_differ_and_nothing_is_undefined() {
    let same = number_drift(&[3.0; 20], &[3.0; 30]).unwrap();
    assert_eq!((same.psi, same.critical, same.stability, same.bins.len()), (0.0, None, Stability::Stable, 1));
    assert!(!same.beyond_chance());
    let missing = number_drift(&[f64::NAN; 20], &[f64::NAN; 30]).unwrap();
    assert_eq!((missing.psi, missing.bins.len()), (0.0, 1));
    assert_eq!((number_drift(&[], &[1.0]), number_drift(&[1.0], &[])), (None, None));
    assert_eq!(level_drift(Vec::new(), vec![Some("a")]), None);
}

#[test]
fn indicators_are_compared_by_what_is_written() {
    let numbers = Values::Numeric(Arc::from([1.0, 2.0, 3.0, f64::NAN]));
    let found = indicator_drift((&numbers, &[0, 3]), (&numbers, &[1, 2, 99])).unwrap();
    assert_eq!(counts(&found), [[1, 2], [1, 0]]);
    let category = |codes: &[u32], levels: [&str; 2]| Values::Category {
        codes: codes.iter().map(|&code| (code < 9).then_some(code)).collect(),
        levels: levels.map(str::to_owned).to_vec(),
    };
    // The same levels in another order have other codes in another file.
    let (one, two) = (category(&[0, 0, 1, 9], ["x", "y"]), category(&[1, 1, 0], ["y", "x"]));
    let found = indicator_drift((&one, &[0, 1, 2, 3]), (&two, &[0, 1, 2])).unwrap();
    assert_eq!(counts(&found), [[2, 2], [1, 1], [1, 0]]);
    assert_eq!(indicator_drift((&one, &[0]), (&numbers, &[0])), None);
    assert_eq!(indicator_drift((&one, &[]), (&two, &[0])), None);
}

#[test]
fn bands_and_too_few() {
    let of = |reference: [usize; 2], other: [usize; 2]| {
        let levels = |n: [usize; 2]| rows(&[("a", n[0]), ("b", n[1])]);
        level_drift(levels(reference), levels(other)).unwrap()
    };
    assert_eq!(of([500, 500], [550, 450]).stability, Stability::Stable);
    assert_eq!(of([500, 500], [670, 330]).stability, Stability::SomeShift);
    assert_eq!(of([500, 500], [800, 200]).stability, Stability::LargeShift);
    // 9 rows in two bins.
    assert_eq!(of([500, 500], [9, 0]).stability, Stability::TooFew);
    // Chance alone would reach χ²₀.₉₅(1)·(1/14 + 1/14) = 0.55; only what is beyond is said.
    assert_eq!(of([7, 7], [9, 5]).stability, Stability::TooFew);
    assert_eq!(of([7, 7], [13, 1]).stability, Stability::LargeShift);
}

#[test]
fn samples_of_one_population_are_beyond_chance_in_one_case_of_twenty() {
    let mut random = stream(69, Purpose::Sample, 0);
    let mut beyond = 0;
    for _ in 0..1000 {
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| random.random::<f64>()).collect() };
        // Deciles of a large sample are nearly those of the population.
        beyond += usize::from(number_drift(&draw(2000), &draw(600)).unwrap().beyond_chance());
    }
    // 50 of 1000, with a standard deviation of 7.
    assert!((22..=78).contains(&beyond), "{beyond}");
}
