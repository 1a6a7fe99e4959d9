//! Correlations by hand, by scipy, and by a slow definition; orders by hand and by a slow clustering.

use rand::RngExt as _;
use rayon::ThreadPoolBuilder;

use super::*;
use crate::random::{Purpose, Stream, stream};

fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    Ranked::new(x).rho(&Ranked::new(y))
}

/// A table of these columns, NaN as an empty cell.
fn table(columns: &[Vec<f64>]) -> Table {
    let mut table = Table::new((0..columns.len()).map(|i| format!("c{i}")).collect());
    let text = |x: f64| if x.is_nan() { String::new() } else { x.to_string() };
    for row in 0..columns[0].len() {
        let cells: Vec<String> = columns.iter().map(|column| text(column[row])).collect();
        table.push_row(row as u64 + 2, cells.iter().map(String::as_str));
    }
    table
}

fn all(columns: &[Vec<f64>], bad: &[Option<bool>]) -> Association {
    associate(&table(columns), &(0..columns.len()).collect::<Vec<_>>(), bad)
}

/// Few values, so that many are equal, and gaps in every third column.
fn columns(n: usize, p: usize, random: &mut Stream) -> Vec<Vec<f64>> {
    let cell = |c: usize, random: &mut Stream| {
        let value = f64::from(random.random_range(-4_i32..5));
        if c % 3 == 1 && random.random_range(0..4) == 0 { f64::NAN } else { value }
    };
    (0..p).map(|c| (0..n).map(|_| cell(c, random)).collect()).collect()
}

/// Ranks by counting, Pearson's correlation of them by its definition.
fn slow(x: &[f64], y: &[f64]) -> f64 {
    let both: Vec<(f64, f64)> =
        x.iter().copied().zip(y.iter().copied()).filter(|(x, y)| !x.is_nan() && !y.is_nan()).collect();
    let rank = |of: &dyn Fn(&(f64, f64)) -> f64| -> Vec<f64> {
        let below = |v: f64| both.iter().filter(|other| of(other) < v).count() as f64;
        let equal = |v: f64| both.iter().filter(|other| of(other) == v).count() as f64;
        both.iter().map(|pair| below(of(pair)) + f64::midpoint(equal(of(pair)), 1.0)).collect()
    };
    let (a, b) = (rank(&|pair| pair.0), rank(&|pair| pair.1));
    let n = both.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let product =
        |u: &[f64], mu: f64, v: &[f64], mv: f64| -> f64 { u.iter().zip(v).map(|(u, v)| (u - mu) * (v - mv)).sum() };
    product(&a, mean_a, &b, mean_b) / (product(&a, mean_a, &a, mean_a) * product(&b, mean_b, &b, mean_b)).sqrt()
}

#[test]
fn correlations_by_hand_and_by_scipy() {
    let close =
        |rho: Option<f64>, expected: f64| assert!((rho.unwrap() - expected).abs() < 1e-15, "{rho:?} {expected}");
    // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])
    close(spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0]), 0.820_782_681_668_123_3);
    // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: 4.5 / √(4.5 · 5).
    close(spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 3.0, 2.0, 4.0]), 4.5 / 22.5_f64.sqrt());
    // Against a flag: ranks 1, 2, 3, 4 and 1.5, 1.5, 3.5, 3.5: 4 / √(5 · 4).
    close(spearman(&[1.0, 2.0, 3.0, 4.0], &[0.0, 0.0, 1.0, 1.0]), 4.0 / 20.0_f64.sqrt());
    close(spearman(&[1e-300, -0.0, 1e300], &[3.0, 2.0, 7.0]), 1.0);
    // Only the first and the last row know both.
    close(spearman(&[1.0, f64::NAN, 2.0, 3.0], &[5.0, 1.0, f64::NAN, 4.0]), -1.0);
    for (x, y) in [(&[1.0, 1.0][..], &[1.0, 2.0][..]), (&[1.0], &[2.0]), (&[], &[]), (&[0.0, -0.0], &[1.0, 2.0])] {
        assert_eq!(spearman(x, y), None, "{x:?} {y:?}");
    }
    // Constant in the rows that know both, though not in all.
    assert_eq!(spearman(&[1.0, 1.0, 2.0], &[3.0, 4.0, f64::NAN]), None);
}

