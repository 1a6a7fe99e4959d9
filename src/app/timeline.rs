//! Which moment of the run is shown: the present one, or one gone back to in its recording.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::actions::{TimelineAsk, Unit};
use super::notices::Notices;
use super::workspace::RunState;
use crate::model::Monitors;
use crate::model::dbn::{Moment, NetState};
use crate::training::Recording;
use crate::training::worker::{Found, Move, Replaying};

/// Units a second at speed 1.
pub(super) const UNITS: f64 = 4.0;
/// Moves in which a whole run is played at full speed: some ten seconds, at 30 a second.
const FULL_SPEED_MOVES: u64 = 300;

/// The state of the timeline.
pub(super) struct TimelineState {
    replaying: Option<Replaying>,
    recording: Recording,
    /// The moment that was gone to; `None` while the present one is shown.
    back: Option<Found>,
    /// The present state of the run.
    live: Option<Arc<NetState>>,
    /// Counts the states shown, so that each has a number of its own.
    serial: u64,
    /// By what it steps and plays.
    pub(super) unit: Unit,
    /// As a multiple; infinite: as fast as it goes.
    pub(super) speed: f64,
    /// +1 or −1 while it plays.
    playing: Option<i64>,
    beat: Option<Instant>,
}

impl Default for TimelineState {
    fn default() -> Self {
        Self {
            replaying: None,
            recording: Recording::default(),
            back: None,
            live: None,
            serial: 0,
            unit: Unit::Epoch,
            speed: 1.0,
            playing: None,
            beat: None,
        }
    }
}

impl TimelineState {
    /// The state shown.
    pub(super) fn state(&self) -> Option<&Arc<NetState>> {
        self.back.as_ref().map(|back| &back.state).or(self.live.as_ref())
    }

    /// A number that changes whenever the state shown does.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// The moment shown.
    pub(super) fn shown(&self) -> Moment {
        self.state().map_or_else(Moment::default, |state| state.moment())
    }

    /// Whether a moment gone back to is shown.
    pub(super) fn is_back(&self) -> bool {
        self.back.is_some()
    }

    /// What the layers looked like at a moment gone back to.
    pub(super) fn monitors(&self) -> Option<&Monitors> {
        self.back.as_ref().map(|back| &back.monitors)
    }

    /// Whether it plays, forward or back.
    pub(super) fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// +1 while it plays forward, −1 while it plays back.
    pub(super) fn direction(&self) -> Option<i64> {
        self.playing
    }

    /// Whether the moment asked for is still being found.
    pub(super) fn is_busy(&self) -> bool {
        self.replaying.as_ref().is_some_and(Replaying::is_busy)
    }

    /// How far the recording goes.
    pub(super) fn end(&self) -> Option<Moment> {
        self.recording.end()
    }

    /// Whether the moment shown is the last that the run ever comes to.
    pub(super) fn is_at_last(&self) -> bool {
        self.recording.is_over() && self.end().is_none_or(|end| self.shown() >= end)
    }

    /// A new run begins: nothing of the last one is shown any more. How it plays stays as chosen.
    pub(super) fn begin(&mut self, recording: Recording) {
        let (unit, speed, serial) = (self.unit, self.speed, self.serial + 1);
        *self = Self { recording, serial, unit, speed, ..Self::default() };
    }

    /// Takes in what the run and the replay have found.
    pub(super) fn take(&mut self, live: Option<&Arc<NetState>>) {
        let same = |a: Option<&Arc<NetState>>, b: Option<&Arc<NetState>>| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        if !same(self.live.as_ref(), live) {
            self.live = live.cloned();
            self.serial += u64::from(self.back.is_none());
        }
        if let Some(found) = self.replaying.as_ref().and_then(Replaying::found) {
            self.serial += u64::from(!same(self.back.as_ref().map(|back| &back.state), Some(&found.state)));
            self.back = Some(found);
        }
    }

    /// Carries out what was asked for.
    pub(super) fn ask(
        &mut self,
        ask: TimelineAsk,
        run: &RunState,
        wake: Box<dyn Fn() + Send + Sync>,
        notices: &mut Notices,
    ) {
        match ask {
            TimelineAsk::Unit(unit) => self.unit = unit,
            TimelineAsk::Speed(speed) => self.speed = speed,
            TimelineAsk::Hold => self.playing = None,
            TimelineAsk::Live => {
                (self.playing, self.back, self.replaying) = (None, None, None);
                self.serial += 1;
            }
            TimelineAsk::Scrub(moment) => {
                self.playing = None;
                self.go(Move::To(moment), wake, notices);
            }
            TimelineAsk::Step(unit, n) => {
                self.playing = None;
                self.enter(wake, notices);
                self.go_by(unit, n);
            }
            TimelineAsk::Play | TimelineAsk::PlayBack => {
                let forward = ask == TimelineAsk::Play;
                // From the start when it stands at the end.
                if forward && !run.is_running() && self.end().is_some_and(|end| self.shown() >= end) {
                    self.go(Move::To(Moment::default()), wake, notices);
                } else {
                    self.enter(wake, notices);
                }
                self.playing = Some(if forward { 1 } else { -1 });
                self.beat = Some(Instant::now());
            }
        }
    }

