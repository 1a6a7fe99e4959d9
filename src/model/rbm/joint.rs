//! The top machine of a deep belief network, trained on features and the one-hot label together (H06).
//!
//! `E(v, y, h) = E(v, h) − d_y − U_y·h`: K label units beside the features, one of which is on. The labels are the last K
//! visible units of an ordinary [`Rbm`], a softmax group there, so that every kind of chain and update is the same. What
//! is here is what only a label makes possible: `p(y | x) ∝ e^{−F(x, y)}` exactly, and its own gradient. Rows of a class are
//! drawn by [`GibbsChains`](super::GibbsChains) with the label held.

use ndarray::{Array1, Array2, ArrayRef2, Axis, Slice, s};
use serde::{Deserialize, Serialize};

use super::{Hidden, Rbm, Visible};
use crate::model::kernels;
use crate::random::Stream;

/// A machine whose last visible units are the label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JointRbm {
    rbm: Rbm,
}

impl JointRbm {
    /// A machine before training on rows `x` `(n_rows, n_features)` of classes `y` in `0..n_classes`, `n_classes` ≥ 1: as
    /// [`Rbm::new`], with the log share of each class as the bias of its label unit.
    pub fn new(
        visible: Visible,
        n_hidden: usize,
        x: &ArrayRef2<f32>,
        y: &[usize],
        n_classes: usize,
        random: &mut Stream,
    ) -> Self {
        let mut rows = Array2::zeros((x.nrows(), x.ncols() + n_classes));
        join(x, y, &mut rows);
        let mut rbm = Rbm::new(visible, n_hidden, &rows, random);
        for class in 0..n_classes {
            let count = y.iter().filter(|&&y| y == class).count();
            rbm.b[x.ncols() + class] = (count.max(1) as f32 / y.len().max(1) as f32).ln();
        }
        rbm.n_classes = n_classes;
        Self { rbm }
    }

    /// A machine that has label units; `None` of one that has not.
    pub fn of(rbm: Rbm) -> Option<Self> {
        (rbm.n_classes > 0).then_some(Self { rbm })
    }

    /// The machine over features and label units.
    pub fn rbm(&self) -> &Rbm {
        &self.rbm
    }

    /// The same, to be trained: by [`ContrastiveDivergence`](super::ContrastiveDivergence) on rows that [`join`] makes.
    pub fn rbm_mut(&mut self) -> &mut Rbm {
        &mut self.rbm
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.rbm.n_classes
    }

    /// p(y | x) of rows `x` `(n_rows, n_features)` by free energy, exactly: `(n_rows, n_classes)`. `None` for rectified
    /// hidden units. It is also what stands in the label units of a row without a label.
    pub fn probabilities(&self, x: &ArrayRef2<f32>) -> Option<Array2<f64>> {
        if self.rbm.hidden == Hidden::Rectified {
            return None;
        }
        let inputs = self.inputs(x);
        let mut p = Array2::zeros((x.nrows(), self.n_classes()));
        let mut of_class = Array1::zeros(self.rbm.n_hidden());
        for (input, mut p) in inputs.rows().into_iter().zip(p.rows_mut()) {
            for (class, p) in p.iter_mut().enumerate() {
                let unit = self.rbm.n_features() + class;
                of_class.assign(&input);
                of_class += &self.rbm.w.row(unit);
                *p = f64::from(self.rbm.b[unit]) + self.rbm.hidden_term(&of_class);
            }
            softmax(p.as_slice_mut().unwrap_or_default());
        }
        Some(p)
    }

    /// c + v̂·W of rows of features, before any label.
    fn inputs(&self, x: &ArrayRef2<f32>) -> Array2<f32> {
        let (w, c) = self.as_layer();
        let mut inputs = Array2::zeros((x.nrows(), c.len()));
        kernels::affine(x, &w, &c, &mut inputs);
        inputs
    }

    /// The way up from the features alone, as [`Rbm::as_layer`].
    pub fn as_layer(&self) -> (Array2<f32>, Array1<f32>) {
        let (w, c) = self.rbm.as_layer();
        (w.slice_axis(Axis(0), Slice::from(..self.rbm.n_features())).to_owned(), c)
    }
}

/// Writes rows `x` `(n_rows, n_features)` with the one-hot label of each to the top of `rows`
/// `(≥ n_rows, n_features + n_classes)`. A class beyond the last leaves the label units at 0.
pub fn join(x: &ArrayRef2<f32>, y: &[usize], rows: &mut ArrayRef2<f32>) {
    let n_features = x.ncols();
    for ((x, &y), mut row) in x.rows().into_iter().zip(y).zip(rows.rows_mut()) {
        row.slice_mut(s![..n_features]).assign(&x);
        let mut label = row.slice_mut(s![n_features..]);
        label.fill(0.0);
        if let Some(unit) = label.get_mut(y) {
            *unit = 1.0;
        }
    }
}

/// Replaces logits by their softmax.
fn softmax(logits: &mut [f64]) {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.iter().map(|x| (x - top).exp()).sum();
    for x in logits {
        *x = (*x - top).exp() / sum;
    }
}
