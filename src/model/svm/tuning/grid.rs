//! Which pairs of C and γ are tried: the usual one, a coarse grid, then the surroundings of the best, ever finer.

/// A pair in powers of two: log₂ C, and log₂ γ (0 for a kernel without γ).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) gamma: i32,
    pub(super) c: i32,
}

/// The range of log₂ C, as in LIBSVM's guide.
const C: (i32, i32) = (-5, 15);
/// The range of log₂ γ, likewise.
const GAMMA: (i32, i32) = (-15, 3);
/// The distance of neighbours in the coarse grid; halved whenever the best pair stays the best.
const COARSE: i32 = 4;

/// The places still to be tried, batch by batch.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    first: Place,
    gamma: (i32, i32),
    step: i32,
    seen: Vec<Place>,
    best_of_last: Option<Place>,
}

impl Grid {
    /// All of C, and all of γ where the kernel has one: then `n_inputs` is given, and the first place has γ near 1 / inputs.
    pub(super) fn new(n_inputs: Option<usize>) -> Self {
        let gamma = if n_inputs.is_some() { GAMMA } else { (0, 0) };
        let usual = n_inputs.map_or(0, |n| -(n.max(1) as f64).log2().round() as i32);
        let first = Place { gamma: usual.clamp(gamma.0, gamma.1), c: 0 };
        Self { first, gamma, step: COARSE, seen: Vec::new(), best_of_last: None }
    }

    /// The places to try next, given the best so far; in ascending order, γ first, but for the very first, which is the usual
    /// one. None when the search is over.
    pub(super) fn next(&mut self, best: Option<Place>) -> Vec<Place> {
        let Some(best) = best else {
            // Nothing tried yet; or nothing could be judged, and then no place is better than another.
            return if self.seen.is_empty() {
                let coarse = self.coarse().into_iter().filter(|&place| place != self.first);
                self.see([self.first].into_iter().chain(coarse).collect())
            } else {
                Vec::new()
            };
        };
        while self.step >= 1 {
            if self.best_of_last.replace(best) == Some(best) || self.step == COARSE {
                self.step /= 2;
            }
            let around = self.around(best);
            if !around.is_empty() {
                return self.see(around);
            }
        }
        Vec::new()
    }

    /// The usual place.
    pub(super) fn first(&self) -> Place {
        self.first
    }

    /// The distance of neighbours in the batch handed out last.
    pub(super) fn step(&self) -> i32 {
        self.step
    }

    fn see(&mut self, places: Vec<Place>) -> Vec<Place> {
        self.seen.extend(&places);
        places
    }

    fn coarse(&self) -> Vec<Place> {
        let along = |(from, to): (i32, i32)| (from..=to).step_by(COARSE as usize);
        along(self.gamma).flat_map(|gamma| along(C).map(move |c| Place { gamma, c })).collect()
    }

    /// The unseen neighbours of a place at the present step.
    fn around(&self, place: Place) -> Vec<Place> {
        if self.step == 0 {
            return Vec::new();
        }
        let steps = [-self.step, 0, self.step];
        let within = |x: i32, (from, to): (i32, i32)| (from..=to).contains(&x);
        let all = steps.into_iter().flat_map(|dg| steps.map(|dc| Place { gamma: place.gamma + dg, c: place.c + dc }));
        all.filter(|p| within(p.gamma, self.gamma) && within(p.c, C) && !self.seen.contains(p)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches for the top of a hill.
    fn search(has_gamma: bool, height: impl Fn(Place) -> i32) -> (Place, Vec<Place>) {
        let mut grid = Grid::new(has_gamma.then_some(8));
        let (mut best, mut tried): (Option<Place>, Vec<Place>) = (None, Vec::new());
        loop {
            let batch = grid.next(best);
            if batch.is_empty() {
                return (best.unwrap(), tried);
            }
            let first = usize::from(tried.is_empty());
            assert!(batch[first..].is_sorted());
            for place in batch {
                assert!(!tried.contains(&place), "{place:?} twice");
                tried.push(place);
                if best.is_none_or(|best| height(place) > height(best)) {
                    best = Some(place);
                }
            }
        }
    }

    #[test]
    fn the_top_of_every_single_hill_is_found() {
        for c in -5..=15 {
            for gamma in -15..=3 {
                let top = Place { gamma, c };
                let (found, tried) = search(true, |p| -(p.gamma - gamma).pow(2) - (p.c - c).pow(2));
                assert_eq!(found, top);
                assert!((31..72).contains(&tried.len()), "{} tried for {top:?}", tried.len());
            }
            let (found, tried) = search(false, |p| -(p.c - c).abs());
            assert_eq!(found, Place { gamma: 0, c });
            assert!((6..15).contains(&tried.len()));
        }
    }

    #[test]
    fn a_plain_ends_soon_and_so_does_a_search_without_judgement() {
        let (_, tried) = search(true, |_| 0);
        assert!(tried.len() < 60);
        let mut grid = Grid::new(Some(8));
        let coarse = grid.next(None);
        assert_eq!((coarse.len(), coarse[0]), (31, Place { gamma: -3, c: 0 }));
        assert!(grid.next(None).is_empty());
    }
}
