//! Who is learned from and who is tested: lists of rows, drawn from one seeded stream per repeat (MATH §6, §7).
//!
//! Only labelled rows are dealt out. Every fitted step belongs inside the training rows of its split and those rows
//! without a label that may be learned from with them.

mod copies;
mod date;
mod error;
mod grouped;
mod label_fraction;
mod out_of_time;
mod period;
mod random;
mod settings;
mod summary;

use std::sync::Arc;

use super::dataset::{Dataset, Part};
use crate::random::{Purpose, stream};
pub use copies::first_copies;
pub use error::SplitError;
pub use grouped::deal;
pub use label_fraction::withhold_labels;
pub use period::{LatestPeriod, latest_period, period_place};
pub use settings::{ValidationKind, ValidationSettings};
pub use summary::{Holding, SplitHolding, split_summary};

/// One division of the labelled rows. All lists are ascending; train and test share no row, and train holds rows of both
/// classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Which fold is tested, from 0.
    pub fold: usize,
    /// Which drawing this is, from 0.
    pub repeat: usize,
    /// Rows of the data set to learn from.
    pub train: Vec<usize>,
    /// Those of `train` that the table or the settings mark for validation: stopping and tuning have their own folds
    /// within the training rows, so these are learned from too. Empty where nothing is marked.
    pub validation: Vec<usize>,
    /// Rows of the data set to test on.
    pub test: Vec<usize>,
    /// Rows without a label that may be learned from: not those of a tested enterprise (grouped), marked as test (by a
    /// column) or of a tested or unknown period (out of time). Shared by the splits for which they are the same.
    pub unlabelled: Arc<[usize]>,
    /// How many of `unlabelled` are training rows whose label is withheld, see [`ValidationSettings::label_fraction`].
    pub withheld: usize,
}

impl Split {
    /// Rows that every fitted step may look at: the training rows, then those without a label that may be learned from.
    pub fn fitted_rows(&self) -> Vec<usize> {
        self.train.iter().chain(self.unlabelled.iter()).copied().collect()
    }
}

/// All divisions that `settings` ask for: repeat by repeat, fold by fold.
///
/// In k-fold and grouped validation every labelled row is tested exactly once per repeat. The same seed gives the same
/// divisions; repeat r does not depend on how many repeats there are.
///
/// # Errors
/// When a setting is out of range, a column is lacking or the rows are too few.
pub fn splits(data: &Dataset, settings: &ValidationSettings, seed: u64) -> Result<Vec<Split>, SplitError> {
    if let Some((field, problem)) = settings.problems().into_iter().next() {
        return Err(SplitError::Setting { field, problem });
    }
    let mut splits = match settings.kind {
        // Nothing is drawn by these, so nothing repeats.
        ValidationKind::Column => vec![by_column(data)?],
        ValidationKind::OutOfTime => vec![out_of_time::out_of_time(data, settings)?],
        ValidationKind::Holdout | ValidationKind::Kfold | ValidationKind::Grouped => drawn(data, settings, seed)?,
    };
    if let Some(fraction) = settings.label_fraction {
        for split in &mut splits {
            withhold_labels(data, split, fraction, 1, seed);
        }
    }
    Ok(splits)
}

/// The divisions that are drawn at random.
fn drawn(data: &Dataset, settings: &ValidationSettings, seed: u64) -> Result<Vec<Split>, SplitError> {
    let first = (settings.keep_duplicates_together && settings.kind.is_random()).then(|| first_copies(data));
    let unlabelled: Arc<[usize]> = Arc::from(data.unlabelled_rows());
    let mut splits = Vec::new();
    for repeat in 0..settings.repeats {
        let mut random = stream(seed, Purpose::Split, repeat as u64);
        let tests = match settings.kind {
            ValidationKind::Holdout => {
                vec![random::holdout(data, settings.test_share, first.as_deref(), &mut random)?]
            }
            ValidationKind::Grouped => grouped::grouped(data, settings.folds, &mut random)?,
            _ => random::kfold(data, settings.folds, first.as_deref(), &mut random)?,
        };
        for (fold, test) in tests.into_iter().enumerate() {
            let mut split = against_rest(data, fold, repeat, test, Arc::clone(&unlabelled))?;
            if settings.kind == ValidationKind::Grouped {
                split.unlabelled = of_other_enterprises(data, &split.test, &unlabelled);
            }
            splits.push(split);
        }
    }
    Ok(splits)
}

/// The split that tests `test` and learns from every other labelled row.
fn against_rest(
    data: &Dataset,
    fold: usize,
    repeat: usize,
    mut test: Vec<usize>,
    unlabelled: Arc<[usize]>,
) -> Result<Split, SplitError> {
    test.sort_unstable();
    let train: Vec<usize> = data.labelled_rows().into_iter().filter(|row| test.binary_search(row).is_err()).collect();
    check_side(data, fold, "learn from", &train)?;
    Ok(Split { fold, repeat, train, validation: Vec::new(), test, unlabelled, withheld: 0 })
}

fn check_side(data: &Dataset, fold: usize, side: &'static str, rows: &[usize]) -> Result<(), SplitError> {
    let bad = rows.iter().filter(|&&row| data.bad[row] == Some(true)).count();
    let good = rows.len() - bad;
    if bad == 0 || good == 0 { Err(SplitError::OneSided { fold, side, bad, good }) } else { Ok(()) }
}

/// Whether each enterprise, by its code, has one of `rows`.
fn enterprises_of(data: &Dataset, enterprise: &[u32], rows: &[usize]) -> Vec<bool> {
    let mut found = vec![false; data.enterprise_names.len()];
    for &row in rows {
        found[enterprise[row] as usize] = true;
    }
    found
}

/// Those of `rows` whose enterprise has no row in `test`.
fn of_other_enterprises(data: &Dataset, test: &[usize], rows: &[usize]) -> Arc<[usize]> {
    let Some(enterprise) = &data.enterprise else { return Arc::from(rows) };
    let tested = enterprises_of(data, enterprise, test);
    rows.iter().copied().filter(|&row| !tested[enterprise[row] as usize]).collect()
}

/// The split that the table brings: training and validation rows against test rows.
fn by_column(data: &Dataset) -> Result<Split, SplitError> {
    let parts = data.split.as_ref().ok_or(SplitError::NoSplitColumn)?;
    let (test, train): (Vec<usize>, Vec<usize>) =
        data.labelled_rows().into_iter().partition(|&row| parts[row] == Part::Test);
    check_side(data, 0, "learn from", &train)?;
    check_side(data, 0, "test on", &test)?;
    let validation = train.iter().copied().filter(|&row| parts[row] == Part::Validation).collect();
    let unlabelled = data.unlabelled_rows().into_iter().filter(|&row| parts[row] != Part::Test).collect();
    Ok(Split { fold: 0, repeat: 0, train, validation, test, unlabelled, withheld: 0 })
}

#[cfg(test)]
mod tests;
