//! Scoring: carrying out what was asked for, and taking in what comes back.

use std::path::PathBuf;
use std::sync::Arc;

use super::App;
use super::overlays::PathBox;
use crate::app::actions::Screen;
use crate::app::panels::{count, thousands};
use crate::app::saving::RestoredScoring;
use crate::app::scoring::{Earlier, Found, Outcome, PathFor, ScoreAsk, ScoredTable, Subject, next_number};
use crate::scoring::RiskModel;
use crate::storage::WorkspaceModel;

impl App {
    pub(super) fn score_asked(&mut self, ask: ScoreAsk) {
        let scoring = &mut self.workspace.scoring;
        match ask {
            ScoreAsk::Path(what) => self.loader.ask_path(what),
            ScoreAsk::At(what, path) => self.path_given(what, path),
            ScoreAsk::Choose(index) => {
                if scoring.choose(index) {
                    self.score_now(None);
                }
            }
            ScoreAsk::ThisTable => {
                if let Some(table) = &self.workspace.table {
                    let subject = Subject::open(Arc::clone(&table.source), table.roles.clone());
                    scoring.watched = None;
                    scoring.set_subject(subject);
                    self.score_now(None);
                }
            }
            ScoreAsk::Columns => scoring.match_columns(),
            ScoreAsk::Again => self.score_now(None),
            ScoreAsk::Match(columns) => {
                scoring.set_matching(columns);
                self.score_now(None);
            }
            ScoreAsk::DropMatching => scoring.unmatched = None,
            ScoreAsk::Stop => scoring.stop(),
            ScoreAsk::Unwatch => scoring.watched = None,
            ScoreAsk::ForgetEarlier => {
                scoring.set_earlier(None);
                self.score_now(None);
            }
        }
    }

    fn path_given(&mut self, what: PathFor, path: PathBuf) {
        let scoring = &mut self.workspace.scoring;
        match what {
            PathFor::Score => {
                scoring.watched = None;
                scoring.set_subject(Subject::File(path));
                self.screen = Screen::Score;
                self.score_now(None);
            }
            PathFor::WatchFile | PathFor::WatchFolder => self.watch(path),
            PathFor::Earlier => self.loader.open_earlier(path, self.workspace.number),
            PathFor::Model => self.loader.open_model(path, self.workspace.number),
        }
    }

    /// Watches a file or a folder in place of the one before. What is there now is told first, and scored.
    fn watch(&mut self, path: PathBuf) {
        let number = next_number();
        let watch = self.loader.watch(path.clone(), number);
        self.workspace.scoring.take_watch(path, number, watch);
    }

    /// Scores the table with the model chosen; without either nothing is done.
    fn score_now(&mut self, watch: Option<u64>) {
        if let Some((job, progress, number)) = self.workspace.scoring.begin(watch) {
            self.loader.score(job, progress, number);
        }
    }

    /// Scores what was scored when the work was saved.
    pub(super) fn score_restored(&mut self, restored: RestoredScoring) {
        let RestoredScoring { by, subject, by_hand, earlier } = restored;
        let scoring = &mut self.workspace.scoring;
        let places = 0..scoring.models().len();
        let place = match by {
            WorkspaceModel::Trained(kind) => {
                places.clone().find(|&i| scoring.file(i).is_none() && scoring.models()[i].kind == kind)
            }
            WorkspaceModel::Opened(index) => places.clone().filter(|&i| scoring.file(i).is_some()).nth(index),
        };
        // Where its model is gone nothing is scored by another one.
        let Some(place) = place else { return };
        scoring.choose(place);
        scoring.set_subject(subject);
        if let Some(by_hand) = by_hand {
            scoring.set_matching(by_hand);
        }
        scoring.set_earlier(earlier);
        self.score_now(None);
    }

    /// Begins again what was under way when the workspace was put aside: its answers have gone to nobody.
    pub(super) fn score_again(&mut self) {
        let scoring = &mut self.workspace.scoring;
        if scoring.running.is_some() {
            self.score_now(None);
        }
        if let Some(watched) = self.workspace.scoring.watched.take() {
            self.watch(watched.path.clone());
        }
    }

    /// A watched file is new, or has changed and stayed as it is since.
    pub(super) fn take_changed(&mut self, number: u64, path: PathBuf) {
        let scoring = &mut self.workspace.scoring;
        if let Some(watched) = scoring.watched_by(number).map(PathBuf::from) {
            scoring.set_changed(watched, path);
            self.score_now(Some(number));
        }
    }

    pub(super) fn take_watch_ended(&mut self, number: u64, why: Option<String>) {
        if self.workspace.scoring.watched_by(number).is_some() {
            self.workspace.scoring.watched = None;
            if let Some(why) = why {
                self.workspace.notices.error(why);
            }
        }
    }

    pub(super) fn take_scored(&mut self, number: u64, result: Result<Outcome, String>) {
        let (scoring, notices) = (&mut self.workspace.scoring, &mut self.workspace.notices);
        match result {
            Ok(outcome) => {
                let found = scoring.take(number, outcome);
                match (found, &scoring.scored) {
                    (Found::New, Some(scored)) => notices.info(scored_text(scored)),
                    (Found::Changed, Some(scored)) => notices.info(changed_text(scored)),
                    _ => {}
                }
                self.pack_scored();
                self.mark_changed();
            }
            Err(text) => {
                if scoring.take_failure(number) {
                    notices.error(text);
                }
            }
        }
    }

    pub(super) fn take_earlier(&mut self, workspace: u64, result: Result<Arc<Earlier>, String>) {
        match result {
            Ok(earlier) => {
                let Some(asked) = self.workspace_of(workspace) else { return };
                asked.scoring.set_earlier(Some(earlier));
                self.mark_changed();
                if self.workspace.number == workspace {
                    self.score_now(None);
                }
            }
            Err(text) => self.workspace.notices.error(text),
        }
    }

    /// A model was opened: what is scored is scored with it.
    pub(super) fn take_model(&mut self, workspace: u64, path: PathBuf, result: Result<Arc<RiskModel>, String>) {
        match result {
            Ok(model) => {
                let Some(asked) = self.workspace_of(workspace) else { return };
                asked.scoring.take_opened(path, model);
                self.mark_changed();
                if self.workspace.number == workspace {
                    self.screen = Screen::Score;
                    self.score_now(None);
                }
            }
            Err(text) => self.workspace.notices.error(text),
        }
    }

    /// A path was chosen, or the dialog closed; where there is none, a path can be typed.
    pub(super) fn take_path(&mut self, what: PathFor, answer: Result<Option<PathBuf>, ()>) {
        match answer {
            Ok(Some(path)) => self.path_given(what, path),
            Ok(None) => {}
            Err(()) => self.path_box = Some(PathBox::for_scoring(what)),
        }
    }
}

fn scored_text(scored: &ScoredTable) -> String {
    format!("{}: {} scored", scored.name, count(scored.firms.len(), "firm"))
}

/// "`quarter_3.csv` changed: 412 firms scored again, 3 grades fell by two or more".
fn changed_text(scored: &ScoredTable) -> String {
    let text = format!("{} changed: {} scored again", scored.name, count(scored.firms.len(), "firm"));
    match &scored.warnings {
        None => format!("{text}."),
        Some(warnings) if warnings.list.is_empty() => format!("{text}, no grade fell by two or more."),
        Some(warnings) if warnings.list.len() == 1 => format!("{text}, 1 grade fell by two or more."),
        Some(warnings) => format!("{text}, {} grades fell by two or more.", thousands(warnings.list.len())),
    }
}
