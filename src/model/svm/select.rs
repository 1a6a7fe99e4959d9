//! The passes over all rows of which an SMO iteration consists, in blocks that become vector instructions.
//!
//! Notation, with β = yα (so that Aₖ ≤ βₖ ≤ Bₖ with [A, B] = [0, C] for y = +1 and [−C, 0] for y = −1) and g = −y∇f(α):
//! - `I_up` = {k : βₖ < Bₖ} may rise, `I_low` = {k : βₖ > Aₖ} may fall;
//! - the largest violation of the optimality conditions is max g over `I_up` − min g over `I_low` [FCL05, eq. 6];
//! - i is the arg max of g over `I_up`; j maximises (gᵢ − gⱼ)² / a over `I_low` with gⱼ < gᵢ, where
//!   a = Kᵢᵢ + Kⱼⱼ − 2Kᵢⱼ, or τ where that is not positive [FCL05, WSS 2].
//!
//! Ties go to the last row, as in LIBSVM. Membership is kept as numbers to add: 0 inside, −∞ (up) or +∞ (low) outside.

/// Rows in one block. Every array here is a whole number of blocks long, filled up with rows that are in no set.
pub(super) const BLOCK: usize = 64;
/// Stands for a curvature that is not positive (τ).
pub(super) const TAU: f64 = 1e-12;
/// Independent comparisons within a block.
const LANES: usize = 8;

/// The rows' state as the passes need it.
#[derive(Clone, Debug)]
pub(super) struct Violations {
    /// g, one value a row.
    pub(super) g: Vec<f64>,
    /// 0 for rows in `I_up`, −∞ for others.
    pub(super) up: Vec<f64>,
    /// 0 for rows in `I_low`, +∞ for others.
    pub(super) low: Vec<f64>,
    /// min g over `I_low` of each block, as of the last search for extremes. Near the end few blocks can hold a partner.
    low_of_block: Vec<f64>,
}

/// The most violating rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extremes {
    /// max g over `I_up`; −∞ where it is empty.
    pub(super) up: f64,
    /// The last row that attains it.
    pub(super) i: usize,
    /// min g over `I_low`; +∞ where it is empty.
    pub(super) low: f64,
}

impl Extremes {
    /// The largest KKT violation, at least 0.
    pub(super) fn gap(&self) -> f64 {
        (self.up - self.low).max(0.0)
    }
}

impl Violations {
    /// From g, a whole number of blocks long, with every row outside both sets.
    pub(super) fn new(g: Vec<f64>) -> Self {
        let n = g.len();
        let (up, low) = (vec![f64::NEG_INFINITY; n], vec![f64::INFINITY; n]);
        Self { g, up, low, low_of_block: vec![f64::INFINITY; n / BLOCK] }
    }

    /// Finds the extremes as things stand.
    pub(super) fn extremes(&mut self) -> Extremes {
        self.pass(|_, _| {})
    }

    /// Takes the step βᵢ += t, βⱼ −= t, that is gₖ −= t (Kᵢₖ − Kⱼₖ) for every k, and finds the extremes afterwards. The
    /// membership of i and j must be up to date already.
    pub(super) fn step(&mut self, t: f64, row_i: &[f32], row_j: &[f32]) -> Extremes {
        let (row_i, row_j) = (row_i.as_chunks::<BLOCK>().0, row_j.as_chunks::<BLOCK>().0);
        self.pass(|b, g| {
            for ((g, &k_i), &k_j) in g.iter_mut().zip(&row_i[b]).zip(&row_j[b]) {
                *g -= t * (f64::from(k_i) - f64::from(k_j));
            }
        })
    }

    /// Lets `update` change g block by block, and finds the extremes while the block is at hand.
    #[inline]
    fn pass(&mut self, mut update: impl FnMut(usize, &mut [f64; BLOCK])) -> Extremes {
        let (mut best, mut best_block) = (Extremes { up: f64::NEG_INFINITY, i: 0, low: f64::INFINITY }, 0);
        let blocks = self.g.as_chunks_mut::<BLOCK>().0.iter_mut().zip(&mut self.low_of_block);
        let sets = self.up.as_chunks::<BLOCK>().0.iter().zip(self.low.as_chunks::<BLOCK>().0);
        for (b, ((g, low_of_block), (up, low))) in blocks.zip(sets).enumerate() {
            update(b, g);
            let (highest, lowest) = extremes_of_block(g, up, low);
            if highest >= best.up {
                (best.up, best_block) = (highest, b);
            }
            best.low = best.low.min(lowest);
            *low_of_block = lowest;
        }
        let at = best_block * BLOCK;
        best.i = (at..at + BLOCK).rev().find(|&k| self.g[k] + self.up[k] == best.up).unwrap_or(at);
        best
    }

