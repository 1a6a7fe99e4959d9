//! Which rows are optimised together next.

use super::select::Violations;

/// Rows of one working set. Problems of no more rows are solved in one. Measured: with 1024, 60,000 rows take a quarter
/// longer and 5,000 rows with C = 10 half as long again; with 2048, 5,000 rows take a tenth longer.
pub(super) const WORKING_SET: usize = 1536;

/// Chooses up to [`WORKING_SET`] of the rows that take part, in rising order: the most violating from both ends of the
/// sorted g, and half of the `previous` ones, so that a row is not sent away before its partners are known (as oneDAL
/// and `ThunderSVM` do). The two rows of the largest violation are always among them.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// n rows, all free, g rising with the row number.
    fn free(n: usize) -> Violations {
        let mut state = Violations::new((0..n).map(|row| row as f64).collect());
        (0..n).for_each(|row| state.update_sets(row, 0.5, (0.0, 1.0)));
        state
    }

    #[test]
    fn both_ends_and_half_of_the_previous() {
        let n = 4 * WORKING_SET;
        let half = WORKING_SET / 2;
        let ends = |each: usize| (0..each).chain(n - each..n).collect::<Vec<_>>();
        assert_eq!(choose(&free(n), n, &[]), ends(half));
        let previous: Vec<usize> = (WORKING_SET..2 * WORKING_SET).collect();
        let next = choose(&free(n), n, &previous);
        let kept: Vec<usize> = (0..half / 2).chain(WORKING_SET..WORKING_SET + half).chain(n - half / 2..n).collect();
        assert_eq!(next, kept);
    }

    #[test]
    fn what_can_move_stays_and_what_takes_no_part_is_never_chosen() {
        let n = 2 * WORKING_SET;
        let mut state = free(n);
        // Of the previous rows the even ones are held still: they are in no set.
        let previous: Vec<usize> = (500..500 + WORKING_SET / 2).collect();
        previous.iter().filter(|&&row| row % 2 == 0).for_each(|&row| state.update_sets(row, 0.0, (0.0, 0.0)));
        let next = choose(&state, n, &previous[..8]);
        assert!([501, 503, 505, 507].iter().all(|row| next.contains(row)));
        assert_eq!(next.len(), WORKING_SET);
        assert!(next.contains(&0) && next.contains(&(n - 1)));
    }
}
