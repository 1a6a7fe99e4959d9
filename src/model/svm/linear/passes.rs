//! The passes over the rows, block by block.

use std::ops::Range;

use ndarray::{CowArray, Ix2, s};

use super::candidate::{Rounding, Rule};
use super::normal::Vector;
use super::point::{Change, Place};
use super::{BLOCK, LinearSolver, PROXIMAL};
use crate::model::kernels::{add_row_combination, row_products};
use crate::model::svm::problem::Problem;

impl LinearSolver {
    /// The first interior point: half of every C in the class where ΣC is smaller, and as much in sum in the other.
    pub(super) fn start(&mut self) {
        let (y, c) = (self.problem.y(), self.problem.c());
        let sum_of = |sign: f64| y.iter().zip(c).filter(|&(&y, _)| y == sign).map(|(_, c)| c).sum::<f64>();
        let (bad, good) = (sum_of(1.0), sum_of(-1.0));
        let share = |y: f64| 0.5 * bad.min(good) / if y > 0.0 { bad } else { good };
        let beta: Vec<f64> = y.iter().zip(c).map(|(&y, c)| y * c * share(y)).collect();
        let blocks = || (0..y.len()).step_by(BLOCK).map(|from| from..y.len().min(from + BLOCK));
        let mut w = vec![0.0; self.w.len()];
        for range in blocks() {
            add_combination(&beta[range.clone()], &rows(&self.problem, &range), &mut w);
        }
        self.typical = beta.iter().map(|beta| beta.abs()).sum::<f64>() / y.len() as f64;
        (self.sum_of_beta, w[self.w.len() - 1]) = (w[self.w.len() - 1], 0.0);
        for range in blocks() {
            products(&rows(&self.problem, &range), &w, &mut self.fitted[range]);
        }
        let squares: f64 = self.problem.x().iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        self.proximal = PROXIMAL * squares / y.len() as f64;
        let excess = |row: usize| self.fitted[row] - y[row];
        let distances = |row: usize| {
            let alpha = c[row] * share(y[row]);
            if y[row] > 0.0 { (alpha, c[row] - alpha) } else { (c[row] - alpha, alpha) }
        };
        let taking_part = || (0..y.len()).filter(|&row| c[row] > 0.0);
        let products = taking_part().map(|row| excess(row).abs() * distances(row).0.min(distances(row).1));
        let mean = products.sum::<f64>() / taking_part().count() as f64;
        self.places = (0..y.len())
            .map(|row| {
                let (l, u) = distances(row);
                Place::near_centre(l, u, excess(row), mean)
            })
            .collect();
        let total: f64 = taking_part().map(|row| self.places[row].complementarity()).sum();
        let centre = total / (2 * taking_part().count()) as f64;
        self.centre = [centre; 3];
        self.w = w;
    }

    /// Fitted values and weights of the rows, and the right-hand side Σ D (y − f) x of the affine step.
    pub(super) fn weigh(&mut self, range: Range<usize>, rhs: &mut Vector) {
        let x = rows(&self.problem, &range);
        products(&x, &self.w, &mut self.fitted[range.clone()]);
        let (mut weights, mut weighted) = ([0.0; BLOCK], [0.0; BLOCK]);
        for (k, row) in range.clone().enumerate() {
            if self.problem.c()[row] > 0.0 {
                weights[k] = self.places[row].weight(self.proximal);
                weighted[k] = weights[k] * (self.problem.y()[row] - self.fitted[row]);
            }
        }
        self.equations.add(slice(&x), &weights[..range.len()]);
        add_combination(&weighted[..range.len()], &x, rhs);
    }

    /// The affine step of the rows: its longest share, its curvature Σ Δβ (Δs − Δz), and the right-hand sides that correct it
    /// and that centre it.
    pub(super) fn predict(
        &mut self,
        range: Range<usize>,
        step: &Vector,
        [correction, centring]: [&mut Vector; 2],
        longest: &mut f64,
        curvature: &mut f64,
    ) {
        let x = rows(&self.problem, &range);
        let (mut changes, mut corrections, mut centrings) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        products(&x, step, &mut changes[..range.len()]);
        for (k, row) in range.clone().enumerate() {
            if self.problem.c()[row] > 0.0 {
                let place = &self.places[row];
                let weight = place.weight(self.proximal);
                let change = place.affine(weight * (self.problem.y()[row] - self.fitted[row] - changes[k]));
                self.affine[row] = change.beta;
                *longest = longest.min(place.longest(change));
                *curvature += change.beta * (change.s - change.z);
                corrections[k] = weight * place.correction(change, 0.0);
                centrings[k] = weight * (1.0 / place.l - 1.0 / place.u);
            }
        }
        add_combination(&corrections[..range.len()], &x, correction);
        add_combination(&centrings[..range.len()], &x, centring);
    }