#[test]
fn all_pairs_agree_with_the_definition_with_gaps_and_without() {
    let mut random = stream(3, Purpose::Sample, 0);
    for (n, p) in [(2, 4), (7, 9), (60, 12)] {
        let columns = columns(n, p, &mut random);
        let bad: Vec<Option<bool>> =
            (0..n).map(|_| [None, Some(true), Some(false)][random.random_range(0..3)]).collect();
        let association = all(&columns, &bad);
        assert_eq!((association.rows_used, association.chosen), (n, Chosen::All));
        let flags: Vec<f64> = bad.iter().map(|b| b.map_or(f64::NAN, |b| f64::from(u8::from(b)))).collect();
        let same = |rho: f32, expected: f64, what: &str| {
            let both_undefined = rho.is_nan() && expected.is_nan();
            assert!(both_undefined || (f64::from(rho) - expected).abs() < 1e-6, "{what}: {rho} {expected}");
        };
        for (a, &i) in association.columns.iter().enumerate() {
            for (b, &j) in association.columns.iter().enumerate() {
                same(association.rho[[a, b]], slow(&columns[i], &columns[j]), &format!("{i} {j} of {n} × {p}"));
                assert_eq!(association.rho[[a, b]].to_bits(), association.rho[[b, a]].to_bits());
            }
            same(association.with_bad[a], slow(&columns[i], &flags), &format!("{i} with bad"));
        }
    }
}

#[test]
fn what_goes_together_stands_together() {
    // |ρ| of columns 0 and 2 is 0.9, of 1 and 3 0.8; between the pairs 0 and 3 are the nearest.
    let mut rho = Array2::from_elem((4, 4), 0.1_f32);
    for (i, j, value) in [(0, 2, -0.9), (1, 3, 0.8), (0, 3, 0.5), (1, 2, f32::NAN)] {
        rho[[i, j]] = value;
        rho[[j, i]] = value;
    }
    assert_eq!(order::order(&rho), [2, 0, 3, 1]);
    assert_eq!(order::order(&Array2::from_elem((1, 1), 1.0)), [0]);
    assert!(order::order(&Array2::zeros((0, 0))).is_empty());
}

