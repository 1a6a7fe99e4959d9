//! The front of the document, and what the model is for.

use super::super::verdict_text::beneath_verdict;
use super::super::{ReportTable, sentence_case};
use super::{Block, ModelDocument};

/// What the document is about, for its title.
pub(super) fn subject(of: &ModelDocument<'_>) -> String {
    let files = || of.model.map(|model| model.record.data.files.join(" + "));
    let table = of.compared.map(|compared| compared.source.name()).or_else(files);
    let kind = of.kind().map(|kind| sentence_case(kind.title()));
    match (kind, table) {
        (Some(kind), Some(table)) => format!("{kind} on {table}"),
        _ => "nothing yet".to_owned(),
    }
}

/// The verdict, and what the reader must know before any figure.
pub(super) fn front(of: &ModelDocument<'_>) -> Vec<Block> {
    let Some(compared) = of.compared else { return Vec::new() };
    let mut blocks = vec![match &compared.comparison.verdict {
        Some(verdict) => Block::Verdict { headline: verdict.headline.clone(), detail: verdict.detail.clone() },
        None => Block::Verdict {
            headline: "Nothing to compare".to_owned(),
            detail: "Fewer than two models were fitted: compare at least two.".to_owned(),
        },
    }];
    blocks.extend(beneath_verdict(compared).into_iter().map(Block::Paragraph));
    let warnings = compared.warnings();
    if !warnings.is_empty() {
        blocks.push(Block::Warnings(warnings));
    }
    blocks
}

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(compared) = of.compared {
        let data = compared.data;
        let kind = of.kind();
        let others = compared.comparison.models.iter().map(|model| model.kind).filter(|other| Some(*other) != kind);
        let others: Vec<String> = others.map(|kind| sentence_case(kind.title())).collect();
        blocks.push(Block::paragraph(format!(
            "The model gives each row of a table of enterprises a probability of the bad outcome, {} = {}, from {} \
             indicators; a cut-off calls firms bad, and a master scale puts them into grades. The document covers the models \
             named below on the table named below, and says nothing of firms that are unlike those in it.",
            data.label_name,
            data.bad_value,
            data.indicators.len()
        )));
        blocks.push(Block::Facts(ReportTable::facts(
            "purpose",
            "What the document is about.",
            vec![
                ("Model", kind.map_or_else(|| "–".to_owned(), |kind| sentence_case(kind.title()))),
                ("Compared with", others.join(", ")),
                ("Outcome foretold", format!("{} = {}", data.label_name, data.bad_value)),
                (
                    "Unit",
                    if data.enterprise.is_some() { "row of an enterprise" } else { "row of the table" }.to_owned(),
                ),
                ("Table", compared.source.path.to_string_lossy().into_owned()),
                ("Program", concat!("Beliefscope ", env!("CARGO_PKG_VERSION")).to_owned()),
                ("Document written", of.written.to_owned()),
            ],
        )));
    } else if let Some(model) = of.model {
        let data = &model.record.data;
        blocks.push(Block::paragraph(format!(
            "The model gives each row of a table of enterprises a probability of the bad outcome, {} = {}, from {} \
             indicators; its threshold calls firms bad. It says nothing of firms that are unlike those it learned from.",
            data.label,
            data.bad_value,
            model.columns.len()
        )));
        blocks.push(Block::Facts(ReportTable::facts(
            "purpose",
            "What the document is about.",
            vec![
                ("Model", sentence_case(model.kind.title())),
                ("Outcome foretold", format!("{} = {}", data.label, data.bad_value)),
                ("Table", data.files.join(", ")),
                ("Model made", model.record.made.clone()),
                ("Program", format!("Beliefscope {}", model.record.program)),
                ("Document written", of.written.to_owned()),
            ],
        )));
    } else {
        blocks.push(Block::missing(
            "No comparison is known, so that neither outcome nor indicators can be named: run Compare and write the \
             document again.",
        ));
    }
    for (what, lines) in [
        ("Owner and developer of the model", 1),
        ("Intended use: which decisions it supports, and which it must not be used for", 3),
        ("Users, and what they need to know to use it", 2),
        ("Definition of the bad outcome and the horizon over which it is foretold", 2),
        ("Materiality: portfolio, exposure, risk tier", 2),
        ("Approval: by whom, when, on which conditions; signature", 2),
    ] {
        blocks.push(Block::blank(what, lines));
    }
    blocks
}
