//! Opening tables: requests to the loader and what comes back. A table that is read again, because a reading was settled
//! by hand or taken back, keeps what the person chose.

use std::path::PathBuf;
use std::sync::Arc;

use egui::Context;

use super::App;
use super::lessons::is_lesson;
use super::overlays::PathBox;
use super::saving::{Next, is_model, is_work};
use crate::app::actions::{Intent, Screen};
use crate::app::comparing::CompareState;
use crate::app::edits::{DataChoices, Edits, Step};
use crate::app::insights::{Asked, Insights, Inspected};
use crate::app::loader::Loaded;
use crate::app::role_moves::carried;
use crate::app::standing::{SecondFile, Standings};
use crate::app::studies::Studies;
use crate::app::workspace::{DataState, OpenTable, Workspace};
use crate::data::{Combination, Progress, ReadOptions, Role, Roles, SAMPLES, Source, ValidationKind, sample_info};
use crate::training::Mode;

/// A table on its way.
pub(super) struct Opening {
    /// Its name in the status line.
    pub(super) name: String,
    /// Number of the request: slower answers to those before come to nothing.
    number: u64,
    paths: Vec<PathBuf>,
    /// The sample that is opened where there are no paths.
    sample: &'static str,
    options: ReadOptions,
    combination: Combination,
    /// How far it is; the person may stop it.
    pub(super) progress: Arc<Progress>,
    /// Start training at once: the first ten seconds with the sample.
    start: bool,
    /// The open table is read again: towards these choices, by this step.
    again: Option<(DataChoices, Step)>,
}

/// A table that was opened.
pub(super) struct TableOpened {
    opening: Opening,
    source: Arc<Source>,
}

