//! The cells of an indicator in some table: numbers as they are, levels by their codes, ordered levels as numbers.

use serde::{Deserialize, Serialize};

use super::order::Order;
use crate::data::dataset::{Dataset, Values};

/// What the cells of a column are taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reading {
    Numbers,
    Levels,
    /// A level is its place in this order, a number.
    Places(Order),
}

/// Which column of a table is read, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Source {
    pub(super) indicator: String,
    pub(super) reading: Reading,
}

/// The cells of one column of one table.
pub(super) enum Cells<'a> {
    Numbers(&'a [f64]),
    Levels {
        codes: &'a [Option<u32>],
        levels: &'a [String],
    },
    Places {
        codes: &'a [Option<u32>],
        of_level: Vec<Option<f64>>,
    },
    /// The table lacks the column, or holds text where numbers were fitted, or the other way round.
    Absent,
}

impl Source {
    /// Whether its cells become numbers.
    pub(super) fn is_number(&self) -> bool {
        self.reading != Reading::Levels
    }

    /// Its cells in `data`, found by name.
    pub(super) fn cells<'a>(&self, data: &'a Dataset) -> Cells<'a> {
        let indicator = data.indicators.iter().find(|indicator| indicator.name == self.indicator);
        match (indicator.map(|indicator| &indicator.values), &self.reading) {
            (Some(Values::Numeric(values)), Reading::Numbers) => Cells::Numbers(values),
            (Some(Values::Category { codes, levels }), Reading::Levels) => Cells::Levels { codes, levels },
            (Some(Values::Category { codes, levels }), Reading::Places(order)) => {
                Cells::Places { codes, of_level: order.places(levels) }
            }
            _ => Cells::Absent,
        }
    }
}

impl Cells<'_> {
    /// The number in `row`; infinities count as missing, and levels without an order are no numbers.
    pub(super) fn number(&self, row: usize) -> Option<f64> {
        match self {
            Self::Numbers(values) => Some(values[row]).filter(|x| x.is_finite()),
            Self::Places { codes, of_level } => codes[row].and_then(|code| of_level[code as usize]),
            Self::Levels { .. } | Self::Absent => None,
        }
    }

    /// Whether the cell in `row` is missing.
    pub(super) fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Levels { codes, .. } => codes[row].is_none(),
            Self::Numbers(_) | Self::Places { .. } | Self::Absent => self.number(row).is_none(),
        }
    }
}
