//! Folds of whole enterprises, and of whole groups of any kind.

use std::cmp::Reverse;

use rand::seq::SliceRandom as _;

use super::SplitError;
use crate::data::dataset::Dataset;
use crate::random::Stream;

/// Folds of whole enterprises, the classes as even as they can be: see [`deal`].
pub(super) fn grouped(data: &Dataset, folds: usize, random: &mut Stream) -> Result<Vec<Vec<usize>>, SplitError> {
    let enterprise = data.enterprise.as_ref().ok_or(SplitError::NoEnterprises)?;
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); data.enterprise_names.len()];
    for row in data.labelled_rows() {
        members[enterprise[row] as usize].push(row);
    }
    members.retain(|rows| !rows.is_empty());
    if members.len() < folds {
        return Err(SplitError::TooFewEnterprises { folds, enterprises: members.len() });
    }
    Ok(deal(members, |row| usize::from(data.bad[row] != Some(true)), 2, folds, random))
}

/// Deals whole groups of rows to `n_parts ≥ 1` parts, the classes as even as they can be.
///
/// Groups with most rows of class 0 come first (then of class 1 …), each to the part where it keeps the classes most even: where the sum over classes of (rows in the part / rows in all)² grows
/// least. Ties go to the part with fewest rows. `class` gives the class of a row, in `0..n_classes`.
pub fn deal(
    mut groups: Vec<Vec<usize>>,
    class: impl Fn(usize) -> usize,
    n_classes: usize,
    n_parts: usize,
    random: &mut Stream,
) -> Vec<Vec<usize>> {
    let counts = |rows: &[usize]| {
        let mut counts = vec![0; n_classes];
        for &row in rows {
            counts[class(row)] += 1;
        }
        counts
    };
    // Equal groups stay in shuffled order: the sort is stable.
    groups.shuffle(random);
    groups.sort_by_cached_key(|rows| Reverse(counts(rows)));

    let mut total = vec![0; n_classes];
    for row in groups.iter().flatten() {
        total[class(*row)] += 1;
    }
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); n_parts];
    let mut held = vec![vec![0; n_classes]; n_parts];
    for rows in groups {
        let added = counts(&rows);
        let growth = |part: usize| -> f64 {
            let of_class = |c: usize| {
                let total = total[c].max(1) as f64;
                added[c] as f64 * (2 * held[part][c] + added[c]) as f64 / (total * total)
            };
            (0..n_classes).map(of_class).sum()
        };
        let growths: Vec<f64> = (0..n_parts).map(growth).collect();
        let fewer =
            |&a: &usize, &b: &usize| growths[a].total_cmp(&growths[b]).then(parts[a].len().cmp(&parts[b].len()));
        let part = (0..n_parts).min_by(fewer).unwrap_or(0);
        for c in 0..n_classes {
            held[part][c] += added[c];
        }
        parts[part].extend(rows);
    }
    parts
}
