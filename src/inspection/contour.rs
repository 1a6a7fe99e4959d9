//! Lines of equal value through a grid (marching squares), by linear interpolation between the middles of neighbouring
//! cells.

use std::collections::BTreeMap;

use ndarray::Array2;

/// A line from point to point, in 0..=1 along both axes; a closed one ends where it began.
pub type Polyline = Vec<[f32; 2]>;

/// The lines on which `values`, `(cells along the second axis, cells along the first)`, are `level`.
///
/// In a square of four middles whose corners take turns, the mean of the four decides which of them belong together. No line
/// goes through a square with a value that is not finite.
pub fn contour(values: &Array2<f32>, level: f32) -> Vec<Polyline> {
    let mut next: BTreeMap<Edge, Vec<Edge>> = BTreeMap::new();
    let (height, width) = values.dim();
    for (up, along) in (1..height).flat_map(|up| (1..width).map(move |along| (up - 1, along - 1))) {
        for [a, b] in pieces(values, level, up, along) {
            next.entry(a).or_default().push(b);
            next.entry(b).or_default().push(a);
        }
    }
    // Lines that end at the border first, then those that are closed.
    let ends = next.iter().filter(|(_, to)| to.len() == 1).map(|(edge, _)| *edge).collect::<Vec<_>>();
    let starts = ends.into_iter().chain(next.keys().copied().collect::<Vec<_>>()).collect::<Vec<_>>();
    let mut lines = Vec::new();
    for start in starts {
        let mut line = vec![start.crossing(values, level)];
        let mut here = start;
        while let Some(to) = next.get_mut(&here).and_then(Vec::pop) {
            if let Some(back) = next.get_mut(&to)
                && let Some(place) = back.iter().position(|edge| *edge == here)
            {
                back.swap_remove(place);
            }
            line.push(to.crossing(values, level));
            here = to;
        }
        if line.len() > 1 {
            lines.push(line);
        }
    }
    lines
}

/// The way from one middle to the next: along, or else up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    up: usize,
    along: usize,
    upward: bool,
}

impl Edge {
    fn ends(self) -> [[usize; 2]; 2] {
        let Self { up, along, upward } = self;
        [[up, along], if upward { [up + 1, along] } else { [up, along + 1] }]
    }

    fn crosses(self, values: &Array2<f32>, level: f32) -> bool {
        let [from, to] = self.ends();
        (values[from] >= level) != (values[to] >= level)
    }

    /// Where the values pass the level on it, the same from whichever square it is looked at.
    fn crossing(self, values: &Array2<f32>, level: f32) -> [f32; 2] {
        let [from, to] = self.ends();
        let share = (level - values[from]) / (values[to] - values[from]);
        let (height, width) = values.dim();
        let at = |k: usize, cells: usize| {
            let [from, to] = [from[k] as f32, to[k] as f32];
            (from + (to - from) * share + 0.5) / cells as f32
        };
        [at(1, width), at(0, height)]
    }
}

/// The pieces of lines within the square whose lower left corner is the middle `[up, along]`.
fn pieces(values: &Array2<f32>, level: f32, up: usize, along: usize) -> Vec<[Edge; 2]> {
    let corners = [[up, along], [up, along + 1], [up + 1, along + 1], [up + 1, along]].map(|at| values[at]);
    if corners.iter().any(|value| !value.is_finite()) {
        return Vec::new();
    }
    // Below, right, above, left: each begins at the corner of the same number when going round.
    let edges = [
        Edge { up, along, upward: false },
        Edge { up, along: along + 1, upward: true },
        Edge { up: up + 1, along, upward: false },
        Edge { up, along, upward: true },
    ];
    let crossed: Vec<Edge> = edges.into_iter().filter(|edge| edge.crosses(values, level)).collect();
    match *crossed {
        [a, b] => vec![[a, b]],
        [below, right, above, left] => {
            let middle = corners.iter().sum::<f32>() / 4.0 >= level;
            if middle == (corners[0] >= level) {
                // The lower left belongs to the upper right: the other two are cut off.
                vec![[below, right], [above, left]]
            } else {
                vec![[left, below], [right, above]]
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_middle_of_a_slope_is_one_line() {
        // v = (column + ½) / 4: the level ½ is the line x = ½, from the lowest middles to the highest.
        let slope = Array2::from_shape_fn((3, 4), |(_, column)| (column as f32 + 0.5) / 4.0);
        let lines = contour(&slope, 0.5);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].iter().all(|point| (point[0] - 0.5).abs() < 1e-6), "{lines:?}");
        let mut heights: Vec<f32> = lines[0].iter().map(|point| point[1]).collect();
        heights.sort_unstable_by(f32::total_cmp);
        assert_eq!(heights.len(), 3);
        assert!((heights[0] - 1.0 / 6.0).abs() < 1e-6 && (heights[2] - 5.0 / 6.0).abs() < 1e-6);
        assert!(contour(&slope, 2.0).is_empty());
    }

    #[test]
    fn a_hill_has_a_closed_line_around_it() {
        let n = 40;
        let at = |k: usize| (k as f32 + 0.5) / n as f32 - 0.5;
        let hill = Array2::from_shape_fn((n, n), |(up, along)| 1.0 - at(up).hypot(at(along)));
        let lines = contour(&hill, 0.7);
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(line.first(), line.last());
        assert!(line.iter().all(|[x, y]| ((x - 0.5).hypot(y - 0.5) - 0.3).abs() < 2e-3));
        // No point twice: every edge is crossed once.
        let mut distinct: Vec<[u32; 2]> = line.iter().map(|point| point.map(f32::to_bits)).collect();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), line.len() - 1);
    }

    #[test]
    fn a_saddle_is_divided_by_its_middle() {
        let cut_off = |values: &Array2<f32>| -> Vec<[bool; 2]> {
            let middle = |line: &Polyline| [0, 1].map(|k| f32::midpoint(line[0][k], line[1][k]) > 0.5);
            let mut corners: Vec<[bool; 2]> = contour(values, 0.5).iter().map(middle).collect();
            corners.sort_unstable();
            corners
        };
        // The middle is high: the low corners are cut off, lower right and upper left.
        assert_eq!(cut_off(&array![[1.0, 0.2], [0.2, 1.0]]), [[false, true], [true, false]]);
        // The middle is low: the high corners are.
        assert_eq!(cut_off(&array![[0.8, 0.0], [0.0, 0.8]]), [[false, false], [true, true]]);
        assert!(contour(&array![[f32::NAN, 0.0], [1.0, 1.0]], 0.5).is_empty());
        assert!(contour(&Array2::zeros((1, 5)), 0.5).is_empty());
    }
}
