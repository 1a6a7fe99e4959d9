//! Learned σ, sparsity, centring, the limit on updates, and rectified units.

use ndarray::array;

use super::*;

/// Normal rows with columns of the given means and deviations.
fn normal_rows(n: usize, columns: &[(f32, f32)]) -> Array2<f32> {
    let mut random = stream(12, Purpose::Sample, 0);
    Array2::from_shape_fn((n, columns.len()), |(_, i)| {
        let z: f32 = StandardNormal.sample(&mut random);
        columns[i].0 + columns[i].1 * z
    })
}

fn epochs(rbm: &mut Rbm, x: &Array2<f32>, options: &CdOptions, step: &CdStep, n: usize) -> ContrastiveDivergence {
    let mut cd = ContrastiveDivergence::with_options(rbm, 20, options);
    let mut lanes = lanes(7);
    for _ in 0..n {
        for batch in x.axis_chunks_iter(ndarray::Axis(0), 20) {
            cd.update(rbm, &batch, step, &mut lanes);
        }
    }
    cd
}

#[test]
fn sigma_is_learned_within_its_bounds() {
    let x = normal_rows(2000, &[(0.0, 0.5), (1.0, 2.0), (0.0, 0.001)]);
    let mut rbm = Rbm::new(Visible::Gaussian, 2, &x, &mut stream(1, Purpose::InitialWeights, 0));
    rbm.log_variance = Some(Array1::zeros(3));
    // A weight cost that leaves the variance to σ: hidden units would take their share of it.
    let step = CdStep { weight_cost: 5.0, ..cd1(0.02) };
    epochs(&mut rbm, &x, &CdOptions::default(), &step, 60);
    assert!((rbm.sigma(0) - 0.5).abs() < 0.05 && (rbm.sigma(1) - 2.0).abs() < 0.2, "{:?}", rbm.log_variance);
    assert!(rbm.sigma(2) >= 0.0999 && rbm.sigma(2) < 0.2);
    let (mut wild, mut lanes) = (rbm.clone(), lanes(1));
    let mut cd = ContrastiveDivergence::new(&wild, 20);
    for sign in [1.0, -1.0] {
        cd.update(&mut wild, &x.slice(ndarray::s![..20, ..]), &cd1(sign * 1e4), &mut lanes);
        assert!((0..3).all(|i| (0.0999..=10.001).contains(&wild.sigma(i))), "{:?}", wild.log_variance);
    }
}

#[test]
fn a_mixed_machine_learns_sigma_of_its_gaussian_columns_only() {
    let mut x = normal_rows(400, &[(0.0, 0.5), (0.0, 1.0)]);
    x.column_mut(1).mapv_inplace(|x| if x > 0.3 { 1.0 } else { 0.0 });
    let visible = Visible::of_columns(vec![false, true]);
    let mut rbm = Rbm::new(visible, 3, &x, &mut stream(1, Purpose::InitialWeights, 0)).with_learned_variance(&x);
    let step = CdStep { weight_cost: 5.0, ..cd1(0.02) };
    epochs(&mut rbm, &x, &CdOptions::default(), &step, 30);
    assert_eq!(rbm.sigma(1), 1.0);
    assert!((rbm.sigma(0) - 0.5).abs() < 0.1);
    let p = rbm.visible_mean(&rbm.hidden_mean(&x));
    assert!(p.column(1).iter().all(|&p| p > 0.0 && p < 1.0));
}

#[test]
fn sparsity_brings_the_mean_activity_to_its_target() {
    let x = normal_rows(600, &[(0.0, 1.0), (0.0, 1.0), (0.0, 1.0)]);
    let mut rbm = Rbm::new(Visible::Gaussian, 10, &x, &mut stream(1, Purpose::InitialWeights, 0));
    let sparsity = Some(Sparsity { target: 0.1, cost: 1.0, decay: 0.9 });
    epochs(&mut rbm, &x, &CdOptions { sparsity, ..CdOptions::default() }, &cd1(0.05), 60);
    let activity = rbm.hidden_mean(&x).mean_axis(ndarray::Axis(0)).unwrap();
    assert!(activity.iter().all(|&q| (q - 0.1).abs() < 0.03), "{activity}");
}

