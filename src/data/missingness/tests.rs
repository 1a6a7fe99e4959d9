//! Small tables by hand, and any table against counting cell by cell.

use std::collections::BTreeMap;

use rand::RngExt as _;

use super::*;
use crate::data::read;
use crate::random::{Purpose, stream};

fn of(table: &Table, bad: &[Option<bool>]) -> Missingness {
    missingness(table, &(0..table.n_columns()).collect::<Vec<_>>(), bad)
}

#[test]
fn a_table_by_hand() {
    let text = "firm,a,b,c,word\nA,1,NA,3,-\nB,,NA,4,x\nC,2,5,6,y\nD,-,?,7,x\nE,3,,8,y\n";
    let (table, _) = read(text.as_bytes()).unwrap();
    let bad = [Some(true), Some(true), Some(false), Some(false), None];
    let found = of(&table, &bad);
    let column = |column, missing, bad, good| MissingColumn {
        column,
        missing,
        share_of_bad: Some(bad),
        share_of_good: Some(good),
    };
    // Among words a dash is a value.
    assert_eq!(found.columns, [column(2, 4, 1.0, 0.5), column(1, 2, 0.5, 0.5)]);
    let pattern = |columns: &[usize], rows| MissingPattern { columns: columns.to_vec(), rows };
    assert_eq!(found.patterns, [pattern(&[2], 2), pattern(&[1, 2], 2)]);
    assert_eq!((found.complete_rows, found.n_patterns), (1, 2));
    let expected = [[1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0], [1.0, 0.0]];
    assert_eq!(found.picture, ndarray::arr2(&expected));
    let unlabelled = of(&table, &[]);
    assert_eq!((unlabelled.columns[0].share_of_bad, unlabelled.columns[0].share_of_good), (None, None));
}

#[test]
fn nothing_missing_and_nothing_else() {
    let (table, _) = read(b"a,b\n1,-\n2,-\n3,\n").unwrap();
    let found = of(&table, &[]);
    assert_eq!(found.columns.iter().map(|c| (c.column, c.missing)).collect::<Vec<_>>(), [(1, 3)]);
    assert_eq!((found.complete_rows, found.n_patterns, found.patterns[0].rows), (0, 1, 3));
    let none = missingness(&table, &[0], &[]);
    assert!(none.columns.is_empty() && none.patterns.is_empty());
    assert_eq!((none.complete_rows, none.picture.dim()), (3, (3, 0)));
    let empty = of(&Table::new(vec!["a".to_owned()]), &[]);
    assert_eq!((empty.columns.len(), empty.complete_rows, empty.picture.dim()), (0, 0, (0, 0)));
}

#[test]
fn any_table_agrees_with_counting() {
    let mut random = stream(8, Purpose::Sample, 0);
    for (n, p) in [(1, 1), (63, 3), (64, 4), (65, 5), (501, 8), (1300, 3), (30, 260)] {
        let mut table = Table::new((0..p).map(|c| format!("c{c}")).collect());
        let mut missing = vec![vec![false; p]; n];
        for (row, missing) in missing.iter_mut().enumerate() {
            missing.iter_mut().enumerate().for_each(|(c, m)| *m = random.random_range(0..3 + c % 4) == 0);
            table.push_row(row as u64, missing.iter().map(|&m| if m { "NA" } else { "7" }));
        }
        let bad: Vec<Option<bool>> =
            (0..n).map(|_| [None, Some(true), Some(false)][random.random_range(0..3)]).collect();
        let found = of(&table, &bad);
        let count = |c: usize| missing.iter().filter(|row| row[c]).count();
        assert_eq!(found.columns.len(), (0..p).filter(|&c| count(c) > 0).count());
        assert!(found.columns.is_sorted_by_key(|c| (Reverse(c.missing), c.column)));
        for column in &found.columns {
            assert_eq!(column.missing, count(column.column));
            for (class, share) in [(true, column.share_of_bad), (false, column.share_of_good)] {
                let rows: Vec<usize> = (0..n).filter(|&row| bad[row] == Some(class)).collect();
                let of = rows.iter().filter(|&&row| missing[row][column.column]).count();
                assert_eq!(share, (!rows.is_empty()).then(|| of as f64 / rows.len() as f64));
            }
        }
        let mut counted: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for row in &missing {
            *counted.entry((0..p).filter(|&c| row[c]).collect()).or_default() += 1;
        }
        assert_eq!(found.complete_rows, counted.remove(&Vec::new()).unwrap_or(0));
        assert_eq!((found.n_patterns, found.patterns.len()), (counted.len(), counted.len().min(20)));
        let mut most: Vec<usize> = counted.values().copied().collect();
        most.sort_unstable_by_key(|&rows| Reverse(rows));
        for (pattern, most) in found.patterns.iter().zip(most) {
            assert_eq!((counted[&pattern.columns], pattern.rows), (pattern.rows, most));
        }
        let (bins, shown) = found.picture.dim();
        assert_eq!((bins, shown), (n.min(200), found.columns.len().min(200)));
        for (b, row) in found.picture.rows().into_iter().enumerate() {
            let rows = b * n / bins..(b + 1) * n / bins;
            for (share, column) in row.iter().zip(&found.columns) {
                let of = rows.clone().filter(|&row| missing[row][column.column]).count();
                assert_eq!(*share, of as f32 / rows.len() as f32);
            }
        }
    }
}
