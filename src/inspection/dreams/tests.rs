//! Chains against the distribution by enumeration: references here are written from MATH §2 alone, in f64.

use ndarray::{Array1, Array2, Axis, array};
use rand::RngExt as _;
use statrs::distribution::{ChiSquared, ContinuousCDF as _};

use super::*;
use crate::model::dbn::InputMap;
use crate::model::rbm::{Hidden, Rbm, Visible};
use crate::random::{Purpose, stream};

const NO_ROWS: (usize, usize) = (0, 0);

/// A machine with weights large enough that its units depend on each other.
fn machine(visible: Visible, n: usize, m: usize, n_classes: usize, seed: u64) -> Rbm {
    let mut random = stream(seed, Purpose::Sample, 0);
    let mut draw = |scale: f32| (random.random::<f32>() - 0.5) * scale;
    Rbm {
        visible,
        hidden: Hidden::Bernoulli,
        w: Array2::from_shape_simple_fn((n + n_classes, m), || draw(3.0)),
        b: Array1::from_shape_simple_fn(n + n_classes, || draw(1.0)),
        c: Array1::from_shape_simple_fn(m, || draw(1.0)),
        log_variance: None,
        n_classes,
    }
}

fn binary(n: usize, m: usize, n_classes: usize, seed: u64) -> Rbm {
    machine(Visible::Bernoulli, n, m, n_classes, seed)
}

/// Every state of the visible side of a machine of binary units, label included, with its probability: the sum of
/// e^{−E(v, h)} over every h.
fn enumerated(rbm: &Rbm) -> Vec<(Vec<f32>, f64)> {
    let bits = |n: usize| (0..1_usize << n).map(move |s| (0..n).map(|i| (s >> i & 1) as f32).collect::<Vec<f32>>());
    let one_hot = |v: &Vec<f32>| rbm.n_classes == 0 || v[rbm.n_features()..].iter().sum::<f32>() == 1.0;
    let mut states: Vec<(Vec<f32>, f64)> = bits(rbm.n_visible())
        .filter(one_hot)
        .map(|v| {
            let mut p = 0.0;
            for h in bits(rbm.n_hidden()) {
                let mut minus_energy = 0.0;
                for (i, &v) in v.iter().enumerate() {
                    minus_energy += f64::from(rbm.b[i] * v);
                    for (j, &h) in h.iter().enumerate() {
                        minus_energy += f64::from(v * rbm.w[[i, j]] * h);
                    }
                }
                minus_energy += h.iter().zip(&rbm.c).map(|(&h, &c)| f64::from(h * c)).sum::<f64>();
                p += minus_energy.exp();
            }
            (v, p)
        })
        .collect();
    let z: f64 = states.iter().map(|(_, p)| p).sum();
    for (_, p) in &mut states {
        *p /= z;
    }
    states
}

/// Only the states that `keep` keeps, their probabilities adding up to 1 again.
fn given(states: Vec<(Vec<f32>, f64)>, keep: impl Fn(&[f32]) -> bool) -> Vec<(Vec<f32>, f64)> {
    let mut kept: Vec<_> = states.into_iter().filter(|(v, _)| keep(v)).collect();
    let all: f64 = kept.iter().map(|(_, p)| p).sum();
    for (_, p) in &mut kept {
        *p /= all;
    }
    kept
}

/// The probability that states of this distribution lie as far from it as the rows `v` do, by Pearson's chi-square.
fn p_value(v: &Array2<f32>, states: &[(Vec<f32>, f64)]) -> f64 {
    let mut counts = vec![0_usize; states.len()];
    for row in v.rows() {
        let at = states.iter().position(|(state, _)| row.iter().eq(state));
        counts[at.expect("a state that the machine can take")] += 1;
    }
    let n = v.nrows() as f64;
    let statistic: f64 =
        counts.iter().zip(states).map(|(&count, (_, p))| (count as f64 - n * p).powi(2) / (n * p)).sum();
    1.0 - ChiSquared::new((states.len() - 1) as f64).unwrap().cdf(statistic)
}

