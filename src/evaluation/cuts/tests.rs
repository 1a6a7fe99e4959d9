use super::*;
use crate::random::{Purpose, Stream, stream};
use rand::RngExt as _;

const COSTS: Costs = Costs { false_good: 5.0, false_bad: 1.0 };

/// Six rows: PDs 0.1 good, 0.2 bad, 0.4 good and bad, 0.6 good, 0.9 bad, with exposures 10, 20, 30, 40, none, 60.
fn six() -> Cuts {
    let bad = [true, false, true, false, true, false];
    let pd = [0.9, 0.6, 0.4, 0.4, 0.2, 0.1];
    Cuts::new(&bad, &pd, Some(&[60.0, f64::NAN, 40.0, 30.0, 20.0, 10.0])).unwrap()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
}

#[test]
fn a_cut_by_hand() {
    let cut = six().at(0.4);
    assert_eq!(cut.confusion, Confusion { true_bad: 2, false_bad: 2, true_good: 1, false_good: 1 });
    assert_eq!((cut.threshold, cut.approved()), (0.4, 2));
    close(cut.approval_rate(), 2.0 / 6.0);
    assert_eq!((cut.bad_rate_approved(), cut.cost(COSTS)), (Some(0.5), Some(7.0)));

    let losses = cut.losses(0.5).unwrap();
    close(losses.expected_approved, 0.5 * (0.1 * 10.0 + 0.2 * 20.0));
    close(losses.expected_all, 0.5 * (1.0 + 4.0 + 0.4 * 30.0 + 0.4 * 40.0 + 0.9 * 60.0));
    close(losses.realised_approved, 0.5 * 20.0);
    assert_eq!((cut.losses(1.1), cut.losses(f64::NAN)), (None, None));
    assert_eq!((six().unpriced(), six().n_rows()), (Some(1), 6));
}

#[test]
fn the_ends_and_numbers_that_are_none() {
    let cuts = six();
    let nobody = cuts.at(0.0);
    assert_eq!((nobody.approved(), nobody.bad_rate_approved()), (0, None));
    assert_eq!(nobody.losses(1.0).unwrap().expected_approved, 0.0);
    for threshold in [1.0, f64::INFINITY, f64::NAN] {
        assert_eq!(cuts.at(threshold).approved(), 6);
    }
    let without = Cuts::new(&[true, false], &[0.4, 0.2], None).unwrap();
    assert_eq!((without.at(0.3).losses(0.45), without.unpriced()), (None, None));

    assert!(Cuts::new(&[], &[], None).is_none());
    assert!(Cuts::new(&[true], &[f64::NAN], None).is_none());
    assert!(Cuts::new(&[true], &[1.5], None).is_none());
    assert!(Cuts::new(&[true], &[0.1, 0.2], None).is_none());
    assert!(Cuts::new(&[true], &[0.1], Some(&[])).is_none());
    let odd = Cuts::new(&[true; 3], &[0.1, 0.2, 0.3], Some(&[-1.0, f64::INFINITY, 2.0])).unwrap();
    assert_eq!(odd.unpriced(), Some(2));
    close(odd.at(1.0).losses(1.0).unwrap().realised_approved, 2.0);
}

#[test]
fn choices_by_hand() {
    let cuts = six();
    // 5·FN + FP with 0 to 6 rows approved, the tied two together: 3, 2, 7, 11, 10, 15.
    close(cuts.least_cost(COSTS).unwrap(), 0.15); // FN 0, FP 2
    close(cuts.least_cost(Costs { false_good: 1.0, false_bad: 5.0 }).unwrap(), 0.75); // FN 2, FP 0
    // TPR − FPR: 0, 1/3, 0, 0, 1/3, 0: the higher threshold of the two.
    close(cuts.ks_point().unwrap(), 0.75);
    // Bad among the approved: 0/1, 1/2, 2/4, 2/5, 3/6.
    close(cuts.target_bad_rate(0.0).unwrap(), 0.15);
    close(cuts.target_bad_rate(0.4).unwrap(), 0.75);
    close(cuts.target_bad_rate(0.5).unwrap(), 0.95);
    close(cuts.target_approval(0.3).unwrap(), 0.3);
    close(cuts.target_approval(0.5).unwrap(), 0.5); // the two rows at 0.4 go together
    close(cuts.target_approval(1.0).unwrap(), 0.95);
    // Called bad: 6, 5, 4, 2, 1, 0.
    close(cuts.capacity(3).unwrap(), 0.5);
    close(cuts.capacity(0).unwrap(), 0.95);
    close(cuts.capacity(100).unwrap(), 0.05);
    close(cuts.capacity_share(0.5).unwrap(), 0.5);
}

