//! Bytes → [`Table`] (text cells with their places) → [`Dataset`] (numbers and labels) → prepared rows and splits.

mod association;
mod combine;
mod dataset;
mod equal;
mod head;
mod missing;
mod missingness;
mod preparation;
mod profile;
mod read;
mod roles;
mod sample;
mod source;
mod split;
mod table;
mod written;

pub use association::{Association, Chosen, MOST_COLUMNS, MOST_ROWS, associate};
pub use combine::{Combination, CombineError};
pub use dataset::*;
pub use equal::*;
pub use head::*;
pub use missing::*;
pub use missingness::*;
pub use preparation::*;
pub use profile::*;
pub use read::*;
pub use roles::*;
pub use sample::*;
pub use source::*;
pub use split::*;
pub use table::*;
pub use written::{number, same_value};
