//! The training problem of the SVM: rows, signs and upper bounds.

use ndarray::{ArcArray2, ArrayView2, Axis};

use crate::model::{ModelError, TrainingSet};

/// Rows xᵢ with signs yᵢ and upper bounds Cᵢ of their dual variables. Valid by construction.
/// Clones share the rows.
#[derive(Clone, Debug)]
pub struct Problem {
    x: ArcArray2<f32>,
    y: Vec<f64>,
    c: Vec<f64>,
}

impl Problem {
    /// `x` is `(n_rows, n_inputs)`, `bad` says which rows are of the positive class (y = +1), `c` the bound Cᵢ of each row:
    /// C times its weight, finite; a row with Cᵢ ≤ 0 takes no part.
    ///
    /// # Errors
    /// [`ModelError::NoInputs`], [`ModelError::LabelCount`] where `bad` or `c` do not have one value a row,
    /// [`ModelError::NotFinite`], and [`ModelError::OneClass`] where the rows that take part are all of one class.
    pub fn new(x: impl Into<ArcArray2<f32>>, bad: &[bool], c: Vec<f64>) -> Result<Self, ModelError> {
        let x = x.into();
        let (n_rows, n_inputs) = x.dim();
        if n_inputs == 0 {
            return Err(ModelError::NoInputs);
        }
        if let Some(&n_labels) = [bad.len(), c.len()].iter().find(|&&n| n != n_rows) {
            return Err(ModelError::LabelCount { n_rows, n_labels });
        }
        if let Some(((row, column), _)) = x.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(ModelError::NotFinite { row, column });
        }
        let takes_part = |class: bool| bad.iter().zip(&c).any(|(&bad, &c)| bad == class && c > 0.0);
        if !(takes_part(false) && takes_part(true)) {
            return Err(ModelError::OneClass);
        }
        let y = bad.iter().map(|&bad| if bad { 1.0 } else { -1.0 }).collect();
        let c = c.into_iter().map(|c| c.max(0.0)).collect();
        Ok(Self { x, y, c })
    }

    /// The labelled rows of a training set with class 1 as the bad one, every row bounded by C = 1.
    ///
    /// # Errors
    /// Those of [`TrainingSet::check_labelled`], [`ModelError::NotTwoClasses`] and [`ModelError::OneClass`].
    pub(super) fn of_set(set: &TrainingSet) -> Result<Self, ModelError> {
        if set.n_classes != 2 {
            return Err(ModelError::NotTwoClasses { n_classes: set.n_classes });
        }
        if set.x.nrows() < 2 {
            return Err(ModelError::TooFewRows { n_rows: set.x.nrows(), needed: 2 });
        }
        set.check_labelled()?;
        let bad: Vec<bool> = set.y.iter().map(|&class| class == 1).collect();
        Self::new(set.x.clone(), &bad, vec![1.0; bad.len()])
    }

    /// The same problem with Cᵢ = C, times n / (2 nₖ) for the nₖ rows of its class where `balanced`, n in all. Rows with
    /// Cᵢ = 0 do not count, and stay out.
    pub(super) fn bounded(mut self, c: f64, balanced: bool) -> Self {
        let taking_part = || self.y.iter().zip(&self.c).filter(|&(_, &c)| c > 0.0);
        let n = taking_part().count() as f64;
        let n_bad = taking_part().filter(|&(&y, _)| y > 0.0).count() as f64;
        let weight = |y: f64| match (balanced, y > 0.0) {
            (false, _) => 1.0,
            (true, true) => n / (2.0 * n_bad),
            (true, false) => n / (2.0 * (n - n_bad)),
        };
        self.c = self.y.iter().zip(&self.c).map(|(&y, &old)| if old > 0.0 { c * weight(y) } else { 0.0 }).collect();
        self
    }

    /// The same problem in which these rows take no part; both classes must have others.
    pub(super) fn without(mut self, rows: &[usize]) -> Self {
        for &row in rows {
            self.c[row] = 0.0;
        }
        self
    }

    /// The rows at `rows`, which must exist, and among which both classes must take part.
    pub(super) fn at(&self, rows: &[usize]) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|&row| values[row]).collect();
        Self { x: self.x.select(Axis(0), rows).into_shared(), y: pick(&self.y), c: pick(&self.c) }
    }

    /// Dual variables as β = yα that satisfy every constraint, from any α: each is put within 0..=Cᵢ (a missing one or NaN
    /// is 0), then the class with the larger sum gives up what it has too much, free rows first, in the order of rows.
    pub(super) fn feasible(&self, alpha: &[f64]) -> Vec<f64> {
        let given = alpha.iter().copied().chain(std::iter::repeat(0.0));
        let mut alpha: Vec<f64> =
            given.zip(&self.c).map(|(alpha, &c)| if alpha > 0.0 { alpha.min(c) } else { 0.0 }).collect();
        let excess: f64 = alpha.iter().zip(&self.y).map(|(alpha, y)| alpha * y).sum();
        let mut left = excess.abs();
        for only_free in [true, false] {
            for ((alpha, &y), &c) in alpha.iter_mut().zip(&self.y).zip(&self.c) {
                if y * excess > 0.0 && (*alpha < c) == only_free {
                    let given_up = alpha.min(left);
                    *alpha -= given_up;
                    left -= given_up;
                }
            }
        }
        alpha.into_iter().zip(&self.y).map(|(alpha, y)| alpha * y).collect()
    }

    /// [Aᵢ, Bᵢ], what βᵢ = yᵢαᵢ is held to.
    pub(super) fn bounds(&self, row: usize) -> (f64, f64) {
        if self.y[row] > 0.0 { (0.0, self.c[row]) } else { (-self.c[row], 0.0) }
    }

    /// The rows, `(n_rows, n_inputs)`.
    pub fn x(&self) -> ArrayView2<'_, f32> {
        self.x.view()
    }

    /// The signs, +1 for the bad outcome.
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// The upper bounds Cᵢ ≥ 0.
    pub fn c(&self) -> &[f64] {
        &self.c
    }

    /// Number of rows, at least 2.
    pub fn n_rows(&self) -> usize {
        self.y.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn faults_are_named() {
        let x = array![[0.0], [1.0]];
        let new = |x: &Array2<f32>, bad: &[bool], c: &[f64]| Problem::new(x.clone(), bad, c.to_vec()).map(|_| ());
        assert_eq!(new(&x, &[false, true], &[1.0, 1.0]), Ok(()));
        assert_eq!(new(&x, &[true, true], &[1.0, 1.0]), Err(ModelError::OneClass));
        assert_eq!(new(&x, &[false, true], &[1.0, 0.0]), Err(ModelError::OneClass));
        assert_eq!(new(&x, &[false, true], &[-1.0, -1.0]), Err(ModelError::OneClass));
        assert_eq!(new(&x, &[false, true], &[1.0]), Err(ModelError::LabelCount { n_rows: 2, n_labels: 1 }));
        assert_eq!(
            new(&array![[0.0], [f32::INFINITY]], &[false, true], &[1.0, 1.0]),
            Err(ModelError::NotFinite { row: 1, column: 0 })
        );
        assert_eq!(new(&Array2::zeros((2, 0)), &[false, true], &[1.0, 1.0]), Err(ModelError::NoInputs));
    }

    #[test]
    fn any_alpha_is_made_feasible() {
        let bad = [true, true, true, false, false];
        let problem = Problem::new(Array2::zeros((5, 1)), &bad, vec![1.0, 2.0, 1.0, 1.0, 0.0]).unwrap();
        // Within the box: 1, 0.5, 1, 1, 0: too much by 1.5, of which the free row 1 gives 0.5 and row 0 the rest.
        assert_eq!(problem.feasible(&[3.0, 0.5, 1.0, 1.0, 4.0]), [0.0, 0.0, 1.0, -1.0, 0.0]);
        assert_eq!(problem.feasible(&[f64::NAN, -1.0, 0.25, 0.5]), [0.0, 0.0, 0.25, -0.25, 0.0]);
        assert_eq!(problem.feasible(&[]), [0.0; 5]);
    }

    #[test]
    fn balanced_bounds_give_both_classes_the_same_sum() {
        let bad = [true, false, false, false];
        let problem = Problem::new(Array2::zeros((4, 1)), &bad, vec![1.0; 4]).unwrap();
        // n / (2 n_k): 4/2 = 2 for the single bad row, 4/6 for the others, times C = 3.
        assert_eq!(problem.clone().bounded(3.0, true).c(), [6.0, 2.0, 2.0, 2.0]);
        assert_eq!(problem.clone().bounded(3.0, false).c(), [3.0; 4]);
        // Of three rows that take part: 3/2 and 3/4.
        assert_eq!(problem.without(&[2]).bounded(2.0, true).c(), [3.0, 1.5, 0.0, 1.5]);
    }
}
