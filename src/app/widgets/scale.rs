//! Where axes begin, end and have their ticks, and how tick values are written. Pure arithmetic.
//!
//! Steps are 1, 2 or 5 times a power of ten, and ranges that follow the data end on a step: an axis then moves seldom
//! and by whole steps while a curve grows. A logarithmic axis works on log10 of its values: position −2 stands for 0.01.

use std::ops::RangeInclusive;

/// Values beyond this are of no use on an axis; with it, differences of any two stay finite.
const HUGE: f64 = 1e150;
/// No axis has more ticks than this, however odd its range.
const MOST_TICKS: usize = 60;

/// One tick: its place on the axis and its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    /// Where it stands; on a logarithmic axis log10 of the value.
    pub(crate) at: f64,
    /// What stands beside it.
    pub(crate) label: String,
}

/// The smallest step of the form 1, 2, 5 × 10ⁿ that divides `width` into at most `most` parts.
fn nice_step(width: f64, most: usize) -> f64 {
    let rough = width / most.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    // 1e-9: a rough step that is a nice one but for rounding is taken as it is.
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= rough * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// Bounds for data from `low` to `high`, widened to whole steps of an axis with room for `most` ticks. Equal and
/// unusable bounds get room on both sides.
pub(super) fn nice_range(low: f64, high: f64, most: usize) -> [f64; 2] {
    let [low, high] = usable(low, high);
    let step = nice_step(high - low, most);
    [(low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step]
}

/// Finite bounds with some width between them.
pub(super) fn usable(low: f64, high: f64) -> [f64; 2] {
    if !low.is_finite() || !high.is_finite() || low > high {
        return [0.0, 1.0];
    }
    let (low, high) = (low.clamp(-HUGE, HUGE), high.clamp(-HUGE, HUGE));
    let least = 1e-9 * low.abs().max(high.abs()).max(1e-9);
    if high - low > least {
        return [low, high];
    }
    let room = if low == 0.0 { 1.0 } else { 0.1 * low.abs() };
    [low - room, low + room]
}

/// The ticks of a linear axis from `low` to `high`, at most `most` and a few. With `whole` there is none between whole
/// numbers.
pub(crate) fn ticks(low: f64, high: f64, most: usize, whole: bool) -> Vec<Tick> {
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Vec::new();
    }
    let nice = nice_step(high - low, most);
    let step = if whole { nice.max(1.0) } else { nice };
    multiples(low, high, step).map(|at| Tick { at, label: label(at, step) }).collect()
}

/// The multiples of `step` from `low` to `high`, both included but for rounding.
fn multiples(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    (0..MOST_TICKS).map(move |i| first + i as f64).take_while(move |k| *k <= last).map(move |k| k * step)
}

/// The ticks of a logarithmic axis whose ends are `low` and `high` (log10 of the values): whole decades, where there
/// are fewer than two of them also 2 and 5 in each, and linear steps of the values where even these are too coarse.
pub(super) fn log_ticks(low: f64, high: f64, most: usize) -> Vec<Tick> {
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Vec::new();
    }
    let decade = |at: f64| Tick { at, label: power_label(at) };
    let decades: Vec<f64> = multiples(low, high, nice_step(high - low, most).max(1.0)).collect();
    if decades.len() >= 2 {
        return decades.into_iter().map(decade).collect();
    }
    let inside = |at: &f64| (low - 1e-9..=high + 1e-9).contains(at);
    let fine: Vec<Tick> = multiples(low.floor(), high.ceil(), 1.0)
        .flat_map(|k| [(1.0, k), (2.0, k), (5.0, k)])
        .map(|(factor, k)| (k + f64::log10(factor), k, factor))
        .filter(|(at, ..)| inside(at))
        .map(|(at, k, factor)| if factor == 1.0 { decade(at) } else { Tick { at, label: power_times(factor, k) } })
        .collect();
    if fine.len() >= 2 || low.abs().max(high.abs()) > 100.0 {
        return fine;
    }
    // A few more, since they crowd towards the top.
    let linear = ticks(10_f64.powf(low), 10_f64.powf(high), most + 3, false);
    linear.into_iter().map(|tick| Tick { at: tick.at.log10(), ..tick }).collect()
}

