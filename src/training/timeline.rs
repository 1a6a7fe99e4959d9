//! The recording of a run: states of the net to go back to, at a bounded cost, and every live change.
//!
//! A state is all there is (weights, momentum, random streams, place in the epoch), so that a moment between two of them is
//! found again by going on from the one before, with the same bits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::dbn::{Edit, Moment, NetState};

/// Memory that states may take, in bytes.
pub const MOST_BYTES: usize = 256 << 20;

/// The recording of a run that both its worker and those who look back have in hand.
#[derive(Clone, Default)]
pub struct Recording {
    timeline: Arc<Mutex<Timeline>>,
}

impl Recording {
    /// With what was recorded so far.
    pub fn of(timeline: Timeline) -> Self {
        Self { timeline: Arc::new(Mutex::new(timeline)) }
    }

    fn lock(&self) -> MutexGuard<'_, Timeline> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Timeline::is_due`].
    pub fn is_due(&self, epochs: u64) -> bool {
        self.lock().is_due(epochs)
    }

    /// As [`Timeline::keep`].
    pub fn keep(&self, state: Arc<NetState>, bytes: usize) {
        self.lock().keep(state, bytes);
    }

    /// As [`Timeline::reach`].
    pub fn reach(&self, moment: Moment, edits: Vec<Edit>) {
        self.lock().reach(moment, edits);
    }

    /// As [`Timeline::close`].
    pub fn close(&self) {
        self.lock().close();
    }

    /// As [`Timeline::is_over`].
    pub fn is_over(&self) -> bool {
        self.lock().is_over()
    }

    /// As [`Timeline::at_or_before`].
    pub fn at_or_before(&self, moment: Moment) -> Option<Arc<NetState>> {
        self.lock().at_or_before(moment).cloned()
    }

    /// As [`Timeline::end`].
    pub fn end(&self) -> Option<Moment> {
        self.lock().end()
    }

    /// How far it can be followed, and the live changes up to there; `None` before anything was kept.
    pub fn end_and_edits(&self) -> Option<(Moment, Vec<Edit>)> {
        let timeline = self.lock();
        Some((timeline.end()?, timeline.edits().to_vec()))
    }
}

/// The states of a run that were kept, in order.
#[derive(Default)]
pub struct Timeline {
    kept: BTreeMap<Moment, Kept>,
    /// Epochs between two of them at least.
    spacing: u64,
    end: Option<Moment>,
    edits: Vec<Edit>,
    is_over: bool,
}

struct Kept {
    state: Arc<NetState>,
    bytes: usize,
}

impl Timeline {
    /// Whether a state after `epochs` epochs is worth keeping.
    pub fn is_due(&self, epochs: u64) -> bool {
        self.kept.last_key_value().is_none_or(|(last, _)| epochs >= last.epochs + self.spacing.max(1))
    }

    /// Keeps a state of about `bytes` bytes; one in the middle of a mini-batch is reached, but not kept. When all take too
    /// much, every second one is forgotten, but never the first and the last: the start is what a run is rewound to, and
    /// the end is soon shown again. Where not even two have room only the first stays, and all is found from there.
    pub fn keep(&mut self, state: Arc<NetState>, bytes: usize) {
        let moment = state.moment();
        if self.end.is_some_and(|end| moment < end) {
            return;
        }
        if !state.is_between_updates() {
            return self.reach(moment, state.edits().to_vec());
        }
        self.edits = state.edits().to_vec();
        self.end = Some(moment);
        // What was first at a moment is what a run that goes there comes to.
        self.kept.entry(moment).or_insert(Kept { state, bytes });
        while self.bytes() > MOST_BYTES && self.kept.len() > 1 {
            self.spacing = 2 * self.spacing.max(1);
            let last = self.kept.len() - 1;
            let fits_two = self.kept.len() > 2;
            let mut place = 0;
            self.kept.retain(|_, _| {
                let stays = place == 0 || (place == last && fits_two) || (place % 2 == 0 && place != last);
                place += 1;
                stays
            });
        }
    }

    /// The run has come to `moment` with the live changes `edits`: from the states kept it can be followed that far. Nothing
    /// before the first is kept, and once it is over.
    pub fn reach(&mut self, moment: Moment, edits: Vec<Edit>) {
        if !self.is_over && self.end.is_some_and(|end| moment >= end) {
            self.end = Some(moment);
            self.edits = edits;
        }
    }

    /// Nothing is done any more: what would come after [`Self::end`] never was.
    pub fn close(&mut self) {
        self.is_over = true;
    }

    /// Whether the run goes no further.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Memory taken, in bytes, about.
    pub fn bytes(&self) -> usize {
        self.kept.values().map(|kept| kept.bytes).sum()
    }

