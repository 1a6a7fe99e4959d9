//! Element-wise functions over slices, written without branches so that the compiler vectorises them.

use rand::Rng as _;

use super::exp::exp_clamped;
use crate::random::Stream;

/// Replaces every x by the logistic function 1/(1 + e⁻ˣ), in 0..=1.
pub(crate) fn logistic(values: &mut [f32]) {
    for x in values {
        *x = 1.0 / (1.0 + exp_clamped(-*x));
    }
}

/// ln(1 + eˣ) without overflow.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Draws `out[i]` = 1 with probability `p[i]`, else 0. A probability of exactly 0 or 1 is certain.
pub(crate) fn bernoulli(random: &mut Stream, p: &[f32], out: &mut [f32]) {
    const UNIT: f32 = 1.0 / 16_777_216.0; // 24 random bits fill a f32's mantissa
    for (o, &p) in out.iter_mut().zip(p) {
        let u = (random.next_u32() >> 8) as f32 * UNIT;
        *o = f32::from(u8::from(u < p));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn exp_and_the_logistic_function_agree_with_the_library() {
        for i in -8_700..=8_700 {
            let x = i as f32 * 0.01;
            let want = f64::from(x).exp();
            assert!((f64::from(exp_clamped(x)) / want - 1.0).abs() < 3e-7, "exp({x})");
            let mut y = [x];
            logistic(&mut y);
            assert!((f64::from(y[0]) - 1.0 / (1.0 + (-f64::from(x)).exp())).abs() < 2e-7, "logistic({x})");
        }
        let mut far = [1e30, -1e30, 0.0];
        logistic(&mut far);
        assert_eq!([far[0], far[2]], [1.0, 0.5]);
        assert!(far[1] >= 0.0 && far[1] < 1e-37);
        assert!(exp_clamped(f32::NAN).is_nan(), "what has run away is not hidden");
    }

    #[test]
    fn softplus_is_right_at_both_ends() {
        assert!((softplus(0.0) - std::f64::consts::LN_2).abs() < 1e-15);
        assert_eq!(softplus(1000.0), 1000.0);
        assert!(softplus(-1000.0) >= 0.0);
        assert!((softplus(-20.0) - (-20f64).exp()).abs() < 1e-17);
    }

    #[test]
    fn bernoulli_draws_at_the_right_rate_and_is_certain_at_the_ends() {
        let n = 40_000;
        let mut random = stream(7, Purpose::PreTraining, 0);
        for p in [0.0, 0.1, 0.5, 0.93, 1.0] {
            let mut out = vec![0.0; n];
            bernoulli(&mut random, &vec![p; n], &mut out);
            let rate = out.iter().sum::<f32>() / n as f32;
            let spread = 5.0 * (p * (1.0 - p) / n as f32).sqrt();
            assert!((rate - p).abs() <= spread, "{rate} for {p}");
        }
    }
}
