//! Clamped Gibbs sampling against expectations by enumeration.

use super::*;

/// The expectation of the free units by enumeration of h, whose probability given the held units is in proportion to
/// `exp(c·h + v̂·W·h)` over those, times for each free unit with input `a = W·h` the sum over its states, `1 + e^(b+a)`,
/// or the integral, `e^(b·a/σ + a²/2)`.
fn expected(rbm: &Rbm, v: &[f32], free: &[usize]) -> Vec<f64> {
    let m = rbm.n_hidden();
    let (mut total, mut sums) = (0.0, vec![0.0; free.len()]);
    for h in states(m) {
        let input = |i: usize| h.iter().enumerate().map(|(j, h)| f64::from(rbm.w[[i, j]]) * h).sum::<f64>();
        let mut log: f64 = h.iter().zip(&rbm.c).map(|(h, &c)| h * f64::from(c)).sum();
        let held = (0..v.len()).filter(|i| !free.contains(i));
        log += held.map(|i| f64::from(v[i]) / wide_sigma(rbm, i) * input(i)).sum::<f64>();
        let mut means = Vec::new();
        for &i in free {
            let (a, b, sigma) = (input(i), f64::from(rbm.b[i]), wide_sigma(rbm, i));
            if rbm.is_gaussian(i) {
                log += b / sigma * a + a * a / 2.0;
                means.push(b + sigma * a);
            } else {
                log += (b + a).exp().ln_1p();
                means.push(1.0 / (1.0 + (-b - a).exp()));
            }
        }
        total += log.exp();
        for (sum, mean) in sums.iter_mut().zip(means) {
            *sum += log.exp() * mean;
        }
    }
    sums.into_iter().map(|sum| sum / total).collect()
}

#[test]
fn a_long_chain_finds_the_exact_conditional_mean() {
    for kind in [Kind::Bernoulli, Kind::Unit, Kind::Gaussian, Kind::Mixed] {
        let rbm = machine(kind, Hidden::Bernoulli, 5, 4, 5);
        let start = [1.0, 0.0, 1.0, 0.0, 1.0];
        for free in [&[1][..], &[0, 3], &[0, 1, 2, 3, 4]] {
            let exact = expected(&rbm, &start, free);
            let gibbs = ClampedGibbs { burn_in: 200, samples: 60_000, sample_visible: true };
            let mut v = start;
            gibbs.fill(&rbm, &mut v, free, &mut lanes(6));
            for (&unit, exact) in free.iter().zip(exact) {
                assert!((f64::from(v[unit]) - exact).abs() < 0.05, "{kind:?} {free:?} {} {exact}", v[unit]);
            }
            for unit in (0..5).filter(|unit| !free.contains(unit)) {
                assert_eq!(v[unit], start[unit], "held units stay");
            }
        }
    }
}

#[test]
fn without_weights_the_bias_is_the_answer() {
    let mut rbm = machine(Kind::Gaussian, Hidden::Bernoulli, 3, 2, 5);
    rbm.w.fill(0.0);
    let mut v = [9.0, 9.0, 9.0];
    let gibbs = ClampedGibbs { burn_in: 0, samples: 3, sample_visible: false };
    gibbs.fill(&rbm, &mut v, &[0, 2], &mut lanes(1));
    assert_eq!(v, [rbm.b[0], 9.0, rbm.b[2]]);
    gibbs.fill(&rbm, &mut v, &[], &mut lanes(1));
    gibbs.fill(&rbm, &mut v, &[77], &mut lanes(1));
    assert_eq!(v[1], 9.0);
}