    /// The corrected step of the rows, and its longest share.
    pub(super) fn correct(&mut self, range: Range<usize>, step: &Vector, aim: f64, longest: &mut f64) {
        let x = rows(&self.problem, &range);
        products(&x, step, &mut self.products[range.clone()]);
        for row in range {
            if self.problem.c()[row] > 0.0 {
                *longest = longest.min(self.places[row].longest(self.corrected(row, aim)));
            }
        }
    }

    fn corrected(&self, row: usize, aim: f64) -> Change {
        let place = &self.places[row];
        let affine = place.affine(self.affine[row]);
        let residual = self.problem.y()[row] - self.fitted[row] + place.correction(affine, aim);
        place.corrected(place.weight(self.proximal) * (residual - self.products[row]), affine, aim)
    }

    /// Moves the rows by a share of the corrected step, and adds them to the w of the interior point and to the sums of the
    /// rounded one. Returns their Σβ, Σα and complementarity products.
    pub(super) fn step(
        &mut self,
        range: Range<usize>,
        share: f64,
        aim: f64,
        w: &mut Vector,
        rounding: &mut Rounding,
    ) -> [f64; 3] {
        let (mut betas, mut on_bounds, mut rooms) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let mut complementarity = 0.0;
        for (k, row) in range.clone().enumerate() {
            let (y, c) = (self.problem.y()[row], self.problem.c()[row]);
            if c > 0.0 {
                let place = self.places[row].moved(self.corrected(row, aim), share);
                self.places[row] = place;
                complementarity += place.complementarity();
                betas[k] = if y > 0.0 { place.l } else { -place.u };
                (on_bounds[k], rooms[k]) = rounding.count(&place, y, c);
            }
        }
        let x = rows(&self.problem, &range);
        add_combination(&betas[..range.len()], &x, w);
        add_row_combination(&on_bounds[..range.len()], slice(&x), &mut rounding.w);
        add_row_combination(&rooms[..range.len()], slice(&x), &mut rounding.shift);
        [betas.iter().sum(), betas.iter().map(|beta| beta.abs()).sum(), complementarity]
    }

    /// Judges the rows of the rounded point.
    pub(super) fn judge(&mut self, range: Range<usize>, rule: Rule, w: &[f64]) {
        let x = rows(&self.problem, &range);
        let mut values = [0.0; BLOCK];
        row_products(slice(&x), w, &mut values[..range.len()]);
        for (k, row) in range.enumerate() {
            let (y, c) = (self.problem.y()[row], self.problem.c()[row]);
            let beta = if c > 0.0 { rule.beta(&self.places[row], y, c) } else { 0.0 };
            self.trial.judge(row, &self.problem, beta, values[k]);
        }
    }
}

/// Rows one after another: a copy only where they do not lie so.
fn rows<'a>(problem: &'a Problem, range: &Range<usize>) -> CowArray<'a, f32, Ix2> {
    let block = problem.x().slice_move(s![range.clone(), ..]);
    if block.is_standard_layout() { block.into() } else { block.as_standard_layout().into_owned().into() }
}

fn slice<'a>(x: &'a CowArray<'_, f32, Ix2>) -> &'a [f32] {
    x.as_slice().unwrap_or_default()
}

/// xᵀw + b for every row, with b the last of `w`.
fn products(x: &CowArray<'_, f32, Ix2>, w: &Vector, out: &mut [f64]) {
    let n_inputs = x.ncols();
    row_products(slice(x), &w[..n_inputs], out);
    for value in out {
        *value += w[n_inputs];
    }
}

/// Adds Σ a (x, 1) over the rows.
fn add_combination(a: &[f64], x: &CowArray<'_, f32, Ix2>, out: &mut Vector) {
    let n_inputs = x.ncols();
    add_row_combination(a, slice(x), &mut out[..n_inputs]);
    out[n_inputs] += a.iter().sum::<f64>();
}
