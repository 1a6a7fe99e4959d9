//! Studies of the compared models: `studies` of `compare --json`, and tables for a terminal.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::text::{line, plus_minus};
use crate::data::Spread;
use crate::evaluation::{Metric, Summary};
use crate::training::{Study, StudyKind, StudyPoint};

/// The figures that a study is read by.
const SHOWN: [Metric; 2] = [Metric::Auc, Metric::Recall];

/// All studies, in the order asked for; undefined values are null.
pub fn studies_json(studies: &[Study]) -> Value {
    studies.iter().map(study_json).collect()
}

fn study_json(study: &Study) -> Value {
    let points = |model, metric| -> Value {
        let point = |p: StudyPoint| json!({ "level": p.level, "mean": p.mean, "sd": p.sd, "n": p.n });
        study.curve(model, metric).into_iter().map(point).collect()
    };
    let model = |(index, kind): (usize, &crate::training::ModelKind)| {
        let mut fields = json!({ "name": kind.key() });
        for metric in SHOWN {
            fields[metric.name()] = points(index, metric);
        }
        if study.kind == StudyKind::Seeds {
            let Summary { mean, sd, n } = study.over_levels(index, Metric::Auc);
            fields["auc_over_seeds"] = json!({ "mean": mean, "sd": sd, "n": n });
        }
        fields
    };
    json!({
        "kind": study.kind.key(),
        "in_training": study.in_training,
        "noise_unit": study.noise_unit,
        "levels": study.levels,
        "labelled_rows": study.labelled_rows(),
        "models": study.models.iter().enumerate().map(model).collect::<Vec<_>>(),
        "warnings": study.warnings,
    })
}

/// A table for each of the figures: a row for each model, a column for each level.
pub fn study_text(study: &Study) -> String {
    let mut text = String::new();
    let width = study.models.iter().map(|m| m.title().len()).max().unwrap_or(0).max("Model".len());
    line(&mut text, &format!("\n{}{}; splits: {}", study.kind.title(), place(study), study.n_splits));
    for metric in SHOWN {
        let mut header = format!("{:width$}", metric.short_label());
        for (&level, rows) in study.levels.iter().zip(study.labelled_rows()) {
            _ = write!(header, "  {:>13}", level_text(study, level, rows));
        }
        if study.kind == StudyKind::Seeds {
            _ = write!(header, "  {:>13}", "over seeds");
        }
        line(&mut text, &header);
        for (model, kind) in study.models.iter().enumerate() {
            let mut row = format!("{:width$}", kind.title());
            for StudyPoint { mean, sd, n, .. } in study.curve(model, metric) {
                _ = write!(row, "  {:>13}", plus_minus(Summary { mean, sd, n }));
            }
            if study.kind == StudyKind::Seeds {
                _ = write!(row, "  {:>13}", plus_minus(study.over_levels(model, metric)));
            }
            line(&mut text, &row);
        }
    }
    for warning in &study.warnings {
        line(&mut text, &format!("Note: {warning}"));
    }
    text
}

/// Where cells are disturbed, to be read after the title.
pub(super) fn place(study: &Study) -> &'static str {
    match (study.kind.disturbs_cells(), study.in_training) {
        (false, _) => "",
        (true, false) => ", in the rows scored",
        (true, true) => ", in training and in the rows scored",
    }
}

/// A level in the head of a column.
pub(super) fn level_text(study: &Study, level: f64, labelled_rows: Option<f64>) -> String {
    match (study.kind, study.noise_unit) {
        (StudyKind::Noise, Spread::Sd) => format!("{level} sd"),
        (StudyKind::Noise, Spread::Iqr) => format!("{level} IQR/1.35"),
        (StudyKind::Missing | StudyKind::LabelNoise, _) => format!("{} %", (1000.0 * level).round() / 10.0),
        (StudyKind::Labels, _) => labelled_rows.map_or("–".to_owned(), |rows| format!("{rows:.0} rows")),
        (StudyKind::Seeds, _) => format!("seed {level}"),
    }
}
