//! The run of fine-tuning: schedule, early stopping, portions and edges. The gradient is proven in `network`.

use std::sync::Arc;

use super::super::{DbnSettings, EarlyStopping, FineTuningSettings, SkipInput};
use super::*;
use crate::model::TrainingSet;
use crate::model::network::{Activation, Layer, Optimizer};
use ndarray::array;
use rand::RngExt as _;

/// Labelled rows of noise in three columns, a class among two that depends on them only in part, and unlabelled rows.
fn set(n: usize, seed: u64) -> Arc<TrainingSet> {
    let mut random = stream(seed, Purpose::Sample, 0);
    let mut noise = |rows| Array2::from_shape_simple_fn((rows, 3), || random.random::<f32>() * 4.0 - 2.0);
    let (x, x_unlabelled) = (noise(n), noise(n / 2));
    let y = x.rows().into_iter().enumerate().map(|(i, x)| usize::from(i == 1 || (i > 1 && x[0] * x[1] + x[2] > 0.5)));
    Arc::new(TrainingSet { y: y.collect(), x, x_unlabelled, n_classes: 2, groups: Vec::new() })
}

/// The last `held` of the labelled rows are set apart.
fn rows(set: &Arc<TrainingSet>, held: usize) -> Rows {
    let n = set.y.len() as Row;
    let fit = n - held as Row;
    Rows::new(Arc::clone(set), (0..fit).collect(), (fit..n).collect())
}

fn parameters(change: impl FnOnce(&mut FineTuningSettings)) -> DbnParameters {
    let mut settings = DbnSettings { layers: vec![6, 4], ..DbnSettings::default() };
    settings.fine_tuning.epochs = Some(8);
    settings.fine_tuning.batch_size = Some(16);
    change(&mut settings.fine_tuning);
    settings.check().unwrap()
}

fn stage(p: &DbnParameters, rows: &Rows) -> FineTuning {
    FineTuning::new(
        random_network(&p.settings.layers, p.settings.pre_training.hidden, rows, 1),
        p,
        rows,
        NetOf::SINGLE,
        1,
    )
}

/// Trains to the end in portions of so many multiply-adds, and gives the losses measured on the way.
fn finish(stage: &mut FineTuning, p: &DbnParameters, rows: &Rows, portion: usize) -> (StopReason, Vec<Measures>) {
    let (mut seen, mut measured) = (0, Vec::new());
    for _ in 0..1_000_000 {
        match stage.advance(portion, rows, p.settings.fine_tuning.rate, &mut seen) {
            Portion::Within => {}
            Portion::EpochEnd(reason) => {
                measured.extend(stage.validation.or(stage.training));
                if let Some(reason) = reason {
                    return (reason, measured);
                }
            }
        }
    }
    panic!("endless");
}

#[test]
fn portions_and_looks_at_the_net_in_between_change_no_bit() {
    let set = set(100, 1);
    let rows = rows(&set, 20);
    let p = parameters(|f| f.early_stopping = EarlyStopping::Auc);
    let mut whole = stage(&p, &rows);
    let (reason, measured) = finish(&mut whole, &p, &rows, usize::MAX);
    for portion in [1, 5_000] {
        let mut parts = stage(&p, &rows);
        assert_eq!(finish(&mut parts, &p, &rows, portion), (reason.clone(), measured.clone()));
        assert_eq!(parts.take_best(), whole.take_best());
        assert_eq!(parts.network, whole.network);
    }
    let mut watched = stage(&p, &rows);
    let mut seen = 0;
    while watched.epochs_done() < 8 {
        watched.advance(1, &rows, p.settings.fine_tuning.rate, &mut seen);
        watched.take_best();
        watched.measure(&rows, rows.fit(), 10);
    }
    assert_eq!(watched.network, whole.network);
    assert_eq!(seen, 8 * 80);
}

#[test]
fn odd_numbers_of_rows_are_learned_from() {
    let all = set(33, 2);
    for (n, held, batch) in [(33, 0, 16), (33, 8, 1000), (2, 0, 16), (3, 2, 16), (33, 32, 4)] {
        let few = TrainingSet { x: all.x.slice(s![..n, ..]).to_owned(), y: all.y[..n].to_vec(), ..(*all).clone() };
        let rows = rows(&Arc::new(few), held);
        let p = parameters(|f| f.batch_size = Some(batch));
        let mut stage = stage(&p, &rows);
        let (reason, measured) = finish(&mut stage, &p, &rows, usize::MAX);
        assert_eq!(reason, StopReason::Completed);
        assert_eq!(measured.len(), 8);
        assert!(measured.iter().all(|m| m.loss.is_finite()));
        assert_eq!(stage.updates_done, 8 * (n - held).div_ceil(batch.min(n - held)));
        assert!(stage.network.largest().is_finite());
    }
}

#[test]
fn runaway_weights_end_it_with_the_last_good_ones() {
    // Both classes start alike with weights just under the limit; the first step must push one of them over it.
    let set = Arc::new(TrainingSet { y: vec![1; 40], ..(*set(40, 8)).clone() });
    let rows = rows(&set, 0);
    let hidden = Layer { w: Array2::zeros((3, 1)), b: array![50.0] };
    let output = Layer { w: array![[-9_999.9, -9_999.9]], b: array![0.0, 0.0] };
    let network = Network { layers: vec![hidden, output], skip: None, activation: Activation::Logistic };
    let p = parameters(|f| {
        (f.optimizer, f.skip, f.dropout, f.weight_decay) = (Optimizer::Sgd, SkipInput::None, 0.0, 0.0);
    });
    let mut stage = FineTuning::new(network.clone(), &p, &rows, NetOf::SINGLE, 1);
    let Portion::EpochEnd(Some(reason)) = stage.advance(PORTION, &rows, 0.9, &mut 0) else { panic!("goes on") };
    let want = StopReason::Diverged { phase: "Fine-tuning".to_owned(), epoch: 1, rate: 0.9, try_rate: 0.3 };
    assert_eq!(reason, want);
    assert_eq!(stage.take_best(), (network, 0));
}

