//! What the skip input makes of a row: numbers of which straight lines to the output are enough.
//!
//! Piecewise linear encoding (Gorishniy, Rubachev and Babenko 2022, "On embeddings for numerical features in tabular deep
//! learning"): edges e₀ < … < eₙ at quantiles of the training values, and one number for each bin, −1 below it, 1 above
//! it and a straight line within. A row is encoded when it is needed; the encoded table never stands in memory.

use ndarray::ArrayRef2;
use serde::{Deserialize, Serialize};

use crate::data::quantile;

/// The fitted encoding of rows of inputs: number j is `clamp((x_i − centre_j)·slope_j, ±limit_j)` of input `i = input_j`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    /// Which input each number is made of.
    input: Vec<u32>,
    centre: Vec<f32>,
    slope: Vec<f32>,
    /// 1 for a bin; where an input is passed on as it is, the largest number.
    limit: Vec<f32>,
}

impl Encoding {
    /// Passes `n_inputs` inputs on as they are.
    pub fn linear(n_inputs: usize) -> Self {
        let mut encoding = Self::empty();
        for input in 0..n_inputs {
            encoding.pass(input);
        }
        encoding
    }

    /// Fits at most `bins` bins an input, between the distinct quantiles of the rows `x` `(n_rows, n_inputs)`. An input
    /// with fewer than two of them, or with two values only (a flag, a level), is passed on as it is; a constant one says
    /// nothing and is left out.
    pub fn piecewise_linear(x: &ArrayRef2<f32>, bins: usize) -> Self {
        let mut encoding = Self::empty();
        let mut ascending = Vec::with_capacity(x.nrows());
        for (input, column) in x.columns().into_iter().enumerate() {
            ascending.clear();
            ascending.extend(column.iter().map(|&x| f64::from(x)));
            ascending.sort_unstable_by(f64::total_cmp);
            let distinct = ascending.chunk_by(|a, b| a == b).take(3).count();
            if distinct < 2 {
                continue;
            }
            let mut edges: Vec<f64> = (0..=bins).map(|t| quantile(&ascending, t as f64 / bins as f64)).collect();
            edges.dedup();
            if distinct == 2 || edges.len() < 2 {
                encoding.pass(input);
            } else {
                for edge in edges.windows(2) {
                    encoding.bin(input, edge[0], edge[1]);
                }
            }
        }
        encoding
    }

    fn empty() -> Self {
        Self { input: Vec::new(), centre: Vec::new(), slope: Vec::new(), limit: Vec::new() }
    }

    fn pass(&mut self, input: usize) {
        self.push(input, 0.0, 1.0, f32::MAX);
    }

    fn bin(&mut self, input: usize, low: f64, high: f64) {
        let slope = (2.0 / (high - low)).min(f64::from(f32::MAX));
        self.push(input, f64::midpoint(low, high) as f32, slope as f32, 1.0);
    }

    fn push(&mut self, input: usize, centre: f32, slope: f32, limit: f32) {
        self.input.push(input as u32);
        self.centre.push(centre);
        self.slope.push(slope);
        self.limit.push(limit);
    }

    /// Numbers that a row becomes.
    pub fn width(&self) -> usize {
        self.input.len()
    }

    /// Encodes the rows `x` `(n_rows, n_inputs)` to `out` `(n_rows, width)`.
    pub fn write(&self, x: &ArrayRef2<f32>, out: &mut ArrayRef2<f32>) {
        for (x, mut out) in x.rows().into_iter().zip(out.rows_mut()) {
            // Fetching and computing apart, so that the computing is done by vectors.
            for (out, &input) in out.iter_mut().zip(&self.input) {
                *out = x[input as usize];
            }
            let lines = self.centre.iter().zip(&self.slope).zip(&self.limit);
            for (out, ((&centre, &slope), &limit)) in out.iter_mut().zip(lines) {
                *out = ((*out - centre) * slope).clamp(-limit, limit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn encoded(encoding: &Encoding, x: &Array2<f32>) -> Array2<f32> {
        let mut out = Array2::zeros((x.nrows(), encoding.width()));
        encoding.write(x, &mut out);
        out
    }

    #[test]
    fn bins_by_hand_and_values_out_of_range() {
        // Quantiles 0, ½, 1 of 0 1 2 6 10 are 0 2 10.
        let x = array![[2.0_f32], [10.0], [0.0], [6.0], [1.0]];
        let encoding = Encoding::piecewise_linear(&x, 2);
        let got = encoded(&encoding, &array![[-50.0], [0.0], [0.5], [2.0], [4.0], [10.0], [1e30]]);
        let want = array![[-1.0, -1.0], [-1.0, -1.0], [-0.5, -1.0], [1.0, -1.0], [1.0, -0.5], [1.0, 1.0], [1.0, 1.0]];
        assert_eq!(got, want);
    }

    #[test]
    fn flags_pass_constants_are_left_out_and_equal_quantiles_are_one_edge() {
        // A constant; a flag; mostly one value, so that all octiles but the last are the same.
        let x = Array2::from_shape_fn((24, 3), |(i, j)| match j {
            0 => 7.0,
            1 => 2.0 * (i % 2) as f32,
            _ => {
                if i < 22 {
                    0.0
                } else {
                    i as f32
                }
            }
        });
        let encoding = Encoding::piecewise_linear(&x, 8);
        assert_eq!(encoding.width(), 2);
        let got = encoded(&encoding, &array![[9.0, 2.0, -3.0], [7.0, 0.5, 0.0], [7.0, 0.0, 23.0]]);
        assert_eq!(got, array![[2.0, -1.0], [0.5, -1.0], [0.0, 1.0]]);
        assert_eq!(encoded(&Encoding::linear(3), &x), x);
        assert_eq!(Encoding::piecewise_linear(&x.slice(ndarray::s![..1, ..]), 8).width(), 0, "one row");
    }

    #[test]
    fn bins_too_narrow_or_too_wide_for_a_slope_stay_finite() {
        let narrow = f32::from_bits(1);
        for values in [[0.0, narrow, 2.0 * narrow], [-3e38, 0.0, 3e38], [1e30, 1.000_000_1e30, 2e30]] {
            let x = Array2::from_shape_vec((3, 1), values.to_vec()).unwrap();
            let encoding = Encoding::piecewise_linear(&x, 2);
            let far = Array2::from_shape_vec((2, 1), vec![f32::MAX, f32::MIN]).unwrap();
            for out in [encoded(&encoding, &x), encoded(&encoding, &far)] {
                assert!(out.iter().all(|out| (-1.0..=1.0).contains(out)), "{out}");
            }
        }
    }

    #[test]
    fn a_file_gives_the_same_bits_back() {
        let x = array![[0.1_f32, 0.0], [0.7, 1.0], [0.3, 0.0], [0.2, 1.0]];
        let encoding = Encoding::piecewise_linear(&x, 8);
        let text = serde_json::to_string(&encoding).unwrap();
        assert_eq!(serde_json::from_str::<Encoding>(&text).unwrap(), encoding);
    }
}
