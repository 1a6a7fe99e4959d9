//! The machine against enumeration: every reference here is written from MATH §2–3 alone, in f64, one state at a time.

use super::*;
use crate::random::{Purpose, stream};
use ndarray::array;
use rand::RngExt as _;

/// A machine with weights large enough that every term matters.
fn machine(visible: Visible, n: usize, m: usize, seed: u64) -> Rbm {
    let mut random = stream(seed, Purpose::InitialWeights, 0);
    let mut draw = |scale: f32| (random.random::<f32>() - 0.5) * scale;
    let scale = if visible == Visible::Gaussian { 0.8 } else { 3.0 };
    Rbm {
        visible,
        w: Array2::from_shape_simple_fn((n, m), || draw(scale)),
        b: Array1::from_shape_simple_fn(n, || draw(1.0)),
        c: Array1::from_shape_simple_fn(m, || draw(1.0)),
    }
}

fn states(n: usize) -> Vec<Vec<f64>> {
    (0..1usize << n).map(|s| (0..n).map(|i| (s >> i & 1) as f64).collect()).collect()
}

fn energy(rbm: &Rbm, v: &[f64], h: &[f64]) -> f64 {
    let mut e = 0.0;
    for (i, &v) in v.iter().enumerate() {
        let b = f64::from(rbm.b[i]);
        e += match rbm.visible {
            Visible::Bernoulli => -b * v,
            Visible::Gaussian => (v - b).powi(2) / 2.0,
        };
        e -= h.iter().enumerate().map(|(j, h)| v * f64::from(rbm.w[[i, j]]) * h).sum::<f64>();
    }
    e - h.iter().zip(&rbm.c).map(|(h, &c)| h * f64::from(c)).sum::<f64>()
}

fn log_sum_exp(values: &[f64]) -> f64 {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + values.iter().map(|v| (v - top).exp()).sum::<f64>().ln()
}

/// ln Z of a Bernoulli–Bernoulli machine, over every (v, h).
fn log_z(rbm: &Rbm) -> f64 {
    let (n, m) = rbm.w.dim();
    let all: Vec<f64> =
        states(n).iter().flat_map(|v| states(m).into_iter().map(move |h| -energy(rbm, v, &h))).collect();
    log_sum_exp(&all)
}

fn row(v: &[f64]) -> Array2<f32> {
    Array2::from_shape_fn((1, v.len()), |(_, i)| v[i] as f32)
}

#[test]
fn free_energy_is_minus_log_of_the_sum_over_hidden_states() {
    for visible in [Visible::Bernoulli, Visible::Gaussian] {
        let rbm = machine(visible, 6, 5, 1);
        let points: Vec<Vec<f64>> = match visible {
            Visible::Bernoulli => states(6),
            Visible::Gaussian => {
                (0..40).map(|k| (0..6).map(|i| ((k * 7 + i * 3) % 11) as f64 / 3.0 - 1.7).collect()).collect()
            }
        };
        for v in points {
            let v32: Vec<f64> = v.iter().map(|&x| f64::from(x as f32)).collect();
            let sum: Vec<f64> = states(5).iter().map(|h| -energy(&rbm, &v32, h)).collect();
            let want = -log_sum_exp(&sum);
            let got = rbm.free_energy(&row(&v))[0];
            assert!((got - want).abs() <= 1e-5 * want.abs().max(1.0), "{got} {want}");
        }
    }
}

#[test]
fn free_energy_does_not_overflow() {
    let mut rbm = machine(Visible::Gaussian, 2, 2, 3);
    rbm.c = array![500.0, -500.0];
    let f = rbm.free_energy(&array![[1000.0_f32, -1000.0]]);
    assert!(f[0].is_finite());
}

