//! A piece of work in the background with one answer, for the window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Builder;

use super::{give_way, panic_text};
use crate::training::TrainingError;

/// The window's handle on a piece of work. Dropping it stops the work.
pub struct Background<T> {
    stop: Arc<AtomicBool>,
    answer: Receiver<Result<T, TrainingError>>,
}

impl<T: Send + 'static> Background<T> {
    /// Starts `work` on a thread of its own; it looks at the flag now and then and ends early when it is set. `wake` is
    /// called when the answer is there.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        name: &str,
        work: impl FnOnce(&AtomicBool) -> Result<T, TrainingError> + Send + 'static,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, answer) = sync_channel(1);
        let flag = Arc::clone(&stop);
        let body = move || {
            give_way();
            let answer = catch_unwind(AssertUnwindSafe(|| work(&flag)))
                .unwrap_or_else(|payload| Err(TrainingError::Panic(panic_text(payload.as_ref()))));
            // Nobody waits any more when the handle is gone.
            drop(sender.send(answer));
            wake();
        };
        Builder::new().name(name.to_owned()).spawn(body)?;
        Ok(Self { stop, answer })
    }

    /// The answer, once.
    pub fn answer(&self) -> Option<Result<T, TrainingError>> {
        self.answer.try_recv().ok()
    }
}

impl<T> Drop for Background<T> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