impl App {
    /// Opens files, or the first sample when there are none.
    pub(super) fn open(&mut self, paths: Vec<PathBuf>, start: bool) {
        let name = paths.first().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned());
        let name = match (name, paths.len()) {
            (None, _) => return self.open_sample(SAMPLES[0].name, start),
            (Some(name), 1) => name,
            (Some(name), count) => format!("{name} and {} more", count - 1),
        };
        let (options, combination) = (ReadOptions::default(), Combination::Auto);
        let progress = Arc::default();
        let sample = SAMPLES[0].name;
        self.load(Opening { name, number: 0, paths, sample, options, combination, progress, start, again: None });
    }

    /// Opens a bundled sample.
    pub(super) fn open_sample(&mut self, sample: &'static str, start: bool) {
        let name = sample_info(sample).map_or("the sample", |info| info.title).to_owned();
        let (paths, options, combination, progress) =
            (Vec::new(), ReadOptions::default(), Combination::Auto, Arc::default());
        self.load(Opening { name, number: 0, paths, sample, options, combination, progress, start, again: None });
    }

    fn load(&mut self, opening: Opening) {
        self.open_request += 1;
        if let Some(overtaken) = &self.opening {
            overtaken.progress.cancel();
        }
        let Opening { paths, sample, options, combination, progress, .. } = &opening;
        let (progress, number) = (Arc::clone(progress), self.open_request);
        self.loader.open(paths.clone(), sample, options.clone(), combination.clone(), progress, number);
        self.opening = Some(Opening { number: self.open_request, ..opening });
    }

    pub(super) fn take_loaded(&mut self, ctx: &Context) {
        for loaded in self.loader.drain() {
            match loaded {
                Loaded::Opened { request, result } => {
                    let Some(opening) = self.opening.take_if(|opening| opening.number == request) else { continue };
                    match result {
                        // Stopped when it was all but done: the open table stays, as was promised.
                        Ok(_) if opening.progress.is_cancelled() => {
                            self.workspace.notices.info(format!("Opening {} was stopped.", opening.name));
                        }
                        Ok(source) => {
                            let opened = Box::new(TableOpened { opening, source: Arc::new(*source) });
                            // Read again it is the same table, whose results are of how it was read before.
                            if opened.opening.again.is_some() {
                                self.put_table(*opened);
                            } else {
                                self.replace(Next::Table(opened));
                            }
                        }
                        Err(text) if opening.progress.is_cancelled() => self.workspace.notices.info(text),
                        Err(text) if opening.again.is_some() => {
                            self.workspace.notices.error(format!("It stays read as it was. {text}"));
                        }
                        Err(text) => self.workspace.notices.error(text),
                    }
                }
                Loaded::Peeked { opened, options, head } => {
                    // Of another file it would be misleading.
                    if opened == self.opened {
                        self.data_panel.take_head(*options, head);
                    }
                }
                Loaded::Built { request, result } if request == self.request => {
                    if let Some(table) = &mut self.workspace.table {
                        table.data = match result {
                            Ok(data) => DataState::Ready(data),
                            Err(text) => DataState::Unusable(text),
                        };
                    }
                    self.inspect(Asked::Everything);
                    if std::mem::take(&mut self.start_when_ready) {
                        self.start_training(Mode::Run, ctx);
                    }
                }
                Loaded::Insight { request, insight } if request == self.inspection => {
                    self.workspace.insights.take(insight);
                }
                Loaded::Looked { comparison, findings } if comparison == self.comparison => {
                    let findings = findings.unwrap_or_else(|text| {
                        self.workspace.notices.warn(text);
                        Arc::from([])
                    });
                    if let Some(subject) = &mut self.workspace.compare.subject {
                        subject.findings = Some(findings);
                    }
                }
                Loaded::Second { workspace, result: Ok(file) } => self.take_second(workspace, *file),
                Loaded::Exported(Ok(Some(path))) => {
                    self.workspace.notices.info(format!("{} is written.", path.display()));
                }
                Loaded::Exported(Err(text)) | Loaded::Second { result: Err(text), .. } | Loaded::Lesson(Err(text)) => {
                    self.workspace.notices.error(text);
                }
                Loaded::Kept { number, model, result } => self.take_kept(number, model, result),
                Loaded::KeptAs { keep, done, result } => self.take_kept_as(keep, done, result),
                Loaded::NoDialogToKeep(keep) => self.no_dialog_to_keep(keep),
                Loaded::Work { request, place, result } => self.take_work(request, place, result),
                Loaded::Discarded(result) => {
                    if let Err(why) = result {
                        self.tell_not_discarded(&why);
                    }
                }
                Loaded::AutosaveBegun(begun) => self.take_autosave(begun),
                Loaded::Autosaved(place, result) => self.take_autosaved(place, result),
                Loaded::AutosaveEnded(place, result) => self.take_ended(place, result, ctx),
                Loaded::SetAside(result) => self.take_set_aside(result),
                Loaded::NoDialog(export) => self.path_box = Some(PathBox::to_export(export)),
                Loaded::NoDialogToSave(document) => self.path_box = Some(PathBox::to_save(document)),
                Loaded::Lesson(Ok(lesson)) => self.begin_lesson(*lesson, None),
                Loaded::Tried(tried) => self.workspace.cutoffs.take(tried),
                Loaded::Scored { number, result } => self.take_scored(number, result),
                Loaded::Earlier { workspace, result } => self.take_earlier(workspace, result),
                Loaded::Model { workspace, path, result } => self.take_model(workspace, path, result),
                Loaded::PathFor { what, answer } => self.take_path(what, answer),
                Loaded::Changed { number, path } => self.take_changed(number, path),
                Loaded::WatchEnded { number, why } => self.take_watch_ended(number, why),
                Loaded::Inspected(result) => {
                    if let Err(text) = result {
                        self.workspace.notices.warn(text);
                    }
                    self.inspecting = None;
                    if let Some(asked) = self.inspect_next.take() {
                        self.inspect(asked);
                    }
                }
                Loaded::Built { .. }
                | Loaded::Insight { .. }
                | Loaded::Looked { .. }
                | Loaded::Packed
                | Loaded::Picked { result: Ok(None), .. }
                // The dialog was closed.
                | Loaded::Exported(Ok(None)) => {}
                Loaded::Picked { second: false, result: Ok(Some(paths)) } => self.open_chosen(paths),
                Loaded::Picked { second: true, result: Ok(Some(paths)) } => {
                    if let Some(path) = paths.into_iter().next() {
                        self.act(Intent::OpenSecond(path), ctx);
                    }
                }
                Loaded::Picked { second: false, result: Err(text) } => self.workspace.notices.warn(text),
                // A path can always be typed.
                Loaded::Picked { second: true, result: Err(_) } => self.path_box = Some(PathBox::for_second()),
                Loaded::Saved(Ok(())) => {
                    if let Some(written) = self.writing.take() {
                        self.saved = written;
                    }
                }
                Loaded::Saved(Err(text)) => {
                    // Tried again at the next change.
                    if let Some(refused) = self.writing.take() {
                        self.saved = refused;
                    }
                    self.workspace.notices.warn(text);
                }
            }
        }
    }

    /// Tables chosen by the person: their columns are shown first.
    pub(super) fn open_chosen(&mut self, paths: Vec<PathBuf>) {
        if let Some(lesson) = paths.iter().find(|path| is_lesson(path)) {
            return self.loader.open_lesson(lesson.clone());
        }
        if self.lesson.is_some() {
            return self.tell_lesson();
        }
        if let Some(work) = paths.iter().find(|path| is_work(path)) {
            return self.open_work(work.clone());
        }
        if let Some(model) = paths.iter().find(|path| is_model(path)) {
            return self.loader.open_model(model.clone(), self.workspace.number);
        }
        self.screen = Screen::Data;
        self.open(paths, false);
    }

    /// Something that is no table is opened: the status line tells of it, and a table on its way is put off.
    pub(super) fn begin_opening(&mut self, name: String) -> (Arc<Progress>, u64) {
        self.open_request += 1;
        if let Some(overtaken) = &self.opening {
            overtaken.progress.cancel();
        }
        let (options, combination, progress) = (ReadOptions::default(), Combination::Auto, Arc::<Progress>::default());
        let (number, paths, sample) = (self.open_request, Vec::new(), SAMPLES[0].name);
        let opening = Opening {
            name,
            number,
            paths,
            sample,
            options,
            combination,
            progress: Arc::clone(&progress),
            start: false,
            again: None,
        };
        self.opening = Some(opening);
        (progress, number)
    }

    /// It is here, or will not come. Says whether the person stopped it, or opened something else meanwhile.
    pub(super) fn end_opening(&mut self, request: u64) -> bool {
        let opening = self.opening.take_if(|opening| opening.number == request);
        opening.is_none_or(|opening| opening.progress.is_cancelled())
    }

    /// A second table is there for the workspace of this number: it may have been put aside for a lesson meanwhile.
    fn take_second(&mut self, workspace: u64, file: SecondFile) {
        let Some(asked) = self.workspace_of(workspace) else { return };
        let text = format!("{} is held beside the table, {} rows.", file.path.display(), file.data.n_rows());
        asked.notices.info(text);
        asked.standing.take_second(file);
        self.mark_changed();
        if self.workspace.number == workspace {
            self.cutoff_panel.show_second();
        }
    }

    /// The workspace of this number: the one at hand, or the one that a lesson has put aside; `None` when it is gone.
    pub(super) fn workspace_of(&mut self, number: u64) -> Option<&mut Workspace> {
        if self.workspace.number == number {
            return Some(&mut self.workspace);
        }
        self.lesson.as_mut().map(|given| given.before_mut()).filter(|before| before.number == number)
    }

    /// Takes a table that was opened in place of the one before.
    pub(super) fn put_table(&mut self, opened: TableOpened) {
        let TableOpened { opening, source } = opened;
        let Opening { number, paths, options, combination, start, again, .. } = opening;
        // Runs on the table before end with it; their results would be told of the wrong rows.
        self.workspace.drop_run();
        self.workspace.row = 0;
        // Numbers of results go on, so that no answer of an older table passes for one of this.
        self.workspace.compare = CompareState { serial: self.workspace.compare.serial, ..CompareState::default() };
        self.workspace.standing = Standings::default();
        self.workspace.studies = Studies::default();
        self.workspace.cutoffs.forget();
        self.workspace.notices.clear();
        let told = again.is_some()
            && self
                .workspace
                .table
                .as_ref()
                .is_some_and(|table| table.source.reading.rejected.len() == source.reading.rejected.len());
        if !source.reading.rejected.is_empty() && !told {
            self.workspace.notices.warn(source.notices().swap_remove(0));
        }
        let left_out = source.reading.notes.iter().filter(|note| note.contains(" no partner in "));
        left_out.for_each(|note| self.workspace.notices.warn(note.clone()));
        let (roles, bad_confirmed) = match (&again, &self.workspace.table) {
            (Some((choices, Step::Undo | Step::Redo)), _) if choices.roles.roles.len() == source.table.n_columns() => {
                (choices.roles.clone(), choices.bad_confirmed)
            }
            (Some(_), Some(before)) => carried(before, &source),
            (..) => (source.guess.roles.clone(), source.is_synthetic()),
        };
        let before = self.workspace.choices();
        self.data_panel.take_table(again.is_some() && before.is_some());
        self.opened = number;
        let table = OpenTable::new(source, paths, options);
        self.workspace.table = Some(OpenTable { combination, roles: roles.clone(), bad_confirmed, ..table });
        self.workspace.insights = Insights::default();
        if let (Some((choices, step)), Some(before)) = (again, before) {
            // A new reading leaves the settings as they are by now; a step back brings its own.
            if !matches!(step, Step::Edit { .. }) {
                self.settle(&choices);
            }
            self.workspace.edits.take(step, before);
        } else {
            self.workspace.edits = Edits::default();
        }
        self.hold_to_table(&roles);
        self.start_when_ready = start;
        self.pack_opened();
        self.build(roles);
    }

    /// Folds by a column that this table lacks become random ones.
    fn hold_to_table(&mut self, roles: &Roles) {
        let kind = self.workspace.settings.validation.kind;
        let needed = match kind {
            ValidationKind::Column => Role::Split,
            ValidationKind::Grouped => Role::EnterpriseId,
            ValidationKind::OutOfTime => Role::Period,
            ValidationKind::Holdout | ValidationKind::Kfold => return,
        };
        if roles.position(needed).is_none() {
            let mut settings = self.workspace.settings.clone();
            settings.validation.kind = ValidationKind::Kfold;
            self.set_settings(settings);
            self.workspace
                .notices
                .info("This table lacks the column that the splits went by: they are random folds now.");
        }
    }

    pub(super) fn build(&mut self, roles: Roles) {
        if let Some(table) = &mut self.workspace.table {
            self.request += 1;
            table.roles = roles.clone();
            table.data = DataState::Building;
            // What is being worked out is of the table or the roles before.
            self.workspace.insights = Insights::default();
            self.inspection += 1;
            self.loader.hurry_inspection(self.inspection);
            self.loader.build(Arc::clone(&table.source), roles, self.request);
        }
    }

    /// Asks for what there is to know about the table under its roles and the settings.
    pub(super) fn inspect(&mut self, asked: Asked) {
        let Some(table) = &self.workspace.table else { return };
        self.inspection += 1;
        // One at a time: a number that is being dragged changes sixty times a second. What is overtaken is asked for
        // again, since its answers come to nothing.
        if let Some(overtaken) = self.inspecting {
            self.loader.hurry_inspection(self.inspection);
            self.inspect_next = Some(asked.max(overtaken).max(self.inspect_next.unwrap_or(asked)));
            return;
        }
        let asked = if self.workspace.insights.is_complete() { asked } else { Asked::Everything };
        self.inspecting = Some(asked);
        let indicator = self.data_panel.ask_pictured(table).map(|column| table.source.table.names()[column].clone());
        let settings = &self.workspace.settings;
        let inspected = Inspected {
            source: Arc::clone(&table.source),
            roles: table.roles.clone(),
            data: self.workspace.data().cloned(),
            validation: settings.validation.clone(),
            preparation: settings.preparation.clone(),
            seed: settings.seed,
            indicator,
        };
        self.loader.inspect(inspected, asked, self.inspection);
    }

    /// Changes what was chosen about the data; `what` names the change where it can be taken back.
    pub(super) fn edit(&mut self, what: &str, change: impl FnOnce(&mut DataChoices)) {
        if self.is_reading_again() {
            return;
        }
        let Some(before) = self.workspace.choices() else { return };
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            self.go(after, Step::Edit { what: what.to_owned(), before: Box::new(before) });
        }
    }

    /// Takes the last edit back, or makes it again.
    pub(super) fn step_back_or_forth(&mut self, step: Step) {
        if self.is_reading_again() {
            return;
        }
        if let Some(choices) = self.workspace.edits.target(&step) {
            self.go(choices, step);
        }
    }

    /// While the file is read again there is nothing to change: what was chosen before would be lost or mixed up.
    fn is_reading_again(&mut self) -> bool {
        let reading = self.opening.as_ref().is_some_and(|opening| opening.again.is_some());
        if reading {
            self.workspace.notices.info("The file is being read again: change more when it is there.");
        }
        reading
    }

    /// Goes to `choices` by `step`: at once, or when the file has been read again.
    fn go(&mut self, choices: DataChoices, step: Step) {
        let (Some(left), Some(table)) = (self.workspace.choices(), &mut self.workspace.table) else { return };
        if (&choices.options, &choices.combination) != (&left.options, &left.combination) {
            let (name, paths) = (format!("{} again", table.source.name()), table.paths.clone());
            let sample = table.sample();
            let (options, combination) = (choices.options.clone(), choices.combination.clone());
            let (progress, again) = (Arc::default(), Some((choices, step)));
            self.load(Opening { name, number: 0, paths, sample, options, combination, progress, start: false, again });
            return;
        }
        table.bad_confirmed = choices.bad_confirmed;
        if choices.roles != left.roles {
            self.workspace.drop_run();
            self.build(choices.roles.clone());
        }
        self.settle(&choices);
        self.workspace.edits.take(step, left);
    }

    /// The settings among the choices.
    fn settle(&mut self, choices: &DataChoices) {
        let mut settings = self.workspace.settings.clone();
        settings.preparation = choices.preparation.clone();
        settings.validation = choices.validation.clone();
        if settings != self.workspace.settings {
            self.set_settings(settings);
        }
    }
}
