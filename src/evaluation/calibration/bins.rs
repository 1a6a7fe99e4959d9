//! Bins of rows with like PDs.

/// Rows as (PD, bad) in ascending PDs, in up to `n_bins` (at least 1) bins of as equal a number as can be without parting
/// rows of the same PD. No bin is empty. `None` without rows, with a `pd` that is NaN or outside 0..=1, and when the lengths
/// differ.
pub(super) fn equal_bins(bad: &[bool], pd: &[f64], n_bins: usize) -> Option<Vec<Vec<(f64, bool)>>> {
    if pd.is_empty() || bad.len() != pd.len() || !pd.iter().all(|p| (0.0..=1.0).contains(p)) {
        return None;
    }
    let mut rows: Vec<(f64, bool)> = pd.iter().copied().zip(bad.iter().copied()).collect();
    rows.sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));

    let n_bins = n_bins.max(1);
    let mut bins: Vec<Vec<(f64, bool)>> = Vec::new();
    let (mut open, mut done) = (Vec::new(), 0);
    for tied in rows.chunk_by(|x, y| x.0 == y.0) {
        open.extend_from_slice(tied);
        done += tied.len();
        // The first place at which the bins so far hold their share.
        if done as u128 * n_bins as u128 >= (bins.len() as u128 + 1) * rows.len() as u128 {
            bins.push(std::mem::take(&mut open));
        }
    }
    Some(bins)
}

/// Mean of what `of` says of each row.
pub(super) fn mean(rows: &[(f64, bool)], of: impl Fn(&(f64, bool)) -> f64) -> f64 {
    rows.iter().map(of).sum::<f64>() / rows.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_where_ties_allow() {
        let sizes = |pd: &[f64], n| equal_bins(&vec![false; pd.len()], pd, n).map(|b| b.iter().map(Vec::len).collect());
        let ten: Vec<f64> = (0..10).map(|i| f64::from(9 - i) / 10.0).collect();
        assert_eq!(sizes(&ten, 5), Some(vec![2; 5]));
        assert_eq!(sizes(&ten, 3), Some(vec![4, 3, 3]));
        assert_eq!(sizes(&ten, 100), Some(vec![1; 10]));
        assert_eq!(sizes(&ten, 0), Some(vec![10]));
        // A tied run that fills three bins is one bin, and the last bin takes the rest.
        assert_eq!(sizes(&[0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.3], 4), Some(vec![7, 1]));
        assert_eq!((sizes(&[], 3), sizes(&[f64::NAN], 3), sizes(&[-0.1], 3)), (None, None, None));
        assert_eq!(equal_bins(&[true], &[0.1, 0.2], 3), None);
    }
}
