//! Settings of the logistic regression: a draft as the user writes it, and the checked form that alone can be fitted.

use serde::{Deserialize, Serialize};

use crate::model::{ClassWeight, ParameterProblem};

/// A draft of settings. Any values; [`LogisticSettings::check`] judges them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticSettings {
    /// C, the price of the rows' cross-entropy against ½|β|², in 1e-6..=1e6, as in scikit-learn: the penalty is λ = 1/C.
    /// Default 1.
    pub c: f64,
    /// Weights of the two classes. Default none. The probabilities keep the base rate either way.
    pub class_weight: ClassWeight,
    /// Largest slope of the mean objective at which the fit has converged, inputs taken in their standard deviations,
    /// in 1e-10..=0.1. Default 1e-6.
    pub tolerance: f64,
    /// Newton steps at most, in 1..=10,000. Default 100; ten are usual.
    pub max_iterations: u64,
}

impl Default for LogisticSettings {
    fn default() -> Self {
        Self { c: 1.0, class_weight: ClassWeight::None, tolerance: 1e-6, max_iterations: 100 }
    }
}

impl LogisticSettings {
    /// Checks every field.
    ///
    /// # Errors
    /// One entry for each field out of its range, in the order of the fields.
    pub fn check(&self) -> Result<LogisticParameters, Vec<ParameterProblem>> {
        let mut problems = Vec::new();
        let mut demand = |holds: bool, field: &'static str, message: String| {
            if !holds {
                problems.push(ParameterProblem { field, message });
            }
        };
        let Self { c, class_weight: _, tolerance, max_iterations } = self;
        demand((1e-6..=1e6).contains(c), "c", format!("must be between 0.000001 and 1,000,000, not {c}"));
        let message = format!("must be between 0.0000000001 and 0.1, not {tolerance}");
        demand((1e-10..=0.1).contains(tolerance), "tolerance", message);
        let message = format!("must be between 1 and 10,000, not {max_iterations}");
        demand((1..=10_000).contains(max_iterations), "max_iterations", message);
        if problems.is_empty() { Ok(LogisticParameters(self.clone())) } else { Err(problems) }
    }
}

/// Settings that passed [`LogisticSettings::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticParameters(LogisticSettings);

impl LogisticParameters {
    /// The values.
    pub fn settings(&self) -> &LogisticSettings {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_pass_and_every_fault_is_named() {
        assert_eq!(LogisticSettings::default().check().unwrap().settings(), &LogisticSettings::default());
        let faulty = LogisticSettings { c: f64::NAN, tolerance: 0.0, max_iterations: 0, ..LogisticSettings::default() };
        let fields: Vec<_> = faulty.check().unwrap_err().iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["c", "tolerance", "max_iterations"]);
    }

    #[test]
    fn written_and_read() {
        let settings: LogisticSettings = serde_json::from_str(r#"{"c": 0.1, "class_weight": "balanced"}"#).unwrap();
        assert_eq!((settings.c, settings.class_weight), (0.1, ClassWeight::Balanced));
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<LogisticSettings>(&text).unwrap(), settings);
        assert!(serde_json::from_str::<LogisticSettings>(r#"{"lambda": 2}"#).is_err());
    }
}
