//! Every figure and every curve of one model on a million scores, and what they are made of: `cargo bench --bench
//! evaluation`.

use std::hint::black_box;

use beliefscope::evaluation::{
    Confusion, Costs, Metrics, Ranking, Tested, bootstrap, delong, gains, ks_curve, lift, precision_recall, ranked_by,
    reliability, roc, score_histogram,
};
use beliefscope::random::{Purpose, stream};
use criterion::{Criterion, criterion_group, criterion_main};
use rand::RngExt as _;

const ROWS: usize = 1_000_000;
const COSTS: Costs = Costs { false_good: 5.0, false_bad: 1.0 };

/// Labels, scores without ties, and their probabilities; one row in twenty bad, about as well told as by a good model.
fn rows() -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let mut random = stream(1, Purpose::Sample, 0);
    let bad: Vec<bool> = (0..ROWS).map(|_| random.random_bool(0.05)).collect();
    let noise = |random: &mut beliefscope::random::Stream| (0..4).map(|_| random.random::<f64>()).sum::<f64>();
    let score: Vec<f64> = bad.iter().map(|b| 2.0 * noise(&mut random) + f64::from(u8::from(*b)) - 6.0).collect();
    let pd = score.iter().map(|s| 1.0 / (1.0 + (-s).exp())).collect();
    (bad, score, pd)
}

/// Every metric, at one cut-off.
fn figures(ranking: &Ranking, bad: &[bool], pd: &[f64]) -> Metrics {
    let counts = Confusion::at(bad, pd, 0.1).expect("no NaN");
    ranked_by(Some(ranking), bad, pd).called(counts, 0.1, COSTS)
}

fn evaluation(c: &mut Criterion) {
    let (bad, score, pd) = rows();
    let ranking = Ranking::new(&bad, &score).expect("both classes");
    let mut group = c.benchmark_group("evaluation 1e6 rows");
    group.sample_size(10);
    group.bench_function("all metrics and curves", |b| {
        b.iter(|| {
            let ranking = Ranking::new(black_box(&bad), &score).expect("both classes");
            black_box(figures(&ranking, &bad, &pd));
            black_box([roc(&ranking), precision_recall(&ranking), gains(&ranking), lift(&ranking), ks_curve(&ranking)]);
            black_box((reliability(&bad, &pd, 20), score_histogram(&bad, &pd, 50)))
        });
    });
    group.bench_function("ranking", |b| b.iter(|| Ranking::new(black_box(&bad), &score)));
    group.bench_function("metrics of the ranking", |b| {
        b.iter(|| figures(black_box(&ranking), &bad, &pd));
    });
    group.bench_function("curves of the ranking", |b| {
        b.iter(|| {
            let ranking = black_box(&ranking);
            [roc(ranking), precision_recall(ranking), gains(ranking), lift(ranking), ks_curve(ranking)]
        });
    });
    group.bench_function("reliability and histogram", |b| {
        b.iter(|| (reliability(black_box(&bad), &pd, 20), score_histogram(&bad, &pd, 50)));
    });
    group.bench_function("DeLong", |b| b.iter(|| delong(black_box(&bad), &score, &pd)));
    group.finish();
}

/// A test part of ten thousand rows, as a table of enterprises has them.
fn resamples(c: &mut Criterion) {
    let (bad, score, pd) = rows();
    let units: Vec<u32> = (0..10_000).collect();
    let n = units.len();
    let part = Tested { bad: &bad[..n], score: &score[..n], pd: &pd[..n], threshold: 0.1, units: &units };
    let mut group = c.benchmark_group("bootstrap");
    group.sample_size(10);
    group.bench_function("10,000 rows, 1000 resamples", |b| {
        b.iter(|| bootstrap(black_box(&[part]), COSTS, 1000, 1, &|| false));
    });
    group.finish();
}

criterion_group!(benches, evaluation, resamples);
criterion_main!(benches);