    /// Makes sure of the thread that goes back and forth, at the moment shown.
    fn enter(&mut self, wake: Box<dyn Fn() + Send + Sync>, notices: &mut Notices) {
        if self.replaying.is_none() {
            let shown = self.shown();
            self.go(Move::To(shown), wake, notices);
        }
    }

    fn go(&mut self, wish: Move, wake: Box<dyn Fn() + Send + Sync>, notices: &mut Notices) {
        if self.replaying.is_none() {
            match Replaying::start(self.recording.clone(), wake) {
                Ok(replaying) => self.replaying = Some(replaying),
                Err(error) => notices.error(format!("The recording cannot be played: {error}.")),
            }
        }
        if let Some(replaying) = &self.replaying {
            replaying.ask(wish);
        }
    }

    fn go_by(&self, unit: Unit, n: i64) {
        if let Some(replaying) = &self.replaying {
            replaying.ask(match unit {
                Unit::Update => Move::Updates(n),
                Unit::Epoch => Move::Epochs(n),
            });
        }
    }

    /// Plays on when it is time; how long until then. `active`: the run goes on, so that its end is not the end. While a move
    /// is being made there is nothing to wait for: the window is woken when it is done.
    pub(super) fn tick(&mut self, active: bool) -> Option<Duration> {
        let direction = self.playing?;
        if self.replaying.is_none() {
            self.playing = None;
        }
        if self.is_busy() {
            return None;
        }
        let end = self.end()?;
        let forward = direction > 0;
        let shown = self.back.as_ref().map(|back| back.state.moment());
        let is_at_end = forward && shown.is_some_and(|at| at >= end);
        if is_at_end && !active || !forward && shown == Some(Moment::default()) {
            self.playing = None;
            return None;
        }
        let beat = Duration::from_secs_f64(if self.speed.is_finite() { 1.0 / (UNITS * self.speed) } else { 0.0 });
        let waited = self.beat.map_or(beat, |beat| beat.elapsed());
        if waited < beat {
            return Some(beat.saturating_sub(waited));
        }
        self.beat = Some(Instant::now());
        if let (false, Some(replaying)) = (is_at_end, &self.replaying) {
            replaying.ask(next_move(self.shown(), end, self.unit, self.speed, forward));
        }
        // At the end of a run that goes on, one looks again now and then.
        Some(beat.max(Duration::from_millis(33)))
    }
}

/// Where a recording that ends at `end` is played to next. As fast as it goes, so many epochs are made at once, whatever the
/// unit, that the whole run takes some seconds. What is not recorded is not played.
fn next_move(shown: Moment, end: Moment, unit: Unit, speed: f64, forward: bool) -> Move {
    let many = if speed.is_finite() { 1 } else { end.epochs.div_ceil(FULL_SPEED_MOVES).max(1) };
    match (unit, forward) {
        (Unit::Update, _) if speed.is_finite() => Move::Updates(if forward { 1 } else { -1 }),
        (_, true) => Move::To(Moment { epochs: shown.epochs.saturating_add(many), updates: 0 }),
        (_, false) => Move::Epochs(i64::try_from(many).map_or(i64::MIN, |many| -many)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_full_speed_a_run_is_played_in_some_seconds_whatever_the_unit() {
        let end = Moment { epochs: 3000, updates: 0 };
        for unit in [Unit::Update, Unit::Epoch] {
            let (mut at, mut moves) = (Moment::default(), 0);
            while at < end {
                let Move::To(next) = next_move(at, end, unit, f64::INFINITY, true) else { panic!("{unit:?}") };
                (at, moves) = (next.min(end), moves + 1);
            }
            assert_eq!(moves, FULL_SPEED_MOVES, "{unit:?}");
            assert_eq!(next_move(end, end, unit, f64::INFINITY, false), Move::Epochs(-10));
        }
    }

    #[test]
    fn slower_it_is_played_by_the_unit() {
        let [at, end] = [5, 6].map(|epochs| Moment { epochs, updates: 2 });
        assert_eq!(next_move(at, end, Unit::Update, 8.0, true), Move::Updates(1));
        assert_eq!(next_move(at, end, Unit::Update, 8.0, false), Move::Updates(-1));
        assert_eq!(next_move(at, end, Unit::Epoch, 1.0, true), Move::To(Moment { epochs: 6, updates: 0 }));
        assert_eq!(next_move(at, end, Unit::Epoch, 1.0, false), Move::Epochs(-1));
    }
}
