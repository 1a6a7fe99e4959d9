//! Fewer labels to learn from: most training rows of a split lose theirs, to see what a model makes of rows without one.

use std::sync::Arc;

use rand::seq::SliceRandom as _;

use super::Split;
use crate::data::dataset::Dataset;
use crate::random::{Purpose, stream};

/// Withholds the labels of all training rows of `split` but a stratified random part: the share `fraction` of each class,
/// or where it is above 1 about that many rows.
///
/// At least `least` rows of each class keep theirs, where there are so many. The others are learned from as rows without a
/// label; rows tested on stay as they are. With the same seed the rows that keep their label at a small fraction are among
/// those that do at a larger one.
pub fn withhold_labels(data: &Dataset, split: &mut Split, fraction: f64, least: usize, seed: u64) {
    let share = if fraction > 1.0 { fraction / split.train.len().max(1) as f64 } else { fraction };
    let index = ((split.repeat as u64) << 24) | split.fold as u64;
    let mut random = stream(seed, Purpose::LabelFraction, index);
    let (mut bad, mut good): (Vec<usize>, Vec<usize>) =
        split.train.iter().partition(|&&row| data.bad[row] == Some(true));
    let mut kept = Vec::new();
    for class in [&mut bad, &mut good] {
        class.shuffle(&mut random);
        let n = ((share * class.len() as f64).round() as usize).max(least).min(class.len());
        kept.extend(class.drain(..n));
    }
    kept.sort_unstable();
    let withheld = [bad, good].concat();
    split.withheld = withheld.len();
    split.validation.retain(|row| kept.binary_search(row).is_ok());
    split.train = kept;
    let mut unlabelled: Vec<usize> = split.unlabelled.iter().copied().chain(withheld).collect();
    unlabelled.sort_unstable();
    split.unlabelled = Arc::from(unlabelled);
}
