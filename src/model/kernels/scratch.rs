//! Space for numbers that mean nothing between two uses.

use std::ops::{Deref, DerefMut};

use ndarray::Array2;

/// Rows to write to. A copy has the columns and no rows: what is copied to be kept takes no space for it.
#[derive(Debug)]
pub struct Scratch(Array2<f32>);

impl Scratch {
    /// `rows` by `columns`, at 0.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self(Array2::zeros((rows, columns)))
    }

    /// Makes sure of `rows` rows at least. What is in them is lost when there were fewer.
    pub fn room(&mut self, rows: usize) {
        if self.0.nrows() < rows {
            self.0 = Array2::zeros((rows, self.0.ncols()));
        }
    }
}

impl Clone for Scratch {
    fn clone(&self) -> Self {
        Self::new(0, self.0.ncols())
    }
}

impl Deref for Scratch {
    type Target = Array2<f32>;

    fn deref(&self) -> &Array2<f32> {
        &self.0
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut Array2<f32> {
        &mut self.0
    }
}
