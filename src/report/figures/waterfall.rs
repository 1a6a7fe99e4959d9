//! A waterfall: from a base to the probability of one firm, a step for each indicator. The window draws its rows.

/// What one indicator adds to a probability.
#[derive(Clone, Debug, PartialEq)]
pub struct WaterfallStep {
    /// The indicator.
    pub indicator: String,
    /// Its value in the units of the table, as it is to be read.
    pub value: String,
    /// By how much it moves the probability, −1..=1.
    pub contribution: f64,
    /// Standard error of that where it was sampled; `None` where it is exact.
    pub standard_error: Option<f64>,
}

/// From a base to the probability of one firm.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// Mean probability over the background sample.
    pub base: f64,
    /// The firm's probability: `base` and all contributions.
    pub pd: f64,
    /// One step for each indicator, in any order.
    pub steps: Vec<WaterfallStep>,
}

/// What a row of a waterfall shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaterfallRow {
    /// The base.
    Base,
    /// The step at this place in [`Waterfall::steps`].
    Step(usize),
    /// So many steps that are smaller than all before, put together.
    Others(usize),
    /// The firm's probability.
    Pd,
}

/// A row with its place on the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlacedRow {
    /// What it shows.
    pub row: WaterfallRow,
    /// Where the bar begins: at the end of the bar before. At its end too for the base and the probability.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

impl PlacedRow {
    /// By how much it moves the probability; 0 for the base and the probability itself.
    pub fn change(&self) -> f64 {
        self.to - self.from
    }
}

impl Waterfall {
    /// The rows from the top: the base, at most `most` steps with the largest first (of equal ones the first), and the
    /// probability. Where there are more steps the last of them stands for all that are left.
    pub fn rows(&self, most: usize) -> Vec<PlacedRow> {
        let mut order: Vec<usize> = (0..self.steps.len()).collect();
        let size = |&step: &usize| self.steps[step].contribution.abs();
        order.sort_by(|a, b| size(b).total_cmp(&size(a)));
        let shown = if order.len() > most { most.saturating_sub(1) } else { order.len() };
        let mut rows = vec![PlacedRow { row: WaterfallRow::Base, from: self.base, to: self.base }];
        let mut at = self.base;
        let mut push = |row, contribution: f64| {
            rows.push(PlacedRow { row, from: at, to: at + contribution });
            at += contribution;
        };
        for &step in &order[..shown] {
            push(WaterfallRow::Step(step), self.steps[step].contribution);
        }
        let rest = &order[shown..];
        if !rest.is_empty() {
            push(WaterfallRow::Others(rest.len()), rest.iter().map(|&step| self.steps[step].contribution).sum());
        }
        rows.push(PlacedRow { row: WaterfallRow::Pd, from: self.pd, to: self.pd });
        rows
    }

    /// The ends of an axis that holds all rows with a little room.
    pub fn range(rows: &[PlacedRow]) -> [f64; 2] {
        let ends = || rows.iter().flat_map(|row| [row.from, row.to]).filter(|end| end.is_finite());
        let (low, high) = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
        if low > high {
            return [0.0, 1.0];
        }
        let room = (0.06 * (high - low)).max(0.0005);
        [low - room, high + room]
    }

    /// Decimals, in hundredths, that tell the steps of this waterfall apart: 1 where one of them is 10 or more, else 2, and
    /// 3 where all are below 1. Every figure of it is written with as many, so that they add up as they are read.
    pub fn decimals(&self) -> usize {
        let largest = self.steps.iter().map(|step| step.contribution.abs()).fold(0.0, f64::max);
        match largest {
            x if x >= 0.1 => 1,
            x if x >= 0.01 => 2,
            _ => 3,
        }
    }

    /// What stands before a row's bar.
    pub fn name(&self, row: WaterfallRow) -> String {
        match row {
            WaterfallRow::Base => "base".to_owned(),
            WaterfallRow::Step(step) => {
                self.steps.get(step).map_or_else(String::new, |step| format!("{} = {}", step.indicator, step.value))
            }
            WaterfallRow::Others(n) => format!("{n} others"),
            WaterfallRow::Pd => "PD".to_owned(),
        }
    }

