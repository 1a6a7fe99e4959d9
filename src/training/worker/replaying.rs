//! Going back in a recorded run: one thread that finds the state of a moment.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::Builder;

use super::give_way;
use crate::model::dbn::{Moment, NetState};
use crate::training::Recording;

/// Where to go in a recording. From the state shown last, or the start when none has been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To this moment, or the end if that is before it.
    To(Moment),
    /// So many updates on, or back when negative.
    Updates(i64),
    /// To the end of so many epochs on, or back when negative.
    Epochs(i64),
}

/// What is asked for. A moment puts everything asked before it aside; steps are made one after the other.
#[derive(Default)]
struct Lane {
    wishes: VecDeque<Move>,
    /// The move being made.
    under_way: Option<Move>,
    /// Counts the moments asked for, so that work on an old one ends.
    serial: u64,
    found: Option<Arc<NetState>>,
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

    /// The newest state found, once.
    pub fn found(&self) -> Option<Arc<NetState>> {
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
        let found = catch_unwind(AssertUnwindSafe(|| make(wish, recording, here.as_ref(), &wanted))).ok().flatten();
        let mut lane = lock(mutex);
        if let Some(found) = found.filter(|_| lane.serial == serial) {
            here = Some(Arc::clone(&found));
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
    match wish {
        Move::To(moment) => at(moment, recording, here, wanted),
        Move::Epochs(n) => {
            // The beginning of the epoch under way is the first step back.
            let under_way = i64::from(now.updates > 0 && n < 0);
            let epochs = now.epochs.saturating_add_signed(n + under_way);
            at(Moment { epochs, updates: 0 }, recording, here, wanted)
        }
        Move::Updates(n) => {
            let mut state = at(now, recording, here, wanted)?;
            for _ in 0..n.max(0) {
                let (end, edits) = recording.end_and_edits()?;
                if !wanted() {
                    return None;
                }
                if state.moment() >= end {
                    break;
                }
                state = Arc::new(state.next(&edits)?);
            }
            for _ in n..0 {
                state = update_before(state.moment(), recording, wanted)?;
            }
            Some(state)
        }
    }
}

/// The state of a moment, from the nearest one before it: kept, or the one shown now.
fn at(
    moment: Moment,
    recording: &Recording,
    here: Option<&Arc<NetState>>,
    wanted: &dyn Fn() -> bool,
) -> Option<Arc<NetState>> {
    let (end, edits) = recording.end_and_edits()?;
    let moment = moment.min(end);
    let kept = recording.at_or_before(moment)?;
    let near = here.filter(|state| (kept.moment()..=moment).contains(&state.moment()));
    let from = near.unwrap_or(&kept);
    if from.moment() == moment {
        return Some(Arc::clone(from));
    }
    from.advanced_to(moment, &edits, wanted).map(Arc::new)
}

/// The state one update before a moment.
fn update_before(moment: Moment, recording: &Recording, wanted: &dyn Fn() -> bool) -> Option<Arc<NetState>> {
    if let Some(updates) = moment.updates.checked_sub(1) {
        return at(Moment { updates, ..moment }, recording, None, wanted);
    }
    let Some(epochs) = moment.epochs.checked_sub(1) else { return at(moment, recording, None, wanted) };
    let mut state = at(Moment { epochs, updates: 0 }, recording, None, wanted)?;
    let (_, edits) = recording.end_and_edits()?;
    loop {
        let next = state.next(&edits)?;
        if next.moment() >= moment {
            return Some(state);
        }
        if !wanted() {
            return None;
        }
        state = Arc::new(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::Timeline;
    use crate::training::timeline::tests::recorded_run;

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
        assert_eq!(replaying.found().unwrap().moment(), Moment { epochs: last.epochs - 7, updates: 0 });
    }

    #[test]
    fn moves_lead_where_they_say() {
        let (live, timeline): (Vec<NetState>, Timeline) = recorded_run();
        let recording = Recording::of(timeline);
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
}
