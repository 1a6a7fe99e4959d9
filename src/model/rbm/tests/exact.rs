//! Exact values against plain double sums, quadrature and finite differences.

use ndarray::array;

use super::*;

fn near(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{what}: {got} {want}");
}

/// The roles of both sides exchanged; all units Bernoulli.
fn swapped(rbm: &Rbm) -> Rbm {
    Rbm { w: rbm.w.t().as_standard_layout().into_owned(), b: rbm.c.clone(), c: rbm.b.clone(), ..rbm.clone() }
}

#[test]
fn log_z_by_visible_states_by_hidden_states_and_by_both_agree() {
    let rbm = machine(Kind::Bernoulli, Hidden::Bernoulli, 7, 4, 2);
    let all: Vec<f64> = states(7)
        .iter()
        .flat_map(|v| states(4).into_iter().map(|h| -energy(&rbm, v, &h)).collect::<Vec<_>>())
        .collect();
    let want = log_sum_exp(&all);
    // The side with fewer units is enumerated: the four hidden ones first, then the same as visible ones.
    near(Exact::new(&rbm).log_z().unwrap(), want, 1e-12, "by h");
    near(Exact::new(&swapped(&rbm)).log_z().unwrap(), want, 1e-12, "by v");
    let exact = Exact::new(&rbm);
    let by_free_energy: Vec<f64> = states(7).iter().map(|v| -exact.free_energy(v).unwrap()).collect();
    near(log_sum_exp(&by_free_energy), want, 1e-12, "by F");
    let p: f64 = by_free_energy.iter().map(|f| (f - want).exp()).sum();
    near(p, 1.0, 1e-10, "p(v) sums to 1");
}

#[test]
fn many_blocks_of_states_are_summed_as_one() {
    // Independent units: Z is a product.
    let mut rbm = machine(Kind::Bernoulli, Hidden::Bernoulli, 30, 13, 2);
    rbm.w.fill(0.0);
    let softplus = |x: &f32| f64::from(*x).exp().ln_1p();
    let want: f64 = rbm.b.iter().map(softplus).sum::<f64>() + rbm.c.iter().map(softplus).sum::<f64>();
    near(Exact::new(&rbm).log_z().unwrap(), want, 1e-12, "product");
    // Weights to the first hidden unit only: two terms of such products.
    for i in 0..30 {
        rbm.w[[i, 0]] = 0.1 * i as f32 - 1.0;
    }
    let of = |h: f64| {
        let v = rbm.b.iter().zip(rbm.w.column(0)).map(|(&b, &w)| (f64::from(b) + h * f64::from(w)).exp().ln_1p());
        h * f64::from(rbm.c[0]) + v.sum::<f64>() + rbm.c.iter().skip(1).map(softplus).sum::<f64>()
    };
    near(Exact::new(&rbm).log_z().unwrap(), log_sum_exp(&[of(0.0), of(1.0)]), 1e-12, "one unit");
}

#[test]
fn gaussian_log_z_agrees_with_quadrature_in_one_and_two_dimensions() {
    // The trapezium rule over the whole of a smooth density errs less than its terms round.
    for hidden in [Hidden::Bernoulli, Hidden::Gaussian] {
        let line = Exact::new(&machine(Kind::Gaussian, hidden, 1, 4, 5));
        let step = 0.01;
        let terms: Vec<f64> = (-3000..=3000).map(|k| -line.free_energy(&[f64::from(k) * step]).unwrap()).collect();
        near(line.log_z().unwrap(), log_sum_exp(&terms) + f64::ln(step), 1e-10, "1-D");
        let plane = Exact::new(&machine(Kind::Gaussian, hidden, 2, 3, 6));
        let step = 0.05;
        let grid = |k: i32| f64::from(k) * step;
        let mut terms = Vec::new();
        for a in -300..=300 {
            terms.extend((-300..=300).map(|b| -plane.free_energy(&[grid(a), grid(b)]).unwrap()));
        }
        near(plane.log_z().unwrap(), log_sum_exp(&terms) + 2.0 * f64::ln(step), 1e-10, "2-D");
    }
    let mixed = Exact::new(&machine(Kind::Mixed, Hidden::Bernoulli, 2, 3, 6));
    let step = 0.01;
    let mut terms = Vec::new();
    for v in [0.0, 1.0] {
        terms.extend((-3000..=3000).map(|k| -mixed.free_energy(&[v, f64::from(k) * step]).unwrap()));
    }
    near(mixed.log_z().unwrap(), log_sum_exp(&terms) + f64::ln(step), 1e-10, "one of each");
}

#[test]
fn binary_units_below_gaussian_ones_are_enumerated() {
    let rbm = machine(Kind::Bernoulli, Hidden::Gaussian, 5, 3, 6);
    let exact = Exact::new(&rbm);
    let terms: Vec<f64> = states(5).iter().map(|v| -exact.free_energy(v).unwrap()).collect();
    near(exact.log_z().unwrap(), log_sum_exp(&terms), 1e-12, "by v");
}

