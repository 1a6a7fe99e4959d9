//! Loops over numbers, compiled for every vector width and chosen by the CPU at hand while running.
//!
//! Two kinds of promise. Element by element (`logistic`, `softplus_sum`, the draws, the updates): plain arithmetic
//! without contraction, so the same bits on every CPU. Products: the order of summing, and whether a·b + c is rounded
//! once or twice, is the CPU's; on one machine the same bits always, whatever the number of threads.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the vector width of its caller")]

#[macro_use]
pub(super) mod dispatch;
mod each;
mod elementwise;
mod exp;
mod lanes;
mod layers;
mod mixed;
mod product;
mod scratch;
mod update;

pub use each::each;
pub use elementwise::{add_column_sums, logistic, softplus_sum, squared_distance};
pub use exp::{exp_clamped, exp_f32, exp_f64};
pub use lanes::{Lanes, draw_bernoulli, standard_normals};
pub use layers::{BINS, Bins, drop_out, logistic_slope, piecewise_linear};
pub use mixed::{add_row_combination, row_products};
pub use product::{affine, affine_transposed, product_transposed, transposed_product};
pub use scratch::Scratch;
pub use update::{Adam, Momentum, adam_update, momentum_update};
