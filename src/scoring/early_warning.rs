//! Firms that a later scoring puts into a worse grade than an earlier one did: those to look at first.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;

use thiserror::Error;

use super::FirmScore;
use crate::data::{
    Decimal, OpenError, Progress, ReadOptions, RoleRequest, RowPart, RowStream, Source, Table, period_place,
};

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
    /// It is no table, or cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is not what `score` writes.
    #[error(
        "{file} has no column \"{column}\": give a file that was written by scoring, of a table with enterprise ids and by a \
         model with grades."
    )]
    NoColumn {
        /// The file.
        file: String,
        /// The column.
        column: &'static str,
    },
    /// A row that is none of a scoring.
    #[error("{file} cannot be used as an earlier scoring: line {line} {reason}.")]
    Row {
        /// The file.
        file: String,
        /// Line of the file, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A cell that no scoring has.
    #[error("{file} cannot be used as an earlier scoring: {place} has \"{value}\" as its {column}.")]
    Cell {
        /// The file.
        file: String,
        /// The line.
        place: String,
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

    /// The same of a file that a scoring was written to: CSV, a workbook, or any other table with its columns. Blocks on the
    /// disk.
    ///
    /// # Errors
    /// When it cannot be read, or is no such file.
    pub fn open(path: &Path) -> Result<Self, EarlierError> {
        Self::of_rows(&mut RowStream::open(path, &with_header(), &Progress::new())?)
    }

    /// The same of the contents of the file that was at `path`.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn of_file(path: &Path, contents: &[u8]) -> Result<Self, EarlierError> {
        let source = Source::from_bytes_with(path, contents, &RoleRequest::default(), &with_header())?;
        Self::of_rows(&mut RowStream::of_source(source))
    }

    fn of_rows(rows: &mut RowStream) -> Result<Self, EarlierError> {
        let file = rows.path().display().to_string();
        let place = |column| rows.names().iter().position(|name| name == column);
        let needed = |column| place(column).ok_or_else(|| EarlierError::NoColumn { file: file.clone(), column });
        let columns = Columns {
            enterprise: needed("enterprise")?,
            grade: needed("grade")?,
            pd: needed("pd")?,
            period: place("period"),
            exposure: place("exposure"),
            decimals: rows.decimals().to_vec(),
        };
        let mut earlier = Self::default();
        while let Some(RowPart { table, rejected }) = rows.next_part(&Progress::new())? {
            if let Some(first) = rejected.first() {
                return Err(EarlierError::Row { file, line: first.line, reason: first.reason.clone() });
            }
            for row in 0..table.n_rows() {
                let wrong =
                    |(column, value)| EarlierError::Cell { file: file.clone(), place: table.place(row), column, value };
                if let Some((enterprise, standing)) = columns.standing(&table, row).map_err(wrong)? {
                    keep_latest(&mut earlier.firms, enterprise, standing);
                }
            }
        }
        Ok(earlier)
    }

    /// Number of enterprises.
    pub fn n_firms(&self) -> usize {
        self.firms.len()
    }
}

/// What is written by scoring has names.
fn with_header() -> ReadOptions {
    ReadOptions { header: Some(true), ..ReadOptions::default() }
}

/// Where the columns of a scoring stand in a file.
struct Columns {
    enterprise: usize,
    grade: usize,
    pd: usize,
    period: Option<usize>,
    exposure: Option<usize>,
    decimals: Vec<Decimal>,
}

impl Columns {
    /// The enterprise of a row and how it stands, `None` without an id or a grade; else the column and the cell that no scoring
    /// has.
    fn standing<'t>(
        &self,
        table: &'t Table,
        row: usize,
    ) -> Result<Option<(&'t str, Standing)>, (&'static str, String)> {
        // What a person may count as missing, such as an id NA, was written as it is: only an empty cell is none.
        let filled = |column: usize| Some(table.cell(row, column)).filter(|cell| !cell.is_empty());
        let (Some(enterprise), Some(grade)) = (filled(self.enterprise), filled(self.grade)) else { return Ok(None) };
        let number = |name, column: usize| {
            let decimal = self.decimals.get(column).copied().unwrap_or_default();
            table.number(row, column, decimal).ok_or_else(|| (name, table.cell(row, column).to_owned()))
        };
        let mut letters = grade.chars();
        let (Some(grade @ 'A'..='Z'), None) = (letters.next(), letters.next()) else {
            return Err(("grade", grade.to_owned()));
        };
        let exposure = self.exposure.filter(|&column| filled(column).is_some());
        let standing = Standing {
            period: self.period.and_then(filled).map(str::to_owned),
            grade,
            pd: number("pd", self.pd)?,
            exposure: exposure.map(|column| number("exposure", column)).transpose()?,
        };
        Ok(Some((enterprise, standing)))
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
        let read = |text: &str| Earlier::of_file(Path::new("before.csv"), text.as_bytes());
        let earlier = read(csv).unwrap();
        assert_eq!(earlier.n_firms(), 2);
        let standing = Standing { period: Some("2019".to_owned()), grade: 'B', pd: 0.02, exposure: Some(5.0) };
        assert_eq!(earlier.firms["a"], standing);
        // As a spreadsheet program with a comma as its decimal mark saves it.
        let german = "enterprise;grade;pd;exposure;period\na;B;0,02;5;2019\nb;H;0,5;;\n";
        assert_eq!(read(german).unwrap(), earlier);
        let sentence = |csv: &str| read(csv).unwrap_err().to_string();
        assert!(sentence("row,pd\n1,0.5\n").starts_with("before.csv has no column \"enterprise\""));
        assert!(sentence("enterprise,grade,pd\na,BB,0.1\n").contains("line 2 has \"BB\" as its grade"));
        assert!(sentence("enterprise,grade,pd\na,B,0.1\nb,B,high\n").contains("line 3 has \"high\" as its pd"));
        assert!(sentence("enterprise,grade,pd\na,B,0.1\nb,B\n").contains("line 3"));
    }

    #[test]
    fn a_file_of_any_length_is_read_part_by_part() {
        let mut csv = "enterprise,grade,pd\n".to_owned();
        (0..100).for_each(|i| _ = std::fmt::Write::write_fmt(&mut csv, format_args!("F{i:02},C,0.{i:02}\n")));
        let whole = Earlier::of_file(Path::new("x.csv"), csv.as_bytes()).unwrap();
        let mut parts = RowStream::of_bytes(csv.as_bytes(), 200, 50);
        assert_eq!(Earlier::of_rows(&mut parts).unwrap(), whole);
        assert_eq!((whole.n_firms(), whole.firms["F07"].pd), (100, 0.07));
    }
}
