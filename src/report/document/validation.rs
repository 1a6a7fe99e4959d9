//! How good the models are on rows held out, and which is better.

use super::super::table::ColumnKind::{Estimates, Numbers, Words};
use super::super::{Cell, Compared, Figure, Picture, ReportTable, sentence_case};
use super::data::{NO_COMPARISON, held_out};
use super::{Block, ModelDocument, model};
use crate::data::Dataset;
use crate::evaluation::{Metric, ROPE, Summary};
use crate::training::{Analysis, Comparison, Disagreement, ModelResult, Standing};

/// Rows on which models disagree that are listed.
const LISTED: usize = 30;

/// Decimals of a metric: a cost is in a unit of its own.
fn decimals(metric: Metric) -> usize {
    if metric == Metric::ExpectedCost { 1 } else { 3 }
}

/// The best mean of a metric; `None` with fewer than two that are defined.
fn best(comparison: &Comparison, metric: Metric) -> Option<f64> {
    let means: Vec<f64> = comparison.models.iter().filter_map(|model| model.summary(metric).mean).collect();
    let better = if metric.higher_is_better() { f64::max } else { f64::min };
    (means.len() > 1).then(|| means.into_iter().reduce(better)).flatten()
}

/// A figure a row, a model a column: mean, deviation over the folds, interval.
pub fn models_table(comparison: &Comparison, analysis: Option<&Analysis>) -> ReportTable {
    let heads = comparison.models.iter().map(|model| (sentence_case(model.kind.title()), Estimates));
    let columns = [("Figure".to_owned(), Words), ("Better".to_owned(), Words)].into_iter().chain(heads);
    let caption =
        "Every model on the rows held out: mean ± standard deviation over the folds, and below it the 95 % interval.";
    let mut table = ReportTable::new("models", caption, columns);
    for metric in Metric::ALL {
        let best = best(comparison, metric);
        let way = if metric.higher_is_better() { "higher" } else { "lower" };
        let cell = |model: &ModelResult| {
            let Summary { mean, sd, .. } = model.summary(metric);
            let intervals = analysis.and_then(|analysis| analysis.model(model.kind)?.intervals.as_ref());
            let interval = intervals.and_then(|intervals| intervals.get(metric));
            Cell::Estimate { mean, sd, interval, decimals: decimals(metric), best: best.is_some() && mean == best }
        };
        let named: [Cell; 2] = [metric.label().into(), way.into()];
        table.rows.push(named.into_iter().chain(comparison.models.iter().map(cell)).collect());
    }
    for (name, of) in [
        ("Seconds to fit", &ModelResult::fit_seconds as &dyn Fn(&ModelResult) -> Summary),
        ("Seconds to score", &ModelResult::score_seconds),
    ] {
        let cell = |model: &ModelResult| {
            let Summary { mean, sd, .. } = of(model);
            Cell::Estimate { mean, sd, interval: None, decimals: 3, best: false }
        };
        let named: [Cell; 2] = [name.into(), "lower".into()];
        table.rows.push(named.into_iter().chain(comparison.models.iter().map(cell)).collect());
    }
    table
}

/// The first model against each other; `None` with fewer than two.
pub fn tests_table(comparison: &Comparison, analysis: Option<&Analysis>) -> Option<ReportTable> {
    let first = comparison.models.first().filter(|_| !comparison.comparisons.is_empty())?;
    let title = sentence_case(first.kind.title());
    let columns = [
        ("Opponent".to_owned(), Words),
        ("Mean difference".to_owned(), Numbers),
        (format!("{title} better"), Numbers),
        (format!("Within ±{ROPE}"), Numbers),
        ("Opponent better".to_owned(), Numbers),
        ("p, corrected t-test".to_owned(), Numbers),
        ("p, Holm".to_owned(), Numbers),
        (format!("Calls only {title} has right"), Numbers),
        ("Calls only the opponent has right".to_owned(), Numbers),
        ("p, McNemar".to_owned(), Numbers),
        ("p, DeLong".to_owned(), Numbers),
    ];
    let caption = format!("{title} against each other model, on {}.", comparison.metric().in_sentence());
    let mut table = ReportTable::new("tests", caption, columns);
    let row = |c: &crate::evaluation::Comparison| {
        let other = comparison.models.iter().find(|model| model.kind.key() == c.b)?;
        let tests = analysis.and_then(|analysis| analysis.against(other.kind));
        let mcnemar = tests.and_then(|tests| tests.mcnemar);
        Some(vec![
            sentence_case(other.kind.title()).into(),
            Cell::Number(c.mean_difference, 3),
            Cell::Chance(c.p_a_better),
            Cell::Chance(c.p_equivalent),
            Cell::Chance(c.p_b_better),
            Cell::P(c.corrected_t_p),
            Cell::P(tests.and_then(|tests| tests.corrected_t_holm)),
            Cell::Count(mcnemar.map(|test| test.only_a_right)),
            Cell::Count(mcnemar.map(|test| test.only_b_right)),
            Cell::P(mcnemar.map(|test| test.p)),
            Cell::P(tests.and_then(|tests| tests.delong?.p)),
        ])
    };
    table.rows = comparison.comparisons.iter().filter_map(row).collect();
    Some(table)
}

pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let own = of.model.map(model::metrics).unwrap_or_default();
    let Some(compared) = of.compared else {
        return own.into_iter().chain([Block::missing(NO_COMPARISON)]).collect();
    };
    let Compared { spec, comparison, analysis, .. } = compared;
    let intervals = analysis.map_or_else(
        || "The intervals are not worked out: let the comparison come to its end.".to_owned(),
        |analysis| {
            let units = if analysis.by_enterprise { "whole enterprises" } else { "rows" };
            format!(
                "Intervals: 95 %, bootstrap, {} resamples of {units}. They tell which rows happened to be tested, with the \
                 models as they were fitted.",
                analysis.resamples
            )
        },
    );
    let mut blocks = vec![
        Block::paragraph(held_out(&spec.settings, comparison.n_splits)),
        Block::Table(models_table(comparison, *analysis)),
        Block::Remark(format!("✓ and weight mark the best mean of a row; the majority is the floor. {intervals}")),
    ];
    blocks.extend(own);
    blocks.extend(calibration(of.standing));
    blocks.push(Block::Subheading("Figures".to_owned()));
    let is_here = |figure: &Figure| !matches!(figure, Figure::Cost);
    let pictures = Figure::all(&spec.settings.models)
        .into_iter()
        .filter(is_here)
        .map(|figure| Picture::of(figure, comparison, *analysis, &spec.settings));
    blocks.push(Block::Pictures(pictures.collect()));
    blocks.push(Block::blank(
        "Validation by somebody who did not build the model: by whom, what was done, with what result",
        4,
    ));
    blocks
}

/// Whether probabilities say what happens.
fn calibration(standing: &[Standing]) -> Vec<Block> {
    if standing.is_empty() {
        return vec![Block::missing(
            "Calibration is not worked out: write the document from the window or with beliefscope compare --report.",
        )];
    }
    let remark = "In the large above 0: more firms turn bad than the probabilities say. A slope below 1: probabilities too bold. \
                  Hosmer–Lemeshow depends on the bins and refuses every model on many rows: read slope and picture.";
    vec![
        Block::Subheading("Calibration".to_owned()),
        Block::Table(calibration_table(standing)),
        Block::Remark(remark.to_owned()),
    ]
}

/// Whether probabilities say what happens: a model a row. In the large and slope in log-odds, with their standard errors.
pub fn calibration_table(standing: &[Standing]) -> ReportTable {
    let columns = [
        ("Model", Words),
        ("In the large", Numbers),
        ("± se", Numbers),
        ("Slope", Numbers),
        ("± se, slope", Numbers),
        ("Brier", Numbers),
        ("Reliability", Numbers),
        ("Resolution", Numbers),
        ("Uncertainty", Numbers),
        ("Hosmer–Lemeshow χ²", Numbers),
        ("df", Numbers),
        ("p", Numbers),
    ];
    let caption = "Calibration on the held-out rows of the first repeat: the line of log-odds (0 and 1 are right), the Brier score \
                   taken apart, the Hosmer–Lemeshow test.";
    let mut table = ReportTable::new("calibration", caption, columns);
    let row = |standing: &Standing| {
        let large = standing.line.as_ref().map(|line| line.in_the_large);
        let slope = standing.line.as_ref().and_then(|line| line.slope);
        let (brier, hl) = (standing.brier.as_ref(), standing.hosmer_lemeshow.as_ref());
        vec![
            sentence_case(standing.model.title()).into(),
            Cell::Number(large.map(|e| e.value), 2),
            Cell::Number(large.map(|e| e.standard_error), 2),
            Cell::Number(slope.map(|e| e.value), 2),
            Cell::Number(slope.map(|e| e.standard_error), 2),
            Cell::Number(brier.map(|b| b.brier), 4),
            Cell::Number(brier.map(|b| b.reliability), 4),
            Cell::Number(brier.map(|b| b.resolution), 4),
            Cell::Number(brier.map(|b| b.uncertainty), 4),
            Cell::Number(hl.map(|test| test.statistic), 1),
            Cell::Count(hl.map(|test| test.degrees_of_freedom)),
            Cell::P(hl.map(|test| test.p_value)),
        ]
    };
    table.rows = standing.iter().map(row).collect();
    table
}

pub(super) fn verdict(of: &ModelDocument<'_>) -> Vec<Block> {
    let Some(compared) = of.compared else { return vec![Block::missing(NO_COMPARISON)] };
    let comparison = compared.comparison;
    let mut blocks = Vec::new();
    match &comparison.verdict {
        Some(verdict) => {
            let (headline, detail) = (verdict.headline.clone(), verdict.detail.clone());
            blocks.push(Block::Verdict { headline, detail });
        }
        None => blocks
            .push(Block::missing("Fewer than two models were fitted, so there is no verdict: compare at least two.")),
    }
    if let Some(tests) = tests_table(comparison, compared.analysis) {
        blocks.push(Block::Table(tests));
        blocks.push(Block::Remark(tests_remark(compared)));
    }
    blocks.extend(disagreements(compared));
    blocks.push(Block::blank("Conclusion from the comparison, by the owner of the model", 2));
    blocks
}