#[test]
fn log_z_by_visible_states_by_hidden_states_and_by_both_agree() {
    let rbm = machine(Visible::Bernoulli, 7, 4, 2);
    let by_v: Vec<f64> = states(7).iter().map(|v| -rbm.free_energy(&row(v))[0]).collect();
    // Swapping the roles of v and h gives a machine with the transposed weights.
    let swapped = Rbm { visible: Visible::Bernoulli, w: rbm.w.t().to_owned(), b: rbm.c.clone(), c: rbm.b.clone() };
    let by_h: Vec<f64> = states(4).iter().map(|h| -swapped.free_energy(&row(h))[0]).collect();
    let want = log_z(&rbm);
    assert!((log_sum_exp(&by_v) - want).abs() < 1e-5 * want.abs());
    assert!((log_sum_exp(&by_h) - want).abs() < 1e-5 * want.abs());
}

#[test]
fn gaussian_free_energy_integrates_to_the_closed_form() {
    // One visible unit: Z = Σ_h √(2π) e^{c·h + b·a + a²/2} with a = W·h, by completing the square.
    let rbm = machine(Visible::Gaussian, 1, 4, 5);
    let terms: Vec<f64> = states(4)
        .iter()
        .map(|h| {
            let a: f64 = h.iter().enumerate().map(|(j, h)| f64::from(rbm.w[[0, j]]) * h).sum();
            let c: f64 = h.iter().zip(&rbm.c).map(|(h, &c)| h * f64::from(c)).sum();
            c + f64::from(rbm.b[0]) * a + a * a / 2.0 + 0.5 * std::f64::consts::TAU.ln()
        })
        .collect();
    let step = 0.002;
    let integral: f64 = (-6000..=6000).map(|k| (-rbm.free_energy(&row(&[f64::from(k) * step]))[0]).exp() * step).sum();
    assert!((integral.ln() - log_sum_exp(&terms)).abs() < 1e-4);
}

#[test]
fn conditionals_agree_with_enumeration() {
    for visible in [Visible::Bernoulli, Visible::Gaussian] {
        let rbm = machine(visible, 4, 3, 11);
        let v = [1.0, 0.0, 1.0, 1.0];
        let h = rbm.hidden(&row(&v));
        let weights: Vec<f64> = states(3).iter().map(|h| (-energy(&rbm, &v, h)).exp()).collect();
        let z: f64 = weights.iter().sum();
        for j in 0..3 {
            let on: f64 = states(3).iter().zip(&weights).filter(|(h, _)| h[j] == 1.0).map(|(_, w)| w).sum();
            assert!((f64::from(h[[0, j]]) - on / z).abs() < 1e-6);
        }
    }
    let rbm = machine(Visible::Bernoulli, 4, 3, 12);
    let h = [1.0, 0.0, 1.0];
    let mut v = Array2::zeros((1, 4));
    rbm.visible_into(&row(&h), &mut v);
    let weights: Vec<f64> = states(4).iter().map(|v| (-energy(&rbm, v, &h)).exp()).collect();
    for i in 0..4 {
        let on: f64 = states(4).iter().zip(&weights).filter(|(v, _)| v[i] == 1.0).map(|(_, w)| w).sum();
        assert!((f64::from(v[[0, i]]) - on / weights.iter().sum::<f64>()).abs() < 1e-6);
    }
}

/// Exact gradient of the mean log-likelihood of `data` with respect to W, b, c, flattened, by enumeration.
fn exact_gradient(rbm: &Rbm, data: &[Vec<f64>]) -> Vec<f64> {
    let (n, m) = rbm.w.dim();
    let mut g = vec![0.0; n * m + n + m];
    let mut add = |v: &[f64], weight: f64| {
        let h = rbm.hidden(&row(v));
        for i in 0..n {
            for j in 0..m {
                g[i * m + j] += weight * v[i] * f64::from(h[[0, j]]);
            }
            g[n * m + i] += weight * v[i];
        }
        for j in 0..m {
            g[n * m + n + j] += weight * f64::from(h[[0, j]]);
        }
    };
    for v in data {
        add(v, 1.0 / data.len() as f64);
    }
    let z = log_z(rbm);
    for v in states(n) {
        add(&v, -(-rbm.free_energy(&row(&v))[0] - z).exp());
    }
    g
}

