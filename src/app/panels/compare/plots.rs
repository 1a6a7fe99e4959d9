//! ROC curves of all models over one another, and the paper's comparison: accuracy fold by fold. Titles say the finding.

use egui::Ui;
use egui_plot::LineStyle;

use super::words::{over_folds, short_name};
use crate::app::comparing::CompareResult;
use crate::app::panels::thousands;
use crate::app::theme::{Palette, model_style};
use crate::app::widgets::{Band, LinePlot, Reference, Series, segmented};
use crate::data::{ValidationKind, ValidationSettings};
use crate::evaluation::{Metric, ROPE};
use crate::training::{Analysis, Comparison, Curve, FoldResult, ModelKind, ModelResult, Rows};

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
    means.sort_by(|a, b| if metric.higher_is_better() { b.1.total_cmp(&a.1) } else { a.1.total_cmp(&b.1) });
    means
}

/// Curves that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlotKind {
    Roc,
    PrecisionRecall,
    Gains,
    Lift,
    Ks,
    Reliability,
    Scores,
}

impl PlotKind {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Roc, "ROC"),
        (Self::PrecisionRecall, "Precision–recall"),
        (Self::Gains, "Gains"),
        (Self::Lift, "Lift"),
        (Self::Ks, "KS"),
        (Self::Reliability, "Reliability"),
        (Self::Scores, "Scores"),
    ];

    /// The switch between them.
    pub(super) fn choice_ui(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| segmented(ui, "Curves", self, &Self::ALL));
    }

    /// The curve over thresholds, its metric, and the names of what it shows.
    fn curve(self) -> Option<(Curve, Metric, &'static str, &'static str)> {
        Some(match self {
            Self::Roc => (Curve::Roc, Metric::Auc, "bad found against good refused", "good refused"),
            Self::PrecisionRecall => (Curve::PrecisionRecall, Metric::PrAuc, "precision against recall", "recall"),
            Self::Gains => (Curve::Gains, Metric::Auc, "bad found among the riskiest rows", "share of rows"),
            Self::Lift => (Curve::Lift, Metric::PrAuc, "times as many bad rows as by chance", "share of rows"),
            Self::Ks => (Curve::Ks, Metric::Ks, "bad found less good refused", "share of rows"),
            Self::Reliability | Self::Scores => return None,
        })
    }
}

/// The chosen curves of all models over one another.
pub(super) fn curves_ui(
    ui: &mut Ui,
    kind: PlotKind,
    comparison: &Comparison,
    analysis: Option<&Analysis>,
    height: f32,
) {
    match (kind, kind.curve()) {
        (_, Some(curve)) => over_thresholds(ui, comparison, curve, height),
        (PlotKind::Scores, None) => scores(ui, comparison, height),
        (_, None) => reliability(ui, comparison, analysis, height),
    }
}

/// Curves over all thresholds, each the mean over its folds within their spread.
fn over_thresholds(
    ui: &mut Ui,
    comparison: &Comparison,
    (curve, metric, what, x_name): (Curve, Metric, &str, &str),
    height: f32,
) {
    let palette = Palette::of(ui);
    let points = |model: &ModelResult| model.curve(curve).iter().map(|point| [point.x, point.mean]).collect();
    let curves = curves(comparison, metric, points);
    let spreads: Vec<Vec<[f64; 3]>> = curves.iter().map(|of| spread(comparison, of.kind, curve)).collect();
    let series = curves.iter().zip(&spreads).map(|(curve, spread)| {
        let style = model_style(palette, curve.kind.key());
        Series::new(&curve.name, &curve.points, style.color).dash(style.dash).spread(spread)
    });
    let mut series: Vec<Series<'_>> = series.collect();
    let chance_style = model_style(palette, ModelKind::Majority.key());
    let rate = bad_rate(comparison);
    let chance: Option<(String, [[f64; 2]; 2])> = match curve {
        Curve::Roc | Curve::Gains => Some(("chance".to_owned(), [[0.0, 0.0], [1.0, 1.0]])),
        Curve::PrecisionRecall => rate.map(|rate| (format!("chance {rate:.3}"), [[0.0, rate], [1.0, rate]])),
        Curve::Lift => Some(("chance 1".to_owned(), [[0.0, 1.0], [1.0, 1.0]])),
        Curve::Ks => None,
    };
    if let (Some((name, points)), true) = (&chance, curves.iter().any(|curve| !curve.points.is_empty())) {
        series.push(Series::new(name, points, chance_style.color).dash(chance_style.dash).width(1.5));
    }
    let band = if spreads.iter().any(|spread| !spread.is_empty()) { ", ± sd shaded" } else { "" };
    let over = over_folds(comparison.models.iter().map(|model| model.folds.len()).max().unwrap_or(0));
    let subtitle = format!("{what}, {over}{band}; named with {}", metric.short_label());
    let title = finding(&ranked(comparison, metric), metric, is_conclusive(comparison));
    let mut plot = LinePlot::new("curves", &title, &series)
        .subtitle(&subtitle)
        .x_name(x_name)
        .x_range(0.0..=1.0)
        .height(height)
        .empty("No curve", "No fold tests rows of both outcomes");
    if curve != Curve::Lift {
        plot = plot.include_y(0.0..=1.0);
    }
    plot.show(ui);
}

