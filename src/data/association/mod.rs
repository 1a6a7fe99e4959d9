//! How strongly columns of numbers go together: Spearman's rank correlation of every pair and of each column with the bad
//! outcome, and an order that puts what goes together beside each other.
//!
//! Spearman's ρ is Pearson's correlation of the ranks 1…m, equal values sharing their average rank (Spearman 1904; the
//! definition of `scipy.stats.spearmanr`). Of each pair only the rows count in which both are known. The order is that
//! of the leaves of average-linkage clustering (UPGMA, Sokal & Michener 1958) on the distance 1 − |ρ|.

mod order;
mod ranks;

use ndarray::{Array1, Array2};
use rayon::prelude::*;

use self::ranks::Ranked;
use super::table::Table;

/// Columns that a map of correlations can show at most.
pub const MOST_COLUMNS: usize = 100;

/// Rows that are looked at, at most: with so many, ρ = 0 lies within ±0.014 nineteen times in twenty.
pub const MOST_ROWS: usize = 20_000;

/// Which columns are in an [`Association`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// All that were asked for and hold numbers.
    All,
    /// The 100 most strongly correlated with the bad outcome, of more.
    ByOutcome,
    /// The first 100 of more, because no outcome is known.
    First,
}

/// Correlations of columns with each other and with the outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Association {
    /// The columns, as indices in the table and in its order: `p` of them, at most [`MOST_COLUMNS`].
    pub columns: Vec<usize>,
    /// Positions in `columns`, each once, like beside like: `p` values.
    pub order: Vec<usize>,
    /// Spearman's ρ from −1 to 1, `(p, p)` in the order of `columns`, symmetric; NaN where it is undefined, because one
    /// of the two is constant or fewer than two rows know both.
    pub rho: Array2<f32>,
    /// ρ of each column with the bad outcome (bad = 1), `p` values, NaN where undefined; empty without outcomes.
    pub with_bad: Vec<f32>,
    /// Rows looked at, at most [`MOST_ROWS`], evenly from top to bottom.
    pub rows_used: usize,
    /// Rows of the table.
    pub rows: usize,
    /// How the columns were chosen.
    pub chosen: Chosen,
    /// Columns of numbers that were asked for.
    pub candidates: usize,
}

impl Association {
    /// What was left out, one sentence each.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        let (shown, candidates) = (self.columns.len(), self.candidates);
        match self.chosen {
            Chosen::All => {}
            Chosen::ByOutcome => notices.push(format!(
                "{shown} of {candidates} columns are shown: those most strongly correlated with the bad outcome."
            )),
            Chosen::First => notices.push(format!(
                "The first {shown} of {candidates} columns are shown: with a label it would be those that tell most."
            )),
        }
        if self.rows_used < self.rows {
            notices.push(format!(
                "Correlations are of {} of {} rows, taken evenly from top to bottom.",
                self.rows_used, self.rows
            ));
        }
        notices
    }
}

/// Correlations among those of `columns` that hold numbers, and with the outcome.
///
/// `bad` has one value a row, `None` where the outcome is not known, and is empty where there is no label. The result is
/// the same on any number of threads.
///
/// # Panics
/// When `bad` is neither empty nor as long as the table.
pub fn associate(table: &Table, columns: &[usize], bad: &[Option<bool>]) -> Association {
    assert!(bad.is_empty() || bad.len() == table.n_rows(), "one outcome for each row");
    let mut columns: Vec<usize> = columns.iter().copied().filter(|&column| table.numbers(column).is_some()).collect();
    columns.sort_unstable();
    columns.dedup();
    let candidates = columns.len();
    let rows = evenly(table.n_rows());
    let flag = |row: &usize| match bad.get(*row).copied().flatten() {
        Some(bad) => f64::from(u8::from(bad)),
        None => f64::NAN,
    };
    let outcome = Ranked::new(&rows.iter().map(flag).collect::<Vec<_>>());
    let ranked = |&column: &usize| {
        let numbers = table.numbers(column)?;
        let ranked = Ranked::new(&rows.iter().map(|&row| numbers[row]).collect::<Vec<_>>());
        let rho = if bad.is_empty() { None } else { ranked.rho(&outcome) };
        Some((column, ranked, rho))
    };
    // In parts, so that of ten thousand columns no more than needed are kept at once.
    let mut kept: Vec<(usize, Ranked, Option<f64>)> = Vec::new();
    let by_outcome = candidates > MOST_COLUMNS && !bad.is_empty();
    if !by_outcome {
        columns.truncate(MOST_COLUMNS);
    }
    for part in columns.chunks(MOST_COLUMNS) {
        kept.extend(part.par_iter().filter_map(ranked).collect::<Vec<_>>());
        if kept.len() > MOST_COLUMNS {
            // Stable: of equals the first stay.
            kept.sort_by(|a, b| strength(b.2).total_cmp(&strength(a.2)));
            kept.truncate(MOST_COLUMNS);
        }
    }
    kept.sort_by_key(|(column, ..)| *column);

    let with_bad = if bad.is_empty() { Vec::new() } else { kept.iter().map(|(.., rho)| or_nan(*rho)).collect() };
    let columns: Vec<usize> = kept.iter().map(|(column, ..)| *column).collect();
    let ranked: Vec<Ranked> = kept.into_iter().map(|(_, ranked, _)| ranked).collect();
    let rho = correlations(&ranked);
    let chosen = match (candidates > columns.len(), by_outcome) {
        (false, _) => Chosen::All,
        (true, true) => Chosen::ByOutcome,
        (true, false) => Chosen::First,
    };
    let order = order::order(&rho);
    Association { columns, order, rho, with_bad, rows_used: rows.len(), rows: table.n_rows(), chosen, candidates }
}

