//! What the skip input makes of a row: numbers of which straight lines to the output are enough.
//!
//! Piecewise linear encoding (Gorishniy, Rubachev and Babenko 2022, "On embeddings for numerical features in tabular deep
//! learning"): edges e₀ < … < eₙ at quantiles of the training values, and one number for each bin, −1 below it, 1 above
//! it and a straight line within. A row is encoded when it is needed; the encoded table never stands in memory.

use ndarray::ArrayRef2;
use serde::{Deserialize, Serialize};

use super::{slice, slice_mut};
use crate::data::quantile;
use crate::model::fitted::all_finite_f32;
use crate::model::kernels::{self, BINS, Bins};

/// The fitted encoding of rows of inputs: some as they are, then the others in bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    passed: Vec<u32>,
    binned: Vec<Bins>,
}

impl Encoding {
    /// Passes `n_inputs` inputs on as they are.
    pub fn linear(n_inputs: usize) -> Self {
        Self { passed: (0..n_inputs as u32).collect(), binned: Vec::new() }
    }

    /// Fits bins between the distinct octiles of each input over the rows `x` `(n_rows, n_inputs)`.
    ///
    /// An input with fewer than two of them, or with two values only (a flag, a level), is passed on as it is; a constant
    /// one says nothing and is left out.
    pub fn piecewise_linear(x: &ArrayRef2<f32>) -> Self {
        let mut encoding = Self { passed: Vec::new(), binned: Vec::new() };
        let mut ascending = Vec::with_capacity(x.nrows());
        for (input, column) in (0..).zip(x.columns()) {
            ascending.clear();
            ascending.extend(column.iter().map(|&x| f64::from(x)));
            ascending.sort_unstable_by(f64::total_cmp);
            let distinct = ascending.chunk_by(|a, b| a == b).take(3).count();
            if distinct < 2 {
                continue;
            }
            let mut edges: Vec<f64> = (0..=BINS).map(|t| quantile(&ascending, t as f64 / BINS as f64)).collect();
            edges.dedup();
            if distinct == 2 || edges.len() < 2 {
                encoding.passed.push(input);
            } else {
                encoding.binned.push(bins(input, &edges));
            }
        }
        encoding
    }

    /// Whether every input it looks at is one of `n_inputs`.
    pub(super) fn check(&self, n_inputs: usize) -> Result<(), String> {
        let mut inputs = self.passed.iter().chain(self.binned.iter().map(|bins| &bins.input));
        if inputs.any(|&input| input as usize >= n_inputs) {
            return Err("an input is encoded that there is none of".to_owned());
        }
        let numbers = self.binned.iter().flat_map(|bins| bins.centre.iter().chain(&bins.slope));
        all_finite_f32("the bins of inputs", numbers)
    }

    /// Inputs that are passed on as they are: the first numbers of a row encoded.
    pub fn passed(&self) -> &[u32] {
        &self.passed
    }

    /// The bins of the other inputs, `BINS` numbers each, in the order in which they follow.
    pub fn binned(&self) -> &[Bins] {
        &self.binned
    }

    /// Numbers that a row becomes.
    pub fn width(&self) -> usize {
        self.passed.len() + BINS * self.binned.len()
    }

    /// Encodes the rows `x` `(n_rows, n_inputs)` to `out` `(n_rows, width)`, both row by row in memory.
    pub fn write(&self, x: &ArrayRef2<f32>, out: &mut ArrayRef2<f32>) {
        let x = x.as_standard_layout();
        let (n_inputs, width) = (x.ncols().max(1), self.width().max(1));
        let rows = slice(&x).chunks_exact(n_inputs).zip(slice_mut(out).chunks_exact_mut(width));
        for (x, out) in rows {
            let (passed, binned) = out.split_at_mut(self.passed.len());
            for (out, &input) in passed.iter_mut().zip(&self.passed) {
                *out = x[input as usize];
            }
            kernels::piecewise_linear(x, &self.binned, binned);
        }
    }
}

