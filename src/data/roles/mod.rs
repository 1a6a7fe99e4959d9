//! Who is what in a table: label, enterprise id, period, indicators, and which label value means the bad outcome. What
//! the user names is taken; the rest is guessed from names and values, and every guess says why.

mod guess;
mod looks;
mod names;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::guess::guess;
pub use self::looks::{counts_rows, looks_like_id, looks_like_period};
pub(crate) use self::names::nearest;

/// What a column is used for.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An input of the models.
    Indicator,
    /// The outcome to be predicted.
    Label,
    /// Which enterprise a row is about.
    EnterpriseId,
    /// Which year, quarter or day a row is about.
    Period,
    /// Which rows train and which test: `train`, `validation`, `test`.
    Split,
    /// How much is lent to the enterprise at default (EAD), in money: for losses, never learned from and never guessed.
    Exposure,
    /// Not used.
    SetAside,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Indicator => "indicator",
            Self::Label => "label",
            Self::EnterpriseId => "enterprise id",
            Self::Period => "period",
            Self::Split => "split",
            Self::Exposure => "exposure",
            Self::SetAside => "set aside",
        })
    }
}

/// The roles chosen for a table.
#[derive(Serialize, Deserialize, Clone, Default, PartialEq, Eq, Debug)]
pub struct Roles {
    /// One per column, in the table's order. At most one each of label, enterprise id, period, split and exposure.
    pub roles: Vec<Role>,
    /// The value of the label column that means the bad outcome, as written in the file; `None` without a label, and where
    /// only a person can tell which of more than two values it is.
    pub bad: Option<String>,
}

impl Roles {
    /// The first column with this role.
    pub fn position(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|&r| r == role)
    }
}

/// Why a column is set aside that the user named to be.
pub const AS_ASKED: &str = "as asked";

/// Roles with the reasons for what was guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The roles.
    pub roles: Roles,
    /// Why this column is the label, to be read after "because"; `None` when it was named or there is none.
    pub label_reason: Option<String>,
    /// Why this value is the bad one, to be read after "because"; `None` when it was named or there is none.
    pub bad_reason: Option<String>,
    /// Columns set aside (index in the table) and why, in the table's order.
    pub set_aside: Vec<(usize, String)>,
    /// One sentence for every guess that a person should look at: label, bad value, enterprise id, period.
    pub notices: Vec<String>,
}

/// What the user named; columns by their names in the table. All empty by default: everything is guessed but the exposure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleRequest {
    /// The label column.
    pub label: Option<String>,
    /// The label value that means the bad outcome.
    pub bad: Option<String>,
    /// The column of enterprise ids.
    pub id: Option<String>,
    /// The column of periods.
    pub period: Option<String>,
    /// The column that says which rows train and which test.
    pub split: Option<String>,
    /// The column of exposures, in money.
    pub exposure: Option<String>,
    /// Columns not to be used.
    pub drop: Vec<String>,
}

/// Why the roles asked for cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RoleError {
    /// No column has this name.
    #[error("There is no column \"{name}\" for the role \"{role}\"{}", nearest_text(.nearest))]
    NoSuchColumn {
        /// The name asked for.
        name: String,
        /// What it was to be.
        role: Role,
        /// Up to three similar names of the table, the most similar first.
        nearest: Vec<String>,
    },
    /// One column was named twice.
    #[error("Column \"{name}\" is named as {first} and as {second}: choose one.")]
    NamedTwice {
        /// The column.
        name: String,
        /// One role.
        first: Role,
        /// The other role.
        second: Role,
    },
    /// The label named has fewer than two values.
    #[error("Column \"{name}\" cannot be the label: {}; a label needs two values.", one_value_text(.value.as_deref()))]
    OneLabelValue {
        /// The column.
        name: String,
        /// Its only value; `None` when every cell is missing.
        value: Option<String>,
    },
    /// The bad value does not occur.
    #[error("No row has \"{value}\" in the label \"{label}\"; its values are {}.", list(.values))]
    BadNotFound {
        /// The value asked for.
        value: String,
        /// The label column.
        label: String,
        /// Values that occur, the most frequent first, up to 20.
        values: Vec<String>,
    },
    /// A bad value was named, and there is no label that it could belong to.
    #[error("\"{value}\" is named as the bad value, but no column with two values was found: name the label too.")]
    BadWithoutLabel {
        /// The value asked for.
        value: String,
    },
}

fn nearest_text(nearest: &[String]) -> String {
    if nearest.is_empty() { ".".to_owned() } else { format!("; did you mean {}?", list(nearest)) }
}

fn one_value_text(value: Option<&str>) -> String {
    value.map_or_else(|| "all its cells are missing".to_owned(), |value| format!("all its rows say \"{value}\""))
}

fn list(values: &[String]) -> String {
    values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod any_bytes;
#[cfg(test)]
mod real_tables;
#[cfg(test)]
mod tests;
