//! The probability of the bad outcome over a plane of two indicators, worked out away from the window's thread.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ndarray::Array2;

use crate::data::Dataset;
use crate::inspection::axis::Axis;
use crate::inspection::contour::{Polyline, contour};
use crate::inspection::map::rows_to_draw;
use crate::inspection::regions::{Field, Held};
use crate::model::{Classifier, Support};
use crate::training::PreparedFold;

/// Cells along each axis.
const CELLS: usize = 96;
/// Rows drawn on the plane at most, beside support vectors.
pub(super) const DRAWN: usize = 2000;

/// What is asked: which plane, and where its lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Asked {
    /// Indicators along and up.
    pub(super) indicators: [usize; 2],
    pub(super) held: Held,
    /// The cut-off, where there is one.
    pub(super) cut_off: Option<f64>,
    /// The row whose random numbers fill gaps.
    pub(super) row: usize,
    /// A row that is drawn however many there are.
    pub(super) also: Option<usize>,
    pub(super) seed: u64,
}

/// A model's regions.
pub(super) struct Region {
    /// Of which table.
    pub(super) data: Arc<Dataset>,
    pub(super) field: Field,
    /// P(bad), `(cells up, cells along)`, from the lower left.
    pub(super) pd: Array2<f32>,
    /// Where it is one half.
    pub(super) half: Vec<Polyline>,
    /// Where it is at the cut-off.
    pub(super) cut: Vec<Polyline>,
    /// The labelled rows on the plane.
    pub(super) rows: Rows,
}

/// Labelled rows on the plane.
pub(super) struct Rows {
    /// Row of the dataset, place in 0..=1 along both axes, whether bad.
    pub(super) drawn: Vec<(usize, [f32; 2], bool)>,
    /// Labelled rows that lie beside the plane or lack a cell there.
    pub(super) beside: usize,
}

/// What came of scoring a plane.
#[derive(Clone)]
pub(super) enum Plane {
    Scored(Arc<Region>),
    /// There is none: of this indicator nearly all rows hold one value.
    Flat(usize),
    /// Nobody waited any more.
    Stopped,
}

/// Scores the plane by `model`.
pub(super) fn plane(
    asked: Asked,
    model: &dyn Classifier,
    support: &[Support],
    fold: &PreparedFold,
    data: &Arc<Dataset>,
    stop: &AtomicBool,
) -> Plane {
    let learned: Vec<usize> = fold.train_rows.iter().chain(fold.unlabelled_rows.iter()).copied().collect();
    let Some(field) = Field::new(data, &learned, asked.indicators, asked.held, CELLS) else {
        let [along, up] = asked.indicators;
        return Plane::Flat(if Axis::new(data, &learned, along, CELLS).is_none() { along } else { up });
    };
    let Some(pd) = field.probabilities(model, fold, data, asked.row, stop) else { return Plane::Stopped };
    let half = contour(&pd, 0.5);
    let cut = asked.cut_off.map_or_else(Vec::new, |cut| contour(&pd, cut as f32));
    let always: Vec<usize> = support.iter().map(|support| support.row).chain(asked.also).collect();
    let rows = rows(&field, data, &always, asked.seed);
    Plane::Scored(Arc::new(Region { data: Arc::clone(data), field, pd, half, cut, rows }))
}

/// The labelled rows of the table on a plane; `always` are drawn however many there are.
fn rows(field: &Field, data: &Dataset, always: &[usize], seed: u64) -> Rows {
    let mut numbers = rows_to_draw(&data.labelled_rows(), &[], DRAWN, seed);
    numbers.extend(always.iter().filter(|&&row| row < data.n_rows()));
    numbers.sort_unstable();
    numbers.dedup();
    let placed = |&row: &usize| Some((row, field.place(data, row)?, *data.bad.get(row)?.as_ref()?));
    let drawn: Vec<_> = numbers.iter().filter_map(placed).collect();
    let beside = numbers.len() - drawn.len();
    Rows { drawn, beside }
}

impl Region {
    /// Whether nothing would be gained by drawing a row of the dataset in any case: it is drawn, or cannot be.
    pub(super) fn settles(&self, row: usize) -> bool {
        let is_drawn = || self.rows.drawn.binary_search_by_key(&row, |(row, ..)| *row).is_ok();
        let can_be = self.data.bad.get(row).is_some_and(Option::is_some) && self.field.place(&self.data, row).is_some();
        !can_be || is_drawn()
    }

    /// P(bad) at a place of the plane, in 0..=1 along both axes.
    pub(super) fn at(&self, place: [f32; 2]) -> Option<f32> {
        let cell = |share: f32, cells: usize| ((share * cells as f32).max(0.0) as usize).min(cells.saturating_sub(1));
        let (up, along) = self.pd.dim();
        self.pd.get([cell(place[1], up), cell(place[0], along)]).copied()
    }
}
