//! Periods in order: numbers as numbers, years, half-years, quarters, months and days as dates, whatever they are written
//! like. Texts are never compared letter by letter: `10.2019` does not come before `9.2019`.

use std::collections::HashMap;

use super::SplitError;
use super::date::{Order, date};
use crate::data::dataset::Dataset;
use crate::data::written::number;

/// How the periods of one column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// As numbers: 1, 2, 3; 12.5.
    Numbers,
    /// As dates; a year or a quarter is its first day.
    Dates(Order),
}

impl Reading {
    fn position(self, text: &str) -> Option<f64> {
        match self {
            Self::Numbers => number(text.trim()),
            Self::Dates(order) => date(text, order),
        }
    }
}

/// The periods of a table, each with its place in time.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    reading: Reading,
    /// Of each row its place in time, a number or days; `None` without a period. `n_rows` values.
    pub(super) positions: Vec<Option<f64>>,
}

impl Timeline {
    /// Reads the periods of all rows.
    ///
    /// # Errors
    /// Without a period column, and when not all its cells can be read in one way.
    pub(super) fn new(data: &Dataset) -> Result<Self, SplitError> {
        let periods = data.period.as_ref().ok_or(SplitError::NoPeriods)?;
        // Each different text is read once.
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut texts: Vec<(&str, usize)> = Vec::new();
        let codes: Vec<Option<usize>> = periods
            .iter()
            .enumerate()
            .map(|(row, text)| {
                (!text.is_empty()).then(|| {
                    *seen.entry(text).or_insert_with(|| {
                        texts.push((text, row));
                        texts.len() - 1
                    })
                })
            })
            .collect();
        let reading = reading(data, &texts)?;
        let positions: Vec<Option<f64>> = texts.iter().map(|(text, _)| reading.position(text)).collect();
        Ok(Self { reading, positions: codes.into_iter().map(|code| code.and_then(|c| positions[c])).collect() })
    }

    /// The place of a period that was asked for, read as those of the column.
    pub(super) fn position(&self, text: &str) -> Option<f64> {
        self.reading.position(text)
    }

    /// The first and the last of the periods of `rows`, as rows; `None` when none of them has one.
    pub(super) fn ends(&self, rows: &[usize]) -> Option<(usize, usize)> {
        let known = || rows.iter().filter_map(|&row| Some((self.positions[row]?, row)));
        let first = known().min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
        let last = known().max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
        Some((first.1, last.1))
    }
}

/// The one way in which all of `texts`, each with its first row, can be read.
fn reading(data: &Dataset, texts: &[(&str, usize)]) -> Result<Reading, SplitError> {
    let read = |order| texts.iter().map(|(text, _)| date(text, order)).collect::<Option<Vec<f64>>>();
    match (read(Order::DayFirst), read(Order::MonthFirst)) {
        (Some(days_first), Some(months_first)) => {
            if is_same_order(&days_first, &months_first) {
                return Ok(Reading::Dates(Order::DayFirst));
            }
            let differs = (0..texts.len()).find(|&i| days_first[i] != months_first[i]).unwrap_or_default();
            Err(SplitError::AmbiguousPeriods { value: texts[differs].0.to_owned() })
        }
        (Some(_), None) => Ok(Reading::Dates(Order::DayFirst)),
        (None, Some(_)) => Ok(Reading::Dates(Order::MonthFirst)),
        (None, None) => {
            let unlike = |reading: Reading| texts.iter().filter(move |(text, _)| reading.position(text).is_none());
            let ways = [Reading::Numbers, Reading::Dates(Order::DayFirst), Reading::Dates(Order::MonthFirst)];
            // The reading with fewest exceptions tells which cell is the odd one.
            let best = ways.into_iter().min_by_key(|&way| unlike(way).count()).unwrap_or(Reading::Numbers);
            match unlike(best).next() {
                None => Ok(best),
                Some((text, row)) => {
                    Err(SplitError::UnreadablePeriod { row: data.source_rows[*row], value: (*text).to_owned() })
                }
            }
        }
    }
}

/// The place in time of one period, in days where it is a date, else the number that it is; the day comes before the month.
/// For periods that no column stands beside: which of two is the later.
pub fn period_place(text: &str) -> Option<f64> {
    [Reading::Dates(Order::DayFirst), Reading::Numbers].into_iter().find_map(|reading| reading.position(text))
}

/// Whether two lists of places put the same things in the same order.
fn is_same_order(a: &[f64], b: &[f64]) -> bool {
    let mut order: Vec<usize> = (0..a.len()).collect();
    order.sort_by(|&i, &j| a[i].total_cmp(&a[j]));
    order.windows(2).all(|w| a[w[0]].total_cmp(&a[w[1]]) == b[w[0]].total_cmp(&b[w[1]]))
}

/// The rows of a table's latest period, and those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestPeriod {
    /// Rows of all earlier periods, ascending, with or without a label; at least one.
    pub earlier: Vec<usize>,
    /// Rows of the latest period, ascending; at least one.
    pub latest: Vec<usize>,
    /// The first and the last of the earlier periods, as written.
    pub before: [String; 2],
    /// The latest period as written.
    pub name: String,
    /// Rows without a period, which are on neither side.
    pub undated: usize,
}

