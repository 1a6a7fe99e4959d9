//! Folds of whole enterprises.

use std::cmp::Reverse;

use rand::seq::SliceRandom as _;

use super::SplitError;
use crate::data::dataset::Dataset;
use crate::random::Stream;

/// Deals out whole enterprises, those with most bad rows first, each to the fold where it keeps the classes most even:
/// where the sum over classes of (rows in the fold / rows in all)² grows least. Ties go to the fold with fewest rows.
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
