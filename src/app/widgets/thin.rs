//! A series of any length as the few points that its pixels can show (style rule: a spike or a NaN is never averaged
//! away).
//!
//! Of all neighbours that fall into one column of pixels the first, the lowest, the highest and the last are kept, in
//! their order, so the drawn line covers the very pixels that the whole series would cover. What lies outside the view
//! is cut off at its edge: a dashed line of two points, seen through a strong zoom, would otherwise be millions of
//! dashes. A value that is not finite ends the line there and is reported.

use std::ops::RangeInclusive;

use egui::{Pos2, Rect, pos2};

/// A linear map from data to the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    /// Data at the left and the right edge, `x[0] < x[1]`.
    pub(super) x: [f64; 2],
    /// Data at the lower and the upper edge, `y[0] < y[1]`.
    pub(super) y: [f64; 2],
    /// The screen's rectangle, in points.
    pub(super) rect: Rect,
}

impl View {
    /// Where `x` falls on the screen, unrounded and unclipped.
    pub(super) fn screen_x(&self, x: f64) -> f64 {
        f64::from(self.rect.left()) + (x - self.x[0]) / (self.x[1] - self.x[0]) * f64::from(self.rect.width())
    }

    /// What stands at `x` points on the screen.
    pub(super) fn data_x(&self, x: f32) -> f64 {
        self.x[0] + f64::from(x - self.rect.left()) / f64::from(self.rect.width()) * (self.x[1] - self.x[0])
    }

    /// The column of pixels of `x`, for neighbours that are drawn upon each other. Beyond the edges one column holds
    /// everything: nothing there is seen but the way in and out.
    pub(super) fn column(&self, x: f64) -> f64 {
        let (left, right) = (f64::from(self.rect.left()) - OVERHANG, f64::from(self.rect.right()) + OVERHANG);
        self.screen_x(x).clamp(left - 1.0, right + 1.0).floor()
    }

    /// Where `y` falls on the screen, unrounded and unclipped; up is less.
    pub(super) fn screen_y(&self, y: f64) -> f64 {
        f64::from(self.rect.bottom()) - (y - self.y[0]) / (self.y[1] - self.y[0]) * f64::from(self.rect.height())
    }
}

/// What is left of a series.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Thinned {
    /// Unbroken lines on the screen, in points; a lone point is a line of one.
    pub(super) runs: Vec<Vec<Pos2>>,
    /// Columns of the screen at which values are not finite, each named once.
    pub(super) breaks: Vec<f32>,
}

/// How far beyond the edges lines are still kept, in points, so that their cut ends cannot be seen.
const OVERHANG: f64 = 8.0;

/// Farther out than any screen, and near enough that differences and products of positions stay finite.
const FAR: f64 = 1e15;

/// Thins `points` for `view`. Any order of `x` is drawn as it comes; the cost is one pass over the points.
pub(super) fn thin(points: impl IntoIterator<Item = [f64; 2]>, view: &View) -> Thinned {
    let columns = f64::from(view.rect.left()) - OVERHANG..=f64::from(view.rect.right()) + OVERHANG;
    let rows = f64::from(view.rect.top()) - OVERHANG..=f64::from(view.rect.bottom()) + OVERHANG;
    let mut clipper = Clipper { columns, rows, runs: Vec::new(), last: None };
    let mut breaks: Vec<f32> = Vec::new();
    let mut bucket = Bucket::default();
    for [x, y] in points {
        let column = view.column(x);
        let (x, y) = (view.screen_x(x), view.screen_y(y));
        if x.is_finite() && y.is_finite() {
            let (x, y) = (x.clamp(-FAR, FAR), y.clamp(-FAR, FAR));
            if bucket.column != Some(column) {
                bucket.flush(&mut clipper);
            }
            bucket.push(column, [x, y]);
        } else {
            bucket.flush(&mut clipper);
            clipper.end();
            if clipper.columns.contains(&x) {
                let column = x.round() as f32;
                if breaks.last() != Some(&column) {
                    breaks.push(column);
                }
            }
        }
    }
    bucket.flush(&mut clipper);
    clipper.end();
    Thinned { runs: clipper.runs, breaks }
}

/// Neighbours in one column of pixels. Each point goes with its rank, to bring the kept ones back into order.
#[derive(Default)]
struct Bucket {
    column: Option<f64>,
    count: usize,
    kept: Vec<(usize, [f64; 2])>, // first, lowest, highest, last
}

