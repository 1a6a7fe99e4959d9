//! Where a value stands among those of the training rows, and which value stands at a given place.

use super::Value;
use crate::scoring::{ColumnReference, ColumnValues};

/// Where a firm's value stands among its peers, the training rows that have one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// A number: the percentage of peers below it, those alike counting one half, 0..=100.
    Percentile(f64),
    /// A level: the share of peers that have it, 0..=1.
    Share(f64),
    /// It is missing, or the reference does not tell.
    Unknown,
}

/// Where `value` stands among the training rows of its indicator.
pub fn standing(reference: &ColumnReference, value: &Value) -> Standing {
    match (&reference.values, value) {
        (ColumnValues::Number { quantiles, .. }, Value::Number(x)) => {
            percentile(quantiles, *x).map_or(Standing::Unknown, Standing::Percentile)
        }
        (ColumnValues::Category { levels }, Value::Level(level)) => {
            let all: usize = levels.iter().map(|(_, rows)| rows).sum();
            let of_level = levels.iter().find(|(text, _)| text == level).map_or(0, |(_, rows)| *rows);
            if all > 0 { Standing::Share(of_level as f64 / all as f64) } else { Standing::Unknown }
        }
        _ => Standing::Unknown,
    }
}

/// The percentile of `x` among values of which `quantiles` are equally far apart from the least to the largest, ascending:
/// the middle of those it equals, straight lines between. `None` without quantiles, or of NaN.
pub(super) fn percentile(quantiles: &[f64], x: f64) -> Option<f64> {
    let step = 100.0 / quantiles.len().checked_sub(1).filter(|last| *last > 0)? as f64;
    if x.is_nan() {
        return None;
    }
    let below = quantiles.partition_point(|&q| q < x);
    let up_to = quantiles.partition_point(|&q| q <= x);
    let place = if up_to > below {
        f64::midpoint(below as f64, (up_to - 1) as f64)
    } else if below == 0 {
        0.0
    } else if below == quantiles.len() {
        (quantiles.len() - 1) as f64
    } else {
        let (low, high) = (quantiles[below - 1], quantiles[below]);
        // Halves, since a difference of large numbers may be infinite.
        (below - 1) as f64 + (0.5 * x - 0.5 * low) / (0.5 * high - 0.5 * low)
    };
    Some((place * step).clamp(0.0, 100.0))
}

/// The value at `percent` (0..=100) of the quantiles, of which there is at least one. Whole where the indicator counts.
pub(super) fn value_at(quantiles: &[f64], percent: f64) -> f64 {
    let place = percent.clamp(0.0, 100.0) / 100.0 * (quantiles.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(quantiles.len() - 1);
    let (low, high, share) = (quantiles[below], quantiles[above], place - below as f64);
    // Shares of equal numbers may miss them by a bit.
    let value = if low == high { low } else { low * (1.0 - share) + high * share };
    if counts(quantiles) { value.round() } else { value }
}

/// Whether the values seem to be whole numbers, as of things that are counted, or yes and no. A quantile between two
/// neighbours need not be whole: nine in ten have to.
fn counts(quantiles: &[f64]) -> bool {
    let whole = quantiles.iter().filter(|q| q.fract() == 0.0).count();
    10 * whole >= 9 * quantiles.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles at 0, 25, 50, 75 and 100 %.
    const FIVE: [f64; 5] = [0.5, 1.0, 1.0, 1.0, 3.0];

    #[test]
    fn places_by_hand() {
        let found: Vec<f64> =
            [0.0, 0.5, 0.75, 1.0, 2.0, 3.0, f64::INFINITY].iter().map(|&x| percentile(&FIVE, x).unwrap()).collect();
        assert_eq!(found, [0.0, 0.0, 12.5, 50.0, 87.5, 100.0, 100.0]);
        assert_eq!((percentile(&FIVE, f64::NAN), percentile(&[], 1.0), percentile(&[1.0], 1.0)), (None, None, None));
        assert_eq!([0.0, 12.5, 30.0, 87.5, 100.0].map(|p| value_at(&FIVE, p)), [0.5, 0.75, 1.0, 2.0, 3.0]);
        // The way there and back, where no values are alike.
        let quantiles: Vec<f64> = (0..101).map(|q| f64::from(q * q) + 0.5).collect();
        for percent in [0.0, 1.0, 33.3, 99.0] {
            assert!((percentile(&quantiles, value_at(&quantiles, percent)).unwrap() - percent).abs() < 1e-9);
        }
    }

    #[test]
    fn what_is_counted_stays_whole() {
        // 0 for 40 %, then 1; the quantile between is neither.
        let mut yes_no = vec![0.0; 101];
        yes_no[41..].fill(1.0);
        yes_no[40] = 0.4;
        assert_eq!([0.0, 39.9, 40.6, 99.0].map(|p| value_at(&yes_no, p)), [0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn levels_have_shares() {
        let levels = vec![("a".to_owned(), 3), ("b".to_owned(), 1)];
        let reference =
            ColumnReference { name: "c".to_owned(), values: ColumnValues::Category { levels }, missing: 0, rows: 4 };
        let of = |value| standing(&reference, &value);
        assert_eq!(of(Value::Level("a".to_owned())), Standing::Share(0.75));
        assert_eq!(of(Value::Level("z".to_owned())), Standing::Share(0.0));
        assert_eq!((of(Value::Missing), of(Value::Number(1.0))), (Standing::Unknown, Standing::Unknown));
    }
}
