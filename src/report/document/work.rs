//! The document of work under way or kept: what a comparison and a trained model do not hold themselves is worked out here, so
//! that the same work gives the same document, in a window or from its file.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::{Compared, command_line};
use super::{Document, ModelDocument};
use crate::data::Dataset;
use crate::explanation::{Dependence, Importance, ImportanceSettings, dependence, importance};
use crate::scoring::RiskModel;
use crate::storage::Override;
use crate::training::{RunSpec, Study, TrainingError, analyse, held_out_rows, stand_first};

/// Models of a comparison whose grades, calibration and stability are told: those of the verdict.
pub const MODELS_STANDING: usize = 2;

/// Indicators whose partial dependence is told: the most important ones.
const DEPENDENCE: usize = 8;

/// Work on one table. What there is not is left out.
#[derive(Clone, Copy, Default)]
pub struct Work<'a> {
    /// When the document is written: RFC 3339.
    pub written: &'a str,
    /// The comparison; its analysis is worked out where it is not there.
    pub compared: Option<&'a Compared<'a>>,
    /// The model that was trained on the table of the comparison, under the same roles.
    pub trained: Option<TrainedModel<'a>>,
    /// A model from a file, which the document is about where nothing was compared or trained.
    pub opened: Option<&'a RiskModel>,
    /// Studies on the table of the comparison, each with the settings of its fits. Those of other fits, or at another cut-off,
    /// are not told.
    pub studies: &'a [(&'a Study, &'a RunSpec)],
    /// Decisions of a person against a model.
    pub overrides: &'a [Override],
}

/// A trained model with what it learned from.
#[derive(Clone, Copy)]
pub struct TrainedModel<'a> {
    /// The model.
    pub model: &'a RiskModel,
    /// The table.
    pub data: &'a Dataset,
    /// The settings of its run.
    pub spec: &'a RunSpec,
}

/// The document of some work. Takes seconds, on long tables minutes: not for the window's thread. The result does not depend on
/// `threads`. `None` when `stop` was set on the way.
///
/// # Errors
/// When the rows cannot be split or prepared as for the comparison or the model.
pub fn work_document(work: &Work<'_>, threads: usize, stop: &AtomicBool) -> Result<Option<Document>, TrainingError> {
    let stopped = || stop.load(Ordering::Relaxed);
    let mut analysis = None;
    let mut standing = Vec::new();
    if let Some(Compared { data, spec, comparison, analysis: known, .. }) = work.compared {
        if known.is_none() {
            analysis = analyse(data, spec, comparison, threads, stop)?;
        }
        let Some(found) = stand_first(data, spec, comparison, MODELS_STANDING, stop)? else { return Ok(None) };
        standing = found;
    }
    let compared = work.compared.map(|c| Compared { analysis: c.analysis.or(analysis.as_ref()), ..*c });
    let explained = match &work.trained {
        Some(trained) => explained(trained, &stopped)?,
        None => None,
    };
    let (importance, dependence) = explained.unzip();
    if stopped() {
        return Ok(None);
    }
    let opened = work.opened.filter(|_| work.compared.is_none());
    let is_told = |spec: &RunSpec| work.compared.is_some_and(|compared| is_alike(spec, compared.spec));
    let studies: Vec<&Study> = work.studies.iter().filter(|(_, spec)| is_told(spec)).map(|(study, _)| *study).collect();
    let command = compared.as_ref().map(|c| command_line(c.source, c.roles, &c.spec.settings));
    Ok(Some(Document::new(&ModelDocument {
        written: work.written,
        model: work.trained.map(|trained| trained.model).or(opened),
        compared: compared.as_ref(),
        command: command.as_deref(),
        standing: &standing,
        studies: &studies,
        importance: importance.as_ref(),
        dependence: dependence.as_deref().unwrap_or_default(),
        overrides: work.overrides,
    })))
}

/// Whether a study under `spec` has the fits and the cut-off of a comparison.
fn is_alike(spec: &RunSpec, compared: &RunSpec) -> bool {
    let settings = &compared.settings;
    spec.settings.cutoff == settings.cutoff && settings.models.iter().all(|&kind| compared.fits_as(spec, kind))
}

/// What a model rests on, on the rows that its run held out; `None` where they cannot tell, and when it was stopped.
fn explained(
    trained: &TrainedModel<'_>,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<Option<(Importance, Vec<Dependence>)>, TrainingError> {
    let TrainedModel { model, data, spec } = trained;
    let rows = held_out_rows(data, spec)?;
    let settings = ImportanceSettings { seed: spec.settings.seed, ..ImportanceSettings::default() };
    let Ok(Some(importance)) = importance(model, data, &rows, &settings, stopped) else { return Ok(None) };
    let mut alone: Vec<_> = importance.alone.iter().collect();
    alone.sort_by(|a, b| b.auc.mean.total_cmp(&a.auc.mean));
    let names = alone.iter().filter_map(|one| importance.indicators.get(*one.indicators.first()?));
    let names = names.take(DEPENDENCE).take_while(|_| !stopped());
    let curves = names.filter_map(|name| dependence(model, &model.background, name).ok().flatten()).collect();
    Ok(Some((importance, curves)))
}
