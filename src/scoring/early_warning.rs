//! Firms that a later scoring puts into a worse grade than an earlier one did: those to look at first.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io::Read;

use thiserror::Error;

use super::FirmScore;
use crate::data::period_place;

/// Grades that a firm has to fall for a warning.
const STEPS: u32 = 2;

/// How an enterprise was scored, in the latest period of a scoring.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The period as written; `None` without one.
    pub period: Option<String>,
    /// The grade, A the best.
    pub grade: char,
    /// The PD.
    pub pd: f64,
    /// Exposure at default, in money.
    pub exposure: Option<f64>,
}

/// An enterprise whose grade fell by two or more.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Its id.
    pub enterprise: String,
    /// The earlier scoring.
    pub before: Standing,
    /// The later one.
    pub after: Standing,
}

impl Warning {
    /// Grades it fell, 2 or more.
    pub fn steps(&self) -> u32 {
        fallen(&self.before, &self.after)
    }
}

/// The enterprises of an earlier scoring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earlier {
    firms: HashMap<String, Standing>,
}

/// Why an earlier scoring cannot be used.
#[derive(Debug, Error)]
pub enum EarlierError {
    /// It is no CSV, or cannot be read.
    #[error("the earlier scoring cannot be read: {0}")]
    Csv(#[from] csv::Error),
    /// It is not what `score` writes.
    #[error(
        "the earlier scoring has no column \"{column}\": give a file that `score` has written, of a table with enterprise \
         ids and by a model with grades"
    )]
    NoColumn {
        /// The column.
        column: &'static str,
    },
    /// A cell that no scoring has.
    #[error("the earlier scoring cannot be used: row {row} has \"{value}\" as its {column}")]
    Cell {
        /// Row of the file, from 1.
        row: usize,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
}

impl Earlier {
    /// The latest standing of each enterprise among scored firms; those without an id or a grade are passed over.
    pub fn of_firms<'a>(firms: impl IntoIterator<Item = &'a FirmScore>) -> Self {
        let mut earlier = Self::default();
        for firm in firms {
            if let (Some(enterprise), Some(standing)) = (&firm.enterprise, standing(firm)) {
                keep_latest(&mut earlier.firms, enterprise, standing);
            }
        }
        earlier
    }

    /// The same of a CSV file that a scoring was written to.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn of_csv(file: impl Read) -> Result<Self, EarlierError> {
        let mut reader = csv::Reader::from_reader(file);
        let names = reader.headers()?.clone();
        let place = |column| names.iter().position(|name| name == column);
        let needed = |column| place(column).ok_or(EarlierError::NoColumn { column });
        let (enterprise, grade, pd) = (needed("enterprise")?, needed("grade")?, needed("pd")?);
        let (period, exposure) = (place("period"), place("exposure"));
        let mut earlier = Self::default();
        for (row, record) in reader.into_records().enumerate() {
            let record = record?;
            let cell = |place: usize| record.get(place).unwrap_or_default();
            let filled = |place: Option<usize>| place.map(cell).filter(|cell| !cell.is_empty());
            if cell(enterprise).is_empty() || cell(grade).is_empty() {
                continue;
            }
            let wrong = |column, value: &str| EarlierError::Cell { row: row + 1, column, value: value.to_owned() };
            let number = |column, value: &str| match value.parse() {
                Ok(number) if f64::is_finite(number) => Ok(number),
                _ => Err(wrong(column, value)),
            };
            let mut letters = cell(grade).chars();
            let standing = Standing {
                grade: match (letters.next(), letters.next()) {
                    (Some(grade @ 'A'..='Z'), None) => grade,
                    _ => return Err(wrong("grade", cell(grade))),
                },
                pd: number("pd", cell(pd))?,
                period: filled(period).map(str::to_owned),
                exposure: filled(exposure).map(|cell| number("exposure", cell)).transpose()?,
            };
            keep_latest(&mut earlier.firms, cell(enterprise), standing);
        }
        Ok(earlier)
    }

    /// Number of enterprises.
    pub fn n_firms(&self) -> usize {
        self.firms.len()
    }
}

/// Compares a scoring with an earlier one while its firms go by. Only enterprises of the earlier one take memory.
#[derive(Clone, Debug, Default)]
pub struct EarlyWarning {
    earlier: Earlier,
    later: HashMap<String, Standing>,
}

impl EarlyWarning {
    /// Against this scoring.
    pub fn new(earlier: Earlier) -> Self {
        Self { earlier, later: HashMap::new() }
    }

    /// Looks at a firm, in the order of the rows.
    pub fn see(&mut self, firm: &FirmScore) {
        if let (Some(enterprise), Some(standing)) = (&firm.enterprise, standing(firm))
            && self.earlier.firms.contains_key(enterprise)
        {
            keep_latest(&mut self.later, enterprise, standing);
        }
    }

    /// Enterprises that both scorings have.
    pub fn n_compared(&self) -> usize {
        self.later.len()
    }