/// Share of bad rows among those tested; `None` without any.
fn bad_rate(comparison: &Comparison) -> Option<f64> {
    let folds = || comparison.models.iter().take(1).flat_map(|model| &model.folds).map(|f| f.scored.metrics);
    let (bad, all): (usize, usize) = (folds().map(|m| m.positives).sum(), folds().map(|m| m.n_test).sum());
    (all > 0).then(|| bad as f64 / all as f64)
}

/// Mean − sd to mean + sd of a curve; nothing where it has no spread.
fn spread(comparison: &Comparison, kind: ModelKind, curve: Curve) -> Vec<[f64; 3]> {
    let points = comparison.model(kind).map_or(&[][..], |model| model.curve(curve));
    points.iter().filter_map(|p| Some([p.x, p.mean - p.sd?, p.mean + p.sd?])).collect()
}

/// Observed against predicted share of bad rows, bin by bin, with the intervals of the first two models.
fn reliability(ui: &mut Ui, comparison: &Comparison, analysis: Option<&Analysis>, height: f32) {
    let palette = Palette::of(ui);
    let bins = |kind| analysis.and_then(|a| a.model(kind)).map_or(&[][..], |model| &model.reliability);
    let points = |model: &ModelResult| bins(model.kind).iter().map(|bin| [bin.mean_pd, bin.observed]).collect();
    let curves = curves(comparison, Metric::Brier, points);
    let intervals: Vec<Vec<[f64; 3]>> = curves
        .iter()
        .map(|curve| {
            let shown = comparison.models.iter().take(2).any(|model| model.kind == curve.kind);
            let bins = if shown { bins(curve.kind) } else { &[] };
            bins.iter().map(|bin| [bin.mean_pd, bin.interval[0], bin.interval[1]]).collect()
        })
        .collect();
    let series = curves.iter().zip(&intervals).map(|(curve, intervals)| {
        let style = model_style(palette, curve.kind.key());
        Series::new(&curve.name, &curve.points, style.color)
            .dash(style.dash)
            .width(1.25)
            .marker(style.marker)
            .spread(intervals)
    });
    let mut series: Vec<Series<'_>> = series.collect();
    let most = curves.iter().flat_map(|curve| &curve.points).flatten().copied().fold(0.0, f64::max);
    let diagonal = [[0.0, 0.0], [most, most]];
    let style = model_style(palette, ModelKind::Majority.key());
    if most > 0.0 {
        series.push(Series::new("as predicted", &diagonal, style.color).dash(style.dash).width(1.5));
    }
    let counts = || comparison.models.iter().take(1).flat_map(|model| bins(model.kind)).map(|bin| bin.n);
    let sizes = match (counts().min(), counts().max()) {
        (Some(low), Some(high)) if low == high => format!("bins of {} rows", thousands(low)),
        (Some(low), Some(high)) => format!("bins of {} to {} rows", thousands(low), thousands(high)),
        _ => String::new(),
    };
    let subtitle = format!("share of bad rows observed against predicted, {sizes}; named with Brier");
    let title = finding(&ranked(comparison, Metric::Brier), Metric::Brier, is_conclusive(comparison));
    let why = if analysis.is_some() { "No probabilities to look at" } else { "It comes when every fit is done" };
    LinePlot::new("reliability", &title, &series)
        .subtitle(&subtitle)
        .x_name("predicted")
        .include_y(0.0..=0.01)
        .height(height)
        .empty("No reliability yet", why)
        .show(ui);
}