/// Positions of `columns` in clusters that go together, each once.
///
/// Spearman's |ρ| between the halves of a cluster is at least `least` on average. A column that goes with no other is a
/// cluster by itself, and so is a constant one. Columns have equally many rows, NaN where a value is missing; the first
/// [`MOST_ROWS`] count.
pub fn rank_clusters(columns: &[Vec<f64>], least: f64) -> Vec<Vec<usize>> {
    let ranked: Vec<Ranked> =
        columns.par_iter().map(|column| Ranked::new(&column[..column.len().min(MOST_ROWS)])).collect();
    order::clusters(&correlations(&ranked), least)
}

/// How strong a correlation is; less than any when it is undefined.
fn strength(rho: Option<f64>) -> f64 {
    rho.map_or(-1.0, f64::abs)
}

fn or_nan(rho: Option<f64>) -> f32 {
    rho.map_or(f32::NAN, |rho| rho as f32)
}

/// At most [`MOST_ROWS`] of `n` rows, evenly.
fn evenly(n: usize) -> Vec<usize> {
    let used = n.min(MOST_ROWS);
    (0..used).map(|i| (i as u128 * n as u128 / used as u128) as usize).collect()
}

/// ρ of all pairs: a matrix product of the columns without gaps, and pair by pair where there are any.
fn correlations(ranked: &[Ranked]) -> Array2<f32> {
    let p = ranked.len();
    let mut rho = Array2::from_elem((p, p), f32::NAN);
    let units: Vec<(usize, Array1<f64>)> =
        ranked.iter().enumerate().filter_map(|(i, r)| Some((i, r.unit()?))).collect();
    let n = units.first().map_or(0, |(_, unit)| unit.len());
    let mut stacked = Array2::zeros((units.len(), n));
    for (mut row, (_, unit)) in stacked.rows_mut().into_iter().zip(&units) {
        row.assign(unit);
    }
    let products = stacked.dot(&stacked.t());
    for (a, &(i, _)) in units.iter().enumerate() {
        for (b, &(j, _)) in units.iter().enumerate() {
            // The two triangles of a product may differ in the last bit.
            rho[[i, j]] = products[[a.min(b), a.max(b)]].clamp(-1.0, 1.0) as f32;
        }
    }
    let is_complete = |i: &usize| ranked[*i].is_complete();
    let (complete, gaps): (Vec<usize>, Vec<usize>) = (0..p).partition(is_complete);
    let mut pairs: Vec<(usize, usize)> = gaps.iter().flat_map(|&i| complete.iter().map(move |&j| (i, j))).collect();
    pairs.extend(gaps.iter().enumerate().flat_map(|(a, &i)| gaps[a + 1..].iter().map(move |&j| (i, j))));
    let found: Vec<Option<f64>> = pairs.par_iter().map(|&(i, j)| ranked[i].rho(&ranked[j])).collect();
    for (&(i, j), found) in pairs.iter().zip(found) {
        rho[[i, j]] = or_nan(found);
        rho[[j, i]] = or_nan(found);
    }
    for i in 0..p {
        rho[[i, i]] = if ranked[i].varies() { 1.0 } else { f32::NAN };
    }
    rho
}

#[cfg(test)]
mod tests;
