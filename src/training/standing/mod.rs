//! How the probabilities of a model stand: put into grades, held against what happened, and against other rows.
//!
//! Nothing that is reported was chosen on the rows that it is reported on: grades are found on training rows with the
//! probabilities of fits that had not seen them, and their rates counted on held-out rows.

mod all_rows;
mod stability;

use std::sync::atomic::{AtomicBool, Ordering};

pub use self::stability::{Against, StabilityReport};
use self::stability::{Failure, report};
use super::comparison::{Comparison, ModelResult, Rows};
use super::{ModelKind, RunSpec, TrainingError};
use crate::data::{Dataset, latest_period};
use crate::evaluation::{
    BrierParts, CalibrationLine, Cuts, Grade, HosmerLemeshow, MasterScale, brier_parts, calibration_line,
    hosmer_lemeshow,
};

/// Bins of the Brier score's parts and of the Hosmer–Lemeshow test.
const BINS: usize = 10;

/// How the probabilities of one model stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Which model.
    pub model: ModelKind,
    /// Its grades by the settings, chosen on the validation rows of the first repeat, all folds together; or why there are
    /// none, a sentence.
    pub scale: Result<MasterScale, String>,
    /// The grades, the best first, with what the held-out rows of the first repeat say of each; empty without a scale or
    /// without such rows.
    pub grades: Vec<Grade>,
    /// The Brier score of the held-out rows of the first repeat, taken apart.
    pub brier: Option<BrierParts>,
    /// The Hosmer–Lemeshow test on the same rows.
    pub hosmer_lemeshow: Option<HosmerLemeshow>,
    /// The line of log-odds through the same rows.
    pub line: Option<CalibrationLine>,
    /// Whether other rows look like those that the model was made from; or why that cannot be said, a sentence.
    pub stability: Result<StabilityReport, String>,
}

impl Standing {
    /// What happened in the table says nothing of probabilities that are meant for firms with another share of bad ones.
    fn of_another_population(model: ModelKind) -> Self {
        let why = "The probabilities are meant for a population with another share of bad firms than the table's, so what \
                   happened in the table cannot test them.";
        let (scale, stability) = (Err(why.to_owned()), Err(why.to_owned()));
        Self { model, scale, grades: Vec::new(), brier: None, hosmer_lemeshow: None, line: None, stability }
    }
}

/// Works out how the probabilities of `model` stand, a result of a comparison on `data` with the settings of `spec`. `None`
/// when `stop` was set on the way.
///
/// Folds that are not finished are passed over.
///
/// # Errors
/// When the rows cannot be split or prepared as for the comparison, or the fit on all rows that [`Against::File`] takes
/// cannot be made.
pub fn stand(
    data: &Dataset,
    spec: &RunSpec,
    model: &ModelResult,
    against: &Against,
    stop: &AtomicBool,
) -> Result<Option<Standing>, TrainingError> {
    let stopped = || stop.load(Ordering::Relaxed);
    if spec.settings.calibration.population_bad_rate.is_some() {
        return Ok(Some(Standing::of_another_population(model.kind)));
    }
    let together = |rows| Cuts::merged(model.first_repeat(rows).map(|(_, cuts)| cuts));
    let scale = spec.settings.grades.scale(together(Rows::Validation).as_ref()).map_err(|error| error.to_string());
    let grades = match (&scale, together(Rows::Test)) {
        (Ok(scale), Some(held_out)) => scale.grades(&held_out),
        _ => Vec::new(),
    };
    if stopped() {
        return Ok(None);
    }
    let HeldOut { bad, pd, .. } = &HeldOut::of(model);
    let (brier, hosmer_lemeshow) = (brier_parts(bad, pd, BINS), hosmer_lemeshow(bad, pd, BINS));
    if stopped() {
        return Ok(None);
    }
    let line = calibration_line(bad, pd);
    let stability = match report(data, spec, model, against, stop) {
        Ok(report) => Ok(report),
        Err(Failure::Undefined(why)) => Err(why),
        Err(Failure::Stopped) => return Ok(None),
        Err(Failure::Training(error)) => return Err(error),
    };
    Ok(Some(Standing { model: model.kind, scale, grades, brier, hosmer_lemeshow, line, stability }))
}

/// How the probabilities of the first `most` models of a comparison stand, the majority left out.
///
/// Later rows are held against earlier ones where the table has periods, else test rows against training rows. `None` when
/// `stop` was set on the way.
///
/// # Errors
/// As [`stand`].
pub fn stand_first(
    data: &Dataset,
    spec: &RunSpec,
    comparison: &Comparison,
    most: usize,
    stop: &AtomicBool,
) -> Result<Option<Vec<Standing>>, TrainingError> {
    let against = if latest_period(data).is_ok() { Against::LatestPeriod } else { Against::Test };
    let models = comparison.models.iter().filter(|model| model.kind != ModelKind::Majority).take(most);
    models.map(|model| stand(data, spec, model, &against, stop)).collect()
}

/// The held-out rows of the first repeat, fold by fold.
struct HeldOut {
    /// Rows of the data set.
    rows: Vec<usize>,
    bad: Vec<bool>,
    pd: Vec<f64>,
}

impl HeldOut {
    fn of(model: &ModelResult) -> Self {
        let mut found = Self { rows: Vec::new(), bad: Vec::new(), pd: Vec::new() };
        for fold in model.folds.iter().filter(|fold| fold.fit.repeat == 0) {
            found.rows.extend_from_slice(&fold.fit.test_rows);
            found.bad.extend_from_slice(&fold.scored.answers.bad);
            found.pd.extend_from_slice(&fold.scored.answers.pd);
        }
        found
    }
}

#[cfg(test)]
mod tests;
