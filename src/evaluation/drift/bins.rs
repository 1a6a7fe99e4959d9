//! Bins of a reference that other cells are counted into one at a time, so that drift can be told of a table that goes by
//! in parts, and against a reference of which only the bins were kept.

use std::collections::HashMap;

use super::{Drift, Holds, deciles, drift};

/// Bins of numbers and the rows that a reference has in them: deciles of the reference, and the missing cells.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberBins {
    /// Upper bounds of the bins but the last, ascending.
    bounds: Vec<f64>,
    /// Rows of the reference in each bin, then those with a missing cell: `bounds.len() + 2` values.
    rows: Vec<usize>,
}

impl NumberBins {
    /// The bins of a reference: bounds are every tenth of its numbers in ascending order, so that every bin holds some of
    /// them. Numbers that are alike stay together, so that there may be fewer than ten. NaN is a missing cell.
    pub fn of(reference: &[f64]) -> Self {
        let mut bins = Self { bounds: deciles(reference), rows: Vec::new() };
        bins.rows = bins.count(reference);
        bins
    }

    /// Bins that were kept: upper `bounds` of all but the last, ascending, `rows` of the reference in each, and its rows with
    /// a `missing` cell. `None` when the lengths do not fit or the bounds do not ascend.
    pub fn from_rows(bounds: Vec<f64>, mut rows: Vec<usize>, missing: usize) -> Option<Self> {
        let ascend = bounds.windows(2).all(|pair| pair[0] < pair[1]) && !bounds.iter().any(|bound| bound.is_nan());
        (ascend && rows.len() == bounds.len() + 1).then(|| {
            rows.push(missing);
            Self { bounds, rows }
        })
    }

    /// Upper bounds of the bins but the last, ascending.
    pub fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    /// Rows of the reference in each bin, then those with a missing cell.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Which bin a number falls into; NaN into the one behind the last.
    pub fn bin(&self, number: f64) -> usize {
        if number.is_nan() { self.bounds.len() + 1 } else { self.bounds.partition_point(|&bound| bound < number) }
    }

    /// Rows of a sample in each bin, then those with a missing cell.
    pub fn count(&self, sample: &[f64]) -> Vec<usize> {
        let mut rows = vec![0; self.bounds.len() + 2];
        for &number in sample {
            rows[self.bin(number)] += 1;
        }
        rows
    }

    /// PSI of a sample with so many rows in each bin, as [`Self::count`] has them; `None` when either sample is empty or the
    /// bins are others.
    pub fn drift(&self, other: &[usize]) -> Option<Drift> {
        if other.len() != self.rows.len() {
            return None;
        }
        let numbers = (0..=self.bounds.len()).map(|bin| Holds::Numbers {
            above: bin.checked_sub(1).map(|before| self.bounds[before]),
            up_to: self.bounds.get(bin).copied(),
        });
        let rows = self.rows.iter().zip(other).map(|(&reference, &other)| [reference, other]);
        drift(numbers.chain([Holds::Missing]).zip(rows).collect())
    }
}

/// Texts and how many rows of a reference and of another sample have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelBins {
    places: HashMap<String, usize>,
    /// By first appearance, in the reference first.
    levels: Vec<(String, [usize; 2])>,
    missing: [usize; 2],
}

impl LevelBins {
    /// The levels of a reference and its rows of each, `None` for missing cells.
    pub fn of<'a>(reference: impl IntoIterator<Item = (Option<&'a str>, usize)>) -> Self {
        let mut bins = Self::default();
        for (level, rows) in reference {
            bins.add(level, 0, rows);
        }
        bins
    }

    /// Counts rows of the other sample.
    pub fn count(&mut self, level: Option<&str>, rows: usize) {
        self.add(level, 1, rows);
    }

    /// Number of different texts, in the reference or counted.
    pub fn n_levels(&self) -> usize {
        self.levels.len()
    }

    /// Whether the text was seen, in the reference or among those counted.
    pub fn holds(&self, level: &str) -> bool {
        self.places.contains_key(level)
    }

    /// CSI with one bin per level of either sample, and one for missing cells; `None` when either sample is empty.
    pub fn drift(&self) -> Option<Drift> {
        let levels = self.levels.iter().map(|(level, rows)| (Holds::Level(level.clone()), *rows));
        drift(levels.chain([(Holds::Missing, self.missing)]).collect())
    }

    fn add(&mut self, level: Option<&str>, sample: usize, rows: usize) {
        let Some(level) = level else {
            self.missing[sample] += rows;
            return;
        };
        let place = self.places.get(level).copied().unwrap_or_else(|| {
            self.places.insert(level.to_owned(), self.levels.len());
            self.levels.push((level.to_owned(), [0; 2]));
            self.levels.len() - 1
        });
        self.levels[place].1[sample] += rows;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::{level_drift, number_drift};
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn counting_in_parts_is_counting_at_once() {
        let mut random = stream(70, Purpose::Sample, 0);
        for _ in 0..50 {
            let mut draw = |n: usize| -> Vec<f64> {
                let mut number = || {
                    if random.random_bool(0.1) { f64::NAN } else { f64::from(random.random_range(-5..20_i32)) / 4.0 }
                };
                (0..n).map(|_| number()).collect()
            };
            let (reference, other) = (draw(200), draw(90));
            let bins = NumberBins::of(&reference);
            // As it would come out of a file.
            let (missing, rows) = bins.rows().split_last().unwrap();
            let kept = NumberBins::from_rows(bins.bounds().to_vec(), rows.to_vec(), *missing).unwrap();
            let mut counts = vec![0; kept.rows().len()];
            for part in other.chunks(7) {
                for (count, more) in counts.iter_mut().zip(kept.count(part)) {
                    *count += more;
                }
            }
            assert_eq!(kept.drift(&counts), number_drift(&reference, &other));

            let text = |x: &f64| (!x.is_nan()).then(|| format!("{x}"));
            let (reference, other): (Vec<_>, Vec<_>) =
                (reference.iter().map(text).collect(), other.iter().map(text).collect());
            let mut levels = LevelBins::of(reference.iter().map(|level| (level.as_deref(), 1)));
            for level in &other {
                levels.count(level.as_deref(), 1);
            }
            let texts = |cells: &[Option<String>]| cells.to_vec();
            let (reference, other) = (texts(&reference), texts(&other));
            let at_once = level_drift(reference.iter().map(Option::as_deref), other.iter().map(Option::as_deref));
            assert_eq!(levels.drift(), at_once);
        }
    }

    #[test]
    fn bins_that_do_not_fit_are_none() {
        assert_eq!(NumberBins::from_rows(vec![1.0, 1.0], vec![1, 2, 3], 0), None);
        assert_eq!(NumberBins::from_rows(vec![f64::NAN], vec![1, 2], 0), None);
        assert_eq!(NumberBins::from_rows(vec![1.0], vec![1], 0), None);
        let bins = NumberBins::from_rows(vec![1.0], vec![1, 2], 0).unwrap();
        assert_eq!((bins.drift(&[1, 2]), bins.drift(&[0, 0, 0])), (None, None));
    }
}
