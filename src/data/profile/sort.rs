//! Numbers in ascending order: by the bits of f64, which order numbers as whole numbers once those of negative ones are
//! turned round. Columns are sorted by their upper 32 bits, byte by byte from the lowest, which takes four passes however
//! many there are; the few that agree in these bits are left to the standard library.
//!
//! On a column of a million ratios this takes three quarters of the time of `sort_unstable` on the same bits, which in
//! turn takes half the time of sorting by `f64::total_cmp`.

/// Below so many numbers counting bytes does not pay.
const FEWEST: usize = 4096;

/// Room for a column's numbers, used again for the next column: fetching it anew costs as much as the sorting.
#[derive(Default)]
pub(super) struct Room {
    numbers: Vec<f64>,
    other: Vec<f64>,
}

impl Room {
    /// The values in ascending order, -0.0 before 0.0; none may be NaN.
    pub(super) fn sorted(&mut self, values: impl Iterator<Item = f64>) -> &[f64] {
        self.numbers.clear();
        self.numbers.extend(values);
        if self.numbers.len() < FEWEST {
            self.numbers.sort_unstable_by(f64::total_cmp);
        } else {
            self.sort_by_upper_half();
            let alike = |a: &f64, b: &f64| key(*a) >> 32 == key(*b) >> 32;
            for run in self.numbers.chunk_by_mut(alike).filter(|run| run.len() > 1) {
                run.sort_unstable_by(f64::total_cmp);
            }
        }
        &self.numbers
    }

    fn sort_by_upper_half(&mut self) {
        let byte = |x: f64, pass: usize| (key(x) >> (32 + 8 * pass)) as usize & 0xFF;
        let mut counts = [[0_usize; 256]; 4];
        for &x in &self.numbers {
            for (pass, counts) in counts.iter_mut().enumerate() {
                counts[byte(x, pass)] += 1;
            }
        }
        self.other.resize(self.numbers.len(), 0.0);
        for (pass, mut next) in counts.into_iter().enumerate() {
            if next.contains(&self.numbers.len()) {
                continue;
            }
            let mut start = 0;
            for place in &mut next {
                start += std::mem::replace(place, start);
            }
            for &x in &self.numbers {
                let place = &mut next[byte(x, pass)];
                self.other[*place] = x;
                *place += 1;
            }
            std::mem::swap(&mut self.numbers, &mut self.other);
        }
    }
}

/// Whole numbers in the order of the numbers.
fn key(x: f64) -> u64 {
    let bits = x.to_bits();
    // All bits of a negative number are turned round, the sign of a positive one.
    bits ^ ((bits.cast_signed() >> 63).cast_unsigned() | 1 << 63)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[test]
    fn the_order_is_that_of_the_standard_library() {
        let mut random = stream(41, Purpose::Sample, 0);
        let mut room = Room::default();
        for round in 0..60 {
            let n = [0, 1, 2, 100, FEWEST - 1, FEWEST, 3 * FEWEST][round % 7];
            let mut numbers: Vec<f64> = (0..n)
                .map(|_| match round % 4 {
                    0 => f64::from(random.random_range(-3..4)),
                    1 => random.random::<f64>() * 10f64.powi(random.random_range(-300..300)) - 1e-9,
                    // Alike in their upper bits.
                    2 => 1.0 + random.random::<f64>() * 1e-9,
                    _ => [0.0, -0.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, -5e-324][random.random_range(0..6)],
                })
                .collect();
            let got = room.sorted(numbers.iter().copied());
            numbers.sort_by(f64::total_cmp);
            let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(got), bits(&numbers));
        }
    }
}
