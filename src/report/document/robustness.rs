//! How the models bear up when one thing is varied.

use super::super::figures;
use super::super::study::{level_text, place};
use super::super::table::ColumnKind::{Estimates, Words};
use super::super::{Cell, Column, ReportTable, sentence_case};
use super::{Block, ModelDocument};
use crate::evaluation::{Metric, Summary};
use crate::training::{ModelKind, Study, StudyKind, StudyPoint};

/// The figures that a study is read by.
const SHOWN: [Metric; 2] = [Metric::Auc, Metric::Recall];

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let missing: Vec<&str> = StudyKind::ALL
        .into_iter()
        .filter(|kind| !of.studies.iter().any(|study| study.kind == *kind))
        .map(StudyKind::title)
        .collect();
    let mut blocks: Vec<Block> = of.studies.iter().flat_map(|study| of_study(study)).collect();
    if of.studies.is_empty() {
        blocks.push(Block::missing(
            "No study was made: run one on Compare (How robust are they?), or add --study noise,missing,label_noise,labels,seeds \
             to beliefscope compare.",
        ));
    } else if !missing.is_empty() {
        blocks.push(Block::missing(format!("Not studied: {}.", missing.join(", "))));
    }
    blocks.push(Block::blank("Which disturbances are to be expected in use, and whether the model bears them", 2));
    blocks
}

fn of_study(study: &Study) -> Vec<Block> {
    let mut blocks = vec![
        Block::Subheading(format!("{}{}", study.kind.title(), place(study))),
        Block::paragraph(format!("{} {} splits.", purpose(study.kind), study.n_splits)),
    ];
    blocks.extend(SHOWN.map(|metric| Block::Table(table(study, metric))));
    blocks.push(Block::Pictures(SHOWN.map(|metric| figures::study(study, metric)).into()));
    if !study.warnings.is_empty() {
        blocks.push(Block::List(study.warnings.clone()));
    }
    blocks
}

fn purpose(kind: StudyKind) -> &'static str {
    match kind {
        StudyKind::Noise => "Gaussian noise is added to the indicators: how fast does each model give way?",
        StudyKind::Missing => "Cells are knocked out at random and filled as the preparation does: what do gaps cost?",
        StudyKind::LabelNoise => "Labels of training rows are turned round at random; those tested stay as they are.",
        StudyKind::Labels => "Fewer training rows keep their label; the DBN still learns from the others without one.",
        StudyKind::Seeds => "The same folds with other seeds for the fits: what of a difference is mere luck?",
    }
}

/// Both figures that a study is read by: a model a row for each, a level a column.
pub fn study_table(study: &Study) -> ReportTable {
    let [mut whole, other] = SHOWN.map(|metric| {
        let mut part = table(study, metric);
        part.columns.insert(0, Column { title: "Figure".to_owned(), holds: Words });
        part.rows.iter_mut().for_each(|row| row.insert(0, metric.label().into()));
        part
    });
    whole.rows.extend(other.rows);
    whole.name = format!("study_{}", study.kind.key());
    whole.caption = format!("{}{}: mean ± sd over the splits.", study.kind.title(), place(study));
    whole
}

/// A model a row, a level a column.
fn table(study: &Study, metric: Metric) -> ReportTable {
    let levels = study.levels.iter().zip(study.labelled_rows()).map(|(&level, rows)| level_text(study, level, rows));
    let over_seeds = (study.kind == StudyKind::Seeds).then(|| "over seeds".to_owned());
    let heads = levels.chain(over_seeds).map(|head| (head, Estimates));
    let name = format!("study_{}_{}", study.kind.key(), metric.name());
    let caption = format!("{}: {} of each model, mean ± sd over the splits.", study.kind.title(), metric.in_sentence());
    let mut table = ReportTable::new(&name, caption, std::iter::once(("Model".to_owned(), Words)).chain(heads));
    let estimate = |mean, sd| Cell::Estimate { mean, sd, interval: None, decimals: 3, best: false };
    let row = |(model, kind): (usize, &ModelKind)| {
        let mut cells: Vec<Cell> = vec![sentence_case(kind.title()).into()];
        cells.extend(study.curve(model, metric).into_iter().map(|StudyPoint { mean, sd, .. }| estimate(mean, sd)));
        if study.kind == StudyKind::Seeds {
            let Summary { mean, sd, .. } = study.over_levels(model, metric);
            cells.push(estimate(mean, sd));
        }
        cells
    };
    table.rows = study.models.iter().enumerate().map(row).collect();
    table
}
