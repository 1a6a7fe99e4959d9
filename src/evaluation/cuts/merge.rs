//! Rows of several parts as one, and the PDs of the rows.

use super::{Cuts, Sums};

impl Cuts {
    /// The rows of all `parts` together, each as often as it is among them: counts as of [`Self::new`] on all rows at once,
    /// sums the same but for rounding. `None` without parts, and when only some of them have exposures.
    pub fn merged<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let parts: Vec<&Self> = parts.into_iter().collect();
        let with_exposures = parts.iter().filter(|part| part.unpriced.is_some()).count();
        if parts.is_empty() || !(with_exposures == 0 || with_exposures == parts.len()) {
            return None;
        }
        let mut groups: Vec<(f64, Sums)> = parts.iter().flat_map(|part| part.groups()).collect();
        // A stable sort finds the parts sorted, and only merges them.
        groups.sort_by(|x, y| (x.0 + 0.0).total_cmp(&(y.0 + 0.0)));

        let mut sums = Sums::default();
        let (mut pds, mut below) = (Vec::new(), Vec::new());
        for tied in groups.chunk_by(|x, y| x.0 == y.0) {
            pds.push(tied[0].0);
            below.push(sums);
            for (pd, group) in tied {
                sums.rows += group.rows;
                sums.bad += group.bad;
                // Not a difference of sums: where no rows are tied this is what adding row by row gives, to the bit.
                sums.pd += pd * group.rows as f64;
                sums.expected += group.expected;
                sums.realised += group.realised;
            }
        }
        below.push(sums);
        Some(Self { pds, below, unpriced: parts.iter().map(|part| part.unpriced).sum() })
    }

    /// The PD of every row, ascending, `n_rows` of them.
    pub fn pds(&self) -> impl Iterator<Item = f64> {
        self.groups().flat_map(|(pd, group)| std::iter::repeat_n(pd, group.rows))
    }

    /// The different PDs, ascending, each with the sums over its own rows.
    fn groups(&self) -> impl Iterator<Item = (f64, Sums)> {
        self.pds.iter().zip(self.below.windows(2)).map(|(&pd, sums)| (pd, sums[1].without(&sums[0])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::Costs;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "{found} against {expected}");
    }

    #[test]
    fn parts_together_are_the_rows_together() {
        for index in 0..200 {
            let mut random = stream(70, Purpose::Sample, index);
            let (mut bad, mut pd, mut exposure, mut parts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for _ in 0..random.random_range(1..6) {
                let from = pd.len();
                for _ in 0..random.random_range(1..30) {
                    pd.push(f64::from(random.random_range(0..=25_u8)) / 25.0);
                    bad.push(random.random_bool(0.3));
                    exposure.push(if random.random_bool(0.1) { f64::NAN } else { random.random_range(0.0..100.0) });
                }
                parts.push(Cuts::new(&bad[from..], &pd[from..], Some(&exposure[from..])).unwrap());
            }
            let merged = Cuts::merged(&parts).unwrap();
            let whole = Cuts::new(&bad, &pd, Some(&exposure)).unwrap();
            assert_eq!((merged.range(), merged.unpriced()), (whole.range(), whole.unpriced()));
            for step in 0..=60 {
                let (found, expected) = (merged.at(f64::from(step) / 60.0), whole.at(f64::from(step) / 60.0));
                assert_eq!(found.confusion, expected.confusion);
                let (found, expected) = (found.losses(0.45).unwrap(), expected.losses(0.45).unwrap());
                close(found.expected_approved, expected.expected_approved);
                close(found.realised_approved, expected.realised_approved);
            }
            let costs = Costs { false_good: 5.0, false_bad: 1.0 };
            assert_eq!(merged.least_cost(costs), whole.least_cost(costs));
            pd.sort_unstable_by(f64::total_cmp);
            assert_eq!((merged.pds().collect::<Vec<_>>(), whole.pds().collect::<Vec<_>>()), (pd.clone(), pd));
        }
    }

    #[test]
    fn without_ties_and_exposures_they_are_so_to_the_bit() {
        let mut random = stream(71, Purpose::Sample, 0);
        let pd: Vec<f64> = (0..500).map(|_| random.random()).collect();
        let bad: Vec<bool> = pd.iter().map(|&pd| random.random_bool(pd)).collect();
        let parts: Vec<Cuts> =
            pd.chunks(70).zip(bad.chunks(70)).map(|(pd, bad)| Cuts::new(bad, pd, None).unwrap()).collect();
        assert_eq!(Cuts::merged(&parts), Cuts::new(&bad, &pd, None));
    }

    #[test]
    fn parts_that_do_not_go_together() {
        let with = Cuts::new(&[true], &[0.2], Some(&[1.0])).unwrap();
        let without = Cuts::new(&[false], &[-0.0], None).unwrap();
        assert_eq!(Cuts::merged([]), None);
        assert_eq!(Cuts::merged([&with, &without]), None);
        assert_eq!(Cuts::merged([&with]), Some(with));
        let zero = Cuts::new(&[true], &[0.0], None).unwrap();
        assert_eq!(Cuts::merged([&zero, &without]).unwrap().at(0.5).approved(), 2);
    }
}
