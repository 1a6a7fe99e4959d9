//! What a net looks like from inside, for pictures.

pub mod axis;
pub mod contour;
pub mod map;
pub mod regions;
pub mod separability;
//! What a network is doing, worked out for the eye: pure functions of machines, nets and rows.

pub mod dreams;
