//! Models of finished fits: what is made of each, so that it scores firms and can be kept, and the cut-off that they share.

use std::sync::Arc;

use super::App;
use crate::app::loader::KeepJob;
use crate::app::scoring::{ScoreAsk, next_number};
use crate::app::workspace::Workspace;
use crate::scoring::RiskModel;
use crate::training::ModelKind;

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
}
