//! A table made worse on purpose, to see what models make of it: noise on numbers, cells knocked out, labels flipped.
//!
//! What befalls a cell follows from the seed, its column and its row, whatever else is disturbed with it: whoever is tested
//! sees the very same cells. It does not follow from the level: noise is one deviate scaled, the cells knocked out at 10 %
//! are among those at 20 %, and so are the labels flipped.

use rand::RngExt as _;
use rand::distr::Open01;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::dataset::{Dataset, Indicator, Values};
use super::preparation::quantile;
use crate::random::{Purpose, stream};

/// Interquartile range of the standard normal distribution, 2·Φ⁻¹(¾).
const NORMAL_IQR: f64 = 1.348_979_500_392_163_5;

/// The measure of how far apart the numbers of an indicator are, in which noise is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// The sample standard deviation. Of financial ratios a few cells far out decide it, and a tenth of it may be more than
    /// what most firms differ by.
    #[default]
    Sd,
    /// The interquartile range over 1.349: the standard deviation, were the numbers normal, and untouched by cells far out.
    Iqr,
}

impl Dataset {
    /// Only the rows `rows`, in this order.
    pub fn of_rows(&self, rows: &[usize]) -> Self {
        fn take<T: Clone>(all: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|&row| all[row].clone()).collect()
        }
        let values = |values: &Values| match values {
            Values::Numeric(numbers) => Values::Numeric(rows.iter().map(|&row| numbers[row]).collect()),
            Values::Category { codes, levels } => Values::Category { codes: take(codes, rows), levels: levels.clone() },
        };
        let indicator = |i: &Indicator| Indicator { name: i.name.clone(), values: values(&i.values) };
        Self {
            indicators: self.indicators.iter().map(indicator).collect(),
            bad: take(&self.bad, rows),
            label_name: self.label_name.clone(),
            label_codes: take(&self.label_codes, rows),
            label_levels: self.label_levels.clone(),
            bad_value: self.bad_value.clone(),
            enterprise: self.enterprise.as_ref().map(|all| take(all, rows)),
            enterprise_names: self.enterprise_names.clone(),
            period: self.period.as_ref().map(|all| take(all, rows)),
            split: self.split.as_ref().map(|all| take(all, rows)),
            exposure: self.exposure.as_ref().map(|all| take(all, rows)),
            source_rows: take(&self.source_rows, rows),
            notices: self.notices.clone(),
        }
    }

    /// How far apart the numbers of each indicator are over those of `rows` that have one, in the file's unit,
    /// `n_indicators` values; 0 for a category and where there are fewer than two numbers.
    pub fn spreads(&self, rows: &[usize], spread: Spread) -> Vec<f64> {
        let of_indicator = |indicator: &Indicator| match &indicator.values {
            Values::Numeric(numbers) => {
                spread.of(rows.iter().map(|&row| numbers[row]).filter(|x| x.is_finite()).collect())
            }
            Values::Category { .. } => 0.0,
        };
        self.indicators.iter().map(of_indicator).collect()
    }

    /// The rows `rows`, in this order, with Gaussian noise of mean 0 and standard deviation `level · spreads[i]` added to
    /// the numbers of indicator i. Missing cells and categories stay as they are.
    pub fn with_noise(&self, rows: &[usize], spreads: &[f64], level: f64, seed: u64) -> Self {
        let mut taken = self.of_rows(rows);
        let normal = Normal::standard();
        for (column, (indicator, spread)) in taken.indicators.iter_mut().zip(spreads).enumerate() {
            let Values::Numeric(numbers) = &mut indicator.values else { continue };
            let sd = level * spread;
            let noisy = |(&x, u): (&f64, f64)| {
                // A sum that is no float any more would count as missing.
                if x.is_finite() { (x + sd * normal.inverse_cdf(u)).clamp(f64::MIN, f64::MAX) } else { x }
            };
            *numbers = numbers.iter().zip(chances(seed, column, rows)).map(noisy).collect();
        }
        taken
    }

    /// The rows `rows`, in this order, each of whose cells was knocked out with the probability `share`, whatever it
    /// holds: one more missing cell, unless it was missing already.
    pub fn with_cells_missing(&self, rows: &[usize], share: f64, seed: u64) -> Self {
        let mut taken = self.of_rows(rows);
        for (column, indicator) in taken.indicators.iter_mut().enumerate() {
            let chances = chances(seed, column, rows);
            match &mut indicator.values {
                Values::Numeric(numbers) => {
                    let kept = |(&x, u): (&f64, f64)| if u < share { f64::NAN } else { x };
                    *numbers = numbers.iter().zip(chances).map(kept).collect();
                }
                Values::Category { codes, .. } => {
                    for (code, u) in codes.iter_mut().zip(chances) {
                        *code = code.filter(|_| u >= share);
                    }
                }
            }
        }
        taken
    }

    /// All rows, with the outcome of the share `share` of each class of `rows`, rounded to whole rows, turned into the
    /// other: noise that does not look at the row (completely at random: Frénay and Verleysen 2014). The label as written
    /// in the file stays.
    ///
    /// Where bad rows are few most of those then called bad are good ones, at 10 % noise 19 of 24 if 5 % were bad. Other
    /// rows keep their outcome.
    pub fn with_labels_flipped(&self, rows: &[usize], share: f64, seed: u64) -> Self {
        let mut flipped = self.clone();
        let chances: Vec<(f64, usize)> = chances(seed, self.indicators.len(), rows).zip(rows.iter().copied()).collect();
        for class in [false, true] {
            let mut of_class: Vec<(f64, usize)> =
                chances.iter().copied().filter(|&(_, row)| self.bad[row] == Some(class)).collect();
            of_class.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let n = (share * of_class.len() as f64).round() as usize;
            for &(_, row) in of_class.iter().take(n) {
                flipped.bad[row] = Some(!class);
            }
        }
        flipped
    }
}

