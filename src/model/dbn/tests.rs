//! The learner as a whole. Gradients and energies are proven in `rbm` and `network`.

use super::*;
use crate::model::network::{Activation, Network};
use crate::model::rbm::Visible;
use crate::model::{ClassWeight, Series};
use crate::random::stream;
use rand::RngExt as _;
use rand_distr::{Distribution as _, StandardNormal};

/// Two noisy moons: not linearly separable, learnable by a small net.
fn moons(n: usize, seed: u64) -> TrainingSet {
    let mut random = stream(seed, Purpose::Sample, 0);
    let mut x = Array2::zeros((n, 2));
    let mut y = Vec::new();
    for i in 0..n {
        let class = i % 2;
        let t = std::f32::consts::PI * random.random::<f32>();
        let (a, b): (f32, f32) = (StandardNormal.sample(&mut random), StandardNormal.sample(&mut random));
        let (px, py) = if class == 0 { (t.cos(), t.sin()) } else { (1.0 - t.cos(), 0.5 - t.sin()) };
        x[[i, 0]] = (px - 0.5) * 1.2 + 0.1 * a;
        x[[i, 1]] = (py - 0.25) * 2.0 + 0.1 * b;
        y.push(class);
    }
    TrainingSet { x, y, x_unlabelled: Array2::zeros((0, 2)), n_classes: 2, groups: Vec::new() }
}

fn small() -> DbnSettings {
    let mut settings = DbnSettings { layers: vec![12, 8], nets: 1, ..DbnSettings::default() };
    settings.pre_training.epochs = Some(4);
    settings.pre_training.batch_size = Some(16);
    settings.fine_tuning.epochs = Some(6);
    settings.fine_tuning.batch_size = Some(16);
    settings
}

/// The same with other settings of fine-tuning.
fn tuned(change: impl FnOnce(&mut FineTuningSettings)) -> DbnSettings {
    let mut settings = small();
    change(&mut settings.fine_tuning);
    settings
}

fn learner(set: &TrainingSet, settings: &DbnSettings, start: Start, seed: u64) -> DbnLearner {
    DbnLearner::new(&Arc::new(set.clone()), settings.check().unwrap(), start, seed).unwrap()
}

/// The rows that a single net sets apart, and their classes.
fn validation_rows(set: &TrainingSet, learner: &DbnLearner) -> (Array2<f32>, Vec<usize>) {
    let share = learner.parameters.settings.fine_tuning.validation_share;
    let rows = folds::single_rows(&Arc::new(set.clone()), share, learner.seed);
    let chosen: Vec<usize> = rows.validation().iter().map(|&row| row as usize).collect();
    (set.x.select(ndarray::Axis(0), &chosen), chosen.iter().map(|&row| set.y[row]).collect())
}

fn run(learner: &mut DbnLearner) -> (StopReason, Vec<Point>) {
    let mut points = Vec::new();
    loop {
        if let Advance::Finished(reason) = learner.advance(&mut |p| points.push(p)) {
            return (reason, points);
        }
    }
}

#[test]
fn learns_two_moons_and_says_how() {
    let settings = tuned(|f| (f.epochs, f.rate) = (Some(300), 0.03));
    for start in [Start::PreTrained, Start::Random] {
        let mut l = learner(&moons(300, 1), &settings, start, 5);
        let (reason, points) = run(&mut l);
        assert_eq!(reason, StopReason::Completed);
        let test = moons(400, 2);
        let p = l.classifier().probabilities(test.x.view());
        let right = (0..400).filter(|&i| (p[[i, 1]] > 0.5) == (test.y[i] == 1)).count();
        assert!(right > 350, "{start:?}: {right} of 400");
        let has = |series| points.iter().any(|p| p.series == series);
        assert!(has(Series::LossValidation) && has(Series::AccuracyTraining));
        assert_eq!(has(Series::ReconstructionValidation(1)), start == Start::PreTrained);
        let FitFacts::Dbn { layers, pretrain_epochs, reconstruction_error, best_epochs, .. } = l.facts() else {
            panic!("facts of a DBN")
        };
        assert_eq!(layers, [12, 8]);
        assert_eq!(pretrain_epochs, if start == Start::PreTrained { 4 } else { 0 });
        assert_eq!(reconstruction_error.len(), if start == Start::PreTrained { 2 } else { 0 });
        assert!((1..=300).contains(&best_epochs[0]));
    }
}

