//! What a person decides otherwise than the model, with reason, name and time: kept in the workspace and in the report.

use serde::{Deserialize, Serialize};

use crate::data::Source;
use crate::scoring::RiskModel;
use crate::training::ModelKind;

/// The table that a decision is about: the one whose rows are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideTable {
    /// Its name for people, without folders.
    pub name: String,
    /// SHA-256 of its files in hexadecimal, one after the other.
    pub sha256: String,
}

impl OverrideTable {
    /// The mark of an opened table.
    pub fn of(source: &Source) -> Self {
        Self { name: source.name(), sha256: source.reading.sha256.clone() }
    }

    /// "firms.csv (SHA-256 9f86d081884c…)".
    pub fn in_words(&self) -> String {
        let start: String = self.sha256.chars().take(12).collect();
        format!("{} (SHA-256 {start}…)", self.name)
    }
}

/// The model that was decided against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideModel {
    /// Its kind.
    pub kind: ModelKind,
    /// The seed of its run.
    pub seed: u64,
}

impl OverrideModel {
    /// The mark of a model.
    pub fn of(model: &RiskModel) -> Self {
        Self { kind: model.kind, seed: model.record.settings.seed }
    }

    /// "DBN, seed 42".
    pub fn in_words(self) -> String {
        format!("{}, seed {}", self.kind.title(), self.seed)
    }
}

/// Said of decisions that were recorded before tables were recorded with them.
pub const TABLE_NOT_RECORDED: &str = "table not recorded";

/// A decision about one firm that is not the model's. The model is not changed by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The table that the firm is in; `None` in files that were written before it was recorded.
    #[serde(default)]
    pub table: Option<OverrideTable>,
    /// The model that was decided against; `None` in the same files.
    #[serde(default)]
    pub model: Option<OverrideModel>,
    /// Id of the enterprise as written in the table; `None` without a column of ids.
    #[serde(default)]
    pub enterprise: Option<String>,
    /// Data row of the table, from 1.
    pub row: u64,
    /// Probability of the bad outcome that the model gave, in 0..=1.
    pub pd: f64,
    /// Whether the model calls the firm bad at its threshold.
    pub from_bad: bool,
    /// Whether the person does.
    pub to_bad: bool,
    /// The model's grade, A for the best; `None` without grades.
    #[serde(default)]
    pub from_grade: Option<char>,
    /// The person's grade; `None` without grades.
    #[serde(default)]
    pub to_grade: Option<char>,
    /// Why, in the person's words.
    pub reason: String,
    /// Who.
    pub user: String,
    /// When: RFC 3339, given by the caller.
    pub time: String,
}

impl Override {
    /// Whether it is about the firm `enterprise` in data row `row` of the table with the fingerprint `sha256`. Where no table is
    /// recorded, row and enterprise decide.
    pub fn is_about(&self, sha256: Option<&str>, row: u64, enterprise: Option<&str>) -> bool {
        let same_table = self.table.as_ref().is_none_or(|table| Some(table.sha256.as_str()) == sha256);
        same_table && self.row == row && self.enterprise.as_deref() == enterprise
    }
}

#[cfg(test)]
impl Override {
    /// A decision, for tests.
    pub(crate) fn example() -> Self {
        Self {
            table: None,
            model: None,
            enterprise: None,
            row: 7,
            pd: 0.4,
            from_bad: false,
            to_bad: true,
            from_grade: None,
            to_grade: None,
            reason: "The guarantor failed".to_owned(),
            user: "A. N.".to_owned(),
            time: "2026-01-02T03:04:05Z".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_number_counts_in_its_own_table_only() {
        let table = Some(OverrideTable { name: "a.csv".to_owned(), sha256: "9f86d081884c7d65".to_owned() });
        let of_a: Override = serde_json::from_str(OLD).unwrap();
        let of_a = Override { table, model: Some(OverrideModel { kind: ModelKind::Dbn, seed: 42 }), ..of_a };
        assert!(of_a.is_about(Some("9f86d081884c7d65"), 7, None));
        assert!(!of_a.is_about(Some("another"), 7, None) && !of_a.is_about(None, 7, None));
        assert!(!of_a.is_about(Some("9f86d081884c7d65"), 8, None));
        assert!(!of_a.is_about(Some("9f86d081884c7d65"), 7, Some("E1")));
        assert_eq!(of_a.table.as_ref().unwrap().in_words(), "a.csv (SHA-256 9f86d081884c…)");
        assert_eq!(of_a.model.unwrap().in_words(), "DBN, seed 42");
        let written = serde_json::to_string(&of_a).unwrap();
        assert_eq!(serde_json::from_str::<Override>(&written).unwrap(), of_a);
        // Of a file that does not say which table: as before.
        let old: Override = serde_json::from_str(OLD).unwrap();
        assert!(old.table.is_none() && old.model.is_none());
        assert!(old.is_about(Some("another"), 7, None) && !old.is_about(Some("another"), 7, Some("E1")));
    }

    /// As files held it before tables were recorded.
    const OLD: &str = r#"{"row":7,"pd":0.25,"from_bad":false,"to_bad":true,"reason":"Guarantor failed","user":"A. N.",
                          "time":"2026-11-23T13:20:00Z"}"#;

    #[test]
    fn an_override_survives_a_round_trip_and_needs_neither_id_nor_grades() {
        let read: Override = serde_json::from_str(OLD).unwrap();
        assert_eq!((read.row, read.enterprise.as_deref(), read.from_grade), (7, None, None));
        let with = Override { enterprise: Some("北京 1".to_owned()), to_grade: Some('F'), ..read };
        let written = serde_json::to_string(&with).unwrap();
        assert_eq!(serde_json::from_str::<Override>(&written).unwrap(), with);
        assert!(serde_json::from_str::<Override>(r#"{"row":7}"#).is_err());
    }
}