/// A number drawn evenly from (0, 1) for each of `rows`, by its place in the table.
fn chances(seed: u64, column: usize, rows: &[usize]) -> impl Iterator<Item = f64> {
    /// What one draw takes of the stream: 64 bits.
    const WORDS: u128 = 2;
    let mut stream = stream(seed, Purpose::Disturbance, column as u64);
    rows.iter().map(move |&row| {
        stream.set_word_pos(WORDS * row as u128);
        stream.sample(Open01)
    })
}

impl Spread {
    /// Of finite numbers.
    fn of(self, mut numbers: Vec<f64>) -> f64 {
        if numbers.len() < 2 {
            return 0.0;
        }
        match self {
            Self::Sd => standard_deviation(&numbers),
            Self::Iqr => {
                numbers.sort_unstable_by(f64::total_cmp);
                // The half of each, since the difference of large numbers might overflow.
                let [low, high] = [0.25, 0.75].map(|q| quantile(&numbers, q) / 2.0);
                ((high - low) / (NORMAL_IQR / 2.0)).min(f64::MAX)
            }
        }
    }
}

/// Sample standard deviation of at least two numbers.
fn standard_deviation(numbers: &[f64]) -> f64 {
    let largest = numbers.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    // As shares of the largest, since squares of large numbers might overflow.
    let n = numbers.len() as f64;
    let mean = numbers.iter().map(|x| x / largest).sum::<f64>() / n;
    let squares: f64 = numbers.iter().map(|x| (x / largest - mean).powi(2)).sum();
    (largest * (squares / (n - 1.0)).sqrt()).min(f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{RoleRequest, guess, profile, read, sample_csv};

    fn sample() -> Dataset {
        let (table, _) = read(sample_csv("enterprises").unwrap().as_bytes()).unwrap();
        let guess = guess(&table, &profile(&table), &RoleRequest::default()).unwrap();
        Dataset::from_table(&table, &guess.roles).unwrap()
    }

    fn numbers(data: &Dataset, indicator: usize) -> &[f64] {
        match &data.indicators[indicator].values {
            Values::Numeric(numbers) => numbers,
            Values::Category { .. } => &[],
        }
    }

    /// Whether each cell is missing, indicator by indicator.
    fn missing(data: &Dataset) -> Vec<bool> {
        let of = |indicator: &Indicator| match &indicator.values {
            Values::Numeric(numbers) => numbers.iter().map(|x| x.is_nan()).collect::<Vec<_>>(),
            Values::Category { codes, .. } => codes.iter().map(Option::is_none).collect(),
        };
        data.indicators.iter().flat_map(of).collect()
    }

    /// 4000 rows: 0, 1, 2, 3, …, a constant, and a category; some cells missing; a tenth is bad.
    fn plain() -> Dataset {
        let number = |x: usize| if x % 10 == 3 { f64::NAN } else { x as f64 };
        let codes = (0..4000).map(|row| (row % 10 != 4).then_some(row % 3)).collect();
        let levels = ["a", "b", "c"].map(str::to_owned).to_vec();
        let indicators = vec![
            ("number", Values::Numeric((0..4000).map(number).collect())),
            ("constant", Values::Numeric(vec![7.0; 4000].into())),
            ("category", Values::Category { codes, levels }),
        ];
        Dataset::of(indicators, (0..4000).map(|row| Some(row % 10 == 0)).collect())
    }

    fn all(data: &Dataset) -> Vec<usize> {
        (0..data.n_rows()).collect()
    }

    #[test]
    fn spreads_by_hand() {
        // 2, 4, 9: sd √13. Infinite and missing cells do not count.
        let odd = vec![2.0, f64::NAN, 4.0, f64::INFINITY, 9.0, 1e9];
        let data = Dataset::of(
            vec![("x", Values::Numeric(odd.into())), ("huge", Values::Numeric(vec![f64::MAX; 6].into()))],
            vec![Some(true); 6],
        );
        let found = data.spreads(&[0, 1, 2, 3, 4], Spread::Sd);
        assert!((found[0] - 13_f64.sqrt()).abs() < 1e-12);
        assert_eq!(found[1], 0.0, "no overflow");
        assert_eq!(data.spreads(&[0], Spread::Sd), [0.0, 0.0]);
        for spread in [Spread::Sd, Spread::Iqr] {
            assert_eq!(plain().spreads(&all(&plain()), spread)[1..], [0.0, 0.0]);
        }
        // Quartiles 3 and 6.5 of 2, 4, 9; a cell far out changes them by its rank alone.
        let iqr = |rows: &[usize]| data.spreads(rows, Spread::Iqr);
        assert!((iqr(&[0, 2, 4])[0] - 3.5 / NORMAL_IQR).abs() < 1e-12);
        assert!((iqr(&[0, 2, 4, 5])[0] - 250_000_003.25 / NORMAL_IQR).abs() < 1e-3);
        assert_eq!(iqr(&[0, 1])[0], 0.0);
        assert!((Normal::standard().cdf(NORMAL_IQR / 2.0) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn noise_has_the_spread_asked_for_and_is_one_deviate_scaled() {
        let data = plain();
        let spreads = vec![10.0, 2.0, 5.0];
        let of = |level| data.with_noise(&all(&data), &spreads, level, 1);
        assert_eq!(of(0.0).spreads(&all(&data), Spread::Sd), data.spreads(&all(&data), Spread::Sd));
        let (half, one) = (of(0.5), of(1.0));
        for (column, spread) in [(0, 10.0), (1, 2.0)] {
            let added = |noisy: &Dataset| -> Vec<f64> {
                let pairs = numbers(noisy, column).iter().zip(numbers(&data, column));
                pairs.map(|(noisy, x)| noisy - x).filter(|d| d.is_finite()).collect()
            };
            let (half, one) = (added(&half), added(&one));
            let n = one.len() as f64;
            let mean = one.iter().sum::<f64>() / n;
            let sd = (one.iter().map(|d| d * d).sum::<f64>() / n).sqrt();
            // Of n draws the mean has the standard error sd/√n, the standard deviation about sd/√2n.
            assert!(mean.abs() < 4.0 * spread / n.sqrt(), "mean {mean}");
            assert!((sd - spread).abs() < 4.0 * spread / (2.0 * n).sqrt(), "sd {sd}");
            let within = one.iter().filter(|d| d.abs() < spread).count() as f64 / n;
            assert!((within - 0.6827).abs() < 0.03, "a normal has 68 % within one sd, found {within}");
            assert!(half.iter().zip(&one).all(|(half, one)| (2.0 * half - one).abs() < 1e-9));
        }
        assert_eq!(missing(&one), missing(&data), "a missing cell stays missing");
        let far = Dataset::of(vec![("far", Values::Numeric(vec![f64::MAX; 50].into()))], vec![None; 50]);
        let far = far.with_noise(&all(&far), &[f64::MAX], 1.0, 1);
        assert!(numbers(&far, 0).iter().all(|x| x.is_finite()), "noise makes no number missing");
    }

    #[test]
    fn cells_are_knocked_out_at_the_share_asked_for_and_stay_out_at_a_higher_one() {
        let data = plain();
        let of = |share| missing(&data.with_cells_missing(&all(&data), share, 1));
        assert_eq!(of(0.0), missing(&data));
        let mut before = missing(&data);
        for share in [0.1, 0.3, 0.6] {
            let now = of(share);
            assert!(before.iter().zip(&now).all(|(before, now)| !before || *now), "nested");
            for column in 0..3 {
                let cells = column * 4000..(column + 1) * 4000;
                let there = cells.clone().filter(|&cell| !missing(&data)[cell]).count() as f64;
                let out = cells.filter(|&cell| now[cell] && !missing(&data)[cell]).count() as f64;
                let error = (share * (1.0 - share) / there).sqrt();
                assert!((out / there - share).abs() < 4.0 * error, "{share} of column {column}: {}", out / there);
            }
            before = now;
        }
        // Columns are knocked out apart from each other: both of two with the probability ½·½.
        let out = of(0.5);
        let both = (0..4000).filter(|&row| out[4000 + row] && out[8000 + row] && !missing(&data)[8000 + row]).count();
        assert!((both as f64 / 3600.0 - 0.25).abs() < 0.03, "{both} of 3600");
    }

    #[test]
    fn a_row_is_disturbed_alike_whichever_others_are_with_it() {
        let data = sample();
        let rows = [250, 3, 17];
        let spreads = data.spreads(&all(&data), Spread::Sd);
        let bits = |data: &Dataset, row: usize| -> Vec<u64> {
            (0..data.indicators.len()).filter_map(|i| numbers(data, i).get(row)).map(|x| x.to_bits()).collect()
        };
        let noisy = [data.with_noise(&all(&data), &spreads, 0.3, 9), data.with_noise(&rows, &spreads, 0.3, 9)];
        let gaps = [data.with_cells_missing(&all(&data), 0.3, 9), data.with_cells_missing(&rows, 0.3, 9)];
        for [whole, part] in [noisy, gaps] {
            assert_eq!(part.n_rows(), 3);
            for (i, row) in rows.into_iter().enumerate() {
                assert_eq!(bits(&part, i), bits(&whole, row));
                assert_eq!(part.source_rows[i], row as u64 + 1);
            }
        }
        let other = data.with_noise(&rows, &spreads, 0.3, 10);
        assert_ne!(bits(&other, 0), bits(&data.with_noise(&rows, &spreads, 0.3, 9), 0));
    }

    #[test]
    fn labels_are_flipped_by_whole_shares_of_each_class_and_in_the_rows_named_only() {
        let data = plain();
        let rows: Vec<usize> = (0..2000).collect();
        let flipped = |share: f64, seed| -> Vec<usize> {
            let noisy = data.with_labels_flipped(&rows, share, seed);
            all(&data).into_iter().filter(|&row| noisy.bad[row] != data.bad[row]).collect()
        };
        assert!(flipped(0.0, 1).is_empty());
        let (few, many) = (flipped(0.1, 1), flipped(0.4, 1));
        for (found, share) in [(&few, 0.1), (&many, 0.4)] {
            let bad = found.iter().filter(|&&row| data.bad[row] == Some(true)).count();
            assert_eq!((bad, found.len()), ((share * 200.0) as usize, (share * 2000.0) as usize));
            assert!(found.iter().all(|&row| row < 2000), "other rows keep their label");
        }
        assert!(few.iter().all(|row| many.contains(row)), "nested");
        assert_ne!(few, flipped(0.1, 2), "the seed decides which");
    }
}
