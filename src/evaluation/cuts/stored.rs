//! How sorted rows stand in files: the PDs with the rows that have them. What they add up to is counted again, and kept only
//! where exposures differ from row to row.

use serde::{Deserialize, Serialize};

use super::{Cuts, Sums};
use crate::data::json_float;

/// [`Cuts`] in a file.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    /// The different PDs, ascending.
    pds: Vec<f64>,
    /// Rows with each of them.
    rows: Vec<usize>,
    /// Bad rows among those.
    bad: Vec<usize>,
    /// Rows without a usable exposure; `None` without exposures.
    unpriced: Option<usize>,
    /// `None` where every row counts with an exposure of 1, or of 0 without exposures.
    #[serde(default)]
    sums: Option<StoredSums>,
}

/// What the rows below each PD add up to, and last all rows: one longer than there are PDs.
#[derive(Clone, Serialize, Deserialize)]
struct StoredSums {
    #[serde(with = "json_float::many")]
    pd: Vec<f64>,
    #[serde(with = "json_float::many")]
    expected: Vec<f64>,
    #[serde(with = "json_float::many")]
    realised: Vec<f64>,
}

impl From<Cuts> for Stored {
    fn from(cuts: Cuts) -> Self {
        let steps = || cuts.below.windows(2);
        let rows = steps().map(|step| step[1].rows - step[0].rows).collect();
        let bad = steps().map(|step| step[1].bad - step[0].bad).collect();
        let plain = Self { pds: cuts.pds.clone(), rows, bad, unpriced: cuts.unpriced, sums: None };
        let column = |of: fn(&Sums) -> f64| cuts.below.iter().map(of).collect();
        let sums = (plain.counted() != cuts.below).then(|| StoredSums {
            pd: column(|sums| sums.pd),
            expected: column(|sums| sums.expected),
            realised: column(|sums| sums.realised),
        });
        Self { sums, ..plain }
    }
}

impl Stored {
    /// What the rows add up to when the exposure of each is 1, or 0 without exposures; row by row, as [`Cuts::new`] adds.
    fn counted(&self) -> Vec<Sums> {
        let exposure = if self.unpriced.is_some() { 1.0 } else { 0.0 };
        let mut sums = Sums::default();
        let mut below = vec![sums];
        for ((&pd, &rows), &bad) in self.pds.iter().zip(&self.rows).zip(&self.bad) {
            sums.rows = sums.rows.saturating_add(rows);
            sums.bad = sums.bad.saturating_add(bad);
            for _ in 0..rows {
                sums.pd += pd;
                sums.expected += pd * exposure;
            }
            sums.realised += bad as f64 * exposure;
            below.push(sums);
        }
        below
    }
}

impl TryFrom<Stored> for Cuts {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { pds, rows, bad, unpriced, sums } = &stored;
        let n = pds.len();
        let total = rows.iter().try_fold(0_usize, |sum, &rows| sum.checked_add(rows)).unwrap_or(usize::MAX);
        if n == 0
            || (rows.len(), bad.len()) != (n, n)
            || rows.iter().zip(bad).any(|(&rows, bad)| rows == 0 || *bad > rows)
        {
            return Err("the sorted rows and their counts do not go together");
        }
        if !pds.iter().all(|pd| (0.0..=1.0).contains(pd)) || !pds.is_sorted_by(|a, b| a < b) {
            return Err("the probabilities of sorted rows are not ascending from 0 to 1");
        }
        if total > MOST_ROWS || unpriced.is_some_and(|unpriced| unpriced > total) {
            return Err("there are more sorted rows than there can be");
        }
        let mut below = stored.counted();
        if let Some(sums) = sums {
            if [&sums.pd, &sums.expected, &sums.realised].iter().any(|column| column.len() != below.len()) {
                return Err("the sums over sorted rows are not as many as these");
            }
            for (i, below) in below.iter_mut().enumerate() {
                (below.pd, below.expected, below.realised) = (sums.pd[i], sums.expected[i], sums.realised[i]);
            }
        }
        Ok(Self { unpriced: *unpriced, pds: stored.pds, below })
    }
}

/// More rows than any table has: counts beyond would be added up for ever.
const MOST_ROWS: usize = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn sorted_rows_come_back_to_the_bit_with_exposures_and_without() {
        for index in 0..100 {
            let mut random = stream(81, Purpose::Sample, index);
            let n = random.random_range(1..200);
            let grid = random.random_bool(0.5);
            let pd: Vec<f64> = (0..n)
                .map(|_| if grid { f64::from(random.random_range(0..=9_u8)) / 9.0 } else { random.random() })
                .collect();
            let bad: Vec<bool> = pd.iter().map(|&pd| random.random_bool(pd)).collect();
            let exposure: Vec<f64> = (0..n)
                .map(|_| match random.random_range(0..20) {
                    0 => f64::NAN,
                    1 => f64::MAX,
                    _ => random.random_range(0.0..1e6),
                })
                .collect();
            let ones = vec![1.0; n];
            for exposure in [None, Some(&ones), Some(&exposure)] {
                let cuts = Cuts::new(&bad, &pd, exposure.map(Vec::as_slice)).unwrap();
                let text = serde_json::to_string(&cuts).unwrap();
                assert_eq!(serde_json::from_str::<Cuts>(&text).unwrap(), cuts, "{text}");
                let plain = exposure.is_none_or(|exposure| *exposure == ones);
                assert_eq!(text.contains(r#""sums":null"#), plain, "{text}");
            }
        }
    }

    #[test]
    fn rows_that_do_not_go_together_are_refused() {
        for text in [
            r#"{"pds":[],"rows":[],"bad":[],"unpriced":null}"#,
            r#"{"pds":[0.2],"rows":[1,1],"bad":[0],"unpriced":null}"#,
            r#"{"pds":[0.2],"rows":[1],"bad":[2],"unpriced":null}"#,
            r#"{"pds":[0.2],"rows":[0],"bad":[0],"unpriced":null}"#,
            r#"{"pds":[0.2,0.1],"rows":[1,1],"bad":[0,0],"unpriced":null}"#,
            r#"{"pds":[1.5],"rows":[1],"bad":[0],"unpriced":null}"#,
            r#"{"pds":[0.5],"rows":[18446744073709551615],"bad":[0],"unpriced":null}"#,
            r#"{"pds":[0.5],"rows":[1],"bad":[0],"unpriced":2}"#,
            r#"{"pds":[0.5],"rows":[1],"bad":[0],"unpriced":0,"sums":{"pd":[0.5],"expected":[],"realised":[]}}"#,
        ] {
            assert!(serde_json::from_str::<Cuts>(text).is_err(), "{text}");
        }
    }
}
