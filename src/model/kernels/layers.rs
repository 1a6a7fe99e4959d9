//! What the layers of a feed-forward net need beside products: dropout, the slope of logistic units, bins.

use serde::{Deserialize, Serialize};

use super::lanes::{LANES, Lanes, one_if_below};

/// Bins of an input, at most.
pub const BINS: usize = 8;

/// The bins of one input x: number j is `clamp((x − centre_j)·slope_j, ±1)`. All inputs have the same number of them, for
/// the sake of vectors; those that an input does not need have slope 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bins {
    /// Which input of a row.
    pub input: u32,
    /// Middle of each bin.
    pub centre: [f32; BINS],
    /// 2 over the width of each bin.
    pub slope: [f32; BINS],
}

/// Multiplies each of `values` with 1/`keep` with probability `keep`, else with 0.
pub fn drop_out(lanes: &mut Lanes, keep: f32, values: &mut [f32]) {
    widest!(drop_out_plain(lanes: &mut Lanes, keep: f32, values: &mut [f32]));
}

#[inline(always)]
fn drop_out_plain(lanes: &mut Lanes, keep: f32, values: &mut [f32]) {
    let scale = 1.0 / keep;
    let mut state = lanes.clone(); // in registers while the loop runs
    let (chunks, rest) = values.as_chunks_mut::<LANES>();
    for chunk in chunks {
        let bits = state.step();
        for (x, bits) in chunk.iter_mut().zip(bits) {
            *x *= scale * one_if_below(bits, keep);
        }
    }
    if !rest.is_empty() {
        for (x, bits) in rest.iter_mut().zip(state.step()) {
            *x *= scale * one_if_below(bits, keep);
        }
    }
    *lanes = state;
}

/// Multiplies errors in the outputs `h` of logistic units, of which a share `keep` takes part, with the slope of the units.
///
/// With h = σm/keep where a unit took part, its slope σm·(1 − σm)/keep is h·(1 − keep·h); elsewhere both are 0.
pub fn logistic_slope(errors: &mut [f32], h: &[f32], keep: f32) {
    widest!(logistic_slope_plain(errors: &mut [f32], h: &[f32], keep: f32));
}

#[inline(always)]
fn logistic_slope_plain(errors: &mut [f32], h: &[f32], keep: f32) {
    for (error, &h) in errors.iter_mut().zip(h) {
        *error *= h * (1.0 - keep * h);
    }
}

/// Writes the `bins` of the row `x` to `out`, `BINS` numbers for each of them.
pub fn piecewise_linear(x: &[f32], bins: &[Bins], out: &mut [f32]) {
    widest!(piecewise_linear_plain(x: &[f32], bins: &[Bins], out: &mut [f32]));
}

#[inline(always)]
fn piecewise_linear_plain(x: &[f32], bins: &[Bins], out: &mut [f32]) {
    for (out, bins) in out.as_chunks_mut::<BINS>().0.iter_mut().zip(bins) {
        let x = x[bins.input as usize];
        *out = std::array::from_fn(|j| {
            let y = (x - bins.centre[j]) * bins.slope[j];
            let y = if y < -1.0 { -1.0 } else { y };
            if y > 1.0 { 1.0 } else { y }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kernels::draw_bernoulli;
    use crate::random::{Purpose, stream};

    fn numbers(n: usize, seed: f32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * 0.37 + seed).sin()).collect()
    }

    #[test]
    fn dropout_draws_like_bernoulli_units() {
        for n in [1, 16, 37] {
            let lanes = Lanes::new(&mut stream(1, Purpose::FineTuning, 0));
            let (mut one, mut other) = (lanes.clone(), lanes);
            let mut drawn = vec![0.0; n];
            let mut values = numbers(n, 1.0);
            draw_bernoulli(&mut one, &vec![0.75; n], &mut drawn);
            drop_out(&mut other, 0.75, &mut values);
            assert_eq!(one, other, "as many numbers are taken");
            for ((got, x), drawn) in values.iter().zip(numbers(n, 1.0)).zip(drawn) {
                assert_eq!(*got, x * (1.0 / 0.75 * drawn));
            }
        }
    }

    #[test]
    fn slopes_by_hand() {
        // σm = ½ and a unit left out; with keep = ½ the output is twice σm and the slope doubles.
        let mut errors = [2.0, 3.0];
        logistic_slope(&mut errors, &[0.5, 0.0], 1.0);
        assert_eq!(errors, [0.5, 0.0]);
        let mut errors = [2.0, 3.0];
        logistic_slope(&mut errors, &[1.0, 0.0], 0.5);
        assert_eq!(errors, [1.0, 0.0]);
    }

    #[test]
    fn every_vector_width_gives_the_same_bits() {
        let n = 1003;
        let (x, h) = (numbers(n, 1.0), numbers(n, 2.0));
        let lanes = Lanes::new(&mut stream(2, Purpose::FineTuning, 0));
        let bins: Vec<Bins> = (0..100)
            .map(|i| Bins {
                input: i * 7,
                centre: std::array::from_fn(|j| h[i as usize + j]),
                slope: std::array::from_fn(|j| x[i as usize + j] * 3.0),
            })
            .collect();
        let run = |plain: bool| {
            let (mut dropped, mut sloped, mut lanes) = (x.clone(), x.clone(), lanes.clone());
            let mut binned = vec![0.0; 100 * BINS];
            if plain {
                drop_out_plain(&mut lanes, 0.7, &mut dropped);
                logistic_slope_plain(&mut sloped, &h, 0.7);
                piecewise_linear_plain(&x, &bins, &mut binned);
            } else {
                drop_out(&mut lanes, 0.7, &mut dropped);
                logistic_slope(&mut sloped, &h, 0.7);
                piecewise_linear(&x, &bins, &mut binned);
            }
            (dropped, sloped, binned, lanes)
        };
        assert_eq!(run(true), run(false));
    }
}
