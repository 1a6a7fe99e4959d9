//! The fits of one γ: each fold goes through the values of C from the smallest up, on one kernel matrix.

use std::ops::Range;
use std::sync::Arc;

use crate::model::auc;
use crate::model::calibration::Platt;
use crate::model::svm::fit::Fit;
use crate::model::svm::matrix::{KernelMatrix, Pairs};
use crate::model::svm::{Kernel, Limits, Problem, SvmModel};

/// The rows of one division, shared by all fits on it.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    /// All rows; those held out have C = 0.
    problem: Arc<Problem>,
    held_out: Arc<[usize]>,
}

impl Fold {
    pub(super) fn new(problem: &Problem, held_out: Vec<usize>) -> Self {
        Self { problem: Arc::new(problem.clone().without(&held_out)), held_out: held_out.into() }
    }
}

/// What all fits of a search have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) balanced: bool,
    pub(super) limits: Limits,
}

/// A value of C that all folds have passed.
pub(super) struct Judged {
    /// Its cell.
    pub(super) cell: usize,
    /// AUC on each fold, where it is defined.
    pub(super) aucs: Vec<Option<f64>>,
    /// The model of the first fold, calibrated on the rows held out from it.
    pub(super) model: Option<(SvmModel, Platt)>,
    /// SMO iterations over all folds.
    pub(super) iterations: u64,
}

/// One γ and its values of C.
pub(super) struct Column {
    matrix: Matrix,
    /// The cells of its values of C.
    cells: Range<usize>,
    n_judged: usize,
    tracks: Vec<Track>,
}

/// The kernel matrix, worked out before the fits begin; it takes no memory before its turn comes.
enum Matrix {
    Waiting(Kernel),
    Begun(KernelMatrix),
    Ready(Arc<KernelMatrix>),
    /// The linear kernel's own solver does without.
    Unneeded,
}

/// One fold's way through the values of C.
pub(super) struct Track {
    fold: Fold,
    terms: Terms,
    /// The values of C, ascending.
    c: Arc<[f64]>,
    standing: Option<Fit>,
    passed: Vec<Passed>,
    keeps_models: bool,
}

/// A fit that is done.
struct Passed {
    auc: Option<f64>,
    iterations: u64,
    model: Option<(SvmModel, Platt)>,
}

impl Column {
    /// Nothing worked out yet. `cells` has one place for each of the values of C.
    pub(super) fn new(kernel: Kernel, c: Vec<f64>, cells: Range<usize>, folds: &[Fold], terms: Terms) -> Self {
        let c: Arc<[f64]> = c.into();
        let track = |(index, fold): (usize, &Fold)| Track {
            fold: fold.clone(),
            terms,
            c: Arc::clone(&c),
            standing: None,
            passed: Vec::new(),
            keeps_models: index == 0,
        };
        let tracks = folds.iter().enumerate().map(track).collect();
        let n_inputs = folds.first().map_or(0, |fold| fold.problem.x().ncols());
        let matrix = if Fit::is_linear(kernel, n_inputs) { Matrix::Unneeded } else { Matrix::Waiting(kernel) };
        Self { matrix, cells, n_judged: 0, tracks }
    }

    /// The fits that can be worked on, with the matrix they need: none while that is worked out, of which this does a portion.
    pub(super) fn work(&mut self, pairs: &Pairs, work: u64) -> Vec<(&mut Track, Option<Arc<KernelMatrix>>)> {
        self.matrix = match std::mem::replace(&mut self.matrix, Matrix::Waiting(Kernel::Linear)) {
            Matrix::Waiting(kernel) => Matrix::Begun(KernelMatrix::new(kernel, pairs)),
            Matrix::Begun(mut matrix) => {
                if matrix.advance(pairs, work) {
                    Matrix::Ready(Arc::new(matrix))
                } else {
                    Matrix::Begun(matrix)
                }
            }
            ready @ (Matrix::Ready(_) | Matrix::Unneeded) => ready,
        };
        let matrix = match &self.matrix {
            Matrix::Ready(matrix) => Some(matrix),
            Matrix::Unneeded => None,
            Matrix::Waiting(_) | Matrix::Begun(_) => return Vec::new(),
        };
        let under_way = self.tracks.iter_mut().filter(|track| !track.is_finished());
        under_way.map(|track| (track, matrix.cloned())).collect()
    }

    /// The next value of C that all folds have passed, once.
    pub(super) fn next_judged(&mut self) -> Option<Judged> {
        let place = self.n_judged;
        if self.is_finished() || self.tracks.iter().any(|track| track.passed.len() <= place) {
            return None;
        }
        self.n_judged += 1;
        let passed = || self.tracks.iter().map(|track| &track.passed[place]);
        let aucs = passed().map(|passed| passed.auc).collect();
        let iterations = passed().map(|passed| passed.iterations).sum();
        let model = self.tracks.first_mut().and_then(|track| track.passed[place].model.take());
        Some(Judged { cell: self.cells.start + place, aucs, model, iterations })
    }

    /// Whether every value of C is judged.
    pub(super) fn is_finished(&self) -> bool {
        self.n_judged == self.cells.len()
    }
}

impl Track {
    fn is_finished(&self) -> bool {
        self.passed.len() == self.c.len()
    }

    /// A fit for one value of C: on the matrix, from the solution for another, or else by the linear kernel's own solver.
    fn fit(&self, c: f64, matrix: Option<&Arc<KernelMatrix>>, from: Option<(f64, &Fit)>) -> Fit {
        let problem = (*self.fold.problem).clone().bounded(c, self.terms.balanced);
        let Some(matrix) = matrix else { return Fit::new(problem, Kernel::Linear, self.terms.limits) };
        // The solution for a smaller C, grown with it, is near that for the next.
        let start = from.map(|(before, fit)| fit.alpha().iter().map(|alpha| alpha * (c / before)).collect::<Vec<_>>());
        Fit::on_matrix(problem, matrix, self.terms.limits, start.as_deref())
    }

    /// About `work` units on the fit that stands.
    pub(super) fn advance(&mut self, matrix: Option<&Arc<KernelMatrix>>, work: u64) {
        let Some(&c) = self.c.get(self.passed.len()) else { return };
        let mut fit = self.standing.take().unwrap_or_else(|| self.fit(c, matrix, None));
        if fit.advance(work, &mut |_| {}).is_none() {
            self.standing = Some(fit);
            return;
        }
        let decisions = fit.own_decision_values();
        let scores: Vec<f64> = self.fold.held_out.iter().map(|&row| decisions[row]).collect();
        let bad: Vec<bool> = self.fold.held_out.iter().map(|&row| fit.problem().y()[row] > 0.0).collect();
        self.passed.push(Passed {
            auc: auc(&bad, &scores),
            iterations: fit.iterations(),
            model: self.keeps_models.then(|| (fit.model(), Platt::fit_rising(&scores, &bad))),
        });
        self.standing = self.c.get(self.passed.len()).map(|&next| self.fit(next, matrix, Some((c, &fit))));
    }
}
