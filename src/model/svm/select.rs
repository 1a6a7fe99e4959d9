//! The passes over rows of which an SMO iteration consists, as vector instructions.
//!
//! Notation, with β = yα (so that Aₖ ≤ βₖ ≤ Bₖ with [A, B] = [0, C] for y = +1 and [−C, 0] for y = −1) and g = −y∇f(α):
//! - `I_up` = {k : βₖ < Bₖ} may rise, `I_low` = {k : βₖ > Aₖ} may fall;
//! - the largest violation of the optimality conditions is max g over `I_up` − min g over `I_low` [FCL05, eq. 6];
//! - i is the arg max of g over `I_up`; j maximises (gᵢ − gⱼ)² / a over `I_low` with gⱼ < gᵢ, where
//!   a = Kᵢᵢ + Kⱼⱼ − 2Kᵢⱼ, or τ where that is not positive [FCL05, WSS 2].
//!
//! g is double precision; gains, which only guide the choice, are single. Ties go to the last row, as in LIBSVM.
//!
//! The passes are plain loops over blocks that write to a block of their own first. A closure, such as that of
//! `array::from_fn`, may stay a function for the narrowest vectors, and lanes written in place are taken one by one.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the vector width of its caller")]

use super::packed::LANES;
use crate::model::kernels::dispatch::widest;

/// Stands for a curvature that is not positive (τ).
pub(super) const TAU: f32 = 1e-12;

/// The rows' state as the passes need it, filled up to whole blocks of [`LANES`] with rows that are in no set.
#[derive(Clone, Debug)]
pub(super) struct Violations {
    /// g, one value a row.
    pub(super) g: Vec<f64>,
    /// 0 for rows in `I_up`, −∞ for others: numbers to add.
    up: Vec<f32>,
    /// 0 for rows in `I_low`, +∞ for others.
    low: Vec<f32>,
    /// The gain of each row as the partner, as of the last choice.
    gains: Vec<f32>,
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
    /// From g, with every row outside both sets.
    pub(super) fn new(mut g: Vec<f64>) -> Self {
        let n = g.len().next_multiple_of(LANES);
        g.resize(n, 0.0);
        Self { g, up: vec![f32::NEG_INFINITY; n], low: vec![f32::INFINITY; n], gains: vec![0.0; n] }
    }

    /// Puts a row with bounds [A, B] into or out of `I_up` and `I_low`, as its β demands.
    pub(super) fn update_sets(&mut self, row: usize, beta: f64, (lowest, highest): (f64, f64)) {
        self.up[row] = if beta < highest { 0.0 } else { f32::NEG_INFINITY };
        self.low[row] = if beta > lowest { 0.0 } else { f32::INFINITY };
    }

    /// Whether a row may rise.
    pub(super) fn may_rise(&self, row: usize) -> bool {
        self.up[row] == 0.0
    }

    /// Whether a row may fall.
    pub(super) fn may_fall(&self, row: usize) -> bool {
        self.low[row] == 0.0
    }

    /// Whether a row may move either way.
    pub(super) fn is_free(&self, row: usize) -> bool {
        self.may_rise(row) && self.may_fall(row)
    }

    /// Finds the extremes as things stand.
    pub(super) fn extremes(&self) -> Extremes {
        let (g, up, low) = (self.g.as_slice(), self.up.as_slice(), self.low.as_slice());
        let found = widest!(extremes(g: &[f64], up: &[f32], low: &[f32]) -> LaneExtremes);
        self.located(&found)
    }

    /// Takes the step βᵢ += t, βⱼ −= t, that is gₖ −= t (Kᵢₖ − Kⱼₖ) for every k, and finds the extremes afterwards. The
    /// membership of i and j must be up to date already.
    pub(super) fn step(&mut self, t: f64, row_i: &[f32], row_j: &[f32]) -> Extremes {
        let (g, up, low) = (self.g.as_mut_slice(), self.up.as_slice(), self.low.as_slice());
        let rows = (row_i, row_j);
        let found =
            widest!(step(g: &mut [f64], up: &[f32], low: &[f32], t: f64, rows: (&[f32], &[f32])) -> LaneExtremes);
        self.located(&found)
    }

