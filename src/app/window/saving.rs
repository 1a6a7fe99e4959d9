//! Models and work kept in files: what is made of every finished fit, saving and opening, work that saves itself, and runs made
//! again from their record.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use egui::{Context, Frame, Margin, Ui};

use super::App;
use super::overlays::PathBox;
use crate::app::actions::{Intent, Screen};
use crate::app::comparing::{Analysing, CompareResult, CompareState};
use crate::app::insights::Asked;
use crate::app::loader::{KeepJob, KeepWhat, LARGE, Loaded, now};
use crate::app::saving::{Keep, Packed, Place, Restored, Work};
use crate::app::scoring::{ScoreAsk, next_number};
use crate::app::theme::Palette;
use crate::app::widgets::ActionButton;
use crate::app::workspace::{DataState, OpenTable, PreparedInfo, RunState, Trained, Workspace};
use crate::scoring::RiskModel;
use crate::storage::{Autosave, Orphan, SavedEnd, SavedFile, SavedRun};
use crate::training::worker::Training;
use crate::training::{Desired, End, Mode, ModelKind, TrainingError};

/// How often the work saves itself while something is done.
const AUTOSAVE_EVERY: Duration = Duration::from_mins(1);

/// How long a closing window waits for the work that is being saved.
const LAST_SAVE: Duration = Duration::from_secs(10);

/// What is known of files of the work.
#[derive(Default)]
pub(super) struct Saving {
    packed: Packed,
    /// Where it saves itself; `None` while it is being written there, and where there is no such place.
    place: Option<Autosave>,
    /// Something was done since it was last saved to a file of the person's.
    unsaved: bool,
    /// Something was done since it last saved itself; it shall do so at once, as after a run.
    changed: bool,
    at_once: bool,
    /// It is at it: its place comes back with the answer.
    under_way: bool,
    /// Something had been done before the snapshot that is being written to a file of the person's.
    unsaved_before: bool,
    /// When it last did, or was told to.
    last: Option<Instant>,
    /// A failure was told; the next is no news.
    told: bool,
    /// Work that was left behind, and is offered.
    left: Vec<Orphan>,
}

impl Saving {
    /// Files that came packed with work that was opened: where they lie now does not matter.
    fn take_packed(&self, files: &[SavedFile]) {
        let mut packed = self.packed.lock().unwrap_or_else(PoisonError::into_inner);
        for file in files.iter().filter(|file| file.packed_size() > 0) {
            if !packed.iter().any(|known| known.sha256 == file.sha256 && known.path == file.path) {
                packed.push(file.clone());
            }
        }
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

/// Whether a file is all the work of a window.
pub(super) fn is_work(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("bscope"))
}

/// Whether a file is a model.
pub(super) fn is_model(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("bscope-model"))
}

impl App {
    /// Makes what is kept of the next finished fit, one at a time.
    pub(super) fn keep_models(&mut self) {
        let run = &mut self.workspace.run;
        if run.keeping.is_some() {
            return;
        }
        let mut wanted = run.trained.iter().filter(|trained| !run.kept.contains_key(&trained.model));
        if let Some(job) = wanted.find_map(|trained| KeepJob::of(run, trained)) {
            let number = next_number();
            run.keeping = Some(number);
            self.loader.keep(job, number);
        }
    }

    pub(super) fn take_kept(&mut self, number: u64, model: ModelKind, result: Result<Arc<RiskModel>, String>) {
        let run = &mut self.workspace.run;
        // Of a run before it is nobody's.
        if run.keeping.take_if(|keeping| *keeping == number).is_none() {
            return;
        }
        run.kept.insert(model, result);
        self.hold_models_to_the_cutoff();
        self.saving.changed = true;
    }