/// How the probabilities of the first two models are spread, the bad rows and the good ones.
fn scores(ui: &mut Ui, comparison: &Comparison, height: f32) {
    let palette = Palette::of(ui);
    let edges: Vec<f64> = (0..=SCORE_BINS).map(|i| f64::from(i) / f64::from(SCORE_BINS)).collect();
    let mut lines: Vec<(String, Vec<[f64; 2]>, ModelKind, bool)> = Vec::new();
    for model in comparison.models.iter().filter(|model| model.kind != ModelKind::Majority).take(2) {
        let counts = model.histogram(Rows::Test, &edges);
        for (class, what) in [(1, "bad"), (0, "good")] {
            let total: usize = counts.iter().map(|bin| bin[class]).sum();
            if total == 0 {
                continue;
            }
            // As steps: a histogram, not a curve.
            let steps = counts.iter().zip(edges.windows(2)).flat_map(|(bin, edges)| {
                let share = bin[class] as f64 / total as f64;
                [[edges[0], share], [edges[1], share]]
            });
            lines.push((format!("{} {what}", short_name(model.kind)), steps.collect(), model.kind, class == 1));
        }
    }
    let series = lines.iter().map(|(name, points, kind, bad)| {
        let color = model_style(palette, kind.key()).color;
        let series = Series::new(name, points, color);
        if *bad { series } else { series.dash(LineStyle::Dotted { spacing: 4.0 }).width(1.5) }
    });
    let series: Vec<Series<'_>> = series.collect();
    LinePlot::new("scores", "Scores of the bad rows (lines) and of the good rows (dots)", &series)
        .subtitle("share of each class's test rows by probability of default, first repeat")
        .x_name("probability of default")
        .x_range(0.0..=1.0)
        .include_y(0.0..=0.1)
        .height(height)
        .empty("No scores", "No fold was finished")
        .show(ui);
}

/// Bins of the histograms of scores.
const SCORE_BINS: u32 = 25;

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

/// What curves show, from the models and their mean of a metric, best first.
fn finding(ranked: &[(ModelKind, f64)], metric: Metric, conclusive: bool) -> String {
    let what = metric.short_label();
    match ranked {
        [] => metric.label().to_owned(),
        _ if !conclusive => format!("{}: {}", metric.label(), named_means(ranked)),
        [(only, mean)] => format!("{}: {what} {mean:.3}", short_name(*only)),
        [(_, best), .., (_, least)] if (best - least).abs() < ROPE => {
            format!("Next to no difference between the models: {what} {best:.3} to {least:.3}")
        }
        [(first, best), (second, next), ..] => {
            let [first, second] = [*first, *second].map(short_name);
            if (best - next).abs() < ROPE {
                format!("{first} and {second} are nearly alike: {what} {best:.3} and {next:.3}")
            } else {
                format!("{first} is best on average: {what} {best:.3} against {next:.3} of {second}")
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
        let auc = |ranked: &[(ModelKind, f64)]| finding(ranked, Metric::Auc, true);
        assert_eq!(auc(&[(Svm, 0.84), (Dbn, 0.81)]), "SVM is best on average: AUC 0.840 against 0.810 of DBN");
        assert_eq!(auc(&[(Dbn, 0.84), (Svm, 0.81)]), "DBN is best on average: AUC 0.840 against 0.810 of SVM");
        assert_eq!(
            auc(&[(Dbn, 0.842), (Svm, 0.84), (Mlp, 0.835)]),
            "Next to no difference between the models: AUC 0.842 to 0.835"
        );
        assert_eq!(auc(&[(Dbn, 0.842), (Svm, 0.84), (Mlp, 0.7)]), "DBN and SVM are nearly alike: AUC 0.842 and 0.840");
        assert_eq!(auc(&[]), "Area under the ROC curve");
        // Of losses the least is the best.
        assert_eq!(
            finding(&[(Svm, 0.1), (Dbn, 0.14)], Metric::Brier, true),
            "SVM is best on average: Brier 0.100 against 0.140 of DBN"
        );
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
        assert_eq!(finding(&ranked, Metric::Auc, false), "Area under the ROC curve: SVM 0.840, DBN 0.600");
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
