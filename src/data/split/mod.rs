//! Who is learned from and who is tested: lists of rows, drawn from one seeded stream per repeat (MATH §6, §7).
//!
//! Only labelled rows are dealt out. Every fitted step belongs inside the training rows of its split; rows without a
//! label are in no list.

use std::cmp::Reverse;

use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::dataset::{Dataset, Part};
use crate::random::{Purpose, Stream, stream};

/// How rows are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidationKind {
    /// One stratified share of the rows is tested, drawn afresh in each repeat.
    Holdout,
    /// Stratified folds, each tested once per repeat.
    Kfold,
    /// Folds of whole enterprises, as nearly stratified as they allow: no enterprise is on both sides.
    Grouped,
    /// A column of the table says it; repeats change nothing.
    Column,
}

/// How models are tested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValidationSettings {
    /// How rows are held out. Default: k-fold.
    pub kind: ValidationKind,
    /// Number of folds k of k-fold and grouped validation, 2..=100. Default 5.
    pub folds: usize,
    /// How many times the whole division is drawn anew, 1..=100. Default 1.
    pub repeats: usize,
    /// Share of each class that a hold-out tests, in 0.01..=0.99. Default 0.3.
    pub test_share: f64,
}

impl Default for ValidationSettings {
    fn default() -> Self {
        Self { kind: ValidationKind::Kfold, folds: 5, repeats: 1, test_share: 0.3 }
    }
}

impl ValidationSettings {
    /// What is out of range: the field and what it must be. Empty when all is well.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !(2..=100).contains(&self.folds) {
            problems.push(("folds", format!("must be a whole number from 2 to 100, not {}", self.folds)));
        }
        if !(1..=100).contains(&self.repeats) {
            problems.push(("repeats", format!("must be a whole number from 1 to 100, not {}", self.repeats)));
        }
        if !(0.01..=0.99).contains(&self.test_share) {
            problems.push(("test_share", format!("must be from 0.01 to 0.99, not {}", self.test_share)));
        }
        problems
    }
}

/// One division of the labelled rows. Both lists are ascending, share no row, and hold rows of both classes on the
/// training side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Which fold is tested, from 0.
    pub fold: usize,
    /// Which drawing this is, from 0.
    pub repeat: usize,
    /// Rows of the data set to learn from.
    pub train: Vec<usize>,
    /// Rows of the data set to test on.
    pub test: Vec<usize>,
}

/// Why rows cannot be held out as asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SplitError {
    /// A setting is out of range.
    #[error("{field} {problem}")]
    Setting {
        /// Name of the setting.
        field: &'static str,
        /// What it must be.
        problem: String,
    },
    /// A class has fewer rows than there are folds, or fewer than the two that a hold-out needs.
    #[error(
        "holding out needs at least {least} rows of each outcome, but there are {bad} bad and {good} others; \
         ask for fewer folds or label more rows"
    )]
    TooFewRows {
        /// Fewest rows of each class.
        least: usize,
        /// Labelled bad rows.
        bad: usize,
        /// Other labelled rows.
        good: usize,
    },
    /// Grouped validation without enterprises.
    #[error("grouped validation needs a column with the enterprise id; choose one, or k-fold instead")]
    NoEnterprises,
    /// Fewer enterprises with a label than folds.
    #[error(
        "{folds} folds need at least {folds} enterprises with a label, but there are {enterprises}; ask for fewer folds"
    )]
    TooFewEnterprises {
        /// Folds asked for.
        folds: usize,
        /// Enterprises with a labelled row.
        enterprises: usize,
    },
    /// Validation by a column without that column.
    #[error("validation by a column needs a split column with the values train, validation and test; choose one")]
    NoSplitColumn,
    /// A side lacks rows of an outcome.
    #[error("fold {} has {bad} bad and {good} other rows to {side}; both are needed", fold + 1)]
    OneSided {
        /// The fold, from 0.
        fold: usize,
        /// "learn from" or "test on".
        side: &'static str,
        /// Bad rows on that side.
        bad: usize,
        /// Other rows on that side.
        good: usize,
    },
}

/// All divisions that `settings` ask for: repeat by repeat, fold by fold.
///
/// In k-fold and grouped validation every labelled row is tested exactly once per repeat. The same seed gives the same
/// divisions; repeat r does not depend on how many repeats there are.
pub fn splits(data: &Dataset, settings: &ValidationSettings, seed: u64) -> Result<Vec<Split>, SplitError> {
    if let Some((field, problem)) = settings.problems().into_iter().next() {
        return Err(SplitError::Setting { field, problem });
    }
    let mut splits = Vec::new();
    for repeat in 0..settings.repeats {
        let mut random = stream(seed, Purpose::Split, repeat as u64);
        let tests = match settings.kind {
            ValidationKind::Holdout => vec![holdout(data, settings.test_share, &mut random)?],
            ValidationKind::Grouped => grouped(data, settings.folds, &mut random)?,
            ValidationKind::Kfold => kfold(data, settings.folds, &mut random)?,
            // Nothing is drawn, so nothing repeats.
            ValidationKind::Column => return by_column(data).map(|split| vec![split]),
        };
        for (fold, test) in tests.into_iter().enumerate() {
            splits.push(against_rest(data, fold, repeat, test)?);
        }
    }
    Ok(splits)
}

