//! Before a class: how the window stands ([`Stage`]), lessons given step by step ([`Player`]), and how both are drawn.

mod band;
mod beginning;
mod menu;
mod player;
mod ring;
mod stage;

#[cfg(test)]
mod tests;

pub(in crate::app) use self::band::{band_ui, progress_ui};
pub(in crate::app) use self::menu::{lecture_switch, lessons_menu, show_controls};
pub(in crate::app) use self::player::{Answer, Facts, Player, Question};
pub(in crate::app) use self::ring::pointer_ring;
pub(in crate::app) use self::stage::{Progress, Stage, magnification};
