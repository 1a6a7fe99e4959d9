//! What each split holds: rows, enterprises, bad rows and periods of its parts, and what stands on both sides.

use serde::Serialize;

use super::period::Timeline;
use super::{Split, enterprises_of, first_copies};
use crate::data::dataset::Dataset;

/// What one part of a split holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Holding {
    /// Labelled rows.
    pub rows: usize,
    /// Different enterprises; `None` without an id column.
    pub enterprises: Option<usize>,
    /// Bad rows.
    pub bad: usize,
    /// Bad rows over rows, in 0..=1; `None` without rows.
    pub bad_share: Option<f64>,
    /// The first period as written; `None` without a period column, or where its periods cannot be put in order.
    pub first_period: Option<String>,
    /// The last period.
    pub last_period: Option<String>,
}

/// What a split holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitHolding {
    /// Which fold is tested, from 1.
    pub fold: usize,
    /// Which drawing this is, from 1.
    pub repeat: usize,
    /// Rows learned from, those marked for validation left out.
    pub train: Holding,
    /// Rows marked for validation, learned from too; `None` when the split has no such part.
    pub validation: Option<Holding>,
    /// Rows tested on.
    pub test: Holding,
    /// Training rows whose label is withheld; learned from as rows without one.
    pub withheld: usize,
    /// Labelled rows on neither side: those without a period in out-of-time validation.
    pub left_out: usize,
    /// Enterprises with rows tested on and rows learned from, validation included; `None` without an id column.
    pub enterprises_on_both_sides: Option<usize>,
    /// Rows tested on that have an exact copy, see [`first_copies`], among those learned from.
    pub duplicates_on_both_sides: usize,
}

/// What each of `splits` of `data` holds, in their order.
pub fn split_summary(data: &Dataset, splits: &[Split]) -> Vec<SplitHolding> {
    let first = first_copies(data);
    let timeline = Timeline::new(data).ok();
    let labelled = data.n_labelled();
    let part = |rows: &[usize]| holding(data, timeline.as_ref(), rows);
    let one = |split: &Split| {
        let is_train = |row: &usize| split.validation.binary_search(row).is_err();
        let train: Vec<usize> = split.train.iter().copied().filter(is_train).collect();
        let mut copied = vec![false; data.n_rows()];
        for &row in &split.train {
            copied[first[row]] = true;
        }
        SplitHolding {
            fold: split.fold + 1,
            repeat: split.repeat + 1,
            train: part(&train),
            validation: (!split.validation.is_empty()).then(|| part(&split.validation)),
            test: part(&split.test),
            withheld: split.withheld,
            left_out: labelled - split.train.len() - split.withheld - split.test.len(),
            enterprises_on_both_sides: data.enterprise.as_ref().map(|enterprise| {
                let sides = [&split.train, &split.test].map(|rows| enterprises_of(data, enterprise, rows));
                sides[0].iter().zip(&sides[1]).filter(|(train, test)| **train && **test).count()
            }),
            duplicates_on_both_sides: split.test.iter().filter(|&&row| copied[first[row]]).count(),
        }
    };
    splits.iter().map(one).collect()
}

fn holding(data: &Dataset, timeline: Option<&Timeline>, rows: &[usize]) -> Holding {
    let bad = rows.iter().filter(|&&row| data.bad[row] == Some(true)).count();
    let enterprises =
        data.enterprise.as_ref().map(|codes| enterprises_of(data, codes, rows).iter().filter(|m| **m).count());
    let ends = timeline.and_then(|timeline| timeline.ends(rows));
    let period = |row: usize| data.period.as_ref().map(|periods| periods[row].clone());
    Holding {
        rows: rows.len(),
        enterprises,
        bad,
        bad_share: (!rows.is_empty()).then(|| bad as f64 / rows.len() as f64),
        first_period: ends.and_then(|(first, _)| period(first)),
        last_period: ends.and_then(|(_, last)| period(last)),
    }
}
