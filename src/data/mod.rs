//! Bytes → [`Table`] (text cells with their places) → [`Dataset`] (numbers and labels) → prepared rows and splits.

mod combine;
mod dataset;
mod equal;
mod head;
mod missing;
mod preparation;
mod profile;
mod read;
mod roles;
mod sample;
mod source;
mod split;
mod table;
mod written;

pub use combine::{Combination, CombineError};
pub use dataset::*;
pub use equal::*;
pub use head::*;
pub use missing::*;
pub use preparation::*;
pub use profile::*;
pub use read::*;
pub use roles::*;
pub use sample::*;
pub use source::*;
pub use split::*;
pub use table::*;
pub use written::{number, same_value};
