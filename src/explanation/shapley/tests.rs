//! Against the definition, worked out in another way; and the axioms that make Shapley values what they are.

use ndarray::{Array1, Array2, ArrayRef1, ArrayView2, array};
use rand::RngExt as _;

use super::*;
use crate::random::{Purpose, stream};

/// Rows of numbers from −1 to 1.
fn rows(n: usize, columns: usize, index: u64) -> Array2<f32> {
    let mut random = stream(7, Purpose::Sample, index);
    Array2::from_shape_simple_fn((n, columns), || 2.0 * random.random::<f32>() - 1.0)
}

fn alone(n: usize) -> Vec<Vec<usize>> {
    (0..n).map(|input| vec![input]).collect()
}

/// A PD with products of neighbouring inputs and of far ones.
fn tangled(row: &ArrayRef1<f32>) -> f64 {
    let n = row.len();
    let at = |i: usize| f64::from(row[i % n]);
    let z: f64 = (0..n).map(|i| (0.3 * (i + 1) as f64) * at(i) + at(i) * at(i + 1) - 0.5 * at(i) * at(i + 3)).sum();
    1.0 / (1.0 + (-z).exp())
}

fn by_row(f: impl Fn(&ArrayRef1<f32>) -> f64 + Sync) -> impl Fn(ArrayView2<'_, f32>) -> Vec<f64> + Sync {
    move |x| x.rows().into_iter().map(|row| f(&row)).collect()
}

/// The definition by orders: the mean, over all n! orders, of what a player adds to those before it.
fn brute_force(
    f: &dyn Fn(&ArrayRef1<f32>) -> f64,
    players: &[Vec<usize>],
    background: &Array2<f32>,
    x: &Array1<f32>,
) -> Vec<f64> {
    let worth = |inside: &[usize]| -> f64 {
        let of = |b: &ArrayRef1<f32>| {
            let mut row = b.to_owned();
            for &player in inside {
                players[player].iter().for_each(|&input| row[input] = x[input]);
            }
            f(&row)
        };
        background.rows().into_iter().map(|b| of(&b)).sum::<f64>() / background.nrows() as f64
    };
    let n = players.len();
    let mut totals = vec![0.0; n];
    let mut orders = vec![Vec::new()];
    for player in 0..n {
        // Into every place of every order of those before it.
        orders = orders
            .iter()
            .flat_map(|order: &Vec<usize>| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, player);
                    longer
                })
            })
            .collect();
    }
    for order in &orders {
        for place in 0..n {
            totals[order[place]] += worth(&order[..=place]) - worth(&order[..place]);
        }
    }
    totals.iter().map(|total| total / orders.len() as f64).collect()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
    }
}

#[test]
fn two_players_by_hand() {
    // f = x₀·x₁ with one background row (0, 0) and x = (1, 1): both are needed, and both get half of what they bring.
    let pd = by_row(|row| f64::from(row[0] * row[1]));
    let (players, background) = (alone(2), array![[0.0, 0.0]]);
    let game = Game::new(&pd, players.clone(), &background, ShapleySettings::default()).unwrap();
    let shares = game.share_out(&array![1.0, 1.0]).unwrap();
    assert_eq!((shares.base, shares.pd, shares.standard_errors.is_none()), (0.0, 1.0, true));
    assert_eq!(shares.contributions, [0.5, 0.5]);
    // From (0, 1) only the first has anything to bring.
    let background = array![[0.0, 1.0]];
    let game = Game::new(&pd, players.clone(), &background, ShapleySettings::default()).unwrap();
    assert_eq!(game.share_out(&array![1.0, 1.0]).unwrap().contributions, [1.0, 0.0]);
}

#[test]
fn all_coalitions_agree_with_all_orders() {
    for n in 1..=6 {
        // Every other player has two inputs.
        let mut next = 0;
        let players: Vec<Vec<usize>> = (0..n)
            .map(|player| {
                let inputs = next..next + 1 + player % 2;
                next = inputs.end;
                inputs.collect()
            })
            .collect();
        let (background, x) = (rows(7, next, n as u64), rows(1, next, 50 + n as u64).row(0).to_owned());
        let pd = by_row(tangled);
        let game = Game::new(&pd, players.clone(), &background, ShapleySettings::default()).unwrap();
        let shares = game.share_out(&x).unwrap();
        close(&shares.contributions, &brute_force(&tangled, &players, &background, &x));
        close(&[shares.contributions.iter().sum()], &[shares.pd - shares.base]);
        assert_eq!(shares.pd, tangled(&x));
    }
}

