//! Going back in a recorded run: one thread that finds the state of a moment.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::Builder;

use super::give_way;
use crate::model::Monitors;
use crate::model::dbn::{Edit, Moment, NetState};
use crate::training::Recording;

/// Where to go in a recording.
///
/// From the state shown last, or the start when none has been. Steps may go on beyond the end of the recording of a run that
/// is not over: to what the run comes to if it goes on as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To this moment, or the end if that is before it.
    To(Moment),
    /// So many updates on, or back when negative.
    Updates(i64),
    /// To the end of so many epochs on, or back when negative.
    Epochs(i64),
}

/// A moment that was gone to.
#[derive(Clone, Debug)]
pub struct Found {
    /// The net as it was.
    pub state: Arc<NetState>,
    /// What its layers looked like.
    pub monitors: Monitors,
}

/// What is asked for. A moment puts everything asked before it aside; steps are made one after the other.
#[derive(Default)]
struct Lane {
    wishes: VecDeque<Move>,
    /// The move being made.
    under_way: Option<Move>,
    /// Counts the moments asked for, so that work on an old one ends.
    serial: u64,
    found: Option<Found>,
    gone: bool,
}

/// The window's handle. Dropping it ends the thread.
pub struct Replaying {
    lane: Arc<(Mutex<Lane>, Condvar)>,
}

impl Replaying {
    /// Starts a thread that goes back and forth in `recording`. `wake` is called when a state is found.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(recording: Recording, wake: Box<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let lane = Arc::<(Mutex<Lane>, Condvar)>::default();
        let far = Arc::clone(&lane);
        Builder::new().name("replay".to_owned()).spawn(move || {
            give_way();
            follow(&recording, &far, wake.as_ref());
        })?;
        Ok(Self { lane })
    }

    /// Asks for a move. Steps are made from where the moves before lead to; a moment puts those aside.
    pub fn ask(&self, wish: Move) {
        let mut lane = lock(&self.lane.0);
        let last = lane.wishes.back().copied().or(lane.under_way);
        match (wish, last) {
            // A slider that is held still asks for the same again and again.
            (Move::To(_), Some(same)) if same == wish => return,
            (Move::To(_), _) => {
                lane.wishes.clear();
                lane.serial += 1;
            }
            (Move::Updates(_) | Move::Epochs(_), _) => {}
        }
        lane.wishes.push_back(wish);
        drop(lane);
        self.lane.1.notify_all();
    }

    /// The newest moment found, once.
    pub fn found(&self) -> Option<Found> {
        lock(&self.lane.0).found.take()
    }

    /// Whether a move is being made.
    pub fn is_busy(&self) -> bool {
        let lane = lock(&self.lane.0);
        lane.under_way.is_some() || !lane.wishes.is_empty()
    }
}

impl Drop for Replaying {
    fn drop(&mut self) {
        let mut lane = lock(&self.lane.0);
        lane.gone = true;
        lane.serial += 1;
        drop(lane);
        self.lane.1.notify_all();
    }
}

fn lock(lane: &Mutex<Lane>) -> std::sync::MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

fn follow(recording: &Recording, (mutex, changed): &(Mutex<Lane>, Condvar), wake: &dyn Fn()) {
    let mut here: Option<Arc<NetState>> = None;
    loop {
        let nothing = |lane: &mut Lane| lane.wishes.is_empty() && !lane.gone;
        let mut lane = changed.wait_while(lock(mutex), nothing).unwrap_or_else(PoisonError::into_inner);
        let (Some(wish), false) = (lane.wishes.pop_front(), lane.gone) else { return };
        lane.under_way = Some(wish);
        let serial = lane.serial;
        drop(lane);
        let wanted = || lock(mutex).serial == serial;
        // A panic is no more than a move that was not made.
        let find = || {
            let state = make(wish, recording, here.as_ref(), &wanted)?;
            Some(Found { monitors: state.monitors(), state })
        };
        let found = catch_unwind(AssertUnwindSafe(find)).ok().flatten();
        let mut lane = lock(mutex);
        if let Some(found) = found.filter(|_| lane.serial == serial) {
            here = Some(Arc::clone(&found.state));
            lane.found = Some(found);
        }
        lane.under_way = None;
        drop(lane);
        wake();
    }
}

