//! Sixteen random generators side by side, and draws from them.
//!
//! Each lane is xoshiro128++ (Blackman, Vigna, *Scrambled linear pseudorandom number generators*, 2021), seeded with 128
//! bits of the `ChaCha` stream: sixteen points of a period of 2¹²⁸ − 1, which do not meet in any run. The arithmetic is on
//! integers, so the numbers are the same at every vector width. A draw takes whole steps of all lanes; what the last step
//! gives beyond the end of the slice is dropped, so the numbers depend on the lengths of the slices asked for.

use rand::Rng as _;

use super::elementwise::twice_artanh;
use crate::random::Stream;

pub(super) const LANES: usize = 16;
/// Twenty-four random bits fill the mantissa of a f32.
const UNIT: f32 = 1.0 / 16_777_216.0;

/// Sixteen generators of random numbers, stepped together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lanes {
    state: [[u32; LANES]; 4],
}

impl Lanes {
    /// Generators seeded with the next 64 numbers of `stream`.
    pub fn new(stream: &mut Stream) -> Self {
        Self { state: std::array::from_fn(|_| std::array::from_fn(|_| stream.next_u32())) }
    }

    /// The next number of each lane.
    #[inline(always)]
    pub(super) fn step(&mut self) -> [u32; LANES] {
        let [a, b, c, d] = &mut self.state;
        let mut out = [0; LANES];
        for i in 0..LANES {
            out[i] = a[i].wrapping_add(d[i]).rotate_left(7).wrapping_add(a[i]);
            let t = b[i] << 9;
            c[i] ^= a[i];
            d[i] ^= b[i];
            b[i] ^= c[i];
            a[i] ^= d[i];
            c[i] ^= t;
            d[i] = d[i].rotate_left(11);
        }
        out
    }
}

/// Draws `out[i]` = 1 with probability `p[i]`, else 0; the shorter of both slices ends it. A probability of exactly 0 or 1
/// is certain, NaN gives 0.
pub fn draw_bernoulli(lanes: &mut Lanes, p: &[f32], out: &mut [f32]) {
    widest!(bernoulli_plain(lanes: &mut Lanes, p: &[f32], out: &mut [f32]));
}

#[inline(always)]
fn bernoulli_plain(lanes: &mut Lanes, p: &[f32], out: &mut [f32]) {
    let n = p.len().min(out.len());
    let (p, p_rest) = p[..n].as_chunks::<LANES>();
    let (out, out_rest) = out[..n].as_chunks_mut::<LANES>();
    let mut state = lanes.clone(); // in registers while the loop runs
    for (p, out) in p.iter().zip(out) {
        let bits = state.step();
        *out = std::array::from_fn(|i| one_if_below(bits[i], p[i]));
    }
    if !p_rest.is_empty() {
        let bits = state.step();
        for ((out, &p), &bits) in out_rest.iter_mut().zip(p_rest).zip(&bits) {
            *out = one_if_below(bits, p);
        }
    }
    *lanes = state;
}

#[inline(always)]
pub(super) fn one_if_below(bits: u32, p: f32) -> f32 {
    // Without a branch even in the compiler's eyes: all bits of 1.0, or none.
    let below = (bits >> 8).cast_signed() as f32 * UNIT < p;
    f32::from_bits(u32::from(below).wrapping_neg() & 1.0_f32.to_bits())
}

/// Fills `out` with independent draws from N(0, 1) by the transform of Box and Muller, at most 5.77 from zero.
pub fn standard_normals(lanes: &mut Lanes, out: &mut [f32]) {
    widest!(normals_plain(lanes: &mut Lanes, out: &mut [f32]));
}

#[inline(always)]
fn normals_plain(lanes: &mut Lanes, out: &mut [f32]) {
    let (chunks, rest) = out.as_chunks_mut::<{ 2 * LANES }>();
    let mut state = lanes.clone();
    for chunk in chunks {
        *chunk = normal_pairs(&mut state);
    }
    if !rest.is_empty() {
        rest.copy_from_slice(&normal_pairs(&mut state)[..rest.len()]);
    }
    *lanes = state;
}

/// √(−2 ln u)·(cos, sin) of a random angle per lane: first all cosines, then all sines.
#[inline(always)]
fn normal_pairs(lanes: &mut Lanes) -> [f32; 2 * LANES] {
    let (length, angle) = (lanes.step(), lanes.step());
    let mut out = [0.0; 2 * LANES];
    for i in 0..LANES {
        let u = ((length[i] >> 8).cast_signed() + 1) as f32 * UNIT; // in (0, 1]
        let radius = (-2.0 * ln(u)).sqrt();
        // Two bits choose the quadrant, thirty an angle within ±45°.
        let within = ((angle[i] << 2).cast_signed() >> 8) as f32 * (UNIT * std::f32::consts::FRAC_PI_2);
        let (sin, cos) = sin_cos(within);
        let turned = angle[i] & 0x4000_0000 != 0;
        let radius = if angle[i] & 0x8000_0000 != 0 { -radius } else { radius };
        out[i] = radius * if turned { -sin } else { cos };
        out[LANES + i] = radius * if turned { cos } else { sin };
    }
    out
}

/// ln x of a normal x > 0 within 3e-7 of itself: x = 2ᵏ·m with m in √½..√2, and ln m = 2 artanh((m − 1)/(m + 1)).
#[inline(always)]
fn ln(x: f32) -> f32 {
    const SQRT_HALF: i32 = 0x3f35_04f3;
    let bits = x.to_bits().cast_signed();
    let k = (bits - SQRT_HALF) >> 23;
    let m = f32::from_bits((bits - (k << 23)) as u32);
    k as f32 * std::f32::consts::LN_2 + twice_artanh((m - 1.0) / (m + 1.0))
}

/// Sine and cosine of |x| ≤ π/4 within 1e-7, by the minimax polynomials of Cephes.
#[inline(always)]
fn sin_cos(x: f32) -> (f32, f32) {
    let z = x * x;
    let sin = ((-1.951_529_6e-4 * z + 8.332_161e-3) * z - 0.166_666_55) * z * x + x;
    let cos = ((2.443_315_7e-5 * z - 1.388_731_6e-3) * z + 4.166_664_6e-2) * z * z - 0.5 * z + 1.0;
    (sin, cos)
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
