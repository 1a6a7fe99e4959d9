//! From the score of a row to its probability of the bad outcome, its class and its grade.

use super::graph::{Graph, Value};
use super::messages::data_type::INT64;
use super::search::Search;
use crate::evaluation::MasterScale;
use crate::model::calibration::{Calibration, Isotonic, Platt};
use crate::model::{FittedKind, FittedModel};

/// P(bad | score), `(rows, 1)`: by the calibration, else as the model says it itself.
pub(super) fn probability(graph: &mut Graph, score: Value, model: &FittedModel) -> Value {
    match (&model.calibration, &model.answers) {
        (Some(Calibration::Platt(platt)), _) => logistic_curve(graph, score, *platt),
        (Some(Calibration::Isotonic(isotonic)), _) => corners(graph, score, isotonic),
        (None, FittedKind::Svm(fitted)) => logistic_curve(graph, score, fitted.platt),
        (None, FittedKind::Majority(_)) => score,
        // The score is the log-odds.
        (None, FittedKind::Dbn(_) | FittedKind::Logistic(_) | FittedKind::Trees(_)) => graph.op("Sigmoid", &[score]),
    }
}

/// `1/(1 + exp(A f + B))`.
fn logistic_curve(graph: &mut Graph, score: Value, platt: Platt) -> Value {
    let (a, b) = (graph.scalar(-platt.a), graph.scalar(-platt.b));
    let z = graph.op("Mul", &[score, a]);
    let z = graph.op("Add", &[z, b]);
    graph.op("Sigmoid", &[z])
}

/// Straight lines between the corners, flat outside them.
fn corners(graph: &mut Graph, score: Value, isotonic: &Isotonic) -> Value {
    let corners = isotonic.corners();
    let (Some(first), Some(last)) = (corners.first(), corners.last()) else {
        let (none, half) = (graph.scalar(0.0_f64), graph.scalar(0.5_f64));
        let nothing = graph.op("Mul", &[score, none]);
        return graph.op("Add", &[nothing, half]);
    };
    // For a score below the first corner, between neighbours, above the last: where the line starts, halved, how wide it is,
    // halved, how far it rises, and where it ends. Halves, since the distance of two finite numbers may be infinite.
    let lines = std::iter::once((*first, *first))
        .chain(corners.windows(2).map(|pair| (pair[0], pair[1])))
        .chain([(*last, *last)]);
    let mut of: [Vec<f64>; 5] = Default::default();
    for ((f_below, p_below), (f_above, p_above)) in lines {
        let width = 0.5 * f_above - 0.5 * f_below;
        let width = if width > 0.0 { width } else { 1.0 };
        of.iter_mut()
            .zip([0.5 * f_below, width, p_below, p_above - p_below, p_above])
            .for_each(|(list, value)| list.push(value));
    }
    let scores: Vec<f64> = corners.iter().map(|corner| corner.0).collect();
    let search = Search::new(graph, &[&scores]);
    let tables = of.map(|list| search.table_of(graph, &[&list], 0.0));
    let found = search.find(graph, 1, score, 0.0);
    let [start, width, p_below, rise, p_above] = tables.map(|table| found.look_up(graph, table));
    let half = graph.scalar(0.5_f64);
    let at = graph.op("Mul", &[score, half]);
    let along = graph.op("Sub", &[at, start]);
    let share = graph.op("Div", &[along, width]);
    let risen = graph.op("Mul", &[share, rise]);
    let p = graph.op("Add", &[p_below, risen]);
    graph.op("Min", &[p, p_above])
}

/// The PD in a population with the share `to` of bad rows, of one calibrated where it was `from`: the odds change by the ratio of
/// the shares' odds ([`crate::evaluation::shift_base_rate`]).
pub(super) fn shifted(graph: &mut Graph, pd: Value, from: f64, to: f64) -> Value {
    let commoner = [to / from, (1.0 - to) / (1.0 - from)].map(|times| graph.scalar(times));
    let one = graph.scalar(1.0_f64);
    let good = graph.op("Sub", &[one, pd]);
    let bad = graph.op("Mul", &[pd, commoner[0]]);
    let good = graph.op("Mul", &[good, commoner[1]]);
    let sum = graph.op("Add", &[bad, good]);
    graph.op("Div", &[bad, sum])
}

/// 1 where the PD reaches the threshold, else 0.
pub(super) fn class(graph: &mut Graph, pd: Value, threshold: f64) -> Value {
    let threshold = graph.scalar(threshold);
    let bad = graph.op("GreaterOrEqual", &[pd, threshold]);
    graph.cast(bad, INT64)
}

/// Name of the grade.
pub(super) fn grade(graph: &mut Graph, pd: Value, scale: &MasterScale) -> Value {
    let names: Vec<String> = (0..scale.n_grades()).map(|grade| MasterScale::name(grade).to_string()).collect();
    let names = graph.texts(&[names.len()], &names);
    // A single grade has no bounds; nothing reaches this one.
    let bounds = if scale.bounds().is_empty() { &[f64::INFINITY][..] } else { scale.bounds() };
    let bounds = graph.row(bounds);
    let reached = graph.op("GreaterOrEqual", &[pd, bounds]);
    let reached = graph.cast(reached, INT64);
    let grade = graph.of_row("ReduceSum", reached);
    graph.look_up(names, grade)
}
