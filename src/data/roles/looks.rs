//! What a column looks like by its name and values: an id, a running number, a period.

use super::names;
use crate::data::{ColumnProfile, Kind, Table};

/// Fewest rows for which it is no accident that numbers go up by one from row to row, or that all texts differ.
pub(super) const FEWEST_ROWS: usize = 10;

/// Rows per value, on average, above which a column with an id's name is a category: 50 rows are twelve years of quarters
/// of one firm; a `code` that comes back more often is a code of something else.
const ROWS_PER_ID: usize = 50;

/// Whether a column of a table of `n_rows` rows has the name and the values of an id.
pub fn looks_like_id(profile: &ColumnProfile, n_rows: usize) -> bool {
    let present = n_rows - profile.missing;
    let whole = profile.kind == Kind::Text || profile.integer;
    let many = profile.distinct > 2 && profile.distinct * ROWS_PER_ID >= present;
    whole && many && names::is_id(&profile.name)
}

/// Whether the column goes up by one from row to row, anew in each file where several were put together.
pub fn counts_rows(table: &Table, column: usize, profile: &ColumnProfile) -> bool {
    let (n, n_files) = (table.n_rows(), table.files().len().max(1));
    if !profile.integer || n < FEWEST_ROWS * n_files || (n_files == 1 && profile.distinct < n) {
        return false;
    }
    let Some(numbers) = table.numbers(column) else { return false };
    let follows = |row: usize| numbers[row] == numbers[row - 1] + 1.0 || table.file(row) != table.file(row - 1);
    (1..n).all(follows)
}

/// Whether a column has the values of a period, and if they are numbers the name of one.
pub fn looks_like_period(profile: &ColumnProfile) -> bool {
    period_rank(profile).is_some()
}

/// How much a column looks like a period, best smallest: values that are dates, under a period's name if they are
/// numbers. A column such as "years in business" has the name and not the values, ratios have neither.
pub(super) fn period_rank(profile: &ColumnProfile) -> Option<usize> {
    const BARE_DATES: usize = 2;
    let named = names::period_rank(&profile.name);
    match (profile.kind, profile.min, profile.max) {
        (Kind::Numeric, Some(min), Some(max)) if profile.integer => {
            let within = |low: f64, high: f64| min >= low && max <= high;
            // Years, months as 201912, days as 20191231.
            let dates = within(1900.0, 2100.0) || within(190001.0, 210012.0) || within(19000101.0, 21001231.0);
            named.filter(|_| dates)
        }
        (Kind::Text, ..) if profile.levels.iter().all(|(value, _)| is_date(value)) => Some(named.unwrap_or(BARE_DATES)),
        _ => None,
    }
}

/// Whether a text is a date, month, quarter or year: `2019-12-31`, `31.12.2019`, `2019Q4`, `FY2019`, `2019年12月`. It
/// holds a year from 1900 to 2100 as a number of four digits, or starts with one in eight, and otherwise what dates are
/// written with.
fn is_date(text: &str) -> bool {
    const OTHERS: &str = "-/.: QqHhFfYyTtZz年月日季度";
    let is_year = |digits: &str| {
        matches!(digits.len(), 4 | 8) && digits[..4].parse().is_ok_and(|year: u16| (1900..=2100).contains(&year))
    };
    text.len() <= 40
        && text.chars().all(|c| c.is_ascii_digit() || OTHERS.contains(c))
        && text.split(|c: char| !c.is_ascii_digit()).any(is_year)
}
