//! A figure of each fold.

use super::super::sentence_case;
use super::look;
use super::plot::{Axis, Plot, Series};
use crate::evaluation::Metric;
use crate::training::{Comparison, ModelKind, ModelResult};

/// Accuracy of DBN and SVM in every fold of every repeat, one after the other.
pub(super) fn accuracy(comparison: &Comparison) -> Plot {
    let paper = [ModelKind::Dbn, ModelKind::Svm].map(|kind| comparison.model(kind));
    let models: Vec<&ModelResult> = match paper {
        [Some(dbn), Some(svm)] => vec![dbn, svm],
        _ => comparison.models.iter().take(2).collect(),
    };
    let folds = || models.iter().flat_map(|model| &model.folds);
    let k = folds().map(|fold| fold.fit.fold + 1).max().unwrap_or(0);
    let repeats = folds().map(|fold| fold.fit.repeat + 1).max().unwrap_or(0);
    let series: Vec<Series> = models
        .iter()
        .map(|model| {
            let point = |fold: &crate::training::FoldResult| {
                Some([(fold.fit.repeat * k + fold.fit.fold + 1) as f64, fold.scored.metrics.accuracy?])
            };
            let summary = model.summary(Metric::Accuracy);
            let name = match (summary.mean, summary.sd) {
                (Some(mean), Some(sd)) => format!("{} ({mean:.3} ± {sd:.3})", sentence_case(model.kind.title())),
                _ => sentence_case(model.kind.title()),
            };
            let points = model.folds.iter().filter_map(point).collect();
            Series { marks: true, ..Series::line(Some(name), look(model.kind), points) }
        })
        .collect();
    let heights = || series.iter().flat_map(|series| series.points.iter().map(|point| point[1]));
    let (low, high) = (heights().fold(1.0, f64::min), heights().fold(0.0, f64::max));
    // Room for the legend; and small differences stay small.
    let span = (high - low).max(0.1);
    let title = if repeats > 1 { "Fold, one repeat after the other" } else { "Fold" };
    Plot {
        label: "Accuracy by fold".to_owned(),
        x: Axis { whole: true, ..Axis::new(title, [0.6, (k * repeats).max(1) as f64 + 0.4]) },
        y: Axis::new("Accuracy", [(low - 0.3 * span).max(0.0), (high + 0.35 * span).min(1.0)]),
        series,
    }
}
