//! An order in which columns that go together stand beside each other: the leaves of a tree of clusters.

use kodama::{Method, linkage};
use ndarray::Array2;

/// Positions of the columns of `rho`, each once. Clusters are joined by their average distance 1 − |ρ|, undefined ρ
/// counting as 0; of the four ways to lay two clusters end to end the one is taken whose touching ends are nearest.
pub(super) fn order(rho: &Array2<f32>) -> Vec<usize> {
    let p = rho.nrows();
    let distance = |i: usize, j: usize| {
        let rho = f64::from(rho[[i, j]]);
        if rho.is_nan() { 1.0 } else { 1.0 - rho.abs() }
    };
    if p < 2 {
        return (0..p).collect();
    }
    let mut condensed: Vec<f64> =
        (0..p).flat_map(|i| (i + 1..p).map(move |j| (i, j))).map(|(i, j)| distance(i, j)).collect();
    let tree = linkage(&mut condensed, p, Method::Average);
    let mut clusters: Vec<Vec<usize>> = (0..p).map(|i| vec![i]).collect();
    for step in tree.steps() {
        let mut take = |cluster: usize| std::mem::take(&mut clusters[cluster]);
        let (mut left, mut right) = (take(step.cluster1), take(step.cluster2));
        if right.iter().min() < left.iter().min() {
            std::mem::swap(&mut left, &mut right);
        }
        let gap = |turn_left: bool, turn_right: bool| {
            let end = if turn_left { left[0] } else { left[left.len() - 1] };
            let start = if turn_right { right[right.len() - 1] } else { right[0] };
            distance(end, start)
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
