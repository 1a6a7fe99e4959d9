//! Steps of the weights along a gradient, in one pass over the numbers.

/// Momentum with weight cost (MATH §3, eq. 3): Δ = m·Δ + r·(g − d·x), x += Δ, where g points uphill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum {
    /// r, the learning rate; negative to go downhill.
    pub rate: f32,
    /// m, in 0..1.
    pub momentum: f32,
    /// d ≥ 0.
    pub weight_cost: f32,
}

/// One step of momentum on weights `x` with increments `delta` and gradient `g`, of one length.
pub fn momentum_update(x: &mut [f32], delta: &mut [f32], g: &[f32], step: &Momentum) {
    widest!(momentum_plain(x: &mut [f32], delta: &mut [f32], g: &[f32], step: &Momentum));
}

#[inline(always)]
fn momentum_plain(x: &mut [f32], delta: &mut [f32], g: &[f32], step: &Momentum) {
    let Momentum { rate, momentum, weight_cost } = *step;
    for ((x, delta), &g) in x.iter_mut().zip(delta).zip(g) {
        *delta = momentum * *delta + rate * (g - weight_cost * *x);
        *x += *delta;
    }
}

/// Adam (Kingma, Ba, 2015) with decoupled weight decay (Loshchilov, Hutter, 2019), downhill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Learning rate r.
    pub rate: f32,
    /// β₁, in 0..1.
    pub beta1: f32,
    /// β₂, in 0..1.
    pub beta2: f32,
    /// ε > 0.
    pub epsilon: f32,
    /// Every weight shrinks by r·decay of itself; 0 is plain Adam.
    pub decay: f32,
    /// What the moments' start at 0 is made up for with, from [`Adam::corrections`].
    pub corrections: [f32; 2],
}

impl Adam {
    /// √(1 − β₂ᵗ) and √(1 − β₂ᵗ)/(1 − β₁ᵗ) at update number t, from 1. The same for all weights of one update.
    pub fn corrections(beta1: f32, beta2: f32, updates: u32) -> [f32; 2] {
        let root = (1.0 - power(beta2, updates)).sqrt();
        [root, root / (1.0 - power(beta1, updates))]
    }
}

/// One step of Adam on weights `x` with first moments `m`, second moments `v` and gradient `g`, of one length.
pub fn adam_update(x: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32], step: &Adam) {
    widest!(adam_plain(x: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32], step: &Adam));
}

#[inline(always)]
fn adam_plain(x: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32], step: &Adam) {
    let Adam { rate, beta1, beta2, epsilon, decay, corrections: [root, ratio] } = *step;
    // x −= r·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ), the corrections taken out of the loop.
    let (rate_m, epsilon) = (rate * ratio, epsilon * root);
    let keep = 1.0 - rate * decay;
    for (((x, m), v), &g) in x.iter_mut().zip(m).zip(v).zip(g) {
        let (first, second) = (beta1 * *m + (1.0 - beta1) * g, beta2 * *v + (1.0 - beta2) * (g * g));
        *x = keep * *x - rate_m * first / (second.sqrt() + epsilon);
        (*m, *v) = (first, second);
    }
}

/// xⁿ by squaring. The library's `powi` may round differently where the compiler folds it.
fn power(mut x: f32, mut n: u32) -> f32 {
    let mut result = 1.0;
    while n > 0 {
        if n & 1 == 1 {
            result *= x;
        }
        x *= x;
        n >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize, seed: f32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * 0.37 + seed).sin()).collect()
    }

    #[test]
    fn momentum_by_hand() {
        let step = Momentum { rate: 0.5, momentum: 0.25, weight_cost: 0.125 };
        let (mut x, mut delta) = ([2.0, -1.0], [4.0, 0.0]);
        momentum_update(&mut x, &mut delta, &[1.0, 2.0], &step);
        // 0.25·4 + 0.5·(1 − 0.125·2) = 1.375; 0.5·(2 + 0.125) = 1.0625
        assert_eq!((delta, x), ([1.375, 1.0625], [3.375, 0.0625]));
    }

    #[test]
    fn adam_agrees_with_its_formulas_in_f64() {
        let n = 37;
        let (mut x, mut m, mut v) = (numbers(n, 0.1), vec![0.0; n], vec![0.0; n]);
        let mut wide: Vec<(f64, f64, f64)> = x.iter().map(|&x| (f64::from(x), 0.0, 0.0)).collect();
        for (t, updates) in (1..=20).zip(1..) {
            let g = numbers(n, t as f32);
            let corrections = Adam::corrections(0.9, 0.999, updates);
            let step = Adam { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.1, corrections };
            adam_update(&mut x, &mut m, &mut v, &g, &step);
            for ((x, m, v), &g) in wide.iter_mut().zip(&g) {
                let g = f64::from(g);
                *x -= 0.01 * 0.1 * *x;
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                let (m_hat, v_hat) = (*m / (1.0 - 0.9f64.powi(t)), *v / (1.0 - 0.999f64.powi(t)));
                *x -= 0.01 * m_hat / (v_hat.sqrt() + 1e-8);
            }
        }
        for (x, (want, _, _)) in x.iter().zip(&wide) {
            assert!((f64::from(*x) - want).abs() < 2e-6, "{x} {want}");
        }
    }

    #[test]
    fn every_vector_width_gives_the_same_bits() {
        let n = 1003;
        let g = numbers(n, 3.0);
        let momentum = Momentum { rate: 0.01, momentum: 0.9, weight_cost: 1e-4 };
        let (mut a, mut b) = ((numbers(n, 1.0), numbers(n, 2.0)), (numbers(n, 1.0), numbers(n, 2.0)));
        momentum_update(&mut a.0, &mut a.1, &g, &momentum);
        momentum_plain(&mut b.0, &mut b.1, &g, &momentum);
        assert_eq!(a, b);
        let corrections = Adam::corrections(0.9, 0.999, 3);
        let adam = Adam { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01, corrections };
        let (mut v, mut w) = (vec![0.5; n], vec![0.5; n]);
        adam_update(&mut a.0, &mut a.1, &mut v, &g, &adam);
        adam_plain(&mut b.0, &mut b.1, &mut w, &g, &adam);
        assert_eq!((a, v), (b, w));
    }
}
