//! The words of findings.

/// Names shown before "and n more".
const SHOWN: usize = 5;

/// `"a", "b" and 3 more`, each with what `detail` says of it.
pub(super) fn listed<T>(items: &[T], detail: impl Fn(&T) -> String) -> String {
    let shown = items.iter().take(SHOWN).map(detail).collect::<Vec<_>>();
    match (shown.as_slice(), items.len().saturating_sub(SHOWN)) {
        ([], _) => String::new(),
        ([only], 0) => only.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}

/// "1 row", "2 rows".
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A share of `n` in percent with one decimal: "1.2 %"; a share too small for that as "below 0.1 %".
pub(super) fn share(part: usize, n: usize) -> String {
    let percent = 100.0 * part as f64 / n.max(1) as f64;
    if part > 0 && percent < 0.1 { "below 0.1 %".to_owned() } else { format!("{percent:.1} %") }
}

/// A number with three digits: `0.0012`, `604000`, `1.51e9`.
pub(super) fn short(x: f64) -> String {
    let magnitude = if x == 0.0 { 0.0 } else { x.abs().log10().floor() };
    if (-4.0..7.0).contains(&magnitude) {
        let text = format!("{x:.*}", (2.0 - magnitude).max(0.0) as usize);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{x:.2e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_shares_and_numbers() {
        let list = |n: usize| listed(&(0..n).collect::<Vec<_>>(), ToString::to_string);
        assert_eq!([list(0), list(1), list(2), list(5)], ["", "0", "0 and 1", "0, 1, 2, 3 and 4"].map(str::to_owned));
        assert_eq!(list(7), "0, 1, 2, 3, 4 and 2 more");
        assert_eq!(
            [share(82, 7027), share(1, 7027), share(0, 0)],
            ["1.2 %", "below 0.1 %", "0.0 %"].map(str::to_owned)
        );
        assert_eq!(
            [1.0, 0.0012, 604000.0, 1.51e9, 0.0, 1e-9].map(short),
            ["1", "0.0012", "604000", "1.51e9", "0", "1.00e-9"]
        );
    }
}
