//! The only threads of the engine: a pool for comparisons, the worker behind the Train screen, and one for estimates.

mod background;
mod comparing;
mod estimating;
mod replaying;
mod studying;
mod training;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{Builder, available_parallelism};

use super::TrainingError;

pub use self::background::Background;
pub use self::comparing::Comparing;
pub use self::estimating::{Estimate, Estimating};
pub use self::replaying::{Found, Move, Replaying};
pub use self::studying::Studying;
pub use self::training::Training;

/// Cores there are. Looked up once: on Linux the answer takes several files, and windows ask in every frame.
pub fn default_threads() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| available_parallelism().map_or(1, usize::from))
}

/// Makes this thread, and those it starts, give way to the window's: on few cores every control answers at once, and
/// training loses next to nothing. Where the system has no such thing for threads it is left out.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        // Refused only where it is of no use.
        _ = rustix::process::setpriority_process(None, 10);
    }
}

/// Runs `body` where work that can be done side by side (see [`crate::model::kernels::each`]) has `threads` threads for it.
pub fn within<R: Send>(threads: usize, body: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).start_handler(|_| give_way());
    match (threads > 1).then(|| pool.thread_name(|i| format!("side worker {i}")).build()) {
        Some(Ok(pool)) => pool.install(body),
        // A pool that cannot be had is no loss: the results are the same.
        _ => body(),
    }
}

/// Runs `job(0..jobs)` on up to `threads` threads, each job once.
///
/// Where there are fewer jobs than threads each has several, for what it can do side by side. The order of jobs is fixed,
/// their results must not depend on it.
///
/// # Errors
/// [`TrainingError::Panic`] when a job panicked; the others were still done.
pub fn parallel(jobs: usize, threads: usize, job: &(dyn Fn(usize) + Sync)) -> Result<(), TrainingError> {
    let next = AtomicUsize::new(0);
    let panic: Mutex<Option<String>> = Mutex::new(None);
    let work = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= jobs {
                return;
            }
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| job(i))) {
                *panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic_text(payload.as_ref()));
            }
        }
    };
    let each = threads / jobs.max(1);
    let work = || within(each, work);
    std::thread::scope(|scope| {
        for i in 1..threads.min(jobs) {
            // A thread that cannot be had is no loss: the others take its jobs.
            drop(Builder::new().name(format!("fold worker {i}")).spawn_scoped(scope, work));
        }
        work();
    });
    match panic.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(text) => Err(TrainingError::Panic(text)),
        None => Ok(()),
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests;
