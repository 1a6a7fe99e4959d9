//! How things stand when a step of a lesson begins, by what the steps before it did: for going back.

use crate::storage::{Action, Control, Step, StepAction, WaitFor};
use crate::training::RunSettings;

/// An action of a lesson: its step, and which of that step's actions it is.
pub(super) type Place = (usize, usize);

/// Something that trains or compares, with what held then.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) place: Place,
    pub(super) settings: &'a RunSettings,
    pub(super) action: &'a Action,
    /// What its step waits for.
    pub(super) wait_for: WaitFor,
}

/// How things stand when a step begins.
#[derive(Debug, Default)]
pub(super) struct Beginning<'a> {
    /// What made the run, in order; the first starts it.
    pub(super) run: Vec<Work<'a>>,
    /// What made the comparison.
    pub(super) comparison: Option<Work<'a>>,
    /// The screen or the tab that was gone to.
    pub(super) place: Option<&'a Action>,
    /// The row that is looked at.
    pub(super) row: Option<&'a Action>,
    /// The sub-step of the theatre.
    pub(super) sub_step: Option<&'a Action>,
    /// The moment of the run that was gone to, or played to; `None` for the newest.
    pub(super) moment: Option<u64>,
    /// What is taken off the window, beside what is for the whole lesson.
    pub(super) hidden: Vec<Control>,
}

impl<'a> Beginning<'a> {
    /// After all of these steps, from the first of the lesson on; `hidden` is taken off for the whole of it.
    pub(super) fn after(steps: &'a [Step], hidden: &[Control]) -> Self {
        let mut stands = Self { hidden: hidden.to_vec(), ..Self::default() };
        for (number, step) in steps.iter().enumerate() {
            let mut settings: &RunSettings = &step.settings;
            for (i, action) in step.actions.iter().enumerate() {
                match action {
                    StepAction::Settings(changed) => settings = changed,
                    // A run, and a comparison, is of a table.
                    StepAction::Open(_) => (stands.run, stands.comparison) = Default::default(),
                    StepAction::Do(action) => {
                        stands.take(Work { place: (number, i), settings, action, wait_for: step.wait_for });
                    }
                }
            }
        }
        stands
    }

    fn take(&mut self, work: Work<'a>) {
        let action = work.action;
        match action {
            Action::Train | Action::Rewind => (self.run, self.moment) = (vec![work], None),
            Action::Step(_) | Action::Pause => self.run.push(work),
            Action::Compare => self.comparison = Some(work),
            Action::Screen(_) | Action::Tab(_) => self.place = Some(action),
            Action::LookAt(_) => self.row = Some(action),
            Action::Theatre(_) => self.sub_step = Some(action),
            Action::Play(playing) => self.moment = Some(playing.to),
            Action::Scrub(epochs) => self.moment = Some(*epochs),
            Action::Live => self.moment = None,
            Action::Hide(controls) => self.hidden.extend(controls),
            Action::Show(controls) => self.hidden.retain(|control| !controls.contains(control)),
            // A dream is dreamed anew by whoever asks for it.
            Action::Dream(_) | Action::Set(_) | Action::Open(_) => {}
        }
    }
}
