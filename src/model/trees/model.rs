//! Answers of boosted trees.

use std::sync::Arc;

use forust_ml::tree::Tree;
use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::model::Classifier;
use crate::model::log_odds::both_probabilities;

/// Rows that are taken through a tree before the next one, so that the tree stays in the cache.
const BLOCK: usize = 256;

/// F₀ and the trees.
pub(super) struct TreesModel {
    pub(super) base: f64,
    pub(super) trees: Vec<Arc<Tree>>,
}

impl Classifier for TreesModel {
    fn probabilities(&self, x: ArrayView2<'_, f32>) -> Array2<f64> {
        both_probabilities(&self.scores(x))
    }

    /// The log-odds of the bad outcome.
    fn scores(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        let mut scores = Array1::from_elem(x.nrows(), self.base);
        let blocks = scores.axis_chunks_iter_mut(Axis(0), BLOCK).zip(x.axis_chunks_iter(Axis(0), BLOCK));
        for (mut scores, x) in blocks {
            let values: Vec<f64> = x.iter().map(|&value| f64::from(value)).collect();
            for tree in &self.trees {
                for (score, row) in scores.iter_mut().zip(values.chunks_exact(x.ncols())) {
                    *score += tree.predict_row_from_row_slice(row, &f64::NAN);
                }
            }
        }
        scores
    }
}

/// Share of each of `n_inputs` inputs in what the splits of the trees gained; all 0 where there is no split.
pub(super) fn importance<'a>(trees: impl Iterator<Item = &'a Tree>, n_inputs: usize) -> Vec<f64> {
    let mut gains = vec![0.0; n_inputs];
    for node in trees.flat_map(|tree| &tree.nodes).filter(|node| !node.is_leaf) {
        gains[node.split_feature] += f64::from(node.split_gain);
    }
    let total: f64 = gains.iter().sum();
    if total > 0.0 {
        for gain in &mut gains {
            *gain /= total;
        }
    }
    gains
}
