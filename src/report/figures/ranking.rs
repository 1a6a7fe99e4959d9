//! Curves of the ranking, and the reliability diagram.

use super::super::sentence_case;
use super::look;
use super::plot::{Axis, Plot, REFERENCE, Series};
use crate::evaluation::{CurvePoint, Metric};
use crate::training::{Analysis, Comparison, Curve, ModelResult};

/// Models with a band: more would hide each other.
const WITH_BAND: usize = 2;

/// A curve of every model.
pub(super) fn curve(comparison: &Comparison, curve: Curve) -> Plot {
    let metric = match curve {
        Curve::Roc => Some(Metric::Auc),
        Curve::PrecisionRecall => Some(Metric::PrAuc),
        Curve::Ks => Some(Metric::Ks),
        Curve::Gains | Curve::Lift => None,
    };
    let series = |(i, model): (usize, &ModelResult)| {
        let points = model.curve(curve);
        let title = sentence_case(model.kind.title());
        let figure = metric.and_then(|metric| Some((metric.short_label(), model.summary(metric).mean?)));
        let name = figure.map_or_else(|| title.clone(), |(label, mean)| format!("{title}, {label} {mean:.3}"));
        let band = |p: &CurvePoint| p.sd.map(|sd| [p.x, p.mean - sd, p.mean + sd]);
        Series {
            band: if i < WITH_BAND { points.iter().filter_map(band).collect() } else { Vec::new() },
            ..Series::line(Some(name), look(model.kind), points.iter().map(|p| [p.x, p.mean]).collect())
        }
    };
    let models: Vec<Series> =
        comparison.models.iter().enumerate().map(series).filter(|series| !series.points.is_empty()).collect();
    let heights = || models.iter().flat_map(|series| series.points.iter().map(|point| point[1]));
    let taken = "Share of rows, riskiest first";
    let (label, x, y, y_range, chance) = match curve {
        Curve::Roc => {
            let (x, y) = ("Good rows refused (1 − specificity)", "Bad rows found (sensitivity)");
            ("ROC curves", x, y, [0.0, 1.0], Some([0.0, 1.0]))
        }
        Curve::PrecisionRecall => {
            let share = bad_share(comparison).map(|share| [share, share]);
            ("Precision and recall", "Recall of the bad class", "Precision of the bad class", [0.0, 1.0], share)
        }
        Curve::Gains => ("Gains", taken, "Share of bad rows found", [0.0, 1.0], Some([0.0, 1.0])),
        Curve::Lift => ("Lift", taken, "Lift", [0.0, 1.05 * heights().fold(1.0, f64::max)], Some([1.0, 1.0])),
        Curve::Ks => {
            let range = [heights().fold(0.0, f64::min), (1.1 * heights().fold(0.1, f64::max)).min(1.0)];
            ("Kolmogorov–Smirnov curves", taken, "Bad rows found − good rows refused", range, Some([0.0, 0.0]))
        }
    };
    let chance = chance.filter(|_| !models.is_empty()).map(|[from, to]| vec![[0.0, from], [1.0, to]]);
    Plot {
        label: label.to_owned(),
        x: Axis::new(x, [0.0, 1.0]),
        y: Axis::new(y, y_range),
        series: chance.map(|points| Series::line(None, REFERENCE, points)).into_iter().chain(models).collect(),
    }
}

/// Share of bad rows among those held out.
fn bad_share(comparison: &Comparison) -> Option<f64> {
    let rows = comparison.models.first()?.confusion();
    (rows.rows() > 0).then(|| rows.bad_rows() as f64 / rows.rows() as f64)
}

/// Predicted against observed.
pub(super) fn reliability(comparison: &Comparison, analysis: Option<&Analysis>) -> Plot {
    let series = |(i, model): (usize, &ModelResult)| {
        let bins = &analysis?.model(model.kind)?.reliability;
        let points: Vec<[f64; 2]> = bins.iter().map(|bin| [bin.mean_pd, bin.observed]).collect();
        let interval = |bin: &crate::evaluation::ReliabilityBin| [bin.mean_pd, bin.interval[0], bin.interval[1]];
        let whiskers = if i < WITH_BAND { bins.iter().map(interval).collect() } else { Vec::new() };
        let name = Some(sentence_case(model.kind.title()));
        (!points.is_empty()).then(|| Series { marks: true, whiskers, ..Series::line(name, look(model.kind), points) })
    };
    let models: Vec<Series> = comparison.models.iter().enumerate().filter_map(series).collect();
    let highest = |axis: usize| models.iter().flat_map(|s| s.points.iter().map(move |p| p[axis])).fold(0.0, f64::max);
    // The same scale on both axes: small probabilities would be a dot in the corner of the whole square.
    let top = (1.08 * highest(0).max(highest(1))).clamp(0.02, 1.0);
    let diagonal = (!models.is_empty()).then(|| Series::line(None, REFERENCE, vec![[0.0, 0.0], [top, top]]));
    Plot {
        label: "Reliability".to_owned(),
        x: Axis::new("Mean probability of the bad outcome", [0.0, top]),
        y: Axis::new("Observed share of bad rows", [0.0, top]),
        series: diagonal.into_iter().chain(models).collect(),
    }
}
