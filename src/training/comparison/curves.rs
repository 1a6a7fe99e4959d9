//! The curves of one fold, thinned to as many points as can be told apart, so that a mean over folds costs next to nothing.

use crate::evaluation::{MeanRocPoint, mean_roc, precision_recall, roc};
use crate::training::Answers;

/// Points of each curve.
const GRID: usize = 201;

/// A curve of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Bad rows found against good rows refused.
    Roc,
    /// Precision against recall.
    PrecisionRecall,
}

impl Curve {
    /// Every curve, in the order of the screen.
    pub const ALL: [Self; 2] = [Self::Roc, Self::PrecisionRecall];

    fn of(self, answers: &Answers) -> Vec<[f64; 2]> {
        let Answers { bad, score, .. } = answers;
        match self {
            Self::Roc => roc(bad, score),
            Self::PrecisionRecall => precision_recall(bad, score),
        }
    }
}

/// The curves of one model on one fold, each at [`GRID`] points; empty where undefined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoldCurves {
    curves: [Vec<[f64; 2]>; Curve::ALL.len()],
}

impl FoldCurves {
    pub(super) fn of(answers: &Answers) -> Self {
        let thinned = |curve: Curve| {
            let points = mean_roc(&[curve.of(answers)], GRID);
            points.iter().map(|point| [point.fpr, point.tpr]).collect()
        };
        Self { curves: Curve::ALL.map(thinned) }
    }

    /// Points of a curve, in order of x.
    pub fn points(&self, curve: Curve) -> &[[f64; 2]] {
        &self.curves[curve as usize]
    }
}

/// The mean of a curve over folds, with its spread; empty when no fold has it.
pub(super) fn mean<'a>(folds: impl Iterator<Item = &'a FoldCurves>, curve: Curve) -> Vec<MeanRocPoint> {
    let curves: Vec<Vec<[f64; 2]>> = folds.map(|fold| fold.points(curve).to_vec()).collect();
    mean_roc(&curves, GRID)
}
