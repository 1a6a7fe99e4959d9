//! Times of the kernels one by one: `cargo bench --bench kernels`.

use std::hint::black_box;

use beliefscope::model::kernels::{
    self, Adam, Lanes, Momentum, adam_update, draw_bernoulli, logistic, momentum_update, softplus_sum, standard_normals,
};
use beliefscope::random::{Purpose, stream};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array1, Array2};

fn lanes() -> Lanes {
    Lanes::new(&mut stream(1, Purpose::Sample, 0))
}

fn normal(rows: usize, columns: usize) -> Array2<f32> {
    let mut numbers = vec![0.0; rows * columns];
    standard_normals(&mut lanes(), &mut numbers);
    Array2::from_shape_vec((rows, columns), numbers).expect("as many numbers as the shape has")
}

/// Element by element, on as many numbers as the nearest cache holds with ease.
fn elements(c: &mut Criterion) {
    const N: usize = 2048;
    let x = normal(1, N).into_raw_vec_and_offset().0;
    let (mut out, mut first, mut second) = (x.clone(), vec![0.0; N], vec![0.0; N]);
    let mut lanes = lanes();
    let mut group = c.benchmark_group("kernels");
    group.throughput(Throughput::Elements(N as u64));
    group.bench_function("logistic", |b| b.iter(|| logistic(black_box(&mut out))));
    group.bench_function("softplus_sum", |b| b.iter(|| softplus_sum(black_box(&x))));
    group.bench_function("draw_bernoulli", |b| b.iter(|| draw_bernoulli(&mut lanes, black_box(&x), &mut out)));
    group.bench_function("standard_normals", |b| b.iter(|| standard_normals(&mut lanes, black_box(&mut out))));
    group.bench_function("add_column_sums", |b| {
        b.iter(|| kernels::add_column_sums(1e-3, black_box(&x), &mut first[..64]));
    });
    group.bench_function("squared_distance", |b| b.iter(|| kernels::squared_distance(black_box(&x), &out)));
    let momentum = Momentum { rate: 1e-3, momentum: 0.9, weight_cost: 1e-4 };
    group.bench_function("momentum_update", |b| {
        b.iter(|| momentum_update(&mut out, &mut first, black_box(&x), &momentum));
    });
    let corrections = Adam::corrections(0.9, 0.999, 10);
    let adam = Adam { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 1e-4, corrections };
    group.bench_function("adam_update", |b| {
        b.iter(|| adam_update(&mut out, &mut first, &mut second, black_box(&x), &adam));
    });
    group.finish();
}

/// The three products of CD-1, throughput in multiply-adds, at the sizes of the peers' table.
fn products(c: &mut Criterion) {
    let mut group = c.benchmark_group("products");
    for (rows, n, m) in [(10, 8, 32), (16, 64, 32), (32, 64, 128), (100, 784, 500)] {
        let (x, w, h) = (normal(rows, n), normal(n, m), normal(rows, m));
        let (b, c) = (Array1::zeros(n), Array1::zeros(m));
        let (mut up, mut down, mut gradient) = (h.clone(), x.clone(), w.clone());
        group.throughput(Throughput::Elements((rows * n * m) as u64));
        let name = |product: &str| format!("{product} {rows}x{n}x{m}");
        group.bench_function(name("affine"), |bench| {
            bench.iter(|| kernels::affine(black_box(&x), &w, &c, &mut up));
        });
        group.bench_function(name("affine_transposed"), |bench| {
            bench.iter(|| kernels::affine_transposed(black_box(&h), &w, &b, &mut down));
        });
        group.bench_function(name("transposed_product"), |bench| {
            bench.iter(|| kernels::transposed_product(0.1, black_box(&x), &h, 0.0, &mut gradient));
        });
    }
    group.finish();
}

criterion_group!(benches, elements, products);
criterion_main!(benches);
