//! Numbers that do not mean what the others in their column mean: another unit, or a code for "not known".

use std::collections::BTreeMap;

use super::words::{listed, share, short};
use super::{Action, Answer, Check, Finding, Subject};
use crate::data::Role;

/// Powers of two without any value that make two units of one column: 2¹⁰ is three decades.
const EMPTY_BINADES: usize = 10;

/// Least share of the values that are not zero on either side of the gap; fewer are outliers.
const LEAST_SHARE: f64 = 0.01;

/// Fewest values on either side.
const FEWEST: usize = 5;

/// Numbers that stand for "not known" in files of the trade: runs of nines, the largest number of one, two or four bytes.
const CODES: [f64; 18] = [
    -9.0,
    -99.0,
    -999.0,
    -9999.0,
    -99999.0,
    -999999.0,
    99.0,
    999.0,
    9999.0,
    99999.0,
    999999.0,
    9999999.0,
    99999999.0,
    999999999.0,
    255.0,
    65535.0,
    32767.0,
    2147483647.0,
];

/// A gap in the sizes of a column's values.
struct Gap {
    column: usize,
    /// Largest size below and smallest above.
    ends: (f64, f64),
    above: usize,
    /// Values that are not zero.
    n: usize,
}

/// Columns in which sizes fall in two heaps with three decades of nothing between them.
pub(super) fn unit_mix(subject: &Subject<'_>) -> Option<Finding> {
    let gaps: Vec<Gap> = subject
        .with_role(Role::Indicator)
        .filter_map(|column| {
            let (ends, above, n) = gap(subject.table.numbers(column)?)?;
            Some(Gap { column, ends, above, n })
        })
        .collect();
    let describe = |gap: &Gap| {
        let (low, high) = gap.ends;
        let above = share(gap.above, gap.n);
        format!("\"{}\" (up to {} and, in {above}, from {})", subject.name(gap.column), short(low), short(high))
    };
    let text = format!(
        "{} {} values more than 1000 times apart with nothing between them: probably of different units, so that \
         larger does not mean more.",
        listed(&gaps, describe),
        if gaps.len() == 1 { "holds" } else { "hold" },
    );
    let columns: Vec<usize> = gaps.iter().map(|gap| gap.column).collect();
    (!columns.is_empty()).then(|| Finding::set_aside(Check::UnitMix, columns, text))
}

/// The widest gap between sizes |x| > 0 that leaves enough values on either side: its ends, values above, values in all.
/// Sizes are counted by powers of two, so one pass is enough.
fn gap(numbers: &[f64]) -> Option<((f64, f64), usize, usize)> {
    const BINADES: usize = 1 << 11;
    let mut counts = vec![0_usize; BINADES];
    for x in numbers {
        let size = x.abs();
        if size > 0.0 {
            counts[binade(size)] += 1;
        }
    }
    let n: usize = counts.iter().sum();
    let least = (LEAST_SHARE * n as f64).max(FEWEST as f64);
    let mut best: Option<(usize, usize, usize)> = None;
    let (mut below, mut last) = (0, None);
    for (here, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        if let Some(last) = last
            && here - last > EMPTY_BINADES
            && below as f64 >= least
            && (n - below) as f64 >= least
            && best.is_none_or(|(low, high, _)| here - last > high - low)
        {
            best = Some((last, here, n - below));
        }
        below += count;
        last = Some(here);
    }
    let (low, high, above) = best?;
    let sizes = || numbers.iter().map(|x| x.abs()).filter(|size| *size > 0.0);
    let largest_below = sizes().filter(|&size| binade(size) <= low).fold(0.0, f64::max);
    let smallest_above = sizes().filter(|&size| binade(size) >= high).fold(f64::INFINITY, f64::min);
    Some(((largest_below, smallest_above), above, n))
}

/// The exponent of a positive number, as it is stored.
fn binade(size: f64) -> usize {
    (size.to_bits() >> 52) as usize
}

/// Frequent numbers from the list at the edge of a column and far from all its other values.
pub(super) fn codes(subject: &Subject<'_>) -> Vec<Finding> {
    // By code: the columns with its counts.
    let mut found: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for column in subject.with_role(Role::Indicator) {
        let profile = &subject.profiles[column];
        for edge in [profile.min, profile.max].into_iter().flatten() {
            let Some(code) = CODES.iter().position(|code| *code == edge) else { continue };
            if let Some(rows) = subject.table.numbers(column).and_then(|numbers| rows_of_code(numbers, edge)) {
                found.entry(code).or_default().push((column, rows));
            }
        }
    }
    let finding = |(code, columns): (usize, Vec<(usize, usize)>)| {
        let value = CODES[code].to_string();
        let text = format!(
            "{value} stands far from all other values of {}: it probably says that the value is not known.",
            listed(&columns, |(column, rows)| format!(
                "\"{}\" ({})",
                subject.name(*column),
                super::words::count(*rows, "row")
            )),
        );
        let columns: Vec<usize> = columns.into_iter().map(|(column, _)| column).collect();
        let action = Action::DeclareMissing { columns: columns.clone(), value };
        Finding {
            check: Check::SuspiciousCode,
            columns,
            text,
            answers: vec![Answer { title: "Declare missing", action }],
        }
    };
    found.into_iter().map(finding).collect()
}

/// How often `code` occurs, when that is often and far from the rest: further from the nearest other value than those
/// spread, or below zero where no other is.
fn rows_of_code(numbers: &[f64], code: f64) -> Option<usize> {
    let present = || numbers.iter().copied().filter(|x| !x.is_nan());
    let rows = present().filter(|&x| x == code).count();
    let rest = || present().filter(|x| !CODES.contains(x));
    let (low, high) = (rest().fold(f64::INFINITY, f64::min), rest().fold(f64::NEG_INFINITY, f64::max));
    let often = rows >= FEWEST && rows as f64 >= LEAST_SHARE * present().count() as f64;
    let distance = if code < low { low - code } else { code - high };
    let far = low < high && (distance > high - low || (code < 0.0 && low >= 0.0));
    (often && far).then_some(rows)
}
