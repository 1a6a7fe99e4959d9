//! A curve as it grows: its points, and where the extremes of every block of them stand, so that what a screen can show of
//! a million points is found without looking at each (a pyramid of minima and maxima, as programs for sound keep of a wave).

use std::ops::RangeInclusive;

/// Points of a block, and blocks of a block of the next level.
const BLOCK: usize = 8;
/// A column with no more points than are kept of it is shown whole.
const KEPT: usize = 4;

/// Points `[x, y]` in order of x. Only ever added to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Trace {
    points: Vec<[f64; 2]>,
    /// The full blocks of points, the full blocks of those, and so on.
    levels: Vec<Vec<Block>>,
}

/// What is known of some neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    /// Places of the lowest and of the highest finite value, of several the first; `None` without any.
    extremes: Option<[usize; 2]>,
    /// Whether every value is finite.
    whole: bool,
}

/// One without any points.
pub(super) static EMPTY: Trace = Trace { points: Vec::new(), levels: Vec::new() };

impl Trace {
    /// Adds a point; its x is not below that of the last.
    pub(super) fn push(&mut self, point: [f64; 2]) {
        self.points.push(point);
        let mut full = self.points.len();
        let mut level = 0;
        while full.is_multiple_of(BLOCK) {
            full /= BLOCK;
            let mut block = Block { extremes: None, whole: true };
            for i in (full - 1) * BLOCK..full * BLOCK {
                let below = if level == 0 { self.block_of(i) } else { self.levels[level - 1][i] };
                block.whole &= below.whole;
                block.extremes = self.joined(block.extremes, below.extremes);
            }
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(block);
            level += 1;
        }
    }

    /// All of it.
    pub(super) fn all(&self) -> Stretch<'_> {
        Stretch { trace: self, from: 0, to: self.points.len() }
    }

    /// One point as a block.
    fn block_of(&self, i: usize) -> Block {
        let whole = self.points[i][1].is_finite();
        Block { extremes: whole.then_some([i, i]), whole }
    }

    /// The extremes of two neighbours, `a` standing before `b`.
    fn joined(&self, a: Option<[usize; 2]>, b: Option<[usize; 2]>) -> Option<[usize; 2]> {
        let (Some([low, high]), Some([other_low, other_high])) = (a, b) else { return a.or(b) };
        let y = |i: usize| self.points[i][1];
        let low = if y(other_low) < y(low) { other_low } else { low };
        Some([low, if y(other_high) > y(high) { other_high } else { high }])
    }

    /// Goes over the points from `at` to before `to` in order, as few and large blocks: `take` is shown blocks of so many
    /// points, the largest first, until it takes one; a single point it cannot refuse.
    fn walk(&self, mut at: usize, to: usize, mut take: impl FnMut(&Block, usize) -> bool) {
        while at < to {
            let (mut level, mut size) = (0, 1);
            while level < self.levels.len() && at.is_multiple_of(size * BLOCK) && at + size * BLOCK <= to {
                (level, size) = (level + 1, size * BLOCK);
            }
            while level > 0 && !take(&self.levels[level - 1][at / size], size) {
                (level, size) = (level - 1, size / BLOCK);
            }
            if level == 0 {
                take(&self.block_of(at), 1);
            }
            at += size;
        }
    }

    /// Places of the lowest and of the highest of the points from `from` to before `to` that are finite and above `above`.
    fn extremes(&self, from: usize, to: usize, above: f64) -> Option<[usize; 2]> {
        let mut found = None;
        self.walk(from, to, |block, _| {
            let Some([low, high]) = block.extremes else { return true };
            let all = self.points[low][1] > above;
            if all {
                found = self.joined(found, block.extremes);
            }
            all || self.points[high][1] <= above
        });
        found
    }

    /// The same where all of the points are such; `None` where one is not.
    fn extremes_of_all(&self, from: usize, to: usize, above: f64) -> Option<[usize; 2]> {
        let (mut found, mut failed) = (None, false);
        self.walk(from, to, |block, size| {
            let all = block.whole && block.extremes.is_some_and(|[low, _]| self.points[low][1] > above);
            if all {
                found = self.joined(found, block.extremes);
            }
            // Once one has been met the rest is passed over.
            failed |= !all && size == 1;
            all || failed
        });
        found.filter(|_| !failed)
    }

    /// Where the column ends that begins at `at`: looked for in steps that double, then by halves.
    fn end_of_column<C: PartialEq>(&self, at: usize, to: usize, column: &impl Fn(f64) -> C) -> usize {
        let here = column(self.points[at][0]);
        let inside = |point: &[f64; 2]| column(point[0]) == here;
        let mut step = 1;
        while at + step < to && inside(&self.points[at + step]) {
            step *= 2;
        }
        let (known, limit) = (at + step / 2 + 1, (at + step).min(to));
        if known >= limit { limit } else { known + self.points[known..limit].partition_point(inside) }
    }
}

