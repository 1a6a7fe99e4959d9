//! Free energy, its invariances, and machines as they are kept.

use ndarray::{Axis, array};

use super::*;

/// Points of a visible space: every state where all is binary, scattered ones otherwise.
fn points(rbm: &Rbm) -> Vec<Vec<f64>> {
    let n = rbm.n_visible();
    let scattered = |k: usize, i: usize| {
        if rbm.is_gaussian(i) { (((k * 7 + i * 3) % 11) as f64 / 3.0 - 1.7) as f32 } else { ((k >> i) & 1) as f32 }
    };
    (0..1 << n).map(|k| (0..n).map(|i| f64::from(scattered(k, i))).collect()).collect()
}

#[test]
fn free_energy_is_minus_log_of_the_sum_over_hidden_states() {
    for kind in [Kind::Bernoulli, Kind::Unit, Kind::Gaussian, Kind::Mixed] {
        let rbm = machine(kind, Hidden::Bernoulli, 6, 5, 1);
        for v in points(&rbm) {
            let want = -log_sum_exp(&states(5).iter().map(|h| -energy(&rbm, &v, h)).collect::<Vec<_>>());
            let got = rbm.free_energy(&row(&v)).unwrap()[0];
            assert!((got - want).abs() <= 1e-5 * want.abs().max(1.0), "{kind:?} {got} {want}");
        }
    }
}

#[test]
fn free_energy_of_gaussian_hidden_units_is_minus_log_of_the_integral() {
    for kind in [Kind::Bernoulli, Kind::Gaussian, Kind::Mixed] {
        let rbm = machine(kind, Hidden::Gaussian, 3, 2, 4);
        for v in points(&rbm) {
            let step = 0.05;
            let grid = |k: i32| f64::from(k) * step;
            let mut terms = Vec::new();
            for a in -200..=200 {
                terms.extend((-200..=200).map(|b| -energy(&rbm, &v, &[grid(a), grid(b)]) + 2.0 * f64::ln(step)));
            }
            let (want, got) = (-log_sum_exp(&terms), rbm.free_energy(&row(&v)).unwrap()[0]);
            assert!((got - want).abs() <= 1e-5 * want.abs().max(1.0), "{kind:?} {got} {want}");
        }
    }
}

#[test]
fn free_energy_of_rectified_units_is_undefined() {
    let rbm = machine(Kind::Unit, Hidden::Rectified, 3, 2, 1);
    assert_eq!(rbm.free_energy(&array![[1.0, 2.0, 3.0]]), None);
    assert_eq!(rbm.mean_free_energy(&array![[1.0, 2.0, 3.0]]), None);
}

#[test]
fn free_energy_does_not_overflow() {
    // exp(88.8) is beyond f32.
    let mut rbm = machine(Kind::Unit, Hidden::Bernoulli, 2, 2, 3);
    rbm.c = array![500.0, -500.0];
    let f = rbm.free_energy(&array![[1000.0_f32, -1000.0], [89.0, 89.0]]).unwrap();
    assert!(f.iter().all(|f| f.is_finite()), "{f}");
    rbm.w = array![[1.0, 0.0], [0.0, 0.0]];
    rbm.b.fill(0.0);
    rbm.c.fill(0.0);
    // 100²/2 − softplus(100) − softplus(0)
    let f = rbm.free_energy(&array![[100.0_f32, 0.0]]).unwrap()[0];
    assert!((f - (5000.0 - 100.0 - 2f64.ln())).abs() < 1e-4);
}

#[test]
fn permuting_hidden_units_permutes_the_result() {
    for (kind, hidden) in KINDS {
        let rbm = machine(kind, hidden, 3, 4, 30);
        let order = [2, 0, 3, 1];
        let permuted = Rbm { w: rbm.w.select(Axis(1), &order), c: rbm.c.select(Axis(0), &order), ..rbm.clone() };
        let x = array![[1.0_f32, -1.2, 0.0]];
        let (a, b) = (rbm.free_energy(&x).unwrap()[0], permuted.free_energy(&x).unwrap()[0]);
        assert!((a - b).abs() < 1e-9);
        assert_eq!(rbm.hidden_mean(&x).select(Axis(1), &order), permuted.hidden_mean(&x));
    }
}

#[test]
fn standardised_rows_with_sigma_1_equal_raw_rows_with_sigma_std() {
    let unit = machine(Kind::Unit, Hidden::Bernoulli, 3, 4, 7);
    let (mean, std) = (array![10.0_f32, -3.0, 0.5], array![4.0_f32, 0.25, 1.0]);
    let mut raw = unit.clone();
    // (v − mean)/std has bias b: v has mean + std·b, and the hidden biases take in what the means did not bring.
    raw.b = &mean + &(&std * &unit.b);
    raw.c = &unit.c - &unit.w.t().dot(&(&mean / &std));
    raw.log_variance = Some(std.mapv(|s| 2.0 * s.ln()));
    let x = array![[14.0_f32, -2.5, 0.0], [3.0, -3.0, 2.0], [9.0, -3.5, 1.0]];
    let z = (&x - &mean) / &std;
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-4 * b.abs().max(1.0), "{a} {b}");
    for (a, b) in raw.free_energy(&x).unwrap().iter().zip(unit.free_energy(&z).unwrap()) {
        near(*a, b);
    }
    let (h_raw, h_unit) = (raw.hidden_mean(&x), unit.hidden_mean(&z));
    for (&a, &b) in h_raw.iter().zip(&h_unit) {
        near(a.into(), b.into());
    }
    let (back, want) = (raw.visible_mean(&h_raw), unit.visible_mean(&h_unit) * &std + &mean);
    for (&a, &b) in back.iter().zip(&want) {
        near(a.into(), b.into());
    }
}