#[test]
fn why_there_is_no_threshold() {
    let cuts = six();
    let bad_costs = Costs { false_good: 0.0, false_bad: 0.0 };
    assert_eq!(cuts.least_cost(bad_costs), Err(NoCut::Costs(bad_costs)));
    assert!(matches!(cuts.least_cost(Costs { false_good: f64::NAN, false_bad: 1.0 }), Err(NoCut::Costs(_))));
    assert_eq!(cuts.target_approval(1.5), Err(NoCut::Share(1.5)));
    assert!(cuts.capacity_share(f64::NAN).is_err() && cuts.target_bad_rate(-0.1).is_err());

    let backwards = Cuts::new(&[true, false], &[0.1, 0.2], None).unwrap();
    assert_eq!(backwards.ks_point(), Err(NoCut::NothingTold));
    assert_eq!(backwards.target_bad_rate(0.2), Err(NoCut::BadRate { lowest: Some(0.5) }));
    let message = backwards.target_bad_rate(0.2).unwrap_err().to_string();
    assert_eq!(
        message,
        "No threshold keeps the bad rate among the approved that low: the lowest it can be is 50.00 %."
    );
    let good = Cuts::new(&[false, false], &[0.1, 0.2], None).unwrap();
    assert_eq!((good.ks_point(), good.least_cost(COSTS)), (Err(NoCut::OneClass), Ok(0.6)));

    let certain = Cuts::new(&[true, false, true], &[1.0, 0.0, 1.0], None).unwrap();
    assert_eq!(certain.target_approval(0.5), Err(NoCut::Certain { certain: 2 }));
    assert_eq!((certain.capacity(1), certain.capacity(2)), (Err(NoCut::Certain { certain: 2 }), Ok(0.5)));
    assert_eq!(Cuts::new(&[true], &[1.0], None).unwrap().target_bad_rate(1.0), Err(NoCut::BadRate { lowest: None }));
}

#[test]
fn thresholds_between_numbers_that_touch() {
    let low = 0.3_f64;
    let cuts = Cuts::new(&[false, true, true], &[low, low.next_up(), 1.0_f64.next_down()], None).unwrap();
    let threshold = cuts.target_approval(0.3).unwrap();
    assert_eq!((threshold, cuts.at(threshold).approved()), (low.next_up(), 1));
    assert_eq!(cuts.target_approval(1.0), Err(NoCut::Certain { certain: 1 }));
    let tiny = Cuts::new(&[false, true], &[0.0, f64::from_bits(1)], None).unwrap();
    let threshold = tiny.target_bad_rate(0.0).unwrap();
    assert!(threshold > 0.0 && tiny.at(threshold).approved() == 1);
}

/// Rows with many ties, some at 0 and 1.
fn drawn(random: &mut Stream) -> (Vec<bool>, Vec<f64>) {
    let n = random.random_range(1..40);
    let steps = random.random_range(1..20);
    let pd: Vec<f64> = (0..n).map(|_| f64::from(random.random_range(0..=steps)) / f64::from(steps)).collect();
    (pd.iter().map(|p| random.random_bool(0.2 + 0.6 * p)).collect(), pd)
}

