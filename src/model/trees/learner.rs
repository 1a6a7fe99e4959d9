//! The boosted trees as a [`Learner`]: bins column by column, then one tree a portion.

use std::sync::Arc;

use forust_ml::gradientbooster::GrowPolicy;
use forust_ml::sampler::SampleMethod;
use forust_ml::splitter::MissingImputerSplitter;
use forust_ml::tree::Tree;
use rand::seq::index;

use super::bins::Bins;
use super::model::{TreesModel, importance};
use super::settings::TreesParameters;
use crate::model::calibrated::Refit;
use crate::model::log_odds::{TwoClasses, cross_entropy, probability};
use crate::model::parts::stratified_parts;
use crate::model::{
    Advance, Classifier, FitFacts, Learner, ModelError, Phase, Point, Progress, Series, StopReason, TrainingSet,
};
use crate::random::{Purpose, stream};

/// Cells (rows × inputs) that one tree is grown on at most, so that a portion stays below a tenth of a second. On larger
/// tables every tree gets as many rows, drawn anew, as this allows.
const MOST_CELLS: usize = 1 << 22;
/// Rows taken through a new tree in one portion.
const ROWS: usize = 1 << 18;
/// Least variance p(1 − p) of a row, for a leaf of rows that are all told apart for certain.
const LEAST_VARIANCE: f64 = 1e-16;

/// Grows one tree after the other.
pub struct TreesLearner {
    set: Arc<TrainingSet>,
    classes: TwoClasses,
    parameters: TreesParameters,
    seed: u64,
    bins: Bins,
    /// Log-odds of the rows learned from, and of those set apart.
    learned: Vec<f64>,
    apart: Vec<f64>,
    gradient: Vec<f32>,
    hessian: Vec<f32>,
    trees: Vec<Arc<Tree>>,
    /// Trees with the least loss on the rows set apart, and that loss.
    best: Option<(usize, f64)>,
    stage: Stage,
    rows_seen: u64,
}

/// What is under way.
enum Stage {
    Binning,
    Growing,
    /// The new tree's answers are added to the rows it was not grown on, by place; those before `next` have theirs.
    Adding {
        tree: Tree,
        split_bins: Vec<u16>,
        others: Vec<usize>,
        next: usize,
    },
    Finished(StopReason),
}

impl TreesLearner {
    /// A learner for the labelled rows of `set`, class 1 being the bad one. The seed decides which rows are set apart
    /// ([`Purpose::EarlyStopping`]) and which rows and inputs each tree is grown on ([`Purpose::Boosting`]).
    ///
    /// # Errors
    /// [`ModelError::NotTwoClasses`], those of [`TrainingSet::check_labelled`], [`ModelError::OneClass`].
    pub fn new(set: Arc<TrainingSet>, parameters: TreesParameters, seed: u64) -> Result<Self, ModelError> {
        let classes = TwoClasses::of_set(&set, parameters.settings().class_weight)?;
        let apart = rows_apart(&set, &parameters, seed);
        let learned: Vec<usize> = (0..set.y.len()).filter(|row| apart.binary_search(row).is_err()).collect();
        Ok(Self {
            learned: vec![classes.log_odds(); learned.len()],
            apart: vec![classes.log_odds(); apart.len()],
            gradient: vec![0.0; learned.len()],
            hessian: vec![0.0; learned.len()],
            bins: Bins::new(learned, apart, parameters.settings().bins),
            set,
            classes,
            parameters,
            seed,
            trees: Vec::new(),
            best: None,
            stage: Stage::Binning,
            rows_seen: 0,
        })
    }

