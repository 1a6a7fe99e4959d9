//! Profiles of columns of numbers: one sort, from which all but the moments is read.

use super::sort::Room;
use super::{ColumnProfile, Histogram, Kind, LEVELS_KEPT, QUANTILES};
use crate::data::table::Table;

/// Most bins of a histogram.
const MAX_BINS: usize = 40;

/// How much wider than the range from the 1st to the 99th percentile a histogram may be to show the extremes too.
const WIDEST: f64 = 1.5;

/// The profile of a column with these numbers, `n_rows` of them, NaN where missing.
pub(super) fn profile(table: &Table, column: usize, numbers: &[f64], room: &mut Room) -> ColumnProfile {
    // + 0.0 makes -0.0 the same value as 0.0.
    let sorted = room.sorted(numbers.iter().filter(|x| !x.is_nan()).map(|x| x + 0.0));
    let n = sorted.len() as f64;
    // Two passes: with values from 1e-4 to 1e9 in one column the textbook sum of squares loses all digits.
    let mean = sum(numbers, |x| x) / n;
    let sd = (n > 1.0).then(|| (sum(numbers, |x| (x - mean) * (x - mean)) / (n - 1.0)).sqrt());

    let (distinct, levels) = runs(sorted);
    let integer = sorted.iter().all(|x| x.fract() == 0.0);
    let quantiles = QUANTILES.map(|share| quantile(sorted, share));
    ColumnProfile {
        name: table.names()[column].clone(),
        kind: Kind::Numeric,
        missing: numbers.len() - sorted.len(),
        distinct,
        mean: Some(mean).filter(|x| x.is_finite()),
        sd: sd.filter(|x| x.is_finite()),
        min: sorted.first().copied(),
        max: sorted.last().copied(),
        quantiles: Some(quantiles).filter(|q| q.iter().all(|x| x.is_finite())),
        outliers: outliers(sorted, quantiles[2], quantiles[4]),
        histogram: histogram(sorted, integer, quantiles[0], quantiles[6]),
        integer,
        levels: as_written(table, column, numbers, levels),
    }
}

/// How many different values there are among ascending numbers, and the most frequent of them with their counts, equals
/// in ascending order.
fn runs(sorted: &[f64]) -> (usize, Vec<(f64, usize)>) {
    let (mut distinct, mut levels) = (0, Vec::with_capacity(LEVELS_KEPT + 1));
    // The count that a value has to exceed once all places are taken.
    let mut least = 0;
    for run in sorted.chunk_by(|a, b| a == b) {
        distinct += 1;
        if run.len() > least {
            let place = levels.partition_point(|&(_, count)| count >= run.len());
            levels.insert(place, (run[0], run.len()));
            levels.truncate(LEVELS_KEPT);
            least = if levels.len() < LEVELS_KEPT { 0 } else { levels[LEVELS_KEPT - 1].1 };
        }
    }
    (distinct, levels)
}

/// Sum of `f` over the numbers present, in eight partial sums: the processor adds them side by side.
fn sum(numbers: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let f = |x: f64| if x.is_nan() { 0.0 } else { f(x) };
    let mut sums = [0.0; 8];
    let (eights, rest) = numbers.as_chunks::<8>();
    for eight in eights {
        for (sum, &x) in sums.iter_mut().zip(eight) {
            *sum += f(x);
        }
    }
    for (sum, &x) in sums.iter_mut().zip(rest) {
        *sum += f(x);
    }
    sums.iter().sum()
}

/// The quantile of ascending numbers, at least one, by linear interpolation: `sorted[h]` with `h = share * (n - 1)`.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let low = at as usize;
    let (a, b) = (sorted[low], sorted[(low + 1).min(sorted.len() - 1)]);
    let part = at - low as f64;
    // From the nearer end, as numpy does: exact at both.
    if part < 0.5 { a + (b - a) * part } else { b - (b - a) * (1.0 - part) }
}

fn outliers(sorted: &[f64], lower_quartile: f64, upper_quartile: f64) -> Option<usize> {
    let far = 3.0 * (upper_quartile - lower_quartile);
    if far <= 0.0 || !far.is_finite() {
        return None;
    }
    let (low, high) = (lower_quartile - far, upper_quartile + far);
    let below = sorted.partition_point(|&x| x < low);
    let above = sorted.len() - sorted.partition_point(|&x| x <= high);
    Some(below + above)
}

impl Histogram {
    /// How these numbers are spread; `None` without any. NaN is left out.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|x| !x.is_nan());
        if values.is_empty() {
            return None;
        }
        values.sort_unstable_by(f64::total_cmp);
        let integer = values.iter().all(|x| x.fract() == 0.0);
        histogram(&values, integer, quantile(&values, 0.01), quantile(&values, 0.99))
    }
}

fn histogram(sorted: &[f64], integer: bool, p01: f64, p99: f64) -> Option<Histogram> {
    let (&min, &max) = (sorted.first()?, sorted.last()?);
    let inner = p99 - p01;
    let all = max - min;
    let (lower, upper) = if inner > 0.0 && all > WIDEST * inner { (p01, p99) } else { (min, max) };
    let range = upper - lower;
    if !range.is_finite() {
        return None;
    }
    let (lower, width, bins) = if integer && range < 1e15 {
        let (lower, upper) = (lower.floor(), upper.ceil());
        let width = ((upper - lower + 1.0) / MAX_BINS as f64).ceil();
        (lower - 0.5, width, ((upper - lower + 1.0) / width).ceil() as usize)
    } else if range == 0.0 {
        (lower, 0.0, 1)
    } else {
        // Twice the cube root of their number (Rice's rule): few numbers in many bins show nothing but chance.
        let bins = ((2.0 * (sorted.len() as f64).cbrt()).ceil() as usize).clamp(1, MAX_BINS);
        (lower, range / bins as f64, bins)
    };
    // Numbers before each border; the last is closed above.
    let before = |i: usize| match i {
        0 => sorted.partition_point(|&x| x < lower),
        i if i < bins => sorted.partition_point(|&x| x < lower + i as f64 * width),
        _ => sorted.partition_point(|&x| x <= upper.max(lower + bins as f64 * width)),
    };
    let borders: Vec<usize> = (0..=bins).map(before).collect();
    Some(Histogram {
        lower,
        width,
        counts: borders.windows(2).map(|pair| pair[1] - pair[0]).collect(),
        below: borders[0],
        above: sorted.len() - borders[bins],
    })
}

/// Values as they are written in the first cell that holds them, with their counts.
fn as_written(table: &Table, column: usize, numbers: &[f64], levels: Vec<(f64, usize)>) -> Vec<(String, usize)> {
    let mut found = vec![None; levels.len()];
    let mut open: Vec<(f64, usize)> = levels.iter().enumerate().map(|(i, level)| (level.0, i)).collect();
    open.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    for (row, x) in numbers.iter().enumerate() {
        let (Some(first), Some(last)) = (open.first(), open.last()) else { break };
        if !(first.0..=last.0).contains(x) {
            continue;
        }
        if let Ok(at) = open.binary_search_by(|level| level.0.total_cmp(&(x + 0.0))) {
            found[open.remove(at).1] = Some(row);
        }
    }
    let text = |row: Option<usize>| row.map_or_else(String::new, |row| table.cell(row, column).to_owned());
    found.into_iter().zip(levels).map(|(row, (_, count))| (text(row), count)).collect()
}
