//! Work that saves itself: every minute and after every run, when the window closes, and when something else takes its place.
//! What was left behind is offered, in one line.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use egui::{Context, Frame, Margin, Ui, ViewportCommand};

use super::App;
use super::saving::Waiting;
use crate::app::actions::Intent;
use crate::app::saving::{Packed, Work};
use crate::app::theme::Palette;
use crate::app::widgets::ActionButton;
use crate::storage::{Autosave, Orphan, SavedFile, autosave_folder};

/// How often the work saves itself while something is done.
const AUTOSAVE_EVERY: Duration = Duration::from_mins(1);

/// How long a closing window waits for the work that is being saved, whatever is asked of it.
const LAST_SAVE: Duration = Duration::from_secs(10);

/// How long a person who was told that the work cannot be saved is taken to remember it.
const WARNED: Duration = Duration::from_mins(1);

/// What is known of files of the work.
#[derive(Default)]
pub(super) struct Saving {
    pub(super) packed: Packed,
    /// The folder of the places of all programs; `None` where there is none, as in tests.
    pub(super) folder: Option<PathBuf>,
    /// Where it saves itself; `None` while it is being written there, and where there is no such place.
    pub(super) place: Option<Autosave>,
    /// How much was done in this window, and how much of it the file has that it was last saved to.
    pub(super) done: u64,
    pub(super) written: u64,
    /// Something was done since it last saved itself; it shall do so at once, as after a run.
    pub(super) changed: bool,
    pub(super) at_once: bool,
    /// It is at it: its place comes back with the answer.
    under_way: bool,
    /// When it last did, or was told to.
    last: Option<Instant>,
    /// A failure was told; the next is no news.
    told: bool,
    /// Work that was left behind or set aside, and is offered.
    pub(super) left: Vec<Orphan>,
    /// How much was done when work was last set aside, and how many decisions are kept, there or in a file.
    pub(super) set_aside: Option<u64>,
    pub(super) kept: usize,
    /// What waits until the work that is open is set aside.
    pub(super) waiting: Option<Waiting>,
    closing: Closing,
}

/// How far a window is that was asked to close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Closing {
    /// It was not.
    #[default]
    Not,
    /// Since then, and waits for its place, or for the work to be saved there.
    Saving(Instant),
    /// The work cannot be saved, and that was told then: asked again it closes.
    Refused(Instant),
    /// There is nothing more to wait for.
    Done,
}

impl Saving {
    /// Files that came packed with work that was opened: where they lie now does not matter.
    pub(super) fn take_packed(&self, files: &[SavedFile]) {
        let mut packed = self.packed.lock().unwrap_or_else(PoisonError::into_inner);
        for file in files.iter().filter(|file| file.packed_size() > 0) {
            if !packed.iter().any(|known| known.sha256 == file.sha256 && known.path == file.path) {
                packed.push(file.clone());
            }
        }
    }

    /// Whether something was done that is in no file of the person's.
    pub(super) fn is_unsaved(&self) -> bool {
        self.done != self.written
    }

    /// Whether the window waits for its work to be saved, and closes then.
    pub(super) fn is_closing(&self) -> bool {
        matches!(self.closing, Closing::Saving(_))
    }
}

/// What a person says to work that was left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum LeftAsk {
    /// Go on with it.
    Open,
    /// Throw it away.
    Discard,
}

impl App {
    /// Takes a place for the work to save itself to.
    pub(super) fn begin_autosave(&mut self) {
        self.saving.folder = autosave_folder();
        self.loader.begin_autosave(self.saving.folder.clone());
    }

    pub(super) fn take_autosave(&mut self, begun: Result<(Autosave, Vec<Orphan>), String>) {
        match begun {
            Ok((place, left)) => {
                self.saving.place = Some(place);
                self.saving.left.extend(left);
            }
            Err(why) => self.tell_autosave(&why),
        }
    }

    pub(super) fn take_autosaved(&mut self, place: Option<Autosave>, result: Result<(), String>) {
        self.saving.under_way = false;
        match (place, &self.saving.place) {
            // Meanwhile work that was left behind is gone on with, where it lies.
            (Some(own), Some(_)) => drop(own.discard()),
            (own, None) => self.saving.place = own,
            (None, Some(_)) => {}
        }
        match result {
            Ok(()) => self.saving.told = false,
            Err(why) => {
                self.saving.changed = true;
                self.tell_autosave(&why);
            }
        }
    }

    /// Work that was left behind could not be thrown away.
    pub(super) fn tell_not_discarded(&mut self, why: &str) {
        self.workspace.notices.warn(format!("The work that was left behind could not be removed: {why}."));
    }

    fn tell_autosave(&mut self, why: &str) {
        if !std::mem::replace(&mut self.saving.told, true) {
            self.workspace.notices.warn(format!("The work cannot save itself: {why}. Save the workspace by hand."));
        }
    }

