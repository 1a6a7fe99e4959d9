//! Which labelled rows each net learns from: all but a stratified part of its own, on which it stops early.

use std::sync::Arc;

use rand::seq::SliceRandom as _;

use super::rows::{Row, Rows, shuffled_classes};
use crate::model::TrainingSet;
use crate::model::parts::stratified_parts;
use crate::random::{Purpose, Stream, stream};

/// Nets that the labelled rows of `set` allow when `asked` for: each sets rows of every class apart and learns from others.
pub(super) fn possible(set: &TrainingSet, asked: usize, seed: u64) -> usize {
    parts(set, asked, seed).len().max(1)
}

/// The parts of the labelled rows that nets set apart, in turn.
fn parts(set: &TrainingSet, nets: usize, seed: u64) -> Vec<Vec<usize>> {
    stratified_parts(set, nets, &mut stream(seed, Purpose::EarlyStopping, 0))
}

/// The rows of `nets` nets: net k learns from all labelled rows but part k of them. The labelled rows are divided into as
/// many parts as they allow, and at most one for each net; nets beyond that share a part.
pub(super) fn fold_rows(set: &Arc<TrainingSet>, nets: usize, seed: u64) -> Vec<Rows> {
    let parts = parts(set, nets, seed);
    let of = |net: usize| {
        // Where the rows cannot be divided nothing is set apart.
        let apart: &[usize] = if parts.is_empty() { &[] } else { &parts[net % parts.len()] };
        let apart = |row: Row| apart.binary_search(&(row as usize)).is_ok();
        divided(set, apart, &mut stream(seed, Purpose::EarlyStopping, 1 + net as u64))
    };
    (0..nets).map(of).collect()
}

/// The rows of a single net: about `share` of each class is set apart (at least one row of each stays), whole groups where
/// the set names them.
pub(super) fn single_rows(set: &Arc<TrainingSet>, share: f64, seed: u64) -> Rows {
    let mut random = stream(seed, Purpose::EarlyStopping, 0);
    let mut apart = vec![false; set.y.len()];
    if set.groups.is_empty() {
        for class in shuffled_classes(set, &mut random) {
            let n = ((class.len() as f64 * share).round() as usize).min(class.len().saturating_sub(1));
            for &row in &class[..n] {
                apart[row as usize] = true;
            }
        }
    } else if share > 0.0 {
        let parts = stratified_parts(set, (1.0 / share).round().max(2.0) as usize, &mut random);
        for &row in parts.first().into_iter().flatten() {
            apart[row] = true;
        }
    }
    divided(set, |row| apart[row as usize], &mut random)
}

/// Rows in random order, those that are set apart and those that are not.
fn divided(set: &Arc<TrainingSet>, apart: impl Fn(Row) -> bool, random: &mut Stream) -> Rows {
    let (mut validation, mut fit): (Vec<Row>, Vec<Row>) = (0..set.y.len() as Row).partition(|&row| apart(row));
    validation.shuffle(random);
    fit.shuffle(random);
    Rows::new(Arc::clone(set), fit, validation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn set(y: Vec<usize>) -> Arc<TrainingSet> {
        let x = Array2::zeros((y.len(), 1));
        Arc::new(TrainingSet { x, y, x_unlabelled: Array2::zeros((0, 1)), n_classes: 3, groups: Vec::new() })
    }

    #[test]
    fn every_row_is_set_apart_once_and_each_part_has_its_share_of_each_class() {
        let set = set((0..103).map(|i| if i % 10 == 0 { 1 } else { 2 * (i % 2) }).collect());
        let folds = fold_rows(&set, 5, 1);
        let mut apart: Vec<Row> = folds.iter().flat_map(|rows| rows.validation().to_vec()).collect();
        apart.sort_unstable();
        assert_eq!(apart, (0..103).collect::<Vec<_>>());
        for rows in &folds {
            assert_eq!(rows.fit().len() + rows.validation().len(), 103);
            assert!(rows.validation().iter().all(|row| !rows.fit().contains(row)));
            let bad = rows.validation().iter().filter(|&&row| rows.class(row) == Some(1)).count();
            assert!((2..=3).contains(&bad) && (20..=21).contains(&rows.validation().len()));
        }
    }

    #[test]
    fn few_rows_of_a_class_allow_few_nets() {
        let of = |y: &[usize]| possible(&set(y.to_vec()), 5, 1);
        assert_eq!(of(&[0, 0, 0, 0, 0, 0, 1, 1, 1]), 3);
        // Nets that were trained on more rows share the parts, or learn from all rows.
        for (y, apart) in [(vec![0, 0, 0, 0, 1, 1], [3, 3, 3]), (vec![0, 0, 0, 1], [0, 0, 0])] {
            let nets = fold_rows(&set(y), 3, 1);
            assert_eq!([0, 1, 2].map(|net: usize| nets[net].validation().len()), apart);
            assert!(nets.iter().all(|rows| rows.class_counts()[..2].iter().all(|&count| count > 0)));
        }
        assert_eq!(of(&[0, 0, 0, 1]), 1);
        assert_eq!(of(&[2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0]), 5);
    }

    #[test]
    fn rows_of_a_group_stay_together() {
        let y: Vec<usize> = (0..60).map(|row| usize::from(row % 12 < 3)).collect();
        let grouped = TrainingSet { groups: (0..60).map(|row| row / 3).collect(), ..(*set(y)).clone() };
        let grouped = Arc::new(grouped);
        let single = single_rows(&grouped, 0.2, 4);
        assert_eq!(single.validation().len(), 12);
        for rows in fold_rows(&grouped, 4, 4).iter().chain([&single]) {
            let group = |row: &Row| row / 3;
            assert!(rows.validation().iter().all(|row| rows.fit().iter().all(|fit| group(fit) != group(row))));
            assert!(!rows.validation().is_empty() && rows.class_counts()[1] > 0);
        }
    }

    #[test]
    fn a_single_net_keeps_a_row_of_each_class() {
        let rows = single_rows(&set(vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2]), 0.5, 1);
        assert_eq!(rows.class_counts(), [5, 1, 1]);
        assert_eq!(rows.validation().len(), 6);
        assert_eq!(single_rows(&set(vec![0, 1]), 0.0, 1).validation().len(), 0);
    }
}