#[test]
fn three_classes_are_learned_too() {
    let mut set = moons(240, 3);
    for i in 0..240 {
        if i % 3 == 0 {
            set.y[i] = 2;
            set.x[[i, 0]] += 4.0;
        }
    }
    set.n_classes = 3;
    let settings = tuned(|f| (f.epochs, f.rate) = (Some(150), 0.02));
    let mut l = learner(&set, &settings, Start::PreTrained, 1);
    run(&mut l);
    let p = l.classifier().probabilities(set.x.view());
    assert!(p.rows().into_iter().all(|r| (r.sum() - 1.0).abs() < 1e-9));
    let right = (0..240).filter(|&i| (0..3).all(|k| p[[i, k]] <= p[[i, set.y[i]]])).count();
    assert!(right > 215, "{right} of 240");
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_does_not() {
    let set = moons(90, 4);
    let weights = |seed| {
        let mut l = learner(&set, &small(), Start::PreTrained, seed);
        run(&mut l);
        weights(&l)
    };
    assert_eq!(weights(1), weights(1));
    assert_ne!(weights(1), weights(2));
}

#[test]
fn unlabelled_rows_take_part_in_pre_training_only() {
    let mut set = moons(60, 5);
    // The edges of a piecewise linear skip input are those of all rows.
    let settings = tuned(|f| f.skip = SkipInput::Linear);
    let plain = run(&mut learner(&set, &settings, Start::Random, 1)).1;
    let plain_dbn = run(&mut learner(&set, &settings, Start::PreTrained, 1)).1;
    set.x_unlabelled = moons(100, 6).x;
    assert_eq!(run(&mut learner(&set, &settings, Start::Random, 1)).1, plain);
    assert_ne!(run(&mut learner(&set, &settings, Start::PreTrained, 1)).1, plain_dbn);
}

#[test]
fn the_unfolded_net_is_the_up_pass_bit_for_bit() {
    let set = moons(60, 7);
    let rows = folds::single_rows(&Arc::new(set.clone()), 0.2, 1);
    let first = Rbm::new(Visible::Gaussian, 5, &set.x, &mut stream(1, Purpose::InitialWeights, 0));
    let h1 = first.hidden_mean(&set.x);
    let second = Rbm::new(Visible::Bernoulli, 3, &h1, &mut stream(1, Purpose::InitialWeights, 1));
    let h2 = second.hidden_mean(&h1);
    let network = fine_tuning::unfold(&[first, second], &rows, 1);
    let top = Network { layers: vec![network.layers[2].clone()], skip: None, activation: Activation::Logistic };
    assert_eq!(network.logits(&set.x), top.logits(&h2));
}

#[test]
fn a_huge_rate_stops_with_the_phase_the_epoch_and_a_smaller_rate() {
    let set = moons(200, 8);
    let mut settings = small();
    settings.pre_training.gaussian_rate = 1.0;
    settings.pre_training.epochs = Some(50);
    let mut l = learner(&TrainingSet { x: &set.x * 30.0, ..set.clone() }, &settings, Start::PreTrained, 1);
    let (reason, _) = run(&mut l);
    let StopReason::Diverged { phase, epoch, rate, try_rate } = &reason else { panic!("{reason:?}") };
    assert_eq!((phase.as_str(), *rate, *try_rate), ("RBM 1", 1.0, 0.3));
    assert!(*epoch >= 1);
    assert!(weights(&l)[0].iter().all(|w| w.is_finite()), "the last good state is kept");
    let p = l.classifier().probabilities(set.x.view());
    assert!(p.iter().all(|p| p.is_finite()));
    assert_eq!(l.advance(&mut |_| ()), Advance::Finished(reason), "says so again");
}

#[test]
fn a_run_that_is_stopped_leaves_the_best_epoch_so_far() {
    let settings = tuned(|f| (f.epochs, f.rate) = (Some(400), 0.1));
    let mut set = moons(60, 12);
    let mut random = stream(4, Purpose::Sample, 1);
    set.y = (0..60).map(|i| if i < 2 { i } else { usize::from(random.random::<bool>()) }).collect();
    let mut l = learner(&set, &settings, Start::Random, 3);
    let mut losses = Vec::new();
    while losses.len() < 15 {
        l.advance(&mut |p| losses.extend((p.series == Series::LossValidation).then_some(p.y)));
    }
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(losses[14] > best, "the last epoch is not the best one");
    let (x, y) = validation_rows(&set, &l);
    let p = l.classifier().probabilities(x.view());
    let loss: f64 = y.iter().enumerate().map(|(i, &y)| -p[[i, y]].ln()).sum();
    assert!((loss / y.len() as f64 - best).abs() < 1e-6);
}

#[test]
fn class_weights_leave_the_mean_probability_at_the_bad_rate() {
    let mut set = moons(400, 13);
    for i in (0..400).filter(|i| i % 8 != 1) {
        set.y[i] = 0;
    }
    let rate = set.y.iter().sum::<usize>() as f64 / 400.0;
    let settings = |class_weight| tuned(|f| (f.epochs, f.class_weight) = (Some(60), class_weight));
    for weight in [ClassWeight::None, ClassWeight::Balanced] {
        let mut l = learner(&set, &settings(weight), Start::Random, 3);
        run(&mut l);
        let mean = l.classifier().probabilities(set.x.view()).column(1).mean().unwrap();
        assert!((mean - rate).abs() < 0.04, "{weight:?}: {mean} for {rate}");
    }
}

#[test]
fn tuning_between_portions_takes_effect() {
    let set = moons(90, 10);
    let epoch = |l: &mut DbnLearner| while l.advance(&mut |_| ()) == Advance::Within {};
    let mut a = learner(&set, &small(), Start::PreTrained, 1);
    let mut b = learner(&set, &small(), Start::PreTrained, 1);
    epoch(&mut a);
    epoch(&mut b);
    assert_eq!(weights(&a), weights(&b));
    b.tune(&Tunables { gaussian_rate: 0.1, ..small().tunables() });
    epoch(&mut a);
    epoch(&mut b);
    assert_ne!(weights(&a), weights(&b));
}

/// The weights as they are, from the lowest layer.
pub(super) fn weights(learner: &DbnLearner) -> Vec<Array2<f32>> {
    match learner.current.network() {
        Some(network) => network.layers.iter().map(|layer| layer.w.clone()).collect(),
        None => learner.current.machines().into_iter().map(|rbm| rbm.w).collect(),
    }
}
