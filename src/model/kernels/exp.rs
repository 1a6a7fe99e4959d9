//! eˣ as plain arithmetic that the compiler turns into vector instructions.
//!
//! x = k ln 2 + r with |r| ≤ ½ ln 2; eʳ is a polynomial and 2ᵏ is written straight into the exponent bits. Rounding to k is
//! done by adding and subtracting 1.5·2^(mantissa bits), since `round` is a function call on CPUs without SSE4.1.

/// eˣ for x ≤ 0 within 2 units in the last place. Arguments below −87 give e⁻⁸⁷ ≈ 10⁻³⁸; NaN gives some finite number.
#[inline(always)]
pub fn exp_f32(x: f32) -> f32 {
    exp_in_range(if x > -87.0 { x } else { -87.0 })
}

/// eˣ within 2 units in the last place, x held to −87…88; NaN stays NaN.
#[inline(always)]
pub fn exp_clamped(x: f32) -> f32 {
    exp_in_range(x.clamp(-87.0, 88.0))
}

#[inline(always)]
fn exp_in_range(x: f32) -> f32 {
    const MAGIC: f32 = 12_582_912.0;
    // ln 2 in two parts, the first short enough that k times it is exact (Cephes).
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // The minimax polynomial of Cephes' expf.
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 0.166_666_65;
    p = p * r + 0.5;
    let e_r = p * r * r + r + 1.0;
    e_r * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// eˣ for x ≤ 0 within 2 units in the last place. Arguments below −708 give e⁻⁷⁰⁸ ≈ 10⁻³⁰⁸; NaN gives some finite number.
#[inline(always)]
pub fn exp_f64(x: f64) -> f64 {
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 6.931_457_519_531_25e-1;
    const LN_2_LOW: f64 = 1.428_606_820_309_417_2e-6;
    /// (eʳ − 1 − r) / r² as a polynomial, lowest power first: interpolated at the Chebyshev nodes, eʳ within 2e-17.
    const Q: [f64; 10] = [
        0.5000000000000001,
        0.16666666666666669,
        0.04166666666662413,
        0.008333333333330062,
        0.0013888888917213717,
        0.00019841269863053618,
        2.4801521295954376e-5,
        2.7557268459997064e-6,
        2.7620088445409746e-7,
        2.510038549551032e-8,
    ];
    let x = if x > -708.0 { x } else { -708.0 };
    let shifted = x * std::f64::consts::LOG2_E + MAGIC;
    let k = shifted - MAGIC;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // Pairs of terms first (Estrin), whose operations do not wait for each other as those of Horner's scheme do.
    let pair = |n: usize| Q[n] + Q[n + 1] * r;
    let (r2, r4) = (r * r, (r * r) * (r * r));
    let q = (pair(0) + pair(2) * r2) + r4 * ((pair(4) + pair(6) * r2) + r4 * pair(8));
    let p = 1.0 + (r + r2 * q);
    p * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        for step in 0..=200_000 {
            let x = -f64::from(step) * 4e-4;
            let single = f64::from(exp_f32(x as f32));
            let truth = f64::from(x as f32).exp();
            assert!((single / truth - 1.0).abs() < 2.5e-7, "f32 at {x}");
            assert!((exp_f64(x) / x.exp() - 1.0).abs() < 5e-16, "f64 at {x}");
        }
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(exp_f32(0.0), 1.0);
        assert_eq!(exp_f64(0.0), 1.0);
        for x in [-87.0, -1e3, -1e30, f32::NEG_INFINITY] {
            assert!((0.0..1e-37).contains(&exp_f32(x)));
        }
        for x in [-708.0, -1e4, -1e300, f64::NEG_INFINITY] {
            assert!((0.0..1e-300).contains(&exp_f64(x)));
        }
        assert!(exp_f32(f32::NAN).is_finite() && exp_f64(f64::NAN).is_finite());
    }
}
