//! One update against a plain reference, and the invariances of a batch.

use ndarray::{array, s};

use super::*;

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
        cd.gradient(&rbm, &x.slice(s![r..=r, ..]), &step, &mut lanes);
        mean.0.scaled_add(1.0 / 3.0, &cd.g_w);
        mean.1.scaled_add(1.0 / 3.0, cd.g_log_variance().unwrap());
    }
    assert!(whole.0.iter().zip(&mean.0).all(|(a, b)| (a - b).abs() < 1e-5));
    assert!(whole.1.iter().zip(&mean.1).all(|(a, b)| (a - b).abs() < 1e-5));
}