    fn located(&self, found: &LaneExtremes) -> Extremes {
        let up = highest(&found.highest);
        let low = -highest(&found.lowest.map(|low| -low));
        let (g, sets) = (self.g.as_slice(), self.up.as_slice());
        let i = widest!(last_equal(g: &[f64], sets: &[f32], up: f64) -> usize);
        Extremes { up, i, low }
    }

    /// The partner j of row i with the largest second-order gain, if any row of `I_low` violates with i. `row_i` holds Kᵢₖ,
    /// `diagonal` Kₖₖ.
    pub(super) fn partner(&mut self, extremes: &Extremes, row_i: &[f32], diagonal: &[f32]) -> Option<usize> {
        let (g, low, gains) = (self.g.as_slice(), self.low.as_slice(), self.gains.as_mut_slice());
        let i = (extremes.up, diagonal[extremes.i]);
        let kernel = (row_i, diagonal);
        let best = widest!(gains_of_partners(
            g: &[f64], low: &[f32], i: (f64, f32), kernel: (&[f32], &[f32]), gains: &mut [f32]
        ) -> [f32; LANES]);
        let best = highest(&best);
        let gains = self.gains.as_slice();
        if best > 0.0 { Some(widest!(last_gain(gains: &[f32], best: f32) -> usize)) } else { None }
    }
}

#[inline(always)]
fn extremes(g: &[f64], up: &[f32], low: &[f32]) -> LaneExtremes {
    let sets = up.as_chunks::<LANES>().0.iter().zip(low.as_chunks::<LANES>().0);
    let mut found = LaneExtremes::NONE;
    for (g, (up, low)) in g.as_chunks::<LANES>().0.iter().zip(sets) {
        found.include(g, up, low);
    }
    found
}

#[inline(always)]
fn step(g: &mut [f64], up: &[f32], low: &[f32], t: f64, (row_i, row_j): (&[f32], &[f32])) -> LaneExtremes {
    let sets = up.as_chunks::<LANES>().0.iter().zip(low.as_chunks::<LANES>().0);
    let rows = row_i.as_chunks::<LANES>().0.iter().zip(row_j.as_chunks::<LANES>().0);
    let mut found = LaneExtremes::NONE;
    for ((g, (up, low)), (row_i, row_j)) in g.as_chunks_mut::<LANES>().0.iter_mut().zip(sets).zip(rows) {
        let mut stepped = [0.0; LANES];
        for lane in 0..LANES {
            stepped[lane] = g[lane] - t * (f64::from(row_i[lane]) - f64::from(row_j[lane]));
        }
        *g = stepped;
        found.include(&stepped, up, low);
    }
    found
}

/// max g over `I_up` and min g over `I_low`, compared in lanes that do not wait for each other.
struct LaneExtremes {
    highest: [f64; LANES],
    lowest: [f64; LANES],
}

impl LaneExtremes {
    const NONE: Self = Self { highest: [f64::NEG_INFINITY; LANES], lowest: [f64::INFINITY; LANES] };

    #[inline(always)]
    fn include(&mut self, g: &[f64; LANES], up: &[f32; LANES], low: &[f32; LANES]) {
        for lane in 0..LANES {
            let (as_i, as_j) = (g[lane] + f64::from(up[lane]), g[lane] + f64::from(low[lane]));
            self.highest[lane] = if as_i > self.highest[lane] { as_i } else { self.highest[lane] };
            self.lowest[lane] = if as_j < self.lowest[lane] { as_j } else { self.lowest[lane] };
        }
    }
}

/// The largest of the lanes. Not within the passes: what it does with the lanes would spoil their order there.
fn highest<T: Copy + PartialOrd>(lanes: &[T; LANES]) -> T {
    let mut lanes = *lanes;
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            if lanes[lane + half] > lanes[lane] {
                lanes[lane] = lanes[lane + half];
            }
        }
        half /= 2;
    }
    lanes[0]
}

/// The last row of `I_up` whose g is `wanted`, or 0.
#[inline(always)]
fn last_equal(g: &[f64], up: &[f32], wanted: f64) -> usize {
    let blocks = g.as_chunks::<LANES>().0.iter().zip(up.as_chunks::<LANES>().0);
    for (b, (g, up)) in blocks.enumerate().rev() {
        let mut equal = [false; LANES];
        let mut any = false;
        for lane in 0..LANES {
            equal[lane] = g[lane] + f64::from(up[lane]) == wanted;
            any |= equal[lane];
        }
        if any {
            return b * LANES + equal.iter().rposition(|&equal| equal).unwrap_or(0);
        }
    }
    0
}

