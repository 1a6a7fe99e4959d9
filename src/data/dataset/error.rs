//! Why a table cannot be learned from.

use thiserror::Error;

use crate::data::roles::Role;

/// Why a table cannot be learned from.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DataError {
    /// The roles belong to another table.
    #[error("the table has {columns} columns but roles are given for {roles}; choose the roles again")]
    RoleCount {
        /// Columns of the table.
        columns: usize,
        /// Roles given.
        roles: usize,
    },
    /// A role that only one column can have.
    #[error("columns \"{first}\" and \"{second}\" both have the role {role}; keep one of them")]
    TwoColumns {
        /// The role.
        role: Role,
        /// The first such column.
        first: String,
        /// The second.
        second: String,
    },
    /// No label column.
    #[error("no column is the label; name the column that says how each enterprise turned out")]
    NoLabel,
    /// The bad value was not chosen.
    #[error("which value of \"{label}\" is the bad outcome is not said; choose one of {}", listed(levels))]
    NoBadValue {
        /// Name of the label column.
        label: String,
        /// Its values.
        levels: Vec<String>,
    },
    /// The bad value does not occur.
    #[error("\"{value}\" does not occur in the label column \"{label}\"; choose one of {}", listed(levels))]
    BadValueNotFound {
        /// The value asked for.
        value: String,
        /// Name of the label column.
        label: String,
        /// The values it has.
        levels: Vec<String>,
    },
    /// No indicator column.
    #[error("no column is an indicator, so there is nothing to learn from; give at least one column that role")]
    NoIndicators,
    /// A second table lacks indicators of the first.
    #[error(
        "the second table has no column {}; columns are found by name, so call them there as in the first",
        listed(names)
    )]
    IndicatorsLacking {
        /// Names of the indicators, in the order of the first table.
        names: Vec<String>,
    },
    /// All labelled rows are alike.
    #[error("every labelled row has {label} = \"{value}\"; learning needs rows of both outcomes")]
    OneClass {
        /// Name of the label column.
        label: String,
        /// Its one value.
        value: String,
    },
    /// Too few rows of one outcome to learn from some and test on others.
    #[error(
        "only {bad} bad and {good} other rows carry a label; at least {MIN_ROWS_PER_CLASS} of each are needed, \
         one to learn from and one to test on"
    )]
    TooFewRows {
        /// Bad rows.
        bad: usize,
        /// Labelled rows that are not bad.
        good: usize,
    },
    /// A split value that is not a part.
    #[error("{place}: the split column \"{column}\" holds \"{value}\"; write train, validation or test")]
    UnknownPart {
        /// Where the row starts: `line 17`, or `line 17 of firms.csv` where several files were put together.
        place: String,
        /// Name of the split column.
        column: String,
        /// The cell.
        value: String,
    },
    /// An exposure column that holds texts.
    #[error(
        "the exposure column \"{column}\" does not hold numbers; name the column with the amount lent to each enterprise"
    )]
    ExposureNotNumbers {
        /// Name of the exposure column.
        column: String,
    },
}

/// Fewest labelled rows of either outcome: one to learn from and one to test on.
pub const MIN_ROWS_PER_CLASS: usize = 2;

fn listed(values: &[String]) -> String {
    /// More would not be read.
    const SHOWN: usize = 10;
    let shown = values.iter().take(SHOWN).map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(", ");
    if values.len() > SHOWN { format!("{shown} and {} more", values.len() - SHOWN) } else { shown }
}
