//! What is to be watched when the model is in use: lights that are proposed, worked out from what is known; who watches and what
//! follows is for a person to say.

use super::super::table::ColumnKind::Words;
use super::super::{Cell, ReportTable};
use super::{Block, ModelDocument};
use crate::data::Values;
use crate::evaluation::{FEWEST_BAD_ROWS, Light, Metric};
use crate::scoring::{ColumnReference, ColumnValues};
use crate::training::{ModelKind, Standing};

/// Said where a figure or a bound cannot be worked out.
const NOT_KNOWN: &str = "not known";
const TO_BE_DECIDED: &str = "to be decided";

/// When a light is looked at.
const SCORING: &str = "every scoring";
const OUTCOMES: &str = "when outcomes are known";

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let Some(kind) = of.kind() else {
        return vec![Block::missing(
            "No model is known, and so nothing to watch: run Compare or open a model, and write the document again.",
        )];
    };
    let has_periods = of.compared.is_some_and(|compared| compared.data.period.is_some());
    let period = if has_periods {
        "each period of the table, as its rows come in"
    } else {
        "a quarter, since nothing tells how often rows come in"
    };
    let mut blocks = vec![
        Block::paragraph(format!(
            "The lights below are proposals for the {}, worked out from the figures of this document. What needs no outcome is \
             looked at with every scoring; what needs outcomes, as soon as they are known. A period proposed: {period}.",
            kind.title(),
        )),
        Block::Table(plan(of, kind)),
    ];
    if let Some(rate) = bad_rate(of) {
        let firms = (FEWEST_BAD_ROWS as f64 / rate).ceil() as usize;
        blocks.push(Block::paragraph(format!(
            "With {} bad, about {firms} firms with a known outcome are needed before {FEWEST_BAD_ROWS} of them are bad; with \
             fewer nothing is concluded about discrimination or calibration.",
            Cell::Share(Some(rate)).shown()
        )));
    }
    for (what, lines) in [
        ("Who looks at the lights, and how often", 2),
        ("Who is told when a light is amber or red, and what is then done", 3),
        ("Date of the next review, and what brings it forward", 1),
    ] {
        blocks.push(Block::blank(what, lines));
    }
    blocks
}

/// Share of bad rows among those with an outcome.
fn bad_rate(of: &ModelDocument<'_>) -> Option<f64> {
    let compared = of.compared.map(|compared| (compared.data.n_bad(), compared.data.n_labelled()));
    let recorded = || of.model.map(|model| (model.record.data.bad, model.record.data.labelled));
    let (bad, labelled) = compared.or_else(recorded)?;
    (bad > 0 && labelled > 0).then(|| bad as f64 / labelled as f64)
}

fn plan(of: &ModelDocument<'_>, kind: ModelKind) -> ReportTable {
    let columns = ["What", "Now", "Green", "Amber", "Red", "When"].map(|head| (head, Words));
    let caption = "Lights proposed. Now: the figure in this document, on rows held out.";
    let mut table = ReportTable::new("monitoring", caption, columns);
    let standing = of.standing.iter().find(|standing| standing.model == kind);
    table.rows.extend(drifts(standing));
    table.rows.extend(gaps(of));
    if has_categories(of) {
        table.rows.push(line(
            "Levels of categories never seen",
            "none",
            ["none", "in up to 1 % of firms", "in more"],
            SCORING,
        ));
    }
    if of.model.is_some_and(|model| model.novelty.is_some()) || of.model.is_none() && kind == ModelKind::Dbn {
        let what = "Firms unlike those learned from (free energy above the 99th percentile of training)";
        table.rows.push(line(what, "1.0 %", ["up to 2 %", "2 to 5 %", "above 5 %"], SCORING));
    }
    table.rows.push(discrimination(of, kind));
    table.rows.extend(calibration(standing));
    let bounds = ["up to 5 % of decisions", "5 to 10 %", "above 10 %, or one reason in most"];
    let overrides = of.overrides.len();
    let now = if overrides == 1 { "1 recorded".to_owned() } else { format!("{overrides} recorded") };
    table.rows.push(line("Overrides", now, bounds, "every period"));
    table
}

/// A light: what, now, green, amber, red, when.
fn line(what: &str, now: impl Into<String>, bounds: [&str; 3], when: &str) -> Vec<Cell> {
    let [green, amber, red] = bounds.map(Cell::from);
    vec![what.into(), Cell::Words(now.into()), green, amber, red, when.into()]
}

fn number(value: f64, decimals: usize) -> String {
    Cell::Number(Some(value), decimals).shown()
}

fn share(value: f64) -> String {
    Cell::Share(Some(value)).shown()
}