    /// A row's figure: "+3.2 pp", "−0.4 pp ± 0.1", "12.3 %". pp: percentage points.
    pub fn figure(&self, placed: &PlacedRow) -> String {
        let decimals = self.decimals();
        match placed.row {
            WaterfallRow::Base | WaterfallRow::Pd => format!("{:.decimals$} %", 100.0 * placed.to),
            WaterfallRow::Others(_) => points(placed.change(), decimals),
            WaterfallRow::Step(step) => {
                let Some(step) = self.steps.get(step) else { return String::new() };
                let error = step.standard_error.map_or_else(String::new, |e| format!(" ± {:.decimals$}", 100.0 * e));
                points(step.contribution, decimals) + &error
            }
        }
    }
}

/// A difference of probabilities in percentage points, with its sign: "+3.2 pp".
pub fn points(change: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", 100.0 * change.abs());
    // What rounds to nothing has no sign.
    let sign = match change {
        _ if text.bytes().all(|digit| matches!(digit, b'0' | b'.')) => "",
        x if x < 0.0 => "−",
        _ => "+",
    };
    format!("{sign}{text} pp")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(contributions: &[f64]) -> Waterfall {
        let step = |(i, &contribution): (usize, &f64)| WaterfallStep {
            indicator: format!("indicator {i}"),
            value: i.to_string(),
            contribution,
            standard_error: None,
        };
        let pd = 0.1 + contributions.iter().sum::<f64>();
        Waterfall { base: 0.1, pd, steps: contributions.iter().enumerate().map(step).collect() }
    }

    #[test]
    fn the_largest_comes_first_and_every_bar_begins_where_the_one_before_ends() {
        let waterfall = made(&[0.01, -0.05, 0.2, 0.0]);
        let rows = waterfall.rows(10);
        let shown: Vec<WaterfallRow> = rows.iter().map(|placed| placed.row).collect();
        use WaterfallRow::{Base, Pd, Step};
        assert_eq!(shown, [Base, Step(2), Step(1), Step(0), Step(3), Pd]);
        assert!(rows.windows(2).all(|pair| (pair[0].to - pair[1].from).abs() < 1e-12));
        assert!((rows[5].to - 0.26).abs() < 1e-12);
    }

    #[test]
    fn many_small_steps_are_one_row_that_adds_up() {
        let waterfall = made(&[0.2, 0.01, -0.02, 0.03, 0.005]);
        let rows = waterfall.rows(3);
        assert_eq!(rows[3].row, WaterfallRow::Others(3));
        assert!((rows[3].change() - (0.01 - 0.02 + 0.005)).abs() < 1e-12);
        assert!((rows[4].to - rows[3].to).abs() < 1e-12);
        assert_eq!(waterfall.rows(5).len(), 7, "nothing is put together where all have room");
        assert_eq!(waterfall.rows(0).len(), 3, "all in one");
        assert_eq!(made(&[]).rows(4).len(), 2);
    }

    #[test]
    fn figures_have_a_sign_a_unit_and_an_error_where_they_were_sampled() {
        let mut waterfall = made(&[0.032, -0.004]);
        waterfall.steps[1].standard_error = Some(0.0012);
        let figures: Vec<String> = waterfall.rows(9).iter().map(|row| waterfall.figure(row)).collect();
        assert_eq!(figures, ["10.00 %", "+3.20 pp", "−0.40 pp ± 0.12", "12.80 %"]);
        assert_eq!([0.5, 0.05, 0.005].map(|c| made(&[c]).decimals()), [1, 2, 3]);
        assert_eq!(points(-0.000_001, 2), "0.00 pp");
        assert_eq!(waterfall.name(WaterfallRow::Step(1)), "indicator 1 = 1");
        assert_eq!(waterfall.name(WaterfallRow::Others(57)), "57 others");
    }

    #[test]
    fn axes_hold_every_row_and_no_contribution_is_too_odd() {
        let rows = made(&[-0.2, 0.3]).rows(9);
        let [low, high] = Waterfall::range(&rows);
        assert!(low < 0.1 && high > 0.4);
        let [low, high] = Waterfall::range(&made(&[0.0]).rows(9));
        assert!(low < 0.1 && high > 0.1);
        for odd in [f64::NAN, f64::INFINITY, 1e300] {
            let waterfall = made(&[0.1, odd]);
            assert_eq!(waterfall.rows(5).len(), 4);
            assert!(Waterfall::range(&waterfall.rows(5)).iter().all(|end| !end.is_nan()), "{odd}");
        }
    }
}
