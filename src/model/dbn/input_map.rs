//! Prepared inputs as Bernoulli units want them: a column that is one to be, between 0 and 1.

use ndarray::{Array1, Array2, ArrayRef2, Axis};
use serde::{Deserialize, Serialize};

use super::settings::VisibleUnits;
use crate::model::TrainingSet;
use crate::model::fitted::{all_finite_f32, as_many};
use crate::model::rbm::Visible;

/// What is shown to the lowest machine of an input x: `(x − low)/width`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputMap {
    /// What becomes 0, `n_inputs`; 0 for Gaussian units.
    pub low: Array1<f32>,
    /// What becomes 1, less `low`, `n_inputs`, above 0; 1 for Gaussian units.
    pub width: Array1<f32>,
}

/// What is known of a column after some of its values.
#[derive(Clone, Copy)]
struct Ends {
    low: f32,
    high: f32,
    /// Whether a third value stands between them.
    between: bool,
}

impl InputMap {
    /// The units of the lowest machine for all rows of `set`, labelled or not, and how their inputs are shown to them;
    /// `None` as they are. Mixed: a column with exactly two values is Bernoulli. Bernoulli: every column, from its least
    /// value to its largest.
    pub(super) fn new(units: VisibleUnits, set: &TrainingSet) -> (Visible, Option<Self>) {
        if units == VisibleUnits::Gaussian {
            return (Visible::Gaussian, None);
        }
        let mut ends = vec![Ends { low: f32::INFINITY, high: f32::NEG_INFINITY, between: false }; set.x.ncols()];
        for row in set.x.rows().into_iter().chain(set.x_unlabelled.rows()) {
            for (ends, &x) in ends.iter_mut().zip(row) {
                ends.see(x);
            }
        }
        let mixed = units == VisibleUnits::Mixed;
        let bernoulli: Vec<bool> = ends.iter().map(|e| !mixed || (e.low < e.high && !e.between)).collect();
        let of = |pick: &dyn Fn(&Ends) -> f32, other: f32| -> Array1<f32> {
            ends.iter().zip(&bernoulli).map(|(e, &is)| if is && e.low < e.high { pick(e) } else { other }).collect()
        };
        let map = Self { low: of(&|e| e.low, 0.0), width: of(&|e| e.high - e.low, 1.0) };
        let needed = bernoulli.contains(&true);
        (Visible::of_columns(bernoulli), needed.then_some(map))
    }

    /// Whether it maps `n_inputs` inputs by finite numbers.
    pub(crate) fn check(&self, n_inputs: usize) -> Result<(), String> {
        as_many("ends of inputs", self.low.len(), n_inputs)?;
        as_many("widths of inputs", self.width.len(), n_inputs)?;
        all_finite_f32("ends of inputs", self.low.iter().chain(&self.width))
    }

    /// Changes rows `x` `(n_rows, n_inputs)`.
    pub fn apply(&self, x: &mut ArrayRef2<f32>) {
        for mut row in x.rows_mut() {
            row -= &self.low;
            row /= &self.width;
        }
    }

    /// Changes rows `x` `(n_rows, n_inputs)` back: the inverse of [`Self::apply`].
    pub fn undo(&self, x: &mut ArrayRef2<f32>) {
        for mut row in x.rows_mut() {
            row *= &self.width;
            row += &self.low;
        }
    }

    /// Takes the map into a layer `(w, b)` that was made for mapped inputs, so that it may be given the inputs themselves:
    /// `W'ᵢ = Wᵢ/widthᵢ`, `b' = b − Σ lowᵢ·W'ᵢ`.
    pub fn fold_into(&self, w: &mut Array2<f32>, b: &mut Array1<f32>) {
        for ((mut row, &low), &width) in w.axis_iter_mut(Axis(0)).zip(&self.low).zip(&self.width) {
            row /= width;
            b.scaled_add(-low, &row);
        }
    }
}

impl Ends {
    fn see(&mut self, x: f32) {
        if x < self.low {
            self.between |= self.low < self.high;
            self.low = x;
            self.high = self.high.max(x);
        } else if x > self.high {
            self.between |= self.low < self.high;
            self.high = x;
        } else {
            self.between |= self.low < x && x < self.high;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn set() -> TrainingSet {
        TrainingSet {
            x: array![[2.0, 0.0, 5.0], [4.0, 1.0, 5.0]],
            y: vec![0, 1],
            x_unlabelled: array![[2.0, 0.5, 5.0]],
            n_classes: 2,
            groups: Vec::new(),
        }
    }

    #[test]
    fn a_column_of_two_values_becomes_zeros_and_ones() {
        let (visible, map) = InputMap::new(VisibleUnits::Mixed, &set());
        assert_eq!(visible, Visible::Mixed(vec![true, false, false]));
        let mut x = set().x;
        map.unwrap().apply(&mut x);
        assert_eq!(x, array![[0.0, 0.0, 5.0], [1.0, 1.0, 5.0]]);
        InputMap::new(VisibleUnits::Mixed, &set()).1.unwrap().undo(&mut x);
        assert_eq!(x, set().x);
        let (visible, map) = InputMap::new(VisibleUnits::Bernoulli, &set());
        assert_eq!((visible, map.unwrap().low), (Visible::Bernoulli, array![2.0, 0.0, 0.0]));
        assert_eq!(InputMap::new(VisibleUnits::Gaussian, &set()), (Visible::Gaussian, None));
    }

    #[test]
    fn two_values_are_told_from_three_in_any_order() {
        for (values, two) in [
            (&[1.0, 3.0, 1.0, 3.0][..], true),
            (&[3.0, 1.0, 2.0], false),
            (&[1.0, 2.0, 3.0], false),
            (&[3.0, 2.0, 1.0], false),
            (&[2.0, 1.0, 2.0], true),
            (&[1.0, 1.0], false),
        ] {
            let mut ends = Ends { low: f32::INFINITY, high: f32::NEG_INFINITY, between: false };
            for &x in values {
                ends.see(x);
            }
            assert_eq!(ends.low < ends.high && !ends.between, two, "{values:?}");
        }
    }

    #[test]
    fn folded_into_a_layer_it_need_not_be_applied() {
        let (_, map) = InputMap::new(VisibleUnits::Mixed, &set());
        let map = map.unwrap();
        let (w, b) = (array![[0.5, -1.0], [2.0, 0.25], [1.0, 1.0]], array![0.1, -0.2]);
        let mut mapped = set().x;
        map.apply(&mut mapped);
        let want = mapped.dot(&w) + &b;
        let (mut w, mut b) = (w, b);
        map.fold_into(&mut w, &mut b);
        let got = set().x.dot(&w) + &b;
        assert!(got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-6), "{got} {want}");
    }
}
