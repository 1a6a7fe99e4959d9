//! Something worked out in the background for a key that changes faster than the work is done.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use egui::Context;

use crate::training::worker::Background;

/// The newest answer there is, and the work on the next: one at a time, always for the newest key.
pub(super) struct Latest<K, T> {
    value: Option<(K, T)>,
    work: Option<(K, Background<T>)>,
    /// The key whose work died: it is not begun again.
    failed: Option<K>,
}

impl<K, T> Default for Latest<K, T> {
    fn default() -> Self {
        Self { value: None, work: None, failed: None }
    }
}

/// How long after an answer it is drawn.
const SOON: Duration = Duration::from_millis(10);

impl<K: PartialEq, T: Send + 'static> Latest<K, T> {
    /// The answer for `key`, or while that is being worked out the newest there is. `work` begins on a thread of its own
    /// called `name` when no other is under way; its flag is set when nobody waits any more. `None` before the first.
    pub(super) fn get(
        &mut self,
        ctx: &Context,
        key: K,
        name: &'static str,
        work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    ) -> Option<&T> {
        if let Some(answer) = self.work.as_ref().and_then(|(_, work)| work.answer())
            && let Some((key, _)) = self.work.take()
        {
            // Work that died leaves the last answer; another key begins it anew.
            match answer {
                Ok(answer) => self.value = Some((key, answer)),
                Err(_) => self.failed = Some(key),
            }
        }
        if !self.is_current(&key) && self.work.is_none() && self.failed.as_ref() != Some(&key) {
            let ctx = ctx.clone();
            let wake = Box::new(move || ctx.request_repaint_after(SOON));
            self.work = Background::start(name, move |stop| Ok(work(stop)), wake).ok().map(|work| (key, work));
        }
        self.newest()
    }

    /// The newest answer there is, whatever its key; what has been worked out since is taken in by [`Self::get`].
    pub(super) fn newest(&self) -> Option<&T> {
        self.value.as_ref().map(|(_, value)| value)
    }

    /// Whether the answer there is belongs to this key.
    pub(super) fn is_current(&self, key: &K) -> bool {
        self.value.as_ref().is_some_and(|(of, _)| of == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_dies_is_not_begun_again_and_another_key_is() {
        let (ctx, mut latest) = (Context::default(), Latest::<u32, u32>::default());
        let mut died = 0;
        while latest.failed.is_none() {
            latest.get(&ctx, 1, "test", |_| panic!("on purpose"));
            std::thread::yield_now();
        }
        for _ in 0..3 {
            died += usize::from(latest.get(&ctx, 1, "test", |_| 7).is_some() || latest.work.is_some());
        }
        assert_eq!(died, 0);
        while !latest.is_current(&2) {
            latest.get(&ctx, 2, "test", |_| 20);
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_newest_key_is_answered_in_the_end_and_an_old_answer_stays_until_then() {
        let (ctx, mut latest) = (Context::default(), Latest::<u32, u32>::default());
        let mut shown = Vec::new();
        for key in 1..=2 {
            while !latest.is_current(&key) {
                shown.extend(latest.get(&ctx, key, "test", move |_| 10 * key).copied());
                std::thread::yield_now();
            }
        }
        shown.dedup();
        assert!(shown == [10, 20] || shown == [10], "{shown:?}");
        assert_eq!(latest.get(&ctx, 2, "test", |_| 0).copied(), Some(20), "nothing is worked out twice");
    }
}
