//! One update against a plain reference, the invariances of a batch, and what must not go wrong.

use ndarray::{array, s};

use super::*;
use crate::model::kernels;

/// CD-1 on a machine in f64, written from MATH §3 alone. Hidden states of the data are drawn by `lanes`, as the engine
/// draws them; nothing else is random.
struct Plain {
    w: Array2<f64>,
    b: Array1<f64>,
    c: Array1<f64>,
    z: Array1<f64>,
    deltas: [Array2<f64>; 4],
}

impl Plain {
    fn new(rbm: &Rbm) -> Self {
        let (n, m) = rbm.w.dim();
        let z = rbm.log_variance.as_ref().map_or_else(|| Array1::zeros(n), |z| z.mapv(f64::from));
        let deltas = [Array2::zeros((n, m)), Array2::zeros((1, n)), Array2::zeros((1, m)), Array2::zeros((1, n))];
        Self { w: rbm.w.mapv(f64::from), b: rbm.b.mapv(f64::from), c: rbm.c.mapv(f64::from), z, deltas }
    }

    fn update(&mut self, rbm: &Rbm, x: &Array2<f32>, step: &CdStep, lanes: &mut Lanes) {
        let (rows, n, m) = (x.nrows(), self.b.len(), self.c.len());
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let sigma: Vec<f64> = self.z.iter().map(|z| (z / 2.0).exp()).collect();
        let up = |v: &dyn Fn(usize) -> f64, j: usize| {
            logistic(self.c[j] + (0..n).map(|i| v(i) / sigma[i] * self.w[[i, j]]).sum::<f64>())
        };
        let p = Array2::from_shape_fn((rows, m), |(r, j)| up(&|i| f64::from(x[[r, i]]), j));
        let mut h = Array2::<f32>::zeros((rows, m));
        kernels::draw_bernoulli(lanes, p.mapv(|p| p as f32).as_slice().unwrap(), h.as_slice_mut().unwrap());
        let v_recon = Array2::from_shape_fn((rows, n), |(r, i)| {
            let input: f64 = (0..m).map(|j| self.w[[i, j]] * f64::from(h[[r, j]])).sum();
            if rbm.is_gaussian(i) { self.b[i] + sigma[i] * input } else { logistic(self.b[i] + input) }
        });
        let p_recon = Array2::from_shape_fn((rows, m), |(r, j)| up(&|i| v_recon[[r, i]], j));
        let mean = |f: &dyn Fn(usize) -> f64| (0..rows).map(f).sum::<f64>() / rows as f64;
        let v = |r: usize, i: usize| f64::from(x[[r, i]]);
        let g_w = Array2::from_shape_fn((n, m), |(i, j)| {
            mean(&|r| (v(r, i) * p[[r, j]] - v_recon[[r, i]] * p_recon[[r, j]]) / sigma[i])
        });
        let g_b = Array2::from_shape_fn((1, n), |(_, i)| mean(&|r| v(r, i) - v_recon[[r, i]]));
        let g_c = Array2::from_shape_fn((1, m), |(_, j)| mean(&|r| p[[r, j]] - p_recon[[r, j]]));
        let g_z = Array2::from_shape_fn((1, n), |(_, i)| {
            let dot = |p: &Array2<f64>, r: usize| (0..m).map(|j| self.w[[i, j]] * p[[r, j]]).sum::<f64>();
            let data = mean(&|r| (v(r, i) - self.b[i]).powi(2) / sigma[i].powi(2) - v(r, i) / sigma[i] * dot(&p, r));
            let model = mean(&|r| 1.0 - self.b[i] / sigma[i] * dot(&p_recon, r));
            if rbm.is_gaussian(i) && rbm.log_variance.is_some() { (data - model) / 2.0 } else { 0.0 }
        });
        let (rate, momentum, cost) = (f64::from(step.rate), f64::from(step.momentum), f64::from(step.weight_cost));
        let [d_w, d_b, d_c, d_z] = &mut self.deltas;
        *d_w = &*d_w * momentum + &((g_w - &self.w * cost) * rate);
        *d_b = &*d_b * momentum + &(g_b * rate);
        *d_c = &*d_c * momentum + &(g_c * rate);
        *d_z = &*d_z * momentum + &(g_z * rate * 0.1);
        self.w += &*d_w;
        self.b += &d_b.row(0);
        self.c += &d_c.row(0);
        self.z += &d_z.row(0);
    }
}

