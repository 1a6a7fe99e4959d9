//! What several jobs share: made by the first that comes to it, let go of when the last one has been.

use std::sync::{Arc, Mutex, PoisonError};

/// Something that is made once, at most.
pub(super) struct MadeOnce<T>(Mutex<(Option<Arc<T>>, usize)>);

impl<T> MadeOnce<T> {
    /// For so many jobs.
    pub(super) fn new(jobs: usize) -> Self {
        Self(Mutex::new((None, jobs)))
    }

    /// It, for one of the jobs. Others who ask meanwhile wait: the work is done once.
    ///
    /// # Errors
    /// That of `make`.
    pub(super) fn take<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        // A job that panicked while it made it has left nothing behind, and the next makes it.
        let (slot, left) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_sub(1);
        let made = match slot.take() {
            Some(made) => made,
            None => Arc::new(make()?),
        };
        if *left > 0 {
            *slot = Some(Arc::clone(&made));
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_let_go_of_by_the_last() {
        let shared = MadeOnce::new(2);
        let first = shared.take(|| Ok::<_, ()>(7)).unwrap();
        assert_eq!(Arc::strong_count(&first), 2);
        assert_eq!(*shared.take(|| Err::<i32, ()>(())).unwrap(), 7);
        assert_eq!(Arc::strong_count(&first), 1);
        assert!(shared.take(|| Err::<i32, ()>(())).is_err());
    }
}
