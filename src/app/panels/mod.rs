//! The screens and the bars around them. A panel shows the workspace and returns intents; it changes nothing itself.

pub(super) mod bars;
pub(super) mod compare;
pub(super) mod cutoff;
pub(super) mod data;
mod folds;
pub(super) mod network;
pub(super) mod score;
mod timeline;
pub(super) mod train;

/// A count with thin thousands: 12,345.
pub(in crate::app) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "1 fold", "5 folds".
pub(in crate::app) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{} {what}s", thousands(n)) }
}

/// With a capital first letter.
pub(in crate::app) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A time left, in words a person uses: "3 s left", "2 min left".
pub(in crate::app) fn time_left(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() || s > 86_400.0 => "more than a day left".to_owned(),
        s if s < 1.0 => "under 1 s left".to_owned(),
        s if s < 90.0 => format!("{s:.0} s left"),
        s if s < 5400.0 => format!("{:.0} min left", s / 60.0),
        s => format!("{:.1} h left", s / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_times_read_well() {
        assert_eq!([0, 999, 1000, 1234567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([count(1, "fold"), count(5, "fold")], ["1 fold", "5 folds"]);
        assert_eq!(
            [0.2, 3.4, 120.0, 7200.0, f64::INFINITY].map(time_left),
            ["under 1 s left", "3 s left", "2 min left", "2.0 h left", "more than a day left"]
        );
    }
}
