//! The table of models, and the tests of their differences.

use super::super::verdict_text::p_value;
use super::super::{Compared, sentence_case};
use super::page::{Markup, Page, number};
use crate::evaluation::{Metric, ROPE, Summary, percent};
use crate::training::{Comparison, ModelResult};

/// "0.912 ± 0.021", without a deviation where there is none.
fn plus_minus(summary: Summary, decimals: usize) -> String {
    match (summary.mean, summary.sd) {
        (mean @ Some(_), sd @ Some(_)) => format!("{} ± {}", number(mean, decimals), number(sd, decimals)),
        (mean, _) => number(mean, decimals),
    }
}

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

/// A figure a row, a model a column.
pub(super) fn table(page: &mut Page, compared: &Compared<'_>) {
    let comparison = compared.comparison;
    page.heading("Models");
    let head: Vec<String> = std::iter::once("Mean ± sd over the folds".to_owned())
        .chain(comparison.models.iter().map(|model| sentence_case(model.kind.title())))
        .collect();
    let mut rows = Vec::new();
    for metric in Metric::ALL {
        let best = best(comparison, metric);
        let way = if metric.higher_is_better() { "higher is better" } else { "lower is better" };
        let name = Markup::text(metric.label()).then(&Markup::text(way).inside("small"));
        let cell = |model: &ModelResult| {
            let summary = model.summary(metric);
            let text = plus_minus(summary, decimals(metric));
            let figure = if best.is_some() && summary.mean == best {
                Markup::text(&format!("✓ {text}")).inside("strong")
            } else {
                Markup::text(&text)
            };
            let analysed = compared.analysis.and_then(|analysis| analysis.model(model.kind));
            let interval = analysed.and_then(|analysed| analysed.intervals.as_ref()?.get(metric));
            let [low, high] = interval.map_or([None; 2], |interval| interval.map(Some));
            let interval = format!("{} to {}", number(low, decimals(metric)), number(high, decimals(metric)));
            if low.is_some() { figure.then(&Markup::text(&interval).inside("small")) } else { figure }
        };
        rows.push(std::iter::once(name).chain(comparison.models.iter().map(cell)).collect());
    }
    for (name, of) in [
        ("Seconds to fit", &ModelResult::fit_seconds as &dyn Fn(&ModelResult) -> Summary),
        ("Seconds to score", &ModelResult::score_seconds),
    ] {
        let cell = |model: &ModelResult| Markup::text(&plus_minus(of(model), 3));
        rows.push(std::iter::once(Markup::text(name)).chain(comparison.models.iter().map(cell)).collect());
    }
    page.table(&head, &rows);
    let intervals = compared.analysis.map_or_else(
        || "The intervals are not worked out.".to_owned(),
        |analysis| {
            let units = if analysis.by_enterprise { "whole enterprises" } else { "rows" };
            format!(
                "Below each mean its 95 % bootstrap interval, from {} resamples of {units}: which rows happened to be \
                 tested, with the models as they were fitted.",
                analysis.resamples
            )
        },
    );
    page.classed("weak", &format!("✓ and weight mark the best mean of a row; the majority is the floor. {intervals}"));
}

/// The first model against each other.
pub(super) fn tests(page: &mut Page, compared: &Compared<'_>) {
    let comparison = compared.comparison;
    let Some(first) = comparison.models.first().filter(|_| !comparison.comparisons.is_empty()) else { return };
    let title = sentence_case(first.kind.title());
    page.heading(&format!("{title} against each other model, on {}", comparison.metric().in_sentence()));
    let head = [
        "Opponent".to_owned(),
        "Mean difference".to_owned(),
        format!("{title} better"),
        format!("within ±{ROPE}"),
        "Opponent better".to_owned(),
        "p, corrected t-test".to_owned(),
        "p, Holm".to_owned(),
        format!("Calls only {title} has right"),
        "Calls only the opponent has right".to_owned(),
        "p, McNemar".to_owned(),
        "p, DeLong".to_owned(),
    ];
    let p = |p: Option<f64>| Markup::text(&p.map_or_else(|| "–".to_owned(), p_value));
    let share = |p: Option<f64>| Markup::text(&p.map_or_else(|| "–".to_owned(), percent));
    let rows: Vec<Vec<Markup>> = comparison
        .comparisons
        .iter()
        .filter_map(|c| {
            let other = comparison.models.iter().find(|model| model.kind.key() == c.b)?;
            let tests = compared.analysis.and_then(|analysis| analysis.against(other.kind));
            let mcnemar = tests.and_then(|tests| tests.mcnemar);
            let count = |n: Option<usize>| Markup::text(&n.map_or_else(|| "–".to_owned(), |n| n.to_string()));
            Some(vec![
                Markup::text(&sentence_case(other.kind.title())),
                Markup::number(c.mean_difference, 3),
                share(c.p_a_better),
                share(c.p_equivalent),
                share(c.p_b_better),
                p(c.corrected_t_p),
                p(tests.and_then(|tests| tests.corrected_t_holm)),
                count(mcnemar.map(|test| test.only_a_right)),
                count(mcnemar.map(|test| test.only_b_right)),
                p(mcnemar.map(|test| test.p)),
                p(tests.and_then(|tests| tests.delong?.p)),
            ])
        })
        .collect();
    page.table(&head, &rows);
    let compared_with =
        compared.analysis.and_then(|analysis| analysis.pairs.first()).map_or(0, |pair| pair.comparisons);
    let holm = match compared_with {
        0 => "they are not adjusted for the number of comparisons".to_owned(),
        n => format!("Holm's method adjusts them for {n} comparisons (the majority is no opponent)"),
    };
    page.classed(
        "weak",
        &format!(
            "Probabilities by the Bayesian correlated t-test, p-values by the corrected resampled t-test over the folds; \
             {holm}. McNemar's test is on \
             the calls at the cut-off, each held-out row once. DeLong's test of the areas needs a single split: scores of \
             different fits are on no common scale."
        ),
    );
}
