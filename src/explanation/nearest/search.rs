//! Candidates for the nearest change, from a grid.
//!
//! Each indicator alone is tried at every percentile. Two together are tried at every fifth, among the twelve that by
//! themselves take the PD farthest towards the other side, and three at every twelfth or so among the first eight: the work
//! stays within some ten thousand rows however many indicators there are, at the price that a change of two or
//! three need not be the very nearest.

use ndarray::{Array1, Array2, ArrayView2};

use super::points_between;
use crate::data::Original;
use crate::explanation::explainer::players;
use crate::explanation::standing::value_at;
use crate::explanation::what_if::inputs;
use crate::explanation::{ExplanationError, Firm, Value, answers};
use crate::model::kernels::each;
use crate::scoring::{ColumnValues, RiskModel};

/// Percentiles that an indicator is tried at by itself, with another one, and with two more.
const GRIDS: [&[f64]; 3] = [
    &[],
    &[
        1.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0,
        95.0, 99.0,
    ],
    &[1.0, 12.0, 25.0, 37.0, 50.0, 63.0, 75.0, 88.0, 99.0],
];

/// Indicators that are tried alone, in pairs and in threes.
const TRIED: [usize; 3] = [usize::MAX, 12, 8];

/// Levels of a category that are tried, the most frequent.
const MOST_LEVELS: usize = 20;

/// Candidates that are looked at more closely.
const MOST_CANDIDATES: usize = 8;

/// Another value of one indicator.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Move {
    /// Index of the indicator among the columns of the model.
    pub(super) column: usize,
    pub(super) value: Value,
    /// Percentile points from the firm's own value.
    points: f64,
}

/// Moves of different indicators that cross together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) moves: Vec<Move>,
    points: f64,
}

/// What can be done to one indicator.
struct Tried {
    /// Which of the prepared inputs are its own.
    at: Vec<usize>,
    /// Each move, its inputs and the PD after it alone.
    moves: Vec<(Move, Vec<f32>, f64)>,
}

/// All changes of single indicators of a firm, scored.
pub(super) struct Search<'a> {
    model: &'a RiskModel,
    /// Whether the firm is called bad.
    is_bad: bool,
    /// The prepared inputs of the firm, `(n_inputs)`.
    own: Array1<f32>,
    /// The indicators that may change, the one that alone takes the PD farthest first.
    tried: Vec<Tried>,
}