impl Bucket {
    fn push(&mut self, column: f64, point: [f64; 2]) {
        let ranked = (self.count, point);
        if self.count == 0 {
            self.kept.extend([ranked; 4]);
        } else {
            if point[1] < self.kept[1].1[1] {
                self.kept[1] = ranked;
            }
            if point[1] > self.kept[2].1[1] {
                self.kept[2] = ranked;
            }
            self.kept[3] = ranked;
        }
        self.column = Some(column);
        self.count += 1;
    }

    fn flush(&mut self, clipper: &mut Clipper) {
        self.kept.sort_unstable_by_key(|(rank, _)| *rank);
        self.kept.dedup_by_key(|(rank, _)| *rank);
        for (_, point) in self.kept.drain(..) {
            clipper.push(point);
        }
        (self.column, self.count) = (None, 0);
    }
}

/// Cuts a line at the edges of a rectangle.
struct Clipper {
    columns: RangeInclusive<f64>,
    rows: RangeInclusive<f64>,
    runs: Vec<Vec<Pos2>>,
    /// The point before, and whether a run that ends in it is open.
    last: Option<([f64; 2], bool)>,
}

impl Clipper {
    fn push(&mut self, point: [f64; 2]) {
        let mut open = false;
        if let Some((last, was_open)) = self.last
            && let Some([from, to]) = self.clip(last, point)
        {
            match self.runs.last_mut() {
                Some(run) if was_open => run.push(screen(to)),
                _ => self.runs.push(vec![screen(from), screen(to)]),
            }
            open = to == point;
        }
        self.last = Some((point, open));
    }

    /// Ends the line; a point that had no neighbour becomes a run of its own.
    fn end(&mut self) {
        if let Some((point, open)) = self.last.take()
            && !open
            && self.contains(point)
        {
            self.runs.push(vec![screen(point)]);
        }
    }

    fn contains(&self, [x, y]: [f64; 2]) -> bool {
        self.columns.contains(&x) && self.rows.contains(&y)
    }

    /// The part of the segment inside the rectangle (Liang & Barsky, ACM Trans. Graphics 3(1), 1984).
    fn clip(&self, from: [f64; 2], to: [f64; 2]) -> Option<[[f64; 2]; 2]> {
        if self.contains(from) && self.contains(to) {
            return Some([from, to]);
        }
        let delta = [to[0] - from[0], to[1] - from[1]];
        let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
        for (axis, range) in [&self.columns, &self.rows].into_iter().enumerate() {
            let (low, high) = (*range.start() - from[axis], *range.end() - from[axis]);
            if delta[axis] == 0.0 {
                if low > 0.0 || high < 0.0 {
                    return None;
                }
            } else {
                let (a, b) = (low / delta[axis], high / delta[axis]);
                enters = enters.max(a.min(b));
                leaves = leaves.min(a.max(b));
            }
        }
        let at = |part: f64| [from[0] + part * delta[0], from[1] + part * delta[1]];
        (enters <= leaves).then(|| {
            let start = if enters > 0.0 { at(enters) } else { from };
            [start, if leaves < 1.0 { at(leaves) } else { to }]
        })
    }
}

