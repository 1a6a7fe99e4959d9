//! Decision regions: the probability of the bad outcome by a model over a plane of two indicators, all others held.
//!
//! A point of the plane becomes a row of the table, in the units of the file, and passes through the whole preparation of
//! the fold like any other row: winsorised, scaled and encoded as the model's own rows were.

use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array2;

use super::axis::{Axis, Cell, cell_of, with_cells};
use crate::data::{Dataset, Values, quantile};
use crate::model::Classifier;
use crate::training::PreparedFold;

/// Points of the plane that are scored together: what is done before a request to stop is heard.
const BLOCK: usize = 1024;

/// Where the indicators that are not on an axis are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Held {
    /// At the median of the rows that the fold learns from, a category at its most frequent level.
    Median,
    /// At the cells of this row of the dataset. Cells that are missing there stay missing, and are filled as the
    /// preparation fills them.
    Row(usize),
}

/// The plane that models are asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The indicators on it: along the first, then along the second.
    pub axes: [Axis; 2],
    /// The cells of all indicators, in the order of the dataset; those on the axes are not used.
    pub held: Vec<Cell>,
}

impl Field {
    /// The plane of the indicators `x` and `y` of `data`, with up to `cells` cells along each. `rows` are those that the
    /// fold learns from.
    ///
    /// `None` where there is no such plane: the same indicator twice, or one of them without two different values.
    pub fn new(data: &Dataset, rows: &[usize], [x, y]: [usize; 2], held: Held, cells: usize) -> Option<Self> {
        if x == y {
            return None;
        }
        let axes = [Axis::new(data, rows, x, cells)?, Axis::new(data, rows, y, cells)?];
        let held = match held {
            Held::Row(row) if row < data.n_rows() => data.indicators.iter().map(|i| cell_of(&i.values, row)).collect(),
            _ => data.indicators.iter().map(|i| usual(&i.values, rows)).collect(),
        };
        Some(Self { axes, held })
    }

    /// Cells along both axes.
    pub fn size(&self) -> [usize; 2] {
        [self.axes[0].len(), self.axes[1].len()]
    }

    /// The middles of the cells `range`, counted along the first axis and then the second, as rows of the table.
    fn rows(&self, data: &Dataset, range: std::ops::Range<usize>) -> Dataset {
        let width = self.axes[0].len();
        let mut cells = vec![Vec::with_capacity(range.len()); self.held.len()];
        for place in range {
            for (indicator, (column, held)) in cells.iter_mut().zip(&self.held).enumerate() {
                let [along, up] = &self.axes;
                column.push(match indicator {
                    i if i == along.indicator => along.middle(place % width),
                    i if i == up.indicator => up.middle(place / width),
                    _ => *held,
                });
            }
        }
        with_cells(data, &cells)
    }

    /// P(bad) by `model` at the middle of every cell, `(cells along the second axis, cells along the first)`, the second
    /// axis upwards. `None` when `stop` is set.
    ///
    /// `number` is the row of the table whose random numbers fill gaps, where an RBM does.
    pub fn probabilities(
        &self,
        model: &dyn Classifier,
        fold: &PreparedFold,
        data: &Dataset,
        number: usize,
        stop: &AtomicBool,
    ) -> Option<Array2<f32>> {
        let [width, height] = self.size();
        let mut bad = Vec::with_capacity(width * height);
        while bad.len() < width * height {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let range = bad.len()..(bad.len() + BLOCK).min(width * height);
            let rows = self.rows(data, range);
            let x = fold.inputs(&rows, &vec![number; rows.n_rows()]);
            bad.extend(model.probabilities(x.view()).column(1).iter().map(|&p| p as f32));
        }
        Array2::from_shape_vec((height, width), bad).ok()
    }

    /// Where rows of the dataset lie on the plane, in 0..=1 along both axes; `None` for one with a missing cell there or
    /// that lies beside the plane.
    pub fn place(&self, data: &Dataset, row: usize) -> Option<[f32; 2]> {
        let [x, y] = &self.axes;
        let at = |axis: &Axis| axis.place(cell_of(&data.indicators.get(axis.indicator)?.values, row));
        Some([at(x)?, at(y)?])
    }
}

/// The median of an indicator over `rows`, or its most frequent level, the first of several; missing where all cells are.
fn usual(values: &Values, rows: &[usize]) -> Cell {
    match values {
        Values::Numeric(numbers) => {
            let mut present: Vec<f64> = rows.iter().map(|&row| numbers[row]).filter(|x| x.is_finite()).collect();
            present.sort_unstable_by(f64::total_cmp);
            Cell::Number(if present.is_empty() { f64::NAN } else { quantile(&present, 0.5) })
        }
        Values::Category { codes, levels } => {
            let mut counts = vec![0_usize; levels.len()];
            for &row in rows {
                if let Some(code) = codes[row] {
                    counts[code as usize] += 1;
                }
            }
            let most = counts.iter().copied().max().filter(|&most| most > 0);
            Cell::Level(most.and_then(|most| counts.iter().position(|&count| count == most)).map(|code| code as u32))
        }
    }
}

#[cfg(test)]
mod tests;
