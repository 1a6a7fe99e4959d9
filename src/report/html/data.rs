//! What was compared, on which rows, with which settings.

use super::super::{Compared, changed_settings};
use super::page::{Markup, Page, percent};
use crate::data::ValidationKind;
use crate::model::calibration::CalibrationMethod;

/// The table and how its rows were held out.
pub(super) fn section(page: &mut Page, compared: &Compared<'_>) {
    let Compared { source, data, spec, comparison, .. } = compared;
    page.heading("What was compared");
    let labelled = data.labelled_rows().len();
    let validation = &spec.settings.validation;
    let held_out = match validation.kind {
        ValidationKind::Holdout => {
            format!("{} of the labelled rows held out, by class", percent(Some(validation.test_share)))
        }
        ValidationKind::Kfold => format!("{} folds by class", validation.folds),
        ValidationKind::Grouped => format!("{} folds, all rows of an enterprise on one side", validation.folds),
        ValidationKind::OutOfTime => "the latest periods, after all that is learned from".to_owned(),
        ValidationKind::Column => "as a column of the table says".to_owned(),
    };
    let repeats = if validation.kind.repeats() && validation.repeats > 1 {
        format!(", drawn {} times", validation.repeats)
    } else {
        String::new()
    };
    let made = if source.is_synthetic() { "synthetic: made up by the program" } else { "as given" };
    let with_outcome = if labelled == data.n_rows() {
        "all".to_owned()
    } else {
        format!("{labelled}; the others are learned from without one")
    };
    let models: Vec<&str> = comparison.models.iter().map(|model| model.kind.title()).collect();
    let rows = [
        ("Table", source.path.to_string_lossy().into_owned()),
        ("SHA-256", source.reading.sha256.clone()),
        ("Data", made.to_owned()),
        ("Rows", format!("{} used, {} rejected", data.n_rows(), source.reading.rejected.len())),
        ("With an outcome", with_outcome),
        (
            "Bad",
            format!(
                "{} ({} of those with an outcome), where {} = {}",
                data.n_bad(),
                percent((labelled > 0).then(|| data.n_bad() as f64 / labelled as f64)),
                data.label_name,
                data.bad_value
            ),
        ),
        ("Indicators", data.indicators.len().to_string()),
        ("Held out", format!("{held_out}{repeats}: {} splits", comparison.n_splits)),
        ("Models", models.join(", ")),
        ("Seed", spec.settings.seed.to_string()),
        ("Program", concat!("Beliefscope ", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    let rows: Vec<Vec<Markup>> = rows.iter().map(|(what, is)| vec![Markup::text(what), Markup::text(is)]).collect();
    page.facts(&rows);
    let calibrated = if spec.settings.calibration.method == CalibrationMethod::None {
        "the probabilities are the models' own, not calibrated."
    } else {
        "the probabilities of every model are calibrated in the same way, on scores of rows that the fit had not seen."
    };
    page.paragraph(&format!(
        "Every step of the preparation is fitted inside the fold, on its training rows alone; {calibrated}"
    ));
}

/// Settings that are not the default, and the command that does the same.
pub(super) fn settings(page: &mut Page, compared: &Compared<'_>, command: &str) {
    page.heading("Settings");
    let changed = changed_settings(&compared.spec.settings);
    if changed.is_empty() {
        page.paragraph("Every setting has its default value.");
    } else {
        page.paragraph("All settings but these have their default values.");
        let head = ["Setting", "Value", "Default"].map(str::to_owned);
        let rows: Vec<Vec<Markup>> = changed
            .iter()
            .map(|setting| [&setting.key, &setting.value, &setting.default].map(|text| Markup::text(text)).to_vec())
            .collect();
        page.table(&head, &rows);
    }
    page.heading("To do the same again");
    page.paragraph(
        "The same table, settings and seed give the same numbers on this kind of processor, on any number of cores.",
    );
    page.verbatim(command);
}
