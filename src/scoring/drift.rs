//! How the rows of a table differ from those that a model was trained on: counted while they go by.

use super::{ColumnValues, Matching, RiskModel};
use crate::data::{Dataset, Values};
use crate::evaluation::{Drift, LevelBins, NumberBins};
use crate::model::kernels::each;

/// New texts of one column that are told apart. More are ids or free text, and would fill the memory.
const NEW_LEVELS: usize = 1000;

/// The bin of all further texts.
pub const FURTHER_TEXTS: &str = "(further texts)";

/// Drift of every indicator against training, and of the PD.
#[derive(Clone, Debug, PartialEq)]
pub struct TableDrift {
    /// Indicators in the model's order; `None` where the table has no column, or one of the samples has no rows.
    pub indicators: Vec<(String, Option<Drift>)>,
    /// Of the PD, against the PDs that the model gave the rows held out, which it has not learned from.
    pub pd: Option<Drift>,
}

/// Counts rows into the bins of training.
pub(super) struct DriftCount {
    names: Vec<String>,
    columns: Vec<Counting>,
    pd: NumberBins,
    pd_rows: Vec<usize>,
}

enum Counting {
    Numbers(NumberBins, Vec<usize>),
    /// With the number of levels from which on new ones are not told apart.
    Levels(LevelBins, usize),
    Nothing,
}

impl DriftCount {
    pub(super) fn new(model: &RiskModel, matching: &Matching) -> Self {
        let counting = |matched: &super::Matched| {
            let reference = matched.column.and_then(|_| model.column(&matched.indicator));
            let Some(reference) = reference else { return Counting::Nothing };
            match &reference.values {
                ColumnValues::Number { bins, .. } => {
                    let bounds = bins.iter().filter_map(|bin| bin.to).collect();
                    // Of a column that was always missing there are no bins, but a row may hold a number now.
                    let rows = if bins.is_empty() { vec![0] } else { bins.iter().map(|bin| bin.rows).collect() };
                    let bins = NumberBins::from_rows(bounds, rows, reference.missing);
                    bins.map_or(Counting::Nothing, |bins| {
                        let rows = vec![0; bins.rows().len()];
                        Counting::Numbers(bins, rows)
                    })
                }
                ColumnValues::Category { levels } => {
                    let levels = levels.iter().map(|(level, rows)| (Some(level.as_str()), *rows));
                    let bins = LevelBins::of(levels.chain([(None, reference.missing)]));
                    let most = bins.n_levels() + NEW_LEVELS;
                    Counting::Levels(bins, most)
                }
            }
        };
        let pd = NumberBins::of(&model.pd_reference);
        Self {
            names: matching.indicators().iter().map(|matched| matched.indicator.clone()).collect(),
            columns: matching.indicators().iter().map(counting).collect(),
            pd_rows: vec![0; pd.rows().len()],
            pd,
        }
    }

    /// Counts the indicators of all rows of `data`, which has those of the matching in their order.
    pub(super) fn count(&mut self, data: &Dataset) {
        let mut columns: Vec<_> = self.columns.iter_mut().zip(&data.indicators).collect();
        each(&mut columns, |(counting, indicator)| match (counting, &indicator.values) {
            (Counting::Numbers(bins, rows), Values::Numeric(cells)) => {
                for &cell in cells.iter() {
                    rows[bins.bin(cell)] += 1;
                }
            }
            (Counting::Levels(bins, most), Values::Category { codes, levels }) => {
                let mut rows = vec![0; levels.len()];
                let mut missing = 0;
                for code in codes {
                    match code {
                        Some(code) => rows[*code as usize] += 1,
                        None => missing += 1,
                    }
                }
                for (level, rows) in levels.iter().zip(rows) {
                    let apart = bins.holds(level) || bins.n_levels() < *most;
                    bins.count(Some(if apart { level } else { FURTHER_TEXTS }), rows);
                }
                bins.count(None, missing);
            }
            _ => {}
        });
    }

    /// Counts a PD.
    pub(super) fn count_pd(&mut self, pd: f64) {
        self.pd_rows[self.pd.bin(pd)] += 1;
    }

    pub(super) fn drift(&self) -> TableDrift {
        let drift = |counting: &Counting| match counting {
            Counting::Numbers(bins, rows) => bins.drift(rows),
            Counting::Levels(bins, _) => bins.drift(),
            Counting::Nothing => None,
        };
        TableDrift {
            indicators: self.names.iter().cloned().zip(self.columns.iter().map(drift)).collect(),
            pd: self.pd.drift(&self.pd_rows),
        }
    }
}
