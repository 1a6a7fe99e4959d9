//! The joint machine: classification by free energy, its gradient, and rows of a class.

use ndarray::{Axis, array, s};

use super::*;

fn joint(kind: Kind, n: usize, m: usize, n_classes: usize) -> JointRbm {
    let x = Array2::zeros((n_classes, n));
    let y: Vec<usize> = (0..n_classes).collect();
    let of_kind = machine(kind, Hidden::Bernoulli, n, 1, 1);
    let random = &mut stream(3, Purpose::InitialWeights, 0);
    let mut joint = JointRbm::new(of_kind.visible.clone(), m, &x, &y, n_classes, random);
    let strong = machine(Kind::Bernoulli, Hidden::Bernoulli, n + n_classes, m, 4);
    let rbm = joint.rbm_mut();
    (rbm.w, rbm.b, rbm.c) = (strong.w, strong.b, strong.c);
    rbm.log_variance = of_kind.log_variance.map(|z| z.iter().copied().chain(vec![0.0; n_classes]).collect());
    joint
}

fn with_label(x: &[f64], class: usize, n_classes: usize) -> Vec<f64> {
    x.iter().copied().chain((0..n_classes).map(|k| if k == class { 1.0 } else { 0.0 })).collect()
}

/// ln p(y | x) by enumeration of h for every class.
fn log_p(rbm: &Rbm, x: &[f64], class: usize) -> f64 {
    let k = rbm.n_classes;
    let of = |class| {
        let v = with_label(x, class, k);
        log_sum_exp(&states(rbm.n_hidden()).iter().map(|h| -energy(rbm, &v, h)).collect::<Vec<_>>())
    };
    of(class) - log_sum_exp(&(0..k).map(of).collect::<Vec<_>>())
}

#[test]
fn class_probabilities_are_those_of_the_joint_density() {
    for kind in [Kind::Bernoulli, Kind::Gaussian, Kind::Mixed] {
        let joint = joint(kind, 4, 3, 3);
        let x = [1.0, 0.0, 1.0, 1.0];
        let p = joint.probabilities(&row(&x)).unwrap();
        for class in 0..3 {
            assert!((p[[0, class]].ln() - log_p(joint.rbm(), &x, class)).abs() < 1e-5, "{kind:?}");
        }
    }
    let mut rectified = joint(Kind::Bernoulli, 2, 2, 2);
    rectified.rbm_mut().hidden = Hidden::Rectified;
    assert_eq!(rectified.probabilities(&array![[0.0, 1.0]]), None);
}

#[test]
fn a_free_label_is_drawn_with_those_probabilities() {
    let joint = joint(Kind::Mixed, 4, 3, 3);
    let x = [1.0, 0.5, 0.0, -0.5];
    let p = joint.probabilities(&row(&x)).unwrap();
    let mut v: Vec<f32> = with_label(&x, 0, 3).iter().map(|&x| x as f32).collect();
    let gibbs = ClampedGibbs { burn_in: 100, samples: 50_000, sample_visible: true };
    // One label unit stands for all of them.
    gibbs.fill(joint.rbm(), &mut v, &[5], &mut lanes(3));
    for class in 0..3 {
        assert!((f64::from(v[4 + class]) - p[[0, class]]).abs() < 0.02, "{v:?} {p}");
    }
    assert_eq!(v[..4], [1.0, 0.5, 0.0, -0.5]);
}

#[test]
fn drawn_labels_are_one_hot_at_the_right_rate() {
    let joint = joint(Kind::Bernoulli, 2, 3, 4);
    let rbm = joint.rbm();
    let scale = Scale::of(rbm);
    let machine = Conditionals::new(rbm, scale.as_ref());
    let mut v = Array2::zeros((40_000, 6));
    machine.visible_means(&Array2::ones((40_000, 3)), &mut v);
    let p = v.row(0).to_owned();
    assert!((p.slice(s![2..]).sum() - 1.0).abs() < 1e-6);
    machine.draw_visible(&mut lanes(8), &mut v);
    assert!(v.rows().into_iter().all(|v| v.slice(s![2..]).sum() == 1.0 && v.iter().all(|&x| x == 0.0 || x == 1.0)));
    let rate = v.mean_axis(Axis(0)).unwrap();
    for i in 0..6 {
        assert!((rate[i] - p[i]).abs() < 5.0 * (p[i] * (1.0 - p[i]) / 40_000.0).sqrt() + 1e-5, "{i}");
    }
}

#[test]
fn a_joint_machine_learns_classes_and_imagines_them() {
    // Class 1 lies around (1, −1), class 0 around (−1, 1).
    let n = 400;
    let mut random = stream(9, Purpose::Sample, 0);
    let y: Vec<usize> = (0..n).map(|r| r % 2).collect();
    let x = Array2::from_shape_fn((n, 2), |(r, i)| {
        let noise: f32 = StandardNormal.sample(&mut random);
        0.6 * noise + if (y[r] == 1) == (i == 0) { 1.0 } else { -1.0 }
    });
    let mut joint = JointRbm::new(Visible::Gaussian, 8, &x, &y, 2, &mut stream(9, Purpose::InitialWeights, 0));
    let mut cd = ContrastiveDivergence::new(joint.rbm(), 20);
    let mut rows = Array2::zeros((20, 4));
    let mut lanes = lanes(9);
    let step = cd1(0.03);
    for _ in 0..60 {
        for start in (0..n).step_by(20) {
            let (x, y) = (x.slice(s![start..start + 20, ..]), &y[start..start + 20]);
            join(&x, y, &mut rows);
            cd.update(joint.rbm_mut(), &rows, &step, &mut lanes);
        }
    }
    let p = joint.probabilities(&x).unwrap();
    let right = (0..n).filter(|&r| (p[[r, 1]] > 0.5) == (y[r] == 1)).count();
    assert!(right > 385, "{right} of {n}");
    for class in 0..2 {
        let sign = if class == 1 { 1.0 } else { -1.0 };
        let start = Array2::from_shape_fn((100, 4), |(_, unit)| if unit == 2 + class { 1.0 } else { 0.0 });
        let each = (0..100).map(|chain| Lanes::new(&mut stream(9, Purpose::Sample, 1 + chain))).collect();
        let mut chains = GibbsChains::new(joint.rbm(), &start, &[2, 3], each);
        chains.advance(joint.rbm(), 20);
        let mean = chains.visible_mean().column(0).mean().unwrap() * sign;
        assert!(mean > 0.5, "{class}: {mean}");
    }
    let (w, c) = joint.as_layer();
    assert_eq!((w.dim(), c.len()), ((2, 8), 8));
}
