//! The nearest change of a firm's values at which the model calls it the other way (a counterfactual: Wachter, Mittelstadt,
//! Russell 2017).
//!
//! As few indicators as possible, one, then two, then three; among as many the least distance. The distance is counted in
//! percentile points of the training rows, added up over the indicators: from the 20th to the 50th percentile it is 30
//! points, whatever the unit. Another level of a category counts 100 points, as from one end of a number to the other
//! (Gower 1971). Numbers stay between the 1st and the 99th percentile, levels are those of the training rows, and a
//! missing value is left alone.
//!
//! Candidates come from a grid of values ([`search`]); then the change is drawn back towards the firm, all indicators
//! together and one after the other, as far as it still crosses, and its numbers are rounded, away from the firm, to the
//! digits that people are shown. What is told has been scored as any row is.

mod search;

use super::standing::{percentile, value_at};
use super::{ExplanationError, Firm, Value, what_if};
use crate::scoring::{ColumnValues, RiskModel};
use search::{Candidate, Move, Search};

/// Indicators that may change together, at most.
pub const MOST_CHANGED: usize = 3;

/// Percentile points of another level.
const LEVEL_POINTS: f64 = 100.0;

/// Halvings when a change is drawn back: to a thousandth of it.
const HALVINGS: usize = 10;

/// One indicator of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The indicator.
    pub indicator: String,
    /// What the firm has.
    pub from: Value,
    /// What it would have.
    pub to: Value,
    /// Percentile points between the two, 0..=100.
    pub points: f64,
}

/// A change that crosses the cut-off.
#[derive(Clone, Debug, PartialEq)]
pub struct NearestChange {
    /// What changes, one to three indicators in the order of the model.
    pub changes: Vec<Change>,
    /// PD of the changed firm, 0..=1.
    pub pd: f64,
    /// Sum of the percentile points.
    pub points: f64,
}

/// The nearest change after which `model` calls `firm` the other way, with the indicators `locked` left as they are. `None`
/// when no change of up to three indicators does. The same on every run.
///
/// # Errors
/// When the model has no answer for the firm.
pub fn nearest_change(
    model: &RiskModel,
    firm: &Firm,
    locked: &[String],
) -> Result<Option<NearestChange>, ExplanationError> {
    let is_bad = model.is_called_bad(what_if(model, firm)?);
    let search = Search::new(model, firm, is_bad, locked)?;
    for count in 1..=MOST_CHANGED {
        let mut nearest: Option<NearestChange> = None;
        for candidate in search.candidates(count)? {
            let change = drawn_back(model, firm, &candidate, is_bad)?;
            let is_nearer = |found: &NearestChange| nearest.as_ref().is_none_or(|best| found.points < best.points);
            nearest = change.filter(is_nearer).or(nearest);
        }
        if nearest.is_some() {
            return Ok(nearest);
        }
    }
    Ok(None)
}

/// What to tell when there is none.
pub fn no_change_text(locked: usize) -> String {
    let kept = match locked {
        0 => String::new(),
        1 => ", with one indicator locked,".to_owned(),
        n => format!(", with {n} indicators locked,"),
    };
    format!(
        "No change of up to {MOST_CHANGED} indicators within the range of the training rows{kept} crosses the cut-off."
    )
}

/// The candidate as near as it can be drawn; `None` when it does not cross after all, since cells that are filled in may take
/// other values beside it.
fn drawn_back(
    model: &RiskModel,
    firm: &Firm,
    candidate: &Candidate,
    is_bad: bool,
) -> Result<Option<NearestChange>, ExplanationError> {
    let moves = &candidate.moves;
    let at = |shares: &[f64]| {
        let changed = moves.iter().zip(shares);
        changed.fold(firm.clone(), |firm, (to, &share)| {
            firm.with(to.column, part_of(model, &firm.values[to.column], to, share))
        })
    };
    let crosses = |shares: &[f64]| Ok(model.is_called_bad(what_if(model, &at(shares))?) != is_bad);
    let mut shares = vec![1.0; moves.len()];
    if !crosses(&shares)? {
        return Ok(None);
    }
    // All together, then each by itself.
    for which in std::iter::once(0..moves.len()).chain((0..moves.len()).map(|i| i..i + 1)) {
        let (mut inside, mut outside) = (1.0, 0.0);
        let whole = shares.clone();
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(inside, outside);
            let mut tried = whole.clone();
            tried[which.clone()].iter_mut().for_each(|share| *share *= middle);
            if crosses(&tried)? {
                (inside, shares) = (middle, tried);
            } else {
                outside = middle;
            }
        }
    }
    let near = at(&shares);
    let mut changed = near.clone();
    for to in moves {
        if let Some(value) = rounded(model, to.column, &firm.values[to.column], &near.values[to.column]) {
            changed = changed.with(to.column, value);
        }
    }
    // What does not cross when rounded is told with all its digits.
    if model.is_called_bad(what_if(model, &changed)?) == is_bad {
        changed = near;
    }
    let mut changes: Vec<(usize, Change)> = moves
        .iter()
        .map(|to| {
            let (from, to_value) = (firm.values[to.column].clone(), changed.values[to.column].clone());
            let points = points_between(model, to.column, &from, &to_value);
            let indicator = model.columns[to.column].name.clone();
            (to.column, Change { indicator, from, to: to_value, points })
        })
        .collect();
    changes.sort_by_key(|(column, _)| *column);
    let changes: Vec<Change> = changes.into_iter().map(|(_, change)| change).collect();
    let points = changes.iter().map(|change| change.points).sum();
    Ok(Some(NearestChange { pd: what_if(model, &changed)?, points, changes }))
}

