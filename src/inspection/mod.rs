//! What a net does, worked out for the eye: pure functions of its machines, its layers and rows.

pub mod axis;
pub mod contour;
pub mod dreams;
pub mod hidden;
pub mod map;
pub mod reconstruction;
pub mod regions;
pub mod separability;
pub mod spread;
pub mod theatre;
pub mod weights;
