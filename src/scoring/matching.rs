//! Which column of a table is which indicator of a model: by name, else by hand.

use thiserror::Error;

use super::RiskModel;
use crate::data::{ColumnToScore, ColumnsToScore, Decimal, Role, Roles, nearest};

/// The columns of a table that a model is to score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// Column names of the table.
    names: Vec<String>,
    /// The indicators that the model answers by, in its order.
    indicators: Vec<Matched>,
    /// Column with the enterprise id.
    pub enterprise: Option<usize>,
    /// Column with the period.
    pub period: Option<usize>,
    /// Column with the exposure at default, in money.
    pub exposure: Option<usize>,
    /// Column with the outcome, where it is known already: with it the scoring is tested.
    pub label: Option<usize>,
    /// Value of the label that is the bad outcome.
    bad_value: String,
}

/// One indicator of a model and its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// Its name in the model.
    pub indicator: String,
    /// Whether numbers were learned, else texts.
    pub numeric: bool,
    /// Its column of the table; `None` where there is none.
    pub column: Option<usize>,
    /// How it was found.
    pub how: How,
}

/// How a column was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It has the indicator's name.
    Exactly,
    /// Its name differs in case, blanks, underscores or dashes only.
    Alike,
    /// A person said so.
    ByHand,
    /// There is none.
    NotFound,
}

/// What was asked for by hand and is not there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MatchingError {
    /// The model has no such indicator.
    #[error("the model has no indicator \"{name}\"{}", did_you_mean(.nearest))]
    NoIndicator {
        /// The name asked for.
        name: String,
        /// Up to three similar names, the most similar first.
        nearest: Vec<String>,
    },
    /// The table has no such column.
    #[error("the table has no column \"{name}\"{}", did_you_mean(.nearest))]
    NoColumn {
        /// The name asked for.
        name: String,
        /// Up to three similar names, the most similar first.
        nearest: Vec<String>,
    },
}

fn did_you_mean(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; did you mean {}?", quoted(names.iter())) }
}

impl Matching {
    /// Finds the indicators of `model` among the columns `names`: by the same name, else by one that differs in case, blanks,
    /// underscores and dashes only, where no other column and no other indicator is like it. The label is found so too;
    /// enterprise and period are those of `roles`, guessed for the table, where they are no indicators. The exposure is never
    /// guessed.
    pub fn new(model: &RiskModel, names: &[String], roles: &Roles) -> Self {
        let uses = |name: &str| model.preparation.inputs_of(name).is_some();
        let wanted: Vec<_> = model.columns.iter().filter(|column| uses(&column.name)).collect();
        let keys: Vec<String> = names.iter().map(|name| key(name)).collect();
        let exact: Vec<Option<usize>> = wanted.iter().map(|column| position(names, &column.name)).collect();
        let alike = |indicator: &str| {
            let key = key(indicator);
            let rivals =
                wanted.iter().zip(&exact).filter(|(other, exact)| exact.is_none() && self::key(&other.name) == key);
            let column =
                only((0..names.len()).filter(|column| keys[*column] == key && !exact.contains(&Some(*column))));
            column.filter(|_| rivals.count() == 1)
        };
        let matched = |(column, exact): (&&super::ColumnReference, &Option<usize>)| {
            let (place, how) = match (exact, alike(&column.name)) {
                (Some(place), _) => (Some(*place), How::Exactly),
                (None, Some(place)) => (Some(place), How::Alike),
                (None, None) => (None, How::NotFound),
            };
            Matched { indicator: column.name.clone(), numeric: column.is_number(), column: place, how }
        };
        let indicators: Vec<Matched> = wanted.iter().zip(&exact).map(matched).collect();
        let is_free = |column: &usize| indicators.iter().all(|matched| matched.column != Some(*column));
        let of_role = |role| roles.position(role).filter(is_free);
        let label = &model.record.data.label;
        let like_label = || only((0..names.len()).filter(|column| keys[*column] == key(label)));
        Self {
            enterprise: of_role(Role::EnterpriseId),
            period: of_role(Role::Period),
            exposure: of_role(Role::Exposure),
            label: position(names, label).or_else(like_label).filter(is_free),
            bad_value: model.record.data.bad_value.clone(),
            names: names.to_vec(),
            indicators,
        }
    }

