//! The machine against independent truth: references here are written from MATH §2–3 alone, in f64, one state at a time.

mod ais;
mod bars_and_stripes;
mod clamped;
mod conditionals;
mod convergence;
mod energy;
mod exact;
mod joint;
mod learning;
mod options;

use ndarray::{Array1, Array2};
use rand::RngExt as _;

use super::conditionals::{Conditionals, Scale};
use super::*;
use crate::model::kernels::Lanes;
use crate::random::{Purpose, stream};

/// Every pair of kinds that has an energy.
const KINDS: [(Kind, Hidden); 6] = [
    (Kind::Bernoulli, Hidden::Bernoulli),
    (Kind::Gaussian, Hidden::Bernoulli),
    (Kind::Mixed, Hidden::Bernoulli),
    (Kind::Bernoulli, Hidden::Gaussian),
    (Kind::Gaussian, Hidden::Gaussian),
    (Kind::Mixed, Hidden::Gaussian),
];

/// A kind of visible side for machines of any size.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Bernoulli,
    /// σ = 1.
    Unit,
    /// σ of every size.
    Gaussian,
    /// Every second column Bernoulli, the others Gaussian with σ of every size.
    Mixed,
}

/// A machine with weights large enough that every term matters.
fn machine(kind: Kind, hidden: Hidden, n: usize, m: usize, seed: u64) -> Rbm {
    let mut random = stream(seed, Purpose::InitialWeights, 0);
    let mut draw = |scale: f32| (random.random::<f32>() - 0.5) * scale;
    let scale = match (kind, hidden) {
        (Kind::Bernoulli, Hidden::Bernoulli) => 3.0,
        (_, Hidden::Gaussian) => 1.2 / (n.max(m) as f32).sqrt(),
        _ => 1.6,
    };
    let visible = match kind {
        Kind::Bernoulli => Visible::Bernoulli,
        Kind::Unit | Kind::Gaussian => Visible::Gaussian,
        Kind::Mixed => Visible::of_columns((0..n).map(|i| i % 2 == 0).collect()),
    };
    let w = Array2::from_shape_simple_fn((n, m), || draw(scale));
    let b = Array1::from_shape_simple_fn(n, || draw(1.0));
    let c = Array1::from_shape_simple_fn(m, || draw(1.0));
    let mut rbm = Rbm { visible, hidden, w, b, c, log_variance: None, n_classes: 0 };
    if matches!(kind, Kind::Gaussian | Kind::Mixed) {
        let z = (0..n).map(|i| if rbm.is_gaussian(i) { draw(2.0) } else { 0.0 }).collect();
        rbm.log_variance = Some(z);
    }
    rbm
}

fn lanes(seed: u64) -> Lanes {
    Lanes::new(&mut stream(seed, Purpose::PreTraining, 0))
}

/// Every state of `n` binary units.
fn states(n: usize) -> Vec<Vec<f64>> {
    (0..1usize << n).map(|s| (0..n).map(|i| (s >> i & 1) as f64).collect()).collect()
}

/// The energy table of MATH §2, term by term.
fn energy(rbm: &Rbm, v: &[f64], h: &[f64]) -> f64 {
    let mut e = 0.0;
    for (i, &v) in v.iter().enumerate() {
        let (b, sigma) = (f64::from(rbm.b[i]), wide_sigma(rbm, i));
        e += if rbm.is_gaussian(i) { (v - b).powi(2) / (2.0 * sigma * sigma) } else { -b * v };
        e -= h.iter().enumerate().map(|(j, h)| v / sigma * f64::from(rbm.w[[i, j]]) * h).sum::<f64>();
    }
    for (&h, &c) in h.iter().zip(&rbm.c) {
        let c = f64::from(c);
        e += if rbm.hidden == Hidden::Gaussian { (h - c).powi(2) / 2.0 } else { -c * h };
    }
    e
}

fn wide_sigma(rbm: &Rbm, unit: usize) -> f64 {
    rbm.log_variance.as_ref().map_or(1.0, |z| (f64::from(z[unit]) / 2.0).exp())
}

fn log_sum_exp(values: &[f64]) -> f64 {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + values.iter().map(|v| (v - top).exp()).sum::<f64>().ln()
}

fn row(v: &[f64]) -> Array2<f32> {
    Array2::from_shape_fn((1, v.len()), |(_, i)| v[i] as f32)
}

/// Plain CD-1 at rate `rate`.
fn cd1(rate: f32) -> CdStep {
    CdStep { rate, momentum: 0.0, weight_cost: 0.0, gibbs_steps: 1, sample_visible: false }
}

/// Mean and variance of numbers.
fn moments(values: impl IntoIterator<Item = f32>) -> (f64, f64) {
    let values: Vec<f64> = values.into_iter().map(f64::from).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64)
}

/// `n` states of the visible side exactly from p(v), by enumeration of h.
fn exact_samples(rbm: &Rbm, n: usize) -> Array2<f32> {
    let all = states(rbm.n_hidden());
    let mut random = stream(17, Purpose::PreTraining, 9);
    let log_p: Vec<f64> = all
        .iter()
        .map(|h| {
            // ln ∫ e^{−E(v, h)} dv, unit by unit.
            let of_unit = |i: usize| {
                let a: f64 = h.iter().enumerate().map(|(j, h)| f64::from(rbm.w[[i, j]]) * h).sum();
                let (b, sigma) = (f64::from(rbm.b[i]), wide_sigma(rbm, i));
                if rbm.is_gaussian(i) { b / sigma * a + a * a / 2.0 } else { (b + a).exp().ln_1p() }
            };
            let bias: f64 = h.iter().zip(&rbm.c).map(|(h, &c)| h * f64::from(c)).sum();
            bias + (0..rbm.n_visible()).map(of_unit).sum::<f64>()
        })
        .collect();
    let z = log_sum_exp(&log_p);
    let mut h = Array2::zeros((n, rbm.n_hidden()));
    for mut row in h.rows_mut() {
        let mut u: f64 = random.random();
        let chosen = log_p.iter().position(|log_p| {
            u -= (log_p - z).exp();
            u < 0.0
        });
        row.assign(&Array1::from_iter(all[chosen.unwrap_or(0)].iter().map(|&h| h as f32)));
    }
    let scale = Scale::of(rbm);
    let conditionals = Conditionals::new(rbm, scale.as_ref());
    let mut v = Array2::zeros((n, rbm.n_visible()));
    conditionals.visible_means(&h, &mut v);
    conditionals.draw_visible(&mut lanes(18), &mut v);
    v
}
