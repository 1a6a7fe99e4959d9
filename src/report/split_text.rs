//! What each split holds, as a table for a terminal.

use super::text::line;
use crate::data::{Holding, SplitHolding};

/// Splits shown; the others are of the same kind.
const SHOWN: usize = 10;

/// One line for each part of each split, up to ten splits.
pub(super) fn split_text(text: &mut String, splits: &[SplitHolding]) {
    let Some(any) = splits.first() else { return };
    let repeated = splits.iter().any(|split| split.repeat > 1);
    let title = |split: &SplitHolding| {
        let repeat = if repeated { format!("{}.", split.repeat) } else { String::new() };
        format!("{repeat}{}", split.fold)
    };
    let (firms, periods) = (any.test.enterprises.is_some(), any.test.first_period.is_some());
    let mut rows =
        vec![cells("Split", "Part", ["Rows", "Enterprises", "Bad", "Bad share", "Periods"].map(str::to_owned))];
    for split in splits.iter().take(SHOWN) {
        let parts =
            [("train", Some(&split.train)), ("validation", split.validation.as_ref()), ("test", Some(&split.test))];
        for (name, part) in parts.into_iter().filter_map(|(name, part)| Some((name, part?))) {
            rows.push(cells(&title(split), name, figures(part)));
        }
    }
    let shown = [true, true, true, firms, true, true, periods];
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    for row in &rows {
        let cells: Vec<String> = (0..row.len())
            .filter(|&column| shown[column])
            .map(|column| match column {
                0 | 1 | 6 => format!("{:w$}", row[column], w = width(column)),
                _ => format!("{:>w$}", row[column], w = width(column)),
            })
            .collect();
        line(text, &cells.join("  "));
    }
    if splits.len() > SHOWN {
        line(text, &format!("… and {} more splits", splits.len() - SHOWN));
    }
    let sides = |of: &dyn Fn(&SplitHolding) -> usize, what: &str| {
        let (least, most) = (splits.iter().map(of).min().unwrap_or(0), splits.iter().map(of).max().unwrap_or(0));
        let range = if least == most { most.to_string() } else { format!("{least} to {most}") };
        format!("{what}: {range}")
    };
    if firms {
        line(text, &sides(&|s| s.enterprises_on_both_sides.unwrap_or(0), "Enterprises on both sides of a split"));
    }
    line(text, &sides(&|s| s.duplicates_on_both_sides, "Rows tested on with an exact copy among those learned from"));
    if any.withheld > 0 {
        line(text, &sides(&|s| s.withheld, "Training rows whose label is withheld"));
    }
    if any.left_out > 0 {
        line(text, &format!("Labelled rows without a period, on neither side: {}", any.left_out));
    }
}

fn cells(split: &str, part: &str, figures: [String; 5]) -> Vec<String> {
    [split.to_owned(), part.to_owned()].into_iter().chain(figures).collect()
}

fn figures(part: &Holding) -> [String; 5] {
    let share = part.bad_share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
    let periods = match (&part.first_period, &part.last_period) {
        (Some(first), Some(last)) if first == last => first.clone(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => String::new(),
    };
    let enterprises = part.enterprises.map_or_else(String::new, |n| n.to_string());
    [part.rows.to_string(), enterprises, part.bad.to_string(), share, periods]
}