    /// The indicators that the model answers by, in its order, and their columns.
    pub fn indicators(&self) -> &[Matched] {
        &self.indicators
    }

    /// Value of the column of outcomes that is the bad one.
    pub fn bad_value(&self) -> &str {
        &self.bad_value
    }

    /// Column names of the table.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Takes a column for an indicator, both by name; the column may serve another indicator too.
    ///
    /// # Errors
    /// When either is not there.
    pub fn map(&mut self, indicator: &str, column: &str) -> Result<(), MatchingError> {
        let place = self.column(column)?;
        let known = || self.indicators.iter().map(|matched| matched.indicator.clone()).collect::<Vec<_>>();
        let Some(index) = self.indicators.iter().position(|matched| matched.indicator == indicator) else {
            return Err(MatchingError::NoIndicator {
                name: indicator.to_owned(),
                nearest: nearest(indicator, &known()),
            });
        };
        self.set(index, Some(place));
        Ok(())
    }

    /// Takes a column of the table, or none, for the indicator at `index`. Places that are not there change nothing.
    pub fn set(&mut self, index: usize, column: Option<usize>) {
        let column = column.filter(|&column| column < self.names.len());
        if let Some(matched) = self.indicators.get_mut(index) {
            (matched.column, matched.how) = (column, if column.is_some() { How::ByHand } else { How::NotFound });
        }
    }

    /// The place of a column of the table.
    ///
    /// # Errors
    /// When it is not there, with the names that look like it.
    pub fn column(&self, name: &str) -> Result<usize, MatchingError> {
        position(&self.names, name)
            .ok_or_else(|| MatchingError::NoColumn { name: name.to_owned(), nearest: nearest(name, &self.names) })
    }

    /// Indicators without a column.
    pub fn lacking(&self) -> impl Iterator<Item = &str> {
        self.indicators.iter().filter(|matched| matched.column.is_none()).map(|matched| matched.indicator.as_str())
    }

    /// Says which indicators have no column; `None` when all have one.
    pub fn told_lacking(&self) -> Option<String> {
        let lacking: Vec<&str> = self.lacking().collect();
        let (n, of) = (lacking.len(), self.indicators.len());
        (n > 0).then(|| {
            let indicators = if of == 1 { "indicator" } else { "indicators" };
            format!(
                "The table has no column for {n} of the {of} {indicators} of the model: {}.",
                quoted(lacking.iter())
            )
        })
    }

    /// Where the columns of the model stand in a table whose columns have these decimal marks.
    pub(super) fn columns(&self, decimals: &[Decimal]) -> ColumnsToScore {
        let column = |matched: &Matched| ColumnToScore {
            name: matched.indicator.clone(),
            column: matched.column,
            numeric: matched.numeric,
        };
        ColumnsToScore {
            indicators: self.indicators.iter().map(column).collect(),
            enterprise: self.enterprise,
            period: self.period,
            exposure: self.exposure,
            label: self.label.map(|column| (column, self.bad_value.clone())),
            decimals: decimals.to_vec(),
        }
    }
}

fn position(names: &[String], name: &str) -> Option<usize> {
    names.iter().position(|other| other == name)
}

/// The one there is; `None` of none and of several.
fn only(mut places: impl Iterator<Item = usize>) -> Option<usize> {
    places.next().filter(|_| places.next().is_none())
}

/// What names that are alike have in common.
fn key(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).collect()
}

/// `"a", "b" and 7 more`.
fn quoted<S: AsRef<str>>(names: impl ExactSizeIterator<Item = S>) -> String {
    /// More would not be read.
    const SHOWN: usize = 10;
    let n = names.len();
    let shown = names.take(SHOWN).map(|name| format!("\"{}\"", name.as_ref())).collect::<Vec<_>>().join(", ");
    if n > SHOWN { format!("{shown} and {} more", n - SHOWN) } else { shown }
}
