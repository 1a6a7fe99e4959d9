//! The theatre against a reference written from MATH §2–3 alone, in f64, one unit at a time, with the same random numbers.

use ndarray::{Array1, Array2, array};
use rand::RngExt as _;

use super::*;
use crate::model::kernels::Lanes;
use crate::model::rbm::{ContrastiveDivergence, Visible};
use crate::random::{Purpose, stream};

const STEP: CdStep = CdStep { rate: 0.1, momentum: 0.5, weight_cost: 0.01, gibbs_steps: 1, sample_visible: false };

fn toss(row: usize) -> Toss {
    Toss { seed: 7, row, layer: 0, moment: [3, 1], attempt: 0 }
}

/// Machines of every kind: visible side × hidden side × learned σ × label, with weights large enough that every term matters.
fn machines() -> Vec<(String, Rbm)> {
    let (n, m) = (5, 4);
    let mut made = Vec::new();
    for (name, visible) in [
        ("Bernoulli", Visible::Bernoulli),
        ("Gaussian", Visible::Gaussian),
        ("Mixed", Visible::Mixed(vec![true, false, true, false, false])),
    ] {
        for hidden in [Hidden::Bernoulli, Hidden::Gaussian, Hidden::Rectified] {
            for learned in [false, true] {
                for n_classes in [0, 2] {
                    let mut random = stream(11, Purpose::Theatre, made.len() as u64);
                    let mut draw = |scale: f32| scale * (random.random::<f32>() - 0.5);
                    let w = Array2::from_shape_simple_fn((n, m), || draw(1.2));
                    let b = Array1::from_shape_simple_fn(n, || draw(1.0));
                    let c = Array1::from_shape_simple_fn(m, || draw(1.0));
                    let mut rbm = Rbm { visible: visible.clone(), hidden, w, b, c, log_variance: None, n_classes };
                    if learned {
                        let z = (0..n).map(|i| if rbm.is_gaussian(i) { draw(2.0) } else { 0.0 }).collect();
                        rbm.log_variance = Some(z);
                    }
                    made.push((format!("{name}-{hidden:?}, σ learned {learned}, {n_classes} classes"), rbm));
                }
            }
        }
    }
    made
}

fn a_row(rbm: &Rbm, seed: u64) -> Vec<f32> {
    let mut random = stream(seed, Purpose::Theatre, 99);
    let x: Vec<f32> = (0..rbm.n_features()).map(|_| 2.0 * random.random::<f32>() - 0.7).collect();
    with_label(rbm, &x, Some(1))
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// MATH, with the random numbers of `coins`.
struct Reference {
    h_mean: Vec<f64>,
    h: Vec<f64>,
    v_recon: Vec<f64>,
    h_recon: Vec<f64>,
    g: Vec<Vec<f64>>,
    delta: Vec<Vec<f64>>,
}

fn reference(rbm: &Rbm, v: &[f32], coins: &[f32], last: &Array2<f32>) -> Reference {
    let (n, m) = rbm.w.dim();
    let w = |i: usize, j: usize| f64::from(rbm.w[[i, j]]);
    let sigma = |i: usize| rbm.log_variance.as_ref().map_or(1.0, |z| (f64::from(z[i]) / 2.0).exp());
    let input = |v: &[f64], j: usize| {
        let mut x = f64::from(rbm.c[j]);
        for (i, v) in v.iter().enumerate() {
            x += v / sigma(i) * w(i, j);
        }
        x
    };
    let mean = |x: f64| match rbm.hidden {
        Hidden::Bernoulli => logistic(x),
        Hidden::Gaussian => x,
        Hidden::Rectified => x.max(0.0),
    };
    let v: Vec<f64> = v.iter().map(|&v| f64::from(v)).collect();
    let x: Vec<f64> = (0..m).map(|j| input(&v, j)).collect();
    let h_mean: Vec<f64> = x.iter().map(|&x| mean(x)).collect();
    let h: Vec<f64> = (0..m)
        .map(|j| {
            let coin = f64::from(coins[j]);
            match rbm.hidden {
                Hidden::Bernoulli => f64::from(u8::from(coin < h_mean[j])),
                Hidden::Gaussian => x[j] + coin,
                Hidden::Rectified => (x[j] + logistic(x[j]).sqrt() * coin).max(0.0),
            }
        })
        .collect();
    let down: Vec<f64> =
        (0..n).map(|i| f64::from(rbm.b[i]) + sigma(i) * (0..m).map(|j| w(i, j) * h[j]).sum::<f64>()).collect();
    let label = n - rbm.n_classes;
    let all: f64 = down[label..].iter().map(|x| x.exp()).sum();
    let is_gaussian = |i: usize| match &rbm.visible {
        Visible::Bernoulli => false,
        Visible::Gaussian => true,
        Visible::Mixed(bernoulli) => !bernoulli[i],
    };
    let v_recon: Vec<f64> = (0..n)
        .map(|i| match i {
            _ if i >= label => down[i].exp() / all,
            _ if is_gaussian(i) => down[i],
            _ => logistic(down[i]),
        })
        .collect();
    let h_recon: Vec<f64> = (0..m).map(|j| mean(input(&v_recon, j))).collect();
    let g: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..m).map(|j| v[i] / sigma(i) * h_mean[j] - v_recon[i] / sigma(i) * h_recon[j]).collect())
        .collect();
    let [rate, momentum, cost] = [STEP.rate, STEP.momentum, STEP.weight_cost].map(f64::from);
    let delta = (0..n)
        .map(|i| (0..m).map(|j| momentum * f64::from(last[[i, j]]) + rate * (g[i][j] - cost * w(i, j))).collect())
        .collect();
    Reference { h_mean, h, v_recon, h_recon, g, delta }
}