#[test]
fn a_huge_rate_is_told_and_leaves_finite_weights() {
    let set = Arc::new(TrainingSet { x: &set(60, 3).x * 1e6, ..(*set(60, 3)).clone() });
    let rows = rows(&set, 0);
    let p = parameters(|f| {
        (f.optimizer, f.skip, f.rate, f.epochs) = (Optimizer::Sgd, SkipInput::Linear, 1.0, Some(100));
    });
    let mut stage = stage(&p, &rows);
    let (reason, _) = finish(&mut stage, &p, &rows, usize::MAX);
    assert!(matches!(reason, StopReason::Diverged { rate: 1.0, try_rate: 0.3, .. }), "{reason:?}");
    assert!(stage.take_best().0.largest() < RUNAWAY_WEIGHT);
}

/// Labels without any meaning: what is watched on rows set apart can only get worse in the end.
fn meaningless() -> (Arc<TrainingSet>, Rows) {
    let mut random = stream(3, Purpose::Sample, 1);
    let y = (0..120).map(|i| if i < 2 { i } else { usize::from(random.random::<bool>()) }).collect();
    let set = Arc::new(TrainingSet { y, ..(*set(120, 9)).clone() });
    let rows = rows(&set, 40);
    (set, rows)
}

#[test]
fn early_stopping_keeps_the_best_epoch() {
    let (_, rows) = meaningless();
    for early_stopping in [EarlyStopping::Loss, EarlyStopping::Auc] {
        let p = parameters(|f| {
            (f.epochs, f.rate, f.schedule, f.dropout) = (Some(200), 0.05, RateSchedule::Constant, 0.0);
            (f.early_stopping, f.patience) = (early_stopping, Some(50));
        });
        let mut stage = stage(&p, &rows);
        let (reason, measured) = finish(&mut stage, &p, &rows, usize::MAX);
        assert_eq!(reason, StopReason::EarlyStopped, "{early_stopping:?}");
        let worth = |m: &Measures| match early_stopping {
            EarlyStopping::Auc => (-m.auc.unwrap(), m.loss),
            _ => (m.loss, 0.0),
        };
        let best = (0..measured.len()).min_by(|&a, &b| worth(&measured[a]).partial_cmp(&worth(&measured[b])).unwrap());
        let (network, epoch) = stage.take_best();
        // Looked at every tenth epoch; the fifth look without anything better is the last.
        assert_eq!(epoch, 10 * (best.unwrap() + 1), "{early_stopping:?}");
        assert_eq!(10 * measured.len(), epoch + 50);
        stage.network = network;
        let kept = stage.measure(&rows, rows.validation(), VALIDATION_ROWS).unwrap();
        assert_eq!(kept, measured[best.unwrap()]);
    }
}

#[test]
fn without_early_stopping_the_last_epoch_is_kept() {
    let (_, rows) = meaningless();
    let p = parameters(|f| (f.early_stopping, f.patience) = (EarlyStopping::Off, Some(1)));
    let mut stage = stage(&p, &rows);
    assert_eq!(finish(&mut stage, &p, &rows, usize::MAX).0, StopReason::Completed);
    assert_eq!(stage.take_best(), (stage.network.clone(), 8));
}

#[test]
fn the_rate_follows_the_schedule_and_the_hand() {
    // SGD without momentum: doubling the base doubles the first step, and with a warm-up of three updates the first is a
    // quarter.
    let set = set(32, 5);
    let rows = rows(&set, 0);
    let moved = |warm_up: f64, rate: f64| {
        let p = parameters(|f| {
            (f.optimizer, f.momentum, f.weight_decay, f.dropout) = (Optimizer::Sgd, 0.0, 0.0, 0.0);
            (f.epochs, f.warm_up) = (Some(3), warm_up);
        });
        let mut stage = stage(&p, &rows);
        let before = stage.network.layers[1].w.clone();
        assert!(matches!(stage.advance(1, &rows, rate, &mut 0), Portion::Within));
        &stage.network.layers[1].w - &before
    };
    let full = moved(0.0, 0.125);
    assert!(full.iter().any(|d| d.abs() > 1e-6));
    for (got, share) in [(moved(0.0, 0.25), 2.0), (moved(0.5, 0.125), 0.25)] {
        assert!((&got - &(&full * share)).iter().all(|d| d.abs() < 1e-6));
    }
}

#[test]
fn a_skip_input_is_given_once_and_starts_at_nothing() {
    let set = set(50, 6);
    let rows = rows(&set, 10);
    let p = parameters(|f| f.skip = SkipInput::PiecewiseLinear);
    let mut first = stage(&p, &rows);
    let skip = first.network.skip.clone().unwrap();
    assert_eq!(skip.w, Array2::<f32>::zeros((2, 24)), "eight bins for each of three columns");
    let none = parameters(|f| f.skip = SkipInput::None);
    let without = stage(&none, &rows);
    assert_eq!(first.network.logits(&set.x), without.network.logits(&set.x));
    assert!(without.network.skip.is_none());
    finish(&mut first, &p, &rows, usize::MAX);
    let trained = first.take_best().0;
    assert_ne!(trained.skip.as_ref().unwrap().w, skip.w);
    let again = FineTuning::new(trained.clone(), &p, &rows, NetOf::SINGLE, 2);
    assert_eq!(again.network, trained, "a net that learns further keeps its own");
}
