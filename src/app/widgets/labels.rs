//! Names at the ends of lines: where to put them so that none covers another, and few cover a line.
//!
//! Each name tries the places around its end, from the nearest outwards, and takes the cheapest. Names placed before it
//! count most, points of lines under the name next, and distance decides the rest; so a name that stands free stays
//! where it is, and crowded ones are nudged apart up and down.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Space between the end of a line and its name, in points.
const GAP: f32 = 5.0;
/// How far up or down a name may move, in steps of half its height.
const STEPS: i32 = 14;
/// Clear space on both sides of a name.
const PADDING: Vec2 = vec2(2.0, 0.0);

/// Places names of these sizes at these ends of lines, within `frame`, clear of each other and as clear as can be of
/// `obstacles` (points along all lines, a few points apart) and of the rectangles `taken`. A name that does not fit
/// into the frame, or whose end is not finite, gets `None`.
pub(super) fn place(ends: &[(Pos2, Vec2)], frame: Rect, obstacles: &[Pos2], taken: &[Rect]) -> Vec<Option<Rect>> {
    let mut taken = taken.to_vec();
    ends.iter()
        .map(|&(end, size)| {
            let mut places: Vec<(f32, Rect)> = candidates(end, size)
                .filter(|(_, rect)| frame.contains_rect(*rect))
                .map(|(side, rect)| (side + away(rect, end, &taken), rect))
                .collect();
            places.sort_by(|a, b| a.0.total_cmp(&b.0));
            // What a place costs by itself only grows from here on: most never have their obstacles counted.
            let mut best: Option<(f32, Rect)> = None;
            for (cost, rect) in places {
                if best.is_some_and(|(least, _)| cost >= least) {
                    break;
                }
                let cost = cost + covered(rect, obstacles);
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, rect));
                }
            }
            let (_, best) = best?;
            taken.push(best);
            Some(best)
        })
        .collect()
}

/// All that the places of a name of this size at this end can cover.
pub(super) fn reach(end: Pos2, size: Vec2) -> Rect {
    let places = candidates(end, size).map(|(_, rect)| rect);
    places.reduce(Rect::union).unwrap_or(Rect::NOTHING).expand2(PADDING)
}

/// The places around an end, each with its cost in points of distance: right of it costs least, then above and below it,
/// then left of it, where its own line mostly is.
fn candidates(end: Pos2, size: Vec2) -> impl Iterator<Item = (f32, Rect)> {
    let sides = [(0.0, end.x + GAP), (8.0, end.x - size.x / 2.0), (25.0, end.x - GAP - size.x)];
    sides.into_iter().flat_map(move |(cost, left)| {
        (-STEPS..=STEPS).filter_map(move |step| {
            let top = end.y + (step - 1) as f32 * size.y / 2.0;
            let rect = Rect::from_min_size(pos2(left, top), size);
            (!rect.shrink(0.5).contains(end)).then_some((cost, rect))
        })
    })
}

/// The cost of a place by its distance from the end and by the names it covers.
fn away(rect: Rect, end: Pos2, taken: &[Rect]) -> f32 {
    let overlaps = taken.iter().filter(|other| rect.shrink(0.5).intersects(**other)).count();
    let nearest = rect.clamp(end);
    1e5 * overlaps as f32 + (rect.center().y - end.y).abs() + 2.0 * (nearest - end).length()
}

/// The cost of the obstacles it covers. 8: one covered point of a line is worth moving eight points away.
fn covered(rect: Rect, obstacles: &[Pos2]) -> f32 {
    let padded = rect.expand2(PADDING);
    8.0 * obstacles.iter().filter(|point| padded.contains(**point)).count() as f32
}