    /// One cut-off for all that is shown: that of models too. Firms scored are called anew.
    pub(super) fn hold_models_to_the_cutoff(&mut self) {
        let Workspace { run, scoring, settings, problems, .. } = &mut self.workspace;
        if !problems.is_empty() {
            return;
        }
        for trained in &run.trained {
            if let Some(Ok(model)) = run.kept.get_mut(&trained.model)
                && !model.is_cut_as(settings)
            {
                *model = Arc::new(model.recut(&trained.scored, settings));
            }
        }
        // The models of a run take the place of those before when all of them are there.
        let in_the_making = run.trained.iter().any(|trained| !run.kept.contains_key(&trained.model));
        if in_the_making || (run.is_active() && !scoring.models().is_empty()) {
            return;
        }
        let order = run.trained.iter().map(|trained| trained.model);
        let models: Vec<_> = order.filter_map(|kind| run.kept.get(&kind)?.as_ref().ok()).map(Arc::clone).collect();
        let own = scoring.models().iter().enumerate().filter(|(i, _)| scoring.file(*i).is_none()).map(|(_, m)| m);
        let same = own.clone().count() == models.len() && own.zip(&models).all(|(a, b)| Arc::ptr_eq(a, b));
        if !same {
            let before = scoring.model().cloned();
            scoring.take_trained(models);
            let chosen = scoring.model();
            let other = !matches!((&before, chosen), (Some(a), Some(b)) if Arc::ptr_eq(a, b));
            if other && scoring.scored.is_some() && scoring.unmatched.is_none() {
                self.score_asked(ScoreAsk::Again);
            }
        }
    }

    /// Asks where to keep something.
    pub(super) fn keep(&mut self, keep: Keep) {
        let Some(what) = self.what_to_keep(keep) else { return };
        let stem = match &self.workspace.table {
            Some(table) => Path::new(&table.source.name()).file_stem().map(|stem| stem.to_string_lossy().into_owned()),
            None => None,
        };
        let stem = stem.unwrap_or_else(|| "work".to_owned());
        let name = match keep {
            Keep::Model(kind) => format!("{stem}-{}.{}", kind.key(), keep.ending()),
            Keep::Work => format!("{stem}.{}", keep.ending()),
        };
        self.loader.keep_as(keep, &name, what);
    }

    pub(super) fn keep_at(&mut self, keep: Keep, path: PathBuf) {
        if let Some(what) = self.what_to_keep(keep) {
            self.loader.keep_at(keep, path, what);
        }
    }

    fn what_to_keep(&mut self, keep: Keep) -> Option<KeepWhat> {
        match keep {
            Keep::Model(kind) => match self.workspace.run.kept.get(&kind) {
                Some(Ok(model)) => Some(KeepWhat::Model(Arc::clone(model))),
                Some(Err(why)) => {
                    let text = format!("{why}.");
                    self.workspace.notices.error(text);
                    None
                }
                None => {
                    self.workspace.notices.warn("The model is still being trained: save it when it is done.");
                    None
                }
            },
            Keep::Work if self.lesson.is_some() => {
                self.workspace.notices.info("Leave the lesson first: your own work waits behind it.");
                None
            }
            Keep::Work => {
                let work = Work::of(&self.workspace, self.screen);
                if work.is_none() {
                    self.workspace.notices.warn("There is no table yet, and nothing to save.");
                }
                let work = Box::new(work?);
                // What is done from now on is not in it.
                self.saving.unsaved_before = std::mem::replace(&mut self.saving.unsaved, false);
                Some(KeepWhat::Work(work, Arc::clone(&self.saving.packed)))
            }
        }
    }

    pub(super) fn take_kept_as(&mut self, keep: Keep, result: Result<Option<PathBuf>, String>) {
        match result {
            Ok(Some(path)) => {
                self.workspace.notices.info(format!("{} is written.", path.display()));
            }
            // The dialog was closed.
            Ok(None) => self.not_kept(keep),
            Err(text) => {
                self.not_kept(keep);
                self.workspace.notices.error(text);
            }
        }
    }

    /// What was to be kept is in no file.
    fn not_kept(&mut self, keep: Keep) {
        if keep == Keep::Work {
            self.saving.unsaved |= self.saving.unsaved_before;
        }
    }

    pub(super) fn no_dialog_to_keep(&mut self, keep: Keep) {
        self.not_kept(keep);
        self.path_box = Some(PathBox::to_keep(keep));
    }

