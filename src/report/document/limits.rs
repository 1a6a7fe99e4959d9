//! What the figures do not say.

use super::data::NO_COMPARISON;
use super::{Block, ModelDocument, model};
use crate::data::ValidationKind;
use crate::evaluation::FEWEST_BAD_ROWS;
use crate::model::calibration::CalibrationMethod;
use crate::report::{Cell, Compared};

/// Bad rows below which intervals are wide: about ±0.05 on a recall of a half.
const FEW_BAD_ROWS: usize = 400;

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let mut blocks = match of.compared {
        Some(compared) => vec![Block::List(limits(compared, of))],
        None => vec![Block::missing(NO_COMPARISON)],
    };
    if let Some(model) = of.model {
        blocks.extend(model::limits(model));
    }
    blocks.push(Block::blank("Further limits known to the owner, and what makes up for them", 4));
    blocks.push(Block::blank("Uses for which the model is not approved", 2));
    blocks
}

/// One sentence each: first what every table has in common, then what is so on this one.
fn limits(compared: &Compared<'_>, of: &ModelDocument<'_>) -> Vec<String> {
    let Compared { source, data, spec, comparison, .. } = compared;
    let settings = &spec.settings;
    let mut limits = vec![
        "Only firms with a known outcome are tested on. Firms that were refused before are not among them, and the model may \
         answer differently for such firms."
            .to_owned(),
        "Attributions are those of the model, not causes.".to_owned(),
        "Intervals say which rows happened to be tested, not how the economy may change.".to_owned(),
    ];
    let mut add = |holds: bool, text: String| limits.extend(holds.then_some(text));
    add(source.is_synthetic(), "The table is synthetic: none of its figures is evidence about real firms.".to_owned());
    let bad = data.n_bad();
    add(
        bad < FEW_BAD_ROWS,
        if bad < FEWEST_BAD_ROWS {
            format!("The table has {bad} bad rows, too few to conclude anything.")
        } else {
            format!("The table has {bad} bad rows: recall of the bad class is known to no better than its interval.")
        },
    );
    let in_time = settings.validation.kind == ValidationKind::OutOfTime;
    add(
        !in_time && data.period.is_none(),
        "The table has no period: how the models do on later firms than those they learned from is not tested."
            .to_owned(),
    );
    add(
        !in_time && data.period.is_some(),
        "Rows are not held out in time: how the models do on later firms than those they learned from is not tested. Validate \
         out of time to know."
            .to_owned(),
    );
    add(
        data.enterprise.is_none(),
        "The table names no enterprises: whether rows of one firm are on both sides of a split is not known."
            .to_owned(),
    );
    add(
        data.enterprise.is_some() && !matches!(settings.validation.kind, ValidationKind::Grouped),
        "Folds are not grouped by enterprise; Data and exclusions says how many firms are on both sides of a split."
            .to_owned(),
    );
    add(
        comparison.n_splits == 1,
        "There is a single split: the spread over folds and the t-tests are undefined.".to_owned(),
    );
    add(
        comparison.stopped,
        "The comparison was stopped before its end: its means rest on the fits that were finished.".to_owned(),
    );
    add(
        settings.calibration.method == CalibrationMethod::None,
        "Probabilities are not calibrated: they rank firms, and are no rates.".to_owned(),
    );
    if let Some(population) = settings.calibration.population_bad_rate {
        limits.push(format!(
            "Probabilities are meant for a population with {} bad; they are not tested on such a population.",
            Cell::Share(Some(population)).shown()
        ));
    }
    let mut add = |holds: bool, text: &str| limits.extend(holds.then(|| text.to_owned()));
    add(of.studies.is_empty(), "Robustness was not studied.");
    add(
        data.exposure.is_none() && settings.money.exposure.is_none(),
        "Nothing is known of exposures, and so nothing of losses in money.",
    );
    add(
        true,
        "Another kind of processor may differ in the last bits of matrix products; the same build on the same kind gives the \
         same bits.",
    );
    limits
}
