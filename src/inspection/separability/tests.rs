use ndarray::array;

use super::*;
use crate::data::{Dataset, RoleRequest, Source, splits};
use crate::training::{ModelKind, PreparedFold, RunSettings, RunSpec, learner, prepare};

fn go() -> AtomicBool {
    AtomicBool::new(false)
}

#[test]
fn a_line_through_separate_classes_by_hand() {
    let x = array![[0.0_f32, 7.0], [1.0, 7.0], [2.0, 7.0], [3.0, 7.0]];
    let bad = [false, false, true, true];
    let line = straight_line((&x, &bad), (&x, &bad), &go()).unwrap();
    assert_eq!((line.auc, line.accuracy), (1.0, 1.0));
    // Judged on rows of the opposite outcome it is always wrong, whatever the constant column does there.
    let far = array![[-1.0_f32, 0.0], [4.0, 9.0]];
    let line = straight_line((&x, &bad), (&far, &[true, false]), &go()).unwrap();
    assert_eq!((line.auc, line.accuracy), (0.0, 0.0));
}

#[test]
fn the_unit_of_a_column_does_not_matter() {
    let x = array![[0.0_f32, 1.0], [1.0, 3.0], [2.0, 0.0], [3.0, 5.0], [1.5, 2.0], [0.2, 4.0]];
    let bad = [false, true, false, true, true, false];
    let other = array![[0.5_f32, 1.0], [2.5, 3.5], [1.0, 4.0]];
    let held_out = [false, true, false];
    let scaled = |x: &Array2<f32>| x * &array![1024.0_f32, 0.125];
    let line = straight_line((&x, &bad), (&other, &held_out), &go()).unwrap();
    let same = straight_line((&scaled(&x), &bad), (&scaled(&other), &held_out), &go()).unwrap();
    for (a, b) in line.scores.iter().zip(&same.scores) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

#[test]
fn what_is_undefined_stays_so() {
    let x = array![[0.0_f32], [1.0], [2.0]];
    let bad = [false, true, true];
    let line = |x: &Array2<f32>, bad: &[bool], held_out: &[bool]| straight_line((x, bad), (x, held_out), &go());
    assert!(line(&x, &bad, &bad).is_some());
    assert!(line(&x, &[true; 3], &bad).is_none() && line(&x, &bad, &[false; 3]).is_none());
    assert!(line(&array![[f32::NAN], [1.0], [2.0]], &bad, &bad).is_none());
    assert!(line(&x, &bad[..2], &bad).is_none());
    assert!(straight_line((&x, &bad), (&x, &bad), &AtomicBool::new(true)).is_none());
    assert!(in_words(&[None, None], &[true; 3]).contains("undefined"));
    assert!(in_words(&[None, None], &bad).contains("undefined"));
}

#[test]
fn the_sentence_says_no_more_than_the_rows_do() {
    let bad: Vec<bool> = (0..40).map(|row| row % 2 == 0).collect();
    let line = |scores: Vec<f64>| {
        let auc = auc(&bad[..scores.len()], &scores).unwrap();
        Some(Line { auc, interval: None, accuracy: 0.5, scores })
    };
    let chance: Vec<f64> = (0..40).map(|row| f64::from(row * 7 % 11)).collect();
    let slightly: Vec<f64> = (0..40).map(|row| f64::from(row * 7 % 11) + if row == 0 { 5.0 } else { 0.0 }).collect();
    let right: Vec<f64> =
        bad.iter().enumerate().map(|(row, &bad)| f64::from(u8::from(bad)) * 9.0 + row as f64 / 9.0).collect();
    let words = |a: &[f64], b: &[f64]| in_words(&[line(a.to_vec()), line(b.to_vec())], &bad);
    assert!(words(&chance, &right).starts_with("The layers help a straight line"), "{}", words(&chance, &right));
    assert!(words(&right, &chance).starts_with("The layers stand in the way"));
    assert!(words(&chance, &slightly).starts_with("As far as 40 held-out rows can tell"));
    assert!(words(&chance, &chance).contains("+0.000"));
    let few = [line(chance.clone()[..2].to_vec()), line(right[..2].to_vec())];
    assert!(in_words(&few, &bad[..2]).contains("too few"));
    assert!(in_words(&[line(chance)], &bad).contains("no hidden layer"));
}

fn spec() -> RunSpec {
    RunSettings::default().check().unwrap()
}

fn folds(sample: &str) -> Vec<PreparedFold> {
    let source = Source::sample_named(sample, &RoleRequest::default(), &Default::default()).unwrap();
    let data: Dataset = source.dataset(&source.guess.roles).unwrap();
    let splits = splits(&data, &spec().settings.validation, 42).unwrap();
    splits.iter().map(|split| prepare(&data, split, &spec()).unwrap()).collect()
}

fn held_out_auc(kind: ModelKind, fold: &PreparedFold) -> f64 {
    let mut learner = learner(kind, &fold.training, &spec(), 42).unwrap();
    while !matches!(learner.advance(&mut |_| {}), Advance::Finished(_)) {}
    auc(&fold.bad_test, &learner.classifier().scores(fold.x_test.view()).to_vec()).unwrap()
}

fn line_of(fold: &PreparedFold) -> Line {
    let y: Vec<bool> = fold.training.y.iter().map(|&class| class == 1).collect();
    straight_line((&fold.training.x, &y), (&fold.x_test, &fold.bad_test), &go()).unwrap()
}

#[test]
fn no_line_divides_the_toy_sets_that_are_meant_to_show_it_and_nets_and_svms_do() {
    for (sample, range) in [("xor", 0.35..0.65), ("rings", 0.35..0.65), ("moons", 0.85..0.99)] {
        let folds = folds(sample);
        let line = folds.iter().map(|fold| line_of(fold).auc).sum::<f64>() / folds.len() as f64;
        assert!(range.contains(&line), "{sample}: {line}");
        for kind in [ModelKind::Dbn, ModelKind::Svm] {
            let auc = held_out_auc(kind, &folds[0]);
            assert!(auc > 0.95, "{sample} by {kind:?}: {auc}");
        }
    }
}