    /// Enterprises whose grade fell by two or more: the largest exposure first, those without one behind; then the longest
    /// fall, then the highest PD. The exposure is that of the later scoring, else of the earlier one.
    pub fn warnings(&self) -> Vec<Warning> {
        let warning = |(enterprise, after): (&String, &Standing)| {
            let before = self.earlier.firms.get(enterprise)?;
            let exposure = after.exposure.or(before.exposure);
            let after = Standing { exposure, ..after.clone() };
            (fallen(before, &after) >= STEPS).then(|| Warning {
                enterprise: enterprise.clone(),
                before: before.clone(),
                after,
            })
        };
        let mut warnings: Vec<Warning> = self.later.iter().filter_map(warning).collect();
        warnings.sort_by(|a, b| {
            let exposure = |warning: &Warning| warning.after.exposure.unwrap_or(-1.0);
            exposure(b)
                .total_cmp(&exposure(a))
                .then_with(|| b.steps().cmp(&a.steps()))
                .then_with(|| b.after.pd.total_cmp(&a.after.pd))
                .then_with(|| a.enterprise.cmp(&b.enterprise))
        });
        warnings
    }
}

/// The warnings of a scoring in memory against an earlier one.
pub fn early_warnings<'a>(earlier: Earlier, firms: impl IntoIterator<Item = &'a FirmScore>) -> Vec<Warning> {
    let mut warning = EarlyWarning::new(earlier);
    firms.into_iter().for_each(|firm| warning.see(firm));
    warning.warnings()
}

fn standing(firm: &FirmScore) -> Option<Standing> {
    let FirmScore { period, exposure, pd, grade, .. } = firm;
    Some(Standing { period: period.clone(), grade: (*grade)?, pd: *pd, exposure: *exposure })
}

fn fallen(before: &Standing, after: &Standing) -> u32 {
    u32::from(after.grade).saturating_sub(u32::from(before.grade))
}

/// Keeps the standing of the later period; of the same period, or where periods cannot be compared, that of the later row.
fn keep_latest(firms: &mut HashMap<String, Standing>, enterprise: &str, standing: Standing) {
    let Some(kept) = firms.get_mut(enterprise) else {
        firms.insert(enterprise.to_owned(), standing);
        return;
    };
    let place = |standing: &Standing| standing.period.as_deref().and_then(period_place);
    let order = place(&standing).zip(place(kept)).map_or(Ordering::Equal, |(new, old)| new.total_cmp(&old));
    if order != Ordering::Less {
        *kept = standing;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firm(enterprise: &str, period: &str, grade: char, exposure: Option<f64>) -> FirmScore {
        FirmScore {
            row: 1,
            enterprise: Some(enterprise.to_owned()).filter(|e| !e.is_empty()),
            period: Some(period.to_owned()).filter(|p| !p.is_empty()),
            exposure,
            bad: None,
            pd: f64::from(u32::from(grade) - 64) / 100.0,
            called_bad: false,
            grade: Some(grade),
            flags: Vec::new(),
            free_energy: None,
            novel: false,
        }
    }

    #[test]
    fn the_largest_exposure_that_fell_two_grades_comes_first() {
        let before = ["a", "b", "c", "d", "e", "f"].map(|name| firm(name, "2019", 'B', Some(10.0)));
        let after = [
            firm("a", "2020", 'D', Some(5.0)),
            firm("b", "2020", 'C', Some(1000.0)),
            firm("c", "2020", 'E', Some(70.0)),
            firm("d", "2020", 'A', Some(999.0)),
            firm("e", "2020", 'F', None),
            firm("", "2020", 'H', Some(1e9)),
            firm("new", "2020", 'H', Some(1e9)),
        ];
        let warnings = early_warnings(Earlier::of_firms(&before), &after);
        let found: Vec<_> = warnings.iter().map(|w| (w.enterprise.as_str(), w.steps(), w.after.exposure)).collect();
        // B to C is one step, to A is better; e keeps its earlier exposure.
        assert_eq!(found, [("c", 3, Some(70.0)), ("e", 4, Some(10.0)), ("a", 2, Some(5.0))]);
    }

    #[test]
    fn of_several_periods_the_latest_counts() {
        // October comes after September, whatever the letters say.
        let before = [firm("a", "10.2019", 'A', None), firm("a", "9.2019", 'E', None)];
        let after = [firm("a", "3.2020", 'D', None), firm("a", "2.2020", 'A', None)];
        let warnings = early_warnings(Earlier::of_firms(&before), &after);
        assert_eq!((warnings[0].before.grade, warnings[0].after.grade), ('A', 'D'));
        assert_eq!(warnings[0].after.period.as_deref(), Some("3.2020"));
        // Without periods the later row does.
        let after = [firm("a", "", 'D', None), firm("a", "", 'B', None)];
        assert!(early_warnings(Earlier::of_firms(&before), &after).is_empty());
    }

    #[test]
    fn an_earlier_file_is_read_or_refused() {
        let csv =
            "row,enterprise,period,exposure,pd,class,grade\n1,a,2019,5,0.02,0,B\n2,,2019,5,0.02,0,B\n3,b,,,0.5,1,H\n";
        let earlier = Earlier::of_csv(csv.as_bytes()).unwrap();
        assert_eq!(earlier.n_firms(), 2);
        let standing = Standing { period: Some("2019".to_owned()), grade: 'B', pd: 0.02, exposure: Some(5.0) };
        assert_eq!(earlier.firms["a"], standing);
        let sentence = |csv: &str| Earlier::of_csv(csv.as_bytes()).unwrap_err().to_string();
        assert!(sentence("row,pd\n1,0.5\n").contains("no column \"enterprise\""));
        assert!(sentence("enterprise,grade,pd\na,BB,0.1\n").contains("row 1 has \"BB\" as its grade"));
        assert!(sentence("enterprise,grade,pd\na,B,high\n").contains("\"high\" as its pd"));
        assert!(sentence("enterprise,grade,pd\na,B\n").contains("cannot be read"));
    }
}
