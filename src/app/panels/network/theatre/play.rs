//! Where the theatre is within a step of contrastive divergence, and how it goes on. No widget in here.

use crate::inspection::theatre::SubStep;

/// Speeds it plays at, as multiples.
pub(super) const SPEEDS: [(f64, &str); 7] =
    [(0.125, "⅛"), (0.25, "¼"), (0.5, "½"), (1.0, "1"), (2.0, "2"), (4.0, "4"), (8.0, "8")];
/// Units a second at speed 1.
const UNITS: f64 = 1.5;

/// The number of sub-steps.
const ALL: i64 = 6;

/// Which updates of training there are to go to from the moment shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Neighbours {
    pub(super) before: bool,
    pub(super) after: bool,
}

/// `by` sub-steps on from `from`, back when negative: the sub-step, and by how many updates the run has to move. Without
/// updates on that side it stays at the end.
pub(super) fn stepped(from: SubStep, by: i64, neighbours: Neighbours) -> (SubStep, i64) {
    let to = i64::try_from(from.index()).unwrap_or(0).saturating_add(by);
    let updates = to.div_euclid(ALL);
    let stays = (updates > 0 && !neighbours.after) || (updates < 0 && !neighbours.before);
    let place = if stays { to.clamp(0, ALL - 1) } else { to.rem_euclid(ALL) };
    (SubStep::ALL[place as usize], if stays { 0 } else { updates })
}

/// What comes after one unit while it plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// This unit.
    Unit(usize),
    /// The next sub-step, from its first unit.
    SubStep,
    /// Nothing: the last unit of the last sub-step.
    End,
}

/// After unit `unit` of the units shown, in their order.
pub(super) fn after(step: SubStep, units: &[usize], unit: usize) -> Beat {
    let next = units.iter().position(|&u| u == unit).map_or(0, |place| place + 1);
    match units.get(next) {
        Some(&unit) => Beat::Unit(unit),
        None if step == SubStep::Update => Beat::End,
        None => Beat::SubStep,
    }
}

/// Seconds that a unit is looked at.
pub(super) fn seconds(speed: f64) -> f64 {
    1.0 / (UNITS * speed.clamp(0.01, 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Neighbours = Neighbours { before: true, after: true };

    #[test]
    fn right_and_left_go_through_all_sub_steps_and_on_to_other_updates() {
        let mut step = SubStep::Hidden;
        for want in &SubStep::ALL[1..] {
            let (next, updates) = stepped(step, 1, BOTH);
            assert_eq!((next, updates), (*want, 0));
            step = next;
        }
        assert_eq!(stepped(step, 1, BOTH), (SubStep::Hidden, 1));
        assert_eq!(stepped(SubStep::Hidden, -1, BOTH), (SubStep::Update, -1));
        assert_eq!(stepped(SubStep::Coin, 12, BOTH), (SubStep::Coin, 2));
        for by in [-13, -6, -1, 0, 5, 6, 20] {
            let (there, updates) = stepped(SubStep::Visible, by, BOTH);
            assert_eq!(stepped(there, -by, BOTH), (SubStep::Visible, -updates), "there and back by {by}");
        }
    }

    #[test]
    fn there_are_as_many_sub_steps_as_are_counted() {
        assert_eq!(SubStep::ALL.len() as u64, ALL.unsigned_abs());
    }

    #[test]
    fn where_no_update_comes_it_stays() {
        let none = Neighbours::default();
        assert_eq!(stepped(SubStep::Update, 1, none), (SubStep::Update, 0));
        assert_eq!(stepped(SubStep::Hidden, -1, none), (SubStep::Hidden, 0));
        assert_eq!(stepped(SubStep::Coin, 100, none), (SubStep::Update, 0));
        assert_eq!(stepped(SubStep::Hidden, -1, Neighbours { after: true, ..none }), (SubStep::Hidden, 0));
    }

    #[test]
    fn playing_goes_from_unit_to_unit_and_then_to_the_next_sub_step() {
        let units = [2, 5, 9];
        assert_eq!(after(SubStep::Hidden, &units, 2), Beat::Unit(5));
        assert_eq!(after(SubStep::Hidden, &units, 9), Beat::SubStep);
        assert_eq!(after(SubStep::Update, &units, 9), Beat::End);
        assert_eq!(after(SubStep::Hidden, &units, 4), Beat::Unit(2), "from outside it begins with the first");
        assert_eq!(after(SubStep::Hidden, &[], 0), Beat::SubStep);
        assert!(seconds(8.0) < seconds(0.125));
    }
}