/// The bounds of a logarithmic axis for log10 values from `low` to `high`: whole decades when the data fill more than
/// one, else the data with a little room.
pub(super) fn nice_log_range(low: f64, high: f64) -> [f64; 2] {
    let [low, high] = usable(low, high);
    if high - low > 1.0 { [low.floor(), high.ceil()] } else { [low - 0.05, high + 0.05] }
}

/// 10 to the power of the whole number nearest to `exponent`: written out from 0.001 to 10,000, else as 1e-4.
fn power_label(exponent: f64) -> String {
    power_times(1.0, exponent.round())
}

fn power_times(factor: f64, exponent: f64) -> String {
    if (-3.0..=4.0).contains(&exponent) {
        label(factor * 10_f64.powf(exponent), 10_f64.powf(exponent))
    } else {
        format!("{factor}e{exponent}")
    }
}

/// A tick value with as many decimals as its step has; a true minus, thousands with commas, very large and very small
/// steps with an exponent.
pub(super) fn label(value: f64, step: f64) -> String {
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
    if value != 0.0 && (value.abs() >= 1e7 || step < 1e-5) {
        let digits = (value.abs().log10().floor() - step.log10().floor()).clamp(0.0, 6.0) as usize;
        return format!("{value:.digits$e}").replace('-', "−");
    }
    let decimals = (-(step.log10() + 1e-9).floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{:.decimals$}", value.abs());
    let whole_digits = text.find('.').unwrap_or(text.len());
    let mut out = if value < 0.0 { String::from("−") } else { String::new() };
    for (i, digit) in text.chars().enumerate() {
        if i > 0 && i < whole_digits && (whole_digits - i) % 3 == 0 && whole_digits > 4 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A value as a hover label gives it: four figures that matter.
pub(crate) fn precise(value: f64) -> String {
    if !value.is_finite() {
        return "not a number".to_owned();
    }
    let magnitude = if value == 0.0 { 0.0 } else { value.abs().log10().floor().clamp(-300.0, 300.0) };
    let step = 10_f64.powf(magnitude - 3.0);
    if value.fract() == 0.0 && value.abs() < 1e7 { label(value, 1.0) } else { label(value, step.min(1.0)) }
}

/// The number that `text` begins with, for fields whose text goes on in words ("0.003 → live"). Takes a decimal comma
/// and a true minus.
pub(super) fn leading_number(text: &str) -> Option<f64> {
    let text: String = text.trim().chars().map(|c| if c == '−' { '-' } else { c }).collect();
    let text = text.replace(',', ".");
    let ends = text.char_indices().map(|(i, c)| i + c.len_utf8()).collect::<Vec<_>>();
    ends.into_iter().rev().find_map(|end| text[..end].trim_end().parse().ok()).filter(|value: &f64| value.is_finite())
}

/// The extremes of the finite values, if there is one.
pub(super) fn extent(values: impl Iterator<Item = f64>) -> Option<RangeInclusive<f64>> {
    values.filter(|v| v.is_finite()).fold(None, |range: Option<RangeInclusive<f64>>, v| {
        Some(range.map_or(v..=v, |range| range.start().min(v)..=range.end().max(v)))
    })
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn steps_are_one_two_or_five() {
        assert_eq!(nice_step(10.0, 10), 1.0);
        assert_eq!(nice_step(250.0, 5), 50.0);
        assert_eq!(nice_step(1.2, 4), 0.5);
        assert_eq!(nice_step(0.6, 3), 0.2);
        assert_eq!(nice_step(99.0, 10), 10.0);
    }

    #[test]
    fn ranges_end_on_steps() {
        assert_eq!(nice_range(0.21, 1.08, 6), [0.2, 1.2000000000000002]);
        assert_eq!(nice_range(0.0, 1.0, 5), [0.0, 1.0]);
        assert_eq!(nice_range(3.0, 3.0, 4), [2.6, 3.4000000000000004]);
        assert_eq!(nice_range(0.0, 0.0, 4), [-1.0, 1.0]);
        assert_eq!(nice_range(f64::NAN, 1.0, 4), [0.0, 1.0]);
    }

    #[test]
    fn ticks_are_written_with_the_decimals_of_their_step() {
        assert_eq!(labels(&ticks(0.0, 1.2, 4, false)), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels(&ticks(-0.5, 1.5, 4, false)), ["−0.5", "0.0", "0.5", "1.0", "1.5"]);
        assert_eq!(labels(&ticks(0.0, 250.0, 5, false)), ["0", "50", "100", "150", "200", "250"]);
        assert_eq!(labels(&ticks(0.0, 40_000.0, 2, false)), ["0", "20,000", "40,000"]);
        assert_eq!(labels(&ticks(0.0, 2.0, 8, true)), ["0", "1", "2"]);
        assert_eq!(labels(&ticks(1e8, 1.000002e8, 2, false)), ["1.000000e8", "1.000001e8", "1.000002e8"]);
    }

    #[test]
    fn logarithmic_axes_show_decades_then_two_and_five_then_steps() {
        assert_eq!(labels(&log_ticks(-4.0, 1.0, 6)), ["1e-4", "0.001", "0.01", "0.1", "1", "10"]);
        assert_eq!(labels(&log_ticks(-8.0, 0.0, 4)), ["1e-8", "1e-6", "1e-4", "0.01", "1"]);
        assert_eq!(labels(&log_ticks(-0.4, 0.4, 6)), ["0.5", "1", "2"]);
        assert_eq!(labels(&log_ticks(0.48, 0.6, 2)), ["3.2", "3.4", "3.6", "3.8"]);
        assert_eq!(labels(&log_ticks(0.44, 0.68, 4)), ["3.0", "3.5", "4.0", "4.5"]);
    }

    #[test]
    fn numbers_are_read_and_written() {
        assert_eq!(label(-0.0, 0.1), "0.0");
        assert_eq!(precise(0.912_34), "0.9123");
        assert_eq!(precise(62.0), "62");
        assert_eq!(precise(1_234.56), "1235");
        assert_eq!(precise(0.000_123_4), "1.234e−4");
        assert_eq!(precise(f64::NAN), "not a number");
        assert_eq!(leading_number("0.003 → live"), Some(0.003));
        assert_eq!(leading_number("100, stops early"), Some(100.0));
        assert_eq!(leading_number(" −1,5e-4"), Some(-1.5e-4));
        assert_eq!(leading_number("inf"), None);
        assert_eq!(leading_number("→ 3"), None);
    }

    #[test]
    fn no_range_is_too_odd() {
        let odd =
            [0.0, 1.0, -1.0, 1e-300, 1e300, -1e300, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, 1e16, 1e16 + 2.0];
        for low in odd {
            for high in odd {
                let [a, b] = nice_range(low, high, 5);
                assert!(a.is_finite() && b.is_finite() && a < b, "{low} {high} gave {a} {b}");
                assert!(ticks(low, high, 5, true).len() <= MOST_TICKS);
                assert!(log_ticks(low, high, 5).len() <= 3 * MOST_TICKS);
                let [a, b] = nice_log_range(low, high);
                assert!(a < b);
            }
        }
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        for _ in 0..10_000 {
            let low = rng.random_range(-1.0..1.0) * 10_f64.powi(rng.random_range(-9..9));
            let high = low + rng.random_range(0.01..1.0) * 10_f64.powi(rng.random_range(-6..9));
            let [a, b] = nice_range(low, high, 5);
            let tolerance = 1e-7 * (high - low);
            assert!(a <= low + tolerance && b >= high - tolerance, "{low} {high} gave {a} {b}");
            assert!((1..=8).contains(&ticks(a, b, 5, false).len()), "{a} {b}");
        }
    }
}
