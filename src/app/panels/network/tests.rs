//! What the tests of all tabs look at: a net that is trained, and the screen around them.

use super::*;
use crate::app::panels::compare::tests::quick;
use crate::data::{ReadOptions, RoleRequest, Source, splits};
use crate::model::{Advance, Learner};
use crate::training::{Fitted, RunSettings, learner, prepare};

/// A bundled sample, a net trained on it, and where it is wanted an SVM.
pub(super) struct Made {
    pub(super) data: Arc<Dataset>,
    pub(super) fold: Arc<PreparedFold>,
    pub(super) state: Arc<NetState>,
    pub(super) svm: Option<SvmShown>,
}

fn run(learner: &mut dyn Learner) {
    while !matches!(learner.advance(&mut |_| ()), Advance::Finished(_)) {}
}

/// The net of these settings trained on the first split of `data`, and the split.
fn net_of(data: &Dataset, settings: &RunSettings) -> (Arc<NetState>, Arc<PreparedFold>) {
    let spec = settings.check().unwrap();
    let split = splits(data, &settings.validation, settings.seed).unwrap().swap_remove(0);
    let fold = prepare(data, &split, &spec).unwrap();
    let mut dbn = learner(ModelKind::Dbn, &fold.training, &spec, settings.seed).unwrap();
    run(dbn.as_mut());
    (Arc::new(dbn.state().unwrap()), Arc::new(fold))
}

/// The same for the table and settings of a workspace.
pub(super) fn trained(workspace: &Workspace) -> (Arc<NetState>, Arc<PreparedFold>) {
    net_of(workspace.data().unwrap(), &workspace.settings)
}

/// What tabs are given.
pub(super) fn scene<'a>(state: &'a Arc<NetState>, fold: &'a Arc<PreparedFold>, data: &'a Arc<Dataset>) -> Scene<'a> {
    Scene { model: ModelKind::Dbn, state, fold, data, seed: 42, row: 0, svm: None, key: StateKey(1) }
}

impl Made {
    /// Of the bundled sample of this name.
    pub(super) fn of(name: &str) -> Self {
        let source = Source::sample_named(name, &RoleRequest::default(), &ReadOptions::default()).unwrap();
        let data = Arc::new(source.dataset(&source.guess.roles).unwrap());
        let (state, fold) = net_of(&data, &quick());
        Self { data, fold, state, svm: None }
    }

    /// With an SVM beside the net.
    pub(super) fn with_svm(name: &str) -> Self {
        let made = Self::of(name);
        let mut svm = learner(ModelKind::Svm, &made.fold.training, &quick().check().unwrap(), 42).unwrap();
        run(svm.as_mut());
        let fitted = Fitted { classifier: svm.classifier(), support: svm.support(), done: true };
        Self { svm: Some(SvmShown::new(Arc::new(fitted), &made.fold)), ..made }
    }

    pub(super) fn n_layers(&self) -> usize {
        self.state.n_hidden_layers()
    }

    pub(super) fn scene(&self) -> Scene<'_> {
        Scene { svm: self.svm.as_ref(), ..scene(&self.state, &self.fold, &self.data) }
    }
}
