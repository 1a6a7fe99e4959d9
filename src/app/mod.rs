//! The window: `logic()` drains what the workers have to say, `ui()` draws and collects intents, actions run after.
//! egui is named in this folder only.

mod actions;
mod comparing;
mod cutoffs;
mod edits;
mod export;
mod insights;
mod latest;
mod lecture;
mod loader;
mod notices;
mod open;
mod panels;
mod role_moves;
mod saving;
mod scoring;
mod standing;
mod studies;
mod theme;
mod timeline;
mod widgets;
mod window;
mod workspace;

pub use open::{NoWindow, open_window};
pub use window::App;
