//! A table turned into what learners need: indicators as numbers or category codes, which rows are bad, and whose rows
//! they are. Nothing is fitted here: gaps stay gaps and scales stay natural until `preparation`.

mod error;
mod find;
mod second;
mod unlabelled;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::read::Rejected;
use super::roles::{Role, Roles};
use super::table::Table;
use super::written::same_value;
pub use error::{DataError, MIN_ROWS_PER_CLASS};
pub use unlabelled::{ColumnToScore, ColumnsToScore, NotANumber};

/// The cells of one indicator, one per row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers in the file's own unit; a missing cell is NaN.
    Numeric(Arc<[f64]>),
    /// Text.
    Category {
        /// Index into `levels`; a missing cell is `None`.
        codes: Vec<Option<u32>>,
        /// The different texts, by first appearance in the file.
        levels: Vec<String>,
    },
}

/// One column that learners may look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicator {
    /// Column name.
    pub name: String,
    /// Its cells, `n_rows` of them.
    pub values: Values,
}

/// Where a split column puts a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Learned from.
    Train,
    /// Learned from too: stopping and tuning have their own folds within the training rows.
    Validation,
    /// Held out.
    Test,
}

/// A table with its roles settled. Every list is `n_rows` long and in the order of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The columns to learn from, in the order of the table. At least one.
    pub indicators: Vec<Indicator>,
    /// Whether the outcome was bad; `None` in a row without a label, which only pre-training may use.
    pub bad: Vec<Option<bool>>,
    /// Name of the label column.
    pub label_name: String,
    /// The label as an index into `label_levels`; `None` without a label.
    pub label_codes: Vec<Option<u32>>,
    /// The label's values as written in the file, by first appearance. At least two.
    pub label_levels: Vec<String>,
    /// The one of `label_levels` that is the bad outcome.
    pub bad_value: String,
    /// Whose row it is, as an index into `enterprise_names`. A row without an id is an enterprise of its own.
    pub enterprise: Option<Vec<u32>>,
    /// Ids by first appearance; empty without an id column.
    pub enterprise_names: Vec<String>,
    /// The period as written, empty where missing.
    pub period: Option<Vec<String>>,
    /// The part that the split column names.
    pub split: Option<Vec<Part>>,
    /// What is lent to the enterprise at default (EAD), 0 or more, in money; NaN where it is missing, negative or infinite.
    pub exposure: Option<Vec<f64>>,
    /// Position of each row among the data rows of the file, from 1; of several files, in the table put together.
    pub source_rows: Vec<u64>,
    /// What was tolerated, one sentence each.
    pub notices: Vec<String>,
}

impl Dataset {
    /// Takes the columns of `table` apart by their `roles`.
    ///
    /// A label with more than two values becomes the bad one against all others, with a notice.
    pub fn from_table(table: &Table, roles: &Roles) -> Result<Self, DataError> {
        if roles.roles.len() != table.n_columns() {
            return Err(DataError::RoleCount { columns: table.n_columns(), roles: roles.roles.len() });
        }
        let label = only(table, roles, Role::Label)?.ok_or(DataError::NoLabel)?;
        let enterprise = only(table, roles, Role::EnterpriseId)?;
        let period = only(table, roles, Role::Period)?;
        let split = only(table, roles, Role::Split)?;
        let exposure = only(table, roles, Role::Exposure)?;

        let indicators: Vec<Indicator> = (0..table.n_columns())
            .filter(|&c| roles.roles[c] == Role::Indicator)
            .map(|c| Indicator { name: table.names()[c].clone(), values: values(table, c) })
            .collect();
        if indicators.is_empty() {
            return Err(DataError::NoIndicators);
        }

        let label_name = table.names()[label].clone();
        let (label_codes, label_levels) = label_cells(table, label);
        let bad_code = bad_code(&label_name, &label_levels, roles.bad.as_deref())?;
        let bad: Vec<Option<bool>> = label_codes.iter().map(|code| code.map(|c| c as usize == bad_code)).collect();
        let bad_value = label_levels[bad_code].clone();
        let n_bad = bad.iter().filter(|b| **b == Some(true)).count();
        let n_good = bad.iter().filter(|b| **b == Some(false)).count();
        if n_good == 0 {
            return Err(DataError::OneClass { label: label_name, value: bad_value });
        }
        if n_bad.min(n_good) < MIN_ROWS_PER_CLASS {
            return Err(DataError::TooFewRows { bad: n_bad, good: n_good });
        }

        let split = split.map(|column| split_cells(table, column, &bad)).transpose()?;
        let mut notices = Vec::new();
        if label_levels.len() > 2 {
            notices.push(format!(
                "The label \"{label_name}\" has {} values: \"{bad_value}\" is held against all others.",
                label_levels.len()
            ));
        }
        let exposure = exposure.map(|column| exposure_cells(table, column, &mut notices)).transpose()?;
        let (enterprise, enterprise_names) = match enterprise {
            Some(column) => {
                let (codes, names) = enterprise_cells(table, column);
                (Some(codes), names)
            }
            None => (None, Vec::new()),
        };
        Ok(Self {
            indicators,
            bad,
            label_name,
            label_codes,
            label_levels,
            bad_value,
            enterprise,
            enterprise_names,
            period: period.map(|column| period_cells(table, column)),
            split,
            exposure,
            source_rows: (1..=table.n_rows() as u64).collect(),
            notices,
        })
    }

