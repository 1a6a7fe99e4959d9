//! What to look at in a table before a figure is believed: pure functions of a table, its roles and how it is held out.
//!
//! Each finding is one sentence with answers, plain data that the window carries out; nothing is changed here.

mod columns;
mod copies;
mod enterprises;
mod label;
mod missing;
mod units;
mod words;

use serde::Serialize;

use crate::data::{
    ColumnProfile, Dataset, Indicator, Role, Roles, SplitHolding, Table, ValidationKind, ValidationSettings,
};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// An indicator ranks the rows nearly as the label does, or its levels tell it.
    NearCopyOfLabel,
    /// Where cells are missing tells the outcome.
    MissingnessTells,
    /// Fewer than ten rows of an outcome.
    FewRowsOfOutcome,
    /// Rows of one enterprise on both sides of a split, and each enterprise has one outcome.
    OneClassPerEnterprise,
    /// Rows of one enterprise on both sides of a split, and some enterprises have both outcomes.
    TwoClassesInEnterprise,
    /// Exact copies of rows.
    DuplicateRows,
    /// Exact copies on both sides of a split.
    DuplicatesOnBothSides,
    /// An enterprise id among the indicators.
    IdAsIndicator,
    /// A period among the indicators.
    PeriodAsIndicator,
    /// Indicators that are equal in every row.
    DuplicateColumn,
    /// Values that cannot be of one unit.
    UnitMix,
    /// A number such as −999 that probably says "not known".
    SuspiciousCode,
    /// A column with nothing but missing cells.
    EmptyColumn,
    /// A column with one value.
    ConstantColumn,
    /// An indicator that is missing in more than half of the rows.
    MostlyMissing,
    /// A category with more than 100 levels.
    ManyLevels,
}

impl Check {
    /// Whether the figures of a comparison mean something else than they seem to. That an outcome has few rows is in the
    /// verdict.
    pub fn concerns_figures(self) -> bool {
        match self {
            Self::NearCopyOfLabel
            | Self::MissingnessTells
            | Self::OneClassPerEnterprise
            | Self::TwoClassesInEnterprise
            | Self::DuplicatesOnBothSides
            | Self::IdAsIndicator
            | Self::PeriodAsIndicator => true,
            Self::FewRowsOfOutcome
            | Self::DuplicateRows
            | Self::DuplicateColumn
            | Self::UnitMix
            | Self::SuspiciousCode
            | Self::EmptyColumn
            | Self::ConstantColumn
            | Self::MostlyMissing
            | Self::ManyLevels => false,
        }
    }
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub check: Check,
    /// The columns concerned, by their place in the table; empty when it is about rows.
    pub columns: Vec<usize>,
    /// One sentence: what, the figures, why it matters.
    pub text: String,
    /// What can be done about it, the likeliest first; may be empty.
    pub answers: Vec<Answer>,
}

/// Something to do about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The text of its button.
    pub title: &'static str,
    /// What it does.
    pub action: Action,
}

/// A change of roles, of missing values or of the way rows are held out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Sets columns aside.
    SetAside(Vec<usize>),
    /// Gives a column a role.
    GiveRole(usize, Role),
    /// Declares a value, as written in the file, to be missing in these columns.
    DeclareMissing {
        /// The columns, by their place in the table.
        columns: Vec<usize>,
        /// The value.
        value: String,
    },
    /// Holds rows out in another way.
    Validate(ValidationKind),
    /// Keeps all rows of an enterprise on one side of the cut in time.
    KeepEnterprisesWhole,
    /// Keeps exact copies of a row on one side of every split.
    KeepDuplicatesTogether,
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The cells.
    pub table: &'a Table,
    /// What each column holds.
    pub profiles: &'a [ColumnProfile],
    /// Who is what.
    pub roles: &'a Roles,
    /// The numbers under these roles; without them nothing is said about the label and the enterprises.
    pub data: Option<&'a Dataset>,
    /// How rows are held out.
    pub validation: &'a ValidationSettings,
    /// What the splits hold; empty when that is not known.
    pub splits: &'a [SplitHolding],
}

/// Everything to look at, the gravest first: what makes figures wrong, then rows, then columns.
pub fn checks(subject: &Subject<'_>) -> Vec<Finding> {
    // While other roles are being settled, the numbers of the old ones tell nothing of the new.
    let subject = &Subject { data: subject.data.filter(|data| subject.is_of_these_roles(data)), ..*subject };
    let mut findings = Vec::new();
    findings.extend(label::near_copies(subject));
    findings.extend(missing::missingness_tells(subject));
    findings.extend(label::few_rows(subject));
    findings.extend(enterprises::on_both_sides(subject));
    findings.extend(copies::duplicate_rows(subject));
    findings.extend(copies::on_both_sides(subject));
    findings.extend(columns::ids(subject));
    findings.extend(columns::periods(subject));
    findings.extend(copies::duplicate_columns(subject));
    findings.extend(units::unit_mix(subject));
    findings.extend(units::codes(subject));
    findings.extend(columns::empty(subject));
    findings.extend(columns::constant(subject));
    findings.extend(missing::mostly_missing(subject));
    findings.extend(columns::many_levels(subject));
    findings
}

impl<'a> Subject<'a> {
    /// Columns with this role.
    fn with_role(&self, role: Role) -> impl Iterator<Item = usize> + '_ {
        self.roles.roles.iter().enumerate().filter(move |(_, r)| **r == role).map(|(column, _)| column)
    }

    fn name(&self, column: usize) -> &'a str {
        &self.table.names()[column]
    }

    /// The indicators of the data with their columns.
    fn indicators(&self) -> impl Iterator<Item = (usize, &'a Indicator)> + '_ {
        self.with_role(Role::Indicator).zip(self.data.into_iter().flat_map(|data| &data.indicators))
    }

    /// Whether the data was made under these roles.
    fn is_of_these_roles(&self, data: &Dataset) -> bool {
        let indicators = self.with_role(Role::Indicator).map(|column| self.name(column));
        let label = self.roles.position(Role::Label).map(|column| self.name(column));
        indicators.eq(data.indicators.iter().map(|indicator| indicator.name.as_str()))
            && label == Some(data.label_name.as_str())
    }
}

impl Finding {
    /// A finding that can be answered by setting its columns aside.
    fn set_aside(check: Check, columns: Vec<usize>, text: String) -> Self {
        let answers = vec![Answer { title: "Set aside", action: Action::SetAside(columns.clone()) }];
        Self { check, columns, text, answers }
    }
}

#[cfg(test)]
mod tests;
