//! What can be wrong before learning starts: a setting out of its range, or a training set that cannot be learned from.

use std::fmt;

use super::TrainingSet;

/// One setting that is out of its range. A draft of settings is checked as a whole, so that a form can mark every field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterProblem {
    /// The field's name in the settings struct.
    pub field: &'static str,
    /// One clear sentence: the allowed range and what was found.
    pub message: String,
}

impl fmt::Display for ParameterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// Why a training set cannot be learned from. Rows and columns are counted from 0 in the fields, from 1 in the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Only one class occurs among the labelled rows (rows that weigh nothing do not count).
    #[error("all labelled rows are of one class; rows of at least two classes are needed to learn a difference")]
    OneClass,
    /// A class to be learned has no labelled row.
    #[error("class {class} has no labelled row; label some, or leave the class out")]
    ClassWithoutRows {
        /// The class, from 0.
        class: usize,
    },
    /// Too few labelled rows.
    #[error("there are {n_rows} labelled rows and at least {needed} are needed; label more rows")]
    TooFewRows {
        /// Labelled rows found.
        n_rows: usize,
        /// The least number that will do.
        needed: usize,
    },
    /// The learner handles two classes only.
    #[error("this model tells exactly two classes apart and the outcome has {n_classes}; choose which of them is bad")]
    NotTwoClasses {
        /// Classes found.
        n_classes: usize,
    },
    /// A missing or infinite number.
    #[error("row {}, column {} is not a finite number; fill in or leave out missing values first", row + 1, column + 1)]
    NotFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
    /// There is not exactly one label for each row.
    #[error("there are {n_labels} labels for {n_rows} rows; every labelled row needs exactly one")]
    LabelCount {
        /// Rows found.
        n_rows: usize,
        /// Labels found.
        n_labels: usize,
    },
    /// A class number that is not below the number of classes.
    #[error("row {} has class number {class}, and there are only {n_classes} classes", row + 1)]
    ClassOutOfRange {
        /// Row, from 0.
        row: usize,
        /// The class number found.
        class: usize,
        /// Number of classes.
        n_classes: usize,
    },
    /// More rows than can be numbered.
    #[error("there are {n_rows} rows and at most {most} can be learned from; leave some out")]
    TooManyRows {
        /// Rows found.
        n_rows: usize,
        /// The most that will do.
        most: usize,
    },
    /// A model that is to learn further was trained on other inputs or classes.
    #[error(
        "the model takes {inputs} inputs and knows {classes} classes, and the rows have {n_inputs} and {n_classes}; \
         prepare them as those it was trained on"
    )]
    OtherModel {
        /// Inputs of the model.
        inputs: usize,
        /// Classes of the model.
        classes: usize,
        /// Inputs found.
        n_inputs: usize,
        /// Classes found.
        n_classes: usize,
    },
    /// The table has no columns.
    #[error("there are no input columns; choose at least one")]
    NoInputs,
}

impl TrainingSet {
    /// Checks the labelled rows for what every learner relies on: columns, at least one row, one label in
    /// `0..n_classes` a row, finite numbers.
    ///
    /// # Errors
    /// The first that applies of [`ModelError::NoInputs`], [`ModelError::TooFewRows`], [`ModelError::LabelCount`],
    /// [`ModelError::ClassOutOfRange`] and [`ModelError::NotFinite`].
    pub fn check_labelled(&self) -> Result<(), ModelError> {
        let (n_rows, n_inputs) = self.x.dim();
        if n_inputs == 0 {
            return Err(ModelError::NoInputs);
        }
        if n_rows == 0 {
            return Err(ModelError::TooFewRows { n_rows, needed: 1 });
        }
        if self.y.len() != n_rows {
            return Err(ModelError::LabelCount { n_rows, n_labels: self.y.len() });
        }
        if let Some((row, &class)) = self.y.iter().enumerate().find(|&(_, &class)| class >= self.n_classes) {
            return Err(ModelError::ClassOutOfRange { row, class, n_classes: self.n_classes });
        }
        match self.x.indexed_iter().find(|(_, value)| !value.is_finite()) {
            Some(((row, column), _)) => Err(ModelError::NotFinite { row, column }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn set(x: Array2<f32>, y: Vec<usize>) -> TrainingSet {
        let x_unlabelled = Array2::zeros((0, x.ncols()));
        TrainingSet { x, y, x_unlabelled, n_classes: 2, groups: Vec::new() }
    }

    #[test]
    fn each_fault_is_named_with_its_place() {
        assert_eq!(set(array![[0.0, 1.0], [2.0, 3.0]], vec![0, 1]).check_labelled(), Ok(()));
        assert_eq!(set(Array2::zeros((2, 0)), vec![0, 1]).check_labelled(), Err(ModelError::NoInputs));
        assert_eq!(
            set(Array2::zeros((0, 2)), vec![]).check_labelled(),
            Err(ModelError::TooFewRows { n_rows: 0, needed: 1 })
        );
        assert_eq!(
            set(array![[0.0], [1.0]], vec![0]).check_labelled(),
            Err(ModelError::LabelCount { n_rows: 2, n_labels: 1 })
        );
        assert_eq!(
            set(array![[0.0], [1.0]], vec![0, 2]).check_labelled(),
            Err(ModelError::ClassOutOfRange { row: 1, class: 2, n_classes: 2 })
        );
        let fault = set(array![[0.0, 1.0], [0.0, f32::NAN]], vec![0, 1]).check_labelled();
        assert_eq!(fault, Err(ModelError::NotFinite { row: 1, column: 1 }));
        assert!(fault.is_err_and(|error| error.to_string().starts_with("row 2, column 2 ")));
    }
}
