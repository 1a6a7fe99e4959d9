use super::*;
use crate::random::{Purpose, stream};
use rand::RngExt as _;

fn scale(bounds: &[f64]) -> MasterScale {
    MasterScale { bounds: bounds.to_vec() }
}

/// Rows as (PD, rows, bad rows).
fn cuts(groups: &[(f64, usize, usize)]) -> Cuts {
    let mut rows: Vec<(bool, f64)> = Vec::new();
    for &(pd, n, bad) in groups {
        rows.extend((0..n).map(|i| (i < bad, pd)));
    }
    let (bad, pd): (Vec<bool>, Vec<f64>) = rows.into_iter().unzip();
    Cuts::new(&bad, &pd, None).unwrap()
}

#[test]
fn a_pd_on_a_bound_belongs_to_the_worse_grade() {
    let scale = scale(&[0.1, 0.4]);
    let found = [0.0, 0.0999, 0.1, 0.4, 1.0, f64::NAN].map(|pd| scale.grade(pd));
    assert_eq!(found, [Some(0), Some(0), Some(1), Some(2), Some(2), None]);
    assert_eq!((scale.n_grades(), MasterScale::name(0), MasterScale::name(9)), (3, 'A', 'J'));
}

#[test]
fn equal_frequency_by_hand() {
    // Ten rows, five grades: two in each, bounds halfway.
    let ten: Vec<(f64, usize, usize)> = (1..=10).map(|i| (f64::from(i) / 20.0, 1, 0)).collect();
    let found = MasterScale::equal_frequency(&cuts(&ten), 5).unwrap();
    for (bound, expected) in found.bounds().iter().zip([0.125, 0.225, 0.325, 0.425]) {
        assert!((bound - expected).abs() < 1e-12);
    }
    // Rows of one PD stay together, and no grade is left without rows.
    let tied = MasterScale::equal_frequency(&cuts(&[(0.1, 6, 0), (0.2, 1, 0), (0.3, 3, 0)]), 5).unwrap();
    assert!(
        tied.n_grades() == 3 && tied.grades(&cuts(&[(0.1, 6, 0), (0.2, 1, 0), (0.3, 3, 0)])).iter().all(|g| g.rows > 0)
    );
    assert_eq!(MasterScale::equal_frequency(&cuts(&[(0.1, 9, 2)]), 5).unwrap().n_grades(), 1);
    assert_eq!(MasterScale::equal_frequency(&cuts(&ten), 11), Err(ScaleError::Grades(11)));
}

#[test]
fn bands_double_by_default_and_drawn_bounds_rise() {
    let bands = MasterScale::bands(BANDS[0], BANDS[1], 8).unwrap();
    for (bound, expected) in bands.bounds().iter().zip([0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16]) {
        assert!((bound - expected).abs() < 1e-15);
    }
    assert_eq!(bands.n_grades(), 8);
    assert!(matches!(MasterScale::bands(0.2, 0.1, 7), Err(ScaleError::Ends { .. })));
    assert!(MasterScale::bands(0.0, 0.1, 7).is_err() && MasterScale::bands(f64::NAN, 0.1, 7).is_err());
    // Neighbouring numbers leave no room for bounds between them.
    assert!(matches!(MasterScale::bands(0.1, 0.1_f64.next_up(), 7), Err(ScaleError::Bound(_))));

    assert_eq!(MasterScale::drawn(vec![0.1, 0.2, 0.2, 0.4]), Err(ScaleError::Bound(0.2)));
    assert!(MasterScale::drawn(vec![0.1, 0.2, f64::NAN, 0.4]).is_err());
    assert_eq!(MasterScale::drawn(vec![0.1]), Err(ScaleError::Grades(2)));
    assert!(MasterScale::drawn(vec![0.1, 0.2, 0.3, 0.4]).is_ok());
}

#[test]
fn pooling_by_hand() {
    // Rates 0, 0, 2/10, 1/10, none, 5/10: the two zeros pool, 2/10 with 1/10, the empty grade with a neighbour.
    let rows = cuts(&[(0.05, 4, 0), (0.15, 6, 0), (0.25, 10, 2), (0.35, 10, 1), (0.55, 10, 5)]);
    let pooled = scale(&[0.1, 0.2, 0.3, 0.4, 0.5]).made_monotone(&rows);
    assert_eq!(pooled.bounds(), [0.2, 0.5]);
    let found: Vec<_> = pooled.grades(&rows).iter().map(|g| (g.name, g.rows, g.bad)).collect();
    assert_eq!(found, [('A', 10, 0), ('B', 20, 3), ('C', 10, 5)]);
    // Backwards, everyone is in one grade.
    let backwards = cuts(&[(0.05, 10, 5), (0.25, 10, 1)]);
    assert_eq!(scale(&[0.1, 0.2]).made_monotone(&backwards).n_grades(), 1);
    // A rate that falls after two that rose pulls both in: 1/10, 2/10, 0/10.
    let falling = cuts(&[(0.05, 10, 1), (0.15, 10, 2), (0.25, 10, 0), (0.35, 10, 4)]);
    assert_eq!(scale(&[0.1, 0.2, 0.3]).made_monotone(&falling).bounds(), [0.3]);
}

