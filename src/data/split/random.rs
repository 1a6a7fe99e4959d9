//! Rows dealt out at random and stratified: hold-out and k-fold. Copies of a row are kept on one side where that leaves
//! the size of every part as it is.

use std::cmp::Reverse;
use std::collections::HashMap;

use rand::seq::SliceRandom as _;

use super::SplitError;
use crate::data::dataset::Dataset;
use crate::random::Stream;

/// Rows of one outcome, ascending.
fn rows_of(data: &Dataset, bad: bool) -> Vec<usize> {
    (0..data.n_rows()).filter(|&row| data.bad[row] == Some(bad)).collect()
}

/// Both classes, each with at least `least` rows.
fn classes(data: &Dataset, least: usize) -> Result<[Vec<usize>; 2], SplitError> {
    let classes = [rows_of(data, true), rows_of(data, false)];
    if classes.iter().any(|rows| rows.len() < least) {
        return Err(SplitError::TooFewRows { least, bad: classes[0].len(), good: classes[1].len() });
    }
    Ok(classes)
}

/// The share of each class, to the nearest row but at least one and never all of it. `first` says which row each is a
/// copy of, see [`super::first_copies`]; `None` when copies may be divided.
pub(super) fn holdout(
    data: &Dataset,
    share: f64,
    first: Option<&[usize]>,
    random: &mut Stream,
) -> Result<Vec<usize>, SplitError> {
    let mut test = Vec::new();
    for mut rows in classes(data, 2)? {
        rows.shuffle(random);
        let tested = ((share * rows.len() as f64).round() as usize).clamp(1, rows.len() - 1);
        let mut parts = vec![0; tested];
        parts.resize(rows.len(), 1);
        let parts = with_copies(&rows, parts, 2, first);
        test.extend(rows.iter().zip(parts).filter(|(_, part)| *part == 0).map(|(row, _)| row));
    }
    Ok(test)
}

/// Shuffles each class and deals it out in turn. The second class goes on where the first stopped, so not only the
/// classes but the folds differ by at most one row. `first` as for [`holdout`].
pub(super) fn kfold(
    data: &Dataset,
    folds: usize,
    first: Option<&[usize]>,
    random: &mut Stream,
) -> Result<Vec<Vec<usize>>, SplitError> {
    let mut tests = vec![Vec::new(); folds];
    let mut next = 0;
    for mut rows in classes(data, folds)? {
        rows.shuffle(random);
        let parts = (next..next + rows.len()).map(|turn| turn % folds).collect();
        next += rows.len();
        for (row, part) in rows.iter().zip(with_copies(&rows, parts, folds, first)) {
            tests[part].push(*row);
        }
    }
    Ok(tests)
}

/// Changes `parts`, where each of `rows` was dealt to, so that copies share a part, without changing the size of any.
///
/// Copies follow their first one where its part has room for them all, else they go to the next part that has; the most
/// numerous choose first. A set of copies too large for every part is dealt out as it was, row by row. The other rows
/// stay where they were as far as there is room. Without copies nothing changes.
fn with_copies(rows: &[usize], parts: Vec<usize>, n_parts: usize, first: Option<&[usize]>) -> Vec<usize> {
    let Some(first) = first.filter(|first| rows.iter().any(|&row| first[row] != row)) else { return parts };
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for (place, &row) in rows.iter().enumerate() {
        members.entry(first[row]).or_default().push(place);
    }
    let mut copies: Vec<Vec<usize>> =
        rows.iter().filter_map(|row| members.remove(row)).filter(|places| places.len() > 1).collect();
    copies.sort_by_key(|places| Reverse(places.len()));
    let mut room = vec![0; n_parts];
    for &part in &parts {
        room[part] += 1;
    }
    let mut dealt: Vec<Option<usize>> = vec![None; rows.len()];
    for places in copies {
        let leader = places.iter().copied().min_by_key(|&place| rows[place]).unwrap_or_default();
        let wide = (0..n_parts).map(|turn| (parts[leader] + turn) % n_parts).find(|&part| room[part] >= places.len());
        if let Some(part) = wide {
            room[part] -= places.len();
            for &place in &places {
                dealt[place] = Some(part);
            }
        }
    }
    for (place, &part) in parts.iter().enumerate() {
        if dealt[place].is_none() && room[part] > 0 {
            room[part] -= 1;
            dealt[place] = Some(part);
        }
    }
    // What is left fits exactly: there is room for as many rows as there are.
    let mut left = (0..n_parts).flat_map(|part| std::iter::repeat_n(part, room[part])).collect::<Vec<_>>().into_iter();
    dealt.into_iter().zip(parts).map(|(part, was)| part.or_else(|| left.next()).unwrap_or(was)).collect()
}
