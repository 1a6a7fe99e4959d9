//! Which rows a net learns from and which it is watched on: lists of numbers into the training set, which is never copied.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use crate::model::{ClassWeight, TrainingSet};
use crate::random::Stream;

/// A row of a training set: the labelled ones from 0, then those without a label.
pub(super) type Row = u32;

/// The most rows a training set may have, so that each has a number.
pub(super) const MAX_ROWS: usize = Row::MAX as usize;

/// The labelled rows of one net: those it learns from and those set apart. Rows without a label are common to all nets.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    set: Arc<TrainingSet>,
    /// Labelled rows learned from, in random order, so that the first of them are a fair sample.
    fit: Arc<[Row]>,
    /// Labelled rows set apart for validation, in random order.
    validation: Arc<[Row]>,
}

impl Rows {
    pub(super) fn new(set: Arc<TrainingSet>, fit: Vec<Row>, validation: Vec<Row>) -> Self {
        Self { set, fit: fit.into(), validation: validation.into() }
    }

    /// The rows themselves.
    pub(super) fn set(&self) -> &Arc<TrainingSet> {
        &self.set
    }

    /// Labelled rows learned from.
    pub(super) fn fit(&self) -> &[Row] {
        &self.fit
    }

    /// Labelled rows set apart; may be none.
    pub(super) fn validation(&self) -> &[Row] {
        &self.validation
    }

    /// All rows that pre-training learns from: labelled ones, then those without a label.
    pub(super) fn pre_training(&self) -> Vec<Row> {
        let labelled = self.set.x.nrows() as Row;
        let unlabelled = labelled..labelled + self.set.x_unlabelled.nrows() as Row;
        self.fit.iter().copied().chain(unlabelled).collect()
    }

    /// Inputs of the net.
    pub(super) fn n_inputs(&self) -> usize {
        self.set.x.ncols()
    }

    pub(super) fn n_classes(&self) -> usize {
        self.set.n_classes
    }

    /// The inputs of a row.
    pub(super) fn inputs(&self, row: Row) -> ArrayView1<'_, f32> {
        let (row, labelled) = (row as usize, self.set.x.nrows());
        if row < labelled { self.set.x.row(row) } else { self.set.x_unlabelled.row(row - labelled) }
    }

    /// The class of a labelled row; `None` for one without a label.
    pub(super) fn class(&self, row: Row) -> Option<usize> {
        self.set.y.get(row as usize).copied()
    }

    /// The classes of those of `rows` that have a label, in place of what is in `classes`.
    pub(super) fn classes(&self, rows: &[Row], classes: &mut Vec<usize>) {
        classes.clear();
        classes.extend(rows.iter().filter_map(|&row| self.class(row)));
    }

    /// Copies the inputs of `rows` to the first rows of `batch` `(at least rows.len(), n_inputs)`.
    pub(super) fn gather(&self, rows: &[Row], batch: &mut Array2<f32>) {
        for (mut out, &row) in batch.rows_mut().into_iter().zip(rows) {
            let inputs = self.inputs(row);
            match (inputs.as_slice(), out.as_slice_mut()) {
                // A few numbers are copied faster so than by `assign`.
                (Some(inputs), Some(out)) => out.copy_from_slice(inputs),
                _ => out.assign(&inputs),
            }
        }
    }

    /// Rows of each class among those learned from.
    pub(super) fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.n_classes()];
        for class in self.fit.iter().filter_map(|&row| self.class(row)) {
            counts[class] += 1;
        }
        counts
    }

    /// Weight of each class in the loss; balanced ones are `n/(K·n_k)`, and average 1 over the rows.
    pub(super) fn class_weights(&self, weight: ClassWeight) -> Vec<f32> {
        let n = self.fit.len() as f32;
        let each = |&count: &usize| match weight {
            ClassWeight::None => 1.0,
            ClassWeight::Balanced => n / (self.n_classes() as f32 * count.max(1) as f32),
        };
        self.class_counts().iter().map(each).collect()
    }
}

/// The labelled rows of `set`, class by class, each class in random order.
pub(super) fn shuffled_classes(set: &TrainingSet, random: &mut Stream) -> Vec<Vec<Row>> {
    let mut classes = vec![Vec::new(); set.n_classes];
    for (row, &class) in set.y.iter().enumerate() {
        classes[class].push(row as Row);
    }
    for class in &mut classes {
        class.shuffle(random);
    }
    classes
}

/// The order of rows over the epochs: drawn as it is needed, so that no single draw is long, however many rows there are.
#[derive(Clone, Debug)]
pub(super) struct Order {
    items: Vec<Row>,
    position: usize,
}

impl Order {
    /// The items `0..n`, none handed out yet.
    pub(super) fn new(n: usize) -> Self {
        Self { items: (0..n as Row).collect(), position: 0 }
    }

    /// Items that the present epoch has handed out.
    pub(super) fn taken(&self) -> usize {
        self.position
    }

    /// Items that the present epoch has left.
    pub(super) fn left(&self) -> usize {
        self.items.len() - self.position
    }

    /// The next items of the epoch, `most` or what is left. A step of Fisher's and Yates' shuffle for each; whatever order
    /// the last epoch left, this one's is uniform.
    pub(super) fn take(&mut self, most: usize, random: &mut Stream) -> &[Row] {
        let from = self.position;
        let to = from + most.min(self.left());
        for i in from..to {
            let j = random.random_range(i..self.items.len());
            self.items.swap(i, j);
        }
        self.position = to;
        &self.items[from..to]
    }

    /// Begins the next epoch.
    pub(super) fn restart(&mut self) {
        self.position = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use ndarray::array;

    #[test]
    fn rows_are_numbered_through_labelled_and_unlabelled() {
        let set = TrainingSet {
            x: array![[0.0], [1.0], [2.0]],
            y: vec![0, 1, 1],
            x_unlabelled: array![[3.0], [4.0]],
            n_classes: 2,
            groups: Vec::new(),
        };
        let rows = Rows::new(Arc::new(set), vec![2, 0], vec![1]);
        assert_eq!(rows.pre_training(), [2, 0, 3, 4]);
        let mut batch = Array2::zeros((5, 1));
        rows.gather(&rows.pre_training(), &mut batch);
        assert_eq!(batch, array![[2.0], [0.0], [3.0], [4.0], [0.0]]);
        let mut classes = vec![7];
        rows.classes(&[1, 3, 0], &mut classes);
        assert_eq!(classes, [1, 0]);
        assert_eq!(rows.class_counts(), [1, 1]);
        assert_eq!(rows.class_weights(ClassWeight::Balanced), [1.0, 1.0]);
    }

    #[test]
    fn every_epoch_has_every_row_once_in_an_order_of_its_own() {
        let mut random = stream(1, Purpose::PreTraining, 0);
        let mut order = Order::new(100);
        let mut epoch = || {
            let mut seen = Vec::new();
            while order.left() > 0 {
                seen.extend_from_slice(order.take(7, &mut random));
            }
            order.restart();
            seen
        };
        let (first, second) = (epoch(), epoch());
        assert_ne!(first, second);
        for mut seen in [first, second] {
            seen.sort_unstable();
            assert_eq!(seen, (0..100).collect::<Vec<_>>());
        }
    }
}