#[test]
fn updates_agree_with_a_plain_reference_given_the_same_draws() {
    for kind in [Kind::Bernoulli, Kind::Unit, Kind::Gaussian, Kind::Mixed] {
        let mut rbm = machine(kind, Hidden::Bernoulli, 5, 7, 33);
        let x = Array2::from_shape_fn((9, 5), |(r, i)| {
            let k = (r * 3 + i * 5) % 8;
            if rbm.is_gaussian(i) { k as f32 / 3.0 - 1.2 } else { (k % 2) as f32 }
        });
        let mut plain = Plain::new(&rbm);
        let step = CdStep { momentum: 0.9, weight_cost: 0.01, ..cd1(0.2) };
        let mut cd = ContrastiveDivergence::new(&rbm, 9);
        let (mut a, mut b) = (lanes(2), lanes(2));
        // Three updates, the second of a short batch.
        for rows in [9, 4, 9] {
            let x = x.slice(s![..rows, ..]).to_owned();
            let before = rbm.clone();
            cd.update(&mut rbm, &x, &step, &mut a);
            plain.update(&before, &x, &step, &mut b);
        }
        let near = |got: f32, want: f64| assert!((f64::from(got) - want).abs() < 3e-6, "{kind:?} {got} {want}");
        rbm.w.iter().zip(&plain.w).for_each(|(&a, &b)| near(a, b));
        rbm.b.iter().zip(&plain.b).for_each(|(&a, &b)| near(a, b));
        rbm.c.iter().zip(&plain.c).for_each(|(&a, &b)| near(a, b));
        rbm.log_variance.iter().flatten().zip(&plain.z).for_each(|(&a, &b)| near(a, b));
    }
}

#[test]
fn a_batch_of_n_is_the_mean_of_n_batches_of_one() {
    // With saturated hidden units no draw is left to chance, so the two can be compared exactly.
    let mut rbm = machine(Kind::Gaussian, Hidden::Bernoulli, 3, 2, 8);
    rbm.c = array![200.0, -200.0];
    let x = array![[0.5_f32, -1.0, 2.0], [1.5, 0.25, -0.5], [0.0, 3.0, 1.0]];
    let step = cd1(0.1);
    let mut cd = ContrastiveDivergence::new(&rbm, 3);
    let mut lanes = lanes(1);
    cd.gradient(&rbm, &x, &step, &mut lanes);
    let whole = (cd.g_w.clone(), cd.g_log_variance().unwrap().clone());
    let mut mean = (whole.0.clone() * 0.0, whole.1.clone() * 0.0);
    for r in 0..3 {
        // A short batch in room for three weighs as one row.
        cd.gradient(&rbm, &x.slice(s![r..=r, ..]), &step, &mut lanes);
        mean.0.scaled_add(1.0 / 3.0, &cd.g_w);
        mean.1.scaled_add(1.0 / 3.0, cd.g_log_variance().unwrap());
    }
    assert!(whole.0.iter().zip(&mean.0).all(|(a, b)| (a - b).abs() < 1e-5));
    assert!(whole.1.iter().zip(&mean.1).all(|(a, b)| (a - b).abs() < 1e-4));
}

