//! p(h | v) and p(v | h): means against enumeration, draws against means and variances, and no drift from p.

use ndarray::array;

use super::*;

#[test]
fn conditional_means_agree_with_enumeration() {
    for kind in [Kind::Bernoulli, Kind::Gaussian, Kind::Mixed] {
        let rbm = machine(kind, Hidden::Bernoulli, 4, 3, 11);
        let v = [1.0, 0.0, 1.0, 1.0];
        let mean = rbm.hidden_mean(&row(&v));
        let weights: Vec<f64> = states(3).iter().map(|h| (-energy(&rbm, &v, h)).exp()).collect();
        for j in 0..3 {
            let on: f64 = states(3).iter().zip(&weights).map(|(h, w)| h[j] * w).sum();
            assert!((f64::from(mean[[0, j]]) - on / weights.iter().sum::<f64>()).abs() < 1e-6);
        }
    }
    let h = [1.0, 0.0, 1.0];
    let rbm = machine(Kind::Bernoulli, Hidden::Bernoulli, 4, 3, 12);
    let mean = rbm.visible_mean(&row(&h));
    let weights: Vec<f64> = states(4).iter().map(|v| (-energy(&rbm, v, &h)).exp()).collect();
    for i in 0..4 {
        let on: f64 = states(4).iter().zip(&weights).map(|(v, w)| v[i] * w).sum();
        assert!((f64::from(mean[[0, i]]) - on / weights.iter().sum::<f64>()).abs() < 1e-6);
    }
}

/// Draws of both sides, many rows of one state each.
fn draws(rbm: &Rbm, v: &[f64], h: &[f64], n: usize) -> (Array2<f32>, Array2<f32>) {
    let many = |x: &[f64]| Array2::from_shape_fn((n, x.len()), |(_, i)| x[i] as f32);
    let scale = Scale::of(rbm);
    let conditionals = Conditionals::new(rbm, scale.as_ref());
    let mut lanes = lanes(3);
    let (mut mean, mut hidden) = (Array2::zeros((n, h.len())), Array2::zeros((n, h.len())));
    conditionals.draw_hidden(&many(v), &mut lanes, &mut mean, &mut hidden);
    // Products of many rows may round otherwise than those of one.
    assert!(mean.row(0).iter().zip(&rbm.hidden_mean(&row(v))).all(|(a, b)| (a - b).abs() < 1e-6));
    let mut visible = Array2::zeros((n, v.len()));
    conditionals.visible_means(&many(h), &mut visible);
    conditionals.draw_visible(&mut lanes, &mut visible);
    (visible, hidden)
}

#[test]
fn draws_have_the_means_and_variances_of_the_formulas() {
    let n = 40_000;
    let near = |got: (f64, f64), want: (f64, f64), what: &str| {
        let spread = 5.0 * (want.1.max(1e-9) / n as f64).sqrt();
        assert!((got.0 - want.0).abs() < spread, "mean of {what}: {} {}", got.0, want.0);
        assert!((got.1 - want.1).abs() < 0.05 * want.1 + 1e-6, "variance of {what}: {} {}", got.1, want.1);
    };
    for kind in [Kind::Bernoulli, Kind::Unit, Kind::Gaussian, Kind::Mixed] {
        for hidden in [Hidden::Bernoulli, Hidden::Gaussian, Hidden::Rectified] {
            let rbm = machine(kind, hidden, 4, 3, 13);
            let (v, h) = ([1.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0]);
            let (v_drawn, h_drawn) = draws(&rbm, &v, &h, n);
            for i in 0..4 {
                let a: f64 = (0..3).map(|j| f64::from(rbm.w[[i, j]]) * h[j]).sum();
                let (b, sigma) = (f64::from(rbm.b[i]), wide_sigma(&rbm, i));
                let p = 1.0 / (1.0 + (-b - a).exp());
                let want = if rbm.is_gaussian(i) { (b + sigma * a, sigma * sigma) } else { (p, p * (1.0 - p)) };
                near(moments(v_drawn.column(i).iter().copied()), want, &format!("v {kind:?} {i}"));
            }
            for j in 0..3 {
                let x: f64 = (0..4).map(|i| f64::from(rbm.w[[i, j]]) * v[i] / wide_sigma(&rbm, i)).sum::<f64>()
                    + f64::from(rbm.c[j]);
                let p = 1.0 / (1.0 + (-x).exp());
                let want = match hidden {
                    Hidden::Bernoulli => (p, p * (1.0 - p)),
                    Hidden::Gaussian => (x, 1.0),
                    Hidden::Rectified => rectified_moments(x, p.sqrt()),
                };
                near(moments(h_drawn.column(j).iter().copied()), want, &format!("h {hidden:?} {j}"));
            }
        }
    }
}