/// The last row whose gain is `wanted`, or 0.
#[inline(always)]
fn last_gain(gains: &[f32], wanted: f32) -> usize {
    for (b, gains) in gains.as_chunks::<LANES>().0.iter().enumerate().rev() {
        let mut any = false;
        for lane in 0..LANES {
            any |= gains[lane] == wanted;
        }
        if any {
            return b * LANES + gains.iter().rposition(|&gain| gain == wanted).unwrap_or(0);
        }
    }
    0
}

/// Writes every row's gain as the partner of row i, with gᵢ and Kᵢᵢ given, and returns the largest of
/// every lane.
#[inline(always)]
fn gains_of_partners(
    g: &[f64],
    low: &[f32],
    (g_i, diagonal_i): (f64, f32),
    (row_i, diagonal): (&[f32], &[f32]),
    gains: &mut [f32],
) -> [f32; LANES] {
    let state = g.as_chunks::<LANES>().0.iter().zip(low.as_chunks::<LANES>().0);
    let kernel = row_i.as_chunks::<LANES>().0.iter().zip(diagonal.as_chunks::<LANES>().0);
    let mut best = [0.0_f32; LANES];
    for (((g, low), (row_i, diagonal)), gains) in state.zip(kernel).zip(gains.as_chunks_mut::<LANES>().0) {
        let mut violations = [0.0_f32; LANES];
        let mut any = false;
        for lane in 0..LANES {
            violations[lane] = (g_i - g[lane]) as f32 - low[lane];
            any |= violations[lane] > 0.0;
        }
        // Near the end most rows of `I_low` violate with nothing, and divisions are slow.
        if !any {
            *gains = [0.0; LANES];
            continue;
        }
        let mut found = [0.0_f32; LANES];
        for lane in 0..LANES {
            let a = diagonal_i + diagonal[lane] - 2.0 * row_i[lane];
            let gain = violations[lane] * violations[lane] / if a > 0.0 { a } else { TAU };
            found[lane] = if violations[lane] > 0.0 { gain } else { 0.0 };
            best[lane] = if found[lane] > best[lane] { found[lane] } else { best[lane] };
        }
        *gains = found;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    /// Random state with few distinct values, so that ties occur, and the slow definition of every answer.
    #[test]
    fn agrees_with_the_definitions() {
        let n = 12 * LANES;
        for seed in 0..200 {
            let mut random = stream(seed, Purpose::Sample, 1);
            let mut pick = |values: &[f64]| values[random.random_range(0..values.len())];
            let levels = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5];
            let mut state = Violations::new((0..n).map(|_| pick(&levels)).collect());
            for row in 0..n {
                state.update_sets(row, pick(&[0.0, 0.5, 1.0]), (0.0, 1.0));
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
            let in_up = |k: &usize| state.may_rise(*k);
            let in_low = |k: &usize| state.may_fall(*k);
            let up = (0..n).filter(in_up).map(|k| state.g[k]).fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(found.up, up);
            assert_eq!(Some(found.i), (0..n).filter(in_up).rfind(|&k| state.g[k] == up));
            assert_eq!(found.low, (0..n).filter(in_low).map(|k| state.g[k]).fold(f64::INFINITY, f64::min));

            let gain = |k: usize| {
                let a = 2.0 - 2.0 * row_i[k];
                ((up - state.g[k]) as f32).powi(2) / if a > 0.0 { a } else { TAU }
            };
            let violators: Vec<usize> = (0..n).filter(in_low).filter(|&k| state.g[k] < up).collect();
            let top = violators.iter().map(|&k| gain(k)).fold(0.0, f32::max);
            let expected = violators.iter().copied().rfind(|&k| gain(k) == top);
            assert_eq!(state.partner(&found, &row_i, &diagonal), expected);
        }
    }

    #[test]
    fn empty_sets_have_no_gap() {
        let mut state = Violations::new(vec![1.0; LANES]);
        let extremes = state.extremes();
        assert_eq!(extremes.gap(), 0.0);
        assert_eq!(state.partner(&extremes, &[0.0; LANES], &[1.0; LANES]), None);
    }
}
