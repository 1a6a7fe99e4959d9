//! Why rows cannot be held out as asked.

use thiserror::Error;

/// Why rows cannot be held out as asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SplitError {
    /// A setting is out of range.
    #[error("{field} {problem}")]
    Setting {
        /// Name of the setting.
        field: &'static str,
        /// What it must be.
        problem: String,
    },
    /// A class has fewer rows than there are folds, or fewer than the two that a hold-out needs.
    #[error(
        "holding out needs at least {least} rows of each outcome, but there are {bad} bad and {good} others; \
         ask for fewer folds or label more rows"
    )]
    TooFewRows {
        /// Fewest rows of each class.
        least: usize,
        /// Labelled bad rows.
        bad: usize,
        /// Other labelled rows.
        good: usize,
    },
    /// Grouped validation without enterprises.
    #[error("grouped validation needs a column with the enterprise id; choose one, or k-fold instead")]
    NoEnterprises,
    /// Enterprises are to be kept whole and there are none.
    #[error("to keep enterprises whole a column with the enterprise id is needed; choose one, or divide them")]
    NothingToKeepWhole,
    /// Fewer enterprises with a label than folds.
    #[error(
        "{folds} folds need at least {folds} enterprises with a label, but there are {enterprises}; ask for fewer folds"
    )]
    TooFewEnterprises {
        /// Folds asked for.
        folds: usize,
        /// Enterprises with a labelled row.
        enterprises: usize,
    },
    /// Validation by a column without that column.
    #[error("validation by a column needs a split column with the values train, validation and test; choose one")]
    NoSplitColumn,
    /// Out-of-time validation without periods.
    #[error("out-of-time validation needs a column with the period; choose one, or k-fold instead")]
    NoPeriods,
    /// A period that cannot be put in order.
    #[error(
        "data row {row} has the period \"{value}\", which is no number, year, half-year, quarter, month or date like \
         the others; correct or empty it, or choose another column"
    )]
    UnreadablePeriod {
        /// Data row of the file, from 1.
        row: u64,
        /// The cell.
        value: String,
    },
    /// Dates that could be day/month or month/day, and the order depends on it.
    #[error(
        "dates such as \"{value}\" can be read as day and month or as month and day, and nothing in the column tells \
         which; write them as year-month-day"
    )]
    AmbiguousPeriods {
        /// One of them.
        value: String,
    },
    /// A cut that is no period like those of the column.
    #[error("{field} \"{value}\" is no period like those of the table, which run from \"{first}\" to \"{last}\"")]
    UnreadableCut {
        /// Name of the setting.
        field: &'static str,
        /// What was asked for.
        value: String,
        /// The table's first period.
        first: String,
        /// The table's last period.
        last: String,
    },
    /// A cut with all labelled rows on one side of it.
    #[error(
        "no labelled row is {} {field} \"{value}\": the periods run from \"{first}\" to \"{last}\"; choose a period among \
         them", if *before { "before" } else { "on or after" }
    )]
    EmptySide {
        /// Name of the setting.
        field: &'static str,
        /// The first period tested.
        value: String,
        /// Whether there is nothing before it, rather than nothing from it on.
        before: bool,
        /// The table's first period.
        first: String,
        /// The table's last period.
        last: String,
    },
    /// Validation periods that do not come before those tested.
    #[error("validation_from \"{validation_from}\" must come before the first period that is tested, \"{test_from}\"")]
    LateValidation {
        /// First period for validation.
        validation_from: String,
        /// First period tested.
        test_from: String,
    },
    /// Too few periods to test some and learn from others.
    #[error(
        "out-of-time validation of {tested} periods needs at least one more, but labelled rows have only {periods}"
    )]
    TooFewPeriods {
        /// Periods to be tested.
        tested: usize,
        /// Different periods of the labelled rows.
        periods: usize,
    },
    /// No period comes before the latest.
    #[error("the rows have no period before the latest one, so there is nothing to hold it against")]
    NoEarlierPeriod,
    /// A side lacks rows of an outcome.
    #[error("fold {} has {bad} bad and {good} other rows to {side}; both are needed", fold + 1)]
    OneSided {
        /// The fold, from 0.
        fold: usize,
        /// "learn from" or "test on".
        side: &'static str,
        /// Bad rows on that side.
        bad: usize,
        /// Other rows on that side.
        good: usize,
    },
}
