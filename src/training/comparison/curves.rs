//! The curves of one fold, thinned to as many points as can be told apart, so that a mean over folds costs next to nothing.

use crate::evaluation::{Between, CurvePoint, Ranking, gains, ks_curve, lift, mean_curve, precision_recall, roc};
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
    /// Bad rows found against rows taken from the worst score down.
    Gains,
    /// How many times the average share of bad rows is among those rows.
    Lift,
    /// TPR − FPR against those rows.
    Ks,
}

impl Curve {
    /// Every curve, in the order of the screen.
    pub const ALL: [Self; 5] = [Self::Roc, Self::PrecisionRecall, Self::Gains, Self::Lift, Self::Ks];

    fn of(self, ranking: &Ranking) -> Vec<[f64; 2]> {
        match self {
            Self::Roc => roc(ranking),
            Self::PrecisionRecall => precision_recall(ranking),
            Self::Gains => gains(ranking),
            Self::Lift => lift(ranking),
            Self::Ks => ks_curve(ranking),
        }
    }

    fn between(self) -> Between {
        if self == Self::PrecisionRecall { Between::Steps } else { Between::Lines }
    }
}

/// The curves of one model on one fold, each thinned to a few hundred points; empty where undefined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoldCurves {
    curves: [Vec<[f64; 2]>; Curve::ALL.len()],
}

impl FoldCurves {
    pub(super) fn of(answers: &Answers) -> Self {
        let Some(ranking) = Ranking::new(&answers.bad, &answers.score) else { return Self::default() };
        let thinned = |curve: Curve| {
            let points = mean_curve(&[curve.of(&ranking)], curve.between(), GRID);
            points.iter().map(|point| [point.x, point.mean]).collect()
        };
        Self { curves: Curve::ALL.map(thinned) }
    }

    /// Points of a curve, in order of x.
    pub fn points(&self, curve: Curve) -> &[[f64; 2]] {
        &self.curves[curve as usize]
    }
}

/// The mean of a curve over folds, with its spread; empty when no fold has it.
pub(super) fn mean<'a>(folds: impl Iterator<Item = &'a FoldCurves>, curve: Curve) -> Vec<CurvePoint> {
    let curves: Vec<Vec<[f64; 2]>> = folds.map(|fold| fold.points(curve).to_vec()).collect();
    // The points are those of the same grid: nothing is read between them.
    mean_curve(&curves, Between::Lines, GRID)
}
