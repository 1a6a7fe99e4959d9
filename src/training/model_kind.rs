//! The models that can be trained and compared, by name.

use serde::{Deserialize, Serialize};

/// A model that can be trained and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Deep belief network.
    Dbn,
    /// Support vector machine.
    Svm,
    /// The DBN's net without pre-training.
    Mlp,
    /// Logistic regression: what risk departments use today.
    Logistic,
    /// Gradient-boosted trees: the challenger a practitioner would reach for.
    Gbt,
    /// The share of bad rows for everyone: the floor.
    Majority,
}

impl ModelKind {
    /// Every kind, in the order of tables.
    pub const ALL: [Self; 6] = [Self::Dbn, Self::Svm, Self::Mlp, Self::Logistic, Self::Gbt, Self::Majority];

    /// Name in files and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Dbn => "dbn",
            Self::Svm => "svm",
            Self::Mlp => "mlp",
            Self::Logistic => "logistic",
            Self::Gbt => "gbt",
            Self::Majority => "majority",
        }
    }

    /// Name on screen, and inside a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Dbn => "DBN",
            Self::Svm => "SVM",
            Self::Mlp => "net without pre-training",
            Self::Logistic => "logistic regression",
            Self::Gbt => "boosted-tree model",
            Self::Majority => "majority",
        }
    }

    /// What it is, in a line.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Dbn => "Layers of RBMs learn from all rows, labelled or not; then the labels.",
            Self::Svm => "The widest margin between the classes, bent by a kernel: the method's rival.",
            Self::Mlp => "The DBN's net and settings, from random weights: what pre-training is worth.",
            Self::Logistic => "A weighted sum of the inputs: what risk departments score with today.",
            Self::Gbt => "Hundreds of small trees, each mending those before it: the practitioner's challenger.",
            Self::Majority => "The share of bad rows for everyone: the floor.",
        }
    }

    /// The kind of this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_model_has_a_key_of_its_own() {
        for kind in ModelKind::ALL {
            assert_eq!(ModelKind::from_key(kind.key()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), Value::String(kind.key().to_owned()));
        }
        assert_eq!(ModelKind::from_key("forest"), None);
    }
}