/// The state that a move leads to; `None` where there is no recording, or the move is no longer wanted.
fn make(
    wish: Move,
    recording: &Recording,
    here: Option<&Arc<NetState>>,
    wanted: &dyn Fn() -> bool,
) -> Option<Arc<NetState>> {
    let now = here.map_or_else(Moment::default, |state| state.moment());
    let (end, edits) = recording.end_and_edits()?;
    let is_over = recording.is_over();
    let reached = |moment: Moment| if is_over { moment.min(end) } else { moment };
    let path = Path { recording, edits: &edits, wanted };
    match wish {
        Move::To(moment) => path.at(moment.min(end), here),
        Move::Epochs(n) => {
            // The beginning of the epoch under way is the first step back.
            let under_way = i64::from(now.updates > 0 && n < 0);
            let epochs = now.epochs.saturating_add_signed(n + under_way);
            path.at(reached(Moment { epochs, updates: 0 }), here)
        }
        Move::Updates(n) => {
            let mut state = path.at(reached(now), here)?;
            for _ in 0..n.max(0) {
                if !wanted() {
                    return None;
                }
                if is_over && state.moment() >= end {
                    break;
                }
                let Some(next) = state.next(&edits) else { break };
                state = Arc::new(next);
            }
            for _ in n..0 {
                state = path.update_before(state.moment())?;
            }
            Some(state)
        }
    }
}

/// A recording that is gone through.
struct Path<'a> {
    recording: &'a Recording,
    /// Its live changes.
    edits: &'a [Edit],
    /// Whether it is still asked for.
    wanted: &'a dyn Fn() -> bool,
}