fn screen([x, y]: [f64; 2]) -> Pos2 {
    pos2(x as f32, y as f32)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;
    use crate::model::{Point, Series};
    use crate::training::{Event, History, ModelKind};

    /// 100 × 100 points on the screen for data from 0 to 1000 and from 0 to 100.
    fn view() -> View {
        View { x: [0.0, 1000.0], y: [0.0, 100.0], rect: Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 100.0)) }
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let thinned = thin([[0.0, 0.0], [500.0, 50.0], [1000.0, 100.0]], &view());
        assert_eq!(thinned.runs, [[pos2(0.0, 100.0), pos2(50.0, 50.0), pos2(100.0, 0.0)]]);
        assert!(thinned.breaks.is_empty());
    }

    #[test]
    fn a_spike_among_a_million_points_stays() {
        let spike = 333_333;
        let points = (0..1_000_000).map(|i| [i as f64 / 1000.0, if i == spike { 90.0 } else { 10.0 }]);
        let thinned = thin(points, &view());
        assert_eq!(thinned.runs.len(), 1);
        assert!(thinned.runs[0].len() <= 4 * 101, "{}", thinned.runs[0].len());
        assert_eq!(thinned.runs[0].iter().filter(|p| p.y == 10.0).count(), 1);
    }

    #[test]
    fn a_nan_breaks_the_line_and_is_named_once_for_each_column() {
        let nan = f64::NAN;
        let points = [[0.0, 1.0], [100.0, 2.0], [200.0, nan], [200.1, f64::INFINITY], [300.0, 3.0], [400.0, nan]];
        let thinned = thin(points, &view());
        assert_eq!(thinned.runs, [vec![pos2(0.0, 99.0), pos2(10.0, 98.0)], vec![pos2(30.0, 97.0)]]);
        assert_eq!(thinned.breaks, [20.0, 40.0]);
    }

    #[test]
    fn nothing_at_all_and_only_nan_give_no_line() {
        assert_eq!(thin([], &view()), Thinned::default());
        assert!(thin([[f64::NAN, 1.0]], &view()).runs.is_empty());
        assert_eq!(thin([[5.0, f64::NAN]], &view()).breaks, [1.0]);
    }

    #[test]
    fn lines_are_cut_at_the_edge_and_taken_up_again() {
        // In at the left, out at the top, back in, out at the right: two runs.
        let points = [[-1e9, 50.0], [250.0, 50.0], [250.0, 1e12], [500.0, 1e12], [500.0, 50.0], [1e9, 50.0]];
        let thinned = thin(points, &view());
        assert_eq!(thinned.runs.len(), 2);
        assert_eq!(thinned.runs[0], [pos2(-8.0, 50.0), pos2(25.0, 50.0), pos2(25.0, -8.0)]);
        assert_eq!(thinned.runs[1], [pos2(50.0, -8.0), pos2(50.0, 50.0), pos2(108.0, 50.0)]);
    }

    #[test]
    fn a_line_that_only_passes_through_is_seen_and_one_that_passes_by_is_not() {
        let through = thin([[-500.0, 0.0], [1500.0, 100.0]], &view());
        assert_eq!(through.runs.len(), 1);
        let by = thin([[-500.0, 150.0], [-400.0, -150.0], [1500.0, -300.0]], &view());
        assert!(by.runs.is_empty());
    }

    /// The extremes of every column of a random walk, by brute force, are all among the points that are drawn.
    #[test]
    fn the_extremes_of_every_column_are_kept() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        for _ in 0..50 {
            let mut y = 50.0;
            let points: Vec<[f64; 2]> = (0..5000)
                .map(|i| {
                    y = (y + rng.random_range(-3.0..3.0_f64)).clamp(0.0, 100.0);
                    [f64::from(i) / 5.0 + 0.05, y]
                })
                .collect();
            let drawn: Vec<Pos2> = thin(points.iter().copied(), &view()).runs.concat();
            for column in 0..100 {
                let inside = |p: &&[f64; 2]| (p[0] / 10.0).floor() == f64::from(column);
                for extreme in [f64::min, f64::max] {
                    let y = points.iter().filter(inside).map(|p| p[1]).reduce(extreme).unwrap();
                    assert!(drawn.iter().any(|p| (f64::from(p.y) - (100.0 - y)).abs() < 1e-4));
                }
            }
        }
    }

    /// Whatever comes in, what goes out is finite, near the view, and small.
    #[test]
    fn any_input_gives_few_finite_points() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(8);
        let odd = [0.0, -0.0, 1e300, -1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 500.0];
        for _ in 0..200 {
            let points: Vec<_> = (0..300).map(|_| [0, 1].map(|_| odd[rng.random_range(0..odd.len())])).collect();
            let thinned = thin(points, &view());
            let drawn = thinned.runs.concat();
            assert!(drawn.len() <= 1200);
            for point in drawn {
                assert!(point.x.abs() < 120.0 && point.y.abs() < 120.0, "{point:?}");
            }
        }
    }

    /// A recorded curve, of which only the points that matter are looked at, is drawn as if all of them were.
    #[test]
    fn a_recorded_curve_is_drawn_as_all_its_points() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(9);
        for _ in 0..50 {
            let series = Series::LossTraining;
            let broken = rng.random_bool(0.5);
            // Whole numbers, so that what is alike in the data is alike on the screen.
            let value = |rng: &mut rand_chacha::ChaCha8Rng| match rng.random_range(0..400) {
                0 if broken => f64::NAN,
                _ => f64::from(rng.random_range(-20..120)),
            };
            let points: Vec<Point> =
                (0..3000).map(|i| Point { series, x: f64::from(i) / 2.0 - 100.0, y: value(&mut rng) }).collect();
            let plain: Vec<[f64; 2]> = points.iter().map(|p| [p.x, p.y]).collect();
            let mut history = History::default();
            history.take(&Event::Points(ModelKind::Dbn, points));
            let few = history.stretch(ModelKind::Dbn, series).few(f64::NEG_INFINITY, |x| view().column(x));
            assert!(broken || few.len() < 4 * 120, "{}", few.len());
            assert_eq!(thin(few, &view()), thin(plain, &view()));
        }
    }
}
