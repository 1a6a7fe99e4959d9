//! Studies of the compared models: what noise, gaps, wrong or missing labels and other seeds do to them. One runs at a time;
//! the newest of each kind is kept.

use std::sync::Arc;

use super::notices::Notices;
use super::workspace::Origin;
use crate::data::Dataset;
use crate::training::worker::Studying;
use crate::training::{RunSpec, Study, StudyKind};

/// A study, finished or under way.
pub(super) struct KeptStudy {
    pub(super) study: Arc<Study>,
    /// The table and the settings it was made with.
    pub(super) origin: Arc<Origin>,
    pub(super) data: Arc<Dataset>,
    pub(super) spec: RunSpec,
}

/// The study under way, and the newest of each kind.
#[derive(Default)]
pub(super) struct Studies {
    running: Option<Running>,
    kept: Vec<KeptStudy>,
}

struct Running {
    kind: StudyKind,
    worker: Studying,
    origin: Arc<Origin>,
    data: Arc<Dataset>,
    spec: RunSpec,
}

impl Studies {
    /// The newest study of this kind.
    pub(super) fn of(&self, kind: StudyKind) -> Option<&KeptStudy> {
        self.kept.iter().find(|kept| kept.study.kind == kind)
    }

    /// Those made on this table, with the settings of their fits.
    pub(super) fn on(&self, origin: &Origin) -> Vec<(Arc<Study>, RunSpec)> {
        let on_it = self.kept.iter().filter(|kept| kept.origin.is_as(origin));
        on_it.map(|kept| (Arc::clone(&kept.study), kept.spec.clone())).collect()
    }

    /// The newest of each kind.
    pub(super) fn kept(&self) -> &[KeptStudy] {
        &self.kept
    }

    /// Takes back studies that were kept in a file.
    pub(super) fn take_kept(&mut self, kept: Vec<KeptStudy>) {
        self.kept = kept;
    }

    /// The study under way and the share of it that is done.
    pub(super) fn running(&self) -> Option<(StudyKind, f64)> {
        self.running.as_ref().map(|running| (running.kind, running.worker.progress()))
    }

    /// Takes over a study that has been started.
    pub(super) fn begin(
        &mut self,
        kind: StudyKind,
        worker: Studying,
        (origin, data): (Arc<Origin>, Arc<Dataset>),
        spec: RunSpec,
    ) {
        self.running = Some(Running { kind, worker, origin, data, spec });
    }

    /// Ends the study under way; what is finished of it is kept.
    pub(super) fn stop(&self) {
        if let Some(running) = &self.running {
            running.worker.stop();
        }
    }

    /// Takes in what the worker has found.
    pub(super) fn drain(&mut self, notices: &mut Notices) {
        let Some(running) = &self.running else { return };
        // The end first: what is shown after it is final.
        let result = running.worker.result();
        if let Some(study) = running.worker.study() {
            let (origin, data) = (Arc::clone(&running.origin), Arc::clone(&running.data));
            let spec = running.spec.clone();
            self.kept.retain(|kept| kept.study.kind != study.kind);
            self.kept.push(KeptStudy { study, origin, data, spec });
        }
        match result {
            None => return,
            Some(Ok(_)) => {}
            Some(Err(error)) => notices.error(format!("The study stopped: {error}")),
        }
        self.running = None;
    }
}