#[test]
fn grades_by_hand() {
    let rows = cuts(&[(0.01, 300, 2), (0.03, 100, 3), (0.5, 4, 2)]);
    let found = scale(&[0.1, 0.4]).grades(&rows);
    let [a, b, c] = &found[..] else { panic!("{found:?}") };
    assert_eq!((a.from, a.to, a.rows, a.bad, a.bad_rate), (0.0, 0.1, 400, 5, Some(0.0125)));
    assert!((a.mean_pd.unwrap() - 0.015).abs() < 1e-12);
    assert_eq!((b.rows, b.mean_pd, b.bad_rate, b.backtest.light), (0, None, None, Light::TooFew));
    assert_eq!((c.to, c.rows, c.mean_pd), (1.0, 4, Some(0.5)));
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json[1]["backtest"], serde_json::json!({ "p_value": null, "light": "too_few" }));
}

/// `scipy.stats.beta.cdf(pd, D + 0.5, N − D + 0.5)`, version 1.17.
#[test]
fn jeffreys_p_values_are_those_of_scipy() {
    for (bad, rows, pd, p, light) in [
        (3, 50, 0.01, 0.0048505076416607475, Light::PdTooLow),
        (12, 500, 0.01, 0.003174739831155011, Light::PdTooLow),
        (5, 500, 0.01, 0.47006454814558524, Light::Consistent),
        (40, 500, 0.1, 0.9355344497268124, Light::Consistent),
        (35, 500, 0.1, 0.9900867435315026, Light::PdTooHigh),
        (30, 500, 0.1, 0.9992530586348325, Light::PdTooHigh),
        (0, 150, 0.01, 0.9177633450209938, Light::TooFew),
        (0, 200, 0.01, 0.9551738144542495, Light::PdTooHigh),
        (2, 200, 0.01, 0.4513071769124478, Light::Consistent),
        (20_000, 1_000_000, 0.0202, 0.9226022191941412, Light::Consistent),
    ] {
        let found = BackTest::new(rows, bad, Some(pd));
        assert!((found.p_value.unwrap() - p).abs() < 1e-8, "{found:?} against {p}");
        assert_eq!(found.light, light, "{bad} of {rows} at {pd}");
    }
}

#[test]
fn too_few_and_what_is_no_test() {
    // One row can contradict no PD of 5 % by being good; by being bad it does.
    assert_eq!(BackTest::new(1, 0, Some(0.05)).light, Light::TooFew);
    assert_eq!(BackTest::new(1, 1, Some(0.01)).light, Light::PdTooLow);
    // At PDs near 1 it is the other side that no row could contradict.
    assert_eq!(BackTest::new(20, 19, Some(0.97)).light, Light::TooFew);
    // No bad row is no sign of a PD too low, though Jeffreys' prior holds a rate of 0 for impossible.
    let none = BackTest::new(100, 0, Some(0.0));
    assert_eq!((none.p_value, none.light), (Some(0.0), Light::TooFew));
    for (rows, bad, pd) in
        [(0, 0, Some(0.1)), (2, 3, Some(0.1)), (10, 1, None), (10, 1, Some(f64::NAN)), (10, 1, Some(1.5))]
    {
        assert_eq!(BackTest::new(rows, bad, pd), BackTest { p_value: None, light: Light::TooFew });
    }
}

#[test]
fn right_pds_are_called_wrong_as_seldom_as_promised() {
    let mut random = stream(64, Purpose::Sample, 0);
    let mut found = [0; 2];
    for _ in 0..2000 {
        let bad = (0..400).filter(|_| random.random_bool(0.1)).count();
        match BackTest::new(400, bad, Some(0.1)).light {
            Light::PdTooLow => found[0] += 1,
            Light::PdTooHigh => found[1] += 1,
            Light::Consistent => {}
            Light::TooFew => panic!("40 bad rows are expected"),
        }
    }
    // 100 of 2000 each; four standard deviations of a count of 100 are 39.
    assert!(found.iter().all(|count| (61..=139).contains(count)), "{found:?}");
}

#[test]
fn pooled_grades_rise_and_keep_every_row() {
    for index in 0..200 {
        let mut random = stream(65, Purpose::Sample, index);
        let n = random.random_range(1..300);
        let pd: Vec<f64> = (0..n).map(|_| f64::from(random.random_range(0..=30_u8)) / 30.0).collect();
        let bad: Vec<bool> = pd.iter().map(|_| random.random_bool(0.3)).collect();
        let rows = Cuts::new(&bad, &pd, None).unwrap();
        let bands = MasterScale::bands(0.02, 0.9, 10).unwrap();
        for scale in [MasterScale::equal_frequency(&rows, 7).unwrap(), bands] {
            let grades = scale.made_monotone(&rows).grades(&rows);
            assert_eq!(grades.iter().map(|g| g.rows).sum::<usize>(), n);
            assert_eq!(grades.iter().map(|g| g.bad).sum::<usize>(), bad.iter().filter(|b| **b).count());
            assert!(grades.is_sorted_by(|a, b| a.bad_rate.unwrap() < b.bad_rate.unwrap()));
            for (index, grade) in grades.iter().enumerate() {
                let own = pd.iter().filter(|pd| scale.made_monotone(&rows).grade(**pd) == Some(index));
                assert!((own.sum::<f64>() / grade.rows as f64 - grade.mean_pd.unwrap()).abs() < 1e-12);
            }
        }
    }
}
