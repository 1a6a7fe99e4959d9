//! What the person has to be told: kept until dismissed, news for a few seconds.

use std::time::{Duration, Instant};

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gravity {
    /// News; goes by itself.
    Info,
    /// Worth a look.
    Warning,
    /// Something did not work.
    Error,
}

/// One notice.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) gravity: Gravity,
    pub(super) text: String,
    until: Option<Instant>,
}

/// How long news stays.
const NEWS: Duration = Duration::from_secs(8);
/// Notices kept at most; the oldest go first.
const MOST: usize = 20;

/// All notices, the newest last.
#[derive(Debug, Default)]
pub(super) struct Notices {
    list: Vec<Notice>,
}

impl Notices {
    pub(super) fn info(&mut self, text: impl Into<String>) {
        self.add(Gravity::Info, text.into());
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        self.add(Gravity::Warning, text.into());
    }

    pub(super) fn error(&mut self, text: impl Into<String>) {
        self.add(Gravity::Error, text.into());
    }

    fn add(&mut self, gravity: Gravity, text: String) {
        self.list.retain(|n| n.text != text);
        let until = (gravity == Gravity::Info).then(|| Instant::now() + NEWS);
        self.list.push(Notice { gravity, text, until });
        if self.list.len() > MOST {
            self.list.remove(0);
        }
    }

    /// Drops news whose time is over; says when the next one goes.
    pub(super) fn expire(&mut self) -> Option<Duration> {
        let now = Instant::now();
        self.list.retain(|n| n.until.is_none_or(|t| t > now));
        self.list.iter().filter_map(|n| n.until).min().map(|t| t - now)
    }

    /// Forgets everything: what was said was about something else.
    pub(super) fn clear(&mut self) {
        self.list.clear();
    }

    pub(super) fn list(&self) -> &[Notice] {
        &self.list
    }

    pub(super) fn last(&self) -> Option<&Notice> {
        self.list.last()
    }

    pub(super) fn dismiss(&mut self, index: usize) {
        if index < self.list.len() {
            self.list.remove(index);
        }
    }
}
