//! The gradients that chains give against the exact one.

use super::*;

/// Rows for a machine of five visible units.
fn data(rbm: &Rbm, rows: usize) -> Array2<f32> {
    let binary = [[1, 1, 0, 0, 1], [1, 0, 0, 0, 1], [0, 0, 1, 1, 0], [0, 1, 1, 1, 0], [1, 1, 0, 1, 1]];
    Array2::from_shape_fn((rows, 5), |(r, i)| {
        let bit = binary[r % 5][i] as f32;
        if rbm.is_gaussian(i) { 1.5 * bit - 0.8 + 0.1 * (r % 5) as f32 } else { bit }
    })
}

/// A gradient as one row of numbers. That of b comes times σ² from a chain.
fn flat(rbm: &Rbm, cd: &ContrastiveDivergence) -> Vec<f64> {
    let wide = |x: &f32| f64::from(*x);
    let b = cd.g_b.iter().enumerate().map(|(i, &g)| f64::from(g) / wide_sigma(rbm, i).powi(2));
    let z = cd.g_log_variance().into_iter().flatten().map(wide);
    cd.g_w.iter().map(wide).chain(b).chain(cd.g_c.iter().map(wide)).chain(z).collect()
}

fn exact(rbm: &Rbm, data: &Array2<f32>) -> Vec<f64> {
    let g = Exact::new(rbm).gradient(data).unwrap();
    let z = g.log_variance.iter().filter(|_| rbm.log_variance.is_some());
    g.w.iter().chain(&g.b).chain(&g.c).chain(z).copied().collect()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn cd_k_approaches_the_exact_gradient_as_k_grows() {
    for (kind, hidden) in [
        (Kind::Bernoulli, Hidden::Bernoulli),
        (Kind::Gaussian, Hidden::Bernoulli),
        (Kind::Mixed, Hidden::Bernoulli),
        (Kind::Gaussian, Hidden::Gaussian),
    ] {
        let rbm = machine(kind, hidden, 5, 4, 21);
        let batch = data(&rbm, 30_000);
        let exact = exact(&rbm, &data(&rbm, 5));
        let mut cd = ContrastiveDivergence::new(&rbm, batch.nrows());
        let mut lanes = lanes(4);
        let mut found = Vec::new();
        for k in [1, 2, 4, 40] {
            let step = CdStep { gibbs_steps: k, sample_visible: true, ..cd1(0.0) };
            cd.gradient(&rbm, &batch, &step, &mut lanes);
            let g = flat(&rbm, &cd);
            assert!(cosine(&g, &exact) > 0.0, "{kind:?} k = {k} points away");
            found.push((distance(&g, &exact), cosine(&g, &exact)));
        }
        assert!(found[..3].windows(2).all(|d| d[1].0 < d[0].0), "{kind:?} {hidden:?} {found:?}");
        // What is left at k = 40 is the spread of 30,000 chains.
        assert!(found[3].0 < 0.06 && found[3].1 > 0.998, "{kind:?} {hidden:?} {found:?}");
    }
}

#[test]
fn persistent_and_tempered_chains_give_the_exact_gradient_on_average() {
    let phases = [NegativePhase::Persistent, NegativePhase::Tempered { temperatures: 4 }];
    for (kind, hidden) in [
        (Kind::Bernoulli, Hidden::Bernoulli),
        (Kind::Gaussian, Hidden::Bernoulli),
        (Kind::Mixed, Hidden::Bernoulli),
        (Kind::Gaussian, Hidden::Gaussian),
        (Kind::Bernoulli, Hidden::Gaussian),
    ] {
        for negative_phase in phases {
            let rbm = machine(kind, hidden, 5, 4, 21);
            let batch = data(&rbm, 300);
            let want = exact(&rbm, &batch);
            let options = CdOptions { negative_phase, ..CdOptions::default() };
            let mut cd = ContrastiveDivergence::with_options(&rbm, 300, &options);
            let mut lanes = lanes(5);
            let (burn_in, updates) = (30, 200);
            let mut mean = vec![0.0; want.len()];
            for update in 0..burn_in + updates {
                cd.gradient(&rbm, &batch, &cd1(0.0), &mut lanes);
                if update >= burn_in {
                    for (mean, g) in mean.iter_mut().zip(flat(&rbm, &cd)) {
                        *mean += g / updates as f64;
                    }
                }
            }
            let d = distance(&mean, &want);
            assert!(d < 0.06, "{kind:?} {hidden:?} {negative_phase:?}: {d}");
        }
    }
}

#[test]
fn tempered_chains_cross_where_others_stay() {
    // Two valleys, 0000 and 1111, with next to nothing between them: hidden units tie all columns together.
    let mut rbm = machine(Kind::Bernoulli, Hidden::Bernoulli, 4, 2, 1);
    rbm.w.fill(8.0);
    rbm.b.fill(-8.0);
    rbm.c.fill(-16.0);
    let start = Array2::<f32>::zeros((50, 4));
    let share = |negative_phase| {
        let options = CdOptions { negative_phase, ..CdOptions::default() };
        let mut cd = ContrastiveDivergence::with_options(&rbm, 50, &options);
        let mut lanes = lanes(6);
        for _ in 0..300 {
            cd.gradient(&rbm, &start, &cd1(0.0), &mut lanes);
        }
        // g_b = <v>_data − <v>_model, and the data are zeros.
        -f64::from(cd.g_b[0])
    };
    // By symmetry half of the chains belong in either valley.
    assert!(share(NegativePhase::Persistent) < 0.05);
    let tempered = share(NegativePhase::Tempered { temperatures: 12 });
    assert!((tempered - 0.5).abs() < 0.2, "{tempered}");
}
