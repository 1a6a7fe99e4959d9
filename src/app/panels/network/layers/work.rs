//! What the layers panel shows of a net at one moment, worked out away from the window's thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Array2, Axis};

use crate::data::Dataset;
use crate::inspection::map::{Plane, rows_to_draw};
use crate::inspection::separability::{Line, in_words, straight_line};
use crate::model::dbn::NetState;
use crate::training::PreparedFold;

/// Rows drawn at most.
pub(super) const DRAWN: usize = 2000;
/// Rows that a straight line is fitted to at most, and judged on.
const LEARNED: usize = 2000;
const JUDGED: usize = 5000;

/// A map of the drawn rows, of the inputs or after a hidden layer.
pub(super) struct Map {
    /// Where each of the drawn rows lies.
    pub(super) points: Vec<[f32; 2]>,
    /// The least and the largest of both coordinates.
    pub(super) bounds: [[f32; 2]; 2],
    /// Share of the variance along each axis.
    pub(super) explained: [f64; 2],
    /// Columns that were mapped: inputs, or units of the layer.
    pub(super) columns: usize,
}

/// Everything that is shown.
pub(super) struct Shown {
    /// Of which table.
    pub(super) data: Arc<Dataset>,
    /// The drawn rows of the dataset, ascending, and their outcomes.
    pub(super) rows: Vec<usize>,
    pub(super) bad: Vec<Option<bool>>,
    /// Rows of the fold, drawn or not, ascending.
    fold: Vec<usize>,
    /// Of the inputs, then after each hidden layer; `None` where a map is undefined.
    pub(super) maps: Vec<Option<Map>>,
    /// What a straight line makes of the held-out rows, likewise.
    pub(super) lines: Vec<Option<Line>>,
    /// The same in words.
    pub(super) words: String,
}

/// Where the prepared inputs of a row stand.
#[derive(Clone, Copy)]
enum Place {
    Training(usize),
    Unlabelled(usize),
    Test(usize),
}

/// The prepared inputs of the drawn rows and the row that is looked at, without preparing them once more.
struct Drawn<'a> {
    fold: &'a PreparedFold,
    /// Every row of the fold, ascending.
    places: Vec<(usize, Place)>,
}

impl<'a> Drawn<'a> {
    fn new(fold: &'a PreparedFold) -> Self {
        let numbered = |rows: &[usize], place: fn(usize) -> Place| -> Vec<(usize, Place)> {
            rows.iter().enumerate().map(|(i, &row)| (row, place(i))).collect()
        };
        let mut places = numbered(&fold.train_rows, Place::Training);
        places.extend(numbered(&fold.unlabelled_rows, Place::Unlabelled));
        places.extend(numbered(&fold.test_rows, Place::Test));
        places.sort_unstable_by_key(|(row, _)| *row);
        Self { fold, places }
    }

    /// At most [`DRAWN`] rows of the fold, and `also` where it is one of them.
    fn rows(&self, data: &Dataset, also: Option<usize>, seed: u64) -> Vec<usize> {
        let (labelled, unlabelled): (Vec<usize>, Vec<usize>) =
            self.places.iter().map(|(row, _)| *row).partition(|&row| data.bad[row].is_some());
        let mut rows = rows_to_draw(&labelled, &unlabelled, DRAWN, seed);
        if let Some(also) = also
            && let Err(place) = rows.binary_search(&also)
            && self.places.binary_search_by_key(&also, |(row, _)| *row).is_ok()
        {
            rows.insert(place, also);
        }
        rows
    }

    fn inputs(&self, rows: &[usize]) -> Array2<f32> {
        let set = &self.fold.training;
        let mut x = Array2::zeros((rows.len(), set.x.ncols()));
        for (mut to, row) in x.outer_iter_mut().zip(rows) {
            let found = self.places.binary_search_by_key(row, |(row, _)| *row).map(|i| self.places[i].1);
            match found {
                Ok(Place::Training(i)) => to.assign(&set.x.row(i)),
                Ok(Place::Unlabelled(i)) => to.assign(&set.x_unlabelled.row(i)),
                Ok(Place::Test(i)) => to.assign(&self.fold.x_test.row(i)),
                Err(_) => {}
            }
        }
        x
    }
}

impl Shown {
    /// Whether a row of the dataset is drawn.
    pub(super) fn draws(&self, row: usize) -> bool {
        self.rows.binary_search(&row).is_ok()
    }

    /// How many rows the fold has.
    pub(super) fn n_rows(&self) -> usize {
        self.fold.len()
    }

    /// Whether nothing would be gained by drawing a row in any case: it is drawn, or is not of the fold.
    pub(super) fn settles(&self, row: usize) -> bool {
        self.draws(row) || self.fold.binary_search(&row).is_err()
    }

    /// Works it out, the row `also` drawn in any case; what is left of it when `stop` is set is not worth showing.
    pub(super) fn of(
        state: &NetState,
        fold: &PreparedFold,
        data: &Arc<Dataset>,
        also: Option<usize>,
        seed: u64,
        stop: &AtomicBool,
    ) -> Self {
        let drawn = Drawn::new(fold);
        let rows = drawn.rows(data, also, seed);
        let bad: Vec<Option<bool>> = rows.iter().map(|&row| data.bad[row]).collect();
        let x = drawn.inputs(&rows);

        let learned = rows_to_draw(&state.learned_rows(), &[], LEARNED, seed);
        let judged = rows_to_draw(&(0..fold.x_test.nrows()).collect::<Vec<_>>(), &[], JUDGED, seed);
        let x_learned = state.training_set().x.select(Axis(0), &learned);
        let bad_learned: Vec<bool> = learned.iter().map(|&row| state.training_set().y[row] == 1).collect();
        let x_judged = fold.x_test.select(Axis(0), &judged);
        let bad_judged: Vec<bool> = judged.iter().map(|&row| fold.bad_test[row]).collect();

        let (mut maps, mut lines) = (Vec::new(), Vec::new());
        let mut take = |x: &Array2<f32>, x_learned: &Array2<f32>, x_judged: &Array2<f32>| {
            maps.push(map(x, &bad, stop));
            lines.push(straight_line((x_learned, &bad_learned), (x_judged, &bad_judged), stop));
        };
        take(&x, &x_learned, &x_judged);
        for layer in 0..state.n_hidden_layers() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if let [Some(x), Some(x_learned), Some(x_judged)] =
                [&x, &x_learned, &x_judged].map(|x| state.hidden(x, layer))
            {
                take(&x, &x_learned, &x_judged);
            }
        }
        let words = in_words(&lines, &bad_judged);
        Self {
            data: Arc::clone(data),
            rows,
            bad,
            fold: drawn.places.iter().map(|(row, _)| *row).collect(),
            maps,
            lines,
            words,
        }
    }
}

fn map(x: &Array2<f32>, bad: &[Option<bool>], stop: &AtomicBool) -> Option<Map> {
    let plane = Plane::fit(x, bad, stop)?;
    let points = plane.points(x);
    let mut bounds = [[f32::INFINITY; 2], [f32::NEG_INFINITY; 2]];
    for point in &points {
        for k in 0..2 {
            bounds[0][k] = bounds[0][k].min(point[k]);
            bounds[1][k] = bounds[1][k].max(point[k]);
        }
    }
    Some(Map { points, bounds, explained: plane.explained, columns: x.ncols() })
}
