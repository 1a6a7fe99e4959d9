//! Which firms the list shows, and in which order: worked out away from the window's thread, for there may be many.

use std::cmp::Ordering;

use crate::app::scoring::ScoredTable;
use crate::scoring::FirmScore;

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Row,
    Firm,
    Period,
    Pd,
    Class,
    Grade,
    Exposure,
    Reason,
    Flags,
}

/// Filters; a firm has to pass all that are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Only {
    pub(super) called_bad: bool,
    pub(super) flagged: bool,
    pub(super) novel: bool,
    /// Its grade fell by two or more since the earlier scoring.
    pub(super) fallen: bool,
}

/// What is to be listed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    /// Number of the scored table.
    pub(super) serial: u64,
    pub(super) by: Shown,
    pub(super) descending: bool,
    /// Part of the firm's name, in whatever case; empty: every firm.
    pub(super) search: String,
    pub(super) only: Only,
}

/// Places of firms in the order to show, and of which table they are.
pub(super) struct Order {
    pub(super) serial: u64,
    pub(super) firms: Vec<usize>,
}

/// Number of concerns of a firm, a novel one above all.
fn concerns(firm: &FirmScore) -> (bool, usize) {
    (firm.novel, firm.flags.len())
}

/// What is not known counts as the smallest: it comes last where the largest come first.
fn known_above<T>(a: Option<T>, b: Option<T>, by: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => by(&a, &b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// The firms that pass, in order; of equal ones the riskier first, then in the order of the file.
pub(super) fn order(scored: &ScoredTable, wish: &Wish) -> Order {
    let firms = &scored.firms;
    let search = wish.search.trim().to_lowercase();
    let passes = |&place: &usize| {
        let (firm, only) = (&firms[place], &wish.only);
        (!only.called_bad || firm.called_bad)
            && (!only.flagged || firm.novel || !firm.flags.is_empty())
            && (!only.novel || firm.novel)
            && (!only.fallen || scored.fallen_from(place).is_some())
            && (search.is_empty() || name(firm).to_lowercase().contains(&search))
    };
    let mut places: Vec<usize> = (0..firms.len()).filter(passes).collect();
    let compare = |a: &FirmScore, b: &FirmScore| match wish.by {
        Shown::Row => a.row.cmp(&b.row),
        Shown::Firm => a.enterprise.cmp(&b.enterprise),
        Shown::Period => a.period.cmp(&b.period),
        // The reason is worked out for the firms in view only.
        Shown::Pd | Shown::Reason => a.pd.total_cmp(&b.pd),
        Shown::Class => a.called_bad.cmp(&b.called_bad),
        Shown::Grade => known_above(a.grade, b.grade, char::cmp),
        Shown::Exposure => known_above(a.exposure, b.exposure, f64::total_cmp),
        Shown::Flags => concerns(a).cmp(&concerns(b)),
    };
    places.sort_by(|&a, &b| {
        let (first, second) = (&firms[a], &firms[b]);
        let by_column = compare(first, second);
        let by_column = if wish.descending { by_column.reverse() } else { by_column };
        by_column.then_with(|| second.pd.total_cmp(&first.pd)).then(a.cmp(&b))
    });
    Order { serial: wish.serial, firms: places }
}

/// The name that a firm goes by: that of its column, else its row in the file.
pub(super) fn name(firm: &FirmScore) -> String {
    firm.enterprise.clone().unwrap_or_else(|| format!("Row {}", firm.row))
}
