//! Clamped Gibbs sampling: what a restricted Boltzmann machine expects of some visible units when the others are held.
//!
//! One sweep draws h from p(h | v) and sets each free unit to its mean given h, or draws it where sampling is chosen, as
//! in CD (H10 §3). Either way the answer is the mean of those means over the sweeps after the burn-in, which with drawn
//! units goes to the expectation given the held units as the sweeps grow.

use super::kernels::{self, Lanes};
use super::rbm::{Rbm, Visible};

/// How long the chain runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClampedGibbs {
    /// Sweeps before any is counted.
    pub burn_in: usize,
    /// Sweeps averaged, at least 1.
    pub samples: usize,
    /// Draw the free units in place of taking their mean.
    pub sample_visible: bool,
}

impl ClampedGibbs {
    /// Replaces the units `free` of one row `v` (`n_visible`) by what `rbm` expects of them given the others. The chain
    /// starts from what stands there. The work of a sweep is in proportion to the free units, not to the row.
    pub fn fill(&self, rbm: &Rbm, v: &mut [f32], free: &[usize], random: &mut Lanes) {
        if free.is_empty() {
            return;
        }
        let n_hidden = rbm.c.len();
        let mut held = rbm.c.to_vec();
        for (unit, &x) in v.iter().enumerate().filter(|(unit, _)| !free.contains(unit)) {
            add_scaled(&mut held, x, rbm, unit);
        }
        let mut p = vec![0.0; n_hidden];
        let mut h = vec![0.0; n_hidden];
        let mut sum = vec![0.0_f64; free.len()];
        for sweep in 0..self.burn_in + self.samples.max(1) {
            p.copy_from_slice(&held);
            for &unit in free {
                add_scaled(&mut p, v[unit], rbm, unit);
            }
            kernels::logistic(&mut p);
            kernels::draw_bernoulli(random, &p, &mut h);
            for (&unit, sum) in free.iter().zip(&mut sum) {
                let input = rbm.w.row(unit).iter().zip(&h).fold(rbm.b[unit], |sum, (w, h)| sum + w * h);
                let mut mean = [input];
                if rbm.visible == Visible::Bernoulli {
                    kernels::logistic(&mut mean);
                }
                if sweep >= self.burn_in {
                    *sum += f64::from(mean[0]);
                }
                v[unit] = if self.sample_visible { draw(rbm.visible, mean, random) } else { mean[0] };
            }
        }
        for (&unit, sum) in free.iter().zip(&sum) {
            v[unit] = (sum / self.samples.max(1) as f64) as f32;
        }
    }
}

/// Adds `x` times the weights of a visible unit to the inputs of the hidden ones.
fn add_scaled(inputs: &mut [f32], x: f32, rbm: &Rbm, unit: usize) {
    for (input, w) in inputs.iter_mut().zip(rbm.w.row(unit)) {
        *input += x * w;
    }
}

fn draw(visible: Visible, mean: [f32; 1], random: &mut Lanes) -> f32 {
    match visible {
        Visible::Gaussian => {
            let mut noise = [0.0];
            kernels::standard_normals(random, &mut noise);
            mean[0] + noise[0]
        }
        Visible::Bernoulli => {
            let mut drawn = [0.0];
            kernels::draw_bernoulli(random, &mean, &mut drawn);
            drawn[0]
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};
    use rand_distr::{Distribution as _, StandardNormal};

    use super::*;
    use crate::random::{Purpose, stream};

    /// A machine with weights large enough to matter.
    fn machine(visible: Visible, n: usize, m: usize) -> Rbm {
        let mut random = stream(5, Purpose::InitialWeights, 0);
        let mut normal = |scale: f32| -> f32 {
            let z: f32 = StandardNormal.sample(&mut random);
            scale * z
        };
        let w = Array2::from_shape_simple_fn((n, m), || normal(0.8));
        let b = Array1::from_shape_simple_fn(n, || normal(0.5));
        let c = Array1::from_shape_simple_fn(m, || normal(0.5));
        Rbm { visible, w, b, c }
    }

    /// The expectation of the free units by enumeration of h, whose probability given the held units is in proportion to
    /// `exp(c·h + v·W·h)` over those, times for each free unit with input `a = W·h` the sum over its states, `1 + e^(b+a)`,
    /// or the integral, `e^(b·a + a²/2)`.
    fn expected(rbm: &Rbm, v: &[f32], free: &[usize]) -> Vec<f64> {
        let m = rbm.c.len();
        let (mut total, mut sums) = (0.0, vec![0.0; free.len()]);
        for state in 0..1_u32 << m {
            let on: Vec<usize> = (0..m).filter(|j| state >> j & 1 == 1).collect();
            let input = |unit: usize| on.iter().map(|&j| f64::from(rbm.w[[unit, j]])).sum::<f64>();
            let mut log: f64 = on.iter().map(|&j| f64::from(rbm.c[j])).sum();
            let mut means = Vec::new();
            for (unit, &x) in v.iter().enumerate() {
                let (a, b) = (input(unit), f64::from(rbm.b[unit]));
                if !free.contains(&unit) {
                    log += f64::from(x) * a;
                } else if rbm.visible == Visible::Gaussian {
                    log += b * a + a * a / 2.0;
                    means.push(b + a);
                } else {
                    log += (b + a).exp().ln_1p();
                    means.push(1.0 / (1.0 + (-b - a).exp()));
                }
            }
            total += log.exp();
            for (sum, mean) in sums.iter_mut().zip(means) {
                *sum += log.exp() * mean;
            }
        }
        sums.into_iter().map(|sum| sum / total).collect()
    }

    #[test]
    fn a_long_chain_finds_the_exact_conditional_mean() {
        for visible in [Visible::Gaussian, Visible::Bernoulli] {
            let rbm = machine(visible, 5, 4);
            let start = [1.0, 0.0, 1.0, 0.0, 1.0];
            for free in [&[1][..], &[0, 3], &[0, 1, 2, 3, 4]] {
                let exact = expected(&rbm, &start, free);
                let gibbs = ClampedGibbs { burn_in: 200, samples: 200_000, sample_visible: true };
                let mut v = start;
                gibbs.fill(&rbm, &mut v, free, &mut Lanes::new(&mut stream(6, Purpose::Filling, 0)));
                for (&unit, exact) in free.iter().zip(exact) {
                    assert!((f64::from(v[unit]) - exact).abs() < 0.03, "{visible:?} {free:?} {} {exact}", v[unit]);
                }
                for unit in (0..5).filter(|unit| !free.contains(unit)) {
                    assert_eq!(v[unit], start[unit], "held units stay");
                }
            }
        }
    }

    #[test]
    fn without_weights_the_bias_is_the_answer() {
        let mut rbm = machine(Visible::Gaussian, 3, 2);
        rbm.w.fill(0.0);
        let mut v = [9.0, 9.0, 9.0];
        let gibbs = ClampedGibbs { burn_in: 0, samples: 3, sample_visible: false };
        gibbs.fill(&rbm, &mut v, &[0, 2], &mut Lanes::new(&mut stream(1, Purpose::Filling, 0)));
        assert_eq!(v, [rbm.b[0], 9.0, rbm.b[2]]);
        gibbs.fill(&rbm, &mut v, &[], &mut Lanes::new(&mut stream(1, Purpose::Filling, 0)));
        assert_eq!(v[1], 9.0);
    }
}
