//! What a person decides otherwise than the model, with reason, name and time: kept in the workspace and in the report.

use serde::{Deserialize, Serialize};

/// A decision about one firm that is not the model's. The model is not changed by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_survives_a_round_trip_and_needs_neither_id_nor_grades() {
        let text = r#"{"row":7,"pd":0.25,"from_bad":false,"to_bad":true,"reason":"Guarantor failed","user":"A. N.",
                       "time":"2026-11-23T13:20:00Z"}"#;
        let read: Override = serde_json::from_str(text).unwrap();
        assert_eq!((read.row, read.enterprise.as_deref(), read.from_grade), (7, None, None));
        let with = Override { enterprise: Some("北京 1".to_owned()), to_grade: Some('F'), ..read };
        let written = serde_json::to_string(&with).unwrap();
        assert_eq!(serde_json::from_str::<Override>(&written).unwrap(), with);
        assert!(serde_json::from_str::<Override>(r#"{"row":7}"#).is_err());
    }
}