fn tests_remark(compared: &Compared<'_>) -> String {
    let comparisons = compared.analysis.and_then(|analysis| analysis.pairs.first()).map_or(0, |pair| pair.comparisons);
    let holm = match comparisons {
        0 => "they are not adjusted for the number of comparisons".to_owned(),
        n => format!("Holm's method adjusts them for {n} comparisons (the majority is no opponent)"),
    };
    format!(
        "Probabilities by the Bayesian correlated t-test, p-values by the corrected resampled t-test over the folds; {holm}. \
         McNemar's test is on the calls at the cut-off, each held-out row once. DeLong's test of the areas needs a single split: \
         scores of different fits are on no common scale."
    )
}

/// The rows with the largest exposures that the first two models call differently; the widest gaps where none is known.
fn disagreements(compared: &Compared<'_>) -> Vec<Block> {
    let (Some(analysis), [first, second, ..]) = (compared.analysis, &compared.comparison.models[..]) else {
        return Vec::new();
    };
    let data = compared.data;
    let [a, b] = [first, second].map(|model| sentence_case(model.kind.title()));
    let n = analysis.disagreements.len();
    let a_right = analysis.disagreements.iter().filter(|row| row.bad == row.first_calls_bad).count();
    let mut blocks = vec![
        Block::Subheading(format!("Rows on which {a} and {b} disagree")),
        Block::paragraph(format!(
            "{n} held-out rows are called bad by one and good by the other: {a} is right on {a_right}, {b} on {}.",
            n - a_right
        )),
    ];
    if n == 0 {
        return blocks;
    }
    let currency = &compared.spec.settings.money.currency;
    let table = disagreements_table(compared.comparison, data, &analysis.disagreements, currency, Some(LISTED));
    blocks.extend(table.map(Block::Table));
    blocks
}

/// The rows that the first two models call differently, those with the largest exposure first, or the widest gap where no
/// exposure is known; `most` of them, or all. `None` with fewer than two models.
pub fn disagreements_table(
    comparison: &Comparison,
    data: &Dataset,
    rows: &[Disagreement],
    currency: &str,
    most: Option<usize>,
) -> Option<ReportTable> {
    let [first, second, ..] = &comparison.models[..] else { return None };
    let [a, b] = [first, second].map(|model| sentence_case(model.kind.title()));
    let weight = |row: &Disagreement| match &data.exposure {
        // Rows of unknown exposure come last.
        Some(exposure) => Some(exposure[row.row]).filter(|e| e.is_finite()).unwrap_or(-1.0),
        None => (row.pd[0] - row.pd[1]).abs(),
    };
    let mut listed: Vec<&Disagreement> = rows.iter().collect();
    listed.sort_by(|x, y| weight(y).total_cmp(&weight(x)).then(x.row.cmp(&y.row)));
    listed.truncate(most.unwrap_or(usize::MAX));
    let which = if data.exposure.is_some() { "largest exposure" } else { "widest gap" };
    let at_most = most.map_or_else(String::new, |most| format!(", {most} at most"));
    let caption = format!("Rows called differently, those with the {which} first{at_most}.");
    let mut columns = vec![("Row".to_owned(), Numbers)];
    columns.extend(data.enterprise.as_ref().map(|_| ("Enterprise".to_owned(), Words)));
    columns.extend(data.period.as_ref().map(|_| ("Period".to_owned(), Words)));
    columns.extend([
        ("Outcome".to_owned(), Words),
        (format!("PD, {a}"), Numbers),
        (format!("PD, {b}"), Numbers),
        ("Called bad by".to_owned(), Words),
        ("Right".to_owned(), Words),
    ]);
    columns.extend(data.exposure.as_ref().map(|_| ("Exposure".to_owned(), Numbers)));
    let mut table = ReportTable::new("disagreements", caption, columns);
    table.rows = listed
        .iter()
        .map(|row| {
            let mut cells: Vec<Cell> = vec![Cell::Words(data.source_rows[row.row].to_string())];
            let enterprise = data.enterprise.as_ref().map(|_| data.enterprise_name(row.row).unwrap_or_default());
            cells.extend(enterprise.map(Cell::from));
            cells.extend(data.period.as_ref().map(|period| period[row.row].clone().into()));
            let (caller, other) = if row.first_calls_bad { (&a, &b) } else { (&b, &a) };
            cells.push(if row.bad { "bad" } else { "good" }.into());
            cells.extend(row.pd.map(|pd| Cell::Number(Some(pd), 3)));
            cells.extend([caller.clone().into(), if row.bad { caller } else { other }.clone().into()]);
            let exposure = data.exposure.as_ref().map(|exposure| Some(exposure[row.row]).filter(|e| e.is_finite()));
            cells.extend(exposure.map(|exposure| Cell::Money(exposure, currency.to_owned())));
            cells
        })
        .collect();
    Some(table)
}
