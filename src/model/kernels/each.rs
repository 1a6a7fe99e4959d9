//! Independent work side by side.

use rayon::prelude::*;

/// Does `work` on each item: side by side inside a rayon pool of more than one thread, else one after another. The items must
/// not depend on each other, so that the threads never show in a result.
pub fn each<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Send + Sync) {
    if rayon::current_thread_index().is_some() && rayon::current_num_threads() > 1 {
        items.par_iter_mut().with_max_len(1).for_each(work);
    } else {
        items.iter_mut().for_each(work);
    }
}
