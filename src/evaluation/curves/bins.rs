//! Rows gathered into bins of their probability: the reliability diagram and the histograms by class.

use serde::{Deserialize, Serialize};
use statrs::function::beta::inv_beta_reg;

/// One point of a reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Mean probability of the bad outcome of the rows of the bin, 0 to 1.
    pub mean_pd: f64,
    /// Share of them that is bad, 0 to 1.
    pub observed: f64,
    /// Rows, at least 1.
    pub n: usize,
    /// Bad rows among them.
    pub bad: usize,
    /// 95 % Jeffreys interval of the share of bad rows: quantiles of Beta(bad + ½, n − bad + ½), with 0 where no row is
    /// bad and 1 where all are (BCD01).
    pub interval: [f64; 2],
}

/// Reliability diagram: `pd`, in up to `n_bins` bins of as equal numbers of rows as ties allow, against the bad rows
/// seen; from the lowest `pd` to the highest.
///
/// Rows of one `pd` are never split, so that heavily tied probabilities give fewer bins. Empty where undefined: no rows,
/// no bins, unequal lengths, a `pd` that is NaN or outside 0..=1. One class alone is no obstacle.
///
/// BCD01: Brown, Cai, `DasGupta`, *Interval estimation for a binomial proportion*, Statistical Science 16, 2001.
pub fn reliability(bad: &[bool], pd: &[f64], n_bins: usize) -> Vec<ReliabilityBin> {
    let n = bad.len();
    if n == 0 || n_bins == 0 || pd.len() != n || !pd.iter().all(|p| (0.0..=1.0).contains(p)) {
        return Vec::new();
    }
    let n_bins = n_bins.min(n);
    let edges = quantiles(pd.to_vec(), n_bins);
    let mut bins = vec![(0_usize, 0_usize, 0.0_f64); edges.len()];
    for (&bad, &pd) in bad.iter().zip(pd) {
        // The last edge is the largest pd, so that every row finds its bin.
        let (n, n_bad, sum) = &mut bins[edges.partition_point(|edge| *edge < pd)];
        *n += 1;
        *n_bad += usize::from(bad);
        *sum += pd;
    }
    let point = |&(n, bad, sum): &(usize, usize, f64)| ReliabilityBin {
        mean_pd: sum / n as f64,
        observed: bad as f64 / n as f64,
        n,
        bad,
        interval: jeffreys_interval(bad, n),
    };
    bins.iter().map(point).collect()
}

/// The distinct values among the k-th `n_bins`-tiles, k = 1 … `n_bins`, upwards: upper ends of bins of which none is
/// empty. `values` holds at least `n_bins` numbers. Selects rather than sorts: O(n·ln `n_bins`).
fn quantiles(mut values: Vec<f64>, n_bins: usize) -> Vec<f64> {
    let n = values.len();
    let mut edges: Vec<f64> = Vec::with_capacity(n_bins);
    let mut rest = &mut values[..];
    let mut taken = 0;
    for k in 1..=n_bins {
        let rank = (k as u128 * n as u128 / n_bins as u128) as usize - 1;
        let (_, edge, above) = rest.select_nth_unstable_by(rank - taken, f64::total_cmp);
        edges.push(*edge);
        taken = rank + 1;
        rest = above;
    }
    edges.dedup();
    edges
}

/// 95 % Jeffreys interval of a share of which `k` in `n` were seen, `k` no more than `n`; all of 0..=1 without any (BCD01, see
/// [`reliability`]).
pub fn jeffreys_interval(k: usize, n: usize) -> [f64; 2] {
    let (a, b) = (k as f64 + 0.5, n.saturating_sub(k) as f64 + 0.5);
    let low = if k == 0 { 0.0 } else { inv_beta_reg(a, b, 0.025) };
    let high = if k == n { 1.0 } else { inv_beta_reg(a, b, 0.975) };
    [low, high]
}

/// Counts of good and of bad rows per bin. Empty (no edges, no counts) where undefined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreHistogram {
    /// Ends of the bins, rising, one more than bins. A bin holds its lower end and not its upper one; the last holds both.
    pub edges: Vec<f64>,
    /// Good rows in each bin.
    pub good: Vec<usize>,
    /// Bad rows in each bin.
    pub bad: Vec<usize>,
}

/// Histograms of `pd` for good and for bad rows in `n_bins` bins of equal width over 0..=1.
///
/// Undefined as [`reliability`] is: no rows, no bins, unequal lengths, a `pd` that is NaN or outside 0..=1.
pub fn score_histogram(bad: &[bool], pd: &[f64], n_bins: usize) -> ScoreHistogram {
    if n_bins == 0 || !pd.iter().all(|p| (0.0..=1.0).contains(p)) {
        return ScoreHistogram::default();
    }
    let edges: Vec<f64> = (0..=n_bins).map(|i| i as f64 / n_bins as f64).collect();
    score_histogram_over(bad, pd, &edges)
}

