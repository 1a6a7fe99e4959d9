//! The worker that estimates log-likelihoods by annealed importance sampling, when a person asks for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use super::give_way;
use crate::model::dbn::{LogLikelihood, NetState};

/// How far the estimate for one RBM is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The RBM, from 0.
    pub layer: usize,
    /// Share done, in 0..=1.
    pub progress: f64,
    /// What came of it; `None` before the end, and where the machine has no density.
    pub result: Option<LogLikelihood>,
}

/// The window's handle on the estimates. Dropping it stops them.
pub struct Estimating {
    stop: Arc<AtomicBool>,
    estimates: Arc<Mutex<Vec<Estimate>>>,
}

impl Estimating {
    /// Estimates one RBM of `net` after another on a thread of its own, those that have a density. `wake` is called when
    /// there is news.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(net: Arc<NetState>, wake: Box<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let estimates = Arc::new(Mutex::new(Vec::new()));
        let (ended, shown) = (Arc::clone(&stop), Arc::clone(&estimates));
        let body = move || {
            give_way();
            let layers = 0..net.machines().len();
            let annealings: Vec<_> = layers.filter_map(|layer| Some((layer, net.annealing(layer)?))).collect();
            let waiting = annealings.iter().map(|&(layer, _)| Estimate { layer, progress: 0.0, result: None });
            lock(&shown).extend(waiting);
            for (i, (_, mut annealing)) in annealings.into_iter().enumerate() {
                while annealing.advance() {
                    if ended.load(Ordering::Relaxed) {
                        return;
                    }
                    lock(&shown)[i].progress = annealing.progress();
                    wake();
                }
                let layer = lock(&shown)[i].layer;
                lock(&shown)[i] = Estimate { layer, progress: 1.0, result: annealing.log_likelihood() };
                wake();
            }
        };
        Builder::new().name("annealing".to_owned()).spawn(body)?;
        Ok(Self { stop, estimates })
    }

    /// The estimates, in the order they were asked for.
    pub fn estimates(&self) -> Vec<Estimate> {
        lock(&self.estimates).clone()
    }
}

impl Drop for Estimating {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn lock(estimates: &Mutex<Vec<Estimate>>) -> MutexGuard<'_, Vec<Estimate>> {
    estimates.lock().unwrap_or_else(PoisonError::into_inner)
}