    /// Grows the next tree on its rows and inputs and adds its answers to those rows.
    fn grow(&mut self) -> Stage {
        let settings = self.parameters.settings();
        let (n_rows, n_columns) = (self.learned.len(), self.set.x.ncols());
        let mut random = stream(self.seed, Purpose::Boosting, self.trees.len() as u64);
        let mut draw = |n: usize, amount: usize| {
            let mut drawn =
                if amount < n { index::sample(&mut random, n, amount).into_vec() } else { (0..n).collect() };
            drawn.sort_unstable();
            drawn
        };
        let columns = draw(n_columns, share(n_columns, settings.column_share));
        let rows = draw(n_rows, share(n_rows, settings.row_share).min((MOST_CELLS / columns.len()).max(1)));
        let method = if rows.len() < n_rows { SampleMethod::Random } else { SampleMethod::None };
        self.rows_seen += rows.len() as u64;
        let splitter = MissingImputerSplitter::new(
            0.0,
            settings.l2 as f32,
            0.0,
            0.0,
            settings.min_leaf_weight as f32,
            settings.rate as f32,
            false,
            Default::default(),
        );
        let mut tree = Tree::new();
        let grown = tree.fit(
            &self.bins.learned.matrix(n_columns),
            rows,
            &columns,
            self.bins.cuts(),
            &self.gradient,
            &self.hessian,
            &splitter,
            usize::MAX,
            settings.depth,
            false,
            &method,
            &GrowPolicy::DepthWise,
        );
        let mut added = vec![false; n_rows];
        // Without its rows a tree has to be asked about each of them.
        for (rows, answer) in grown.iter().flat_map(|grown| grown.leaves(&tree)) {
            for &row in rows {
                self.learned[row] += answer;
                added[row] = true;
            }
        }
        let others: Vec<usize> = (0..n_rows).filter(|&row| !added[row]).collect();
        let split_bins = self.bins.splits_of(&tree);
        Stage::Adding { tree, split_bins, others, next: 0 }
    }

    /// Adds the answers of a new tree to the next of the rows it was not grown on; after the last of them it is one of the
    /// trees.
    fn add(
        &mut self,
        tree: Tree,
        split_bins: Vec<u16>,
        others: Vec<usize>,
        next: usize,
        record: &mut dyn FnMut(Point),
    ) -> Stage {
        let end = (next + ROWS).min(others.len());
        let places = &others[next..end];
        let answers = self.bins.learned.answers(&tree, &split_bins, places.iter().copied());
        for (&place, answer) in places.iter().zip(answers) {
            self.learned[place] += answer;
        }
        if end < others.len() {
            return Stage::Adding { tree, split_bins, others, next: end };
        }
        let answers = self.bins.apart.answers(&tree, &split_bins, 0..self.apart.len());
        for (log_odds, answer) in self.apart.iter_mut().zip(answers) {
            *log_odds += answer;
        }
        self.trees.push(Arc::new(tree));
        self.look(record)
    }

    /// Gradients for the next tree, the losses, and whether there is to be one.
    fn look(&mut self, record: &mut dyn FnMut(Point)) -> Stage {
        let grown = self.trees.len();
        let (mut loss, mut total) = (0.0, 0.0);
        for (place, (&row, &log_odds)) in self.bins.learned.rows.iter().zip(&self.learned).enumerate() {
            let class = self.set.y[row];
            let (p, weight) = (probability(log_odds), self.classes.weight(class));
            self.gradient[place] = (weight * (p - class as f64)) as f32;
            self.hessian[place] = (weight * (p * (1.0 - p)).max(LEAST_VARIANCE)) as f32;
            loss += weight * cross_entropy(log_odds, class == 1);
            total += weight;
        }
        record(Point { series: Series::LossTraining, x: grown as f64, y: loss / total });
        let settings = self.parameters.settings();
        if let Some(loss) = self.loss_apart() {
            record(Point { series: Series::LossValidation, x: grown as f64, y: loss });
            // No tree at all would rank no row, so that the first one always counts as better.
            if grown <= 1 || self.best.is_none_or(|(_, least)| loss < least) {
                self.best = Some((grown, loss));
            }
        }
        if self.best.is_some_and(|(best, _)| grown >= best + settings.patience) {
            Stage::Finished(StopReason::EarlyStopped)
        } else if grown >= settings.trees {
            Stage::Finished(StopReason::Completed)
        } else {
            Stage::Growing
        }
    }