/// Histograms of `score` for good and for bad rows over the bins between `edges`.
///
/// For small probabilities, which crowd into the first bins of equal width, and for scores of another scale. Rows below
/// the first edge or above the last are in no bin.
///
/// Undefined with no rows, unequal lengths, a score that is NaN, or edges that are not at least two and rising.
pub fn score_histogram_over(bad: &[bool], score: &[f64], edges: &[f64]) -> ScoreHistogram {
    let rising = edges.len() >= 2 && edges.is_sorted_by(|x, y| x < y);
    if !rising || bad.is_empty() || bad.len() != score.len() || score.iter().any(|s| s.is_nan()) {
        return ScoreHistogram::default();
    }
    let n_bins = edges.len() - 1;
    let (mut n_good, mut n_bad) = (vec![0; n_bins], vec![0; n_bins]);
    for (&bad, &score) in bad.iter().zip(score) {
        let bin = match edges.partition_point(|edge| *edge <= score) {
            0 => continue,
            at if at <= n_bins => at - 1,
            _ if score == edges[n_bins] => n_bins - 1,
            _ => continue,
        };
        if bad {
            n_bad[bin] += 1;
        } else {
            n_good[bin] += 1;
        }
    }
    ScoreHistogram { edges: edges.to_vec(), good: n_good, bad: n_bad }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-10, "{found} against {expected}");
    }

    #[test]
    fn reliability_by_hand() {
        // Upwards 0.1 0.2 | 0.3 0.4 | 0.5 0.9 in three bins of two.
        let pd = [0.9, 0.1, 0.4, 0.2, 0.5, 0.3];
        let bins = reliability(&[true, false, true, false, false, false], &pd, 3);
        let found: Vec<_> = bins.iter().map(|b| (b.n, b.bad, b.observed)).collect();
        assert_eq!(found, [(2, 0, 0.0), (2, 1, 0.5), (2, 1, 0.5)]);
        for (bin, mean) in bins.iter().zip([0.15, 0.35, 0.7]) {
            close(bin.mean_pd, mean);
        }
        assert_eq!(bins[0].interval[0], 0.0);
        // More bins than rows: a bin a row.
        assert_eq!(reliability(&[true, false], &[0.2, 0.7], 10).len(), 2);
        // Seven rows in two bins: 3 and 4.
        let seven = reliability(&[false; 7], &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], 2);
        assert_eq!(seven.iter().map(|b| b.n).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn ties_are_never_split() {
        let pd = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 0.3, 0.8, 0.9];
        let bins = reliability(&[false; 10], &pd, 5);
        assert_eq!(bins.iter().map(|b| b.n).collect::<Vec<_>>(), [6, 2, 2]);
        let constant = reliability(&[true, false, false], &[0.25; 3], 10);
        assert_eq!((constant.len(), constant[0].n, constant[0].mean_pd), (1, 3, 0.25));
    }

    /// Bad rows, rows, and `scipy.stats.beta.ppf` 1.17 at 0.025 and 0.975.
    const JEFFREYS: [(usize, usize, [f64; 2]); 9] = [
        (0, 2, [0.0, 0.6668217544012089]),
        (1, 2, [0.06083027592009732, 0.9391697240799026]),
        (2, 2, [0.3331782455987909, 1.0]),
        (1, 10, [0.011011673763161133, 0.3813147710666164]),
        (3, 40, [0.021576674442978006, 0.18681429723762477]),
        (0, 500, [0.0, 0.0050087878001096745]),
        (7, 100_000, [3.131121640917584e-05, 0.0001374369860810362]),
        (999_999, 1_000_000, [0.9999953258079533, 0.9999998921023375]),
        (25_000, 1_000_000, [0.02469537404362749, 0.02530737553772476]),
    ];

    #[test]
    fn jeffreys_intervals() {
        for (k, n, expected) in JEFFREYS {
            let found = jeffreys_interval(k, n);
            close(found[0], expected[0]);
            close(found[1], expected[1]);
        }
    }

    #[test]
    fn histogram_by_hand() {
        let bad = [true, false, true, false, true, false];
        let h = score_histogram(&bad, &[1.0, 0.0, 0.5, 0.49, 0.75, 0.25], 4);
        assert_eq!(h.edges, [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!((h.good, h.bad), (vec![1, 2, 0, 0], vec![0, 0, 1, 2]));
        let h = score_histogram_over(&bad, &[-5.0, -1.0, 0.0, 2.0, 3.0, f64::INFINITY], &[-1.0, 0.0, 3.0]);
        assert_eq!((h.good, h.bad), (vec![1, 1], vec![0, 2]));
    }

    #[test]
    fn undefined_bins_are_empty() {
        for (bad, pd, n) in [
            (vec![], vec![], 3),
            (vec![true], vec![0.5], 0),
            (vec![true], vec![f64::NAN], 3),
            (vec![true], vec![1.5], 3),
            (vec![true, false], vec![0.5], 3),
        ] {
            assert!(reliability(&bad, &pd, n).is_empty());
            assert_eq!(score_histogram(&bad, &pd, n), ScoreHistogram::default());
        }
        for edges in [&[][..], &[0.5], &[0.5, 0.5], &[1.0, 0.0], &[0.0, f64::NAN]] {
            assert_eq!(score_histogram_over(&[true], &[0.5], edges), ScoreHistogram::default());
        }
    }
}