/// The value at a share of the way, in percentiles, from a firm's own to that of a move; a level is there or not.
fn part_of(model: &RiskModel, own: &Value, to: &Move, share: f64) -> Value {
    let Some(ColumnValues::Number { quantiles, .. }) = model.columns.get(to.column).map(|column| &column.values) else {
        return to.value.clone();
    };
    match (own, &to.value) {
        (Value::Number(from), Value::Number(x)) if share < 1.0 => {
            let (Some(start), Some(end)) = (percentile(quantiles, *from), percentile(quantiles, *x)) else {
                return to.value.clone();
            };
            // A place between two may lie among equal values beyond either of them.
            let value = value_at(quantiles, start + share * (end - start));
            Value::Number(value.clamp(from.min(*x), from.max(*x)))
        }
        _ => to.value.clone(),
    }
}

/// A number with the digits that it is shown with, no nearer to the firm's own; `None` where that lies outside the range that
/// values are sought in, and for what is no number.
fn rounded(model: &RiskModel, column: usize, own: &Value, value: &Value) -> Option<Value> {
    let (Value::Number(own), Value::Number(value)) = (own, value) else { return None };
    let Some(ColumnValues::Number { quantiles, .. }) = model.columns.get(column).map(|column| &column.values) else {
        return None;
    };
    let beyond = value_shown_beyond(*value, value > own)?;
    let (low, high) = (value_at(quantiles, 1.0), value_at(quantiles, 99.0));
    (low <= beyond && beyond <= high).then_some(Value::Number(beyond))
}

/// The nearest number that is shown as it is and not below `x`, or where it is not to be `above`, not above it.
fn value_shown_beyond(x: f64, above: bool) -> Option<f64> {
    let shown = |x: f64| Value::Number(x).to_string().replace('−', "-").parse::<f64>().ok();
    let reaches = |y: &f64| if above { *y >= x } else { *y <= x };
    // Whole numbers are shown from ten thousand on; below, three or four digits: from one number to the next it is from a
    // ten-thousandth to a hundredth.
    if x.abs() >= 1e4 {
        return shown(if above { x.ceil() } else { x.floor() }).filter(reaches);
    }
    let steps = (0..=101).map(|k| x.abs() * 1e-4 * f64::from(k) * if above { 1.0 } else { -1.0 });
    let mut found = steps.filter_map(|step| shown(x + step));
    found.find(reaches)
}

/// Percentile points between two values of a column; those of a level where either is no number.
fn points_between(model: &RiskModel, column: usize, a: &Value, b: &Value) -> f64 {
    let quantiles = match model.columns.get(column).map(|column| &column.values) {
        Some(ColumnValues::Number { quantiles, .. }) => quantiles.as_slice(),
        Some(ColumnValues::Category { .. }) | None => &[],
    };
    let place = |value: &Value| if let Value::Number(x) = value { percentile(quantiles, *x) } else { None };
    match (place(a), place(b)) {
        (Some(a), Some(b)) => (a - b).abs(),
        _ => LEVEL_POINTS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_away_from_the_firm() {
        for (x, above, shown) in [
            (4.4671, true, 4.468),
            (4.4671, false, 4.467),
            (4.4679, true, 4.468),
            (-12.3456, false, -12.35),
            (-12.3456, true, -12.34),
            (9.9999, true, 10.0),
            (123_456.7, true, 123_457.0),
            (1.2345e-6, true, 1.24e-6),
            (1.2345e-6, false, 1.23e-6),
            (0.0, true, 0.0),
            (7.0, false, 7.0),
        ] {
            assert_eq!(value_shown_beyond(x, above), Some(shown), "{x}");
        }
    }
}
