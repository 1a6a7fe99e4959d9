//! The search for C and γ inside the training rows: each pair is judged by the AUC of rows held out from its fits.
//!
//! The folds are stratified, and keep groups together as the outer folds do. All fits of one γ share one kernel matrix; a
//! fold's held-out rows take part in its fits with Cᵢ = 0, so that their decision values come with the fit. Along C each
//! fit starts from the solution for the C before.
//!
//! The pairs of a batch are independent of one another, and the next batch depends on the whole of the last: which of them
//! are worked on side by side never shows in a result.

mod column;
mod grid;

use std::collections::VecDeque;

use ndarray::{Array2, Axis, s};
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};

use super::fit::Fit;
use super::machine::SvmModel;
use super::matrix::Pairs;
use super::problem::Problem;
use super::settings::{ClassWeight, SvmParameters};
use super::solver::Limits;
use crate::model::TrainingSet;
use crate::model::calibration::Platt;
use crate::model::kernels::each;
use crate::model::parts::stratified_parts;
use crate::random::{Purpose, Stream, stream};
use column::{Column, Fold, Terms};
use grid::{Grid, Place};

/// Columns of the grid (one γ each) worked on side by side: so many kernel matrices are held at once.
const COLUMNS: usize = 2;
/// Iterations of one fit at most, as a multiple of its rows: a pair that needs more is judged by what it has come to.
const ITERATIONS_PER_ROW: u64 = 20;
/// KKT violation at which a pair is judged, unless a coarser one is asked for: a ranking is settled long before the end.
const TOLERANCE: f64 = 1e-2;
/// Places tried in a usual search, for the share that is done before the number is known.
const USUAL: usize = 50;

/// A pair of C and γ, and how it did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TuningCell {
    /// log₂ C.
    pub log2_c: i32,
    /// log₂ γ; `None` for a kernel without γ.
    pub log2_gamma: Option<i32>,
    /// Distance of its neighbours when it was tried, in powers of two: 4, 2 or 1.
    pub step: i32,
    /// Mean AUC of the held-out rows over the folds where it is defined; `None` where it is in none, or not known yet.
    pub auc: Option<f64>,
    /// Standard error, over the folds, of how far its AUC is above that of the first pair; `None` where there is none.
    pub lead_error: Option<f64>,
    /// Whether all its folds are done.
    pub done: bool,
}

impl TuningCell {
    /// C.
    pub fn c(&self) -> f64 {
        f64::from(self.log2_c).exp2()
    }

    /// γ, where the kernel has one.
    pub fn gamma(&self) -> Option<f64> {
        self.log2_gamma.map(|log2| f64::from(log2).exp2())
    }
}

/// A search as far as it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// Training rows that take part.
    pub rows: usize,
    /// Training rows there are.
    pub of_rows: usize,
    /// Folds by which each pair is judged; 0 where the rows cannot be divided, and nothing is searched.
    pub folds: usize,
    /// The pairs begun, in the order in which they were planned.
    pub cells: Vec<TuningCell>,
}

impl Tuning {
    /// The pair to take, so far: of those that lead the first pair, C = 1 and γ near 1 / inputs, by more than the standard error
    /// of their lead the one with the highest AUC; of equals the one nearest to the first. With few rows the highest of
    /// fifty noisy figures is seldom the best, so the first pair stands unless it is clearly beaten.
    pub fn best(&self) -> Option<&TuningCell> {
        let first = self.cells.first().filter(|first| first.done)?;
        let lead = |cell: &TuningCell| Some(cell.auc? - first.auc?);
        let leads = self.cells.iter().filter(|cell| lead(cell) > Some(cell.lead_error.unwrap_or(0.0)));
        let distance = |cell: &TuningCell| {
            let of_gamma = cell.log2_gamma.unwrap_or(0) - first.log2_gamma.unwrap_or(0);
            (cell.log2_c - first.log2_c).abs() + of_gamma.abs()
        };
        let better = |a: &&TuningCell, b: &&TuningCell| {
            a.auc.unwrap_or(0.0).total_cmp(&b.auc.unwrap_or(0.0)).then(distance(b).cmp(&distance(a)))
        };
        leads.max_by(better).or(first.auc.map(|_| first))
    }
}

