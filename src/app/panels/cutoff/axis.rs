//! The axis of probabilities: by log-odds, so that 1 % and 2 % are as far apart as 98 % and 99 %. Most firms have a small
//! probability of default; on an even axis they would all stand at its left end.

use egui::Rect;

/// Probabilities that get a tick where there is room, the most telling first.
const TICKS: [f64; 19] =
    [0.5, 0.01, 0.99, 0.1, 0.9, 0.001, 0.999, 0.05, 0.2, 0.8, 0.95, 0.3, 0.7, 0.02, 0.005, 0.0001, 0.002, 0.98, 0.9999];
/// Nothing nearer to 0 or 1 is told apart.
const NEAREST: f64 = 1e-5;

/// Probabilities from `low` to `high` across a rectangle.
#[derive(Clone, Copy, Debug)]
pub(in crate::app::panels) struct Axis {
    low: f64,
    high: f64,
    left: f32,
    width: f32,
}

fn log_odds(p: f64) -> f64 {
    let p = p.clamp(NEAREST, 1.0 - NEAREST);
    (p / (1.0 - p)).ln()
}

impl Axis {
    /// An axis for these probabilities, with a little room on both sides.
    pub(in crate::app::panels) fn new([low, high]: [f64; 2], rect: Rect) -> Self {
        let (low, high) = (log_odds(low), log_odds(high));
        // One probability for all still has a neighbourhood.
        let room = (0.04 * (high - low)).max(0.25);
        Self { low: low - room, high: high + room, left: rect.left(), width: rect.width().max(1.0) }
    }

    /// The place of a probability, within the rectangle.
    pub(in crate::app::panels) fn x(&self, p: f64) -> f32 {
        let share = (log_odds(p) - self.low) / (self.high - self.low);
        self.left + self.width * share.clamp(0.0, 1.0) as f32
    }

    /// The probability at a place, rounded to what can be told apart there: three digits of the rarer outcome.
    pub(in crate::app::panels) fn p(&self, x: f32) -> f64 {
        rounded(self.at(f64::from((x - self.left) / self.width)))
    }

    /// `p`, moved by a share of the axis.
    pub(in crate::app::panels) fn moved(&self, p: f64, share: f64) -> f64 {
        rounded(self.at((log_odds(p) - self.low) / (self.high - self.low) + share))
    }

    fn at(&self, share: f64) -> f64 {
        let z = self.low + (self.high - self.low) * share.clamp(0.0, 1.0);
        1.0 / (1.0 + (-z).exp())
    }

    /// `n` + 1 probabilities that divide the axis evenly.
    pub(in crate::app::panels) fn edges(&self, n: usize) -> Vec<f64> {
        (0..=n).map(|i| self.at(i as f64 / n as f64)).collect()
    }

    /// Ticks at least `apart` points from each other, with their places.
    pub(in crate::app::panels) fn ticks(&self, apart: f32) -> Vec<(f64, f32)> {
        let mut ticks: Vec<(f64, f32)> = Vec::new();
        for tick in TICKS {
            let z = log_odds(tick);
            let x = self.x(tick);
            if z > self.low && z < self.high && ticks.iter().all(|(_, other)| (x - other).abs() >= apart) {
                ticks.push((tick, x));
            }
        }
        ticks
    }
}

/// Three digits of the rarer outcome.
fn rounded(p: f64) -> f64 {
    let digits = |p: f64| format!("{p:.2e}").parse::<f64>().unwrap_or(p);
    let p = if p > 0.5 { 1.0 - digits(1.0 - p) } else { digits(p) };
    // The subtraction leaves digits that nobody asked for.
    ((p * 1e7).round() / 1e7).clamp(NEAREST, 1.0 - NEAREST)
}

/// A probability as people write it: "0.1 %", "5 %", "99.9 %".
pub(in crate::app::panels) fn percent(p: f64) -> String {
    let hundredths = p * 100.0;
    let digits = match hundredths {
        h if h < 1.0 => 3,
        h if h > 99.0 => 2,
        _ => 1,
    };
    let text = format!("{hundredths:.digits$}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    fn axis() -> Axis {
        Axis::new([0.001, 0.9], Rect::from_min_max(pos2(10.0, 0.0), pos2(510.0, 10.0)))
    }

    #[test]
    fn places_and_probabilities_are_each_other() {
        for p in [0.001, 0.0123, 0.2, 0.5, 0.876] {
            let there_and_back = axis().p(axis().x(p));
            assert!((there_and_back - p).abs() < 0.01 * p, "{there_and_back} for {p}");
        }
        assert_eq!(axis().x(0.0), 10.0);
        assert_eq!(axis().x(1.0), 510.0);
        assert!(axis().moved(0.2, 0.01) > 0.2 && axis().moved(0.2, -0.01) < 0.2);
        assert!((0.0..1.0).contains(&axis().p(-1e9)) && axis().p(1e9) < 1.0);
    }

    #[test]
    fn edges_rise_and_ticks_keep_their_distance() {
        assert!(axis().edges(40).windows(2).all(|e| e[0] < e[1]));
        let mut places: Vec<f32> = axis().ticks(44.0).iter().map(|tick| tick.1).collect();
        places.sort_by(f32::total_cmp);
        assert!(places.len() > 3 && places.windows(2).all(|p| p[1] - p[0] >= 44.0));
        // One probability for all.
        let one = Axis::new([0.05, 0.05], Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 10.0)));
        assert!((one.x(0.05) - 50.0).abs() < 1e-3);
    }

    #[test]
    fn probabilities_are_written_as_people_write_them() {
        assert_eq!(
            [0.001, 0.05, 0.123, 0.5, 0.999, 0.00012].map(percent),
            ["0.1 %", "5 %", "12.3 %", "50 %", "99.9 %", "0.012 %"]
        );
    }
}
