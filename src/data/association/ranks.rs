//! Ranks of one column, kept sorted, so that the ranks among any part of its rows cost one walk and no sorting.

use ndarray::Array1;

/// A column in the order of its values.
pub(super) struct Ranked {
    /// Whether the row's value is known.
    known: Vec<bool>,
    /// Rows whose value is known, by value, and a number for each different value.
    sorted: Vec<(u32, u32)>,
}

impl Ranked {
    /// Takes a column with NaN where a value is missing. At most [`super::MOST_ROWS`] rows.
    pub(super) fn new(values: &[f64]) -> Self {
        let known: Vec<bool> = values.iter().map(|x| !x.is_nan()).collect();
        let mut rows: Vec<u32> = (0..values.len() as u32).filter(|&row| known[row as usize]).collect();
        // Adding 0 makes −0 the same as 0.
        let value = |row: u32| values[row as usize] + 0.0;
        rows.sort_unstable_by(|&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
        let equals = rows.chunk_by(|&a, &b| value(a) == value(b)).zip(0..);
        let sorted = equals.flat_map(|(rows, group)| rows.iter().map(move |&row| (row, group))).collect();
        Self { known, sorted }
    }

    /// Whether no value is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.sorted.len() == self.known.len()
    }

    /// Whether two known values differ.
    pub(super) fn varies(&self) -> bool {
        self.sorted.last().is_some_and(|&(_, group)| group > 0)
    }

    /// Average ranks less their mean (m + 1)/2, of the m rows that are known here and in `other`; 0 in other rows.
    /// Also the sum of their squares.
    fn centred(&self, other: &Self) -> (Vec<f64>, f64) {
        let mut centred = vec![0.0; self.known.len()];
        let both: Vec<(u32, u32)> = self.sorted.iter().copied().filter(|&(row, _)| other.known[row as usize]).collect();
        let middle = f64::midpoint(both.len() as f64, 1.0);
        let (mut before, mut squares) = (0, 0.0);
        for equal in both.chunk_by(|a, b| a.1 == b.1) {
            let rank = before as f64 + f64::midpoint(equal.len() as f64, 1.0) - middle;
            for &(row, _) in equal {
                centred[row as usize] = rank;
            }
            squares += equal.len() as f64 * rank * rank;
            before += equal.len();
        }
        (centred, squares)
    }

    /// Spearman's ρ over the rows that both know; `None` when one is constant there or they are fewer than two.
    pub(super) fn rho(&self, other: &Self) -> Option<f64> {
        let ((a, a_squares), (b, b_squares)) = (self.centred(other), other.centred(self));
        if a_squares == 0.0 || b_squares == 0.0 {
            return None;
        }
        let products: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
        Some((products / (a_squares.sqrt() * b_squares.sqrt())).clamp(-1.0, 1.0))
    }

    /// Centred ranks of a column without gaps, of length 1, so that products of two are ρ; `None` when it has gaps or is
    /// constant.
    pub(super) fn unit(&self) -> Option<Array1<f64>> {
        if !self.is_complete() {
            return None;
        }
        let (centred, squares) = self.centred(self);
        (squares > 0.0).then(|| Array1::from(centred) / squares.sqrt())
    }
}
