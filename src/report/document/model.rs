//! What a saved model says of itself: all there is to tell where its comparison is not at hand.

use super::super::table::ColumnKind::{Numbers, Words};
use super::super::{Cell, ReportTable, sentence_case};
use super::Block;
use super::data::decimals;
use crate::evaluation::{MasterScale, Metric};
use crate::model::StopReason;
use crate::scoring::{ColumnReference, ColumnValues, RiskModel};

/// The table that it learned from.
pub(super) fn data(model: &RiskModel) -> ReportTable {
    let data = &model.record.data;
    let share = (data.labelled > 0).then(|| data.bad as f64 / data.labelled as f64);
    let facts = vec![
        ("Files", data.files.join(", ")),
        ("SHA-256", data.sha256.clone()),
        ("Data", if data.synthetic { "synthetic: made up by the program" } else { "as given" }.to_owned()),
        ("Rows", data.rows.to_string()),
        ("Rows with an outcome", data.labelled.to_string()),
        ("Bad rows", format!("{} ({} of those with an outcome)", data.bad, Cell::Share(share).shown())),
        ("Label", data.label.clone()),
        ("Bad value", data.bad_value.clone()),
        ("Indicators", model.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")),
    ];
    ReportTable::facts("sample", "The table that the model learned from, as its record has it.", facts)
}

/// What the training rows held of each indicator.
pub(super) fn columns(model: &RiskModel) -> ReportTable {
    let heads = [
        ("Indicator", Words),
        ("Rows", Numbers),
        ("Missing", Numbers),
        ("Minimum", Numbers),
        ("Median", Numbers),
        ("Maximum", Numbers),
        ("Levels", Numbers),
        ("Commonest level", Words),
    ];
    let mut table = ReportTable::new("columns", "What the training rows held of each indicator.", heads);
    let row = |column: &ColumnReference| {
        let (quantiles, levels) = match &column.values {
            ColumnValues::Number { quantiles, .. } => (quantiles.as_slice(), None),
            ColumnValues::Category { levels } => (&[][..], Some(levels)),
        };
        let quantile = |percent: usize| {
            let value = quantiles.get(percent).copied();
            Cell::Number(value, decimals(value))
        };
        let commonest = levels.and_then(|levels| levels.first()).map(|(level, _)| level.clone());
        vec![
            column.name.clone().into(),
            column.rows.into(),
            Cell::Share((column.rows > 0).then(|| column.missing as f64 / column.rows as f64)),
            quantile(0),
            quantile(50),
            quantile(100),
            Cell::Count(levels.map(Vec::len)),
            commonest.unwrap_or_else(|| "–".to_owned()).into(),
        ]
    };
    table.rows = model.columns.iter().map(row).collect();
    table
}

/// Its figures on the rows that its own split held out.
pub(super) fn metrics(model: &RiskModel) -> Vec<Block> {
    let record = &model.record;
    let caption = format!(
        "The model that is to be used ({}) on the {} rows that its own split held out, {} of them bad.",
        sentence_case(model.kind.title()),
        record.held_out,
        record.held_out_bad
    );
    let columns = [("Figure", Words), ("Value", Numbers), ("How it is worked out", Words)];
    let mut table = ReportTable::new("model_metrics", caption, columns);
    let row = |metric: Metric| {
        let decimals = if metric == Metric::ExpectedCost { 1 } else { 3 };
        vec![metric.label().into(), Cell::Number(metric.get(&record.metrics), decimals), metric.formula().into()]
    };
    table.rows = Metric::ALL.map(row).into();
    vec![Block::Subheading("The model that is to be used".to_owned()), Block::Table(table)]
}

/// Its threshold and its grades.
pub(super) fn decision(model: &RiskModel) -> Vec<Block> {
    let population = model.population_bad_rate.map_or_else(String::new, |rate| {
        format!(" Its probabilities are moved to a population with {} bad.", Cell::Share(Some(rate)).shown())
    });
    let mut blocks = vec![
        Block::Subheading("The model that is to be used".to_owned()),
        Block::paragraph(format!(
            "A firm with a PD of {} or more is called bad.{population}",
            Cell::Number(Some(model.threshold), 4).shown()
        )),
    ];
    let Some(scale) = &model.grades else {
        blocks.push(Block::missing(
            "The model has no grades: its run had no rows unseen by a fit to find them on. Calibrate it, or take bands or drawn \
             bounds.",
        ));
        return blocks;
    };
    let columns = [("Grade", Words), ("PD from", Numbers), ("PD below", Numbers)];
    let mut table = ReportTable::new("model_grades", "The grades of the model that is to be used.", columns);
    let ends: Vec<f64> = [0.0].into_iter().chain(scale.bounds().iter().copied()).chain([1.0]).collect();
    let row = |(grade, ends): (usize, &[f64])| {
        let [from, to] = [0, 1].map(|i| Cell::Number(ends.get(i).copied(), 4));
        vec![MasterScale::name(grade).to_string().into(), from, to]
    };
    table.rows = ends.windows(2).enumerate().map(row).collect();
    blocks.push(Block::Table(table));
    blocks
}

/// What its fit gives to know.
pub(super) fn limits(model: &RiskModel) -> Vec<Block> {
    let mut items = model.record.notices.clone();
    match &model.record.stop_reason {
        StopReason::Completed | StopReason::EarlyStopped | StopReason::Converged => {}
        reason => items.push(format!("The fit did not come to its end by itself: {reason}.")),
    }
    if items.is_empty() { Vec::new() } else { vec![Block::List(items)] }
}

/// What was done to the fit while it ran.
pub(super) fn live_changes(model: &RiskModel) -> Vec<Block> {
    let changes = &model.record.changes;
    let mut blocks = Vec::new();
    if !changes.edits.is_empty() {
        let columns = [
            ("After epoch", Numbers),
            ("and update", Numbers),
            ("Rate, first RBM", Numbers),
            ("Rate, other RBMs", Numbers),
            ("Momentum", Numbers),
            ("Weight cost", Numbers),
            ("Gibbs steps", Numbers),
            ("Rate, fine-tuning", Numbers),
        ];
        let caption = "Changes made by hand while the net was learning: what holds from the update after.";
        let mut table = ReportTable::new("live_changes", caption, columns);
        let row = |edit: &crate::model::dbn::Edit| {
            let t = &edit.tunables;
            vec![
                Cell::Count(Some(edit.at.epochs as usize)),
                Cell::Count(Some(edit.at.updates as usize)),
                Cell::Number(Some(t.gaussian_rate), 5),
                Cell::Number(Some(t.bernoulli_rate), 5),
                Cell::Number(Some(t.momentum), 3),
                Cell::Number(Some(t.weight_cost), 6),
                t.gibbs_steps.into(),
                Cell::Number(Some(t.fine_tuning_rate), 5),
            ]
        };
        table.rows = changes.edits.iter().map(row).collect();
        blocks.push(Block::Table(table));
    }
    let portions =
        |what: &str, at: Option<u64>| at.map(|n| Block::paragraph(format!("{what} after {n} portions of work.")));
    blocks.extend(portions("The fit was stopped by hand", changes.stopped_after));
    blocks.extend(portions(
        "The search for settings was ended by hand with the best so far",
        changes.search_skipped_after,
    ));
    if blocks.is_empty() {
        blocks.push(Block::paragraph("Nothing was changed by hand while the model was learning."));
    }
    blocks
}
