//! Learners and classifiers: the mathematics and nothing else. No thread, channel, clock, file or global random source.

pub mod calibrated;
pub mod calibration;
pub mod dbn;
mod fitted;
pub mod kernels;
mod learner;
mod log_odds;
pub mod logistic;
pub mod majority;
pub mod network;
pub mod one_vs_one;
mod parameters;
pub(crate) mod parts;
mod picture;
pub(crate) mod ranking;
pub mod rbm;
pub mod svm;
pub mod trees;

pub use fitted::{FittedKind, FittedModel};
pub use learner::*;
pub use parameters::*;
pub use picture::*;
pub use ranking::auc;
pub use svm::ClassWeight;
