//! What a net looks like from inside, for pictures.

pub mod axis;
pub mod contour;
pub mod map;
pub mod regions;
pub mod separability;