/// A part of a curve, from one point to another.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    trace: &'a Trace,
    from: usize,
    to: usize,
}

impl<'a> Stretch<'a> {
    /// Its points `[x, y]`, in order of x.
    pub fn points(self) -> &'a [[f64; 2]] {
        &self.trace.points[self.from..self.to]
    }

    /// Without the points before `x`, and without those at it.
    pub(super) fn after(self, x: f64) -> Self {
        Self { from: self.from + self.points().partition_point(|point| point[0] <= x), ..self }
    }

    /// The part of it within these bounds.
    pub fn within(self, x: &RangeInclusive<f64>) -> Self {
        let from = self.from + self.points().partition_point(|point| point[0] < *x.start());
        let to = self.from + self.points().partition_point(|point| point[0] <= *x.end());
        Self { from, to: to.max(from), ..self }
    }

    /// The lowest and the highest of its points whose value is finite and above `above`, of several the first; `None`
    /// without any.
    pub fn extremes(self, above: f64) -> Option<[[f64; 2]; 2]> {
        let [low, high] = self.trace.extremes(self.from, self.to, above)?;
        Some([self.trace.points[low], self.trace.points[high]])
    }

    /// The point nearest to `x`, the first of those at one place; `None` without any.
    pub fn nearest(self, x: f64) -> Option<[f64; 2]> {
        let points = self.points();
        let next = points.partition_point(|point| point[0] < x);
        let before = next.checked_sub(1).map(|i| points[points.partition_point(|point| point[0] < points[i][0])]);
        let next = points.get(next).copied();
        match (before, next) {
            (Some(a), Some(b)) => Some(if x - a[0] <= b[0] - x { a } else { b }),
            (a, b) => a.or(b),
        }
    }

    /// The points that can be told apart where neighbours of one `column` are drawn upon each other: of each column the
    /// first, the lowest, the highest and the last, in their order. Of one in which a value is not finite, or not above
    /// `above`, all. `column` does not fall along x.
    pub fn few<C: PartialEq>(self, above: f64, column: impl Fn(f64) -> C) -> Vec<[f64; 2]> {
        let points = &self.trace.points;
        let mut few = Vec::new();
        let mut at = self.from;
        while at < self.to {
            let end = self.trace.end_of_column(at, self.to, &column);
            match self.trace.extremes_of_all(at, end, above).filter(|_| end - at > KEPT) {
                Some([low, high]) => {
                    let mut kept = [at, low.min(high), low.max(high), end - 1].to_vec();
                    kept.dedup();
                    few.extend(kept.into_iter().map(|i| points[i]));
                }
                None => few.extend_from_slice(&points[at..end]),
            }
            at = end;
        }
        few
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    fn trace(points: impl IntoIterator<Item = [f64; 2]>) -> Trace {
        let mut trace = Trace::default();
        points.into_iter().for_each(|point| trace.push(point));
        trace
    }

    #[test]
    fn extremes_by_hand() {
        let trace = trace([[0.0, 3.0], [1.0, f64::NAN], [2.0, -1.0], [3.0, 5.0], [4.0, 5.0], [5.0, 0.0]]);
        assert_eq!(trace.all().extremes(f64::NEG_INFINITY), Some([[2.0, -1.0], [3.0, 5.0]]));
        assert_eq!(trace.all().extremes(0.0), Some([[0.0, 3.0], [3.0, 5.0]]));
        assert_eq!(trace.all().within(&(3.5..=9.0)).extremes(f64::NEG_INFINITY), Some([[5.0, 0.0], [4.0, 5.0]]));
        assert_eq!(trace.all().within(&(0.5..=1.5)).extremes(f64::NEG_INFINITY), None);
        assert_eq!(trace.all().after(3.0).points(), [[4.0, 5.0], [5.0, 0.0]]);
        assert_eq!(EMPTY.all().extremes(0.0), None);
    }

    #[test]
    fn the_nearest_point_by_hand() {
        let trace = trace([[1.0, 0.0], [2.0, 1.0], [2.0, 2.0], [5.0, 3.0]]);
        let nearest = |x| trace.all().nearest(x).unwrap();
        assert_eq!([-9.0, 1.5, 1.6, 3.4, 3.6, 99.0].map(|x| nearest(x)[1]), [0.0, 0.0, 1.0, 1.0, 3.0, 3.0]);
        assert_eq!(EMPTY.all().nearest(1.0), None);
    }

    #[test]
    fn of_each_column_the_points_that_matter_are_kept() {
        let ys = [2.0, 9.0, 1.0, 1.0, 5.0, 4.0, 7.0, 3.0, 8.0, 6.0, f64::NAN, 6.0, 2.0];
        let trace = trace((0..13).map(|i| [f64::from(i), ys[i as usize]]));
        let few = trace.all().few(f64::NEG_INFINITY, |x| (x / 6.0).floor());
        // 0 to 5: first, highest, lowest, last. 6 to 11: all, for there is one that is no number. 12: alone.
        assert_eq!(
            few.iter().map(|p| p[0]).collect::<Vec<_>>(),
            [0.0, 1.0, 2.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]
        );
        let above = trace.all().few(1.0, |x| (x / 6.0).floor());
        assert_eq!(above.len(), 13, "1 is not above 1");
    }

    /// Against looking at each point, for every kind of length, bounds and value.
    #[test]
    fn a_trace_finds_what_a_plain_pass_finds() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(11);
        for _ in 0..400 {
            let n = rng.random_range(0..700);
            let odd = rng.random_range(0.0..0.02);
            let points: Vec<[f64; 2]> = (0..n)
                .map(|i| {
                    // A few values only, so that many are alike.
                    let y = if rng.random_bool(odd) { f64::NAN } else { f64::from(rng.random_range(-3..30)) };
                    [f64::from(i / 2), y]
                })
                .collect();
            let trace = trace(points.iter().copied());
            let (a, b) = (rng.random_range(-9.0..360.0_f64), rng.random_range(-9.0..360.0_f64));
            let seen = a.min(b)..=a.max(b);
            let part = trace.all().within(&seen);
            let plain: Vec<[f64; 2]> = points.iter().copied().filter(|p| seen.contains(&p[0])).collect();
            assert_eq!(format!("{:?}", part.points()), format!("{plain:?}"));
            for above in [f64::NEG_INFINITY, 0.0] {
                let good = || plain.iter().copied().filter(|p| p[1].is_finite() && p[1] > above);
                let low = good().reduce(|low, p| if p[1] < low[1] { p } else { low });
                let high = good().reduce(|high, p| if p[1] > high[1] { p } else { high });
                assert_eq!(part.extremes(above), low.zip(high).map(|(low, high)| [low, high]));
                let width = rng.random_range(1.0..90.0);
                let column = |x: f64| (x / width).floor();
                let expected: Vec<[f64; 2]> = plain
                    .chunk_by(|p, q| column(p[0]) == column(q[0]))
                    .flat_map(|column| {
                        let is_good = |p: &[f64; 2]| p[1].is_finite() && p[1] > above;
                        if column.len() <= KEPT || !column.iter().all(is_good) {
                            return column.to_vec();
                        }
                        let place = |better: fn(f64, f64) -> bool| {
                            (0..column.len())
                                .reduce(|best, i| if better(column[i][1], column[best][1]) { i } else { best })
                        };
                        let (low, high) = (place(|y, best| y < best), place(|y, best| y > best));
                        let mut kept = vec![0, low.unwrap(), high.unwrap(), column.len() - 1];
                        kept.sort_unstable();
                        kept.dedup();
                        kept.into_iter().map(|i| column[i]).collect()
                    })
                    .collect();
                assert_eq!(format!("{:?}", part.few(above, column)), format!("{expected:?}"));
            }
        }
    }
}
