//! What a person chose about the data, and taking it back: roles, the bad outcome, how the file is read, preparation and
//! splits. No widget in here.

use std::time::{Duration, Instant};

use crate::data::{Combination, PreparationSettings, ReadOptions, Roles, ValidationSettings};

/// Changes of one thing that follow each other this fast are one edit: a dragged number is taken back whole.
const ONE_EDIT: Duration = Duration::from_millis(800);
/// Edits kept at most; the oldest go first.
const MOST: usize = 200;

/// Everything about the data that a person can choose.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DataChoices {
    pub(super) roles: Roles,
    /// The bad value was chosen or confirmed by the person, not guessed.
    pub(super) bad_confirmed: bool,
    /// How the file is read.
    pub(super) options: ReadOptions,
    /// How several files become one table.
    pub(super) combination: Combination,
    pub(super) preparation: PreparationSettings,
    pub(super) validation: ValidationSettings,
}

/// A way from one state of the choices to another.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Something new; `what` names it in the menu: "role of margin".
    Edit { what: String, before: Box<DataChoices> },
    /// Back.
    Undo,
    /// Forth again.
    Redo,
}

/// What can be taken back, and what can be done again; of one table.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// Names of edits with the choices before them, the oldest first.
    past: Vec<(String, DataChoices)>,
    /// Names of edits taken back with the choices after them, the next to be done again last.
    undone: Vec<(String, DataChoices)>,
    last: Option<Instant>,
}

impl Edits {
    /// What the next step back takes back.
    pub(super) fn undo_name(&self) -> Option<&str> {
        self.past.last().map(|(what, _)| what.as_str())
    }

    /// What the next step forth does again.
    pub(super) fn redo_name(&self) -> Option<&str> {
        self.undone.last().map(|(what, _)| what.as_str())
    }

    /// The choices that a step back or forth leads to.
    pub(super) fn target(&self, step: &Step) -> Option<DataChoices> {
        let from = match step {
            Step::Edit { .. } => return None,
            Step::Undo => &self.past,
            Step::Redo => &self.undone,
        };
        from.last().map(|(_, choices)| choices.clone())
    }

    /// Notes that `step` was made; `left` is what the choices were before it.
    pub(super) fn take(&mut self, step: Step, left: DataChoices) {
        match step {
            Step::Edit { what, before } => {
                let now = Instant::now();
                let goes_on = self.last.is_some_and(|last| now.duration_since(last) < ONE_EDIT)
                    && self.past.last().is_some_and(|(name, _)| *name == what);
                self.last = Some(now);
                self.undone.clear();
                if !goes_on {
                    self.past.push((what, *before));
                }
                if self.past.len() > MOST {
                    self.past.remove(0);
                }
            }
            Step::Undo => {
                if let Some((what, _)) = self.past.pop() {
                    self.undone.push((what, left));
                }
                self.last = None;
            }
            Step::Redo => {
                if let Some((what, _)) = self.undone.pop() {
                    self.past.push((what, left));
                }
                self.last = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Role;

    fn choices(role: Role) -> DataChoices {
        DataChoices {
            roles: Roles { roles: vec![role], bad: None },
            bad_confirmed: false,
            options: ReadOptions::default(),
            combination: Combination::Auto,
            preparation: PreparationSettings::default(),
            validation: ValidationSettings::default(),
        }
    }

    fn edit(what: &str, before: Role) -> Step {
        Step::Edit { what: what.to_owned(), before: Box::new(choices(before)) }
    }

    #[test]
    fn back_and_forth_again() {
        let mut edits = Edits::default();
        edits.take(edit("role of a", Role::Indicator), choices(Role::Indicator));
        edits.take(edit("role of b", Role::Label), choices(Role::Label));
        assert_eq!(edits.target(&Step::Undo), Some(choices(Role::Label)));
        edits.take(Step::Undo, choices(Role::Period));
        assert_eq!((edits.undo_name(), edits.redo_name()), (Some("role of a"), Some("role of b")));
        assert_eq!(edits.target(&Step::Redo), Some(choices(Role::Period)));
        edits.take(Step::Redo, choices(Role::Label));
        assert_eq!((edits.undo_name(), edits.redo_name()), (Some("role of b"), None));
        assert_eq!(edits.target(&Step::Undo), Some(choices(Role::Label)));
    }

    #[test]
    fn something_new_ends_what_could_be_done_again() {
        let mut edits = Edits::default();
        edits.take(edit("role of a", Role::Indicator), choices(Role::Indicator));
        edits.take(Step::Undo, choices(Role::Label));
        edits.take(edit("role of b", Role::Indicator), choices(Role::Indicator));
        assert_eq!((edits.undo_name(), edits.redo_name()), (Some("role of b"), None));
    }

    #[test]
    fn a_drag_is_one_edit() {
        let mut edits = Edits::default();
        edits.take(edit("preparation", Role::Indicator), choices(Role::Indicator));
        edits.take(edit("preparation", Role::Label), choices(Role::Label));
        assert_eq!(edits.target(&Step::Undo), Some(choices(Role::Indicator)));
        edits.take(Step::Undo, choices(Role::Label));
        assert_eq!(edits.undo_name(), None);
    }
}