fn near(got: &Array1<f32>, want: &[f64], what: &str) {
    assert_eq!(got.len(), want.len());
    for (k, (&got, want)) in got.iter().zip(want).enumerate() {
        let got = f64::from(got);
        assert!((got - want).abs() < 3e-6 * (1.0 + want.abs()), "{what}, unit {k}: {got} {want}");
    }
}

#[test]
fn every_number_of_a_row_is_that_of_the_formulas() {
    for (name, rbm) in machines() {
        for number in 0..5 {
            let v = a_row(&rbm, number as u64);
            let last = rbm.w.mapv(|w| 0.1 * w);
            let trace = row(&rbm, &v, Some(&STEP), Some(&last), &mut toss(number).stream());
            let inputs = trace.inputs.as_ref().unwrap();
            let want = reference(&rbm, &v, inputs.coins.as_slice().unwrap(), &last);
            near(&trace.h_mean, &want.h_mean, &name);
            near(&trace.h, &want.h, &name);
            near(&trace.v_recon, &want.v_recon, &name);
            near(&trace.h_recon, &want.h_recon, &name);
            let update = trace.update.as_ref().unwrap();
            for i in 0..v.len() {
                near(&trace.g.row(i).to_owned(), &want.g[i], &name);
                near(&update.delta.row(i).to_owned(), &want.delta[i], &name);
                let after: Vec<f64> = want.delta[i].iter().zip(rbm.w.row(i)).map(|(d, &w)| d + f64::from(w)).collect();
                near(&update.after.row(i).to_owned(), &after, &name);
            }
            if rbm.hidden == Hidden::Bernoulli {
                assert!(inputs.coins.iter().all(|u| (0.0..1.0).contains(u)));
            }
            assert!(!trace.is_corrected());
        }
    }
}

#[test]
fn where_the_coins_are_certain_it_is_the_update_that_training_makes() {
    let mut rbm = machines().swap_remove(0).1;
    rbm.c = array![40.0, -40.0, 40.0, -40.0];
    let v = a_row(&rbm, 3);
    let trace = row(&rbm, &v, Some(&STEP), None, &mut toss(0).stream());
    let mut learned = rbm.clone();
    let mut cd = ContrastiveDivergence::new(&rbm, 1);
    let mut lanes = Lanes::new(&mut stream(1, Purpose::PreTraining, 0));
    let rows = Array1::from_vec(v).insert_axis(Axis(0));
    cd.update(&mut learned, &rows, &STEP, &mut lanes);
    let after = &trace.update.unwrap().after;
    assert!(learned.w.iter().zip(after).all(|(a, b)| (a - b).abs() < 1e-6), "{} {after}", learned.w);
}