/// Rows of one outcome, ascending.
fn rows_of(data: &Dataset, bad: bool) -> Vec<usize> {
    (0..data.n_rows()).filter(|&row| data.bad[row] == Some(bad)).collect()
}

/// The split that tests `test` and learns from every other labelled row.
fn against_rest(data: &Dataset, fold: usize, repeat: usize, mut test: Vec<usize>) -> Result<Split, SplitError> {
    test.sort_unstable();
    let train: Vec<usize> = data.labelled_rows().into_iter().filter(|row| test.binary_search(row).is_err()).collect();
    check_side(data, fold, "learn from", &train)?;
    Ok(Split { fold, repeat, train, test })
}

fn check_side(data: &Dataset, fold: usize, side: &'static str, rows: &[usize]) -> Result<(), SplitError> {
    let bad = rows.iter().filter(|&&row| data.bad[row] == Some(true)).count();
    let good = rows.len() - bad;
    if bad == 0 || good == 0 { Err(SplitError::OneSided { fold, side, bad, good }) } else { Ok(()) }
}

/// The share of each class, to the nearest row but at least one and never all of it.
fn holdout(data: &Dataset, share: f64, random: &mut Stream) -> Result<Vec<usize>, SplitError> {
    let classes = [rows_of(data, true), rows_of(data, false)];
    if classes.iter().any(|rows| rows.len() < 2) {
        return Err(SplitError::TooFewRows { least: 2, bad: classes[0].len(), good: classes[1].len() });
    }
    let mut test = Vec::new();
    for mut rows in classes {
        rows.shuffle(random);
        let n = (share * rows.len() as f64).round() as usize;
        rows.truncate(n.clamp(1, rows.len() - 1));
        test.append(&mut rows);
    }
    Ok(test)
}

/// Shuffles each class and deals it out in turn. The second class goes on where the first stopped, so not only the
/// classes but the folds differ by at most one row.
fn kfold(data: &Dataset, folds: usize, random: &mut Stream) -> Result<Vec<Vec<usize>>, SplitError> {
    let classes = [rows_of(data, true), rows_of(data, false)];
    if classes.iter().any(|rows| rows.len() < folds) {
        return Err(SplitError::TooFewRows { least: folds, bad: classes[0].len(), good: classes[1].len() });
    }
    let mut tests = vec![Vec::new(); folds];
    let mut next = 0;
    for mut rows in classes {
        rows.shuffle(random);
        for row in rows {
            tests[next % folds].push(row);
            next += 1;
        }
    }
    Ok(tests)
}

/// Deals out whole enterprises, those with most bad rows first, each to the fold where it keeps the classes most even:
/// where the sum over classes of (rows in the fold / rows in all)² grows least. Ties go to the fold with fewest rows.
fn grouped(data: &Dataset, folds: usize, random: &mut Stream) -> Result<Vec<Vec<usize>>, SplitError> {
    let enterprise = data.enterprise.as_ref().ok_or(SplitError::NoEnterprises)?;
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); data.enterprise_names.len()];
    for row in data.labelled_rows() {
        members[enterprise[row] as usize].push(row);
    }
    members.retain(|rows| !rows.is_empty());
    if members.len() < folds {
        return Err(SplitError::TooFewEnterprises { folds, enterprises: members.len() });
    }
    let counts = |rows: &[usize]| {
        let bad = rows.iter().filter(|&&row| data.bad[row] == Some(true)).count();
        [bad, rows.len() - bad]
    };
    // Equal enterprises stay in shuffled order: the sort is stable.
    members.shuffle(random);
    members.sort_by_key(|rows| Reverse(counts(rows)));

    let total = counts(&data.labelled_rows()).map(|n| n.max(1) as f64);
    let mut tests: Vec<Vec<usize>> = vec![Vec::new(); folds];
    let mut held = vec![[0; 2]; folds];
    for rows in members {
        let added = counts(&rows);
        let growth = |fold: usize| -> f64 {
            let class = |c: usize| added[c] as f64 * (2 * held[fold][c] + added[c]) as f64 / (total[c] * total[c]);
            class(0) + class(1)
        };
        let fewer = |&a: &usize, &b: &usize| growth(a).total_cmp(&growth(b)).then(tests[a].len().cmp(&tests[b].len()));
        let fold = (0..folds).min_by(fewer).unwrap_or(0);
        for c in 0..2 {
            held[fold][c] += added[c];
        }
        tests[fold].extend(rows);
    }
    Ok(tests)
}

/// The split that the table brings: training and validation rows against test rows.
fn by_column(data: &Dataset) -> Result<Split, SplitError> {
    let parts = data.split.as_ref().ok_or(SplitError::NoSplitColumn)?;
    let (test, train): (Vec<usize>, Vec<usize>) =
        data.labelled_rows().into_iter().partition(|&row| parts[row] == Part::Test);
    check_side(data, 0, "learn from", &train)?;
    check_side(data, 0, "test on", &test)?;
    Ok(Split { fold: 0, repeat: 0, train, test })
}

#[cfg(test)]
mod tests;