/// Points at most `step` apart along the lines, for [`place`] to keep clear of, of those parts that pass near one of `near`.
pub(super) fn along(runs: &[Vec<Pos2>], step: f32, near: &[Rect]) -> Vec<Pos2> {
    let mut points = Vec::new();
    for run in runs {
        for pair in run.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let bounds = Rect::from_two_pos(from, to);
            if near.iter().any(|rect| rect.intersects(bounds)) {
                let parts = ((to - from).length() / step).ceil().clamp(1.0, 1000.0) as usize;
                points.extend((0..parts).map(|i| from + (to - from) * (i as f32 / parts as f32)));
            }
        }
        points.extend(run.last());
    }
    points
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    fn frame() -> Rect {
        Rect::from_min_max(pos2(0.0, 0.0), pos2(300.0, 200.0))
    }

    const SIZE: Vec2 = vec2(50.0, 14.0);

    #[test]
    fn a_lone_name_stands_right_of_its_end_at_its_height() {
        let placed = place(&[(pos2(100.0, 80.0), SIZE)], frame(), &[], &[]);
        assert_eq!(placed, [Some(Rect::from_min_size(pos2(105.0, 73.0), SIZE))]);
    }

    #[test]
    fn at_the_right_edge_a_name_stands_left_of_its_end() {
        let placed = place(&[(pos2(299.0, 80.0), SIZE)], frame(), &[], &[]);
        assert_eq!(placed[0].unwrap().right(), 294.0);
    }

    #[test]
    fn two_names_at_one_end_are_nudged_apart_by_their_height() {
        let end = (pos2(100.0, 80.0), SIZE);
        let placed: Vec<Rect> = place(&[end, end], frame(), &[], &[]).into_iter().flatten().collect();
        assert_eq!(placed[0].center().y, 80.0);
        assert_eq!((placed[1].center().y - 80.0).abs(), 14.0);
    }

    #[test]
    fn a_name_moves_off_a_line_that_crosses_it() {
        let line = along(&[vec![pos2(100.0, 80.0), pos2(300.0, 80.0)]], 3.0, &[reach(pos2(100.0, 80.0), SIZE)]);
        let placed = place(&[(pos2(100.0, 80.0), SIZE)], frame(), &line, &[]);
        assert!(!placed[0].unwrap().contains(pos2(120.0, 80.0)));
    }

    #[test]
    fn what_cannot_be_placed_is_left_out() {
        let ends = [(pos2(100.0, 80.0), vec2(400.0, 14.0)), (pos2(f32::NAN, 80.0), SIZE)];
        assert_eq!(place(&ends, frame(), &[], &[]), [None, None]);
    }

    #[test]
    fn up_to_eight_names_anywhere_never_overlap() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        for _ in 0..300 {
            let ends: Vec<(Pos2, Vec2)> =
                (0..8).map(|_| (pos2(rng.random_range(0.0..300.0), rng.random_range(0.0..200.0)), SIZE)).collect();
            let placed = place(&ends, frame(), &[], &[]);
            for (i, a) in placed.iter().enumerate() {
                let a = a.unwrap();
                assert!(frame().contains_rect(a));
                for b in placed[..i].iter().flatten() {
                    assert!(!a.shrink(0.6).intersects(*b), "{a:?} {b:?}");
                }
            }
        }
    }

    /// Against counting all obstacles at every place.
    #[test]
    fn no_place_is_cheaper_than_the_one_that_is_taken() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(6);
        for _ in 0..200 {
            let mut point = || pos2(rng.random_range(0.0..300.0), rng.random_range(0.0..200.0));
            let end = point();
            let run: Vec<Pos2> = (0..40).map(|_| point()).collect();
            let all = along(std::slice::from_ref(&run), 4.0, &[frame()]);
            let near = along(&[run], 4.0, &[reach(end, SIZE)]);
            let cost = |rect: Rect, side: f32| side + away(rect, end, &[]) + covered(rect, &all);
            let inside = || candidates(end, SIZE).filter(|(_, rect)| frame().contains_rect(*rect));
            let least = inside().map(|(side, rect)| cost(rect, side)).reduce(f32::min).unwrap();
            let placed = place(&[(end, SIZE)], frame(), &near, &[])[0].unwrap();
            let taken = inside().filter(|(_, rect)| *rect == placed).map(|(side, rect)| cost(rect, side));
            assert_eq!(taken.reduce(f32::min), Some(least));
        }
    }
}
