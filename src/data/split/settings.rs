//! How models are tested, as plain settings.

use serde::{Deserialize, Deserializer, Serialize};

/// How rows are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidationKind {
    /// One stratified share of the rows is tested, drawn afresh in each repeat.
    Holdout,
    /// Stratified folds, each tested once per repeat.
    Kfold,
    /// Folds of whole enterprises, as nearly stratified as they allow: no enterprise is on both sides.
    Grouped,
    /// The latest periods are tested, all before them learned from; repeats change nothing.
    OutOfTime,
    /// A column of the table says it; repeats change nothing.
    Column,
}

impl ValidationKind {
    /// Every kind, from the simplest.
    pub const ALL: [Self; 5] = [Self::Kfold, Self::Grouped, Self::Holdout, Self::OutOfTime, Self::Column];

    /// Whether rows are dealt out singly and at random, so that what belongs together may be divided.
    pub fn is_random(self) -> bool {
        matches!(self, Self::Holdout | Self::Kfold)
    }

    /// Whether each repeat draws anew. The other kinds draw nothing and have one split.
    pub fn repeats(self) -> bool {
        matches!(self, Self::Holdout | Self::Kfold | Self::Grouped)
    }
}

/// How models are tested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValidationSettings {
    /// How rows are held out. Default: k-fold.
    pub kind: ValidationKind,
    /// Number of folds k of k-fold and grouped validation, 2..=100. Default 5.
    pub folds: usize,
    /// How many times the whole division is drawn anew, 1..=100. Default 1.
    pub repeats: usize,
    /// Share of each class that a hold-out tests, in 0.01..=0.99. Default 0.3.
    pub test_share: f64,
    /// First period that out-of-time validation tests, such as `2015`, `2015Q3` or `2015-06-30`. Default: none, the
    /// latest periods are tested.
    #[serde(deserialize_with = "text_or_number")]
    pub test_from: Option<String>,
    /// First period of out-of-time validation whose rows are marked for validation, before those tested. They are learned
    /// from too. Default: none.
    #[serde(deserialize_with = "text_or_number")]
    pub validation_from: Option<String>,
    /// How many of the latest periods out-of-time validation tests, at least 1; not beside `test_from`. Default: none,
    /// `latest_share` decides.
    pub test_periods: Option<usize>,
    /// Without `test_from` and `test_periods`, out-of-time validation tests the latest whole periods that together hold
    /// at most this share of the labelled rows, and at least one period. In 0.01..=0.99, default 0.2.
    pub latest_share: f64,
    /// Whether in out-of-time validation all rows of an enterprise go where its last period goes. Default false: the same
    /// enterprise may be learned from in its early years and tested in its late ones.
    pub keep_enterprises_whole: bool,
    /// Whether in k-fold and hold-out validation rows that are equal in every indicator and the label stay on one side.
    /// Default true. The sizes of the parts stay as they are.
    pub keep_duplicates_together: bool,
    /// How much of the training rows of each split keeps its label, drawn at random and stratified: above 0 to 1 a share
    /// of each class, above 1 about that many rows; at least one row of each class. The others are learned from as rows
    /// without a label. Rows tested on are not touched. Default: none, all keep theirs.
    pub label_fraction: Option<f64>,
}

impl Default for ValidationSettings {
    fn default() -> Self {
        Self {
            kind: ValidationKind::Kfold,
            folds: 5,
            repeats: 1,
            test_share: 0.3,
            test_from: None,
            validation_from: None,
            test_periods: None,
            latest_share: 0.2,
            keep_enterprises_whole: false,
            keep_duplicates_together: true,
            label_fraction: None,
        }
    }
}

impl ValidationSettings {
    /// What is out of range: the field and what it must be. Empty when all is well.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        for (field, value) in [("folds", self.folds), ("repeats", self.repeats)] {
            let least = if field == "folds" { 2 } else { 1 };
            if !(least..=100).contains(&value) {
                problems.push((field, format!("must be a whole number from {least} to 100, not {value}")));
            }
        }
        for (field, value) in [("test_share", self.test_share), ("latest_share", self.latest_share)] {
            if !(0.01..=0.99).contains(&value) {
                problems.push((field, format!("must be from 0.01 to 0.99, not {value}")));
            }
        }
        if let Some(fraction) = self.label_fraction
            && !(fraction > 0.0 && fraction <= 1e9)
        {
            let problem = format!("must be above 0: a share up to 1, or a number of rows, not {fraction}");
            problems.push(("label_fraction", problem));
        }
        if self.test_periods == Some(0) {
            problems.push(("test_periods", "must be at least 1".to_owned()));
        }
        if self.test_periods.is_some() && self.test_from.is_some() {
            let problem = "cannot be given beside test_from: both say where the tested periods begin";
            problems.push(("test_periods", problem.to_owned()));
        }
        problems
    }

    /// Whether no enterprise can be on both sides of a split.
    pub fn divides_no_enterprise(&self) -> bool {
        match self.kind {
            ValidationKind::Grouped => true,
            ValidationKind::OutOfTime => self.keep_enterprises_whole,
            ValidationKind::Holdout | ValidationKind::Kfold | ValidationKind::Column => false,
        }
    }
}

/// A period as text; a bare year in a settings file is a number, blank text is no period.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Whole(i64),
        Number(f64),
    }
    Ok(match Option::<Written>::deserialize(deserializer)? {
        Some(Written::Text(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Some(Written::Whole(number)) => Some(number.to_string()),
        Some(Written::Number(number)) => Some(number.to_string()),
        None => None,
    })
}