impl Path<'_> {
    /// The state of a moment, from the nearest one before it: kept, or the one shown now.
    fn at(&self, moment: Moment, here: Option<&Arc<NetState>>) -> Option<Arc<NetState>> {
        let kept = self.recording.at_or_before(moment)?;
        let between = kept.moment()..=moment;
        let near = here.filter(|state| between.contains(&state.moment()) && self.leads_through(state));
        let from = near.unwrap_or(&kept);
        if from.moment() == moment {
            return Some(Arc::clone(from));
        }
        from.advanced_to(moment, self.edits, self.wanted).map(Arc::new)
    }

    /// Whether the run has come by this state. One shown ahead of it may have turned out otherwise.
    fn leads_through(&self, state: &NetState) -> bool {
        let later = self.edits.strip_prefix(state.edits());
        later.is_some_and(|later| later.first().is_none_or(|edit| edit.at >= state.moment()))
    }

    /// The state one update before a moment.
    fn update_before(&self, moment: Moment) -> Option<Arc<NetState>> {
        if let Some(updates) = moment.updates.checked_sub(1) {
            return self.at(Moment { updates, ..moment }, None);
        }
        let Some(epochs) = moment.epochs.checked_sub(1) else { return self.at(moment, None) };
        let mut state = self.at(Moment { epochs, updates: 0 }, None)?;
        loop {
            let next = state.next(self.edits)?;
            if next.moment() >= moment {
                return Some(state);
            }
            if !(self.wanted)() {
                return None;
            }
            state = Arc::new(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::Timeline;
    use crate::training::timeline::tests::{bits, recorded_run};

    #[test]
    fn steps_are_made_one_after_the_other_and_none_is_lost() {
        let (live, timeline): (Vec<NetState>, Timeline) = recorded_run();
        let last = live.last().unwrap().moment();
        let replaying = Replaying::start(Recording::of(timeline), Box::new(|| ())).unwrap();
        replaying.ask(Move::To(last));
        for _ in 0..7 {
            replaying.ask(Move::Epochs(-1));
        }
        while replaying.is_busy() {
            std::thread::yield_now();
        }
        let Found { state, monitors } = replaying.found().unwrap();
        assert_eq!(state.moment(), Moment { epochs: last.epochs - 7, updates: 0 });
        assert_eq!(monitors.layers.len(), state.machines().len(), "{monitors:?}");
    }

    #[test]
    fn moves_lead_where_they_say() {
        let (live, timeline): (Vec<NetState>, Timeline) = recorded_run();
        let recording = Recording::of(timeline);
        recording.close();
        let go = |here: Option<&Arc<NetState>>, wish| make(wish, &recording, here, &|| true).unwrap();
        let last = live.last().unwrap().moment();
        let end = go(None, Move::To(Moment { epochs: 10_000, updates: 0 }));
        assert_eq!(end.moment(), last, "no further than the recording goes");
        assert_eq!(go(Some(&end), Move::Epochs(1)).moment(), last);
        let back = go(Some(&end), Move::Epochs(-3));
        assert_eq!(back.moment(), Moment { epochs: last.epochs - 3, updates: 0 });
        let middle = go(Some(&back), Move::Updates(1));
        assert_eq!(middle.moment(), Moment { updates: 1, ..back.moment() });
        assert_eq!(go(Some(&middle), Move::Epochs(-1)).moment(), back.moment(), "first to the beginning of the epoch");
        assert_eq!(go(Some(&middle), Move::Epochs(1)).moment().epochs, back.moment().epochs + 1);
        assert_eq!(go(Some(&middle), Move::Updates(-1)).moment(), back.moment());
        let before = go(Some(&middle), Move::Updates(-2)).moment();
        assert!(before.epochs == back.moment().epochs - 1 && before.updates > 0, "{before:?}");
        assert_eq!(go(None, Move::Updates(-5)).moment(), Moment::default(), "nothing is before the start");
        assert!(make(Move::To(last), &Recording::default(), None, &|| true).is_none(), "nothing was recorded");
    }

    /// What was recorded of a run that is held after `epochs` epochs, and its states at the ends of all.
    fn held_after(epochs: usize) -> (Recording, Vec<NetState>) {
        let (mut live, timeline) = recorded_run();
        let recording = Recording::default();
        recording.keep(timeline.at_or_before(Moment::default()).cloned().unwrap(), 1);
        recording.reach(live[epochs].moment(), live[epochs].edits_and_waiting());
        live.dedup_by_key(|state| state.moment());
        (recording, live)
    }

    #[test]
    fn of_a_run_that_is_held_one_steps_on_to_what_comes_next() {
        let (recording, live) = held_after(1);
        let go = |here: Option<&Arc<NetState>>, wish| make(wish, &recording, here, &|| true).unwrap();
        let end = go(None, Move::To(live[3].moment()));
        assert_eq!(bits(&end), bits(&live[1]), "a moment is looked for in what was recorded");
        // 4 updates make an epoch.
        let mut here = Arc::clone(&end);
        for updates in 1..4 {
            here = go(Some(&here), Move::Updates(1));
            assert_eq!(here.moment(), Moment { updates, ..end.moment() });
        }
        here = go(Some(&here), Move::Updates(1));
        assert_eq!(bits(&here), bits(&live[2]), "as it will be when the run goes on");
        assert_eq!(bits(&go(Some(&here), Move::Epochs(1))), bits(&live[3]));
        let back = go(Some(&here), Move::Updates(-1));
        assert_eq!(back.moment(), Moment { updates: 3, ..end.moment() });
        assert_eq!(bits(&go(Some(&back), Move::Updates(-3))), bits(&end));
        // Stopped there, nothing comes next.
        recording.close();
        for wish in [Move::Updates(1), Move::Epochs(1), Move::Updates(0)] {
            assert_eq!(go(Some(&here), wish).moment(), end.moment());
        }
    }

    #[test]
    fn what_was_shown_ahead_is_forgotten_where_the_run_has_turned_out_otherwise() {
        // Rates are changed after the third epoch.
        let (recording, live) = held_after(2);
        let ahead = make(Move::Epochs(3), &recording, None, &|| true).unwrap();
        let ahead = make(Move::Epochs(2), &recording, Some(&ahead), &|| true).unwrap();
        assert_eq!(ahead.moment(), live[5].moment());
        assert_ne!(bits(&ahead), bits(&live[5]));
        recording.reach(live[6].moment(), live[6].edits_and_waiting());
        let found = make(Move::To(live[6].moment()), &recording, Some(&ahead), &|| true).unwrap();
        assert_eq!(bits(&found), bits(&live[6]));
    }
}
