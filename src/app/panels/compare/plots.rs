//! ROC curves of all models over one another, and the paper's comparison: accuracy fold by fold. Titles say the finding.

use egui::Ui;

use super::words::{over_folds, short_name};
use crate::app::theme::{Palette, model_style};
use crate::app::widgets::{Band, LinePlot, Reference, Series};
use crate::app::workspace::CompareResult;
use crate::data::{ValidationKind, ValidationSettings};
use crate::evaluation::{Metric, ROPE};
use crate::training::{Comparison, Curve, FoldResult, ModelKind, ModelResult};

/// One model's line.
struct ModelCurve {
    kind: ModelKind,
    /// The model with its mean.
    name: String,
    points: Vec<[f64; 2]>,
}

/// The lines of the models that learn something, named with their mean of `metric`; those that end highest first, so
/// that names at their ends stand in that order.
fn curves(comparison: &Comparison, metric: Metric, points: impl Fn(&ModelResult) -> Vec<[f64; 2]>) -> Vec<ModelCurve> {
    let learned = comparison.models.iter().filter(|model| model.kind != ModelKind::Majority);
    let mut keyed: Vec<([f64; 2], ModelCurve)> = learned
        .map(|model| {
            let mean = model.summary(metric).mean;
            let mean_text = mean.map_or_else(|| "–".to_owned(), |mean| format!("{mean:.3}"));
            let (name, points) = (format!("{} {mean_text}", short_name(model.kind)), points(model));
            // To a millionth: all ROC curves end at 1 but for rounding.
            let end = points.last().map_or(f64::NEG_INFINITY, |point| (point[1] * 1e6).round());
            ([end, mean.unwrap_or_default()], ModelCurve { kind: model.kind, name, points })
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| b[0].total_cmp(&a[0]).then(b[1].total_cmp(&a[1])));
    keyed.into_iter().map(|(_, curve)| curve).collect()
}

/// The models that learn something, with their mean of a metric, best first.
fn ranked(comparison: &Comparison, metric: Metric) -> Vec<(ModelKind, f64)> {
    let learned = comparison.models.iter().filter(|model| model.kind != ModelKind::Majority);
    let mut means: Vec<_> = learned.filter_map(|model| Some((model.kind, model.summary(metric).mean?))).collect();
    means.sort_by(|a, b| b.1.total_cmp(&a.1));
    means
}

/// ROC curves, each the mean over its folds.
pub(super) fn roc(ui: &mut Ui, comparison: &Comparison, height: f32) {
    let palette = Palette::of(ui);
    let points = |model: &ModelResult| model.curve(Curve::Roc).iter().map(|point| [point.x, point.mean]).collect();
    let curves = curves(comparison, Metric::Auc, points);
    let series = curves.iter().map(|curve| {
        let style = model_style(palette, curve.kind.key());
        Series::new(&curve.name, &curve.points, style.color).dash(style.dash)
    });
    let mut series: Vec<Series<'_>> = series.collect();
    let chance = model_style(palette, ModelKind::Majority.key());
    let diagonal = [[0.0, 0.0], [1.0, 1.0]];
    if curves.iter().any(|curve| !curve.points.is_empty()) {
        series.push(Series::new("chance 0.500", &diagonal, chance.color).dash(chance.dash).width(1.5));
    }
    let subtitle = format!("bad found against good refused, {}; named with AUC", over_folds(comparison.n_splits));
    let title = roc_finding(&ranked(comparison, Metric::Auc), is_conclusive(comparison));
    LinePlot::new("roc", &title, &series)
        .subtitle(&subtitle)
        .x_name("good refused")
        .x_range(0.0..=1.0)
        .include_y(0.0..=1.0)
        .height(height)
        .empty("No ROC curve", "No fold tests rows of both outcomes")
        .show(ui);
}

/// Accuracy of each model by fold, the paper's comparison, over the floor of the majority.
pub(super) fn accuracy(ui: &mut Ui, result: &CompareResult, height: f32) {
    let palette = Palette::of(ui);
    let CompareResult { comparison, spec, .. } = result;
    let validation = &spec.settings.validation;
    let per_repeat = folds_per_repeat(validation);
    let points = |model: &ModelResult| {
        let point = |fold: &FoldResult| {
            let place = fold.fit.repeat * per_repeat + fold.fit.fold + 1;
            [place as f64, fold.scored.metrics.accuracy.unwrap_or(f64::NAN)]
        };
        model.folds.iter().map(point).collect()
    };
    let curves = curves(comparison, Metric::Accuracy, points);
    let series = curves.iter().map(|curve| {
        let style = model_style(palette, curve.kind.key());
        Series::new(&curve.name, &curve.points, style.color).dash(style.dash).width(1.0).marker(style.marker)
    });
    let series: Vec<Series<'_>> = series.collect();
    let floor = comparison.models.iter().find(|model| model.kind == ModelKind::Majority);
    let floor = floor.and_then(|model| model.summary(Metric::Accuracy).mean);
    let floor_name = floor.map_or_else(String::new, |floor| format!("Majority {floor:.3}"));
    let style = model_style(palette, ModelKind::Majority.key());
    let reference = floor.map(|y| Reference { name: &floor_name, y, x: None, color: style.color, dash: style.dash });
    let repeats = if per_repeat > 1 && validation.repeats > 1 { validation.repeats } else { 0 };
    let repeat_names: Vec<String> = (1..=repeats).map(|repeat| format!("repeat {repeat}")).collect();
    let band = |(i, name)| Band { from: (i * per_repeat) as f64 + 0.5, to: ((i + 1) * per_repeat) as f64 + 0.5, name };
    let bands: Vec<Band<'_>> = repeat_names.iter().map(String::as_str).enumerate().map(band).collect();
    let title = accuracy_finding(&ranked(comparison, Metric::Accuracy), floor, is_conclusive(comparison));
    let x_name = if per_repeat > 1 { "fold" } else { "split" };
    let subtitle = format!("accuracy by {x_name}, named with its mean: the paper's comparison");
    let end = end_with_names(comparison.n_splits, ui.available_width());
    LinePlot::new("accuracy", &title, &series)
        .subtitle(&subtitle)
        .x_name(x_name)
        .whole_x()
        .x_range(0.5..=end)
        .references(reference.as_slice())
        .bands(&bands)
        .height(height)
        .empty("No accuracy", "No fold was finished")
        .show(ui);
}

/// Folds that are dealt out at a time.
fn folds_per_repeat(validation: &ValidationSettings) -> usize {
    match validation.kind {
        ValidationKind::Kfold | ValidationKind::Grouped => validation.folds,
        ValidationKind::Holdout | ValidationKind::OutOfTime | ValidationKind::Column => 1,
    }
}

/// The end of an x axis over `n` folds in a card of this width that leaves room for names right of the last fold, but
/// none for a tick of a fold that there is not.
fn end_with_names(n: usize, card_width: f32) -> f64 {
    let n = n.max(1) as f64;
    // Without the card's margins and the figures on the y axis.
    let width = f64::from(card_width - 64.0).max(160.0);
    let names = (72.0 / width).min(0.45);
    let wanted = (n - 0.5 * names) / (1.0 - names);
    // Where the plot puts its ticks: 48 points apart at least, on whole multiples of 1, 2 or 5 times a power of ten.
    let least = (wanted - 0.5) / (width / 48.0).clamp(2.0, 12.0).floor();
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0].map(|factor| factor * power).into_iter().find(|&step| step >= least);
    let step = step.unwrap_or(10.0 * power).max(1.0);
    let next_tick = ((n / step).floor() + 1.0) * step;
    wanted.min(next_tick - 0.02).max(n + 0.5)
}