    /// Saves the work by itself when that is due.
    pub(super) fn autosave(&mut self, ctx: &Context) {
        if !self.saving.changed || self.lesson.is_some() || self.saving.place.is_none() || self.saving.is_closing() {
            return;
        }
        let since = self.saving.last.get_or_insert_with(Instant::now).elapsed();
        if let Some(rest) = AUTOSAVE_EVERY.checked_sub(since).filter(|rest| !rest.is_zero() && !self.saving.at_once) {
            return ctx.request_repaint_after(rest);
        }
        let work = Work::of(&self.workspace, self.screen).filter(Work::is_begun);
        self.saving.changed = false;
        self.saving.at_once = false;
        self.saving.last = Some(Instant::now());
        let Some(work) = work else { return };
        if let Some(place) = self.saving.place.take() {
            self.saving.under_way = true;
            self.loader.autosave(place, Box::new(work), Arc::clone(&self.saving.packed));
        }
    }

    /// Lets the window close when its work is safe: what no file of the person's has is saved first, to be offered at the next
    /// start.
    pub(super) fn close(&mut self, ctx: &Context) {
        if ctx.input(|i| i.viewport().close_requested()) {
            match self.saving.closing {
                Closing::Done => return,
                // A person who asks again after that wants no more of it.
                Closing::Saving(since) if since.elapsed() > LAST_SAVE => return,
                Closing::Refused(told) if told.elapsed() < WARNED => return,
                Closing::Saving(_) => {}
                Closing::Not | Closing::Refused(_) => self.saving.closing = Closing::Saving(Instant::now()),
            }
            if !self.save_last() {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            }
        } else if self.saving.is_closing() && self.save_last() {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// Goes on towards the last save. Says whether there is nothing more to wait for.
    fn save_last(&mut self) -> bool {
        if self.saving.under_way {
            return false;
        }
        self.leave_lesson();
        let worth = |work: &Work| self.saving.is_unsaved() && work.is_worth_offering();
        let work = Work::of(&self.workspace, self.screen).filter(worth).map(Box::new);
        match (self.saving.place.take(), work) {
            (None, None) => self.saving.closing = Closing::Done,
            (None, Some(_)) => self.refuse_to_close("there is no place for it"),
            (Some(place), work) => {
                self.saving.under_way = true;
                self.loader.end_autosave(place, work, Arc::clone(&self.saving.packed));
            }
        }
        self.saving.closing == Closing::Done
    }

    /// The last save has ended.
    pub(super) fn take_ended(&mut self, place: Option<Autosave>, result: Result<(), String>, ctx: &Context) {
        self.saving.under_way = false;
        self.saving.place = place;
        match result {
            Ok(()) => {
                self.saving.closing = Closing::Done;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Err(why) => self.refuse_to_close(&why),
        }
    }

    fn refuse_to_close(&mut self, why: &str) {
        self.saving.closing = Closing::Refused(Instant::now());
        let text = "The window is still open, since its work could not be saved";
        self.workspace
            .notices
            .error(format!("{text}: {why}. Save the workspace to a file, or close again to lose it."));
    }

    pub(super) fn left_asked(&mut self, ask: LeftAsk) {
        if self.saving.left.is_empty() {
            return;
        }
        let left = self.saving.left.remove(0);
        match ask {
            LeftAsk::Open => {
                let (progress, request) = self.begin_opening("your last work".to_owned());
                self.loader.open_left(left, progress, request);
            }
            LeftAsk::Discard => self.loader.discard_left(left),
        }
    }

    /// Offers work that was left behind, in one line.
    pub(super) fn left_ui(&self, ui: &mut Ui, intents: &mut Vec<Intent>) {
        let Some(left) = self.saving.left.first().filter(|_| self.lesson.is_none()) else { return };
        let palette = Palette::of(ui);
        let margin = Margin { left: 12, right: 12, top: 10, bottom: 0 };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            let card = Frame::new().fill(palette.card).inner_margin(Margin::symmetric(10, 6)).corner_radius(6);
            card.show(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    let (text, good) = match &left.summary {
                        Ok(summary) => {
                            let when = local_time(&summary.saved);
                            let of = match self.saving.left.len() {
                                1 => String::new(),
                                several => format!(" (1 of {several})"),
                            };
                            (format!("Work on {} from {when} was not saved to a file{of}.", summary.title), true)
                        }
                        Err(why) => (format!("Work was left behind that cannot be read: {why}."), false),
                    };
                    ui.label(text);
                    if good && ActionButton::new("Go on with it").primary().show(ui).clicked() {
                        intents.push(Intent::Left(LeftAsk::Open));
                    }
                    let discard = ActionButton::new("Throw it away").tooltip("It cannot be had back after that");
                    if discard.show(ui).clicked() {
                        intents.push(Intent::Left(LeftAsk::Discard));
                    }
                });
            });
        });
    }
}

/// A time of a record as a clock on the wall shows it; as it is where it is none.
fn local_time(record: &str) -> String {
    let Ok(time) = record.parse::<jiff::Timestamp>() else { return record.to_owned() };
    time.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}