/// Bins between neighbours of the ascending `edges`, of which there are no more than BINS + 1.
fn bins(input: u32, edges: &[f64]) -> Bins {
    let mut bins = Bins { input, centre: [0.0; BINS], slope: [0.0; BINS] };
    for ((edge, centre), slope) in edges.windows(2).zip(&mut bins.centre).zip(&mut bins.slope) {
        *centre = f64::midpoint(edge[0], edge[1]) as f32;
        *slope = (2.0 / (edge[1] - edge[0])).min(f64::from(f32::MAX)) as f32;
    }
    bins
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
        // The octiles of these nine are themselves: the first bin is from 0 to 2, the last from 20 to 30.
        let x = array![[2.0_f32], [3.0], [0.0], [20.0], [4.0], [5.0], [10.0], [30.0], [8.0]];
        let encoding = Encoding::piecewise_linear(&x);
        let got = encoded(&encoding, &array![[-50.0], [0.0], [0.5], [2.0], [3.25], [25.0], [30.0], [1e30]]);
        let bins = |first: [f32; 2], middle: f32, last: f32| {
            [first[0], first[1], middle, middle, middle, middle, middle, last]
        };
        let want = [
            bins([-1.0, -1.0], -1.0, -1.0),
            bins([-1.0, -1.0], -1.0, -1.0),
            bins([-0.5, -1.0], -1.0, -1.0),
            bins([1.0, -1.0], -1.0, -1.0),
            [1.0, 1.0, -0.5, -1.0, -1.0, -1.0, -1.0, -1.0],
            bins([1.0, 1.0], 1.0, 0.0),
            bins([1.0, 1.0], 1.0, 1.0),
            bins([1.0, 1.0], 1.0, 1.0),
        ];
        assert_eq!(got, ndarray::arr2(&want));
    }

    #[test]
    fn flags_pass_constants_are_left_out_and_equal_octiles_are_one_edge() {
        // A constant; a flag; one value but for the highest three; a level of one row in twelve.
        let x = Array2::from_shape_fn((24, 4), |(i, j)| match j {
            0 => 7.0,
            1 => 2.0 * (i % 2) as f32,
            2 if i > 20 => i as f32,
            3 if i > 21 => 1.0,
            _ => 0.0,
        });
        let encoding = Encoding::piecewise_linear(&x);
        assert_eq!(encoding.width(), 2 + BINS);
        let rows = array![[9.0, 2.0, -3.0, 0.0], [7.0, 0.5, 11.5, 1.0], [7.0, 0.0, 23.0, 3.0]];
        let got = encoded(&encoding, &rows);
        // Two bins at most are needed: up to the quantile of 7/8, which is between 0 and 21, and above it.
        assert_eq!(got.column(0), rows.column(1));
        assert_eq!(got.column(1), rows.column(3));
        assert_eq!((got[[0, 2]], got[[2, 2]]), (-1.0, 1.0));
        assert!(got.slice(ndarray::s![.., 4..]).iter().all(|&unused| unused == 0.0), "{got}");
        assert_eq!(encoded(&Encoding::linear(4), &x), x);
        assert_eq!(Encoding::piecewise_linear(&x.slice(ndarray::s![..1, ..])).width(), 0, "one row");
    }

    #[test]
    fn bins_too_narrow_or_too_wide_for_a_slope_stay_finite() {
        let narrow = f32::from_bits(1);
        for values in [[0.0, narrow, 2.0 * narrow], [-3e38, 0.0, 3e38], [1e30, 1.000_000_1e30, 2e30]] {
            let x = Array2::from_shape_vec((3, 1), values.to_vec()).unwrap();
            let encoding = Encoding::piecewise_linear(&x);
            let far = Array2::from_shape_vec((2, 1), vec![f32::MAX, f32::MIN]).unwrap();
            for out in [encoded(&encoding, &x), encoded(&encoding, &far)] {
                assert!(out.iter().all(|out| (-1.0..=1.0).contains(out)), "{out}");
            }
        }
    }

    #[test]
    fn a_file_gives_the_same_bits_back() {
        let x = array![[0.1_f32, 0.0], [0.7, 1.0], [0.3, 0.0], [0.2, 1.0]];
        let encoding = Encoding::piecewise_linear(&x);
        let text = serde_json::to_string(&encoding).unwrap();
        assert_eq!(serde_json::from_str::<Encoding>(&text).unwrap(), encoding);
    }
}