#[test]
fn an_update_does_not_depend_on_the_unit_of_measurement() {
    // Columns times σ, with that σ in the machine: W and c move alike, b in proportion.
    let unit = machine(Kind::Unit, Hidden::Bernoulli, 3, 4, 7);
    let sigma = array![4.0_f32, 0.25, 1.0];
    let mut raw = Rbm { b: &unit.b * &sigma, log_variance: Some(sigma.mapv(|s| 2.0 * s.ln())), ..unit.clone() };
    let mut unit = unit;
    let x = Array2::from_shape_fn((12, 3), |(r, i)| ((r * 5 + i * 3) % 7) as f32 / 2.0 - 1.0);
    for (rbm, x) in [(&mut unit, &x), (&mut raw, &(&x * &sigma))] {
        ContrastiveDivergence::new(rbm, 12).update(rbm, x, &cd1(0.1), &mut lanes(6));
    }
    let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-5, "{a} {b}");
    raw.w.iter().zip(&unit.w).for_each(|(&a, &b)| near(a, b));
    raw.c.iter().zip(&unit.c).for_each(|(&a, &b)| near(a, b));
    raw.b.iter().zip(&(&unit.b * &sigma)).for_each(|(&a, &b)| near(a, b));
}

#[test]
fn the_reconstruction_is_that_of_the_last_batch() {
    // Without weights every row comes back as b.
    let mut rbm = machine(Kind::Unit, Hidden::Bernoulli, 3, 2, 1);
    rbm.w.fill(0.0);
    let mut cd = ContrastiveDivergence::new(&rbm, 4);
    assert_eq!(cd.reconstruction().nrows(), 0);
    let step = CdStep { rate: 0.1, momentum: 0.0, weight_cost: 0.0, gibbs_steps: 1, sample_visible: false };
    let mut lanes = Lanes::new(&mut stream(1, Purpose::PreTraining, 0));
    for rows in [4, 2, 5] {
        cd.gradient(&rbm, &Array2::ones((rows, 3)), &step, &mut lanes);
        assert_eq!(cd.reconstruction(), rbm.b.broadcast((rows, 3)).unwrap());
    }
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let x = Array2::from_shape_fn((30, 4), |(r, i)| ((r * 3 + i) % 5) as f32 / 4.0);
    let run = || {
        let mut rbm = Rbm::new(Visible::Gaussian, 6, &x, &mut stream(1, Purpose::InitialWeights, 0));
        let options = CdOptions { negative_phase: NegativePhase::Tempered { temperatures: 3 }, ..CdOptions::default() };
        let mut cd = ContrastiveDivergence::with_options(&rbm, 30, &options);
        let mut lanes = lanes(3);
        (0..20).for_each(|_| cd.update(&mut rbm, &x, &cd1(0.05), &mut lanes));
        rbm
    };
    assert_eq!(run(), run());
}

#[test]
fn odd_tables_do_no_harm() {
    let phases = [NegativePhase::Data, NegativePhase::Persistent, NegativePhase::Tempered { temperatures: 3 }];
    let all = CdOptions {
        sparsity: Some(Sparsity { target: 0.1, cost: 0.1, decay: 0.9 }),
        centring: Some(0.01),
        update_limit: Some(0.1),
        ..CdOptions::default()
    };
    for negative_phase in phases {
        for options in [CdOptions { negative_phase, ..CdOptions::default() }, CdOptions { negative_phase, ..all }] {
            for hidden in [Hidden::Bernoulli, Hidden::Gaussian, Hidden::Rectified] {
                // A constant column, one that is almost so, 21 rows in batches of 10 (the last has one), and one row.
                for rows in [21, 1] {
                    let x = Array2::from_shape_fn((rows, 3), |(r, i)| [7.0, 1e-3 * r as f32, (r % 2) as f32][i]);
                    let mut random = stream(1, Purpose::InitialWeights, 0);
                    let visible = Visible::of_columns(vec![false, false, true]);
                    let mut rbm = Rbm::new(visible, 4, &x, &mut random).with_hidden(hidden).with_learned_variance(&x);
                    let mut cd = ContrastiveDivergence::with_options(&rbm, 10, &options);
                    let mut lanes = lanes(3);
                    for _ in 0..5 {
                        for batch in x.axis_chunks_iter(ndarray::Axis(0), 10) {
                            cd.update(&mut rbm, &batch, &cd1(0.001), &mut lanes);
                        }
                        // A batch beyond the scratch space, and none at all.
                        cd.update(&mut rbm, &x, &cd1(0.001), &mut lanes);
                        cd.update(&mut rbm, &x.slice(s![..0, ..]), &cd1(0.001), &mut lanes);
                    }
                    assert_eq!(rbm.check(), Ok(()), "{hidden:?} {rows} {options:?}");
                    assert!(rbm.reconstruction_error(&x).unwrap().is_finite());
                }
            }
        }
    }
    let empty = Array2::<f32>::zeros((0, 2));
    let rbm = Rbm::new(Visible::Bernoulli, 2, &empty, &mut stream(1, Purpose::InitialWeights, 0));
    assert_eq!(rbm.b, array![0.0, 0.0]);
    assert_eq!((rbm.reconstruction_error(&empty), rbm.mean_free_energy(&empty)), (None, None));
}

