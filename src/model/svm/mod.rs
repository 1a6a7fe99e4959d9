//! Support vector machine for two classes (C-SVC), solved by sequential minimal optimisation.
//!
//! Dual problem (CL11): minimise ½αᵀQα − eᵀα subject to 0 ≤ αᵢ ≤ Cᵢ and yᵀα = 0, with Qᵢⱼ = yᵢyⱼK(xᵢ, xⱼ), y = +1 for
//! the bad outcome and −1 for the other. The decision value of a row x is Σ yᵢαᵢK(xᵢ, x) − ρ.
//!
//! The parts, from the bottom: [`Kernel`] (K), `packed` (rows laid out for vector instructions), `cache`, `rows` and
//! `matrix` (rows of the kernel matrix: computed when needed and kept within a bound, or all of them, shared by many fits),
//! `select` (the passes of which an iteration consists), `block` (the dual restricted to a working set), `working_set` (which
//! rows come next), [`Solver`] (the dual, in bounded portions), [`LinearSolver`] (the same dual for the linear kernel, by an
//! interior point), `fit` (the one that suits), [`SvmModel`] (decision values), `tuning` (the search for C and γ),
//! [`SvmLearner`] (search, then fit).
//!
//! CL11: Chang, Lin, *LIBSVM: a library for support vector machines*, 2011. FCL05: Fan, Chen, Lin, *Working set selection
//! using second order information for training support vector machines*, 2005.

mod block;
mod cache;
mod fit;
mod kernel;
mod learner;
mod linear;
mod machine;
mod matrix;
mod packed;
mod problem;
mod rows;
mod select;
mod settings;
mod solver;
mod tuning;
mod working_set;

#[cfg(test)]
mod tests;

pub use fit::Fit;
pub use kernel::Kernel;
pub use learner::{SvmFitted, SvmLearner};
pub use linear::LinearSolver;
pub use machine::SvmModel;
pub use matrix::{KernelMatrix, Pairs};
pub use problem::Problem;
pub use settings::{ClassWeight, KernelKind, SvmParameters, SvmSettings, TuningSettings};
pub use solver::{Limits, Solver};
pub use tuning::{Tuning, TuningCell};