#[test]
fn what_cannot_be_had_is_not_made_up() {
    let of = |kind, hidden, n, m| Exact::new(&machine(kind, hidden, n, m, 1)).log_z();
    assert_eq!(of(Kind::Bernoulli, Hidden::Bernoulli, 21, 21), None);
    assert_eq!(of(Kind::Gaussian, Hidden::Bernoulli, 2, 21), None);
    assert_eq!(of(Kind::Mixed, Hidden::Gaussian, 2, 2), None);
    assert_eq!(of(Kind::Unit, Hidden::Rectified, 2, 2), None);
    let mut strong = machine(Kind::Unit, Hidden::Gaussian, 2, 2, 1);
    strong.w = array![[1.0, 0.0], [0.0, 0.5]];
    assert_eq!(Exact::new(&strong).log_z(), None, "no density");
    let exact = Exact::new(&machine(Kind::Bernoulli, Hidden::Bernoulli, 4, 3, 1));
    assert_eq!(exact.log_z_unless(&mut |_| false), None, "stopped");
    assert_eq!(exact.log_likelihood(&Array2::zeros((0, 4)), 1.0), None);
    assert!(exact.gradient(&Array2::zeros((0, 4))).is_none());
}

/// The parameters of a machine one by one.
fn parameter(exact: &mut Exact, k: usize) -> &mut f64 {
    let (n, m) = exact.w.dim();
    if k < n * m {
        &mut exact.w[[k / m, k % m]]
    } else if k < n * m + n {
        &mut exact.b[k - n * m]
    } else if k < n * m + n + m {
        &mut exact.c[k - n * m - n]
    } else {
        &mut exact.log_variance[k - n * m - n - m]
    }
}

#[test]
fn the_gradient_agrees_with_finite_differences_of_the_log_likelihood() {
    let mut machines: Vec<Rbm> = KINDS[..5].iter().map(|&(kind, hidden)| machine(kind, hidden, 5, 4, 21)).collect();
    machines.push(swapped(&machines[0]));
    let mut joint = machine(Kind::Bernoulli, Hidden::Bernoulli, 5, 4, 22);
    joint.n_classes = 2;
    machines.extend([Rbm { n_classes: 3, ..swapped(&machine(Kind::Bernoulli, Hidden::Bernoulli, 6, 5, 23)) }, joint]);
    for rbm in machines {
        let n = rbm.n_visible();
        let mut data = Array2::from_shape_fn((6, n), |(r, i)| {
            let k = (r * 5 + i * 3) % 7;
            if rbm.is_gaussian(i) { k as f32 / 2.0 - 1.5 } else { (k % 2) as f32 }
        });
        for mut row in data.rows_mut().into_iter().filter(|_| rbm.n_classes > 0) {
            row.slice_mut(ndarray::s![rbm.n_features()..]).fill(0.0);
            row[n - 1] = 1.0;
        }
        let exact = Exact::new(&rbm);
        let g = exact.gradient(&data).unwrap();
        let flat: Vec<f64> = g.w.iter().chain(&g.b).chain(&g.c).chain(&g.log_variance).copied().collect();
        let with_variance = rbm.log_variance.is_some();
        for (k, &got) in flat.iter().enumerate() {
            let of_variance = k.checked_sub(n * rbm.n_hidden() + n + rbm.n_hidden());
            if of_variance.is_some_and(|i| !with_variance || !rbm.is_gaussian(i)) {
                continue;
            }
            let at = |by: f64| {
                let mut shifted = exact.clone();
                *parameter(&mut shifted, k) += by;
                shifted.log_likelihood(&data, shifted.log_z().unwrap()).unwrap()
            };
            let e = 1e-3;
            let numeric = (8.0 * (at(e) - at(-e)) - (at(2.0 * e) - at(-2.0 * e))) / (12.0 * e);
            assert!((numeric - got).abs() < 1e-6 * got.abs().max(0.1), "{:?} {k}: {numeric} {got}", rbm.visible);
        }
    }
}

#[test]
fn without_weights_log_z_moves_with_the_visible_mean() {
    let mut rbm = machine(Kind::Bernoulli, Hidden::Bernoulli, 4, 3, 3);
    rbm.w.fill(0.0);
    let moments = Exact::new(&rbm).model_moments().unwrap();
    for (v, &b) in moments.v.iter().zip(&rbm.b) {
        near(*v, 1.0 / (1.0 + (-f64::from(b)).exp()), 1e-12, "d ln Z/db");
    }
}

#[test]
fn a_label_is_summed_over_its_classes() {
    let rbm = Rbm { n_classes: 3, ..machine(Kind::Bernoulli, Hidden::Bernoulli, 7, 3, 8) };
    let mut terms = Vec::new();
    for v in states(4) {
        for class in 0..3 {
            let one_hot = (0..3).map(|k| if k == class { 1.0 } else { 0.0 });
            let v: Vec<f64> = v.iter().copied().chain(one_hot).collect();
            terms.extend(states(3).iter().map(|h| -energy(&rbm, &v, h)));
        }
    }
    near(Exact::new(&rbm).log_z().unwrap(), log_sum_exp(&terms), 1e-12, "by h");
    let wide = Rbm { n_classes: 3, ..machine(Kind::Bernoulli, Hidden::Bernoulli, 5, 6, 8) };
    let mut terms = Vec::new();
    for v in states(2) {
        for class in 0..3 {
            let one_hot = (0..3).map(|k| if k == class { 1.0 } else { 0.0 });
            let v: Vec<f64> = v.iter().copied().chain(one_hot).collect();
            terms.extend(states(6).iter().map(|h| -energy(&wide, &v, h)));
        }
    }
    near(Exact::new(&wide).log_z().unwrap(), log_sum_exp(&terms), 1e-12, "by v");
}
