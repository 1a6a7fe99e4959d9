//! What the model's answers rest on.

use super::super::figures;
use super::super::table::ColumnKind::{Estimates, Numbers, Words};
use super::super::{Cell, ReportTable};
use super::{Block, ModelDocument};
use crate::explanation::{Dependence, Importance, Loss, NOT_CAUSES, Shuffled};

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::paragraph(NOT_CAUSES)];
    match of.importance {
        Some(importance) => blocks.extend(of_importance(importance)),
        None => blocks.push(Block::missing(
            "Importance is not worked out: it needs a trained model and rows of both classes that its run held out. Train one on \
             this table in the window, and write the document again.",
        )),
    }
    if of.dependence.is_empty() {
        blocks.push(Block::missing(
            "Partial dependence is not worked out: it needs a model and is made along with importance.",
        ));
    } else {
        blocks.push(Block::Subheading("Partial dependence".to_owned()));
        blocks.push(Block::paragraph(
            "The mean PD over rows when one indicator has each of its values in turn and the others stay what they are; thin \
             lines are single firms. Where indicators go together, some of the rows made so are like no firm there is.",
        ));
        blocks.push(Block::Pictures(of.dependence.iter().enumerate().map(figures::dependence).collect()));
        blocks.push(Block::FileOnly(dependence_table(of.dependence)));
    }
    blocks
        .push(Block::blank("Whether the indicators act as an expert expects, and what was done where they do not", 3));
    blocks
}

fn of_importance(importance: &Importance) -> Vec<Block> {
    let mut blocks = vec![
        Block::Subheading("Importance".to_owned()),
        Block::paragraph(format!(
            "Permutation importance on {} rows, {} of them bad: how much worse the model does when the values of an indicator are \
             dealt out among the rows anew. As they are, the AUC is {} and the Brier score {}. Intervals: 95 %, over shuffles and \
             the rows looked at.",
            importance.rows,
            importance.bad,
            Cell::Number(Some(importance.auc), 3).shown(),
            Cell::Number(Some(importance.brier), 4).shown()
        )),
        Block::Table(losses(
            "importance",
            "What each indicator is worth by itself, the most first.",
            importance,
            &importance.alone,
        )),
        Block::Pictures(vec![figures::importance(importance)]),
    ];
    if importance.together.is_empty() {
        blocks.push(Block::Remark(
            "No indicators go so closely together that they had to be shuffled as a group.".to_owned(),
        ));
    } else {
        let caption = "Indicators that go together, shuffled as a group: each alone seems unimportant, since the others still tell.";
        blocks.push(Block::Table(losses("importance_groups", caption, importance, &importance.together)));
    }
    blocks
}

fn losses(name: &str, caption: &str, importance: &Importance, shuffled: &[Shuffled]) -> ReportTable {
    let columns = [("Indicator", Words), ("AUC lost", Estimates), ("Brier score gained", Estimates)];
    let mut table = ReportTable::new(name, caption, columns);
    let mut shuffled: Vec<&Shuffled> = shuffled.iter().collect();
    shuffled.sort_by(|a, b| b.auc.mean.total_cmp(&a.auc.mean));
    let estimate = |loss: &Loss| Cell::Estimate {
        mean: Some(loss.mean),
        sd: None,
        interval: Some(loss.interval),
        decimals: 4,
        best: false,
    };
    let row = |one: &Shuffled| {
        let names = one.indicators.iter().filter_map(|&indicator| importance.indicators.get(indicator));
        let names: Vec<&str> = names.map(String::as_str).collect();
        vec![names.join(", ").into(), estimate(&one.auc), estimate(&one.brier)]
    };
    table.rows = shuffled.into_iter().map(row).collect();
    table
}

/// Every point of every curve of means.
fn dependence_table(all: &[Dependence]) -> ReportTable {
    let caption =
        "Partial dependence: mean PD at each value looked at, percentiles of numbers and levels of categories.";
    let columns = [("Indicator", Words), ("Value", Words), ("Mean PD", Numbers)];
    let mut table = ReportTable::new("dependence", caption, columns);
    let rows = all.iter().flat_map(|one| {
        let points = one.grid.iter().zip(&one.mean);
        points
            .map(|(value, &pd)| vec![one.indicator.clone().into(), value.to_string().into(), Cell::Number(Some(pd), 4)])
    });
    table.rows = rows.collect();
    table
}