    /// Counts the rows that the reader rejected into `source_rows`, so that they are positions in the file itself.
    /// `table` is the one this was made from, `rejected` is in file order.
    pub fn count_rejected(&mut self, table: &Table, rejected: &[Rejected]) {
        let mut before = 0;
        for (row, position) in self.source_rows.iter_mut().enumerate().take(table.n_rows()) {
            while before < rejected.len() && rejected[before].line < table.line(row) {
                before += 1;
            }
            *position = (row + before + 1) as u64;
        }
    }

    /// Number of rows with a label.
    pub fn n_labelled(&self) -> usize {
        self.bad.iter().filter(|bad| bad.is_some()).count()
    }

    /// Number of rows, labelled or not.
    pub fn n_rows(&self) -> usize {
        self.bad.len()
    }

    /// Rows that have a label, ascending.
    pub fn labelled_rows(&self) -> Vec<usize> {
        (0..self.n_rows()).filter(|&row| self.bad[row].is_some()).collect()
    }

    /// Rows that have none, ascending.
    pub fn unlabelled_rows(&self) -> Vec<usize> {
        (0..self.n_rows()).filter(|&row| self.bad[row].is_none()).collect()
    }

    /// Number of rows whose outcome was bad.
    pub fn n_bad(&self) -> usize {
        self.bad.iter().filter(|bad| **bad == Some(true)).count()
    }

    /// Whose row it is, as written in the file; `None` without a column of ids.
    pub fn enterprise_name(&self, row: usize) -> Option<&str> {
        let code = self.enterprise.as_ref()?[row];
        self.enterprise_names.get(code as usize).map(String::as_str)
    }

    /// The label of `row` as written in the file.
    pub fn label_text(&self, row: usize) -> Option<&str> {
        self.label_codes[row].map(|code| self.label_levels[code as usize].as_str())
    }
}

/// The column that has `role`, when there is one.
fn only(table: &Table, roles: &Roles, role: Role) -> Result<Option<usize>, DataError> {
    let mut columns = (0..table.n_columns()).filter(|&c| roles.roles[c] == role);
    let first = columns.next();
    if let (Some(first), Some(second)) = (first, columns.next()) {
        let name = |column: usize| table.names()[column].clone();
        return Err(DataError::TwoColumns { role, first: name(first), second: name(second) });
    }
    Ok(first)
}

fn values(table: &Table, column: usize) -> Values {
    if let Some(numbers) = table.numbers(column) {
        return Values::Numeric(Arc::clone(numbers));
    }
    let (codes, levels) = coded(present(table, column));
    // A dash is missing where there is nothing else, too.
    let name = &table.names()[column];
    if levels.iter().all(|level| table.missing_tokens().holds(name, level, true)) {
        return Values::Numeric(std::iter::repeat_n(f64::NAN, table.n_rows()).collect());
    }
    Values::Category { codes, levels }
}

