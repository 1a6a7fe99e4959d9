//! Whether other rows look like those that the models were made from.

use super::super::figures;
use super::super::table::ColumnKind::{Numbers, Words};
use super::super::{Cell, Light, ReportTable, sentence_case};
use super::{Block, ModelDocument};
use crate::evaluation::{Drift, Stability};
use crate::training::{StabilityReport, Standing};

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    if of.standing.is_empty() {
        return vec![Block::missing(
            "Stability is not worked out: write the document from the window or with beliefscope compare --report; give the \
             table a column of periods, or score a second table, to hold later firms against earlier ones.",
        )];
    }
    let mut blocks: Vec<Block> = of
        .standing
        .iter()
        .filter_map(|standing| Some((standing, standing.stability.as_ref().err()?)))
        .map(|(standing, why)| {
            Block::missing(format!("The stability of {} is not known. {why}", standing.model.title()))
        })
        .collect();
    let reports: Vec<(&Standing, &StabilityReport)> =
        of.standing.iter().filter_map(|standing| Some((standing, standing.stability.as_ref().ok()?))).collect();
    // Indicators are the table's own: the same for every model.
    let Some((first, report)) = reports.first() else { return blocks };
    blocks.push(Block::paragraph(format!(
        "Held against each other are {} ({} rows) and {} ({} rows).",
        report.reference, report.n[0], report.other, report.n[1]
    )));
    blocks.push(Block::Table(scores(&reports)));
    blocks.push(Block::Table(indicators(report)));
    blocks.push(Block::Remark(
        "Below 0.1 stable, from 0.1 to 0.25 some shift, above 0.25 large. Chance: what two samples of one population stay below \
         in 95 of 100 cases; with few rows chance alone reaches the bands."
            .to_owned(),
    ));
    blocks.push(Block::Pictures(vec![figures::drift(first.model.key(), report)]));
    let mut notes: Vec<String> = Vec::new();
    for note in reports.iter().flat_map(|(_, report)| &report.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    if !notes.is_empty() {
        blocks.push(Block::List(notes));
    }
    blocks.push(Block::blank("Judgement on the shifts found: causes, and whether the model still fits", 2));
    blocks
}

const DRIFT: [(&str, super::super::table::ColumnKind); 4] =
    [("Rows", Numbers), ("Index", Numbers), ("Chance, 95 %", Numbers), ("Finding", Words)];

fn drift_cells(drift: Option<&Drift>) -> [Cell; 4] {
    [
        Cell::Count(drift.map(|drift| drift.bins.iter().map(|bin| bin.other).sum())),
        Cell::Number(drift.map(|drift| drift.psi), 3),
        Cell::Number(drift.and_then(|drift| drift.critical), 3),
        drift.map_or_else(|| Cell::Finding(Light::Grey, "cannot be compared".to_owned()), finding),
    ]
}

/// The band in a word, and whether chance alone may have done it.
fn finding(drift: &Drift) -> Cell {
    let word = drift.stability.word();
    let (light, may_be_chance) = match drift.stability {
        Stability::Stable => (Light::Green, false),
        Stability::SomeShift => (Light::Amber, !drift.beyond_chance()),
        Stability::LargeShift => (Light::Red, !drift.beyond_chance()),
        Stability::TooFew => (Light::Grey, false),
    };
    let words = if may_be_chance { format!("{word}, may be chance") } else { word.to_owned() };
    Cell::Finding(light, words)
}

fn scores(reports: &[(&Standing, &StabilityReport)]) -> ReportTable {
    let caption = "Population stability index (PSI) of the probabilities of each model.";
    let titles: Vec<String> = reports.iter().map(|(standing, _)| sentence_case(standing.model.title())).collect();
    let lines = titles.iter().zip(reports).map(|(title, (_, report))| (title.as_str(), report.scores.as_ref()));
    drift_table("psi", caption, "Model", lines)
}

fn indicators(report: &StabilityReport) -> ReportTable {
    let caption = "Characteristic stability index (CSI) of each indicator, the largest first.";
    let lines = report.indicators.iter().map(|(name, drift)| (name.as_str(), drift.as_ref()));
    drift_table("csi", caption, "Indicator", lines)
}

/// How far each of `lines` has shifted: rows held against the reference, index, what chance alone reaches, finding. `head` says
/// what the lines are; nothing could be compared where there is no drift.
pub fn drift_table<'a>(
    name: &str,
    caption: &str,
    head: &str,
    lines: impl IntoIterator<Item = (&'a str, Option<&'a Drift>)>,
) -> ReportTable {
    let mut table = ReportTable::new(name, caption, std::iter::once((head, Words)).chain(DRIFT));
    let row =
        |(name, drift): (&str, Option<&Drift>)| std::iter::once(Cell::from(name)).chain(drift_cells(drift)).collect();
    table.rows = lines.into_iter().map(row).collect();
    table
}
