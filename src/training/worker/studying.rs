//! The worker behind the studies of the Compare screen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use super::{give_way, panic_text};
use crate::data::Dataset;
use crate::training::{RunSpec, Study, StudyEvent, StudySpec, TrainingError, study};

/// What there is to show.
#[derive(Default)]
struct Shown {
    progress: f64,
    study: Option<Arc<Study>>,
}

/// The window's handle on a study. Dropping it stops the study.
pub struct Studying {
    stop: Arc<AtomicBool>,
    shown: Arc<Mutex<Shown>>,
    result: Receiver<Result<Study, TrainingError>>,
}

impl Studying {
    /// Starts [`study`](fn@crate::training::study) on threads of its own. `wake` is called from them whenever there is news.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        data: Arc<Dataset>,
        spec: RunSpec,
        asked: StudySpec,
        threads: usize,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let shown = Arc::new(Mutex::new(Shown::default()));
        let (send_result, result) = sync_channel(1);
        let (flag, seen) = (Arc::clone(&stop), Arc::clone(&shown));
        let body = move || {
            give_way();
            let observe = |event: StudyEvent| {
                let mut seen = lock(&seen);
                match event {
                    StudyEvent::Planned(study) => seen.study = Some(Arc::new(study)),
                    // Threads may tell in another order than they were ahead.
                    StudyEvent::Moved(share) => seen.progress = seen.progress.max(share),
                    StudyEvent::Found(cells) => {
                        if let Some(study) = &mut seen.study {
                            Arc::make_mut(study).add(cells);
                        }
                    }
                }
                drop(seen);
                wake();
            };
            let work = AssertUnwindSafe(|| study(&data, &spec, &asked, threads, &observe, &flag));
            let result = catch_unwind(work).unwrap_or_else(|p| Err(TrainingError::Panic(panic_text(p.as_ref()))));
            if let Ok(study) = &result {
                lock(&seen).study = Some(Arc::new(study.clone()));
            }
            drop(send_result.send(result));
            wake();
        };
        Builder::new().name("study".to_owned()).spawn(body)?;
        Ok(Self { stop, shown, result })
    }

    /// Ends it within a portion of work; what is finished comes as the result.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// The share of the whole that is done, in 0..=1, never falling.
    pub fn progress(&self) -> f64 {
        lock(&self.shown).progress
    }

    /// The newest of what is found; `None` until the splits are known.
    pub fn study(&self) -> Option<Arc<Study>> {
        lock(&self.shown).study.clone()
    }

    /// The result, once.
    pub fn result(&self) -> Option<Result<Study, TrainingError>> {
        self.result.try_recv().ok()
    }
}

impl Drop for Studying {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}
