//! The largest singular value of the weights between Gaussian units, by power iteration.

use super::{Hidden, Rbm};

/// Rounds of power iteration, at most.
const ROUNDS: usize = 300;
/// A round that lengthens the vector by less than this share ends it.
const TOLERANCE: f64 = 1e-7;

impl Rbm {
    /// Largest singular value of the rows of W that belong to Gaussian visible units, where the hidden units are Gaussian
    /// too; `None` for every other machine, which is a density whatever its weights. Below 1 it is one (MATH §2).
    ///
    /// Power iteration on `Wᵀ·W` from a fixed start comes from below and is exact within about 1e-4; a Frobenius norm below
    /// 1, which bounds the value from above, is given in its place where that settles the question at once.
    pub fn coupling(&self) -> Option<f64> {
        if self.hidden != Hidden::Gaussian || !(0..self.n_visible()).any(|i| self.is_gaussian(i)) {
            return None;
        }
        let rows: Vec<_> =
            self.w.rows().into_iter().enumerate().filter(|&(i, _)| self.is_gaussian(i)).map(|(_, row)| row).collect();
        let frobenius = rows.iter().flatten().map(|&w| f64::from(w).powi(2)).sum::<f64>().sqrt();
        if frobenius.is_nan() || frobenius < 1.0 {
            return Some(frobenius);
        }
        // Fractions of multiples of the golden ratio: no weights that training gives are orthogonal to them.
        let mut x: Vec<f64> =
            (1..=self.n_hidden()).map(|j| (j as f64 * 0.618_033_988_749_894_8).fract() + 0.1).collect();
        let mut norm = 0.0;
        for _ in 0..ROUNDS {
            let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
            if length == 0.0 {
                break;
            }
            let mut next = vec![0.0; x.len()];
            let mut squared = 0.0;
            for row in &rows {
                let y = row.iter().zip(&x).map(|(&w, x)| f64::from(w) * x).sum::<f64>() / length;
                squared += y * y;
                for (next, &w) in next.iter_mut().zip(row) {
                    *next += f64::from(w) * y;
                }
            }
            let before = norm;
            norm = squared.sqrt();
            x = next;
            if (norm - before).abs() <= TOLERANCE * norm {
                break;
            }
        }
        Some(norm)
    }
}
