//! Answers of boosted trees.

use std::fmt;
use std::sync::Arc;

use forust_ml::tree::Tree;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::fitted::all_finite;
use crate::model::log_odds::both_probabilities;
use crate::model::{Classifier, FittedKind, FittedModel};

/// Rows that are taken through a tree before the next one, so that the tree stays in the cache.
const BLOCK: usize = 256;

/// F₀ and the trees.
#[derive(Clone, Serialize, Deserialize)]
pub struct TreesModel {
    /// F₀, the log-odds of the base rate.
    pub base: f64,
    /// The trees, η included in their leaves. A row goes left where its input is below the split's value.
    #[serde(serialize_with = "write_trees", deserialize_with = "read_trees")]
    pub trees: Vec<Arc<Tree>>,
}

fn write_trees<S: Serializer>(trees: &[Arc<Tree>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(trees.iter().map(AsRef::as_ref))
}

fn read_trees<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Arc<Tree>>, D::Error> {
    Ok(Vec::<Tree>::deserialize(deserializer)?.into_iter().map(Arc::new).collect())
}

impl fmt::Debug for TreesModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} trees on {}", self.trees.len(), self.base)
    }
}

/// Equal where they answer alike.
impl PartialEq for TreesModel {
    fn eq(&self, other: &Self) -> bool {
        let alike = |(a, b): (&Arc<Tree>, &Arc<Tree>)| {
            a.nodes.len() == b.nodes.len()
                && a.nodes.iter().zip(&b.nodes).all(|(a, b)| {
                    let ways = [a, b].map(|node| [node.left_child, node.right_child, node.missing_node]);
                    match (a.is_leaf, b.is_leaf) {
                        (true, true) => a.weight_value == b.weight_value,
                        (false, false) => {
                            (a.split_feature, a.split_value) == (b.split_feature, b.split_value) && ways[0] == ways[1]
                        }
                        _ => false,
                    }
                })
        };
        self.base == other.base
            && self.trees.len() == other.trees.len()
            && self.trees.iter().zip(&other.trees).all(alike)
    }
}

impl TreesModel {
    /// Whether every split looks at one of `n_inputs` inputs, and every way down ends.
    pub(in crate::model) fn check(&self, n_inputs: usize) -> Result<(), String> {
        all_finite("the base of the trees", [&self.base].into_iter())?;
        for tree in &self.trees {
            let n_nodes = tree.nodes.len();
            let ends = tree.nodes.iter().enumerate().all(|(at, node)| {
                let mut to = [node.left_child, node.right_child, node.missing_node].into_iter();
                let goes_on = node.split_feature < n_inputs && node.split_value.is_finite();
                node.weight_value.is_finite()
                    && (node.is_leaf || (goes_on && to.all(|next| next > at && next < n_nodes)))
            });
            if n_nodes == 0 || !ends {
                return Err("a tree does not lead to a leaf".to_owned());
            }
        }
        Ok(())
    }
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

    fn fitted(&self) -> Option<FittedModel> {
        Some(FittedModel::plain(FittedKind::Trees(self.clone())))
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
