//! A tree of clusters of columns: an order of its leaves in which columns that go together stand beside each other, and
//! the clusters below a height.

use kodama::{Dendrogram, Method, linkage};
use ndarray::Array2;

/// 1 − |ρ|, undefined ρ counting as 0.
fn distance(rho: &Array2<f32>, i: usize, j: usize) -> f64 {
    let rho = f64::from(rho[[i, j]]);
    if rho.is_nan() { 1.0 } else { 1.0 - rho.abs() }
}

/// Joins at least two columns, the nearest first, clusters by their average distance.
fn tree(rho: &Array2<f32>) -> Dendrogram<f64> {
    let p = rho.nrows();
    let mut condensed: Vec<f64> = (0..p).flat_map(|i| (i + 1..p).map(move |j| distance(rho, i, j))).collect();
    linkage(&mut condensed, p, Method::Average)
}

/// The columns of `rho` in clusters whose halves go together with an average |ρ| of at least `least`: each column once,
/// ascending, the clusters by their first column.
pub(super) fn clusters(rho: &Array2<f32>, least: f64) -> Vec<Vec<usize>> {
    let p = rho.nrows();
    let mut clusters: Vec<Vec<usize>> = (0..p).map(|i| vec![i]).collect();
    if p >= 2 {
        // ρ is f32: 0.8 of them is not 0.8.
        let near = 1.0 - least + 1e-6;
        for step in tree(rho).steps() {
            // A step that is too far is no cluster, nor is any that builds on it, being farther still.
            let mut joined = Vec::new();
            if step.dissimilarity <= near {
                joined.append(&mut std::mem::take(&mut clusters[step.cluster1]));
                joined.append(&mut std::mem::take(&mut clusters[step.cluster2]));
                joined.sort_unstable();
            }
            clusters.push(joined);
        }
    }
    clusters.retain(|cluster| !cluster.is_empty());
    clusters.sort_unstable();
    clusters
}

/// Positions of the columns of `rho`, each once. Clusters are joined by their average distance 1 − |ρ|, undefined ρ
/// counting as 0; of the four ways to lay two clusters end to end the one is taken whose touching ends are nearest.
pub(super) fn order(rho: &Array2<f32>) -> Vec<usize> {
    let p = rho.nrows();
    if p < 2 {
        return (0..p).collect();
    }
    let mut clusters: Vec<Vec<usize>> = (0..p).map(|i| vec![i]).collect();
    for step in tree(rho).steps() {
        let mut take = |cluster: usize| std::mem::take(&mut clusters[cluster]);
        let (mut left, mut right) = (take(step.cluster1), take(step.cluster2));
        if right.iter().min() < left.iter().min() {
            std::mem::swap(&mut left, &mut right);
        }
        let gap = |turn_left: bool, turn_right: bool| {
            let end = if turn_left { left[0] } else { left[left.len() - 1] };
            let start = if turn_right { right[right.len() - 1] } else { right[0] };
            distance(rho, end, start)
        };
        let ways = [(false, false), (true, false), (false, true), (true, true)];
        // The first of equals, as the columns stand in the table.
        let nearest = ways.into_iter().min_by(|&(a, b), &(c, d)| gap(a, b).total_cmp(&gap(c, d)));
        let (turn_left, turn_right) = nearest.unwrap_or_default();
        if turn_left {
            left.reverse();
        }
        if turn_right {
            right.reverse();
        }
        left.append(&mut right);
        clusters.push(left);
    }
    clusters.pop().unwrap_or_default()
}
