//! How the window stands before a class: what is shown of it and what is not.

use crate::storage::{Control, LectureSettings, NetworkTab, Outcome};

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
    pub(in crate::app) tabs: Vec<NetworkTab>,
    /// A question is open: nothing may be trained or played before it is answered.
    pub(in crate::app) held: bool,
    /// Where the lesson is, while one is given.
    pub(in crate::app) progress: Option<Progress>,
    /// The sub-step that the theatre is to show, from 1 to 6.
    pub(in crate::app) theatre: Cue<usize>,
    /// The outcome to dream of.
    pub(in crate::app) dream: Cue<Outcome>,
}

/// What a lesson asks of a panel that has a state of its own, to be followed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct Cue<T> {
    asked: Option<T>,
    /// Grows with every cue.
    number: u64,
}

impl<T> Default for Cue<T> {
    fn default() -> Self {
        Self { asked: None, number: 0 }
    }
}

impl<T: Copy> Cue<T> {
    /// Asks for this.
    pub(super) fn give(&mut self, asked: T) {
        *self = Self { asked: Some(asked), number: self.number + 1 };
    }

    /// Nothing is asked for any more.
    pub(super) fn withdraw(&mut self) {
        self.asked = None;
    }

    /// What is asked for, when it was not followed yet; `seen` is what a panel remembers, 0 at first.
    pub(in crate::app) fn fresh(&self, seen: &mut u64) -> Option<T> {
        let before = std::mem::replace(seen, self.number);
        self.asked.filter(|_| before != self.number)
    }
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
    /// As it is when a lesson begins or ends: everything is shown, and cues go on where they were.
    pub(in crate::app) fn cleared(&self) -> Self {
        let Self { lecture, mut theatre, mut dream, .. } = *self;
        theatre.withdraw();
        dream.withdraw();
        Self { lecture, theatre, dream, ..Self::default() }
    }

    /// Whether this tab of the Network screen is shown.
    pub(in crate::app) fn shows_tab(&self, tab: NetworkTab) -> bool {
        self.tabs.is_empty() || self.tabs.contains(&tab)
    }

    /// Asks the theatre for a sub-step, from 1 to 6.
    pub(in crate::app) fn ask_theatre(&mut self, sub_step: usize) {
        self.theatre.give(sub_step);
    }

    /// Asks for dreams of an outcome.
    pub(in crate::app) fn ask_dream(&mut self, outcome: Outcome) {
        self.dream.give(outcome);
    }

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
    fn a_cue_is_followed_once() {
        let (mut cue, mut seen) = (Cue::default(), 0);
        assert_eq!(cue.fresh(&mut seen), None);
        cue.give(3);
        assert_eq!([cue.fresh(&mut seen), cue.fresh(&mut seen)], [Some(3), None]);
        cue.give(3);
        assert_eq!(cue.fresh(&mut seen), Some(3));
        cue.withdraw();
        assert_eq!([cue.fresh(&mut seen), cue.fresh(&mut 0)], [None, None]);
    }

    #[test]
    fn what_is_hidden_by_hand_leaves_the_tabs() {
        let mut stage = Stage { hidden: vec![Control::Seed], ..Stage::default() };
        assert!(stage.shows(Control::Menu) && !stage.shows(Control::Seed));
        stage.bare = true;
        assert!(stage.shows(Control::Screens) && !stage.shows(Control::Menu) && !stage.shows(Control::StatusBar));
    }
}
