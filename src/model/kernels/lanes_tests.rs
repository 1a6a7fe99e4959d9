use super::*;
use crate::random::{Purpose, stream};

fn lanes(index: u64) -> Lanes {
    Lanes::new(&mut stream(7, Purpose::PreTraining, index))
}

#[test]
fn every_lane_is_xoshiro128_plus_plus() {
    // The first ten numbers of the authors' C program from the state 1, 2, 3, 4.
    let reference =
        [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420];
    let mut lanes = Lanes { state: std::array::from_fn(|word| [word as u32 + 1; LANES]) };
    for want in reference {
        assert_eq!(lanes.step(), [want; LANES]);
    }
}

#[test]
fn lanes_are_uniform_and_not_correlated_with_each_other_or_themselves() {
    let n = 20_000;
    let mut lanes = lanes(0);
    let steps: Vec<[f64; LANES]> =
        (0..n).map(|_| lanes.step().map(|bits| f64::from(bits) / 4_294_967_296.0 - 0.5)).collect();
    // A mean of n uniform numbers spreads by √(1/12n), a mean product of two by 1/12√n: five of that are allowed.
    let (mean_bound, product_bound) = (5.0 / (12.0 * n as f64).sqrt(), 5.0 / (12.0 * (n as f64).sqrt()));
    for i in 0..LANES {
        let mean = steps.iter().map(|s| s[i]).sum::<f64>() / n as f64;
        assert!(mean.abs() < mean_bound, "mean of lane {i}: {mean}");
        let variance = steps.iter().map(|s| s[i] * s[i]).sum::<f64>() / n as f64;
        assert!((variance - 1.0 / 12.0).abs() < 0.003, "variance of lane {i}: {variance}");
        for (j, lag) in (0..i).map(|j| (j, 0)).chain([(i, 1), (i, 2)]) {
            let product = (lag..n).map(|t| steps[t][i] * steps[t - lag][j]).sum::<f64>() / n as f64;
            assert!(product.abs() < product_bound, "lanes {i} and {j}, {lag} steps apart: {product}");
        }
    }
}

#[test]
fn seeds_differ_by_stream_and_use_all_of_the_state() {
    assert_eq!(lanes(1), lanes(1));
    assert_ne!(lanes(1), lanes(2));
    let words: std::collections::BTreeSet<u32> = lanes(1).state.into_iter().flatten().collect();
    assert!(words.len() > 60);
}

#[test]
fn bernoulli_draws_at_the_right_rate_and_is_certain_at_the_ends() {
    let n = 40_000;
    let mut lanes = lanes(0);
    for p in [0.0, 0.1, 0.5, 0.93, 1.0] {
        let mut out = vec![0.5; n];
        draw_bernoulli(&mut lanes, &vec![p; n], &mut out);
        assert!(out.iter().all(|&x| x == 0.0 || x == 1.0));
        let rate = out.iter().sum::<f32>() / n as f32;
        let spread = 5.0 * (p * (1.0 - p) / n as f32).sqrt();
        assert!((rate - p).abs() <= spread, "{rate} for {p}");
    }
    let mut out = [0.5; 3];
    draw_bernoulli(&mut lanes, &[f32::NAN, 1.0], &mut out);
    assert_eq!(out, [0.0, 1.0, 0.5], "NaN is no one; beyond the shorter slice nothing is written");
}

/// P(Z ≤ z), by integrating the density.
fn normal_share(z: f64) -> f64 {
    let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let steps = 10_000;
    0.5 + (0..steps).map(|i| density(z * (f64::from(i) + 0.5) / f64::from(steps))).sum::<f64>() * z / f64::from(steps)
}

#[test]
fn normals_have_the_moments_and_the_shares_of_a_normal_distribution() {
    let n = 200_003; // leaves a rest
    let mut out = vec![0.0; n];
    standard_normals(&mut lanes(3), &mut out);
    let moment = |k: i32| out.iter().map(|&z| f64::from(z).powi(k)).sum::<f64>() / n as f64;
    let spread = 5.0 / (n as f64).sqrt();
    assert!(moment(1).abs() < spread);
    assert!((moment(2) - 1.0).abs() < spread * 2f64.sqrt());
    assert!(moment(3).abs() < spread * 15f64.sqrt());
    assert!((moment(4) - 3.0).abs() < spread * 96f64.sqrt());
    for z in [-3.0, -1.5, -0.5, 0.0, 0.2, 1.0, 2.5] {
        let share = out.iter().filter(|&&x| f64::from(x) <= z).count() as f64 / n as f64;
        let want = normal_share(z);
        assert!((share - want).abs() < 5.0 * (want * (1.0 - want) / n as f64).sqrt(), "{z}: {share} {want}");
    }
    // Both halves of a pair: the cosine and the sine of one step are not correlated, nor are their squares.
    let (pairs, _) = out.as_chunks::<{ 2 * LANES }>();
    let mean = |f: &dyn Fn(f64, f64) -> f64| {
        let each = |c: &[f32; 2 * LANES]| (0..LANES).map(|i| f(f64::from(c[i]), f64::from(c[LANES + i]))).sum::<f64>();
        pairs.iter().map(each).sum::<f64>() / (pairs.len() * LANES) as f64
    };
    assert!(mean(&|a, b| a * b).abs() < 2.0 * spread);
    assert!(mean(&|a, b| (a * a - 1.0) * (b * b - 1.0)).abs() < 4.0 * spread);
}

#[test]
fn ln_sine_and_cosine_agree_with_the_library() {
    for i in 1..=100_000 {
        let u = i as f32 * 1e-5;
        assert!((f64::from(ln(u)) - f64::from(u).ln()).abs() <= 3e-7 * f64::from(u).ln().abs(), "ln {u}");
        let x = (u - 0.5) * std::f32::consts::FRAC_PI_2;
        let (sin, cos) = sin_cos(x);
        assert!((f64::from(sin) - f64::from(x).sin()).abs() < 1.2e-7, "sin {x}");
        assert!((f64::from(cos) - f64::from(x).cos()).abs() < 1.2e-7, "cos {x}");
    }
    assert_eq!(ln(1.0), 0.0);
    assert!((f64::from(ln(UNIT)) + 24.0 * std::f64::consts::LN_2).abs() < 2e-6);
}

#[test]
fn every_vector_width_gives_the_same_bits() {
    let p: Vec<f32> = (0..1003).map(|i| i as f32 / 1002.0).collect();
    let (mut a, mut b) = (lanes(5), lanes(5));
    let (mut drawn, mut plain) = (vec![0.0; p.len()], vec![0.0; p.len()]);
    draw_bernoulli(&mut a, &p, &mut drawn);
    bernoulli_plain(&mut b, &p, &mut plain);
    assert_eq!(drawn, plain);
    standard_normals(&mut a, &mut drawn);
    normals_plain(&mut b, &mut plain);
    assert!(drawn.iter().zip(&plain).all(|(a, b)| a.to_bits() == b.to_bits()));
    assert_eq!(a, b);
}
