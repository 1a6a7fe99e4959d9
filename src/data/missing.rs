//! Which cells say that a value is not known: tokens that hold for the whole table, and codes such as 255 or −999 that a
//! person declares for one column or for all.

use serde::{Deserialize, Serialize};

use super::written::same_value;

/// A value that stands for "not known".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingCode {
    /// The column it holds for; all when left out.
    #[serde(default)]
    pub column: Option<String>,
    /// The value, compared as a number where both are numbers: `-999` is also `-999.0`.
    pub value: String,
}

/// What counts as missing. An empty cell always does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MissingTokens {
    /// Texts, compared without regard to the case of ASCII letters. Default `?`, `NA`, `N/A`, `#N/A`, `NaN`, `null`.
    pub tokens: Vec<String>,
    /// Texts that count only where the rest of the column is numbers, because elsewhere they may be values: the label of
    /// the UCI Japanese credit table is `+` or `-`. Default `-`.
    pub among_numbers: Vec<String>,
    /// Values declared missing. Default none.
    pub codes: Vec<MissingCode>,
}

impl Default for MissingTokens {
    fn default() -> Self {
        let list = |tokens: &[&str]| tokens.iter().map(|&token| token.to_owned()).collect();
        Self {
            tokens: list(&["?", "NA", "N/A", "#N/A", "NaN", "null"]),
            among_numbers: list(&["-"]),
            codes: Vec::new(),
        }
    }
}

impl MissingTokens {
    /// Whether a cell of `column`, blanks trimmed before, says that its value is not known.
    pub fn holds(&self, column: &str, cell: &str, otherwise_numeric: bool) -> bool {
        cell.is_empty()
            || self.tokens.iter().any(|token| cell.eq_ignore_ascii_case(token))
            || (otherwise_numeric && self.among_numbers.iter().any(|token| cell.eq_ignore_ascii_case(token)))
            || self.is_code(column, cell)
    }

    /// Whether a cell of `column` is a value declared missing.
    pub(super) fn is_code(&self, column: &str, cell: &str) -> bool {
        let here = |code: &&MissingCode| code.column.as_deref().is_none_or(|name| name == column);
        self.codes.iter().filter(here).any(|code| same_value(&code.value, cell))
    }

    /// Whether any code is declared for `column`.
    pub(super) fn has_codes(&self, column: &str) -> bool {
        self.codes.iter().any(|code| code.column.as_deref().is_none_or(|name| name == column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_hold_in_any_case_and_a_dash_among_numbers_only() {
        let missing = MissingTokens::default();
        for cell in ["", "?", "NA", "na", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A"] {
            assert!(missing.holds("x", cell, false) && missing.holds("x", cell, true), "{cell}");
        }
        assert!(missing.holds("x", "-", true) && !missing.holds("x", "-", false));
        for cell in ["0", "none", "nano", "N", "--", "Na tion", "无"] {
            assert!(!missing.holds("x", cell, true), "{cell}");
        }
    }

    #[test]
    fn codes_hold_where_they_are_declared() {
        let code = |column: Option<&str>, value: &str| MissingCode {
            column: column.map(str::to_owned),
            value: value.to_owned(),
        };
        let missing = MissingTokens { codes: vec![code(Some("age"), "255"), code(None, "-999")], ..Default::default() };
        assert!(missing.holds("age", "255.0", true) && !missing.holds("income", "255", true));
        assert!(missing.holds("income", "-999", true) && missing.holds("age", "-999.00", false));
    }
}
