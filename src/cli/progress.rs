//! Bars on a terminal; nothing in a pipe.

use indicatif::{ProgressBar, ProgressStyle};

/// Ticks of a bar for one piece of work.
pub(super) const TICKS: f64 = 1000.0;

/// A bar that is shown on a terminal only.
pub(super) fn bar(quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
    if let Ok(style) = ProgressStyle::with_template("{msg:>24} {wide_bar} {percent:>3} %  {eta} left") {
        bar.set_style(style);
    }
    bar
}