    /// The last state kept at or before a moment, or the first there is; `None` before anything was kept.
    pub fn at_or_before(&self, moment: Moment) -> Option<&Arc<NetState>> {
        let before = self.kept.range(..=moment).next_back();
        before.or_else(|| self.kept.first_key_value()).map(|(_, kept)| &kept.state)
    }

    /// How far the run can be followed.
    pub fn end(&self) -> Option<Moment> {
        self.end
    }

    /// States kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The live changes up to [`Self::end`].
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::TrainingSet;
    use crate::model::dbn::{DbnLearner, DbnSettings, Method, Start, Top};
    use crate::model::{Advance, Learner as _, Tunables};
    use crate::random::{Purpose, stream};
    use ndarray::Array2;
    use rand::RngExt as _;

    fn learner(start: Start, nets: usize) -> (DbnLearner, Tunables) {
        learner_with(start, nets, |_| ())
    }

    fn learner_with(start: Start, nets: usize, change: impl FnOnce(&mut DbnSettings)) -> (DbnLearner, Tunables) {
        let mut random = stream(5, Purpose::Sample, 0);
        let x = Array2::from_shape_simple_fn((60, 4), || 2.0 * random.random::<f32>() - 1.0);
        let y: Vec<usize> = x.rows().into_iter().map(|row| usize::from(row[0] * row[1] > 0.0)).collect();
        let x_unlabelled = Array2::from_shape_simple_fn((30, 4), || 2.0 * random.random::<f32>() - 1.0);
        let set = TrainingSet { x, y, x_unlabelled, n_classes: 2, groups: Vec::new() };
        let mut settings = DbnSettings { layers: vec![6, 5], nets, ..DbnSettings::default() };
        settings.pre_training.epochs = Some(6);
        settings.pre_training.batch_size = Some(20);
        settings.fine_tuning.epochs = Some(6);
        settings.fine_tuning.batch_size = Some(16);
        settings.fine_tuning.dropout = 0.2;
        change(&mut settings);
        let tunables = settings.tunables();
        (DbnLearner::new(&Arc::new(set), settings.check().unwrap(), start, 3).unwrap(), tunables)
    }

    /// Everything that decides how a net goes on, as text: equal where all bits are.
    pub(in crate::training) fn bits(state: &NetState) -> String {
        let update = state.last_update().map(|u| (u.w.clone(), u.b.clone(), u.c.clone()));
        let answers = state.classifier().scores(state.training_set().x.view());
        let parts = (state.machines(), state.network(), update, state.next_update());
        format!("{:?}", (state.moment(), state.phase(), parts, answers, state.monitors()))
    }

    /// A run with rates changed in the middle, as it was live: its state at every boundary, and those kept of it.
    fn recorded(start: Start, nets: usize, every: usize) -> (Vec<NetState>, Timeline) {
        record_run(learner(start, nets), every)
    }

    fn record_run((mut learner, tunables): (DbnLearner, Tunables), every: usize) -> (Vec<NetState>, Timeline) {
        let mut timeline = Timeline::default();
        let mut live = vec![learner.state().unwrap()];
        timeline.keep(Arc::new(learner.state().unwrap()), 1);
        loop {
            if live.len() == 4 {
                learner.tune(&Tunables { gaussian_rate: 0.02, gibbs_steps: 2, fine_tuning_rate: 0.003, ..tunables });
            }
            let end = learner.advance(&mut |_| ());
            if end == Advance::Within {
                continue;
            }
            live.push(learner.state().unwrap());
            let finished = matches!(end, Advance::Finished(_));
            if finished || live.len().is_multiple_of(every) {
                timeline.keep(Arc::new(learner.state().unwrap()), 1);
            }
            if finished {
                return (live, timeline);
            }
        }
    }

    pub(in crate::training) fn recorded_run() -> (Vec<NetState>, Timeline) {
        recorded(Start::PreTrained, 1, 5)
    }

    #[test]
    fn a_moment_gone_back_to_is_as_it_was_live() {
        for (start, nets) in [(Start::PreTrained, 1), (Start::PreTrained, 2), (Start::Random, 1)] {
            let (live, timeline) = recorded(start, nets, 5);
            assert_eq!(timeline.edits().len(), 1);
            // From the last to the first, so that each is gone back to.
            for state in live.iter().rev() {
                let moment = state.moment();
                let from = timeline.at_or_before(moment).unwrap();
                let again = from.advanced_to(moment, timeline.edits(), || true).unwrap();
                assert_eq!(bits(&again), bits(state), "{start:?}, {nets} nets, {moment:?}");
            }
        }
    }

