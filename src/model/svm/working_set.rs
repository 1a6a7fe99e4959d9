//! Which rows are optimised together next.

use super::select::Violations;

/// Rows of one working set. Problems of no more rows are solved in one.
pub(super) const WORKING_SET: usize = 1024;

/// Chooses up to [`WORKING_SET`] of the rows that take part, in rising order: the most violating from both ends of the
/// sorted g, and half of the `previous` ones, so that a row is not sent away before its partners are known [oneDAL,
/// ThunderSVM]. The two rows of the largest violation are always among them.
pub(super) fn choose(state: &Violations, n_rows: usize, previous: &[usize]) -> Vec<usize> {
    let mut chosen = vec![false; n_rows];
    let half = WORKING_SET / 2;
    let mut rows = Vec::with_capacity(WORKING_SET);
    // Of the previous ones those stay first that can move either way.
    let (free, bounded): (Vec<usize>, Vec<usize>) = previous.iter().partition(|&&row| state.is_free(row));
    let kept = free.iter().chain(&bounded);
    for &row in kept.take(half) {
        chosen[row] = true;
        rows.push(row);
    }
    let key = |row: usize| state.g[row];
    let mut ends = [
        (0..n_rows).filter(|&row| state.may_rise(row)).collect::<Vec<_>>(),
        (0..n_rows).filter(|&row| state.may_fall(row)).collect::<Vec<_>>(),
    ];
    // Later rows first among equals, as in the choice of a pair.
    let by_violation = |end: usize| {
        move |&a: &usize, &b: &usize| {
            let order = if end == 0 { key(b).total_cmp(&key(a)) } else { key(a).total_cmp(&key(b)) };
            order.then(b.cmp(&a))
        }
    };
    for (end, candidates) in ends.iter_mut().enumerate() {
        if candidates.len() > WORKING_SET {
            candidates.select_nth_unstable_by(WORKING_SET, by_violation(end));
            candidates.truncate(WORKING_SET);
        }
        candidates.sort_unstable_by(by_violation(end));
    }
    let mut next = ends.map(Vec::into_iter);
    let mut exhausted = [false; 2];
    while rows.len() < WORKING_SET && exhausted != [true; 2] {
        for (candidates, exhausted) in next.iter_mut().zip(&mut exhausted) {
            match candidates.find(|&row| !chosen[row]) {
                Some(row) if rows.len() < WORKING_SET => {
                    chosen[row] = true;
                    rows.push(row);
                }
                Some(_) => {}
                None => *exhausted = true,
            }
        }
    }
    rows.sort_unstable();
    rows
}
