//! The hidden probabilities of rows: a picture of rows × units (Yosinski & Lipson 2012), in which units that tell no rows
//! apart stand out as stripes.

use ndarray::{Array2, ArrayRef2, Axis};

use crate::model::TrainingSet;
use crate::model::rbm::{Hidden, Stuck, dead_units, stuck_units};

/// In which order rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowOrder {
    /// As they were given.
    AsTheyAre,
    /// Bad ones, good ones, those without a label.
    #[default]
    ByClass,
}

/// Places of rows with these outcomes, in this order.
pub fn row_order(bad: &[Option<bool>], order: RowOrder) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..bad.len()).collect();
    if order == RowOrder::ByClass {
        rows.sort_by_key(|&row| match bad[row] {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        });
    }
    rows
}

/// The prepared rows `rows` of a training set, `(rows.len(), n_inputs)`: labelled ones are `0..n_labelled`, those without a
/// label follow. A row that there is not is 0.
pub fn training_rows(set: &TrainingSet, rows: &[usize]) -> Array2<f32> {
    let (labelled, unlabelled) = (set.x.nrows(), set.x_unlabelled.nrows());
    let mut x = Array2::zeros((rows.len(), set.x.ncols()));
    for (mut to, &row) in x.axis_iter_mut(Axis(0)).zip(rows) {
        if row < labelled {
            to.assign(&set.x.row(row));
        } else if row - labelled < unlabelled {
            to.assign(&set.x_unlabelled.row(row - labelled));
        }
    }
    x
}

/// What is wrong with the units of a layer, unit by unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFaults {
    /// Units whose activation hardly varies over the rows.
    pub dead: Vec<bool>,
    /// Units that are off, or on, for every row.
    pub stuck: Vec<Option<Stuck>>,
}

impl UnitFaults {
    /// Of units of this kind with activations `h` `(n_rows, n_units)`.
    pub fn new(hidden: Hidden, h: &ArrayRef2<f32>) -> Self {
        Self { dead: dead_units(h), stuck: stuck_units(hidden, h) }
    }

    /// What is wrong with one unit, in words; `None` where nothing is.
    pub fn of_unit(&self, unit: usize) -> Option<&'static str> {
        let dead = self.dead.get(unit).copied().unwrap_or(false);
        match (dead, self.stuck.get(unit).copied().flatten()) {
            (true, Some(Stuck::Off)) => Some("dead, off for every row"),
            (true, Some(Stuck::On)) => Some("dead, on for every row"),
            (true, None) => Some("dead, hardly varies over the rows"),
            (false, Some(Stuck::Off)) => Some("stuck, off for every row"),
            (false, Some(Stuck::On)) => Some("stuck, on for every row"),
            (false, None) => None,
        }
    }

    /// How many are dead, and how many others are stuck, in a sentence: "2 of 24 units are dead, 1 more is stuck."
    pub fn in_words(&self) -> String {
        let n = self.dead.len();
        let dead = self.dead.iter().filter(|dead| **dead).count();
        let stuck = self.dead.iter().zip(&self.stuck).filter(|(dead, stuck)| !**dead && stuck.is_some()).count();
        let are = |count: usize| if count == 1 { "is" } else { "are" };
        let units = if n == 1 { "unit" } else { "units" };
        match (dead, stuck) {
            _ if n == 0 => "There are no units.".to_owned(),
            (0, 0) => format!("None of {n} {units} is dead or stuck."),
            (_, 0) => format!("{dead} of {n} {units} {} dead.", are(dead)),
            (0, _) => format!("{stuck} of {n} {units} {} stuck.", are(stuck)),
            _ => format!("{dead} of {n} {units} {} dead, {stuck} more {} stuck.", are(dead), are(stuck)),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn rows_by_class_keep_their_order_within_it() {
        let bad = [None, Some(false), Some(true), Some(false), Some(true)];
        assert_eq!(row_order(&bad, RowOrder::ByClass), [2, 4, 1, 3, 0]);
        assert_eq!(row_order(&bad, RowOrder::AsTheyAre), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn labelled_rows_come_before_those_without_a_label() {
        let set = TrainingSet {
            x: array![[1.0], [2.0]],
            y: vec![0, 1],
            x_unlabelled: array![[3.0]],
            n_classes: 2,
            groups: Vec::new(),
        };
        assert_eq!(training_rows(&set, &[2, 0, 7, 1]), array![[3.0], [1.0], [0.0], [2.0]]);
    }

    #[test]
    fn faults_are_named_and_counted() {
        // Dead in the middle; dead and off; stuck on, and yet it varies; sound.
        let h = array![[0.5_f32, 0.01, 0.96, 0.1], [0.505, 0.012, 0.99, 0.9]];
        let faults = UnitFaults::new(Hidden::Bernoulli, &h);
        assert_eq!(faults.dead, [true, true, false, false]);
        assert_eq!(faults.stuck, [None, Some(Stuck::Off), Some(Stuck::On), None]);
        assert_eq!(faults.in_words(), "2 of 4 units are dead, 1 more is stuck.");
        assert_eq!(faults.of_unit(0), Some("dead, hardly varies over the rows"));
        assert_eq!(faults.of_unit(1), Some("dead, off for every row"));
        assert_eq!(faults.of_unit(2), Some("stuck, on for every row"));
        assert_eq!((faults.of_unit(3), faults.of_unit(9)), (None, None));
        let words = |h: &Array2<f32>| UnitFaults::new(Hidden::Bernoulli, h).in_words();
        assert_eq!(words(&array![[0.1, 0.9], [0.9, 0.1]]), "None of 2 units is dead or stuck.");
        assert_eq!(words(&array![[0.5], [0.5]]), "1 of 1 unit is dead.");
        assert_eq!(words(&array![[0.01, 0.2], [0.04, 0.7]]), "1 of 2 units is stuck.");
        assert_eq!(words(&Array2::zeros((0, 2))), "None of 2 units is dead or stuck.");
    }
}
