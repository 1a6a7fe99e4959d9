//! A solution on trial: an interior point rounded to the bounds, and judged by the conditions that SMO is judged by.
//!
//! An interior point is on no bound, so that every row would count as free. Rows whose multiplier says so are put on their
//! bound; what Σβ = 0 loses by it is taken from the others in proportion to their distance from the bounds; and all is
//! made shorter where that lowers the objective, as it does far from the end. The result is feasible, and its gap,
//! objective and decision values are computed from its β alone, in double precision.

use super::point::Place;
use crate::model::svm::problem::Problem;
use crate::model::svm::solver::is_free;

/// How far Σβ may be from 0 for reasons of rounding, in units of Σα.
const ROUNDING: f64 = 1e-14;

/// Objectives are the same when they differ by less than this share.
const SAME_OBJECTIVE: f64 = 1e-10;

/// Sums over the rounded rows, from which Σβ = 0 is restored and the length chosen.
#[derive(Clone, Debug)]
pub(super) struct Rounding {
    /// Σ β x of the rounded rows.
    pub(super) w: Vec<f64>,
    /// Σ d x, with d how far a row is from its nearer bound.
    pub(super) shift: Vec<f64>,
    beta: f64,
    room: f64,
    alpha: f64,
    signed_room: f64,
    typical: f64,
}

/// The rule that makes β of an interior point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    shift: f64,
    length: f64,
    typical: f64,
}

impl Rounding {
    /// Of no rows yet; `typical` is the mean α, in whose measure a row is near a bound that is far beyond it.
    pub(super) fn new(n_inputs: usize, typical: f64) -> Self {
        let zeros = vec![0.0; n_inputs];
        Self { w: zeros.clone(), shift: zeros, beta: 0.0, room: 0.0, alpha: 0.0, signed_room: 0.0, typical }
    }

    /// Rounds a row and counts it. Returns its β, and how far it is from its nearer bound.
    pub(super) fn count(&mut self, place: &Place, y: f64, c: f64) -> (f64, f64) {
        let (beta, room) = rounded(place, y, c, self.typical);
        self.beta += beta;
        self.room += room;
        self.alpha += y * beta;
        self.signed_room += y * room;
        (beta, room)
    }

    /// The rule that makes Σβ = 0, and the w that belongs to it. `None` where the rows between the bounds cannot make up for
    /// the others.
    pub(super) fn balanced(mut self) -> Option<(Rule, Vec<f64>)> {
        let shift = if self.beta.abs() <= ROUNDING * self.alpha { 0.0 } else { self.beta / self.room };
        // More than there is room for, or no room at all.
        if shift.is_nan() || shift.abs() >= 1.0 {
            return None;
        }
        self.w.iter_mut().zip(&self.shift).for_each(|(w, room)| *w -= shift * room);
        let alpha = self.alpha - shift * self.signed_room;
        let squared_length: f64 = self.w.iter().map(|w| w * w).sum();
        // Along a ray the objective is ½κ²|w|² − κΣα.
        let best = alpha / squared_length;
        let length = if best < 1.0 { best.max(0.0) } else { 1.0 };
        self.w.iter_mut().for_each(|w| *w *= length);
        Some((Rule { shift, length, typical: self.typical }, self.w))
    }
}

impl Rule {
    /// β of a row.
    pub(super) fn beta(self, place: &Place, y: f64, c: f64) -> f64 {
        let (beta, room) = rounded(place, y, c, self.typical);
        let beta = self.length * (beta - self.shift * room);
        if y > 0.0 { beta.clamp(0.0, c) } else { beta.clamp(-c, 0.0) }
    }
}

/// A row put on the bound whose multiplier is larger than its distance, that being measured in C or in `typical`, whichever
/// is smaller: its β, and how far it is from the nearer bound.
fn rounded(place: &Place, y: f64, c: f64, typical: f64) -> (f64, f64) {
    let unit = c.min(typical);
    let (lowest, highest) = if y > 0.0 { (0.0, c) } else { (-c, 0.0) };
    if place.l < unit * place.s {
        (lowest, 0.0)
    } else if place.u < unit * place.z {
        (highest, 0.0)
    } else {
        // α is kept as the distance from the bound 0, and is exact however large C is.
        let beta = if y > 0.0 { place.l } else { -place.u };
        (beta.clamp(lowest, highest), place.l.min(place.u))
    }
}

/// A feasible point with all that is told of it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) beta: Vec<f64>,
    /// g = y − Kβ.
    pub(super) g: Vec<f64>,
    /// max g over rows whose β may rise.
    up: f64,
    /// min g over rows whose β may fall.
    low: f64,
    /// ½βᵀKβ − yᵀβ.
    pub(super) objective: f64,
}

impl Candidate {
    /// α = 0.
    pub(super) fn zero(problem: &Problem) -> Self {
        let mut candidate = Self::empty(problem.n_rows());
        for row in 0..problem.n_rows() {
            candidate.judge(row, problem, 0.0, 0.0);
        }
        candidate
    }

    fn empty(n_rows: usize) -> Self {
        let (beta, g) = (vec![0.0; n_rows], vec![0.0; n_rows]);
        Self { beta, g, up: f64::NEG_INFINITY, low: f64::INFINITY, objective: 0.0 }
    }

    /// Forgets what was judged, to begin anew with the first row.
    pub(super) fn clear(&mut self) {
        (self.up, self.low) = (f64::NEG_INFINITY, f64::INFINITY);
        self.objective = 0.0;
    }

    /// Judges one row by its β and its product (Kβ)ₖ = xₖ·w.
    pub(super) fn judge(&mut self, row: usize, problem: &Problem, beta: f64, product: f64) {
        let (y, c) = (problem.y()[row], problem.c()[row]);
        let g = y - product;
        let (lowest, highest) = if y > 0.0 { (0.0, c) } else { (-c, 0.0) };
        if beta < highest {
            self.up = self.up.max(g);
        }
        if beta > lowest {
            self.low = self.low.min(g);
        }
        self.objective += beta * (0.5 * product - y);
        self.beta[row] = beta;
        self.g[row] = g;
    }

    /// Whether it is the better of two: by the objective, or where that is the same but for rounding, by the gap.
    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        if !(self.objective.is_finite() && self.gap().is_finite()) {
            return false;
        }
        let difference = self.objective - other.objective;
        let same = difference.abs() <= SAME_OBJECTIVE * other.objective.abs();
        if same { self.gap() < other.gap() } else { difference < 0.0 }
    }

    /// The largest KKT violation, at least 0.
    pub(super) fn gap(&self) -> f64 {
        // Of numbers that ran away nothing is known.
        if self.up.is_nan() || self.low.is_nan() { f64::INFINITY } else { (self.up - self.low).max(0.0) }
    }

    /// The offset ρ: the mean of −g over free rows, else the middle of what the bounded rows allow [CL11, §4.1.5].
    pub(super) fn rho(&self, c: &[f64]) -> f64 {
        let free = (0..c.len()).filter(|&row| is_free(self.beta[row], c[row]));
        let (n_free, sum) = free.fold((0_u64, 0.0), |(n, sum), row| (n + 1, sum + self.g[row]));
        if n_free > 0 { -sum / n_free as f64 } else { -0.5 * (self.up + self.low) }
    }
}