fn log_likelihood(rbm: &Rbm, data: &[Vec<f64>]) -> f64 {
    let free: f64 = data
        .iter()
        .map(|v| -log_sum_exp(&states(rbm.c.len()).iter().map(|h| -energy(rbm, v, h)).collect::<Vec<_>>()))
        .sum();
    -free / data.len() as f64 - log_z(rbm)
}

fn toy_data() -> Vec<Vec<f64>> {
    [[1, 1, 0, 0, 1], [1, 0, 0, 0, 1], [0, 0, 1, 1, 0], [0, 1, 1, 1, 0], [1, 1, 0, 1, 1]]
        .iter()
        .map(|v| v.iter().map(|&x| f64::from(x)).collect())
        .collect()
}

#[test]
fn exact_gradient_agrees_with_finite_differences_of_the_log_likelihood() {
    let rbm = machine(Visible::Bernoulli, 5, 4, 21);
    let data = toy_data();
    let g = exact_gradient(&rbm, &data);
    // A power of two, so that w ± ε is exact in f32 for weights of this size up to rounding.
    let eps = 2f32.powi(-7);
    for k in 0..g.len() {
        let shifted = |by: f32| {
            let mut r = rbm.clone();
            let (n, m) = r.w.dim();
            let x = if k < n * m {
                &mut r.w[[k / m, k % m]]
            } else if k < n * m + n {
                &mut r.b[k - n * m]
            } else {
                &mut r.c[k - n * m - n]
            };
            *x += by;
            let x = f64::from(*x);
            (log_likelihood(&r, &data), x)
        };
        let ((up, x_up), (down, x_down)) = (shifted(eps), shifted(-eps));
        let numeric = (up - down) / (x_up - x_down);
        assert!((numeric - g[k]).abs() < 2e-5, "{k}: {numeric} {}", g[k]);
    }
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn cd_k_approaches_the_exact_gradient_as_k_grows() {
    let rbm = machine(Visible::Bernoulli, 5, 4, 21);
    let data = toy_data();
    let exact = exact_gradient(&rbm, &data);
    let repeats = 8_000;
    let batch = Array2::from_shape_fn((data.len() * repeats, 5), |(r, i)| data[r % data.len()][i] as f32);
    let mut cd = ContrastiveDivergence::new(&rbm, batch.nrows());
    let mut lanes = Lanes::new(&mut stream(4, Purpose::PreTraining, 0));
    let mut distances = Vec::new();
    for k in [1, 2, 4, 40] {
        let step = CdStep { rate: 0.1, momentum: 0.0, weight_cost: 0.0, gibbs_steps: k, sample_visible: true };
        cd.gradient(&rbm, &batch, &step, &mut lanes);
        let g: Vec<f64> = cd.g_w.iter().chain(&cd.g_b).chain(&cd.g_c).map(|&x| f64::from(x)).collect();
        let distance = g.iter().zip(&exact).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        assert!(cosine(&g, &exact) > 0.0, "k = {k} points away");
        distances.push((distance, cosine(&g, &exact)));
    }
    assert!(distances[..3].windows(2).all(|d| d[1].0 < d[0].0), "{distances:?}");
    // What is left at k = 40 is the spread of 40,000 chains.
    assert!(distances[3].0 < 0.01 && distances[3].1 > 0.999, "{distances:?}");
}

#[test]
fn a_batch_of_n_is_the_mean_of_n_batches_of_one() {
    // With saturated hidden units no draw is left to chance, so the two can be compared exactly.
    let mut rbm = machine(Visible::Gaussian, 3, 2, 8);
    rbm.c = array![200.0, -200.0];
    let x = array![[0.5_f32, -1.0, 2.0], [1.5, 0.25, -0.5], [0.0, 3.0, 1.0]];
    let step = CdStep { rate: 0.1, momentum: 0.0, weight_cost: 0.0, gibbs_steps: 1, sample_visible: false };
    let mut lanes = Lanes::new(&mut stream(1, Purpose::PreTraining, 0));
    let mut cd = ContrastiveDivergence::new(&rbm, 3);
    cd.gradient(&rbm, &x, &step, &mut lanes);
    let whole = cd.g_w.clone();
    let mut mean = Array2::<f32>::zeros(whole.raw_dim());
    for r in 0..3 {
        cd.gradient(&rbm, &x.slice(s![r..=r, ..]), &step, &mut lanes);
        mean.scaled_add(1.0 / 3.0, &cd.g_w);
    }
    assert!(whole.iter().zip(&mean).all(|(a, b)| (a - b).abs() < 1e-5));
}

#[test]
fn one_cd_1_update_agrees_with_a_plain_reference() {
    // Saturated hidden units again: h is (1, 0) whatever is drawn. Written out by hand from MATH §3.
    let mut rbm = machine(Visible::Gaussian, 2, 2, 9);
    rbm.c = array![200.0, -200.0];
    let before = rbm.clone();
    let x = array![[1.0_f32, 2.0], [3.0, -1.0]];
    let step = CdStep { rate: 0.5, momentum: 0.9, weight_cost: 0.01, gibbs_steps: 1, sample_visible: false };
    let mut cd = ContrastiveDivergence::new(&rbm, 2);
    let mut lanes = Lanes::new(&mut stream(1, Purpose::PreTraining, 0));
    cd.update(&mut rbm, &x, &step, &mut lanes);
    for i in 0..2 {
        let recon = before.b[i] + before.w[[i, 0]];
        let mean_v = f32::midpoint(x[[0, i]], x[[1, i]]);
        for (j, h) in [1.0, 0.0].into_iter().enumerate() {
            let g = mean_v * h - recon * h;
            let want = before.w[[i, j]] + 0.5 * (g - 0.01 * before.w[[i, j]]);
            assert!((rbm.w[[i, j]] - want).abs() < 1e-5);
        }
        assert!((rbm.b[i] - (before.b[i] + 0.5 * (mean_v - recon))).abs() < 1e-5);
    }
    assert_eq!(rbm.c, before.c);
}

#[test]
fn permuting_hidden_units_permutes_the_result() {
    let rbm = machine(Visible::Gaussian, 3, 4, 30);
    let order = [2, 0, 3, 1];
    let permuted = Rbm { w: rbm.w.select(Axis(1), &order), c: rbm.c.select(Axis(0), &order), ..rbm.clone() };
    let x = array![[0.3_f32, -1.2, 0.8]];
    let (a, b) = (rbm.free_energy(&x)[0], permuted.free_energy(&x)[0]);
    assert!((a - b).abs() < 1e-9);
    assert_eq!(rbm.hidden(&x).select(Axis(1), &order), permuted.hidden(&x));
}

#[test]
fn a_machine_in_balance_stays_in_balance() {
    // Chains started exactly from p(v) keep its means after a sweep: no drift.
    let rbm = machine(Visible::Bernoulli, 4, 3, 40);
    let z = log_z(&rbm);
    let p: Vec<f64> = states(4).iter().map(|v| (-rbm.free_energy(&row(v))[0] - z).exp()).collect();
    assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-4);
    let chains = 60_000;
    let mut random = stream(5, Purpose::PreTraining, 1);
    let mut lanes = Lanes::new(&mut random);
    let rows: Vec<Vec<f64>> = (0..chains)
        .map(|_| {
            let mut u: f64 = random.random();
            let i = p
                .iter()
                .position(|&p| {
                    u -= p;
                    u < 0.0
                })
                .unwrap_or(15);
            states(4)[i].clone()
        })
        .collect();
    let batch = Array2::from_shape_fn((chains, 4), |(r, i)| rows[r][i] as f32);
    let mut cd = ContrastiveDivergence::new(&rbm, chains);
    let step = CdStep { rate: 0.0, momentum: 0.0, weight_cost: 0.0, gibbs_steps: 4, sample_visible: true };
    cd.gradient(&rbm, &batch, &step, &mut lanes);
    // The gradient is the drift of <vh>, <v>, <h>: zero up to the Monte-Carlo spread.
    let worst = cd.g_w.iter().chain(&cd.g_b).chain(&cd.g_c).fold(0f32, |m, x| m.max(x.abs()));
    assert!(worst < 5.0 / (chains as f32).sqrt(), "{worst}");
}
