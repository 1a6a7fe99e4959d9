//! All 2ⁿ coalitions.
//!
//! A coalition is a number whose bit i says whether player i keeps its value. Coalitions are asked for in blocks of a fixed
//! size and in the order of their numbers.

use ndarray::{Array2, ArrayRef1, Axis, s};

use super::{Game, ROWS_AT_ONCE};
use crate::explanation::{ExplanationError, answers};
use crate::model::kernels::each;

/// The contributions of all players to `pd − base`, the worths of all of them and of none.
pub(super) fn contributions(
    game: &Game<'_>,
    x: &ArrayRef1<f32>,
    base: f64,
    pd: f64,
) -> Result<Vec<f64>, ExplanationError> {
    let n = game.players.len();
    let mut worth = worths(game, x)?;
    // As scored by themselves: products of other sizes may round differently.
    worth[0] = base;
    worth[(1 << n) - 1] = pd;
    // weight[s] = s!·(n − s − 1)!/n! for coalitions of s others: 1/n for none, and so on by the ratio of two in turn.
    let mut weight = vec![1.0 / n.max(1) as f64; n];
    for s in 1..n {
        weight[s] = weight[s - 1] * s as f64 / (n - s) as f64;
    }
    let share = |player: usize| {
        let without = (0..1_usize << n).filter(|coalition| coalition >> player & 1 == 0);
        let adds = |coalition: usize| worth[coalition | 1 << player] - worth[coalition];
        without.map(|coalition| weight[coalition.count_ones() as usize] * adds(coalition)).sum()
    };
    Ok((0..n).map(share).collect())
}

/// v(S) of every coalition, 2ⁿ of them.
fn worths(game: &Game<'_>, x: &ArrayRef1<f32>) -> Result<Vec<f64>, ExplanationError> {
    let (n_background, n_inputs) = game.background.dim();
    let all = 1_usize << game.players.len();
    let at_once = (ROWS_AT_ONCE / n_background).max(1);
    let mut blocks: Vec<_> = (0..all).step_by(at_once).map(|first| (first, Ok(Vec::new()))).collect();
    each(&mut blocks, |(first, found)| {
        let coalitions = *first..(*first + at_once).min(all);
        let mut rows = Array2::zeros((coalitions.len() * n_background, n_inputs));
        for (mut rows, coalition) in rows.axis_chunks_iter_mut(Axis(0), n_background).zip(coalitions) {
            rows.assign(game.background);
            for player in (0..game.players.len()).filter(|player| coalition >> player & 1 == 1) {
                for &input in &game.players[player] {
                    rows.slice_mut(s![.., input]).fill(x[input]);
                }
            }
        }
        let mean = |pds: &[f64]| pds.iter().sum::<f64>() / n_background as f64;
        *found = answers(game.pd.as_ref(), &rows).map(|pds| pds.chunks(n_background).map(mean).collect());
    });
    let mut worths = Vec::with_capacity(all);
    for (_, found) in blocks {
        worths.extend(found?);
    }
    Ok(worths)
}
