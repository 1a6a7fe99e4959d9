//! The inputs as bins: cuts at the quantiles of the rows learned from, and for every row the number of cuts at or below
//! its value. Columns are binned a few at a time, for their values have to be sorted.

use forust_ml::Matrix;
use forust_ml::binning::{PREDICT_MISSING_BIN, bin_for_prediction, bin_matrix};
use forust_ml::data::JaggedMatrix;
use forust_ml::tree::{Tree, split_bins};
use ndarray::Array2;

/// Cells binned in one portion: some milliseconds.
const PORTION: usize = 1 << 17;

/// Bins of some rows, `(n_rows, n_columns)` column by column.
#[derive(Debug, Default)]
pub(super) struct BinnedRows {
    /// Rows of the training set.
    pub(super) rows: Vec<usize>,
    bins: Vec<u16>,
}

impl BinnedRows {
    pub(super) fn of(rows: Vec<usize>) -> Self {
        Self { rows, bins: Vec::new() }
    }

    /// What forust grows trees on.
    pub(super) fn matrix(&self, n_columns: usize) -> Matrix<'_, u16> {
        Matrix::new(&self.bins, self.rows.len(), n_columns)
    }

    /// Answers of a tree for these rows by place, given the bins at which its nodes split.
    pub(super) fn answers(&self, tree: &Tree, split_bins: &[u16], places: impl Iterator<Item = usize>) -> Vec<f64> {
        let n = self.rows.len();
        let answer = |place| {
            let bin = |column| self.bins[column * n + place];
            tree.predict_row_from_bins(bin, split_bins, PREDICT_MISSING_BIN, &f64::NAN)
        };
        places.map(answer).collect()
    }

    /// The values of columns `from..to`, column by column.
    fn values(&self, x: &Array2<f32>, from: usize, to: usize) -> Vec<f64> {
        let column = |column| self.rows.iter().map(move |&row| f64::from(x[[row, column]]));
        (from..to).flat_map(column).collect()
    }
}

/// Cuts of the columns binned so far, and the bins of the rows learned from and of those set apart.
#[derive(Debug)]
pub(super) struct Bins {
    /// Bins of a column at most.
    most: u16,
    cuts: Vec<Vec<f64>>,
    jagged: JaggedMatrix<f64>,
    pub(super) learned: BinnedRows,
    pub(super) apart: BinnedRows,
}

impl Bins {
    pub(super) fn new(learned: Vec<usize>, apart: Vec<usize>, most: u16) -> Self {
        let (learned, apart) = (BinnedRows::of(learned), BinnedRows::of(apart));
        Self { most, cuts: Vec::new(), jagged: JaggedMatrix::new(), learned, apart }
    }

    /// Bins the next columns of `x`; whether all are binned.
    pub(super) fn advance(&mut self, x: &Array2<f32>) -> bool {
        let n_rows = self.learned.rows.len();
        let from = self.cuts.len();
        let to = (from + (PORTION / n_rows).max(1)).min(x.ncols());
        let values = self.learned.values(x, from, to);
        let matrix = Matrix::new(&values, n_rows, to - from);
        // Never an error in this version; columns that could not be binned would be left out of every split.
        let (cuts, bins) = match bin_matrix(&matrix, &vec![1.0; n_rows], self.most, f64::NAN, false) {
            Ok(binned) => (binned.cuts, binned.binned_data),
            Err(_) => (JaggedMatrix::from_vecs(&vec![vec![f64::MAX]; to - from]), vec![0; values.len()]),
        };
        self.learned.bins.extend(bins);
        let values = self.apart.values(x, from, to);
        let matrix = Matrix::new(&values, self.apart.rows.len(), to - from);
        self.apart.bins.extend(bin_for_prediction(&matrix, &cuts, &f64::NAN, false));
        self.cuts.extend((0..to - from).map(|column| cuts.get_col(column).to_vec()));
        if to == x.ncols() {
            self.jagged = JaggedMatrix::from_vecs(&self.cuts);
        }
        to == x.ncols()
    }

    /// Cuts of all columns, once all are binned.
    pub(super) fn cuts(&self) -> &JaggedMatrix<f64> {
        &self.jagged
    }

    /// The bins at which the nodes of a tree grown on them split.
    pub(super) fn splits_of(&self, tree: &Tree) -> Vec<u16> {
        split_bins(tree, &self.jagged)
    }
}
