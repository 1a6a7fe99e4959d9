//! The labelled rows of a training set divided once more: for calibration, early stopping and the search for settings.

use rand::seq::SliceRandom as _;

use super::TrainingSet;
use crate::data::deal;
use crate::random::Stream;

/// Deals the labelled rows to `wanted` parts, each row to one and each class as evenly as can be, whole groups where
/// [`TrainingSet::groups`] names them. Each part is in ascending order.
///
/// Without any part the others still hold every class that has labelled rows. Where a class has fewer rows (groups) than
/// parts are wanted, there are fewer parts; none where a class has a single one, for nothing could do without it.
pub(crate) fn stratified_parts(set: &TrainingSet, wanted: usize, random: &mut Stream) -> Vec<Vec<usize>> {
    let groups = groups(set);
    for n_parts in (2..=wanted.min(rarest(set, &groups))).rev() {
        let mut parts = deal_even(set, groups.clone(), n_parts, random);
        for part in &mut parts {
            part.sort_unstable();
        }
        // With groups of many rows a class can still end up in a single part.
        if parts.iter().all(|part| others_hold_every_class(set, part)) {
            return parts;
        }
    }
    Vec::new()
}

/// The labelled rows group by group.
fn groups(set: &TrainingSet) -> Vec<Vec<usize>> {
    if set.groups.is_empty() {
        return (0..set.y.len()).map(|row| vec![row]).collect();
    }
    let mut by_group: Vec<(u32, usize)> = set.groups.iter().copied().zip(0..).collect();
    by_group.sort_unstable();
    by_group.chunk_by(|a, b| a.0 == b.0).map(|group| group.iter().map(|&(_, row)| row).collect()).collect()
}

fn class_counts(set: &TrainingSet, rows: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut counts = vec![0; set.n_classes];
    for row in rows {
        counts[set.y[row]] += 1;
    }
    counts
}

/// In how many groups the rarest class that has labelled rows is found.
fn rarest(set: &TrainingSet, groups: &[Vec<usize>]) -> usize {
    let mut found = vec![0; set.n_classes];
    for group in groups {
        for (found, count) in found.iter_mut().zip(class_counts(set, group.iter().copied())) {
            *found += usize::from(count > 0);
        }
    }
    found.into_iter().filter(|&groups| groups > 0).min().unwrap_or(0)
}

fn deal_even(set: &TrainingSet, groups: Vec<Vec<usize>>, n_parts: usize, random: &mut Stream) -> Vec<Vec<usize>> {
    if !set.groups.is_empty() {
        // Bad rows, the highest class, are dealt first.
        return deal(groups, |row| set.n_classes - 1 - set.y[row], set.n_classes, n_parts, random);
    }
    let mut parts = vec![Vec::new(); n_parts];
    let mut by_class = vec![Vec::new(); set.n_classes];
    for (row, &class) in set.y.iter().enumerate() {
        by_class[class].push(row);
    }
    for rows in &mut by_class {
        rows.shuffle(random);
    }
    // Each class goes on where the one before stopped, so that the parts differ by a row at most.
    for (place, &row) in by_class.iter().flatten().enumerate() {
        parts[place % n_parts].push(row);
    }
    parts
}

/// `part` is in ascending order.
fn others_hold_every_class(set: &TrainingSet, part: &[usize]) -> bool {
    let all = class_counts(set, 0..set.y.len());
    let held = class_counts(set, part.iter().copied());
    all.iter().zip(held).all(|(&all, held)| all == 0 || held < all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use ndarray::Array2;

    fn set(y: Vec<usize>, groups: Vec<u32>) -> TrainingSet {
        let x = Array2::zeros((y.len(), 1));
        TrainingSet { x, y, x_unlabelled: Array2::zeros((0, 1)), n_classes: 3, groups }
    }

    fn parts(set: &TrainingSet, wanted: usize, seed: u64) -> Vec<Vec<usize>> {
        stratified_parts(set, wanted, &mut stream(seed, Purpose::Calibration, 0))
    }

    #[test]
    fn parts_are_even_and_as_many_as_possible() {
        let quarter = set((0..20).map(|row| usize::from(row % 4 == 0)).collect(), Vec::new());
        let dealt = parts(&quarter, 3, 1);
        let mut all = dealt.concat();
        all.sort_unstable();
        assert_eq!(all, (0..20).collect::<Vec<_>>());
        for part in &dealt {
            assert!((6..=7).contains(&part.len()));
            assert!((1..=2).contains(&part.iter().filter(|&&row| quarter.y[row] == 1).count()));
        }
        assert_eq!(dealt, parts(&quarter, 3, 1));
        assert_ne!(dealt, parts(&quarter, 3, 2));
        assert_eq!(parts(&set(vec![0, 0, 0, 1, 1], Vec::new()), 3, 1).len(), 2);
        assert!(parts(&set(vec![0, 0, 0, 1], Vec::new()), 3, 1).is_empty());
        assert!(parts(&set(Vec::new(), Vec::new()), 3, 1).is_empty());
    }

    #[test]
    fn groups_are_never_torn_and_classes_stay_even() {
        // 30 groups of 1 to 4 rows; every fifth group is bad.
        let groups: Vec<u32> = (0..30).flat_map(|group| vec![group * 7; 1 + group as usize % 4]).collect();
        let y = groups.iter().map(|group| usize::from(group % 35 == 0)).collect();
        let set = set(y, groups);
        for seed in 0..20 {
            let dealt = parts(&set, 3, seed);
            assert_eq!(dealt.len(), 3);
            let mut part_of = std::collections::HashMap::new();
            for (index, part) in dealt.iter().enumerate() {
                assert!(part.is_sorted());
                let bad = part.iter().filter(|&&row| set.y[row] == 1).count();
                assert!((3..=6).contains(&bad) && (20..=29).contains(&part.len()), "{bad} of {}", part.len());
                for &row in part {
                    assert_eq!(*part_of.entry(set.groups[row]).or_insert(index), index);
                }
            }
        }
    }

    #[test]
    fn a_class_in_two_groups_gives_two_parts_and_in_one_none() {
        let groups = vec![0, 0, 0, 1, 1, 2, 2, 3, 4, 5];
        let two = set(vec![1, 1, 1, 1, 1, 0, 0, 0, 0, 0], groups.clone());
        let dealt = parts(&two, 5, 1);
        assert_eq!(dealt.len(), 2);
        assert!(dealt.iter().all(|part| others_hold_every_class(&two, part)));
        assert!(parts(&set(vec![1, 1, 1, 0, 0, 0, 0, 0, 0, 0], groups), 5, 1).is_empty());
    }
}
