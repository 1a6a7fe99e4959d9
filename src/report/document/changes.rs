//! What was changed when, and what people decided otherwise than the model.

use super::super::table::ColumnKind::{Numbers, Words};
use super::super::{Cell, ReportTable, sentence_case};
use super::{Block, ModelDocument, model};
use crate::storage::{Override, OverrideModel, OverrideTable, TABLE_NOT_RECORDED};

/// Empty lines for versions to come.
const LINES: usize = 4;

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let columns = ["Version", "Date", "What was changed, and why", "By whom"].map(|head| (head, Words));
    let mut table = ReportTable::new("versions", "Versions of the model; empty lines are to be filled in.", columns);
    let made = of.model.map(|model| {
        let what = format!("{} made by Beliefscope {}", sentence_case(model.kind.title()), model.record.program);
        [model.record.made.clone(), what]
    });
    let versions = made.into_iter().chain([[of.written.to_owned(), "This document".to_owned()]]);
    let filled = versions
        .enumerate()
        .map(|(i, [date, what])| vec![(i + 1).to_string().into(), date.into(), what.into(), "".into()]);
    let empty = (0..LINES).map(|_| vec![Cell::from(""); 4]);
    table.rows = filled.chain(empty).collect();
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(of.model.map(model::live_changes).unwrap_or_default());
    blocks
}

pub(super) fn overrides(of: &ModelDocument<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    if of.overrides.is_empty() {
        blocks.push(Block::missing(
            "No decision against the model is recorded: where one is made, record it under Explain with its reason.",
        ));
    } else {
        let columns = [
            ("Firm", Words),
            ("Table", Words),
            ("Row", Numbers),
            ("Decided against", Words),
            ("PD", Numbers),
            ("Model says", Words),
            ("Person says", Words),
            ("Reason", Words),
            ("By", Words),
            ("When", Words),
        ];
        let mut table = ReportTable::new("overrides", "Decisions of a person against the model.", columns);
        let call = |bad: bool, grade: Option<char>| {
            let call = if bad { "bad" } else { "good" };
            grade.map_or_else(|| call.to_owned(), |grade| format!("{call}, {grade}"))
        };
        let row = |o: &Override| {
            vec![
                o.enterprise.clone().unwrap_or_else(|| "–".to_owned()).into(),
                o.table.as_ref().map_or_else(|| TABLE_NOT_RECORDED.to_owned(), OverrideTable::in_words).into(),
                Cell::Words(o.row.to_string()),
                o.model.map_or_else(|| "model not recorded".to_owned(), OverrideModel::in_words).into(),
                Cell::Number(Some(o.pd), 3),
                call(o.from_bad, o.from_grade).into(),
                call(o.to_bad, o.to_grade).into(),
                o.reason.clone().into(),
                o.user.clone().into(),
                o.time.clone().into(),
            ]
        };
        table.rows = of.overrides.iter().map(row).collect();
        blocks.push(Block::Table(table));
        let worse = of.overrides.iter().filter(|o| !o.from_bad && o.to_bad).count();
        let better = of.overrides.iter().filter(|o| o.from_bad && !o.to_bad).count();
        blocks.push(Block::paragraph(format!(
            "{worse} called bad by a person and good by the model, {better} the other way round."
        )));
    }
    blocks.push(Block::blank("Who may decide against the model, and who looks over such decisions", 2));
    blocks
}
