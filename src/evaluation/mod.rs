//! How good a model is, and whether it is better than another: pure functions of labels and scores (MATH §6).
//!
//! Throughout, `bad[i]` says whether row `i` had the bad outcome (the positive class), `score[i]` ranks rows (higher is
//! worse, any scale) and `pd[i]` is the calibrated probability of the bad outcome. A figure that is undefined on the
//! rows at hand is `None`, never 0, 1 or NaN.

mod base_rate;
mod bootstrap;
mod calibration;
mod curves;
mod cuts;
mod delong;
mod difference;
mod drift;
mod grades;
mod holm;
mod metric;
mod metrics;
#[cfg(test)]
mod properties;
mod summary;
mod verdict;

pub use crate::model::auc;
pub use crate::model::ranking::{Ranking, Step};
pub use base_rate::shift_base_rate;
pub use bootstrap::{Intervals, Tested, bootstrap};
pub use calibration::{
    BrierParts, CalibrationLine, Estimate, HosmerLemeshow, brier_parts, calibration_line, hosmer_lemeshow,
};
pub use curves::{
    Between, CurvePoint, ReliabilityBin, ScoreHistogram, gains, jeffreys_interval, ks_curve, lift, mean_curve,
    precision_recall, reliability, roc, score_histogram, score_histogram_over,
};
pub use cuts::{Cut, Cuts, Losses, NoCut};
pub use delong::{AucInterval, DeLong, auc_interval, delong};
pub use difference::{
    Mcnemar, Posterior, ROPE, bayesian_correlated_t, corrected_resampled_t, mcnemar, mean_test_share,
};
pub(crate) use drift::deciles;
pub use drift::{Drift, DriftBin, Holds, LevelBins, NumberBins, Stability, indicator_drift, level_drift, number_drift};
pub use grades::{BANDS, BackTest, GRADES, Grade, Light, MasterScale, SIGNIFICANCE, ScaleError};
pub use holm::holm;
pub use metric::Metric;
pub use metrics::{Confusion, Costs, Metrics, metrics, ranked, ranked_by};
pub use summary::Summary;
pub use verdict::{Comparison, Contender, FEWEST_BAD_ROWS, PROBABLE, SURE, Verdict, compare, percent, verdict};