fn drifts(standing: Option<&Standing>) -> [Vec<Cell>; 2] {
    let report = standing.and_then(|standing| standing.stability.as_ref().ok());
    let psi = report.and_then(|report| Some(number(report.scores.as_ref()?.psi, 3)));
    let largest = report.and_then(|report| report.indicators.first());
    let csi = largest.and_then(|(name, drift)| Some(format!("at most {} ({name})", number(drift.as_ref()?.psi, 3))));
    let bounds = ["below 0.10", "0.10 to 0.25", "above 0.25 and beyond chance"];
    [("PSI of the probabilities", psi), ("CSI of each indicator", csi)]
        .map(|(what, now)| line(what, now.unwrap_or_else(|| NOT_KNOWN.to_owned()), bounds, SCORING))
}

/// Missing cells among those of the indicators.
fn gaps(of: &ModelDocument<'_>) -> Option<Vec<Cell>> {
    let of_table = of.compared.map(|compared| {
        let is_indicator = |name: &str| compared.data.indicators.iter().any(|indicator| indicator.name == name);
        let profiles = compared.source.profiles.iter().filter(|profile| is_indicator(&profile.name));
        let rows = compared.source.table.n_rows();
        profiles.fold((0, 0), |(missing, cells), profile| (missing + profile.missing, cells + rows))
    });
    let of_model = || {
        let sum = |(missing, cells), column: &ColumnReference| (missing + column.missing, cells + column.rows);
        Some(of.model?.columns.iter().fold((0, 0), sum))
    };
    let (missing, cells): (usize, usize) = of_table.or_else(of_model)?;
    let now = missing as f64 / cells.max(1) as f64;
    // Half as much again is a change of how the table is made; small shares have a floor.
    let (watch, act) = ((1.5 * now).max(now + 0.01), (2.0 * now).max(now + 0.05));
    let [green, amber, red] = [
        format!("up to {}", share(watch)),
        format!("{} to {}", share(watch), share(act)),
        format!("above {}", share(act)),
    ];
    Some(line("Missing cells of the indicators", share(now), [&green, &amber, &red], SCORING))
}

fn has_categories(of: &ModelDocument<'_>) -> bool {
    let in_table = of.compared.is_some_and(|compared| {
        compared.data.indicators.iter().any(|indicator| matches!(indicator.values, Values::Category { .. }))
    });
    let is_category = |column: &ColumnReference| matches!(column.values, ColumnValues::Category { .. });
    in_table || of.model.is_some_and(|model| model.columns.iter().any(is_category))
}

/// Within the interval is what was promised; twice as far below the mean is another model.
fn discrimination(of: &ModelDocument<'_>, kind: ModelKind) -> Vec<Cell> {
    let what = "Discrimination (AUC)";
    let compared = of.compared.and_then(|compared| Some((compared, compared.comparison.model(kind)?)));
    let of_folds = compared.and_then(|(compared, result)| {
        let intervals = compared.analysis?.model(kind)?.intervals.as_ref()?;
        Some((result.summary(Metric::Auc).mean?, intervals.get(Metric::Auc)?[0]))
    });
    let Some((mean, low)) = of_folds else {
        let recorded = of.model.and_then(|model| model.record.metrics.auc);
        let mean = compared.and_then(|(_, result)| result.summary(Metric::Auc).mean).or(recorded);
        return line(what, Cell::Number(mean, 3).shown(), [TO_BE_DECIDED; 3], OUTCOMES);
    };
    let floor = (2.0 * low - mean).max(0.5);
    let [green, amber, red] = [
        format!("from {} (the lower end of its interval)", number(low, 3)),
        format!("{} to {}", number(floor, 3), number(low, 3)),
        format!("below {}", number(floor, 3)),
    ];
    line(what, number(mean, 3), [&green, &amber, &red], OUTCOMES)
}

fn calibration(standing: Option<&Standing>) -> [Vec<Cell>; 2] {
    let large = standing.and_then(|standing| Some(standing.line.as_ref()?.in_the_large));
    let large = large.map(|e| format!("{} ± {} in log-odds", number(e.value, 2), number(e.standard_error, 2)));
    let grades = standing.map_or(&[][..], |standing| &standing.grades);
    let too_low = grades.iter().filter(|grade| grade.backtest.light == Light::PdTooLow).count();
    let too_low = (!grades.is_empty()).then(|| format!("{too_low} of {}", grades.len()));
    let or_unknown = |now: Option<String>| now.unwrap_or_else(|| NOT_KNOWN.to_owned());
    [
        line(
            "Bad firms against the sum of their probabilities (Jeffreys test)",
            or_unknown(large),
            ["p from 5 %", "p from 1 to 5 %", "p below 1 %, more bad than foretold"],
            OUTCOMES,
        ),
        line(
            "Grades whose PD is too low (Jeffreys test, 5 %)",
            or_unknown(too_low),
            ["none", "1", "2 or more, or the worst grade"],
            OUTCOMES,
        ),
    ]
}