#[test]
fn a_mini_batch_is_the_average_over_its_rows() {
    for (name, rbm) in machines() {
        let (n, m) = rbm.w.dim();
        let rows: Vec<Trace> =
            (0..6).map(|r| row(&rbm, &a_row(&rbm, r as u64), Some(&STEP), None, &mut toss(r).stream())).collect();
        let stack = |width: usize, pick: &dyn Fn(&Trace) -> &Array1<f32>| {
            Array2::from_shape_fn((rows.len(), width), |(r, k)| pick(&rows[r])[k])
        };
        let mean = |pick: &dyn Fn(&Trace) -> &Array2<f32>| {
            let sum = rows.iter().fold(Array2::<f64>::zeros((n, m)), |sum, row| sum + pick(row).mapv(f64::from));
            sum / rows.len() as f64
        };
        let g_w = mean(&|t| &t.g).mapv(|g| g as f32);
        let d_w = Array2::from_shape_fn((n, m), |at| STEP.rate * (g_w[at] - STEP.weight_cost * rbm.w[at]));
        let of = Batch {
            v: &stack(n, &|t| &t.v),
            h_mean: &stack(m, &|t| &t.h_mean),
            h: &stack(m, &|t| &t.h),
            v_recon: &stack(n, &|t| &t.v_recon),
            h_recon: &stack(m, &|t| &t.h_recon),
            g_w: &g_w,
            d_w: &d_w,
            step: STEP,
        };
        let trace = batch(&rbm, &of, None).unwrap();
        assert_eq!((trace.rows, &trace.inputs, &trace.g), (6, &None, &g_w));
        assert_eq!(trace.update.as_ref().unwrap().delta, d_w);
        for (got, of) in [
            (&trace.v, &of.v),
            (&trace.h, &of.h),
            (&trace.h_mean, &of.h_mean),
            (&trace.v_recon, &of.v_recon),
            (&trace.h_recon, &of.h_recon),
        ] {
            let want: Vec<f64> =
                (0..got.len()).map(|k| of.column(k).iter().map(|&x| f64::from(x)).sum::<f64>() / 6.0).collect();
            near(got, &want, &name);
        }
        for i in 0..n {
            near(&trace.data.row(i).to_owned(), mean(&|t| &t.data).row(i).as_slice().unwrap(), &name);
            near(&trace.recon.row(i).to_owned(), mean(&|t| &t.recon).row(i).as_slice().unwrap(), &name);
        }
        assert!(!trace.is_corrected(), "{name}");
    }
}

#[test]
fn another_machine_s_mini_batch_is_refused() {
    let machines = machines();
    let rbm = &machines[0].1;
    let (small, wide) = (Array2::zeros((2, 3)), Array2::zeros((2, 4)));
    let fits = Array2::zeros((2, 5));
    let of = |v, h| Batch { v, h_mean: h, h, v_recon: v, h_recon: h, g_w: &rbm.w, d_w: &rbm.w, step: STEP };
    assert!(batch(rbm, &of(&small, &wide), None).is_none());
    assert!(batch(rbm, &of(&fits, &small), None).is_none());
    assert!(batch(rbm, &of(&fits, &wide), None).is_some());
    let (none, no_h) = (Array2::zeros((0, 5)), Array2::zeros((0, 4)));
    assert!(batch(rbm, &of(&none, &no_h), None).is_none());
}

#[test]
fn the_same_toss_gives_the_same_coins_and_another_others() {
    let draw = |toss: Toss| toss.stream().random::<u64>();
    let first = toss(4);
    assert_eq!(draw(first), draw(toss(4)));
    let others = [
        Toss { seed: 8, ..first },
        Toss { row: 5, ..first },
        Toss { layer: 1, ..first },
        Toss { moment: [4, 1], ..first },
        Toss { moment: [3, 2], ..first },
        Toss { attempt: 1, ..first },
        // Row and layer change places.
        Toss { row: 0, layer: 4, ..first },
    ];
    for (k, other) in others.iter().enumerate() {
        assert_ne!(draw(first), draw(*other), "{other:?}");
        assert!(others[..k].iter().all(|before| draw(*before) != draw(*other)));
    }
}

#[test]
fn coins_come_up_as_often_as_they_say() {
    let x = Array1::from_elem(20_000, 0.4_f32);
    let p = x.mapv(|x| 1.0 / (1.0 + (-x).exp()));
    let (_, h) = coins::draw(Hidden::Bernoulli, &x, &p, &mut toss(1).stream());
    let share = h.mean().unwrap();
    // Five standard errors of a share of 20,000.
    assert!((share - p[0]).abs() < 0.018, "{share} {}", p[0]);
}