fn options(chains: usize) -> DreamOptions {
    DreamOptions { class: None, held: Vec::new(), chains, drawn: true }
}

fn stack(machines: &[Rbm]) -> Stack<'_> {
    Stack { machines, map: None }
}

fn dreams(machines: &[Rbm], options: DreamOptions, sweeps: usize) -> Dreams {
    let mut dreams = Dreams::new(&stack(machines), options, &Array2::zeros(NO_ROWS), 7).unwrap();
    dreams.advance(&stack(machines), sweeps);
    dreams
}

#[test]
fn free_chains_leave_the_distribution_of_the_model() {
    for seed in 1..4 {
        let rbm = [binary(4, 3, 0, seed)];
        let states = enumerated(&rbm[0]);
        let found = dreams(&rbm, options(MAX_CHAINS), 100);
        let p = p_value(found.visible(), &states);
        assert!(p > 0.01, "{seed}: {p}");
        assert_eq!(found.inputs(), found.visible(), "a single machine's units are the inputs");
        // The test tells: they have not forgotten the biases at the beginning.
        let at_first = p_value(dreams(&rbm, options(MAX_CHAINS), 0).visible(), &states);
        assert!(at_first < 1e-6, "{seed}: {at_first}");
    }
}

#[test]
fn chains_that_begin_in_the_distribution_stay_in_it() {
    let rbm = [binary(4, 3, 0, 2)];
    let states = enumerated(&rbm[0]);
    // Rows in proportion to their probabilities, to one in 20,000.
    let rows: Vec<f32> = states
        .iter()
        .flat_map(|(v, p)| std::iter::repeat_n(v, (p * 20_000.0).round() as usize))
        .flatten()
        .copied()
        .collect();
    let rows = Array2::from_shape_vec((rows.len() / 4, 4), rows).unwrap();
    let mut dreams = Dreams::new(&stack(&rbm), options(MAX_CHAINS), &rows, 8).unwrap();
    for sweep in 0..6 {
        let p = p_value(dreams.visible(), &states);
        assert!(p > 0.01, "{sweep}: {p}");
        dreams.advance(&stack(&rbm), 1);
    }
}

#[test]
fn held_units_never_move_and_the_others_follow_them() {
    let rbm = [binary(5, 3, 0, 4)];
    let held = vec![(0, 1.0), (3, 0.0)];
    let mut found = dreams(&rbm, DreamOptions { held: held.clone(), ..options(MAX_CHAINS) }, 0);
    for _ in 0..60 {
        found.advance(&stack(&rbm), 1);
        for &(unit, value) in &held {
            assert!(found.visible().column(unit).iter().chain(found.inputs().column(unit)).all(|&x| x == value));
        }
    }
    let states = enumerated(&rbm[0]);
    let conditional = given(states.clone(), |v| v[0] == 1.0 && v[3] == 0.0);
    let p = p_value(found.visible(), &conditional);
    assert!(p > 0.01, "{p}");
    // Free chains that happen to agree with the held units are rarer, and no others are held.
    let free = dreams(&rbm, options(MAX_CHAINS), 60);
    assert!(p_value(free.visible(), &states) > 0.01);
}

