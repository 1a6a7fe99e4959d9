//! Settings of the boosted trees: a draft as the user writes it, and the checked form that alone can be fitted.

use serde::{Deserialize, Serialize};

use crate::model::{ClassWeight, ParameterProblem};

/// A draft of settings. Any values; [`TreesSettings::check`] judges them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TreesSettings {
    /// Trees at most, in 1..=10,000. Default 300.
    pub trees: usize,
    /// Learning rate η, by which each tree's answer is shrunk, in 0.001..=1. Default 0.05.
    pub rate: f64,
    /// Splits from the root to a leaf at most, in 1..=12. Default 4.
    pub depth: usize,
    /// Least sum of the rows' variances p(1 − p) in a leaf, in 0.001..=1e6: four rows when nothing is known of them, more
    /// the surer the model is. Default 1.
    pub min_leaf_weight: f64,
    /// λ, the ridge on the leaves' answers, in 0..=1e6. Default 1.
    pub l2: f64,
    /// Share of the rows that a tree is grown on, drawn anew for each, in 0.05..=1. Default 0.8.
    pub row_share: f64,
    /// Share of the inputs that a tree may split on, drawn anew for each, in 0.05..=1. Default 0.5: as good
    /// as 0.8 on the tables that were tried, at half the time.
    pub column_share: f64,
    /// Bins that the values of an input are sorted into at most, in 4..=1024. Default 64: as good as 255 on the tables that
    /// were tried, at less than half the time.
    pub bins: u16,
    /// Weights of the two classes. Default none. The probabilities keep the base rate either way.
    pub class_weight: ClassWeight,
    /// Whether a part of the rows is set apart, and the number of trees with the least loss on it is kept. Default off:
    /// with few rows those set apart are worth more in the fit.
    pub early_stopping: bool,
    /// Trees without a lower loss on the rows set apart after which no more are grown, in 1..=10,000. Default 50.
    pub patience: usize,
    /// Share of the rows to set apart, in 0.05..=0.5. Default 0.2.
    pub validation_share: f64,
}

impl Default for TreesSettings {
    fn default() -> Self {
        Self {
            trees: 300,
            rate: 0.05,
            depth: 4,
            min_leaf_weight: 1.0,
            l2: 1.0,
            row_share: 0.8,
            column_share: 0.5,
            bins: 64,
            class_weight: ClassWeight::None,
            early_stopping: false,
            patience: 50,
            validation_share: 0.2,
        }
    }
}

impl TreesSettings {
    /// Checks every field.
    ///
    /// # Errors
    /// One entry for each field out of its range, in the order of the fields.
    pub fn check(&self) -> Result<TreesParameters, Vec<ParameterProblem>> {
        let mut problems = Vec::new();
        let mut demand = |holds: bool, field: &'static str, range: &str, found: String| {
            if !holds {
                let message = format!("must be between {range}, not {found}");
                problems.push(ParameterProblem { field, message });
            }
        };
        let Self {
            trees,
            rate,
            depth,
            min_leaf_weight,
            l2,
            row_share,
            column_share,
            bins,
            class_weight: _,
            early_stopping: _,
            patience,
            validation_share,
        } = self;
        let share = |share: &f64| (0.05..=1.0).contains(share);
        demand((1..=10_000).contains(trees), "trees", "1 and 10,000", trees.to_string());
        demand((0.001..=1.0).contains(rate), "rate", "0.001 and 1", rate.to_string());
        demand((1..=12).contains(depth), "depth", "1 and 12", depth.to_string());
        let weight = min_leaf_weight.to_string();
        demand((0.001..=1e6).contains(min_leaf_weight), "min_leaf_weight", "0.001 and 1,000,000", weight);
        demand((0.0..=1e6).contains(l2), "l2", "0 and 1,000,000", l2.to_string());
        demand(share(row_share), "row_share", "0.05 and 1", row_share.to_string());
        demand(share(column_share), "column_share", "0.05 and 1", column_share.to_string());
        demand((4..=1024).contains(bins), "bins", "4 and 1,024", bins.to_string());
        demand((1..=10_000).contains(patience), "patience", "1 and 10,000", patience.to_string());
        let held = validation_share.to_string();
        demand((0.05..=0.5).contains(validation_share), "validation_share", "0.05 and 0.5", held);
        if problems.is_empty() { Ok(TreesParameters(self.clone())) } else { Err(problems) }
    }
}

/// Settings that passed [`TreesSettings::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct TreesParameters(TreesSettings);

impl TreesParameters {
    /// The values.
    pub fn settings(&self) -> &TreesSettings {
        &self.0
    }

    /// Asks for exactly this many trees, 1 at least, without early stopping.
    pub(super) fn keep(&mut self, trees: usize) {
        self.0.trees = trees;
        self.0.early_stopping = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_pass_and_every_fault_is_named() {
        assert_eq!(TreesSettings::default().check().unwrap().settings(), &TreesSettings::default());
        let faulty = TreesSettings {
            trees: 0,
            rate: f64::NAN,
            depth: 13,
            min_leaf_weight: 0.0,
            l2: -1.0,
            row_share: 0.0,
            column_share: 1.1,
            bins: 3,
            patience: 0,
            validation_share: 0.6,
            ..TreesSettings::default()
        };
        let problems = faulty.check().unwrap_err();
        let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
        let all = [
            "trees",
            "rate",
            "depth",
            "min_leaf_weight",
            "l2",
            "row_share",
            "column_share",
            "bins",
            "patience",
            "validation_share",
        ];
        assert_eq!(fields, all);
        assert_eq!(problems[2].to_string(), "depth: must be between 1 and 12, not 13");
    }

    #[test]
    fn written_and_read() {
        let settings: TreesSettings = serde_json::from_str(r#"{"trees": 10, "early_stopping": true}"#).unwrap();
        assert_eq!((settings.trees, settings.early_stopping), (10, true));
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<TreesSettings>(&text).unwrap(), settings);
        assert!(serde_json::from_str::<TreesSettings>(r#"{"leaves": 2}"#).is_err());
    }
}
