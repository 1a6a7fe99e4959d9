//! Exact copies: rows that are equal in every indicator and in the label. A copy of a tested row among the rows learned
//! from makes a model look better than it is.

use crate::data::dataset::{Dataset, Values};
use crate::data::equal::{first_equals, mix};

/// Of each row the first row that is equal to it in every indicator and in the label, itself when there is none before:
/// `n_rows` values. Missing cells are equal to each other, and so are 0 and −0.
pub fn first_copies(data: &Dataset) -> Vec<usize> {
    let mut hashes: Vec<u64> = data.bad.iter().map(|&bad| mix(0, label_code(bad))).collect();
    for indicator in &data.indicators {
        for (row, hash) in hashes.iter_mut().enumerate() {
            *hash = mix(*hash, code(&indicator.values, row));
        }
    }
    first_equals(hashes, |a, b| are_equal(data, a, b))
}

fn label_code(bad: Option<bool>) -> u64 {
    bad.map_or(0, |bad| 1 + u64::from(bad))
}

/// A cell as bits that are equal exactly for equal cells of one column.
fn code(values: &Values, row: usize) -> u64 {
    match values {
        Values::Numeric(numbers) if numbers[row].is_nan() => f64::NAN.to_bits(),
        // Adding 0 makes −0 the same as 0.
        Values::Numeric(numbers) => (numbers[row] + 0.0).to_bits(),
        Values::Category { codes, .. } => codes[row].map_or(0, |code| 1 + u64::from(code)),
    }
}

fn are_equal(data: &Dataset, a: usize, b: usize) -> bool {
    data.bad[a] == data.bad[b] && data.indicators.iter().all(|i| code(&i.values, a) == code(&i.values, b))
}