    /// The partner j of row i with the largest second-order gain, if any row of `I_low` violates with i. `extremes` must
    /// be those found last.
    pub(super) fn partner(&self, extremes: &Extremes, row_i: &[f32], diagonal: &[f64]) -> Option<usize> {
        let curvature_i = diagonal.get(extremes.i).copied()?;
        let gain = |g: f64, low: f64, curvature: f64, k_i: f32| {
            let difference = extremes.up - (g + low);
            let a = curvature_i + curvature - 2.0 * f64::from(k_i);
            let gain = difference * difference / if a > 0.0 { a } else { TAU };
            if difference > 0.0 { gain } else { 0.0 }
        };
        let (mut best, mut best_block) = (0.0, None);
        for b in (0..self.low_of_block.len()).filter(|&b| self.low_of_block[b] < extremes.up) {
            let at = b * BLOCK..(b + 1) * BLOCK;
            let state =
                self.g[at.clone()].as_chunks::<LANES>().0.iter().zip(self.low[at.clone()].as_chunks::<LANES>().0);
            let kernel = diagonal[at.clone()].as_chunks::<LANES>().0.iter().zip(row_i[at].as_chunks::<LANES>().0);
            let mut lanes = [0.0; LANES];
            for ((g, low), (diagonal, row_i)) in state.zip(kernel) {
                // Near the end most rows of `I_low` violate with nothing, and divisions are slow.
                if (0..LANES).filter(|&lane| g[lane] + low[lane] < extremes.up).count() == 0 {
                    continue;
                }
                for lane in 0..LANES {
                    let gain = gain(g[lane], low[lane], diagonal[lane], row_i[lane]);
                    lanes[lane] = if gain > lanes[lane] { gain } else { lanes[lane] };
                }
            }
            let top = lanes.into_iter().fold(0.0, f64::max);
            if top >= best && top > 0.0 {
                (best, best_block) = (top, Some(b));
            }
        }
        let mut rows = best_block.map(|b| b * BLOCK..(b + 1) * BLOCK)?.rev();
        rows.find(|&k| gain(self.g[k], self.low[k], diagonal[k], row_i[k]) == best)
    }
}

/// max g over `I_up` and min g over `I_low`, compared in lanes that do not wait for each other.
#[inline]
fn extremes_of_block(g: &[f64; BLOCK], up: &[f64; BLOCK], low: &[f64; BLOCK]) -> (f64, f64) {
    let (mut highest, mut lowest) = ([f64::NEG_INFINITY; LANES], [f64::INFINITY; LANES]);
    let sets = up.as_chunks::<LANES>().0.iter().zip(low.as_chunks::<LANES>().0);
    for (g, (up, low)) in g.as_chunks::<LANES>().0.iter().zip(sets) {
        for lane in 0..LANES {
            let (as_i, as_j) = (g[lane] + up[lane], g[lane] + low[lane]);
            highest[lane] = if as_i > highest[lane] { as_i } else { highest[lane] };
            lowest[lane] = if as_j < lowest[lane] { as_j } else { lowest[lane] };
        }
    }
    (highest.into_iter().fold(f64::NEG_INFINITY, f64::max), lowest.into_iter().fold(f64::INFINITY, f64::min))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    /// Random state with few distinct values, so that ties occur, and the slow definition of every answer.
    #[test]
    fn agrees_with_the_definitions() {
        let n = 3 * BLOCK;
        for seed in 0..200 {
            let mut random = stream(seed, Purpose::Sample, 1);
            let mut pick = |values: &[f64]| values[random.random_range(0..values.len())];
            let levels = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5];
            let mut state = Violations::new((0..n).map(|_| pick(&levels)).collect());
            for row in 0..n {
                state.up[row] = pick(&[0.0, f64::NEG_INFINITY]);
                state.low[row] = pick(&[0.0, f64::INFINITY]);
            }
            let row_i: Vec<f32> = (0..n).map(|_| pick(&[0.25, 0.5, 1.0]) as f32).collect();
            let row_j: Vec<f32> = (0..n).map(|_| pick(&[0.25, 0.5, 1.0]) as f32).collect();
            let diagonal = vec![1.0; n];

            let g_before = state.g.clone();
            let found = state.step(0.5, &row_i, &row_j);
            for k in 0..n {
                assert_eq!(state.g[k], g_before[k] - 0.5 * f64::from(row_i[k] - row_j[k]));
            }
            assert_eq!(found, state.extremes());
            let in_up = |k: &usize| state.up[*k] == 0.0;
            let in_low = |k: &usize| state.low[*k] == 0.0;
            let up = (0..n).filter(in_up).map(|k| state.g[k]).fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(found.up, up);
            assert_eq!(Some(found.i), (0..n).filter(in_up).rfind(|&k| state.g[k] == up));
            assert_eq!(found.low, (0..n).filter(in_low).map(|k| state.g[k]).fold(f64::INFINITY, f64::min));

            let gain = |k: usize| {
                let a = 2.0 - 2.0 * f64::from(row_i[k]);
                (up - state.g[k]).powi(2) / if a > 0.0 { a } else { TAU }
            };
            let violators: Vec<usize> = (0..n).filter(in_low).filter(|&k| state.g[k] < up).collect();
            let top = violators.iter().map(|&k| gain(k)).fold(0.0, f64::max);
            let expected = violators.iter().copied().rfind(|&k| gain(k) == top);
            assert_eq!(state.partner(&found, &row_i, &diagonal), expected);
        }
    }

    #[test]
    fn empty_sets_have_no_gap() {
        let mut state = Violations::new(vec![1.0; BLOCK]);
        let extremes = state.extremes();
        assert_eq!(extremes.gap(), 0.0);
        assert_eq!(state.partner(&extremes, &[0.0; BLOCK], &[1.0; BLOCK]), None);
    }
}
