//! Several tests at once: Holm's step-down adjustment (H79).
//!
//! One test in twenty finds a difference at 5 % where there is none, so a table of many comparisons always has winners.
//! The p-values, sorted upwards p₍₁₎ ≤ … ≤ p₍ₘ₎, become p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎): calling a
//! difference real where p̃ ≤ α is wrong even once with probability at most α, however the tests depend on each other.
//!
//! H79: Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian Journal of Statistics 6, 1979.

/// The adjusted p-values, in the order of `p`. Entries that are undefined (`None`, NaN, outside 0..=1) stay `None` and
/// do not count among the tests.
pub fn holm(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut tests: Vec<(usize, f64)> = p.iter().enumerate().filter_map(|(i, p)| Some((i, (*p)?))).collect();
    tests.retain(|(_, p)| (0.0..=1.0).contains(p));
    tests.sort_by(|x, y| x.1.total_cmp(&y.1));
    let mut adjusted = vec![None; p.len()];
    let mut largest = 0.0_f64;
    for (before, &(index, p)) in tests.iter().enumerate() {
        largest = largest.max((p * (tests.len() - before) as f64).min(1.0));
        adjusted[index] = Some(largest);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: 0.02, 0.03, 0.06, 0.04, and the last may not fall below 0.06.
        let adjusted = holm(&[Some(0.01), Some(0.04), Some(0.03), Some(0.005)]);
        for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found.unwrap() - expected).abs() < 1e-15, "{adjusted:?}");
        }
    }

    /// Times 5, 4, 3, 2, 1: 0.0005, 0.12, 0.09, 1.0, 0.9, each raised to the largest before it.
    #[test]
    fn ties_and_the_upper_bound() {
        let adjusted = holm(&[0.0001, 0.03, 0.5, 0.03, 0.9].map(Some));
        for (found, expected) in adjusted.iter().zip([0.0005, 0.12, 1.0, 0.12, 1.0]) {
            assert!((found.unwrap() - expected).abs() < 1e-15, "{adjusted:?}");
        }
    }

    #[test]
    fn what_is_undefined_is_left_out() {
        assert_eq!(holm(&[]), []);
        let p = [None, Some(0.25), Some(f64::NAN), Some(0.5), Some(-0.1), Some(1.5)];
        assert_eq!(holm(&p), [None, Some(0.5), None, Some(0.5), None, None]);
        assert_eq!(holm(&[Some(0.04)]), [Some(0.04)]);
    }
}