    #[test]
    fn every_way_of_learning_is_gone_back_to() {
        type Change = fn(&mut DbnSettings);
        let ways: [(&str, Change); 6] = [
            ("persistent", |s| s.pre_training.method = Method::Pcd),
            ("tempered", |s| s.pre_training.method = Method::Tempering),
            ("sigma", |s| s.pre_training.learned_sigma = true),
            ("centred", |s| s.pre_training.centred = true),
            ("joint", |s| s.pre_training.top = Top::Joint),
            ("runaway", |s| s.pre_training.gaussian_rate = 1.0),
        ];
        for (name, change) in ways {
            let (live, timeline) = record_run(learner_with(Start::PreTrained, 1, change), 7);
            for state in live.iter().rev() {
                let from = timeline.at_or_before(state.moment()).unwrap();
                let again = from.advanced_to(state.moment(), timeline.edits(), || true).unwrap();
                assert_eq!(bits(&again), bits(state), "{name}, {:?}", state.moment());
            }
        }
    }

    #[test]
    fn so_many_updates_back_and_forward_give_the_same_bits() {
        let (_, timeline) = recorded(Start::PreTrained, 1, 4);
        let (start, edits) = (timeline.at_or_before(Moment::default()).unwrap(), timeline.edits());
        let mut states = vec![start.next(edits).unwrap()];
        while let Some(next) = states.last().unwrap().next(edits) {
            states.push(next);
        }
        // 4 updates in an epoch of pre-training, 3 of fine-tuning; the last epoch of each ends where the next begins.
        assert!(states.len() > 60, "{}", states.len());
        for n in [1, 3, 20, 41] {
            let here = states.len() - 1;
            let back = states[here - n].moment();
            let from = timeline.at_or_before(back).unwrap();
            let mut again = from.advanced_to(back, edits, || true).unwrap();
            assert_eq!(bits(&again), bits(&states[here - n]), "{n} back");
            for _ in 0..n {
                again = again.next(edits).unwrap();
            }
            assert_eq!(bits(&again), bits(&states[here]), "{n} back and forward");
        }
    }

    #[test]
    fn what_the_next_update_says_is_what_training_does() {
        let (_, timeline) = recorded(Start::PreTrained, 1, 4);
        let mut state = timeline.at_or_before(Moment::default()).unwrap().next(&[]).unwrap();
        let mut kept = 0;
        for _ in 0..30 {
            let promised = state.next_update();
            let next = state.next(&[]).unwrap();
            if let (Some(promised), Some(made)) = (promised, next.last_update()) {
                assert_eq!((&promised.update.0, &promised.update.1, &promised.update.2), (made.w, made.b, made.c));
                kept += 1;
            }
            state = next;
        }
        assert!(kept > 20, "{kept}");
    }

    #[test]
    fn every_second_state_is_forgotten_when_they_take_too_much() {
        let (live, _) = recorded(Start::PreTrained, 1, 100);
        let mut timeline = Timeline::default();
        let n = live.len() as u64;
        for state in live {
            if timeline.is_due(state.moment().epochs) {
                timeline.keep(Arc::new(state), MOST_BYTES / 4);
            }
            assert!(timeline.bytes() <= MOST_BYTES);
        }
        assert_eq!(timeline.at_or_before(Moment::default()).unwrap().moment(), Moment::default(), "the start stays");
        assert!(timeline.len() >= 3 && timeline.end().unwrap().epochs + 8 >= n - 1, "{:?} of {n}", timeline.end());
        // States too large to keep two: the first.
        let (live, _) = recorded(Start::PreTrained, 1, 100);
        let mut timeline = Timeline::default();
        for state in live {
            timeline.keep(Arc::new(state), MOST_BYTES);
        }
        assert_eq!((timeline.len(), timeline.end().unwrap().epochs), (1, n - 1), "followed from the start");
    }

    #[test]
    fn a_run_is_followed_as_far_as_it_has_come_and_a_waiting_change_is_known() {
        let (mut learner, tunables) = learner(Start::PreTrained, 1);
        let mut timeline = Timeline::default();
        let [start, first] = [0, 1].map(|epochs| Moment { epochs, updates: 0 });
        timeline.reach(first, Vec::new());
        assert_eq!(timeline.end(), None, "there is nothing to follow it from");
        timeline.keep(Arc::new(learner.state().unwrap()), 1);
        while learner.advance(&mut |_| ()) == Advance::Within {}
        learner.tune(&Tunables { gaussian_rate: 0.5, ..tunables });
        let held = learner.state().unwrap();
        timeline.reach(held.moment(), held.edits_and_waiting());
        timeline.reach(start, Vec::new());
        assert_eq!((timeline.end(), timeline.len()), (Some(first), 1));
        let waiting = Edit { at: first, tunables: Tunables { gaussian_rate: 0.5, ..tunables } };
        assert_eq!((timeline.edits(), held.edits()), (&[waiting][..], &[][..]));
        // The update after it is the first with the new rate.
        learner.advance(&mut |_| ());
        let (live, from) = (learner.state().unwrap(), timeline.at_or_before(first).unwrap());
        let again = from.advanced_to(live.moment(), timeline.edits(), || true).unwrap();
        assert_eq!((bits(&again), again.edits()), (bits(&live), live.edits()));
    }
}
