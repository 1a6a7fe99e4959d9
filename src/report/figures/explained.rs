//! What the model's answers rest on: importance and partial dependence.

use super::bars::{Bar, Bars};
use super::plot::{Axis, Look, Plot, Series};
use super::svg::Marker;
use super::{Drawing, Picture};
use crate::explanation::{Dependence, Importance, Shuffled, Value};

/// Indicators that are drawn.
const MOST_BARS: usize = 20;
/// Letters of a level below an axis.
const LONGEST_LEVEL: usize = 8;

const MEAN: Look = Look { color: "#b87400", width: 2.4, dash: None, marker: Marker::Circle };
const FIRM: Look = Look { color: "#9fb0c6", width: 0.6, dash: None, marker: Marker::Circle };

/// The area under the ROC curve lost without each indicator, the most first.
pub(in crate::report) fn importance(importance: &Importance) -> Picture {
    let mut shuffled: Vec<&Shuffled> = importance.alone.iter().collect();
    shuffled.sort_by(|a, b| b.auc.mean.total_cmp(&a.auc.mean));
    let bar = |one: &&Shuffled| Bar {
        name: one.indicators.first().and_then(|&i| importance.indicators.get(i)).cloned().unwrap_or_default(),
        value: Some(one.auc.mean),
        interval: Some(one.auc.interval),
    };
    let bars: Vec<Bar> = shuffled.iter().take(MOST_BARS).map(bar).collect();
    let more = importance.alone.len().saturating_sub(MOST_BARS);
    let shown =
        if more > 0 { format!(" The {MOST_BARS} largest; {more} more are in the table.") } else { String::new() };
    let caption = format!(
        "Importance: fall of the area under the ROC curve when an indicator is shuffled, with 95 % intervals, on {} rows. \
         Attributions of the model, not causes.{shown}",
        importance.rows
    );
    let bars = Bars::new("Importance", "Fall of the AUC when shuffled", bars, Vec::new());
    Picture { name: "importance".to_owned(), caption, drawing: Drawing::Bars(bars) }
}

/// How the PD goes with one indicator; `place` numbers the file.
pub(in crate::report) fn dependence((place, of): (usize, &Dependence)) -> Picture {
    let at = |i: usize| match of.grid.get(i) {
        Some(Value::Number(x)) => *x,
        _ => (i + 1) as f64,
    };
    let curve = |pds: &mut dyn Iterator<Item = f64>| pds.enumerate().map(|(i, pd)| [at(i), pd]).collect::<Vec<_>>();
    let firms = of.curves.rows().into_iter().map(|row| Series::line(None, FIRM, curve(&mut row.iter().copied())));
    let is_number = matches!(of.grid.first(), Some(Value::Number(_)));
    let mean = Series {
        marks: !is_number || of.grid.len() < 2,
        ..Series::line(Some("Mean of all rows".to_owned()), MEAN, curve(&mut of.mean.iter().copied()))
    };
    let series: Vec<Series> = firms.chain([mean]).collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let highest = points().map(|point| point[1]).fold(0.0, f64::max);
    let mut x = if is_number {
        let ends = points().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], p| [low.min(p[0]), high.max(p[0])]);
        let room = 0.02 * (ends[1] - ends[0]).max(f64::MIN_POSITIVE);
        Axis::new(&of.indicator, [ends[0] - room, ends[1] + room])
    } else {
        Axis { whole: true, ..Axis::new(&of.indicator, [0.5, of.grid.len() as f64 + 0.5]) }
    };
    if !is_number {
        x.names = of.grid.iter().map(|value| value.to_string().chars().take(LONGEST_LEVEL).collect()).collect();
    }
    let plot = Plot {
        label: format!("Partial dependence on {}", of.indicator),
        x,
        y: Axis::new("Probability of the bad outcome", [0.0, (1.05 * highest).clamp(0.01, 1.0)]),
        series,
    };
    let caption = format!(
        "{}: mean PD of {} rows with each value in turn, from the 1st to the 99th percentile; thin lines are single firms.",
        of.indicator, of.rows
    );
    Picture { name: format!("dependence_{}", place + 1), caption, drawing: Drawing::Plot(plot) }
}