/// The search under way.
pub(super) struct Search {
    parameters: SvmParameters,
    problem: Problem,
    of_rows: usize,
    folds: Vec<Fold>,
    pairs: Pairs,
    pairs_done: bool,
    grid: Grid,
    waiting: VecDeque<Column>,
    active: Vec<Column>,
    cells: Vec<TuningCell>,
    /// AUC of each cell on each fold, once it is done.
    aucs: Vec<Vec<Option<f64>>>,
    /// Models of the first and the best pair so far, each at its cell, fitted on all rows of the search but one fold's.
    models: Vec<Option<(SvmModel, Platt)>>,
    /// The share that is done, never falling.
    fraction: f64,
    rows_seen: u64,
    finished: bool,
}

impl Search {
    /// A search over the labelled rows of `set`, which take part in `problem` one for one.
    pub(super) fn new(set: &TrainingSet, problem: &Problem, parameters: &SvmParameters, seed: u64) -> Self {
        let settings = &parameters.settings().tuning;
        let mut random = stream(seed, Purpose::Tuning, 0);
        let rows = sample(&set.y, set.n_classes, settings.rows, &mut random);
        let sampled = TrainingSet {
            x: set.x.select(Axis(0), &rows),
            y: rows.iter().map(|&row| set.y[row]).collect(),
            x_unlabelled: Array2::zeros((0, set.x.ncols())),
            n_classes: set.n_classes,
            groups: rows.iter().filter_map(|&row| set.groups.get(row).copied()).collect(),
        };
        let problem = problem.at(&rows);
        let folds = stratified_parts(&sampled, settings.folds, &mut random);
        let folds: Vec<Fold> = folds.into_iter().map(|held_out| Fold::new(&problem, held_out)).collect();
        // The linear kernel's own solver takes the rows as they are.
        let linear = Fit::is_linear(parameters.kernel(None), set.x.ncols());
        Self {
            parameters: parameters.clone(),
            of_rows: set.y.len(),
            finished: folds.is_empty(),
            folds,
            pairs: Pairs::new(&sampled.x.slice(s![..if linear { 0 } else { rows.len() }, ..])),
            pairs_done: linear,
            problem,
            grid: Grid::new(parameters.settings().kernel.has_gamma().then(|| set.x.ncols())),
            waiting: VecDeque::new(),
            active: Vec::new(),
            cells: Vec::new(),
            aucs: Vec::new(),
            models: Vec::new(),
            fraction: 0.0,
            rows_seen: 0,
        }
    }

    /// One portion: about `work` units (see [`super::Solver::advance`]) on each fit under way. True when the search is over.
    pub(super) fn advance(&mut self, work: u64) -> bool {
        if self.finished {
            return true;
        }
        if !self.pairs_done {
            self.pairs_done = self.pairs.advance(work);
            return false;
        }
        if self.active.is_empty() && self.waiting.is_empty() {
            self.plan();
        }
        while self.active.len() < COLUMNS
            && let Some(column) = self.waiting.pop_front()
        {
            self.active.push(column);
        }
        self.finished = self.active.is_empty();
        let mut fits: Vec<_> = self.active.iter_mut().flat_map(|column| column.work(&self.pairs, work)).collect();
        each(&mut fits, |(track, matrix)| track.advance(matrix.as_ref(), work));
        drop(fits);
        self.judge();
        self.fraction = self.fraction.max(self.n_done() as f64 / self.cells.len().max(USUAL) as f64);
        self.finished
    }

    /// Puts the next batch of the grid in line.
    fn plan(&mut self) {
        let settings = self.parameters.settings();
        let has_gamma = settings.kernel.has_gamma();
        let limits = Limits {
            tolerance: settings.tolerance.max(TOLERANCE),
            max_iterations: settings.max_iterations.min(ITERATIONS_PER_ROW * self.problem.n_rows() as u64),
            cache_bytes: 0,
            certify: false,
        };
        let terms = Terms { balanced: settings.class_weight == ClassWeight::Balanced, limits };
        let best = self.tuning().best().map(|cell| Place { gamma: cell.log2_gamma.unwrap_or(0), c: cell.log2_c });
        let places = self.grid.next(best);
        let step = self.grid.step();
        for column in places.chunk_by(|a, b| a.gamma == b.gamma && a.c < b.c) {
            let start = self.cells.len();
            self.cells.extend(column.iter().map(|place| TuningCell {
                log2_c: place.c,
                log2_gamma: has_gamma.then_some(place.gamma),
                // The usual pair stands by itself.
                step: if *place == self.grid.first() { 1 } else { step },
                auc: None,
                lead_error: None,
                done: false,
            }));
            self.aucs.resize(self.cells.len(), Vec::new());
            self.models.resize(self.cells.len(), None);
            let cells = &self.cells[start..];
            let kernel = self.parameters.kernel(cells[0].gamma());
            let c = cells.iter().map(TuningCell::c).collect();
            self.waiting.push_back(Column::new(kernel, c, start..self.cells.len(), &self.folds, terms));
        }
    }