/// Every cluster that slow average linkage makes on the way is a run of the order.
#[test]
fn the_order_keeps_the_clusters_of_average_linkage() {
    let mut random = stream(4, Purpose::Sample, 0);
    for p in 2..24 {
        let mut rho = Array2::from_elem((p, p), 1.0_f32);
        for i in 0..p {
            for j in 0..i {
                let value = random.random_range(-1.0..1.0);
                rho[[i, j]] = value;
                rho[[j, i]] = value;
            }
        }
        let order = order::order(&rho);
        let place = |column: usize| order.iter().position(|&c| c == column).unwrap();
        let mut clusters: Vec<Vec<usize>> = (0..p).map(|i| vec![i]).collect();
        while clusters.len() > 1 {
            let mean = |a: &[usize], b: &[usize]| {
                let pairs = a.iter().flat_map(|&i| b.iter().map(move |&j| (i, j)));
                pairs.map(|(i, j)| 1.0 - f64::from(rho[[i, j]].abs())).sum::<f64>() / (a.len() * b.len()) as f64
            };
            let pairs = (0..clusters.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
            let distance = |&(a, b): &(usize, usize)| mean(&clusters[a], &clusters[b]);
            let (a, b) = pairs.min_by(|x, y| distance(x).total_cmp(&distance(y))).unwrap();
            let joined = clusters.remove(b);
            clusters[a].extend(joined);
            let places = || clusters[a].iter().map(|&column| place(column));
            assert_eq!(places().max().unwrap() - places().min().unwrap() + 1, clusters[a].len(), "{p}");
        }
    }
}

#[test]
fn of_many_columns_those_that_tell_most_are_shown() {
    let mut random = stream(6, Purpose::Sample, 0);
    let bad: Vec<Option<bool>> = (0..60).map(|row| Some(row % 3 == 0)).collect();
    let mut columns = columns(60, 250, &mut random);
    // Two that tell the outcome, one that is constant.
    columns[240] = (0..60).map(|row| f64::from(row % 3 == 0) + f64::from(row) / 1e3).collect();
    columns[7] = columns[240].iter().map(|x| -x).collect();
    columns[9] = vec![1.0; 60];
    let association = all(&columns, &bad);
    assert_eq!((association.columns.len(), association.candidates, association.chosen), (100, 250, Chosen::ByOutcome));
    assert!([7, 240].iter().all(|c| association.columns.contains(c)) && !association.columns.contains(&9));
    assert!(association.columns.is_sorted());
    let weakest = association.with_bad.iter().map(|rho| rho.abs()).fold(1.0, f32::min);
    let flags: Vec<f64> = bad.iter().map(|b| f64::from(u8::from(*b == Some(true)))).collect();
    for (c, column) in columns.iter().enumerate().filter(|(c, _)| !association.columns.contains(c)) {
        assert!(spearman(column, &flags).is_none_or(|rho| rho.abs() as f32 <= weakest), "{c}");
    }
    let place = |column: usize| association.order.iter().position(|&at| association.columns[at] == column).unwrap();
    assert_eq!(place(7).abs_diff(place(240)), 1, "ρ = −1: beside each other");
    assert!(association.notices()[0].starts_with("100 of 250 columns are shown: those most strongly"));

    let without = all(&columns, &[]);
    assert_eq!((without.chosen, without.columns.last(), without.with_bad.len()), (Chosen::First, Some(&99), 0));
}

#[test]
fn of_many_rows_some_are_taken_evenly_and_text_is_passed_over() {
    assert_eq!(evenly(5), [0, 1, 2, 3, 4]);
    let rows = evenly(1_000_003);
    assert_eq!((rows.len(), rows[0], rows[1], rows[19_999]), (20_000, 0, 50, 999_952));
    let mut table = Table::new(["x", "text", "y"].map(str::to_owned).to_vec());
    for row in 0..50_000_u64 {
        let (x, y) = (row.to_string(), (row * row).to_string());
        table.push_row(row, [&x[..], "a", &y[..]]);
    }
    let association = associate(&table, &[2, 1, 0, 0], &[]);
    assert_eq!((association.columns, association.rows_used), (vec![0, 2], 20_000));
    assert_eq!(association.rho, Array2::from_elem((2, 2), 1.0));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut random = stream(7, Purpose::Sample, 0);
    let columns = columns(400, 130, &mut random);
    let bad: Vec<Option<bool>> = (0..400).map(|row| Some(row % 7 == 0)).collect();
    let with = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let association = pool.install(|| all(&columns, &bad));
        (association.order, association.columns, association.rho.map(|rho| rho.to_bits()))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn clusters_hold_what_goes_together() {
    let x: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 40)).collect();
    let falling = x.iter().map(|x| -x.powi(3)).collect();
    let other: Vec<f64> = (0..40).map(|i| f64::from(i * 11 % 17)).collect();
    // One pair of neighbours changed places: ρ = 1 − 6·2/(40·1599).
    let mut nearly = x.clone();
    let (one, two) = (x.iter().position(|x| *x == 3.0).unwrap(), x.iter().position(|x| *x == 4.0).unwrap());
    nearly.swap(one, two);
    let columns = [x, other, falling, vec![1.0; 40], nearly];
    assert_eq!(rank_clusters(&columns, 0.8), [vec![0, 2, 4], vec![1], vec![3]]);
    assert_eq!(rank_clusters(&columns, 1.0), [vec![0, 2], vec![1], vec![3], vec![4]]);
    assert_eq!(rank_clusters(&columns[..1], 0.8), [[0]]);
    assert!(rank_clusters(&[], 0.8).is_empty());
}