#[test]
fn a_joint_machine_dreams_of_a_class() {
    let rbm = [binary(3, 3, 2, 5)];
    let states = enumerated(&rbm[0]);
    for class in 0..2 {
        let mut found = dreams(&rbm, DreamOptions { class: Some(class), ..options(MAX_CHAINS) }, 0);
        for _ in 0..100 {
            found.advance(&stack(&rbm), 1);
            for k in 0..2 {
                let on = if k == class { 1.0 } else { 0.0 };
                assert!(found.visible().column(3 + k).iter().all(|&x| x == on), "the label is held");
            }
        }
        assert_eq!(found.inputs().ncols(), 3, "the label is no input");
        let of_class = |class: usize| given(states.clone(), |v| v[3 + class] == 1.0);
        let p = p_value(found.visible(), &of_class(class));
        assert!(p > 0.01, "{class}: {p}");
    }
    let free = dreams(&rbm, options(MAX_CHAINS), 100);
    let p = p_value(free.visible(), &states);
    assert!(p > 0.01, "free: {p}");
    // A class and held inputs together.
    let both = DreamOptions { class: Some(1), held: vec![(1, 1.0)], ..options(MAX_CHAINS) };
    let conditional = given(states, |v| v[1] == 1.0 && v[4] == 1.0);
    assert!(p_value(dreams(&rbm, both, 100).visible(), &conditional) > 0.01);
}

#[test]
fn gaussian_units_have_the_mean_and_spread_of_the_mixture() {
    let rbm = [machine(Visible::Gaussian, 2, 3, 0, 6)];
    // p(h) ∝ e^{c·h + Σᵢ bᵢaᵢ + aᵢ²/2} with a = W·h, and v | h ~ N(b + a, 1).
    let (mut z, mut mean, mut square) = (0.0, [0.0; 2], [0.0; 2]);
    for s in 0..8_usize {
        let h: Vec<f64> = (0..3).map(|j| (s >> j & 1) as f64).collect();
        let a = [0, 1].map(|i| (0..3).map(|j| f64::from(rbm[0].w[[i, j]]) * h[j]).sum::<f64>());
        let b = [0, 1].map(|i| f64::from(rbm[0].b[i]));
        let c: f64 = (0..3).map(|j| f64::from(rbm[0].c[j]) * h[j]).sum();
        let p = (c + (0..2).map(|i| b[i] * a[i] + a[i] * a[i] / 2.0).sum::<f64>()).exp();
        z += p;
        for i in 0..2 {
            mean[i] += p * (b[i] + a[i]);
            square[i] += p * ((b[i] + a[i]).powi(2) + 1.0);
        }
    }
    let found = dreams(&rbm, options(MAX_CHAINS), 100);
    for i in 0..2 {
        let (mean, variance) = (mean[i] / z, square[i] / z - (mean[i] / z).powi(2));
        let units = found.inputs().column(i).mapv(f64::from);
        let error = (variance / MAX_CHAINS as f64).sqrt();
        assert!((units.mean().unwrap() - mean).abs() < 4.0 * error, "{i}: {} {mean}", units.mean().unwrap());
        assert!((units.var(0.0) / variance - 1.0).abs() < 0.2, "{i}: {} {variance}", units.var(0.0));
    }
}

#[test]
fn a_stack_dreams_by_its_top_and_passes_down() {
    let machines = [machine(Visible::Gaussian, 2, 4, 0, 7), binary(4, 3, 2, 8)];
    let class = Some(0);
    let found = dreams(&machines, DreamOptions { class, ..options(MAX_CHAINS) }, 100);
    let of_class = given(enumerated(&machines[1]), |v| v[4] == 1.0);
    assert!(p_value(found.visible(), &of_class) > 0.01);
    assert_eq!(found.inputs().dim(), (MAX_CHAINS, 2));
    // Drawn inputs lie around the means given the units above: what remains has mean 0 and variance 1.
    let features = found.visible().slice_axis(Axis(1), (0..4).into()).to_owned();
    let means = features.dot(&machines[0].w.t()) + &machines[0].b;
    let noise = (found.inputs() - &means).mapv(f64::from);
    assert!(noise.mean().unwrap().abs() < 0.1 && (noise.var(0.0) - 1.0).abs() < 0.15, "{}", noise.var(0.0));
    // As means: p(v | h) of the top, then b + W·h below, by hand.
    let found = dreams(&machines, DreamOptions { class, drawn: false, ..options(3) }, 5);
    let top = &machines[1];
    let logits = found.hidden().dot(&top.w.t()) + &top.b;
    let features = logits.slice_axis(Axis(1), (0..4).into()).mapv(|x| 1.0 / (1.0 + (-x).exp()));
    let expected = features.dot(&machines[0].w.t()) + &machines[0].b;
    assert!(found.inputs().iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4));
}