#[test]
fn an_additive_function_gives_its_terms() {
    let term = |i: usize, x: f32| 0.01 * (f64::from(x) * (i + 1) as f64).sin();
    let pd = by_row(move |row| row.iter().enumerate().map(|(i, &x)| term(i, x)).sum());
    for n in [5, 18] {
        let (players, background, x) = (alone(n), rows(9, n, 1), rows(1, n, 2).row(0).to_owned());
        let mean = |i: usize| background.column(i).iter().map(|&b| term(i, b)).sum::<f64>() / 9.0;
        let expected: Vec<f64> = (0..n).map(|i| term(i, x[i]) - mean(i)).collect();
        let game = Game::new(&pd, players.clone(), &background, ShapleySettings::default()).unwrap();
        let shares = game.share_out(&x).unwrap();
        close(&shares.contributions, &expected);
        // Orders do not matter, so that sampling has no error either.
        assert_eq!(shares.standard_errors.is_some(), n > 15);
        assert!(shares.standard_errors.iter().flatten().all(|error| *error < 1e-12));
    }
}

#[test]
fn a_dummy_gets_nothing_and_equals_get_the_same() {
    // Input 2 is not used; 0 and 1 are exchangeable, in the background too.
    let pd = by_row(|row| f64::from(row[0] * row[1] + (row[0] + row[1]) * row[3]).tanh());
    let mut background = rows(20, 4, 3);
    for row in background.clone().rows() {
        let swapped = array![row[1], row[0], row[2], row[3]];
        background.push_row(swapped.view()).unwrap();
    }
    let (players, x) = (alone(4), array![0.4, 0.4, 0.9, -0.7]);
    for exact_up_to in [15, 0] {
        let settings = ShapleySettings { exact_up_to, ..ShapleySettings::default() };
        let game = Game::new(&pd, players.clone(), &background, settings).unwrap();
        let shares = game.share_out(&x).unwrap();
        assert!(shares.contributions[2].abs() < 1e-15);
        if exact_up_to > 0 {
            assert!((shares.contributions[0] - shares.contributions[1]).abs() < 1e-15);
        }
    }
}

#[test]
fn orders_drawn_come_near_all_orders_and_add_up() {
    let pd = by_row(tangled);
    let mut beyond_two = 0;
    for index in 0..12 {
        let n = 8;
        let (players, background, x) = (alone(n), rows(25, n, index), rows(1, n, 90 + index).row(0).to_owned());
        let of = |exact_up_to| {
            let settings = ShapleySettings { exact_up_to, pairs: 5, seed: index };
            Game::new(&pd, players.clone(), &background, settings).unwrap().share_out(&x).unwrap()
        };
        let (exact, sampled) = (of(15), of(0));
        close(&[sampled.contributions.iter().sum()], &[sampled.pd - sampled.base]);
        for (i, error) in sampled.standard_errors.unwrap().into_iter().enumerate() {
            let off = (sampled.contributions[i] - exact.contributions[i]).abs();
            assert!(off <= 4.0 * error, "{off} is more than 4 × {error}");
            beyond_two += usize::from(off > 2.0 * error);
        }
    }
    // Of 96 about 4.6 by the normal distribution.
    assert!(beyond_two <= 12, "{beyond_two} of 96 contributions are off by more than 2 standard errors");
}

#[test]
fn threads_do_not_show() {
    let pd = by_row(tangled);
    let (players, background, x) = (alone(9), rows(60, 9, 5), rows(1, 9, 6).row(0).to_owned());
    for exact_up_to in [15, 0] {
        let settings = ShapleySettings { exact_up_to, pairs: 8, seed: 3 };
        let game = Game::new(&pd, players.clone(), &background, settings).unwrap();
        let here = game.share_out(&x).unwrap();
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| game.share_out(&x).unwrap()), here);
        }
    }
}

#[test]
fn what_cannot_be_explained_is_said() {
    let pd = by_row(tangled);
    let settings = ShapleySettings::default();
    let new = |n, background: &Array2<f32>| Game::new(&pd, alone(n), background, settings).map(|_| ());
    assert_eq!(new(2, &Array2::zeros((0, 2))), Err(ExplanationError::NoBackground));
    assert_eq!(new(3, &rows(4, 2, 1)), Err(ExplanationError::Inputs { expected: 3, found: 2 }));
    let (players, background) = (alone(2), rows(4, 2, 1));
    let game = Game::new(&pd, players.clone(), &background, settings).unwrap();
    let found = game.share_out(&array![1.0]);
    assert_eq!(found, Err(ExplanationError::Inputs { expected: 2, found: 1 }));
    assert_eq!(game.share_out(&array![f32::NAN, 0.0]), Err(ExplanationError::Undefined));
    // No players: nothing to share out.
    let game = Game::new(&pd, Vec::new(), &background, settings).unwrap();
    assert!(game.share_out(&background.row(0)).unwrap().contributions.is_empty());
}
