//! Curves of one model, as points ready to draw: over all thresholds on the score ([`roc`] and its kin, all read from one
//! [`Ranking`](super::Ranking)), over bins of the probability ([`reliability`], [`score_histogram`]), and averaged over
//! the folds ([`mean_curve`]).

mod bins;
mod mean;
mod thresholds;

pub use bins::{ReliabilityBin, ScoreHistogram, jeffreys_interval, reliability, score_histogram, score_histogram_over};
pub use mean::{Between, CurvePoint, mean_curve};
pub use thresholds::{gains, ks_curve, lift, precision_recall, roc};
