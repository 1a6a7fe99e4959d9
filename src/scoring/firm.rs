//! What a model says of one firm, and what there is to know about it.

use std::collections::HashSet;

use super::{ColumnReference, ColumnValues, Matching, RiskModel};
use crate::data::{Dataset, NotANumber, Values};

/// One row of a table, scored.
#[derive(Clone, Debug, PartialEq)]
pub struct FirmScore {
    /// Its place among the data rows of the file, from 1; rows that were rejected count.
    pub row: u64,
    /// The enterprise id as written; `None` without a column of ids, and where the cell is missing.
    pub enterprise: Option<String>,
    /// The period as written; `None` as above.
    pub period: Option<String>,
    /// Exposure at default, 0 or more, in money; `None` as above.
    pub exposure: Option<f64>,
    /// Whether the outcome was bad, where the table says so.
    pub bad: Option<bool>,
    /// Probability of the bad outcome.
    pub pd: f64,
    /// Whether it lies at or above the threshold.
    pub called_bad: bool,
    /// A the best; `None` where the model has no grades.
    pub grade: Option<char>,
    /// What is unusual about its indicators, in their order.
    pub flags: Vec<Flag>,
    /// Free energy of the row in nats; `None` where the model cannot tell.
    pub free_energy: Option<f64>,
    /// Whether the free energy lies above the 99th percentile of training: the row is unlike anything there.
    pub novel: bool,
}

/// Something unusual about one indicator of one firm.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    /// Place in [`Matching::indicators`].
    pub indicator: usize,
    /// What it is.
    pub kind: FlagKind,
}

/// What is unusual about a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum FlagKind {
    /// It is missing.
    Missing,
    /// A text where numbers were learned; taken as missing.
    NotANumber {
        /// The cell.
        text: String,
    },
    /// A level that no training row had.
    Unseen {
        /// The cell.
        level: String,
    },
    /// Below the smallest number of the training rows.
    Below {
        /// The cell.
        value: f64,
        /// The smallest.
        low: f64,
    },
    /// Above the largest.
    Above {
        /// The cell.
        value: f64,
        /// The largest.
        high: f64,
    },
}

impl Flag {
    /// For people and files: `equity ratio: 9.5 is above 3.2, the largest in training`.
    pub fn text(&self, matching: &Matching) -> String {
        let name = matching.indicators().get(self.indicator).map_or("", |matched| matched.indicator.as_str());
        match &self.kind {
            FlagKind::Missing => format!("{name}: missing"),
            FlagKind::NotANumber { text } => format!("{name}: \"{text}\" is not a number"),
            FlagKind::Unseen { level } => format!("{name}: \"{level}\" did not occur in training"),
            FlagKind::Below { value, low } => format!("{name}: {value} is below {low}, the smallest in training"),
            FlagKind::Above { value, high } => format!("{name}: {value} is above {high}, the largest in training"),
        }
    }
}

/// All flags of a firm in one cell, `; ` between them.
pub fn flags_text(flags: &[Flag], matching: &Matching) -> String {
    flags.iter().map(|flag| flag.text(matching)).collect::<Vec<_>>().join("; ")
}

/// What the cells of each indicator are held against, in the order of the matching.
pub(super) struct Known<'m>(Vec<KnownCells<'m>>);

enum KnownCells<'m> {
    Range(Option<[f64; 2]>),
    Levels(HashSet<&'m str>),
}

impl<'m> Known<'m> {
    pub(super) fn new(model: &'m RiskModel, matching: &Matching) -> Self {
        let known = |column: Option<&'m ColumnReference>| match column.map(|column| (&column.values, column)) {
            Some((ColumnValues::Category { levels }, _)) => {
                KnownCells::Levels(levels.iter().map(|(level, _)| level.as_str()).collect())
            }
            Some((ColumnValues::Number { .. }, column)) => KnownCells::Range(column.range()),
            None => KnownCells::Range(None),
        };
        Self(matching.indicators().iter().map(|matched| known(model.column(&matched.indicator))).collect())
    }

    /// Of each indicator of `data` whether each of its levels is new; empty for numbers.
    pub(super) fn unseen(&self, data: &Dataset) -> Vec<Vec<bool>> {
        let unseen = |(indicator, known): (&crate::data::Indicator, &KnownCells<'_>)| match (&indicator.values, known) {
            (Values::Category { levels, .. }, KnownCells::Levels(known)) => {
                levels.iter().map(|level| !known.contains(level.as_str())).collect()
            }
            _ => Vec::new(),
        };
        data.indicators.iter().zip(&self.0).map(unseen).collect()
    }

    /// The flags of one row. `unseen` is that of [`Self::unseen`], `texts` the cells of the row that are no numbers, with what
    /// they hold.
    pub(super) fn flags(
        &self,
        data: &Dataset,
        row: usize,
        unseen: &[Vec<bool>],
        texts: &[NotANumber],
        text_of: impl Fn(usize) -> String,
    ) -> Vec<Flag> {
        let flag = |(indicator, (values, known)): (usize, (&Values, &KnownCells<'_>))| {
            let kind = match (values, known) {
                (Values::Numeric(cells), _) if cells[row].is_nan() => {
                    if texts.iter().any(|cell| cell.indicator == indicator) {
                        FlagKind::NotANumber { text: text_of(indicator) }
                    } else {
                        FlagKind::Missing
                    }
                }
                (Values::Numeric(cells), KnownCells::Range(Some([low, high]))) => {
                    let value = cells[row];
                    if value < *low {
                        FlagKind::Below { value, low: *low }
                    } else if value > *high {
                        FlagKind::Above { value, high: *high }
                    } else {
                        return None;
                    }
                }
                (Values::Category { codes, levels }, _) => match codes[row] {
                    None => FlagKind::Missing,
                    Some(code) if unseen[indicator].get(code as usize) == Some(&true) => {
                        FlagKind::Unseen { level: levels[code as usize].clone() }
                    }
                    Some(_) => return None,
                },
                (Values::Numeric(_), _) => return None,
            };
            Some(Flag { indicator, kind })
        };
        data.indicators.iter().map(|indicator| &indicator.values).zip(&self.0).enumerate().filter_map(flag).collect()
    }
}