/// The cells of a column, `None` where missing.
fn present(table: &Table, column: usize) -> impl Iterator<Item = Option<&str>> {
    table.column(column).enumerate().map(move |(row, cell)| (!table.is_missing(row, column)).then_some(cell))
}

/// Codes of texts by first appearance.
fn coded<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> (Vec<Option<u32>>, Vec<String>) {
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let mut levels = Vec::new();
    let codes = cells
        .map(|cell| {
            let cell = cell?;
            Some(*seen.entry(cell).or_insert_with(|| {
                levels.push(cell.to_owned());
                (levels.len() - 1) as u32
            }))
        })
        .collect();
    (codes, levels)
}

/// Codes of the label. In a numeric column 1 and 1.0 are the same value, written as it first appears.
fn label_cells(table: &Table, column: usize) -> (Vec<Option<u32>>, Vec<String>) {
    let Some(numbers) = table.numbers(column) else { return coded(present(table, column)) };
    let mut written: HashMap<u64, &str> = HashMap::new();
    coded(present(table, column).zip(numbers.iter()).map(|(cell, number)| {
        // Adding 0 makes −0 the same as 0.
        cell.map(|cell| *written.entry((number + 0.0).to_bits()).or_insert(cell))
    }))
}

/// Which of the label's values is the bad one: the same text, or else the same number.
fn bad_code(label: &str, levels: &[String], bad: Option<&str>) -> Result<usize, DataError> {
    let label = label.to_owned();
    let Some(value) = bad else {
        return Err(DataError::NoBadValue { label, levels: levels.to_vec() });
    };
    let exactly = levels.iter().position(|level| level == value);
    let found = exactly.or_else(|| levels.iter().position(|level| same_value(level, value)));
    found.ok_or_else(|| DataError::BadValueNotFound { value: value.to_owned(), label, levels: levels.to_vec() })
}

fn enterprise_cells(table: &Table, column: usize) -> (Vec<u32>, Vec<String>) {
    let (codes, mut names) = coded(present(table, column));
    let codes = codes.into_iter().enumerate().map(|(row, code)| {
        code.unwrap_or_else(|| {
            names.push(format!("no id, {}", table.place(row)));
            (names.len() - 1) as u32
        })
    });
    (codes.collect(), names)
}

fn period_cells(table: &Table, column: usize) -> Vec<String> {
    present(table, column).map(|cell| cell.unwrap_or_default().to_owned()).collect()
}

/// Exposures of all rows, with a notice where there are rows without one.
fn exposure_cells(table: &Table, column: usize, notices: &mut Vec<String>) -> Result<Vec<f64>, DataError> {
    let Values::Numeric(numbers) = values(table, column) else {
        return Err(DataError::ExposureNotNumbers { column: table.names()[column].clone() });
    };
    let usable = |&exposure: &f64| if exposure.is_finite() && exposure >= 0.0 { exposure } else { f64::NAN };
    let exposure: Vec<f64> = numbers.iter().map(usable).collect();
    let without = exposure.iter().filter(|exposure| exposure.is_nan()).count();
    if without > 0 {
        notices.push(format!(
            "The exposure \"{}\" is missing or below 0 in {without} of {} rows: they take no part in losses.",
            table.names()[column],
            exposure.len()
        ));
    }
    Ok(exposure)
}

/// Parts of all rows. A row without a label may leave its part empty: it is only ever learned from.
fn split_cells(table: &Table, column: usize, bad: &[Option<bool>]) -> Result<Vec<Part>, DataError> {
    let part = |(row, cell): (usize, &str)| match cell.to_ascii_lowercase().as_str() {
        "train" | "training" => Ok(Part::Train),
        "validation" | "valid" | "val" => Ok(Part::Validation),
        "test" => Ok(Part::Test),
        _ if bad[row].is_none() && table.is_missing(row, column) => Ok(Part::Train),
        _ => Err(DataError::UnknownPart {
            place: table.place(row),
            column: table.names()[column].clone(),
            value: cell.to_owned(),
        }),
    };
    table.column(column).enumerate().map(part).collect()
}

#[cfg(test)]
mod tests;
