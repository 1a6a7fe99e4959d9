//! Orders drawn at random, for more players than all coalitions can be looked at.
//!
//! In each order the firm's values replace those of one background row, one player after the other; what the PD moves by is
//! the player's (Castro, Gómez, Tejada 2009; Štrumbelj, Kononenko 2014). Each background row has as many orders, so that the
//! contributions add up to PD − base with no error of sampling; and each order is also walked backwards (antithetic
//! pairs: Mitchell, Cooper, Frank, Holmes, *Sampling permutations for Shapley value estimation*, JMLR 2022).
//!
//! The background rows are strata: with `s²_b` the variance of a player's share over the pairs of row b, the variance of its
//! contribution is `Σ_b s²_b / (pairs·B²)`.

use ndarray::{Array1, Array2, ArrayRef1, Axis};
use rand::seq::SliceRandom as _;

use super::{Game, ROWS_AT_ONCE};
use crate::explanation::{ExplanationError, answers};
use crate::model::kernels::each;
use crate::random::{Purpose, stream};

/// Numbers that are held at once, at most, however many inputs there are: 16 MB.
const CELLS_AT_ONCE: usize = 1 << 22;

/// Sums over some background rows, for each player.
struct Sums {
    mean: Vec<f64>,
    variance: Vec<f64>,
}

/// The contributions of all players to `pd` less the base, and their standard errors.
pub(super) fn contributions(
    game: &Game<'_>,
    x: &ArrayRef1<f32>,
    pd: f64,
) -> Result<(Vec<f64>, Vec<f64>), ExplanationError> {
    let (n, n_background) = (game.players.len(), game.background.nrows());
    let pairs = game.settings.pairs.max(2);
    let at_once = (ROWS_AT_ONCE / (2 * pairs * n)).max(1);
    let mut blocks: Vec<_> = (0..n_background).step_by(at_once).map(|first| (first, Ok(None))).collect();
    each(&mut blocks, |(first, found)| {
        let background = *first..(*first + at_once).min(n_background);
        *found = walk(game, x, pd, background, pairs).map(Some);
    });
    let mut total = Sums { mean: vec![0.0; n], variance: vec![0.0; n] };
    for (_, found) in blocks {
        let Some(sums) = found? else { continue };
        for player in 0..n {
            total.mean[player] += sums.mean[player];
            total.variance[player] += sums.variance[player];
        }
    }
    let b = n_background as f64;
    let contributions = total.mean.iter().map(|sum| sum / b).collect();
    let errors = total.variance.iter().map(|sum| (sum / pairs as f64).sqrt() / b).collect();
    Ok((contributions, errors))
}

/// Walks all orders of some background rows.
fn walk(
    game: &Game<'_>,
    x: &ArrayRef1<f32>,
    pd: f64,
    background: std::ops::Range<usize>,
    pairs: usize,
) -> Result<Sums, ExplanationError> {
    let n = game.players.len();
    // Of each background row the orders, an order and its reverse in turn.
    let orders: Vec<Vec<usize>> =
        background.clone().flat_map(|b| (0..pairs).flat_map(move |k| pair(game, b, k))).collect();
    let steps = n.saturating_sub(1); // The last step leads to the firm itself.
    let total = orders.len() * steps;
    let at_once = (CELLS_AT_ONCE / game.background.ncols().max(1)).clamp(1, ROWS_AT_ONCE);
    let mut between = Vec::with_capacity(total);
    let mut row = Array1::zeros(0);
    for first in (0..total).step_by(at_once) {
        let mut rows = Array2::zeros((at_once.min(total - first), game.background.ncols()));
        for (place, mut at) in rows.rows_mut().into_iter().enumerate() {
            let (order, step) = ((first + place) / steps, (first + place) % steps);
            if step == 0 {
                row = game.background.row(background.start + order / (2 * pairs)).to_owned();
            }
            game.put(orders[order][step], x, row.view_mut());
            at.assign(&row);
        }
        between.extend(answers(game.pd.as_ref(), &rows)?);
    }
    let mut sums = Sums { mean: vec![0.0; n], variance: vec![0.0; n] };
    for (i, b) in background.enumerate() {
        // Of each pair, the mean of what both walks give each player: (pairs, n).
        let mut shares = Array2::<f64>::zeros((pairs, n));
        for walk in 0..2 * pairs {
            let at = i * 2 * pairs + walk;
            let mut before = game.of_background[b];
            let after = between[at * steps..(at + 1) * steps].iter().copied().chain([pd]);
            for (&player, after) in orders[at].iter().zip(after) {
                shares[[walk / 2, player]] += 0.5 * (after - before);
                before = after;
            }
        }
        for (player, shares) in shares.axis_iter(Axis(1)).enumerate() {
            sums.mean[player] += shares.sum() / pairs as f64;
            sums.variance[player] += shares.var(1.0);
        }
    }
    Ok(sums)
}

/// Order number `k` of background row `b`, and its reverse.
fn pair(game: &Game<'_>, b: usize, k: usize) -> [Vec<usize>; 2] {
    let mut order: Vec<usize> = (0..game.players.len()).collect();
    order.shuffle(&mut stream(game.settings.seed, Purpose::Shapley, ((b as u64) << 16) | k as u64));
    let reverse = order.iter().rev().copied().collect();
    [order, reverse]
}
