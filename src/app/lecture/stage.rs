//! How the window stands before a class: what is shown of it and what is not.

use crate::storage::{Control, LectureSettings, LessonTab};

/// What panels have to know of a lecture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::app) struct Stage {
    /// As the switches stand.
    pub(in crate::app) lecture: LectureSettings,
    /// All but the tabs and the run controls is taken off the window by hand.
    pub(in crate::app) bare: bool,
    /// What a lesson has taken off it.
    pub(in crate::app) hidden: Vec<Control>,
    /// Tabs of the Network screen that a lesson shows; empty: all.
    pub(in crate::app) tabs: Vec<LessonTab>,
    /// A question is open: nothing may be trained or played before it is answered.
    pub(in crate::app) held: bool,
    /// Where the lesson is, while one is given.
    pub(in crate::app) progress: Option<Progress>,
}

/// Where a lesson is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Progress {
    /// "Lesson 2 · Contrastive divergence by hand".
    pub(in crate::app) name: String,
    /// The step, from 1.
    pub(in crate::app) step: usize,
    /// Of how many.
    pub(in crate::app) steps: usize,
}

impl Stage {
    /// Whether this is shown.
    pub(in crate::app) fn shows(&self, control: Control) -> bool {
        !(self.bare && control != Control::Screens || self.hidden.contains(&control))
    }
}

/// How much larger everything is drawn for a class, on a window of this size in points at its usual size: the window is then
/// about 1200 × 675 points, so that text of 15 points is 24 pixels high on a screen of 1920 × 1080.
pub(in crate::app) fn magnification(size: egui::Vec2) -> f32 {
    let factor = (size.x / 1200.0).min(size.y / 675.0);
    if factor.is_finite() { factor.clamp(1.0, 2.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    #[test]
    fn a_projector_gets_24_pixels_and_a_small_window_stays() {
        assert_eq!(magnification(vec2(1920.0, 1080.0)), 1.6);
        assert_eq!(magnification(vec2(1920.0, 1080.0)) * 15.25, 24.4);
        let sizes = [vec2(1280.0, 640.0), vec2(3840.0, 2160.0), vec2(f32::NAN, 0.0), vec2(1280.0, 800.0)];
        assert_eq!(sizes.map(magnification), [1.0, 2.0, 1.0, 1280.0 / 1200.0]);
    }

    #[test]
    fn what_is_hidden_by_hand_leaves_the_tabs() {
        let mut stage = Stage { hidden: vec![Control::Seed], ..Stage::default() };
        assert!(stage.shows(Control::Menu) && !stage.shows(Control::Seed));
        stage.bare = true;
        assert!(stage.shows(Control::Screens) && !stage.shows(Control::Menu) && !stage.shows(Control::StatusBar));
    }
}