#[test]
fn every_threshold_agrees_with_counting_the_rows() {
    for index in 0..300 {
        let mut random = stream(62, Purpose::Sample, index);
        let (bad, pd) = drawn(&mut random);
        let exposure: Vec<f64> = pd.iter().map(|_| random.random_range(0.0..100.0)).collect();
        let cuts = Cuts::new(&bad, &pd, Some(&exposure)).unwrap();
        let mut before: Option<Confusion> = None;
        for step in (0..=50).rev() {
            let threshold = f64::from(step) / 50.0;
            let cut = cuts.at(threshold);
            assert_eq!(Some(cut.confusion), Confusion::at(&bad, &pd, threshold));
            let approved = || (0..pd.len()).filter(|&i| pd[i] < threshold);
            let losses = cut.losses(0.45).unwrap();
            close(losses.expected_approved / 1e3, approved().map(|i| pd[i] * exposure[i] * 0.45).sum::<f64>() / 1e3);
            let lost = approved().filter(|&i| bad[i]).map(|i| exposure[i] * 0.45).sum::<f64>();
            close(losses.realised_approved / 1e3, lost / 1e3);
            // A lower threshold calls more rows bad: recall and FPR never fall.
            if let Some(before) = before {
                assert!(cut.confusion.true_bad >= before.true_bad && cut.confusion.false_bad >= before.false_bad);
            }
            before = Some(cut.confusion);
        }
        // Neither the order of the rows nor that of tied ones changes a bit.
        let turned = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
        let bad_turned: Vec<bool> = bad.iter().rev().copied().collect();
        let other = Cuts::new(&bad_turned, &turned(&pd), Some(&turned(&exposure))).unwrap();
        assert_eq!(other.at(0.37).losses(0.45), cuts.at(0.37).losses(0.45));
    }
}

#[test]
fn choices_agree_with_trying_every_threshold() {
    for index in 0..300 {
        let mut random = stream(63, Purpose::Sample, index);
        let (bad, pd) = drawn(&mut random);
        let cuts = Cuts::new(&bad, &pd, None).unwrap();
        // PDs are multiples of at least 1/20: these thresholds take the rows apart in every way there is.
        let all: Vec<Cut> = (1..1000).map(|i| cuts.at(f64::from(i) / 1000.0)).collect();
        let approved_by = |choice: Result<f64, NoCut>| choice.ok().map(|t| cuts.at(t).approved());
        let most = |meets: &dyn Fn(&Cut) -> bool| all.iter().filter(|c| meets(c)).map(Cut::approved).max();
        let least = |meets: &dyn Fn(&Cut) -> bool| all.iter().filter(|c| meets(c)).map(Cut::approved).min();

        let cost = |c: &Cut| c.cost(COSTS).unwrap();
        let lowest = all.iter().map(cost).fold(f64::INFINITY, f64::min);
        assert_eq!(approved_by(cuts.least_cost(COSTS)), most(&|c| cost(c) == lowest));

        let youden = |c: &Cut| Some(c.confusion.recall()? - (1.0 - c.confusion.specificity()?));
        let best = all.iter().filter_map(youden).fold(f64::NEG_INFINITY, f64::max);
        let expected = (best > 1e-9).then(|| most(&|c| youden(c).is_some_and(|y| y > best - 1e-9))).flatten();
        assert_eq!(approved_by(cuts.ks_point()), expected);

        let share = random.random::<f64>();
        let n = random.random_range(0..=pd.len());
        let called = |c: &Cut| pd.len() - c.approved();
        let below = |c: &Cut| c.bad_rate_approved().is_some_and(|rate| rate <= share);
        assert_eq!(approved_by(cuts.target_bad_rate(share)), most(&below));
        assert_eq!(approved_by(cuts.target_approval(share)), least(&|c| c.approval_rate() >= share));
        assert_eq!(approved_by(cuts.capacity(n)), least(&|c| called(c) <= n));
        let called_share = |c: &Cut| called(c) as f64 / pd.len() as f64;
        assert_eq!(approved_by(cuts.capacity_share(share)), least(&|c| called_share(c) <= share));
    }
}

#[test]
fn histogram_by_hand() {
    assert_eq!(six().histogram(&[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), [[1, 0], [0, 1], [1, 1], [1, 0], [0, 1]]);
    assert_eq!(six().histogram(&[0.3, 0.4]), [[3, 3]], "what lies beyond is in the bins at the ends");
    assert!(six().histogram(&[]).is_empty() && six().histogram(&[0.5]).is_empty());
    let ends = Cuts::new(&[true, false], &[1.0, 0.0], None).unwrap();
    assert_eq!(ends.histogram(&[0.0, 0.5, 1.0]), [[1, 0], [0, 1]]);
}