/// Whether there was enough to judge by. If not, no title may name a winner.
fn is_conclusive(comparison: &Comparison) -> bool {
    comparison.verdict.as_ref().is_some_and(|verdict| verdict.p.is_some())
}

/// "SVM 0.840, DBN 0.810".
fn named_means(ranked: &[(ModelKind, f64)]) -> String {
    let each: Vec<String> = ranked.iter().map(|(kind, mean)| format!("{} {mean:.3}", short_name(*kind))).collect();
    each.join(", ")
}

/// What the ROC curves show, from the models and their AUC, best first.
fn roc_finding(ranked: &[(ModelKind, f64)], conclusive: bool) -> String {
    match ranked {
        [] => "ROC curves".to_owned(),
        _ if !conclusive => format!("Area under the ROC curve: {}", named_means(ranked)),
        [(only, auc)] => format!("{} ranks with an AUC of {auc:.3}", short_name(*only)),
        [(_, best), .., (_, least)] if best - least < ROPE => "The ROC curves nearly coincide".to_owned(),
        [(first, best), (second, next), ..] => {
            let [first, second] = [*first, *second].map(short_name);
            if best - next < ROPE {
                format!("{first} and {second} rank nearly alike")
            } else {
                format!("{first} ranks best on average: AUC {best:.3} against {next:.3} of {second}")
            }
        }
    }
}