    /// Mean cross-entropy of the rows set apart, `None` when there are none.
    fn loss_apart(&self) -> Option<f64> {
        let (mut loss, mut total) = (0.0, 0.0);
        for (&row, &log_odds) in self.bins.apart.rows.iter().zip(&self.apart) {
            let class = self.set.y[row];
            loss += self.classes.weight(class) * cross_entropy(log_odds, class == 1);
            total += self.classes.weight(class);
        }
        (total > 0.0).then(|| loss / total)
    }

    /// The trees that are kept if the run ends here.
    fn kept(&self) -> &[Arc<Tree>] {
        &self.trees[..self.best.map_or(self.trees.len(), |(best, _)| best)]
    }
}

/// The rows set apart for early stopping, in ascending order: whole groups where there are any. None where it is off or a
/// class has a single row.
fn rows_apart(set: &TrainingSet, parameters: &TreesParameters, seed: u64) -> Vec<usize> {
    let settings = parameters.settings();
    if !settings.early_stopping {
        return Vec::new();
    }
    let n_parts = (1.0 / settings.validation_share).round() as usize;
    let parts = stratified_parts(set, n_parts, &mut stream(seed, Purpose::EarlyStopping, 0));
    parts.into_iter().next().unwrap_or_default()
}

/// This share of `n`, at least 1.
fn share(n: usize, share: f64) -> usize {
    ((n as f64 * share).round() as usize).max(1)
}

impl Learner for TreesLearner {
    fn advance(&mut self, record: &mut dyn FnMut(Point)) -> Advance {
        let grown = self.trees.len();
        let stage = std::mem::replace(&mut self.stage, Stage::Binning);
        self.stage = match stage {
            Stage::Binning if self.bins.advance(&self.set.x) => self.look(record),
            Stage::Binning => Stage::Binning,
            Stage::Growing => match self.grow() {
                Stage::Adding { tree, split_bins, others, next } if others.len() <= ROWS => {
                    self.add(tree, split_bins, others, next, record)
                }
                adding => adding,
            },
            Stage::Adding { tree, split_bins, others, next } => self.add(tree, split_bins, others, next, record),
            finished @ Stage::Finished(_) => finished,
        };
        match &self.stage {
            Stage::Finished(reason) => Advance::Finished(reason.clone()),
            _ if self.trees.len() > grown => Advance::Boundary,
            _ => Advance::Within,
        }
    }

    fn progress(&self) -> Progress {
        let planned = self.parameters.settings().trees;
        let finished = matches!(self.stage, Stage::Finished(_));
        Progress {
            phase: if finished { Phase::Finished } else { Phase::Boosting },
            done: self.trees.len() as u64,
            planned: Some(planned as u64),
            fraction: if finished { 1.0 } else { self.trees.len() as f64 / planned as f64 },
            rows_seen: self.rows_seen,
        }
    }

    fn classifier(&self) -> Arc<dyn Classifier> {
        let base = self.classes.log_odds() - self.classes.raised();
        Arc::new(TreesModel { base, trees: self.kept().to_vec() })
    }

    fn facts(&self) -> FitFacts {
        FitFacts::Trees {
            trees: self.kept().len(),
            grown: self.trees.len(),
            importance: importance(self.kept().iter().map(AsRef::as_ref), self.set.x.ncols()),
            stop_reason: match &self.stage {
                Stage::Finished(reason) => reason.clone(),
                _ => StopReason::Stopped,
            },
        }
    }
}

impl Refit for TreesLearner {
    /// As many trees as this fit kept: a part of its rows has none to spare for finding that number again.
    fn refit(&self, set: Arc<TrainingSet>) -> Result<Box<dyn Learner>, ModelError> {
        let mut parameters = self.parameters.clone();
        parameters.keep(self.kept().len().max(1));
        Ok(Box::new(Self::new(set, parameters, self.seed)?))
    }
}
