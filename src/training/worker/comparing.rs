//! The worker behind the Compare screen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::{give_way, panic_text};
use crate::data::Dataset;
use crate::training::{CellState, CompareEvent, Comparison, ModelResult, RunSpec, TrainingError, compare};

/// Between two accounts of what is finished so far.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// State of every cell, split-major; empty until the splits are known.
type Cells = Arc<Mutex<Vec<CellState>>>;

/// The window's handle on a comparison. Dropping it stops the comparison.
pub struct Comparing {
    stop: Arc<AtomicBool>,
    cells: Cells,
    so_far: Arc<Mutex<Option<Comparison>>>,
    result: Receiver<Result<Comparison, TrainingError>>,
}

impl Comparing {
    /// Starts [`compare`] on threads of its own, taking over what `earlier` holds. `wake` is called from them whenever there
    /// is news.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        data: Arc<Dataset>,
        spec: RunSpec,
        threads: usize,
        earlier: Vec<ModelResult>,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let cells = Cells::default();
        let (send_result, result) = sync_channel(1);
        let so_far = Arc::new(Mutex::new(None));
        let (flag, shown, newest) = (Arc::clone(&stop), Arc::clone(&cells), Arc::clone(&so_far));
        let body = move || {
            give_way();
            let models = spec.settings.models.len();
            let told = Mutex::new(Instant::now());
            let observe = |event: CompareEvent<'_>| {
                match event {
                    CompareEvent::Planned { n_splits } => *lock(&shown) = vec![CellState::Waiting; n_splits * models],
                    CompareEvent::Cell { model, split, state } => lock(&shown)[split * models + model] = state,
                    // As often as can be followed: of many small fits the sums would cost more than the fits.
                    CompareEvent::Finished(unfinished) => {
                        let mut told = lock(&told);
                        if told.elapsed() >= TELL_EVERY {
                            *told = Instant::now();
                            *lock(&newest) = Some(unfinished.so_far());
                        }
                    }
                }
                wake();
            };
            let work = AssertUnwindSafe(|| compare(&data, &spec, threads, &earlier, &observe, &flag));
            let result = catch_unwind(work).unwrap_or_else(|p| Err(TrainingError::Panic(panic_text(p.as_ref()))));
            drop(send_result.send(result));
            wake();
        };
        Builder::new().name("comparison".to_owned()).spawn(body)?;
        Ok(Self { stop, cells, so_far, result })
    }

    /// Ends it within a portion of work; what is finished comes as the result.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// State of every cell, `cells[split * n_models + model]`; empty until the splits are known.
    pub fn cells(&self) -> Vec<CellState> {
        lock(&self.cells).clone()
    }

    /// What is finished so far, when it is news.
    pub fn so_far(&self) -> Option<Comparison> {
        lock(&self.so_far).take()
    }

    /// The result, once.
    pub fn result(&self) -> Option<Result<Comparison, TrainingError>> {
        self.result.try_recv().ok()
    }
}

impl Drop for Comparing {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