#[test]
fn a_layer_is_the_way_up_bit_for_bit() {
    for kind in [Kind::Bernoulli, Kind::Unit, Kind::Gaussian, Kind::Mixed] {
        let rbm = machine(kind, Hidden::Bernoulli, 5, 20, 9);
        let x = Array2::from_shape_fn((7, 5), |(r, i)| ((r * 5 + i) % 9) as f32 / 4.0 - 1.0);
        let (w, c) = rbm.as_layer();
        let mut h = Array2::zeros((7, 20));
        crate::model::kernels::affine(&x, &w, &c, &mut h);
        crate::model::kernels::logistic(h.as_slice_mut().unwrap());
        assert_eq!(h, rbm.hidden_mean(&x));
        let mut transposed = Array2::zeros((20, 7));
        rbm.hidden_into(&x, &mut transposed.view_mut().reversed_axes());
        assert_eq!(transposed.t(), h, "any layout of the result will do");
    }
}

#[test]
fn a_machine_comes_back_from_text_as_it_was() {
    for (kind, hidden) in KINDS {
        let rbm = machine(kind, hidden, 4, 3, 2);
        let text = serde_json::to_string(&rbm).unwrap();
        assert_eq!(serde_json::from_str::<Rbm>(&text).unwrap(), rbm);
    }
}

#[test]
fn a_new_machine_follows_the_practical_guide() {
    let x = array![[0.0_f32, 0.25, 3.0], [0.0, 0.75, 5.0]];
    let mut random = stream(1, Purpose::InitialWeights, 0);
    let rbm = Rbm::new(Visible::of_columns(vec![true, true, false]), 2000, &x, &mut random);
    assert!((rbm.b[0] - (0.01f32 / 0.99).ln()).abs() < 1e-6, "clipped");
    assert_eq!([rbm.b[1], rbm.b[2]], [0.0, 0.0]);
    let (mean, variance) = moments(rbm.w.iter().copied());
    assert!(mean.abs() < 5e-4 && (variance.sqrt() - 0.01).abs() < 5e-4);
    let learned = rbm.with_learned_variance(&x);
    assert_eq!(learned.b[2], 4.0);
    assert_eq!((learned.sigma(0), learned.sigma(2)), (1.0, 1.0));
    let constant = Rbm::new(Visible::Gaussian, 1, &array![[7.0_f32], [7.0]], &mut random);
    let constant = constant.with_learned_variance(&array![[7.0_f32], [7.0]]);
    assert!((constant.sigma(0) - 0.1).abs() < 1e-6, "held to the range");
}

#[test]
fn gaussian_units_on_both_sides_are_guarded_by_the_largest_singular_value() {
    let mut rbm = machine(Kind::Unit, Hidden::Gaussian, 2, 2, 1);
    // Singular values 2 and 0.5, of a rotation by 30° on either side.
    let (sin, cos) = 30f32.to_radians().sin_cos();
    let turn = array![[cos, -sin], [sin, cos]];
    rbm.w = turn.dot(&array![[2.0, 0.0], [0.0, 0.5]]).dot(&turn);
    assert!((rbm.coupling().unwrap() - 2.0).abs() < 1e-5);
    let told = rbm.check().unwrap_err();
    assert!(matches!(told, RbmError::NotADensity { norm } if (norm - 2.0).abs() < 1e-5));
    assert!(told.to_string().contains("largest singular value of the weights must stay below 1, and it is 2.000"));
    rbm.w *= 0.49;
    assert_eq!(rbm.check(), Ok(()));
    assert!((rbm.coupling().unwrap() - 0.98).abs() < 1e-5, "Frobenius norm above 1");
    rbm.w *= 0.5;
    assert!(rbm.coupling().unwrap() < 1.0 && rbm.check().is_ok());
    rbm.w *= 100.0;
    for (visible, hidden) in [(Visible::Bernoulli, Hidden::Gaussian), (Visible::Gaussian, Hidden::Bernoulli)] {
        let free = Rbm { visible, hidden, ..rbm.clone() };
        assert_eq!((free.coupling(), free.check()), (None, Ok(())));
    }
    rbm.w[[0, 0]] = f32::NAN;
    assert!(matches!(rbm.check(), Err(RbmError::RanAway { .. })));
}
