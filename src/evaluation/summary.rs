//! One figure over the folds of a comparison: mean and spread.

use serde::{Deserialize, Serialize};

/// Mean and sample standard deviation of the values that are defined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Arithmetic mean; `None` when no value is defined.
    pub mean: Option<f64>,
    /// Sample standard deviation (divisor n − 1); `None` for fewer than two values, whose spread is unknown.
    pub sd: Option<f64>,
    /// How many values are defined.
    pub n: usize,
}

impl Summary {
    /// Summarises `values`; those that are `None` or not finite are left out of mean, spread and count alike.
    pub fn of(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let defined: Vec<f64> = values.into_iter().flatten().filter(|v| v.is_finite()).collect();
        let n = defined.len();
        if n == 0 {
            return Self::default();
        }
        let mean = defined.iter().sum::<f64>() / n as f64;
        let squares: f64 = defined.iter().map(|v| (v - mean) * (v - mean)).sum();
        let sd = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        // Values near the largest float may overflow in the sums: undefined, rather than infinite.
        Self { mean: Some(mean).filter(|m| m.is_finite()), sd: sd.filter(|s| s.is_finite()), n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_cases() {
        // 2, 4, 9: mean 5, squares 9 + 1 + 16 = 26, sd = √13.
        let s = Summary::of([Some(2.0), None, Some(4.0), Some(f64::NAN), Some(9.0)]);
        assert_eq!(s, Summary { mean: Some(5.0), sd: Some(13_f64.sqrt()), n: 3 });
        assert_eq!(Summary::of([Some(0.7), None]), Summary { mean: Some(0.7), sd: None, n: 1 });
        assert_eq!(Summary::of([None, None]), Summary { mean: None, sd: None, n: 0 });
        assert_eq!(Summary::of([Some(f64::MAX), Some(f64::MAX)]), Summary { mean: None, sd: None, n: 2 });
    }
}