/// Parts the latest period from all before it.
///
/// # Errors
/// Without a period column, when not all its cells can be read in one way, and when there is but one period.
pub fn latest_period(data: &Dataset) -> Result<LatestPeriod, SplitError> {
    let timeline = Timeline::new(data)?;
    let dated: Vec<usize> = (0..data.n_rows()).filter(|&row| timeline.positions[row].is_some()).collect();
    let (_, last) = timeline.ends(&dated).ok_or(SplitError::NoEarlierPeriod)?;
    let is_latest = |row: &usize| timeline.positions[*row] == timeline.positions[last];
    let (latest, earlier): (Vec<usize>, Vec<usize>) = dated.iter().partition(|row| is_latest(row));
    let (first, before) = timeline.ends(&earlier).ok_or(SplitError::NoEarlierPeriod)?;
    let written = |row: usize| data.period.as_ref().map(|periods| periods[row].clone()).unwrap_or_default();
    let undated = data.n_rows() - dated.len();
    Ok(LatestPeriod { earlier, latest, before: [first, before].map(written), name: written(last), undated })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_period_against_all_before() {
        let of = |periods: &[&str]| {
            let mut data = Dataset::of(Vec::new(), vec![None; periods.len()]);
            data.period = Some(periods.iter().map(|&text| text.to_owned()).collect());
            latest_period(&data)
        };
        let found = of(&["2.2019", "10.2019", "", "9.2019", "10.2019", "2.2019"]).unwrap();
        assert_eq!((found.earlier, found.latest, found.undated), (vec![0, 3, 5], vec![1, 4], 1));
        assert_eq!((found.before.each_ref().map(String::as_str), &found.name[..]), (["2.2019", "9.2019"], "10.2019"));
        assert_eq!(of(&["1", "", "1"]), Err(SplitError::NoEarlierPeriod));
        assert_eq!(of(&["", ""]), Err(SplitError::NoEarlierPeriod));
        assert_eq!(latest_period(&Dataset::of(Vec::new(), vec![None; 2])), Err(SplitError::NoPeriods));
    }

    fn timeline(periods: &[&str]) -> Result<Timeline, SplitError> {
        let mut data = Dataset::of(Vec::new(), vec![Some(true); periods.len()]);
        data.period = Some(periods.iter().map(|&text| text.to_owned()).collect());
        Timeline::new(&data)
    }

    /// The rows in order of time, those without a period left out.
    fn order(periods: &[&str]) -> Vec<usize> {
        let timeline = timeline(periods).unwrap();
        let mut rows: Vec<usize> = (0..periods.len()).filter(|&row| timeline.positions[row].is_some()).collect();
        rows.sort_by(|&a, &b| timeline.positions[a].unwrap().total_cmp(&timeline.positions[b].unwrap()));
        rows
    }

    #[test]
    fn numbers_are_ordered_as_numbers_and_dates_as_dates() {
        assert_eq!(order(&["10", "9", "", "-1", "2.5"]), [3, 4, 1, 0]);
        assert_eq!(order(&["31.12.2018", "01.02.2019", "15.01.2019"]), [0, 2, 1]);
        assert_eq!(order(&["10/2019", "9/2019", "12/2018"]), [2, 1, 0]);
        assert_eq!(order(&["Q2 2019", "2018Q4", "2019年第3季度", "2019年1月"]), [1, 3, 0, 2]);
        assert_eq!(order(&["Dec 2019", "2019-11-30", "2 May 2019"]), [2, 1, 0]);
    }

    #[test]
    fn one_date_beyond_the_twelfth_tells_which_is_the_day() {
        // As days first: 2 January, 13 January; as months first the second is no date.
        assert_eq!(order(&["13/01/2019", "02/01/2019"]), [1, 0]);
        assert_eq!(order(&["01/13/2019", "02/01/2019"]), [0, 1]);
        // Either way the second is later.
        assert_eq!(order(&["01/02/2019", "03/04/2020"]), [0, 1]);
        let ambiguous = timeline(&["02/01/2019", "01/03/2019"]).unwrap_err();
        assert_eq!(ambiguous, SplitError::AmbiguousPeriods { value: "02/01/2019".to_owned() });
    }

    #[test]
    fn years_are_years_only_where_all_are() {
        let years = timeline(&["2015", "2016"]).unwrap();
        assert!(years.position("2015-07-01") > years.positions[0] && years.position("2015-07-01") < years.positions[1]);
        let numbers = timeline(&["2015", "3000"]).unwrap();
        assert_eq!((numbers.position("2015"), numbers.position("2015-07-01")), (Some(2015.0), None));
    }

    #[test]
    fn the_odd_cell_is_named() {
        let error = timeline(&["2015", "2016Q1", "soon"]).unwrap_err();
        assert_eq!(error, SplitError::UnreadablePeriod { row: 3, value: "soon".to_owned() });
        assert!(error.to_string().starts_with("data row 3 has the period \"soon\""));
        let error = timeline(&["1", "2", "2016Q1"]).unwrap_err();
        assert_eq!(error, SplitError::UnreadablePeriod { row: 3, value: "2016Q1".to_owned() });
    }
}