    /// Takes in the places that are done, and lets go of finished columns.
    fn judge(&mut self) {
        let mut active = std::mem::take(&mut self.active);
        for column in &mut active {
            while let Some(judged) = column.next_judged() {
                self.aucs[judged.cell] = judged.aucs;
                self.cells[judged.cell].done = true;
                let first = self.aucs.first().filter(|_| self.cells[0].done);
                for (cell, aucs) in self.cells.iter_mut().zip(&self.aucs).filter(|(cell, _)| cell.done) {
                    cell.auc = mean(aucs.iter().flatten().copied());
                    let leads = first.into_iter().flatten().zip(aucs).filter_map(|(&first, &own)| Some(own? - first?));
                    cell.lead_error = standard_error(&leads.collect::<Vec<_>>());
                }
                self.models[judged.cell] = judged.model;
                self.rows_seen += judged.iterations * self.problem.n_rows() as u64;
            }
        }
        active.retain(|column| !column.is_finished());
        self.active = active;
        // Of the models only the one to take is kept, and the first, which another may give way to.
        let best = self.best_place();
        for (place, model) in self.models.iter_mut().enumerate() {
            if place != 0 && Some(place) != best {
                *model = None;
            }
        }
    }

    /// Ends the search with what it has found so far.
    pub(super) fn skip(&mut self) {
        self.finished = true;
    }

    /// As far as it has come.
    pub(super) fn tuning(&self) -> Tuning {
        let (rows, folds) = (self.problem.n_rows(), self.folds.len());
        Tuning { rows, of_rows: self.of_rows, folds, cells: self.cells.clone() }
    }

    fn best_place(&self) -> Option<usize> {
        let tuning = self.tuning();
        let best = tuning.best()?;
        self.cells.iter().position(|cell| cell == best)
    }

    /// A model of the best pair so far, with its calibration on the rows held out from it.
    pub(super) fn best_model(&self) -> Option<&(SvmModel, Platt)> {
        self.models.get(self.best_place()?)?.as_ref().or(self.models.first()?.as_ref())
    }

    /// The share that is done, as far as can be told: how many pairs will be tried is not known before the end.
    pub(super) fn fraction(&self) -> f64 {
        if self.finished { 1.0 } else { self.fraction }
    }

    /// Pairs done.
    pub(super) fn n_done(&self) -> usize {
        self.cells.iter().filter(|cell| cell.done).count()
    }

    /// Rows shown so far, each showing counted.
    pub(super) fn rows_seen(&self) -> u64 {
        self.rows_seen
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0, 0.0), |(n, sum), value| (n + 1, sum + value));
    (n > 0).then(|| sum / f64::from(n))
}

/// Standard error of the mean; `None` of fewer than two values.
fn standard_error(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = mean(values.iter().copied())?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (n - 1.0) / n).sqrt())
}

/// At most `most` rows, of each class its share (at least two where there are two), in ascending order.
fn sample(classes: &[usize], n_classes: usize, most: usize, random: &mut Stream) -> Vec<usize> {
    if classes.len() <= most {
        return (0..classes.len()).collect();
    }
    let mut taken = Vec::with_capacity(most);
    for class in 0..n_classes {
        let mut rows: Vec<usize> = (0..classes.len()).filter(|&row| classes[row] == class).collect();
        let share = (rows.len() * most) as f64 / classes.len() as f64;
        let n = (share.round() as usize).max(2.min(rows.len()));
        let (chosen, _) = rows.partial_shuffle(random, n);
        taken.extend_from_slice(chosen);
    }
    taken.sort_unstable();
    taken
}

#[cfg(test)]
mod tests;