/// What the accuracies show, from the models and their mean, best first, and that of the majority.
fn accuracy_finding(ranked: &[(ModelKind, f64)], floor: Option<f64>, conclusive: bool) -> String {
    match ranked {
        [] => "Accuracy by fold".to_owned(),
        _ if !conclusive => format!("Accuracy: {}", named_means(ranked)),
        [(_, best), ..] if floor.is_some_and(|floor| *best <= floor) => {
            "No model calls more rows right than the majority does".to_owned()
        }
        [(only, mean)] => format!("{} calls {mean:.3} of the rows right", short_name(*only)),
        [(first, best), (second, next), ..] => {
            let [first, second] = [*first, *second].map(short_name);
            if best - next < ROPE {
                format!("{first} and {second} are about equally accurate")
            } else {
                format!("{first} is most accurate on average: {best:.3} against {next:.3} of {second}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_say_the_finding_whoever_wins() {
        use ModelKind::{Dbn, Mlp, Svm};
        let roc = |ranked: &[(ModelKind, f64)]| roc_finding(ranked, true);
        assert_eq!(roc(&[(Svm, 0.84), (Dbn, 0.81)]), "SVM ranks best on average: AUC 0.840 against 0.810 of DBN");
        assert_eq!(roc(&[(Dbn, 0.84), (Svm, 0.81)]), "DBN ranks best on average: AUC 0.840 against 0.810 of SVM");
        assert_eq!(roc(&[(Dbn, 0.842), (Svm, 0.84), (Mlp, 0.835)]), "The ROC curves nearly coincide");
        assert_eq!(roc(&[(Dbn, 0.842), (Svm, 0.84), (Mlp, 0.7)]), "DBN and SVM rank nearly alike");
        assert_eq!(roc(&[]), "ROC curves");
        let accuracy = |ranked: &[(ModelKind, f64)]| accuracy_finding(ranked, Some(0.747), true);
        assert_eq!(
            accuracy(&[(Svm, 0.80), (Dbn, 0.77)]),
            "SVM is most accurate on average: 0.800 against 0.770 of DBN"
        );
        assert_eq!(accuracy(&[(Svm, 0.80), (Dbn, 0.799)]), "SVM and DBN are about equally accurate");
        let lost = "No model calls more rows right than the majority does";
        assert_eq!(accuracy(&[(Svm, 0.747), (Dbn, 0.70)]), lost);
        assert_eq!(accuracy_finding(&[(Dbn, 0.7)], None, true), "DBN calls 0.700 of the rows right");
    }

    #[test]
    fn where_nothing_can_be_concluded_no_title_names_a_winner() {
        let ranked = [(ModelKind::Svm, 0.84), (ModelKind::Dbn, 0.6)];
        assert_eq!(roc_finding(&ranked, false), "Area under the ROC curve: SVM 0.840, DBN 0.600");
        assert_eq!(accuracy_finding(&ranked, Some(0.9), false), "Accuracy: SVM 0.840, DBN 0.600");
    }

    #[test]
    fn names_have_room_and_no_tick_counts_a_fold_that_there_is_not() {
        assert!((end_with_names(5, 473.0) - 5.96).abs() < 0.01, "(5 − 0.5·s) / (1 − s) with s = 72/409");
        assert_eq!(end_with_names(25, 473.0), 29.98, "the next tick would be 30");
        for n in 1..=120 {
            for width in [200.0, 473.0, 793.0] {
                let end = end_with_names(n, width);
                assert!(end >= n as f64 + 0.5 && end < 2.0 * n as f64 + 1.0, "{n} {width}: {end}");
            }
        }
    }
}
