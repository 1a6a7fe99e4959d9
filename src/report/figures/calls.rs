//! What a threshold divides, and what it costs.

use super::super::sentence_case;
use super::look;
use super::plot::{Axis, Look, Plot, REFERENCE, Series};
use super::svg::Marker;
use crate::training::{Comparison, ModelKind, Rows, RunSettings};

/// Bins of the histograms.
const BINS: usize = 40;
/// Thresholds at which the cost is worked out.
const THRESHOLDS: usize = 400;

const GOOD: Look = Look { color: "#4a6fa5", width: 1.4, dash: None, marker: Marker::Circle };
const BAD: Look = Look { color: "#c0362c", width: 1.4, dash: Some([5.0, 2.5]), marker: Marker::Square };

/// Probabilities of good and of bad held-out rows.
pub(super) fn scores(comparison: &Comparison, kind: ModelKind, settings: &RunSettings) -> Plot {
    let mut plot = Plot {
        label: format!("Probabilities by class, {}", kind.title()),
        x: Axis::new("Probability of the bad outcome", [0.0, 1.0]),
        y: Axis::new("Share of the class", [0.0, 1.0]),
        series: Vec::new(),
    };
    let Some((model, [_, highest])) = comparison.model(kind).and_then(|m| Some((m, m.pd_range(Rows::Test)?))) else {
        return plot;
    };
    let outcome = model.outcome(settings.cutoff, &settings.money, Rows::Test);
    let cut = outcome.map(|outcome| outcome.thresholds).filter(|range| range.iter().all(|t| t.is_finite()));
    let top = highest.max(cut.map_or(0.0, |[_, to]| 1.05 * to)).clamp(1e-6, 1.0);
    let edge = |i: usize| i as f64 / BINS as f64 * top;
    // The last bin holds its upper end too.
    let edges: Vec<f64> = (0..BINS).map(edge).chain([f64::INFINITY]).collect();
    let counts = model.histogram(Rows::Test, &edges);
    let classes = [("Good rows", GOOD, 0, 0.35), ("Bad rows", BAD, 1, 0.25)];
    for (name, look, class, opacity) in classes {
        let rows: usize = counts.iter().map(|bin| bin[class]).sum();
        let stairs = counts.iter().enumerate().flat_map(|(i, bin)| {
            let share = bin[class] as f64 / rows.max(1) as f64;
            [[edge(i), share], [edge(i + 1), share]]
        });
        let name = Some(format!("{name} ({rows})"));
        plot.series.push(Series { fill: Some(opacity), ..Series::line(name, look, stairs.collect()) });
    }
    let tallest = plot.series.iter().flat_map(|s| s.points.iter().map(|p| p[1])).fold(0.0, f64::max);
    plot.x.range = [0.0, top];
    plot.y.range = [0.0, 1.05 * tallest.max(0.01)];
    if let Some([from, to]) = cut {
        let black = Look { color: "#000000", dash: Some([2.0, 2.0]), ..REFERENCE };
        let height = plot.y.range[1];
        let name =
            if to - from > 1e-9 { format!("Cut-offs {from:.3} to {to:.3}") } else { format!("Cut-off {from:.3}") };
        for (i, at) in [from, to].into_iter().enumerate().take(if to - from > 1e-9 { 2 } else { 1 }) {
            let name = (i == 0).then(|| name.clone());
            plot.series.push(Series::line(name, black, vec![[at, 0.0], [at, height]]));
        }
    }
    plot
}

/// Mean cost of a held-out row of every model.
pub(super) fn cost(comparison: &Comparison, settings: &RunSettings) -> Plot {
    let costs = settings.money.costs();
    let thresholds: Vec<f64> = (1..THRESHOLDS).map(|i| i as f64 / THRESHOLDS as f64).collect();
    let mut series = Vec::new();
    for model in &comparison.models {
        let points = model.cost_curve(Rows::Test, costs, &thresholds);
        if points.is_empty() {
            continue;
        }
        series.push(Series::line(Some(sentence_case(model.kind.title())), look(model.kind), points));
        let outcome = model.outcome(settings.cutoff, &settings.money, Rows::Test);
        let at = outcome.and_then(|outcome| {
            let [from, to] = outcome.thresholds;
            Some([f64::midpoint(from, to), outcome.cost_per_row(costs)?])
        });
        if let Some(point) = at {
            series.push(Series { line: false, marks: true, ..Series::line(None, look(model.kind), vec![point]) });
        }
    }
    let highest = series.iter().flat_map(|s| s.points.iter().map(|p| p[1])).fold(0.0, f64::max);
    let unit = format!("Mean cost of a row (missed bad {}, refused good {})", costs.false_good, costs.false_bad);
    Plot {
        label: "Cost against the threshold".to_owned(),
        x: Axis::new("Threshold on the probability of the bad outcome", [0.0, 1.0]),
        y: Axis::new(&unit, [0.0, 1.05 * highest.max(f64::MIN_POSITIVE)]),
        series,
    }
}
