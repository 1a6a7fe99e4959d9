//! Times of the engine's parts on the sizes of the bundled sample and of a middling table: `cargo bench`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use beliefscope::data::{RoleRequest, Source};
use beliefscope::model::kernels::Lanes;
use beliefscope::model::rbm::{CdStep, ContrastiveDivergence, Rbm, Visible};
use beliefscope::model::svm::{Kernel, KernelMatrix, Limits, Pairs, Problem, Solver};
use beliefscope::model::{Advance, TrainingSet};
use beliefscope::random::{Purpose, stream};
use beliefscope::training::{ModelKind, RunSettings, learner};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use rand::RngExt as _;

fn rows(n: usize, columns: usize) -> Array2<f32> {
    let mut random = stream(1, Purpose::Sample, 0);
    Array2::from_shape_simple_fn((n, columns), || 2.0 * random.random::<f32>() - 1.0)
}

/// A border that bends, with noise.
fn labelled(n: usize, columns: usize) -> Arc<TrainingSet> {
    let x = rows(n, columns);
    let y = x.rows().into_iter().map(|r| usize::from(r[0] * r[1] + 0.3 * r[2] > 0.1)).collect();
    Arc::new(TrainingSet { x, y, x_unlabelled: Array2::zeros((0, columns)), n_classes: 2, groups: Vec::new() })
}

/// CD-1 on 10,000 rows, the cases of the peers' table: a 784–500 binary, b 8–32 and c 64–128 Gaussian.
fn cd1(c: &mut Criterion) {
    let mut group = c.benchmark_group("cd1_epoch");
    group.sample_size(10);
    for (name, visible, n, m, batch) in [
        ("a 784x500 batch 100", Visible::Bernoulli, 784, 500, 100),
        ("b 8x32 batch 10", Visible::Gaussian, 8, 32, 10),
        ("c 64x128 batch 32", Visible::Gaussian, 64, 128, 32),
    ] {
        let x = rows(10_000, n);
        let mut random = stream(1, Purpose::PreTraining, 0);
        let mut rbm = Rbm::new(visible, m, &x, &mut random);
        let mut lanes = Lanes::new(&mut random);
        let mut cd = ContrastiveDivergence::new(&rbm, batch);
        let step = CdStep { rate: 0.001, momentum: 0.5, weight_cost: 2e-4, gibbs_steps: 1, sample_visible: false };
        group.throughput(Throughput::Elements(10_000));
        group.bench_function(name, |b| {
            b.iter(|| {
                for rows in x.axis_chunks_iter(ndarray::Axis(0), batch) {
                    cd.update(&mut rbm, black_box(&rows), &step, &mut lanes);
                }
            });
        });
    }
    group.finish();
}

/// Whole fits with the default settings.
fn fits(c: &mut Criterion) {
    let spec = RunSettings::default().check().expect("the defaults are valid");
    let mut group = c.benchmark_group("fit");
    group.sample_size(10);
    for (name, set) in [("240x16", labelled(240, 16)), ("2000x32", labelled(2000, 32))] {
        for kind in [ModelKind::Dbn, ModelKind::Svm] {
            group.bench_function(format!("{} {name}", kind.key()), |b| {
                b.iter(|| {
                    let mut learner = learner(kind, &set, &spec, 1).expect("two classes");
                    while !matches!(learner.advance(&mut |_| ()), Advance::Finished(_)) {}
                    black_box(learner.facts())
                });
            });
        }
    }
    group.finish();
}

/// The solver alone on sets of the peers' sizes S and M, the kernel matrix of a search, and decision values.
fn svm(c: &mut Criterion) {
    let limits = Limits { tolerance: 1e-3, max_iterations: 10_000_000, cache_bytes: 200 << 20, certify: true };
    let mut group = c.benchmark_group("svm");
    group.sample_size(10);
    for (name, n, columns) in [("300x8", 300, 8), ("5000x64", 5000, 64)] {
        let set = labelled(n, columns);
        let bad: Vec<bool> = set.y.iter().map(|&y| y == 1).collect();
        let kernel = Kernel::Rbf { gamma: 1.0 / columns as f64 };
        let problem = Problem::new(set.x.clone(), &bad, vec![1.0; n]).expect("two classes");
        let fit = || {
            let mut solver = Solver::new(problem.clone(), kernel, limits);
            while solver.advance(2_000_000, &mut |_| {}).is_none() {}
            solver
        };
        group.bench_function(format!("fit {name}"), |b| b.iter(fit));
        let model = fit().model();
        group.throughput(Throughput::Elements((n * model.n_support()) as u64));
        group
            .bench_function(format!("decision_values {name}"), |b| b.iter(|| model.decision_values(black_box(&set.x))));
        group.throughput(Throughput::Elements((n * n) as u64));
        group.bench_function(format!("kernel_matrix {name}"), |b| {
            b.iter_with_large_drop(|| {
                let mut pairs = Pairs::new(&set.x);
                while !pairs.advance(2_000_000) {}
                let mut matrix = KernelMatrix::new(kernel, &pairs);
                while !matrix.advance(&pairs, 2_000_000) {}
                matrix
            });
        });
    }
    group.finish();
}

/// Numbers of four to eight significant digits, each column on a scale of its own.
fn csv(n: usize, columns: usize) -> String {
    let mut random = stream(2, Purpose::Sample, 0);
    let names: Vec<String> = (0..columns).map(|c| format!("x{c}")).collect();
    let mut text = names.join(",") + "\n";
    for _ in 0..n {
        for c in 0..columns {
            let scale = [1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0][c % 7];
            let x = (2.0 * random.random::<f64>() - 1.0) * scale;
            let digits = random.random_range(3..8) - x.abs().log10().floor() as i32 - 1;
            write!(text, "{x:.*}", digits.clamp(0, 12) as usize).expect("a string takes everything");
            text.push(if c + 1 < columns { ',' } else { '\n' });
        }
    }
    text
}

/// Opening a table of numbers from the disk: fetching, fingerprint, cells, numbers, profiles, roles. What pandas and
/// polars take for their part of it: `benches/peers/read.py`.
fn open(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut group = c.benchmark_group("open");
    group.sample_size(10);
    for (name, n, columns) in [("1000000x10", 1_000_000, 10), ("100000x100", 100_000, 100), ("500x10000", 500, 10_000)]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, csv(n, columns)).expect("room for the table");
        group.throughput(Throughput::Bytes(std::fs::metadata(&path).expect("just written").len()));
        group.bench_function(name, |b| {
            b.iter_with_large_drop(|| Source::open(&path, &RoleRequest::default()).expect("a table"));
        });
    }
    group.finish();
}

criterion_group!(benches, cd1, fits, svm, open);
criterion_main!(benches);