    /// Opens all the work of a file in place of what is here.
    pub(super) fn open_work(&mut self, path: PathBuf) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (progress, request) = self.begin_opening(name);
        self.loader.open_work(path, progress, request);
    }

    pub(super) fn take_work(&mut self, request: u64, place: Option<Place>, result: Result<Box<Restored>, String>) {
        let stopped = self.end_opening(request);
        match result {
            // Stopped, or something else was opened meanwhile. Work that was left behind is offered at the next start.
            _ if stopped => self.workspace.notices.info("Opening was stopped."),
            Ok(restored) => {
                let name = restored.saved.title.clone();
                self.saving.take_packed(&restored.saved.files);
                self.restore(*restored);
                self.saving.unsaved = false;
                match place {
                    Some(Place::File(path)) => {
                        self.workspace.notices.info(format!("{} is open.", path.display()));
                    }
                    Some(Place::Left(place)) => {
                        self.workspace.notices.info(format!("The work on {name} is here again."));
                        // It goes on saving itself where it lies; the place of this program is not needed.
                        let own = self.saving.place.replace(place);
                        if let Some(Err(_)) = own.map(Autosave::discard) {
                            self.workspace.notices.info("A folder of the autosave could not be removed.");
                        }
                        self.saving.unsaved = true;
                    }
                    None => {}
                }
            }
            Err(text) => self.workspace.notices.error(text),
        }
    }

    /// What is shown becomes what was saved.
    fn restore(&mut self, restored: Restored) {
        let Restored { saved, open, run, comparison, studies, second } = restored;
        let mut workspace = Workspace::new(saved.settings.clone());
        workspace.pace = self.workspace.pace;
        workspace.stage = self.workspace.stage.cleared();
        workspace.row = saved.row;
        workspace.overrides = saved.overrides;
        // Numbers of results go on, so that no answer of one workspace passes for one of the other.
        let serial = self.workspace.compare.serial + 1;
        workspace.compare = CompareState { serial, ..CompareState::default() };
        if let Some(comparison) = comparison {
            workspace.compare.models.clone_from(&comparison.spec.settings.models);
            workspace.compare.result = Some(CompareResult { serial, ..comparison });
            workspace.compare.analysing = Analysing::Wanted;
        }
        workspace.studies.take_kept(studies);
        if let (Some(kept), Some((origin, data, spec))) = (saved.run, run) {
            let SavedRun { prepared, history, trained, end, .. } = kept;
            let own: Vec<(ModelKind, Option<Arc<RiskModel>>)> =
                trained.iter().map(|t| (t.done.model, t.model().cloned().map(Arc::new))).collect();
            workspace.run = RunState {
                history,
                prepared: prepared.map(|info| PreparedInfo {
                    n_train: info.n_train,
                    n_test: info.n_test,
                    bad_test: info.bad_test,
                    n_unlabelled: info.n_unlabelled,
                    inputs: info.inputs,
                }),
                trained: trained.into_iter().map(|trained| Trained::new(trained.done)).collect(),
                data: Some(data),
                origin: Some(origin),
                spec: Some(spec),
                end: Some(match end {
                    SavedEnd::Finished => End::Finished,
                    SavedEnd::Stopped | SavedEnd::Interrupted => End::Stopped,
                    SavedEnd::Failed(why) => End::Failed(TrainingError::Panic(why)),
                }),
                ..RunState::default()
            };
            for (kind, model) in own {
                let none = || "it could not be kept when it was made".to_owned();
                workspace.run.kept.insert(kind, model.ok_or_else(none));
            }
        }
        for model in saved.models {
            workspace.scoring.take_opened(PathBuf::from(model.path), Arc::new(model.model));
        }
        if let Some((path, data)) = second {
            workspace.standing.take_second(crate::app::standing::SecondFile { path, data });
        }
        if let Some((origin, data)) = open {
            let read_as = origin.read_as.clone();
            let table = OpenTable::new(Arc::clone(&origin.source), origin.paths.clone(), read_as.options);
            workspace.table = Some(OpenTable {
                combination: read_as.combination,
                roles: read_as.roles,
                bad_confirmed: saved.bad_confirmed,
                data: DataState::Ready(data),
                ..table
            });
        }
        self.workspace = workspace;
        self.screen = saved.screen.unwrap_or(Screen::Train);
        self.forget_shown();
        self.opened = self.open_request;
        self.hold_models_to_the_cutoff();
        self.inspect(Asked::Everything);
    }

    /// Runs what is recorded of the shown run again, from the start.
    pub(super) fn replay(&mut self, ctx: &Context) {
        let run = &self.workspace.run;
        let (Some(spec), Some(data), Some(origin)) = (run.spec.clone(), run.data.clone(), run.origin.clone()) else {
            return;
        };
        let expected: Vec<_> = run.trained.iter().map(|trained| trained.done.clone()).collect();
        let changes = expected.iter().map(|done| (done.model, done.changes.clone())).collect();
        let mut again = spec.clone();
        // What was not done then is not done again.
        again.settings.models.retain(|kind| expected.iter().any(|done| done.model == *kind));
        let look = matches!(self.screen, Screen::Train | Screen::Network);
        let tunables = spec.settings.dbn.tunables();
        let desired = Desired { mode: Mode::Run, steps: 0, tunables, pace: None, look, skip_search: false };
        match Training::again(Arc::clone(&data), again, changes, desired, self.wake(ctx)) {
            Ok(worker) => {
                self.workspace.drop_run();
                self.workspace.timeline.begin(worker.recording());
                self.workspace.run = RunState {
                    worker: Some(worker),
                    spec: Some(spec),
                    data: Some(data),
                    origin: Some(origin),
                    expected,
                    ..RunState::default()
                };
            }
            Err(error) => self.workspace.notices.error(format!("The run could not be made again: {error}.")),
        }
    }

    /// Something was done: by the person, or by a worker.
    pub(super) fn mark_changed(&mut self) {
        self.saving.changed = true;
        self.saving.unsaved = true;
    }

    /// A run, a comparison or a study has ended.
    pub(super) fn mark_ended(&mut self) {
        self.mark_changed();
        self.saving.at_once = true;
        self.hold_models_to_the_cutoff();
    }

    /// Whether a run, a comparison or a study is going on.
    pub(super) fn work_under_way(&self) -> bool {
        let Workspace { run, compare, studies, .. } = &self.workspace;
        run.is_active() || compare.is_running() || studies.running().is_some()
    }

    /// Packs the files of the open table: what is saved is what was opened, whatever becomes of the files.
    pub(super) fn pack_opened(&self) {
        if let (Some(table), Some(_)) = (&self.workspace.table, &self.settings_path) {
            self.loader.pack(table.origin(), Arc::clone(&self.saving.packed));
        }
    }

    /// Takes a place for the work to save itself to.
    pub(super) fn begin_autosave(&self) {
        self.loader.begin_autosave();
    }

    pub(super) fn take_autosave(&mut self, begun: Result<(Autosave, Vec<Orphan>), String>) {
        match begun {
            Ok((place, left)) => {
                self.saving.place = Some(place);
                self.saving.left = left;
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
        if !self.saving.changed || self.lesson.is_some() || self.saving.place.is_none() {
            return;
        }
        let since = self.saving.last.get_or_insert_with(Instant::now).elapsed();
        if let Some(rest) = AUTOSAVE_EVERY.checked_sub(since).filter(|rest| !rest.is_zero() && !self.saving.at_once) {
            return ctx.request_repaint_after(rest);
        }
        let work = Work::of(&self.workspace, self.screen).filter(Work::is_worth_keeping);
        self.saving.changed = false;
        self.saving.at_once = false;
        self.saving.last = Some(Instant::now());
        let Some(work) = work else { return };
        if let Some(place) = self.saving.place.take() {
            self.saving.under_way = true;
            self.loader.autosave(place, Box::new(work), Arc::clone(&self.saving.packed));
        }
    }

    /// The window is closing: work that no file of the person's has is kept, to be offered at the next start.
    pub(super) fn end_autosave(&mut self) {
        self.wait_for_the_autosave();
        let Some(place) = self.saving.place.take() else { return };
        self.leave_lesson();
        // Nobody is left to be told. What cannot be saved now leaves what was saved before, which is offered then.
        match Work::of(&self.workspace, self.screen).filter(|w| self.saving.unsaved && w.is_worth_keeping()) {
            None => drop(place.discard()),
            Some(work) => drop(work.saved(&self.saving.packed, now()).map(|saved| place.save(&saved.lightened(LARGE)))),
        }
    }

    /// The window is closing while the work saves itself: that takes a moment, and its place is needed once more.
    fn wait_for_the_autosave(&mut self) {
        let until = Instant::now() + LAST_SAVE;
        while self.saving.under_way && Instant::now() < until {
            for loaded in self.loader.drain() {
                if let Loaded::Autosaved(place, _) = loaded {
                    self.saving.under_way = false;
                    self.saving.place = place;
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
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
                            (format!("Work on {} from {when} was not saved to a file.", summary.title), true)
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

#[cfg(test)]
#[path = "saving_tests.rs"]
mod tests;
