//! What the columns of the training rows held: what new rows are held against.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::{Indicator, Values, quantile};
use crate::evaluation::deciles;

/// Quantiles that are kept of a column, in steps of 1 %.
const QUANTILES: usize = 101;

/// One indicator over the training rows, labelled or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnReference {
    /// The indicator.
    pub name: String,
    /// What its cells held.
    pub values: ColumnValues,
    /// Rows in which it was missing.
    pub missing: usize,
    /// Rows.
    pub rows: usize,
}

/// What the cells of a column held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnValues {
    /// Numbers, in the unit of the table.
    Number {
        /// The quantiles 0 %, 1 %, … 100 %, ascending, 101 of them; none where every cell is missing.
        quantiles: Vec<f64>,
        /// Rows between deciles, ascending; bins of numbers that are alike are one.
        bins: Vec<NumberBin>,
    },
    /// Texts with the number of rows of each, most frequent first, then by text.
    Category {
        /// Level and rows.
        levels: Vec<(String, usize)>,
    },
}

/// Rows up to a number and above the bin before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumberBin {
    /// The largest number in it; `None` in the last bin.
    pub to: Option<f64>,
    /// Rows.
    pub rows: usize,
}

impl ColumnReference {
    /// Of `rows` of an indicator.
    pub(super) fn new(indicator: &Indicator, rows: &[usize]) -> Self {
        let (values, present) = match &indicator.values {
            Values::Numeric(cells) => numbers(rows.iter().map(|&row| cells[row]).filter(|x| x.is_finite()).collect()),
            Values::Category { codes, levels } => {
                let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
                for code in rows.iter().filter_map(|&row| codes[row]) {
                    *counts.entry(&levels[code as usize]).or_default() += 1;
                }
                let present = counts.values().sum();
                let mut levels: Vec<_> = counts.into_iter().map(|(level, n)| (level.to_owned(), n)).collect();
                levels.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
                (ColumnValues::Category { levels }, present)
            }
        };
        Self { name: indicator.name.clone(), values, missing: rows.len() - present, rows: rows.len() }
    }

    /// Whether it holds numbers.
    pub fn is_number(&self) -> bool {
        matches!(self.values, ColumnValues::Number { .. })
    }

    /// The smallest and the largest number; `None` for texts, and where every cell is missing.
    pub fn range(&self) -> Option<[f64; 2]> {
        match &self.values {
            ColumnValues::Number { quantiles, .. } => Some([*quantiles.first()?, *quantiles.last()?]),
            ColumnValues::Category { .. } => None,
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let good = match &self.values {
            ColumnValues::Number { quantiles, bins } => {
                (quantiles.is_empty() || quantiles.len() == QUANTILES)
                    && quantiles.iter().all(|q| q.is_finite())
                    && quantiles.is_sorted()
                    && bins.iter().filter_map(|bin| bin.to).is_sorted()
                    && bins.iter().rev().skip(1).all(|bin| bin.to.is_some())
            }
            ColumnValues::Category { .. } => true,
        };
        if good { Ok(()) } else { Err(format!("what is kept of \"{}\" makes no sense", self.name)) }
    }
}

/// Of numbers that are there, and how many there are.
fn numbers(mut present: Vec<f64>) -> (ColumnValues, usize) {
    present.sort_unstable_by(f64::total_cmp);
    if present.is_empty() {
        return (ColumnValues::Number { quantiles: Vec::new(), bins: Vec::new() }, 0);
    }
    let quantiles = (0..QUANTILES).map(|q| quantile(&present, q as f64 / (QUANTILES - 1) as f64)).collect();
    let mut below = 0;
    let ends = deciles(&present).into_iter().map(Some).chain([None]);
    let bins = ends.map(|to| {
        let end = to.map_or(present.len(), |to| present.partition_point(|&x| x <= to));
        let rows = end - below;
        below = end;
        NumberBin { to, rows }
    });
    let bins = bins.collect();
    (ColumnValues::Number { quantiles, bins }, present.len())
}
