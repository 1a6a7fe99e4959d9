//! The machine of a layer: over what the layer below hands on, or at the top over that and the label together (H06).

use ndarray::{Array2, s};

use super::features::Features;
use super::rows::{Row, Rows};
use crate::model::rbm::{JointRbm, Rbm, Visible, join};
use crate::random::Stream;

/// A machine in training.
#[derive(Clone, Debug)]
pub(super) enum Machine {
    Plain(Rbm),
    /// With the one-hot label beside the features.
    Joint(JointRbm),
}

impl Machine {
    /// A joint machine before training on rows like `sample` `(n_rows, n_features)` and the classes of `rows`.
    pub(super) fn joint(
        visible: Visible,
        n_hidden: usize,
        sample: &Array2<f32>,
        rows: &Rows,
        random: &mut Stream,
    ) -> Self {
        let n_classes = rows.n_classes();
        // Rows of the sample without a class count for the features; the classes are counted over all labelled rows.
        let none = vec![n_classes; sample.nrows()];
        let mut joint = JointRbm::new(visible, n_hidden, sample, &none, n_classes, random);
        let n = rows.fit().len().max(1) as f32;
        for (class, count) in rows.class_counts().into_iter().enumerate() {
            joint.rbm_mut().b[sample.ncols() + class] = (count.max(1) as f32 / n).ln();
        }
        Self::Joint(joint)
    }

    pub(super) fn rbm(&self) -> &Rbm {
        match self {
            Self::Plain(rbm) => rbm,
            Self::Joint(joint) => joint.rbm(),
        }
    }

    pub(super) fn rbm_mut(&mut self) -> &mut Rbm {
        match self {
            Self::Plain(rbm) => rbm,
            Self::Joint(joint) => joint.rbm_mut(),
        }
    }

    /// Writes the visible units of the rows at `places` to the first rows of `out` `(at least places.len(), n_visible)`.
    ///
    /// Label units of a row without a label are free: they hold p(y | x) as the machine sees it at the moment, so that
    /// such rows shape the features without saying anything about the classes that the machine does not know already.
    /// Leaving those rows out would train the top on far fewer rows than the layers below it. Rectified hidden units know
    /// no p(y | x): the label units are at 0 then.
    pub(super) fn show(
        &self,
        features: &mut Features,
        rows: &Rows,
        below: &[Rbm],
        places: &[Row],
        scratch: &mut Array2<f32>,
        out: &mut Array2<f32>,
    ) {
        let Self::Joint(joint) = self else { return features.gather(rows, below, places, out) };
        let (n_features, n_classes) = (joint.rbm().n_features(), joint.n_classes());
        if scratch.nrows() < places.len() {
            *scratch = Array2::zeros((places.len(), n_features));
        }
        features.gather(rows, below, places, scratch);
        let classes: Vec<usize> =
            places.iter().map(|&place| rows.class(features.row(place)).unwrap_or(n_classes)).collect();
        let x = scratch.slice(s![..places.len(), ..]);
        join(&x, &classes, out);
        if !classes.contains(&n_classes) {
            return;
        }
        let Some(p) = joint.probabilities(&x) else { return };
        for (r, _) in classes.iter().enumerate().filter(|(_, class)| **class == n_classes) {
            out.slice_mut(s![r, n_features..]).assign(&p.row(r).mapv(|p| p as f32));
        }
    }
}
