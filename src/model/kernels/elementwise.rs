//! Functions of every element of a slice, written without branches so that the compiler vectorises them.

use super::exp::{exp_clamped, exp_f32};

/// Replaces every x by the logistic function 1/(1 + e⁻ˣ), in 0..=1; NaN stays NaN.
pub fn logistic(values: &mut [f32]) {
    widest!(logistic_plain(values: &mut [f32]));
}

#[inline(always)]
fn logistic_plain(values: &mut [f32]) {
    for x in values {
        *x = 1.0 / (1.0 + exp_clamped(-*x));
    }
}

/// Σ ln(1 + eˣ) without overflow, each term within 2e-7 of itself, summed in f64 over sixteen interleaved parts. NaN when
/// any x is.
pub fn softplus_sum(values: &[f32]) -> f64 {
    widest!(softplus_sum_plain(values: &[f32]) -> f64)
}

#[inline(always)]
fn softplus_sum_plain(values: &[f32]) -> f64 {
    let (chunks, rest) = values.as_chunks::<16>();
    let mut sums = [0.0_f64; 16];
    for chunk in chunks {
        let terms: [f32; 16] = std::array::from_fn(|i| softplus(chunk[i]));
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum += f64::from(term);
        }
    }
    for (sum, &x) in sums.iter_mut().zip(rest) {
        *sum += f64::from(softplus(x));
    }
    sums.iter().sum()
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + y) with y = e^−|x| in 0..=1, and ln(1 + y) = 2 artanh(y/(2 + y)).
#[inline(always)]
fn softplus(x: f32) -> f32 {
    // Written so that NaN stays NaN, which exp_f32 does not promise.
    let above = if x < 0.0 { 0.0 } else { x };
    let y = exp_f32(-x.abs());
    above + twice_artanh(y / (2.0 + y))
}

/// 2 artanh(s) = ln((1 + s)/(1 − s)) for |s| ≤ 1/3, by its series: what is left out is below 3e-9 of it.
#[inline(always)]
pub(super) fn twice_artanh(s: f32) -> f32 {
    let z = s * s;
    let mut p = 2.0 / 15.0;
    p = p * z + 2.0 / 13.0;
    p = p * z + 2.0 / 11.0;
    p = p * z + 2.0 / 9.0;
    p = p * z + 2.0 / 7.0;
    p = p * z + 2.0 / 5.0;
    p = p * z + 2.0 / 3.0;
    p * z * s + 2.0 * s
}

/// `out[j] += factor·Σ_r x[r, j]`; x holds rows of `out.len()` numbers one after another.
pub fn add_column_sums(factor: f32, x: &[f32], out: &mut [f32]) {
    if out.is_empty() {
        return;
    }
    widest!(column_sums_plain(factor: f32, x: &[f32], out: &mut [f32]));
}

#[inline(always)]
fn column_sums_plain(factor: f32, x: &[f32], out: &mut [f32]) {
    for row in x.chunks_exact(out.len()) {
        for (out, &x) in out.iter_mut().zip(row) {
            *out += factor * x;
        }
    }
}

/// Σ (a − b)² over the shorter of both, summed in f64 over sixteen interleaved parts.
pub fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    widest!(squared_distance_plain(a: &[f32], b: &[f32]) -> f64)
}

#[inline(always)]
fn squared_distance_plain(a: &[f32], b: &[f32]) -> f64 {
    let n = a.len().min(b.len());
    let ((a, a_rest), (b, b_rest)) = (a[..n].as_chunks::<16>(), b[..n].as_chunks::<16>());
    let mut sums = [0.0_f64; 16];
    for (a, b) in a.iter().zip(b) {
        for i in 0..16 {
            let d = f64::from(a[i] - b[i]);
            sums[i] += d * d;
        }
    }
    for ((sum, a), b) in sums.iter_mut().zip(a_rest).zip(b_rest) {
        let d = f64::from(a - b);
        *sum += d * d;
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every size on both sides of zero, a number of them that no vector width divides.
    fn samples() -> Vec<f32> {
        (0..10_007).map(|i| (i - 5_003) as f32 * 0.02).chain([1e30, -1e30, 0.0, -0.0, 1e-30]).collect()
    }

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
        let mut far = [1e30, -1e30, 0.0, f32::NAN];
        logistic(&mut far);
        assert_eq!([far[0], far[2]], [1.0, 0.5]);
        assert!(far[1] >= 0.0 && far[1] < 1e-37);
        assert!(far[3].is_nan() && exp_clamped(f32::NAN).is_nan(), "what has run away is not hidden");
    }

    #[test]
    fn softplus_agrees_with_the_library_and_is_right_at_both_ends() {
        for x in samples() {
            let wide = f64::from(x);
            let want = wide.max(0.0) + (-wide.abs()).exp().ln_1p();
            let tolerance = 3e-7 * want + 1e-37;
            assert!((softplus_sum(&[x]) - want).abs() <= tolerance, "softplus({x}) {} {want}", softplus_sum(&[x]));
        }
        assert_eq!(softplus_sum(&[1000.0]), 1000.0);
        assert!(softplus_sum(&[1.0, f32::NAN]).is_nan());
        assert_eq!(softplus_sum(&[]), 0.0);
        let want: f64 = samples().iter().map(|&x| softplus_sum(&[x])).sum();
        assert!((softplus_sum(&samples()) / want - 1.0).abs() < 1e-12);
    }

    #[test]
    fn column_sums_and_squared_distances_by_hand() {
        let mut out = [1.0, 2.0, 3.0];
        add_column_sums(0.5, &[1.0, 2.0, 3.0, 5.0, 6.0, 7.0], &mut out);
        assert_eq!(out, [4.0, 6.0, 8.0]);
        add_column_sums(1.0, &[1.0], &mut []);
        assert_eq!(squared_distance(&[1.0, -2.0], &[4.0, 2.0, 7.0]), 25.0);
        let x: Vec<f32> = (0..37).map(|i| i as f32).collect();
        assert_eq!(squared_distance(&x, &[1.0; 37]), (-1..36).map(|i| f64::from(i * i)).sum::<f64>());
    }

    #[test]
    fn every_vector_width_gives_the_same_bits() {
        let (mut dispatched, mut plain) = (samples(), samples());
        logistic(&mut dispatched);
        logistic_plain(&mut plain);
        assert!(dispatched.iter().zip(&plain).all(|(a, b)| a.to_bits() == b.to_bits()));
        assert_eq!(softplus_sum(&samples()).to_bits(), softplus_sum_plain(&samples()).to_bits());
        let (a, b) = (dispatched, samples().into_iter().map(|x| x.clamp(-9.0, 9.0)).collect::<Vec<_>>());
        assert_eq!(squared_distance(&a, &b).to_bits(), squared_distance_plain(&a, &b).to_bits());
        let (mut dispatched, mut plain) = ([0.1; 37], [0.1; 37]);
        add_column_sums(0.3, &b, &mut dispatched);
        column_sums_plain(0.3, &b, &mut plain);
        assert_eq!(dispatched, plain);
    }
}