impl<'a> Search<'a> {
    /// Scores every move of each indicator that is not `locked`.
    pub(super) fn new(
        model: &'a RiskModel,
        firm: &Firm,
        is_bad: bool,
        locked: &[String],
    ) -> Result<Self, ExplanationError> {
        let own = inputs(model, std::slice::from_ref(firm)).row(0).to_owned();
        let free = players(model).into_iter().filter(|(name, _)| !locked.contains(name));
        let mut tried = Vec::new();
        for (name, at) in free {
            let Some(column) = model.columns.iter().position(|column| column.name == name) else { continue };
            let given = |to: Move| {
                let value = match &to.value {
                    Value::Number(x) => Original::Number(*x),
                    Value::Level(text) => Original::Level { text: text.clone(), share: None },
                    Value::Missing => return None,
                };
                Some((model.preparation.inputs_of_value(&name, &value)?, to))
            };
            let moves: Vec<(Vec<f32>, Move)> = moves(model, firm, column).into_iter().filter_map(given).collect();
            let mut x = Array2::zeros((moves.len(), own.len()));
            for (mut row, (inputs, _)) in x.rows_mut().into_iter().zip(&moves) {
                row.assign(&own);
                at.iter().zip(inputs).for_each(|(&input, &value)| row[input] = value);
            }
            let pds = answers(&|x: ArrayView2<'_, f32>| model.pd(x), &x)?;
            let moves: Vec<_> = moves.into_iter().zip(pds).map(|((inputs, to), pd)| (to, inputs, pd)).collect();
            if !moves.is_empty() {
                tried.push(Tried { at, moves });
            }
        }
        let farthest = |tried: &Tried| {
            let toward = |pd: f64| if is_bad { pd } else { -pd };
            tried.moves.iter().map(|(.., pd)| toward(*pd)).fold(f64::INFINITY, f64::min)
        };
        // Stable: of equals the first in the order of the model.
        tried.sort_by(|a, b| farthest(a).total_cmp(&farthest(b)));
        Ok(Self { model, is_bad, own, tried })
    }

    /// The nearest candidates of exactly `count` indicators, 1 to 3, one for each choice of indicators, the nearest first.
    pub(super) fn candidates(&self, count: usize) -> Result<Vec<Candidate>, ExplanationError> {
        let most = self.tried.len().min(TRIED[count - 1]);
        // Of each indicator the moves that are tried.
        let moves: Vec<Vec<usize>> =
            self.tried[..most].iter().map(|tried| self.chosen(tried, GRIDS[count - 1])).collect();
        let mut work: Vec<_> = choices(most, count).into_iter().map(|choice| (choice, Ok(None))).collect();
        each(&mut work, |(choice, found)| *found = self.nearest(choice, &moves));
        let mut candidates = Vec::new();
        for (_, found) in work {
            candidates.extend(found?);
        }
        candidates.sort_by(|a: &Candidate, b| a.points.total_cmp(&b.points));
        candidates.truncate(MOST_CANDIDATES);
        Ok(candidates)
    }

    /// The moves of an indicator at the percentiles of `grid`; all of a category, and all for an empty grid.
    fn chosen(&self, tried: &Tried, grid: &[f64]) -> Vec<usize> {
        let of_grid: Vec<Value> = match tried.moves.first().map(|(to, ..)| &self.model.columns[to.column].values) {
            Some(ColumnValues::Number { quantiles, .. }) => {
                grid.iter().map(|&percent| Value::Number(value_at(quantiles, percent))).collect()
            }
            Some(ColumnValues::Category { .. }) | None => Vec::new(),
        };
        let is_chosen = |&i: &usize| of_grid.is_empty() || of_grid.contains(&tried.moves[i].0.value);
        (0..tried.moves.len()).filter(is_chosen).collect()
    }

    /// The nearest way to cross by changing all indicators of `choice`.
    fn nearest(&self, choice: &[usize], moves: &[Vec<usize>]) -> Result<Option<Candidate>, ExplanationError> {
        let combinations = choice.iter().fold(vec![Vec::new()], |combinations: Vec<Vec<usize>>, &indicator| {
            let longer = |combination: &Vec<usize>| {
                let combination = combination.clone();
                moves[indicator].iter().map(move |&to| [&combination[..], &[to]].concat())
            };
            combinations.iter().flat_map(longer).collect()
        });
        if combinations.is_empty() {
            return Ok(None);
        }
        let mut x = Array2::zeros((combinations.len(), self.own.len()));
        for (mut row, combination) in x.rows_mut().into_iter().zip(&combinations) {
            row.assign(&self.own);
            for (&indicator, &to) in choice.iter().zip(combination) {
                let Tried { at, moves } = &self.tried[indicator];
                at.iter().zip(&moves[to].1).for_each(|(&input, &value)| row[input] = value);
            }
        }
        let pds = answers(&|x: ArrayView2<'_, f32>| self.model.pd(x), &x)?;
        let crossing = combinations.iter().zip(pds).filter(|(_, pd)| self.model.is_called_bad(*pd) != self.is_bad);
        let candidate = |(combination, _): (&Vec<usize>, f64)| {
            let to = choice.iter().zip(combination).map(|(&indicator, &to)| self.tried[indicator].moves[to].0.clone());
            let moves: Vec<Move> = to.collect();
            Candidate { points: moves.iter().map(|to| to.points).sum(), moves }
        };
        Ok(crossing.map(candidate).min_by(|a, b| a.points.total_cmp(&b.points)))
    }
}

/// What the indicator at `column` may become: every percentile from the 1st to the 99th, or every level; not what it is.
fn moves(model: &RiskModel, firm: &Firm, column: usize) -> Vec<Move> {
    let own = firm.values.get(column).unwrap_or(&Value::Missing);
    let mut values: Vec<Value> = match (&model.columns[column].values, own) {
        (ColumnValues::Number { quantiles, .. }, Value::Number(_)) if !quantiles.is_empty() => {
            (1..100).map(|percent| Value::Number(value_at(quantiles, f64::from(percent)))).collect()
        }
        (ColumnValues::Category { levels }, Value::Level(_)) => {
            levels.iter().take(MOST_LEVELS).map(|(level, _)| Value::Level(level.clone())).collect()
        }
        _ => Vec::new(),
    };
    values.dedup();
    let moves = values.into_iter().filter(|value| value != own);
    moves.map(|value| Move { column, points: points_between(model, column, own, &value), value }).collect()
}

/// All choices of `count` out of the first `n` numbers.
fn choices(n: usize, count: usize) -> Vec<Vec<usize>> {
    let mut choices = vec![Vec::new()];
    for _ in 0..count {
        let longer = |choice: &Vec<usize>| {
            let choice = choice.clone();
            let next = choice.last().map_or(0, |last| last + 1);
            (next..n).map(move |number| [&choice[..], &[number]].concat())
        };
        choices = choices.iter().flat_map(longer).collect();
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_by_hand() {
        assert_eq!(choices(3, 1), [[0], [1], [2]]);
        assert_eq!(choices(3, 2), [[0, 1], [0, 2], [1, 2]]);
        assert_eq!(choices(4, 3), [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]);
        assert!(choices(2, 3).is_empty());
    }
}