#[test]
fn a_stack_holds_inputs_and_the_rest_follows_them() {
    // Two inputs that go together, through a unit that is on when they are high.
    let mut lower = machine(Visible::Gaussian, 2, 1, 0, 1);
    (lower.w, lower.b, lower.c) = (array![[3.0], [3.0]], array![-1.5, -1.5], array![0.0]);
    let mut upper = binary(1, 1, 0, 1);
    (upper.w, upper.b, upper.c) = (array![[6.0]], array![-3.0], array![-3.0]);
    let machines = [lower, upper];
    let of = |value| {
        let held = vec![(0, value), (9, 1.0), (1, f32::NAN)];
        let found = dreams(&machines, DreamOptions { held, ..options(200) }, 20);
        assert!(found.inputs().column(0).iter().all(|&x| x == value));
        found.inputs().column(1).mean().unwrap()
    };
    let (low, high) = (of(-2.0), of(2.0));
    assert!(low < -0.5 && high > 0.5, "{low} {high}");
}

#[test]
fn inputs_are_those_that_the_map_shows_to_the_lowest_machine() {
    let machines = [binary(2, 3, 0, 3)];
    let map = InputMap { low: array![-1.0, 5.0], width: array![2.0, 1.0] };
    let stack = Stack { machines: &machines, map: Some(&map) };
    let held = vec![(0, 1.0)];
    let mut found = Dreams::new(&stack, DreamOptions { held, ..options(50) }, &Array2::zeros(NO_ROWS), 1).unwrap();
    found.advance(&stack, 3);
    assert!(found.visible().column(0).iter().all(|&x| x == 1.0), "1 is the largest value, so the unit is on");
    assert!(found.inputs().column(0).iter().all(|&x| x == 1.0));
    assert!(found.inputs().column(1).iter().zip(found.visible().column(1)).all(|(x, v)| *x == v + 5.0));
}

#[test]
fn a_chain_depends_on_its_seed_class_and_number_alone() {
    let machines = [machine(Visible::Gaussian, 7, 20, 0, 9), binary(20, 11, 2, 10)];
    let few = dreams(&machines, options(3), 9);
    let many = dreams(&machines, options(300), 9);
    assert_eq!(few.inputs(), many.inputs().slice_axis(Axis(0), (0..3).into()));
    let mut in_steps = dreams(&machines, options(3), 4);
    in_steps.advance(&stack(&machines), 3);
    in_steps.advance(&stack(&machines), 2);
    assert_eq!((in_steps.inputs(), in_steps.sweeps()), (few.inputs(), 9));
    let other = Dreams::new(&stack(&machines), options(3), &Array2::zeros(NO_ROWS), 8).unwrap();
    assert_ne!(other.visible(), dreams(&machines, options(3), 0).visible());
    let class = dreams(&machines, DreamOptions { class: Some(0), ..options(3) }, 0);
    assert_ne!(class.visible(), dreams(&machines, options(3), 0).visible());
    assert_ne!(dream_seed(1, 2, 3), dream_seed(1, 3, 2));
    assert_eq!(dream_seed(1, 2, 3), dream_seed(1, 2, 3));
}

#[test]
fn what_cannot_dream_says_so() {
    assert!(Dreams::new(&stack(&[]), options(3), &Array2::zeros(NO_ROWS), 1).is_none());
    let (small, large) = ([binary(3, 2, 0, 1)], [binary(9, 2, 0, 1)]);
    let mut found = dreams(&small, DreamOptions { class: Some(5), ..options(0) }, 2);
    assert_eq!(found.inputs().dim(), (1, 3));
    found.advance(&stack(&large), 5);
    found.advance(&stack(&[]), 5);
    assert_eq!(found.sweeps(), 2);
}
