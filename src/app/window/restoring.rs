//! Work that was read from a file, shown; and a run made again from its record.

use std::path::PathBuf;
use std::sync::Arc;

use egui::Context;

use super::App;
use crate::app::actions::Screen;
use crate::app::comparing::{Analysing, CompareResult, CompareState};
use crate::app::insights::Asked;
use crate::app::saving::Restored;
use crate::app::workspace::{OpenTable, PreparedInfo, RunState, Trained, Workspace};
use crate::data::ValidationKind;
use crate::scoring::RiskModel;
use crate::storage::{SavedEnd, SavedRun};
use crate::training::worker::Training;
use crate::training::{Desired, End, Mode, ModelKind, TrainingError};

impl App {
    /// What is shown becomes what was saved.
    pub(super) fn restore(&mut self, restored: Restored) {
        let Restored { saved, open, run, comparison, studies, second, scored, notices } = restored;
        let mut workspace = Workspace::new(saved.settings.clone());
        workspace.pace = self.workspace.pace;
        workspace.stage = self.workspace.stage.cleared();
        workspace.row = saved.row;
        workspace.overrides = saved.overrides;
        // Numbers of results go on, so that no answer of one workspace passes for one of the other.
        let serial = self.workspace.compare.serial + 1;
        workspace.compare = CompareState { serial, ..CompareState::default() };
        if let Some(comparison) = comparison {
            workspace.compare.models = comparison.comparison.models.iter().map(|model| model.kind).collect();
            let validation = &comparison.spec.settings.validation;
            let once = matches!(validation.kind, ValidationKind::OutOfTime | ValidationKind::Column);
            let repeats = if once { 1 } else { validation.repeats };
            workspace.compare.cells = comparison.comparison.states(repeats);
            workspace.compare.n_splits = comparison.comparison.n_splits;
            workspace.compare.result = Some(CompareResult { serial, ..comparison });
            workspace.compare.analysing = Analysing::Wanted;
        }
        workspace.studies.take_kept(studies);
        if let (Some(kept), Some((origin, data, spec))) = (saved.run, run) {
            let SavedRun { prepared, history, trained, changes, reached, end, .. } = kept;
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
                reached: reached.map(|moment| (moment, changes.edits)),
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
        if let Some(second) = second {
            workspace.standing.take_second(second);
        }
        if let Some((origin, data)) = open {
            let read_as = origin.read_as.clone();
            let table = OpenTable::new(Arc::clone(&origin.source), origin.paths.clone(), read_as.options);
            workspace.table = Some(OpenTable {
                combination: read_as.combination,
                roles: read_as.roles,
                bad_confirmed: saved.bad_confirmed,
                data,
                ..table
            });
        }
        for text in notices {
            workspace.notices.warn(text);
        }
        self.workspace = workspace;
        self.screen = saved.screen.unwrap_or(Screen::Train);
        self.forget_shown();
        self.opened = self.open_request;
        self.hold_models_to_the_cutoff();
        if let Some(scored) = scored {
            self.score_restored(scored);
        }
        self.inspect(Asked::Everything);
    }

    /// Runs what is recorded of the shown run again, from the start.
    pub(super) fn replay(&mut self, ctx: &Context) {
        let run = &self.workspace.run;
        let (Some(spec), Some(data), Some(origin)) = (run.spec.clone(), run.data.clone(), run.origin.clone()) else {
            return;
        };
        let changes = run.trained.iter().map(|trained| (trained.model, trained.changes.clone())).collect();
        let mut again = spec.clone();
        // What was not done then is not done again.
        again.settings.models.retain(|kind| run.trained.iter().any(|trained| trained.model == *kind));
        let look = matches!(self.screen, Screen::Train | Screen::Network);
        let tunables = spec.settings.dbn.tunables();
        let desired = Desired { mode: Mode::Run, steps: 0, tunables, pace: None, look, skip_search: false };
        match Training::again(Arc::clone(&data), again, changes, desired, self.wake(ctx)) {
            Ok(worker) => {
                self.workspace.timeline.begin(worker.recording());
                let before = Some(Box::new(std::mem::take(&mut self.workspace.run)));
                let (worker, spec, data, origin) = (Some(worker), Some(spec), Some(data), Some(origin));
                self.workspace.run = RunState { worker, data, origin, before, spec, ..RunState::default() };
            }
            Err(error) => self.workspace.notices.error(format!("The run could not be made again: {error}.")),
        }
    }
}