/// Mean and variance of max(0, N(x, s²)), by quadrature.
fn rectified_moments(x: f64, s: f64) -> (f64, f64) {
    let step = 1e-3;
    let mut sums = (0.0, 0.0);
    for k in -8000..=8000 {
        let z = f64::from(k) * step;
        let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt() * step;
        let y = (x + s * z).max(0.0);
        sums.0 += density * y;
        sums.1 += density * y * y;
    }
    (sums.0, sums.1 - sums.0 * sums.0)
}

#[test]
fn draws_are_certain_where_probabilities_are() {
    let mut rbm = machine(Kind::Bernoulli, Hidden::Bernoulli, 2, 2, 1);
    rbm.w.fill(0.0);
    (rbm.b, rbm.c) = (array![200.0, -200.0], array![-200.0, 200.0]);
    let (v, h) = draws(&rbm, &[0.0, 0.0], &[0.0, 0.0], 1000);
    assert!(v.rows().into_iter().all(|v| v == array![1.0, 0.0]));
    assert!(h.rows().into_iter().all(|h| h == array![0.0, 1.0]));
}

#[test]
fn wide_rows_are_drawn_to_their_ends() {
    // More columns than are drawn at once.
    let mut rbm = machine(Kind::Mixed, Hidden::Bernoulli, 601, 2, 1);
    rbm.w.fill(0.0);
    rbm.b.fill(200.0);
    let (v, _) = draws(&rbm, &[0.0; 601], &[0.0, 0.0], 3);
    for (i, &x) in v.row(0).iter().enumerate() {
        assert!(if i % 2 == 0 { x == 1.0 } else { x != 200.0 && (x - 200.0).abs() < 20.0 }, "{i} {x}");
    }
}

#[test]
fn a_machine_in_balance_stays_in_balance() {
    // Chains started exactly from p keep <v>, <v vᵀ>, <v h>, <h> over any number of sweeps: no drift. Immune to slow
    // mixing, as nothing has to mix.
    let n = 20_000;
    for kind in [Kind::Bernoulli, Kind::Unit, Kind::Gaussian, Kind::Mixed] {
        let rbm = machine(kind, Hidden::Bernoulli, 4, 3, 40);
        let start = exact_samples(&rbm, n);
        let scale = Scale::of(&rbm);
        let conditionals = Conditionals::new(&rbm, scale.as_ref());
        let (mut mean, mut h, mut v) = (Array2::zeros((n, 3)), Array2::zeros((n, 3)), start.clone());
        let mut lanes = lanes(41);
        for sweep in 1..=16 {
            conditionals.draw_hidden(&v, &mut lanes, &mut mean, &mut h);
            conditionals.visible_means(&h, &mut v);
            conditionals.draw_visible(&mut lanes, &mut v);
            if [1, 4, 16].contains(&sweep) {
                assert_alike(&start, &v, &format!("{kind:?} after {sweep}"));
                assert_alike(&rbm.hidden_mean(&start), &rbm.hidden_mean(&v), &format!("h, {kind:?} after {sweep}"));
            }
        }
    }
}

/// Means and second moments of two samples agree within five standard errors of their difference.
fn assert_alike(a: &Array2<f32>, b: &Array2<f32>, what: &str) {
    let n = a.nrows() as f64;
    let compare = |pick: &dyn Fn(&Array2<f32>, usize) -> f32| {
        let of = |x: &Array2<f32>| moments((0..x.nrows()).map(|r| pick(x, r)));
        let ((mean_a, variance_a), (mean_b, variance_b)) = (of(a), of(b));
        let spread = 5.0 * ((variance_a + variance_b) / n).sqrt() + 1e-6;
        assert!((mean_a - mean_b).abs() < spread, "{what}: {mean_a} {mean_b}");
    };
    for i in 0..a.ncols() {
        compare(&|x, r| x[[r, i]]);
        for j in i..a.ncols() {
            compare(&|x, r| x[[r, i]] * x[[r, j]]);
        }
    }
}

#[test]
fn gibbs_sampling_finds_the_patterns_it_was_given() {
    // scikit-learn's test_fit_gibbs: rows 01 and 10, one unit for each; chains stay at what they start from.
    let x = array![[0.0_f32, 1.0], [1.0, 0.0]];
    let mut rbm = Rbm::new(Visible::Bernoulli, 2, &x, &mut stream(42, Purpose::InitialWeights, 0));
    let mut cd = ContrastiveDivergence::new(&rbm, 2);
    let mut lanes = lanes(42);
    for _ in 0..4000 {
        cd.update(&mut rbm, &x, &cd1(0.1), &mut lanes);
    }
    let back = rbm.visible_mean(&rbm.hidden_mean(&x));
    assert!(back.iter().zip(&x).all(|(back, x)| (back - x).abs() < 0.1), "{back}");
}