#[test]
fn a_huge_rate_is_told_and_panics_nowhere() {
    let x = Array2::from_shape_fn((40, 3), |(r, i)| ((r * 7 + i * 3) % 11) as f32 - 5.0);
    for (hidden, visible) in [
        (Hidden::Bernoulli, Visible::Gaussian),
        (Hidden::Gaussian, Visible::Gaussian),
        (Hidden::Rectified, Visible::Gaussian),
        (Hidden::Rectified, Visible::of_columns(vec![false, true, false])),
    ] {
        let mut rbm = Rbm::new(visible, 4, &x, &mut stream(1, Purpose::InitialWeights, 0)).with_hidden(hidden);
        let mut cd = ContrastiveDivergence::new(&rbm, 40);
        let mut lanes = lanes(3);
        for _ in 0..200 {
            cd.update(&mut rbm, &x, &cd1(50.0), &mut lanes);
        }
        let told = rbm.check().unwrap_err().to_string();
        assert!(told.contains("lower the learning rate"), "{told}");
    }
}

#[test]
fn monitors_by_hand() {
    let h = array![[0.01_f32, 0.5, 0.99, 0.0], [0.02, 0.97, 0.96, 0.9]];
    assert_eq!(saturation(Hidden::Bernoulli, &h), Some(6.0 / 8.0));
    assert_eq!(stuck_units(Hidden::Bernoulli, &h), [Some(Stuck::Off), None, Some(Stuck::On), None]);
    assert_eq!(dead_units(&h), [true, false, false, false]);
    let rectified = array![[0.0_f32, 2.0], [0.0, 0.0]];
    assert_eq!(stuck_units(Hidden::Rectified, &rectified), [Some(Stuck::Off), None]);
    assert_eq!(saturation(Hidden::Rectified, &rectified), None);
    assert_eq!(stuck_units(Hidden::Gaussian, &h), [None; 4]);
    let none = Array2::zeros((0, 2));
    assert_eq!((stuck_units(Hidden::Bernoulli, &none), dead_units(&none)), (vec![None; 2], vec![false; 2]));
    let mut rbm = machine(Kind::Unit, Hidden::Bernoulli, 2, 2, 1);
    let mut cd = ContrastiveDivergence::new(&rbm, 1);
    assert_eq!(cd.update_ratio(&rbm), Some(0.0), "no update yet");
    cd.g_w = array![[0.1, -0.1], [0.3, 0.0]];
    rbm.w = array![[0.9, -0.9], [0.7, 1.0]];
    cd.follow(&mut rbm, &cd1(1.0));
    assert!((cd.update_ratio(&rbm).unwrap() - 0.5 / 4.0).abs() < 1e-6);
    rbm.w.fill(0.0);
    assert_eq!(cd.update_ratio(&rbm), None);
}
