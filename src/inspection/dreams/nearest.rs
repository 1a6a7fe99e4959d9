//! The real rows nearest to a dream: whether a machine makes firms up or knows them by heart.

use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{ArrayRef1, ArrayView2, Zip};

/// Rows between two looks at whether to stop.
const BLOCK: usize = 4096;

/// A real row and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Which row, counted through all parts.
    pub row: usize,
    /// Euclidean distance in prepared inputs.
    pub distance: f64,
}

/// The `k` rows that are nearest to `x` `(n_inputs)`, the nearest first.
///
/// They are counted through `parts` `(n_rows, n_inputs)`, one after the other. Of equally near ones the earlier. Rows at no finite distance are left out. `None` when `stop` was set.
pub fn nearest(
    parts: &[ArrayView2<'_, f32>],
    x: &ArrayRef1<f32>,
    k: usize,
    stop: &AtomicBool,
) -> Option<Vec<Neighbour>> {
    let mut best: Vec<Neighbour> = Vec::with_capacity(k + 1);
    let rows = parts.iter().filter(|part| part.ncols() == x.len()).flat_map(|part| part.rows());
    for (row, real) in rows.enumerate() {
        if row % BLOCK == 0 && stop.load(Ordering::Relaxed) {
            return None;
        }
        let squares = Zip::from(real).and(x).fold(0.0, |sum, a, b| sum + f64::from(a - b).powi(2));
        let found = Neighbour { row, distance: squares.sqrt() };
        let is_near = best.len() < k || best.last().is_some_and(|last| last.distance > found.distance);
        if k > 0 && is_near && found.distance.is_finite() {
            best.truncate(k - 1);
            let place = best.partition_point(|other| other.distance <= found.distance);
            best.insert(place, found);
        }
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use rand::RngExt as _;

    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn the_nearest_rows_by_hand() {
        let (one, two) = (array![[0.0, 0.0], [3.0, 4.0]], array![[0.0, 1.0], [f32::NAN, 0.0], [1.0, 0.0]]);
        let go = AtomicBool::new(false);
        let found = |k| nearest(&[one.view(), two.view()], &array![0.0, 0.0], k, &go).unwrap();
        let of = |row, distance| Neighbour { row, distance };
        assert_eq!(found(3), [of(0, 0.0), of(2, 1.0), of(4, 1.0)]);
        assert_eq!(found(9), [of(0, 0.0), of(2, 1.0), of(4, 1.0), of(1, 5.0)]);
        assert!(found(0).is_empty());
        assert!(nearest(&[], &array![0.0], 3, &go).unwrap().is_empty());
        assert!(nearest(&[one.view()], &array![0.0, 0.0], 1, &AtomicBool::new(true)).is_none());
    }

    #[test]
    fn the_nearest_rows_are_the_first_when_all_are_sorted() {
        let mut random = stream(31, Purpose::Sample, 0);
        let rows = Array2::from_shape_simple_fn((300, 3), || random.random_range(0..6) as f32);
        let x = array![2.0, 2.5, 3.0];
        let mut all: Vec<(f64, usize)> = (0..300)
            .map(|row| ((0..3).map(|i| f64::from(rows[[row, i]] - x[i]).powi(2)).sum::<f64>().sqrt(), row))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let found = nearest(&[rows.view()], &x, 7, &AtomicBool::new(false)).unwrap();
        assert_eq!(found.iter().map(|n| n.row).collect::<Vec<_>>(), all[..7].iter().map(|n| n.1).collect::<Vec<_>>());
    }
}
