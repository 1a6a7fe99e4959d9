//! Ordered categories: each level becomes its place among the levels, from 0, and is a number from there on.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The levels of one indicator, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Order {
    levels: Vec<String>,
}

impl Order {
    /// The order that a person gave.
    pub(super) fn given(levels: &[String]) -> Self {
        Self { levels: levels.to_vec() }
    }

    /// By the numbers in the levels; `None` unless each has one and no two are alike.
    pub(super) fn by_numbers<'a>(levels: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut numbered = levels.map(|level| Some((middle(level)?, level))).collect::<Option<Vec<_>>>()?;
        numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
        let distinct = numbered.windows(2).all(|pair| pair[0].0 < pair[1].0);
        distinct.then(|| Self { levels: numbered.into_iter().map(|(_, level)| level.to_owned()).collect() })
    }

    /// The levels in words, ascending; of many the first and the last.
    pub(super) fn words(&self) -> String {
        match self.levels.as_slice() {
            [first, second, third, .., last] if self.levels.len() > 6 => {
                format!("{first} < {second} < {third} < … < {last}")
            }
            levels => levels.join(" < "),
        }
    }

    /// The levels, ascending.
    pub(super) fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The level whose place is nearest to `place`, of two the upper; `None` when there is none at all.
    pub(super) fn nearest(&self, place: f64) -> Option<&str> {
        let last = self.levels.len().checked_sub(1)?;
        self.levels.get((place.round().max(0.0) as usize).min(last)).map(String::as_str)
    }

    /// The place of each level of a table; `None` where it has none.
    pub(super) fn places(&self, levels: &[String]) -> Vec<Option<f64>> {
        let places: HashMap<&str, usize> = self.levels.iter().enumerate().map(|(p, l)| (l.as_str(), p)).collect();
        levels.iter().map(|level| places.get(level.as_str()).map(|&place| place as f64)).collect()
    }
}

/// The mean of the numbers in a text: "5–10 years" is 7.5, below which comes "< 5 years" with 5 and above "> 10 years"
/// with 10. A minus counts only before the first of them, where it cannot stand for "to"; a comma before three digits
/// stands between thousands.
fn middle(text: &str) -> Option<f64> {
    let three_digits = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count() == 3;
    let between_thousands = |&(at, c): &(usize, char)| c == ',' && three_digits(&text[at + 1..]);
    let plain: String = text.char_indices().filter(|place| !between_thousands(place)).map(|(_, c)| c).collect();
    let first = plain.find(|c: char| c.is_ascii_digit())?;
    let pieces = plain[first..].split(|c: char| !c.is_ascii_digit() && c != '.');
    let mut numbers: Vec<f64> = pieces.filter_map(|piece| piece.trim_matches('.').parse().ok()).collect();
    if plain[..first].ends_with('-') {
        *numbers.first_mut()? *= -1.0;
    }
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_by_the_numbers_in_them() {
        let order = |levels: &[&str]| Order::by_numbers(levels.iter().copied()).map(|order| order.levels);
        let ages = order(&["over 10 years", "5–10 years", "under 5 years", "0.5 years"]);
        assert_eq!(ages.unwrap(), ["0.5 years", "under 5 years", "5–10 years", "over 10 years"]);
        assert_eq!(order(&["10", "9", "-1", "-20"]).unwrap(), ["-20", "-1", "9", "10"]);
        assert_eq!(order(&["A12", "A2", "A111"]).unwrap(), ["A2", "A12", "A111"]);
        assert_eq!(order(&["100-200", "50-100", "200-500"]).unwrap(), ["50-100", "100-200", "200-500"]);
        assert_eq!(order(&["over 1,000.5", "9 to 99", "1,000"]).unwrap(), ["9 to 99", "1,000", "over 1,000.5"]);
        assert_eq!(order(&["low", "5"]), None, "no number in one");
        assert_eq!(order(&["5", "5.0"]), None, "the same number twice");
    }

    #[test]
    fn places_are_found_by_text() {
        let order = Order::given(&["small".to_owned(), "large".to_owned()]);
        assert_eq!(order.places(&["large".to_owned(), "huge".to_owned()]), [Some(1.0), None]);
    }
}
