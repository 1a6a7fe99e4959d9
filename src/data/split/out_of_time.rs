//! The latest periods tested, all before them learned from.

use std::sync::Arc;

use super::period::Timeline;
use super::{Split, SplitError, ValidationSettings, check_side};
use crate::data::dataset::Dataset;

/// The one split in time. Rows without a period are on neither side: nobody knows whether they come before the cut.
pub(super) fn out_of_time(data: &Dataset, settings: &ValidationSettings) -> Result<Split, SplitError> {
    let timeline = Timeline::new(data)?;
    let positions =
        if settings.keep_enterprises_whole { last_of_enterprise(data, &timeline)? } else { timeline.positions.clone() };
    let labelled: Vec<(f64, usize)> =
        data.labelled_rows().into_iter().filter_map(|row| Some((positions[row]?, row))).collect();
    let cut = Cuts { data, timeline: &timeline, settings, labelled: &labelled };
    let test_from = cut.test_from()?;
    let validation_from = cut.validation_from(test_from)?;

    let rows = |wanted: &dyn Fn(f64) -> bool| -> Vec<usize> {
        labelled.iter().filter(|(position, _)| wanted(*position)).map(|(_, row)| *row).collect()
    };
    let before = |row: &usize| positions[*row].is_some_and(|position| position < test_from);
    let split = Split {
        fold: 0,
        repeat: 0,
        train: rows(&|position| position < test_from),
        validation: rows(&|position| position < test_from && validation_from.is_some_and(|from| position >= from)),
        test: rows(&|position| position >= test_from),
        unlabelled: Arc::from(data.unlabelled_rows().into_iter().filter(before).collect::<Vec<_>>()),
        withheld: 0,
    };
    check_side(data, 0, "learn from", &split.train)?;
    check_side(data, 0, "test on", &split.test)?;
    Ok(split)
}

/// Of each row the last period of its enterprise.
fn last_of_enterprise(data: &Dataset, timeline: &Timeline) -> Result<Vec<Option<f64>>, SplitError> {
    let enterprise = data.enterprise.as_ref().ok_or(SplitError::NothingToKeepWhole)?;
    let mut last: Vec<Option<f64>> = vec![None; data.enterprise_names.len()];
    for (&code, position) in enterprise.iter().zip(&timeline.positions) {
        let last = &mut last[code as usize];
        if last.is_none_or(|known| position.is_some_and(|position| position > known)) {
            *last = *position;
        }
    }
    Ok(enterprise.iter().map(|&code| last[code as usize]).collect())
}

/// Where the parts begin.
struct Cuts<'a> {
    data: &'a Dataset,
    timeline: &'a Timeline,
    settings: &'a ValidationSettings,
    /// Labelled rows with their places in time, in the order of the rows.
    labelled: &'a [(f64, usize)],
}

impl Cuts<'_> {
    fn test_from(&self) -> Result<f64, SplitError> {
        if let Some(text) = &self.settings.test_from {
            let cut = self.read("test_from", text)?;
            for before in [true, false] {
                if self.labelled.iter().all(|(position, _)| (*position < cut) != before) {
                    let (first, last) = self.ends();
                    let value = text.clone();
                    return Err(SplitError::EmptySide { field: "test_from", value, before, first, last });
                }
            }
            return Ok(cut);
        }
        let mut positions: Vec<f64> = self.labelled.iter().map(|(position, _)| *position).collect();
        positions.sort_unstable_by(|a, b| b.total_cmp(a));
        // Periods from the latest, each with its rows.
        let periods: Vec<(f64, usize)> = positions.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
        let tested = self.settings.test_periods.unwrap_or_else(|| {
            let most = self.settings.latest_share * self.labelled.len() as f64;
            let held = periods.iter().scan(0, |held, (_, rows)| {
                *held += rows;
                Some(*held)
            });
            held.take_while(|&held| held as f64 <= most).count().max(1)
        });
        if tested >= periods.len() {
            return Err(SplitError::TooFewPeriods { tested, periods: periods.len() });
        }
        Ok(periods[tested - 1].0)
    }

    fn validation_from(&self, test_from: f64) -> Result<Option<f64>, SplitError> {
        let Some(text) = &self.settings.validation_from else { return Ok(None) };
        let from = self.read("validation_from", text)?;
        if from < test_from {
            return Ok(Some(from));
        }
        let first_tested = self.labelled.iter().filter(|(position, _)| *position >= test_from);
        let first_tested = first_tested.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, row)| self.period(*row));
        Err(SplitError::LateValidation {
            validation_from: text.clone(),
            test_from: self.settings.test_from.clone().or(first_tested).unwrap_or_default(),
        })
    }

    fn read(&self, field: &'static str, text: &str) -> Result<f64, SplitError> {
        self.timeline.position(text).ok_or_else(|| {
            let (first, last) = self.ends();
            SplitError::UnreadableCut { field, value: text.to_owned(), first, last }
        })
    }

    fn period(&self, row: usize) -> String {
        self.data.period.as_ref().map(|periods| periods[row].clone()).unwrap_or_default()
    }

    /// The first and the last period of the table, as written.
    fn ends(&self) -> (String, String) {
        let all: Vec<usize> = (0..self.data.n_rows()).collect();
        let ends = self.timeline.ends(&all);
        ends.map_or_else(Default::default, |(first, last)| (self.period(first), self.period(last)))
    }
}