#[test]
fn sparsity_and_centring_by_their_definitions() {
    // With saturated hidden units nothing is left to chance: h is (1, 0) in both phases, so <h>_data = <h>_model.
    let mut rbm = machine(Kind::Gaussian, Hidden::Bernoulli, 2, 2, 9);
    rbm.c = array![200.0, -200.0];
    let x = array![[1.0_f32, 2.0], [3.0, -1.0]];
    let mut plain = ContrastiveDivergence::new(&rbm, 2);
    plain.gradient(&rbm, &x, &cd1(0.1), &mut lanes(1));
    let sigma = [rbm.sigma(0), rbm.sigma(1)];
    let (mean, h) = ([2.0, 0.5], [1.0, 0.0]);
    let near = |a: f32, b: f32, what: &str| assert!((a - b).abs() < 1e-4, "{what}: {a} {b}");

    let sparsity = Some(Sparsity { target: 0.25, cost: 0.5, decay: 0.9 });
    let options = CdOptions { sparsity, ..CdOptions::default() };
    let mut sparse = ContrastiveDivergence::with_options(&rbm, 2, &options);
    sparse.gradient(&rbm, &x, &cd1(0.1), &mut lanes(1));
    for j in 0..2 {
        let bonus = 0.5 * (0.25 - h[j]);
        near(sparse.g_c[j], plain.g_c[j] + bonus, "c");
        for i in 0..2 {
            near(sparse.g_w[[i, j]], plain.g_w[[i, j]] + bonus * mean[i] / sigma[i], "W");
        }
    }

    let options = CdOptions { centring: Some(0.5), ..CdOptions::default() };
    let mut centred = ContrastiveDivergence::with_options(&rbm, 2, &options);
    centred.gradient(&rbm, &x, &cd1(0.1), &mut lanes(1));
    // h − λ is 0 in both phases, so the weights rest, and the biases move as ever.
    for j in 0..2 {
        near(centred.g_c[j], plain.g_c[j], "c");
        for i in 0..2 {
            near(centred.g_w[[i, j]], 0.0, "W");
            near(centred.g_b[i], plain.g_b[i], "b");
        }
    }
    // After a second batch the offsets stand half-way: μ of the first and the second batch, λ as before.
    let shifted = &x + 2.0;
    plain.gradient(&rbm, &shifted, &cd1(0.1), &mut lanes(1));
    let mut unsaturated = rbm.clone();
    unsaturated.c = array![0.3, -0.2];
    unsaturated.w.fill(0.0);
    let h: Vec<f32> = unsaturated.c.iter().map(|&c| 1.0 / (1.0 + (-c).exp())).collect();
    plain.gradient(&unsaturated, &shifted, &cd1(0.1), &mut lanes(1));
    centred.gradient(&unsaturated, &shifted, &cd1(0.1), &mut lanes(1));
    let lambda = [f32::midpoint(1.0, h[0]), f32::midpoint(0.0, h[1])];
    for i in 0..2 {
        // <(v̂ − μ̂)(h − λ)> of data less model, with v′ = b, as W is 0: (<v̂> − b̂)(h − λ).
        let difference = (mean[i] + 2.0 - unsaturated.b[i]) / sigma[i];
        let mut of_bias = plain.g_b[i];
        for j in 0..2 {
            near(centred.g_w[[i, j]], difference * (h[j] - lambda[j]), "W");
            of_bias -= sigma[i] * centred.g_w[[i, j]] * lambda[j];
        }
        near(centred.g_b[i], of_bias, "b");
    }
    for j in 0..2 {
        let moved: f32 = (0..2).map(|i| (mean[i] + 1.0) / sigma[i] * centred.g_w[[i, j]]).sum();
        near(centred.g_c[j], plain.g_c[j] - moved, "c");
    }
}

#[test]
fn the_limit_shortens_updates_and_keeps_their_direction() {
    let x = normal_rows(20, &[(0.0, 3.0), (0.0, 3.0), (0.0, 3.0)]);
    let start = machine(Kind::Unit, Hidden::Bernoulli, 3, 4, 2);
    let (mut free, mut limited) = (start.clone(), start.clone());
    let options = |update_limit| CdOptions { update_limit, ..CdOptions::default() };
    let step = CdStep { weight_cost: 0.01, momentum: 0.5, ..cd1(1.0) };
    ContrastiveDivergence::new(&free, 20).update(&mut free, &x, &step, &mut lanes(2));
    let mut cd = ContrastiveDivergence::with_options(&limited, 20, &options(Some(0.05)));
    cd.update(&mut limited, &x, &step, &mut lanes(2));
    let (full, short) = (&free.w - &start.w, &limited.w - &start.w);
    for (full, short) in full.columns().into_iter().zip(short.columns()) {
        let (a, b) = (full.dot(&full).sqrt(), short.dot(&short).sqrt());
        assert!(a > 0.05 && (b - 0.05).abs() < 1e-4, "{a} {b}");
        assert!((full.dot(&short) / (a * b) - 1.0).abs() < 1e-4);
    }
    let mut wide = start.clone();
    ContrastiveDivergence::with_options(&wide, 20, &options(Some(1e3))).update(&mut wide, &x, &step, &mut lanes(2));
    assert!(wide.w.iter().zip(&free.w).all(|(a, b)| (a - b).abs() < 1e-6), "a wide limit changes nothing");
    assert_eq!(longest_row(&array![[3.0, 4.0], [1.0, 1.0]]), 5.0);
}

#[test]
fn rectified_and_gaussian_hidden_units_learn_to_give_rows_back() {
    // Four columns of two factors.
    let factors = normal_rows(400, &[(0.0, 1.0), (0.0, 1.0)]);
    let mixing = array![[0.7_f32, 0.7, 0.0, 0.3], [0.0, 0.3, 0.9, -0.6]];
    let x = factors.dot(&mixing);
    for (hidden, rate) in [(Hidden::Bernoulli, 0.05), (Hidden::Rectified, 0.005), (Hidden::Gaussian, 0.005)] {
        let mut rbm =
            Rbm::new(Visible::Gaussian, 8, &x, &mut stream(1, Purpose::InitialWeights, 0)).with_hidden(hidden);
        let before = rbm.reconstruction_error(&x).unwrap();
        let step = CdStep { weight_cost: 1e-3, momentum: 0.5, ..cd1(rate) };
        let cd = epochs(&mut rbm, &x, &CdOptions::default(), &step, 60);
        assert_eq!(rbm.check(), Ok(()), "{hidden:?}");
        let after = rbm.reconstruction_error(&x).unwrap();
        assert!(after < 0.8 * before, "{hidden:?}: {before} to {after}");
        assert!(cd.update_ratio(&rbm).is_some_and(|ratio| ratio > 0.0 && ratio < 0.1));
    }
}
