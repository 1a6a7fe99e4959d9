//! What studies, grades and drift have found.

use super::super::sentence_case;
use super::bars::{Bar, Bars};
use super::plot::{Axis, Look, Plot, Series};
use super::svg::Marker;
use super::{Drawing, Picture, look};
use crate::data::Spread;
use crate::evaluation::{Grade, Metric, jeffreys_interval};
use crate::training::{StabilityReport, Standing, Study, StudyKind};

/// Models with a band: more would hide each other.
const WITH_BAND: usize = 2;
/// Indicators that are drawn.
const MOST_BARS: usize = 20;

/// A metric of every model against what a study varies.
pub(in crate::report) fn study(study: &Study, metric: Metric) -> Picture {
    let rows = study.labelled_rows();
    // The learning curve stands over the rows learned from, whatever share they are.
    let x = |level: usize| match study.kind {
        StudyKind::Labels => rows.get(level).copied().flatten(),
        _ => study.levels.get(level).copied(),
    };
    let series = |(model, &kind): (usize, &crate::training::ModelKind)| {
        let points = study.curve(model, metric);
        let place = |i: usize, mean: Option<f64>| Some([x(i)?, mean?]);
        let band = |(i, point): (usize, &crate::training::StudyPoint)| {
            let ([x, mean], sd) = (place(i, point.mean)?, point.sd?);
            Some([x, mean - sd, mean + sd])
        };
        let band = if model < WITH_BAND { points.iter().enumerate().filter_map(band).collect() } else { Vec::new() };
        let line = points.iter().enumerate().filter_map(|(i, point)| place(i, point.mean)).collect();
        Series { band, marks: true, ..Series::line(Some(sentence_case(kind.title())), look(kind), line) }
    };
    let models: Vec<Series> = study.models.iter().enumerate().map(series).filter(|s| !s.points.is_empty()).collect();
    let ends = |axis: usize| {
        let all = models.iter().flat_map(move |s| s.points.iter().map(move |p| p[axis]));
        all.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], at| [low.min(at), high.max(at)])
    };
    // Room for the legend, but none where no value can be.
    let y = |[low, high]: [f64; 2]| {
        let room = 0.2 * (high - low).max(1e-3);
        [(low - room).max(low.min(0.0)), (high + room).min(high.max(1.0))]
    };
    let widened = |[low, high]: [f64; 2], share: f64| {
        let room = share * (high - low).max(1e-3);
        [low - room, high + room]
    };
    let title = match (study.kind, study.noise_unit) {
        (StudyKind::Noise, Spread::Iqr) => "Noise, in interquartile ranges / 1.35".to_owned(),
        (StudyKind::Noise, Spread::Sd) => "Noise, in standard deviations".to_owned(),
        _ => study.kind.level_label().to_owned(),
    };
    let plot = Plot {
        label: format!("{}: {}", study.kind.title(), metric.label()),
        x: Axis { whole: study.kind == StudyKind::Seeds, ..Axis::new(&title, widened(ends(0), 0.04)) },
        y: Axis::new(metric.label(), y(ends(1))),
        series: models,
    };
    let caption = format!(
        "{}: {} of every model, mean over the splits, with ± one standard deviation for the first two models.",
        study.kind.title(),
        metric.in_sentence()
    );
    let name = format!("study_{}_{}", study.kind.key(), metric.name());
    Picture { name, caption, drawing: Drawing::Plot(plot) }
}

/// The probability of each grade and the share of bad rows in it.
pub(in crate::report) fn grades(standing: &Standing) -> Picture {
    let place = |i: usize| (i + 1) as f64;
    let observed = |(i, grade): (usize, &Grade)| Some([place(i), grade.bad_rate?]);
    let interval = |(i, grade): (usize, &Grade)| {
        let [low, high] = jeffreys_interval(grade.bad, grade.rows);
        (grade.rows > 0).then(|| [place(i), low, high])
    };
    let of_grades = || standing.grades.iter().enumerate();
    let black = Look { color: "#000000", width: 1.2, dash: None, marker: Marker::Circle };
    let said = of_grades().filter_map(|(i, grade)| Some([place(i), grade.mean_pd?])).collect();
    let series = vec![
        Series { marks: true, ..Series::line(Some("Mean PD".to_owned()), look(standing.model), said) },
        Series {
            line: false,
            marks: true,
            whiskers: of_grades().filter_map(interval).collect(),
            ..Series::line(
                Some("Observed share of bad rows".to_owned()),
                Look { marker: Marker::Cross, ..black },
                of_grades().filter_map(observed).collect(),
            )
        },
    ];
    let highest = series.iter().flat_map(|s| s.points.iter().map(|p| p[1]).chain(s.whiskers.iter().map(|w| w[2])));
    let top = (1.05 * highest.fold(0.0, f64::max)).clamp(0.01, 1.0);
    let mut x = Axis::new("Grade", [0.5, standing.grades.len() as f64 + 0.5]);
    x.whole = true;
    x.names = standing.grades.iter().map(|grade| grade.name.to_string()).collect();
    let title = sentence_case(standing.model.title());
    let plot = Plot {
        label: format!("Grades of {title}"),
        x,
        y: Axis::new("Probability of the bad outcome", [0.0, top]),
        series,
    };
    let caption = format!(
        "{title}: mean PD of each grade and the share of bad rows observed in it, held-out rows of the first repeat, with 95 % \
         Jeffreys intervals."
    );
    Picture { name: format!("grades_{}", standing.model.key()), caption, drawing: Drawing::Plot(plot) }
}

/// The drift of every indicator, the largest first.
pub(in crate::report) fn drift(model: &str, report: &StabilityReport) -> Picture {
    let scores = std::iter::once(("Probabilities (PSI)".to_owned(), report.scores.as_ref()));
    let indicators = report.indicators.iter().map(|(name, drift)| (name.clone(), drift.as_ref()));
    let bars: Vec<Bar> = scores
        .chain(indicators)
        .take(MOST_BARS + 1)
        .map(|(name, drift)| Bar { name, value: drift.map(|drift| drift.psi), interval: None })
        .collect();
    let more = report.indicators.len().saturating_sub(MOST_BARS);
    let shown =
        if more > 0 { format!(" The {MOST_BARS} largest; {more} more are in the table.") } else { String::new() };
    // Bounds far beyond every bar would press the bars together.
    let largest = bars.iter().filter_map(|bar| bar.value).fold(0.0, f64::max);
    let bounds = [(0.1, "0.1"), (0.25, "0.25")].into_iter().filter(|bound| largest > 0.4 * bound.0).collect();
    let caption = format!(
        "Population stability of the probabilities and of each indicator, {} against {}.{shown}",
        report.reference, report.other
    );
    let bars = Bars::new("Drift", "PSI, CSI", bars, bounds);
    Picture { name: format!("drift_{model}"), caption, drawing: Drawing::Bars(bars) }
}