#[test]
fn the_label_is_one_hot_or_what_the_machine_takes_it_for() {
    let (_, rbm) = machines().into_iter().find(|(_, rbm)| rbm.n_classes == 2).unwrap();
    let x = [0.3, 0.7, 0.1];
    assert_eq!(with_label(&rbm, &x, Some(0))[3..], [1.0, 0.0]);
    let free = with_label(&rbm, &x, None);
    // p(y | x) ∝ Σ_h e^{−E(x, y, h)}, by all 16 states of the hidden units.
    let weight = |class: usize| -> f64 {
        let v = with_label(&rbm, &x, Some(class));
        (0..16_u32)
            .map(|bits| {
                let mut energy = 0.0;
                for (i, &v) in v.iter().enumerate() {
                    energy -= f64::from(rbm.b[i] * v);
                    energy -= (0..4).filter(|j| bits >> j & 1 == 1).map(|j| f64::from(v * rbm.w[[i, j]])).sum::<f64>();
                }
                energy -= (0..4).filter(|j| bits >> j & 1 == 1).map(|j| f64::from(rbm.c[j])).sum::<f64>();
                (-energy).exp()
            })
            .sum()
    };
    let want = weight(1) / (weight(0) + weight(1));
    assert!((f64::from(free[4]) - want).abs() < 1e-5, "{free:?} {want}");
    // What is given whole stays; what is short is filled up; rectified units know no p(y | x).
    assert_eq!(with_label(&rbm, &free, Some(1)), free);
    let rectified = Rbm { hidden: Hidden::Rectified, ..rbm };
    assert_eq!(with_label(&rectified, &[1.0], None), [1.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn formulas_say_what_was_worked_out() {
    let rbm = Rbm {
        visible: Visible::Gaussian,
        hidden: Hidden::Bernoulli,
        w: array![[1.0], [-0.5]],
        b: array![0.1, 0.2],
        c: array![0.31],
        log_variance: None,
        n_classes: 0,
    };
    let v = [2.0, -0.26];
    let mut trace = row(&rbm, &v, Some(&STEP), None, &mut toss(0).stream());
    let at = Unit::default();
    assert_eq!(filled(SubStep::Hidden, &rbm, &trace, at), ["p(h₁=1|v) = σm(0.31 + 2.13) = 0.92"]);
    trace.inputs.as_mut().unwrap().coins[0] = 0.37;
    trace.h[0] = 1.0;
    assert_eq!(filled(SubStep::Coin, &rbm, &trace, at), ["coin 0.37 < 0.92 → h₁ is on"]);
    trace.inputs.as_mut().unwrap().down[0] = 1.1;
    trace.v_recon[0] = 1.1;
    assert_eq!(filled(SubStep::Visible, &rbm, &trace, at), ["v′₁ = 0.10 + 1.00 = 1.10"]);
    let products = filled(SubStep::Products, &rbm, &trace, at);
    assert_eq!(products[0], "data: 2.00 · 0.92 = 1.84");
    assert!(products[2].starts_with("g₁₁ = 1.84 "), "{products:?}");
    let update = filled(SubStep::Update, &rbm, &trace, at);
    assert!(update[0].starts_with("ΔW = 0.50 · 0 + 0.10 · ("), "{update:?}");
    assert!(update[1].starts_with("W = 1.00 "), "{update:?}");
    trace.update = None;
    assert_eq!(filled(SubStep::Update, &rbm, &trace, at), ["nothing is added any more"]);
    // A unit that is not there says nothing.
    assert!(filled(SubStep::Hidden, &rbm, &trace, Unit { visible: 9, hidden: 0 }).is_empty());
}

#[test]
fn every_kind_of_machine_has_its_formulas() {
    for (name, rbm) in machines() {
        let v = a_row(&rbm, 1);
        let trace = row(&rbm, &v, Some(&STEP), None, &mut toss(1).stream());
        for step in SubStep::ALL {
            for visible in 0..rbm.n_visible() {
                let text = formula(step, &rbm, UnitKind::of(&rbm, visible));
                let lines = filled(step, &rbm, &trace, Unit { visible, hidden: 2 });
                assert!(!text.is_empty() && !lines.is_empty(), "{name}");
                assert!(lines.iter().all(|line| !line.contains("undefined") && !line.contains("NaN")), "{lines:?}");
            }
        }
        // The label is named as such, and the scale only where it is learned.
        let last = UnitKind::of(&rbm, rbm.n_visible() - 1);
        assert_eq!(last == UnitKind::Label, rbm.n_classes > 0);
        assert_eq!(formula(SubStep::Hidden, &rbm, last).contains("σ_i"), rbm.log_variance.is_some());
    }
}
